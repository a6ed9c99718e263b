// Where a waking task is queued, after Linux 6.18's select_task_rq_fair (kernel/sched/fair.c):
// wake_affine() chooses between the CPU it ran on and the waker's, select_idle_sibling() then looks
// for an idle CPU, that one first. All CPUs share a cache. A new task goes where the fewest wait.
#include "step/parts.h"

#define IMBALANCE_PERCENT 117u // sd->imbalance_pct within a last-level cache
#define FLIPS_DECAY_NS    1000000000ull

// Nothing runs there and nothing was just queued there.
static bool is_idle(const struct aur_core *core, uint64_t among, uint32_t cpu)
{
    return (among & core->idle) >> cpu & 1 && aur_cpu_at(core, cpu)->nr == 0;
}

// Of the first `count` CPUs of `among` from `cpu` on, all the way round (for_each_cpu_wrap), the
// first idle one, or NONE.
static uint32_t search_idle(const struct aur_core *core, uint64_t among, uint32_t cpu,
                            uint32_t count)
{
    uint64_t parts[2] = {among & ~((1ull << cpu) - 1), among & ((1ull << cpu) - 1)};
    for (uint32_t part = 0; part < 2; part++)
        for (uint64_t rest = parts[part]; rest && count > 0; rest &= rest - 1, count--)
            if (is_idle(core, rest, (uint32_t)__builtin_ctzll(rest)))
                return (uint32_t)__builtin_ctzll(rest);
    return AUR_NONE;
}

// The first idle CPU of `among` from `cpu` on.
static uint32_t idle_from(const struct aur_core *core, uint64_t among, uint32_t cpu)
{
    uint64_t idle = among & core->idle,
             parts[2] = {idle & ~((1ull << cpu) - 1), idle & ((1ull << cpu) - 1)};
    for (uint32_t part = 0; part < 2; part++)
        for (uint64_t rest = parts[part]; rest; rest &= rest - 1)
            if (is_idle(core, rest, (uint32_t)__builtin_ctzll(rest)))
                return (uint32_t)__builtin_ctzll(rest);
    return AUR_NONE;
}

static uint32_t least_loaded(const struct aur_core *core, uint64_t allowed)
{
    uint32_t best = (uint32_t)__builtin_ctzll(allowed);
    for (uint64_t rest = allowed & (allowed - 1); rest; rest &= rest - 1) {
        uint32_t cpu = (uint32_t)__builtin_ctzll(rest);
        if (aur_cpu_load(core, cpu) < aur_cpu_load(core, best))
            best = cpu;
    }
    return best;
}

uint32_t aur_select_cpu(struct aur_core *core, uint32_t task, uint32_t waker_cpu)
{
    const struct aur_task *t = aur_task_at(core, task);
    if (t->home != AUR_NO_CPU) {
        uint32_t own_slot = aur_rank_slot(aur_own_rank(core, task));
        if (aur_allowed_cpus(core, t) != 1ull << t->home)
            aur_class_of(core, own_slot)->rehome(core, own_slot, task);
        return t->home;
    }
    const struct aur_sched_class *class = aur_class_of(core, t->slot);
    if (class->select_cpu)
        return class->select_cpu(core, t->slot, task, waker_cpu);
    return aur_select_cpu_default(core, task, waker_cpu);
}

// An idle CPU, its parent's first; else its parent's, unless another has clearly less load
// (sched_balance_find_dst_group).
static uint32_t place_new(const struct aur_core *core, uint64_t allowed, uint32_t parent_cpu)
{
    uint32_t idle = idle_from(core, allowed, parent_cpu);
    if (idle != AUR_NONE)
        return idle;
    uint32_t least = least_loaded(core, allowed);
    if (!(allowed >> parent_cpu & 1))
        return least;
    return aur_cpu_load(core, parent_cpu) * 100 <= aur_cpu_load(core, least) * IMBALANCE_PERCENT
               ? parent_cpu
               : least;
}

