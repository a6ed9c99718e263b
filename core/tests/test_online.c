// CPUs that go offline and come back.
#include "tests/scene.h"

#include "step/state.h"

#define TICK (4 * MILLISECOND)

static enum aur_status off(uint32_t cpu)
{
    uint64_t others = host.online & ~(1ull << cpu);
    uint32_t from = others ? (uint32_t)__builtin_ctzll(others) : cpu;
    return host_event(&host, AUR_EV_CPU_OFF, from, 0, cpu, 0, 0);
}

static enum aur_status on(uint32_t cpu)
{
    return host_event(&host, AUR_EV_CPU_ON, host_cpu(&host), 0, cpu, 0, 0);
}

static void must(enum aur_status status)
{
    if (status != AUR_OK)
        ck_abort_msg("%s", aur_status_text(status));
}

// Tasks 0 to n - 1, all of them queued on `cpu` in this order, the first running.
static void pile(uint32_t cpu, uint32_t n, uint32_t kind)
{
    for (uint32_t i = 0; i < n; i++) {
        host_spawn(&host, kind, 1ull << cpu);
        host_settle(&host);
    }
    for (uint32_t i = 0; i < n; i++)
        host_event(&host, AUR_EV_TASK_SET, cpu, i, AUR_ATTR_AFFINITY, 0, ANYWHERE);
}

START_TEST(the_last_cpu_cannot_go_and_none_goes_or_comes_twice)
{
    scene("fifo", 3, 0);
    ck_assert_int_eq(off(3), AUR_BAD_CPU);
    ck_assert_int_eq(on(3), AUR_BAD_CPU);
    ck_assert_int_eq(on(1), AUR_BAD_ARGUMENT);
    must(off(1));
    ck_assert_int_eq(off(1), AUR_BAD_CPU);
    must(host_event(&host, AUR_EV_CPU_OFF, 0, 0, 0, 0, 0)); // by itself
    ck_assert_int_eq(off(2), AUR_BAD_ARGUMENT);
    ck_assert_uint_eq(aur_core_online(host.core), 1u << 2);
    must(on(1));
    must(off(2));
    ck_assert_uint_eq(aur_core_online(host.core), 1u << 1);
    scene_close();
}
END_TEST

START_TEST(an_offline_cpu_takes_no_events_but_the_dispatch_that_it_owes)
{
    scene("rr", 2, 0);
    uint32_t task = host_spawn(&host, OTHER(0), 1u << 1);
    host_settle(&host);
    must(off(1));
    ck_assert(host.cpus[1].pending);
    for (uint32_t kind = AUR_EV_TASK_NEW; kind < AUR_EV_COUNT; kind++)
        if (kind != AUR_EV_DISPATCH)
            ck_assert_int_eq(host_event(&host, kind, 1, task, 0, 0, 0), AUR_BAD_CPU);
    must(host_event(&host, AUR_EV_DISPATCH, 1, 0, 0, 0, 0));
    ck_assert_uint_eq(host.cpus[1].running, AUR_NONE);
    ck_assert_int_eq(host_event(&host, AUR_EV_DISPATCH, 1, 0, 0, 0, 0), AUR_BAD_CPU);
    host_settle(&host);
    ck_assert_uint_eq(host.tasks[task].on_cpu, 0);
    scene_close();
}
END_TEST

START_TEST(tasks_leave_in_the_order_in_which_they_would_have_run)
{
    scene("fifo", 2, 0);
    pile(1, 5, OTHER(0));
    must(off(1));
    host_settle(&host);
    for (uint32_t i = 0; i < 5; i++) {
        ck_assert(host_runs(&host, i));
        ck_assert_uint_eq(host.tasks[i].on_cpu, 0);
        host_by(&host, AUR_EV_EXIT, i, 0, 0, 0);
        host_settle(&host);
    }
    scene_close();
}
END_TEST

static uint32_t parts[AUR_EV_COUNT], most_moved;

static void count_parts(struct host *unused, const struct aur_record *event)
{
    (void)unused;
    uint32_t moved = 0;
    for (uint32_t i = 0; i < host.actions.count; i++)
        moved += host.actions.list[i].kind == AUR_ACT_MIGRATE;
    parts[event->kind]++;
    most_moved = moved > most_moved ? moved : most_moved;
}

