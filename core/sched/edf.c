// Earliest deadline first with constant-bandwidth servers: SCHED_DEADLINE. A task may run for
// dl_runtime in each dl_period and is promised that by dl_deadline; what it asks for beyond that
// waits for the next period, so that a task that overruns harms no other.
// Sources: Liu and Layland 1973; Abeni and Buttazzo, Integrating Multimedia Applications in Hard
// Real-Time Systems, RTSS 1998; Linux kernel/sched/deadline.c.
//
// A waking task keeps its budget q and deadline d only if that would not exceed its bandwidth:
//
//     q / (d - now) <= dl_runtime / dl_deadline      tested as q * dl_deadline <= (d - now) *
//     dl_runtime
//
// else it gets a full budget and the deadline now + dl_deadline.
//
// A task is ordered by the key of its rank: its own absolute deadline, or the earlier one that a
// waiter for its mutex hands on (pi_se in Linux). A boosted task is not throttled: one without a
// server is not charged at all, one with a server pays back what it overran when the boost is over.
// A task of another policy that the class serves as its own has no deadline: such run in turn of
// arrival behind all deadlines.
//
// Invariant: the tree holds every queued task of the CPU but the running one, ordered by key, and
// the key of each is that of its rank.
#include "lib/rbtree.h"
#include "lib/wide.h"
#include "step/state.h"

struct edf_entity {
    struct aur_rb_node node;
    uint32_t served; // has it a budget and a deadline of its own by now?
    uint64_t deadline_at_ns;
    uint64_t key;       // of its rank, as it was enqueued last
    int64_t budget_ns;  // left; below zero by what it overran before it was noticed
    uint64_t bandwidth; // admitted: dl_runtime / dl_period in units of 2^-20
};

struct edf_cpu {
    struct aur_rb_root tree;
    uint32_t curr; // running task of this class, or NONE
    uint32_t yielded;
    uint64_t admitted; // of the first CPU: the sum of all bandwidths
};

#define BANDWIDTH_SHIFT 20u
#define RUNTIME_MIN_NS  1024u            // as in Linux: below this the arithmetic gets coarse
#define PERIOD_MAX_NS   4294967296000ull // keeps every product below 2^63

// The key of a task without a deadline, later than any.
#define NO_DEADLINE (AUR_RANK_KEYS - 1)
// In the place of a key: what a CPU counts that runs none of this class, or nothing.
#define NO_TASK (UINT64_MAX - 1)
#define IDLE    UINT64_MAX

enum {
    BANDWIDTH_PERCENT
};

static struct edf_entity *entities(const struct aur_core *core, uint32_t slot)
{
    return aur_class_tasks(core, slot);
}

static bool earlier(const void *nodes, uint32_t a, uint32_t b)
{
    const struct edf_entity *e = nodes;
    return e[a].key < e[b].key;
}

static const struct aur_rb_ops by_deadline = {.stride = sizeof(struct edf_entity), .less = earlier};

static bool has_server(const struct aur_core *core, uint32_t task)
{
    return aur_task_at(core, task)->policy == AUR_POLICY_DEADLINE;
}

static uint64_t urgency(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    uint64_t deadline_at_ns = entities(core, slot)[task].deadline_at_ns;
    return has_server(core, task) && deadline_at_ns < NO_DEADLINE ? deadline_at_ns : NO_DEADLINE;
}

// Does it run by a budget? Not without one, nor while another's deadline is its own.
static bool is_served(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    return has_server(core, task) && entities(core, slot)[task].key >= urgency(core, slot, task);
}

static uint64_t relative_deadline_ns(const struct aur_task *t)
{
    return t->dl_deadline_ns != 0 ? t->dl_deadline_ns : t->dl_period_ns;
}

static void start_server(struct edf_entity *e, const struct aur_task *t, uint64_t now_ns)
{
    e->deadline_at_ns = now_ns + relative_deadline_ns(t);
    e->budget_ns = (int64_t)t->dl_runtime_ns;
    e->served = 1;
}

// When the period after the one of the current deadline begins.
static uint64_t next_period_ns(const struct edf_entity *e, const struct aur_task *t)
{
    return e->deadline_at_ns - relative_deadline_ns(t) + t->dl_period_ns;
}

