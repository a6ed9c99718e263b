// Capabilities against a list of facts: what was minted, derived, handed over, deleted, revoked.
#include <aurora/core.h>

#include "policy/cap.h"
#include "tests/run_tests.h"

#define CAPS    48u
#define TASKS   5u
#define OBJECTS 3u
#define FACTS   4000u

static uint64_t seed;
static struct aur_core *core;
static struct aur_actions actions;

static void begin(uint32_t caps, uint32_t tasks)
{
    struct aur_config config;
    aur_config_default(&config, 1, aur_class_find("fifo"));
    config.caps = caps;
    config.tasks = tasks;
    size_t size = aur_core_size(&config);
    core = aligned_alloc(64, (size + 63) / 64 * 64);
    ck_assert_ptr_nonnull(core);
    ck_assert_int_eq(aur_core_init(core, size, &config), AUR_OK);
}

static void end(void)
{
    free(core);
}

static enum aur_status post(uint32_t kind, uint32_t task, uint32_t object, uint32_t other,
                            uint64_t arg)
{
    const struct aur_record event = {
        .kind = (uint8_t)kind, .task = task, .object = object, .other = other, .arg = arg};
    return aur_core_step(core, NULL, &event, &actions);
}

static const struct aur_record *action_of(uint32_t kind)
{
    for (uint32_t i = 0; i < actions.count; i++)
        if (actions.list[i].kind == kind)
            return &actions.list[i];
    return NULL;
}

static uint32_t denial(void)
{
    const struct aur_record *action = action_of(AUR_ACT_DENIED);
    return action ? action->object : AUR_DENIED_NONE;
}

static uint64_t mint(uint32_t owner, uint32_t object, uint32_t badge, uint64_t rights)
{
    ck_assert_int_eq(post(AUR_EV_CAP_MINT, owner, object, badge, rights), AUR_OK);
    return action_of(AUR_ACT_MADE)->task == AUR_NONE ? 0 : action_of(AUR_ACT_MADE)->arg;
}

static uint64_t derive(uint32_t owner, uint64_t from, uint32_t rights, uint32_t badge)
{
    ck_assert_int_eq(post(AUR_EV_CAP_DERIVE, owner, rights, badge, from), AUR_OK);
    const struct aur_record *made = action_of(AUR_ACT_MADE);
    return made && made->task != AUR_NONE ? made->arg : 0;
}

static uint32_t access_denial(uint64_t handle, uint32_t task, uint32_t object, uint32_t rights)
{
    ck_assert_int_eq(post(AUR_EV_ACCESS, task, object, rights, handle), AUR_OK);
    uint32_t why = denial();
    ck_assert((why == AUR_DENIED_NONE) == (action_of(AUR_ACT_ALLOWED) != NULL));
    ck_assert_uint_eq(aur_cap_check(core, handle, task, object, rights), why);
    return why;
}

static void revoke(uint32_t owner, uint64_t handle)
{
    do
        ck_assert_int_eq(post(AUR_EV_CAP_REVOKE, owner, 0, 0, handle), AUR_OK);
    while (action_of(AUR_ACT_AGAIN));
}

// A task that runs to its end and is gone.
static void exit_task(uint32_t task)
{
    ck_assert_int_eq(post(AUR_EV_TASK_START, task, 0, 0, 0), AUR_OK);
    ck_assert_int_eq(post(AUR_EV_DISPATCH, AUR_NONE, 0, 0, 0), AUR_OK);
    ck_assert_int_eq(post(AUR_EV_EXIT, task, 0, 0, 0), AUR_OK);
    ck_assert_int_eq(post(AUR_EV_DISPATCH, AUR_NONE, 0, 0, 0), AUR_OK);
}

static uint32_t new_task(void)
{
    ck_assert_int_eq(post(AUR_EV_TASK_NEW, AUR_NONE, aur_task_kind(AUR_POLICY_OTHER, 0, 0), 0, 1),
                     AUR_OK);
    return action_of(AUR_ACT_MADE)->task;
}

