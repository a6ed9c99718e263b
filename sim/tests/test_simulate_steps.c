// The steps of task programs: what each does, at instants worked out by hand.
#include "tests/simulate_scene.h"

static void setup(void)
{
    end_scene();
}

// The instants until which a task blocks.
static void expect_blocks(uint32_t task, const uint64_t *until, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct aur_record *block = nth(AUR_EV_BLOCK, task, i);
        ck_assert_msg(block && block->arg == until[i], "block %u of task %u is until %" PRIu64, i,
                      task, block ? block->arg : 0);
    }
    ck_assert_ptr_null(nth(AUR_EV_BLOCK, task, count));
}

#define EXPECT_BLOCKS(task, ...)                                                                   \
    expect_blocks(task, (const uint64_t[]){__VA_ARGS__}, LENGTH(((const uint64_t[]){__VA_ARGS__})))

START_TEST(run_computes_cpu_time_and_runtime_wall_time)
{
    begin("rr", 1);
    scene.inputs.scheduler.params[0] = 2 * MS;
    add_task("run", RUN(5 * MS));
    add_task("runtime", RUNTIME(7 * MS));
    add_task("hog", RUN(20 * MS));
    run_scene();
    // runtime begins at 2 and is over at 9, while it runs; run computes [0,2) [6,8) [11,12).
    expect(AT(0, 0), AT(2 * MS, 1), AT(4 * MS, 2), AT(6 * MS, 0), AT(8 * MS, 1), AT(9 * MS, 2),
           AT(11 * MS, 0), AT(12 * MS, 2), AT(28 * MS, IDLE));
}
END_TEST

START_TEST(a_runtime_that_ends_while_its_task_waits_is_over_when_it_runs_again)
{
    begin("rr", 1);
    scene.inputs.scheduler.params[0] = 2 * MS;
    add_task("runtime", RUNTIME(3 * MS));
    add_task("hog", RUN(20 * MS));
    run_scene();
    expect(AT(0, 0), AT(2 * MS, 1), AT(4 * MS, 0), AT(4 * MS, 1), AT(22 * MS, IDLE));
    ck_assert_uint_eq(task_of(0)->run_ns, 2 * MS);
}
END_TEST

START_TEST(steps_of_no_time_take_none)
{
    begin("fifo", 1);
    add_task("a", RUN(0), RUNTIME(0), SLEEP(0), MEM(0), IORUN(0), SLEEP_UNTIL(0), RUN(1 * MS),
             SLEEP_UNTIL(1 * MS), SLEEP_UNTIL(500 * US));
    run_scene();
    expect(AT(0, 0), AT(1 * MS, IDLE));
    ck_assert_uint_eq(task_of(0)->jobs, 1); // to the exit
}
END_TEST

START_TEST(sleep_counts_from_now_and_until_from_the_start_of_the_run)
{
    begin("fifo", 1);
    add_task("a", RUN(3 * MS), SLEEP(4 * MS), RUN(1 * MS), SLEEP_UNTIL(10 * MS))->start_ns = 1 * MS;
    run_scene();
    EXPECT_BLOCKS(0, 8 * MS, 10 * MS);
}
END_TEST

START_TEST(a_timer_releases_at_multiples_of_its_period_from_the_start_of_its_task)
{
    begin("fifo", 1);
    add_task("a", LOOP(3), RUN(2 * MS), OWN_TIMER(10 * MS), END)->start_ns = 3 * MS;
    run_scene();
    EXPECT_BLOCKS(0, 13 * MS, 23 * MS, 33 * MS);
}
END_TEST

START_TEST(after_an_overrun_a_relative_timer_counts_from_the_late_job)
{
    begin("fifo", 1);
    add_task("a", RUN(25 * MS), OWN_TIMER(10 * MS), LOOP(2), RUN(1 * MS), OWN_TIMER(10 * MS), END);
    run_scene();
    // At 25 the release of 10 has passed: the next is 25. Done at 26, it sleeps until 35.
    EXPECT_BLOCKS(0, 35 * MS, 45 * MS);
}
END_TEST

