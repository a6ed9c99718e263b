// How time passes in a run: instants, what comes first within one, forks, and the end.
#include "tests/simulate_scene.h"

static void setup(void)
{
    end_scene();
}

START_TEST(tasks_released_at_one_instant_are_switched_to_most_urgent_first_and_never_preempted)
{
    begin("prio", 1);
    add_task("low", LOOP(2), RUN(1 * MS), OWN_TIMER(10 * MS), END)->kind = NICE(10);
    add_task("mid", LOOP(2), RUN(1 * MS), OWN_TIMER(10 * MS), END)->kind = NICE(0);
    add_task("high", LOOP(2), RUN(1 * MS), OWN_TIMER(10 * MS), END)->kind = NICE(-10);
    run_scene();
    expect(AT(0, 2), AT(1 * MS, 1), AT(2 * MS, 0), AT(3 * MS, IDLE), // the first jobs
           AT(10 * MS, 2), AT(11 * MS, 1), AT(12 * MS, 0), AT(13 * MS, IDLE), AT(20 * MS, 2),
           AT(20 * MS, 1), AT(20 * MS, 0), AT(20 * MS, IDLE)); // the exits
    for (uint32_t task = 0; task < 3; task++)
        ck_assert_uint_eq(task_of(task)->preemptions, 0);
}
END_TEST

START_TEST(a_start_and_a_time_out_at_one_instant_are_one_switch)
{
    begin("prio", 1);
    add_task("low", SLEEP(10 * MS), RUN(1 * MS))->kind = NICE(10);
    add_task("high", RUN(1 * MS))->start_ns = 10 * MS;
    run_scene();
    expect(AT(0, 0), AT(0, IDLE), AT(10 * MS, 1), AT(11 * MS, 0), AT(12 * MS, IDLE));
}
END_TEST

START_TEST(work_that_ends_at_the_instant_of_a_more_urgent_release_is_not_preempted)
{
    begin("prio", 1);
    add_task("low", RUN(10 * MS))->kind = NICE(10);
    add_task("high", SLEEP(10 * MS), RUN(1 * MS))->kind = NICE(-10);
    run_scene();
    expect(AT(0, 1), AT(0, 0), AT(10 * MS, 1), AT(11 * MS, IDLE));
    ck_assert_uint_eq(task_of(0)->preemptions, 0);
    ck_assert_uint_eq(task_of(0)->turnaround_ns, 10 * MS);
}
END_TEST

START_TEST(work_that_ends_at_a_tick_is_done_before_the_tick)
{
    begin("rr", 1);
    scene.inputs.machine.tick_ns = 4 * MS;
    scene.inputs.scheduler.params[0] = 4 * MS; // the quantum
    add_task("a", RUN(4 * MS));
    add_task("b", RUN(4 * MS));
    run_scene();
    expect(AT(0, 0), AT(4 * MS, 1), AT(8 * MS, IDLE));
    ck_assert_uint_eq(task_of(0)->preemptions, 0);
}
END_TEST

START_TEST(a_block_and_a_wake_at_one_instant_leave_no_idle_time_between)
{
    begin("fifo", 1);
    uint32_t s = add_object(AUR_OBJECT_SEMAPHORE, 0, "s");
    add_task("woken", DOWN(s), RUN(1 * MS));
    add_task("waker", RUN(5 * MS), UP(s), SLEEP(5 * MS));
    run_scene();
    expect(AT(0, 0), AT(0, 1), AT(5 * MS, 0), AT(6 * MS, IDLE), AT(10 * MS, 1), AT(10 * MS, IDLE));
}
END_TEST

START_TEST(a_task_preempted_by_its_own_wake_goes_on_behind_the_wake)
{
    begin("prio", 1);
    uint32_t s = add_object(AUR_OBJECT_SEMAPHORE, 0, "s");
    add_task("high", DOWN(s), RUN(1 * MS))->kind = NICE(-10);
    add_task("low", RUN(2 * MS), UP(s), RUN(3 * MS));
    run_scene();
    expect(AT(0, 0), AT(0, 1), AT(2 * MS, 0), AT(3 * MS, 1), AT(6 * MS, IDLE));
    ck_assert_uint_eq(task_of(1)->preemptions, 1);
    ck_assert_uint_eq(task_of(1)->run_ns, 5 * MS);
    ck_assert_uint_eq(task_of(1)->resume_wait_ns, 1 * MS);
}
END_TEST

START_TEST(many_sleepers_wake_at_one_instant_before_anyone_is_dispatched)
{
    begin("prio", 1);
    struct aur_spec *spec = add_task("low", SLEEP(1 * MS), RUN(1 * US));
    spec->instances = 100; // more than one step of the core wakes
    spec->kind = NICE(5);
    add_task("high", SLEEP(1 * MS), RUN(1 * US))->kind = NICE(-5);
    run_scene();
    ck_assert_uint_eq(instant(AUR_EV_EXIT, 100, 0), 1 * MS + 1 * US);
    ck_assert_uint_eq(instant(AUR_EV_EXIT, 0, 0), 1 * MS + 2 * US);
    ck_assert_uint_eq(instant(AUR_EV_EXIT, 99, 0), 1 * MS + 101 * US);
    ck_assert_uint_eq(scene.result.end_ns, 1 * MS + 101 * US);
}
END_TEST

