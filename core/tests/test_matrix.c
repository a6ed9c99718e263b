// Every class with every feature, on 1, 2 and 4 CPUs, ticked and tickless: who gets what is told by
// what kind of class it is, not by what the core says. A feature that a class cannot have is
// refused. The host checks the core and its own books after each step.
#include "tests/scene.h"

#include "step/parts.h"

#define ROWS_MAX 64u
#define WINDOW   (4 * SECOND)
#define RUNTIME  (1500 * MICROSECOND) // of a server in each PERIOD: five fit on a CPU
#define PERIOD   (10 * MILLISECOND)
#define WEIGHT_0 1024u // of nice 0 and -5: kernel/sched/core.c, sched_prio_to_weight
#define WEIGHT_5 3121u
#define SOME     16u

enum nature {
    SHARES, // by weight
    TURNS,  // equal ones, whatever the weight
    ORDER,  // one runs until it is done
    SERVERS // each has its RUNTIME in its PERIOD
};

struct row {
    const char *name; // of the class
    uint32_t slot;
    uint32_t kind, better; // of its tasks, and of one with more weight or priority
    enum nature nature;
    bool ranks; // `better` goes first
};

static struct row rows[ROWS_MAX];
static uint32_t row_count;
static const struct row *row;
static uint32_t last; // the CPU where things happen

static void add_row(struct row one)
{
    if (row_count == ROWS_MAX)
        abort();
    rows[row_count++] = one;
}

static void make_rows(void)
{
    for (uint32_t class = 0; class < aur_class_count(); class ++) {
        const struct aur_class_info *info = aur_class_info(class);
        bool turns = strcmp(info->name, "rr") == 0 || strcmp(info->name, "mlfq") == 0;
        enum nature nature = info->traits & AUR_CLASS_GROUPS ? SHARES : turns ? TURNS : ORDER;
        uint32_t slot = info->traits & AUR_CLASS_AGENT ? AUR_SLOT_EXT : AUR_SLOT_FAIR;
        add_row((struct row){info->name, slot, OTHER(0), OTHER(-5), nature,
                             strcmp(info->name, "prio") == 0});
    }
    add_row((struct row){"prio", AUR_SLOT_REALTIME, FIFO(50), FIFO(60), ORDER, true});
    add_row((struct row){"prio", AUR_SLOT_REALTIME, RR(50), RR(60), TURNS, true});
    uint32_t server = aur_task_kind(AUR_POLICY_DEADLINE, 0, 0);
    add_row((struct row){"edf", AUR_SLOT_DEADLINE, server, server, SERVERS, false});
}

static void set_quantum(struct aur_config *config, uint32_t slot)
{
    const struct aur_class_info *info = aur_class_info(config->classes[slot]);
    for (uint32_t i = 0; info && i < AUR_CLASS_PARAMS && info->params[i].name; i++)
        if (strstr(info->params[i].name, "quantum_ns"))
            config->params[slot][i] = 4 * MILLISECOND;
}

static void on_all_machines(uint32_t index, void (*scenario)(void))
{
    row = &rows[index];
    for (uint32_t cpus = 1; cpus <= 4; cpus *= 2)
        for (uint64_t tick_ns = 0; tick_ns <= 4 * MILLISECOND; tick_ns += 4 * MILLISECOND) {
            struct aur_config config =
                scene_config(row->slot >= AUR_SLOT_FAIR ? row->name : "eevdf", cpus, tick_ns);
            config.groups = 4;
            for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++)
                set_quantum(&config, slot);
            scene_open(&config);
            last = cpus - 1;
            scenario();
            if (host.failure[0])
                ck_abort_msg("%s, slot %u, %u CPUs, tick %" PRIu64 ": %s", row->name, row->slot,
                             cpus, tick_ns, host.failure);
            scene_close();
        }
}

