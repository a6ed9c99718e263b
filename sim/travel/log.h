// A run's log, read chunk by chunk from wherever it is kept.
#ifndef AURORA_SIM_TRAVEL_LOG_H
#define AURORA_SIM_TRAVEL_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <aurora/core.h>
#include <aurora/trace.h>

#include "engine/failure.h"
#include "travel/snapshot.h"

// Where a log is kept. What a call gives stays valid until the next call of the same kind. False
// with a failure if the source is broken.
struct aur_log_source {
    // The last snapshot, plain, with `least` to `most` records before it and an instant not after
    // now_ns; its data is NULL if there is none.
    bool (*snapshot)(void *context, uint64_t least, uint64_t most, uint64_t now_ns,
                     struct aur_snapshot *snapshot, struct aur_failure *failure);
    // Chunk number `seq`, from 0 on; *size 0: there are no more.
    bool (*chunk)(void *context, uint32_t seq, const uint8_t **bytes, size_t *size,
                  struct aur_failure *failure);
    void *context;
};

// Invariant: the record that comes next is records[next]; if next is count, the first of chunk
// `seq`. `number` is its number in the log.
struct aur_log_reader {
    const struct aur_log_source *source;
    struct aur_trace_scratch *scratch;
    struct aur_record *records;
    uint32_t count, next;
    uint32_t seq; // of the chunk to decode next
    uint64_t number;
};

// False when memory is out. The source must outlive the reader.
bool aur_log_reader_init(struct aur_log_reader *reader, const struct aur_log_source *source);
void aur_log_reader_free(struct aur_log_reader *reader);

// Goes on with the first record of chunk `seq`, whose number in the log is `number`.
void aur_log_reader_seek(struct aur_log_reader *reader, uint32_t seq, uint64_t number);

// The step that comes next: *step is its event and behind it *count - 1 actions, valid until the
// next call; *count 0: the log ends. False with a failure if the log is damaged there.
bool aur_log_reader_peek(struct aur_log_reader *reader, const struct aur_record **step,
                         uint32_t *count, struct aur_failure *failure);
// All records of the next chunk, and passes over them: for readers that want no steps. *count 0:
// the log ends.
bool aur_log_reader_chunk(struct aur_log_reader *reader, const struct aur_record **records,
                          uint32_t *count, struct aur_failure *failure);
// Passes over `count` records, as peek gave them.
void aur_log_reader_pass(struct aur_log_reader *reader, uint32_t count);

#endif
