// Where tasks are queued: placement at a wake, stealing when idle, balancing at ticks.
#include "tests/scene.h"

#define TICK (4 * MILLISECOND)

static void block(uint32_t task)
{
    host_by(&host, AUR_EV_BLOCK, task, 0, 0, AUR_NEVER_NS);
    host_settle(&host);
}

static void wake(uint32_t task, uint32_t waker_cpu)
{
    host_event(&host, AUR_EV_WAKE, waker_cpu, task, 0, 0, 0);
    host_settle(&host);
}

START_TEST(new_tasks_go_to_the_least_loaded_cpu)
{
    scene("eevdf", 4, 0);
    for (uint32_t i = 0; i < 8; i++) {
        uint32_t task = host_spawn(&host, OTHER(0), ANYWHERE);
        host_settle(&host);
        ck_assert_uint_eq(host.tasks[task].cpu, i % 4);
        ck_assert_uint_eq(host.tasks[task].migrations, 0);
    }
    // Loads are weights: one of nice -10 outweighs two of nice 0.
    uint32_t heavy = host_spawn(&host, OTHER(-10), ANYWHERE);
    host_settle(&host);
    ck_assert_uint_eq(host.tasks[heavy].cpu, 0);
    for (uint32_t i = 1; i < 7; i++) {
        uint32_t task = host_spawn(&host, OTHER(0), ANYWHERE);
        host_settle(&host);
        ck_assert_uint_eq(host.tasks[task].cpu, 1 + (i - 1) % 3);
    }
    scene_close();
}
END_TEST

START_TEST(a_wake_goes_to_the_previous_cpu_if_idle_else_to_the_wakers_else_to_any_idle_one)
{
    scene("rr", 4, 0);
    uint32_t task = host_spawn(&host, OTHER(0), 1u << 2);
    host_settle(&host);
    block(task);
    host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_AFFINITY, 0, ANYWHERE);
    wake(task, 0);
    ck_assert_uint_eq(host.tasks[task].cpu, 2); // its own
    block(task);
    uint32_t pinned[4];
    pinned[2] = host_spawn(&host, OTHER(0), 1u << 2);
    host_settle(&host);
    wake(task, 3);
    ck_assert_uint_eq(host.tasks[task].cpu, 3); // its own is busy: the waker's
    ck_assert_uint_eq(host.tasks[task].migrations, 1);
    block(task);
    pinned[3] = host_spawn(&host, OTHER(0), 1u << 3);
    host_settle(&host);
    wake(task, 2);
    ck_assert_uint_eq(host.tasks[task].cpu, 0); // both busy: an idle one
    block(task);
    // All busy: the less loaded of its own (0) and the waker's.
    for (uint32_t cpu = 0; cpu < 2; cpu++)
        pinned[cpu] = host_spawn(&host, OTHER(0), 1u << cpu);
    uint32_t extra = host_spawn(&host, OTHER(0), 1u << 0);
    host_settle(&host);
    wake(task, 0);
    ck_assert_uint_eq(host.tasks[task].cpu, 0);
    host_settle(&host);
    for (uint32_t cpu = 0; cpu < 2 && !host_runs(&host, task); cpu++)
        scene_pass(100 * MILLISECOND / 7);
    while (!host_runs(&host, task))
        scene_pass(MILLISECOND);
    block(task);
    wake(task, 1);
    ck_assert_uint_eq(host.tasks[task].cpu, 1);
    (void)pinned, (void)extra;
    scene_close();
}
END_TEST

START_TEST(a_realtime_task_wakes_where_the_least_urgent_work_is_its_own_cpu_first)
{
    scene("rr", 4, 0);
    uint32_t task = host_spawn(&host, FIFO(50), 1u << 1);
    host_settle(&host);
    block(task);
    host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_AFFINITY, 0, ANYWHERE);
    wake(task, 3);
    ck_assert_uint_eq(host.tasks[task].cpu, 1); // all idle
    block(task);
    for (uint32_t cpu = 0; cpu < 4; cpu++)
        host_spawn(&host, FIFO(40), 1u << cpu);
    host_settle(&host);
    wake(task, 3);
    ck_assert_uint_eq(host.tasks[task].cpu, 1); // all alike
    block(task);
    uint32_t idle_there = host.cpus[2].running;
    block(idle_there);
    wake(task, 0);
    ck_assert_uint_eq(host.tasks[task].cpu, 2); // an idle one
    block(task);
    host_spawn(&host, FIFO(30), 1u << 2);
    host_settle(&host);
    wake(task, 0);
    ck_assert_uint_eq(host.tasks[task].cpu, 2); // the lowest priority
    block(task);
    host_spawn(&host, OTHER(-20), 1u << 3);
    block(host.cpus[3].running);
    wake(task, 0);
    ck_assert_uint_eq(host.tasks[task].cpu, 3); // a fair task is less urgent than any
    scene_close();
}
END_TEST

