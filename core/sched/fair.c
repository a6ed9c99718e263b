// What the hierarchy of the fair classes does for groups: their weights, their throttling, and the
// walks that only groups need; the others are in fair_walk.h.
// Source: Linux kernel/sched/fair.c: enqueue_task_fair, dequeue_entities, pick_task_fair,
// set_next_entity, find_matching_se, update_cfs_group and calc_group_shares.
//
// Cost: the discipline's, times the depth of the task's group; without groups one level.
#include "sched/fair_walk.h"

#include "step/parts.h"

static const struct aur_fair_discipline *discipline(const struct aur_core *core, uint32_t slot)
{
    return aur_class_of(core, slot)->fair;
}

// Walking up.

// A group's part of its shares on one CPU: as its load there is to its load everywhere
// (calc_group_shares, with the loads themselves where Linux has their decayed averages, and in
// whole units of weight where it has ten bits more).
static uint32_t share(const struct aur_core *core, uint32_t queue, const struct aur_fair_queue *q)
{
    const struct aur_group_state *group = aur_group_at(core, aur_fair_group_of(core, queue));
    uint64_t shares = aur_group_shares(group->shown.weight);
    uint64_t part = shares * q->load / group->load;
    return part < AUR_GROUP_SHARES_MIN ? AUR_GROUP_SHARES_MIN : (uint32_t)part;
}

// An empty group keeps its weight: it may be delayed.
static void update_share(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
    if (q->load == 0)
        return;
    uint32_t entity = aur_fair_owner(core, queue), weight = share(core, queue, q);
    const struct aur_fair_entity *e = aur_fair_entity_at(core, slot, entity);
    uint32_t before = e->weight;
    if (weight == before)
        return;
    discipline(core, slot)->reweight(core, slot, e->queue, entity, weight);
    if (!e->on_queue)
        return;
    aur_fair_queue_at(core, slot, e->queue)->load += (uint64_t)weight - before;
    if (e->queue >= core->config.cpus)
        aur_group_at(core, aur_fair_group_of(core, e->queue))->load += (uint64_t)weight - before;
}

// Something in `queue` has changed: so do the weights and slices of the groups that hold it.
static void refresh(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct aur_fair_discipline *d = discipline(core, slot);
    while (queue >= core->config.cpus) {
        if (aur_fair_throttled(aur_fair_queue_at(core, slot, queue)))
            return;
        uint32_t entity = aur_fair_owner(core, queue);
        update_share(core, slot, queue);
        queue = aur_fair_entity_at(core, slot, entity)->queue;
        if (d->group_changed)
            d->group_changed(core, slot, queue, entity);
    }
}

// What an entity that joins or leaves a group's queue means for those above.

void aur_fair_joined(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct aur_fair_discipline *d = discipline(core, slot);
    while (aur_fair_is_groups(core, queue)) {
        const struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
        if (q->queued == 1 && q->curr == AUR_NONE)
            aur_bandwidth_enter(core, slot, queue);
        if (aur_fair_throttled(q))
            return;
        uint32_t group = aur_fair_owner(core, queue);
        const struct aur_fair_entity *e = aur_fair_entity_at(core, slot, group);
        if (e->on_queue) {
            if (e->delayed)
                aur_fair_requeue(d, core, slot, group);
            break;
        }
        update_share(core, slot, queue);
        queue = e->queue;
        if (d->group_changed)
            d->group_changed(core, slot, queue, group);
        aur_fair_join(d, core, slot, queue, group, AUR_ENQUEUE_WAKE);
    }
    refresh(core, slot, queue);
}

// A group that is left empty goes too, or stays delayed.
void aur_fair_left(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t flags)
{
    const struct aur_fair_discipline *d = discipline(core, slot);
    flags = AUR_DEQUEUE_SLEEP | (flags & AUR_DEQUEUE_THROTTLE);
    while (aur_fair_is_groups(core, queue)) {
        const struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
        if (aur_fair_throttled(q))
            return;
        if (q->queued != 0) {
            refresh(core, slot, queue);
            return;
        }
        uint32_t group = aur_fair_owner(core, queue);
        queue = aur_fair_entity_at(core, slot, group)->queue;
        if (!aur_fair_part(d, core, slot, group, flags))
            return;
    }
}

