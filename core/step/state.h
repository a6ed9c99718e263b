// The state block of a core: its layout, and how its parts are reached.
#ifndef AURORA_STEP_STATE_H
#define AURORA_STEP_STATE_H

#include <aurora/core.h>
#include <aurora/ext.h>

#include "lib/assert.h"
#include "lib/list.h"
#include "lib/load.h"
#include "lib/rbtree.h"
#include "lib/memory.h"
#include "lib/tournament.h"
#include "sched/class.h"

#define AUR_CORE_MAGIC 0x31304f5255410a1aull // "\x1a\nAURO01"

#define AUR_CAPACITY 1024u // of a CPU: all of its time

// A CPU and its runqueue.
// Invariant: nr is the sum of nr_class and counts the tasks with this cpu that are RUNNABLE or
// RUNNING; load is the sum of their weights; curr is NONE or the task the host runs here.
struct aur_cpu {
    uint64_t clock_ns; // up to here curr has been charged
    uint32_t curr;
    uint32_t nr;
    uint32_t nr_class[AUR_CLASS_SLOTS];
    uint32_t need_resched; // RESCHED was sent and DISPATCH has not come yet
    uint64_t load;
    struct aur_rb_root timeouts; // blocked tasks with a time-out, by instant
    uint64_t armed_at_ns;        // what the host was last asked for by ARM
    uint64_t slice_at_ns;        // tickless: when curr's slice ends
    uint64_t balance_at_ns;
    // The sum of the loads of the tasks with this cpu, blocked ones too, up to rounding.
    struct aur_load average;
    uint64_t missing; // load that the balancing that goes on has still to bring here, or UINT64_MAX
    uint32_t balance_failed; // balancings in a row that found nothing fit to move
    uint64_t idle_at_ns;     // went idle last
    uint64_t idle_mean_ns;   // of its idle times, the last ones weigh most
    uint64_t busy_ns, idle_ns, offline_ns, switches;
    uint32_t arriving;  // CPU_ON is to look at the tasks from here on; NONE: it is done
    uint32_t runs_fair; // since the last DISPATCH
    // The fair server, see server.c: whether fair tasks go before real-time tasks now; what they
    // are still to have of this period, 0 before the first one; its end.
    uint32_t serves;
    uint32_t reserved;
    uint64_t server_left_ns, server_end_ns;
    // How much of AUR_CAPACITY its fair tasks take, blocked ones too, up to rounding; and the sum
    // of the estimates of those queued here. See util.c.
    struct aur_load util;
    uint64_t util_estimate;
};

// A mutex, condition, barrier or semaphore.
// Invariant: waiters holds the tasks whose wait_object this is, ordered by (rank, wait_order);
// waiting is their number. A mutex without owner has no waiters, unless it is one to barge for:
// then those that still wait are woken after one of `returning`, which are the tasks whose
// wait_mutex it is.
struct aur_object {
    uint8_t kind;      // enum aur_object_kind
    uint8_t mutex;     // enum aur_mutex_kind
    uint8_t contended; // mutex to barge for: the unlock is to wake one
    uint8_t reserved;
    uint32_t owner; // of a mutex, or NONE; of a barrier that drains: the last who arrived
    uint32_t next_held, previous_held; // of the owner's mutexes
    uint32_t waiting;
    uint32_t draining; // barrier: tasks still to be released
    uint64_t count;    // semaphore: units left; barrier: its size
    struct aur_rb_root waiters;
    uint32_t next_free;
    uint32_t returning; // mutex: tasks that will come back to it, in a WAIT or woken to barge
};

