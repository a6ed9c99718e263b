// The one reading of a decision log: who ran where and when, who woke whom, who waited. All
// exporters and plots take it from here. Memory is bounded by CPUs and task slots, not by the log.
//
// A task slot of the core is used again after its task has exited. A life is one use of a slot;
// lives are numbered from 0 in the order in which the log made them.
#ifndef AURORA_SIM_EXPORT_TIMELINE_H
#define AURORA_SIM_EXPORT_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include <aurora/event.h>
#include <aurora/limits.h>

#include "engine/failure.h"

// Why a task left its CPU.
#define AUR_SLICE_END_TABLE(X)                                                                     \
    X(PREEMPTED, "preempted") /* it could have gone on */                                          \
    X(YIELDED, "yielded")                                                                          \
    X(BLOCKED, "blocked")                                                                          \
    X(EXITED, "exited")                                                                            \
    X(OPEN, "running") /* it has not: the log ends */

enum aur_slice_end {
#define X(name, text) AUR_SLICE_##name,
    AUR_SLICE_END_TABLE(X)
#undef X
};

const char *aur_slice_end_text(enum aur_slice_end end);

// A task, wherever the timeline names one. task AUR_NONE: none, i.e. idle, or an interrupt.
struct aur_timeline_task {
    uint32_t task; // its slot
    uint32_t life;
    uint32_t kind; // aur_task_kind() at this moment
};

// A CPU goes from one task to another; `end` is why `previous` left (AUR_SLICE_OPEN: it was idle,
// or the log ends).
struct aur_timeline_switch {
    uint64_t now_ns;
    uint32_t cpu;
    enum aur_slice_end end;
    struct aur_timeline_task previous, next;
};

// A task becomes runnable.
struct aur_timeline_wake {
    uint64_t now_ns;
    uint32_t cpu;       // whose runqueue it joined
    uint32_t waker_cpu; // where it was woken
    uint32_t reason;    // enum aur_wake_reason
    struct aur_timeline_task task, waker;
    uint64_t off_ns; // when it left its last CPU, AUR_NEVER_NS: has not run or is still there
    uint32_t off_cpu;
};

// A task's stay on a CPU, told when it ends.
struct aur_timeline_slice {
    uint32_t cpu;
    enum aur_slice_end end;
    struct aur_timeline_task task;
    uint64_t start_ns, end_ns;
    uint64_t wait_ns; // it had been runnable this long
    // The wake that led to it: woken_ns is AUR_NEVER_NS if it went on after a preemption.
    uint64_t woken_ns;
    uint32_t waker_cpu;
    struct aur_timeline_task waker;
};

// A task's time between runnable and running, told when it ends. open: the log ends before.
struct aur_timeline_wait {
    struct aur_timeline_task task;
    uint64_t start_ns, end_ns;
    uint32_t cpu; // on whose runqueue it was at the end
    bool open;
};

// Who listens. Each function may be NULL; false stops the reading (say why in a failure of your
// own). All come in the order of the log; slices and waits at their end, a switch before them.
struct aur_timeline_view {
    void *context;
    bool (*born)(void *context, uint64_t now_ns, const struct aur_timeline_task *task);
    bool (*switched)(void *context, const struct aur_timeline_switch *change);
    bool (*woken)(void *context, const struct aur_timeline_wake *wake);
    bool (*slice)(void *context, const struct aur_timeline_slice *slice);
    bool (*wait)(void *context, const struct aur_timeline_wait *wait);
};

struct aur_timeline_slot;

struct aur_timeline_cpu {
    struct aur_timeline_slice slice; // of the running task, end unknown
    bool known;                      // has the log said who runs here?
};

struct aur_timeline {
    struct aur_timeline_view view;
    struct aur_timeline_cpu cpus[AUR_CPUS_MAX];
    struct aur_timeline_slot *slots; // by task, grown as they come
    uint32_t slot_count;
    uint32_t lives;
    uint64_t first_ns, now_ns;
    uint64_t records;        // read so far
    struct aur_record event; // the last one
    uint32_t actions;        // of it still to come
};

void aur_timeline_init(struct aur_timeline *timeline, const struct aur_timeline_view *view);
void aur_timeline_free(struct aur_timeline *timeline);

// Reads on. The log may be handed over in pieces of any size, and may begin in the middle of a run
// (then what ran at its first instant is taken to have begun there). False: the view stopped it,
// memory is out, or the log contradicts itself (failure says where).
bool aur_timeline_read(struct aur_timeline *timeline, const struct aur_record *records,
                       uint32_t count, struct aur_failure *failure);

// Ends what is still open at end_ns, or at the last record if that is later.
// False: the view stopped it.
bool aur_timeline_end(struct aur_timeline *timeline, uint64_t end_ns);

#endif
