// First in, first out: a task keeps its CPU until it blocks, yields or ends. The baseline of
// every textbook (Silberschatz, Galvin, Gagne, Operating System Concepts, FCFS).
//
// Invariant: the queue holds the waiting tasks in the order of their arrival.
#include "sched/queue.h"

struct fifo_cpu {
    struct aur_list queue;
    uint32_t curr;    // running task of this class, or NONE
    uint32_t yielded; // task that gave up its turn, or NONE
};

static void init(struct aur_core *core, uint32_t slot)
{
    for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++) {
        struct fifo_cpu *fifo = aur_class_cpu(core, slot, cpu);
        aur_list_init(&fifo->queue);
        fifo->curr = AUR_NONE;
        fifo->yielded = AUR_NONE;
    }
}

static void enqueue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    struct fifo_cpu *fifo = aur_class_cpu(core, slot, cpu);
    if (fifo->yielded == task && flags != AUR_ENQUEUE_CHANGE)
        fifo->yielded = AUR_NONE;
    aur_queue_join(core, slot, &fifo->queue, task, flags);
}

static void dequeue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    struct fifo_cpu *fifo = aur_class_cpu(core, slot, cpu);
    if (fifo->curr != task) {
        aur_queue_leave(core, slot, &fifo->queue, task, flags);
        return;
    }
    fifo->curr = AUR_NONE;
    aur_queued_at(core, slot, task)->was_queued = 0;
}

static uint32_t pick_next(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    struct fifo_cpu *fifo = aur_class_cpu(core, slot, cpu);
    if (fifo->curr != AUR_NONE && (fifo->yielded != fifo->curr || aur_list_empty(&fifo->queue))) {
        fifo->yielded = AUR_NONE; // there was nobody to yield to
        return fifo->curr;
    }
    return fifo->queue.first;
}

static void set_next(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct fifo_cpu *fifo = aur_class_cpu(core, slot, cpu);
    aur_list_remove(aur_queued_nodes(core, slot), &fifo->queue, task);
    fifo->curr = task;
}

// Taken off by a higher slot it is still the first in line; after a yield it is the last.
static void put_prev(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct fifo_cpu *fifo = aur_class_cpu(core, slot, cpu);
    fifo->curr = AUR_NONE;
    if (fifo->yielded == task)
        aur_list_push_back(aur_queued_nodes(core, slot), &fifo->queue, task);
    else
        aur_list_push_front(aur_queued_nodes(core, slot), &fifo->queue, task);
    fifo->yielded = AUR_NONE;
}

static void yield(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    ((struct fifo_cpu *)aur_class_cpu(core, slot, cpu))->yielded = task;
}

static uint32_t balance(struct aur_core *core, uint32_t slot, uint32_t from, uint32_t to)
{
    const struct fifo_cpu *fifo = aur_class_cpu(core, slot, from);
    uint32_t scan = AUR_BALANCE_SCAN;
    return aur_queue_movable(core, slot, &fifo->queue, to, &scan);
}

static void number_places(struct aur_core *copy, uint32_t slot, uint32_t cpu)
{
    const struct fifo_cpu *fifo = aur_class_cpu(copy, slot, cpu);
    bool over = fifo->yielded == fifo->curr;
    aur_queue_number(copy, slot, &fifo->queue, fifo->curr, over);
}

static void explain(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    struct aur_candidate *candidate)
{
    (void)cpu;
    aur_key_add(candidate, AUR_KEY_PLACE, aur_queued_at(core, slot, task)->place);
}

static void versus(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t picked,
                   uint32_t other, struct aur_verdict *verdict)
{
    const struct fifo_cpu *fifo = aur_class_cpu(core, slot, cpu);
    if (picked == fifo->curr)
        aur_verdict_set(verdict, AUR_RULE_BEGUN, AUR_KEY_NONE, AUR_OF_OTHER, 0, 0);
    else
        aur_queue_versus(core, slot, other == fifo->curr ? AUR_RULE_YIELDED : AUR_RULE_FIRST_COME,
                         picked, other, verdict);
}

static const char *check(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const struct fifo_cpu *fifo = aur_class_cpu(core, slot, cpu);
    uint32_t count = fifo->curr != AUR_NONE;
    if (!aur_may_have_cpu(core, slot, cpu, fifo->curr))
        return "fifo: another task than the running one has the CPU";
    const char *broken = aur_queue_check(core, slot, cpu, &fifo->queue, &count);
    if (!broken && count != aur_cpu_at(core, cpu)->nr_class[slot])
        return "fifo: the queue and the running task are not all runnable tasks";
    return broken;
}

static const struct aur_class_param no_params[] = {{0}};

const struct aur_sched_class aur_class_fifo = {
    .info = {.name = "fifo",
             .summary = "first in, first out, never preempts",
             .source = "Silberschatz, Galvin, Gagne: Operating System Concepts, FCFS",
             .params = no_params},
    .cpu_size = sizeof(struct fifo_cpu),
    .task_size = sizeof(struct aur_queued),
    .init = init,
    .task_init = aur_queued_init,
    .enqueue = enqueue,
    .dequeue = dequeue,
    .pick_next = pick_next,
    .set_next = set_next,
    .put_prev = put_prev,
    .yield = yield,
    .balance = balance,
    .number_places = number_places,
    .explain = explain,
    .versus = versus,
    .check = check,
};