START_TEST(a_run_ends_at_its_duration_and_events_of_that_instant_do_not_happen)
{
    begin("fifo", 2);
    scene.inputs.duration_ns = 7 * MS;
    scene.inputs.workload.duration_ns = 3 * MS; // that of the inputs holds
    add_task("hog", LOOP(EVER), RUN(2 * MS), END);
    add_task("late", SLEEP_UNTIL(7 * MS), RUN(1 * MS));
    run_scene();
    ck_assert_uint_eq(scene.result.end_ns, 7 * MS);
    ck_assert_uint_eq(task_of(0)->run_ns, 7 * MS);
    ck_assert_uint_eq(task_of(1)->run_ns, 0);
    ck_assert_uint_eq(task_of(1)->wakeups, 0);
    ck_assert_uint_eq(scene.result.live, 2);
}
END_TEST

START_TEST(a_run_whose_tasks_end_early_still_lasts_its_duration)
{
    begin("fifo", 1);
    scene.inputs.workload.duration_ns = 9 * MS;
    add_task("short", RUN(2 * MS));
    run_scene();
    ck_assert_uint_eq(scene.result.end_ns, 9 * MS);
    ck_assert_uint_eq(scene.result.cpus[0].idle_ns, 7 * MS);
    ck_assert_uint_eq(scene.result.live, 0);
}
END_TEST

START_TEST(a_run_without_a_duration_ends_when_the_last_task_has_exited)
{
    begin("fifo", 1);
    scene.inputs.machine.tick_ns = 1 * MS;
    add_task("a", RUN(2500 * US));
    add_task("b", RUN(1 * MS))->start_ns = 6 * MS;
    run_scene();
    ck_assert_uint_eq(scene.result.end_ns, 7 * MS);
    ck_assert_uint_eq(scene.result.live, 0);
}
END_TEST

START_TEST(a_run_in_which_all_wait_for_ever_ends_at_its_last_event)
{
    begin("fifo", 1);
    uint32_t s = add_object(AUR_OBJECT_SEMAPHORE, 0, "s");
    add_task("waiter", RUN(3 * MS), DOWN(s));
    run_scene();
    ck_assert_uint_eq(scene.result.end_ns, 3 * MS);
    ck_assert_uint_eq(scene.result.live, 1);
    ck_assert_uint_eq(task_of(0)->turnaround_ns, 0);
}
END_TEST

START_TEST(a_time_that_never_ends_is_cut_off_before_it_overflows)
{
    begin("fifo", 1);
    add_task("a", LOOP(EVER), SLEEP((1ull << 62) - 1), END);
    run_scene();
    ck_assert_uint_eq(scene.result.live, 1);
    ck_assert_uint_lt(scene.result.end_ns, 1ull << 62);
}
END_TEST

START_TEST(forked_tasks_are_summed_and_their_slots_are_used_again)
{
    begin("fifo", 1);
    add_task("parent", LOOP(3), FORK(1), SLEEP(10 * MS), END);
    add_task("child", RUN(2 * MS))->instances = 0;
    run_scene();
    expect(AT(0, 0), AT(0, 1), AT(2 * MS, IDLE), AT(10 * MS, 0), AT(10 * MS, 1), AT(12 * MS, IDLE),
           AT(20 * MS, 0), AT(20 * MS, 1), AT(22 * MS, IDLE), AT(30 * MS, 0), AT(30 * MS, IDLE));
    const struct aur_task_result *child = forked_of(1);
    ck_assert_uint_eq(child->run_ns, 6 * MS);
    ck_assert_uint_eq(child->switches, 3);
    ck_assert_uint_eq(child->jobs, 3);
    ck_assert_uint_eq(child->turnaround_ns, 6 * MS);
    ck_assert_uint_eq(child->exits, 3);
    ck_assert_uint_eq(scene.result.live, 0);
    ck_assert_uint_eq(task_of(0)->turnaround_ns, 30 * MS);
}
END_TEST

START_TEST(a_fork_before_a_delayed_start_does_not_take_its_place)
{
    begin("fifo", 1);
    add_task("parent", FORK(1));
    add_task("child", RUN(2 * MS))->start_ns = 50 * MS;
    run_scene();
    ck_assert_uint_eq(forked_of(1)->run_ns, 2 * MS);
    ck_assert_uint_eq(forked_of(1)->turnaround_ns, 2 * MS); // from the fork at 0
    ck_assert_uint_eq(task_of(1)->run_ns, 2 * MS);
    ck_assert_uint_eq(task_of(1)->turnaround_ns, 2 * MS);
    ck_assert_uint_eq(scene.result.end_ns, 52 * MS);
}
END_TEST

struct made {
    uint32_t spec, instance;
    uint64_t at_ns;
};

static struct made made[16];
static uint32_t made_count;

static void note_made(void *context, uint32_t task, uint32_t spec, uint32_t instance,
                      uint64_t now_ns)
{
    (void)context;
    (void)task;
    made[made_count++] = (struct made){spec, instance, now_ns};
}

