// A state and a position as bytes: the block of the core as it is, and behind it, little-endian,
// 8 bytes for the tasks made so far, 8 for the last DISPATCH of each CPU, 4 for the task of each
// slot that was ever used.
//
// The block counts byte by byte: the core sets it all to zero at first and fills in fields, so
// padding stays zero, and what the hostile build poisons it poisons with a constant. Two states
// that were reached by the same events are equal by memcmp.
#ifndef AURORA_SIM_TRAVEL_SNAPSHOT_H
#define AURORA_SIM_TRAVEL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/failure.h"
#include "travel/position.h"

// As a source gives it (log.h), plain or deflated.
struct aur_snapshot {
    uint32_t seq; // of the chunk whose first record comes next
    uint64_t records, events, now_ns;
    uint64_t state_bytes; // of the block
    const uint8_t *data;  // NULL: there is none
    size_t size;
};

// The bytes of a core and a position; *size of them, to be freed. NULL when memory is out.
uint8_t *aur_snapshot_write(const struct aur_core *core, const struct aur_position *position,
                            size_t *size);

// The most bytes that a snapshot of this configuration may have.
size_t aur_snapshot_bound(const struct aur_config *config);

// Reads a plain snapshot, from anywhere, into `block`, which has room for a core of `config`, and
// `position`. Refused is one that is cut or has bytes left over, that is a state of another
// configuration or of a core that lays it out otherwise, whose invariants do not hold, or that
// contradicts what is said of it; then block and position mean nothing.
bool aur_snapshot_read(const struct aur_snapshot *snapshot, const struct aur_config *config,
                       void *block, struct aur_position *position, struct aur_failure *failure);

#endif
