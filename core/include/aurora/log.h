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
// the finaliser of MurmurHash3 (Appleby 2008); not cryptographic. Inline, because each step takes
// in two or three.
#define AUR_DIGEST_START 0x243f6a8885a308d3ull

static inline uint64_t aur_digest_rotate(uint64_t value, unsigned by)
{
    return value << by | value >> (64 - by);
}

// The fields are taken by value, not as memory, so that byte order and padding play no part.
// The two products do not depend on the digest so far: only one multiplication is in the chain.
static inline uint64_t aur_digest_record(uint64_t digest, const struct aur_record *record)
{
    uint64_t who = (uint64_t)record->task | (uint64_t)record->object << 32;
    uint64_t what =
        (uint64_t)record->other | (uint64_t)record->cpu << 32 | (uint64_t)record->kind << 48;
    uint64_t a = (record->now_ns ^ aur_digest_rotate(record->arg, 32)) * 0x9e3779b97f4a7c15ull;
    uint64_t b = (who ^ aur_digest_rotate(what, 29)) * 0xc2b2ae3d27d4eb4full;
    uint64_t mixed = aur_digest_rotate(digest, 23) ^ a ^ aur_digest_rotate(b, 31) ^ record->arg;
    mixed *= 0xff51afd7ed558ccdull;
    return mixed ^ mixed >> 33;
}

#endif
