// Task metrics on their way into the database, shown to SQLite as a table.
//
// One `INSERT ... SELECT ... FROM buffered_task_metric` a run takes them all: SQLite's machine then
// loops over our array by itself, at 7.3 M rows/s here. Binding and stepping a statement for each
// row of the same table gives 2.5.
#ifndef AURORA_SIM_STORE_TASK_ROWS_H
#define AURORA_SIM_STORE_TASK_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/rows.h"

struct aur_store;

struct aur_task_row {
    uint32_t task;    // index into task_ids
    uint32_t measure; // index into measure_ids
    double value;
};

struct aur_task_rows {
    const struct aur_task_row *rows;
    size_t count;
    const int64_t *task_ids; // keys in the tables task and measure
    const int64_t *measure_ids;
};

// Brings an array of struct aur_task_row into the order of tasks and, within a task, of measures.
// Returns false if two rows have both in common.
bool aur_task_rows_sort(struct aur_rows *rows);

// Makes the table buffered_task_metric(task_id, measure_id, value), which shows what
// store->task_rows points to; nothing while that is NULL. Returns SQLite's code.
int aur_task_rows_register(struct aur_store *store);

#endif
