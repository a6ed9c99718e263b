// What things cost on the machine: each cost has exactly the effect that machine.h gives it, and
// no other. Every instant here is worked out by hand.
#include "tests/simulate_scene.h"

static void setup(void)
{
    end_scene();
}

START_TEST(a_switch_costs_the_task_switched_in)
{
    begin("fifo", 1);
    scene.inputs.machine.switch_cost_ns = 100;
    add_task("a", RUN(1000));
    add_task("b", RUN(1000), RUN(500));
    run_scene();
    expect(AT(0, 0), AT(1100, 1), AT(2700, IDLE));
    ck_assert_uint_eq(task_of(0)->run_ns, 1100);
    ck_assert_uint_eq(task_of(1)->run_ns, 1600);
    ck_assert_uint_eq(scene.result.cpus[0].busy_ns, 2700);
}
END_TEST

START_TEST(a_switch_to_idle_costs_nothing_and_a_task_that_goes_on_pays_nothing)
{
    begin("rr", 1);
    scene.inputs.machine.switch_cost_ns = 100;
    scene.inputs.scheduler.params[0] = 1 * MS;
    add_task("alone", RUN(5 * MS), SLEEP(1 * MS), RUN(5 * MS));
    run_scene();
    expect(AT(0, 0), AT(5 * MS + 100, IDLE), AT(6 * MS + 100, 0), AT(11 * MS + 200, IDLE));
}
END_TEST

START_TEST(a_preemption_in_the_middle_of_a_switch_loses_no_work_and_pays_again)
{
    begin("prio", 1);
    scene.inputs.machine.switch_cost_ns = 100;
    add_task("low", RUN(1000));
    struct aur_spec *high = add_task("high", RUN(300));
    high->kind = NICE(-5);
    high->start_ns = 40;
    run_scene();
    expect(AT(0, 0), AT(40, 1), AT(440, 0), AT(1540, IDLE));
    ck_assert_uint_eq(task_of(0)->run_ns, 40 + 1100);
}
END_TEST

START_TEST(a_preemption_in_the_middle_of_a_burst_keeps_what_is_computed)
{
    begin("prio", 1);
    scene.inputs.machine.switch_cost_ns = 100;
    add_task("low", RUN(1000));
    struct aur_spec *high = add_task("high", RUN(300));
    high->kind = NICE(-5);
    high->start_ns = 700; // low has computed 600 of its 1000
    run_scene();
    expect(AT(0, 0), AT(700, 1), AT(1100, 0), AT(1600, IDLE));
}
END_TEST

START_TEST(what_a_task_does_to_others_comes_after_its_switch)
{
    begin("fifo", 2);
    scene.inputs.machine.switch_cost_ns = 100;
    uint32_t s = add_object(AUR_OBJECT_SEMAPHORE, 0, "s");
    add_task("woken", DOWN(s), RUN(1000))->affinity = 2;
    add_task("waker", UP(s), RUN(1000))->affinity = 1;
    run_scene();
    ck_assert_uint_eq(instant(AUR_EV_DOWN, 0, 0), 100);
    ck_assert_uint_eq(instant(AUR_EV_UP, AUR_NONE, 0), 100);
    // Its DOWN and the UP are at one instant: it goes on at once, by a switch of its own.
    ck_assert_uint_eq(instant(AUR_EV_EXIT, 1, 0), 1100);
}
END_TEST

START_TEST(a_preemption_before_the_first_step_puts_it_off_whole)
{
    begin("prio", 1);
    scene.inputs.machine.switch_cost_ns = 100;
    uint32_t s = add_object(AUR_OBJECT_SEMAPHORE, 0, "s");
    add_task("low", UP(s));
    struct aur_spec *high = add_task("high", RUN(300));
    high->kind = NICE(-5);
    high->start_ns = 99;
    run_scene();
    ck_assert_uint_eq(instant(AUR_EV_UP, AUR_NONE, 0), 99 + 400 + 100);
}
END_TEST

START_TEST(wall_time_of_runtime_counts_from_the_switch)
{
    begin("fifo", 1);
    scene.inputs.machine.switch_cost_ns = 100;
    add_task("a", RUNTIME(1000), RUNTIME(1000));
    run_scene();
    expect(AT(0, 0), AT(2000, IDLE));
}
END_TEST

