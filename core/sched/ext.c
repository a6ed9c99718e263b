// An agent as a scheduling class: Linux's sched_ext (kernel/sched/ext.c of 6.12), whose operations,
// dispatch queues and helpers have the same names and meanings here. A CPU runs the first task of
// its local queue; when that is empty it takes from the global one, then asks the agent's dispatch.
// A task runs until its slice is over, then goes back to the agent's enqueue.
//
// Invariant: each runnable task of the slot that does not run is in its CPU's list `waiting`,
// oldest first, and in just one place (enum aur_ext_place).
//
// When the agent has been ejected, each CPU runs its waiting tasks in turn until they have been
// moved to the fair class (step/agent.c), which begins at once.
#include "sched/ext.h"

#include "sched/keys.h"

bool aur_ext_is_on(const struct aur_core *core)
{
    return core->ext.state == AUR_EXT_ON;
}

static void init(struct aur_core *core, uint32_t slot)
{
    (void)slot;
    for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++) {
        struct aur_ext_cpu *x = aur_ext_cpu_at(core, cpu);
        aur_list_init(&x->waiting);
        x->curr = AUR_NONE;
        x->count = 0;
    }
    aur_ext_queues_init(core);
    for (uint32_t op = 0; op < AUR_EXT_OPS; op++)
        core->ext.programs[op] = AUR_NONE;
}

void aur_ext_greet(struct aur_core *core, uint32_t task)
{
    uint64_t result;
    const struct aur_image *image = aur_ext_image(core);
    for (uint32_t i = 0; aur_ext_is_on(core) && i < image->map_count; i++) {
        const struct aur_map *map = aur_image_map(image, i);
        if (map->kind == AUR_MAP_TASK_STORAGE)
            memset((unsigned char *)aur_ext_image(core) + map->values_at +
                       (size_t)task * map->stride,
                   0, map->stride);
    }
    if (aur_ext_call(core, AUR_EXT_INIT_TASK, aur_task_at(core, task)->cpu, task,
                     aur_ext_address(task), 0, 0, &result) &&
        (int32_t)result != 0)
        aur_ext_eject(core, AUR_EXT_END_INIT_TASK, task, result);
}

static void task_init(struct aur_core *core, uint32_t slot, uint32_t task)
{
    (void)slot;
    struct aur_ext_entity *e = aur_ext_entity_at(core, task);
    memset(e, 0, sizeof *e);
    memset(aur_ext_task_at(core, task), 0, sizeof(struct aur_ext_task));
    if (aur_ext_is_on(core))
        aur_ext_greet(core, task);
}

static uint32_t select_cpu(struct aur_core *core, uint32_t slot, uint32_t task, uint32_t waker_cpu)
{
    (void)slot;
    const struct aur_task *t = aur_task_at(core, task);
    bool wakes = t->state == AUR_TASK_BLOCKED || t->state == AUR_TASK_NEW;
    if (!aur_ext_is_on(core) || !wakes)
        return aur_select_cpu_default(core, task, waker_cpu);
    struct aur_ext_entity *e = aur_ext_entity_at(core, task);
    uint64_t flags = (t->state == AUR_TASK_NEW ? AUR_EXT_WAKE_FORK : AUR_EXT_WAKE_TTWU) |
                     (t->sync_wake ? AUR_EXT_WAKE_SYNC : 0);
    uint64_t chosen;
    e->direct = 0;
    if (!aur_ext_has(core, AUR_EXT_SELECT_CPU)) {
        bool idle;
        uint32_t cpu = aur_ext_default_cpu(core, task, flags, waker_cpu, &idle);
        if (idle) { // straight there, past enqueue
            e->direct = 1;
            e->target = AUR_EXT_DSQ_LOCAL;
            e->flags = 0;
            e->by_vtime = 0;
            aur_ext_task_at(core, task)->slice_ns = AUR_EXT_SLICE_DFL_NS;
        }
        return cpu;
    }
    if (!aur_ext_call(core, AUR_EXT_SELECT_CPU, waker_cpu, task, aur_ext_address(task), t->cpu,
                      flags, &chosen))
        return aur_select_cpu_default(core, task, waker_cpu);
    if ((chosen & UINT32_MAX) >= core->config.cpus) {
        aur_ext_eject(core, AUR_EXT_END_BAD_CPU, task, chosen);
        return aur_select_cpu_default(core, task, waker_cpu);
    }
    uint64_t allowed = aur_allowed_cpus(core, t);
    uint32_t cpu = (uint32_t)chosen;
    return allowed >> cpu & 1 ? cpu : (uint32_t)__builtin_ctzll(allowed);
}

