// What sjf and srtf share: tasks in the order of the CPU time that they say their burst takes
// (AUR_ATTR_DEMAND_NS). A burst begins when the task wakes, starts, or declares a demand, and its
// demand is what was declared last; 0 is none: such tasks come last.
//
// Nice values, batch and idle make no difference.
//
// Invariant: the tree holds the waiting tasks by (key_ns, sequence, index); a key does not change
// while its task is in the tree.
#ifndef AURORA_SCHED_DEMAND_H
#define AURORA_SCHED_DEMAND_H

#include "sched/keys.h"
#include "step/state.h"

struct aur_demand_task {
    struct aur_rb_node node; // first: the tree finds it there
    uint32_t begun;          // it has run in this burst
    uint64_t key_ns;         // in the tree
    uint64_t sequence;       // of its arrival, over all CPUs
    uint64_t demand_ns;      // of the burst it is in, 0: not declared
    uint64_t left_ns;        // of demand_ns
    uint32_t wakeups;        // of the task when the burst began
    uint32_t place;          // set by number_places only
};

struct aur_demand_cpu {
    struct aur_rb_root waiting;
    uint32_t curr;    // running task of this class, or NONE
    uint32_t yielded; // task that gave up its turn, or NONE
    uint32_t again;   // task that was picked last although it had yielded, or NONE: for versus
    uint32_t reserved;
};

#define AUR_DEMAND_UNKNOWN_NS UINT64_MAX // the key of a burst whose demand was not declared
#define AUR_DEMAND_LEAST_NS   1          // that can be declared

static inline struct aur_demand_task *aur_demand_at(const struct aur_core *core, uint32_t slot,
                                                    uint32_t task)
{
    return (struct aur_demand_task *)aur_class_tasks(core, slot) + task;
}

static inline bool aur_demand_less(const void *nodes, uint32_t a, uint32_t b)
{
    const struct aur_demand_task *tasks = nodes;
    if (tasks[a].key_ns != tasks[b].key_ns)
        return tasks[a].key_ns < tasks[b].key_ns;
    if (tasks[a].sequence != tasks[b].sequence)
        return tasks[a].sequence < tasks[b].sequence;
    return a < b;
}

static const struct aur_rb_ops aur_demand_order = {.stride = sizeof(struct aur_demand_task),
                                                   .less = aur_demand_less};

static inline void aur_demand_init(struct aur_core *core, uint32_t slot)
{
    for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++) {
        struct aur_demand_cpu *queue = aur_class_cpu(core, slot, cpu);
        aur_rb_init(&queue->waiting);
        queue->curr = AUR_NONE;
        queue->yielded = AUR_NONE;
        queue->again = AUR_NONE;
    }
}

static inline void aur_demand_task_init(struct aur_core *core, uint32_t slot, uint32_t task)
{
    memset(aur_demand_at(core, slot, task), 0, sizeof(struct aur_demand_task));
}

static inline uint64_t aur_demand_declared_ns(const struct aur_demand_task *demand)
{
    return demand->demand_ns == 0 ? AUR_DEMAND_UNKNOWN_NS : demand->demand_ns;
}

// A task comes to the queue: is it in another burst than when it left? A change of attributes keeps
// its arrival, but where it comes from a lower slot.
static inline void aur_demand_arrive(struct aur_core *core, uint32_t slot, uint32_t cpu,
                                     uint32_t task, uint32_t flags)
{
    struct aur_demand_cpu *queue = aur_class_cpu(core, slot, cpu);
    struct aur_demand_task *demand = aur_demand_at(core, slot, task);
    const struct aur_task *t = aur_task_at(core, task);
    bool changed_slot = (flags & (AUR_ENQUEUE_TAIL | AUR_ENQUEUE_HEAD)) != 0;
    if (queue->yielded == task && (!(flags & AUR_ENQUEUE_CHANGE) || changed_slot))
        queue->yielded = AUR_NONE;
    if (flags & (AUR_ENQUEUE_WAKE | AUR_ENQUEUE_INITIAL | AUR_ENQUEUE_TAIL))
        demand->sequence = core->tickets++;
    bool woken = (flags & AUR_ENQUEUE_INITIAL) || demand->wakeups != t->wakeups;
    if (woken)
        demand->begun = 0;
    if (woken || (flags & AUR_ENQUEUE_DEMAND) || demand->demand_ns != t->demand_ns) {
        demand->demand_ns = t->demand_ns;
        demand->left_ns = t->demand_ns;
        demand->wakeups = t->wakeups;
    }
}

