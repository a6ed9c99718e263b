// The rt-app importer: what each part of the language becomes, after rt-app 1.0's tutorial.txt and
// what rt-app does where the two differ.
#include "tests/rtapp_cases.h"

#include <dirent.h>
#include <sys/stat.h>

#define EXAMPLES "/usr/share/doc/rt-app/examples"

START_TEST(events_of_time_become_ops_in_nanoseconds)
{
    ck_assert_str_eq(program("\"a\": {\"loop\": 1, \"run\": 2000, \"runtime\": 5, \"sleep\": 80, "
                             "\"mem\": 1000, \"iorun\": 64, \"yield\": \"\"}"),
                     "run 2000000; runtime 5000; sleep 80000; mem 1000; iorun 64; yield; exit");
    ck_assert_str_eq(program("\"a\": {\"loop\": 1, \"run\": \"4ms\", \"sleep\": 1.5}"),
                     "run 4000000; sleep 1500; exit");
}
END_TEST

START_TEST(times_may_be_drawn_from_distributions_given_in_microseconds)
{
    struct aur_workload workload;
    struct aur_failure failure;
    static const char text[] =
        "{\"tasks\": {\"a\": {\"run\": {\"exponential\": 2000}, \"sleep\": {\"normal\": "
        "{\"mean\": \"1ms\", \"stddev\": 0.5}}, \"runtime\": {\"pareto\": {\"alpha\": 1.5, "
        "\"minimum\": 3}}, \"timer\": {\"ref\": \"t\", \"period\": {\"empirical\": [1, "
        "\"2us\", 3]}}, \"run\": {\"exponential\": {\"mean\": 7}}}}}";
    ck_assert_msg(load_bytes(&workload, text, strlen(text), &failure), "%s", failure.text);
    ck_assert_str_eq(program_of(&workload, 0),
                     "loop ever; run draw0; sleep draw1; runtime draw2; timer shared0 draw3; run "
                     "draw4; end; exit");
    const struct aur_distribution *drawn = workload.distributions;
    ck_assert_uint_eq(drawn[0].kind, AUR_DISTRIBUTION_EXPONENTIAL);
    ck_assert(drawn[0].a == 2000000);
    ck_assert_uint_eq(drawn[1].kind, AUR_DISTRIBUTION_NORMAL);
    ck_assert(drawn[1].a == 1000000 && drawn[1].b == 500);
    ck_assert_uint_eq(drawn[2].kind, AUR_DISTRIBUTION_PARETO);
    ck_assert(drawn[2].a == 3000 && drawn[2].b == 1.5);
    ck_assert_uint_eq(drawn[3].sample_count, 3);
    ck_assert(drawn[3].samples[0] == 1000 && drawn[3].samples[1] == 2000);
    ck_assert(drawn[4].a == 7000);
    aur_workload_free(&workload);
}
END_TEST

START_TEST(events_are_known_by_how_their_key_starts)
{
    ck_assert_str_eq(
        program("\"a\": {\"loop\": 1, \"run1\": 1, \"run_2\": 2, \"runtime0\": 3, "
                "\"lockA\": \"m\", \"unlock9\": \"m\", \"timer0\": {\"ref\": "
                "\"unique0\", \"period\": 4}, \"broadcast\": \"c\", \"yield3\": null}"),
        "run 1000; run 2000; runtime 3000; lock m; unlock m; timer own0 4000; "
        "broadcast c; yield; exit");
}
END_TEST

START_TEST(a_task_without_loop_goes_on_for_ever)
{
    ck_assert_str_eq(program("\"a\": {\"run\": 1}"), "loop ever; run 1000; end; exit");
    ck_assert_str_eq(program("\"a\": {\"run\": 1, \"loop\": -1}"),
                     "loop ever; run 1000; end; exit");
    ck_assert_str_eq(program("\"a\": {\"run\": 1, \"loop\": 3}"), "loop 3; run 1000; end; exit");
    ck_assert_str_eq(program("\"a\": {\"phases\": {\"p\": {\"run\": 1}}}"),
                     "loop ever; run 1000; end; exit");
}
END_TEST

START_TEST(a_phase_without_loop_runs_once_a_round)
{
    ck_assert_str_eq(program("\"a\": {\"loop\": 2, \"phases\": {\"p\": {\"loop\": 10, \"run\": 1}, "
                             "\"q\": {\"sleep\": 2}, \"p\": {\"run\": 3}}}"),
                     "loop 2; loop 10; run 1000; end; sleep 2000; run 3000; end; exit");
}
END_TEST

