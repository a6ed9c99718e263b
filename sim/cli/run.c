// aurora run: the grid of an experiment into the database, and one table of what came out.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/progress.h"
#include "cli/run_table.h"
#include "experiment/experiment.h"
#include "experiment/runner.h"

#define EXIT_SIGNAL 128 // plus the signal, as shells report it
#define JOBS_MOST   256

static const struct aur_option options[] = {
    AUR_OPTION_DB,
    {"set", 's', "PATH=VALUE", "change a value of the file; a list makes a sweep; may be repeated"},
    {"jobs", 'j', "N", "runs at a time (default: number of CPUs)"},
    {"trace", 0, NULL, "keep every event and action, for export, explain and the dashboard"},
    {"snapshot-every", 0, "N", "with --trace, a snapshot each N events (default: as is best)"},
    {"resume", 0, NULL, "skip the runs that the database has"},
    AUR_OPTION_JSON,
    {NULL, 0, NULL, NULL},
};

static bool read_jobs(const struct aur_arguments *arguments, uint32_t *jobs)
{
    const char *text = aur_arguments_value(arguments, "jobs");
    char *end;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);

    *jobs = cpus > 0 ? (uint32_t)cpus : 1;
    if (!text)
        return true;
    long number = strtol(text, &end, 10);
    if (end == text || *end || number < 1 || number > JOBS_MOST)
        return false;
    *jobs = (uint32_t)number;
    return true;
}

// Splits "path=value"; the caller frees the paths.
static bool read_settings(const struct aur_arguments *arguments, struct aur_setting *settings,
                          uint32_t *count, struct aur_failure *failure)
{
    for (uint32_t i = 0; i < arguments->count; i++) {
        const struct aur_given *given = &arguments->given[i];
        if (!given->option || strcmp(given->option->name, "set") != 0)
            continue;
        const char *equals = strchr(given->value, '=');
        if (!equals || equals == given->value)
            return aur_fail(failure, NULL, 0, "--set %s: write PATH=VALUE, e.g. machine.cpus=4",
                            given->value);
        char *path = malloc((size_t)(equals - given->value) + 1);
        if (!path)
            return aur_fail(failure, NULL, 0, "memory is out");
        memcpy(path, given->value, (size_t)(equals - given->value));
        path[equals - given->value] = '\0';
        settings[(*count)++] = (struct aur_setting){path, equals + 1};
    }
    return true;
}

static void warn(void *context, const char *line)
{
    (void)context;
    fprintf(stderr, "aurora: warning: %s\n", line);
}

// The default database lies in a folder that a fresh checkout may lack.
static void make_default_folder(const struct aur_arguments *arguments, const char *database)
{
    if (!aur_arguments_value(arguments, "db") && strncmp(database, "results/", 8) == 0)
        mkdir("results", 0777);
}

static int summarise(const struct aur_runner *runner)
{
    uint32_t bad =
        aur_runner_count(runner, AUR_RUN_REFUSED) + aur_runner_count(runner, AUR_RUN_UNSTORED);
    uint32_t different =
        aur_runner_count(runner, AUR_RUN_DIFFERENT) + aur_runner_count(runner, AUR_RUN_CRASHED);
    uint32_t left =
        aur_runner_count(runner, AUR_RUN_WAITING) + aur_runner_count(runner, AUR_RUN_RUNNING);
    if (runner->interrupted) {
        fprintf(stderr, "aurora: stopped with %u of %u runs to do, --resume does them\n", left,
                runner->runs);
        return EXIT_SIGNAL + runner->interrupted;
    }
    return different ? AUR_EXIT_DIFFERENT : bad ? AUR_EXIT_BAD : AUR_EXIT_GOOD;
}

// A number of events, at least 1; without the option 0.
static bool read_snapshot_every(const struct aur_arguments *arguments, uint64_t *events)
{
    const char *text = aur_arguments_value(arguments, "snapshot-every");
    char *end;

    *events = 0;
    if (!text)
        return true;
    unsigned long long number = strtoull(text, &end, 10);
    *events = number;
    return *text >= '0' && *text <= '9' && !*end && number >= 1 && number <= INT64_MAX;
}

static int run_grid(const struct aur_arguments *arguments, struct aur_experiment *experiment,
                    uint32_t jobs, uint64_t snapshot_every)
{
    const char *database = aur_arguments_database(arguments);
    struct aur_progress_display display;
    struct aur_failure failure = {{0}};
    struct aur_runner runner;

    make_default_folder(arguments, database);
    aur_progress_begin(&display, experiment);
    struct aur_runner_options how = {.database = database,
                                     .jobs = jobs,
                                     .trace = aur_arguments_flag(arguments, "trace"),
                                     .snapshot_every = snapshot_every,
                                     .resume = aur_arguments_flag(arguments, "resume"),
                                     .observer = aur_progress_observer(&display)};
    if (!aur_runner_run(&runner, experiment, &how, &failure))
        return aur_command_fail(&failure);
    aur_progress_clear(&display);
    int status = summarise(&runner);
    if (!aur_runner_count(&runner, AUR_RUN_UNSTORED) &&
        !aur_run_table_print(experiment, &runner, database, aur_arguments_flag(arguments, "json"),
                             &failure))
        status = aur_command_fail(&failure);
    aur_runner_free(&runner);
    return status;
}

static int run(const struct aur_arguments *arguments)
{
    struct aur_setting settings[AUR_ARGUMENTS_MOST];
    uint32_t count = 0, jobs;
    uint64_t snapshot_every;
    struct aur_experiment experiment;
    struct aur_failure failure = {{0}};
    int status;

    if (!read_jobs(arguments, &jobs))
        return aur_command_refuse("--jobs %s: give a number from 1 to %d",
                                  aur_arguments_value(arguments, "jobs"), JOBS_MOST);
    if (!read_snapshot_every(arguments, &snapshot_every))
        return aur_command_refuse("--snapshot-every %s: give a number of events, at least 1",
                                  aur_arguments_value(arguments, "snapshot-every"));
    if (snapshot_every && !aur_arguments_flag(arguments, "trace"))
        return aur_command_refuse("--snapshot-every goes with --trace: snapshots lie in the trace");
    if (read_settings(arguments, settings, &count, &failure) &&
        aur_experiment_load(&experiment, aur_arguments_operand(arguments, 0), settings, count, warn,
                            NULL, &failure)) {
        status = run_grid(arguments, &experiment, jobs, snapshot_every);
        aur_experiment_free(&experiment);
    } else {
        status = aur_command_fail(&failure);
    }
    for (uint32_t i = 0; i < count; i++)
        free((void *)(uintptr_t)settings[i].path);
    return status;
}

const struct aur_command aur_command_run = {
    "run",
    "EXPERIMENT",
    "Runs an experiment and stores what comes out",
    "EXPERIMENT is a YAML file (docs/experiment-file.md), or a bare workload: rt-app JSON, Linux\n"
    "trace text (perf sched script, trace-cmd report; gzip too), or a file made by aurora import,\n"
    "which then runs on the default machine. What has been run is run again and must give the\n"
    "same digest, unless --resume skips it.",
    options,
    1,
    1,
    run,
};
