// Lottery scheduling by its definition (Waldspurger and Weihl, OSDI 1994): all tickets in one row,
// the tasks in the order of their arrival, who had the CPU last of all.
#include "tests/fair_twin.h"

static uint64_t quantum(const struct fair_twin *twin)
{
    return fair_twin_param(twin, 0);
}

// SplitMix64 (Steele, Lea, Flood 2014).
static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

// The upper half of random * n; a random number whose lower half is among the first 2^64 mod n is
// thrown away, so that each result has as many.
static uint64_t below(uint64_t *state, uint64_t n)
{
    for (uint64_t surplus = (uint64_t)(((unsigned __int128)1 << 64) % n);;) {
        unsigned __int128 product = (unsigned __int128)splitmix(state) * n;
        if ((uint64_t)product >= surplus)
            return (uint64_t)(product >> 64);
    }
}

static wide tickets(const struct fair_twin *twin, uint32_t index)
{
    const struct fair_twin_entity *task = &twin->entities[index];
    if (task->spent_ns == 0)
        return task->weight;
    wide inflated = (wide)task->weight * quantum(twin) / task->spent_ns;
    wide most = (wide)task->weight << 20;
    return inflated < most ? inflated : most;
}

static void open(struct fair_twin *twin, uint32_t queue)
{
    uint64_t state = fair_twin_param(twin, 1) + queue * 0xd1342543de82ef95ull;
    twin->queues[queue].stream = splitmix(&state);
}

static void made(struct fair_twin *twin, uint32_t task)
{
    (void)twin, (void)task;
}

// The quantum is over: for a part of it there is a compensation.
static void end_quantum(const struct fair_twin *twin, struct fair_twin_entity *task)
{
    bool part = task->used_ns < quantum(twin) && fair_twin_param(twin, 2) != 0;
    if (task->used_ns > 0)
        task->spent_ns = part ? task->used_ns : 0;
    task->used_ns = 0;
}

static void join(struct fair_twin *twin, uint32_t queue, uint32_t index, enum fair_twin_move how)
{
    (void)how;
    twin->entities[index].sequence = twin->queues[queue].sequences++;
}

static void leave(struct fair_twin *twin, uint32_t queue, uint32_t index, enum fair_twin_move how)
{
    if (twin->queues[queue].winner == index)
        twin->queues[queue].winner = AUR_NONE;
    if (how != FAIR_TWIN_CHANGE && how != FAIR_TWIN_REGROUP)
        end_quantum(twin, &twin->entities[index]);
}

static void reweight(struct fair_twin *twin, uint32_t index, uint32_t weight)
{
    (void)twin, (void)index, (void)weight;
}

static void charge(struct fair_twin *twin, uint32_t queue, uint64_t ran_ns)
{
    struct fair_twin_queue *q = &twin->queues[queue];
    struct fair_twin_entity *task = &twin->entities[q->curr];
    if (task->used_ns == 0)
        task->spent_ns = 0;
    task->used_ns += ran_ns;
    if (fair_twin_count(twin, queue) == 1)
        task->used_ns %= quantum(twin);
    else if (task->used_ns >= quantum(twin))
        q->winner = AUR_NONE;
}

static wide left(const struct fair_twin *twin, uint32_t queue)
{
    const struct fair_twin_queue *q = &twin->queues[queue];
    if (fair_twin_count(twin, queue) == 1)
        return FAIR_TWIN_ENDLESS;
    return q->winner == AUR_NONE ? 0 : quantum(twin) - twin->entities[q->curr].used_ns;
}

// Who comes after `sequence` in the row of those who wait, or NONE.
static uint32_t next_in_row(const struct fair_twin *twin, uint32_t queue, uint64_t from)
{
    uint32_t best = AUR_NONE;
    for (uint32_t i = 0; i < FAIR_TWIN_ENTITIES; i++) {
        const struct fair_twin_entity *task = &twin->entities[i];
        if (task->queued && task->queue == queue && i != twin->queues[queue].curr &&
            task->sequence >= from &&
            (best == AUR_NONE || task->sequence < twin->entities[best].sequence))
            best = i;
    }
    return best;
}

static uint32_t pick(struct fair_twin *twin, uint32_t queue)
{
    struct fair_twin_queue *q = &twin->queues[queue];
    if (q->winner != AUR_NONE)
        return q->winner;
    uint32_t row[FAIR_TWIN_ENTITIES] = {0}, count = 0, at = 0;
    for (uint32_t task = next_in_row(twin, queue, 0); task != AUR_NONE;
         task = next_in_row(twin, queue, twin->entities[task].sequence + 1))
        row[count++] = task;
    if (q->curr != AUR_NONE) {
        end_quantum(twin, &twin->entities[q->curr]);
        row[count++] = q->curr;
    }
    if (count > 1) {
        wide all = 0;
        for (uint32_t i = 0; i < count; i++)
            all += tickets(twin, row[i]);
        wide ticket = below(&q->stream, (uint64_t)all);
        for (; ticket >= tickets(twin, row[at]); at++)
            ticket -= tickets(twin, row[at]);
        twin->draws++;
    }
    q->winner = row[at];
    return q->winner;
}

static void on(struct fair_twin *twin, uint32_t queue, uint32_t task)
{
    bool over = twin->entities[task].used_ns >= quantum(twin); // changed at the end of its quantum
    twin->queues[queue].winner = over ? AUR_NONE : task;
}

static void off(struct fair_twin *twin, uint32_t queue, uint32_t task)
{
    end_quantum(twin, &twin->entities[task]);
    if (twin->queues[queue].winner == task)
        twin->queues[queue].winner = AUR_NONE;
}

static bool preempts(struct fair_twin *twin, uint32_t queue, uint32_t woken, uint32_t task)
{
    (void)woken;
    uint32_t running = fair_twin_running(twin, fair_twin_cpu(twin, queue));
    if (fair_twin_policy(twin, running) != AUR_POLICY_IDLE ||
        fair_twin_policy(twin, task) == AUR_POLICY_IDLE)
        return false;
    twin->queues[queue].winner = AUR_NONE;
    return true;
}

static void yield(struct fair_twin *twin, uint32_t queue)
{
    twin->queues[queue].winner = AUR_NONE;
}

const struct fair_twin_rules lottery_twin_rules = {
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
