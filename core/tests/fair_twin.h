// The frame of the slow twins of fair classes: it watches a host whose tasks are all in the fair
// slot and in no group, follows what its events and actions mean for a queue of each CPU, and
// compares every DISPATCH and every request for one with what the rules of a class say. The rules
// are written from the class's definition, over arrays, with 128-bit integers.
#ifndef AURORA_CORE_TESTS_FAIR_TWIN_H
#define AURORA_CORE_TESTS_FAIR_TWIN_H

#include "tests/host.h"

#define FAIR_TWIN_TASKS 64u

typedef __int128 wide;

struct fair_twin_task {
    bool queued;
    uint32_t cpu, weight;
    uint64_t arrival; // in the order of who waits: breaks ties
    // What the rules keep. v: vruntime or pass, rest: the fraction of it; lag: of v, while away.
    wide v, rest, lag;
    uint64_t used_ns, spent_ns, sequence;
    bool away; // lag is what counts, not v
};

struct fair_twin_queue {
    uint32_t curr;
    bool due; // a DISPATCH is pending
    uint64_t clock_ns;
    // What the rules keep. v: min_vruntime or global pass.
    wide v, rest;
    uint32_t next, last, skip, winner;
    uint64_t stream, sequences;
};

enum fair_twin_move {
    FAIR_TWIN_START,
    FAIR_TWIN_SLEEP, // or the wake after it
    FAIR_TWIN_MIGRATE,
    FAIR_TWIN_CHANGE, // leaves and comes back in one step
    FAIR_TWIN_EXIT
};

struct fair_twin {
    const struct fair_twin_rules *rules;
    const struct host *host;
    struct fair_twin_task tasks[FAIR_TWIN_TASKS];
    struct fair_twin_queue queues[AUR_CPUS_MAX];
    uint64_t arrivals;
    uint64_t picks, preemptions, draws; // where there was a choice
};

#define FAIR_TWIN_ENDLESS ((wide)1 << 100)

// `queued` and `curr` are as they were before join and after leave.
struct fair_twin_rules {
    void (*open)(struct fair_twin *twin, uint32_t cpu);
    void (*made)(struct fair_twin *twin, uint32_t task);
    void (*join)(struct fair_twin *twin, uint32_t cpu, uint32_t task, enum fair_twin_move how);
    void (*leave)(struct fair_twin *twin, uint32_t cpu, uint32_t task, enum fair_twin_move how);
    void (*reweight)(struct fair_twin *twin, uint32_t task, uint32_t weight); // it is not queued
    void (*charge)(struct fair_twin *twin, uint32_t cpu, uint64_t ran_ns);
    uint32_t (*pick)(struct fair_twin *twin, uint32_t cpu); // never without a task
    void (*on)(struct fair_twin *twin, uint32_t cpu, uint32_t task);
    void (*off)(struct fair_twin *twin, uint32_t cpu, uint32_t task);
    bool (*preempts)(struct fair_twin *twin, uint32_t cpu, uint32_t woken);
    bool (*tick)(struct fair_twin *twin, uint32_t cpu); // may be NULL
    wide (*left)(const struct fair_twin *twin, uint32_t cpu);
    void (*yield)(struct fair_twin *twin, uint32_t cpu);
};

extern const struct fair_twin_rules cfs_twin_rules, stride_twin_rules, lottery_twin_rules;

// Those queued on a CPU, curr included, and the sum of their weights.
uint32_t fair_twin_count(const struct fair_twin *twin, uint32_t cpu);
wide fair_twin_load(const struct fair_twin *twin, uint32_t cpu);
uint32_t fair_twin_policy(const struct fair_twin *twin, uint32_t task);
uint64_t fair_twin_param(const struct fair_twin *twin, uint32_t index);

// Random runs of `class` with the twin beside it; `changes`: weights, policies and affinities
// change while tasks are queued and running. Aborts the test where the two differ.
void fair_twin_random(const char *class, const struct fair_twin_rules *rules, uint64_t seed,
                      bool changes);

#endif
