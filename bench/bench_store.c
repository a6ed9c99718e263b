// Rows a second into SQLite: aur_run_task_metric and aur_run_commit with everything that makes them
// safe (synchronous=FULL, one transaction a run), beside the usual way to do it with SQLite: a
// prepared INSERT of text columns for each row, in the same transactions with the same settings.
//
// Both write the same rows in turn, several rounds; the medians are printed.
#include <math.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/store.h"

#define METRICS 20u
#define ROUNDS  7u

static char folder[64];
static char (*task_names)[16];
static char metric_names[METRICS][24];

struct measured {
    double seconds;
    double bytes;
};

static double now_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void give_up(const char *why)
{
    fprintf(stderr, "bench_store: %s\n", why);
    exit(1);
}

static const char *new_file(void)
{
    static char path[96];

    snprintf(path, sizeof path, "%s/bench.db", folder);
    unlink(path);
    return path;
}

static double size_of(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 ? (double)status.st_size : NAN;
}

static double value_of(unsigned run, unsigned task, unsigned metric)
{
    return (double)(run * 1000003 + task * 31 + metric) / 7;
}

static void make_names(unsigned tasks)
{
    task_names = calloc(tasks, sizeof *task_names);
    if (!task_names)
        give_up("memory is out");
    for (unsigned task = 0; task < tasks; task++)
        snprintf(task_names[task], sizeof *task_names, "worker-%u", task);
    for (unsigned metric = 0; metric < METRICS; metric++)
        snprintf(metric_names[metric], sizeof *metric_names, "wakeup_latency_%u", metric);
}

// --- the store -----------------------------------------------------------------------------------

static struct aur_run_writer *begin(struct aur_store *store, int64_t experiment, unsigned run,
                                    struct aur_failure *failure)
{
    struct aur_run_identity identity = {
        .experiment_id = experiment,
        .inputs_digest = run,
        .label = "bench",
        .host = "sim",
        .scheduler = "eevdf",
        .workload = "bench",
        .seed = run,
    };
    struct aur_run_writer *writer;

    if (!aur_run_begin(store, &identity, &writer, failure))
        give_up(failure->text);
    return writer;
}

static struct aur_store *open_new(const char *path, int64_t *experiment,
                                  struct aur_failure *failure)
{
    struct aur_store *store;

    if (!aur_store_open(&store, path, AUR_STORE_WRITE, failure) ||
        !aur_store_put_experiment(store, "bench", "", experiment, failure))
        give_up(failure->text);
    return store;
}

static struct measured write_with_store(unsigned runs, unsigned tasks)
{
    const char *path = new_file();
    struct aur_failure failure = {0};
    int64_t experiment, id;
    struct aur_store *store = open_new(path, &experiment, &failure);
    double start = now_seconds();

    for (unsigned run = 0; run < runs; run++) {
        struct aur_run_writer *writer = begin(store, experiment, run, &failure);

        for (unsigned task = 0; task < tasks; task++) {
            for (unsigned metric = 0; metric < METRICS; metric++)
                aur_run_task_metric(writer, task_names[task], metric_names[metric], "ns",
                                    value_of(run, task, metric));
        }
        if (!aur_run_commit(writer, run, 1, 1, 1, &id, &failure))
            give_up(failure.text);
    }

    double seconds = now_seconds() - start;

    aur_store_close(store);
    return (struct measured){seconds, size_of(path)};
}

static bool add_value(void *sum, const char *task, const char *name, const char *unit, double value)
{
    (void)task;
    (void)name;
    (void)unit;
    *(double *)sum += value;
    return true;
}

// Reads back what write_with_store has left.
static double read_with_store(unsigned runs)
{
    char path[96];
    struct aur_failure failure = {0};
    struct aur_store *store;
    double sum = 0;

    snprintf(path, sizeof path, "%s/bench.db", folder);
    if (!aur_store_open(&store, path, AUR_STORE_READ, &failure))
        give_up(failure.text);

    double start = now_seconds();

    for (unsigned run = 1; run <= runs; run++) {
        if (!aur_store_select_metrics(store, run, add_value, &sum, &failure))
            give_up(failure.text);
    }

    double seconds = now_seconds() - start;

    aur_store_close(store);
    return sum > 0 ? seconds : NAN;
}

