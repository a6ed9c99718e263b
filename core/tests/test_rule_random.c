// Random policies, entities and requests against the twin, with and without a cache.
#include "tests/rule_random.h"
#include "tests/run_tests.h"

#include <aurora/rule.h>

#define POLICIES 5
#define ROOM     (1u << 18)

static uint64_t seed;
static _Alignas(64) unsigned char set[ROOM], moved[ROOM], store[1 << 16], request[1 << 16];
static _Alignas(64) unsigned char work_block[1 << 16], cache_block[1 << 15];
static char text[1 << 16];

struct answer {
    struct aur_rule_result result;
    uint32_t reason[POLICIES];
    struct aur_rule_error error[POLICIES];
};

static void decide(const void *policies, struct aur_rule_cache *cache, struct answer *answer)
{
    struct aur_rule_work work = {work_block, sizeof work_block, 0};
    memset(answer, 0, sizeof *answer);
    answer->result.reason = answer->reason;
    answer->result.error = answer->error;
    answer->result.reason_room = answer->result.error_room = POLICIES;
    aur_rule_evaluate(policies, (const void *)store, (const void *)request, cache, &work,
                      &answer->result);
}

static bool same(const struct answer *a, const struct answer *b)
{
    return a->result.status == b->result.status && a->result.decision == b->result.decision &&
           a->result.reasons == b->result.reasons && a->result.errors == b->result.errors &&
           memcmp(a->reason, b->reason, a->result.reasons * sizeof *a->reason) == 0 &&
           memcmp(a->error, b->error, a->result.errors * sizeof *a->error) == 0;
}

// What the twin decides, in the form of an answer with no more of an error than its kind.
static void ask_twin(const struct twin_world *world, const struct twin_policy *policies, int count,
                     struct answer *answer)
{
    memset(answer, 0, sizeof *answer);
    int worth[POLICIES];
    bool permit = false, forbid = false;
    for (int i = 0; i < count; i++) {
        worth[i] = twin_policy_worth(world, &policies[i]);
        if (worth[i] < 0) {
            struct aur_rule_error *error = &answer->error[answer->result.errors++];
            error->policy = (uint32_t)i;
            error->kind = (uint16_t)-worth[i];
        }
        permit |= worth[i] == 1 && policies[i].permit;
        forbid |= worth[i] == 1 && !policies[i].permit;
    }
    answer->result.decision = permit && !forbid ? AUR_RULE_ALLOW : AUR_RULE_DENY;
    for (int i = 0; i < count; i++)
        if (worth[i] == 1 && policies[i].permit != forbid)
            answer->reason[answer->result.reasons++] = (uint32_t)i;
}

// Compiles what is written and decides; why it is not as the twin says, or NULL.
static const char *differs(const struct twin_world *world, const struct twin_policy *policies,
                           int count, uint64_t writing)
{
    static struct aur_rule_refusal refusal;
    struct answer core, twin;
    size_t size = rule_write(policies, count, text, sizeof text, writing);
    enum aur_rule_status status = aur_rule_compile(set, ROOM, text, size, &refusal);
    if (status == AUR_RULE_SYNTAX)
        return refusal.text;
    if (status != AUR_RULE_OK)
        return aur_rule_status_text(status);
    rule_build_store(world, store, sizeof store);
    rule_build_request(world, request, sizeof request);
    decide(set, NULL, &core);
    ask_twin(world, policies, count, &twin);
    for (uint32_t i = 0; i < core.result.errors; i++)
        core.error[i] =
            (struct aur_rule_error){.policy = core.error[i].policy, .kind = core.error[i].kind};
    return same(&core, &twin) ? NULL : "the decision, its reasons or errors differ";
}

// Tries to make a tree smaller; true if something was found that still differs.
static bool shrink_node(const struct twin_world *world, struct twin_policy *policies, int count,
                        uint64_t writing, struct twin_node *node)
{
    struct twin_node kept = *node;
    for (int i = 0; i < kept.kids; i++) {
        *node = *kept.kid[i];
        if (differs(world, policies, count, writing))
            return true;
    }
    *node = (struct twin_node){.op = TWIN_BOOL, .number = 1};
    if ((kept.op != TWIN_BOOL || kept.kids) && differs(world, policies, count, writing))
        return true;
    *node = kept;
    for (int i = 0; i < node->kids; i++)
        if (shrink_node(world, policies, count, writing, node->kid[i]))
            return true;
    return false;
}

