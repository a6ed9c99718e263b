// Maps: what an agent keeps between its runs. After Linux's (kernel/bpf/arraymap.c, hashtab.c,
// ringbuf.c, bpf_task_storage.c), with all storage laid out beforehand, in the image.
//
// A hash map is chained: for `entries` = n its index is n bucket heads, n links, the first free
// entry, and the n keys, each of key_bytes rounded up to 8. Invariant: each entry is in the chain
// of its key's bucket, or in that of the free ones; `used` counts the former. A value of a deleted
// entry stays readable until it is used again.
//
// A ring buffer keeps the oldest records: one that does not fit any more is refused. Its index is
// the bytes used; a record is its size in 4 bytes, 4 bytes of 0 and its bytes rounded up to 8.
#include "agent/map.h"

#include "agent/isa.h"

#define RECORD_HEAD 8u

static uint32_t round8(uint32_t bytes)
{
    return (bytes + 7u) & ~7u;
}

static unsigned char *bytes_at(const struct aur_image *image, uint32_t at)
{
    return (unsigned char *)(uintptr_t)image + at;
}

bool aur_map_measure(struct aur_map *map, uint32_t cpus, uint32_t tasks)
{
    bool keyed = map->kind == AUR_MAP_HASH, ring = map->kind == AUR_MAP_RING_BUFFER;
    if (map->kind == AUR_MAP_TASK_STORAGE)
        map->entries = tasks;
    if (map->entries == 0 || map->entries > AUR_AGENT_MAP_BYTES_MAX || map->flags > 1)
        return false;
    if (ring ? map->key_bytes || map->value_bytes : map->value_bytes == 0)
        return false;
    if (map->value_bytes > AUR_AGENT_MAP_BYTES_MAX ||
        (keyed ? map->key_bytes == 0 || map->key_bytes > AUR_MAP_KEY_MAX
               : !ring && map->key_bytes != 4))
        return false;
    map->stride = round8(map->value_bytes);
    uint64_t values = (uint64_t)map->entries * map->stride, index = 0;
    switch ((enum aur_map_kind)map->kind) {
    case AUR_MAP_HASH:
        index = (uint64_t)map->entries * (8u + round8(map->key_bytes)) + 8;
        break;
    case AUR_MAP_PER_CPU_ARRAY:
        values *= cpus;
        break;
    case AUR_MAP_RING_BUFFER:
        values = round8(map->entries); // of bytes
        index = 8;
        break;
    case AUR_MAP_ARRAY:
    case AUR_MAP_TASK_STORAGE:
        break;
    default:
        return false;
    }
    if (values + index > AUR_AGENT_MAP_BYTES_MAX)
        return false;
    map->values_bytes = (uint32_t)values;
    map->bytes = (uint32_t)(values + index);
    return true;
}

bool aur_map_is_sound(const struct aur_image *image, const struct aur_map *map)
{
    struct aur_map measured = *map;
    return aur_map_measure(&measured, image->cpus, image->tasks) &&
           memcmp(&measured, map, sizeof measured) == 0 && map->values_at % 8 == 0 &&
           map->values_at >= sizeof *image && map->values_at <= image->bytes &&
           map->bytes <= image->bytes - map->values_at &&
           map->index_at == map->values_at + map->values_bytes && map->used <= map->entries;
}

// The index of a hash map.
struct hash {
    uint32_t *heads, *links, *free;
    unsigned char *keys;
    uint32_t key_stride;
};

static struct hash hash_of(const struct aur_image *image, const struct aur_map *map)
{
    struct hash hash;
    hash.heads = (uint32_t *)(void *)bytes_at(image, map->index_at);
    hash.links = hash.heads + map->entries;
    hash.free = hash.links + map->entries;
    hash.keys = (unsigned char *)(hash.free + 2);
    hash.key_stride = round8(map->key_bytes);
    return hash;
}

void aur_map_init(const struct aur_image *image, struct aur_map *map)
{
    if (map->kind != AUR_MAP_HASH)
        return;
    struct hash hash = hash_of(image, map);
    for (uint32_t i = 0; i < map->entries; i++) {
        hash.heads[i] = AUR_NONE;
        hash.links[i] = i + 1 < map->entries ? i + 1 : AUR_NONE;
    }
    *hash.free = 0;
}

// FNV-1a (Fowler, Noll, Vo), its bits mixed once more as the low ones choose the bucket.
static uint32_t bucket_of(const struct aur_map *map, const unsigned char *key)
{
    uint64_t hash = 0xcbf29ce484222325ull;
    for (uint32_t i = 0; i < map->key_bytes; i++)
        hash = (hash ^ key[i]) * 0x100000001b3ull;
    hash ^= hash >> 32;
    return (uint32_t)((hash * 0x9e3779b97f4a7c15ull) >> 32) % map->entries;
}

// The entry with that key, or NONE; *from is the link that leads to it. Each entry that is looked
// at costs as much as an instruction: `fuel`, NULL if nobody pays. An index that is damaged ends.
static uint32_t hash_find(const struct aur_map *map, const struct hash *hash,
                          const unsigned char *key, uint32_t **from, uint64_t *fuel)
{
    *from = &hash->heads[bucket_of(map, key)];
    for (uint32_t left = map->entries; **from < map->entries && left > 0; left--) {
        uint32_t entry = **from;
        if (memcmp(hash->keys + (size_t)entry * hash->key_stride, key, map->key_bytes) == 0)
            return entry;
        if (fuel && *fuel > 0)
            --*fuel;
        *from = &hash->links[entry];
    }
    return AUR_NONE;
}

