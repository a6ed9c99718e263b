// Decisions over several policies (docs.cedarpolicy.com, "Authorization";
// Cedar/Spec/Authorizer.lean), the entities they are about, their bounds, and the cache.
#include "policy/rule_value.h"
#include "tests/rule_scene.h"
#include "tests/run_tests.h"

static void expect(const char *policies, enum aur_rule_decision decision, const char *reasons,
                   const char *errors)
{
    char text[64];
    const struct aur_rule_result *result = &scene_of_rules.result;
    if (rule_compile(policies) != AUR_RULE_OK)
        ck_abort_msg("%s: %s", policies, scene_of_rules.refusal.text);
    ck_assert_uint_eq(rule_decide(), decision);
    text[0] = '\0';
    for (uint32_t i = 0; i < result->reasons; i++)
        snprintf(text + strlen(text), 8, "%u", scene_of_rules.reason[i]);
    ck_assert_str_eq(text, reasons);
    text[0] = '\0';
    for (uint32_t i = 0; i < result->errors; i++)
        snprintf(text + strlen(text), 8, "%u", scene_of_rules.error[i].policy);
    ck_assert_str_eq(text, errors);
}

#define PERMIT         "permit(principal, action, resource);"
#define FORBID         "forbid(principal, action, resource);"
#define ERRING(effect) effect "(principal, action, resource) when { context.nothing };"
#define NEVER(effect)  effect "(principal, action, resource) when { false };"

static void ask(void)
{
    rule_world();
    rule_request("alice", "view", "sun", false);
}

START_TEST(without_a_matching_permit_it_is_denied)
{
    ask();
    expect("", AUR_RULE_DENY, "", "");
    expect(NEVER("permit"), AUR_RULE_DENY, "", "");
    expect(PERMIT, AUR_RULE_ALLOW, "0", "");
}
END_TEST

START_TEST(a_forbid_overrides_any_permit)
{
    ask();
    expect(PERMIT FORBID, AUR_RULE_DENY, "1", "");
    expect(FORBID PERMIT FORBID, AUR_RULE_DENY, "02", "");
    expect(PERMIT NEVER("forbid") PERMIT, AUR_RULE_ALLOW, "02", "");
}
END_TEST

START_TEST(a_policy_that_errs_is_skipped_and_reported)
{
    ask();
    expect(ERRING("forbid") PERMIT, AUR_RULE_ALLOW, "1", "0");
    expect(ERRING("permit"), AUR_RULE_DENY, "", "0");
    expect(FORBID ERRING("permit") ERRING("forbid"), AUR_RULE_DENY, "0", "12");
}
END_TEST

START_TEST(scopes_are_compared_with_the_hierarchy)
{
    ask();
    expect("permit(principal == User::\"alice\", action, resource);"
           "permit(principal == User::\"bob\", action, resource);"
           "permit(principal in Group::\"all\", action, resource);"
           "permit(principal is User, action, resource);"
           "permit(principal is Group, action, resource);"
           "permit(principal is User in Group::\"friends\", action, resource);"
           "permit(principal is User in Group::\"none\", action, resource);"
           "permit(principal, action in Action::\"read\", resource);"
           "permit(principal, action in [Action::\"edit\", Action::\"view\"], resource);"
           "permit(principal, action in [], resource);",
           AUR_RULE_ALLOW, "023578", "");
    expect("permit(principal, action == Action::\"view\", resource in Album::\"trip\");"
           "permit(principal, action, resource == Photo::\"sun\");"
           "permit(principal, action, resource is Photo in Album::\"trip\");"
           "permit(principal, action, resource in Album::\"home\");",
           AUR_RULE_ALLOW, "012", "");
}
END_TEST

START_TEST(conditions_are_asked_in_turn_until_one_does_not_hold)
{
    ask();
    expect("permit(principal, action, resource) when { false } when { context.nothing };"
           "permit(principal, action, resource) unless { true } when { context.nothing };"
           "permit(principal, action, resource) when { true } unless { false } when { true };"
           "permit(principal, action, resource) when { context.nothing } when { false };"
           "permit(principal, action, resource) unless { 5 };",
           AUR_RULE_ALLOW, "2", "34");
}
END_TEST

