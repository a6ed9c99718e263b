// Round robin: each task in turn for at most one quantum (Kleinrock 1964). As the quantum shrinks
// it approaches processor sharing.
//
// Invariant: the queue holds the waiting tasks in the order of their next turn; used_ns of the
// running task is what it has consumed of its quantum.
#include "sched/queue.h"

struct rr_cpu {
    struct aur_list queue;
    uint32_t curr; // running task of this class, or NONE
    uint32_t waiting;
};

enum {
    QUANTUM_NS
};

static void init(struct aur_core *core, uint32_t slot)
{
    for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++) {
        struct rr_cpu *rr = aur_class_cpu(core, slot, cpu);
        aur_list_init(&rr->queue);
        rr->curr = AUR_NONE;
    }
}

static void enqueue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    struct rr_cpu *rr = aur_class_cpu(core, slot, cpu);
    rr->waiting++;
    if (!(flags & AUR_ENQUEUE_CHANGE))
        aur_queued_at(core, slot, task)->used_ns = 0;
    aur_queue_join(core, slot, &rr->queue, task, flags);
}

static void dequeue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    struct rr_cpu *rr = aur_class_cpu(core, slot, cpu);
    if (rr->curr == task) {
        rr->curr = AUR_NONE;
        aur_queued_at(core, slot, task)->was_queued = 0;
        return;
    }
    rr->waiting--;
    aur_queue_leave(core, slot, &rr->queue, task, flags);
}

static bool quantum_used(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    return aur_queued_at(core, slot, task)->used_ns >= aur_class_param(core, slot, QUANTUM_NS);
}

static uint32_t pick_next(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const struct rr_cpu *rr = aur_class_cpu(core, slot, cpu);
    if (rr->curr == AUR_NONE)
        return rr->queue.first;
    if (!quantum_used(core, slot, rr->curr))
        return rr->curr;
    if (rr->waiting != 0)
        return rr->queue.first;
    aur_queued_at(core, slot, rr->curr)->used_ns = 0;
    return rr->curr;
}

static void set_next(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct rr_cpu *rr = aur_class_cpu(core, slot, cpu);
    rr->waiting--;
    aur_list_remove(aur_queued_nodes(core, slot), &rr->queue, task);
    rr->curr = task;
}

// With its quantum used it goes to the end; taken off by a higher slot it keeps its turn.
static void put_prev(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct rr_cpu *rr = aur_class_cpu(core, slot, cpu);
    rr->curr = AUR_NONE;
    rr->waiting++;
    if (quantum_used(core, slot, task)) {
        aur_queued_at(core, slot, task)->used_ns = 0;
        aur_list_push_back(aur_queued_nodes(core, slot), &rr->queue, task);
    } else {
        aur_list_push_front(aur_queued_nodes(core, slot), &rr->queue, task);
    }
}

static void update_curr(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                        uint64_t ran_ns)
{
    (void)cpu;
    aur_queued_at(core, slot, task)->used_ns += ran_ns;
}

static uint64_t slice_end(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    const struct rr_cpu *rr = aur_class_cpu(core, slot, cpu);
    uint64_t quantum_ns = aur_class_param(core, slot, QUANTUM_NS);
    uint64_t used_ns = aur_queued_at(core, slot, task)->used_ns;
    if (rr->waiting == 0)
        return AUR_NEVER_NS;
    return used_ns >= quantum_ns ? 0 : quantum_ns - used_ns;
}

static void yield(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    (void)cpu;
    aur_queued_at(core, slot, task)->used_ns = aur_class_param(core, slot, QUANTUM_NS);
}

static uint32_t balance(struct aur_core *core, uint32_t slot, uint32_t from, uint32_t to)
{
    const struct rr_cpu *rr = aur_class_cpu(core, slot, from);
    uint32_t scan = AUR_BALANCE_SCAN;
    return aur_queue_movable(core, slot, &rr->queue, to, &scan);
}

static void number_places(struct aur_core *copy, uint32_t slot, uint32_t cpu)
{
    const struct rr_cpu *rr = aur_class_cpu(copy, slot, cpu);
    bool over = rr->curr != AUR_NONE && quantum_used(copy, slot, rr->curr);
    aur_queue_number(copy, slot, &rr->queue, rr->curr, over);
}

static int64_t turn_left_ns(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    return aur_key_left_ns(aur_class_param(core, slot, QUANTUM_NS),
                           aur_queued_at(core, slot, task)->used_ns);
}

static void explain(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    struct aur_candidate *candidate)
{
    (void)cpu;
    aur_key_add(candidate, AUR_KEY_PLACE, aur_queued_at(core, slot, task)->place);
    aur_key_add(candidate, AUR_KEY_TURN_LEFT, turn_left_ns(core, slot, task));
}

static void versus(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t picked,
                   uint32_t other, struct aur_verdict *verdict)
{
    const struct rr_cpu *rr = aur_class_cpu(core, slot, cpu);
    if (picked == rr->curr)
        aur_verdict_set(verdict, AUR_RULE_TURN, AUR_KEY_TURN_LEFT, AUR_OF_PICKED,
                        turn_left_ns(core, slot, picked), 0);
    else if (other == rr->curr)
        aur_verdict_set(verdict, AUR_RULE_NEXT_TURN, AUR_KEY_TURN_LEFT, AUR_OF_OTHER, 0, 1);
    else
        aur_queue_versus(core, slot, aur_queue_turn_rule(core, slot, picked), picked, other,
                         verdict);
}

static const char *check(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const struct rr_cpu *rr = aur_class_cpu(core, slot, cpu);
    uint32_t count = 0;
    const char *broken = aur_queue_check(core, slot, cpu, &rr->queue, &count);
    if (broken)
        return broken;
    if (!aur_may_have_cpu(core, slot, cpu, rr->curr))
        return "rr: another task than the running one has the CPU";
    if (count != rr->waiting)
        return "rr: waiting does not count the queue";
    if (count + (rr->curr != AUR_NONE) != aur_cpu_at(core, cpu)->nr_class[slot])
        return "rr: the queue and the running task are not all runnable tasks";
    return NULL;
}

static const struct aur_class_param params[] = {
    [QUANTUM_NS] = {"quantum_ns", 10000000, 1000, 10000000000ull, "the turn of a task", NULL},
    {0},
};

const struct aur_sched_class aur_class_rr = {
    .info = {.name = "rr",
             .summary = "round robin with one quantum for all",
             .source = "Kleinrock: Analysis of a time-shared processor, 1964",
             .params = params},
    .cpu_size = sizeof(struct rr_cpu),
    .task_size = sizeof(struct aur_queued),
    .init = init,
    .task_init = aur_queued_init,
    .enqueue = enqueue,
    .dequeue = dequeue,
    .pick_next = pick_next,
    .set_next = set_next,
    .put_prev = put_prev,
    .update_curr = update_curr,
    .slice_end = slice_end,
    .yield = yield,
    .balance = balance,
    .number_places = number_places,
    .explain = explain,
    .versus = versus,
    .check = check,
};
