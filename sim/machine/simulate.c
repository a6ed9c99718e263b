// The run: set up, let time pass, sum up.
//
// Of one instant all events are applied first, then every CPU that the core asked for is
// dispatched, then the tasks so chosen go on with their programs; if that makes new events of the
// same instant, it repeats. A scheduler therefore sees simultaneous releases as simultaneous.
#include <stdlib.h>
#include <string.h>

#include "machine/pipe.h"

#define LOG_RECORDS   16384u // 512 KiB: stays in the cache
#define FORKS_ALIVE   16384u // room for forked tasks that are alive at one time
#define PROGRESS_MASK 0xffffu

// The kind of the machine's own random stream; tasks have the number of their specification.
#define MACHINE_STREAM UINT32_MAX

static uint64_t end_of(const struct aur_inputs *inputs)
{
    uint64_t ns = inputs->duration_ns != 0 ? inputs->duration_ns : inputs->workload.duration_ns;
    return ns != 0 ? ns : AUR_NEVER_NS;
}

static bool choose_class(struct aur_world *world, struct aur_config *config, uint32_t slot)
{
    const struct aur_inputs *inputs = world->inputs;
    const struct aur_scheduler_choice *choice = aur_scheduler_of(inputs, slot);
    if (!aur_scheduler_check(choice, slot, world->workload, world->failure))
        return false;
    uint32_t class = aur_class_find(choice->name), at = slot;
    if (aur_class_info(class)->traits & AUR_CLASS_AGENT) {
        // Who takes over when the agent is ejected.
        config->classes[slot] = aur_class_find("eevdf");
        const struct aur_class_info *info = aur_class_info(config->classes[slot]);
        for (uint32_t i = 0; i < aur_class_params(info); i++)
            config->params[slot][i] = info->params[i].value;
        at = AUR_SLOT_EXT;
    }
    config->classes[at] = class;
    aur_scheduler_params(inputs, slot, config->params[at]);
    world->demands |= (aur_class_info(class)->traits & AUR_CLASS_DEMAND) != 0;
    return true;
}

static bool configure(struct aur_world *world)
{
    const struct aur_inputs *inputs = world->inputs;
    struct aur_config config;
    aur_config_default(&config, (uint32_t)inputs->machine.cpus, AUR_NONE);
    for (uint32_t slot = 0; slot < AUR_SCHEDULER_SLOTS; slot++) {
        // A class that serves none of the tasks would cost memory for each.
        config.classes[slot] = AUR_NONE;
        if (slot != AUR_SLOT_FAIR && !aur_scheduler_is_needed(world->workload, slot))
            continue;
        if (!choose_class(world, &config, slot))
            return false;
    }
    config.groups = world->workload->group_count;
    config.tasks = world->capacity;
    config.objects = world->workload->object_count;
    config.tick_ns = inputs->machine.tick_ns;
    config.balance_ns = inputs->machine.balance_ns;
    config.balance_cost_ns = inputs->machine.balance_cost_ns;
    config.load_average = inputs->machine.load_average;
    config.log_mode = world->options->sink ? AUR_LOG_FULL : AUR_LOG_DIGEST;
    if (inputs->agent && !aur_agent_prepare(world, &config))
        return false;
    size_t size = aur_core_size(&config);
    if (size == 0)
        return aur_fail(world->failure, NULL, 0,
                        "the machine or the scheduler's parameters are out of range");
    world->core = aligned_alloc(64, size);
    if (!world->core || aur_core_init(world->core, size, &config) != AUR_OK)
        return aur_fail(world->failure, NULL, 0, "out of memory for %u tasks", world->capacity);
    return true;
}