// Counts how often the waker wakes another task than before (record_wakee).
static void record_wakee(struct aur_core *core, uint32_t waker, uint32_t wakee)
{
    struct aur_task *w = aur_task_at(core, waker);
    if (core->now_ns - w->flips_at_ns > FLIPS_DECAY_NS) {
        w->wakee_flips /= 2;
        w->flips_at_ns = core->now_ns;
    }
    w->wakee_flips += w->wakee != wakee;
    w->wakee = wakee;
}

// A waker of many, who are themselves wakers of some, is not to draw all of them near (wake_wide).
static bool is_wide(const struct aur_core *core, uint32_t waker, uint32_t wakee)
{
    uint64_t most = aur_task_at(core, waker)->wakee_flips;
    uint64_t least = aur_task_at(core, wakee)->wakee_flips;
    uint64_t cpus = core->config.cpus; // that share a cache
    if (most < least) {
        uint64_t swap = most;
        most = least;
        least = swap;
    }
    return least >= cpus && most >= least * cpus;
}

// Is the waker's CPU to be preferred to the one that the task ran on (wake_affine)?
static bool is_affine(const struct aur_core *core, uint32_t task, uint64_t allowed,
                      uint32_t waker_cpu)
{
    const struct aur_cpu *here = aur_cpu_at(core, waker_cpu);
    const struct aur_task *t = aur_task_at(core, task);
    if (is_idle(core, core->online, waker_cpu))
        return !is_idle(core, allowed, t->cpu);
    if (t->sync_wake && here->nr == 1)
        return true;
    if (is_idle(core, allowed, t->cpu))
        return false;
    // The load that each would have, half of the imbalance in favour of staying.
    uint64_t load = aur_cpu_load(core, waker_cpu);
    if (t->sync_wake && here->curr != AUR_NONE) {
        uint64_t leaves = aur_task_load(core, here->curr);
        if (leaves > load)
            return true;
        load -= leaves;
    }
    uint64_t comes = aur_task_load(core, task), stays = aur_cpu_load(core, t->cpu);
    if (core->config.load_average &&
        core->groups_used == 0) // its own is still in the average of where it slept
        stays -= comes < stays ? comes : stays;
    return (load + comes) * 100 < stays * (100 + (IMBALANCE_PERCENT - 100) / 2);
}

uint32_t aur_select_cpu_default(struct aur_core *core, uint32_t task, uint32_t waker_cpu)
{
    const struct aur_task *t = aur_task_at(core, task);
    uint64_t allowed = aur_allowed_cpus(core, t);
    uint32_t waker = aur_cpu_at(core, waker_cpu)->curr;
    if (waker != AUR_NONE && t->state != AUR_TASK_NEW)
        record_wakee(core, waker, task);
    if ((allowed & (allowed - 1)) == 0)
        return (uint32_t)__builtin_ctzll(allowed);
    if (t->state == AUR_TASK_NEW)
        return place_new(core, allowed, waker_cpu);

    bool stays = allowed >> t->cpu & 1; // else it could not be waited for there
    uint32_t target = t->cpu;
    if (allowed >> waker_cpu & 1 && waker_cpu != t->cpu &&
        (waker == AUR_NONE || !is_wide(core, waker, task)) &&
        is_affine(core, task, allowed, waker_cpu))
        target = waker_cpu;
    if (is_idle(core, allowed, target))
        return target;
    if (is_idle(core, allowed, t->cpu))
        return t->cpu;
    // Where it was before it came here, without a search.
    uint32_t recent = t->recent_cpu;
    aur_task_at(core, task)->recent_cpu = t->cpu;
    if (is_idle(core, allowed, recent))
        return recent;
    uint32_t idle = search_idle(core, allowed, (target + 1) % core->config.cpus, core->idle_scan);
    if (idle != AUR_NONE)
        return idle;
    return stays || target != t->cpu ? target : least_loaded(core, allowed);
}
