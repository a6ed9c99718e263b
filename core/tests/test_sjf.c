// sjf and srtf: which burst runs, and what the two are known for.
#include "tests/demand_twin.h"
#include "tests/scene.h"

#define JOBS 12

static uint64_t seed;

START_TEST(sjf_runs_the_shortest_declared_burst_to_its_end)
{
    demand_twin_random("sjf", false, seed);
}
END_TEST

START_TEST(srtf_runs_the_burst_of_which_the_least_is_left)
{
    demand_twin_random("srtf", true, seed + 1);
}
END_TEST

static void declare(uint32_t task, uint64_t demand_ns)
{
    if (host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_DEMAND_NS, 0, demand_ns) != AUR_OK)
        ck_abort_msg("a demand is refused");
}

// A task that declares demand_ns (0: does not), computes run_ns and exits.
static uint32_t job(uint64_t demand_ns, uint64_t run_ns)
{
    uint32_t task = host_make(&host, OTHER(0), 1);
    declare(task, demand_ns);
    host_start(&host, task);
    host_cycle(&host, task, run_ns, AUR_NEVER_NS);
    return task;
}

START_TEST(jobs_that_wait_together_run_in_the_order_of_their_demand)
{
    static const uint64_t demands_ms[] = {50, 7, 0, 20, 7, 1, 0};
    static const uint32_t order[] = {5, 1, 4, 3, 0, 2, 6}; // ties and the undeclared by arrival
    for (int srtf = 0; srtf < 2; srtf++) {
        scene(srtf ? "srtf" : "sjf", 1, 0);
        for (size_t i = 0; i < LENGTH(demands_ms); i++)
            job(demands_ms[i] * MILLISECOND, 10 * MILLISECOND);
        for (size_t i = 0; i < LENGTH(order); i++) {
            host_settle(&host);
            ck_assert(host_runs(&host, order[i]));
            scene_pass(10 * MILLISECOND);
        }
        scene_close();
    }
}
END_TEST

START_TEST(a_shorter_burst_preempts_under_srtf_only)
{
    for (int srtf = 0; srtf < 2; srtf++) {
        scene(srtf ? "srtf" : "sjf", 1, 0);
        uint32_t longer = job(10 * MILLISECOND, 10 * MILLISECOND);
        scene_pass(4 * MILLISECOND);
        uint32_t equal = job(6 * MILLISECOND, 6 * MILLISECOND);
        host_settle(&host);
        ck_assert(host_runs(&host, longer)); // as much is left of it
        uint32_t shorter = job(6 * MILLISECOND - 1, 6 * MILLISECOND - 1);
        host_settle(&host);
        ck_assert(host_runs(&host, srtf ? shorter : longer));
        scene_pass(6 * MILLISECOND);
        ck_assert(host_runs(&host, srtf ? longer : shorter));
        scene_pass(6 * MILLISECOND);
        ck_assert(host_runs(&host, equal));
        scene_close();
    }
}
END_TEST

START_TEST(a_demand_that_changes_in_the_queue_changes_the_order)
{
    for (int srtf = 0; srtf < 2; srtf++) {
        scene(srtf ? "srtf" : "sjf", 1, 0);
        uint32_t runs = job(MILLISECOND, MILLISECOND);
        host_settle(&host);
        uint32_t tasks[3];
        for (uint32_t i = 0; i < 3; i++)
            tasks[i] = job((10 + i) * MILLISECOND, MILLISECOND);
        declare(tasks[2], 5 * MILLISECOND);
        declare(tasks[0], 0);
        host_settle(&host);
        ck_assert(host_runs(&host, runs));
        for (uint32_t i = 0; i < 3; i++) {
            scene_pass(MILLISECOND);
            ck_assert(host_runs(&host, tasks[2 - i]));
        }
        scene_close();
    }
}
END_TEST

