// Student-t confidence intervals and comparisons of samples. Host only: the distribution comes
// from GSL, which the browser build does not have.
//
// Values must be finite. `level` is the confidence level, 0 < level < 1, for example 0.95. A
// sample without any variance is not an error: deterministic simulations make them, and the
// interval is then the single point.
#ifndef AURORA_SIM_STATS_INTERVALS_H
#define AURORA_SIM_STATS_INTERVALS_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/interval.h"
#include "stats/moments.h"

// The interval of the mean of independent values known by their moments. Returns false, with low
// and high NaN, for fewer than two values or a level out of range; the estimate is the mean still
// (NaN without any value).
bool aur_stats_moments_interval(const struct aur_stats_moments *moments, double level,
                                struct aur_stats_interval *out);

// The same of values[0 .. n), for example one metric of n replications.
bool aur_stats_mean_interval(const double *values, size_t n, double level,
                             struct aur_stats_interval *out);

// The method of batch means: the interval of the steady-state mean of one long correlated series.
// Cuts series[0 .. n), warm-up already dropped, into `batches` of equal length (what is left over
// is dropped from the front) and treats their means as independent. 10 to 30 batches are right for
// most series (B. Schmeiser, "Batch size effects in the analysis of simulation output", Operations
// Research 30(3), 1982).
//
// *lag1 becomes the lag-1 autocorrelation of the batch means, 0 if they do not vary. Above about
// 2 / sqrt(batches) the batches are too short and the interval too narrow.
//
// Returns false, with low, high and *lag1 NaN, if batches < 2, n < batches or the level is out of
// range.
bool aur_stats_batch_interval(const double *series, size_t n, size_t batches, double level,
                              struct aur_stats_interval *out, double *lag1);

// The outcome of comparing sample a with sample b.
struct aur_stats_comparison {
    struct aur_stats_interval difference; // mean of a - mean of b
    double t;
    double freedom; // degrees of freedom
    double p;       // two-sided: chance of so large a |t| if the means were equal
};

// Welch's t-test: two independent samples, variances not assumed equal (B. L. Welch, "The
// generalization of Student's problem when several different population variances are involved",
// Biometrika 34, 1947). Without any variance t is 0 or infinite and p is 1 or 0.
//
// Returns false, with all but the estimate NaN, if a sample has fewer than two values or the level
// is out of range.
bool aur_stats_welch_test(const double *a, size_t n_a, const double *b, size_t n_b, double level,
                          struct aur_stats_comparison *out);

// The paired t-test: a[i] and b[i] come from the same seed or workload. Use it to compare two
// schedulers on common random numbers, where it is far sharper than Welch's. Errors as there.
bool aur_stats_paired_test(const double *a, const double *b, size_t n, double level,
                           struct aur_stats_comparison *out);

#endif
