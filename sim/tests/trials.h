// Random trials for the tests of sim/stats: one fixed stream, and what 1,000 of them may show.
#ifndef AURORA_SIM_TESTS_TRIALS_H
#define AURORA_SIM_TESTS_TRIALS_H

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/interval.h"
#include "tests/run_tests.h"

#define TRIALS 1000
// Four standard deviations of the share of 1,000 trials that a true 95 % interval covers.
#define NOISE 0.0276

#define ASSERT_NEAR(value, expected, tolerance)                                                    \
    ck_assert_double_eq_tol((value), (expected), (tolerance))

// Coverage is a statement about one fixed stream: another one would fail now and then by chance.
static uint64_t trials_state;

static inline void start_trials(void)
{
    trials_state = 20260411;
}

static inline double uniform(void)
{
    uint64_t z = trials_state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

static inline double normal(double mean, double deviation)
{
    double radius = sqrt(-2 * log(uniform()));

    return mean + deviation * radius * cos(2 * M_PI * uniform());
}

static inline bool covers(struct aur_stats_interval interval, double truth)
{
    return interval.low <= truth && truth <= interval.high;
}

static inline void assert_covers_95_per_cent(int covered)
{
    double share = (double)covered / TRIALS;

    ck_assert_msg(fabs(share - 0.95) <= NOISE, "covered in %g of the trials", share);
}

#endif
