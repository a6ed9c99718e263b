// See fair_tree.h.
#include "tests/fair_tree.h"

#include "step/state.h"
#include "tests/fair_quota.h"

// Where things are.

uint32_t fair_tree_cpus(const struct fair_twin *twin)
{
    return twin->host->config.cpus;
}

bool fair_tree_is_task(uint32_t entity)
{
    return entity < FAIR_TWIN_TASKS;
}

uint32_t fair_twin_cpu(const struct fair_twin *twin, uint32_t queue)
{
    return queue % fair_tree_cpus(twin);
}

uint32_t fair_tree_queue_of(const struct fair_twin *twin, uint32_t group, uint32_t cpu)
{
    return group == AUR_NONE ? cpu : (group + 1) * fair_tree_cpus(twin) + cpu;
}

uint32_t fair_tree_group_of(const struct fair_twin *twin, uint32_t queue)
{
    return queue / fair_tree_cpus(twin) - 1;
}

static uint32_t stands_for(const struct fair_twin *twin, uint32_t queue)
{
    return queue - fair_tree_cpus(twin) + FAIR_TWIN_TASKS;
}

uint32_t fair_tree_owner(const struct fair_twin *twin, uint32_t queue)
{
    return queue < fair_tree_cpus(twin) ? AUR_NONE : stands_for(twin, queue);
}

uint32_t fair_tree_inside(const struct fair_twin *twin, uint32_t group_entity)
{
    return group_entity - FAIR_TWIN_TASKS + fair_tree_cpus(twin);
}

uint32_t fair_tree_above(const struct fair_twin *twin, uint32_t queue)
{
    return queue < fair_tree_cpus(twin) ? AUR_NONE
                                        : twin->entities[fair_tree_owner(twin, queue)].queue;
}

uint32_t fair_tree_home(const struct fair_twin *twin, uint32_t task, uint32_t cpu)
{
    return fair_tree_queue_of(twin, aur_core_task(twin->host->core, task)->group, cpu);
}

// Looking at all.

uint32_t fair_twin_count(const struct fair_twin *twin, uint32_t queue)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < FAIR_TWIN_ENTITIES; i++)
        count += twin->entities[i].queued && twin->entities[i].queue == queue;
    return count;
}

wide fair_twin_load(const struct fair_twin *twin, uint32_t queue)
{
    wide load = 0;
    for (uint32_t i = 0; i < FAIR_TWIN_ENTITIES; i++)
        if (twin->entities[i].queued && twin->entities[i].queue == queue)
            load += twin->entities[i].weight;
    return load;
}

bool fair_tree_hidden(const struct fair_twin *twin, uint32_t queue)
{
    for (; queue != AUR_NONE; queue = fair_tree_above(twin, queue))
        if (twin->queues[queue].throttled)
            return true;
    return false;
}

uint32_t fair_tree_tasks_on(const struct fair_twin *twin, uint32_t cpu)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < FAIR_TWIN_TASKS; i++)
        count += twin->entities[i].queued && !twin->entities[i].delayed &&
                 fair_twin_cpu(twin, twin->entities[i].queue) == cpu &&
                 !fair_tree_hidden(twin, twin->entities[i].queue);
    return count;
}

uint32_t fair_twin_running(const struct fair_twin *twin, uint32_t cpu)
{
    uint32_t curr = twin->queues[cpu].curr;
    while (curr != AUR_NONE && !fair_tree_is_task(curr))
        curr = twin->queues[fair_tree_inside(twin, curr)].curr;
    return curr;
}

uint32_t fair_twin_policy(const struct fair_twin *twin, uint32_t task)
{
    return aur_core_task(twin->host->core, task)->policy;
}

uint64_t fair_twin_param(const struct fair_twin *twin, uint32_t index)
{
    return twin->host->config.params[AUR_SLOT_FAIR][index];
}

wide fair_tree_left(const struct fair_twin *twin, uint32_t cpu)
{
    wide least = FAIR_TWIN_ENDLESS;
    uint32_t task = fair_twin_running(twin, cpu);
    if (task == AUR_NONE)
        return least;
    for (uint32_t queue = twin->entities[task].queue; queue != AUR_NONE;
         queue = fair_tree_above(twin, queue)) {
        wide here = twin->rules->left(twin, queue);
        least = here < least ? here : least;
        here = queue < fair_tree_cpus(twin) ? least : fair_quota_left(twin, queue);
        least = here < least ? here : least;
    }
    return least;
}

// Weights.

static void reweight(struct fair_twin *twin, uint32_t entity, wide weight)
{
    if (weight == twin->entities[entity].weight)
        return;
    twin->rules->reweight(twin, entity, (uint32_t)weight);
    twin->entities[entity].weight = (uint32_t)weight;
}

// What a group should weigh on a CPU: of 1024 times its weight of 100 the part that its load there
// is of its load everywhere, never less than 2.
wide fair_tree_share(const struct fair_twin *twin, uint32_t queue)
{
    uint32_t group = fair_tree_group_of(twin, queue);
    wide everywhere = 0, shares = aur_core_group(twin->host->core, group)->weight;
    for (uint32_t cpu = 0; cpu < fair_tree_cpus(twin); cpu++)
        everywhere += fair_twin_load(twin, fair_tree_queue_of(twin, group, cpu));
    wide part = (shares * 1024 + 50) / 100 * fair_twin_load(twin, queue) / everywhere;
    return part < 2 ? 2 : part;
}

