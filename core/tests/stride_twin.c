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

static void open(struct fair_twin *twin, uint32_t cpu)
{
    twin->queues[cpu].v = 0;
}

static void made(struct fair_twin *twin, uint32_t task)
{
    twin->tasks[task].lag = quantum(twin) * STRIDE1 / twin->tasks[task].weight;
}

static void join(struct fair_twin *twin, uint32_t cpu, uint32_t index, enum fair_twin_move how)
{
    struct fair_twin_task *task = &twin->tasks[index];
    task->v = twin->queues[cpu].v + task->lag;
    if (how != FAIR_TWIN_CHANGE)
        task->used_ns = 0;
}

static void leave(struct fair_twin *twin, uint32_t cpu, uint32_t index, enum fair_twin_move how)
{
    (void)how;
    struct fair_twin_task *task = &twin->tasks[index];
    task->lag = task->v - twin->queues[cpu].v;
}

static void reweight(struct fair_twin *twin, uint32_t index, uint32_t weight)
{
    struct fair_twin_task *task = &twin->tasks[index];
    task->lag = floor_divide(task->lag * task->weight, weight);
    task->rest = 0;
}

static void charge(struct fair_twin *twin, uint32_t cpu, uint64_t ran_ns)
{
    struct fair_twin_queue *queue = &twin->queues[cpu];
    struct fair_twin_task *task = &twin->tasks[queue->curr];
    move_on(&task->v, &task->rest, ran_ns, task->weight);
    move_on(&queue->v, &queue->rest, ran_ns, fair_twin_load(twin, cpu));
    task->used_ns += ran_ns;
    if (fair_twin_count(twin, cpu) == 1)
        task->used_ns %= (uint64_t)quantum(twin);
}

static wide left(const struct fair_twin *twin, uint32_t cpu)
{
    wide used_ns = twin->tasks[twin->queues[cpu].curr].used_ns;
    if (fair_twin_count(twin, cpu) == 1)
        return FAIR_TWIN_ENDLESS;
    return used_ns < quantum(twin) ? quantum(twin) - used_ns : 0;
}

static uint32_t pick(struct fair_twin *twin, uint32_t cpu)
{
    uint32_t curr = twin->queues[cpu].curr, best = AUR_NONE;
    if (curr != AUR_NONE && twin->tasks[curr].used_ns < quantum(twin))
        return curr;
    for (uint32_t i = 0; i < FAIR_TWIN_TASKS; i++) {
        const struct fair_twin_task *task = &twin->tasks[i], *b = &twin->tasks[best % 64];
        if (!task->queued || task->cpu != cpu || i == curr)
            continue;
        if (best == AUR_NONE || task->v < b->v || (task->v == b->v && task->arrival < b->arrival))
            best = i;
    }
    if (curr == AUR_NONE || (best != AUR_NONE && twin->tasks[best].v <= twin->tasks[curr].v))
        return best;
    twin->tasks[curr].used_ns = 0;
    return curr;
}

static void on(struct fair_twin *twin, uint32_t cpu, uint32_t task)
{
    (void)twin, (void)cpu, (void)task;
}

static void off(struct fair_twin *twin, uint32_t cpu, uint32_t task)
{
    (void)cpu;
    twin->tasks[task].used_ns = 0;
}

static bool preempts(struct fair_twin *twin, uint32_t cpu, uint32_t woken)
{
    uint32_t curr = twin->queues[cpu].curr;
    if (fair_twin_policy(twin, curr) != AUR_POLICY_IDLE ||
        fair_twin_policy(twin, woken) == AUR_POLICY_IDLE)
        return false;
    twin->tasks[curr].used_ns = (uint64_t)quantum(twin);
    return true;
}

static void yield(struct fair_twin *twin, uint32_t cpu)
{
    struct fair_twin_task *task = &twin->tasks[twin->queues[cpu].curr];
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
