// Dispatch queues (DSQs): FIFO lists, or trees by virtual time (kernel/sched/ext.c,
// dispatch_enqueue). Equal virtual times go in the order of their insertion.
//
// Cost: O(1) for a list, O(log n) for a tree, O(queues) to find one by its id.
#include "sched/ext.h"

static bool before(const void *nodes, uint32_t a, uint32_t b)
{
    const unsigned char *base =
        (const unsigned char *)nodes - offsetof(struct aur_ext_entity, node);
    const struct aur_ext_entity *all = (const struct aur_ext_entity *)(const void *)base;
    int64_t ahead = (int64_t)(all[a].key - all[b].key); // virtual time may wrap (time_before64)
    return ahead != 0 ? ahead < 0 : all[a].order < all[b].order;
}

static const struct aur_rb_ops by_vtime = {.stride = sizeof(struct aur_ext_entity), .less = before};

static void *nodes_of(const struct aur_core *core)
{
    return &aur_ext_entity_at(core, 0)->node;
}

static void queue_init(struct aur_core *core, uint32_t queue, uint64_t id, bool used)
{
    struct aur_ext_queue *q = aur_ext_queue_at(core, queue);
    q->id = id;
    q->count = 0;
    q->used = used;
    aur_list_init(&q->list);
    aur_rb_init(&q->tree);
}

void aur_ext_queues_init(struct aur_core *core)
{
    for (uint32_t queue = 0; queue < aur_ext_queues(&core->config); queue++) {
        bool local = queue < core->config.cpus;
        queue_init(core, queue, local ? AUR_EXT_DSQ_LOCAL_ON | queue : AUR_EXT_DSQ_GLOBAL,
                   queue <= aur_ext_global(core));
    }
}

uint32_t aur_ext_queue_find(const struct aur_core *core, uint64_t id, uint32_t cpu)
{
    if (id == AUR_EXT_DSQ_LOCAL)
        return cpu;
    for (uint32_t queue = 0; queue < aur_ext_queues(&core->config); queue++)
        if (aur_ext_queue_at(core, queue)->used && aur_ext_queue_at(core, queue)->id == id)
            return queue;
    return AUR_NONE;
}

bool aur_ext_queue_make(struct aur_core *core, uint64_t id)
{
    if (id & AUR_EXT_DSQ_BUILTIN || aur_ext_queue_find(core, id, 0) != AUR_NONE)
        return false;
    for (uint32_t queue = aur_ext_global(core) + 1; queue < aur_ext_queues(&core->config); queue++)
        if (!aur_ext_queue_at(core, queue)->used) {
            queue_init(core, queue, id, true);
            return true;
        }
    return false;
}

bool aur_ext_queue_takes(const struct aur_core *core, uint32_t queue, bool vtime)
{
    const struct aur_ext_queue *q = aur_ext_queue_at(core, queue);
    if (vtime)
        return queue > aur_ext_global(core) && aur_list_empty(&q->list);
    return aur_rb_empty(&q->tree);
}

void aur_ext_put(struct aur_core *core, uint32_t task, uint32_t queue, bool vtime, bool head)
{
    struct aur_ext_entity *e = aur_ext_entity_at(core, task);
    struct aur_ext_queue *q = aur_ext_queue_at(core, queue);
    e->place = AUR_EXT_QUEUED;
    e->queue = queue;
    e->by_vtime = vtime;
    e->order = ++core->ext.order;
    q->count++;
    if (vtime) {
        e->key = aur_ext_task_at(core, task)->vtime;
        aur_rb_insert(&by_vtime, nodes_of(core), &q->tree, task);
    } else if (head) {
        aur_list_push_front(aur_ext_links(core), &q->list, task);
    } else {
        aur_list_push_back(aur_ext_links(core), &q->list, task);
    }
}

void aur_ext_take(struct aur_core *core, uint32_t task)
{
    struct aur_ext_entity *e = aur_ext_entity_at(core, task);
    if (e->place == AUR_EXT_MOVING) {
        aur_list_remove(aur_ext_links(core), &core->ext.moving, task);
    } else if (e->place == AUR_EXT_QUEUED) {
        struct aur_ext_queue *q = aur_ext_queue_at(core, e->queue);
        q->count--;
        if (e->by_vtime)
            aur_rb_erase(&by_vtime, nodes_of(core), &q->tree, task);
        else
            aur_list_remove(aur_ext_links(core), &q->list, task);
    }
    e->place = AUR_EXT_OWNED;
}

uint32_t aur_ext_first(const struct aur_core *core, uint32_t queue)
{
    const struct aur_ext_queue *q = aur_ext_queue_at(core, queue);
    if (!aur_list_empty(&q->list))
        return q->list.first;
    return aur_rb_empty(&q->tree) ? AUR_NONE : q->tree.first;
}

uint32_t aur_ext_next(const struct aur_core *core, uint32_t task)
{
    const struct aur_ext_entity *e = aur_ext_entity_at(core, task);
    if (!e->by_vtime)
        return e->link.next;
    uint32_t next = aur_rb_next(&by_vtime, nodes_of(core), task);
    return next == AUR_RB_NIL ? AUR_NONE : next;
}

const char *aur_ext_queue_check(struct aur_core *core, uint32_t queue)
{
    const struct aur_ext_queue *q = aur_ext_queue_at(core, queue);
    uint32_t previous = AUR_NONE, count = 0, in_tree;
    for (uint32_t task = q->list.first; task != AUR_NONE;
         task = aur_ext_entity_at(core, task)->link.next, count++) {
        // Where links mirror each other, none leads back.
        if (task >= core->tasks_used || aur_ext_entity_at(core, task)->link.previous != previous)
            return "agent: a dispatch queue's links do not mirror each other";
        const struct aur_ext_entity *e = aur_ext_entity_at(core, task);
        if (e->place != AUR_EXT_QUEUED || e->queue != queue || e->by_vtime)
            return "agent: a dispatch queue holds a task that is elsewhere";
        previous = task;
    }
    if (q->list.last != previous)
        return "agent: a dispatch queue's last task is not its last";
    if (!aur_rb_valid(&by_vtime, nodes_of(core), &q->tree, core->tasks_used, &in_tree))
        return "agent: a dispatch queue is out of order";
    for (uint32_t task = q->tree.first; task != AUR_RB_NIL;
         task = aur_rb_next(&by_vtime, nodes_of(core), task)) {
        const struct aur_ext_entity *e = aur_ext_entity_at(core, task);
        if (e->place != AUR_EXT_QUEUED || e->queue != queue || !e->by_vtime)
            return "agent: a dispatch queue holds a task that is elsewhere";
    }
    if (count != 0 && in_tree != 0)
        return "agent: a dispatch queue is a list and a tree";
    if (q->count != count + in_tree || (q->count != 0 && !q->used) || q->used > 1)
        return "agent: a dispatch queue is miscounted";
    bool local = queue < core->config.cpus, global = queue == core->config.cpus;
    if ((local && q->id != (AUR_EXT_DSQ_LOCAL_ON | queue)) ||
        (global && q->id != AUR_EXT_DSQ_GLOBAL) ||
        (!local && !global && q->used && q->id & AUR_EXT_DSQ_BUILTIN))
        return "agent: a dispatch queue goes by another's id";
    return NULL;
}
