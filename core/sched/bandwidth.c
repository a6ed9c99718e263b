// Quota of task groups: at most so much CPU time in each period, over all CPUs together.
// Sources: Turner, Rao, Rao, CPU bandwidth control for CFS, Linux Symposium 2010; Linux
// Documentation/scheduler/sched-bwc.rst and kernel/sched/fair.c (cfs_bandwidth).
//
// A group has a pool, filled up to its quota each period. A CPU that runs one of its tasks takes a
// slice of 5 ms from the pool whenever the last one is used up; when there is none to be had the
// group's queue on that CPU is throttled: its tasks, and those of the groups in it, are hidden
// until a refill pays what was overrun. A queue that runs empty gives its slice back but for 1 ms.
// A group whose pool nobody has touched for a period has no timer.
//
// As in Linux a task is only stopped when its CPU is charged: with a tick up to that much later.
// A queue is throttled with all that is in it, as up to Linux 6.17; since 6.18 each task goes on
// until it leaves the kernel, which is no matter here, where nobody is in one.
#include "sched/fair.h"
#include "step/parts.h"

#define SLICE_NS        5000000     // sched_cfs_bandwidth_slice
#define KEPT_NS         1000000     // min_cfs_rq_runtime
#define SLACK_PERIOD_NS 5000000     // cfs_bandwidth_slack_period
#define REFILL_NEAR_NS  2000000     // min_bandwidth_expiration
#define QUOTA_REACH_NS  (1ll << 62) // what is had or owed is less: sums do not overflow

// The refills of all groups in one tree.

static bool sooner(const void *nodes, uint32_t a, uint32_t b)
{
    const unsigned char *base =
        (const unsigned char *)nodes - offsetof(struct aur_group_state, refill_node);
    const struct aur_group_state *groups = (const struct aur_group_state *)(const void *)base;
    return groups[a].due_at_ns != groups[b].due_at_ns ? groups[a].due_at_ns < groups[b].due_at_ns
                                                      : a < b;
}

static const struct aur_rb_ops by_instant = {.stride = sizeof(struct aur_group_state),
                                             .less = sooner};

static void *refill_nodes(struct aur_core *core)
{
    return &aur_group_at(core, 0)->refill_node;
}

uint64_t aur_bandwidth_due_ns(const struct aur_core *core)
{
    return aur_rb_empty(&core->refills) ? AUR_NEVER_NS
                                        : aur_group_at(core, core->refills.first)->due_at_ns;
}

static void set_due(struct aur_core *core, uint32_t group)
{
    struct aur_group_state *g = aur_group_at(core, group);
    uint64_t at_ns = g->active ? g->refill_at_ns : AUR_NEVER_NS;
    at_ns = g->slack_at_ns < at_ns ? g->slack_at_ns : at_ns;
    if (g->due_at_ns != AUR_NEVER_NS)
        aur_rb_erase(&by_instant, refill_nodes(core), &core->refills, group);
    g->due_at_ns = at_ns;
    if (at_ns != AUR_NEVER_NS)
        aur_rb_insert(&by_instant, refill_nodes(core), &core->refills, group);
}

// Periods follow one another from the first quota on, timer or not.
static void start(struct aur_core *core, uint32_t group)
{
    struct aur_group_state *g = aur_group_at(core, group);
    if (g->active)
        return;
    g->active = 1;
    if (g->refill_at_ns <= core->now_ns)
        g->refill_at_ns +=
            ((core->now_ns - g->refill_at_ns) / g->shown.period_ns + 1) * g->shown.period_ns;
    set_due(core, group);
}

// Taking from the pool.

static bool limited(const struct aur_core *core, const struct aur_group_state *g, uint32_t queue)
{
    uint32_t cpu = queue % core->config.cpus;
    return g->shown.quota_ns != AUR_NEVER_NS && cpu < g->set_cpu && aur_is_online(core, cpu);
}

// So that `wanted_ns` are left, if the pool has them; true if anything is left then.
static bool take(struct aur_core *core, uint32_t group, struct aur_fair_queue *q, int64_t wanted_ns)
{
    struct aur_group_state *g = aur_group_at(core, group);
    uint64_t amount_ns = (uint64_t)(wanted_ns - q->runtime_left_ns);
    start(core, group);
    if (g->pool_ns != 0) {
        amount_ns = amount_ns < g->pool_ns ? amount_ns : g->pool_ns;
        g->pool_ns -= amount_ns;
        q->runtime_left_ns += (int64_t)amount_ns;
        g->idle = 0;
    }
    return q->runtime_left_ns > 0;
}

