// What the files of the rt-app importer share: private to them.
#ifndef AURORA_SIM_RTAPP_IMPORT_H
#define AURORA_SIM_RTAPP_IMPORT_H

#include "workload/rtapp.h"

// --- names (rtapp_names.c) -----------------------------------------------------------------------

// rt-app keeps one set of names for each type of resource.
enum rtapp_name_kind {
    RTAPP_NAME_MUTEX,
    RTAPP_NAME_CONDITION, // of wait, signal, broad, sync, suspend and resume
    RTAPP_NAME_BARRIER,
    RTAPP_NAME_PIPE,
    RTAPP_NAME_TIMER,        // shared by all tasks
    RTAPP_NAME_UNIQUE_TIMER, // scope: the task
    RTAPP_NAME_TASK
};

struct rtapp_name {
    char *text;
    uint32_t kind, scope;
    uint32_t index; // of the object, the timer, or the spec
    uint32_t line;
    uint64_t count; // BARRIER: its users. TASK: how often the name was taken again
    bool absolute;  // timers: some event of it says "mode": "absolute"
};

// An open hash table; slots hold an index into names + 1.
struct rtapp_names {
    struct rtapp_name *names;
    uint32_t *slots;
    uint32_t count, room, slot_count;
};

void aur_rtapp_names_free(struct rtapp_names *names);
// NULL if there is none. Good until the next add.
struct rtapp_name *aur_rtapp_names_find(struct rtapp_names *names, enum rtapp_name_kind kind,
                                        uint32_t scope, const char *text);
// Adds a name that is not there yet; NULL when memory is out.
struct rtapp_name *aur_rtapp_names_add(struct rtapp_names *names, enum rtapp_name_kind kind,
                                       uint32_t scope, const char *text, uint32_t index,
                                       uint32_t line);

// The most mutexes that a task may hold at once.
#define RTAPP_HELD_MAX 64u

// --- the importer --------------------------------------------------------------------------------

struct rtapp_import {
    const struct aur_document *document;
    struct aur_workload *workload;
    struct aur_failure *failure;
    struct rtapp_names names;
    bool inherit; // global pi_enabled
    uint32_t default_policy;

    // of the task at hand
    const char *task_name;
    uint32_t task;                 // its spec
    uint32_t timers;               // its own
    uint32_t policy;               // that it has at this point of its program
    uint32_t group;                // the same
    uint32_t held[RTAPP_HELD_MAX]; // mutexes that it holds at this point
    uint32_t held_count;
};

// Refuse with the place of `node`; always false.
bool aur_rtapp_refuse(const struct rtapp_import *import, const struct aur_node *node,
                      const char *format, ...) __attribute__((format(printf, 3, 4)));
bool aur_rtapp_no_memory(const struct rtapp_import *import);

// Appends an op with the line of `node`.
bool aur_rtapp_emit(struct rtapp_import *import, const struct aur_node *node, struct aur_op op);

// --- properties: the keys that are not events (rtapp_properties.c) -------------------------------

// name, levels at which it may stand
#define RTAPP_PROPERTY_TABLE(X)                                                                    \
    X(INSTANCE, "instance", RTAPP_IN_TASK)                                                         \
    X(DELAY, "delay", RTAPP_IN_TASK)                                                               \
    X(PHASES, "phases", RTAPP_IN_TASK)                                                             \
    X(PERIOD, "period", RTAPP_IN_TASK)                                                             \
    X(DEADLINE, "deadline", RTAPP_IN_TASK)                                                         \
    X(SLICE, "slice", RTAPP_IN_TASK)                                                               \
    X(LOOP, "loop", RTAPP_IN_TASK | RTAPP_IN_PHASE)                                                \
    X(CPUS, "cpus", RTAPP_IN_TASK | RTAPP_IN_PHASE)                                                \
    X(POLICY, "policy", RTAPP_IN_TASK | RTAPP_IN_PHASE)                                            \
    X(PRIORITY, "priority", RTAPP_IN_TASK | RTAPP_IN_PHASE)                                        \
    X(DL_RUNTIME, "dl-runtime", RTAPP_IN_TASK | RTAPP_IN_PHASE)                                    \
    X(DL_PERIOD, "dl-period", RTAPP_IN_TASK | RTAPP_IN_PHASE)                                      \
    X(DL_DEADLINE, "dl-deadline", RTAPP_IN_TASK | RTAPP_IN_PHASE)                                  \
    X(NODES_MEMBIND, "nodes_membind", RTAPP_IN_TASK | RTAPP_IN_PHASE)                              \
    X(NUMA, "numa", RTAPP_IN_TASK | RTAPP_IN_PHASE)                                                \
    X(UTIL_MIN, "util_min", RTAPP_IN_TASK | RTAPP_IN_PHASE)                                        \
    X(UTIL_MAX, "util_max", RTAPP_IN_TASK | RTAPP_IN_PHASE)                                        \
    X(TASKGROUP, "taskgroup", RTAPP_IN_TASK | RTAPP_IN_PHASE)

