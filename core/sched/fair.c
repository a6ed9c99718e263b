// The hierarchy that the fair classes share: tasks and groups as entities of nested queues.
// Source: Linux kernel/sched/fair.c: enqueue_task_fair, dequeue_entities, pick_task_fair,
// set_next_entity, find_matching_se, update_cfs_group and calc_group_shares.
//
// Cost: the discipline's, times the depth of the task's group; without groups one level.
#include "sched/fair.h"

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

// Counts runnable tasks in or out, up to the CPU's queue or the throttled one that hides them:
// false.
static bool count(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t tasks,
                  uint64_t weight)
{
    for (;;) {
        struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
        q->tasks += tasks;
        q->task_weight += weight;
        if (queue < core->config.cpus)
            return true;
        if (aur_fair_throttled(q))
            return false;
        queue = aur_fair_entity_at(core, slot, aur_fair_owner(core, queue))->queue;
    }
}

static void requeue(struct aur_core *core, uint32_t slot, uint32_t entity)
{
    struct aur_fair_entity *e = aur_fair_entity_at(core, slot, entity);
    discipline(core, slot)->requeue_delayed(core, slot, e->queue, entity);
    e->delayed = 0;
    aur_fair_queue_at(core, slot, e->queue)->delayed--;
}

static void put_in(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                   uint32_t flags)
{
    const struct aur_fair_discipline *d = discipline(core, slot);
    for (;;) {
        struct aur_fair_entity *e = aur_fair_entity_at(core, slot, entity);
        struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
        d->enqueue(core, slot, queue, entity, flags);
        e->queue = queue;
        e->on_queue = 1;
        q->queued++;
        q->load += e->weight;
        if (queue < core->config.cpus)
            return;
        aur_group_at(core, aur_fair_group_of(core, queue))->load += e->weight;
        if (q->queued == 1 && q->curr == AUR_NONE)
            aur_bandwidth_enter(core, slot, queue);
        if (aur_fair_throttled(q))
            return;
        entity = aur_fair_owner(core, queue);
        e = aur_fair_entity_at(core, slot, entity);
        if (e->on_queue) {
            if (e->delayed)
                requeue(core, slot, entity);
            break;
        }
        update_share(core, slot, queue);
        queue = e->queue;
        if (d->group_changed)
            d->group_changed(core, slot, queue, entity);
        flags = AUR_ENQUEUE_WAKE;
    }
    refresh(core, slot, queue);
}

static void leave_queue(struct aur_core *core, uint32_t slot, struct aur_fair_entity *e)
{
    struct aur_fair_queue *q = aur_fair_queue_at(core, slot, e->queue);
    e->on_queue = 0;
    q->queued--;
    q->load -= e->weight;
    if (e->queue < core->config.cpus)
        return;
    aur_group_at(core, aur_fair_group_of(core, e->queue))->load -= e->weight;
    if (q->queued == 0)
        aur_bandwidth_give_back(core, e->queue, q);
}

// A group that is left empty goes with it, or stays delayed.
static void take_out(struct aur_core *core, uint32_t slot, uint32_t entity, uint32_t flags)
{
    for (;;) {
        struct aur_fair_entity *e = aur_fair_entity_at(core, slot, entity);
        uint32_t queue = e->queue;
        struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
        if (!discipline(core, slot)->dequeue(core, slot, queue, entity, flags)) {
            e->delayed = 1;
            q->delayed++;
            return;
        }
        leave_queue(core, slot, e);
        if (queue < core->config.cpus || aur_fair_throttled(q))
            return;
        if (q->queued != 0) {
            refresh(core, slot, queue);
            return;
        }
        entity = aur_fair_owner(core, queue);
        flags = AUR_DEQUEUE_SLEEP | (flags & AUR_DEQUEUE_THROTTLE);
    }
}

