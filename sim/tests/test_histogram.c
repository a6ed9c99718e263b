#include <string.h>

#include "stats/histogram.h"
#include "tests/samples.h"

__extension__ typedef unsigned __int128 wide;

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

// The first of many quantiles that is off from the sorted samples by more than 1 %, or at all at
// the least or greatest of them; or -1.
static int64_t first_bad_quantile(const uint64_t *values, size_t n)
{
    static const uint32_t asked[] = {0,      1,      10000,  250000, 333333, 500000,
                                     750000, 900000, 990000, 999000, 999999, 1000000};
    static uint64_t sorted[MOST_SAMPLES];
    struct aur_histogram h;
    int64_t bad = -1;

    memcpy(sorted, values, n * sizeof(*sorted));
    qsort(sorted, n, sizeof(*sorted), ascending);
    record_all(&h, values, n);
    for (size_t i = 0; i < LENGTH(asked) && bad < 0; i++) {
        uint64_t rank = (n * asked[i] + 999999) / 1000000;
        uint64_t truth = sorted[rank > 0 ? rank - 1 : 0];
        uint64_t told = aur_histogram_quantile(&h, asked[i]);
        uint64_t off = told > truth ? told - truth : truth - told;

        uint64_t allowed = rank <= 1 || rank == n ? 0 : truth / 100;

        if (off > allowed || told < sorted[0] || told > sorted[n - 1])
            bad = asked[i];
    }
    aur_histogram_free(&h);
    return bad;
}

// Drops ever smaller runs of samples while what is left still fails; returns how many are left.
static size_t shrink(uint64_t *values, size_t n)
{
    static uint64_t fewer[MOST_SAMPLES];

    for (size_t run = n / 2; run > 0; run /= 2) {
        for (size_t at = 0; at + run <= n && n > run;) {
            memcpy(fewer, values, at * sizeof(*values));
            memcpy(fewer + at, values + at + run, (n - at - run) * sizeof(*values));
            if (first_bad_quantile(fewer, n - run) >= 0) {
                n -= run;
                memcpy(values, fewer, n * sizeof(*values));
            } else {
                at += run;
            }
        }
    }
    return n;
}

START_TEST(every_quantile_is_within_one_per_cent_of_the_sorted_twin)
{
    static uint64_t values[MOST_SAMPLES];

    for (int round = 0; round < 1000; round++) {
        size_t n = draw_samples(values);

        if (first_bad_quantile(values, n) < 0)
            continue;
        n = shrink(values, n);
        printf("smallest failing samples:");
        for (size_t i = 0; i < n; i++)
            printf(" %" PRIu64, values[i]);
        printf("\n");
        // A failing test leaves its process without emptying the buffer.
        fflush(stdout);
        ck_abort_msg("quantile at %" PRId64 " ppm is off", first_bad_quantile(values, n));
    }
}
END_TEST

START_TEST(every_bucket_starts_where_the_one_before_it_ends_and_spans_at_most_a_64th)
{
    uint64_t expected = 0;

    for (unsigned i = 0; i < AUR_HISTOGRAM_BUCKETS; i++) {
        struct aur_histogram_bucket bucket = aur_histogram_bucket_bounds(i);

        ck_assert_uint_eq(bucket.low, expected);
        ck_assert_uint_le(bucket.high - bucket.low, bucket.low / 64);
        ck_assert_uint_eq(aur_histogram_bucket_index(bucket.low), i);
        ck_assert_uint_eq(aur_histogram_bucket_index(bucket.high), i);
        expected = bucket.high + 1;
    }
    ck_assert_uint_eq(expected, 0);
}
END_TEST

START_TEST(count_range_sum_and_mean_are_exact)
{
    static uint64_t values[MOST_SAMPLES];

    for (int round = 0; round < 500; round++) {
        struct aur_histogram h;
        size_t n = draw_samples(values);
        uint64_t min = UINT64_MAX, max = 0;
        wide sum = 0;

        record_all(&h, values, n);
        for (size_t i = 0; i < n; i++) {
            min = values[i] < min ? values[i] : min;
            max = values[i] > max ? values[i] : max;
            sum += values[i];
        }
        ck_assert_uint_eq(h.count, n);
        ck_assert_uint_eq(h.min, min);
        ck_assert_uint_eq(h.max, max);
        ck_assert_uint_eq(h.sum.low, (uint64_t)sum);
        ck_assert_uint_eq(h.sum.high, (uint64_t)(sum >> 64));

        double mean = (double)sum / (double)n;

        ck_assert_double_ge(aur_histogram_mean(&h), mean * (1 - 1e-15));
        ck_assert_double_le(aur_histogram_mean(&h), mean * (1 + 1e-15));
        aur_histogram_free(&h);
    }
}
END_TEST

