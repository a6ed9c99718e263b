// The waits that `perf sched latency` reports are those after a preemption, so predicted resumes
// and their waits stand beside them, and wake-up latencies beside the columns of wake-ups.
#include "cli/measured_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "experiment/measurements.h"

// Names in the measurements that stand for all tasks of the workload are renamed to this.
#define ALL_TASKS "*"

enum predicted {
    RUN,
    RESUMES,
    RESUME_MEAN,
    RESUME_MAX,
    WAKEUPS,
    WAKEUP_MEAN,
    PREDICTED
};

struct row {
    double run[PREDICTED]; // of the run at hand, in the store's units
    double sums[PREDICTED];
};

struct prediction {
    const struct aur_measurements *measured;
    struct row *rows; // one for each measured task
    uint32_t runs;
};

static bool take(void *context, const char *task, const char *name, const char *unit, double value)
{
    static const char *const names[PREDICTED] = {
        [RUN] = "run_ns",
        [RESUMES] = "resumes",
        [RESUME_MEAN] = "resume_ns_mean",
        [RESUME_MAX] = "resume_ns_max",
        [WAKEUPS] = "wakeups",
        [WAKEUP_MEAN] = "wakeup_ns_mean",
    };
    struct prediction *to = context;
    (void)unit;
    for (uint32_t i = 0; i < to->measured->count; i++) {
        const char *wanted = to->measured->tasks[i].name;
        if (strcmp(task, strcmp(wanted, ALL_TASKS) == 0 ? "" : wanted) != 0)
            continue;
        for (size_t p = 0; p < PREDICTED; p++)
            if (strcmp(name, names[p]) == 0 && !isnan(value))
                to->rows[i].run[p] = value;
    }
    return true;
}

// A mean over all replications is one over all waits in them.
static void add_run(struct prediction *to)
{
    for (uint32_t i = 0; i < to->measured->count; i++) {
        struct row *row = &to->rows[i];
        row->run[RESUME_MEAN] *= row->run[RESUMES];
        row->run[WAKEUP_MEAN] *= row->run[WAKEUPS];
        for (size_t p = 0; p < PREDICTED; p++)
            row->sums[p] += row->run[p];
        memset(row->run, 0, sizeof row->run);
    }
    to->runs++;
}

// What is put into one row of the table, with the quantity's target.
struct comparison {
    const char *task, *quantity, *unit;
    double predicted, mean, least, most;
    double allowed; // as a part of what was measured; 0: there is no target
    bool or_spread; // or between the least and the most of the repetitions
};

static void put_row(struct aur_table *table, const struct comparison *of)
{
    double off = of->mean > 0 ? (of->predicted - of->mean) / of->mean : NAN;
    bool within = fabs(off) <= of->allowed ||
                  (of->or_spread && of->predicted >= of->least && of->predicted <= of->most);
    aur_table_row(table);
    aur_table_text(table, of->task);
    aur_table_text(table, of->quantity);
    aur_table_quantity(table, of->predicted, of->unit);
    aur_table_quantity(table, of->mean, of->unit);
    aur_table_quantity(table, of->least, of->unit);
    aur_table_quantity(table, of->most, of->unit);
    aur_table_number(table, 100 * off);
    aur_table_text(table, of->allowed == 0 ? "" : within ? "within" : "MISSES");
}

static void put_values(struct aur_table *table, const struct aur_measured_task *task,
                       const struct row *row, uint32_t runs)
{
    const struct {
        const char *quantity, *unit;
        enum aur_measured_value measured;
        double scale; // of the measurement's unit
        double predicted;
        enum aur_measured_value events; // with too few of them a mean says nothing
        bool has_target;
    } values[] = {
        {"preemptions", "count", AUR_MEASURED_SWITCHES, 1, row->sums[RESUMES] / runs,
         AUR_MEASURED_SWITCHES, true},
        {"mean wait", "ns", AUR_MEASURED_MEAN_WAIT_MS, 1e6,
         row->sums[RESUME_MEAN] / row->sums[RESUMES], AUR_MEASURED_SWITCHES, true},
        {"max wait", "ns", AUR_MEASURED_MAX_WAIT_MS, 1e6, row->sums[RESUME_MAX] / runs,
         AUR_MEASURED_SWITCHES, false},
        {"wake-ups", "count", AUR_MEASURED_WAKEUPS, 1, row->sums[WAKEUPS] / runs,
         AUR_MEASURED_WAKEUPS, false},
        {"wakeup latency", "ns", AUR_MEASURED_MEAN_WAKEUP_MS, 1e6,
         row->sums[WAKEUP_MEAN] / row->sums[WAKEUPS], AUR_MEASURED_WAKEUPS, true},
    };
    for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
        enum aur_measured_value m = values[v].measured;
        if (task->mean[values[v].events] < AUR_EVENTS_FEWEST)
            continue;
        put_row(table, &(struct comparison){.task = "",
                                            .quantity = values[v].quantity,
                                            .unit = values[v].unit,
                                            .predicted = values[v].predicted,
                                            .mean = task->mean[m] * values[v].scale,
                                            .least = task->least[m] * values[v].scale,
                                            .most = task->most[m] * values[v].scale,
                                            .allowed = values[v].has_target ? AUR_WAIT_TARGET : 0,
                                            .or_spread = true});
    }
}

