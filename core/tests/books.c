// The host's own books of who is where, and what must hold between them and the core.
#include "tests/host.h"

#include <inttypes.h>

#include "step/parts.h"

static uint32_t queued_on(const struct host *host, uint32_t cpu)
{
    return aur_core_cpu(host->core, cpu, host->now_ns).runnable;
}

bool host_allows(const struct host *host, uint32_t task, uint32_t cpu)
{
    const struct aur_task *t = aur_core_task(host->core, task);
    uint64_t mask = t->affinity & host->online;
    if (mask == 0)
        mask = host->online;
    if (t->home != AUR_NO_CPU && mask >> t->home & 1)
        return cpu == t->home;
    return (mask >> cpu & 1) != 0;
}

static void leave_cpu(struct host *host, uint32_t cpu)
{
    struct host_task *task = &host->tasks[host->cpus[cpu].running];
    task->ran_ns += host->now_ns - task->on_at_ns;
    task->on_cpu = AUR_NONE;
    host->cpus[cpu].running = AUR_NONE;
    if (task->state == AUR_TASK_RUNNING) {
        task->state = AUR_TASK_RUNNABLE;
        task->ready_at_ns = host->now_ns;
        task->preemptions++;
    }
}

static void enter_cpu(struct host *host, uint32_t cpu, uint32_t index, uint32_t from)
{
    struct host_task *task = &host->tasks[index];
    if (task->state != AUR_TASK_RUNNABLE)
        host_fail(host, "RUN of task %u, which is not runnable", index);
    if (task->on_cpu != AUR_NONE)
        host_fail(host, "RUN of task %u on CPU %u while it is on CPU %u", index, cpu, task->on_cpu);
    if (task->cpu != cpu)
        host_fail(host, "RUN of task %u from the runqueue of another CPU", index);
    if (!host_allows(host, index, cpu))
        host_fail(host, "RUN of task %u on CPU %u, where it may not run", index, cpu);
    task->state = AUR_TASK_RUNNING;
    task->on_cpu = cpu;
    task->on_at_ns = host->now_ns;
    task->waited_ns += host->now_ns - task->ready_at_ns;
    task->switches += from != index; // woken before it was switched out, it goes on
    task->started = true;
    host->cpus[cpu].running = index;
}

static void book_run(struct host *host, const struct aur_record *action)
{
    uint32_t cpu = action->cpu;
    if (host->cpus[cpu].running != action->object)
        host_fail(host, "RUN on CPU %u leaves a task that is not there", cpu);
    else if (action->object != AUR_NONE)
        leave_cpu(host, cpu);
    if (action->task != AUR_NONE)
        enter_cpu(host, cpu, action->task, action->object);
}

// A wake goes to a busy CPU only if no CPU that it may use is idle with nothing queued. Four cases
// are left out: the CPU still has the task (it blocked at this instant), or it has it as a delayed
// task in its eevdf tree, or CPUs were so busy that not all were looked at, or sched_ext's default
// gave it the CPU of a waker that is about to sleep.
static void check_placement(struct host *host, uint32_t index, uint32_t cpu, uint32_t was_on)
{
    const struct aur_core *core = host->core;
    if (queued_on(host, cpu) <= 1 || host->tasks[index].on_cpu == cpu ||
        core->idle_scan < host->config.cpus)
        return;
    const struct aur_task *task = aur_task_at(core, index);
    if ((cpu == was_on && host->config.classes[task->slot] == aur_class_find("eevdf")) ||
        (task->slot == AUR_SLOT_EXT && task->sync_wake))
        return;
    for (uint32_t other = 0; other < host->config.cpus; other++)
        if (host->cpus[other].running == AUR_NONE && queued_on(host, other) == 0 &&
            host_allows(host, index, other))
            host_fail(host, "task %u is woken on busy CPU %u although CPU %u is idle", index, cpu,
                      other);
}

