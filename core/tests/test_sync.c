// Condition variables, barriers, semaphores, and the lives of objects.
#include "step/state.h"
#include "tests/scene.h"

// Tasks that all run at once, each on a CPU of its own.
static void tasks_on_cpus(uint32_t count)
{
    scene("eevdf", count, 0);
    for (uint32_t i = 0; i < count; i++)
        ck_assert_uint_eq(host_spawn(&host, OTHER(0), 1ull << i), i);
    host_settle(&host);
}

// A thousand tasks that take turns on one CPU as they block.
static void thousand_tasks(void)
{
    struct aur_config config = scene_config("fifo", 1, 0);
    config.tasks = 1100;
    config.log_mode = AUR_LOG_DIGEST;
    scene_open(&config);
    for (int i = 0; i < 1000; i++)
        host_spawn(&host, OTHER(0), 1);
    host_settle(&host);
}

static uint32_t owner(uint32_t mutex)
{
    return aur_object_at(host.core, mutex)->owner;
}

static uint32_t waiting(uint32_t object)
{
    return aur_object_at(host.core, object)->waiting;
}

static enum aur_wake_reason reason(uint32_t task)
{
    return (enum aur_wake_reason)aur_core_task(host.core, task)->woken_by;
}

static enum aur_status outside(enum aur_event_kind kind, uint32_t object)
{
    return host_event(&host, kind, 0, 0, object, 0, 0);
}

START_TEST(a_wait_gives_the_mutex_up_and_comes_back_with_it)
{
    tasks_on_cpus(2);
    uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, 0);
    uint32_t cond = host_object(&host, AUR_OBJECT_COND, 0);
    ck_assert_int_eq(host_by(&host, AUR_EV_WAIT, 0, cond, mutex, AUR_NEVER_NS), AUR_NOT_OWNER);
    host_by(&host, AUR_EV_LOCK, 0, mutex, 0, AUR_NEVER_NS);
    host_by(&host, AUR_EV_WAIT, 0, cond, mutex, AUR_NEVER_NS);
    ck_assert_uint_eq(owner(mutex), AUR_NONE);
    host_settle(&host);
    outside(AUR_EV_SIGNAL, cond);
    ck_assert_uint_eq(owner(mutex), 0);
    host_settle(&host);
    ck_assert(host_runs(&host, 0));
    scene_close();
}
END_TEST

START_TEST(a_signal_under_the_mutex_moves_the_waiter_to_the_mutex_without_waking_it)
{
    tasks_on_cpus(3);
    uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, 0);
    uint32_t cond = host_object(&host, AUR_OBJECT_COND, 0);
    host_by(&host, AUR_EV_LOCK, 0, mutex, 0, AUR_NEVER_NS);
    host_by(&host, AUR_EV_WAIT, 0, cond, mutex, host.now_ns + MILLISECOND);
    host_by(&host, AUR_EV_LOCK, 1, mutex, 0, AUR_NEVER_NS);
    host_settle(&host);
    outside(AUR_EV_SIGNAL, cond);
    ck_assert_uint_eq(waiting(cond), 0);
    ck_assert_uint_eq(waiting(mutex), 1);
    ck_assert_uint_eq(host.tasks[0].wakeups, 0);
    scene_pass(10 * MILLISECOND); // the signal came in time: the time-out is off
    ck_assert_uint_eq(host.tasks[0].state, AUR_TASK_BLOCKED);
    host_by(&host, AUR_EV_UNLOCK, 1, mutex, 0, 0);
    host_settle(&host);
    ck_assert(host_runs(&host, 0));
    ck_assert_uint_eq(owner(mutex), 0);
    ck_assert_int_eq(reason(0), AUR_WOKE_EVENT);
    ck_assert_uint_eq(host.tasks[0].wakeups, 1);
    scene_close();
}
END_TEST

START_TEST(a_wait_that_times_out_comes_back_with_the_mutex_and_says_so)
{
    for (int held = 0; held < 2; held++) {
        tasks_on_cpus(2);
        uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, 0);
        uint32_t cond = host_object(&host, AUR_OBJECT_COND, 0);
        host_by(&host, AUR_EV_LOCK, 0, mutex, 0, AUR_NEVER_NS);
        host_by(&host, AUR_EV_WAIT, 0, cond, mutex, host.now_ns + MILLISECOND);
        if (held)
            host_by(&host, AUR_EV_LOCK, 1, mutex, 0, AUR_NEVER_NS);
        scene_pass(2 * MILLISECOND);
        if (held) {
            ck_assert_uint_eq(host.tasks[0].state, AUR_TASK_BLOCKED);
            outside(AUR_EV_SIGNAL, cond); // too late for it
            host_by(&host, AUR_EV_UNLOCK, 1, mutex, 0, 0);
            host_settle(&host);
        }
        ck_assert(host_runs(&host, 0));
        ck_assert_uint_eq(owner(mutex), 0);
        ck_assert_int_eq(reason(0), AUR_WOKE_TIMEOUT);
        scene_close();
    }
}
END_TEST

