#include "stats/intervals.h"
#include "stats/summary.h"
#include "tests/trials.h"

// --- Student's t ---------------------------------------------------------------------------------

START_TEST(half_widths_are_those_of_the_printed_t_table)
{
    // Two-sided quantiles as every table of Student's t prints them.
    static const struct {
        size_t n;
        double level, t;
    } rows[] = {
        {2, 0.95, 12.706}, {3, 0.95, 4.303},  {5, 0.95, 2.776},  {10, 0.95, 2.262},
        {30, 0.95, 2.045}, {61, 0.95, 2.000}, {10, 0.90, 1.833}, {10, 0.99, 3.250},
    };

    for (size_t i = 0; i < LENGTH(rows); i++) {
        double n = (double)rows[i].n;
        // Variance n makes the standard error of the mean 1.
        struct aur_stats_moments moments = {.count = rows[i].n, .mean = 50, .m2 = n * (n - 1)};
        struct aur_stats_interval interval;

        ck_assert(aur_stats_moments_interval(&moments, rows[i].level, &interval));
        ck_assert_double_eq(interval.estimate, 50);
        ASSERT_NEAR(interval.high - 50, rows[i].t, 0.0006);
        ASSERT_NEAR(50 - interval.low, rows[i].t, 0.0006);
    }
}
END_TEST

START_TEST(an_interval_of_the_mean_covers_the_truth_in_95_per_cent_of_trials)
{
    static const size_t sizes[] = {3, 5, 20};

    for (size_t s = 0; s < LENGTH(sizes); s++) {
        int covered = 0;

        for (int trial = 0; trial < TRIALS; trial++) {
            double values[20];
            struct aur_stats_interval interval;

            for (size_t i = 0; i < sizes[s]; i++)
                values[i] = normal(7, 2);
            ck_assert(aur_stats_mean_interval(values, sizes[s], 0.95, &interval));
            covered += covers(interval, 7);
        }
        assert_covers_95_per_cent(covered);
    }
}
END_TEST

START_TEST(one_value_or_a_level_out_of_range_gives_a_mean_without_an_interval)
{
    static const double bad_levels[] = {0, 1, -1, 2, NAN};
    double values[] = {3, 5};
    struct aur_stats_interval interval;

    ck_assert(!aur_stats_mean_interval(values, 1, 0.95, &interval));
    ck_assert_double_eq(interval.estimate, 3);
    ck_assert(isnan(interval.low) && isnan(interval.high));
    ck_assert(!aur_stats_mean_interval(values, 0, 0.95, &interval));
    ck_assert(isnan(interval.estimate));
    for (size_t i = 0; i < LENGTH(bad_levels); i++) {
        ck_assert(!aur_stats_mean_interval(values, 2, bad_levels[i], &interval));
        ck_assert_double_eq(interval.estimate, 4);
        ck_assert(isnan(interval.low) && isnan(interval.high));
    }
}
END_TEST

START_TEST(values_without_variance_give_a_single_point)
{
    double values[] = {0.3, 0.3, 0.3};
    struct aur_stats_interval interval;

    ck_assert(aur_stats_mean_interval(values, 3, 0.95, &interval));
    ck_assert(interval.estimate == 0.3 && interval.low == 0.3 && interval.high == 0.3);
}
END_TEST

// --- batch means ---------------------------------------------------------------------------------

#define SERIES 6000u

// A first-order autoregressive series of mean 10, from its stationary distribution on.
static void fill_correlated(double *series, size_t n, double phi)
{
    double value = normal(0, 1 / sqrt(1 - phi * phi));

    for (size_t i = 0; i < n; i++) {
        series[i] = 10 + value;
        value = phi * value + normal(0, 1);
    }
}

