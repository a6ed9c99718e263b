// Lottery scheduling: proportional share by chance.
// Source: Waldspurger and Weihl, Lottery Scheduling: Flexible Proportional-Share Resource
// Management, OSDI 1994: the lottery over a tree of partial ticket sums (4.2) and compensation
// tickets (3.4, 4.5). A task's tickets are its weight.
//
//     pick          one ticket of all is drawn, each as likely; its holder has one quantum
//     compensation  whoever used the part f of a quantum has its tickets inflated by 1 / f until it
//                   starts its next one, so that those who give the CPU up early keep their share
//
// A lottery is held when nobody has won the present quantum, and at no other time: the winner stays
// the winner, however often it is picked, until its quantum is over, it leaves the queue or it is
// put back. So the draws depend on the events alone, not on how often a host asks. Nothing is drawn
// for an entity that is alone. The numbers come from a stream that each queue has for itself:
// SplitMix64 (Steele, Lea, Flood 2014), made unbiased by Lemire's rejection (2019).
//
// As in the paper nobody is preempted within its quantum, but a running SCHED_IDLE task ends its
// own for a waking task that is not (Linux's check_preempt_wakeup). A yield ends the quantum.
//
// Cost: O(log n) per operation.
#include "lib/wide.h"
#include "sched/keys.h"
#include "sched/lottery_queue.h"
#include "sched/fair_walk.h"

enum {
    QUANTUM_NS,
    SEED,
    COMPENSATION
};

// So that the tickets of all stay within 64 bits: it is reached by who uses a millionth of its
// turn.
#define INFLATION_MAX_SHIFT 20

static struct lottery_entity *entities(const struct aur_core *core, uint32_t slot)
{
    return aur_class_tasks(core, slot);
}

static struct lottery_queue *queue_at(const struct aur_core *core, uint32_t slot, uint32_t queue)
{
    return aur_class_cpu(core, slot, queue);
}

static uint64_t quantum_ns(const struct aur_core *core, uint32_t slot)
{
    return aur_class_param(core, slot, QUANTUM_NS);
}

// Chance.

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

// From 0 to below `n`, each as likely: of the 2^64 numbers those are rejected that would make
// some of the n more frequent.
static uint64_t draw_below(uint64_t *state, uint64_t n)
{
    struct aur_wide product = aur_wide_multiply(next_random(state), n);
    if (product.low < n)
        for (uint64_t least = (0 - n) % n; product.low < least;)
            product = aur_wide_multiply(next_random(state), n);
    return product.high;
}

// The tree of partial ticket sums.

static struct lottery_entity *of_nodes(const void *nodes)
{
    unsigned char *base = (unsigned char *)(uintptr_t)nodes - offsetof(struct lottery_entity, node);
    return (struct lottery_entity *)(void *)base;
}

static bool came_earlier(const void *nodes, uint32_t a, uint32_t b)
{
    const struct lottery_entity *all = of_nodes(nodes);
    return all[a].sequence < all[b].sequence;
}

static uint64_t sum_of(const struct lottery_entity *all, uint32_t entity)
{
    return entity == AUR_RB_NIL ? 0 : all[entity].sum;
}

static bool update_sum(void *nodes, uint32_t entity)
{
    struct lottery_entity *all = of_nodes(nodes), *e = &all[entity];
    uint64_t sum = e->tickets + sum_of(all, e->node.left) + sum_of(all, e->node.right);
    bool changed = sum != e->sum;
    e->sum = sum;
    return changed;
}

static void add_tickets(void *nodes, uint32_t entity, uint32_t other)
{
    struct lottery_entity *all = of_nodes(nodes);
    all[entity].sum += all[other].tickets;
}

static void take_tickets(void *nodes, uint32_t entity, uint32_t other)
{
    struct lottery_entity *all = of_nodes(nodes);
    all[entity].sum -= all[other].tickets;
}

static const struct aur_rb_ops by_arrival = {.stride = sizeof(struct lottery_entity),
                                             .less = came_earlier,
                                             .update = update_sum,
                                             .join = add_tickets,
                                             .leave = take_tickets};

static void *tree_nodes(const struct aur_core *core, uint32_t slot)
{
    return &entities(core, slot)->node;
}

