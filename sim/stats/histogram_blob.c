#include "stats/histogram_blob.h"

#define BLOB_MAGIC   0x48u
#define BLOB_VERSION 0x01u

struct writer {
    uint8_t *out;
    size_t capacity;
    size_t length;
};

struct reader {
    const uint8_t *blob;
    size_t length;
    size_t at;
    enum aur_histogram_blob status; // the first failure; later reads then give 0
};

static void put_byte(struct writer *w, uint8_t byte)
{
    if (w->length < w->capacity)
        w->out[w->length] = byte;
    w->length++;
}

static void put_number(struct writer *w, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        put_byte(w, (uint8_t)(value | 0x80));
    put_byte(w, (uint8_t)value);
}

static uint64_t fail(struct reader *r, enum aur_histogram_blob status)
{
    if (r->status == AUR_HISTOGRAM_BLOB_OK)
        r->status = status;
    return 0;
}

static uint64_t get_number(struct reader *r)
{
    uint64_t value = 0;

    if (r->status != AUR_HISTOGRAM_BLOB_OK)
        return 0;
    for (unsigned shift = 0;; shift += 7) {
        if (r->at == r->length)
            return fail(r, AUR_HISTOGRAM_BLOB_TRUNCATED);

        uint64_t byte = r->blob[r->at++];

        // The tenth byte holds bit 63 alone; a last byte of 0 would be a longer way to say it.
        if ((shift == 63 && byte > 1) || (shift > 0 && byte == 0))
            return fail(r, AUR_HISTOGRAM_BLOB_BAD_NUMBER);
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
}

size_t aur_histogram_encode(const struct aur_histogram *h, uint8_t *out, size_t capacity)
{
    struct writer w = {.out = out, .capacity = capacity, .length = 0};

    put_byte(&w, BLOB_MAGIC);
    put_byte(&w, BLOB_VERSION);
    put_number(&w, h->lost);
    put_number(&w, h->count);
    if (h->count == 0)
        return w.length;
    put_number(&w, h->sum.high);
    put_number(&w, h->sum.low);
    put_number(&w, h->min);
    put_number(&w, h->max - h->min);

    struct aur_histogram_walk walk = aur_histogram_walk_begin(h);
    struct aur_histogram_bucket bucket;
    unsigned previous = aur_histogram_bucket_index(h->min);

    while (aur_histogram_walk_next(&walk, &bucket)) {
        unsigned index = aur_histogram_bucket_index(bucket.low);

        if (index != previous)
            put_number(&w, index - previous - 1);
        put_number(&w, bucket.count);
        previous = index;
    }
    return w.length;
}

// Reads the buckets into `h`, whose count, sum, min and max then are those of the buckets.
static void get_buckets(struct reader *r, struct aur_histogram *h, uint64_t count, unsigned index)
{
    uint64_t left = count;

    for (;;) {
        uint64_t n = get_number(r);

        if (r->status == AUR_HISTOGRAM_BLOB_OK && (n == 0 || n > left))
            fail(r, AUR_HISTOGRAM_BLOB_INCONSISTENT);
        if (r->status != AUR_HISTOGRAM_BLOB_OK)
            return;
        if (!aur_histogram_record_n(h, aur_histogram_bucket_bounds(index).low, n)) {
            fail(r, AUR_HISTOGRAM_BLOB_NO_MEMORY);
            return;
        }
        left -= n;
        if (left == 0)
            return;

        uint64_t gap = get_number(r);

        if (gap >= AUR_HISTOGRAM_BUCKETS - 1 - index) {
            fail(r, AUR_HISTOGRAM_BLOB_INCONSISTENT);
            return;
        }
        index += (unsigned)gap + 1;
    }
}

// Can samples in these buckets, the least of them `min` and the greatest `max`, add up to `sum`?
// At the least, all but one `max` lie at the low end of their bucket; at the most, all but one
// `min` lie at the high end.
static bool sum_is_possible(const struct aur_histogram *h, uint64_t min, uint64_t max,
                            struct aur_sum128 sum)
{
    struct aur_histogram_walk walk = aur_histogram_walk_begin(h);
    struct aur_histogram_bucket bucket;
    struct aur_sum128 least = {0, max}, most = {0, min};

    while (aur_histogram_walk_next(&walk, &bucket)) {
        bool first = bucket.low <= min, last = bucket.high >= max;

        aur_sum128_add_product(&least, first ? min : bucket.low, bucket.count - last);
        aur_sum128_add_product(&most, last ? max : bucket.high, bucket.count - first);
    }
    return aur_sum128_at_most(least, sum) && aur_sum128_at_most(sum, most);
}

enum aur_histogram_blob aur_histogram_decode(struct aur_histogram *h, const uint8_t *blob,
                                             size_t length)
{
    struct reader r = {.blob = blob, .length = length, .status = AUR_HISTOGRAM_BLOB_OK};

    aur_histogram_init(h);
    if (length < 2)
        return AUR_HISTOGRAM_BLOB_TRUNCATED;
    if (blob[0] != BLOB_MAGIC || blob[1] != BLOB_VERSION)
        return AUR_HISTOGRAM_BLOB_FOREIGN;
    r.at = 2;

    uint64_t lost = get_number(&r), count = get_number(&r);

    if (lost > UINT32_MAX || count > AUR_HISTOGRAM_COUNT_MAX)
        fail(&r, AUR_HISTOGRAM_BLOB_INCONSISTENT);
    if (r.status == AUR_HISTOGRAM_BLOB_OK && count > 0) {
        struct aur_sum128 sum = {.high = get_number(&r)};
        sum.low = get_number(&r);
        uint64_t min = get_number(&r), span = get_number(&r), max = min + span;

        if (max < min)
            fail(&r, AUR_HISTOGRAM_BLOB_INCONSISTENT);
        if (r.status == AUR_HISTOGRAM_BLOB_OK)
            get_buckets(&r, h, count, aur_histogram_bucket_index(min));
        if (r.status == AUR_HISTOGRAM_BLOB_OK &&
            (aur_histogram_bucket_index(h->max) != aur_histogram_bucket_index(max) ||
             !sum_is_possible(h, min, max, sum)))
            fail(&r, AUR_HISTOGRAM_BLOB_INCONSISTENT);
        h->min = min;
        h->max = max;
        h->sum = sum;
    }
    if (r.at != length)
        fail(&r, AUR_HISTOGRAM_BLOB_TRAILING);
    if (r.status != AUR_HISTOGRAM_BLOB_OK)
        aur_histogram_free(h);
    else
        h->lost = (uint32_t)lost;
    return r.status;
}

const char *aur_histogram_blob_text(enum aur_histogram_blob status)
{
    switch (status) {
    case AUR_HISTOGRAM_BLOB_OK:
        return "is sound";
    case AUR_HISTOGRAM_BLOB_NO_MEMORY:
        return "does not fit in memory";
    case AUR_HISTOGRAM_BLOB_FOREIGN:
        return "is not a histogram, or of a version that this program does not know";
    case AUR_HISTOGRAM_BLOB_TRUNCATED:
        return "is cut short";
    case AUR_HISTOGRAM_BLOB_BAD_NUMBER:
        return "holds a malformed number";
    case AUR_HISTOGRAM_BLOB_INCONSISTENT:
        return "contradicts itself: its counts, range and sum do not fit together";
    case AUR_HISTOGRAM_BLOB_TRAILING:
        return "has bytes after its end";
    }
    return "has an unknown fault";
}
