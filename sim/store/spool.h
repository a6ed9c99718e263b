// Bytes that wait for their transaction: in memory up to a limit, beyond in an unlinked file.
//
// A trace of ten million events is 80 MB, and several runs are on their way at once, so memory
// alone will not do. The file has no name (the kernel takes it back whatever happens to us) and
// lies in the folder of the database, where there must be room for these bytes anyway; /tmp is
// often memory.
#ifndef AURORA_SIM_STORE_SPOOL_H
#define AURORA_SIM_STORE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/failure.h"

#define AUR_SPOOL_MEMORY_BYTES ((size_t)64 << 20)

struct aur_spool {
    const char *beside; // path of the database; must outlive the spool
    uint8_t *memory;
    size_t memory_limit;
    size_t memory_used;
    size_t memory_capacity;
    int file; // -1: none yet
    uint64_t file_bytes;
    uint8_t *scratch; // the bytes that aur_spool_read gave last
    size_t scratch_capacity;
};

// Where a piece lies: below memory_limit in memory, from there on in the file.
struct aur_spool_piece {
    uint64_t offset;
    size_t size;
};

void aur_spool_init(struct aur_spool *spool, const char *beside, size_t memory_limit);
void aur_spool_free(struct aur_spool *spool);

// Keeps a copy of bytes[0 .. size). Errors: memory, the disk.
bool aur_spool_add(struct aur_spool *spool, const uint8_t *bytes, size_t size,
                   struct aur_spool_piece *piece, struct aur_failure *failure);

// The bytes of a piece, valid until the next call on this spool; NULL on an error.
const uint8_t *aur_spool_read(struct aur_spool *spool, struct aur_spool_piece piece,
                              struct aur_failure *failure);

#endif
