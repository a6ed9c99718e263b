// The answer to "why": takes the decision of a DISPATCH on a copy of the state, and describes it.
#include <aurora/explain.h>

#include "sched/fair.h"
#include "sched/keys.h"
#include "step/parts.h"

static const struct {
    const char *text, *unit;
} keys[] = {{"none", ""},
#define X(name, text, unit) {text, unit},
            AUR_KEY_TABLE(X)
#undef X
};

static const char *const rule_text[] = {"nothing was picked",
#define X(name, text) text,
                                        AUR_RULE_TABLE(X)
#undef X
};

const char *aur_key_text(uint32_t key)
{
    return key < AUR_KEY_COUNT ? keys[key].text : "unknown";
}

const char *aur_key_unit(uint32_t key)
{
    return key < AUR_KEY_COUNT ? keys[key].unit : "";
}

const char *aur_rule_text(uint32_t rule)
{
    return rule < AUR_RULE_COUNT ? rule_text[rule] : "unknown";
}

// The task is none of the CPU's any more, as if it had exited; false if it is none to begin with.
static bool take_away(struct aur_step *step, uint32_t task)
{
    struct aur_core *copy = step->core;
    struct aur_task *t = aur_task_at(copy, task);
    bool waits_or_runs = t->state == AUR_TASK_RUNNABLE || t->state == AUR_TASK_RUNNING;
    if (t->cpu != step->event->cpu || !waits_or_runs)
        return false;
    aur_deactivate(step, task, AUR_DEQUEUE_EXIT);
    t->state = AUR_TASK_EXITING;
    return true;
}

// Takes the decision on a fresh copy, as if `without` (NONE: nobody) had gone just before. Then
// nobody comes in its stead from elsewhere; if it was to come from there itself it goes after that.
static uint32_t decide(const struct aur_core *core, struct aur_core *copy,
                       const struct aur_record *dispatch, uint32_t without)
{
    memcpy(copy, core, (size_t)core->size);
    copy->now_ns = dispatch->now_ns;
    struct aur_actions actions;
    struct aur_step step = {.core = copy, .actions = &actions, .event = dispatch};
    bool gone = false;
    for (uint32_t next;;) {
        actions.count = 0;
        gone = gone || (without != AUR_NONE && take_away(&step, without));
        aur_dispatch_settle(&step);
        if (!gone) {
            aur_dispatch_balance(&step);
            gone = without != AUR_NONE && take_away(&step, without);
        }
        if (gone && aur_has_ext(copy))
            aur_ext_balance(&step, dispatch->cpu); // who is next is the agent's to say
        if (aur_dispatch_pick(&step, &next))
            return next;
    }
}

// False if the task is none that this CPU could run, now or when its budget is back.
static bool describe(const struct aur_core *core, const struct aur_core *copy, uint32_t cpu,
                     uint32_t task, struct aur_candidate *candidate)
{
    const struct aur_task *t = aur_task_at(copy, task);
    bool waits = t->state == AUR_TASK_RUNNABLE || t->state == AUR_TASK_THROTTLED;
    bool blocked = t->state == AUR_TASK_BLOCKED;
    if (t->state == AUR_TASK_FREE || t->cpu != cpu)
        return false;
    const struct aur_sched_class *class = aur_class_of(copy, t->slot);
    if (!waits && t->state != AUR_TASK_RUNNING && !(blocked && class->fair))
        return false;
    *candidate = (struct aur_candidate){.task = task, .group = t->group, .slot = t->slot};
    if (waits)
        candidate->waited_ns = copy->now_ns - t->since_ns;
    if (task == aur_cpu_at(core, cpu)->curr)
        candidate->flags |= AUR_CANDIDATE_RUNNING;
    if (t->state == AUR_TASK_THROTTLED)
        candidate->flags |= AUR_CANDIDATE_THROTTLED;
    if (t->rank < aur_own_rank(core, task))
        candidate->flags |= AUR_CANDIDATE_BOOSTED;
    if (aur_task_at(core, task)->cpu != cpu)
        candidate->flags |= AUR_CANDIDATE_PULLED;
    class->explain(copy, t->slot, cpu, task, candidate);
    return !blocked || (candidate->flags & AUR_CANDIDATE_DELAYED);
}

static void add(struct aur_explanation *explanation, const struct aur_candidate *candidate)
{
    if (explanation->total++ < explanation->room)
        explanation->list[explanation->count++] = *candidate;
}

