#include "cli/run_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "experiment/metric.h"
#include "stats/intervals.h"
#include "store/store.h"

#define SHOWN_MOST 40u

struct shown {
    const char *text; // "task/metric" or "metric"
    uint32_t task_length;
    uint32_t id;
};

struct reading {
    struct shown shown[SHOWN_MOST];
    uint32_t count;
    double *values; // of one point: [metric * replications + replication]
    uint32_t replications, replication;
};

static void choose(const struct aur_experiment *experiment, struct reading *reading)
{
    const char *const *names = aur_metric_shown;
    uint32_t most = SHOWN_MOST;
    if (experiment->metric_count) {
        names = experiment->metrics;
        most = experiment->metric_count < most ? experiment->metric_count : most;
    }
    for (uint32_t i = 0; i < most && names[i]; i++) {
        struct shown *shown = &reading->shown[reading->count++];
        shown->text = names[i];
        aur_metric_parse(names[i], &shown->task_length, &shown->id);
    }
}

static bool take(void *context, const char *task, const char *name, const char *unit, double value)
{
    struct reading *reading = context;
    (void)unit;
    for (uint32_t i = 0; i < reading->count; i++) {
        const struct shown *shown = &reading->shown[i];
        if (strlen(task) == shown->task_length &&
            strncmp(task, shown->text, shown->task_length) == 0 &&
            strcmp(name, aur_metric(shown->id)->name) == 0)
            reading->values[i * reading->replications + reading->replication] = value;
    }
    return true;
}

static void put_metric(struct aur_table *table, const struct reading *reading, uint32_t number,
                       double confidence)
{
    double *known = &reading->values[number * reading->replications];
    struct aur_stats_interval interval;
    size_t count = 0;

    // Those that are known move to the front.
    for (uint32_t i = 0; i < reading->replications; i++)
        if (!isnan(known[i]))
            known[count++] = known[i];
    if (!count)
        aur_table_number(table, NAN);
    else if (aur_stats_mean_interval(known, count, confidence, &interval))
        aur_table_interval(table, interval.estimate, interval.high - interval.estimate);
    else
        aur_table_number(table, interval.estimate);
}

static bool put_point(struct aur_table *table, const struct aur_experiment *experiment,
                      const struct aur_runner *runner, struct aur_store *store, uint32_t point,
                      struct reading *reading, struct aur_failure *failure)
{
    const struct aur_point *of = &experiment->points[point];
    uint32_t stored = 0;

    reading->replications = of->replications;
    reading->values = malloc((size_t)reading->count * of->replications * sizeof(double));
    if (!reading->values)
        return aur_fail(failure, NULL, 0, "memory is out");
    for (uint32_t i = 0; i < reading->count * of->replications; i++)
        reading->values[i] = NAN;
    bool good = true;
    for (uint32_t i = 0; i < of->replications && good; i++) {
        const struct aur_run_slot *slot = &runner->slots[of->first_run + i];
        reading->replication = i;
        if (slot->run_id && slot->state != AUR_RUN_UNSTORED) {
            good = aur_store_select_metrics(store, slot->run_id, take, reading, failure);
            stored++;
        }
    }
    if (good && stored) {
        aur_table_row(table);
        for (uint32_t axis = 0; axis < experiment->axis_count; axis++)
            aur_table_text(
                table,
                experiment->axes[axis].labels[aur_experiment_choice(experiment, point, axis)]);
        if (!experiment->axis_count)
            aur_table_text(table, experiment->name);
        if (experiment->replications > 1)
            aur_table_number(table, stored);
        for (uint32_t i = 0; i < reading->count; i++)
            put_metric(table, reading, i, experiment->confidence);
    }
    free(reading->values);
    return good;
}

// "cpus" for machine.cpus; of longer paths, into a workload, the last two parts.
static const char *last_parts(const char *path)
{
    const char *dot = strrchr(path, '.'), *before = NULL;
    if (!dot)
        return path;
    for (const char *at = path; at < dot; at++)
        if (*at == '.')
            before = at;
    return (before ? before : dot) + 1;
}

bool aur_run_table_print(const struct aur_experiment *experiment, const struct aur_runner *runner,
                         const char *database, bool json, struct aur_failure *failure)
{
    struct reading reading = {.count = 0};
    struct aur_table table;
    struct aur_store *store;
    bool good = true;

    if (!aur_store_open(&store, database, AUR_STORE_READ, failure))
        return false;
    choose(experiment, &reading);
    aur_table_init(&table);
    for (uint32_t axis = 0; axis < experiment->axis_count; axis++)
        aur_table_column(
            &table, json ? experiment->axes[axis].path : last_parts(experiment->axes[axis].path),
            "");
    if (!experiment->axis_count)
        aur_table_column(&table, "experiment", "");
    if (experiment->replications > 1)
        aur_table_column(&table, "runs", "count");
    for (uint32_t i = 0; i < reading.count; i++)
        aur_table_column(&table, reading.shown[i].text, aur_metric(reading.shown[i].id)->unit);
    for (uint32_t point = 0; point < experiment->point_count && good; point++)
        good = put_point(&table, experiment, runner, store, point, &reading, failure);
    if (good && (table.rows || json))
        aur_table_print(&table, json);
    aur_table_free(&table);
    aur_store_close(store);
    return good;
}
