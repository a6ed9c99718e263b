#include "tests/order_twin.h"
#include "tests/scene.h"

#define QUANTUM (10 * MILLISECOND) // rr's default

static uint64_t seed;

START_TEST(rr_runs_tasks_in_turn)
{
    order_twin_random("rr", ORDER_RR, seed, false);
}
END_TEST

START_TEST(rr_keeps_turns_when_attributes_change)
{
    order_twin_random("rr", ORDER_RR, seed + 1, true);
}
END_TEST

// Kleinrock: n equal hogs get a n-th each, at any instant within one quantum.
static void share_alike(uint64_t tick_ns, uint64_t turn_ns)
{
    for (uint32_t n = 2; n <= 17; n += 5) {
        scene("rr", 1, tick_ns);
        for (uint32_t i = 0; i < n; i++)
            host_spawn(&host, OTHER((int)(i % 40) - 20), ANYWHERE);
        for (int i = 0; i < 40; i++) {
            scene_pass(137 * MILLISECOND + 11);
            uint64_t share_ns = host.now_ns / n;
            for (uint32_t task = 0; task < n; task++)
                MUST_BE_WITHIN(host_ran_ns(&host, task),
                               share_ns > turn_ns ? share_ns - turn_ns : 0, share_ns + turn_ns);
        }
        scene_close();
    }
}

START_TEST(rr_gives_n_hogs_a_nth_each_within_one_quantum)
{
    share_alike(0, QUANTUM);
    share_alike(QUANTUM / 2, QUANTUM);
}
END_TEST

// With a tick that does not divide the quantum each turn ends at the first tick after it.
START_TEST(rr_with_a_tick_makes_a_turn_a_whole_number_of_ticks)
{
    share_alike(4 * MILLISECOND, 12 * MILLISECOND);
    scene("rr", 1, 4 * MILLISECOND);
    for (int i = 0; i < 2; i++)
        host_spawn(&host, OTHER(0), ANYWHERE);
    scene_pass(24 * 50 * MILLISECOND);
    for (uint32_t task = 0; task < 2; task++)
        MUST_BE_WITHIN(host.tasks[task].switches, 50, 51);
    scene_close();
}
END_TEST

START_TEST(rr_tickless_switches_exactly_once_a_quantum)
{
    scene("rr", 1, 0);
    for (int i = 0; i < 3; i++)
        host_spawn(&host, OTHER(0), ANYWHERE);
    scene_pass(3 * 100 * QUANTUM - 1);
    for (uint32_t task = 0; task < 3; task++)
        ck_assert_uint_eq(host.tasks[task].switches, 100);
    scene_close();
}
END_TEST

START_TEST(rr_leaves_a_lone_task_alone)
{
    scene("rr", 1, 0);
    uint32_t task = host_spawn(&host, OTHER(0), ANYWHERE);
    scene_pass(100 * QUANTUM);
    ck_assert_uint_eq(host.tasks[task].switches, 1);
    ck_assert_uint_le(host.steps, 10);
    scene_close();
}
END_TEST

// The newcomer's turn comes at once: the lone task had its quantum long ago.
START_TEST(rr_tickless_ends_a_turn_that_was_used_up_alone)
{
    scene("rr", 1, 0);
    host_spawn(&host, OTHER(0), ANYWHERE);
    scene_pass(5 * QUANTUM);
    uint32_t newcomer = host_spawn(&host, OTHER(0), ANYWHERE);
    host_settle(&host);
    ck_assert(host_runs(&host, newcomer));
    scene_close();
}
END_TEST

START_TEST(rr_gives_the_rest_of_a_turn_back_after_a_higher_class)
{
    scene("rr", 1, 0);
    uint32_t tasks[2] = {host_spawn(&host, OTHER(0), 1), host_spawn(&host, OTHER(0), 1)};
    scene_pass(QUANTUM / 2);
    uint32_t urgent = host_spawn(&host, FIFO(1), 1);
    host_cycle(&host, urgent, MILLISECOND, AUR_NEVER_NS);
    scene_pass(MILLISECOND + QUANTUM / 2 - 1);
    ck_assert(host_runs(&host, tasks[0]));
    scene_pass(1);
    ck_assert(host_runs(&host, tasks[1]));
    scene_close();
}
END_TEST

START_TEST(rr_ends_the_turn_of_a_task_that_yields)
{
    scene("rr", 1, 0);
    uint32_t tasks[2] = {host_spawn(&host, OTHER(0), 1), host_spawn(&host, OTHER(0), 1)};
    host_settle(&host);
    for (int i = 0; i < 10; i++) {
        scene_pass(MILLISECOND);
        ck_assert(host_runs(&host, tasks[i % 2]));
        host_by(&host, AUR_EV_YIELD, tasks[i % 2], 0, 0, 0);
        host_settle(&host);
    }
    ck_assert_uint_eq(host_ran_ns(&host, tasks[0]), host_ran_ns(&host, tasks[1]));
    scene_close();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        rr_runs_tasks_in_turn,
        rr_keeps_turns_when_attributes_change,
        rr_gives_n_hogs_a_nth_each_within_one_quantum,
        rr_with_a_tick_makes_a_turn_a_whole_number_of_ticks,
        rr_tickless_switches_exactly_once_a_quantum,
        rr_leaves_a_lone_task_alone,
        rr_tickless_ends_a_turn_that_was_used_up_alone,
        rr_gives_the_rest_of_a_turn_back_after_a_higher_class,
        rr_ends_the_turn_of_a_task_that_yields,
    };
    seed = random_seed(20261122);
    return run_tests("rr", tests, LENGTH(tests));
}
