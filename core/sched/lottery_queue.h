// The runqueue of lottery scheduling: its entities in a tree of ticket sums. See lottery.c.
#ifndef AURORA_SCHED_LOTTERY_QUEUE_H
#define AURORA_SCHED_LOTTERY_QUEUE_H

#include "lib/rbtree.h"
#include "sched/fair.h"

// Invariant: sum is that of the tickets in its subtree of the tree. A cache line each.
struct lottery_entity {
    struct aur_fair_entity fair;
    struct aur_rb_node node;
    uint32_t used_ns;  // of its quantum, while it has the CPU; at most all of it
    uint32_t spent_ns; // of its last quantum, for which it is compensated; 0: it is not
    uint64_t sequence; // order of arrival in the queue
    uint64_t tickets;  // it competes with: weight, inflated if it is compensated
    uint64_t sum;
    uint64_t reserved;
};

// Invariant: the tree is ordered by arrival and holds the entities of the queue but curr; winner is
// the entity of the queue whose quantum it is, NONE if that is yet to be drawn.
struct lottery_queue {
    struct aur_fair_queue fair;
    struct aur_rb_root tree;
    uint32_t winner;
    uint32_t drawn; // the winner was drawn, and nothing has changed since
    uint64_t draw;  // the winning ticket, if drawn
    uint64_t arrivals;
    uint64_t stream;
};

#endif