// A statement about the row and the machine that are being tried.
#define CLAIM(condition)                                                                           \
    do {                                                                                           \
        scene_must_be_sound();                                                                     \
        if (!(condition))                                                                          \
            ck_abort_msg("%s in slot %u, %u CPUs, tick %" PRIu64 " ns: not so: %s", row->name,     \
                         row->slot, host.config.cpus, host.config.tick_ns, #condition);            \
    } while (0)

static enum aur_status set(uint32_t task, enum aur_attribute attribute, uint64_t value)
{
    enum aur_status status =
        host_event(&host, AUR_EV_TASK_SET, host_cpu(&host), task, attribute, 0, value);
    host_settle(&host);
    return status;
}

// A task of the row that has work without end.
static uint32_t hog(uint64_t affinity)
{
    uint32_t task = host_make(&host, row->nature == SERVERS ? OTHER(0) : row->kind, affinity);
    if (row->nature == SERVERS) {
        set(task, AUR_ATTR_DL_RUNTIME_NS, RUNTIME);
        set(task, AUR_ATTR_DL_PERIOD_NS, PERIOD);
        CLAIM(set(task, AUR_ATTR_POLICY, row->kind) == AUR_OK);
    }
    host_start(&host, task);
    host_settle(&host);
    return task;
}

static void block(uint32_t task, uint64_t until_ns)
{
    CLAIM(host_by(&host, AUR_EV_BLOCK, task, 0, 0, until_ns) == AUR_OK);
    host_settle(&host);
}

static void wake(uint32_t task)
{
    CLAIM(host_event(&host, AUR_EV_WAKE, host_cpu(&host), task, 0, 0, 0) == AUR_OK);
    host_settle(&host);
}

// Then it is on no CPU until its next period.
static bool is_throttled(uint32_t task)
{
    return aur_core_task(host.core, task)->state == AUR_TASK_THROTTLED;
}

static uint64_t tolerance_ns(void)
{
    // Of lottery: five standard deviations of WINDOW / 4 ms draws.
    return strcmp(row->name, "lottery") == 0 ? WINDOW / 12 : 50 * MILLISECOND;
}

// Lets n hogs that share one CPU run on. By their nature they get CPU time: in proportion to
// `parts`, in equal turns, all of it for `first`, or their bandwidth.
static void must_share(const uint32_t *tasks, uint32_t n, const uint64_t *parts, uint32_t first)
{
    uint64_t before_ns[SOME], sum = 0, all_ns = 0;
    for (uint32_t i = 0; i < n; i++) {
        before_ns[i] = host_ran_ns(&host, tasks[i]);
        sum += parts[i];
    }
    scene_pass(WINDOW);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t ran_ns = host_ran_ns(&host, tasks[i]) - before_ns[i], due_ns = 0;
        all_ns += ran_ns;
        switch (row->nature) {
        case SHARES:
            due_ns = WINDOW / sum * parts[i];
            break;
        case TURNS:
            due_ns = WINDOW / n;
            break;
        case ORDER:
            CLAIM(ran_ns == (tasks[i] == first ? WINDOW : 0));
            continue;
        case SERVERS:
            due_ns = WINDOW / PERIOD * RUNTIME;
            break;
        }
        if (ran_ns + tolerance_ns() < due_ns || ran_ns > due_ns + tolerance_ns())
            ck_abort_msg("%s in slot %u, %u CPUs, tick %" PRIu64 ": hog %u of %u ran %" PRIu64
                         " ns, not %" PRIu64,
                         row->name, row->slot, host.config.cpus, host.config.tick_ns, i, n, ran_ns,
                         due_ns);
    }
    CLAIM(row->nature == SERVERS || all_ns == WINDOW);
}

static void share_equally(const uint32_t *tasks, uint32_t n, uint32_t first)
{
    uint64_t parts[SOME];
    for (uint32_t i = 0; i < n; i++)
        parts[i] = 1;
    must_share(tasks, n, parts, first);
}