static bool alone(const struct lottery_queue *q)
{
    return aur_rb_empty(&q->tree);
}

// The entity of the tree that holds the ticket.
static uint32_t holder(const struct lottery_entity *all, const struct lottery_queue *q,
                       uint64_t ticket)
{
    for (uint32_t at = q->tree.root;;) {
        uint64_t left = sum_of(all, all[at].node.left);
        if (ticket < left) {
            at = all[at].node.left;
        } else if (ticket - left < all[at].tickets) {
            return at;
        } else {
            ticket -= left + all[at].tickets;
            at = all[at].node.right;
        }
    }
}

// Its first ticket: those of the tree are numbered in its order, curr has the last ones.
static uint64_t first_ticket(const struct lottery_entity *all, const struct lottery_queue *q,
                             uint32_t entity)
{
    if (q->fair.curr == entity)
        return sum_of(all, q->tree.root);
    uint64_t from = sum_of(all, all[entity].node.left);
    for (uint32_t at = entity; at != q->tree.root;) {
        uint32_t parent = all[at].node.parent & ~AUR_RB_RED;
        if (all[parent].node.right == at)
            from += all[parent].tickets + sum_of(all, all[parent].node.left);
        at = parent;
    }
    return from;
}

// Compensation.

static void set_tickets(const struct aur_core *core, uint32_t slot, struct lottery_entity *e)
{
    uint64_t weight = e->fair.weight, most = weight << INFLATION_MAX_SHIFT;
    e->tickets = weight;
    if (e->spent_ns == 0)
        return;
    e->tickets = weight * quantum_ns(core, slot) / e->spent_ns;
    e->tickets = e->tickets < most ? e->tickets : most;
}

// Its quantum ends here. One that has not run keeps the compensation that it had.
static void settle(const struct aur_core *core, uint32_t slot, struct lottery_entity *e)
{
    bool part =
        e->used_ns < quantum_ns(core, slot) && aur_class_param(core, slot, COMPENSATION) != 0;
    if (e->used_ns != 0)
        e->spent_ns = part ? e->used_ns : 0;
    e->used_ns = 0;
    set_tickets(core, slot, e);
}

// Joining and leaving.

static void enqueue(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                    uint32_t flags)
{
    struct lottery_entity *e = &entities(core, slot)[entity];
    struct lottery_queue *q = queue_at(core, slot, queue);
    if (!(flags & AUR_ENQUEUE_CHANGE) || flags & (AUR_ENQUEUE_HEAD | AUR_ENQUEUE_TAIL))
        settle(core, slot, e); // not merely changed while it ran
    set_tickets(core, slot, e);
    e->sequence = q->arrivals++;
    q->drawn = 0;
    aur_rb_insert(&by_arrival, tree_nodes(core, slot), &q->tree, entity);
}

static bool dequeue(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                    uint32_t flags)
{
    struct lottery_entity *e = &entities(core, slot)[entity];
    struct lottery_queue *q = queue_at(core, slot, queue);
    if (q->winner == entity)
        q->winner = AUR_NONE;
    q->drawn = 0;
    if (q->fair.curr != entity) {
        aur_rb_erase(&by_arrival, tree_nodes(core, slot), &q->tree, entity);
        return true;
    }
    q->fair.curr = AUR_NONE;
    if (!(flags & AUR_DEQUEUE_CHANGE)) // else its quantum goes on
        settle(core, slot, e);
    return true;
}

static void reweight(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                     uint32_t weight)
{
    struct lottery_entity *e = &entities(core, slot)[entity];
    struct lottery_queue *q = queue_at(core, slot, queue);
    e->fair.weight = weight;
    set_tickets(core, slot, e);
    if (!e->fair.on_queue)
        return;
    q->drawn = 0;
    if (q->fair.curr != entity)
        aur_rb_propagate(&by_arrival, tree_nodes(core, slot), entity);
}

// The lottery.

static uint64_t all_tickets(const struct lottery_entity *all, const struct lottery_queue *q)
{
    uint64_t waiting = sum_of(all, q->tree.root);
    return q->fair.curr == AUR_NONE ? waiting : waiting + all[q->fair.curr].tickets;
}

