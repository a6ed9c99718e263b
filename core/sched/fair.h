// Fair classes: those that share a CPU in proportion to weights, over tasks and nested groups.
//
// What they have in common is the hierarchy of Linux's kernel/sched/fair.c: each CPU has a queue,
// each group has one on every CPU, and a group's queue is an entity in the queue of its parent, of
// a weight that is the group's part of what runs on that CPU. An event of a task walks up its
// ancestors; a pick walks down from the CPU's queue. fair.c walks, counts, throttles and shares; a
// class only says how the entities of one queue are ordered. That is a discipline: cfs, eevdf,
// stride and lottery are one each.
//
// Numbering, in a core of T tasks, C CPUs and G groups:
//     entity t                 task t, below T
//     entity T + g * C + c     group g on CPU c
//     queue  c                 of CPU c, below C
//     queue  C + g * C + c     of group g on CPU c
#ifndef AURORA_SCHED_FAIR_H
#    define AURORA_SCHED_FAIR_H

#    include <aurora/explain.h>

#    include "step/state.h"

#    define AUR_NICE_0_WEIGHT 1024u

// Every discipline's entity begins with this. fair.c keeps it.
// Invariant: on_queue exactly if the entity is one of `queue`, waiting, running or delayed there.
struct aur_fair_entity {
    uint32_t weight; // by which it is charged; changed by reweight() only
    uint32_t queue;  // it is in, was in last
    uint8_t on_queue;
    uint8_t delayed; // blocked (a task) or empty (a group), but left in to work off its lag
    uint16_t reserved;
};

// Every discipline's queue begins with this. fair.c keeps it, but `curr`.
// Invariant: queued counts the entities with on_queue and this queue, the running and the delayed
// included; load is the sum of the weights of those not delayed; tasks counts the runnable tasks
// in it and in the queues of its groups that are not throttled.
struct aur_fair_queue {
    uint32_t curr; // entity that runs or holds the one that runs, or NONE; set by the discipline
    uint32_t queued;
    uint32_t delayed;
    uint32_t tasks;
    uint64_t load;
    // Of a group's queue: its part of the group's quota, and whether it is used up.
    int64_t runtime_left_ns;
    uint64_t throttled_at_ns; // NEVER: it is not
};

// As with the running task of a class, the running entity (curr) is not in the discipline's order
// but belongs to the queue: set_next takes it out, put_prev puts it back.
struct aur_fair_discipline {
    uint32_t entity_size, queue_size;

    void (*queue_init)(struct aur_core *core, uint32_t slot, uint32_t queue);
    void (*entity_init)(struct aur_core *core, uint32_t slot, uint32_t entity);

    // The entity joins or leaves the queue. flags: enum aur_enqueue_flag, aur_dequeue_flag; a group
    // whose last task sleeps is dequeued with AUR_DEQUEUE_SLEEP. dequeue also takes curr (and then
    // sets it to NONE). It answers false if the entity stays in, delayed, as one that waits.
    void (*enqueue)(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                    uint32_t flags);
    bool (*dequeue)(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                    uint32_t flags);

    // A delayed entity was picked, or is to go for another reason, or is back. Optional: NULL where
    // nothing is ever delayed. `requeue`: it is runnable again, in place.
    void (*finish_delayed)(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity);
    void (*requeue_delayed)(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity);

    // Who should run now, curr included, delayed ones too; called only if queued is not 0. May
    // change what only a pick changes (a drawn ticket, a slice that begins anew).
    uint32_t (*pick)(struct aur_core *core, uint32_t slot, uint32_t queue);
    void (*set_next)(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity);
    void (*put_prev)(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity);

    void (*update_curr)(struct aur_core *core, uint32_t slot, uint32_t queue, uint64_t ran_ns);
    // Gives an entity on the queue, running or not, another weight.
    void (*reweight)(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                     uint32_t weight);

    // Should `woken`, just enqueued here, take the CPU from curr?
    bool (*preempts)(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t woken);
    // CPU time that curr may go on before a pick: 0 now, AUR_NEVER_NS not on its own account.
    uint64_t (*slice_left)(const struct aur_core *core, uint32_t slot, uint32_t queue);
    void (*yield)(struct aur_core *core, uint32_t slot, uint32_t queue);

    // The waiting entities in the class's order: the first, and the one after `entity`; NONE ends.
    uint32_t (*first)(const struct aur_core *core, uint32_t slot, uint32_t queue);
    uint32_t (*after)(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity);

    // As explain and versus of the class (sched/class.h), of two entities of one queue.
    void (*explain)(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                    struct aur_candidate *candidate);
    void (*versus)(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t picked,
                   uint32_t other, struct aur_verdict *verdict);

    const char *(*check)(struct aur_core *core, uint32_t slot, uint32_t queue);
};

// The functions of a class that is a discipline: what `struct aur_sched_class` of a fair class has.
#    define AUR_FAIR_CLASS(its_discipline)                                                         \
        .fair = &(its_discipline), .init = aur_fair_init, .task_init = aur_fair_task_init,         \
        .select_cpu = aur_fair_select_cpu, .enqueue = aur_fair_enqueue,                            \
        .dequeue = aur_fair_dequeue, .pick_next = aur_fair_pick_next,                              \
        .set_next = aur_fair_set_next, .put_prev = aur_fair_put_prev,                              \
        .update_curr = aur_fair_update_curr, .wakeup_preempt = aur_fair_wakeup_preempt,            \
        .slice_end = aur_fair_slice_end, .yield = aur_fair_yield, .balance = aur_fair_balance,     \
        .switched_from = aur_fair_switched_from, .explain = aur_fair_explain,                      \
        .versus = aur_fair_versus, .check = aur_fair_check
