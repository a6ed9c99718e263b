// Where a task wakes, is forked and is moved to, in cases worked out by hand from Linux 6.18's
// kernel/sched/fair.c: wake_affine_idle, wake_affine_weight, wake_wide, select_idle_sibling,
// sched_balance_find_dst_group, sched_balance_newidle and calculate_imbalance. A task of nice 0 has
// a load of 1024, and staying has half of the 17 % that loads may differ in its favour: 108 %.
#include "lib/load.h"
#include "tests/scene.h"

#define TICK (4 * MILLISECOND)

static void block(uint32_t task)
{
    host_by(&host, AUR_EV_BLOCK, task, 0, 0, AUR_NEVER_NS);
    host_settle(&host);
}

static void wake(uint32_t task, uint32_t waker_cpu, uint32_t flags)
{
    host_event(&host, AUR_EV_WAKE, waker_cpu, task, 0, flags, 0);
    host_settle(&host);
}

static void set_affinity(uint32_t task, uint64_t mask)
{
    host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_AFFINITY, 0, mask);
}

// A task that blocked on `cpu` and may wake anywhere.
static uint32_t sleeper(uint32_t cpu)
{
    uint32_t task = host_spawn(&host, OTHER(0), 1ull << cpu);
    host_settle(&host);
    while (!host_runs(&host, task))
        scene_pass(MILLISECOND);
    block(task);
    set_affinity(task, ANYWHERE);
    return task;
}

static void pin(uint32_t cpu, int nice, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        host_spawn(&host, OTHER(nice), 1ull << cpu);
    host_settle(&host);
}

// Where a sleeper of CPU 1 wakes when a task on CPU 0 wakes it, with so many tasks on each.
static uint32_t woken_on(uint32_t here, uint32_t there, int nice_there, uint32_t flags)
{
    scene("eevdf", 2, TICK);
    uint32_t task = sleeper(1);
    pin(0, 0, here);
    pin(1, nice_there, there);
    wake(task, 0, flags);
    uint32_t cpu = host.tasks[task].cpu;
    scene_close();
    return cpu;
}

START_TEST(a_wake_stays_unless_the_wakers_cpu_would_have_clearly_less_load)
{
    // (1024 + 1024) * 100 against 1024 * 108.
    ck_assert_uint_eq(woken_on(1, 1, 0, 0), 1);
    // 204800 against 2 * 1024 * 108 = 221184.
    ck_assert_uint_eq(woken_on(1, 2, 0, 0), 0);
    // (2048 + 1024) * 100 = 307200 against 221184, and against 3 * 1024 * 108 = 331776.
    ck_assert_uint_eq(woken_on(2, 2, 0, 0), 1);
    ck_assert_uint_eq(woken_on(2, 3, 0, 0), 0);
    // nice -2 has 1586, * 108 = 171288; nice -3 has 1991, * 108 = 215028.
    ck_assert_uint_eq(woken_on(1, 1, -2, 0), 1);
    ck_assert_uint_eq(woken_on(1, 1, -3, 0), 0);
}
END_TEST

START_TEST(a_waker_that_is_alone_and_about_to_block_draws_the_woken_to_its_cpu)
{
    ck_assert_uint_eq(woken_on(1, 1, 0, AUR_WAKE_SYNC), 0);
    // Two there: the load is counted as if the waker were gone: 2048 * 100 against 1024 * 108.
    ck_assert_uint_eq(woken_on(2, 1, 0, AUR_WAKE_SYNC), 1);
    // 204800 against 221184.
    ck_assert_uint_eq(woken_on(2, 2, 0, AUR_WAKE_SYNC), 0);
}
END_TEST

START_TEST(an_idle_cpu_comes_first_its_own_before_the_wakers_before_the_next_ones)
{
    ck_assert_uint_eq(woken_on(1, 0, 0, 0), 1);
    ck_assert_uint_eq(woken_on(0, 0, 0, 0), 1);
    ck_assert_uint_eq(woken_on(0, 1, 0, 0), 0);
    ck_assert_uint_eq(woken_on(1, 0, 0, AUR_WAKE_SYNC), 1);

    // Neither is idle: the first idle one behind the CPU that was chosen.
    scene("eevdf", 4, TICK);
    uint32_t task = sleeper(2);
    pin(2, 0, 1);
    pin(0, 0, 1);
    wake(task, 0, 0);
    ck_assert_uint_eq(host.tasks[task].cpu, 3);
    scene_close();
}
END_TEST

