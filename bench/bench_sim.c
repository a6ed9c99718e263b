// Whole simulations: scheduling events a second with tracing off and on, jobs of EDF a second, how
// the cost of an event grows with the number of runnable tasks, and the memory of a task.
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <aurora/trace.h>

#include "experiment/trace_stream.h"
#include "machine/simulate.h"

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void begin(struct aur_inputs *inputs, const char *class_name, uint64_t cpus)
{
    aur_inputs_init(inputs);
    inputs->machine.cpus = cpus;
    const struct aur_class_info *info = aur_class_info(aur_class_find(class_name));
    aur_scheduler_choose(&inputs->scheduler, info);
}

// `instances` tasks that for ever run for run_ns and then, with a period, wait for their timer.
static void add_tasks(struct aur_inputs *inputs, const char *name, uint32_t instances,
                      uint64_t run_ns, uint64_t period_ns)
{
    struct aur_workload *w = &inputs->workload;
    struct aur_spec spec = {.instances = instances,
                            .entry = w->op_count,
                            .kind = aur_task_kind(AUR_POLICY_OTHER, 0, 0),
                            .timers = period_ns != 0};
    spec.name = aur_workload_add_name(w, name);
    uint32_t loop = w->op_count;
    struct aur_op ops[] = {
        {.code = AUR_OP_LOOP, .value = AUR_LOOP_FOREVER, .other = loop + (period_ns ? 4 : 3)},
        {.code = AUR_OP_RUN, .value = run_ns},
        {.code = AUR_OP_TIMER, .flags = AUR_OP_UNIQUE, .value = period_ns},
        {.code = AUR_OP_END, .other = loop + 1},
        {.code = AUR_OP_EXIT},
    };
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
        if (ops[i].code != AUR_OP_TIMER || period_ns != 0)
            aur_workload_add_op(w, &ops[i]);
    aur_workload_add_spec(w, &spec);
}

struct sums {
    uint64_t bytes, records, events;
};

static bool sum_chunk(void *context, const struct aur_trace_chunk *chunk, const uint8_t *bytes)
{
    (void)bytes;
    struct sums *sums = context;
    sums->bytes += chunk->bytes;
    sums->records += chunk->records;
    sums->events += chunk->events;
    return true;
}

struct outcome {
    double seconds;
    uint64_t sched_events, jobs, misses;
};

static struct outcome simulate(const struct aur_inputs *inputs,
                               const struct aur_simulate_options *options)
{
    struct aur_run_result result;
    struct aur_failure failure = {""};
    double start = seconds();
    if (!aur_simulate(inputs, options, &result, &failure)) {
        fprintf(stderr, "bench_sim: %s\n", failure.text);
        exit(1);
    }
    struct outcome outcome = {seconds() - start, result.sched_events, 0, 0};
    for (uint32_t i = 0; i < result.task_count; i++) {
        outcome.jobs += result.tasks[i].jobs;
        outcome.misses += result.tasks[i].misses;
    }
    aur_run_result_free(&result);
    return outcome;
}

static double rate(struct outcome outcome)
{
    return (double)outcome.sched_events / outcome.seconds / 1e6;
}

// 100 periodic tasks on 4 CPUs at 70 % load; off and on take turns, the best of five each.
static void periodic(void)
{
    struct aur_inputs inputs;
    begin(&inputs, "eevdf", 4);
    for (uint32_t i = 0; i < 100; i++) {
        uint64_t period_ns = (10 + i % 91) * 1000000ull;
        char name[16];
        snprintf(name, sizeof name, "p%u", i);
        add_tasks(&inputs, name, 1, period_ns * 4 / 100 * 7 / 10, period_ns);
    }
    inputs.duration_ns = 200000000000ull;
    struct sums sums = {0, 0, 0};
    double off = 0, on = 0;
    for (int turn = 0; turn < 5; turn++) {
        struct aur_trace_packer packer;
        if (!aur_trace_packer_init(&packer, sum_chunk, &sums))
            exit(1);
        struct aur_simulate_options options = {.sink = aur_trace_packer_take,
                                               .sink_context = &packer};
        double r = rate(simulate(&inputs, NULL));
        off = r > off ? r : off;
        r = rate(simulate(&inputs, &options));
        on = r > on ? r : on;
        aur_trace_packer_end(&packer);
        aur_trace_packer_free(&packer);
    }
    printf("simulate: 100 periodic tasks, 4 CPUs, tracing off\t%.2f\tM events/s\ttarget 5\n", off);
    printf("simulate: the same, tracing on\t%.2f\tM events/s\t%.0f %% slower, target at most 40\n",
           on, (1 - on / off) * 100);
    printf("trace: bytes an event, its actions included\t%.2f\tbytes\ttarget 8\n",
           (double)sums.bytes / (double)sums.events);
    aur_inputs_free(&inputs);
}