START_TEST(each_refusal_has_its_reason_in_the_log)
{
    begin(8, 4);
    uint32_t a = new_task(), b = new_task();
    uint64_t root = mint(a, 7, 0, AUR_RIGHT_READ | AUR_RIGHT_GRANT);
    ck_assert_uint_eq(access_denial(root, a, 7, AUR_RIGHT_READ), AUR_DENIED_NONE);
    ck_assert_uint_eq(access_denial(root, a, 7, 0), AUR_DENIED_NONE);
    ck_assert_uint_eq(access_denial(root, a, 7, AUR_RIGHT_WRITE), AUR_DENIED_NO_RIGHT);
    ck_assert_uint_eq(access_denial(root, a, 8, AUR_RIGHT_READ), AUR_DENIED_WRONG_OBJECT);
    ck_assert_uint_eq(access_denial(root, b, 7, AUR_RIGHT_READ), AUR_DENIED_NOT_YOURS);
    ck_assert_uint_eq(access_denial(root, AUR_NONE, 7, AUR_RIGHT_READ), AUR_DENIED_NOT_YOURS);
    ck_assert_uint_eq(access_denial(root + (1ull << 32), a, 7, 0), AUR_DENIED_STALE);
    ck_assert_uint_eq(access_denial(root + 5, a, 7, 0), AUR_DENIED_NO_SLOT);
    ck_assert_uint_eq(access_denial(UINT64_MAX, a, 7, 0), AUR_DENIED_NO_SLOT);
    uint64_t child = derive(a, root, AUR_RIGHTS_ALL, 9); // no more than its parent has
    ck_assert_uint_eq(access_denial(child, a, 7, AUR_RIGHT_WRITE), AUR_DENIED_NO_RIGHT);
    ck_assert_uint_eq(access_denial(child, a, 7, AUR_RIGHT_READ), AUR_DENIED_NONE);
    ck_assert_uint_eq(action_of(AUR_ACT_ALLOWED)->arg, 9);
    derive(a, child, AUR_RIGHTS_ALL, 10);
    ck_assert_uint_eq(denial(), AUR_DENIED_BADGED);
    uint64_t plain = derive(a, child, AUR_RIGHT_READ, 0);
    ck_assert_uint_eq(aur_cap_lookup(core, plain)->badge, 9);
    post(AUR_EV_CAP_TRANSFER, a, b, 0, plain);
    ck_assert_uint_eq(denial(), AUR_DENIED_NO_RIGHT); // to grant
    post(AUR_EV_CAP_TRANSFER, a, b, 0, child);
    ck_assert_uint_eq(denial(), AUR_DENIED_NONE);
    ck_assert_uint_eq(access_denial(child, b, 7, AUR_RIGHT_READ), AUR_DENIED_NONE);
    ck_assert_uint_eq(access_denial(child, a, 7, AUR_RIGHT_READ), AUR_DENIED_NOT_YOURS);
    post(AUR_EV_CAP_DELETE, b, 0, 0, child); // what was derived from it stays
    ck_assert_uint_eq(access_denial(child, b, 7, AUR_RIGHT_READ), AUR_DENIED_STALE);
    ck_assert_uint_eq(access_denial(plain, a, 7, AUR_RIGHT_READ), AUR_DENIED_NONE);
    revoke(a, root);
    ck_assert_uint_eq(access_denial(plain, a, 7, AUR_RIGHT_READ), AUR_DENIED_STALE);
    ck_assert_uint_eq(access_denial(root, a, 7, AUR_RIGHT_READ), AUR_DENIED_NONE);
    ck_assert_int_eq(post(AUR_EV_CAP_MINT, a, 1, 0, 256), AUR_BAD_ARGUMENT);
    ck_assert_int_eq(post(AUR_EV_CAP_MINT, 99, 1, 0, 1), AUR_BAD_TASK);
    ck_assert_ptr_null(aur_core_check(core));
    end();
    begin(0, 1);
    ck_assert_int_eq(post(AUR_EV_CAP_MINT, AUR_NONE, 1, 0, 1), AUR_NO_CAP_LEFT);
    ck_assert_uint_eq(access_denial(0, AUR_NONE, 0, 0), AUR_DENIED_NO_SLOT);
    end();
}
END_TEST

