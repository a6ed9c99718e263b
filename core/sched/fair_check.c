// Fair classes: whether the hierarchy holds its invariants (fair.h).
#include "sched/fair.h"

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
        if (aur_fair_throttled(own))
            return "fair: a throttled group competes";
        return (own->queued == 0) == e->delayed ? NULL : "fair: an empty group competes";
    }
    const struct aur_task *t = aur_task_at(core, entity);
    bool runnable = t->state == AUR_TASK_RUNNABLE || t->state == AUR_TASK_RUNNING;
    if (t->slot != slot || aur_fair_home(core, slot, t->cpu, entity) != queue)
        return "fair: a queue holds a task of another CPU, group or class";
    if (e->delayed ? t->state != AUR_TASK_BLOCKED : !runnable)
        return "fair: a queued task is neither runnable nor delayed";
    tally->tasks += runnable;
    tally->task_weight += runnable ? e->weight : 0;
    return NULL;
}

static const char *check_queue(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct aur_fair_discipline *d = aur_class_of(core, slot)->fair;
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
        if (aur_fair_throttled(q) ? on : q->queued != 0 && !on)
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
