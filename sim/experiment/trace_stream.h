// A run's log on its way to chunks and back: records as the simulator hands them out become
// encoded chunks, and a stored trace is read again record by record for comparison.
#ifndef AURORA_SIM_EXPERIMENT_TRACE_STREAM_H
#define AURORA_SIM_EXPERIMENT_TRACE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <aurora/core.h>
#include <aurora/trace.h>

#include "engine/failure.h"

// Takes a finished chunk. False ends the run.
typedef bool aur_chunk_sink(void *context, const struct aur_trace_chunk *chunk,
                            const uint8_t *bytes);

// Room for one chunk of the good length, and for the rest of a step that began within it.
#define AUR_TRACE_PACK_RECORDS (AUR_TRACE_RECORDS + AUR_ACTIONS_MAX + 1)

// Invariant: count < AUR_TRACE_PACK_RECORDS between calls.
struct aur_trace_packer {
    struct aur_trace_scratch *scratch;
    struct aur_record *records;
    uint32_t count;
    uint8_t *bytes;
    size_t capacity;
    uint32_t chunks; // handed out so far
    aur_chunk_sink *sink;
    void *context;
};

// False when memory is out.
bool aur_trace_packer_init(struct aur_trace_packer *packer, aur_chunk_sink *sink, void *context);
void aur_trace_packer_free(struct aur_trace_packer *packer);

// An aur_record_sink (machine/simulate.h): `packer` is its context.
bool aur_trace_packer_take(void *packer, const struct aur_record *records, uint32_t count);

// Hands out what is left: after the last record, or to cut the chunk between two steps.
bool aur_trace_packer_end(struct aur_trace_packer *packer);

// A stored trace in memory, to be read in order. Chunks are copied in by aur_trace_reader_add.
struct aur_trace_reader {
    struct aur_trace_scratch *scratch;
    struct aur_record *records; // of the current chunk
    uint32_t count, next;
    uint8_t *bytes; // all chunks, one behind the other
    size_t size, room, at;
    uint64_t read; // records handed out
};

bool aur_trace_reader_init(struct aur_trace_reader *reader);
void aur_trace_reader_free(struct aur_trace_reader *reader);
bool aur_trace_reader_add(struct aur_trace_reader *reader, const uint8_t *bytes, size_t size);

// The next record, or NULL at the end and on a damaged chunk (then with a failure).
const struct aur_record *aur_trace_reader_next(struct aur_trace_reader *reader,
                                               struct aur_failure *failure);

#endif
