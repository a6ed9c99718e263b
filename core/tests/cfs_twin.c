// CFS by the text of Linux 6.5 kernel/sched/fair.c, over a list of the queued tasks that is sorted
// anew for every question.
#include "tests/fair_tree.h"

static uint64_t tunable(const struct fair_twin *twin, uint32_t index, uint64_t base_ns)
{
    uint64_t set_ns = fair_twin_param(twin, index), factor = 1;
    for (uint32_t cpus = twin->host->config.cpus < 8 ? twin->host->config.cpus : 8; cpus > 1;
         cpus /= 2)
        factor++;
    return set_ns == 0 ? base_ns * factor : set_ns < 100000 ? 100000 : set_ns;
}

static wide latency(const struct fair_twin *twin)
{
    return tunable(twin, 0, 6000000);
}

static wide minimum(const struct fair_twin *twin)
{
    return tunable(twin, 1, 750000);
}

static wide nr_latency(const struct fair_twin *twin)
{
    return (latency(twin) + minimum(twin) - 1) / minimum(twin);
}

static bool idle(const struct fair_twin *twin, uint32_t entity)
{
    return fair_tree_is_task(entity) && fair_twin_policy(twin, entity) == AUR_POLICY_IDLE;
}

static wide virtual_of(const struct fair_twin *twin, wide wall_ns, uint32_t task)
{
    return wall_ns * 1024 / twin->entities[task].weight;
}

static bool goes_before(const struct fair_twin *twin, uint32_t curr, uint32_t a, uint32_t b)
{
    const struct fair_twin_entity *x = &twin->entities[a], *y = &twin->entities[b];
    if (x->v != y->v)
        return x->v < y->v;
    return a == curr || b == curr ? b == curr : x->arrival < y->arrival;
}

// Those of a CPU by vruntime; among equals who waits goes before who runs.
static uint32_t sort(const struct fair_twin *twin, uint32_t queue,
                     uint32_t list[FAIR_TWIN_ENTITIES])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < FAIR_TWIN_ENTITIES; i++) {
        if (!twin->entities[i].queued || twin->entities[i].queue != queue)
            continue;
        uint32_t at = count++;
        for (; at > 0 && goes_before(twin, twin->queues[queue].curr, i, list[at - 1]); at--)
            list[at] = list[at - 1];
        list[at] = i;
    }
    return count;
}

static void raise_minimum(struct fair_twin *twin, uint32_t queue)
{
    uint32_t list[FAIR_TWIN_ENTITIES];
    if (sort(twin, queue, list) > 0 && twin->entities[list[0]].v > twin->queues[queue].v)
        twin->queues[queue].v = twin->entities[list[0]].v;
}

static wide slice(const struct fair_twin *twin, uint32_t queue, uint32_t index)
{
    const struct fair_twin_entity *task = &twin->entities[index];
    wide count = fair_twin_count(twin, queue), idlers = 0;
    for (uint32_t i = 0; i < FAIR_TWIN_ENTITIES; i++)
        idlers += twin->entities[i].queued && twin->entities[i].queue == queue && idle(twin, i);
    bool all_idle = count > 0 && idlers == count;
    wide tasks = fair_tree_tasks_on(twin, fair_twin_cpu(twin, queue)) + !task->queued;
    wide share = tasks > nr_latency(twin) ? tasks * minimum(twin) : latency(twin);
    for (uint32_t at = queue, e = index; at != AUR_NONE; at = fair_tree_above(twin, at)) {
        const struct fair_twin_entity *entity = &twin->entities[e];
        wide load = fair_twin_load(twin, at) + (entity->queued ? 0 : entity->weight);
        share = share * entity->weight / load;
        e = fair_tree_owner(twin, at);
    }
    wide least = idle(twin, index) && !all_idle ? (wide)fair_twin_param(twin, 3) : minimum(twin);
    return share > least ? share : least;
}

// 1: `b` is far enough ahead of `a` in virtual time.
static bool far_ahead(const struct fair_twin *twin, uint32_t a, uint32_t b)
{
    wide lead = twin->entities[a].v - twin->entities[b].v;
    return lead > 0 && lead > virtual_of(twin, tunable(twin, 2, 1000000), b);
}

