// Shortest job first, not preemptive: of the waiting bursts the one with the least demand runs, and
// runs to its end. No other order of bursts known beforehand has a smaller mean response (Smith,
// Various optimizers for single-stage production, 1956; Conway, Maxwell, Miller, Theory of
// Scheduling, 1967). Ties go by arrival.
//
// Invariant: that of demand.h, with a key of 0 for a burst that a higher slot has interrupted and
// its demand for any other.
#include "sched/demand.h"

static uint64_t key_ns(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    const struct aur_demand_task *demand = aur_demand_at(core, slot, task);
    return demand->begun ? 0 : aur_demand_declared_ns(demand);
}

static void enqueue(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    uint32_t flags)
{
    aur_demand_arrive(core, slot, cpu, task, flags);
    aur_demand_add(core, slot, cpu, task, key_ns(core, slot, task));
}

static bool goes_on(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t other)
{
    const struct aur_demand_cpu *queue = aur_class_cpu(core, slot, cpu);
    uint32_t curr = queue->curr;
    return queue->yielded != curr ||
           aur_demand_before(core, slot, curr, key_ns(core, slot, curr), other);
}

static uint32_t pick_next(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const struct aur_demand_cpu *queue = aur_class_cpu(core, slot, cpu);
    uint32_t first = aur_demand_first(queue);
    bool curr = queue->curr != AUR_NONE;
    return aur_demand_pick(core, slot, cpu,
                           curr && (first == AUR_NONE || goes_on(core, slot, cpu, first)));
}

static void put_prev(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task)
{
    struct aur_demand_cpu *queue = aur_class_cpu(core, slot, cpu);
    queue->curr = AUR_NONE;
    queue->yielded = AUR_NONE;
    aur_demand_add(core, slot, cpu, task, key_ns(core, slot, task));
}

static void number_places(struct aur_core *copy, uint32_t slot, uint32_t cpu)
{
    aur_demand_number(copy, slot, cpu, goes_on);
}

static void explain(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t task,
                    struct aur_candidate *candidate)
{
    (void)cpu;
    const struct aur_demand_task *demand = aur_demand_at(core, slot, task);
    aur_key_add(candidate, AUR_KEY_DEMAND, aur_demand_key(aur_demand_declared_ns(demand)));
    aur_key_add(candidate, AUR_KEY_PLACE, demand->place);
}

static void versus(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t picked,
                   uint32_t other, struct aur_verdict *verdict)
{
    const struct aur_demand_cpu *queue = aur_class_cpu(core, slot, cpu);
    const struct aur_demand_task *p = aur_demand_at(core, slot, picked);
    const struct aur_demand_task *o = aur_demand_at(core, slot, other);
    if (p->begun && queue->again != picked)
        aur_verdict_set(verdict, AUR_RULE_BEGUN, AUR_KEY_NONE, AUR_OF_OTHER, 0, 0);
    else
        aur_demand_versus(verdict, AUR_KEY_DEMAND, AUR_RULE_DEMAND, AUR_RULE_FIRST_COME,
                          aur_demand_declared_ns(p), aur_demand_declared_ns(o),
                          aur_demand_arrived_before(core, slot, other, picked));
}

static const char *check(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const char *broken = aur_demand_check(core, slot, cpu);
    const struct aur_demand_cpu *queue = aur_class_cpu(core, slot, cpu);
    uint32_t task = queue->waiting.first;
    for (; !broken && task != AUR_RB_NIL;
         task = aur_rb_next(&aur_demand_order, aur_class_tasks(core, slot), task))
        if (aur_demand_at(core, slot, task)->key_ns != key_ns(core, slot, task))
            return "sjf: a task is queued by another key than its own";
    return broken;
}

static const struct aur_class_param no_params[] = {{0}};

const struct aur_sched_class aur_class_sjf = {
    .info = {.name = "sjf",
             .summary =
                 "shortest declared burst first, not preemptive; nice, batch and idle are ignored",
             .source = "Smith 1956; Conway, Maxwell, Miller: Theory of Scheduling, 1967",
             .params = no_params,
             .traits = AUR_CLASS_DEMAND},
    .cpu_size = sizeof(struct aur_demand_cpu),
    .task_size = sizeof(struct aur_demand_task),
    .init = aur_demand_init,
    .task_init = aur_demand_task_init,
    .enqueue = enqueue,
    .dequeue = aur_demand_dequeue,
    .pick_next = pick_next,
    .set_next = aur_demand_set_next,
    .put_prev = put_prev,
    .update_curr = aur_demand_update_curr,
    .yield = aur_demand_yield,
    .balance = aur_demand_balance,
    .number_places = number_places,
    .explain = explain,
    .versus = versus,
    .check = check,
};
