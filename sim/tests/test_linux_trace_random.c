// The importer against schedules of which the truth is known, against a slow twin, and against
// damage.
#include <dirent.h>
#include <stdio.h>

#include "tests/test_linux_trace_load.h"
#include "workload/file.h"

static struct schedule schedule;

static uint64_t seed(void)
{
    const char *given = getenv("AUR_SEED");
    return given ? strtoull(given, NULL, 0) : 20261122;
}

// --- random schedules ----------------------------------------------------------------------------

static const struct form perf_form = {
    .name = "perf", .perf = true, .fields = true, .cpu = true, .ns = true};
static const struct form flagged_form = {
    .name = "ftrace", .fields = true, .cpu = true, .flags = true, .ns = true};

// What is wrong with the import of the schedule of these options, or NULL.
static const char *import_problem(const struct schedule_options *options, const struct form *form)
{
    const char *problem;
    size_t size;
    schedule_free(&schedule);
    schedule_make(&schedule, options);
    if (!schedule_has_tasks(&schedule))
        return NULL;
    char *text = schedule_text(&schedule, form, &size);
    problem = load(text, size) ? schedule_difference(&schedule, &workload) : failure.text;
    if (!problem && !aur_workload_validate(&workload, "t.txt", &failure))
        problem = failure.text;
    if (!problem)
        problem = replay_problem(&workload, options->seed);
    for (unsigned i = 0; !problem && i < AUR_TRACE_PROBLEM_COUNT; i++)
        if (report.problems[i].count)
            problem = "a problem is reported where there is none";
    free(text);
    return problem;
}

// A prefix of a schedule is a schedule: the shortest that fails is shown.
static void must_import(struct schedule_options options, const struct form *form)
{
    const char *problem = import_problem(&options, form);
    if (!problem)
        return;
    uint32_t steps = 0;
    for (problem = NULL; !problem && steps <= 4000; steps++) {
        options.steps = steps;
        problem = import_problem(&options, form);
    }
    ck_abort_msg("form %s, AUR_SEED=%llu, %u steps: %s", form->name,
                 (unsigned long long)options.seed, options.steps, problem);
}

START_TEST(random_schedules_come_back_to_the_nanosecond)
{
    for (uint64_t i = 0; i < 150; i++)
        must_import((struct schedule_options){.seed = seed() + i,
                                              .steps = 20 + (uint32_t)i * 4,
                                              .step_ns_max = 300000,
                                              .unit_ns = 1,
                                              .measured = true,
                                              .interrupts = true,
                                              .idle_wakes = UINT32_MAX},
                    &flagged_form);
}
END_TEST

START_TEST(without_runtime_events_cpu_time_is_that_between_the_switches)
{
    for (uint64_t i = 0; i < 100; i++)
        must_import((struct schedule_options){.seed = seed() + 1000 + i,
                                              .steps = 300,
                                              .step_ns_max = 300000,
                                              .unit_ns = 1,
                                              .interrupts = true,
                                              .idle_wakes = UINT32_MAX},
                    &flagged_form);
}
END_TEST

// Wakes are so few and so near that none can look timed.
START_TEST(every_form_of_text_gives_the_same_programs)
{
    static const struct form forms[] = {
        {"perf", .perf = true, .fields = true, .cpu = true},
        {"perf, ns", .perf = true, .fields = true, .cpu = true, .ns = true},
        {"perf, no cpu", .perf = true, .fields = true},
        {"perf, period", .perf = true, .fields = true, .cpu = true, .period = true},
        {"perf, pid/tid", .perf = true, .fields = true, .cpu = true, .group = true},
        {"perf, short", .perf = true, .cpu = true},
        {"perf, cr lf", .perf = true, .fields = true, .cpu = true, .returns = true},
        {"trace-cmd", .cpu = true},
        {"trace-cmd, fields", .fields = true, .cpu = true},
        {"trace-cmd, ns", .cpu = true, .ns = true},
        {"trace-cmd, flags", .cpu = true, .flags = true},
        {"trace-cmd -l", .joined = true},
        {"ftrace", .fields = true, .cpu = true, .flags = true},
        {"ftrace, groups", .fields = true, .cpu = true, .flags = true, .group = true},
    };
    for (size_t i = 0; i < LENGTH(forms); i++)
        for (uint64_t trial = 0; trial < 10; trial++)
            must_import((struct schedule_options){.seed = trial,
                                                  .steps = 200,
                                                  .step_ns_max = 2000,
                                                  .unit_ns = 1000,
                                                  .measured = trial % 2,
                                                  .idle_wakes = 4},
                        &forms[i]);
}
END_TEST

