// EEVDF, earliest eligible virtual deadline first, as Linux 6.6 and later have it.
// Sources: Stoica and Abdel-Wahab, Earliest Eligible Virtual Deadline First, TR-95-22, 1995;
// Linux 6.18 kernel/sched/fair.c, whose names are kept: avg_vruntime, avg_load, vlag, vprot.
//
// With w_i the weight, v_i the vruntime of task i and V the virtual time of the queue:
//
//     V     = sum(w_i * v_i) / sum(w_i)          so that the lags w_i * (V - v_i) sum to zero
//     i is eligible  <=>  v_i <= V               it has not had more than its share
//     d_i   = v_i + slice_i / w_i                its virtual deadline
//     pick  = the eligible task with the earliest d_i
//
// V is never divided out to test eligibility: v_i <= V is tested as
// sum(w_j * (v_j - v0)) >= (v_i - v0) * sum(w_j), exact in integers, with v0 = min_vruntime to
// keep the products small (avg_vruntime and avg_load are these two sums over the tree; the running
// task is added when needed).
//
// A task that blocks while it is not eligible stays in the tree, "delayed", and keeps competing
// until it is picked: so it cannot shed its negative lag by a short sleep.
//
// Cost: O(log n) per operation; the delayed ones that a pick removes are paid by their blocking.
#include "sched/eevdf_queue.h"

enum {
    BASE_SLICE_NS
};

static struct eevdf_entity *entities(const struct aur_core *core, uint32_t slot)
{
    return aur_class_tasks(core, slot);
}

// Lag.

static uint64_t base_slice_ns(const struct aur_core *core, uint32_t slot)
{
    uint64_t set_ns = aur_class_param(core, slot, BASE_SLICE_NS);
    if (set_ns != 0)
        return set_ns < AUR_SLICE_MIN_NS ? AUR_SLICE_MIN_NS : set_ns;
    // Linux: 0.7 ms * (1 + log2(CPUs)), CPUs counted up to 8.
    uint32_t cpus = core->config.cpus < 8 ? core->config.cpus : 8;
    return 700000ull * (32u - (uint32_t)__builtin_clz(cpus));
}

static void refresh_slice(const struct aur_core *core, uint32_t slot, struct eevdf_entity *e,
                          uint32_t task)
{
    uint64_t own_ns = aur_task_at(core, task)->slice_ns;
    e->slice_ns = own_ns != 0 ? own_ns : base_slice_ns(core, slot);
}

// What a task takes along when it leaves: how far behind (positive) or ahead of V it is, bounded
// so that a long wait among many does not become a debt of seconds.
static void update_lag(const struct aur_core *core, const struct eevdf_entity *all,
                       const struct eevdf_cpu *cfs, struct eevdf_entity *e)
{
    uint64_t tick_ns = core->config.tick_ns != 0 ? core->config.tick_ns : 1000000;
    uint64_t reach_ns = 2 * e->slice_ns > tick_ns ? 2 * e->slice_ns : tick_ns;
    int64_t limit = (int64_t)virtual_ns(reach_ns, e->weight);
    int64_t lag = (int64_t)(virtual_time(all, cfs) - e->vruntime);
    e->vlag = lag > limit ? limit : lag < -limit ? -limit : lag;
}

