// Mutexes: order of waiters, hand-over, barging, cycles, priority inheritance.
#include "sched/edf_server.h"
#include "tests/scene.h"

static uint64_t seed;

// Eight CPUs with one running task each, of these priorities (0: an ordinary task).
static void eight_tasks(const int *priorities)
{
    scene("eevdf", 8, 0);
    for (int i = 0; i < 8; i++) {
        uint32_t kind = priorities[i] ? FIFO(priorities[i]) : OTHER(0);
        ck_assert_uint_eq(host_spawn(&host, kind, 1ull << i), (uint32_t)i);
    }
    host_settle(&host);
}

static enum aur_status lock(uint32_t task, uint32_t mutex)
{
    enum aur_status status = host_by(&host, AUR_EV_LOCK, task, mutex, 0, AUR_NEVER_NS);
    host_settle(&host);
    return status;
}

static enum aur_status unlock(uint32_t task, uint32_t mutex)
{
    enum aur_status status = host_by(&host, AUR_EV_UNLOCK, task, mutex, 0, 0);
    host_settle(&host);
    return status;
}

static uint32_t owner(uint32_t mutex)
{
    return aur_object_at(host.core, mutex)->owner;
}

static uint64_t rank(uint32_t task)
{
    return aur_core_task(host.core, task)->rank;
}

// Of a FIFO task of this priority.
static uint64_t level(int priority)
{
    return aur_rank(AUR_SLOT_REALTIME, 100u - (unsigned)priority);
}

#define FAIR_RANK aur_rank(AUR_SLOT_FAIR, 0)

static const int equals[8];

START_TEST(a_mutex_goes_to_its_waiters_in_the_order_of_their_arrival)
{
    eight_tasks(equals);
    uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, 0);
    static const uint32_t arrival[8] = {3, 7, 0, 5, 1, 6, 2, 4};
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(lock(arrival[i], mutex), AUR_OK);
    for (int i = 0; i < 8; i++) {
        ck_assert_uint_eq(owner(mutex), arrival[i]);
        ck_assert(host_runs(&host, arrival[i]));
        ck_assert_int_eq(unlock(arrival[i], mutex), AUR_OK);
    }
    ck_assert_uint_eq(owner(mutex), AUR_NONE);
    scene_close();
}
END_TEST

START_TEST(a_mutex_goes_to_the_most_urgent_waiter_then_to_the_first)
{
    static const int priorities[8] = {0, 10, 0, 30, 10, 0, 30, 20};
    eight_tasks(priorities);
    uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, 0);
    for (uint32_t task = 0; task < 8; task++)
        lock(task, mutex);
    static const uint32_t order[8] = {0, 3, 6, 7, 1, 4, 2, 5};
    for (int i = 0; i < 8; i++) {
        ck_assert_uint_eq(owner(mutex), order[i]);
        unlock(order[i], mutex);
    }
    scene_close();
}
END_TEST

START_TEST(a_waiter_whose_priority_changes_is_queued_anew_but_keeps_its_arrival)
{
    eight_tasks(equals);
    uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, 0);
    for (uint32_t task = 0; task < 5; task++)
        lock(task, mutex);
    host_event(&host, AUR_EV_TASK_SET, 0, 3, AUR_ATTR_POLICY, 0, FIFO(50));
    host_event(&host, AUR_EV_TASK_SET, 0, 2, AUR_ATTR_POLICY, 0, FIFO(60));
    host_event(&host, AUR_EV_TASK_SET, 0, 2, AUR_ATTR_POLICY, 0, OTHER(0));
    static const uint32_t order[5] = {0, 3, 1, 2, 4};
    for (int i = 0; i < 5; i++) {
        ck_assert_uint_eq(owner(mutex), order[i]);
        unlock(order[i], mutex);
    }
    scene_close();
}
END_TEST