// Two hogs on the last CPU; the one that runs comes first.
static void pair(uint32_t *tasks)
{
    tasks[0] = hog(1ull << last);
    tasks[1] = hog(1ull << last);
    if (host_runs(&host, tasks[1])) {
        uint32_t second = tasks[0];
        tasks[0] = tasks[1];
        tasks[1] = second;
    }
    CLAIM(host_runs(&host, tasks[0]) && !host_runs(&host, tasks[1]));
}

// Affinity.

static void affinity(void)
{
    uint32_t tasks[2];
    pair(tasks);
    CLAIM(set(tasks[0], AUR_ATTR_AFFINITY, 1ull << host.config.cpus) == AUR_BAD_AFFINITY);
    CLAIM(host.tasks[tasks[0]].cpu == last && host.tasks[tasks[1]].cpu == last);
    if (last == 0)
        return;
    CLAIM(set(tasks[1], AUR_ATTR_AFFINITY, 1) == AUR_OK); // while it is queued
    CLAIM(host.tasks[tasks[1]].on_cpu == 0 && host.tasks[tasks[0]].on_cpu == last);
    CLAIM(set(tasks[0], AUR_ATTR_AFFINITY, 1) == AUR_OK); // while it runs
    CLAIM(host.tasks[tasks[0]].cpu == 0 && host.cpus[last].running == AUR_NONE);
    uint32_t sleeper = host.cpus[0].running;
    block(sleeper, AUR_NEVER_NS);
    CLAIM(set(sleeper, AUR_ATTR_AFFINITY, 1ull << last) == AUR_OK); // while it sleeps
    wake(sleeper);
    CLAIM(host.tasks[sleeper].on_cpu == last);
    CLAIM(host.tasks[tasks[0]].on_cpu != host.tasks[tasks[1]].on_cpu);
}

START_TEST(affinity_confines_a_queued_a_running_and_a_sleeping_task)
{
    on_all_machines((uint32_t)_i, affinity);
}
END_TEST

// Weights and priorities.

static void more_weight(bool while_running)
{
    uint32_t tasks[2];
    uint64_t parts[2] = {WEIGHT_0, WEIGHT_0};
    pair(tasks);
    share_equally(tasks, 2, tasks[0]);
    if (row->nature == SERVERS) {
        // What it was admitted with stays.
        CLAIM(set(tasks[0], AUR_ATTR_DL_RUNTIME_NS, RUNTIME / 2) == AUR_BAD_ARGUMENT);
        CLAIM(set(tasks[1], AUR_ATTR_DL_PERIOD_NS, 2 * PERIOD) == AUR_BAD_ARGUMENT);
        share_equally(tasks, 2, AUR_NONE);
        return;
    }
    uint32_t runs = host_runs(&host, tasks[1]), changed = while_running ? runs : 1 - runs;
    CLAIM(set(tasks[changed], AUR_ATTR_POLICY, row->better) == AUR_OK);
    parts[changed] = WEIGHT_5;
    if (row->ranks) {
        // It has the CPU for itself, and keeps it among equals when it is lowered again.
        uint64_t before_ns = host_ran_ns(&host, tasks[changed]);
        scene_pass(SECOND);
        CLAIM(host_ran_ns(&host, tasks[changed]) == before_ns + SECOND);
        CLAIM(set(tasks[changed], AUR_ATTR_POLICY, row->kind) == AUR_OK);
        CLAIM(row->nature != ORDER || host_runs(&host, tasks[changed]));
        share_equally(tasks, 2, tasks[changed]);
        return;
    }
    must_share(tasks, 2, parts, tasks[runs]);
    CLAIM(set(tasks[changed], AUR_ATTR_POLICY, row->kind) == AUR_OK);
    share_equally(tasks, 2, tasks[runs]);
}

static void weight_queued(void)
{
    more_weight(false);
}

static void weight_running(void)
{
    more_weight(true);
}

START_TEST(a_queued_task_of_another_weight_gets_what_is_its_due_from_then_on)
{
    on_all_machines((uint32_t)_i, weight_queued);
}
END_TEST

