// The importer's rules, one by one, on recordings of a few lines.
#include <stdio.h>

#include "tests/test_linux_trace_load.h"

// The ops of a task as text, e.g. "run 5, down, exit".
static const char *program(const char *name)
{
    static const char *const texts[] = {
#define X(code, text) text,
        AUR_OP_TABLE(X)
#undef X
    };
    static char said[1024];
    size_t used = 0;
    for (uint32_t i = 0; i < workload.spec_count; i++) {
        if (strcmp(aur_workload_name(&workload, workload.specs[i].name), name) != 0)
            continue;
        for (uint32_t at = workload.specs[i].entry;; at++) {
            const struct aur_op *op = &workload.ops[at];
            char value[24] = "";
            if (op->code == AUR_OP_RUN || op->code == AUR_OP_SLEEP_UNTIL)
                snprintf(value, sizeof value, " %llu", (unsigned long long)op->value);
            used += (size_t)snprintf(said + used, sizeof said - used, "%s%s%s", texts[op->code],
                                     value, op->code == AUR_OP_EXIT ? "" : ", ");
            if (op->code == AUR_OP_EXIT || used >= sizeof said)
                return said;
        }
    }
    return "no such task";
}

static const struct aur_spec *spec(const char *name)
{
    for (uint32_t i = 0; i < workload.spec_count; i++)
        if (strcmp(aur_workload_name(&workload, workload.specs[i].name), name) == 0)
            return &workload.specs[i];
    ck_abort_msg("no task %s", name);
    return NULL;
}

