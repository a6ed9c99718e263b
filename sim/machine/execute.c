// Executes task programs: what a task does on its CPU between two decisions.
#include "machine/pipe.h"

// Ops without time passing before a run is given up: no sane program comes near.
#define IDLE_OPS_MAX 10000000u

static const char *const op_text[] = {
#define X(name, text) text,
    AUR_OP_TABLE(X)
#undef X
};

// Ops that take CPU time or none at all: only the others must wait until the switch is over.
#define WITHIN_SWITCH                                                                              \
    (1u << AUR_OP_RUN | 1u << AUR_OP_RUNTIME | 1u << AUR_OP_MEM | 1u << AUR_OP_LOOP |              \
     1u << AUR_OP_END)

static uint64_t draw(struct aur_world *world, struct aur_actor *actor, const struct aur_op *op)
{
    return aur_draw(world->workload, &actor->stream, op);
}

void aur_begin_burst(struct aur_world *world, uint32_t cpu)
{
    struct aur_host_cpu *c = &world->cpus[cpu];
    struct aur_actor *actor = &world->actors[c->task];
    if (c->from_ns < world->now_ns)
        c->from_ns = world->now_ns;
    c->computes = 1;
    world->stalled &= ~(1ull << cpu);
    if (actor->until_ns != 0)
        actor->burst_ns = actor->until_ns > c->from_ns ? actor->until_ns - c->from_ns : 0;
    aur_queue_arm(&world->queue, world->sources.burst + cpu, c->from_ns + actor->burst_ns);
}

bool aur_burst_done(struct aur_world *world, uint32_t cpu)
{
    struct aur_host_cpu *c = &world->cpus[cpu];
    struct aur_actor *actor = &world->actors[c->task];
    c->computes = 0;
    if (!c->settles) {
        actor->burst_ns = 0;
        actor->until_ns = 0;
        actor->pc++;
    }
    c->settles = 0;
    world->stalled |= 1ull << cpu;
    // A preemption that is already due comes first, as at the end of a system call.
    return world->resched >> cpu & 1 ? true : aur_execute(world, cpu);
}

// Blocks the task until an instant; 0 lets a past instant pass without a block.
static bool block_until(struct aur_world *world, uint32_t cpu, uint32_t task, uint64_t at_ns)
{
    const struct aur_task *t = aur_core_task(world->core, task);
    if (t->policy != AUR_POLICY_FIFO && t->policy != AUR_POLICY_RR &&
        t->policy != AUR_POLICY_DEADLINE)
        at_ns += world->inputs->machine.timer_slack_ns;
    return aur_must_post(world, AUR_EV_BLOCK, cpu, task, 0, 0, at_ns);
}

// rt-app's timer: the end of one job and the release of the next.
static bool timer_op(struct aur_world *world, uint32_t cpu, uint32_t task, const struct aur_op *op)
{
    struct aur_actor *actor = &world->actors[task];
    uint32_t index = op->object + (op->flags & AUR_OP_UNIQUE ? actor->timers : 0);
    struct aur_timer_slot *timer = &world->timers[index];
    if (!timer->started) {
        timer->started = 1;
        timer->next_ns = actor->start_ns;
    }
    uint64_t period_ns = draw(world, actor, op);
    aur_observe_job(world, actor,
                    timer->next_ns + (op->deadline_ns != 0 ? op->deadline_ns : period_ns));
    timer->next_ns += period_ns;
    if (timer->next_ns <= world->now_ns) {
        if (!(op->flags & AUR_OP_ABSOLUTE))
            timer->next_ns = world->now_ns;
        actor->release_ns = timer->next_ns;
        return true;
    }
    actor->release_ns = timer->next_ns;
    return block_until(world, cpu, task, timer->next_ns);
}

uint64_t aur_transfer_ns(uint64_t bytes, uint64_t bytes_per_us)
{
    uint64_t us = bytes / bytes_per_us;
    if (us >= AUR_TIME_END_NS / 1000)
        return AUR_TIME_END_NS;
    return us * 1000 + bytes % bytes_per_us * 1000 / bytes_per_us;
}

