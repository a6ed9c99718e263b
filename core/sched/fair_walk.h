// The walks that almost every event takes through the hierarchy of a fair class. They are inline
// and take the discipline as an argument that is constant in each class, so that a task in no group
// costs little more than its discipline; what concerns the groups above is in fair.c.
//
// A discipline defines the functions of its class with AUR_FAIR_WALKS(its discipline) and names
// them with AUR_FAIR_CLASS.
#ifndef AURORA_SCHED_FAIR_WALK_H
#define AURORA_SCHED_FAIR_WALK_H

#include "sched/fair.h"

#define AUR_FAIR_INLINE static inline __attribute__((always_inline, unused))

static inline bool aur_fair_is_groups(const struct aur_core *core, uint32_t queue)
{
    return queue >= core->config.cpus;
}

// Who is charged as running? A running task that was put into the queue of a throttled group is on
// its CPU for a moment more, but nobody's curr.
static inline bool aur_fair_holds(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    uint32_t queue = aur_fair_entity_at(core, slot, task)->queue;
    return aur_fair_queue_at(core, slot, queue)->curr == task;
}

// One entity and its queue.

AUR_FAIR_INLINE void aur_fair_join(const struct aur_fair_discipline *d, struct aur_core *core,
                                   uint32_t slot, uint32_t queue, uint32_t entity, uint32_t flags)
{
    struct aur_fair_entity *e = aur_fair_entity_at(core, slot, entity);
    struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
    d->enqueue(core, slot, queue, entity, flags);
    e->queue = queue;
    e->on_queue = 1;
    q->queued++;
    q->load += e->weight;
    if (aur_fair_is_groups(core, queue))
        aur_group_at(core, aur_fair_group_of(core, queue))->load += e->weight;
}

AUR_FAIR_INLINE void aur_fair_count_out(struct aur_core *core, uint32_t slot,
                                        struct aur_fair_entity *e)
{
    struct aur_fair_queue *q = aur_fair_queue_at(core, slot, e->queue);
    e->on_queue = 0;
    q->queued--;
    q->load -= e->weight;
    if (!aur_fair_is_groups(core, e->queue))
        return;
    aur_group_at(core, aur_fair_group_of(core, e->queue))->load -= e->weight;
    if (q->queued == 0)
        aur_bandwidth_give_back(core, e->queue, q);
}

// False if it stays, delayed.
AUR_FAIR_INLINE bool aur_fair_part(const struct aur_fair_discipline *d, struct aur_core *core,
                                   uint32_t slot, uint32_t entity, uint32_t flags)
{
    struct aur_fair_entity *e = aur_fair_entity_at(core, slot, entity);
    if (!d->dequeue(core, slot, e->queue, entity, flags)) {
        e->delayed = 1;
        aur_fair_queue_at(core, slot, e->queue)->delayed++;
        return false;
    }
    aur_fair_count_out(core, slot, e);
    return true;
}

AUR_FAIR_INLINE void aur_fair_requeue(const struct aur_fair_discipline *d, struct aur_core *core,
                                      uint32_t slot, uint32_t entity)
{
    struct aur_fair_entity *e = aur_fair_entity_at(core, slot, entity);
    d->requeue_delayed(core, slot, e->queue, entity);
    e->delayed = 0;
    aur_fair_queue_at(core, slot, e->queue)->delayed--;
}

// One entity, and what follows from it for those above.

AUR_FAIR_INLINE void aur_fair_put_in(const struct aur_fair_discipline *d, struct aur_core *core,
                                     uint32_t slot, uint32_t queue, uint32_t entity, uint32_t flags)
{
    aur_fair_join(d, core, slot, queue, entity, flags);
    if (aur_fair_is_groups(core, queue))
        aur_fair_joined(core, slot, queue);
}

AUR_FAIR_INLINE void aur_fair_take_out(const struct aur_fair_discipline *d, struct aur_core *core,
                                       uint32_t slot, uint32_t entity, uint32_t flags)
{
    uint32_t queue = aur_fair_entity_at(core, slot, entity)->queue;
    if (aur_fair_part(d, core, slot, entity, flags) && aur_fair_is_groups(core, queue))
        aur_fair_left(core, slot, queue, flags);
}

AUR_FAIR_INLINE void aur_fair_finish(const struct aur_fair_discipline *d, struct aur_core *core,
                                     uint32_t slot, uint32_t entity)
{
    struct aur_fair_entity *e = aur_fair_entity_at(core, slot, entity);
    d->finish_delayed(core, slot, e->queue, entity);
    e->delayed = 0;
    aur_fair_queue_at(core, slot, e->queue)->delayed--;
    aur_fair_count_out(core, slot, e);
    if (aur_fair_is_groups(core, e->queue))
        aur_fair_left(core, slot, e->queue, AUR_DEQUEUE_SLEEP);
}