// `key_ns` is what the class orders by.
static inline void aur_demand_add(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                                  uint64_t key_ns)
{
    struct aur_demand_cpu *queue = aur_class_cpu(core, slot, cpu);
    aur_demand_at(core, slot, task)->key_ns = key_ns;
    aur_rb_insert(&aur_demand_order, aur_class_tasks(core, slot), &queue->waiting, task);
}

static inline void aur_demand_dequeue(struct aur_core *core, uint32_t slot, uint32_t cpu,
                                      uint32_t task, uint32_t flags)
{
    (void)flags;
    struct aur_demand_cpu *queue = aur_class_cpu(core, slot, cpu);
    if (queue->curr == task)
        queue->curr = AUR_NONE;
    else
        aur_rb_erase(&aur_demand_order, aur_class_tasks(core, slot), &queue->waiting, task);
}

// The first in the tree, or NONE.
static inline uint32_t aur_demand_first(const struct aur_demand_cpu *queue)
{
    return aur_rb_empty(&queue->waiting) ? AUR_NONE : queue->waiting.first;
}

static inline void aur_demand_set_next(struct aur_core *core, uint32_t slot, uint32_t cpu,
                                       uint32_t task)
{
    struct aur_demand_cpu *queue = aur_class_cpu(core, slot, cpu);
    aur_rb_erase(&aur_demand_order, aur_class_tasks(core, slot), &queue->waiting, task);
    queue->curr = task;
    aur_demand_at(core, slot, task)->begun = queue->yielded != task;
}

static inline void aur_demand_update_curr(struct aur_core *core, uint32_t slot, uint32_t cpu,
                                          uint32_t task, uint64_t ran_ns)
{
    (void)cpu;
    struct aur_demand_task *demand = aur_demand_at(core, slot, task);
    demand->left_ns -= ran_ns < demand->left_ns ? ran_ns : demand->left_ns;
}

// It goes behind those that are as short as it, and is not ahead for having begun.
static inline void aur_demand_yield(struct aur_core *core, uint32_t slot, uint32_t cpu,
                                    uint32_t task)
{
    struct aur_demand_cpu *queue = aur_class_cpu(core, slot, cpu);
    queue->yielded = task;
    aur_demand_at(core, slot, task)->sequence = core->tickets++;
    aur_demand_at(core, slot, task)->begun = 0;
}

// The first in the order that may move: the shortest gain most by not waiting.
static inline uint32_t aur_demand_balance(struct aur_core *core, uint32_t slot, uint32_t from,
                                          uint32_t to)
{
    uint32_t task = aur_demand_first(aur_class_cpu(core, slot, from));
    for (uint32_t scan = AUR_BALANCE_SCAN; task != AUR_NONE && task != AUR_RB_NIL && scan > 0;
         scan--) {
        if (aur_can_move(core, task, to))
            return task;
        task = aur_rb_next(&aur_demand_order, aur_class_tasks(core, slot), task);
    }
    return AUR_NONE;
}

// Of two with one key.
static inline bool aur_demand_arrived_before(const struct aur_core *core, uint32_t slot, uint32_t a,
                                             uint32_t b)
{
    const struct aur_demand_task *x = aur_demand_at(core, slot, a);
    const struct aur_demand_task *y = aur_demand_at(core, slot, b);
    return x->sequence != y->sequence ? x->sequence < y->sequence : a < b;
}

// Whether the running task would come before `other` if both were waiting; its key is `key_ns`.
static inline bool aur_demand_before(const struct aur_core *core, uint32_t slot, uint32_t curr,
                                     uint64_t key_ns, uint32_t other)
{
    uint64_t other_ns = aur_demand_at(core, slot, other)->key_ns;
    return key_ns != other_ns ? key_ns < other_ns
                              : aur_demand_arrived_before(core, slot, curr, other);
}

