// The class `agent` against a slow and obvious twin: three small agents whose decisions can be
// foretold. The twin has no queues: each waiting task has a place (a number, or a virtual time),
// and who is next is found by looking at all of them. It predicts the CPU of every task that wakes
// up and what every DISPATCH decides.
#include <aurora/ext.h>

#include "tests/scene.h"

enum kind {
    SHARED_FIFO,  // one queue for all CPUs
    SHARED_VTIME, // the same, by virtual time
    OWN_STACK     // each to the head of its CPU's queue, at the cost of who runs there
};

#define SLICE_NS  (3 * MILLISECOND) // what they give
#define DIRECT_NS (2 * MILLISECOND) // and to a task that finds an idle CPU

// The usual: straight to a CPU that is idle, else to the agent.
#define COMMON                                                                                     \
    ".program init\n"                                                                              \
    "    r1 = 0; r2 = -1; call scx_bpf_create_dsq; exit\n"                                         \
    ".program select_cpu\n"                                                                        \
    "    r6 = r1\n"                                                                                \
    "    r1 = *(u64 *)(r6 + 0); r2 = *(u64 *)(r6 + 8); r3 = *(u64 *)(r6 + 16)\n"                   \
    "    r4 = r10; r4 += -8; call scx_bpf_select_cpu_dfl; r7 = r0\n"                               \
    "    r1 = *(u8 *)(r10 - 8); if r1 == 0 goto chosen\n"                                          \
    "    r1 = *(u64 *)(r6 + 0); r2 = 0x8000000000000002 ll; r3 = 2000000; r4 = 0\n"                \
    "    call scx_bpf_dsq_insert\n"                                                                \
    "chosen:\n"                                                                                    \
    "    r0 = r7; exit\n"                                                                          \
    ".program dispatch\n"                                                                          \
    "    r1 = 0; call scx_bpf_dsq_move_to_local; exit\n"

static const char *const texts[] = {
    [SHARED_FIFO] = COMMON ".program enqueue\n"
                           "    r1 = *(u64 *)(r1 + 0); r2 = 0; r3 = 3000000; r4 = 0\n"
                           "    call scx_bpf_dsq_insert; exit\n",
    [SHARED_VTIME] =
        COMMON ".program enqueue\n"
               "    r1 = *(u64 *)(r1 + 0); r4 = *(u64 *)(r1 + 8); r2 = 0; r3 = 3000000; r5 = 0\n"
               "    call scx_bpf_dsq_insert_vtime; exit\n"
               ".program stopping\n" // what is gone of the slice, by weight
               "    r1 = *(u64 *)(r1 + 0); r2 = *(u64 *)(r1 + 0); r3 = 3000000\n"
               "    if r2 > r3 goto more; r3 -= r2; r3 *= 100; r4 = *(u32 *)(r1 + 44); r3 /= r4\n"
               "    r2 = *(u64 *)(r1 + 8); r2 += r3; *(u64 *)(r1 + 8) = r2\n"
               "more:\n"
               "    exit\n",
    [OWN_STACK] = COMMON ".program enqueue\n"
                         "    r1 = *(u64 *)(r1 + 0); r2 = 0x8000000000000002 ll; r3 = 3000000\n"
                         "    r4 = 1; r4 <<= 32; call scx_bpf_dsq_insert; exit\n",
};

struct place {
    bool waits;
    bool local;     // in the queue of its CPU, else in the shared one
    uint32_t cpu;   // its runqueue
    uint64_t first; // the smaller goes first, then by number
    int64_t number;
    uint64_t slice_ns, vtime;
};

static struct {
    enum kind kind;
    uint64_t now_ns;
    int64_t front, back;           // the next numbers
    uint32_t curr[AUR_CPUS_MAX];   // may go on, or NONE
    uint32_t loaded[AUR_CPUS_MAX]; // is on the CPU until it dispatches, or NONE
    struct place tasks[64];
    uint64_t choices, moves; // DISPATCHes that had a choice, tasks taken from another CPU
} twin;

