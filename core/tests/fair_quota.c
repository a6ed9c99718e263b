// See fair_quota.h.
#include "tests/fair_quota.h"

#include "step/state.h"
#include "tests/fair_tree.h"

#define MILLISECOND 1000000ull

static uint64_t now(const struct fair_twin *twin)
{
    return twin->host->core->now_ns;
}

static struct fair_twin_group *group_at(struct fair_twin *twin, uint32_t queue)
{
    return &twin->groups[fair_tree_group_of(twin, queue)];
}

static bool limited(const struct fair_twin *twin, uint32_t queue)
{
    const struct fair_twin_group *group = &twin->groups[fair_tree_group_of(twin, queue)];
    return group->quota_ns != AUR_NEVER_NS && fair_twin_cpu(twin, queue) < group->set_cpus;
}

// Of those on which the group is throttled the CPU that has been so for longest, or NONE.
static uint32_t longest(const struct fair_twin *twin, uint32_t group)
{
    uint32_t best = AUR_NONE;
    for (uint32_t cpu = 0; cpu < fair_tree_cpus(twin); cpu++) {
        uint32_t queue = fair_tree_queue_of(twin, group, cpu);
        if (twin->queues[queue].throttled &&
            (best == AUR_NONE ||
             twin->queues[queue].throttled_at_ns <
                 twin->queues[fair_tree_queue_of(twin, group, best)].throttled_at_ns))
            best = cpu;
    }
    return best;
}

// The periods follow one another on a grid, while anybody takes from the pool.
static void start(const struct fair_twin *twin, struct fair_twin_group *group)
{
    while (!group->active && group->refill_at_ns <= now(twin)) {
        uint64_t behind = (now(twin) - group->refill_at_ns) / group->period_ns;
        group->refill_at_ns += (behind + 1) * group->period_ns;
    }
    group->active = true;
}

// As much as makes `wanted_ns` of it, as far as the pool has it. True if it may run.
static bool take(struct fair_twin *twin, uint32_t queue, wide wanted_ns)
{
    struct fair_twin_group *group = group_at(twin, queue);
    wide amount = wanted_ns - twin->queues[queue].left_ns;
    start(twin, group);
    amount = amount < group->pool_ns ? amount : group->pool_ns;
    group->touched |= amount > 0;
    group->pool_ns -= amount;
    twin->queues[queue].left_ns += amount;
    return twin->queues[queue].left_ns > 0;
}

void fair_quota_charge(struct fair_twin *twin, uint32_t queue, uint64_t ran_ns)
{
    if (!limited(twin, queue))
        return;
    twin->queues[queue].left_ns -= ran_ns;
    if (twin->queues[queue].left_ns <= 0)
        take(twin, queue, 5 * MILLISECOND);
}

wide fair_quota_left(const struct fair_twin *twin, uint32_t queue)
{
    if (!limited(twin, queue))
        return FAIR_TWIN_ENDLESS;
    return twin->queues[queue].left_ns > 0 ? twin->queues[queue].left_ns : 0;
}

void fair_quota_check(struct fair_twin *twin, uint32_t queue)
{
    if (twin->queues[queue].throttled || !limited(twin, queue) || twin->queues[queue].left_ns > 0 ||
        take(twin, queue, 1))
        return;
    twin->throttlings++;
    fair_tree_hide(twin, queue);
}

void fair_quota_first_in(struct fair_twin *twin, uint32_t queue)
{
    if (twin->queues[queue].throttled || !limited(twin, queue) || twin->queues[queue].left_ns > 0)
        return;
    take(twin, queue, 5 * MILLISECOND);
    fair_quota_check(twin, queue);
}

// It keeps 1 ms. If that could help others, and no refill is near, they hear of it 5 ms later.
void fair_quota_last_out(struct fair_twin *twin, uint32_t queue)
{
    struct fair_twin_group *group = group_at(twin, queue);
    wide more = twin->queues[queue].left_ns - (wide)MILLISECOND;
    if (!limited(twin, queue) || more <= 0)
        return;
    twin->queues[queue].left_ns -= more;
    group->pool_ns += more;
    bool near = group->active && group->refill_at_ns < now(twin) + 7 * MILLISECOND;
    if (group->pool_ns > (wide)(5 * MILLISECOND) && !near && group->slack_at_ns == AUR_NEVER_NS &&
        longest(twin, fair_tree_group_of(twin, queue)) != AUR_NONE)
        group->slack_at_ns = now(twin) + 5 * MILLISECOND;
}

// Who is on the CPU, hidden until now, has it on its queues again, or has to go.
static void resume(struct fair_twin *twin, uint32_t cpu)
{
    uint32_t task = twin->cpus[cpu].task;
    if (task == AUR_NONE) {
        twin->cpus[cpu].due |= fair_tree_tasks_on(twin, cpu) != 0;
    } else if (fair_tree_hidden(twin, twin->entities[task].queue)) {
        twin->cpus[cpu].due = true;
    } else {
        fair_tree_give(twin, cpu, task);
        fair_twin_check_slice(twin, cpu);
    }
}