START_TEST(batch_means_cover_a_correlated_series_where_the_plain_interval_does_not)
{
    static double series[SERIES];
    int batched = 0, plain = 0;
    double correlation = 0;

    for (int trial = 0; trial < TRIALS; trial++) {
        struct aur_stats_interval interval;
        double lag1;

        fill_correlated(series, SERIES, 0.8);
        ck_assert(aur_stats_batch_interval(series, SERIES, 20, 0.95, &interval, &lag1));
        batched += covers(interval, 10);
        correlation += lag1 / TRIALS;
        ck_assert(aur_stats_mean_interval(series, SERIES, 0.95, &interval));
        plain += covers(interval, 10);
    }
    assert_covers_95_per_cent(batched);
    ck_assert_int_lt(plain, TRIALS * 6 / 10);
    // Independent batch means have an expected lag-1 autocorrelation of about -1 / batches.
    ASSERT_NEAR(correlation, -0.05, 0.05);
}
END_TEST

START_TEST(batches_that_are_too_short_show_in_their_autocorrelation)
{
    static double series[SERIES];
    struct aur_stats_interval interval;
    double lag1;

    fill_correlated(series, SERIES, 0.99);
    ck_assert(aur_stats_batch_interval(series, SERIES, 600, 0.95, &interval, &lag1));
    ck_assert_double_gt(lag1, 2 / sqrt(600));
}
END_TEST

START_TEST(batches_leave_out_what_does_not_divide_from_the_front)
{
    double series[] = {1000, 1, 3, 5, 7}, lag1;
    struct aur_stats_interval interval;

    // Batch means 2 and 6: mean 4, variance 8, t(1) = 12.706.
    ck_assert(aur_stats_batch_interval(series, 5, 2, 0.95, &interval, &lag1));
    ck_assert_double_eq(interval.estimate, 4);
    ASSERT_NEAR(interval.high, 4 + 2 * 12.706, 0.002);
    ASSERT_NEAR(lag1, -0.5, 1e-12);
    ck_assert(!aur_stats_batch_interval(series, 5, 1, 0.95, &interval, &lag1));
    ck_assert(!aur_stats_batch_interval(series, 5, 6, 0.95, &interval, &lag1));
    ck_assert(isnan(interval.low) && isnan(lag1));
}
END_TEST

// --- comparison ----------------------------------------------------------------------------------

