// Runs whose whole contents follow from one number, for the tests of sim/store: what a database
// holds can be checked to the last byte by whoever knows the numbers.
#ifndef AURORA_SIM_TESTS_STORE_CASES_H
#define AURORA_SIM_TESTS_STORE_CASES_H

#include <check.h>
#include <dirent.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "stats/histogram_blob.h"
#include "store/store.h"
#include "tests/run_tests.h"

#define MOST_CHUNK_BYTES 6000u
#define MOST_RUNS        4096u

static char cases_folder[64];
static uint64_t cases_seed = 20261122;

static inline uint64_t next_of(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

// Path of a file in the tests' folder; one of four strings in turn.
static inline const char *file_named(const char *name)
{
    static char paths[4][384];
    static unsigned turn;
    char *path = paths[turn++ % 4];

    snprintf(path, sizeof *paths, "%s/%s", cases_folder, name);
    return path;
}

static inline unsigned clear_folder(void)
{
    unsigned files = 0;

    chmod(cases_folder, 0700);

    DIR *folder = opendir(cases_folder);

    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (entry->d_name[0] != '.') {
            unlink(file_named(entry->d_name));
            files++;
        }
    }
    if (folder)
        closedir(folder);
    return files;
}

static inline void empty_folder(void)
{
    clear_folder();
}

// TMPDIR, else memory where there is plenty: what a kill leaves behind is the same there, and the
// thousands of commits wait for no disk.
static inline const char *temporary_folder(void)
{
    const char *chosen = getenv("TMPDIR");
    struct statvfs memory;

    if (chosen)
        return chosen;
    if (access("/dev/shm", W_OK) == 0 && statvfs("/dev/shm", &memory) == 0 &&
        (uint64_t)memory.f_bavail * memory.f_frsize >= UINT64_C(1) << 30)
        return "/dev/shm";
    return "/tmp";
}

// Runs the tests, each in an empty folder of their own, which is removed in the end.
static inline int run_store_tests(const char *name, const TTest *const *tests, size_t count)
{
    const char *chosen = getenv("AUR_SEED");

    if (chosen)
        cases_seed = strtoull(chosen, NULL, 0);
    printf("seed %" PRIu64 " (AUR_SEED sets another)\n", cases_seed);
    fflush(stdout);
    snprintf(cases_folder, sizeof cases_folder, "%.40s/aurora-store-XXXXXX", temporary_folder());
    if (!mkdtemp(cases_folder))
        return EXIT_FAILURE;

    int status = run_tests(name, tests, count, empty_folder);

    clear_folder();
    rmdir(cases_folder);
    return status;
}

// From here on nothing can be made in the tests' folder. Permissions do not bind root, so a test
// that runs as root goes on as somebody else.
static inline void forbid_writing(void)
{
    chmod(cases_folder, 0555);
    if (geteuid() == 0)
        ck_assert_int_eq(setuid(65534), 0);
}

static inline struct aur_store *open_store(const char *path, enum aur_store_mode mode)
{
    struct aur_store *store;
    struct aur_failure failure = {0};

    ck_assert_msg(aur_store_open(&store, path, mode, &failure), "%s", failure.text);
    return store;
}

static inline int64_t put_experiment(struct aur_store *store)
{
    struct aur_failure failure = {0};
    int64_t id = 0;

    ck_assert_msg(aur_store_put_experiment(store, "cases", "name: cases\n", &id, &failure), "%s",
                  failure.text);
    return id;
}

static inline struct aur_run_identity identity_of(uint64_t number, int64_t experiment)
{
    static const uint8_t inputs[] = {0, 1, 2, 254, 255};

    return (struct aur_run_identity){
        .experiment_id = experiment,
        .inputs_digest = ~number,
        .label = "scheduler=eevdf",
        .host = "sim",
        .scheduler = "eevdf",
        .workload = "mp3-hogs",
        .seed = UINT64_MAX - number,
        .replication = (uint32_t)number,
        .inputs = inputs,
        .inputs_size = sizeof inputs,
    };
}

static inline unsigned tasks_of(uint64_t number)
{
    return 1 + (unsigned)(number % 40);
}

static inline double value_of(uint64_t number, unsigned task, unsigned metric)
{
    return (double)(number * 1000 + task * 7 + metric) / 3;
}

static inline void fill_chunk(uint64_t number, unsigned seq, uint8_t *bytes, size_t *size)
{
    uint64_t state = number * 2 + seq;

    *size = next_of(&state) % MOST_CHUNK_BYTES;
    for (size_t i = 0; i < *size; i++)
        bytes[i] = (uint8_t)next_of(&state);
}

static inline void fill_histogram(uint64_t number, struct aur_histogram *histogram)
{
    uint64_t state = number;

    aur_histogram_init(histogram);
    for (unsigned i = 0; i < 50; i++)
        aur_histogram_record(histogram, next_of(&state) >> 40);
}

static const char *const case_metrics[] = {"run_ns", "wait_ns", "wakeup_ns", "switches"};

