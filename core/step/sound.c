// Whether a block that may come from anywhere can be walked at all: every index and enumerated
// value is in range, every list and tree ends, nothing divides by 0. aur_core_check asks this
// first, of what the core keeps; a class is asked by its check, before it follows a link of its
// own.
#include "sched/fair.h"
#include "step/parts.h"

// 52 days: times the weight of nice 0 this stays below 2^63.
#define UNCHARGED_MAX_NS (1ull << 52)

static bool is_task(const struct aur_core *core, uint32_t task)
{
    return task < core->tasks_used && aur_task_at(core, task)->state != AUR_TASK_FREE;
}

static bool is_object(const struct aur_core *core, uint32_t object)
{
    return object < core->objects_used && aur_object_at(core, object)->kind != AUR_OBJECT_FREE;
}

// CPUs by rank.
static const char *sound_tournament(const struct aur_core *core, const struct aur_tournament *t)
{
    struct aur_tournament played;
    aur_tournament_init(&played, core->config.cpus);
    if (t->leaves != played.leaves)
        return "the CPUs are ranked among another number of them";
    for (uint32_t cpu = core->config.cpus; cpu < AUR_TOURNAMENT_MAX; cpu++)
        if (t->keys[cpu] != UINT64_MAX)
            return "a CPU that is not there is ranked";
    memcpy(played.keys, t->keys, sizeof played.keys);
    for (uint32_t node = played.leaves - 1; node > 0; node--) {
        aur_tournament_play(&played, node);
        if (played.winners[node] != t->winners[node])
            return "a CPU wins by a rank that is not the least";
    }
    return NULL;
}

static const char *sound_head(const struct aur_core *core)
{
    uint64_t all = aur_cpus_all(core);
    uint32_t ranked = 0, global = 0, fair = core->config.classes[AUR_SLOT_FAIR];
    if (core->tasks_used > core->config.tasks || core->objects_used > core->config.objects ||
        core->groups_used > core->config.groups)
        return "more slots are used than there are";
    if (core->now_ns == AUR_NEVER_NS)
        return "time has come to its end";
    if (core->groups_used != 0 && (fair == AUR_NONE || !aur_sched_classes[fair]->fair))
        return "there are groups under a class that has none";
    if (core->online == 0 || ((core->online | core->idle | core->overloaded) & ~all) != 0)
        return "a mask of CPUs is empty or names one that is not there";
    if (core->ext.state > AUR_EXT_ENDED || (!aur_has_ext(core) && core->ext.state != AUR_EXT_NONE))
        return "an agent schedules that is not there";
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++)
        if (core->config.cpus > 1 && core->config.classes[slot] != AUR_NONE) {
            ranked = aur_class_of(core, slot)->urgent ? slot + 1 : ranked;
            global |= aur_class_of(core, slot)->pull ? 1u << slot : 0;
        }
    if (core->ranked_slots != ranked || (core->global_slots & ~global) != 0)
        return "other slots are ordered by rank than the classes say";
    const char *broken = sound_tournament(core, &core->waiting);
    return broken ? broken : sound_tournament(core, &core->lazy);
}

static const char *sound_cpu(const struct aur_core *core, uint32_t cpu)
{
    const struct aur_cpu *c = aur_cpu_at(core, cpu);
    if (c->curr != AUR_NONE && (!is_task(core, c->curr) || aur_task_at(core, c->curr)->cpu != cpu))
        return "a CPU runs a task that is not there";
    if (c->curr != AUR_NONE && aur_task_at(core, c->curr)->state != AUR_TASK_RUNNING &&
        !c->need_resched)
        return "a CPU goes on with a task that does not run";
    if (c->clock_ns > core->now_ns || c->need_resched > 1)
        return "a CPU is ahead of its time";
    if (c->curr != AUR_NONE && core->now_ns - c->clock_ns > UNCHARGED_MAX_NS)
        return "a CPU was not charged for longer than fits into a sum";
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++)
        if (c->nr_class[slot] != 0 && core->config.classes[slot] == AUR_NONE)
            return "a CPU has tasks in a slot without a class";
    return NULL;
}

