// How evenly a resource was shared.
#ifndef AURORA_SIM_STATS_FAIRNESS_H
#define AURORA_SIM_STATS_FAIRNESS_H

#include <stddef.h>

// Jain's fairness index (sum x)^2 / (n sum x^2) of shares[0 .. n): 1 if all are equal, k / n if k
// of n share equally and the rest get nothing, 1 / n at the worst; free of unit and scale. For
// tasks of different weights, give each share divided by its weight.
//
// Shares must be finite and not negative; NaN is returned if one is not, or if n is 0. If all are
// zero, nobody is favoured and the index is 1.
//
// Source: R. Jain, D. Chiu, W. Hawe, "A Quantitative Measure of Fairness and Discrimination for
// Resource Allocation in Shared Computer Systems", DEC-TR-301, 1984.
double aur_stats_jain_fairness(const double *shares, size_t n);

#endif