static void pass_time(uint64_t now_ns)
{
    for (uint32_t cpu = 0; cpu < AUR_CPUS_MAX; cpu++)
        if (twin.curr[cpu] != AUR_NONE) {
            struct place *t = &twin.tasks[twin.curr[cpu]];
            uint64_t ran_ns = now_ns - twin.now_ns;
            t->slice_ns = ran_ns < t->slice_ns ? t->slice_ns - ran_ns : 0;
        }
    twin.now_ns = now_ns;
}

static bool may_use(uint32_t task, uint32_t cpu)
{
    return aur_core_task(host.core, task)->affinity >> cpu & 1;
}

static bool is_idle(uint32_t cpu)
{
    for (uint32_t i = 0; i < LENGTH(twin.tasks); i++)
        if (twin.tasks[i].waits && twin.tasks[i].cpu == cpu)
            return false;
    return twin.loaded[cpu] == AUR_NONE;
}

static bool goes_first(uint32_t a, uint32_t b)
{
    const struct place *x = &twin.tasks[a], *y = &twin.tasks[b];
    return x->first != y->first ? x->first < y->first : x->number < y->number;
}

static uint32_t first_of_local(uint32_t cpu)
{
    uint32_t best = AUR_NONE;
    for (uint32_t i = 0; i < LENGTH(twin.tasks); i++)
        if (twin.tasks[i].waits && twin.tasks[i].local && twin.tasks[i].cpu == cpu &&
            (best == AUR_NONE || goes_first(i, best)))
            best = i;
    return best;
}

// Nobody takes a task that blocked and woke up again before its CPU has let go of it.
static uint32_t first_of_shared(uint32_t cpu)
{
    uint32_t best = AUR_NONE;
    for (uint32_t i = 0; i < LENGTH(twin.tasks); i++) {
        const struct place *t = &twin.tasks[i];
        if (t->waits && !t->local && may_use(i, cpu) &&
            (t->cpu == cpu || twin.loaded[t->cpu] != i) &&
            (best == AUR_NONE || goes_first(i, best)))
            best = i;
    }
    return best;
}

static void wait_in(uint32_t task, bool local, uint64_t first, int64_t number)
{
    struct place *t = &twin.tasks[task];
    t->waits = true;
    t->local = local;
    t->first = first;
    t->number = number;
}

// What the agent's enqueue does.
static void offer(uint32_t task)
{
    struct place *t = &twin.tasks[task];
    t->slice_ns = SLICE_NS;
    if (twin.kind == OWN_STACK) {
        uint32_t curr = twin.curr[t->cpu];
        wait_in(task, true, 0, twin.front--);
        if (curr != AUR_NONE)
            twin.tasks[curr].slice_ns = 0;
    } else {
        wait_in(task, false, twin.kind == SHARED_VTIME ? t->vtime : 0, twin.back++);
    }
}

static void stop(uint32_t task)
{
    struct place *t = &twin.tasks[task];
    if (twin.kind != SHARED_VTIME || t->slice_ns > SLICE_NS)
        return;
    uint64_t weight = (aur_core_task(host.core, task)->weight * 100 + 512) / 1024;
    t->vtime += (SLICE_NS - t->slice_ns) * 100 / (weight ? weight : 1);
}

// scx_select_cpu_dfl: AUR_NONE if none is idle.
static uint32_t idle_for(uint32_t task, uint32_t previous, bool sync, uint32_t waker)
{
    bool some = false;
    for (uint32_t cpu = 0; cpu < host.config.cpus; cpu++)
        some |= twin.loaded[cpu] == AUR_NONE;
    if (may_use(task, previous) && is_idle(previous))
        return previous;
    if (sync && some && may_use(task, waker) && first_of_local(waker) == AUR_NONE)
        return waker;
    for (uint32_t cpu = 0; cpu < host.config.cpus; cpu++)
        if (may_use(task, cpu) && is_idle(cpu))
            return cpu;
    return AUR_NONE;
}

