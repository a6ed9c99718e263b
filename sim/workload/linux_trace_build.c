// Writes the programs of a recording's tasks, each a spec of its own, in order of appearance.
#include "workload/linux_trace_model.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// aur_workload_validate accepts durations below 2^62.
#define TIME_MAX_NS ((UINT64_C(1) << 62) - 1)
#define NAME_BYTES  128
#define FAIR_PRIO   120 // nice 0

struct build {
    const struct aur_trace_model *model;
    struct aur_workload *workload;
    struct aur_trace_index uses;  // hash of a name to how many tasks have it
    struct aur_trace_index taken; // hashes of the names that were given
    uint32_t *semaphores;         // of each task, or NONE
};

// --- names ---------------------------------------------------------------------------------------

static uint64_t hash_of(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); // FNV-1a
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    return hash;
}

static const char *name_of(const struct build *build, const struct aur_trace_task *task)
{
    return task->name ? build->model->events->names + task->name : "task";
}

static bool count_names(struct build *build)
{
    for (uint32_t i = 0; i < build->model->task_count; i++) {
        uint32_t *uses =
            aur_trace_index_at(&build->uses, hash_of(name_of(build, &build->model->tasks[i])));
        if (!uses)
            return false;
        *uses = *uses == AUR_NONE ? 1 : *uses + 1;
    }
    return true;
}

// `sh` if only one task has this name, else `sh-712`; `sh-712#2` where a pid was used again.
static uint32_t add_name(struct build *build, const struct aur_trace_task *task)
{
    const char *name = name_of(build, task);
    char text[NAME_BYTES];
    bool alone = aur_trace_index_get(&build->uses, hash_of(name)) == 1;
    for (uint32_t attempt = 1;; attempt++) {
        if (attempt > 1)
            snprintf(text, sizeof text, "%s-%d#%u", name, task->pid, attempt);
        else if (alone)
            snprintf(text, sizeof text, "%s", name);
        else
            snprintf(text, sizeof text, "%s-%d", name, task->pid);
        uint32_t *taken = aur_trace_index_at(&build->taken, hash_of(text));
        if (!taken)
            return AUR_NONE;
        if (*taken == AUR_NONE) {
            *taken = 1;
            return aur_workload_add_name(build->workload, text);
        }
    }
}

// --- what a task may do --------------------------------------------------------------------------

static uint32_t kind_of(int prio)
{
    if (prio >= 100)
        return aur_task_kind(AUR_POLICY_OTHER, prio >= 140 ? 19 : prio - 120, 0);
    int priority = prio < 0 ? 99 : 99 - prio;
    return aur_task_kind(AUR_POLICY_FIFO, 0, priority < 1 ? 1 : priority);
}

// The number after the slash of a per-CPU thread of the kernel, or -1: `migration/3`,
// `kworker/3:1H`. `kworker/u8:0` is bound to no CPU.
static int cpu_in_name(const char *name)
{
    static const char *const threads[] = {"migration/", "ksoftirqd/",  "kworker/", "cpuhp/",
                                          "rcuc/",      "rcuop/",      "rcuos/",   "irq_work/",
                                          "watchdog/",  "idle_inject/"};
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        size_t length = strlen(threads[i]);
        int cpu = 0, digits = 0;
        if (strncmp(name, threads[i], length) != 0)
            continue;
        for (name += length; isdigit((unsigned char)*name) && digits < 4; name++, digits++)
            cpu = cpu * 10 + (*name - '0');
        return digits && (!*name || *name == ':') ? cpu : -1;
    }
    return -1;
}

static uint64_t affinity_of(const struct build *build, const struct aur_trace_task *task)
{
    int cpu = cpu_in_name(name_of(build, task));
    bool pinned = cpu >= 0 && cpu < (int)AUR_CPUS_MAX && task->only_cpu == cpu;
    return pinned ? UINT64_C(1) << cpu : 0;
}

// --- programs ------------------------------------------------------------------------------------

static bool add_op(struct build *build, uint8_t code, uint32_t object, uint64_t value,
                   uint32_t line)
{
    struct aur_op op = {.code = code, .object = object, .line = line, .value = value};
    return aur_workload_add_op(build->workload, &op) != AUR_NONE;
}

static bool flush_run(struct build *build, uint64_t *run_ns, uint32_t line)
{
    while (*run_ns) {
        uint64_t part_ns = *run_ns > TIME_MAX_NS ? TIME_MAX_NS : *run_ns;
        if (!add_op(build, AUR_OP_RUN, 0, part_ns, line))
            return false;
        *run_ns -= part_ns;
    }
    return true;
}

static uint64_t instant(const struct build *build, const struct aur_trace_wake *wake)
{
    return wake->at_ns - build->model->start_ns;
}

