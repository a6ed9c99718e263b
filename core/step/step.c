// One step: check the event, take it in, write the log.
#include "step/parts.h"

static const char *const status_text[] = {
#define X(name, text) text,
    AUR_STATUS_TABLE(X)
#undef X
};

const char *aur_status_text(enum aur_status status)
{
    return (unsigned)status < AUR_STATUS_COUNT ? status_text[status] : "unknown status";
}

static enum aur_status take(struct aur_step *step)
{
    const struct aur_record *event = step->event;
    struct aur_core *core = step->core;
    switch ((enum aur_event_kind)event->kind) {
    case AUR_EV_TASK_NEW:
        return aur_task_new(step);
    case AUR_EV_TASK_SET:
        return aur_task_set(step);
    case AUR_EV_TASK_START:
        return aur_task_start(step);
    case AUR_EV_WAKE: {
        const struct aur_task *task = aur_core_task(core, event->task);
        if (!task)
            return AUR_BAD_TASK;
        if (task->state == AUR_TASK_BLOCKED && task->wait_object == AUR_NONE)
            aur_wake(step, event->task, AUR_WOKE_EVENT);
        return AUR_OK;
    }
    case AUR_EV_BLOCK:
        aur_sleep(step, event->task, event->arg);
        return AUR_OK;
    case AUR_EV_YIELD: {
        uint32_t slot = aur_task_at(core, event->task)->slot;
        aur_charge(step, event->cpu);
        aur_class_of(core, slot)->yield(core, slot, event->cpu, event->task);
        aur_resched(step, event->cpu);
        return AUR_OK;
    }
    case AUR_EV_EXIT:
        return aur_task_exit(step);
    case AUR_EV_TICK:
        return aur_tick(step);
    case AUR_EV_TIMER:
        return aur_timer(step);
    case AUR_EV_DISPATCH:
        return aur_dispatch(step);
    case AUR_EV_OBJECT_NEW:
        return aur_object_new(step);
    case AUR_EV_OBJECT_FREE:
        return aur_object_free(step);
    case AUR_EV_LOCK:
        return aur_lock(step);
    case AUR_EV_UNLOCK:
        return aur_unlock(step);
    case AUR_EV_WAIT:
        return aur_wait(step);
    case AUR_EV_SIGNAL:
        return aur_signal(step);
    case AUR_EV_BROADCAST:
        return aur_broadcast(step);
    case AUR_EV_BARRIER:
        return aur_barrier(step);
    case AUR_EV_DOWN:
        return aur_down(step);
    case AUR_EV_UP:
        return aur_up(step);
    case AUR_EV_CPU_OFF:
        return aur_cpu_off(step);
    case AUR_EV_CPU_ON:
        return aur_cpu_on(step);
    case AUR_EV_GROUP_NEW:
        return aur_group_new(step);
    case AUR_EV_GROUP_SET:
        return aur_group_set(step);
    case AUR_EV_GROUP_FREE:
        return aur_group_free(step);
    case AUR_EV_AGENT_DATA:
        return aur_agent_data(step);
    case AUR_EV_AGENT_LOAD:
        return aur_agent_load(step);
    case AUR_EV_AGENT_EJECT:
        return aur_agent_eject(step);
    case AUR_EV_CAP_MINT:
        return aur_cap_mint(step);
    case AUR_EV_CAP_DERIVE:
        return aur_cap_derive(step);
    case AUR_EV_CAP_TRANSFER:
        return aur_cap_transfer(step);
    case AUR_EV_CAP_REVOKE:
        return aur_cap_revoke(step);
    case AUR_EV_CAP_DELETE:
        return aur_cap_delete(step);
    case AUR_EV_ACCESS:
        return aur_cap_access(step);
    case AUR_EV_NONE:
    case AUR_EV_COUNT:
        break;
    }
    return AUR_BAD_EVENT;
}

