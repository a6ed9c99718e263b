#include "tests/fair_twin.h"

#include <string.h>

#include "step/state.h"
#include "tests/choices.h"
#include "tests/run_tests.h"

uint32_t fair_twin_count(const struct fair_twin *twin, uint32_t cpu)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < FAIR_TWIN_TASKS; i++)
        count += twin->tasks[i].queued && twin->tasks[i].cpu == cpu;
    return count;
}

wide fair_twin_load(const struct fair_twin *twin, uint32_t cpu)
{
    wide load = 0;
    for (uint32_t i = 0; i < FAIR_TWIN_TASKS; i++)
        if (twin->tasks[i].queued && twin->tasks[i].cpu == cpu)
            load += twin->tasks[i].weight;
    return load;
}

uint32_t fair_twin_policy(const struct fair_twin *twin, uint32_t task)
{
    return aur_core_task(twin->host->core, task)->policy;
}

uint64_t fair_twin_param(const struct fair_twin *twin, uint32_t index)
{
    return twin->host->config.params[AUR_SLOT_FAIR][index];
}

static bool tickless(const struct fair_twin *twin)
{
    return twin->host->config.tick_ns == 0;
}

static void join(struct fair_twin *twin, uint32_t cpu, uint32_t index, enum fair_twin_move how)
{
    struct fair_twin_task *task = &twin->tasks[index];
    uint32_t weight = aur_core_task(twin->host->core, index)->weight;
    if (weight != task->weight)
        twin->rules->reweight(twin, index, weight);
    task->weight = weight;
    twin->rules->join(twin, cpu, index, how);
    task->queued = true;
    task->cpu = cpu;
    task->arrival = twin->arrivals++;
}

static void leave(struct fair_twin *twin, uint32_t index, enum fair_twin_move how)
{
    struct fair_twin_task *task = &twin->tasks[index];
    struct fair_twin_queue *queue = &twin->queues[task->cpu];
    task->queued = false;
    if (queue->curr == index)
        queue->curr = AUR_NONE;
    twin->rules->leave(twin, task->cpu, index, how);
}

static void take_off(struct fair_twin *twin, uint32_t cpu)
{
    struct fair_twin_queue *queue = &twin->queues[cpu];
    uint32_t curr = queue->curr;
    if (curr == AUR_NONE)
        return;
    twin->tasks[curr].arrival = twin->arrivals++;
    queue->curr = AUR_NONE;
    twin->rules->off(twin, cpu, curr);
}

// Does the task, just queued, take the CPU from the running one?
static void check_preemption(struct fair_twin *twin, uint32_t cpu, uint32_t woken)
{
    struct fair_twin_queue *queue = &twin->queues[cpu];
    if (queue->due)
        return;
    queue->due = queue->curr == AUR_NONE;
    if (!queue->due && twin->rules->preempts(twin, cpu, woken)) {
        queue->due = true;
        twin->preemptions++;
    }
    if (!queue->due && tickless(twin))
        queue->due = twin->rules->left(twin, cpu) == 0;
}

static void charge(struct fair_twin *twin, uint32_t cpu, uint64_t ran_ns)
{
    struct fair_twin_queue *queue = &twin->queues[cpu];
    if (queue->curr == AUR_NONE)
        return;
    twin->rules->charge(twin, cpu, ran_ns);
    queue->due |= twin->rules->left(twin, cpu) == 0;
}

static void follow_dispatch(struct fair_twin *twin, struct host *host, uint32_t cpu)
{
    struct fair_twin_queue *queue = &twin->queues[cpu];
    uint32_t got = aur_core_running(host->core, cpu), next = AUR_NONE;
    uint32_t count = fair_twin_count(twin, cpu);
    twin->picks += count > 1;
    if (count > 0)
        next = twin->rules->pick(twin, cpu);
    if (got != next)
        host_fail(host, "CPU %u runs task %d; the twin picks %d", cpu, (int)got, (int)next);
    if (next != queue->curr)
        take_off(twin, cpu);
    if (next != AUR_NONE && next != queue->curr) {
        queue->curr = next;
        twin->rules->on(twin, cpu, next);
    }
    queue->due = next != AUR_NONE && tickless(twin) && twin->rules->left(twin, cpu) == 0;
}

static void follow_change(struct fair_twin *twin, uint32_t index)
{
    struct fair_twin_task *task = &twin->tasks[index];
    if (!task->queued)
        return;
    uint32_t cpu = task->cpu;
    bool ran = twin->queues[cpu].curr == index;
    leave(twin, index, FAIR_TWIN_CHANGE);
    join(twin, cpu, index, FAIR_TWIN_CHANGE);
    if (!ran) {
        check_preemption(twin, cpu, index);
        return;
    }
    twin->queues[cpu].curr = index;
    twin->rules->on(twin, cpu, index);
    twin->queues[cpu].due = true;
}

static void follow_action(struct fair_twin *twin, const struct aur_record *event,
                          const struct aur_record *action)
{
    uint32_t index = action->task, cpu = action->cpu;
    switch ((enum aur_action_kind)action->kind) {
    case AUR_ACT_WOKE:
        join(twin, cpu, index,
             action->object == AUR_WOKE_START ? FAIR_TWIN_START : FAIR_TWIN_SLEEP);
        check_preemption(twin, cpu, index);
        break;
    case AUR_ACT_MIGRATE:
        if (!twin->tasks[index].queued)
            break; // on its way to wake there
        if (twin->queues[action->object].curr == index)
            take_off(twin, action->object);
        leave(twin, index, FAIR_TWIN_MIGRATE);
        join(twin, cpu, index, FAIR_TWIN_MIGRATE);
        check_preemption(twin, cpu, index);
        break;
    case AUR_ACT_SLEPT:
        leave(twin, index, FAIR_TWIN_SLEEP);
        twin->queues[cpu].due = true;
        break;
    case AUR_ACT_MADE:
        if (event->kind != AUR_EV_TASK_NEW)
            break;
        twin->tasks[index] =
            (struct fair_twin_task){.weight = aur_core_task(twin->host->core, index)->weight};
        twin->rules->made(twin, index);
        break;
    case AUR_ACT_RESCHED:
        if (twin->queues[cpu].curr == AUR_NONE)
            twin->queues[cpu].due = true; // an idle CPU is told to steal
        break;
    default:
        break;
    }
}