START_TEST(the_host_is_told_of_every_task_and_forks_count_on_from_the_instances)
{
    struct aur_simulate_options options = {.made = note_made};
    made_count = 0;
    begin("fifo", 1);
    add_task("parent", FORK(1), RUN(10 * MS), FORK(1));
    struct aur_spec *child = add_task("child", RUN(1 * MS));
    child->instances = 2;
    child->start_ns = 5 * MS;
    ck_assert(aur_simulate(&scene.inputs, &options, &scene.result, &scene.failure));
    static const struct made all[] = {
        {0, 0, 0}, {1, 2, 0}, {1, 0, 5 * MS}, {1, 1, 5 * MS}, {1, 3, 10 * MS}};
    ck_assert_uint_eq(made_count, LENGTH(all));
    for (uint32_t i = 0; i < made_count; i++)
        ck_assert_msg(made[i].spec == all[i].spec && made[i].instance == all[i].instance &&
                          made[i].at_ns == all[i].at_ns,
                      "task %u is instance %u of spec %u", i, made[i].instance, made[i].spec);
}
END_TEST

START_TEST(a_fork_loop_that_does_not_end_is_refused)
{
    begin("fifo", 1);
    add_task("bomb", LOOP(EVER), FORK(1), RUN(1 * US), END);
    add_task("child", SLEEP(1ull << 60))->instances = 0;
    ck_assert_str_eq(refusal(), "task child cannot be started: 16385 tasks are alive; does a fork "
                                "loop not end?");
}
END_TEST

START_TEST(tasks_that_wake_each_other_in_no_time_for_ever_are_refused)
{
    begin("fifo", 1);
    uint32_t a = add_object(AUR_OBJECT_SEMAPHORE, 1, "a");
    uint32_t b = add_object(AUR_OBJECT_SEMAPHORE, 0, "b");
    add_task("ping", LOOP(EVER), DOWN(a), UP(b), LOOP(1000), RUN(0), END, END);
    add_task("pong", LOOP(EVER), DOWN(b), UP(a), LOOP(1000), RUN(0), END, END);
    ck_assert_ptr_nonnull(strstr(refusal(), "executes without time passing since 0 ns"));
}
END_TEST

// Each turn of the circle lets a hog begin to compute, which is not time passing.
START_TEST(a_circle_of_wakes_above_computing_tasks_is_refused_too)
{
    begin("prio", 2);
    uint32_t a = add_object(AUR_OBJECT_SEMAPHORE, 1, "a");
    uint32_t b = add_object(AUR_OBJECT_SEMAPHORE, 0, "b");
    struct aur_spec *spec =
        add_task("ping", LOOP(EVER), DOWN(a), UP(b), LOOP(1000), RUN(0), END, END);
    spec->kind = NICE(-10);
    spec->affinity = 1;
    spec = add_task("pong", LOOP(EVER), DOWN(b), UP(a), LOOP(1000), RUN(0), END, END);
    spec->kind = NICE(-10);
    spec->affinity = 2;
    spec = add_task("hog", RUN(1 * MS));
    spec->instances = 2;
    ck_assert_ptr_nonnull(strstr(refusal(), "executes without time passing since 0 ns"));
}
END_TEST

START_TEST(many_steps_are_no_circle_as_long_as_time_passes)
{
    begin("fifo", 1);
    add_task("sleeper", LOOP(11000), SLEEP(1 * US), LOOP(1000), RUN(0), END, END);
    run_scene();
    ck_assert_uint_eq(scene.result.end_ns, 11 * MS);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        tasks_released_at_one_instant_are_switched_to_most_urgent_first_and_never_preempted,
        a_start_and_a_time_out_at_one_instant_are_one_switch,
        work_that_ends_at_the_instant_of_a_more_urgent_release_is_not_preempted,
        work_that_ends_at_a_tick_is_done_before_the_tick,
        a_block_and_a_wake_at_one_instant_leave_no_idle_time_between,
        a_task_preempted_by_its_own_wake_goes_on_behind_the_wake,
        many_sleepers_wake_at_one_instant_before_anyone_is_dispatched,
        a_run_ends_at_its_duration_and_events_of_that_instant_do_not_happen,
        a_run_whose_tasks_end_early_still_lasts_its_duration,
        a_run_without_a_duration_ends_when_the_last_task_has_exited,
        a_run_in_which_all_wait_for_ever_ends_at_its_last_event,
        a_time_that_never_ends_is_cut_off_before_it_overflows,
        forked_tasks_are_summed_and_their_slots_are_used_again,
        a_fork_before_a_delayed_start_does_not_take_its_place,
        the_host_is_told_of_every_task_and_forks_count_on_from_the_instances,
        a_fork_loop_that_does_not_end_is_refused,
        tasks_that_wake_each_other_in_no_time_for_ever_are_refused,
        a_circle_of_wakes_above_computing_tasks_is_refused_too,
        many_steps_are_no_circle_as_long_as_time_passes,
    };
    return run_tests("simulate", tests, LENGTH(tests), setup);
}
