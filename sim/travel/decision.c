#include "travel/decision.h"

#include <stdlib.h>
#include <string.h>

bool aur_decision_in_force(struct aur_travel *travel, uint64_t now_ns,
                           uint64_t decided[AUR_CPUS_MAX], struct aur_failure *failure)
{
    if (!aur_travel_to_instant(travel, now_ns, failure))
        return false;
    memcpy(decided, travel->position.dispatched, sizeof travel->position.dispatched);
    return true;
}

uint32_t aur_decision_running(const struct aur_travel *travel, uint32_t cpu)
{
    return aur_position_task(&travel->position, aur_core_running(travel->core, cpu));
}

// The list is made twice: first to count, then with room for all.
static bool ask(struct aur_travel *travel, const struct aur_record *dispatch,
                struct aur_decision *decision, struct aur_failure *failure)
{
    struct aur_explanation *explanation = &decision->explanation;
    enum aur_status status = aur_core_explain(travel->core, travel->spare, dispatch, explanation);
    if (status == AUR_OK && explanation->total) {
        explanation->list = calloc(explanation->total, sizeof *explanation->list);
        decision->tasks = calloc(explanation->total, sizeof *decision->tasks);
        if (!explanation->list || !decision->tasks)
            return aur_fail(failure, NULL, 0, "memory is out");
        explanation->room = explanation->total;
        status = aur_core_explain(travel->core, travel->spare, dispatch, explanation);
    }
    return status == AUR_OK ||
           aur_fail(failure, NULL, 0, "record %llu cannot be explained: %s",
                    (unsigned long long)decision->record, aur_status_text(status));
}

static void name(const struct aur_travel *travel, struct aur_decision *decision)
{
    const struct aur_explanation *explanation = &decision->explanation;
    const struct aur_position *position = &travel->position;
    decision->previous = aur_position_task(position, explanation->previous);
    decision->picked = aur_position_task(position, explanation->picked);
    decision->runner_up = aur_position_task(position, explanation->runner_up);
    for (uint32_t i = 0; i < explanation->count; i++) {
        struct aur_decision_task *task = &decision->tasks[i];
        const struct aur_task *t = aur_core_task(travel->core, explanation->list[i].task);
        task->number = aur_position_task(position, explanation->list[i].task);
        if (!t)
            continue;
        task->policy = t->policy;
        task->nice = t->nice;
        task->priority = t->priority;
    }
}

// Steps over the decision, which is over when DISPATCH need not be posted again.
static bool step_over(struct aur_travel *travel, uint32_t cpu, struct aur_failure *failure)
{
    bool again;
    do {
        const struct aur_record *step;
        uint32_t count;
        if (!aur_travel_step(travel, &step, &count, failure))
            return false;
        again = false;
        for (uint32_t i = 1; i < count; i++)
            again |= step[i].kind == AUR_ACT_AGAIN && step[i].cpu == cpu;
    } while (again);
    return true;
}

bool aur_decision_explain(struct aur_travel *travel, uint64_t record, struct aur_decision *decision,
                          struct aur_failure *failure)
{
    const struct aur_record *step;
    uint32_t count;
    *decision = (struct aur_decision){.record = record};
    if (!aur_travel_to_record(travel, record, failure) ||
        !aur_log_reader_peek(&travel->log, &step, &count, failure))
        return false;
    if (count == 0 || travel->position.records != record || step->kind != AUR_EV_DISPATCH)
        return aur_fail(failure, NULL, 0, "record %llu of the trace is no decision",
                        (unsigned long long)record);
    struct aur_record dispatch = *step;
    if (!ask(travel, &dispatch, decision, failure))
        return false;
    name(travel, decision);
    if (!step_over(travel, dispatch.cpu, failure))
        return false;
    uint32_t runs = aur_core_running(travel->core, dispatch.cpu);
    return runs == decision->explanation.picked ||
           aur_fail(failure, NULL, 0,
                    "record %llu of the trace gives the CPU to task slot %d, but its explanation "
                    "says %d: the explanation of this scheduler is wrong",
                    (unsigned long long)record, (int)runs, (int)decision->explanation.picked);
}

void aur_decision_free(struct aur_decision *decision)
{
    free(decision->explanation.list);
    free(decision->tasks);
    memset(decision, 0, sizeof *decision);
}