static void book_woke(struct host *host, const struct aur_record *action)
{
    struct host_task *task = &host->tasks[action->task];
    if (task->state != AUR_TASK_BLOCKED && task->state != AUR_TASK_NEW)
        host_fail(host, "WOKE of task %u, which neither sleeps nor is new", action->task);
    if ((task->state == AUR_TASK_NEW) != (action->object == AUR_WOKE_START))
        host_fail(host, "task %u is woken for the wrong reason", action->task);
    if (task->cpu != action->cpu)
        host_fail(host, "WOKE of task %u names a CPU that it has not migrated to", action->task);
    task->wakeups += task->state == AUR_TASK_BLOCKED;
    task->state = AUR_TASK_RUNNABLE;
    task->ready_at_ns = host->now_ns;
}

static void book_made(struct host *host, const struct aur_record *event,
                      const struct aur_record *action)
{
    host->made = action->task;
    if (event->kind != AUR_EV_TASK_NEW)
        return;
    struct host_task *task = &host->tasks[action->task];
    if (task->state != AUR_TASK_FREE)
        host_fail(host, "task %u is made although it lives", action->task);
    *task = (struct host_task){.state = AUR_TASK_NEW, .on_cpu = AUR_NONE};
    task->cpu = aur_core_task(host->core, action->task)->cpu;
}

void host_book_event(struct host *host, const struct aur_record *event)
{
    struct host_cpu *cpu = &host->cpus[event->cpu];
    if (event->kind == AUR_EV_DISPATCH)
        cpu->pending = false;
    else if (event->kind == AUR_EV_TIMER)
        cpu->armed_at_ns = AUR_NEVER_NS;
    else if (event->kind == AUR_EV_CPU_OFF) {
        host->online &= ~(1ull << event->object);
        host->cpus[event->object].armed_at_ns = AUR_NEVER_NS;
    } else if (event->kind == AUR_EV_CPU_ON)
        host->online |= 1ull << event->object;
    else if (event->kind == AUR_EV_EXIT)
        host->tasks[event->task].state = AUR_TASK_EXITING;
    else if (event->kind == AUR_EV_WAKE || event->kind == AUR_EV_TASK_START)
        for (uint32_t i = 0; i < host->actions.count; i++)
            if (host->actions.list[i].kind == AUR_ACT_WOKE)
                check_placement(host, event->task, host->actions.list[i].cpu,
                                host->tasks[event->task].cpu);
}

void host_book_action(struct host *host, const struct aur_record *event,
                      const struct aur_record *action)
{
    struct host_cpu *cpu = &host->cpus[action->cpu];
    struct host_task *task = &host->tasks[action->task == AUR_NONE ? 0 : action->task];
    if (action->now_ns != event->now_ns)
        host_fail(host, "an action has another instant than its event");
    switch ((enum aur_action_kind)action->kind) {
    case AUR_ACT_RUN:
        book_run(host, action);
        break;
    case AUR_ACT_RESCHED:
        if (cpu->pending)
            host_fail(host, "CPU %u is asked twice to dispatch", action->cpu);
        cpu->pending = true;
        host->resched_count++;
        break;
    case AUR_ACT_ARM:
        if (!(host->online >> action->cpu & 1))
            host_fail(host, "CPU %u is armed although it is offline", action->cpu);
        if (action->arg >= cpu->armed_at_ns)
            host_fail(host, "CPU %u is armed for later than it is already", action->cpu);
        cpu->armed_at_ns = action->arg;
        break;
    case AUR_ACT_WOKE:
        book_woke(host, action);
        break;
    case AUR_ACT_SLEPT:
        if (task->state != AUR_TASK_RUNNING || cpu->running != action->task)
            host_fail(host, "SLEPT of task %u, which does not run here", action->task);
        task->state = AUR_TASK_BLOCKED;
        break;
    case AUR_ACT_MIGRATE:
        if (action->object != task->cpu || action->object == action->cpu)
            host_fail(host, "MIGRATE of task %u from a CPU where it is not", action->task);
        if (!host_allows(host, action->task, action->cpu))
            host_fail(host, "MIGRATE of task %u to a CPU where it may not run", action->task);
        task->cpu = action->cpu;
        task->migrations += task->started;
        break;
    case AUR_ACT_MADE:
        book_made(host, event, action);
        break;
    case AUR_ACT_EXITED:
        if (task->state != AUR_TASK_EXITING || task->on_cpu != AUR_NONE)
            host_fail(host, "EXITED of task %u, which does not leave", action->task);
        task->state = AUR_TASK_FREE;
        break;
    case AUR_ACT_AGAIN:
    case AUR_ACT_EJECTED:
    case AUR_ACT_ALLOWED:
    case AUR_ACT_DENIED:
        break;
    default:
        host_fail(host, "an action of unknown kind %u", action->kind);
    }
}

