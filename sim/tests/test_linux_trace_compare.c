// Compares a workload with what is true of it: with a schedule's truth, and by executing it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/test_linux_trace_schedule.h"

static char said[512];

#define SAY(...) (snprintf(said, sizeof said, __VA_ARGS__), said)

static uint32_t spec_named(const struct aur_workload *workload, const char *name)
{
    for (uint32_t i = 0; i < workload->spec_count; i++)
        if (strcmp(aur_workload_name(workload, workload->specs[i].name), name) == 0)
            return i;
    return AUR_NONE;
}

// The semaphore that the task of the spec goes down on, or NONE.
static uint32_t semaphore_of(const struct aur_workload *workload, uint32_t spec)
{
    for (uint32_t i = workload->specs[spec].entry; workload->ops[i].code != AUR_OP_EXIT; i++)
        if (workload->ops[i].code == AUR_OP_DOWN)
            return workload->ops[i].object;
    return AUR_NONE;
}

static bool same(const struct schedule *schedule, const struct aur_workload *workload,
                 uint32_t spec, const struct true_op *truth, const struct aur_op *op)
{
    if (op->code != truth->code)
        return false;
    switch (op->code) {
    case AUR_OP_RUN:
    case AUR_OP_SLEEP_UNTIL:
        return op->value == truth->ns;
    case AUR_OP_DOWN:
        return op->object == semaphore_of(workload, spec);
    case AUR_OP_UP:
        spec = spec_named(workload, schedule->tasks[truth->task].name);
        return spec != AUR_NONE && op->object == semaphore_of(workload, spec);
    case AUR_OP_FORK:
        return op->object == spec_named(workload, schedule->tasks[truth->task].name);
    default:
        return true;
    }
}

static const char *task_difference(const struct schedule *schedule,
                                   const struct aur_workload *workload,
                                   const struct true_task *task)
{
    uint32_t index = spec_named(workload, task->name);
    if (index == AUR_NONE)
        return SAY("task \"%s\" is missing", task->name);
    const struct aur_spec *spec = &workload->specs[index];
    if (spec->instances != !task->forked || spec->start_ns != task->start_ns)
        return SAY("task \"%s\": %u instances at %llu, truth %u at %llu", task->name,
                   spec->instances, (unsigned long long)spec->start_ns, !task->forked,
                   (unsigned long long)task->start_ns);
    if (spec->kind != aur_task_kind(AUR_POLICY_OTHER, task->prio - 120, 0))
        return SAY("task \"%s\": kind %x for priority %d", task->name, spec->kind, task->prio);
    for (uint32_t i = 0; i < task->count; i++) {
        const struct aur_op *op = &workload->ops[spec->entry + i];
        if (!same(schedule, workload, index, &task->ops[i], op))
            return SAY("task \"%s\" op %u, line %u: code %u value %llu, truth %u value %llu",
                       task->name, i, op->line, op->code, (unsigned long long)op->value,
                       task->ops[i].code, (unsigned long long)task->ops[i].ns);
        if (op->code == AUR_OP_EXIT)
            return i + 1 == task->count ? NULL : SAY("task \"%s\" exits early", task->name);
    }
    return SAY("task \"%s\" goes on after its exit", task->name);
}

const char *schedule_difference(const struct schedule *schedule,
                                const struct aur_workload *workload)
{
    uint32_t tasks = 0;
    for (int i = 0; i < schedule->task_count; i++) {
        const char *difference = NULL;
        if (!schedule->tasks[i].count)
            continue; // the recording does not show it
        tasks++;
        difference = task_difference(schedule, workload, &schedule->tasks[i]);
        if (difference)
            return difference;
    }
    return tasks == workload->spec_count ? NULL
                                         : SAY("%u tasks, truth %u", workload->spec_count, tasks);
}

// --- executing without time ----------------------------------------------------------------------

struct player {
    uint32_t *at;    // next op of each task that may run
    uint32_t *wait;  // semaphore that it waits for, or NONE
    uint64_t *count; // of each semaphore
    uint32_t living, started;
};

static void start(struct player *player, const struct aur_workload *workload, uint32_t spec)
{
    player->at[player->living] = workload->specs[spec].entry;
    player->wait[player->living++] = AUR_NONE;
    player->started++;
}

// Runs a task until it blocks or exits, or chance stops it. False if it could do nothing.
static bool play(struct player *player, const struct aur_workload *workload, uint32_t task,
                 uint64_t *random)
{
    if (player->wait[task] != AUR_NONE && !player->count[player->wait[task]])
        return false;
    do {
        const struct aur_op *op = &workload->ops[player->at[task]];
        switch (op->code) {
        case AUR_OP_DOWN:
            player->wait[task] = op->object;
            if (!player->count[op->object])
                return true;
            player->count[op->object]--;
            player->wait[task] = AUR_NONE;
            break;
        case AUR_OP_UP:
            player->count[op->object]++;
            break;
        case AUR_OP_FORK:
            start(player, workload, op->object);
            break;
        case AUR_OP_EXIT:
            player->living--;
            player->at[task] = player->at[player->living];
            player->wait[task] = player->wait[player->living];
            return true;
        default:
            break;
        }
        player->at[task]++;
    } while (schedule_random(random) % 8);
    return true;
}

static const char *play_all(struct player *player, const struct aur_workload *workload,
                            uint64_t seed)
{
    while (player->living) {
        uint32_t living = player->living, tried = 0;
        uint32_t from = (uint32_t)(schedule_random(&seed) % living);
        while (tried < living && !play(player, workload, (from + tried) % living, &seed))
            tried++;
        if (tried == living)
            return SAY("%u tasks wait for ever", living);
    }
    if (player->started != workload->spec_count)
        return SAY("%u of %u tasks started", player->started, workload->spec_count);
    for (uint32_t i = 0; i < workload->object_count; i++)
        if (player->count[i])
            return SAY("semaphore %u is left at %llu", i, (unsigned long long)player->count[i]);
    return NULL;
}

const char *replay_problem(const struct aur_workload *workload, uint64_t seed)
{
    struct player player = {
        .at = calloc(workload->spec_count + (size_t)1, sizeof *player.at),
        .wait = calloc(workload->spec_count + (size_t)1, sizeof *player.wait),
        .count = calloc(workload->object_count + (size_t)1, sizeof *player.count),
    };
    if (!player.at || !player.wait || !player.count)
        abort();
    for (uint32_t i = 0; i < workload->spec_count; i++)
        if (workload->specs[i].instances)
            start(&player, workload, i);
    const char *problem = play_all(&player, workload, seed);
    free(player.at);
    free(player.wait);
    free(player.count);
    return problem;
}