// Counts runnable tasks in or out, up to the CPU's queue or the throttled one that hides them:
// false.
AUR_FAIR_INLINE bool aur_fair_count(struct aur_core *core, uint32_t slot, uint32_t queue,
                                    uint32_t tasks, uint64_t weight)
{
    for (;;) {
        struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
        q->tasks += tasks;
        q->task_weight += weight;
        if (!aur_fair_is_groups(core, queue))
            return true;
        if (aur_fair_throttled(q))
            return false;
        queue = aur_fair_entity_at(core, slot, aur_fair_owner(core, queue))->queue;
    }
}

// What the class does.

AUR_FAIR_INLINE void aur_fair_enqueue(const struct aur_fair_discipline *d, struct aur_core *core,
                                      uint32_t slot, uint32_t cpu, uint32_t task, uint32_t flags)
{
    const struct aur_task *t = aur_task_at(core, task);
    struct aur_fair_entity *e = aur_fair_entity_at(core, slot, task);
    uint32_t queue = aur_fair_home(core, slot, cpu, task);
    if (d->requeue_delayed && e->on_queue && e->queue == queue && e->weight == t->weight) {
        aur_fair_requeue(d, core, slot, task);
    } else {
        if (d->finish_delayed && e->on_queue)
            aur_fair_finish(d, core, slot, task);
        if (e->weight != t->weight)
            d->reweight(core, slot, queue, task, t->weight);
        aur_fair_put_in(d, core, slot, queue, task, flags);
    }
    aur_fair_count(core, slot, queue, 1, e->weight);
}

// When only delayed ones are left the CPU would pick them one after the other.
AUR_FAIR_INLINE void aur_fair_flush(const struct aur_fair_discipline *d, struct aur_core *core,
                                    uint32_t slot, uint32_t cpu)
{
    const struct aur_fair_queue *root = aur_fair_queue_at(core, slot, cpu);
    for (uint32_t queue = cpu; root->tasks == 0 && root->queued != 0;) {
        uint32_t entity = d->pick(core, slot, queue);
        if (d->finish_delayed && aur_fair_entity_at(core, slot, entity)->delayed) {
            aur_fair_finish(d, core, slot, entity);
            queue = cpu;
        } else {
            queue = aur_fair_own_queue(core, entity);
        }
    }
}

AUR_FAIR_INLINE void aur_fair_dequeue(const struct aur_fair_discipline *d, struct aur_core *core,
                                      uint32_t slot, uint32_t cpu, uint32_t task, uint32_t flags)
{
    const struct aur_fair_entity *e = aur_fair_entity_at(core, slot, task);
    aur_fair_take_out(d, core, slot, task, flags);
    aur_fair_count(core, slot, e->queue, 0u - 1u, 0 - (uint64_t)e->weight);
    aur_fair_flush(d, core, slot, cpu);
}

AUR_FAIR_INLINE void aur_fair_update_curr(const struct aur_fair_discipline *d,
                                          struct aur_core *core, uint32_t slot, uint32_t task,
                                          uint64_t ran_ns)
{
    uint32_t queue = aur_fair_entity_at(core, slot, task)->queue;
    if (!aur_fair_holds(core, slot, task))
        return;
    d->update_curr(core, slot, queue, ran_ns);
    if (aur_fair_is_groups(core, queue))
        aur_fair_charge_groups(core, slot, queue, ran_ns);
}

AUR_FAIR_INLINE uint64_t aur_fair_slice_end(const struct aur_fair_discipline *d,
                                            const struct aur_core *core, uint32_t slot,
                                            uint32_t task)
{
    uint32_t queue = aur_fair_entity_at(core, slot, task)->queue;
    if (!aur_fair_holds(core, slot, task))
        return 0;
    uint64_t left_ns = d->slice_left(core, slot, queue);
    if (!aur_fair_is_groups(core, queue))
        return left_ns;
    uint64_t groups_left_ns = aur_fair_groups_left_ns(core, slot, queue);
    return left_ns < groups_left_ns ? left_ns : groups_left_ns;
}

AUR_FAIR_INLINE bool aur_fair_wakeup_preempt(const struct aur_fair_discipline *d,
                                             struct aur_core *core, uint32_t slot, uint32_t curr,
                                             uint32_t woken)
{
    uint32_t task = woken;
    if (aur_fair_entity_at(core, slot, curr)->queue != aur_fair_entity_at(core, slot, woken)->queue)
        aur_fair_match(core, slot, &curr, &woken);
    return d->preempts(core, slot, aur_fair_entity_at(core, slot, woken)->queue, woken, task);
}

