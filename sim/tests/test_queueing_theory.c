// The simulator against queueing theory: mean response times at many servers and under many orders.
// Each is within its confidence interval over replications, and the interval is narrow enough to
// tell the theory from its neighbours. Times are in units of the mean service time, 1 ms.
#include <math.h>

#include "stats/intervals.h"
#include "tests/chance.h"
#include "tests/simulate_scene.h"

#define SERVICE_NS   1e6
#define REPLICATIONS 16u

static void setup(void)
{
    end_scene();
}

static uint64_t seed_of_chance(void)
{
    start_chance();
    return chance;
}

// The interval of 99.9 % holds what the theory says, and nothing that differs from it by `power` of
// it on both sides.
static void expect_mean(const double *means_ns, double theory, double power)
{
    struct aur_stats_interval interval;
    ck_assert(aur_stats_mean_interval(means_ns, REPLICATIONS, 0.999, &interval));
    double low = interval.low / SERVICE_NS, high = interval.high / SERVICE_NS;
    printf("mean response %.4f to %.4f, by theory %.4f\n", low, high, theory);
    ck_assert_msg(low <= theory && theory <= high, "%.4f to %.4f is not %.4f", low, high, theory);
    ck_assert_msg(high - low < 2 * power * theory, "%.4f to %.4f proves nothing", low, high);
}

// --- one server that takes requests from a semaphore ---------------------------------------------

#define SERVER_LOAD 0.7

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
        uint32_t between = add_exponential(SERVICE_NS / SERVER_LOAD),
                 service = add_exponential(SERVICE_NS);
        uint32_t s = add_object(AUR_OBJECT_SEMAPHORE, 0, "requests");
        add_task("source", LOOP(requests), SLEEP_DRAW(between), UP(s), END)->affinity = 2;
        add_task("server", LOOP(requests), DOWN(s), RUN_DRAW(service), END, DOWN(s))->affinity = 1;
        means[replication] = mean_of_server(requests);
    }
    expect_mean(means, 1 / (1 - SERVER_LOAD), 0.09);
}
END_TEST

// --- requests that are tasks ---------------------------------------------------------------------

// Requests come at random, each a task that is forked, computes and ends.
struct queue {
    const char *class; // of the requests, where they are not FIFO tasks
    uint32_t kind;     // of the requests
    uint32_t cpus;
    double load; // of each
    struct aur_distribution service;
    uint64_t quantum_ns; // of rr
    uint32_t requests;   // in each replication, of which the first tenth is warm-up
};

// The source takes no time: where it shares a CPU with requests it is above them, and what it
// interrupts goes on at the same instant.
static double mean_of_queue(const struct queue *queue, uint64_t seed, uint32_t replication)
{
    struct aur_run_result result;
    double between_ns = SERVICE_NS / (queue->load * queue->cpus);
    begin(queue->class, queue->cpus);
    if (queue->quantum_ns)
        scene.inputs.scheduler.params[0] = queue->quantum_ns;
    scene.inputs.seed = seed;
    scene.inputs.replication = replication;
    scene.inputs.warmup_ns = (uint64_t)(queue->requests / 10 * between_ns);
    uint32_t between = add_exponential(between_ns);
    uint32_t needs = aur_workload_add_distribution(&scene.inputs.workload, &queue->service);
    add_task("source", LOOP(queue->requests), SLEEP_DRAW(between), FORK(1), END)->kind = FIFO(99);
    struct aur_spec *request = add_task("request", RUN_DRAW(needs));
    request->kind = queue->kind;
    request->instances = 0;
    ck_assert_msg(aur_simulate(&scene.inputs, NULL, &result, &scene.failure), "%s",
                  scene.failure.text);
    double mean_ns = aur_histogram_mean(&result.specs[1].response_ns);
    aur_run_result_free(&result);
    return mean_ns;
}

static void expect_queue(const struct queue *queue, double theory, double power)
{
    uint64_t seed = seed_of_chance();
    double means_ns[REPLICATIONS];
    for (uint32_t replication = 0; replication < REPLICATIONS; replication++)
        means_ns[replication] = mean_of_queue(queue, seed, replication);
    expect_mean(means_ns, theory, power);
}

static const struct aur_distribution fixed = {.kind = AUR_DISTRIBUTION_CONSTANT, .a = SERVICE_NS};
static const struct aur_distribution varied = {.kind = AUR_DISTRIBUTION_EXPONENTIAL,
                                               .a = SERVICE_NS};
// 0.5 ms, and in one case of ten 5.5: a mean of 1 ms, E[S^2] 3.25 ms^2.
static const struct aur_distribution mixed = {
    .kind = AUR_DISTRIBUTION_BIMODAL, .a = 0.5e6, .b = 5.5e6, .c = 0.1};

// Pollaczek 1930, Khinchine 1932: in the order of arrival the mean depends on the variance of the
// service; squared is E[S^2] / E[S]^2.
static double in_order_of_arrival(double load, double squared)
{
    return 1 + load * squared / (2 * (1 - load));
}

