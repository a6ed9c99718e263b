// CFS, the completely fair scheduler, as Linux had it up to 6.5.
// Source: Linux 6.5 kernel/sched/fair.c, whose names are kept: vruntime, min_vruntime,
// place_entity, sched_slice, check_preempt_tick, wakeup_preempt_entity, buddies.
//
//     vruntime   CPU time divided by weight; who has the least is due
//     slice      period * weight / load, on each level; the period is sched_latency, stretched to
//                min_granularity for each task beyond nr_latency of them
//     a sleeper  comes back no further behind min_vruntime than half of sched_latency
//     a new task comes one slice behind it (START_DEBIT)
//     a waker    preempts if it is behind by more than wakeup_granularity of its own virtual time
//
// The features are the defaults of 6.5: GENTLE_FAIR_SLEEPERS, START_DEBIT, LAST_BUDDY,
// WAKEUP_PREEMPTION, ALT_PERIOD and BASE_SLICE on, NEXT_BUDDY off. With a tick the slice ends at a
// tick, with none (HRTICK) as if ticks came all the time. Two things are not as there: quotients
// are exact, where Linux multiplies by a reciprocal of 32 bits; and a new task is placed on the
// queue where it starts, not on its parent's.
//
// Cost: O(log n) per operation, O(depth) for a slice.
#include "sched/cfs_queue.h"
#include "sched/fair_walk.h"

enum {
    SCHED_LATENCY_NS,
    MIN_GRANULARITY_NS,
    WAKEUP_GRANULARITY_NS,
    IDLE_MIN_GRANULARITY_NS
};

// The tunables (kernel/sched/fair.c: update_sysctl, SCHED_TUNABLESCALING_LOG), worked out once.

static uint64_t scaled(const struct aur_core *core, uint32_t slot, uint32_t param, uint64_t base_ns)
{
    uint64_t set_ns = aur_class_param(core, slot, param);
    if (set_ns != 0)
        return set_ns < AUR_SLICE_MIN_NS ? AUR_SLICE_MIN_NS : set_ns;
    uint32_t cpus = core->config.cpus < 8 ? core->config.cpus : 8;
    return base_ns * (32u - (uint32_t)__builtin_clz(cpus));
}

static uint64_t sched_latency_ns(const struct aur_core *core, uint32_t slot)
{
    return cfs_queue_at(core, slot, 0)->latency_ns;
}

static uint64_t min_granularity_ns(const struct aur_core *core, uint32_t slot)
{
    return cfs_queue_at(core, slot, 0)->granularity_ns;
}

// count >= sched_nr_latency, which is latency / minimum rounded up (sched_update_scaling): do so
// many fill the latency with their least slices?
static bool fill_latency(const struct aur_core *core, uint32_t slot, uint64_t count)
{
    return count * min_granularity_ns(core, slot) >= sched_latency_ns(core, slot);
}

static bool is_idle(const struct aur_core *core, uint32_t entity)
{
    return aur_fair_is_task(core, entity) && aur_task_at(core, entity)->policy == AUR_POLICY_IDLE;
}

// a * b / c, where b is at most c. The product is split if it could overflow.
static uint64_t part(uint64_t a, uint64_t b, uint64_t c)
{
    return a < 1ull << 32 ? a * b / c : a / c * b + a % c * b / c;
}

static uint64_t sched_slice(const struct aur_core *core, uint32_t slot, uint32_t queue,
                            uint32_t entity)
{
    const struct cfs_entity *all = cfs_entities(core, slot);
    bool queued = all[entity].fair.on_queue;
    uint64_t running = cfs_queue_at(core, slot, aur_fair_cpu_of(core, queue))->fair.tasks + !queued;
    uint64_t minimum_ns = min_granularity_ns(core, slot);
    uint64_t slice =
        fill_latency(core, slot, running - 1) ? running * minimum_ns : sched_latency_ns(core, slot);
    for (uint32_t e = entity, at = queue;; at = all[e].fair.queue) {
        uint64_t weight = all[e].fair.weight, load = cfs_queue_at(core, slot, at)->fair.load;
        load += all[e].fair.on_queue ? 0 : weight;
        slice = part(slice, weight, load);
        if (at < core->config.cpus)
            break;
        e = aur_fair_owner(core, at);
    }
    const struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    bool all_idle = q->fair.queued != 0 && q->fair.queued == q->idle;
    if (is_idle(core, entity) && !all_idle)
        minimum_ns = aur_class_param(core, slot, IDLE_MIN_GRANULARITY_NS);
    return slice > minimum_ns ? slice : minimum_ns;
}

