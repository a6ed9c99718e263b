// Bootstrap confidence intervals, for statistics that have no formula: medians, percentiles.
#ifndef AURORA_SIM_STATS_BOOTSTRAP_H
#define AURORA_SIM_STATS_BOOTSTRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/interval.h"

// A statistic of sample[0 .. n), n >= 1; it may reorder the sample. aur_stats_median is one.
typedef double aur_stats_statistic(double *sample, size_t n);

// The arithmetic mean, as a statistic.
double aur_stats_mean(double *sample, size_t n);

// The percentile interval: `statistic` of `resamples` samples drawn with replacement from
// values[0 .. n), of which the middle `level` is kept. The estimate is the statistic of the values
// themselves. The same seed gives the same interval on every machine.
//
//   n          2 or more
//   resamples  at least 2 / (1 - level) - 1, so that both ends are among them; 999 is usual
//   level      0 < level < 1, for example 0.95
//
// Returns false, with low and high NaN, if an argument is out of range or memory ran out.
//
// Source: B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13. With few
// values the interval is somewhat too narrow; from about 50 the shortfall is below one per cent.
bool aur_stats_bootstrap_interval(const double *values, size_t n, aur_stats_statistic *statistic,
                                  size_t resamples, double level, uint64_t seed,
                                  struct aur_stats_interval *out);

#endif
