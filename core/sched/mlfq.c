// Multi-level feedback queue: a task starts at the top; having used its allotment of a level, in
// one go or over many sleeps, it moves one down; all go back to the top at each boost. Levels
// share by round robin with a quantum that doubles per level.
// Source: Corbato, Merwin-Daggett, Daley 1962; rules as in Arpaci-Dusseau, Operating Systems:
// Three Easy Pieces, chapter 8.
//
// Invariant: bit l of the bitmap is set exactly if queue l is not empty; a queued task whose epoch
// is the CPU's is in the queue of its level, any other is in queue 0 (it was boosted there).
#include "sched/queue.h"

#define LEVELS_MAX 16u

struct mlfq_cpu {
    struct aur_list queue[LEVELS_MAX];
    uint64_t epoch; // number of boosts so far: now / boost_ns, which may be 1 ns
    uint32_t bitmap;
    uint32_t curr;
    uint32_t waiting;
    uint32_t renewed; // whose turn was over when the last pick gave it another, or NONE: for versus
};

enum {
    LEVELS,
    QUANTUM_NS,
    ALLOTMENT,
    BOOST_NS
};

static uint64_t quantum_ns(const struct aur_core *core, uint32_t slot, uint32_t level)
{
    return aur_class_param(core, slot, QUANTUM_NS) << level;
}

// Where the task stands by now: at the top if it has not been touched since the last boost.
static struct aur_queued *refresh(struct aur_core *core, uint32_t slot, const struct mlfq_cpu *mlfq,
                                  uint32_t task)
{
    struct aur_queued *queued = aur_queued_at(core, slot, task);
    if (queued->epoch != mlfq->epoch) {
        queued->epoch = mlfq->epoch;
        queued->level = 0;
        queued->spent_ns = 0;
        queued->used_ns = 0;
    }
    return queued;
}

// Boosts are due at multiples of boost_ns; queues are spliced, tasks follow when next touched.
static struct mlfq_cpu *up_to_now(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    struct mlfq_cpu *mlfq = aur_class_cpu(core, slot, cpu);
    uint64_t boost_ns = aur_class_param(core, slot, BOOST_NS);
    uint64_t epoch = boost_ns ? core->now_ns / boost_ns : 0;
    if (epoch == mlfq->epoch)
        return mlfq;
    mlfq->epoch = epoch;
    for (uint32_t level = 1; level < LEVELS_MAX; level++)
        aur_list_splice(aur_queued_nodes(core, slot), &mlfq->queue[0], &mlfq->queue[level]);
    mlfq->bitmap = !aur_list_empty(&mlfq->queue[0]);
    return mlfq;
}

static void init(struct aur_core *core, uint32_t slot)
{
    for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++) {
        struct mlfq_cpu *mlfq = aur_class_cpu(core, slot, cpu);
        for (uint32_t level = 0; level < LEVELS_MAX; level++)
            aur_list_init(&mlfq->queue[level]);
        mlfq->curr = AUR_NONE;
        mlfq->renewed = AUR_NONE;
    }
}

static void add(struct aur_core *core, uint32_t slot, struct mlfq_cpu *mlfq, uint32_t task,
                uint32_t flags)
{
    uint32_t level = refresh(core, slot, mlfq, task)->level;
    aur_queue_join(core, slot, &mlfq->queue[level], task, flags);
    mlfq->bitmap |= 1u << level;
    mlfq->waiting++;
}

static void take(struct aur_core *core, uint32_t slot, struct mlfq_cpu *mlfq, uint32_t task,
                 uint32_t flags)
{
    const struct aur_queued *queued = aur_queued_at(core, slot, task);
    uint32_t level = queued->epoch == mlfq->epoch ? queued->level : 0;
    aur_queue_leave(core, slot, &mlfq->queue[level], task, flags);
    if (aur_list_empty(&mlfq->queue[level]))
        mlfq->bitmap &= ~(1u << level);
    mlfq->waiting--;
}

