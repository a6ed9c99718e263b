// One task of a recording: its chain of steps, its CPU time, its states.
#include "workload/linux_trace_array.h"
#include "workload/linux_trace_model.h"

static bool reserve(struct aur_trace_model *model, void **array, uint32_t *room, uint32_t count,
                    size_t item_bytes)
{
    if (aur_trace_reserve(array, room, count, item_bytes))
        return true;
    model->out_of_memory = true;
    return false;
}

uint32_t aur_trace_task_new(struct aur_trace_model *model, int32_t pid, uint32_t line)
{
    uint32_t *known = aur_trace_index_at(&model->pids, (uint64_t)pid);
    if (!known || !reserve(model, (void **)&model->tasks, &model->task_room, model->task_count,
                           sizeof *model->tasks)) {
        model->out_of_memory = true;
        return AUR_TRACE_NOBODY;
    }
    if (*known != AUR_NONE)
        aur_trace_report_problem(model->report, AUR_TRACE_PID_REUSED, line);
    *known = model->task_count;
    model->tasks[model->task_count] = (struct aur_trace_task){
        .pid = pid,
        .line = line,
        .parent = AUR_NONE,
        .first = AUR_NONE,
        .last = AUR_NONE,
        .open = AUR_NONE,
        .block = AUR_NONE,
        .early = AUR_NONE,
        .off_ns = AUR_NEVER_NS,
        .prio = AUR_TRACE_NO_PRIO,
        .first_prio = AUR_TRACE_NO_PRIO,
        .cpu = AUR_NO_CPU,
        .only_cpu = AUR_NO_CPU,
        .metered = aur_trace_index_get(&model->metered, (uint64_t)pid) != AUR_NONE,
    };
    return model->task_count++;
}

uint32_t aur_trace_task_of(struct aur_trace_model *model, int32_t pid, uint32_t line)
{
    uint32_t task = aur_trace_index_get(&model->pids, (uint64_t)pid);
    if (task != AUR_NONE && model->tasks[task].state != AUR_TRACE_TASK_DEAD)
        return task;
    return aur_trace_task_new(model, pid, line);
}

void aur_trace_task_observe(struct aur_trace_model *model, uint32_t task, uint32_t name,
                            int16_t prio, uint64_t at_ns, uint32_t line)
{
    struct aur_trace_task *of = &model->tasks[task];
    if (name)
        of->name = name;
    if (prio == AUR_TRACE_NO_PRIO || prio == of->prio)
        return;
    if (of->prio == AUR_TRACE_NO_PRIO)
        of->first_prio = prio;
    else
        aur_trace_task_step(model, task, AUR_TRACE_STEP_PRIO, (uint32_t)(prio + 1), at_ns, line);
    model->tasks[task].prio = prio;
}

// --- steps and CPU time --------------------------------------------------------------------------

uint32_t aur_trace_task_step(struct aur_trace_model *model, uint32_t task, uint8_t kind,
                             uint32_t argument, uint64_t at_ns, uint32_t line)
{
    if (!reserve(model, (void **)&model->steps, &model->step_room, model->step_count,
                 sizeof *model->steps))
        return AUR_NONE;
    struct aur_trace_task *of = &model->tasks[task];
    uint32_t index = model->step_count++;
    struct aur_trace_step *step = &model->steps[index];
    *step =
        (struct aur_trace_step){.next = AUR_NONE, .argument = argument, .line = line, .kind = kind};
    if (of->state == AUR_TRACE_TASK_RUNNING) {
        step->run_ns = at_ns;
        if (of->open == AUR_NONE)
            of->open = index;
    } else {
        step->run_ns = of->owed_ns;
        of->owed_ns = 0;
    }
    if (of->last == AUR_NONE)
        of->first = index;
    else
        model->steps[of->last].next = index;
    of->last = index;
    return index;
}

// The open stretch had run_ns of CPU time: its steps get the part before them.
static void close_stretch(struct aur_trace_model *model, struct aur_trace_task *task,
                          uint64_t run_ns)
{
    uint64_t placed = 0;
    for (uint32_t i = task->open; i != AUR_NONE; i = model->steps[i].next) {
        struct aur_trace_step *step = &model->steps[i];
        uint64_t at = step->run_ns > task->stretch_ns ? step->run_ns - task->stretch_ns : 0;
        if (at < placed)
            at = placed;
        if (at > run_ns)
            at = run_ns;
        step->run_ns = task->owed_ns + at - placed;
        task->owed_ns = 0;
        placed = at;
    }
    task->open = AUR_NONE;
    task->owed_ns += run_ns - placed;
    task->run_ns += run_ns;
}

void aur_trace_task_runtime(struct aur_trace_model *model, uint32_t task, uint64_t runtime_ns,
                            uint64_t at_ns)
{
    struct aur_trace_task *of = &model->tasks[task];
    close_stretch(model, of, runtime_ns);
    if (of->state == AUR_TRACE_TASK_RUNNING) {
        of->stretch_ns = at_ns;
        of->measured = true;
    }
}

// --- on and off the CPU --------------------------------------------------------------------------

static uint64_t share_key(uint32_t task, uint16_t cpu)
{
    return (uint64_t)task << 16 | cpu;
}

