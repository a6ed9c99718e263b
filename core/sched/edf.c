// Earliest deadline first with constant-bandwidth servers: SCHED_DEADLINE. A task may run for
// dl_runtime in each dl_period and is promised that by dl_deadline; what it asks for beyond that
// waits for the next period, so that a task that overruns harms no other.
// Sources: Liu and Layland 1973; Abeni and Buttazzo, Integrating Multimedia Applications in Hard
// Real-Time Systems, RTSS 1998; Linux kernel/sched/deadline.c. The server's arithmetic is in
// edf_server.h, reclaiming in edf_reclaim.h.
//
// A task is ordered by the key of its rank: its own absolute deadline, or the earlier one that a
// waiter for its mutex hands on (pi_se in Linux). A boosted task is not throttled: one without a
// server is not charged at all, one with a server pays back what it overran when the boost is over.
// A task of another policy that the class serves as its own has no deadline: such run in turn of
// arrival behind all deadlines.
//
// Placement is global (sched/global.c) or partitioned (sched/partition.h); then a CPU holds tasks
// up to a density, the sum of dl_runtime / dl_deadline, of bandwidth_percent, and no admitted task
// ever misses its deadline.
//
// Invariant: the tree holds every queued task of the CPU but the running one, ordered by key, and
// the key of each is that of its rank.
#include "lib/rbtree.h"
#include "sched/edf_reclaim.h"
#include "sched/keys.h"

enum {
    BANDWIDTH_PERCENT,
    PLACEMENT,
    FIT,
    RECLAIM
};

enum {
    RECLAIM_NONE,
    RECLAIM_GRUB
};

// The key of a task without a deadline, later than any.
#define NO_DEADLINE (AUR_RANK_KEYS - 1)

static struct edf_entity *entities(const struct aur_core *core, uint32_t slot)
{
    return aur_class_tasks(core, slot);
}

static bool earlier(const void *nodes, uint32_t a, uint32_t b)
{
    const struct edf_entity *e = nodes;
    return e[a].key < e[b].key;
}

static const struct aur_rb_ops by_key = {.stride = sizeof(struct edf_entity), .less = earlier};

static bool has_server(const struct aur_core *core, uint32_t task)
{
    return aur_task_at(core, task)->policy == AUR_POLICY_DEADLINE;
}

static bool partitioned(const struct aur_core *core, uint32_t slot)
{
    return aur_class_param(core, slot, PLACEMENT) == AUR_PLACEMENT_PARTITIONED;
}

static bool reclaims(const struct aur_core *core, uint32_t slot)
{
    return aur_class_param(core, slot, RECLAIM) == RECLAIM_GRUB;
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

static void init(struct aur_core *core, uint32_t slot)
{
    for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++) {
        struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
        aur_rb_init(&edf->tree);
        aur_rb_init(&edf->lagging);
        edf->curr = AUR_NONE;
    }
    if (!partitioned(core, slot))
        core->global_slots |= 1u << slot;
}

static void task_init(struct aur_core *core, uint32_t slot, uint32_t task)
{
    memset(&entities(core, slot)[task], 0, sizeof(struct edf_entity));
}

// What of one CPU may be promised, in units of 2^-20.
static uint64_t capacity(const struct aur_core *core, uint32_t slot)
{
    return (aur_class_param(core, slot, BANDWIDTH_PERCENT) << EDF_SHARE_BITS) / 100;
}

// The same as a load (sched/partition.h).
static uint64_t full(const struct aur_core *core, uint32_t slot)
{
    return aur_class_param(core, slot, BANDWIDTH_PERCENT) * AUR_LOAD_FULL / 100;
}

static struct edf_cpu *first_cpu(const struct aur_core *core, uint32_t slot)
{
    return aur_class_cpu(core, slot, 0);
}

static enum aur_status place(struct aur_core *core, uint32_t slot, uint32_t task, bool force)
{
    const struct aur_task *t = aur_task_at(core, task);
    uint64_t load = aur_load_linear(t->dl_runtime_ns, edf_relative_deadline_ns(t));
    return aur_partition_place(core, slot, task, &entities(core, slot)[task].share, load,
                               full(core, slot), (enum aur_fit)aur_class_param(core, slot, FIT),
                               force);
}