START_TEST(in_order_of_arrival_the_mean_response_is_pollaczeks_and_khinchines)
{
    struct queue queue = {"fifo", NICE(0), 1, 0.7, fixed, 0, 20000};
    expect_queue(&queue, in_order_of_arrival(0.7, 1), 0.09);
    queue.service = varied;
    expect_queue(&queue, in_order_of_arrival(0.7, 2), 0.1);
    queue.service = mixed;
    expect_queue(&queue, in_order_of_arrival(0.7, 3.25), 0.14);
}
END_TEST

// Erlang's C, the probability that a request waits, from B by the recursion over servers
// (Kleinrock, Queueing Systems 1, 3.5); the mean response is then 1 + C / (c (1 - load)).
static double of_many_servers(uint32_t servers, double load)
{
    double offered = servers * load, b = 1;
    for (uint32_t c = 1; c <= servers; c++)
        b = offered * b / (c + offered * b);
    double c = b / (1 - load * (1 - b));
    return 1 + c / (servers * (1 - load));
}

// One queue for all servers is what the fixed-priority class keeps, be its tasks on a list or on
// one for each CPU: with one priority it is in the order of arrival. A queue for each CPU that
// nobody balances would be c queues with one server, whose mean is 10 at any c.
START_TEST(fixed_priority_on_many_cpus_answers_as_the_m_m_c_queue_does)
{
    static const struct {
        uint32_t servers, requests;
        double theory, power;
    } cases[] = {
        {1, 70000, 10, 0.14},    {2, 60000, 5.2632, 0.14},   {4, 60000, 2.9694, 0.14},
        {8, 50000, 1.8769, 0.1}, {64, 40000, 1.0485, 0.035},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct queue queue = {"fifo", FIFO(1), cases[i].servers, 0.9, varied, 0, cases[i].requests};
        ck_assert_double_eq_tol(of_many_servers(cases[i].servers, 0.9), cases[i].theory, 5e-5);
        expect_queue(&queue, cases[i].theory, cases[i].power);
    }
}
END_TEST

// Shortest job first, without preemption (Phipps 1956; Kleinrock, Queueing Systems 2, 3.6): a
// request of size x waits R / (1 - load(x))^2, where load(x) is that of requests up to x, here
// l (1 - e^-x (1 + x)), and R = l E[S^2] / 2 = l.
static double of_shortest_job_first(double load)
{
    double sum = 0, step = 1e-4;
    for (double x = step / 2; x < 60; x += step) {
        double below = load * (1 - exp(-x) * (1 + x));
        sum += exp(-x) * step * load / ((1 - below) * (1 - below));
    }
    return 1 + sum;
}

// Shortest remaining time (Schrage and Miller 1966): a request of size x waits
// l (integral of t^2 f to x + x^2 (1 - F(x))) / (2 (1 - load(x))^2) until it runs, and then takes
// the integral of 1 / (1 - load(t)) to x.
static double of_shortest_remaining_time(double load)
{
    double sum = 0, takes = 0, square = 0, step = 1e-4;
    for (double x = step / 2; x < 60; x += step) {
        double below = load * (1 - exp(-x) * (1 + x));
        square += x * x * exp(-x) * step;
        takes += step / (1 - below);
        double waits = load * (square + x * x * exp(-x)) / (2 * (1 - below) * (1 - below));
        sum += exp(-x) * step * (waits + takes);
    }
    return sum;
}

START_TEST(shortest_jobs_first_answer_as_phipps_and_schrage_say)
{
    struct queue queue = {"sjf", NICE(0), 1, 0.9, varied, 0, 50000};
    ck_assert_double_eq_tol(of_shortest_job_first(0.9), 4.1969, 1e-3);
    expect_queue(&queue, 4.1969, 0.12);
    queue.class = "srtf";
    ck_assert_double_eq_tol(of_shortest_remaining_time(0.9), 3.5521, 1e-3);
    expect_queue(&queue, 3.5521, 0.12);
}
END_TEST

// Kleinrock, Queueing Systems 2, 4.4: where the processor is shared the mean depends on the mean
// service alone. Turns as long as the service are no turns: that is the order of arrival.
START_TEST(with_short_turns_the_mean_response_is_that_of_a_shared_processor)
{
    struct queue queue = {"rr", NICE(0), 1, 0.7, fixed, 20 * US, 8000};
    expect_queue(&queue, 1 / (1 - 0.7), 0.2);
    queue.service = mixed;
    expect_queue(&queue, 1 / (1 - 0.7), 0.2);
    queue = (struct queue){"rr", NICE(0), 1, 0.9, fixed, 20 * US, 20000};
    expect_queue(&queue, 1 / (1 - 0.9), 0.25);
    queue.quantum_ns = (uint64_t)SERVICE_NS;
    expect_queue(&queue, in_order_of_arrival(0.9, 1), 0.2);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_server_of_poisson_arrivals_and_exponential_service_answers_as_the_m_m_1_queue_does,
        in_order_of_arrival_the_mean_response_is_pollaczeks_and_khinchines,
        fixed_priority_on_many_cpus_answers_as_the_m_m_c_queue_does,
        shortest_jobs_first_answer_as_phipps_and_schrage_say,
        with_short_turns_the_mean_response_is_that_of_a_shared_processor,
    };
    return run_tests("queueing theory", tests, LENGTH(tests), setup);
}