static const struct cfs_supposed as_it_is = {AUR_NONE, 0};

uint64_t aur_cfs_wakeup_gran(const struct aur_core *core, uint32_t slot, uint32_t entity)
{
    return cfs_virtual_ns(cfs_queue_at(core, slot, 0)->wakeup_ns,
                          cfs_entities(core, slot)[entity].fair.weight);
}

// wakeup_preempt_entity() == 1: `ahead` is so far behind in vruntime that it may not be passed over
// for `entity`.
static bool preempts_entity(const struct aur_core *core, uint32_t slot,
                            const struct cfs_supposed *if_so, uint32_t entity, uint32_t ahead)
{
    const struct cfs_entity *all = cfs_entities(core, slot);
    int64_t difference =
        (int64_t)(cfs_vruntime_of(all, if_so, entity) - cfs_vruntime_of(all, if_so, ahead));
    return difference > 0 && (uint64_t)difference > aur_cfs_wakeup_gran(core, slot, ahead);
}

// Virtual time.

static void update_min_vruntime(const struct aur_core *core, uint32_t slot, struct cfs_queue *q)
{
    const struct cfs_entity *all = cfs_entities(core, slot);
    uint64_t least = q->min_vruntime;
    if (q->fair.curr != AUR_NONE)
        least = all[q->fair.curr].vruntime;
    if (!aur_rb_empty(&q->tree)) {
        uint64_t first = all[q->tree.first].vruntime;
        if (q->fair.curr == AUR_NONE || cfs_before(first, least))
            least = first;
    }
    if (cfs_before(q->min_vruntime, least))
        q->min_vruntime = least;
}

// Buddies. A mark is set on all levels from the entity up, and cleared as far up as it is set.

enum buddy {
    NEXT,
    LAST,
    SKIP
};

static uint32_t *buddy_of(struct cfs_queue *q, enum buddy which)
{
    struct cfs_buddies *buddies = &q->buddies;
    return which == NEXT ? &buddies->next : which == LAST ? &buddies->last : &buddies->skip;
}

static void set_buddy(struct aur_core *core, uint32_t slot, uint32_t entity, enum buddy which)
{
    const struct cfs_entity *all = cfs_entities(core, slot);
    while (entity != AUR_NONE && all[entity].fair.on_queue) {
        if (which != SKIP && is_idle(core, entity))
            return;
        *buddy_of(cfs_queue_at(core, slot, all[entity].fair.queue), which) = entity;
        entity = aur_fair_owner(core, all[entity].fair.queue);
    }
}

static void clear_buddies(struct aur_core *core, uint32_t slot, uint32_t entity)
{
    const struct cfs_entity *all = cfs_entities(core, slot);
    const struct cfs_buddies *here = &cfs_queue_at(core, slot, all[entity].fair.queue)->buddies;
    if (here->next != entity && here->last != entity && here->skip != entity)
        return; // mostly
    for (enum buddy which = NEXT; which <= SKIP; which++)
        for (uint32_t e = entity; e != AUR_NONE; e = aur_fair_owner(core, all[e].fair.queue)) {
            uint32_t *buddy = buddy_of(cfs_queue_at(core, slot, all[e].fair.queue), which);
            if (*buddy != e)
                break;
            *buddy = AUR_NONE;
        }
}

// Joining and leaving.

// After so long asleep the difference to min_vruntime, which runs at most 2 / 1024 times as fast,
// may no longer be one of 63 bits (entity_is_long_sleeper).
#define LONG_SLEEP_NS ((1ull << 63) / AUR_NICE_0_WEIGHT)

