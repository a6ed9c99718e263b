// aurora explain: why the tasks that run at an instant run.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/explanation.h"
#include "cli/explanation_names.h"
#include "cli/table.h"
#include "experiment/stored_log.h"
#include "workload/document.h"

static const struct aur_option options[] = {
    AUR_OPTION_DB,
    {"at", 0, "TIME", "the instant, e.g. 1.5s, 250ms, 1500000ns"},
    {"cpu", 0, "N", "this CPU alone (default: every CPU)"},
    AUR_OPTION_JSON,
    {NULL, 0, NULL, NULL},
};

struct explaining {
    const char *database;
    struct aur_store *store;
    struct aur_stored_summary run;
    struct aur_stored_log log;
    struct aur_travel travel;
    uint64_t at_ns;
    uint32_t first, last; // CPUs
    struct aur_told_decision told[AUR_CPUS_MAX];
    bool json;
};

static bool check_instant(const struct explaining *of, struct aur_failure *failure)
{
    char end[40];
    return of->at_ns <= of->run.end_ns ||
           aur_fail(failure, NULL, 0, "run %lld ends at %s: give --at no later instant",
                    (long long)of->run.id,
                    aur_explanation_instant(of->run.end_ns, end, sizeof end));
}

static bool choose_cpus(struct explaining *of, const char *cpu, struct aur_failure *failure)
{
    uint32_t cpus = aur_core_config(of->travel.core)->cpus;
    of->last = cpus - 1;
    if (!cpu)
        return true;
    char *end;
    unsigned long number = strtoul(cpu, &end, 10);
    if (*cpu < '0' || *cpu > '9' || *end || number >= cpus)
        return aur_fail(failure, NULL, 0,
                        cpus == 1 ? "--cpu %s: run %lld has one CPU, number %u"
                                  : "--cpu %s: run %lld has the CPUs 0 to %u",
                        cpu, (long long)of->run.id, of->last);
    of->first = of->last = (uint32_t)number;
    return true;
}

static void print(const struct explaining *of)
{
    const struct aur_config *config = aur_core_config(of->travel.core);
    char at[40];
    if (of->json) {
        printf("{\"run\": %lld, \"at_ns\": %" PRIu64 ", \"end_ns\": %" PRIu64 ",\n \"cpus\": [",
               (long long)of->run.id, of->at_ns, of->run.end_ns);
    } else {
        printf("run %lld, %s, %s, at %s\n", (long long)of->run.id, of->run.experiment,
               of->run.label, aur_explanation_instant(of->at_ns, at, sizeof at));
    }
    for (uint32_t cpu = of->first; cpu <= of->last; cpu++) {
        const struct aur_told_decision *told = &of->told[cpu - of->first];
        fputs(!of->json ? "\n" : cpu > of->first ? ",\n " : "\n ", stdout);
        if (of->json)
            aur_explanation_print_json(told, &of->log, config);
        else
            aur_explanation_print(told, &of->log, config);
    }
    if (of->json)
        puts("]}");
}

static bool explain_run(struct explaining *of, const char *word, const char *cpu,
                        struct aur_failure *failure)
{
    bool good = aur_store_open(&of->store, of->database, AUR_STORE_READ, failure) &&
                aur_stored_find(of->store, of->database, word, &of->run, failure) &&
                check_instant(of, failure) &&
                aur_stored_log_open(&of->log, of->store, &of->run, of->at_ns, failure) &&
                aur_travel_init(&of->travel, &of->log.source, &of->log.inputs, failure);
    if (!good)
        return false;
    good = choose_cpus(of, cpu, failure) &&
           aur_explanation_find(&of->travel, of->at_ns, of->first, of->last, of->told, failure);
    if (good)
        print(of);
    for (uint32_t i = 0; i < AUR_CPUS_MAX; i++)
        aur_decision_free(&of->told[i].decision);
    aur_travel_free(&of->travel);
    return good;
}

static int explain(const struct aur_arguments *arguments)
{
    const char *at = aur_arguments_value(arguments, "at");
    struct aur_failure failure = {{0}};
    struct explaining *of = calloc(1, sizeof *of);
    if (!of)
        return aur_command_refuse("memory is out");
    of->database = aur_arguments_database(arguments);
    of->json = aur_arguments_flag(arguments, "json");
    if (!at)
        aur_fail(&failure, NULL, 0, "explain: name the instant with --at TIME, e.g. --at 1.5s");
    else if (!aur_document_duration_of(at, &of->at_ns))
        aur_fail(&failure, NULL, 0, "--at %s: give a time with its unit, e.g. 1.5s, 250ms, 800ns",
                 at);
    bool good = !failure.text[0] && explain_run(of, aur_arguments_operand(arguments, 0),
                                                aur_arguments_value(arguments, "cpu"), &failure);
    bool differs = of->log.differs;
    aur_stored_log_close(&of->log);
    aur_store_close(of->store);
    free(of);
    if (good)
        return AUR_EXIT_GOOD;
    aur_command_fail(&failure);
    return differs ? AUR_EXIT_DIFFERENT : AUR_EXIT_BAD;
}

const struct aur_command aur_command_explain = {
    "explain",
    "RUN",
    "Says why the tasks that run at an instant run",
    "For each CPU: the last decision at or before the instant, every task that could have run "
    "with\n"
    "the keys that its class orders by, who was picked by which rule, and what would have had to\n"
    "differ for the runner-up to win. A run stored with --trace answers at once; another is\n"
    "executed again first.",
    options,
    1,
    1,
    explain,
};