// The device serves one request after the other.
static bool device_op(struct aur_world *world, uint32_t cpu, uint32_t task, uint64_t bytes)
{
    uint64_t from_ns =
        world->device_free_ns > world->now_ns ? world->device_free_ns : world->now_ns;
    world->device_free_ns =
        from_ns + aur_transfer_ns(bytes, world->inputs->machine.device_bytes_per_us);
    if (world->device_free_ns > 2 * AUR_TIME_END_NS)
        world->device_free_ns = 2 * AUR_TIME_END_NS;
    if (world->device_free_ns == world->now_ns)
        return true;
    aur_observe_job(world, &world->actors[task], AUR_NEVER_NS);
    world->actors[task].release_ns = 0; // the wake is the release
    return aur_must_post(world, AUR_EV_BLOCK, cpu, task, 0, 0, world->device_free_ns);
}

static bool refuse(struct aur_world *world, uint32_t task, const struct aur_op *op,
                   enum aur_status status)
{
    static const char *const mends[AUR_STATUS_COUNT] = {
        [AUR_DEADLOCK] = "take mutexes in one order everywhere",
        [AUR_NOT_OWNER] = "lock it before",
        [AUR_HELD] = "unlock it before the end",
        [AUR_BAD_AFFINITY] = "raise machine.cpus or change \"cpus\"",
        [AUR_NO_BANDWIDTH] = "lower dl-runtime, lengthen dl-period or raise machine.cpus",
    };
    const char *object = "", *mend = mends[status] ? mends[status] : "see the workload";
    if (status == AUR_BAD_AFFINITY && aur_core_online(world->core) != aur_every_cpu(world))
        mend = "those are off at that time, change machine.offline or \"cpus\"";
    if (op->code >= AUR_OP_LOCK && op->code <= AUR_OP_UP)
        object = aur_workload_name(world->workload, world->workload->objects[op->object].name);
    return aur_fail(world->failure, NULL, op->line,
                    "task %s, line %u, at %llu ns: \"%s%s%s\": %s; %s", aur_actor_name(world, task),
                    op->line, (unsigned long long)world->now_ns, op_text[op->code],
                    *object ? " " : "", object, aur_status_text(status), mend);
}

// The switch is not over yet: the next op begins when it is.
static void settle(struct aur_world *world, uint32_t cpu)
{
    struct aur_host_cpu *c = &world->cpus[cpu];
    c->computes = 1;
    c->settles = 1;
    world->stalled &= ~(1ull << cpu);
    aur_queue_arm(&world->queue, world->sources.burst + cpu, c->from_ns);
}

// Events on objects. A job ends when the task really blocks.
static bool object_op(struct aur_world *world, uint32_t cpu, uint32_t task, const struct aur_op *op)
{
    static const uint8_t kinds[AUR_OP_COUNT] = {
        [AUR_OP_LOCK] = AUR_EV_LOCK,           [AUR_OP_UNLOCK] = AUR_EV_UNLOCK,
        [AUR_OP_WAIT] = AUR_EV_WAIT,           [AUR_OP_SIGNAL] = AUR_EV_SIGNAL,
        [AUR_OP_BROADCAST] = AUR_EV_BROADCAST, [AUR_OP_BARRIER] = AUR_EV_BARRIER,
        [AUR_OP_DOWN] = AUR_EV_DOWN,           [AUR_OP_UP] = AUR_EV_UP,
    };
    struct aur_actor *actor = &world->actors[task];
    enum aur_status status =
        aur_post(world, kinds[op->code], cpu, task, op->object, op->other, AUR_NEVER_NS);
    if (status != AUR_OK)
        return refuse(world, task, op, status);
    // Waiting for a mutex is part of the job; waiting to be told to go on is between two jobs.
    bool blocked = aur_core_task(world->core, task)->state != AUR_TASK_RUNNING;
    if (blocked && op->code != AUR_OP_LOCK) {
        aur_observe_job(world, actor, AUR_NEVER_NS);
        actor->release_ns = 0; // the wake is the release
    }
    return true;
}

// A task that was woken for a mutex has to lock it, before what comes after the lock or the wait.
static bool lock_again(struct aur_world *world, uint32_t cpu, uint32_t task)
{
    uint32_t mutex = aur_core_task(world->core, task)->wait_mutex;
    const struct aur_op *op = &world->workload->ops[world->actors[task].pc - 1];
    enum aur_status status = aur_post(world, AUR_EV_LOCK, cpu, task, mutex, 0, AUR_NEVER_NS);
    return status == AUR_OK || refuse(world, task, op, status);
}