// The entry of `key`, or NONE.
static uint32_t find(const struct aur_image *image, const struct aur_map *map, uint32_t cpu,
                     const unsigned char *key, uint64_t *fuel)
{
    if (map->kind == AUR_MAP_HASH) {
        struct hash hash = hash_of(image, map);
        uint32_t *from;
        return hash_find(map, &hash, key, &from, fuel);
    }
    uint32_t index;
    memcpy(&index, key, sizeof index);
    if (index >= map->entries || map->kind == AUR_MAP_RING_BUFFER)
        return AUR_NONE;
    return map->kind == AUR_MAP_PER_CPU_ARRAY ? cpu * map->entries + index : index;
}

uint64_t aur_map_lookup(const struct aur_image *image, uint32_t number, uint32_t cpu,
                        const unsigned char *key, uint64_t *fuel)
{
    const struct aur_map *map = aur_image_map(image, number);
    uint32_t entry = find(image, map, cpu, key, fuel);
    return entry == AUR_NONE ? 0
                             : aur_agent_address(AUR_REGION_VALUES + number, entry * map->stride);
}

int64_t aur_map_update(const struct aur_image *image, uint32_t number, uint32_t cpu,
                       const unsigned char *key, const unsigned char *value, uint64_t flags,
                       uint64_t *fuel)
{
    struct aur_map *map = aur_image_map_at(image, number);
    if (flags > AUR_MAP_EXIST || map->kind == AUR_MAP_RING_BUFFER ||
        map->kind == AUR_MAP_TASK_STORAGE)
        return -AUR_MAP_EINVAL;
    uint32_t entry;
    if (map->kind == AUR_MAP_HASH) {
        struct hash hash = hash_of(image, map);
        uint32_t *from;
        entry = hash_find(map, &hash, key, &from, fuel);
        if (entry == AUR_NONE && flags == AUR_MAP_EXIST)
            return -AUR_MAP_ENOENT;
        if (entry != AUR_NONE && flags == AUR_MAP_NOEXIST)
            return -AUR_MAP_EEXIST;
        if (entry == AUR_NONE) {
            entry = *hash.free;
            if (entry >= map->entries)
                return -AUR_MAP_E2BIG;
            *hash.free = hash.links[entry];
            uint32_t *head = &hash.heads[bucket_of(map, key)];
            hash.links[entry] = *head;
            *head = entry;
            memcpy(hash.keys + (size_t)entry * hash.key_stride, key, map->key_bytes);
            map->used++;
        }
    } else {
        entry = find(image, map, cpu, key, fuel);
        if (entry == AUR_NONE)
            return -AUR_MAP_E2BIG;
        if (flags == AUR_MAP_NOEXIST)
            return -AUR_MAP_EEXIST;
    }
    memcpy(bytes_at(image, map->values_at) + (size_t)entry * map->stride, value, map->value_bytes);
    return 0;
}

int64_t aur_map_delete(const struct aur_image *image, uint32_t number, const unsigned char *key,
                       uint64_t *fuel)
{
    struct aur_map *map = aur_image_map_at(image, number);
    if (map->kind != AUR_MAP_HASH)
        return -AUR_MAP_EINVAL;
    struct hash hash = hash_of(image, map);
    uint32_t *from, entry = hash_find(map, &hash, key, &from, fuel);
    if (entry == AUR_NONE)
        return -AUR_MAP_ENOENT;
    *from = hash.links[entry];
    hash.links[entry] = *hash.free;
    *hash.free = entry;
    map->used -= map->used != 0;
    return 0;
}

unsigned char *aur_map_reserve(const struct aur_image *image, uint32_t number, uint32_t size)
{
    const struct aur_map *map = aur_image_map(image, number);
    uint32_t *head = (uint32_t *)(void *)bytes_at(image, map->index_at), used = *head;
    if (size == 0 || used > map->values_bytes || map->values_bytes - used < RECORD_HEAD ||
        size > map->values_bytes - used - RECORD_HEAD)
        return NULL;
    unsigned char *record = bytes_at(image, map->values_at) + used;
    memset(record, 0, RECORD_HEAD + round8(size));
    memcpy(record, &size, sizeof size);
    *head = used + RECORD_HEAD + round8(size);
    return record + RECORD_HEAD;
}

const void *aur_map_value(const struct aur_image *image, uint32_t number, uint32_t cpu,
                          const void *key)
{
    const struct aur_map *map = aur_image_map(image, number);
    if (map->kind == AUR_MAP_PER_CPU_ARRAY && cpu >= image->cpus)
        return NULL;
    uint32_t entry = find(image, map, cpu, key, NULL);
    return entry == AUR_NONE ? NULL : bytes_at(image, map->values_at) + (size_t)entry * map->stride;
}

const void *aur_map_record(const struct aur_image *image, uint32_t number, uint32_t *at,
                           uint32_t *size)
{
    const struct aur_map *map = aur_image_map(image, number);
    uint32_t used = *(const uint32_t *)(const void *)bytes_at(image, map->index_at);
    if (map->kind != AUR_MAP_RING_BUFFER || used > map->values_bytes || *at >= used ||
        used - *at < RECORD_HEAD)
        return NULL;
    const unsigned char *record = bytes_at(image, map->values_at) + *at;
    memcpy(size, record, sizeof *size);
    if (*size > used - *at - RECORD_HEAD)
        return NULL;
    *at += RECORD_HEAD + round8(*size);
    return record + RECORD_HEAD;
}
