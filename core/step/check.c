// Walks the whole state and says which invariant is broken.
#include "step/parts.h"

// What the tasks say that their CPU must have.
struct tally {
    uint64_t load[AUR_CPUS_MAX], estimate[AUR_CPUS_MAX];
    uint32_t runnable[AUR_CPUS_MAX], timeouts[AUR_CPUS_MAX];
    uint64_t waiting;   // for any object
    uint64_t returning; // to any mutex
    bool arriving;      // CPU_ON has not come to all tasks yet
};

static bool is_misplaced(const struct aur_core *core, uint32_t task)
{
    const struct aur_task *t = aur_task_at(core, task);
    const struct aur_cpu *c = aur_cpu_at(core, t->cpu);
    if (aur_allowed(core, t, t->cpu))
        return false;
    return !c->need_resched || (c->curr != task && aur_is_online(core, t->cpu));
}

static const char *check_tasks(const struct aur_core *core, struct tally *tally)
{
    for (uint32_t task = 0; task < core->tasks_used; task++) {
        const struct aur_task *t = aur_task_at(core, task);
        if (t->state == AUR_TASK_FREE)
            continue;
        if (aur_rank_slot(t->rank) != t->slot)
            return "a task's slot is not that of its rank";
        if (t->state != AUR_TASK_EXITING && t->rank != aur_due_rank(core, task))
            return "a task's rank is not the smallest of its own and its waiters'";
        bool running = t->state == AUR_TASK_RUNNING;
        if ((running || t->state == AUR_TASK_EXITING) && aur_cpu_at(core, t->cpu)->curr != task)
            return "a running or exiting task is not its CPU's";
        if ((t->state == AUR_TASK_RUNNABLE || running) &&
            (t->wait_object != AUR_NONE || t->timeout_at_ns != AUR_NEVER_NS))
            return "a runnable task waits for something";
        if (t->wait_mutex != AUR_NONE && t->state != AUR_TASK_BLOCKED &&
            aur_object_at(core, t->wait_mutex)->mutex != AUR_MUTEX_BARGE)
            return "a task that need not barge for its mutex was woken without it";
        if ((t->state == AUR_TASK_RUNNABLE || running) && !tally->arriving &&
            is_misplaced(core, task))
            return "a task waits or runs on a CPU that it may not use";
        tally->timeouts[t->timeout_cpu] += t->timeout_at_ns != AUR_NEVER_NS;
        tally->waiting += t->wait_object != AUR_NONE;
        tally->returning += t->wait_mutex != AUR_NONE;
        if (t->state != AUR_TASK_RUNNABLE && !running)
            continue;
        if (t->slot == AUR_SLOT_FAIR)
            tally->estimate[t->cpu] += t->util_estimate;
        if (aur_hidden(core, task))
            continue;
        tally->runnable[t->cpu]++;
        tally->load[t->cpu] += t->weight;
    }
    return NULL;
}

static const char *check_objects(struct aur_core *core, const struct tally *tally)
{
    uint64_t returning = 0, waiting = 0;
    for (uint32_t object = 0; object < core->objects_used; object++) {
        const struct aur_object *o = aur_object_at(core, object);
        if (o->kind == AUR_OBJECT_FREE)
            continue;
        void *nodes = &aur_task_at(core, 0)->wait_node;
        if (o->kind == AUR_OBJECT_MUTEX && o->owner == AUR_NONE && o->waiting != 0 &&
            (o->mutex != AUR_MUTEX_BARGE || o->returning == 0))
            return "a free mutex has waiters, and nobody will wake them";
        waiting += o->waiting;
        returning += o->kind == AUR_OBJECT_MUTEX ? o->returning : 0;
        if (o->draining != 0 && o->draining != o->waiting)
            return "a barrier drains others than those it holds";
        if (o->kind == AUR_OBJECT_SEMAPHORE && o->count != 0 && o->waiting != 0)
            return "a semaphore with units left has waiters";
        for (uint32_t task = aur_wait_first(o); task != AUR_NONE && task != AUR_RB_NIL;
             task = aur_rb_next(&aur_wait_order, nodes, task)) {
            const struct aur_task *t = aur_task_at(core, task);
            if (t->wait_object != object || t->state != AUR_TASK_BLOCKED)
                return "a waiter is not blocked on its object";
        }
    }
    if (waiting != tally->waiting)
        return "a task waits for an object that does not know of it";
    return returning == tally->returning ? NULL : "the mutexes miscount who will come back to them";
}

const char *aur_core_check(const struct aur_core *constant)
{
    // The trees are walked with the functions that also change them; nothing is changed here.
    struct aur_core *core = (struct aur_core *)(uintptr_t)constant;
    struct tally tally = {0};
    if (!aur_layout_holds(core))
        return "this is no core of this build";
    const char *broken = aur_sound_check(core);
    for (uint32_t cpu = 0; cpu < core->config.cpus && !broken; cpu++)
        tally.arriving |= aur_cpu_at(core, cpu)->arriving != AUR_NONE;
    if (!broken)
        broken = check_tasks(core, &tally);
    if (!broken)
        broken = check_objects(core, &tally);
    if (!broken)
        broken = aur_group_check(core);
    for (uint32_t cpu = 0; cpu < core->config.cpus && !broken; cpu++) {
        const struct aur_cpu *c = aur_cpu_at(core, cpu);
        uint32_t sum = 0;
        for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS && !broken; slot++) {
            sum += c->nr_class[slot];
            if (core->config.classes[slot] != AUR_NONE)
                broken = aur_class_of(core, slot)->check(core, slot, cpu);
        }
        if (!broken && (c->nr != sum || c->nr != tally.runnable[cpu]))
            broken = "a CPU miscounts its runnable tasks";
        if (!broken && c->load != tally.load[cpu])
            broken = "a CPU's load is not the sum of its tasks' weights";
        if (!broken && c->util_estimate != tally.estimate[cpu])
            broken = "a CPU's estimate of its use is not the sum of its tasks'";
        if (!broken)
            broken = aur_timeout_check(core, cpu, tally.timeouts[cpu]);
        if (!broken && (core->overloaded >> cpu & 1) != (c->nr >= 2))
            broken = "the mask of overloaded CPUs is wrong";
        if (!broken)
            broken = aur_online_check(core, cpu);
        if (!broken)
            broken = aur_global_check(core, cpu);
        if (!broken && (core->idle >> cpu & 1) != (c->curr == AUR_NONE && aur_is_online(core, cpu)))
            broken = "the mask of idle CPUs is wrong";
    }
    return broken;
}
