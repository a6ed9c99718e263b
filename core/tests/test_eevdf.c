#include "tests/fair_twin.h"
#include "tests/scene.h"

#define SLICE (700 * MICROSECOND) // of one CPU

static uint64_t seed;

START_TEST(eevdf_picks_what_the_definitions_pick)
{
    fair_twin_random("eevdf", &eevdf_twin_rules, seed, FAIR_TWIN_PLAIN);
}
END_TEST

START_TEST(eevdf_keeps_lag_over_changes_of_weight_and_of_cpu)
{
    fair_twin_random("eevdf", &eevdf_twin_rules, seed + 1, FAIR_TWIN_CHANGES);
}
END_TEST

START_TEST(eevdf_in_groups_picks_what_the_definitions_pick_on_each_level)
{
    fair_twin_random("eevdf", &eevdf_twin_rules, seed + 2, FAIR_TWIN_GROUPS);
}
END_TEST

START_TEST(eevdf_with_quotas_picks_what_the_definitions_pick_of_those_not_throttled)
{
    fair_twin_random("eevdf", &eevdf_twin_rules, seed + 3, FAIR_TWIN_QUOTAS);
}
END_TEST

// Stoica and Abdel-Wahab 1995, theorem 1: with a fixed set of tasks, what a task has got differs
// from its ideal share at any instant by less than the longest slice.
START_TEST(eevdf_gives_each_weight_its_share_within_one_slice)
{
    static const int nices[][6] = {
        {0, 0, 0, 0, 0, 0}, {0, 5, -5, 1, -1, 3}, {-20, 19, 0, 10, -10, 0}};
    for (size_t set = 0; set < LENGTH(nices); set++) {
        scene("eevdf", 1, 0);
        uint64_t weight = 0;
        for (int i = 0; i < 6; i++)
            weight += aur_core_task(host.core, host_spawn(&host, OTHER(nices[set][i]), 1))->weight;
        for (int i = 0; i < 3000; i++) {
            scene_pass(173 * MICROSECOND);
            for (uint32_t task = 0; task < 6; task++) {
                double ideal_ns =
                    (double)host.now_ns * aur_core_task(host.core, task)->weight / (double)weight;
                double lag_ns = ideal_ns - (double)host_ran_ns(&host, task);
                if (lag_ns > SLICE + 1000. || lag_ns < -(SLICE + 1000.))
                    ck_abort_msg("set %zu at %" PRIu64 ": lag of task %u is %.0f ns", set,
                                 host.now_ns, task, lag_ns);
            }
        }
        scene_close();
    }
}
END_TEST

START_TEST(eevdf_with_a_tick_gives_each_weight_its_share_within_two_ticks)
{
    scene("eevdf", 1, 4 * MILLISECOND);
    static const int nices[4] = {0, 5, -5, 0};
    static const uint64_t weights[4] = {1024, 335, 3121, 1024}; // of the kernel's table
    for (int i = 0; i < 4; i++)
        host_spawn(&host, OTHER(nices[i]), 1);
    for (int i = 0; i < 100; i++) {
        scene_pass(97 * MILLISECOND);
        for (uint32_t task = 0; task < 4; task++) {
            uint64_t share_ns = host.now_ns * weights[task] / (1024 + 335 + 3121 + 1024);
            MUST_BE_WITHIN(host_ran_ns(&host, task) + 8 * MILLISECOND, share_ns,
                           share_ns + 16 * MILLISECOND);
        }
    }
    scene_close();
}
END_TEST

START_TEST(each_step_of_nice_is_a_quarter_more_or_less)
{
    struct aur_config config = scene_config("eevdf", 1, 0);
    scene_open(&config);
    uint32_t heavier = 0;
    for (int nice = -20; nice < 20; nice++) {
        uint32_t weight = aur_core_task(host.core, host_make(&host, OTHER(nice), 1))->weight;
        if (nice == 0)
            ck_assert_uint_eq(weight, 1024);
        if (nice > -20)
            MUST_BE_WITHIN(heavier * 1000 / weight, 1150, 1350);
        heavier = weight;
    }
    uint32_t idle = host_make(&host, aur_task_kind(AUR_POLICY_IDLE, 0, 0), 1);
    ck_assert_uint_eq(aur_core_task(host.core, idle)->weight, 3);
    scene_close();
}
END_TEST