static void list(const struct aur_core *core, struct aur_core *copy,
                 struct aur_explanation *explanation)
{
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++)
        if (core->config.classes[slot] != AUR_NONE && aur_class_of(copy, slot)->number_places)
            aur_class_of(copy, slot)->number_places(copy, slot, explanation->cpu);
    struct aur_candidate candidate;
    for (uint32_t task = 0; task < copy->tasks_used; task++)
        if (describe(core, copy, explanation->cpu, task, &candidate))
            add(explanation, &candidate);
    const struct aur_fair_discipline *fair = copy->config.classes[AUR_SLOT_FAIR] == AUR_NONE
                                                 ? NULL
                                                 : aur_class_of(copy, AUR_SLOT_FAIR)->fair;
    for (uint32_t group = 0; fair && group < copy->groups_used; group++)
        if (aur_group_at(copy, group)->shown.used &&
            aur_fair_explain_group(copy, AUR_SLOT_FAIR, explanation->cpu, group, &candidate))
            add(explanation, &candidate);
}

// Between slots only a real-time priority can be had by one who has none.
static void versus_higher_slot(const struct aur_core *copy, uint32_t cpu, uint32_t picked,
                               uint32_t other, struct aur_verdict *verdict)
{
    aur_verdict_set(verdict, AUR_RULE_HIGHER_CLASS, AUR_KEY_NONE, AUR_OF_OTHER, 0, 0);
    const struct aur_task *p = aur_task_at(copy, picked), *o = aur_task_at(copy, other);
    struct aur_candidate candidate = {0};
    const struct aur_sched_class *class = aur_class_of(copy, p->slot);
    if (p->slot > o->slot)
        aur_verdict_set(verdict, AUR_RULE_FAIR_SERVER, AUR_KEY_NONE, AUR_OF_OTHER, 0, 0);
    if (p->slot != AUR_SLOT_REALTIME || p->slot > o->slot)
        return;
    class->explain(copy, p->slot, cpu, picked, &candidate);
    // Its equal it beats if it runs, or if the picked one would not have been pulled for a tie.
    int64_t needs = candidate.keys[0].value, most = o->state == AUR_TASK_RUNNING ? 99 : 98;
    if (candidate.keys[0].key == AUR_KEY_PRIORITY && needs >= 1 && needs <= most)
        aur_verdict_set(verdict, AUR_RULE_HIGHER_CLASS, AUR_KEY_PRIORITY, AUR_OF_OTHER, 0, needs);
}

enum aur_status aur_core_explain(const struct aur_core *core, void *scratch,
                                 const struct aur_record *dispatch,
                                 struct aur_explanation *explanation)
{
    if (dispatch->kind != AUR_EV_DISPATCH)
        return AUR_BAD_EVENT;
    enum aur_status status = aur_event_check(core, dispatch);
    if (status != AUR_OK)
        return status;
    struct aur_core *copy = scratch;
    uint32_t cpu = dispatch->cpu;
    explanation->now_ns = dispatch->now_ns;
    explanation->cpu = cpu;
    explanation->previous = aur_cpu_at(core, cpu)->curr;
    explanation->runner_up = AUR_NONE;
    aur_verdict_set(&explanation->verdict, AUR_RULE_NONE, AUR_KEY_NONE, AUR_OF_OTHER, 0, 0);
    explanation->total = 0;
    explanation->count = 0;

    uint32_t picked = decide(core, copy, dispatch, AUR_NONE), other = AUR_NONE;
    if (picked != AUR_NONE)
        other = decide(core, copy, dispatch, picked);
    if (other != AUR_NONE && aur_task_at(copy, other)->slot == AUR_SLOT_EXT &&
        aur_task_at(core, other)->cpu != cpu)
        other = AUR_NONE; // the agent would have brought one from elsewhere
    decide(core, copy, dispatch, AUR_NONE);
    explanation->picked = picked;
    explanation->runner_up = other;
    list(core, copy, explanation);
    if (picked == AUR_NONE)
        return AUR_OK;
    struct aur_verdict *verdict = &explanation->verdict;
    uint32_t slot = aur_task_at(copy, picked)->slot;
    if (other == AUR_NONE)
        verdict->rule = AUR_RULE_ALONE;
    else if (aur_task_at(copy, other)->slot != slot)
        versus_higher_slot(copy, cpu, picked, other, verdict);
    else
        aur_class_of(copy, slot)->versus(copy, slot, cpu, picked, other, verdict);
    return AUR_OK;
}