static const char *sound_task(const struct aur_core *core, uint32_t task)
{
    const struct aur_task *t = aur_task_at(core, task);
    uint32_t cpus = core->config.cpus, slot = aur_policy_slot(core, task, t->policy);
    if (t->state > AUR_TASK_THROTTLED || t->slot >= AUR_CLASS_SLOTS ||
        core->config.classes[t->slot] == AUR_NONE || t->policy > AUR_POLICY_DEADLINE ||
        core->config.classes[slot] == AUR_NONE || t->cpu >= cpus || t->timeout_cpu >= cpus ||
        t->recent_cpu >= cpus || (t->home != AUR_NO_CPU && t->home >= cpus) ||
        (t->last_cpu != AUR_NO_CPU && t->last_cpu >= cpus))
        return "a task's state, policy, slot or CPU is out of range";
    bool realtime = slot == AUR_SLOT_REALTIME;
    if (t->nice < -20 || t->nice > 19 || t->weight != aur_weight_of(t->policy, t->nice) ||
        (realtime ? t->priority < 1 || t->priority > 99 : t->priority != 0) ||
        (t->slice_ns != 0 && (t->slice_ns < AUR_SLICE_MIN_NS || t->slice_ns > AUR_SLICE_MAX_NS)) ||
        t->demand_ns > AUR_DEMAND_MAX_NS)
        return "a task's attributes are out of range";
    if (t->home != AUR_NO_CPU && !aur_class_of(core, slot)->rehome)
        return "a task has a home of a class that gives none";
    if (t->state == AUR_TASK_THROTTLED && !aur_class_of(core, t->slot)->throttled_until)
        return "a task is throttled by a class that throttles none";
    if (t->group != AUR_NONE && !aur_core_group(core, t->group))
        return "a task's group does not exist";
    if ((t->wait_object != AUR_NONE && !is_object(core, t->wait_object)) ||
        (t->wait_mutex != AUR_NONE &&
         (!is_object(core, t->wait_mutex) ||
          aur_object_at(core, t->wait_mutex)->kind != AUR_OBJECT_MUTEX)))
        return "a task waits for an object that does not exist";
    return NULL;
}

static const char *sound_object(const struct aur_core *core, uint32_t object)
{
    const struct aur_object *o = aur_object_at(core, object);
    uint32_t count;
    if (o->kind > AUR_OBJECT_SEMAPHORE || o->mutex > AUR_MUTEX_BARGE || o->contended > 1)
        return "an object is of no kind";
    if ((o->owner != AUR_NONE && o->kind == AUR_OBJECT_MUTEX && !is_task(core, o->owner)))
        return "a mutex is held by a task that does not exist";
    if (!aur_rb_valid(&aur_wait_order, &aur_task_at(core, 0)->wait_node, &o->waiters,
                      core->tasks_used, &count) ||
        count != o->waiting)
        return "an object's waiters are out of order or miscounted";
    return NULL;
}

// What a task holds is linked both ways. Adds how many it is.
static const char *sound_held(const struct aur_core *core, uint32_t task, uint32_t *held)
{
    uint32_t previous = AUR_NONE;
    for (uint32_t m = aur_task_at(core, task)->held; m != AUR_NONE;
         m = aur_object_at(core, m)->next_held, ++*held) {
        if (!is_object(core, m) || aur_object_at(core, m)->kind != AUR_OBJECT_MUTEX ||
            aur_object_at(core, m)->owner != task ||
            aur_object_at(core, m)->previous_held != previous)
            return "a task holds a mutex that is not its own";
        previous = m;
    }
    return NULL;
}

