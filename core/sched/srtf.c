// Shortest remaining time first: the burst of which the least is left runs, and a shorter one that
// arrives preempts it. No policy at all has a smaller mean response (Schrage, A proof of the
// optimality of the shortest remaining processing time discipline, 1968). Ties go to the running
// task, then by arrival. A burst that takes longer than it said has nothing left, and goes on.
//
// Invariant: that of demand.h, the key being what is left.
#include "sched/demand.h"

static uint64_t key_ns(const struct aur_core *core, uint32_t slot, uint32_t task)
{
    const struct aur_demand_task *demand = aur_demand_at(core, slot, task);
    return demand->demand_ns == 0 ? AUR_DEMAND_UNKNOWN_NS : demand->left_ns;
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
    uint64_t curr_ns = key_ns(core, slot, queue->curr);
    return queue->yielded == queue->curr
               ? aur_demand_before(core, slot, queue->curr, curr_ns, other)
               : curr_ns <= aur_demand_at(core, slot, other)->key_ns;
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

static bool wakeup_preempt(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t curr,
                           uint32_t woken)
{
    (void)cpu;
    return key_ns(core, slot, woken) < key_ns(core, slot, curr);
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
    aur_key_add(candidate, AUR_KEY_REMAINING, aur_demand_key(key_ns(core, slot, task)));
    aur_key_add(candidate, AUR_KEY_PLACE, demand->place);
    aur_key_add(candidate, AUR_KEY_DEMAND, aur_demand_key(aur_demand_declared_ns(demand)));
}

static void versus(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t picked,
                   uint32_t other, struct aur_verdict *verdict)
{
    const struct aur_demand_cpu *queue = aur_class_cpu(core, slot, cpu);
    bool goes_on = picked == queue->curr && queue->again != picked;
    bool keeps = other == queue->curr && queue->yielded != other;
    aur_demand_versus(verdict, AUR_KEY_REMAINING, AUR_RULE_REMAINING,
                      goes_on ? AUR_RULE_TIE : AUR_RULE_FIRST_COME, key_ns(core, slot, picked),
                      key_ns(core, slot, other),
                      keeps || (!goes_on && aur_demand_arrived_before(core, slot, other, picked)));
}

static const char *check(struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    const char *broken = aur_demand_check(core, slot, cpu);
    const struct aur_demand_cpu *queue = aur_class_cpu(core, slot, cpu);
    uint32_t task = queue->waiting.first;
    for (; !broken && task != AUR_RB_NIL;
         task = aur_rb_next(&aur_demand_order, aur_class_tasks(core, slot), task))
        if (aur_demand_at(core, slot, task)->key_ns != key_ns(core, slot, task))
            return "srtf: a task is queued by another key than its own";
    return broken;
}

static const struct aur_class_param no_params[] = {{0}};

const struct aur_sched_class aur_class_srtf = {
    .info =
        {.name = "srtf",
         .summary =
             "least left of the declared burst first, preemptive; nice, batch and idle are ignored",
         .source = "Schrage: A proof of the optimality of SRPT, 1968",
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
    .wakeup_preempt = wakeup_preempt,
    .yield = aur_demand_yield,
    .balance = aur_demand_balance,
    .number_places = number_places,
    .explain = explain,
    .versus = versus,
    .check = check,
};
