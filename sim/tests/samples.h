// Random samples of many shapes, for the tests of the histogram.
#ifndef AURORA_SIM_TESTS_SAMPLES_H
#define AURORA_SIM_TESTS_SAMPLES_H

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "stats/histogram.h"
#include "stats/histogram_blob.h"
#include "tests/run_tests.h"

#define MOST_SAMPLES 1500u
#define MOST_BYTES   65536u

static uint64_t samples_seed = 20260411;
static uint64_t samples_state;

static inline uint64_t next_random(void)
{
    uint64_t z = samples_state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static inline void start_samples(void)
{
    samples_state = samples_seed;
}

// Takes the seed from AUR_SEED if that is set, and prints it.
static inline void choose_seed(void)
{
    const char *chosen = getenv("AUR_SEED");

    if (chosen)
        samples_seed = strtoull(chosen, NULL, 0);
    printf("seed %" PRIu64 " (AUR_SEED sets another)\n", samples_seed);
}

static inline uint64_t below(uint64_t n)
{
    return next_random() % n;
}

// Samples of one of several shapes, among them those that sit on bucket borders.
static inline size_t draw_samples(uint64_t *values)
{
    size_t n = 1 + below(below(4) == 0 ? MOST_SAMPLES : 40);
    unsigned shape = (unsigned)below(6);
    uint64_t base = next_random() >> below(64);

    for (size_t i = 0; i < n; i++) {
        uint64_t any = next_random();

        switch (shape) {
        case 0:
            values[i] = any % 300;
            break;
        case 1:
            values[i] = any;
            break;
        case 2:
            values[i] = any >> below(64);
            break;
        case 3:
            values[i] = base;
            break;
        case 4:
            values[i] = ((uint64_t)1 << any % 64) - below(2);
            break;
        default:
            values[i] = below(10) == 0 ? 5000000 + any % 1000000 : 2000 + any % 500;
            break;
        }
    }
    return n;
}

static inline void record_all(struct aur_histogram *h, const uint64_t *values, size_t n)
{
    aur_histogram_init(h);
    for (size_t i = 0; i < n; i++)
        ck_assert(aur_histogram_record(h, values[i]));
}

static inline size_t encode(const struct aur_histogram *h, uint8_t *out)
{
    size_t length = aur_histogram_encode(h, out, MOST_BYTES);

    ck_assert_uint_le(length, MOST_BYTES);
    return length;
}

static inline void assert_same(const struct aur_histogram *a, const struct aur_histogram *b)
{
    static uint8_t of_a[MOST_BYTES], of_b[MOST_BYTES];
    size_t length = encode(a, of_a);

    ck_assert_uint_eq(length, encode(b, of_b));
    ck_assert_mem_eq(of_a, of_b, length);
}

#endif
