#include "sched/edf_reclaim.h"

static bool earlier(const void *nodes, uint32_t a, uint32_t b)
{
    const unsigned char *base =
        (const unsigned char *)nodes - offsetof(struct edf_entity, lag_node);
    const struct edf_entity *e = (const struct edf_entity *)(const void *)base;
    return e[a].zero_lag_at_ns != e[b].zero_lag_at_ns ? e[a].zero_lag_at_ns < e[b].zero_lag_at_ns
                                                      : a < b;
}

static const struct aur_rb_ops by_zero_lag = {.stride = sizeof(struct edf_entity), .less = earlier};

static struct edf_entity *entity(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    return (struct edf_entity *)aur_class_tasks(core, slot) + task;
}

static void *lag_nodes(const struct aur_core *core, uint32_t slot)
{
    return &entity(core, slot, 0)->lag_node;
}

// Its bandwidth is free from here on.
static void rest(struct edf_cpu *edf, struct edf_entity *e)
{
    edf->active -= e->bandwidth;
    e->activity = EDF_AT_REST;
}

static void settle(struct aur_core *core, uint32_t slot, struct edf_cpu *edf, uint64_t now_ns)
{
    while (!aur_rb_empty(&edf->lagging)) {
        uint32_t first = edf->lagging.first;
        struct edf_entity *e = entity(core, slot, first);
        if (e->zero_lag_at_ns > now_ns)
            return;
        aur_rb_erase(&by_zero_lag, lag_nodes(core, slot), &edf->lagging, first);
        rest(edf, e);
    }
}

// Takes the task's bandwidth off its CPU.
static void leave(struct aur_core *core, uint32_t slot, uint32_t task)
{
    struct edf_entity *e = entity(core, slot, task);
    struct edf_cpu *edf = aur_class_cpu(core, slot, e->bandwidth_cpu);
    settle(core, slot, edf, core->now_ns);
    if (e->activity == EDF_LAGGING)
        aur_rb_erase(&by_zero_lag, lag_nodes(core, slot), &edf->lagging, task);
    if (e->activity != EDF_AT_REST)
        rest(edf, e);
    edf->assigned -= e->bandwidth;
}

static void join(struct aur_core *core, uint32_t slot, uint32_t task, uint32_t cpu)
{
    struct edf_entity *e = entity(core, slot, task);
    e->bandwidth_cpu = cpu;
    ((struct edf_cpu *)aur_class_cpu(core, slot, cpu))->assigned += e->bandwidth;
}

void edf_reclaim_admit(struct aur_core *core, uint32_t slot, uint32_t task)
{
    join(core, slot, task, aur_task_at(core, task)->cpu);
}

void edf_reclaim_release(struct aur_core *core, uint32_t slot, uint32_t task)
{
    if (entity(core, slot, task)->admitted)
        leave(core, slot, task);
}

void edf_reclaim_contend(struct aur_core *core, uint32_t slot, uint32_t task, uint32_t cpu)
{
    struct edf_entity *e = entity(core, slot, task);
    if (e->activity == EDF_CONTENDING && e->bandwidth_cpu == cpu)
        return;
    leave(core, slot, task);
    join(core, slot, task, cpu);
    ((struct edf_cpu *)aur_class_cpu(core, slot, cpu))->active += e->bandwidth;
    e->activity = EDF_CONTENDING;
}

void edf_reclaim_rest(struct aur_core *core, uint32_t slot, uint32_t task)
{
    struct edf_entity *e = entity(core, slot, task);
    const struct aur_task *t = aur_task_at(core, task);
    struct edf_cpu *edf = aur_class_cpu(core, slot, e->bandwidth_cpu);
    uint64_t size_ns = e->budget_ns < 0 ? 0 - (uint64_t)e->budget_ns : (uint64_t)e->budget_ns;
    uint64_t lasts_ns =
        aur_wide_divide(aur_wide_multiply(size_ns, t->dl_period_ns), t->dl_runtime_ns);
    if (e->budget_ns < 0)
        e->zero_lag_at_ns = e->deadline_at_ns + lasts_ns;
    else
        e->zero_lag_at_ns = e->deadline_at_ns > lasts_ns ? e->deadline_at_ns - lasts_ns : 0;
    if (e->zero_lag_at_ns <= core->now_ns) {
        rest(edf, e);
        return;
    }
    e->activity = EDF_LAGGING;
    aur_rb_insert(&by_zero_lag, lag_nodes(core, slot), &edf->lagging, task);
}

uint64_t edf_reclaim_until_ns(struct aur_core *core, uint32_t slot, uint32_t cpu, uint64_t from_ns,
                              uint64_t now_ns)
{
    struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    settle(core, slot, edf, from_ns);
    if (aur_rb_empty(&edf->lagging))
        return now_ns;
    uint64_t next_ns = entity(core, slot, edf->lagging.first)->zero_lag_at_ns;
    return next_ns < now_ns ? next_ns : now_ns;
}

uint64_t edf_reclaim_speed(const struct edf_cpu *edf, const struct edf_entity *e,
                           uint64_t unreserved, uint64_t percent)
{
    uint64_t free = edf->assigned - edf->active + unreserved;
    uint64_t speed = free < EDF_SHARE_ONE ? EDF_SHARE_ONE - free : 0;
    uint64_t least = e->bandwidth * 100 / percent + 1; // what was cut off is never given away
    speed = speed > least ? speed : least;
    return speed < EDF_SHARE_ONE ? speed : EDF_SHARE_ONE;
}

int64_t edf_reclaim_charge(uint64_t ran_ns, uint64_t speed)
{
    uint64_t whole = ran_ns >> EDF_SHARE_BITS, part = ran_ns & (EDF_SHARE_ONE - 1);
    return (int64_t)(whole * speed + ((part * speed + EDF_SHARE_ONE - 1) >> EDF_SHARE_BITS));
}

uint64_t edf_reclaim_lasts_ns(int64_t budget_ns, uint64_t speed)
{
    if (speed == EDF_SHARE_ONE)
        return (uint64_t)budget_ns;
    return (((uint64_t)budget_ns - 1) << EDF_SHARE_BITS) / speed + 1;
}

const char *edf_reclaim_check(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    uint64_t assigned = 0, active = 0;
    uint32_t lagging = 0, count;
    for (uint32_t task = 0; task < core->tasks_used; task++) {
        const struct edf_entity *e = entity(core, slot, task);
        if (!e->admitted || e->bandwidth_cpu != cpu)
            continue;
        assigned += e->bandwidth;
        active += e->activity != EDF_AT_REST ? e->bandwidth : 0;
        lagging += e->activity == EDF_LAGGING;
    }
    if (!aur_rb_valid(&by_zero_lag, lag_nodes(core, slot), &edf->lagging, core->tasks_used,
                      &count) ||
        count != lagging)
        return "edf: the sleepers with lag are out of order or miscounted";
    for (uint32_t task = edf->lagging.first; task != AUR_RB_NIL;
         task = aur_rb_next(&by_zero_lag, lag_nodes(core, slot), task)) {
        const struct edf_entity *e = entity(core, slot, task);
        if (!e->admitted || e->bandwidth_cpu != cpu || e->activity != EDF_LAGGING)
            return "edf: a task is among the sleepers with lag, but has none there";
    }
    bool reclaims = edf->assigned != 0 || edf->active != 0;
    return !reclaims || (assigned == edf->assigned && active == edf->active)
               ? NULL
               : "edf: a CPU's active bandwidth is not the sum over its tasks";
}
