// What the files of this folder share: the open database and how it is asked.
#ifndef AURORA_SIM_STORE_DATABASE_H
#define AURORA_SIM_STORE_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/failure.h"
#include "store/patience.h"
#include "store/store.h"

struct aur_task_rows;

struct aur_store {
    sqlite3 *db;
    char *path; // as the user gave it, for messages
    enum aur_store_mode mode;
    int version; // of the file: a reader leaves an older one as it is
    struct aur_patience patience;
    const struct aur_task_rows *task_rows; // what the table buffered_task_metric shows now
};

// Says why SQLite refused, from the code and errno that it keeps. Always returns false.
bool aur_database_fail(const struct aur_store *store, struct aur_failure *failure);

// Runs statements that return no rows that matter.
bool aur_database_run(struct aur_store *store, const char *sql, struct aur_failure *failure);

// Compiles one statement; NULL, with the reason in *failure, if it does not. The caller finalises.
sqlite3_stmt *aur_database_prepare(struct aur_store *store, const char *sql,
                                   struct aur_failure *failure);

// Steps to the next row. *row false at the end. Returns false only on an error.
bool aur_database_step(struct aur_store *store, sqlite3_stmt *statement, bool *row,
                       struct aur_failure *failure);

// Steps a statement that gives no rows and makes it ready for the next values.
bool aur_database_insert(struct aur_store *store, sqlite3_stmt *statement,
                         struct aur_failure *failure);

// Calls back with each row of a statement, until the callback returns false, and finalises the
// statement. NULL is a statement that could not be prepared. Returns false only on an error.
typedef bool aur_database_row(void *context, sqlite3_stmt *statement);
bool aur_database_walk(struct aur_store *store, sqlite3_stmt *statement, aur_database_row *row,
                       void *context, struct aur_failure *failure);

// A column as a string, "" where it is NULL or memory is out.
const char *aur_database_text(sqlite3_stmt *statement, int column);

// Copies column 0, a blob, into *bytes, to be freed.
bool aur_database_copy_blob(const struct aur_store *store, sqlite3_stmt *statement, uint8_t **bytes,
                            size_t *size, struct aur_failure *failure);

// Binds a string that outlives the next step. NULL binds NULL.
void aur_database_bind_text(sqlite3_stmt *statement, int index, const char *text);

// Starts writing, waiting for other writers.
bool aur_database_begin(struct aur_store *store, struct aur_failure *failure);

// Ends what aur_database_begin started: commits if ok, else takes it back. Returns true if all of
// it is on the disk.
bool aur_database_end(struct aur_store *store, bool ok, struct aur_failure *failure);

#endif
