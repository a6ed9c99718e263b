// The stored form of a log: chunks of some thousands of records, columnar and delta-coded, each
// readable alone. Whatever the records hold, decoding gives the same records back; a log of the
// core costs two to four bytes an event.
#ifndef AURORA_TRACE_H
#define AURORA_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include <aurora/event.h>

// The most records of one chunk. Longer chunks are denser, shorter ones are quicker to seek in.
#define AUR_TRACE_RECORDS_MAX 65536u
#define AUR_TRACE_RECORDS     8192u // a good length

// Bytes that a chunk begins with, and that aur_trace_header needs to see.
#define AUR_TRACE_HEADER_BYTES 64u

#define AUR_TRACE_STATUS_TABLE(X)                                                                  \
    X(OK, "the chunk is sound")                                                                    \
    X(FOREIGN, "this is not a chunk of an Aurora trace")                                           \
    X(NEWER, "the chunk is of a version that this build does not know")                            \
    X(TRUNCATED, "the chunk is cut short or has bytes after its end")                              \
    X(CHECKSUM, "the chunk was altered: its checksum does not match")                              \
    X(MALFORMED, "the chunk contradicts itself")                                                   \
    X(NO_ROOM, "the chunk has more records than there is room for")

enum aur_trace_status {
#define X(name, text) AUR_TRACE_##name,
    AUR_TRACE_STATUS_TABLE(X)
#undef X
    AUR_TRACE_STATUS_COUNT
};

// The sentence of the table above; "unknown status" for a number outside it.
const char *aur_trace_status_text(enum aur_trace_status status);

// What a reader may know of a chunk without decoding it.
struct aur_trace_chunk {
    uint32_t records;
    uint32_t events;   // of the records; the others are actions
    uint64_t first_ns; // instant of the first record
    uint64_t last_ns;  // instant of the last record
    size_t bytes;      // of the whole chunk
};

// Working memory of one encode or decode. Its content is of no use afterwards.
#define AUR_TRACE_SCRATCH_BYTES (104u << 10)
struct aur_trace_scratch {
    uint64_t words[AUR_TRACE_SCRATCH_BYTES / 8];
};

// The room that encoding `count` records may need, far more than it will take.
size_t aur_trace_bound(uint32_t count);

// Encodes `count` records, 1 to AUR_TRACE_RECORDS_MAX, into `out`. Cut the log between steps:
// actions without their event cost 33 bytes each.
// Returns the chunk's bytes, or 0 if count is out of range or capacity below the bound.
size_t aur_trace_encode(struct aur_trace_scratch *scratch, const struct aur_record *records,
                        uint32_t count, uint8_t *out, size_t capacity);

// Reads the header of the chunk that begins at `bytes`; `size` may reach beyond the chunk's end,
// or not reach it. Errors: TRUNCATED (size below the header's), FOREIGN, NEWER, MALFORMED. The
// checksum is not looked at.
enum aur_trace_status aur_trace_header(const uint8_t *bytes, size_t size,
                                       struct aur_trace_chunk *chunk);

// Decodes a chunk of exactly `size` bytes, from anywhere, into `records`, which has room for
// `capacity`. On AUR_TRACE_OK *count is the chunk's records; else it is 0 and what is in
// `records` means nothing. Errors: all of the table.
enum aur_trace_status aur_trace_decode(struct aur_trace_scratch *scratch, const uint8_t *bytes,
                                       size_t size, struct aur_record *records, uint32_t capacity,
                                       uint32_t *count);

#endif