// A blocked task, delayed in a queue of this class, leaves for another or may no longer be there.
void aur_fair_switched_from(struct aur_core *core, uint32_t slot, uint32_t task)
{
    if (aur_fair_entity_at(core, slot, task)->on_queue)
        aur_fair_finish(discipline(core, slot), core, slot, task);
}

static bool hidden_in(const struct aur_core *core, uint32_t slot, uint32_t queue)
{
    while (queue >= core->config.cpus) {
        if (aur_fair_throttled(aur_fair_queue_at(core, slot, queue)))
            return true;
        queue = aur_fair_entity_at(core, slot, aur_fair_owner(core, queue))->queue;
    }
    return false;
}

bool aur_fair_hidden(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    return hidden_in(core, slot, aur_fair_entity_at(core, slot, task)->queue);
}

void aur_fair_charge_groups(struct aur_core *core, uint32_t slot, uint32_t lowest, uint64_t ran_ns)
{
    const struct aur_fair_discipline *d = discipline(core, slot);
    uint32_t queue = lowest;
    while (aur_fair_is_groups(core, queue)) {
        aur_bandwidth_charge(core, queue, ran_ns);
        queue = aur_fair_entity_at(core, slot, aur_fair_owner(core, queue))->queue;
        d->update_curr(core, slot, queue, ran_ns);
    }
    refresh(core, slot, lowest);
}

uint64_t aur_fair_groups_left_ns(const struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct aur_fair_discipline *d = discipline(core, slot);
    uint64_t least_ns = AUR_NEVER_NS;
    while (aur_fair_is_groups(core, queue)) {
        uint64_t left_ns = aur_bandwidth_left_ns(core, slot, queue);
        least_ns = left_ns < least_ns ? left_ns : least_ns;
        queue = aur_fair_entity_at(core, slot, aur_fair_owner(core, queue))->queue;
        left_ns = d->slice_left(core, slot, queue);
        least_ns = left_ns < least_ns ? left_ns : least_ns;
    }
    return least_ns;
}

bool aur_fair_tick(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    (void)cpu;
    const struct aur_fair_discipline *d = discipline(core, slot);
    bool gives_way = false;
    if (!d->tick || !aur_fair_holds(core, slot, task))
        return false;
    for (uint32_t queue = aur_fair_entity_at(core, slot, task)->queue;;) {
        gives_way |= d->tick(core, slot, queue);
        if (queue < core->config.cpus)
            break;
        queue = aur_fair_entity_at(core, slot, aur_fair_owner(core, queue))->queue;
    }
    return gives_way;
}

void aur_fair_match(const struct aur_core *core, uint32_t slot, uint32_t *a, uint32_t *b)
{
    uint32_t qa = aur_fair_entity_at(core, slot, *a)->queue;
    uint32_t qb = aur_fair_entity_at(core, slot, *b)->queue;
    while (qa != qb) {
        uint32_t da = 0, db = 0;
        if (qa >= core->config.cpus)
            da = aur_group_at(core, aur_fair_group_of(core, qa))->shown.depth;
        if (qb >= core->config.cpus)
            db = aur_group_at(core, aur_fair_group_of(core, qb))->shown.depth;
        if (da >= db) {
            *a = aur_fair_owner(core, qa);
            qa = aur_fair_entity_at(core, slot, *a)->queue;
        }
        if (db >= da) {
            *b = aur_fair_owner(core, qb);
            qb = aur_fair_entity_at(core, slot, *b)->queue;
        }
    }
}

void aur_fair_yield(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    (void)cpu;
    if (aur_fair_holds(core, slot, task))
        discipline(core, slot)->yield(core, slot, aur_fair_entity_at(core, slot, task)->queue);
}

// Walking down.

