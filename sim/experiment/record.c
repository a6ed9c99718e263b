#include "experiment/record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/fair_share.h"
#include "experiment/metric.h"

// Sums over some tasks: an instance, a task's instances, or all.
struct tally {
    uint64_t run_ns, wait_ns, wait_max_ns, turnaround_ns, tardiness_max_ns;
    uint64_t resumes, resume_wait_ns, resume_wait_max_ns;
    uint64_t switches, preemptions, migrations, wakeups, jobs, misses, exited;
};

// A task: the specifications of one name.
struct group {
    const char *name;
    struct tally tally;
    uint32_t instances;
    struct aur_spec_result distributions;
};

struct recording {
    const struct aur_record_sink *sink;
    const struct aur_inputs *inputs;
    const struct aur_run_result *result;
    double window_ns; // measured: warm-up to end
    struct group *groups;
    uint32_t *group_of; // by specification
    uint32_t group_count;
};

static void add_task(struct tally *tally, const struct aur_task_result *task)
{
    tally->run_ns += task->run_ns;
    tally->wait_ns += task->wait_ns;
    if (task->wait_max_ns > tally->wait_max_ns)
        tally->wait_max_ns = task->wait_max_ns;
    if (task->tardiness_max_ns > tally->tardiness_max_ns)
        tally->tardiness_max_ns = task->tardiness_max_ns;
    tally->turnaround_ns += task->turnaround_ns;
    tally->exited += task->exits;
    tally->switches += task->switches;
    tally->preemptions += task->preemptions;
    tally->resumes += task->resumes;
    tally->resume_wait_ns += task->resume_wait_ns;
    if (task->resume_wait_max_ns > tally->resume_wait_max_ns)
        tally->resume_wait_max_ns = task->resume_wait_max_ns;
    tally->migrations += task->migrations;
    tally->wakeups += task->wakeups;
    tally->jobs += task->jobs;
    tally->misses += task->misses;
}

static void from_tally(double *values, const struct tally *tally, double window_ns)
{
    values[AUR_METRIC_cpu_share] = window_ns > 0 ? 100 * (double)tally->run_ns / window_ns : NAN;
    values[AUR_METRIC_run_ns] = (double)tally->run_ns;
    values[AUR_METRIC_wait_ns] = (double)tally->wait_ns;
    values[AUR_METRIC_wait_ns_max] = (double)tally->wait_max_ns;
    values[AUR_METRIC_turnaround_ns] =
        tally->exited ? (double)tally->turnaround_ns / (double)tally->exited : NAN;
    values[AUR_METRIC_tardiness_ns_max] = (double)tally->tardiness_max_ns;
    values[AUR_METRIC_switches] = (double)tally->switches;
    values[AUR_METRIC_preemptions] = (double)tally->preemptions;
    values[AUR_METRIC_resumes] = (double)tally->resumes;
    values[AUR_METRIC_resume_ns_mean] =
        tally->resumes ? (double)tally->resume_wait_ns / (double)tally->resumes : NAN;
    values[AUR_METRIC_resume_ns_max] = tally->resumes ? (double)tally->resume_wait_max_ns : NAN;
    values[AUR_METRIC_migrations] = (double)tally->migrations;
    values[AUR_METRIC_wakeups] = (double)tally->wakeups;
    values[AUR_METRIC_jobs] = (double)tally->jobs;
    values[AUR_METRIC_deadline_misses] = (double)tally->misses;
    values[AUR_METRIC_miss_ratio] =
        tally->jobs ? 100 * (double)tally->misses / (double)tally->jobs : NAN;
}

static double mean(const struct aur_histogram *histogram)
{
    return histogram->count ? aur_histogram_mean(histogram) : NAN;
}

static double quantile(const struct aur_histogram *histogram, uint32_t ppm)
{
    return histogram->count ? (double)aur_histogram_quantile(histogram, ppm) : NAN;
}

static void from_distributions(double *values, const struct aur_spec_result *of)
{
    values[AUR_METRIC_wait_ns_mean] = mean(&of->wait_ns);
    values[AUR_METRIC_wait_ns_p99] = quantile(&of->wait_ns, 990000);
    values[AUR_METRIC_wakeup_ns_mean] = mean(&of->wakeup_latency_ns);
    values[AUR_METRIC_wakeup_ns_p50] = quantile(&of->wakeup_latency_ns, 500000);
    values[AUR_METRIC_wakeup_ns_p99] = quantile(&of->wakeup_latency_ns, 990000);
    values[AUR_METRIC_wakeup_ns_max] = quantile(&of->wakeup_latency_ns, AUR_HISTOGRAM_PPM);
    values[AUR_METRIC_response_ns_mean] = mean(&of->response_ns);
    values[AUR_METRIC_response_ns_p99] = quantile(&of->response_ns, 990000);
    values[AUR_METRIC_response_ns_max] = quantile(&of->response_ns, AUR_HISTOGRAM_PPM);
}

