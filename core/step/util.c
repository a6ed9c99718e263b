// How much of a CPU's time its fair tasks take: Linux's util_avg and util_est, which decide how
// many CPUs a wake looks at (kernel/sched/pelt.c, fair.c of 6.18). Kept if load_average.
//
// A task's average is of the time in which it ran; as that of a sleeper soon tells nothing of what
// it will want, its estimate keeps what it was when it blocked, and sinks by a quarter of the
// difference each time that it was less. A CPU's use is its own average or the sum of the estimates
// of those queued there, whichever is more.
#include "step/parts.h"

#define MARGIN (AUR_CAPACITY / 100u) // UTIL_EST_MARGIN: differences below it are noise

static uint64_t average(struct aur_load load)
{
    return load.sum / aur_load_divider(&load);
}

static void update_cpu(struct aur_core *core, struct aur_cpu *c)
{
    aur_load_update(&c->util, core->now_ns, c->runs_fair ? AUR_CAPACITY : 0);
}

static void update_task(struct aur_core *core, uint32_t task, bool ran)
{
    aur_load_update(&aur_task_at(core, task)->util, core->now_ns, ran ? AUR_CAPACITY : 0);
}

void aur_util_switch(struct aur_core *core, uint32_t cpu, uint32_t prev, uint32_t next)
{
    struct aur_cpu *c = aur_cpu_at(core, cpu);
    update_cpu(core, c);
    if (prev != AUR_NONE)
        update_task(core, prev, c->runs_fair);
    if (next != AUR_NONE)
        update_task(core, next, false);
    c->runs_fair = next != AUR_NONE && aur_task_at(core, next)->slot == AUR_SLOT_FAIR;
}

// What a new task is taken to use: as much as those there for its weight, at most half of what is
// left (post_init_entity_util_avg).
static uint64_t guess(const struct aur_cpu *c, uint64_t weight)
{
    uint64_t used = average(c->util), load = average(c->average);
    uint64_t most = used < AUR_CAPACITY ? (AUR_CAPACITY - used) / 2 : 0;
    uint64_t as_others = used != 0 ? used * weight / (load + 1) : most;
    return as_others < most ? as_others : most;
}

void aur_util_move(struct aur_core *core, uint32_t task, uint32_t to, bool is_new)
{
    struct aur_task *t = aur_task_at(core, task);
    struct aur_cpu *c = aur_cpu_at(core, to);
    update_cpu(core, c);
    update_task(core, task, false);
    if (is_new)
        t->util.sum = guess(c, t->weight) * aur_load_divider(&t->util);
    else
        aur_util_leave(core, task);
    c->util.sum += t->util.sum;
}

void aur_util_leave(struct aur_core *core, uint32_t task)
{
    const struct aur_task *t = aur_task_at(core, task);
    struct aur_cpu *c = aur_cpu_at(core, t->cpu);
    update_cpu(core, c);
    c->util.sum -= t->util.sum < c->util.sum ? t->util.sum : c->util.sum;
}

void aur_util_sleep(struct aur_core *core, uint32_t task)
{
    struct aur_task *t = aur_task_at(core, task);
    const struct aur_cpu *c = aur_cpu_at(core, t->cpu);
    update_task(core, task, c->runs_fair && c->curr == task);
    uint64_t used = average(t->util), estimate = t->util_estimate;
    if (estimate <= used) {
        t->util_estimate = (uint32_t)used;
        return;
    }
    // It had to wait: what it used is less than it wanted.
    uint64_t wanted = average(t->load) * AUR_CAPACITY / t->weight;
    if (estimate - used >= MARGIN && used + MARGIN >= wanted)
        t->util_estimate = (uint32_t)((3 * estimate + used) / 4);
}

uint64_t aur_cpu_util(const struct aur_core *core, uint32_t cpu)
{
    const struct aur_cpu *c = aur_cpu_at(core, cpu);
    struct aur_load util = c->util;
    aur_load_update(&util, core->now_ns, c->runs_fair ? AUR_CAPACITY : 0);
    uint64_t used = average(util) > c->util_estimate ? average(util) : c->util_estimate;
    return used < AUR_CAPACITY ? used : AUR_CAPACITY;
}
