// What encoder and decoder both expect next from a log. Each field of a record has a few
// expectations; a descriptor names the one that was met, or that the field is explicit. Nothing
// here must be right, only the same on both sides: a wrong expectation costs bytes.
//
// Everything is indexed by masked numbers, so that any record is safe here; those that share a
// place disturb each other's expectations and nothing else.
#ifndef AURORA_TRACE_MODEL_H
#define AURORA_TRACE_MODEL_H

#include <aurora/limits.h>
#include <aurora/trace.h>

#include "lib/memory.h"

#define AUR_MODEL_KINDS  128u
#define AUR_MODEL_EVENTS 64u
#define AUR_MODEL_CPUS   AUR_CPUS_MAX
#define AUR_MODEL_TASKS  512u
#define AUR_MODEL_GAPS   1024u
#define AUR_MODEL_ALARMS 1024u

// How a field is known. For each the place of its choice in a descriptor, above the kind's 8
// bits, and the choice that means "explicit".
enum aur_choice {
    AUR_CHOICE_NOW = 8, // events only; an action's instant is its event's
    AUR_NOW_SAME = 0,   // the event before's
    AUR_NOW_DUE = 1,    // the tick or timer that is due, or as long a run as the last time
    AUR_NOW_LAG = 2,    // as long after the event before as the last of this kind
    AUR_NOW_EXPLICIT = 3,

    AUR_CHOICE_CPU = 10,
    AUR_CPU_EXPLICIT = 3,

    AUR_CHOICE_TASK = 12,
    AUR_TASK_EXPLICIT = 4, // or above

    AUR_CHOICE_OBJECT = 15,
    AUR_OBJECT_EXPLICIT = 3,

    AUR_CHOICE_OTHER = 17, // 0: the last of this kind
    AUR_OTHER_EXPLICIT = 1,

    AUR_CHOICE_ARG = 18,
    AUR_ARG_KIND = 0,     // the last of this kind
    AUR_ARG_PERIOD = 1,   // event: the task's last time-out and its period
    AUR_ARG_EVENT = 1,    // action: the event's
    AUR_ARG_RELATIVE = 2, // as far from now as the last time
    AUR_ARG_NEVER = 3,
    AUR_ARG_ARMED = 4, // what the CPU's timer is armed for
    AUR_ARG_OWNER = 5, // the time-out of a task, which is an explicit number
    AUR_ARG_DELTA = 6, // explicit, from now
    AUR_ARG_PLAIN = 7, // explicit

    AUR_DESCRIPTOR_BITS = 21
};

struct aur_model_kind {
    uint64_t arg;
    uint64_t lag_ns; // from the event before to the last of this kind
    uint32_t task, object, other;
    uint32_t cpu;
};

struct aur_model_cpu {
    uint64_t since_ns; // when its task began to run or last posted an event
    uint64_t armed_ns; // NEVER: not armed
    uint64_t late_ns;  // from a timer's instant to its event
    uint64_t rearm_ns; // from a request for a timer to its instant
    uint64_t tick_ns, period_ns;
    uint32_t running, before; // tasks; `before` ran before `running`
    uint32_t woken;           // runnable here last
    uint32_t owner;           // whose time-out the last timer was for, or NONE
    uint32_t object;          // used here last
    uint32_t reserved;
};

struct aur_model_task {
    uint64_t wake_at_ns; // its last time-out
    uint64_t period_ns;  // between the last two
    uint64_t sleep_ns;   // from the request to the instant
    uint32_t task;       // which of those in this place
    uint32_t next;       // who ran after it
    uint32_t cpu;        // where it was last
    uint32_t reserved;
};

