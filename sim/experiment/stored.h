// A stored run, found by what a user calls it.
#ifndef AURORA_SIM_EXPERIMENT_STORED_H
#define AURORA_SIM_EXPERIMENT_STORED_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/failure.h"
#include "store/store.h"

// A copy of a run's row that outlives the walk. Longer texts are cut.
struct aur_stored_summary {
    int64_t id;
    uint64_t digest, inputs_digest, seed, events, end_ns;
    uint32_t replication, trace_chunks;
    double wall_seconds;
    char experiment[128];
    char label[512];
    char host[32];
    char scheduler[32];
    char workload[128];
    char finished[32];
};

bool aur_stored_summary(struct aur_store *store, int64_t run_id, struct aur_stored_summary *summary,
                        struct aur_failure *failure);

// word: a run's number, "latest", or the first hexadecimal digits (at least 4) of the digest of
// exactly one run. Where a word may be both, the number is meant.
bool aur_stored_find(struct aur_store *store, const char *database, const char *word,
                     struct aur_stored_summary *summary, struct aur_failure *failure);

#endif
