// Stride scheduling by its definition (Waldspurger and Weihl 1995, figures 3 to 5): passes are
// rational numbers, whole units of 2^-20 ns a ticket and a rest.
#include "tests/fair_twin.h"

#define STRIDE1 ((wide)1 << 20)

static wide quantum(const struct fair_twin *twin)
{
    return fair_twin_param(twin, 0);
}

static wide floor_divide(wide a, wide b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

static void move_on(wide *v, wide *rest, wide ran_ns, wide tickets)
{
    wide owed = *rest % tickets + ran_ns * STRIDE1;
    *v += owed / tickets;
    *rest = owed % tickets;
}

static void open(struct fair_twin *twin, uint32_t queue)
{
    twin->queues[queue].v = 0;
}

static void made(struct fair_twin *twin, uint32_t task)
{
    twin->entities[task].lag = quantum(twin) * STRIDE1 / twin->entities[task].weight;
}

static void join(struct fair_twin *twin, uint32_t queue, uint32_t index, enum fair_twin_move how)
{
    struct fair_twin_entity *task = &twin->entities[index];
    task->v = twin->queues[queue].v + task->lag;
    if (how != FAIR_TWIN_CHANGE && how != FAIR_TWIN_REGROUP)
        task->used_ns = 0;
}

static void leave(struct fair_twin *twin, uint32_t queue, uint32_t index, enum fair_twin_move how)
{
    (void)how;
    struct fair_twin_entity *task = &twin->entities[index];
    task->lag = task->v - twin->queues[queue].v;
}

static void reweight(struct fair_twin *twin, uint32_t index, uint32_t weight)
{
    struct fair_twin_entity *task = &twin->entities[index];
    wide global = twin->queues[task->queue].v;
    if (task->queued)
        task->lag = task->v - global;
    task->lag = floor_divide(task->lag * task->weight, weight);
    task->v = global + task->lag;
    task->rest = 0;
    if (task->queued) // it has another place in the order, behind its equals there
        task->arrival = twin->arrivals++;
}

static void charge(struct fair_twin *twin, uint32_t queue, uint64_t ran_ns)
{
    struct fair_twin_queue *q = &twin->queues[queue];
    struct fair_twin_entity *task = &twin->entities[q->curr];
    move_on(&task->v, &task->rest, ran_ns, task->weight);
    move_on(&q->v, &q->rest, ran_ns, fair_twin_load(twin, queue));
    task->used_ns += ran_ns;
    if (fair_twin_count(twin, queue) == 1)
        task->used_ns %= (uint64_t)quantum(twin);
}

static wide left(const struct fair_twin *twin, uint32_t queue)
{
    wide used_ns = twin->entities[twin->queues[queue].curr].used_ns;
    if (fair_twin_count(twin, queue) == 1)
        return FAIR_TWIN_ENDLESS;
    return used_ns < quantum(twin) ? quantum(twin) - used_ns : 0;
}

static uint32_t pick(struct fair_twin *twin, uint32_t queue)
{
    uint32_t curr = twin->queues[queue].curr, best = AUR_NONE;
    if (curr != AUR_NONE && twin->entities[curr].used_ns < quantum(twin))
        return curr;
    for (uint32_t i = 0; i < FAIR_TWIN_ENTITIES; i++) {
        const struct fair_twin_entity *task = &twin->entities[i],
                                      *b = &twin->entities[best % FAIR_TWIN_ENTITIES];
        if (!task->queued || task->queue != queue || i == curr)
            continue;
        if (best == AUR_NONE || task->v < b->v || (task->v == b->v && task->arrival < b->arrival))
            best = i;
    }
    if (curr == AUR_NONE || (best != AUR_NONE && twin->entities[best].v <= twin->entities[curr].v))
        return best;
    twin->entities[curr].used_ns = 0;
    return curr;
}

static void on(struct fair_twin *twin, uint32_t queue, uint32_t task)
{
    (void)twin, (void)queue, (void)task;
}

static void off(struct fair_twin *twin, uint32_t queue, uint32_t task)
{
    (void)queue;
    twin->entities[task].used_ns = 0;
}

static bool preempts(struct fair_twin *twin, uint32_t queue, uint32_t woken, uint32_t task)
{
    (void)woken;
    uint32_t running = fair_twin_running(twin, fair_twin_cpu(twin, queue));
    if (fair_twin_policy(twin, running) != AUR_POLICY_IDLE ||
        fair_twin_policy(twin, task) == AUR_POLICY_IDLE)
        return false;
    twin->entities[twin->queues[queue].curr].used_ns = (uint64_t)quantum(twin);
    return true;
}

static void yield(struct fair_twin *twin, uint32_t queue)
{
    struct fair_twin_entity *task = &twin->entities[twin->queues[queue].curr];
    if (task->used_ns < quantum(twin))
        move_on(&task->v, &task->rest, quantum(twin) - task->used_ns, task->weight);
    task->used_ns = (uint64_t)quantum(twin);
}

const struct fair_twin_rules stride_twin_rules = {
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
    .left = left,
    .yield = yield,
};
