// Which class serves a slot, and with which parameters.
#ifndef AURORA_SIM_SCHEDULER_H
#define AURORA_SIM_SCHEDULER_H

#include <stdbool.h>
#include <stdint.h>

#include <aurora/sched.h>
#include <aurora/task.h>

#include "engine/failure.h"
#include "workload/workload.h"

#define AUR_CLASS_NAME_BYTES 16u

// By name, so that a stored run means the same in a build with more classes; params in the order
// of the class's list.
struct aur_scheduler_choice {
    char name[AUR_CLASS_NAME_BYTES];
    uint64_t params[AUR_CLASS_PARAMS];
};

struct aur_inputs;

// The choice that serves a slot (enum aur_slot).
const struct aur_scheduler_choice *aur_scheduler_of(const struct aur_inputs *inputs, uint32_t slot);

// What experiment files call the slots above the fair one: "deadline", "realtime".
// The slots that an experiment chooses a class for; an agent is a choice of the fair one's.
#define AUR_SCHEDULER_SLOTS (AUR_SLOT_FAIR + 1u)

extern const char *const aur_scheduler_slots[AUR_SLOT_FAIR + 1]; // ended by NULL

// The class with its default parameters.
void aur_scheduler_choose(struct aur_scheduler_choice *choice, const struct aur_class_info *info);

// The choice's parameters as the core of a run gets them. Of a class of AUR_CLASS_RANDOM `seed` is
// replaced by the upper 32 bits of the first number of the stream (engine/random.h) of the run's
// seed and replication, of kind 2^32 - 2 and index slot * 2^32 + seed: so replications draw apart
// from each other, while the inputs, and hence their digest, hold what the experiment says.
void aur_scheduler_params(const struct aur_inputs *inputs, uint32_t slot,
                          uint64_t params[AUR_CLASS_PARAMS]);

// Does the class draw at random, so that replications of a run differ?
bool aur_scheduler_is_random(const struct aur_scheduler_choice *choice);

// How many parameters a class has.
uint32_t aur_class_params(const struct aur_class_info *info);

// The name of a parameter's value, or NULL if its values are numbers or it has no such value.
const char *aur_class_param_choice(const struct aur_class_param *param, uint64_t value);

// Does the workload have, at any time, tasks that the slot serves?
bool aur_scheduler_is_needed(const struct aur_workload *workload, uint32_t slot);

// Refuses, in one line, classes that this build does not have or that cannot serve the slot or the
// workload: a deadline slot without servers, task groups under a class that knows none.
bool aur_scheduler_check(const struct aur_scheduler_choice *choice, uint32_t slot,
                         const struct aur_workload *workload, struct aur_failure *failure);

#endif
