#include "store/writer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stats/histogram_blob.h"
#include "store/database.h"
#include "store/task_rows.h"

// SQLite's default SQLITE_MAX_LENGTH.
#define MOST_BLOB_BYTES ((size_t)1000000000)

static bool out_of_memory(struct aur_run_writer *writer)
{
    return aur_fail(&writer->why, writer->store->path, 0, "memory is out for the results of a run");
}

static bool keep_bytes(struct aur_run_writer *writer, const char *what, const uint8_t *bytes,
                       size_t size, struct aur_spool_piece *piece)
{
    if (size > MOST_BLOB_BYTES)
        return aur_fail(&writer->why, writer->store->path, 0,
                        "%s of %zu bytes is too large, the limit is %zu", what, size,
                        MOST_BLOB_BYTES);
    return aur_spool_add(&writer->spool, bytes, size, piece, &writer->why);
}

static bool keep_string(struct aur_run_writer *writer, char **copy, const char *string)
{
    *copy = strdup(string);
    return *copy || out_of_memory(writer);
}

// The number of a pair of strings, and room for the row that will hold it. NULL without memory.
static void *add_row(struct aur_run_writer *writer, struct aur_rows *rows, size_t row_bytes,
                     struct aur_dictionary *dictionary, const char *first, const char *second,
                     uint32_t *number)
{
    *number = aur_dictionary_number(dictionary, first, second);

    void *row = *number != AUR_DICTIONARY_FULL ? aur_rows_add(rows, row_bytes) : NULL;

    if (!row)
        out_of_memory(writer);
    return row;
}

static bool keep_identity(struct aur_run_writer *writer, const struct aur_run_identity *identity)
{
    struct aur_writer_identity *run = &writer->run;

    run->experiment_id = identity->experiment_id;
    run->wanted_id = identity->wanted_id;
    run->inputs_digest = identity->inputs_digest;
    run->seed = identity->seed;
    run->replication = identity->replication;
    return keep_string(writer, &run->label, identity->label) &&
           keep_string(writer, &run->host, identity->host) &&
           keep_string(writer, &run->scheduler, identity->scheduler) &&
           keep_string(writer, &run->workload, identity->workload) &&
           keep_bytes(writer, "an encoding of inputs", identity->inputs, identity->inputs_size,
                      &run->inputs);
}

bool aur_run_begin(struct aur_store *store, const struct aur_run_identity *identity,
                   struct aur_run_writer **writer, struct aur_failure *failure)
{
    *writer = NULL;
    if (store->mode != AUR_STORE_WRITE)
        return aur_fail(failure, store->path, 0, "is open for reading only");

    struct aur_run_writer *begun = calloc(1, sizeof *begun);

    if (!begun)
        return aur_fail(failure, store->path, 0, "memory is out");
    begun->store = store;
    aur_spool_init(&begun->spool, store->path, AUR_SPOOL_MEMORY_BYTES);
    if (!keep_identity(begun, identity)) {
        aur_fail(failure, NULL, 0, "%s", begun->why.text);
        aur_run_drop(begun);
        return false;
    }
    *writer = begun;
    return true;
}

bool aur_run_param(struct aur_run_writer *writer, const char *path, const char *value)
{
    uint32_t number;
    uint32_t *row =
        add_row(writer, &writer->params, sizeof *row, &writer->texts, path, value, &number);

    if (!row)
        return false;
    *row = number;
    return true;
}

bool aur_run_metric(struct aur_run_writer *writer, const char *name, const char *unit, double value)
{
    uint32_t number;
    struct aur_writer_metric *row =
        add_row(writer, &writer->metrics, sizeof *row, &writer->texts, name, unit, &number);

    if (!row)
        return false;
    *row = (struct aur_writer_metric){number, value};
    return true;
}

bool aur_run_task_metric(struct aur_run_writer *writer, const char *task, const char *name,
                         const char *unit, double value)
{
    uint32_t measure = aur_dictionary_number(&writer->measures, name, unit);
    uint32_t number;
    struct aur_task_row *row =
        add_row(writer, &writer->task_metrics, sizeof *row, &writer->tasks, task, "", &number);

    if (!row || measure == AUR_DICTIONARY_FULL)
        return out_of_memory(writer);
    *row = (struct aur_task_row){number, measure, value};
    return true;
}

