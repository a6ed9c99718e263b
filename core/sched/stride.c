// Stride scheduling: proportional share without chance.
// Source: Waldspurger and Weihl, Stride Scheduling: Deterministic Proportional-Share Resource
// Management, MIT/LCS/TM-528, 1995: the dynamic algorithm, with fractional quanta (3.3, figures 3
// to 5). A task's tickets are its weight.
//
//     stride       STRIDE1 / tickets: what a nanosecond of CPU adds to its pass
//     pick         who has the least pass, for one quantum
//     global_pass  moves on by STRIDE1 / global_tickets in each nanosecond of CPU
//     remain       pass - global_pass, kept while the task is away: it comes back to where it was;
//                  of a new task one quantum's stride; scaled when the tickets change
//
// Whoever uses part of a quantum is charged for that part. The fractions of a pass that division
// would lose are kept, so that the shares are exact. As in the paper nobody is preempted within its
// quantum, but a running SCHED_IDLE task ends its own for a waking task that is not (Linux's
// check_preempt_wakeup). A yield is charged for the rest of the quantum, so that others come first.
//
// Cost: O(log n) per operation.
#include "sched/keys.h"
#include "sched/stride_queue.h"
#include "sched/fair_walk.h"

enum {
    QUANTUM_NS
};

// The paper's large integer constant.
#define STRIDE1_SHIFT 20

static uint64_t quantum_ns(const struct aur_core *core, uint32_t slot)
{
    return aur_class_param(core, slot, QUANTUM_NS);
}

// Passes.

// By STRIDE1 * used / tickets, what is left over being owed: nothing overflows but the pass, which
// wraps. Products of hours are split.
static void move_on(struct stride_pass *at, uint64_t used_ns, uint64_t tickets)
{
    uint64_t owed = at->rest < tickets ? at->rest : at->rest % tickets; // with fewer tickets now
    if (used_ns >> (63 - STRIDE1_SHIFT)) {
        uint64_t whole = used_ns / tickets;
        at->pass += whole << STRIDE1_SHIFT;
        used_ns -= whole * tickets;
    }
    uint64_t total = (used_ns << STRIDE1_SHIFT) + owed, passes = total / tickets;
    at->pass += passes;
    at->rest = total - passes * tickets;
}

// client_modify: remain * stride' / stride, rounded down.
static int64_t rescaled(int64_t remain, uint32_t tickets, uint32_t new_tickets)
{
    int64_t whole = remain / new_tickets, part = remain % new_tickets;
    if (part < 0) {
        whole--;
        part += new_tickets;
    }
    return whole * tickets + part * tickets / new_tickets;
}

// client_join, client_leave.

static void enqueue(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                    uint32_t flags)
{
    struct stride_entity *e = &stride_entities(core, slot)[entity];
    struct stride_queue *q = stride_queue_at(core, slot, queue);
    if (!(flags & AUR_ENQUEUE_CHANGE) || flags & (AUR_ENQUEUE_HEAD | AUR_ENQUEUE_TAIL))
        e->used_ns = 0; // not merely changed while it ran
    e->at.pass = q->global.pass + (uint64_t)e->remain;
    aur_rb_insert(&stride_by_pass, stride_nodes(core, slot), &q->tree, entity);
}

static bool dequeue(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                    uint32_t flags)
{
    (void)flags;
    struct stride_entity *e = &stride_entities(core, slot)[entity];
    struct stride_queue *q = stride_queue_at(core, slot, queue);
    if (q->fair.curr == entity)
        q->fair.curr = AUR_NONE;
    else
        aur_rb_erase(&stride_by_pass, stride_nodes(core, slot), &q->tree, entity);
    e->remain = (int64_t)(e->at.pass - q->global.pass);
    return true;
}

