// edf against a slow twin: who runs after every DISPATCH, and the budget, deadline and throttling
// of every server at the end of every instant, worked out from the events and actions alone.
#include "sched/edf_server.h"
#include "tests/choices.h"
#include "tests/host.h"
#include "tests/run_tests.h"

#define TASKS       24u
#define MILLISECOND 1000000ull

enum twin_state {
    GONE, // blocked, new or no task at all
    WAITING,
    RUNNING,
    THROTTLED
};

struct twin_task {
    enum twin_state state;
    uint32_t cpu;
    bool served;
    uint64_t runtime_ns, deadline_ns, period_ns; // of its server
    uint64_t due_ns;                             // absolute deadline
    int64_t budget_ns;
    uint64_t order; // of equals the one that came first
};

static struct {
    uint64_t now_ns, orders, predictions, throttlings, replenishments, refills;
    uint32_t curr[AUR_CPUS_MAX];
    struct twin_task tasks[TASKS];
    uint64_t timeouts_ns[TASKS]; // before the step
} twin;

static uint64_t seed;

static void start_server(struct twin_task *task)
{
    task->due_ns = twin.now_ns + task->deadline_ns;
    task->budget_ns = (int64_t)task->runtime_ns;
    task->served = true;
}

static uint64_t next_period_ns(const struct twin_task *task)
{
    return task->due_ns - task->deadline_ns + task->period_ns;
}

// Abeni and Buttazzo's rule, in wide numbers; with a deadline before the period's end, Linux's.
static void wake(struct twin_task *task)
{
    unsigned __int128 left = (unsigned __int128)(task->budget_ns > 0 ? task->budget_ns : 0);
    bool constrained = task->deadline_ns < task->period_ns;
    bool over = task->due_ns <= twin.now_ns;
    if (!task->served || (over && !(constrained && next_period_ns(task) > twin.now_ns))) {
        start_server(task);
    } else if (over) {
        task->budget_ns = task->budget_ns < 0 ? task->budget_ns : 0;
    } else if (left * task->deadline_ns >
               (unsigned __int128)(task->due_ns - twin.now_ns) * task->runtime_ns) {
        twin.refills++;
        if (!constrained)
            start_server(task);
        else
            task->budget_ns = (int64_t)((unsigned __int128)(task->due_ns - twin.now_ns) *
                                        task->runtime_ns / task->deadline_ns);
    }
}

static void wait_on(struct twin_task *task, uint32_t cpu)
{
    task->state = WAITING;
    task->cpu = cpu;
    task->order = twin.orders++;
}

// Periods one after the other, until there is budget again.
static void replenish(struct twin_task *task)
{
    twin.replenishments++;
    do {
        task->due_ns += task->period_ns;
        task->budget_ns += (int64_t)task->runtime_ns;
    } while (task->budget_ns <= 0);
    if (task->due_ns <= twin.now_ns)
        start_server(task);
}

static void before(struct host *host, const struct aur_record *event)
{
    for (uint32_t i = 0; i < TASKS; i++) {
        const struct aur_task *t = aur_core_task(host->core, i);
        twin.timeouts_ns[i] = t ? t->timeout_at_ns : AUR_NEVER_NS;
    }
    if (event->now_ns < twin.now_ns)
        return;
    uint64_t ran_ns = event->now_ns - twin.now_ns;
    twin.now_ns = event->now_ns;
    for (uint32_t cpu = 0; cpu < host->config.cpus; cpu++)
        if (twin.curr[cpu] != AUR_NONE && twin.tasks[twin.curr[cpu]].state == RUNNING)
            twin.tasks[twin.curr[cpu]].budget_ns -= (int64_t)ran_ns;
}

static void throttle(struct twin_task *task)
{
    task->state = THROTTLED;
    twin.throttlings++;
}

static void follow_wake(const struct host *host, uint32_t index, uint32_t cpu)
{
    struct twin_task *task = &twin.tasks[index];
    const struct aur_task *t = aur_core_task(host->core, index);
    task->runtime_ns = t->dl_runtime_ns;
    task->deadline_ns = t->dl_deadline_ns;
    task->period_ns = t->dl_period_ns;
    wake(task);
    wait_on(task, cpu);
}

static void follow_action(struct host *host, const struct aur_record *event,
                          const struct aur_record *action)
{
    struct twin_task *task = &twin.tasks[action->task % TASKS];
    switch ((enum aur_action_kind)action->kind) {
    case AUR_ACT_WOKE:
        follow_wake(host, action->task, action->cpu);
        break;
    case AUR_ACT_MIGRATE:
        task->cpu = action->cpu;
        if (task->state == RUNNING)
            twin.curr[action->object] = AUR_NONE; // it may not stay
        if (task->state == WAITING || task->state == RUNNING)
            wait_on(task, action->cpu);
        break;
    case AUR_ACT_SLEPT:
        task->state = GONE;
        break;
    case AUR_ACT_MADE:
        if (event->kind == AUR_EV_TASK_NEW)
            memset(task, 0, sizeof *task);
        break;
    default:
        break;
    }
}