START_TEST(the_first_run_on_another_cpu_costs_a_migration_and_only_there)
{
    begin("fifo", 2);
    scene.inputs.machine.switch_cost_ns = 100;
    scene.inputs.machine.migration_cost_ns = 5000;
    add_task("mover", RUN(1000), CPUS(2), RUN(1000), SLEEP(1000), RUN(1000), CPUS(1), RUN(1000))
        ->affinity = 1;
    run_scene();
    expect(AT_CPU(0, 0, 0), AT_CPU(1100, IDLE, 0), AT_CPU(1100, 0, 1), // moves: 100 + 5000
           AT_CPU(7200, IDLE, 1), AT_CPU(8200, 0, 1),                  // sleeps: 100
           AT_CPU(9300, IDLE, 1), AT_CPU(9300, 0, 0),                  // moves back: 100 + 5000
           AT_CPU(15400, IDLE, 0));
    ck_assert_uint_eq(task_of(0)->migrations, 2);
}
END_TEST

START_TEST(a_task_may_be_let_go_to_every_cpu_again)
{
    begin("fifo", 2);
    add_task("hog", RUN(10 * MS))->affinity = 1;
    add_task("freed", SLEEP(1 * MS), CPUS(0), RUN(1 * MS))->affinity = 1;
    run_scene();
    // It gets the CPU it is pinned to after the hog, sleeps, is then free, and stays there.
    ck_assert_uint_eq(instant(AUR_EV_TASK_SET, 1, 0), 11 * MS);
    ck_assert_uint_eq(nth(AUR_EV_TASK_SET, 1, 0)->arg, 3);
    ck_assert_uint_eq(scene.result.end_ns, 12 * MS);
}
END_TEST

START_TEST(a_timer_is_handled_an_interrupt_latency_after_its_instant)
{
    begin("fifo", 1);
    scene.inputs.machine.interrupt_latency_ns = 7 * US;
    add_task("a", RUN(1 * MS), SLEEP(1 * MS), RUN(1 * MS));
    add_task("b", RUN(1 * MS))->start_ns = 10 * MS; // a start is no interrupt
    run_scene();
    expect(AT(0, 0), AT(1 * MS, IDLE), AT(2 * MS + 7 * US, 0), AT(3 * MS + 7 * US, IDLE),
           AT(10 * MS, 0), AT(11 * MS, IDLE)); // in the slot that the first has left
    // The sleeper asked for 2 ms: that is its release.
    ck_assert_uint_eq(scene.result.specs[0].response_ns.max, 1 * MS + 7 * US);
    ck_assert_uint_eq(scene.result.specs[0].wakeup_latency_ns.max, 0);
}
END_TEST

START_TEST(the_end_of_a_turn_is_an_interrupt_where_there_is_no_tick)
{
    begin("rr", 1);
    scene.inputs.machine.interrupt_latency_ns = 7 * US;
    scene.inputs.scheduler.params[0] = 10 * MS;
    add_task("a", RUN(15 * MS));
    add_task("b", RUN(15 * MS));
    run_scene();
    expect(AT(0, 0), AT(10 * MS + 7 * US, 1), AT(20 * MS + 14 * US, 0), AT(25 * MS + 7 * US, 1),
           AT(30 * MS, IDLE));
}
END_TEST

START_TEST(timers_expire_at_multiples_of_their_granularity)
{
    begin("fifo", 1);
    scene.inputs.machine.timer_granularity_ns = 1 * MS;
    scene.inputs.machine.interrupt_latency_ns = 3;
    add_task("between", SLEEP(2500 * US));
    add_task("on", SLEEP(4 * MS));
    run_scene();
    expect(AT(0, 0), AT(0, 1), AT(0, IDLE), AT(3 * MS + 3, 0), AT(3 * MS + 3, IDLE),
           AT(4 * MS + 3, 1), AT(4 * MS + 3, IDLE));
}
END_TEST

START_TEST(sleeps_of_normal_tasks_last_the_slack_longer)
{
    begin("fifo", 1);
    scene.inputs.machine.timer_slack_ns = 50 * US;
    add_task("normal", SLEEP(1 * MS), OWN_TIMER(3 * MS), SLEEP_UNTIL(5 * MS));
    add_task("urgent", SLEEP(1 * MS), OWN_TIMER(3 * MS))->kind = FIFO(5);
    run_scene();
    ck_assert_uint_eq(instant(AUR_ACT_WOKE, 0, 1), 1 * MS + 50 * US);
    ck_assert_uint_eq(instant(AUR_ACT_WOKE, 0, 2), 3 * MS + 50 * US);
    ck_assert_uint_eq(instant(AUR_ACT_WOKE, 0, 3), 5 * MS); // an instant, not a sleep
    ck_assert_uint_eq(instant(AUR_ACT_WOKE, 1, 1), 1 * MS);
    ck_assert_uint_eq(instant(AUR_ACT_WOKE, 1, 2), 3 * MS);
}
END_TEST

