// Products wider than 64 bits, by hand: wasm32 has no 128-bit multiplication.
#ifndef AURORA_LIB_WIDE_H
#define AURORA_LIB_WIDE_H

#include <stdbool.h>
#include <stdint.h>

struct aur_wide {
    uint64_t high, low;
};

static inline struct aur_wide aur_wide_multiply(uint64_t a, uint64_t b)
{
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t low = a0 * b0, middle = a1 * b0 + (low >> 32), other = a0 * b1 + (uint32_t)middle;
    return (struct aur_wide){a1 * b1 + (middle >> 32) + (other >> 32), other << 32 | (uint32_t)low};
}

// sum >= a * b, without overflow.
static inline bool aur_at_least_product(int64_t sum, int64_t a, uint64_t b)
{
    uint64_t size = a < 0 ? 0 - (uint64_t)a : (uint64_t)a;
    if (size < 1ull << 31 && b < 1ull << 32)
        return sum >= a * (int64_t)b;
    if ((sum < 0) != (a < 0))
        return a < 0;
    struct aur_wide product = aur_wide_multiply(size, b);
    uint64_t sum_size = sum < 0 ? 0 - (uint64_t)sum : (uint64_t)sum;
    if (sum < 0)
        return product.high != 0 || product.low >= sum_size;
    return product.high == 0 && product.low <= sum_size;
}

#endif
