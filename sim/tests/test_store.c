// What is written into a store is read back, through its functions and through plain SQL.
#include <math.h>

#include "store/dictionary.h"
#include "store/spool.h"
#include "tests/store_cases.h"

START_TEST(every_run_is_read_back_to_the_last_byte)
{
    struct aur_store *store = open_store(file_named("a.db"), AUR_STORE_WRITE);
    int64_t experiment = put_experiment(store);
    struct census census;

    for (uint64_t number = 0; number < 60; number++)
        write_run(store, number, experiment);
    take_census(store, &census);
    ck_assert_uint_eq(census.runs, 60);
    aur_store_close(store);
    audit(file_named("a.db"));

    store = open_store(file_named("a.db"), AUR_STORE_READ);
    take_census(store, &census);
    ck_assert_uint_eq(census.runs, 60);
    aur_store_close(store);
}
END_TEST

START_TEST(the_documented_tables_answer_plain_sql)
{
    static const char *const queries[] = {
        "SELECT id, name, text FROM experiment",
        "SELECT id, experiment_id, digest, inputs_digest, host, scheduler, workload, label, seed,"
        " replication, status, events, end_ns, wall_seconds, finished FROM run",
        "SELECT run_id, path, value FROM param",
        "SELECT run_id, name, unit, value FROM metric",
        "SELECT run_id, task, name, unit, value FROM task_metric",
        "SELECT run_id, scope, name, unit, count, min, max, mean, p50, p90, p99, p999, data"
        " FROM histogram",
        "SELECT host, suite, name, unit, samples, median, low, high, p99, recorded FROM bench",
        "SELECT run_id, seq, first_ns, last_ns, records, data FROM trace_chunk",
        "SELECT run_id, task, name FROM task_name",
        "SELECT run_id, name, type, data FROM artifact",
    };
    const char *path = file_named("a.db");
    struct aur_store *store = open_store(path, AUR_STORE_WRITE);

    write_run(store, 5, put_experiment(store));
    aur_store_close(store);
    for (size_t i = 0; i < LENGTH(queries); i++)
        ask(path, queries[i]);
    ck_assert_str_eq(ask(path, "SELECT digest || inputs_digest || seed || status FROM run"),
                     "0000000000000005fffffffffffffffa18446744073709551610complete");
    ck_assert_str_eq(ask(path, "SELECT group_concat(task || ':' || value) FROM task_metric"
                               " WHERE run_id = 1 AND name = 'switches'"),
                     "task0:1667.66666666667,task1:1670.0,task2:1672.33333333333,"
                     "task3:1674.66666666667,task4:1677.0,task5:1679.33333333333");
    ck_assert_str_eq(ask(path, "SELECT CAST(data AS TEXT) || type FROM artifact"),
                     "welltext/plain");
    ck_assert_str_eq(ask(path, "SELECT count FROM histogram WHERE p50 <= p99 AND p99 <= max"),
                     "50");
}
END_TEST

START_TEST(a_browser_can_open_the_file)
{
    const char *path = file_named("a.db");
    struct aur_store *store = open_store(path, AUR_STORE_WRITE);

    write_run(store, 5, put_experiment(store));
    aur_store_close(store);

    FILE *file = fopen(path, "rb");
    uint8_t header[100];

    // Offsets from SQLite's file format: 18 and 19 are 1 for a rollback journal, 2 for WAL; 60 is
    // user_version and 68 application_id, both big-endian.
    ck_assert_uint_eq(fread(header, 1, sizeof header, file), sizeof header);
    fclose(file);
    ck_assert_uint_eq(header[18], 1);
    ck_assert_uint_eq(header[19], 1);
    ck_assert_mem_eq(header + 60, "\0\0\0\2", 4);
    ck_assert_mem_eq(header + 68, "AURO", 4);
    ck_assert_int_ne(access(file_named("a.db-journal"), F_OK), 0);
}
END_TEST

START_TEST(a_query_for_one_run_reads_its_rows_and_no_others)
{
    const char *path = file_named("a.db");
    struct aur_store *store = open_store(path, AUR_STORE_WRITE);
    int64_t experiment = put_experiment(store);
    sqlite3 *db;
    sqlite3_stmt *select;

    for (uint64_t number = 0; number < 20; number++)
        write_run(store, number, experiment);
    aur_store_close(store);
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT count(*) FROM task_metric WHERE run_id = 7", -1,
                                        &select, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(select), SQLITE_ROW);
    ck_assert_int_eq(sqlite3_column_int(select, 0), tasks_of(6) * LENGTH(case_metrics));
    ck_assert_int_eq(sqlite3_stmt_status(select, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0), 0);
    // Some 30 instructions a row are enough for its 28 rows, but not for all 840.
    ck_assert_int_lt(sqlite3_stmt_status(select, SQLITE_STMTSTATUS_VM_STEP, 0), 30 * 28 + 100);
    sqlite3_finalize(select);
    sqlite3_close(db);
}
END_TEST