static void add_share(struct aur_trace_model *model, uint32_t task, uint64_t on_ns)
{
    uint32_t *share = aur_trace_index_at(&model->shares, share_key(task, model->tasks[task].cpu));
    if (!share || !reserve(model, (void **)&model->share_ns, &model->share_room, model->share_count,
                           sizeof *model->share_ns)) {
        model->out_of_memory = true;
        return;
    }
    if (*share == AUR_NONE) {
        *share = model->share_count++;
        model->share_ns[*share] = 0;
    }
    model->share_ns[*share] += on_ns;
}

uint64_t aur_trace_on_cpu_ns(const struct aur_trace_model *model, uint32_t task, uint16_t cpu)
{
    uint32_t share = aur_trace_index_get(&model->shares, share_key(task, cpu));
    return share == AUR_NONE ? 0 : model->share_ns[share];
}

uint32_t aur_trace_wake_new(struct aur_trace_model *model, const struct aur_trace_wake *wake)
{
    if (!reserve(model, (void **)&model->wakes, &model->wake_room, model->wake_count,
                 sizeof *model->wakes))
        return AUR_NONE;
    model->wakes[model->wake_count] = *wake;
    return model->wake_count++;
}

void aur_trace_task_wake(struct aur_trace_model *model, uint32_t task, uint32_t wake, uint32_t line)
{
    struct aur_trace_task *of = &model->tasks[task];
    if (of->state == AUR_TRACE_TASK_NEW)
        of->block = aur_trace_task_step(model, task, AUR_TRACE_STEP_BLOCK, AUR_NONE, 0, line);
    if (wake == AUR_NONE || model->out_of_memory)
        return;
    uint64_t at_ns = model->wakes[wake].at_ns;
    model->steps[of->block].argument = wake;
    model->wakes[wake].ended = true;
    model->wakes[wake].slept_ns = of->off_ns == AUR_NEVER_NS ? AUR_NEVER_NS
                                  : at_ns > of->off_ns       ? at_ns - of->off_ns
                                                             : 0;
    of->state = AUR_TRACE_TASK_READY;
    of->early = AUR_NONE;
}

// It runs, so its block has ended: by a wake that came early, or by one that is not in the text.
static void wake_unseen(struct aur_trace_model *model, uint32_t task, uint16_t cpu, uint64_t at_ns,
                        uint32_t line)
{
    uint32_t wake = model->tasks[task].early;
    if (wake == AUR_NONE) {
        aur_trace_report_problem(model->report, AUR_TRACE_WAKE_UNSEEN, line);
        wake = aur_trace_wake_new(model, &(struct aur_trace_wake){.at_ns = at_ns,
                                                                  .sleeper = task,
                                                                  .waker = AUR_TRACE_NOBODY,
                                                                  .cpu = cpu,
                                                                  .verdict = AUR_TRACE_BY_NOTHING});
    }
    aur_trace_task_wake(model, task, wake, line);
}

void aur_trace_task_on(struct aur_trace_model *model, uint32_t task, uint16_t cpu, uint64_t at_ns,
                       uint32_t line)
{
    if (model->tasks[task].state == AUR_TRACE_TASK_BLOCKED)
        wake_unseen(model, task, cpu, at_ns, line);
    struct aur_trace_task *of = &model->tasks[task];
    if (!of->roams && of->only_cpu != cpu) {
        of->roams = of->only_cpu != AUR_NO_CPU;
        of->only_cpu = of->roams ? AUR_NO_CPU : cpu;
    }
    of->state = AUR_TRACE_TASK_RUNNING;
    of->cpu = cpu;
    of->on_ns = of->stretch_ns = at_ns;
    of->early = AUR_NONE;
    of->measured = false;
}

// Is all CPU time of the task in sched_stat_runtime, so that a stretch without it is none (the
// host of a virtual machine had the CPU)? Before Linux 6.8 real-time tasks have no such events.
static bool accounts_for_all(const struct aur_trace_model *model, const struct aur_trace_task *task)
{
    return task->metered && (task->prio >= 100 || task->prio == AUR_TRACE_NO_PRIO) &&
           !model->report->problems[AUR_TRACE_LOST].count;
}

void aur_trace_task_off(struct aur_trace_model *model, uint32_t task, char state, uint64_t at_ns,
                        uint32_t line)
{
    struct aur_trace_task *of = &model->tasks[task];
    uint64_t since_ns = at_ns > of->stretch_ns ? at_ns - of->stretch_ns : 0;
    close_stretch(model, of, of->measured || accounts_for_all(model, of) ? 0 : since_ns);
    add_share(model, task, at_ns > of->on_ns ? at_ns - of->on_ns : 0);
    of->off_ns = at_ns;
    switch (state) {
    case 'R':
        of->state = AUR_TRACE_TASK_READY;
        break;
    case 'X':
    case 'Z':
    case 'x':
        of->state = AUR_TRACE_TASK_DEAD;
        break;
    default:
        of->state = AUR_TRACE_TASK_BLOCKED;
        of->block = aur_trace_task_step(model, task, AUR_TRACE_STEP_BLOCK, AUR_NONE, at_ns, line);
        break;
    }
}
