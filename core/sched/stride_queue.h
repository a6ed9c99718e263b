// The runqueue of stride scheduling: its entities in a tree by pass. See stride.c for the formulas.
#ifndef AURORA_SCHED_STRIDE_QUEUE_H
#define AURORA_SCHED_STRIDE_QUEUE_H

#include "lib/rbtree.h"
#include "sched/fair.h"

// A pass, and the part of one more that is still owed: rest / tickets of it.
// Invariant: rest < tickets that it was last moved on with.
struct stride_pass {
    uint64_t pass;
    uint64_t rest;
};

// Invariant: off a queue remain is what pass - global_pass was when it left.
struct stride_entity {
    struct aur_fair_entity fair;
    struct aur_rb_node node;
    uint32_t reserved;
    struct stride_pass at;
    int64_t remain;
    uint64_t used_ns; // of its quantum, while it has the CPU
};

// Invariant: the tree is ordered by pass and holds the entities of the queue but curr; global.pass
// moves on by STRIDE1 * time / tickets, all of the queue's.
struct stride_queue {
    struct aur_fair_queue fair;
    struct aur_rb_root tree;
    uint32_t kept; // the last pick let curr go on with its quantum
    uint32_t reserved;
    struct stride_pass global;
};

static inline struct stride_entity *stride_entities(const struct aur_core *core, uint32_t slot)
{
    return aur_class_tasks(core, slot);
}

static inline struct stride_queue *stride_queue_at(const struct aur_core *core, uint32_t slot,
                                                   uint32_t queue)
{
    return aur_class_cpu(core, slot, queue);
}

static inline bool less_pass(const void *nodes, uint32_t a, uint32_t b)
{
    const unsigned char *base = (const unsigned char *)nodes - offsetof(struct stride_entity, node);
    const struct stride_entity *all = (const struct stride_entity *)(const void *)base;
    return (int64_t)(all[a].at.pass - all[b].at.pass) < 0;
}

static const struct aur_rb_ops stride_by_pass = {.stride = sizeof(struct stride_entity),
                                                 .less = less_pass};

static inline void *stride_nodes(const struct aur_core *core, uint32_t slot)
{
    return &stride_entities(core, slot)->node;
}

#endif