// Results are laid out spec by spec: first the sum of the forked ones, then each instance.
static bool lay_out_results(struct aur_world *world)
{
    const struct aur_workload *workload = world->workload;
    struct aur_run_result *result = world->result;
    bool forks = false;
    for (uint32_t i = 0; i < workload->op_count; i++)
        forks |= workload->ops[i].code == AUR_OP_FORK;
    uint64_t initial = 0;
    for (uint32_t i = 0; i < workload->spec_count; i++)
        initial += workload->specs[i].instances;
    if (initial > AUR_TASKS_MAX - FORKS_ALIVE)
        return aur_fail(world->failure, NULL, 0, "%llu tasks are more than the %u there may be",
                        (unsigned long long)initial, AUR_TASKS_MAX - FORKS_ALIVE);
    world->capacity = (uint32_t)initial + (forks ? FORKS_ALIVE : 0);
    if (world->capacity == 0)
        world->capacity = 1;
    result->cpu_count = (uint32_t)world->inputs->machine.cpus;
    result->spec_count = workload->spec_count;
    result->task_count = (uint32_t)initial + workload->spec_count;
    result->tasks = calloc(result->task_count, sizeof *result->tasks);
    result->specs = calloc(result->spec_count, sizeof *result->specs);
    result->cpus = calloc(result->cpu_count, sizeof *result->cpus);
    result->group_count = workload->group_count;
    result->groups = calloc(workload->group_count + 1u, sizeof *result->groups);
    world->actors = calloc(world->capacity, sizeof *world->actors);
    world->start_order = calloc((size_t)initial + 1, sizeof *world->start_order);
    world->forks = calloc(workload->spec_count + 1, sizeof *world->forks);
    world->groups = calloc(workload->group_count + 1u, sizeof *world->groups);
    world->forked_result = calloc(workload->spec_count + 1, sizeof *world->forked_result);
    world->timer_room = workload->timers + 64;
    world->timers = calloc(world->timer_room, sizeof *world->timers);
    world->timer_count = workload->timers;
    world->pipes = calloc(1, aur_pipes_size(workload));
    if (world->inputs->warmup_ns != 0)
        world->baseline = calloc(result->task_count, sizeof *world->baseline);
    if (world->options->sink) {
        world->log.ring = malloc(LOG_RECORDS * sizeof *world->log.ring);
        world->log.capacity = LOG_RECORDS;
    }
    if (!result->tasks || !result->specs || !result->cpus || !result->groups || !world->actors ||
        !world->start_order || !world->forks || !world->forked_result || !world->timers ||
        !world->groups || !world->pipes || (world->inputs->warmup_ns != 0 && !world->baseline) ||
        (world->options->sink && !world->log.ring))
        return aur_fail(world->failure, NULL, 0, "out of memory for %u tasks", world->capacity);
    uint32_t at = 0;
    for (uint32_t spec = 0; spec < workload->spec_count; spec++) {
        world->forked_result[spec] = at;
        world->forks[spec] = workload->specs[spec].instances;
        result->tasks[at++] = (struct aur_task_result){.spec = spec, .instance = AUR_NONE};
        for (uint32_t i = 0; i < workload->specs[spec].instances; i++) {
            world->start_order[world->start_count++] =
                (struct aur_start){workload->specs[spec].start_ns, spec, i};
            result->tasks[at++] = (struct aur_task_result){.spec = spec, .instance = i};
        }
    }
    return true;
}

static int by_start(const void *a, const void *b)
{
    const struct aur_start *x = a, *y = b;
    if (x->at_ns != y->at_ns)
        return x->at_ns < y->at_ns ? -1 : 1;
    if (x->spec != y->spec)
        return x->spec < y->spec ? -1 : 1;
    return (x->instance > y->instance) - (x->instance < y->instance);
}

// Where a real machine's ticks fall within the life of a workload is chance.
static uint64_t draw_tick_phase(const struct aur_inputs *inputs)
{
    struct aur_stream stream;
    if (inputs->machine.tick_phase_ns == 0)
        return 0;
    aur_stream_init(&stream, inputs->seed, inputs->replication, MACHINE_STREAM, 0);
    return aur_stream_below(&stream, inputs->machine.tick_phase_ns);
}

