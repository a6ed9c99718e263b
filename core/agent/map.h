// What the map helpers do, once keys and values are in the host's memory.
#ifndef AURORA_AGENT_MAP_H
#define AURORA_AGENT_MAP_H

#include "agent/image.h"

#define AUR_MAP_KEY_MAX 64u

// Linux's numbers (include/uapi/asm-generic/errno-base.h), which the helpers return negated.
#define AUR_MAP_ENOENT 2
#define AUR_MAP_E2BIG  7
#define AUR_MAP_EEXIST 17
#define AUR_MAP_EINVAL 22
#define AUR_MAP_ENOSPC 28

// Flags of an update: BPF_ANY, BPF_NOEXIST, BPF_EXIST.
#define AUR_MAP_NOEXIST 1u
#define AUR_MAP_EXIST   2u

// The agent's address of the value of a key (map->key_bytes long), or 0. `fuel` pays for each entry
// that is looked at.
uint64_t aur_map_lookup(const struct aur_image *image, uint32_t map, uint32_t cpu,
                        const unsigned char *key, uint64_t *fuel);
// 0, or -ENOENT, -EEXIST, -EINVAL, -E2BIG: the hash map is full, or the index is beyond the array.
int64_t aur_map_update(const struct aur_image *image, uint32_t map, uint32_t cpu,
                       const unsigned char *key, const unsigned char *value, uint64_t flags,
                       uint64_t *fuel);
int64_t aur_map_delete(const struct aur_image *image, uint32_t map, const unsigned char *key,
                       uint64_t *fuel);
// Room for one more record in a ring buffer, or NULL.
unsigned char *aur_map_reserve(const struct aur_image *image, uint32_t map, uint32_t size);

#endif
