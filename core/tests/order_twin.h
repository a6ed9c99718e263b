// A slow and obvious twin of the classes that are defined by the order of waiting tasks: fifo, rr,
// prio and mlfq. It has no queues: each waiting task has a place (a number), and who is next is
// found by looking at all of them. It watches a host and predicts every DISPATCH.
#ifndef AURORA_CORE_TESTS_ORDER_TWIN_H
#define AURORA_CORE_TESTS_ORDER_TWIN_H

#include "tests/host.h"

enum order_kind {
    ORDER_FIFO,
    ORDER_RR,
    ORDER_PRIO,
    ORDER_MLFQ
};

struct order_task {
    bool waits;
    uint32_t cpu;
    int64_t place; // smaller is nearer to the head
    uint64_t level;
    uint64_t used_ns, spent_ns;
    uint64_t used_elsewhere_ns; // prio: in the slot that it is not in now
};

struct order_twin {
    enum order_kind kind;
    uint64_t quantum_ns, boost_ns, allotment; // as far as the kind has them
    uint32_t levels;
    uint64_t now_ns;
    int64_t front, back;         // the next places
    uint32_t curr[AUR_CPUS_MAX]; // may go on, or NONE
    bool yielded[AUR_CPUS_MAX];
    struct order_task tasks[64];
    uint64_t predictions; // DISPATCHes that had a choice
};

// Makes the twin watch the host, whose tasks are at most 64. The class's parameters are the
// host's, of the fair slot.
void order_twin_watch(struct order_twin *twin, struct host *host, enum order_kind kind);

// At the end of an instant: nobody runs while somebody more urgent waits on his CPU, and nobody
// has overrun his turn while an equal waits. With a tick either may last until the next one.
void order_twin_settled(struct order_twin *twin, struct host *host);

// Random runs of the class against its twin, with changes of policy and nice (and of prio's periods
// and deadlines) if `changes`.
void order_twin_random(const char *class, enum order_kind kind, uint64_t seed, bool changes);

#endif