START_TEST(an_unlocked_mutex_belongs_to_the_next_before_anyone_else_can_take_it)
{
    eight_tasks(equals);
    uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, 0);
    lock(0, mutex);
    lock(1, mutex);
    host_by(&host, AUR_EV_UNLOCK, 0, mutex, 0, 0);
    // The same instant, before task 1 is back on its CPU.
    host_by(&host, AUR_EV_LOCK, 0, mutex, 0, AUR_NEVER_NS);
    ck_assert_uint_eq(owner(mutex), 1);
    ck_assert_uint_eq(host.tasks[0].state, AUR_TASK_BLOCKED);
    host_settle(&host);
    ck_assert(host_runs(&host, 1));
    unlock(1, mutex);
    ck_assert(host_runs(&host, 0));
    unlock(0, mutex);
    scene_close();
}
END_TEST

START_TEST(a_mutex_to_barge_for_is_free_until_somebody_locks_it)
{
    eight_tasks(equals);
    uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, AUR_MUTEX_BARGE);
    for (uint32_t task = 0; task < 3; task++)
        lock(task, mutex);
    unlock(0, mutex);
    ck_assert_uint_eq(owner(mutex), AUR_NONE);
    ck_assert(host_runs(&host, 1) && !host_runs(&host, 2));
    ck_assert_uint_eq(aur_core_task(host.core, 1)->wait_mutex, mutex);
    // Nothing else is to be had from who was woken for it.
    ck_assert_int_eq(host_by(&host, AUR_EV_BLOCK, 1, 0, 0, AUR_NEVER_NS), AUR_MUST_LOCK);
    ck_assert_int_eq(host_by(&host, AUR_EV_EXIT, 1, 0, 0, 0), AUR_MUST_LOCK);
    ck_assert_int_eq(lock(3, mutex), AUR_OK);
    ck_assert_uint_eq(owner(mutex), 3);
    ck_assert_int_eq(lock(1, mutex), AUR_OK);
    ck_assert(!host_runs(&host, 1)); // behind task 2 now
    unlock(3, mutex);
    ck_assert(host_runs(&host, 2) && !host_runs(&host, 1));
    ck_assert_int_eq(lock(2, mutex), AUR_OK);
    ck_assert_uint_eq(owner(mutex), 2);
    unlock(2, mutex);
    lock(1, mutex);
    ck_assert_uint_eq(owner(mutex), 1);
    ck_assert_uint_eq(aur_core_task(host.core, 1)->wait_mutex, AUR_NONE);
    unlock(1, mutex);
    scene_close();
}
END_TEST

// Task 1 was woken and has not tried yet: who comes and goes in between wakes no other, as it finds
// the futex at 0 and leaves it at 0. What it left undone falls to task 1.
START_TEST(only_the_unlock_of_who_met_others_wakes_the_next)
{
    eight_tasks(equals);
    uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, AUR_MUTEX_BARGE);
    for (uint32_t task = 0; task < 3; task++)
        lock(task, mutex);
    unlock(0, mutex);
    lock(4, mutex);
    unlock(4, mutex);
    ck_assert(host_runs(&host, 1) && !host_runs(&host, 2));
    lock(1, mutex);
    ck_assert_uint_eq(owner(mutex), 1);
    unlock(1, mutex);
    ck_assert(host_runs(&host, 2));
    lock(2, mutex);
    unlock(2, mutex);
    scene_close();
}
END_TEST

START_TEST(a_signal_wakes_at_once_who_waits_with_a_mutex_to_barge_for)
{
    for (uint64_t kind = AUR_MUTEX_HAND_OVER; kind <= AUR_MUTEX_BARGE; kind++) {
        eight_tasks(equals);
        uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, kind);
        uint32_t cond = host_object(&host, AUR_OBJECT_COND, 0);
        lock(0, mutex);
        host_by(&host, AUR_EV_WAIT, 0, cond, mutex, AUR_NEVER_NS);
        host_settle(&host);
        lock(1, mutex);
        ck_assert_uint_eq(owner(mutex), 1);
        host_by(&host, AUR_EV_SIGNAL, 1, cond, 0, 0);
        host_settle(&host);
        ck_assert(host_runs(&host, 0) == (kind == AUR_MUTEX_BARGE));
        if (kind == AUR_MUTEX_BARGE) {
            lock(0, mutex);
            ck_assert(!host_runs(&host, 0));
        }
        unlock(1, mutex);
        ck_assert(host_runs(&host, 0));
        if (kind == AUR_MUTEX_BARGE)
            lock(0, mutex);
        ck_assert_uint_eq(owner(mutex), 0);
        unlock(0, mutex);
        scene_close();
    }
}
END_TEST