static void reweight(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                     uint32_t weight)
{
    struct stride_entity *e = &stride_entities(core, slot)[entity];
    struct stride_queue *q = stride_queue_at(core, slot, queue);
    bool waits = e->fair.on_queue && q->fair.curr != entity;
    if (waits)
        aur_rb_erase(&stride_by_pass, stride_nodes(core, slot), &q->tree, entity);
    if (e->fair.on_queue)
        e->remain = (int64_t)(e->at.pass - q->global.pass);
    e->remain = rescaled(e->remain, e->fair.weight, weight);
    e->at.pass = q->global.pass + (uint64_t)e->remain;
    e->at.rest = 0;
    e->fair.weight = weight;
    if (waits)
        aur_rb_insert(&stride_by_pass, stride_nodes(core, slot), &q->tree, entity);
}

// The quantum.

static bool alone(const struct stride_queue *q)
{
    return aur_rb_empty(&q->tree);
}

static void update_curr(struct aur_core *core, uint32_t slot, uint32_t queue, uint64_t ran_ns)
{
    struct stride_queue *q = stride_queue_at(core, slot, queue);
    struct stride_entity *e = &stride_entities(core, slot)[q->fair.curr];
    move_on(&e->at, ran_ns, e->fair.weight);
    move_on(&q->global, ran_ns, q->fair.load);
    e->used_ns += ran_ns;
    if (alone(q)) // one quantum after the other
        e->used_ns %= quantum_ns(core, slot);
}

static uint64_t quantum_left_ns(const struct aur_core *core, uint32_t slot,
                                const struct stride_queue *q)
{
    uint64_t used_ns = stride_entities(core, slot)[q->fair.curr].used_ns;
    return used_ns >= quantum_ns(core, slot) ? 0 : quantum_ns(core, slot) - used_ns;
}

static uint64_t slice_left(const struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct stride_queue *q = stride_queue_at(core, slot, queue);
    return alone(q) ? AUR_NEVER_NS : quantum_left_ns(core, slot, q);
}

static uint32_t pick(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    struct stride_entity *all = stride_entities(core, slot);
    struct stride_queue *q = stride_queue_at(core, slot, queue);
    uint32_t curr = q->fair.curr;
    q->kept = curr != AUR_NONE && quantum_left_ns(core, slot, q) != 0;
    if (q->kept)
        return curr;
    if (curr == AUR_NONE)
        return q->tree.first;
    if (!alone(q) && (int64_t)(all[q->tree.first].at.pass - all[curr].at.pass) <= 0)
        return q->tree.first;
    all[curr].used_ns = 0;
    return curr;
}

static void set_next(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity)
{
    struct stride_queue *q = stride_queue_at(core, slot, queue);
    aur_rb_erase(&stride_by_pass, stride_nodes(core, slot), &q->tree, entity);
    q->fair.curr = entity;
}

static void put_prev(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity)
{
    struct stride_queue *q = stride_queue_at(core, slot, queue);
    stride_entities(core, slot)[entity].used_ns = 0;
    q->fair.curr = AUR_NONE;
    aur_rb_insert(&stride_by_pass, stride_nodes(core, slot), &q->tree, entity);
}

static bool preempts(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t woken,
                     uint32_t task)
{
    (void)woken;
    uint32_t running = aur_cpu_at(core, aur_fair_cpu_of(core, queue))->curr;
    if (aur_task_at(core, running)->policy != AUR_POLICY_IDLE ||
        aur_task_at(core, task)->policy == AUR_POLICY_IDLE)
        return false;
    stride_entities(core, slot)[stride_queue_at(core, slot, queue)->fair.curr].used_ns =
        quantum_ns(core, slot);
    return true;
}

static void yield(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct stride_queue *q = stride_queue_at(core, slot, queue);
    struct stride_entity *e = &stride_entities(core, slot)[q->fair.curr];
    move_on(&e->at, quantum_left_ns(core, slot, q), e->fair.weight);
    e->used_ns = quantum_ns(core, slot);
}

// Explanation.

static uint32_t first(const struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct stride_queue *q = stride_queue_at(core, slot, queue);
    return alone(q) ? AUR_NONE : q->tree.first;
}

static uint32_t after(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity)
{
    (void)queue;
    uint32_t next = aur_rb_next(&stride_by_pass, stride_nodes(core, slot), entity);
    return next == AUR_RB_NIL ? AUR_NONE : next;
}

static int64_t pass_key(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity)
{
    return (int64_t)(stride_entities(core, slot)[entity].at.pass -
                     stride_queue_at(core, slot, queue)->global.pass);
}

