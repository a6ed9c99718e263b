// What a scheduling class is to the core: one table of functions, in the vocabulary of Linux's
// struct sched_class (kernel/sched/sched.h). Adding a class is one file with such a table and one
// line in classes.c.
//
// The core counts tasks, keeps their state and decides between classes (a higher slot always goes
// first); a class orders the tasks of its slot on each CPU. As in Linux the running task is not in
// the class's queue but still belongs to it: set_next takes a task out of the queue, put_prev
// puts it back.
#ifndef AURORA_SCHED_CLASS_H
#define AURORA_SCHED_CLASS_H

#include <stdbool.h>
#include <stdint.h>

#include <aurora/sched.h>
#include <aurora/status.h>

struct aur_core;
struct aur_candidate;
struct aur_fair_discipline;
struct aur_verdict;

enum aur_enqueue_flag {
    AUR_ENQUEUE_WAKE = 1,       // it was blocked
    AUR_ENQUEUE_INITIAL = 2,    // its first time ever
    AUR_ENQUEUE_CHANGE = 4,     // back after a change of its attributes, in the same step
    AUR_ENQUEUE_MOVE = 8,       // it comes from another CPU's queue
    AUR_ENQUEUE_TAIL = 16,      // behind its equals: it comes from a lower slot
    AUR_ENQUEUE_REPLENISH = 64, // its throttling is over
    AUR_ENQUEUE_HEAD = 32,      // before its equals: it comes from a higher slot
    AUR_ENQUEUE_DEMAND = 128    // a change, of the demand: a new burst (classes with that trait)
};

enum aur_dequeue_flag {
    AUR_DEQUEUE_SLEEP = 1, // it blocks
    AUR_DEQUEUE_EXIT = 2,
    AUR_DEQUEUE_CHANGE = 4,
    AUR_DEQUEUE_MOVE = 8,
    AUR_DEQUEUE_THROTTLE = 16 // it may not run before the instant of throttled_until
};

// All functions but those marked optional are there in every class. `slot` tells which private
// state is meant (one class may serve two slots).
struct aur_sched_class {
    struct aur_class_info info;

    // Of a fair class: its discipline (sched/fair.h), else NULL.
    const struct aur_fair_discipline *fair;

    // Private bytes for each CPU and each task, fixed at init; of a fair class the discipline says.
    uint32_t cpu_size;
    uint32_t task_size;

    void (*init)(struct aur_core *core, uint32_t slot); // private state of all CPUs
    void (*task_init)(struct aur_core *core, uint32_t slot, uint32_t task); // of a new task

    // Optional: the task, by its own policy one of this class or about to be, asks for its
    // bandwidth before it starts and again when its affinity or attributes have changed, and gives
    // it back when it exits or goes to another class. Sets t->home where that class is partitioned.
    // Refusals, with nothing changed: BAD_ARGUMENT, NO_BANDWIDTH.
    enum aur_status (*admit)(struct aur_core *core, uint32_t slot, uint32_t task);
    void (*release)(struct aur_core *core, uint32_t slot, uint32_t task);
    // Optional: the task needs a CPU and its home is none that it may use: gives it another.
    void (*rehome)(struct aur_core *core, uint32_t slot, uint32_t task);

    // Optional: the CPU, online now, is to go offline. Refusal: NO_BANDWIDTH, what the class has
    // promised would not fit on the others.
    enum aur_status (*can_go_off)(const struct aur_core *core, uint32_t slot, uint32_t cpu);
    // Optional: the CPU has just gone out of, or come into core->online. Every task that counts in
    // the nr_class of a CPU that has gone must be one that pick_next or throttled_until lets go.
    void (*cpu_off)(struct aur_core *core, uint32_t slot, uint32_t cpu);
    void (*cpu_on)(struct aur_core *core, uint32_t slot, uint32_t cpu);

    // The CPU, one of aur_allowed_cpus(), to wake `task` on. The waker's may be offline. Optional:
    // the core's own choice if NULL (sched/select_cpu.c).
    uint32_t (*select_cpu)(struct aur_core *core, uint32_t slot, uint32_t task, uint32_t waker_cpu);

    // The task becomes, or ceases to be, one of the CPU's runnable tasks. dequeue also takes the
    // running task.
    void (*enqueue)(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags);
    void (*dequeue)(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags);