START_TEST(a_waker_of_many_who_wake_others_themselves_does_not_draw_them_near)
{
    // On two CPUs: the one with fewer changes of wakee has 2 or more, the other twice as many.
    for (uint32_t changes = 1; changes <= 2; changes++) {
        scene("eevdf", 2, TICK);
        uint32_t task = sleeper(1), others[2] = {sleeper(1), sleeper(1)};
        set_affinity(others[0], 1u << 1);
        set_affinity(others[1], 1u << 1);
        set_affinity(task, 1u << 1);
        wake(task, 0, 0);
        for (uint32_t i = 0; i < changes; i++)
            host_event(&host, AUR_EV_WAKE, 1, others[i], 0, 0, 0);
        scene_pass(40 * MILLISECOND);
        while (!host_runs(&host, task))
            scene_pass(MILLISECOND);
        block(task);
        set_affinity(task, ANYWHERE);
        pin(1, 0, 3);
        pin(0, 0, 1);
        // The waker on CPU 0 wakes others in turn: they are awake, then asleep on their CPU.
        uint32_t many[5];
        for (uint32_t i = 0; i < 5; i++) {
            many[i] = host_spawn(&host, OTHER(0), 1u << 1);
            scene_pass(20 * MILLISECOND);
            while (!host_runs(&host, many[i]))
                scene_pass(MILLISECOND);
            block(many[i]);
        }
        for (uint32_t i = 0; i < 5; i++)
            host_event(&host, AUR_EV_WAKE, 0, many[i], 0, 0, 0);
        wake(task, 0, 0);
        // One change of the woken's: drawn to the lighter CPU 0. Two: left where it was.
        ck_assert_uint_eq(host.tasks[task].cpu, changes == 1 ? 0 : 1);
        scene_close();
    }
}
END_TEST

START_TEST(a_load_average_is_the_weight_after_long_and_half_of_it_32_periods_later)
{
    const uint64_t period_ns = 1024 * 1024;
    struct aur_load load = {0};
    aur_load_update(&load, 3000 * period_ns + 12345, 1024);
    MUST_BE_WITHIN(aur_load_average(load, 3000 * period_ns + 12345, 1024), 1023, 1025);
    uint64_t last = 1024;
    for (uint32_t n = 1; n <= 10; n++) {
        uint64_t now_ns = (3000 + 32 * n) * period_ns + 12345;
        uint64_t average = aur_load_average(load, now_ns, 0);
        MUST_BE_WITHIN(average + 2, last / 2, last / 2 + 4);
        last = average;
    }
    ck_assert_uint_eq(aur_load_average(load, 10000 * period_ns, 0), 0);
    // In small steps it is the same, up to rounding down once a step.
    struct aur_load steps = {0}, whole = {0};
    for (uint64_t ns = 0; ns <= 100 * MILLISECOND; ns += 300 * MICROSECOND)
        aur_load_update(&steps, ns, 2048);
    aur_load_update(&whole, 100 * MILLISECOND - 100 * MICROSECOND, 2048);
    uint64_t at_ns = 100 * MILLISECOND;
    MUST_BE_WITHIN(aur_load_average(steps, at_ns, 2048), 2 * 885, 2 * 905); // 1 - 0.5^(97.7/32)
    MUST_BE_WITHIN(aur_load_average(whole, at_ns, 2048), aur_load_average(steps, at_ns, 2048) - 2,
                   aur_load_average(steps, at_ns, 2048) + 2);
}
END_TEST

START_TEST(with_averages_a_cpu_that_was_crowded_until_now_still_counts_as_such)
{
    // Four tasks shared CPU 0 for a second and all but the waker block at once: who is runnable
    // says that both CPUs have one task, the average that CPU 0 has four.
    for (uint64_t averages = 0; averages <= 1; averages++) {
        struct aur_config config = scene_config("rr", 2, TICK);
        config.load_average = averages;
        scene_open(&config);
        uint32_t crowd[3], task;
        for (uint32_t i = 0; i < 3; i++)
            crowd[i] = host_spawn(&host, OTHER(0), 1);
        pin(0, 0, 1);
        task = host_spawn(&host, OTHER(0), 2);
        pin(1, 0, 2);
        scene_pass(SECOND);
        while (!host_runs(&host, task))
            scene_pass(MILLISECOND);
        block(task);
        set_affinity(task, ANYWHERE);
        for (uint32_t i = 0; i < 3; i++) {
            while (!host_runs(&host, crowd[i]))
                scene_pass(MILLISECOND);
            block(crowd[i]);
        }
        wake(task, 0, 0); // 1 against 2 just now; 4 against 2 and its own third on average
        ck_assert_uint_eq(host.tasks[task].cpu, averages);
        scene_close();
    }
}
END_TEST

