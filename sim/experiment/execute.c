#include "experiment/execute.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct watch {
    struct aur_execution *execution;
    struct aur_failure *failure;
    struct aur_trace_packer packer;
    struct aur_snapshot_taker taker;
    uint64_t records;
};

static size_t put_number(char *text, size_t used, size_t room, const char *name, uint64_t value)
{
    if (used >= room)
        return room;
    return used + (size_t)snprintf(text + used, room - used, " %s %" PRIu64, name, value);
}

char *aur_record_line(const struct aur_record *record, char *text, size_t room)
{
    size_t used = (size_t)snprintf(text, room, "%" PRIu64 " ns %s", record->now_ns,
                                   aur_record_kind_text(record->kind));
    if (record->cpu != AUR_NO_CPU)
        used = put_number(text, used, room, "cpu", record->cpu);
    if (record->task != AUR_NONE)
        used = put_number(text, used, room, "task", record->task);
    if (record->object != AUR_NONE)
        used = put_number(text, used, room, "object", record->object);
    if (record->arg && record->arg != AUR_NEVER_NS)
        put_number(text, used, room, "arg", record->arg);
    return text;
}

char *aur_instance_name(const struct aur_workload *workload, uint32_t spec, uint32_t instance,
                        char *text, size_t room)
{
    const char *name = aur_workload_name(workload, workload->specs[spec].name);
    if (workload->specs[spec].instances > 1 || instance)
        snprintf(text, room, "%s-%u", name, instance);
    else
        snprintf(text, room, "%s", name);
    return text;
}

static bool compare(struct watch *watch, const struct aur_record *records, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++, watch->records++) {
        const struct aur_record *stored =
            aur_trace_reader_next(watch->execution->same, watch->failure);
        char now[128], then[128] = "nothing more";
        if (stored && memcmp(stored, &records[i], sizeof *stored) == 0)
            continue;
        watch->execution->differs = true;
        if (stored)
            aur_record_line(stored, then, sizeof then);
        return aur_fail(watch->failure, NULL, 0,
                        "record %" PRIu64 " differs: stored is \"%s\", executed is \"%s\"",
                        watch->records, then, aur_record_line(&records[i], now, sizeof now));
    }
    return true;
}

static bool take(void *context, const struct aur_record *records, uint32_t count)
{
    struct watch *watch = context;
    if (watch->execution->same && !compare(watch, records, count))
        return false;
    if ((watch->execution->snapshot || watch->execution->state) &&
        !aur_position_take(&watch->taker.position, records, count))
        return false;
    return !watch->execution->chunk || aur_trace_packer_take(&watch->packer, records, count);
}

static uint64_t show_state(void *context, const struct aur_core *core)
{
    const struct watch *watch = context;
    return watch->execution->state(watch->execution->state_context, core, &watch->taker.position);
}

static bool compare_end(struct watch *watch)
{
    char then[128];
    const struct aur_record *stored = aur_trace_reader_next(watch->execution->same, watch->failure);
    if (!stored && !watch->failure->text[0])
        return true;
    watch->execution->differs = true;
    if (!stored)
        return false;
    return aur_fail(watch->failure, NULL, 0,
                    "record %" PRIu64 " differs: stored is \"%s\", executed is nothing more",
                    watch->records, aur_record_line(stored, then, sizeof then));
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool finish(struct watch *watch, const struct aur_run_result *result)
{
    struct aur_execution *execution = watch->execution;
    execution->digest = result->digest;
    execution->events = result->events;
    execution->end_ns = result->end_ns;
    execution->ejected = result->ejected;
    if (execution->same && !compare_end(watch))
        return false;
    if (execution->chunk && !aur_trace_packer_end(&watch->packer))
        return aur_fail(watch->failure, NULL, 0, "the trace was not taken");
    if (execution->record && !aur_record_run(execution->record, execution->inputs, result))
        return aur_fail(watch->failure, NULL, 0, "the metrics were not taken");
    return true;
}

bool aur_execution_run(struct aur_execution *execution, struct aur_failure *failure)
{
    struct watch watch = {.execution = execution, .failure = failure};
    struct aur_simulate_options options = {.progress = execution->progress,
                                           .progress_context = execution->progress_context,
                                           .made = execution->made,
                                           .made_context = execution->made_context};
    struct aur_run_result result;
    double start = seconds_now();

    execution->differs = false;
    if (execution->chunk &&
        !aur_trace_packer_init(&watch.packer, execution->chunk, execution->chunk_context))
        return aur_fail(failure, NULL, 0, "memory is out");
    if (execution->chunk || execution->same || execution->state) {
        options.sink = take;
        options.sink_context = &watch;
    }
    aur_position_init(&watch.taker.position);
    if (execution->chunk && execution->snapshot) {
        watch.taker.packer = &watch.packer;
        watch.taker.every = execution->snapshot_every;
        watch.taker.sink = execution->snapshot;
        watch.taker.context = execution->snapshot_context;
        options.state = aur_snapshot_take;
        options.state_context = &watch.taker;
    } else if (execution->state) {
        options.state = show_state;
        options.state_context = &watch;
    }
    bool good = aur_simulate(execution->inputs, &options, &result, failure);
    execution->wall_seconds = seconds_now() - start;
    if (good) {
        good = finish(&watch, &result);
        aur_run_result_free(&result);
    }
    if (watch.taker.out_of_memory)
        snprintf(failure->text, sizeof failure->text, "memory is out for a snapshot");
    aur_position_free(&watch.taker.position);
    if (execution->chunk)
        aur_trace_packer_free(&watch.packer);
    return good;
}