START_TEST(a_product_of_two_words_is_added_in_full)
{
    struct aur_sum128 sum = {0, 0};
    wide twin = 0;

    for (int round = 0; round < 100000; round++) {
        uint64_t a = next_random() >> below(64), b = next_random() >> below(64);

        aur_sum128_add_product(&sum, a, b);
        twin += (wide)a * b;
        ck_assert_uint_eq(sum.low, (uint64_t)twin);
        ck_assert_uint_eq(sum.high, (uint64_t)(twin >> 64));
    }
}
END_TEST

START_TEST(a_merge_equals_recording_everything_in_one)
{
    static uint64_t values[2 * MOST_SAMPLES];

    for (int round = 0; round < 300; round++) {
        struct aur_histogram a, b, all;
        size_t n_a = draw_samples(values), n_b = draw_samples(values + n_a);

        record_all(&a, values, n_a);
        record_all(&b, values + n_a, n_b);
        record_all(&all, values, n_a + n_b);
        ck_assert(aur_histogram_merge(&a, &b));
        assert_same(&a, &all);

        // Into itself, which must not read what it has just written.
        ck_assert(aur_histogram_merge(&a, &a));
        ck_assert(aur_histogram_merge(&all, &b));
        for (size_t i = 0; i < n_a; i++)
            aur_histogram_record(&all, values[i]);
        assert_same(&a, &all);
        aur_histogram_free(&a);
        aur_histogram_free(&b);
        aur_histogram_free(&all);
    }
}
END_TEST

START_TEST(an_empty_histogram_changes_nothing_in_a_merge)
{
    struct aur_histogram empty = {0}, h = {0}, copy = {0};

    aur_histogram_record(&h, 77);
    aur_histogram_record(&copy, 77);
    ck_assert(aur_histogram_merge(&h, &empty));
    assert_same(&h, &copy);
    ck_assert(aur_histogram_merge(&empty, &h));
    assert_same(&empty, &copy);
    aur_histogram_free(&empty);
    aur_histogram_free(&h);
    aur_histogram_free(&copy);
}
END_TEST

START_TEST(recording_n_at_once_equals_recording_n_times)
{
    for (int round = 0; round < 300; round++) {
        struct aur_histogram once = {0}, each = {0};

        for (int i = 0; i < 10; i++) {
            uint64_t value = next_random() >> below(64), n = below(50);

            ck_assert(aur_histogram_record_n(&once, value, n));
            while (n-- > 0)
                aur_histogram_record(&each, value);
        }
        assert_same(&once, &each);
        aur_histogram_free(&once);
        aur_histogram_free(&each);
    }
}
END_TEST

START_TEST(the_order_of_recording_leaves_no_trace)
{
    static uint64_t values[MOST_SAMPLES];

    for (int round = 0; round < 300; round++) {
        struct aur_histogram a, b;
        size_t n = draw_samples(values);

        record_all(&a, values, n);
        for (size_t i = n; i-- > 1;) {
            size_t other = below(i + 1);
            uint64_t value = values[i];

            values[i] = values[other];
            values[other] = value;
        }
        record_all(&b, values, n);
        assert_same(&a, &b);
        aur_histogram_free(&a);
        aur_histogram_free(&b);
    }
}
END_TEST

START_TEST(a_walk_shows_every_sample_once_in_ascending_order)
{
    static uint64_t values[MOST_SAMPLES];

    for (int round = 0; round < 300; round++) {
        struct aur_histogram h;
        struct aur_histogram_bucket bucket;
        size_t n = draw_samples(values), at = 0;

        record_all(&h, values, n);
        qsort(values, n, sizeof(*values), ascending);

        struct aur_histogram_walk walk = aur_histogram_walk_begin(&h);

        while (aur_histogram_walk_next(&walk, &bucket)) {
            ck_assert_uint_gt(bucket.count, 0);
            for (uint64_t i = 0; i < bucket.count; i++, at++) {
                ck_assert_uint_lt(at, n);
                ck_assert_uint_ge(values[at], bucket.low);
                ck_assert_uint_le(values[at], bucket.high);
            }
        }
        ck_assert_uint_eq(at, n);
        aur_histogram_free(&h);
    }
}
END_TEST

