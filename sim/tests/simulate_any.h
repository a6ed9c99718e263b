// Random scenes: any machine, any scheduler of the list, tasks that do anything a program may do.
#ifndef AURORA_SIM_TESTS_SIMULATE_ANY_H
#define AURORA_SIM_TESTS_SIMULATE_ANY_H

#include "tests/chance.h"
#include "tests/simulate_scene.h"

#define ANY_GROUPS 3u // of classes that have groups: two, and one within the first

#define ANY_MUTEXES 3u // objects of a random scene: mutexes, then one of each other kind
enum {
    ANY_SEMAPHORE = ANY_MUTEXES,
    ANY_CONDITION,
    ANY_BARRIER
};

static inline uint64_t any_time(void)
{
    return below(4) ? 1 + below(3000000) : (1 + below(5)) * 500000ull; // often at equal instants
}

static inline uint32_t any_kind(void)
{
    switch (below(6)) {
    case 0:
        return aur_task_kind(AUR_POLICY_FIFO, 0, 1 + (int)below(3));
    case 1:
        return aur_task_kind(AUR_POLICY_RR, 0, 1 + (int)below(3));
    case 2:
        return aur_task_kind(below(2) ? AUR_POLICY_BATCH : AUR_POLICY_IDLE, 0, 0);
    default:
        return NICE((int)below(40) - 20);
    }
}

// Some CPUs, or 0 for all; where CPUs go off, with the first one, which never does.
static inline uint64_t any_cpus(uint32_t cpus)
{
    return below(1u << cpus) | (scene.inputs.outage_count != 0);
}

// The ops of one turn of a loop, at most 8 of them. None of them waits for ever but DOWN, WAIT and
// BARRIER, for which others may have to exit first.
static inline uint32_t any_steps(struct aur_op *ops, uint32_t cpus, uint32_t children)
{
    uint32_t object = below(ANY_MUTEXES);
    switch (below(17)) {
    case 0:
        ops[0] = (struct aur_op)LOCK(object);
        ops[1] = (struct aur_op)RUN(any_time() / 4 + 1);
        ops[2] = (struct aur_op)UNLOCK(object);
        return 3;
    case 1:
        ops[0] = (struct aur_op)LOCK(0);
        ops[1] = (struct aur_op)WAIT(ANY_CONDITION, 0);
        ops[2] = (struct aur_op)UNLOCK(0);
        return 3;
    case 2:
        ops[0] = (struct aur_op)SIGNAL(ANY_CONDITION);
        return 1;
    case 3:
        ops[0] = (struct aur_op)BROADCAST(ANY_CONDITION);
        return 1;
    case 4:
        ops[0] = (struct aur_op)DOWN(ANY_SEMAPHORE);
        return 1;
    case 5:
    case 6:
        ops[0] = (struct aur_op)UP(ANY_SEMAPHORE);
        return 1;
    case 7:
        ops[0] = (struct aur_op)BARRIER(ANY_BARRIER);
        return 1;
    case 8:
        ops[0] = (struct aur_op)YIELD;
        return 1;
    case 9:
        ops[0] = (struct aur_op)IORUN(below(200000));
        ops[1] = (struct aur_op)MEM(below(2000000));
        return 2;
    case 10:
        ops[0] = (struct aur_op)CPUS(any_cpus(cpus));
        return 1;
    case 11:
        if (children == 0)
            return 0;
        ops[0] = (struct aur_op)FORK(below(children));
        return 1;
    case 12:
        ops[0] = (struct aur_op)RUNTIME(any_time());
        return 1;
    case 13:
        ops[0] = (struct aur_op)OWN_TIMER(any_time() * 4);
        return 1;
    case 14:
        ops[0] = (struct aur_op)KIND(any_kind());
        return 1;
    case 15:
        if (scene.inputs.workload.group_count == 0)
            return 0;
        ops[0] = (struct aur_op)GROUP(below(ANY_GROUPS + 1));
        return 1;
    default:
        ops[0] = (struct aur_op)SLEEP_DRAW(1);
        return 1;
    }
}