void aur_bandwidth_charge(struct aur_core *core, uint32_t queue, uint64_t ran_ns)
{
    uint32_t group = aur_fair_group_of(core, queue);
    struct aur_group_state *g = aur_group_at(core, group);
    g->shown.run_ns += ran_ns;
    if (!limited(core, g, queue))
        return;
    struct aur_fair_queue *q = aur_fair_queue_at(core, AUR_SLOT_FAIR, queue);
    q->runtime_left_ns -= (int64_t)ran_ns;
    if (q->runtime_left_ns <= 0 && !aur_fair_throttled(q))
        take(core, group, q, SLICE_NS);
}

uint64_t aur_bandwidth_left_ns(const struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
    if (!limited(core, aur_group_at(core, aur_fair_group_of(core, queue)), queue))
        return AUR_NEVER_NS;
    return q->runtime_left_ns > 0 ? (uint64_t)q->runtime_left_ns : 0;
}

// 1 ns is enough: the first charge then takes a slice.
bool aur_bandwidth_used_up(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    uint32_t group = aur_fair_group_of(core, queue);
    struct aur_group_state *g = aur_group_at(core, group);
    struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
    if (aur_fair_throttled(q))
        return true;
    if (!limited(core, g, queue) || q->runtime_left_ns > 0 || take(core, group, q, 1))
        return false;
    g->throttled_cpus |= 1ull << queue % core->config.cpus;
    g->shown.throttlings++;
    aur_fair_hide(core, slot, queue);
    return true;
}

void aur_bandwidth_enter(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    uint32_t group = aur_fair_group_of(core, queue);
    struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
    if (aur_fair_throttled(q) || !limited(core, aur_group_at(core, group), queue) ||
        q->runtime_left_ns > 0)
        return;
    if (!take(core, group, q, SLICE_NS))
        aur_bandwidth_used_up(core, slot, queue);
}

void aur_bandwidth_give_back(struct aur_core *core, uint32_t queue, struct aur_fair_queue *q)
{
    uint32_t group = aur_fair_group_of(core, queue);
    struct aur_group_state *g = aur_group_at(core, group);
    if (!limited(core, g, queue) || q->runtime_left_ns <= KEPT_NS)
        return;
    g->pool_ns += (uint64_t)(q->runtime_left_ns - KEPT_NS);
    q->runtime_left_ns = KEPT_NS;
    // A refill soon makes it not worth while.
    bool refilled_soon =
        g->active && g->refill_at_ns < core->now_ns + SLACK_PERIOD_NS + REFILL_NEAR_NS;
    if (g->pool_ns <= SLICE_NS || g->throttled_cpus == 0 || g->slack_at_ns != AUR_NEVER_NS ||
        refilled_soon)
        return;
    g->slack_at_ns = core->now_ns + SLACK_PERIOD_NS;
    set_due(core, group);
}

// Throttled no more.

static void unthrottle(struct aur_core *core, uint32_t group, uint32_t cpu)
{
    struct aur_group_state *g = aur_group_at(core, group);
    uint32_t queue = aur_fair_queue_of(core, group, cpu);
    struct aur_fair_queue *q = aur_fair_queue_at(core, AUR_SLOT_FAIR, queue);
    g->throttled_cpus &= ~(1ull << cpu);
    g->shown.throttled_ns += core->now_ns - q->throttled_at_ns;
    aur_fair_show(core, AUR_SLOT_FAIR, queue);
}

// The CPU goes on with what is hidden or visible now. As in Linux who comes back preempts nobody;
// but an idle CPU starts, and a task that had the CPU for itself has it to share now.
static void resume(struct aur_step *step, uint32_t cpu)
{
    const struct aur_cpu *c = aur_cpu_at(step->core, cpu);
    aur_fair_resume(step->core, AUR_SLOT_FAIR, cpu);
    if (c->need_resched)
        return;
    if (c->curr == AUR_NONE ? c->nr != 0 : aur_hidden(step->core, c->curr))
        aur_resched(step, cpu);
    else
        aur_slice_update(step, cpu);
}

static uint32_t longest_throttled(const struct aur_core *core, uint32_t group)
{
    uint32_t best = AUR_NONE;
    uint64_t since_ns = AUR_NEVER_NS;
    for (uint64_t rest = aur_group_at(core, group)->throttled_cpus; rest; rest &= rest - 1) {
        uint32_t cpu = (uint32_t)__builtin_ctzll(rest);
        uint64_t at_ns = aur_fair_queue_at(core, AUR_SLOT_FAIR, aur_fair_queue_of(core, group, cpu))
                             ->throttled_at_ns;
        if (at_ns < since_ns) {
            since_ns = at_ns;
            best = cpu;
        }
    }
    return best;
}

