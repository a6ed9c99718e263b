// Products wider than 64 bits, by hand: wasm32 has no 128-bit multiplication.
#ifndef AURORA_LIB_WIDE_H
#define AURORA_LIB_WIDE_H

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

// wide / divisor, rounded down, by long division; UINT64_MAX if that takes more than 64 bits.
static inline uint64_t aur_wide_divide(struct aur_wide wide, uint64_t divisor)
{
    if (wide.high >= divisor)
        return UINT64_MAX;
    uint64_t rest = wide.high, quotient = 0;
    for (uint32_t bit = 64; bit-- > 0;) {
        uint64_t carry = rest >> 63;
        rest = rest << 1 | (wide.low >> bit & 1);
        quotient <<= 1;
        if (carry || rest >= divisor) {
            rest -= divisor;
            quotient |= 1;
        }
    }
    return quotient;
}

#endif