START_TEST(after_an_overrun_an_absolute_timer_catches_up_with_its_releases)
{
    begin("fifo", 1);
    add_task("a", RUN(25 * MS), ABSOLUTE_TIMER(10 * MS), LOOP(3), RUN(1 * MS),
             ABSOLUTE_TIMER(10 * MS), END);
    run_scene();
    // Jobs of 10 and 20 follow at once; at 27 the next release is 30.
    EXPECT_BLOCKS(0, 30 * MS, 40 * MS);
    // The jobs of 0, 10, 20 and 30 answer after 25, 16, 7 and 1; the exit, released at 40, at once.
    const struct aur_histogram *response = &scene.result.specs[0].response_ns;
    ck_assert_uint_eq(response->count, 5);
    ck_assert_uint_eq(response->sum.low, (25 + 16 + 7 + 1) * MS);
}
END_TEST

START_TEST(a_job_that_ends_at_its_next_release_goes_on_at_once_in_both_modes)
{
    for (uint32_t absolute = 0; absolute < 2; absolute++) {
        begin("fifo", 1);
        struct aur_op timer = {.code = AUR_OP_TIMER, .flags = AUR_OP_UNIQUE, .value = 10 * MS};
        timer.flags |= absolute ? AUR_OP_ABSOLUTE : 0;
        add_ops("a", (const struct aur_op[]){RUN(10 * MS), timer, RUN(1 * MS), timer, RUN(1 * MS)},
                5);
        run_scene();
        EXPECT_BLOCKS(0, 20 * MS);
    }
}
END_TEST

START_TEST(tasks_that_share_a_timer_take_its_releases_in_turn)
{
    begin("fifo", 2);
    add_task("a", RUN(1 * MS), TIMER(0, 10 * MS), RUN(1 * MS), TIMER(0, 10 * MS))->affinity = 1;
    add_task("b", RUN(2 * MS), TIMER(0, 10 * MS))->affinity = 2;
    run_scene();
    EXPECT_BLOCKS(0, 10 * MS, 30 * MS);
    EXPECT_BLOCKS(1, 20 * MS);
}
END_TEST

START_TEST(a_unique_timer_is_each_instances_own)
{
    begin("fifo", 1);
    add_task("a", RUN(1 * MS), OWN_TIMER(10 * MS))->instances = 3;
    run_scene();
    for (uint32_t task = 0; task < 3; task++)
        EXPECT_BLOCKS(task, 10 * MS);
}
END_TEST

START_TEST(two_unique_timers_of_one_task_are_two)
{
    struct aur_op other = {
        .code = AUR_OP_TIMER, .flags = AUR_OP_UNIQUE, .object = 1, .value = 7 * MS};
    begin("fifo", 1);
    add_ops("a", (const struct aur_op[]){OWN_TIMER(10 * MS), other, OWN_TIMER(10 * MS)}, 3);
    run_scene();
    // At 10 the other timer's release of 7 has passed: it counts on from 10, unused.
    EXPECT_BLOCKS(0, 10 * MS, 20 * MS);
}
END_TEST

START_TEST(a_yield_lets_every_other_task_go_first_and_alone_changes_nothing)
{
    begin("fifo", 1);
    add_task("a", RUN(1 * MS), YIELD, RUN(1 * MS), SLEEP(10 * MS), YIELD, RUN(1 * MS));
    add_task("b", RUN(1 * MS));
    add_task("c", RUN(1 * MS));
    run_scene();
    expect(AT(0, 0), AT(1 * MS, 1), AT(2 * MS, 2), AT(3 * MS, 0), AT(4 * MS, IDLE), AT(14 * MS, 0),
           AT(15 * MS, IDLE));
    ck_assert_uint_eq(task_of(0)->preemptions, 1);
}
END_TEST

