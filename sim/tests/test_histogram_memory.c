// The histogram when memory runs out. It is compiled in here with an allocator that fails on
// demand.
#include <stdbool.h>
#include <stdlib.h>

static bool memory_is_out;

static void *calloc_or_fail(size_t count, size_t size)
{
    return memory_is_out ? NULL : calloc(count, size);
}

#define calloc calloc_or_fail
#include "stats/histogram.c"
#undef calloc

#include "tests/samples.h"

// Three buckets, which fill the first table.
static void fill_first_table(struct aur_histogram *h)
{
    for (uint64_t value = 1; value <= 3; value++)
        ck_assert(aur_histogram_record(h, value));
}

START_TEST(a_sample_that_finds_no_memory_is_counted_as_lost_and_changes_nothing_else)
{
    struct aur_histogram h = {0}, twin = {0};

    memory_is_out = true;
    ck_assert(!aur_histogram_record(&h, 1));
    ck_assert_uint_eq(h.count, 0);
    ck_assert_uint_eq(h.lost, 1);
    memory_is_out = false;
    fill_first_table(&h);
    fill_first_table(&twin);

    memory_is_out = true;
    ck_assert(!aur_histogram_record_n(&h, 4, 10));
    // A bucket in use needs no memory.
    ck_assert(aur_histogram_record(&h, 3));
    ck_assert(aur_histogram_record(&twin, 3));
    ck_assert_uint_eq(h.lost, 11);
    h.lost = 0;
    assert_same(&h, &twin);
    aur_histogram_free(&h);
    aur_histogram_free(&twin);
}
END_TEST

START_TEST(a_merge_that_finds_no_memory_changes_nothing)
{
    struct aur_histogram h = {0}, twin = {0}, more = {0};

    fill_first_table(&h);
    fill_first_table(&twin);
    // The merge needs four buckets, and only the fourth needs memory.
    aur_histogram_record(&more, 1);
    aur_histogram_record(&more, 1000);
    memory_is_out = true;
    ck_assert(!aur_histogram_merge(&h, &more));
    assert_same(&h, &twin);
    memory_is_out = false;
    ck_assert(aur_histogram_merge(&h, &more));
    ck_assert_uint_eq(h.count, 5);
    aur_histogram_free(&h);
    aur_histogram_free(&twin);
    aur_histogram_free(&more);
}
END_TEST

START_TEST(a_blob_that_finds_no_memory_is_not_called_damaged)
{
    struct aur_histogram h = {0}, back;
    uint8_t blob[64];

    fill_first_table(&h);
    aur_histogram_record(&h, 4);

    size_t length = aur_histogram_encode(&h, blob, sizeof(blob));

    memory_is_out = true;
    ck_assert_int_eq(aur_histogram_decode(&back, blob, length), AUR_HISTOGRAM_BLOB_NO_MEMORY);
    memory_is_out = false;
    ck_assert_int_eq(aur_histogram_decode(&back, blob, length), AUR_HISTOGRAM_BLOB_OK);
    aur_histogram_free(&back);
    aur_histogram_free(&h);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_sample_that_finds_no_memory_is_counted_as_lost_and_changes_nothing_else,
        a_merge_that_finds_no_memory_changes_nothing,
        a_blob_that_finds_no_memory_is_not_called_damaged,
    };

    return run_tests("histogram_memory", tests, LENGTH(tests), start_samples);
}
