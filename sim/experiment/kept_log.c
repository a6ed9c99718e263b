#include "experiment/kept_log.h"

#include <stdlib.h>
#include <string.h>

#include "travel/deflate.h"

void aur_kept_log_init(struct aur_kept_log *log, uint64_t until_ns)
{
    *log = (struct aur_kept_log){.until_ns = until_ns};
}

static void free_pieces(struct aur_kept_pieces *pieces)
{
    for (uint32_t i = 0; i < pieces->count; i++)
        free(pieces->list[i].bytes);
    free(pieces->list);
}

void aur_kept_log_free(struct aur_kept_log *log)
{
    free_pieces(&log->chunks);
    free_pieces(&log->snapshots);
    free(log->plain);
    memset(log, 0, sizeof *log);
}

static bool keep(struct aur_kept_pieces *pieces, const struct aur_snapshot *snapshot)
{
    if (pieces->count == pieces->room) {
        uint32_t room = pieces->room ? 2 * pieces->room : 16;
        struct aur_kept_piece *grown = realloc(pieces->list, room * sizeof *grown);
        if (!grown)
            return false;
        pieces->list = grown;
        pieces->room = room;
    }
    struct aur_kept_piece *piece = &pieces->list[pieces->count];
    *piece = (struct aur_kept_piece){*snapshot, malloc(snapshot->size + 1)};
    if (!piece->bytes)
        return false;
    memcpy(piece->bytes, snapshot->data, snapshot->size);
    piece->snapshot.data = piece->bytes;
    pieces->count++;
    return true;
}

static bool take_chunk(void *context, const struct aur_trace_chunk *chunk, const uint8_t *bytes)
{
    struct aur_kept_log *log = context;
    struct aur_snapshot piece = {.data = bytes, .size = chunk->bytes};
    return chunk->first_ns > log->until_ns || keep(&log->chunks, &piece);
}

static bool take_snapshot(void *context, const struct aur_snapshot *snapshot)
{
    struct aur_kept_log *log = context;
    return snapshot->now_ns > log->until_ns || keep(&log->snapshots, snapshot);
}

void aur_kept_log_attach(struct aur_kept_log *log, struct aur_execution *execution)
{
    execution->chunk = take_chunk;
    execution->chunk_context = log;
    execution->snapshot = take_snapshot;
    execution->snapshot_context = log;
}

bool aur_snapshot_inflate(struct aur_snapshot *snapshot, uint8_t **plain,
                          struct aur_failure *failure)
{
    // What may follow the state is a number a slot, and a slot is in the state, too: far larger.
    uint64_t most = 2 * snapshot->state_bytes + 1024;
    *plain = most < INT64_MAX ? aur_inflate(snapshot->data, snapshot->size, most, &snapshot->size)
                              : NULL;
    snapshot->data = *plain;
    return *plain ||
           aur_fail(failure, NULL, 0,
                    "the snapshot before record %llu is damaged: it cannot be unpacked; run the "
                    "experiment again with --trace into another --db",
                    (unsigned long long)snapshot->records);
}

static bool find_snapshot(void *context, uint64_t least, uint64_t most, uint64_t now_ns,
                          struct aur_snapshot *snapshot, struct aur_failure *failure)
{
    struct aur_kept_log *log = context;
    *snapshot = (struct aur_snapshot){0};
    for (uint32_t i = log->snapshots.count; i-- > 0;) {
        const struct aur_snapshot *kept = &log->snapshots.list[i].snapshot;
        if (kept->records > most || kept->now_ns > now_ns)
            continue;
        if (kept->records < least)
            return true;
        free(log->plain);
        *snapshot = *kept;
        return aur_snapshot_inflate(snapshot, &log->plain, failure);
    }
    return true;
}

static bool find_chunk(void *context, uint32_t seq, const uint8_t **bytes, size_t *size,
                       struct aur_failure *failure)
{
    const struct aur_kept_log *log = context;
    (void)failure;
    *bytes = seq < log->chunks.count ? log->chunks.list[seq].bytes : NULL;
    *size = seq < log->chunks.count ? log->chunks.list[seq].snapshot.size : 0;
    return true;
}

struct aur_log_source aur_kept_log_source(struct aur_kept_log *log)
{
    return (struct aur_log_source){find_snapshot, find_chunk, log};
}