START_TEST(the_slice_grows_with_the_logarithm_of_the_cpus_up_to_eight)
{
    static const struct {
        uint32_t cpus;
        uint64_t slice_us; // Linux 6.18: 0.7 ms * (1 + ilog2(min(cpus, 8)))
    } table[] = {{1, 700}, {2, 1400}, {3, 1400}, {4, 2100}, {7, 2100}, {8, 2800}, {64, 2800}};
    for (size_t i = 0; i < LENGTH(table); i++) {
        scene("eevdf", table[i].cpus, 0);
        uint32_t tasks[2] = {host_spawn(&host, OTHER(0), 1), host_spawn(&host, OTHER(0), 1)};
        // Once the half slices of the start are over each has the CPU for a slice at a time.
        scene_pass(20 * table[i].slice_us * MICROSECOND);
        uint32_t switches = host.tasks[tasks[0]].switches;
        scene_pass(100 * table[i].slice_us * MICROSECOND);
        MUST_BE_WITHIN(host.tasks[tasks[0]].switches - switches, 49, 51);
        scene_close();
    }
}
END_TEST

// It blocks exactly when it has had its share, and is back before the others have had theirs: a
// scheduler that forgets what was used would give it far more than half.
START_TEST(a_short_sleep_gains_nothing)
{
    static const uint64_t run_us[] = {100, 350, 699, 700, 701, 1400, 2000};
    for (size_t i = 0; i < LENGTH(run_us); i++)
        for (uint64_t sleep_us = 1; sleep_us < 100; sleep_us *= 7) {
            scene("eevdf", 1, 0);
            uint32_t hog = host_spawn(&host, OTHER(0), 1);
            uint32_t sleeper = host_spawn(&host, OTHER(0), 1);
            host_cycle(&host, sleeper, run_us[i] * MICROSECOND, sleep_us * MICROSECOND);
            scene_pass(SECOND);
            uint64_t percent = host_ran_ns(&host, sleeper) * 1000 / host.now_ns;
            if (percent > 503 || host_ran_ns(&host, hog) < 497 * MILLISECOND)
                ck_abort_msg("running %" PRIu64 " us and sleeping %" PRIu64 " us it gets %" PRIu64
                             " per mille",
                             run_us[i], sleep_us, percent);
            scene_close();
        }
}
END_TEST

START_TEST(a_long_sleep_is_no_credit)
{
    scene("eevdf", 1, 0);
    uint32_t hog = host_spawn(&host, OTHER(0), 1), sleeper = host_spawn(&host, OTHER(0), 1);
    scene_pass(10 * MILLISECOND);
    while (!host_runs(&host, sleeper))
        scene_pass(10 * MICROSECOND);
    host_by(&host, AUR_EV_BLOCK, sleeper, 0, 0, host.now_ns + 10 * SECOND);
    scene_pass(10 * SECOND);
    uint64_t hog_ns = host_ran_ns(&host, hog), sleeper_ns = host_ran_ns(&host, sleeper);
    scene_pass(100 * MILLISECOND);
    MUST_BE_WITHIN(host_ran_ns(&host, sleeper) - sleeper_ns, 50 * MILLISECOND - 2 * SLICE,
                   50 * MILLISECOND + 2 * SLICE);
    MUST_BE_WITHIN(host_ran_ns(&host, hog) - hog_ns, 50 * MILLISECOND - 2 * SLICE,
                   50 * MILLISECOND + 2 * SLICE);
    scene_close();
}
END_TEST

START_TEST(a_sleeper_waits_for_one_slice_at_the_most)
{
    // Against one hog the sleeper, always owed time, waits for the protected slice of the hog only.
    scene("eevdf", 1, 0);
    host_spawn(&host, OTHER(0), 1);
    uint32_t sleeper = host_spawn(&host, OTHER(0), 1);
    host_cycle(&host, sleeper, 50 * MICROSECOND, 1777 * MICROSECOND);
    scene_pass(10 * SECOND);
    const struct aur_task *task = aur_core_task(host.core, sleeper);
    ck_assert_uint_gt(task->wakeups, 3000);
    ck_assert_uint_le(task->wait_max_ns, SLICE);
    scene_close();
}
END_TEST

START_TEST(an_idle_task_yields_at_once_and_gets_its_weight)
{
    scene("eevdf", 1, 0);
    uint32_t idle = host_spawn(&host, aur_task_kind(AUR_POLICY_IDLE, 0, 0), 1);
    scene_pass(SECOND);
    uint32_t other = host_spawn(&host, OTHER(0), 1);
    host_cycle(&host, other, 100 * MICROSECOND, 3 * MILLISECOND);
    scene_pass(31 * SECOND);
    // Only an idle task whose virtual deadline is less than a slice of the other away goes on:
    // 0.7 ms of virtual time, at weight 3 of 1024 that is 2.05 us.
    ck_assert_uint_le(aur_core_task(host.core, other)->wait_max_ns, 2051);
    ck_assert_uint_ge(host_ran_ns(&host, other), 999 * MILLISECOND); // of 1000 ms
    scene_close();

    scene("eevdf", 1, 0);
    idle = host_spawn(&host, aur_task_kind(AUR_POLICY_IDLE, 0, 0), 1);
    host_spawn(&host, OTHER(0), 1);
    scene_pass(10270 * MILLISECOND); // 3 of 1027
    MUST_BE_WITHIN(host_ran_ns(&host, idle), 30 * MILLISECOND - SLICE, 30 * MILLISECOND + SLICE);
    scene_close();
}
END_TEST