// Student's own example, 1908: extra hours of sleep of ten patients under two drugs. The expected
// numbers are those in R's manual page of t.test for its data set `sleep`.
static const double sleep_a[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
static const double sleep_b[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

START_TEST(welch_gives_the_published_result_for_the_sleep_data)
{
    struct aur_stats_comparison result;

    ck_assert(aur_stats_welch_test(sleep_a, 10, sleep_b, 10, 0.95, &result));
    ASSERT_NEAR(result.difference.estimate, -1.58, 1e-12);
    ASSERT_NEAR(result.t, -1.8608, 0.00006);
    ASSERT_NEAR(result.freedom, 17.776, 0.0006);
    ASSERT_NEAR(result.p, 0.07939, 0.000006);
    ASSERT_NEAR(result.difference.low, -3.3654832, 6e-8);
    ASSERT_NEAR(result.difference.high, 0.2054832, 6e-8);
}
END_TEST

START_TEST(welch_takes_its_freedom_from_the_smaller_sample_if_that_varies_more)
{
    // The second example of Wikipedia's article on Welch's test, with the result it prints.
    static const double a[] = {17.2, 20.9, 22.6, 18.1, 21.7, 21.4, 23.5, 24.2, 14.7, 21.8};
    static const double b[] = {21.5, 22.8, 21.0, 23.0, 21.6, 23.6, 22.5, 20.7, 23.4, 21.8,
                               20.7, 21.7, 21.5, 22.5, 23.6, 21.5, 22.5, 23.5, 21.5, 21.8};
    struct aur_stats_comparison result;

    ck_assert(aur_stats_welch_test(a, LENGTH(a), b, LENGTH(b), 0.95, &result));
    ASSERT_NEAR(result.t, -1.57, 0.006);
    ASSERT_NEAR(result.freedom, 9.9, 0.06);
    ASSERT_NEAR(result.p, 0.149, 0.0006);
    ck_assert(aur_stats_welch_test(b, LENGTH(b), a, LENGTH(a), 0.95, &result));
    ASSERT_NEAR(result.t, 1.57, 0.006);
    ASSERT_NEAR(result.freedom, 9.9, 0.06);
}
END_TEST

START_TEST(the_paired_test_gives_the_published_result_for_the_sleep_data)
{
    struct aur_stats_comparison result;

    ck_assert(aur_stats_paired_test(sleep_a, sleep_b, 10, 0.95, &result));
    ASSERT_NEAR(result.difference.estimate, -1.58, 1e-12);
    ASSERT_NEAR(result.t, -4.0621, 0.00006);
    ck_assert_double_eq(result.freedom, 9);
    ASSERT_NEAR(result.p, 0.002833, 0.0000006);
    ASSERT_NEAR(result.difference.low, -2.4598858, 6e-8);
    ASSERT_NEAR(result.difference.high, -0.7001142, 6e-8);
}
END_TEST

START_TEST(welch_covers_the_difference_and_errs_in_5_per_cent_of_trials)
{
    int covered = 0, accepted = 0;

    for (int trial = 0; trial < TRIALS; trial++) {
        double a[8], b[25];
        struct aur_stats_comparison result;

        for (size_t i = 0; i < LENGTH(a); i++)
            a[i] = normal(5, 4);
        for (size_t i = 0; i < LENGTH(b); i++)
            b[i] = normal(5, 1);
        ck_assert(aur_stats_welch_test(a, LENGTH(a), b, LENGTH(b), 0.95, &result));
        covered += covers(result.difference, 0);
        accepted += result.p >= 0.05;
    }
    assert_covers_95_per_cent(covered);
    // The test and the interval are the same statement.
    ck_assert_int_eq(covered, accepted);
}
END_TEST

START_TEST(the_paired_test_sees_what_welch_misses_on_common_random_numbers)
{
    int covered = 0, paired_sees = 0, welch_sees = 0;

    for (int trial = 0; trial < TRIALS; trial++) {
        double a[10], b[10];
        struct aur_stats_comparison result;

        for (size_t i = 0; i < LENGTH(a); i++) {
            a[i] = normal(100, 20);
            b[i] = a[i] + normal(2, 1);
        }
        ck_assert(aur_stats_paired_test(a, b, LENGTH(a), 0.95, &result));
        covered += covers(result.difference, -2);
        paired_sees += result.p < 0.05;
        ck_assert(aur_stats_welch_test(a, LENGTH(a), b, LENGTH(b), 0.95, &result));
        welch_sees += result.p < 0.05;
    }
    assert_covers_95_per_cent(covered);
    ck_assert_int_gt(paired_sees, TRIALS * 99 / 100);
    ck_assert_int_lt(welch_sees, TRIALS / 10);
}
END_TEST

START_TEST(samples_without_variance_compare_as_equal_or_different_for_certain)
{
    double a[] = {4, 4, 4}, b[] = {5, 5, 5}, c[] = {4, 5, 6};
    struct aur_stats_comparison result;

    ck_assert(aur_stats_welch_test(a, 3, a, 3, 0.95, &result));
    ck_assert(result.t == 0 && result.p == 1);
    ck_assert(result.difference.low == 0 && result.difference.high == 0);
    ck_assert(aur_stats_welch_test(a, 3, b, 3, 0.95, &result));
    ck_assert(isinf(result.t) && result.t < 0 && result.p == 0);
    ck_assert(result.difference.low == -1 && result.difference.high == -1);
    ck_assert(aur_stats_paired_test(b, a, 3, 0.95, &result));
    ck_assert(isinf(result.t) && result.t > 0 && result.p == 0);
    // One of the two alone carries the variance, and so the degrees of freedom.
    ck_assert(aur_stats_welch_test(a, 3, c, 3, 0.95, &result));
    ck_assert_double_eq(result.freedom, 2);
}
END_TEST

START_TEST(a_comparison_of_too_few_values_gives_a_difference_and_no_verdict)
{
    double a[] = {4, 6}, b[] = {1, 2};
    struct aur_stats_comparison result;

    ck_assert(!aur_stats_welch_test(a, 2, b, 1, 0.95, &result));
    ck_assert_double_eq(result.difference.estimate, 4);
    ck_assert(isnan(result.difference.low) && isnan(result.t) && isnan(result.p));
    ck_assert(!aur_stats_paired_test(a, b, 1, 0.95, &result));
    ck_assert_double_eq(result.difference.estimate, 3);
    ck_assert(isnan(result.freedom) && isnan(result.p));
    ck_assert(!aur_stats_welch_test(a, 2, b, 2, 1.5, &result));
    ck_assert(!aur_stats_welch_test(a, 0, b, 2, 0.95, &result));
    ck_assert(isnan(result.difference.estimate));
}
END_TEST

// --- summary -------------------------------------------------------------------------------------

START_TEST(a_summary_holds_the_numbers_of_a_worked_example)
{
    // Mean 5, variance 32 / 7, t(7) = 2.3646.
    double values[] = {9, 2, 5, 4, 4, 4, 5, 7};
    struct aur_stats_summary summary;

    ck_assert(aur_stats_summarise(values, 8, &summary));
    ck_assert_uint_eq(summary.n, 8);
    ASSERT_NEAR(summary.mean, 5, 1e-12);
    ck_assert_double_eq(summary.min, 2);
    ck_assert_double_eq(summary.max, 9);
    ck_assert_double_eq(summary.median, 4.5);
    ASSERT_NEAR(summary.deviation, 2.13809, 0.00001);
    ASSERT_NEAR(summary.high95, 5 + 2.3646 * 2.13809 / 2.828427, 0.0001);
    ASSERT_NEAR(summary.low95, 5 - 2.3646 * 2.13809 / 2.828427, 0.0001);
    ck_assert_double_eq(values[0], 9);
}
END_TEST

START_TEST(a_summary_of_one_replication_has_no_interval_and_of_none_no_numbers)
{
    double value = 3;
    struct aur_stats_summary summary;

    ck_assert(aur_stats_summarise(&value, 1, &summary));
    ck_assert(summary.mean == 3 && summary.min == 3 && summary.max == 3 && summary.median == 3);
    ck_assert(isnan(summary.low95) && isnan(summary.high95) && isnan(summary.deviation));
    ck_assert(!aur_stats_summarise(NULL, 0, &summary));
    ck_assert_uint_eq(summary.n, 0);
    ck_assert(isnan(summary.mean) && isnan(summary.median));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        half_widths_are_those_of_the_printed_t_table,
        an_interval_of_the_mean_covers_the_truth_in_95_per_cent_of_trials,
        one_value_or_a_level_out_of_range_gives_a_mean_without_an_interval,
        values_without_variance_give_a_single_point,
        batch_means_cover_a_correlated_series_where_the_plain_interval_does_not,
        batches_that_are_too_short_show_in_their_autocorrelation,
        batches_leave_out_what_does_not_divide_from_the_front,
        welch_gives_the_published_result_for_the_sleep_data,
        welch_takes_its_freedom_from_the_smaller_sample_if_that_varies_more,
        the_paired_test_gives_the_published_result_for_the_sleep_data,
        welch_covers_the_difference_and_errs_in_5_per_cent_of_trials,
        the_paired_test_sees_what_welch_misses_on_common_random_numbers,
        samples_without_variance_compare_as_equal_or_different_for_certain,
        a_comparison_of_too_few_values_gives_a_difference_and_no_verdict,
        a_summary_holds_the_numbers_of_a_worked_example,
        a_summary_of_one_replication_has_no_interval_and_of_none_no_numbers,
    };

    return run_tests("intervals", tests, LENGTH(tests), start_trials);
}
