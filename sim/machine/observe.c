// What the metrics see of a run. The core counts time, switches and moves of each task; the host
// adds what only it knows: jobs, their releases and deadlines.
#include <stdlib.h>
#include <string.h>

#include "machine/world.h"

void aur_observe_run(struct aur_world *world, uint32_t task)
{
    struct aur_actor *actor = &world->actors[task];
    struct aur_spec_result *spec = &world->result->specs[actor->spec];
    uint64_t waited_ns = world->now_ns - actor->ready_ns;
    struct aur_task_result *result = &world->result->tasks[actor->result];
    aur_histogram_record(&spec->wait_ns, waited_ns);
    if (waited_ns > result->wait_max_ns)
        result->wait_max_ns = waited_ns;
    if (actor->fresh_wake) {
        actor->fresh_wake = 0;
        aur_histogram_record(&spec->wakeup_latency_ns, waited_ns);
        return;
    }
    result->resumes++;
    result->resume_wait_ns += waited_ns;
    if (waited_ns > result->resume_wait_max_ns)
        result->resume_wait_max_ns = waited_ns;
}

void aur_observe_job(struct aur_world *world, struct aur_actor *actor, uint64_t deadline_at_ns)
{
    struct aur_task_result *result = &world->result->tasks[actor->result];
    struct aur_spec_result *spec = &world->result->specs[actor->spec];
    result->jobs++;
    // A release that lies ahead: the task was woken before its time by another.
    uint64_t response_ns =
        world->now_ns > actor->release_ns ? world->now_ns - actor->release_ns : 0;
    aur_histogram_record(&spec->response_ns, response_ns);
    if (deadline_at_ns < world->now_ns) {
        result->misses++;
        if (world->now_ns - deadline_at_ns > result->tardiness_max_ns)
            result->tardiness_max_ns = world->now_ns - deadline_at_ns;
    }
}

// Adds what the core has counted of a task since it was made.
static void collect(const struct aur_world *world, uint32_t task, struct aur_task_result *result)
{
    const struct aur_task *t = aur_core_task(world->core, task);
    result->run_ns += aur_core_task_run_ns(world->core, task, world->now_ns);
    bool waits = t->state == AUR_TASK_RUNNABLE || t->state == AUR_TASK_THROTTLED;
    uint64_t waits_ns = waits ? world->now_ns - t->since_ns : 0;
    result->wait_ns += t->wait_ns + waits_ns;
    if (waits_ns > result->wait_max_ns)
        result->wait_max_ns = waits_ns;
    result->switches += t->switches;
    result->preemptions += t->preemptions;
    result->migrations += t->migrations;
    result->wakeups += t->wakeups;
}

void aur_observe_exit(struct aur_world *world, uint32_t task)
{
    struct aur_actor *actor = &world->actors[task];
    struct aur_task_result *result = &world->result->tasks[actor->result];
    collect(world, task, result);
    aur_observe_job(world, actor, AUR_NEVER_NS);
    result->exits++;
    result->turnaround_ns += world->now_ns - actor->start_ns;
    actor->result = AUR_NONE;
    world->live--;
}

static void collect_live(struct aur_world *world, struct aur_task_result *results)
{
    for (uint32_t task = 0; task < world->capacity; task++)
        if (aur_core_task(world->core, task) && world->actors[task].result != AUR_NONE)
            collect(world, task, &results[world->actors[task].result]);
}

static struct aur_cpu_result account(const struct aur_world *world, uint32_t cpu)
{
    struct aur_cpu_account of = aur_core_cpu(world->core, cpu, world->now_ns);
    return (struct aur_cpu_result){of.busy_ns, of.idle_ns, of.offline_ns, of.switches};
}

// Is the task in the group, or in one below it?
static bool is_in(const struct aur_world *world, uint32_t task, uint32_t group)
{
    uint32_t at = aur_core_task(world->core, task)->group;
    while (at != AUR_NONE && at != group)
        at = aur_core_group(world->core, at)->parent;
    return at == group;
}

