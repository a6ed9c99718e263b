#include "store/intern.h"

#include <stdlib.h>

#include "store/database.h"

static bool key_of(struct aur_store *store, sqlite3_stmt *find, sqlite3_stmt *add, int64_t *key,
                   struct aur_failure *failure)
{
    bool found;
    bool ok = aur_database_step(store, find, &found, failure);

    if (found)
        *key = sqlite3_column_int64(find, 0);
    sqlite3_reset(find);
    if (!ok || found)
        return ok;
    ok = aur_database_insert(store, add, failure);
    *key = sqlite3_last_insert_rowid(store->db);
    return ok;
}

static int64_t *intern(struct aur_store *store, const struct aur_dictionary *dictionary,
                       const char *find_sql, const char *add_sql, struct aur_failure *failure)
{
    uint32_t count = aur_dictionary_count(dictionary);
    int64_t *keys = calloc((size_t)count + 1, sizeof *keys);
    sqlite3_stmt *find = aur_database_prepare(store, find_sql, failure);
    sqlite3_stmt *add = find ? aur_database_prepare(store, add_sql, failure) : NULL;
    bool ok = keys && add;

    if (!keys)
        aur_fail(failure, store->path, 0, "memory is out");
    for (uint32_t n = 0; ok && n < count; n++) {
        for (int index = 1; index <= sqlite3_bind_parameter_count(find); index++) {
            const char *text = index == 1 ? aur_dictionary_first(dictionary, n)
                                          : aur_dictionary_second(dictionary, n);

            aur_database_bind_text(find, index, text);
            aur_database_bind_text(add, index, text);
        }
        ok = key_of(store, find, add, &keys[n], failure);
    }
    sqlite3_finalize(find);
    sqlite3_finalize(add);
    if (ok)
        return keys;
    free(keys);
    return NULL;
}

int64_t *aur_intern_tasks(struct aur_store *store, const struct aur_dictionary *tasks,
                          struct aur_failure *failure)
{
    return intern(store, tasks, "SELECT id FROM task WHERE name = ?",
                  "INSERT INTO task (name) VALUES (?)", failure);
}

int64_t *aur_intern_measures(struct aur_store *store, const struct aur_dictionary *measures,
                             struct aur_failure *failure)
{
    return intern(store, measures, "SELECT id FROM measure WHERE name = ? AND unit = ?",
                  "INSERT INTO measure (name, unit) VALUES (?, ?)", failure);
}
