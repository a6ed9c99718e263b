// Spreading runnable tasks over CPUs: an idle CPU steals at once, a busy one pulls now and then
// (Linux's newidle and periodic balancing, kernel/sched/fair.c). Classes with a global order of
// urgency have global.c before this.
#include "sched/fair.h"
#include "step/parts.h"

#define IMBALANCE_PERCENT 117u // sd->imbalance_pct within a last-level cache
#define BUSY_FACTOR       16u  // sd->busy_factor: so much more often do idle CPUs balance

// Averages are kept of tasks alone: what groups weigh is always that of now.
static bool by_average(const struct aur_core *core)
{
    return core->config.load_average && core->groups_used == 0;
}

uint64_t aur_cpu_load(const struct aur_core *core, uint32_t cpu)
{
    uint64_t load = aur_cpu_at(core, cpu)->load;
    if (by_average(core))
        return aur_load_average(aur_cpu_at(core, cpu)->average, core->now_ns, load);
    if (core->groups_used == 0)
        return load;
    const struct aur_fair_queue *q = aur_fair_queue_at(core, AUR_SLOT_FAIR, cpu);
    return load - q->task_weight + q->load;
}

uint64_t aur_task_load(const struct aur_core *core, uint32_t task)
{
    const struct aur_task *t = aur_task_at(core, task);
    if (by_average(core)) {
        bool queued = t->state == AUR_TASK_RUNNABLE || t->state == AUR_TASK_RUNNING;
        return aur_load_average(t->load, core->now_ns, queued ? t->weight : 0);
    }
    if (t->group == AUR_NONE || t->slot != AUR_SLOT_FAIR)
        return t->weight;
    uint64_t load = t->weight;
    for (uint32_t group = t->group; group != AUR_NONE;) {
        uint32_t queue = aur_fair_queue_of(core, group, t->cpu);
        uint64_t all = aur_fair_queue_at(core, AUR_SLOT_FAIR, queue)->load;
        uint64_t weight =
            aur_fair_entity_at(core, AUR_SLOT_FAIR, aur_fair_owner(core, queue))->weight;
        load = all > load ? load * weight / all : weight;
        group = aur_group_at(core, group)->shown.parent;
    }
    return load != 0 ? load : 1;
}

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

// Of equally busy ones the next after `cpu`, all the way round, so that each has its turn.
static uint32_t busiest(const struct aur_core *core, uint64_t among, uint32_t cpu)
{
    uint64_t behind = (1ull << cpu) - 1, parts[2] = {among & ~behind, among & behind};
    uint32_t best = AUR_NONE;
    for (uint32_t part = 0; part < 2; part++)
        for (uint64_t rest = parts[part]; rest; rest &= rest - 1) {
            uint32_t at = (uint32_t)__builtin_ctzll(rest);
            if (best == AUR_NONE || aur_cpu_load(core, at) > aur_cpu_load(core, best))
                best = at;
        }
    return best;
}

// Moves one task of the busiest that has one fit to move; false if there is none.
static bool steal(struct aur_step *step, uint32_t cpu)
{
    struct aur_core *core = step->core;
    for (uint64_t among = core->overloaded & ~(1ull << cpu); among;) {
        uint32_t from = busiest(core, among, cpu);
        uint32_t task = candidate(core, from, cpu);
        if (task != AUR_NONE) {
            aur_move(step, task, cpu);
            return true;
        }
        among &= ~(1ull << from);
    }
    return false;
}

// Linux asks first whether the CPU will idle longer than looking costs. What it takes for the cost
// grows by half each time that nothing is found, up to sched_migration_cost, where it stays on a
// machine that idles much: so that is what is asked for here.
void aur_balance_idle(struct aur_step *step, uint32_t cpu)
{
    struct aur_core *core = step->core;
    if (core->overloaded && aur_cpu_at(core, cpu)->idle_mean_ns >= core->config.balance_cost_ns)
        steal(step, cpu);
}

// Of how many CPUs an idle one is looked for when a task wakes (update_idle_cpu_scan): the fewer
// the more of their time is used, none from 100 / IMBALANCE_PERCENT of it on.
static void update_idle_scan(struct aur_core *core)
{
    if (!core->config.load_average)
        return;
    uint64_t used = 0, cpus = 0;
    for (uint64_t rest = core->online; rest; rest &= rest - 1, cpus++)
        used += aur_cpu_util(core, (uint32_t)__builtin_ctzll(rest));
    used /= cpus;
    uint64_t scale = 10000ull * AUR_CAPACITY;
    uint64_t square = used * used * IMBALANCE_PERCENT * IMBALANCE_PERCENT / scale;
    uint64_t left = square < AUR_CAPACITY ? AUR_CAPACITY - square : 0;
    core->idle_scan = (uint32_t)(left * cpus / AUR_CAPACITY);
}

