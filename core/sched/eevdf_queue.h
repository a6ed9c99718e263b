// The runqueue of EEVDF: its entities in a tree by deadline, and its virtual time. See eevdf.c for
// the formulas.
//
// Invariant: the tree is ordered by deadline and holds every entity of the queue but the running
// one; avg_vruntime and avg_load are the sums over it; each node's min_vruntime and
// min_slice_ns are the least of its subtree, min_vruntime by signed distance.
//
// Range. A lag is at most two of the longest slices of wall time, 2^27.6 ns: w * lag < 2^37.6, and
// with the least weight of 2 a vruntime is within 2^37 of V. A joining entity's lag grows by
// (W + w) / W, which leaves W * lag as it was. So keys are below 2^38, products of a key and a
// weight (17 bits) below 2^55, those of a lag and the weight that it was had with below 2^38; and
// sums over a queue of load W below W * 2^37 at the very worst: W < 2^26 is safe, 65,536 tasks of
// nice 0. With slices of at most 3 ms the same holds for two million.
#ifndef AURORA_SCHED_EEVDF_QUEUE_H
#define AURORA_SCHED_EEVDF_QUEUE_H

#include "lib/rbtree.h"
#include "sched/fair.h"

// 64 bytes, so that a search touches one cache line a node. base.own is set while the deadline is
// relative to the vruntime.
struct eevdf_entity {
    struct aur_fair_entity base;
    struct aur_rb_node node;
    uint64_t vruntime;
    uint64_t deadline; // virtual
    uint64_t min_vruntime;
    int64_t vlag; // virtual lag when it left the queue
    uint32_t slice_ns;
    uint32_t min_slice_ns;
};
_Static_assert(sizeof(struct eevdf_entity) == 64, "an entity is a cache line");

struct eevdf_queue {
    struct aur_fair_queue base;
    struct aur_rb_root tree;
    uint32_t renewed; // who got a new slice by the last pick, or NONE: it won without protection
    uint32_t reserved;
    int64_t avg_vruntime;
    uint64_t avg_load;
    uint64_t min_vruntime;
    uint64_t vprot; // the running entity keeps the CPU until its vruntime is here
};

static inline int64_t key(const struct eevdf_queue *cfs, uint64_t vruntime)
{
    return (int64_t)(vruntime - cfs->min_vruntime);
}

// Wall time to virtual time: the heavier, the slower.
static inline uint64_t virtual_ns(uint64_t delta_ns, uint32_t weight)
{
    return weight == AUR_NICE_0_WEIGHT ? delta_ns : delta_ns * AUR_NICE_0_WEIGHT / weight;
}

// The tree, whose nodes lie in the entities.

static inline struct eevdf_entity *of_nodes(const void *nodes)
{
    return (struct eevdf_entity *)(uintptr_t)((const unsigned char *)nodes -
                                              offsetof(struct eevdf_entity, node));
}

static inline bool earlier_deadline(const void *nodes, uint32_t a, uint32_t b)
{
    const struct eevdf_entity *all = of_nodes(nodes);
    return (int64_t)(all[a].deadline - all[b].deadline) < 0;
}

static inline bool update_least(void *nodes, uint32_t index)
{
    struct eevdf_entity *all = of_nodes(nodes), *e = &all[index];
    uint64_t least = e->vruntime;
    uint32_t slice_ns = e->slice_ns;
    uint32_t children[2] = {e->node.left, e->node.right};
    for (int i = 0; i < 2; i++) {
        if (children[i] == AUR_RB_NIL)
            continue;
        const struct eevdf_entity *child = &all[children[i]];
        if ((int64_t)(child->min_vruntime - least) < 0)
            least = child->min_vruntime;
        if (child->min_slice_ns < slice_ns)
            slice_ns = child->min_slice_ns;
    }
    bool changed = e->min_vruntime != least || e->min_slice_ns != slice_ns;
    e->min_vruntime = least;
    e->min_slice_ns = slice_ns;
    return changed;
}

static const struct aur_rb_ops by_deadline = {
    .stride = sizeof(struct eevdf_entity), .less = earlier_deadline, .update = update_least};

static inline void tree_insert(struct eevdf_entity *all, struct eevdf_queue *cfs, uint32_t entity)
{
    struct eevdf_entity *e = &all[entity];
    cfs->avg_vruntime += key(cfs, e->vruntime) * (int64_t)e->base.weight;
    cfs->avg_load += e->base.weight;
    aur_rb_insert(&by_deadline, &all->node, &cfs->tree, entity);
}

static inline void tree_erase(struct eevdf_entity *all, struct eevdf_queue *cfs, uint32_t entity)
{
    struct eevdf_entity *e = &all[entity];
    aur_rb_erase(&by_deadline, &all->node, &cfs->tree, entity);
    cfs->avg_vruntime -= key(cfs, e->vruntime) * (int64_t)e->base.weight;
    cfs->avg_load -= e->base.weight;
}

// Virtual time.

struct average {
    int64_t sum;
    uint64_t load;
};

static inline struct average average(const struct eevdf_entity *all, const struct eevdf_queue *cfs)
{
    struct average a = {cfs->avg_vruntime, cfs->avg_load};
    if (cfs->base.curr != AUR_NONE) {
        const struct eevdf_entity *curr = &all[cfs->base.curr];
        a.sum += key(cfs, curr->vruntime) * (int64_t)curr->base.weight;
        a.load += curr->base.weight;
    }
    return a;
}

// V - v0, rounded down. An entity is eligible, w * (v - v0) <= sum, exactly if v - v0 <= this: the
// bound of an integer is that of its floor.
static inline int64_t floor_average(const struct eevdf_entity *all, const struct eevdf_queue *cfs)
{
    struct average a = average(all, cfs);
    if (a.load == 0)
        return 0;
    int64_t load = (int64_t)a.load;
    return (a.sum < 0 ? a.sum - (load - 1) : a.sum) / load;
}

static inline bool eligible(const struct eevdf_entity *all, const struct eevdf_queue *cfs,
                            uint64_t vruntime)
{
    return key(cfs, vruntime) <= floor_average(all, cfs);
}

// V, rounded down.
static inline uint64_t virtual_time(const struct eevdf_entity *all, const struct eevdf_queue *cfs)
{
    return cfs->min_vruntime + (uint64_t)floor_average(all, cfs);
}

// Moves v0 forward to the least vruntime; the sum is taken relative to it.
static inline void update_min_vruntime(const struct eevdf_entity *all, struct eevdf_queue *cfs)
{
    uint64_t least = cfs->min_vruntime;
    bool have = false;
    if (cfs->base.curr != AUR_NONE) {
        least = all[cfs->base.curr].vruntime;
        have = true;
    }
    if (!aur_rb_empty(&cfs->tree)) {
        uint64_t tree_least = all[cfs->tree.root].min_vruntime;
        if (!have || (int64_t)(tree_least - least) < 0)
            least = tree_least;
    }
    int64_t delta = (int64_t)(least - cfs->min_vruntime);
    if (delta > 0) {
        cfs->avg_vruntime -= (int64_t)cfs->avg_load * delta;
        cfs->min_vruntime = least;
    }
}

#endif
