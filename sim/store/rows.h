// A growing array.
#ifndef AURORA_SIM_STORE_ROWS_H
#define AURORA_SIM_STORE_ROWS_H

#include <stddef.h>
#include <stdlib.h>

// All zero is an empty array. Every call for one array passes the same row_bytes.
struct aur_rows {
    void *rows;
    size_t count;
    size_t capacity;
};

// Makes room for twice as many rows, at least 16. Returns 0 and changes nothing without memory.
int aur_rows_grow(struct aur_rows *rows, size_t row_bytes);

// The next free row, its bytes undefined; NULL without memory. Valid until the next call.
static inline void *aur_rows_add(struct aur_rows *rows, size_t row_bytes)
{
    if (rows->count == rows->capacity && !aur_rows_grow(rows, row_bytes))
        return NULL;
    return (char *)rows->rows + rows->count++ * row_bytes;
}

static inline void aur_rows_free(struct aur_rows *rows)
{
    free(rows->rows);
    *rows = (struct aur_rows){0};
}

#endif