// Down from the CPU's queue.
AUR_FAIR_INLINE uint32_t aur_fair_pick_next(const struct aur_fair_discipline *d,
                                            struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    for (uint32_t queue = cpu;;) {
        uint32_t entity = d->pick(core, slot, queue);
        if (d->finish_delayed && aur_fair_entity_at(core, slot, entity)->delayed) {
            aur_fair_finish(d, core, slot, entity);
            queue = cpu;
        } else if (aur_fair_is_task(core, entity)) {
            return entity;
        } else {
            queue = aur_fair_own_queue(core, entity);
        }
    }
}

// The groups that the new task shares with the last one stay as they are (pick_next_task_fair).
AUR_FAIR_INLINE void aur_fair_set_next(const struct aur_fair_discipline *d, struct aur_core *core,
                                       uint32_t slot, uint32_t task)
{
    uint32_t entity = task, queue = aur_fair_entity_at(core, slot, task)->queue;
    if (aur_fair_is_groups(core, queue) && aur_fair_hidden(core, slot, task))
        return; // a change put it into the queue of a throttled group: it leaves the CPU
    while (aur_fair_queue_at(core, slot, queue)->curr != entity) {
        if (aur_fair_queue_at(core, slot, queue)->curr != AUR_NONE)
            aur_fair_put_path(core, slot, queue);
        d->set_next(core, slot, queue, entity);
        if (!aur_fair_is_groups(core, queue))
            return;
        entity = aur_fair_owner(core, queue);
        queue = aur_fair_entity_at(core, slot, entity)->queue;
    }
}

AUR_FAIR_INLINE void aur_fair_put_prev(const struct aur_fair_discipline *d, struct aur_core *core,
                                       uint32_t slot, uint32_t task)
{
    if (aur_fair_holds(core, slot, task))
        d->put_prev(core, slot, aur_fair_entity_at(core, slot, task)->queue, task);
}

#define AUR_FAIR_WALKS(its)                                                                        \
    static void fair_enqueue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,    \
                             uint32_t flags)                                                       \
    {                                                                                              \
        aur_fair_enqueue(&(its), core, slot, cpu, task, flags);                                    \
    }                                                                                              \
    static void fair_dequeue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,    \
                             uint32_t flags)                                                       \
    {                                                                                              \
        aur_fair_dequeue(&(its), core, slot, cpu, task, flags);                                    \
    }                                                                                              \
    static uint32_t fair_pick_next(struct aur_core *core, uint32_t slot, uint32_t cpu)             \
    {                                                                                              \
        return aur_fair_pick_next(&(its), core, slot, cpu);                                        \
    }                                                                                              \
    static void fair_set_next(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)   \
    {                                                                                              \
        (void)cpu;                                                                                 \
        aur_fair_set_next(&(its), core, slot, task);                                               \
    }                                                                                              \
    static void fair_put_prev(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)   \
    {                                                                                              \
        (void)cpu;                                                                                 \
        aur_fair_put_prev(&(its), core, slot, task);                                               \
    }                                                                                              \
    static void fair_update_curr(struct aur_core *core, uint32_t slot, uint32_t cpu,               \
                                 uint32_t task, uint64_t ran_ns)                                   \
    {                                                                                              \
        (void)cpu;                                                                                 \
        aur_fair_update_curr(&(its), core, slot, task, ran_ns);                                    \
    }                                                                                              \
    static bool fair_wakeup_preempt(struct aur_core *core, uint32_t slot, uint32_t cpu,            \
                                    uint32_t curr, uint32_t woken)                                 \
    {                                                                                              \
        (void)cpu;                                                                                 \
        return aur_fair_wakeup_preempt(&(its), core, slot, curr, woken);                           \
    }                                                                                              \
    static uint64_t fair_slice_end(const struct aur_core *core, uint32_t slot, uint32_t cpu,       \
                                   uint32_t task)                                                  \
    {                                                                                              \
        (void)cpu;                                                                                 \
        return aur_fair_slice_end(&(its), core, slot, task);                                       \
    }                                                                                              \
    _Static_assert(1, "a semicolon follows")

// The functions of a class that is a discipline: what `struct aur_sched_class` of a fair class has.
#define AUR_FAIR_CLASS(its)                                                                        \
    .fair = &(its), .init = aur_fair_init, .task_init = aur_fair_task_init,                        \
    .select_cpu = aur_fair_select_cpu, .enqueue = fair_enqueue, .dequeue = fair_dequeue,           \
    .pick_next = fair_pick_next, .set_next = fair_set_next, .put_prev = fair_put_prev,             \
    .leave = aur_fair_leave, .cpu_off = aur_bandwidth_cpu_off, .cpu_on = aur_bandwidth_cpu_on,     \
    .update_curr = fair_update_curr, .wakeup_preempt = fair_wakeup_preempt,                        \
    .slice_end = fair_slice_end, .tick = aur_fair_tick, .yield = aur_fair_yield,                   \
    .balance = aur_fair_balance, .switched_from = aur_fair_switched_from,                          \
    .explain = aur_fair_explain, .versus = aur_fair_versus, .check = aur_fair_check

#endif
