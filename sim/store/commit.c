#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/database.h"
#include "store/intern.h"
#include "store/task_rows.h"
#include "store/writer.h"

struct outcome {
    uint64_t digest;
    uint64_t events;
    uint64_t end_ns;
    double wall_seconds;
};

static void bind_digest(sqlite3_stmt *statement, int index, uint64_t digest)
{
    char hex[17];

    snprintf(hex, sizeof hex, "%016" PRIx64, digest);
    sqlite3_bind_text(statement, index, hex, 16, SQLITE_TRANSIENT);
}

static bool bind_piece(struct aur_run_writer *writer, sqlite3_stmt *statement, int index,
                       struct aur_spool_piece piece, struct aur_failure *failure)
{
    const uint8_t *bytes = aur_spool_read(&writer->spool, piece, failure);

    if (!bytes)
        return false;
    return sqlite3_bind_blob64(statement, index, bytes, piece.size, SQLITE_STATIC) == SQLITE_OK ||
           aur_database_fail(writer->store, failure);
}

static void bind_pair(const struct aur_dictionary *texts, sqlite3_stmt *statement, int index,
                      uint32_t number)
{
    aur_database_bind_text(statement, index, aur_dictionary_first(texts, number));
    aur_database_bind_text(statement, index + 1, aur_dictionary_second(texts, number));
}

static bool insert_run(struct aur_run_writer *writer, const struct outcome *outcome, int64_t *id,
                       struct aur_failure *failure)
{
    const struct aur_writer_identity *run = &writer->run;
    struct aur_store *store = writer->store;
    char seed[24];
    sqlite3_stmt *insert = aur_database_prepare(
        store,
        "INSERT INTO run (experiment_id, digest, inputs_digest, host, scheduler, workload, label,"
        "   seed, replication, events, end_ns, wall_seconds, task_metrics, first_task_metric, id)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
        "   (SELECT ifnull(max(id), 0) + 1 FROM task_metric_row),"
        "   iif(?14 IN (SELECT id FROM run), NULL, ?14))", // NULL: the next one
        failure);

    if (!insert)
        return false;
    snprintf(seed, sizeof seed, "%" PRIu64, run->seed);
    sqlite3_bind_int64(insert, 1, run->experiment_id);
    bind_digest(insert, 2, outcome->digest);
    bind_digest(insert, 3, run->inputs_digest);
    aur_database_bind_text(insert, 4, run->host);
    aur_database_bind_text(insert, 5, run->scheduler);
    aur_database_bind_text(insert, 6, run->workload);
    aur_database_bind_text(insert, 7, run->label);
    aur_database_bind_text(insert, 8, seed);
    sqlite3_bind_int64(insert, 9, run->replication);
    sqlite3_bind_int64(insert, 10, (int64_t)outcome->events);
    sqlite3_bind_int64(insert, 11, (int64_t)outcome->end_ns);
    sqlite3_bind_double(insert, 12, outcome->wall_seconds);
    sqlite3_bind_int64(insert, 13, (int64_t)writer->task_metrics.count);
    if (run->wanted_id != 0)
        sqlite3_bind_int64(insert, 14, run->wanted_id);

    bool ok = aur_database_insert(store, insert, failure);

    *id = sqlite3_last_insert_rowid(store->db);
    sqlite3_finalize(insert);
    return ok;
}

// One row of a table, from number `at` of what the writer has buffered for it.
typedef bool bind_row(struct aur_run_writer *writer, sqlite3_stmt *insert, size_t at,
                      struct aur_failure *failure);

static bool insert_rows(struct aur_run_writer *writer, int64_t run_id, const char *sql,
                        size_t count, bind_row *bind, struct aur_failure *failure)
{
    if (count == 0)
        return true;

    sqlite3_stmt *insert = aur_database_prepare(writer->store, sql, failure);
    bool ok = insert != NULL;

    if (ok)
        sqlite3_bind_int64(insert, 1, run_id);
    for (size_t at = 0; ok && at < count; at++) {
        ok = bind(writer, insert, at, failure) &&
             aur_database_insert(writer->store, insert, failure);
    }
    sqlite3_finalize(insert);
    return ok;
}

static bool bind_inputs(struct aur_run_writer *writer, sqlite3_stmt *insert, size_t at,
                        struct aur_failure *failure)
{
    (void)at;
    return bind_piece(writer, insert, 2, writer->run.inputs, failure);
}

static bool bind_param(struct aur_run_writer *writer, sqlite3_stmt *insert, size_t at,
                       struct aur_failure *failure)
{
    (void)failure;
    bind_pair(&writer->texts, insert, 2, ((const uint32_t *)writer->params.rows)[at]);
    return true;
}

// A value that is not a number becomes NULL: that is what SQLite makes of it.
static bool bind_metric(struct aur_run_writer *writer, sqlite3_stmt *insert, size_t at,
                        struct aur_failure *failure)
{
    const struct aur_writer_metric *row = (struct aur_writer_metric *)writer->metrics.rows + at;