// A server's parameters change outside of the policy: SET_KIND, which follows, asks for admission.
static enum aur_status set_server(struct aur_world *world, uint32_t cpu, uint32_t task,
                                  const struct aur_op *op)
{
    const struct {
        enum aur_attribute attribute;
        uint64_t value;
    } changes[] = {
        {AUR_ATTR_POLICY, aur_task_kind(AUR_POLICY_OTHER, 0, 0)},
        {AUR_ATTR_DL_RUNTIME_NS, op->value},
        {AUR_ATTR_DL_DEADLINE_NS, op->deadline_ns},
        {AUR_ATTR_DL_PERIOD_NS, op->other * 1000ull},
    };
    bool serves = aur_core_task(world->core, task)->policy == AUR_POLICY_DEADLINE;
    enum aur_status status = AUR_OK;
    for (uint32_t i = serves ? 0 : 1; i < 4 && status == AUR_OK; i++)
        status =
            aur_post(world, AUR_EV_TASK_SET, cpu, task, changes[i].attribute, 0, changes[i].value);
    return status;
}

static bool set_op(struct aur_world *world, uint32_t cpu, uint32_t task, const struct aur_op *op)
{
    enum aur_status status = AUR_OK;
    if (op->code == AUR_OP_SET_AFFINITY) {
        uint64_t mask = op->value != 0 ? op->value : aur_every_cpu(world);
        status = aur_post(world, AUR_EV_TASK_SET, cpu, task, AUR_ATTR_AFFINITY, 0, mask);
    } else if (op->code == AUR_OP_SET_GROUP && world->workload->group_count != 0) {
        uint64_t group = op->object ? world->groups[op->object - 1] : AUR_NONE;
        status = aur_post(world, AUR_EV_TASK_SET, cpu, task, AUR_ATTR_GROUP, 0, group);
    } else if (op->code == AUR_OP_SET_KIND) {
        status = aur_post(world, AUR_EV_TASK_SET, cpu, task, AUR_ATTR_POLICY, 0, op->object);
    } else if (op->code == AUR_OP_SET_DL) {
        status = set_server(world, cpu, task, op);
    }
    return status == AUR_OK || refuse(world, task, op, status);
}

void aur_turn_loop(struct aur_actor *actor, const struct aur_op *op)
{
    if (op->code == AUR_OP_LOOP) {
        actor->loops[actor->depth++] = op->value >= UINT32_MAX ? UINT32_MAX : (uint32_t)op->value;
        actor->pc++;
        return;
    }
    uint32_t *left = &actor->loops[actor->depth - 1];
    *left -= *left != UINT32_MAX;
    if (*left != 0) {
        actor->pc = op->other;
    } else {
        actor->depth--;
        actor->pc++;
    }
}

// Begins a burst of CPU time, or passes over an empty one.
static bool compute(struct aur_world *world, uint32_t cpu, struct aur_actor *actor, uint64_t ns)
{
    if (ns == 0) {
        actor->pc++;
        return false;
    }
    actor->burst_ns = ns;
    actor->computed = 1;
    aur_begin_burst(world, cpu);
    return true;
}