// From the task upwards (put_prev_entity): a group may have used up its quota together with those
// that it is in.
static void expire_below(struct aur_core *core, uint32_t slot, uint32_t top)
{
    uint32_t queue = top, entity = aur_fair_queue_at(core, slot, top)->curr;
    while (entity != AUR_NONE && !aur_fair_is_task(core, entity)) {
        queue = aur_fair_own_queue(core, entity);
        entity = aur_fair_queue_at(core, slot, queue)->curr;
    }
    while (queue != top) {
        if (aur_fair_queue_at(core, slot, queue)->queued != 0)
            aur_bandwidth_used_up(core, slot, queue);
        queue = aur_fair_entity_at(core, slot, aur_fair_owner(core, queue))->queue;
    }
}

void aur_fair_put_path(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    expire_below(core, slot, queue);
    for (;;) {
        uint32_t entity = aur_fair_queue_at(core, slot, queue)->curr;
        if (entity == AUR_NONE)
            return;
        discipline(core, slot)->put_prev(core, slot, queue, entity);
        if (aur_fair_is_task(core, entity))
            return;
        queue = aur_fair_own_queue(core, entity);
    }
}

void aur_fair_expire(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    expire_below(core, slot, cpu);
}

void aur_fair_leave(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    aur_fair_put_path(core, slot, cpu);
}

// Throttling.

void aur_fair_hide(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct aur_fair_discipline *d = discipline(core, slot);
    struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
    uint32_t entity = aur_fair_owner(core, queue), cpu = queue % core->config.cpus;
    const struct aur_fair_entity *e = aur_fair_entity_at(core, slot, entity);
    aur_fair_put_path(core, slot, queue);
    if (e->delayed)
        aur_fair_finish(d, core, slot, entity);
    else if (e->on_queue)
        aur_fair_take_out(d, core, slot, entity, AUR_DEQUEUE_SLEEP | AUR_DEQUEUE_THROTTLE);
    q->throttled_at_ns = core->now_ns;
    if (q->tasks != 0 && aur_fair_count(core, slot, e->queue, 0u - q->tasks, 0 - q->task_weight))
        aur_count_hidden(core, slot, cpu, 0u - q->tasks, 0 - q->task_weight);
    aur_fair_flush(d, core, slot, cpu);
}

void aur_fair_show(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct aur_fair_discipline *d = discipline(core, slot);
    struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
    uint32_t entity = aur_fair_owner(core, queue), cpu = queue % core->config.cpus;
    const struct aur_fair_entity *e = aur_fair_entity_at(core, slot, entity);
    q->throttled_at_ns = AUR_NEVER_NS;
    if (q->queued == 0)
        return;
    update_share(core, slot, queue);
    if (d->group_changed)
        d->group_changed(core, slot, e->queue, entity);
    aur_fair_put_in(d, core, slot, e->queue, entity, AUR_ENQUEUE_WAKE);
    if (q->tasks != 0 && aur_fair_count(core, slot, e->queue, q->tasks, q->task_weight))
        aur_count_hidden(core, slot, cpu, q->tasks, q->task_weight);
    aur_fair_flush(d, core, slot, cpu);
}

void aur_fair_resume(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    uint32_t curr = aur_cpu_at(core, cpu)->curr;
    if (curr == AUR_NONE || aur_task_at(core, curr)->state != AUR_TASK_RUNNING ||
        aur_task_at(core, curr)->slot != slot)
        return;
    if (!aur_fair_holds(core, slot, curr) && !aur_fair_hidden(core, slot, curr))
        aur_fair_set_next(discipline(core, slot), core, slot, curr);
}

// The waiting ones of a queue come first, then those below the group that runs.
uint32_t aur_fair_balance(struct aur_core *core, uint32_t slot, uint32_t from, uint32_t to)
{
    const struct aur_fair_discipline *d = discipline(core, slot);
    uint32_t queue = from, entity = d->first(core, slot, queue);
    for (uint32_t scan = AUR_BALANCE_SCAN;;) {
        while (entity == AUR_NONE) {
            uint32_t curr = aur_fair_queue_at(core, slot, queue)->curr;
            if (curr != AUR_NONE && !aur_fair_is_task(core, curr)) {
                queue = aur_fair_own_queue(core, curr);
                entity = d->first(core, slot, queue);
                continue;
            }
            do {
                if (queue == from)
                    return AUR_NONE;
                curr = aur_fair_owner(core, queue);
                queue = aur_fair_entity_at(core, slot, curr)->queue;
            } while (aur_fair_queue_at(core, slot, queue)->curr == curr);
            entity = d->after(core, slot, queue, curr);
        }
        if (!aur_fair_is_task(core, entity)) {
            uint32_t own = aur_fair_own_queue(core, entity);
            if (aur_fair_queue_at(core, slot, own)->tasks != 0) {
                queue = own;
                entity = d->first(core, slot, queue);
                continue;
            }
        }
        if (scan-- == 0)
            return AUR_NONE;
        if (aur_fair_is_task(core, entity) && aur_can_move(core, entity, to) &&
            !aur_is_hot(core, entity, to) && aur_fits(core, entity, to) &&
            !hidden_in(core, slot, aur_fair_home(core, slot, to, entity)))
            return entity;
        entity = d->after(core, slot, queue, entity);
    }
}

