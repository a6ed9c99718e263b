// Time travel: how long it takes to open any instant of a run of ten million events, for several
// intervals between snapshots, and what the snapshots cost in time and room.
//
//     bench_travel [EVENTS]
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "experiment/execute.h"
#include "experiment/stored_log.h"
#include "machine/scheduler.h"
#include "travel/decision.h"

#define EVENTS   10000000u
#define JOURNEYS 200u
#define CPUS     4u
#define DATABASE "bench_travel.db" // beside a run's other results: /tmp is often memory

static struct aur_failure failure;

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void must(bool good)
{
    if (good)
        return;
    fprintf(stderr, "bench_travel: %s\n", failure.text);
    unlink(DATABASE);
    exit(1);
}

static uint32_t add_distribution(struct aur_workload *w, double mean_ns)
{
    struct aur_distribution distribution = {.kind = AUR_DISTRIBUTION_EXPONENTIAL, .a = mean_ns};
    return aur_workload_add_distribution(w, &distribution);
}

// Tasks that run and sleep for exponential times, so that instants differ all along the run.
static void add_tasks(struct aur_workload *w, uint32_t instances, double run_ns, double sleep_ns)
{
    struct aur_spec spec = {
        .instances = instances, .entry = w->op_count, .kind = aur_task_kind(0, 0, 0)};
    uint32_t loop = w->op_count;
    struct aur_op ops[] = {
        {.code = AUR_OP_LOOP, .value = AUR_LOOP_FOREVER, .other = loop + 4},
        {.code = AUR_OP_RUN, .flags = AUR_OP_DRAW, .value = add_distribution(w, run_ns)},
        {.code = AUR_OP_SLEEP, .flags = AUR_OP_DRAW, .value = add_distribution(w, sleep_ns)},
        {.code = AUR_OP_END, .other = loop + 1},
        {.code = AUR_OP_EXIT},
    };
    spec.name = aur_workload_add_name(w, "task");
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
        aur_workload_add_op(w, &ops[i]);
    aur_workload_add_spec(w, &spec);
}

struct sums {
    struct aur_run_writer *writer; // NULL: they are only counted
    uint64_t trace_bytes, snapshot_bytes, snapshots;
};

static bool take_chunk(void *context, const struct aur_trace_chunk *chunk, const uint8_t *bytes)
{
    struct sums *sums = context;
    sums->trace_bytes += chunk->bytes;
    return aur_run_trace_chunk(sums->writer, chunk->first_ns, chunk->last_ns, chunk->records, bytes,
                               chunk->bytes);
}

static bool take_snapshot(void *context, const struct aur_snapshot *snapshot)
{
    struct sums *sums = context;
    sums->snapshot_bytes += snapshot->size;
    sums->snapshots++;
    return aur_run_snapshot(sums->writer, snapshot->records, snapshot->events, snapshot->now_ns,
                            snapshot->state_bytes, snapshot->data, snapshot->size);
}

static void result(const char *name, const char *of, double value, const char *unit,
                   const char *remark)
{
    printf("travel/%s %s\t%.4g\t%s\t%s\n", name, of, value, unit, remark);
    fflush(stdout);
}