// --- the slow twin -------------------------------------------------------------------------------

struct twin {
    int pid;
    uint64_t runtime_ns;
    uint32_t blocks;
    bool blocked, seen;
};

static struct twin twins[4096];
static size_t twin_count;

static struct twin *twin_of(int pid)
{
    for (size_t i = 0; i < twin_count; i++)
        if (twins[i].pid == pid)
            return &twins[i];
    ck_assert_uint_lt(twin_count, LENGTH(twins));
    twins[twin_count] = (struct twin){.pid = pid};
    return &twins[twin_count++];
}

static int number_after(const char *line, const char *key)
{
    const char *at = strstr(line, key);
    return at ? atoi(at + strlen(key)) : -1;
}

// It is awake: if it was blocked, or not known and asleep, that was a block.
static void twin_awake(struct twin *twin, bool woken)
{
    twin->blocks += twin->blocked || (woken && !twin->seen);
    twin->blocked = false;
    twin->seen = true;
}

// Reads perf's text line by line with strstr, keeping nothing but what is counted.
static void twin_line(const char *line)
{
    const char *bracket = strstr(line, " [0");
    const char *digits = bracket;
    while (digits && digits > line && digits[-1] != ' ' && digits[-1] != '-')
        digits--;
    if (digits && digits > line && digits[-1] == ' ' && atoi(digits) > 0)
        twin_awake(twin_of(atoi(digits)), false);
    if (strstr(line, "sched_stat_runtime:")) {
        twin_of(number_after(line, " pid="))->runtime_ns +=
            (uint64_t)number_after(line, "runtime=");
    } else if (strstr(line, "sched_waking:")) {
        twin_awake(twin_of(number_after(line, " pid=")), true);
    } else if (strstr(line, "sched_process_fork:")) {
        twin_of(number_after(line, "child_pid="))->seen = true;
    } else if (strstr(line, "sched_switch:")) {
        struct twin *previous = twin_of(number_after(line, "prev_pid="));
        twin_awake(previous, false);
        twin_awake(twin_of(number_after(line, "next_pid=")), false);
        previous->blocked = strchr("RXZ", strstr(line, "prev_state=")[11]) == NULL;
    }
}

static void twin_read(char *text)
{
    twin_count = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        twin_line(line);
}

// CPU time and ended blocks of all tasks together, and of each spec that a pid can be told of.
static void compare_with_twin(const char *what)
{
    uint64_t runtime_ns = 0, blocks = 0, imported_ns = 0;
    for (size_t i = 0; i < twin_count; i++) {
        if (twins[i].pid == 0)
            continue;
        runtime_ns += twins[i].runtime_ns;
        blocks += twins[i].blocks;
    }
    for (uint32_t i = 0; i < workload.op_count; i++)
        imported_ns += workload.ops[i].code == AUR_OP_RUN ? workload.ops[i].value : 0;
    ck_assert_msg(imported_ns == report.run_ns && runtime_ns == report.run_ns,
                  "%s: %llu ns, twin %llu", what, (unsigned long long)report.run_ns,
                  (unsigned long long)runtime_ns);
    ck_assert_msg(blocks == report.blocks, "%s: %llu blocks, twin %llu", what,
                  (unsigned long long)report.blocks, (unsigned long long)blocks);
    for (uint32_t i = 0; i < workload.spec_count; i++) {
        const char *name = aur_workload_name(&workload, workload.specs[i].name);
        const char *dash = strrchr(name, '-');
        if (!dash || strspn(dash + 1, "0123456789") != strlen(dash + 1))
            continue;
        uint64_t run_ns = 0;
        for (uint32_t at = workload.specs[i].entry; workload.ops[at].code != AUR_OP_EXIT; at++)
            run_ns += workload.ops[at].code == AUR_OP_RUN ? workload.ops[at].value : 0;
        ck_assert_msg(run_ns == twin_of(atoi(dash + 1))->runtime_ns, "%s: %s", what, name);
    }
}

START_TEST(a_slow_twin_counts_the_same_cpu_time_and_blocks)
{
    static struct schedule_options options = {
        .steps = 1500, .step_ns_max = 100000, .unit_ns = 1, .measured = true, .idle_wakes = 50};
    for (uint64_t i = 0; i < 20; i++) {
        size_t size;
        options.seed = seed() + 2000 + i;
        schedule_free(&schedule);
        schedule_make(&schedule, &options);
        for (int task = 0; task < schedule.task_count; task++)
            snprintf(schedule.tasks[task].name, sizeof schedule.tasks[task].name, "same");
        char *text = schedule_text(&schedule, &perf_form, &size);
        load_text(text);
        twin_read(text);
        compare_with_twin("random schedule");
        free(text);
    }
}
END_TEST

