// aurora compare: two runs metric by metric. Where their grid points have replications, the means
// over these are compared and the difference is tested.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/table.h"
#include "experiment/metric.h"
#include "experiment/stored.h"
#include "stats/intervals.h"

#define REPLICATIONS_MOST 1000u

static const struct aur_option options[] = {
    AUR_OPTION_DB,
    {"tasks", 0, NULL, "compare the tasks, too"},
    AUR_OPTION_JSON,
    {NULL, 0, NULL, NULL},
};

// A metric of the system or a task, with a value a replication of either side.
struct line {
    char *task;
    char *name;
    char *unit;
    double *values[2];
    uint32_t counts[2];
};

struct side {
    struct aur_stored_summary run;
    char point[512]; // its label without the replication
    int64_t runs[REPLICATIONS_MOST];
    uint32_t count;
};

struct comparing {
    struct aur_store *store;
    struct side sides[2];
    struct line *lines;
    uint32_t count, room;
    bool tasks, lost;
    uint32_t at_side;
};

static void cut_replication(const char *label, char *point, size_t room)
{
    snprintf(point, room, "%s", label);
    char *at = strstr(point, "replication=");
    if (at)
        *at = '\0';
}

static bool take_run(void *context, const struct aur_stored_run *run)
{
    struct side *side = context;
    char point[512];
    cut_replication(run->label, point, sizeof point);
    if (strcmp(point, side->point) == 0 && strcmp(run->host, side->run.host) == 0 &&
        strcmp(run->workload, side->run.workload) == 0 &&
        strcmp(run->scheduler, side->run.scheduler) == 0 && side->count < REPLICATIONS_MOST)
        side->runs[side->count++] = run->id;
    return true;
}

// The run and the others of its grid point. A run whose label names no replication stands alone.
static bool find_side(struct comparing *with, struct side *side, const char *database,
                      const char *word, struct aur_failure *failure)
{
    if (!aur_stored_find(with->store, database, word, &side->run, failure))
        return false;
    cut_replication(side->run.label, side->point, sizeof side->point);
    if (strcmp(side->point, side->run.label) == 0) {
        side->runs[side->count++] = side->run.id;
        return true;
    }
    return aur_store_select_runs(with->store, side->run.experiment, 0, take_run, side, failure);
}

static struct line *find_line(struct comparing *with, const char *task, const char *name,
                              const char *unit)
{
    for (uint32_t i = 0; i < with->count; i++)
        if (strcmp(with->lines[i].name, name) == 0 && strcmp(with->lines[i].task, task) == 0)
            return &with->lines[i];
    if (with->count == with->room) {
        uint32_t room = with->room * 2 + 64;
        struct line *lines = realloc(with->lines, room * sizeof *lines);
        if (!lines)
            return NULL;
        with->lines = lines;
        with->room = room;
    }
    struct line line = {.task = strdup(task), .name = strdup(name), .unit = strdup(unit)};
    for (int side = 0; side < 2; side++)
        line.values[side] = malloc(with->sides[side].count * sizeof(double));
    with->lines[with->count] = line;
    with->count++;
    return line.task && line.name && line.unit && line.values[0] && line.values[1]
               ? &with->lines[with->count - 1]
               : NULL;
}

static bool take_metric(void *context, const char *task, const char *name, const char *unit,
                        double value)
{
    struct comparing *with = context;
    if (*task && !with->tasks)
        return true;
    struct line *line = find_line(with, task, name, unit);
    if (!line) {
        with->lost = true;
        return false;
    }
    if (!isnan(value))
        line->values[with->at_side][line->counts[with->at_side]++] = value;
    return true;
}

static bool read_metrics(struct comparing *with, struct aur_failure *failure)
{
    for (with->at_side = 0; with->at_side < 2; with->at_side++) {
        const struct side *side = &with->sides[with->at_side];
        for (uint32_t i = 0; i < side->count; i++)
            if (!aur_store_select_metrics(with->store, side->runs[i], take_metric, with, failure))
                return false;
    }
    return !with->lost || aur_fail(failure, NULL, 0, "memory is out");
}

static void put_mean(struct aur_table *table, const struct line *line, int side, double *mean)
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

static void put_line(struct aur_table *table, const struct line *line, bool tasks)
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
    bool tested = line->counts[0] > 1 && line->counts[1] > 1 &&
                  aur_stats_welch_test(line->values[1], line->counts[1], line->values[0],
                                       line->counts[0], 0.95, &comparison);
    aur_table_number(table, tested ? comparison.p : NAN);
}

static void print(const struct comparing *with, bool json)
{
    struct aur_table table;
    if (!json) {
        for (int side = 0; side < 2; side++) {
            const struct side *of = &with->sides[side];
            printf("%c: run %lld, %s, %s%u run%s, digest %016llx\n", 'A' + side,
                   (long long)of->run.id, of->run.experiment, of->point, of->count,
                   of->count == 1 ? "" : "s", (unsigned long long)of->run.digest);
        }
        if (with->sides[0].run.digest == with->sides[1].run.digest)
            printf("the two runs took the same decisions\n");
        printf("\n");
    }
    aur_table_init(&table);
    if (with->tasks)
        aur_table_column(&table, "task", "");
    aur_table_column(&table, "metric", "");
    aur_table_column(&table, "a", "");
    aur_table_column(&table, "b", "");
    aur_table_column(&table, "difference", "");
    aur_table_column(&table, "change", "%");
    aur_table_column(&table, "p", "1");
    for (uint32_t i = 0; i < with->count; i++)
        put_line(&table, &with->lines[i], with->tasks);
    aur_table_print(&table, json);
    aur_table_free(&table);
}

static int compare(const struct aur_arguments *arguments)
{
    const char *database = aur_arguments_database(arguments);
    struct comparing *with = calloc(1, sizeof *with);
    struct aur_failure failure = {{0}};
    bool good = false;

    if (!with)
        return aur_command_refuse("memory is out");
    with->tasks = aur_arguments_flag(arguments, "tasks");
    if (aur_store_open(&with->store, database, AUR_STORE_READ, &failure)) {
        good = true;
        for (uint32_t side = 0; side < 2 && good; side++)
            good = find_side(with, &with->sides[side], database,
                             aur_arguments_operand(arguments, side), &failure);
        good = good && read_metrics(with, &failure);
        aur_store_close(with->store);
    }
    if (good)
        print(with, aur_arguments_flag(arguments, "json"));
    for (uint32_t i = 0; i < with->count; i++) {
        free(with->lines[i].task);
        free(with->lines[i].name);
        free(with->lines[i].unit);
        free(with->lines[i].values[0]);
        free(with->lines[i].values[1]);
    }
    free(with->lines);
    free(with);
    return good ? AUR_EXIT_GOOD : aur_command_fail(&failure);
}

const struct aur_command aur_command_compare = {
    "compare",
    "RUN RUN",
    "Compares two runs metric by metric",
    "RUN is its number, the first digits of its digest, or `latest`. If the runs are of grid "
    "points\n"
    "with replications, the means over these are compared; p is that of Welch's t-test.",
    options,
    2,
    2,
    compare,
};