static void explain(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                    struct aur_candidate *candidate)
{
    const struct stride_queue *q = stride_queue_at(core, slot, queue);
    uint32_t tickets = stride_entities(core, slot)[entity].fair.weight;
    if (q->fair.curr == entity && q->kept)
        aur_key_add(candidate, AUR_KEY_TURN_LEFT, (int64_t)quantum_left_ns(core, slot, q));
    aur_key_add(candidate, AUR_KEY_PASS, pass_key(core, slot, queue, entity));
    aur_key_add(candidate, AUR_KEY_STRIDE, (1 << STRIDE1_SHIFT) / tickets);
    aur_key_add(candidate, AUR_KEY_WEIGHT, tickets);
}

static void versus(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t picked,
                   uint32_t other, struct aur_verdict *verdict)
{
    const struct stride_queue *q = stride_queue_at(core, slot, queue);
    int64_t has = pass_key(core, slot, queue, other), needs = pass_key(core, slot, queue, picked);
    if (!q->kept || q->fair.curr != picked)
        aur_verdict_set(verdict, has == needs ? AUR_RULE_TIE : AUR_RULE_PASS, AUR_KEY_PASS,
                        AUR_OF_OTHER, has, needs);
    else if (has <= needs)
        aur_verdict_set(verdict, AUR_RULE_TURN, AUR_KEY_TURN_LEFT, AUR_OF_PICKED,
                        (int64_t)quantum_left_ns(core, slot, q), 0);
    else // it would begin another
        aur_verdict_set(verdict, AUR_RULE_TURN, AUR_KEY_NONE, AUR_OF_PICKED, 0, 0);
}

static const char *check(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct stride_entity *all = stride_entities(core, slot);
    const struct stride_queue *q = stride_queue_at(core, slot, queue);
    uint32_t count;
    if (!aur_rb_valid(&stride_by_pass, stride_nodes(core, slot), &q->tree,
                      aur_fair_entities(core, slot), &count))
        return "stride: the tree is out of order";
    if (count + (q->fair.curr != AUR_NONE) != q->fair.queued)
        return "stride: the tree and the running entity are not the queue";
    for (uint32_t e = first(core, slot, queue); e != AUR_NONE; e = after(core, slot, queue, e))
        if (all[e].at.rest >= all[e].fair.weight)
            return "stride: an entity owes a whole pass";
    return NULL;
}

static void queue_init(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    aur_rb_init(&stride_queue_at(core, slot, queue)->tree);
}

static void entity_init(struct aur_core *core, uint32_t slot, uint32_t entity)
{
    struct stride_entity *e = &stride_entities(core, slot)[entity];
    struct stride_pass one_quantum = {0, 0};
    move_on(&one_quantum, quantum_ns(core, slot), e->fair.weight);
    e->remain = (int64_t)one_quantum.pass;
}

static const struct aur_fair_discipline discipline = {
    .entity_size = sizeof(struct stride_entity),
    .queue_size = sizeof(struct stride_queue),
    .queue_init = queue_init,
    .entity_init = entity_init,
    .enqueue = enqueue,
    .dequeue = dequeue,
    .pick = pick,
    .set_next = set_next,
    .put_prev = put_prev,
    .update_curr = update_curr,
    .reweight = reweight,
    .preempts = preempts,
    .slice_left = slice_left,
    .yield = yield,
    .first = first,
    .after = after,
    .explain = explain,
    .versus = versus,
    .check = check,
};

AUR_FAIR_WALKS(discipline);

static const struct aur_class_param params[] = {
    [QUANTUM_NS] = {"quantum_ns", 10000000, 1000, 1000000000, "the turn of a task", NULL},
    {0},
};

const struct aur_sched_class aur_class_stride = {
    .info = {.name = "stride",
             .summary = "stride scheduling: each in proportion to its weight, without chance",
             .source = "Waldspurger, Weihl: Stride Scheduling, MIT/LCS/TM-528, 1995",
             .params = params,
             .traits = AUR_CLASS_GROUPS},
    AUR_FAIR_CLASS(discipline),
};
