// Partitioned placement: the loads, the fit rules, and what happens when a CPU or an attribute
// changes; and the winner tree behind global placement.
#include "sched/partition.h"

#include <math.h>

#include "lib/wide.h"
#include "tests/scene.h"

static uint64_t seed;

enum {
    PRIO_ASSIGNMENT = 1,
    PRIO_PLACEMENT,
    PRIO_FIT
};

static void four_cpus(uint64_t assignment, enum aur_fit fit)
{
    struct aur_config config = scene_config("eevdf", 4, 0);
    config.params[AUR_SLOT_REALTIME][PRIO_ASSIGNMENT] = assignment;
    config.params[AUR_SLOT_REALTIME][PRIO_PLACEMENT] = AUR_PLACEMENT_PARTITIONED;
    config.params[AUR_SLOT_REALTIME][PRIO_FIT] = fit;
    scene_open(&config);
}

// A FIFO task that runs for `percent` of a period of 10 ms.
static uint32_t make(uint32_t percent, uint64_t affinity)
{
    uint32_t task = host_make(&host, FIFO(50), affinity);
    host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_DL_RUNTIME_NS, 0,
               percent * MILLISECOND / 10);
    host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_DL_PERIOD_NS, 0, 10 * MILLISECOND);
    return task;
}

static enum aur_status start(uint32_t task)
{
    return host_event(&host, AUR_EV_TASK_START, 0, task, 0, 0, 0);
}

static uint32_t home(uint32_t task)
{
    return aur_core_task(host.core, task)->home;
}

// Starts tasks of these percentages; each is to come to the CPU named, 9: it is to be refused.
static void expect_homes(enum aur_fit fit, const uint32_t *percents, const uint32_t *homes,
                         size_t count)
{
    four_cpus(0, fit);
    for (size_t i = 0; i < count; i++) {
        uint32_t task = make(percents[i], ANYWHERE);
        ck_assert_int_eq(start(task), homes[i] == 9 ? AUR_NO_BANDWIDTH : AUR_OK);
        if (homes[i] != 9)
            ck_assert_uint_eq(home(task), homes[i]);
    }
    host_settle(&host);
    scene_close();
}

START_TEST(each_fit_rule_fills_the_cpus_in_its_order)
{
    static const uint32_t percents[] = {60, 50, 30, 40, 20, 10, 70, 90, 20};
    static const uint32_t first[] = {0, 1, 0, 1, 2, 0, 2, 3, 9};
    static const uint32_t best[] = {0, 1, 0, 1, 2, 0, 2, 3, 9};
    static const uint32_t worst[] = {0, 1, 2, 3, 2, 3, 9, 9};
    expect_homes(AUR_FIT_FIRST, percents, first, LENGTH(percents));
    expect_homes(AUR_FIT_BEST, percents, best, LENGTH(percents));
    expect_homes(AUR_FIT_WORST, percents, worst, LENGTH(worst));
    static const uint32_t others[] = {30, 80, 15, 60};
    static const uint32_t by_first[] = {0, 1, 0, 2}, by_best[] = {0, 1, 1, 0};
    expect_homes(AUR_FIT_FIRST, others, by_first, 3);
    expect_homes(AUR_FIT_BEST, others, by_best, LENGTH(others));
}
END_TEST

START_TEST(tasks_that_declare_nothing_go_where_the_fewest_are)
{
    four_cpus(0, AUR_FIT_FIRST);
    for (uint32_t i = 0; i < 8; i++)
        ck_assert_uint_eq(home(host_spawn(&host, FIFO(50), ANYWHERE)), i % 4);
    host_settle(&host);
    scene_close();
}
END_TEST

// Two tasks of 41.4 % fill a CPU by the hyperbolic bound, 1.414 squared is 2; explicit priorities
// leave room for one more.
START_TEST(monotonic_priorities_fill_a_cpu_up_to_the_hyperbolic_bound)
{
    for (uint64_t assignment = 0; assignment < 3; assignment++) {
        four_cpus(assignment, AUR_FIT_FIRST);
        ck_assert_int_eq(start(make(41, 1)), AUR_OK);
        ck_assert_int_eq(start(make(41, 1)), AUR_OK);
        ck_assert_int_eq(start(make(2, 1)), assignment == 0 ? AUR_OK : AUR_NO_BANDWIDTH);
        host_settle(&host);
        scene_close();
    }
}
END_TEST

