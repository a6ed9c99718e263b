#include "stats/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/moments.h"

// splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

// Uniform in 0 .. n - 1, without bias: Lemire, "Fast random integer generation in an interval",
// 2019.
static uint32_t random_below(uint64_t *state, uint32_t n)
{
    uint64_t product = (next_random(state) >> 32) * n;

    if ((uint32_t)product < n) {
        uint32_t unfair = (uint32_t)-n % n;

        while ((uint32_t)product < unfair)
            product = (next_random(state) >> 32) * n;
    }
    return (uint32_t)(product >> 32);
}

double aur_stats_mean(double *sample, size_t n)
{
    return aur_stats_moments_of(sample, n).mean;
}

bool aur_stats_bootstrap_interval(const double *values, size_t n, aur_stats_statistic *statistic,
                                  size_t resamples, double level, uint64_t seed,
                                  struct aur_stats_interval *out)
{
    double tail = (1 - level) / 2;
    double rank = floor(((double)resamples + 1) * tail + 1e-9);

    *out = (struct aur_stats_interval){(double)NAN, (double)NAN, (double)NAN};
    if (n < 2 || n > UINT32_MAX || !(level > 0 && level < 1) || rank < 1)
        return false;

    double *sample = malloc(n * sizeof(*sample));
    double *results = calloc(resamples, sizeof(*results));

    if (sample && results) {
        memcpy(sample, values, n * sizeof(*sample));
        out->estimate = statistic(sample, n);
        for (size_t i = 0; i < resamples; i++) {
            for (size_t j = 0; j < n; j++)
                sample[j] = values[random_below(&seed, (uint32_t)n)];
            results[i] = statistic(sample, n);
        }
        aur_stats_sort(results, resamples);
        out->low = results[(size_t)rank - 1];
        out->high = results[resamples - (size_t)rank];
    }

    bool done = sample && results;

    free(sample);
    free(results);
    return done;
}