START_TEST(a_longer_demand_takes_the_cpu_from_the_running_task_under_srtf_only)
{
    for (int srtf = 0; srtf < 2; srtf++) {
        scene(srtf ? "srtf" : "sjf", 1, 0);
        uint32_t runs = job(MILLISECOND, 40 * MILLISECOND);
        uint32_t waits = job(10 * MILLISECOND, 10 * MILLISECOND);
        host_settle(&host);
        declare(runs, 20 * MILLISECOND);
        host_settle(&host);
        ck_assert(host_runs(&host, srtf ? waits : runs));
        scene_close();
    }
}
END_TEST

START_TEST(a_burst_longer_than_it_said_goes_on_under_both)
{
    for (int srtf = 0; srtf < 2; srtf++) {
        scene(srtf ? "srtf" : "sjf", 1, 0);
        uint32_t liar = job(MILLISECOND, 50 * MILLISECOND);
        scene_pass(2 * MILLISECOND);
        job(MICROSECOND, MICROSECOND);
        scene_pass(40 * MILLISECOND);
        ck_assert(host_runs(&host, liar));
        scene_close();
    }
}
END_TEST

START_TEST(a_burst_that_a_higher_class_interrupts_is_first_again_under_sjf)
{
    scene("sjf", 1, 0);
    uint32_t begun = job(10 * MILLISECOND, 10 * MILLISECOND);
    scene_pass(MILLISECOND);
    uint32_t urgent = host_spawn(&host, FIFO(1), 1);
    host_cycle(&host, urgent, MILLISECOND, AUR_NEVER_NS);
    host_settle(&host);
    ck_assert(host_runs(&host, urgent));
    job(MILLISECOND, MILLISECOND);
    scene_pass(MILLISECOND);
    ck_assert(host_runs(&host, begun));
    scene_close();
}
END_TEST

START_TEST(each_wake_begins_a_burst_of_the_demand_declared_last)
{
    scene("srtf", 1, 0);
    uint32_t sleeper = job(4 * MILLISECOND, 4 * MILLISECOND);
    host_cycle(&host, sleeper, 4 * MILLISECOND, MILLISECOND);
    uint32_t other = job(100 * MILLISECOND, 100 * MILLISECOND);
    scene_pass(4 * MILLISECOND);
    ck_assert(host_runs(&host, other));
    uint32_t third = job(3 * MILLISECOND, 3 * MILLISECOND);
    scene_pass(MILLISECOND); // the sleeper is back, with 4 ms and not with nothing left
    ck_assert(host_runs(&host, third));
    scene_pass(2 * MILLISECOND);
    ck_assert(host_runs(&host, sleeper));
    scene_close();
}
END_TEST

START_TEST(a_yield_goes_behind_equals_but_not_behind_longer_bursts)
{
    for (int srtf = 0; srtf < 2; srtf++) {
        scene(srtf ? "srtf" : "sjf", 1, 0);
        uint32_t first = job(MILLISECOND, 10 * MILLISECOND);
        uint32_t longer = job(2 * MILLISECOND, MILLISECOND);
        host_settle(&host);
        host_by(&host, AUR_EV_YIELD, first, 0, 0, 0);
        host_settle(&host);
        ck_assert(host_runs(&host, first));
        uint32_t equal = job(MILLISECOND, MILLISECOND);
        host_by(&host, AUR_EV_YIELD, first, 0, 0, 0);
        host_settle(&host);
        ck_assert(host_runs(&host, equal));
        scene_pass(MILLISECOND);
        ck_assert(host_runs(&host, first));
        ck_assert_uint_eq(host_ran_ns(&host, longer), 0);
        scene_close();
    }
}
END_TEST

