#include "sched/cfs_queue.h"
#include "tests/fair_twin.h"
#include "tests/scene.h"

// Linux's defaults on one CPU.
#define LATENCY     (6 * MILLISECOND)
#define MINIMUM     (750 * MICROSECOND)
#define GRANULARITY (1 * MILLISECOND)

static uint64_t seed;

static uint64_t vruntime(uint32_t task)
{
    host_event(&host, AUR_EV_TICK, 0, 0, 0, 0, 0); // charges who runs
    return cfs_entities(host.core, AUR_SLOT_FAIR)[task].vruntime;
}

// How far it is ahead of the queue's min_vruntime.
static int64_t ahead(uint32_t task)
{
    uint64_t v = vruntime(task);
    return (int64_t)(v - cfs_queue_at(host.core, AUR_SLOT_FAIR, 0)->min_vruntime);
}

// Moves on until another task has the CPU; returns how long that took.
static uint64_t until_a_switch(uint64_t step_ns)
{
    uint32_t runs = aur_core_running(host.core, 0);
    uint64_t from_ns = host.now_ns;
    while (aur_core_running(host.core, 0) == runs)
        scene_pass(step_ns);
    return host.now_ns - from_ns;
}

START_TEST(a_slice_is_the_weights_part_of_a_period_that_stretches_beyond_eight_tasks)
{
    static const struct {
        int nice; // of the first, the others have 0
        uint32_t tasks, cpus;
        uint64_t slice_ns; // of the first
    } table[] = {
        {0, 2, 1, 3000000},   {0, 4, 1, 1500000},  {0, 8, 1, 750000},
        {0, 16, 1, 750000},   {-5, 2, 1, 4517732}, // 6 ms * 3121 / 4145
        {-5, 16, 1, 2023337},                      // 16 * 0.75 ms * 3121 / (3121 + 15 * 1024)
        {5, 2, 1, 1479028},                        // 6 ms * 335 / 1359
        {10, 2, 1, 750000},                        // 0.58 ms by its weight
        {0, 2, 4, 9000000},                        // sched_latency * (1 + log2(4))
        {0, 2, 64, 12000000},
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        scene("cfs", table[i].cpus, 0);
        uint32_t first = host_spawn(&host, OTHER(table[i].nice), 1);
        for (uint32_t n = 1; n < table[i].tasks; n++)
            host_spawn(&host, OTHER(0), 1);
        scene_pass(SECOND);
        // A lead that is small lets a task go on for a second slice; one slice is the rule.
        uint32_t exact = 0;
        for (int turn = 0; turn < 8; turn++) {
            while (!host_runs(&host, first))
                scene_pass(10 * MICROSECOND);
            uint64_t from_ns = host_ran_ns(&host, first);
            while (host_runs(&host, first))
                until_a_switch(10 * MICROSECOND);
            exact += host_ran_ns(&host, first) - from_ns + 10 * MICROSECOND >= table[i].slice_ns &&
                     host_ran_ns(&host, first) - from_ns <= table[i].slice_ns + 10 * MICROSECOND;
        }
        if (exact < 3)
            ck_abort_msg("row %zu: the slice is another", i);
        scene_close();
    }
}
END_TEST

START_TEST(with_a_tick_a_slice_ends_at_the_first_tick_that_finds_it_overrun)
{
    static const struct {
        uint64_t tick_ms, switch_ms;
    } table[] = {{4, 4}, {1, 4}, {2, 4}, {3, 6}, {10, 10}}; // the slice of two is 3 ms
    for (size_t i = 0; i < LENGTH(table); i++) {
        scene("cfs", 1, table[i].tick_ms * MILLISECOND);
        host_spawn(&host, OTHER(0), 1);
        host_spawn(&host, OTHER(0), 1);
        scene_pass(table[i].tick_ms * 30 * MILLISECOND);
        until_a_switch(100 * MICROSECOND);
        uint64_t turn_ns = until_a_switch(100 * MICROSECOND);
        ck_assert_uint_eq(turn_ns, table[i].switch_ms * MILLISECOND);
        scene_close();
    }
}
END_TEST