START_TEST(many_tasks_and_time_outs_leave_in_parts)
{
    memset(parts, 0, sizeof parts);
    most_moved = 0;
    scene("rr", 4, 0);
    pile(2, 60, OTHER(0));
    for (uint32_t i = 0; i < 30; i++) {
        uint32_t task = host.cpus[2].running;
        host_by(&host, AUR_EV_BLOCK, task, 0, 0, 100 * MILLISECOND + i);
        host_settle(&host);
        if (i == 10) // the others may steal from here on: no more
            for (uint32_t rest = 0; rest < 60; rest++)
                host_event(&host, AUR_EV_TASK_SET, 0, rest, AUR_ATTR_AFFINITY, 0, 1u << 2);
    }
    host.after = count_parts;
    must(off(2));
    uint32_t timeouts = 0;
    for (uint32_t i = 0; i < 60; i++)
        timeouts += aur_core_task(host.core, i)->timeout_at_ns != AUR_NEVER_NS;
    ck_assert_uint_eq(timeouts, 30);
    ck_assert_uint_eq(parts[AUR_EV_CPU_OFF], (30 + AUR_WAKES_PER_STEP - 1) / AUR_WAKES_PER_STEP);
    host_settle(&host);
    ck_assert_uint_le(most_moved, AUR_WAKES_PER_STEP);
    host_advance(&host, 101 * MILLISECOND, 0);
    for (uint32_t i = 0; i < 60; i++)
        ck_assert_uint_eq(aur_core_task(host.core, i)->timeout_at_ns, AUR_NEVER_NS);
    // All of them may use CPU 2 alone: that is where they are as soon as it is back.
    most_moved = 0;
    must(on(2));
    host_settle(&host);
    ck_assert_uint_le(most_moved, AUR_WAKES_PER_STEP);
    ck_assert_uint_ge(parts[AUR_EV_CPU_ON], 2);
    for (uint32_t i = 0; i < 60; i++)
        ck_assert_uint_eq(host.tasks[i].cpu, 2);
    scene_close();
}
END_TEST

// The host of these tests posts an event again at once; here it does not.
static struct aur_actions once(struct aur_core *core, uint32_t kind, uint32_t cpu, uint32_t task,
                               uint32_t object, uint64_t arg)
{
    struct aur_record event = {
        .arg = arg, .task = task, .object = object, .cpu = (uint16_t)cpu, .kind = (uint8_t)kind};
    struct aur_actions actions;
    must(aur_core_step(core, NULL, &event, &actions));
    ck_assert_ptr_null(aur_core_check(core));
    return actions;
}

START_TEST(a_cpu_may_come_back_before_all_of_it_has_gone)
{
    struct aur_config config;
    aur_config_default(&config, 2, aur_class_find("fifo"));
    size_t size = (aur_core_size(&config) + 63) & ~(size_t)63;
    struct aur_core *core = aligned_alloc(64, size);
    must(aur_core_init(core, size, &config));
    for (uint32_t task = 0; task < 40; task++) {
        once(core, AUR_EV_TASK_NEW, 1, AUR_NONE, OTHER(0), 1u << 1);
        once(core, AUR_EV_TASK_START, 1, task, 0, 0);
        once(core, AUR_EV_DISPATCH, 1, 0, 0, 0);
        once(core, AUR_EV_BLOCK, 1, task, 0, 1000 + task);
        once(core, AUR_EV_DISPATCH, 1, 0, 0, 0);
    }
    struct aur_actions actions = once(core, AUR_EV_CPU_OFF, 0, 0, 1, 0);
    ck_assert_uint_eq(actions.list[actions.count - 1].kind, AUR_ACT_AGAIN);
    // The last ones to time out are still there: it is asked for their timer.
    actions = once(core, AUR_EV_CPU_ON, 0, 0, 1, 0);
    ck_assert_uint_eq(actions.list[0].kind, AUR_ACT_ARM);
    ck_assert_uint_eq(actions.list[0].cpu, 1);
    ck_assert_uint_eq(actions.list[0].arg, 1000 + AUR_WAKES_PER_STEP);
    free(core);
}
END_TEST

START_TEST(a_sleeper_wakes_at_its_instant_though_its_cpu_has_gone)
{
    scene("eevdf", 4, 0);
    uint32_t task = host_spawn(&host, OTHER(0), 1u << 3);
    host_settle(&host);
    host_by(&host, AUR_EV_BLOCK, task, 0, 0, 7 * MILLISECOND);
    host_settle(&host);
    must(off(3));
    ck_assert_uint_eq(host.cpus[3].armed_at_ns, AUR_NEVER_NS);
    ck_assert_uint_eq(host.cpus[0].armed_at_ns, 7 * MILLISECOND);
    host_advance(&host, 7 * MILLISECOND - 1, 0);
    ck_assert(!host_runs(&host, task));
    host_advance(&host, 7 * MILLISECOND, 0);
    ck_assert(host_runs(&host, task));
    scene_close();
}
END_TEST

