// Turning one choice into events.
#include "tests/choices.h"

#include "tests/agent_scene.h"

#include "step/state.h"

#define MILLISECOND 1000000ull

static uint32_t some_cpu(const struct host *host, uint32_t n)
{
    return n % host->config.cpus;
}

// Mostly one that is online.
static uint32_t some_online_cpu(const struct host *host, uint32_t n)
{
    uint32_t cpu = some_cpu(host, n);
    for (uint32_t i = 0; n % 64 != 0 && !(host->online >> cpu & 1) && i < host->config.cpus; i++)
        cpu = (cpu + 1) % host->config.cpus;
    return cpu;
}

// A task that may act now, or NONE.
static uint32_t some_running(const struct host *host, uint32_t n)
{
    for (uint32_t i = 0; i < host->config.cpus; i++) {
        uint32_t task = host->cpus[(n + i) % host->config.cpus].running;
        if (task != AUR_NONE && host->tasks[task].state == AUR_TASK_RUNNING)
            return task;
    }
    return AUR_NONE;
}

static uint32_t some_in_state(const struct host *host, enum aur_task_state state, uint32_t n)
{
    for (uint32_t i = 0; i < host->config.tasks; i++)
        if (host->tasks[(n + i) % host->config.tasks].state == state)
            return (n + i) % host->config.tasks;
    return n % host->config.tasks;
}

static uint32_t some_object(const struct host *host, enum aur_object_kind kind, uint32_t n)
{
    uint32_t used = host->core->objects_used;
    for (uint32_t i = 0; i < used; i++)
        if (aur_object_at(host->core, (n + i) % used)->kind == kind)
            return (n + i) % used;
    return used ? n % used : 0;
}

// A group that is there, or NONE.
static uint32_t some_group(const struct host *host, uint32_t n)
{
    uint32_t used = host->core->groups_used;
    for (uint32_t i = 0; i < used; i++)
        if (aur_core_group(host->core, (n + i) % used))
            return (n + i) % used;
    return AUR_NONE;
}

static void set_group(struct host *host, const struct drive_choice *choice, uint32_t cpu)
{
    static const uint16_t weights[8] = {100, 1, 10000, 50, 200, 39, 100, 1000};
    static const uint64_t quotas_ns[8] = {AUR_NEVER_NS,     MILLISECOND,      2 * MILLISECOND,
                                          5 * MILLISECOND,  20 * MILLISECOND, 100 * MILLISECOND,
                                          33 * MILLISECOND, AUR_NEVER_NS};
    static const uint64_t periods_ns[4] = {MILLISECOND, 10 * MILLISECOND, 7 * MILLISECOND,
                                           100 * MILLISECOND};
    uint32_t n = choice->b, what = n % AUR_GROUP_ATTR_COUNT;
    host_event(host, AUR_EV_GROUP_SET, cpu, 0, some_group(host, choice->a), what,
               what == AUR_GROUP_WEIGHT     ? weights[n >> 8 & 7]
               : what == AUR_GROUP_QUOTA_NS ? quotas_ns[n >> 8 & 7]
                                            : periods_ns[n >> 8 & 3]);
}

// Mostly the first mutex that the task holds.
static uint32_t held_mutex(const struct host *host, uint32_t task, uint32_t n)
{
    const struct aur_task *t = aur_core_task(host->core, task);
    return t && t->held != AUR_NONE && n % 8 ? t->held : some_object(host, AUR_OBJECT_MUTEX, n);
}

static uint64_t timeout(const struct host *host, uint64_t c)
{
    static const uint64_t after_ns[8] = {
        0, 1, 1000, 300000, MILLISECOND, 4 * MILLISECOND, 20 * MILLISECOND, 0};
    if (c % 8 == 7)
        return AUR_NEVER_NS;
    return host->now_ns + after_ns[c % 8] + (c >> 8 & 15 ? 0 : c % 1000);
}

