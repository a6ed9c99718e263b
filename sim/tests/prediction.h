// Predictions beside measurements: every figure that is within its target must stay so, those that
// are not are named. docs/fidelity.md says why they miss.
#ifndef AURORA_TESTS_PREDICTION_H
#define AURORA_TESTS_PREDICTION_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/experiment.h"
#include "experiment/measurements.h"
#include "machine/simulate.h"
#include "tests/run_tests.h"

static const char *in_source(const char *name)
{
    static char path[4096];
    const char *folder = getenv("AUR_SRCDIR");
    snprintf(path, sizeof path, "%s/%s", folder ? folder : ".", name);
    return path;
}

enum quantity {
    PREEMPTIONS,
    PREEMPTION_WAIT,
    WAKEUPS,
    WAKEUP_WAIT,
    QUANTITIES,
    SHARE
};

// Of a task, sums over all runs; waits in nanoseconds.
struct prediction {
    double run_ns, sums[QUANTITIES];
};

// A figure that misses its target; docs/fidelity.md says why. All others must hold.
struct miss {
    const char *task;
    enum quantity quantity;
};

static bool is_of(const struct aur_measured_task *measured, const char *name)
{
    return strcmp(measured->name, "*") == 0 || strcmp(measured->name, name) == 0;
}

static void predict(const struct aur_inputs *inputs, const struct aur_measurements *measured,
                    struct prediction *predictions)
{
    struct aur_run_result result;
    struct aur_failure failure = {""};
    ck_assert_msg(aur_simulate(inputs, NULL, &result, &failure), "%s", failure.text);
    for (uint32_t m = 0; m < measured->count; m++) {
        struct prediction *to = &predictions[m];
        for (uint32_t i = 0; i < result.task_count; i++) {
            const struct aur_task_result *task = &result.tasks[i];
            uint32_t name = inputs->workload.specs[task->spec].name;
            if (!is_of(&measured->tasks[m], aur_workload_name(&inputs->workload, name)))
                continue;
            to->run_ns += (double)task->run_ns;
            to->sums[PREEMPTIONS] += task->resumes;
            to->sums[PREEMPTION_WAIT] += (double)task->resume_wait_ns;
            to->sums[WAKEUPS] += task->wakeups;
            to->sums[WAKEUP_WAIT] +=
                (double)(task->wait_ns > task->resume_wait_ns ? task->wait_ns - task->resume_wait_ns
                                                              : 0);
        }
    }
    aur_run_result_free(&result);
}

static void expect_within(const char *task, const char *what, double predicted, double mean,
                          double least, double most, double allowed, bool must)
{
    double off = fabs(predicted - mean) / mean;
    bool within = off <= allowed || (predicted >= least && predicted <= most);
    printf("%-13s %-16s predicted %12.4f, measured %12.4f, off %6.2f %%%s\n", task, what, predicted,
           mean, 100 * off,
           within ? ""
           : must ? " MISSES"
                  : " misses, as said");
    ck_assert_msg(within || !must, "%s: %s is predicted as %g, measured %g: off by %.2f %%", task,
                  what, predicted, mean, 100 * off);
}

static bool is_missed(const struct miss *misses, const char *task, enum quantity quantity)
{
    for (; misses->task; misses++)
        if (misses->quantity == quantity && strcmp(misses->task, task) == 0)
            return true;
    return false;
}

static void compare_task(const struct aur_measured_task *real, const struct prediction *of,
                         double runs, const struct miss *misses)
{
    static const struct {
        const char *what;
        enum aur_measured_value measured, events;
        double scale;
    } quantities[QUANTITIES] = {
        [PREEMPTIONS] = {"preemptions", AUR_MEASURED_SWITCHES, AUR_MEASURED_SWITCHES, 1},
        [PREEMPTION_WAIT] = {"wait, ms", AUR_MEASURED_MEAN_WAIT_MS, AUR_MEASURED_SWITCHES, 1e6},
        [WAKEUP_WAIT] = {"wakeup wait, ms", AUR_MEASURED_MEAN_WAKEUP_MS, AUR_MEASURED_WAKEUPS, 1e6},
    };
    for (uint32_t q = 0; q < QUANTITIES; q++) {
        enum aur_measured_value m = quantities[q].measured;
        if (!quantities[q].what || real->mean[quantities[q].events] < AUR_EVENTS_FEWEST)
            continue;
        double count = q == PREEMPTIONS ? runs : of->sums[q - 1];
        expect_within(real->name, quantities[q].what, of->sums[q] / count / quantities[q].scale,
                      real->mean[m], real->least[m], real->most[m], AUR_WAIT_TARGET,
                      !is_missed(misses, real->name, q));
    }
}

static uint32_t compare(const struct aur_measurements *measured,
                        const struct prediction *predictions, double runs,
                        const struct miss *misses)
{
    uint32_t compared = 0;
    double all_ns = 0;
    bool has[AUR_MEASURED_TASKS_MAX];
    for (uint32_t i = 0; i < measured->count; i++) {
        has[i] = predictions[i].run_ns > 0;
        all_ns += predictions[i].run_ns;
    }
    for (uint32_t i = 0; i < measured->count; i++) {
        if (!has[i])
            continue;
        double share = aur_measured_share(measured, i, has).mean;
        expect_within(measured->tasks[i].name, "share", predictions[i].run_ns / all_ns, share,
                      share, share, AUR_SHARE_TARGET,
                      !is_missed(misses, measured->tasks[i].name, SHARE));
        compare_task(&measured->tasks[i], &predictions[i], runs, misses);
        compared++;
    }
    return compared;
}

// Runs the points of an experiment, a file in experiments/, whose workloads are called so or
// `wanted-1` and so on; returns how many tasks were compared.
static uint32_t compare_workload(const char *file, const char *wanted, const struct miss *misses)
{
    char path_in_source[256];
    snprintf(path_in_source, sizeof path_in_source, "experiments/%s", file);
    struct aur_experiment experiment;
    struct aur_failure failure = {""};
    struct aur_measurements measured = {NULL, 0};
    struct prediction *predictions = NULL;
    uint32_t runs = 0;
    ck_assert_msg(
        aur_experiment_load(&experiment, in_source(path_in_source), NULL, 0, NULL, NULL, &failure),
        "%s", failure.text);
    for (uint32_t point = 0; point < experiment.point_count; point++) {
        struct aur_value rename;
        char name[256], *path;
        if (strncmp(aur_experiment_workload_name(&experiment, point, name, sizeof name), wanted,
                    strlen(wanted)) != 0)
            continue;
        ck_assert(aur_experiment_measured(&experiment, point, &path, &rename, &failure));
        ck_assert_ptr_nonnull(path);
        if (!predictions) {
            ck_assert_msg(aur_measurements_read(&measured, path, &rename, &failure), "%s",
                          failure.text);
            predictions = calloc(measured.count, sizeof *predictions);
        }
        free(path);
        for (uint32_t i = 0; i < experiment.points[point].replications; i++, runs++) {
            struct aur_inputs inputs;
            ck_assert(aur_experiment_resolve(&experiment, experiment.points[point].first_run + i,
                                             &inputs, &failure));
            predict(&inputs, &measured, predictions);
            aur_inputs_free(&inputs);
        }
    }
    uint32_t compared = compare(&measured, predictions, runs, misses);
    free(predictions);
    aur_measurements_free(&measured);
    aur_experiment_free(&experiment);
    return compared;
}

#endif
