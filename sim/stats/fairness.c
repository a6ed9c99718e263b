#include "stats/fairness.h"

#include <math.h>

double aur_stats_jain_fairness(const double *shares, size_t n)
{
    double largest = 0, sum = 0, squares = 0;

    for (size_t i = 0; i < n; i++) {
        if (!isfinite(shares[i]) || shares[i] < 0)
            return (double)NAN;
        if (shares[i] > largest)
            largest = shares[i];
    }
    if (n == 0)
        return (double)NAN;
    if (largest == 0)
        return 1;

    // Relative to the largest share, so that no square overflows and their sum is at least 1.
    for (size_t i = 0; i < n; i++) {
        double share = shares[i] / largest;

        sum += share;
        squares += share * share;
    }
    return sum * sum / ((double)n * squares);
}