static double write_trace(unsigned chunks, size_t chunk_bytes)
{
    struct aur_failure failure = {0};
    int64_t experiment, id;
    struct aur_store *store = open_new(new_file(), &experiment, &failure);
    uint8_t *chunk = malloc(chunk_bytes);

    if (!chunk)
        give_up("memory is out");
    memset(chunk, 'x', chunk_bytes);

    double start = now_seconds();
    struct aur_run_writer *writer = begin(store, experiment, 1, &failure);

    for (unsigned i = 0; i < chunks; i++)
        aur_run_trace_chunk(writer, i, i, 1, chunk, chunk_bytes);
    if (!aur_run_commit(writer, 1, 1, 1, 1, &id, &failure))
        give_up(failure.text);

    double seconds = now_seconds() - start;

    free(chunk);
    aur_store_close(store);
    return seconds;
}

// --- the usual way -------------------------------------------------------------------------------

static void run_sql(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        give_up(sqlite3_errmsg(db));
}

static void insert_row(sqlite3_stmt *insert, unsigned run, unsigned task, unsigned metric)
{
    sqlite3_bind_int64(insert, 1, run);
    sqlite3_bind_text(insert, 2, task_names[task], -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 3, metric_names[metric], -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 4, "ns", -1, SQLITE_STATIC);
    sqlite3_bind_double(insert, 5, value_of(run, task, metric));
    if (sqlite3_step(insert) != SQLITE_DONE)
        give_up("INSERT failed");
    sqlite3_reset(insert);
}

static struct measured write_as_usual(unsigned runs, unsigned tasks)
{
    const char *path = new_file();
    sqlite3 *db;
    sqlite3_stmt *insert;

    if (sqlite3_open(path, &db) != SQLITE_OK)
        give_up("the database cannot be opened");
    run_sql(db, "PRAGMA synchronous = FULL;"
                "CREATE TABLE task_metric (run_id INTEGER NOT NULL, task TEXT NOT NULL,"
                " name TEXT NOT NULL, unit TEXT NOT NULL, value REAL)");
    if (sqlite3_prepare_v2(db, "INSERT INTO task_metric VALUES (?, ?, ?, ?, ?)", -1, &insert,
                           NULL) != SQLITE_OK)
        give_up(sqlite3_errmsg(db));

    double start = now_seconds();

    for (unsigned run = 0; run < runs; run++) {
        run_sql(db, "BEGIN IMMEDIATE");
        for (unsigned task = 0; task < tasks; task++) {
            for (unsigned metric = 0; metric < METRICS; metric++)
                insert_row(insert, run, task, metric);
        }
        run_sql(db, "COMMIT");
    }

    double seconds = now_seconds() - start;

    sqlite3_finalize(insert);
    sqlite3_close(db);
    return (struct measured){seconds, size_of(path)};
}

// --- the figures ---------------------------------------------------------------------------------

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, ascending);
    return values[ROUNDS / 2];
}

static void compare(const char *title, unsigned runs, unsigned tasks)
{
    double ours[ROUNDS], theirs[ROUNDS], ratios[ROUNDS], reads[ROUNDS];
    double rows = (double)runs * tasks * METRICS;
    struct measured mine = {0}, usual = {0};

    for (unsigned round = 0; round < ROUNDS; round++) {
        usual = write_as_usual(runs, tasks);
        mine = write_with_store(runs, tasks);
        ours[round] = rows / mine.seconds;
        theirs[round] = rows / usual.seconds;
        ratios[round] = usual.seconds / mine.seconds;
        reads[round] = rows / read_with_store(runs);
    }
    printf("store: %s, written\t%.2f\tM rows/s\t%.1f times the usual INSERT\n", title,
           1e-6 * median(ours), median(ratios));
    printf("store: %s, usual INSERT\t%.2f\tM rows/s\ttext columns, prepared\n", title,
           1e-6 * median(theirs));
    printf("store: %s, read back\t%.2f\tM rows/s\t\n", title, 1e-6 * median(reads));
    printf("store: %s, size\t%.1f\tbytes/row\tthe usual table: %.1f\n", title, mine.bytes / rows,
           usual.bytes / rows);
    fflush(stdout);
}

int main(void)
{
    const char *temporary = getenv("TMPDIR");
    double traces[ROUNDS];

    snprintf(folder, sizeof folder, "%.40s/aurora-bench-XXXXXX", temporary ? temporary : "/tmp");
    if (!mkdtemp(folder))
        give_up("no temporary folder");
    make_names(10000);
    compare("5 runs of 200,000 task metrics", 5, 10000);
    compare("200 runs of 2,000 task metrics", 200, 100);
    for (unsigned round = 0; round < ROUNDS; round++)
        traces[round] = 80 / write_trace(1280, 62500);
    printf("store: trace of 80 MB in chunks of 62.5 kB\t%.0f\tMB/s\t\n", median(traces));
    unlink(new_file());
    rmdir(folder);
    free(task_names);
    return 0;
}
