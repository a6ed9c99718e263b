// Spreading runnable tasks over CPUs: an idle CPU steals at once, a busy one pulls now and then
// (Linux's newidle and periodic balancing, kernel/sched/fair.c), and classes with a global order
// pull the more urgent task before they pick (kernel/sched/rt.c, pull_rt_task and push_rt_task).
#include "step/parts.h"

// A task of `from` whose move to `to` makes their loads more equal, or NONE.
static uint32_t candidate(struct aur_core *core, uint32_t from, uint32_t to)
{
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++) {
        if (aur_cpu_at(core, from)->nr_class[slot] == 0)
            continue;
        uint32_t task = aur_class_of(core, slot)->balance(core, slot, from, to);
        if (task != AUR_NONE)
            return task;
    }
    return AUR_NONE;
}

static uint32_t busiest(const struct aur_core *core, uint64_t among)
{
    uint32_t best = AUR_NONE;
    for (uint64_t rest = among; rest; rest &= rest - 1) {
        uint32_t cpu = (uint32_t)__builtin_ctzll(rest);
        if (best == AUR_NONE || aur_cpu_at(core, cpu)->load > aur_cpu_at(core, best)->load)
            best = cpu;
    }
    return best;
}

void aur_balance_idle(struct aur_step *step, uint32_t cpu)
{
    struct aur_core *core = step->core;
    // The busiest may have nothing that may run here: then the next.
    for (uint64_t among = core->overloaded & ~(1ull << cpu); among;) {
        uint32_t from = busiest(core, among);
        uint32_t task = candidate(core, from, cpu);
        if (task != AUR_NONE) {
            aur_move(step, task, cpu);
            return;
        }
        among &= ~(1ull << from);
    }
}

void aur_balance_tick(struct aur_step *step, uint32_t cpu)
{
    struct aur_core *core = step->core;
    struct aur_cpu *c = aur_cpu_at(core, cpu);
    if (core->config.balance_ns == 0 || core->now_ns < c->balance_at_ns)
        return;
    c->balance_at_ns = core->now_ns + core->config.balance_ns;

    // An idle CPU has no tick of its own: whoever sees that a CPU has too much wakes one up to
    // steal. Only then is there a point in taking a share oneself.
    uint32_t from = busiest(core, core->overloaded & ~(1ull << cpu));
    uint32_t crowded = c->nr >= 2 ? cpu : from;
    if (crowded == AUR_NONE)
        return;
    for (uint64_t idle = core->idle; idle; idle &= idle - 1) {
        uint32_t to = (uint32_t)__builtin_ctzll(idle);
        if (aur_cpu_at(core, to)->nr == 0 && candidate(core, crowded, to) != AUR_NONE) {
            aur_resched(step, to);
            return;
        }
    }
    if (from == AUR_NONE)
        return;
    uint64_t more = aur_cpu_at(core, from)->load;
    if (more <= c->load)
        return;
    uint32_t task = candidate(core, from, cpu);
    if (task == AUR_NONE)
        return;
    // A move that makes the loads no more equal than they were only shares the surplus out: one who
    // has not run since he was moved last would be sent round and round.
    const struct aur_task *t = aur_task_at(core, task);
    bool has_run = t->moved_at_ns == AUR_NEVER_NS || t->since_ns > t->moved_at_ns;
    if (t->weight < more - c->load || (t->weight == more - c->load && has_run))
        aur_move(step, task, cpu);
}

// Is `task` ahead of `than` in the global order? Within a class only one with a pull has such.
static bool more_urgent(struct aur_core *core, uint32_t cpu, uint32_t task, uint32_t than)
{
    uint32_t slot = aur_task_at(core, task)->slot, other = aur_task_at(core, than)->slot;
    const struct aur_sched_class *class = aur_class_of(core, slot);
    return slot != other ? slot < other
                         : class->pull && class->wakeup_preempt(core, slot, cpu, than, task);
}

void aur_balance_pull(struct aur_step *step, uint32_t cpu)
{
    struct aur_core *core = step->core;
    uint32_t best = AUR_NONE;
    for (uint64_t rest = core->overloaded & ~(1ull << cpu); rest; rest &= rest - 1) {
        uint32_t from = (uint32_t)__builtin_ctzll(rest);
        for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++) {
            if (aur_cpu_at(core, from)->nr_class[slot] == 0 || !aur_class_of(core, slot)->pull)
                continue;
            uint32_t task = aur_class_of(core, slot)->pull(core, slot, from, cpu);
            if (task != AUR_NONE && (best == AUR_NONE || more_urgent(core, cpu, task, best)))
                best = task;
            break;
        }
    }
    if (best != AUR_NONE)
        aur_move(step, best, cpu);
}

// Of the CPUs that would pull a task of `slot` from here, the one with the least urgent work
// (find_lowest_rq), or NONE.
static uint32_t least_urgent(struct aur_core *core, uint32_t slot, uint32_t from)
{
    uint32_t best = AUR_NONE;
    for (uint64_t rest = core->online & ~(1ull << from); rest; rest &= rest - 1) {
        uint32_t to = (uint32_t)__builtin_ctzll(rest), curr = aur_cpu_at(core, to)->curr;
        if (aur_cpu_at(core, to)->need_resched ||
            aur_class_of(core, slot)->pull(core, slot, from, to) == AUR_NONE)
            continue;
        if (curr == AUR_NONE)
            return to;
        if (best == AUR_NONE || more_urgent(core, to, aur_cpu_at(core, best)->curr, curr))
            best = to;
    }
    return best;
}

// One CPU for each waiting task, the least urgent first (push_rt_tasks).
void aur_balance_push(struct aur_step *step, uint32_t cpu)
{
    struct aur_core *core = step->core;
    if (!(core->overloaded >> cpu & 1))
        return;
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++) {
        uint32_t waiting = aur_cpu_at(core, cpu)->nr_class[slot];
        if (waiting == 0 || !aur_class_of(core, slot)->pull)
            continue;
        for (; waiting > 0; waiting--) {
            uint32_t to = least_urgent(core, slot, cpu);
            if (to == AUR_NONE)
                break;
            aur_resched(step, to);
        }
    }
}