static inline struct aur_run_writer *begin_run(struct aur_store *store, uint64_t number,
                                               int64_t experiment)
{
    struct aur_run_identity identity = identity_of(number, experiment);
    struct aur_run_writer *writer;
    struct aur_failure failure = {0};

    ck_assert_msg(aur_run_begin(store, &identity, &writer, &failure), "%s", failure.text);
    return writer;
}

static inline struct aur_run_writer *fill_run(struct aur_store *store, uint64_t number,
                                              int64_t experiment)
{
    struct aur_run_writer *writer = begin_run(store, number, experiment);
    struct aur_histogram histogram;
    static uint8_t bytes[MOST_CHUNK_BYTES];
    size_t size;
    char text[32];

    snprintf(text, sizeof text, "%" PRIu64, number);
    ck_assert(aur_run_param(writer, "scheduler", "eevdf"));
    ck_assert(aur_run_param(writer, "number", text));
    ck_assert(aur_run_metric(writer, "jain", "", value_of(number, 0, 0)));
    for (unsigned task = 0; task < tasks_of(number); task++) {
        snprintf(text, sizeof text, "task%u", task);
        ck_assert(aur_run_task_name(writer, task, text));
        for (unsigned i = 0; i < LENGTH(case_metrics); i++)
            ck_assert(aur_run_task_metric(writer, text, case_metrics[i], "ns",
                                          value_of(number, task, i)));
    }
    fill_histogram(number, &histogram);
    ck_assert(aur_run_histogram(writer, "task0", "wakeup", "ns", &histogram));
    aur_histogram_free(&histogram);
    for (unsigned seq = 0; seq < 2; seq++) {
        fill_chunk(number, seq, bytes, &size);
        ck_assert(aur_run_trace_chunk(writer, seq * 10, seq * 10 + 9, seq + 1, bytes, size));
    }
    ck_assert(aur_run_artifact(writer, "note", "text/plain", (const uint8_t *)"well", 4));
    return writer;
}

// False, with the reason in *failure, if the commit fails.
static inline bool try_to_write_run(struct aur_store *store, uint64_t number, int64_t experiment,
                                    struct aur_failure *failure)
{
    int64_t id;

    return aur_run_commit(fill_run(store, number, experiment), number, number + 1, number + 2, 0.5,
                          &id, failure);
}

static inline void write_run(struct aur_store *store, uint64_t number, int64_t experiment)
{
    struct aur_failure failure = {0};

    ck_assert_msg(try_to_write_run(store, number, experiment, &failure), "%s", failure.text);
}

struct reading {
    uint64_t number;
    unsigned rows;
};

static inline bool check_metric(void *context, const char *task, const char *name, const char *unit,
                                double value)
{
    struct reading *reading = context;
    char expected[32] = "";

    if (reading->rows == 0) {
        ck_assert_str_eq(name, "jain");
        ck_assert_str_eq(unit, "");
        ck_assert_double_eq(value, value_of(reading->number, 0, 0));
    } else {
        unsigned row = reading->rows - 1;
        unsigned i = row % LENGTH(case_metrics);

        snprintf(expected, sizeof expected, "task%u", row / (unsigned)LENGTH(case_metrics));
        ck_assert_str_eq(name, case_metrics[i]);
        ck_assert_str_eq(unit, "ns");
        ck_assert_double_eq(value,
                            value_of(reading->number, row / (unsigned)LENGTH(case_metrics), i));
    }
    ck_assert_str_eq(task, expected);
    reading->rows++;
    return true;
}

static inline bool check_param(void *context, const char *path, const char *value)
{
    struct reading *reading = context;

    ck_assert_str_eq(path, reading->rows == 0 ? "number" : "scheduler");
    if (reading->rows++ == 0)
        ck_assert_uint_eq(strtoull(value, NULL, 10), reading->number);
    else
        ck_assert_str_eq(value, "eevdf");
    return true;
}

static inline bool check_name(void *context, uint32_t task, const char *name)
{
    struct reading *reading = context;
    char expected[32];

    snprintf(expected, sizeof expected, "task%u", task);
    ck_assert_uint_eq(task, reading->rows++);
    ck_assert_str_eq(name, expected);
    return true;
}

static inline bool check_chunk(void *context, uint64_t first_ns, uint64_t last_ns, uint32_t records,
                               const uint8_t *bytes, size_t size)
{
    struct reading *reading = context;
    static uint8_t expected[MOST_CHUNK_BYTES];
    size_t expected_size;

    fill_chunk(reading->number, reading->rows, expected, &expected_size);
    ck_assert_uint_eq(size, expected_size);
    ck_assert_mem_eq(bytes, expected, size);
    ck_assert_uint_eq(first_ns, reading->rows * 10);
    ck_assert_uint_eq(last_ns, reading->rows * 10 + 9);
    ck_assert_uint_eq(records, ++reading->rows);
    return true;
}

