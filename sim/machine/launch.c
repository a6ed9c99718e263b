// Starting tasks.
#include <stdlib.h>

#include "machine/world.h"

static uint32_t own_timers(struct aur_world *world, uint32_t count)
{
    if (count == 0)
        return 0;
    if (world->timer_count + count > world->timer_room) {
        uint32_t room = world->timer_room * 2 + count;
        struct aur_timer_slot *timers = realloc(world->timers, room * sizeof *timers);
        if (!timers)
            return AUR_NONE;
        world->timers = timers;
        world->timer_room = room;
    }
    uint32_t first = world->timer_count;
    for (uint32_t i = 0; i < count; i++)
        world->timers[world->timer_count++] = (struct aur_timer_slot){0, 0};
    return first;
}

static bool set(struct aur_world *world, uint32_t cpu, uint32_t task, enum aur_attribute attribute,
                uint64_t value)
{
    return value == 0 || aur_must_post(world, AUR_EV_TASK_SET, cpu, task, attribute, 0, value);
}

// The core puts a forked task where its parent is: only a group that the task names is told.
static bool set_group(struct aur_world *world, uint32_t cpu, uint32_t task, uint32_t group)
{
    return group == 0 || aur_must_post(world, AUR_EV_TASK_SET, cpu, task, AUR_ATTR_GROUP, 0,
                                       world->groups[group - 1]);
}

static bool refuse(struct aur_world *world, const struct aur_spec *spec, enum aur_status status)
{
    const char *name = aur_workload_name(world->workload, spec->name);
    bool serves = (spec->kind & 0xff) == AUR_POLICY_DEADLINE;
    if (status == AUR_BAD_AFFINITY && aur_core_online(world->core) != aur_every_cpu(world))
        return aur_fail(world->failure, NULL, 0,
                        "task %s may run only on CPUs that are off when it starts, at %llu ns: "
                        "change \"cpus\" or machine.offline",
                        name, (unsigned long long)world->now_ns);
    if (status == AUR_BAD_AFFINITY)
        return aur_fail(world->failure, NULL, 0,
                        "task %s may run on CPUs that this machine does not have; it has %llu: "
                        "raise machine.cpus or change \"cpus\"",
                        name, (unsigned long long)world->inputs->machine.cpus);
    if (status == AUR_NO_BANDWIDTH && !serves)
        return aur_fail(world->failure, NULL, 0,
                        "task %s fits on no CPU: lower dl-runtime, lengthen dl-period or raise "
                        "machine.cpus",
                        name);
    if (status == AUR_NO_BANDWIDTH)
        return aur_fail(
            world->failure, NULL, 0,
            "task %s does not fit: the SCHED_DEADLINE tasks ask for more than their share "
            "of %llu CPUs; lower dl-runtime, lengthen dl-period or raise machine.cpus",
            name, (unsigned long long)world->inputs->machine.cpus);
    if (status == AUR_BAD_ARGUMENT && serves)
        return aur_fail(world->failure, NULL, 0,
                        "task %s: SCHED_DEADLINE wants 1024 ns <= dl-runtime <= dl-deadline <= "
                        "dl-period",
                        name);
    if (status == AUR_NO_TASK_LEFT)
        return aur_fail(world->failure, NULL, 0,
                        "task %s cannot be started: %u tasks are alive; does a fork loop not end?",
                        name, world->live);
    return aur_fail(world->failure, NULL, 0, "task %s cannot be started: %s", name,
                    aur_status_text(status));
}

uint64_t aur_every_cpu(const struct aur_world *world)
{
    return UINT64_MAX >> (64 - world->inputs->machine.cpus);
}

bool aur_launch(struct aur_world *world, uint32_t cpu, uint32_t parent, uint32_t spec_index,
                uint32_t instance)
{
    const struct aur_spec *spec = &world->workload->specs[spec_index];
    uint64_t all = aur_every_cpu(world);
    uint64_t affinity = spec->affinity != 0 ? spec->affinity & all : all;

    enum aur_status status = aur_post(world, AUR_EV_TASK_NEW, cpu, parent, spec->kind, 0, affinity);
    if (status != AUR_OK)
        return refuse(world, spec, status);
    uint32_t task = world->actions.list[0].task;

    struct aur_actor *actor = &world->actors[task];
    *actor = (struct aur_actor){.spec = spec_index,
                                .instance = instance,
                                .pc = spec->entry,
                                .last_cpu = AUR_NO_CPU,
                                .release_ns = world->now_ns,
                                .start_ns = world->now_ns};
    actor->result = instance < spec->instances ? world->forked_result[spec_index] + 1 + instance
                                               : world->forked_result[spec_index];
    aur_stream_init(&actor->stream, world->inputs->seed, world->inputs->replication, spec_index,
                    instance);
    actor->timers = own_timers(world, spec->timers);
    if (actor->timers == AUR_NONE)
        return aur_fail(world->failure, NULL, 0, "out of memory for timers");
    world->live++;
    if (world->options->made)
        world->options->made(world->options->made_context, task, spec_index, instance,
                             world->now_ns);
    bool told = set(world, cpu, task, AUR_ATTR_SLICE_NS, spec->slice_ns) &&
                set(world, cpu, task, AUR_ATTR_DL_RUNTIME_NS, spec->dl_runtime_ns) &&
                set(world, cpu, task, AUR_ATTR_DL_DEADLINE_NS, spec->dl_deadline_ns) &&
                set(world, cpu, task, AUR_ATTR_DL_PERIOD_NS, spec->dl_period_ns) &&
                set_group(world, cpu, task, spec->group) &&
                (!world->demands || aur_tell_demand(world, cpu, task));
    if (!told)
        return false;
    status = aur_post(world, AUR_EV_TASK_START, cpu, task, 0, 0, 0);
    return status == AUR_OK || refuse(world, spec, status);
}
