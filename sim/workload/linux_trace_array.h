// Arrays that double, for the importer of Linux traces.
#ifndef AURORA_SIM_LINUX_TRACE_ARRAY_H
#define AURORA_SIM_LINUX_TRACE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <aurora/limits.h>

// Makes room for one item of item_bytes beyond count. False when memory is out or an index would
// no longer fit below AUR_NONE - 2, the marks for "no task".
static inline bool aur_trace_reserve(void **array, uint32_t *room, uint32_t count,
                                     size_t item_bytes)
{
    if (count < *room)
        return true;
    uint64_t wanted = *room ? (uint64_t)*room * 2 : 64;
    if (wanted > AUR_NONE - 2 || wanted > SIZE_MAX / item_bytes)
        return false;
    void *grown = realloc(*array, (size_t)wanted * item_bytes);
    if (!grown)
        return false;
    *array = grown;
    *room = (uint32_t)wanted;
    return true;
}

#endif