static bool is_of_distribution(uint32_t id)
{
    return id == AUR_METRIC_wait_ns_mean || id == AUR_METRIC_wait_ns_p99 ||
           (id >= AUR_METRIC_wakeup_ns_mean && id <= AUR_METRIC_response_ns_max);
}

static bool put_task(struct recording *to, const char *name, const double *values, bool instance)
{
    for (uint32_t id = 0; id < AUR_METRIC_COUNT; id++) {
        const struct aur_metric *metric = aur_metric(id);
        if (!metric->of_task || (instance && is_of_distribution(id)))
            continue;
        if (!to->sink->metric(to->sink->context, name, metric->name, metric->unit, values[id]))
            return false;
    }
    return true;
}

static bool put_histograms(const struct aur_record_sink *sink, const char *task,
                           const struct aur_spec_result *of)
{
    void *context = sink->context;
    return sink->histogram(context, task, "wakeup_latency", "ns", &of->wakeup_latency_ns) &&
           sink->histogram(context, task, "wait", "ns", &of->wait_ns) &&
           sink->histogram(context, task, "response", "ns", &of->response_ns);
}

static void free_distributions(struct aur_spec_result *of)
{
    aur_histogram_free(&of->wakeup_latency_ns);
    aur_histogram_free(&of->wait_ns);
    aur_histogram_free(&of->response_ns);
}

static bool merge(struct aur_spec_result *into, const struct aur_spec_result *from)
{
    return aur_histogram_merge(&into->wakeup_latency_ns, &from->wakeup_latency_ns) &&
           aur_histogram_merge(&into->wait_ns, &from->wait_ns) &&
           aur_histogram_merge(&into->response_ns, &from->response_ns);
}

static const char *spec_name(const struct recording *of, uint32_t spec)
{
    const struct aur_workload *workload = &of->inputs->workload;
    return aur_workload_name(workload, workload->specs[spec].name);
}

// A result of the forked tasks of a specification is there even if none was forked.
static bool is_empty(const struct aur_task_result *task)
{
    return task->instance == AUR_NONE && !task->switches && !task->jobs && !task->run_ns &&
           !task->wait_ns;
}

// Names are few and mostly distinct; offsets into the names of the workload are equal for equal
// names only by chance, so the text decides.
static bool make_groups(struct recording *to)
{
    uint32_t specs = to->result->spec_count;
    to->groups = calloc(specs + 1u, sizeof *to->groups);
    to->group_of = calloc(specs + 1u, sizeof *to->group_of);
    if (!to->groups || !to->group_of)
        return false;
    for (uint32_t spec = 0; spec < specs; spec++) {
        uint32_t group = 0;
        while (group < to->group_count && strcmp(to->groups[group].name, spec_name(to, spec)) != 0)
            group++;
        if (group == to->group_count)
            to->groups[to->group_count++].name = spec_name(to, spec);
        to->group_of[spec] = group;
        if (!merge(&to->groups[group].distributions, &to->result->specs[spec]))
            return false;
    }
    for (uint32_t i = 0; i < to->result->task_count; i++) {
        const struct aur_task_result *task = &to->result->tasks[i];
        struct group *group = &to->groups[to->group_of[task->spec]];
        add_task(&group->tally, task);
        group->instances += !is_empty(task);
    }
    return true;
}

static bool put_groups(struct recording *to)
{
    for (uint32_t i = 0; i < to->group_count; i++) {
        double values[AUR_METRIC_COUNT] = {0};
        struct group *group = &to->groups[i];
        from_tally(values, &group->tally, to->window_ns);
        from_distributions(values, &group->distributions);
        if (!put_task(to, group->name, values, false) ||
            !put_histograms(to->sink, group->name, &group->distributions))
            return false;
    }
    return true;
}

static bool has_group(const struct recording *to, const char *name)
{
    for (uint32_t i = 0; i < to->group_count; i++)
        if (strcmp(to->groups[i].name, name) == 0)
            return true;
    return false;
}

