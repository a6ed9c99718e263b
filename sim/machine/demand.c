// What a task is about to compute, told to classes that order by it (sjf, srtf).
//
// A burst is the CPU time until the next op at which the task may give up the CPU by its own will,
// or until the end of a turn of a loop, for tasks that never do. Programs have no branches, and
// each task draws from a stream of its own: so what comes next is found by walking the program
// ahead on a copy of the task's place and stream. The walk changes nothing, so the bursts of a
// seed are the same under every class.
#include "machine/world.h"

#define STEPS_MAX 4096u // a burst of more ops is told in parts

#define GIVES_UP                                                                                   \
    (1u << AUR_OP_SLEEP | 1u << AUR_OP_SLEEP_UNTIL | 1u << AUR_OP_TIMER | 1u << AUR_OP_IORUN |     \
     1u << AUR_OP_WAIT | 1u << AUR_OP_BARRIER | 1u << AUR_OP_DOWN | 1u << AUR_OP_EXIT |            \
     1u << AUR_OP_SEND | 1u << AUR_OP_RECEIVE)

uint64_t aur_draw(const struct aur_workload *workload, struct aur_stream *stream,
                  const struct aur_op *op)
{
    if (!(op->flags & AUR_OP_DRAW))
        return op->value;
    return aur_distribution_draw(&workload->distributions[op->value], stream);
}

static uint64_t cost_ns(const struct aur_world *world, struct aur_actor *place,
                        const struct aur_op *op)
{
    switch (op->code) {
    case AUR_OP_RUN:
    case AUR_OP_RUNTIME:
        return aur_draw(world->workload, &place->stream, op);
    case AUR_OP_MEM:
        return aur_transfer_ns(aur_draw(world->workload, &place->stream, op),
                               world->inputs->machine.memory_bytes_per_us);
    default:
        return 0;
    }
}

// At least 1, as 0 stands for an unknown demand.
static uint64_t next_burst_ns(const struct aur_world *world, const struct aur_actor *actor)
{
    struct aur_actor place = *actor;
    uint64_t sum_ns = 0;
    bool begun = false;
    for (uint32_t step = 0; step < STEPS_MAX && sum_ns < AUR_DEMAND_MAX_NS; step++) {
        const struct aur_op *op = &world->workload->ops[place.pc];
        if (GIVES_UP >> op->code & 1 || (begun && op->code == AUR_OP_END))
            break;
        if (op->code == AUR_OP_LOOP || op->code == AUR_OP_END) {
            aur_turn_loop(&place, op);
            continue;
        }
        begun = true;
        sum_ns += cost_ns(world, &place, op);
        place.pc++;
    }
    if (sum_ns == 0)
        return 1;
    return sum_ns < AUR_DEMAND_MAX_NS ? sum_ns : AUR_DEMAND_MAX_NS;
}

bool aur_tell_demand(struct aur_world *world, uint32_t cpu, uint32_t task)
{
    struct aur_actor *actor = &world->actors[task];
    actor->computed = 0;
    return aur_must_post(world, AUR_EV_TASK_SET, cpu, task, AUR_ATTR_DEMAND_NS, 0,
                         next_burst_ns(world, actor));
}

// A task that blocks in the middle of a burst, for a mutex, comes back for the rest of it.
bool aur_demand_after(struct aur_world *world, uint32_t cpu, uint32_t task, uint32_t code)
{
    bool turns = code == AUR_OP_END && world->actors[task].computed;
    bool blocked = aur_core_task(world->core, task)->state != AUR_TASK_RUNNING;
    if (code == AUR_OP_EXIT || !(turns || blocked || GIVES_UP >> code & 1))
        return true;
    return aur_tell_demand(world, cpu, task);
}