START_TEST(while_a_revocation_is_unfinished_nothing_below_it_is_any_good)
{
    begin(1000, 1);
    uint64_t root = mint(AUR_NONE, 1, 0, AUR_RIGHTS_ALL), handles[900];
    for (uint32_t i = 0; i < 900; i++) {
        uint64_t from = i % 30 == 0 ? root : handles[i - 1]; // chains of 30
        handles[i] = derive(AUR_NONE, from, AUR_RIGHTS_ALL, 0);
        ck_assert_uint_ne(handles[i], 0);
    }
    uint32_t steps = 0;
    for (bool again = true; again; steps++) {
        ck_assert_int_eq(post(AUR_EV_CAP_REVOKE, AUR_NONE, 0, 0, root), AUR_OK);
        again = action_of(AUR_ACT_AGAIN) != NULL;
        for (uint32_t i = 0; i < 900; i += 7)
            ck_assert_uint_ne(access_denial(handles[i], AUR_NONE, 1, 0), AUR_DENIED_NONE);
        ck_assert_uint_eq(access_denial(root, AUR_NONE, 1, 0), AUR_DENIED_NONE);
        if (!again)
            break;
        derive(AUR_NONE, root, AUR_RIGHTS_ALL, 0);
        ck_assert_uint_eq(denial(), AUR_DENIED_BUSY);
        post(AUR_EV_CAP_DELETE, AUR_NONE, 0, 0, root);
        ck_assert_uint_eq(denial(), AUR_DENIED_BUSY);
    }
    ck_assert_uint_gt(steps, 5);
    ck_assert_uint_ne(derive(AUR_NONE, root, AUR_RIGHTS_ALL, 0), 0);
    ck_assert_ptr_null(aur_core_check(core));
    end();
}
END_TEST

START_TEST(a_task_does_not_inherit_from_one_that_had_its_number_before)
{
    begin(4, 1);
    uint32_t first = new_task();
    uint64_t theirs = mint(first, 1, 0, AUR_RIGHT_READ);
    exit_task(first);
    ck_assert_uint_eq(new_task(), first);
    ck_assert_uint_eq(access_denial(theirs, first, 1, AUR_RIGHT_READ), AUR_DENIED_NOT_YOURS);
    for (uint32_t i = 0; i < 40; i++) // those of the dead make room for new ones
        ck_assert_uint_ne(mint(first, 2, 0, 1), i < 4 ? 0 : 1);
    exit_task(first);
    new_task();
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_uint_ne(mint(first, 3, 0, 1), 0);
    ck_assert_ptr_null(aur_core_check(core));
    end();
}
END_TEST

START_TEST(a_slot_whose_generations_are_used_up_is_never_used_again)
{
    begin(2, 1);
    uint64_t handle = mint(AUR_NONE, 1, 0, 1);
    aur_cap_at(core, (uint32_t)handle)->generation = UINT32_MAX; // as if after 2^32 uses
    handle = aur_cap_handle((uint32_t)handle, UINT32_MAX);
    post(AUR_EV_CAP_DELETE, AUR_NONE, 0, 0, handle);
    ck_assert_uint_eq(denial(), AUR_DENIED_NONE);
    uint64_t next = mint(AUR_NONE, 1, 0, 1);
    ck_assert_uint_ne((uint32_t)next, (uint32_t)handle);
    ck_assert_uint_eq(mint(AUR_NONE, 1, 0, 1), 0);
    ck_assert_ptr_null(aur_core_check(core));
    end();
}
END_TEST

START_TEST(derivations_go_no_deeper_than_the_limit)
{
    begin(AUR_CAP_DEPTH_MAX + 2, 1);
    uint64_t at = mint(AUR_NONE, 1, 0, AUR_RIGHTS_ALL);
    for (uint32_t i = 0; i < AUR_CAP_DEPTH_MAX; i++)
        at = derive(AUR_NONE, at, AUR_RIGHTS_ALL, 0);
    ck_assert_uint_ne(at, 0);
    derive(AUR_NONE, at, AUR_RIGHTS_ALL, 0);
    ck_assert_uint_eq(denial(), AUR_DENIED_TOO_DEEP);
    end();
}
END_TEST

// The slow one: every capability there ever was.
struct fact {
    uint64_t handle;
    uint32_t from;                           // the fact that it was derived from, or NONE
    uint32_t object, badge, rights, granted; // granted: to its root by mint
    uint32_t owner;
    uint32_t life; // which of the tasks of that number
    bool gone;     // deleted, or revoked
};

static struct fact facts[FACTS];
static uint32_t fact_count, lives[TASKS];

static uint32_t random_owner(uint64_t *random)
{
    uint32_t owner = (uint32_t)random_below(random, TASKS + 1);
    return owner == TASKS ? AUR_NONE : owner;
}

