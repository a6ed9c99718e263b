// What the core knows of a task, readable by hosts; only a step changes it.
#ifndef AURORA_TASK_H
#define AURORA_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include <aurora/limits.h>

// Linux's numbers (include/uapi/linux/sched.h).
enum aur_policy {
    AUR_POLICY_OTHER = 0,
    AUR_POLICY_FIFO = 1,
    AUR_POLICY_RR = 2,
    AUR_POLICY_BATCH = 3,
    AUR_POLICY_IDLE = 5,
    AUR_POLICY_DEADLINE = 6
};

// Class slots, highest first. A policy belongs to one: DEADLINE, {FIFO, RR}, the others; those to
// EXT as long as an agent schedules, else to FAIR.
enum aur_slot {
    AUR_SLOT_DEADLINE,
    AUR_SLOT_REALTIME,
    AUR_SLOT_FAIR,
    AUR_SLOT_EXT
};

enum aur_task_state {
    AUR_TASK_FREE,
    AUR_TASK_NEW,      // made, not started
    AUR_TASK_RUNNABLE, // on a runqueue, waiting for its CPU
    AUR_TASK_RUNNING,
    AUR_TASK_BLOCKED,
    AUR_TASK_EXITING,  // EXIT was posted, still on its CPU
    AUR_TASK_THROTTLED // wants to run, but its class's budget is used up until a time-out
};

// What TASK_SET may set.
enum aur_attribute {
    AUR_ATTR_POLICY,        // arg: aur_task_kind()
    AUR_ATTR_AFFINITY,      // arg: mask of CPUs
    AUR_ATTR_SLICE_NS,      // arg: requested slice, 0 for the class's default
    AUR_ATTR_DL_RUNTIME_NS, // the three of SCHED_DEADLINE, set before the policy and not under it
    AUR_ATTR_DL_DEADLINE_NS,
    AUR_ATTR_DL_PERIOD_NS,
    AUR_ATTR_GROUP, // arg: group, or NONE
    // arg: CPU time of the burst that it is about to compute, for sjf and srtf; 0: not known; at
    // most AUR_DEMAND_MAX_NS. Set while it is runnable, a new burst begins.
    AUR_ATTR_DEMAND_NS,
    AUR_ATTR_COUNT
};

// Packs what TASK_NEW and AUR_ATTR_POLICY take.
// policy: enum aur_policy; nice: -20 to 19; priority: 1 to 99 for FIFO and RR, else 0.
static inline uint32_t aur_task_kind(enum aur_policy policy, int nice, int priority)
{
    return (uint32_t)policy | (uint32_t)(nice + 20) << 8 | (uint32_t)priority << 16;
}

// How urgent a task is, in one number that is compared as it is: a higher slot goes first, within
// it the smaller key of its class, which is below AUR_RANK_KEYS.
#define AUR_RANK_KEYS (1ull << 62)

static inline uint64_t aur_rank(uint32_t slot, uint64_t key)
{
    return (uint64_t)slot << 62 | key;
}

static inline uint32_t aur_rank_slot(uint64_t rank)
{
    return (uint32_t)(rank >> 62);
}

static inline uint64_t aur_rank_key(uint64_t rank)
{
    return rank & (AUR_RANK_KEYS - 1);
}

// Node of an index-linked red-black tree, see lib/rbtree.h.
struct aur_rb_node {
    uint32_t parent; // the colour is its highest bit
    uint32_t left;
    uint32_t right;
};

// A load average, see lib/load.h.
struct aur_load {
    uint64_t at;  // it is up to date to here, in 1024 ns
    uint64_t sum; // of weight * time, older time counting less
};

// A task. Fixed-width, no pointers.
// Invariant: it is in a runqueue of `cpu` exactly if RUNNABLE or RUNNING, in the time-out tree
// of `timeout_cpu` exactly if timeout_at_ns is not NEVER, in waiters of `wait_object` exactly if
// that is not NONE.
struct aur_task {
    uint8_t state;     // enum aur_task_state
    uint8_t policy;    // enum aur_policy
    uint8_t slot;      // enum aur_slot it is scheduled in: its policy's, or a higher one inherited
    int8_t nice;       // -20 to 19
    uint8_t priority;  // 1 to 99 for FIFO and RR
    uint8_t woken_by;  // enum aur_wake_reason of the last wake
    uint8_t started;   // has it ever run?
    uint8_t sync_wake; // its last waker said AUR_WAKE_SYNC
    uint64_t rank;     // effective urgency, less is more: aur_rank() of it
    uint32_t weight;   // of nice, kernel/sched/core.c sched_prio_to_weight
    uint32_t group;    // or NONE
    uint16_t cpu;      // whose runqueue it is in, was in last
    uint16_t last_cpu; // where it ran last, AUR_NO_CPU before
    uint16_t home;     // the one CPU of its affinity that its class has given it, AUR_NO_CPU: any
    uint16_t timeout_cpu;
    uint16_t recent_cpu; // where it was before the last wake that found its CPU busy
    uint16_t reserved;
    uint32_t util_estimate; // see step/util.c
    uint64_t affinity;      // as it was set; while none of it is online the task runs anywhere
    uint64_t slice_ns;      // requested slice, 0: the class's

    // Accounting.
    uint64_t since_ns;    // entered its state
    uint64_t moved_at_ns; // changed its runqueue last, NEVER before
    uint64_t ran_at_ns;   // was charged last
    uint64_t run_ns;      // time on a CPU
    uint64_t wait_ns;     // time RUNNABLE
    uint64_t wait_max_ns;
    uint32_t switches;    // times it was switched in, instead of another or of idle
    uint32_t preemptions; // times it was switched out although runnable
    uint32_t migrations;  // changes of runqueue
    uint32_t wakeups;

    struct aur_load load; // of its weight, kept if config.load_average
    struct aur_load util; // of the time in which it ran, see step/util.c

    // Whom it wakes: a task that wakes many in turn is better not followed by them all.
    uint32_t wakee;       // last one it woke, or NONE
    uint32_t wakee_flips; // how often that changed, halved each second
    uint64_t flips_at_ns; // when it was halved last

    uint64_t demand_ns; // declared
    uint64_t dl_runtime_ns;
    uint64_t dl_deadline_ns;
    uint64_t dl_period_ns;

    // Time-out.
    uint64_t timeout_at_ns; // AUR_NEVER_NS: none
    struct aur_rb_node timeout_node;

    // Waiting.
    struct aur_rb_node wait_node;
    uint64_t wait_order;  // ticket that breaks ties of rank
    uint32_t wait_object; // what it waits for, or NONE
    uint32_t
        wait_mutex; // the mutex to have before a WAIT returns, or to LOCK when it runs, or NONE
    uint32_t held;  // first mutex it holds, linked through the objects, or NONE
    uint32_t next_free;
};

#endif