// One op. *stop is set when the task computes, or has nothing more to do on this CPU.
static bool execute_op(struct aur_world *world, uint32_t cpu, uint32_t task, bool *stop)
{
    struct aur_actor *actor = &world->actors[task];
    const struct aur_op *op = &world->workload->ops[actor->pc];
    switch ((enum aur_op_code)op->code) {
    case AUR_OP_RUN:
        *stop = compute(world, cpu, actor, draw(world, actor, op));
        return true;
    case AUR_OP_MEM:
        *stop = compute(
            world, cpu, actor,
            aur_transfer_ns(draw(world, actor, op), world->inputs->machine.memory_bytes_per_us));
        return true;
    case AUR_OP_RUNTIME: {
        uint64_t ns = draw(world, actor, op);
        actor->until_ns = ns != 0 ? world->now_ns + ns : 0;
        *stop = compute(world, cpu, actor, ns);
        return true;
    }
    case AUR_OP_SLEEP: {
        uint64_t ns = draw(world, actor, op);
        actor->pc++;
        if (ns == 0)
            return true;
        aur_observe_job(world, actor, AUR_NEVER_NS);
        actor->release_ns = world->now_ns + ns;
        return block_until(world, cpu, task, world->now_ns + ns);
    }
    case AUR_OP_SLEEP_UNTIL:
        actor->pc++;
        if (op->value <= world->now_ns)
            return true;
        aur_observe_job(world, actor, AUR_NEVER_NS);
        actor->release_ns = op->value;
        return aur_must_post(world, AUR_EV_BLOCK, cpu, task, 0, 0, op->value);
    case AUR_OP_TIMER:
        actor->pc++;
        return timer_op(world, cpu, task, op);
    case AUR_OP_IORUN:
        actor->pc++;
        return device_op(world, cpu, task, draw(world, actor, op));
    case AUR_OP_LOCK:
    case AUR_OP_UNLOCK:
    case AUR_OP_WAIT:
    case AUR_OP_SIGNAL:
    case AUR_OP_BROADCAST:
    case AUR_OP_BARRIER:
    case AUR_OP_DOWN:
    case AUR_OP_UP:
        actor->pc++;
        return object_op(world, cpu, task, op);
    case AUR_OP_SEND:
        return aur_pipe_send(world, cpu, task, op);
    case AUR_OP_RECEIVE:
        return aur_pipe_receive(world, cpu, task, op);
    case AUR_OP_YIELD:
        actor->pc++;
        return aur_must_post(world, AUR_EV_YIELD, cpu, task, 0, 0, 0);
    case AUR_OP_FORK:
        actor->pc++;
        return aur_launch(world, cpu, task, op->object, world->forks[op->object]++);
    case AUR_OP_SET_AFFINITY:
    case AUR_OP_SET_KIND:
    case AUR_OP_SET_DL:
    case AUR_OP_SET_GROUP:
        actor->pc++;
        return set_op(world, cpu, task, op);
    case AUR_OP_LOOP:
    case AUR_OP_END:
        aur_turn_loop(actor, op);
        return true;
    case AUR_OP_EXIT: {
        *stop = true;
        aur_observe_exit(world, task);
        enum aur_status status = aur_post(world, AUR_EV_EXIT, cpu, task, 0, 0, 0);
        return status == AUR_OK || refuse(world, task, op, status);
    }
    case AUR_OP_COUNT:
        break;
    }
    return aur_fail(world->failure, NULL, 0, "task %s runs an op that does not exist",
                    aur_actor_name(world, task));
}

// What the task's wake-ups cost comes before what it does next.
static void pay(struct aur_world *world, uint32_t cpu, struct aur_actor *actor)
{
    struct aur_host_cpu *c = &world->cpus[cpu];
    if (actor->owed_ns == 0)
        return;
    if (c->from_ns < world->now_ns)
        c->from_ns = world->now_ns;
    c->from_ns += actor->owed_ns;
    actor->owed_ns = 0;
}

bool aur_execute(struct aur_world *world, uint32_t cpu)
{
    uint32_t task = world->cpus[cpu].task;
    struct aur_actor *actor = &world->actors[task];
    pay(world, cpu, actor);
    if (actor->burst_ns != 0 || actor->until_ns != 0) {
        aur_begin_burst(world, cpu);
        return true;
    }
    bool stop = false;
    while (!stop && !(world->resched >> cpu & 1)) {
        pay(world, cpu, actor);
        if (++world->idle_ops > IDLE_OPS_MAX)
            return aur_fail(world->failure, NULL, 0,
                            "task %s executes without time passing since %llu ns: tasks wake each "
                            "other in a circle; let one of them run or sleep",
                            aur_actor_name(world, task), (unsigned long long)world->now_ns);
        bool locks = aur_core_task(world->core, task)->wait_mutex != AUR_NONE;
        uint32_t code = locks ? AUR_OP_LOCK : world->workload->ops[actor->pc].code;
        if (world->cpus[cpu].from_ns > world->now_ns && !(WITHIN_SWITCH >> code & 1)) {
            settle(world, cpu);
            return true;
        }
        bool done = locks ? lock_again(world, cpu, task) : execute_op(world, cpu, task, &stop);
        if (!done || (world->demands && !aur_demand_after(world, cpu, task, code)))
            return false;
    }
    return true;
}
