// Fixed priority, preemptive: Linux's SCHED_FIFO and SCHED_RR (kernel/sched/rt.c), or priorities
// that follow from the tasks' periods or deadlines. Tasks of one level run in turn of arrival; only
// SCHED_RR shares a level by quantum.
//
// A level is the key of a task's rank, less is more urgent. `assignment` says what it is by a
// task's own policy:
//
//     explicit              100 - priority for FIFO and RR, 100 to 139 by nice for others (Linux)
//     rate-monotonic        the period (Liu and Layland 1973)
//     deadline-monotonic    the relative deadline, or the period where none is set
//                           (Leung and Whitehead 1982)
//
// so that there are as many levels as tasks. One without a period comes behind all that have one,
// by its explicit level.
//
// Placement is global (sched/global.c) or partitioned (sched/partition.h). Partitioned, a CPU holds
// what the hyperbolic bound admits under a monotonic assignment, if periods are deadlines; under
// deadline-monotonic a task counts as if it came once in each deadline. With explicit priorities a
// CPU holds a utilisation of 1.
//
// Invariant: the tree holds every waiting task of the CPU, ordered by (level, place); places grow
// from `front` to `back`.
#include "lib/rbtree.h"
#include "sched/keys.h"
#include "sched/partition.h"
#include "step/parts.h"
#include "step/state.h"

struct prio_entity {
    struct aur_rb_node node;
    uint32_t number; // set by number_places only: in its queue, 1 is the first
    uint64_t level;  // as it was enqueued last
    int64_t place;
    uint64_t used_ns; // of its quantum, which a sleep does not end: ticks, or tickless what it ran
    struct aur_share share;
};

struct prio_cpu {
    struct aur_partition partition;
    struct aur_rb_root tree;
    uint32_t curr;
    uint32_t yielded; // task that gave up its turn, or NONE
    uint32_t renewed; // the last pick found curr's turn over, but nobody to share with
    uint32_t reserved;
    int64_t front, back; // the next places at either end
};

enum {
    RR_QUANTUM_NS,
    ASSIGNMENT,
    PLACEMENT,
    FIT,
    FAIR_RUNTIME_NS,
    FAIR_PERIOD_NS
};

enum {
    EXPLICIT,
    RATE_MONOTONIC,
    DEADLINE_MONOTONIC
};

#define PLACES_MAX (1ll << 62) // at either end; each takes a step

#define NO_PERIOD (1ull << 61) // from here on the levels of tasks without a period

static struct prio_entity *entities(const struct aur_core *core, uint32_t slot)
{
    return aur_class_tasks(core, slot);
}

static bool before(const void *nodes, uint32_t a, uint32_t b)
{
    const struct prio_entity *e = nodes;
    return e[a].level != e[b].level ? e[a].level < e[b].level : e[a].place < e[b].place;
}

static const struct aur_rb_ops by_level = {.stride = sizeof(struct prio_entity), .less = before};

// What the task's jobs come after each other by, 0 if it declares nothing.
static uint64_t interval_ns(const struct aur_core *core, uint32_t slot, const struct aur_task *t)
{
    bool by_deadline = aur_class_param(core, slot, ASSIGNMENT) == DEADLINE_MONOTONIC;
    return by_deadline && t->dl_deadline_ns != 0 ? t->dl_deadline_ns : t->dl_period_ns;
}

// Deadline tasks come first where this class serves them.
static uint64_t explicit_level(const struct aur_task *t)
{
    if (t->policy == AUR_POLICY_DEADLINE)
        return 0;
    bool realtime = t->policy == AUR_POLICY_FIFO || t->policy == AUR_POLICY_RR;
    return (uint64_t)(realtime ? 100 - t->priority : t->nice + 120);
}

static uint64_t urgency(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    const struct aur_task *t = aur_task_at(core, task);
    if (aur_class_param(core, slot, ASSIGNMENT) == EXPLICIT)
        return explicit_level(t);
    uint64_t interval = interval_ns(core, slot, t);
    if (interval == 0)
        return NO_PERIOD + explicit_level(t);
    return interval < NO_PERIOD ? interval : NO_PERIOD - 1;
}

static bool partitioned(const struct aur_core *core, uint32_t slot)
{
    return aur_class_param(core, slot, PLACEMENT) == AUR_PLACEMENT_PARTITIONED;
}

static void init(struct aur_core *core, uint32_t slot)
{
    for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++) {
        struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
        aur_rb_init(&prio->tree);
        prio->curr = AUR_NONE;
        prio->yielded = AUR_NONE;
        prio->front = -1;
    }
    if (!partitioned(core, slot))
        core->global_slots |= 1u << slot;
}