static void finish(struct aur_core *core, uint32_t slot, uint32_t entity)
{
    struct aur_fair_entity *e = aur_fair_entity_at(core, slot, entity);
    struct aur_fair_queue *q = aur_fair_queue_at(core, slot, e->queue);
    discipline(core, slot)->finish_delayed(core, slot, e->queue, entity);
    e->delayed = 0;
    q->delayed--;
    leave_queue(core, slot, e);
    if (e->queue < core->config.cpus || aur_fair_throttled(q))
        return;
    if (q->queued == 0)
        take_out(core, slot, aur_fair_owner(core, e->queue), AUR_DEQUEUE_SLEEP);
    else
        refresh(core, slot, e->queue);
}

// When only delayed ones are left the CPU would pick them one after the other.
static void flush(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const struct aur_fair_queue *root = aur_fair_queue_at(core, slot, cpu);
    for (uint32_t queue = cpu; root->tasks == 0 && root->queued != 0;) {
        uint32_t entity = discipline(core, slot)->pick(core, slot, queue);
        if (aur_fair_entity_at(core, slot, entity)->delayed) {
            finish(core, slot, entity);
            queue = cpu;
        } else {
            queue = aur_fair_own_queue(core, entity);
        }
    }
}

void aur_fair_enqueue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                      uint32_t flags)
{
    const struct aur_task *t = aur_task_at(core, task);
    struct aur_fair_entity *e = aur_fair_entity_at(core, slot, task);
    uint32_t queue = aur_fair_home(core, slot, cpu, task);
    if (e->on_queue && e->queue == queue && e->weight == t->weight) {
        requeue(core, slot, task);
    } else {
        if (e->on_queue)
            finish(core, slot, task);
        if (e->weight != t->weight)
            discipline(core, slot)->reweight(core, slot, queue, task, t->weight);
        put_in(core, slot, queue, task, flags);
    }
    count(core, slot, queue, 1, e->weight);
}

void aur_fair_dequeue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                      uint32_t flags)
{
    const struct aur_fair_entity *e = aur_fair_entity_at(core, slot, task);
    take_out(core, slot, task, flags);
    count(core, slot, e->queue, 0u - 1u, 0 - (uint64_t)e->weight);
    flush(core, slot, cpu);
}

