// Counting semaphores (Dijkstra's P and V): a wake that comes before the sleep is not lost.
#include "step/parts.h"

enum aur_status aur_down(struct aur_step *step)
{
    struct aur_core *core = step->core;
    const struct aur_record *event = step->event;
    struct aur_object *semaphore = aur_object_find(core, event->object, AUR_OBJECT_SEMAPHORE);
    if (!semaphore)
        return AUR_BAD_OBJECT;
    if (semaphore->count != 0) {
        semaphore->count--;
        return AUR_OK;
    }
    aur_sleep(step, event->task, event->arg);
    aur_wait_join(core, event->task, event->object, core->tickets++);
    return AUR_OK;
}

enum aur_status aur_up(struct aur_step *step)
{
    struct aur_core *core = step->core;
    struct aur_object *semaphore = aur_object_find(core, step->event->object, AUR_OBJECT_SEMAPHORE);
    if (!semaphore)
        return AUR_BAD_OBJECT;
    uint32_t task = aur_wait_first(semaphore);
    if (task == AUR_NONE) {
        if (semaphore->count == UINT64_MAX)
            return AUR_BAD_ARGUMENT;
        semaphore->count++;
        return AUR_OK;
    }
    aur_wait_leave(core, task);
    aur_wake(step, task, AUR_WOKE_EVENT);
    return AUR_OK;
}
