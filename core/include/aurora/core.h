// The decision core: a deterministic state machine (state, event) -> (state', actions).
//
//     size_t size = aur_core_size(&config);
//     struct aur_core *core = malloc(size);
//     aur_core_init(core, size, &config);
//     aur_core_step(core, NULL, &event, &actions);
//
// The block has no pointers: it may be copied, stored, moved to another machine, and go on.
#ifndef AURORA_CORE_H
#define AURORA_CORE_H

#include <stddef.h>
#include <stdint.h>

#include <aurora/cap.h>
#include <aurora/event.h>
#include <aurora/group.h>
#include <aurora/limits.h>
#include <aurora/log.h>
#include <aurora/sched.h>
#include <aurora/status.h>
#include <aurora/task.h>

struct aur_core;

struct aur_config {
    uint32_t cpus;     // 1 to AUR_CPUS_MAX
    uint32_t tasks;    // capacity, 1 to AUR_TASKS_MAX
    uint32_t objects;  // capacity of mutexes, conditions, barriers, semaphores; may be 0
    uint32_t log_mode; // enum aur_log_mode
    uint32_t classes[AUR_CLASS_SLOTS]; // class number of each slot; AUR_NONE: slot not served
    uint32_t groups;                   // capacity of task groups, at most AUR_GROUPS_MAX; may be 0
    // Of the slot EXT, whose class is `agent` or none: room for an image (aurora/agent.h), a
    // multiple of 8, at most AUR_AGENT_ROOM_MAX.
    uint32_t agent_bytes;
    uint32_t caps;       // capacity of capabilities, at most AUR_CAPS_MAX; may be 0
    uint64_t tick_ns;    // period of the host's TICK events; 0: tickless, slices end by TIMER
    uint64_t balance_ns; // period of load balancing at ticks; 0: none
    // What balancers take a move to cost (Linux's sched_migration_cost): a task that ran within
    // this time is not moved at once, and a CPU whose idle times are shorter on average does not
    // steal when it goes idle. 0: a move costs nothing.
    uint64_t balance_cost_ns;
    // Whether placement and balancing weigh CPUs by load averages, or by who is runnable just now,
    // as always where there are groups.
    uint64_t load_average;                              // 0 or 1
    uint64_t params[AUR_CLASS_SLOTS][AUR_CLASS_PARAMS]; // in the order of the class's list
};

// What a step answers besides its status.
struct aur_actions {
    uint32_t count;
    struct aur_record list[AUR_ACTIONS_MAX];
};

// Fills config with the usual stack: prio for FIFO and RR tasks above `fair_class` for the rest,
// default parameters, tick 4 ms, balancing each 4 ms, digest on. tasks and objects are 64.
void aur_config_default(struct aur_config *config, uint32_t cpus, uint32_t fair_class);

// Bytes that a core of this configuration needs; 0 if the configuration is out of range.
size_t aur_core_size(const struct aur_config *config);

// Makes a core in `block`, aligned to 64 bytes. Errors: BAD_ARGUMENT (configuration out of
// range, or size too small), NO_CLASS (class number not in this build).
enum aur_status aur_core_init(void *block, size_t size, const struct aur_config *config);

// May block[0 .. size), which may come from anywhere, be stepped on as a core of this
// configuration? Errors: BAD_ARGUMENT (cut, of another configuration, or of a build that lays out
// its state otherwise), BAD_EVENT (aur_core_check finds an invariant broken).
//
// Promised for any bytes, forged ones too: an answer in bounded time, without a read outside of the
// block. Of a block that is taken explain and step are meant to be as safe, with events up to 13
// days apart, and no damage is known that gets by (core/tests/test_corrupt.c tries), but that is
// tested, not proven. Not promised: that the block is one that events have ever led to.
enum aur_status aur_core_adopt(const void *block, size_t size, const struct aur_config *config);

// Takes in one event. On AUR_OK the state has changed and `actions` says what the host must do,
// in order; on any other status nothing has changed and `actions` is empty.
// log: where records go in AUR_LOG_FULL, else NULL. Error NO_ROOM: the ring cannot take the
// event and AUR_ACTIONS_MAX actions.
enum aur_status aur_core_step(struct aur_core *core, struct aur_log *log,
                              const struct aur_record *event, struct aur_actions *actions);

// Readers. None changes anything.
const struct aur_config *aur_core_config(const struct aur_core *core);
uint64_t aur_core_now_ns(const struct aur_core *core);
uint64_t aur_core_digest(const struct aur_core *core);
uint64_t aur_core_events(const struct aur_core *core); // events taken in so far
const struct aur_task *aur_core_task(const struct aur_core *core, uint32_t task);    // NULL: none
const struct aur_group *aur_core_group(const struct aur_core *core, uint32_t group); // NULL: none
uint64_t aur_core_online(const struct aur_core *core);                               // mask of CPUs
uint32_t aur_core_running(const struct aur_core *core, uint32_t cpu);                // NONE: idle

// Task accounting up to the state's time, the running part of the current state included.
uint64_t aur_core_task_run_ns(const struct aur_core *core, uint32_t task, uint64_t now_ns);

struct aur_cpu_account {
    uint64_t busy_ns;
    uint64_t idle_ns;    // while it was online
    uint64_t offline_ns; // while it was not, and nobody ran there any more
    uint64_t switches;
    uint32_t runnable; // tasks on its runqueue now, the running one included
};
// Up to now_ns, which is not before the state's time.
struct aur_cpu_account aur_core_cpu(const struct aur_core *core, uint32_t cpu, uint64_t now_ns);

// Walks the state and returns NULL if every invariant of the core and its classes holds, else a
// sentence that names the broken one. Of `core`, for which there must be as many bytes as its own
// configuration asks for, nothing is taken on trust: no index is followed before it is found to be
// in range, and no list or tree that does not end. Cost: linear in tasks, objects and queues.
const char *aur_core_check(const struct aur_core *core);

#endif