// Gives a joining task its vruntime and deadline so that it has the lag that it left with.
// Adding a task of weight w and lag l moves V by -w*l / (W + w): for the lag to be l afterwards it
// is placed with l * (W + w) / W.
static void place(const struct aur_core *core, uint32_t slot, struct eevdf_cpu *cfs, uint32_t task,
                  uint32_t flags)
{
    struct eevdf_entity *all = entities(core, slot), *e = &all[task];
    refresh_slice(core, slot, e, task);
    uint64_t vslice = virtual_ns(e->slice_ns, e->weight);
    int64_t lag = 0;
    if (cfs->queued != 0 && e->vlag != 0) {
        struct average others = average(all, cfs);
        lag = e->vlag;
        if (others.load != 0)
            lag += e->vlag * (int64_t)e->weight / (int64_t)others.load;
    }
    e->vruntime = virtual_time(all, cfs) - (uint64_t)lag;
    bool keeps_deadline = e->rel_deadline && (int64_t)e->deadline > 0; // 0: scaled to nothing
    e->rel_deadline = 0;
    if (keeps_deadline) {
        e->deadline += e->vruntime;
        return;
    }
    // Those already there are half way through their slices on average: so are newcomers.
    if (flags & AUR_ENQUEUE_INITIAL)
        vslice /= 2;
    e->deadline = e->vruntime + vslice;
}

// The running task's right to go on (RUN_TO_PARITY): until its deadline, or for the shortest
// slice that anyone here asks for if that is sooner.

static uint64_t least_slice_ns(const struct eevdf_entity *all, const struct eevdf_cpu *cfs)
{
    uint64_t least_ns = UINT64_MAX;
    if (cfs->curr != AUR_NONE)
        least_ns = all[cfs->curr].slice_ns;
    if (!aur_rb_empty(&cfs->tree) && all[cfs->tree.root].min_slice_ns < least_ns)
        least_ns = all[cfs->tree.root].min_slice_ns;
    return least_ns;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return (int64_t)(a - b) < 0 ? a : b;
}

static void protect(const struct eevdf_entity *all, const struct eevdf_cpu *cfs,
                    struct eevdf_entity *e)
{
    uint64_t slice_ns = least_slice_ns(all, cfs);
    e->vprot = e->deadline;
    if (slice_ns < e->slice_ns)
        e->vprot = sooner(e->vprot, e->vruntime + virtual_ns(slice_ns, e->weight));
}

static bool is_protected(const struct eevdf_entity *e)
{
    return (int64_t)(e->vruntime - e->vprot) < 0;
}

// Whoever preempts it before that must not lose against it when the CPU dispatches.
static void unprotect(struct eevdf_entity *e)
{
    e->vprot = sooner(e->vprot, e->vruntime);
}

// The pick: the leftmost eligible node. A subtree whose min_vruntime is not eligible has no
// eligible node, so the search goes down one path.
static uint32_t pick(const struct eevdf_entity *all, const struct eevdf_cpu *cfs,
                     bool respect_slice)
{
    struct average a = average(all, cfs);
    uint32_t curr = cfs->curr;
    if (cfs->queued == 1)
        return curr != AUR_NONE ? curr : cfs->tree.first;
    if (curr != AUR_NONE && !eligible(cfs, a, all[curr].vruntime))
        curr = AUR_NONE;
    if (curr != AUR_NONE && respect_slice && is_protected(&all[curr]))
        return curr;

    uint32_t best = AUR_NONE;
    if (!aur_rb_empty(&cfs->tree) && eligible(cfs, a, all[cfs->tree.first].vruntime)) {
        best = cfs->tree.first;
    } else {
        for (uint32_t at = cfs->tree.root; at != AUR_RB_NIL;) {
            uint32_t left = all[at].node.left;
            if (left != AUR_RB_NIL && eligible(cfs, a, all[left].min_vruntime)) {
                at = left;
                continue;
            }
            if (eligible(cfs, a, all[at].vruntime)) {
                best = at;
                break;
            }
            at = all[at].node.right;
        }
    }
    if (best == AUR_NONE ||
        (curr != AUR_NONE && (int64_t)(all[curr].deadline - all[best].deadline) < 0))
        best = curr;
    return best;
}

// Delayed tasks.

static void set_delayed(struct eevdf_entity *all, struct eevdf_cpu *cfs, uint32_t cpu,
                        uint32_t task)
{
    if (cfs->curr == task) {
        cfs->curr = AUR_NONE;
        tree_insert(all, cfs, task);
    }
    all[task].delayed_on = cpu;
    cfs->delayed++;
}

