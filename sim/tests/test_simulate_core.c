// What the simulator tells the core beside tasks and objects: groups, CPUs that go off, demands,
// and the timing of fixed priorities. Instants are worked out by hand.
#include "tests/simulate_scene.h"

static void setup(void)
{
    end_scene();
}

static uint32_t add_group(const char *path, uint32_t parent, uint32_t weight)
{
    struct aur_group_spec group = {.name = aur_workload_add_name(&scene.inputs.workload, path),
                                   .parent = parent,
                                   .weight = weight};
    return aur_workload_add_group(&scene.inputs.workload, &group) + 1;
}

static double share_of_group(uint32_t number)
{
    return 100 * (double)scene.result.groups[number - 1].run_ns / (double)scene.result.end_ns;
}

// --- groups --------------------------------------------------------------------------------------

START_TEST(groups_share_a_cpu_by_their_weights_whatever_is_in_them)
{
    begin("eevdf", 1);
    scene.inputs.machine.tick_ns = 4 * MS;
    uint32_t x = add_group("/x", 0, 300), y = add_group("/y", 0, 100);
    uint32_t z = add_group("/y/z", y, 300);
    add_task("one", LOOP(EVER), RUN(3 * MS), END)->group = x;
    struct aur_spec *many = add_task("many", LOOP(EVER), RUN(3 * MS), END);
    many->group = y;
    many->instances = 3;
    add_task("inner", LOOP(EVER), RUN(3 * MS), END)->group = z;
    scene.inputs.duration_ns = 20000 * MS;
    run_scene();
    // /x 300 against /y 100; in /y three tasks of 100 each against /y/z of 300.
    ck_assert_double_eq_tol(share_of_group(x), 75, 0.2);
    ck_assert_double_eq_tol(share_of_group(y), 25, 0.2);
    ck_assert_double_eq_tol(share_of_group(z), 12.5, 0.2);
    ck_assert_uint_eq(scene.result.groups[x - 1].run_ns, task_of(0)->run_ns);
    ck_assert_uint_eq(scene.result.groups[z - 1].run_ns, task_of(2)->run_ns);
    ck_assert_uint_eq(scene.result.groups[x - 1].run_ns + scene.result.groups[y - 1].run_ns,
                      scene.inputs.duration_ns);
}
END_TEST

START_TEST(a_task_moves_to_another_group_where_its_program_says_so)
{
    begin("eevdf", 1);
    uint32_t x = add_group("/x", 0, 0), y = add_group("/y", 0, 0);
    add_task("mover", RUN(3 * MS), GROUP(y), RUN(5 * MS), GROUP(0), RUN(7 * MS))->group = x;
    run_scene();
    ck_assert_uint_eq(scene.result.groups[x - 1].run_ns, 3 * MS);
    ck_assert_uint_eq(scene.result.groups[y - 1].run_ns, 5 * MS);
    ck_assert_uint_eq(task_of(0)->run_ns, 15 * MS);
}
END_TEST

START_TEST(a_forked_task_starts_in_the_group_of_its_parent)
{
    begin("eevdf", 1);
    uint32_t x = add_group("/x", 0, 0), y = add_group("/y", 0, 0);
    add_task("parent", FORK(1), FORK(2), SLEEP(1 * MS))->group = x;
    add_task("child", RUN(3 * MS))->instances = 0;
    struct aur_spec *other = add_task("other", RUN(4 * MS));
    other->instances = 0;
    other->group = y;
    run_scene();
    ck_assert_uint_eq(scene.result.groups[x - 1].run_ns, 3 * MS);
    ck_assert_uint_eq(scene.result.groups[y - 1].run_ns, 4 * MS);
}
END_TEST

START_TEST(the_warm_up_is_taken_off_what_groups_had)
{
    begin("eevdf", 1);
    uint32_t x = add_group("/x", 0, 0);
    add_task("task", RUN(10 * MS))->group = x;
    scene.inputs.warmup_ns = 4 * MS;
    run_scene();
    ck_assert_uint_eq(scene.result.groups[x - 1].run_ns, 6 * MS);
}
END_TEST

START_TEST(a_group_runs_for_its_quota_in_each_period)
{
    begin("eevdf", 1);
    uint32_t x = add_group("/x", 0, 0);
    scene.inputs.workload.groups[0].quota_ns = 20 * MS;
    scene.inputs.workload.groups[0].period_ns = 50 * MS;
    add_task("hog", RUN(60 * MS))->group = x;
    run_scene();
    const struct aur_group_result *group = &scene.result.groups[0];
    ck_assert_uint_eq(group->run_ns, 60 * MS);
    ck_assert_uint_ge(group->throttlings, 2);
    // 20 ms at 0, 50 and 100 ms, but that the end of its quota may be seen late.
    ck_assert_uint_le(scene.result.end_ns, 120 * MS);
    ck_assert_uint_ge(scene.result.end_ns, 110 * MS);
    ck_assert_uint_eq(scene.result.end_ns - group->run_ns, task_of(0)->wait_ns);
}
END_TEST