// A task group and what the core keeps of it beside its queues.
// Invariant: load is the sum of the loads of its queues over the CPUs; throttled_cpus are those
// whose queue is throttled; it is in the core's tree of refills exactly if due_at_ns is not NEVER,
// which then is the earlier of refill_at_ns, if active, and slack_at_ns.
struct aur_group_state {
    struct aur_group shown;
    uint64_t load;
    uint64_t pool_ns;      // quota that no CPU has taken yet
    uint64_t refill_at_ns; // the next refill, or if not active the last
    uint64_t slack_at_ns;  // when quota given back goes to the throttled, or NEVER
    uint64_t due_at_ns;
    uint64_t throttled_cpus;
    struct aur_rb_node refill_node;
    uint32_t next_free;
    uint32_t set_cpu; // CPUs from here on have not heard of the new quota yet
    uint8_t active;   // its period timer runs
    uint8_t idle;     // nothing was taken from the pool since the last refill
    uint8_t distributing;
    uint8_t reserved;
};

// The agent that schedules the slot EXT, see sched/ext.h.
// Invariant: of the tasks of fair policies those below `switched` (NONE: all) are in the slot that
// `state` says, EXT if ON; when it is not ON, those from there on and below `moved` are still in
// EXT; all others are in FAIR.
struct aur_ext_state {
    uint32_t state; // enum aur_ext_life
    uint32_t switched, moved;
    uint32_t reserved;
    uint32_t programs[AUR_EXT_OPS]; // of each operation, or NONE
    uint32_t reason, offender;      // of the ejection
    uint64_t detail;
    uint32_t told;      // EJECTED was sent
    uint32_t attention; // the step has something to do for it at its end
    uint64_t kicks;     // CPUs that go to a scheduling point then
    uint64_t watch;     // CPUs whose watchdog may be due earlier
    struct aur_list moving;
    uint64_t order;  // of the last insertion into a queue
    uint64_t random; // of bpf_get_prandom_u32
};

enum aur_ext_life {
    AUR_EXT_NONE, // none is loaded
    AUR_EXT_ON,
    AUR_EXT_ENDED // ejected; its tasks are on their way back
};

// The block begins with this; the arrays follow at the offsets it names.
struct aur_core {
    uint64_t magic;
    struct aur_config config;
    uint64_t now_ns;
    uint64_t digest;
    uint64_t events;
    uint64_t tickets;                // next wait_order
    uint64_t online;                 // masks of CPUs
    uint64_t idle;                   // online and nobody runs there
    uint64_t overloaded;             // nr >= 2: something there could move
    uint32_t ranked_slots;           // so many slots, from the top, are looked at by rank
    uint32_t global_slots;           // mask of slots with global placement
    struct aur_tournament waiting;   // CPUs by their most urgent waiting task, sched/global.c
    struct aur_tournament lazy;      // CPUs by the complement of their most urgent task's rank
    uint32_t free_task, free_object; // heads of free lists, or NONE
    uint32_t tasks_used;             // slots ever used: those beyond are still zero
    uint32_t objects_used;
    uint32_t groups_used, free_group;
    uint32_t idle_scan; // how many CPUs a wake looks at for an idle one
    uint32_t reserved;
    struct aur_rb_root refills; // of groups, by instant; their timer is the lowest online CPU's
    uint64_t cpus_at, tasks_at, objects_at, groups_at; // byte offsets from the block's start
    uint64_t class_cpus_at[AUR_CLASS_SLOTS], class_tasks_at[AUR_CLASS_SLOTS];
    uint32_t class_cpu_size[AUR_CLASS_SLOTS], class_task_size[AUR_CLASS_SLOTS];
    struct aur_ext_state ext;
    // Capabilities: heads of lists, and how many revocations are unfinished; see policy/cap.c.
    uint32_t caps_used, free_cap, sweep_cap, revocations;
    uint64_t caps_at, births_at;
    // Of the slot EXT: the agent's image, the verifier's scratch (zeros between steps), what agents
    // see of tasks, dispatch queues.
    uint64_t agent_at, scratch_at, views_at, queues_at;
    uint64_t size;
};

// What a step carries through its functions; not part of the state.
struct aur_step {
    struct aur_core *core;
    struct aur_actions *actions;
    const struct aur_record *event;
    uint32_t wakes; // done in this step
};

static inline struct aur_cpu *aur_cpu_at(const struct aur_core *core, uint32_t cpu)
{
    return (struct aur_cpu *)(uintptr_t)((const unsigned char *)core + core->cpus_at) + cpu;
}

