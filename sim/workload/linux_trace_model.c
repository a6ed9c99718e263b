// Follows a recording event by event: who is on which CPU, who wakes whom.
#include "workload/linux_trace_model.h"

#include <stdlib.h>
#include <string.h>

static bool is_task(uint32_t who)
{
    return who < AUR_TRACE_NOBODY;
}

static uint64_t later(uint64_t a_ns, uint64_t b_ns)
{
    return a_ns > b_ns ? a_ns : b_ns;
}

static void problem(struct aur_trace_model *model, enum aur_trace_problem kind, uint32_t line)
{
    aur_trace_report_problem(model->report, kind, line);
}

// --- who is on which CPU -------------------------------------------------------------------------

static uint32_t running_on(const struct aur_trace_model *model, uint16_t cpu)
{
    return cpu == AUR_NO_CPU ? AUR_TRACE_NOBODY : model->running[cpu];
}

// A task that must have left its CPU, though no switch says so: it could have run on.
static void displace(struct aur_trace_model *model, uint32_t task, uint64_t at_ns, uint32_t line)
{
    struct aur_trace_task *of = &model->tasks[task];
    if (of->cpu != AUR_NO_CPU && model->running[of->cpu] == task)
        model->running[of->cpu] = AUR_TRACE_NOBODY;
    // Where CPU time is in the text, a stretch without it was short, whenever it ended.
    if (model->report->kinds[AUR_TRACE_RUNTIME])
        of->measured = true;
    problem(model, AUR_TRACE_SWITCH_UNSEEN, line);
    aur_trace_task_off(model, task, 'R', later(at_ns, of->on_ns), line);
}

static void put_on(struct aur_trace_model *model, uint32_t task, uint16_t cpu, uint64_t at_ns,
                   uint32_t line)
{
    aur_trace_task_on(model, task, cpu, at_ns, line);
    if (cpu != AUR_NO_CPU)
        model->running[cpu] = task;
}

// An event shows that the task is running, since since_ns as far as that event can tell.
static void must_run(struct aur_trace_model *model, uint32_t task, uint16_t cpu, uint64_t since_ns,
                     const struct aur_trace_event *event)
{
    struct aur_trace_task *of = &model->tasks[task];
    if (of->state == AUR_TRACE_TASK_RUNNING) {
        if (of->cpu == cpu || cpu == AUR_NO_CPU)
            return;
        displace(model, task, since_ns, event->line);
    }
    uint32_t before = running_on(model, cpu);
    bool new = of->state == AUR_TRACE_TASK_NEW;
    if (of->off_ns != AUR_NEVER_NS)
        since_ns = later(since_ns, of->off_ns);
    if (before == AUR_TRACE_BEFORE) {
        // It was there when the recording began.
        since_ns = event->kind == AUR_TRACE_RUNTIME ? since_ns : model->start_ns;
    } else if (is_task(before)) {
        displace(model, before, since_ns, event->line);
    } else {
        problem(model, before == AUR_TRACE_IDLE ? AUR_TRACE_FROM_IDLE : AUR_TRACE_SWITCH_UNSEEN,
                event->line);
        of->start_ns = new ? since_ns - model->start_ns : of->start_ns;
    }
    put_on(model, task, cpu, since_ns, event->line);
}

static void must_idle(struct aur_trace_model *model, const struct aur_trace_event *event)
{
    if (event->cpu == AUR_NO_CPU)
        return;
    uint32_t before = model->running[event->cpu];
    if (is_task(before))
        displace(model, before, event->at_ns, event->line);
    model->running[event->cpu] = AUR_TRACE_IDLE;
}

// Who ran where the event happened: a task, IDLE or NOBODY.
static uint32_t context_of(struct aur_trace_model *model, const struct aur_trace_event *event)
{
    if (event->context_pid == 0) {
        must_idle(model, event);
        return AUR_TRACE_IDLE;
    }
    if (event->context_pid < 0) {
        uint32_t who = running_on(model, event->cpu);
        return who == AUR_TRACE_BEFORE ? AUR_TRACE_NOBODY : who;
    }
    uint32_t task = aur_trace_task_of(model, event->context_pid, event->line);
    if (!is_task(task))
        return AUR_TRACE_NOBODY;
    if (!model->tasks[task].name)
        model->tasks[task].name = event->context_name;
    uint64_t since_ns = event->at_ns;
    if (event->kind == AUR_TRACE_RUNTIME && event->pid == event->context_pid)
        since_ns = later(model->start_ns, since_ns > event->value ? since_ns - event->value : 0);
    must_run(model, task, event->cpu, since_ns, event);
    return task;
}

// --- events --------------------------------------------------------------------------------------