// Sum of the response times of jobs that come at the given instants, under the class.
static uint64_t total_response_ns(const char *class, const uint64_t *at_ns, const uint64_t *run_ns)
{
    uint64_t sum_ns = 0;
    uint32_t jobs[JOBS], started = 0, left = JOBS;
    scene(class, 1, 0);
    while (left > 0) {
        while (started < JOBS && at_ns[started] <= host.now_ns) {
            jobs[started] = job(run_ns[started], run_ns[started]);
            started++;
        }
        host_advance(&host, started < JOBS ? at_ns[started] : host.now_ns + SECOND, 1);
        left = JOBS - started;
        for (uint32_t i = 0; i < started; i++) {
            if (jobs[i] == AUR_NONE)
                continue;
            if (host.tasks[jobs[i]].state != AUR_TASK_FREE) {
                left++;
                continue;
            }
            sum_ns += host.now_ns - at_ns[i];
            jobs[i] = AUR_NONE;
        }
    }
    scene_close();
    return sum_ns;
}

// Smith: for jobs that are all there, the sum over the order of increasing demand is the least.
START_TEST(sjf_has_the_total_response_of_smiths_rule)
{
    uint64_t random = seed + 2, at_ns[JOBS] = {0}, run_ns[JOBS];
    for (int trial = 0; trial < 20; trial++) {
        for (uint32_t i = 0; i < JOBS; i++)
            run_ns[i] = 1 + random_below(&random, 10 * MILLISECOND);
        uint64_t least_ns = 0;
        for (uint32_t i = 0; i < JOBS; i++) { // a pair costs the lesser of the two, whoever waits
            least_ns += run_ns[i];
            for (uint32_t k = 0; k < i; k++)
                least_ns += run_ns[i] < run_ns[k] ? run_ns[i] : run_ns[k];
        }
        ck_assert_uint_eq(total_response_ns("sjf", at_ns, run_ns), least_ns);
        ck_assert_uint_eq(total_response_ns("srtf", at_ns, run_ns), least_ns);
        ck_assert_uint_ge(total_response_ns("fifo", at_ns, run_ns), least_ns);
    }
}
END_TEST

// Schrage: whatever comes when, nothing does better than srtf.
START_TEST(srtf_has_the_least_total_response_of_all_classes)
{
    uint64_t random = seed + 3, at_ns[JOBS], run_ns[JOBS];
    for (int trial = 0; trial < 20; trial++) {
        uint64_t now_ns = 0;
        for (uint32_t i = 0; i < JOBS; i++) {
            at_ns[i] = now_ns;
            now_ns += random_below(&random, 8 * MILLISECOND);
            run_ns[i] = 1 + random_below(&random, 10 * MILLISECOND);
        }
        uint64_t least_ns = total_response_ns("srtf", at_ns, run_ns);
        for (uint32_t class = 0; class < aur_class_count(); class ++)
            ck_assert_uint_ge(total_response_ns(aur_class_info(class)->name, at_ns, run_ns),
                              least_ns);
    }
}
END_TEST

START_TEST(a_demand_beyond_the_limit_is_refused)
{
    scene("srtf", 1, 0);
    uint32_t task = host_make(&host, OTHER(0), 1);
    declare(task, AUR_DEMAND_MAX_NS);
    ck_assert_int_eq(
        host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_DEMAND_NS, 0, AUR_DEMAND_MAX_NS + 1),
        AUR_BAD_ARGUMENT);
    scene_close();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        sjf_runs_the_shortest_declared_burst_to_its_end,
        srtf_runs_the_burst_of_which_the_least_is_left,
        jobs_that_wait_together_run_in_the_order_of_their_demand,
        a_shorter_burst_preempts_under_srtf_only,
        a_demand_that_changes_in_the_queue_changes_the_order,
        a_longer_demand_takes_the_cpu_from_the_running_task_under_srtf_only,
        a_burst_longer_than_it_said_goes_on_under_both,
        a_burst_that_a_higher_class_interrupts_is_first_again_under_sjf,
        each_wake_begins_a_burst_of_the_demand_declared_last,
        a_yield_goes_behind_equals_but_not_behind_longer_bursts,
        sjf_has_the_total_response_of_smiths_rule,
        srtf_has_the_least_total_response_of_all_classes,
        a_demand_beyond_the_limit_is_refused,
    };
    seed = random_seed(20261122);
    return run_tests("sjf", tests, LENGTH(tests));
}