START_TEST(who_has_lost_all_its_cpus_runs_anywhere_until_one_is_back)
{
    scene("fifo", 4, TICK);
    uint64_t mask = 1u << 2 | 1u << 3;
    uint32_t runs = host_spawn(&host, OTHER(0), mask), sleeps = host_spawn(&host, OTHER(0), mask);
    host_settle(&host);
    host_by(&host, AUR_EV_BLOCK, sleeps, 0, 0, AUR_NEVER_NS);
    for (uint32_t cpu = 0; cpu < 2; cpu++)
        host_cycle(&host, host_spawn(&host, OTHER(0), 1ull << cpu), 20 * MILLISECOND, AUR_NEVER_NS);
    host_settle(&host);
    must(off(2));
    host_settle(&host);
    ck_assert_uint_eq(host.tasks[runs].cpu, 3);
    must(off(3));
    host_settle(&host);
    MUST_BE_WITHIN(host.tasks[runs].cpu, 0, 1); // it waits there: the CPU is not its own
    host_event(&host, AUR_EV_WAKE, 0, sleeps, 0, 0, 0);
    host_settle(&host);
    MUST_BE_WITHIN(host.tasks[sleeps].cpu, 0, 1);
    scene_pass(30 * MILLISECOND);
    ck_assert(host_runs(&host, runs) && host_runs(&host, sleeps));
    ck_assert_int_eq(
        host_event(&host, AUR_EV_TASK_SET, 0, runs, AUR_ATTR_AFFINITY, 0, 1u << 2 | 1u << 3),
        AUR_BAD_AFFINITY);
    ck_assert_int_eq(host_event(&host, AUR_EV_TASK_NEW, 0, AUR_NONE, OTHER(0), 0, 1u << 3),
                     AUR_BAD_AFFINITY);
    must(on(3));
    host_settle(&host);
    ck_assert_uint_eq(host.tasks[runs].cpu, 3);
    ck_assert_uint_eq(host.tasks[sleeps].cpu, 3);
    ck_assert_uint_eq(aur_core_task(host.core, runs)->affinity, mask);
    scene_close();
}
END_TEST

START_TEST(who_blocks_and_is_woken_as_its_cpu_goes_is_not_lost)
{
    scene("eevdf", 2, 0);
    uint32_t task = host_spawn(&host, OTHER(0), 1u << 1);
    host_settle(&host);
    host_by(&host, AUR_EV_BLOCK, task, 0, 0, AUR_NEVER_NS);
    must(off(1));
    host_event(&host, AUR_EV_WAKE, 0, task, 0, 0, 0);
    ck_assert_uint_eq(host.tasks[task].cpu, 1); // the host has it there still
    host_settle(&host);
    ck_assert_uint_eq(host.tasks[task].on_cpu, 0);
    host_by(&host, AUR_EV_EXIT, task, 0, 0, 0);
    must(on(1));
    host_settle(&host);
    ck_assert(!aur_core_task(host.core, task));
    scene_close();
}
END_TEST

START_TEST(a_cpu_that_is_back_at_once_takes_its_task_on_again)
{
    scene("fifo", 2, 0);
    uint32_t task = host_spawn(&host, OTHER(0), 1u << 1);
    host_settle(&host);
    must(off(1));
    must(on(1));
    host_settle(&host);
    ck_assert_uint_eq(host.tasks[task].on_cpu, 1);
    ck_assert_uint_eq(host.tasks[task].migrations, 0);
    scene_close();
}
END_TEST

START_TEST(a_cpu_that_comes_back_takes_a_share_of_the_work)
{
    scene("rr", 2, 0);
    must(off(1));
    for (uint32_t i = 0; i < 4; i++)
        host_spawn(&host, OTHER(0), ANYWHERE);
    host_settle(&host);
    must(on(1));
    host_settle(&host);
    ck_assert_uint_ne(host.cpus[1].running, AUR_NONE);
    scene_close();
}
END_TEST

static uint32_t spawn_server(uint64_t runtime_ns, uint64_t period_ns)
{
    uint32_t task = host_make(&host, OTHER(0), ANYWHERE);
    host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_DL_RUNTIME_NS, 0, runtime_ns);
    host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_DL_PERIOD_NS, 0, period_ns);
    host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_POLICY, 0,
               aur_task_kind(AUR_POLICY_DEADLINE, 0, 0));
    return task;
}