START_TEST(turns_end_at_ticks_with_a_tick_and_on_time_without)
{
    for (uint32_t tickless = 0; tickless < 2; tickless++) {
        begin("rr", 1);
        scene.inputs.machine.tick_ns = tickless ? 0 : 4 * MS;
        scene.inputs.scheduler.params[0] = 10 * MS;
        add_task("a", RUN(13 * MS));
        add_task("b", RUN(13 * MS));
        run_scene();
        if (tickless)
            expect(AT(0, 0), AT(10 * MS, 1), AT(20 * MS, 0), AT(23 * MS, 1), AT(26 * MS, IDLE));
        else
            expect(AT(0, 0), AT(12 * MS, 1), AT(24 * MS, 0), AT(25 * MS, 1), AT(26 * MS, IDLE));
        ck_assert_uint_eq(records_of(AUR_EV_TICK, AUR_NONE), tickless ? 0 : 6);
    }
}
END_TEST

START_TEST(ticks_come_at_multiples_of_their_period_while_a_cpu_is_busy_and_only_then)
{
    begin("fifo", 2);
    scene.inputs.machine.tick_ns = 4 * MS;
    add_task("a", SLEEP(5 * MS), RUN(8 * MS))->affinity = 2;
    run_scene();
    expect(AT_CPU(0, 0, 1), AT_CPU(0, IDLE, 1), AT_CPU(5 * MS, 0, 1), AT_CPU(13 * MS, IDLE, 1));
    ck_assert_uint_eq(records_of(AUR_EV_TICK, AUR_NONE), 2);
    ck_assert_uint_eq(instant(AUR_EV_TICK, AUR_NONE, 0), 8 * MS);
    ck_assert_uint_eq(instant(AUR_EV_TICK, AUR_NONE, 1), 12 * MS);
    ck_assert_uint_eq(nth(AUR_EV_TICK, AUR_NONE, 0)->cpu, 1);
}
END_TEST

START_TEST(ticks_of_all_cpus_begin_at_one_phase_that_seed_and_replication_draw)
{
    uint64_t phases[20];
    for (uint32_t variant = 0; variant < LENGTH(phases); variant++) {
        begin(variant % 2 ? "rr" : "eevdf", 1 + variant / 2 % 3);
        scene.inputs.machine.tick_ns = 4 * MS;
        scene.inputs.machine.tick_phase_ns = 3 * MS;
        scene.inputs.duration_ns = 40 * MS;
        scene.inputs.replication = variant / 10; // two phases in all
        add_task("a", SLEEP(5 * MS), LOOP(EVER), RUN(7 * MS), END)->instances = 3;
        run_scene();
        phases[variant] = instant(AUR_EV_TICK, AUR_NONE, 0) % (4 * MS);
        ck_assert_uint_lt(phases[variant], 3 * MS);
        ck_assert_uint_eq(phases[variant], phases[variant / 10 * 10]);
        uint32_t ticks = records_of(AUR_EV_TICK, AUR_NONE);
        ck_assert_uint_ge(ticks, 8 * scene.inputs.machine.cpus);
        for (uint32_t i = 0; i < ticks; i++)
            ck_assert_uint_eq(instant(AUR_EV_TICK, AUR_NONE, i) % (4 * MS), phases[variant]);
    }
    ck_assert(phases[0] != phases[10]);
}
END_TEST

START_TEST(memory_is_written_at_the_machines_rate_as_computing)
{
    begin("fifo", 1);
    scene.inputs.machine.memory_bytes_per_us = 8000;
    add_task("a", MEM(8000), MEM(4000), MEM(7), RUN(1000)); // 7 bytes: less than a nanosecond
    run_scene();
    expect(AT(0, 0), AT(2500, IDLE));
    ck_assert_uint_eq(task_of(0)->run_ns, 2500);
}
END_TEST

