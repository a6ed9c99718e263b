#include "stats/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/intervals.h"

bool aur_stats_summarise(const double *values, size_t n, struct aur_stats_summary *out)
{
    double nan = (double)NAN;
    double *sorted = n > 0 ? calloc(n, sizeof(*sorted)) : NULL;

    *out = (struct aur_stats_summary){n, nan, nan, nan, nan, nan, nan, nan};
    if (!sorted)
        return false;
    memcpy(sorted, values, n * sizeof(*sorted));
    out->median = aur_stats_median(sorted, n);
    out->min = sorted[0];
    out->max = sorted[n - 1];
    free(sorted);

    struct aur_stats_moments moments = aur_stats_moments_of(values, n);
    struct aur_stats_interval interval;

    // With one replication there is a mean and no interval, which is what its NaN ends say.
    aur_stats_moments_interval(&moments, 0.95, &interval);
    out->mean = interval.estimate;
    out->low95 = interval.low;
    out->high95 = interval.high;
    out->deviation = sqrt(aur_stats_moments_variance(&moments));
    return true;
}
