// Traces: all chunks in order, or the parts from which one instant is reconstructed.
#include <stdlib.h>

#include "store/database.h"

struct chunk {
    int64_t seq;
    uint64_t first_ns, last_ns;
    uint32_t records;
    uint8_t *bytes;
    size_t size;
};

// The first chunk after number `after`.
static bool read_chunk(struct aur_store *store, sqlite3_stmt *select, int64_t after,
                       struct chunk *chunk, bool *found, struct aur_failure *failure)
{
    sqlite3_bind_int64(select, 2, after);

    bool ok = aur_database_step(store, select, found, failure);

    if (*found) {
        *chunk = (struct chunk){
            .seq = sqlite3_column_int64(select, 1),
            .first_ns = (uint64_t)sqlite3_column_int64(select, 2),
            .last_ns = (uint64_t)sqlite3_column_int64(select, 3),
            .records = (uint32_t)sqlite3_column_int64(select, 4),
        };
        ok = aur_database_copy_blob(store, select, &chunk->bytes, &chunk->size, failure);
    }
    sqlite3_reset(select);
    return ok;
}

// One query a chunk: an export into a pipe that nobody reads must not keep the file locked.
bool aur_store_select_trace(struct aur_store *store, int64_t run_id, aur_chunk_row *row,
                            void *context, struct aur_failure *failure)
{
    sqlite3_stmt *select =
        aur_database_prepare(store,
                             "SELECT data, seq, first_ns, last_ns, records FROM trace_chunk"
                             " WHERE run_id = ?1 AND seq > ?2 ORDER BY seq LIMIT 1",
                             failure);
    bool more = select != NULL;
    bool ok = more;

    if (select)
        sqlite3_bind_int64(select, 1, run_id);
    for (int64_t after = -1; more;) {
        struct chunk chunk = {0};

        ok = read_chunk(store, select, after, &chunk, &more, failure);
        more = ok && more &&
               row(context, chunk.first_ns, chunk.last_ns, chunk.records, chunk.bytes, chunk.size);
        after = chunk.seq;
        free(chunk.bytes);
    }
    sqlite3_finalize(select);
    return ok;
}

bool aur_store_chunk(struct aur_store *store, int64_t run_id, uint32_t seq, uint8_t **bytes,
                     size_t *size, struct aur_failure *failure)
{
    sqlite3_stmt *select = aur_database_prepare(
        store, "SELECT data FROM trace_chunk WHERE run_id = ? AND seq = ?", failure);

    *bytes = NULL;
    *size = 0;
    if (!select)
        return false;
    sqlite3_bind_int64(select, 1, run_id);
    sqlite3_bind_int64(select, 2, seq);

    bool found;
    bool ok = aur_database_step(store, select, &found, failure);

    if (found)
        ok = aur_database_copy_blob(store, select, bytes, size, failure);
    sqlite3_finalize(select);
    return ok;
}

// The last ones in the order of seq are looked at first; what precedes data in a row is enough to
// pass it over.
#define SELECT_SNAPSHOT                                                                            \
    "SELECT data, seq, records, events, now_ns, bytes FROM snapshot"                               \
    " WHERE run_id = ?1 AND records BETWEEN ?2 AND ?3 AND now_ns <= ?4 ORDER BY seq DESC LIMIT 1"

static int64_t to_column(uint64_t value)
{
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

bool aur_store_snapshot(struct aur_store *store, int64_t run_id, uint64_t least, uint64_t most,
                        uint64_t now_ns, struct aur_stored_snapshot *snapshot,
                        struct aur_failure *failure)
{
    *snapshot = (struct aur_stored_snapshot){0};
    if (store->version < 2)
        return true;

    sqlite3_stmt *select = aur_database_prepare(store, SELECT_SNAPSHOT, failure);

    if (!select)
        return false;
    sqlite3_bind_int64(select, 1, run_id);
    sqlite3_bind_int64(select, 2, to_column(least));
    sqlite3_bind_int64(select, 3, to_column(most));
    sqlite3_bind_int64(select, 4, to_column(now_ns));

    bool found;
    bool ok = aur_database_step(store, select, &found, failure);

    if (found) {
        snapshot->seq = (uint32_t)sqlite3_column_int64(select, 1);
        snapshot->records = (uint64_t)sqlite3_column_int64(select, 2);
        snapshot->events = (uint64_t)sqlite3_column_int64(select, 3);
        snapshot->now_ns = (uint64_t)sqlite3_column_int64(select, 4);
        snapshot->bytes = (uint64_t)sqlite3_column_int64(select, 5);
        ok = aur_database_copy_blob(store, select, &snapshot->data, &snapshot->size, failure);
    }
    sqlite3_finalize(select);
    return ok;
}

struct caller {
    aur_snapshot_row *row;
    void *context;
};

static bool give_snapshot(void *context, sqlite3_stmt *select)
{
    const struct caller *caller = context;

    return caller->row(caller->context, (uint64_t)sqlite3_column_int64(select, 0),
                       (uint64_t)sqlite3_column_int64(select, 1));
}

bool aur_store_select_snapshots(struct aur_store *store, int64_t run_id, aur_snapshot_row *row,
                                void *context, struct aur_failure *failure)
{
    struct caller caller = {row, context};

    if (store->version < 2)
        return true;

    sqlite3_stmt *select = aur_database_prepare(
        store, "SELECT records, events FROM snapshot WHERE run_id = ? ORDER BY seq", failure);

    if (select)
        sqlite3_bind_int64(select, 1, run_id);
    return aur_database_walk(store, select, give_snapshot, &caller, failure);
}
