// aur_core_check must see what it claims to see: each case breaks one invariant of a copy of a busy
// state. All other tests lean on it.
#include "sched/fair.h"
#include "step/parts.h"
#include "tests/scene.h"

static uint64_t seed;
static struct aur_core *broken; // the copy

// A task in this state, from `from` on; NONE if there is none.
static uint32_t in_state(enum aur_task_state state)
{
    for (uint32_t task = 0; task < broken->tasks_used; task++)
        if (aur_task_at(broken, task)->state == state)
            return task;
    return AUR_NONE;
}

static uint32_t waiter_on(enum aur_object_kind kind)
{
    for (uint32_t task = 0; task < broken->tasks_used; task++) {
        uint32_t object = aur_task_at(broken, task)->wait_object;
        if (aur_task_at(broken, task)->state == AUR_TASK_BLOCKED && object != AUR_NONE &&
            aur_object_at(broken, object)->kind == kind)
            return task;
    }
    return AUR_NONE;
}

static void break_state(uint32_t task)
{
    aur_task_at(broken, task)->state = AUR_TASK_BLOCKED;
}

static void break_cpu(uint32_t task)
{
    aur_task_at(broken, task)->cpu ^= 1;
}

static void break_slot(uint32_t task)
{
    aur_task_at(broken, task)->slot = AUR_SLOT_DEADLINE;
}

static void break_rank(uint32_t task)
{
    aur_task_at(broken, task)->rank = UINT64_MAX;
}

static void break_weight(uint32_t task)
{
    aur_task_at(broken, task)->weight++;
}

static void break_timeout(uint32_t task)
{
    aur_task_at(broken, task)->timeout_at_ns ^= 1ull << 62;
}

static void break_wait_object(uint32_t task)
{
    aur_task_at(broken, task)->wait_object = broken->objects_used;
}

static void break_wait_order(uint32_t task)
{
    const struct aur_object *o = aur_object_at(broken, aur_task_at(broken, task)->wait_object);
    aur_task_at(broken, o->waiters.first)->wait_order += UINT64_MAX / 2;
}

static void break_waiting(uint32_t task)
{
    aur_object_at(broken, aur_task_at(broken, task)->wait_object)->waiting++;
}

static void break_owner(uint32_t task)
{
    aur_object_at(broken, aur_task_at(broken, task)->wait_object)->owner = AUR_NONE;
}

static void break_returning(uint32_t task)
{
    aur_task_at(broken, task)->wait_mutex = 0;
}

static void break_units(uint32_t task)
{
    aur_object_at(broken, aur_task_at(broken, task)->wait_object)->count = 1;
}

static void break_curr(uint32_t task)
{
    aur_cpu_at(broken, aur_task_at(broken, task)->cpu)->curr = AUR_NONE;
}

static void break_nr(uint32_t task)
{
    aur_cpu_at(broken, aur_task_at(broken, task)->cpu)->nr++;
}

static void break_nr_class(uint32_t task)
{
    const struct aur_task *t = aur_task_at(broken, task);
    aur_cpu_at(broken, t->cpu)->nr_class[t->slot]--;
}

static void break_load(uint32_t task)
{
    aur_cpu_at(broken, aur_task_at(broken, task)->cpu)->load--;
}

static void break_idle(uint32_t task)
{
    broken->idle ^= 1ull << aur_task_at(broken, task)->cpu;
}

static void break_overloaded(uint32_t task)
{
    broken->overloaded ^= 1ull << aur_task_at(broken, task)->cpu;
}

static void break_magic(uint32_t task)
{
    broken->magic += task + 1;
}