START_TEST(suspend_waits_for_a_resume_and_a_resume_before_it_is_lost)
{
    begin("fifo", 2);
    uint32_t c = add_object(AUR_OBJECT_COND, 0, "c");
    struct aur_spec *spec = add_task("suspended", RUN(2 * MS), WAIT(c, AUR_NONE), RUN(1 * MS));
    spec->affinity = 1;
    spec->instances = 2;
    add_task("resumer", RUN(1 * MS), BROADCAST(c), RUN(9 * MS), BROADCAST(c))->affinity = 2;
    run_scene();
    ck_assert_uint_eq(instant(AUR_EV_EXIT, 0, 0), 11 * MS);
    ck_assert_uint_eq(instant(AUR_EV_EXIT, 1, 0), 12 * MS);
}
END_TEST

// rt-app's `sync`: with the mutex held, signal, then wait. Two tasks hand the turn to each other.
START_TEST(tasks_that_sync_take_turns)
{
    begin("fifo", 2);
    uint32_t m = add_object(AUR_OBJECT_MUTEX, 0, "m"), c = add_object(AUR_OBJECT_COND, 0, "c");
    for (uint32_t task = 0; task < 2; task++)
        add_task("a", LOCK(m), LOOP(3), RUN(1 * MS), SIGNAL(c), WAIT(c, m), END, SIGNAL(c),
                 UNLOCK(m))
            ->affinity = 1ull << task;
    run_scene();
    // Turns of 1 ms: at 6 the first ends after its third, wakes the other, which ends, too.
    ck_assert_uint_eq(scene.result.end_ns, 6 * MS);
    for (uint32_t task = 0; task < 2; task++) {
        ck_assert_uint_eq(task_of(task)->run_ns, 3 * MS);
        ck_assert_uint_eq(instant(AUR_EV_EXIT, task, 0), 6 * MS);
    }
}
END_TEST

START_TEST(a_signal_wakes_one_and_a_broadcast_all_each_with_the_mutex)
{
    begin("fifo", 4);
    uint32_t m = add_object(AUR_OBJECT_MUTEX, 0, "m"), c = add_object(AUR_OBJECT_COND, 0, "c");
    add_task("waiter", LOCK(m), WAIT(c, m), RUN(1 * MS), UNLOCK(m))->instances = 3;
    add_task("teller", RUN(1 * MS), SIGNAL(c), RUN(9 * MS), BROADCAST(c));
    run_scene();
    // The first alone; the other two after each other, for there is one mutex.
    ck_assert_uint_eq(instant(AUR_EV_EXIT, 0, 0), 2 * MS);
    ck_assert_uint_eq(instant(AUR_EV_EXIT, 1, 0), 11 * MS);
    ck_assert_uint_eq(instant(AUR_EV_EXIT, 2, 0), 12 * MS);
}
END_TEST

START_TEST(a_barrier_lets_all_go_when_the_last_has_come)
{
    begin("fifo", 4);
    uint32_t b = add_object(AUR_OBJECT_BARRIER, 3, "b");
    for (uint32_t task = 0; task < 3; task++)
        add_task("a", LOOP(2), RUN((task + 1) * MS), BARRIER(b), END)->affinity = 1ull << task;
    run_scene();
    for (uint32_t task = 0; task < 3; task++) {
        ck_assert_uint_eq(instant(AUR_EV_EXIT, task, 0), 6 * MS); // 3 for each turn
        ck_assert_uint_eq(task_of(task)->run_ns, 2 * (task + 1) * MS);
    }
}
END_TEST