// An idle CPU has no tick: the tick of a CPU where somebody waits balances for the one that has
// been due for longest (nohz_balancer_kick), which takes half of the difference. Were it the first
// one that is due, a CPU that may take nothing could keep all behind it from ever having their
// turn.
static void balance_for_idle(struct aur_step *step)
{
    struct aur_core *core = step->core;
    uint32_t to = AUR_NONE;
    for (uint64_t idle = core->idle; idle; idle &= idle - 1) {
        uint32_t cpu = (uint32_t)__builtin_ctzll(idle);
        const struct aur_cpu *c = aur_cpu_at(core, cpu);
        if (c->nr == 0 && core->now_ns >= c->balance_at_ns &&
            (to == AUR_NONE || c->balance_at_ns < aur_cpu_at(core, to)->balance_at_ns))
            to = cpu;
    }
    if (to == AUR_NONE)
        return;
    update_idle_scan(core);
    struct aur_cpu *c = aur_cpu_at(core, to);
    c->balance_at_ns = core->now_ns + core->config.balance_ns / BUSY_FACTOR;
    uint32_t from = busiest(core, core->overloaded, to);
    uint32_t moves = aur_cpu_at(core, from)->nr / 2;
    bool moved = false;
    for (; moves > 0 && step->wakes < AUR_WAKES_PER_STEP; moves--, step->wakes++) {
        if (!steal(step, to))
            break;
        moved = true;
    }
    c->balance_failed = moved ? 0 : c->balance_failed + 1;
}

// How much load the CPU should take over for all to have the same (calculate_imbalance): 0 if it
// has its share, or, where tasks wait here too, if it is not behind by IMBALANCE_PERCENT.
static uint64_t missing_load(const struct aur_core *core, uint32_t cpu, uint32_t from)
{
    const struct aur_cpu *c = aur_cpu_at(core, cpu);
    uint64_t own = aur_cpu_load(core, cpu), more = aur_cpu_load(core, from), all = 0, cpus = 0;
    for (uint64_t rest = core->online; rest; rest &= rest - 1, cpus++)
        all += aur_cpu_load(core, (uint32_t)__builtin_ctzll(rest));
    uint64_t mean = all / cpus;
    if (own >= more || own >= mean || (c->nr >= 2 && more * 100 <= own * IMBALANCE_PERCENT))
        return 0;
    return more - mean < mean - own ? more - mean : mean - own;
}

// A tick less, so that it is no multiple of what else takes whole slices (get_sd_balance_interval).
static uint64_t busy_interval_ns(const struct aur_core *core)
{
    uint64_t balance_ns = core->config.balance_ns, tick_ns = core->config.tick_ns;
    return balance_ns > tick_ns ? balance_ns - tick_ns : balance_ns;
}

// A task of more load than is missing moves too, but the less it fits the later: so a surplus that
// cannot be divided goes round.
bool aur_fits(const struct aur_core *core, uint32_t task, uint32_t to)
{
    const struct aur_cpu *c = aur_cpu_at(core, to);
    uint32_t patience = c->balance_failed < 31 ? c->balance_failed : 31;
    return c->missing == UINT64_MAX || aur_task_load(core, task) >> patience <= c->missing;
}

// Takes tasks that fit until nothing is missing (detach_tasks); false if there was none.
static bool pull(struct aur_step *step, uint32_t from, uint32_t to, uint64_t missing)
{
    struct aur_core *core = step->core;
    struct aur_cpu *c = aur_cpu_at(core, to);
    bool moved = false;
    c->missing = missing;
    for (; c->missing != 0 && step->wakes < AUR_WAKES_PER_STEP; step->wakes++) {
        uint32_t task = candidate(core, from, to);
        if (task == AUR_NONE || !aur_fits(core, task, to))
            break;
        uint64_t load = aur_task_load(core, task);
        aur_move(step, task, to);
        c->missing -= load < c->missing ? load : c->missing;
        moved = true;
    }
    c->missing = UINT64_MAX;
    return moved;
}

void aur_balance_tick(struct aur_step *step, uint32_t cpu)
{
    struct aur_core *core = step->core;
    struct aur_cpu *c = aur_cpu_at(core, cpu);
    if (core->config.balance_ns == 0)
        return;
    if (c->nr >= 2)
        balance_for_idle(step);
    if (core->now_ns < c->balance_at_ns)
        return;
    c->balance_at_ns = core->now_ns + busy_interval_ns(core);
    update_idle_scan(core);

    uint32_t from = busiest(core, core->overloaded & ~(1ull << cpu), cpu);
    uint64_t missing = from == AUR_NONE ? 0 : missing_load(core, cpu, from);
    if (missing == 0) {
        c->balance_failed = 0;
        return;
    }
    if (!pull(step, from, cpu, missing)) {
        c->balance_failed++;
        return;
    }
    // Were all moves equally far apart, they could fall into step with slices, and the same tasks
    // would always have to share.
    c->balance_failed = 0;
    uint64_t mixed = (core->now_ns + cpu) * 0x9e3779b97f4a7c15ull >> 32; // Fibonacci hashing
    c->balance_at_ns += mixed % 8 * core->config.tick_ns;
}
