#include <string.h>

#include "stats/histogram_blob.h"
#include "tests/samples.h"

START_TEST(a_blob_holds_the_bytes_that_its_header_documents)
{
    // 5, 5, 1000: sum 1010, span 995; 1000 lies in bucket 3 * 64 + 125 = 317.
    static const uint8_t expected[] = {'H', 1,    0,    3, 0,    0xF2, 0x07,
                                       5,   0xE3, 0x07, 2, 0xB7, 0x02, 1};
    struct aur_histogram h = {0};
    uint8_t bytes[32];

    aur_histogram_record_n(&h, 5, 2);
    aur_histogram_record(&h, 1000);
    ck_assert_uint_eq(aur_histogram_encode(&h, NULL, 0), sizeof(expected));
    ck_assert_uint_eq(aur_histogram_encode(&h, bytes, sizeof(bytes)), sizeof(expected));
    ck_assert_mem_eq(bytes, expected, sizeof(expected));
    aur_histogram_free(&h);
}
END_TEST

START_TEST(a_blob_gives_back_the_histogram_and_every_shorter_one_is_cut_short)
{
    static uint64_t values[MOST_SAMPLES];
    static uint8_t blob[MOST_BYTES + 1];

    for (int round = 0; round < 300; round++) {
        struct aur_histogram h, back;
        size_t n = round == 0 ? 0 : draw_samples(values);

        record_all(&h, values, n);
        h.lost = (uint32_t)next_random();

        size_t length = encode(&h, blob);

        ck_assert_int_eq(aur_histogram_decode(&back, blob, length), AUR_HISTOGRAM_BLOB_OK);
        assert_same(&h, &back);
        ck_assert_uint_eq(back.max, h.max);
        ck_assert_uint_eq(back.lost, h.lost);
        aur_histogram_free(&back);

        for (size_t less = 0; less < length; less += 1 + less / 50)
            ck_assert_int_eq(aur_histogram_decode(&back, blob, less), AUR_HISTOGRAM_BLOB_TRUNCATED);
        blob[length] = 0;
        ck_assert_int_eq(aur_histogram_decode(&back, blob, length + 1),
                         AUR_HISTOGRAM_BLOB_TRAILING);
        ck_assert_uint_eq(aur_histogram_heap_bytes(&back), 0);
        aur_histogram_free(&h);
    }
}
END_TEST

