// CPUs that go offline and come back, after Linux's CPU hotplug (kernel/cpu.c, sched_cpu_deactivate
// in kernel/sched/core.c).
//
// CPU_OFF takes the CPU out of `online`, from where on nothing is placed there, and hands its
// time-outs to another (hrtimers_cpu_dying). Its tasks leave at the DISPATCH that it still owes, on
// the CPU itself, in the order in which they would have run (balance_push). CPU_ON looks through
// the tasks for those that ran elsewhere only because no CPU of their affinity was online.
//
// Invariant: an offline CPU with a task, running or waiting, owes a DISPATCH; no timer is armed on
// one; at least one CPU is online.
#include "step/parts.h"

// How many tasks one step of CPU_ON looks at.
#ifdef AUR_HOSTILE
#    define SCAN_PER_STEP 3u
#else
#    define SCAN_PER_STEP 1024u
#endif

// May this step move one more? If not the host is asked to call again.
static bool has_room(struct aur_step *step)
{
    if (step->wakes < AUR_WAKES_PER_STEP) {
        step->wakes++;
        return true;
    }
    aur_act(step, AUR_ACT_AGAIN, step->event->cpu, AUR_NONE, 0, 0);
    return false;
}

static enum aur_status may_go(struct aur_core *core, uint32_t cpu)
{
    if (core->online == 1ull << cpu)
        return AUR_BAD_ARGUMENT;
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++) {
        if (core->config.classes[slot] == AUR_NONE || !aur_class_of(core, slot)->can_go_off)
            continue;
        enum aur_status status = aur_class_of(core, slot)->can_go_off(core, slot, cpu);
        if (status != AUR_OK)
            return status;
    }
    return AUR_OK;
}

static void go(struct aur_step *step, uint32_t cpu)
{
    struct aur_core *core = step->core;
    struct aur_cpu *c = aur_cpu_at(core, cpu);
    aur_charge(step, cpu);
    core->online &= ~(1ull << cpu);
    core->idle &= ~(1ull << cpu);
    c->armed_at_ns = AUR_NEVER_NS;
    c->slice_at_ns = AUR_NEVER_NS;
    c->arriving = AUR_NONE;
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++)
        if (core->config.classes[slot] != AUR_NONE && aur_class_of(core, slot)->cpu_off)
            aur_class_of(core, slot)->cpu_off(core, slot, cpu);
    aur_global_update(core, cpu);
    if (c->curr != AUR_NONE || c->nr != 0)
        aur_resched(step, cpu);
}

enum aur_status aur_cpu_off(struct aur_step *step)
{
    struct aur_core *core = step->core;
    uint32_t cpu = step->event->object;
    if (cpu >= core->config.cpus)
        return AUR_BAD_CPU;
    struct aur_rb_root *timeouts = &aur_cpu_at(core, cpu)->timeouts;
    if (aur_is_online(core, cpu)) {
        enum aur_status status = may_go(core, cpu);
        if (status != AUR_OK)
            return status;
        go(step, cpu);
    } else if (aur_rb_empty(timeouts)) {
        return AUR_BAD_CPU; // it has gone already, and not just in part
    }
    while (!aur_rb_empty(timeouts) && has_room(step)) {
        uint32_t task = timeouts->first;
        uint64_t at_ns = aur_task_at(core, task)->timeout_at_ns;
        aur_timeout_clear(step, task);
        aur_timeout_set(step, task, at_ns);
    }
    return AUR_OK;
}

void aur_evacuate(struct aur_step *step, uint32_t cpu)
{
    struct aur_core *core = step->core;
    struct aur_cpu *c = aur_cpu_at(core, cpu);
    aur_assert(!aur_is_online(core, cpu) && c->curr == AUR_NONE && c->need_resched);
    while (c->nr != 0) {
        if (!has_room(step))
            return;
        uint32_t task = aur_pick(core, cpu);
        if (!aur_throttle_due(step, task))
            aur_move(step, task, aur_select_cpu(core, task, cpu));
    }
    c->need_resched = 0;
}

static void come(struct aur_step *step, uint32_t cpu)
{
    struct aur_core *core = step->core;
    struct aur_cpu *c = aur_cpu_at(core, cpu);
    aur_charge(step, cpu);
    core->online |= 1ull << cpu;
    if (c->curr == AUR_NONE)
        core->idle |= 1ull << cpu;
    c->arriving = 0;
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++)
        if (core->config.classes[slot] != AUR_NONE && aur_class_of(core, slot)->cpu_on)
            aur_class_of(core, slot)->cpu_on(core, slot, cpu);
    aur_global_update(core, cpu);
    aur_rearm(step, cpu);   // time-outs that CPU_OFF had not come to yet
    aur_resched(step, cpu); // it may find work on the others
}

enum aur_status aur_cpu_on(struct aur_step *step)
{
    struct aur_core *core = step->core;
    uint32_t cpu = step->event->object;
    if (cpu >= core->config.cpus)
        return AUR_BAD_CPU;
    struct aur_cpu *c = aur_cpu_at(core, cpu);
    if (!aur_is_online(core, cpu))
        come(step, cpu);
    else if (c->arriving == AUR_NONE)
        return AUR_BAD_ARGUMENT; // it is there already, and not just in part
    for (uint32_t scan = 0; c->arriving < core->tasks_used; scan++, c->arriving++) {
        if (scan == SCAN_PER_STEP || step->wakes == AUR_WAKES_PER_STEP) {
            aur_act(step, AUR_ACT_AGAIN, step->event->cpu, AUR_NONE, 0, 0);
            return AUR_OK;
        }
        step->wakes += aur_respect_affinity(step, c->arriving);
    }
    c->arriving = AUR_NONE;
    return AUR_OK;
}

const char *aur_online_check(const struct aur_core *core, uint32_t cpu)
{
    const struct aur_cpu *c = aur_cpu_at(core, cpu);
    if (core->online == 0 || (core->online | aur_cpus_all(core)) != aur_cpus_all(core))
        return "the mask of online CPUs is empty or names one that is not there";
    if (c->arriving != AUR_NONE && !aur_is_online(core, cpu))
        return "an offline CPU is arriving";
    if (aur_is_online(core, cpu))
        return NULL;
    if ((c->nr != 0 || c->curr != AUR_NONE) && !c->need_resched)
        return "an offline CPU has tasks and owes no dispatch";
    return c->armed_at_ns == AUR_NEVER_NS ? NULL : "a timer is armed on an offline CPU";
}
