#include "workload/linux_trace_index.h"

#include <stdbool.h>
#include <stdlib.h>

#include <aurora/limits.h>

#define FIRST_ROOM 64u

void aur_trace_index_free(struct aur_trace_index *index)
{
    free(index->entries);
    *index = (struct aur_trace_index){0};
}

// The finalizer of splitmix64 (Steele, Lea, Flood 2014): neighbouring pids spread out.
static uint64_t mixed(uint64_t key)
{
    key = (key ^ (key >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    key = (key ^ (key >> 27)) * UINT64_C(0x94d049bb133111eb);
    return key ^ (key >> 31);
}

// The entry of the key, or the free one where it belongs.
static struct aur_trace_entry *probe(const struct aur_trace_index *index, uint64_t key)
{
    uint32_t mask = index->room - 1, at = (uint32_t)mixed(key) & mask;
    while (index->entries[at].used && index->entries[at].key != key)
        at = (at + 1) & mask;
    return &index->entries[at];
}

static bool grow(struct aur_trace_index *index)
{
    uint32_t room = index->room ? index->room * 2 : FIRST_ROOM;
    if (!room)
        return false;
    struct aur_trace_index grown = {.count = index->count, .room = room};
    grown.entries = calloc(room, sizeof *grown.entries);
    if (!grown.entries)
        return false;
    for (uint32_t i = 0; i < index->room; i++)
        if (index->entries[i].used)
            *probe(&grown, index->entries[i].key) = index->entries[i];
    free(index->entries);
    *index = grown;
    return true;
}

uint32_t *aur_trace_index_at(struct aur_trace_index *index, uint64_t key)
{
    if (index->count * 2 >= index->room && !grow(index))
        return NULL;
    struct aur_trace_entry *entry = probe(index, key);
    if (!entry->used) {
        *entry = (struct aur_trace_entry){.key = key, .value = AUR_NONE, .used = 1};
        index->count++;
    }
    return &entry->value;
}

uint32_t aur_trace_index_get(const struct aur_trace_index *index, uint64_t key)
{
    if (!index->room)
        return AUR_NONE;
    const struct aur_trace_entry *entry = probe(index, key);
    return entry->used ? entry->value : AUR_NONE;
}