static inline void check_histogram(struct aur_store *store, int64_t id, uint64_t number)
{
    struct aur_histogram histogram, expected;
    struct aur_failure failure = {0};
    static uint8_t bytes[8192], expected_bytes[8192];
    bool found;

    fill_histogram(number, &expected);
    ck_assert_msg(aur_store_histogram(store, id, "task0", "wakeup", &histogram, &found, &failure),
                  "%s", failure.text);
    ck_assert(found);

    size_t size = aur_histogram_encode(&expected, expected_bytes, sizeof expected_bytes);

    ck_assert_uint_eq(aur_histogram_encode(&histogram, bytes, sizeof bytes), size);
    ck_assert_mem_eq(bytes, expected_bytes, size);
    aur_histogram_free(&histogram);
    aur_histogram_free(&expected);
}

// Every row of the run is there and nothing else.
static inline void check_contents(struct aur_store *store, int64_t id, uint64_t number)
{
    struct aur_failure failure = {0};
    struct reading reading = {number, 0};
    uint8_t *inputs;
    size_t size;

    ck_assert_msg(aur_store_select_metrics(store, id, check_metric, &reading, &failure), "%s",
                  failure.text);
    ck_assert_uint_eq(reading.rows, 1 + tasks_of(number) * LENGTH(case_metrics));
    reading.rows = 0;
    ck_assert(aur_store_select_params(store, id, check_param, &reading, &failure));
    ck_assert_uint_eq(reading.rows, 2);
    reading.rows = 0;
    ck_assert(aur_store_select_task_names(store, id, check_name, &reading, &failure));
    ck_assert_uint_eq(reading.rows, tasks_of(number));
    reading.rows = 0;
    ck_assert(aur_store_select_trace(store, id, check_chunk, &reading, &failure));
    ck_assert_uint_eq(reading.rows, 2);
    check_histogram(store, id, number);
    ck_assert_msg(aur_store_inputs(store, id, &inputs, &size, &failure), "%s", failure.text);
    ck_assert_uint_eq(size, identity_of(number, 1).inputs_size);
    ck_assert_mem_eq(inputs, identity_of(number, 1).inputs, size);
    free(inputs);
}

struct census {
    struct aur_store *store;
    unsigned runs;
    uint8_t present[MOST_RUNS];
};

static inline bool check_run(void *context, const struct aur_stored_run *run)
{
    struct census *census = context;
    uint64_t number = ~run->inputs_digest;

    ck_assert_uint_lt(number, MOST_RUNS);
    ck_assert_uint_eq(run->digest, number);
    ck_assert_uint_eq(run->seed, UINT64_MAX - number);
    ck_assert_uint_eq(run->replication, number);
    ck_assert_uint_eq(run->events, number + 1);
    ck_assert_uint_eq(run->end_ns, number + 2);
    ck_assert_uint_eq(run->trace_chunks, 2);
    ck_assert_str_eq(run->experiment, "cases");
    ck_assert_str_eq(run->label, "scheduler=eevdf");
    ck_assert_str_eq(run->workload, "mp3-hogs");
    ck_assert_uint_eq(strlen(run->finished), strlen("2026-11-22T15:07:12Z"));
    ck_assert_uint_eq(census->present[number], 0);
    census->present[number] = 1;
    census->runs++;
    check_contents(census->store, run->id, number);
    return true;
}

// Reads every run to the last byte.
static inline void take_census(struct aur_store *store, struct census *census)
{
    struct aur_failure failure = {0};

    memset(census, 0, sizeof *census);
    census->store = store;
    ck_assert_msg(aur_store_select_runs(store, NULL, 0, check_run, census, &failure), "%s",
                  failure.text);
}

// SQLite itself, not the store, runs the statements.
static inline void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    char *error = NULL;

    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &error) == SQLITE_OK, "%s: %s", sql, error);
    sqlite3_close(db);
}

// The first column of the first row that SQLite itself, not the store, gives for a query.
static inline const char *ask(const char *path, const char *sql)
{
    static char answer[4096];
    sqlite3 *db;
    sqlite3_stmt *statement;

    ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 60000);
    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(db));

    int code = sqlite3_step(statement);
    const unsigned char *text = code == SQLITE_ROW ? sqlite3_column_text(statement, 0) : NULL;

    ck_assert_msg(code == SQLITE_ROW || code == SQLITE_DONE, "%s: %s", sql, sqlite3_errmsg(db));
    snprintf(answer, sizeof answer, "%s", text ? (const char *)text : "");
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return answer;
}

// The file is sound for SQLite, and no row of any table lacks what it refers to.
static inline void audit(const char *path)
{
    ck_assert_str_eq(ask(path, "PRAGMA integrity_check"), "ok");
    ck_assert_str_eq(ask(path, "PRAGMA foreign_key_check"), "");
    ck_assert_str_eq(ask(path, "SELECT count(*) = (SELECT count(*) FROM task_metric)"
                               " AND count(*) = (SELECT ifnull(sum(task_metrics), 0) FROM run)"
                               " FROM task_metric_row"),
                     "1");
}

#endif
