// What the tests of task groups share: groups made and limited, tasks in them, what they have run.
#ifndef AURORA_CORE_TESTS_GROUP_SCENE_H
#define AURORA_CORE_TESTS_GROUP_SCENE_H

#include "tests/scene.h"

#include "step/parts.h"

#define TICK    (4 * MILLISECOND)
#define LOOSELY (5 * MILLISECOND)

static inline void scene_of_groups(const char *class, uint32_t cpus, uint64_t tick_ns)
{
    struct aur_config config = scene_config(class, cpus, tick_ns);
    config.groups = 12;
    scene_open(&config);
}

static inline uint32_t group_in(uint32_t parent)
{
    host.made = AUR_NONE;
    if (host_event(&host, AUR_EV_GROUP_NEW, 0, 0, parent, 0, 0) != AUR_OK)
        ck_abort_msg("a group cannot be made");
    return host.made;
}

static inline enum aur_status set(uint32_t group, enum aur_group_attribute attribute,
                                  uint64_t value)
{
    return host_event(&host, AUR_EV_GROUP_SET, 0, 0, group, attribute, value);
}

static inline uint32_t weighing(uint32_t parent, uint64_t weight)
{
    uint32_t group = group_in(parent);
    ck_assert_int_eq(set(group, AUR_GROUP_WEIGHT, weight), AUR_OK);
    return group;
}

static inline void limit(uint32_t group, uint64_t quota_ns, uint64_t period_ns)
{
    ck_assert_int_eq(set(group, AUR_GROUP_PERIOD_NS, period_ns), AUR_OK);
    ck_assert_int_eq(set(group, AUR_GROUP_QUOTA_NS, quota_ns), AUR_OK);
}

static inline enum aur_status join(uint32_t task, uint32_t group)
{
    return host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_GROUP, 0, group);
}

static inline uint32_t hog_in(uint32_t group, uint64_t affinity)
{
    uint32_t task = host_make(&host, OTHER(0), affinity);
    ck_assert_int_eq(join(task, group), AUR_OK);
    host_start(&host, task);
    return task;
}

static inline const struct aur_group *shown(uint32_t group)
{
    return aur_core_group(host.core, group);
}

// What the tasks have run since the last call, all of them.
static inline void measure(uint64_t *ran_ns, uint32_t tasks)
{
    static uint64_t before_ns[64];
    for (uint32_t task = 0; task < tasks; task++) {
        ran_ns[task] = host_ran_ns(&host, task) - before_ns[task];
        before_ns[task] += ran_ns[task];
    }
}

static inline void measure_from_now(uint32_t tasks)
{
    uint64_t ignored[64];
    measure(ignored, tasks);
}

#endif
