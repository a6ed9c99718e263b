#include "tests/eevdf_twin.h"

#include <string.h>

#include "step/state.h"

typedef __int128 wide;

static wide floor_divide(wide a, wide b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

static wide least(wide a, wide b)
{
    return a < b ? a : b;
}

static wide virtual_of(wide wall_ns, uint32_t weight)
{
    return wall_ns * 1024 / weight;
}

// Of those queued on a CPU, running and delayed ones included.
struct sums {
    wide weighted; // sum of w * v
    wide weight;
    uint32_t count, delayed;
    uint64_t least_slice_ns;
};

static struct sums sum_up(const struct eevdf_twin *twin, uint32_t cpu)
{
    struct sums sums = {.least_slice_ns = UINT64_MAX};
    for (uint32_t i = 0; i < 64; i++) {
        const struct eevdf_twin_task *task = &twin->tasks[i];
        if (!task->queued || task->cpu != cpu)
            continue;
        sums.weighted += task->v * task->weight;
        sums.weight += task->weight;
        sums.count++;
        sums.delayed += task->delayed;
        if (task->slice_ns < sums.least_slice_ns)
            sums.least_slice_ns = task->slice_ns;
    }
    return sums;
}

static wide virtual_time(const struct eevdf_twin *twin, uint32_t cpu)
{
    struct sums sums = sum_up(twin, cpu);
    return sums.count ? floor_divide(sums.weighted, sums.weight) : 0;
}

// v <= V, multiplied out.
static bool eligible(const struct eevdf_twin *twin, const struct eevdf_twin_task *task)
{
    struct sums sums = sum_up(twin, task->cpu);
    return task->v * sums.weight <= sums.weighted;
}

static bool is_protected(const struct eevdf_twin_task *task)
{
    return task->v < task->protected_until;
}

static void refresh_slice(const struct eevdf_twin *twin, const struct host *host,
                          struct eevdf_twin_task *task)
{
    uint64_t own_ns = aur_core_task(host->core, (uint32_t)(task - twin->tasks))->slice_ns;
    task->slice_ns = own_ns ? own_ns : twin->base_slice_ns;
}

static void protect(struct eevdf_twin *twin, uint32_t cpu)
{
    struct eevdf_twin_task *task = &twin->tasks[twin->curr[cpu]];
    uint64_t shortest_ns = sum_up(twin, cpu).least_slice_ns;
    task->protected_until = task->deadline;
    if (shortest_ns < task->slice_ns)
        task->protected_until =
            least(task->deadline, task->v + virtual_of(shortest_ns, task->weight));
}

static void take_lag(const struct eevdf_twin *twin, const struct host *host,
                     struct eevdf_twin_task *task)
{
    uint64_t tick_ns = host->config.tick_ns ? host->config.tick_ns : 1000000;
    uint64_t reach_ns = 2 * task->slice_ns > tick_ns ? 2 * task->slice_ns : tick_ns;
    wide limit = virtual_of(reach_ns, task->weight), lag = virtual_time(twin, task->cpu) - task->v;
    task->lag = lag > limit ? limit : lag < -limit ? -limit : lag;
}

static uint32_t pick(const struct eevdf_twin *twin, uint32_t cpu, bool respects_slice)
{
    uint32_t curr = twin->curr[cpu], best = AUR_NONE, count = sum_up(twin, cpu).count;
    if (curr != AUR_NONE && count > 1 && !eligible(twin, &twin->tasks[curr]))
        curr = AUR_NONE;
    else if (curr != AUR_NONE &&
             (count == 1 || (respects_slice && is_protected(&twin->tasks[curr]))))
        return curr;
    for (uint32_t i = 0; i < 64; i++) {
        const struct eevdf_twin_task *task = &twin->tasks[i], *b = &twin->tasks[best % 64];
        if (!task->queued || task->cpu != cpu || i == twin->curr[cpu] || !eligible(twin, task))
            continue;
        if (best == AUR_NONE || task->deadline < b->deadline ||
            (task->deadline == b->deadline && task->arrival < b->arrival))
            best = i;
    }
    if (best == AUR_NONE ||
        (curr != AUR_NONE && twin->tasks[curr].deadline < twin->tasks[best].deadline))
        return curr;
    return best;
}

static void finish_delayed(struct eevdf_twin *twin, const struct host *host,
                           struct eevdf_twin_task *task)
{
    take_lag(twin, host, task);
    task->lag = least(task->lag, 0);
    task->queued = false;
    task->delayed = false;
}

static void leave(struct eevdf_twin *twin, const struct host *host, uint32_t index, bool sleeps,
                  bool comes_back)
{
    struct eevdf_twin_task *task = &twin->tasks[index];
    bool delay = sleeps && !eligible(twin, task);
    if (delay) {
        task->delayed = true;
        task->arrival = twin->arrivals++;
        twin->delays++;
    } else {
        take_lag(twin, host, task);
        if (comes_back)
            task->deadline -= task->v;
        task->keeps_deadline |= comes_back;
        task->queued = false;
    }
    if (twin->curr[task->cpu] == index)
        twin->curr[task->cpu] = AUR_NONE;
    struct sums sums = sum_up(twin, task->cpu);
    for (; sums.count && sums.count == sums.delayed; sums = sum_up(twin, task->cpu))
        finish_delayed(twin, host, &twin->tasks[pick(twin, task->cpu, false)]);
}

static void place(struct eevdf_twin *twin, const struct host *host, struct eevdf_twin_task *task,
                  uint32_t cpu, bool initial)
{
    struct sums others = sum_up(twin, cpu);
    wide lag = 0;
    refresh_slice(twin, host, task);
    if (others.count)
        lag = task->lag + task->lag * task->weight / others.weight;
    task->v = virtual_time(twin, cpu) - lag;
    if (task->keeps_deadline && task->deadline > 0)
        task->deadline += task->v;
    else
        task->deadline = task->v + virtual_of(task->slice_ns, task->weight) / (initial ? 2 : 1);
    task->keeps_deadline = false;
    task->cpu = cpu;
    task->queued = true;
    task->arrival = twin->arrivals++;
}

static void join(struct eevdf_twin *twin, const struct host *host, uint32_t index, uint32_t cpu,
                 bool initial)
{
    struct eevdf_twin_task *task = &twin->tasks[index];
    uint32_t weight = aur_core_task(host->core, index)->weight;
    if (task->delayed && task->weight == weight && task->cpu == cpu) {
        take_lag(twin, host, task);
        task->delayed = false;
        if (task->lag > 0) {
            task->queued = false;
            task->lag = 0;
            place(twin, host, task, cpu, false);
        }
        return;
    }
    if (task->delayed)
        finish_delayed(twin, host, task);
    if (task->weight != weight) {
        task->lag = task->lag * task->weight / weight;
        task->deadline = task->keeps_deadline ? task->deadline * task->weight / weight : 0;
        task->weight = weight;
    }
    place(twin, host, task, cpu, initial);
}

static bool slice_is_over(const struct eevdf_twin *twin, uint32_t cpu)
{
    return sum_up(twin, cpu).count > 1 && !is_protected(&twin->tasks[twin->curr[cpu]]);
}

static void charge(struct eevdf_twin *twin, const struct host *host, uint32_t cpu, uint64_t ran_ns)
{
    if (twin->curr[cpu] == AUR_NONE)
        return;
    struct eevdf_twin_task *task = &twin->tasks[twin->curr[cpu]];
    task->v += virtual_of(ran_ns, task->weight);
    if (task->v >= task->deadline) {
        refresh_slice(twin, host, task);
        task->deadline = task->v + virtual_of(task->slice_ns, task->weight);
    }
    twin->due[cpu] |= slice_is_over(twin, cpu);
}

// Does the task, just queued, take the CPU from the running one?
static void check_preemption(struct eevdf_twin *twin, const struct host *host, uint32_t cpu,
                             uint32_t woken)
{
    uint32_t curr = twin->curr[cpu];
    if (twin->due[cpu])
        return;
    if (curr == AUR_NONE) {
        twin->due[cpu] = true;
        return;
    }
    struct eevdf_twin_task *c = &twin->tasks[curr];
    uint8_t policy = aur_core_task(host->core, woken)->policy;
    bool curr_idle = aur_core_task(host->core, curr)->policy == AUR_POLICY_IDLE;
    bool is_short = twin->tasks[woken].slice_ns < c->slice_ns;
    if (curr_idle != (policy == AUR_POLICY_IDLE)) {
        twin->due[cpu] = curr_idle;
        if (curr_idle)
            c->protected_until = least(c->protected_until, c->v);
    } else if (policy == AUR_POLICY_OTHER) {
        twin->due[cpu] = pick(twin, cpu, !is_short) == woken;
        twin->preemptions += twin->due[cpu];
        uint64_t shortest_ns = twin->due[cpu] ? 0 : sum_up(twin, cpu).least_slice_ns;
        if (is_short)
            c->protected_until =
                least(c->protected_until, c->v + virtual_of(shortest_ns, c->weight));
    }
    if (!twin->due[cpu] && host->config.tick_ns == 0)
        twin->due[cpu] = slice_is_over(twin, cpu);
}

static void follow_dispatch(struct eevdf_twin *twin, struct host *host, uint32_t cpu)
{
    uint32_t got = aur_core_running(host->core, cpu), next = AUR_NONE, curr = twin->curr[cpu];
    twin->picks += sum_up(twin, cpu).count > 1;
    while (sum_up(twin, cpu).count) {
        next = pick(twin, cpu, true);
        if (!twin->tasks[next].delayed)
            break;
        finish_delayed(twin, host, &twin->tasks[next]);
        next = AUR_NONE;
    }
    if (got != next)
        host_fail(host, "CPU %u runs task %d; the twin picks %d", cpu, (int)got, (int)next);
    if (next != curr && curr != AUR_NONE)
        twin->tasks[curr].arrival = twin->arrivals++;
    twin->curr[cpu] = next;
    if (next != AUR_NONE &&
        (next != curr || (host->config.tick_ns == 0 && !is_protected(&twin->tasks[next]))))
        protect(twin, cpu);
    twin->due[cpu] = next != AUR_NONE && host->config.tick_ns == 0 && slice_is_over(twin, cpu);
}

static void follow_change(struct eevdf_twin *twin, struct host *host, uint32_t index)
{
    struct eevdf_twin_task *task = &twin->tasks[index];
    if (!task->queued || task->delayed)
        return;
    uint32_t cpu = task->cpu;
    bool ran = twin->curr[cpu] == index;
    leave(twin, host, index, false, true);
    join(twin, host, index, cpu, false);
    if (!ran) {
        check_preemption(twin, host, cpu, index);
        return;
    }
    twin->curr[cpu] = index;
    protect(twin, cpu);
    twin->due[cpu] = true;
}

static void follow_affinity(struct eevdf_twin *twin, struct host *host, uint32_t index)
{
    struct eevdf_twin_task *task = &twin->tasks[index];
    if (!task->queued || aur_core_task(host->core, index)->affinity >> task->cpu & 1)
        return;
    if (task->delayed)
        finish_delayed(twin, host, task);
    else
        twin->due[task->cpu] = true; // only the running one is still there
}

static void follow_action(struct eevdf_twin *twin, struct host *host,
                          const struct aur_record *event, const struct aur_record *action)
{
    uint32_t index = action->task, cpu = action->cpu;
    switch ((enum aur_action_kind)action->kind) {
    case AUR_ACT_WOKE:
        join(twin, host, index, cpu, action->object == AUR_WOKE_START);
        check_preemption(twin, host, cpu, index);
        break;
    case AUR_ACT_MIGRATE:
        if (!twin->tasks[index].queued || twin->tasks[index].delayed)
            break; // on its way to wake there
        if (twin->curr[action->object] == index)
            twin->tasks[index].arrival = twin->arrivals++;
        leave(twin, host, index, false, true);
        join(twin, host, index, cpu, false);
        check_preemption(twin, host, cpu, index);
        break;
    case AUR_ACT_SLEPT:
        leave(twin, host, index, true, false);
        twin->due[cpu] = true;
        break;
    case AUR_ACT_MADE:
        if (event->kind == AUR_EV_TASK_NEW)
            twin->tasks[index] =
                (struct eevdf_twin_task){.weight = aur_core_task(host->core, index)->weight};
        break;
    case AUR_ACT_RESCHED:
        if (twin->curr[cpu] == AUR_NONE)
            twin->due[cpu] = true; // an idle CPU is told to steal
        break;
    default:
        break;
    }
}

static void after(struct host *host, const struct aur_record *event)
{
    struct eevdf_twin *twin = host->watcher;
    uint32_t here = event->cpu;
    if (event->kind == AUR_EV_DISPATCH)
        twin->due[here] = true;
    for (uint32_t cpu = 0; cpu < host->config.cpus; cpu++) {
        uint64_t clock_ns = aur_cpu_at(host->core, cpu)->clock_ns;
        if (clock_ns != twin->clock_ns[cpu])
            charge(twin, host, cpu, clock_ns - twin->clock_ns[cpu]);
        twin->clock_ns[cpu] = clock_ns;
    }
    for (uint32_t i = 0; i < host->actions.count; i++)
        follow_action(twin, host, event, &host->actions.list[i]);
    if (event->kind == AUR_EV_YIELD) {
        struct eevdf_twin_task *task = &twin->tasks[event->task];
        if (sum_up(twin, task->cpu).count > 1 && eligible(twin, task)) {
            task->v = task->deadline;
            task->deadline += virtual_of(task->slice_ns, task->weight);
        }
        twin->due[here] = true;
    } else if (event->kind == AUR_EV_EXIT) {
        leave(twin, host, event->task, false, false);
        twin->due[here] = true;
    } else if (event->kind == AUR_EV_TASK_SET && event->object == AUR_ATTR_POLICY) {
        follow_change(twin, host, event->task);
    } else if (event->kind == AUR_EV_TASK_SET && event->object == AUR_ATTR_AFFINITY) {
        follow_affinity(twin, host, event->task);
    } else if (event->kind == AUR_EV_DISPATCH) {
        follow_dispatch(twin, host, here);
    }
    for (uint32_t cpu = 0; cpu < host->config.cpus; cpu++)
        if (twin->due[cpu] != host->cpus[cpu].pending)
            host_fail(host, "CPU %u is %sasked to dispatch; the twin thinks otherwise", cpu,
                      host->cpus[cpu].pending ? "" : "not ");
}

void eevdf_twin_watch(struct eevdf_twin *twin, struct host *host)
{
    memset(twin, 0, sizeof *twin);
    uint64_t set_ns = host->config.params[AUR_SLOT_FAIR][0];
    uint32_t cpus = host->config.cpus < 8 ? host->config.cpus : 8;
    for (twin->base_slice_ns = 700000; cpus > 1; cpus /= 2)
        twin->base_slice_ns += 700000;
    if (set_ns)
        twin->base_slice_ns = set_ns < AUR_SLICE_MIN_NS ? AUR_SLICE_MIN_NS : set_ns;
    for (uint32_t cpu = 0; cpu < AUR_CPUS_MAX; cpu++)
        twin->curr[cpu] = AUR_NONE;
    host->watcher = twin;
    host->after = after;
}

void eevdf_twin_settled(struct eevdf_twin *twin, struct host *host)
{
    for (uint32_t cpu = 0; cpu < host->config.cpus; cpu++) {
        if (host->config.tick_ns || twin->curr[cpu] == AUR_NONE || sum_up(twin, cpu).count < 2)
            continue;
        const struct eevdf_twin_task *task = &twin->tasks[twin->curr[cpu]];
        wide left = task->protected_until - task->v;
        wide left_ns = (left * task->weight + 1023) / 1024;
        if (host->cpus[cpu].armed_at_ns > twin->clock_ns[cpu] + left_ns)
            host_fail(host, "CPU %u has no timer for the end of its slice", cpu);
    }
}
