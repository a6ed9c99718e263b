#include "tests/fair_twin.h"

#include <string.h>

#include "step/state.h"
#include "tests/choices.h"
#include "tests/fair_quota.h"
#include "tests/fair_tree.h"
#include "tests/run_tests.h"

static bool tickless(const struct fair_twin *twin)
{
    return twin->host->config.tick_ns == 0;
}

// Should `woken` take the CPU from the running task? What is compared is where their paths meet.
static bool preempts(struct fair_twin *twin, uint32_t cpu, uint32_t woken)
{
    uint32_t running = fair_twin_running(twin, cpu);
    for (uint32_t w = woken; w != AUR_NONE; w = fair_tree_owner(twin, twin->entities[w].queue))
        for (uint32_t r = running; r != AUR_NONE;
             r = fair_tree_owner(twin, twin->entities[r].queue))
            if (twin->entities[w].queue == twin->entities[r].queue)
                return twin->rules->preempts(twin, twin->entities[w].queue, w, woken);
    return false;
}

void fair_twin_check_slice(struct fair_twin *twin, uint32_t cpu)
{
    if (twin->cpus[cpu].due || !tickless(twin) || fair_twin_running(twin, cpu) == AUR_NONE)
        return;
    twin->cpus[cpu].due = fair_tree_left(twin, cpu) == 0;
    twin->cpus[cpu].cut_ns = 0;
}

static void check_preemption(struct fair_twin *twin, uint32_t cpu, uint32_t woken)
{
    if (twin->cpus[cpu].due)
        return;
    bool hidden = fair_tree_hidden(twin, twin->entities[woken].queue);
    twin->cpus[cpu].due = !hidden && fair_twin_running(twin, cpu) == AUR_NONE;
    if (!twin->cpus[cpu].due && !hidden && preempts(twin, cpu, woken)) {
        twin->cpus[cpu].due = true;
        twin->preemptions++;
    }
    fair_twin_check_slice(twin, cpu);
}

// Down from the CPU's queue to a task; a delayed entity that is picked goes, and all begins anew.
static uint32_t pick(struct fair_twin *twin, uint32_t cpu)
{
    for (uint32_t queue = cpu;;) {
        uint32_t entity = twin->rules->pick(twin, queue);
        if (twin->entities[entity].delayed) {
            fair_tree_let_go(twin, entity);
            queue = cpu;
        } else if (fair_tree_is_task(entity)) {
            return entity;
        } else {
            queue = fair_tree_inside(twin, entity);
        }
    }
}

static void follow_dispatch(struct fair_twin *twin, struct host *host, uint32_t cpu)
{
    uint32_t got = aur_core_running(host->core, cpu), next = AUR_NONE;
    uint32_t count = fair_tree_tasks_on(twin, cpu);
    twin->picks += count > 1;
    if (count > 0) {
        next = pick(twin, cpu);
        twin->nested += count > 1 && twin->entities[next].queue != cpu;
    }
    if (got != next)
        host_fail(host, "CPU %u runs task %d; the twin picks %d", cpu, (int)got, (int)next);
    fair_tree_give(twin, cpu, next);
    twin->cpus[cpu].due = false;
    fair_twin_check_slice(twin, cpu);
}

// It sleeps, and is no more one of those of its queue.
static void forget(struct fair_twin *twin, uint32_t task)
{
    fair_tree_catch_up(twin, fair_twin_cpu(twin, twin->entities[task].queue));
    fair_tree_let_go(twin, task);
}

// Its policy or its group is another now.
static void follow_change(struct fair_twin *twin, uint32_t task, enum fair_twin_move how)
{
    if (!twin->entities[task].queued)
        return;
    uint32_t cpu = fair_twin_cpu(twin, twin->entities[task].queue);
    bool ran = twin->cpus[cpu].task == task;
    if (how == FAIR_TWIN_REGROUP && fair_tree_home(twin, task, cpu) == twin->entities[task].queue)
        return;
    if (twin->entities[task].delayed) {
        if (how == FAIR_TWIN_REGROUP)
            forget(twin, task);
        return;
    }
    fair_tree_leave(twin, task, how);
    fair_tree_join(twin, cpu, task, how);
    if (ran) {
        fair_tree_give(twin, cpu, task);
        twin->cpus[cpu].due = true;
    } else {
        check_preemption(twin, cpu, task);
    }
}