    (void)failure;
    bind_pair(&writer->texts, insert, 2, row->name_and_unit);
    sqlite3_bind_double(insert, 4, row->value);
    return true;
}

static bool bind_histogram(struct aur_run_writer *writer, sqlite3_stmt *insert, size_t at,
                           struct aur_failure *failure)
{
    const struct aur_writer_histogram *row =
        (struct aur_writer_histogram *)writer->histograms.rows + at;

    aur_database_bind_text(insert, 2, aur_dictionary_first(&writer->texts, row->scope));
    bind_pair(&writer->texts, insert, 3, row->name_and_unit);
    sqlite3_bind_int64(insert, 5, row->count);
    sqlite3_bind_int64(insert, 6, row->min);
    sqlite3_bind_int64(insert, 7, row->max);
    sqlite3_bind_double(insert, 8, row->mean);
    sqlite3_bind_int64(insert, 9, row->p50);
    sqlite3_bind_int64(insert, 10, row->p90);
    sqlite3_bind_int64(insert, 11, row->p99);
    sqlite3_bind_int64(insert, 12, row->p999);
    return bind_piece(writer, insert, 13, row->data, failure);
}

static bool bind_chunk(struct aur_run_writer *writer, sqlite3_stmt *insert, size_t at,
                       struct aur_failure *failure)
{
    const struct aur_writer_chunk *row = (struct aur_writer_chunk *)writer->chunks.rows + at;

    sqlite3_bind_int64(insert, 2, (int64_t)at);
    sqlite3_bind_int64(insert, 3, (int64_t)row->first_ns);
    sqlite3_bind_int64(insert, 4, (int64_t)row->last_ns);
    sqlite3_bind_int64(insert, 5, row->records);
    return bind_piece(writer, insert, 6, row->data, failure);
}

static bool bind_snapshot(struct aur_run_writer *writer, sqlite3_stmt *insert, size_t at,
                          struct aur_failure *failure)
{
    const struct aur_writer_snapshot *row =
        (struct aur_writer_snapshot *)writer->snapshots.rows + at;

    sqlite3_bind_int64(insert, 2, row->seq);
    sqlite3_bind_int64(insert, 3, (int64_t)row->records);
    sqlite3_bind_int64(insert, 4, (int64_t)row->events);
    sqlite3_bind_int64(insert, 5, (int64_t)row->now_ns);
    sqlite3_bind_int64(insert, 6, (int64_t)row->bytes);
    return bind_piece(writer, insert, 7, row->data, failure);
}

static bool bind_task_name(struct aur_run_writer *writer, sqlite3_stmt *insert, size_t at,
                           struct aur_failure *failure)
{
    const struct aur_writer_task_name *row =
        (struct aur_writer_task_name *)writer->task_names.rows + at;

    (void)failure;
    sqlite3_bind_int64(insert, 2, row->task);
    aur_database_bind_text(insert, 3, aur_dictionary_first(&writer->texts, row->name));
    return true;
}

static bool bind_artifact(struct aur_run_writer *writer, sqlite3_stmt *insert, size_t at,
                          struct aur_failure *failure)
{
    const struct aur_writer_artifact *row =
        (struct aur_writer_artifact *)writer->artifacts.rows + at;

    bind_pair(&writer->texts, insert, 2, row->name_and_type);
    return bind_piece(writer, insert, 4, row->data, failure);
}

static bool insert_small_tables(struct aur_run_writer *writer, int64_t id,
                                struct aur_failure *failure)
{
    return insert_rows(writer, id, "INSERT INTO run_inputs VALUES (?, ?)", 1, bind_inputs,
                       failure) &&
           insert_rows(writer, id, "INSERT INTO param VALUES (?, ?, ?)", writer->params.count,
                       bind_param, failure) &&
           insert_rows(writer, id, "INSERT INTO metric VALUES (?, ?, ?, ?)", writer->metrics.count,
                       bind_metric, failure);
}

static bool insert_trace(struct aur_run_writer *writer, int64_t id, struct aur_failure *failure)
{
    return insert_rows(writer, id, "INSERT INTO trace_chunk VALUES (?, ?, ?, ?, ?, ?)",
                       writer->chunks.count, bind_chunk, failure) &&
           insert_rows(writer, id, "INSERT INTO snapshot VALUES (?, ?, ?, ?, ?, ?, ?)",
                       writer->snapshots.count, bind_snapshot, failure) &&
           insert_rows(writer, id, "INSERT INTO task_name VALUES (?, ?, ?)",
                       writer->task_names.count, bind_task_name, failure);
}

