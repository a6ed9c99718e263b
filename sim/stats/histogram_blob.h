// A histogram as bytes, for the SQLite column `histogram`.
//
// Version 1, all numbers unsigned LEB128 (7 bits a byte, lowest first, shortest form only):
//
//     0x48 'H', 0x01
//     lost, count                        and, unless count is 0:
//     sum >> 64, sum mod 2^64, min, max - min
//     count of the bucket of min         then for each further non-empty bucket, ascending:
//     (index - previous index - 1), count
//
// The end is where the counts add up to `count`. Bucket indices are those of
// aur_histogram_bucket_index. The same samples always give the same bytes, and there is one
// encoding of each histogram: whatever decodes, encodes to the same bytes again.
#ifndef AURORA_SIM_STATS_HISTOGRAM_BLOB_H
#define AURORA_SIM_STATS_HISTOGRAM_BLOB_H

#include <stddef.h>
#include <stdint.h>

#include "stats/histogram.h"

enum aur_histogram_blob {
    AUR_HISTOGRAM_BLOB_OK = 0,
    AUR_HISTOGRAM_BLOB_NO_MEMORY,
    AUR_HISTOGRAM_BLOB_FOREIGN,      // not a histogram, or of an unknown version
    AUR_HISTOGRAM_BLOB_TRUNCATED,    // ends inside the histogram
    AUR_HISTOGRAM_BLOB_BAD_NUMBER,   // a number over 64 bits, or not in its shortest form
    AUR_HISTOGRAM_BLOB_INCONSISTENT, // counts, range or sum that no samples could have
    AUR_HISTOGRAM_BLOB_TRAILING,     // bytes after the end
};

// Encodes `h` into out[0 .. capacity). Returns the number of bytes that the encoding takes; if that
// is more than `capacity`, nothing useful was written. `out` may be NULL if `capacity` is 0.
size_t aur_histogram_encode(const struct aur_histogram *h, uint8_t *out, size_t capacity);

// Decodes blob[0 .. length), from any source, into `h`, which need not be initialised and which the
// caller frees. On anything but AUR_HISTOGRAM_BLOB_OK, `h` is empty and owns no memory.
enum aur_histogram_blob aur_histogram_decode(struct aur_histogram *h, const uint8_t *blob,
                                             size_t length);

// What a status means, as words that complete "histogram: ...".
const char *aur_histogram_blob_text(enum aur_histogram_blob status);

#endif