START_TEST(shipped_recordings_import_as_the_slow_twin_says)
{
    const char *top = getenv("AUR_SRCDIR");
    char folder[512], path[1024];
    snprintf(folder, sizeof folder, "%s/experiments/workloads", top ? top : ".");
    const char *elsewhere = getenv("AUR_RECORDINGS");
    DIR *directory = opendir(elsewhere ? elsewhere : folder);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        char *text;
        size_t size;
        bool truncated;
        if (!strstr(entry->d_name, ".txt"))
            continue;
        snprintf(path, sizeof path, "%s/%s", elsewhere ? elsewhere : folder, entry->d_name);
        ck_assert_msg(aur_file_read(path, &text, &size, &truncated, &failure), "%s", failure.text);
        ck_assert(!truncated);
        load_text(text);
        twin_read(text);
        compare_with_twin(entry->d_name);
        free(text);
    }
    if (directory)
        closedir(directory);
}
END_TEST

// --- damage --------------------------------------------------------------------------------------

// Damages the text in place at random; returns its new size.
static size_t damage(char *text, size_t size, uint64_t *random)
{
    static const char bytes[] = "0123456789 \n:.[]=->RSXZ\t\r\xff/dh(";
    for (uint64_t left = 1 + schedule_random(random) % 12; left && size > 1; left--) {
        size_t at = schedule_random(random) % size, length = schedule_random(random) % 200;
        switch (schedule_random(random) % 5) {
        case 0:
            text[at] = (char)schedule_random(random);
            break;
        case 1:
            text[at] = bytes[schedule_random(random) % sizeof bytes];
            break;
        case 2:
            length = length < size - at ? length : size - at;
            memmove(text + at, text + at + length, size - at - length);
            size -= length;
            break;
        case 3: {
            size_t from = schedule_random(random) % size;
            length = length < size - at ? length : size - at;
            length = length < size - from ? length : size - from;
            memmove(text + at, text + from, length);
            break;
        }
        default:
            if (schedule_random(random) % 4 == 0)
                size = at + 1;
            break;
        }
    }
    return size;
}

// The text is copied to the end of an own block, so that the sanitizer sees any byte beyond it.
START_TEST(damaged_text_never_crashes_and_never_makes_a_replay_that_hangs)
{
    static const struct form forms[] = {
        {"perf", .perf = true, .fields = true, .cpu = true},
        {"trace-cmd", .cpu = true, .ns = true},
        {"ftrace", .fields = true, .cpu = true, .flags = true, .group = true},
        {"perf, no cpu", .perf = true, .fields = true, .ns = true},
    };
    uint64_t random = seed();
    for (uint64_t i = 0; i < 1500; i++) {
        struct schedule_options options = {.seed = random,
                                           .steps = 120,
                                           .step_ns_max = 900000,
                                           .unit_ns = 1000,
                                           .measured = i % 2,
                                           .interrupts = i % 3,
                                           .idle_wakes = 9};
        size_t size;
        schedule_free(&schedule);
        schedule_make(&schedule, &options);
        char *text = schedule_text(&schedule, &forms[i % LENGTH(forms)], &size);
        size = damage(text, size, &random);
        char *exact = malloc(size);
        memcpy(exact, text, size);
        if (load(exact, size)) {
            const char *problem = aur_workload_validate(&workload, "t.txt", &failure)
                                      ? replay_problem(&workload, random)
                                      : failure.text;
            ck_assert_msg(!problem, "AUR_SEED=%llu, text %llu: %s", (unsigned long long)seed(),
                          (unsigned long long)i, problem);
        } else {
            ck_assert_str_ne(failure.text, "");
        }
        free(exact);
        free(text);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        random_schedules_come_back_to_the_nanosecond,
        without_runtime_events_cpu_time_is_that_between_the_switches,
        every_form_of_text_gives_the_same_programs,
        a_slow_twin_counts_the_same_cpu_time_and_blocks,
        shipped_recordings_import_as_the_slow_twin_says,
        damaged_text_never_crashes_and_never_makes_a_replay_that_hangs,
    };
    return run_tests("linux_trace_random", tests, LENGTH(tests), reset);
}