// A blocked task, delayed in a queue of this class, leaves for another or may no longer be there.
void aur_fair_switched_from(struct aur_core *core, uint32_t slot, uint32_t task)
{
    if (aur_fair_entity_at(core, slot, task)->on_queue)
        finish(core, slot, task);
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

// A running task that was put into the queue of a throttled group is on its CPU for a moment more,
// but nobody's curr.
static bool holds(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    uint32_t queue = aur_fair_entity_at(core, slot, task)->queue;
    return aur_fair_queue_at(core, slot, queue)->curr == task;
}

void aur_fair_update_curr(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                          uint64_t ran_ns)
{
    (void)cpu;
    const struct aur_fair_discipline *d = discipline(core, slot);
    uint32_t queue = aur_fair_entity_at(core, slot, task)->queue, lowest = queue;
    if (!holds(core, slot, task))
        return;
    while (queue >= core->config.cpus) {
        d->update_curr(core, slot, queue, ran_ns);
        aur_bandwidth_charge(core, queue, ran_ns);
        queue = aur_fair_entity_at(core, slot, aur_fair_owner(core, queue))->queue;
    }
    d->update_curr(core, slot, queue, ran_ns);
    refresh(core, slot, lowest);
}

uint64_t aur_fair_slice_end(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    (void)cpu;
    const struct aur_fair_discipline *d = discipline(core, slot);
    uint32_t queue = aur_fair_entity_at(core, slot, task)->queue;
    if (!holds(core, slot, task))
        return 0;
    if (queue < core->config.cpus)
        return d->slice_left(core, slot, queue); // mostly
    uint64_t least_ns = AUR_NEVER_NS;
    while (queue >= core->config.cpus) {
        uint64_t left_ns = d->slice_left(core, slot, queue);
        least_ns = left_ns < least_ns ? left_ns : least_ns;
        left_ns = aur_bandwidth_left_ns(core, slot, queue);
        least_ns = left_ns < least_ns ? left_ns : least_ns;
        queue = aur_fair_entity_at(core, slot, aur_fair_owner(core, queue))->queue;
    }
    uint64_t left_ns = d->slice_left(core, slot, queue);
    return left_ns < least_ns ? left_ns : least_ns;
}

bool aur_fair_tick(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    (void)cpu;
    const struct aur_fair_discipline *d = discipline(core, slot);
    bool gives_way = false;
    if (!d->tick || !holds(core, slot, task))
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

bool aur_fair_wakeup_preempt(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t curr,
                             uint32_t woken)
{
    (void)cpu;
    uint32_t task = woken;
    aur_fair_match(core, slot, &curr, &woken);
    uint32_t queue = aur_fair_entity_at(core, slot, woken)->queue;
    return discipline(core, slot)->preempts(core, slot, queue, woken, task);
}

void aur_fair_yield(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    (void)cpu;
    if (holds(core, slot, task))
        discipline(core, slot)->yield(core, slot, aur_fair_entity_at(core, slot, task)->queue);
}

// Walking down.

uint32_t aur_fair_pick_next(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const struct aur_fair_discipline *d = discipline(core, slot);
    for (uint32_t queue = cpu;;) {
        uint32_t entity = d->pick(core, slot, queue);
        if (aur_fair_entity_at(core, slot, entity)->delayed) {
            finish(core, slot, entity);
            queue = cpu;
        } else if (aur_fair_is_task(core, entity)) {
            return entity;
        } else {
            queue = aur_fair_own_queue(core, entity);
        }
    }
}

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

// Who runs below `queue` goes back, down to the task if it is still there.
static void put_path(struct aur_core *core, uint32_t slot, uint32_t queue)
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

// The groups that the new task shares with the last one stay as they are (pick_next_task_fair).
void aur_fair_set_next(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    (void)cpu;
    if (aur_fair_hidden(core, slot, task))
        return; // a change put it into the queue of a throttled group: it leaves the CPU
    for (uint32_t entity = task;;) {
        uint32_t queue = aur_fair_entity_at(core, slot, entity)->queue;
        if (aur_fair_queue_at(core, slot, queue)->curr == entity)
            return;
        put_path(core, slot, queue);
        discipline(core, slot)->set_next(core, slot, queue, entity);
        if (queue < core->config.cpus)
            return;
        entity = aur_fair_owner(core, queue);
    }
}

void aur_fair_put_prev(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    (void)cpu;
    if (holds(core, slot, task))
        discipline(core, slot)
            ->put_prev(core, slot, aur_fair_entity_at(core, slot, task)->queue, task);
}

void aur_fair_leave(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    put_path(core, slot, cpu);
}

// Throttling.

void aur_fair_hide(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
    uint32_t entity = aur_fair_owner(core, queue), cpu = queue % core->config.cpus;
    const struct aur_fair_entity *e = aur_fair_entity_at(core, slot, entity);
    put_path(core, slot, queue);
    if (e->delayed)
        finish(core, slot, entity);
    else if (e->on_queue)
        take_out(core, slot, entity, AUR_DEQUEUE_SLEEP | AUR_DEQUEUE_THROTTLE);
    q->throttled_at_ns = core->now_ns;
    if (q->tasks != 0 && count(core, slot, e->queue, 0u - q->tasks, 0 - q->task_weight))
        aur_count_hidden(core, slot, cpu, 0u - q->tasks, 0 - q->task_weight);
    flush(core, slot, cpu);
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
    put_in(core, slot, e->queue, entity, AUR_ENQUEUE_WAKE);
    if (q->tasks != 0 && count(core, slot, e->queue, q->tasks, q->task_weight))
        aur_count_hidden(core, slot, cpu, q->tasks, q->task_weight);
    flush(core, slot, cpu);
}

void aur_fair_resume(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    uint32_t curr = aur_cpu_at(core, cpu)->curr;
    if (curr == AUR_NONE || aur_task_at(core, curr)->state != AUR_TASK_RUNNING ||
        aur_task_at(core, curr)->slot != slot)
        return;
    if (!holds(core, slot, curr) && !aur_fair_hidden(core, slot, curr))
        aur_fair_set_next(core, slot, cpu, curr);
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
    finish(core, slot, aur_fair_owner(core, aur_fair_queue_of(core, group, cpu)));
}