static inline void any_task(uint32_t cpus, uint32_t children)
{
    struct aur_op ops[64];
    uint32_t count = 0, steps = 1 + below(5);
    ops[count++] = (struct aur_op)LOOP(children == 0 ? 1 : below(3) ? EVER : 1 + below(20));
    for (uint32_t step = 0; step < steps; step++) {
        if (below(2))
            ops[count++] = (struct aur_op)RUN(any_time());
        count += any_steps(ops + count, cpus, children);
    }
    ops[count++] = (struct aur_op)RUN_DRAW(0);
    ops[count++] = (struct aur_op)END;
    struct aur_spec *spec = add_ops(children == 0 ? "child" : "task", ops, count);
    spec->kind = any_kind();
    spec->group = scene.inputs.workload.group_count ? below(ANY_GROUPS + 1) : 0;
    spec->affinity = below(4) ? 0 : any_cpus(cpus);
    if (children == 0) {
        spec->instances = 0;
    } else {
        spec->instances = 1 + below(3);
        spec->start_ns = below(2) ? 0 : below(20000000);
    }
}

static inline void any_groups(void)
{
    static const char *const paths[ANY_GROUPS] = {"/a", "/b", "/a/c"};
    for (uint32_t i = 0; i < ANY_GROUPS; i++) {
        struct aur_group_spec group = {.name =
                                           aur_workload_add_name(&scene.inputs.workload, paths[i]),
                                       .parent = i == 2,
                                       .weight = below(2) ? 1 + below(1000) : 0,
                                       .quota_ns = below(2) ? MS + below(20000000) : 0,
                                       .period_ns = below(2) ? 2 * MS + below(50000000) : 0};
        aur_workload_add_group(&scene.inputs.workload, &group);
    }
}

// Up to two CPUs are off for a time, never all at once.
static inline void any_outages(uint32_t cpus)
{
    for (uint32_t cpu = 1; cpu < cpus && cpu <= 2; cpu++)
        if (below(3) == 0)
            scene.inputs.outages[scene.inputs.outage_count++] = (struct aur_outage){
                cpu, 0, below(60) * MS, below(4) ? (61 + below(60)) * MS : AUR_NEVER_NS};
    aur_outages_sort(scene.inputs.outages, scene.inputs.outage_count);
}

// A scene of a few tasks, 100 ms long.
static inline void begin_anything(void)
{
    uint32_t cpus = 1 + below(4), children = 2, tasks = 1 + below(6);
    const struct aur_class_info *info =
        aur_class_info(below(aur_class_find("agent"))); // all but that
    begin(info->name, cpus);
    any_outages(cpus);
    if (info->traits & AUR_CLASS_GROUPS && below(2))
        any_groups();
    struct aur_machine *machine = &scene.inputs.machine;
    machine->tick_ns = below(3) ? 4000000 : 0;
    machine->switch_cost_ns = below(2) ? below(5000) : 0;
    machine->migration_cost_ns = below(2) ? below(20000) : 0;
    machine->interrupt_latency_ns = below(2) ? below(5000) : 0;
    machine->timer_granularity_ns = below(4) ? 1 : 1 + below(100000);
    machine->timer_slack_ns = below(3) ? 0 : 50000;
    machine->balance_ns = below(2) ? 8000000 : 0;
    scene.inputs.seed = below(1000000);
    scene.inputs.duration_ns = 100 * MS;
    add_exponential(700000);
    add_exponential(2000000);
    for (uint32_t mutex = 0; mutex < ANY_MUTEXES; mutex++)
        add_object(AUR_OBJECT_MUTEX, below(2), "mutex");
    add_object(AUR_OBJECT_SEMAPHORE, below(3), "semaphore");
    add_object(AUR_OBJECT_COND, 0, "condition");
    add_object(AUR_OBJECT_BARRIER, 1 + below(2), "barrier");
    for (uint32_t child = 0; child < children; child++)
        any_task(cpus, 0);
    for (uint32_t task = 0; task < tasks; task++)
        any_task(cpus, children);
}

#endif
