// The inputs of one grid point on their way from the document: all but the workload's tasks.
#ifndef AURORA_SIM_EXPERIMENT_DRAFT_H
#define AURORA_SIM_EXPERIMENT_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

#include "experiment/experiment.h"
#include "experiment/patch.h"

#define AUR_AGENT_PATH 1024u

struct aur_draft {
    struct aur_machine machine;
    struct aur_scheduler_choice schedulers[AUR_SCHEDULER_SLOTS];
    char agent[AUR_AGENT_PATH]; // file of the agent that schedules fair tasks; "": none does
    struct aur_outage outages[AUR_OUTAGES_MAX];
    uint32_t outage_count;
    struct aur_value offline; // where they were given, for messages
    uint64_t seed;
    uint64_t duration_ns;
    uint64_t warmup_ns;
    struct aur_value warmup; // where it was given, for messages
    struct aur_value workload;
    struct aur_patch patches[AUR_PATCHES_MAX]; // into the workload
    uint32_t patch_count;
};

// Shorter paths first, so that "scheduler.levels" changes the class that "scheduler" chose;
// within the same length --set after the file, and axes after --set.
bool aur_draft_make(const struct aur_experiment *experiment, uint32_t point,
                    struct aur_draft *draft, struct aur_failure *failure);

#endif
