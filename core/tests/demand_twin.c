#include "tests/demand_twin.h"

#include <string.h>

#include "tests/choices.h"
#include "tests/drive.h"
#include "tests/run_tests.h"

static uint64_t key_ns(const struct demand_twin *twin, uint32_t task)
{
    const struct demand_burst *burst = &twin->bursts[task];
    if (!twin->preemptive && burst->begun)
        return 0;
    if (burst->declared_ns == 0)
        return UINT64_MAX;
    return twin->preemptive ? burst->left_ns : burst->declared_ns;
}

static bool before_other(const struct demand_twin *twin, uint32_t a, uint32_t b)
{
    uint64_t a_ns = key_ns(twin, a), b_ns = key_ns(twin, b);
    return a_ns != b_ns ? a_ns < b_ns : twin->bursts[a].arrived < twin->bursts[b].arrived;
}

static uint32_t first(const struct demand_twin *twin, uint32_t cpu)
{
    uint32_t best = AUR_NONE;
    for (uint32_t i = 0; i < 64; i++)
        if (twin->bursts[i].waits && twin->bursts[i].cpu == cpu &&
            (best == AUR_NONE || before_other(twin, i, best)))
            best = i;
    return best;
}

static void pass_time(struct demand_twin *twin, uint64_t now_ns)
{
    uint64_t ran_ns = now_ns - twin->now_ns;
    twin->now_ns = now_ns;
    for (uint32_t cpu = 0; cpu < AUR_CPUS_MAX; cpu++)
        if (twin->curr[cpu] != AUR_NONE) {
            uint64_t *left_ns = &twin->bursts[twin->curr[cpu]].left_ns;
            *left_ns = *left_ns > ran_ns ? *left_ns - ran_ns : 0;
        }
}

// What DISPATCH should decide: who runs now.
static uint32_t decide(struct demand_twin *twin, uint32_t cpu)
{
    uint32_t curr = twin->curr[cpu], next = first(twin, cpu);
    if (curr == AUR_NONE || next == AUR_NONE)
        return curr == AUR_NONE ? next : curr;
    twin->predictions++;
    if (twin->yielded[cpu])
        return before_other(twin, curr, next) ? curr : next;
    return twin->preemptive && key_ns(twin, next) < key_ns(twin, curr) ? next : curr;
}

static void take_off(struct demand_twin *twin, uint32_t cpu)
{
    uint32_t curr = twin->curr[cpu];
    if (curr == AUR_NONE)
        return;
    twin->bursts[curr].waits = true;
    twin->bursts[curr].cpu = cpu;
    twin->curr[cpu] = AUR_NONE;
    twin->yielded[cpu] = false;
}

static void follow_dispatch(struct demand_twin *twin, struct host *host, uint32_t cpu)
{
    uint32_t expected = decide(twin, cpu), got = aur_core_running(host->core, cpu);
    if (got != expected)
        host_fail(host, "CPU %u runs task %d; task %d is due", cpu, (int)got, (int)expected);
    if (expected != twin->curr[cpu])
        take_off(twin, cpu);
    twin->curr[cpu] = expected;
    twin->yielded[cpu] = false;
    if (expected != AUR_NONE) {
        twin->bursts[expected].waits = false;
        twin->bursts[expected].begun = true;
    }
}

static void follow_action(struct demand_twin *twin, const struct aur_record *event,
                          const struct aur_record *action)
{
    struct demand_burst *burst = &twin->bursts[action->task % 64];
    switch ((enum aur_action_kind)action->kind) {
    case AUR_ACT_WOKE:
        burst->waits = true;
        burst->begun = false;
        burst->cpu = action->cpu;
        burst->left_ns = burst->declared_ns;
        burst->arrived = twin->arrivals++;
        break;
    case AUR_ACT_MIGRATE:
        if (twin->curr[action->object] == action->task)
            take_off(twin, action->object);
        burst->cpu = action->cpu;
        break;
    case AUR_ACT_SLEPT:
        twin->curr[action->cpu] = AUR_NONE;
        twin->yielded[action->cpu] = false;
        break;
    case AUR_ACT_MADE:
        if (event->kind == AUR_EV_TASK_NEW)
            memset(burst, 0, sizeof *burst);
        break;
    default:
        break;
    }
}

