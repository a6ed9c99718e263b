// A log as the core writes it: a small host that drives the real core with periodic tasks, some
// with a mutex, pairs that wake each other, tasks woken by a device, and hogs that never sleep.
#ifndef AURORA_CORE_TESTS_TRACE_STREAM_H
#define AURORA_CORE_TESTS_TRACE_STREAM_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <aurora/core.h>

#define STREAM_CPUS_MAX       8u
#define STREAM_RING           65536u
#define STREAM_SWITCH_COST_NS 1500u
#define STREAM_LATENCY_NS     1000u // from a timer's instant to its event

enum stream_role {
    STREAM_PERIODIC,
    STREAM_LOCKING, // periodic, with a mutex in the middle of each job
    STREAM_PAIRED,  // wakes its partner, then waits for it
    STREAM_DEVICE,  // woken from outside
    STREAM_HOG,
    STREAM_ROLES
};

struct stream_task {
    enum stream_role role;
    uint32_t phase;
    uint64_t left_ns; // to run until its next event
    uint64_t demand_ns, period_ns, release_ns;
    uint32_t own, partners; // objects
};

struct stream {
    uint64_t seed;
    uint64_t jitter; // in 1024ths of a demand
    struct aur_core *core;
    struct aur_log log;
    struct aur_record ring[STREAM_RING];
    uint32_t cpus, tasks;
    struct stream_task *list;
    uint64_t now_ns, device_ns;
    uint64_t since_ns[STREAM_CPUS_MAX], armed_ns[STREAM_CPUS_MAX], tick_ns[STREAM_CPUS_MAX];
    uint32_t running[STREAM_CPUS_MAX];
    uint64_t resched; // CPUs to dispatch
    uint64_t refused; // events that the core did not take
};

