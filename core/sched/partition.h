// Partitioned placement: each task is given one CPU for good, by bin packing with a bound on what a
// CPU may hold. Sources: Dhall and Liu, On a Real-Time Scheduling Problem, Operations Research 26,
// 1978; Lopez, Diaz, Garcia, Utilization Bounds for EDF Scheduling on Real-Time Multiprocessor
// Systems, Real-Time Systems 28, 2004.
//
// A load is a number that adds up on a CPU; the class says what it stands for and how much a CPU
// holds. A task that declares nothing has load 0 and goes where the fewest tasks are.
//
// Invariant: a CPU's `load` and `tasks` are the sum and the number of the shares placed there.
#ifndef AURORA_SCHED_PARTITION_H
#define AURORA_SCHED_PARTITION_H

#include "step/state.h"

// The values of a parameter `placement` and of a parameter `fit`.
enum {
    AUR_PLACEMENT_GLOBAL,
    AUR_PLACEMENT_PARTITIONED
};
extern const char *const aur_placement_choices[];

enum aur_fit {
    AUR_FIT_FIRST, // the CPU with the lowest number
    AUR_FIT_BEST,  // the one that is left with the least room
    AUR_FIT_WORST  // the one that is left with the most room
};
extern const char *const aur_fit_choices[];

// Of a CPU; the first member of the class's private state of a CPU.
struct aur_partition {
    uint64_t load;
    uint32_t tasks;
    uint32_t reserved;
};

// Of a task, in the class's private state; zero: it has no place.
struct aur_share {
    uint64_t load;
    uint32_t placed; // 1 more than the CPU
    uint32_t reserved;
};

#define AUR_LOAD_FULL (1ull << 30) // of one CPU, by both measures below

// runtime / period, rounded down, so that what fills a CPU exactly fits it: a CPU may be promised
// too much by less than 2^-30 a task. AUR_LOAD_FULL + 1 if it is above 1; 0 for a period of 0.
uint64_t aur_load_linear(uint64_t runtime_ns, uint64_t period_ns);

// log2(1 + load), rounded up: the sum over tasks stays within AUR_LOAD_FULL exactly if the product
// of 1 + load stays within 2, the hyperbolic bound of rate-monotonic scheduling (Bini, Buttazzo,
// Buttazzo, Rate Monotonic Analysis: The Hyperbolic Bound, IEEE Transactions on Computers 52,
// 2003).
uint64_t aur_load_hyperbolic(uint64_t linear);

// Gives the task a CPU of its affinity where `load` fits beside what is there, at most `full` in
// sum: the one that it has if it still fits there, else by the fit rule. Sets t->home. Refusal:
// NO_BANDWIDTH, with nothing changed; never if `force`, then the emptiest takes it.
enum aur_status aur_partition_place(struct aur_core *core, uint32_t slot, uint32_t task,
                                    struct aur_share *share, uint64_t load, uint64_t full,
                                    enum aur_fit fit, bool force);
// Takes the share off its CPU.
void aur_partition_withdraw(struct aur_core *core, uint32_t slot, struct aur_share *share);

// Would what is on this CPU fit into the room on the others, were it fluid?
bool aur_partition_can_go(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint64_t full);

#endif
