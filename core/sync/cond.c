// Condition variables: a wait gives up the mutex and blocks in one step; who is signalled
// returns with the mutex, moved to its queue if it is held (POSIX pthread_cond_wait; "wait
// morphing"), or, if that is one to barge for, wakes and has to lock it (glibc since 2.25 moves
// nobody).
#include "step/parts.h"

enum aur_status aur_wait(struct aur_step *step)
{
    struct aur_core *core = step->core;
    const struct aur_record *event = step->event;
    if (!aur_object_find(core, event->object, AUR_OBJECT_COND))
        return AUR_BAD_OBJECT;
    if (event->other != AUR_NONE) {
        const struct aur_object *m = aur_object_find(core, event->other, AUR_OBJECT_MUTEX);
        if (!m)
            return AUR_BAD_OBJECT;
        if (m->owner != event->task)
            return AUR_NOT_OWNER;
    }
    aur_sleep(step, event->task, event->arg);
    aur_task_at(core, event->task)->wait_mutex = event->other;
    aur_wait_join(core, event->task, event->object, core->tickets++);
    if (event->other != AUR_NONE) {
        aur_object_at(core, event->other)->returning++;
        aur_mutex_release(step, event->task, event->other);
    }
    return AUR_OK;
}

// Lets the first waiter of the condition go on, or queues it for a mutex that is handed over.
static void signal_first(struct aur_step *step, struct aur_object *cond)
{
    uint32_t task = aur_wait_first(cond);
    aur_wait_leave(step->core, task);
    step->wakes++;
    if (aur_wait_return(step, task))
        aur_wake(step, task, AUR_WOKE_EVENT);
    else
        aur_timeout_clear(step, task); // the signal came in time; the mutex has no time-out
}

enum aur_status aur_signal(struct aur_step *step)
{
    struct aur_object *cond = aur_object_find(step->core, step->event->object, AUR_OBJECT_COND);
    if (!cond)
        return AUR_BAD_OBJECT;
    if (cond->waiting != 0)
        signal_first(step, cond);
    return AUR_OK;
}

enum aur_status aur_broadcast(struct aur_step *step)
{
    struct aur_object *cond = aur_object_find(step->core, step->event->object, AUR_OBJECT_COND);
    if (!cond)
        return AUR_BAD_OBJECT;
    while (cond->waiting != 0) {
        if (step->wakes == AUR_WAKES_PER_STEP) {
            aur_act(step, AUR_ACT_AGAIN, step->event->cpu, AUR_NONE, 0, 0);
            break;
        }
        signal_first(step, cond);
    }
    return AUR_OK;
}