START_TEST(a_new_task_starts_one_slice_behind)
{
    static const struct {
        int nice;
        int64_t ahead_ns; // of virtual time
    } table[] = {{0, 3000000}, {5, 4520969}, {-5, 1482267}};
    // 6 ms * w / (1024 + w) * 1024 / w: 3; 1.479028 ms at 335; 4.517732 ms at 3121.
    for (size_t i = 0; i < LENGTH(table); i++) {
        scene("cfs", 1, 0);
        host_spawn(&host, OTHER(0), 1);
        scene_pass(SECOND);
        ck_assert_int_eq(ahead(host_spawn(&host, OTHER(table[i].nice), 1)), table[i].ahead_ns);
        scene_close();
    }
}
END_TEST

START_TEST(a_long_sleep_is_a_credit_of_half_the_latency)
{
    for (int idle = 0; idle < 2; idle++) {
        scene("cfs", 1, 0);
        host_spawn(&host, aur_task_kind(idle ? AUR_POLICY_IDLE : AUR_POLICY_OTHER, 0, 0), 1);
        uint32_t kind = aur_task_kind(idle ? AUR_POLICY_IDLE : AUR_POLICY_OTHER, 0, 0);
        uint32_t sleeper = host_spawn(&host, kind, 1);
        while (!host_runs(&host, sleeper))
            scene_pass(MILLISECOND);
        host_by(&host, AUR_EV_BLOCK, sleeper, 0, 0, AUR_NEVER_NS);
        scene_pass(10 * SECOND);
        host_event(&host, AUR_EV_TICK, 0, 0, 0, 0, 0);
        host_event(&host, AUR_EV_WAKE, 0, sleeper, 0, 0, 0);
        // place_entity: of SCHED_IDLE half of min_granularity.
        ck_assert_int_eq(ahead(sleeper), idle ? -375000 : -3000000);
        scene_close();
    }
}
END_TEST

START_TEST(a_short_sleep_is_no_credit)
{
    scene("cfs", 1, 0);
    host_spawn(&host, OTHER(0), 1);
    uint32_t sleeper = host_spawn(&host, OTHER(0), 1);
    while (!host_runs(&host, sleeper))
        scene_pass(MILLISECOND);
    scene_pass(2 * MILLISECOND);
    uint64_t v = vruntime(sleeper);
    host_by(&host, AUR_EV_BLOCK, sleeper, 0, 0, host.now_ns + 100 * MICROSECOND);
    scene_pass(200 * MICROSECOND);
    ck_assert(!host_runs(&host, sleeper));
    ck_assert_uint_eq(vruntime(sleeper), v);
    scene_close();
}
END_TEST

// A hog runs until the sleeper is by so much behind it, then the sleeper wakes.
static bool preempts_when_behind_by(uint64_t by_ns, uint32_t hog_kind, uint32_t kind)
{
    scene("cfs", 1, 1000 * SECOND); // no tick: only the wake-up decides
    uint32_t hog = host_spawn(&host, hog_kind, 1);
    uint32_t sleeper = host_make(&host, kind, 1);
    scene_pass(SECOND);
    host_start(&host, sleeper);
    // It starts ahead of the hog, which has run until it is as far as that.
    uint64_t start = vruntime(sleeper);
    uint64_t weight = aur_core_task(host.core, hog)->weight;
    scene_pass((start - vruntime(hog)) * weight / 1024);
    host_event(&host, AUR_EV_DISPATCH, 0, 0, 0, 0, 0);
    while (!host_runs(&host, sleeper)) {
        scene_pass(1024);
        host_event(&host, AUR_EV_DISPATCH, 0, 0, 0, 0, 0);
    }
    host_by(&host, AUR_EV_BLOCK, sleeper, 0, 0, AUR_NEVER_NS);
    host_settle(&host);
    uint64_t v = vruntime(sleeper);
    ck_assert_uint_le(vruntime(hog), v + by_ns);
    while (vruntime(hog) < v + by_ns)
        scene_pass((v + by_ns - vruntime(hog)) * weight / 1024 + (weight > 1024));
    ck_assert_uint_eq(vruntime(hog), v + by_ns);
    host_event(&host, AUR_EV_WAKE, 0, sleeper, 0, 0, 0);
    host_settle(&host);
    bool preempts = host_runs(&host, sleeper);
    scene_close();
    return preempts;
}

START_TEST(a_waker_preempts_if_it_is_behind_by_more_than_the_granularity)
{
    ck_assert(!preempts_when_behind_by(GRANULARITY, OTHER(0), OTHER(0)));
    ck_assert(preempts_when_behind_by(GRANULARITY + 1, OTHER(0), OTHER(0)));
    // In its own virtual time: 1 ms * 1024 / 335, and 1 ms * 1024 / 3121.
    ck_assert(!preempts_when_behind_by(2999999, OTHER(0), OTHER(5))); // its credit ends at 3 ms
    ck_assert(!preempts_when_behind_by(328099, OTHER(0), OTHER(-5)));
    ck_assert(preempts_when_behind_by(328101, OTHER(0), OTHER(-5)));
}
END_TEST