static inline uint64_t stream_random(struct stream *s)
{
    uint64_t z = s->seed += 0x9e3779b97f4a7c15ull; // SplitMix64 (Steele et al. 2014)
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

// Posts an event and does what the core asks for. Returns the index that a MADE action named.
static inline uint32_t stream_post(struct stream *s, enum aur_event_kind kind, uint32_t cpu,
                                   uint32_t task, uint32_t object, uint64_t arg)
{
    struct aur_record event = {.now_ns = s->now_ns,
                               .arg = arg,
                               .task = task,
                               .object = object,
                               .cpu = (uint16_t)cpu,
                               .kind = (uint8_t)kind};
    struct aur_actions actions;
    uint32_t made = AUR_NONE;
    if (aur_core_step(s->core, &s->log, &event, &actions) != AUR_OK)
        s->refused++;
    for (uint32_t i = 0; i < actions.count; i++) {
        const struct aur_record *a = &actions.list[i];
        switch (a->kind) {
        case AUR_ACT_RUN:
            if (a->object != AUR_NONE && a->now_ns > s->since_ns[a->cpu]) {
                uint64_t ran_ns = a->now_ns - s->since_ns[a->cpu];
                struct stream_task *t = &s->list[a->object];
                t->left_ns -= ran_ns < t->left_ns ? ran_ns : t->left_ns;
            }
            s->running[a->cpu] = a->task;
            s->since_ns[a->cpu] = a->now_ns + STREAM_SWITCH_COST_NS;
            break;
        case AUR_ACT_RESCHED:
            s->resched |= 1ull << a->cpu;
            break;
        case AUR_ACT_ARM:
            s->armed_ns[a->cpu] = a->arg;
            break;
        case AUR_ACT_MADE:
            made = a->task;
            break;
        case AUR_ACT_AGAIN:
            stream_post(s, kind, cpu, task, object, arg);
            break;
        default:
            break;
        }
    }
    return made;
}

static inline uint64_t stream_demand(struct stream *s, const struct stream_task *t)
{
    return t->demand_ns - t->demand_ns * (stream_random(s) % (s->jitter + 1)) / 1024 + 1;
}

// The task has run for as long as it wanted: its next event, and what comes after.
static inline void stream_advance(struct stream *s, uint32_t cpu)
{
    uint32_t task = s->running[cpu];
    struct stream_task *t = &s->list[task];
    s->since_ns[cpu] = s->now_ns;
    t->left_ns = stream_demand(s, t);
    switch (t->role) {
    case STREAM_LOCKING:
        if (t->phase++ % 3 == 0) {
            stream_post(s, AUR_EV_LOCK, cpu, task, t->own, AUR_NEVER_NS);
            return;
        }
        if (t->phase % 3 == 2) {
            stream_post(s, AUR_EV_UNLOCK, cpu, task, t->own, 0);
            return;
        }
        // fall through
    case STREAM_PERIODIC:
        do
            t->release_ns += t->period_ns;
        while (t->release_ns <= s->now_ns);
        stream_post(s, AUR_EV_BLOCK, cpu, task, 0, t->release_ns);
        return;
    case STREAM_PAIRED:
        stream_post(s, AUR_EV_UP, cpu, AUR_NONE, t->partners, 0);
        stream_post(s, AUR_EV_DOWN, cpu, task, t->own, AUR_NEVER_NS);
        return;
    case STREAM_DEVICE:
        stream_post(s, AUR_EV_BLOCK, cpu, task, 0, AUR_NEVER_NS);
        return;
    default:
        t->left_ns = AUR_NEVER_NS / 2;
    }
}

static inline void stream_dispatch(struct stream *s)
{
    while (s->resched) {
        uint32_t cpu = (uint32_t)__builtin_ctzll(s->resched);
        s->resched &= s->resched - 1;
        stream_post(s, AUR_EV_DISPATCH, cpu, AUR_NONE, 0, 0);
    }
}

// Lets everything of the next instant happen.
static inline void stream_turn(struct stream *s)
{
    uint64_t next_ns = s->device_ns, done_ns[STREAM_CPUS_MAX];
    for (uint32_t cpu = 0; cpu < s->cpus; cpu++) {
        done_ns[cpu] = AUR_NEVER_NS;
        if (s->running[cpu] != AUR_NONE)
            done_ns[cpu] = s->since_ns[cpu] + s->list[s->running[cpu]].left_ns;
        if (done_ns[cpu] < next_ns)
            next_ns = done_ns[cpu];
        if (s->armed_ns[cpu] != AUR_NEVER_NS && s->armed_ns[cpu] + STREAM_LATENCY_NS < next_ns)
            next_ns = s->armed_ns[cpu] + STREAM_LATENCY_NS;
        if (s->tick_ns[cpu] < next_ns)
            next_ns = s->tick_ns[cpu];
    }
    if (next_ns > s->now_ns)
        s->now_ns = next_ns;
    for (uint32_t cpu = 0; cpu < s->cpus; cpu++) {
        if (s->armed_ns[cpu] != AUR_NEVER_NS && s->armed_ns[cpu] + STREAM_LATENCY_NS <= s->now_ns) {
            s->armed_ns[cpu] = AUR_NEVER_NS;
            stream_post(s, AUR_EV_TIMER, cpu, AUR_NONE, 0, 0);
        }
        if (s->tick_ns[cpu] <= s->now_ns) {
            s->tick_ns[cpu] += 4000000;
            stream_post(s, AUR_EV_TICK, cpu, AUR_NONE, 0, 0);
        }
        if (done_ns[cpu] <= s->now_ns)
            stream_advance(s, cpu);
    }
    if (s->device_ns <= s->now_ns) {
        s->device_ns = s->now_ns + 20000 + stream_random(s) % 400000;
        uint32_t task = (uint32_t)(stream_random(s) % s->tasks);
        if (s->list[task].role == STREAM_DEVICE)
            stream_post(s, AUR_EV_WAKE, (uint32_t)(stream_random(s) % s->cpus), task, 0, 0);
    }
    stream_dispatch(s);
}

// Makes a host of `tasks` tasks that ask for about `load_percent` of `cpus` CPUs. roles: mask of
// 1 << role. Free it with stream_free. NULL: out of memory, or the core refused to be made.
static inline struct stream *stream_new(uint64_t seed, uint32_t cpus, uint32_t tasks,
                                        uint32_t load_percent, uint32_t roles, uint64_t jitter)
{
    struct aur_config config;
    aur_config_default(&config, cpus, aur_class_find("eevdf"));
    config.tasks = tasks;
    config.objects = tasks;
    config.log_mode = AUR_LOG_FULL;
    size_t size = aur_core_size(&config);
    struct stream *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->core = aligned_alloc(64, (size + 63) / 64 * 64);
    s->list = calloc(tasks, sizeof *s->list);
    if (!s->core || !s->list || aur_core_init(s->core, size, &config) != AUR_OK)
        return NULL;
    s->seed = seed;
    s->jitter = jitter;
    s->cpus = cpus;
    s->tasks = tasks;
    s->log = (struct aur_log){.ring = s->ring, .capacity = STREAM_RING};
    for (uint32_t cpu = 0; cpu < cpus; cpu++) {
        s->running[cpu] = AUR_NONE;
        s->armed_ns[cpu] = AUR_NEVER_NS;
        s->tick_ns[cpu] = 4000000;
    }

    uint32_t role = 0;
    for (uint32_t i = 0; i < tasks; i++) {
        uint32_t kind = aur_task_kind(AUR_POLICY_OTHER, 0, 0);
        struct stream_task *t = &s->list[i];
        do
            role = (role + 1) % STREAM_ROLES;
        while (!(roles >> role & 1));
        t->role = (enum stream_role)role;
        t->period_ns = (1 + stream_random(s) % 100) * 1000000;
        t->demand_ns = t->period_ns * cpus * load_percent / 100 / tasks;
        if (t->role == STREAM_LOCKING)
            t->demand_ns /= 3;
        if (t->role == STREAM_PAIRED || t->role == STREAM_DEVICE)
            t->demand_ns = 30000;
        t->left_ns = t->role == STREAM_HOG ? AUR_NEVER_NS / 2 : stream_demand(s, t);
        stream_post(s, AUR_EV_TASK_NEW, 0, AUR_NONE, kind, cpus == 64 ? ~0ull : (1ull << cpus) - 1);
    }
    for (uint32_t i = 0; i < tasks; i++) {
        struct stream_task *t = &s->list[i];
        if (t->role == STREAM_LOCKING)
            t->own = stream_post(s, AUR_EV_OBJECT_NEW, 0, AUR_NONE, AUR_OBJECT_MUTEX, 1);
        if (t->role == STREAM_PAIRED)
            t->own = stream_post(s, AUR_EV_OBJECT_NEW, 0, AUR_NONE, AUR_OBJECT_SEMAPHORE, 0);
    }
    for (uint32_t i = 0, last = AUR_NONE; i < tasks; i++) { // pairs, a mutex for three tasks
        if (s->list[i].role == STREAM_PAIRED) {
            s->list[i].partners = s->list[i].own;
            if (last != AUR_NONE) {
                s->list[i].partners = s->list[last].own;
                s->list[last].partners = s->list[i].own;
            }
            last = last == AUR_NONE ? i : AUR_NONE;
        }
    }
    for (uint32_t i = 0; i < tasks; i++)
        stream_post(s, AUR_EV_TASK_START, 0, i, 0, 0);
    stream_dispatch(s);
    return s;
}

static inline void stream_free(struct stream *s)
{
    free(s->core);
    free(s->list);
    free(s);
}

// The next whole steps of the log, at most `most` records of them.
static inline uint32_t stream_take(struct stream *s, struct aur_record *records, uint32_t most)
{
    uint32_t count = 0;
    for (;;) {
        while (s->log.tail == s->log.head)
            stream_turn(s);
        const struct aur_record *event = &s->ring[s->log.tail % STREAM_RING];
        uint32_t step = event->actions + 1u;
        if (count + step > most)
            return count;
        for (uint32_t i = 0; i < step; i++)
            records[count++] = s->ring[s->log.tail++ % STREAM_RING];
    }
}

#endif