START_TEST(each_fault_of_a_blob_is_named)
{
#define FAULT(status, ...)                                                                         \
    {                                                                                              \
        AUR_HISTOGRAM_BLOB_##status, sizeof((const uint8_t[]){__VA_ARGS__}),                       \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
    static const struct {
        enum aur_histogram_blob status;
        size_t length;
        uint8_t bytes[24];
    } faults[] = {
        FAULT(OK, 'H', 1, 0, 2, 0, 9, 4, 1, 1, 0, 1),
        FAULT(FOREIGN, 'h', 1, 0, 0),
        FAULT(FOREIGN, 'H', 2, 0, 0),
        FAULT(TRUNCATED, 'H'),
        FAULT(TRAILING, 'H', 1, 0, 0, 0),
        FAULT(BAD_NUMBER, 'H', 1, 0x80, 0, 0), // zero in two bytes
        FAULT(BAD_NUMBER, 'H', 1, 0, 1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2),
        FAULT(INCONSISTENT, 'H', 1, 0xff, 0xff, 0xff, 0xff, 0x1f, 0), // lost 2^33 - 1
        FAULT(INCONSISTENT, 'H', 1, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 8), // count 2^52
        FAULT(INCONSISTENT, 'H', 1, 0, 2, 0, 9, 4, 1, 0, 0, 2),                      // count 0
        FAULT(INCONSISTENT, 'H', 1, 0, 2, 0, 9, 4, 1, 3),             // count beyond the whole
        FAULT(INCONSISTENT, 'H', 1, 0, 2, 0, 9, 4, 1, 1, 0xbc, 0x1d), // bucket 3776 + 1
        FAULT(INCONSISTENT, 'H', 1, 0, 2, 0, 9, 4, 1, 1, 1, 1),       // bucket 6, yet max 5
        FAULT(INCONSISTENT, 'H', 1, 0, 2, 0, 8, 4, 1, 1, 0, 1),       // 4 + 5 is not 8
        FAULT(INCONSISTENT, 'H', 1, 0, 2, 0, 10, 4, 1, 1, 0, 1),      // nor 10
        FAULT(INCONSISTENT, 'H', 1, 0, 2, 1, 9, 4, 1, 1, 0, 1),       // nor 2^64 + 9
        FAULT(INCONSISTENT, 'H', 1, 0, 1, 0, 0, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
              0xff, 1, 1), // max beyond 64 bits
        FAULT(INCONSISTENT, 'H', 1, 0, 1, 0, 0xe8, 7, 0xe9, 7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
              0xff, 0xff, 0xff, 1, 1), // max 1000 by wrapping round, below min 1001
    };
#undef FAULT

    for (size_t i = 0; i < LENGTH(faults); i++) {
        struct aur_histogram h;
        enum aur_histogram_blob status =
            aur_histogram_decode(&h, faults[i].bytes, faults[i].length);

        ck_assert_msg(status == faults[i].status, "blob %zu: it %s", i,
                      aur_histogram_blob_text(status));
        aur_histogram_free(&h);
    }
}
END_TEST

// What was accepted must be a histogram that samples could have made, and the only blob for it.
static void assert_sound_or_refused(const uint8_t *blob, size_t length)
{
    static uint8_t again[MOST_BYTES];
    struct aur_histogram h;

    if (aur_histogram_decode(&h, blob, length) != AUR_HISTOGRAM_BLOB_OK) {
        ck_assert_uint_eq(aur_histogram_heap_bytes(&h), 0);
        ck_assert_uint_eq(h.count, 0);
        return;
    }
    ck_assert_uint_eq(encode(&h, again), length);
    ck_assert_mem_eq(again, blob, length);

    uint64_t last = h.min;

    for (uint32_t ppm = 0; ppm <= AUR_HISTOGRAM_PPM; ppm += 50000) {
        uint64_t value = aur_histogram_quantile(&h, ppm);

        ck_assert_uint_ge(value, last);
        last = value;
    }
    ck_assert_uint_eq(last, h.max);
    if (h.count > 0) {
        ck_assert_double_ge(aur_histogram_mean(&h), (double)h.min * (1 - 1e-15));
        ck_assert_double_le(aur_histogram_mean(&h), (double)h.max * (1 + 1e-15));
    }
    aur_histogram_free(&h);
}

START_TEST(a_mutated_blob_is_refused_or_is_the_one_encoding_of_a_possible_histogram)
{
    static uint64_t values[MOST_SAMPLES];
    static uint8_t blob[MOST_BYTES], bad[MOST_BYTES];

    for (int round = 0; round < 700; round++) {
        struct aur_histogram h;
        size_t n = draw_samples(values);

        record_all(&h, values, n);

        size_t length = encode(&h, blob);

        aur_histogram_free(&h);
        for (int i = 0; i < 20; i++) {
            memcpy(bad, blob, length);
            for (uint64_t flips = 1 + below(3); flips > 0; flips--)
                bad[below(length)] = (uint8_t)next_random();
            bad[below(length)] ^= (uint8_t)(1u << below(8));
            assert_sound_or_refused(bad, below(8) == 0 ? below(length + 1) : length);
        }
    }
}
END_TEST

START_TEST(noise_behind_a_good_header_is_refused_or_is_a_possible_histogram)
{
    uint8_t noise[64] = {'H', 1, 0};

    for (int round = 0; round < 50000; round++) {
        size_t length = 3 + below(sizeof(noise) - 3);
        unsigned keep = (unsigned)below(8);

        // Small bytes too, since large ones seldom pass as numbers.
        for (size_t i = 3; i < length; i++)
            noise[i] = (uint8_t)((next_random() & 0xff) >> keep);
        assert_sound_or_refused(noise, length);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_blob_holds_the_bytes_that_its_header_documents,
        a_blob_gives_back_the_histogram_and_every_shorter_one_is_cut_short,
        each_fault_of_a_blob_is_named,
        a_mutated_blob_is_refused_or_is_the_one_encoding_of_a_possible_histogram,
        noise_behind_a_good_header_is_refused_or_is_a_possible_histogram,
    };

    choose_seed();
    return run_tests("histogram_blob", tests, LENGTH(tests), start_samples);
}