START_TEST(a_running_task_of_another_weight_gets_what_is_its_due_from_then_on)
{
    on_all_machines((uint32_t)_i, weight_running);
}
END_TEST

// Blocking.

static void block_mid_slice(void)
{
    uint32_t tasks[2];
    pair(tasks);
    scene_pass(300 * MICROSECOND);
    CLAIM(host_runs(&host, tasks[0]) && host_ran_ns(&host, tasks[0]) == 300 * MICROSECOND);
    block(tasks[0], host.now_ns + MILLISECOND);
    CLAIM(host_runs(&host, tasks[1])); // at once
    scene_pass(MILLISECOND - 1);
    CLAIM(host_ran_ns(&host, tasks[0]) == 300 * MICROSECOND);
    CLAIM(host_ran_ns(&host, tasks[1]) == MILLISECOND - 1);
    scene_pass(1);
    CLAIM(aur_core_task(host.core, tasks[0])->state != AUR_TASK_BLOCKED);
    share_equally(tasks, 2, tasks[1]);
}

START_TEST(a_task_that_blocks_in_its_slice_lets_the_next_run_and_comes_back_for_its_due)
{
    on_all_machines((uint32_t)_i, block_mid_slice);
}
END_TEST

// Migration.

static void migrate(void)
{
    uint32_t tasks[2];
    pair(tasks);
    if (last == 0)
        return;
    scene_pass(MILLISECOND + 300 * MICROSECOND);
    uint32_t moved = host_runs(&host, tasks[0]) ? 1 : 0;
    uint32_t migrations = host.tasks[tasks[moved]].migrations;
    bool had_run = host.tasks[tasks[moved]].started;
    set(tasks[moved], AUR_ATTR_AFFINITY, 1);
    CLAIM(host.tasks[tasks[moved]].migrations == migrations + had_run);
    uint64_t before_ns = host_ran_ns(&host, tasks[0]) + host_ran_ns(&host, tasks[1]);
    scene_pass(100 * MILLISECOND);
    uint64_t both_ns = host_ran_ns(&host, tasks[0]) + host_ran_ns(&host, tasks[1]) - before_ns;
    if (row->nature != SERVERS)
        CLAIM(both_ns == 200 * MILLISECOND);
    set(tasks[moved], AUR_ATTR_AFFINITY, 1ull << last); // while it runs
    CLAIM(host.tasks[tasks[moved]].cpu == last || is_throttled(tasks[moved]));
    // Whatever it had more or less where it was, here it has what is its due.
    share_equally(tasks, 2, tasks[1 - moved]);
}

START_TEST(a_task_that_migrates_brings_neither_debt_nor_claim_beyond_its_due)
{
    on_all_machines((uint32_t)_i, migrate);
}
END_TEST

// Inheritance.

static void finish(uint32_t task)
{
    CLAIM(host_by(&host, AUR_EV_EXIT, task, 0, 0, 0) == AUR_OK);
    host_settle(&host);
}

static uint32_t spawn(uint32_t kind, uint32_t cpu)
{
    uint32_t task = host_spawn(&host, kind, 1ull << cpu);
    host_settle(&host);
    return task;
}

static bool is_boosted(uint32_t task)
{
    const struct aur_task *t = aur_core_task(host.core, task);
    return t->rank != aur_own_rank(host.core, task);
}

