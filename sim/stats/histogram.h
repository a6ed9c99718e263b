// Log-linear histogram of 64-bit values (nanoseconds, bytes, counts): integers only, mergeable.
//
// Values below 128 have a bucket each; above, every power of two is cut into 64 buckets of equal
// width. A quantile is reported as its bucket's middle, so it is off by at most half a bucket,
// 1/128 = 0.78 % of the true value. The idea of a fixed relative error over the whole range is
// HdrHistogram's (Gil Tene, 2012).
//
// Only buckets in use take memory: they live in an open-addressing table of 8-byte slots that
// starts with 4 of them and doubles. Nothing about the contents depends on the order in which
// values came: two histograms of the same values encode to the same bytes.
//
// An all-zero struct is a valid, empty histogram. One histogram is for one thread at a time.
#ifndef AURORA_SIM_STATS_HISTOGRAM_H
#define AURORA_SIM_STATS_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/sum128.h"

// Number of possible buckets: 64 linear ones and 58 powers of two of 64 each.
#define AUR_HISTOGRAM_BUCKETS 3776u

// Most samples that one histogram can hold: 2^52 - 1, the count field of a packed slot.
#define AUR_HISTOGRAM_COUNT_MAX ((UINT64_C(1) << 52) - 1)

// The whole, for aur_histogram_quantile: parts per million.
#define AUR_HISTOGRAM_PPM 1000000u

// Invariant: `count` equals the sum of all slots' counts and is at most AUR_HISTOGRAM_COUNT_MAX;
// `used` is the number of non-zero slots and at most three quarters of them; `sum` is the exact
// sum of all samples; `min` and `max` are exact samples (0 while empty).
//
// Read `count`, `sum`, `min`, `max` and `lost` freely; change all through the functions below.
struct aur_histogram {
    uint64_t *slots;       // bucket index << 52 | count, 0 = free; NULL until the first sample
    uint64_t count;        // samples recorded
    struct aur_sum128 sum; // exact sum of the samples
    uint64_t min;          // exact; 0 while empty, and so is max
    uint64_t max;
    uint32_t lost; // samples refused for want of memory or room, saturating; report if not 0
    uint16_t used;
    uint8_t slots_log2;
};

// One non-empty bucket: `count` samples lay in [low, high], both ends included.
struct aur_histogram_bucket {
    uint64_t low;
    uint64_t high;
    uint64_t count;
};

// A walk over the non-empty buckets; the histogram must not change during it.
struct aur_histogram_walk {
    const struct aur_histogram *histogram;
    uint64_t groups; // bit g: some bucket 64 g .. 64 g + 63 is not empty
    unsigned next;
};

// Makes an empty histogram that owns no memory.
void aur_histogram_init(struct aur_histogram *h);

// Returns the memory and leaves an empty histogram that may record again.
void aur_histogram_free(struct aur_histogram *h);

// Records one sample, any 64-bit value. Costs a few nanoseconds; allocates only when the table of
// buckets in use must double.
//
// Returns false, and adds the sample to `lost`, if memory ran out or the histogram already holds
// AUR_HISTOGRAM_COUNT_MAX samples. A caller in a hot loop may ignore that and look at `lost` once.
bool aur_histogram_record(struct aur_histogram *h, uint64_t value);

// As n calls of aur_histogram_record, at the cost of one; all n or none. n = 0 does nothing.
bool aur_histogram_record_n(struct aur_histogram *h, uint64_t value, uint64_t n);

// Mean of the samples from their exact sum. 0 if empty.
double aur_histogram_mean(const struct aur_histogram *h);

// The sample of rank ceil(ppm / 10^6 * count) in ascending order (nearest rank, at least 1),
// within 0.78 %; ranks 1 and count are exact. `ppm` is in parts per million (500000 = median,
// 999000 = p99.9) and is taken as 10^6 if larger. 0 if empty.
uint64_t aur_histogram_quantile(const struct aur_histogram *h, uint32_t ppm);

// Adds every sample of `from` to `into`: exactly what recording them there would have given.
// `from` may be `into`. Returns false and changes nothing if memory or room does not suffice.
bool aur_histogram_merge(struct aur_histogram *into, const struct aur_histogram *from);

// Starts a walk over the non-empty buckets in ascending order.
struct aur_histogram_walk aur_histogram_walk_begin(const struct aur_histogram *h);

// Puts the next non-empty bucket into *bucket; false, leaving *bucket alone, at the end.
bool aur_histogram_walk_next(struct aur_histogram_walk *walk, struct aur_histogram_bucket *bucket);

// Index of the bucket that holds `value`: 0 .. AUR_HISTOGRAM_BUCKETS - 1, ascending.
unsigned aur_histogram_bucket_index(uint64_t value);

// Ends of bucket `index` (below AUR_HISTOGRAM_BUCKETS), both included; count is 0.
struct aur_histogram_bucket aur_histogram_bucket_bounds(unsigned index);

// Bytes of heap that the histogram owns now; the struct itself is not counted.
size_t aur_histogram_heap_bytes(const struct aur_histogram *h);

#endif
