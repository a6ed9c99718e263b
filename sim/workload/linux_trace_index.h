// A hash table from 64-bit keys to 32-bit numbers: pids to tasks, names to offsets, pairs to
// counts.
#ifndef AURORA_SIM_LINUX_TRACE_INDEX_H
#define AURORA_SIM_LINUX_TRACE_INDEX_H

#include <stdint.h>

struct aur_trace_entry {
    uint64_t key;
    uint32_t value;
    uint32_t used;
};

// Open addressing with linear probing; at most half of the entries are used. Zeroed is empty.
struct aur_trace_index {
    struct aur_trace_entry *entries;
    uint32_t count, room; // room: 0 or a power of two
};

void aur_trace_index_free(struct aur_trace_index *index);

// The number of the key, AUR_NONE when it is new; valid until the next call. NULL: memory is out.
uint32_t *aur_trace_index_at(struct aur_trace_index *index, uint64_t key);

// The number of the key, AUR_NONE if it is not there.
uint32_t aur_trace_index_get(const struct aur_trace_index *index, uint64_t key);

#endif