// Pays the overruns of the throttled from the pool (distribute_cfs_runtime); false if the step has
// no room for more.
static bool distribute(struct aur_step *step, uint32_t group)
{
    struct aur_core *core = step->core;
    struct aur_group_state *g = aur_group_at(core, group);
    while (g->throttled_cpus != 0 && g->pool_ns != 0) {
        if (step->wakes == AUR_WAKES_PER_STEP)
            return false;
        step->wakes++;
        uint32_t cpu = longest_throttled(core, group);
        struct aur_fair_queue *q =
            aur_fair_queue_at(core, AUR_SLOT_FAIR, aur_fair_queue_of(core, group, cpu));
        if (!take(core, group, q, 1))
            break;
        aur_charge(step, cpu);
        unthrottle(core, group, cpu);
        resume(step, cpu);
    }
    return true;
}

// The timer of the period or of the slack (do_sched_cfs_period_timer, do_sched_cfs_slack_timer).
static void expire(struct aur_core *core, struct aur_group_state *g)
{
    bool endless = g->shown.quota_ns == AUR_NEVER_NS;
    if (g->slack_at_ns <= core->now_ns) {
        g->slack_at_ns = AUR_NEVER_NS;
        bool refilled_soon = g->active && g->refill_at_ns < core->now_ns + REFILL_NEAR_NS;
        g->distributing = !endless && !refilled_soon && g->pool_ns > SLICE_NS;
    }
    if (!g->active || g->refill_at_ns > core->now_ns)
        return;
    if (endless || (g->idle && g->throttled_cpus == 0)) {
        g->pool_ns = endless ? 0 : g->shown.quota_ns;
        g->active = 0;
        return;
    }
    uint64_t periods = (core->now_ns - g->refill_at_ns) / g->shown.period_ns + 1;
    g->refill_at_ns += periods * g->shown.period_ns;
    g->shown.periods += periods;
    g->pool_ns = g->shown.quota_ns;
    g->idle = g->throttled_cpus == 0;
    g->distributing = g->throttled_cpus != 0;
}

bool aur_bandwidth_timer(struct aur_step *step)
{
    struct aur_core *core = step->core;
    while (aur_bandwidth_due_ns(core) <= core->now_ns) {
        uint32_t group = core->refills.first;
        struct aur_group_state *g = aur_group_at(core, group);
        if (step->wakes == AUR_WAKES_PER_STEP)
            return false;
        step->wakes++;
        if (!g->distributing)
            expire(core, g);
        if (g->distributing && !distribute(step, group))
            return false;
        g->distributing = 0;
        set_due(core, group);
    }
    return true;
}

void aur_bandwidth_cpu_off(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    if (slot != AUR_SLOT_FAIR)
        return;
    for (uint32_t group = 0; group < core->groups_used; group++) {
        struct aur_group_state *g = aur_group_at(core, group);
        if (!g->shown.used || !(g->throttled_cpus >> cpu & 1))
            continue;
        aur_fair_queue_at(core, slot, aur_fair_queue_of(core, group, cpu))->runtime_left_ns = 0;
        unthrottle(core, group, cpu);
    }
    aur_fair_resume(core, slot, cpu);
}

// It is back before its tasks have left.
void aur_bandwidth_cpu_on(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    if (slot != AUR_SLOT_FAIR)
        return;
    for (uint32_t group = 0; group < core->groups_used; group++) {
        uint32_t queue = aur_fair_queue_of(core, group, cpu);
        if (aur_group_at(core, group)->shown.used &&
            aur_fair_queue_at(core, slot, queue)->queued != 0)
            aur_bandwidth_used_up(core, slot, queue);
    }
}

// Setting quota and period (tg_set_cfs_bandwidth).

static enum aur_status check_value(uint32_t attribute, uint64_t value)
{
    bool good = attribute == AUR_GROUP_QUOTA_NS
                    ? value == AUR_NEVER_NS ||
                          (value >= AUR_GROUP_QUOTA_MIN_NS && value <= AUR_GROUP_QUOTA_MAX_NS)
                    : value >= AUR_GROUP_PERIOD_MIN_NS && value <= AUR_GROUP_PERIOD_MAX_NS;
    return good ? AUR_OK : AUR_BAD_ARGUMENT;
}

