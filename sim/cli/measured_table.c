// What `perf sched latency` calls switches and waits are those after a preemption: it starts a
// wait at a switch-out in state R. So predicted resumes and their waits stand beside them; the
// latency of wake-ups is not in such a file.
#include "cli/measured_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "experiment/measurements.h"

struct prediction {
    const struct aur_measurements *measured;
    double (*values)[AUR_MEASURED_VALUES]; // sums over replications, one row a measured task
};

static bool take(void *context, const char *task, const char *name, const char *unit, double value)
{
    static const struct {
        const char *name;
        enum aur_measured_value of;
        double divisor;
    } sources[] = {
        {"run_ns", AUR_MEASURED_RUN_MS, 1e6},
        {"resumes", AUR_MEASURED_SWITCHES, 1},
        {"resume_ns_mean", AUR_MEASURED_MEAN_WAIT_MS, 1e6},
        {"resume_ns_max", AUR_MEASURED_MAX_WAIT_MS, 1e6},
    };
    struct prediction *to = context;
    (void)unit;
    for (uint32_t i = 0; i < to->measured->count; i++) {
        if (strcmp(task, to->measured->tasks[i].name) != 0)
            continue;
        for (size_t s = 0; s < sizeof sources / sizeof sources[0]; s++)
            if (strcmp(name, sources[s].name) == 0)
                to->values[i][sources[s].of] += value / sources[s].divisor;
    }
    return true;
}

static double error_percent(double predicted, double measured)
{
    return measured > 0 ? 100 * (predicted - measured) / measured : NAN;
}

static void put_values(struct aur_table *table, double predicted, double measured, double half)
{
    aur_table_number(table, predicted);
    aur_table_interval(table, measured, half);
    aur_table_number(table, error_percent(predicted, measured));
}

static void put_columns(struct aur_table *table)
{
    static const char *const names[] = {"share", "mean_wait", "max_wait", "switches"};
    static const char *const units[] = {"%", "ns", "ns", "count"};
    char key[64];
    aur_table_column(table, "task", "");
    for (uint32_t i = 0; i < 4; i++) {
        snprintf(key, sizeof key, "%s_predicted", names[i]);
        aur_table_column(table, key, units[i]);
        snprintf(key, sizeof key, "%s_measured", names[i]);
        aur_table_column(table, key, units[i]);
        snprintf(key, sizeof key, "%s_error", names[i]);
        aur_table_column(table, key, "%");
    }
}

static void put_rows(struct aur_table *table, const struct prediction *prediction, uint32_t runs)
{
    static const enum aur_measured_value order[] = {
        AUR_MEASURED_MEAN_WAIT_MS, AUR_MEASURED_MAX_WAIT_MS, AUR_MEASURED_SWITCHES};
    const struct aur_measurements *measured = prediction->measured;
    double predicted_ms = 0, measured_ms = 0;
    for (uint32_t i = 0; i < measured->count; i++) {
        if (prediction->values[i][AUR_MEASURED_RUN_MS] == 0)
            continue; // a program of the measured machine that the workload does not have
        predicted_ms += prediction->values[i][AUR_MEASURED_RUN_MS] / runs;
        measured_ms += measured->tasks[i].mean[AUR_MEASURED_RUN_MS];
    }
    for (uint32_t i = 0; i < measured->count; i++) {
        const struct aur_measured_task *task = &measured->tasks[i];
        const double *sums = prediction->values[i];
        if (sums[AUR_MEASURED_RUN_MS] == 0)
            continue;
        aur_table_row(table);
        aur_table_text(table, task->name);
        put_values(table, 100 * sums[AUR_MEASURED_RUN_MS] / runs / predicted_ms,
                   100 * task->mean[AUR_MEASURED_RUN_MS] / measured_ms,
                   50 * (task->most[AUR_MEASURED_RUN_MS] - task->least[AUR_MEASURED_RUN_MS]) /
                       measured_ms);
        for (size_t v = 0; v < 3; v++) {
            double scale = order[v] == AUR_MEASURED_SWITCHES ? 1 : 1e6;
            put_values(table, sums[order[v]] / runs * scale, task->mean[order[v]] * scale,
                       (task->most[order[v]] - task->least[order[v]]) / 2 * scale);
        }
    }
}

static bool print_point(const struct aur_report *report, uint32_t point,
                        const struct aur_measurements *measured, struct aur_failure *failure)
{
    struct aur_experiment *experiment = report->experiment;
    struct prediction prediction = {.measured = measured};
    struct aur_table table;
    char label[512];
    uint32_t runs = 0;

    prediction.values = calloc(measured->count, sizeof *prediction.values);
    bool good = prediction.values != NULL || aur_fail(failure, NULL, 0, "memory is out");
    for (uint32_t i = 0; i < experiment->points[point].replications && good; i++) {
        int64_t run = report->runner.slots[experiment->points[point].first_run + i].run_id;
        if (run == 0)
            continue;
        good = aur_store_select_metrics(report->store, run, take, &prediction, failure);
        runs++;
    }
    if (good && runs != 0) {
        aur_experiment_label(experiment, experiment->points[point].first_run, label, sizeof label);
        char *replication = strstr(label, " replication=");
        if (replication)
            *replication = '\0'; // the mean over all of them is shown
        printf(
            "\npredicted, mean of %u runs, beside measured, ± half the range of its repetitions: "
            "%s\n",
            runs, label);
        aur_table_init(&table);
        put_columns(&table);
        put_rows(&table, &prediction, runs);
        aur_table_print(&table, false);
        aur_table_free(&table);
    }
    free(prediction.values);
    return good;
}

bool aur_measured_tables_print(const struct aur_report *report, struct aur_failure *failure)
{
    for (uint32_t point = 0; point < report->experiment->point_count; point++) {
        struct aur_measurements measured;
        struct aur_value rename;
        char *path;
        if (!aur_experiment_measured(report->experiment, point, &path, &rename, failure))
            return false;
        if (!path)
            continue;
        bool good = aur_measurements_read(&measured, path, &rename, failure);
        free(path);
        if (!good)
            return false;
        good = print_point(report, point, &measured, failure);
        aur_measurements_free(&measured);
        if (!good)
            return false;
    }
    return true;
}
