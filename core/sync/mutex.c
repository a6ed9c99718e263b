// Mutexes, of three kinds. An unlock hands the mutex to the first waiter at once, so that no third
// task can take it in between; with priority inheritance its holder runs at least as urgently as
// the most urgent waiter, along chains of owners (Sha, Rajkumar, Lehoczky 1990; Linux
// kernel/locking/rtmutex.c). Or the unlock frees the mutex and wakes the first waiter, which tries
// again when it runs, and until then anybody may barge in: what the C library makes of a futex for
// an ordinary mutex (Drepper, Futexes Are Tricky, 2011, mutex2; glibc nptl/lowlevellock.h). There
// one who had to wait locks it as contended, because it cannot know whether others still wait, and
// only the unlock of a contended mutex wakes: one who barges in leaves the next waiter to whom it
// barged past.
//
// What is inherited is a rank: of a fixed-priority waiter its level, of a deadline task its
// absolute deadline, so that it passes from class to class unchanged.
//
// Invariant: the rank of a task is its due rank (aur_due_rank) whenever a step ends. It changes
// when the first waiter of a mutex that it holds does (LOCK, UNLOCK, a time-out, a signal that
// queues for the mutex), when the rank of such a waiter does, when policy, nice, priority or an
// attribute that its class orders by is set, and when its class gives it another urgency as it is
// enqueued (a new deadline); a task that is enqueued waits for nothing, so that the last concerns
// nobody else.
#include "step/parts.h"

static void hold(struct aur_core *core, uint32_t task, uint32_t mutex)
{
    struct aur_task *t = aur_task_at(core, task);
    struct aur_object *m = aur_object_at(core, mutex);
    m->owner = task;
    m->previous_held = AUR_NONE;
    m->next_held = t->held;
    if (t->held != AUR_NONE)
        aur_object_at(core, t->held)->previous_held = mutex;
    t->held = mutex;
}

static void let_go(struct aur_core *core, uint32_t task, uint32_t mutex)
{
    struct aur_task *t = aur_task_at(core, task);
    struct aur_object *m = aur_object_at(core, mutex);
    if (m->previous_held == AUR_NONE)
        t->held = m->next_held;
    else
        aur_object_at(core, m->previous_held)->next_held = m->next_held;
    if (m->next_held != AUR_NONE)
        aur_object_at(core, m->next_held)->previous_held = m->previous_held;
    m->owner = AUR_NONE;
}

uint64_t aur_due_rank(const struct aur_core *core, uint32_t task)
{
    const struct aur_task *t = aur_task_at(core, task);
    uint64_t rank = aur_own_rank(core, task);
    for (uint32_t m = t->held; m != AUR_NONE; m = aur_object_at(core, m)->next_held) {
        const struct aur_object *mutex = aur_object_at(core, m);
        uint32_t first = aur_wait_first(mutex);
        if (mutex->mutex == AUR_MUTEX_INHERIT && first != AUR_NONE &&
            aur_task_at(core, first)->rank < rank)
            rank = aur_task_at(core, first)->rank;
    }
    return rank;
}

void aur_inherit(struct aur_step *step, uint32_t task)
{
    struct aur_core *core = step->core;
    // The task itself, and the owners that would_deadlock() allows.
    for (uint32_t hops = 0; task != AUR_NONE && hops <= AUR_CHAIN_MAX; hops++) {
        uint64_t rank = aur_due_rank(core, task);
        const struct aur_task *t = aur_task_at(core, task);
        if (rank == t->rank)
            return;
        aur_set_rank(step, task, rank);
        if (t->wait_object == AUR_NONE ||
            aur_object_at(core, t->wait_object)->kind != AUR_OBJECT_MUTEX)
            return;
        task = aur_object_at(core, t->wait_object)->owner;
    }
}

// The mutex that a task waits for, or will when its WAIT ends, or NONE.
static uint32_t awaited_mutex(const struct aur_core *core, const struct aur_task *t)
{
    if (t->wait_mutex != AUR_NONE)
        return t->wait_mutex;
    bool waits =
        t->wait_object != AUR_NONE && aur_object_at(core, t->wait_object)->kind == AUR_OBJECT_MUTEX;
    return waits ? t->wait_object : AUR_NONE;
}

