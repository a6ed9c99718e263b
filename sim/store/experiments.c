#include "store/database.h"

// *same: the experiment is there with this very text, so nothing needs to be written.
static bool find_experiment(struct aur_store *store, const char *name, const char *text,
                            int64_t *id, bool *same, struct aur_failure *failure)
{
    sqlite3_stmt *find = aur_database_prepare(
        store, "SELECT id FROM experiment WHERE name = ? AND text = ?", failure);

    if (!find)
        return false;
    aur_database_bind_text(find, 1, name);
    aur_database_bind_text(find, 2, text);

    bool ok = aur_database_step(store, find, same, failure);

    if (*same)
        *id = sqlite3_column_int64(find, 0);
    sqlite3_finalize(find);
    return ok;
}

static bool write_experiment(struct aur_store *store, const char *name, const char *text,
                             int64_t *id, struct aur_failure *failure)
{
    sqlite3_stmt *put =
        aur_database_prepare(store,
                             "INSERT INTO experiment (name, text) VALUES (?, ?)"
                             " ON CONFLICT (name) DO UPDATE SET text = excluded.text RETURNING id",
                             failure);

    if (!put)
        return false;
    aur_database_bind_text(put, 1, name);
    aur_database_bind_text(put, 2, text);

    bool row;
    bool ok = aur_database_step(store, put, &row, failure);

    if (row)
        *id = sqlite3_column_int64(put, 0);
    ok = ok && aur_database_step(store, put, &row, failure);
    sqlite3_finalize(put);
    return ok;
}

bool aur_store_put_experiment(struct aur_store *store, const char *name, const char *text,
                              int64_t *id, struct aur_failure *failure)
{
    bool same = false;

    if (store->mode != AUR_STORE_WRITE)
        return aur_fail(failure, store->path, 0, "is open for reading only");
    if (!find_experiment(store, name, text, id, &same, failure))
        return false;
    if (same)
        return true;
    if (!aur_database_begin(store, failure))
        return false;
    return aur_database_end(store, write_experiment(store, name, text, id, failure), failure);
}

struct caller {
    aur_experiment_row *row;
    void *context;
};

static bool give_experiment(void *context, sqlite3_stmt *select)
{
    const struct caller *caller = context;

    return caller->row(caller->context, sqlite3_column_int64(select, 0),
                       aur_database_text(select, 1), aur_database_text(select, 2),
                       (uint32_t)sqlite3_column_int64(select, 3));
}

bool aur_store_select_experiments(struct aur_store *store, aur_experiment_row *row, void *context,
                                  struct aur_failure *failure)
{
    struct caller caller = {row, context};
    sqlite3_stmt *select = aur_database_prepare(
        store,
        "SELECT id, name, text, (SELECT count(*) FROM run WHERE experiment_id = experiment.id)"
        " FROM experiment ORDER BY id",
        failure);

    return aur_database_walk(store, select, give_experiment, &caller, failure);
}
