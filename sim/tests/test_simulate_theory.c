// The simulator against theory: response times of fixed priorities, and queues with one server.
#include <math.h>

#include "stats/intervals.h"
#include "tests/chance.h"
#include "tests/simulate_scene.h"

static void setup(void)
{
    end_scene();
}

// --- fixed priorities ----------------------------------------------------------------------------

#define TASKS_MOST 10u

struct periodic {
    uint64_t run_ns, period_ns;
};

// The longest response time of task `of`, where lower numbers are more urgent and all are
// released together: R = C + sum of ceil(R / T) C over the more urgent (Joseph and Pandya, Finding
// response times in a real-time system, 1986). 0 if it is beyond the period.
static uint64_t response_by_analysis(const struct periodic *tasks, uint32_t of)
{
    uint64_t response_ns = tasks[of].run_ns, before_ns = 0;
    while (response_ns != before_ns && response_ns <= tasks[of].period_ns) {
        before_ns = response_ns;
        response_ns = tasks[of].run_ns;
        for (uint32_t i = 0; i < of; i++)
            response_ns +=
                (before_ns + tasks[i].period_ns - 1) / tasks[i].period_ns * tasks[i].run_ns;
    }
    return response_ns <= tasks[of].period_ns ? response_ns : 0;
}

// A set in which every job ends within its period; false if this one is not.
static bool any_periodic_set(struct periodic *tasks, uint32_t count, uint64_t *analysed_ns)
{
    for (uint32_t i = 0; i < count; i++) {
        tasks[i].period_ns = 1000 + below(100000);
        tasks[i].run_ns = 1 + below((uint32_t)(2 * tasks[i].period_ns / count));
        analysed_ns[i] = response_by_analysis(tasks, i);
        if (analysed_ns[i] == 0)
            return false;
    }
    return true;
}

START_TEST(the_longest_response_time_is_that_of_the_analysis)
{
    start_chance();
    uint32_t sets = 0, full = 0;
    while (sets < 300) {
        struct periodic tasks[TASKS_MOST];
        uint64_t analysed_ns[TASKS_MOST];
        uint32_t count = 2 + below(TASKS_MOST - 1);
        if (!any_periodic_set(tasks, count, analysed_ns))
            continue;
        begin("prio", 1);
        double load = 0;
        for (uint32_t i = 0; i < count; i++) {
            add_task("task", LOOP(EVER), RUN(tasks[i].run_ns), OWN_TIMER(tasks[i].period_ns), END)
                ->kind = sets % 2 ? NICE((int)i) : FIFO((int)(count - i));
            load += (double)tasks[i].run_ns / (double)tasks[i].period_ns;
        }
        scene.inputs.duration_ns = 2000000;
        run_scene();
        for (uint32_t i = 0; i < count; i++) {
            ck_assert_msg(scene.result.specs[i].response_ns.max == analysed_ns[i],
                          "set %u, task %u of %u: %" PRIu64 " ns, by analysis %" PRIu64, sets, i,
                          count, scene.result.specs[i].response_ns.max, analysed_ns[i]);
            ck_assert_uint_eq(task_of(i)->misses, 0);
        }
        full += load > 0.8;
        sets++;
    }
    ck_assert_uint_gt(full, 30); // not only sets that are easy
}
END_TEST

// --- queues --------------------------------------------------------------------------------------

#define LOAD         0.7
#define SERVICE_NS   1e6
#define REPLICATIONS 16u

// Poisson arrivals at 0.7 of what the server can do: the theory's mean response time, in ns.
#define MEAN_BY_THEORY(service_squared)                                                            \
    (SERVICE_NS + LOAD / SERVICE_NS * (service_squared) / (2 * (1 - LOAD)))

static uint64_t seed_of_chance(void)
{
    start_chance();
    return chance;
}

static void expect_mean(const double *means, double theory, double power)
{
    struct aur_stats_interval interval;
    ck_assert(aur_stats_mean_interval(means, REPLICATIONS, 0.999, &interval));
    ck_assert_msg(interval.low <= theory && theory <= interval.high,
                  "the mean response is %.0f to %.0f ns, by theory %.0f", interval.low,
                  interval.high, theory);
    ck_assert_msg(interval.high - interval.low < 2 * power * theory,
                  "the interval from %.0f to %.0f ns proves nothing", interval.low, interval.high);
}

// Each request is an UP; the server takes one after the other. A request is done when the server
// asks for the next one.
static double mean_of_server(uint32_t requests)
{
    uint32_t skipped = requests / 10, ups = 0, downs = 0;
    uint64_t *came_ns = malloc(requests * sizeof *came_ns);
    double sum_ns = 0;
    run_scene();
    for (size_t i = 0; i < scene.count; i++) {
        const struct aur_record *record = &scene.records[i];
        if (record->kind == AUR_EV_UP)
            came_ns[ups++] = record->now_ns;
        if (record->kind == AUR_EV_DOWN && downs++ > skipped)
            sum_ns += (double)(record->now_ns - came_ns[downs - 2]);
    }
    ck_assert_uint_eq(downs, requests + 1);
    free(came_ns);
    return sum_ns / (requests - skipped);
}

