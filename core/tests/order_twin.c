#include "tests/order_twin.h"

#include <string.h>

#include "tests/choices.h"
#include "tests/run_tests.h"

static uint64_t turn_ns(const struct order_twin *twin, const struct host *host, uint32_t task)
{
    switch (twin->kind) {
    case ORDER_RR:
        return twin->quantum_ns;
    case ORDER_PRIO:
        return aur_core_task(host->core, task)->policy == AUR_POLICY_RR ? twin->quantum_ns
                                                                        : AUR_NEVER_NS;
    case ORDER_MLFQ:
        return twin->quantum_ns << twin->tasks[task].level;
    default:
        return AUR_NEVER_NS;
    }
}

// Of prio the slot comes first, then the period or deadline where that is what counts, then who has
// none by priority or nice.
static uint64_t level_of(const struct order_twin *twin, const struct host *host, uint32_t task)
{
    if (twin->kind != ORDER_PRIO)
        return twin->tasks[task].level;
    const struct aur_task *t = aur_core_task(host->core, task);
    bool realtime = t->policy == AUR_POLICY_FIFO || t->policy == AUR_POLICY_RR;
    uint64_t slot = realtime ? 0 : 1ull << 62;
    uint64_t priority = realtime ? 100u - t->priority : (uint64_t)(120 + t->nice);
    uint64_t assignment = host->config.params[AUR_SLOT_FAIR][1];
    if (assignment == 0)
        return slot | priority;
    uint64_t interval_ns =
        assignment == 2 && t->dl_deadline_ns != 0 ? t->dl_deadline_ns : t->dl_period_ns;
    return slot | (interval_ns != 0 ? interval_ns : 1ull << 61 | priority);
}

// The first in line on this CPU, or NONE.
static uint32_t first(const struct order_twin *twin, uint32_t cpu)
{
    uint32_t best = AUR_NONE;
    for (uint32_t i = 0; i < 64; i++) {
        const struct order_task *task = &twin->tasks[i];
        if (!task->waits || task->cpu != cpu)
            continue;
        if (best == AUR_NONE || task->level < twin->tasks[best].level ||
            (task->level == twin->tasks[best].level && task->place < twin->tasks[best].place))
            best = i;
    }
    return best;
}

static void wait(struct order_twin *twin, uint32_t task, uint32_t cpu, bool at_head)
{
    twin->tasks[task].waits = true;
    twin->tasks[task].cpu = cpu;
    twin->tasks[task].place = at_head ? twin->front-- : twin->back++;
}

// All go to the top, those of a higher level first.
static void boost(struct order_twin *twin)
{
    bool placed[64] = {false};
    for (;;) {
        uint32_t next = AUR_NONE;
        for (uint32_t i = 0; i < 64; i++) {
            const struct order_task *task = &twin->tasks[i], *best = &twin->tasks[next % 64];
            if (!placed[i] && (next == AUR_NONE || task->level < best->level ||
                               (task->level == best->level && task->place < best->place)))
                next = i;
        }
        if (next == AUR_NONE)
            return;
        placed[next] = true;
        twin->tasks[next].place = twin->back++;
        twin->tasks[next].level = 0;
        twin->tasks[next].used_ns = 0;
        twin->tasks[next].spent_ns = 0;
    }
}

static void spend(struct order_twin *twin, struct order_task *task, uint64_t ran_ns)
{
    task->used_ns += ran_ns;
    task->spent_ns += ran_ns;
    while (twin->kind == ORDER_MLFQ &&
           task->spent_ns >= (twin->quantum_ns << task->level) * twin->allotment) {
        task->spent_ns -= (twin->quantum_ns << task->level) * twin->allotment;
        if (task->level + 1 < twin->levels)
            task->level++;
        task->used_ns = twin->quantum_ns << task->level;
    }
}

// Of prio: a quantum that ends with nobody to share it begins anew, and the next counts what ran
// on.
static void renew(struct order_twin *twin, const struct host *host, uint32_t task)
{
    uint64_t turn = turn_ns(twin, host, task);
    if (turn != AUR_NEVER_NS && twin->tasks[task].used_ns >= turn)
        twin->tasks[task].used_ns %= turn;
}

static void spend_quantum(struct order_twin *twin, const struct host *host, uint32_t cpu,
                          uint64_t ran_ns)
{
    uint32_t curr = twin->curr[cpu], next = first(twin, cpu);
    if (turn_ns(twin, host, curr) == AUR_NEVER_NS)
        return;
    twin->tasks[curr].used_ns += ran_ns;
    if (next == AUR_NONE || twin->tasks[curr].level < twin->tasks[next].level)
        renew(twin, host, curr);
}

