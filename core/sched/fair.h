// Fair classes: those that share a CPU in proportion to weights, over tasks and nested groups.
//
// What they have in common is the hierarchy of Linux's kernel/sched/fair.c: each CPU has a queue,
// each group has one on every CPU, and a group's queue is an entity in the queue of its parent, of
// a weight that is the group's part of what runs on that CPU. An event of a task walks up its
// ancestors; a pick walks down from the CPU's queue. fair_walk.h walks and counts, fair.c throttles
// and shares; a class only says how the entities of one queue are ordered. That is a discipline:
// cfs, eevdf, stride and lottery are one each.
//
// Numbering, in a core of T tasks, C CPUs and G groups:
//     entity t                 task t, below T
//     entity T + g * C + c     group g on CPU c
//     queue  c                 of CPU c, below C
//     queue  C + g * C + c     of group g on CPU c
#ifndef AURORA_SCHED_FAIR_H
#define AURORA_SCHED_FAIR_H

#include <aurora/explain.h>

#include "step/state.h"

#define AUR_NICE_0_WEIGHT 1024u

// Every discipline's entity begins with this. fair.c keeps it, but `weight`.
// Invariant: on_queue exactly if the entity is one of `queue`, waiting, running or delayed there.
// A group's entity stays on its parent's queue as long as its own has an entity, delayed ones too;
// once that is empty it may itself be delayed. A throttled group's entity is not on a queue.
struct aur_fair_entity {
    uint32_t weight; // by which it is charged; changed by reweight() only
    uint32_t queue;  // it is in, was in last; of a group: its parent's, always
    uint8_t on_queue;
    uint8_t delayed; // blocked (a task) or empty (a group), but left in to work off its lag
    uint16_t own;    // the discipline's
};

// Every discipline's queue begins with this. fair.c keeps it, but `curr`; it counts an entity in
// after enqueue() and out after dequeue() or finish_delayed() has returned.
// Invariant: queued counts the entities with on_queue and this queue, the running and the delayed
// included; load is the sum of their weights; tasks counts the runnable tasks in it and in the
// queues of its groups that are not throttled, and task_weight is the sum of their weights.
struct aur_fair_queue {
    uint32_t curr; // entity that runs, or holds the one that runs or ran last, or NONE; set by the
                   // discipline
    uint32_t queued;
    uint32_t delayed;
    uint32_t tasks;
    uint64_t load;
    uint64_t task_weight;
    // Of a group's queue: its part of the group's quota, and whether it is used up.
    int64_t runtime_left_ns;
    uint64_t throttled_at_ns; // NEVER: it is not
};

// As with the running task of a class, the running entity (curr) is not in the discipline's order
// but belongs to the queue: set_next takes it out, put_prev puts it back. When the running task
// leaves its queue, the groups above it stay curr of theirs until the next one is set: a group
// whose slice is protected goes on with another of its tasks.
struct aur_fair_discipline {
    uint32_t entity_size, queue_size;

    // What begins with the base has that set up, the rest is 0.
    void (*queue_init)(struct aur_core *core, uint32_t slot, uint32_t queue);
    void (*entity_init)(struct aur_core *core, uint32_t slot, uint32_t entity);

    // The entity joins or leaves the queue. flags: enum aur_enqueue_flag, aur_dequeue_flag; a group
    // whose last task leaves is dequeued with AUR_DEQUEUE_SLEEP, and enqueued with AUR_ENQUEUE_WAKE
    // when it has one again. dequeue also takes curr (and then sets it to NONE). It answers false
    // if the entity stays in, delayed, as one that waits. With AUR_DEQUEUE_THROTTLE it must go.
    void (*enqueue)(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                    uint32_t flags);
    bool (*dequeue)(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                    uint32_t flags);

    // A delayed entity was picked or is to go for another reason, and leaves; or it is runnable
    // again, in place (requeue). Both optional: NULL where nothing is ever delayed.
    void (*finish_delayed)(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity);
    void (*requeue_delayed)(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity);

    // Who should run now, curr included, delayed ones too; called only if queued is not 0. May
    // change what only a pick changes (a drawn ticket, a slice that begins anew).
    uint32_t (*pick)(struct aur_core *core, uint32_t slot, uint32_t queue);
    void (*set_next)(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity);
    void (*put_prev)(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity);

    void (*update_curr)(struct aur_core *core, uint32_t slot, uint32_t queue, uint64_t ran_ns);
    // Gives an entity another weight, on the queue, running or not, or off it, and sets it.
    void (*reweight)(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                     uint32_t weight);
    // Optional: what is in the own queue of `group`, an entity on `queue`, has changed, and with it
    // what the group may take over from there (its shortest slice).
    void (*group_changed)(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t group);