static bool put_instances(struct recording *to)
{
    uint32_t *seen = calloc(to->group_count + 1u, sizeof *seen);
    bool good = seen != NULL;
    for (uint32_t i = 0; good && i < to->result->task_count; i++) {
        const struct aur_task_result *task = &to->result->tasks[i];
        uint32_t number = to->group_of[task->spec];
        double values[AUR_METRIC_COUNT] = {0};
        struct tally tally = {0};
        char name[160];
        if (to->groups[number].instances < 2 || is_empty(task))
            continue;
        if (task->instance == AUR_NONE)
            snprintf(name, sizeof name, "%.140s-forked", to->groups[number].name);
        else
            snprintf(name, sizeof name, "%.140s-%u", to->groups[number].name, seen[number]++);
        if (has_group(to, name))
            continue; // a task of its own has that name
        add_task(&tally, task);
        from_tally(values, &tally, to->window_ns);
        good = put_task(to, name, values, true);
    }
    free(seen);
    return good;
}

static bool put_task_groups(struct recording *to)
{
    const struct aur_workload *workload = &to->inputs->workload;
    for (uint32_t i = 0; i < to->result->group_count; i++) {
        const struct aur_group_result *group = &to->result->groups[i];
        const char *path = aur_workload_name(workload, workload->groups[i].name);
        double run_ns = (double)group->run_ns;
        double values[AUR_METRIC_COUNT] = {0};
        values[AUR_METRIC_cpu_share] = to->window_ns > 0 ? 100 * run_ns / to->window_ns : NAN;
        values[AUR_METRIC_run_ns] = run_ns;
        values[AUR_METRIC_quota_periods] = (double)group->periods;
        values[AUR_METRIC_throttlings] = (double)group->throttlings;
        values[AUR_METRIC_throttled_ns] = (double)group->throttled_ns;
        for (uint32_t id = 0; id < AUR_METRIC_COUNT; id++) {
            const struct aur_metric *metric = aur_metric(id);
            if (metric->of_group &&
                !to->sink->metric(to->sink->context, path, metric->name, metric->unit, values[id]))
                return false;
        }
    }
    return true;
}

static bool put_system(struct recording *to)
{
    double values[AUR_METRIC_COUNT] = {0};
    const struct aur_run_result *result = to->result;
    struct aur_spec_result all = {0};
    struct tally tally = {0};
    double cpu_ns = to->window_ns * result->cpu_count;
    for (uint32_t cpu = 0; cpu < result->cpu_count; cpu++)
        cpu_ns -= (double)result->cpus[cpu].offline_ns;
    bool good = true;

    for (uint32_t i = 0; i < result->task_count; i++)
        add_task(&tally, &result->tasks[i]);
    for (uint32_t i = 0; i < to->group_count && good; i++)
        good = merge(&all, &to->groups[i].distributions);
    from_tally(values, &tally, to->window_ns);
    from_distributions(values, &all);
    values[AUR_METRIC_utilisation] = cpu_ns > 0 ? 100 * (double)tally.run_ns / cpu_ns : NAN;
    values[AUR_METRIC_fairness] = aur_fair_share(to->inputs, result, 0);
    values[AUR_METRIC_fairness_busy] = aur_fair_share(to->inputs, result, to->window_ns);
    values[AUR_METRIC_makespan_ns] = (double)result->end_ns;
    values[AUR_METRIC_live] = (double)result->live;
    values[AUR_METRIC_events] = (double)result->events;
    values[AUR_METRIC_sched_events] = (double)result->sched_events;
    for (uint32_t id = 0; id < AUR_METRIC_COUNT && good; id++) {
        const struct aur_metric *metric = aur_metric(id);
        if (metric->of_system)
            good = to->sink->metric(to->sink->context, "", metric->name, metric->unit, values[id]);
    }
    good = good && put_histograms(to->sink, "", &all);
    free_distributions(&all);
    return good;
}

bool aur_record_run(const struct aur_record_sink *sink, const struct aur_inputs *inputs,
                    const struct aur_run_result *result)
{
    struct recording to = {.sink = sink, .inputs = inputs, .result = result};
    if (result->end_ns > inputs->warmup_ns)
        to.window_ns = (double)(result->end_ns - inputs->warmup_ns);
    bool good = make_groups(&to) && put_system(&to) && put_groups(&to) && put_instances(&to) &&
                put_task_groups(&to);
    for (uint32_t i = 0; i < to.group_count; i++)
        free_distributions(&to.groups[i].distributions);
    free(to.groups);
    free(to.group_of);
    return good;
}