START_TEST(a_class_that_knows_no_groups_is_refused_them_in_one_line)
{
    begin("rr", 1);
    add_task("task", RUN(1 * MS))->group = add_group("/x", 0, 0);
    const char *text = refusal();
    ck_assert_msg(strstr(text, "scheduler rr knows no task groups, but the workload has \"/x\": "
                               "choose "),
                  "%s", text);
}
END_TEST

// --- CPUs that go off ----------------------------------------------------------------------------

static void add_outage(uint32_t cpu, uint64_t from_ns, uint64_t to_ns)
{
    scene.inputs.outages[scene.inputs.outage_count++] = (struct aur_outage){cpu, 0, from_ns, to_ns};
}

START_TEST(what_ran_on_a_cpu_that_goes_off_goes_on_elsewhere)
{
    begin("fifo", 2);
    add_outage(1, 4 * MS, 10 * MS);
    add_task("stays", RUN(10 * MS))->affinity = 1;
    add_task("moves", RUN(10 * MS))->affinity = 3;
    run_scene();
    // From 4 ms on the second waits for the first, which ends at 10 ms, when CPU 1 is back.
    ck_assert_uint_eq(scene.result.cpus[1].offline_ns, 6 * MS);
    ck_assert_uint_eq(task_of(1)->run_ns, 10 * MS);
    ck_assert_uint_eq(task_of(1)->wait_ns, 6 * MS);
    ck_assert_uint_eq(scene.result.end_ns, 16 * MS);
    for (size_t i = 0; i < scene.count; i++)
        if (scene.records[i].kind == AUR_ACT_RUN && scene.records[i].task != AUR_NONE)
            ck_assert(scene.records[i].cpu == 0 || scene.records[i].now_ns < 4 * MS ||
                      scene.records[i].now_ns >= 10 * MS);
}
END_TEST

START_TEST(no_tick_and_no_timer_comes_to_a_cpu_that_is_off)
{
    begin("eevdf", 2);
    scene.inputs.machine.tick_ns = 1 * MS;
    add_outage(0, 3500 * US, 20500 * US);
    add_task("sleeper", LOOP(EVER), RUN(100 * US), SLEEP(900 * US), END)->instances = 5;
    scene.inputs.duration_ns = 40 * MS;
    run_scene();
    uint32_t before = 0, after = 0;
    for (size_t i = 0; i < scene.count; i++) {
        const struct aur_record *record = &scene.records[i];
        if (record->cpu != 0 || (record->kind != AUR_EV_TICK && record->kind != AUR_EV_TIMER))
            continue;
        ck_assert(record->now_ns <= 3500 * US || record->now_ns >= 20500 * US);
        before += record->now_ns < 3500 * US;
        after += record->now_ns > 20500 * US;
    }
    ck_assert(before > 0 && after > 0);
    // Everybody woke in time although the CPU of its timer went off.
    for (uint32_t i = 0; i < scene.result.task_count; i++)
        if (scene.result.tasks[i].instance != AUR_NONE)
            ck_assert_uint_ge(scene.result.tasks[i].wakeups, 27);
}
END_TEST

START_TEST(a_cpu_that_is_off_from_the_beginning_never_runs_a_task)
{
    begin("rr", 3);
    add_outage(0, 0, AUR_NEVER_NS);
    add_task("hog", LOOP(EVER), RUN(1 * MS), END)->instances = 4;
    scene.inputs.duration_ns = 50 * MS;
    run_scene();
    ck_assert_uint_eq(scene.result.cpus[0].busy_ns, 0);
    ck_assert_uint_eq(scene.result.cpus[0].offline_ns, 50 * MS);
    ck_assert_uint_eq(scene.result.cpus[1].busy_ns + scene.result.cpus[2].busy_ns, 100 * MS);
}
END_TEST

START_TEST(a_task_whose_cpus_are_all_off_is_refused_in_words)
{
    begin("rr", 2);
    add_outage(1, 0, 5 * MS);
    add_task("task", RUN(1 * MS))->affinity = 2;
    const char *text = refusal();
    ck_assert_msg(strstr(text, "task task may run only on CPUs that are off when it starts, at 0 "
                               "ns: change \"cpus\" or machine.offline"),
                  "%s", text);
}
END_TEST

// --- demands -------------------------------------------------------------------------------------

// The demand that was told of a task for the n-th time (from 0).
static uint64_t demand(uint32_t task, uint32_t n)
{
    for (size_t i = 0; i < scene.count; i++) {
        const struct aur_record *record = &scene.records[i];
        if (record->kind == AUR_EV_TASK_SET && record->object == AUR_ATTR_DEMAND_NS &&
            record->task == task && n-- == 0)
            return record->arg;
    }
    return 0;
}