START_TEST(timers_are_shared_by_ref_and_own_by_unique)
{
    ck_assert_str_eq(
        program("\"a\": {\"loop\": 1, \"timer\": {\"ref\": \"tick\", \"period\": 10}, "
                "\"timer\": {\"ref\": \"unique\", \"period\": 20}, "
                "\"timer\": {\"ref\": \"uniqueB\", \"period\": 30}, "
                "\"timer\": {\"ref\": \"unique\", \"period\": 40}, "
                "\"timer\": {\"ref\": \"tock\", \"period\": 50}, "
                "\"timer_unique\": {\"ref\": \"tick\", \"period\": 60}, "
                "\"timer\": {\"ref\": \"tick\", \"period\": 70, \"deadline\": 65}}"),
        "timer shared0 10000; timer own0 20000; timer own1 30000; timer own0 40000; "
        "timer shared1 50000; timer own2 60000; timer shared0 deadline=65000 70000; exit");
}
END_TEST

START_TEST(absolute_mode_holds_for_all_events_of_its_timer)
{
    ck_assert_str_eq(
        program("\"a\": {\"loop\": 1, \"timer\": {\"ref\": \"x\", \"period\": 1}, "
                "\"timer\": {\"ref\": \"unique\", \"period\": 2}, "
                "\"timer\": {\"ref\": \"x\", \"period\": 3, \"mode\": \"absolute\"}, "
                "\"timer\": {\"ref\": \"y\", \"period\": 4, \"mode\": \"relative\"}}, "
                "\"b\": {\"timer\": {\"ref\": \"unique\", \"period\": 5, \"mode\": \"absolute\"}}"),
        "timer shared0 absolute 1000; timer own0 2000; timer shared0 absolute 3000; "
        "timer shared1 4000; exit");
}
END_TEST

START_TEST(own_timers_are_counted_for_each_task)
{
    struct aur_workload workload;
    struct aur_failure failure;
    static const char text[] =
        "{\"tasks\": {\"a\": {\"timer\": {\"ref\": \"unique\", \"period\": 1}, \"timer\": "
        "{\"ref\": \"uniqueB\", \"period\": 1}}, \"b\": {\"timer\": {\"ref\": \"unique\", "
        "\"period\": 1}}, \"c\": {\"timer\": {\"ref\": \"t\", \"period\": 1}}}}";
    ck_assert(load_bytes(&workload, text, strlen(text), &failure));
    ck_assert_uint_eq(workload.specs[0].timers, 2);
    ck_assert_uint_eq(workload.specs[1].timers, 1);
    ck_assert_uint_eq(workload.specs[2].timers, 0);
    ck_assert_uint_eq(workload.timers, 1);
    aur_workload_free(&workload);
}
END_TEST

START_TEST(suspend_waits_and_resume_broadcasts_under_a_mutex_of_the_same_name)
{
    ck_assert_str_eq(program("\"a\": {\"loop\": 1, \"suspend\": \"x\", \"resume\": \"y\"}"),
                     "lock x; wait x x; unlock x; lock y; broadcast y; unlock y; exit");
}
END_TEST

START_TEST(wait_without_a_mutex_waits_for_the_condition_alone)
{
    ck_assert_str_eq(program("\"a\": {\"loop\": 1, \"wait\": {\"ref\": \"x\"}, \"broad\": \"x\"}"),
                     "wait x; broadcast x; exit");
}
END_TEST

START_TEST(suspend_without_a_name_means_the_own_task)
{
    ck_assert_str_eq(program("\"a\": {\"loop\": 1, \"suspend\": \"\", \"suspend\", \"run\": 1}"),
                     "lock a; wait a a; unlock a; lock a; wait a a; unlock a; run 1000; exit");
}
END_TEST

START_TEST(sync_signals_then_waits_and_locks_if_the_task_has_not)
{
    ck_assert_str_eq(program("\"a\": {\"loop\": 1, \"sync\": {\"ref\": \"c\", \"mutex\": \"m\"}}"),
                     "lock m; signal c; wait c m; unlock m; exit");
    ck_assert_str_eq(program("\"a\": {\"loop\": 1, \"lock\": \"m\", \"sync\": {\"ref\": \"c\", "
                             "\"mutex\": \"m\"}, \"unlock\": \"m\"}"),
                     "lock m; signal c; wait c m; unlock m; exit");
}
END_TEST

