#include "tests/export_logs.h"

#define LONG_NS  400000000u
#define SHORT_NS 50000000u

static struct told other; // a second reading

// What the simulator says of all tasks of one spec together.
struct account {
    uint64_t run_ns, wait_ns, switches, wakeups;
};

START_TEST(slices_and_waits_add_up_to_what_the_simulator_accounts_for_each_task_and_cpu)
{
    struct aur_run_result result = simulate(4, LONG_NS);
    static struct account own[64], truth[64];
    uint64_t busy_ns[AUR_CPUS_MAX] = {0};
    ck_assert_msg(read_log(&told, records, record_count, 500, result.end_ns), "%s", failure.text);
    ck_assert_uint_eq(told.birth_count, lives);
    for (uint32_t i = 0; i < told.slice_count; i++) {
        const struct aur_timeline_slice *slice = &told.slices[i];
        struct account *account = &own[spec_of_life[slice->task.life]];
        account->run_ns += slice->end_ns - slice->start_ns;
        account->switches++;
        busy_ns[slice->cpu] += slice->end_ns - slice->start_ns;
    }
    for (uint32_t i = 0; i < told.wait_count; i++)
        own[spec_of_life[told.waits[i].task.life]].wait_ns +=
            told.waits[i].end_ns - told.waits[i].start_ns;
    for (uint32_t i = 0; i < told.wake_count; i++)
        own[spec_of_life[told.wakes[i].task.life]].wakeups +=
            told.wakes[i].reason != AUR_WOKE_START;

    for (uint32_t i = 0; i < result.task_count; i++) {
        const struct aur_task_result *task = &result.tasks[i];
        truth[task->spec].run_ns += task->run_ns;
        truth[task->spec].wait_ns += task->wait_ns;
        truth[task->spec].switches += task->switches;
        truth[task->spec].wakeups += task->wakeups;
    }
    for (uint32_t spec = 0; spec < result.spec_count; spec++) {
        ck_assert_uint_gt(truth[spec].switches, 0);
        ck_assert_uint_eq(own[spec].run_ns, truth[spec].run_ns);
        ck_assert_uint_eq(own[spec].wait_ns, truth[spec].wait_ns);
        ck_assert_uint_eq(own[spec].switches, truth[spec].switches);
        ck_assert_uint_eq(own[spec].wakeups, truth[spec].wakeups);
    }
    for (uint32_t cpu = 0; cpu < 4; cpu++)
        ck_assert_uint_eq(busy_ns[cpu], result.cpus[cpu].busy_ns);
    aur_run_result_free(&result);
}
END_TEST

START_TEST(no_cpu_and_no_task_is_in_two_slices_at_once_and_waits_lie_between_them)
{
    struct aur_run_result result = simulate(4, LONG_NS);
    static uint64_t cpu_ns[AUR_CPUS_MAX], ran_ns[MOST_LIVES];
    ck_assert(read_log(&told, records, record_count, 500, 0));
    for (uint32_t i = 0; i < told.slice_count; i++) {
        const struct aur_timeline_slice *slice = &told.slices[i];
        ck_assert_uint_ge(slice->start_ns, cpu_ns[slice->cpu]);
        ck_assert_uint_ge(slice->start_ns, ran_ns[slice->task.life] + slice->wait_ns);
        ck_assert_uint_ge(slice->end_ns, slice->start_ns);
        cpu_ns[slice->cpu] = ran_ns[slice->task.life] = slice->end_ns;
        if (slice->woken_ns != AUR_NEVER_NS)
            ck_assert_uint_eq(slice->woken_ns + slice->wait_ns, slice->start_ns);
    }
    aur_run_result_free(&result);
}
END_TEST

START_TEST(the_pieces_in_which_a_log_comes_make_no_difference)
{
    struct aur_run_result result = simulate(2, SHORT_NS);
    ck_assert(read_log(&told, records, record_count, 1, 0));
    ck_assert(read_log(&other, records, record_count, record_count, 0));
    ck_assert_uint_eq(told.slice_count, other.slice_count);
    ck_assert_mem_eq(told.slices, other.slices, told.slice_count * sizeof *told.slices);
    ck_assert_uint_eq(told.wait_count, other.wait_count);
    ck_assert_mem_eq(told.waits, other.waits, told.wait_count * sizeof *told.waits);
    aur_run_result_free(&result);
}
END_TEST

START_TEST(a_log_read_from_its_middle_shows_the_same_slices_cut_at_its_beginning)
{
    struct aur_run_result result = simulate(4, LONG_NS);
    ck_assert(read_log(&told, records, record_count, 500, 0));
    for (uint32_t trial = 0; trial < 50; trial++) {
        uint32_t from = (uint32_t)below(record_count), j = 0;
        while (from < record_count && aur_record_is_action(&records[from]))
            from++;
        if (from == record_count)
            continue;
        ck_assert_msg(read_log(&other, records + from, record_count - from, 500, 0), "%s",
                      failure.text);
        for (uint32_t i = 0; i < other.slice_count; i++) {
            struct aur_timeline_slice *slice = &other.slices[i];
            if (slice->end == AUR_SLICE_OPEN)
                continue;
            while (told.slices[j].cpu != slice->cpu || told.slices[j].end_ns != slice->end_ns ||
                   told.slices[j].task.task != slice->task.task)
                ck_assert_uint_lt(++j, told.slice_count);
            uint64_t start_ns = told.slices[j].start_ns;
            if (start_ns < records[from].now_ns)
                start_ns = records[from].now_ns;
            ck_assert_uint_eq(slice->start_ns, start_ns);
            // What it did before it left is not in the log if it left at the log's beginning.
            if (slice->end_ns > records[from].now_ns)
                ck_assert_int_eq(slice->end, told.slices[j].end);
        }
    }
    aur_run_result_free(&result);
}
END_TEST

