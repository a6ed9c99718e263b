// Charging time to the running task.
#include "step/parts.h"

void aur_charge(struct aur_step *step, uint32_t cpu)
{
    struct aur_core *core = step->core;
    struct aur_cpu *c = aur_cpu_at(core, cpu);
    uint64_t delta_ns = core->now_ns - c->clock_ns;
    if (delta_ns == 0)
        return;
    c->clock_ns = core->now_ns;
    if (c->curr == AUR_NONE) {
        *(aur_is_online(core, cpu) ? &c->idle_ns : &c->offline_ns) += delta_ns;
        return;
    }
    c->busy_ns += delta_ns;
    struct aur_task *task = aur_task_at(core, c->curr);
    task->run_ns += delta_ns;
    task->ran_at_ns = core->now_ns;
    if (task->state != AUR_TASK_RUNNING)
        return; // it has blocked or left, and only waits to be switched out
    const struct aur_sched_class *class = aur_class_of(core, task->slot);
    if (class->update_curr)
        class->update_curr(core, task->slot, cpu, c->curr, delta_ns);
    if (task->slot == AUR_SLOT_FAIR && aur_server_is_on(core))
        aur_server_charge(step, cpu, delta_ns);
    if (!c->need_resched && aur_slice_left_ns(core, cpu) == 0)
        aur_resched(step, cpu);
}
