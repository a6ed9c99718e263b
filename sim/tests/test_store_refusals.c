// What a store cannot do is said in one line that names the file, and changes nothing.
#include <math.h>

#include "tests/store_cases.h"

static void assert_line(const struct aur_failure *failure, const char *words)
{
    ck_assert_msg(strstr(failure->text, words) != NULL, "\"%s\" lacks \"%s\"", failure->text,
                  words);
    ck_assert_msg(!strchr(failure->text, '\n'), "more than a line: %s", failure->text);
}

static void assert_refused(const char *path, enum aur_store_mode mode, const char *words)
{
    struct aur_store *store;
    struct aur_failure failure = {0};

    ck_assert_msg(!aur_store_open(&store, path, mode, &failure), "%s was opened", path);
    ck_assert_ptr_null(store);
    assert_line(&failure, words);
    ck_assert_msg(strncmp(failure.text, path, strlen(path)) == 0, "\"%s\" does not begin with %s",
                  failure.text, path);
}

static void assert_refused_either_way(const char *path, const char *words)
{
    assert_refused(path, AUR_STORE_READ, words);
    assert_refused(path, AUR_STORE_WRITE, words);
}

static void write_file(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(a_path_that_leads_to_no_file_is_refused)
{
    struct aur_store *store;
    struct aur_failure failure = {0};

    assert_refused(file_named("no.db"), AUR_STORE_READ, "no such database");
    ck_assert_int_ne(access(file_named("no.db"), F_OK), 0);
    assert_refused(file_named("no/a.db"), AUR_STORE_READ, "no such database");
    assert_refused(file_named("no/a.db"), AUR_STORE_WRITE, "No such file or directory");
    assert_refused_either_way(cases_folder, "is a folder");
    assert_refused_either_way("/dev/null", "is not a file");
    assert_refused_either_way("/dev/null/a.db", "Not a directory");
    assert_refused("/proc/a.db", AUR_STORE_WRITE, "");
    ck_assert(!aur_store_open(&store, "", AUR_STORE_WRITE, &failure));
    assert_line(&failure, "no name");
}
END_TEST

START_TEST(a_file_that_is_no_database_is_refused_and_left_alone)
{
    static const struct {
        const char *bytes;
        size_t size;
    } cases[] = {{"x", 1}, {"name: first-look\n", 17}, {"SQLite format 3", 16}};
    static char large[20000];

    for (size_t i = 0; i < LENGTH(cases); i++) {
        char read[32] = "";
        FILE *file;

        write_file(file_named("a.db"), cases[i].bytes, cases[i].size);
        assert_refused_either_way(file_named("a.db"), "is not a SQLite database");
        file = fopen(file_named("a.db"), "rb");
        ck_assert_uint_eq(fread(read, 1, sizeof read, file), cases[i].size);
        ck_assert_mem_eq(read, cases[i].bytes, cases[i].size);
        fclose(file);
    }
    memset(large, 'a', sizeof large);
    write_file(file_named("a.db"), large, sizeof large);
    assert_refused_either_way(file_named("a.db"), "is not a SQLite database");
}
END_TEST

START_TEST(a_database_of_another_program_is_refused_and_left_alone)
{
    run_sql(file_named("a.db"), "CREATE TABLE t (x)");
    assert_refused_either_way(file_named("a.db"), "another program's");
    ck_assert_str_eq(ask(file_named("a.db"), "SELECT group_concat(name) FROM sqlite_schema"), "t");
    run_sql(file_named("b.db"), "PRAGMA application_id = 252006675; PRAGMA user_version = 1");
    assert_refused_either_way(file_named("b.db"), "application_id 0x0f055113");
}
END_TEST

START_TEST(a_database_of_another_format_is_refused)
{
    aur_store_close(open_store(file_named("a.db"), AUR_STORE_WRITE));
    run_sql(file_named("a.db"), "PRAGMA user_version = 3");
    assert_refused_either_way(file_named("a.db"), "newer Aurora (format 3");
    run_sql(file_named("a.db"), "PRAGMA user_version = 0");
    assert_refused_either_way(file_named("a.db"), "no valid format number");
}
END_TEST

START_TEST(an_empty_file_is_refused_to_readers_and_filled_by_writers)
{
    const char *path = file_named("a.db");

    write_file(path, "", 0);
    assert_refused(path, AUR_STORE_READ, "is empty");
    aur_store_close(open_store(path, AUR_STORE_WRITE));
    aur_store_close(open_store(path, AUR_STORE_READ));
}
END_TEST

START_TEST(a_name_that_sqlite_would_read_otherwise_is_a_file)
{
    ck_assert_int_eq(chdir(cases_folder), 0);
    aur_store_close(open_store(":memory:", AUR_STORE_WRITE));
    aur_store_close(open_store("file:a?mode=memory", AUR_STORE_WRITE));
    ck_assert_int_eq(access("./:memory:", F_OK), 0);
    ck_assert_int_eq(access("./file:a?mode=memory", F_OK), 0);
}
END_TEST

START_TEST(what_may_not_be_written_is_refused_before_the_first_run)
{
    struct census census;
    struct aur_store *store = open_store(file_named("a.db"), AUR_STORE_WRITE);

    write_run(store, 3, put_experiment(store));
    aur_store_close(store);
    chmod(file_named("a.db"), 0444);
    forbid_writing();
    assert_refused(file_named("a.db"), AUR_STORE_WRITE, "cannot be written");
    assert_refused(file_named("b.db"), AUR_STORE_WRITE, "cannot be written (Permission denied)");

    store = open_store(file_named("a.db"), AUR_STORE_READ);
    take_census(store, &census);
    ck_assert_uint_eq(census.runs, 1);
    aur_store_close(store);
}
END_TEST

START_TEST(what_may_not_be_read_is_refused)
{
    aur_store_close(open_store(file_named("a.db"), AUR_STORE_WRITE));
    chmod(file_named("a.db"), 0);
    forbid_writing();
    assert_refused(file_named("a.db"), AUR_STORE_READ, "cannot be read");
}
END_TEST

START_TEST(a_store_open_for_reading_takes_nothing)
{
    const char *path = file_named("a.db");
    struct aur_store *store;
    struct aur_run_identity identity = identity_of(1, 1);
    struct aur_run_writer *writer;
    struct aur_failure failure = {0};
    int64_t id;

    aur_store_close(open_store(path, AUR_STORE_WRITE));
    store = open_store(path, AUR_STORE_READ);
    ck_assert(!aur_run_begin(store, &identity, &writer, &failure));
    ck_assert_ptr_null(writer);
    assert_line(&failure, "for reading only");
    failure.text[0] = '\0';
    ck_assert(!aur_store_put_experiment(store, "a", "b", &id, &failure));
    assert_line(&failure, "for reading only");
    aur_store_close(store);
}
END_TEST

static void assert_not_committed(struct aur_run_writer *writer, uint64_t events,
                                 double wall_seconds, const char *words)
{
    struct aur_failure failure = {0};
    int64_t id;

    ck_assert(!aur_run_commit(writer, 1, events, 1, wall_seconds, &id, &failure));
    assert_line(&failure, words);
    assert_line(&failure, file_named("a.db"));
}

START_TEST(a_run_that_contradicts_itself_is_refused_whole)
{
    struct aur_store *store = open_store(file_named("a.db"), AUR_STORE_WRITE);
    int64_t experiment = put_experiment(store);
    struct aur_run_writer *writer = fill_run(store, 1, experiment);
    struct census census;

    ck_assert(aur_run_param(writer, "number", "2"));
    assert_not_committed(writer, 1, 1, "param.path");
    writer = fill_run(store, 1, experiment);
    ck_assert(aur_run_task_metric(writer, "task0", "run_ns", "ns", 2));
    assert_not_committed(writer, 1, 1, "metric was given twice");
    writer = fill_run(store, 1, experiment);
    ck_assert(!aur_run_trace_chunk(writer, 0, UINT64_MAX, 1, NULL, 0));
    assert_not_committed(writer, 1, 1, "292 years");
    assert_not_committed(fill_run(store, 1, experiment), UINT64_MAX, 1, "beyond what fits");
    assert_not_committed(fill_run(store, 1, experiment), 1, (double)INFINITY, "wall time");
    assert_not_committed(fill_run(store, 1, experiment + 1), 1, 1, "FOREIGN KEY");

    take_census(store, &census);
    ck_assert_uint_eq(census.runs, 0);
    write_run(store, 1, experiment);
    take_census(store, &census);
    ck_assert_uint_eq(census.runs, 1);
    aur_store_close(store);
    audit(file_named("a.db"));
}
END_TEST

START_TEST(what_is_not_there_or_not_readable_is_told)
{
    const char *path = file_named("a.db");
    struct aur_store *store = open_store(path, AUR_STORE_WRITE);
    struct aur_histogram histogram;
    struct aur_failure failure = {0};
    uint8_t *inputs;
    size_t size;
    bool found;

    write_run(store, 1, put_experiment(store));
    ck_assert(!aur_store_inputs(store, 2, &inputs, &size, &failure));
    assert_line(&failure, "has no run 2");
    failure.text[0] = '\0';
    ck_assert(aur_store_histogram(store, 1, "task1", "wakeup", &histogram, &found, &failure));
    ck_assert(!found);
    run_sql(path, "UPDATE histogram SET data = x'480105'");
    ck_assert(!aur_store_histogram(store, 1, "task0", "wakeup", &histogram, &found, &failure));
    assert_line(&failure, "histogram wakeup of run 1: ");
    aur_store_close(store);
}
END_TEST

static bool count_run(void *context, const struct aur_stored_run *run)
{
    (void)run;
    ++*(unsigned *)context;
    return true;
}

START_TEST(a_damaged_file_is_told_and_never_crashes_the_reader)
{
    const char *path = file_named("a.db");
    struct aur_store *store = open_store(path, AUR_STORE_WRITE);
    int64_t experiment = put_experiment(store);
    unsigned told = 0;

    for (uint64_t number = 0; number < 10; number++)
        write_run(store, number, experiment);
    aur_store_close(store);

    unsigned pages = (unsigned)atoi(ask(path, "PRAGMA page_count"));
    unsigned page_bytes = (unsigned)atoi(ask(path, "PRAGMA page_size"));
    char *page = malloc(page_bytes);

    for (unsigned at = 1; at < pages; at++) {
        FILE *file = fopen(path, "r+b");
        struct aur_failure failure = {0};
        unsigned runs = 0;

        fseek(file, (long)(at * page_bytes), SEEK_SET);
        ck_assert_uint_eq(fread(page, 1, page_bytes, file), page_bytes);
        for (unsigned i = 0; i < page_bytes; i++) {
            fseek(file, (long)(at * page_bytes + i), SEEK_SET);
            fputc(page[i] ^ 0x55, file);
        }
        fclose(file);
        if (aur_store_open(&store, path, AUR_STORE_READ, &failure)) {
            aur_store_select_runs(store, NULL, 0, count_run, &runs, &failure);
            aur_store_close(store);
        }
        if (failure.text[0] != '\0') {
            assert_line(&failure, "is damaged");
            told++;
        }
        file = fopen(path, "r+b");
        fseek(file, (long)(at * page_bytes), SEEK_SET);
        fwrite(page, 1, page_bytes, file);
        fclose(file);
    }
    free(page);
    ck_assert_uint_gt(told, 0);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_path_that_leads_to_no_file_is_refused,
        a_file_that_is_no_database_is_refused_and_left_alone,
        a_database_of_another_program_is_refused_and_left_alone,
        a_database_of_another_format_is_refused,
        an_empty_file_is_refused_to_readers_and_filled_by_writers,
        a_name_that_sqlite_would_read_otherwise_is_a_file,
        what_may_not_be_written_is_refused_before_the_first_run,
        what_may_not_be_read_is_refused,
        a_store_open_for_reading_takes_nothing,
        a_run_that_contradicts_itself_is_refused_whole,
        what_is_not_there_or_not_readable_is_told,
        a_damaged_file_is_told_and_never_crashes_the_reader,
    };

    return run_store_tests("store refusals", tests, LENGTH(tests));
}