static void leave(struct aur_trace_model *model, const struct aur_trace_event *event)
{
    if (event->pid == 0) {
        must_idle(model, event);
        return;
    }
    uint32_t task = aur_trace_task_of(model, event->pid, event->line);
    if (!is_task(task))
        return;
    must_run(model, task, event->cpu, event->at_ns, event);
    aur_trace_task_observe(model, task, event->name, event->prio, event->at_ns, event->line);
    aur_trace_task_off(model, task, event->state, event->at_ns, event->line);
}

// Has the task, of which nothing is known, been waiting for a CPU since the recording began?
static bool waited_from_start(const struct aur_trace_model *model,
                              const struct aur_trace_event *event)
{
    const uint64_t *kinds = model->report->kinds;
    return (kinds[AUR_TRACE_WAKING] || kinds[AUR_TRACE_WAKEUP]) &&
           event->line < model->events->first_lost_line;
}

static void enter(struct aur_trace_model *model, const struct aur_trace_event *event)
{
    if (event->other_pid == 0) {
        if (event->cpu != AUR_NO_CPU)
            model->running[event->cpu] = AUR_TRACE_IDLE;
        return;
    }
    uint32_t task = aur_trace_task_of(model, event->other_pid, event->line);
    if (!is_task(task))
        return;
    if (model->tasks[task].state == AUR_TRACE_TASK_RUNNING)
        displace(model, task, event->at_ns, event->line);
    if (model->tasks[task].state == AUR_TRACE_TASK_NEW && !waited_from_start(model, event))
        model->tasks[task].start_ns = event->at_ns - model->start_ns;
    aur_trace_task_observe(model, task, event->other_name, event->other_prio, event->at_ns,
                           event->line);
    put_on(model, task, event->cpu, event->at_ns, event->line);
}

// The kernel writes this for a task on another CPU too, when it looks at that CPU's queue.
static void runtime(struct aur_trace_model *model, const struct aur_trace_event *event)
{
    uint32_t who = context_of(model, event);
    if (event->pid == 0)
        return;
    uint32_t task = aur_trace_index_get(&model->pids, (uint64_t)event->pid);
    if (task == AUR_NONE)
        task = aur_trace_task_new(model, event->pid, event->line);
    if (!is_task(task))
        return;
    if (!is_task(who) && event->context_pid < 0 && model->tasks[task].state != AUR_TRACE_TASK_DEAD)
        must_run(model, task, event->cpu, event->at_ns, event);
    aur_trace_task_runtime(model, task, event->value, event->at_ns);
    aur_trace_task_observe(model, task, event->name, event->prio, event->at_ns, event->line);
}

// Is it the event that tells who woke? sched_wakeup may be written on the CPU of the woken task.
static bool names_waker(const struct aur_trace_model *model, const struct aur_trace_event *event)
{
    return event->kind == AUR_TRACE_WAKING || !model->report->kinds[AUR_TRACE_WAKING];
}

static void wake(struct aur_trace_model *model, const struct aur_trace_event *event)
{
    uint32_t waker = context_of(model, event);
    uint32_t task = aur_trace_task_of(model, event->pid, event->line);
    if (!is_task(task) || task == waker)
        return;
    bool named = names_waker(model, event);
    aur_trace_task_observe(model, task, event->name, event->prio, event->at_ns, event->line);
    uint8_t state = model->tasks[task].state;
    bool blocked = state == AUR_TRACE_TASK_BLOCKED || state == AUR_TRACE_TASK_NEW;
    if (!blocked && !(named && state == AUR_TRACE_TASK_RUNNING)) {
        model->report->wakes_ignored += named;
        return;
    }
    struct aur_trace_wake made = {.at_ns = event->at_ns,
                                  .slept_ns = AUR_NEVER_NS,
                                  .sleeper = task,
                                  .waker = waker,
                                  .cpu = event->cpu,
                                  .context = event->context,
                                  .verdict = AUR_TRACE_BY_TASK};
    if (!named)
        made.verdict = AUR_TRACE_BY_NOTHING;
    else if (!is_task(waker))
        made.verdict = AUR_TRACE_BY_IDLE;
    else if (event->context == AUR_TRACE_CONTEXT_HARD)
        made.verdict = AUR_TRACE_BY_MARK;
    uint32_t index = aur_trace_wake_new(model, &made);
    if (index == AUR_NONE)
        return;
    if (made.verdict == AUR_TRACE_BY_NOTHING)
        problem(model, AUR_TRACE_WAKE_UNSEEN, event->line);
    if (made.verdict == AUR_TRACE_BY_TASK)
        aur_trace_task_step(model, waker, AUR_TRACE_STEP_UP, index, event->at_ns, event->line);
    if (blocked)
        aur_trace_task_wake(model, task, index, event->line);
    else
        model->tasks[task].early = index;
}

