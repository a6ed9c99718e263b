// The inputs of one run, resolved: everything that its outcome depends on and nothing else.
// Their digest is the run's identity; their encoding is stored, so that any machine can re-run it.
#ifndef AURORA_SIM_INPUTS_H
#define AURORA_SIM_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <aurora/agent.h>

#include "engine/failure.h"
#include "machine/machine.h"
#include "machine/scheduler.h"
#include "workload/workload.h"

// A CPU that takes no tasks from one instant until another.
struct aur_outage {
    uint32_t cpu;
    uint32_t reserved; // 0
    uint64_t from_ns;
    uint64_t to_ns; // AUR_NEVER_NS: until the end
};
#define AUR_OUTAGES_MAX 64u

// What is wrong with a list of them on a machine of so many CPUs, or NULL: they are sorted by
// instant, each ends after it begins, those of one CPU do not touch, and at every instant a CPU
// is left. *at, which may be NULL, is the number of the one that is at fault.
const char *aur_outages_fault(const struct aur_outage *outages, uint32_t count, uint64_t cpus,
                              uint32_t *at);
void aur_outages_sort(struct aur_outage *outages, uint32_t count);

struct aur_inputs {
    struct aur_machine machine;
    struct aur_scheduler_choice scheduler; // of OTHER, BATCH and IDLE tasks
    // Where `scheduler` is the class agent: the agent, built for one CPU and one task; else NULL.
    struct aur_image *agent;
    struct aur_scheduler_choice above[AUR_SLOT_FAIR]; // of the slots above: enum aur_slot
    uint64_t seed;
    uint32_t replication; // 0, 1, ...: another set of random streams each
    uint32_t outage_count;
    struct aur_outage outages[AUR_OUTAGES_MAX]; // by instant; those of one CPU are apart
    uint64_t duration_ns;                       // 0: the workload's own
    uint64_t warmup_ns;                         // metrics start here
    struct aur_workload workload;
};

// The default machine, Linux's classes above the fair one, no fair class and no workload yet.
void aur_inputs_init(struct aur_inputs *inputs);
void aur_inputs_free(struct aur_inputs *inputs);

// Appends nothing but the fields above (lines of ops left out), little-endian, versioned.
// Returns a malloc'ed buffer and its size, NULL when memory is out.
uint8_t *aur_inputs_encode(const struct aur_inputs *inputs, size_t *size);

// Reads an encoding, from anywhere: every count and index is checked. One of version 1, which had
// the fair class only, no groups and no outages, is read as what it meant: Linux's usual classes
// above it. Encoding that again gives version 2, hence another digest.
bool aur_inputs_decode(struct aur_inputs *inputs, const uint8_t *bytes, size_t size,
                       struct aur_failure *failure);

// 64-bit digest of an encoding.
uint64_t aur_inputs_digest(const uint8_t *bytes, size_t size);

#endif