// Time-outs come by their instants, then by task: sleepers wake, and a throttled task comes back
// when its next period begins.
static void follow_timer(struct host *host)
{
    for (;;) {
        uint32_t i = AUR_NONE;
        for (uint32_t other = 0; other < TASKS; other++)
            if (twin.timeouts_ns[other] <= twin.now_ns &&
                (i == AUR_NONE || twin.timeouts_ns[other] < twin.timeouts_ns[i]))
                i = other;
        if (i == AUR_NONE)
            return;
        twin.timeouts_ns[i] = AUR_NEVER_NS;
        struct twin_task *task = &twin.tasks[i];
        const struct aur_task *t = aur_core_task(host->core, i);
        if (t->timeout_at_ns <= twin.now_ns)
            continue; // on another CPU
        if (task->state == GONE) {
            follow_wake(host, i, t->cpu);
            continue;
        }
        if (next_period_ns(task) > twin.now_ns)
            host_fail(host, "task %u is back before its next period", i);
        replenish(task);
        wait_on(task, t->cpu);
    }
}

static uint32_t first(uint32_t cpu)
{
    uint32_t best = AUR_NONE;
    for (uint32_t i = 0; i < TASKS; i++) {
        const struct twin_task *task = &twin.tasks[i];
        if (task->state != WAITING || task->cpu != cpu)
            continue;
        if (best == AUR_NONE || task->due_ns < twin.tasks[best].due_ns ||
            (task->due_ns == twin.tasks[best].due_ns && task->order < twin.tasks[best].order))
            best = i;
    }
    return best;
}

static void follow_dispatch(struct host *host, uint32_t cpu)
{
    uint32_t curr = twin.curr[cpu], next = first(cpu);
    struct twin_task *c = curr == AUR_NONE ? NULL : &twin.tasks[curr];
    if (c && c->state == RUNNING && c->budget_ns <= 0)
        throttle(c);
    if (c && c->state != RUNNING)
        curr = AUR_NONE;
    for (; next != AUR_NONE && twin.tasks[next].budget_ns <= 0; next = first(cpu)) {
        if (curr != AUR_NONE && twin.tasks[curr].due_ns <= twin.tasks[next].due_ns)
            break;
        throttle(&twin.tasks[next]);
    }
    twin.predictions += next != AUR_NONE;
    if (curr != AUR_NONE &&
        (next == AUR_NONE || twin.tasks[curr].due_ns <= twin.tasks[next].due_ns))
        next = curr;
    uint32_t got = aur_core_running(host->core, cpu);
    if (got != next)
        host_fail(host, "CPU %u runs task %d; task %d is due", cpu, (int)got, (int)next);
    if (next != curr && curr != AUR_NONE)
        wait_on(&twin.tasks[curr], cpu);
    twin.curr[cpu] = next;
    if (next != AUR_NONE)
        twin.tasks[next].state = RUNNING;
}

static void after(struct host *host, const struct aur_record *event)
{
    if (event->kind == AUR_EV_EXIT)
        twin.tasks[event->task].state = GONE;
    if (event->kind == AUR_EV_YIELD && twin.tasks[event->task].budget_ns > 0)
        twin.tasks[event->task].budget_ns = 0;
    for (uint32_t i = 0; i < host->actions.count && event->kind != AUR_EV_TIMER; i++)
        follow_action(host, event, &host->actions.list[i]);
    if (event->kind == AUR_EV_TIMER)
        follow_timer(host);
    if (event->kind == AUR_EV_DISPATCH)
        follow_dispatch(host, event->cpu);
}

// The servers are those of the twin, and no task waits that should run on some CPU.
static void settled(struct host *host, bool global)
{
    for (uint32_t i = 0; i < TASKS && !host->failure[0]; i++) {
        const struct twin_task *task = &twin.tasks[i];
        const struct edf_entity *e =
            (const struct edf_entity *)aur_class_tasks(host->core, AUR_SLOT_DEADLINE) + i;
        if (task->state == GONE)
            continue;
        int64_t budget_ns = e->budget_ns, expected_ns = task->budget_ns;
        if (task->state == RUNNING) { // both up to now
            budget_ns -= (int64_t)(host->now_ns - aur_cpu_at(host->core, task->cpu)->clock_ns);
            expected_ns -= (int64_t)(host->now_ns - twin.now_ns);
        }
        if (e->deadline_at_ns != task->due_ns || budget_ns != expected_ns)
            host_fail(host, "task %u has another budget or deadline than it should", i);
        bool throttled = aur_core_task(host->core, i)->state == AUR_TASK_THROTTLED;
        if (throttled != (task->state == THROTTLED))
            host_fail(host, "task %u is %sthrottled", i, throttled ? "" : "not ");
        if (throttled && next_period_ns(task) <= host->now_ns)
            host_fail(host, "task %u is throttled although its period is over", i);
        for (uint32_t cpu = 0; cpu < host->config.cpus && task->state == WAITING; cpu++) {
            uint32_t there = host->cpus[cpu].running;
            if ((global || cpu == task->cpu) && host_allows(host, i, cpu) &&
                (there == AUR_NONE || twin.tasks[there].due_ns > task->due_ns))
                host_fail(host, "task %u waits, less urgent is what CPU %u does", i, cpu);
        }
    }
}

