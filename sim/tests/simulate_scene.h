// Scenes for tests of the simulator: a machine without costs, tasks written as lists of ops, and
// the log of the run, in which the tests look for instants worked out by hand.
#ifndef AURORA_SIM_TESTS_SIMULATE_SCENE_H
#define AURORA_SIM_TESTS_SIMULATE_SCENE_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/simulate.h"
#include "tests/run_tests.h"

#define US 1000ull
#define MS 1000000ull

// The ops of a program; add_task fills in what LOOP and END name and adds the EXIT.
// clang-format off
#define RUN(ns)          {.code = AUR_OP_RUN, .value = (ns)}
#define RUN_DRAW(which)  {.code = AUR_OP_RUN, .flags = AUR_OP_DRAW, .value = (which)}
#define RUNTIME(ns)      {.code = AUR_OP_RUNTIME, .value = (ns)}
#define SLEEP(ns)        {.code = AUR_OP_SLEEP, .value = (ns)}
#define SLEEP_DRAW(which) {.code = AUR_OP_SLEEP, .flags = AUR_OP_DRAW, .value = (which)}
#define SLEEP_UNTIL(ns)  {.code = AUR_OP_SLEEP_UNTIL, .value = (ns)}
#define TIMER(which, ns) {.code = AUR_OP_TIMER, .object = (which), .value = (ns)}
#define OWN_TIMER(ns)    {.code = AUR_OP_TIMER, .flags = AUR_OP_UNIQUE, .value = (ns)}
#define DUE_TIMER(ns, deadline) \
    {.code = AUR_OP_TIMER, .flags = AUR_OP_UNIQUE, .value = (ns), .deadline_ns = (deadline)}
#define ABSOLUTE_TIMER(ns) \
    {.code = AUR_OP_TIMER, .flags = AUR_OP_UNIQUE | AUR_OP_ABSOLUTE, .value = (ns)}
#define LOCK(mutex)      {.code = AUR_OP_LOCK, .object = (mutex)}
#define UNLOCK(mutex)    {.code = AUR_OP_UNLOCK, .object = (mutex)}
#define WAIT(cond, mutex) {.code = AUR_OP_WAIT, .object = (cond), .other = (mutex)}
#define SIGNAL(cond)     {.code = AUR_OP_SIGNAL, .object = (cond)}
#define BROADCAST(cond)  {.code = AUR_OP_BROADCAST, .object = (cond)}
#define BARRIER(which)   {.code = AUR_OP_BARRIER, .object = (which)}
#define DOWN(semaphore)  {.code = AUR_OP_DOWN, .object = (semaphore)}
#define UP(semaphore)    {.code = AUR_OP_UP, .object = (semaphore)}
#define YIELD            {.code = AUR_OP_YIELD}
#define FORK(which)      {.code = AUR_OP_FORK, .object = (which)}
#define MEM(bytes)       {.code = AUR_OP_MEM, .value = (bytes)}
#define IORUN(bytes)     {.code = AUR_OP_IORUN, .value = (bytes)}
#define CPUS(mask)       {.code = AUR_OP_SET_AFFINITY, .value = (mask)}
#define KIND(kind)       {.code = AUR_OP_SET_KIND, .object = (kind)}
#define GROUP(number)    {.code = AUR_OP_SET_GROUP, .object = (number)}
#define LOOP(times)      {.code = AUR_OP_LOOP, .value = (times)}
#define END              {.code = AUR_OP_END}
// clang-format on
#define EVER AUR_LOOP_FOREVER

#define NICE(nice)     aur_task_kind(AUR_POLICY_OTHER, (nice), 0)
#define FIFO(priority) aur_task_kind(AUR_POLICY_FIFO, 0, (priority))

struct scene {
    struct aur_inputs inputs;
    struct aur_run_result result;
    struct aur_failure failure;
    struct aur_record *records; // the log of the last run
    size_t count, room;
    bool refused; // the last run ended in a failure
};

static struct scene scene;

