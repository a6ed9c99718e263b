// The border between the simulator and the core: events go in, actions are carried out.
#include "machine/world.h"

const char *aur_actor_name(const struct aur_world *world, uint32_t task)
{
    const struct aur_spec *spec = &world->workload->specs[world->actors[task].spec];
    return aur_workload_name(world->workload, spec->name);
}

bool aur_drain_log(struct aur_world *world)
{
    struct aur_log *log = &world->log;
    while (log->tail != log->head) {
        uint32_t at = (uint32_t)log->tail & (log->capacity - 1);
        uint64_t count = log->head - log->tail;
        if (count > log->capacity - at)
            count = log->capacity - at;
        if (!world->options->sink(world->options->sink_context, &log->ring[at], (uint32_t)count))
            return aur_fail(world->failure, NULL, 0, "the trace could not be written");
        log->tail += count;
    }
    return true;
}

// The task leaves the CPU: what it has computed so far is done.
static void leave_cpu(struct aur_world *world, uint32_t cpu)
{
    struct aur_host_cpu *c = &world->cpus[cpu];
    if (c->task == AUR_NONE)
        return;
    struct aur_actor *actor = &world->actors[c->task];
    if (c->computes) {
        uint64_t done_ns = world->now_ns > c->from_ns ? world->now_ns - c->from_ns : 0;
        actor->burst_ns = done_ns < actor->burst_ns ? actor->burst_ns - done_ns : 0;
        aur_queue_cancel(&world->queue, world->sources.burst + cpu);
        c->computes = 0;
        c->settles = 0;
    }
    const struct aur_task *task = aur_core_task(world->core, c->task);
    bool waits = task && (task->state == AUR_TASK_RUNNABLE || task->state == AUR_TASK_THROTTLED);
    if (waits && !actor->fresh_wake)
        actor->ready_ns = world->now_ns; // preempted: it waits from now on
    c->task = AUR_NONE;
}

// The next tick after now. Ticks of all CPUs are at the same instants, as in Linux.
static uint64_t next_tick_ns(const struct aur_world *world)
{
    uint64_t tick_ns = world->inputs->machine.tick_ns;
    if (world->now_ns < world->tick_phase_ns)
        return world->tick_phase_ns;
    return world->now_ns + tick_ns - (world->now_ns - world->tick_phase_ns) % tick_ns;
}

static void carry_out_run(struct aur_world *world, uint32_t cpu, uint32_t task)
{
    const struct aur_machine *machine = &world->inputs->machine;
    struct aur_host_cpu *c = &world->cpus[cpu];
    if (c->task == task && task != AUR_NONE) {
        // It blocked and was woken at this very instant: it goes on without a switch.
        aur_observe_run(world, task);
        world->stalled |= 1ull << cpu;
        return;
    }
    bool was_idle = c->task == AUR_NONE;
    leave_cpu(world, cpu);
    if (task == AUR_NONE) {
        world->stalled &= ~(1ull << cpu);
        aur_queue_cancel(&world->queue, world->sources.tick + cpu);
        return;
    }
    struct aur_actor *actor = &world->actors[task];
    aur_observe_run(world, task);
    c->task = task;
    c->from_ns = world->now_ns + machine->switch_cost_ns;
    if (actor->last_cpu != cpu && actor->last_cpu != AUR_NO_CPU)
        c->from_ns += machine->migration_cost_ns;
    actor->last_cpu = (uint16_t)cpu;
    if (was_idle && machine->tick_ns != 0)
        aur_queue_arm(&world->queue, world->sources.tick + cpu, next_tick_ns(world));
    world->stalled |= 1ull << cpu;
}