static bool exceeds_bandwidth(const struct edf_entity *e, const struct aur_task *t, uint64_t now_ns)
{
    if (e->budget_ns <= 0)
        return false; // it is to be replenished at the next period, not sooner
    struct aur_wide left = aur_wide_multiply((uint64_t)e->budget_ns, relative_deadline_ns(t));
    struct aur_wide right = aur_wide_multiply(e->deadline_at_ns - now_ns, t->dl_runtime_ns);
    return left.high != right.high ? left.high > right.high : left.low > right.low;
}

// A wake: a server of the past is started anew, one that is still good goes on.
static void wake_server(struct edf_entity *e, const struct aur_task *t, uint64_t now_ns)
{
    if (!e->served) {
        start_server(e, t, now_ns);
        return;
    }
    if (e->deadline_at_ns <= now_ns) {
        // With a deadline before the period's end, the rest of the period must pass first, or a
        // task that wakes at once would run twice in one period.
        if (next_period_ns(e, t) > now_ns && relative_deadline_ns(t) < t->dl_period_ns)
            e->budget_ns = 0;
        else
            start_server(e, t, now_ns);
    } else if (exceeds_bandwidth(e, t, now_ns)) {
        start_server(e, t, now_ns);
    }
}

// A period begins: the budget is filled up, the deadline moves on, by as many periods as it was
// overrun by. A server that has lagged behind by more than that starts anew (replenish_dl_entity).
static void replenish(struct edf_entity *e, const struct aur_task *t, uint64_t now_ns)
{
    if (next_period_ns(e, t) > now_ns)
        return; // back for another reason, before its time
    uint64_t overrun_ns = e->budget_ns < 0 ? 0 - (uint64_t)e->budget_ns : 0;
    uint64_t periods = overrun_ns / t->dl_runtime_ns + 1;
    e->deadline_at_ns += periods * t->dl_period_ns;
    e->budget_ns += (int64_t)(periods * t->dl_runtime_ns);
    if (e->deadline_at_ns <= now_ns)
        start_server(e, t, now_ns);
}

static void init(struct aur_core *core, uint32_t slot)
{
    for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++) {
        struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
        aur_rb_init(&edf->tree);
        edf->curr = AUR_NONE;
    }
}

static void task_init(struct aur_core *core, uint32_t slot, uint32_t task)
{
    memset(&entities(core, slot)[task], 0, sizeof(struct edf_entity));
}

// Admission: the sum of dl_runtime / dl_period of all tasks stays within a share of the machine,
// so that deadlines hold up to the tardiness of global EDF and others are not starved
// (Linux __sched_dl_overflow). The sum is kept with the first CPU's state.

// What may be admitted on so many CPUs.
static uint64_t capacity(const struct aur_core *core, uint32_t slot, uint32_t cpus)
{
    return (aur_class_param(core, slot, BANDWIDTH_PERCENT) << BANDWIDTH_SHIFT) / 100 * cpus;
}

// Linux dl_bw_check_overflow.
static enum aur_status can_go_off(const struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    (void)cpu;
    const struct edf_cpu *first = aur_class_cpu(core, slot, 0);
    return first->admitted > capacity(core, slot, aur_online_count(core) - 1) ? AUR_NO_BANDWIDTH
                                                                              : AUR_OK;
}

static enum aur_status admit(struct aur_core *core, uint32_t slot, uint32_t task)
{
    const struct aur_task *t = aur_task_at(core, task);
    struct edf_entity *e = &entities(core, slot)[task];
    struct edf_cpu *first = aur_class_cpu(core, slot, 0);
    if (t->dl_runtime_ns < RUNTIME_MIN_NS || t->dl_runtime_ns > relative_deadline_ns(t) ||
        relative_deadline_ns(t) > t->dl_period_ns || t->dl_period_ns > PERIOD_MAX_NS)
        return AUR_BAD_ARGUMENT;
    uint64_t asked = (t->dl_runtime_ns << BANDWIDTH_SHIFT) / t->dl_period_ns;
    if (first->admitted - e->bandwidth + asked > capacity(core, slot, aur_online_count(core)))
        return AUR_NO_BANDWIDTH;
    first->admitted += asked - e->bandwidth;
    e->bandwidth = asked;
    if (!e->served)
        e->deadline_at_ns =
            core->now_ns + relative_deadline_ns(t); // what it hands on until it runs
    return AUR_OK;
}