static void place_entity(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                         bool initial)
{
    struct cfs_entity *e = &cfs_entities(core, slot)[entity];
    const struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    uint64_t vruntime = q->min_vruntime;
    if (initial)
        vruntime += cfs_virtual_ns(sched_slice(core, slot, queue, entity), e->fair.weight);
    else if (is_idle(core, entity))
        vruntime -= min_granularity_ns(core, slot) / 2;
    else
        vruntime -= sched_latency_ns(core, slot) / 2;
    bool long_asleep = e->exec_at_ns != 0 && core->now_ns - e->exec_at_ns > LONG_SLEEP_NS;
    if (long_asleep || cfs_before(e->vruntime, vruntime))
        e->vruntime = vruntime;
}

static void enqueue(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                    uint32_t flags)
{
    struct cfs_entity *all = cfs_entities(core, slot), *e = &all[entity];
    struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    bool slept = e->home != AUR_NONE;
    if (flags & AUR_ENQUEUE_INITIAL)
        e->vruntime = q->fair.curr == AUR_NONE ? q->min_vruntime : all[q->fair.curr].vruntime;
    else if (!slept)
        e->vruntime += q->min_vruntime;
    else if (e->home != queue) // migrate_task_rq_fair
        e->vruntime += q->min_vruntime - cfs_queue_at(core, slot, e->home)->min_vruntime;
    if (slept || flags & (AUR_ENQUEUE_INITIAL | AUR_ENQUEUE_WAKE))
        place_entity(core, slot, queue, entity, flags & AUR_ENQUEUE_INITIAL);
    if (e->home != queue && !(flags & AUR_ENQUEUE_CHANGE))
        e->exec_at_ns = 0;
    e->home = queue;
    e->idle = is_idle(core, entity);
    q->idle += e->idle;
    aur_rb_insert(&cfs_by_vruntime, cfs_nodes(core, slot), &q->tree, entity);
}

static bool dequeue(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                    uint32_t flags)
{
    struct cfs_entity *e = &cfs_entities(core, slot)[entity];
    struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    clear_buddies(core, slot, entity);
    if (q->fair.curr == entity)
        q->fair.curr = AUR_NONE;
    else
        aur_rb_erase(&cfs_by_vruntime, cfs_nodes(core, slot), &q->tree, entity);
    q->idle -= e->idle;
    if (!(flags & (AUR_DEQUEUE_SLEEP | AUR_DEQUEUE_THROTTLE))) {
        e->vruntime -= q->min_vruntime;
        e->home = AUR_NONE;
    }
    if (!(flags & AUR_DEQUEUE_CHANGE)) // else it would come back behind where it was
        update_min_vruntime(core, slot, q);
    // Let another of its group have the CPU (dequeue_task_fair).
    if (flags & AUR_DEQUEUE_SLEEP && !aur_rb_empty(&q->tree))
        set_buddy(core, slot, aur_fair_owner(core, queue), NEXT);
    return true;
}

static void reweight(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity,
                     uint32_t weight)
{
    struct cfs_entity *e = &cfs_entities(core, slot)[entity];
    e->fair.weight = weight;
    if (e->fair.on_queue) {
        struct cfs_queue *q = cfs_queue_at(core, slot, queue);
        q->idle -= e->idle;
        e->idle = is_idle(core, entity);
        q->idle += e->idle;
    }
}

// When the slice of curr is over.

uint64_t aur_cfs_ideal_runtime_ns(const struct aur_core *core, uint32_t slot, uint32_t queue)
{
    uint64_t slice_ns = sched_slice(core, slot, queue, cfs_queue_at(core, slot, queue)->fair.curr);
    uint64_t most_ns = sched_latency_ns(core, slot);
    return slice_ns < most_ns ? slice_ns : most_ns;
}