static void begin_waiting(struct aur_core *core, uint32_t task, uint32_t cpu)
{
    struct aur_ext_cpu *x = aur_ext_cpu_at(core, cpu);
    struct aur_ext_entity *e = aur_ext_entity_at(core, task);
    if (aur_list_empty(&x->waiting)) { // the watchdog looks at the oldest
        core->ext.watch |= 1ull << cpu;
        core->ext.attention = 1;
    }
    e->since_ns = core->now_ns;
    e->place = AUR_EXT_OWNED;
    aur_list_push_back(aur_ext_waiting(core), &x->waiting, task);
}

static void end_waiting(struct aur_core *core, uint32_t task, uint32_t cpu)
{
    aur_ext_take(core, task);
    aur_list_remove(aur_ext_waiting(core), &aur_ext_cpu_at(core, cpu)->waiting, task);
    aur_ext_entity_at(core, task)->place = AUR_EXT_OUT;
}

// The agent is to say where the task goes, or keeps it.
static void offer(struct aur_core *core, uint32_t task, uint32_t cpu, uint64_t flags)
{
    struct aur_ext_entity *e = aur_ext_entity_at(core, task);
    uint64_t nothing;
    if (!e->direct && !aur_ext_has(core, AUR_EXT_ENQUEUE)) {
        aur_ext_task_at(core, task)->slice_ns = AUR_EXT_SLICE_DFL_NS;
        aur_ext_put(core, task, aur_ext_global(core), false, false);
        return;
    }
    if (!e->direct)
        aur_ext_call(core, AUR_EXT_ENQUEUE, cpu, task, aur_ext_address(task), flags, 0, &nothing);
    if (!aur_ext_is_on(core))
        aur_ext_put(core, task, cpu, false, false);
    else if (e->direct)
        aur_ext_send(core, task, cpu);
}

static void enqueue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    (void)slot;
    struct aur_ext_entity *e = aur_ext_entity_at(core, task);
    uint64_t nothing;
    aur_ext_cpu_at(core, cpu)->count++;
    if (!e->enabled && aur_ext_is_on(core)) {
        e->enabled = 1;
        aur_ext_call(core, AUR_EXT_ENABLE, cpu, task, aur_ext_address(task), 0, 0, &nothing);
    }
    begin_waiting(core, task, cpu);
    bool arriving = e->direct == AUR_EXT_ARRIVING;
    bool running = aur_task_at(core, task)->state == AUR_TASK_RUNNING; // a change under way
    if (arriving || running || !aur_ext_is_on(core)) {
        e->direct = 0;
        aur_ext_put(core, task, cpu, false, running || (arriving && e->flags & AUR_EXT_ENQ_HEAD));
        return;
    }
    offer(core, task, cpu, flags & AUR_ENQUEUE_WAKE ? AUR_EXT_ENQ_WAKEUP : 0);
}

static void dequeue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    (void)slot;
    struct aur_ext_cpu *x = aur_ext_cpu_at(core, cpu);
    uint64_t nothing;
    x->count--;
    if (x->curr == task) {
        x->curr = AUR_NONE;
        aur_ext_call(core, AUR_EXT_STOPPING, cpu, task, aur_ext_address(task), 0, 0, &nothing);
    } else {
        end_waiting(core, task, cpu);
    }
    if (!(flags & AUR_DEQUEUE_MOVE))
        aur_ext_entity_at(core, task)->direct = 0;
}