static void wake(const struct aur_record *event, uint32_t task, uint32_t got)
{
    struct place *t = &twin.tasks[task];
    uint32_t expected = t->cpu, idle = AUR_NONE;
    if (twin.loaded[t->cpu] != task) {
        bool sync = event->kind == AUR_EV_WAKE && event->other & AUR_WAKE_SYNC;
        idle = idle_for(task, t->cpu, sync, event->cpu);
        if (idle != AUR_NONE)
            expected = idle;
        else if (!may_use(task, t->cpu))
            for (expected = 0; !may_use(task, expected);)
                expected++;
    }
    if (got != expected)
        host_fail(&host, "task %u wakes up on CPU %u; it should on %u", task, got, expected);
    t->cpu = got;
    if (idle == AUR_NONE) {
        offer(task);
    } else {
        t->slice_ns = DIRECT_NS;
        wait_in(task, true, 0, twin.back++);
    }
}

static uint32_t decide(uint32_t cpu)
{
    uint32_t curr = twin.curr[cpu];
    if (curr != AUR_NONE && twin.tasks[curr].slice_ns != 0)
        return curr;
    uint32_t next = first_of_local(cpu);
    if (next == AUR_NONE && (next = first_of_shared(cpu)) != AUR_NONE) {
        twin.moves += twin.tasks[next].cpu != cpu;
        twin.tasks[next].local = true;
        twin.tasks[next].cpu = cpu;
    }
    twin.choices += next != AUR_NONE && curr != AUR_NONE;
    if (next != AUR_NONE || curr == AUR_NONE)
        return next;
    twin.tasks[curr].slice_ns = AUR_EXT_SLICE_DFL_NS; // nobody else wants the CPU
    return curr;
}

static void dispatch(uint32_t cpu)
{
    uint32_t curr = twin.curr[cpu], expected = decide(cpu), got = aur_core_running(host.core, cpu);
    if (got != expected)
        host_fail(&host, "CPU %u runs task %d; task %d is due", cpu, (int)got, (int)expected);
    twin.loaded[cpu] = expected;
    if (expected == curr)
        return;
    twin.curr[cpu] = AUR_NONE;
    if (expected != AUR_NONE)
        twin.tasks[expected].waits = false;
    if (curr != AUR_NONE) {
        stop(curr);
        offer(curr);
    }
    twin.curr[cpu] = expected;
}

static void before(struct host *watched, const struct aur_record *event)
{
    (void)watched;
    if (event->now_ns >= twin.now_ns)
        pass_time(event->now_ns);
}

static void after(struct host *watched, const struct aur_record *event)
{
    (void)watched;
    for (uint32_t i = 0; i < host.actions.count; i++) {
        const struct aur_record *action = &host.actions.list[i];
        if (action->kind == AUR_ACT_WOKE)
            wake(event, action->task, action->cpu);
        if (action->kind == AUR_ACT_EJECTED)
            host_fail(&host, "the agent is ejected: %s", aur_ext_reason_text(action->object));
        if (action->kind == AUR_ACT_SLEPT) {
            stop(action->task);
            twin.curr[action->cpu] = AUR_NONE;
        }
        if (action->kind == AUR_ACT_MADE && event->kind == AUR_EV_TASK_NEW) {
            memset(&twin.tasks[action->task], 0, sizeof twin.tasks[0]);
            twin.tasks[action->task].cpu = aur_core_task(host.core, action->task)->cpu;
        }
    }
    if (event->kind == AUR_EV_EXIT)
        twin.curr[event->cpu] = AUR_NONE;
    if (event->kind == AUR_EV_YIELD)
        twin.tasks[event->task].slice_ns = 0;
    if (event->kind == AUR_EV_DISPATCH)
        dispatch(event->cpu);
}

// At the end of an instant, if the timer is exact: no slice is over, and no CPU idles beside its
// own queue.
static void settled(void)
{
    pass_time(host.now_ns);
    for (uint32_t cpu = 0; cpu < host.config.cpus; cpu++) {
        uint32_t curr = twin.curr[cpu];
        if (curr == AUR_NONE && first_of_local(cpu) != AUR_NONE)
            host_fail(&host, "CPU %u idles while task %u is in its queue", cpu,
                      first_of_local(cpu));
        if (curr != AUR_NONE && twin.tasks[curr].slice_ns == 0 && host.config.tick_ns == 0)
            host_fail(&host, "task %u has overrun its slice", curr);
    }
}

