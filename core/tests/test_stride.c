#include "sched/stride_queue.h"
#include "tests/fair_twin.h"
#include "tests/scene.h"

#define QUANTUM (12 * MILLISECOND) // a multiple of 3, so that thirds are whole

static uint64_t seed;

static void open_stride(uint32_t groups, uint64_t tick_ns)
{
    struct aur_config config = scene_config("stride", 1, tick_ns);
    config.groups = groups;
    config.params[AUR_SLOT_FAIR][0] = QUANTUM;
    scene_open(&config);
}

// A task alone in a group of so many per cent of a task's tickets.
static uint32_t spawn_in_group(uint64_t weight)
{
    host.made = AUR_NONE;
    host_event(&host, AUR_EV_GROUP_NEW, 0, AUR_NONE, AUR_NONE, 0, 0);
    uint32_t group = host.made, task = host_make(&host, OTHER(0), 1);
    ck_assert_int_eq(host_event(&host, AUR_EV_GROUP_SET, 0, 0, group, AUR_GROUP_WEIGHT, weight),
                     AUR_OK);
    ck_assert_int_eq(host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_GROUP, 0, group), AUR_OK);
    host_start(&host, task);
    return task;
}

// TM-528, figure 2: tickets 3, 2 and 1 and strides 2, 3 and 6. The passes are 2 3 6, 4 3 6, 4 6 6,
// 6 6 6 and, with the tie in the order of arrival at it, 6 6 12, 6 9 12, 8 9 12: then all is as in
// the beginning.
START_TEST(three_clients_of_3_2_and_1_tickets_run_in_the_order_of_the_paper)
{
    open_stride(3, 0);
    for (uint64_t tickets = 3; tickets > 0; tickets--)
        spawn_in_group(tickets * 100);
    for (int turn = 0; turn < 60; turn++) {
        scene_pass(QUANTUM / 2);
        uint32_t due = (uint32_t)("ABACBA"[turn % 6] - 'A');
        if (!host_runs(&host, due))
            ck_abort_msg("turn %d is not that of %c", turn, "ABC"[due]);
        scene_pass(QUANTUM / 2);
    }
    scene_close();
}
END_TEST

// TM-528, 3.2: the relative error of two clients is never more than one quantum.
START_TEST(two_clients_of_a_fixed_set_are_never_more_than_a_quantum_from_their_ratio)
{
    uint64_t random = seed;
    for (int set = 0; set < 1000; set++) {
        open_stride(0, 0);
        uint32_t count = 2 + (uint32_t)random_below(&random, 7);
        uint64_t weight[8];
        for (uint32_t task = 0; task < count; task++) {
            int nice = (int)random_below(&random, 40) - 20;
            host_spawn(&host, OTHER(nice), 1);
            weight[task] = aur_core_task(host.core, task)->weight;
        }
        for (int i = 0; i < 60; i++) {
            scene_pass(1 + random_below(&random, 3 * QUANTUM));
            for (uint32_t a = 0; a < count; a++)
                for (uint32_t b = 0; b < a; b++) {
                    wide ran_a = host_ran_ns(&host, a), ran_b = host_ran_ns(&host, b);
                    wide error = ran_a * weight[b] - ran_b * weight[a];
                    error = error < 0 ? -error : error;
                    // A unit of pass is at most a nanosecond of the heaviest.
                    if (error > (wide)(QUANTUM + 1) * (weight[a] + weight[b]))
                        ck_abort_msg("set %d: tasks %u and %u", set, a, b);
                }
        }
        scene_close();
    }
}
END_TEST

START_TEST(a_quantum_that_is_cut_short_costs_its_part_only)
{
    open_stride(0, 0);
    uint32_t a = host_spawn(&host, OTHER(0), 1), b = host_spawn(&host, OTHER(0), 1);
    uint32_t urgent = host_spawn(&host, FIFO(50), 1);
    host_cycle(&host, urgent, 100 * MICROSECOND, 3777 * MICROSECOND);
    for (int i = 0; i < 200; i++) {
        scene_pass(97 * MILLISECOND);
        uint64_t ran_ns = host_ran_ns(&host, a);
        MUST_BE_WITHIN(host_ran_ns(&host, b) + QUANTUM, ran_ns, ran_ns + 2 * QUANTUM);
    }
    ck_assert_uint_gt(aur_core_task(host.core, a)->preemptions, 1000);
    scene_close();
}
END_TEST