// check_preempt_tick.
static bool tick(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct cfs_entity *all = cfs_entities(core, slot);
    const struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    const struct cfs_entity *curr = &all[q->fair.curr];
    if (aur_rb_empty(&q->tree))
        return false;
    uint64_t ideal_ns = aur_cfs_ideal_runtime_ns(core, slot, queue);
    if (curr->ran_ns > ideal_ns) {
        clear_buddies(core, slot, q->fair.curr); // it is not to be elected again as a favour
        return true;
    }
    return curr->ran_ns >= min_granularity_ns(core, slot) &&
           (int64_t)(curr->vruntime - all[q->tree.first].vruntime) > (int64_t)ideal_ns;
}

uint64_t aur_cfs_until_preempted(const struct aur_core *core, uint32_t slot, uint32_t queue,
                                 uint64_t ran_ns, int64_t behind)
{
    const struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    uint64_t ideal_ns = aur_cfs_ideal_runtime_ns(core, slot, queue);
    uint64_t least_ns = min_granularity_ns(core, slot);
    if (ran_ns >= ideal_ns)
        return 0;
    uint64_t left_ns = ideal_ns - ran_ns;
    uint64_t wait_ns = ran_ns < least_ns ? least_ns - ran_ns : 0;
    int64_t lacks = (int64_t)ideal_ns - behind + 1;
    if (lacks > 0) {
        if (lacks >= 1ll << 40)
            return left_ns;
        uint64_t weight = cfs_entities(core, slot)[q->fair.curr].fair.weight;
        uint64_t lacks_ns = ((uint64_t)lacks * weight + AUR_NICE_0_WEIGHT - 1) / AUR_NICE_0_WEIGHT;
        wait_ns = wait_ns > lacks_ns ? wait_ns : lacks_ns;
    }
    return wait_ns < left_ns ? wait_ns : left_ns;
}

static uint64_t until_preempted(const struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct cfs_entity *all = cfs_entities(core, slot);
    const struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    const struct cfs_entity *curr = &all[q->fair.curr];
    if (aur_rb_empty(&q->tree))
        return AUR_NEVER_NS;
    return aur_cfs_until_preempted(core, slot, queue, curr->ran_ns,
                                   (int64_t)(curr->vruntime - all[q->tree.first].vruntime));
}

static uint64_t slice_left(const struct aur_core *core, uint32_t slot, uint32_t queue)
{
    return core->config.tick_ns != 0 ? AUR_NEVER_NS : until_preempted(core, slot, queue);
}

static void update_curr(struct aur_core *core, uint32_t slot, uint32_t queue, uint64_t ran_ns)
{
    struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    struct cfs_entity *curr = &cfs_entities(core, slot)[q->fair.curr];
    curr->ran_ns += ran_ns;
    curr->exec_at_ns = core->now_ns;
    curr->vruntime += cfs_virtual_ns(ran_ns, curr->fair.weight);
    update_min_vruntime(core, slot, q);
}

// Picking.

uint32_t aur_cfs_elect(const struct aur_core *core, uint32_t slot,
                       const struct cfs_buddies *buddies, const struct cfs_supposed *if_so,
                       uint32_t left, uint32_t second)
{
    const uint32_t favoured[] = {buddies->next, buddies->last, second};
    for (uint32_t i = 0; i < sizeof favoured / sizeof favoured[0]; i++)
        if (favoured[i] != AUR_NONE && !preempts_entity(core, slot, if_so, favoured[i], left))
            return favoured[i];
    return left;
}

static uint32_t choose(const struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct cfs_entity *all = cfs_entities(core, slot);
    const struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    uint32_t curr = q->fair.curr, waiting = cfs_first(core, slot, queue), second = AUR_NONE;
    uint32_t left = cfs_lesser(all, &as_it_is, waiting, curr);
    if (q->buddies.skip == left)
        second = left == curr
                     ? waiting
                     : cfs_lesser(all, &as_it_is, cfs_after(core, slot, queue, waiting), curr);
    return aur_cfs_elect(core, slot, &q->buddies, &as_it_is, left, second);
}

static uint32_t pick(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    uint32_t curr = q->fair.curr;
    q->found = q->buddies;
    q->found_ran_ns = curr == AUR_NONE ? 0 : cfs_entities(core, slot)[curr].ran_ns;
    bool over =
        core->config.tick_ns == 0 && curr != AUR_NONE && until_preempted(core, slot, queue) == 0;
    if (over)
        clear_buddies(core, slot, curr);
    uint32_t picked = choose(core, slot, queue);
    // With no tick to end the next slice, who goes on gets one of its own.
    if (over && picked == curr)
        cfs_entities(core, slot)[curr].ran_ns = 0;
    return picked;
}