static uint32_t some_kind(uint32_t n)
{
    static const uint8_t policies[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 5, 6};
    static const int8_t nices[8] = {0, 0, 0, 0, 5, -5, 19, -20};
    static const uint8_t priorities[4] = {1, 50, 50, 99};
    enum aur_policy policy = policies[n % 16];
    bool realtime = policy == AUR_POLICY_FIFO || policy == AUR_POLICY_RR;
    return aur_task_kind(policy, nices[n >> 4 & 7], realtime ? priorities[n >> 7 & 3] : 0);
}

static uint64_t some_affinity(const struct host *host, uint64_t c)
{
    uint64_t all = (1ull << host->config.cpus) - 1, mask = c >> 8 & all;
    return c % 3 || mask == 0 ? UINT64_MAX : mask;
}

static void move_time(struct host *host, const struct drive_choice *choice)
{
    static const uint64_t steps_ns[16] = {0,
                                          0,
                                          1,
                                          100,
                                          1000,
                                          20000,
                                          50000,
                                          200000,
                                          700000,
                                          MILLISECOND,
                                          1700000,
                                          2 * MILLISECOND,
                                          3 * MILLISECOND,
                                          4 * MILLISECOND,
                                          10 * MILLISECOND,
                                          300 * MILLISECOND};
    uint64_t by_ns = steps_ns[choice->a % 16];
    if (choice->b % 4 == 0)
        by_ns += choice->c % (by_ns + 1);
    if (choice->what == DRIVE_ADVANCE)
        host_advance(host, host->now_ns + by_ns, 24);
    else if (host->late)
        host->now_ns += by_ns % MILLISECOND;
}

// Mostly refused, but whatever is taken in must leave a sound state, too.
static void post_garbage(struct host *host, const struct drive_choice *choice)
{
    uint64_t c = choice->c;
    const struct host_cpu *cpu = &host->cpus[some_cpu(host, choice->b)];
    struct aur_record event = {
        .now_ns = host->now_ns,
        .kind = (uint8_t)(c % AUR_EV_COUNT == 0 ? choice->b : c % AUR_EV_COUNT),
        .cpu = (uint16_t)(choice->b % (host->config.cpus + 1)),
        .task = choice->a % (host->config.tasks + 2),
        .object = choice->a >> 8 & 15,
        .other = choice->a >> 12 & 15,
        .arg = (c & 1 << 20) ? c : c >> 40,
    };
    if (c & 1 << 8 && cpu->running != AUR_NONE)
        event.task = cpu->running;
    if ((c >> 9 & 7) == 0)
        event.task = AUR_NONE;
    if ((c >> 12 & 7) == 0)
        event.object = choice->a;
    if ((c >> 15 & 7) == 0)
        event.other = AUR_NONE;
    if ((c >> 18 & 3) == 0 && host->core->now_ns != 0)
        event.now_ns = host->core->now_ns - 1;
    // An agent comes back more often than it goes.
    if (event.kind == AUR_EV_AGENT_LOAD && host->config.classes[AUR_SLOT_EXT] != AUR_NONE)
        host_load(host, agent_scene_chosen);
    if (event.kind != AUR_EV_AGENT_EJECT || c & 1 << 21)
        host_post(host, &event);
}

// Gives a task a server: runtime, deadline and period, then the policy.
static void set_deadline(struct host *host, const struct drive_choice *choice, uint32_t cpu)
{
    static const uint64_t periods_ns[4] = {20000, MILLISECOND, 7 * MILLISECOND, 40 * MILLISECOND};
    uint32_t task = some_in_state(host, choice->b % 2 ? AUR_TASK_NEW : AUR_TASK_BLOCKED, choice->a);
    uint64_t period_ns = periods_ns[choice->b >> 4 & 3];
    uint64_t deadline_ns = choice->b >> 8 & 1 ? period_ns : period_ns / 2;
    uint64_t runtime_ns = deadline_ns / (1 + (choice->c & 7));
    host_event(host, AUR_EV_TASK_SET, cpu, task, AUR_ATTR_DL_RUNTIME_NS, 0, runtime_ns);
    host_event(host, AUR_EV_TASK_SET, cpu, task, AUR_ATTR_DL_DEADLINE_NS, 0, deadline_ns);
    host_event(host, AUR_EV_TASK_SET, cpu, task, AUR_ATTR_DL_PERIOD_NS, 0, period_ns);
    host_event(host, AUR_EV_TASK_SET, cpu, task, AUR_ATTR_POLICY, 0,
               aur_task_kind(AUR_POLICY_DEADLINE, 0, 0));
}