// Only the columns for queries are cut off at SQLite's largest integer; data is exact.
static int64_t to_column(uint64_t value)
{
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

static bool keep_histogram(struct aur_run_writer *writer, const struct aur_histogram *histogram,
                           struct aur_spool_piece *piece)
{
    uint8_t few[4096];
    uint8_t *bytes = few;
    size_t size = aur_histogram_encode(histogram, few, sizeof few);

    if (size > sizeof few) {
        bytes = malloc(size);
        if (!bytes)
            return out_of_memory(writer);
        aur_histogram_encode(histogram, bytes, size);
    }

    bool ok = keep_bytes(writer, "a histogram", bytes, size, piece);

    if (bytes != few)
        free(bytes);
    return ok;
}

bool aur_run_histogram(struct aur_run_writer *writer, const char *scope, const char *name,
                       const char *unit, const struct aur_histogram *histogram)
{
    struct aur_writer_histogram row = {
        .name_and_unit = aur_dictionary_number(&writer->texts, name, unit),
        .count = to_column(histogram->count),
        .min = to_column(histogram->min),
        .max = to_column(histogram->max),
        .mean = aur_histogram_mean(histogram),
        .p50 = to_column(aur_histogram_quantile(histogram, 500000)),
        .p90 = to_column(aur_histogram_quantile(histogram, 900000)),
        .p99 = to_column(aur_histogram_quantile(histogram, 990000)),
        .p999 = to_column(aur_histogram_quantile(histogram, 999000)),
    };

    if (row.name_and_unit == AUR_DICTIONARY_FULL)
        return out_of_memory(writer);
    if (!keep_histogram(writer, histogram, &row.data))
        return false;

    struct aur_writer_histogram *added =
        add_row(writer, &writer->histograms, sizeof row, &writer->texts, scope, "", &row.scope);

    if (!added)
        return false;
    *added = row;
    return true;
}

bool aur_run_trace_chunk(struct aur_run_writer *writer, uint64_t first_ns, uint64_t last_ns,
                         uint32_t records, const uint8_t *bytes, size_t size)
{
    struct aur_writer_chunk row = {first_ns, last_ns, records, {0}};

    if (last_ns > INT64_MAX)
        return aur_fail(&writer->why, writer->store->path, 0,
                        "a trace that ends at %" PRIu64 " ns is beyond the 292 years that fit",
                        last_ns);
    if (!keep_bytes(writer, "a chunk of trace", bytes, size, &row.data))
        return false;

    struct aur_writer_chunk *added = aur_rows_add(&writer->chunks, sizeof row);

    if (!added)
        return out_of_memory(writer);
    *added = row;
    return true;
}

bool aur_run_snapshot(struct aur_run_writer *writer, uint64_t records, uint64_t events,
                      uint64_t now_ns, size_t bytes, const uint8_t *data, size_t size)
{
    struct aur_writer_snapshot row = {
        (uint32_t)writer->chunks.count, records, events, now_ns, bytes, {0}};

    if (!keep_bytes(writer, "a snapshot", data, size, &row.data))
        return false;

    struct aur_writer_snapshot *added = aur_rows_add(&writer->snapshots, sizeof row);

    if (!added)
        return out_of_memory(writer);
    *added = row;
    return true;
}

bool aur_run_task_name(struct aur_run_writer *writer, uint32_t task, const char *name)
{
    uint32_t number;
    struct aur_writer_task_name *row =
        add_row(writer, &writer->task_names, sizeof *row, &writer->texts, name, "", &number);

    if (!row)
        return false;
    *row = (struct aur_writer_task_name){task, number};
    return true;
}

bool aur_run_artifact(struct aur_run_writer *writer, const char *name, const char *type,
                      const uint8_t *bytes, size_t size)
{
    struct aur_spool_piece piece;

    if (!keep_bytes(writer, "an artifact", bytes, size, &piece))
        return false;

    uint32_t number;
    struct aur_writer_artifact *row =
        add_row(writer, &writer->artifacts, sizeof *row, &writer->texts, name, type, &number);

    if (!row)
        return false;
    *row = (struct aur_writer_artifact){number, piece};
    return true;
}

void aur_run_drop(struct aur_run_writer *writer)
{
    if (!writer)
        return;
    aur_dictionary_free(&writer->tasks);
    aur_dictionary_free(&writer->measures);
    aur_dictionary_free(&writer->texts);
    aur_rows_free(&writer->params);
    aur_rows_free(&writer->metrics);
    aur_rows_free(&writer->task_metrics);
    aur_rows_free(&writer->histograms);
    aur_rows_free(&writer->chunks);
    aur_rows_free(&writer->snapshots);
    aur_rows_free(&writer->task_names);
    aur_rows_free(&writer->artifacts);
    aur_spool_free(&writer->spool);
    free(writer->run.label);
    free(writer->run.host);
    free(writer->run.scheduler);
    free(writer->run.workload);
    free(writer);
}
