// aurora list: what the database has, and what this build offers.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <aurora/sched.h>

#include "cli/command.h"
#include "cli/table.h"
#include "experiment/keys.h"
#include "experiment/metric.h"
#include "machine/scheduler.h"
#include "store/store.h"
#include "workload/document.h"

static const struct aur_option options[] = {
    AUR_OPTION_DB,
    {"experiment", 0, "NAME", "runs of this experiment only"},
    AUR_OPTION_JSON,
    {NULL, 0, NULL, NULL},
};

static bool add_run(void *context, const struct aur_stored_run *run)
{
    struct aur_table *table = context;
    char text[32];

    aur_table_row(table);
    aur_table_number(table, (double)run->id);
    aur_table_text(table, run->experiment);
    aur_table_text(table, run->label);
    aur_table_text(table, run->host);
    aur_table_number(table, (double)run->end_ns);
    aur_table_number(table, (double)run->events);
    snprintf(text, sizeof text, "%016llx", (unsigned long long)run->digest);
    aur_table_text(table, text);
    aur_table_text(table, run->trace_chunks ? "yes" : "no");
    aur_table_text(table, run->finished);
    return true;
}

static bool list_runs(struct aur_store *store, const struct aur_arguments *arguments,
                      struct aur_table *table, struct aur_failure *failure)
{
    aur_table_column(table, "run", "count");
    aur_table_column(table, "experiment", "");
    aur_table_column(table, "label", "");
    aur_table_column(table, "host", "");
    aur_table_column(table, "simulated_ns", "ns");
    aur_table_column(table, "events", "count");
    aur_table_column(table, "digest", "");
    aur_table_column(table, "trace", "");
    aur_table_column(table, "finished", "");
    return aur_store_select_runs(store, aur_arguments_value(arguments, "experiment"), 0, add_run,
                                 table, failure);
}

static bool add_experiment(void *context, int64_t id, const char *name, const char *text,
                           uint32_t runs)
{
    struct aur_table *table = context;
    (void)id;
    (void)text;
    aur_table_row(table);
    aur_table_text(table, name);
    aur_table_number(table, runs);
    return true;
}

static bool list_experiments(struct aur_store *store, struct aur_table *table,
                             struct aur_failure *failure)
{
    aur_table_column(table, "experiment", "");
    aur_table_column(table, "runs", "count");
    return aur_store_select_experiments(store, add_experiment, table, failure);
}

// Runs come in the order of their numbers: a name is looked for among the rows so far.
static bool add_workload(void *context, const struct aur_stored_run *run)
{
    struct aur_table *table = context;
    for (uint32_t row = 0; row < table->rows; row++) {
        struct aur_cell *cells = &table->cells[row * table->columns];
        if (cells[0].text && strcmp(cells[0].text, run->workload) == 0) {
            cells[1].value += 1;
            return true;
        }
    }
    aur_table_row(table);
    aur_table_text(table, run->workload);
    aur_table_number(table, 1);
    return true;
}

static bool list_workloads(struct aur_store *store, struct aur_table *table,
                           struct aur_failure *failure)
{
    aur_table_column(table, "workload", "");
    aur_table_column(table, "runs", "count");
    return aur_store_select_runs(store, NULL, 0, add_workload, table, failure);
}

static const char *unit_of(const char *name)
{
    size_t length = strlen(name);
    return length > 3 && strcmp(name + length - 3, "_ns") == 0 ? "ns" : "count";
}

static void add_range(struct aur_table *table, const char *unit, uint64_t value, uint64_t low,
                      uint64_t high)
{
    aur_table_quantity(table, (double)value, unit);
    aur_table_quantity(table, (double)low, unit);
    aur_table_quantity(table, (double)high, unit);
}

static void add_range_columns(struct aur_table *table)
{
    aur_table_column(table, "default", "");
    aur_table_column(table, "lowest", "");
    aur_table_column(table, "highest", "");
    aur_table_column(table, "meaning", "");
}

// "global or partitioned"; what a parameter with named values takes.
static void choices_text(const struct aur_class_param *param, char *text, size_t room)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint64_t value = param->low; value <= param->high && used < room; value++)
        used += (size_t)snprintf(text + used, room - used, "%s%s",
                                 value == param->low    ? ""
                                 : value == param->high ? " or "
                                                        : ", ",
                                 aur_class_param_choice(param, value));
}

static void add_param(struct aur_table *table, const struct aur_class_param *param, bool json)
{
    char choices[128] = "", meaning[256];
    aur_table_text(table, param->name);
    if (param->choices) {
        choices_text(param, choices, sizeof choices);
        aur_table_text(table, aur_class_param_choice(param, param->value));
        aur_table_text(table, "");
        aur_table_text(table, "");
    } else {
        add_range(table, unit_of(param->name), param->value, param->low, param->high);
    }
    snprintf(meaning, sizeof meaning, "%s%s%s", param->summary, *choices && !json ? ": " : "",
             json ? "" : choices);
    aur_table_text(table, meaning);
    if (json)
        aur_table_text(table, choices);
}