// Runs the inputs into a new database, with snapshots or without. Returns the seconds it took.
static double store_run(const struct aur_inputs *inputs, bool snapshots, uint64_t every,
                        struct sums *sums)
{
    struct aur_store *store;
    struct aur_run_identity identity = {
        .inputs_digest = 1, .label = "", .host = "sim", .scheduler = "", .workload = ""};
    struct aur_execution execution = {.inputs = inputs,
                                      .chunk = take_chunk,
                                      .chunk_context = sums,
                                      .snapshot = snapshots ? take_snapshot : NULL,
                                      .snapshot_context = sums,
                                      .snapshot_every = every};
    int64_t run_id;
    size_t size;
    uint8_t *encoding = aur_inputs_encode(inputs, &size);
    identity.inputs = encoding;
    identity.inputs_size = size;
    *sums = (struct sums){0};
    unlink(DATABASE);
    must(aur_store_open(&store, DATABASE, AUR_STORE_WRITE, &failure));
    must(aur_store_put_experiment(store, "bench", "", &identity.experiment_id, &failure));
    must(aur_run_begin(store, &identity, &sums->writer, &failure));
    double start = seconds();
    must(aur_execution_run(&execution, &failure));
    double took = seconds() - start;
    must(aur_run_commit(sums->writer, execution.digest, execution.events, execution.end_ns, 0,
                        &run_id, &failure));
    aur_store_close(store);
    free(encoding);
    return took;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void tell(const char *name, const char *of, double *took, uint32_t count, uint64_t events)
{
    char remark[64], what[64];
    qsort(took, count, sizeof *took, by_size);
    snprintf(remark, sizeof remark, "%u random instants of %.3g M events", count,
             (double)events / 1e6);
    snprintf(what, sizeof what, "%s, median", name);
    result(what, of, took[count / 2] * 1e3, "ms", remark);
    snprintf(what, sizeof what, "%s, most", name);
    result(what, of, took[count - 1] * 1e3, "ms", remark);
}

// Opens random instants of the stored run, and explains what runs there.
static void travel(const char *of)
{
    struct aur_store *store;
    struct aur_stored_summary run;
    struct aur_stored_log log;
    struct aur_travel travel;
    double opened[JOURNEYS], explained[JOURNEYS];
    must(aur_store_open(&store, DATABASE, AUR_STORE_READ, &failure));
    must(aur_stored_find(store, DATABASE, "1", &run, &failure));
    must(aur_stored_log_open(&log, store, &run, UINT64_MAX, &failure));
    must(aur_travel_init(&travel, &log.source, &log.inputs, &failure));
    srand48(1);
    for (uint32_t i = 0; i < JOURNEYS; i++) {
        uint64_t decided[AUR_CPUS_MAX];
        double start = seconds();
        must(aur_travel_to_instant(&travel, (uint64_t)(drand48() * (double)run.end_ns), &failure));
        opened[i] = seconds() - start;
        uint64_t at_ns = (uint64_t)(drand48() * (double)run.end_ns);
        start = seconds();
        must(aur_decision_in_force(&travel, at_ns, decided, &failure));
        struct aur_decision decision = {0};
        must(decided[0] == AUR_NO_RECORD ||
             aur_decision_explain(&travel, decided[0], &decision, &failure));
        aur_decision_free(&decision);
        explained[i] = seconds() - start;
    }
    tell("open an instant", of, opened, JOURNEYS, run.events);
    tell("explain a CPU", of, explained, JOURNEYS, run.events);
    aur_travel_free(&travel);
    aur_stored_log_close(&log);
    aur_store_close(store);
}

// How long the run must last to have that many events.
static uint64_t duration_of(struct aur_inputs *inputs, uint64_t events)
{
    struct aur_run_result of;
    inputs->duration_ns = 1000000000;
    must(aur_simulate(inputs, NULL, &of, &failure));
    uint64_t a_second = of.events;
    aur_run_result_free(&of);
    return (uint64_t)((double)events / (double)a_second * 1e9);
}

int main(int count, char **words)
{
    static const uint64_t intervals[] = {4096, 0, 65536, 262144};
    uint64_t events = count > 1 ? strtoull(words[1], NULL, 10) : EVENTS;
    struct aur_inputs inputs;
    struct sums sums;
    aur_inputs_init(&inputs);
    inputs.machine.cpus = CPUS;
    aur_scheduler_choose(&inputs.scheduler, aur_class_info(aur_class_find("eevdf")));
    add_tasks(&inputs.workload, 20, 300000, 1200000);
    must(aur_workload_validate(&inputs.workload, NULL, &failure));
    inputs.duration_ns = duration_of(&inputs, events);
    double bare = store_run(&inputs, false, 0, &sums);
    result("run with a trace", "without snapshots", bare, "s", "");
    for (size_t i = 0; i < sizeof intervals / sizeof intervals[0]; i++) {
        char of[40], remark[64];
        snprintf(of, sizeof of, intervals[i] ? "every %llu" : "as is best",
                 (unsigned long long)intervals[i]);
        double took = store_run(&inputs, true, intervals[i], &sums);
        snprintf(remark, sizeof remark, "%.2f of a run without", took / bare);
        result("run with a trace", of, took, "s", remark);
        snprintf(remark, sizeof remark, "%llu snapshots beside %.1f MB of trace",
                 (unsigned long long)sums.snapshots, (double)sums.trace_bytes / 1e6);
        result("room of snapshots", of, (double)sums.snapshot_bytes / 1e6, "MB", remark);
        travel(of);
    }
    unlink(DATABASE);
    aur_inputs_free(&inputs);
    return 0;
}