static uint32_t pick_next(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    (void)slot;
    const struct aur_ext_cpu *x = aur_ext_cpu_at(core, cpu);
    if (x->curr != AUR_NONE && aur_ext_task_at(core, x->curr)->slice_ns != 0)
        return x->curr;
    // Without an agent, and from a CPU that goes offline, all have to come out.
    if (!aur_ext_is_on(core) || !aur_is_online(core, cpu))
        return aur_list_empty(&x->waiting) ? x->curr : x->waiting.first;
    return aur_ext_first(core, cpu);
}

static void set_next(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    (void)slot;
    struct aur_ext_task *view = aur_ext_task_at(core, task);
    uint64_t nothing;
    end_waiting(core, task, cpu);
    aur_ext_cpu_at(core, cpu)->curr = task;
    if (view->slice_ns == 0)
        view->slice_ns = AUR_EXT_SLICE_DFL_NS;
    aur_ext_call(core, AUR_EXT_RUNNING, cpu, task, aur_ext_address(task), 0, 0, &nothing);
}

// Who has some of its slice left goes on first.
static void put_prev(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    (void)slot;
    uint64_t nothing;
    aur_ext_cpu_at(core, cpu)->curr = AUR_NONE;
    begin_waiting(core, task, cpu);
    aur_ext_call(core, AUR_EXT_STOPPING, cpu, task, aur_ext_address(task), 1, 0, &nothing);
    if (!aur_ext_is_on(core))
        aur_ext_put(core, task, cpu, false, false);
    else if (aur_ext_task_at(core, task)->slice_ns != 0)
        aur_ext_put(core, task, cpu, false, true);
    else
        offer(core, task, cpu, 0);
}

static void update_curr(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                        uint64_t ran_ns)
{
    (void)slot;
    (void)cpu;
    uint64_t *slice_ns = &aur_ext_task_at(core, task)->slice_ns;
    if (*slice_ns != AUR_EXT_SLICE_INF)
        *slice_ns -= ran_ns < *slice_ns ? ran_ns : *slice_ns;
}

static uint64_t slice_end(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    (void)slot;
    (void)cpu;
    uint64_t slice_ns = aur_ext_task_at(core, task)->slice_ns;
    return slice_ns == AUR_EXT_SLICE_INF ? AUR_NEVER_NS : slice_ns;
}

static bool tick(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    (void)slot;
    uint64_t nothing;
    aur_ext_call(core, AUR_EXT_TICK, cpu, task, aur_ext_address(task), 0, 0, &nothing);
    return aur_ext_task_at(core, task)->slice_ns == 0;
}

static void yield(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    (void)slot;
    (void)cpu;
    aur_ext_task_at(core, task)->slice_ns = 0;
}

// Where tasks run is the agent's to say.
static uint32_t balance(struct aur_core *core, uint32_t slot, uint32_t from, uint32_t to)
{
    (void)core;
    (void)slot;
    (void)from;
    (void)to;
    return AUR_NONE;
}

// In the local queue 1 is the first; 0: it is not there.
static void number_places(struct aur_core *copy, uint32_t slot, uint32_t cpu)
{
    (void)slot;
    uint32_t place = 1;
    const struct aur_ext_cpu *x = aur_ext_cpu_at(copy, cpu);
    for (uint32_t task = x->waiting.first; task != AUR_NONE;
         task = aur_ext_entity_at(copy, task)->waiting.next)
        aur_ext_entity_at(copy, task)->number = 0;
    if (x->curr != AUR_NONE)
        aur_ext_entity_at(copy, x->curr)->number = 0;
    for (uint32_t task = aur_ext_first(copy, cpu); task != AUR_NONE;
         task = aur_ext_next(copy, task))
        aur_ext_entity_at(copy, task)->number = place++;
}

