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
// avg_vruntime = sum(w_j * (v_j - v0)) and avg_load = sum(w_j) are kept over the tree, with v0 =
// min_vruntime to keep the products small; the running entity is added when needed. Linux tests
// v_i <= V as avg_vruntime >= (v_i - v0) * avg_load. As v_i is an integer the same is
// v_i - v0 <= floor(avg_vruntime / avg_load), which costs one division for a whole search.
//
// A task that blocks while it is not eligible stays in the tree, "delayed", and keeps competing
// until it is picked: so it cannot shed its negative lag by a short sleep. So does a group whose
// last task leaves.
//
// The features are the defaults of 6.18. With no tick a slice ends to the nanosecond (HRTICK). Not
// as there: quotients are exact, where Linux multiplies by a reciprocal of 32 bits; a new weight on
// the queue keeps V, where Linux takes the entity out and places it anew; a delayed task has its
// new weight from its wake on; a group is not preferred after one of its tasks has gone to sleep
// (PICK_BUDDY), nor can it be idle as a whole (cpu.idle).
//
// Cost: O(log n) per operation; the delayed ones that a pick removes are paid by their blocking.
#include "sched/eevdf_queue.h"
#include "sched/fair_walk.h"
#include "sched/keys.h"

enum {
    BASE_SLICE_NS
};

static struct eevdf_entity *entities(const struct aur_core *core, uint32_t slot)
{
    return aur_class_tasks(core, slot);
}