START_TEST(one_name_may_be_mutex_condition_barrier_and_timer_at_once)
{
    struct aur_workload workload;
    struct aur_failure failure;
    static const char text[] =
        "{\"tasks\": {\"n\": {\"lock\": \"n\", \"signal\": \"n\", \"unlock\": \"n\", \"barrier\": "
        "\"n\", \"timer\": {\"ref\": \"n\", \"period\": 1}}}}";
    ck_assert(load_bytes(&workload, text, strlen(text), &failure));
    ck_assert_uint_eq(workload.object_count, 3);
    ck_assert_uint_eq(workload.timers, 1);
    aur_workload_free(&workload);
}
END_TEST

static uint64_t parameter_of(const struct aur_workload *workload, const char *name)
{
    for (uint32_t i = 0; i < workload->object_count; i++)
        if (strcmp(aur_workload_name(workload, workload->objects[i].name), name) == 0)
            return workload->objects[i].parameter;
    return UINT64_MAX;
}

START_TEST(a_barrier_waits_for_all_instances_that_name_it)
{
    struct aur_workload workload;
    struct aur_failure failure;
    static const char text[] =
        "{\"tasks\": {\"a\": {\"instance\": 3, \"run\": 1, \"barrier\": \"x\"}, \"b\": "
        "{\"phases\": "
        "{\"p\": {\"run\": 1, \"barrier\": \"y\"}, \"q\": {\"barrier\": \"x\"}}}, \"c\": "
        "{\"instance\": 0, \"run\": 1, \"barrier\": \"x\"}}}";
    ck_assert(load_bytes(&workload, text, strlen(text), &failure));
    ck_assert_uint_eq(parameter_of(&workload, "x"), 4);
    ck_assert_uint_eq(parameter_of(&workload, "y"), 1);
    aur_workload_free(&workload);
}
END_TEST

START_TEST(mutexes_inherit_priority_if_pi_enabled_says_so_and_else_are_to_barge_for)
{
    for (uint64_t on = 0; on < 2; on++) {
        struct aur_workload workload;
        struct aur_failure failure;
        char text[200];
        sprintf(text,
                "{\"global\": {\"pi_enabled\": %s}, \"tasks\": {\"a\": {\"lock\": \"m\", \"run\": "
                "1, \"unlock\": \"m\"}}}",
                on ? "true" : "false");
        ck_assert(load_bytes(&workload, text, strlen(text), &failure));
        ck_assert_uint_eq(parameter_of(&workload, "m"), on ? AUR_MUTEX_INHERIT : AUR_MUTEX_BARGE);
        aur_workload_free(&workload);
    }
}
END_TEST

START_TEST(fork_starts_a_task_that_may_come_later_in_the_file)
{
    ck_assert_str_eq(program("\"a\": {\"loop\": 2, \"run\": 1, \"fork\": \"b\"}, "
                             "\"b\": {\"instance\": 0, \"loop\": 1, \"run\": 2}"),
                     "loop 2; run 1000; fork b; end; exit");
}
END_TEST

START_TEST(phases_without_cpus_return_to_those_of_the_task)
{
    ck_assert_str_eq(program("\"a\": {\"cpus\": [2], \"phases\": {\"p\": {\"cpus\": [0], \"run\": "
                             "1}, \"q\": {\"cpus\": [1, 3], \"run\": 2}, \"r\": {\"run\": 3}}}"),
                     "loop ever; cpus 1; run 1000; cpus a; run 2000; cpus 4; run 3000; end; exit");
    ck_assert_str_eq(program("\"a\": {\"loop\": 1, \"phases\": {\"p\": {\"cpus\": [0], \"run\": "
                             "1}, \"q\": {\"cpus\": [0], \"run\": 2}, \"r\": {\"run\": 3}}}"),
                     "run 1000; run 2000; cpus 0; run 3000; exit");
}
END_TEST