START_TEST(a_dropped_run_leaves_nothing)
{
    const char *path = file_named("a.db");
    struct aur_store *store = open_store(path, AUR_STORE_WRITE);
    int64_t experiment = put_experiment(store);

    aur_run_drop(fill_run(store, 7, experiment));
    aur_run_drop(NULL);
    aur_store_close(store);
    ck_assert_str_eq(ask(path, "SELECT (SELECT count(*) FROM run) + (SELECT count(*) FROM task)"),
                     "0");
    audit(path);
}
END_TEST

START_TEST(the_run_that_was_first_stays)
{
    struct aur_store *store = open_store(file_named("a.db"), AUR_STORE_WRITE);
    struct aur_failure failure = {0};
    int64_t experiment = put_experiment(store);
    int64_t first, second, found;
    struct census census;

    ck_assert(aur_run_commit(fill_run(store, 7, experiment), 7, 8, 9, 0.5, &first, &failure));
    ck_assert(aur_run_commit(begin_run(store, 7, experiment), 1, 1, 1, 1, &second, &failure));
    ck_assert_int_eq(first, second);
    take_census(store, &census);
    ck_assert_uint_eq(census.runs, 1);
    ck_assert(aur_store_find_run(store, experiment, ~UINT64_C(7), "sim", &found, &failure));
    ck_assert_int_eq(found, first);
    ck_assert(aur_store_find_run(store, experiment, ~UINT64_C(7), "kernel", &found, &failure));
    ck_assert_int_eq(found, 0);
    ck_assert(aur_store_find_run(store, experiment, ~UINT64_C(8), "sim", &found, &failure));
    ck_assert_int_eq(found, 0);
    aur_store_close(store);
}
END_TEST

struct seen {
    int64_t id;
    unsigned rows, runs;
    char text[32];
};

static bool note_experiment(void *context, int64_t id, const char *name, const char *text,
                            uint32_t runs)
{
    struct seen *seen = context;

    ck_assert_str_eq(name, "cases");
    snprintf(seen->text, sizeof seen->text, "%s", text);
    seen->id = id;
    seen->runs = runs;
    seen->rows++;
    return true;
}

START_TEST(an_experiment_keeps_its_key_when_its_text_changes)
{
    struct aur_store *store = open_store(file_named("a.db"), AUR_STORE_WRITE);
    struct aur_failure failure = {0};
    int64_t first = put_experiment(store), second = put_experiment(store), third;
    struct seen seen = {0};

    write_run(store, 1, first);
    ck_assert(aur_store_put_experiment(store, "cases", "changed", &third, &failure));
    ck_assert_int_eq(first, second);
    ck_assert_int_eq(first, third);
    ck_assert(aur_store_select_experiments(store, note_experiment, &seen, &failure));
    ck_assert_uint_eq(seen.rows, 1);
    ck_assert_uint_eq(seen.runs, 1);
    ck_assert_int_eq(seen.id, first);
    ck_assert_str_eq(seen.text, "changed");
    aur_store_close(store);
}
END_TEST

static bool stop_at_once(void *context, const struct aur_stored_run *run)
{
    (void)run;
    ++*(unsigned *)context;
    return false;
}

START_TEST(runs_are_selected_by_experiment_and_key_until_the_callback_stops)
{
    struct aur_store *store = open_store(file_named("a.db"), AUR_STORE_WRITE);
    struct aur_failure failure = {0};
    int64_t experiment = put_experiment(store);
    static const struct {
        const char *experiment;
        int64_t id;
        unsigned rows;
    } cases[] = {{NULL, 0, 1}, {"cases", 0, 1}, {"other", 0, 0},
                 {NULL, 2, 1}, {NULL, 4, 0},    {"other", 2, 0}};

    for (uint64_t number = 0; number < 3; number++)
        write_run(store, number, experiment);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        unsigned rows = 0;

        ck_assert(aur_store_select_runs(store, cases[i].experiment, cases[i].id, stop_at_once,
                                        &rows, &failure));
        ck_assert_uint_eq(rows, cases[i].rows);
    }
    aur_store_close(store);
}
END_TEST