START_TEST(a_change_that_does_not_fit_is_refused_and_one_that_does_moves_the_task)
{
    four_cpus(0, AUR_FIT_FIRST);
    uint32_t a = make(60, ANYWHERE), b = make(60, ANYWHERE), c = make(30, ANYWHERE);
    ck_assert_int_eq(start(a), AUR_OK);
    ck_assert_int_eq(start(b), AUR_OK);
    ck_assert_int_eq(start(c), AUR_OK);
    host_settle(&host);
    ck_assert_uint_eq(home(c), 0);
    ck_assert_int_eq(host_event(&host, AUR_EV_TASK_SET, 0, b, AUR_ATTR_AFFINITY, 0, 1),
                     AUR_NO_BANDWIDTH);
    ck_assert_uint_eq(home(b), 1);
    ck_assert_int_eq(host_event(&host, AUR_EV_TASK_SET, 0, c, AUR_ATTR_AFFINITY, 0, 6), AUR_OK);
    host_settle(&host);
    ck_assert_uint_eq(home(c), 1);
    ck_assert_uint_eq(aur_core_task(host.core, c)->cpu, 1);
    // It outgrows the CPU that it is on.
    ck_assert_int_eq(
        host_event(&host, AUR_EV_TASK_SET, 0, c, AUR_ATTR_DL_RUNTIME_NS, 0, 5 * MILLISECOND),
        AUR_OK);
    host_settle(&host);
    ck_assert_uint_eq(home(c), 2);
    ck_assert(host_runs(&host, c));
    ck_assert_int_eq(
        host_event(&host, AUR_EV_TASK_SET, 0, c, AUR_ATTR_DL_RUNTIME_NS, 0, 11 * MILLISECOND),
        AUR_NO_BANDWIDTH);
    ck_assert_uint_eq(aur_core_task(host.core, c)->dl_runtime_ns, 5 * MILLISECOND);
    // Out of the class it has no home, and its place is free.
    host_event(&host, AUR_EV_TASK_SET, 0, a, AUR_ATTR_POLICY, 0, OTHER(0));
    ck_assert_uint_eq(home(a), AUR_NO_CPU);
    ck_assert_int_eq(start(make(100, 1)), AUR_OK);
    host_settle(&host);
    scene_close();
}
END_TEST

START_TEST(tasks_of_a_cpu_that_goes_off_are_placed_anew_as_they_need_a_cpu)
{
    four_cpus(0, AUR_FIT_FIRST);
    uint32_t a = make(60, ANYWHERE), b = make(30, ANYWHERE), c = make(60, ANYWHERE);
    start(a);
    start(b);
    start(c);
    host_settle(&host);
    host_by(&host, AUR_EV_BLOCK, a, 0, 0, AUR_NEVER_NS);
    host_settle(&host);
    ck_assert(host_runs(&host, b));
    ck_assert_int_eq(host_event(&host, AUR_EV_CPU_OFF, 1, 0, 0, 0, 0), AUR_OK);
    host_settle(&host);
    ck_assert_uint_eq(home(b), 1);
    host_event(&host, AUR_EV_WAKE, 1, a, 0, 0, 0);
    host_settle(&host);
    ck_assert_uint_eq(home(a), 2);
    ck_assert(host_runs(&host, a));
    scene_close();
}
END_TEST

START_TEST(a_cpu_whose_tasks_fit_nowhere_else_cannot_go_off)
{
    four_cpus(0, AUR_FIT_FIRST);
    for (int i = 0; i < 4; i++)
        start(make(80, ANYWHERE));
    host_settle(&host);
    ck_assert_int_eq(host_event(&host, AUR_EV_CPU_OFF, 0, 0, 3, 0, 0), AUR_NO_BANDWIDTH);
    scene_close();
}
END_TEST