struct aur_model {
    uint64_t now_ns;  // of the last event
    uint64_t pending; // CPUs that were told to reschedule and have not
    uint32_t cpu;     // of the last event
    uint32_t cpus;    // 1 more than the highest seen
    struct aur_model_kind kinds[AUR_MODEL_KINDS];
    struct aur_model_cpu per_cpu[AUR_MODEL_CPUS];
    struct aur_model_task tasks[AUR_MODEL_TASKS];
    uint64_t gaps[AUR_MODEL_GAPS];      // since_ns to event, by task and kind
    uint32_t alarms[AUR_MODEL_ALARMS];  // task of a time-out, by instant
    uint32_t reasons[AUR_MODEL_EVENTS]; // object of the last WOKE after this kind of event
    uint8_t followers[AUR_MODEL_EVENTS][AUR_MODEL_CPUS]; // CPU after this one, by kind
};

static inline void aur_model_init(struct aur_model *model, uint64_t first_ns)
{
    memset(model, 0, sizeof *model);
    model->now_ns = first_ns;
    for (uint32_t kind = 0; kind < AUR_MODEL_KINDS; kind++)
        model->kinds[kind].task = model->kinds[kind].object = model->kinds[kind].other = AUR_NONE;
    for (uint32_t cpu = 0; cpu < AUR_MODEL_CPUS; cpu++) {
        model->per_cpu[cpu].armed_ns = AUR_NEVER_NS;
        model->per_cpu[cpu].running = model->per_cpu[cpu].before = AUR_NONE;
        model->per_cpu[cpu].woken = model->per_cpu[cpu].owner = AUR_NONE;
    }
}

static inline struct aur_model_kind *aur_model_kind(struct aur_model *model, uint8_t kind)
{
    return &model->kinds[kind % AUR_MODEL_KINDS];
}

static inline struct aur_model_cpu *aur_model_cpu(struct aur_model *model, uint32_t cpu)
{
    return &model->per_cpu[cpu % AUR_MODEL_CPUS];
}

static inline struct aur_model_task *aur_model_task(struct aur_model *model, uint32_t task)
{
    return &model->tasks[task % AUR_MODEL_TASKS];
}

static inline uint64_t *aur_model_gap(struct aur_model *model, uint32_t task, uint8_t kind)
{
    return &model->gaps[(task * 32u + kind) % AUR_MODEL_GAPS];
}

static inline uint32_t *aur_model_alarm(struct aur_model *model, uint64_t at_ns)
{
    return &model->alarms[at_ns * 0x9e3779b97f4a7c15ull >> 54];
}

// A task that asked for a time-out at this instant, or NONE.
static inline uint32_t aur_model_sleeper(struct aur_model *model, uint64_t at_ns)
{
    uint32_t task = *aur_model_alarm(model, at_ns);
    const struct aur_model_task *known = aur_model_task(model, task);
    return known->task == task && known->wake_at_ns == at_ns ? task : AUR_NONE;
}

// The CPU whose timer is due first.
static inline uint32_t aur_model_earliest(const struct aur_model *model)
{
    uint32_t earliest = 0;
    for (uint32_t cpu = 1; cpu < model->cpus; cpu++) {
        if (model->per_cpu[cpu].armed_ns < model->per_cpu[earliest].armed_ns)
            earliest = cpu;
    }
    return earliest;
}

static inline uint32_t aur_expect_event_cpu(struct aur_model *model, uint8_t kind, unsigned choice)
{
    const struct aur_model_kind *last = aur_model_kind(model, kind);
    switch (choice) {
    case 0:
        return model->cpu;
    case 1:
        if (kind == AUR_EV_DISPATCH)
            return model->pending ? (uint32_t)__builtin_ctzll(model->pending) : model->cpu;
        if (kind == AUR_EV_TIMER)
            return aur_model_earliest(model);
        return model->followers[kind % AUR_MODEL_EVENTS][last->cpu % AUR_MODEL_CPUS];
    default:
        return last->cpu;
    }
}

static inline uint32_t aur_expect_event_task(struct aur_model *model, uint8_t kind, uint32_t cpu,
                                             unsigned choice)
{
    const struct aur_model_kind *last = aur_model_kind(model, kind);
    switch (choice) {
    case 0:
        return last->task;
    case 1:
        return aur_model_cpu(model, cpu)->running;
    default:
        return last->task + 1;
    }
}