void host_compare(struct host *host)
{
    const char *broken = aur_core_check(host->core);
    if (broken)
        host_fail(host, "%s", broken);
    if (aur_core_now_ns(host->core) != host->now_ns)
        host_fail(host, "the core's time is not that of the last event");
    if (aur_core_online(host->core) != host->online)
        host_fail(host, "core and host disagree on which CPUs are online");
    for (uint32_t cpu = 0; cpu < host->config.cpus; cpu++)
        if (aur_core_running(host->core, cpu) != host->cpus[cpu].running)
            host_fail(host, "core and host disagree on who runs on CPU %u", cpu);
}

// Does it wait for the fair tasks that the fair server has put before it?
static bool gives_way(const struct host *host, uint32_t index)
{
    return aur_core_task(host->core, index)->slot == AUR_SLOT_REALTIME &&
           aur_cpu_at(host->core, host->tasks[index].cpu)->serves;
}

static void compare_task(struct host *host, uint32_t index)
{
    const struct host_task *mine = &host->tasks[index];
    const struct aur_task *task = aur_core_task(host->core, index);
    if (!task || mine->state == AUR_TASK_FREE) {
        if (task || mine->state != AUR_TASK_FREE)
            host_fail(host, "core and host disagree on whether task %u lives", index);
        return;
    }
    bool throttled = task->state == AUR_TASK_THROTTLED;
    const struct {
        const char *what;
        uint64_t core, host;
    } counts[] = {
        // The host is not told of a throttled task: to it, it waits.
        {"state", throttled ? (uint64_t)AUR_TASK_RUNNABLE : task->state, mine->state},
        {"CPU", task->cpu, mine->cpu},
        {"run time", aur_core_task_run_ns(host->core, index, host->now_ns),
         host_ran_ns(host, index)},
        {"wait time", task->wait_ns, mine->waited_ns},
        {"switches", task->switches, mine->switches},
        {"preemptions", task->preemptions, mine->preemptions},
        {"migrations", task->migrations, mine->migrations},
        {"wakeups", task->wakeups, mine->wakeups},
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (counts[i].core != counts[i].host)
            host_fail(host, "%s of task %u: core %" PRIu64 ", host %" PRIu64, counts[i].what, index,
                      counts[i].core, counts[i].host);
    if (task->timeout_at_ns < host->cpus[task->timeout_cpu].armed_at_ns)
        host_fail(host, "the time-out of task %u has no timer", index);
    if (task->timeout_at_ns <= host->now_ns)
        host_fail(host, "the time-out of task %u has passed", index);
    bool with_agent = task->slot == AUR_SLOT_EXT && host->core->ext.state == AUR_EXT_ON;
    if (task->state == AUR_TASK_RUNNABLE && !aur_hidden(host->core, index) && !with_agent) {
        uint32_t running = host->cpus[mine->cpu].running;
        if (running == AUR_NONE)
            host_fail(host, "CPU %u idles with task %u on its runqueue", mine->cpu, index);
        else if (aur_core_task(host->core, running)->slot > task->slot && !gives_way(host, index))
            host_fail(host, "task %u of a higher class waits for task %u", index, running);
    }
}

// Is the task's group throttled where the task is or where it might go?
static bool hidden_by(const struct host *host, uint32_t index, uint32_t cpu)
{
    const struct aur_core *core = host->core;
    const struct aur_task *task = aur_task_at(core, index);
    if (task->slot == AUR_SLOT_FAIR)
        for (uint32_t group = task->group; group != AUR_NONE;
             group = aur_core_group(core, group)->parent)
            if (aur_group_at(core, group)->throttled_cpus & (1ull << cpu | 1ull << task->cpu))
                return true;
    return false;
}

// At most so many entities does a balancer see on its way to a task of this CPU: those that wait,
// those that are left in a queue though they sleep, and the groups that hold them.
static uint32_t to_look_at(const struct host *host, uint32_t cpu)
{
    uint32_t entities = 0;
    for (uint32_t index = 0; index < host->config.tasks; index++) {
        const struct aur_task *task = aur_core_task(host->core, index);
        if (!task || task->cpu != cpu)
            continue;
        const struct aur_group *group = aur_core_group(host->core, task->group);
        entities += 1 + (group ? group->depth : 0);
    }
    return entities;
}

// Where the task waits, and for how long, is an agent's to say.
static bool agents(const struct host *host, uint32_t index)
{
    return aur_task_at(host->core, index)->slot == AUR_SLOT_EXT;
}

// Is some CPU's second task kept from this idle CPU? Idle CPUs steal when they dispatch, so this
// may come about later: a wake of a delayed task, an affinity widened, a pinned task preempting.
// Periodic balancing must then end it, unless more wait there than it looks at.
static bool wasted(const struct host *host, uint32_t cpu)
{
    if (host->cpus[cpu].running != AUR_NONE || !(host->online >> cpu & 1))
        return false;
    for (uint32_t index = 0; index < host->config.tasks; index++)
        if (host->tasks[index].state == AUR_TASK_RUNNABLE && !hidden_by(host, index, cpu) &&
            !agents(host, index) && !gives_way(host, index) &&
            queued_on(host, host->tasks[index].cpu) >= 2 && aur_can_move(host->core, index, cpu) &&
            to_look_at(host, host->tasks[index].cpu) <= AUR_BALANCE_SCAN)
            return true;
    return false;
}

void host_compare_settled(struct host *host)
{
    for (uint32_t cpu = 0; cpu < host->config.cpus; cpu++) {
        uint32_t running = host->cpus[cpu].running;
        if (running != AUR_NONE && host->tasks[running].state != AUR_TASK_RUNNING)
            host_fail(host, "the instant has ended with a task on CPU %u that cannot run", cpu);
        struct aur_cpu_account account = aur_core_cpu(host->core, cpu, host->now_ns);
        if (account.busy_ns + account.idle_ns + account.offline_ns != host->now_ns)
            host_fail(host, "busy, idle and offline time of CPU %u are not all of the time", cpu);
        if (!(host->online >> cpu & 1) && (running != AUR_NONE || queued_on(host, cpu) != 0))
            host_fail(host, "CPU %u is offline and has tasks", cpu);
    }
    for (uint32_t index = 0; index < host->config.tasks; index++)
        compare_task(host, index);
    uint64_t refill_ns = aur_bandwidth_due_ns(host->core);
    if (refill_ns <= host->now_ns)
        host_fail(host, "a group's refill has passed");
    if (refill_ns < host->cpus[__builtin_ctzll(host->core->online)].armed_at_ns)
        host_fail(host, "a group's refill has no timer");

    // A CPU that has just pulled a task may put off its next balancing by seven ticks.
    uint64_t patience_ns = host->config.balance_ns + (2 + 7) * host->config.tick_ns;
    for (uint32_t cpu = 0; cpu < host->config.cpus; cpu++) {
        struct host_cpu *c = &host->cpus[cpu];
        if (!wasted(host, cpu))
            c->waste_at_ns = AUR_NEVER_NS;
        else if (c->waste_at_ns == AUR_NEVER_NS)
            c->waste_at_ns = host->now_ns;
        else if (!host->late && host->config.tick_ns && host->config.balance_ns &&
                 host->config.balance_cost_ns == 0 && // else a move may not be worth it
                 host->now_ns - c->waste_at_ns > host->config.cpus * patience_ns)
            host_fail(host, "CPU %u idles although a waiting task might run there", cpu);
    }
}
