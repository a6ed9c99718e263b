// The table of capabilities in the state block.
#ifndef AURORA_POLICY_CAP_H
#define AURORA_POLICY_CAP_H

#include <aurora/cap.h>

#include "step/parts.h"

static inline struct aur_cap *aur_cap_at(const struct aur_core *core, uint32_t index)
{
    return (struct aur_cap *)(uintptr_t)((const unsigned char *)core + core->caps_at) + index;
}

// How often the task's slot has been used: tells a task from a later one of the same number.
static inline uint64_t *aur_birth_at(const struct aur_core *core, uint32_t task)
{
    return (uint64_t *)(uintptr_t)((const unsigned char *)core + core->births_at) + task;
}

#endif
