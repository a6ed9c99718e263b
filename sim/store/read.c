#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/histogram_blob.h"
#include "store/database.h"

// Of the callbacks, the one that the walk at hand calls.
struct caller {
    union {
        aur_metric_row *metric;
        aur_param_row *param;
        aur_name_row *name;
    } row;
    void *context;
};

// Calls back with the rows that `sql` selects for the run ?1.
static bool walk_run(struct aur_store *store, const char *sql, int64_t run_id,
                     aur_database_row *give, struct caller caller, struct aur_failure *failure)
{
    sqlite3_stmt *select = aur_database_prepare(store, sql, failure);

    if (select)
        sqlite3_bind_int64(select, 1, run_id);
    return aur_database_walk(store, select, give, &caller, failure);
}

static bool give_metric(void *context, sqlite3_stmt *select)
{
    const struct caller *caller = context;
    double value = sqlite3_column_type(select, 3) == SQLITE_NULL ? (double)NAN
                                                                 : sqlite3_column_double(select, 3);

    return caller->row.metric(caller->context, aur_database_text(select, 0),
                              aur_database_text(select, 1), aur_database_text(select, 2), value);
}

bool aur_store_select_metrics(struct aur_store *store, int64_t run_id, aur_metric_row *row,
                              void *context, struct aur_failure *failure)
{
    struct caller caller = {.row.metric = row, .context = context};

    return walk_run(store,
                    "SELECT '', name, unit, value FROM metric WHERE run_id = ?1"
                    " UNION ALL"
                    " SELECT task, name, unit, value FROM task_metric WHERE run_id = ?1",
                    run_id, give_metric, caller, failure);
}

static bool give_param(void *context, sqlite3_stmt *select)
{
    const struct caller *caller = context;

    return caller->row.param(caller->context, aur_database_text(select, 0),
                             aur_database_text(select, 1));
}

bool aur_store_select_params(struct aur_store *store, int64_t run_id, aur_param_row *row,
                             void *context, struct aur_failure *failure)
{
    struct caller caller = {.row.param = row, .context = context};

    return walk_run(store, "SELECT path, value FROM param WHERE run_id = ?1 ORDER BY path", run_id,
                    give_param, caller, failure);
}

static bool give_name(void *context, sqlite3_stmt *select)
{
    const struct caller *caller = context;

    return caller->row.name(caller->context, (uint32_t)sqlite3_column_int64(select, 0),
                            aur_database_text(select, 1));
}

bool aur_store_select_task_names(struct aur_store *store, int64_t run_id, aur_name_row *row,
                                 void *context, struct aur_failure *failure)
{
    struct caller caller = {.row.name = row, .context = context};

    return walk_run(store, "SELECT task, name FROM task_name WHERE run_id = ?1 ORDER BY task",
                    run_id, give_name, caller, failure);
}

static bool decode_histogram(const struct aur_store *store, sqlite3_stmt *select, int64_t run_id,
                             const char *name, struct aur_histogram *histogram,
                             struct aur_failure *failure)
{
    const uint8_t *bytes = sqlite3_column_blob(select, 0);
    enum aur_histogram_blob status =
        aur_histogram_decode(histogram, bytes, (size_t)sqlite3_column_bytes(select, 0));

    return status == AUR_HISTOGRAM_BLOB_OK ||
           aur_fail(failure, store->path, 0,
                    "histogram %s of run %" PRId64 ": %s, run the experiment again into a new file",
                    name, run_id, aur_histogram_blob_text(status));
}

bool aur_store_histogram(struct aur_store *store, int64_t run_id, const char *scope,
                         const char *name, struct aur_histogram *histogram, bool *found,
                         struct aur_failure *failure)
{
    sqlite3_stmt *select = aur_database_prepare(
        store, "SELECT data FROM histogram WHERE run_id = ? AND scope = ? AND name = ?", failure);

    *found = false;
    aur_histogram_init(histogram);
    if (!select)
        return false;
    sqlite3_bind_int64(select, 1, run_id);
    aur_database_bind_text(select, 2, scope);
    aur_database_bind_text(select, 3, name);

    bool ok = aur_database_step(store, select, found, failure);

    if (*found)
        ok = decode_histogram(store, select, run_id, name, histogram, failure);
    sqlite3_finalize(select);
    return ok;
}

bool aur_store_inputs(struct aur_store *store, int64_t run_id, uint8_t **inputs, size_t *size,
                      struct aur_failure *failure)
{
    sqlite3_stmt *select =
        aur_database_prepare(store, "SELECT data FROM run_inputs WHERE run_id = ?", failure);

    *inputs = NULL;
    *size = 0;
    if (!select)
        return false;
    sqlite3_bind_int64(select, 1, run_id);

    bool found;
    bool ok = aur_database_step(store, select, &found, failure);

    if (found)
        ok = aur_database_copy_blob(store, select, inputs, size, failure);
    else if (ok)
        ok = aur_fail(failure, store->path, 0,
                      "has no run %" PRId64 ", `aurora list runs --db %s` shows which it has",
                      run_id, store->path);
    sqlite3_finalize(select);
    return ok;
}