static uint32_t life_of(uint32_t owner)
{
    return owner == AUR_NONE ? 0 : lives[owner];
}

static bool usable(const struct fact *fact, uint32_t owner)
{
    return !fact->gone && fact->owner == owner && fact->life == life_of(owner);
}

static bool is_below(uint32_t at, uint32_t root)
{
    for (at = facts[at].from; at != AUR_NONE; at = facts[at].from)
        if (at == root)
            return true;
    return false;
}

static void note(uint64_t handle, uint32_t from, const struct fact *fact)
{
    ck_assert_uint_lt(fact_count, FACTS);
    for (uint32_t i = 0; i < fact_count; i++)
        ck_assert(facts[i].handle != handle); // a handle is never given twice
    facts[fact_count] = *fact;
    facts[fact_count].handle = handle;
    facts[fact_count++].from = from;
}

static void compare(uint64_t *random)
{
    for (uint32_t n = 0; n < 6; n++) {
        const struct fact *fact = &facts[random_below(random, fact_count)];
        uint32_t owner = random_below(random, 2) ? fact->owner : random_owner(random);
        uint32_t object =
            random_below(random, 4) ? fact->object : (uint32_t)random_below(random, 3);
        uint32_t rights = (uint32_t)random_next(random) & AUR_RIGHTS_ALL;
        rights = random_below(random, 2) ? rights & fact->rights : rights;
        bool expected = usable(fact, owner) && fact->object == object && !(rights & ~fact->rights);
        ck_assert((access_denial(fact->handle, owner, object, rights) == AUR_DENIED_NONE) ==
                  expected);
        // No sequence of operations gives a right that the root was not given.
        ck_assert(!expected || !(rights & ~fact->granted));
    }
}

// A revocation that is under way: it is given a step now and then.
static uint32_t revoking = AUR_NONE;

static void go_on_revoking(void)
{
    if (revoking == AUR_NONE)
        return;
    const struct fact *root = &facts[revoking];
    if (usable(root, root->owner)) {
        ck_assert_int_eq(post(AUR_EV_CAP_REVOKE, root->owner, 0, 0, root->handle), AUR_OK);
        if (action_of(AUR_ACT_AGAIN))
            return;
    }
    revoking = AUR_NONE;
}

static void random_step(uint64_t *random)
{
    uint32_t at = fact_count ? (uint32_t)random_below(random, fact_count) : 0;
    if (fact_count > 30 && random_below(random, 4)) // mostly the young
        at = fact_count - 1 - (uint32_t)random_below(random, 30);
    struct fact *fact = &facts[at];
    uint32_t what = (uint32_t)random_below(random, 20), owner = fact->owner;
    bool can = fact_count && usable(fact, owner);
    if (what < 2 || fact_count == 0) {
        struct fact new = {.object = (uint32_t)random_below(random, OBJECTS),
                           .badge = (uint32_t)random_below(random, 3),
                           .rights = (uint32_t)random_next(random) & AUR_RIGHTS_ALL,
                           .owner = random_owner(random)};
        new.granted = new.rights;
        new.life = life_of(new.owner);
        uint64_t handle = mint(new.owner, new.object, new.badge, new.rights);
        if (handle)
            note(handle, AUR_NONE, &new);
    } else if (what < 10) {
        struct fact new = *fact;
        uint32_t mask = (uint32_t)random_next(random) | (uint32_t)random_next(random);
        mask &= AUR_RIGHTS_ALL;
        uint32_t badge = (uint32_t)random_below(random, 3);
        new.rights &= mask;
        uint64_t handle = derive(owner, fact->handle, mask, badge);
        ck_assert(can || denial() != AUR_DENIED_NONE || owner != AUR_NONE);
        if (!handle)
            return;
        ck_assert(can && (badge == 0 || fact->badge == 0));
        new.badge = badge ? badge : fact->badge;
        note(handle, at, &new);
        ck_assert_uint_eq(aur_cap_lookup(core, handle)->badge, new.badge);
    } else if (what < 14) {
        uint32_t to = random_owner(random);
        ck_assert_int_eq(post(AUR_EV_CAP_TRANSFER, owner, to, 0, fact->handle), AUR_OK);
        bool moved = denial() == AUR_DENIED_NONE;
        ck_assert(moved == (can && (fact->rights & AUR_RIGHT_GRANT) != 0));
        if (moved) {
            fact->owner = to;
            fact->life = life_of(to);
        }
    } else if (what < 16) {
        ck_assert_int_eq(post(AUR_EV_CAP_DELETE, owner, 0, 0, fact->handle), AUR_OK);
        bool deleted = denial() == AUR_DENIED_NONE;
        ck_assert(deleted ? can : !can || denial() == AUR_DENIED_BUSY);
        fact->gone |= deleted;
    } else if (what < 18 && revoking == AUR_NONE) {
        ck_assert_int_eq(post(AUR_EV_CAP_REVOKE, owner, 0, 0, fact->handle), AUR_OK);
        ck_assert((denial() == AUR_DENIED_NONE) == can);
        if (!can)
            return;
        for (uint32_t i = 0; i < fact_count; i++)
            facts[i].gone |= is_below(i, at);
        if (action_of(AUR_ACT_AGAIN))
            revoking = at;
    } else if (what == 18 && random_below(random, 4) == 0) {
        uint32_t task = (uint32_t)random_below(random, TASKS);
        exit_task(task);
        ck_assert_uint_eq(new_task(), task);
        lives[task]++;
    } else {
        go_on_revoking();
    }
}

