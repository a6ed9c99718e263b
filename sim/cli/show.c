// aurora show: everything that is stored of one run.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/quantity.h"
#include "cli/table.h"
#include "experiment/keys.h"
#include "experiment/metric.h"
#include "experiment/stored.h"
#include "machine/inputs.h"
#include "store/store.h"

static const struct aur_option options[] = {
    AUR_OPTION_DB,
    AUR_OPTION_JSON,
    {NULL, 0, NULL, NULL},
};

// Of a task, what fits beside each other; --json has all.
static const uint32_t task_columns[] = {
    AUR_METRIC_cpu_share,       AUR_METRIC_wait_ns_mean,  AUR_METRIC_wait_ns_max,
    AUR_METRIC_wakeup_ns_mean,  AUR_METRIC_wakeup_ns_p99, AUR_METRIC_response_ns_mean,
    AUR_METRIC_response_ns_p99, AUR_METRIC_switches,      AUR_METRIC_preemptions,
    AUR_METRIC_migrations,      AUR_METRIC_jobs,          AUR_METRIC_deadline_misses,
};
static const uint32_t group_columns[] = {
    AUR_METRIC_cpu_share,
    AUR_METRIC_quota_periods,
    AUR_METRIC_throttlings,
    AUR_METRIC_throttled_ns,
};
#define GROUP_COLUMNS (sizeof group_columns / sizeof group_columns[0])
#define TASK_COLUMNS  (sizeof task_columns / sizeof task_columns[0])

struct showing {
    bool json;
    struct aur_table about, system, tasks, groups;
    char task[160]; // whose row is being filled; or a group's path
    double values[AUR_METRIC_COUNT];
};

static void put_task(struct showing *to)
{
    if (!to->task[0])
        return;
    bool group = !isnan(to->values[AUR_METRIC_quota_periods]);
    struct aur_table *table = group ? &to->groups : &to->tasks;
    aur_table_row(table);
    aur_table_text(table, to->task);
    for (uint32_t id = 0; to->json && id < AUR_METRIC_COUNT; id++)
        if (group ? aur_metric(id)->of_group : aur_metric(id)->of_task)
            aur_table_number(table, to->values[id]);
    for (uint32_t i = 0; !to->json && i < (group ? GROUP_COLUMNS : TASK_COLUMNS); i++)
        aur_table_number(table, to->values[group ? group_columns[i] : task_columns[i]]);
}

// Rows come task after task.
static bool take_metric(void *context, const char *task, const char *name, const char *unit,
                        double value)
{
    struct showing *to = context;
    uint32_t id = aur_metric_find(name);

    if (!*task) {
        aur_table_row(&to->system);
        aur_table_text(&to->system, name);
        aur_table_quantity(&to->system, value, unit);
        aur_table_text(&to->system, to->json                ? unit
                                    : id < AUR_METRIC_COUNT ? aur_metric(id)->meaning
                                                            : "");
        return true;
    }
    if (strcmp(task, to->task) != 0) {
        put_task(to);
        snprintf(to->task, sizeof to->task, "%s", task);
        for (uint32_t i = 0; i < AUR_METRIC_COUNT; i++)
            to->values[i] = NAN;
    }
    if (id < AUR_METRIC_COUNT)
        to->values[id] = value;
    return true;
}

static void add_line(struct showing *to, const char *name, const char *value)
{
    aur_table_row(&to->about);
    aur_table_text(&to->about, name);
    aur_table_text(&to->about, value);
}

static bool take_param(void *context, const char *path, const char *value)
{
    struct showing *to = context;
    char name[160];
    if (strcmp(path, "workload") == 0 || strcmp(path, "scheduler") == 0 ||
        strcmp(path, "replication") == 0)
        return true; // have lines of their own
    snprintf(name, sizeof name, "set %s", path);
    add_line(to, name, value);
    return true;
}

static void put_number(char *text, size_t *used, size_t room, const char *name, uint64_t value)
{
    size_t length = strlen(name);
    bool time = length > 3 && strcmp(name + length - 3, "_ns") == 0;
    char number[32];
    if (*used >= room)
        return;
    aur_quantity((double)value, time ? "ns" : "count", number, sizeof number);
    *used += (size_t)snprintf(text + *used, room - *used, "%s%.*s %s", *used ? ", " : "",
                              (int)(time ? length - 3 : length), name, number);
}

