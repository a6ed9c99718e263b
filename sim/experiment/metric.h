// What is measured of a run: one table that the recorder, the listings and the manual use.
#ifndef AURORA_SIM_EXPERIMENT_METRIC_H
#define AURORA_SIM_EXPERIMENT_METRIC_H

#include <stdbool.h>
#include <stdint.h>

// All of them are over the measured window: from the end of the warm-up to the end of the run.
// Distributions (mean, p50, p99) are over all instances of a task's specification.
// A group goes by its path, "/tenants/a", in the place of a task.
// name, unit, of (TASK, SYSTEM or BOTH; GROUP, or T_GROUP and B_GROUP beside those), meaning
// clang-format off
#define AUR_METRIC_TABLE(X)                                                                        \
    X(utilisation, "%", SYSTEM, "time in which CPUs ran a task, of all CPUs' time")                \
    X(cpu_share, "%", T_GROUP, "time on a CPU, of one CPU's time")                                 \
    X(run_ns, "ns", B_GROUP, "time on a CPU")                                                      \
    X(wait_ns, "ns", BOTH, "time runnable but not running")                                        \
    X(wait_ns_mean, "ns", BOTH, "mean stretch from runnable to running")                           \
    X(wait_ns_p99, "ns", BOTH, "99th percentile of the same")                                      \
    X(wait_ns_max, "ns", BOTH, "longest stretch from runnable to running")                         \
    X(wakeup_ns_mean, "ns", BOTH, "mean wakeup latency: from wake-up to running")                  \
    X(wakeup_ns_p50, "ns", BOTH, "median wakeup latency")                                          \
    X(wakeup_ns_p99, "ns", BOTH, "99th percentile of the wakeup latency")                          \
    X(wakeup_ns_max, "ns", BOTH, "longest wakeup latency")                                         \
    X(response_ns_mean, "ns", BOTH, "mean response time of a job: from release to completion")     \
    X(response_ns_p99, "ns", BOTH, "99th percentile of the response time")                         \
    X(response_ns_max, "ns", BOTH, "longest response time")                                        \
    X(turnaround_ns, "ns", TASK, "from start to exit, mean of the instances that exited")          \
    X(tardiness_ns_max, "ns", BOTH, "most by which a job passed its deadline")                     \
    X(switches, "count", BOTH, "times a task was switched in")                                     \
    X(preemptions, "count", BOTH, "times a task was switched out although runnable")               \
    X(resumes, "count", BOTH, "times a task was switched in again after a preemption")             \
    X(resume_ns_mean, "ns", BOTH, "mean wait from a preemption to running again")                  \
    X(resume_ns_max, "ns", BOTH, "longest wait from a preemption to running again")                \
    X(migrations, "count", BOTH, "times a task moved to another CPU's runqueue")                   \
    X(wakeups, "count", BOTH, "times a task was woken")                                            \
    X(jobs, "count", BOTH, "stretches from release to the next voluntary block")                   \
    X(deadline_misses, "count", BOTH, "jobs that ended after their deadline")                      \
    X(miss_ratio, "%", BOTH, "deadline misses, of all jobs")                                        \
    X(fairness, "1", SYSTEM, "Jain's index over run time / weight of all tasks of the scheduler")  \
    X(fairness_busy, "1", SYSTEM, "the same over the tasks that always wanted to run")             \
    X(makespan_ns, "ns", SYSTEM, "instant of the last event")                                      \
    X(live, "count", SYSTEM, "tasks that had not exited at the end")                               \
    X(events, "count", SYSTEM, "events that the core took in")                                     \
    X(sched_events, "count", SYSTEM, "of these wake-ups, blocks and ticks, and switches")          \
    X(quota_periods, "count", GROUP, "periods of its quota in which it had something to run")      \
    X(throttlings, "count", GROUP, "times that a CPU had to leave it because its quota was used up") \
    X(throttled_ns, "ns", GROUP, "time for which CPUs had to leave it, the sum over CPUs")
// clang-format on

enum aur_metric_id {
#define X(name, unit, of, meaning) AUR_METRIC_##name,
    AUR_METRIC_TABLE(X)
#undef X
    AUR_METRIC_COUNT
};

struct aur_metric {
    const char *name;
    const char *unit; // "ns", "count", "%", "1"
    bool of_task;
    bool of_system;
    bool of_group;
    const char *meaning;
};

const struct aur_metric *aur_metric(uint32_t id);

// AUR_METRIC_COUNT if there is none of that name.
uint32_t aur_metric_find(const char *name);

// "task/metric" or "metric": *task_length is 0 for a metric of the system. False if there is no
// such metric for a task or the system.
bool aur_metric_parse(const char *text, uint32_t *task_length, uint32_t *id);

// Their names, ended by NULL.
extern const char *const aur_metric_names[AUR_METRIC_COUNT + 1];

// What `run` shows of each point when the experiment names nothing; ended by NULL.
extern const char *const aur_metric_shown[];

#endif