// It may no longer use its CPU. Who waits has left by now.
static void follow_affinity(struct fair_twin *twin, uint32_t task, uint32_t cpu)
{
    if (twin->entities[task].delayed)
        forget(twin, task);
    else
        twin->cpus[cpu].due = true;
}

static void make(struct fair_twin *twin, uint32_t entity, uint32_t queue, uint32_t weight)
{
    twin->entities[entity] = (struct fair_twin_entity){.weight = weight, .queue = queue};
    twin->rules->made(twin, entity);
}

static void open(struct fair_twin *twin, uint32_t queue)
{
    struct fair_twin_queue *q = &twin->queues[queue];
    memset(q, 0, sizeof *q);
    q->curr = q->next = q->last = q->skip = q->winner = AUR_NONE;
    twin->rules->open(twin, queue);
}

static void make_group(struct fair_twin *twin, uint32_t group, uint32_t parent)
{
    for (uint32_t cpu = 0; cpu < fair_tree_cpus(twin); cpu++) {
        uint32_t queue = fair_tree_queue_of(twin, group, cpu);
        open(twin, queue);
        make(twin, fair_tree_owner(twin, queue), fair_tree_queue_of(twin, parent, cpu), 1024);
    }
    fair_quota_open(twin, group);
}

// As many CPUs a step as the core does; it is called again for the others.
static void weigh_group(struct fair_twin *twin, uint32_t group)
{
    uint32_t done = 0;
    for (uint32_t cpu = 0; cpu < fair_tree_cpus(twin) && done < AUR_WAKES_PER_STEP; cpu++) {
        uint32_t queue = fair_tree_queue_of(twin, group, cpu);
        if (fair_twin_count(twin, queue) == 0 || twin->queues[queue].throttled ||
            fair_tree_share(twin, queue) == twin->entities[fair_tree_owner(twin, queue)].weight)
            continue;
        done++;
        fair_tree_catch_up(twin, cpu);
        fair_tree_weigh(twin, queue);
        fair_twin_check_slice(twin, cpu);
    }
}

// Empty, it may still be delayed on some CPUs.
static void free_group(struct fair_twin *twin, uint32_t group)
{
    uint32_t done = 0;
    for (uint32_t cpu = 0; cpu < fair_tree_cpus(twin); cpu++) {
        uint32_t entity = fair_tree_owner(twin, fair_tree_queue_of(twin, group, cpu));
        if (!twin->entities[entity].queued)
            continue;
        if (done++ == AUR_WAKES_PER_STEP)
            return;
        fair_tree_catch_up(twin, cpu);
        fair_tree_let_go(twin, entity);
    }
    fair_quota_close(twin, group);
}

static void follow_action(struct fair_twin *twin, const struct aur_record *event,
                          const struct aur_record *action)
{
    uint32_t index = action->task, cpu = action->cpu;
    const struct aur_task *task = aur_core_task(twin->host->core, index);
    switch ((enum aur_action_kind)action->kind) {
    case AUR_ACT_WOKE:
        fair_tree_join(twin, cpu, index,
                       action->object == AUR_WOKE_START ? FAIR_TWIN_START : FAIR_TWIN_SLEEP);
        check_preemption(twin, cpu, index);
        break;
    case AUR_ACT_MIGRATE:
        if (!twin->entities[index].queued || twin->entities[index].delayed)
            break; // on its way to wake there
        fair_tree_catch_up(twin, action->object);
        if (fair_twin_running(twin, action->object) == index)
            fair_tree_take_off(twin, twin->entities[index].queue);
        fair_tree_leave(twin, index, FAIR_TWIN_MIGRATE);
        fair_twin_check_slice(twin, action->object);
        fair_tree_join(twin, cpu, index, FAIR_TWIN_MIGRATE);
        check_preemption(twin, cpu, index);
        break;
    case AUR_ACT_SLEPT:
        fair_tree_leave(twin, index, FAIR_TWIN_SLEEP);
        twin->cpus[cpu].due = true;
        break;
    case AUR_ACT_MADE:
        if (event->kind == AUR_EV_TASK_NEW)
            make(twin, index, fair_tree_home(twin, index, task->cpu), task->weight);
        else if (event->kind == AUR_EV_GROUP_NEW)
            make_group(twin, index, event->object);
        break;
    default:
        break;
    }
}

static uint32_t woken(const struct aur_actions *actions)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < actions->count; i++)
        count += actions->list[i].kind == AUR_ACT_WOKE;
    return count;
}