static void changed(struct fair_twin *twin, uint32_t group)
{
    if (twin->rules->changed)
        twin->rules->changed(twin, twin->entities[group].queue, group);
}

// On each change in a queue, and as its running task is charged. An empty group keeps its weight,
// and a throttled one what it and those that it is in had.
void fair_tree_weigh(struct fair_twin *twin, uint32_t queue)
{
    for (; fair_tree_owner(twin, queue) != AUR_NONE && !twin->queues[queue].throttled;
         queue = fair_tree_above(twin, queue)) {
        if (fair_twin_count(twin, queue) != 0)
            reweight(twin, fair_tree_owner(twin, queue), fair_tree_share(twin, queue));
        changed(twin, fair_tree_owner(twin, queue));
    }
}

// Time.

static void charge(struct fair_twin *twin, uint32_t cpu, uint64_t ran_ns)
{
    uint32_t task = fair_twin_running(twin, cpu);
    if (task == AUR_NONE)
        return;
    uint32_t lowest = twin->entities[task].queue;
    for (uint32_t queue = lowest; queue != AUR_NONE; queue = fair_tree_above(twin, queue)) {
        twin->rules->charge(twin, queue, ran_ns);
        if (queue >= fair_tree_cpus(twin))
            fair_quota_charge(twin, queue, ran_ns);
    }
    wide before = fair_tree_left(twin, cpu);
    fair_tree_weigh(twin, lowest);
    wide after = fair_tree_left(twin, cpu);
    if (after < before && before < FAIR_TWIN_ENDLESS)
        twin->cpus[cpu].cut_ns += before - after;
    twin->cpus[cpu].due |= after == 0;
}

void fair_tree_catch_up(struct fair_twin *twin, uint32_t cpu)
{
    uint64_t clock_ns = aur_cpu_at(twin->host->core, cpu)->clock_ns;
    uint64_t ran_ns = clock_ns - twin->cpus[cpu].clock_ns;
    twin->cpus[cpu].clock_ns = clock_ns;
    if (ran_ns != 0)
        charge(twin, cpu, ran_ns);
}

// Joining and leaving.

static void go_on(struct fair_twin *twin, uint32_t index)
{
    twin->rules->again(twin, twin->entities[index].queue, index);
    twin->entities[index].delayed = false;
}

static void put_in(struct fair_twin *twin, uint32_t queue, uint32_t index, enum fair_twin_move how)
{
    for (;;) {
        struct fair_twin_entity *entity = &twin->entities[index];
        twin->rules->join(twin, queue, index, how);
        entity->queued = true;
        entity->queue = queue;
        entity->arrival = twin->arrivals++;
        index = fair_tree_owner(twin, queue);
        if (index == AUR_NONE)
            return;
        if (fair_twin_count(twin, queue) == 1 && twin->queues[queue].curr == AUR_NONE)
            fair_quota_first_in(twin, queue);
        if (twin->queues[queue].throttled)
            return;
        if (twin->entities[index].queued) {
            if (twin->entities[index].delayed)
                go_on(twin, index);
            break;
        }
        reweight(twin, index, fair_tree_share(twin, queue));
        changed(twin, index);
        queue = twin->entities[index].queue;
        how = FAIR_TWIN_SLEEP;
    }
    fair_tree_weigh(twin, queue);
}

// `must_go`: it is not delayed, nor is a group that it leaves empty.
static void take_out(struct fair_twin *twin, uint32_t index, enum fair_twin_move how, bool must_go)
{
    for (;;) {
        struct fair_twin_entity *entity = &twin->entities[index];
        uint32_t queue = entity->queue;
        bool had_cpu = twin->queues[queue].curr == index;
        bool stays = how == FAIR_TWIN_SLEEP && !must_go && twin->rules->delays &&
                     twin->rules->delays(twin, queue, index);
        if (had_cpu)
            twin->queues[queue].curr = AUR_NONE;
        if (stays) {
            if (had_cpu)
                entity->arrival = twin->arrivals++;
            entity->delayed = true;
            *(fair_tree_is_task(index) ? &twin->delays : &twin->group_delays) += 1;
            return;
        }
        entity->queued = false;
        twin->rules->leave(twin, queue, index, how);
        index = fair_tree_owner(twin, queue);
        if (index == AUR_NONE)
            return;
        bool empty = fair_twin_count(twin, queue) == 0;
        if (empty)
            fair_quota_last_out(twin, queue);
        if (!empty || twin->queues[queue].throttled) {
            fair_tree_weigh(twin, queue);
            return;
        }
        how = FAIR_TWIN_SLEEP;
    }
}