START_TEST(a_cpu_whose_bandwidth_was_promised_cannot_go)
{
    struct aur_config config = scene_config("eevdf", 2, 0);
    config.params[AUR_SLOT_DEADLINE][0] = 80;
    scene_open(&config);
    uint32_t a = spawn_server(5 * MILLISECOND, 10 * MILLISECOND);
    uint32_t b = spawn_server(5 * MILLISECOND, 10 * MILLISECOND);
    host_start(&host, a);
    host_start(&host, b);
    host_settle(&host);
    ck_assert_int_eq(off(1), AUR_NO_BANDWIDTH);
    host_by(&host, AUR_EV_EXIT, b, 0, 0, 0);
    host_settle(&host);
    must(off(1));
    uint32_t c = spawn_server(4 * MILLISECOND, 10 * MILLISECOND);
    ck_assert_int_eq(host_event(&host, AUR_EV_TASK_START, 0, c, 0, 0, 0), AUR_NO_BANDWIDTH);
    must(on(1));
    host_start(&host, c);
    scene_close();
}
END_TEST

START_TEST(a_throttled_task_has_its_next_period_elsewhere)
{
    scene("eevdf", 2, 0);
    uint32_t task = spawn_server(2 * MILLISECOND, 10 * MILLISECOND);
    host_start(&host, task);
    host_settle(&host);
    uint32_t cpu = host.tasks[task].on_cpu;
    scene_pass(5 * MILLISECOND);
    ck_assert_int_eq(aur_core_task(host.core, task)->state, AUR_TASK_THROTTLED);
    must(off(cpu));
    scene_pass(6 * MILLISECOND);
    ck_assert_uint_eq(host.tasks[task].on_cpu, 1 - cpu);
    scene_pass(9 * MILLISECOND);
    ck_assert_uint_eq(host_ran_ns(&host, task), 4 * MILLISECOND);
    scene_close();
}
END_TEST

START_TEST(a_delayed_task_leaves_its_queue_with_its_cpu)
{
    scene("eevdf", 2, 0);
    pile(1, 3, OTHER(0));
    uint32_t task = host.cpus[1].running;
    scene_pass(MILLISECOND / 2); // ahead of the others: it stays in the tree when it blocks
    ck_assert(host_runs(&host, task));
    host_by(&host, AUR_EV_BLOCK, task, 0, 0, AUR_NEVER_NS);
    must(off(1));
    host_settle(&host);
    ck_assert_uint_eq(aur_core_cpu(host.core, 0, host.now_ns).runnable, 2);
    host_event(&host, AUR_EV_WAKE, 0, task, 0, 0, 0);
    host_settle(&host);
    ck_assert_uint_eq(host.tasks[task].cpu, 0);
    scene_close();
}
END_TEST

START_TEST(time_offline_is_neither_busy_nor_idle)
{
    scene("eevdf", 2, TICK);
    scene_pass(3 * MILLISECOND);
    host_spawn(&host, OTHER(0), 1u << 1);
    scene_pass(5 * MILLISECOND);
    must(off(1));
    scene_pass(7 * MILLISECOND);
    struct aur_cpu_account account = aur_core_cpu(host.core, 1, host.now_ns);
    ck_assert_uint_eq(account.idle_ns, 3 * MILLISECOND);
    ck_assert_uint_eq(account.busy_ns, 5 * MILLISECOND);
    ck_assert_uint_eq(account.offline_ns, 7 * MILLISECOND);
    must(on(1));
    scene_pass(2 * MILLISECOND);
    account = aur_core_cpu(host.core, 1, host.now_ns);
    ck_assert_uint_eq(account.busy_ns, 7 * MILLISECOND);
    ck_assert_uint_eq(account.offline_ns, 7 * MILLISECOND);
    scene_close();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_last_cpu_cannot_go_and_none_goes_or_comes_twice,
        an_offline_cpu_takes_no_events_but_the_dispatch_that_it_owes,
        tasks_leave_in_the_order_in_which_they_would_have_run,
        many_tasks_and_time_outs_leave_in_parts,
        a_cpu_may_come_back_before_all_of_it_has_gone,
        a_sleeper_wakes_at_its_instant_though_its_cpu_has_gone,
        who_has_lost_all_its_cpus_runs_anywhere_until_one_is_back,
        who_blocks_and_is_woken_as_its_cpu_goes_is_not_lost,
        a_cpu_that_is_back_at_once_takes_its_task_on_again,
        a_cpu_that_comes_back_takes_a_share_of_the_work,
        a_cpu_whose_bandwidth_was_promised_cannot_go,
        a_throttled_task_has_its_next_period_elsewhere,
        a_delayed_task_leaves_its_queue_with_its_cpu,
        time_offline_is_neither_busy_nor_idle,
    };
    return run_tests("online", tests, LENGTH(tests));
}
