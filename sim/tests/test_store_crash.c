// Kills, full disks and crowds: whatever happens to a writer, the file holds whole runs only, and
// every run whose commit returned is among them.
#define _GNU_SOURCE // pipe2

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/spool.h"
#include "tests/store_cases.h"

#if defined(__SANITIZE_ADDRESS__)
#    define HAS_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#    define HAS_ADDRESS_SANITIZER __has_feature(address_sanitizer)
#else
#    define HAS_ADDRESS_SANITIZER 0
#endif

// --- SQLite's system calls, counted and made to fail
// ----------------------------------------------

enum fate {
    KILL,     // the process dies in the middle of the call
    FILL_DISK // this and all later calls find no space
};

static enum fate fate;
static unsigned fate_after; // calls from now
static bool fate_is_on;
static sqlite3_syscall_ptr real_truncate, real_unlink;

static bool is_struck(void)
{
    if (!fate_is_on || (fate_after > 0 && --fate_after > 0))
        return false;
    return true;
}

// Which of these two SQLite uses was chosen when it was compiled.
static ssize_t fateful_pwrite(int file, const void *bytes, size_t size, off_t offset)
{
    if (!is_struck())
        return pwrite(file, bytes, size, offset);
    if (fate == KILL) {
        // Half of the page is on the disk.
        if (pwrite(file, bytes, size / 2, offset) >= 0)
            raise(SIGKILL);
    }
    errno = ENOSPC;
    return -1;
}

static ssize_t fateful_write(int file, const void *bytes, size_t size)
{
    ssize_t wrote = fateful_pwrite(file, bytes, size, lseek(file, 0, SEEK_CUR));

    if (wrote > 0)
        lseek(file, wrote, SEEK_CUR);
    return wrote;
}

static int fateful_truncate(int file, off_t size)
{
    if (is_struck() && fate == KILL)
        raise(SIGKILL);
    return ((int (*)(int, off_t))real_truncate)(file, size);
}

static int fateful_unlink(const char *path)
{
    if (is_struck() && fate == KILL)
        raise(SIGKILL);
    return ((int (*)(const char *))real_unlink)(path);
}

static void take_over_system_calls(void)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

    real_truncate = vfs->xGetSystemCall(vfs, "ftruncate");
    real_unlink = vfs->xGetSystemCall(vfs, "unlink");
    vfs->xSetSystemCall(vfs, "write", (sqlite3_syscall_ptr)fateful_write);
    vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)fateful_pwrite);
    vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)fateful_pwrite);
    vfs->xSetSystemCall(vfs, "ftruncate", (sqlite3_syscall_ptr)fateful_truncate);
    vfs->xSetSystemCall(vfs, "unlink", (sqlite3_syscall_ptr)fateful_unlink);
}

static void set_fate(enum fate what, unsigned after)
{
    fate = what;
    fate_after = after;
    fate_is_on = true;
}

// --- writers in other processes
// -------------------------------------------------------------------

static void tell(int pipe_end, uint32_t number)
{
    if (write(pipe_end, &number, sizeof number) != sizeof number)
        _exit(2);
}

// Writes runs first, first + step, ... below end, and tells of each when its commit has returned.
static _Noreturn void write_runs_and_exit(const char *path, int pipe_end, uint32_t first,
                                          uint32_t step, uint32_t end)
{
    struct aur_store *store = open_store(path, AUR_STORE_WRITE);
    int64_t experiment = put_experiment(store);

    for (uint32_t number = first; number < end; number += step) {
        write_run(store, number, experiment);
        tell(pipe_end, number);
    }
    aur_store_close(store);
    _exit(0);
}

static uint8_t acknowledged[MOST_RUNS];

static bool hear(int pipe_end)
{
    uint32_t number;

    if (read(pipe_end, &number, sizeof number) != sizeof number)
        return false;
    acknowledged[number] = 1;
    return true;
}

// Opens the file as a reader, the first to come after the kill, and reads all of it. None is there
// if the kill came before the tables were made.
static unsigned check_survivors(const char *path)
{
    static struct census census;
    struct aur_store *store;
    struct aur_failure failure = {0};

    memset(&census, 0, sizeof census);
    if (aur_store_open(&store, path, AUR_STORE_READ, &failure)) {
        take_census(store, &census);
        aur_store_close(store);
        audit(path);
    } else {
        ck_assert_msg(strstr(failure.text, "is empty") || strstr(failure.text, "no such database"),
                      "%s", failure.text);
    }
    for (unsigned number = 0; number < MOST_RUNS; number++) {
        if (acknowledged[number] && !census.present[number])
            ck_abort_msg("run %u is lost", number);
    }
    return census.runs;
}

