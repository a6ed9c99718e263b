// What the classes that queue tasks in plain lists share: the links of a task and the scan of a
// list for one that may move.
#ifndef AURORA_SCHED_QUEUE_H
#define AURORA_SCHED_QUEUE_H

#include "lib/list.h"
#include "sched/keys.h"
#include "step/state.h"

// Private state of a task in a list class. `link` is first: lib/list.h finds it there.
struct aur_queued {
    struct aur_link link;
    uint64_t used_ns;    // of its turn
    uint64_t spent_ns;   // mlfq: of its allotment
    uint64_t epoch;      // mlfq: the last boost it took part in
    uint32_t level;      // mlfq; prio: at the time of its last dequeue
    uint32_t was_queued; // it was waiting when its attributes began to change: link says where
    uint32_t place;      // set by number_places only: in its queue, 1 is the first
    uint32_t reserved;
};

static inline struct aur_queued *aur_queued_at(const struct aur_core *core, uint32_t slot,
                                               uint32_t task)
{
    return (struct aur_queued *)aur_class_tasks(core, slot) + task;
}

static inline struct aur_list_nodes aur_queued_nodes(const struct aur_core *core, uint32_t slot)
{
    return (struct aur_list_nodes){aur_class_tasks(core, slot), sizeof(struct aur_queued)};
}

static inline void aur_queued_init(struct aur_core *core, uint32_t slot, uint32_t task)
{
    struct aur_queued *queued = aur_queued_at(core, slot, task);
    queued->link.next = AUR_NONE;
    queued->link.previous = AUR_NONE;
    queued->used_ns = 0;
    queued->spent_ns = 0;
    queued->level = 0;
    queued->epoch = 0;
    queued->was_queued = 0;
    queued->place = 0;
}

static inline void aur_queue_leave(const struct aur_core *core, uint32_t slot,
                                   struct aur_list *list, uint32_t task, uint32_t flags)
{
    aur_list_remove(aur_queued_nodes(core, slot), list, task);
    aur_queued_at(core, slot, task)->was_queued = (flags & AUR_DEQUEUE_CHANGE) != 0;
}

// The end of the list is for who arrives. A change of attributes does what sched(7) says of
// priorities: unchanged it keeps its place, raised it goes to the end, lowered to the head.
static inline void aur_queue_join(const struct aur_core *core, uint32_t slot, struct aur_list *list,
                                  uint32_t task, uint32_t flags)
{
    struct aur_list_nodes in = aur_queued_nodes(core, slot);
    const struct aur_queued *queued = aur_queued_at(core, slot, task);
    if (flags & AUR_ENQUEUE_HEAD)
        aur_list_push_front(in, list, task);
    else if ((flags & AUR_ENQUEUE_CHANGE) && !(flags & AUR_ENQUEUE_TAIL) && queued->was_queued)
        aur_list_insert_before(in, list, task, queued->link.next);
    else
        aur_list_push_back(in, list, task);
}

// The task nearest to the end of the list (it would wait longest) that may move to `to`.
static inline uint32_t aur_queue_movable(const struct aur_core *core, uint32_t slot,
                                         const struct aur_list *list, uint32_t to, uint32_t *scan)
{
    uint32_t task = list->last;
    for (; task != AUR_NONE && *scan > 0; task = aur_queued_at(core, slot, task)->link.previous) {
        --*scan;
        if (aur_can_move(core, task, to))
            return task;
    }
    return AUR_NONE;
}

// Numbers the tasks of a list and the running one `curr` (NONE: it is not of this queue) in the
// order of their turns; curr is the first of them, or if its turn is over the last.
static inline void aur_queue_number(struct aur_core *copy, uint32_t slot,
                                    const struct aur_list *list, uint32_t curr, bool over)
{
    uint32_t place = 1;
    if (curr != AUR_NONE && !over)
        aur_queued_at(copy, slot, curr)->place = place++;
    for (uint32_t task = list->first; task != AUR_NONE;
         task = aur_queued_at(copy, slot, task)->link.next)
        aur_queued_at(copy, slot, task)->place = place++;
    if (curr != AUR_NONE && over)
        aur_queued_at(copy, slot, curr)->place = place;
}

// Two in one queue, numbered: the one behind would have had to be in the other's place.
static inline void aur_queue_versus(const struct aur_core *core, uint32_t slot, enum aur_rule rule,
                                    uint32_t picked, uint32_t other, struct aur_verdict *verdict)
{
    aur_verdict_set(verdict, rule, AUR_KEY_PLACE, AUR_OF_OTHER,
                    aur_queued_at(core, slot, other)->place,
                    aur_queued_at(core, slot, picked)->place);
}

// The first of a queue that shares by turns: it goes on with one that a more urgent task broke off,
// or begins one.
static inline enum aur_rule aur_queue_turn_rule(const struct aur_core *core, uint32_t slot,
                                                uint32_t picked)
{
    return aur_queued_at(core, slot, picked)->used_ns != 0 ? AUR_RULE_TURN : AUR_RULE_NEXT_TURN;
}

// Whether the links of the list mirror each other and every task on it is queued on `cpu`.
// Adds the length to *count.
static inline const char *aur_queue_check(const struct aur_core *core, uint32_t slot, uint32_t cpu,
                                          const struct aur_list *list, uint32_t *count)
{
    uint32_t previous = AUR_NONE;
    for (uint32_t task = list->first; task != AUR_NONE;
         task = aur_queued_at(core, slot, task)->link.next) {
        // Where links mirror each other, none leads back.
        if (task >= core->tasks_used || aur_queued_at(core, slot, task)->link.previous != previous)
            return "a queue's links do not mirror each other";
        const struct aur_task *t = aur_task_at(core, task);
        if (t->state != AUR_TASK_RUNNABLE || t->cpu != cpu || t->slot != slot)
            return "a queue holds a task that does not belong there";
        previous = task;
        ++*count;
    }
    return list->last == previous ? NULL : "a queue's last task is not its last";
}

#endif
