#include "experiment/snapshot_stream.h"

#include <stdlib.h>

#include "travel/deflate.h"

// A trace has 2 to 4 bytes an event, and packing so much of a state costs as much as an event does.
#define TRACE_BYTES_AN_EVENT 2u
#define STATE_BYTES_AN_EVENT 64u

static uint64_t next_in(const struct aur_snapshot_taker *taker, const struct aur_snapshot *taken)
{
    if (taker->every)
        return taker->every;
    uint64_t events = AUR_SNAPSHOT_EVENTS;
    if (events < taken->size / TRACE_BYTES_AN_EVENT)
        events = taken->size / TRACE_BYTES_AN_EVENT;
    if (events < taken->state_bytes / STATE_BYTES_AN_EVENT)
        events = taken->state_bytes / STATE_BYTES_AN_EVENT;
    return events;
}

uint64_t aur_snapshot_take(void *context, const struct aur_core *core)
{
    struct aur_snapshot_taker *taker = context;
    size_t size, packed_size;
    if (!aur_trace_packer_end(taker->packer))
        return 0;
    uint8_t *plain = aur_snapshot_write(core, &taker->position, &size);
    uint8_t *packed = plain ? aur_deflate(plain, size, &packed_size) : NULL;
    free(plain);
    if (!packed) {
        taker->out_of_memory = true;
        return 0;
    }
    struct aur_snapshot snapshot = {.seq = taker->packer->chunks,
                                    .records = taker->position.records,
                                    .events = taker->position.events,
                                    .now_ns = aur_core_now_ns(core),
                                    .state_bytes = aur_core_size(aur_core_config(core)),
                                    .data = packed,
                                    .size = packed_size};
    bool good = taker->sink(taker->context, &snapshot);
    free(packed);
    return good ? next_in(taker, &snapshot) : 0;
}
