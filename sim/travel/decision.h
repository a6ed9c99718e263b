// A decision of a log, explained: who could have run on the CPU, who did, and why.
#ifndef AURORA_SIM_TRAVEL_DECISION_H
#define AURORA_SIM_TRAVEL_DECISION_H

#include <stdbool.h>
#include <stdint.h>

#include <aurora/explain.h>

#include "engine/failure.h"
#include "travel/travel.h"

// What the task was when the decision fell.
struct aur_decision_task {
    uint32_t number; // in the order in which the log makes tasks, or NONE
    uint8_t policy;  // enum aur_policy
    int8_t nice;
    uint8_t priority;
};

struct aur_decision {
    uint64_t record; // of the DISPATCH
    struct aur_explanation explanation;
    struct aur_decision_task *tasks;      // by candidate; for a group only number is said: NONE
    uint32_t previous, picked, runner_up; // numbers of tasks, or NONE
};

// Explains the DISPATCH that is record number `record`; the journey ends behind it. What the core
// picks must be what the log says that it picked. Free the decision with aur_decision_free, also
// after a failure.
bool aur_decision_explain(struct aur_travel *travel, uint64_t record, struct aur_decision *decision,
                          struct aur_failure *failure);
void aur_decision_free(struct aur_decision *decision);

// Who has the CPU after all events at or before the traveller's place: number of the task, or NONE.
uint32_t aur_decision_running(const struct aur_travel *travel, uint32_t cpu);

// The decisions in force at an instant: decided[cpu] gets the record of the last DISPATCH of each
// CPU at or before it, or NO_RECORD.
bool aur_decision_in_force(struct aur_travel *travel, uint64_t now_ns,
                           uint64_t decided[AUR_CPUS_MAX], struct aur_failure *failure);

#endif