// A mark is taken from the entity, and from the groups that it is in as far up as they have it.
static void forget(struct fair_twin *twin, uint32_t index)
{
    bool next = true, last = true, skip = true;
    for (uint32_t e = index; e != AUR_NONE; e = fair_tree_owner(twin, twin->entities[e].queue)) {
        struct fair_twin_queue *q = &twin->queues[twin->entities[e].queue];
        next = next && q->next == e;
        last = last && q->last == e;
        skip = skip && q->skip == e;
        q->next = next ? AUR_NONE : q->next;
        q->last = last ? AUR_NONE : q->last;
        q->skip = skip ? AUR_NONE : q->skip;
    }
}

// The entity and the groups that it is in get a mark, as far up as they are queued.
static void mark(struct fair_twin *twin, uint32_t e, char which)
{
    for (; e != AUR_NONE && twin->entities[e].queued;
         e = fair_tree_owner(twin, twin->entities[e].queue)) {
        struct fair_twin_queue *q = &twin->queues[twin->entities[e].queue];
        if (which != 's' && idle(twin, e))
            return;
        *(which == 'n' ? &q->next : which == 'l' ? &q->last : &q->skip) = e;
    }
}

static void open(struct fair_twin *twin, uint32_t queue)
{
    twin->queues[queue].v = -(1 << 20);
}

static void made(struct fair_twin *twin, uint32_t task)
{
    twin->entities[task].away = true;
}

static void join(struct fair_twin *twin, uint32_t queue, uint32_t index, enum fair_twin_move how)
{
    struct fair_twin_entity *task = &twin->entities[index];
    const struct fair_twin_queue *q = &twin->queues[queue];
    wide placed = q->v;
    if (how == FAIR_TWIN_START) {
        task->v = q->curr == AUR_NONE ? q->v : twin->entities[q->curr].v;
        placed += virtual_of(twin, slice(twin, queue, index), index);
    } else {
        if (task->away)
            task->v = q->v + task->lag;
        else if (task->queue != queue)
            task->v += q->v - twin->queues[task->queue].v;
        placed -= (idle(twin, index) ? minimum(twin) : latency(twin)) / 2;
    }
    if ((how == FAIR_TWIN_START || how == FAIR_TWIN_SLEEP) && task->v < placed)
        task->v = placed;
    task->away = false;
}

static void leave(struct fair_twin *twin, uint32_t queue, uint32_t index, enum fair_twin_move how)
{
    struct fair_twin_entity *task = &twin->entities[index];
    forget(twin, index);
    if (how != FAIR_TWIN_SLEEP) {
        task->away = true;
        task->lag = task->v - twin->queues[queue].v;
    }
    if (how != FAIR_TWIN_CHANGE && how != FAIR_TWIN_REGROUP)
        raise_minimum(twin, queue);
    // Another of its group is to have the CPU.
    if (how == FAIR_TWIN_SLEEP &&
        fair_twin_count(twin, queue) > (twin->queues[queue].curr != AUR_NONE ? 1u : 0u))
        mark(twin, fair_tree_owner(twin, queue), 'n');
}

static void reweight(struct fair_twin *twin, uint32_t task, uint32_t weight)
{
    (void)twin, (void)task, (void)weight;
}

static void charge(struct fair_twin *twin, uint32_t queue, uint64_t ran_ns)
{
    struct fair_twin_entity *task = &twin->entities[twin->queues[queue].curr];
    task->v += virtual_of(twin, ran_ns, twin->queues[queue].curr);
    task->used_ns += ran_ns;
    raise_minimum(twin, queue);
}

static uint32_t first_waiting(const struct fair_twin *twin, uint32_t queue)
{
    uint32_t list[FAIR_TWIN_ENTITIES], count = sort(twin, queue, list);
    if (count > 0 && list[0] == twin->queues[queue].curr)
        return count > 1 ? list[1] : AUR_NONE;
    return count > 0 ? list[0] : AUR_NONE;
}

static wide ideal_runtime(const struct fair_twin *twin, uint32_t queue)
{
    wide ideal = slice(twin, queue, twin->queues[queue].curr);
    return ideal < latency(twin) ? ideal : latency(twin);
}