static uint32_t spawn(struct host *host, uint64_t *random)
{
    static const uint64_t periods_ns[] = {40000, MILLISECOND, 3 * MILLISECOND, 20 * MILLISECOND};
    uint64_t period_ns = periods_ns[random_below(random, LENGTH(periods_ns))];
    uint64_t deadline_ns = random_below(random, 3) ? period_ns : period_ns / 2;
    uint64_t cpus = random_below(random, 3) ? UINT64_MAX : 1 + random_below(random, 255);
    if (!(cpus & aur_core_online(host->core)))
        cpus = UINT64_MAX;
    uint32_t task = host_make(host, aur_task_kind(AUR_POLICY_DEADLINE, 0, 0), cpus);
    if (task == AUR_NONE)
        return task;
    host_event(host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_DL_RUNTIME_NS, 0,
               1024 + random_below(random, deadline_ns / 4));
    host_event(host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_DL_DEADLINE_NS, 0, deadline_ns);
    host_event(host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_DL_PERIOD_NS, 0, period_ns);
    return task;
}

static void random_runs(uint64_t first_seed, bool partitioned)
{
    static const uint8_t kept[] = {DRIVE_ADVANCE, DRIVE_ADVANCE, DRIVE_ADVANCE, DRIVE_ADVANCE,
                                   DRIVE_WAKE,    DRIVE_WAKE,    DRIVE_BLOCK,   DRIVE_NEW,
                                   DRIVE_START,   DRIVE_YIELD,   DRIVE_POST,    DRIVE_EXIT,
                                   DRIVE_AFFINITY};
    uint64_t random = first_seed, predictions = 0, throttlings = 0, replenishments = 0, refills = 0;
    for (int run = 0; run < 60; run++) {
        struct drive_plan plan = drive_plan(random_next(&random), aur_class_find("fifo"), 1500);
        struct aur_config *config = &plan.config;
        config->classes[AUR_SLOT_DEADLINE] = aur_class_find("edf");
        config->classes[AUR_SLOT_REALTIME] = AUR_NONE;
        config->tasks = TASKS;
        config->params[AUR_SLOT_DEADLINE][0] = 50 + random_below(&random, 51);
        config->params[AUR_SLOT_DEADLINE][1] = partitioned;
        config->params[AUR_SLOT_DEADLINE][2] = random_below(&random, 3);
        config->params[AUR_SLOT_DEADLINE][3] = 0;
        struct host host;
        if (!host_open(&host, config))
            ck_abort_msg("the configuration is refused");
        memset(&twin, 0, sizeof twin);
        for (uint32_t cpu = 0; cpu < AUR_CPUS_MAX; cpu++)
            twin.curr[cpu] = AUR_NONE;
        host.before = before;
        host.after = after;
        for (uint32_t i = 0; i < plan.count && !host.failure[0]; i++) {
            struct drive_choice *choice = &plan.choices[i];
            drive_keep(choice, kept, LENGTH(kept));
            if (choice->what == DRIVE_NEW)
                spawn(&host, &random);
            else
                drive_do(&host, choice);
            if (choice->what == DRIVE_ADVANCE)
                settled(&host, !partitioned);
        }
        if (host.failure[0])
            ck_abort_msg("run %d: %s", run, host.failure);
        predictions += twin.predictions;
        throttlings += twin.throttlings;
        replenishments += twin.replenishments;
        refills += twin.refills;
        host_close(&host);
        drive_free(&plan);
    }
    ck_assert_uint_gt(predictions, 2000);
    ck_assert_uint_gt(throttlings, 500);
    ck_assert_uint_gt(replenishments, 500);
    ck_assert_uint_gt(refills, 20);
}

START_TEST(global_edf_runs_the_earliest_deadlines_that_have_budget)
{
    random_runs(seed, false);
}
END_TEST

START_TEST(partitioned_edf_runs_the_earliest_deadline_of_each_cpu)
{
    random_runs(seed + 1, true);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        global_edf_runs_the_earliest_deadlines_that_have_budget,
        partitioned_edf_runs_the_earliest_deadline_of_each_cpu,
    };
    seed = random_seed(20261122);
    return run_tests("edf", tests, LENGTH(tests));
}
