#include "store/rows.h"

#include <stdint.h>

int aur_rows_grow(struct aur_rows *rows, size_t row_bytes)
{
    size_t capacity = rows->capacity > 0 ? 2 * rows->capacity : 16;

    if (capacity > SIZE_MAX / row_bytes)
        return 0;

    void *grown = realloc(rows->rows, capacity * row_bytes);

    if (!grown)
        return 0;
    rows->rows = grown;
    rows->capacity = capacity;
    return 1;
}
