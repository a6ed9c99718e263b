// Objects, and the queues of tasks that wait for one: by rank, then by arrival, as Linux orders
// the waiters of a futex (kernel/futex/core.c: real-time by priority, others first come).
#include "step/parts.h"

static bool before(const void *nodes, uint32_t a, uint32_t b)
{
    const unsigned char *base = (const unsigned char *)nodes - offsetof(struct aur_task, wait_node);
    const struct aur_task *tasks = (const struct aur_task *)(const void *)base;
    return tasks[a].rank != tasks[b].rank ? tasks[a].rank < tasks[b].rank
                                          : tasks[a].wait_order < tasks[b].wait_order;
}

const struct aur_rb_ops aur_wait_order = {.stride = sizeof(struct aur_task), .less = before};

static void *wait_nodes(struct aur_core *core)
{
    return &aur_task_at(core, 0)->wait_node;
}

struct aur_object *aur_object_find(const struct aur_core *core, uint32_t object,
                                   enum aur_object_kind kind)
{
    if (object >= core->objects_used || aur_object_at(core, object)->kind != kind)
        return NULL;
    return aur_object_at(core, object);
}

uint32_t aur_wait_first(const struct aur_object *object)
{
    return aur_rb_empty(&object->waiters) ? AUR_NONE : object->waiters.first;
}

void aur_wait_join(struct aur_core *core, uint32_t task, uint32_t object, uint64_t ticket)
{
    struct aur_task *t = aur_task_at(core, task);
    struct aur_object *o = aur_object_at(core, object);
    t->wait_object = object;
    t->wait_order = ticket;
    aur_rb_insert(&aur_wait_order, wait_nodes(core), &o->waiters, task);
    o->waiting++;
}

void aur_wait_leave(struct aur_core *core, uint32_t task)
{
    struct aur_task *t = aur_task_at(core, task);
    struct aur_object *o = aur_object_at(core, t->wait_object);
    aur_rb_erase(&aur_wait_order, wait_nodes(core), &o->waiters, task);
    o->waiting--;
    t->wait_object = AUR_NONE;
}

bool aur_wait_return(struct aur_step *step, uint32_t task)
{
    struct aur_core *core = step->core;
    struct aur_task *t = aur_task_at(core, task);
    uint32_t mutex = t->wait_mutex;
    if (mutex == AUR_NONE || aur_object_at(core, mutex)->mutex == AUR_MUTEX_BARGE)
        return true; // in the second case it comes back by itself
    t->wait_mutex = AUR_NONE;
    aur_object_at(core, mutex)->returning--;
    return aur_mutex_grant(step, task, mutex);
}

bool aur_wait_timed_out(struct aur_step *step, uint32_t task)
{
    struct aur_core *core = step->core;
    struct aur_task *t = aur_task_at(core, task);
    if (t->wait_object == AUR_NONE)
        return true;
    uint32_t object = t->wait_object;
    aur_wait_leave(core, task);
    if (aur_object_at(core, object)->kind == AUR_OBJECT_MUTEX)
        aur_inherit(step, aur_object_at(core, object)->owner);
    t->woken_by = AUR_WOKE_TIMEOUT; // even if it must queue for its mutex first
    return aur_wait_return(step, task);
}

enum aur_status aur_object_new(struct aur_step *step)
{
    struct aur_core *core = step->core;
    const struct aur_record *event = step->event;
    if (event->object <= AUR_OBJECT_FREE || event->object > AUR_OBJECT_SEMAPHORE ||
        (event->object == AUR_OBJECT_BARRIER && (event->arg < 1 || event->arg > UINT32_MAX)) ||
        (event->object == AUR_OBJECT_MUTEX && event->arg > AUR_MUTEX_BARGE))
        return AUR_BAD_ARGUMENT;
    uint32_t object = core->free_object;
    if (object != AUR_NONE)
        core->free_object = aur_object_at(core, object)->next_free;
    else if (core->objects_used < core->config.objects)
        object = core->objects_used++;
    else
        return AUR_NO_OBJECT_LEFT;

    struct aur_object *o = aur_object_at(core, object);
    memset(o, 0, sizeof *o);
    o->kind = (uint8_t)event->object;
    if (event->object == AUR_OBJECT_MUTEX)
        o->mutex = (uint8_t)event->arg;
    o->count = event->arg;
    o->owner = AUR_NONE;
    o->next_held = AUR_NONE;
    o->previous_held = AUR_NONE;
    o->next_free = AUR_NONE;
    aur_rb_init(&o->waiters);
    aur_act(step, AUR_ACT_MADE, event->cpu, object, 0, 0);
    return AUR_OK;
}

enum aur_status aur_object_free(struct aur_step *step)
{
    struct aur_core *core = step->core;
    uint32_t object = step->event->object;
    if (object >= core->objects_used || aur_object_at(core, object)->kind == AUR_OBJECT_FREE)
        return AUR_BAD_OBJECT;
    struct aur_object *o = aur_object_at(core, object);
    if (o->owner != AUR_NONE || o->waiting != 0 || o->draining != 0 || o->returning != 0)
        return AUR_HELD;
    o->kind = AUR_OBJECT_FREE;
    o->next_free = core->free_object;
    core->free_object = object;
    return AUR_OK;
}
