#include "stats/histogram.h"

#include <stdlib.h>
#include <string.h>

#define GROUP_BITS       6u // 64 buckets to a power of two: half of one is 0.78 % of its value
#define GROUP_SIZE       (1u << GROUP_BITS)
#define GROUPS           (AUR_HISTOGRAM_BUCKETS / GROUP_SIZE)
#define INDEX_SHIFT      52u
#define FIRST_SLOTS_LOG2 2u

static uint64_t slot_count(uint64_t slot)
{
    return slot & AUR_HISTOGRAM_COUNT_MAX;
}

static unsigned slot_index(uint64_t slot)
{
    return (unsigned)(slot >> INDEX_SHIFT);
}

static size_t slots_of(const struct aur_histogram *h)
{
    return h->slots ? (size_t)1 << h->slots_log2 : 0;
}

unsigned aur_histogram_bucket_index(uint64_t value)
{
    // value >> shift keeps the leading one and GROUP_BITS bits after it.
    unsigned shift = 63u - GROUP_BITS - (unsigned)__builtin_clzll(value | (2 * GROUP_SIZE - 1));

    return (shift << GROUP_BITS) + (unsigned)(value >> shift);
}

struct aur_histogram_bucket aur_histogram_bucket_bounds(unsigned index)
{
    struct aur_histogram_bucket bucket = {.low = index, .high = index, .count = 0};

    if (index >= GROUP_SIZE) {
        unsigned shift = (index >> GROUP_BITS) - 1;

        bucket.low = (uint64_t)(GROUP_SIZE + (index & (GROUP_SIZE - 1))) << shift;
        bucket.high = bucket.low + (((uint64_t)1 << shift) - 1);
    }
    return bucket;
}

// The slot of bucket `index`, or the free slot where it belongs. Some slot is always free.
static uint64_t *find_slot(uint64_t *slots, unsigned slots_log2, unsigned index)
{
    size_t mask = ((size_t)1 << slots_log2) - 1;
    // Fibonacci hashing spreads runs of neighbouring buckets evenly (Knuth, TAOCP 3, 6.4).
    size_t at = (uint32_t)(index * UINT32_C(0x9E3779B9)) >> (32u - slots_log2);

    while (slots[at] != 0 && slot_index(slots[at]) != index)
        at = (at + 1) & mask;
    return &slots[at];
}

// Makes room for `used` buckets at a load of at most 3/4. False if memory ran out.
static bool reserve(struct aur_histogram *h, size_t used)
{
    unsigned log2 = h->slots ? h->slots_log2 : FIRST_SLOTS_LOG2;

    while (used > ((size_t)3 << log2) / 4)
        log2++;
    if (h->slots && log2 == h->slots_log2)
        return true;

    uint64_t *slots = calloc((size_t)1 << log2, sizeof(*slots));

    if (!slots)
        return false;
    for (size_t i = 0; i < slots_of(h); i++) {
        if (h->slots[i] != 0)
            *find_slot(slots, log2, slot_index(h->slots[i])) = h->slots[i];
    }
    free(h->slots);
    h->slots = slots;
    h->slots_log2 = (uint8_t)log2;
    return true;
}

// The slot of bucket `index`, which the caller must then count up. NULL if memory ran out.
static uint64_t *claim_slot(struct aur_histogram *h, unsigned index)
{
    uint64_t *slot = h->slots ? find_slot(h->slots, h->slots_log2, index) : NULL;

    if (slot && *slot != 0)
        return slot;
    if (!reserve(h, (size_t)h->used + 1))
        return NULL;
    slot = find_slot(h->slots, h->slots_log2, index);
    *slot = (uint64_t)index << INDEX_SHIFT;
    h->used++;
    return slot;
}

static void widen_range(struct aur_histogram *h, uint64_t min, uint64_t max)
{
    if (h->count == 0 || min < h->min)
        h->min = min;
    if (h->count == 0 || max > h->max)
        h->max = max;
}

void aur_histogram_init(struct aur_histogram *h)
{
    memset(h, 0, sizeof(*h));
}

void aur_histogram_free(struct aur_histogram *h)
{
    free(h->slots);
    aur_histogram_init(h);
}

// Adds n > 0 samples of `value`, whose sum is `total`; all or none.
static bool add_samples(struct aur_histogram *h, uint64_t value, uint64_t n,
                        struct aur_sum128 total)
{
    uint64_t *slot = NULL;

    if (n <= AUR_HISTOGRAM_COUNT_MAX - h->count)
        slot = claim_slot(h, aur_histogram_bucket_index(value));
    if (!slot) {
        h->lost = n > UINT32_MAX - h->lost ? UINT32_MAX : h->lost + (uint32_t)n;
        return false;
    }
    *slot += n;
    widen_range(h, value, value);
    h->count += n;
    aur_sum128_add(&h->sum, total);
    return true;
}