START_TEST(a_kill_in_any_system_call_leaves_whole_runs_only)
{
    const char *path = file_named("a.db");
    unsigned call = 0;

    take_over_system_calls();
    for (bool killed = true; killed;) {
        int ends[2], status;

        clear_folder();
        memset(acknowledged, 0, sizeof acknowledged);
        ck_assert_int_eq(pipe(ends), 0);
        call++;

        pid_t child = fork();

        if (child == 0) {
            set_fate(KILL, call);
            write_runs_and_exit(path, ends[1], 0, 1, 2);
        }
        close(ends[1]);
        while (hear(ends[0]))
            ;
        close(ends[0]);
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        ck_assert_msg(killed || status == 0, "the writer ended with status %d", status);

        unsigned runs = check_survivors(path);

        ck_assert(killed || runs == 2);

        // Who comes after completes the file as if nothing had been.
        struct aur_store *store = open_store(path, AUR_STORE_WRITE);
        int64_t experiment = put_experiment(store);

        for (uint32_t number = 0; number < 2; number++) {
            write_run(store, number, experiment);
            acknowledged[number] = 1;
        }
        aur_store_close(store);
        ck_assert_uint_eq(check_survivors(path), 2);
    }
    ck_assert_uint_gt(call, 60);
}
END_TEST

