#include "cli/metric_differences.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/intervals.h"

static struct aur_metric_line *find_line(struct aur_metric_differences *of, const char *task,
                                         const char *name, const char *unit)
{
    for (uint32_t i = 0; i < of->count; i++)
        if (strcmp(of->lines[i].name, name) == 0 && strcmp(of->lines[i].task, task) == 0)
            return &of->lines[i];
    if (of->count == of->room) {
        uint32_t room = of->room * 2 + 64;
        struct aur_metric_line *lines = realloc(of->lines, room * sizeof *lines);
        if (!lines)
            return NULL;
        of->lines = lines;
        of->room = room;
    }
    struct aur_metric_line line = {
        .task = strdup(task), .name = strdup(name), .unit = strdup(unit)};
    for (int side = 0; side < 2; side++)
        line.values[side] = malloc(of->sides[side].count * sizeof(double));
    of->lines[of->count] = line;
    of->count++;
    return line.task && line.name && line.unit && line.values[0] && line.values[1]
               ? &of->lines[of->count - 1]
               : NULL;
}

static bool take_metric(void *context, const char *task, const char *name, const char *unit,
                        double value)
{
    struct aur_metric_differences *of = context;
    if (*task && !of->tasks)
        return true;
    struct aur_metric_line *line = find_line(of, task, name, unit);
    if (!line) {
        of->lost = true;
        return false;
    }
    if (!isnan(value))
        line->values[of->at_side][line->counts[of->at_side]++] = value;
    return true;
}

bool aur_metric_differences_read(struct aur_metric_differences *of, struct aur_store *store,
                                 struct aur_failure *failure)
{
    for (of->at_side = 0; of->at_side < 2; of->at_side++) {
        const struct aur_metric_side *side = &of->sides[of->at_side];
        for (uint32_t i = 0; i < side->count; i++)
            if (!aur_store_select_metrics(store, side->runs[i], take_metric, of, failure))
                return false;
    }
    return !of->lost || aur_fail(failure, NULL, 0, "memory is out");
}

static void put_mean(struct aur_table *table, const struct aur_metric_line *line, int side,
                     double *mean)
{
    struct aur_stats_interval interval;
    *mean = NAN;
    if (line->counts[side] == 0) {
        aur_table_quantity(table, NAN, line->unit);
        return;
    }
    // With one value the estimate is that value, and there is no interval.
    aur_stats_mean_interval(line->values[side], line->counts[side], 0.95, &interval);
    *mean = interval.estimate;
    aur_table_quantity(table, interval.estimate, line->unit);
}

static void put_line(struct aur_table *table, const struct aur_metric_line *line, bool tasks,
                     bool tested)
{
    double means[2];
    struct aur_stats_comparison comparison;
    aur_table_row(table);
    if (tasks)
        aur_table_text(table, *line->task ? line->task : "(system)");
    aur_table_text(table, line->name);
    put_mean(table, line, 0, &means[0]);
    put_mean(table, line, 1, &means[1]);
    aur_table_quantity(table, means[1] - means[0], line->unit);
    aur_table_number(table, means[0] != 0 ? 100 * (means[1] - means[0]) / fabs(means[0]) : NAN);
    if (!tested)
        return;
    tested = line->counts[0] > 1 && line->counts[1] > 1 &&
             aur_stats_welch_test(line->values[1], line->counts[1], line->values[0],
                                  line->counts[0], 0.95, &comparison);
    aur_table_number(table, tested ? comparison.p : NAN);
}

static bool differs(const struct aur_metric_line *line)
{
    return line->counts[0] != line->counts[1] ||
           (line->counts[0] &&
            memcmp(line->values[0], line->values[1], line->counts[0] * sizeof(double)) != 0);
}

void aur_metric_differences_table(const struct aur_metric_differences *of, struct aur_table *table)
{
    aur_table_init(table);
    if (of->tasks)
        aur_table_column(table, "task", "");
    aur_table_column(table, "metric", "");
    aur_table_column(table, "a", "");
    aur_table_column(table, "b", "");
    aur_table_column(table, "difference", "");
    aur_table_column(table, "change", "%");
    if (of->tested)
        aur_table_column(table, "p", "1");
    for (uint32_t i = 0; i < of->count; i++)
        if (!of->changed || differs(&of->lines[i]))
            put_line(table, &of->lines[i], of->tasks, of->tested);
}

void aur_metric_differences_free(struct aur_metric_differences *of)
{
    for (uint32_t i = 0; i < of->count; i++) {
        free(of->lines[i].task);
        free(of->lines[i].name);
        free(of->lines[i].unit);
        free(of->lines[i].values[0]);
        free(of->lines[i].values[1]);
    }
    free(of->lines);
    of->lines = NULL;
    of->count = 0;
}
