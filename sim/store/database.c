#include "store/database.h"

#include <stdlib.h>
#include <string.h>

bool aur_database_fail(const struct aur_store *store, struct aur_failure *failure)
{
    const char *path = store->path;
    int code = sqlite3_extended_errcode(store->db);

    // SQLite calls only ENOSPC a full disk, and errno is lost while it takes the write back.
    if (code == SQLITE_IOERR_WRITE)
        return aur_fail(failure, path, 0,
                        "a write failed, check the disk, the quota and the limit on the size of a "
                        "file (ulimit -f)");
    if (code == SQLITE_READONLY_ROLLBACK)
        return aur_fail(failure, path, 0,
                        "an interrupted write must be taken back first, but the file cannot be "
                        "written: open it once with permission to write");
    switch (code & 0xff) {
    case SQLITE_FULL:
        return aur_fail(failure, path, 0, "the disk is full, free some space and run again");
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return aur_fail(failure, path, 0,
                        "cannot be written, change its permissions or name another file");
    case SQLITE_CANTOPEN:
        return aur_fail(failure, path, 0,
                        "it or its journal cannot be opened, check the permissions of its folder");
    case SQLITE_NOTADB:
        return aur_fail(failure, path, 0, "is not a SQLite database, name another file");
    case SQLITE_CORRUPT:
        return aur_fail(failure, path, 0, "is damaged, save what is left: sqlite3 %s .recover",
                        path);
    case SQLITE_BUSY:
        return aur_fail(failure, path, 0,
                        "another process keeps it locked, wait for that process or end it");
    case SQLITE_NOMEM:
        return aur_fail(failure, path, 0, "memory is out");
    default:
        return aur_fail(failure, path, 0, "%s", sqlite3_errmsg(store->db));
    }
}

bool aur_database_run(struct aur_store *store, const char *sql, struct aur_failure *failure)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
           aur_database_fail(store, failure);
}

sqlite3_stmt *aur_database_prepare(struct aur_store *store, const char *sql,
                                   struct aur_failure *failure)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK)
        aur_database_fail(store, failure);
    return statement;
}

bool aur_database_step(struct aur_store *store, sqlite3_stmt *statement, bool *row,
                       struct aur_failure *failure)
{
    int code = sqlite3_step(statement);

    *row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE || aur_database_fail(store, failure);
}

bool aur_database_insert(struct aur_store *store, sqlite3_stmt *statement,
                         struct aur_failure *failure)
{
    bool row;
    bool ok = aur_database_step(store, statement, &row, failure);

    sqlite3_reset(statement);
    return ok;
}

bool aur_database_walk(struct aur_store *store, sqlite3_stmt *statement, aur_database_row *row,
                       void *context, struct aur_failure *failure)
{
    bool more = statement != NULL;
    bool ok = more;

    while (more) {
        ok = aur_database_step(store, statement, &more, failure);
        more = more && row(context, statement);
    }
    sqlite3_finalize(statement);
    return ok;
}

const char *aur_database_text(sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);

    return text ? (const char *)text : "";
}

bool aur_database_copy_blob(const struct aur_store *store, sqlite3_stmt *statement, uint8_t **bytes,
                            size_t *size, struct aur_failure *failure)
{
    const void *blob = sqlite3_column_blob(statement, 0);

    *size = (size_t)sqlite3_column_bytes(statement, 0);
    *bytes = malloc(*size + 1); // never NULL for want of bytes
    if (!*bytes)
        return aur_fail(failure, store->path, 0, "memory is out");
    if (*size > 0)
        memcpy(*bytes, blob, *size);
    return true;
}

void aur_database_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

bool aur_database_begin(struct aur_store *store, struct aur_failure *failure)
{
    return aur_database_run(store, "BEGIN IMMEDIATE", failure);
}

bool aur_database_end(struct aur_store *store, bool ok, struct aur_failure *failure)
{
    if (ok && aur_database_run(store, "COMMIT", failure))
        return true;
    // A full disk may have taken the transaction back already.
    if (!sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}