static void set_next(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity)
{
    struct cfs_entity *e = &cfs_entities(core, slot)[entity];
    struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    clear_buddies(core, slot, entity);
    aur_rb_erase(&cfs_by_vruntime, cfs_nodes(core, slot), &q->tree, entity);
    q->fair.curr = entity;
    e->ran_ns = 0;
    e->exec_at_ns = core->now_ns;
}

static void put_prev(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t entity)
{
    struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    q->fair.curr = AUR_NONE;
    aur_rb_insert(&cfs_by_vruntime, cfs_nodes(core, slot), &q->tree, entity);
}

// check_preempt_wakeup.
static bool preempts(struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t woken,
                     uint32_t task)
{
    const struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    uint32_t curr = q->fair.curr;
    uint32_t running = aur_cpu_at(core, aur_fair_cpu_of(core, queue))->curr;
    bool woken_idle = is_idle(core, task);
    if (!is_idle(core, running) || woken_idle) {
        if (aur_task_at(core, task)->policy != AUR_POLICY_OTHER)
            return false;
        bool curr_idle = is_idle(core, curr);
        if (curr_idle != is_idle(core, woken)) {
            if (!curr_idle)
                return false;
        } else {
            if (!preempts_entity(core, slot, &as_it_is, curr, woken))
                return false;
            set_buddy(core, slot, woken, NEXT);
        }
    }
    if (fill_latency(core, slot, q->fair.queued) && aur_fair_is_task(core, curr))
        set_buddy(core, slot, curr, LAST);
    return true;
}

static void yield(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    if (aur_cpu_at(core, aur_fair_cpu_of(core, queue))->nr == 1)
        return;
    uint32_t curr = cfs_queue_at(core, slot, queue)->fair.curr;
    clear_buddies(core, slot, curr);
    set_buddy(core, slot, curr, SKIP);
}

static bool is_buddy(const struct aur_core *core, uint32_t slot, uint32_t queue, uint32_t buddy)
{
    const struct cfs_entity *all = cfs_entities(core, slot);
    return buddy == AUR_NONE || (buddy < aur_fair_entities(core, slot) &&
                                 all[buddy].fair.on_queue && all[buddy].fair.queue == queue);
}

// So far apart that differences of two vruntimes, and what is added to them, do not overflow.
#define REACH (INT64_MAX / 4)

static bool is_far(uint64_t vruntime, uint64_t from)
{
    int64_t away = (int64_t)(vruntime - from);
    return away > REACH || away < -REACH;
}

// Of what is in no queue, too: it is to come back. A sleeper is behind by as much as it will.
static const char *check_all(const struct aur_core *core, uint32_t slot)
{
    const struct cfs_entity *all = cfs_entities(core, slot);
    const struct cfs_queue *q = cfs_queue_at(core, slot, 0);
    if (q->latency_ns != scaled(core, slot, SCHED_LATENCY_NS, 6000000) ||
        q->granularity_ns != scaled(core, slot, MIN_GRANULARITY_NS, 750000) ||
        q->wakeup_ns != scaled(core, slot, WAKEUP_GRANULARITY_NS, 1000000))
        return "cfs: the tunables are not those of the configuration";
    for (uint32_t e = 0; e < aur_fair_entities(core, slot); e++) {
        uint32_t home = all[e].home;
        if (home != AUR_NONE && home >= aur_fair_queues(core, slot))
            return "cfs: an entity has its vruntime from a queue that is not there";
        uint64_t from = home == AUR_NONE ? 0 : cfs_queue_at(core, slot, home)->min_vruntime;
        bool sleeps = home != AUR_NONE && !all[e].fair.on_queue;
        if (is_far(all[e].vruntime, from) && !(sleeps && cfs_before(all[e].vruntime, from)))
            return "cfs: a vruntime is out of reach";
    }
    return NULL;
}

