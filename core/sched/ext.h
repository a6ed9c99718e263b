// What the parts of the class `agent` know of each other.
//
//     ext.c           the class: what the core asks of it
//     ext_queue.c     dispatch queues
//     ext_program.c   running the agent's programs, and their helpers
//     ext_dispatch.c  filling a CPU's local queue; moving tasks between CPUs
//     step/agent.c    loading, ejecting, moving the tasks between the slots
#ifndef AURORA_SCHED_EXT_H
#define AURORA_SCHED_EXT_H

#include <aurora/agent.h>
#include <aurora/ext.h>

#include "lib/list.h"
#include "step/parts.h"

enum aur_ext_param {
    AUR_EXT_FUEL,
    AUR_EXT_TIMEOUT_NS,
    AUR_EXT_QUEUES,
    AUR_EXT_SEED
};

// How many tasks one call of dispatch may hand out (Linux: ops.dispatch_max_batch, 32).
#ifdef AUR_HOSTILE
#    define AUR_EXT_BATCH 2u
#else
#    define AUR_EXT_BATCH 16u
#endif

// Where a runnable task that does not run is.
enum aur_ext_place {
    AUR_EXT_OUT,    // it is not runnable, or runs
    AUR_EXT_OWNED,  // the agent has it: in no queue
    AUR_EXT_QUEUED, // in the queue `queue`
    AUR_EXT_MOVING  // among those that are to go to the local queue of CPU `to`
};

// A dispatch queue: a list, or a tree by vtime; never both, while it is not empty.
// Invariant: count is the number of tasks that are QUEUED with this queue.
struct aur_ext_queue {
    uint64_t id;
    struct aur_list list;
    struct aur_rb_root tree;
    uint32_t count;
    uint32_t used;
};

#define AUR_EXT_ARRIVING                                                                           \
    2u // in `direct`: it comes from another CPU, to the local queue of this one

// A task's private state. `link` is first: lib/list.h finds it there.
struct aur_ext_entity {
    struct aur_link link;    // in a queue's list, or among those that move
    struct aur_link waiting; // among those that wait on their CPU, oldest first
    struct aur_rb_node node; // in a queue's tree
    uint8_t place;           // enum aur_ext_place
    uint8_t enabled;         // the agent's `enable` has been told
    uint8_t direct;          // select_cpu or enqueue has said where it goes:
    uint8_t by_vtime;
    uint64_t key;      // vtime that it was queued with
    uint64_t order;    // breaks ties
    uint64_t since_ns; // it waits, not running
    uint64_t target;   // where it goes: a queue's id
    uint64_t flags;    // with enum scx_enq_flags
    uint32_t queue;
    uint32_t to;
    uint32_t number; // explain: its place in the local queue
    uint32_t reserved;
};

struct aur_ext_cpu {
    struct aur_list waiting;
    uint32_t curr; // running task of this class, or NONE
    uint32_t count;
};

static inline struct aur_ext_entity *aur_ext_entity_at(const struct aur_core *core, uint32_t task)
{
    return (struct aur_ext_entity *)aur_class_tasks(core, AUR_SLOT_EXT) + task;
}

static inline struct aur_ext_cpu *aur_ext_cpu_at(const struct aur_core *core, uint32_t cpu)
{
    return aur_class_cpu(core, AUR_SLOT_EXT, cpu);
}

static inline struct aur_ext_task *aur_ext_task_at(const struct aur_core *core, uint32_t task)
{
    return (struct aur_ext_task *)(uintptr_t)((const unsigned char *)core + core->views_at) + task;
}

static inline struct aur_ext_queue *aur_ext_queue_at(const struct aur_core *core, uint32_t queue)
{
    return (struct aur_ext_queue *)(uintptr_t)((const unsigned char *)core + core->queues_at) +
           queue;
}

static inline struct aur_image *aur_ext_image(const struct aur_core *core)
{
    return (struct aur_image *)(uintptr_t)((const unsigned char *)core + core->agent_at);
}