START_TEST(who_overruns_its_quantum_for_want_of_a_tick_pays_for_that)
{
    open_stride(0, 7 * MILLISECOND);
    uint32_t light = host_spawn(&host, OTHER(0), 1), heavy = host_spawn(&host, OTHER(-5), 1);
    scene_pass(41450 * MILLISECOND); // 1024 to 3121
    MUST_BE_WITHIN(host_ran_ns(&host, light), 10226 * MILLISECOND, 10254 * MILLISECOND);
    MUST_BE_WITHIN(host_ran_ns(&host, heavy), 31196 * MILLISECOND, 31224 * MILLISECOND);
    scene_close();
}
END_TEST

static int64_t remain_of(uint32_t task)
{
    const struct stride_queue *q = stride_queue_at(host.core, AUR_SLOT_FAIR, 0);
    return (int64_t)(stride_entities(host.core, AUR_SLOT_FAIR)[task].at.pass - q->global.pass);
}

// TM-528, figure 4: remain is scaled by the new stride over the old one.
START_TEST(with_half_the_tickets_it_has_twice_as_long_to_go)
{
    open_stride(0, 0);
    host_spawn(&host, OTHER(0), 1);
    uint32_t task = host_spawn(&host, aur_task_kind(AUR_POLICY_OTHER, 0, 0), 1);
    scene_pass(5 * MILLISECOND);
    host_event(&host, AUR_EV_TICK, 0, 0, 0, 0, 0);
    // It waits, one quantum's stride from its start: 12 ms * 2^20 / 1024, less what 5 ms have moved
    // the global pass on: 5 ms * 2^20 / 2048.
    ck_assert_int_eq(remain_of(task), 12000000ll * 1024 - 5000000ll * 512);
    host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_POLICY, 0, OTHER(19)); // weight 15
    ck_assert_int_eq(remain_of(task), (12000000ll * 1024 - 5000000ll * 512) * 1024 / 15);
    scene_close();
}
END_TEST

START_TEST(a_change_of_tickets_counts_from_the_next_quantum_on)
{
    for (int running = 0; running < 2; running++) {
        open_stride(0, 0);
        uint32_t a = host_spawn(&host, OTHER(0), 1), b = host_spawn(&host, OTHER(0), 1);
        scene_pass(1001 * MILLISECOND);
        while (host_runs(&host, a) != running)
            scene_pass(MILLISECOND);
        host_event(&host, AUR_EV_TASK_SET, 0, a, AUR_ATTR_POLICY, 0, OTHER(-5));
        uint64_t a_ns = host_ran_ns(&host, a), b_ns = host_ran_ns(&host, b);
        scene_pass(41450 * MILLISECOND); // 3121 to 1024
        MUST_BE_WITHIN(host_ran_ns(&host, a) - a_ns, 31210 * MILLISECOND - 2 * QUANTUM,
                       31210 * MILLISECOND + 2 * QUANTUM);
        MUST_BE_WITHIN(host_ran_ns(&host, b) - b_ns, 10240 * MILLISECOND - 2 * QUANTUM,
                       10240 * MILLISECOND + 2 * QUANTUM);
        scene_close();
    }
}
END_TEST