static void do_on_object(struct host *host, const struct drive_choice *choice, uint32_t task)
{
    uint32_t n = choice->b;
    uint64_t until_ns = timeout(host, choice->c);
    const struct aur_task *t = aur_core_task(host->core, task);
    if (t && t->state == AUR_TASK_RUNNING && t->wait_mutex != AUR_NONE && n % 8 != 0) {
        host_by(host, AUR_EV_LOCK, task, t->wait_mutex, 0, until_ns); // it may do nothing else
        return;
    }
    switch ((enum drive_what)choice->what) {
    case DRIVE_LOCK:
        host_by(host, AUR_EV_LOCK, task, some_object(host, AUR_OBJECT_MUTEX, n), 0, until_ns);
        break;
    case DRIVE_UNLOCK:
        host_by(host, AUR_EV_UNLOCK, task, held_mutex(host, task, n), 0, 0);
        break;
    case DRIVE_WAIT:
        host_by(host, AUR_EV_WAIT, task, some_object(host, AUR_OBJECT_COND, n),
                n >> 16 & 1 ? AUR_NONE : held_mutex(host, task, n >> 8), until_ns);
        break;
    case DRIVE_BARRIER:
        host_by(host, AUR_EV_BARRIER, task, some_object(host, AUR_OBJECT_BARRIER, n), 0, 0);
        break;
    case DRIVE_DOWN:
        host_by(host, AUR_EV_DOWN, task, some_object(host, AUR_OBJECT_SEMAPHORE, n), 0, until_ns);
        break;
    case DRIVE_BLOCK:
        host_by(host, AUR_EV_BLOCK, task, 0, 0, until_ns);
        break;
    case DRIVE_YIELD:
        host_by(host, AUR_EV_YIELD, task, 0, 0, 0);
        break;
    default:
        host_by(host, AUR_EV_EXIT, task, 0, 0, 0);
    }
}