START_TEST(an_error_has_its_place_and_sentence)
{
    static const struct {
        const char *expression, *sentence;
        uint32_t column;
    } errors[] = {
        {"context.nothing == 1", "no such attribute `nothing`: ask with `has` first", 9},
        {"1 + \"a\" == 2", "type error: expected long, found string", 3},
        {"5 has a", "type error: expected entity or record, found long", 3},
        {"User::\"nobody\".a == 1", "no such entity", 16},
        {"principal.getTag(\"none\") == 1", "no such tag `none`: ask with `hasTag` first", 11},
        {"9223372036854775807 + 1 == 1", "integer overflow", 21},
        {"true && [1]", "type error: expected bool, found set", 6},
        {"ip(\"x\") == 1", "the extension function refuses its argument", 1},
        {"{a: 1}.a.b == 1", "type error: expected entity or record, found long", 10},
    };
    char text[256], sentence[AUR_RULE_TEXT];
    ask();
    for (size_t i = 0; i < LENGTH(errors); i++) {
        snprintf(text, sizeof text, "permit(principal, action, resource) when {\n%s };",
                 errors[i].expression);
        expect(text, AUR_RULE_DENY, "", "0");
        const struct aur_rule_error *error = &scene_of_rules.error[0];
        ck_assert_str_eq(aur_rule_error_text(rule_set(), error, sentence, sizeof sentence),
                         errors[i].sentence);
        ck_assert_uint_eq(error->line, 2);
        ck_assert_uint_eq(error->column, errors[i].column);
    }
}
END_TEST

START_TEST(a_decision_beyond_its_budget_is_denied)
{
    ask();
    ck_assert_uint_eq(rule_compile(PERMIT "permit(principal, action, resource) when {"
                                          "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" like"
                                          "\"*a*a*a*a*a*a*a*a*b\" || true };"),
                      AUR_RULE_OK);
    rule_decide();
    ck_assert_uint_eq(scene_of_rules.result.reasons, 2);
    uint32_t needed = scene_of_rules.result.steps;
    ck_assert_uint_gt(needed, 32);
    for (uint32_t budget = 1; budget < needed + 10; budget++) {
        struct aur_rule_work work = {scene_of_rules.work, RULE_SCENE_ROOM, budget};
        struct aur_rule_result result = {0};
        aur_rule_evaluate(rule_set(), rule_store(), (const void *)scene_of_rules.request, NULL,
                          &work, &result);
        bool enough = budget > needed;
        ck_assert_uint_eq(result.status, enough ? AUR_RULE_OK : AUR_RULE_OVER_BUDGET);
        ck_assert_uint_eq(result.decision, enough ? AUR_RULE_ALLOW : AUR_RULE_DENY);
        ck_assert_uint_eq(result.reasons, enough ? 2 : 0);
    }
}
END_TEST

START_TEST(a_decision_without_enough_work_is_denied)
{
    ask();
    ck_assert_uint_eq(rule_compile("permit(principal, action, resource) when {"
                                   "[principal, resource, context.n].contains(principal) };"),
                      AUR_RULE_OK);
    bool allowed = false;
    for (uint32_t size = 0; size < 512; size += 8) {
        struct aur_rule_work work = {malloc(size + 1), size, 0};
        struct aur_rule_result result = {0};
        aur_rule_evaluate(rule_set(), rule_store(), (const void *)scene_of_rules.request, NULL,
                          &work, &result);
        ck_assert_uint_eq(result.decision == AUR_RULE_ALLOW, result.status == AUR_RULE_OK);
        ck_assert(result.status == AUR_RULE_OK || result.status == AUR_RULE_NO_ROOM);
        ck_assert(!allowed || result.decision == AUR_RULE_ALLOW);
        allowed |= result.decision == AUR_RULE_ALLOW;
        free(work.block);
    }
    ck_assert(allowed);
}
END_TEST

// A set that a policy makes of values may not nest deeper than values may.
START_TEST(a_value_nested_too_deeply_is_an_error)
{
    char text[4096] = "permit(principal, action, resource) when { ";
    ask();
    for (int i = 0; i < 40; i++)
        strcat(text, "[");
    strcat(text, "context.n");
    for (int i = 0; i < 40; i++)
        strcat(text, "]");
    strcat(text, " == 1 };");
    expect(text, AUR_RULE_DENY, "", "0");
    ck_assert_uint_eq(scene_of_rules.error[0].kind, AUR_RULE_ERROR_DEPTH);
}
END_TEST

static struct aur_rule_value group(struct aur_rule_builder *b, int number)
{
    char id[16];
    snprintf(id, sizeof id, "%d", number);
    return aur_rule_entity(b, "Group", 5, id, (uint32_t)strlen(id));
}