static void follow_event(struct fair_twin *twin, struct host *host, const struct aur_record *event)
{
    struct fair_twin_queue *here = &twin->queues[event->cpu];
    const struct fair_twin_task *task = &twin->tasks[event->task % FAIR_TWIN_TASKS];
    switch ((enum aur_event_kind)event->kind) {
    case AUR_EV_YIELD:
        twin->rules->yield(twin, event->cpu);
        here->due = true;
        break;
    case AUR_EV_EXIT:
        leave(twin, event->task, FAIR_TWIN_EXIT);
        here->due = true;
        break;
    case AUR_EV_TASK_SET:
        if (event->object == AUR_ATTR_POLICY)
            follow_change(twin, event->task);
        else if (event->object == AUR_ATTR_AFFINITY && task->queued &&
                 !(aur_core_task(host->core, event->task)->affinity >> task->cpu & 1))
            twin->queues[task->cpu].due = true; // only the running one is still there
        break;
    case AUR_EV_DISPATCH:
        follow_dispatch(twin, host, event->cpu);
        break;
    default:
        break;
    }
}

static void after(struct host *host, const struct aur_record *event)
{
    struct fair_twin *twin = host->watcher;
    struct fair_twin_queue *here = &twin->queues[event->cpu];
    if (event->kind == AUR_EV_DISPATCH)
        here->due = true;
    for (uint32_t cpu = 0; cpu < host->config.cpus; cpu++) {
        uint64_t clock_ns = aur_cpu_at(host->core, cpu)->clock_ns;
        if (clock_ns != twin->queues[cpu].clock_ns)
            charge(twin, cpu, clock_ns - twin->queues[cpu].clock_ns);
        twin->queues[cpu].clock_ns = clock_ns;
    }
    if (event->kind == AUR_EV_TICK && twin->rules->tick && here->curr != AUR_NONE)
        here->due |= twin->rules->tick(twin, event->cpu);
    for (uint32_t i = 0; i < host->actions.count; i++)
        follow_action(twin, event, &host->actions.list[i]);
    follow_event(twin, host, event);
    for (uint32_t cpu = 0; cpu < host->config.cpus; cpu++)
        if (twin->queues[cpu].due != host->cpus[cpu].pending)
            host_fail(host, "CPU %u is %sasked to dispatch; the twin thinks otherwise", cpu,
                      host->cpus[cpu].pending ? "" : "not ");
}

static void watch(struct fair_twin *twin, const struct fair_twin_rules *rules, struct host *host)
{
    memset(twin, 0, sizeof *twin);
    twin->rules = rules;
    twin->host = host;
    for (uint32_t cpu = 0; cpu < AUR_CPUS_MAX; cpu++) {
        struct fair_twin_queue *queue = &twin->queues[cpu];
        queue->curr = queue->next = queue->last = queue->skip = queue->winner = AUR_NONE;
        rules->open(twin, cpu);
    }
    host->watcher = twin;
    host->after = after;
}

// At the end of an instant, tickless: the timer is armed for the end of the running slice.
static void settled(const struct fair_twin *twin, struct host *host)
{
    for (uint32_t cpu = 0; cpu < host->config.cpus; cpu++) {
        if (!tickless(twin) || twin->queues[cpu].curr == AUR_NONE)
            continue;
        wide left = twin->rules->left(twin, cpu);
        if (left < FAIR_TWIN_ENDLESS &&
            host->cpus[cpu].armed_at_ns > twin->queues[cpu].clock_ns + left)
            host_fail(host, "CPU %u has no timer for the end of its slice", cpu);
    }
}

void fair_twin_random(const char *class, const struct fair_twin_rules *rules, uint64_t seed,
                      bool changes)
{
    static const uint8_t kept[] = {DRIVE_ADVANCE, DRIVE_ADVANCE, DRIVE_ADVANCE,  DRIVE_ADVANCE,
                                   DRIVE_WAKE,    DRIVE_WAKE,    DRIVE_BLOCK,    DRIVE_BLOCK,
                                   DRIVE_NEW,     DRIVE_START,   DRIVE_WAKE,     DRIVE_YIELD,
                                   DRIVE_POST,    DRIVE_EXIT,    DRIVE_AFFINITY, DRIVE_POLICY};
    static struct fair_twin twin;
    static struct host host;
    uint64_t random = seed, picks = 0, preemptions = 0;
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
            drive_keep(&plan.choices[i], kept, changes ? LENGTH(kept) : LENGTH(kept) - 2);
            drive_do(&host, &plan.choices[i]);
            if (plan.choices[i].what == DRIVE_ADVANCE)
                settled(&twin, &host);
        }
        if (host.failure[0])
            ck_abort_msg("%s, run %d: %s", class, run, host.failure);
        picks += twin.picks;
        preemptions += twin.preemptions;
        host_close(&host);
        drive_free(&plan);
    }
    printf("%s: %" PRIu64 " picks, %" PRIu64 " preemptions\n", class, picks, preemptions);
    ck_assert_uint_gt(picks, 2000);
    ck_assert_uint_gt(preemptions, 20);
}
