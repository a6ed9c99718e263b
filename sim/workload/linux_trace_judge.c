// Which wakes while a task ran came from an interrupt: the rule is in linux_trace.h.
#include "workload/linux_trace_model.h"

#include <stdlib.h>

#define SLACK_NS        UINT64_C(50000) // the kernel's timer_slack_ns of a normal task
#define MILLISECOND_NS  UINT64_C(1000000)
#define SLEEP_LEAST_NS  UINT64_C(200000)
#define PATTERN_LEAST   5u   // intervals or sleeps that make a pattern
#define PATTERN_SHARE   0.75 // of them that must fit
#define IDLE_LEAST      5u
#define IDLE_SHARE      0.1 // of the wakes
#define IDLE_OF_CHANCE  0.5 // of what interrupts at random instants would show
#define WAKER_LEAST     4u
#define WAKER_OF_CHANCE 3.0
#define WAKER_OF_TIMED  0.25 // of the wakes of a task that wakes regularly

enum timed {
    NOT_TIMED,
    WOKEN_FROM_IDLE,
    REGULAR
};

struct judge {
    struct aur_trace_model *model;
    uint32_t *order;   // wakes that ended a block, by sleeper, in order of time
    uint32_t *first;   // of each task in order; one more than tasks
    uint64_t *scratch; // as long as order
    uint64_t *idle_ns; // of each CPU; the last is for texts without CPUs
    // Wakes by (waker, sleeper, cpu), and by (NOBODY, sleeper, cpu) for all wakers together.
    struct aur_trace_index index;
};

static uint64_t span_ns(const struct judge *judge)
{
    return judge->model->end_ns - judge->model->start_ns;
}

// Tasks fit 24 bits and CPUs 16 in all but damaged texts; if keys meet, only a guess is worse.
static uint64_t key_of(uint32_t waker, uint32_t sleeper, uint16_t cpu)
{
    return (uint64_t)(waker + 1) << 40 ^ (uint64_t)sleeper << 16 ^ cpu;
}

static bool count(struct judge *judge, uint32_t waker, uint32_t sleeper, uint16_t cpu)
{
    uint32_t *number = aur_trace_index_at(&judge->index, key_of(waker, sleeper, cpu));
    if (!number)
        return false;
    *number = *number == AUR_NONE ? 1 : *number + 1;
    return true;
}

static double counted(const struct judge *judge, uint32_t waker, uint32_t sleeper, uint16_t cpu)
{
    uint32_t number = aur_trace_index_get(&judge->index, key_of(waker, sleeper, cpu));
    return number == AUR_NONE ? 0 : number;
}

// --- what a task's wakes look like ---------------------------------------------------------------

static bool near(uint64_t a_ns, uint64_t b_ns)
{
    return (a_ns > b_ns ? a_ns - b_ns : b_ns - a_ns) <= SLACK_NS;
}

static bool enough(uint32_t fit, uint32_t of)
{
    return of >= PATTERN_LEAST && fit >= PATTERN_SHARE * of;
}