// The class only where it is not the run's scheduler, which has a line of its own.
static void add_choice(struct showing *to, const char *name,
                       const struct aur_scheduler_choice *choice)
{
    const struct aur_class_info *info = aur_class_info(aur_class_find(choice->name));
    bool above = strcmp(name, "parameters") != 0;
    char text[512] = "";
    size_t used = above ? (size_t)snprintf(text, sizeof text, "%s", choice->name) : 0;
    for (uint32_t i = 0; info && i < aur_class_params(info); i++) {
        const struct aur_class_param *param = &info->params[i];
        const char *named = aur_class_param_choice(param, choice->params[i]);
        if (named && used < sizeof text)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %s", used ? ", " : "",
                                     param->name, named);
        else
            put_number(text, &used, sizeof text, param->name, choice->params[i]);
    }
    if (used)
        add_line(to, name, text);
}

static void add_outages(struct showing *to, const struct aur_inputs *inputs)
{
    for (uint32_t i = 0; i < inputs->outage_count; i++) {
        const struct aur_outage *outage = &inputs->outages[i];
        char text[128], from[32], until[32] = "the end";
        aur_quantity((double)outage->from_ns, "ns", from, sizeof from);
        if (outage->to_ns != AUR_NEVER_NS)
            aur_quantity((double)outage->to_ns, "ns", until, sizeof until);
        snprintf(text, sizeof text, "CPU %u from %s to %s", outage->cpu, from, until);
        add_line(to, "offline", text);
    }
}

static bool add_inputs(struct showing *to, struct aur_store *store, int64_t run_id,
                       struct aur_failure *failure)
{
    struct aur_inputs inputs;
    uint8_t *bytes;
    size_t size, used = 0;
    char text[1024] = "";

    if (!aur_store_inputs(store, run_id, &bytes, &size, failure))
        return false;
    bool good = aur_inputs_decode(&inputs, bytes, size, failure);
    free(bytes);
    if (!good)
        return false;
    add_choice(to, "parameters", &inputs.scheduler);
    for (uint32_t slot = 0; slot < AUR_SLOT_FAIR; slot++)
        if (aur_scheduler_is_needed(&inputs.workload, slot))
            add_choice(to, aur_scheduler_slots[slot], &inputs.above[slot]);
    add_outages(to, &inputs);
    for (uint32_t i = 0; i < aur_machine_entry_count(); i++)
        put_number(text, &used, sizeof text, aur_machine_entry(i)->name,
                   *aur_machine_field(&inputs.machine, i));
    add_line(to, "machine", text);
    aur_inputs_free(&inputs);
    return true;
}

static void add_about(struct showing *to, const struct aur_stored_summary *run)
{
    char text[512], simulated[32], took[32];

    snprintf(text, sizeof text, "%lld", (long long)run->id);
    add_line(to, "run", text);
    add_line(to, "experiment", run->experiment);
    add_line(to, "label", run->label);
    add_line(to, "workload", run->workload);
    add_line(to, "scheduler", run->scheduler);
    snprintf(text, sizeof text, "%llu", (unsigned long long)run->seed);
    add_line(to, "seed", text);
    snprintf(text, sizeof text, "%u", run->replication);
    add_line(to, "replication", text);
    snprintf(text, sizeof text, "%016llx", (unsigned long long)run->digest);
    add_line(to, "digest", text);
    snprintf(text, sizeof text, "%016llx", (unsigned long long)run->inputs_digest);
    add_line(to, "inputs digest", text);
    snprintf(text, sizeof text, "%s on host %s, %llu events in %s",
             aur_quantity((double)run->end_ns, "ns", simulated, sizeof simulated), run->host,
             (unsigned long long)run->events,
             aur_quantity(run->wall_seconds * 1e9, "ns", took, sizeof took));
    add_line(to, "simulated", text);
    add_line(to, "trace", run->trace_chunks ? "stored" : "not stored");
    add_line(to, "finished", run->finished);
}