static uint64_t longest_wait_ns(uint64_t slice_ns)
{
    scene("eevdf", 1, 0);
    for (int i = 0; i < 8; i++)
        host_event(&host, AUR_EV_TASK_SET, 0, host_spawn(&host, OTHER(0), 1), AUR_ATTR_SLICE_NS, 0,
                   3 * MILLISECOND);
    uint32_t task = host_spawn(&host, OTHER(0), 1);
    host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_SLICE_NS, 0, slice_ns);
    host_cycle(&host, task, 150 * MICROSECOND, 9777 * MICROSECOND);
    scene_pass(20 * SECOND);
    uint64_t wait_ns = aur_core_task(host.core, task)->wait_max_ns;
    scene_close();
    return wait_ns;
}

START_TEST(a_shorter_slice_buys_a_shorter_wait)
{
    uint64_t short_ns = longest_wait_ns(200 * MICROSECOND),
             same_ns = longest_wait_ns(3 * MILLISECOND);
    uint64_t long_ns = longest_wait_ns(30 * MILLISECOND);
    ck_assert_uint_lt(4 * short_ns, same_ns);
    ck_assert_uint_le(same_ns, long_ns);
}
END_TEST

START_TEST(a_slice_out_of_range_is_refused)
{
    scene("eevdf", 1, 0);
    uint32_t task = host_spawn(&host, OTHER(0), 1);
    static const uint64_t bad_ns[] = {1, 99999, 100000001, UINT64_MAX};
    for (size_t i = 0; i < LENGTH(bad_ns); i++)
        ck_assert_int_eq(
            host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_SLICE_NS, 0, bad_ns[i]),
            AUR_BAD_ARGUMENT);
    scene_close();
}
END_TEST

START_TEST(a_change_of_nice_counts_although_the_task_sleeps_delayed)
{
    scene("eevdf", 1, 0);
    uint32_t hog = host_spawn(&host, OTHER(0), 1), task = host_spawn(&host, OTHER(0), 1);
    // Near the end of its slice: not eligible.
    while (!host_runs(&host, task) || host.now_ns - host.tasks[task].on_at_ns < 650 * MICROSECOND)
        scene_pass(10 * MICROSECOND);
    host_by(&host, AUR_EV_BLOCK, task, 0, 0, host.now_ns + 20 * MICROSECOND);
    host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_POLICY, 0, OTHER(-5));
    uint64_t hog_ns = host_ran_ns(&host, hog), task_ns = host_ran_ns(&host, task);
    scene_pass(41450 * MILLISECOND);
    // 3121 to 1024
    MUST_BE_WITHIN(host_ran_ns(&host, hog) - hog_ns, 10235 * MILLISECOND, 10245 * MILLISECOND);
    MUST_BE_WITHIN(host_ran_ns(&host, task) - task_ns, 31205 * MILLISECOND, 31215 * MILLISECOND);
    scene_close();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        eevdf_picks_what_the_definitions_pick,
        eevdf_keeps_lag_over_changes_of_weight_and_of_cpu,
        eevdf_in_groups_picks_what_the_definitions_pick_on_each_level,
        eevdf_with_quotas_picks_what_the_definitions_pick_of_those_not_throttled,
        eevdf_gives_each_weight_its_share_within_one_slice,
        eevdf_with_a_tick_gives_each_weight_its_share_within_two_ticks,
        each_step_of_nice_is_a_quarter_more_or_less,
        the_slice_grows_with_the_logarithm_of_the_cpus_up_to_eight,
        a_short_sleep_gains_nothing,
        a_long_sleep_is_no_credit,
        a_sleeper_waits_for_one_slice_at_the_most,
        an_idle_task_yields_at_once_and_gets_its_weight,
        a_shorter_slice_buys_a_shorter_wait,
        a_slice_out_of_range_is_refused,
        a_change_of_nice_counts_although_the_task_sleeps_delayed,
    };
    seed = random_seed(20261122);
    return run_tests("eevdf", tests, LENGTH(tests));
}
