// Choosing who runs on a CPU.
#include "sched/fair.h"
#include "step/parts.h"

void aur_slice_update(struct aur_step *step, uint32_t cpu)
{
    struct aur_core *core = step->core;
    if (core->config.tick_ns != 0)
        return;
    struct aur_cpu *c = aur_cpu_at(core, cpu);
    c->slice_at_ns = AUR_NEVER_NS;
    if (c->curr != AUR_NONE && aur_task_at(core, c->curr)->state == AUR_TASK_RUNNING) {
        uint64_t left_ns = aur_slice_left_ns(core, cpu);
        if (left_ns == 0)
            aur_resched(step, cpu); // used up while it had nobody to share with
        else if (left_ns < AUR_NEVER_NS - core->now_ns)
            c->slice_at_ns = core->now_ns + left_ns;
    }
    aur_rearm(step, cpu);
}

// The slot's turn on that CPU, the first goes first.
static uint32_t turn_of(const struct aur_cpu *c, uint32_t slot)
{
    if (!c->serves || slot == AUR_SLOT_DEADLINE || slot == AUR_SLOT_EXT)
        return slot;
    return slot == AUR_SLOT_FAIR ? AUR_SLOT_REALTIME : AUR_SLOT_FAIR;
}

void aur_preempt_check(struct aur_step *step, uint32_t cpu, uint32_t woken)
{
    struct aur_core *core = step->core;
    const struct aur_cpu *c = aur_cpu_at(core, cpu);
    if (c->need_resched)
        return;
    if (aur_hidden(core, woken)) {
        aur_slice_update(step, cpu); // others may have seen it until now
        return;
    }
    if (c->curr == AUR_NONE) {
        aur_resched(step, cpu);
        return;
    }
    const struct aur_task *curr = aur_task_at(core, c->curr), *new = aur_task_at(core, woken);
    const struct aur_sched_class *class = aur_class_of(core, new->slot);
    if (turn_of(c, new->slot) < turn_of(c, curr->slot) ||
        (new->slot == curr->slot &&class->wakeup_preempt &&class->wakeup_preempt(
                          core, new->slot, cpu, c->curr, woken)))
        aur_resched(step, cpu);
    else
        aur_slice_update(step, cpu); // curr may be sharing its CPU only now
}

// Takes the task off the CPU; if it may go on, it waits for its next turn.
static void switch_out(struct aur_step *step, uint32_t cpu, uint32_t task)
{
    struct aur_core *core = step->core;
    struct aur_task *t = aur_task_at(core, task);
    if (t->state == AUR_TASK_RUNNING) {
        t->state = AUR_TASK_RUNNABLE;
        t->since_ns = core->now_ns;
        t->preemptions++;
        aur_class_of(core, t->slot)->put_prev(core, t->slot, cpu, task);
    }
}

// `from` is who had the CPU: a task that blocked and was woken before it was switched out goes on
// without a switch.
static void switch_in(struct aur_step *step, uint32_t cpu, uint32_t task, uint32_t from)
{
    struct aur_core *core = step->core;
    struct aur_task *t = aur_task_at(core, task);
    uint64_t waited_ns = core->now_ns - t->since_ns;
    t->wait_ns += waited_ns;
    if (waited_ns > t->wait_max_ns)
        t->wait_max_ns = waited_ns;
    t->state = AUR_TASK_RUNNING;
    t->since_ns = core->now_ns;
    t->started = 1;
    t->last_cpu = (uint16_t)cpu;
    t->switches += task != from;
    aur_class_of(core, t->slot)->set_next(core, t->slot, cpu, task);
}

// The other slots put away what they still hold of the CPU, once its last task is put back.
static void leave_others(struct aur_core *core, uint32_t cpu, uint32_t next)
{
    if (core->groups_used == 0)
        return; // only groups outlast their running task
    uint32_t kept = next == AUR_NONE ? AUR_NONE : aur_task_at(core, next)->slot;
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++)
        if (slot != kept && core->config.classes[slot] != AUR_NONE &&
            aur_class_of(core, slot)->leave)
            aur_class_of(core, slot)->leave(core, slot, cpu);
}

uint32_t aur_pick(struct aur_core *core, uint32_t cpu)
{
    const struct aur_cpu *c = aur_cpu_at(core, cpu);
    for (uint32_t turn = 0; turn < AUR_CLASS_SLOTS; turn++) {
        uint32_t slot = turn_of(c, turn);
        if (c->nr_class[slot] != 0)
            return aur_class_of(core, slot)->pick_next(core, slot, cpu);
    }
    return AUR_NONE;
}

bool aur_throttle_due(struct aur_step *step, uint32_t task)
{
    struct aur_core *core = step->core;
    uint32_t slot = aur_task_at(core, task)->slot;
    const struct aur_sched_class *class = aur_class_of(core, slot);
    uint64_t until_ns = class->throttled_until ? class->throttled_until(core, slot, task) : 0;
    if (until_ns == 0)
        return false;
    aur_throttle(step, task, until_ns);
    return true;
}