// Somebody who is about to block wakes a task.
static void wake_and_sleep(const struct drive_choice *choice)
{
    uint32_t cpu = choice->a % host.config.cpus, waker = twin.curr[cpu];
    for (uint32_t i = 0; waker != AUR_NONE && i < host.config.tasks; i++) {
        const struct aur_task *t = aur_core_task(host.core, i);
        if (t && t->state == AUR_TASK_BLOCKED) {
            host_event(&host, AUR_EV_WAKE, cpu, i, 0, AUR_WAKE_SYNC, 0);
            host_by(&host, AUR_EV_BLOCK, waker, 0, 0, host.now_ns + MILLISECOND);
            return;
        }
    }
}

static void drive(enum kind kind, uint64_t seed)
{
    static const uint8_t kept[] = {DRIVE_ADVANCE, DRIVE_ADVANCE, DRIVE_ADVANCE, DRIVE_ADVANCE,
                                   DRIVE_WAKE,    DRIVE_WAKE,    DRIVE_SIGNAL,  DRIVE_BLOCK,
                                   DRIVE_NEW,     DRIVE_NEW,     DRIVE_START,   DRIVE_START,
                                   DRIVE_YIELD,   DRIVE_POST,    DRIVE_EXIT};
    uint64_t choices = 0, moves = 0;
    agent_scene_chosen = texts[kind];
    for (int run = 0; run < 60; run++) {
        struct drive_plan plan = drive_plan(random_next(&seed), aur_class_find("agent"), 1500);
        struct aur_config *config = &plan.config;
        const struct aur_class_info *info = aur_class_info(config->classes[AUR_SLOT_EXT]);
        config->classes[AUR_SLOT_DEADLINE] = config->classes[AUR_SLOT_REALTIME] = AUR_NONE;
        for (uint32_t i = 0; info->params[i].name; i++)
            config->params[AUR_SLOT_EXT][i] = info->params[i].value;
        config->params[AUR_SLOT_EXT][1] = info->params[1].high; // nobody is ejected
        scene_open(config);
        memset(&twin, 0, sizeof twin);
        twin.kind = kind;
        twin.front = -1;
        memset(twin.curr, 0xff, sizeof twin.curr);
        memset(twin.loaded, 0xff, sizeof twin.loaded);
        host.before = before;
        host.after = after;
        for (uint32_t i = 0; i < plan.count && !host.failure[0]; i++) {
            struct drive_choice *choice = &plan.choices[i];
            drive_keep(choice, kept, LENGTH(kept));
            if (choice->what == DRIVE_SIGNAL)
                wake_and_sleep(choice);
            else
                drive_do(&host, choice);
            if (choice->what == DRIVE_ADVANCE)
                settled();
        }
        if (host.failure[0])
            ck_abort_msg("run %d: %s", run, host.failure);
        choices += twin.choices;
        moves += twin.moves;
        host_close(&host);
        drive_free(&plan);
    }
    ck_assert_uint_gt(choices, 1000);
    if (kind != OWN_STACK)
        ck_assert_uint_gt(moves, 300);
}

static uint64_t seed;

START_TEST(an_agent_with_one_queue_runs_the_tasks_in_turn)
{
    drive(SHARED_FIFO, seed);
}
END_TEST

START_TEST(an_agent_by_virtual_time_runs_who_has_least)
{
    drive(SHARED_VTIME, seed);
}
END_TEST

START_TEST(an_agent_that_preempts_runs_the_last_first)
{
    drive(OWN_STACK, seed);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_agent_with_one_queue_runs_the_tasks_in_turn,
        an_agent_by_virtual_time_runs_who_has_least,
        an_agent_that_preempts_runs_the_last_first,
    };
    seed = random_seed(20261201);
    return run_tests("ext_twin", tests, LENGTH(tests));
}
