// Global placement: of the tasks in the slots that are ordered by rank the most urgent run,
// wherever they wait. A waking task goes to the CPU with the least urgent work; a CPU about to pick
// pulls the most urgent waiting task; and after each dispatch the CPU with the least urgent work is
// asked to look, if somebody more urgent waits (Linux kernel/sched/cpudeadline.c, cpupri.c,
// pull_rt_task and push_rt_task in rt.c). Two winner trees over the CPUs answer both questions in
// O(log CPUs).
//
// Invariant: `waiting` has for each CPU the rank of its most urgent task that waits in a slot of
// global placement and will not run there next, UINT64_MAX if none; `lazy` has the complement of
// the rank of its most urgent task in any ranked slot, running or waiting, 0 if none, and
// UINT64_MAX for an offline CPU.
#include "step/parts.h"

#define NOBODY UINT64_MAX

struct standing {
    uint64_t waiting, lazy;
};

static struct standing standing_of(const struct aur_core *core, uint32_t cpu)
{
    const struct aur_cpu *c = aur_cpu_at(core, cpu);
    struct standing standing = {NOBODY, 0};
    for (uint32_t slot = 0; slot < core->ranked_slots; slot++) {
        if (c->nr_class[slot] == 0)
            continue;
        const struct aur_sched_class *class = aur_class_of(core, slot);
        uint64_t waiting = NOBODY, present = aur_rank(slot, 0);
        if (class->urgent)
            class->urgent(core, slot, cpu, &waiting, &present);
        if (standing.lazy == 0)
            standing.lazy = ~present;
        if (core->global_slots >> slot & 1 && standing.waiting == NOBODY)
            standing.waiting = waiting;
    }
    if (!aur_is_online(core, cpu))
        standing.lazy = UINT64_MAX;
    return standing;
}

void aur_global_init(struct aur_core *core)
{
    if (core->config.cpus == 1)
        core->global_slots = 0; // one CPU has nobody to ask, and nothing to keep for others
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS && core->config.cpus > 1; slot++)
        if (core->config.classes[slot] != AUR_NONE && aur_class_of(core, slot)->urgent)
            core->ranked_slots = slot + 1;
    aur_tournament_init(&core->waiting, core->config.cpus);
    aur_tournament_init(&core->lazy, core->config.cpus);
    for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++)
        aur_tournament_set(&core->lazy, cpu, 0);
}

void aur_global_update(struct aur_core *core, uint32_t cpu)
{
    struct standing standing = standing_of(core, cpu);
    aur_tournament_set(&core->waiting, cpu, standing.waiting);
    aur_tournament_set(&core->lazy, cpu, standing.lazy);
}

const char *aur_global_check(const struct aur_core *core, uint32_t cpu)
{
    struct standing standing = standing_of(core, cpu);
    return standing.waiting == core->waiting.keys[cpu] && standing.lazy == core->lazy.keys[cpu]
               ? NULL
               : "the ranks that a CPU is known for are not those of its tasks";
}

// Of the allowed CPUs that have nothing to run, its own or the first.
static uint32_t free_cpu(const struct aur_core *core, uint64_t allowed, uint32_t own)
{
    uint64_t idle = allowed & core->idle;
    if (idle >> own & 1 && aur_cpu_at(core, own)->nr == 0)
        return own;
    for (; idle; idle &= idle - 1) {
        uint32_t cpu = (uint32_t)__builtin_ctzll(idle);
        if (aur_cpu_at(core, cpu)->nr == 0)
            return cpu;
    }
    return AUR_NONE;
}