static inline uint64_t aur_expect_now(struct aur_model *model, const struct aur_record *event,
                                      unsigned choice)
{
    const struct aur_model_cpu *cpu = aur_model_cpu(model, event->cpu);
    switch (choice) {
    case AUR_NOW_SAME:
        return model->now_ns;
    case AUR_NOW_DUE:
        if (event->kind == AUR_EV_TICK)
            return cpu->tick_ns + cpu->period_ns;
        if (event->kind == AUR_EV_TIMER)
            return cpu->armed_ns + cpu->late_ns;
        return cpu->since_ns + *aur_model_gap(model, event->task, event->kind);
    default:
        return model->now_ns + aur_model_kind(model, event->kind)->lag_ns;
    }
}

static inline uint32_t aur_expect_event_object(struct aur_model *model,
                                               const struct aur_record *event, unsigned choice)
{
    const struct aur_model_kind *last = aur_model_kind(model, event->kind);
    switch (choice) {
    case 0:
        return last->object;
    case 1:
        return aur_model_cpu(model, event->cpu)->object;
    default:
        return last->object + 1;
    }
}

static inline uint64_t aur_expect_event_arg(struct aur_model *model, const struct aur_record *event,
                                            unsigned choice)
{
    const struct aur_model_task *task = aur_model_task(model, event->task);
    switch (choice) {
    case AUR_ARG_KIND:
        return aur_model_kind(model, event->kind)->arg;
    case AUR_ARG_PERIOD:
        return task->wake_at_ns + task->period_ns;
    case AUR_ARG_RELATIVE:
        return event->now_ns + task->sleep_ns;
    default:
        return AUR_NEVER_NS;
    }
}

// event: of the same step; before: the record before this one.
static inline uint32_t aur_expect_action_task(struct aur_model *model,
                                              const struct aur_record *event,
                                              const struct aur_record *before, uint8_t kind,
                                              unsigned choice)
{
    const struct aur_model_kind *last = aur_model_kind(model, kind);
    const struct aur_model_cpu *cpu = aur_model_cpu(model, event->cpu);
    if (kind == AUR_ACT_RUN) {
        switch (choice) {
        case 0:
            return cpu->woken;
        case 1:
            return AUR_NONE;
        case 2:
            return cpu->before;
        default:
            return aur_model_task(model, cpu->running)->next;
        }
    }
    switch (choice) {
    case 0:
        return event->task;
    case 1:
        return kind == AUR_ACT_WOKE ? cpu->owner : last->task;
    case 2:
        return last->task + 1;
    default:
        return before->task;
    }
}

static inline uint32_t aur_expect_action_cpu(struct aur_model *model,
                                             const struct aur_record *event,
                                             const struct aur_record *before, uint32_t task,
                                             unsigned choice)
{
    switch (choice) {
    case 0:
        return event->cpu;
    case 1:
        return before->cpu;
    default:
        return aur_model_task(model, task)->cpu;
    }
}

static inline uint32_t aur_expect_action_object(struct aur_model *model,
                                                const struct aur_record *event,
                                                const struct aur_record *action, unsigned choice)
{
    const struct aur_model_kind *last = aur_model_kind(model, action->kind);
    switch (choice) {
    case 0:
        return action->kind == AUR_ACT_RUN ? aur_model_cpu(model, action->cpu)->running
                                           : last->object;
    case 1:
        if (action->kind == AUR_ACT_WOKE)
            return model->reasons[event->kind % AUR_MODEL_EVENTS];
        if (action->kind == AUR_ACT_MIGRATE)
            return aur_model_task(model, action->task)->cpu;
        return event->object;
    default:
        return AUR_NONE;
    }
}

static inline uint64_t aur_expect_action_arg(struct aur_model *model,
                                             const struct aur_record *event,
                                             const struct aur_record *action, unsigned choice)
{
    const struct aur_model_cpu *cpu = aur_model_cpu(model, action->cpu);
    switch (choice) {
    case AUR_ARG_KIND:
        return aur_model_kind(model, action->kind)->arg;
    case AUR_ARG_EVENT:
        return event->arg;
    case AUR_ARG_RELATIVE:
        return event->now_ns + cpu->rearm_ns;
    case AUR_ARG_NEVER:
        return AUR_NEVER_NS;
    default:
        return cpu->armed_ns;
    }
}

