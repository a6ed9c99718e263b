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
    if (entity >= core->tasks_used)
        return "fair: a queue holds a task that was never made";
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

// A weight is at most that of nice -20 or of the heaviest group, and never 0: it divides.
static const char *sound_entity(const struct aur_core *core, uint32_t slot, uint32_t entity)
{
    const struct aur_fair_entity *e = aur_fair_entity_at(core, slot, entity);
    uint64_t most = aur_group_shares(AUR_GROUP_WEIGHT_MAX);
    if (e->queue >= aur_fair_queues(core, slot) || e->weight == 0 || e->weight > most ||
        e->on_queue > 1 || e->delayed > e->on_queue)
        return "fair: an entity's queue or weight is out of range";
    return NULL;
}

static bool exists(const struct aur_core *core, uint32_t slot, uint32_t entity)
{
    if (aur_fair_is_task(core, entity))
        return aur_core_task(core, entity) != NULL;
    return entity < aur_fair_entities(core, slot) &&
           aur_core_group(core, aur_fair_group_of(core, aur_fair_own_queue(core, entity))) != NULL;
}

// Each group's entity is of its own CPU's queues, and the way up from there ends.
static const char *sound_group(const struct aur_core *core, uint32_t slot, uint32_t group)
{
    const struct aur_group_state *g = aur_group_at(core, group);
    for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++) {
        uint32_t queue = aur_fair_queue_of(core, group, cpu), entity = aur_fair_owner(core, queue);
        const char *broken = sound_entity(core, slot, entity);
        if (broken)
            return broken;
        uint32_t above = aur_fair_entity_at(core, slot, entity)->queue;
        if (aur_fair_cpu_of(core, above) != cpu ||
            (g->shown.used && above != aur_fair_queue_of(core, g->shown.parent, cpu)))
            return "fair: a group's entity is not of its parent's queue";
        uint32_t hops = 0;
        while (above >= core->config.cpus && above < aur_fair_queues(core, slot)) {
            above = aur_fair_entity_at(core, slot, aur_fair_owner(core, above))->queue;
            if (hops++ == core->groups_used)
                return "fair: groups hold each other";
        }
    }
    return NULL;
}

const char *aur_fair_sound(const struct aur_core *core, uint32_t slot)
{
    const char *broken = NULL;
    for (uint32_t task = 0; task < core->tasks_used && !broken; task++)
        if (aur_task_at(core, task)->state != AUR_TASK_FREE)
            broken = sound_entity(core, slot, task);
    for (uint32_t group = 0; group < core->groups_used && slot == AUR_SLOT_FAIR && !broken; group++)
        broken = sound_group(core, slot, group);
    for (uint32_t queue = 0; queue < aur_fair_queues(core, slot) && !broken; queue++) {
        uint32_t curr = aur_fair_queue_at(core, slot, queue)->curr;
        if (curr != AUR_NONE && !exists(core, slot, curr))
            broken = "fair: who has the CPU on a queue is not there";
    }
    return broken;
}

static const char *check_queue(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct aur_fair_discipline *d = aur_class_of(core, slot)->fair;
    const struct aur_fair_queue *q = aur_fair_queue_at(core, slot, queue);
    struct tally tally = {0};
    const char *broken = d->check(core, slot, queue); // first: it says whether it can be walked
    if (!broken && q->curr != AUR_NONE)
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
    return broken;
}

// All that are in a queue were found in one, and all runnable tasks of the slot are in one.
static const char *check_all(const struct aur_core *core, uint32_t slot)
{
    uint64_t on_queue = 0, queued = 0;
    for (uint32_t entity = 0; entity < aur_fair_entities(core, slot); entity++) {
        bool on = aur_fair_entity_at(core, slot, entity)->on_queue;
        on_queue += on;
        if (!aur_fair_is_task(core, entity) || entity >= core->tasks_used)
            continue;
        const struct aur_task *t = aur_task_at(core, entity);
        if ((t->state == AUR_TASK_RUNNABLE || t->state == AUR_TASK_RUNNING) && t->slot == slot &&
            !on)
            return "fair: a runnable task is in no queue";
    }
    for (uint32_t queue = 0; queue < aur_fair_queues(core, slot); queue++)
        queued += aur_fair_queue_at(core, slot, queue)->queued;
    return on_queue == queued ? NULL : "fair: an entity is said to be in a queue but is in none";
}

// The running task has the CPU on all the queues that it is in, or is about to lose it.
static const char *check_running(const struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const struct aur_cpu *c = aur_cpu_at(core, cpu);
    if (c->curr == AUR_NONE || aur_task_at(core, c->curr)->slot != slot ||
        aur_task_at(core, c->curr)->state != AUR_TASK_RUNNING)
        return NULL;
    if (aur_fair_hidden(core, slot, c->curr))
        return c->need_resched ? NULL : "fair: a CPU goes on with a task of a throttled group";
    for (uint32_t entity = c->curr; entity != AUR_NONE;) {
        uint32_t queue = aur_fair_entity_at(core, slot, entity)->queue;
        if (aur_fair_queue_at(core, slot, queue)->curr != entity)
            return "fair: the running task does not have the CPU on a queue that it is in";
        entity = aur_fair_owner(core, queue);
    }
    return NULL;
}

const char *aur_fair_check(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const char *broken = check_queue(core, slot, cpu);
    if (!broken)
        broken = check_running(core, slot, cpu);
    for (uint32_t group = 0; group < core->groups_used && slot == AUR_SLOT_FAIR && !broken; group++)
        if (aur_group_at(core, group)->shown.used)
            broken = check_queue(core, slot, aur_fair_queue_of(core, group, cpu));
    if (!broken &&
        aur_fair_queue_at(core, slot, cpu)->tasks != aur_cpu_at(core, cpu)->nr_class[slot])
        broken = "fair: the CPU's queue does not count the tasks that may run";
    return broken || cpu != 0 ? broken : check_all(core, slot);
}