static bool ticks(const struct judge *judge, const uint32_t *wakes, uint32_t number)
{
    uint32_t fit = 0;
    for (uint32_t i = 1; i < number; i++) {
        uint64_t apart_ns =
            judge->model->wakes[wakes[i]].at_ns - judge->model->wakes[wakes[i - 1]].at_ns;
        uint64_t whole = (apart_ns + MILLISECOND_NS / 2) / MILLISECOND_NS;
        fit += whole > 0 && near(apart_ns, whole * MILLISECOND_NS);
    }
    return number > 0 && enough(fit, number - 1);
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static bool sleeps_alike(const struct judge *judge, const uint32_t *wakes, uint32_t number)
{
    uint32_t known = 0, fit = 0;
    for (uint32_t i = 0; i < number; i++) {
        uint64_t slept_ns = judge->model->wakes[wakes[i]].slept_ns;
        if (slept_ns != AUR_NEVER_NS)
            judge->scratch[known++] = slept_ns;
    }
    if (!known)
        return false;
    qsort(judge->scratch, known, sizeof *judge->scratch, ascending);
    uint64_t median_ns = judge->scratch[known / 2];
    if (median_ns < SLEEP_LEAST_NS)
        return false;
    for (uint32_t i = 0; i < known; i++)
        fit += near(judge->scratch[i], median_ns);
    return enough(fit, known);
}

static bool is_idle(const struct aur_trace_wake *wake)
{
    return wake->verdict == AUR_TRACE_BY_IDLE || wake->verdict == AUR_TRACE_BY_NOTHING;
}

static uint64_t idle_ns(const struct judge *judge, uint16_t cpu)
{
    return judge->idle_ns[cpu == AUR_NO_CPU ? judge->model->report->cpus : cpu];
}

static bool woken_from_idle(const struct judge *judge, const uint32_t *wakes, uint32_t number)
{
    uint32_t idle = 0;
    double chance = 0;
    for (uint32_t i = 0; i < number; i++) {
        const struct aur_trace_wake *wake = &judge->model->wakes[wakes[i]];
        idle += is_idle(wake);
        chance += (double)idle_ns(judge, wake->cpu) / (double)span_ns(judge);
    }
    return idle >= IDLE_LEAST && idle >= IDLE_SHARE * number && idle >= IDLE_OF_CHANCE * chance;
}

static enum timed looks_timed(const struct judge *judge, const uint32_t *wakes, uint32_t number)
{
    if (ticks(judge, wakes, number) || sleeps_alike(judge, wakes, number))
        return REGULAR;
    return woken_from_idle(judge, wakes, number) ? WOKEN_FROM_IDLE : NOT_TIMED;
}

// Does the waker wake the sleeper more often there than interrupts hit it? Tasks that run in step
// with a timer are hit more often than by chance, but not by a good part of its interrupts.
static bool stands_out(const struct judge *judge, const struct aur_trace_wake *wake,
                       enum timed timed)
{
    double made = counted(judge, wake->waker, wake->sleeper, wake->cpu);
    double all = counted(judge, AUR_TRACE_NOBODY, wake->sleeper, wake->cpu);
    double share =
        (double)aur_trace_on_cpu_ns(judge->model, wake->waker, wake->cpu) / (double)span_ns(judge);
    return made >= WAKER_LEAST && made > WAKER_OF_CHANCE * all * share &&
           (timed == WOKEN_FROM_IDLE || made >= WAKER_OF_TIMED * all);
}

// --- the pass over all wakes ---------------------------------------------------------------------

static bool prepare(struct judge *judge)
{
    const struct aur_trace_model *model = judge->model;
    uint32_t cpus = model->report->cpus;
    judge->order = malloc((model->wake_count + (size_t)1) * sizeof *judge->order);
    judge->scratch = malloc((model->wake_count + (size_t)1) * sizeof *judge->scratch);
    judge->first = calloc(model->task_count + (size_t)2, sizeof *judge->first);
    judge->idle_ns = malloc((cpus + (size_t)1) * sizeof *judge->idle_ns);
    if (!judge->order || !judge->scratch || !judge->first || !judge->idle_ns)
        return false;
    for (uint32_t i = 0; i <= cpus; i++)
        judge->idle_ns[i] = span_ns(judge);
    for (uint32_t i = 0; i < model->shares.room; i++) {
        const struct aur_trace_entry *entry = &model->shares.entries[i];
        uint16_t cpu = (uint16_t)entry->key;
        uint64_t *idle = &judge->idle_ns[cpu == AUR_NO_CPU ? cpus : cpu];
        if (entry->used && entry->value != AUR_NONE)
            *idle -= *idle < model->share_ns[entry->value] ? *idle : model->share_ns[entry->value];
    }
    return true;
}

// Sorts the wakes by sleeper (counting sort: they stay in order of time) and counts pairs.
static bool sort_and_count(struct judge *judge)
{
    const struct aur_trace_model *model = judge->model;
    for (uint32_t i = 0; i < model->wake_count; i++)
        judge->first[model->wakes[i].sleeper + 2] += model->wakes[i].ended;
    for (uint32_t i = 2; i < model->task_count + 2; i++)
        judge->first[i] += judge->first[i - 1];
    for (uint32_t i = 0; i < model->wake_count; i++) {
        const struct aur_trace_wake *wake = &model->wakes[i];
        if (!wake->ended)
            continue;
        judge->order[judge->first[wake->sleeper + 1]++] = i;
        if (!count(judge, AUR_TRACE_NOBODY, wake->sleeper, wake->cpu) ||
            (wake->waker != AUR_TRACE_NOBODY &&
             !count(judge, wake->waker, wake->sleeper, wake->cpu)))
            return false;
    }
    return true;
}

static void judge_task(struct judge *judge, uint32_t task)
{
    const uint32_t *wakes = &judge->order[judge->first[task]];
    uint32_t number = judge->first[task + 1] - judge->first[task];
    enum timed timed = looks_timed(judge, wakes, number);
    if (timed == NOT_TIMED)
        return;
    for (uint32_t i = 0; i < number; i++) {
        struct aur_trace_wake *wake = &judge->model->wakes[wakes[i]];
        if (wake->verdict == AUR_TRACE_BY_TASK && wake->context != AUR_TRACE_CONTEXT_TASK &&
            !stands_out(judge, wake, timed))
            wake->verdict = AUR_TRACE_BY_TIMER;
    }
}

bool aur_trace_judge(struct aur_trace_model *model)
{
    struct judge judge = {.model = model};
    bool good = prepare(&judge) && sort_and_count(&judge);
    for (uint32_t task = 0; good && span_ns(&judge) > 0 && task < model->task_count; task++)
        judge_task(&judge, task);
    free(judge.order);
    free(judge.first);
    free(judge.scratch);
    free(judge.idle_ns);
    aur_trace_index_free(&judge.index);
    return good;
}