// An empty workload on `cpus` processors of the class, tickless, where nothing costs anything.
static inline void begin(const char *class, uint32_t cpus)
{
    aur_inputs_free(&scene.inputs);
    aur_inputs_init(&scene.inputs);
    struct aur_inputs *inputs = &scene.inputs;
    inputs->machine.cpus = cpus;
    inputs->machine.tick_ns = 0;
    inputs->machine.switch_cost_ns = 0;
    inputs->machine.migration_cost_ns = 0;
    inputs->machine.interrupt_latency_ns = 0;
    inputs->machine.balance_ns = 0;
    const struct aur_class_info *info = aur_class_info(aur_class_find(class));
    ck_assert_ptr_nonnull(info);
    aur_scheduler_choose(&inputs->scheduler, info);
}

static inline void end_scene(void)
{
    aur_inputs_free(&scene.inputs);
    aur_run_result_free(&scene.result);
    free(scene.records);
    memset(&scene, 0, sizeof scene);
}

// One task of nice 0 that runs these ops. The spec may be changed until the next task is added.
static inline struct aur_spec *add_ops(const char *name, const struct aur_op *ops, uint32_t count)
{
    struct aur_workload *workload = &scene.inputs.workload;
    uint32_t first = workload->op_count, open[AUR_LOOP_DEPTH], depth = 0;
    struct aur_spec spec = {.name = aur_workload_add_name(workload, name),
                            .instances = 1,
                            .entry = first,
                            .kind = NICE(0)};
    for (uint32_t i = 0; i < count; i++) {
        struct aur_op op = ops[i];
        op.line = i + 1;
        if (op.code == AUR_OP_TIMER && op.flags & AUR_OP_UNIQUE && op.object >= spec.timers)
            spec.timers = op.object + 1;
        if (op.code == AUR_OP_TIMER && !(op.flags & AUR_OP_UNIQUE) && op.object >= workload->timers)
            workload->timers = op.object + 1;
        if (op.code == AUR_OP_LOOP && depth < AUR_LOOP_DEPTH)
            open[depth++] = first + i;
        if (op.code == AUR_OP_END && depth > 0) {
            op.other = open[--depth] + 1;
            workload->ops[open[depth]].other = first + i + 1;
        }
        ck_assert(aur_workload_add_op(workload, &op) != AUR_NONE);
    }
    aur_workload_add_op(workload, &(struct aur_op){.code = AUR_OP_EXIT, .line = count + 1});
    uint32_t number = aur_workload_add_spec(workload, &spec);
    return &workload->specs[number];
}

#define add_task(name, ...)                                                                        \
    add_ops((name), (const struct aur_op[]){__VA_ARGS__},                                          \
            LENGTH(((const struct aur_op[]){__VA_ARGS__})))

static inline uint32_t add_object(enum aur_object_kind kind, uint64_t parameter, const char *name)
{
    struct aur_object_spec object = {.name = aur_workload_add_name(&scene.inputs.workload, name),
                                     .kind = kind,
                                     .parameter = parameter};
    return aur_workload_add_object(&scene.inputs.workload, &object);
}

static inline uint32_t add_exponential(double mean_ns)
{
    struct aur_distribution distribution = {.kind = AUR_DISTRIBUTION_EXPONENTIAL, .a = mean_ns};
    return aur_workload_add_distribution(&scene.inputs.workload, &distribution);
}

static inline bool keep_records(void *context, const struct aur_record *records, uint32_t count)
{
    (void)context;
    if (scene.count + count > scene.room) {
        scene.room = 2 * scene.room + count;
        scene.records = realloc(scene.records, scene.room * sizeof *records);
    }
    memcpy(scene.records + scene.count, records, count * sizeof *records);
    scene.count += count;
    return true;
}

static inline bool attempt(void)
{
    struct aur_simulate_options options = {.sink = keep_records};
    scene.failure.text[0] = '\0';
    ck_assert_msg(aur_workload_validate(&scene.inputs.workload, NULL, &scene.failure), "%s",
                  scene.failure.text);
    aur_run_result_free(&scene.result);
    scene.count = 0;
    return aur_simulate(&scene.inputs, &options, &scene.result, &scene.failure);
}

// Runs the scene and keeps its log.
static inline void run_scene(void)
{
    ck_assert_msg(attempt(), "%s", scene.failure.text);
    ck_assert_str_eq(scene.failure.text, "");
}