START_TEST(a_store_refuses_what_is_no_hierarchy)
{
    struct aur_rule_builder b;
    struct aur_rule_value culprit, none;
    for (int circle = 1; circle < 5; circle++) {
        aur_rule_store_begin(&b, scene_of_rules.store, RULE_SCENE_ROOM);
        none = aur_rule_make_record(&b, NULL, 0);
        for (int i = 0; i < 6; i++) {
            struct aur_rule_value parent = group(&b, i + 1 < circle || i >= circle ? i + 1 : 0);
            aur_rule_store_add(&b, group(&b, i), none, none, &parent, 1);
        }
        ck_assert_uint_eq(aur_rule_store_finish(&b, &culprit), AUR_RULE_CYCLE);
        struct aur_rule_string type, id;
        aur_rule_name(scene_of_rules.store, culprit, &type, &id);
        ck_assert(type.size == 5 && id.size == 1 && id.bytes[0] < '0' + circle);
    }
    aur_rule_store_begin(&b, scene_of_rules.store, RULE_SCENE_ROOM);
    none = aur_rule_make_record(&b, NULL, 0);
    aur_rule_store_add(&b, group(&b, 1), none, none, NULL, 0);
    aur_rule_store_add(&b, group(&b, 1), none, none, NULL, 0);
    ck_assert_uint_eq(aur_rule_store_finish(&b, NULL), AUR_RULE_REPEATED_ENTITY);
    aur_rule_store_begin(&b, scene_of_rules.store, RULE_SCENE_ROOM);
    aur_rule_store_add(&b, aur_rule_long(1), none, none, NULL, 0);
    ck_assert_uint_eq(aur_rule_store_finish(&b, NULL), AUR_RULE_BAD_VALUE);
    aur_rule_request_begin(&b, scene_of_rules.request, sizeof scene_of_rules.request);
    struct aur_rule_value one = group(&b, 1);
    ck_assert_uint_eq(aur_rule_request_finish(&b, one, one, one, one), AUR_RULE_BAD_VALUE);
    aur_rule_request_begin(&b, scene_of_rules.request, sizeof scene_of_rules.request);
    struct aur_rule_value key = aur_rule_make_string(&b, "a", 1);
    struct aur_rule_value pairs[] = {key, key, key, key};
    aur_rule_make_record(&b, pairs, 2);
    ck_assert_uint_eq(b.status, AUR_RULE_REPEATED_KEY);
}
END_TEST

START_TEST(a_long_chain_of_groups_is_climbed)
{
    enum {
        GROUPS = 200
    };
    struct aur_rule_builder b;
    bool fitted = false;
    for (size_t size = 1024; size <= RULE_SCENE_ROOM; size *= 2) {
        aur_rule_store_begin(&b, scene_of_rules.store, size);
        struct aur_rule_value none = aur_rule_make_record(&b, NULL, 0);
        for (int i = GROUPS; i-- > 0;) {
            struct aur_rule_value parent = group(&b, i + 1);
            aur_rule_store_add(&b, group(&b, i), none, none, &parent, 1);
        }
        enum aur_rule_status status = aur_rule_store_finish(&b, NULL);
        ck_assert(status == AUR_RULE_OK || status == AUR_RULE_NO_ROOM);
        ck_assert(!fitted || status == AUR_RULE_OK);
        fitted |= status == AUR_RULE_OK;
    }
    ck_assert(fitted);
    rule_request("alice", "view", "sun", true);
    expect("permit(principal, action, resource) when { Group::\"0\" in Group::\"200\" };"
           "permit(principal, action, resource) when { Group::\"100\" in Group::\"99\" };",
           AUR_RULE_ALLOW, "0", "");
}
END_TEST

static struct aur_rule_result known;

static bool ask_cache(struct aur_rule_cache *cache)
{
    static uint32_t reason[16];
    static struct aur_rule_error error[16];
    struct aur_rule_work work = {scene_of_rules.work, RULE_SCENE_ROOM, 0};
    known = (struct aur_rule_result){
        .reason_room = 16, .error_room = 16, .reason = reason, .error = error};
    aur_rule_evaluate(rule_set(), rule_store(), (const void *)scene_of_rules.request, cache, &work,
                      &known);
    return known.cached;
}