static void task_init(struct aur_core *core, uint32_t slot, uint32_t task)
{
    memset(&entities(core, slot)[task], 0, sizeof(struct prio_entity));
}

static uint64_t load_of(const struct aur_core *core, uint32_t slot, const struct aur_task *t)
{
    if (aur_class_param(core, slot, ASSIGNMENT) == EXPLICIT)
        return aur_load_linear(t->dl_runtime_ns, t->dl_period_ns);
    return aur_load_hyperbolic(aur_load_linear(t->dl_runtime_ns, interval_ns(core, slot, t)));
}

static enum aur_status place(struct aur_core *core, uint32_t slot, uint32_t task, bool force)
{
    return aur_partition_place(core, slot, task, &entities(core, slot)[task].share,
                               load_of(core, slot, aur_task_at(core, task)), AUR_LOAD_FULL,
                               (enum aur_fit)aur_class_param(core, slot, FIT), force);
}

static enum aur_status admit(struct aur_core *core, uint32_t slot, uint32_t task)
{
    return partitioned(core, slot) ? place(core, slot, task, false) : AUR_OK;
}

static void release(struct aur_core *core, uint32_t slot, uint32_t task)
{
    if (partitioned(core, slot))
        aur_partition_withdraw(core, slot, &entities(core, slot)[task].share);
}

static void rehome(struct aur_core *core, uint32_t slot, uint32_t task)
{
    if (place(core, slot, task, false) != AUR_OK)
        place(core, slot, task, true);
}

static enum aur_status can_go_off(const struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    return !partitioned(core, slot) || aur_partition_can_go(core, slot, cpu, AUR_LOAD_FULL)
               ? AUR_OK
               : AUR_NO_BANDWIDTH;
}

static uint32_t select_cpu(struct aur_core *core, uint32_t slot, uint32_t task, uint32_t waker_cpu)
{
    (void)slot, (void)waker_cpu;
    return aur_select_cpu_global(core, task);
}

static void add(struct aur_core *core, uint32_t slot, struct prio_cpu *prio, uint32_t task,
                bool at_head)
{
    entities(core, slot)[task].place = at_head ? prio->front-- : prio->back++;
    aur_rb_insert(&by_level, entities(core, slot), &prio->tree, task);
}

// The end of a level is for who arrives. A change of attributes does what sched(7) says of
// priorities: unchanged it keeps its place, raised it goes to the end, lowered to the head.
static void enqueue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
    struct prio_entity *e = &entities(core, slot)[task];
    uint64_t level = aur_rank_key(aur_task_at(core, task)->rank), old = e->level;
    bool stays = (flags & AUR_ENQUEUE_CHANGE) && !(flags & (AUR_ENQUEUE_TAIL | AUR_ENQUEUE_HEAD));
    if (prio->yielded == task && flags != AUR_ENQUEUE_CHANGE)
        prio->yielded = AUR_NONE;
    e->level = level;
    if (stays && level == old)
        aur_rb_insert(&by_level, entities(core, slot), &prio->tree, task);
    else
        add(core, slot, prio, task, (flags & AUR_ENQUEUE_HEAD) || (stays && level > old));
}

static bool quantum_over(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    return aur_task_at(core, task)->policy == AUR_POLICY_RR &&
           entities(core, slot)[task].used_ns >= aur_class_param(core, slot, RR_QUANTUM_NS);
}

// The end of a quantum that was shared with nobody begins the next (task_tick_rt).
static void renew(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    if (quantum_over(core, slot, task))
        entities(core, slot)[task].used_ns %= aur_class_param(core, slot, RR_QUANTUM_NS);
}

static void dequeue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
    if (flags & AUR_DEQUEUE_SLEEP)
        renew(core, slot, task);
    if (prio->curr == task)
        prio->curr = AUR_NONE;
    else
        aur_rb_erase(&by_level, entities(core, slot), &prio->tree, task);
}

static bool turn_over(const struct aur_core *core, uint32_t slot, const struct prio_cpu *prio,
                      uint32_t task)
{
    return prio->yielded == task || quantum_over(core, slot, task);
}

