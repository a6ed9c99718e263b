// Time-outs: blocked tasks that wake at an instant. One tree for each CPU, as Linux keeps its
// timers (kernel/time/hrtimer.c); a task's time-out is on the CPU where it went to sleep, unless
// that goes offline.
#include "step/parts.h"

static bool earlier(const void *nodes, uint32_t a, uint32_t b)
{
    const unsigned char *base =
        (const unsigned char *)nodes - offsetof(struct aur_task, timeout_node);
    const struct aur_task *tasks = (const struct aur_task *)(const void *)base;
    return tasks[a].timeout_at_ns != tasks[b].timeout_at_ns
               ? tasks[a].timeout_at_ns < tasks[b].timeout_at_ns
               : a < b;
}

static const struct aur_rb_ops by_instant = {.stride = sizeof(struct aur_task), .less = earlier};

static void *timeout_nodes(struct aur_core *core)
{
    return &aur_task_at(core, 0)->timeout_node;
}

void aur_rearm(struct aur_step *step, uint32_t cpu)
{
    struct aur_core *core = step->core;
    struct aur_cpu *c = aur_cpu_at(core, cpu);
    uint64_t at_ns = c->slice_at_ns;
    if (!aur_rb_empty(&c->timeouts)) {
        uint64_t first_ns = aur_task_at(core, c->timeouts.first)->timeout_at_ns;
        at_ns = first_ns < at_ns ? first_ns : at_ns;
    }
    if (!aur_rb_empty(&core->refills) && cpu == (uint32_t)__builtin_ctzll(core->online)) {
        uint64_t refill_ns = aur_bandwidth_due_ns(core);
        at_ns = refill_ns < at_ns ? refill_ns : at_ns;
    }
    uint64_t server_ns = aur_server_due_ns(core, cpu);
    at_ns = server_ns < at_ns ? server_ns : at_ns;
    if (aur_has_ext(core)) {
        uint64_t ext_ns = aur_ext_due_ns(core, cpu);
        at_ns = ext_ns < at_ns ? ext_ns : at_ns;
    }
    // A timer that comes too early is answered by arming again; only too late is wrong.
    if (at_ns < c->armed_at_ns) {
        c->armed_at_ns = at_ns;
        aur_act(step, AUR_ACT_ARM, cpu, AUR_NONE, 0, at_ns);
    }
}

void aur_timeout_set(struct aur_step *step, uint32_t task, uint64_t at_ns)
{
    struct aur_core *core = step->core;
    struct aur_task *t = aur_task_at(core, task);
    t->timeout_at_ns = at_ns;
    if (at_ns == AUR_NEVER_NS)
        return;
    uint32_t cpu = aur_is_online(core, t->cpu) ? t->cpu : (uint32_t)__builtin_ctzll(core->online);
    t->timeout_cpu = (uint16_t)cpu;
    aur_rb_insert(&by_instant, timeout_nodes(core), &aur_cpu_at(core, cpu)->timeouts, task);
    aur_rearm(step, cpu);
}

void aur_timeout_clear(struct aur_step *step, uint32_t task)
{
    struct aur_core *core = step->core;
    struct aur_task *t = aur_task_at(core, task);
    if (t->timeout_at_ns == AUR_NEVER_NS)
        return;
    aur_rb_erase(&by_instant, timeout_nodes(core), &aur_cpu_at(core, t->timeout_cpu)->timeouts,
                 task);
    t->timeout_at_ns = AUR_NEVER_NS;
}

enum aur_status aur_timer(struct aur_step *step)
{
    struct aur_core *core = step->core;
    uint32_t cpu = step->event->cpu;
    struct aur_cpu *c = aur_cpu_at(core, cpu);
    c->armed_at_ns = AUR_NEVER_NS;
    while (!aur_rb_empty(&c->timeouts)) {
        uint32_t task = c->timeouts.first;
        if (aur_task_at(core, task)->timeout_at_ns > core->now_ns)
            break;
        if (step->wakes == AUR_WAKES_PER_STEP) {
            aur_act(step, AUR_ACT_AGAIN, cpu, AUR_NONE, 0, 0);
            return AUR_OK;
        }
        step->wakes++;
        if (aur_task_at(core, task)->state == AUR_TASK_THROTTLED) {
            aur_unthrottle(step, task);
            continue;
        }
        aur_timeout_clear(step, task);
        if (aur_wait_timed_out(step, task))
            aur_wake(step, task, AUR_WOKE_TIMEOUT);
    }
    bool keeps = cpu == (uint32_t)__builtin_ctzll(core->online);
    if (keeps && (!aur_bandwidth_timer(step) || !aur_ext_timer(step))) {
        aur_act(step, AUR_ACT_AGAIN, cpu, AUR_NONE, 0, 0);
        return AUR_OK;
    }
    aur_server_timer(step, cpu);
    if (aur_has_ext(core))
        aur_ext_watch(step, cpu);
    if (c->slice_at_ns <= core->now_ns) {
        c->slice_at_ns = AUR_NEVER_NS;
        aur_charge(step, cpu);
        if (!c->need_resched)
            aur_slice_update(step, cpu);
    }
    aur_rearm(step, cpu);
    return AUR_OK;
}

const char *aur_timeout_check(struct aur_core *core, uint32_t cpu, uint32_t expected)
{
    const struct aur_rb_root *timeouts = &aur_cpu_at(core, cpu)->timeouts;
    uint32_t count;
    if (!aur_rb_valid(&by_instant, timeout_nodes(core), timeouts, core->tasks_used, &count) ||
        count != expected)
        return "a CPU's time-outs are out of order or miscounted";
    for (uint32_t task = timeouts->first; task != AUR_RB_NIL;
         task = aur_rb_next(&by_instant, timeout_nodes(core), task))
        if (!aur_core_task(core, task) || aur_task_at(core, task)->timeout_cpu != cpu ||
            aur_task_at(core, task)->timeout_at_ns == AUR_NEVER_NS)
            return "a CPU has the time-out of a task that has none there";
    return NULL;
}
