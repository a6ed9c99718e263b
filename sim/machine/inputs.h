// The inputs of one run, resolved: everything that its outcome depends on and nothing else.
// Their digest is the run's identity; their encoding is stored, so that any machine can re-run it.
#ifndef AURORA_SIM_INPUTS_H
#define AURORA_SIM_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <aurora/sched.h>

#include "engine/failure.h"
#include "machine/machine.h"
#include "workload/workload.h"

#define AUR_CLASS_NAME_BYTES 16u

// The class that schedules OTHER, BATCH and IDLE tasks, by name so that a stored run means the
// same in a build with more classes; params in the order of the class's list.
struct aur_scheduler_choice {
    char name[AUR_CLASS_NAME_BYTES];
    uint64_t params[AUR_CLASS_PARAMS];
};

struct aur_inputs {
    struct aur_machine machine;
    struct aur_scheduler_choice scheduler;
    uint64_t seed;
    uint32_t replication; // 0, 1, ...: another set of random streams each
    uint32_t reserved;
    uint64_t duration_ns; // 0: the workload's own
    uint64_t warmup_ns;   // metrics start here
    struct aur_workload workload;
};

void aur_inputs_init(struct aur_inputs *inputs);
void aur_inputs_free(struct aur_inputs *inputs);

// Appends nothing but the fields above (lines of ops left out), little-endian, versioned.
// Returns a malloc'ed buffer and its size, NULL when memory is out.
uint8_t *aur_inputs_encode(const struct aur_inputs *inputs, size_t *size);

// Reads an encoding, from anywhere: every count and index is checked.
bool aur_inputs_decode(struct aur_inputs *inputs, const uint8_t *bytes, size_t size,
                       struct aur_failure *failure);

// 64-bit digest of an encoding.
uint64_t aur_inputs_digest(const uint8_t *bytes, size_t size);

#endif