static uint32_t pick(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    struct lottery_entity *all = entities(core, slot);
    struct lottery_queue *q = queue_at(core, slot, queue);
    uint32_t curr = q->fair.curr;
    if (q->winner != AUR_NONE)
        return q->winner;
    if (curr != AUR_NONE)
        settle(core, slot, &all[curr]);
    if (q->fair.queued == 1) {
        q->winner = curr == AUR_NONE ? q->tree.first : curr;
    } else {
        uint64_t waiting = sum_of(all, q->tree.root);
        q->draw = draw_below(&q->stream, all_tickets(all, q));
        q->drawn = 1;
        q->winner = q->draw < waiting ? holder(all, q, q->draw) : curr;
    }
    return q->winner;
}

static void set_next(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity)
{
    struct lottery_queue *q = queue_at(core, slot, queue);
    aur_rb_erase(&by_arrival, tree_nodes(core, slot), &q->tree, entity);
    q->fair.curr = entity;
    // It may be changed, and set again, at the end of its quantum.
    bool over = entities(core, slot)[entity].used_ns >= quantum_ns(core, slot);
    q->winner = over ? AUR_NONE : entity;
    q->drawn = 0;
}

static void put_prev(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity)
{
    struct lottery_entity *e = &entities(core, slot)[entity];
    struct lottery_queue *q = queue_at(core, slot, queue);
    settle(core, slot, e);
    if (q->winner == entity)
        q->winner = AUR_NONE;
    q->fair.curr = AUR_NONE;
    q->drawn = 0;
    aur_rb_insert(&by_arrival, tree_nodes(core, slot), &q->tree, entity);
}

static void update_curr(struct aur_core *core, uint32_t slot, uint32_t queue, uint64_t ran_ns)
{
    struct lottery_queue *q = queue_at(core, slot, queue);
    struct lottery_entity *e = &entities(core, slot)[q->fair.curr];
    if (e->used_ns == 0) {
        e->spent_ns = 0; // the compensation ends where the next quantum starts
        set_tickets(core, slot, e);
    }
    uint64_t used_ns = e->used_ns + ran_ns, whole_ns = quantum_ns(core, slot);
    q->drawn = 0;
    if (used_ns >= whole_ns) {
        used_ns = alone(q) ? used_ns % whole_ns : whole_ns; // alone it has one after the other
        if (used_ns == whole_ns && q->winner == q->fair.curr)
            q->winner = AUR_NONE;
    }
    e->used_ns = (uint32_t)used_ns;
}

static uint64_t quantum_left_ns(const struct aur_core *core, uint32_t slot,
                                const struct lottery_queue *q)
{
    return quantum_ns(core, slot) - entities(core, slot)[q->fair.curr].used_ns;
}

static uint64_t slice_left(const struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct lottery_queue *q = queue_at(core, slot, queue);
    if (alone(q))
        return AUR_NEVER_NS;
    return q->winner == q->fair.curr ? quantum_left_ns(core, slot, q) : 0;
}

static bool preempts(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t woken,
                     uint32_t task)
{
    (void)woken;
    uint32_t running = aur_cpu_at(core, aur_fair_cpu_of(core, queue))->curr;
    if (aur_task_at(core, running)->policy != AUR_POLICY_IDLE ||
        aur_task_at(core, task)->policy == AUR_POLICY_IDLE)
        return false;
    queue_at(core, slot, queue)->winner = AUR_NONE;
    return true;
}

static void yield(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    queue_at(core, slot, queue)->winner = AUR_NONE;
}

// Explanation.

static uint32_t first(const struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct lottery_queue *q = queue_at(core, slot, queue);
    return alone(q) ? AUR_NONE : q->tree.first;
}

static uint32_t after(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity)
{
    (void)queue;
    uint32_t next = aur_rb_next(&by_arrival, tree_nodes(core, slot), entity);
    return next == AUR_RB_NIL ? AUR_NONE : next;
}

