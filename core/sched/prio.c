// Fixed priority, preemptive: Linux's SCHED_FIFO and SCHED_RR (kernel/sched/rt.c). 140 levels as
// in Linux: 1 to 99 by real-time priority (99 first), 100 to 139 by nice where this class serves
// OTHER tasks. Tasks of one level run in turn of arrival; only SCHED_RR shares a level by quantum.
//
// Invariant: bit l of the bitmap is set exactly if queue l is not empty; a queue holds waiting
// tasks of that level only.
#include "sched/queue.h"

#define LEVELS 140u

struct prio_cpu {
    uint64_t bitmap[3];
    struct aur_list queue[LEVELS];
    uint32_t curr;
    uint32_t yielded; // task that gave up its turn, or NONE
};

enum {
    RR_QUANTUM_NS
};

// By the task's own policy; deadline tasks come first where this class serves them.
static uint64_t urgency(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    (void)slot;
    const struct aur_task *t = aur_task_at(core, task);
    if (t->policy == AUR_POLICY_DEADLINE)
        return 0;
    bool realtime = t->policy == AUR_POLICY_FIFO || t->policy == AUR_POLICY_RR;
    return (uint64_t)(realtime ? 100 - t->priority : t->nice + 120);
}

static uint32_t level_of(const struct aur_task *t)
{
    return (uint32_t)aur_rank_key(t->rank);
}

static uint32_t task_level(const struct aur_core *core, uint32_t task)
{
    return level_of(aur_task_at(core, task));
}

// The most urgent level with a waiting task, LEVELS if none.
static uint32_t first_level(const struct prio_cpu *prio)
{
    for (uint32_t word = 0; word < 3; word++)
        if (prio->bitmap[word])
            return word * 64 + (uint32_t)__builtin_ctzll(prio->bitmap[word]);
    return LEVELS;
}

static void add(struct aur_core *core, uint32_t slot, struct prio_cpu *prio, uint32_t task,
                uint32_t flags)
{
    uint32_t level = task_level(core, task);
    aur_queue_join(core, slot, &prio->queue[level], task, flags);
    prio->bitmap[level / 64] |= 1ull << level % 64;
}

static void take(struct aur_core *core, uint32_t slot, struct prio_cpu *prio, uint32_t task,
                 uint32_t flags)
{
    uint32_t level = task_level(core, task);
    aur_queue_leave(core, slot, &prio->queue[level], task, flags);
    if (aur_list_empty(&prio->queue[level]))
        prio->bitmap[level / 64] &= ~(1ull << level % 64);
}

static void init(struct aur_core *core, uint32_t slot)
{
    for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++) {
        struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
        for (uint32_t level = 0; level < LEVELS; level++)
            aur_list_init(&prio->queue[level]);
        prio->curr = AUR_NONE;
        prio->yielded = AUR_NONE;
    }
}

// The CPU that runs the least urgent work, its own first among equals (find_lowest_rq).
static uint32_t select_cpu(struct aur_core *core, uint32_t slot, uint32_t task, uint32_t waker_cpu)
{
    (void)slot, (void)waker_cpu;
    const struct aur_task *t = aur_task_at(core, task);
    uint64_t allowed = aur_allowed_cpus(core, t), best_rank = 0;
    uint32_t best = AUR_NONE;
    for (uint64_t rest = allowed; rest; rest &= rest - 1) {
        uint32_t cpu = (uint32_t)__builtin_ctzll(rest);
        const struct aur_cpu *c = aur_cpu_at(core, cpu);
        // Somebody was woken there at this instant and has not been dispatched yet: not idle.
        uint64_t rank = c->nr == 0 ? UINT64_MAX : 0;
        if (c->curr != AUR_NONE)
            rank = aur_task_at(core, c->curr)->rank;
        if (best == AUR_NONE || rank > best_rank || (rank == best_rank && cpu == t->cpu)) {
            best = cpu;
            best_rank = rank;
        }
    }
    return best;
}

static void enqueue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
    struct aur_queued *queued = aur_queued_at(core, slot, task);
    if (prio->yielded == task && flags != AUR_ENQUEUE_CHANGE)
        prio->yielded = AUR_NONE;
    if (!(flags & AUR_ENQUEUE_CHANGE))
        queued->used_ns = 0;
    else if (!(flags & (AUR_ENQUEUE_TAIL | AUR_ENQUEUE_HEAD)) &&
             queued->level != task_level(core, task))
        flags |= task_level(core, task) < queued->level ? AUR_ENQUEUE_TAIL : AUR_ENQUEUE_HEAD;
    add(core, slot, prio, task, flags);
}

static void dequeue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
    aur_queued_at(core, slot, task)->level = task_level(core, task);
    if (prio->curr != task) {
        take(core, slot, prio, task, flags);
        return;
    }
    prio->curr = AUR_NONE;
    aur_queued_at(core, slot, task)->was_queued = 0;
}

static bool turn_over(const struct aur_core *core, uint32_t slot, const struct prio_cpu *prio,
                      uint32_t task)
{
    return prio->yielded == task ||
           (aur_task_at(core, task)->policy == AUR_POLICY_RR &&
            aur_queued_at(core, slot, task)->used_ns >= aur_class_param(core, slot, RR_QUANTUM_NS));
}

static uint32_t pick_next(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
    uint32_t level = first_level(prio);
    if (prio->curr != AUR_NONE) {
        uint32_t curr_level = task_level(core, prio->curr);
        if (curr_level < level)
            aur_queued_at(core, slot, prio->curr)->used_ns = 0; // nobody to share with
        if (curr_level < level ||
            (curr_level == level && !turn_over(core, slot, prio, prio->curr))) {
            prio->yielded = AUR_NONE;
            return prio->curr;
        }
    }
    return prio->queue[level].first;
}