static void follow_event(struct fair_twin *twin, struct host *host, const struct aur_record *event)
{
    const struct fair_twin_entity *task = &twin->entities[event->task % FAIR_TWIN_TASKS];
    uint32_t cpu = fair_twin_cpu(twin, task->queue);
    switch ((enum aur_event_kind)event->kind) {
    case AUR_EV_YIELD:
        if (twin->queues[task->queue].curr == event->task) // it is not hidden
            twin->rules->yield(twin, task->queue);
        twin->cpus[cpu].due = true;
        break;
    case AUR_EV_EXIT:
        fair_tree_leave(twin, event->task, FAIR_TWIN_EXIT);
        twin->cpus[cpu].due = true;
        break;
    case AUR_EV_TASK_SET:
        if (event->object == AUR_ATTR_POLICY)
            follow_change(twin, event->task, FAIR_TWIN_CHANGE);
        else if (event->object == AUR_ATTR_GROUP)
            follow_change(twin, event->task, FAIR_TWIN_REGROUP);
        else if (event->object == AUR_ATTR_AFFINITY && task->queued &&
                 !(aur_core_task(host->core, event->task)->affinity >> cpu & 1))
            follow_affinity(twin, event->task, cpu);
        break;
    case AUR_EV_GROUP_SET:
        if (event->other == AUR_GROUP_WEIGHT)
            weigh_group(twin, event->object);
        else
            fair_quota_set(twin, event->object, event->other, event->arg);
        break;
    case AUR_EV_GROUP_FREE:
        free_group(twin, event->object);
        break;
    case AUR_EV_TIMER:
        if (event->cpu == 0)
            fair_quota_timer(twin, woken(&host->actions));
        break;
    case AUR_EV_DISPATCH:
        follow_dispatch(twin, host, event->cpu);
        break;
    default:
        break;
    }
}

static bool tick(struct fair_twin *twin, uint32_t cpu)
{
    bool gives_way = false;
    uint32_t task = fair_twin_running(twin, cpu);
    if (!twin->rules->tick || task == AUR_NONE)
        return false;
    for (uint32_t queue = twin->entities[task].queue; queue != AUR_NONE;
         queue = fair_tree_above(twin, queue))
        gives_way |= twin->rules->tick(twin, queue);
    return gives_way;
}

// These charge their own CPU before anything else.
#define OF_THEIR_CPU                                                                               \
    (1ull << AUR_EV_TICK | 1ull << AUR_EV_DISPATCH | 1ull << AUR_EV_YIELD | 1ull << AUR_EV_BLOCK | \
     1ull << AUR_EV_EXIT)

static void after(struct host *host, const struct aur_record *event)
{
    struct fair_twin *twin = host->watcher;
    if (event->kind == AUR_EV_DISPATCH)
        twin->cpus[event->cpu].due = true;
    if (OF_THEIR_CPU >> event->kind & 1)
        fair_tree_catch_up(twin, event->cpu);
    if (event->kind == AUR_EV_DISPATCH)
        fair_tree_expire(twin, event->cpu);
    if (event->kind == AUR_EV_TICK)
        twin->cpus[event->cpu].due |= tick(twin, event->cpu);
    for (uint32_t i = 0; i < host->actions.count; i++)
        follow_action(twin, event, &host->actions.list[i]);
    follow_event(twin, host, event);
    for (uint32_t cpu = 0; cpu < fair_tree_cpus(twin); cpu++) {
        fair_tree_catch_up(twin, cpu);
        if (twin->cpus[cpu].due != host->cpus[cpu].pending)
            host_fail(host, "CPU %u is %sasked to dispatch; the twin thinks otherwise", cpu,
                      host->cpus[cpu].pending ? "" : "not ");
    }
}

static void watch(struct fair_twin *twin, const struct fair_twin_rules *rules, struct host *host)
{
    memset(twin, 0, sizeof *twin);
    twin->rules = rules;
    twin->host = host;
    for (uint32_t queue = 0; queue < FAIR_TWIN_QUEUES; queue++)
        open(twin, queue);
    for (uint32_t cpu = 0; cpu < AUR_CPUS_MAX; cpu++)
        twin->cpus[cpu].task = AUR_NONE;
    for (uint32_t group = 0; group < FAIR_TWIN_GROUPS_MAX; group++)
        fair_quota_open(twin, group);
    host->watcher = twin;
    host->after = after;
}