static bool shrink(const struct twin_world *world, struct twin_policy *policies, int *count,
                   uint64_t writing)
{
    for (int i = 0; i < *count; i++) {
        struct twin_policy kept = policies[i], last = policies[*count - 1];
        policies[i] = last;
        if (*count > 1 && differs(world, policies, *count - 1, writing)) {
            --*count;
            return true;
        }
        policies[i] = kept;
        for (int j = 0; j < kept.conditions; j++)
            if (kept.condition[j]->op != TWIN_BOOL &&
                shrink_node(world, policies, *count, writing, kept.condition[j]))
                return true;
    }
    return false;
}

START_TEST(random_policies_decide_as_the_twin_does)
{
    uint64_t rounds = 60000, matched = 0, erred = 0, allowed = 0;
    for (uint64_t round = 0; round < rounds; round++) {
        uint64_t own = seed + round, writing = own ^ 0x5bd1e995;
        struct twin_policy policies[POLICIES];
        struct twin_world world;
        int count = 1 + (int)random_below(&own, POLICIES);
        twin_give_back();
        rule_random_world(&world, &own);
        for (int i = 0; i < count; i++)
            rule_random_policy(&policies[i], &own);
        const char *why = differs(&world, policies, count, writing);
        if (why) {
            for (int tries = 0; tries < 2000; tries++)
                if (!shrink(&world, policies, &count, writing))
                    break;
            why = differs(&world, policies, count, writing);
            ck_abort_msg("seed %" PRIu64 ": %s:\n%s", seed + round, why ? why : "", text);
        }
        struct answer answer;
        decide(set, NULL, &answer);
        matched += answer.result.reasons;
        erred += answer.result.errors;
        allowed += answer.result.decision;
    }
    // The random policies are worth something only if all of it happens often.
    ck_assert_uint_gt(matched, rounds / 4);
    ck_assert_uint_gt(erred, rounds / 4);
    ck_assert_uint_gt(allowed, rounds / 10);
}
END_TEST

START_TEST(a_cache_is_never_seen_but_by_what_is_faster)
{
    struct aur_rule_cache *cache = aur_rule_cache_begin(cache_block, sizeof cache_block);
    uint64_t known = 0;
    for (uint64_t round = 0; round < 3000; round++) {
        uint64_t own = seed + 1000000 + round;
        struct twin_policy policies[POLICIES];
        struct twin_world world[3];
        struct aur_rule_refusal refusal;
        twin_give_back();
        for (int i = 0; i < POLICIES; i++)
            rule_random_policy(&policies[i], &own);
        for (int i = 0; i < 3; i++)
            rule_random_world(&world[i], &own);
        size_t size = rule_write(policies, POLICIES, text, sizeof text, own);
        ck_assert_uint_eq(aur_rule_compile(set, ROOM, text, size, &refusal), AUR_RULE_OK);
        memcpy(moved, set, aur_rule_set_bytes((const void *)set));
        for (int ask = 0; ask < 40; ask++) {
            // Of the three worlds two share their entities, and requests come again.
            struct twin_world now = world[random_below(&own, 2)];
            uint64_t which = random_below(&own, 6) + round * 100;
            struct answer with, without;
            rule_random_request(&now, &which);
            if (random_below(&own, 3) == 0)
                now.context = world[2].context;
            rule_build_store(&now, store, sizeof store);
            rule_build_request(&now, request, sizeof request);
            decide(set, NULL, &without);
            decide(moved, cache, &with);
            known += with.result.cached;
            if (!same(&with, &without))
                ck_abort_msg("seed %" PRIu64 ": with the cache it is another decision:\n%s",
                             seed + 1000000 + round, text);
        }
    }
    ck_assert_uint_gt(known, 20000);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {random_policies_decide_as_the_twin_does,
                                  a_cache_is_never_seen_but_by_what_is_faster};
    seed = random_seed(20261201);
    return run_tests("rule_random", tests, LENGTH(tests));
}