START_TEST(a_wake_never_leaves_the_affinity)
{
    scene("eevdf", 8, TICK);
    uint32_t task = host_spawn(&host, OTHER(0), 0xa4);
    for (uint32_t i = 0; i < 64; i++) {
        uint64_t mask = 1 + i * 37 % 255;
        host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_AFFINITY, 0, mask);
        wake(task, i % 8);
        ck_assert_uint_eq(mask >> host.tasks[task].on_cpu & 1, 1);
        scene_pass(MILLISECOND);
        if (i % 3)
            block(task);
    }
    scene_close();
}
END_TEST

START_TEST(a_running_task_leaves_a_cpu_that_its_affinity_no_longer_allows)
{
    scene("eevdf", 2, TICK);
    uint32_t task = host_spawn(&host, OTHER(0), 1);
    scene_pass(MILLISECOND);
    host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_AFFINITY, 0, 2);
    ck_assert_uint_eq(host.tasks[task].on_cpu, 0); // until the host dispatches
    host_settle(&host);
    ck_assert_uint_eq(host.tasks[task].on_cpu, 1);
    ck_assert_uint_eq(host.tasks[task].migrations, 1);
    ck_assert_uint_eq(host.tasks[task].preemptions, 1);
    scene_close();
}
END_TEST

START_TEST(a_cpu_that_goes_idle_steals_a_waiting_task_at_once)
{
    static const char *const classes[] = {"fifo", "rr", "prio", "mlfq", "eevdf"};
    for (size_t i = 0; i < LENGTH(classes); i++) {
        scene(classes[i], 2, 0);
        uint32_t first = host_spawn(&host, OTHER(0), 1), second = host_spawn(&host, OTHER(0), 1);
        uint32_t other = host_spawn(&host, OTHER(0), 2);
        host_settle(&host);
        for (uint32_t task = 0; task < 2; task++)
            host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_AFFINITY, 0, ANYWHERE);
        block(other);
        ck_assert(host_runs(&host, first) && host_runs(&host, second));
        ck_assert_uint_eq(host.tasks[first].migrations + host.tasks[second].migrations, 0);
        scene_close();
    }
}
END_TEST

START_TEST(eight_hogs_spread_over_four_cpus)
{
    static const char *const classes[] = {"rr", "mlfq", "eevdf"};
    for (size_t i = 0; i < LENGTH(classes); i++) {
        scene(classes[i], 4, TICK);
        for (int n = 0; n < 8; n++)
            host_spawn(&host, OTHER(0), 1); // all on one CPU
        scene_pass(100 * MILLISECOND);
        for (uint32_t task = 0; task < 8; task++)
            host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_AFFINITY, 0, ANYWHERE);
        scene_pass(SECOND);
        for (uint32_t cpu = 0; cpu < 4; cpu++)
            ck_assert_uint_eq(aur_core_cpu(host.core, cpu, host.now_ns).runnable, 2);
        uint64_t ran_ns[8];
        uint32_t migrations = 0;
        for (uint32_t task = 0; task < 8; task++) {
            ran_ns[task] = host_ran_ns(&host, task);
            migrations += host.tasks[task].migrations;
        }
        scene_pass(SECOND);
        for (uint32_t task = 0; task < 8; task++) {
            MUST_BE_WITHIN(host_ran_ns(&host, task) - ran_ns[task], 450 * MILLISECOND,
                           550 * MILLISECOND);
            migrations -= host.tasks[task].migrations;
        }
        ck_assert_uint_eq(migrations, 0); // once spread they stay
        scene_close();
    }
}
END_TEST

START_TEST(three_hogs_on_two_cpus_get_equal_time_in_the_long_run)
{
    static const char *const classes[] = {"rr", "mlfq", "eevdf"};
    for (size_t i = 0; i < LENGTH(classes); i++) {
        scene(classes[i], 2, TICK);
        for (int n = 0; n < 3; n++)
            host_spawn(&host, OTHER(0), ANYWHERE);
        scene_pass(30 * SECOND);
        for (uint32_t task = 0; task < 3; task++)
            MUST_BE_WITHIN(host_ran_ns(&host, task), 18 * SECOND, 22 * SECOND);
        scene_close();
    }
}
END_TEST