// Would waiting for `mutex` close a cycle, or follow a chain longer than AUR_CHAIN_MAX? A task in a
// WAIT cannot go on without its mutex either, so it counts as waiting for it: then neither a signal
// nor a time-out, which cannot be refused, ever closes a cycle. Nor can who takes a mutex: he runs.
static bool would_deadlock(const struct aur_core *core, uint32_t task, uint32_t mutex)
{
    for (uint32_t hops = 0; hops < AUR_CHAIN_MAX; hops++) {
        uint32_t owner = aur_object_at(core, mutex)->owner;
        if (owner == task)
            return true;
        if (owner == AUR_NONE)
            return false; // somebody's WAIT will come back to a mutex that is free
        mutex = awaited_mutex(core, aur_task_at(core, owner));
        if (mutex == AUR_NONE)
            return false;
    }
    return true;
}

bool aur_mutex_grant(struct aur_step *step, uint32_t task, uint32_t mutex)
{
    struct aur_core *core = step->core;
    struct aur_object *m = aur_object_at(core, mutex);
    if (m->owner == AUR_NONE) {
        hold(core, task, mutex);
        return true;
    }
    aur_wait_join(core, task, mutex, core->tickets++);
    if (m->mutex == AUR_MUTEX_INHERIT)
        aur_inherit(step, m->owner);
    return false;
}

// Wakes the first waiter, to try again.
static void wake_to_barge(struct aur_step *step, uint32_t mutex)
{
    struct aur_core *core = step->core;
    struct aur_object *m = aur_object_at(core, mutex);
    uint32_t next = aur_wait_first(m);
    if (!m->contended || next == AUR_NONE)
        return;
    aur_wait_leave(core, next);
    aur_task_at(core, next)->wait_mutex = mutex;
    m->returning++;
    aur_wake(step, next, AUR_WOKE_EVENT);
}

void aur_mutex_release(struct aur_step *step, uint32_t task, uint32_t mutex)
{
    struct aur_core *core = step->core;
    struct aur_object *m = aur_object_at(core, mutex);
    let_go(core, task, mutex);
    if (m->mutex == AUR_MUTEX_BARGE) {
        wake_to_barge(step, mutex);
        return;
    }
    uint32_t next = aur_wait_first(m);
    if (next != AUR_NONE) {
        aur_wait_leave(core, next);
        hold(core, next, mutex);
    }
    if (m->mutex == AUR_MUTEX_INHERIT)
        aur_inherit(step, task);
    if (next != AUR_NONE) {
        if (m->mutex == AUR_MUTEX_INHERIT)
            aur_inherit(step, next);
        aur_wake(step, next, aur_task_at(core, next)->woken_by);
    }
}

enum aur_status aur_lock(struct aur_step *step)
{
    struct aur_core *core = step->core;
    const struct aur_record *event = step->event;
    struct aur_task *t = aur_task_at(core, event->task);
    struct aur_object *m = aur_object_find(core, event->object, AUR_OBJECT_MUTEX);
    if (!m)
        return AUR_BAD_OBJECT;
    if (m->owner != AUR_NONE && would_deadlock(core, event->task, event->object))
        return AUR_DEADLOCK;
    bool again = t->wait_mutex == event->object;
    if (again) {
        t->wait_mutex = AUR_NONE;
        m->returning--;
    }
    if (m->owner == AUR_NONE) {
        hold(core, event->task, event->object);
        m->contended = again;
        return AUR_OK;
    }
    m->contended = 1;
    aur_sleep(step, event->task, event->arg);
    aur_mutex_grant(step, event->task, event->object);
    return AUR_OK;
}

enum aur_status aur_unlock(struct aur_step *step)
{
    const struct aur_record *event = step->event;
    struct aur_object *m = aur_object_find(step->core, event->object, AUR_OBJECT_MUTEX);
    if (!m)
        return AUR_BAD_OBJECT;
    if (m->owner != event->task)
        return AUR_NOT_OWNER;
    aur_mutex_release(step, event->task, event->object);
    return AUR_OK;
}