START_TEST(a_partitioned_task_waits_though_other_cpus_idle)
{
    four_cpus(0, AUR_FIT_FIRST);
    uint32_t a = make(40, ANYWHERE), b = make(40, ANYWHERE);
    start(a);
    start(b);
    scene_pass(SECOND);
    ck_assert_uint_eq(host_ran_ns(&host, a), SECOND);
    ck_assert_uint_eq(host_ran_ns(&host, b), 0);
    scene_close();
}
END_TEST

START_TEST(a_load_is_the_utilisation_rounded_down_or_its_logarithm_rounded_up)
{
    uint64_t random = seed;
    for (int i = 0; i < 200000; i++) {
        uint64_t period_ns = 1 + random_spread(&random, 1, 1ull << 42);
        uint64_t runtime_ns = random_below(&random, period_ns) + 1;
        uint64_t linear = aur_load_linear(runtime_ns, period_ns),
                 hyperbolic = aur_load_hyperbolic(linear);
        MUST(linear == (uint64_t)((unsigned __int128)runtime_ns * AUR_LOAD_FULL / period_ns));
        double exact = log2(1 + (double)linear / (double)AUR_LOAD_FULL) * (double)AUR_LOAD_FULL;
        MUST((double)hyperbolic >= exact - 1e-3 && (double)hyperbolic < exact + 8);
    }
    ck_assert_uint_eq(aur_load_linear(7, 7), AUR_LOAD_FULL);
    ck_assert_uint_eq(aur_load_hyperbolic(AUR_LOAD_FULL), AUR_LOAD_FULL);
    ck_assert_uint_gt(aur_load_linear(8, 7), AUR_LOAD_FULL);
}
END_TEST

START_TEST(a_wide_quotient_is_that_of_128_bits)
{
    uint64_t random = seed;
    for (int i = 0; i < 200000; i++) {
        uint64_t a = random_next(&random) >> random_below(&random, 64),
                 b = random_next(&random) >> random_below(&random, 64),
                 c = (random_next(&random) >> random_below(&random, 64)) | 1;
        unsigned __int128 quotient = (unsigned __int128)a * b / c;
        uint64_t due = quotient > UINT64_MAX ? UINT64_MAX : (uint64_t)quotient;
        MUST(aur_wide_divide(aur_wide_multiply(a, b), c) == due);
    }
}
END_TEST

START_TEST(the_winner_is_the_least_of_all_and_of_equals_the_lowest)
{
    uint64_t random = seed;
    for (uint32_t count = 1; count <= AUR_TOURNAMENT_MAX; count++) {
        struct aur_tournament tree;
        aur_tournament_init(&tree, count);
        uint64_t keys[AUR_TOURNAMENT_MAX];
        memset(keys, 0xff, sizeof keys);
        for (int i = 0; i < 500; i++) {
            uint32_t number = (uint32_t)random_below(&random, count), least = 0;
            keys[number] = random_below(&random, 4) ? random_below(&random, 20) : UINT64_MAX;
            aur_tournament_set(&tree, number, keys[number]);
            for (uint32_t other = 1; other < count; other++)
                least = keys[other] < keys[least] ? other : least;
            MUST(aur_tournament_least(&tree) == least);
        }
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        each_fit_rule_fills_the_cpus_in_its_order,
        tasks_that_declare_nothing_go_where_the_fewest_are,
        monotonic_priorities_fill_a_cpu_up_to_the_hyperbolic_bound,
        a_change_that_does_not_fit_is_refused_and_one_that_does_moves_the_task,
        tasks_of_a_cpu_that_goes_off_are_placed_anew_as_they_need_a_cpu,
        a_cpu_whose_tasks_fit_nowhere_else_cannot_go_off,
        a_partitioned_task_waits_though_other_cpus_idle,
        a_load_is_the_utilisation_rounded_down_or_its_logarithm_rounded_up,
        a_wide_quotient_is_that_of_128_bits,
        the_winner_is_the_least_of_all_and_of_equals_the_lowest,
    };
    seed = random_seed(20261122);
    return run_tests("partition", tests, LENGTH(tests));
}
