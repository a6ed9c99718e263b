#include <string.h>

#include "stats/bootstrap.h"
#include "stats/fairness.h"
#include "stats/moments.h"
#include "stats/warmup.h"
#include "tests/trials.h"

// --- moments -------------------------------------------------------------------------------------

START_TEST(moments_reach_the_certified_values_of_nist_numacc_3_and_4)
{
    // NIST Statistical Reference Datasets, univariate: a start, then a thousand values to and fro.
    // Both have standard deviation 0.1; the tolerances are what the inputs' own rounding allows.
    static const struct {
        double start, deviation_tolerance;
    } sets[] = {{1000000.2, 1e-9}, {10000000.2, 1e-8}};

    for (size_t i = 0; i < LENGTH(sets); i++) {
        struct aur_stats_moments moments = {0};

        aur_stats_moments_add(&moments, sets[i].start);
        for (int j = 0; j < 1000; j++)
            aur_stats_moments_add(&moments, sets[i].start + (j % 2 == 0 ? -0.1 : 0.1));
        ASSERT_NEAR(moments.mean, sets[i].start, 1e-8);
        ASSERT_NEAR(sqrt(aur_stats_moments_variance(&moments)), 0.1, sets[i].deviation_tolerance);
    }
}
END_TEST

START_TEST(merged_moments_equal_those_of_all_values_in_one)
{
    for (int round = 0; round < 200; round++) {
        double values[60];
        size_t n = LENGTH(values), cut = (size_t)(uniform() * (double)(n + 1));

        for (size_t i = 0; i < n; i++)
            values[i] = normal(1e6, 3);

        struct aur_stats_moments all = aur_stats_moments_of(values, n);
        struct aur_stats_moments a = aur_stats_moments_of(values, cut);
        struct aur_stats_moments b = aur_stats_moments_of(values + cut, n - cut);

        aur_stats_moments_merge(&a, &b);
        ck_assert_uint_eq(a.count, n);
        ASSERT_NEAR(a.mean, all.mean, 1e-7);
        ASSERT_NEAR(a.m2, all.m2, 1e-5);
    }
}
END_TEST

START_TEST(equal_values_have_exactly_no_variance)
{
    struct aur_stats_moments moments = {0};

    for (int i = 0; i < 1000; i++)
        aur_stats_moments_add(&moments, 0.1);
    ck_assert(moments.mean == 0.1);
    ck_assert(moments.m2 == 0);
}
END_TEST

START_TEST(a_median_is_the_middle_value_or_halfway_between_the_middle_two)
{
    double odd[] = {9, 1, 4}, even[] = {8, 1, 9, 2};

    ck_assert_double_eq(aur_stats_median(odd, 3), 4);
    ck_assert_double_eq(aur_stats_median(even, 4), 5);
    ck_assert(isnan(aur_stats_median(odd, 0)));
}
END_TEST

// --- warm-up -------------------------------------------------------------------------------------

// The rule as its papers print it: every candidate computed anew.
static size_t slow_mser5_batches(const double *series, size_t n, double *margin)
{
    size_t batches = n / 5, best = 0;
    double smallest = INFINITY, second = INFINITY;

    for (size_t d = 0; d + 5 < batches; d++) {
        double mean = 0, squares = 0, rest = (double)(batches - d);

        for (size_t i = 5 * d; i < 5 * batches; i++)
            mean += series[i] / (5 * rest);
        for (size_t i = d; i < batches; i++) {
            const double *z = series + 5 * i;
            double distance = (z[0] + z[1] + z[2] + z[3] + z[4]) / 5 - mean;

            squares += distance * distance;
        }

        double statistic = squares / (rest * rest);

        if (statistic < smallest) {
            second = smallest;
            smallest = statistic;
            best = d;
        } else if (statistic < second) {
            second = statistic;
        }
    }
    *margin = second - smallest;
    return best;
}

START_TEST(mser5_equals_its_definition_on_random_series)
{
    int judged = 0;

    for (int round = 0; round < 300; round++) {
        double series[400], margin;
        size_t n = 100 + (size_t)(uniform() * 301), discard;
        double height = normal(0, 10), decay = 1 - uniform() / 10;

        for (size_t i = 0; i < n; i++)
            series[i] = normal(20, 1) + height * pow(decay, (double)i);

        size_t expected = slow_mser5_batches(series, n, &margin);

        if (margin < 1e-9)
            continue;
        judged++;
        ck_assert(aur_stats_mser5(series, n, &discard) == (expected <= n / 5 / 2));
        ck_assert_uint_eq(discard, expected <= n / 5 / 2 ? 5 * expected : 0);
    }
    ck_assert_int_gt(judged, 250);
}
END_TEST