// An offline CPU may still dispatch for the last time, and CPU_OFF may have more to do.
static bool may_come_from(const struct aur_core *core, const struct aur_record *event)
{
    uint32_t cpu = event->cpu;
    return cpu < core->config.cpus &&
           (aur_is_online(core, cpu) ||
            (event->kind == AUR_EV_DISPATCH && aur_cpu_at(core, cpu)->need_resched) ||
            (event->kind == AUR_EV_CPU_OFF && event->object == cpu));
}

enum aur_status aur_event_check(const struct aur_core *core, const struct aur_record *event)
{
    if (event->kind == AUR_EV_NONE || event->kind >= AUR_EV_COUNT)
        return AUR_BAD_EVENT;
    if (event->now_ns < core->now_ns)
        return AUR_TIME_BACKWARDS;
    if (event->now_ns == AUR_NEVER_NS)
        return AUR_BAD_ARGUMENT; // all that is never due would be
    if (!may_come_from(core, event))
        return AUR_BAD_CPU;
    if (aur_event_is_of_curr(event->kind)) {
        if (event->task == AUR_NONE || aur_cpu_at(core, event->cpu)->curr != event->task ||
            aur_task_at(core, event->task)->state != AUR_TASK_RUNNING)
            return AUR_NOT_RUNNING;
        uint32_t mutex = aur_task_at(core, event->task)->wait_mutex;
        if (mutex != AUR_NONE && (event->kind != AUR_EV_LOCK || event->object != mutex))
            return AUR_MUST_LOCK;
    }
    return AUR_OK;
}

static enum aur_status check_log(const struct aur_core *core, const struct aur_log *log)
{
    if (core->config.log_mode != AUR_LOG_FULL)
        return AUR_OK;
    if (!log)
        return AUR_BAD_ARGUMENT;
    bool room = log->capacity - (log->head - log->tail) >= AUR_ACTIONS_MAX + 1;
    return room ? AUR_OK : AUR_NO_ROOM;
}

static void write_log(struct aur_core *core, struct aur_log *log, const struct aur_record *event,
                      const struct aur_actions *actions)
{
    if (core->config.log_mode == AUR_LOG_OFF)
        return;
    uint64_t digest = aur_digest_record(core->digest, event);
    for (uint32_t i = 0; i < actions->count; i++)
        digest = aur_digest_record(digest, &actions->list[i]);
    core->digest = digest;
    if (core->config.log_mode != AUR_LOG_FULL)
        return;

    uint32_t mask = log->capacity - 1;
    struct aur_record *first = &log->ring[log->head++ & mask];
    *first = *event;
    first->actions = (uint8_t)actions->count;
    for (uint32_t i = 0; i < actions->count; i++)
        log->ring[log->head++ & mask] = actions->list[i];
}

enum aur_status aur_core_step(struct aur_core *core, struct aur_log *log,
                              const struct aur_record *event, struct aur_actions *actions)
{
    actions->count = 0;
    enum aur_status status = aur_event_check(core, event);
    if (status == AUR_OK)
        status = check_log(core, log);
    if (status != AUR_OK)
        return status;

    struct aur_step step = {.core = core, .actions = actions, .event = event};
    uint64_t before_ns = core->now_ns;
    core->now_ns = event->now_ns;
    status = take(&step);
    if (status != AUR_OK) {
        // Handlers refuse before they change anything.
        core->now_ns = before_ns;
        actions->count = 0;
        return status;
    }
    if (core->ext.attention)
        aur_ext_settle(&step);
    // Any step may have begun a group's period; a TIMER arms by itself.
    uint32_t keeper = (uint32_t)__builtin_ctzll(core->online);
    if (!aur_rb_empty(&core->refills) && (event->kind != AUR_EV_TIMER || event->cpu != keeper))
        aur_rearm(&step, keeper);
    core->events++;
    write_log(core, log, event, actions);
    return AUR_OK;
}