START_TEST(phases_change_policy_and_keep_what_they_do_not_name)
{
    ck_assert_str_eq(
        program("\"a\": {\"priority\": -5, \"loop\": 1, \"phases\": {"
                "\"p\": {\"run\": 1}, "
                "\"q\": {\"policy\": \"SCHED_FIFO\", \"run\": 2}, "
                "\"r\": {\"priority\": 50, \"run\": 3}, "
                "\"s\": {\"policy\": \"SCHED_DEADLINE\", \"dl-runtime\": 10, \"dl-period\": 100, "
                "\"run\": 4}, "
                "\"t\": {\"dl-runtime\": 20, \"dl-deadline\": 50, \"dl-period\": 80, \"run\": 5}, "
                "\"u\": {\"policy\": \"SCHED_OTHER\", \"run\": 6}}}"),
        "run 1000; policy 1/0/10; run 2000; policy 1/0/50; run 3000; "
        "dl 10000/100000/100; policy 6/0/0; run 4000; dl 20000/50000/80; policy 6/0/0; run 5000; "
        "policy 0/0/0; run 6000; exit");
}
END_TEST

START_TEST(task_attributes_have_the_defaults_of_rt_app)
{
    struct aur_workload workload;
    struct aur_failure failure;
    static const char text[] =
        "{\"tasks\": {"
        "\"a\": {\"run\": 1}, "
        "\"b\": {\"priority\": 19, \"policy\": \"SCHED_BATCH\", \"delay\": 7, \"instance\": 12, "
        "\"cpus\": [0, 63], \"run\": 1, \"slice\": \"3ms\"}, "
        "\"c\": {\"policy\": \"SCHED_RR\", \"run\": 1}, "
        "\"d\": {\"policy\": \"SCHED_DEADLINE\", \"dl-runtime\": 10, \"run\": 1}, "
        "\"e\": {\"policy\": \"SCHED_DEADLINE\", \"runtime\": 10, \"period\": 30, \"deadline\": "
        "20}, "
        "\"f\": {\"policy\": \"SCHED_IDLE\", \"run\": 1, \"dl-runtime\": 10, \"util_min\": 10, "
        "\"util_max\": -1, \"taskgroup\": \"/g\", \"nodes_membind\": [0, 1], \"numa\": [0]}}}";
    ck_assert_msg(load_bytes(&workload, text, strlen(text), &failure), "%s", failure.text);
    const struct aur_spec *spec = workload.specs;
    ck_assert_uint_eq(spec[0].kind, aur_task_kind(AUR_POLICY_OTHER, 0, 0));
    ck_assert_uint_eq(spec[0].instances, 1);
    ck_assert_uint_eq(spec[0].affinity, 0);
    ck_assert_uint_eq(spec[1].kind, aur_task_kind(AUR_POLICY_BATCH, 19, 0));
    ck_assert_uint_eq(spec[1].instances, 12);
    ck_assert_uint_eq(spec[1].start_ns, 7000);
    ck_assert_uint_eq(spec[1].slice_ns, 3000000);
    ck_assert(spec[1].affinity == (UINT64_C(1) << 63 | 1));
    ck_assert_uint_eq(spec[2].kind, aur_task_kind(AUR_POLICY_RR, 0, 10));
    ck_assert_uint_eq(spec[3].kind, aur_task_kind(AUR_POLICY_DEADLINE, 0, 0));
    ck_assert_uint_eq(spec[3].dl_runtime_ns, 10000);
    ck_assert_uint_eq(spec[3].dl_deadline_ns, 10000);
    ck_assert_uint_eq(spec[3].dl_period_ns, 10000);
    ck_assert_uint_eq(spec[4].dl_runtime_ns, 10000);
    ck_assert_uint_eq(spec[4].dl_deadline_ns, 20000);
    ck_assert_uint_eq(spec[4].dl_period_ns, 30000);
    ck_assert_uint_eq(spec[5].kind, aur_task_kind(AUR_POLICY_IDLE, 0, 0));
    ck_assert_uint_eq(spec[5].dl_runtime_ns, 0);
    aur_workload_free(&workload);
}
END_TEST

