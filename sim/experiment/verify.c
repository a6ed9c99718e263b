#include "experiment/verify.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/execute.h"
#include "experiment/kept_log.h"
#include "experiment/metric.h"
#include "stats/histogram_blob.h"

// A metric or a histogram as executed, to be found in the store.
struct measured {
    char *task;
    const char *name;
    double value;
    uint8_t *histogram; // encoding, NULL for a metric
    size_t size;
    bool found;
};

// Where a snapshot is.
struct place {
    uint64_t records, events;
};

struct check {
    struct aur_store *store;
    const struct aur_stored_summary *run;
    struct aur_verdict *verdict;
    struct aur_failure *failure;
    struct aur_trace_reader trace;
    struct measured *measured;
    uint32_t count, room;
    struct place *places;
    uint32_t place_count, place_room;
    uint32_t place; // the next one
};

static bool out_of_memory(struct check *check)
{
    return aur_fail(check->failure, NULL, 0, "memory is out");
}

static struct measured *add(struct check *check, const char *task, const char *name)
{
    if (check->count == check->room) {
        uint32_t room = check->room ? check->room * 2 : 256;
        struct measured *grown = realloc(check->measured, room * sizeof *grown);
        if (!grown)
            return NULL;
        check->measured = grown;
        check->room = room;
    }
    struct measured *added = &check->measured[check->count];
    *added = (struct measured){.task = malloc(strlen(task) + 1), .name = name};
    if (!added->task)
        return NULL;
    memcpy(added->task, task, strlen(task) + 1);
    check->count++;
    return added;
}

static bool take_metric(void *context, const char *task, const char *name, const char *unit,
                        double value)
{
    struct measured *added = add(context, task, name);
    (void)unit;
    if (added)
        added->value = value;
    return added != NULL;
}

static bool take_histogram(void *context, const char *task, const char *name, const char *unit,
                           const struct aur_histogram *histogram)
{
    struct measured *added = add(context, task, name);
    (void)unit;
    if (!added)
        return false;
    added->size = aur_histogram_encode(histogram, NULL, 0);
    added->histogram = malloc(added->size);
    if (added->histogram)
        aur_histogram_encode(histogram, added->histogram, added->size);
    return added->histogram != NULL;
}

static int by_name(const void *left, const void *right)
{
    const struct measured *a = left, *b = right;
    int order = strcmp(a->task, b->task);
    return order ? order : strcmp(a->name, b->name);
}

// "task AudioOut" or "the system".
static const char *scope(const char *task, char *text, size_t room)
{
    if (*task)
        snprintf(text, room, "task %.80s", task);
    else
        snprintf(text, room, "the system");
    return text;
}

static bool compare_metric(void *context, const char *task, const char *name, const char *unit,
                           double value)
{
    struct check *check = context;
    struct measured key = {.task = (char *)task, .name = name};
    struct measured *now = bsearch(&key, check->measured, check->count, sizeof key, by_name);
    char where[96];

    (void)unit;
    check->verdict->metrics++;
    if (!now)
        return aur_fail(&check->verdict->difference, NULL, 0,
                        "%s of %s is stored, but the run has no such metric", name,
                        scope(task, where, sizeof where));
    now->found = true;
    if (now->value == value || (isnan(now->value) && isnan(value)))
        return true;
    return aur_fail(&check->verdict->difference, NULL, 0,
                    "%s of %s is stored as %.17g, executed it is %.17g", name,
                    scope(task, where, sizeof where), value, now->value);
}

static bool compare_histogram(struct check *check, struct measured *now)
{
    struct aur_histogram stored;
    char where[96];
    bool found, same = false;

    if (!aur_store_histogram(check->store, check->run->id, now->task, now->name, &stored, &found,
                             check->failure))
        return false;
    if (found) {
        size_t size = aur_histogram_encode(&stored, NULL, 0);
        uint8_t *bytes = size == now->size ? malloc(size) : NULL;
        if (bytes) {
            aur_histogram_encode(&stored, bytes, size);
            same = memcmp(bytes, now->histogram, size) == 0;
            free(bytes);
        }
        aur_histogram_free(&stored);
    }
    check->verdict->metrics++;
    if (!same)
        aur_fail(&check->verdict->difference, NULL, 0, "the histogram %s of %s %s", now->name,
                 scope(now->task, where, sizeof where),
                 found ? "holds other samples than the run" : "is not stored");
    return true;
}