static bool note_value(void *context, const char *task, const char *name, const char *unit,
                       double value)
{
    double **next = context;

    (void)task;
    (void)name;
    (void)unit;
    *(*next)++ = value;
    return true;
}

START_TEST(values_keep_every_bit_and_what_is_no_number_is_null)
{
    const char *path = file_named("a.db");
    struct aur_store *store = open_store(path, AUR_STORE_WRITE);
    struct aur_run_writer *writer = begin_run(store, 1, put_experiment(store));
    struct aur_failure failure = {0};
    static const double values[] = {0.1, -2.0, 1e308, 5e-324, 9007199254740993.0, INFINITY, NAN};
    double read[2 * LENGTH(values)];
    double *next = read;
    int64_t id;

    for (size_t i = 0; i < LENGTH(values); i++) {
        char name[2] = {(char)('a' + i), '\0'};

        ck_assert(aur_run_metric(writer, name, "", values[i]));
        ck_assert(aur_run_task_metric(writer, "t", name, "", values[i]));
    }
    ck_assert(aur_run_commit(writer, 1, 1, 1, 1, &id, &failure));
    ck_assert(aur_store_select_metrics(store, id, note_value, &next, &failure));
    ck_assert_ptr_eq(next, read + LENGTH(read));
    for (size_t i = 0; i + 1 < LENGTH(values); i++) {
        ck_assert_mem_eq(&read[i], &values[i], sizeof *read);
        ck_assert_mem_eq(&read[LENGTH(values) + i], &values[i], sizeof *read);
    }
    ck_assert_double_nan(read[LENGTH(values) - 1]);
    ck_assert_double_nan(read[2 * LENGTH(values) - 1]);
    aur_store_close(store);
    ck_assert_str_eq(ask(path, "SELECT count(*) FROM task_metric WHERE value IS NULL"), "1");
}
END_TEST

START_TEST(task_metrics_in_any_order_are_stored_task_after_task)
{
    struct aur_store *store = open_store(file_named("a.db"), AUR_STORE_WRITE);
    struct aur_run_writer *writer = begin_run(store, 1, put_experiment(store));
    struct aur_failure failure = {0};
    double read[6];
    double *next = read;
    int64_t id;

    for (unsigned metric = 0; metric < 2; metric++) {
        for (unsigned task = 0; task < 3; task++) {
            char name[] = {(char)('a' + task), '\0'};

            ck_assert(
                aur_run_task_metric(writer, name, case_metrics[metric], "ns", task * 10 + metric));
        }
    }
    ck_assert(aur_run_commit(writer, 1, 1, 1, 1, &id, &failure));
    ck_assert(aur_store_select_metrics(store, id, note_value, &next, &failure));
    ck_assert_double_eq(read[0], 0);
    ck_assert_double_eq(read[1], 1);
    ck_assert_double_eq(read[2], 10);
    ck_assert_double_eq(read[5], 21);
    aur_store_close(store);
}
END_TEST

