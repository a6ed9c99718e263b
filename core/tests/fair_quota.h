// Quota of groups under the fair twin: a pool that is filled up each period, from which CPUs take
// slices of 5 ms. By the rules that sched/bandwidth.c states, and Linux's sched-bwc.rst.
#ifndef AURORA_CORE_TESTS_FAIR_QUOTA_H
#define AURORA_CORE_TESTS_FAIR_QUOTA_H

#include "tests/fair_twin.h"

void fair_quota_open(struct fair_twin *twin, uint32_t group);
void fair_quota_close(struct fair_twin *twin, uint32_t group);
// GROUP_SET of what is not the weight.
void fair_quota_set(struct fair_twin *twin, uint32_t group, uint32_t attribute, uint64_t value);
// The TIMER of the CPU that keeps the periods, with so many tasks woken before. When it is due.
void fair_quota_timer(struct fair_twin *twin, uint32_t woken);
uint64_t fair_quota_due_ns(const struct fair_twin *twin);

// Of a group's queue.
void fair_quota_charge(struct fair_twin *twin, uint32_t queue, uint64_t ran_ns);
wide fair_quota_left(const struct fair_twin *twin, uint32_t queue);
void fair_quota_first_in(struct fair_twin *twin, uint32_t queue);
void fair_quota_last_out(struct fair_twin *twin, uint32_t queue);
// Throttles it if it has nothing left and gets nothing.
void fair_quota_check(struct fair_twin *twin, uint32_t queue);

#endif