START_TEST(global_sets_duration_and_default_policy_and_takes_the_rest)
{
    struct aur_workload workload;
    struct aur_failure failure;
    static const char text[] =
        "{\"global\": {\"duration\": 600, \"default_policy\": \"SCHED_FIFO\", \"calibration\": "
        "\"CPU0\", \"lock_pages\": true, \"logdir\": \"./\", \"log_basename\": \"x\", "
        "\"log_size\": "
        "2, \"ftrace\": \"main,task\", \"gnuplot\": false, \"io_device\": \"/dev/null\", "
        "\"mem_buffer_size\": 1, \"cumulative_slack\": true, \"frag\": 1}, "
        "\"tasks\": {\"a\": {\"run\": 1}}, "
        "\"resources\": {\"m\": {\"type\": \"mutex\"}, \"s\": {\"type\": \"signal\", \"target\": "
        "\"w\"}}}";
    ck_assert_msg(load_bytes(&workload, text, strlen(text), &failure), "%s", failure.text);
    ck_assert(workload.duration_ns == UINT64_C(600000000000));
    ck_assert_uint_eq(workload.specs[0].kind, aur_task_kind(AUR_POLICY_FIFO, 0, 10));
    aur_workload_free(&workload);
    static const char endless[] =
        "{\"global\": {\"duration\": -1}, \"tasks\": {\"a\": {\"run\": 1}}}";
    ck_assert(load_bytes(&workload, endless, strlen(endless), &failure));
    ck_assert(workload.duration_ns == 0);
    aur_workload_free(&workload);
}
END_TEST

START_TEST(repeated_task_names_get_an_index_as_workgen_gives)
{
    struct aur_workload workload;
    struct aur_failure failure;
    static const char text[] = "{\"tasks\": {\"t\": {\"run\": 1}, \"t1\": {\"run\": 1}, \"t\": "
                               "{\"run\": 1, \"fork\": \"t\"}, \"t\": {\"run\": 1}}}";
    ck_assert_msg(load_bytes(&workload, text, strlen(text), &failure), "%s", failure.text);
    static const char *const names[] = {"t", "t1", "t2", "t3"};
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_str_eq(aur_workload_name(&workload, workload.specs[i].name), names[i]);
    ck_assert_str_eq(program_of(&workload, 2), "loop ever; run 1000; fork t; end; exit");
    aur_workload_free(&workload);
}
END_TEST

// --- what Debian ships ---------------------------------------------------------------------------