START_TEST(of_a_signal_and_a_timeout_at_one_instant_the_first_wins_and_only_it)
{
    for (int signal_first = 0; signal_first < 2; signal_first++) {
        tasks_on_cpus(2);
        uint32_t cond = host_object(&host, AUR_OBJECT_COND, 0);
        host_by(&host, AUR_EV_WAIT, 0, cond, AUR_NONE, host.now_ns + MILLISECOND);
        host_settle(&host);
        host.now_ns += MILLISECOND;
        if (signal_first)
            outside(AUR_EV_SIGNAL, cond);
        host_event(&host, AUR_EV_TIMER, 0, 0, 0, 0, 0);
        if (!signal_first)
            outside(AUR_EV_SIGNAL, cond);
        host_settle(&host);
        ck_assert_uint_eq(host.tasks[0].wakeups, 1);
        ck_assert_int_eq(reason(0), signal_first ? AUR_WOKE_EVENT : AUR_WOKE_TIMEOUT);
        // A signal with nobody there is lost.
        host_by(&host, AUR_EV_WAIT, 0, cond, AUR_NONE, AUR_NEVER_NS);
        host_settle(&host);
        ck_assert_uint_eq(host.tasks[0].state, AUR_TASK_BLOCKED);
        scene_close();
    }
}
END_TEST

START_TEST(a_broadcast_wakes_a_thousand_waiters_in_bounded_steps)
{
    thousand_tasks();
    uint32_t cond = host_object(&host, AUR_OBJECT_COND, 0);
    for (uint32_t task = 0; task < 1000; task++) {
        ck_assert_int_eq(host_by(&host, AUR_EV_WAIT, task, cond, AUR_NONE, AUR_NEVER_NS), AUR_OK);
        host_settle(&host);
    }
    uint64_t steps = host.steps;
    outside(AUR_EV_BROADCAST, cond);
    ck_assert_uint_eq(host.steps - steps, (1000 + AUR_WAKES_PER_STEP - 1) / AUR_WAKES_PER_STEP);
    for (uint32_t task = 0; task < 1000; task++) { // woken in the order of their arrival
        host_settle(&host);
        MUST(host.cpus[0].running == task);
        host_by(&host, AUR_EV_BLOCK, task, 0, 0, AUR_NEVER_NS);
    }
    scene_close();
}
END_TEST

START_TEST(a_broadcast_under_a_mutex_wakes_one_and_queues_the_others)
{
    thousand_tasks();
    uint32_t cond = host_object(&host, AUR_OBJECT_COND, 0);
    uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, 1);
    for (uint32_t task = 0; task < 1000; task++) {
        host_by(&host, AUR_EV_LOCK, task, mutex, 0, AUR_NEVER_NS);
        host_by(&host, AUR_EV_WAIT, task, cond, mutex, AUR_NEVER_NS);
        host_settle(&host);
    }
    outside(AUR_EV_BROADCAST, cond);
    ck_assert_uint_eq(waiting(cond), 0);
    ck_assert_uint_eq(waiting(mutex), 999);
    for (uint32_t task = 0; task < 1000; task++) {
        host_settle(&host);
        MUST(host.cpus[0].running == task && owner(mutex) == task);
        host_by(&host, AUR_EV_UNLOCK, task, mutex, 0, 0);
        host_by(&host, AUR_EV_BLOCK, task, 0, 0, AUR_NEVER_NS);
    }
    scene_close();
}
END_TEST

START_TEST(a_thousand_timeouts_at_one_instant_all_come)
{
    thousand_tasks();
    for (uint32_t task = 0; task < 1000; task++) {
        host_by(&host, AUR_EV_BLOCK, task, 0, 0, SECOND);
        host_settle(&host);
    }
    scene_pass(SECOND);
    for (uint32_t task = 0; task < 1000; task++)
        MUST(host.tasks[task].wakeups == 1 && reason(task) == AUR_WOKE_TIMEOUT);
    scene_close();
}
END_TEST

