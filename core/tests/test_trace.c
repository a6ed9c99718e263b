#include <check.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <aurora/trace.h>

#include "tests/trace_stream.h"
#include "trace/chunk.h"

#define MOST 2048u

static uint64_t seed = 20261122;
static uint64_t state;
static struct aur_trace_scratch scratch;
static struct aur_record records[MOST], back[MOST];

static uint64_t next_random(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15ull; // SplitMix64
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static uint64_t below(uint64_t n)
{
    return next_random() % n;
}

static void start(void)
{
    state = seed;
    memset(&scratch, 0xa5, sizeof scratch);
}

// A buffer of exactly this size on the heap, so that the sanitizer sees every step beyond it.
static uint8_t *exactly(size_t size)
{
    uint8_t *bytes = malloc(size ? size : 1);
    ck_assert_ptr_nonnull(bytes);
    return bytes;
}

// The chunk of `count` records in a buffer of its own size.
static uint8_t *encode(const struct aur_record *list, uint32_t count, size_t *size)
{
    size_t bound = aur_trace_bound(count);
    uint8_t *wide = exactly(bound);
    *size = aur_trace_encode(&scratch, list, count, wide, bound);
    ck_assert_uint_ge(*size, AUR_TRACE_HEADER_BYTES);
    ck_assert_uint_le(*size, bound);
    uint8_t *bytes = exactly(*size);
    memcpy(bytes, wide, *size);
    free(wide);
    return bytes;
}

static bool comes_back(const struct aur_record *list, uint32_t count)
{
    size_t size;
    uint32_t got = 0;
    uint8_t *bytes = encode(list, count, &size);
    enum aur_trace_status status = aur_trace_decode(&scratch, bytes, size, back, MOST, &got);
    free(bytes);
    return status == AUR_TRACE_OK && got == count && memcmp(list, back, count * sizeof *list) == 0;
}

// Leaves out records as long as the rest fails, then shows it.
static void assert_comes_back(struct aur_record *list, uint32_t count)
{
    if (comes_back(list, count))
        return;
    for (uint32_t i = 0; i < count && count > 1;) {
        struct aur_record without = list[i];
        memmove(&list[i], &list[i + 1], (count - i - 1) * sizeof *list);
        if (!comes_back(list, count - 1)) {
            count--;
            continue;
        }
        memmove(&list[i + 1], &list[i], (count - i - 1) * sizeof *list);
        list[i++] = without;
    }
    for (uint32_t i = 0; i < count; i++)
        fprintf(stderr,
                "{%" PRIu64 ", %" PRIu64 ", %" PRIu32 ", %" PRIu32 ", %" PRIu32 ", %u, %u, %u}\n",
                list[i].now_ns, list[i].arg, list[i].task, list[i].object, list[i].other,
                list[i].cpu, list[i].kind, list[i].actions);
    ck_abort_msg("these %" PRIu32 " records do not come back (AUR_SEED=%" PRIu64 ")", count, seed);
}

// A number from one of several ranges, small ones and the ends of the type among them.
static uint64_t any_number(void)
{
    switch (below(4)) {
    case 0:
        return below(4);
    case 1:
        return 0 - below(3);
    case 2:
        return next_random() >> below(64);
    default:
        return below(300);
    }
}

static void draw_record(struct aur_record *r)
{
    *r = (struct aur_record){.now_ns = any_number(),
                             .arg = any_number(),
                             .task = (uint32_t)any_number(),
                             .object = (uint32_t)any_number(),
                             .other = (uint32_t)any_number(),
                             .cpu = (uint16_t)any_number(),
                             .kind = (uint8_t)any_number(),
                             .actions = (uint8_t)any_number()};
}

// Whole steps with fields that jump about: what the model expects, mixed with what it cannot.
static uint32_t draw_steps(struct aur_record *list, uint32_t most)
{
    uint32_t count = 0;
    uint64_t now_ns = any_number();
    while (count < most) {
        uint32_t actions = (uint32_t)below(below(8) == 0 ? 200 : 4);
        if (count + actions >= most)
            actions = most - count - 1;
        now_ns += below(2) ? 0 : any_number();
        for (uint32_t i = 0; i <= actions; i++) {
            struct aur_record *r = &list[count + i];
            uint32_t like = (uint32_t)below(count + i + 1);
            draw_record(r);
            if (like < count + i) {
                r->task = below(2) ? list[like].task : r->task;
                r->object = below(2) ? list[like].object : r->object;
                r->arg = below(2) ? list[like].arg : r->arg;
                r->cpu = (uint16_t)below(70);
            }
            r->now_ns = now_ns;
            r->actions = i == 0 ? (uint8_t)actions : 0;
            r->kind = (uint8_t)(i == 0 ? below(AUR_EV_COUNT + 2)
                                       : AUR_ACT_BASE + 1 + below(AUR_ACT_COUNT));
        }
        count += actions + 1;
    }
    return count;
}

// A log of the core in a given setting.
struct setting {
    uint32_t cpus, tasks, roles;
    uint64_t jitter;
};

static const struct setting settings[] = {
    {4, 100, 31, 300},
    {1, 5, 31, 0},
    {2, 20, 1 << STREAM_HOG | 1 << STREAM_DEVICE, 300},
    {8, 400, 1 << STREAM_PERIODIC, 1000},
    {4, 60, 1 << STREAM_PAIRED, 300},
};
#define SETTINGS (sizeof settings / sizeof *settings)

static struct stream *stream_of(const struct setting *setting)
{
    struct stream *s =
        stream_new(seed, setting->cpus, setting->tasks, 70, setting->roles, setting->jitter);
    ck_assert_ptr_nonnull(s);
    return s;
}

START_TEST(records_with_any_content_come_back)
{
    for (uint32_t trial = 0; trial < 400; trial++) {
        uint32_t count = 1 + (uint32_t)below(trial < 300 ? 20 : MOST);
        for (uint32_t i = 0; i < count; i++)
            draw_record(&records[i]);
        assert_comes_back(records, count);
    }
}
END_TEST

START_TEST(steps_with_any_content_come_back)
{
    for (uint32_t trial = 0; trial < 400; trial++)
        assert_comes_back(records,
                          draw_steps(records, 1 + (uint32_t)below(trial < 300 ? 20 : MOST)));
}
END_TEST

START_TEST(a_log_of_the_core_comes_back_wherever_it_is_cut)
{
    for (size_t i = 0; i < SETTINGS; i++) {
        struct stream *s = stream_of(&settings[i]);
        for (uint32_t chunk = 0; chunk < 40; chunk++) {
            uint32_t count = stream_take(s, records, MOST), from = (uint32_t)below(count);
            assert_comes_back(&records[from], 1 + (uint32_t)below(count - from));
        }
        ck_assert_uint_eq(s->refused, 0);
        stream_free(s);
    }
}
END_TEST

START_TEST(a_log_of_the_core_takes_at_most_8_bytes_an_event)
{
    static struct aur_record many[AUR_TRACE_RECORDS];
    for (size_t i = 0; i < SETTINGS; i++) {
        struct stream *s = stream_of(&settings[i]);
        uint64_t bytes = 0, events = 0, taken = 0;
        for (uint32_t chunk = 0; chunk < 20; chunk++) {
            uint32_t count = stream_take(s, many, AUR_TRACE_RECORDS);
            size_t size;
            uint8_t *coded = encode(many, count, &size);
            free(coded);
            bytes += size;
            taken += count;
            for (uint32_t r = 0; r < count; r++)
                events += !aur_record_is_action(&many[r]);
        }
        ck_assert_msg(bytes <= 8 * events, "setting %zu: %" PRIu64 " bytes for %" PRIu64 " events",
                      i, bytes, events);
        ck_assert_msg(bytes <= 5 * taken, "setting %zu: %" PRIu64 " bytes for %" PRIu64 " records",
                      i, bytes, taken);
        stream_free(s);
    }
}
END_TEST

START_TEST(the_header_tells_counts_instants_and_where_the_next_chunk_begins)
{
    struct stream *s = stream_of(&settings[0]);
    uint32_t counts[5], events[5] = {0};
    uint64_t first_ns[5], last_ns[5];
    uint8_t *file = exactly(5 * aur_trace_bound(MOST));
    size_t length = 0;
    for (uint32_t i = 0; i < 5; i++) {
        counts[i] = stream_take(s, records, MOST / (i + 1));
        first_ns[i] = records[0].now_ns;
        last_ns[i] = records[counts[i] - 1].now_ns;
        for (uint32_t r = 0; r < counts[i]; r++)
            events[i] += !aur_record_is_action(&records[r]);
        length += aur_trace_encode(&scratch, records, counts[i], file + length,
                                   aur_trace_bound(counts[i]));
    }
    size_t at = 0;
    for (uint32_t i = 0; i < 5; i++) {
        struct aur_trace_chunk chunk;
        uint32_t count;
        ck_assert_int_eq(aur_trace_header(file + at, length - at, &chunk), AUR_TRACE_OK);
        ck_assert_uint_eq(chunk.records, counts[i]);
        ck_assert_uint_eq(chunk.events, events[i]);
        ck_assert_uint_eq(chunk.first_ns, first_ns[i]);
        ck_assert_uint_eq(chunk.last_ns, last_ns[i]);
        ck_assert_int_eq(aur_trace_decode(&scratch, file + at, chunk.bytes, back, MOST, &count),
                         AUR_TRACE_OK);
        ck_assert_uint_eq(count, counts[i]);
        at += chunk.bytes;
    }
    ck_assert_uint_eq(at, length);
    free(file);
    stream_free(s);
}
END_TEST

START_TEST(a_stray_record_is_stored_byte_for_byte_as_the_layout_says)
{
    const struct aur_record stray = {0x0102030405060708, 0x1112131415161718,
                                     0x21222324,         0x31323334,
                                     0x41424344,         0x5152,
                                     AUR_ACT_RUN,        9};
    const uint8_t expected[] = {
        'A', 'u', 'r', 'T', 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, // magic, version, records, events
        8,   7,   6,   5,   4, 3, 2, 1, 8, 7, 6, 5, 4, 3, 2, 1, // first and last instant
        33,  0,   0,   0,   0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // columns
        0,   0,   0,   0,   0, 0, 0, 0};
    const uint8_t codes[] = {0,    8,    7,    6,    5,    4,    3,    2,    1,    0x18, 0x17,
                             0x16, 0x15, 0x14, 0x13, 0x12, 0x11, 0x24, 0x23, 0x22, 0x21, 0x34,
                             0x33, 0x32, 0x31, 0x44, 0x43, 0x42, 0x41, 0x52, 0x51, 65,   9};
    size_t size;
    uint8_t *bytes = encode(&stray, 1, &size);
    ck_assert_uint_eq(size, AUR_TRACE_HEADER_BYTES + sizeof codes);
    ck_assert_mem_eq(bytes, expected, sizeof expected);
    ck_assert_mem_eq(bytes + AUR_TRACE_HEADER_BYTES, codes, sizeof codes);
    free(bytes);
}
END_TEST

START_TEST(what_the_scratch_held_before_changes_no_byte)
{
    struct stream *s = stream_of(&settings[0]);
    uint32_t count = stream_take(s, records, MOST);
    size_t size, again;
    memset(&scratch, 0, sizeof scratch);
    uint8_t *bytes = encode(records, count, &size);
    memset(&scratch, 0xff, sizeof scratch);
    uint8_t *other = encode(records, count, &again);
    ck_assert_uint_eq(size, again);
    ck_assert_mem_eq(bytes, other, size);
    free(bytes);
    free(other);
    stream_free(s);
}
END_TEST

START_TEST(too_little_room_is_refused_on_both_sides)
{
    uint8_t *bytes = exactly(aur_trace_bound(3));
    uint32_t count = 7;
    for (uint32_t i = 0; i < 3; i++)
        draw_record(&records[i]);
    ck_assert_uint_eq(aur_trace_encode(&scratch, records, 3, bytes, aur_trace_bound(3) - 1), 0);
    ck_assert_uint_eq(aur_trace_encode(&scratch, records, 0, bytes, aur_trace_bound(3)), 0);
    ck_assert_uint_eq(
        aur_trace_encode(&scratch, records, AUR_TRACE_RECORDS_MAX + 1, bytes, SIZE_MAX), 0);
    size_t size = aur_trace_encode(&scratch, records, 3, bytes, aur_trace_bound(3));
    ck_assert_int_eq(aur_trace_decode(&scratch, bytes, size, back, 2, &count), AUR_TRACE_NO_ROOM);
    ck_assert_uint_eq(count, 0);
    free(bytes);
}
END_TEST

START_TEST(a_chunk_with_any_byte_changed_is_refused)
{
    struct stream *s = stream_of(&settings[0]);
    uint32_t count = stream_take(s, records, 700), got;
    size_t size;
    uint8_t *bytes = encode(records, count, &size);
    for (size_t at = 0; at < size; at++) {
        uint8_t change = (uint8_t)(1 + below(255));
        bytes[at] ^= change;
        ck_assert_int_ne(aur_trace_decode(&scratch, bytes, size, back, MOST, &got), AUR_TRACE_OK);
        ck_assert_uint_eq(got, 0);
        bytes[at] ^= change;
    }
    ck_assert_int_eq(aur_trace_decode(&scratch, bytes, size, back, MOST, &got), AUR_TRACE_OK);
    free(bytes);
    stream_free(s);
}
END_TEST

START_TEST(a_chunk_that_is_cut_or_has_more_behind_it_is_refused)
{
    struct stream *s = stream_of(&settings[0]);
    uint32_t count = stream_take(s, records, 300), got;
    size_t size;
    uint8_t *bytes = encode(records, count, &size);
    for (size_t length = 0; length < size; length++) {
        uint8_t *part = exactly(length);
        memcpy(part, bytes, length);
        ck_assert_int_eq(aur_trace_decode(&scratch, part, length, back, MOST, &got),
                         AUR_TRACE_TRUNCATED);
        free(part);
    }
    uint8_t *more = exactly(size + 1);
    memcpy(more, bytes, size);
    more[size] = 0;
    ck_assert_int_eq(aur_trace_decode(&scratch, more, size + 1, back, MOST, &got),
                     AUR_TRACE_TRUNCATED);
    free(more);
    free(bytes);
    stream_free(s);
}
END_TEST

static void mend(uint8_t *bytes, size_t size)
{
    aur_put_u64(bytes + AUR_AT_CHECKSUM, aur_trace_checksum(bytes, size));
}

// The columns' lengths add up to the size, and the checksum is right: only the decoder is left.
START_TEST(a_forged_chunk_is_refused_or_gives_as_many_records_as_it_says)
{
    uint32_t refused = 0, got;
    for (uint32_t trial = 0; trial < 3000; trial++) {
        uint32_t count = 1 + (uint32_t)below(60);
        size_t size;
        if (trial % 2)
            draw_steps(records, count);
        else
            for (uint32_t i = 0; i < count; i++)
                draw_record(&records[i]);
        uint8_t *bytes = encode(records, count, &size);
        for (uint64_t changes = 1 + below(4); changes != 0; changes--) {
            size_t at = below(size - AUR_TRACE_HEADER_BYTES) + AUR_TRACE_HEADER_BYTES;
            bytes[at] = below(2) ? (uint8_t)next_random() : (uint8_t)any_number();
        }
        if (below(4) == 0) { // a byte moves from one column to the next
            uint8_t *length = bytes + AUR_AT_COLUMNS + 4 * below(AUR_COLUMNS - 1);
            if (aur_get_u32(length) != 0) {
                aur_put_u32(length, aur_get_u32(length) - 1);
                aur_put_u32(length + 4, aur_get_u32(length + 4) + 1);
            }
        }
        if (below(4) == 0)
            aur_put_u32(bytes + AUR_AT_RECORDS, (uint32_t)below(2 * count + 1));
        mend(bytes, size);
        if (aur_trace_decode(&scratch, bytes, size, back, MOST, &got) == AUR_TRACE_OK)
            ck_assert_uint_eq(got, aur_get_u32(bytes + AUR_AT_RECORDS));
        else
            refused++;
        free(bytes);
    }
    ck_assert_uint_gt(refused, 0);
}
END_TEST

START_TEST(noise_behind_a_good_header_is_refused_or_gives_as_many_records_as_it_says)
{
    for (uint32_t trial = 0; trial < 3000; trial++) {
        uint32_t lengths[AUR_COLUMNS], got, count = 1 + (uint32_t)below(100);
        size_t size = AUR_TRACE_HEADER_BYTES;
        for (int column = 0; column < AUR_COLUMNS; column++)
            size += lengths[column] = (uint32_t)below(3 * count);
        uint8_t *bytes = exactly(size);
        for (size_t at = 0; at < size; at++)
            bytes[at] = below(3) ? (uint8_t)below(5) : (uint8_t)next_random();
        memset(bytes, 0, AUR_TRACE_HEADER_BYTES);
        aur_put_u32(bytes + AUR_AT_MAGIC, AUR_TRACE_MAGIC);
        aur_put_u32(bytes + AUR_AT_VERSION, AUR_TRACE_VERSION);
        aur_put_u32(bytes + AUR_AT_RECORDS, count);
        for (int column = 0; column < AUR_COLUMNS; column++)
            aur_put_u32(bytes + AUR_AT_COLUMNS + 4 * column, lengths[column]);
        mend(bytes, size);
        enum aur_trace_status status = aur_trace_decode(&scratch, bytes, size, back, MOST, &got);
        ck_assert_uint_eq(got, status == AUR_TRACE_OK ? count : 0);
        free(bytes);
    }
}
END_TEST

START_TEST(each_fault_of_a_chunk_is_named)
{
    struct aur_trace_chunk chunk;
    size_t size;
    draw_record(&records[0]);
    uint8_t *bytes = encode(records, 1, &size);
    static const struct {
        size_t at;
        uint8_t byte;
        enum aur_trace_status status;
    } faults[] = {
        {AUR_AT_MAGIC, 'B', AUR_TRACE_FOREIGN},   {AUR_AT_VERSION, 2, AUR_TRACE_NEWER},
        {AUR_AT_RECORDS, 0, AUR_TRACE_MALFORMED}, {AUR_AT_RECORDS + 2, 2, AUR_TRACE_MALFORMED},
        {AUR_AT_EVENTS, 2, AUR_TRACE_MALFORMED},  {AUR_AT_COLUMNS + 3, 1, AUR_TRACE_MALFORMED},
        {AUR_AT_RESERVED, 1, AUR_TRACE_MALFORMED}};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        uint8_t was = bytes[faults[i].at];
        bytes[faults[i].at] = faults[i].byte;
        ck_assert_int_eq(aur_trace_header(bytes, size, &chunk), faults[i].status);
        bytes[faults[i].at] = was;
    }
    ck_assert_int_eq(aur_trace_header(bytes, AUR_TRACE_HEADER_BYTES - 1, &chunk),
                     AUR_TRACE_TRUNCATED);
    ck_assert_str_eq(aur_trace_status_text(AUR_TRACE_OK), "the chunk is sound");
    ck_assert_str_eq(aur_trace_status_text(AUR_TRACE_STATUS_COUNT), "unknown status");
    free(bytes);
}
END_TEST

