// A 128-bit unsigned sum in two words, for totals of nanoseconds that outgrow 64 bits.
//
// Written by hand because the browser build has no 128-bit multiply of its own.
#ifndef AURORA_SIM_STATS_SUM128_H
#define AURORA_SIM_STATS_SUM128_H

#include <stdbool.h>
#include <stdint.h>

struct aur_sum128 {
    uint64_t high;
    uint64_t low;
};

// Adds another sum to *sum, modulo 2^128.
static inline void aur_sum128_add(struct aur_sum128 *sum, struct aur_sum128 other)
{
    sum->low += other.low;
    sum->high += other.high + (sum->low < other.low);
}

// Adds a * b to *sum, modulo 2^128. The product itself is exact: schoolbook on 32-bit halves.
static inline void aur_sum128_add_product(struct aur_sum128 *sum, uint64_t a, uint64_t b)
{
    uint64_t a_low = (uint32_t)a, a_high = a >> 32;
    uint64_t b_low = (uint32_t)b, b_high = b >> 32;
    uint64_t low = a_low * b_low;
    uint64_t cross_a = a_high * b_low + (low >> 32);
    uint64_t cross_b = a_low * b_high + (uint32_t)cross_a;
    struct aur_sum128 product = {
        .high = a_high * b_high + (cross_a >> 32) + (cross_b >> 32),
        .low = (cross_b << 32) | (uint32_t)low,
    };

    aur_sum128_add(sum, product);
}

// True if a <= b.
static inline bool aur_sum128_at_most(struct aur_sum128 a, struct aur_sum128 b)
{
    return a.high < b.high || (a.high == b.high && a.low <= b.low);
}

// The nearest double, within one rounding of each word.
static inline double aur_sum128_to_double(struct aur_sum128 sum)
{
    return (double)sum.high * 18446744073709551616.0 + (double)sum.low;
}

#endif