START_TEST(a_lock_that_times_out_leaves_the_queue)
{
    eight_tasks(equals);
    uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, 0);
    lock(0, mutex);
    host_by(&host, AUR_EV_LOCK, 1, mutex, 0, host.now_ns + MILLISECOND);
    lock(2, mutex);
    scene_pass(MILLISECOND);
    ck_assert(host_runs(&host, 1));
    ck_assert_uint_eq(aur_core_task(host.core, 1)->woken_by, AUR_WOKE_TIMEOUT);
    unlock(0, mutex);
    ck_assert_uint_eq(owner(mutex), 2);
    ck_assert_uint_eq(aur_core_task(host.core, 2)->woken_by, AUR_WOKE_EVENT);
    ck_assert_int_eq(unlock(1, mutex), AUR_NOT_OWNER);
    unlock(2, mutex);
    scene_close();
}
END_TEST

START_TEST(waiting_in_a_cycle_of_any_length_is_refused)
{
    for (uint32_t length = 1; length <= 8; length++) {
        eight_tasks(equals);
        uint32_t mutexes[8];
        for (uint32_t i = 0; i < length; i++) {
            mutexes[i] = host_object(&host, AUR_OBJECT_MUTEX, i % 2);
            ck_assert_int_eq(lock(i, mutexes[i]), AUR_OK);
        }
        for (uint32_t i = 0; i + 1 < length; i++)
            ck_assert_int_eq(lock(i, mutexes[i + 1]), AUR_OK);
        ck_assert_int_eq(lock(length - 1, mutexes[0]), AUR_DEADLOCK);
        ck_assert(host_runs(&host, length - 1));
        for (uint32_t i = length; i-- > 0;) {
            ck_assert_int_eq(unlock(i, mutexes[i]), AUR_OK);
            if (i + 1 < length)
                unlock(i, mutexes[i + 1]);
        }
        scene_close();
    }
}
END_TEST

// The waiter of a condition comes back with its mutex: whoever holds that must not wait for what
// the waiter holds, or the signal would close the circle.
START_TEST(a_cycle_that_a_signal_would_close_is_refused)
{
    eight_tasks(equals);
    uint32_t cond = host_object(&host, AUR_OBJECT_COND, 0);
    uint32_t its = host_object(&host, AUR_OBJECT_MUTEX, 1);
    uint32_t kept = host_object(&host, AUR_OBJECT_MUTEX, 1);
    uint32_t third = host_object(&host, AUR_OBJECT_MUTEX, 1);
    lock(0, its);
    lock(0, kept);
    host_by(&host, AUR_EV_WAIT, 0, cond, its, host.now_ns + MILLISECOND);
    lock(2, third);
    ck_assert_int_eq(lock(2, kept), AUR_OK); // `its` is free: this is no circle yet
    lock(1, its);
    ck_assert_int_eq(lock(1, kept), AUR_DEADLOCK);
    ck_assert_int_eq(lock(1, third), AUR_DEADLOCK);
    scene_pass(2 * MILLISECOND);
    ck_assert_int_eq(unlock(1, its), AUR_OK);
    ck_assert_uint_eq(owner(its), 0);
    ck_assert(host_runs(&host, 0));
    scene_close();
}
END_TEST