    // Who should run now, the running task included; called only if there is a runnable task of
    // this slot. It stays in the queue until set_next.
    uint32_t (*pick_next)(struct aur_core *core, uint32_t slot, uint32_t cpu);
    void (*set_next)(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task);
    void (*put_prev)(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task);

    // Optional: what goes on the CPU is not of this slot, whose last task there was put back or has
    // left.
    void (*leave)(struct aur_core *core, uint32_t slot, uint32_t cpu);

    // Optional: charges the running task for `ran_ns` more.
    void (*update_curr)(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                        uint64_t ran_ns);

    // Optional, no if NULL: should `woken`, just enqueued, take the CPU from `curr` of the same
    // slot?
    bool (*wakeup_preempt)(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t curr,
                           uint32_t woken);

    // Optional: how long the running task may go on before the class wants to pick again, by what
    // it was charged so far: 0 now, AUR_NEVER_NS (as if NULL) not on its own account.
    uint64_t (*slice_end)(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task);

    // Optional: the instant before which the task, though runnable, may not run; 0: it may. The
    // core takes it off the runqueue until then, and brings it back with AUR_ENQUEUE_REPLENISH.
    uint64_t (*throttled_until)(const struct aur_core *core, uint32_t slot, uint32_t task);

    // Optional: a periodic tick, with the running task charged. Should it give way?
    bool (*tick)(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task);

    // Of a class of real-time tasks: which of its parameters is the runtime of the fair server, the
    // next being its period; 0: it has none.
    uint32_t fair_server_param;

    void (*yield)(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task);

    // A queued task of CPU `from` that should move to `to`, or NONE; looks at no more than
    // AUR_BALANCE_SCAN tasks. It must pass aur_can_move().
    uint32_t (*balance)(struct aur_core *core, uint32_t slot, uint32_t from, uint32_t to);

    // Optional, of a class that orders by rank (sched/global.c): the most urgent queued task of
    // `from` that will not run there next, may move to `to` and has a key below `before_key`; as
    // bounded as balance.
    uint32_t (*pull)(struct aur_core *core, uint32_t slot, uint32_t from, uint32_t to,
                     uint64_t before_key);
    // With it, called if there is a runnable task of this slot: the ranks of the CPU's most urgent
    // task, and of the most urgent one of the others that pull would look at; left as it is if
    // there is none. init says in core->global_slots if placement is global.
    void (*urgent)(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint64_t *waiting,
                   uint64_t *present);

    // Optional: the task, blocked, leaves the class for another, or may no longer use its CPU.
    void (*switched_from)(struct aur_core *core, uint32_t slot, uint32_t task);

    // Optional: the key of the task's urgency within the slot, below 2^62, less is more urgent. It
    // orders waiters, and a mutex hands it on to the holder, whose t->rank then has a smaller one:
    // the class goes by that. Without this all tasks of the class are equally urgent.
    uint64_t (*urgency)(const struct aur_core *core, uint32_t slot, uint32_t task);

    // The next three serve aur_core_explain. They are called on a working copy, after pick_next has
    // chosen and before set_next.
    //
    // Optional: stores with each task its place in a list, once for all calls of explain.
    void (*number_places)(struct aur_core *copy, uint32_t slot, uint32_t cpu);
    // The keys that the class orders the task by, most important first (sched/keys.h), and flags
    // that only the class knows. Also asked of throttled tasks, and a fair class of blocked ones:
    // it sets AUR_CANDIDATE_DELAYED if it still has the task in a queue. Groups are filled in by a
    // function of their own (sched/fair.h).
    void (*explain)(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    struct aur_candidate *candidate);
    // Why `picked` went before `other`, which would have been chosen without it; both are of this
    // slot and CPU.
    void (*versus)(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t picked,
                   uint32_t other, struct aur_verdict *verdict);

    // NULL if the private state of the CPU holds its invariant, else what is broken.
    const char *(*check)(struct aur_core *core, uint32_t slot, uint32_t cpu);
};

extern const struct aur_sched_class *const aur_sched_classes[];

// What a class without a select_cpu of its own uses, and others fall back on.
uint32_t aur_select_cpu_default(struct aur_core *core, uint32_t task, uint32_t waker_cpu);

// Of a class that orders by rank: the CPU with the least urgent work (sched/global.c).
uint32_t aur_select_cpu_global(const struct aur_core *core, uint32_t task);

// A class that gives a task another urgency as it enqueues it says so, before it uses its rank. The
// task waits for nothing, so nobody else's rank depends on it.
void aur_renew_rank(struct aur_core *core, uint32_t task);

#endif