START_TEST(a_server_of_poisson_arrivals_and_exponential_service_answers_as_the_m_m_1_queue_does)
{
    uint64_t seed = seed_of_chance();
    uint32_t requests = 20000;
    double means[REPLICATIONS];
    for (uint32_t replication = 0; replication < REPLICATIONS; replication++) {
        begin("fifo", 2);
        scene.inputs.seed = seed;
        scene.inputs.replication = replication;
        uint32_t between = add_exponential(SERVICE_NS / LOAD),
                 service = add_exponential(SERVICE_NS);
        uint32_t s = add_object(AUR_OBJECT_SEMAPHORE, 0, "requests");
        add_task("source", LOOP(requests), SLEEP_DRAW(between), UP(s), END)->affinity = 2;
        add_task("server", LOOP(requests), DOWN(s), RUN_DRAW(service), END, DOWN(s))->affinity = 1;
        means[replication] = mean_of_server(requests);
    }
    // 1 / (mu - lambda); MEAN_BY_THEORY gives the same with the exponential's E[S^2] = 2 E[S]^2.
    ck_assert(fabs(MEAN_BY_THEORY(2 * SERVICE_NS * SERVICE_NS) - SERVICE_NS / (1 - LOAD)) < 1);
    expect_mean(means, SERVICE_NS / (1 - LOAD), 0.09);
}
END_TEST

// Each request is a task that is forked, computes and ends.
static void expect_forked(const char *class, const struct aur_distribution *service,
                          uint32_t requests, double theory, double power)
{
    uint64_t seed = seed_of_chance();
    double means[REPLICATIONS];
    for (uint32_t replication = 0; replication < REPLICATIONS; replication++) {
        struct aur_run_result result;
        begin(class, 2);
        if (strcmp(class, "rr") == 0)
            scene.inputs.scheduler.params[0] = 20 * US; // near to sharing the processor
        scene.inputs.seed = seed;
        scene.inputs.replication = replication;
        scene.inputs.warmup_ns = (uint64_t)(requests / 10 * SERVICE_NS / LOAD);
        uint32_t between = add_exponential(SERVICE_NS / LOAD);
        uint32_t needs = aur_workload_add_distribution(&scene.inputs.workload, service);
        add_task("source", LOOP(requests), SLEEP_DRAW(between), FORK(1), END)->affinity = 2;
        struct aur_spec *request = add_task("request", RUN_DRAW(needs));
        request->affinity = 1;
        request->instances = 0;
        ck_assert_msg(aur_simulate(&scene.inputs, NULL, &result, &scene.failure), "%s",
                      scene.failure.text);
        means[replication] = aur_histogram_mean(&result.specs[1].response_ns);
        aur_run_result_free(&result);
    }
    expect_mean(means, theory, power);
}

static const struct aur_distribution fixed = {.kind = AUR_DISTRIBUTION_CONSTANT, .a = SERVICE_NS};
static const struct aur_distribution varied = {.kind = AUR_DISTRIBUTION_EXPONENTIAL,
                                               .a = SERVICE_NS};
// 0.5 ms, and in one case of ten 5.5: a mean of 1 ms, E[S^2] 3.25 ms^2.
static const struct aur_distribution mixed = {
    .kind = AUR_DISTRIBUTION_BIMODAL, .a = 0.5e6, .b = 5.5e6, .c = 0.1};

// Pollaczek 1930, Khinchine 1932: in the order of arrival the mean depends on the variance.
START_TEST(in_order_of_arrival_the_mean_response_is_pollaczeks_and_khinchines)
{
    expect_forked("fifo", &fixed, 20000, MEAN_BY_THEORY(SERVICE_NS * SERVICE_NS), 0.09);
    expect_forked("fifo", &varied, 20000, MEAN_BY_THEORY(2 * SERVICE_NS * SERVICE_NS), 0.09);
    expect_forked("fifo", &mixed, 20000, MEAN_BY_THEORY(3.25 * SERVICE_NS * SERVICE_NS), 0.12);
}
END_TEST

// Kleinrock, Queueing Systems 2, 4.4: where the processor is shared it depends on the mean alone.
START_TEST(with_short_turns_the_mean_response_is_that_of_a_shared_processor)
{
    expect_forked("rr", &fixed, 6000, SERVICE_NS / (1 - LOAD), 0.2);
    expect_forked("rr", &mixed, 6000, SERVICE_NS / (1 - LOAD), 0.2);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        the_longest_response_time_is_that_of_the_analysis,
        a_server_of_poisson_arrivals_and_exponential_service_answers_as_the_m_m_1_queue_does,
        in_order_of_arrival_the_mean_response_is_pollaczeks_and_khinchines,
        with_short_turns_the_mean_response_is_that_of_a_shared_processor,
    };
    return run_tests("simulator theory", tests, LENGTH(tests), setup);
}