// Deadline to fixed priority to fair: the absolute deadline arrives unchanged at the end.
START_TEST(a_deadline_is_inherited_across_the_classes)
{
    static const int priorities[8] = {0, 20};
    eight_tasks(priorities);
    uint32_t far = host_object(&host, AUR_OBJECT_MUTEX, 1);
    uint32_t near = host_object(&host, AUR_OBJECT_MUTEX, 1);
    uint32_t urgent = host_make(&host, OTHER(0), 1 << 2);
    host_event(&host, AUR_EV_TASK_SET, 0, urgent, AUR_ATTR_DL_RUNTIME_NS, 0, MILLISECOND);
    host_event(&host, AUR_EV_TASK_SET, 0, urgent, AUR_ATTR_DL_DEADLINE_NS, 0, 7 * MILLISECOND);
    host_event(&host, AUR_EV_TASK_SET, 0, urgent, AUR_ATTR_DL_PERIOD_NS, 0, 9 * MILLISECOND);
    host_event(&host, AUR_EV_TASK_SET, 0, urgent, AUR_ATTR_POLICY, 0,
               aur_task_kind(AUR_POLICY_DEADLINE, 0, 0));
    lock(0, far);
    lock(1, near);
    lock(1, far);
    scene_pass(3 * MILLISECOND);
    host_start(&host, urgent);
    host_settle(&host);
    uint64_t due = aur_rank(AUR_SLOT_DEADLINE, 10 * MILLISECOND);
    ck_assert_uint_eq(rank(urgent), due);
    ck_assert_uint_eq(rank(0), level(20));
    lock(urgent, near);
    ck_assert_uint_eq(rank(0), due);
    ck_assert_uint_eq(rank(1), due);
    scene_pass(20 * MILLISECOND); // far beyond the budget: who has no server is not throttled
    ck_assert(host_runs(&host, 0));
    unlock(0, far);
    ck_assert_uint_eq(rank(0), FAIR_RANK);
    ck_assert_uint_eq(rank(1), due);
    unlock(1, near);
    ck_assert_uint_eq(rank(1), level(20));
    ck_assert(host_runs(&host, urgent));
    ck_assert_uint_gt(rank(urgent), due); // it has woken: a new deadline
    scene_close();
}
END_TEST

START_TEST(a_chain_of_owners_may_be_as_long_as_the_limit_and_no_longer)
{
    struct aur_config config = scene_config("fifo", 1, 0);
    config.tasks = AUR_CHAIN_MAX + 10;
    config.objects = AUR_CHAIN_MAX + 10;
    config.log_mode = AUR_LOG_OFF;
    scene_open(&config);
    for (uint32_t i = 0; i <= AUR_CHAIN_MAX + 1; i++) {
        uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, 1),
                 task = host_spawn(&host, OTHER(0), 1);
        host_settle(&host);
        MUST(host_runs(&host, task) && lock(task, mutex) == AUR_OK);
        if (i == 0)
            host_by(&host, AUR_EV_BLOCK, task, 0, 0, AUR_NEVER_NS);
        else
            MUST(lock(task, mutex - 1) == (i <= AUR_CHAIN_MAX ? AUR_OK : AUR_DEADLOCK));
    }
    // A task urgent enough to be inherited by all of them.
    host_event(&host, AUR_EV_TASK_SET, 0, AUR_CHAIN_MAX, AUR_ATTR_POLICY, 0, FIFO(7));
    host_settle(&host);
    ck_assert_uint_eq(rank(0), level(7));
    ck_assert_uint_eq(rank(AUR_CHAIN_MAX + 1), FAIR_RANK);
    scene_close();
}
END_TEST

START_TEST(urgency_is_inherited_along_a_chain_of_owners_and_given_back)
{
    static const int priorities[8] = {0, 10, 20, 90};
    eight_tasks(priorities);
    uint32_t mutexes[3];
    for (uint32_t i = 0; i < 3; i++) {
        mutexes[i] = host_object(&host, AUR_OBJECT_MUTEX, 1);
        lock(i, mutexes[i]);
    }
    lock(1, mutexes[0]);
    ck_assert_uint_eq(rank(0), level(10));
    lock(2, mutexes[1]);
    ck_assert_uint_eq(rank(1), level(20));
    ck_assert_uint_eq(rank(0), level(20));
    host_by(&host, AUR_EV_LOCK, 3, mutexes[2], 0, host.now_ns + MILLISECOND);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_eq(rank(i), level(90));
    ck_assert_uint_eq(aur_core_task(host.core, 0)->slot, AUR_SLOT_REALTIME);
    scene_pass(MILLISECOND); // the last gives up waiting
    ck_assert_uint_eq(rank(0), level(20));
    ck_assert_uint_eq(rank(1), level(20));
    ck_assert_uint_eq(rank(2), level(20));

    lock(3, mutexes[2]);
    host_event(&host, AUR_EV_TASK_SET, 0, 3, AUR_ATTR_POLICY, 0, FIFO(99)); // raised as it waits
    ck_assert_uint_eq(rank(0), level(99));
    unlock(0, mutexes[0]);
    ck_assert_uint_eq(rank(0), FAIR_RANK);
    ck_assert_uint_eq(aur_core_task(host.core, 0)->slot, AUR_SLOT_FAIR);
    ck_assert_uint_eq(rank(1), level(99));
    unlock(1, mutexes[1]);
    ck_assert_uint_eq(rank(1), level(10));
    unlock(2, mutexes[2]);
    ck_assert_uint_eq(rank(2), level(20));
    ck_assert_uint_eq(owner(mutexes[2]), 3);
    scene_close();
}
END_TEST

