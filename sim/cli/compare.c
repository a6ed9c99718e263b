// aurora compare: two runs metric by metric. Where their grid points have replications, the means
// over these are compared and the difference is tested.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/metric_differences.h"
#include "cli/table.h"
#include "experiment/stored.h"

static const struct aur_option options[] = {
    AUR_OPTION_DB,
    {"tasks", 0, NULL, "compare the tasks, too"},
    AUR_OPTION_JSON,
    {NULL, 0, NULL, NULL},
};

struct side {
    struct aur_stored_summary run;
    char point[512]; // its label without the replication
    struct aur_metric_side *runs;
};

struct comparing {
    struct aur_store *store;
    struct side sides[2];
    struct aur_metric_differences metrics;
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
        strcmp(run->scheduler, side->run.scheduler) == 0 &&
        side->runs->count < AUR_REPLICATIONS_MOST)
        side->runs->runs[side->runs->count++] = run->id;
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
        side->runs->runs[side->runs->count++] = side->run.id;
        return true;
    }
    return aur_store_select_runs(with->store, side->run.experiment, 0, take_run, side, failure);
}

static void print(const struct comparing *with, bool json)
{
    struct aur_table table;
    if (!json) {
        for (int side = 0; side < 2; side++) {
            const struct side *of = &with->sides[side];
            printf("%c: run %lld, %s, %s%u run%s, digest %016llx\n", 'A' + side,
                   (long long)of->run.id, of->run.experiment, of->point, of->runs->count,
                   of->runs->count == 1 ? "" : "s", (unsigned long long)of->run.digest);
        }
        if (with->sides[0].run.digest == with->sides[1].run.digest)
            printf("the two runs took the same decisions\n");
        printf("\n");
    }
    aur_metric_differences_table(&with->metrics, &table);
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
    with->metrics.tested = true;
    with->metrics.tasks = aur_arguments_flag(arguments, "tasks");
    if (aur_store_open(&with->store, database, AUR_STORE_READ, &failure)) {
        good = true;
        for (uint32_t side = 0; side < 2 && good; side++) {
            with->sides[side].runs = &with->metrics.sides[side];
            good = find_side(with, &with->sides[side], database,
                             aur_arguments_operand(arguments, side), &failure);
        }
        good = good && aur_metric_differences_read(&with->metrics, with->store, &failure);
        aur_store_close(with->store);
    }
    if (good)
        print(with, aur_arguments_flag(arguments, "json"));
    aur_metric_differences_free(&with->metrics);
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
