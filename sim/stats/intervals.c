#ifdef __EMSCRIPTEN__
#    error "sim/stats/intervals.c needs GSL: keep it out of sim_portable_sources"
#endif

#include "stats/intervals.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

// Half the width of the interval, from the standard error of the estimate. `error` may be 0.
static double half_width(double error, double freedom, double level)
{
    // From the upper tail, where 1 - level keeps its digits.
    return error * gsl_cdf_tdist_Qinv((1 - level) / 2, freedom);
}

static bool level_is_valid(double level)
{
    return level > 0 && level < 1;
}

bool aur_stats_moments_interval(const struct aur_stats_moments *moments, double level,
                                struct aur_stats_interval *out)
{
    double mean = moments->count > 0 ? moments->mean : (double)NAN;

    *out = (struct aur_stats_interval){mean, (double)NAN, (double)NAN};
    if (moments->count < 2 || !level_is_valid(level))
        return false;

    double count = (double)moments->count;
    double half = half_width(sqrt(aur_stats_moments_variance(moments) / count), count - 1, level);

    out->low = mean - half;
    out->high = mean + half;
    return true;
}

bool aur_stats_mean_interval(const double *values, size_t n, double level,
                             struct aur_stats_interval *out)
{
    struct aur_stats_moments moments = aur_stats_moments_of(values, n);

    return aur_stats_moments_interval(&moments, level, out);
}

bool aur_stats_batch_interval(const double *series, size_t n, size_t batches, double level,
                              struct aur_stats_interval *out, double *lag1)
{
    *out = (struct aur_stats_interval){(double)NAN, (double)NAN, (double)NAN};
    *lag1 = (double)NAN;
    if (batches < 2 || n < batches || !level_is_valid(level))
        return false;

    size_t length = n / batches;
    const double *start = series + n % batches;
    struct aur_stats_moments means = {0};

    for (size_t i = 0; i < batches; i++)
        aur_stats_moments_add(&means, aur_stats_moments_of(start + i * length, length).mean);

    double before = 0, products = 0;

    for (size_t i = 0; i < batches; i++) {
        double distance = aur_stats_moments_of(start + i * length, length).mean - means.mean;

        products += before * distance;
        before = distance;
    }
    *lag1 = means.m2 > 0 ? products / means.m2 : 0;
    return aur_stats_moments_interval(&means, level, out);
}

// Fills in a comparison from the difference of means and its standard error.
static void compare(double difference, double error, double freedom, double level,
                    struct aur_stats_comparison *out)
{
    double half = half_width(error, freedom, level);

    out->difference = (struct aur_stats_interval){difference, difference - half, difference + half};
    out->freedom = freedom;
    out->t = difference == 0 ? 0 : difference / error;
    out->p = isinf(out->t) ? 0 : 2 * gsl_cdf_tdist_Q(fabs(out->t), freedom);
}

static void leave_undecided(double difference, struct aur_stats_comparison *out)
{
    double nan = (double)NAN;

    *out = (struct aur_stats_comparison){
        .difference = {difference, nan, nan}, .t = nan, .freedom = nan, .p = nan};
}

bool aur_stats_welch_test(const double *a, size_t n_a, const double *b, size_t n_b, double level,
                          struct aur_stats_comparison *out)
{
    struct aur_stats_moments of_a = aur_stats_moments_of(a, n_a);
    struct aur_stats_moments of_b = aur_stats_moments_of(b, n_b);
    double difference = n_a > 0 && n_b > 0 ? of_a.mean - of_b.mean : (double)NAN;

    if (n_a < 2 || n_b < 2 || !level_is_valid(level)) {
        leave_undecided(difference, out);
        return false;
    }

    double freedom_a = (double)(n_a - 1), freedom_b = (double)(n_b - 1);
    double part_a = aur_stats_moments_variance(&of_a) / (double)n_a;
    double part_b = aur_stats_moments_variance(&of_b) / (double)n_b;
    double whole = part_a + part_b, freedom = freedom_a + freedom_b;

    if (whole > 0) {
        // Welch-Satterthwaite in shares of the whole, whose squares cannot underflow to 0 / 0.
        double share_a = part_a / whole, share_b = part_b / whole;

        freedom = 1 / (share_a * share_a / freedom_a + share_b * share_b / freedom_b);
    }
    compare(difference, sqrt(whole), freedom, level, out);
    return true;
}

bool aur_stats_paired_test(const double *a, const double *b, size_t n, double level,
                           struct aur_stats_comparison *out)
{
    struct aur_stats_moments moments = {0};

    for (size_t i = 0; i < n; i++)
        aur_stats_moments_add(&moments, a[i] - b[i]);
    if (n < 2 || !level_is_valid(level)) {
        leave_undecided(n > 0 ? moments.mean : (double)NAN, out);
        return false;
    }

    double variance = aur_stats_moments_variance(&moments);

    compare(moments.mean, sqrt(variance / (double)n), (double)(n - 1), level, out);
    return true;
}