// Parents come before their children.
static bool make_groups(struct aur_world *world)
{
    const struct aur_workload *workload = world->workload;
    for (uint32_t i = 0; i < workload->group_count; i++) {
        const struct aur_group_spec *group = &workload->groups[i];
        // The period before the quota, with which the first period begins.
        const struct {
            enum aur_group_attribute attribute;
            uint64_t value; // 0: not given
        } told[] = {{AUR_GROUP_WEIGHT, group->weight},
                    {AUR_GROUP_PERIOD_NS, group->period_ns},
                    {AUR_GROUP_QUOTA_NS, group->quota_ns}};
        uint32_t parent = group->parent ? world->groups[group->parent - 1] : AUR_NONE;
        if (!aur_must_post(world, AUR_EV_GROUP_NEW, 0, AUR_NONE, parent, 0, 0))
            return false;
        world->groups[i] = world->actions.list[0].task;
        for (uint32_t k = 0; k < sizeof told / sizeof told[0]; k++)
            if (told[k].value != 0 &&
                !aur_must_post(world, AUR_EV_GROUP_SET, 0, AUR_NONE, world->groups[i],
                               told[k].attribute, told[k].value))
                return false;
    }
    return true;
}

static bool set_up(struct aur_world *world)
{
    const struct aur_workload *workload = world->workload;
    if (!lay_out_results(world) || !configure(world))
        return false;
    for (uint32_t i = 0; i < workload->object_count; i++) {
        const struct aur_object_spec *object = &workload->objects[i];
        if (!aur_must_post(world, AUR_EV_OBJECT_NEW, 0, AUR_NONE, object->kind, 0,
                           object->parameter))
            return false;
    }
    uint32_t cpus = world->result->cpu_count;
    world->sources = (struct aur_sources){.burst = 0,
                                          .outage = cpus,
                                          .start = cpus + 1,
                                          .timer = cpus + 2,
                                          .tick = 2 * cpus + 2,
                                          .warmup = 3 * cpus + 2,
                                          .count = 3 * cpus + 3};
    if (!aur_queue_init(&world->queue, world->sources.count))
        return aur_fail(world->failure, NULL, 0, "out of memory for the event queue");
    for (uint32_t cpu = 0; cpu < cpus; cpu++)
        world->cpus[cpu].task = AUR_NONE;
    if ((world->agent && !aur_agent_hand_over(world)) || !make_groups(world))
        return false;
    qsort(world->start_order, world->start_count, sizeof *world->start_order, by_start);
    if (world->start_count != 0)
        aur_queue_arm(&world->queue, world->sources.start, world->start_order[0].at_ns);
    aur_outage_arm(world, 0);
    if (world->baseline)
        aur_queue_arm(&world->queue, world->sources.warmup, world->inputs->warmup_ns);
    world->end_ns = end_of(world->inputs);
    world->tick_phase_ns = draw_tick_phase(world->inputs);
    return true;
}

static bool start_tasks(struct aur_world *world)
{
    while (world->started < world->start_count) {
        struct aur_start next = world->start_order[world->started];
        if (next.at_ns > world->now_ns) {
            aur_queue_arm(&world->queue, world->sources.start, next.at_ns);
            return true;
        }
        world->started++;
        if (!aur_launch(world, aur_online_cpu(world), AUR_NONE, next.spec, next.instance))
            return false;
    }
    return true;
}

static bool apply(struct aur_world *world, uint32_t source)
{
    const struct aur_sources *from = &world->sources;
    if (source < from->outage)
        return aur_burst_done(world, source - from->burst);
    if (source == from->outage)
        return aur_outage_begin_or_end(world);
    if (source == from->start)
        return start_tasks(world);
    if (source < from->tick)
        return aur_must_post(world, AUR_EV_TIMER, source - from->timer, AUR_NONE, 0, 0, 0);
    if (source < from->warmup) {
        uint32_t cpu = source - from->tick;
        world->ticks++;
        aur_queue_arm(&world->queue, source, world->now_ns + world->inputs->machine.tick_ns);
        return aur_must_post(world, AUR_EV_TICK, cpu, AUR_NONE, 0, 0, 0);
    }
    aur_observe_warmup(world);
    return true;
}