static bool insert_blob_tables(struct aur_run_writer *writer, int64_t id,
                               struct aur_failure *failure)
{
    return insert_rows(writer, id,
                       "INSERT INTO histogram VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                       writer->histograms.count, bind_histogram, failure) &&
           insert_trace(writer, id, failure) &&
           insert_rows(writer, id, "INSERT INTO artifact VALUES (?, ?, ?, ?)",
                       writer->artifacts.count, bind_artifact, failure);
}

static bool insert_task_metrics(struct aur_run_writer *writer, struct aur_failure *failure)
{
    struct aur_store *store = writer->store;
    int64_t *task_ids = aur_intern_tasks(store, &writer->tasks, failure);
    int64_t *measure_ids = task_ids ? aur_intern_measures(store, &writer->measures, failure) : NULL;
    bool ok = measure_ids != NULL;

    if (ok) {
        struct aur_task_rows rows = {writer->task_metrics.rows, writer->task_metrics.count,
                                     task_ids, measure_ids};

        store->task_rows = &rows;
        ok = aur_database_run(store,
                              "INSERT INTO task_metric_row (task_id, measure_id, value)"
                              " SELECT task_id, measure_id, value FROM buffered_task_metric",
                              failure);
        store->task_rows = NULL;
    }
    free(task_ids);
    free(measure_ids);
    return ok;
}

// Runs in the transaction. *id is the run that is there already, or the new one.
static bool store_run(struct aur_run_writer *writer, const struct outcome *outcome, int64_t *id,
                      struct aur_failure *failure)
{
    const struct aur_writer_identity *run = &writer->run;

    if (!aur_store_find_run(writer->store, run->experiment_id, run->inputs_digest, run->host, id,
                            failure))
        return false;
    if (*id != 0)
        return true;
    return insert_run(writer, outcome, id, failure) && insert_small_tables(writer, *id, failure) &&
           insert_task_metrics(writer, failure) && insert_blob_tables(writer, *id, failure);
}

static bool check_outcome(struct aur_run_writer *writer, const struct outcome *outcome,
                          struct aur_failure *failure)
{
    const char *path = writer->store->path;

    if (writer->why.text[0] != '\0')
        return aur_fail(failure, NULL, 0, "%s", writer->why.text);
    if (outcome->events > INT64_MAX || outcome->end_ns > INT64_MAX)
        return aur_fail(failure, path, 0,
                        "%" PRIu64 " events until %" PRIu64 " ns are beyond what fits",
                        outcome->events, outcome->end_ns);
    if (!isfinite(outcome->wall_seconds))
        return aur_fail(failure, path, 0, "the run's wall time is not a number");
    return aur_task_rows_sort(&writer->task_metrics) ||
           aur_fail(failure, path, 0, "a task's metric was given twice in one run");
}

bool aur_run_commit(struct aur_run_writer *writer, uint64_t digest, uint64_t events,
                    uint64_t end_ns, double wall_seconds, int64_t *run_id,
                    struct aur_failure *failure)
{
    struct outcome outcome = {digest, events, end_ns, wall_seconds};
    struct aur_store *store = writer->store;
    bool ok = check_outcome(writer, &outcome, failure) && aur_database_begin(store, failure);

    if (ok) {
        ok = store_run(writer, &outcome, run_id, failure);
        ok = aur_database_end(store, ok, failure);
    }
    aur_run_drop(writer);
    return ok;
}

static bool clear_trace(struct aur_store *store, int64_t id, struct aur_failure *failure)
{
    static const char *const deletions[] = {
        "DELETE FROM trace_chunk WHERE run_id = ?",
        "DELETE FROM snapshot WHERE run_id = ?",
        "DELETE FROM task_name WHERE run_id = ?",
    };
    bool ok = true;

    for (size_t i = 0; ok && i < sizeof deletions / sizeof deletions[0]; i++) {
        sqlite3_stmt *delete = aur_database_prepare(store, deletions[i], failure);

        ok = delete != NULL;
        if (ok) {
            sqlite3_bind_int64(delete, 1, id);
            ok = aur_database_insert(store, delete, failure);
        }
        sqlite3_finalize(delete);
    }
    return ok;
}

// Runs in the transaction: the run may have been deleted since it was looked up.
static bool replace_trace(struct aur_run_writer *writer, int64_t *run_id,
                          struct aur_failure *failure)
{
    const struct aur_writer_identity *run = &writer->run;
    int64_t there;

    if (!aur_store_find_run(writer->store, run->experiment_id, run->inputs_digest, run->host,
                            &there, failure))
        return false;
    if (there != *run_id) {
        *run_id = 0;
        return true;
    }
    return clear_trace(writer->store, there, failure) && insert_trace(writer, there, failure);
}

bool aur_run_commit_trace(struct aur_run_writer *writer, int64_t *run_id,
                          struct aur_failure *failure)
{
    struct outcome outcome = {0};
    struct aur_store *store = writer->store;
    bool ok = check_outcome(writer, &outcome, failure) && aur_database_begin(store, failure);

    if (ok) {
        ok = replace_trace(writer, run_id, failure);
        ok = aur_database_end(store, ok, failure);
    }
    aur_run_drop(writer);
    return ok;
}