static void pass_time(struct order_twin *twin, const struct host *host, uint64_t now_ns)
{
    uint64_t ran_ns = now_ns - twin->now_ns, boost_ns = twin->boost_ns;
    if (boost_ns && now_ns / boost_ns != twin->now_ns / boost_ns) {
        boost(twin);
        ran_ns = now_ns % boost_ns;
    }
    twin->now_ns = now_ns;
    for (uint32_t cpu = 0; cpu < AUR_CPUS_MAX; cpu++)
        if (twin->curr[cpu] == AUR_NONE)
            continue;
        else if (twin->kind != ORDER_PRIO)
            spend(twin, &twin->tasks[twin->curr[cpu]], ran_ns);
        else if (host->config.tick_ns == 0)
            spend_quantum(twin, host, cpu, ran_ns);
}

// What DISPATCH should decide: who runs now.
static uint32_t decide(struct order_twin *twin, const struct host *host, uint32_t cpu)
{
    uint32_t curr = twin->curr[cpu], next = first(twin, cpu);
    if (curr == AUR_NONE)
        return next;
    struct order_task *c = &twin->tasks[curr];
    bool over = twin->yielded[cpu] || c->used_ns >= turn_ns(twin, host, curr);
    twin->predictions += next != AUR_NONE;
    if (next == AUR_NONE || c->level < twin->tasks[next].level) {
        // Nobody to share with: the turn, if it was over, begins anew.
        if (twin->kind == ORDER_PRIO)
            renew(twin, host, curr);
        else if (twin->kind != ORDER_FIFO && over)
            c->used_ns = 0;
        twin->yielded[cpu] = false;
        return curr;
    }
    return c->level == twin->tasks[next].level && !over ? curr : next;
}

static void take_off(struct order_twin *twin, const struct host *host, uint32_t cpu)
{
    uint32_t curr = twin->curr[cpu];
    if (curr == AUR_NONE)
        return;
    struct order_task *c = &twin->tasks[curr];
    bool over = twin->yielded[cpu] || c->used_ns >= turn_ns(twin, host, curr);
    if (twin->kind == ORDER_PRIO ? c->used_ns >= turn_ns(twin, host, curr) : over)
        c->used_ns = 0;
    wait(twin, curr, cpu, !over);
    twin->curr[cpu] = AUR_NONE;
}

static void follow_action(struct order_twin *twin, struct host *host,
                          const struct aur_record *event, const struct aur_record *action)
{
    struct order_task *task = &twin->tasks[action->task % 64];
    switch ((enum aur_action_kind)action->kind) {
    case AUR_ACT_WOKE:
        task->level = level_of(twin, host, action->task);
        if (twin->kind != ORDER_PRIO)
            task->used_ns = 0;
        wait(twin, action->task, action->cpu, false);
        break;
    case AUR_ACT_MIGRATE:
        if (twin->curr[action->object] == action->task)
            take_off(twin, host, action->object);
        if (task->waits) {
            if (twin->kind != ORDER_PRIO)
                task->used_ns = 0;
            wait(twin, action->task, action->cpu, false);
        }
        break;
    case AUR_ACT_SLEPT:
        if (twin->kind == ORDER_PRIO)
            renew(twin, host, action->task);
        twin->curr[action->cpu] = AUR_NONE;
        break;
    case AUR_ACT_MADE:
        if (event->kind == AUR_EV_TASK_NEW)
            memset(task, 0, sizeof *task);
        break;
    default:
        break;
    }
}

// POSIX, sched_setscheduler: raised to the end of the new level, lowered to its head, else it
// keeps its place.
static void follow_change(struct order_twin *twin, struct host *host, uint32_t index)
{
    struct order_task *task = &twin->tasks[index];
    uint64_t level = level_of(twin, host, index);
    if (level >> 62 != task->level >> 62) {
        // It goes to the other slot: what it yielded and used stays behind.
        uint64_t used_ns = task->used_ns;
        task->used_ns = task->used_elsewhere_ns;
        task->used_elsewhere_ns = used_ns;
        if (twin->curr[task->cpu] == index)
            twin->yielded[task->cpu] = false;
    }
    if (task->waits && level != task->level)
        wait(twin, index, task->cpu, level > task->level);
    task->level = level;
}

static void follow_dispatch(struct order_twin *twin, struct host *host, uint32_t cpu)
{
    uint32_t expected = decide(twin, host, cpu), got = aur_core_running(host->core, cpu);
    if (got != expected)
        host_fail(host, "CPU %u runs task %d; task %d is due", cpu, (int)got, (int)expected);
    if (expected == twin->curr[cpu])
        return;
    take_off(twin, host, cpu);
    twin->yielded[cpu] = false;
    twin->tasks[expected].waits = false;
    twin->curr[cpu] = expected;
}

static void before(struct host *host, const struct aur_record *event)
{
    struct order_twin *twin = host->watcher;
    if (event->now_ns >= twin->now_ns)
        pass_time(twin, host, event->now_ns);
    if (event->kind == AUR_EV_TICK && twin->kind == ORDER_PRIO &&
        twin->curr[event->cpu] != AUR_NONE)
        spend_quantum(twin, host, event->cpu, host->config.tick_ns);
}

