// The parts of an image, writable, and the marks of its instructions.
#ifndef AURORA_AGENT_IMAGE_H
#define AURORA_AGENT_IMAGE_H

#include <aurora/agent.h>

#include "lib/memory.h"

#define AUR_IMAGE_MAGIC 0x3130544e47410a1aull // "\x1a\nAGNT01"

// Of each instruction, a byte of:
enum aur_image_mark {
    AUR_MARK_START = 1, // a function begins
    AUR_MARK_SECOND = 2 // the second half of a wide one
};

static inline unsigned char *aur_image_marks(const struct aur_image *image)
{
    return (unsigned char *)(uintptr_t)image + image->marks_at;
}

static inline struct aur_map *aur_image_map_at(const struct aur_image *image, uint32_t map)
{
    return (struct aur_map *)(uintptr_t)aur_image_map(image, map);
}

// structure.c: what RFC 9669 says of one instruction by itself; the level that an image needs.
enum aur_agent_status aur_agent_instruction(struct aur_instruction instruction);
uint32_t aur_agent_needs(const struct aur_image *image);

// Do the offsets of the head and of the maps lie within `bytes`, and do the maps' sizes agree with
// what they are? (map.c)
bool aur_map_is_sound(const struct aur_image *image, const struct aur_map *map);
// Fills the sizes of a map from its kind, key_bytes, value_bytes and entries; false: out of range.
bool aur_map_measure(struct aur_map *map, uint32_t cpus, uint32_t tasks);
// Sets up the index of a map whose storage is zero.
void aur_map_init(const struct aur_image *image, struct aur_map *map);

#endif