static bool compare_measured(struct check *check)
{
    char where[96];
    qsort(check->measured, check->count, sizeof *check->measured, by_name);
    if (!aur_store_select_metrics(check->store, check->run->id, compare_metric, check,
                                  check->failure))
        return false;
    for (uint32_t i = 0; i < check->count && !check->verdict->difference.text[0]; i++) {
        struct measured *now = &check->measured[i];
        if (now->histogram) {
            if (!compare_histogram(check, now))
                return false;
        } else if (!now->found) {
            aur_fail(&check->verdict->difference, NULL, 0, "%s of %s is not stored", now->name,
                     scope(now->task, where, sizeof where));
        }
    }
    return true;
}

static bool add_chunk(void *context, uint64_t first_ns, uint64_t last_ns, uint32_t records,
                      const uint8_t *bytes, size_t size)
{
    struct check *check = context;
    struct aur_trace_chunk chunk;
    if (aur_trace_header(bytes, size, &chunk) != AUR_TRACE_OK || chunk.bytes != size ||
        chunk.records != records || chunk.first_ns != first_ns || chunk.last_ns != last_ns)
        return aur_fail(&check->verdict->difference, NULL, 0,
                        "a chunk of the trace and its row contradict each other");
    check->verdict->records += records;
    return aur_trace_reader_add(&check->trace, bytes, size) || out_of_memory(check);
}

static bool add_place(void *context, uint64_t records, uint64_t events)
{
    struct check *check = context;
    if (check->place_count == check->place_room) {
        uint32_t room = check->place_room ? 2 * check->place_room : 64;
        struct place *grown = realloc(check->places, room * sizeof *grown);
        if (!grown)
            return out_of_memory(check);
        check->places = grown;
        check->place_room = room;
    }
    check->places[check->place_count++] = (struct place){records, events};
    return true;
}

static bool same_snapshot(struct check *check, const struct aur_core *core,
                          const struct aur_position *position)
{
    struct aur_failure *difference = &check->verdict->difference;
    struct aur_stored_snapshot stored;
    uint64_t records = check->places[check->place].records;
    uint8_t *plain = NULL, *executed = NULL;
    size_t size = 0;
    bool same = false;
    if (!aur_store_snapshot(check->store, check->run->id, records, records, UINT64_MAX, &stored,
                            check->failure))
        return false;
    struct aur_snapshot snapshot = {
        .records = records, .state_bytes = stored.bytes, .data = stored.data, .size = stored.size};
    if (stored.data && aur_snapshot_inflate(&snapshot, &plain, difference)) {
        executed = aur_snapshot_write(core, position, &size);
        same = executed && position->records == records && size == snapshot.size &&
               stored.bytes == aur_core_size(aur_core_config(core)) &&
               memcmp(plain, executed, size) == 0;
    }
    if (!same)
        aur_fail(difference, NULL, 0,
                 "the snapshot before record %llu is not the state that the run has there",
                 (unsigned long long)records);
    free(stored.data);
    free(plain);
    free(executed);
    return same;
}

static uint64_t check_state(void *context, const struct aur_core *core,
                            const struct aur_position *position)
{
    struct check *check = context;
    uint64_t events = aur_core_events(core);
    if (check->place < check->place_count && check->places[check->place].events <= events) {
        if (!same_snapshot(check, core, position))
            return 0;
        check->place++;
        check->verdict->snapshots++;
    }
    if (check->place == check->place_count)
        return INT64_MAX;
    uint64_t next = check->places[check->place].events;
    return next > events ? next - events : 1;
}

