// A log in memory, as an execution hands it out: chunks, and snapshots between them.
#ifndef AURORA_SIM_EXPERIMENT_KEPT_LOG_H
#define AURORA_SIM_EXPERIMENT_KEPT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "experiment/execute.h"
#include "travel/log.h"

struct aur_kept_piece {
    struct aur_snapshot snapshot; // of a chunk only data and size
    uint8_t *bytes;
};

struct aur_kept_pieces {
    struct aur_kept_piece *list;
    uint32_t count, room;
};

// What begins after until_ns is let go, so that the memory is bounded by the instant asked for.
struct aur_kept_log {
    struct aur_kept_pieces chunks, snapshots;
    uint64_t until_ns;
    uint8_t *plain; // the snapshot given last
};

void aur_kept_log_init(struct aur_kept_log *log, uint64_t until_ns);
void aur_kept_log_free(struct aur_kept_log *log);

// Makes the log take what the execution hands out.
void aur_kept_log_attach(struct aur_kept_log *log, struct aur_execution *execution);

// Reads it. The log must outlive the source.
struct aur_log_source aur_kept_log_source(struct aur_kept_log *log);

// Unpacks a snapshot: *plain is its data then, to be freed. False with a failure if damaged.
bool aur_snapshot_inflate(struct aur_snapshot *snapshot, uint8_t **plain,
                          struct aur_failure *failure);

#endif