static void explain(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    struct aur_candidate *candidate)
{
    (void)slot;
    (void)cpu;
    const struct aur_ext_entity *e = aur_ext_entity_at(core, task);
    const struct aur_ext_task *view = aur_ext_task_at(core, task);
    if (e->number != 0)
        aur_key_add(candidate, AUR_KEY_PLACE, e->number);
    else if (e->place == AUR_EXT_QUEUED)
        aur_key_add(candidate, AUR_KEY_QUEUE, (int64_t)aur_ext_queue_at(core, e->queue)->id);
    uint64_t left_ns = view->slice_ns < INT64_MAX ? view->slice_ns : INT64_MAX;
    aur_key_add(candidate, AUR_KEY_TURN_LEFT, (int64_t)left_ns);
    aur_key_add(candidate, AUR_KEY_VTIME, (int64_t)view->vtime);
}

static void versus(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t picked,
                   uint32_t other, struct aur_verdict *verdict)
{
    (void)slot;
    uint32_t first = aur_ext_entity_at(core, picked)->number;
    uint32_t then = aur_ext_entity_at(core, other)->number;
    if (picked == aur_ext_cpu_at(core, cpu)->curr)
        aur_verdict_set(verdict, AUR_RULE_TURN, AUR_KEY_TURN_LEFT, AUR_OF_PICKED,
                        (int64_t)aur_ext_task_at(core, picked)->slice_ns, 0);
    else if (first != 0 && then != 0)
        aur_verdict_set(verdict, AUR_RULE_DISPATCHED, AUR_KEY_PLACE, AUR_OF_OTHER, then, first);
    else
        aur_verdict_set(verdict, AUR_RULE_DISPATCHED, AUR_KEY_NONE, AUR_OF_OTHER, 0, 0);
}

// Checking.

static bool belongs(const struct aur_core *core, uint32_t task, uint32_t cpu)
{
    const struct aur_task *t = aur_task_at(core, task);
    return t->slot == AUR_SLOT_EXT && t->cpu == cpu;
}

static const char *check_waiting(const struct aur_core *core, uint32_t cpu)
{
    const struct aur_ext_cpu *x = aur_ext_cpu_at(core, cpu);
    uint32_t previous = AUR_NONE, count = x->curr != AUR_NONE;
    for (uint32_t task = x->waiting.first; task != AUR_NONE;
         task = aur_ext_entity_at(core, task)->waiting.next, count++) {
        if (task >= core->tasks_used || aur_ext_entity_at(core, task)->waiting.previous != previous)
            return "agent: the waiting tasks' links do not mirror each other";
        const struct aur_ext_entity *e = aur_ext_entity_at(core, task);
        if (!belongs(core, task, cpu) || aur_task_at(core, task)->state != AUR_TASK_RUNNABLE)
            return "agent: a task waits that does not belong there";
        if (e->place == AUR_EXT_OUT || e->place > AUR_EXT_MOVING || e->direct > AUR_EXT_ARRIVING ||
            e->since_ns > core->now_ns ||
            (previous != AUR_NONE && e->since_ns < aur_ext_entity_at(core, previous)->since_ns))
            return "agent: a waiting task is nowhere, or out of turn";
        if ((e->place == AUR_EXT_QUEUED && e->queue >= aur_ext_queues(&core->config)) ||
            (e->place == AUR_EXT_QUEUED && e->queue < core->config.cpus && e->queue != cpu) ||
            (e->place == AUR_EXT_MOVING && e->to >= core->config.cpus))
            return "agent: a waiting task is in a queue that is not there, or another CPU's";
        previous = task;
    }
    if (x->waiting.last != previous)
        return "agent: the last waiting task is not the last";
    if (!aur_may_have_cpu(core, AUR_SLOT_EXT, cpu, x->curr))
        return "agent: another task than the running one has the CPU";
    if (count != x->count || count != aur_cpu_at(core, cpu)->nr_class[AUR_SLOT_EXT])
        return "agent: the waiting and the running task are not all runnable tasks";
    return NULL;
}