START_TEST(an_empty_histogram_owns_no_memory_and_answers_zero)
{
    struct aur_histogram h;
    struct aur_histogram_bucket bucket;

    aur_histogram_init(&h);

    struct aur_histogram_walk walk = aur_histogram_walk_begin(&h);

    ck_assert_uint_eq(aur_histogram_heap_bytes(&h), 0);
    ck_assert_uint_eq(aur_histogram_quantile(&h, 500000), 0);
    ck_assert_double_eq(aur_histogram_mean(&h), 0);
    ck_assert(!aur_histogram_walk_next(&walk, &bucket));
    ck_assert(aur_histogram_record_n(&h, 5, 0));
    ck_assert_uint_eq(aur_histogram_heap_bytes(&h), 0);
}
END_TEST

START_TEST(memory_follows_the_buckets_in_use_and_not_the_samples)
{
    struct aur_histogram h = {0};

    for (uint64_t i = 0; i < 3000; i++)
        aur_histogram_record(&h, 1000000 << i % 3);
    ck_assert_uint_le(sizeof(h), 64);
    ck_assert_uint_le(aur_histogram_heap_bytes(&h), 32);

    for (unsigned i = 0; i < AUR_HISTOGRAM_BUCKETS; i++)
        aur_histogram_record(&h, aur_histogram_bucket_bounds(i).low);
    ck_assert_uint_le(aur_histogram_heap_bytes(&h), 65536);
    aur_histogram_free(&h);
    ck_assert_uint_eq(aur_histogram_heap_bytes(&h), 0);
}
END_TEST

START_TEST(a_full_histogram_refuses_more_and_counts_what_it_lost)
{
    struct aur_histogram full = {0}, one = {0};

    ck_assert(aur_histogram_record_n(&full, UINT64_MAX, AUR_HISTOGRAM_COUNT_MAX));
    ck_assert(aur_histogram_record(&one, 1));
    ck_assert(!aur_histogram_record(&full, 1));
    ck_assert_uint_eq(full.lost, 1);
    ck_assert(!aur_histogram_merge(&full, &one));
    ck_assert(!aur_histogram_merge(&one, &full));
    ck_assert_uint_eq(one.count, 1);
    ck_assert_uint_eq(full.count, AUR_HISTOGRAM_COUNT_MAX);
    ck_assert_uint_eq(full.min, UINT64_MAX);
    ck_assert_uint_eq(aur_histogram_quantile(&full, 500000), UINT64_MAX);
    ck_assert(!aur_histogram_record_n(&full, 1, UINT64_MAX));
    ck_assert_uint_eq(full.lost, UINT32_MAX);
    aur_histogram_free(&full);
    aur_histogram_free(&one);
}
END_TEST

START_TEST(a_rank_is_exact_when_its_product_exceeds_64_bits)
{
    struct aur_histogram h = {0};
    uint64_t half = AUR_HISTOGRAM_COUNT_MAX / 2;

    // An odd count: rank ceil(count / 2) is the last of the lower half and its middle sample.
    aur_histogram_record_n(&h, 10, half + 1);
    aur_histogram_record_n(&h, 20, half);
    ck_assert_uint_eq(aur_histogram_quantile(&h, 500000), 10);
    ck_assert_uint_eq(aur_histogram_quantile(&h, 500001), 20);
    aur_histogram_free(&h);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        every_quantile_is_within_one_per_cent_of_the_sorted_twin,
        every_bucket_starts_where_the_one_before_it_ends_and_spans_at_most_a_64th,
        count_range_sum_and_mean_are_exact,
        a_product_of_two_words_is_added_in_full,
        a_merge_equals_recording_everything_in_one,
        an_empty_histogram_changes_nothing_in_a_merge,
        recording_n_at_once_equals_recording_n_times,
        the_order_of_recording_leaves_no_trace,
        a_walk_shows_every_sample_once_in_ascending_order,
        an_empty_histogram_owns_no_memory_and_answers_zero,
        memory_follows_the_buckets_in_use_and_not_the_samples,
        a_full_histogram_refuses_more_and_counts_what_it_lost,
        a_rank_is_exact_when_its_product_exceeds_64_bits,
    };

    choose_seed();
    return run_tests("histogram", tests, LENGTH(tests), start_samples);
}