static char *slurp(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    char *bytes = malloc(1 << 20);
    *size = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

// Loads an example; false if rt-app's package is not installed.
static bool load_example(const char *name, struct aur_workload *workload,
                         struct aur_failure *failure, bool *good)
{
    char path[512];
    size_t size = 0;
    snprintf(path, sizeof path, EXAMPLES "/%s", name);
    char *bytes = slurp(path, &size);
    if (!bytes) {
        printf("not tested: %s is missing (Debian: apt-get install rt-app)\n", path);
        return false;
    }
    *good = load_bytes(workload, bytes, size, failure);
    free(bytes);
    return true;
}

START_TEST(example5_of_the_tutorial_with_its_repeated_keys_loads_as_written)
{
    struct aur_workload workload;
    struct aur_failure failure;
    bool good;
    if (!load_example("tutorial/example5.json", &workload, &failure, &good))
        return;
    ck_assert_msg(good, "%s", failure.text);
    ck_assert_str_eq(program_of(&workload, 0),
                     "sleep 10000000; loop 8; lock mutex; run 10000000; signal queue; run "
                     "10000000; unlock mutex; run 100000000; lock thread1; broadcast thread1; "
                     "unlock thread1; timer shared0 200000000; end; exit");
    ck_assert_str_eq(program_of(&workload, 1),
                     "loop 3; lock mutex; wait queue mutex; unlock mutex; run 10000000; lock "
                     "thread1; wait thread1 thread1; unlock thread1; run 10000000; lock thread1; "
                     "wait thread1 thread1; unlock thread1; run 10000000; end; exit");
    ck_assert_uint_eq(workload.specs[0].kind, aur_task_kind(AUR_POLICY_OTHER, -19, 0));
    ck_assert_uint_eq(workload.specs[1].affinity, 2);
    aur_workload_free(&workload);
}
END_TEST

static int files_seen, files_refused;

// Every example: which are refused, and with what words.
static void check_example(const char *path)
{
    static const char *const refused[][2] = {
        {"merge/global.json", "no \"tasks\" here, so there is nothing to run, merge it with a file "
                              "that has them"},
        {"merge/resources.json", "no \"tasks\" here, so there is nothing to run, merge it with a "
                                 "file that has them"},
        {"merge/thread", "\"exec\" is of the grammar before rt-app 1.0, which rt-app 1.0 refuses "
                         "too, write \"run\", \"lock\", \"unlock\" and \"timer\" events instead"},
    };
    struct aur_workload workload;
    struct aur_failure failure;
    size_t size = 0;
    const char *reason = NULL;
    for (size_t i = 0; i < LENGTH(refused); i++)
        if (strstr(path, refused[i][0]))
            reason = refused[i][1];
    char *bytes = slurp(path, &size);
    ck_assert_ptr_nonnull(bytes);
    bool good = load_bytes(&workload, bytes, size, &failure);
    ck_assert_msg(good == !reason, "%s: %s", path, failure.text);
    if (reason)
        ck_assert_ptr_nonnull(strstr(failure.text, reason));
    files_seen++;
    files_refused += !good;
    aur_workload_free(&workload);
    free(bytes);
}

static void check_folder(const char *folder, int depth)
{
    DIR *stream = opendir(folder);
    if (!stream)
        return;
    for (struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
        char path[1024];
        size_t length = strlen(entry->d_name);
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        struct stat status;
        if (entry->d_name[0] == '.' || stat(path, &status))
            continue;
        if (S_ISDIR(status.st_mode) && depth < 4)
            check_folder(path, depth + 1);
        else if (length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0)
            check_example(path);
    }
    closedir(stream);
}

START_TEST(every_example_of_the_debian_package_loads_or_is_refused_with_its_reason)
{
    struct stat status;
    if (stat(EXAMPLES, &status)) {
        printf("not tested: " EXAMPLES " is missing (Debian: apt-get install rt-app)\n");
        return;
    }
    check_folder(EXAMPLES, 0);
    printf("%d examples, %d refused\n", files_seen, files_refused);
    ck_assert_int_ge(files_seen, 20);
    ck_assert_int_eq(files_refused, 6);
}
END_TEST

START_TEST(the_mp3_example_is_what_its_file_says)
{
    struct aur_workload workload;
    struct aur_failure failure;
    bool good;
    if (!load_example("mp3-short.json", &workload, &failure, &good))
        return;
    ck_assert_msg(good, "%s", failure.text);
    ck_assert(workload.duration_ns == UINT64_C(6000000000));
    ck_assert_str_eq(program_of(&workload, 0),
                     "loop ever; lock AudioOut; broadcast AudioOut; unlock AudioOut; timer shared0 "
                     "6000000; loop 4; timer shared0 6000000; end; end; exit");
    ck_assert_str_eq(program_of(&workload, 3),
                     "loop ever; lock mp3.decoder; wait mp3.decoder mp3.decoder; unlock "
                     "mp3.decoder; run 1000000; lock mutex; signal queue; wait "
                     "queue mutex; unlock mutex; run 150000; end; exit");
    aur_workload_free(&workload);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        events_of_time_become_ops_in_nanoseconds,
        times_may_be_drawn_from_distributions_given_in_microseconds,
        events_are_known_by_how_their_key_starts,
        a_task_without_loop_goes_on_for_ever,
        a_phase_without_loop_runs_once_a_round,
        timers_are_shared_by_ref_and_own_by_unique,
        absolute_mode_holds_for_all_events_of_its_timer,
        own_timers_are_counted_for_each_task,
        suspend_waits_and_resume_broadcasts_under_a_mutex_of_the_same_name,
        wait_without_a_mutex_waits_for_the_condition_alone,
        suspend_without_a_name_means_the_own_task,
        sync_signals_then_waits_and_locks_if_the_task_has_not,
        one_name_may_be_mutex_condition_barrier_and_timer_at_once,
        a_barrier_waits_for_all_instances_that_name_it,
        mutexes_inherit_priority_if_pi_enabled_says_so_and_else_are_to_barge_for,
        fork_starts_a_task_that_may_come_later_in_the_file,
        phases_without_cpus_return_to_those_of_the_task,
        phases_change_policy_and_keep_what_they_do_not_name,
        task_attributes_have_the_defaults_of_rt_app,
        global_sets_duration_and_default_policy_and_takes_the_rest,
        repeated_task_names_get_an_index_as_workgen_gives,
        example5_of_the_tutorial_with_its_repeated_keys_loads_as_written,
        every_example_of_the_debian_package_loads_or_is_refused_with_its_reason,
        the_mp3_example_is_what_its_file_says,
    };
    return run_tests("rtapp", tests, LENGTH(tests), NULL);
}
