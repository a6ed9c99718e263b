// The random numbers of tests: one seed, printed, that AUR_SEED overrides.
#ifndef AURORA_SIM_TESTS_CHANCE_H
#define AURORA_SIM_TESTS_CHANCE_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t chance;

static inline void start_chance(void)
{
    const char *seed = getenv("AUR_SEED");
    chance = seed ? strtoull(seed, NULL, 0) : 20261122;
    printf("AUR_SEED=%" PRIu64 "\n", chance);
    fflush(stdout); // before a crash
}

// Uniform below bound (SplitMix64, Steele et al. 2014); the slight bias does not matter here.
static inline uint32_t below(uint32_t bound)
{
    chance += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = chance;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ z >> 31) % bound);
}

#endif