// The CPU starts anew under what was set; false if it has nothing to do with the group now.
static bool restart(struct aur_step *step, uint32_t group, uint32_t cpu)
{
    struct aur_core *core = step->core;
    struct aur_fair_queue *q =
        aur_fair_queue_at(core, AUR_SLOT_FAIR, aur_fair_queue_of(core, group, cpu));
    bool concerned = q->queued != 0 || aur_fair_throttled(q);
    if (concerned)
        aur_charge(step, cpu);
    q->runtime_left_ns = 0;
    if (aur_fair_throttled(q))
        unthrottle(core, group, cpu);
    if (q->queued != 0)
        aur_bandwidth_used_up(core, AUR_SLOT_FAIR, aur_fair_queue_of(core, group, cpu));
    if (concerned)
        resume(step, cpu);
    return concerned;
}

enum aur_status aur_bandwidth_set(struct aur_step *step, uint32_t group, uint32_t attribute,
                                  uint64_t value)
{
    struct aur_core *core = step->core;
    struct aur_group_state *g = aur_group_at(core, group);
    if (check_value(attribute, value) != AUR_OK)
        return AUR_BAD_ARGUMENT;
    uint64_t *kept = attribute == AUR_GROUP_QUOTA_NS ? &g->shown.quota_ns : &g->shown.period_ns;
    if (*kept != value) {
        *kept = value;
        g->set_cpu = 0;
        if (g->shown.quota_ns != AUR_NEVER_NS) {
            g->pool_ns = g->shown.quota_ns;
            start(core, group);
        }
    }
    while (g->set_cpu < core->config.cpus) {
        if (step->wakes == AUR_WAKES_PER_STEP) {
            aur_act(step, AUR_ACT_AGAIN, step->event->cpu, AUR_NONE, 0, 0);
            break;
        }
        uint32_t cpu = g->set_cpu++;
        step->wakes += restart(step, group, cpu);
    }
    return AUR_OK;
}

void aur_bandwidth_init(struct aur_core *core, uint32_t group)
{
    struct aur_group_state *g = aur_group_at(core, group);
    g->refill_at_ns = core->now_ns;
    g->slack_at_ns = AUR_NEVER_NS;
    g->due_at_ns = AUR_NEVER_NS;
    g->set_cpu = core->config.cpus;
}

void aur_bandwidth_forget(struct aur_core *core, uint32_t group)
{
    struct aur_group_state *g = aur_group_at(core, group);
    g->active = 0;
    g->slack_at_ns = AUR_NEVER_NS;
    set_due(core, group);
}

const char *aur_bandwidth_check(struct aur_core *core)
{
    uint32_t count, expected = 0;
    for (uint32_t group = 0; group < core->groups_used; group++) {
        const struct aur_group_state *g = aur_group_at(core, group);
        if (!g->shown.used)
            continue;
        if (g->pool_ns > (uint64_t)QUOTA_REACH_NS)
            return "a group has more left of its quota than there is";
        expected += g->due_at_ns != AUR_NEVER_NS;
        if ((g->active && g->due_at_ns > g->refill_at_ns) || g->due_at_ns > g->slack_at_ns)
            return "a group is due later than its timers";
        for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++) {
            uint32_t queue = aur_fair_queue_of(core, group, cpu);
            const struct aur_fair_queue *q = aur_fair_queue_at(core, AUR_SLOT_FAIR, queue);
            if (q->runtime_left_ns < -QUOTA_REACH_NS || q->runtime_left_ns > QUOTA_REACH_NS)
                return "a queue has more left of its group's quota than there is";
            if (aur_fair_throttled(q) != (g->throttled_cpus >> cpu & 1))
                return "a group does not know on which CPUs it is throttled";
            if (aur_fair_throttled(q) && cpu < g->set_cpu &&
                (q->runtime_left_ns > 0 || !limited(core, g, queue)))
                return "a queue is throttled although its group has quota for it";
            const struct aur_fair_entity *e =
                aur_fair_entity_at(core, AUR_SLOT_FAIR, aur_fair_owner(core, queue));
            bool may_run = q->runtime_left_ns > 0 || !limited(core, g, queue) ||
                           aur_fair_queue_at(core, AUR_SLOT_FAIR, e->queue)->curr ==
                               aur_fair_owner(core, queue);
            if (e->on_queue && !e->delayed && !may_run)
                return "a group waits for the CPU with its quota used up";
        }
    }
    if (!aur_rb_valid(&by_instant, refill_nodes(core), &core->refills, core->groups_used, &count) ||
        count != expected)
        return "the groups' refills are out of order or miscounted";
    for (uint32_t group = core->refills.first; group != AUR_RB_NIL;
         group = aur_rb_next(&by_instant, refill_nodes(core), group))
        if (!aur_core_group(core, group) || aur_group_at(core, group)->due_at_ns == AUR_NEVER_NS)
            return "a group is refilled that is not there or not due";
    return NULL;
}