// What a run is refused with: one line.
static inline const char *refusal(void)
{
    ck_assert_msg(!attempt(), "the run was not refused");
    ck_assert_uint_gt(strlen(scene.failure.text), 0);
    ck_assert_ptr_null(strchr(scene.failure.text, '\n'));
    ck_assert_ptr_null(scene.result.tasks);
    return scene.failure.text;
}

// The digest of the decisions, by a run without a log.
static inline uint64_t digest_of_run(const struct aur_inputs *inputs)
{
    struct aur_run_result result;
    struct aur_failure failure = {""};
    ck_assert_msg(aur_simulate(inputs, NULL, &result, &failure), "%s", failure.text);
    uint64_t digest = result.digest;
    aur_run_result_free(&result);
    return digest;
}

// The sums over the first instance of a spec.
static inline const struct aur_task_result *task_of(uint32_t spec)
{
    for (uint32_t i = 0; i < scene.result.task_count; i++)
        if (scene.result.tasks[i].spec == spec && scene.result.tasks[i].instance == 0)
            return &scene.result.tasks[i];
    ck_abort_msg("spec %u has no instance", spec);
}

// The sums over what was forked of a spec.
static inline const struct aur_task_result *forked_of(uint32_t spec)
{
    for (uint32_t i = 0; i < scene.result.task_count; i++)
        if (scene.result.tasks[i].spec == spec && scene.result.tasks[i].instance == AUR_NONE)
            return &scene.result.tasks[i];
    ck_abort_msg("spec %u has no sum", spec);
}

// A switch: from this instant on the task has the CPU. Tasks are numbered as they start.
#define IDLE AUR_NONE
struct turn {
    uint64_t at_ns;
    uint32_t task;
    uint32_t cpu;
};
#define AT(ns, who)                                                                                \
    {                                                                                              \
        .at_ns = (ns), .task = (who)                                                               \
    }
#define AT_CPU(ns, who, where)                                                                     \
    {                                                                                              \
        .at_ns = (ns), .task = (who), .cpu = (where)                                               \
    }

// The whole run is these switches.
static inline void expect_turns(const struct turn *turns, size_t count)
{
    char text[8192] = "";
    size_t used = 0, seen = 0;
    bool same = true;
    for (size_t i = 0; i < scene.count; i++) {
        const struct aur_record *record = &scene.records[i];
        if (record->kind != AUR_ACT_RUN)
            continue;
        same = same && seen < count && turns[seen].at_ns == record->now_ns &&
               turns[seen].task == record->task && turns[seen].cpu == record->cpu;
        seen++;
        if (used + 64 < sizeof text)
            used += (size_t)snprintf(text + used, sizeof text - used, " %" PRIu64 ":cpu%u:%d",
                                     record->now_ns, record->cpu, (int)record->task);
    }
    ck_assert_msg(same && seen == count, "the switches were (instant:CPU:task)%s", text);
}

#define expect(...)                                                                                \
    expect_turns((const struct turn[]){__VA_ARGS__}, LENGTH(((const struct turn[]){__VA_ARGS__})))

// The instant of the n-th record (from 0) of a kind about a task; AUR_NONE: about any.
static inline const struct aur_record *nth(uint8_t kind, uint32_t task, uint32_t n)
{
    for (size_t i = 0; i < scene.count; i++) {
        const struct aur_record *record = &scene.records[i];
        if (record->kind == kind && (task == AUR_NONE || record->task == task) && n-- == 0)
            return record;
    }
    return NULL;
}

static inline uint64_t instant(uint8_t kind, uint32_t task, uint32_t n)
{
    const struct aur_record *record = nth(kind, task, n);
    return record ? record->now_ns : AUR_NEVER_NS;
}

static inline uint32_t records_of(uint8_t kind, uint32_t task)
{
    uint32_t count = 0;
    while (nth(kind, task, count))
        count++;
    return count;
}

// How often a task was switched in.
static inline uint32_t turns_of(uint32_t task)
{
    return records_of(AUR_ACT_RUN, task);
}

#endif
