#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/database.h"

bool aur_store_find_run(struct aur_store *store, int64_t experiment_id, uint64_t inputs_digest,
                        const char *host, int64_t *run_id, struct aur_failure *failure)
{
    sqlite3_stmt *find = aur_database_prepare(
        store, "SELECT id FROM run WHERE experiment_id = ? AND inputs_digest = ? AND host = ?",
        failure);
    char digest[17];

    *run_id = 0;
    if (!find)
        return false;
    snprintf(digest, sizeof digest, "%016" PRIx64, inputs_digest);
    sqlite3_bind_int64(find, 1, experiment_id);
    aur_database_bind_text(find, 2, digest);
    aur_database_bind_text(find, 3, host);

    bool found;
    bool ok = aur_database_step(store, find, &found, failure);

    if (found)
        *run_id = sqlite3_column_int64(find, 0);
    sqlite3_finalize(find);
    return ok;
}

bool aur_store_next_run(struct aur_store *store, int64_t *run_id, struct aur_failure *failure)
{
    sqlite3_stmt *find =
        aur_database_prepare(store, "SELECT ifnull(max(id), 0) + 1 FROM run", failure);
    bool found = false;

    if (!find)
        return false;
    bool ok = aur_database_step(store, find, &found, failure);

    if (found)
        *run_id = sqlite3_column_int64(find, 0);
    sqlite3_finalize(find);
    return ok;
}

#define SELECT_RUNS                                                                                \
    "SELECT run.id, experiment.name, label, host, scheduler, workload, digest, inputs_digest,"     \
    "  seed, events, end_ns, replication, wall_seconds, finished,"                                 \
    "  (SELECT count(*) FROM trace_chunk WHERE run_id = run.id)"                                   \
    " FROM run JOIN experiment ON experiment.id = experiment_id"                                   \
    " WHERE (?1 IS NULL OR experiment.name = ?1)"

struct caller {
    aur_run_row *row;
    void *context;
};

static bool give_run(void *context, sqlite3_stmt *select)
{
    const struct caller *caller = context;
    struct aur_stored_run run = {
        .id = sqlite3_column_int64(select, 0),
        .experiment = aur_database_text(select, 1),
        .label = aur_database_text(select, 2),
        .host = aur_database_text(select, 3),
        .scheduler = aur_database_text(select, 4),
        .workload = aur_database_text(select, 5),
        .digest = strtoull(aur_database_text(select, 6), NULL, 16),
        .inputs_digest = strtoull(aur_database_text(select, 7), NULL, 16),
        .seed = strtoull(aur_database_text(select, 8), NULL, 10),
        .events = (uint64_t)sqlite3_column_int64(select, 9),
        .end_ns = (uint64_t)sqlite3_column_int64(select, 10),
        .replication = (uint32_t)sqlite3_column_int64(select, 11),
        .wall_seconds = sqlite3_column_double(select, 12),
        .finished = aur_database_text(select, 13),
        .trace_chunks = (uint32_t)sqlite3_column_int64(select, 14),
    };

    return caller->row(caller->context, &run);
}

bool aur_store_select_runs(struct aur_store *store, const char *experiment, int64_t run_id,
                           aur_run_row *row, void *context, struct aur_failure *failure)
{
    struct caller caller = {row, context};
    sqlite3_stmt *select = aur_database_prepare(
        store, run_id != 0 ? SELECT_RUNS " AND run.id = ?2" : SELECT_RUNS " ORDER BY run.id",
        failure);

    if (select) {
        aur_database_bind_text(select, 1, experiment);
        sqlite3_bind_int64(select, 2, run_id);
    }
    return aur_database_walk(store, select, give_run, &caller, failure);
}
