#include "tests/order_twin.h"
#include "tests/scene.h"

#define QUANTUM (100 * MILLISECOND) // rr_quantum_ns's default

static uint64_t seed;

START_TEST(prio_runs_the_first_of_the_highest_level)
{
    order_twin_random("prio", ORDER_PRIO, seed, false);
}
END_TEST

START_TEST(prio_places_a_task_as_sched_7_says_when_its_priority_changes)
{
    order_twin_random("prio", ORDER_PRIO, seed + 1, true);
}
END_TEST

START_TEST(prio_preempts_at_once_and_keeps_the_preempted_at_the_head)
{
    scene("eevdf", 1, 4 * MILLISECOND);
    uint32_t first = host_spawn(&host, FIFO(10), 1), second = host_spawn(&host, FIFO(10), 1);
    host_settle(&host);
    ck_assert(host_runs(&host, first));
    for (int i = 0; i < 10; i++) {
        uint32_t urgent = host_spawn(&host, FIFO(11), 1);
        host_settle(&host);
        ck_assert(host_runs(&host, urgent));
        host_by(&host, AUR_EV_EXIT, urgent, 0, 0, 0);
        host_settle(&host);
        ck_assert(host_runs(&host, first));
    }
    host_by(&host, AUR_EV_BLOCK, first, 0, 0, AUR_NEVER_NS);
    host_settle(&host);
    ck_assert(host_runs(&host, second));
    host_event(&host, AUR_EV_WAKE, 0, first, 0, 0, 0);
    host_settle(&host);
    ck_assert(host_runs(&host, second)); // equal is not higher
    scene_close();
}
END_TEST

START_TEST(fifo_tasks_do_not_share_and_rr_tasks_of_a_level_do)
{
    scene("eevdf", 1, 0);
    uint32_t fifo = host_spawn(&host, FIFO(10), 1);
    uint32_t behind = host_spawn(&host, FIFO(10), 1);
    scene_pass(10 * QUANTUM);
    ck_assert_uint_eq(host_ran_ns(&host, fifo), 10 * QUANTUM);
    ck_assert_uint_eq(host_ran_ns(&host, behind), 0);

    uint32_t rr[3];
    for (int i = 0; i < 3; i++)
        rr[i] = host_spawn(&host, RR(20), 1);
    scene_pass(30 * QUANTUM);
    for (int i = 0; i < 3; i++)
        ck_assert_uint_eq(host_ran_ns(&host, rr[i]), 10 * QUANTUM);
    ck_assert_uint_eq(host_ran_ns(&host, fifo), 10 * QUANTUM);
    scene_close();
}
END_TEST

// An RR task that shares its level with a FIFO task hands over once and never gets back.
START_TEST(an_rr_task_that_shares_a_level_with_a_fifo_task_gets_one_quantum)
{
    scene("eevdf", 1, 0);
    uint32_t rr = host_spawn(&host, RR(20), 1), fifo = host_spawn(&host, FIFO(20), 1);
    scene_pass(10 * QUANTUM);
    ck_assert_uint_eq(host_ran_ns(&host, rr), QUANTUM);
    ck_assert_uint_eq(host_ran_ns(&host, fifo), 9 * QUANTUM);
    scene_close();
}
END_TEST

// As in Linux, where task_tick_rt alone renews time_slice: neither a sleep nor a spell without any
// other task of the level does.
START_TEST(an_rr_task_takes_the_rest_of_its_quantum_through_sleeps_and_spells_alone)
{
    scene("eevdf", 1, 4 * MILLISECOND);
    uint32_t first = host_spawn(&host, RR(20), 1);
    scene_pass(QUANTUM + 20 * MILLISECOND);
    host_event(&host, AUR_EV_BLOCK, 0, first, 0, 0, AUR_NEVER_NS);
    scene_pass(500 * MILLISECOND);
    host_event(&host, AUR_EV_WAKE, 0, first, 0, 0, 0);
    host_settle(&host);
    uint32_t second = host_spawn(&host, RR(20), 1);
    scene_pass(QUANTUM - 20 * MILLISECOND);
    ck_assert(host_runs(&host, second));
    ck_assert_uint_eq(host_ran_ns(&host, first), 2 * QUANTUM);
    scene_close();
}
END_TEST