// It has been picked: its negative lag is worked off, so it leaves with none to its credit.
static void finish_delayed(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    struct eevdf_entity *all = entities(core, slot), *e = &all[task];
    struct eevdf_cpu *cfs = aur_class_cpu(core, slot, e->delayed_on);
    update_lag(core, all, cfs, e);
    if (e->vlag > 0)
        e->vlag = 0;
    tree_erase(all, cfs, task);
    cfs->queued--;
    cfs->delayed--;
    e->delayed_on = AUR_NONE;
    update_min_vruntime(all, cfs);
}

// When only delayed tasks are left the CPU would pick them one after the other.
static void flush_delayed(const struct aur_core *core, uint32_t slot, struct eevdf_cpu *cfs)
{
    while (cfs->delayed != 0 && cfs->delayed == cfs->queued)
        finish_delayed(core, slot, pick(entities(core, slot), cfs, false));
}

// It wakes while still in the tree: it goes on from there, but not with lag that it gained asleep.
static void requeue_delayed(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    struct eevdf_entity *all = entities(core, slot), *e = &all[task];
    struct eevdf_cpu *cfs = aur_class_cpu(core, slot, e->delayed_on);
    update_lag(core, all, cfs, e);
    if (e->vlag > 0) {
        tree_erase(all, cfs, task);
        cfs->queued--;
        e->vlag = 0;
        place(core, slot, cfs, task, 0);
        tree_insert(all, cfs, task);
        cfs->queued++;
    }
    e->delayed_on = AUR_NONE;
    cfs->delayed--;
}

// The class.

static void init(struct aur_core *core, uint32_t slot)
{
    for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++) {
        struct eevdf_cpu *cfs = aur_class_cpu(core, slot, cpu);
        aur_rb_init(&cfs->tree);
        cfs->min_vruntime = 0 - (1ull << 20); // as in Linux: an overflow shows early
        cfs->curr = AUR_NONE;
    }
}

static void task_init(struct aur_core *core, uint32_t slot, uint32_t task)
{
    struct eevdf_entity *e = &entities(core, slot)[task];
    memset(e, 0, sizeof *e);
    e->weight = aur_task_at(core, task)->weight;
    e->delayed_on = AUR_NONE;
}

static uint32_t select_cpu(struct aur_core *core, uint32_t slot, uint32_t task, uint32_t waker_cpu)
{
    uint32_t cpu = entities(core, slot)[task].delayed_on;
    if (cpu != AUR_NONE && aur_allowed(aur_task_at(core, task), cpu))
        return cpu;
    return aur_select_cpu_default(core, task, waker_cpu);
}

static void enqueue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    struct eevdf_entity *all = entities(core, slot), *e = &all[task];
    struct eevdf_cpu *cfs = aur_class_cpu(core, slot, cpu);
    uint32_t weight = aur_task_at(core, task)->weight;
    if (e->delayed_on == cpu && e->weight == weight) {
        requeue_delayed(core, slot, task);
        return;
    }
    if (e->delayed_on != AUR_NONE)
        finish_delayed(core, slot, task);
    if (weight != e->weight) {
        // The lag in wall time stays, so the virtual lag and deadline scale (reweight_entity).
        e->vlag = e->vlag * (int64_t)e->weight / (int64_t)weight;
        if (e->rel_deadline)
            e->deadline = (uint64_t)((int64_t)e->deadline * (int64_t)e->weight / (int64_t)weight);
        e->weight = weight;
    }
    place(core, slot, cfs, task, flags);
    tree_insert(all, cfs, task);
    cfs->queued++;
}

