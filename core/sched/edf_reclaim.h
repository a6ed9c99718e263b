// Reclaiming of unused bandwidth (GRUB): Lipari and Baruah, Greedy Reclamation of Unused Bandwidth
// in Constant-Bandwidth Servers, ECRTS 2000; on several CPUs sequentially, as Linux does it (Abeni,
// Lipari, Parri, Sun, Multicore CPU Reclaiming: Parallel or Sequential?, SAC 2016;
// Documentation/scheduler/sched-deadline.rst, section 2.3).
//
// The running task's budget goes down at the speed
//
//     max(u / u_max, 1 - u_inactive - u_unreserved)
//
// of its bandwidth u, the part of a CPU that may be promised u_max, the bandwidth assigned to its
// CPU whose tasks rest, and what of u_max nobody has asked for. A task that blocks goes on counting
// as active until its lag is zero, deadline - budget dl_period / dl_runtime: before that its
// bandwidth is not free, or it would be given away twice.
//
// Invariant: `assigned` of a CPU is the bandwidth of the admitted tasks that were enqueued there
// last, `active` that of those of them that are not at rest; `lagging` holds those that sleep and
// are not at rest, by zero_lag_at_ns.
#ifndef AURORA_SCHED_EDF_RECLAIM_H
#define AURORA_SCHED_EDF_RECLAIM_H

#include "sched/edf_server.h"

enum edf_activity {
    EDF_AT_REST,
    EDF_CONTENDING, // runnable, running or throttled
    EDF_LAGGING     // "active non-contending"
};

// The task is admitted, on the CPU where it is; or released.
void edf_reclaim_admit(struct aur_core *core, uint32_t slot, uint32_t task);
void edf_reclaim_release(struct aur_core *core, uint32_t slot, uint32_t task);
// It is enqueued on `cpu`; or has blocked.
void edf_reclaim_contend(struct aur_core *core, uint32_t slot, uint32_t task, uint32_t cpu);
void edf_reclaim_rest(struct aur_core *core, uint32_t slot, uint32_t task);

// Lets rest who has no lag any more at from_ns, and tells until when, at most now_ns, the CPU's
// active bandwidth stays as it then is.
uint64_t edf_reclaim_until_ns(struct aur_core *core, uint32_t slot, uint32_t cpu, uint64_t from_ns,
                              uint64_t now_ns);

// The speed for a task, 1 to EDF_SHARE_ONE. unreserved: of u_max; percent: u_max.
uint64_t edf_reclaim_speed(const struct edf_cpu *edf, const struct edf_entity *e,
                           uint64_t unreserved, uint64_t percent);
// What running for so long costs at this speed, rounded up but never more than the time itself; and
// how long a budget above 0 lasts at it.
int64_t edf_reclaim_charge(uint64_t ran_ns, uint64_t speed);
uint64_t edf_reclaim_lasts_ns(int64_t budget_ns, uint64_t speed);

const char *edf_reclaim_check(struct aur_core *core, uint32_t slot, uint32_t cpu);

#endif
