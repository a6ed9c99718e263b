// A workload: what the tasks of a run do, resolved to a compact form that the simulator executes
// and that is part of a run's identity. Importers (rt-app JSON, Linux traces) build it; nothing
// changes it during a run.
#ifndef AURORA_SIM_WORKLOAD_H
#define AURORA_SIM_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include <aurora/event.h>
#include <aurora/group.h>
#include <aurora/limits.h>
#include <aurora/task.h>

#include "engine/distribution.h"
#include "engine/failure.h"

#define AUR_LOOP_FOREVER UINT64_MAX
#define AUR_MESSAGE_MAX  4096u // bytes that SEND writes in one piece (PIPE_BUF)
#define AUR_LOOP_DEPTH   4u    // task loop, phase loop, and two for importers

// What a task does, one instruction a line. Durations are nanoseconds.
// clang-format off
#define AUR_OP_TABLE(X)                                                                            \
    X(RUN, "run")             /* value: CPU time to compute */                                     \
    X(RUNTIME, "runtime")     /* value: compute until this much wall time has passed */            \
    X(SLEEP, "sleep")         /* value: block for this long */                                     \
    X(SLEEP_UNTIL, "until")   /* value: block until this instant of the run; past: no-op */        \
    X(TIMER, "timer")         /* object: timer; value: period; deadline_ns; flags UNIQUE, ABSOLUTE */ \
    X(LOCK, "lock")           /* object: mutex */                                                  \
    X(UNLOCK, "unlock")       /* object: mutex */                                                  \
    X(WAIT, "wait")           /* object: condition; other: mutex or NONE */                        \
    X(SIGNAL, "signal")       /* object: condition */                                              \
    X(BROADCAST, "broadcast") /* object: condition */                                              \
    X(BARRIER, "barrier")     /* object: barrier */                                                \
    X(DOWN, "down")           /* object: semaphore */                                              \
    X(UP, "up")               /* object: semaphore */                                              \
    X(YIELD, "yield")                                                                              \
    X(FORK, "fork")           /* object: spec to start one more instance of */                     \
    X(MEM, "mem")             /* value: bytes written to memory, at the machine's memory rate */   \
    X(IORUN, "iorun")         /* value: bytes written to the device, at the machine's device rate */ \
    X(SET_AFFINITY, "cpus")   /* value: affinity mask, 0: every CPU of the machine */              \
    X(SET_KIND, "policy")     /* object: aur_task_kind() */                                        \
    X(SET_DL, "dl")           /* value: runtime; deadline_ns; other: period in microseconds */       \
    X(LOOP, "loop")           /* value: times, or FOREVER; other: index after its END */           \
    X(END, "end")             /* other: index after its LOOP */                                    \
    X(EXIT, "exit")                                                                                \
    X(SET_GROUP, "taskgroup") /* object: number of the group, from 1; 0: none */                   \
    X(SEND, "send")           /* object: pipe, the condition of its reader, behind it its writers'; value: bytes */ \
    X(RECEIVE, "receive")     /* object: pipe */
// clang-format on

enum aur_op_code {
#define X(name, text) AUR_OP_##name,
    AUR_OP_TABLE(X)
#undef X
    AUR_OP_COUNT
};

enum aur_op_flag {
    AUR_OP_DRAW = 1,     // value is an index into distributions, drawn at each execution
    AUR_OP_UNIQUE = 2,   // TIMER: object counts the task's own timers, not the shared ones
    AUR_OP_ABSOLUTE = 4, // TIMER: an overrun does not shift later releases (rt-app "mode")
};

struct aur_op {
    uint8_t code; // enum aur_op_code
    uint8_t flags;
    uint16_t reserved;
    uint32_t object;
    uint32_t other;
    uint32_t line; // of the source file, for messages; not part of the identity
    uint64_t value;
    uint64_t deadline_ns; // TIMER: relative to the release, 0: the period. SET_DL: deadline
};

