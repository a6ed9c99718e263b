// The log of a stored run: read from the database, or made again by executing the run's inputs
// where it was stored without a trace. Whoever reads it need not know which.
#ifndef AURORA_SIM_EXPERIMENT_STORED_LOG_H
#define AURORA_SIM_EXPERIMENT_STORED_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/failure.h"
#include "experiment/kept_log.h"
#include "experiment/stored.h"
#include "machine/inputs.h"
#include "store/store.h"
#include "travel/log.h"

struct aur_stored_log {
    struct aur_store *store;
    struct aur_stored_summary run;
    struct aur_inputs inputs;
    uint8_t *encoding; // of inputs
    size_t encoding_size;
    struct aur_log_source source;
    char **names; // of tasks, in the order in which the log makes them
    uint32_t name_count, name_room;
    bool differs; // executed again, it took other decisions: opening failed for that
    struct aur_kept_log kept;
    uint8_t *chunk, *plain; // what was read last
    bool lost;              // memory was out for a name
};

// Opens the log of `run`, at least up to until_ns. The store must outlive it. Free it with
// aur_stored_log_close, also after a failure. Errors: the database, inputs that this build does
// not know, and, for a run without a trace, other decisions than the stored digest says.
bool aur_stored_log_open(struct aur_stored_log *log, struct aur_store *store,
                         const struct aur_stored_summary *run, uint64_t until_ns,
                         struct aur_failure *failure);
void aur_stored_log_close(struct aur_stored_log *log);

// Opens only the inputs.
bool aur_stored_log_open_inputs(struct aur_stored_log *log, struct aur_store *store,
                                const struct aur_stored_summary *run, struct aur_failure *failure);

// The name of task number `task`, in the order in which the log makes them; NULL if it has none.
const char *aur_stored_log_name(const struct aur_stored_log *log, uint32_t task);

#endif
