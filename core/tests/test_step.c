// One step: what it refuses, what it logs, what happens within one instant.
#include "step/state.h"
#include "tests/scene.h"

#define TICK (4 * MILLISECOND)

static uint64_t seed;

static uint64_t switches(void)
{
    uint64_t sum = 0;
    for (uint32_t cpu = 0; cpu < host.config.cpus; cpu++)
        sum += aur_core_cpu(host.core, cpu, host.now_ns).switches;
    return sum;
}

START_TEST(tasks_of_rising_priority_released_at_one_instant_make_one_switch)
{
    scene("eevdf", 1, 0);
    host_spawn(&host, OTHER(0), 1);
    uint32_t tasks[50];
    for (int i = 0; i < 50; i++) {
        tasks[i] = host_spawn(&host, FIFO(1 + i), 1);
        host_settle(&host);
        host_by(&host, AUR_EV_BLOCK, tasks[i], 0, 0, SECOND);
        host_settle(&host);
    }
    uint64_t before = switches();
    scene_pass(SECOND - host.now_ns);
    ck_assert(host_runs(&host, tasks[49]));
    ck_assert_uint_eq(switches() - before, 1);
    ck_assert_uint_eq(host.cpus[0].running, tasks[49]);

    // The same by WAKE events of one instant.
    for (int i = 49; i >= 0; i--) {
        host_by(&host, AUR_EV_BLOCK, tasks[i], 0, 0, AUR_NEVER_NS);
        host_settle(&host);
    }
    before = switches();
    for (int i = 0; i < 50; i++)
        host_event(&host, AUR_EV_WAKE, 0, tasks[i], 0, 0, 0);
    host_settle(&host);
    ck_assert(host_runs(&host, tasks[49]));
    ck_assert_uint_eq(switches() - before, 1);
    scene_close();
}
END_TEST

START_TEST(a_task_that_blocks_and_wakes_at_one_instant_stays_where_it_is)
{
    scene("eevdf", 2, 0);
    uint32_t task = host_spawn(&host, OTHER(0), ANYWHERE);
    host_settle(&host);
    uint32_t cpu = host.tasks[task].on_cpu;
    for (int i = 0; i < 10; i++) {
        host_by(&host, AUR_EV_BLOCK, task, 0, 0, AUR_NEVER_NS);
        host_event(&host, AUR_EV_WAKE, 1 - cpu, task, 0, 0, 0);
        host_settle(&host);
        ck_assert_uint_eq(host.tasks[task].on_cpu, cpu);
    }
    ck_assert_uint_eq(switches(), 1);
    scene_close();
}
END_TEST

