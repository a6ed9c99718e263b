#include "store/task_rows.h"

#include "store/database.h"

static int compare(const void *a, const void *b)
{
    const struct aur_task_row *x = a, *y = b;

    if (x->task != y->task)
        return x->task < y->task ? -1 : 1;
    return (x->measure > y->measure) - (x->measure < y->measure);
}

static bool ascends(const struct aur_rows *rows)
{
    const struct aur_task_row *row = rows->rows;

    for (size_t i = 1; i < rows->count; i++) {
        if (compare(&row[i - 1], &row[i]) >= 0)
            return false;
    }
    return true;
}

bool aur_task_rows_sort(struct aur_rows *rows)
{
    // Rows usually come in order: the numbers were given in the order of first appearance.
    if (ascends(rows))
        return true;
    qsort(rows->rows, rows->count, sizeof(struct aur_task_row), compare);
    return ascends(rows);
}

struct table {
    sqlite3_vtab base;
    const struct aur_store *store;
};

struct cursor {
    sqlite3_vtab_cursor base;
    const struct aur_task_rows *rows;
    size_t at;
};

static int connect_table(sqlite3 *db, void *context, int argc, const char *const *argv,
                         sqlite3_vtab **vtab, char **error)
{
    (void)argc;
    (void)argv;
    (void)error;

    int code = sqlite3_declare_vtab(db, "CREATE TABLE t(task_id, measure_id, value)");

    if (code != SQLITE_OK)
        return code;

    struct table *table = sqlite3_malloc(sizeof *table);

    if (!table)
        return SQLITE_NOMEM;
    *table = (struct table){.store = context};
    *vtab = &table->base;
    return SQLITE_OK;
}

static int disconnect_table(sqlite3_vtab *vtab)
{
    sqlite3_free(vtab);
    return SQLITE_OK;
}

static int plan(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    (void)vtab;
    info->estimatedCost = 1e6;
    return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *vtab, sqlite3_vtab_cursor **opened)
{
    (void)vtab;

    struct cursor *cursor = sqlite3_malloc(sizeof *cursor);

    if (!cursor)
        return SQLITE_NOMEM;
    *cursor = (struct cursor){0};
    *opened = &cursor->base;
    return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
    sqlite3_free(base);
    return SQLITE_OK;
}

static int rewind_cursor(sqlite3_vtab_cursor *base, int plan_number, const char *plan_name,
                         int argc, sqlite3_value **argv)
{
    (void)plan_number;
    (void)plan_name;
    (void)argc;
    (void)argv;

    struct cursor *cursor = (struct cursor *)base;

    cursor->rows = ((struct table *)base->pVtab)->store->task_rows;
    cursor->at = 0;
    return SQLITE_OK;
}

static int advance(sqlite3_vtab_cursor *base)
{
    ((struct cursor *)base)->at++;
    return SQLITE_OK;
}

static int is_at_end(sqlite3_vtab_cursor *base)
{
    const struct cursor *cursor = (const struct cursor *)base;

    return !cursor->rows || cursor->at >= cursor->rows->count;
}

static int give_column(sqlite3_vtab_cursor *base, sqlite3_context *result, int column)
{
    const struct cursor *cursor = (const struct cursor *)base;
    const struct aur_task_row *row = &cursor->rows->rows[cursor->at];

    if (column == 0)
        sqlite3_result_int64(result, cursor->rows->task_ids[row->task]);
    else if (column == 1)
        sqlite3_result_int64(result, cursor->rows->measure_ids[row->measure]);
    else
        sqlite3_result_double(result, row->value);
    return SQLITE_OK;
}

static int give_row_id(sqlite3_vtab_cursor *base, sqlite3_int64 *id)
{
    *id = (sqlite3_int64)((const struct cursor *)base)->at;
    return SQLITE_OK;
}

int aur_task_rows_register(struct aur_store *store)
{
    static const sqlite3_module module = {
        .xConnect = connect_table,
        .xBestIndex = plan,
        .xDisconnect = disconnect_table,
        .xOpen = open_cursor,
        .xClose = close_cursor,
        .xFilter = rewind_cursor,
        .xNext = advance,
        .xEof = is_at_end,
        .xColumn = give_column,
        .xRowid = give_row_id,
    };

    return sqlite3_create_module(store->db, "buffered_task_metric", &module, store);
}
