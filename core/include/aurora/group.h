// Task groups: Linux's cpu controller (Documentation/admin-guide/cgroup-v2.rst). The tasks of a
// group share what the group gets, and groups may hold groups. They concern the fair slot only.
#ifndef AURORA_GROUP_H
#define AURORA_GROUP_H

#include <stdint.h>

#include <aurora/limits.h>

// cpu.weight: 1 to 10000, 100 by default, in proportion among the tasks and groups beside it; a
// task of nice 0 weighs as much as a group of weight 100.
#define AUR_GROUP_WEIGHT_MIN     1u
#define AUR_GROUP_WEIGHT_DEFAULT 100u
#define AUR_GROUP_WEIGHT_MAX     10000u

// cpu.max: the least quota and period, and the longest period (kernel/sched/core.c,
// min_cfs_quota_period and max_cfs_quota_period).
#define AUR_GROUP_QUOTA_MIN_NS  1000000ull
#define AUR_GROUP_PERIOD_MIN_NS 1000000ull
#define AUR_GROUP_PERIOD_MAX_NS 1000000000ull
#define AUR_GROUP_QUOTA_MAX_NS  (1ull << 53) // 104 days: sums of it stay far from overflow

#define AUR_GROUP_PERIOD_DEFAULT_NS 100000000ull

// What GROUP_SET may set.
enum aur_group_attribute {
    AUR_GROUP_WEIGHT,    // arg: cpu.weight
    AUR_GROUP_QUOTA_NS,  // arg: CPU time in each period, NEVER: no limit
    AUR_GROUP_PERIOD_NS, // arg: 100 ms by default
    AUR_GROUP_ATTR_COUNT
};

// A group, readable by hosts; only a step changes it.
struct aur_group {
    uint32_t used;
    uint32_t parent; // or NONE: beside the tasks without a group
    uint32_t depth;  // 1 for a group without a parent
    uint32_t weight; // cpu.weight
    uint32_t tasks;  // that belong to it, runnable or not
    uint32_t groups; // whose parent it is
    uint64_t quota_ns;
    uint64_t period_ns;

    // Accounting, as in cpu.stat.
    uint64_t run_ns;       // of its tasks, those of its groups included
    uint64_t periods;      // begun while it had something to run under a quota
    uint64_t throttlings;  // times that one of its runqueues was throttled
    uint64_t throttled_ns; // sum over CPUs
};

#endif