static uint32_t pick_next(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
    struct prio_entity *all = entities(core, slot);
    uint32_t curr = prio->curr, first = prio->tree.first;
    if (curr == AUR_NONE)
        return first;
    bool alone = first == AUR_RB_NIL || all[curr].level < all[first].level;
    if (alone)
        renew(core, slot, curr);
    if (!alone && (all[first].level < all[curr].level || turn_over(core, slot, prio, curr)))
        return first;
    prio->yielded = AUR_NONE;
    return curr;
}

static void set_next(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
    aur_rb_erase(&by_level, entities(core, slot), &prio->tree, task);
    prio->curr = task;
}

// A preempted task keeps the head of its level; one that had its turn goes to the end.
static void put_prev(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
    bool over = turn_over(core, slot, prio, task);
    prio->curr = AUR_NONE;
    prio->yielded = AUR_NONE;
    if (quantum_over(core, slot, task))
        entities(core, slot)[task].used_ns = 0;
    add(core, slot, prio, task, !over);
}

static bool wakeup_preempt(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t curr,
                           uint32_t woken)
{
    (void)cpu;
    return entities(core, slot)[woken].level < entities(core, slot)[curr].level;
}

// Does the task share its level with one that waits here?
static bool shares(const struct aur_core *core, uint32_t slot, const struct prio_cpu *prio,
                   uint32_t task)
{
    const struct prio_entity *all = entities(core, slot);
    uint32_t first = prio->tree.first;
    return first != AUR_RB_NIL && all[first].level <= all[task].level;
}

static void use_quantum(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                        uint64_t used_ns)
{
    if (aur_task_at(core, task)->policy != AUR_POLICY_RR)
        return;
    entities(core, slot)[task].used_ns += used_ns;
    if (!shares(core, slot, aur_class_cpu(core, slot, cpu), task))
        renew(core, slot, task);
}

static void update_curr(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                        uint64_t ran_ns)
{
    if (core->config.tick_ns == 0)
        use_quantum(core, slot, cpu, task, ran_ns);
}

static bool tick(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    use_quantum(core, slot, cpu, task, core->config.tick_ns);
    return quantum_over(core, slot, task);
}

static uint64_t turn_left_ns(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    uint64_t quantum_ns = aur_class_param(core, slot, RR_QUANTUM_NS);
    uint64_t used_ns = entities(core, slot)[task].used_ns;
    return used_ns >= quantum_ns ? 0 : quantum_ns - used_ns;
}

static uint64_t slice_end(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    const struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
    if (aur_task_at(core, task)->policy != AUR_POLICY_RR || !shares(core, slot, prio, task))
        return AUR_NEVER_NS;
    return turn_left_ns(core, slot, task);
}

static void yield(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    ((struct prio_cpu *)aur_class_cpu(core, slot, cpu))->yielded = task;
}

// The most urgent of the queued tasks that will not run here next, or NIL (as pull_rt_task leaves
// alone who has just been woken and is about to preempt).
static uint32_t first_waiting(const struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
    struct prio_entity *all = entities(core, slot);
    uint32_t first = prio->tree.first, above = 0;
    for (uint32_t higher = 0; higher < slot; higher++)
        above += aur_cpu_at(core, cpu)->nr_class[higher];
    if (first == AUR_RB_NIL || above != 0 ||
        (prio->curr != AUR_NONE && all[prio->curr].level <= all[first].level))
        return first;
    return aur_rb_next(&by_level, all, first);
}

static uint32_t pull(struct aur_core *core, uint32_t slot, uint32_t from, uint32_t to,
                     uint64_t before_key)
{
    struct prio_entity *all = entities(core, slot);
    uint32_t task = first_waiting(core, slot, from);
    for (uint32_t scan = AUR_BALANCE_SCAN; task != AUR_RB_NIL && scan > 0; scan--) {
        if (all[task].level >= before_key)
            break;
        if (aur_can_move(core, task, to))
            return task;
        task = aur_rb_next(&by_level, all, task);
    }
    return AUR_NONE;
}

static uint32_t balance(struct aur_core *core, uint32_t slot, uint32_t from, uint32_t to)
{
    return pull(core, slot, from, to, AUR_RANK_KEYS);
}

static void urgent(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint64_t *waiting,
                   uint64_t *present)
{
    const struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
    const struct prio_entity *all = entities(core, slot);
    uint32_t first = prio->tree.first, second = first_waiting(core, slot, cpu);
    if (second != AUR_RB_NIL)
        *waiting = aur_rank(slot, all[second].level);
    uint32_t most = prio->curr;
    if (most == AUR_NONE || (first != AUR_RB_NIL && all[first].level < all[most].level))
        most = first;
    *present = aur_rank(slot, all[most].level); // somebody is here
}