// A first block that time ends is no block: the task starts then.
static bool starts_it(const struct build *build, const struct aur_trace_task *task,
                      uint32_t step_index)
{
    const struct aur_trace_step *step = &build->model->steps[step_index];
    return task->parent == AUR_NONE && step_index == task->first && !step->run_ns &&
           step->kind == AUR_TRACE_STEP_BLOCK && step->argument != AUR_NONE &&
           build->model->wakes[step->argument].verdict != AUR_TRACE_BY_TASK;
}

static bool add_step(struct build *build, const struct aur_trace_task *task, uint32_t step_index,
                     uint64_t *run_ns)
{
    const struct aur_trace_step *step = &build->model->steps[step_index];
    const struct aur_trace_wake *wake = NULL;
    *run_ns += step->run_ns;
    if (step->kind == AUR_TRACE_STEP_BLOCK || step->kind == AUR_TRACE_STEP_UP) {
        if (step->argument == AUR_NONE)
            return true;
        wake = &build->model->wakes[step->argument];
        bool by_task = wake->ended && wake->verdict == AUR_TRACE_BY_TASK;
        if (step->kind == AUR_TRACE_STEP_UP && !by_task)
            return true;
        if (starts_it(build, task, step_index))
            return true;
    }
    if (!flush_run(build, run_ns, step->line))
        return false;
    switch (step->kind) {
    case AUR_TRACE_STEP_BLOCK:
        if (wake->verdict == AUR_TRACE_BY_TASK)
            return add_op(build, AUR_OP_DOWN, build->semaphores[wake->sleeper], 0, step->line);
        return add_op(build, AUR_OP_SLEEP_UNTIL, 0, instant(build, wake), step->line);
    case AUR_TRACE_STEP_UP:
        return add_op(build, AUR_OP_UP, build->semaphores[wake->sleeper], 0, step->line);
    case AUR_TRACE_STEP_FORK:
        return add_op(build, AUR_OP_FORK, step->argument, 0, step->line);
    default:
        return add_op(build, AUR_OP_SET_KIND, kind_of((int)step->argument - 1), 0, step->line);
    }
}

static bool add_task(struct build *build, uint32_t index)
{
    const struct aur_trace_task *task = &build->model->tasks[index];
    struct aur_spec spec = {
        .name = add_name(build, task),
        .instances = task->parent == AUR_NONE,
        .entry = build->workload->op_count,
        .kind = kind_of(task->first_prio == AUR_TRACE_NO_PRIO ? FAIR_PRIO : task->first_prio),
        .affinity = affinity_of(build, task),
        .start_ns = task->parent == AUR_NONE ? task->start_ns : 0,
    };
    if (spec.name == AUR_NONE)
        return false;
    if (task->first != AUR_NONE && starts_it(build, task, task->first))
        spec.start_ns =
            instant(build, &build->model->wakes[build->model->steps[task->first].argument]);
    if (aur_workload_add_spec(build->workload, &spec) == AUR_NONE)
        return false;
    uint64_t run_ns = 0;
    uint32_t line = task->line;
    for (uint32_t i = task->first; i != AUR_NONE; i = build->model->steps[i].next) {
        if (!add_step(build, task, i, &run_ns))
            return false;
        line = build->model->steps[i].line;
    }
    run_ns += task->owed_ns;
    return flush_run(build, &run_ns, line) && add_op(build, AUR_OP_EXIT, 0, 0, line);
}

static bool add_semaphores(struct build *build)
{
    const struct aur_trace_model *model = build->model;
    build->semaphores = malloc((model->task_count + (size_t)1) * sizeof *build->semaphores);
    if (!build->semaphores)
        return false;
    for (uint32_t i = 0; i < model->task_count; i++)
        build->semaphores[i] = AUR_NONE;
    for (uint32_t i = 0; i < model->wake_count; i++) {
        const struct aur_trace_wake *wake = &model->wakes[i];
        uint32_t *semaphore = &build->semaphores[wake->sleeper];
        if (!wake->ended || wake->verdict != AUR_TRACE_BY_TASK || *semaphore != AUR_NONE)
            continue;
        struct aur_object_spec object = {.kind = AUR_OBJECT_SEMAPHORE};
        *semaphore = aur_workload_add_object(build->workload, &object);
        if (*semaphore == AUR_NONE)
            return false;
    }
    return true;
}

bool aur_trace_build(const struct aur_trace_model *model, struct aur_workload *workload)
{
    struct build build = {.model = model, .workload = workload};
    bool good = count_names(&build) && add_semaphores(&build);
    for (uint32_t i = 0; good && i < model->task_count; i++)
        good = add_task(&build, i);
    free(build.semaphores);
    aur_trace_index_free(&build.uses);
    aur_trace_index_free(&build.taken);
    return good;
}