START_TEST(no_sequence_of_operations_parts_the_tree_from_the_list_of_facts)
{
    uint64_t random = seed;
    for (uint32_t round = 0; round < 60; round++) {
        begin(CAPS, TASKS);
        fact_count = 0;
        revoking = AUR_NONE;
        for (uint32_t task = 0; task < TASKS; task++) {
            lives[task] = 0;
            new_task();
        }
        for (uint32_t i = 0; i < 2000 && fact_count < FACTS - 1; i++) {
            random_step(&random);
            if (fact_count)
                compare(&random);
            if (random_below(&random, 3) == 0)
                go_on_revoking();
            const char *broken = i % 16 == 0 ? aur_core_check(core) : NULL;
            if (broken)
                ck_abort_msg("round %u, step %u: %s", round, i, broken);
        }
        ck_assert_uint_gt(fact_count, 200);
        end();
    }
}
END_TEST

START_TEST(a_damaged_table_is_refused_or_walked_to_its_end)
{
    uint64_t random = seed + 1, refused = 0;
    begin(CAPS, TASKS);
    for (uint32_t task = 0; task < TASKS; task++)
        new_task();
    uint64_t handles[CAPS];
    for (uint32_t i = 0; i < CAPS; i++)
        handles[i] = i < 6 ? mint(i % TASKS, i, 0, AUR_RIGHTS_ALL)
                           : derive(aur_cap_lookup(core, handles[i - 5])->owner, handles[i - 5],
                                    AUR_RIGHTS_ALL, 0);
    size_t bytes = CAPS * sizeof(struct aur_cap);
    struct aur_cap *saved = malloc(bytes);
    memcpy(saved, aur_cap_at(core, 0), bytes);
    for (uint32_t i = 0; i < 20000; i++) {
        memcpy(aur_cap_at(core, 0), saved, bytes);
        for (uint32_t hits = 1 + (uint32_t)random_below(&random, 3); hits > 0; hits--)
            ((unsigned char *)aur_cap_at(core, 0))[random_below(&random, bytes)] ^=
                (unsigned char)(1u << random_below(&random, 8));
        if (aur_core_check(core)) {
            refused++;
            continue;
        }
        for (uint32_t n = 0; n < 4; n++) // what is taken may be stepped on
            post(AUR_EV_CAP_REVOKE + (uint32_t)random_below(&random, 3),
                 (uint32_t)random_below(&random, TASKS), 0, 0,
                 handles[random_below(&random, CAPS)]);
    }
    ck_assert_uint_gt(refused, 5000);
    free(saved);
    end();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        each_refusal_has_its_reason_in_the_log,
        while_a_revocation_is_unfinished_nothing_below_it_is_any_good,
        a_task_does_not_inherit_from_one_that_had_its_number_before,
        a_slot_whose_generations_are_used_up_is_never_used_again,
        derivations_go_no_deeper_than_the_limit,
        no_sequence_of_operations_parts_the_tree_from_the_list_of_facts,
        a_damaged_table_is_refused_or_walked_to_its_end,
    };
    seed = random_seed(20261201);
    return run_tests("cap", tests, LENGTH(tests));
}