START_TEST(every_kind_has_a_text_and_no_two_the_same)
{
    for (unsigned a = 0; a < 256; a++) {
        const char *text = aur_record_kind_text((uint8_t)a);
        bool known = (a > AUR_EV_NONE && a < AUR_EV_COUNT) || (a > AUR_ACT_BASE && a < AUR_ACT_END);
        ck_assert_int_eq(strcmp(text, "unknown") != 0, known);
        for (unsigned b = 0; known && b < a; b++)
            ck_assert_str_ne(text, aur_record_kind_text((uint8_t)b));
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        records_with_any_content_come_back,
        steps_with_any_content_come_back,
        a_log_of_the_core_comes_back_wherever_it_is_cut,
        a_log_of_the_core_takes_at_most_8_bytes_an_event,
        the_header_tells_counts_instants_and_where_the_next_chunk_begins,
        a_stray_record_is_stored_byte_for_byte_as_the_layout_says,
        what_the_scratch_held_before_changes_no_byte,
        too_little_room_is_refused_on_both_sides,
        a_chunk_with_any_byte_changed_is_refused,
        a_chunk_that_is_cut_or_has_more_behind_it_is_refused,
        a_forged_chunk_is_refused_or_gives_as_many_records_as_it_says,
        noise_behind_a_good_header_is_refused_or_gives_as_many_records_as_it_says,
        each_fault_of_a_chunk_is_named,
        every_kind_has_a_text_and_no_two_the_same,
    };
    const char *given = getenv("AUR_SEED");
    if (given)
        seed = strtoull(given, NULL, 0);
    printf("seed %" PRIu64 "\n", seed);

    Suite *suite = suite_create("trace");
    TCase *tcase = tcase_create("trace");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, start, NULL);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