// Has a task that sleeps for long the CPU as soon as it wakes?
static bool preempts_at_once(uint32_t hog_kind, uint32_t kind)
{
    scene("cfs", 1, 1000 * SECOND);
    host_spawn(&host, hog_kind, 1);
    uint32_t sleeper = host_spawn(&host, kind, 1);
    while (!host_runs(&host, sleeper)) {
        scene_pass(MILLISECOND);
        host_event(&host, AUR_EV_DISPATCH, 0, 0, 0, 0, 0);
    }
    host_by(&host, AUR_EV_BLOCK, sleeper, 0, 0, host.now_ns + SECOND);
    scene_pass(SECOND);
    bool runs = host_runs(&host, sleeper);
    scene_close();
    return runs;
}

START_TEST(batch_and_idle_preempt_only_idle_and_idle_not_even_that)
{
    static const enum aur_policy policies[] = {AUR_POLICY_OTHER, AUR_POLICY_BATCH, AUR_POLICY_IDLE};
    static const bool preempts[3][3] = {
        {true, false, false}, {true, false, false}, {true, true, false}};
    for (int hog = 0; hog < 3; hog++)
        for (int waker = 0; waker < 3; waker++)
            ck_assert_int_eq(preempts_at_once(aur_task_kind(policies[hog], 0, 0),
                                              aur_task_kind(policies[waker], 0, 0)),
                             preempts[hog][waker]);
}
END_TEST

// Eight tasks: the one that was preempted has the CPU back when the waker blocks, although another
// is due before it, but by less than the granularity.
START_TEST(the_last_buddy_gets_the_cpu_back)
{
    for (uint32_t others = 6; others < 10; others++) {
        struct aur_config config = scene_config("cfs", 1, 1000 * SECOND);
        scene_open(&config);
        uint32_t waker = host_spawn(&host, OTHER(0), 1);
        host_settle(&host);
        host_by(&host, AUR_EV_BLOCK, waker, 0, 0, AUR_NEVER_NS);
        for (uint32_t i = 0; i < others; i++)
            host_spawn(&host, OTHER(0), 1);
        host_settle(&host);
        uint32_t victim = aur_core_running(host.core, 0);
        scene_pass(20 * MILLISECOND);
        ck_assert(host_runs(&host, victim));
        struct cfs_entity *all = cfs_entities(host.core, AUR_SLOT_FAIR);
        struct cfs_entity *twins = cfs_entities(host.twin, AUR_SLOT_FAIR);
        // Once it is charged for that it is half a granularity ahead of the first of the others.
        uint64_t v = all[cfs_queue_at(host.core, AUR_SLOT_FAIR, 0)->tree.first].vruntime;
        all[victim].vruntime = twins[victim].vruntime = v + GRANULARITY / 2 - 20 * MILLISECOND;
        all[waker].vruntime = twins[waker].vruntime = v - GRANULARITY;
        host_event(&host, AUR_EV_WAKE, 0, waker, 0, 0, 0);
        host_settle(&host);
        ck_assert(host_runs(&host, waker));
        host_by(&host, AUR_EV_BLOCK, waker, 0, 0, AUR_NEVER_NS);
        host_settle(&host);
        // sched_nr_latency is 8, the waker included.
        ck_assert_int_eq(host_runs(&host, victim), others + 1 >= 8);
        scene_must_be_sound();
        host_close(&host);
    }
}
END_TEST

START_TEST(who_yields_is_skipped_unless_that_is_too_unfair)
{
    for (int far = 0; far < 2; far++) {
        scene("cfs", 1, 1000 * SECOND);
        uint32_t a = host_spawn(&host, OTHER(0), 1);
        scene_pass(10 * MILLISECOND);
        host_spawn(&host, OTHER(0), 1); // 3 ms ahead of a
        scene_pass(far ? 1900 * MICROSECOND : 2000 * MICROSECOND);
        host_by(&host, AUR_EV_YIELD, a, 0, 0, 0);
        host_settle(&host);
        ck_assert_int_eq(host_runs(&host, a), far); // the other is 1.1 ms ahead, or 1 ms
        scene_close();
    }
}
END_TEST

