// Pipes, as Linux 6.18 has them (fs/pipe.c): a ring of pages. A short message is written behind the
// last one of its page if it fits, else into a new page; a page is given back when all of it is
// read. Who writes into an empty pipe wakes the reader, who gives back a page of a full one wakes a
// writer, and a writer that had to wait wakes the next: each with WF_SYNC, as it will wait soon.
#include "machine/pipe.h"

#define PAGE_BYTES 4096u
#define PAGES      16u // PIPE_DEF_BUFFERS

// Invariant: pages are `used` from `first` on, round the ring; each has messages left to read.
struct aur_pipe {
    uint32_t first, used;
    uint32_t end;         // bytes written into the last page
    uint32_t left[PAGES]; // messages
};

size_t aur_pipes_size(const struct aur_workload *workload)
{
    for (uint32_t i = 0; i < workload->op_count; i++)
        if (workload->ops[i].code == AUR_OP_SEND)
            return (workload->object_count + 1u) * sizeof(struct aur_pipe);
    return sizeof(struct aur_pipe);
}

// Blocks the task on a condition of the pipe; it tries its op again when woken.
static bool wait_for(struct aur_world *world, uint32_t cpu, uint32_t task, uint32_t condition)
{
    struct aur_actor *actor = &world->actors[task];
    if (!aur_must_post(world, AUR_EV_WAIT, cpu, task, condition, AUR_NONE, AUR_NEVER_NS))
        return false;
    actor->waited = 1;
    aur_observe_job(world, actor, AUR_NEVER_NS);
    actor->release_ns = 0; // the wake is the release
    return true;
}

static bool wake(struct aur_world *world, uint32_t cpu, uint32_t condition)
{
    return aur_must_post(world, AUR_EV_SIGNAL, cpu, AUR_NONE, condition, AUR_WAKE_SYNC, 0);
}

bool aur_pipe_send(struct aur_world *world, uint32_t cpu, uint32_t task, const struct aur_op *op)
{
    struct aur_actor *actor = &world->actors[task];
    struct aur_pipe *pipe = &world->pipes[op->object];
    bool was_empty = pipe->used == 0;
    if (was_empty || pipe->end + op->value > PAGE_BYTES) {
        if (pipe->used == PAGES)
            return wait_for(world, cpu, task, op->object + 1);
        pipe->left[(pipe->first + pipe->used++) % PAGES] = 0;
        pipe->end = 0;
    }
    pipe->end += (uint32_t)op->value;
    pipe->left[(pipe->first + pipe->used - 1) % PAGES]++;
    bool waited = actor->waited;
    actor->waited = 0;
    actor->pc++;
    return (!was_empty || wake(world, cpu, op->object)) &&
           (!waited || pipe->used == PAGES || wake(world, cpu, op->object + 1));
}

bool aur_pipe_receive(struct aur_world *world, uint32_t cpu, uint32_t task, const struct aur_op *op)
{
    struct aur_actor *actor = &world->actors[task];
    struct aur_pipe *pipe = &world->pipes[op->object];
    if (pipe->used == 0)
        return wait_for(world, cpu, task, op->object);
    bool was_full = pipe->used == PAGES, gives_back = --pipe->left[pipe->first] == 0;
    if (gives_back) {
        pipe->first = (pipe->first + 1) % PAGES;
        pipe->used--;
    }
    actor->waited = 0;
    actor->pc++;
    return !was_full || !gives_back || wake(world, cpu, op->object + 1);
}