static inline void aur_model_keep(struct aur_model *model, const struct aur_record *record)
{
    struct aur_model_kind *last = aur_model_kind(model, record->kind);
    last->arg = record->arg;
    last->task = record->task;
    last->object = record->object;
    last->other = record->other;
    last->cpu = record->cpu;
    if (record->cpu % AUR_MODEL_CPUS >= model->cpus)
        model->cpus = record->cpu % AUR_MODEL_CPUS + 1;
}

static inline void aur_model_take_event(struct aur_model *model, const struct aur_record *event)
{
    struct aur_model_kind *last = aur_model_kind(model, event->kind);
    struct aur_model_cpu *cpu = aur_model_cpu(model, event->cpu);
    model->followers[event->kind % AUR_MODEL_EVENTS][last->cpu % AUR_MODEL_CPUS] =
        (uint8_t)(event->cpu % AUR_MODEL_CPUS);
    last->lag_ns = event->now_ns - model->now_ns;
    model->now_ns = event->now_ns;
    model->cpu = event->cpu;
    aur_model_keep(model, event);
    switch (event->kind) {
    case AUR_EV_TICK:
        cpu->period_ns = event->now_ns - cpu->tick_ns;
        cpu->tick_ns = event->now_ns;
        break;
    case AUR_EV_TIMER:
        cpu->owner = aur_model_sleeper(model, cpu->armed_ns);
        cpu->late_ns = event->now_ns - cpu->armed_ns;
        cpu->armed_ns = AUR_NEVER_NS;
        break;
    case AUR_EV_DISPATCH:
        model->pending &= ~(1ull << event->cpu % AUR_MODEL_CPUS);
        break;
    case AUR_EV_BLOCK:
    case AUR_EV_LOCK:
    case AUR_EV_WAIT:
    case AUR_EV_DOWN:
        if (event->arg != AUR_NEVER_NS) {
            struct aur_model_task *task = aur_model_task(model, event->task);
            task->task = event->task;
            task->period_ns = event->arg - task->wake_at_ns;
            task->sleep_ns = event->arg - event->now_ns;
            task->wake_at_ns = event->arg;
            *aur_model_alarm(model, event->arg) = event->task;
        }
        break;
    default:
        break;
    }
    if (event->task == cpu->running) {
        *aur_model_gap(model, event->task, event->kind) = event->now_ns - cpu->since_ns;
        cpu->since_ns = event->now_ns;
        cpu->object = event->object;
    }
}

static inline void aur_model_take_action(struct aur_model *model, const struct aur_record *event,
                                         const struct aur_record *action)
{
    struct aur_model_cpu *cpu = aur_model_cpu(model, action->cpu);
    aur_model_keep(model, action);
    switch (action->kind) {
    case AUR_ACT_RUN:
        aur_model_task(model, cpu->running)->next = action->task;
        aur_model_task(model, action->task)->cpu = action->cpu;
        if (action->task == cpu->woken)
            cpu->woken = AUR_NONE;
        cpu->before = cpu->running;
        cpu->running = action->task;
        cpu->since_ns = event->now_ns;
        break;
    case AUR_ACT_RESCHED:
        model->pending |= 1ull << action->cpu % AUR_MODEL_CPUS;
        break;
    case AUR_ACT_ARM:
        cpu->rearm_ns = action->arg - event->now_ns;
        cpu->armed_ns = action->arg;
        break;
    case AUR_ACT_WOKE:
        model->reasons[event->kind % AUR_MODEL_EVENTS] = action->object;
        cpu->woken = action->task;
        aur_model_task(model, action->task)->cpu = action->cpu;
        break;
    case AUR_ACT_MIGRATE:
        cpu->woken = action->task;
        aur_model_task(model, action->task)->cpu = action->cpu;
        break;
    default:
        break;
    }
}

#endif
