// Logs for the tests of sim/export, from the simulator and by hand, and a view that keeps all it is
// told of one.
#ifndef AURORA_SIM_TESTS_EXPORT_LOGS_H
#define AURORA_SIM_TESTS_EXPORT_LOGS_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/timeline.h"
#include "machine/simulate.h"
#include "tests/rtapp_cases.h"

#define MOST       200000u
#define MOST_LIVES 1024u

static uint64_t seed = 20261122;
static uint64_t state;
static struct aur_record records[MOST];
static uint32_t record_count;
static struct aur_failure failure;

static inline uint64_t below(uint64_t n)
{
    uint64_t z = state += 0x9e3779b97f4a7c15ull; // SplitMix64
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return (z ^ z >> 31) % n;
}

static inline void start(void)
{
    state = seed;
    record_count = 0;
    failure = (struct aur_failure){""};
}

// Reads the seed from the environment and shows it.
static inline void choose_seed(void)
{
    const char *given = getenv("AUR_SEED");
    if (given)
        seed = strtoull(given, NULL, 0);
    printf("seed %" PRIu64 "\n", seed);
}

// Everything that a view is told.
struct told {
    struct aur_timeline_slice slices[MOST / 4];
    struct aur_timeline_wait waits[MOST / 4];
    struct aur_timeline_wake wakes[MOST / 4];
    struct aur_timeline_switch switches[MOST / 4];
    struct aur_timeline_task births[MOST_LIVES];
    uint32_t slice_count, wait_count, wake_count, switch_count, birth_count;
};

static struct told told;

static inline bool tell_slice(void *context, const struct aur_timeline_slice *slice)
{
    struct told *t = context;
    t->slices[t->slice_count++] = *slice;
    return true;
}

static inline bool tell_wait(void *context, const struct aur_timeline_wait *wait)
{
    struct told *t = context;
    t->waits[t->wait_count++] = *wait;
    return true;
}

static inline bool tell_wake(void *context, const struct aur_timeline_wake *wake)
{
    struct told *t = context;
    t->wakes[t->wake_count++] = *wake;
    return true;
}

static inline bool tell_switch(void *context, const struct aur_timeline_switch *change)
{
    struct told *t = context;
    t->switches[t->switch_count++] = *change;
    return true;
}

static inline bool tell_birth(void *context, uint64_t now_ns, const struct aur_timeline_task *task)
{
    struct told *t = context;
    (void)now_ns;
    if (t->birth_count < MOST_LIVES)
        t->births[t->birth_count++] = *task;
    return true;
}

// Reads `count` records in pieces of at most `piece`.
static inline bool read_log(struct told *t, const struct aur_record *list, uint32_t count,
                            uint32_t piece, uint64_t end_ns)
{
    const struct aur_timeline_view view = {.context = t,
                                           .born = tell_birth,
                                           .switched = tell_switch,
                                           .woken = tell_wake,
                                           .slice = tell_slice,
                                           .wait = tell_wait};
    struct aur_timeline timeline;
    bool done = true;
    t->slice_count = t->wait_count = t->wake_count = t->switch_count = t->birth_count = 0;
    aur_timeline_init(&timeline, &view);
    for (uint32_t at = 0; at < count && done;) {
        uint32_t some = 1 + (uint32_t)below(piece);
        some = some < count - at ? some : count - at;
        done = aur_timeline_read(&timeline, list + at, some, &failure);
        at += some;
    }
    done = done && aur_timeline_end(&timeline, end_ns);
    aur_timeline_free(&timeline);
    return done;
}

// Every way to leave a CPU and to be woken: time-outs, a mutex, conditions, suspend and resume,
// yields, forks and exits, and one task above the others.
static const char busy_workload[] =
    "{\"tasks\": {"
    "\"hog\": {\"instance\": 2, \"loop\": -1, \"run\": 50000},"
    "\"periodic\": {\"instance\": 9, \"loop\": -1, \"run\": {\"exponential\": 900}, \"timer\": "
    "{\"ref\": \"unique\", \"period\": 10000}},"
    "\"locking\": {\"instance\": 4, \"loop\": -1, \"lock\": \"m\", \"run\": 200, \"unlock\": "
    "\"m\", "
    "\"sleep\": 2000},"
    "\"waiting\": {\"instance\": 2, \"loop\": -1, \"lock\": \"n\", \"wait\": {\"ref\": \"c\", "
    "\"mutex\": \"n\"}, \"unlock\": \"n\", \"run\": 40},"
    "\"telling\": {\"loop\": -1, \"run\": 100, \"broad\": \"c\", \"sleep\": 500},"
    "\"yielding\": {\"instance\": 2, \"loop\": -1, \"run\": 300, \"yield\": \"\"},"
    "\"parent\": {\"loop\": -1, \"run\": 100, \"fork\": \"child\", \"sleep\": 3000},"
    "\"child\": {\"instance\": 1, \"loop\": 2, \"run\": 400, \"sleep\": 100},"
    "\"urgent\": {\"policy\": \"SCHED_FIFO\", \"priority\": 50, \"loop\": -1, \"run\": 200, "
    "\"timer\": {\"ref\": \"unique\", \"period\": 5000}}}}";