static void number_places(struct aur_core *copy, uint32_t slot, uint32_t cpu)
{
    const struct prio_cpu *prio = aur_class_cpu(copy, slot, cpu);
    struct prio_entity *all = entities(copy, slot);
    uint32_t number = 0;
    uint64_t level = 0;
    for (uint32_t task = prio->tree.first; task != AUR_RB_NIL;
         task = aur_rb_next(&by_level, all, task)) {
        number = all[task].level == level ? number + 1 : 1;
        level = all[task].level;
        all[task].number = number;
    }
}

// Linux's priority, of a task that ranks by it.
static int64_t shown_priority(uint64_t level)
{
    return 100 - (int64_t)(level < NO_PERIOD ? level : level - NO_PERIOD);
}

static bool ranks_by_period(const struct aur_core *core, uint32_t slot, uint64_t level)
{
    return aur_class_param(core, slot, ASSIGNMENT) != EXPLICIT && level < NO_PERIOD;
}

static void explain(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    struct aur_candidate *candidate)
{
    const struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
    const struct prio_entity *e = &entities(core, slot)[task];
    bool by_period = ranks_by_period(core, slot, e->level);
    if (aur_class_param(core, slot, ASSIGNMENT) != EXPLICIT)
        aur_key_add(candidate, AUR_KEY_PERIOD, by_period ? (int64_t)e->level : INT64_MAX);
    if (!by_period)
        aur_key_add(candidate, AUR_KEY_PRIORITY, shown_priority(e->level));
    if (task != prio->curr)
        aur_key_add(candidate, AUR_KEY_PLACE, e->number);
    if (aur_task_at(core, task)->policy == AUR_POLICY_RR)
        aur_key_add(candidate, AUR_KEY_TURN_LEFT, (int64_t)turn_left_ns(core, slot, task));
}

// Why a lower level goes before a higher one; of equals, what one of them would need.
static void versus_by_level(const struct aur_core *core, uint32_t slot, uint64_t picked,
                            uint32_t task, struct aur_verdict *verdict)
{
    uint64_t other = entities(core, slot)[task].level;
    enum aur_rule rule = picked == other ? AUR_RULE_FIRST_COME : AUR_RULE_PRIORITY;
    int64_t its = shown_priority(other), needs = shown_priority(picked) + (picked == other);
    int64_t most = slot == AUR_SLOT_FAIR ? 0 : 99; // the highest priority there is
    bool by_period = ranks_by_period(core, slot, picked);
    // One with a period of its own ranks by that, whatever its priority.
    bool own_period = aur_class_param(core, slot, ASSIGNMENT) != EXPLICIT &&
                      interval_ns(core, slot, aur_task_at(core, task)) != 0;
    bool exists = !own_period && needs + (picked != other) <= most;
    if (by_period) {
        rule = picked == other ? AUR_RULE_FIRST_COME : AUR_RULE_PERIOD;
        its = ranks_by_period(core, slot, other) ? (int64_t)other : INT64_MAX;
        needs = (int64_t)picked - (picked == other);
        // Who is here by what it inherits alone ranks here by no period, whatever its own is.
        exists = needs > (picked != other) && aur_rank_slot(aur_own_rank(core, task)) == slot;
    }
    // Who comes to a level comes behind its equals: where not even the best there is would do, no
    // key is named.
    aur_verdict_set(verdict, rule,
                    !exists     ? AUR_KEY_NONE
                    : by_period ? AUR_KEY_PERIOD
                                : AUR_KEY_PRIORITY,
                    AUR_OF_OTHER, its, needs);
}

static void versus(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t picked,
                   uint32_t other, struct aur_verdict *verdict)
{
    const struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
    const struct prio_entity *all = entities(core, slot);
    bool equal = all[picked].level == all[other].level;
    if (equal && other == prio->yielded)
        aur_verdict_set(verdict, AUR_RULE_YIELDED, AUR_KEY_NONE, AUR_OF_OTHER, 0, 0);
    else if (equal && other == prio->curr)
        aur_verdict_set(verdict, AUR_RULE_NEXT_TURN, AUR_KEY_TURN_LEFT, AUR_OF_OTHER, 0, 1);
    else if (equal && picked == prio->curr && aur_task_at(core, picked)->policy == AUR_POLICY_RR)
        aur_verdict_set(verdict, AUR_RULE_TURN, AUR_KEY_TURN_LEFT, AUR_OF_PICKED,
                        (int64_t)turn_left_ns(core, slot, picked), 0);
    else
        versus_by_level(core, slot, all[picked].level, other, verdict);
}

