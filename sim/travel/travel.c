#include "travel/travel.h"

#include <stdlib.h>
#include <string.h>

#include "machine/simulate.h"

#define RING_RECORDS 256u

struct first {
    struct aur_core *core;
    bool lost;
};

// The first call comes before the first event: a copy of that state is all that is wanted.
static uint64_t keep_first(void *context, const struct aur_core *core)
{
    struct first *first = context;
    size_t size = aur_core_size(aur_core_config(core));
    first->core = aligned_alloc(64, size);
    if (first->core)
        memcpy(first->core, core, size);
    first->lost = !first->core;
    return 0;
}

static bool pass_over(void *context, const struct aur_record *records, uint32_t count)
{
    (void)context;
    (void)records;
    (void)count;
    return true;
}

static struct aur_core *first_state(const struct aur_inputs *inputs, struct aur_failure *failure)
{
    struct first first = {0};
    struct aur_failure stopped = {{0}};
    struct aur_run_result result;
    struct aur_simulate_options options = {
        .sink = pass_over, .state = keep_first, .state_context = &first};
    if (aur_simulate(inputs, &options, &result, &stopped)) {
        aur_run_result_free(&result);
        aur_fail(failure, NULL, 0, "the run has no events");
    } else if (first.lost) {
        aur_fail(failure, NULL, 0, "memory is out");
    } else if (!first.core) {
        aur_fail(failure, NULL, 0, "%s", stopped.text);
    }
    return first.core;
}

static size_t size_of(const struct aur_travel *travel)
{
    return aur_core_size(aur_core_config(travel->start));
}

static void go_to_start(struct aur_travel *travel)
{
    memcpy(travel->core, travel->start, size_of(travel));
    aur_position_free(&travel->position);
    aur_log_reader_seek(&travel->log, 0, 0);
    travel->lost = false;
}

bool aur_travel_init(struct aur_travel *travel, const struct aur_log_source *source,
                     const struct aur_inputs *inputs, struct aur_failure *failure)
{
    memset(travel, 0, sizeof *travel);
    aur_position_init(&travel->position);
    travel->start = first_state(inputs, failure);
    if (!travel->start)
        return false;
    travel->core = aligned_alloc(64, size_of(travel));
    travel->spare = aligned_alloc(64, size_of(travel));
    travel->ring = malloc(RING_RECORDS * sizeof *travel->ring);
    if (!travel->core || !travel->spare || !travel->ring ||
        !aur_log_reader_init(&travel->log, source)) {
        aur_travel_free(travel);
        return aur_fail(failure, NULL, 0, "memory is out");
    }
    go_to_start(travel);
    return true;
}

void aur_travel_free(struct aur_travel *travel)
{
    free(travel->start);
    free(travel->core);
    free(travel->spare);
    free(travel->ring);
    aur_position_free(&travel->position);
    aur_log_reader_free(&travel->log);
    memset(travel, 0, sizeof *travel);
}

static bool take_step(struct aur_travel *travel, const struct aur_record *step, uint32_t count,
                      struct aur_failure *failure)
{
    struct aur_log log = {.ring = travel->ring, .capacity = RING_RECORDS};
    struct aur_actions actions;
    struct aur_record event = step[0];
    event.actions = 0;
    enum aur_status status = aur_core_step(travel->core, &log, &event, &actions);
    if (status != AUR_OK)
        return aur_fail(failure, NULL, 0,
                        "record %llu of the trace, %s at %llu ns, is refused by this core: %s",
                        (unsigned long long)travel->position.records,
                        aur_record_kind_text(event.kind), (unsigned long long)event.now_ns,
                        aur_status_text(status));
    // All records that log holds: it began empty.
    uint32_t same = 0;
    while (same < count && same < log.head &&
           memcmp(&step[same], &travel->ring[same], sizeof *step) == 0)
        same++;
    if (same != count || log.head != count)
        return aur_fail(
            failure, NULL, 0,
            "record %llu of the trace is \"%s\", stepped again it is \"%s\": the trace was "
            "altered, or made by a core that decides otherwise (`aurora verify` tells)",
            (unsigned long long)(travel->position.records + same),
            same < count ? aur_record_kind_text(step[same].kind) : "nothing",
            same < log.head ? aur_record_kind_text(travel->ring[same].kind) : "nothing");
    travel->stepped++;
    if (!aur_position_take(&travel->position, step, count))
        return aur_fail(failure, NULL, 0, "memory is out");
    aur_log_reader_pass(&travel->log, count);
    return true;
}

bool aur_travel_step(struct aur_travel *travel, const struct aur_record **step, uint32_t *count,
                     struct aur_failure *failure)
{
    if (!aur_log_reader_peek(&travel->log, step, count, failure))
        return false;
    if (*count == 0 || take_step(travel, *step, *count, failure))
        return true;
    travel->lost = true;
    return false;
}

// Stands at the best place to start from for (record, now_ns), one of which is the greatest number.
static bool set_out(struct aur_travel *travel, uint64_t record, uint64_t now_ns,
                    struct aur_failure *failure)
{
    const struct aur_log_source *source = travel->log.source;
    struct aur_snapshot snapshot;
    bool ahead = !travel->lost && travel->position.records <= record &&
                 aur_core_now_ns(travel->core) <= now_ns;
    uint64_t least = ahead ? travel->position.records + 1 : 0;
    if (!source->snapshot(source->context, least, record, now_ns, &snapshot, failure))
        return false;
    if (!snapshot.data) {
        if (!ahead)
            go_to_start(travel);
        return true;
    }
    travel->lost = true;
    if (!aur_snapshot_read(&snapshot, aur_core_config(travel->start), travel->core,
                           &travel->position, failure))
        return false;
    aur_log_reader_seek(&travel->log, snapshot.seq, snapshot.records);
    travel->opened++;
    travel->lost = false;
    return true;
}

static bool go(struct aur_travel *travel, uint64_t record, uint64_t now_ns,
               struct aur_failure *failure)
{
    if (!set_out(travel, record, now_ns, failure))
        return false;
    for (;;) {
        const struct aur_record *step;
        uint32_t count;
        if (!aur_log_reader_peek(&travel->log, &step, &count, failure))
            return false;
        if (count == 0 || step->now_ns > now_ns || record - travel->position.records < count)
            return true;
        if (!take_step(travel, step, count, failure)) {
            travel->lost = true;
            return false;
        }
    }
}

bool aur_travel_to_record(struct aur_travel *travel, uint64_t record, struct aur_failure *failure)
{
    return go(travel, record, UINT64_MAX, failure);
}

bool aur_travel_to_instant(struct aur_travel *travel, uint64_t now_ns, struct aur_failure *failure)
{
    return go(travel, UINT64_MAX, now_ns, failure);
}