START_TEST(mser5_drops_a_clear_transient_and_little_more)
{
    for (int round = 0; round < 100; round++) {
        double series[2000];
        size_t discard;

        for (size_t i = 0; i < LENGTH(series); i++)
            series[i] = normal(i < 300 ? 40 : 10, 1);
        ck_assert(aur_stats_mser5(series, LENGTH(series), &discard));
        ck_assert_uint_ge(discard, 300);
        ck_assert_uint_le(discard, 600);
    }
}
END_TEST

START_TEST(mser5_drops_nothing_from_a_constant_series)
{
    double series[200];
    size_t discard = 7;

    for (size_t i = 0; i < LENGTH(series); i++)
        series[i] = 0.1;
    ck_assert(aur_stats_mser5(series, LENGTH(series), &discard));
    ck_assert_uint_eq(discard, 0);
}
END_TEST

START_TEST(mser5_refuses_a_series_that_never_settles_or_is_too_short)
{
    double series[500];
    size_t discard = 7;

    for (size_t i = 0; i < LENGTH(series); i++)
        series[i] = (double)(i * i);
    ck_assert(!aur_stats_mser5(series, LENGTH(series), &discard));
    ck_assert_uint_eq(discard, 0);
    memset(series, 0, sizeof(series));
    ck_assert(!aur_stats_mser5(series, AUR_STATS_MSER_SHORTEST - 1, &discard));
    ck_assert(aur_stats_mser5(series, AUR_STATS_MSER_SHORTEST, &discard));
}
END_TEST

// --- bootstrap -----------------------------------------------------------------------------------

START_TEST(a_bootstrap_interval_covers_the_mean_in_95_per_cent_of_trials)
{
    int covered = 0;

    for (int trial = 0; trial < TRIALS; trial++) {
        double values[60];
        struct aur_stats_interval interval;

        for (size_t i = 0; i < LENGTH(values); i++)
            values[i] = normal(7, 2);
        ck_assert(aur_stats_bootstrap_interval(values, LENGTH(values), aur_stats_mean, 399, 0.95,
                                               (uint64_t)trial, &interval));
        covered += covers(interval, 7);
    }
    assert_covers_95_per_cent(covered);
}
END_TEST

START_TEST(a_bootstrap_interval_of_a_mean_nears_the_normal_one_at_both_ends)
{
    double values[200];
    struct aur_stats_interval interval;

    for (size_t i = 0; i < LENGTH(values); i++)
        values[i] = normal(7, 2);

    struct aur_stats_moments moments = aur_stats_moments_of(values, LENGTH(values));
    // The resampled mean has the variance of the values with divisor n, over n.
    double half = 1.96 * sqrt(moments.m2) / LENGTH(values);

    ck_assert(aur_stats_bootstrap_interval(values, LENGTH(values), aur_stats_mean, 9999, 0.95, 1,
                                           &interval));
    ASSERT_NEAR(interval.high, moments.mean + half, 0.08 * half);
    ASSERT_NEAR(interval.low, moments.mean - half, 0.08 * half);
}
END_TEST

START_TEST(a_bootstrap_interval_covers_the_median_of_a_skewed_distribution)
{
    int covered = 0;

    for (int trial = 0; trial < TRIALS; trial++) {
        double values[41];
        struct aur_stats_interval interval;

        for (size_t i = 0; i < LENGTH(values); i++)
            values[i] = -log(uniform());
        ck_assert(aur_stats_bootstrap_interval(values, LENGTH(values), aur_stats_median, 199, 0.95,
                                               (uint64_t)trial, &interval));
        covered += covers(interval, log(2));
    }
    assert_covers_95_per_cent(covered);
}
END_TEST