static void do_from_outside(struct host *host, const struct drive_choice *choice)
{
    uint32_t a = choice->a, n = choice->b, cpu = some_online_cpu(host, a >> 16);
    static const uint64_t slices_ns[4] = {0, 100000, 1000000, 20000000};
    static const uint64_t demands_ns[8] = {
        0, 1, 2, 300000, MILLISECOND, MILLISECOND, 3 * MILLISECOND, 50 * MILLISECOND};
    switch ((enum drive_what)choice->what) {
    case DRIVE_NEW:
        host_event(host, AUR_EV_TASK_NEW, cpu, n >> 16 & 3 ? AUR_NONE : a % host->config.tasks,
                   some_kind(n), 0, some_affinity(host, choice->c));
        break;
    case DRIVE_START:
        host_event(host, AUR_EV_TASK_START, cpu, some_in_state(host, AUR_TASK_NEW, a), 0, 0, 0);
        break;
    case DRIVE_WAKE:
        host_event(host, AUR_EV_WAKE, cpu, some_in_state(host, AUR_TASK_BLOCKED, a), 0, 0, 0);
        break;
    case DRIVE_POST:
        host_event(host,
                   n % 3 == 0   ? AUR_EV_TICK
                   : n % 3 == 1 ? AUR_EV_TIMER
                                : AUR_EV_DISPATCH,
                   cpu, 0, 0, 0, 0);
        break;
    case DRIVE_POLICY:
        host_event(host, AUR_EV_TASK_SET, cpu, a % host->config.tasks, AUR_ATTR_POLICY, 0,
                   some_kind(n));
        break;
    case DRIVE_AFFINITY:
        host_event(host, AUR_EV_TASK_SET, cpu, a % host->config.tasks, AUR_ATTR_AFFINITY, 0,
                   some_affinity(host, choice->c));
        break;
    case DRIVE_SLICE:
        host_event(host, AUR_EV_TASK_SET, cpu, a % host->config.tasks, AUR_ATTR_SLICE_NS, 0,
                   slices_ns[n % 4]);
        break;
    case DRIVE_DEMAND:
        host_event(host, AUR_EV_TASK_SET, cpu, a % host->config.tasks, AUR_ATTR_DEMAND_NS, 0,
                   demands_ns[n % 8]);
        break;
    case DRIVE_CPU_OFF:
        host_event(host, AUR_EV_CPU_OFF, cpu, 0, some_cpu(host, n), 0, 0);
        break;
    case DRIVE_CPU_ON:
        host_event(host, AUR_EV_CPU_ON, cpu, 0, some_cpu(host, n), 0, 0);
        break;
    case DRIVE_DEADLINE:
        set_deadline(host, choice, cpu);
        break;
    case DRIVE_OBJECT_NEW:
        host_event(host, AUR_EV_OBJECT_NEW, cpu, 0, 1 + n % 4, 0,
                   n % 4 == 0 ? (n >> 8) % 3 : 1 + (n >> 8) % 4);
        break;
    case DRIVE_OBJECT_FREE:
        host_event(host, AUR_EV_OBJECT_FREE, cpu, 0,
                   n % (host->core->objects_used ? host->core->objects_used : 1), 0, 0);
        break;
    case DRIVE_GROUP_NEW:
        host_event(host, AUR_EV_GROUP_NEW, cpu, 0, n % 3 ? some_group(host, a) : AUR_NONE, 0, 0);
        break;
    case DRIVE_GROUP_SET:
        set_group(host, choice, cpu);
        break;
    case DRIVE_GROUP_FREE:
        host_event(host, AUR_EV_GROUP_FREE, cpu, 0, some_group(host, a), 0, 0);
        break;
    case DRIVE_GROUP_MOVE:
        host_event(host, AUR_EV_TASK_SET, cpu, a % host->config.tasks, AUR_ATTR_GROUP, 0,
                   n % 4 ? some_group(host, n >> 8) : AUR_NONE);
        break;
    case DRIVE_SIGNAL:
        host_event(host, AUR_EV_SIGNAL, cpu, 0, some_object(host, AUR_OBJECT_COND, n), 0, 0);
        break;
    case DRIVE_BROADCAST:
        host_event(host, AUR_EV_BROADCAST, cpu, 0, some_object(host, AUR_OBJECT_COND, n), 0, 0);
        break;
    default:
        host_event(host, AUR_EV_UP, cpu, 0, some_object(host, AUR_OBJECT_SEMAPHORE, n), 0, 0);
    }
}

void drive_do(struct host *host, const struct drive_choice *choice)
{
    uint32_t task;
    switch ((enum drive_what)choice->what) {
    case DRIVE_ADVANCE:
    case DRIVE_DRIFT:
        move_time(host, choice);
        break;
    case DRIVE_GARBAGE:
        post_garbage(host, choice);
        break;
    case DRIVE_LOCK:
    case DRIVE_UNLOCK:
    case DRIVE_WAIT:
    case DRIVE_BARRIER:
    case DRIVE_DOWN:
    case DRIVE_BLOCK:
    case DRIVE_YIELD:
    case DRIVE_EXIT:
        task = some_running(host, choice->a);
        if (task != AUR_NONE)
            do_on_object(host, choice, task);
        break;
    default:
        do_from_outside(host, choice);
    }
}
