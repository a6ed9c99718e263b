#include "stats/warmup.h"

#include "stats/moments.h"

#define UNSEARCHED 5u // last batches, of which too few are left to judge by

bool aur_stats_mser5(const double *series, size_t n, size_t *discard)
{
    size_t batches = n / AUR_STATS_MSER_BATCH, best = 0;
    struct aur_stats_moments rest = {0};
    double smallest = 0;

    *discard = 0;
    if (n < AUR_STATS_MSER_SHORTEST)
        return false;

    // From the back, `rest` grows by one batch for each candidate.
    for (size_t d = batches; d-- > 0;) {
        const double *batch = &series[d * AUR_STATS_MSER_BATCH];

        aur_stats_moments_add(&rest, aur_stats_moments_of(batch, AUR_STATS_MSER_BATCH).mean);
        if (rest.count <= UNSEARCHED)
            continue;

        double statistic = rest.m2 / ((double)rest.count * (double)rest.count);

        // A tie goes to the candidate that drops less.
        if (rest.count == UNSEARCHED + 1 || statistic <= smallest) {
            smallest = statistic;
            best = d;
        }
    }
    if (best > batches / 2)
        return false;
    *discard = best * AUR_STATS_MSER_BATCH;
    return true;
}
