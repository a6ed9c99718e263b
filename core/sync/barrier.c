// Barriers (POSIX pthread_barrier_wait): the last task to arrive releases the others. A large
// barrier is released over several steps; `draining` counts who is still to go.
//
// Invariant: while it drains, `draining` is `waiting`: who arrives then belongs to the next round
// and joins only when the last of this one has left. `owner` is the task that was the last to
// arrive, as long as its event is to be posted again.
#include "step/parts.h"

static void drain(struct aur_step *step, struct aur_object *barrier)
{
    while (barrier->draining != 0) {
        if (step->wakes == AUR_WAKES_PER_STEP) {
            aur_act(step, AUR_ACT_AGAIN, step->event->cpu, AUR_NONE, 0, 0);
            return;
        }
        uint32_t task = aur_wait_first(barrier);
        aur_wait_leave(step->core, task);
        barrier->draining--;
        step->wakes++;
        aur_wake(step, task, AUR_WOKE_EVENT);
    }
}

enum aur_status aur_barrier(struct aur_step *step)
{
    struct aur_core *core = step->core;
    const struct aur_record *event = step->event;
    struct aur_object *barrier = aur_object_find(core, event->object, AUR_OBJECT_BARRIER);
    if (!barrier)
        return AUR_BAD_OBJECT;
    drain(step, barrier);
    if (barrier->draining != 0)
        return AUR_OK;
    if (barrier->owner == event->task) {
        barrier->owner = AUR_NONE;
        return AUR_OK;
    }
    if (barrier->waiting + 1 < barrier->count) {
        aur_sleep(step, event->task, AUR_NEVER_NS);
        aur_wait_join(core, event->task, event->object, core->tickets++);
        return AUR_OK;
    }
    barrier->draining = barrier->waiting;
    drain(step, barrier);
    if (barrier->draining != 0)
        barrier->owner = event->task;
    return AUR_OK;
}