static void after(struct host *host, const struct aur_record *event)
{
    struct order_twin *twin = host->watcher;
    uint32_t cpu = event->cpu;
    if (event->kind == AUR_EV_TASK_SET &&
        (event->object == AUR_ATTR_POLICY || twin->kind == ORDER_PRIO))
        follow_change(twin, host, event->task); // then it may have to move
    for (uint32_t i = 0; i < host->actions.count; i++)
        follow_action(twin, host, event, &host->actions.list[i]);
    switch ((enum aur_event_kind)event->kind) {
    case AUR_EV_EXIT:
        twin->curr[cpu] = AUR_NONE;
        break;
    case AUR_EV_YIELD:
        twin->yielded[cpu] = true;
        break;
    case AUR_EV_DISPATCH:
        follow_dispatch(twin, host, cpu);
        break;
    default:
        break;
    }
}

void order_twin_watch(struct order_twin *twin, struct host *host, enum order_kind kind)
{
    memset(twin, 0, sizeof *twin);
    const uint64_t *params = host->config.params[AUR_SLOT_FAIR];
    twin->kind = kind;
    twin->levels = 1;
    twin->quantum_ns = params[0];
    if (kind == ORDER_MLFQ) {
        twin->levels = (uint32_t)params[0];
        twin->quantum_ns = params[1];
        twin->allotment = params[2];
        twin->boost_ns = params[3];
    }
    for (uint32_t cpu = 0; cpu < AUR_CPUS_MAX; cpu++)
        twin->curr[cpu] = AUR_NONE;
    host->watcher = twin;
    host->before = before;
    host->after = after;
}

void order_twin_settled(struct order_twin *twin, struct host *host)
{
    bool tickless = host->config.tick_ns == 0;
    pass_time(twin, host, host->now_ns);
    for (uint32_t cpu = 0; cpu < host->config.cpus; cpu++) {
        uint32_t curr = twin->curr[cpu], next = first(twin, cpu);
        if (curr == AUR_NONE || next == AUR_NONE)
            continue;
        const struct order_task *c = &twin->tasks[curr], *n = &twin->tasks[next];
        if (n->level < c->level && (tickless || twin->kind == ORDER_PRIO))
            host_fail(host, "task %u runs while the more urgent %u waits", curr, next);
        if (n->level == c->level && tickless && c->used_ns >= turn_ns(twin, host, curr))
            host_fail(host, "task %u has overrun its turn while %u waits", curr, next);
    }
}

void order_twin_random(const char *class, enum order_kind kind, uint64_t seed, bool changes)
{
    static const uint8_t kept[] = {
        DRIVE_ADVANCE, DRIVE_ADVANCE, DRIVE_ADVANCE,  DRIVE_ADVANCE, DRIVE_WAKE,    DRIVE_WAKE,
        DRIVE_BLOCK,   DRIVE_NEW,     DRIVE_NEW,      DRIVE_START,   DRIVE_START,   DRIVE_YIELD,
        DRIVE_POST,    DRIVE_EXIT,    DRIVE_AFFINITY, DRIVE_POLICY,  DRIVE_DEADLINE};
    static struct order_twin twin;
    uint64_t random = seed, predictions = 0;
    for (int run = 0; run < 60; run++) {
        struct drive_plan plan = drive_plan(random_next(&random), aur_class_find(class), 1500);
        plan.config.classes[AUR_SLOT_DEADLINE] = AUR_NONE;
        plan.config.classes[AUR_SLOT_REALTIME] = AUR_NONE;
        if (kind == ORDER_PRIO) {
            // The same class in both slots is one order of levels.
            plan.config.classes[AUR_SLOT_REALTIME] = aur_class_find(class);
            memcpy(plan.config.params[AUR_SLOT_REALTIME], plan.config.params[AUR_SLOT_FAIR],
                   sizeof plan.config.params[0]);
            plan.config.params[AUR_SLOT_REALTIME][4] = 0; // no fair server
        }
        struct host host;
        if (!host_open(&host, &plan.config))
            ck_abort_msg("the configuration is refused");
        order_twin_watch(&twin, &host, kind);
        for (uint32_t i = 0; i < plan.count && !host.failure[0]; i++) {
            struct drive_choice *choice = &plan.choices[i];
            drive_keep(choice, kept, (uint32_t)LENGTH(kept) - (!changes ? 2u : kind != ORDER_PRIO));
            drive_do(&host, choice);
            if (choice->what == DRIVE_ADVANCE)
                order_twin_settled(&twin, &host);
        }
        if (host.failure[0])
            ck_abort_msg("%s, run %d: %s", class, run, host.failure);
        predictions += twin.predictions;
        host_close(&host);
        drive_free(&plan);
    }
    ck_assert_uint_gt(predictions, 1000);
}
