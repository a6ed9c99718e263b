// EEVDF by its definitions (Stoica and Abdel-Wahab 1995; Linux 6.18 kernel/sched/fair.c): V and
// eligibility are taken from the sums over the queue, the pick is found by looking at all. With the
// class it shares only what is stored in whole virtual nanoseconds.
#include "step/state.h"
#include "tests/fair_tree.h"

static wide floor_divide(wide a, wide b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

static wide least(wide a, wide b)
{
    return a < b ? a : b;
}

static wide virtual_of(wide wall_ns, uint32_t weight)
{
    return wall_ns * 1024 / weight;
}

static wide base_slice(const struct fair_twin *twin)
{
    uint64_t set_ns = fair_twin_param(twin, 0), slice_ns = 700000;
    for (uint32_t cpus = twin->host->config.cpus < 8 ? twin->host->config.cpus : 8; cpus > 1;
         cpus /= 2)
        slice_ns += 700000;
    return set_ns == 0 ? slice_ns : set_ns < AUR_SLICE_MIN_NS ? AUR_SLICE_MIN_NS : set_ns;
}

// Of those in a queue, running and delayed ones included.
struct sums {
    wide weighted; // sum of w * v
    wide weight;
    wide least_slice_ns;
};

// `also` counts although it has just left; or NONE.
static struct sums sum_up(const struct fair_twin *twin, uint32_t queue, uint32_t also)
{
    struct sums sums = {.least_slice_ns = FAIR_TWIN_ENDLESS};
    for (uint32_t i = 0; i < FAIR_TWIN_ENTITIES; i++) {
        const struct fair_twin_entity *entity = &twin->entities[i];
        if (i != also && (!entity->queued || entity->queue != queue))
            continue;
        sums.weighted += entity->v * entity->weight;
        sums.weight += entity->weight;
        sums.least_slice_ns = least(sums.least_slice_ns, entity->slice_ns);
    }
    return sums;
}

// V, in whole nanoseconds.
static wide virtual_time(const struct fair_twin *twin, uint32_t queue, uint32_t also)
{
    struct sums sums = sum_up(twin, queue, also);
    return sums.weight ? floor_divide(sums.weighted, sums.weight) : 0;
}

// v <= V, multiplied out.
static bool eligible(const struct fair_twin *twin, uint32_t queue, uint32_t index)
{
    struct sums sums = sum_up(twin, queue, index);
    return twin->entities[index].v * sums.weight <= sums.weighted;
}

static bool is_protected(const struct fair_twin_entity *entity)
{
    return entity->v < entity->protected_until;
}

// A group's is the shortest of its queue, see changed().
static void refresh_slice(struct fair_twin *twin, uint32_t index)
{
    if (!fair_tree_is_task(index))
        return;
    uint64_t own_ns = aur_core_task(twin->host->core, index)->slice_ns;
    twin->entities[index].slice_ns = own_ns ? own_ns : base_slice(twin);
}

static wide end_of_slice(const struct fair_twin_entity *entity)
{
    return entity->v + virtual_of(entity->slice_ns, entity->weight);
}

static void protect(struct fair_twin *twin, uint32_t queue)
{
    struct fair_twin_entity *curr = &twin->entities[twin->queues[queue].curr];
    wide shortest_ns = sum_up(twin, queue, AUR_NONE).least_slice_ns;
    curr->protected_until = curr->deadline;
    if (shortest_ns < curr->slice_ns)
        curr->protected_until =
            least(curr->deadline, curr->v + virtual_of(shortest_ns, curr->weight));
}

static void take_lag(struct fair_twin *twin, uint32_t queue, uint32_t index)
{
    struct fair_twin_entity *entity = &twin->entities[index];
    uint64_t tick_ns = twin->host->config.tick_ns ? twin->host->config.tick_ns : 1000000;
    wide reach_ns = 2 * entity->slice_ns > tick_ns ? 2 * entity->slice_ns : tick_ns;
    wide limit = virtual_of(reach_ns, entity->weight);
    wide lag = virtual_time(twin, queue, index) - entity->v;
    entity->lag = lag > limit ? limit : lag < -limit ? -limit : lag;
}

static void open(struct fair_twin *twin, uint32_t queue)
{
    (void)twin, (void)queue;
}

static void made(struct fair_twin *twin, uint32_t index)
{
    twin->entities[index].slice_ns = base_slice(twin);
}

static void join(struct fair_twin *twin, uint32_t queue, uint32_t index, enum fair_twin_move how)
{
    struct fair_twin_entity *entity = &twin->entities[index];
    struct sums others = sum_up(twin, queue, AUR_NONE);
    wide lag = 0;
    refresh_slice(twin, index);
    if (others.weight)
        lag = entity->lag + entity->lag * entity->weight / others.weight;
    entity->v = virtual_time(twin, queue, AUR_NONE) - lag;
    if (entity->away && entity->deadline > 0)
        entity->deadline += entity->v;
    else
        entity->deadline = entity->v + virtual_of(entity->slice_ns, entity->weight) /
                                           (how == FAIR_TWIN_START ? 2 : 1);
    entity->away = false;
}

// On its way to another queue, or back into this one, it takes its deadline along.
static void leave(struct fair_twin *twin, uint32_t queue, uint32_t index, enum fair_twin_move how)
{
    struct fair_twin_entity *entity = &twin->entities[index];
    take_lag(twin, queue, index);
    entity->away = how == FAIR_TWIN_MIGRATE || how == FAIR_TWIN_CHANGE || how == FAIR_TWIN_REGROUP;
    if (entity->away)
        entity->deadline -= entity->v;
}

static bool delays(struct fair_twin *twin, uint32_t queue, uint32_t index)
{
    return !eligible(twin, queue, index);
}

static void let_go(struct fair_twin *twin, uint32_t queue, uint32_t index)
{
    take_lag(twin, queue, index);
    twin->entities[index].lag = least(twin->entities[index].lag, 0);
}

// It goes on from where it is, but gains nothing by its sleep.
static void again(struct fair_twin *twin, uint32_t queue, uint32_t index)
{
    struct fair_twin_entity *entity = &twin->entities[index];
    take_lag(twin, queue, index);
    if (entity->lag <= 0)
        return;
    entity->queued = false;
    entity->lag = 0;
    join(twin, queue, index, FAIR_TWIN_SLEEP);
    entity->queued = true;
    entity->arrival = twin->arrivals++;
}

// What it is owed in wall time stays: its lag and all that counts from its vruntime are scaled.
static void reweight(struct fair_twin *twin, uint32_t index, uint32_t weight)
{
    struct fair_twin_entity *entity = &twin->entities[index];
    wide before = entity->weight, now = virtual_time(twin, entity->queue, AUR_NONE);
    if (!entity->queued) {
        entity->lag = entity->lag * before / weight;
        entity->deadline = entity->deadline * before / weight;
        return;
    }
    take_lag(twin, entity->queue, index);
    wide deadline = (entity->deadline - entity->v) * before / weight;
    wide until = (entity->protected_until - entity->v) * before / weight;
    entity->lag = entity->lag * before / weight;
    entity->v = now - entity->lag;
    entity->deadline = entity->v + (deadline > 0 ? deadline : virtual_of(entity->slice_ns, weight));
    entity->protected_until = entity->v + until;
    if (twin->queues[entity->queue].curr != index)
        entity->arrival = twin->arrivals++; // it has another place among the deadlines
}

// A group is to be as quick as the most urgent in it asks for.
static void changed(struct fair_twin *twin, uint32_t queue, uint32_t group)
{
    (void)queue;
    wide shortest_ns = sum_up(twin, fair_tree_inside(twin, group), AUR_NONE).least_slice_ns;
    if (shortest_ns < FAIR_TWIN_ENDLESS)
        twin->entities[group].slice_ns = shortest_ns;
}

static void charge(struct fair_twin *twin, uint32_t queue, uint64_t ran_ns)
{
    uint32_t index = twin->queues[queue].curr;
    struct fair_twin_entity *entity = &twin->entities[index];
    entity->v += virtual_of(ran_ns, entity->weight);
    if (entity->v < entity->deadline)
        return;
    refresh_slice(twin, index);
    entity->deadline = end_of_slice(entity);
}

static uint32_t best(const struct fair_twin *twin, uint32_t queue, bool respects_slice)
{
    uint32_t curr = twin->queues[queue].curr, found = AUR_NONE;
    uint32_t count = fair_twin_count(twin, queue);
    if (curr != AUR_NONE && count > 1 && !eligible(twin, queue, curr))
        curr = AUR_NONE;
    else if (curr != AUR_NONE &&
             (count == 1 || (respects_slice && is_protected(&twin->entities[curr]))))
        return curr;
    for (uint32_t i = 0; i < FAIR_TWIN_ENTITIES; i++) {
        const struct fair_twin_entity *e = &twin->entities[i],
                                      *b = &twin->entities[found % FAIR_TWIN_ENTITIES];
        if (!e->queued || e->queue != queue || i == twin->queues[queue].curr ||
            !eligible(twin, queue, i))
            continue;
        if (found == AUR_NONE || e->deadline < b->deadline ||
            (e->deadline == b->deadline && e->arrival < b->arrival))
            found = i;
    }
    if (found == AUR_NONE ||
        (curr != AUR_NONE && twin->entities[curr].deadline < twin->entities[found].deadline))
        return curr;
    return found;
}

// Without a tick who goes on after its slice is protected for another.
static uint32_t pick(struct fair_twin *twin, uint32_t queue)
{
    uint32_t index = best(twin, queue, true);
    if (index == twin->queues[queue].curr && twin->host->config.tick_ns == 0 &&
        !is_protected(&twin->entities[index]))
        protect(twin, queue);
    return index;
}

static void on(struct fair_twin *twin, uint32_t queue, uint32_t index)
{
    (void)index;
    protect(twin, queue);
}

static void off(struct fair_twin *twin, uint32_t queue, uint32_t index)
{
    (void)twin, (void)queue, (void)index;
}

static bool idle(const struct fair_twin *twin, uint32_t index)
{
    return fair_tree_is_task(index) && fair_twin_policy(twin, index) == AUR_POLICY_IDLE;
}

// Who preempts must not lose against curr when the CPU dispatches; a shorter slice that does not
// preempt now shortens the protection.
static bool preempts(struct fair_twin *twin, uint32_t queue, uint32_t woken, uint32_t task)
{
    struct fair_twin_entity *curr = &twin->entities[twin->queues[queue].curr];
    bool curr_idle = idle(twin, twin->queues[queue].curr), wins;
    bool is_short = twin->entities[woken].slice_ns < curr->slice_ns;
    wide rest_ns = 0;
    if (curr_idle != idle(twin, woken)) {
        wins = curr_idle;
        is_short = curr_idle;
    } else if (fair_twin_policy(twin, task) == AUR_POLICY_OTHER) {
        wins = best(twin, queue, !is_short) == woken;
        if (!wins)
            rest_ns = sum_up(twin, queue, AUR_NONE).least_slice_ns;
    } else {
        return false;
    }
    if (is_short)
        curr->protected_until =
            least(curr->protected_until, curr->v + virtual_of(rest_ns, curr->weight));
    return wins;
}

static wide left(const struct fair_twin *twin, uint32_t queue)
{
    const struct fair_twin_entity *curr = &twin->entities[twin->queues[queue].curr];
    if (fair_twin_count(twin, queue) == 1)
        return FAIR_TWIN_ENDLESS;
    wide rest = curr->protected_until - curr->v;
    return rest > 0 ? (rest * curr->weight + 1023) / 1024 : 0;
}

// The rest of the slice is as if it were used.
static void yield(struct fair_twin *twin, uint32_t queue)
{
    uint32_t index = twin->queues[queue].curr, cpu = fair_twin_cpu(twin, queue);
    struct fair_twin_entity *entity = &twin->entities[index];
    bool alone = fair_tree_tasks_on(twin, cpu) == 1 && fair_twin_count(twin, cpu) == 1;
    if (alone || !eligible(twin, queue, index))
        return;
    entity->v = entity->deadline;
    entity->deadline = end_of_slice(entity);
}

const struct fair_twin_rules eevdf_twin_rules = {
    .open = open,
    .made = made,
    .join = join,
    .leave = leave,
    .delays = delays,
    .let_go = let_go,
    .again = again,
    .reweight = reweight,
    .changed = changed,
    .charge = charge,
    .pick = pick,
    .on = on,
    .off = off,
    .preempts = preempts,
    .left = left,
    .yield = yield,
};