static uint64_t due(const struct fair_twin_group *group)
{
    uint64_t refill_at_ns = group->active ? group->refill_at_ns : AUR_NEVER_NS;
    return refill_at_ns < group->slack_at_ns ? refill_at_ns : group->slack_at_ns;
}

// The next group that its timer is for.
static uint32_t next_due(const struct fair_twin *twin)
{
    uint32_t best = 0;
    for (uint32_t i = 0; i < FAIR_TWIN_GROUPS_MAX; i++) {
        if (twin->groups[i].distributing)
            return i;
        if (due(&twin->groups[i]) < due(&twin->groups[best]))
            best = i;
    }
    return best;
}

uint64_t fair_quota_due_ns(const struct fair_twin *twin)
{
    return due(&twin->groups[next_due(twin)]);
}

static void expire(const struct fair_twin *twin, struct fair_twin_group *group, bool throttled)
{
    bool endless = group->quota_ns == AUR_NEVER_NS;
    if (group->slack_at_ns <= now(twin)) {
        bool near = group->active && group->refill_at_ns < now(twin) + 2 * MILLISECOND;
        group->slack_at_ns = AUR_NEVER_NS;
        group->distributing = !endless && !near && group->pool_ns > (wide)(5 * MILLISECOND);
    }
    if (!group->active || group->refill_at_ns > now(twin))
        return;
    group->pool_ns = endless ? 0 : group->quota_ns;
    if (endless || (!group->touched && !throttled)) {
        group->active = false; // until somebody takes from it again
        return;
    }
    while (group->refill_at_ns <= now(twin))
        group->refill_at_ns += group->period_ns;
    group->touched = throttled;
    group->distributing = throttled;
}

// The core does so much in a step and is called again.
void fair_quota_timer(struct fair_twin *twin, uint32_t woken)
{
    for (;;) {
        uint32_t group = next_due(twin);
        struct fair_twin_group *g = &twin->groups[group];
        if ((!g->distributing && due(g) > now(twin)) || woken++ >= AUR_WAKES_PER_STEP)
            return;
        if (!g->distributing)
            expire(twin, g, longest(twin, group) != AUR_NONE);
        while (g->distributing) {
            uint32_t cpu = longest(twin, group), queue = fair_tree_queue_of(twin, group, cpu);
            if (cpu == AUR_NONE || g->pool_ns == 0)
                break;
            if (woken++ >= AUR_WAKES_PER_STEP)
                return;
            if (!take(twin, queue, 1))
                break;
            fair_tree_catch_up(twin, cpu);
            fair_tree_show(twin, queue);
            resume(twin, cpu);
        }
        g->distributing = false;
    }
}

// Every CPU that has to do with the group starts anew with nothing.
void fair_quota_set(struct fair_twin *twin, uint32_t group, uint32_t attribute, uint64_t value)
{
    struct fair_twin_group *g = &twin->groups[group];
    uint64_t *kept = attribute == AUR_GROUP_QUOTA_NS ? &g->quota_ns : &g->period_ns;
    uint32_t done = 0;
    if (*kept != value) {
        *kept = value;
        g->set_cpus = 0;
        if (g->quota_ns != AUR_NEVER_NS) {
            g->pool_ns = g->quota_ns;
            start(twin, g);
        }
    }
    while (g->set_cpus < fair_tree_cpus(twin) && done < AUR_WAKES_PER_STEP) {
        uint32_t cpu = g->set_cpus++, queue = fair_tree_queue_of(twin, group, cpu);
        bool concerned = fair_twin_count(twin, queue) != 0 || twin->queues[queue].throttled;
        if (concerned)
            fair_tree_catch_up(twin, cpu);
        twin->queues[queue].left_ns = 0;
        if (twin->queues[queue].throttled)
            fair_tree_show(twin, queue);
        if (fair_twin_count(twin, queue) != 0)
            fair_quota_check(twin, queue);
        if (concerned) {
            resume(twin, cpu);
            done++;
        }
    }
}

void fair_quota_open(struct fair_twin *twin, uint32_t group)
{
    twin->groups[group] = (struct fair_twin_group){.quota_ns = AUR_NEVER_NS,
                                                   .period_ns = AUR_GROUP_PERIOD_DEFAULT_NS,
                                                   .refill_at_ns = now(twin),
                                                   .slack_at_ns = AUR_NEVER_NS,
                                                   .touched = true,
                                                   .set_cpus = fair_tree_cpus(twin)};
}

void fair_quota_close(struct fair_twin *twin, uint32_t group)
{
    twin->groups[group].active = false;
    twin->groups[group].slack_at_ns = AUR_NEVER_NS;
}