// check_preempt_tick.
static bool tick(struct fair_twin *twin, uint32_t queue)
{
    struct fair_twin_queue *q = &twin->queues[queue];
    const struct fair_twin_entity *curr = &twin->entities[q->curr];
    if (fair_twin_count(twin, queue) < 2)
        return false;
    if (curr->used_ns > ideal_runtime(twin, queue)) {
        forget(twin, q->curr);
        return true;
    }
    if (curr->used_ns < minimum(twin))
        return false;
    return curr->v - twin->entities[first_waiting(twin, queue)].v > ideal_runtime(twin, queue);
}

// As if ticks came all the time: until the slice is used, or until the least slice is and the lead
// of the first that waits is more than the slice.
static wide left(const struct fair_twin *twin, uint32_t queue)
{
    uint32_t index = twin->queues[queue].curr;
    const struct fair_twin_entity *curr = &twin->entities[index];
    if (twin->host->config.tick_ns != 0 || fair_twin_count(twin, queue) < 2)
        return FAIR_TWIN_ENDLESS;
    wide ideal = ideal_runtime(twin, queue), used = curr->used_ns, wait = ideal - used;
    wide v = twin->entities[first_waiting(twin, queue)].v, grace = minimum(twin) - used, lead = 0;
    if (wait <= 0)
        return 0;
    if (curr->v - v <= ideal) // by so much more its vruntime must grow
        lead = ((ideal - (curr->v - v) + 1) * curr->weight + 1023) / 1024;
    lead = lead > grace ? lead : grace;
    return lead > 0 && lead > wait ? wait : lead > 0 ? lead : 0;
}

// pick_next_entity.
static uint32_t pick(struct fair_twin *twin, uint32_t queue)
{
    struct fair_twin_queue *q = &twin->queues[queue];
    bool over = q->curr != AUR_NONE && left(twin, queue) == 0;
    if (over)
        forget(twin, q->curr);
    uint32_t list[FAIR_TWIN_ENTITIES] = {0}, count = sort(twin, queue, list), picked = list[0];
    if (q->skip == list[0] && count > 1 && !far_ahead(twin, list[1], list[0]))
        picked = list[1];
    if (q->next != AUR_NONE && !far_ahead(twin, q->next, list[0]))
        picked = q->next;
    else if (q->last != AUR_NONE && !far_ahead(twin, q->last, list[0]))
        picked = q->last;
    if (over && picked == q->curr)
        twin->entities[picked].used_ns = 0;
    return picked;
}

static void on(struct fair_twin *twin, uint32_t queue, uint32_t task)
{
    (void)queue;
    forget(twin, task);
    twin->entities[task].used_ns = 0;
}

static void off(struct fair_twin *twin, uint32_t queue, uint32_t task)
{
    (void)twin, (void)queue, (void)task;
}

// check_preempt_wakeup.
static bool preempts(struct fair_twin *twin, uint32_t queue, uint32_t woken, uint32_t task)
{
    uint32_t curr = twin->queues[queue].curr;
    uint32_t running = fair_twin_running(twin, fair_twin_cpu(twin, queue));
    if (!idle(twin, running) || idle(twin, task)) {
        if (fair_twin_policy(twin, task) != AUR_POLICY_OTHER)
            return false;
        if (idle(twin, woken) && !idle(twin, curr))
            return false;
        if (idle(twin, woken) == idle(twin, curr)) {
            if (!far_ahead(twin, curr, woken))
                return false;
            mark(twin, woken, 'n');
        }
    }
    if (fair_twin_count(twin, queue) >= nr_latency(twin) && fair_tree_is_task(curr))
        mark(twin, curr, 'l');
    return true;
}

static void yield(struct fair_twin *twin, uint32_t queue)
{
    struct fair_twin_queue *q = &twin->queues[queue];
    if (fair_tree_tasks_on(twin, fair_twin_cpu(twin, queue)) == 1)
        return;
    forget(twin, q->curr);
    mark(twin, q->curr, 's');
}

const struct fair_twin_rules cfs_twin_rules = {
    .open = open,
    .made = made,
    .join = join,
    .leave = leave,
    .reweight = reweight,
    .charge = charge,
    .pick = pick,
    .on = on,
    .off = off,
    .preempts = preempts,
    .tick = tick,
    .left = left,
    .yield = yield,
};
