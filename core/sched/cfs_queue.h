// The runqueue of CFS: its entities in a tree by vruntime. See cfs.c for the formulas.
#ifndef AURORA_SCHED_CFS_QUEUE_H
#define AURORA_SCHED_CFS_QUEUE_H

#include "lib/rbtree.h"
#include "sched/fair.h"

// Invariant: vruntime counts from the min_vruntime of `home`; with home NONE it is relative to
// min_vruntime, on its way to another queue. A cache line each.
struct cfs_entity {
    struct aur_fair_entity fair;
    struct aur_rb_node node;
    uint32_t home;
    uint32_t idle; // it is counted as one of SCHED_IDLE
    uint64_t vruntime;
    uint64_t ran_ns;     // in this slice: sum_exec_runtime - prev_sum_exec_runtime
    uint64_t exec_at_ns; // last on a CPU (exec_start); 0 never, or not on this one
    uint64_t reserved;
};

// Invariant: the tree is ordered by vruntime and holds the entities of the queue but curr;
// min_vruntime never goes back; next, last and skip are entities of the queue, or NONE; idle counts
// the tasks of SCHED_IDLE in it.
struct cfs_queue {
    struct aur_fair_queue fair;
    struct aur_rb_root tree;
    uint64_t min_vruntime;
    uint32_t next; // who preempted: wants to run
    uint32_t last; // who was preempted: has the cache warm
    uint32_t skip; // who yielded
    uint32_t idle;
    uint64_t latency_ns, granularity_ns, wakeup_ns; // the tunables as they count, of queue 0
};

static inline struct cfs_entity *cfs_entities(const struct aur_core *core, uint32_t slot)
{
    return aur_class_tasks(core, slot);
}

static inline struct cfs_queue *cfs_queue_at(const struct aur_core *core, uint32_t slot,
                                             uint32_t queue)
{
    return aur_class_cpu(core, slot, queue);
}

static inline bool cfs_before(uint64_t a, uint64_t b)
{
    return (int64_t)(a - b) < 0;
}

// calc_delta_fair.
static inline uint64_t cfs_virtual_ns(uint64_t delta_ns, uint32_t weight)
{
    return weight == AUR_NICE_0_WEIGHT ? delta_ns : delta_ns * AUR_NICE_0_WEIGHT / weight;
}

static inline bool entity_before(const void *nodes, uint32_t a, uint32_t b)
{
    const unsigned char *base = (const unsigned char *)nodes - offsetof(struct cfs_entity, node);
    const struct cfs_entity *all = (const struct cfs_entity *)(const void *)base;
    return cfs_before(all[a].vruntime, all[b].vruntime);
}

static const struct aur_rb_ops cfs_by_vruntime = {.stride = sizeof(struct cfs_entity),
                                                  .less = entity_before};

static inline void *cfs_nodes(const struct aur_core *core, uint32_t slot)
{
    return &cfs_entities(core, slot)->node;
}

#endif