static const struct {
    const char *name;
    enum aur_task_state state;
    enum aur_object_kind waits_on; // FREE: anything or nothing
    void (*act)(uint32_t task);
} cases[] = {
    {"state", AUR_TASK_RUNNABLE, AUR_OBJECT_FREE, break_state},
    {"running state", AUR_TASK_RUNNING, AUR_OBJECT_FREE, break_state},
    {"cpu", AUR_TASK_RUNNABLE, AUR_OBJECT_FREE, break_cpu},
    {"slot", AUR_TASK_RUNNABLE, AUR_OBJECT_FREE, break_slot},
    {"rank", AUR_TASK_BLOCKED, AUR_OBJECT_FREE, break_rank},
    {"weight", AUR_TASK_RUNNABLE, AUR_OBJECT_FREE, break_weight},
    {"time-out", AUR_TASK_RUNNING, AUR_OBJECT_FREE, break_timeout},
    {"wait object", AUR_TASK_BLOCKED, AUR_OBJECT_MUTEX, break_wait_object},
    {"wait order", AUR_TASK_BLOCKED, AUR_OBJECT_MUTEX, break_wait_order},
    {"waiting", AUR_TASK_BLOCKED, AUR_OBJECT_COND, break_waiting},
    {"owner", AUR_TASK_BLOCKED, AUR_OBJECT_MUTEX, break_owner},
    {"returning", AUR_TASK_BLOCKED, AUR_OBJECT_SEMAPHORE, break_returning},
    {"units", AUR_TASK_BLOCKED, AUR_OBJECT_SEMAPHORE, break_units},
    {"curr", AUR_TASK_RUNNING, AUR_OBJECT_FREE, break_curr},
    {"nr", AUR_TASK_RUNNABLE, AUR_OBJECT_FREE, break_nr},
    {"nr of a class", AUR_TASK_RUNNABLE, AUR_OBJECT_FREE, break_nr_class},
    {"load", AUR_TASK_RUNNABLE, AUR_OBJECT_FREE, break_load},
    {"idle", AUR_TASK_RUNNABLE, AUR_OBJECT_FREE, break_idle},
    {"overloaded", AUR_TASK_RUNNABLE, AUR_OBJECT_FREE, break_overloaded},
    {"magic", AUR_TASK_RUNNABLE, AUR_OBJECT_FREE, break_magic},
};

// Two CPUs, hogs that wait, sleepers with and without a time-out, and three waiters on each object.
static void busy_state(const char *class)
{
    scene(class, 2, 4 * MILLISECOND);
    uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, 1);
    uint32_t cond = host_object(&host, AUR_OBJECT_COND, 0);
    uint32_t semaphore = host_object(&host, AUR_OBJECT_SEMAPHORE, 0);
    for (uint32_t i = 0; i < 11; i++) {
        uint32_t task = host_spawn(&host, FIFO(50), 1);
        host_settle(&host);
        static const enum aur_event_kind does[] = {AUR_EV_LOCK, AUR_EV_WAIT, AUR_EV_DOWN};
        uint32_t objects[] = {mutex, cond, semaphore};
        if (i < 9)
            host_by(&host, does[i % 3], task, objects[i % 3], AUR_NONE, AUR_NEVER_NS);
        if (i == 0 || i >= 9)
            host_by(&host, AUR_EV_BLOCK, task, 0, 0, SECOND * (i + 1));
        host_settle(&host);
    }
    for (int i = 0; i < 7; i++)
        host_spawn(&host, OTHER(i), ANYWHERE);
    scene_pass(30 * MILLISECOND);
}

START_TEST(the_check_sees_each_broken_invariant)
{
    for (uint32_t class = 0; class < aur_class_count(); class ++) {
        busy_state(aur_class_info(class)->name);
        void *block = aligned_alloc(64, (host.size + 63) / 64 * 64);
        broken = block;
        for (size_t i = 0; i < LENGTH(cases); i++) {
            memcpy(block, host.core, host.size);
            ck_assert_ptr_null(aur_core_check(broken));
            uint32_t task = cases[i].waits_on == AUR_OBJECT_FREE ? in_state(cases[i].state)
                                                                 : waiter_on(cases[i].waits_on);
            if (task == AUR_NONE)
                ck_abort_msg("%s: no task to break", cases[i].name);
            cases[i].act(task);
            if (!aur_core_check(broken))
                ck_abort_msg("%s, %s: not seen", aur_class_info(class)->name, cases[i].name);
        }
        free(block);
        scene_close();
    }
}
END_TEST

START_TEST(every_class_says_why_it_picks)
{
    for (uint32_t number = 0; number < aur_class_count(); number++) {
        const struct aur_sched_class *class = aur_sched_classes[number];
        bool both = class->explain && class->versus;
        if (class->fair)
            both &= class->fair->explain && class->fair->versus;
        if (!both)
            ck_abort_msg("%s has no explain or no versus", class->info.name);
    }
}
END_TEST

START_TEST(the_check_changes_nothing)
{
    struct drive_plan plan = drive_plan(seed, aur_class_find("eevdf"), 1500);
    scene_open(&plan.config);
    for (uint32_t i = 0; i < plan.count; i++)
        drive_do(&host, &plan.choices[i]);
    // The twin of the host has been checked as little as the host often.
    ck_assert_int_eq(memcmp(host.core, host.twin, host.size), 0);
    scene_close();
    drive_free(&plan);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_check_sees_each_broken_invariant,
        every_class_says_why_it_picks,
        the_check_changes_nothing,
    };
    seed = random_seed(20261122);
    return run_tests("check", tests, LENGTH(tests));
}