// goes_on: nobody waits who is ahead of the running task.
static inline uint32_t aur_demand_pick(struct aur_core *core, uint32_t slot, uint32_t cpu,
                                       bool goes_on)
{
    struct aur_demand_cpu *queue = aur_class_cpu(core, slot, cpu);
    queue->again = AUR_NONE;
    if (!goes_on)
        return aur_demand_first(queue);
    if (queue->yielded == queue->curr) {
        queue->again = queue->curr;
        queue->yielded = AUR_NONE;
        aur_demand_at(core, slot, queue->curr)->begun = 1;
    }
    return queue->curr;
}

// Numbers the tasks in the order of their turns; goes_on says whether the running one is ahead of
// a waiting one.
static inline void aur_demand_number(struct aur_core *copy, uint32_t slot, uint32_t cpu,
                                     bool (*goes_on)(const struct aur_core *core, uint32_t slot,
                                                     uint32_t cpu, uint32_t other))
{
    const struct aur_demand_cpu *queue = aur_class_cpu(copy, slot, cpu);
    uint32_t place = 1, task = aur_demand_first(queue);
    bool numbered = queue->curr == AUR_NONE;
    for (; task != AUR_NONE && task != AUR_RB_NIL;
         task = aur_rb_next(&aur_demand_order, aur_class_tasks(copy, slot), task)) {
        if (!numbered && goes_on(copy, slot, cpu, task)) {
            aur_demand_at(copy, slot, queue->curr)->place = place++;
            numbered = true;
        }
        aur_demand_at(copy, slot, task)->place = place++;
    }
    if (!numbered)
        aur_demand_at(copy, slot, queue->curr)->place = place;
}

static inline int64_t aur_demand_key(uint64_t ns)
{
    return ns == AUR_DEMAND_UNKNOWN_NS ? INT64_MAX : (int64_t)ns;
}

// The picked one was ahead by `rule`, of which the key is `key`, or at a tie by `tie`; wins_tie:
// with the same key the other would have been.
static inline void aur_demand_versus(struct aur_verdict *verdict, enum aur_key key,
                                     enum aur_rule rule, enum aur_rule tie, uint64_t picked_ns,
                                     uint64_t other_ns, bool wins_tie)
{
    int64_t needs = aur_demand_key(picked_ns) - !wins_tie;
    aur_verdict_set(verdict, picked_ns == other_ns ? tie : rule, AUR_KEY_NONE, AUR_OF_OTHER, 0, 0);
    if (needs < AUR_DEMAND_LEAST_NS)
        return;
    verdict->key = (uint32_t)key;
    verdict->has = aur_demand_key(other_ns);
    verdict->needs = needs;
}

static inline const char *aur_demand_check(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const struct aur_demand_cpu *queue = aur_class_cpu(core, slot, cpu);
    void *nodes = aur_class_tasks(core, slot);
    uint32_t count;
    if (!aur_rb_valid(&aur_demand_order, nodes, &queue->waiting, core->tasks_used, &count))
        return "the bursts are out of order";
    if (!aur_may_have_cpu(core, slot, cpu, queue->curr))
        return "another task than the running one has the CPU";
    if (count + (queue->curr != AUR_NONE) != aur_cpu_at(core, cpu)->nr_class[slot])
        return "the tree and the running task are not all runnable tasks";
    for (uint32_t task = queue->waiting.first; task != AUR_RB_NIL;
         task = aur_rb_next(&aur_demand_order, nodes, task)) {
        const struct aur_task *t = aur_task_at(core, task);
        const struct aur_demand_task *demand = aur_demand_at(core, slot, task);
        if (t->state != AUR_TASK_RUNNABLE || t->cpu != cpu || t->slot != slot)
            return "the tree holds a task that does not belong there";
        if (demand->left_ns > demand->demand_ns || demand->demand_ns != t->demand_ns)
            return "more of a burst is left than was declared, or it was declared otherwise";
    }
    return NULL;
}

#endif
