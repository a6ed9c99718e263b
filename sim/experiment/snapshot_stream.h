// Snapshots of a run on its way: the state of the core now and then, packed.
#ifndef AURORA_SIM_EXPERIMENT_SNAPSHOT_STREAM_H
#define AURORA_SIM_EXPERIMENT_SNAPSHOT_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "experiment/trace_stream.h"
#include "travel/position.h"
#include "travel/snapshot.h"

// Events between two snapshots, unless told otherwise: stepping so many takes some 3 ms, and the
// snapshots of a small machine some 3 % of what the trace takes (bench/bench_travel.c).
#define AUR_SNAPSHOT_EVENTS 16384u

// Takes a deflated snapshot. False ends the run.
typedef bool aur_snapshot_sink(void *context, const struct aur_snapshot *snapshot);

struct aur_snapshot_taker {
    struct aur_trace_packer *packer; // its chunk is cut where a snapshot is taken
    struct aur_position position;
    uint64_t every; // events, 0: chosen so that snapshots take less room than the trace
    aur_snapshot_sink *sink;
    void *context;
    bool out_of_memory;
};

// An aur_state_sink (machine/simulate.h): `taker` is its context.
uint64_t aur_snapshot_take(void *taker, const struct aur_core *core);

#endif