START_TEST(crowds_at_a_barrier_a_condition_and_a_semaphore_all_go_on)
{
    begin("fifo", 1);
    uint32_t b = add_object(AUR_OBJECT_BARRIER, 101, "b"), c = add_object(AUR_OBJECT_COND, 0, "c");
    uint32_t s = add_object(AUR_OBJECT_SEMAPHORE, 0, "s");
    add_task("crowd", BARRIER(b), WAIT(c, AUR_NONE), DOWN(s), RUN(1 * US))->instances = 100;
    add_task("leader", RUN(1 * MS), BARRIER(b), SLEEP(1 * MS), BROADCAST(c), SLEEP(1 * MS),
             LOOP(100), UP(s), END);
    run_scene();
    ck_assert_uint_eq(scene.result.live, 0);
    ck_assert_uint_eq(scene.result.end_ns, 3 * MS + 100 * US);
}
END_TEST

START_TEST(a_semaphore_remembers_what_nobody_waited_for)
{
    begin("fifo", 2);
    uint32_t s = add_object(AUR_OBJECT_SEMAPHORE, 1, "s");
    add_task("giver", RUN(1 * MS), UP(s), UP(s))->affinity = 1;
    add_task("taker", LOOP(3), DOWN(s), RUN(3 * MS), END)->affinity = 2;
    run_scene();
    ck_assert_uint_eq(instant(AUR_EV_EXIT, 1, 0), 9 * MS);
    ck_assert_uint_eq(task_of(1)->wakeups, 0);
}
END_TEST

// The scene of Sha, Rajkumar and Lehoczky (1990), 1: low holds what high wants, mid computes.
START_TEST(a_mutex_with_inheritance_bounds_the_wait_of_the_urgent_task)
{
    for (uint32_t inherits = 0; inherits < 2; inherits++) {
        begin("prio", 1);
        uint32_t m = add_object(AUR_OBJECT_MUTEX, inherits, "m");
        add_task("low", LOCK(m), RUN(4 * MS), UNLOCK(m), RUN(1 * MS))->kind = FIFO(1);
        struct aur_spec *spec = add_task("mid", RUN(20 * MS));
        spec->kind = FIFO(2);
        spec->start_ns = 2 * MS;
        spec = add_task("high", LOCK(m), RUN(1 * MS), UNLOCK(m));
        spec->kind = FIFO(3);
        spec->start_ns = 1 * MS;
        run_scene();
        // With inheritance low goes on above mid at 1; without, mid's 20 ms come first.
        if (inherits)
            expect(AT(0, 0), AT(1 * MS, 1), AT(1 * MS, 0), AT(4 * MS, 1), AT(5 * MS, 2),
                   AT(25 * MS, 0), AT(26 * MS, IDLE));
        else
            expect(AT(0, 0), AT(1 * MS, 1), AT(1 * MS, 0), AT(2 * MS, 2), AT(22 * MS, 0),
                   AT(24 * MS, 1), AT(25 * MS, 0), AT(26 * MS, IDLE));
    }
}
END_TEST

START_TEST(a_change_of_policy_takes_effect_at_once)
{
    begin("prio", 1);
    add_task("a", RUN(1 * MS), KIND(NICE(10)), RUN(1 * MS));
    add_task("b", RUN(1 * MS), KIND(FIFO(1)), RUN(1 * MS))->kind = NICE(5);
    run_scene();
    // a is below b from 1 on.
    expect(AT(0, 0), AT(1 * MS, 1), AT(3 * MS, 0), AT(4 * MS, IDLE));
}
END_TEST

START_TEST(two_tasks_that_lock_in_opposite_order_are_one_clear_line)
{
    begin("rr", 1);
    uint32_t m = add_object(AUR_OBJECT_MUTEX, 0, "left");
    uint32_t n = add_object(AUR_OBJECT_MUTEX, 0, "right");
    add_task("a", LOCK(m), SLEEP(1 * MS), LOCK(n), UNLOCK(n), UNLOCK(m));
    add_task("b", LOCK(n), SLEEP(1 * MS), LOCK(m), UNLOCK(m), UNLOCK(n));
    ck_assert_str_eq(refusal(), "task b, line 3, at 1000000 ns: \"lock left\": waiting here would "
                                "close a cycle of mutex owners; take mutexes in one order "
                                "everywhere");
}
END_TEST