START_TEST(a_barrier_holds_all_until_the_last_and_then_again)
{
    thousand_tasks();
    uint32_t barrier = host_object(&host, AUR_OBJECT_BARRIER, 1000);
    uint32_t last = AUR_NONE;
    for (uint32_t wakeups = 0; wakeups < 4; wakeups++) {
        for (int arrived = 0; arrived < 1000; arrived++) {
            last = host.cpus[0].running;
            MUST(last != AUR_NONE && host.tasks[last].state == AUR_TASK_RUNNING);
            MUST(waiting(barrier) == (uint32_t)arrived);
            host_by(&host, AUR_EV_BARRIER, last, barrier, 0, 0);
            if (arrived < 999)
                host_settle(&host);
        }
        ck_assert_uint_eq(waiting(barrier), 0);
        ck_assert_uint_eq(host.tasks[last].state, AUR_TASK_RUNNING); // the last goes straight on
        host_by(&host, AUR_EV_YIELD, last, 0, 0, 0);
        host_settle(&host);
    }
    scene_close();
}
END_TEST

// While the barrier is being drained over several steps, task 60 arrives on another CPU.
static void arrive_between_two_steps(struct host *h, const struct aur_record *event)
{
    (void)event;
    if (h->actions.count == 0 || h->actions.list[h->actions.count - 1].kind != AUR_ACT_AGAIN)
        return;
    h->after = NULL;
    host_by(h, AUR_EV_BARRIER, 60, *(uint32_t *)h->watcher, 0, 0);
}

START_TEST(who_arrives_at_a_barrier_that_drains_belongs_to_the_next_round)
{
    tasks_on_cpus(61);
    uint32_t barrier = host_object(&host, AUR_OBJECT_BARRIER, 60);
    for (uint32_t task = 0; task < 59; task++)
        host_by(&host, AUR_EV_BARRIER, task, barrier, 0, 0);
    host_settle(&host);
    host.after = arrive_between_two_steps;
    host.watcher = &barrier;
    host_by(&host, AUR_EV_BARRIER, 59, barrier, 0, 0);
    host_settle(&host);
    ck_assert_ptr_null(host.after);
    for (uint32_t task = 0; task < 60; task++)
        MUST(host_runs(&host, task));
    ck_assert_uint_eq(host.tasks[60].state, AUR_TASK_BLOCKED);
    ck_assert_uint_eq(waiting(barrier), 1);
    for (uint32_t task = 0; task < 59; task++)
        host_by(&host, AUR_EV_BARRIER, task, barrier, 0, 0);
    host_settle(&host);
    ck_assert(host_runs(&host, 60));
    ck_assert_uint_eq(waiting(barrier), 0);
    scene_close();
}
END_TEST

START_TEST(a_barrier_of_one_holds_nobody)
{
    tasks_on_cpus(1);
    uint32_t barrier = host_object(&host, AUR_OBJECT_BARRIER, 1);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(host_by(&host, AUR_EV_BARRIER, 0, barrier, 0, 0), AUR_OK);
    host_settle(&host);
    ck_assert(host_runs(&host, 0));
    scene_close();
}
END_TEST

START_TEST(a_semaphore_admits_as_many_as_it_counts_in_the_order_of_arrival)
{
    tasks_on_cpus(8);
    uint32_t semaphore = host_object(&host, AUR_OBJECT_SEMAPHORE, 3);
    for (uint32_t task = 0; task < 8; task++)
        host_by(&host, AUR_EV_DOWN, task, semaphore, 0, AUR_NEVER_NS);
    host_settle(&host);
    for (uint32_t task = 0; task < 8; task++)
        ck_assert_int_eq(host_runs(&host, task), task < 3);
    for (uint32_t task = 3; task < 8; task++) {
        outside(AUR_EV_UP, semaphore);
        host_settle(&host);
        ck_assert(host_runs(&host, task));
        ck_assert(task == 7 || !host_runs(&host, task + 1));
    }
    outside(AUR_EV_UP, semaphore); // comes before the sleep, and is not lost
    host_by(&host, AUR_EV_DOWN, 0, semaphore, 0, AUR_NEVER_NS);
    host_settle(&host);
    ck_assert(host_runs(&host, 0));
    scene_close();
}
END_TEST

START_TEST(a_down_that_times_out_takes_no_unit)
{
    tasks_on_cpus(2);
    uint32_t semaphore = host_object(&host, AUR_OBJECT_SEMAPHORE, 0);
    host_by(&host, AUR_EV_DOWN, 0, semaphore, 0, host.now_ns + MILLISECOND);
    scene_pass(2 * MILLISECOND);
    ck_assert(host_runs(&host, 0));
    ck_assert_int_eq(reason(0), AUR_WOKE_TIMEOUT);
    outside(AUR_EV_UP, semaphore);
    ck_assert_uint_eq(aur_object_at(host.core, semaphore)->count, 1);
    scene_close();
}
END_TEST