static uint32_t spec_of_life[MOST_LIVES], lives;

static inline bool keep_records(void *context, const struct aur_record *list, uint32_t count)
{
    (void)context;
    ck_assert_uint_le(record_count + count, MOST);
    memcpy(records + record_count, list, count * sizeof *list);
    record_count += count;
    return true;
}

static inline void keep_life(void *context, uint32_t task, uint32_t spec, uint32_t instance,
                             uint64_t now_ns)
{
    (void)context;
    (void)task;
    (void)instance;
    (void)now_ns;
    ck_assert_uint_lt(lives, MOST_LIVES);
    spec_of_life[lives++] = spec;
}

// Simulates the workload above; its log is in `records`. The caller frees the result.
static inline struct aur_run_result simulate(uint32_t cpus, uint64_t duration_ns)
{
    struct aur_inputs inputs;
    struct aur_run_result result;
    const struct aur_simulate_options options = {.sink = keep_records, .made = keep_life};
    aur_inputs_init(&inputs);
    ck_assert_msg(load_bytes(&inputs.workload, busy_workload, strlen(busy_workload), &failure),
                  "%s", failure.text);
    aur_machine_default(&inputs.machine);
    inputs.machine.cpus = cpus;
    aur_scheduler_choose(&inputs.scheduler, aur_class_info(aur_class_find("eevdf")));
    inputs.seed = seed;
    inputs.duration_ns = duration_ns;
    lives = 0;
    ck_assert_msg(aur_simulate(&inputs, &options, &result, &failure), "%s", failure.text);
    aur_inputs_free(&inputs);
    return result;
}

// Appends a step to `records`: an event, and the actions after it.
static inline void add(uint64_t now_ns, unsigned kind, uint32_t cpu, uint32_t task, uint32_t object,
                       uint64_t arg)
{
    struct aur_record *r = &records[record_count++];
    *r = (struct aur_record){.now_ns = now_ns,
                             .arg = arg,
                             .task = task,
                             .object = object,
                             .cpu = (uint16_t)cpu,
                             .kind = (uint8_t)kind};
    if (aur_record_is_action(r)) {
        struct aur_record *event = r - 1;
        while (aur_record_is_action(event))
            event--;
        event->actions++;
    }
}

// Two CPUs; task 0 wakes task 1, is preempted by it, goes on, and exits; its slot is used again.
static inline void add_short_log(void)
{
    uint32_t fair = aur_task_kind(AUR_POLICY_OTHER, 0, 0);
    uint32_t real = aur_task_kind(AUR_POLICY_FIFO, 0, 50);
    add(0, AUR_EV_TASK_NEW, 0, AUR_NONE, fair, 3);
    add(0, AUR_ACT_MADE, 0, 0, 0, 0);
    add(0, AUR_EV_TASK_NEW, 0, AUR_NONE, real, 3);
    add(0, AUR_ACT_MADE, 0, 1, 0, 0);
    add(100, AUR_EV_TASK_START, 0, 0, 0, 0);
    add(100, AUR_ACT_WOKE, 0, 0, AUR_WOKE_START, 0);
    add(150, AUR_EV_DISPATCH, 0, AUR_NONE, 0, 0);
    add(150, AUR_ACT_RUN, 0, 0, AUR_NONE, 0);
    add(1000, AUR_EV_TASK_START, 0, 1, 0, 0);
    add(1000, AUR_ACT_WOKE, 0, 1, AUR_WOKE_START, 0);
    add(1250, AUR_EV_DISPATCH, 0, AUR_NONE, 0, 0);
    add(1250, AUR_ACT_RUN, 0, 1, 0, 0);
    add(2000, AUR_EV_BLOCK, 0, 1, 0, 5000);
    add(2000, AUR_ACT_SLEPT, 0, 1, 0, 0);
    add(2000, AUR_EV_DISPATCH, 0, AUR_NONE, 0, 0);
    add(2000, AUR_ACT_RUN, 0, 0, 1, 0);
    add(3000, AUR_EV_YIELD, 0, 0, 0, 0);
    add(3000, AUR_ACT_RESCHED, 0, AUR_NONE, 0, 0);
    add(3000, AUR_EV_DISPATCH, 0, AUR_NONE, 0, 0); // nobody else: it stays
    add(4000, AUR_EV_EXIT, 0, 0, 0, 0);
    add(4000, AUR_EV_DISPATCH, 0, AUR_NONE, 0, 0);
    add(4000, AUR_ACT_RUN, 0, AUR_NONE, 0, 0);
    add(4000, AUR_ACT_EXITED, 0, 0, 0, 0);
    add(5000, AUR_EV_TIMER, 1, AUR_NONE, 0, 0);
    add(5000, AUR_ACT_WOKE, 1, 1, AUR_WOKE_TIMEOUT, 0);
    add(5007, AUR_EV_DISPATCH, 1, AUR_NONE, 0, 0);
    add(5007, AUR_ACT_RUN, 1, 1, AUR_NONE, 0);
    add(6000, AUR_EV_TASK_NEW, 1, 1, fair, 3);
    add(6000, AUR_ACT_MADE, 1, 0, 0, 0);
}

#endif
