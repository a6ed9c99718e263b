// Filling a CPU's local queue, from which it picks, and moving tasks between CPUs
// (kernel/sched/ext.c, balance_one, consume_dispatch_q, dispatch_to_local_dsq).
#include "sched/ext.h"

// How often one scheduling point calls dispatch that hands out tasks, but none to this CPU (Linux:
// SCX_DSP_MAX_LOOPS, 32).
#define LOOPS 4u

// How far a queue is searched for a task that may run on the CPU. Linux searches all of it.
#define SCAN 1024u

// What moving one task may take of the step's actions.
#define ACTIONS_PER_MOVE 6u

void aur_ext_kick(struct aur_core *core, uint32_t cpu)
{
    core->ext.kicks |= 1ull << cpu;
    core->ext.attention = 1;
}

// Into the local queue of the CPU that it is on.
static void put_local(struct aur_core *core, uint32_t task, uint32_t cpu)
{
    struct aur_ext_entity *e = aur_ext_entity_at(core, task);
    aur_ext_put(core, task, cpu, false, e->flags & (AUR_EXT_ENQ_HEAD | AUR_EXT_ENQ_PREEMPT));
    uint32_t curr = aur_ext_cpu_at(core, cpu)->curr;
    if (e->flags & AUR_EXT_ENQ_PREEMPT && curr != AUR_NONE) {
        aur_ext_task_at(core, curr)->slice_ns = 0;
        aur_ext_kick(core, cpu);
    }
    if (aur_cpu_at(core, cpu)->curr == AUR_NONE && !aur_cpu_at(core, cpu)->need_resched)
        aur_ext_kick(core, cpu);
}

static void move_later(struct aur_core *core, uint32_t task, uint32_t to)
{
    struct aur_ext_entity *e = aur_ext_entity_at(core, task);
    e->place = AUR_EXT_MOVING;
    e->to = to;
    aur_list_push_back(aur_ext_links(core), &core->ext.moving, task);
    core->ext.attention = 1;
}

void aur_ext_send(struct aur_core *core, uint32_t task, uint32_t cpu)
{
    struct aur_ext_entity *e = aur_ext_entity_at(core, task);
    uint32_t queue = aur_ext_queue_find(core, e->target, cpu);
    e->direct = 0;
    if (queue == AUR_NONE || !aur_ext_queue_takes(core, queue, e->by_vtime))
        queue = aur_ext_global(core); // it was there when it was named
    if (queue >= core->config.cpus)
        aur_ext_put(core, task, queue, e->by_vtime && queue != aur_ext_global(core),
                    e->flags & AUR_EXT_ENQ_HEAD);
    else if (queue == aur_task_at(core, task)->cpu)
        put_local(core, task, queue);
    else
        move_later(core, task, queue);
}

bool aur_ext_consume(struct aur_core *core, uint32_t queue, uint32_t cpu)
{
    uint32_t task = aur_ext_first(core, queue);
    for (uint32_t scan = 0; task != AUR_NONE && scan < SCAN; scan++) {
        const struct aur_task *t = aur_task_at(core, task);
        if (t->cpu == cpu ? aur_allowed(core, t, cpu) : aur_can_move(core, task, cpu)) {
            aur_ext_take(core, task);
            aur_ext_entity_at(core, task)->flags = 0;
            if (t->cpu == cpu)
                put_local(core, task, cpu);
            else
                move_later(core, task, cpu);
            return true;
        }
        task = aur_ext_next(core, task);
    }
    return false;
}

// Who cannot go where it was sent any more waits in the global queue instead.
static void arrive(struct aur_step *step, uint32_t task)
{
    struct aur_core *core = step->core;
    struct aur_ext_entity *e = aur_ext_entity_at(core, task);
    uint32_t to = e->to;
    aur_ext_take(core, task);
    if (to == aur_task_at(core, task)->cpu) {
        put_local(core, task, to);
    } else if (!aur_can_move(core, task, to) || !aur_is_online(core, to)) {
        aur_ext_put(core, task, aur_ext_global(core), false, false);
    } else {
        e->direct = AUR_EXT_ARRIVING;
        aur_move(step, task, to);
    }
}

bool aur_ext_move(struct aur_step *step)
{
    struct aur_list *moving = &step->core->ext.moving;
    while (!aur_list_empty(moving)) {
        if (step->actions->count + ACTIONS_PER_MOVE >= AUR_ACTIONS_MAX)
            return false;
        arrive(step, moving->first);
    }
    return true;
}

void aur_ext_balance(struct aur_step *step, uint32_t cpu)
{
    struct aur_core *core = step->core;
    const struct aur_cpu *c = aur_cpu_at(core, cpu);
    if (!aur_ext_is_on(core) || c->nr != c->nr_class[AUR_SLOT_EXT])
        return; // others go before
    uint32_t prev = aur_ext_cpu_at(core, cpu)->curr;
    struct aur_ext_task *p = prev == AUR_NONE ? NULL : aur_ext_task_at(core, prev);
    if (p && p->slice_ns != 0)
        return;
    const struct aur_ext_queue *local = aur_ext_queue_at(core, cpu);
    for (uint32_t loop = 0; loop < LOOPS && local->count == 0; loop++) {
        uint64_t nothing, handed_out = core->ext.order;
        if (aur_ext_consume(core, aur_ext_global(core), cpu)) {
            aur_ext_move(step);
            break;
        }
        if (!aur_ext_call(core, AUR_EXT_DISPATCH, cpu, prev, cpu, p ? aur_ext_address(prev) : 0, 0,
                          &nothing))
            break;
        bool sent = !aur_list_empty(&core->ext.moving) || core->ext.order != handed_out;
        if (!aur_ext_move(step) || !sent || (p && p->slice_ns != 0))
            break;
    }
    if (p && local->count == 0 && p->slice_ns == 0)
        p->slice_ns = AUR_EXT_SLICE_DFL_NS; // there is nobody else: it goes on
}
