#include "engine/random.h"

#include <assert.h>

// Table 1 and section 4.3 of the paper: multipliers, and the key's Weyl increments (the golden
// ratio and the square root of 3 less 1).
#define ROUNDS       10
#define MULTIPLIER_0 0xD2511F53u
#define MULTIPLIER_1 0xCD9E8D57u
#define WEYL_0       0x9E3779B9u
#define WEYL_1       0xBB67AE85u

void aur_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t left = (uint64_t)MULTIPLIER_0 * x0;
        uint64_t right = (uint64_t)MULTIPLIER_1 * x2;
        x0 = (uint32_t)(right >> 32) ^ x1 ^ k0;
        x1 = (uint32_t)right;
        x2 = (uint32_t)(left >> 32) ^ x3 ^ k1;
        x3 = (uint32_t)left;
        k0 += WEYL_0;
        k1 += WEYL_1;
    }
    out[0] = x0;
    out[1] = x1;
    out[2] = x2;
    out[3] = x3;
}

static uint64_t block(uint64_t key, uint64_t low, uint64_t high)
{
    const uint32_t counter[4] = {(uint32_t)low, (uint32_t)(low >> 32), (uint32_t)high,
                                 (uint32_t)(high >> 32)};
    const uint32_t halves[2] = {(uint32_t)key, (uint32_t)(key >> 32)};
    uint32_t out[4];
    aur_philox4x32(counter, halves, out);
    // The other 64 bits are let go: a draw would no longer be one block of its own counter.
    return out[0] | (uint64_t)out[1] << 32;
}

void aur_stream_init(struct aur_stream *stream, uint64_t seed, uint32_t replication, uint32_t kind,
                     uint64_t index)
{
    // Under one seed no two sources share a counter, so their keys are distinct blocks.
    stream->key = block(seed, index, (uint64_t)replication << 32 | kind);
    stream->counter = 0;
}

uint64_t aur_stream_at(uint64_t key, uint64_t counter)
{
    return block(key, counter, 0);
}

uint64_t aur_stream_u64(struct aur_stream *stream)
{
    return aur_stream_at(stream->key, stream->counter++);
}

double aur_stream_double(struct aur_stream *stream)
{
    return (double)(aur_stream_u64(stream) >> 11) * 0x1p-53;
}

struct wide {
    uint64_t high, low;
};

// wasm32 has no 128-bit multiplication to call.
static struct wide multiply(uint64_t a, uint64_t b)
{
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t low = a0 * b0;
    uint64_t middle = a1 * b0 + (low >> 32);
    uint64_t other = a0 * b1 + (uint32_t)middle;
    return (struct wide){a1 * b1 + (middle >> 32) + (other >> 32), other << 32 | (uint32_t)low};
}

uint64_t aur_stream_below(struct aur_stream *stream, uint64_t n)
{
    assert(n > 0);
    struct wide product = multiply(aur_stream_u64(stream), n);
    if (product.low < n) {
        uint64_t too_low = -n % n; // 2^64 mod n: so many products stand for one value too often
        while (product.low < too_low)
            product = multiply(aur_stream_u64(stream), n);
    }
    return product.high;
}