START_TEST(each_refusal_has_its_reason_and_changes_nothing)
{
    struct aur_config config = scene_config("eevdf", 2, 0);
    config.classes[AUR_SLOT_REALTIME] = AUR_NONE;
    config.classes[AUR_SLOT_DEADLINE] = AUR_NONE;
    config.objects = 2;
    scene_open(&config);
    uint32_t task = host_spawn(&host, OTHER(0), 1), fresh = host_make(&host, OTHER(0), 1);
    scene_pass(MILLISECOND);
    uint32_t mutex = host_object(&host, AUR_OBJECT_MUTEX, 0);
    const uint32_t never_made = 40;
    const struct {
        enum aur_status status;
        uint8_t kind;
        uint16_t cpu;
        uint32_t task, object, other;
        uint64_t arg;
    } cases[] = {
        {AUR_BAD_EVENT, AUR_EV_NONE, 0, 0, 0, 0, 0},
        {AUR_BAD_EVENT, AUR_EV_COUNT, 0, 0, 0, 0, 0},
        {AUR_BAD_EVENT, AUR_ACT_RUN, 0, 0, 0, 0, 0},
        {AUR_BAD_EVENT, 255, 0, 0, 0, 0, 0},
        {AUR_BAD_CPU, AUR_EV_TICK, 2, 0, 0, 0, 0},
        {AUR_BAD_CPU, AUR_EV_DISPATCH, AUR_NO_CPU, 0, 0, 0, 0},
        {AUR_BAD_TASK, AUR_EV_WAKE, 0, never_made, 0, 0, 0},
        {AUR_BAD_TASK, AUR_EV_WAKE, 0, AUR_NONE, 0, 0, 0},
        {AUR_BAD_TASK, AUR_EV_TASK_START, 0, task, 0, 0, 0},
        {AUR_BAD_TASK, AUR_EV_TASK_START, 0, never_made, 0, 0, 0},
        {AUR_BAD_TASK, AUR_EV_TASK_SET, 0, never_made, AUR_ATTR_SLICE_NS, 0, 0},
        {AUR_BAD_TASK, AUR_EV_TASK_NEW, 0, never_made, OTHER(0), 0, 1},
        {AUR_BAD_ARGUMENT, AUR_EV_TASK_SET, 0, task, AUR_ATTR_COUNT, 0, 0},
        {AUR_BAD_AFFINITY, AUR_EV_TASK_SET, 0, task, AUR_ATTR_AFFINITY, 0, 0},
        {AUR_BAD_AFFINITY, AUR_EV_TASK_SET, 0, task, AUR_ATTR_AFFINITY, 0, 0xfffc},
        {AUR_BAD_AFFINITY, AUR_EV_TASK_NEW, 0, AUR_NONE, OTHER(0), 0, 4},
        {AUR_BAD_ARGUMENT, AUR_EV_TASK_NEW, 0, AUR_NONE, OTHER(20), 0, 1},
        {AUR_BAD_ARGUMENT, AUR_EV_TASK_NEW, 0, AUR_NONE, OTHER(-21), 0, 1},
        {AUR_BAD_ARGUMENT, AUR_EV_TASK_NEW, 0, AUR_NONE, FIFO(0), 0, 1},
        {AUR_BAD_ARGUMENT, AUR_EV_TASK_NEW, 0, AUR_NONE, FIFO(100), 0, 1},
        {AUR_BAD_ARGUMENT, AUR_EV_TASK_NEW, 0, AUR_NONE, 4, 0, 1},
        {AUR_BAD_ARGUMENT, AUR_EV_TASK_NEW, 0, AUR_NONE, 7, 0, 1},
        {AUR_BAD_ARGUMENT, AUR_EV_TASK_NEW, 0, AUR_NONE, OTHER(0) | 1u << 24, 0, 1},
        {AUR_NO_CLASS, AUR_EV_TASK_NEW, 0, AUR_NONE, FIFO(1), 0, 1},
        {AUR_NO_CLASS, AUR_EV_TASK_SET, 0, task, AUR_ATTR_POLICY, 0, RR(1)},
        {AUR_NOT_RUNNING, AUR_EV_BLOCK, 0, fresh, 0, 0, AUR_NEVER_NS},
        {AUR_NOT_RUNNING, AUR_EV_BLOCK, 1, task, 0, 0, AUR_NEVER_NS},
        {AUR_NOT_RUNNING, AUR_EV_YIELD, 1, AUR_NONE, 0, 0, 0},
        {AUR_NOT_RUNNING, AUR_EV_EXIT, 0, never_made, 0, 0, 0},
        {AUR_NOT_OWNER, AUR_EV_UNLOCK, 0, task, mutex, 0, 0},
        {AUR_BAD_OBJECT, AUR_EV_LOCK, 0, task, 1, 0, 0},
        {AUR_BAD_OBJECT, AUR_EV_OBJECT_FREE, 0, 0, AUR_NONE, 0, 0},
        {AUR_BAD_ARGUMENT, AUR_EV_OBJECT_NEW, 0, 0, AUR_OBJECT_FREE, 0, 0},
        {AUR_BAD_ARGUMENT, AUR_EV_OBJECT_NEW, 0, 0, AUR_OBJECT_SEMAPHORE + 1, 0, 0},
        {AUR_BAD_ARGUMENT, AUR_EV_OBJECT_NEW, 0, 0, AUR_OBJECT_BARRIER, 0, 0},
        {AUR_BAD_ARGUMENT, AUR_EV_OBJECT_NEW, 0, 0, AUR_OBJECT_MUTEX, 0, 3},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct aur_record event = {.now_ns = host.now_ns + 5,
                                   .kind = cases[i].kind,
                                   .cpu = cases[i].cpu,
                                   .task = cases[i].task,
                                   .object = cases[i].object,
                                   .other = cases[i].other,
                                   .arg = cases[i].arg};
        enum aur_status status = host_post(&host, &event);
        if (status != cases[i].status)
            ck_abort_msg("case %zu: %s, not %s", i, aur_status_text(status),
                         aur_status_text(cases[i].status));
    }
    scene_close();
}
END_TEST

START_TEST(never_is_no_instant)
{
    scene("eevdf", 1, TICK);
    host_event(&host, AUR_EV_GROUP_NEW, 0, 0, AUR_NONE, 0, 0);
    struct aur_record event = {.kind = AUR_EV_TIMER, .now_ns = AUR_NEVER_NS};
    ck_assert_int_eq(host_post(&host, &event), AUR_BAD_ARGUMENT);
    ck_assert_uint_eq(aur_core_now_ns(host.core), 0);
    scene_close();
}
END_TEST