// Admission. Global: the sum of dl_runtime / dl_period of all tasks stays within a share of the
// machine, so that tardiness is bounded and others are not starved (Linux __dl_overflow); the sum
// is kept with the first CPU's state. Partitioned: there is a CPU that it fits on. Tasks that are
// no deadline tasks, in another slot, are promised nothing.
static enum aur_status admit(struct aur_core *core, uint32_t slot, uint32_t task)
{
    const struct aur_task *t = aur_task_at(core, task);
    struct edf_entity *e = &entities(core, slot)[task];
    struct edf_cpu *first = first_cpu(core, slot);
    if (slot != AUR_SLOT_DEADLINE)
        return AUR_OK;
    if (!edf_server_valid(t))
        return AUR_BAD_ARGUMENT;
    uint64_t asked = (t->dl_runtime_ns << EDF_SHARE_BITS) / t->dl_period_ns;
    if (partitioned(core, slot)) {
        if (place(core, slot, task, false) != AUR_OK)
            return AUR_NO_BANDWIDTH;
    } else if (first->admitted - e->bandwidth + asked >
               capacity(core, slot) * aur_online_count(core)) {
        return AUR_NO_BANDWIDTH;
    }
    if (!e->admitted)
        e->deadline_at_ns = core->now_ns + edf_relative_deadline_ns(t); // to hand on until it runs
    first->admitted += asked - e->bandwidth;
    e->bandwidth = asked;
    if (reclaims(core, slot) && !e->admitted)
        edf_reclaim_admit(core, slot, task);
    e->admitted = 1;
    return AUR_OK;
}

static void release(struct aur_core *core, uint32_t slot, uint32_t task)
{
    struct edf_entity *e = &entities(core, slot)[task];
    if (reclaims(core, slot))
        edf_reclaim_release(core, slot, task);
    first_cpu(core, slot)->admitted -= e->bandwidth;
    aur_partition_withdraw(core, slot, &e->share);
    memset(e, 0, sizeof *e);
}

static void rehome(struct aur_core *core, uint32_t slot, uint32_t task)
{
    if (place(core, slot, task, false) != AUR_OK)
        place(core, slot, task, true);
}

// Linux dl_bw_check_overflow.
static enum aur_status can_go_off(const struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    bool fits = partitioned(core, slot) ? aur_partition_can_go(core, slot, cpu, full(core, slot))
                                        : first_cpu(core, slot)->admitted <=
                                              capacity(core, slot) * (aur_online_count(core) - 1);
    return fits ? AUR_OK : AUR_NO_BANDWIDTH;
}

static uint32_t select_cpu(struct aur_core *core, uint32_t slot, uint32_t task, uint32_t waker_cpu)
{
    (void)slot, (void)waker_cpu;
    return aur_select_cpu_global(core, task);
}

static void enqueue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    struct edf_entity *e = &entities(core, slot)[task];
    const struct aur_task *t = aur_task_at(core, task);
    if (has_server(core, task)) {
        if (flags & AUR_ENQUEUE_REPLENISH)
            edf_replenish(e, t, core->now_ns);
        else if ((flags & (AUR_ENQUEUE_WAKE | AUR_ENQUEUE_INITIAL)) || !e->served)
            edf_wake(e, t, core->now_ns);
        if (reclaims(core, slot))
            edf_reclaim_contend(core, slot, task, cpu);
        aur_renew_rank(core, task);
    }
    e->key = aur_rank_key(t->rank);
    aur_rb_insert(&by_key, entities(core, slot), &edf->tree, task);
}

static void dequeue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    if (edf->curr == task)
        edf->curr = AUR_NONE;
    else
        aur_rb_erase(&by_key, entities(core, slot), &edf->tree, task);
    if ((flags & AUR_DEQUEUE_SLEEP) && has_server(core, task) && reclaims(core, slot))
        edf_reclaim_rest(core, slot, task);
}

// Has the running task, which has no deadline, given up its turn?
static bool yields(const struct aur_core *core, uint32_t slot, const struct edf_cpu *edf)
{
    return edf->yielded && entities(core, slot)[edf->curr].key == NO_DEADLINE;
}

static uint32_t pick_next(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    const struct edf_entity *all = entities(core, slot);
    uint32_t first = edf->tree.first;
    if (edf->curr == AUR_NONE)
        return first;
    if (first != AUR_RB_NIL && (all[first].key < all[edf->curr].key || yields(core, slot, edf)))
        return first;
    edf->yielded = 0;
    return edf->curr;
}

static void set_next(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    aur_rb_erase(&by_key, entities(core, slot), &edf->tree, task);
    edf->curr = task;
    edf->yielded = 0;
}

static void put_prev(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    edf->curr = AUR_NONE;
    aur_rb_insert(&by_key, entities(core, slot), &edf->tree, task);
}