START_TEST(a_decision_is_known_again_until_what_it_depends_on_changes)
{
    struct aur_rule_cache *cache = aur_rule_cache_begin(scene_of_rules.cache, 65536);
    ask();
    ck_assert_uint_eq(rule_compile(PERMIT), AUR_RULE_OK);
    ck_assert(!ask_cache(cache) && ask_cache(cache) && known.decision == AUR_RULE_ALLOW);
    ck_assert_uint_eq(known.steps, 0);
    rule_request("alice", "view", "sun", true); // no policy looks at the context
    ck_assert(ask_cache(cache));
    rule_request("bob", "view", "sun", true);
    ck_assert(!ask_cache(cache) && ask_cache(cache));
    ck_assert_uint_eq(rule_compile(FORBID), AUR_RULE_OK); // another epoch
    ck_assert(!ask_cache(cache) && ask_cache(cache) && known.decision == AUR_RULE_DENY);
    ck_assert_uint_eq(rule_compile(PERMIT), AUR_RULE_OK); // the first again
    ck_assert(ask_cache(cache) && known.decision == AUR_RULE_ALLOW);

    ck_assert_uint_eq(rule_compile("permit(principal, action, resource) when { context has n };"
                                   "forbid(principal == User::\"eve\", action, resource)"
                                   "when { context has s };"),
                      AUR_RULE_OK);
    rule_request("alice", "view", "sun", false);
    ck_assert(!ask_cache(cache) && ask_cache(cache) && known.decision == AUR_RULE_ALLOW);
    rule_request("alice", "view", "sun", true); // another context, another decision
    ck_assert(!ask_cache(cache) && ask_cache(cache) && known.decision == AUR_RULE_DENY);
}
END_TEST

// Digests choose the place; bytes decide.
START_TEST(requests_with_the_same_digest_are_told_apart)
{
    struct aur_rule_cache *cache = aur_rule_cache_begin(scene_of_rules.cache, 65536);
    struct aur_rule_request *request = (void *)scene_of_rules.request;
    static const char *const who[] = {"eve", "bob", "ann"}; // names of one length
    ask();
    ck_assert_uint_eq(rule_compile("permit(principal == User::\"bob\", action, resource);"),
                      AUR_RULE_OK);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 3; i++) {
            rule_request(who[i], "view", "sun", true);
            request->names_digest = request->key_digest = 7;
            ck_assert(ask_cache(cache) == (round == 1));
            ck_assert_uint_eq(known.decision, i == 1 ? AUR_RULE_ALLOW : AUR_RULE_DENY);
        }
}
END_TEST

// A record of a set and more, or one of a larger set: without counts their keys would be the same.
START_TEST(contexts_of_another_shape_are_told_apart)
{
    for (int swapped = 0; swapped < 2; swapped++) {
        struct aur_rule_cache *cache = aur_rule_cache_begin(scene_of_rules.cache, 65536);
        char policy[128], first = swapped ? 'b' : 'a', second = swapped ? 'a' : 'b';
        ask();
        snprintf(policy, sizeof policy,
                 "permit(principal, action, resource) when { context has %c };", second);
        ck_assert_uint_eq(rule_compile(policy), AUR_RULE_OK);
        for (int large = 0; large < 2; large++) {
            struct aur_rule_builder b;
            aur_rule_request_begin(&b, scene_of_rules.request, sizeof scene_of_rules.request);
            struct aur_rule_value one = group(&b, 1), key = aur_rule_make_string(&b, &second, 1);
            struct aur_rule_value empty = aur_rule_make_set(&b, NULL, 0);
            struct aur_rule_value members[] = {aur_rule_long(1), key, empty};
            struct aur_rule_value pairs[] = {aur_rule_make_string(&b, &first, 1),
                                             aur_rule_make_set(&b, members, large ? 3 : 1), key,
                                             empty};
            struct aur_rule_value context = aur_rule_make_record(&b, pairs, large ? 1 : 2);
            ck_assert_uint_eq(aur_rule_request_finish(&b, one, one, one, context), AUR_RULE_OK);
            ck_assert(!ask_cache(cache));
            ck_assert_uint_eq(known.decision, large ? AUR_RULE_DENY : AUR_RULE_ALLOW);
        }
    }
}
END_TEST

START_TEST(a_cache_needs_its_room)
{
    ck_assert_ptr_null(aur_rule_cache_begin(scene_of_rules.cache, 4095));
    ck_assert_ptr_nonnull(aur_rule_cache_begin(scene_of_rules.cache, 4096));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {without_a_matching_permit_it_is_denied,
                                  a_forbid_overrides_any_permit,
                                  a_policy_that_errs_is_skipped_and_reported,
                                  scopes_are_compared_with_the_hierarchy,
                                  conditions_are_asked_in_turn_until_one_does_not_hold,
                                  an_error_has_its_place_and_sentence,
                                  a_decision_beyond_its_budget_is_denied,
                                  a_decision_without_enough_work_is_denied,
                                  a_value_nested_too_deeply_is_an_error,
                                  a_store_refuses_what_is_no_hierarchy,
                                  a_long_chain_of_groups_is_climbed,
                                  a_decision_is_known_again_until_what_it_depends_on_changes,
                                  requests_with_the_same_digest_are_told_apart,
                                  contexts_of_another_shape_are_told_apart,
                                  a_cache_needs_its_room};
    return run_tests("rule_decide", tests, LENGTH(tests));
}
