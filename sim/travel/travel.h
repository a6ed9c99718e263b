// Reconstruction: the state of a run's core before any record of its log, or at any instant.
#ifndef AURORA_SIM_TRAVEL_TRAVEL_H
#define AURORA_SIM_TRAVEL_TRAVEL_H

#include <stdbool.h>
#include <stdint.h>

#include <aurora/core.h>

#include "engine/failure.h"
#include "machine/inputs.h"
#include "travel/log.h"

// Where the state is, and what it has beside it. Read core and position; change nothing.
// Invariant: `core` is what the log's first position.records records lead to, and `log` stands
// behind these; not so if `lost`.
struct aur_travel {
    struct aur_core *core;
    struct aur_position position;
    struct aur_log_reader log;
    struct aur_core *start; // before the first record
    struct aur_core *spare; // as large: for working copies
    struct aur_record *ring;
    bool lost;        // a failure has left no state: the next journey starts from a snapshot
    uint64_t stepped; // events stepped so far, and
    uint64_t opened;  // snapshots opened, in all journeys
};

// Begins before the first record of a log of `inputs`, which it asks only for the first state.
// The source must outlive it. Errors: memory, inputs that this build cannot run.
bool aur_travel_init(struct aur_travel *travel, const struct aur_log_source *source,
                     const struct aur_inputs *inputs, struct aur_failure *failure);
void aur_travel_free(struct aur_travel *travel);

// Goes to the state before record number `record`; before its event, if it is an action. Beyond
// the last record: to the end. From the nearest snapshot, or from where it stands if that is
// nearer. Errors: a damaged source, or a step that gives other actions than the log holds; the
// failure names the record.
bool aur_travel_to_record(struct aur_travel *travel, uint64_t record, struct aur_failure *failure);

// Goes to the state after all events at or before the instant.
bool aur_travel_to_instant(struct aur_travel *travel, uint64_t now_ns, struct aur_failure *failure);

// Takes one step; *end if there is none. `step` gets its records as aur_log_reader_peek gives
// them; they are valid until the next call.
bool aur_travel_step(struct aur_travel *travel, const struct aur_record **step, uint32_t *count,
                     struct aur_failure *failure);

#endif
