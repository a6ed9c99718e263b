// What a fixed-priority task asks of the processor, where its program makes that evident: rate- and
// deadline-monotonic priorities and partitioning need it, and most workloads do not say it.
#include "workload/rtapp_import.h"

#include <stdlib.h>

// The period is evident if every timer event of the program is of one timer, which no other task
// uses, and one constant period, and lies in a loop. Returns the first of them, or NONE.
static uint32_t find_timer(const struct aur_workload *workload, uint32_t entry, uint32_t *count)
{
    const struct aur_op *ops = workload->ops;
    uint32_t found = AUR_NONE, depth = 0;
    *count = 0;
    for (uint32_t i = entry; ops[i].code != AUR_OP_EXIT; i++) {
        depth += ops[i].code == AUR_OP_LOOP;
        depth -= ops[i].code == AUR_OP_END;
        if (ops[i].code != AUR_OP_TIMER)
            continue;
        if (depth == 0 || ops[i].flags & AUR_OP_DRAW || ops[i].value == 0)
            return AUR_NONE;
        if (found != AUR_NONE &&
            (ops[i].object != ops[found].object || ops[i].value != ops[found].value ||
             (ops[i].flags & AUR_OP_UNIQUE) != (ops[found].flags & AUR_OP_UNIQUE)))
            return AUR_NONE;
        if (found == AUR_NONE)
            found = i;
        ++*count;
    }
    return found;
}

static double cost_of(const struct aur_workload *workload, const struct aur_op *op)
{
    if (op->code != AUR_OP_RUN && op->code != AUR_OP_RUNTIME)
        return 0;
    if (op->flags & AUR_OP_DRAW)
        return aur_distribution_mean(&workload->distributions[op->value]);
    return (double)op->value;
}

// The mean CPU time of one turn of the innermost loop around the timer. 0: it is not evident,
// because memory's rate is the machine's or because an inner loop does not end.
static double cost_of_turn(const struct aur_workload *workload, uint32_t timer)
{
    const struct aur_op *ops = workload->ops;
    uint32_t at = timer, depth = 0;
    double sums[AUR_LOOP_DEPTH] = {0}, times[AUR_LOOP_DEPTH] = {0};
    while (ops[at].code != AUR_OP_LOOP || ops[at].other <= timer)
        at--;
    for (at++; depth || ops[at].code != AUR_OP_END; at++) {
        if (ops[at].code == AUR_OP_MEM ||
            (ops[at].code == AUR_OP_LOOP && ops[at].value == AUR_LOOP_FOREVER))
            return 0;
        if (ops[at].code == AUR_OP_LOOP) {
            sums[++depth] = 0;
            times[depth] = (double)ops[at].value;
        } else if (ops[at].code == AUR_OP_END) {
            sums[depth - 1] += sums[depth] * times[depth];
            depth--;
        } else {
            sums[depth] += cost_of(workload, &ops[at]);
        }
    }
    return sums[0];
}

// How many tasks use each shared timer; forked ones count as several.
static uint32_t *count_users(const struct aur_workload *workload)
{
    uint32_t *users = calloc(workload->timers + 1u, sizeof *users);
    uint32_t *seen = calloc(workload->timers + 1u, sizeof *seen); // by the spec of that number + 1
    for (uint32_t i = 0; users && seen && i < workload->spec_count; i++)
        for (const struct aur_op *op = &workload->ops[workload->specs[i].entry];
             op->code != AUR_OP_EXIT; op++) {
            if (op->code != AUR_OP_TIMER || op->flags & AUR_OP_UNIQUE || seen[op->object] == i + 1)
                continue;
            seen[op->object] = i + 1;
            users[op->object] += workload->specs[i].instances == 1 ? 1 : 2;
        }
    if (!seen) {
        free(users);
        users = NULL;
    }
    free(seen);
    return users;
}

static void set_timing(const struct aur_workload *workload, const uint32_t *users,
                       struct aur_spec *spec)
{
    uint32_t policy = spec->kind & 0xff, count;
    if ((policy != AUR_POLICY_FIFO && policy != AUR_POLICY_RR) || spec->dl_runtime_ns ||
        spec->dl_deadline_ns || spec->dl_period_ns)
        return;
    uint32_t timer = find_timer(workload, spec->entry, &count);
    if (timer == AUR_NONE ||
        (!(workload->ops[timer].flags & AUR_OP_UNIQUE) && users[workload->ops[timer].object] != 1))
        return;
    const struct aur_op *op = &workload->ops[timer];
    spec->dl_period_ns = op->value;
    spec->dl_deadline_ns = op->value;
    if (op->deadline_ns && op->deadline_ns < op->value)
        spec->dl_deadline_ns = op->deadline_ns;
    double cost = count == 1 ? cost_of_turn(workload, timer) : 0;
    spec->dl_runtime_ns =
        cost < (double)spec->dl_deadline_ns ? (uint64_t)(cost + 0.5) : spec->dl_deadline_ns;
}

bool aur_rtapp_evident_timing(const struct rtapp_import *import)
{
    uint32_t *users = count_users(import->workload);
    for (uint32_t i = 0; users && i < import->workload->spec_count; i++)
        set_timing(import->workload, users, &import->workload->specs[i]);
    bool good = users != NULL || aur_rtapp_no_memory(import);
    free(users);
    return good;
}
