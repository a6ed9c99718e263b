// Predictions beside what real Linux did: the targets of experiments/linux-fidelity.yaml, and the
// recorded trace replayed under every class. docs/fidelity.md says what the numbers mean.
#include <inttypes.h>

#include "tests/prediction.h"
#include "workload/file.h"
#include "workload/linux_trace.h"

#define TRACE "experiments/workloads/hackbench-pipe.txt.gz"

static void setup(void) {}

#define EXPERIMENT "linux-fidelity.yaml"

START_TEST(endless_tasks_of_three_weights_share_and_wait_as_on_linux)
{
    static const struct miss none[] = {{NULL, QUANTITIES}};
    ck_assert_uint_eq(compare_workload(EXPERIMENT, "shares", none), 3);
}
END_TEST

START_TEST(a_mix_of_periodic_and_endless_tasks_shares_and_waits_as_on_linux)
{
    static const struct miss misses[] = {
        {"p10", PREEMPTION_WAIT}, {"p10", WAKEUP_WAIT}, {NULL, QUANTITIES}};
    ck_assert_uint_eq(compare_workload(EXPERIMENT, "mix", misses), 5);
}
END_TEST

START_TEST(music_beside_hogs_on_two_cpus_has_the_shares_of_linux)
{
    static const struct miss misses[] = {{"AudioTick", PREEMPTION_WAIT},
                                         {"AudioTick", WAKEUP_WAIT},

                                         {"mp3.decoder", PREEMPTIONS},
                                         {"mp3.decoder", PREEMPTION_WAIT},
                                         {"OMXCall", PREEMPTIONS},
                                         {"OMXCall", PREEMPTION_WAIT},
                                         {NULL, QUANTITIES}};
    ck_assert_uint_eq(compare_workload(EXPERIMENT, "mp3-hogs", misses), 6);
}
END_TEST

START_TEST(messages_through_pipes_wait_and_wake_as_in_hackbench)
{
    static const struct miss misses[] = {{"*", PREEMPTIONS}, {NULL, QUANTITIES}};
    ck_assert_uint_eq(compare_workload(EXPERIMENT, "hackbench", misses), 1);
}
END_TEST

// --- the recorded trace --------------------------------------------------------------------------

static uint64_t recorded_run_ns(uint32_t *tasks)
{
    struct aur_workload workload;
    struct aur_trace_report report;
    struct aur_failure failure = {""};
    char *bytes;
    size_t size;
    bool truncated;
    ck_assert(aur_file_read(in_source(TRACE), &bytes, &size, &truncated, &failure));
    ck_assert(!truncated);
    aur_workload_init(&workload);
    memset(&report, 0, sizeof report);
    ck_assert_msg(aur_linux_trace_load(&workload, "trace", bytes, size, &report, &failure), "%s",
                  failure.text);
    aur_workload_free(&workload);
    free(bytes);
    *tasks = report.tasks;
    return report.run_ns;
}

// Replays the trace; costs says whether switches and migrations cost anything.
static void replay(const char *class, bool costs, struct aur_run_result *result)
{
    const struct aur_setting settings[] = {{"scheduler", class},
                                           {"machine.switch_cost", "0"},
                                           {"machine.migration_cost", "0"},
                                           {"machine.interrupt_latency", "0"}};
    struct aur_experiment experiment;
    struct aur_inputs inputs;
    struct aur_failure failure = {""};
    ck_assert_msg(aur_experiment_load(&experiment, in_source(TRACE), settings,
                                      costs ? 1 : LENGTH(settings), NULL, NULL, &failure),
                  "%s", failure.text);
    ck_assert_uint_eq(aur_experiment_runs(&experiment), 1);
    ck_assert(aur_experiment_resolve(&experiment, 0, &inputs, &failure));
    ck_assert_msg(aur_simulate(&inputs, NULL, result, &failure), "%s", failure.text);
    aur_inputs_free(&inputs);
    aur_experiment_free(&experiment);
}

START_TEST(the_recorded_hackbench_ends_under_every_class_after_the_recorded_work)
{
    uint32_t tasks;
    uint64_t recorded_ns = recorded_run_ns(&tasks);
    struct aur_machine machine;
    aur_machine_default(&machine);
    ck_assert_uint_ge(tasks, 80);
    for (uint32_t number = 0; number < aur_class_find("agent"); number++) // all but that
        for (uint32_t costs = 0; costs < 2; costs++) {
            struct aur_run_result result;
            const char *class = aur_class_info(number)->name;
            uint64_t run_ns = 0, costs_ns = 0;
            replay(class, costs, &result);
            ck_assert_msg(result.live == 0, "%s: %u tasks never ended", class, result.live);
            for (uint32_t t = 0; t < result.task_count; t++) {
                run_ns += result.tasks[t].run_ns;
                costs_ns += costs * (result.tasks[t].switches * machine.switch_cost_ns +
                                     result.tasks[t].migrations * machine.migration_cost_ns);
            }
            printf("%-5s recorded %" PRIu64 " ns, replayed %" PRIu64 "\n", class, recorded_ns,
                   run_ns);
            ck_assert_msg(run_ns >= recorded_ns && run_ns - recorded_ns <= costs_ns,
                          "%s: %" PRIu64 " ns more than recorded, switches and migrations explain "
                          "%" PRIu64,
                          class, run_ns - recorded_ns, costs_ns);
            aur_run_result_free(&result);
        }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        endless_tasks_of_three_weights_share_and_wait_as_on_linux,
        a_mix_of_periodic_and_endless_tasks_shares_and_waits_as_on_linux,
        music_beside_hogs_on_two_cpus_has_the_shares_of_linux,
        messages_through_pipes_wait_and_wake_as_in_hackbench,
        the_recorded_hackbench_ends_under_every_class_after_the_recorded_work,
    };
    return run_tests("linux prediction", tests, LENGTH(tests), setup);
}