static const char *check(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const struct prio_cpu *prio = aur_class_cpu(core, slot, cpu);
    struct prio_entity *all = entities(core, slot);
    uint32_t count;
    if (!aur_rb_valid(&by_level, all, &prio->tree, core->tasks_used, &count))
        return "prio: the tree is out of order";
    if (prio->front < -PLACES_MAX || prio->back > PLACES_MAX)
        return "prio: places have run out";
    if (!aur_may_have_cpu(core, slot, cpu, prio->curr))
        return "prio: another task than the running one has the CPU";
    for (uint32_t task = prio->tree.first; task != AUR_RB_NIL;
         task = aur_rb_next(&by_level, all, task)) {
        const struct aur_task *t = aur_task_at(core, task);
        if (t->state != AUR_TASK_RUNNABLE || t->cpu != cpu || t->slot != slot || task == prio->curr)
            return "prio: the tree holds a task that does not belong there";
        if (all[task].level != aur_rank_key(t->rank))
            return "prio: a task is queued at another level than its rank's";
        if (all[task].place <= prio->front || all[task].place >= prio->back)
            return "prio: a task's place lies outside of the queue";
    }
    if (count + (prio->curr != AUR_NONE) != aur_cpu_at(core, cpu)->nr_class[slot])
        return "prio: the tree and the running task are not all runnable tasks";
    struct aur_partition sum = {0, 0, 0};
    for (uint32_t task = 0; task < core->tasks_used; task++)
        if (all[task].share.placed > core->config.cpus) {
            return "prio: a task is placed on a CPU that is not there";
        } else if (all[task].share.placed == cpu + 1) {
            sum.load += all[task].share.load;
            sum.tasks++;
        }
    return sum.load == prio->partition.load && sum.tasks == prio->partition.tasks
               ? NULL
               : "prio: a CPU's load is not the sum over its tasks";
}

static const char *const assignments[] = {"explicit", "rate-monotonic", "deadline-monotonic", NULL};

static const struct aur_class_param params[] = {
    [RR_QUANTUM_NS] = {"rr_quantum_ns", 100000000, 1000, 10000000000ull,
                       "the turn of a SCHED_RR task (Linux: RR_TIMESLICE)", NULL},
    [ASSIGNMENT] = {"assignment", EXPLICIT, EXPLICIT, DEADLINE_MONOTONIC,
                    "where priorities come from", assignments},
    [PLACEMENT] = {"placement", AUR_PLACEMENT_GLOBAL, AUR_PLACEMENT_GLOBAL,
                   AUR_PLACEMENT_PARTITIONED, "of tasks on CPUs", aur_placement_choices},
    [FIT] = {"fit", AUR_FIT_FIRST, AUR_FIT_FIRST, AUR_FIT_WORST,
             "the CPU that a task gets, if partitioned", aur_fit_choices},
    [FAIR_RUNTIME_NS] =
        {"fair_runtime_ns", 0, 0, 1000000000000ull,
         "what fair tasks get of a period at least, if prio is above them; 0: nothing", NULL},
    [FAIR_PERIOD_NS] = {"fair_period_ns", 1000000000, 1000000, 1000000000000ull, "of fair_runtime",
                        NULL},
    {0},
};

const struct aur_sched_class aur_class_prio = {
    .info = {.name = "prio",
             .summary = "fixed priority, preemptive: explicit, rate- or deadline-monotonic",
             .source = "Linux kernel/sched/rt.c; Liu and Layland 1973",
             .params = params,
             .traits = AUR_CLASS_PERIODS},
    .cpu_size = sizeof(struct prio_cpu),
    .task_size = sizeof(struct prio_entity),
    .init = init,
    .task_init = task_init,
    .admit = admit,
    .release = release,
    .rehome = rehome,
    .can_go_off = can_go_off,
    .select_cpu = select_cpu,
    .enqueue = enqueue,
    .dequeue = dequeue,
    .pick_next = pick_next,
    .set_next = set_next,
    .put_prev = put_prev,
    .update_curr = update_curr,
    .fair_server_param = FAIR_RUNTIME_NS,
    .tick = tick,
    .wakeup_preempt = wakeup_preempt,
    .slice_end = slice_end,
    .yield = yield,
    .balance = balance,
    .pull = pull,
    .urgent = urgent,
    .urgency = urgency,
    .number_places = number_places,
    .explain = explain,
    .versus = versus,
    .check = check,
};