void aur_dispatch_settle(struct aur_step *step)
{
    struct aur_core *core = step->core;
    uint32_t cpu = step->event->cpu;
    struct aur_cpu *c = aur_cpu_at(core, cpu);
    c->need_resched = 1; // nothing below needs to ask for what is happening already
    aur_charge(step, cpu);

    uint32_t prev = c->curr;
    const struct aur_task *p = prev == AUR_NONE ? NULL : aur_task_at(core, prev);
    if (core->groups_used != 0) {
        aur_fair_expire(core, AUR_SLOT_FAIR, cpu);
        if (p && p->state == AUR_TASK_RUNNING && aur_hidden(core, prev))
            switch_out(step, cpu, prev);
    }
    bool wants_on = p && (p->state == AUR_TASK_RUNNING || p->state == AUR_TASK_RUNNABLE);
    if (wants_on && aur_is_online(core, cpu) && !aur_allowed(core, p, cpu)) {
        // Its affinity was changed under it: it goes where it may run.
        switch_out(step, cpu, prev);
        c->curr = AUR_NONE;
        aur_move(step, prev, aur_select_cpu(core, prev, cpu));
        c->curr = prev;
    }
    if (p && p->state == AUR_TASK_RUNNING)
        aur_throttle_due(step, prev);
}

void aur_dispatch_balance(struct aur_step *step)
{
    const struct aur_core *core = step->core;
    uint32_t cpu = step->event->cpu;
    if (!aur_is_online(core, cpu))
        return;
    if (core->global_slots)
        aur_balance_pull(step, cpu);
    if (aur_has_ext(core))
        aur_ext_balance(step, cpu);
    if (aur_cpu_at(core, cpu)->nr == 0)
        aur_balance_idle(step, cpu);
}

bool aur_dispatch_pick(struct aur_step *step, uint32_t *next)
{
    uint32_t cpu = step->event->cpu;
    *next = AUR_NONE;
    if (!aur_is_online(step->core, cpu))
        return true;
    *next = aur_pick(step->core, cpu);
    // Few can be throttled while they wait: each costs one step of this loop once a period.
    for (uint32_t found = 0; *next != AUR_NONE && aur_throttle_due(step, *next); found++) {
        if (found == AUR_WAKES_PER_STEP)
            return false;
        *next = aur_pick(step->core, cpu);
    }
    return true;
}

// How long the CPU idles on average: each idle time counts an eighth (update_avg), none more than
// Linux lets it, so that one long sleep does not hide many short ones.
static void set_idle(struct aur_core *core, uint32_t cpu, bool idle)
{
    struct aur_cpu *c = aur_cpu_at(core, cpu);
    bool was = core->idle >> cpu & 1;
    if (idle && !was) {
        core->idle |= 1ull << cpu;
        c->idle_at_ns = core->now_ns;
    } else if (!idle && was) {
        core->idle &= ~(1ull << cpu);
        uint64_t most_ns = 2 * core->config.balance_cost_ns, idle_ns = core->now_ns - c->idle_at_ns;
        c->idle_mean_ns = c->idle_mean_ns - c->idle_mean_ns / 8 + idle_ns / 8;
        if (c->idle_mean_ns > most_ns)
            c->idle_mean_ns = most_ns;
    }
}

enum aur_status aur_dispatch(struct aur_step *step)
{
    struct aur_core *core = step->core;
    uint32_t cpu = step->event->cpu, next;
    struct aur_cpu *c = aur_cpu_at(core, cpu);
    aur_dispatch_settle(step);
    aur_dispatch_balance(step);
    if (!aur_dispatch_pick(step, &next)) {
        aur_act(step, AUR_ACT_AGAIN, cpu, AUR_NONE, 0, 0);
        return AUR_OK;
    }
    uint32_t prev = c->curr;
    const struct aur_task *p = prev == AUR_NONE ? NULL : aur_task_at(core, prev);
    bool online = aur_is_online(core, cpu);
    c->need_resched = 0;
    if (next == prev && next != AUR_NONE && p->state == AUR_TASK_RUNNING) {
        leave_others(core, cpu, next);
        aur_slice_update(step, cpu);
        if (core->global_slots)
            aur_balance_push(step);
        return AUR_OK;
    }
    bool ranked = (p && p->slot < core->ranked_slots) ||
                  (next != AUR_NONE && aur_task_at(core, next)->slot < core->ranked_slots);
    if (p)
        switch_out(step, cpu, prev);
    leave_others(core, cpu, next);
    c->curr = next;
    if (next != AUR_NONE)
        switch_in(step, cpu, next, prev);
    set_idle(core, cpu, next == AUR_NONE && online);
    if (ranked)
        aur_global_update(core, cpu);
    if (next != prev)
        c->switches++;
    if (core->config.load_average)
        aur_util_switch(core, cpu, prev, next);
    if (next != AUR_NONE || prev != AUR_NONE)
        aur_act(step, AUR_ACT_RUN, cpu, next, prev, 0);
    if (p && p->state == AUR_TASK_EXITING) {
        aur_task_release(step, prev);
        aur_act(step, AUR_ACT_EXITED, cpu, prev, 0, 0);
    }
    if (!online) {
        c->need_resched = 1; // until all have left
        aur_evacuate(step, cpu);
        return AUR_OK;
    }
    aur_slice_update(step, cpu);
    if (core->global_slots)
        aur_balance_push(step);
    return AUR_OK;
}

enum aur_status aur_tick(struct aur_step *step)
{
    uint32_t cpu = step->event->cpu;
    aur_charge(step, cpu);
    struct aur_core *core = step->core;
    uint32_t curr = aur_cpu_at(core, cpu)->curr;
    if (curr != AUR_NONE && aur_task_at(core, curr)->state == AUR_TASK_RUNNING) {
        uint32_t slot = aur_task_at(core, curr)->slot;
        const struct aur_sched_class *class = aur_class_of(core, slot);
        if (class->tick && class->tick(core, slot, cpu, curr))
            aur_resched(step, cpu);
    }
    aur_balance_tick(step, cpu);
    return AUR_OK;
}