START_TEST(time_never_runs_backwards)
{
    scene("rr", 1, TICK);
    struct aur_record event = {.kind = AUR_EV_TICK, .now_ns = 100};
    ck_assert_int_eq(host_post(&host, &event), AUR_OK);
    ck_assert_int_eq(host_post(&host, &event), AUR_OK); // the same instant
    event.now_ns = 99;
    ck_assert_int_eq(host_post(&host, &event), AUR_TIME_BACKWARDS);
    ck_assert_uint_eq(aur_core_now_ns(host.core), 100);
    scene_close();
}
END_TEST

START_TEST(a_full_table_refuses_and_a_free_slot_is_used_again_clean)
{
    struct aur_config config = scene_config("rr", 1, TICK);
    config.tasks = 3;
    config.objects = 2;
    scene_open(&config);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_eq(host_spawn(&host, OTHER(0), 1), i);
    ck_assert_int_eq(host_event(&host, AUR_EV_TASK_NEW, 0, AUR_NONE, OTHER(0), 0, 1),
                     AUR_NO_TASK_LEFT);
    for (int i = 0; i < 2; i++)
        host_object(&host, AUR_OBJECT_COND, 0);
    ck_assert_int_eq(host_event(&host, AUR_EV_OBJECT_NEW, 0, 0, AUR_OBJECT_COND, 0, 0),
                     AUR_NO_OBJECT_LEFT);
    scene_pass(35 * MILLISECOND);
    uint32_t leaving = host.cpus[0].running;
    host_by(&host, AUR_EV_EXIT, leaving, 0, 0, 0);
    // It is still on its CPU: its slot is not free yet.
    ck_assert_int_eq(host_event(&host, AUR_EV_TASK_NEW, 0, AUR_NONE, OTHER(0), 0, 1),
                     AUR_NO_TASK_LEFT);
    ck_assert_ptr_nonnull(aur_core_task(host.core, leaving));
    host_settle(&host);
    ck_assert_ptr_null(aur_core_task(host.core, leaving));
    ck_assert_uint_eq(host_make(&host, OTHER(3), 1), leaving);
    const struct aur_task *task = aur_core_task(host.core, leaving);
    ck_assert_uint_eq(task->run_ns + task->wait_ns + task->switches + task->wakeups, 0);
    ck_assert_int_eq(task->nice, 3);
    ck_assert_uint_eq(task->last_cpu, AUR_NO_CPU);
    ck_assert_uint_eq(task->since_ns, host.now_ns);
    scene_close();
}
END_TEST

START_TEST(a_task_cannot_exit_with_a_mutex)
{
    scene("rr", 1, TICK);
    uint32_t task = host_spawn(&host, OTHER(0), 1), mutex = host_object(&host, AUR_OBJECT_MUTEX, 0);
    host_settle(&host);
    host_by(&host, AUR_EV_LOCK, task, mutex, 0, AUR_NEVER_NS);
    ck_assert_int_eq(host_by(&host, AUR_EV_EXIT, task, 0, 0, 0), AUR_HELD);
    host_by(&host, AUR_EV_UNLOCK, task, mutex, 0, 0);
    ck_assert_int_eq(host_by(&host, AUR_EV_EXIT, task, 0, 0, 0), AUR_OK);
    scene_close();
}
END_TEST

// A ring that is full up to the last place but one, drained or not, makes no difference to what is
// decided: only to when.
START_TEST(a_full_log_refuses_before_anything_changes)
{
    struct aur_config config = scene_config("rr", 1, TICK);
    scene_open(&config);
    struct aur_record event = {.kind = AUR_EV_TICK}, ring[256];
    struct aur_log log = {.ring = ring, .capacity = 256};
    struct aur_actions actions;
    uint32_t taken = 0;
    while (aur_core_step(host.core, &log, &event, &actions) == AUR_OK)
        taken++;
    ck_assert_uint_eq(taken, 256 - AUR_ACTIONS_MAX); // one less would leave room for a whole step
    ck_assert_int_eq(aur_core_step(host.core, &log, &event, &actions), AUR_NO_ROOM);
    ck_assert_uint_eq(actions.count, 0);
    ck_assert_uint_eq(aur_core_events(host.core), taken);
    log.tail = log.head;
    ck_assert_int_eq(aur_core_step(host.core, &log, &event, &actions), AUR_OK);
    ck_assert_int_eq(aur_core_step(host.core, NULL, &event, &actions), AUR_BAD_ARGUMENT);
    host_close(&host);
}
END_TEST

// Runs one plan in one log mode; returns the digest.
static uint64_t digest_of(struct drive_plan *plan, uint32_t mode)
{
    plan->config.log_mode = mode;
    scene_open(&plan->config);
    for (uint32_t i = 0; i < plan->count; i++)
        drive_do(&host, &plan->choices[i]);
    uint64_t digest = aur_core_digest(host.core);
    scene_close();
    return digest;
}