// An instant armed by the core comes to its CPU rounded up to the timer's granularity and behind
// the interrupt's latency.
static void carry_out_arm(struct aur_world *world, uint32_t cpu, uint64_t at_ns)
{
    const struct aur_machine *machine = &world->inputs->machine;
    if (at_ns < world->now_ns)
        at_ns = world->now_ns;
    uint64_t over_ns = at_ns % machine->timer_granularity_ns;
    if (over_ns != 0)
        at_ns += machine->timer_granularity_ns - over_ns;
    aur_queue_arm(&world->queue, world->sources.timer + cpu, at_ns + machine->interrupt_latency_ns);
}

static bool carry_out(struct aur_world *world, const struct aur_record *action)
{
    switch ((enum aur_action_kind)action->kind) {
    case AUR_ACT_RUN:
        carry_out_run(world, action->cpu, action->task);
        break;
    case AUR_ACT_RESCHED:
        world->resched |= 1ull << action->cpu;
        break;
    case AUR_ACT_ARM:
        carry_out_arm(world, action->cpu, action->arg);
        break;
    case AUR_ACT_WOKE: {
        struct aur_actor *actor = &world->actors[action->task];
        world->wakes++;
        if (world->waker != AUR_NONE)
            world->actors[world->waker].owed_ns += world->inputs->machine.wake_cost_ns;
        actor->fresh_wake = 1;
        actor->ready_ns = world->now_ns;
        if (actor->release_ns == 0)
            actor->release_ns = world->now_ns;
        break;
    }
    case AUR_ACT_SLEPT:
        world->blocks++;
        break;
    case AUR_ACT_AGAIN:
        return true;
    case AUR_ACT_EJECTED:
        world->result->ejected =
            (struct aur_ejection){world->now_ns, action->arg, action->object, action->task};
        break;
    case AUR_ACT_ALLOWED:
    case AUR_ACT_DENIED:
    case AUR_ACT_MIGRATE:
    case AUR_ACT_MADE:
    case AUR_ACT_EXITED:
    case AUR_ACT_BASE:
    case AUR_ACT_END:
        break;
    }
    return false;
}

static bool hand_out_state(struct aur_world *world)
{
    const struct aur_simulate_options *options = world->options;
    if (!aur_drain_log(world))
        return false;
    uint64_t more = options->state(options->state_context, world->core);
    world->state_at = aur_core_events(world->core) + more;
    return more || aur_fail(world->failure, NULL, 0, "stopped");
}

enum aur_status aur_post(struct aur_world *world, enum aur_event_kind kind, uint32_t cpu,
                         uint32_t task, uint32_t object, uint32_t other, uint64_t arg)
{
    struct aur_record event = {.now_ns = world->now_ns,
                               .arg = arg,
                               .task = task,
                               .object = object,
                               .other = other,
                               .cpu = (uint16_t)cpu,
                               .kind = (uint8_t)kind};
    struct aur_log *log = world->options->sink ? &world->log : NULL;
    bool again;
    // A timer that wakes interrupts whom it finds, but is none of its doings.
    world->waker = kind == AUR_EV_TIMER ? AUR_NONE : world->cpus[cpu].task;
    if (world->options->state && aur_core_events(world->core) >= world->state_at &&
        !hand_out_state(world))
        return AUR_NO_ROOM;
    do {
        if (log && log->head - log->tail > log->capacity / 2 && !aur_drain_log(world))
            return AUR_NO_ROOM;
        enum aur_status status = aur_core_step(world->core, log, &event, &world->actions);
        if (status != AUR_OK)
            return status;
        again = false;
        for (uint32_t i = 0; i < world->actions.count; i++)
            again |= carry_out(world, &world->actions.list[i]);
    } while (again);
    return AUR_OK;
}

bool aur_must_post(struct aur_world *world, enum aur_event_kind kind, uint32_t cpu, uint32_t task,
                   uint32_t object, uint32_t other, uint64_t arg)
{
    enum aur_status status = aur_post(world, kind, cpu, task, object, other, arg);
    if (status == AUR_OK)
        return true;
    return aur_fail(world->failure, NULL, 0, "the core refused an event at %llu ns: %s",
                    (unsigned long long)world->now_ns, aur_status_text(status));
}