static void enqueue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    struct mlfq_cpu *mlfq = up_to_now(core, slot, cpu);
    if (!(flags & AUR_ENQUEUE_CHANGE))
        aur_queued_at(core, slot, task)->used_ns = 0; // a new turn; the allotment goes on
    add(core, slot, mlfq, task, flags);
}

static void dequeue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    struct mlfq_cpu *mlfq = up_to_now(core, slot, cpu);
    if (mlfq->curr != task) {
        take(core, slot, mlfq, task, flags);
        return;
    }
    mlfq->curr = AUR_NONE;
    aur_queued_at(core, slot, task)->was_queued = 0;
}

static bool turn_over(const struct aur_core *core, uint32_t slot, const struct aur_queued *queued)
{
    return queued->used_ns >= quantum_ns(core, slot, queued->level);
}

static uint32_t pick_next(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    struct mlfq_cpu *mlfq = up_to_now(core, slot, cpu);
    uint32_t level = mlfq->bitmap ? (uint32_t)__builtin_ctz(mlfq->bitmap) : LEVELS_MAX;
    mlfq->renewed = AUR_NONE;
    if (mlfq->curr != AUR_NONE) {
        struct aur_queued *curr = refresh(core, slot, mlfq, mlfq->curr);
        if (curr->level < level && turn_over(core, slot, curr)) {
            curr->used_ns = 0; // nobody to share with
            mlfq->renewed = mlfq->curr;
        }
        if (curr->level < level || (curr->level == level && !turn_over(core, slot, curr)))
            return mlfq->curr;
    }
    return mlfq->queue[level].first;
}

static void set_next(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct mlfq_cpu *mlfq = up_to_now(core, slot, cpu);
    take(core, slot, mlfq, task, 0);
    refresh(core, slot, mlfq, task);
    mlfq->curr = task;
}

static void put_prev(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct mlfq_cpu *mlfq = up_to_now(core, slot, cpu);
    struct aur_queued *queued = refresh(core, slot, mlfq, task);
    bool over = turn_over(core, slot, queued);
    mlfq->curr = AUR_NONE;
    if (over)
        queued->used_ns = 0;
    add(core, slot, mlfq, task, over ? 0 : AUR_ENQUEUE_HEAD);
}

static void update_curr(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                        uint64_t ran_ns)
{
    struct mlfq_cpu *mlfq = up_to_now(core, slot, cpu);
    uint64_t boost_ns = aur_class_param(core, slot, BOOST_NS);
    if (boost_ns != 0 && ran_ns > core->now_ns % boost_ns)
        ran_ns = core->now_ns % boost_ns; // what came before the boost is forgiven
    struct aur_queued *queued = refresh(core, slot, mlfq, task);
    queued->used_ns += ran_ns;
    queued->spent_ns += ran_ns;
    // One long charge must mean the same as many short ones.
    for (;;) {
        uint64_t allotment_ns =
            quantum_ns(core, slot, queued->level) * aur_class_param(core, slot, ALLOTMENT);
        if (queued->spent_ns < allotment_ns)
            return;
        bool at_bottom = queued->level + 1 == aur_class_param(core, slot, LEVELS);
        if (at_bottom)
            queued->spent_ns %= allotment_ns;
        else
            queued->spent_ns -= allotment_ns;
        queued->level += !at_bottom;
        queued->used_ns = quantum_ns(core, slot, queued->level); // behind those already there
    }
}

static bool wakeup_preempt(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t curr,
                           uint32_t woken)
{
    const struct mlfq_cpu *mlfq = aur_class_cpu(core, slot, cpu);
    return refresh(core, slot, mlfq, woken)->level < refresh(core, slot, mlfq, curr)->level;
}