#define HAS(name, ops) ck_assert_str_eq(program(name), ops)
#define PROBLEM(kind, number, line)                                                                \
    do {                                                                                           \
        ck_assert_uint_eq(report.problems[AUR_TRACE_##kind].count, number);                        \
        ck_assert_uint_eq(report.problems[AUR_TRACE_##kind].first_line, line);                     \
    } while (0)

// Recordings stand here a line an event.
// clang-format off

// --- rules ---------------------------------------------------------------------------------------

#define SWITCH(time, cpu, prev, prev_pid, state, next, next_pid)                                   \
    prev " " #prev_pid " [00" #cpu "] " #time ": sched:sched_switch: prev_comm=" prev              \
         " prev_pid=" #prev_pid " prev_prio=120 prev_state=" #state " ==> next_comm=" next         \
         " next_pid=" #next_pid " next_prio=120\n"
#define WAKING(time, cpu, by, by_pid, who, who_pid)                                                \
    by " " #by_pid " [00" #cpu "] " #time ": sched:sched_waking: comm=" who " pid=" #who_pid       \
       " prio=120 target_cpu=000\n"
#define STARTED SWITCH(10.000000, 0, "swapper", 0, R, "a", 1)

START_TEST(a_preemption_is_no_block)
{
    load_text(STARTED
              SWITCH(10.000003, 0, "a", 1, R, "b", 2)
              SWITCH(10.000005, 0, "b", 2, R, "a", 1)
              SWITCH(10.000009, 0, "a", 1, X, "b", 2)
              SWITCH(10.000010, 0, "b", 2, S, "swapper", 0));
    HAS("a", "run 7000, exit");
    HAS("b", "run 3000, exit");
    ck_assert_uint_eq(report.blocks, 0);
}
END_TEST

START_TEST(a_wake_stands_where_the_waker_was_in_its_own_execution)
{
    load_text(STARTED
              WAKING(10.000002, 0, "a", 1, "b", 2)
              SWITCH(10.000005, 0, "a", 1, R, "b", 2)
              SWITCH(10.000006, 0, "b", 2, S, "a", 1)
              WAKING(10.000008, 0, "a", 1, "b", 2)
              SWITCH(10.000009, 0, "a", 1, X, "b", 2)
              SWITCH(10.000011, 0, "b", 2, Z, "swapper", 0));
    HAS("a", "run 2000, up, run 5000, up, run 1000, exit");
    HAS("b", "down, run 1000, down, run 2000, exit");
}
END_TEST

START_TEST(a_wake_by_the_idle_task_or_an_interrupt_is_an_instant)
{
    load_text(STARTED
              SWITCH(10.000002, 0, "a", 1, S, "swapper", 0)
              WAKING(10.000007, 0, "swapper", 0, "a", 1)
              SWITCH(10.000008, 0, "swapper", 0, R, "a", 1)
              SWITCH(10.000009, 0, "a", 1, D, "b", 2)
              "b-2 [000] d.h1 10.000010: sched_waking: comm=a pid=1 prio=120\n"
              "b-2 [000] d..1 10.000011: sched_waking: comm=c pid=3 prio=120\n"
              SWITCH(10.000012, 0, "b", 2, S, "a", 1)
              SWITCH(10.000013, 0, "a", 1, X, "c", 3));
    HAS("a", "run 2000, until 7000, run 1000, until 10000, run 1000, exit");
    HAS("b", "run 2000, up, run 1000, exit");
    HAS("c", "down, exit");
    ck_assert_uint_eq(report.wakes_marked, 1);
    ck_assert_uint_eq(report.wakes_by_idle, 1);
}
END_TEST

START_TEST(a_wake_written_before_the_switch_out_ends_that_block)
{
    load_text(STARTED
              SWITCH(10.000000, 1, "swapper", 0, R, "b", 2)
              WAKING(10.000004, 1, "b", 2, "a", 1)
              SWITCH(10.000005, 0, "a", 1, S, "swapper", 0)
              SWITCH(10.000006, 0, "swapper", 0, R, "a", 1)
              SWITCH(10.000009, 0, "a", 1, X, "swapper", 0)
              SWITCH(10.000009, 1, "b", 2, X, "swapper", 0));
    HAS("a", "run 5000, down, run 3000, exit");
    HAS("b", "run 4000, up, run 5000, exit");
}
END_TEST

START_TEST(wakes_of_tasks_that_are_awake_do_not_accumulate)
{
    load_text(STARTED
              SWITCH(10.000000, 1, "swapper", 0, R, "b", 2)
              WAKING(10.000001, 1, "b", 2, "a", 1)
              SWITCH(10.000002, 0, "a", 1, R, "swapper", 0)
              WAKING(10.000003, 1, "b", 2, "a", 1)
              SWITCH(10.000004, 0, "swapper", 0, R, "a", 1)
              SWITCH(10.000005, 0, "a", 1, X, "swapper", 0));
    HAS("a", "run 3000, exit");
    HAS("b", "run 5000, exit");
    ck_assert_uint_eq(report.wakes_ignored, 1);
}
END_TEST

START_TEST(runtime_events_are_exact_where_switches_are_not)
{
    load_text("a 1 [000] 10.000000: sched:sched_stat_runtime: comm=a pid=1 runtime=100 [ns]\n"
              "a 1 [000] 10.000002: sched:sched_waking: comm=b pid=2 prio=120\n"
              "b 2 [001] 10.000003: sched:sched_stat_runtime: comm=a pid=1 runtime=3500 [ns] "
              "vruntime=99 [ns]\n"
              SWITCH(10.000009, 0, "a", 1, R, "swapper", 0));
    HAS("a", "run 2100, up, run 1500, exit");
}
END_TEST

// A timer wakes `tick` each 4 ms while `hog` or `run` computes; each time `tick` wakes `work`.
START_TEST(a_periodic_timer_is_told_from_the_task_that_it_hits)
{
    static char text[64000];
    size_t used = 0;
    for (unsigned i = 1; i <= 40; i++) {
        const char *hit = i % 3 ? "hog" : "run";
        int pid = i % 3 ? 1 : 4;
        unsigned ms = i * 4;
        used += (size_t)snprintf(
            text + used, sizeof text - used,
            "%s %d [000] 10.%03u000: sched:sched_waking: comm=tick pid=2 prio=120 target_cpu=0\n"
            "%s %d [000] 10.%03u001: sched:sched_switch: prev_comm=%s prev_pid=%d prev_prio=120 "
            "prev_state=R ==> next_comm=tick next_pid=2 next_prio=120\n"
            "tick 2 [000] 10.%03u005: sched:sched_waking: comm=work pid=3 prio=120 target_cpu=0\n"
            "tick 2 [000] 10.%03u010: sched:sched_switch: prev_comm=tick prev_pid=2 prev_prio=120 "
            "prev_state=S ==> next_comm=work next_pid=3 next_prio=120\n"
            "work 3 [000] 10.%03u020: sched:sched_switch: prev_comm=work prev_pid=3 prev_prio=120 "
            "prev_state=S ==> next_comm=%s next_pid=%d next_prio=120\n",
            hit, pid, ms, hit, pid, ms, hit, pid, ms, ms, ms, (i + 1) % 3 ? "hog" : "run",
            (i + 1) % 3 ? 1 : 4);
    }
    load_text(text);
    ck_assert_uint_eq(report.wakes_judged, 40);
    ck_assert_uint_eq(report.wakes_by_task, 40);
    ck_assert(strstr(program("tick"), "run 4000, up, run 5000, until 4000000, run 4000, up"));
    ck_assert(strstr(program("work"), "down, run 10000, down, run 10000"));
    ck_assert(!strstr(program("hog"), "up"));
}
END_TEST

// A sleeper that computes for ever longer and sleeps 50.05 ms each time, beside an endless task.
START_TEST(a_fixed_sleep_is_told_from_the_task_that_runs_when_it_ends)
{
    static char text[16000];
    size_t used = 0;
    unsigned long long us = 10000000;
    for (unsigned i = 1; i <= 20; i++) {
        us += 50053;
        used += (size_t)snprintf(
            text + used, sizeof text - used,
            "hog-1 [000] 1.%09llu: sched_waking: comm=poll pid=2 prio=120 target_cpu=0\n"
            "hog-1 [000] 1.%09llu: sched_switch: hog:1 [120] R ==> poll:2 [120]\n"
            "poll-2 [000] 1.%09llu: sched_switch: poll:2 [120] S ==> hog:1 [120]\n",
            us * 10, us * 10, (us + i * 137) * 10);
        us += i * 137;
    }
    load_text(text);
    ck_assert_uint_eq(report.wakes_judged, 20);
    ck_assert_uint_eq(report.wakes_by_task, 0);
}
END_TEST

// `net` is woken at odd instants, whoever runs: half of the time nobody.
START_TEST(who_is_often_woken_from_idle_is_woken_by_interrupts)
{
    static char text[32000];
    size_t used = 0;
    uint64_t random = 1, us = 0;
    for (unsigned i = 1; i <= 60; i++) {
        us += 2000 + schedule_random(&random) % 5000;
        bool idle = i % 2;
        const char *who = idle ? "<idle>-0" : "hog-1";
        const char *previous = idle ? "swapper:0" : "hog:1", *next = idle ? "hog:1" : "swapper:0";
        used += (size_t)snprintf(
            text + used, sizeof text - used,
            "%s [000] 1.%06u: sched_waking: comm=net pid=2 prio=120 target_cpu=0\n"
            "%s [000] 1.%06u: sched_switch: %s [120] %c ==> net:2 [120]\n"
            "net-2 [000] 1.%06u: sched_switch: net:2 [120] S ==> %s [120]\n",
            who, (unsigned)us, who, (unsigned)us, previous, idle ? 'R' : 'S', (unsigned)us + 9,
            next);
    }
    load_text(text);
    ck_assert_uint_eq(report.wakes_by_idle, 30);
    ck_assert_uint_eq(report.wakes_judged, 30);
}
END_TEST

START_TEST(a_block_that_the_recording_does_not_end_is_an_exit)
{
    load_text(STARTED
              SWITCH(10.000002, 0, "a", 1, S, "b", 2)
              SWITCH(10.000003, 0, "b", 2, S, "swapper", 0)
              WAKING(10.000004, 0, "swapper", 0, "b", 2));
    HAS("a", "run 2000, exit");
    HAS("b", "run 1000, until 4000, exit");
}
END_TEST

START_TEST(a_forked_task_starts_in_its_parents_program)
{
    load_text(STARTED
              "a 1 [000] 10.000002: sched:sched_process_fork: comm=a pid=1 child_comm=a "
              "child_pid=2\n"
              "a 1 [000] 10.000003: sched:sched_wakeup_new: comm=a pid=2 prio=125 target_cpu=0\n"
              "a 1 [000] 10.000004: sched:sched_wakeup_new: comm=b pid=3 prio=120 target_cpu=0\n"
              SWITCH(10.000005, 0, "a", 1, S, "a", 2)
              SWITCH(10.000006, 0, "a", 2, X, "b", 3));
    HAS("a-1", "run 2000, fork, run 2000, fork, run 1000, exit");
    HAS("a-2", "policy, run 1000, exit");
    ck_assert_uint_eq(spec("a-2")->instances, 0);
    ck_assert_uint_eq(spec("a-2")->kind, aur_task_kind(AUR_POLICY_OTHER, 5, 0));
    ck_assert_uint_eq(spec("b")->instances, 0);
    ck_assert_uint_eq(report.forked, 2);
}
END_TEST

START_TEST(a_pid_that_returns_is_another_task)
{
    load_text(STARTED
              SWITCH(10.000001, 0, "a", 1, X, "b", 2)
              "b 2 [000] 10.000002: sched:sched_process_fork: comm=b pid=2 child_comm=b "
              "child_pid=1\n"
              SWITCH(10.000003, 0, "b", 2, S, "b", 1)
              SWITCH(10.000007, 0, "b", 1, X, "swapper", 0));
    HAS("a", "run 1000, exit");
    HAS("b-1", "run 4000, exit");
    HAS("b-2", "run 1000, fork, run 1000, exit");
    PROBLEM(PID_REUSED, 1, 3);
}
END_TEST

START_TEST(priorities_become_policies)
{
    load_text("a 1 [000] 1.0: sched_switch: a:1 [139] R ==> b:2 [0]\n"
              "b 2 [000] 1.1: sched_switch: b:2 [0] S ==> c:3 [98]\n"
              "c 3 [000] 1.2: sched_switch: c:3 [98] S ==> d:4 [-1]\n"
              "d 4 [000] 1.3: sched_switch: d:4 [-1] S ==> a:1 [100]\n");
    ck_assert_uint_eq(spec("a")->kind, aur_task_kind(AUR_POLICY_OTHER, 19, 0));
    ck_assert_uint_eq(spec("b")->kind, aur_task_kind(AUR_POLICY_FIFO, 0, 99));
    ck_assert_uint_eq(spec("c")->kind, aur_task_kind(AUR_POLICY_FIFO, 0, 1));
    ck_assert_uint_eq(spec("d")->kind, aur_task_kind(AUR_POLICY_FIFO, 0, 99));
    HAS("a", "policy, exit");
}
END_TEST

START_TEST(only_threads_that_the_kernel_binds_to_a_cpu_are_pinned)
{
    load_text("x 9 [003] 1.0: sched_switch: x:9 [120] S ==> migration/3:1 [0]\n"
              "migration/3-1 [003] 1.1: sched_switch: migration/3:1 [0] S ==> kworker/3:1H:2 [120]\n"
              "kworker/3:1H-2 [003] 1.2: sched_switch: kworker/3:1H:2 [120] I ==> kworker/u8:0:3 "
              "[120]\n"
              "kworker/u8:0-3 [003] 1.3: sched_switch: kworker/u8:0:3 [120] I ==> kworker/1:2:4 "
              "[120]\n");
    ck_assert_uint_eq(spec("migration/3")->affinity, 8);
    ck_assert_uint_eq(spec("kworker/3:1H")->affinity, 8);
    ck_assert_uint_eq(spec("kworker/u8:0")->affinity, 0);
    ck_assert_uint_eq(spec("kworker/1:2")->affinity, 0); // it ran elsewhere
    ck_assert_uint_eq(spec("x")->affinity, 0);
}
END_TEST

// --- damage --------------------------------------------------------------------------------------

START_TEST(lines_out_of_order_are_put_in_order_and_reported)
{
    load_text(STARTED
              SWITCH(10.000009, 0, "b", 2, X, "swapper", 0)
              SWITCH(10.000003, 0, "a", 1, X, "b", 2));
    HAS("a", "run 3000, exit");
    HAS("b", "run 6000, exit");
    PROBLEM(OUT_OF_ORDER, 1, 3);
}
END_TEST

START_TEST(damage_is_reported_with_counts_and_lines)
{
    char text[4096];
    static const char damaged[] =
        "# tracer: nop\n"
        "cpus=2\n"
        "CPU 1 is empty\n" STARTED
        "what is this\n"
        "CPU:1 [LOST 7 EVENTS]\n"
        "CPU:0 [12 EVENTS DROPPED]\n"
        "a 1 [000] 10.000001: PERF_RECORD_LOST lost 3\n"
        "a 1 [000] 10.000001: sched:sched_waking: comm=b pid=\n"
        "a 1 [000] 10.000002: sched:sched_switch: prev_comm=a\n"
        "    ffffffff810a2b3c schedule+0x2c ([kernel.kallsyms])\n"
        "\n"
        "a 1 [000] 10.000003: irq:irq_handler_entry: irq=4 name=x\n"
        "b 2 [000] 10.000004: sched:sched_stat_runtime: comm=b pid=2 runtime=900 [ns]\n"
        "b 2 [000] 10.000005: sched:sched_stat_runtime: comm=b pid=2 runtim";
    load_text(damaged);
    PROBLEM(UNKNOWN_LINE, 1, 5);
    PROBLEM(LOST, 3, 6);
    PROBLEM(BAD_EVENT, 2, 9);
    PROBLEM(SWITCH_UNSEEN, 1, 14);
    PROBLEM(CUT_LINE, 1, 15);
    ck_assert_uint_eq(report.lost_events, 22);
    ck_assert_uint_eq(report.lines, 15);
    ck_assert_uint_eq(report.events, 3);
    ck_assert_uint_eq(report.kinds[AUR_TRACE_OTHER], 1);
    size_t length = aur_trace_report_text(&report, text, sizeof text);
    ck_assert_uint_eq(length, strlen(text));
    ck_assert(strstr(text, "3 marks of lost events, what is near them may be wrong (22 events); "
                           "line 6 first\n"));
    ck_assert(strstr(text, "1 last line without an end, taken as cut off and left out; line 15\n"));
    ck_assert_uint_eq(aur_trace_report_text(&report, text, 10), length);
    ck_assert_uint_eq(strlen(text), 9);
    ck_assert_uint_eq(aur_trace_report_text(&report, NULL, 0), length);
}
END_TEST

START_TEST(a_task_that_appears_on_an_idle_cpu_ran_since_its_runtime_says)
{
    load_text(STARTED
              "a 1 [000] 10.000100: sched:sched_stat_runtime: comm=a pid=1 runtime=99000 [ns]\n"
              SWITCH(10.000100, 0, "a", 1, S, "swapper", 0)
              "a 1 [000] 10.000200: sched:sched_stat_runtime: comm=a pid=1 runtime=30000 [ns]\n"
              SWITCH(10.000201, 0, "a", 1, X, "swapper", 0));
    HAS("a", "run 99000, until 170000, run 30000, exit");
    PROBLEM(FROM_IDLE, 1, 4);
    PROBLEM(WAKE_UNSEEN, 1, 4);
}
END_TEST

static void refused(const char *text, const char *why)
{
    ck_assert(!load(text, strlen(text)));
    ck_assert_str_eq(failure.text, why);
}

START_TEST(texts_that_are_no_scheduler_trace_are_refused_with_place_and_mend)
{
    refused("", "t.txt:1: the trace is empty, give the text of `perf sched script` or "
                "`trace-cmd report`");
    refused("{\n \"tasks\": {}\n}\n", "t.txt:3: no event in 3 lines, give the text of `perf sched "
                                      "script` or `trace-cmd report`");
    refused("a 1 [000] 1.0: sched:sched_waking: comm=b pid=2 prio=120 target_cpu=000\n",
            "t.txt:1: no sched_switch in 1 lines, record with `perf sched record` or `trace-cmd "
            "record -e sched`");
    refused("swapper 0 [000] 1.0: sched:sched_switch: swapper:0 [120] R ==> swapper:0 [120]\n",
            "t.txt:1: no task but the idle one in 1 lines, record while something runs");
    ck_assert(!aur_linux_trace_detect("{\n", 2));
    ck_assert(aur_linux_trace_detect(STARTED, strlen(STARTED)));
}
END_TEST

// clang-format on

int main(void)
{
    const TTest *tests[] = {
        a_preemption_is_no_block,
        a_wake_stands_where_the_waker_was_in_its_own_execution,
        a_wake_by_the_idle_task_or_an_interrupt_is_an_instant,
        a_wake_written_before_the_switch_out_ends_that_block,
        wakes_of_tasks_that_are_awake_do_not_accumulate,
        runtime_events_are_exact_where_switches_are_not,
        a_periodic_timer_is_told_from_the_task_that_it_hits,
        a_fixed_sleep_is_told_from_the_task_that_runs_when_it_ends,
        who_is_often_woken_from_idle_is_woken_by_interrupts,
        a_block_that_the_recording_does_not_end_is_an_exit,
        a_forked_task_starts_in_its_parents_program,
        a_pid_that_returns_is_another_task,
        priorities_become_policies,
        only_threads_that_the_kernel_binds_to_a_cpu_are_pinned,
        lines_out_of_order_are_put_in_order_and_reported,
        damage_is_reported_with_counts_and_lines,
        a_task_that_appears_on_an_idle_cpu_ran_since_its_runtime_says,
        texts_that_are_no_scheduler_trace_are_refused_with_place_and_mend,
    };
    return run_tests("linux_trace", tests, LENGTH(tests), reset);
}