static inline struct aur_task *aur_task_at(const struct aur_core *core, uint32_t task)
{
    return (struct aur_task *)(uintptr_t)((const unsigned char *)core + core->tasks_at) + task;
}

static inline struct aur_object *aur_object_at(const struct aur_core *core, uint32_t object)
{
    return (struct aur_object *)(uintptr_t)((const unsigned char *)core + core->objects_at) +
           object;
}

static inline struct aur_group_state *aur_group_at(const struct aur_core *core, uint32_t group)
{
    return (struct aur_group_state *)(uintptr_t)((const unsigned char *)core + core->groups_at) +
           group;
}

static inline const struct aur_sched_class *aur_class_of(const struct aur_core *core, uint32_t slot)
{
    return aur_sched_classes[core->config.classes[slot]];
}

// Private state of the class in `slot`.
static inline void *aur_class_cpu(const struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    return (void *)(uintptr_t)((const unsigned char *)core + core->class_cpus_at[slot] +
                               (size_t)cpu * core->class_cpu_size[slot]);
}

static inline void *aur_class_tasks(const struct aur_core *core, uint32_t slot)
{
    return (void *)(uintptr_t)((const unsigned char *)core + core->class_tasks_at[slot]);
}

static inline uint64_t aur_class_param(const struct aur_core *core, uint32_t slot, uint32_t index)
{
    return core->config.params[slot][index];
}

static inline uint64_t aur_cpus_all(const struct aur_core *core)
{
    return UINT64_MAX >> (64 - core->config.cpus);
}

static inline bool aur_is_online(const struct aur_core *core, uint32_t cpu)
{
    return (core->online >> cpu & 1) != 0;
}

static inline uint32_t aur_online_count(const struct aur_core *core)
{
    uint32_t count = 0; // __builtin_popcountll may be a call into the compiler's library
    for (uint64_t rest = core->online; rest; rest &= rest - 1)
        count++;
    return count;
}

// The CPUs that the task may use now: those of its affinity that are online or, as long as there
// is none, any (Linux select_fallback_rq); of them only its home, where it has one. Never empty.
static inline uint64_t aur_allowed_cpus(const struct aur_core *core, const struct aur_task *task)
{
    uint64_t allowed = task->affinity & core->online;
    if (!allowed)
        allowed = core->online;
    if (task->home == AUR_NO_CPU || !(allowed >> task->home & 1))
        return allowed;
    return 1ull << task->home;
}

static inline bool aur_allowed(const struct aur_core *core, const struct aur_task *task,
                               uint32_t cpu)
{
    return (aur_allowed_cpus(core, task) >> cpu & 1) != 0;
}

// May a balancer take this queued task from its CPU to `to`? Not the one that the host still has
// on the CPU (blocked and woken again before DISPATCH).
static inline bool aur_can_move(const struct aur_core *core, uint32_t task, uint32_t to)
{
    const struct aur_task *t = aur_task_at(core, task);
    return t->state == AUR_TASK_RUNNABLE && aur_allowed(core, t, to) &&
           aur_cpu_at(core, t->cpu)->curr != task;
}

// For checks: may a class of `slot` say that this task (or NONE) has the CPU?
static inline bool aur_may_have_cpu(const struct aur_core *core, uint32_t slot, uint32_t cpu,
                                    uint32_t task)
{
    return task == AUR_NONE ||
           (task == aur_cpu_at(core, cpu)->curr && aur_task_at(core, task)->slot == slot &&
            aur_task_at(core, task)->state == AUR_TASK_RUNNING);
}

// Did it run so lately that what it has in the cache is worth more than a turn now (task_hot)? A
// balancer that has failed twice no longer asks (cache_nice_tries).
static inline bool aur_is_hot(const struct aur_core *core, uint32_t task, uint32_t to)
{
    const struct aur_task *t = aur_task_at(core, task);
    return t->started && core->now_ns - t->ran_at_ns < core->config.balance_cost_ns &&
           aur_cpu_at(core, to)->balance_failed <= 1;
}

#endif