#define RTAPP_IN_TASK  1u
#define RTAPP_IN_PHASE 2u

enum rtapp_property {
#define X(name, text, levels) RTAPP_##name,
    RTAPP_PROPERTY_TABLE(X)
#undef X
    RTAPP_PROPERTY_COUNT
};

struct rtapp_properties {
    const struct aur_node *map;
    const struct aur_node *nodes[RTAPP_PROPERTY_COUNT]; // NULL: not given
    const struct aur_node *runtime; // of a task: first event called exactly "runtime", or NULL
    const struct aur_node *event;   // first event, or NULL
};

// Sorts the keys of a task or phase into properties and events. Errors: a key that is neither,
// a property twice.
bool aur_rtapp_properties(const struct rtapp_import *import, const struct aur_node *map,
                          uint32_t level, struct rtapp_properties *properties);

// Refuses `node` for its key, with the nearest of `names`.
bool aur_rtapp_unknown(const struct rtapp_import *import, const struct aur_node *node,
                       const char *where, const char *const *names);

// loop: AUR_LOOP_FOREVER for -1; `missing` if there is no such key.
bool aur_rtapp_loop(const struct rtapp_import *import, const struct rtapp_properties *properties,
                    uint64_t missing, uint64_t *loop);
// cpus: a mask; 0 if there is no such key.
bool aur_rtapp_cpus(const struct rtapp_import *import, const struct rtapp_properties *properties,
                    uint64_t *mask);

// policy, priority and dl-*
struct rtapp_sched {
    bool given; // anything that changes how the task is scheduled
    uint32_t kind;
    uint64_t runtime_ns, deadline_ns, period_ns; // 0: not given
};

bool aur_rtapp_policy(const struct rtapp_import *import, const struct aur_node *node,
                      uint32_t *policy);
// Of a task: what is not given has rt-app's defaults.
bool aur_rtapp_task_sched(struct rtapp_import *import, const struct rtapp_properties *properties,
                          struct rtapp_sched *sched);
// Of a phase: what is not given stays as it is at that point; import->policy follows.
bool aur_rtapp_phase_sched(struct rtapp_import *import, const struct rtapp_properties *properties,
                           struct rtapp_sched *sched);

// taskgroup: its group, made if it is new; 0 for the root and if there is no such key (then not
// given).
bool aur_rtapp_taskgroup(struct rtapp_import *import, const struct rtapp_properties *properties,
                         bool *given, uint32_t *number);
// Refuses a group (0: none) under the policy that the task has at this point.
bool aur_rtapp_group_suits(const struct rtapp_import *import, const struct aur_node *node,
                           uint32_t group);

// Of fixed-priority tasks that say nothing of their timing: what their programs make evident.
// Called once all are compiled.
bool aur_rtapp_evident_timing(const struct rtapp_import *import);

// The keys that mean nothing in simulation, checked for their type only.
bool aur_rtapp_ignored(const struct rtapp_import *import,
                       const struct rtapp_properties *properties);

// --- sections (rtapp_sections.c) -----------------------------------------------------------------

bool aur_rtapp_global(struct rtapp_import *import, const struct aur_node *global);
bool aur_rtapp_resources(const struct rtapp_import *import, const struct aur_node *resources);

// --- events (rtapp_events.c) ---------------------------------------------------------------------

enum rtapp_event {
    RTAPP_LOCK,
    RTAPP_UNLOCK,
    RTAPP_WAIT,
    RTAPP_SIGNAL,
    RTAPP_BROAD,
    RTAPP_SYNC,
    RTAPP_SLEEP,
    RTAPP_RUNTIME,
    RTAPP_RUN,
    RTAPP_TIMER_UNIQUE,
    RTAPP_TIMER,
    RTAPP_SUSPEND,
    RTAPP_RESUME,
    RTAPP_MEM,
    RTAPP_IORUN,
    RTAPP_YIELD,
    RTAPP_BARRIER,
    RTAPP_FORK,
    RTAPP_SEND,
    RTAPP_RECEIVE,
    RTAPP_NO_EVENT
};

// rt-app knows an event by how its key starts, so that "run1" and "timer_0" are events.
enum rtapp_event aur_rtapp_event(const char *key);
extern const char *const aur_rtapp_event_names[]; // NULL-terminated

// Notes the mutexes and barriers that an event names, before any event is compiled: what suspend,
// resume and barrier become depends on the whole file.
bool aur_rtapp_note_event(struct rtapp_import *import, const struct aur_node *node,
                          uint64_t instances);
bool aur_rtapp_compile_event(struct rtapp_import *import, const struct aur_node *node);

// A time in microseconds, or a distribution of such: sets value, and DRAW in flags.
bool aur_rtapp_time(struct rtapp_import *import, const struct aur_node *node, struct aur_op *op);

#endif