static void set_next(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
    take(core, slot, prio, task, 0);
    prio->curr = task;
}

// A preempted task keeps the head of its level; one that had its turn goes to the end.
static void put_prev(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
    bool over = turn_over(core, slot, prio, task);
    prio->curr = AUR_NONE;
    prio->yielded = AUR_NONE;
    if (over)
        aur_queued_at(core, slot, task)->used_ns = 0;
    add(core, slot, prio, task, over ? 0 : AUR_ENQUEUE_HEAD);
}

static void update_curr(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                        uint64_t ran_ns)
{
    (void)cpu;
    aur_queued_at(core, slot, task)->used_ns += ran_ns;
}

static bool wakeup_preempt(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t curr,
                           uint32_t woken)
{
    (void)slot, (void)cpu;
    return task_level(core, woken) < task_level(core, curr);
}

static uint64_t slice_end(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    const struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
    const struct aur_task *t = aur_task_at(core, task);
    if (t->policy != AUR_POLICY_RR || aur_list_empty(&prio->queue[level_of(t)]))
        return AUR_NEVER_NS;
    uint64_t quantum_ns = aur_class_param(core, slot, RR_QUANTUM_NS);
    uint64_t used_ns = aur_queued_at(core, slot, task)->used_ns;
    return used_ns >= quantum_ns ? 0 : quantum_ns - used_ns;
}

static void yield(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    ((struct prio_cpu *)aur_class_cpu(core, slot, cpu))->yielded = task;
}

// The most urgent waiting task that may move and is more urgent than `beyond`.
static uint32_t first_movable(struct aur_core *core, uint32_t slot, uint32_t from, uint32_t to,
                              uint32_t beyond)
{
    const struct prio_cpu *prio = aur_class_cpu(core, slot, from);
    uint32_t scan = AUR_BALANCE_SCAN;
    for (uint32_t level = first_level(prio); level < beyond && scan > 0; level++) {
        uint32_t task = prio->queue[level].first;
        for (; task != AUR_NONE && scan > 0; scan--) {
            if (aur_can_move(core, task, to))
                return task;
            task = aur_queued_at(core, slot, task)->link.next;
        }
    }
    return AUR_NONE;
}

static uint32_t balance(struct aur_core *core, uint32_t slot, uint32_t from, uint32_t to)
{
    return first_movable(core, slot, from, to, LEVELS);
}

static uint32_t pull(struct aur_core *core, uint32_t slot, uint32_t from, uint32_t to)
{
    const struct aur_cpu *c = aur_cpu_at(core, to);
    for (uint32_t above = 0; above < slot; above++)
        if (c->nr_class[above] != 0)
            return AUR_NONE;
    const struct prio_cpu *prio = aur_class_cpu(core, slot, to);
    uint32_t own = first_level(prio);
    if (prio->curr != AUR_NONE && task_level(core, prio->curr) < own)
        own = task_level(core, prio->curr);
    return first_movable(core, slot, from, to, own);
}

static const char *check(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
    uint32_t count = prio->curr != AUR_NONE, used = 0, marked = 0;
    for (const struct aur_list *at = prio->queue; at < prio->queue + LEVELS; at++) {
        const struct aur_list queue = *at; // most are empty: every step of a test comes here
        used += queue.first != AUR_NONE || queue.last != AUR_NONE;
    }
    for (uint32_t word = 0; word < 3; word++) {
        for (uint64_t rest = prio->bitmap[word]; rest; rest &= rest - 1, marked++) {
            uint32_t level = word * 64 + (uint32_t)__builtin_ctzll(rest);
            if (level >= LEVELS || aur_list_empty(&prio->queue[level]))
                return "prio: the bitmap marks a level without tasks";
            const char *broken = aur_queue_check(core, slot, cpu, &prio->queue[level], &count);
            if (broken)
                return broken;
            uint32_t task = prio->queue[level].first;
            for (; task != AUR_NONE; task = aur_queued_at(core, slot, task)->link.next)
                if (task_level(core, task) != level)
                    return "prio: a task is queued at another level than its own";
        }
    }
    if (used != marked)
        return "prio: the bitmap does not say which levels have tasks";
    if (count != aur_cpu_at(core, cpu)->nr_class[slot])
        return "prio: the queues and the running task are not all runnable tasks";
    return NULL;
}

static const struct aur_class_param params[] = {
    [RR_QUANTUM_NS] = {"rr_quantum_ns", 100000000, 1000, 10000000000ull,
                       "the turn of a SCHED_RR task (Linux: RR_TIMESLICE)", NULL},
    {0},
};

const struct aur_sched_class aur_class_prio = {
    .info = {.name = "prio",
             .summary = "fixed priority, preemptive, 140 levels",
             .source = "Linux kernel/sched/rt.c; Liu and Layland 1973",
             .params = params},
    .cpu_size = sizeof(struct prio_cpu),
    .task_size = sizeof(struct aur_queued),
    .init = init,
    .task_init = aur_queued_init,
    .select_cpu = select_cpu,
    .enqueue = enqueue,
    .dequeue = dequeue,
    .pick_next = pick_next,
    .set_next = set_next,
    .put_prev = put_prev,
    .update_curr = update_curr,
    .wakeup_preempt = wakeup_preempt,
    .slice_end = slice_end,
    .yield = yield,
    .balance = balance,
    .pull = pull,
    .urgency = urgency,
    .check = check,
};