// Where a sleeper of CPU 1 wakes that was on CPU `before` before that, with a task on CPU 1 and,
// until this instant, one on CPU 0: for a second, or so short that nobody has counted yet.
static uint32_t woken_beside_idle(uint64_t averages, uint32_t before, uint64_t busy_ns)
{
    struct aur_config config = scene_config("eevdf", 2, TICK);
    config.load_average = averages;
    config.balance_ns = 64 * MILLISECOND;
    scene_open(&config);
    uint32_t task = sleeper(before);
    set_affinity(task, 2);
    host_event(&host, AUR_EV_WAKE, 1, task, 0, 0, 0);
    host_settle(&host);
    block(task);
    set_affinity(task, ANYWHERE);
    uint32_t leaves = host_spawn(&host, OTHER(0), 1);
    pin(1, 0, 1);
    scene_pass(busy_ns);
    block(leaves);
    wake(task, 1, 0);
    uint32_t cpu = host.tasks[task].cpu;
    scene_close();
    return cpu;
}

// update_idle_cpu_scan: of two CPUs none is looked at if each was used by more than 60.4 % on
// average, sqrt(0.5) / 1.17.
START_TEST(a_wake_looks_for_an_idle_cpu_only_if_cpus_were_idle_enough_on_average)
{
    ck_assert_uint_eq(woken_beside_idle(0, 1, SECOND), 0);
    ck_assert_uint_eq(woken_beside_idle(1, 1, SECOND), 1);
    ck_assert_uint_eq(woken_beside_idle(1, 1, MILLISECOND), 0);
}
END_TEST

// select_idle_sibling, recent_used_cpu.
START_TEST(a_task_goes_back_to_the_idle_cpu_where_it_was_before_without_looking)
{
    ck_assert_uint_eq(woken_beside_idle(1, 0, SECOND), 0);
}
END_TEST

// Where a task made on CPU 1 starts, with so many tasks on each of two CPUs.
static uint32_t started_on(uint32_t cpu0, uint32_t cpu1, int nice1)
{
    scene("eevdf", 2, TICK);
    pin(0, 0, cpu0);
    pin(1, nice1, cpu1);
    host_event(&host, AUR_EV_TASK_NEW, 1, AUR_NONE, OTHER(0), 0, ANYWHERE);
    uint32_t task = host.made;
    host_event(&host, AUR_EV_TASK_START, 1, task, 0, 0, 0);
    host_settle(&host);
    uint32_t cpu = host.tasks[task].cpu;
    scene_close();
    return cpu;
}

START_TEST(a_new_task_starts_beside_its_parent_unless_another_cpu_is_idle_or_has_117_percent_less)
{
    ck_assert_uint_eq(started_on(0, 1, 0), 0);
    ck_assert_uint_eq(started_on(1, 0, 0), 1);
    ck_assert_uint_eq(started_on(1, 1, 0), 1);
    // nice -1 has 1277: 127700 against 1024 * 117 = 119808.
    ck_assert_uint_eq(started_on(1, 1, -1), 0);
    ck_assert_uint_eq(started_on(1, 1, 1), 1);
}
END_TEST

START_TEST(a_cpu_that_idles_shorter_than_a_move_costs_does_not_steal_until_it_is_due)
{
    struct aur_config config = scene_config("eevdf", 2, TICK);
    config.balance_cost_ns = 500 * MICROSECOND;
    config.balance_ns = 40 * MILLISECOND;
    scene_open(&config);
    uint32_t brief = host_spawn(&host, OTHER(0), 1u << 1);
    host_cycle(&host, brief, 30 * MICROSECOND, 30 * MICROSECOND);
    uint32_t first = host_spawn(&host, OTHER(0), 1), second = host_spawn(&host, OTHER(0), 1);
    scene_pass(30 * MILLISECOND); // CPU 1 idles for 30 us each time
    set_affinity(first, ANYWHERE);
    set_affinity(second, ANYWHERE);
    scene_pass(2 * MILLISECOND);
    ck_assert_uint_eq(host.tasks[first].migrations + host.tasks[second].migrations, 0);
    scene_pass(40 * MILLISECOND); // a tick of CPU 0 found CPU 1 idle, and due
    ck_assert_uint_ge(host.tasks[first].migrations + host.tasks[second].migrations, 1);
    scene_close();
}
END_TEST