static void fork_child(struct aur_trace_model *model, uint32_t parent, int32_t pid, uint32_t name,
                       const struct aur_trace_event *event)
{
    uint32_t old = aur_trace_index_get(&model->pids, (uint64_t)pid);
    if (old != AUR_NONE && model->tasks[old].state == AUR_TRACE_TASK_RUNNING)
        displace(model, old, event->at_ns, event->line);
    if (old != AUR_NONE)
        model->tasks[old].state = AUR_TRACE_TASK_DEAD;
    uint32_t child = aur_trace_task_new(model, pid, event->line);
    if (!is_task(child))
        return;
    model->tasks[child].state = AUR_TRACE_TASK_READY;
    model->tasks[child].name = name;
    if (is_task(parent)) {
        model->tasks[child].parent = parent;
        aur_trace_task_step(model, parent, AUR_TRACE_STEP_FORK, child, event->at_ns, event->line);
    } else {
        model->tasks[child].start_ns = event->at_ns - model->start_ns;
    }
}

static void forked(struct aur_trace_model *model, const struct aur_trace_event *event)
{
    uint32_t parent = context_of(model, event);
    if (event->pid != event->context_pid)
        parent =
            event->pid == 0 ? AUR_TRACE_IDLE : aur_trace_task_of(model, event->pid, event->line);
    if (is_task(parent))
        aur_trace_task_observe(model, parent, event->name, event->prio, event->at_ns, event->line);
    fork_child(model, parent, event->other_pid, event->other_name, event);
}

// Follows sched_process_fork, or stands alone where that event was not recorded.
static void woken_new(struct aur_trace_model *model, const struct aur_trace_event *event)
{
    uint32_t parent = context_of(model, event);
    uint32_t child = aur_trace_index_get(&model->pids, (uint64_t)event->pid);
    if (child == AUR_NONE || model->tasks[child].state != AUR_TRACE_TASK_READY) {
        fork_child(model, parent, event->pid, event->name, event);
        child = aur_trace_index_get(&model->pids, (uint64_t)event->pid);
    }
    if (child != AUR_NONE && !model->out_of_memory)
        aur_trace_task_observe(model, child, event->name, event->prio, event->at_ns, event->line);
}

static void follow(struct aur_trace_model *model, const struct aur_trace_event *event)
{
    switch (event->kind) {
    case AUR_TRACE_SWITCH:
        leave(model, event);
        if (!model->out_of_memory)
            enter(model, event);
        break;
    case AUR_TRACE_WAKING:
    case AUR_TRACE_WAKEUP:
        wake(model, event);
        break;
    case AUR_TRACE_WAKEUP_NEW:
        woken_new(model, event);
        break;
    case AUR_TRACE_FORK:
        forked(model, event);
        break;
    case AUR_TRACE_RUNTIME:
        runtime(model, event);
        break;
    default:
        context_of(model, event);
        break;
    }
}

// The recording ends: who still runs has run until now.
static void close_all(struct aur_trace_model *model)
{
    for (uint32_t i = 0; i < model->task_count && !model->out_of_memory; i++)
        if (model->tasks[i].state == AUR_TRACE_TASK_RUNNING)
            aur_trace_task_off(model, i, 'R', later(model->end_ns, model->tasks[i].on_ns),
                               model->tasks[i].line);
}

static bool find_metered(struct aur_trace_model *model)
{
    for (uint32_t i = 0; i < model->events->count; i++) {
        const struct aur_trace_event *event = &model->events->list[i];
        if (event->kind != AUR_TRACE_RUNTIME)
            continue;
        uint32_t *metered = aur_trace_index_at(&model->metered, (uint64_t)event->pid);
        if (!metered)
            return false;
        *metered = 1;
    }
    return true;
}

bool aur_trace_model_make(struct aur_trace_model *model, const struct aur_trace_events *events,
                          struct aur_trace_report *report)
{
    *model = (struct aur_trace_model){.events = events, .report = report};
    if (!events->count)
        return true;
    model->start_ns = events->list[0].at_ns;
    model->end_ns = events->list[events->count - 1].at_ns;
    model->running = malloc((report->cpus + 1) * sizeof *model->running);
    if (!model->running || !find_metered(model))
        return false;
    for (uint32_t cpu = 0; cpu < report->cpus; cpu++)
        model->running[cpu] = AUR_TRACE_BEFORE;
    for (uint32_t i = 0; i < events->count && !model->out_of_memory; i++)
        follow(model, &events->list[i]);
    close_all(model);
    return !model->out_of_memory;
}

void aur_trace_model_free(struct aur_trace_model *model)
{
    free(model->tasks);
    free(model->steps);
    free(model->wakes);
    free(model->share_ns);
    free(model->running);
    aur_trace_index_free(&model->pids);
    aur_trace_index_free(&model->metered);
    aur_trace_index_free(&model->shares);
    memset(model, 0, sizeof *model);
}
