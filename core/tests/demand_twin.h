// A slow and obvious twin of sjf and srtf: no tree, each burst has what it declared, what is left
// and when it arrived, and who is next is found by looking at all of them. It watches a host whose
// only class is the one of the fair slot, and predicts every DISPATCH.
#ifndef AURORA_CORE_TESTS_DEMAND_TWIN_H
#define AURORA_CORE_TESTS_DEMAND_TWIN_H

#include "tests/host.h"

struct demand_burst {
    bool waits, begun;
    uint32_t cpu;
    uint64_t declared_ns; // for this burst or, asleep, the next; 0: not
    uint64_t left_ns;
    uint64_t arrived; // as the n-th of all
};

struct demand_twin {
    bool preemptive; // srtf
    uint64_t now_ns, arrivals;
    uint32_t curr[AUR_CPUS_MAX]; // may go on, or NONE
    bool yielded[AUR_CPUS_MAX];
    struct demand_burst bursts[64];
    uint64_t predictions; // DISPATCHes that had a choice
};

// Makes the twin watch the host, whose tasks are at most 64.
void demand_twin_watch(struct demand_twin *twin, struct host *host, bool preemptive);

// At the end of an instant: under srtf nobody waits beside a task that has more left.
void demand_twin_settled(struct demand_twin *twin, struct host *host);

// Random runs of the class against its twin.
void demand_twin_random(const char *class, bool preemptive, uint64_t seed);

#endif