// What of a CPU nobody may be promised any more (extra_bw).
static uint64_t unreserved(const struct aur_core *core, uint32_t slot, const struct edf_cpu *edf)
{
    uint64_t reserved = partitioned(core, slot)
                            ? edf->assigned
                            : first_cpu(core, slot)->admitted / aur_online_count(core);
    return reserved < capacity(core, slot) ? capacity(core, slot) - reserved : 0;
}

// The speed at which the running task's budget goes down, in units of 2^-20.
static uint64_t speed(const struct aur_core *core, uint32_t slot, const struct edf_cpu *edf,
                      uint32_t task)
{
    if (!reclaims(core, slot))
        return EDF_SHARE_ONE;
    return edf_reclaim_speed(edf, &entities(core, slot)[task], unreserved(core, slot, edf),
                             aur_class_param(core, slot, BANDWIDTH_PERCENT));
}

static void update_curr(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                        uint64_t ran_ns)
{
    struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    struct edf_entity *e = &entities(core, slot)[task];
    if (!has_server(core, task))
        return;
    if (reclaims(core, slot)) {
        // The speed falls at each instant at which a sleeper's bandwidth becomes free.
        uint64_t from_ns = core->now_ns - ran_ns, until_ns;
        for (; ran_ns != 0; from_ns = until_ns) {
            until_ns = edf_reclaim_until_ns(core, slot, cpu, from_ns, core->now_ns);
            e->budget_ns -= edf_reclaim_charge(until_ns - from_ns, speed(core, slot, edf, task));
            ran_ns -= until_ns - from_ns;
        }
        return;
    }
    e->budget_ns -= (int64_t)ran_ns;
}

static bool wakeup_preempt(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t curr,
                           uint32_t woken)
{
    (void)cpu;
    return entities(core, slot)[woken].key < entities(core, slot)[curr].key;
}

static uint64_t slice_end(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    const struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    const struct edf_entity *e = &entities(core, slot)[task];
    if (!is_served(core, slot, task))
        return AUR_NEVER_NS;
    if (e->budget_ns <= 0)
        return 0;
    return edf_reclaim_lasts_ns(e->budget_ns, speed(core, slot, edf, task));
}

static uint64_t throttled_until(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    const struct edf_entity *e = &entities(core, slot)[task];
    if (!is_served(core, slot, task) || e->budget_ns > 0)
        return 0;
    // A period that is over already is made up for at once, by a timer that is due.
    return edf_next_period_ns(e, aur_task_at(core, task));
}

// "I am done for this period": gives the rest of its budget back (Linux dl_yielded).
static void yield(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    ((struct edf_cpu *)aur_class_cpu(core, slot, cpu))->yielded = 1;
    if (has_server(core, task) && entities(core, slot)[task].budget_ns > 0)
        entities(core, slot)[task].budget_ns = 0;
}

// The most urgent of the queued tasks that will not run here next, or NIL (as pull_rt_task leaves
// alone who has just been woken and is about to preempt).
static uint32_t first_waiting(const struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    struct edf_entity *all = entities(core, slot);
    uint32_t first = edf->tree.first, above = 0;
    for (uint32_t higher = 0; higher < slot; higher++)
        above += aur_cpu_at(core, cpu)->nr_class[higher];
    if (first == AUR_RB_NIL || above != 0 ||
        (edf->curr != AUR_NONE && all[edf->curr].key <= all[first].key))
        return first;
    return aur_rb_next(&by_key, all, first);
}