START_TEST(a_long_sleep_is_neither_credit_nor_debt)
{
    open_stride(0, 0);
    uint32_t hog = host_spawn(&host, OTHER(0), 1), sleeper = host_spawn(&host, OTHER(0), 1);
    scene_pass(100 * MILLISECOND);
    while (!host_runs(&host, sleeper))
        scene_pass(MILLISECOND);
    host_by(&host, AUR_EV_BLOCK, sleeper, 0, 0, host.now_ns + 10 * SECOND);
    scene_pass(10 * SECOND);
    uint64_t hog_ns = host_ran_ns(&host, hog), sleeper_ns = host_ran_ns(&host, sleeper);
    scene_pass(SECOND);
    uint64_t got_ns = host_ran_ns(&host, sleeper) - sleeper_ns;
    MUST_BE_WITHIN(host_ran_ns(&host, hog) - hog_ns + QUANTUM, got_ns, got_ns + 2 * QUANTUM);
    scene_close();
}
END_TEST

START_TEST(nobody_is_preempted_within_its_quantum_but_an_idle_task)
{
    static const enum aur_policy policies[] = {AUR_POLICY_OTHER, AUR_POLICY_BATCH, AUR_POLICY_IDLE};
    for (size_t i = 0; i < LENGTH(policies); i++) {
        open_stride(0, 0);
        host_spawn(&host, aur_task_kind(policies[i], 0, 0), 1);
        scene_pass(QUANTUM + MILLISECOND);
        uint32_t other = host_spawn(&host, OTHER(0), 1);
        scene_pass(1);
        ck_assert_int_eq(host_runs(&host, other), policies[i] == AUR_POLICY_IDLE);
        scene_pass(QUANTUM - MILLISECOND);
        ck_assert(host_runs(&host, other));
        scene_close();
    }
}
END_TEST

START_TEST(who_yields_pays_for_the_whole_quantum)
{
    open_stride(0, 0);
    uint32_t a = host_spawn(&host, OTHER(0), 1), b = host_spawn(&host, OTHER(0), 1);
    for (int turn = 0; turn < 100; turn++) {
        scene_pass(MILLISECOND); // one quantum is a's, for b's one millisecond
        ck_assert(host_runs(&host, a));
        scene_pass(QUANTUM - MILLISECOND);
        host_settle(&host);
        ck_assert(host_runs(&host, b));
        scene_pass(MILLISECOND);
        host_by(&host, AUR_EV_YIELD, b, 0, 0, 0);
        host_settle(&host);
    }
    scene_close();
}
END_TEST

START_TEST(stride_picks_what_the_definitions_pick)
{
    fair_twin_random("stride", &stride_twin_rules, seed, FAIR_TWIN_PLAIN);
}
END_TEST

START_TEST(stride_keeps_to_them_over_changes_of_weight_and_of_cpu)
{
    fair_twin_random("stride", &stride_twin_rules, seed + 1, FAIR_TWIN_CHANGES);
}
END_TEST

START_TEST(stride_does_so_in_nested_groups_of_any_weight)
{
    fair_twin_random("stride", &stride_twin_rules, seed + 2, FAIR_TWIN_GROUPS);
}
END_TEST

START_TEST(stride_does_so_where_groups_use_up_their_quota)
{
    fair_twin_random("stride", &stride_twin_rules, seed + 3, FAIR_TWIN_QUOTAS);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        three_clients_of_3_2_and_1_tickets_run_in_the_order_of_the_paper,
        two_clients_of_a_fixed_set_are_never_more_than_a_quantum_from_their_ratio,
        a_quantum_that_is_cut_short_costs_its_part_only,
        who_overruns_its_quantum_for_want_of_a_tick_pays_for_that,
        with_half_the_tickets_it_has_twice_as_long_to_go,
        a_change_of_tickets_counts_from_the_next_quantum_on,
        a_long_sleep_is_neither_credit_nor_debt,
        nobody_is_preempted_within_its_quantum_but_an_idle_task,
        who_yields_pays_for_the_whole_quantum,
        stride_picks_what_the_definitions_pick,
        stride_keeps_to_them_over_changes_of_weight_and_of_cpu,
        stride_does_so_in_nested_groups_of_any_weight,
        stride_does_so_where_groups_use_up_their_quota,
    };
    seed = random_seed(20261122);
    return run_tests("stride", tests, LENGTH(tests));
}