static uint64_t slice_end(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    const struct mlfq_cpu *mlfq = aur_class_cpu(core, slot, cpu);
    const struct aur_queued *queued = aur_queued_at(core, slot, task);
    if (mlfq->waiting == 0)
        return AUR_NEVER_NS;
    uint64_t turn_ns = quantum_ns(core, slot, queued->level);
    uint64_t allotment_ns = turn_ns * aur_class_param(core, slot, ALLOTMENT);
    if (queued->used_ns >= turn_ns)
        return 0;
    uint64_t turn_left_ns = turn_ns - queued->used_ns;
    uint64_t level_left_ns = allotment_ns - queued->spent_ns;
    uint64_t left_ns = turn_left_ns < level_left_ns ? turn_left_ns : level_left_ns;
    uint64_t boost_ns = aur_class_param(core, slot, BOOST_NS);
    if (boost_ns == 0)
        return left_ns;
    uint64_t boost_left_ns = boost_ns - core->now_ns % boost_ns; // a new turn, maybe shorter
    return boost_left_ns < left_ns ? boost_left_ns : left_ns;
}

static void yield(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct aur_queued *queued = refresh(core, slot, up_to_now(core, slot, cpu), task);
    queued->used_ns = quantum_ns(core, slot, queued->level);
}

static uint32_t balance(struct aur_core *core, uint32_t slot, uint32_t from, uint32_t to)
{
    const struct mlfq_cpu *mlfq = up_to_now(core, slot, from);
    uint32_t scan = AUR_BALANCE_SCAN, task = AUR_NONE;
    for (uint32_t level = 0; level < LEVELS_MAX && task == AUR_NONE; level++)
        task = aur_queue_movable(core, slot, &mlfq->queue[level], to, &scan);
    return task;
}

static void number_places(struct aur_core *copy, uint32_t slot, uint32_t cpu)
{
    const struct mlfq_cpu *mlfq = up_to_now(copy, slot, cpu);
    for (uint32_t level = 0; level < LEVELS_MAX; level++) {
        uint32_t curr = mlfq->curr;
        if (curr != AUR_NONE && refresh(copy, slot, mlfq, curr)->level != level)
            curr = AUR_NONE;
        bool over = curr != AUR_NONE && turn_over(copy, slot, aur_queued_at(copy, slot, curr));
        aur_queue_number(copy, slot, &mlfq->queue[level], curr, over);
    }
}

// As the task stood when the choice fell: `refresh` without a change of the state.
static struct aur_queued standing(const struct aur_core *core, uint32_t slot, uint32_t cpu,
                                  uint32_t task)
{
    const struct mlfq_cpu *mlfq = aur_class_cpu(core, slot, cpu);
    struct aur_queued queued = *aur_queued_at(core, slot, task);
    if (queued.epoch != mlfq->epoch) {
        queued.level = 0;
        queued.spent_ns = 0;
        queued.used_ns = 0;
    }
    if (task == mlfq->renewed)
        queued.used_ns = quantum_ns(core, slot, queued.level);
    return queued;
}

static void explain(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    struct aur_candidate *candidate)
{
    struct aur_queued queued = standing(core, slot, cpu, task);
    uint64_t turn_ns = quantum_ns(core, slot, queued.level);
    uint64_t allotment_ns = turn_ns * aur_class_param(core, slot, ALLOTMENT);
    aur_key_add(candidate, AUR_KEY_LEVEL, queued.level);
    aur_key_add(candidate, AUR_KEY_PLACE, queued.place);
    aur_key_add(candidate, AUR_KEY_TURN_LEFT, aur_key_left_ns(turn_ns, queued.used_ns));
    aur_key_add(candidate, AUR_KEY_ALLOTMENT_LEFT, aur_key_left_ns(allotment_ns, queued.spent_ns));
}