static uint32_t pull(struct aur_core *core, uint32_t slot, uint32_t from, uint32_t to,
                     uint64_t before_key)
{
    struct edf_entity *all = entities(core, slot);
    uint32_t task = first_waiting(core, slot, from);
    for (uint32_t scan = AUR_BALANCE_SCAN; task != AUR_RB_NIL && scan > 0; scan--) {
        if (all[task].key >= before_key)
            break;
        if (aur_can_move(core, task, to))
            return task;
        task = aur_rb_next(&by_key, all, task);
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
    const struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    const struct edf_entity *all = entities(core, slot);
    uint32_t first = edf->tree.first, second = first_waiting(core, slot, cpu);
    if (second != AUR_RB_NIL)
        *waiting = aur_rank(slot, all[second].key);
    uint32_t most = edf->curr;
    if (most == AUR_NONE || (first != AUR_RB_NIL && all[first].key < all[most].key))
        most = first;
    *present = aur_rank(slot, all[most].key); // somebody is here
}

static int64_t from_now(const struct aur_core *core, uint64_t key)
{
    return key == NO_DEADLINE ? INT64_MAX : (int64_t)(key - core->now_ns);
}

static void explain(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    struct aur_candidate *candidate)
{
    (void)cpu;
    const struct edf_entity *e = &entities(core, slot)[task];
    aur_key_add(candidate, AUR_KEY_DEADLINE, from_now(core, e->key));
    if (has_server(core, task))
        aur_key_add(candidate, AUR_KEY_BUDGET, e->budget_ns);
}

static void versus(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t picked,
                   uint32_t other, struct aur_verdict *verdict)
{
    const struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    const struct edf_entity *all = entities(core, slot);
    if (other == edf->curr && all[picked].key == all[other].key)
        aur_verdict_set(verdict, AUR_RULE_YIELDED, AUR_KEY_NONE, AUR_OF_OTHER, 0, 0);
    else
        aur_verdict_set(verdict,
                        all[picked].key < all[other].key ? AUR_RULE_DEADLINE : AUR_RULE_FIRST_COME,
                        AUR_KEY_DEADLINE, AUR_OF_OTHER, from_now(core, all[other].key),
                        from_now(core, all[picked].key));
}

// A budget is never so much, nor overrun by so much.
#define BUDGET_REACH_NS (1ll << 61)

static const char *check(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const struct edf_cpu *edf = aur_class_cpu(core, slot, cpu);
    struct edf_entity *all = entities(core, slot);
    uint32_t count;
    if (!aur_rb_valid(&by_key, all, &edf->tree, core->tasks_used, &count))
        return "edf: the tree is out of order";
    if (!aur_may_have_cpu(core, slot, cpu, edf->curr))
        return "edf: another task than the running one has the CPU";
    for (uint32_t task = edf->tree.first; task != AUR_RB_NIL;
         task = aur_rb_next(&by_key, all, task)) {
        const struct aur_task *t = aur_task_at(core, task);
        if (t->state != AUR_TASK_RUNNABLE || t->cpu != cpu || t->slot != slot || task == edf->curr)
            return "edf: the tree holds a task that does not belong there";
        if (all[task].key != aur_rank_key(t->rank))
            return "edf: a task's key is not that of its rank";
    }
    if (count + (edf->curr != AUR_NONE) != aur_cpu_at(core, cpu)->nr_class[slot])
        return "edf: the tree and the running task are not all runnable tasks";
    uint64_t sum = 0;
    struct aur_partition placed = {0, 0, 0};
    for (uint32_t task = 0; task < core->tasks_used; task++) {
        const struct aur_task *t = aur_task_at(core, task);
        bool serves = slot == AUR_SLOT_DEADLINE && t->policy == AUR_POLICY_DEADLINE &&
                      t->state != AUR_TASK_FREE && t->state != AUR_TASK_NEW &&
                      t->state != AUR_TASK_EXITING;
        if (all[task].admitted > 1 || all[task].activity > EDF_LAGGING ||
            all[task].budget_ns < -BUDGET_REACH_NS || all[task].budget_ns > BUDGET_REACH_NS ||
            ((serves || all[task].admitted) && !edf_server_valid(t)))
            return "edf: a server is none that was ever admitted";
        if (all[task].bandwidth_cpu >= core->config.cpus ||
            all[task].share.placed > core->config.cpus)
            return "edf: a task's bandwidth is on a CPU that is not there";
        sum += all[task].bandwidth;
        if (all[task].share.placed == cpu + 1) {
            placed.load += all[task].share.load;
            placed.tasks++;
        }
    }
    if (placed.load != edf->partition.load || placed.tasks != edf->partition.tasks)
        return "edf: a CPU's load is not the sum over its tasks";
    if (cpu == 0 && sum != edf->admitted)
        return "edf: the admitted bandwidth is not the sum over tasks";
    return edf_reclaim_check(core, slot, cpu);
}

static const char *const reclaims_choices[] = {"none", "grub", NULL};

static const struct aur_class_param params[] = {
    [BANDWIDTH_PERCENT] = {"bandwidth_percent", 95, 1, 100,
                           "of each CPU that deadline tasks may ask for together", NULL},
    [PLACEMENT] = {"placement", AUR_PLACEMENT_GLOBAL, AUR_PLACEMENT_GLOBAL,
                   AUR_PLACEMENT_PARTITIONED, "of tasks on CPUs", aur_placement_choices},
    [FIT] = {"fit", AUR_FIT_FIRST, AUR_FIT_FIRST, AUR_FIT_WORST,
             "the CPU that a task gets, if partitioned", aur_fit_choices},
    [RECLAIM] = {"reclaim", RECLAIM_NONE, RECLAIM_NONE, RECLAIM_GRUB,
                 "who gets the bandwidth that servers leave unused", reclaims_choices},
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
    .rehome = rehome,
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
    .urgent = urgent,
    .urgency = urgency,
    .explain = explain,
    .versus = versus,
    .check = check,
};