START_TEST(a_deleted_run_takes_all_its_rows_along)
{
    const char *path = file_named("a.db");
    struct aur_store *store = open_store(path, AUR_STORE_WRITE);
    int64_t experiment = put_experiment(store);
    struct census census;
    sqlite3 *db;

    for (uint64_t number = 0; number < 4; number++)
        write_run(store, number, experiment);
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "PRAGMA foreign_keys = ON; DELETE FROM run WHERE id = 2",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    audit(path);
    // The range of the last run may be given out again; that of one in the middle never is.
    write_run(store, 9, experiment);
    audit(path);
    take_census(store, &census);
    ck_assert_uint_eq(census.runs, 4);

    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_exec(db, "PRAGMA foreign_keys = ON; DELETE FROM experiment", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    aur_store_close(store);
    audit(path);
    ck_assert_str_eq(
        ask(path, "SELECT (SELECT count(*) FROM run) + (SELECT count(*) FROM task_metric_row)"
                  " + (SELECT count(*) FROM trace_chunk) + (SELECT count(*) FROM run_inputs)"
                  " + (SELECT count(*) FROM param) + (SELECT count(*) FROM artifact)"),
        "0");
}
END_TEST

START_TEST(a_dictionary_numbers_pairs_as_a_list_does)
{
    static char firsts[600][8], seconds[600][8];
    struct aur_dictionary dictionary = {0};
    uint64_t state = cases_seed;
    uint32_t count = 0;

    for (unsigned i = 0; i < 4000; i++) {
        char first[8], second[8];
        uint32_t expected = 0;

        // Short strings over few letters, so that "a","bc" and "ab","c" both occur.
        snprintf(first, sizeof first, "%.*s", (int)(next_of(&state) % 4), &"abcabcab"[i % 5]);
        snprintf(second, sizeof second, "%.*s%u", (int)(next_of(&state) % 3), &"bcabc"[i % 3],
                 (unsigned)(next_of(&state) % 4));
        while (expected < count &&
               (strcmp(firsts[expected], first) != 0 || strcmp(seconds[expected], second) != 0))
            expected++;
        if (expected == count) {
            memcpy(firsts[count], first, sizeof first);
            memcpy(seconds[count++], second, sizeof second);
        }
        ck_assert_uint_eq(aur_dictionary_number(&dictionary, first, second), expected);
        ck_assert_uint_eq(aur_dictionary_count(&dictionary), count);
    }
    ck_assert_uint_gt(count, 200);
    for (uint32_t n = 0; n < count; n++) {
        ck_assert_str_eq(aur_dictionary_first(&dictionary, n), firsts[n]);
        ck_assert_str_eq(aur_dictionary_second(&dictionary, n), seconds[n]);
    }
    aur_dictionary_free(&dictionary);
}
END_TEST

START_TEST(a_spool_gives_back_every_piece_with_a_tenth_of_it_in_memory)
{
    enum {
        PIECES = 300,
        LIMIT = 15000
    };
    struct aur_spool spool;
    struct aur_spool_piece pieces[PIECES];
    struct aur_failure failure = {0};
    uint8_t bytes[1000];
    uint64_t state = cases_seed;

    aur_spool_init(&spool, file_named("a.db"), LIMIT);
    for (unsigned i = 0; i < PIECES; i++) {
        memset(bytes, (int)i, sizeof bytes);
        ck_assert(
            aur_spool_add(&spool, bytes, next_of(&state) % sizeof bytes, &pieces[i], &failure));
    }
    ck_assert_uint_le(spool.memory_capacity, LIMIT);
    ck_assert_uint_gt(spool.file_bytes, 5 * LIMIT);
    ck_assert_uint_eq(clear_folder(), 0);
    state = cases_seed;
    for (unsigned i = 0; i < PIECES; i++) {
        const uint8_t *read = aur_spool_read(&spool, pieces[i], &failure);

        memset(bytes, (int)i, sizeof bytes);
        ck_assert_ptr_nonnull(read);
        ck_assert_uint_eq(pieces[i].size, next_of(&state) % sizeof bytes);
        ck_assert_mem_eq(read, bytes, pieces[i].size);
    }
    aur_spool_free(&spool);
}
END_TEST

// Snapshot number i of the test below stands before chunk i and has i * 10 records before it.
static struct aur_run_writer *fill_trace(struct aur_store *store, int64_t experiment)
{
    struct aur_run_writer *writer = begin_run(store, 7, experiment);

    for (unsigned i = 0; i < 4; i++) {
        uint8_t byte = (uint8_t)(100 + i);
        ck_assert(aur_run_snapshot(writer, i * 10, i * 5, i * 1000, 9, &byte, 1));
        ck_assert(aur_run_trace_chunk(writer, i * 1000, i * 1000 + 999, 10, &byte, 1));
    }
    ck_assert(aur_run_task_name(writer, 0, "late"));
    return writer;
}

START_TEST(a_stored_run_gets_a_trace_and_keeps_everything_else)
{
    const char *path = file_named("a.db");
    struct aur_store *store = open_store(path, AUR_STORE_WRITE);
    int64_t experiment = put_experiment(store), run_id = 1;
    struct aur_failure failure = {0};

    write_run(store, 7, experiment);
    ck_assert(aur_run_commit_trace(fill_trace(store, experiment), &run_id, &failure));
    ck_assert_int_eq(run_id, 1);
    ck_assert_str_eq(ask(path, "SELECT count(*) || hex(min(data)) FROM trace_chunk"), "464");
    ck_assert_str_eq(ask(path, "SELECT group_concat(name) FROM task_name"), "late");
    ck_assert_str_eq(ask(path, "SELECT group_concat(seq) FROM snapshot"), "0,1,2,3");
    ck_assert_str_eq(ask(path, "SELECT (SELECT count(*) FROM metric) || (SELECT count(*) FROM run)"
                               " || (SELECT count(*) FROM artifact)"),
                     "111");

    // Of a run that was deleted meanwhile nothing is stored.
    aur_store_close(store);
    run_sql(path, "PRAGMA foreign_keys = ON; DELETE FROM run");
    store = open_store(path, AUR_STORE_WRITE);
    ck_assert(aur_run_commit_trace(fill_trace(store, experiment), &run_id, &failure));
    ck_assert_int_eq(run_id, 0);
    aur_store_close(store);
    ck_assert_str_eq(ask(path, "SELECT count(*) FROM snapshot"), "0");
    audit(path);
}
END_TEST

START_TEST(the_nearest_snapshot_at_or_before_a_record_and_an_instant_is_found)
{
    struct aur_store *store = open_store(file_named("a.db"), AUR_STORE_WRITE);
    int64_t experiment = put_experiment(store), id;
    struct aur_failure failure = {0};
    const struct {
        uint64_t least, most, now_ns;
        int seq; // -1: none
    } cases[] = {
        {0, UINT64_MAX, UINT64_MAX, 3},
        {0, 30, UINT64_MAX, 3},
        {0, 29, UINT64_MAX, 2},
        {0, 0, UINT64_MAX, 0},
        {0, UINT64_MAX, 0, 0},
        {0, UINT64_MAX, 2999, 2},
        {0, 15, 2500, 1},
        {21, 29, 9999, -1},
        {31, UINT64_MAX, UINT64_MAX, -1},
    };

    ck_assert(aur_run_commit(fill_trace(store, experiment), 1, 2, 3, 0.5, &id, &failure));
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct aur_stored_snapshot found;
        ck_assert(aur_store_snapshot(store, id, cases[i].least, cases[i].most, cases[i].now_ns,
                                     &found, &failure));
        ck_assert_int_eq(found.data ? (int)found.seq : -1, cases[i].seq);
        if (found.data) {
            ck_assert_uint_eq(found.records, found.seq * 10);
            ck_assert_uint_eq(found.events, found.seq * 5);
            ck_assert_uint_eq(found.now_ns, found.seq * 1000);
            ck_assert_uint_eq(found.bytes, 9);
            ck_assert_uint_eq(found.size, 1);
            ck_assert_uint_eq(found.data[0], 100 + found.seq);
        }
        free(found.data);
    }
    for (uint32_t seq = 0; seq < 5; seq++) {
        uint8_t *bytes;
        size_t size;
        ck_assert(aur_store_chunk(store, id, seq, &bytes, &size, &failure));
        ck_assert_uint_eq(size, seq < 4);
        ck_assert(seq == 4 || bytes[0] == 100 + seq);
        free(bytes);
    }
    aur_store_close(store);
}
END_TEST

