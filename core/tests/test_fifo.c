#include "tests/order_twin.h"
#include "tests/scene.h"

static uint64_t seed;

START_TEST(fifo_runs_tasks_in_the_order_of_their_arrival)
{
    order_twin_random("fifo", ORDER_FIFO, seed, false);
}
END_TEST

START_TEST(fifo_keeps_the_order_of_arrival_when_attributes_change)
{
    order_twin_random("fifo", ORDER_FIFO, seed + 1, true);
}
END_TEST

START_TEST(fifo_lets_a_task_run_for_ever_beside_others)
{
    for (uint64_t tick_ns = 0; tick_ns <= 4 * MILLISECOND; tick_ns += 4 * MILLISECOND) {
        scene("fifo", 1, tick_ns);
        uint32_t first = host_spawn(&host, OTHER(0), ANYWHERE);
        uint32_t second = host_spawn(&host, OTHER(-20), ANYWHERE);
        scene_pass(100 * SECOND);
        ck_assert_uint_eq(host_ran_ns(&host, first), 100 * SECOND);
        ck_assert_uint_eq(host_ran_ns(&host, second), 0);
        ck_assert_uint_eq(host.tasks[first].switches, 1);
        scene_close();
    }
}
END_TEST

START_TEST(fifo_puts_a_task_that_yields_behind_all_who_wait)
{
    scene("fifo", 1, 0);
    uint32_t tasks[3];
    for (int i = 0; i < 3; i++)
        tasks[i] = host_spawn(&host, OTHER(0), ANYWHERE);
    host_settle(&host);
    for (int i = 0; i < 9; i++) {
        ck_assert(host_runs(&host, tasks[i % 3]));
        host_by(&host, AUR_EV_YIELD, tasks[i % 3], 0, 0, 0);
        host_settle(&host);
    }
    scene_close();
}
END_TEST

// With nobody there to yield to, the yield is over: it must not be made up for later.
START_TEST(fifo_forgets_a_yield_that_found_nobody)
{
    scene("fifo", 1, 0);
    uint32_t task = host_spawn(&host, OTHER(0), 1);
    host_settle(&host);
    host_by(&host, AUR_EV_YIELD, task, 0, 0, 0);
    host_settle(&host);
    host_spawn(&host, OTHER(0), 1);
    uint32_t urgent = host_spawn(&host, FIFO(50), 1);
    host_settle(&host);
    ck_assert(host_runs(&host, urgent));
    host_by(&host, AUR_EV_BLOCK, urgent, 0, 0, AUR_NEVER_NS);
    host_settle(&host);
    ck_assert(host_runs(&host, task));
    scene_close();
}
END_TEST

START_TEST(fifo_gives_a_task_back_its_cpu_after_a_higher_class_preempted_it)
{
    scene("fifo", 1, 0);
    uint32_t task = host_spawn(&host, OTHER(0), 1);
    host_settle(&host);
    host_spawn(&host, OTHER(0), 1);
    for (int i = 0; i < 5; i++) {
        uint32_t urgent = host_spawn(&host, FIFO(50), 1);
        host_cycle(&host, urgent, MILLISECOND, AUR_NEVER_NS);
        scene_pass(2 * MILLISECOND);
        ck_assert(host_runs(&host, task));
    }
    ck_assert_uint_eq(host.tasks[task].preemptions, 5);
    scene_close();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        fifo_runs_tasks_in_the_order_of_their_arrival,
        fifo_keeps_the_order_of_arrival_when_attributes_change,
        fifo_lets_a_task_run_for_ever_beside_others,
        fifo_puts_a_task_that_yields_behind_all_who_wait,
        fifo_forgets_a_yield_that_found_nobody,
        fifo_gives_a_task_back_its_cpu_after_a_higher_class_preempted_it,
    };
    seed = random_seed(20261122);
    return run_tests("fifo", tests, LENGTH(tests));
}