static void before(struct host *host, const struct aur_record *event)
{
    struct demand_twin *twin = host->watcher;
    if (event->now_ns >= twin->now_ns)
        pass_time(twin, event->now_ns);
}

static void after(struct host *host, const struct aur_record *event)
{
    struct demand_twin *twin = host->watcher;
    uint32_t cpu = event->cpu;
    struct demand_burst *burst = &twin->bursts[event->task % 64];
    for (uint32_t i = 0; i < host->actions.count; i++)
        follow_action(twin, event, &host->actions.list[i]);
    switch ((enum aur_event_kind)event->kind) {
    case AUR_EV_EXIT:
        twin->curr[cpu] = AUR_NONE;
        twin->yielded[cpu] = false;
        break;
    case AUR_EV_YIELD:
        twin->yielded[cpu] = true;
        burst->begun = false;
        burst->arrived = twin->arrivals++;
        break;
    case AUR_EV_TASK_SET:
        if (event->object != AUR_ATTR_DEMAND_NS)
            break;
        burst->declared_ns = event->arg;
        burst->left_ns = event->arg; // a burst begins, now or when it wakes
        break;
    case AUR_EV_DISPATCH:
        follow_dispatch(twin, host, cpu);
        break;
    default:
        break;
    }
}

void demand_twin_watch(struct demand_twin *twin, struct host *host, bool preemptive)
{
    memset(twin, 0, sizeof *twin);
    twin->preemptive = preemptive;
    for (uint32_t cpu = 0; cpu < AUR_CPUS_MAX; cpu++)
        twin->curr[cpu] = AUR_NONE;
    host->watcher = twin;
    host->before = before;
    host->after = after;
}

void demand_twin_settled(struct demand_twin *twin, struct host *host)
{
    pass_time(twin, host->now_ns);
    for (uint32_t cpu = 0; cpu < host->config.cpus && twin->preemptive; cpu++) {
        uint32_t curr = twin->curr[cpu], next = first(twin, cpu);
        if (curr != AUR_NONE && next != AUR_NONE && key_ns(twin, next) < key_ns(twin, curr))
            host_fail(host, "task %u runs while %u, of which less is left, waits", curr, next);
    }
}

void demand_twin_random(const char *class, bool preemptive, uint64_t seed)
{
    static const uint8_t kept[] = {
        DRIVE_ADVANCE, DRIVE_ADVANCE, DRIVE_ADVANCE, DRIVE_WAKE, DRIVE_WAKE,   DRIVE_BLOCK,
        DRIVE_NEW,     DRIVE_START,   DRIVE_YIELD,   DRIVE_POST, DRIVE_EXIT,   DRIVE_AFFINITY,
        DRIVE_POLICY,  DRIVE_DEMAND,  DRIVE_DEMAND,  DRIVE_LOCK, DRIVE_UNLOCK, DRIVE_OBJECT_NEW};
    static struct demand_twin twin;
    uint64_t random = seed, predictions = 0;
    for (int run = 0; run < 60; run++) {
        struct drive_plan plan = drive_plan(random_next(&random), aur_class_find(class), 1500);
        plan.config.classes[AUR_SLOT_DEADLINE] = AUR_NONE;
        plan.config.classes[AUR_SLOT_REALTIME] = AUR_NONE;
        struct host host;
        if (!host_open(&host, &plan.config))
            ck_abort_msg("the configuration is refused");
        host.late = plan.late;
        demand_twin_watch(&twin, &host, preemptive);
        for (uint32_t i = 0; i < plan.count && !host.failure[0]; i++) {
            struct drive_choice *choice = &plan.choices[i];
            choice->what = kept[choice->what % LENGTH(kept)];
            drive_do(&host, choice);
            if (choice->what == DRIVE_ADVANCE)
                demand_twin_settled(&twin, &host);
        }
        if (host.failure[0])
            ck_abort_msg("%s, run %d: %s", class, run, host.failure);
        predictions += twin.predictions;
        host_close(&host);
        drive_free(&plan);
    }
    ck_assert_uint_gt(predictions, 500);
}
