// The constant-bandwidth server of a deadline task: its state and its arithmetic.
//
// A waking task keeps its budget q and deadline d only if that would not exceed its bandwidth:
//
//     q / (d - now) <= dl_runtime / dl_deadline     tested as q dl_deadline <= (d - now) dl_runtime
//
// else it gets a full budget and the deadline now + dl_deadline. Where the deadline comes before
// the period's end that would be a second job in one period: then it keeps its deadline and gets as
// much budget as its bandwidth gives until then (Linux, the revised wakeup rule of
// update_dl_revised_wakeup, after Abeni, Lipari, Juvva 1999).
#ifndef AURORA_SCHED_EDF_SERVER_H
#define AURORA_SCHED_EDF_SERVER_H

#include "lib/wide.h"
#include "sched/partition.h"

// Units of bandwidth: 2^-20 of a CPU.
#define EDF_SHARE_BITS 20u
#define EDF_SHARE_ONE  (1ull << EDF_SHARE_BITS)

#define EDF_RUNTIME_MIN_NS 1024u            // as in Linux: below this the arithmetic gets coarse
#define EDF_PERIOD_MAX_NS  4294967296000ull // keeps every product below 2^63

// A task. What reclaiming keeps of it is edf_reclaim.h's.
struct edf_entity {
    struct aur_rb_node node;
    struct aur_rb_node lag_node; // of its CPU's `lagging`
    uint32_t admitted;
    uint32_t served; // has it a budget and a deadline of its own by now?
    uint64_t deadline_at_ns;
    uint64_t key;       // of its rank, as it was enqueued last
    int64_t budget_ns;  // left; below zero by what it overran before it was noticed
    uint64_t bandwidth; // admitted: dl_runtime / dl_period, rounded down
    struct aur_share share;
    uint64_t zero_lag_at_ns;
    uint32_t activity;      // enum edf_activity
    uint32_t bandwidth_cpu; // whose `assigned` has its bandwidth
};

struct edf_cpu {
    struct aur_partition partition;
    struct aur_rb_root tree;
    uint32_t curr; // running task of this class, or NONE
    uint32_t yielded;
    uint64_t admitted; // of the first CPU: the sum of all bandwidths
    uint64_t assigned, active;
    struct aur_rb_root lagging;
};

static inline uint64_t edf_relative_deadline_ns(const struct aur_task *t)
{
    return t->dl_deadline_ns != 0 ? t->dl_deadline_ns : t->dl_period_ns;
}

static inline bool edf_server_valid(const struct aur_task *t)
{
    return t->dl_runtime_ns >= EDF_RUNTIME_MIN_NS &&
           t->dl_runtime_ns <= edf_relative_deadline_ns(t) &&
           edf_relative_deadline_ns(t) <= t->dl_period_ns && t->dl_period_ns <= EDF_PERIOD_MAX_NS;
}

static inline void edf_start(struct edf_entity *e, const struct aur_task *t, uint64_t now_ns)
{
    e->deadline_at_ns = now_ns + edf_relative_deadline_ns(t);
    e->budget_ns = (int64_t)t->dl_runtime_ns;
    e->served = 1;
}

// When the period after the one of the current deadline begins.
static inline uint64_t edf_next_period_ns(const struct edf_entity *e, const struct aur_task *t)
{
    return e->deadline_at_ns - edf_relative_deadline_ns(t) + t->dl_period_ns;
}

static inline bool edf_exceeds_bandwidth(const struct edf_entity *e, const struct aur_task *t,
                                         uint64_t now_ns)
{
    if (e->budget_ns <= 0)
        return false; // it is to be replenished at the next period, not sooner
    struct aur_wide left = aur_wide_multiply((uint64_t)e->budget_ns, edf_relative_deadline_ns(t));
    struct aur_wide right = aur_wide_multiply(e->deadline_at_ns - now_ns, t->dl_runtime_ns);
    return left.high != right.high ? left.high > right.high : left.low > right.low;
}

// A wake: a server of the past is started anew, one that is still good goes on.
static inline void edf_wake(struct edf_entity *e, const struct aur_task *t, uint64_t now_ns)
{
    uint64_t relative_ns = edf_relative_deadline_ns(t);
    bool constrained = relative_ns < t->dl_period_ns;
    if (!e->served) {
        edf_start(e, t, now_ns);
    } else if (e->deadline_at_ns <= now_ns) {
        // The rest of the period must pass first (dl_check_constrained_dl).
        if (constrained && edf_next_period_ns(e, t) > now_ns)
            e->budget_ns = e->budget_ns < 0 ? e->budget_ns : 0;
        else
            edf_start(e, t, now_ns);
    } else if (edf_exceeds_bandwidth(e, t, now_ns)) {
        if (constrained)
            e->budget_ns = (int64_t)aur_wide_divide(
                aur_wide_multiply(e->deadline_at_ns - now_ns, t->dl_runtime_ns), relative_ns);
        else
            edf_start(e, t, now_ns);
    }
}

// A period begins: the budget is filled up, the deadline moves on, by as many periods as it was
// overrun by. A server that has lagged behind by more than that starts anew (replenish_dl_entity).
static inline void edf_replenish(struct edf_entity *e, const struct aur_task *t, uint64_t now_ns)
{
    if (edf_next_period_ns(e, t) > now_ns)
        return; // back for another reason, before its time
    uint64_t overrun_ns = e->budget_ns < 0 ? 0 - (uint64_t)e->budget_ns : 0;
    uint64_t periods = overrun_ns / t->dl_runtime_ns + 1;
    e->deadline_at_ns += periods * t->dl_period_ns;
    e->budget_ns += (int64_t)(periods * t->dl_runtime_ns);
    if (e->deadline_at_ns <= now_ns)
        edf_start(e, t, now_ns);
}

#endif