bool aur_histogram_record(struct aur_histogram *h, uint64_t value)
{
    return add_samples(h, value, 1, (struct aur_sum128){.high = 0, .low = value});
}

bool aur_histogram_record_n(struct aur_histogram *h, uint64_t value, uint64_t n)
{
    struct aur_sum128 total = {0, 0};

    aur_sum128_add_product(&total, value, n);
    return n == 0 || add_samples(h, value, n, total);
}

double aur_histogram_mean(const struct aur_histogram *h)
{
    return h->count == 0 ? 0.0 : aur_sum128_to_double(h->sum) / (double)h->count;
}

// Index of the entry of counts[0 .. n) that holds the *rank-th sample; *rank becomes its rank in
// that entry.
static unsigned locate(const uint64_t *counts, uint64_t *rank)
{
    unsigned at = 0;

    while (*rank > counts[at])
        *rank -= counts[at++];
    return at;
}

uint64_t aur_histogram_quantile(const struct aur_histogram *h, uint32_t ppm)
{
    if (h->count == 0)
        return 0;
    if (ppm > AUR_HISTOGRAM_PPM)
        ppm = AUR_HISTOGRAM_PPM;

    // ceil(ppm * count / 10^6) without the 72-bit product.
    uint64_t whole = h->count / AUR_HISTOGRAM_PPM, rest = h->count % AUR_HISTOGRAM_PPM;
    uint64_t rank = whole * ppm + (rest * ppm + AUR_HISTOGRAM_PPM - 1) / AUR_HISTOGRAM_PPM;

    if (rank <= 1)
        return h->min;
    if (rank == h->count)
        return h->max;

    // First the group, then the bucket in it: two passes over the slots and nothing to sort.
    uint64_t groups[GROUPS] = {0}, members[GROUP_SIZE] = {0};

    for (size_t i = 0; i < slots_of(h); i++)
        groups[slot_index(h->slots[i]) >> GROUP_BITS] += slot_count(h->slots[i]);

    unsigned group = locate(groups, &rank);

    for (size_t i = 0; i < slots_of(h); i++) {
        if (slot_index(h->slots[i]) >> GROUP_BITS == group)
            members[slot_index(h->slots[i]) % GROUP_SIZE] += slot_count(h->slots[i]);
    }

    unsigned index = (group << GROUP_BITS) + locate(members, &rank);
    struct aur_histogram_bucket bucket = aur_histogram_bucket_bounds(index);
    uint64_t middle = bucket.low + (bucket.high - bucket.low) / 2;

    if (middle < h->min)
        return h->min;
    return middle > h->max ? h->max : middle;
}

bool aur_histogram_merge(struct aur_histogram *into, const struct aur_histogram *from)
{
    if (from->count > AUR_HISTOGRAM_COUNT_MAX - into->count)
        return false;

    size_t fresh = 0;

    for (size_t i = 0; i < slots_of(from); i++) {
        uint64_t slot = from->slots[i];

        if (slot != 0 &&
            (!into->slots || *find_slot(into->slots, into->slots_log2, slot_index(slot)) == 0))
            fresh++;
    }
    // Reserved beforehand, so that nothing below can fail halfway.
    if (fresh > 0 && !reserve(into, into->used + fresh))
        return false;

    for (size_t i = 0; i < slots_of(from); i++) {
        if (from->slots[i] != 0)
            *claim_slot(into, slot_index(from->slots[i])) += slot_count(from->slots[i]);
    }
    if (from->count > 0)
        widen_range(into, from->min, from->max);
    into->count += from->count;
    aur_sum128_add(&into->sum, from->sum);
    into->lost = from->lost > UINT32_MAX - into->lost ? UINT32_MAX : into->lost + from->lost;
    return true;
}

struct aur_histogram_walk aur_histogram_walk_begin(const struct aur_histogram *h)
{
    struct aur_histogram_walk walk = {.histogram = h, .groups = 0, .next = 0};

    for (size_t i = 0; i < slots_of(h); i++) {
        if (h->slots[i] != 0)
            walk.groups |= (uint64_t)1 << (slot_index(h->slots[i]) >> GROUP_BITS);
    }
    return walk;
}

bool aur_histogram_walk_next(struct aur_histogram_walk *walk, struct aur_histogram_bucket *bucket)
{
    const struct aur_histogram *h = walk->histogram;

    while (walk->next < AUR_HISTOGRAM_BUCKETS) {
        unsigned index = walk->next;

        if (!(walk->groups >> (index >> GROUP_BITS) & 1)) {
            walk->next = (index | (GROUP_SIZE - 1)) + 1;
            continue;
        }
        walk->next++;

        uint64_t slot = *find_slot(h->slots, h->slots_log2, index);

        if (slot != 0) {
            *bucket = aur_histogram_bucket_bounds(index);
            bucket->count = slot_count(slot);
            return true;
        }
    }
    return false;
}

size_t aur_histogram_heap_bytes(const struct aur_histogram *h)
{
    return slots_of(h) * sizeof(*h->slots);
}