static bool dispatch(struct aur_world *world)
{
    uint64_t asked = world->resched;
    for (uint64_t rest = asked; rest; rest &= rest - 1) {
        uint32_t cpu = (uint32_t)__builtin_ctzll(rest);
        world->resched &= ~(1ull << cpu);
        if (!aur_must_post(world, AUR_EV_DISPATCH, cpu, AUR_NONE, 0, 0, 0))
            return false;
    }
    return true;
}

// Tasks that have just got a CPU, or kept it, begin their next op.
static bool go_on(struct aur_world *world)
{
    for (uint64_t rest = world->stalled & ~world->resched; rest; rest &= rest - 1) {
        uint32_t cpu = (uint32_t)__builtin_ctzll(rest);
        if (world->resched >> cpu & 1)
            continue; // one of the others' ops has just woken somebody for this CPU
        if (!aur_execute(world, cpu))
            return false;
    }
    return true;
}

static bool settle(struct aur_world *world)
{
    uint64_t at_ns;
    uint32_t source;
    for (;;) {
        while (aur_queue_peek(&world->queue, &at_ns) && at_ns == world->now_ns) {
            aur_queue_pop(&world->queue, &at_ns, &source);
            if (!apply(world, source))
                return false;
        }
        if (world->resched) {
            if (!dispatch(world))
                return false;
        }
        if (world->stalled & ~world->resched) {
            if (!go_on(world))
                return false;
        }
        bool more = aur_queue_peek(&world->queue, &at_ns) && at_ns == world->now_ns;
        if (!world->resched && !more)
            return true;
    }
}

static bool run(struct aur_world *world)
{
    const struct aur_simulate_options *options = world->options;
    uint64_t at_ns;
    uint64_t instants = 0;
    while (aur_queue_peek(&world->queue, &at_ns) && at_ns < world->end_ns &&
           at_ns < AUR_TIME_END_NS) {
        world->now_ns = at_ns;
        world->idle_ops = 0;
        if (!settle(world))
            return false;
        if (world->live == 0 && world->started == world->start_count &&
            world->end_ns == AUR_NEVER_NS)
            break;
        if ((++instants & PROGRESS_MASK) == 0 && options->progress &&
            !options->progress(options->progress_context, at_ns, world->end_ns,
                               aur_core_events(world->core)))
            return aur_fail(world->failure, NULL, 0, "stopped");
    }
    if (world->end_ns != AUR_NEVER_NS)
        world->now_ns = world->end_ns;
    return !options->sink || aur_drain_log(world);
}

bool aur_simulate(const struct aur_inputs *inputs, const struct aur_simulate_options *options,
                  struct aur_run_result *result, struct aur_failure *failure)
{
    static const struct aur_simulate_options none;
    memset(result, 0, sizeof *result);
    struct aur_world *world = calloc(1, sizeof *world);
    if (!world)
        return aur_fail(failure, NULL, 0, "out of memory");
    world->inputs = inputs;
    world->workload = &inputs->workload;
    world->options = options ? options : &none;
    world->failure = failure;
    world->result = result;
    bool done = set_up(world) && run(world);
    if (done)
        aur_observe_end(world);
    aur_queue_free(&world->queue);
    free(world->core);
    free(world->agent);
    free(world->log.ring);
    free(world->actors);
    free(world->start_order);
    free(world->forks);
    free(world->forked_result);
    free(world->groups);
    free(world->timers);
    free(world->pipes);
    free(world->baseline);
    free(world);
    if (!done)
        aur_run_result_free(result);
    return done;
}

void aur_run_result_free(struct aur_run_result *result)
{
    for (uint32_t spec = 0; result->specs && spec < result->spec_count; spec++) {
        aur_histogram_free(&result->specs[spec].wakeup_latency_ns);
        aur_histogram_free(&result->specs[spec].wait_ns);
        aur_histogram_free(&result->specs[spec].response_ns);
    }
    free(result->tasks);
    free(result->specs);
    free(result->cpus);
    free(result->groups);
    memset(result, 0, sizeof *result);
}
