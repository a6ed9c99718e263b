#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/database.h"
#include "store/schema.h"
#include "store/task_rows.h"

// Measured with bench/bench_store.c, in M rows/s for runs of 200,000 and of 2,000 task metrics and
// in MB/s for a trace: 4 KiB gives 4.5, 1.4 and 415; 8 KiB 5.2, 1.4 and 465; 16 KiB 5.3, 1.4 and
// 520; 64 KiB 5.4, 1.1 and 600. Small runs are the common case, and small files have near to a page
// for each table and index.
#define PAGE_BYTES "8192"

// Pages that a transaction has changed stay in memory up to this; more are written early, which
// keeps readers waiting until the commit.
#define WRITER_CACHE_KIB "65536"

// The file format's least page size.
#define SMALLEST_PAGE_BYTES 512

// synchronous=FULL: what was committed also survives a power cut.
static const char writer_settings[] = "PRAGMA foreign_keys = ON;"
                                      "PRAGMA page_size = " PAGE_BYTES ";"
                                      "PRAGMA cache_size = -" WRITER_CACHE_KIB ";"
                                      "PRAGMA synchronous = FULL;";

static const char reader_settings[] = "PRAGMA query_only = ON;";

struct marks {
    int64_t application_id;
    int64_t version;
    int64_t tables;
};

// The folder that `path` lies in, as a malloc'ed string; NULL without memory.
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

static bool check_folder(const char *path, struct aur_failure *failure)
{
    char *folder = folder_of(path);
    struct stat status;
    bool ok = false;

    if (!folder)
        return aur_fail(failure, path, 0, "memory is out");
    if (stat(folder, &status) != 0)
        aur_fail(failure, path, 0, "its folder %s: %s, make it or name another", folder,
                 strerror(errno));
    else if (!S_ISDIR(status.st_mode))
        aur_fail(failure, path, 0, "%s is not a folder, name another file", folder);
    else if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0)
        aur_fail(failure, path, 0,
                 "its folder %s cannot be written (%s), change its permissions or name another",
                 folder, strerror(errno));
    else
        ok = true;
    free(folder);
    return ok;
}

// What SQLite would report as "unable to open database file", said exactly.
static bool check_path(const char *path, enum aur_store_mode mode, struct aur_failure *failure)
{
    struct stat status;

    if (path[0] == '\0')
        return aur_fail(failure, NULL, 0, "the database has no name, give one with --db FILE");
    if (stat(path, &status) == 0) {
        if (S_ISDIR(status.st_mode))
            return aur_fail(failure, path, 0, "is a folder, name a file in it");
        if (!S_ISREG(status.st_mode))
            return aur_fail(failure, path, 0, "is not a file, name another");
        if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0)
            return aur_fail(failure, path, 0, "cannot be read, change its permissions");
    } else if (errno != ENOENT || mode == AUR_STORE_READ) {
        if (errno == ENOENT)
            return aur_fail(failure, path, 0,
                            "no such database: `aurora run EXPERIMENT --db %s` makes it", path);
        return aur_fail(failure, path, 0, "%s, name another file", strerror(errno));
    }
    return mode == AUR_STORE_READ || check_folder(path, failure);
}

static bool read_marks(struct aur_store *store, struct marks *marks, struct aur_failure *failure)
{
    sqlite3_stmt *statement = aur_database_prepare(
        store,
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)"
        " FROM pragma_application_id, pragma_user_version",
        failure);
    bool row = false;
    bool ok = statement && aur_database_step(store, statement, &row, failure);

    if (row) {
        marks->application_id = sqlite3_column_int64(statement, 0);
        marks->version = sqlite3_column_int64(statement, 1);
        marks->tables = sqlite3_column_int64(statement, 2);
    }
    sqlite3_finalize(statement);
    return ok;
}

static bool is_empty(const struct marks *marks)
{
    return marks->application_id == 0 && marks->version == 0 && marks->tables == 0;
}

// SQLite takes any file shorter than a page for an empty database, and would write over it.
static bool check_emptiness(const struct aur_store *store, struct aur_failure *failure)
{
    struct stat status;

    if (stat(store->path, &status) == 0 && status.st_size > 0 &&
        status.st_size < SMALLEST_PAGE_BYTES)
        return aur_fail(failure, store->path, 0, "is not a SQLite database, name another file");
    return true;
}