static struct eevdf_queue *queue_at(const struct aur_core *core, uint32_t slot, uint32_t queue)
{
    return aur_class_cpu(core, slot, queue);
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

// A group's is the shortest of its queue, see group_changed.
static void refresh_slice(const struct aur_core *core, uint32_t slot, struct eevdf_entity *e,
                          uint32_t entity)
{
    if (!aur_fair_is_task(core, entity))
        return;
    uint64_t own_ns = aur_task_at(core, entity)->slice_ns;
    e->slice_ns = (uint32_t)(own_ns != 0 ? own_ns : base_slice_ns(core, slot));
}

// What an entity takes along when it leaves: how far behind (positive) or ahead of V it is, bounded
// so that a long wait among many does not become a debt of seconds. `now` is V.
static void update_lag(const struct aur_core *core, struct eevdf_entity *e, uint64_t now)
{
    uint64_t tick_ns = core->config.tick_ns != 0 ? core->config.tick_ns : 1000000;
    uint64_t reach_ns = 2ull * e->slice_ns > tick_ns ? 2ull * e->slice_ns : tick_ns;
    int64_t limit = (int64_t)virtual_ns(reach_ns, e->base.weight);
    int64_t lag = (int64_t)(now - e->vruntime);
    e->vlag = lag > limit ? limit : lag < -limit ? -limit : lag;
}

// Gives a joining entity its vruntime and deadline so that it has the lag that it left with.
// Adding one of weight w and lag l moves V by -w*l / (W + w): for the lag to be l afterwards it
// is placed with l * (W + w) / W. `others` are in the queue besides it.
static void place(const struct aur_core *core, uint32_t slot, struct eevdf_queue *cfs,
                  uint32_t entity, uint32_t others, uint32_t flags)
{
    struct eevdf_entity *all = entities(core, slot), *e = &all[entity];
    refresh_slice(core, slot, e, entity);
    uint64_t vslice = virtual_ns(e->slice_ns, e->base.weight);
    int64_t lag = 0;
    if (others != 0 && e->vlag != 0) {
        uint64_t load = average(all, cfs).load;
        lag = e->vlag;
        if (load != 0)
            lag += e->vlag * (int64_t)e->base.weight / (int64_t)load;
    }
    e->vruntime = virtual_time(all, cfs) - (uint64_t)lag;
    bool keeps_deadline = e->base.own && (int64_t)e->deadline > 0; // 0: scaled to nothing
    e->base.own = 0;
    if (keeps_deadline) {
        e->deadline += e->vruntime;
        return;
    }
    // Those already there are half way through their slices on average: so are newcomers.
    if (flags & AUR_ENQUEUE_INITIAL)
        vslice /= 2;
    e->deadline = e->vruntime + vslice;
}

// The running entity's right to go on (RUN_TO_PARITY): until its deadline, or for the shortest
// slice that anyone here asks for if that is sooner.

static uint32_t least_slice_ns(const struct eevdf_entity *all, const struct eevdf_queue *cfs)
{
    uint32_t least_ns = UINT32_MAX;
    if (cfs->base.curr != AUR_NONE)
        least_ns = all[cfs->base.curr].slice_ns;
    if (!aur_rb_empty(&cfs->tree) && all[cfs->tree.root].min_slice_ns < least_ns)
        least_ns = all[cfs->tree.root].min_slice_ns;
    return least_ns;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return (int64_t)(a - b) < 0 ? a : b;
}

static void protect(const struct eevdf_entity *all, struct eevdf_queue *cfs)
{
    const struct eevdf_entity *curr = &all[cfs->base.curr];
    uint32_t slice_ns = least_slice_ns(all, cfs);
    cfs->vprot = curr->deadline;
    if (slice_ns < curr->slice_ns)
        cfs->vprot = sooner(cfs->vprot, curr->vruntime + virtual_ns(slice_ns, curr->base.weight));
}

static bool is_protected(const struct eevdf_entity *all, const struct eevdf_queue *cfs)
{
    return (int64_t)(all[cfs->base.curr].vruntime - cfs->vprot) < 0;
}

// Whoever preempts it before that must not lose against it when the CPU dispatches.
static void unprotect(const struct eevdf_entity *all, struct eevdf_queue *cfs)
{
    cfs->vprot = sooner(cfs->vprot, all[cfs->base.curr].vruntime);
}

// The leftmost eligible node, v - v0 <= limit, or NIL. A subtree whose min_vruntime is not eligible
// has no eligible node, so the search goes down one path.
static uint32_t search(const struct eevdf_entity *all, const struct eevdf_queue *cfs, int64_t limit)
{
    uint32_t at = cfs->tree.first;
    if (at == AUR_RB_NIL || key(cfs, all[at].vruntime) <= limit)
        return at;
    for (at = cfs->tree.root; at != AUR_RB_NIL;) {
        uint32_t left = all[at].node.left;
        if (left != AUR_RB_NIL && key(cfs, all[left].min_vruntime) <= limit)
            at = left;
        else if (key(cfs, all[at].vruntime) <= limit)
            break;
        else
            at = all[at].node.right;
    }
    return at;
}

// The pick: the earliest deadline of the eligible.
static uint32_t pick(const struct eevdf_entity *all, const struct eevdf_queue *cfs)
{
    uint32_t curr = cfs->base.curr;
    if (cfs->base.queued == 1)
        return curr != AUR_NONE ? curr : cfs->tree.first;
    int64_t limit = floor_average(all, cfs);
    if (curr != AUR_NONE && key(cfs, all[curr].vruntime) > limit)
        curr = AUR_NONE;
    if (curr != AUR_NONE && is_protected(all, cfs))
        return curr;
    uint32_t best = search(all, cfs, limit);
    return best == AUR_RB_NIL ||
                   (curr != AUR_NONE && (int64_t)(all[curr].deadline - all[best].deadline) < 0)
               ? curr
               : best;
}

// Whether that pick would be `woken`, which waits: mostly told without a search.
static bool is_picked(const struct eevdf_entity *all, const struct eevdf_queue *cfs, uint32_t woken,
                      bool respect_slice)
{
    const struct eevdf_entity *curr = &all[cfs->base.curr];
    int64_t limit = floor_average(all, cfs);
    if (key(cfs, all[woken].vruntime) > limit)
        return false;
    if (key(cfs, curr->vruntime) <= limit && ((respect_slice && is_protected(all, cfs)) ||
                                              (int64_t)(curr->deadline - all[woken].deadline) < 0))
        return false;
    return woken == cfs->tree.first || search(all, cfs, limit) == woken;
}

// The discipline.

static void queue_init(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    struct eevdf_queue *cfs = queue_at(core, slot, queue);
    aur_rb_init(&cfs->tree);
    cfs->renewed = AUR_NONE;
    cfs->min_vruntime = 0 - (1ull << 20); // as in Linux: an overflow shows early
}

static void entity_init(struct aur_core *core, uint32_t slot, uint32_t entity)
{
    entities(core, slot)[entity].slice_ns = (uint32_t)base_slice_ns(core, slot);
}

static void enqueue(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                    uint32_t flags)
{
    struct eevdf_queue *cfs = queue_at(core, slot, queue);
    place(core, slot, cfs, entity, cfs->base.queued, flags);
    tree_insert(entities(core, slot), cfs, entity);
}

static bool dequeue(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                    uint32_t flags)
{
    struct eevdf_entity *all = entities(core, slot), *e = &all[entity];
    struct eevdf_queue *cfs = queue_at(core, slot, queue);
    bool runs = cfs->base.curr == entity;
    uint64_t now = virtual_time(all, cfs);
    if ((flags & (AUR_DEQUEUE_SLEEP | AUR_DEQUEUE_THROTTLE)) == AUR_DEQUEUE_SLEEP &&
        (int64_t)(now - e->vruntime) < 0) {
        if (runs) {
            cfs->base.curr = AUR_NONE;
            tree_insert(all, cfs, entity);
        }
        return false;
    }
    update_lag(core, e, now);
    if (flags & (AUR_DEQUEUE_CHANGE | AUR_DEQUEUE_MOVE)) {
        e->deadline -= e->vruntime;
        e->base.own = 1;
    }
    if (runs)
        cfs->base.curr = AUR_NONE;
    else
        tree_erase(all, cfs, entity);
    if ((flags & (AUR_DEQUEUE_CHANGE | AUR_DEQUEUE_MOVE)) != AUR_DEQUEUE_CHANGE)
        update_min_vruntime(all, cfs);
    return true;
}

// It has been picked: its negative lag is worked off, so it leaves with none to its credit.
static void finish_delayed(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity)
{
    struct eevdf_entity *all = entities(core, slot), *e = &all[entity];
    struct eevdf_queue *cfs = queue_at(core, slot, queue);
    update_lag(core, e, virtual_time(all, cfs));
    if (e->vlag > 0)
        e->vlag = 0;
    tree_erase(all, cfs, entity);
    update_min_vruntime(all, cfs);
}

// It is back while still in the tree: it goes on from there, but not with lag gained asleep.
static void requeue_delayed(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity)
{
    struct eevdf_entity *all = entities(core, slot), *e = &all[entity];
    struct eevdf_queue *cfs = queue_at(core, slot, queue);
    update_lag(core, e, virtual_time(all, cfs));
    if (e->vlag <= 0)
        return;
    tree_erase(all, cfs, entity);
    e->vlag = 0;
    place(core, slot, cfs, entity, cfs->base.queued - 1, 0);
    tree_insert(all, cfs, entity);
}

static uint32_t pick_next(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    struct eevdf_entity *all = entities(core, slot);
    struct eevdf_queue *cfs = queue_at(core, slot, queue);
    uint32_t entity = pick(all, cfs);
    // With no tick to end the next slice, one that goes on gets one of its own, as Linux's HRTICK
    // arms one.
    cfs->renewed = AUR_NONE;
    if (entity == cfs->base.curr && core->config.tick_ns == 0 && !is_protected(all, cfs)) {
        protect(all, cfs);
        cfs->renewed = entity;
    }
    return entity;
}

static void set_next(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity)
{
    struct eevdf_entity *all = entities(core, slot);
    struct eevdf_queue *cfs = queue_at(core, slot, queue);
    tree_erase(all, cfs, entity);
    cfs->base.curr = entity;
    protect(all, cfs);
}

static void put_prev(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity)
{
    struct eevdf_queue *cfs = queue_at(core, slot, queue);
    cfs->base.curr = AUR_NONE;
    tree_insert(entities(core, slot), cfs, entity);
}

static void update_curr(struct aur_core *core, uint32_t slot, uint32_t queue, uint64_t ran_ns)
{
    struct eevdf_queue *cfs = queue_at(core, slot, queue);
    uint32_t entity = cfs->base.curr;
    struct eevdf_entity *all = entities(core, slot), *e = &all[entity];
    cfs->renewed = AUR_NONE;
    e->vruntime += virtual_ns(ran_ns, e->base.weight);
    if ((int64_t)(e->vruntime - e->deadline) >= 0) {
        refresh_slice(core, slot, e, entity);
        e->deadline = e->vruntime + virtual_ns(e->slice_ns, e->base.weight);
    }
    update_min_vruntime(all, cfs);
}

static int64_t scaled(int64_t virtual, uint32_t from, uint32_t to)
{
    return virtual * (int64_t)from / (int64_t)to;
}

// The lag in wall time stays, so the virtual lag and what is relative to the vruntime scale
// (reweight_entity). V stays where it is: its sum loses w * (V - v) and gains as much.
static void reweight(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                     uint32_t weight)
{
    struct eevdf_entity *all = entities(core, slot), *e = &all[entity];
    struct eevdf_queue *cfs = queue_at(core, slot, queue);
    uint32_t before = e->base.weight;
    bool runs = cfs->base.curr == entity;
    if (!e->base.on_queue) {
        e->vlag = scaled(e->vlag, before, weight);
        if (e->base.own)
            e->deadline = (uint64_t)scaled((int64_t)e->deadline, before, weight);
        e->base.weight = weight;
        return;
    }
    uint64_t now = virtual_time(all, cfs);
    update_lag(core, e, now);
    if (!runs)
        tree_erase(all, cfs, entity);
    int64_t deadline = scaled((int64_t)(e->deadline - e->vruntime), before, weight);
    int64_t left = (int64_t)(cfs->vprot - e->vruntime); // alone it may be over since long
    int64_t vprot = left > 0 ? scaled(left, before, weight) : 0;
    if (deadline <= 0) // scaled to nothing
        deadline = (int64_t)virtual_ns(e->slice_ns, weight);
    e->vlag = scaled(e->vlag, before, weight);
    e->vruntime = now - (uint64_t)e->vlag;
    e->deadline = e->vruntime + (uint64_t)deadline;
    e->base.weight = weight;
    if (runs)
        cfs->vprot = e->vruntime + (uint64_t)vprot;
    else
        tree_insert(all, cfs, entity);
    update_min_vruntime(all, cfs);
}

// The group is to serve its tasks in the time that the most urgent of them asks for: it has the
// shortest slice of its queue (enqueue_task_fair).
static void group_changed(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t group)
{
    struct eevdf_entity *all = entities(core, slot), *e = &all[group];
    uint32_t slice_ns = least_slice_ns(all, queue_at(core, slot, aur_fair_own_queue(core, group)));
    if (slice_ns == UINT32_MAX || slice_ns == e->slice_ns)
        return;
    e->slice_ns = slice_ns;
    if (e->base.on_queue && queue_at(core, slot, queue)->base.curr != group)
        aur_rb_propagate(&by_deadline, &all->node, group);
}

static bool is_idle(const struct aur_core *core, uint32_t entity)
{
    return aur_fair_is_task(core, entity) && aur_task_at(core, entity)->policy == AUR_POLICY_IDLE;
}

static bool preempts(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t woken,
                     uint32_t task)
{
    struct eevdf_entity *all = entities(core, slot);
    struct eevdf_queue *cfs = queue_at(core, slot, queue);
    uint32_t curr = cfs->base.curr;
    bool curr_idle = is_idle(core, curr);
    if (curr_idle != is_idle(core, woken)) {
        if (curr_idle)
            unprotect(all, cfs);
        return curr_idle;
    }
    if (aur_task_at(core, task)->policy != AUR_POLICY_OTHER)
        return false;
    // A shorter slice is a wish for lower latency: it overrides the protection (PREEMPT_SHORT).
    bool is_short = all[woken].slice_ns < all[curr].slice_ns;
    if (is_picked(all, cfs, woken, !is_short)) {
        if (is_short)
            unprotect(all, cfs);
        return true;
    }
    if (is_short)
        cfs->vprot = sooner(cfs->vprot, all[curr].vruntime + virtual_ns(least_slice_ns(all, cfs),
                                                                        all[curr].base.weight));
    return false;
}

static uint64_t slice_left(const struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct eevdf_queue *cfs = queue_at(core, slot, queue);
    const struct eevdf_entity *all = entities(core, slot), *e = &all[cfs->base.curr];
    if (cfs->base.queued == 1)
        return AUR_NEVER_NS;
    if (!is_protected(all, cfs))
        return 0;
    uint64_t left = cfs->vprot - e->vruntime;
    return e->base.weight == AUR_NICE_0_WEIGHT
               ? left
               : (left * e->base.weight + AUR_NICE_0_WEIGHT - 1) / AUR_NICE_0_WEIGHT;
}

// Gives up the rest of its slice, as if it had used it.
static void yield(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    uint32_t cpu = queue % core->config.cpus;
    if (aur_cpu_at(core, cpu)->nr == 1 && queue_at(core, slot, cpu)->base.queued == 1)
        return; // alone it has nobody to yield to (yield_task_fair)
    struct eevdf_queue *cfs = queue_at(core, slot, queue);
    struct eevdf_entity *all = entities(core, slot), *e = &all[cfs->base.curr];
    if (!eligible(all, cfs, e->vruntime))
        return;
    e->vruntime = e->deadline;
    e->deadline += virtual_ns(e->slice_ns, e->base.weight);
    update_min_vruntime(all, cfs);
}

static uint32_t first(const struct aur_core *core, uint32_t slot, uint32_t queue)
{
    uint32_t entity = queue_at(core, slot, queue)->tree.first;
    return entity == AUR_RB_NIL ? AUR_NONE : entity;
}

static uint32_t after(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity)
{
    (void)queue;
    entity = aur_rb_next(&by_deadline, &entities(core, slot)->node, entity);
    return entity == AUR_RB_NIL ? AUR_NONE : entity;
}

// How much longer curr keeps the CPU whatever the deadlines say, as it was when the choice fell.
static int64_t protection(const struct eevdf_queue *cfs, const struct eevdf_entity *all,
                          uint32_t entity)
{
    const struct eevdf_entity *e = &all[entity];
    bool counts = entity == cfs->base.curr && entity != cfs->renewed && is_protected(all, cfs);
    return counts ? (int64_t)(cfs->vprot - e->vruntime) : 0;
}

static void explain(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                    struct aur_candidate *candidate)
{
    const struct eevdf_entity *all = entities(core, slot), *e = &all[entity];
    const struct eevdf_queue *cfs = queue_at(core, slot, queue);
    aur_key_add(candidate, AUR_KEY_ELIGIBLE, eligible(all, cfs, e->vruntime));
    aur_key_add(candidate, AUR_KEY_VIRTUAL_DEADLINE, key(cfs, e->deadline));
    aur_key_add(candidate, AUR_KEY_VRUNTIME, key(cfs, e->vruntime));
    aur_key_add(candidate, AUR_KEY_LAG, (int64_t)(virtual_time(all, cfs) - e->vruntime));
    if (cfs->base.curr == entity)
        aur_key_add(candidate, AUR_KEY_PROTECTED, protection(cfs, all, entity));
    aur_key_add(candidate, AUR_KEY_WEIGHT, e->base.weight);
}

// Of two with one deadline the one in the tree goes before the one that runs.
static void versus(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t picked,
                   uint32_t other, struct aur_verdict *verdict)
{
    const struct eevdf_entity *all = entities(core, slot), *p = &all[picked], *o = &all[other];
    const struct eevdf_queue *cfs = queue_at(core, slot, queue);
    int64_t until = key(cfs, p->deadline), ends = key(cfs, o->deadline);
    int64_t guard = protection(cfs, all, picked);
    if (guard > 0) {
        bool next = is_picked(all, cfs, other, false);
        aur_verdict_set(verdict, AUR_RULE_PROTECTED, next ? AUR_KEY_PROTECTED : AUR_KEY_NONE,
                        AUR_OF_PICKED, next ? guard : 0, 0);
    } else if (!eligible(all, cfs, o->vruntime)) {
        int64_t lag = (int64_t)(virtual_time(all, cfs) - o->vruntime);
        aur_verdict_set(verdict, AUR_RULE_ELIGIBLE, ends < until ? AUR_KEY_LAG : AUR_KEY_NONE,
                        AUR_OF_OTHER, ends < until ? lag : 0, 0);
    } else {
        aur_verdict_set(verdict, ends == until ? AUR_RULE_TIE : AUR_RULE_VIRTUAL_DEADLINE,
                        AUR_KEY_VIRTUAL_DEADLINE, AUR_OF_OTHER, ends,
                        picked == cfs->base.curr ? until : until - 1);
    }
}

// No lag or slice reaches so far, see eevdf_queue.h: what is farther away would overflow products.
#define REACH (1ll << 40)

static bool is_near(uint64_t a, uint64_t b)
{
    int64_t away = (int64_t)(a - b);
    return away >= -REACH && away <= REACH;
}

static bool in_range(const struct eevdf_entity *e, const struct eevdf_queue *cfs)
{
    bool queued = e->base.on_queue;
    return e->slice_ns >= AUR_SLICE_MIN_NS && e->slice_ns <= AUR_SLICE_MAX_NS &&
           is_near((uint64_t)e->vlag, 0) && (!queued || is_near(e->vruntime, cfs->min_vruntime)) &&
           (!(queued || e->base.own) || is_near(e->deadline, queued ? e->vruntime : 0));
}

static const char *check(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    struct eevdf_entity *all = entities(core, slot);
    const struct eevdf_queue *cfs = queue_at(core, slot, queue);
    for (uint32_t e = 0; e < aur_fair_entities(core, slot) && queue == 0; e++)
        if ((aur_fair_is_task(core, e)
                 ? aur_core_task(core, e) != NULL
                 : aur_core_group(core, aur_fair_group_of(core, aur_fair_own_queue(core, e))) !=
                       NULL) &&
            !in_range(&all[e], queue_at(core, slot, all[e].base.queue)))
            return "eevdf: an entity is farther from the others than any lag";
    if (cfs->base.curr != AUR_NONE && (int64_t)(cfs->vprot - all[cfs->base.curr].vruntime) > REACH)
        return "eevdf: who runs is protected for longer than any slice";
    if (cfs->base.curr != AUR_NONE && cfs->base.queued > 1 &&
        virtual_ns(core->now_ns - aur_cpu_at(core, aur_fair_cpu_of(core, queue))->clock_ns,
                   all[cfs->base.curr].base.weight) > (uint64_t)REACH)
        return "eevdf: who runs while others wait was not charged for longer than any slice";
    uint32_t count;
    int64_t sum = 0;
    uint64_t load = 0;
    if (!aur_rb_valid(&by_deadline, &all->node, &cfs->tree, aur_fair_entities(core, slot), &count))
        return "eevdf: the tree is out of order";
    for (uint32_t entity = first(core, slot, queue); entity != AUR_NONE;
         entity = after(core, slot, queue, entity)) {
        if (!is_near(all[entity].vruntime, cfs->min_vruntime))
            return "eevdf: an entity is not of the queue that has it";
        sum += key(cfs, all[entity].vruntime) * (int64_t)all[entity].base.weight;
        load += all[entity].base.weight;
        if (update_least(&all->node, entity))
            return "eevdf: a node does not hold the least of its subtree";
    }
    if (sum != cfs->avg_vruntime || load != cfs->avg_load)
        return "eevdf: avg_vruntime or avg_load is not the sum over the tree";
    return NULL;
}

static const struct aur_class_param params[] = {
    [BASE_SLICE_NS] = {"base_slice_ns", 0, 0, AUR_SLICE_MAX_NS,
                       "slice of tasks without their own; 0: 0.7 ms * (1 + log2(CPUs))", NULL},
    {0},
};

static const struct aur_fair_discipline eevdf = {
    .entity_size = sizeof(struct eevdf_entity),
    .queue_size = sizeof(struct eevdf_queue),
    .queue_init = queue_init,
    .entity_init = entity_init,
    .enqueue = enqueue,
    .dequeue = dequeue,
    .finish_delayed = finish_delayed,
    .requeue_delayed = requeue_delayed,
    .pick = pick_next,
    .set_next = set_next,
    .put_prev = put_prev,
    .update_curr = update_curr,
    .reweight = reweight,
    .group_changed = group_changed,
    .preempts = preempts,
    .slice_left = slice_left,
    .yield = yield,
    .first = first,
    .after = after,
    .explain = explain,
    .versus = versus,
    .check = check,
};

AUR_FAIR_WALKS(eevdf);

const struct aur_sched_class aur_class_eevdf = {
    .info = {.name = "eevdf",
             .summary = "earliest eligible virtual deadline first, as in Linux 6.6 and later",
             .source = "Stoica, Abdel-Wahab 1995; Linux kernel/sched/fair.c",
             .params = params,
             .traits = AUR_CLASS_GROUPS},
    AUR_FAIR_CLASS(eevdf),
};
