// A slow twin of the eevdf class: an array of tasks, V and eligibility taken from their definitions
// with 128-bit integers, the pick found by looking at all. It shares with the class only what is
// stored in whole virtual nanoseconds, and is told when the core charges a CPU. It watches a host
// and predicts every DISPATCH and every preemption.
#ifndef AURORA_CORE_TESTS_EEVDF_TWIN_H
#define AURORA_CORE_TESTS_EEVDF_TWIN_H

#include "tests/host.h"

struct eevdf_twin_task {
    bool queued, delayed;
    bool keeps_deadline; // the deadline is relative to v until it is queued again
    uint32_t cpu, weight;
    __int128 v, deadline, protected_until;
    __int128 lag; // virtual, when it left
    uint64_t slice_ns;
    uint64_t arrival; // breaks ties of deadlines
};

struct eevdf_twin {
    struct eevdf_twin_task tasks[64];
    uint32_t curr[AUR_CPUS_MAX];
    bool due[AUR_CPUS_MAX]; // a DISPATCH is pending
    uint64_t clock_ns[AUR_CPUS_MAX];
    uint64_t arrivals;
    uint64_t base_slice_ns;
    uint64_t picks, preemptions, delays; // where there was a choice
};

// Makes the twin watch the host, whose tasks are at most 64, all of them in the fair slot.
void eevdf_twin_watch(struct eevdf_twin *twin, struct host *host);

// At the end of an instant, tickless: the timer is armed for the end of the running slice.
void eevdf_twin_settled(struct eevdf_twin *twin, struct host *host);

#endif