START_TEST(an_unlock_of_what_is_not_held_is_one_clear_line)
{
    begin("fifo", 1);
    uint32_t m = add_object(AUR_OBJECT_MUTEX, 0, "m");
    add_task("holder", LOCK(m), SLEEP(1 * MS), UNLOCK(m));
    add_task("thief", RUN(5), UNLOCK(m));
    ck_assert_str_eq(refusal(), "task thief, line 2, at 5 ns: \"unlock m\": the task does not hold "
                                "this mutex; lock it before");
}
END_TEST

START_TEST(a_wait_without_its_mutex_is_one_clear_line)
{
    begin("fifo", 1);
    uint32_t m = add_object(AUR_OBJECT_MUTEX, 0, "m"), c = add_object(AUR_OBJECT_COND, 0, "c");
    add_task("a", WAIT(c, m));
    ck_assert_str_eq(refusal(), "task a, line 1, at 0 ns: \"wait c\": the task does not hold this "
                                "mutex; lock it before");
}
END_TEST

START_TEST(an_exit_with_a_mutex_held_is_one_clear_line)
{
    begin("fifo", 1);
    uint32_t m = add_object(AUR_OBJECT_MUTEX, 0, "m");
    add_task("a", RUN(7), LOCK(m), RUN(3));
    ck_assert_str_eq(refusal(), "task a, line 4, at 10 ns: \"exit\": the task still holds a mutex; "
                                "unlock it before the end");
}
END_TEST

START_TEST(a_mutex_locked_twice_is_one_clear_line)
{
    begin("fifo", 1);
    uint32_t m = add_object(AUR_OBJECT_MUTEX, 0, "m");
    add_task("a", LOCK(m), LOCK(m));
    ck_assert_ptr_nonnull(strstr(refusal(), "task a, line 2, at 0 ns: \"lock m\": waiting here "
                                            "would close a cycle"));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        run_computes_cpu_time_and_runtime_wall_time,
        a_runtime_that_ends_while_its_task_waits_is_over_when_it_runs_again,
        steps_of_no_time_take_none,
        sleep_counts_from_now_and_until_from_the_start_of_the_run,
        a_timer_releases_at_multiples_of_its_period_from_the_start_of_its_task,
        after_an_overrun_a_relative_timer_counts_from_the_late_job,
        after_an_overrun_an_absolute_timer_catches_up_with_its_releases,
        a_job_that_ends_at_its_next_release_goes_on_at_once_in_both_modes,
        tasks_that_share_a_timer_take_its_releases_in_turn,
        a_unique_timer_is_each_instances_own,
        two_unique_timers_of_one_task_are_two,
        a_yield_lets_every_other_task_go_first_and_alone_changes_nothing,
        suspend_waits_for_a_resume_and_a_resume_before_it_is_lost,
        tasks_that_sync_take_turns,
        a_signal_wakes_one_and_a_broadcast_all_each_with_the_mutex,
        a_barrier_lets_all_go_when_the_last_has_come,
        crowds_at_a_barrier_a_condition_and_a_semaphore_all_go_on,
        a_semaphore_remembers_what_nobody_waited_for,
        a_mutex_with_inheritance_bounds_the_wait_of_the_urgent_task,
        a_change_of_policy_takes_effect_at_once,
        two_tasks_that_lock_in_opposite_order_are_one_clear_line,
        an_unlock_of_what_is_not_held_is_one_clear_line,
        a_wait_without_its_mutex_is_one_clear_line,
        an_exit_with_a_mutex_held_is_one_clear_line,
        a_mutex_locked_twice_is_one_clear_line,
    };
    return run_tests("simulated steps", tests, LENGTH(tests), setup);
}