void fair_tree_let_go(struct fair_twin *twin, uint32_t index)
{
    struct fair_twin_entity *entity = &twin->entities[index];
    uint32_t queue = entity->queue, owner = fair_tree_owner(twin, queue);
    twin->rules->let_go(twin, queue, index);
    entity->delayed = false;
    entity->queued = false;
    if (owner == AUR_NONE)
        return;
    bool empty = fair_twin_count(twin, queue) == 0;
    if (empty)
        fair_quota_last_out(twin, queue);
    if (empty && !twin->queues[queue].throttled)
        take_out(twin, owner, FAIR_TWIN_SLEEP, false);
    else
        fair_tree_weigh(twin, queue);
}

// A CPU does not wait for those who are delayed: when nobody else is left they go, one by one.
static void flush(struct fair_twin *twin, uint32_t cpu)
{
    for (uint32_t queue = cpu;
         fair_tree_tasks_on(twin, cpu) == 0 && fair_twin_count(twin, cpu) != 0;) {
        uint32_t entity = twin->rules->pick(twin, queue);
        bool delayed = twin->entities[entity].delayed;
        queue = delayed ? cpu : fair_tree_inside(twin, entity);
        if (delayed)
            fair_tree_let_go(twin, entity);
    }
}

void fair_tree_join(struct fair_twin *twin, uint32_t cpu, uint32_t task, enum fair_twin_move how)
{
    struct fair_twin_entity *entity = &twin->entities[task];
    uint32_t weight = aur_core_task(twin->host->core, task)->weight;
    uint32_t queue = fair_tree_home(twin, task, cpu);
    fair_tree_catch_up(twin, cpu);
    if (entity->delayed && entity->queue == queue && entity->weight == weight) {
        go_on(twin, task);
        return;
    }
    if (entity->delayed)
        fair_tree_let_go(twin, task);
    reweight(twin, task, weight);
    put_in(twin, queue, task, how);
}

void fair_tree_leave(struct fair_twin *twin, uint32_t task, enum fair_twin_move how)
{
    uint32_t cpu = fair_twin_cpu(twin, twin->entities[task].queue);
    fair_tree_catch_up(twin, cpu);
    take_out(twin, task, how, false);
    if (twin->cpus[cpu].task == task)
        twin->cpus[cpu].task = AUR_NONE;
    flush(twin, cpu);
}

void fair_tree_take_off(struct fair_twin *twin, uint32_t queue)
{
    uint32_t curr = twin->queues[queue].curr;
    if (curr == AUR_NONE)
        return;
    twin->entities[curr].arrival = twin->arrivals++;
    twin->queues[queue].curr = AUR_NONE;
    twin->rules->off(twin, queue, curr);
}

void fair_tree_expire(struct fair_twin *twin, uint32_t top)
{
    uint32_t queue = top, curr;
    while ((curr = twin->queues[queue].curr) != AUR_NONE && !fair_tree_is_task(curr))
        queue = fair_tree_inside(twin, curr);
    for (; queue != top; queue = fair_tree_above(twin, queue))
        if (fair_twin_count(twin, queue) != 0)
            fair_quota_check(twin, queue);
}

// All that has the CPU from this queue on downwards goes back.
static void take_off_path(struct fair_twin *twin, uint32_t queue)
{
    fair_tree_expire(twin, queue);
    for (uint32_t curr; (curr = twin->queues[queue].curr) != AUR_NONE;) {
        fair_tree_take_off(twin, queue);
        if (fair_tree_is_task(curr))
            return;
        queue = fair_tree_inside(twin, curr);
    }
}

void fair_tree_give(struct fair_twin *twin, uint32_t cpu, uint32_t task)
{
    twin->cpus[cpu].task = task;
    if (task == AUR_NONE)
        take_off_path(twin, cpu);
    else if (fair_tree_hidden(twin, twin->entities[task].queue))
        return;
    for (uint32_t entity = task; entity != AUR_NONE;
         entity = fair_tree_owner(twin, twin->entities[entity].queue)) {
        uint32_t queue = twin->entities[entity].queue;
        if (twin->queues[queue].curr == entity)
            return; // and so it is above
        take_off_path(twin, queue);
        twin->queues[queue].curr = entity;
        twin->rules->on(twin, queue, entity);
    }
}

void fair_tree_hide(struct fair_twin *twin, uint32_t queue)
{
    uint32_t entity = stands_for(twin, queue);
    take_off_path(twin, queue);
    if (twin->entities[entity].delayed)
        fair_tree_let_go(twin, entity);
    else if (twin->entities[entity].queued)
        take_out(twin, entity, FAIR_TWIN_SLEEP, true);
    twin->queues[queue].throttled = true;
    twin->queues[queue].throttled_at_ns = twin->host->core->now_ns;
    flush(twin, fair_twin_cpu(twin, queue));
}

void fair_tree_show(struct fair_twin *twin, uint32_t queue)
{
    uint32_t entity = stands_for(twin, queue);
    twin->queues[queue].throttled = false;
    if (fair_twin_count(twin, queue) == 0)
        return;
    reweight(twin, entity, fair_tree_share(twin, queue));
    changed(twin, entity);
    put_in(twin, twin->entities[entity].queue, entity, FAIR_TWIN_SLEEP);
    flush(twin, fair_twin_cpu(twin, queue));
}
