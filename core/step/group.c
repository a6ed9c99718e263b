// Task groups: made, changed, joined, freed. How their queues compete is the fair class's
// (sched/fair.c), their quota is sched/bandwidth.c's.
//
// Invariant: shown.tasks counts the tasks of the group that are not FREE, shown.groups the groups
// whose parent it is; a group that is freed has neither.
#include "sched/fair.h"
#include "step/parts.h"

const struct aur_group *aur_core_group(const struct aur_core *core, uint32_t group)
{
    if (group >= core->groups_used || !aur_group_at(core, group)->shown.used)
        return NULL;
    return &aur_group_at(core, group)->shown;
}

static bool has_groups(const struct aur_core *core)
{
    return core->config.classes[AUR_SLOT_FAIR] != AUR_NONE &&
           aur_class_of(core, AUR_SLOT_FAIR)->fair;
}

enum aur_status aur_group_new(struct aur_step *step)
{
    struct aur_core *core = step->core;
    uint32_t parent = step->event->object, depth = 1;
    if (!has_groups(core))
        return AUR_NO_CLASS;
    if (parent != AUR_NONE) {
        if (!aur_core_group(core, parent))
            return AUR_BAD_OBJECT;
        depth = aur_group_at(core, parent)->shown.depth + 1;
    }
    if (depth > AUR_GROUP_DEPTH_MAX)
        return AUR_BAD_ARGUMENT;

    uint32_t group = core->free_group;
    if (group != AUR_NONE)
        core->free_group = aur_group_at(core, group)->next_free;
    else if (core->groups_used < core->config.groups)
        group = core->groups_used++;
    else
        return AUR_NO_GROUP_LEFT;

    struct aur_group_state *g = aur_group_at(core, group);
    memset(g, 0, sizeof *g);
    g->shown = (struct aur_group){.used = 1,
                                  .parent = parent,
                                  .depth = depth,
                                  .weight = AUR_GROUP_WEIGHT_DEFAULT,
                                  .quota_ns = AUR_NEVER_NS,
                                  .period_ns = AUR_GROUP_PERIOD_DEFAULT_NS};
    g->next_free = AUR_NONE;
    if (parent != AUR_NONE)
        aur_group_at(core, parent)->shown.groups++;
    aur_fair_group_init(core, AUR_SLOT_FAIR, group);
    aur_bandwidth_init(core, group);
    aur_act(step, AUR_ACT_MADE, step->event->cpu, group, 0, 0);
    return AUR_OK;
}

// May this step work on one more CPU? If not the host is asked to call again.
static bool has_room(struct aur_step *step)
{
    if (step->wakes < AUR_WAKES_PER_STEP) {
        step->wakes++;
        return true;
    }
    aur_act(step, AUR_ACT_AGAIN, step->event->cpu, AUR_NONE, 0, 0);
    return false;
}

// What is already done is not done again when the same event comes once more.
static enum aur_status set_weight(struct aur_step *step, uint32_t group, uint64_t weight)
{
    struct aur_core *core = step->core;
    if (weight < AUR_GROUP_WEIGHT_MIN || weight > AUR_GROUP_WEIGHT_MAX)
        return AUR_BAD_ARGUMENT;
    aur_group_at(core, group)->shown.weight = (uint32_t)weight;
    for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++) {
        if (!aur_fair_group_is_stale(core, AUR_SLOT_FAIR, group, cpu))
            continue;
        if (!has_room(step))
            break;
        aur_charge(step, cpu);
        aur_fair_group_refresh(core, AUR_SLOT_FAIR, group, cpu);
        if (!aur_cpu_at(core, cpu)->need_resched && aur_is_online(core, cpu))
            aur_slice_update(step, cpu);
    }
    return AUR_OK;
}

enum aur_status aur_group_set(struct aur_step *step)
{
    const struct aur_record *event = step->event;
    if (!aur_core_group(step->core, event->object))
        return AUR_BAD_OBJECT;
    switch ((enum aur_group_attribute)event->other) {
    case AUR_GROUP_WEIGHT:
        return set_weight(step, event->object, event->arg);
    case AUR_GROUP_QUOTA_NS:
    case AUR_GROUP_PERIOD_NS:
        return aur_bandwidth_set(step, event->object, event->other, event->arg);
    case AUR_GROUP_ATTR_COUNT:
        break;
    }
    return AUR_BAD_ARGUMENT;
}

enum aur_status aur_group_free(struct aur_step *step)
{
    struct aur_core *core = step->core;
    uint32_t group = step->event->object;
    if (!aur_core_group(core, group))
        return AUR_BAD_OBJECT;
    struct aur_group_state *g = aur_group_at(core, group);
    if (g->shown.tasks != 0 || g->shown.groups != 0)
        return AUR_GROUP_BUSY;
    for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++) {
        if (!aur_fair_group_lingers(core, AUR_SLOT_FAIR, group, cpu))
            continue;
        if (!has_room(step))
            return AUR_OK;
        aur_charge(step, cpu);
        aur_fair_group_let_go(core, AUR_SLOT_FAIR, group, cpu);
    }
    aur_bandwidth_forget(core, group);
    if (g->shown.parent != AUR_NONE)
        aur_group_at(core, g->shown.parent)->shown.groups--;
#ifdef AUR_HOSTILE
    memset(g, 0xa5, sizeof *g);
#endif
    g->shown.used = 0;
    g->next_free = core->free_group;
    core->free_group = group;
    return AUR_OK;
}

void aur_group_change(struct aur_core *core, uint32_t task, uint32_t group)
{
    struct aur_task *t = aur_task_at(core, task);
    if (t->group != AUR_NONE)
        aur_group_at(core, t->group)->shown.tasks--;
    t->group = group;
    if (group != AUR_NONE)
        aur_group_at(core, group)->shown.tasks++;
}

const char *aur_group_check(struct aur_core *core)
{
    for (uint32_t group = 0; group < core->groups_used; group++) {
        const struct aur_group_state *g = aur_group_at(core, group);
        if (!g->shown.used)
            continue;
        uint64_t load = 0;
        for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++)
            load +=
                aur_fair_queue_at(core, AUR_SLOT_FAIR, aur_fair_queue_of(core, group, cpu))->load;
        if (load != g->load)
            return "a group's load is not the sum of its queues' loads";
        uint32_t tasks = 0, groups = 0;
        for (uint32_t task = 0; task < core->tasks_used; task++)
            tasks += aur_task_at(core, task)->state != AUR_TASK_FREE &&
                     aur_task_at(core, task)->group == group;
        for (uint32_t other = 0; other < core->groups_used; other++)
            groups += aur_group_at(core, other)->shown.used &&
                      aur_group_at(core, other)->shown.parent == group;
        if (tasks != g->shown.tasks || groups != g->shown.groups)
            return "a group miscounts its tasks or groups";
    }
    return aur_bandwidth_check(core);
}