static void release(struct aur_core *core, uint32_t slot, uint32_t task)
{
    struct edf_entity *e = &entities(core, slot)[task];
    ((struct edf_cpu *)aur_class_cpu(core, slot, 0))->admitted -= e->bandwidth;
    memset(e, 0, sizeof *e);
}

// The CPU whose work is due last: an idle one, one without deadlines, else the latest deadline
// (cpudl_find).
static uint32_t select_cpu(struct aur_core *core, uint32_t slot, uint32_t task, uint32_t waker_cpu)
{
    (void)waker_cpu;
    const struct aur_task *t = aur_task_at(core, task);
    uint32_t best = AUR_NONE;
    uint64_t best_ns = 0;
    for (uint64_t rest = aur_allowed_cpus(core, t); rest; rest &= rest - 1) {
        uint32_t cpu = (uint32_t)__builtin_ctzll(rest);
        const struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
        const struct aur_cpu *c = aur_cpu_at(core, cpu);
        uint64_t due_ns = c->nr == 0 ? IDLE : NO_TASK;
        if (edf->curr != AUR_NONE)
            due_ns = entities(core, slot)[edf->curr].key;
        if (!aur_rb_empty(&edf->tree) && edf->curr == AUR_NONE)
            due_ns = entities(core, slot)[edf->tree.first].key; // about to run
        for (uint32_t above = 0; above < slot; above++)
            due_ns = c->nr_class[above] != 0 ? 0 : due_ns;
        if (best == AUR_NONE || due_ns > best_ns || (due_ns == best_ns && cpu == t->cpu)) {
            best = cpu;
            best_ns = due_ns;
        }
    }
    return best;
}

static void enqueue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    struct edf_entity *e = &entities(core, slot)[task];
    const struct aur_task *t = aur_task_at(core, task);
    if (has_server(core, task)) {
        if (flags & AUR_ENQUEUE_REPLENISH)
            replenish(e, t, core->now_ns);
        else if ((flags & (AUR_ENQUEUE_WAKE | AUR_ENQUEUE_INITIAL)) || !e->served)
            wake_server(e, t, core->now_ns);
        aur_renew_rank(core, task);
    }
    e->key = aur_rank_key(t->rank);
    aur_rb_insert(&by_deadline, entities(core, slot), &edf->tree, task);
}

static void dequeue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    (void)flags;
    struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    if (edf->curr == task)
        edf->curr = AUR_NONE;
    else
        aur_rb_erase(&by_deadline, entities(core, slot), &edf->tree, task);
}

static uint32_t pick_next(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    const struct edf_entity *all = entities(core, slot);
    uint32_t first = edf->tree.first;
    if (edf->curr == AUR_NONE)
        return first;
    bool yields = edf->yielded && !has_server(core, edf->curr) && all[edf->curr].key == NO_DEADLINE;
    edf->yielded = 0;
    if (first != AUR_RB_NIL && (all[first].key < all[edf->curr].key || yields))
        return first;
    return edf->curr;
}

static void set_next(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    aur_rb_erase(&by_deadline, entities(core, slot), &edf->tree, task);
    edf->curr = task;
    edf->yielded = 0;
}

static void put_prev(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    edf->curr = AUR_NONE;
    aur_rb_insert(&by_deadline, entities(core, slot), &edf->tree, task);
}

static void update_curr(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                        uint64_t ran_ns)
{
    (void)cpu;
    if (has_server(core, task))
        entities(core, slot)[task].budget_ns -= (int64_t)ran_ns;
}

static bool wakeup_preempt(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t curr,
                           uint32_t woken)
{
    (void)cpu;
    return entities(core, slot)[woken].key < entities(core, slot)[curr].key;
}

static uint64_t slice_end(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    (void)cpu;
    const struct edf_entity *e = &entities(core, slot)[task];
    if (!is_served(core, slot, task))
        return AUR_NEVER_NS;
    return e->budget_ns > 0 ? (uint64_t)e->budget_ns : 0;
}

static uint64_t throttled_until(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    const struct edf_entity *e = &entities(core, slot)[task];
    if (!is_served(core, slot, task) || e->budget_ns > 0)
        return 0;
    // A period that is over already is made up for at once, by a timer that is due.
    return next_period_ns(e, aur_task_at(core, task));
}