// At the end of an instant, tickless: the timer is armed for the end of the running slice.
static void settled(const struct fair_twin *twin, struct host *host)
{
    if (host->cpus[0].armed_at_ns > fair_quota_due_ns(twin))
        host_fail(host, "the first CPU has no timer for the end of a period");
    for (uint32_t cpu = 0; cpu < fair_tree_cpus(twin); cpu++) {
        if (!tickless(twin) || fair_twin_running(twin, cpu) == AUR_NONE)
            continue;
        wide rest = fair_tree_left(twin, cpu);
        if (rest < FAIR_TWIN_ENDLESS &&
            host->cpus[cpu].armed_at_ns > twin->cpus[cpu].clock_ns + rest + twin->cpus[cpu].cut_ns)
            host_fail(host, "CPU %u has no timer for the end of its slice", cpu);
    }
}

void fair_twin_random(const char *class, const struct fair_twin_rules *rules, uint64_t seed,
                      enum fair_twin_extent extent)
{
    static const uint8_t kept[] = {
        DRIVE_ADVANCE,   DRIVE_ADVANCE,   DRIVE_ADVANCE,   DRIVE_ADVANCE,    DRIVE_WAKE,
        DRIVE_WAKE,      DRIVE_BLOCK,     DRIVE_BLOCK,     DRIVE_NEW,        DRIVE_START,
        DRIVE_WAKE,      DRIVE_SLICE,     DRIVE_YIELD,     DRIVE_POST,       DRIVE_EXIT,
        DRIVE_AFFINITY,  DRIVE_POLICY,    DRIVE_GROUP_NEW, DRIVE_GROUP_MOVE, DRIVE_GROUP_MOVE,
        DRIVE_GROUP_SET, DRIVE_GROUP_FREE};
    static const uint8_t kinds[] = {[FAIR_TWIN_PLAIN] = 15,
                                    [FAIR_TWIN_CHANGES] = 17,
                                    [FAIR_TWIN_GROUPS] = LENGTH(kept),
                                    [FAIR_TWIN_QUOTAS] = LENGTH(kept)};
    static struct fair_twin twin;
    static struct host host;
    uint64_t random = seed, picks = 0, preemptions = 0, nested = 0, throttlings = 0, delays = 0,
             group_delays = 0;
    for (int run = 0; run < 60; run++) {
        struct drive_plan plan = drive_plan(random_next(&random), aur_class_find(class), 1500);
        plan.config.classes[AUR_SLOT_DEADLINE] = AUR_NONE;
        plan.config.classes[AUR_SLOT_REALTIME] = AUR_NONE;
        if (!host_open(&host, &plan.config))
            ck_abort_msg("the configuration is refused");
        host.late = plan.late;
        host.drains_late = plan.drains_late;
        watch(&twin, rules, &host);
        for (uint32_t i = 0; i < plan.count && !host.failure[0]; i++) {
            struct drive_choice *choice = &plan.choices[i];
            drive_keep(choice, kept, kinds[extent]);
            if (choice->what == DRIVE_GROUP_SET && extent < FAIR_TWIN_QUOTAS)
                choice->b -= choice->b % AUR_GROUP_ATTR_COUNT - AUR_GROUP_WEIGHT;
            drive_do(&host, choice);
            if (choice->what == DRIVE_ADVANCE)
                settled(&twin, &host);
        }
        if (host.failure[0])
            ck_abort_msg("%s, run %d: %s", class, run, host.failure);
        picks += twin.picks;
        preemptions += twin.preemptions;
        nested += twin.nested;
        throttlings += twin.throttlings;
        delays += twin.delays;
        group_delays += twin.group_delays;
        host_close(&host);
        drive_free(&plan);
    }
    printf("%s: %" PRIu64 " picks, %" PRIu64 " in groups, %" PRIu64 " preemptions, %" PRIu64
           " throttlings, %" PRIu64 " tasks and %" PRIu64 " groups delayed\n",
           class, picks, nested, preemptions, throttlings, delays, group_delays);
    ck_assert_uint_gt(picks, 2000);
    ck_assert_uint_gt(preemptions, 5);
    ck_assert(extent < FAIR_TWIN_GROUPS || nested > 300);
    ck_assert(extent < FAIR_TWIN_QUOTAS || throttlings > 500);
    ck_assert(!rules->delays || delays > 50);
    ck_assert(!rules->delays || extent < FAIR_TWIN_GROUPS || group_delays > 10);
}
