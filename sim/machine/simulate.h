// Runs a workload on the machine model, with every decision taken by the core.
#ifndef AURORA_SIM_SIMULATE_H
#define AURORA_SIM_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include <aurora/core.h>

#include "engine/failure.h"
#include "machine/inputs.h"
#include "stats/histogram.h"

// Receives the log in order, some thousands of records at a time. False stops the run.
typedef bool aur_record_sink(void *context, const struct aur_record *records, uint32_t count);

// Called now and then with the instant reached; false stops the run (failure "stopped").
typedef bool aur_progress(void *context, uint64_t now_ns, uint64_t end_ns, uint64_t events);

// Says that slot `task` of the core holds, from now on, this instance of a spec of the workload
// (the n-th fork counts on from `instances`). Exited tasks leave their slots to later ones.
typedef void aur_task_made(void *context, uint32_t task, uint32_t spec, uint32_t instance,
                           uint64_t now_ns);

// Called between two steps, when all records before are with the sink: first before the first
// event, never before one that is posted again. `core` is the state at that point. Returns how many
// more events are to come before the next call, at least 1; 0 stops the run (failure "stopped").
typedef uint64_t aur_state_sink(void *context, const struct aur_core *core);

struct aur_simulate_options {
    aur_record_sink *sink; // NULL: digest only
    void *sink_context;
    aur_progress *progress; // may be NULL
    void *progress_context;
    aur_task_made *made; // may be NULL
    void *made_context;
    aur_state_sink *state; // may be NULL; needs a sink
    void *state_context;
};

// Sums over one task (an instance of a spec that started with the run), or over all that were
// forked from one spec.
struct aur_task_result {
    uint32_t spec;
    uint32_t instance; // AUR_NONE: the forked ones of this spec together
    uint32_t switches;
    uint32_t preemptions;
    uint32_t migrations;
    uint32_t wakeups;
    uint32_t jobs;   // stretches from release to the next voluntary block
    uint32_t misses; // of jobs with a deadline
    uint64_t run_ns;
    uint64_t wait_ns;
    uint64_t wait_max_ns;
    // Times switched in again after a preemption, and the waits before: what `perf sched latency`
    // counts as switches (with the very first) and as waits.
    uint32_t resumes;
    uint32_t exits; // how many of its instances have exited: 0 or 1, more of forked ones
    uint64_t resume_wait_ns;
    uint64_t resume_wait_max_ns;
    uint64_t turnaround_ns; // from start to exit, the sum over `exits`
    uint64_t tardiness_max_ns;
};

// Distributions over all instances of one spec.
struct aur_spec_result {
    struct aur_histogram wakeup_latency_ns; // wake to first run
    struct aur_histogram wait_ns;           // each stretch from runnable to running
    struct aur_histogram response_ns;       // release to completion
};

// Its times add up to the measured window: from the end of the warm-up to the end of the run.
struct aur_cpu_result {
    uint64_t busy_ns;
    uint64_t idle_ns;
    uint64_t offline_ns;
    uint64_t switches;
};

// Of a task group, those in it included (core's struct aur_group).
struct aur_group_result {
    uint64_t run_ns;
    uint64_t periods;
    uint64_t throttlings;
    uint64_t throttled_ns;
};

// That of an agent (aurora/ext.h), if it was.
struct aur_ejection {
    uint64_t at_ns;
    uint64_t detail;
    uint32_t reason; // enum aur_ext_reason
    uint32_t task;
};

struct aur_run_result {
    uint64_t digest;       // of the decision log
    uint64_t events;       // events the core took in
    uint64_t sched_events; // of these wakes, blocks, ticks; plus switches
    uint64_t end_ns;       // instant of the last event
    uint32_t task_count, spec_count, cpu_count, group_count;
    struct aur_ejection ejected;
    uint32_t live; // tasks that had not exited at the end
    struct aur_task_result *tasks;
    struct aur_spec_result *specs; // indexed like the workload's
    struct aur_cpu_result *cpus;
    struct aur_group_result *groups; // indexed like the workload's
};

// Returns false with a failure if the workload cannot run on this machine (e.g. an affinity
// without a CPU, a deadlock), else fills result; free it with aur_run_result_free.
bool aur_simulate(const struct aur_inputs *inputs, const struct aur_simulate_options *options,
                  struct aur_run_result *result, struct aur_failure *failure);
void aur_run_result_free(struct aur_run_result *result);

#endif
