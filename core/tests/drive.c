// Making, carrying out and shrinking plans.
#include "tests/drive.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/agent_scene.h"
#include "tests/choices.h"
#include "tests/run_tests.h"

#define HANG_SECONDS 60 // a step that does not return is a failure, not a hung test

static enum drive_what random_what(uint64_t *random)
{
    static const uint8_t often[] = {
#define X(name, often) often,
        DRIVE_CHOICES(X)
#undef X
    };
    uint32_t sum = 0;
    for (size_t i = 0; i < LENGTH(often); i++)
        sum += often[i];
    uint32_t at = (uint32_t)random_below(random, sum), what = 0;
    while (at >= often[what])
        at -= often[what++];
    return (enum drive_what)what;
}

static void random_class(struct aur_config *config, uint32_t slot, uint32_t class, uint64_t *random)
{
    config->classes[slot] = class;
    const struct aur_class_info *info = aur_class_info(class);
    bool defaults = random_below(random, 3) == 0;
    for (uint32_t i = 0; info && i < AUR_CLASS_PARAMS && info->params[i].name; i++)
        config->params[slot][i] =
            defaults ? info->params[i].value
                     : random_spread(random, info->params[i].low, info->params[i].high);
}

struct drive_plan drive_plan(uint64_t seed, uint32_t fair_class, uint32_t count)
{
    uint64_t random = seed;
    struct drive_plan plan = {.count = count};
    aur_config_default(&plan.config, 1 + (uint32_t)random_below(&random, 8), fair_class);
    struct aur_config *config = &plan.config;
    random_class(config, AUR_SLOT_FAIR, fair_class, &random);
    uint32_t prio = config->classes[AUR_SLOT_REALTIME],
             classes = aur_class_find("agent"); // the last
    uint64_t stack = random_below(&random, 8);
    random_class(config, AUR_SLOT_REALTIME,
                 stack == 0   ? AUR_NONE
                 : stack == 1 ? (uint32_t)random_below(&random, classes)
                              : prio,
                 &random);
    random_class(config, AUR_SLOT_DEADLINE,
                 stack == 2  ? (uint32_t)random_below(&random, classes)
                 : stack < 5 ? AUR_NONE
                             : config->classes[AUR_SLOT_DEADLINE],
                 &random);
    config->tasks = 1 + (uint32_t)random_below(&random, random_below(&random, 4) ? 30 : 4);
    config->objects = (uint32_t)random_below(&random, 9);
    config->groups = (uint32_t)random_below(&random, 7);
    config->log_mode = random_below(&random, 5) ? AUR_LOG_FULL : AUR_LOG_DIGEST;
    config->tick_ns = random_below(&random, 2)   ? 0
                      : random_below(&random, 2) ? 4000000
                                                 : random_spread(&random, 1000, 50000000);
    config->balance_ns = random_below(&random, 3) ? random_spread(&random, 1, 100000000) : 0;
    config->balance_cost_ns = random_below(&random, 3) ? 0 : random_spread(&random, 1, 1000000);
    config->load_average = random_below(&random, 2);
    agent_scene_stack(config);
    config->caps = (uint32_t)(seed % 5) * 4;
    plan.late = random_below(&random, 3) == 0;
    plan.drains_late = random_below(&random, 2) == 0;
    plan.choices = malloc(count * sizeof *plan.choices);
    if (!plan.choices)
        abort();
    for (uint32_t i = 0; i < count; i++)
        plan.choices[i] =
            (struct drive_choice){random_what(&random), (uint32_t)random_next(&random),
                                  (uint32_t)random_next(&random), random_next(&random)};
    return plan;
}

void drive_free(struct drive_plan *plan)
{
    free(plan->choices);
}

static struct drive_result carry_out(const struct drive_plan *plan, bool verbose)
{
    struct drive_result result = {0};
    struct host host;
    if (!host_open(&host, &plan->config)) {
        snprintf(result.failure, sizeof result.failure, "the configuration is refused");
        return result;
    }
    host.late = plan->late;
    host.drains_late = plan->drains_late;
    host.verbose = verbose;
    if (plan->watch)
        plan->watch(&host);
    for (uint32_t i = 0; i < plan->count && !host.failure[0]; i++) {
        if (i == plan->count / 2)
            host_relocate(&host);
        drive_do(&host, &plan->choices[i]);
    }
    host_settle(&host);
    if (memcmp(host.core, host.twin, host.size) != 0)
        host_fail(&host, "the core that was moved and the twin have come apart");
    if (plan->config.log_mode == AUR_LOG_FULL && !host.failure[0])
        host_replay(&host);
    result.steps = host.steps;
    result.refused = host.refused;
    for (uint32_t cpu = 0; cpu < plan->config.cpus; cpu++)
        result.switches += aur_core_cpu(host.core, cpu, host.now_ns).switches;
    for (uint32_t task = 0; task < plan->config.tasks; task++)
        result.migrations += host.tasks[task].migrations;
    memcpy(result.seen, host.seen, sizeof result.seen);
    memcpy(result.failure, host.failure, sizeof result.failure);
    host_close(&host);
    return result;
}