START_TEST(a_plain_mutex_hands_no_urgency_on)
{
    static const int priorities[8] = {0, 90};
    eight_tasks(priorities);
    uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, 0);
    lock(0, mutex);
    lock(1, mutex);
    ck_assert_uint_eq(rank(0), FAIR_RANK);
    scene_close();
}
END_TEST

// What stopped the Mars Pathfinder in 1997: a task of low priority holds a mutex that one of high
// priority needs, and those of medium priority keep it from ever letting go.
static uint64_t longest_wait_for_the_bus(uint64_t inherits)
{
    scene("eevdf", 1, 0);
    uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, inherits);
    uint32_t low = host_spawn(&host, FIFO(10), 1);
    host_settle(&host);
    lock(low, mutex);
    scene_pass(MILLISECOND);
    uint32_t high = host_spawn(&host, FIFO(30), 1);
    host_settle(&host);
    uint32_t medium = host_spawn(&host, FIFO(20), 1);
    host_settle(&host);
    lock(high, mutex);
    uint64_t asked_at_ns = host.now_ns, section_ns = 3 * MILLISECOND;
    host_cycle(&host, medium, 10 * SECOND, 0); // a burst of communication
    while (owner(mutex) == low) {
        scene_pass(MILLISECOND / 2);
        if (host_runs(&host, low) && host_ran_ns(&host, low) >= section_ns)
            unlock(low, mutex);
        if (host.now_ns > 5 * SECOND)
            break;
    }
    uint64_t waited_ns = host.now_ns - asked_at_ns;
    scene_must_be_sound();
    host_close(&host);
    return waited_ns;
}

START_TEST(inversion_is_bounded_by_the_critical_section_only_with_inheritance)
{
    ck_assert_uint_eq(longest_wait_for_the_bus(1), 2 * MILLISECOND);
    ck_assert_uint_gt(longest_wait_for_the_bus(0), 4 * SECOND);
}
END_TEST

// The twin of inheritance: the smallest of a task's own rank and those of all who wait for a mutex
// of his that inherits, with what they inherit themselves.
static uint64_t due_rank(uint32_t task, uint32_t depth)
{
    const struct aur_task *own = aur_core_task(host.core, task);
    const struct edf_entity *servers = aur_class_tasks(host.core, AUR_SLOT_DEADLINE);
    uint64_t least = own->policy == AUR_POLICY_OTHER ? FAIR_RANK : level(own->priority);
    if (own->policy == AUR_POLICY_DEADLINE)
        least = aur_rank(AUR_SLOT_DEADLINE, servers[task].deadline_at_ns);
    for (uint32_t i = 0; i < host.config.tasks && depth < 20; i++) {
        const struct aur_task *t = aur_core_task(host.core, i);
        if (!t || t->wait_object == AUR_NONE)
            continue;
        const struct aur_object *mutex = aur_object_at(host.core, t->wait_object);
        if (mutex->kind == AUR_OBJECT_MUTEX && mutex->mutex == AUR_MUTEX_INHERIT &&
            mutex->owner == task) {
            uint64_t inherited = due_rank(i, depth + 1);
            least = inherited < least ? inherited : least;
        }
    }
    return least;
}