// What belongs to no CPU is checked with the first.
static const char *check_agent(struct aur_core *core)
{
    const struct aur_ext_state *ext = &core->ext;
    const struct aur_image *image = aur_ext_image(core);
    struct aur_agent_refusal refusal;
    bool loaded = ext->state != AUR_EXT_NONE;
    if (ext->state > AUR_EXT_ENDED || ext->reason >= AUR_EXT_REASONS ||
        (ext->offender != AUR_NONE && ext->offender >= core->config.tasks && loaded))
        return "agent: its state is out of range";
    if (loaded && (!aur_agent_structure(image, core->config.agent_bytes, &refusal) ||
                   image->cpus != core->config.cpus || image->tasks < core->config.tasks))
        return "agent: its image has no structure";
    for (uint32_t op = 0; op < AUR_EXT_OPS; op++)
        if (ext->programs[op] != AUR_NONE && (!loaded || ext->programs[op] >= image->program_count))
            return "agent: an operation has a program that is not there";
    uint32_t previous = AUR_NONE, queued = 0, counted = 0, moving = 0;
    for (uint32_t task = ext->moving.first; task != AUR_NONE;
         task = aur_ext_entity_at(core, task)->link.next, moving++) {
        if (task >= core->tasks_used || aur_ext_entity_at(core, task)->link.previous != previous ||
            aur_ext_entity_at(core, task)->place != AUR_EXT_MOVING)
            return "agent: the tasks that move do not";
        previous = task;
    }
    if (ext->moving.last != previous)
        return "agent: the last task that moves is not the last";
    for (uint32_t queue = 0; queue < aur_ext_queues(&core->config); queue++) {
        const char *broken = aur_ext_queue_check(core, queue);
        if (broken)
            return broken;
        counted += aur_ext_queue_at(core, queue)->count;
    }
    for (uint32_t task = 0; task < core->tasks_used; task++) {
        const struct aur_task *t = aur_task_at(core, task);
        uint32_t place = aur_ext_entity_at(core, task)->place;
        bool waits = t->state == AUR_TASK_RUNNABLE && t->slot == AUR_SLOT_EXT;
        if (t->state != AUR_TASK_FREE && waits != (place != AUR_EXT_OUT))
            return "agent: a task is in a place though it does not wait, or the other way round";
        queued += t->state != AUR_TASK_FREE && place == AUR_EXT_QUEUED;
        moving -= t->state != AUR_TASK_FREE && place == AUR_EXT_MOVING;
    }
    return queued == counted && moving == 0 ? NULL
                                            : "agent: a task is in a queue that does not know it";
}

static const char *check(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    (void)slot;
    const char *broken = cpu == 0 ? check_agent(core) : NULL;
    return broken ? broken : check_waiting(core, cpu);
}

static const struct aur_class_param params[] = {
    [AUR_EXT_FUEL] = {"fuel", 20000, 100, 10000000,
                      "instructions that one call of a program may "
                      "execute",
                      NULL},
    [AUR_EXT_TIMEOUT_NS] = {"timeout_ns", 30000000000, 1000000, 3600000000000,
                            "how long a runnable task may wait before the agent is ejected", NULL},
    [AUR_EXT_QUEUES] = {"queues", 64, 0, 4096, "dispatch queues that it may make", NULL},
    [AUR_EXT_SEED] = {"seed", 0, 0, UINT32_MAX, "begins the stream of bpf_get_prandom_u32", NULL},
    {0}};

const struct aur_sched_class aur_class_agent = {
    .info = {.name = "agent",
             .summary = "what a loaded agent decides, in the terms of sched_ext",
             .source = "Linux kernel/sched/ext.c (6.12)",
             .params = params,
             .traits = AUR_CLASS_AGENT | AUR_CLASS_RANDOM},
    .cpu_size = sizeof(struct aur_ext_cpu),
    .task_size = sizeof(struct aur_ext_entity),
    .init = init,
    .task_init = task_init,
    .select_cpu = select_cpu,
    .enqueue = enqueue,
    .dequeue = dequeue,
    .pick_next = pick_next,
    .set_next = set_next,
    .put_prev = put_prev,
    .update_curr = update_curr,
    .slice_end = slice_end,
    .tick = tick,
    .yield = yield,
    .balance = balance,
    .number_places = number_places,
    .explain = explain,
    .versus = versus,
    .check = check,
};