static void list_schedulers(struct aur_table *table, bool json)
{
    aur_table_column(table, "scheduler", "");
    aur_table_column(table, "parameter", "");
    add_range_columns(table);
    if (json)
        aur_table_column(table, "choices", "");
    for (uint32_t number = 0; number < aur_class_count(); number++) {
        const struct aur_class_info *info = aur_class_info(number);
        aur_table_row(table);
        aur_table_text(table, info->name);
        aur_table_text(table, "");
        for (int i = 0; i < 3; i++)
            aur_table_text(table, "");
        char summary[256];
        snprintf(summary, sizeof summary, "%s%s%s%s%s", info->summary,
                 info->traits & AUR_CLASS_GROUPS ? "; shares by task groups" : "",
                 info->traits & AUR_CLASS_SERVERS ? "; serves SCHED_DEADLINE" : "",
                 info->traits & AUR_CLASS_DEMAND ? "; is told what each burst will take" : "",
                 info->traits & AUR_CLASS_RANDOM ? "; each replication draws anew" : "");
        aur_table_text(table, summary);
        if (json)
            aur_table_text(table, "");
        for (uint32_t i = 0; i < aur_class_params(info); i++) {
            aur_table_row(table);
            aur_table_text(table, info->name);
            add_param(table, &info->params[i], json);
        }
    }
}

static void list_machine(struct aur_table *table)
{
    aur_table_column(table, "machine", "");
    add_range_columns(table);
    for (uint32_t i = 0; i < aur_machine_entry_count(); i++) {
        const struct aur_machine_entry *entry = aur_machine_entry(i);
        aur_table_row(table);
        aur_table_text(table, entry->name);
        add_range(table, entry->time ? "ns" : "count", entry->value, entry->low, entry->high);
        aur_table_text(table, entry->summary);
    }
}

static void list_metrics(struct aur_table *table)
{
    aur_table_column(table, "metric", "");
    aur_table_column(table, "unit", "");
    aur_table_column(table, "of", "");
    aur_table_column(table, "meaning", "");
    for (uint32_t id = 0; id < AUR_METRIC_COUNT; id++) {
        const struct aur_metric *metric = aur_metric(id);
        char of[32];
        aur_table_row(table);
        aur_table_text(table, metric->name);
        aur_table_text(table, metric->unit);
        snprintf(of, sizeof of, "%s%s%s", metric->of_system ? ", system" : "",
                 metric->of_task ? ", task" : "", metric->of_group ? ", group" : "");
        aur_table_text(table, of + 2);
        aur_table_text(table, metric->meaning);
    }
}

static bool list_stored(const char *what, const struct aur_arguments *arguments,
                        struct aur_table *table, struct aur_failure *failure)
{
    struct aur_store *store;
    bool good;

    if (!aur_store_open(&store, aur_arguments_database(arguments), AUR_STORE_READ, failure))
        return false;
    if (strcmp(what, "runs") == 0)
        good = list_runs(store, arguments, table, failure);
    else if (strcmp(what, "experiments") == 0)
        good = list_experiments(store, table, failure);
    else
        good = list_workloads(store, table, failure);
    aur_store_close(store);
    return good;
}

static int list(const struct aur_arguments *arguments)
{
    static const char *const whats[] = {"runs",    "experiments", "workloads", "schedulers",
                                        "machine", "metrics",     NULL};
    const char *what = aur_arguments_operand(arguments, 0);
    struct aur_failure failure = {{0}};
    struct aur_table table;
    bool good = true;
    uint32_t number = 0;

    while (whats[number] && strcmp(whats[number], what) != 0)
        number++;
    if (!whats[number]) {
        const char *near = aur_document_nearest(what, whats);
        return aur_command_refuse("list: \"%s\" is not known, %s %s", what,
                                  near ? "did you mean" : "list one of",
                                  near ? near
                                       : "runs, experiments, workloads, schedulers, machine, "
                                         "metrics");
    }
    aur_table_init(&table);
    if (number < 3)
        good = list_stored(what, arguments, &table, &failure);
    else if (strcmp(what, "schedulers") == 0)
        list_schedulers(&table, aur_arguments_flag(arguments, "json"));
    else if (strcmp(what, "machine") == 0)
        list_machine(&table);
    else
        list_metrics(&table);
    if (good)
        aur_table_print(&table, aur_arguments_flag(arguments, "json"));
    aur_table_free(&table);
    return good ? AUR_EXIT_GOOD : aur_command_fail(&failure);
}

const struct aur_command aur_command_list = {
    "list",
    "runs|experiments|workloads|schedulers|machine|metrics",
    "Lists what the database has, or what an experiment may say",
    "runs, experiments and workloads are those of the database; schedulers (with parameters),\n"
    "machine (keys of `machine:`) and metrics are those of this build.",
    options,
    1,
    1,
    list,
};
