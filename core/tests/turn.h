// Turning a decision: a core at the moment of a DISPATCH is changed so that one key of one task has
// another value, by an event if there is one for it, else in the class's own state.
#ifndef AURORA_CORE_TESTS_TURN_H
#define AURORA_CORE_TESTS_TURN_H

#include <aurora/explain.h>

#include "step/state.h"

// Posts an event to the core, that of DISPATCH until it asks no more. moved, or NULL: set to true
// if an action moved a task.
enum aur_status turn_post(struct aur_core *core, enum aur_event_kind kind, uint64_t now_ns,
                          uint32_t cpu, uint32_t task, uint32_t object, uint64_t arg, bool *moved);

// Gives the task, which is one of the two of said->verdict, this value of the verdict's key. core
// is that of which `said` explains the next DISPATCH. False if there is no way to, or if more than
// the key would differ; then the core is spoilt.
bool turn_key(struct aur_core *core, const struct aur_explanation *said, uint32_t task,
              int64_t value);

#endif