// One task definition; `instances` of it start with the run, FORK starts more.
struct aur_spec {
    uint32_t name;                                        // offset into names
    uint32_t instances;                                   // 0: only forked
    uint32_t entry;                                       // index of its first op
    uint32_t kind;                                        // aur_task_kind()
    uint64_t affinity;                                    // 0: every CPU of the machine
    uint64_t start_ns;                                    // rt-app `delay`
    uint64_t slice_ns;                                    // 0: the class's
    uint64_t dl_runtime_ns, dl_deadline_ns, dl_period_ns; // 0: not known; of SCHED_DEADLINE all
    uint32_t timers;                                      // how many timers of its own it has
    uint32_t group;                                       // number of its group, from 1; 0: none
};

// A task group, called by its whole path: "/tenants/a". Its parent comes before it in the array.
struct aur_group_spec {
    uint32_t name;
    uint32_t parent;    // number of the parent, from 1; 0: none
    uint32_t weight;    // cpu.weight; 0: not given, the default
    uint32_t reserved;  // 0
    uint64_t quota_ns;  // of cpu.max; 0: no limit
    uint64_t period_ns; // of cpu.max; 0: not given, the default
};

struct aur_object_spec {
    uint32_t name;
    uint32_t kind; // enum aur_object_kind
    uint64_t parameter;
};

// Arrays grow by the aur_workload_add_* calls below; index 0 of names is the empty string.
struct aur_workload {
    struct aur_spec *specs;
    struct aur_op *ops;
    struct aur_object_spec *objects;
    struct aur_group_spec *groups;
    struct aur_distribution *distributions;
    char *names;
    uint32_t spec_count, op_count, object_count, group_count, distribution_count, name_bytes;
    uint32_t spec_room, op_room, object_room, group_room, distribution_room, name_room;
    uint32_t timers; // shared timers
    uint32_t reserved;
    uint64_t duration_ns; // 0: until every task has exited
};

void aur_workload_init(struct aur_workload *workload);
void aur_workload_free(struct aur_workload *workload);

// Each returns the index (offset for a name) of what was added, AUR_NONE when memory is out.
// The samples of a distribution are copied.
uint32_t aur_workload_add_name(struct aur_workload *workload, const char *name);
uint32_t aur_workload_add_spec(struct aur_workload *workload, const struct aur_spec *spec);
uint32_t aur_workload_add_op(struct aur_workload *workload, const struct aur_op *op);
uint32_t aur_workload_add_object(struct aur_workload *workload,
                                 const struct aur_object_spec *object);
uint32_t aur_workload_add_group(struct aur_workload *workload, const struct aur_group_spec *group);
uint32_t aur_workload_add_distribution(struct aur_workload *workload,
                                       const struct aur_distribution *distribution);

const char *aur_workload_name(const struct aur_workload *workload, uint32_t name);

// The number (from 1) of the group with this path, "/a/b"; 0 if there is none.
uint32_t aur_workload_find_group(const struct aur_workload *workload, const char *path);

// Puts the tasks of `more` beside those already there (own objects, own timers). Groups of one path
// are one group, for which what `more` says holds. The longer duration holds; a workload without
// one does not end the other. False when memory is out.
bool aur_workload_append(struct aur_workload *workload, const struct aur_workload *more);

// Checks what the executor relies on: the ops are a row of programs, each with one EXIT, outside
// every loop, as its last op; every entry is the start of a program; every index is in range;
// loops are nested and closed and run at least once; groups lie within one another by
// their paths; there is no endless loop in which no time
// can pass, no FORK that forks itself without end in no time; durations are below 2^62; at least
// one task starts. What remains for the run to notice: tasks that wake each other for ever at one
// instant, and misuse of mutexes. file is for the message.
bool aur_workload_validate(const struct aur_workload *workload, const char *file,
                           struct aur_failure *failure);

#endif
