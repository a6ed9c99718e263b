// The digest of the decision log.
#include <aurora/log.h>

static inline uint64_t rotate(uint64_t value, unsigned by)
{
    return value << by | value >> (64 - by);
}

// The fields are taken by value, not as memory, so that byte order and padding play no part.
// The two products do not depend on the digest so far: only one multiplication is in the chain.
uint64_t aur_digest_record(uint64_t digest, const struct aur_record *record)
{
    uint64_t who = (uint64_t)record->task | (uint64_t)record->object << 32;
    uint64_t what =
        (uint64_t)record->other | (uint64_t)record->cpu << 32 | (uint64_t)record->kind << 48;
    uint64_t a = (record->now_ns ^ rotate(record->arg, 32)) * 0x9e3779b97f4a7c15ull;
    uint64_t b = (who ^ rotate(what, 29)) * 0xc2b2ae3d27d4eb4full;
    uint64_t mixed = (rotate(digest, 23) ^ a ^ rotate(b, 31) ^ record->arg) * 0xff51afd7ed558ccdull;
    return mixed ^ mixed >> 33;
}
