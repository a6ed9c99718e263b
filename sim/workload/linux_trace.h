// Recordings of the Linux scheduler become workloads: what each task computed, what it waited
// for, and who woke it, so that a replay answers how the machine would have behaved under another
// scheduler.
//
// What is read. Text, one event a line, in any of these forms and mixtures of them:
//
//     hackbench 31502 [001]  5429.662742:  sched:sched_switch: prev_comm=... ==> next_comm=...
//         `perf sched script`, `perf script`: comm with spaces, `pid/tid`, with or without [cpu],
//         a period before the event's name, time in microseconds or nanoseconds
//     hackbench-31502 [001]  5429.662742: sched_switch:  hackbench:31502 [120] S ==> sh:4 [120]
//         `trace-cmd report`, also with the fields spelt out (-N), with the latency flags
//         `d..2.` after the CPU, or `1d..2.` in the CPU's place (-l)
//     hackbench-31502 (31493) [001] d..2. 5429.662742: sched_switch: prev_comm=... ==> ...
//         ftrace's own `trace` file, with or without thread groups and flags
//
// Events used: sched_switch (without which there is nothing to import), sched_waking,
// sched_wakeup, sched_wakeup_new, sched_process_fork, sched_process_exit, sched_stat_runtime;
// others are counted. Remarks, blank lines and call chains are passed over. A last line without
// a line end is taken as cut off and left out.
//
// Rules. Instants are relative to the first event.
//
// - Lines that go back in time are put in order by their time stamp, equal ones by line.
// - CPU time is the sum of sched_stat_runtime, exact to the nanosecond. For a task that has no
//   such event, and for a stretch on a CPU without one while the task is real-time or where events
//   were lost, it is the time from switch-in to switch-out. What a running task had consumed at
//   one of its own events is interpolated between these.
// - A block is a switch-out in any state but R, and ends at the next wake. A switch-out in R is
//   a preemption and not part of the workload. States X and Z are the exit. A block that the
//   recording does not end is an exit too, as is the end of the recording.
// - Each task that others wake has a semaphore of its own. Its block is DOWN, and the waker's
//   program has an UP where the waker was in its own execution. Only wakes that ended a block
//   count. One that comes while the task is on its way to sleep (the kernel says so before the
//   switch-out, or another CPU's clock is a little behind) ends that block if no later one does.
// - A wake by time is SLEEP_UNTIL that instant. Wakes are by time if
//     - the idle task or nobody known was running where it happened;
//     - the text shows hard interrupt context (flags h, H, z, Z);
//     - the block ended but no wake is in the text: at the instant when the task runs again;
//     - they are judged to come from an interrupt, by the next rule.
// - `perf` does not show whether a wake comes from an interrupt that hit the running task W or
//   from W itself. Wakes of a task T are judged interrupts if T looks timed:
//     - 3/4 of the intervals between its wakes, of at least 5, are within 50 us (the kernel's
//       default timer slack) of whole milliseconds: periodic timers and all kernel timers that
//       count in ticks of 100, 250, 500 or 1000 Hz; or
//     - 3/4 of its sleeps, of at least 5, are within 50 us of their median, and that is at least
//       200 us: sleeping for a fixed time; or
//     - the idle task ran at a tenth of its wakes or more, at least 5, and at half as many or
//       more as an idle CPU would be hit by chance;
//   unless W wakes T on that CPU at least 4 times, over 3 times as often as W's share of that CPU
//   lets expect of interrupts, and (in the first two cases, where W may run in step with a timer)
//   does a quarter of T's wakes there: then W does it. Where flags show plain task context, there
//   is nothing to judge. Soft interrupts (flag s) are judged like unmarked wakes, for network
//   traffic to oneself is delivered by them in the sender's time. How many wakes were judged so
//   is in the report.
// - A forked task is its own spec with 0 instances, started by FORK in its parent's program.
//   A task that was there before starts at 0 if it ran or had to wait for a CPU when the
//   recording began, else with its first wake. Tasks are never merged: `hackbench-31502`.
//   After exec or renaming the last name holds; a name that only one task has stands alone.
// - Priority: 100 to 139 is nice -20 to 19; 0 to 98 is FIFO 99 to 1, which may have been RR; -1,
//   deadline, becomes FIFO 99, for the text has no runtime and period. A change, also one by
//   priority inheritance, is a policy op where the recording first shows it.
// - Affinity is not in these recordings. It is left open, except for the kernel's per-CPU threads
//   (migration/0, kworker/1:2 ...) that indeed ran on that CPU only.
#ifndef AURORA_SIM_LINUX_TRACE_H
#define AURORA_SIM_LINUX_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/failure.h"
#include "workload/workload.h"

