// The layout of a chunk, all numbers little-endian:
//
//      0  magic "AurT"             4  version, 1           6  0
//      8  records, 32 bits        12  events, 32 bits
//     16  first instant           24  last instant
//     32  bytes of each of the five columns, 32 bits each
//     52  0                       56  checksum of all other bytes
//     64  the columns
//
// Column `codes` has one code for each step (an event with its actions):
//
//      0          a record that is not part of a whole step: its 32 bytes follow
//      1          a new shape: a byte with its number of actions, a descriptor for each record
//      2 to 223   shape number code - 2, in the order in which they came as new
//    224 to 255   shape number 222 + (code - 224) * 256 + the next byte
//
// A descriptor is the record's kind and, for each field, by which of the model's expectations it
// is known (model.h). It is written as its place in a table of descriptors seen (aur_known_place),
// or, if another or none is there, as 0 and its 3 bytes, and takes that place. Shapes of more than
// AUR_SHAPE_RECORDS records are not numbered, nor is any after the AUR_SHAPES first. What no
// expectation meets goes explicitly into the other columns, as variable-length numbers.
#ifndef AURORA_TRACE_CHUNK_H
#define AURORA_TRACE_CHUNK_H

#include <stdbool.h>

#include <aurora/trace.h>

#define AUR_TRACE_MAGIC   0x54727541u
#define AUR_TRACE_VERSION 1u

enum aur_trace_column {
    AUR_COLUMN_CODES,
    AUR_COLUMN_TIMES, // of events: since the event before
    AUR_COLUMN_CPUS,
    AUR_COLUMN_IDS,  // task, object, other: plus 1, so that NONE is 0
    AUR_COLUMN_ARGS, // since the event, signed; or plain
    AUR_COLUMNS
};

enum aur_trace_offset {
    AUR_AT_MAGIC = 0,
    AUR_AT_VERSION = 4,
    AUR_AT_RECORDS = 8,
    AUR_AT_EVENTS = 12,
    AUR_AT_FIRST = 16,
    AUR_AT_LAST = 24,
    AUR_AT_COLUMNS = 32,
    AUR_AT_RESERVED = 52,
    AUR_AT_CHECKSUM = 56
};

enum aur_trace_code {
    AUR_CODE_RECORD,
    AUR_CODE_SHAPE,
    AUR_CODE_SHORT, // first of the one-byte codes
    AUR_CODE_LONG = 224
};

#define AUR_SHAPES_SHORT  (AUR_CODE_LONG - AUR_CODE_SHORT)
#define AUR_SHAPES        1024u
#define AUR_SHAPE_RECORDS 8u

struct aur_trace_shape {
    uint32_t records;
    uint32_t descriptors[AUR_SHAPE_RECORDS];
};

#define AUR_KNOWN 256u // descriptors; place 0 is never used

static inline uint32_t aur_known_place(uint32_t descriptor)
{
    return (descriptor * 0x9e3779b1u >> 16) % (AUR_KNOWN - 1) + 1;
}

// The most bytes that one record can take in each column: a raw record, a time of 64 bits in
// groups of 7, a CPU of 16, four numbers of 32 (task, object, other, the task of an ARM), an arg.
static const uint8_t aur_column_worst[AUR_COLUMNS] = {33, 10, 3, 20, 10};

static inline uint32_t aur_get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t aur_get_u64(const uint8_t *at)
{
    return aur_get_u32(at) | (uint64_t)aur_get_u32(at + 4) << 32;
}

static inline void aur_put_u32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static inline void aur_put_u64(uint8_t *at, uint64_t value)
{
    aur_put_u32(at, (uint32_t)value);
    aur_put_u32(at + 4, (uint32_t)(value >> 32));
}

// Small magnitudes of either sign become small numbers.
static inline uint64_t aur_fold(uint64_t value)
{
    return value << 1 ^ (0 - (value >> 63));
}

static inline uint64_t aur_unfold(uint64_t value)
{
    return value >> 1 ^ (0 - (value & 1));
}

// One word into a checksum. For a given word this is a bijection of `sum` and the other way
// round, so that no change of one word goes unseen.
static inline uint64_t aur_checksum_word(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * 0x9e3779b97f4a7c15ull;
    return sum ^ sum >> 32;
}

// The checksum of a chunk of `size` bytes, at least a header.
static inline uint64_t aur_trace_checksum(const uint8_t *chunk, size_t size)
{
    uint64_t sum = aur_checksum_word(size, 0);
    size_t at = 0;
    for (; at < AUR_AT_CHECKSUM; at += 8)
        sum = aur_checksum_word(sum, aur_get_u64(chunk + at));
    for (at = AUR_TRACE_HEADER_BYTES; at + 8 <= size; at += 8)
        sum = aur_checksum_word(sum, aur_get_u64(chunk + at));
    uint64_t rest = 0;
    for (unsigned shift = 0; at < size; at++, shift += 8)
        rest |= (uint64_t)chunk[at] << shift;
    return aur_checksum_word(sum, rest);
}

#endif
