// Mean and sample variance in one pass, and the arithmetic of ordered samples.
#ifndef AURORA_SIM_STATS_MOMENTS_H
#define AURORA_SIM_STATS_MOMENTS_H

#include <stddef.h>
#include <stdint.h>

// Running moments. All zero is empty.
// Invariant: m2 is the sum of squared distances of the values so far from their mean.
struct aur_stats_moments {
    uint64_t count;
    double mean;
    double m2;
};

// Adds one finite value (Welford, "Note on a method for calculating corrected sums of squares and
// products", Technometrics 4(3), 1962). Equal values give exactly that mean and variance 0.
void aur_stats_moments_add(struct aur_stats_moments *moments, double value);

// Adds all values behind `from` (Chan, Golub, LeVeque 1979).
void aur_stats_moments_merge(struct aur_stats_moments *into, const struct aur_stats_moments *from);

// Moments of values[0 .. n), all finite.
struct aur_stats_moments aur_stats_moments_of(const double *values, size_t n);

// Sample variance, divisor count - 1. NaN for fewer than two values.
double aur_stats_moments_variance(const struct aur_stats_moments *moments);

// Sorts values[0 .. n) ascending. No value may be NaN.
void aur_stats_sort(double *values, size_t n);

// Median of values[0 .. n), which it sorts: the middle value, or the mean of the middle two.
// NaN if n is 0.
double aur_stats_median(double *values, size_t n);

#endif