static void versus(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t picked,
                   uint32_t other, struct aur_verdict *verdict)
{
    const struct mlfq_cpu *mlfq = aur_class_cpu(core, slot, cpu);
    struct aur_queued p = standing(core, slot, cpu, picked), o = standing(core, slot, cpu, other);
    uint64_t turn_ns = quantum_ns(core, slot, p.level);
    if (p.level < o.level) {
        // Of one level the running one goes first while it is its turn.
        bool wins_a_tie = other == mlfq->curr ? o.used_ns < turn_ns
                                              : picked == mlfq->curr && p.used_ns >= turn_ns;
        bool possible = wins_a_tie || p.level != 0;
        aur_verdict_set(verdict, AUR_RULE_LEVEL, possible ? AUR_KEY_LEVEL : AUR_KEY_NONE,
                        AUR_OF_OTHER, possible ? o.level : 0,
                        possible ? (int64_t)p.level - !wins_a_tie : 0);
    } else if (picked == mlfq->curr) {
        aur_verdict_set(verdict, AUR_RULE_TURN, AUR_KEY_TURN_LEFT, AUR_OF_PICKED,
                        aur_key_left_ns(turn_ns, p.used_ns), 0);
    } else if (other == mlfq->curr) {
        aur_verdict_set(verdict, AUR_RULE_NEXT_TURN, AUR_KEY_TURN_LEFT, AUR_OF_OTHER, 0, 1);
    } else {
        aur_queue_versus(core, slot, aur_queue_turn_rule(core, slot, picked), picked, other,
                         verdict);
    }
}

static const char *check(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const struct mlfq_cpu *mlfq = aur_class_cpu(core, slot, cpu);
    uint32_t count = 0;
    for (uint32_t level = 0; level < LEVELS_MAX; level++) {
        const char *broken = aur_queue_check(core, slot, cpu, &mlfq->queue[level], &count);
        if (broken)
            return broken;
        if ((mlfq->bitmap >> level & 1) == aur_list_empty(&mlfq->queue[level]))
            return "mlfq: the bitmap does not say which levels have tasks";
        uint32_t task = mlfq->queue[level].first;
        for (; task != AUR_NONE; task = aur_queued_at(core, slot, task)->link.next) {
            const struct aur_queued *queued = aur_queued_at(core, slot, task);
            if ((queued->epoch == mlfq->epoch ? queued->level : 0) != level)
                return "mlfq: a task is queued at another level than its own";
        }
    }
    if (!aur_may_have_cpu(core, slot, cpu, mlfq->curr))
        return "mlfq: another task than the running one has the CPU";
    for (uint32_t task = 0; task < core->tasks_used; task++)
        if (aur_task_at(core, task)->state != AUR_TASK_FREE &&
            aur_queued_at(core, slot, task)->level >= aur_class_param(core, slot, LEVELS))
            return "mlfq: a task has a level that does not exist";
    if (count != mlfq->waiting)
        return "mlfq: waiting does not count the queues";
    if (count + (mlfq->curr != AUR_NONE) != aur_cpu_at(core, cpu)->nr_class[slot])
        return "mlfq: the queues and the running task are not all runnable tasks";
    return NULL;
}

static const struct aur_class_param params[] = {
    [LEVELS] = {"levels", 4, 1, LEVELS_MAX, "how many levels", NULL},
    [QUANTUM_NS] = {"quantum_ns", 4000000, 1000, 1000000000,
                    "the turn at the top; doubles per level", NULL},
    [ALLOTMENT] = {"allotment", 2, 1, 1000, "turns at a level before a task moves down", NULL},
    [BOOST_NS] = {"boost_ns", 500000000, 0, 100000000000ull, "all to the top this often; 0: never",
                  NULL},
    {0},
};

const struct aur_sched_class aur_class_mlfq = {
    .info = {.name = "mlfq",
             .summary = "multi-level feedback queue with allotments and boosts",
             .source = "Corbato et al. 1962; Arpaci-Dusseau: Three Easy Pieces, ch. 8",
             .params = params},
    .cpu_size = sizeof(struct mlfq_cpu),
    .task_size = sizeof(struct aur_queued),
    .init = init,
    .task_init = aur_queued_init,
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
    .number_places = number_places,
    .explain = explain,
    .versus = versus,
    .check = check,
};