START_TEST(killed_writers_in_a_crowd_leave_whole_runs_only)
{
    enum {
        WRITERS = 4,
        KILLS = 40
    };
    const char *path = file_named("a.db");
    struct pollfd pipes[WRITERS];
    pid_t writers[WRITERS];
    uint64_t state = cases_seed;
    uint32_t next = 0, messages = 0, kill_at = 1;

    for (unsigned i = 0; i < WRITERS; i++)
        pipes[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    for (unsigned kills = 0; kills < KILLS;) {
        for (unsigned i = 0; i < WRITERS; i++) {
            int ends[2];

            if (pipes[i].fd >= 0)
                continue;
            ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
            writers[i] = fork();
            if (writers[i] == 0)
                write_runs_and_exit(path, ends[1], next, 1, next + 64);
            next += 64;
            close(ends[1]);
            pipes[i].fd = ends[0];
        }
        ck_assert_int_gt(poll(pipes, WRITERS, -1), 0);
        for (unsigned i = 0; i < WRITERS; i++) {
            if (pipes[i].revents != 0)
                messages += hear(pipes[i].fd);
        }
        if (messages >= kill_at) {
            unsigned victim = (unsigned)(next_of(&state) % WRITERS);

            kill(writers[victim], SIGKILL);
            while (hear(pipes[victim].fd))
                ;
            waitpid(writers[victim], NULL, 0);
            close(pipes[victim].fd);
            pipes[victim].fd = -1;
            kill_at = messages + 1 + (uint32_t)(next_of(&state) % 6);
            kills++;
        }
    }
    for (unsigned i = 0; i < WRITERS; i++) {
        if (pipes[i].fd >= 0) {
            kill(writers[i], SIGKILL);
            while (hear(pipes[i].fd))
                ;
            waitpid(writers[i], NULL, 0);
        }
    }
    ck_assert_uint_ge(check_survivors(path), messages);
}
END_TEST

START_TEST(a_crowd_of_writers_fails_never_and_readers_see_whole_runs)
{
    enum {
        WRITERS = 4,
        RUNS = 120
    };
    const char *path = file_named("a.db");
    static struct census census;
    unsigned before = 0;
    int ends[2], status;

    // They begin with no file at all, so that the tables are made in the crowd too.
    ck_assert_int_eq(pipe(ends), 0);
    for (uint32_t i = 0; i < WRITERS; i++) {
        if (fork() == 0)
            write_runs_and_exit(path, ends[1], i, WRITERS, RUNS);
    }
    close(ends[1]);
    ck_assert(hear(ends[0]));

    struct aur_store *store = open_store(path, AUR_STORE_READ);

    for (bool writing = true; writing;) {
        struct pollfd news = {.fd = ends[0], .events = POLLIN};

        take_census(store, &census);
        ck_assert_uint_ge(census.runs, before);
        before = census.runs;
        while (writing && poll(&news, 1, 0) > 0)
            writing = hear(ends[0]);
    }
    aur_store_close(store);
    for (unsigned i = 0; i < WRITERS; i++) {
        ck_assert_int_gt(wait(&status), 0);
        ck_assert_int_eq(status, 0);
    }
    ck_assert_uint_eq(check_survivors(path), RUNS);
}
END_TEST

START_TEST(writers_of_the_same_runs_add_each_once)
{
    const char *path = file_named("a.db");
    int ends[2], status;

    ck_assert_int_eq(pipe(ends), 0);
    for (unsigned i = 0; i < 3; i++) {
        if (fork() == 0)
            write_runs_and_exit(path, ends[1], 0, 1, 30);
    }
    close(ends[1]);
    while (hear(ends[0]))
        ;
    while (wait(&status) > 0)
        ck_assert_int_eq(status, 0);
    ck_assert_uint_eq(check_survivors(path), 30);
}
END_TEST

START_TEST(a_disk_that_fills_up_at_any_write_is_told_and_loses_nothing)
{
    const char *path = file_named("a.db");
    struct aur_store *store = open_store(path, AUR_STORE_WRITE);
    int64_t experiment = put_experiment(store);
    bool written = false;
    unsigned call = 0;

    take_over_system_calls();
    write_run(store, 0, experiment);
    acknowledged[0] = 1;
    while (!written) {
        struct aur_failure failure = {0};

        set_fate(FILL_DISK, ++call);
        written = try_to_write_run(store, 39, experiment, &failure);
        fate_is_on = false;
        if (!written)
            ck_assert_msg(strstr(failure.text, "a.db: the disk is full, free some space"), "%s",
                          failure.text);
        ck_assert_uint_eq(check_survivors(path), written ? 2 : 1);
    }
    ck_assert_uint_gt(call, 10);

    // The store that met a full disk goes on as soon as there is room.
    write_run(store, 5, experiment);
    ck_assert_uint_eq(check_survivors(path), 3);
    aur_store_close(store);
}
END_TEST

// No assertion may stand while files are limited: Check notes each in a file.
static void limit_files(rlim_t bytes)
{
    struct rlimit limit = {bytes, RLIM_INFINITY};

    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
}

START_TEST(a_file_that_may_not_grow_is_told_and_loses_nothing)
{
    const char *path = file_named("a.db");
    struct aur_store *store = open_store(path, AUR_STORE_WRITE);
    int64_t experiment = put_experiment(store);
    struct aur_failure failure = {0};
    struct aur_run_writer *writer;
    struct stat status;
    int64_t id;

    write_run(store, 0, experiment);
    acknowledged[0] = 1;
    writer = fill_run(store, 1, experiment);
    ck_assert_int_eq(stat(path, &status), 0);
    limit_files((rlim_t)status.st_size);

    bool committed = aur_run_commit(writer, 1, 2, 3, 0.5, &id, &failure);

    limit_files(RLIM_INFINITY);
    ck_assert(!committed);
    ck_assert_msg(strstr(failure.text, "a.db: a write failed, check the disk"), "%s", failure.text);
    aur_store_close(store);
    ck_assert_uint_eq(check_survivors(path), 1);
}
END_TEST

START_TEST(a_spool_without_room_is_told_by_the_commit)
{
    struct aur_store *store = open_store(file_named("a.db"), AUR_STORE_WRITE);
    struct aur_run_writer *writer = begin_run(store, 1, put_experiment(store));
    struct aur_failure failure = {0};
    uint8_t *chunk = calloc(1, AUR_SPOOL_MEMORY_BYTES);
    int64_t id;

    limit_files(1 << 20);

    bool in_memory = aur_run_trace_chunk(writer, 0, 1, 1, chunk, AUR_SPOOL_MEMORY_BYTES - 100);
    bool in_file = aur_run_trace_chunk(writer, 1, 2, 1, chunk, AUR_SPOOL_MEMORY_BYTES);

    limit_files(RLIM_INFINITY);
    free(chunk);
    ck_assert(in_memory);
    ck_assert(!in_file);
    ck_assert(!aur_run_commit(writer, 1, 1, 1, 1, &id, &failure));
    ck_assert_msg(strstr(failure.text, "a.db: the temporary file beside it: File too large"), "%s",
                  failure.text);
    aur_store_close(store);
    ck_assert_uint_eq(check_survivors(file_named("a.db")), 0);
}
END_TEST

// Kills a writer after `calls` in a transaction much larger than its cache.
static void kill_while_spilling(const char *path, unsigned calls)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        struct aur_store *store = open_store(path, AUR_STORE_WRITE);
        struct aur_run_writer *writer = fill_run(store, 1, put_experiment(store));
        uint8_t *chunk = calloc(1, 1 << 20);
        struct aur_failure failure = {0};
        int64_t id;

        for (unsigned i = 0; i < 80; i++)
            aur_run_trace_chunk(writer, 0, 1, 1, chunk, 1 << 20);
        set_fate(KILL, calls);
        aur_run_commit(writer, 1, 1, 1, 1, &id, &failure);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

START_TEST(a_kill_while_a_large_run_spills_leaves_whole_runs_only)
{
    const char *path = file_named("a.db");
    struct aur_store *store = open_store(path, AUR_STORE_WRITE);

    write_run(store, 0, put_experiment(store));
    acknowledged[0] = 1;
    aur_store_close(store);
    take_over_system_calls();
    for (unsigned calls = 20; calls < 20000; calls *= 7) {
        kill_while_spilling(path, calls);
        ck_assert_uint_eq(check_survivors(path), 1);
    }
}
END_TEST

START_TEST(a_half_written_run_that_cannot_be_taken_back_is_told)
{
    const char *path = file_named("a.db");
    struct aur_store *store = open_store(path, AUR_STORE_WRITE);
    struct aur_failure failure = {0};

    write_run(store, 0, put_experiment(store));
    aur_store_close(store);
    take_over_system_calls();
    kill_while_spilling(path, 10000);
    fate_is_on = false;
    chmod(path, 0444);
    chmod(file_named("a.db-journal"), 0444);
    forbid_writing();
    ck_assert(!aur_store_open(&store, path, AUR_STORE_READ, &failure));
    ck_assert_msg(strstr(failure.text, "open it once with permission to write"), "%s",
                  failure.text);
}
END_TEST

START_TEST(a_trace_of_any_length_takes_bounded_memory)
{
    // Ten million events at 8 bytes, three times over.
    enum {
        CHUNKS = 240,
        CHUNK_BYTES = 1 << 20
    };
    struct aur_store *store = open_store(file_named("a.db"), AUR_STORE_WRITE);
    struct aur_run_writer *writer = begin_run(store, 1, put_experiment(store));
    struct aur_failure failure = {0};
    uint8_t *chunk = calloc(1, CHUNK_BYTES);
    struct rusage usage;
    int64_t id;

    for (unsigned i = 0; i < CHUNKS; i++) {
        memcpy(chunk, &i, sizeof i);
        ck_assert(aur_run_trace_chunk(writer, i, i + 1, 1, chunk, CHUNK_BYTES));
    }
    ck_assert_msg(aur_run_commit(writer, 1, 1, 1, 1, &id, &failure), "%s", failure.text);
    aur_store_close(store);
    free(chunk);
    ck_assert_str_eq(ask(file_named("a.db"), "SELECT sum(length(data)) FROM trace_chunk"),
                     "251658240");
    // 64 MiB each for the spool and the cache, and the program itself. AddressSanitizer keeps much
    // of what was freed.
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
    if (!HAS_ADDRESS_SANITIZER)
        ck_assert_int_lt(usage.ru_maxrss, 170 * 1024);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_kill_in_any_system_call_leaves_whole_runs_only,
        killed_writers_in_a_crowd_leave_whole_runs_only,
        a_crowd_of_writers_fails_never_and_readers_see_whole_runs,
        writers_of_the_same_runs_add_each_once,
        a_disk_that_fills_up_at_any_write_is_told_and_loses_nothing,
        a_file_that_may_not_grow_is_told_and_loses_nothing,
        a_spool_without_room_is_told_by_the_commit,
        a_kill_while_a_large_run_spills_leaves_whole_runs_only,
        a_half_written_run_that_cannot_be_taken_back_is_told,
        a_trace_of_any_length_takes_bounded_memory,
    };

    return run_store_tests("store crash", tests, LENGTH(tests));
}