// Endless tasks that share 4 CPUs: the length of the queues is all that differs. Set-up is kept
// out by the difference of a long and a short run.
static double ns_per_event(const char *class_name, uint32_t tasks)
{
    struct aur_inputs inputs;
    begin(&inputs, class_name, 4);
    inputs.machine.balance_ns = 0;
    add_tasks(&inputs, "hog", tasks, 5000000, 0);
    double best = 1e9;
    for (int turn = 0; turn < 3; turn++) {
        inputs.duration_ns = 100000000000ull;
        struct outcome few = simulate(&inputs, NULL);
        inputs.duration_ns = 900000000000ull;
        struct outcome many = simulate(&inputs, NULL);
        double ns =
            (many.seconds - few.seconds) * 1e9 / (double)(many.sched_events - few.sched_events);
        best = ns < best ? ns : best;
    }
    aur_inputs_free(&inputs);
    return best;
}

static void growth(void)
{
    for (uint32_t number = 0; number < aur_class_find("agent"); number++) {
        const char *name = aur_class_info(number)->name;
        if (strcmp(name, "fifo") == 0)
            continue; // endless tasks never leave the CPU: there are no events
        double few = ns_per_event(name, 100), many = ns_per_event(name, 100000);
        printf("simulate: %s, an event with 100 runnable\t%.0f\tns\t\n", name, few);
        printf(
            "simulate: %s, an event with 100,000 runnable\t%.0f\tns\tgrows %.1f times, target 4\n",
            name, many, many / few);
    }
}

static bool peak(void *context, uint64_t now_ns, uint64_t end_ns, uint64_t events);

// Global EDF with servers: each task has a tenth of its CPU's part more budget than it computes,
// the load is 70 %. What more a run twice as long needs is new buckets of histograms.
static void edf_jobs(uint32_t tasks, uint32_t cpus, uint64_t duration_ns, double target)
{
    struct aur_inputs inputs;
    begin(&inputs, "eevdf", cpus);
    inputs.machine.tick_ns = 0;
    for (uint32_t i = 0; i < tasks; i++) {
        uint64_t period_ns = (10 + i * 7 % 91) * 1000000ull;
        uint64_t run_ns = period_ns * cpus / tasks * 7 / 10;
        char name[16];
        snprintf(name, sizeof name, "p%u", i);
        add_tasks(&inputs, name, 1, run_ns, period_ns);
        struct aur_spec *spec = &inputs.workload.specs[i];
        spec->kind = aur_task_kind(AUR_POLICY_DEADLINE, 0, 0);
        spec->dl_runtime_ns = run_ns * 11 / 10;
        spec->dl_deadline_ns = spec->dl_period_ns = period_ns;
    }
    double best = 0;
    uint64_t jobs_of[2] = {0, 0};
    size_t most[2] = {0, 0};
    for (int turn = 0; turn < 4; turn++) {
        struct aur_simulate_options options = {.progress = peak,
                                               .progress_context = &most[turn % 2]};
        inputs.duration_ns = duration_ns << turn % 2;
        struct outcome outcome = simulate(&inputs, &options);
        double jobs = (double)outcome.jobs / outcome.seconds;
        best = jobs > best ? jobs : best;
        jobs_of[turn % 2] = outcome.jobs;
    }
    printf("simulate: EDF, %u tasks on %u CPUs\t%.0f\tk jobs/s\ttarget %.0f\n", tasks, cpus,
           best / 1e3, target / 1e3);
    printf("simulate: the same, memory that a job leaves behind\t%.2f\tbytes\ttarget 0\n",
           ((double)most[1] - (double)most[0]) / (double)(jobs_of[1] - jobs_of[0]));
    aur_inputs_free(&inputs);
}

static bool peak(void *context, uint64_t now_ns, uint64_t end_ns, uint64_t events)
{
    (void)now_ns, (void)end_ns, (void)events;
    struct mallinfo2 now = mallinfo2();
    size_t *most = context, used = now.uordblks + now.hblkhd;
    *most = used > *most ? used : *most;
    return true;
}

static void memory(void)
{
    struct aur_inputs inputs;
    const uint32_t tasks = 100000;
    size_t most[2];
    for (int round = 0; round < 2; round++) {
        begin(&inputs, "eevdf", 4);
        add_tasks(&inputs, "hog", round == 0 ? 1 : tasks + 1, 5000000, 0);
        inputs.duration_ns = 300000000000ull;
        most[round] = 0;
        struct aur_simulate_options options = {.progress = peak, .progress_context = &most[round]};
        simulate(&inputs, &options);
        aur_inputs_free(&inputs);
    }
    printf("simulate: memory of a task\t%.0f\tbytes\ttarget 512\n",
           (double)(most[1] - most[0]) / tasks);
}

int main(void)
{
    periodic();
    edf_jobs(20, 4, 500000000000ull, 1e6);
    edf_jobs(100, 64, 50000000000ull, 3e5);
    growth();
    memory();
    return 0;
}