START_TEST(a_bootstrap_interval_is_the_same_for_the_same_seed_only)
{
    double values[30];
    struct aur_stats_interval a, b, other;

    for (size_t i = 0; i < LENGTH(values); i++)
        values[i] = normal(0, 1);
    aur_stats_bootstrap_interval(values, LENGTH(values), aur_stats_mean, 999, 0.95, 1, &a);
    aur_stats_bootstrap_interval(values, LENGTH(values), aur_stats_mean, 999, 0.95, 1, &b);
    aur_stats_bootstrap_interval(values, LENGTH(values), aur_stats_mean, 999, 0.95, 2, &other);
    ck_assert_mem_eq(&a, &b, sizeof(a));
    ck_assert(a.low != other.low);
    ck_assert(a.low < a.estimate && a.estimate < a.high);
}
END_TEST

START_TEST(a_bootstrap_without_enough_values_or_resamples_is_refused)
{
    double values[] = {1, 2, 3};
    struct aur_stats_interval interval;

    ck_assert(aur_stats_bootstrap_interval(values, 3, aur_stats_mean, 39, 0.95, 1, &interval));
    ck_assert(!aur_stats_bootstrap_interval(values, 3, aur_stats_mean, 38, 0.95, 1, &interval));
    ck_assert(isnan(interval.low) && isnan(interval.high));
    ck_assert(!aur_stats_bootstrap_interval(values, 1, aur_stats_mean, 999, 0.95, 1, &interval));
    ck_assert(!aur_stats_bootstrap_interval(values, 3, aur_stats_mean, 999, 1, 1, &interval));
    ck_assert(!aur_stats_bootstrap_interval(values, 3, aur_stats_mean, 999, NAN, 1, &interval));
}
END_TEST

// --- fairness ------------------------------------------------------------------------------------

START_TEST(fairness_is_k_of_n_if_k_share_equally_and_the_rest_get_nothing)
{
    for (size_t n = 1; n <= 50; n++) {
        for (size_t k = 1; k <= n; k++) {
            double shares[50] = {0};

            for (size_t i = 0; i < k; i++)
                shares[i] = 3.7;
            ASSERT_NEAR(aur_stats_jain_fairness(shares, n), (double)k / (double)n, 1e-12);
        }
    }
}
END_TEST

START_TEST(fairness_does_not_depend_on_the_unit)
{
    // (1 + 2 + 3)^2 / (3 * 14) = 6 / 7; the square of the largest unit would overflow.
    static const double units[] = {1, 1e-300, 1e9, 1e300};

    for (size_t i = 0; i < LENGTH(units); i++) {
        double shares[] = {units[i], 2 * units[i], 3 * units[i]};

        ASSERT_NEAR(aur_stats_jain_fairness(shares, 3), 6.0 / 7, 1e-12);
    }
}
END_TEST

START_TEST(fairness_of_nothing_is_one_and_of_nobody_or_nonsense_is_nan)
{
    double shares[] = {0, 0, 0};

    ck_assert_double_eq(aur_stats_jain_fairness(shares, 3), 1);
    ck_assert(isnan(aur_stats_jain_fairness(shares, 0)));
    shares[1] = -1;
    ck_assert(isnan(aur_stats_jain_fairness(shares, 3)));
    shares[1] = INFINITY;
    ck_assert(isnan(aur_stats_jain_fairness(shares, 3)));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        moments_reach_the_certified_values_of_nist_numacc_3_and_4,
        merged_moments_equal_those_of_all_values_in_one,
        equal_values_have_exactly_no_variance,
        a_median_is_the_middle_value_or_halfway_between_the_middle_two,
        mser5_equals_its_definition_on_random_series,
        mser5_drops_a_clear_transient_and_little_more,
        mser5_drops_nothing_from_a_constant_series,
        mser5_refuses_a_series_that_never_settles_or_is_too_short,
        a_bootstrap_interval_covers_the_mean_in_95_per_cent_of_trials,
        a_bootstrap_interval_of_a_mean_nears_the_normal_one_at_both_ends,
        a_bootstrap_interval_covers_the_median_of_a_skewed_distribution,
        a_bootstrap_interval_is_the_same_for_the_same_seed_only,
        a_bootstrap_without_enough_values_or_resamples_is_refused,
        fairness_is_k_of_n_if_k_share_equally_and_the_rest_get_nothing,
        fairness_does_not_depend_on_the_unit,
        fairness_of_nothing_is_one_and_of_nobody_or_nonsense_is_nan,
    };

    return run_tests("statistics", tests, LENGTH(tests), start_trials);
}