START_TEST(a_surplus_task_does_not_travel_through_all_cpus_at_each_tick)
{
    // Nine hogs on eight CPUs: one balancing of each CPU in 32 ms, at most one move each.
    scene("eevdf", 8, TICK);
    for (int n = 0; n < 9; n++)
        host_spawn(&host, OTHER(0), ANYWHERE);
    scene_pass(10 * SECOND);
    uint32_t migrations = 0;
    for (uint32_t task = 0; task < 9; task++) {
        migrations += host.tasks[task].migrations;
        MUST_BE_WITHIN(host_ran_ns(&host, task), 8 * SECOND, 10 * SECOND);
    }
    ck_assert_uint_le(migrations, 10000 / 32 * 8);
    scene_close();
}
END_TEST

START_TEST(balancing_moves_nothing_against_affinity)
{
    scene("eevdf", 4, TICK);
    for (int n = 0; n < 8; n++)
        host_spawn(&host, OTHER(0), 3);
    scene_pass(2 * SECOND);
    for (uint32_t task = 0; task < 8; task++) {
        ck_assert_uint_lt(host.tasks[task].cpu, 2);
        MUST_BE_WITHIN(host_ran_ns(&host, task), 450 * MILLISECOND, 550 * MILLISECOND);
    }
    scene_close();
}
END_TEST

// CPUs 1 and 2 may not have what waits on CPU 0; CPU 3 may.
START_TEST(idle_cpus_that_may_take_nothing_do_not_keep_one_that_may_from_its_turn)
{
    scene("eevdf", 4, TICK);
    uint32_t first = host_spawn(&host, OTHER(0), 1), second = host_spawn(&host, OTHER(0), 1);
    scene_pass(100 * MILLISECOND);
    host_event(&host, AUR_EV_TASK_SET, 0, first, AUR_ATTR_AFFINITY, 0, 1 | 8);
    host_event(&host, AUR_EV_TASK_SET, 0, second, AUR_ATTR_AFFINITY, 0, 1 | 8);
    scene_pass(100 * MILLISECOND);
    ck_assert_uint_eq(host.tasks[first].cpu + host.tasks[second].cpu, 3);
    scene_close();
}
END_TEST

START_TEST(hogs_beyond_the_number_of_cpus_share_the_machine_equally)
{
    // Slices and balancing in lock step would leave one of them alone on its CPU for ever.
    static const char *const classes[] = {"eevdf", "cfs", "stride", "lottery", "rr", "mlfq"};
    for (size_t i = 0; i < LENGTH(classes); i++)
        for (uint32_t cpus = 2; cpus <= 8; cpus *= 2) {
            uint64_t window_ns = 20 * SECOND, before_ns[9];
            uint64_t due_ns = window_ns / (cpus + 1) * cpus;
            scene(classes[i], cpus, TICK);
            for (uint32_t task = 0; task <= cpus; task++)
                host_spawn(&host, OTHER(0), ANYWHERE);
            scene_pass(5 * SECOND);
            for (uint32_t task = 0; task <= cpus; task++)
                before_ns[task] = host_ran_ns(&host, task);
            scene_pass(window_ns);
            for (uint32_t task = 0; task <= cpus; task++)
                MUST_BE_WITHIN(host_ran_ns(&host, task) - before_ns[task], due_ns - due_ns / 25,
                               due_ns + due_ns / 25);
            scene_close();
        }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        new_tasks_go_to_the_least_loaded_cpu,
        a_wake_goes_to_the_previous_cpu_if_idle_else_to_the_wakers_else_to_any_idle_one,
        a_realtime_task_wakes_where_the_least_urgent_work_is_its_own_cpu_first,
        a_wake_never_leaves_the_affinity,
        a_running_task_leaves_a_cpu_that_its_affinity_no_longer_allows,
        a_cpu_that_goes_idle_steals_a_waiting_task_at_once,
        eight_hogs_spread_over_four_cpus,
        three_hogs_on_two_cpus_get_equal_time_in_the_long_run,
        a_surplus_task_does_not_travel_through_all_cpus_at_each_tick,
        balancing_moves_nothing_against_affinity,
        idle_cpus_that_may_take_nothing_do_not_keep_one_that_may_from_its_turn,
        hogs_beyond_the_number_of_cpus_share_the_machine_equally,
    };
    return run_tests("balance", tests, LENGTH(tests));
}