START_TEST(each_rank_is_what_the_definition_of_inheritance_gives)
{
    uint64_t random = seed, boosts[3] = {0, 0, 0};
    for (int run = 0; run < 20; run++) {
        struct aur_config config = scene_config("rr", 1 + (uint32_t)run % 4, 0);
        config.tasks = 12;
        scene_open(&config);
        for (int i = 0; i < 12; i++) {
            uint32_t task =
                host_make(&host, random_below(&random, 2) ? OTHER(0) : FIFO(1 + i * 7), ANYWHERE);
            uint64_t period_ns = MILLISECOND << random_below(&random, 6);
            host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_DL_RUNTIME_NS, 0, period_ns / 16);
            host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_DL_PERIOD_NS, 0, period_ns);
            host_start(&host, task);
        }
        for (int i = 0; i < 6; i++)
            host_object(&host, AUR_OBJECT_MUTEX,
                        random_below(&random, 4) != 0 ? AUR_MUTEX_INHERIT : 2 * (uint64_t)(i % 2));
        for (int step = 0; step < 800; step++) {
            static const uint8_t kept[] = {DRIVE_ADVANCE, DRIVE_LOCK,  DRIVE_LOCK, DRIVE_LOCK,
                                           DRIVE_UNLOCK,  DRIVE_BLOCK, DRIVE_WAKE, DRIVE_YIELD};
            struct drive_choice choice = {kept[random_below(&random, LENGTH(kept))],
                                          (uint32_t)random_next(&random),
                                          (uint32_t)random_next(&random), random_next(&random)};
            if (random_below(&random, 20) == 0)
                host_event(&host, AUR_EV_TASK_SET, 0, choice.a % 12, AUR_ATTR_POLICY, 0,
                           choice.b % 3 == 0   ? OTHER(0)
                           : choice.b % 3 == 1 ? FIFO(1 + (int)(choice.b % 99))
                                               : aur_task_kind(AUR_POLICY_DEADLINE, 0, 0));
            else
                drive_do(&host, &choice);
            for (uint32_t task = 0; task < 12; task++) {
                if (rank(task) != due_rank(task, 0))
                    ck_abort_msg("run %d step %d: rank of task %u is %" PRIx64 ", due is %" PRIx64,
                                 run, step, task, rank(task), due_rank(task, 0));
                uint32_t policy = aur_core_task(host.core, task)->policy;
                uint32_t slot = aur_rank_slot(rank(task));
                boosts[0] += policy == AUR_POLICY_OTHER && slot == AUR_SLOT_REALTIME;
                boosts[1] += policy == AUR_POLICY_OTHER && slot == AUR_SLOT_DEADLINE;
                boosts[2] += policy == AUR_POLICY_FIFO && slot == AUR_SLOT_DEADLINE;
            }
        }
        scene_must_be_sound();
        host_close(&host);
    }
    for (int i = 0; i < 3; i++)
        ck_assert_uint_gt(boosts[i], 500);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_mutex_goes_to_its_waiters_in_the_order_of_their_arrival,
        a_mutex_goes_to_the_most_urgent_waiter_then_to_the_first,
        a_waiter_whose_priority_changes_is_queued_anew_but_keeps_its_arrival,
        an_unlocked_mutex_belongs_to_the_next_before_anyone_else_can_take_it,
        a_mutex_to_barge_for_is_free_until_somebody_locks_it,
        only_the_unlock_of_who_met_others_wakes_the_next,
        a_signal_wakes_at_once_who_waits_with_a_mutex_to_barge_for,
        a_lock_that_times_out_leaves_the_queue,
        waiting_in_a_cycle_of_any_length_is_refused,
        a_cycle_that_a_signal_would_close_is_refused,
        a_deadline_is_inherited_across_the_classes,
        a_chain_of_owners_may_be_as_long_as_the_limit_and_no_longer,
        urgency_is_inherited_along_a_chain_of_owners_and_given_back,
        a_plain_mutex_hands_no_urgency_on,
        inversion_is_bounded_by_the_critical_section_only_with_inheritance,
        each_rank_is_what_the_definition_of_inheritance_gives,
    };
    seed = random_seed(20261122);
    return run_tests("mutex", tests, LENGTH(tests));
}