static const char *sound_group(const struct aur_core *core, uint32_t group)
{
    const struct aur_group_state *g = aur_group_at(core, group);
    const struct aur_group *shown = &g->shown, *parent = NULL;
    if (shown->parent != AUR_NONE)
        parent = aur_core_group(core, shown->parent);
    // Each is one deeper than the one that holds it, so that they cannot hold each other.
    if ((shown->parent != AUR_NONE && !parent) || shown->depth > AUR_GROUP_DEPTH_MAX ||
        shown->depth != (parent ? parent->depth : 0) + 1)
        return "a group's parent does not exist or is not one less deep";
    if (shown->weight < AUR_GROUP_WEIGHT_MIN || shown->weight > AUR_GROUP_WEIGHT_MAX ||
        shown->period_ns < AUR_GROUP_PERIOD_MIN_NS || shown->period_ns > AUR_GROUP_PERIOD_MAX_NS ||
        (shown->quota_ns != AUR_NEVER_NS &&
         (shown->quota_ns < AUR_GROUP_QUOTA_MIN_NS || shown->quota_ns > AUR_GROUP_QUOTA_MAX_NS)))
        return "a group's weight, quota or period is out of range";
    if ((g->throttled_cpus & ~aur_cpus_all(core)) != 0 || g->set_cpu > core->config.cpus)
        return "a group is throttled on a CPU that is not there";
    return NULL;
}

// The slots that are free for use again.

static const char *sound_free(const struct aur_core *core)
{
    uint32_t hops = 0;
    for (uint32_t at = core->free_task; at != AUR_NONE; at = aur_task_at(core, at)->next_free)
        if (at >= core->tasks_used || aur_task_at(core, at)->state != AUR_TASK_FREE ||
            hops++ == core->tasks_used)
            return "the free tasks are not free or without an end";
    hops = 0;
    for (uint32_t at = core->free_object; at != AUR_NONE; at = aur_object_at(core, at)->next_free)
        if (at >= core->objects_used || aur_object_at(core, at)->kind != AUR_OBJECT_FREE ||
            hops++ == core->objects_used)
            return "the free objects are not free or without an end";
    hops = 0;
    for (uint32_t at = core->free_group; at != AUR_NONE; at = aur_group_at(core, at)->next_free)
        if (at >= core->groups_used || aur_group_at(core, at)->shown.used ||
            hops++ == core->groups_used)
            return "the free groups are not free or without an end";
    return NULL;
}

const char *aur_sound_check(const struct aur_core *core)
{
    const char *broken = sound_head(core);
    uint32_t held = 0, owned = 0;
    for (uint32_t group = 0; group < core->groups_used && !broken; group++)
        if (aur_group_at(core, group)->shown.used)
            broken = sound_group(core, group);
    for (uint32_t task = 0; task < core->tasks_used && !broken; task++)
        if (aur_task_at(core, task)->state != AUR_TASK_FREE)
            broken = sound_task(core, task);
    for (uint32_t cpu = 0; cpu < core->config.cpus && !broken; cpu++)
        broken = sound_cpu(core, cpu);
    for (uint32_t object = 0; object < core->objects_used && !broken; object++) {
        const struct aur_object *o = aur_object_at(core, object);
        if (o->kind == AUR_OBJECT_FREE)
            continue;
        broken = sound_object(core, object);
        owned += o->kind == AUR_OBJECT_MUTEX && o->owner != AUR_NONE;
    }
    for (uint32_t task = 0; task < core->tasks_used && !broken; task++)
        if (aur_task_at(core, task)->state != AUR_TASK_FREE)
            broken = sound_held(core, task, &held);
    if (!broken && held != owned)
        broken = "a mutex is not among those that its owner holds";
    if (!broken)
        broken = sound_free(core);
    if (!broken)
        broken = aur_cap_sound(core);
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS && !broken; slot++)
        if (core->config.classes[slot] != AUR_NONE && aur_class_of(core, slot)->fair)
            broken = aur_fair_sound(core, slot);
    return broken;
}