// name, the event's name in the text
#define AUR_TRACE_EVENT_TABLE(X)                                                                   \
    X(SWITCH, "sched_switch")                                                                      \
    X(WAKING, "sched_waking")                                                                      \
    X(WAKEUP, "sched_wakeup")                                                                      \
    X(WAKEUP_NEW, "sched_wakeup_new")                                                              \
    X(FORK, "sched_process_fork")                                                                  \
    X(EXIT, "sched_process_exit")                                                                  \
    X(RUNTIME, "sched_stat_runtime")                                                               \
    X(OTHER, "other")

enum aur_trace_event_kind {
#define X(name, text) AUR_TRACE_##name,
    AUR_TRACE_EVENT_TABLE(X)
#undef X
    AUR_TRACE_EVENT_COUNT
};

// name, what the report says of them
// clang-format off
#define AUR_TRACE_PROBLEM_TABLE(X)                                                                 \
    X(CUT_FILE, "the compressed file is cut off, the trace ends early")                            \
    X(CUT_LINE, "last line without an end, taken as cut off and left out")                         \
    X(UNKNOWN_LINE, "lines that are no event of a scheduler trace, left out")                      \
    X(BAD_EVENT, "events with a field missing or out of range, left out")                          \
    X(OUT_OF_ORDER, "lines earlier than the one before, put in order")                             \
    X(LOST, "marks of lost events, what is near them may be wrong")                                \
    X(FROM_IDLE, "tasks that ran on an idle CPU without a switch-in, its time is inferred")        \
    X(SWITCH_UNSEEN, "switches that are not in the text though other events show them")            \
    X(WAKE_UNSEEN, "blocks whose wake is not in the text, ended by time when the task ran again")  \
    X(PID_REUSED, "pids that came back as another task")
// clang-format on

enum aur_trace_problem {
#define X(name, text) AUR_TRACE_##name,
    AUR_TRACE_PROBLEM_TABLE(X)
#undef X
    AUR_TRACE_PROBLEM_COUNT
};

struct aur_trace_count {
    uint64_t count;
    uint32_t first_line; // of the first one; 0 if count is 0
};

struct aur_trace_report {
    uint64_t lines;
    uint64_t events; // all kinds, the left-out ones not counted
    uint64_t kinds[AUR_TRACE_EVENT_COUNT];
    struct aur_trace_count problems[AUR_TRACE_PROBLEM_COUNT];
    uint64_t lost_events; // as the marks say; some give no number
    uint32_t tasks;
    uint32_t forked;        // of these, by FORK
    uint32_t cpus;          // highest CPU in the text plus one; 0: the text names none
    uint64_t span_ns;       // from the first event to the last
    uint64_t run_ns;        // CPU time of all tasks
    uint64_t blocks;        // that ended: wakes_by_task + wakes_by_time
    uint64_t wakes_by_task; // UP in the waker's program
    uint64_t wakes_by_time; // SLEEP_UNTIL, or the start of the task; the sum of:
    uint64_t wakes_by_idle; //   nobody, or the idle task, ran there
    uint64_t wakes_marked;  //   the text shows an interrupt
    uint64_t wakes_judged;  //   judged an interrupt
    uint64_t wakes_unseen;  //   no wake in the text
    uint64_t wakes_ignored; // of tasks that were awake
};

// Reads a recording into `workload`, which must be fresh from aur_workload_init. bytes need not
// end in a zero. file_name is for the message. Nothing of the text is trusted.
// Fails if the text is empty, has no sched_switch, or names no task, or memory is out; workload
// is then to be freed still. Damage that leaves something to replay is in the report.
// The first event is instant 0; duration_ns is 0 (until all exit) and every replay ends: what is
// waited for in the recording came from tasks that were not waiting for it.
// A caller that unpacked a truncated file says so in report->problems[AUR_TRACE_CUT_FILE].
bool aur_linux_trace_load(struct aur_workload *workload, const char *file_name, const char *bytes,
                          size_t size, struct aur_trace_report *report,
                          struct aur_failure *failure);

// Writes the report as text, a line for the totals, one for the wakes and one for each kind of
// problem there was. At most room bytes, zero-ended; returns the length of the whole text.
size_t aur_trace_report_text(const struct aur_trace_report *report, char *text, size_t room);

// Does the text look like a recording? Looks at its first lines only.
bool aur_linux_trace_detect(const char *bytes, size_t size);

#endif
