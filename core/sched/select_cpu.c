// Where a waking task is queued, after Linux's select_task_rq_fair (kernel/sched/fair.c): the CPU
// it ran on if that is idle, else an idle one, else the less loaded of its own and the waker's; a
// new task goes to the least loaded of all.
#include "step/parts.h"

static uint32_t least_loaded(const struct aur_core *core, uint64_t allowed)
{
    uint32_t best = (uint32_t)__builtin_ctzll(allowed);
    for (uint64_t rest = allowed & (allowed - 1); rest; rest &= rest - 1) {
        uint32_t cpu = (uint32_t)__builtin_ctzll(rest);
        if (aur_cpu_at(core, cpu)->load < aur_cpu_at(core, best)->load)
            best = cpu;
    }
    return best;
}

// An idle CPU has been asked to dispatch when something was just queued there.
static uint64_t still_idle(const struct aur_core *core, uint64_t mask)
{
    mask &= core->idle;
    for (uint64_t rest = mask; rest; rest &= rest - 1) {
        uint32_t cpu = (uint32_t)__builtin_ctzll(rest);
        if (aur_cpu_at(core, cpu)->nr != 0)
            mask &= ~(1ull << cpu);
        else
            break; // the lowest one is all that is asked for
    }
    return mask;
}

uint32_t aur_select_cpu(struct aur_core *core, uint32_t task, uint32_t waker_cpu)
{
    const struct aur_task *t = aur_task_at(core, task);
    const struct aur_sched_class *class = aur_class_of(core, t->slot);
    if (class->select_cpu)
        return class->select_cpu(core, t->slot, task, waker_cpu);
    return aur_select_cpu_default(core, task, waker_cpu);
}

uint32_t aur_select_cpu_default(struct aur_core *core, uint32_t task, uint32_t waker_cpu)
{
    const struct aur_task *t = aur_task_at(core, task);
    uint64_t allowed = aur_allowed_cpus(core, t);
    if ((allowed & (allowed - 1)) == 0)
        return (uint32_t)__builtin_ctzll(allowed);
    if (t->state == AUR_TASK_NEW)
        return least_loaded(core, allowed);

    uint64_t previous = 1ull << t->cpu & allowed, waker = 1ull << waker_cpu & allowed;
    if (still_idle(core, previous))
        return t->cpu;
    uint64_t idle = still_idle(core, waker);
    if (!idle)
        idle = still_idle(core, allowed);
    if (idle)
        return (uint32_t)__builtin_ctzll(idle);
    if (!previous)
        return least_loaded(core, allowed);
    if (waker && aur_cpu_at(core, waker_cpu)->load < aur_cpu_at(core, t->cpu)->load)
        return waker_cpu;
    return t->cpu;
}