static void make_columns(struct showing *to)
{
    aur_table_column(&to->about, "key", "");
    aur_table_column(&to->about, "value", "");
    aur_table_column(&to->system, "metric", "");
    aur_table_column(&to->system, "value", "");
    aur_table_column(&to->system, to->json ? "unit" : "meaning", "");
    aur_table_column(&to->tasks, "task", "");
    aur_table_column(&to->groups, "group", "");
    for (uint32_t id = 0; to->json && id < AUR_METRIC_COUNT; id++) {
        if (aur_metric(id)->of_task)
            aur_table_column(&to->tasks, aur_metric(id)->name, aur_metric(id)->unit);
        if (aur_metric(id)->of_group)
            aur_table_column(&to->groups, aur_metric(id)->name, aur_metric(id)->unit);
    }
    for (uint32_t i = 0; !to->json && i < TASK_COLUMNS; i++)
        aur_table_column(&to->tasks, aur_metric(task_columns[i])->name,
                         aur_metric(task_columns[i])->unit);
    for (uint32_t i = 0; !to->json && i < GROUP_COLUMNS; i++)
        aur_table_column(&to->groups, aur_metric(group_columns[i])->name,
                         aur_metric(group_columns[i])->unit);
}

static void print(const struct showing *of)
{
    if (of->json) {
        printf("{\"about\": {");
        for (uint32_t row = 0; row < of->about.rows; row++) {
            const struct aur_cell *cells = &of->about.cells[row * of->about.columns];
            fputs(row ? ",\n " : "\n ", stdout);
            aur_json_string(cells[0].text ? cells[0].text : "");
            fputs(": ", stdout);
            aur_json_string(cells[1].text ? cells[1].text : "");
        }
        printf("},\n\"system\": ");
        aur_table_print(&of->system, true);
        printf(", \"tasks\": ");
        aur_table_print(&of->tasks, true);
        printf(", \"groups\": ");
        aur_table_print(&of->groups, true);
        printf("}\n");
        return;
    }
    for (uint32_t row = 0; row < of->about.rows; row++) {
        const struct aur_cell *cells = &of->about.cells[row * of->about.columns];
        printf("%-14s %s\n", cells[0].text ? cells[0].text : "",
               cells[1].text ? cells[1].text : "");
    }
    putchar('\n');
    aur_table_print(&of->system, false);
    putchar('\n');
    aur_table_print(&of->tasks, false);
    if (!of->groups.rows)
        return;
    putchar('\n');
    aur_table_print(&of->groups, false);
}

static bool collect(struct showing *to, struct aur_store *store, const char *database,
                    const char *word, struct aur_failure *failure)
{
    struct aur_stored_summary run;
    if (!aur_stored_find(store, database, word, &run, failure))
        return false;
    add_about(to, &run);
    if (!aur_store_select_params(store, run.id, take_param, to, failure) ||
        (strcmp(run.host, "sim") == 0 && !add_inputs(to, store, run.id, failure)) ||
        !aur_store_select_metrics(store, run.id, take_metric, to, failure))
        return false;
    put_task(to);
    return true;
}

static int show(const struct aur_arguments *arguments)
{
    const char *database = aur_arguments_database(arguments);
    struct showing to = {.json = aur_arguments_flag(arguments, "json")};
    struct aur_failure failure = {{0}};
    struct aur_store *store;

    if (!aur_store_open(&store, database, AUR_STORE_READ, &failure))
        return aur_command_fail(&failure);
    make_columns(&to);
    bool good = collect(&to, store, database, aur_arguments_operand(arguments, 0), &failure);
    aur_store_close(store);
    if (good)
        print(&to);
    aur_table_free(&to.about);
    aur_table_free(&to.system);
    aur_table_free(&to.tasks);
    aur_table_free(&to.groups);
    return good ? AUR_EXIT_GOOD : aur_command_fail(&failure);
}

const struct aur_command aur_command_show = {
    "show",
    "RUN",
    "Shows everything that is stored of a run",
    "RUN is its number, the first digits of its digest, or `latest`.",
    options,
    1,
    1,
    show,
};