static inline struct aur_list_nodes aur_ext_links(const struct aur_core *core)
{
    return (struct aur_list_nodes){aur_class_tasks(core, AUR_SLOT_EXT),
                                   sizeof(struct aur_ext_entity)};
}

static inline struct aur_list_nodes aur_ext_waiting(const struct aur_core *core)
{
    struct aur_list_nodes links = aur_ext_links(core);
    links.nodes += offsetof(struct aur_ext_entity, waiting);
    return links;
}

static inline uint64_t aur_ext_param(const struct aur_core *core, enum aur_ext_param param)
{
    return aur_class_param(core, AUR_SLOT_EXT, param);
}

// Queues: the local one of each CPU, by its number; the global one; those that the agent has made.
static inline uint32_t aur_ext_queues(const struct aur_config *config)
{
    return config->cpus + 1 + (uint32_t)config->params[AUR_SLOT_EXT][AUR_EXT_QUEUES];
}

static inline uint32_t aur_ext_global(const struct aur_core *core)
{
    return core->config.cpus;
}

// ext_queue.c
void aur_ext_queues_init(struct aur_core *core);
// The queue of that id, of which LOCAL means that of `cpu`; NONE: there is none.
uint32_t aur_ext_queue_find(const struct aur_core *core, uint64_t id, uint32_t cpu);
// False: the id is taken or reserved, or there is no room for one more.
bool aur_ext_queue_make(struct aur_core *core, uint64_t id);
// May a task join it that way? No queue is a list and a tree at once, those built in are lists.
bool aur_ext_queue_takes(const struct aur_core *core, uint32_t queue, bool by_vtime);
void aur_ext_put(struct aur_core *core, uint32_t task, uint32_t queue, bool by_vtime, bool head);
// Out of its queue, or from among those that move; it is then OWNED.
void aur_ext_take(struct aur_core *core, uint32_t task);
uint32_t aur_ext_first(const struct aur_core *core, uint32_t queue); // or NONE
uint32_t aur_ext_next(const struct aur_core *core, uint32_t task);   // in its queue
const char *aur_ext_queue_check(struct aur_core *core, uint32_t queue);

// ext_program.c
// Runs a program of the agent, on behalf of `cpu`. False: it has none, or is ejected.
bool aur_ext_call(struct aur_core *core, enum aur_ext_op op, uint32_t cpu, uint32_t task,
                  uint64_t first, uint64_t second, uint64_t third, uint64_t *result);
bool aur_ext_has(const struct aur_core *core, enum aur_ext_op op);
// The agent's address of what it sees of the task.
uint64_t aur_ext_address(uint32_t task);
void aur_ext_refresh(struct aur_core *core, uint32_t task);
// Finds the programs of the operations.
void aur_ext_bind(struct aur_core *core);
// scx_select_cpu_dfl: *idle if nothing runs there or was queued there.
uint32_t aur_ext_default_cpu(const struct aur_core *core, uint32_t task, uint64_t wake_flags,
                             uint32_t waker, bool *idle);

// ext_dispatch.c
// Where the task, whose target is set, goes now: into a queue, or among those that move.
void aur_ext_send(struct aur_core *core, uint32_t task, uint32_t cpu);
// Takes the first task that may run on `cpu` out of the queue, and sends it to its local queue.
bool aur_ext_consume(struct aur_core *core, uint32_t queue, uint32_t cpu);
// The CPU has to go to a scheduling point at the end of the step.
void aur_ext_kick(struct aur_core *core, uint32_t cpu);
// Moves those that are to; false: the step has no room for all.
bool aur_ext_move(struct aur_step *step);

// ext.c: the agent hears of a task that is new to it (init_task).
void aur_ext_greet(struct aur_core *core, uint32_t task);

// step/agent.c
void aur_ext_eject(struct aur_core *core, enum aur_ext_reason reason, uint32_t task,
                   uint64_t detail);
bool aur_ext_is_on(const struct aur_core *core);

#endif