static void inherit(void)
{
    uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, 1);
    uint32_t low = hog(1ull << last);
    CLAIM(host_by(&host, AUR_EV_LOCK, low, mutex, 0, AUR_NEVER_NS) == AUR_OK);
    uint32_t medium = spawn(FIFO(70), last);
    uint32_t high = spawn(FIFO(80), last);
    if (row->nature == SERVERS) { // above both of them anyhow
        CLAIM(host_runs(&host, low));
        return;
    }
    CLAIM(host_runs(&host, high));
    CLAIM(host_by(&host, AUR_EV_LOCK, high, mutex, 0, AUR_NEVER_NS) == AUR_OK);
    host_settle(&host);
    CLAIM(host_runs(&host, low)); // before the medium one, which was ahead of it
    CLAIM(aur_core_task(host.core, low)->slot == AUR_SLOT_REALTIME);
    scene_pass(10 * MILLISECOND);
    CLAIM(host_runs(&host, low) && host_ran_ns(&host, medium) == 0);
    CLAIM(host_by(&host, AUR_EV_UNLOCK, low, mutex, 0, 0) == AUR_OK);
    host_settle(&host);
    CLAIM(host_runs(&host, high));
    CLAIM(aur_core_task(host.core, low)->slot == row->slot && !is_boosted(low));
    if (last == 0)
        return;
    // Once more, and the owner runs already when the waiter comes, on another CPU.
    CLAIM(host_by(&host, AUR_EV_UNLOCK, high, mutex, 0, 0) == AUR_OK);
    finish(high);
    finish(medium);
    CLAIM(host_by(&host, AUR_EV_LOCK, low, mutex, 0, AUR_NEVER_NS) == AUR_OK);
    high = spawn(FIFO(80), 0);
    CLAIM(host_by(&host, AUR_EV_LOCK, high, mutex, 0, AUR_NEVER_NS) == AUR_OK);
    host_settle(&host);
    medium = spawn(FIFO(70), last);
    scene_pass(10 * MILLISECOND);
    CLAIM(host_runs(&host, low) && host_ran_ns(&host, medium) == 0);
    CLAIM(host_by(&host, AUR_EV_UNLOCK, low, mutex, 0, 0) == AUR_OK);
    host_settle(&host);
    CLAIM(host_runs(&host, high) && host_runs(&host, medium) && !is_boosted(low));
}

START_TEST(the_owner_of_a_mutex_runs_as_urgently_as_its_waiter_and_no_longer)
{
    on_all_machines((uint32_t)_i, inherit);
}
END_TEST

// Groups.

static void join(uint32_t task, uint32_t group)
{
    CLAIM(set(task, AUR_ATTR_GROUP, group) == AUR_OK);
}

static void group_move(void)
{
    uint32_t tasks[3], g;
    uint64_t parts[3] = {2, 1, 1}, again[3] = {1, 1, 1};
    pair(tasks);
    tasks[2] = hog(1ull << last);
    host.made = AUR_NONE;
    enum aur_status status = host_event(&host, AUR_EV_GROUP_NEW, 0, 0, AUR_NONE, 0, 0);
    g = host.made;
    if (row->slot == AUR_SLOT_FAIR && row->nature != SHARES) {
        CLAIM(status == AUR_NO_CLASS);
        CLAIM(set(tasks[0], AUR_ATTR_GROUP, 0) != AUR_OK);
        return;
    }
    CLAIM(status == AUR_OK);
    if (row->slot != AUR_SLOT_FAIR) {
        // A group is where the task will be should it become a fair one.
        join(tasks[0], g);
        join(tasks[1], g);
        share_equally(tasks, 3, tasks[0]);
        return;
    }
    join(tasks[1], g); // while it is queued
    join(tasks[2], g);
    must_share(tasks, 3, parts, AUR_NONE);
    while (!host_runs(&host, tasks[2]))
        scene_pass(100 * MICROSECOND);
    join(tasks[2], AUR_NONE); // while it runs
    must_share(tasks, 3, again, AUR_NONE);
    while (!host_runs(&host, tasks[2]))
        scene_pass(100 * MICROSECOND);
    block(tasks[2], AUR_NEVER_NS);
    join(tasks[2], g); // while it sleeps
    wake(tasks[2]);
    must_share(tasks, 3, parts, AUR_NONE);
    CLAIM(host_event(&host, AUR_EV_GROUP_FREE, 0, 0, g, 0, 0) == AUR_GROUP_BUSY);
}

START_TEST(a_task_that_joins_a_group_has_its_part_of_the_groups_share)
{
    on_all_machines((uint32_t)_i, group_move);
}
END_TEST

// CPUs that go.