static void dequeue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    struct eevdf_entity *all = entities(core, slot), *e = &all[task];
    struct eevdf_cpu *cfs = aur_class_cpu(core, slot, cpu);
    if ((flags & AUR_DEQUEUE_SLEEP) && !eligible(cfs, average(all, cfs), e->vruntime)) {
        set_delayed(all, cfs, cpu, task);
        flush_delayed(core, slot, cfs);
        return;
    }
    update_lag(core, all, cfs, e);
    if (flags & (AUR_DEQUEUE_CHANGE | AUR_DEQUEUE_MOVE)) {
        e->deadline -= e->vruntime;
        e->rel_deadline = 1;
    }
    if (cfs->curr == task)
        cfs->curr = AUR_NONE;
    else
        tree_erase(all, cfs, task);
    cfs->queued--;
    if (!(flags & AUR_DEQUEUE_CHANGE))
        update_min_vruntime(all, cfs);
    flush_delayed(core, slot, cfs);
}

static uint32_t pick_next(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    struct eevdf_entity *all = entities(core, slot);
    struct eevdf_cpu *cfs = aur_class_cpu(core, slot, cpu);
    for (;;) {
        uint32_t task = pick(all, cfs, true);
        if (all[task].delayed_on == AUR_NONE) {
            // With no tick to end the next slice, a task that goes on gets one of its own, as
            // Linux's HRTICK arms one.
            if (task == cfs->curr && core->config.tick_ns == 0 && !is_protected(&all[task]))
                protect(all, cfs, &all[task]);
            return task;
        }
        finish_delayed(core, slot, task);
    }
}

static void set_next(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct eevdf_entity *all = entities(core, slot);
    struct eevdf_cpu *cfs = aur_class_cpu(core, slot, cpu);
    tree_erase(all, cfs, task);
    cfs->curr = task;
    protect(all, cfs, &all[task]);
}

static void put_prev(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct eevdf_cpu *cfs = aur_class_cpu(core, slot, cpu);
    cfs->curr = AUR_NONE;
    tree_insert(entities(core, slot), cfs, task);
}

static void update_curr(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                        uint64_t ran_ns)
{
    struct eevdf_entity *all = entities(core, slot), *e = &all[task];
    struct eevdf_cpu *cfs = aur_class_cpu(core, slot, cpu);
    e->vruntime += virtual_ns(ran_ns, e->weight);
    if ((int64_t)(e->vruntime - e->deadline) >= 0) {
        refresh_slice(core, slot, e, task);
        e->deadline = e->vruntime + virtual_ns(e->slice_ns, e->weight);
    }
    update_min_vruntime(all, cfs);
}

static bool wakeup_preempt(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t curr,
                           uint32_t woken)
{
    struct eevdf_entity *all = entities(core, slot);
    const struct eevdf_cpu *cfs = aur_class_cpu(core, slot, cpu);
    uint32_t curr_policy = aur_task_at(core, curr)->policy;
    uint32_t woken_policy = aur_task_at(core, woken)->policy;
    if ((curr_policy == AUR_POLICY_IDLE) != (woken_policy == AUR_POLICY_IDLE)) {
        if (curr_policy == AUR_POLICY_IDLE)
            unprotect(&all[curr]);
        return curr_policy == AUR_POLICY_IDLE;
    }
    if (woken_policy != AUR_POLICY_OTHER)
        return false;
    // A shorter slice is a wish for lower latency: it overrides the protection (PREEMPT_SHORT).
    bool is_short = all[woken].slice_ns < all[curr].slice_ns;
    if (pick(all, cfs, !is_short) == woken) {
        if (is_short)
            unprotect(&all[curr]);
        return true;
    }
    if (is_short)
        all[curr].vprot =
            sooner(all[curr].vprot,
                   all[curr].vruntime + virtual_ns(least_slice_ns(all, cfs), all[curr].weight));
    return false;
}

static uint64_t slice_end(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    const struct eevdf_entity *e = &entities(core, slot)[task];
    const struct eevdf_cpu *cfs = aur_class_cpu(core, slot, cpu);
    if (cfs->queued == 1)
        return AUR_NEVER_NS;
    if (!is_protected(e))
        return 0;
    uint64_t left = e->vprot - e->vruntime;
    return e->weight == NICE_0_WEIGHT ? left
                                      : (left * e->weight + NICE_0_WEIGHT - 1) / NICE_0_WEIGHT;
}

