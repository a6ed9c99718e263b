// Predictions beside what real Linux did: the targets of experiments/linux-shares.yaml, and the
// recorded trace replayed under every class. docs/fidelity.md says what the numbers mean.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/experiment.h"
#include "experiment/measurements.h"
#include "machine/simulate.h"
#include "tests/run_tests.h"
#include "workload/file.h"
#include "workload/linux_trace.h"

#define TRACE "experiments/workloads/hackbench-pipe.txt.gz"

static const char *in_source(const char *name)
{
    static char path[4096];
    const char *folder = getenv("AUR_SRCDIR");
    snprintf(path, sizeof path, "%s/%s", folder ? folder : ".", name);
    return path;
}

static void setup(void) {}

// --- predicted beside measured -------------------------------------------------------------------

// Of a task, sums over replications.
struct prediction {
    double run_ns, resumes, resume_wait_ns;
};

static void predict(const struct aur_inputs *inputs, const struct aur_measurements *measured,
                    struct prediction *predictions)
{
    struct aur_run_result result;
    struct aur_failure failure = {""};
    ck_assert_msg(aur_simulate(inputs, NULL, &result, &failure), "%s", failure.text);
    for (uint32_t i = 0; i < result.task_count; i++) {
        const struct aur_task_result *task = &result.tasks[i];
        const char *name =
            aur_workload_name(&inputs->workload, inputs->workload.specs[task->spec].name);
        for (uint32_t m = 0; m < measured->count; m++) {
            if (strcmp(name, measured->tasks[m].name) != 0)
                continue;
            predictions[m].run_ns += (double)task->run_ns;
            predictions[m].resumes += task->resumes;
            predictions[m].resume_wait_ns += (double)task->resume_wait_ns;
        }
    }
    aur_run_result_free(&result);
}

static double measured_share(const struct aur_measurements *measured,
                             const struct prediction *predictions, uint32_t task)
{
    double all = 0;
    for (uint32_t i = 0; i < measured->count; i++)
        if (predictions[i].run_ns > 0) // else a program beside the workload
            all += measured->tasks[i].mean[AUR_MEASURED_RUN_MS];
    return measured->tasks[task].mean[AUR_MEASURED_RUN_MS] / all;
}

// How far off a prediction may be, as a part of what was measured.
struct bounds {
    const char *task; // NULL: of all that are not named before
    double share, wait, switches;
};

static void expect_within(const char *task, const char *what, double predicted, double measured,
                          double bound)
{
    double off = fabs(predicted - measured) / measured;
    printf("%-7s %-9s predicted %10.4f, measured %10.4f, off %5.2f %%\n", task, what, predicted,
           measured, 100 * off);
    ck_assert_msg(off <= bound, "%s: %s is predicted as %g, measured %g: off by %.2f %%", task,
                  what, predicted, measured, 100 * off);
}

static uint32_t compare(const struct aur_measurements *measured,
                        const struct prediction *predictions, double runs,
                        const struct bounds *bounds)
{
    uint32_t compared = 0;
    double all_ns = 0;
    for (uint32_t i = 0; i < measured->count; i++)
        all_ns += predictions[i].run_ns;
    for (uint32_t i = 0; i < measured->count; i++) {
        const struct aur_measured_task *real = &measured->tasks[i];
        const struct prediction *of = &predictions[i];
        const struct bounds *within = bounds;
        if (of->run_ns == 0)
            continue;
        while (within->task && strcmp(within->task, real->name) != 0)
            within++;
        expect_within(real->name, "share", of->run_ns / all_ns,
                      measured_share(measured, predictions, i), within->share);
        expect_within(real->name, "wait, ms", of->resume_wait_ns / of->resumes / 1e6,
                      real->mean[AUR_MEASURED_MEAN_WAIT_MS], within->wait);
        expect_within(real->name, "switches", of->resumes / runs, real->mean[AUR_MEASURED_SWITCHES],
                      within->switches);
        compared++;
    }
    return compared;
}

// Runs the point of linux-shares.yaml with that workload; returns how many tasks were compared.
static uint32_t compare_workload(const char *wanted, const struct bounds *bounds)
{
    struct aur_experiment experiment;
    struct aur_failure failure = {""};
    uint32_t compared = 0;
    ck_assert_msg(aur_experiment_load(&experiment, in_source("experiments/linux-shares.yaml"), NULL,
                                      0, NULL, NULL, &failure),
                  "%s", failure.text);
    for (uint32_t point = 0; point < experiment.point_count; point++) {
        struct aur_measurements measured;
        struct aur_value rename;
        char name[256], *path;
        if (strcmp(aur_experiment_workload_name(&experiment, point, name, sizeof name), wanted))
            continue;
        ck_assert(aur_experiment_measured(&experiment, point, &path, &rename, &failure));
        ck_assert_ptr_nonnull(path);
        ck_assert_msg(aur_measurements_read(&measured, path, &rename, &failure), "%s",
                      failure.text);
        struct prediction *predictions = calloc(measured.count, sizeof *predictions);
        uint32_t runs = experiment.points[point].replications;
        for (uint32_t i = 0; i < runs; i++) {
            struct aur_inputs inputs;
            ck_assert(aur_experiment_resolve(&experiment, experiment.points[point].first_run + i,
                                             &inputs, &failure));
            predict(&inputs, &measured, predictions);
            aur_inputs_free(&inputs);
        }
        compared += compare(&measured, predictions, runs, bounds);
        free(predictions);
        free(path);
        aur_measurements_free(&measured);
    }
    aur_experiment_free(&experiment);
    return compared;
}

START_TEST(shares_of_endless_tasks_are_within_1_percent_of_linux_waits_and_switches_within_5)
{
    static const struct bounds targets[] = {{NULL, 0.01, 0.05, 0.05}};
    ck_assert_uint_eq(compare_workload("shares", targets), 3);
}
END_TEST

// What is reached, not what was aimed at. p20 is the one far off: its measured count varies between
// 57 and 78, and the phase of the tick, which nobody recorded, moves it between 46 and 107.
START_TEST(a_mix_of_periodic_and_endless_tasks_is_within_3_percent_of_their_shares)
{
    static const struct bounds reached[] = {{"p20", 0.03, 0.15, 0.30}, {NULL, 0.03, 0.07, 0.06}};
    ck_assert_uint_eq(compare_workload("mix", reached), 5);
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
    for (uint32_t number = 0; number < aur_class_count(); number++)
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
        shares_of_endless_tasks_are_within_1_percent_of_linux_waits_and_switches_within_5,
        a_mix_of_periodic_and_endless_tasks_is_within_3_percent_of_their_shares,
        the_recorded_hackbench_ends_under_every_class_after_the_recorded_work,
    };
    return run_tests("linux prediction", tests, LENGTH(tests), setup);
}