// "I am done for this period": gives the rest of its budget back (Linux dl_yielded).
static void yield(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    ((struct edf_cpu *)aur_class_cpu(core, slot, cpu))->yielded = 1;
    if (has_server(core, task) && entities(core, slot)[task].budget_ns > 0)
        entities(core, slot)[task].budget_ns = 0;
}

// The smallest key below `beyond` that may move.
static uint32_t first_movable(struct aur_core *core, uint32_t slot, uint32_t from, uint32_t to,
                              uint64_t beyond)
{
    const struct edf_cpu *edf = aur_class_cpu(core, slot, from);
    struct edf_entity *all = entities(core, slot);
    uint32_t task = edf->tree.first;
    for (uint32_t scan = AUR_BALANCE_SCAN; task != AUR_RB_NIL && scan > 0; scan--) {
        if (all[task].key >= beyond)
            break;
        if (aur_can_move(core, task, to))
            return task;
        task = aur_rb_next(&by_deadline, all, task);
    }
    return AUR_NONE;
}

static uint32_t balance(struct aur_core *core, uint32_t slot, uint32_t from, uint32_t to)
{
    return first_movable(core, slot, from, to, IDLE);
}

static uint32_t pull(struct aur_core *core, uint32_t slot, uint32_t from, uint32_t to)
{
    const struct aur_cpu *c = aur_cpu_at(core, to);
    const struct edf_cpu *edf = aur_class_cpu(core, slot, to);
    const struct edf_entity *all = entities(core, slot);
    uint64_t own = IDLE;
    for (uint32_t above = 0; above < slot; above++)
        if (c->nr_class[above] != 0)
            return AUR_NONE;
    if (edf->curr != AUR_NONE)
        own = all[edf->curr].key;
    if (!aur_rb_empty(&edf->tree) && all[edf->tree.first].key < own)
        own = all[edf->tree.first].key;
    return first_movable(core, slot, from, to, own);
}

static const char *check(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    struct edf_entity *all = entities(core, slot);
    uint32_t count;
    if (!aur_rb_valid(&by_deadline, all, &edf->tree, &count))
        return "edf: the tree is out of order";
    for (uint32_t task = edf->tree.first; task != AUR_RB_NIL;
         task = aur_rb_next(&by_deadline, all, task)) {
        const struct aur_task *t = aur_task_at(core, task);
        if (t->state != AUR_TASK_RUNNABLE || t->cpu != cpu || t->slot != slot || task == edf->curr)
            return "edf: the tree holds a task that does not belong there";
        if (all[task].key != aur_rank_key(t->rank))
            return "edf: a task's key is not that of its rank";
    }
    if (count + (edf->curr != AUR_NONE) != aur_cpu_at(core, cpu)->nr_class[slot])
        return "edf: the tree and the running task are not all runnable tasks";
    if (cpu != 0)
        return NULL;
    uint64_t sum = 0;
    for (uint32_t task = 0; task < core->tasks_used; task++)
        sum += all[task].bandwidth;
    return sum == edf->admitted ? NULL : "edf: the admitted bandwidth is not the sum over tasks";
}

static const struct aur_class_param params[] = {
    [BANDWIDTH_PERCENT] = {"bandwidth_percent", 95, 1, 100,
                           "of each CPU that deadline tasks may ask for together", NULL},
    {0},
};

const struct aur_sched_class aur_class_edf = {
    .info = {.name = "edf",
             .summary = "earliest deadline first with constant-bandwidth servers",
             .source = "Abeni, Buttazzo 1998; Linux kernel/sched/deadline.c",
             .params = params,
             .traits = AUR_CLASS_SERVERS},
    .cpu_size = sizeof(struct edf_cpu),
    .task_size = sizeof(struct edf_entity),
    .init = init,
    .task_init = task_init,
    .admit = admit,
    .release = release,
    .can_go_off = can_go_off,
    .select_cpu = select_cpu,
    .enqueue = enqueue,
    .dequeue = dequeue,
    .pick_next = pick_next,
    .set_next = set_next,
    .put_prev = put_prev,
    .update_curr = update_curr,
    .wakeup_preempt = wakeup_preempt,
    .slice_end = slice_end,
    .throttled_until = throttled_until,
    .yield = yield,
    .balance = balance,
    .pull = pull,
    .urgency = urgency,
    .check = check,
};
