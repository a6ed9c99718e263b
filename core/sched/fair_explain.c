// Fair classes: why one went before another, told at the queue where their paths part.
#include "sched/fair.h"

static const struct aur_fair_discipline *discipline(const struct aur_core *core, uint32_t slot)
{
    return aur_class_of(core, slot)->fair;
}

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
    if (aur_fair_throttled(q))
        candidate->flags |= AUR_CANDIDATE_THROTTLED;
    if (aur_fair_queue_at(core, slot, e->queue)->curr == entity)
        candidate->flags |= AUR_CANDIDATE_RUNNING;
    if (e->on_queue)
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
    aur_fair_match(core, slot, &picked, &other);
    uint32_t queue = aur_fair_entity_at(core, slot, picked)->queue;
    d->versus(core, slot, queue, picked, other, verdict);
    verdict->picked_group = group_of_entity(core, picked);
    verdict->other_group = group_of_entity(core, other);
}
