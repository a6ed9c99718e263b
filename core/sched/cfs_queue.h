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

// Invariant: each is an entity of the queue, or NONE.
struct cfs_buddies {
    uint32_t next; // who preempted: wants to run
    uint32_t last; // who was preempted: has the cache warm
    uint32_t skip; // who yielded
};

// Invariant: the tree is ordered by vruntime and holds the entities of the queue but curr;
// min_vruntime never goes back; idle counts the tasks of SCHED_IDLE in it.
struct cfs_queue {
    struct aur_fair_queue fair;
    struct aur_rb_root tree;
    uint64_t min_vruntime;
    struct cfs_buddies buddies;
    uint32_t idle;
    uint64_t latency_ns, granularity_ns, wakeup_ns; // the tunables as they count, of queue 0
    // As the last pick found them, which forgets them where the slice of curr is over: for versus.
    struct cfs_buddies found;
    uint32_t reserved;
    uint64_t found_ran_ns; // of curr
};

// What the vruntime of one entity would have to be is found by supposing it (versus).
struct cfs_supposed {
    uint32_t entity; // or NONE
    uint64_t vruntime;
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

static inline uint64_t cfs_vruntime_of(const struct cfs_entity *all,
                                       const struct cfs_supposed *if_so, uint32_t entity)
{
    return entity == if_so->entity ? if_so->vruntime : all[entity].vruntime;
}

// The one of `a` and `b` with less vruntime, a if they are equal. Either may be NONE.
static inline uint32_t cfs_lesser(const struct cfs_entity *all, const struct cfs_supposed *if_so,
                                  uint32_t a, uint32_t b)
{
    if (a == AUR_NONE || b == AUR_NONE)
        return a == AUR_NONE ? b : a;
    return cfs_before(cfs_vruntime_of(all, if_so, b), cfs_vruntime_of(all, if_so, a)) ? b : a;
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

// The waiting entity with the least vruntime, and the one after `entity`, or NONE.
static inline uint32_t cfs_first(const struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    return aur_rb_empty(&q->tree) ? AUR_NONE : q->tree.first;
}

static inline uint32_t cfs_after(const struct aur_core *core, uint32_t slot, uint32_t queue,
                                 uint32_t entity)
{
    (void)queue;
    uint32_t next = aur_rb_next(&cfs_by_vruntime, cfs_nodes(core, slot), entity);
    return next == AUR_RB_NIL ? AUR_NONE : next;
}

// wakeup_gran: by how much of its own virtual time another may lead before `entity` is passed over.
uint64_t aur_cfs_wakeup_gran(const struct aur_core *core, uint32_t slot, uint32_t entity);

// The slice of curr, or sched_latency if that is less.
uint64_t aur_cfs_ideal_runtime_ns(const struct aur_core *core, uint32_t slot, uint32_t queue);

// Without a tick: how long until check_preempt_tick would end the slice of curr, which has run
// ran_ns of it and stands `behind` beyond the least vruntime that waits. One must be waiting.
uint64_t aur_cfs_until_preempted(const struct aur_core *core, uint32_t slot, uint32_t queue,
                                 uint64_t ran_ns, int64_t behind);

// pick_next_entity, once it is known who has the least vruntime, and the second least if that one
// is to be skipped (else NONE).
uint32_t aur_cfs_elect(const struct aur_core *core, uint32_t slot,
                       const struct cfs_buddies *buddies, const struct cfs_supposed *if_so,
                       uint32_t left, uint32_t second);

// The discipline's explain and versus (sched/fair.h).
void aur_cfs_explain(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                     struct aur_candidate *candidate);
void aur_cfs_versus(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t picked,
                    uint32_t other, struct aur_verdict *verdict);

#endif
