// A tiny random scheduler, a recording of it in any form of text, and the truth of what its tasks
// did: against this the importer of Linux traces is tested.
#ifndef AURORA_SIM_TESTS_TEST_LINUX_TRACE_SCHEDULE_H
#define AURORA_SIM_TESTS_TEST_LINUX_TRACE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workload/workload.h"

#define SCHEDULE_TASKS_MAX 40
#define SCHEDULE_CPUS_MAX  4
#define SCHEDULE_IDLE      (-1)

// How the text is written.
struct form {
    const char *name;
    bool perf;    // `comm pid`, else `comm-pid`
    bool fields;  // prev_comm=..., else `comm:pid [prio]`
    bool cpu;     // [000]
    bool flags;   // d..2.
    bool joined;  // 0d..2., in the CPU's place
    bool group;   // (1234), or pid/tid in perf
    bool period;  // a number before the event's name
    bool ns;      // else microseconds
    bool returns; // lines end in CR LF
};

struct schedule_options {
    uint64_t seed;
    uint32_t steps;
    uint32_t step_ns_max;
    uint32_t unit_ns;    // every time is a multiple of this
    bool measured;       // with sched_stat_runtime
    bool interrupts;     // wakes in hard interrupt context while a task runs
    uint32_t idle_wakes; // at most, of each task, from the idle task
};

enum recorded_kind {
    RECORDED_SWITCH,
    RECORDED_WAKING,
    RECORDED_WAKEUP_NEW,
    RECORDED_FORK,
    RECORDED_RUNTIME
};

struct recorded {
    uint64_t at_ns;
    uint64_t runtime_ns;
    int cpu;
    int context; // task that runs there, or IDLE
    int task;    // whom it is about; SWITCH: prev
    int other;   // SWITCH: next; FORK: child
    enum recorded_kind kind;
    char state;
    bool hard;
};

struct true_op {
    uint8_t code; // RUN, DOWN, UP, FORK, SLEEP_UNTIL, EXIT
    int task;     // UP: whom; FORK: child
    uint64_t ns;  // RUN, SLEEP_UNTIL
};

struct true_task {
    char name[16];
    int pid;
    int prio;
    bool forked;
    uint64_t start_ns;
    uint64_t run_ns;
    struct true_op *ops;
    uint32_t count, room;
};

struct schedule {
    struct true_task tasks[SCHEDULE_TASKS_MAX];
    int task_count;
    struct recorded *list;
    uint32_t count, room;
};

uint64_t schedule_random(uint64_t *state);

void schedule_make(struct schedule *schedule, const struct schedule_options *options);
void schedule_free(struct schedule *schedule);

// Does the recording show any?
bool schedule_has_tasks(const struct schedule *schedule);

// The recording as malloc'ed text, zero-ended.
char *schedule_text(const struct schedule *schedule, const struct form *form, size_t *size);

// The first difference between what the tasks did and the workload, in a static text; or NULL.
const char *schedule_difference(const struct schedule *schedule,
                                const struct aur_workload *workload);

// Executes the programs in a random order without any time: does every task start and end, and is
// every semaphore down to 0 then? Returns what is wrong, in a static text; or NULL.
const char *replay_problem(const struct aur_workload *workload, uint64_t seed);

#endif
