// Posting events and moving time.
#include "tests/host.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/agent_scene.h"

#define STEPS_PER_INSTANT 2000u // more means that the core and the host chase each other

void host_fail(struct host *host, const char *format, ...)
{
    if (host->failure[0])
        return;
    char text[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(host->failure, sizeof host->failure, "at %" PRIu64 " ns: %s", host->now_ns, text);
}

static void *block_of(size_t size, size_t shift, void **to_free)
{
    *to_free = malloc(size + 128 + shift);
    if (!*to_free)
        abort();
    uintptr_t aligned = ((uintptr_t)*to_free + shift + 63) & ~(uintptr_t)63;
    memset((void *)aligned, 0x5a, size);
    return (void *)aligned;
}

static void open_log(struct aur_log *log)
{
    *log = (struct aur_log){.capacity = HOST_RING};
    log->ring = calloc(HOST_RING, sizeof *log->ring);
    if (!log->ring)
        abort();
}

bool host_open(struct host *host, const struct aur_config *config)
{
    memset(host, 0, sizeof *host);
    host->config = *config;
    host->size = aur_core_size(config);
    if (host->size == 0)
        return false;
    host->core = block_of(host->size, 0, &host->core_block);
    host->twin = block_of(host->size, 64, &host->twin_block);
    open_log(&host->log);
    open_log(&host->twin_log);
    host->tasks = calloc(config->tasks, sizeof *host->tasks);
    if (!host->tasks)
        abort();
    for (uint32_t cpu = 0; cpu < AUR_CPUS_MAX; cpu++)
        host->cpus[cpu] = (struct host_cpu){AUR_NONE, false, AUR_NEVER_NS, AUR_NEVER_NS};
    host->verbose = getenv("AUR_VERBOSE") != NULL;
    host->online = UINT64_MAX >> (64 - config->cpus);
    host->next_tick_ns = config->tick_ns ? config->tick_ns : AUR_NEVER_NS;
    if (aur_core_init(host->core, host->size, config) != AUR_OK ||
        aur_core_init(host->twin, host->size, config) != AUR_OK)
        return false;
    if (config->classes[AUR_SLOT_EXT] != AUR_NONE && host_load(host, agent_scene_chosen) != AUR_OK)
        host_fail(host, "the agent is refused");
    return true;
}

enum aur_status host_load(struct host *host, const char *text)
{
    uint64_t image[AGENT_SCENE_BYTES / 8];
    size_t bytes = agent_scene_build(&host->config, text, image);
    for (uint32_t word = 0; word < AGENT_SCENE_BYTES / 8; word++) {
        enum aur_status status =
            host_event(host, AUR_EV_AGENT_DATA, host_cpu(host), AUR_NONE, word, 0, image[word]);
        if (status != AUR_OK)
            return status;
    }
    return host_event(host, AUR_EV_AGENT_LOAD, host_cpu(host), AUR_NONE, 0, 0, bytes);
}

void host_close(struct host *host)
{
    free(host->core_block);
    free(host->twin_block);
    free(host->log.ring);
    free(host->twin_log.ring);
    free(host->history);
    free(host->tasks);
}

static void drain(struct host *host)
{
    struct aur_log *log = &host->log;
    while (log->tail != log->head) {
        if (host->history_count == host->history_room) {
            host->history_room = host->history_room ? host->history_room * 2 : 4096;
            host->history = realloc(host->history, host->history_room * sizeof *host->history);
            if (!host->history)
                abort();
        }
        host->history[host->history_count++] = log->ring[log->tail++ & (log->capacity - 1)];
    }
    host->twin_log.tail = host->twin_log.head;
}

static void print_record(const struct aur_record *record, const char *before, const char *after)
{
    printf("%s%s cpu %u task %d object %d other %d arg %" PRIu64 "%s\n", before,
           aur_record_kind_text(record->kind), record->cpu, (int)record->task, (int)record->object,
           (int)record->other, record->arg, after);
}

static void print_step(const struct host *host, const struct aur_record *event,
                       enum aur_status status)
{
    printf("%12" PRIu64 " ", event->now_ns);
    print_record(event, "", status == AUR_OK ? "" : "  REFUSED");
    if (status != AUR_OK)
        printf("               %s\n", aur_status_text(status));
    for (uint32_t i = 0; i < host->actions.count; i++)
        print_record(&host->actions.list[i], "                 -> ", "");
    fflush(stdout);
}

// One step of the core and, if it was taken in, of the twin.
static enum aur_status step(struct host *host, const struct aur_record *event)
{
    bool full = host->config.log_mode == AUR_LOG_FULL;
    struct aur_log *log = full ? &host->log : NULL, *twin_log = full ? &host->twin_log : NULL;
    host->steps++;
    if (!host->drains_late)
        drain(host);
    enum aur_status status = aur_core_step(host->core, log, event, &host->actions);
    if (status == AUR_NO_ROOM) {
        if (memcmp(host->core, host->twin, host->size) != 0)
            host_fail(host, "an event refused for want of room changed the state");
        drain(host);
        status = aur_core_step(host->core, log, event, &host->actions);
    }
    if (host->verbose)
        print_step(host, event, status);
    if (status != AUR_OK) {
        host->refused++;
        if (host->actions.count != 0)
            host_fail(host, "a refused %s gave actions", aur_record_kind_text(event->kind));
        if (memcmp(host->core, host->twin, host->size) != 0)
            host_fail(host, "a refused %s changed the state", aur_record_kind_text(event->kind));
        return status;
    }
    host->twin_log.tail = host->twin_log.head;
    struct aur_actions other;
    if (aur_core_step(host->twin, twin_log, event, &other) != AUR_OK)
        host_fail(host, "the twin refuses %s", aur_record_kind_text(event->kind));
    else if (other.count != host->actions.count ||
             memcmp(other.list, host->actions.list, other.count * sizeof *other.list) != 0)
        host_fail(host, "the twin answers %s with other actions",
                  aur_record_kind_text(event->kind));
    return AUR_OK;
}

enum aur_status host_post(struct host *host, const struct aur_record *event)
{
    host->dispatches += event->kind == AUR_EV_DISPATCH;
    for (;;) {
        if (host->before)
            host->before(host, event);
        enum aur_status status = step(host, event);
        if (status != AUR_OK)
            return status;
        if (event->now_ns > host->now_ns)
            host->now_ns = event->now_ns;
        host_book_event(host, event);
        bool again = false;
        for (uint32_t i = 0; i < host->actions.count; i++) {
            host_book_action(host, event, &host->actions.list[i]);
            again |= host->actions.list[i].kind == AUR_ACT_AGAIN;
        }
        host_compare(host);
        if (host->after)
            host->after(host, event);
        if (!again || host->failure[0])
            return AUR_OK;
    }
}

enum aur_status host_event(struct host *host, enum aur_event_kind kind, uint32_t cpu, uint32_t task,
                           uint32_t object, uint32_t other, uint64_t arg)
{
    struct aur_record event = {.now_ns = host->now_ns,
                               .arg = arg,
                               .task = task,
                               .object = object,
                               .other = other,
                               .cpu = (uint16_t)cpu,
                               .kind = (uint8_t)kind};
    return host_post(host, &event);
}

void host_settle(struct host *host)
{
    uint64_t limit = host->steps + STEPS_PER_INSTANT;
    for (bool busy = true; busy && !host->failure[0];) {
        busy = false;
        host->verbose &= host->steps + STEPS_PER_INSTANT - limit < 50; // enough to see the circle
        for (uint32_t cpu = 0; cpu < host->config.cpus; cpu++)
            if (host->cpus[cpu].armed_at_ns <= host->now_ns) {
                busy = true;
                host_event(host, AUR_EV_TIMER, cpu, 0, 0, 0, 0);
            }
        for (uint32_t cpu = 0; cpu < host->config.cpus; cpu++)
            if (host->cpus[cpu].pending) {
                busy = true;
                host_event(host, AUR_EV_DISPATCH, cpu, 0, 0, 0, 0);
            }
        if (host->steps > limit)
            host_fail(host, "the instant does not end: the core asks for more and more");
    }
    host_compare_settled(host);
}

// When the running task of this CPU ends its burst.
static uint64_t burst_end_ns(const struct host *host, uint32_t cpu)
{
    uint32_t task = host->cpus[cpu].running;
    if (task == AUR_NONE || host->tasks[task].run_ns == 0 ||
        host->tasks[task].state != AUR_TASK_RUNNING)
        return AUR_NEVER_NS;
    uint64_t ran_ns = host_ran_ns(host, task), until_ns = host->tasks[task].done_at_ran_ns;
    return host->now_ns + (until_ns > ran_ns ? until_ns - ran_ns : 0);
}

static void end_burst(struct host *host, uint32_t cpu)
{
    uint32_t index = host->cpus[cpu].running;
    struct host_task *task = &host->tasks[index];
    task->done_at_ran_ns = host_ran_ns(host, index) + task->run_ns;
    uint64_t period_ns = task->period_ns;
    if (period_ns)
        host_event(host, AUR_EV_BLOCK, cpu, index, 0, 0,
                   (host->now_ns + period_ns - 1) / period_ns * period_ns);
    else if (task->sleep_ns == AUR_NEVER_NS)
        host_event(host, AUR_EV_EXIT, cpu, index, 0, 0, 0);
    else
        host_event(host, AUR_EV_BLOCK, cpu, index, 0, 0, host->now_ns + task->sleep_ns);
}

static void move_to_next_instant(struct host *host, uint64_t until_ns)
{
    uint64_t next_ns = until_ns;
    for (uint32_t cpu = 0; cpu < host->config.cpus; cpu++) {
        uint64_t end_ns = burst_end_ns(host, cpu), timer_ns = host->cpus[cpu].armed_at_ns;
        next_ns = end_ns < next_ns ? end_ns : next_ns;
        next_ns = timer_ns < next_ns ? timer_ns : next_ns;
    }
    if (host->config.tick_ns && host->next_tick_ns <= host->now_ns)
        host->next_tick_ns = (host->now_ns / host->config.tick_ns + 1) * host->config.tick_ns;
    next_ns = host->next_tick_ns < next_ns ? host->next_tick_ns : next_ns;

    uint32_t ending[AUR_CPUS_MAX], endings = 0;
    for (uint32_t cpu = 0; cpu < host->config.cpus; cpu++)
        if (burst_end_ns(host, cpu) <= next_ns)
            ending[endings++] = cpu;
    host->now_ns = next_ns;
    for (uint32_t i = 0; i < endings; i++)
        end_burst(host, ending[i]);
    if (host->next_tick_ns == next_ns)
        for (uint32_t cpu = 0; cpu < host->config.cpus; cpu++)
            if (host->cpus[cpu].running != AUR_NONE)
                host_event(host, AUR_EV_TICK, cpu, 0, 0, 0, 0);
}

void host_advance(struct host *host, uint64_t until_ns, uint32_t instants)
{
    host_settle(host);
    for (uint32_t n = 0; host->now_ns < until_ns && !host->failure[0]; n++) {
        if (instants && n == instants)
            break;
        move_to_next_instant(host, until_ns);
        host_settle(host);
    }
}

uint32_t host_cpu(const struct host *host)
{
    return (uint32_t)__builtin_ctzll(host->online);
}

uint32_t host_make(struct host *host, uint32_t kind, uint64_t affinity)
{
    host->made = AUR_NONE;
    host_event(host, AUR_EV_TASK_NEW, host_cpu(host), AUR_NONE, kind, 0, affinity);
    return host->made;
}

uint32_t host_object(struct host *host, enum aur_object_kind kind, uint64_t parameter)
{
    host->made = AUR_NONE;
    host_event(host, AUR_EV_OBJECT_NEW, host_cpu(host), 0, kind, 0, parameter);
    return host->made;
}

void host_start(struct host *host, uint32_t task)
{
    if (host_event(host, AUR_EV_TASK_START, host_cpu(host), task, 0, 0, 0) != AUR_OK)
        host_fail(host, "a new task cannot be started");
}

uint32_t host_spawn(struct host *host, uint32_t kind, uint64_t affinity)
{
    uint32_t task = host_make(host, kind, affinity);
    if (task == AUR_NONE)
        host_fail(host, "a task cannot be made");
    else
        host_start(host, task);
    return task;
}

void host_cycle(struct host *host, uint32_t task, uint64_t run_ns, uint64_t sleep_ns)
{
    host->tasks[task].run_ns = run_ns;
    host->tasks[task].sleep_ns = sleep_ns;
    host->tasks[task].done_at_ran_ns = host_ran_ns(host, task) + run_ns;
}

void host_period(struct host *host, uint32_t task, uint64_t run_ns, uint64_t period_ns)
{
    host_cycle(host, task, run_ns, 0);
    host->tasks[task].period_ns = period_ns;
}

enum aur_status host_by(struct host *host, enum aur_event_kind kind, uint32_t task, uint32_t object,
                        uint32_t other, uint64_t arg)
{
    uint32_t cpu = host->tasks[task].on_cpu;
    return host_event(host, kind, cpu == AUR_NONE ? host_cpu(host) : cpu, task, object, other, arg);
}

uint64_t host_ran_ns(const struct host *host, uint32_t task)
{
    const struct host_task *t = &host->tasks[task];
    return t->ran_ns + (t->on_cpu == AUR_NONE ? 0 : host->now_ns - t->on_at_ns);
}

bool host_runs(const struct host *host, uint32_t task)
{
    return host->tasks[task].on_cpu != AUR_NONE && host->tasks[task].state == AUR_TASK_RUNNING;
}

void host_relocate(struct host *host)
{
    void *old = host->core, *to_free = host->core_block;
    host->core = block_of(host->size, 192, &host->core_block);
    memcpy(host->core, old, host->size);
    memset(old, 0xdb, host->size);
    free(to_free);
}

void host_replay(struct host *host)
{
    drain(host);
    void *to_free;
    struct aur_core *core = block_of(host->size, 256, &to_free);
    struct aur_log log;
    struct aur_actions actions;
    open_log(&log);
    if (aur_core_init(core, host->size, &host->config) != AUR_OK)
        abort();
    for (size_t at = 0; at < host->history_count && !host->failure[0];) {
        const struct aur_record *event = &host->history[at++];
        log.tail = log.head;
        if (aur_core_step(core, &log, event, &actions) != AUR_OK)
            host_fail(host, "replay: record %zu is refused", at - 1);
        else if (actions.count != event->actions || at + actions.count > host->history_count ||
                 memcmp(actions.list, &host->history[at], actions.count * sizeof *actions.list) !=
                     0)
            host_fail(host, "replay: record %zu gives other actions than the log has", at - 1);
        at += event->actions;
    }
    if (aur_core_digest(core) != aur_core_digest(host->core))
        host_fail(host, "replay: the digest differs");
    if (memcmp(core, host->core, host->size) != 0)
        host_fail(host, "replay: the state differs");
    free(log.ring);
    free(to_free);
}