// Of CPU 0's 1024 + 1991 + 4 * 335 CPU 1, which has 1024, lacks 1665: that is less than the 1991 of
// nice -3, and more than all of nice 5 have. The one that runs at that instant stays,
// and no step moves more than it may wake.
START_TEST(a_balancing_passes_over_what_does_not_fit_and_takes_all_that_does)
{
    struct aur_config config = scene_config("eevdf", 2, TICK);
    config.balance_ns = 64 * MILLISECOND;
    scene_open(&config);
    uint32_t heavy = host_spawn(&host, OTHER(-3), 1), light[4], moved = 0;
    for (uint32_t i = 0; i < 4; i++)
        light[i] = host_spawn(&host, OTHER(5), 1);
    pin(0, 0, 1);
    pin(1, 0, 1);
    set_affinity(heavy, ANYWHERE);
    for (uint32_t i = 0; i < 4; i++)
        set_affinity(light[i], ANYWHERE);
    while (host.tasks[light[0]].cpu + host.tasks[light[1]].cpu + host.tasks[light[2]].cpu == 0)
        scene_pass(TICK);
    for (uint32_t i = 0; i < 4; i++)
        moved += host.tasks[light[i]].cpu;
    ck_assert_uint_ge(moved, AUR_WAKES_PER_STEP < 3 ? AUR_WAKES_PER_STEP : 3);
    ck_assert_uint_eq(host.tasks[heavy].cpu, 0);
    scene_close();
}
END_TEST

START_TEST(a_surplus_that_cannot_be_divided_goes_round_and_all_get_the_same)
{
    static const char *const classes[] = {"eevdf", "rr", "mlfq"};
    static const uint32_t cpus[] = {2, 4, 7, 8};
    for (size_t c = 0; c < LENGTH(classes); c++)
        for (size_t i = 0; i < LENGTH(cpus); i++)
            for (uint32_t surplus = 1; surplus <= 2; surplus++) {
                uint32_t hogs = cpus[i] + surplus;
                if (hogs % cpus[i] == 0)
                    continue;
                scene(classes[c], cpus[i], TICK);
                for (uint32_t n = 0; n < hogs; n++)
                    host_spawn(&host, OTHER(0), ANYWHERE);
                scene_pass(10 * SECOND);
                uint64_t part_ns = 10 * SECOND * cpus[i] / hogs;
                for (uint32_t task = 0; task < hogs; task++)
                    MUST_BE_WITHIN(host_ran_ns(&host, task), part_ns * 85 / 100,
                                   part_ns * 115 / 100);
                scene_close();
            }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_wake_stays_unless_the_wakers_cpu_would_have_clearly_less_load,
        a_waker_that_is_alone_and_about_to_block_draws_the_woken_to_its_cpu,
        an_idle_cpu_comes_first_its_own_before_the_wakers_before_the_next_ones,
        a_waker_of_many_who_wake_others_themselves_does_not_draw_them_near,
        a_wake_looks_for_an_idle_cpu_only_if_cpus_were_idle_enough_on_average,
        a_task_goes_back_to_the_idle_cpu_where_it_was_before_without_looking,
        a_load_average_is_the_weight_after_long_and_half_of_it_32_periods_later,
        with_averages_a_cpu_that_was_crowded_until_now_still_counts_as_such,
        a_new_task_starts_beside_its_parent_unless_another_cpu_is_idle_or_has_117_percent_less,
        a_cpu_that_idles_shorter_than_a_move_costs_does_not_steal_until_it_is_due,
        a_balancing_passes_over_what_does_not_fit_and_takes_all_that_does,
        a_surplus_that_cannot_be_divided_goes_round_and_all_get_the_same,
    };
    return run_tests("placement", tests, LENGTH(tests));
}