START_TEST(each_weight_has_its_share_within_one_period)
{
    static const int nices[][6] = {
        {0, 0, 0, 0, 0, 0}, {0, 5, -5, 1, -1, 3}, {-20, 19, 0, 10, -10, 0}};
    for (size_t set = 0; set < LENGTH(nices); set++) {
        scene("cfs", 1, 0);
        uint64_t weight = 0;
        for (int i = 0; i < 6; i++)
            weight += aur_core_task(host.core, host_spawn(&host, OTHER(nices[set][i]), 1))->weight;
        for (int i = 0; i < 1000; i++) {
            scene_pass(1730 * MICROSECOND);
            for (uint32_t task = 0; task < 6; task++) {
                uint64_t share_ns = host.now_ns * aur_core_task(host.core, task)->weight / weight;
                MUST_BE_WITHIN(host_ran_ns(&host, task) + LATENCY, share_ns,
                               share_ns + 2 * LATENCY);
            }
        }
        scene_close();
    }
}
END_TEST

// sched_slice multiplies the parts of all levels: beside one task a group of two tasks has half
// of the period of three, and each of its two a quarter.
START_TEST(the_slice_of_a_task_in_a_group_is_its_part_of_the_groups_part)
{
    struct aur_config config = scene_config("cfs", 1, 0);
    config.groups = 1;
    scene_open(&config);
    host_event(&host, AUR_EV_GROUP_NEW, 0, AUR_NONE, AUR_NONE, 0, 0);
    uint32_t group = host.made, alone = host_spawn(&host, OTHER(0), 1), inner[2];
    for (int i = 0; i < 2; i++) {
        inner[i] = host_make(&host, OTHER(0), 1);
        host_event(&host, AUR_EV_TASK_SET, 0, inner[i], AUR_ATTR_GROUP, 0, group);
        host_start(&host, inner[i]);
    }
    scene_pass(SECOND);
    for (int turn = 0; turn < 30; turn++) {
        until_a_switch(10 * MICROSECOND);
        bool is_alone = host_runs(&host, alone);
        uint64_t turn_ns = until_a_switch(10 * MICROSECOND);
        MUST_BE_WITHIN(turn_ns, is_alone ? 2990 * MICROSECOND : 1490 * MICROSECOND,
                       is_alone ? 3010 * MICROSECOND : 1510 * MICROSECOND);
    }
    uint64_t half_ns = host.now_ns / 2;
    MUST_BE_WITHIN(host_ran_ns(&host, alone), half_ns - LATENCY, half_ns + LATENCY);
    scene_close();
}
END_TEST

START_TEST(cfs_picks_what_the_definitions_pick)
{
    fair_twin_random("cfs", &cfs_twin_rules, seed, FAIR_TWIN_PLAIN);
}
END_TEST

START_TEST(cfs_keeps_to_them_over_changes_of_weight_and_of_cpu)
{
    fair_twin_random("cfs", &cfs_twin_rules, seed + 1, FAIR_TWIN_CHANGES);
}
END_TEST

START_TEST(cfs_does_so_in_nested_groups_with_and_without_quota)
{
    fair_twin_random("cfs", &cfs_twin_rules, seed + 2, FAIR_TWIN_GROUPS);
    fair_twin_random("cfs", &cfs_twin_rules, seed + 3, FAIR_TWIN_QUOTAS);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_slice_is_the_weights_part_of_a_period_that_stretches_beyond_eight_tasks,
        with_a_tick_a_slice_ends_at_the_first_tick_that_finds_it_overrun,
        a_new_task_starts_one_slice_behind,
        a_long_sleep_is_a_credit_of_half_the_latency,
        a_short_sleep_is_no_credit,
        a_waker_preempts_if_it_is_behind_by_more_than_the_granularity,
        batch_and_idle_preempt_only_idle_and_idle_not_even_that,
        the_last_buddy_gets_the_cpu_back,
        who_yields_is_skipped_unless_that_is_too_unfair,
        each_weight_has_its_share_within_one_period,
        the_slice_of_a_task_in_a_group_is_its_part_of_the_groups_part,
        cfs_picks_what_the_definitions_pick,
        cfs_keeps_to_them_over_changes_of_weight_and_of_cpu,
        cfs_does_so_in_nested_groups_with_and_without_quota,
    };
    seed = random_seed(20261122);
    return run_tests("cfs", tests, LENGTH(tests));
}