// The core charges a group at events; what runs now has not been charged since the last one.
static struct aur_group_result group_account(const struct aur_world *world, uint32_t number)
{
    const struct aur_group *group = aur_core_group(world->core, world->groups[number]);
    struct aur_group_result result = {group->run_ns, group->periods, group->throttlings,
                                      group->throttled_ns};
    for (uint32_t cpu = 0; cpu < world->result->cpu_count; cpu++) {
        uint32_t task = aur_core_running(world->core, cpu);
        if (task != AUR_NONE && is_in(world, task, world->groups[number]))
            result.run_ns += aur_core_task_run_ns(world->core, task, world->now_ns) -
                             aur_core_task(world->core, task)->run_ns;
    }
    return result;
}

static void take_off_group(struct aur_group_result *of, const struct aur_group_result *baseline)
{
    of->run_ns -= baseline->run_ns;
    of->periods -= baseline->periods;
    of->throttlings -= baseline->throttlings;
    of->throttled_ns -= baseline->throttled_ns;
}

// From here on the metrics count: histograms and maxima start anew, sums are remembered to be
// taken off. A wait or job that is under way then counts whole, at its end.
void aur_observe_warmup(struct aur_world *world)
{
    struct aur_run_result *result = world->result;
    memcpy(world->baseline, result->tasks, result->task_count * sizeof *world->baseline);
    collect_live(world, world->baseline);
    for (uint32_t i = 0; i < result->task_count; i++) {
        struct aur_task_result *task = &result->tasks[i];
        task->wait_max_ns = task->resume_wait_max_ns = task->tardiness_max_ns = 0;
        task->turnaround_ns = 0;
        task->exits = 0;
    }
    for (uint32_t cpu = 0; cpu < result->cpu_count; cpu++)
        world->cpu_baseline[cpu] = account(world, cpu);
    for (uint32_t group = 0; group < result->group_count; group++)
        result->groups[group] = group_account(world, group); // taken off at the end
    for (uint32_t spec = 0; spec < result->spec_count; spec++) {
        aur_histogram_free(&result->specs[spec].wakeup_latency_ns);
        aur_histogram_free(&result->specs[spec].wait_ns);
        aur_histogram_free(&result->specs[spec].response_ns);
    }
}

static void take_off(struct aur_task_result *result, const struct aur_task_result *baseline)
{
    result->switches -= baseline->switches;
    result->preemptions -= baseline->preemptions;
    result->migrations -= baseline->migrations;
    result->wakeups -= baseline->wakeups;
    result->jobs -= baseline->jobs;
    result->misses -= baseline->misses;
    result->resumes -= baseline->resumes;
    result->resume_wait_ns -= baseline->resume_wait_ns;
    result->run_ns -= baseline->run_ns;
    result->wait_ns -= baseline->wait_ns;
}

void aur_observe_end(struct aur_world *world)
{
    struct aur_run_result *result = world->result;
    collect_live(world, result->tasks);
    for (uint32_t i = 0; world->baseline && i < result->task_count; i++)
        take_off(&result->tasks[i], &world->baseline[i]);
    uint64_t switches = 0;
    for (uint32_t cpu = 0; cpu < result->cpu_count; cpu++) {
        const struct aur_cpu_result *before = &world->cpu_baseline[cpu];
        struct aur_cpu_result all = account(world, cpu);
        result->cpus[cpu] = (struct aur_cpu_result){
            all.busy_ns - before->busy_ns, all.idle_ns - before->idle_ns,
            all.offline_ns - before->offline_ns, all.switches - before->switches};
        switches += all.switches;
    }
    for (uint32_t group = 0; group < result->group_count; group++) {
        struct aur_group_result baseline = result->groups[group];
        result->groups[group] = group_account(world, group);
        take_off_group(&result->groups[group], &baseline);
    }
    result->digest = aur_core_digest(world->core);
    result->events = aur_core_events(world->core);
    result->sched_events = world->wakes + world->blocks + world->ticks + switches;
    result->end_ns = world->now_ns;
    result->live = world->live;
}