static uint32_t busy_cpus(void)
{
    uint32_t busy = 0;
    for (uint32_t cpu = 0; cpu < host.config.cpus; cpu++)
        busy += host.cpus[cpu].running != AUR_NONE;
    return busy;
}

static void offline(void)
{
    uint32_t tasks[5], sleeper = hog(ANYWHERE), cpus = host.config.cpus;
    uint32_t its_cpu = host.tasks[sleeper].on_cpu;
    uint64_t until_ns = host.now_ns + 80 * MILLISECOND;
    block(sleeper, until_ns);
    if (cpus == 1) {
        CLAIM(host_event(&host, AUR_EV_CPU_OFF, 0, 0, 0, 0, 0) == AUR_BAD_ARGUMENT);
        return;
    }
    for (uint32_t i = 0; i < 4; i++)
        tasks[i] = hog(ANYWHERE);
    scene_pass(20 * MILLISECOND);
    for (uint32_t left = cpus - 1; left > 0; left--) {
        // The sleeper's goes first, then whichever comes next.
        uint32_t gone = host.online >> its_cpu & 1 ? its_cpu : host_cpu(&host);
        uint32_t from = (uint32_t)__builtin_ctzll(host.online & ~(1ull << gone));
        CLAIM(host_event(&host, AUR_EV_CPU_OFF, from, 0, gone, 0, 0) == AUR_OK);
        host_settle(&host);
        for (uint32_t i = 0; i < 4; i++)
            CLAIM((host.online >> host.tasks[tasks[i]].cpu & 1) || is_throttled(tasks[i]));
        CLAIM(row->nature == SERVERS || busy_cpus() == left);
        scene_pass(10 * MILLISECOND);
    }
    host_advance(&host, until_ns - 1, 0);
    CLAIM(aur_core_task(host.core, sleeper)->state == AUR_TASK_BLOCKED);
    host_advance(&host, until_ns, 0);
    CLAIM(aur_core_task(host.core, sleeper)->state != AUR_TASK_BLOCKED);
    uint32_t first = host.cpus[host_cpu(&host)].running;
    tasks[4] = sleeper;
    share_equally(tasks, 5, first);
    for (uint32_t cpu = 0; cpu < cpus; cpu++)
        if (!(host.online >> cpu & 1))
            CLAIM(host_event(&host, AUR_EV_CPU_ON, host_cpu(&host), 0, cpu, 0, 0) == AUR_OK);
    host_settle(&host);
    CLAIM(row->nature == SERVERS || busy_cpus() == cpus);
}

START_TEST(when_cpus_go_the_work_goes_on_where_some_are_left_and_comes_back_with_them)
{
    on_all_machines((uint32_t)_i, offline);
}
END_TEST

int main(void)
{
    agent_scene_chosen = agent_scene_fifo;
    const TTest *const tests[] = {
        affinity_confines_a_queued_a_running_and_a_sleeping_task,
        a_queued_task_of_another_weight_gets_what_is_its_due_from_then_on,
        a_running_task_of_another_weight_gets_what_is_its_due_from_then_on,
        a_task_that_blocks_in_its_slice_lets_the_next_run_and_comes_back_for_its_due,
        a_task_that_migrates_brings_neither_debt_nor_claim_beyond_its_due,
        the_owner_of_a_mutex_runs_as_urgently_as_its_waiter_and_no_longer,
        a_task_that_joins_a_group_has_its_part_of_the_groups_share,
        when_cpus_go_the_work_goes_on_where_some_are_left_and_comes_back_with_them,
    };
    make_rows();
    Suite *suite = suite_create("matrix");
    TCase *tcase = tcase_create("matrix");
    tcase_set_timeout(tcase, 600);
    const char *wanted = getenv("AUR_TEST");
    for (size_t i = 0; i < LENGTH(tests); i++)
        if (!wanted || strstr(tests[i]->name, wanted))
            tcase_add_loop_test(tcase, tests[i], 0, (int)row_count);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