uint32_t aur_select_cpu_global(const struct aur_core *core, uint32_t task)
{
    const struct aur_task *t = aur_task_at(core, task);
    uint64_t allowed = aur_allowed_cpus(core, t);
    uint32_t best = free_cpu(core, allowed, t->cpu);
    if (best != AUR_NONE)
        return best;
    const uint64_t *lazy = core->lazy.keys;
    best = aur_tournament_least(&core->lazy);
    if (!(allowed >> best & 1)) {
        best = (uint32_t)__builtin_ctzll(allowed);
        for (uint64_t rest = allowed & (allowed - 1); rest; rest &= rest - 1) {
            uint32_t cpu = (uint32_t)__builtin_ctzll(rest);
            best = lazy[cpu] < lazy[best] ? cpu : best;
        }
    }
    return allowed >> t->cpu & 1 && lazy[t->cpu] == lazy[best] ? t->cpu : best;
}

// The most urgent waiting task of `from` that may go to `to` and ranks before `rank`, or NONE.
static uint32_t movable(struct aur_core *core, uint32_t from, uint32_t to, uint64_t rank)
{
    for (uint32_t slot = 0; slot < core->ranked_slots && slot <= aur_rank_slot(rank); slot++) {
        if (!(core->global_slots >> slot & 1) || aur_cpu_at(core, from)->nr_class[slot] == 0)
            continue;
        uint64_t before = slot < aur_rank_slot(rank) ? AUR_RANK_KEYS : aur_rank_key(rank);
        uint32_t task = aur_class_of(core, slot)->pull(core, slot, from, to, before);
        if (task != AUR_NONE)
            return task;
    }
    return AUR_NONE;
}

void aur_balance_pull(struct aur_step *step, uint32_t cpu)
{
    struct aur_core *core = step->core;
    const uint64_t *waiting = core->waiting.keys;
    uint64_t own = ~core->lazy.keys[cpu];
    uint32_t from = aur_tournament_least(&core->waiting);
    if (waiting[from] >= own)
        return;
    uint32_t best = movable(core, from, cpu, own);
    if (best == AUR_NONE || aur_task_at(core, best)->rank != waiting[from]) {
        // The most urgent of all may not come here.
        for (from = 0; from < core->config.cpus; from++) {
            if (waiting[from] >= own)
                continue;
            uint32_t task = movable(core, from, cpu, own);
            if (task == AUR_NONE)
                continue;
            best = task;
            own = aur_task_at(core, task)->rank;
        }
    }
    if (best != AUR_NONE)
        aur_move(step, best, cpu);
}

// A CPU that is not about to look anyway and has less urgent work than some task that waits on
// `from` and may run there; of those the one with the least urgent, or NONE.
static uint32_t least_urgent(struct aur_core *core, uint32_t from)
{
    const uint64_t *lazy = core->lazy.keys;
    uint32_t best = AUR_NONE;
    for (uint64_t rest = core->online & ~(1ull << from); rest; rest &= rest - 1) {
        uint32_t to = (uint32_t)__builtin_ctzll(rest);
        if (core->waiting.keys[from] >= ~lazy[to] || aur_cpu_at(core, to)->need_resched ||
            (best != AUR_NONE && lazy[to] >= lazy[best]))
            continue;
        if (movable(core, from, to, ~lazy[to]) != AUR_NONE)
            best = to;
    }
    return best;
}

// One CPU is enough: it asks again when it has dispatched, for what it has put back, too.
void aur_balance_push(struct aur_step *step)
{
    struct aur_core *core = step->core;
    uint32_t from = aur_tournament_least(&core->waiting), to = aur_tournament_least(&core->lazy);
    if (core->waiting.keys[from] >= ~core->lazy.keys[to])
        return; // in no pair of CPUs is there anything to gain
    if (aur_cpu_at(core, to)->need_resched)
        return;
    if (movable(core, from, to, ~core->lazy.keys[to]) != AUR_NONE) {
        aur_resched(step, to);
        return;
    }
    // Affinities are in the way.
    for (from = 0; from < core->config.cpus; from++) {
        to = core->waiting.keys[from] == NOBODY ? AUR_NONE : least_urgent(core, from);
        if (to != AUR_NONE) {
            aur_resched(step, to);
            return;
        }
    }
}