static void explain(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                    struct aur_candidate *candidate)
{
    const struct lottery_entity *all = entities(core, slot);
    const struct lottery_queue *q = queue_at(core, slot, queue);
    uint64_t from = first_ticket(all, q, entity);
    if (q->fair.curr == entity && q->winner == entity && !q->drawn)
        aur_key_add(candidate, AUR_KEY_TURN_LEFT, (int64_t)quantum_left_ns(core, slot, q));
    aur_key_add(candidate, AUR_KEY_TICKETS, (int64_t)from);
    aur_key_add(candidate, AUR_KEY_TICKETS_END, (int64_t)(from + all[entity].tickets));
    if (q->drawn)
        aur_key_add(candidate, AUR_KEY_DRAW, (int64_t)q->draw);
    aur_key_add(candidate, AUR_KEY_WEIGHT, all[entity].fair.weight);
}

// The loser needed the nearest of its own tickets to be drawn.
static void versus(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t picked,
                   uint32_t other, struct aur_verdict *verdict)
{
    const struct lottery_entity *all = entities(core, slot);
    const struct lottery_queue *q = queue_at(core, slot, queue);
    if (!q->drawn) {
        enum aur_rule rule = q->fair.curr == picked ? AUR_RULE_TURN : AUR_RULE_DRAWN;
        aur_verdict_set(verdict, rule, AUR_KEY_NONE, AUR_OF_OTHER, 0, 0);
        return;
    }
    uint64_t from = first_ticket(all, q, other), last = from + all[other].tickets - 1;
    aur_verdict_set(verdict, AUR_RULE_DRAWN, AUR_KEY_DRAW, AUR_OF_OTHER, (int64_t)q->draw,
                    (int64_t)(q->draw < from ? from : last));
}

static const char *check(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    struct lottery_entity *all = entities(core, slot);
    const struct lottery_queue *q = queue_at(core, slot, queue);
    uint32_t count;
    if (!aur_rb_valid(&by_arrival, tree_nodes(core, slot), &q->tree, aur_fair_entities(core, slot),
                      &count))
        return "lottery: the tree is out of order";
    if (count + (q->fair.curr != AUR_NONE) != q->fair.queued)
        return "lottery: the tree and the running entity are not the queue";
    for (uint32_t e = first(core, slot, queue); e != AUR_NONE; e = after(core, slot, queue, e)) {
        if (update_sum(tree_nodes(core, slot), e))
            return "lottery: a node does not hold the tickets of its subtree";
        if (all[e].tickets < all[e].fair.weight)
            return "lottery: an entity has fewer tickets than its weight";
    }
    if (q->winner != AUR_NONE &&
        (q->winner >= aur_fair_entities(core, slot) || !all[q->winner].fair.on_queue ||
         all[q->winner].fair.queue != queue))
        return "lottery: the winner is not of the queue";
    return NULL;
}

static void queue_init(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    struct lottery_queue *q = queue_at(core, slot, queue);
    aur_rb_init(&q->tree);
    q->winner = AUR_NONE;
    // The streams of two queues begin anywhere in the period, not one step apart.
    uint64_t state = aur_class_param(core, slot, SEED) + queue * 0xd1342543de82ef95ull;
    q->stream = next_random(&state);
}

static void entity_init(struct aur_core *core, uint32_t slot, uint32_t entity)
{
    set_tickets(core, slot, &entities(core, slot)[entity]);
}

static const struct aur_fair_discipline discipline = {
    .entity_size = sizeof(struct lottery_entity),
    .queue_size = sizeof(struct lottery_queue),
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

static const char *const off_on[] = {"off", "on", NULL};

static const struct aur_class_param params[] = {
    [QUANTUM_NS] = {"quantum_ns", 10000000, 1000, 1000000000, "the turn of a task", NULL},
    [SEED] = {"seed", 1, 0, UINT32_MAX,
              "of the winning tickets; a run mixes its seed and replication in", NULL},
    [COMPENSATION] = {"compensation", 1, 0, 1, "more tickets for who gives the CPU up early",
                      off_on},
    {0},
};

const struct aur_sched_class aur_class_lottery = {
    .info = {.name = "lottery",
             .summary = "lottery scheduling: each in proportion to its weight, by chance",
             .source = "Waldspurger, Weihl: Lottery Scheduling, OSDI 1994",
             .params = params,
             .traits = AUR_CLASS_GROUPS | AUR_CLASS_RANDOM},
    AUR_FAIR_CLASS(discipline),
};