START_TEST(a_realtime_task_always_goes_before_a_fair_one)
{
    scene("eevdf", 1, 4 * MILLISECOND);
    uint32_t fair = host_spawn(&host, OTHER(-20), 1), realtime = host_spawn(&host, FIFO(1), 1);
    scene_pass(10 * SECOND);
    ck_assert_uint_eq(host_ran_ns(&host, fair), 0);
    ck_assert_uint_eq(host_ran_ns(&host, realtime), 10 * SECOND);
    scene_close();
}
END_TEST

// Of each second 50 ms, noticed at ticks: 52, and again 950 ms after those.
START_TEST(a_fair_server_gives_fair_tasks_their_time_below_an_endless_fifo_task)
{
    struct aur_config config = scene_config("eevdf", 1, 4 * MILLISECOND);
    config.params[AUR_SLOT_REALTIME][4] = 50 * MILLISECOND;
    scene_open(&config);
    uint32_t fair = host_spawn(&host, OTHER(0), 1), fifo = host_spawn(&host, FIFO(1), 1);
    scene_pass(949 * MILLISECOND);
    ck_assert_uint_eq(host_ran_ns(&host, fair), 0);
    scene_pass(53 * MILLISECOND);
    MUST_BE_WITHIN(host_ran_ns(&host, fair), 50 * MILLISECOND, 52 * MILLISECOND);
    ck_assert(host_runs(&host, fifo));
    scene_pass(9 * 1002 * MILLISECOND);
    MUST_BE_WITHIN(host_ran_ns(&host, fair), 10 * 50 * MILLISECOND, 10 * 54 * MILLISECOND);
    scene_close();
}
END_TEST

// What they had below nobody counts.
START_TEST(a_fair_server_leaves_alone_fair_tasks_that_had_their_time_anyway)
{
    struct aur_config config = scene_config("eevdf", 1, 4 * MILLISECOND);
    config.params[AUR_SLOT_REALTIME][4] = 50 * MILLISECOND;
    scene_open(&config);
    uint32_t fair = host_spawn(&host, OTHER(0), 1), fifo = host_spawn(&host, FIFO(1), 1);
    host_cycle(&host, fifo, 900 * MILLISECOND, 100 * MILLISECOND);
    scene_pass(20 * SECOND);
    ck_assert_uint_eq(aur_core_task(host.core, fifo)->preemptions, 0);
    ck_assert_uint_ge(host_ran_ns(&host, fair), 19 * 100 * MILLISECOND);
    scene_close();
}
END_TEST

// Liu and Layland 1973, rate-monotonic priorities on the table of their section 4: the harmonic set
// (1,2) (1,4) (2,8) uses the whole processor and meets every deadline, computed by hand below.
START_TEST(a_harmonic_task_set_fills_the_processor_and_meets_its_deadlines)
{
    scene("eevdf", 1, 0);
    static const uint64_t work[3] = {1, 1, 2}, period[3] = {2, 4, 8};
    for (int i = 0; i < 3; i++)
        host_period(&host, host_spawn(&host, FIFO(30 - i), 1), work[i] * MILLISECOND,
                    period[i] * MILLISECOND);
    host_settle(&host);
    for (uint64_t now = 0; now < 80; now++) {
        static const uint32_t by_hand[4] = {0, 1, 0, 2};
        ck_assert_uint_eq(host.cpus[0].running, by_hand[now % 4]);
        scene_pass(MILLISECOND);
    }
    scene_close();
}
END_TEST

