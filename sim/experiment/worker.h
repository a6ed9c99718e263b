// What one worker process does: takes runs from the board until none is left.
#ifndef AURORA_SIM_EXPERIMENT_WORKER_H
#define AURORA_SIM_EXPERIMENT_WORKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "experiment/experiment.h"
#include "experiment/runner.h"

// Shared by all processes. Runs are handed out in order: those below `next` are taken.
struct aur_worker_board {
    _Atomic uint32_t next;
    _Atomic uint32_t stop;  // not 0: nobody begins another run
    _Atomic uint32_t run[]; // of each worker: what it works on, AUR_NONE before the first
};

struct aur_worker {
    struct aur_experiment *experiment;
    struct aur_run_slot *slots;
    uint32_t runs;
    struct aur_worker_board *board;
    uint32_t number;
    pid_t parent; // the worker ends with it
    const char *database;
    int64_t experiment_id;
    int64_t first_id; // the number of the grid's first run, if it is stored now
    bool trace;
    uint64_t snapshot_every;
    bool resume;
};

// Returns the process's exit status.
int aur_worker_main(const struct aur_worker *worker);

#endif