    // Should `woken` of this queue take the CPU from curr? `task` was just enqueued: woken itself
    // or one in it.
    bool (*preempts)(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t woken,
                     uint32_t task);
    // CPU time that curr may go on before a pick: 0 now, AUR_NEVER_NS not on its own account.
    uint64_t (*slice_left)(const struct aur_core *core, uint32_t slot, uint32_t queue);
    // Optional: a periodic tick; should curr give way? What slice_left says counts at every charge.
    bool (*tick)(struct aur_core *core, uint32_t slot, uint32_t queue);
    void (*yield)(struct aur_core *core, uint32_t slot, uint32_t queue);

    // The waiting entities in the class's order: the first, and the one after `entity`; NONE ends.
    uint32_t (*first)(const struct aur_core *core, uint32_t slot, uint32_t queue);
    uint32_t (*after)(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity);

    // As explain and versus of the class (sched/class.h), of two entities of one queue.
    void (*explain)(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                    struct aur_candidate *candidate);
    void (*versus)(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t picked,
                   uint32_t other, struct aur_verdict *verdict);

    // NULL if what the discipline adds to the queue holds its invariant; fair.c checks the rest.
    const char *(*check)(struct aur_core *core, uint32_t slot, uint32_t queue);
};

// Where things are.

static inline struct aur_fair_entity *aur_fair_entity_at(const struct aur_core *core, uint32_t slot,
                                                         uint32_t entity)
{
    return (struct aur_fair_entity *)(void *)((unsigned char *)aur_class_tasks(core, slot) +
                                              (size_t)entity * core->class_task_size[slot]);
}

static inline struct aur_fair_queue *aur_fair_queue_at(const struct aur_core *core, uint32_t slot,
                                                       uint32_t queue)
{
    return aur_class_cpu(core, slot, queue);
}

static inline bool aur_fair_is_task(const struct aur_core *core, uint32_t entity)
{
    return entity < core->config.tasks;
}

// The queue that a group's entity stands for, and the entity of a group's queue, NONE of a CPU's.
static inline uint32_t aur_fair_own_queue(const struct aur_core *core, uint32_t entity)
{
    return entity - core->config.tasks + core->config.cpus;
}

static inline uint32_t aur_fair_owner(const struct aur_core *core, uint32_t queue)
{
    return queue < core->config.cpus ? AUR_NONE : queue - core->config.cpus + core->config.tasks;
}

static inline uint32_t aur_fair_cpu_of(const struct aur_core *core, uint32_t queue)
{
    return queue < core->config.cpus ? queue : queue % core->config.cpus;
}

// So many entities and queues the slot may have in use: those of groups beside the tasks' in the
// fair slot only.
static inline uint32_t aur_fair_entities(const struct aur_core *core, uint32_t slot)
{
    return slot == AUR_SLOT_FAIR ? core->config.tasks + core->groups_used * core->config.cpus
                                 : core->tasks_used;
}

static inline uint32_t aur_fair_queues(const struct aur_core *core, uint32_t slot)
{
    return core->config.cpus + (slot == AUR_SLOT_FAIR ? core->groups_used * core->config.cpus : 0);
}

// The queue of `group` (NONE: of all that is in none) on `cpu`.
static inline uint32_t aur_fair_queue_of(const struct aur_core *core, uint32_t group, uint32_t cpu)
{
    return group == AUR_NONE ? cpu : core->config.cpus * (group + 1) + cpu;
}

static inline uint32_t aur_fair_group_of(const struct aur_core *core, uint32_t queue)
{
    return queue < core->config.cpus ? AUR_NONE : queue / core->config.cpus - 1;
}

// The queue in which the task competes on that CPU: groups are a matter of the fair slot only.
static inline uint32_t aur_fair_home(const struct aur_core *core, uint32_t slot, uint32_t cpu,
                                     uint32_t task)
{
    uint32_t group = slot == AUR_SLOT_FAIR ? aur_task_at(core, task)->group : AUR_NONE;
    return aur_fair_queue_of(core, group, cpu);
}

static inline bool aur_fair_throttled(const struct aur_fair_queue *q)
{
    return q->throttled_at_ns != AUR_NEVER_NS;
}

// What an entity weighs as all of its group would on one CPU, of cpu.weight
// (kernel/sched/sched.h, sched_weight_from_cgroup); the least that a part of it may be
// (MIN_SHARES).
#define AUR_GROUP_SHARES_MIN 2u

static inline uint64_t aur_group_shares(uint32_t weight)
{
    return ((uint64_t)weight * AUR_NICE_0_WEIGHT + AUR_GROUP_WEIGHT_DEFAULT / 2) /
           AUR_GROUP_WEIGHT_DEFAULT;
}

// fair.c: what a fair class's functions are, see sched/class.h.
void aur_fair_init(struct aur_core *core, uint32_t slot);
void aur_fair_task_init(struct aur_core *core, uint32_t slot, uint32_t task);
uint32_t aur_fair_select_cpu(struct aur_core *core, uint32_t slot, uint32_t task,
                             uint32_t waker_cpu);