START_TEST(a_database_of_the_first_format_is_read_as_it_is_and_raised_by_a_writer)
{
    const char *path = file_named("a.db");
    struct aur_store *store = open_store(path, AUR_STORE_WRITE);
    struct aur_stored_snapshot found;
    struct aur_failure failure = {0};

    write_run(store, 5, put_experiment(store));
    aur_store_close(store);
    run_sql(path, "DROP TABLE snapshot; PRAGMA user_version = 1");
    store = open_store(path, AUR_STORE_READ);
    ck_assert(aur_store_snapshot(store, 1, 0, UINT64_MAX, UINT64_MAX, &found, &failure));
    ck_assert_ptr_null(found.data);
    aur_store_close(store);
    ck_assert_str_eq(ask(path, "PRAGMA user_version"), "1");
    store = open_store(path, AUR_STORE_WRITE);
    write_run(store, 6, put_experiment(store));
    aur_store_close(store);
    ck_assert_str_eq(ask(path, "PRAGMA user_version"), "2");
    ck_assert_str_eq(ask(path, "SELECT (SELECT count(*) FROM run) || (SELECT count(*) FROM"
                               " pragma_table_info('snapshot'))"),
                     "27");
    audit(path);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        every_run_is_read_back_to_the_last_byte,
        the_documented_tables_answer_plain_sql,
        a_browser_can_open_the_file,
        a_query_for_one_run_reads_its_rows_and_no_others,
        a_dropped_run_leaves_nothing,
        the_run_that_was_first_stays,
        an_experiment_keeps_its_key_when_its_text_changes,
        runs_are_selected_by_experiment_and_key_until_the_callback_stops,
        values_keep_every_bit_and_what_is_no_number_is_null,
        task_metrics_in_any_order_are_stored_task_after_task,
        a_deleted_run_takes_all_its_rows_along,
        a_stored_run_gets_a_trace_and_keeps_everything_else,
        the_nearest_snapshot_at_or_before_a_record_and_an_instant_is_found,
        a_database_of_the_first_format_is_read_as_it_is_and_raised_by_a_writer,
        a_dictionary_numbers_pairs_as_a_list_does,
        a_spool_gives_back_every_piece_with_a_tenth_of_it_in_memory,
    };

    return run_store_tests("store", tests, LENGTH(tests));
}