START_TEST(a_demand_is_all_that_is_computed_until_the_task_gives_up_its_cpu)
{
    begin("sjf", 1);
    uint32_t m = add_object(AUR_OBJECT_MUTEX, 0, "m");
    add_task("task", LOOP(2), RUN(2 * MS), LOCK(m), RUN(3 * MS), UNLOCK(m), SLEEP(1 * MS),
             MEM(8000000), RUNTIME(4 * MS), OWN_TIMER(50 * MS), END, RUN(7 * MS));
    run_scene();
    const uint64_t told[] = {5 * MS, 5 * MS, 5 * MS, 5 * MS, 7 * MS, 0};
    for (uint32_t i = 0; i < LENGTH(told); i++)
        ck_assert_msg(demand(0, i) == told[i], "%u: %" PRIu64, i, demand(0, i));
}
END_TEST

START_TEST(a_task_that_never_gives_up_its_cpu_has_a_demand_for_each_turn_of_its_loop)
{
    begin("srtf", 1);
    add_task("hog", LOOP(3), RUN(2 * MS), RUN(1 * MS), END);
    run_scene();
    const uint64_t told[] = {3 * MS, 3 * MS, 3 * MS};
    for (uint32_t i = 0; i < LENGTH(told); i++)
        ck_assert_uint_eq(demand(0, i), told[i]);
}
END_TEST

START_TEST(a_demand_that_is_drawn_is_what_is_then_computed)
{
    begin("sjf", 1);
    uint32_t burst = add_exponential(1e6), pause = add_exponential(3e6);
    add_task("task", LOOP(200), RUN_DRAW(burst), SLEEP_DRAW(pause), RUN_DRAW(burst),
             SLEEP_DRAW(pause), END);
    run_scene();
    uint64_t from_ns = 0;
    uint32_t bursts = 0;
    for (size_t i = 0; i < scene.count; i++) {
        const struct aur_record *record = &scene.records[i];
        if (record->kind == AUR_ACT_RUN && record->task == 0)
            from_ns = record->now_ns;
        if (record->kind == AUR_EV_BLOCK)
            ck_assert_uint_eq(record->now_ns - from_ns, demand(0, bursts++));
    }
    ck_assert_uint_eq(bursts, 400);
}
END_TEST

START_TEST(the_shortest_burst_is_served_first)
{
    begin("sjf", 1);
    add_task("first", RUN(3 * MS));
    add_task("long", RUN(9 * MS))->start_ns = 1;
    add_task("short", RUN(2 * MS))->start_ns = 2;
    add_task("middle", RUN(5 * MS))->start_ns = 3;
    run_scene();
    expect(AT(0, 0), AT(3 * MS, 2), AT(5 * MS, 3), AT(10 * MS, 1), AT(19 * MS, IDLE));
}
END_TEST

START_TEST(other_classes_are_not_told_of_demands)
{
    begin("eevdf", 1);
    add_task("task", RUN(3 * MS), SLEEP(1 * MS), RUN(2 * MS));
    run_scene();
    ck_assert_uint_eq(records_of(AUR_EV_TASK_SET, AUR_NONE), 0);
}
END_TEST

// --- fixed priorities ----------------------------------------------------------------------------

START_TEST(the_core_knows_the_timing_of_a_fixed_priority_task_before_it_starts)
{
    begin("rr", 1);
    struct aur_spec *spec = add_task("task", RUN(1 * MS));
    spec->kind = FIFO(5);
    spec->dl_runtime_ns = 1 * MS;
    spec->dl_deadline_ns = 8 * MS;
    spec->dl_period_ns = 10 * MS;
    run_scene();
    uint64_t told[AUR_ATTR_COUNT] = {0};
    for (size_t i = 0; i < scene.count && scene.records[i].kind != AUR_EV_TASK_START; i++)
        if (scene.records[i].kind == AUR_EV_TASK_SET)
            told[scene.records[i].object] = scene.records[i].arg;
    ck_assert_uint_eq(told[AUR_ATTR_DL_RUNTIME_NS], 1 * MS);
    ck_assert_uint_eq(told[AUR_ATTR_DL_DEADLINE_NS], 8 * MS);
    ck_assert_uint_eq(told[AUR_ATTR_DL_PERIOD_NS], 10 * MS);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        groups_share_a_cpu_by_their_weights_whatever_is_in_them,
        a_task_moves_to_another_group_where_its_program_says_so,
        a_forked_task_starts_in_the_group_of_its_parent,
        the_warm_up_is_taken_off_what_groups_had,
        a_group_runs_for_its_quota_in_each_period,
        a_class_that_knows_no_groups_is_refused_them_in_one_line,
        what_ran_on_a_cpu_that_goes_off_goes_on_elsewhere,
        no_tick_and_no_timer_comes_to_a_cpu_that_is_off,
        a_cpu_that_is_off_from_the_beginning_never_runs_a_task,
        a_task_whose_cpus_are_all_off_is_refused_in_words,
        a_demand_is_all_that_is_computed_until_the_task_gives_up_its_cpu,
        a_task_that_never_gives_up_its_cpu_has_a_demand_for_each_turn_of_its_loop,
        a_demand_that_is_drawn_is_what_is_then_computed,
        the_shortest_burst_is_served_first,
        other_classes_are_not_told_of_demands,
        the_core_knows_the_timing_of_a_fixed_priority_task_before_it_starts,
    };
    return run_tests("simulator and core", tests, LENGTH(tests), setup);
}