START_TEST(a_full_semaphore_refuses_to_overflow)
{
    tasks_on_cpus(1);
    uint32_t semaphore = host_object(&host, AUR_OBJECT_SEMAPHORE, UINT64_MAX);
    ck_assert_int_eq(outside(AUR_EV_UP, semaphore), AUR_BAD_ARGUMENT);
    scene_close();
}
END_TEST

START_TEST(an_object_in_use_cannot_be_freed)
{
    tasks_on_cpus(3);
    uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, 0);
    uint32_t cond = host_object(&host, AUR_OBJECT_COND, 0);
    host_by(&host, AUR_EV_LOCK, 0, mutex, 0, AUR_NEVER_NS);
    ck_assert_int_eq(outside(AUR_EV_OBJECT_FREE, mutex), AUR_HELD);
    host_by(&host, AUR_EV_WAIT, 0, cond, mutex, AUR_NEVER_NS);
    ck_assert_int_eq(outside(AUR_EV_OBJECT_FREE, cond), AUR_HELD);
    // Nobody owns it, but the waiter will come back to it.
    ck_assert_uint_eq(owner(mutex), AUR_NONE);
    ck_assert_int_eq(outside(AUR_EV_OBJECT_FREE, mutex), AUR_HELD);
    outside(AUR_EV_SIGNAL, cond);
    host_settle(&host);
    host_by(&host, AUR_EV_UNLOCK, 0, mutex, 0, 0);
    ck_assert_int_eq(outside(AUR_EV_OBJECT_FREE, mutex), AUR_OK);
    ck_assert_int_eq(outside(AUR_EV_OBJECT_FREE, mutex), AUR_BAD_OBJECT);
    ck_assert_int_eq(outside(AUR_EV_OBJECT_FREE, cond), AUR_OK);
    ck_assert_uint_eq(host_object(&host, AUR_OBJECT_BARRIER, 2),
                      cond); // the last freed comes first
    ck_assert_uint_eq(host_object(&host, AUR_OBJECT_BARRIER, 2), mutex);
    scene_close();
}
END_TEST

START_TEST(an_object_of_another_kind_is_refused)
{
    tasks_on_cpus(1);
    static const struct {
        enum aur_event_kind event;
        enum aur_object_kind kind;
    } uses[] = {
        {AUR_EV_LOCK, AUR_OBJECT_MUTEX},     {AUR_EV_UNLOCK, AUR_OBJECT_MUTEX},
        {AUR_EV_WAIT, AUR_OBJECT_COND},      {AUR_EV_SIGNAL, AUR_OBJECT_COND},
        {AUR_EV_BROADCAST, AUR_OBJECT_COND}, {AUR_EV_BARRIER, AUR_OBJECT_BARRIER},
        {AUR_EV_DOWN, AUR_OBJECT_SEMAPHORE}, {AUR_EV_UP, AUR_OBJECT_SEMAPHORE},
    };
    for (uint64_t kind = AUR_OBJECT_MUTEX; kind <= AUR_OBJECT_SEMAPHORE; kind++)
        host_object(&host, (enum aur_object_kind)kind, 1);
    for (size_t i = 0; i < LENGTH(uses); i++)
        for (uint32_t object = 0; object < 6; object++)
            if (object + 1 != uses[i].kind)
                ck_assert_int_eq(host_by(&host, uses[i].event, 0, object, AUR_NONE, AUR_NEVER_NS),
                                 AUR_BAD_OBJECT);
    scene_close();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_wait_gives_the_mutex_up_and_comes_back_with_it,
        a_signal_under_the_mutex_moves_the_waiter_to_the_mutex_without_waking_it,
        a_wait_that_times_out_comes_back_with_the_mutex_and_says_so,
        of_a_signal_and_a_timeout_at_one_instant_the_first_wins_and_only_it,
        a_broadcast_wakes_a_thousand_waiters_in_bounded_steps,
        a_broadcast_under_a_mutex_wakes_one_and_queues_the_others,
        a_thousand_timeouts_at_one_instant_all_come,
        a_barrier_holds_all_until_the_last_and_then_again,
        who_arrives_at_a_barrier_that_drains_belongs_to_the_next_round,
        a_barrier_of_one_holds_nobody,
        a_semaphore_admits_as_many_as_it_counts_in_the_order_of_arrival,
        a_down_that_times_out_takes_no_unit,
        a_full_semaphore_refuses_to_overflow,
        an_object_in_use_cannot_be_freed,
        an_object_of_another_kind_is_refused,
    };
    return run_tests("sync", tests, LENGTH(tests));
}