void aur_fair_leave(struct aur_core *core, uint32_t slot, uint32_t cpu);
bool aur_fair_tick(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task);
void aur_fair_yield(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task);
uint32_t aur_fair_balance(struct aur_core *core, uint32_t slot, uint32_t from, uint32_t to);
void aur_fair_switched_from(struct aur_core *core, uint32_t slot, uint32_t task);
void aur_fair_explain(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                      struct aur_candidate *candidate);
void aur_fair_versus(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t picked,
                     uint32_t other, struct aur_verdict *verdict);
const char *aur_fair_check(struct aur_core *core, uint32_t slot, uint32_t cpu);
// fair_check.c: before any of the slot's queues is walked, up or down (step/sound.c).
const char *aur_fair_sound(const struct aur_core *core, uint32_t slot);

// fair.c, for fair_walk.h: what concerns the groups above a group's queue. An entity has joined it,
// or has left it with those flags; its running task was charged; how long that may go on for their
// sake.
void aur_fair_joined(struct aur_core *core, uint32_t slot, uint32_t queue);
void aur_fair_left(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t flags);
void aur_fair_charge_groups(struct aur_core *core, uint32_t slot, uint32_t queue, uint64_t ran_ns);
uint64_t aur_fair_groups_left_ns(const struct aur_core *core, uint32_t slot, uint32_t queue);
// Who runs in the queue goes back, down to the task if it is still there.
void aur_fair_put_path(struct aur_core *core, uint32_t slot, uint32_t queue);

// Two entities of one CPU become their ancestors in the queue where their paths part.
void aur_fair_match(const struct aur_core *core, uint32_t slot, uint32_t *a, uint32_t *b);

// Of a group among the tasks and groups beside it; false if it has nothing queued on that CPU.
bool aur_fair_explain_group(const struct aur_core *core, uint32_t slot, uint32_t cpu,
                            uint32_t group, struct aur_candidate *candidate);

// Of a group that was just made: its queues and entities.
void aur_fair_group_init(struct aur_core *core, uint32_t slot, uint32_t group);
// Has it another weight on that CPU than it should have now? To give it that, CPU charged.
bool aur_fair_group_is_stale(const struct aur_core *core, uint32_t slot, uint32_t group,
                             uint32_t cpu);
void aur_fair_group_refresh(struct aur_core *core, uint32_t slot, uint32_t group, uint32_t cpu);
// Is it, empty, still delayed on that CPU? To end that, CPU charged.
bool aur_fair_group_lingers(const struct aur_core *core, uint32_t slot, uint32_t group,
                            uint32_t cpu);
void aur_fair_group_let_go(struct aur_core *core, uint32_t slot, uint32_t group, uint32_t cpu);

// Is the task in the queue of a throttled group, or of one in such a group? It may be runnable but
// does not count among the CPU's tasks (nr, nr_class, load) until the group has quota again.
bool aur_fair_hidden(const struct aur_core *core, uint32_t slot, uint32_t task);

// For bandwidth.c: a group's queue, with all that is in it, stops competing, or competes again. The
// CPU is charged.
void aur_fair_hide(struct aur_core *core, uint32_t slot, uint32_t queue);
void aur_fair_show(struct aur_core *core, uint32_t slot, uint32_t queue);
// Hides those on the path of the running task whose quota is used up.
void aur_fair_expire(struct aur_core *core, uint32_t slot, uint32_t cpu);
// After show: a task that went on running while hidden is its queues' curr again.
void aur_fair_resume(struct aur_core *core, uint32_t slot, uint32_t cpu);

// bandwidth.c, of a group's queue.
// The running task, one of its own, was charged: so are the group and its quota.
void aur_bandwidth_charge(struct aur_core *core, uint32_t queue, uint64_t ran_ns);
// CPU time until that has to be looked at again, AUR_NEVER_NS without a limit.
uint64_t aur_bandwidth_left_ns(const struct aur_core *core, uint32_t slot, uint32_t queue);
// Hides the queue and answers true if nothing is left: before a pick, if it was the running task's,
// or as its first entity comes.
bool aur_bandwidth_used_up(struct aur_core *core, uint32_t slot, uint32_t queue);
void aur_bandwidth_enter(struct aur_core *core, uint32_t slot, uint32_t queue);
// It is empty: what it does not need goes back to the group.
void aur_bandwidth_give_back(struct aur_core *core, uint32_t queue, struct aur_fair_queue *q);
// A CPU that goes offline throttles no more, so that its tasks can leave.
void aur_bandwidth_cpu_off(struct aur_core *core, uint32_t slot, uint32_t cpu);
void aur_bandwidth_cpu_on(struct aur_core *core, uint32_t slot, uint32_t cpu);

#endif
