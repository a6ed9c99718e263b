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

static bool throttled(const struct aur_fair_queue *q)
{
    return q->throttled_at_ns != AUR_NEVER_NS;
}

// The queue in which the task competes on that CPU: groups are a matter of the fair slot only.
static uint32_t home(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    uint32_t group = slot == AUR_SLOT_FAIR ? aur_task_at(core, task)->group : AUR_NONE;
    return aur_fair_queue_of(core, group, cpu);
}

// Walking up.

// A group's part of its shares on one CPU: as its load there is to its load everywhere
// (calc_group_shares, with the loads themselves where Linux has their decayed averages).
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
        if (throttled(aur_fair_queue_at(core, slot, queue)))
            return;
        uint32_t entity = aur_fair_owner(core, queue);
        update_share(core, slot, queue);
        queue = aur_fair_entity_at(core, slot, entity)->queue;
        if (d->group_changed)
            d->group_changed(core, slot, queue, entity);
    }
}

// Counts a runnable task in or out, up to the CPU's queue or the throttled one that hides it.
static void count(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t tasks,
                  uint64_t weight)
{
    for (;;) {
        struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
        q->tasks += tasks;
        q->task_weight += weight;
        if (queue < core->config.cpus || throttled(q))
            return;
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
        if (throttled(q))
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

static void count_out(struct aur_core *core, uint32_t slot, struct aur_fair_entity *e)
{
    struct aur_fair_queue *q = aur_fair_queue_at(core, slot, e->queue);
    e->on_queue = 0;
    q->queued--;
    q->load -= e->weight;
    if (e->queue >= core->config.cpus)
        aur_group_at(core, aur_fair_group_of(core, e->queue))->load -= e->weight;
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
        count_out(core, slot, e);
        if (queue < core->config.cpus || throttled(q))
            return;
        if (q->queued != 0) {
            refresh(core, slot, queue);
            return;
        }
        entity = aur_fair_owner(core, queue);
        flags = AUR_DEQUEUE_SLEEP;
    }
}

static void finish(struct aur_core *core, uint32_t slot, uint32_t entity)
{
    struct aur_fair_entity *e = aur_fair_entity_at(core, slot, entity);
    struct aur_fair_queue *q = aur_fair_queue_at(core, slot, e->queue);
    discipline(core, slot)->finish_delayed(core, slot, e->queue, entity);
    e->delayed = 0;
    q->delayed--;
    count_out(core, slot, e);
    if (e->queue < core->config.cpus || throttled(q))
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
    uint32_t queue = home(core, slot, cpu, task);
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
    uint32_t lowest = aur_fair_entity_at(core, slot, task)->queue;
    if (!holds(core, slot, task))
        return;
    for (uint32_t queue = lowest;;) {
        d->update_curr(core, slot, queue, ran_ns);
        if (queue < core->config.cpus)
            break;
        aur_group_at(core, aur_fair_group_of(core, queue))->shown.run_ns += ran_ns;
        queue = aur_fair_entity_at(core, slot, aur_fair_owner(core, queue))->queue;
    }
    refresh(core, slot, lowest);
}

uint64_t aur_fair_slice_end(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    (void)cpu;
    const struct aur_fair_discipline *d = discipline(core, slot);
    uint64_t least_ns = AUR_NEVER_NS;
    if (!holds(core, slot, task))
        return 0;
    for (uint32_t queue = aur_fair_entity_at(core, slot, task)->queue;;) {
        uint64_t left_ns = d->slice_left(core, slot, queue);
        least_ns = left_ns < least_ns ? left_ns : least_ns;
        if (queue < core->config.cpus)
            return least_ns;
        queue = aur_fair_entity_at(core, slot, aur_fair_owner(core, queue))->queue;
    }
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

bool aur_fair_hidden(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    uint32_t queue = aur_fair_entity_at(core, slot, task)->queue;
    while (queue >= core->config.cpus) {
        if (throttled(aur_fair_queue_at(core, slot, queue)))
            return true;
        queue = aur_fair_entity_at(core, slot, aur_fair_owner(core, queue))->queue;
    }
    return false;
}

// Two entities of one CPU become their ancestors in the queue where their paths part.
static void match(const struct aur_core *core, uint32_t slot, uint32_t *a, uint32_t *b)
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
    match(core, slot, &curr, &woken);
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

// Who runs below `queue` goes back, down to the task if it is still there.
static void put_path(struct aur_core *core, uint32_t slot, uint32_t queue)
{
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

// The groups that the new task shares with the last one stay as they are (pick_next_task_fair).
void aur_fair_set_next(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    (void)cpu;
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
        if (scan-- == 0)
            return AUR_NONE;
        if (!aur_fair_is_task(core, entity)) {
            queue = aur_fair_own_queue(core, entity);
            entity = d->first(core, slot, queue);
            continue;
        }
        if (aur_can_move(core, entity, to) && !aur_is_hot(core, entity, to))
            return entity;
        entity = d->after(core, slot, queue, entity);
    }
}

// A delayed task wakes where it still is.
uint32_t aur_fair_select_cpu(struct aur_core *core, uint32_t slot, uint32_t task,
                             uint32_t waker_cpu)
{
    const struct aur_fair_entity *e = aur_fair_entity_at(core, slot, task);
    if (e->on_queue && aur_allowed(core, aur_task_at(core, task), e->queue % core->config.cpus))
        return e->queue % core->config.cpus;
    return aur_select_cpu_default(core, task, waker_cpu);
}

// Why.

void aur_fair_explain(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                      struct aur_candidate *candidate)
{
    (void)cpu;
    const struct aur_fair_discipline *d = discipline(core, slot);
    const struct aur_fair_entity *e = aur_fair_entity_at(core, slot, task);
    if (!e->on_queue)
        return;
    if (e->delayed)
        candidate->flags |= AUR_CANDIDATE_DELAYED;
    if (aur_fair_hidden(core, slot, task))
        candidate->flags |= AUR_CANDIDATE_THROTTLED;
    if (d->explain)
        d->explain(core, slot, e->queue, task, candidate);
}

bool aur_fair_explain_group(const struct aur_core *core, uint32_t slot, uint32_t cpu,
                            uint32_t group, struct aur_candidate *candidate)
{
    const struct aur_fair_discipline *d = discipline(core, slot);
    uint32_t queue = aur_fair_queue_of(core, group, cpu), entity = aur_fair_owner(core, queue);
    const struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
    const struct aur_fair_entity *e = aur_fair_entity_at(core, slot, entity);
    if (q->queued == 0 && !e->on_queue)
        return false;
    *candidate = (struct aur_candidate){.task = AUR_NONE, .group = group, .slot = slot};
    if (e->delayed)
        candidate->flags |= AUR_CANDIDATE_DELAYED;
    if (throttled(q))
        candidate->flags |= AUR_CANDIDATE_THROTTLED;
    if (aur_fair_queue_at(core, slot, e->queue)->curr == entity)
        candidate->flags |= AUR_CANDIDATE_RUNNING;
    if (e->on_queue && d->explain)
        d->explain(core, slot, e->queue, entity, candidate);
    return true;
}

static uint32_t group_of_entity(const struct aur_core *core, uint32_t entity)
{
    return aur_fair_is_task(core, entity)
               ? AUR_NONE
               : aur_fair_group_of(core, aur_fair_own_queue(core, entity));
}

void aur_fair_versus(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t picked,
                     uint32_t other, struct aur_verdict *verdict)
{
    (void)cpu;
    const struct aur_fair_discipline *d = discipline(core, slot);
    match(core, slot, &picked, &other);
    uint32_t queue = aur_fair_entity_at(core, slot, picked)->queue;
    if (d->versus)
        d->versus(core, slot, queue, picked, other, verdict);
    verdict->picked_group = group_of_entity(core, picked);
    verdict->other_group = group_of_entity(core, other);
}

// Setting up and checking.

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
    entity_init(core, slot, task, home(core, slot, t->cpu, task), t->weight);
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
    return q->load != 0 && !throttled(q) && share(core, queue, q) != weight;
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

// What the entities of a queue say that it must have.
struct tally {
    uint32_t queued, delayed, tasks;
    uint64_t load, task_weight;
};

static const char *check_entity(const struct aur_core *core, uint32_t slot, uint32_t queue,
                                uint32_t entity, struct tally *tally)
{
    const struct aur_fair_entity *e = aur_fair_entity_at(core, slot, entity);
    if (!e->on_queue || e->queue != queue)
        return "fair: a queue holds an entity that says it is not there";
    tally->queued++;
    tally->delayed += e->delayed;
    tally->load += e->weight;
    if (!aur_fair_is_task(core, entity)) {
        const struct aur_fair_queue *own =
            aur_fair_queue_at(core, slot, aur_fair_own_queue(core, entity));
        tally->tasks += own->tasks;
        tally->task_weight += own->task_weight;
        if (throttled(own))
            return "fair: a throttled group competes";
        return (own->queued == 0) == e->delayed ? NULL : "fair: an empty group competes";
    }
    const struct aur_task *t = aur_task_at(core, entity);
    bool runnable = t->state == AUR_TASK_RUNNABLE || t->state == AUR_TASK_RUNNING;
    if (t->slot != slot || home(core, slot, t->cpu, entity) != queue)
        return "fair: a queue holds a task of another CPU, group or class";
    if (e->delayed ? t->state != AUR_TASK_BLOCKED : !runnable)
        return "fair: a queued task is neither runnable nor delayed";
    tally->tasks += runnable;
    tally->task_weight += runnable ? e->weight : 0;
    return NULL;
}

static const char *check_queue(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct aur_fair_discipline *d = discipline(core, slot);
    const struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
    struct tally tally = {0};
    const char *broken = NULL;
    if (q->curr != AUR_NONE)
        broken = check_entity(core, slot, queue, q->curr, &tally);
    for (uint32_t entity = d->first(core, slot, queue); entity != AUR_NONE && !broken;
         entity = d->after(core, slot, queue, entity)) {
        if (entity == q->curr)
            broken = "fair: the running entity also waits";
        else
            broken = check_entity(core, slot, queue, entity, &tally);
    }
    if (!broken &&
        (tally.queued != q->queued || tally.delayed != q->delayed || tally.load != q->load ||
         tally.tasks != q->tasks || tally.task_weight != q->task_weight))
        broken = "fair: a queue miscounts its entities or tasks";
    if (!broken && queue >= core->config.cpus) {
        bool on = aur_fair_entity_at(core, slot, aur_fair_owner(core, queue))->on_queue;
        if (throttled(q) ? on : q->queued != 0 && !on)
            broken = "fair: a group's entity is not where its queue is";
    }
    return broken ? broken : d->check(core, slot, queue);
}

const char *aur_fair_check(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const char *broken = check_queue(core, slot, cpu);
    for (uint32_t group = 0; group < core->groups_used && slot == AUR_SLOT_FAIR && !broken; group++)
        if (aur_group_at(core, group)->shown.used)
            broken = check_queue(core, slot, aur_fair_queue_of(core, group, cpu));
    if (!broken &&
        aur_fair_queue_at(core, slot, cpu)->tasks != aur_cpu_at(core, cpu)->nr_class[slot])
        broken = "fair: the CPU's queue does not count the tasks that may run";
    return broken;
}
