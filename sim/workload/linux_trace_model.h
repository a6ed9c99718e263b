// What a recording says of its tasks: for each a chain of steps (what it did after how much CPU
// time), and who woke whom when.
#ifndef AURORA_SIM_LINUX_TRACE_MODEL_H
#define AURORA_SIM_LINUX_TRACE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "workload/linux_trace_events.h"

// Who is on a CPU besides a task's index.
#define AUR_TRACE_BEFORE AUR_NONE       // no event of this CPU yet
#define AUR_TRACE_IDLE   (AUR_NONE - 1) // the idle task
#define AUR_TRACE_NOBODY (AUR_NONE - 2) // not known

enum aur_trace_step_kind {
    AUR_TRACE_STEP_BLOCK, // argument: the wake that ended it, or NONE
    AUR_TRACE_STEP_UP,    // argument: the wake that it makes
    AUR_TRACE_STEP_FORK,  // argument: the child
    AUR_TRACE_STEP_PRIO   // argument: the new priority plus one
};

struct aur_trace_step {
    uint64_t run_ns; // CPU time since the step before; in the open stretch: the instant
    uint32_t next;   // of the same task, or NONE
    uint32_t argument;
    uint32_t line;
    uint8_t kind; // enum aur_trace_step_kind
};

enum aur_trace_verdict {
    AUR_TRACE_BY_TASK,
    AUR_TRACE_BY_IDLE,   // the idle task or nobody known ran there
    AUR_TRACE_BY_MARK,   // in hard interrupt context, as the text shows
    AUR_TRACE_BY_TIMER,  // judged an interrupt
    AUR_TRACE_BY_NOTHING // the wake is not in the text
};

struct aur_trace_wake {
    uint64_t at_ns;
    uint64_t slept_ns; // AUR_NEVER_NS: not known
    uint32_t sleeper;
    uint32_t waker; // or AUR_TRACE_NOBODY
    uint16_t cpu;
    uint8_t context; // enum aur_trace_context
    uint8_t verdict; // enum aur_trace_verdict
    bool ended;      // a block
};

enum aur_trace_task_state {
    AUR_TRACE_TASK_NEW, // nothing known of it yet
    AUR_TRACE_TASK_RUNNING,
    AUR_TRACE_TASK_READY,
    AUR_TRACE_TASK_BLOCKED,
    AUR_TRACE_TASK_DEAD
};

// Invariant: first to last are its steps; those from `open` on hold instants and belong to the
// stretch since stretch_ns, which is open exactly while it is RUNNING.
struct aur_trace_task {
    int32_t pid;
    uint32_t name;   // the last one known
    uint32_t line;   // where it appeared
    uint32_t parent; // that forked it in the text, or NONE
    uint32_t first, last, open;
    uint64_t owed_ns;    // CPU time since the last step that is not in the open stretch
    uint64_t run_ns;     // all CPU time
    uint64_t start_ns;   // relative to the first event
    uint64_t stretch_ns; // when the CPU time was last known
    uint64_t on_ns;      // when it came onto its CPU
    uint64_t off_ns;     // when it blocked; AUR_NEVER_NS: not known
    uint32_t block;      // the step that it is blocked in
    uint32_t early;      // wake since it came onto its CPU, or NONE
    int16_t prio, first_prio;
    uint16_t cpu;      // on which it is or was last
    uint16_t only_cpu; // the one on which it ever ran; AUR_NO_CPU: none or several
    uint8_t state;     // enum aur_trace_task_state
    bool measured;     // sched_stat_runtime was seen since it came onto its CPU
    bool metered;      // the recording has sched_stat_runtime of this pid
    bool roams;        // ran on several CPUs
};

struct aur_trace_model {
    const struct aur_trace_events *events;
    struct aur_trace_report *report;
    struct aur_trace_task *tasks;
    struct aur_trace_step *steps;
    struct aur_trace_wake *wakes;
    uint32_t task_count, task_room, step_count, step_room, wake_count, wake_room;
    struct aur_trace_index pids;    // to the latest task of that pid
    struct aur_trace_index metered; // pids that have sched_stat_runtime
    // How long each task was on each CPU, for judging wakes: see aur_trace_on_cpu_ns.
    struct aur_trace_index shares;
    uint64_t *share_ns;
    uint32_t share_count, share_room;
    uint32_t *running; // for each CPU a task or IDLE, NOBODY, BEFORE
    uint64_t start_ns; // of the first event
    uint64_t end_ns;   // of the last
    bool out_of_memory;
};

// Follows the events. False: memory is out.
bool aur_trace_model_make(struct aur_trace_model *model, const struct aur_trace_events *events,
                          struct aur_trace_report *report);
void aur_trace_model_free(struct aur_trace_model *model);

// --- linux_trace_task.c: one task ----------------------------------------------------------------

// The living task of the pid, made if need be; AUR_TRACE_NOBODY when memory is out.
uint32_t aur_trace_task_of(struct aur_trace_model *model, int32_t pid, uint32_t line);
// Makes a new task of the pid, whatever was there.
uint32_t aur_trace_task_new(struct aur_trace_model *model, int32_t pid, uint32_t line);
// Takes in what an event says of the task. prio may be NO_PRIO, name 0.
void aur_trace_task_observe(struct aur_trace_model *model, uint32_t task, uint32_t name,
                            int16_t prio, uint64_t at_ns, uint32_t line);
// Adds a step at this instant; returns its index.
uint32_t aur_trace_task_step(struct aur_trace_model *model, uint32_t task, uint8_t kind,
                             uint32_t argument, uint64_t at_ns, uint32_t line);
// sched_stat_runtime: the task used runtime_ns since this was last known.
void aur_trace_task_runtime(struct aur_trace_model *model, uint32_t task, uint64_t runtime_ns,
                            uint64_t at_ns);
// On and off a CPU; state is the letter of sched_switch. A blocked task is woken if need be.
void aur_trace_task_on(struct aur_trace_model *model, uint32_t task, uint16_t cpu, uint64_t at_ns,
                       uint32_t line);
void aur_trace_task_off(struct aur_trace_model *model, uint32_t task, char state, uint64_t at_ns,
                        uint32_t line);
// Ends the task's block, or its wait before its first appearance, by a wake.
void aur_trace_task_wake(struct aur_trace_model *model, uint32_t task, uint32_t wake,
                         uint32_t line);
uint32_t aur_trace_wake_new(struct aur_trace_model *model, const struct aur_trace_wake *wake);

// How long the task was on the CPU; cpu may be AUR_NO_CPU where the text names none.
uint64_t aur_trace_on_cpu_ns(const struct aur_trace_model *model, uint32_t task, uint16_t cpu);

// --- linux_trace_judge.c -------------------------------------------------------------------------

// Sets the verdict of every wake that ended a block. False: memory is out.
bool aur_trace_judge(struct aur_trace_model *model);

// --- linux_trace_build.c -------------------------------------------------------------------------

// Writes the programs. False: memory is out.
bool aur_trace_build(const struct aur_trace_model *model, struct aur_workload *workload);

#endif
