#include "tests/rule_scene.h"

#include "tests/run_tests.h"

struct rule_scene scene_of_rules;

const struct aur_rule_set *rule_set(void)
{
    return (const void *)scene_of_rules.set;
}

const struct aur_rule_store *rule_store(void)
{
    return (const void *)scene_of_rules.store;
}

enum aur_rule_status rule_compile(const char *text)
{
    return aur_rule_compile(scene_of_rules.set, RULE_SCENE_ROOM, text, strlen(text),
                            &scene_of_rules.refusal);
}

static struct aur_rule_value string(struct aur_rule_builder *builder, const char *text)
{
    return aur_rule_make_string(builder, text, (uint32_t)strlen(text));
}

static struct aur_rule_value entity(struct aur_rule_builder *builder, const char *type,
                                    const char *id)
{
    return aur_rule_entity(builder, type, (uint32_t)strlen(type), id, (uint32_t)strlen(id));
}

static struct aur_rule_value empty_record(struct aur_rule_builder *builder)
{
    return aur_rule_make_record(builder, NULL, 0);
}

void rule_world(void)
{
    struct aur_rule_builder b;
    aur_rule_store_begin(&b, scene_of_rules.store, RULE_SCENE_ROOM);
    struct aur_rule_value none = empty_record(&b), friends = entity(&b, "Group", "friends");
    struct aur_rule_value all = entity(&b, "Group", "all"), alice = entity(&b, "User", "alice");
    struct aur_rule_value trip = entity(&b, "Album", "trip"), read = entity(&b, "Action", "read");
    struct aur_rule_value about[] = {string(&b, "age"), aur_rule_long(30), string(&b, "name"),
                                     string(&b, "Alice")};
    struct aur_rule_value tags[] = {string(&b, "level"), aur_rule_long(3), string(&b, "two words"),
                                    string(&b, "x")};
    struct aur_rule_value owner[] = {string(&b, "owner"), alice};
    aur_rule_store_add(&b, alice, aur_rule_make_record(&b, about, 2),
                       aur_rule_make_record(&b, tags, 2), &friends, 1);
    aur_rule_store_add(&b, entity(&b, "User", "bob"), none, none, NULL, 0);
    aur_rule_store_add(&b, friends, none, none, &all, 1);
    aur_rule_store_add(&b, trip, aur_rule_make_record(&b, owner, 1), none, NULL, 0);
    aur_rule_store_add(&b, entity(&b, "Photo", "sun"), none, none, &trip, 1);
    aur_rule_store_add(&b, entity(&b, "Action", "view"), none, none, &read, 1);
    ck_assert_uint_eq(aur_rule_store_finish(&b, NULL), AUR_RULE_OK);
}

void rule_request(const char *principal, const char *action, const char *resource, bool empty)
{
    struct aur_rule_builder b;
    aur_rule_request_begin(&b, scene_of_rules.request, sizeof scene_of_rules.request);
    struct aur_rule_value numbers[] = {aur_rule_long(2), aur_rule_long(1), aur_rule_long(2)};
    struct aur_rule_value inner[] = {string(&b, "b"), aur_rule_long(1)};
    struct aur_rule_value outer[] = {string(&b, "a"), aur_rule_make_record(&b, inner, 1)};
    struct aur_rule_value pairs[] = {
        string(&b, "n"),     aur_rule_long(5),
        string(&b, "s"),     string(&b, "text"),
        string(&b, "b"),     aur_rule_bool(true),
        string(&b, "set"),   aur_rule_make_set(&b, numbers, 3),
        string(&b, "rec"),   aur_rule_make_record(&b, outer, 1),
        string(&b, "ip"),    aur_rule_extension(&b, "ip", 2, "10.0.0.1", 8),
        string(&b, "group"), entity(&b, "Group", "friends")};
    ck_assert_uint_eq(aur_rule_request_finish(&b, entity(&b, "User", principal),
                                              entity(&b, "Action", action),
                                              entity(&b, "Photo", resource),
                                              aur_rule_make_record(&b, pairs, empty ? 0 : 7)),
                      AUR_RULE_OK);
}

enum aur_rule_decision rule_decide(void)
{
    struct aur_rule_work work = {scene_of_rules.work, RULE_SCENE_ROOM, 0};
    scene_of_rules.result = (struct aur_rule_result){.reason_room = 256,
                                                     .error_room = 256,
                                                     .reason = scene_of_rules.reason,
                                                     .error = scene_of_rules.error};
    aur_rule_evaluate(rule_set(), rule_store(), (const void *)scene_of_rules.request, NULL, &work,
                      &scene_of_rules.result);
    return (enum aur_rule_decision)scene_of_rules.result.decision;
}

int rule_worth(const char *expression)
{
    char text[4096];
    snprintf(text, sizeof text, "permit(principal, action, resource) when { %s };", expression);
    if (rule_compile(text) != AUR_RULE_OK)
        ck_abort_msg("%s: column %u: %s", expression, scene_of_rules.refusal.column - 45,
                     scene_of_rules.refusal.text);
    rule_decide();
    ck_assert_uint_eq(scene_of_rules.result.status, AUR_RULE_OK);
    if (scene_of_rules.result.errors)
        return -(int)scene_of_rules.error[0].kind;
    return scene_of_rules.result.decision == AUR_RULE_ALLOW;
}