static bool execute(struct check *check, const struct aur_inputs *inputs, aur_progress *progress,
                    void *context)
{
    struct aur_failure *difference = &check->verdict->difference;
    struct aur_record_sink sink = {take_metric, take_histogram, check};
    struct aur_execution execution = {.inputs = inputs,
                                      .record = &sink,
                                      .same = check->run->trace_chunks ? &check->trace : NULL,
                                      .progress = progress,
                                      .progress_context = context};

    if (check->place_count) {
        execution.state = check_state;
        execution.state_context = check;
    }
    if (!aur_execution_run(&execution, difference))
        return true;
    check->verdict->digest = execution.digest;
    check->verdict->events = execution.events;
    check->verdict->wall_seconds = execution.wall_seconds;
    if (execution.digest != check->run->digest)
        aur_fail(difference, NULL, 0, "the digest is stored as %016llx, executed it is %016llx",
                 (unsigned long long)check->run->digest, (unsigned long long)execution.digest);
    else if (execution.events != check->run->events || execution.end_ns != check->run->end_ns)
        aur_fail(difference, NULL, 0,
                 "the run is stored with %llu events until %llu ns, executed it has %llu until "
                 "%llu ns",
                 (unsigned long long)check->run->events, (unsigned long long)check->run->end_ns,
                 (unsigned long long)execution.events, (unsigned long long)execution.end_ns);
    else if (check->place < check->place_count)
        aur_fail(difference, NULL, 0,
                 "the run has no record %llu, before which a snapshot is stored",
                 (unsigned long long)check->places[check->place].records);
    return difference->text[0] || compare_measured(check);
}

static bool check_columns(struct check *check, const struct aur_inputs *inputs)
{
    const struct aur_stored_summary *run = check->run;
    struct aur_failure *difference = &check->verdict->difference;
    if (strcmp(run->scheduler, inputs->scheduler.name) != 0)
        return aur_fail(difference, NULL, 0, "the run says scheduler %s, its inputs say %s",
                        run->scheduler, inputs->scheduler.name);
    if (run->seed != inputs->seed || run->replication != inputs->replication)
        return aur_fail(difference, NULL, 0,
                        "the run says seed %llu replication %u, its inputs say %llu and %u",
                        (unsigned long long)run->seed, run->replication,
                        (unsigned long long)inputs->seed, inputs->replication);
    return true;
}

static bool check_inputs(struct check *check, aur_progress *progress, void *context)
{
    struct aur_failure *difference = &check->verdict->difference;
    struct aur_inputs inputs;
    uint8_t *bytes;
    size_t size;
    bool good = true;

    if (!aur_store_inputs(check->store, check->run->id, &bytes, &size, check->failure))
        return false;
    if (aur_inputs_digest(bytes, size) != check->run->inputs_digest) {
        aur_fail(difference, NULL, 0, "the inputs' digest is stored as %016llx, they have %016llx",
                 (unsigned long long)check->run->inputs_digest,
                 (unsigned long long)aur_inputs_digest(bytes, size));
    } else if (aur_inputs_decode(&inputs, bytes, size, difference)) {
        if (check_columns(check, &inputs))
            good = execute(check, &inputs, progress, context);
        aur_inputs_free(&inputs);
    }
    free(bytes);
    return good;
}

bool aur_verify_run(struct aur_store *store, const struct aur_stored_summary *run,
                    aur_progress *progress, void *context, struct aur_verdict *verdict,
                    struct aur_failure *failure)
{
    struct check check = {.store = store, .run = run, .verdict = verdict, .failure = failure};
    bool good;

    memset(verdict, 0, sizeof *verdict);
    if (strcmp(run->host, "sim") != 0)
        return aur_fail(failure, NULL, 0,
                        "run %lld was made by host %s, only those of the simulator can be "
                        "executed here",
                        (long long)run->id, run->host);
    if (!aur_trace_reader_init(&check.trace))
        return out_of_memory(&check);
    good = aur_store_select_trace(store, run->id, add_chunk, &check, failure) &&
           aur_store_select_snapshots(store, run->id, add_place, &check, failure) &&
           (verdict->difference.text[0] || check_inputs(&check, progress, context));
    aur_trace_reader_free(&check.trace);
    for (uint32_t i = 0; i < check.count; i++) {
        free(check.measured[i].task);
        free(check.measured[i].histogram);
    }
    free(check.measured);
    free(check.places);
    verdict->same = good && !verdict->difference.text[0];
    return good && !failure->text[0];
}
