// aurora report: the table of an experiment, predicted beside measured, and its plots.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/measured_table.h"
#include "cli/report_plots.h"
#include "cli/run_table.h"

static const struct aur_option options[] = {
    AUR_OPTION_DB,
    {"output", 'o', "DIR", "where the plots go (default: results/NAME)"},
    AUR_OPTION_JSON,
    {NULL, 0, NULL, NULL},
};

// The operand is a file, or the name of one in experiments/.
static char *find_file(const char *operand)
{
    char *path = malloc(strlen(operand) + sizeof "experiments/.yaml");
    if (!path)
        return NULL;
    sprintf(path, "experiments/%s.yaml", operand);
    if (access(operand, F_OK) == 0 || strchr(operand, '/') || access(path, F_OK) != 0)
        strcpy(path, operand);
    return path;
}

struct search {
    const char *name;
    int64_t id;
};

static bool match_name(void *context, int64_t id, const char *name, const char *text, uint32_t runs)
{
    struct search *search = context;
    (void)text;
    (void)runs;
    if (strcmp(name, search->name) == 0)
        search->id = id;
    return search->id == 0;
}

// Finds which runs of the grid are stored, by the identity of their inputs.
static bool find_runs(struct aur_report *report, const char *database, uint32_t *found,
                      struct aur_failure *failure)
{
    struct aur_experiment *experiment = report->experiment;
    struct search search = {.name = experiment->name};
    *found = 0;
    if (!aur_store_select_experiments(report->store, match_name, &search, failure))
        return false;
    for (uint32_t run = 0; search.id != 0 && run < report->runner.runs; run++) {
        struct aur_inputs inputs;
        size_t size;
        if (!aur_experiment_resolve(experiment, run, &inputs, failure))
            return false;
        uint8_t *bytes = aur_inputs_encode(&inputs, &size);
        aur_inputs_free(&inputs);
        if (!bytes)
            return aur_fail(failure, NULL, 0, "memory is out");
        uint64_t digest = aur_inputs_digest(bytes, size);
        free(bytes);
        if (!aur_store_find_run(report->store, search.id, digest, "sim",
                                &report->runner.slots[run].run_id, failure))
            return false;
        *found += report->runner.slots[run].run_id != 0;
    }
    if (*found == 0)
        return aur_fail(
            failure, database, 0,
            "no run of experiment %s as its file stands is stored: `aurora run %s` first",
            experiment->name, experiment->file);
    return true;
}

// Schedulers beside each other if the experiment compares them, else its last axis.
static uint32_t choose_axis(const struct aur_experiment *experiment)
{
    uint32_t chosen = AUR_NONE;
    for (uint32_t a = 0; a < experiment->axis_count; a++) {
        if (experiment->axes[a].count < 2)
            continue;
        chosen = a;
        if (strcmp(experiment->axes[a].path, "scheduler") == 0)
            break;
    }
    return chosen;
}

// Calls aur_report_group for each set of points that differ in the chosen axis only.
static bool plot_groups(struct aur_report *report, struct aur_failure *failure)
{
    const struct aur_experiment *experiment = report->experiment;
    uint32_t *points = malloc((experiment->point_count + 1u) * sizeof *points);
    bool good = points != NULL || aur_fail(failure, NULL, 0, "memory is out");
    for (uint32_t first = 0; first < experiment->point_count && good; first++) {
        uint32_t count = 0;
        if (report->axis != AUR_NONE && aur_experiment_choice(experiment, first, report->axis) != 0)
            continue; // its group began with the axis's first value
        for (uint32_t point = first; point < experiment->point_count; point++) {
            bool same = true;
            for (uint32_t a = 0; a < experiment->axis_count; a++)
                same =
                    same && (a == report->axis || aur_experiment_choice(experiment, point, a) ==
                                                      aur_experiment_choice(experiment, first, a));
            if (same)
                points[count++] = point;
        }
        good = aur_report_group(report, points, count, failure);
    }
    free(points);
    return good;
}

static bool make_report(struct aur_report *report, const char *database, bool json,
                        struct aur_failure *failure)
{
    uint32_t found;
    if (!find_runs(report, database, &found, failure))
        return false;
    if (found < report->runner.runs)
        fprintf(stderr,
                "aurora: warning: %u of %u runs are not stored yet, `aurora run %s --resume` "
                "adds them\n",
                report->runner.runs - found, report->runner.runs, report->experiment->file);
    if (!aur_run_table_print(report->experiment, &report->runner, database, json, failure))
        return false;
    if (json)
        return true;
    if (!aur_measured_tables_print(report, failure))
        return false;
    printf("\nplots (SVG; a PNG and the gnuplot script stand beside each)\n");
    return plot_groups(report, failure);
}

static int report(const struct aur_arguments *arguments)
{
    const char *database = aur_arguments_database(arguments);
    const char *folder = aur_arguments_value(arguments, "output");
    struct aur_experiment experiment;
    struct aur_failure failure = {{0}};
    struct aur_report to = {.experiment = &experiment};
    char *file = find_file(aur_arguments_operand(arguments, 0)), *own_folder = NULL;
    bool good = false;

    if (!file)
        return aur_command_refuse("memory is out");
    if (!aur_experiment_load(&experiment, file, NULL, 0, NULL, NULL, &failure)) {
        free(file);
        return aur_command_fail(&failure);
    }
    to.axis = choose_axis(&experiment);
    to.runner.runs = aur_experiment_runs(&experiment);
    to.runner.slots = calloc(to.runner.runs, sizeof *to.runner.slots);
    own_folder = malloc(strlen(experiment.name) + sizeof "results/");
    if (!to.runner.slots || !own_folder) {
        aur_fail(&failure, NULL, 0, "memory is out");
    } else {
        sprintf(own_folder, "results/%s", experiment.name);
        to.folder = folder ? folder : own_folder;
        if (!folder)
            mkdir("results", 0777);
        if (aur_store_open(&to.store, database, AUR_STORE_READ, &failure)) {
            good = make_report(&to, database, aur_arguments_flag(arguments, "json"), &failure);
            aur_store_close(to.store);
        }
    }
    free(to.runner.slots);
    free(own_folder);
    free(file);
    aur_experiment_free(&experiment);
    return good ? AUR_EXIT_GOOD : aur_command_fail(&failure);
}

const struct aur_command aur_command_report = {
    "report",
    "EXPERIMENT",
    "Prints an experiment's table and makes its plots",
    "EXPERIMENT is a file, or the name of one in experiments/. Its runs must be stored (`aurora\n"
    "run`). Where it names measurements, predicted stands beside measured.",
    options,
    1,
    1,
    report,
};