// A delayed task wakes where it still is.
uint32_t aur_fair_select_cpu(struct aur_core *core, uint32_t slot, uint32_t task,
                             uint32_t waker_cpu)
{
    const struct aur_fair_entity *e = aur_fair_entity_at(core, slot, task);
    uint32_t cpu = aur_fair_cpu_of(core, e->queue);
    if (e->on_queue && aur_allowed(core, aur_task_at(core, task), cpu))
        return cpu;
    return aur_select_cpu_default(core, task, waker_cpu);
}

// Setting up.

static void queue_init(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
    memset(q, 0, core->class_cpu_size[slot]);
    q->curr = AUR_NONE;
    q->throttled_at_ns = AUR_NEVER_NS;
    discipline(core, slot)->queue_init(core, slot, queue);
}

static void entity_init(struct aur_core *core, uint32_t slot, uint32_t entity, uint32_t queue,
                        uint32_t weight)
{
    struct aur_fair_entity *e = aur_fair_entity_at(core, slot, entity);
    memset(e, 0, core->class_task_size[slot]);
    e->queue = queue;
    e->weight = weight;
    discipline(core, slot)->entity_init(core, slot, entity);
}

void aur_fair_init(struct aur_core *core, uint32_t slot)
{
    for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++)
        queue_init(core, slot, cpu);
}

void aur_fair_task_init(struct aur_core *core, uint32_t slot, uint32_t task)
{
    const struct aur_task *t = aur_task_at(core, task);
    entity_init(core, slot, task, aur_fair_home(core, slot, t->cpu, task), t->weight);
}

void aur_fair_group_init(struct aur_core *core, uint32_t slot, uint32_t group)
{
    const struct aur_group *shown = &aur_group_at(core, group)->shown;
    uint32_t weight = (uint32_t)aur_group_shares(shown->weight);
    for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++) {
        uint32_t queue = aur_fair_queue_of(core, group, cpu);
        queue_init(core, slot, queue);
        entity_init(core, slot, aur_fair_owner(core, queue),
                    aur_fair_queue_of(core, shown->parent, cpu), weight);
    }
}

bool aur_fair_group_is_stale(const struct aur_core *core, uint32_t slot, uint32_t group,
                             uint32_t cpu)
{
    uint32_t queue = aur_fair_queue_of(core, group, cpu);
    const struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
    uint32_t weight = aur_fair_entity_at(core, slot, aur_fair_owner(core, queue))->weight;
    return q->load != 0 && !aur_fair_throttled(q) && share(core, queue, q) != weight;
}

void aur_fair_group_refresh(struct aur_core *core, uint32_t slot, uint32_t group, uint32_t cpu)
{
    refresh(core, slot, aur_fair_queue_of(core, group, cpu));
}

bool aur_fair_group_lingers(const struct aur_core *core, uint32_t slot, uint32_t group,
                            uint32_t cpu)
{
    uint32_t entity = aur_fair_owner(core, aur_fair_queue_of(core, group, cpu));
    return aur_fair_entity_at(core, slot, entity)->on_queue;
}

void aur_fair_group_let_go(struct aur_core *core, uint32_t slot, uint32_t group, uint32_t cpu)
{
    aur_fair_finish(discipline(core, slot), core, slot,
                    aur_fair_owner(core, aur_fair_queue_of(core, group, cpu)));
}