START_TEST(the_digest_names_the_run_whatever_the_log_mode)
{
    uint64_t seen[6];
    for (uint64_t i = 0; i < LENGTH(seen); i++) {
        struct drive_plan plan = drive_plan(seed + i, aur_class_find("eevdf"), 500);
        seen[i] = digest_of(&plan, AUR_LOG_FULL);
        ck_assert_uint_eq(seen[i], digest_of(&plan, AUR_LOG_DIGEST));
        ck_assert_uint_eq(digest_of(&plan, AUR_LOG_OFF), AUR_DIGEST_START);
        for (uint64_t j = 0; j < i; j++)
            ck_assert_uint_ne(seen[i], seen[j]);
        drive_free(&plan);
    }
}
END_TEST

START_TEST(each_field_of_a_record_counts_in_the_digest)
{
    const struct aur_record plain = {.now_ns = 7, .kind = AUR_EV_WAKE};
    struct aur_record changed[7];
    for (size_t i = 0; i < LENGTH(changed); i++)
        changed[i] = plain;
    changed[0].now_ns++;
    changed[1].arg++;
    changed[2].task++;
    changed[3].object++;
    changed[4].other++;
    changed[5].cpu++;
    changed[6].kind++;
    for (size_t i = 0; i < LENGTH(changed); i++)
        ck_assert_uint_ne(aur_digest_record(AUR_DIGEST_START, &changed[i]),
                          aur_digest_record(AUR_DIGEST_START, &plain));
    // Nor is the order of two records lost.
    uint64_t forth = aur_digest_record(aur_digest_record(1, &plain), &changed[2]);
    uint64_t back = aur_digest_record(aur_digest_record(1, &changed[2]), &plain);
    ck_assert_uint_ne(forth, back);
}
END_TEST

START_TEST(a_configuration_out_of_range_is_refused)
{
    const struct aur_config good = scene_config("mlfq", 4, TICK);
    ck_assert_uint_ne(aur_core_size(&good), 0);
    struct aur_config bad[10];
    for (size_t i = 0; i < LENGTH(bad); i++)
        bad[i] = good;
    bad[0].cpus = 0;
    bad[1].cpus = AUR_CPUS_MAX + 1;
    bad[2].tasks = 0;
    bad[3].tasks = AUR_TASKS_MAX + 1;
    bad[4].objects = AUR_OBJECTS_MAX + 1;
    bad[5].log_mode = AUR_LOG_FULL + 1;
    bad[6].params[AUR_SLOT_FAIR][0] = 0; // mlfq's levels
    bad[7].params[AUR_SLOT_FAIR][0] = 17;
    bad[8].params[AUR_SLOT_REALTIME][0] = 0; // rr_quantum_ns
    bad[9].classes[AUR_SLOT_FAIR] = 77;
    char block[64];
    for (size_t i = 0; i < LENGTH(bad); i++) {
        ck_assert_uint_eq(aur_core_size(&bad[i]), 0);
        ck_assert_int_eq(aur_core_init(block, sizeof block, &bad[i]),
                         i == 9 ? AUR_NO_CLASS : AUR_BAD_ARGUMENT);
    }
    ck_assert_int_eq(aur_core_init(block, sizeof block, &good), AUR_BAD_ARGUMENT); // too small
}
END_TEST

START_TEST(a_task_costs_at_most_512_bytes)
{
    for (uint32_t class = 0; class < aur_class_count(); class ++) {
        struct aur_config config = scene_config(aur_class_info(class)->name, 8, TICK);
        config.tasks = 1000;
        size_t small = aur_core_size(&config);
        config.tasks = 101000;
        // What an agent sees of a task, and the class that takes over from it, come on top.
        uint32_t most = aur_class_info(class)->traits & AUR_CLASS_AGENT ? 640 : 512;
        ck_assert_uint_le((aur_core_size(&config) - small) / 100000, most);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        tasks_of_rising_priority_released_at_one_instant_make_one_switch,
        a_task_that_blocks_and_wakes_at_one_instant_stays_where_it_is,
        each_refusal_has_its_reason_and_changes_nothing,
        never_is_no_instant,
        time_never_runs_backwards,
        a_full_table_refuses_and_a_free_slot_is_used_again_clean,
        a_task_cannot_exit_with_a_mutex,
        a_full_log_refuses_before_anything_changes,
        the_digest_names_the_run_whatever_the_log_mode,
        each_field_of_a_record_counts_in_the_digest,
        a_configuration_out_of_range_is_refused,
        a_task_costs_at_most_512_bytes,
    };
    seed = random_seed(20261122);
    return run_tests("step", tests, LENGTH(tests));
}
