// Runs the grid of an experiment on forked workers, each run one transaction of its worker.
// A worker that dies takes its run with it and nothing else. Host only.
#ifndef AURORA_SIM_EXPERIMENT_RUNNER_H
#define AURORA_SIM_EXPERIMENT_RUNNER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/failure.h"
#include "experiment/experiment.h"

enum aur_run_state {
    AUR_RUN_WAITING,
    AUR_RUN_RUNNING,
    AUR_RUN_STORED,    // is in the database now
    AUR_RUN_SAME,      // was in the database, executed again: the same digest
    AUR_RUN_SKIPPED,   // was in the database, not executed (resume)
    AUR_RUN_DIFFERENT, // was in the database with another digest; that one stays
    AUR_RUN_REFUSED,   // its inputs cannot run
    AUR_RUN_CRASHED,   // its worker died
    AUR_RUN_UNSTORED   // the database refused it: no further run is begun
};

// A run as parent and workers share it. Plain fields belong to the worker until state is left
// from RUNNING, then to everybody.
struct aur_run_slot {
    _Atomic uint32_t state;          // enum aur_run_state
    _Atomic uint64_t now_ns, end_ns; // how far the simulation is
    _Atomic uint64_t events;
    int64_t run_id;   // in the database
    bool trace_added; // the run was stored before, but without the trace that was asked for
    uint64_t digest;
    double wall_seconds;
    char text[AUR_FAILURE_TEXT]; // why it failed
};

struct aur_grid_progress {
    uint32_t runs;     // of the grid
    uint32_t finished; // of these, in any way
    uint32_t skipped;  // of the finished ones
    double done;       // runs done, with parts of those that run
    uint64_t events;   // executed in all
    double seconds;    // since the start
    uint32_t newest;   // a run that is going on, AUR_NONE if none is
};

struct aur_runner_observer {
    void (*tick)(void *context, const struct aur_grid_progress *progress);
    void (*finished)(void *context, const struct aur_grid_progress *progress, uint32_t run,
                     const struct aur_run_slot *slot);
    void *context;
};

struct aur_runner_options {
    const char *database;
    uint32_t jobs;           // workers, at least 1
    bool trace;              // keep every event and action, and snapshots; add them to stored runs
    uint64_t snapshot_every; // events from one snapshot to the next; 0: as is best
    bool resume;             // skip what the database has
    struct aur_runner_observer observer;
};

struct aur_runner {
    struct aur_run_slot *slots; // one a run
    uint32_t runs;
    int interrupted; // the signal that ended it early, SIGINT or SIGTERM; 0: none did
    size_t bytes;
};

// Runs the whole grid. False if it could not begin (the database). What became of each run is in
// runner->slots; free it with aur_runner_free.
bool aur_runner_run(struct aur_runner *runner, struct aur_experiment *experiment,
                    const struct aur_runner_options *options, struct aur_failure *failure);
void aur_runner_free(struct aur_runner *runner);

// How many runs are in that state.
uint32_t aur_runner_count(const struct aur_runner *runner, enum aur_run_state state);

#endif