static const char *check(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    const struct cfs_entity *all = cfs_entities(core, slot);
    const struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    uint32_t count, curr = q->fair.curr, idle = curr == AUR_NONE ? 0 : all[curr].idle;
    const char *broken = queue == 0 ? check_all(core, slot) : NULL;
    if (broken)
        return broken;
    if (!aur_rb_valid(&cfs_by_vruntime, cfs_nodes(core, slot), &q->tree,
                      aur_fair_entities(core, slot), &count))
        return "cfs: the tree is out of order";
    for (uint32_t e = cfs_first(core, slot, queue); e != AUR_NONE;
         e = cfs_after(core, slot, queue, e)) {
        idle += all[e].idle;
        if (all[e].home != queue)
            return "cfs: an entity of the tree has its vruntime from another queue";
        if (all[e].idle != is_idle(core, e))
            return "cfs: an entity is wrongly counted as idle or not";
    }
    if (idle != q->idle)
        return "cfs: the idle tasks are miscounted";
    const struct cfs_buddies *buddies = &q->buddies;
    if (!is_buddy(core, slot, queue, buddies->next) ||
        !is_buddy(core, slot, queue, buddies->last) || !is_buddy(core, slot, queue, buddies->skip))
        return "cfs: a buddy is not of the queue";
    return NULL;
}

static void queue_init(struct aur_core *core, uint32_t slot, uint32_t queue)
{
    struct cfs_queue *q = cfs_queue_at(core, slot, queue);
    aur_rb_init(&q->tree);
    q->min_vruntime = 0 - (1ull << 20); // as in Linux: an overflow shows early
    q->buddies = q->found = (struct cfs_buddies){AUR_NONE, AUR_NONE, AUR_NONE};
    q->latency_ns = scaled(core, slot, SCHED_LATENCY_NS, 6000000);
    q->granularity_ns = scaled(core, slot, MIN_GRANULARITY_NS, 750000);
    q->wakeup_ns = scaled(core, slot, WAKEUP_GRANULARITY_NS, 1000000);
}

static void entity_init(struct aur_core *core, uint32_t slot, uint32_t entity)
{
    cfs_entities(core, slot)[entity].home = AUR_NONE;
}

static const struct aur_fair_discipline discipline = {
    .entity_size = sizeof(struct cfs_entity),
    .queue_size = sizeof(struct cfs_queue),
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
    .tick = tick,
    .slice_left = slice_left,
    .yield = yield,
    .first = cfs_first,
    .after = cfs_after,
    .explain = aur_cfs_explain,
    .versus = aur_cfs_versus,
    .check = check,
};

AUR_FAIR_WALKS(discipline);

static const struct aur_class_param params[] = {
    [SCHED_LATENCY_NS] = {"sched_latency_ns", 0, 0, AUR_SLICE_MAX_NS * 10,
                          "period in which each task runs; 0: 6 ms * (1 + log2(CPUs))", NULL},
    [MIN_GRANULARITY_NS] = {"min_granularity_ns", 0, 0, AUR_SLICE_MAX_NS,
                            "least slice; 0: 0.75 ms * (1 + log2(CPUs))", NULL},
    [WAKEUP_GRANULARITY_NS] = {"wakeup_granularity_ns", 0, 0, AUR_SLICE_MAX_NS * 10,
                               "lead that lets a waking task preempt; 0: 1 ms * (1 + log2(CPUs))",
                               NULL},
    [IDLE_MIN_GRANULARITY_NS] = {"idle_min_granularity_ns", 750000, AUR_SLICE_MIN_NS,
                                 AUR_SLICE_MAX_NS, "least slice of SCHED_IDLE beside others", NULL},
    {0},
};

const struct aur_sched_class aur_class_cfs = {
    .info = {.name = "cfs",
             .summary = "completely fair scheduler, as in Linux up to 6.5",
             .source = "Linux 6.5 kernel/sched/fair.c",
             .params = params,
             .traits = AUR_CLASS_GROUPS},
    AUR_FAIR_CLASS(discipline),
};