START_TEST(an_altered_log_is_refused_in_one_line_or_read_without_harm)
{
    struct aur_run_result result = simulate(2, SHORT_NS);
    uint32_t refused = 0, count = record_count < 2000 ? record_count : 2000;
    for (uint32_t trial = 0; trial < 500; trial++) {
        struct aur_record altered[2000];
        memcpy(altered, records, count * sizeof *records);
        for (uint64_t changes = 1 + below(3); changes != 0; changes--) {
            uint8_t *bytes = (uint8_t *)&altered[below(count)];
            size_t at = below(sizeof *altered);
            // Task numbers stay small: one near the limit asks for a table of a gigabyte.
            if (at < offsetof(struct aur_record, task) + 2 ||
                at >= offsetof(struct aur_record, other) ||
                (at >= offsetof(struct aur_record, object) &&
                 at < offsetof(struct aur_record, object) + 2))
                bytes[at] = (uint8_t)(below(2) ? below(256) : below(80));
        }
        failure = (struct aur_failure){""};
        if (!read_log(&told, altered, count, 100, 0)) {
            refused++;
            ck_assert_str_ne(failure.text, "");
            ck_assert_ptr_null(strchr(failure.text, '\n'));
        }
    }
    ck_assert_uint_gt(refused, 0);
    aur_run_result_free(&result);
}
END_TEST

START_TEST(each_contradiction_in_a_log_is_named)
{
    static const struct {
        struct aur_record last;
        const char *text;
    } cases[] = {
        {{.now_ns = 5, .kind = AUR_EV_TICK}, "time runs backwards"},
        {{.now_ns = 7000, .kind = AUR_EV_TICK, .cpu = 64}, "there is no such CPU"},
        {{.now_ns = 7000, .kind = AUR_ACT_RUN, .cpu = 1, .task = 0, .object = 3},
         "a CPU leaves a task that does not run there"},
        {{.now_ns = 7000, .kind = AUR_ACT_RUN, .cpu = 0, .task = 1, .object = AUR_NONE},
         "a task begins to run on two CPUs"},
        {{.now_ns = 7000, .kind = AUR_ACT_WOKE, .cpu = 0, .task = 1 << 24}, "no such task"},
        {{.now_ns = 7000, .kind = AUR_ACT_EXITED, .cpu = 0, .task = 1}, "gone while it runs"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        start();
        add_short_log();
        records[record_count++] = cases[i].last;
        ck_assert(!read_log(&told, records, record_count, 100, 0));
        ck_assert_msg(strstr(failure.text, cases[i].text) != NULL, "%s", failure.text);
    }
}
END_TEST

START_TEST(lives_kinds_wakers_and_ends_are_those_of_the_log)
{
    add_short_log();
    ck_assert_msg(read_log(&told, records, record_count, 100, 8000), "%s", failure.text);
    ck_assert_uint_eq(told.birth_count, 3);
    ck_assert_uint_eq(told.births[2].task, 0);
    ck_assert_uint_eq(told.births[2].life, 2);
    ck_assert_uint_eq(told.births[1].kind, aur_task_kind(AUR_POLICY_FIFO, 0, 50));
    ck_assert_uint_eq(told.slice_count, 4);
    static const enum aur_slice_end ends[] = {AUR_SLICE_PREEMPTED, AUR_SLICE_BLOCKED,
                                              AUR_SLICE_EXITED, AUR_SLICE_OPEN};
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_int_eq(told.slices[i].end, ends[i]);
    ck_assert_uint_eq(told.wake_count, 3);
    ck_assert_uint_eq(told.wakes[0].waker.task, AUR_NONE); // nobody ran yet
    ck_assert_uint_eq(told.wakes[1].waker.task, 0);
    ck_assert_uint_eq(told.wakes[2].waker.task, AUR_NONE); // a timer
    ck_assert_uint_eq(told.wakes[2].off_cpu, 0);
    ck_assert_uint_eq(told.wakes[2].off_ns, 2000);
    ck_assert_uint_eq(told.slices[1].woken_ns, 1000);
    ck_assert_uint_eq(told.slices[1].waker.life, 0);
    ck_assert_uint_eq(told.slices[2].woken_ns, AUR_NEVER_NS); // it goes on after the preemption
    ck_assert_uint_eq(told.slices[2].wait_ns, 750);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        slices_and_waits_add_up_to_what_the_simulator_accounts_for_each_task_and_cpu,
        no_cpu_and_no_task_is_in_two_slices_at_once_and_waits_lie_between_them,
        the_pieces_in_which_a_log_comes_make_no_difference,
        a_log_read_from_its_middle_shows_the_same_slices_cut_at_its_beginning,
        an_altered_log_is_refused_in_one_line_or_read_without_harm,
        each_contradiction_in_a_log_is_named,
        lives_kinds_wakers_and_ends_are_those_of_the_log,
    };
    choose_seed();
    return run_tests("timeline", tests, LENGTH(tests), start);
}
