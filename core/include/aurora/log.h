// The log of a core: a ring of records that the host owns and drains.
#ifndef AURORA_LOG_H
#define AURORA_LOG_H

#include <stdint.h>

#include <aurora/event.h>

enum aur_log_mode {
    AUR_LOG_OFF,    // neither log nor digest
    AUR_LOG_DIGEST, // a running digest of events and actions
    AUR_LOG_FULL    // the digest, and every record into the ring
};

// Invariant: tail <= head <= tail + capacity; record n lives at ring[n & (capacity - 1)].
struct aur_log {
    struct aur_record *ring;
    uint32_t capacity; // a power of two, at least 2 * (AUR_ACTIONS_MAX + 1)
    uint64_t head;     // records ever written
    uint64_t tail;     // records that the host has taken
};

// How a digest starts, and how it takes in one record. 64 bits of multiply and shift, after
// the finaliser of MurmurHash3 (Appleby 2008); not cryptographic.
#define AUR_DIGEST_START 0x243f6a8885a308d3ull
uint64_t aur_digest_record(uint64_t digest, const struct aur_record *record);

#endif