START_TEST(an_urgent_task_waits_on_no_cpu_while_another_runs_less_urgent_work)
{
    // Global fixed priority: at the end of each instant the m most urgent tasks run.
    uint64_t random = seed;
    for (uint32_t cpus = 2; cpus <= 8; cpus += 3) {
        scene("eevdf", cpus, 4 * MILLISECOND);
        uint32_t tasks[20];
        for (int i = 0; i < 20; i++)
            tasks[i] = host_spawn(&host, i < 12 ? FIFO(1 + i * 7) : OTHER(0), ANYWHERE);
        for (int i = 0; i < 3000; i++) {
            uint32_t task = tasks[random_below(&random, 20)];
            if (host_runs(&host, task))
                host_by(&host, AUR_EV_BLOCK, task, 0, 0, AUR_NEVER_NS);
            else
                host_event(&host, AUR_EV_WAKE, (uint32_t)random_below(&random, cpus), task, 0, 0,
                           0);
            if (random_below(&random, 3) == 0)
                scene_pass(random_below(&random, MILLISECOND));
            else if (random_below(&random, 2))
                host_settle(&host);
            else
                continue;
            for (int a = 0; a < 12; a++)
                for (int b = 0; b < 20; b++)
                    if (host.tasks[tasks[a]].state == AUR_TASK_RUNNABLE &&
                        host_runs(&host, tasks[b]) && (b < a || b >= 12))
                        ck_abort_msg("step %d: task %d waits while %d runs", i, a, b);
        }
        scene_close();
    }
}
END_TEST

START_TEST(a_dispatch_pulls_one_task_however_many_wait_elsewhere)
{
    // Each CPU but the last has an RR task waiting, each more urgent than the one before, all over
    // their quantum: pulling them all in turn would overrun the room for actions.
    struct aur_config config = scene_config("eevdf", 64, 0);
    config.tasks = 256;
    config.params[AUR_SLOT_REALTIME][0] = 1000;
    scene_open(&config);
    uint32_t waiting[63];
    for (uint32_t cpu = 0; cpu < 63; cpu++) {
        host_spawn(&host, RR(99), 1ull << cpu);
        host_settle(&host);
        waiting[cpu] = host_spawn(&host, RR(1 + (int)cpu), 1ull << cpu);
        host_spawn(&host, RR(99), 1ull << cpu);
    }
    uint32_t last = host_spawn(&host, FIFO(99), 1ull << 63);
    host_settle(&host);
    for (uint32_t cpu = 0; cpu < 63; cpu++)
        host_event(&host, AUR_EV_TASK_SET, 0, waiting[cpu], AUR_ATTR_AFFINITY, 0, ANYWHERE);
    host.now_ns += 500 * MILLISECOND;
    host_by(&host, AUR_EV_BLOCK, last, 0, 0, AUR_NEVER_NS);
    host_event(&host, AUR_EV_DISPATCH, 63, 0, 0, 0, 0);
    ck_assert_uint_le(host.actions.count, 4);
    ck_assert_uint_eq(host.cpus[63].running, waiting[62]);
    scene_close();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        prio_runs_the_first_of_the_highest_level,
        prio_places_a_task_as_sched_7_says_when_its_priority_changes,
        prio_preempts_at_once_and_keeps_the_preempted_at_the_head,
        fifo_tasks_do_not_share_and_rr_tasks_of_a_level_do,
        an_rr_task_that_shares_a_level_with_a_fifo_task_gets_one_quantum,
        an_rr_task_takes_the_rest_of_its_quantum_through_sleeps_and_spells_alone,
        a_realtime_task_always_goes_before_a_fair_one,
        a_fair_server_gives_fair_tasks_their_time_below_an_endless_fifo_task,
        a_fair_server_leaves_alone_fair_tasks_that_had_their_time_anyway,
        a_harmonic_task_set_fills_the_processor_and_meets_its_deadlines,
        an_urgent_task_waits_on_no_cpu_while_another_runs_less_urgent_work,
        a_dispatch_pulls_one_task_however_many_wait_elsewhere,
    };
    seed = random_seed(20261122);
    return run_tests("prio", tests, LENGTH(tests));
}
