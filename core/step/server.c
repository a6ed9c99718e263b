// What is left for the fair tasks of a CPU below real-time tasks that do not block: Linux's fair
// server, deferred (kernel/sched/deadline.c of 6.18, dl_server and dl_defer).
//
// In each period the fair tasks are to have some time, the runtime. What they run counts, below
// nobody too; once they have had it a new period begins. If it gets so late that what is left would
// not fit into the period any more, at zero laxity, they go before real-time tasks until they have
// had a whole runtime, noticed when they are charged. Deadline tasks go before them all the same,
// where Linux has the server's deadline among theirs.
//
// Invariant: server_left_ns is above 0 and at most the runtime, and the server serves only from
// zero laxity on.
#include "step/parts.h"

enum {
    RUNTIME_NS,
    PERIOD_NS
};

// The parameters are those of the class of real-time tasks: without any there is nobody to serve.
static uint64_t param(const struct aur_core *core, uint32_t which)
{
    if (core->config.classes[AUR_SLOT_REALTIME] == AUR_NONE)
        return 0;
    uint32_t first = aur_class_of(core, AUR_SLOT_REALTIME)->fair_server_param;
    return first == 0 ? 0 : aur_class_param(core, AUR_SLOT_REALTIME, first + which);
}

static uint64_t runtime_ns(const struct aur_core *core)
{
    uint64_t runtime_ns = param(core, RUNTIME_NS), period_ns = param(core, PERIOD_NS);
    return runtime_ns < period_ns ? runtime_ns : period_ns;
}

static void begin_period(const struct aur_core *core, struct aur_cpu *c)
{
    c->server_left_ns = runtime_ns(core);
    c->server_end_ns = core->now_ns + param(core, PERIOD_NS);
    c->serves = 0;
}

bool aur_server_is_on(const struct aur_core *core)
{
    return param(core, RUNTIME_NS) != 0;
}

// Never earlier than before by what is charged: so charging need not arm.
uint64_t aur_server_due_ns(const struct aur_core *core, uint32_t cpu)
{
    const struct aur_cpu *c = aur_cpu_at(core, cpu);
    if (c->server_left_ns == 0 || c->nr_class[AUR_SLOT_FAIR] == 0 || !aur_is_online(core, cpu))
        return AUR_NEVER_NS;
    return c->serves ? c->server_end_ns : c->server_end_ns - c->server_left_ns;
}

// The first fair task comes: a period of the past, or one into which so much does not fit any more,
// begins anew (update_dl_entity).
void aur_server_arrive(struct aur_step *step, uint32_t cpu)
{
    const struct aur_core *core = step->core;
    struct aur_cpu *c = aur_cpu_at(core, cpu);
    uint64_t rest_ns = c->server_end_ns > core->now_ns ? c->server_end_ns - core->now_ns : 0;
    // Of microseconds, all below 2^30, the products are below 2^60.
    if (c->server_left_ns == 0 || c->server_left_ns / 1000 * (param(core, PERIOD_NS) / 1000) >
                                      rest_ns / 1000 * (runtime_ns(core) / 1000))
        begin_period(core, c);
    if (aur_is_online(core, cpu))
        aur_rearm(step, cpu);
}

static void end_service(struct aur_step *step, uint32_t cpu)
{
    struct aur_cpu *c = aur_cpu_at(step->core, cpu);
    begin_period(step->core, c);
    if (c->nr_class[AUR_SLOT_REALTIME] != 0)
        aur_resched(step, cpu);
}

void aur_server_charge(struct aur_step *step, uint32_t cpu, uint64_t ran_ns)
{
    struct aur_cpu *c = aur_cpu_at(step->core, cpu);
    if (c->server_left_ns == 0)
        return; // no fair task has come since it is on
    if (ran_ns < c->server_left_ns) {
        c->server_left_ns -= ran_ns;
        return;
    }
    if (c->serves)
        end_service(step, cpu);
    else
        begin_period(step->core, c);
}

void aur_server_timer(struct aur_step *step, uint32_t cpu)
{
    struct aur_cpu *c = aur_cpu_at(step->core, cpu);
    if (aur_server_due_ns(step->core, cpu) > step->core->now_ns)
        return;
    aur_charge(step, cpu); // what they ran until now may have been enough, or be later due
    if (aur_server_due_ns(step->core, cpu) > step->core->now_ns)
        return;
    if (c->serves) {
        end_service(step, cpu); // they did not want all of it
        return;
    }
    // What is left would exceed their bandwidth: that is a new period (replenish_dl_entity).
    begin_period(step->core, c);
    c->serves = 1;
    if (c->curr != AUR_NONE && aur_task_at(step->core, c->curr)->slot == AUR_SLOT_REALTIME)
        aur_resched(step, cpu);
}