static void put_columns(struct aur_table *table)
{
    aur_table_column(table, "task", "");
    aur_table_column(table, "quantity", "");
    aur_table_column(table, "predicted", "");
    aur_table_column(table, "measured", "");
    aur_table_column(table, "least", "");
    aur_table_column(table, "most", "");
    aur_table_column(table, "error", "%");
    aur_table_column(table, "verdict", "");
}

static void put_rows(struct aur_table *table, const struct prediction *prediction)
{
    const struct aur_measurements *measured = prediction->measured;
    double predicted = 0;
    bool has[AUR_MEASURED_TASKS_MAX] = {false};
    for (uint32_t i = 0; i < measured->count; i++) {
        // else a program of the measured machine that the workload does not have
        has[i] = prediction->rows[i].sums[RUN] > 0;
        predicted += prediction->rows[i].sums[RUN];
    }
    for (uint32_t i = 0; i < measured->count; i++) {
        const struct aur_measured_task *task = &measured->tasks[i];
        struct aur_measured_share share = aur_measured_share(measured, i, has);
        if (!has[i])
            continue;
        put_row(table,
                &(struct comparison){.task = task->name,
                                     .quantity = "CPU share",
                                     .unit = "%",
                                     .predicted = 100 * prediction->rows[i].sums[RUN] / predicted,
                                     .mean = 100 * share.mean,
                                     .least = 100 * share.least,
                                     .most = 100 * share.most,
                                     .allowed = AUR_SHARE_TARGET});
        put_values(table, task, &prediction->rows[i], prediction->runs);
    }
}

// Points that differ in their workload only and have the same measurements are one prediction:
// the repetitions, each begun as it was recorded.
static bool belongs(const struct aur_experiment *experiment, uint32_t point, uint32_t first,
                    const char *path, struct aur_failure *failure)
{
    struct aur_value rename;
    char *other;
    for (uint32_t a = 0; a < experiment->axis_count; a++)
        if (strcmp(experiment->axes[a].path, "workload") != 0 &&
            aur_experiment_choice(experiment, point, a) !=
                aur_experiment_choice(experiment, first, a))
            return false;
    if (!aur_experiment_measured(experiment, point, &other, &rename, failure))
        return false; // as it did before, and was refused
    bool same = other && strcmp(other, path) == 0;
    free(other);
    return same;
}

static bool add_point(const struct aur_report *report, uint32_t point, struct prediction *to,
                      struct aur_failure *failure)
{
    const struct aur_point *of = &report->experiment->points[point];
    for (uint32_t i = 0; i < of->replications; i++) {
        int64_t run = report->runner.slots[of->first_run + i].run_id;
        if (run == 0)
            continue;
        if (!aur_store_select_metrics(report->store, run, take, to, failure))
            return false;
        add_run(to);
    }
    return true;
}

static void print_prediction(const struct prediction *prediction, const char *names)
{
    struct aur_table table;
    printf("\npredicted, mean of %u runs, beside measured, mean, least and most of its "
           "repetitions: %s\n",
           prediction->runs, names);
    aur_table_init(&table);
    put_columns(&table);
    put_rows(&table, prediction);
    aur_table_print(&table, false);
    aur_table_free(&table);
}

// The prediction of `first` and all points that belong to it.
static bool print_from(const struct aur_report *report, uint32_t first, const char *path,
                       const struct aur_measurements *measured, struct aur_failure *failure)
{
    struct aur_experiment *experiment = report->experiment;
    struct prediction prediction = {.measured = measured};
    char names[1024], name[256];

    prediction.rows = calloc(measured->count, sizeof *prediction.rows);
    bool good = prediction.rows != NULL || aur_fail(failure, NULL, 0, "memory is out");
    aur_experiment_label(experiment, experiment->points[first].first_run, names, sizeof names);
    char *replication = strstr(names, " replication=");
    if (replication)
        *replication = '\0'; // the mean over all of them is shown
    for (uint32_t point = first; point < experiment->point_count && good; point++) {
        if (!belongs(experiment, point, first, path, failure))
            continue;
        good = add_point(report, point, &prediction, failure);
        size_t length = strlen(names);
        if (point != first)
            snprintf(names + length, sizeof names - length, ", %s",
                     aur_experiment_workload_name(experiment, point, name, sizeof name));
    }
    if (good && prediction.runs != 0)
        print_prediction(&prediction, names);
    free(prediction.rows);
    return good;
}

bool aur_measured_tables_print(const struct aur_report *report, struct aur_failure *failure)
{
    const struct aur_experiment *experiment = report->experiment;
    for (uint32_t point = 0; point < experiment->point_count; point++) {
        struct aur_measurements measured;
        struct aur_value rename;
        char *path;
        uint32_t earlier = 0;
        if (!aur_experiment_measured(experiment, point, &path, &rename, failure))
            return false;
        if (!path)
            continue;
        while (earlier < point && !belongs(experiment, earlier, point, path, failure))
            earlier++;
        bool good = true;
        if (earlier == point) {
            good = aur_measurements_read(&measured, path, &rename, failure) &&
                   print_from(report, point, path, &measured, failure);
            aur_measurements_free(&measured);
        }
        free(path);
        if (!good)
            return false;
    }
    return true;
}
