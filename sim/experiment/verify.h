// Executes a stored run again and compares everything that was stored of it.
#ifndef AURORA_SIM_EXPERIMENT_VERIFY_H
#define AURORA_SIM_EXPERIMENT_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/failure.h"
#include "experiment/stored.h"
#include "machine/simulate.h"
#include "store/store.h"

struct aur_verdict {
    bool same;
    struct aur_failure difference; // the first one, if not same
    uint64_t digest;               // of the run as executed now, 0 if it could not be
    uint64_t events;
    uint64_t records;   // of the stored trace, all compared
    uint32_t snapshots; // of the state, all compared
    uint32_t metrics;   // and histograms, all compared
    double wall_seconds;
};

// Compares in this order: inputs with their digest, the columns that repeat the inputs, the trace
// record by record where there is one, its snapshots byte by byte, the digest, the metrics, the
// histograms. False with a failure only if it cannot be told: the database, memory, or a run of
// another host.
bool aur_verify_run(struct aur_store *store, const struct aur_stored_summary *run,
                    aur_progress *progress, void *context, struct aur_verdict *verdict,
                    struct aur_failure *failure);

#endif