static struct drive_result run(const struct drive_plan *plan, bool verbose)
{
    struct drive_result result = {0};
    int ends[2];
    fflush(NULL);
    if (pipe(ends) != 0)
        abort();
    pid_t child = fork();
    if (child == 0) {
        signal(SIGALRM, SIG_DFL); // Check's handler would end the whole test
        alarm(HANG_SECONDS);
        result = carry_out(plan, verbose);
        _exit(write(ends[1], &result, sizeof result) == (ssize_t)sizeof result ? 0 : 1);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], &result, sizeof result);
    close(ends[0]);
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    if (got != (ssize_t)sizeof result) {
        memset(&result, 0, sizeof result);
        snprintf(result.failure, sizeof result.failure, "the core crashed or hung: %s %d",
                 WIFSIGNALED(status) ? "signal" : "exit",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    }
    return result;
}

struct drive_result drive_run(const struct drive_plan *plan)
{
    return run(plan, false);
}

// The sentence without what precedes it and without the numbers at its end.
static bool same_failure(const char *a, const char *b)
{
    a = strstr(a, ": ");
    b = strstr(b, ": ");
    return a && b && strncmp(a, b, 12) == 0;
}

static bool fails(const struct drive_plan *plan)
{
    return same_failure(drive_run(plan).failure, plan->failure);
}

static bool try_config(struct drive_plan *plan, const struct aur_config *config, bool late)
{
    struct drive_plan smaller = *plan;
    smaller.config = *config;
    smaller.late = late;
    if (memcmp(config, &plan->config, sizeof *config) == 0 && late == plan->late)
        return false;
    if (!fails(&smaller))
        return false;
    plan->config = *config;
    plan->late = late;
    return true;
}

static void shrink_config(struct drive_plan *plan)
{
    struct aur_config config = plan->config;
    try_config(plan, &config, false);
    for (uint32_t cpus = 1; cpus < plan->config.cpus; cpus++) {
        config = plan->config;
        config.cpus = cpus;
        if (try_config(plan, &config, plan->late))
            break;
    }
    for (uint32_t tasks = 1; tasks < plan->config.tasks; tasks++) {
        config = plan->config;
        config.tasks = tasks;
        if (try_config(plan, &config, plan->late))
            break;
    }
    config = plan->config;
    config.balance_ns = 0;
    try_config(plan, &config, plan->late);
}

// Delta debugging (Zeller 1999): cuts out ever smaller pieces as long as the plan still fails.
static void shrink_choices(struct drive_plan *plan)
{
    struct drive_choice *kept = malloc(plan->count * sizeof *kept);
    if (!kept)
        abort();
    for (uint32_t piece = plan->count / 2; piece > 0;) {
        bool cut = false;
        for (uint32_t at = 0; at < plan->count;) {
            uint32_t end = at + piece < plan->count ? at + piece : plan->count;
            struct drive_plan shorter = *plan;
            shorter.choices = kept;
            shorter.count = plan->count - (end - at);
            memcpy(kept, plan->choices, at * sizeof *kept);
            memcpy(kept + at, plan->choices + end, (plan->count - end) * sizeof *kept);
            if (fails(&shorter)) {
                memcpy(plan->choices, kept, shorter.count * sizeof *kept);
                plan->count = shorter.count;
                cut = true;
            } else {
                at = end;
            }
        }
        if (!cut || piece > plan->count)
            piece /= 2;
    }
    free(kept);
}

void drive_shrink(struct drive_plan *plan)
{
    memcpy(plan->failure, drive_run(plan).failure, sizeof plan->failure);
    shrink_choices(plan);
    shrink_config(plan);
    shrink_choices(plan);
}

void drive_print(const struct drive_plan *plan)
{
    const struct aur_config *config = &plan->config;
    printf("%" PRIu32 " choices; cpus %" PRIu32 ", tasks %" PRIu32 ", objects %" PRIu32
           ", tick %" PRIu64 " ns, balance %" PRIu64 " ns%s\n",
           plan->count, config->cpus, config->tasks, config->objects, config->tick_ns,
           config->balance_ns, plan->late ? ", late" : "");
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++) {
        const struct aur_class_info *info = aur_class_info(config->classes[slot]);
        printf("slot %" PRIu32 ": %s", slot, info ? info->name : "none");
        for (uint32_t i = 0; info && i < AUR_CLASS_PARAMS && info->params[i].name; i++)
            printf(" %s=%" PRIu64, info->params[i].name, config->params[slot][i]);
        printf("\n");
    }
    printf("%s\n", run(plan, true).failure);
    fflush(stdout);
}