static bool check_marks(const struct aur_store *store, const struct marks *marks,
                        struct aur_failure *failure)
{
    if (is_empty(marks))
        return check_emptiness(store, failure) &&
               aur_fail(failure, store->path, 0,
                        "is empty: `aurora run EXPERIMENT --db %s` fills it", store->path);
    if (marks->application_id != AUR_SCHEMA_APPLICATION_ID)
        return aur_fail(failure, store->path, 0,
                        "is another program's database (application_id 0x%08x), name another file",
                        (unsigned)marks->application_id);
    if (marks->version > AUR_SCHEMA_VERSION)
        return aur_fail(failure, store->path, 0,
                        "is of a newer Aurora (format %lld, this one knows %d), update Aurora",
                        (long long)marks->version, AUR_SCHEMA_VERSION);
    if (marks->version < 1)
        return aur_fail(failure, store->path, 0, "has no valid format number (%lld)",
                        (long long)marks->version);
    return true;
}

static bool is_older(const struct marks *marks)
{
    return marks->application_id == AUR_SCHEMA_APPLICATION_ID && marks->version == 1;
}

// Several processes may find the file empty, or older, at once: who gets the lock first makes the
// tables.
static bool make_tables(struct aur_store *store, struct marks *marks, struct aur_failure *failure)
{
    if (!aur_database_begin(store, failure))
        return false;

    bool ok = read_marks(store, marks, failure);

    if (ok && is_empty(marks))
        ok = check_emptiness(store, failure) && aur_database_run(store, aur_schema_sql, failure) &&
             read_marks(store, marks, failure);
    else if (ok && is_older(marks))
        ok = aur_database_run(store, aur_schema_upgrade_sql, failure) &&
             read_marks(store, marks, failure);
    return aur_database_end(store, ok, failure);
}

// `./` keeps SQLite from taking a name such as "file:x" or ":memory:" for something else.
static int open_file(struct aur_store *store)
{
    char *name = sqlite3_mprintf("%s%s", store->path[0] == '/' ? "" : "./", store->path);

    if (!name)
        return SQLITE_NOMEM;

    // A reader opens for writing too, where it may: a killed writer's journal must be played back.
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code =
        sqlite3_open_v2(name, &store->db,
                        store->mode == AUR_STORE_WRITE ? flags | SQLITE_OPEN_CREATE : flags, NULL);

    sqlite3_free(name);
    return code;
}

static bool prepare_for_writing(struct aur_store *store, struct marks *marks,
                                struct aur_failure *failure)
{
    if (sqlite3_db_readonly(store->db, "main") == 1)
        return aur_fail(failure, store->path, 0,
                        "cannot be written, change its permissions or name another file");
    if ((is_empty(marks) || is_older(marks)) && !make_tables(store, marks, failure))
        return false;
    if (!check_marks(store, marks, failure))
        return false;
    if (aur_task_rows_register(store) != SQLITE_OK)
        return aur_database_fail(store, failure);
    // A file that someone switched to WAL could not be opened by a browser.
    return aur_database_run(store, "PRAGMA journal_mode = DELETE", failure);
}

static bool open_database(struct aur_store *store, struct aur_failure *failure)
{
    bool writes = store->mode == AUR_STORE_WRITE;
    struct marks marks = {0};

    if (open_file(store) != SQLITE_OK)
        return aur_database_fail(store, failure);
    aur_patience_install(&store->patience, store->db);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (!aur_database_run(store, writes ? writer_settings : reader_settings, failure) ||
        !read_marks(store, &marks, failure))
        return false;
    bool ok =
        writes ? prepare_for_writing(store, &marks, failure) : check_marks(store, &marks, failure);
    store->version = (int)marks.version;
    return ok;
}

bool aur_store_open(struct aur_store **store, const char *path, enum aur_store_mode mode,
                    struct aur_failure *failure)
{
    *store = NULL;
    if (!check_path(path, mode, failure))
        return false;

    struct aur_store *opened = calloc(1, sizeof *opened);

    if (!opened || !(opened->path = strdup(path))) {
        free(opened);
        return aur_fail(failure, path, 0, "memory is out");
    }
    opened->mode = mode;
    if (!open_database(opened, failure)) {
        aur_store_close(opened);
        return false;
    }
    *store = opened;
    return true;
}

void aur_store_close(struct aur_store *store)
{
    if (!store)
        return;
    sqlite3_close(store->db);
    free(store->path);
    free(store);
}