START_TEST(the_device_serves_one_task_at_a_time_and_no_cpu_meanwhile)
{
    begin("fifo", 2);
    scene.inputs.machine.device_bytes_per_us = 1000;
    add_task("a", IORUN(5000), RUN(1 * US))->affinity = 1;
    add_task("b", RUN(1 * US), IORUN(3000), RUN(1 * US))->affinity = 2;
    add_task("late", SLEEP(20 * US), IORUN(1000))->affinity = 2;
    run_scene();
    ck_assert_uint_eq(instant(AUR_EV_EXIT, 0, 0), 6 * US);  // served 0 to 5
    ck_assert_uint_eq(instant(AUR_EV_EXIT, 1, 0), 9 * US);  // served 5 to 8
    ck_assert_uint_eq(instant(AUR_EV_EXIT, 2, 0), 22 * US); // sleeps until 21
    ck_assert_uint_eq(task_of(0)->run_ns, 1 * US);
    ck_assert_uint_eq(task_of(1)->run_ns, 2 * US);
}
END_TEST

START_TEST(more_bytes_than_there_is_time_for_never_overflow)
{
    begin("fifo", 1);
    scene.inputs.machine.device_bytes_per_us = 1;
    scene.inputs.duration_ns = 1 * MS;
    add_task("a", IORUN((1ull << 62) - 1))->instances = 5;
    add_task("b", MEM((1ull << 62) - 1));
    run_scene();
    ck_assert_uint_eq(task_of(1)->run_ns, 1 * MS);
    for (uint32_t task = 0; task < 5; task++)
        ck_assert_uint_ge(nth(AUR_EV_BLOCK, task, 0)->arg, 1ull << 62);
    ck_assert_uint_eq(scene.result.live, 6);
}
END_TEST

START_TEST(bytes_may_be_drawn_like_times)
{
    begin("fifo", 1);
    scene.inputs.machine.memory_bytes_per_us = 1000;
    scene.inputs.machine.device_bytes_per_us = 1000;
    struct aur_distribution constant = {.kind = AUR_DISTRIBUTION_CONSTANT, .a = 7000};
    uint32_t bytes = aur_workload_add_distribution(&scene.inputs.workload, &constant);
    add_task("a", {.code = AUR_OP_MEM, .flags = AUR_OP_DRAW, .value = bytes},
             {.code = AUR_OP_IORUN, .flags = AUR_OP_DRAW, .value = bytes}, RUN(1 * US));
    run_scene();
    expect(AT(0, 0), AT(7 * US, IDLE), AT(14 * US, 0), AT(15 * US, IDLE));
}
END_TEST

START_TEST(an_affinity_without_a_cpu_of_the_machine_is_refused)
{
    begin("fifo", 2);
    add_task("pinned", RUN(1))->affinity = 4;
    ck_assert_str_eq(refusal(), "task pinned may run on CPUs that this machine does not have; it "
                                "has 2: raise machine.cpus or change \"cpus\"");
    begin("fifo", 2);
    add_task("moved", RUN(5), CPUS(12));
    ck_assert_str_eq(refusal(), "task moved, line 2, at 5 ns: \"cpus\": the affinity allows no CPU "
                                "of this machine; raise machine.cpus or change \"cpus\"");
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_switch_costs_the_task_switched_in,
        a_switch_to_idle_costs_nothing_and_a_task_that_goes_on_pays_nothing,
        a_preemption_in_the_middle_of_a_switch_loses_no_work_and_pays_again,
        a_preemption_in_the_middle_of_a_burst_keeps_what_is_computed,
        what_a_task_does_to_others_comes_after_its_switch,
        a_preemption_before_the_first_step_puts_it_off_whole,
        wall_time_of_runtime_counts_from_the_switch,
        the_first_run_on_another_cpu_costs_a_migration_and_only_there,
        a_task_may_be_let_go_to_every_cpu_again,
        a_timer_is_handled_an_interrupt_latency_after_its_instant,
        the_end_of_a_turn_is_an_interrupt_where_there_is_no_tick,
        timers_expire_at_multiples_of_their_granularity,
        sleeps_of_normal_tasks_last_the_slack_longer,
        turns_end_at_ticks_with_a_tick_and_on_time_without,
        ticks_come_at_multiples_of_their_period_while_a_cpu_is_busy_and_only_then,
        ticks_of_all_cpus_begin_at_one_phase_that_seed_and_replication_draw,
        memory_is_written_at_the_machines_rate_as_computing,
        the_device_serves_one_task_at_a_time_and_no_cpu_meanwhile,
        more_bytes_than_there_is_time_for_never_overflow,
        bytes_may_be_drawn_like_times,
        an_affinity_without_a_cpu_of_the_machine_is_refused,
    };
    return run_tests("machine costs", tests, LENGTH(tests), setup);
}