// Gives up the rest of its slice, as if it had used it.
static void yield(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct eevdf_entity *all = entities(core, slot), *e = &all[task];
    struct eevdf_cpu *cfs = aur_class_cpu(core, slot, cpu);
    if (!eligible(cfs, average(all, cfs), e->vruntime))
        return;
    e->vruntime = e->deadline;
    e->deadline += virtual_ns(e->slice_ns, e->weight);
    update_min_vruntime(all, cfs);
}

static uint32_t balance(struct aur_core *core, uint32_t slot, uint32_t from, uint32_t to)
{
    struct eevdf_entity *all = entities(core, slot);
    const struct eevdf_cpu *cfs = aur_class_cpu(core, slot, from);
    uint32_t task = cfs->tree.first;
    for (uint32_t scan = AUR_BALANCE_SCAN; task != AUR_RB_NIL && scan > 0; scan--) {
        if (aur_can_move(core, task, to))
            return task;
        task = aur_rb_next(&by_deadline, all, task);
    }
    return AUR_NONE;
}

static void switched_from(struct aur_core *core, uint32_t slot, uint32_t task)
{
    if (entities(core, slot)[task].delayed_on != AUR_NONE)
        finish_delayed(core, slot, task);
}

static const char *check(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    struct eevdf_entity *all = entities(core, slot);
    const struct eevdf_cpu *cfs = aur_class_cpu(core, slot, cpu);
    uint32_t count, delayed = 0;
    int64_t sum = 0;
    uint64_t load = 0;
    if (!aur_rb_valid(&by_deadline, all, &cfs->tree, &count))
        return "eevdf: the tree is out of order";
    for (uint32_t task = cfs->tree.first; task != AUR_RB_NIL;
         task = aur_rb_next(&by_deadline, all, task)) {
        sum += key(cfs, all[task].vruntime) * (int64_t)all[task].weight;
        load += all[task].weight;
        delayed += all[task].delayed_on == cpu;
        if (update_least(all, task))
            return "eevdf: a node does not hold the least of its subtree";
        if (aur_task_at(core, task)->cpu != cpu || task == cfs->curr)
            return "eevdf: the tree holds a task that does not belong there";
        if ((all[task].delayed_on != AUR_NONE) !=
            (aur_task_at(core, task)->state == AUR_TASK_BLOCKED))
            return "eevdf: a task in the tree is neither runnable nor delayed";
    }
    if (sum != cfs->avg_vruntime || load != cfs->avg_load)
        return "eevdf: avg_vruntime or avg_load is not the sum over the tree";
    if (delayed != cfs->delayed || count + (cfs->curr != AUR_NONE) != cfs->queued)
        return "eevdf: queued or delayed is miscounted";
    if (cfs->queued - cfs->delayed != aur_cpu_at(core, cpu)->nr_class[slot])
        return "eevdf: the tree and the running task are not all runnable tasks";
    return NULL;
}

static const struct aur_class_param params[] = {
    [BASE_SLICE_NS] = {"base_slice_ns", 0, 0, AUR_SLICE_MAX_NS,
                       "slice of tasks without their own; 0: 0.7 ms * (1 + log2(CPUs))", NULL},
    {0},
};

const struct aur_sched_class aur_class_eevdf = {
    .info = {.name = "eevdf",
             .summary = "earliest eligible virtual deadline first, as in Linux 6.6 and later",
             .source = "Stoica, Abdel-Wahab 1995; Linux kernel/sched/fair.c",
             .params = params},
    .cpu_size = sizeof(struct eevdf_cpu),
    .task_size = sizeof(struct eevdf_entity),
    .init = init,
    .task_init = task_init,
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
    .switched_from = switched_from,
    .check = check,
};
