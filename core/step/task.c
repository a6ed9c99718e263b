// Tasks: made, started, changed, woken, put to sleep, moved, ended.
#include "policy/cap.h"
#include "sched/fair.h"
#include "step/parts.h"

// Linux's weights of nice -20 to 19: each step is a factor of 1.25
// (kernel/sched/core.c, sched_prio_to_weight).
static const uint32_t nice_weight[40] = {
    88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904,
    3906,  3121,  2501,  1991,  1586,  1277,  1024,  820,   655,   526,   423,  335,  272,  215,
    172,   137,   110,   87,    70,    56,    45,    36,    29,    23,    18,   15,
};
#define IDLE_POLICY_WEIGHT 3u // WEIGHT_IDLEPRIO, kernel/sched/sched.h

static uint32_t usual_slot(uint32_t policy)
{
    return policy == AUR_POLICY_DEADLINE                          ? AUR_SLOT_DEADLINE
           : policy == AUR_POLICY_FIFO || policy == AUR_POLICY_RR ? AUR_SLOT_REALTIME
                                                                  : AUR_SLOT_FAIR;
}

uint32_t aur_policy_slot(const struct aur_core *core, uint32_t task, uint32_t policy)
{
    uint32_t slot = usual_slot(policy);
    if (slot != AUR_SLOT_FAIR || !aur_has_ext(core))
        return slot;
    bool on = core->ext.state == AUR_EXT_ON, switched = task < core->ext.switched;
    return (on ? switched : !switched && task < core->ext.moved) ? AUR_SLOT_EXT : AUR_SLOT_FAIR;
}

uint32_t aur_weight_of(uint32_t policy, int nice)
{
    return policy == AUR_POLICY_IDLE ? IDLE_POLICY_WEIGHT : nice_weight[nice + 20];
}

uint64_t aur_own_rank(const struct aur_core *core, uint32_t task)
{
    uint32_t slot = aur_policy_slot(core, task, aur_task_at(core, task)->policy);
    const struct aur_sched_class *class = aur_class_of(core, slot);
    return aur_rank(slot, class->urgency ? class->urgency(core, slot, task) : 0);
}

void aur_renew_rank(struct aur_core *core, uint32_t task)
{
    aur_task_at(core, task)->rank = aur_due_rank(core, task);
}

static void take_load(struct aur_cpu *cpu, const struct aur_task *t)
{
    cpu->average.sum -= t->load.sum < cpu->average.sum ? t->load.sum : cpu->average.sum;
}

// The task's load goes with it (attach_entity_load_avg); that of a new one is its whole weight, as
// nobody knows better.
static void move_load(struct aur_core *core, struct aur_task *t, uint32_t cpu, bool is_new)
{
    struct aur_cpu *from = aur_cpu_at(core, t->cpu), *to = aur_cpu_at(core, cpu);
    aur_load_update(&from->average, core->now_ns, from->load);
    aur_load_update(&to->average, core->now_ns, to->load);
    aur_load_update(&t->load, core->now_ns, 0);
    if (is_new)
        t->load.sum = t->weight * aur_load_divider(&t->load);
    else
        take_load(from, t);
    to->average.sum += t->load.sum;
}

static void count_in(struct aur_core *core, struct aur_task *t, uint32_t cpu)
{
    struct aur_cpu *c = aur_cpu_at(core, cpu);
    if (core->config.load_average) {
        aur_load_update(&c->average, core->now_ns, c->load);
        aur_load_update(&t->load, core->now_ns, 0);
    }
    c->nr++;
    c->nr_class[t->slot]++;
    c->load += t->weight;
    if (c->nr == 2)
        core->overloaded |= 1ull << cpu;
}

static void count_out(struct aur_core *core, struct aur_task *t)
{
    struct aur_cpu *c = aur_cpu_at(core, t->cpu);
    if (core->config.load_average) {
        aur_load_update(&c->average, core->now_ns, c->load);
        aur_load_update(&t->load, core->now_ns, t->weight);
    }
    c->nr--;
    c->nr_class[t->slot]--;
    c->load -= t->weight;
    if (c->nr == 1)
        core->overloaded &= ~(1ull << t->cpu);
}

void aur_count_hidden(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t tasks,
                      uint64_t weight)
{
    struct aur_cpu *c = aur_cpu_at(core, cpu);
    c->nr += tasks;
    c->nr_class[slot] += tasks;
    c->load += weight;
    if (c->nr >= 2)
        core->overloaded |= 1ull << cpu;
    else
        core->overloaded &= ~(1ull << cpu);
}

bool aur_hidden_by_group(const struct aur_core *core, uint32_t task)
{
    uint32_t slot = aur_task_at(core, task)->slot;
    return slot == AUR_SLOT_FAIR && aur_fair_hidden(core, slot, task);
}

void aur_activate(struct aur_step *step, uint32_t task, uint32_t cpu, uint32_t flags)
{
    struct aur_core *core = step->core;
    struct aur_task *t = aur_task_at(core, task);
    aur_charge(step, cpu);
    if (core->config.load_average && (t->cpu != cpu || (flags & AUR_ENQUEUE_INITIAL))) {
        move_load(core, t, cpu, flags & AUR_ENQUEUE_INITIAL);
        aur_util_move(core, task, cpu, flags & AUR_ENQUEUE_INITIAL);
    }
    if (t->cpu != cpu) {
        t->migrations += t->started;
        t->moved_at_ns = core->now_ns;
        aur_act(step, AUR_ACT_MIGRATE, cpu, task, t->cpu, 0);
        t->cpu = (uint16_t)cpu;
        flags |= AUR_ENQUEUE_MOVE;
    }
    aur_class_of(core, t->slot)->enqueue(core, t->slot, cpu, task, flags);
    if (t->slot == AUR_SLOT_FAIR)
        aur_cpu_at(core, cpu)->util_estimate += t->util_estimate;
    if (!aur_hidden(core, task))
        count_in(core, t, cpu);
    if (t->slot == AUR_SLOT_FAIR && aur_cpu_at(core, cpu)->nr_class[AUR_SLOT_FAIR] == 1 &&
        aur_server_is_on(core))
        aur_server_arrive(step, cpu);
    if (t->slot < core->ranked_slots)
        aur_global_update(core, cpu);
}

void aur_deactivate(struct aur_step *step, uint32_t task, uint32_t flags)
{
    struct aur_core *core = step->core;
    struct aur_task *t = aur_task_at(core, task);
    aur_charge(step, t->cpu);
    if (!aur_hidden(core, task))
        count_out(core, t);
    if (t->slot == AUR_SLOT_FAIR)
        aur_cpu_at(core, t->cpu)->util_estimate -= t->util_estimate;
    if (core->config.load_average && (flags & AUR_DEQUEUE_EXIT)) {
        take_load(aur_cpu_at(core, t->cpu), t);
        aur_util_leave(core, task);
    } else if (core->config.load_average && (flags & AUR_DEQUEUE_SLEEP)) {
        aur_util_sleep(core, task);
    }
    aur_class_of(core, t->slot)->dequeue(core, t->slot, t->cpu, task, flags);
    if (t->slot < core->ranked_slots)
        aur_global_update(core, t->cpu);
}

// Did the waker say that it is about to block?
static bool is_sync(const struct aur_record *event)
{
    bool has_flags = event->kind == AUR_EV_WAKE || event->kind == AUR_EV_SIGNAL ||
                     event->kind == AUR_EV_BROADCAST || event->kind == AUR_EV_UP;
    return has_flags && (event->other & AUR_WAKE_SYNC);
}

void aur_wake(struct aur_step *step, uint32_t task, enum aur_wake_reason reason)
{
    struct aur_core *core = step->core;
    struct aur_task *t = aur_task_at(core, task);
    aur_assert(t->state == AUR_TASK_BLOCKED || t->state == AUR_TASK_NEW);
    aur_timeout_clear(step, task);
    t->sync_wake = is_sync(step->event);
    // While the host still has the task on its CPU (it blocked at this very instant), no other
    // CPU may run it; DISPATCH there moves it if its affinity asks for that.
    uint32_t cpu = aur_cpu_at(core, t->cpu)->curr == task
                       ? t->cpu
                       : aur_select_cpu(core, task, step->event->cpu);
    t->state = AUR_TASK_RUNNABLE;
    t->since_ns = core->now_ns;
    t->woken_by = (uint8_t)reason;
    t->wakeups += reason != AUR_WOKE_START;
    aur_activate(step, task, cpu,
                 reason == AUR_WOKE_START ? AUR_ENQUEUE_INITIAL : AUR_ENQUEUE_WAKE);
    aur_act(step, AUR_ACT_WOKE, cpu, task, reason, 0);
    aur_preempt_check(step, cpu, task);
}

void aur_sleep(struct aur_step *step, uint32_t task, uint64_t timeout_at_ns)
{
    struct aur_core *core = step->core;
    struct aur_task *t = aur_task_at(core, task);
    aur_deactivate(step, task, AUR_DEQUEUE_SLEEP);
    t->state = AUR_TASK_BLOCKED;
    t->since_ns = core->now_ns;
    t->woken_by = AUR_WOKE_EVENT; // unless its time-out comes first
    aur_act(step, AUR_ACT_SLEPT, t->cpu, task, 0, 0);
    aur_timeout_set(step, task, timeout_at_ns);
    aur_resched(step, t->cpu);
}

void aur_throttle(struct aur_step *step, uint32_t task, uint64_t until_ns)
{
    struct aur_core *core = step->core;
    struct aur_task *t = aur_task_at(core, task);
    bool ran = t->state == AUR_TASK_RUNNING;
    aur_deactivate(step, task, AUR_DEQUEUE_THROTTLE);
    t->state = AUR_TASK_THROTTLED;
    t->preemptions += ran;
    if (ran)
        t->since_ns = core->now_ns; // it waits from now on
    aur_timeout_set(step, task, until_ns);
}

void aur_unthrottle(struct aur_step *step, uint32_t task)
{
    struct aur_core *core = step->core;
    struct aur_task *t = aur_task_at(core, task);
    aur_timeout_clear(step, task);
    t->state = AUR_TASK_RUNNABLE;
    uint32_t cpu = aur_cpu_at(core, t->cpu)->curr == task
                       ? t->cpu
                       : aur_select_cpu(core, task, step->event->cpu);
    aur_activate(step, task, cpu, AUR_ENQUEUE_REPLENISH);
    aur_preempt_check(step, cpu, task);
}

void aur_move(struct aur_step *step, uint32_t task, uint32_t to)
{
    uint32_t from = aur_task_at(step->core, task)->cpu;
    aur_deactivate(step, task, AUR_DEQUEUE_MOVE);
    if (!aur_cpu_at(step->core, from)->need_resched)
        aur_slice_update(step, from); // among fewer it may be shorter (hrtick_update)
    aur_activate(step, task, to, AUR_ENQUEUE_MOVE);
    aur_preempt_check(step, to, task);
}

// The two halves of a change that a class must see as "leaves and comes back".
static void change_begin(struct aur_step *step, uint32_t task, uint32_t flags)
{
    const struct aur_task *t = aur_task_at(step->core, task);
    if (t->state == AUR_TASK_RUNNABLE || t->state == AUR_TASK_RUNNING)
        aur_deactivate(step, task, AUR_DEQUEUE_CHANGE | flags);
}

static void change_end(struct aur_step *step, uint32_t task, uint32_t old_slot, uint32_t flags)
{
    struct aur_core *core = step->core;
    const struct aur_task *t = aur_task_at(core, task);
    flags |= AUR_ENQUEUE_CHANGE | (t->slot < old_slot   ? AUR_ENQUEUE_TAIL
                                   : t->slot > old_slot ? AUR_ENQUEUE_HEAD
                                                        : 0u);
    if (t->state == AUR_TASK_RUNNABLE || t->state == AUR_TASK_RUNNING)
        aur_activate(step, task, t->cpu, flags);
    if (t->state == AUR_TASK_RUNNING) {
        aur_class_of(core, t->slot)->set_next(core, t->slot, t->cpu, task);
        if (t->slot < core->ranked_slots)
            aur_global_update(core, t->cpu);
        aur_resched(step, t->cpu); // somebody else may be due now
    } else if (t->state == AUR_TASK_RUNNABLE) {
        aur_preempt_check(step, t->cpu, task);
        if (core->global_slots)
            aur_balance_push(step); // another CPU may be due to it now
    }
}

// The class of a blocked task is to forget it, if it still keeps it in a queue.
static void let_go_of(struct aur_step *step, uint32_t task)
{
    struct aur_core *core = step->core;
    const struct aur_task *t = aur_task_at(core, task);
    const struct aur_sched_class *class = aur_class_of(core, t->slot);
    if (t->state != AUR_TASK_BLOCKED || !class->switched_from)
        return;
    aur_charge(step, t->cpu); // its lag is measured by the time of that queue
    class->switched_from(core, t->slot, task);
}

static void set_slot(struct aur_step *step, uint32_t task, uint32_t slot)
{
    struct aur_task *t = aur_task_at(step->core, task);
    if (t->slot != slot)
        let_go_of(step, task);
    t->slot = (uint8_t)slot;
}

// Between the two halves of a change: the task ranks otherwise from here on.
static void change_rank(struct aur_step *step, uint32_t task, uint64_t rank)
{
    struct aur_core *core = step->core;
    struct aur_task *t = aur_task_at(core, task);
    if (t->wait_object != AUR_NONE) {
        uint32_t object = t->wait_object;
        uint64_t ticket = t->wait_order; // it keeps its place among equals
        aur_wait_leave(core, task);
        t->rank = rank;
        aur_wait_join(core, task, object, ticket);
    }
    t->rank = rank;
    set_slot(step, task, aur_rank_slot(rank));
}

void aur_set_rank(struct aur_step *step, uint32_t task, uint64_t rank)
{
    struct aur_core *core = step->core;
    struct aur_task *t = aur_task_at(core, task);
    uint32_t old_slot = t->slot;
    change_begin(step, task, 0);
    change_rank(step, task, rank);
    change_end(step, task, old_slot, 0);
    if (t->state == AUR_TASK_THROTTLED &&
        aur_class_of(core, t->slot)->throttled_until(core, t->slot, task) == 0)
        aur_unthrottle(step, task); // boosted, it may run
}

// Whoever waits for the task's mutex chain ranks anew.
static void inherit_onwards(struct aur_step *step, uint32_t task)
{
    uint32_t mutex = aur_task_at(step->core, task)->wait_object;
    if (mutex != AUR_NONE && aur_object_at(step->core, mutex)->kind == AUR_OBJECT_MUTEX)
        aur_inherit(step, aur_object_at(step->core, mutex)->owner);
}

void aur_task_reslot(struct aur_step *step, uint32_t task)
{
    struct aur_core *core = step->core;
    const struct aur_task *t = aur_task_at(core, task);
    uint32_t old_slot = t->slot;
    if (usual_slot(t->policy) != AUR_SLOT_FAIR) {
        core->ext.switched = task + 1;
        return;
    }
    change_begin(step, task, 0);
    core->ext.switched = task + 1;
    change_rank(step, task, aur_due_rank(core, task));
    change_end(step, task, old_slot, 0);
    inherit_onwards(step, task);
}

// Takes policy, nice and priority from a packed aur_task_kind(); refuses what does not exist.
static enum aur_status check_kind(const struct aur_core *core, uint64_t kind)
{
    uint32_t policy = kind & 0xff, nice = kind >> 8 & 0xff, priority = kind >> 16 & 0xff;
    if (kind >> 24 || nice > 39 || policy > AUR_POLICY_DEADLINE || policy == 4)
        return AUR_BAD_ARGUMENT;
    uint32_t slot = usual_slot(policy);
    if (slot == AUR_SLOT_REALTIME ? priority < 1 || priority > 99 : priority != 0)
        return AUR_BAD_ARGUMENT;
    return core->config.classes[slot] == AUR_NONE ? AUR_NO_CLASS : AUR_OK;
}

static void put_kind(struct aur_task *t, uint64_t kind)
{
    t->policy = (uint8_t)kind;
    t->nice = (int8_t)((int)(kind >> 8 & 0xff) - 20);
    t->priority = (uint8_t)(kind >> 16);
    t->weight = aur_weight_of(t->policy, t->nice);
}

enum aur_status aur_task_new(struct aur_step *step)
{
    struct aur_core *core = step->core;
    const struct aur_record *event = step->event;
    enum aur_status status = check_kind(core, event->object);
    if (status != AUR_OK)
        return status;
    if (event->task != AUR_NONE && !aur_core_task(core, event->task))
        return AUR_BAD_TASK;
    if ((event->arg & core->online) == 0)
        return AUR_BAD_AFFINITY;

    uint32_t task = core->free_task;
    if (task != AUR_NONE)
        core->free_task = aur_task_at(core, task)->next_free;
    else if (core->tasks_used < core->config.tasks)
        task = core->tasks_used++;
    else
        return AUR_NO_TASK_LEFT;

    struct aur_task *t = aur_task_at(core, task);
    memset(t, 0, sizeof *t);
    if (core->config.caps != 0)
        ++*aur_birth_at(core, task);
    t->state = AUR_TASK_NEW;
    put_kind(t, event->object);
    t->affinity = event->arg;
    t->cpu = aur_allowed(core, t, event->cpu)
                 ? event->cpu
                 : (uint16_t)__builtin_ctzll(event->arg & core->online);
    t->last_cpu = AUR_NO_CPU;
    t->recent_cpu = t->cpu;
    t->home = AUR_NO_CPU;
    t->since_ns = core->now_ns;
    t->moved_at_ns = AUR_NEVER_NS;
    t->wakee = AUR_NONE;
    if (event->task != AUR_NONE) {
        // fork copies the parent, and what it counted of its wake-ups (wakee_flips) with it.
        t->wakee_flips = aur_task_at(core, event->task)->wakee_flips;
        t->flips_at_ns = aur_task_at(core, event->task)->flips_at_ns;
    }
    t->timeout_at_ns = AUR_NEVER_NS;
    t->wait_object = AUR_NONE;
    t->wait_mutex = AUR_NONE;
    t->held = AUR_NONE;
    t->group = AUR_NONE;
    if (event->task != AUR_NONE)
        aur_group_change(core, task, aur_task_at(core, event->task)->group);
    t->next_free = AUR_NONE;
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++)
        if (core->config.classes[slot] != AUR_NONE)
            aur_class_of(core, slot)->task_init(core, slot, task);
    t->rank = aur_own_rank(core, task);
    t->slot = (uint8_t)aur_rank_slot(t->rank);
    aur_act(step, AUR_ACT_MADE, event->cpu, task, 0, 0);
    return AUR_OK;
}

// A task holds what its class has promised it from its start to its exit or change of policy.
static enum aur_status admit(struct aur_core *core, uint32_t task, uint32_t policy)
{
    uint32_t slot = aur_policy_slot(core, task, policy);
    const struct aur_sched_class *class = aur_class_of(core, slot);
    return class->admit ? class->admit(core, slot, task) : AUR_OK;
}

static void release(struct aur_core *core, uint32_t task, uint32_t policy)
{
    uint32_t slot = aur_policy_slot(core, task, policy);
    const struct aur_sched_class *class = aur_class_of(core, slot);
    if (class->release)
        class->release(core, slot, task);
}

// What was admitted may shorten what running servers have left (reclaiming).
static void update_slices(struct aur_step *step)
{
    const struct aur_core *core = step->core;
    for (uint32_t cpu = 0; cpu < core->config.cpus && core->config.tick_ns == 0; cpu++) {
        uint32_t curr = aur_cpu_at(core, cpu)->curr;
        if (curr == AUR_NONE || aur_task_at(core, curr)->slot != AUR_SLOT_DEADLINE ||
            !aur_is_online(core, cpu))
            continue;
        aur_charge(step, cpu);
        aur_slice_update(step, cpu);
    }
}

enum aur_status aur_task_start(struct aur_step *step)
{
    const struct aur_task *task = aur_core_task(step->core, step->event->task);
    if (!task || task->state != AUR_TASK_NEW)
        return AUR_BAD_TASK;
    enum aur_status status = admit(step->core, step->event->task, task->policy);
    if (status != AUR_OK)
        return status;
    aur_wake(step, step->event->task, AUR_WOKE_START);
    if (task->policy == AUR_POLICY_DEADLINE)
        update_slices(step);
    return AUR_OK;
}

bool aur_respect_affinity(struct aur_step *step, uint32_t task)
{
    struct aur_core *core = step->core;
    const struct aur_task *t = aur_task_at(core, task);
    if (t->state == AUR_TASK_FREE || aur_allowed(core, t, t->cpu))
        return false;
    if (t->state == AUR_TASK_BLOCKED)
        let_go_of(step, task);
    else if (aur_cpu_at(core, t->cpu)->curr == task)
        aur_resched(step, t->cpu); // DISPATCH moves it, after the host has let go of it
    else if (t->state == AUR_TASK_RUNNABLE)
        aur_move(step, task, aur_select_cpu(core, task, t->cpu));
    return true;
}

static enum aur_status set_policy(struct aur_step *step, uint32_t task, uint64_t kind)
{
    struct aur_core *core = step->core;
    struct aur_task *t = aur_task_at(core, task);
    enum aur_status status = check_kind(core, kind);
    if (status != AUR_OK)
        return status;
    uint32_t old_slot = t->slot, old_policy = t->policy, policy = kind & 0xff;
    uint16_t home = t->home;
    bool started = t->state != AUR_TASK_NEW;
    t->home = AUR_NO_CPU;
    if (started)
        status = admit(core, task, policy);
    if (status != AUR_OK) {
        t->home = home;
        return status;
    }
    if (t->state == AUR_TASK_THROTTLED)
        aur_unthrottle(step, task);
    change_begin(step, task, 0);
    if (started && usual_slot(policy) != usual_slot(old_policy))
        release(core, task, old_policy);
    put_kind(t, kind);
    change_rank(step, task, aur_due_rank(core, task));
    change_end(step, task, old_slot, 0);
    inherit_onwards(step, task);
    aur_respect_affinity(step, task);
    if (started && policy == AUR_POLICY_DEADLINE)
        update_slices(step);
    return AUR_OK;
}

// Gives *attribute, one that the task's class may have to admit it by, another value.
static enum aur_status set_admitted(struct aur_step *step, uint32_t task, uint64_t *attribute,
                                    uint64_t value)
{
    struct aur_core *core = step->core;
    const struct aur_task *t = aur_task_at(core, task);
    uint64_t old = *attribute;
    *attribute = value;
    enum aur_status status = t->state == AUR_TASK_NEW ? AUR_OK : admit(core, task, t->policy);
    if (status != AUR_OK) {
        *attribute = old;
        return status;
    }
    aur_inherit(step, task);
    if (!aur_respect_affinity(step, task) && core->global_slots)
        aur_balance_push(step); // it may go where it could not before
    return AUR_OK;
}

// Linux: sched_move_task. To its new queue the task comes as from another CPU.
static enum aur_status set_group(struct aur_step *step, uint32_t task, uint64_t group)
{
    struct aur_core *core = step->core;
    const struct aur_task *t = aur_task_at(core, task);
    if (group != AUR_NONE && (group > AUR_NONE || !aur_core_group(core, (uint32_t)group)))
        return AUR_BAD_OBJECT;
    if (t->group == group)
        return AUR_OK;
    bool fair = t->slot == AUR_SLOT_FAIR;
    if (fair) {
        let_go_of(step, task);
        change_begin(step, task, AUR_DEQUEUE_MOVE);
    }
    aur_group_change(core, task, (uint32_t)group);
    if (fair)
        change_end(step, task, t->slot, AUR_ENQUEUE_MOVE);
    return AUR_OK;
}

// What a running server was admitted with stays until it leaves the policy.
static enum aur_status set_server(struct aur_step *step, uint32_t task)
{
    struct aur_task *t = aur_task_at(step->core, task);
    uint32_t attribute = step->event->object;
    if (t->policy == AUR_POLICY_DEADLINE && t->state != AUR_TASK_NEW)
        return AUR_BAD_ARGUMENT;
    return set_admitted(step, task,
                        attribute == AUR_ATTR_DL_RUNTIME_NS    ? &t->dl_runtime_ns
                        : attribute == AUR_ATTR_DL_DEADLINE_NS ? &t->dl_deadline_ns
                                                               : &t->dl_period_ns,
                        step->event->arg);
}

static enum aur_status set_demand(struct aur_step *step, uint32_t task, uint64_t demand_ns)
{
    struct aur_task *t = aur_task_at(step->core, task);
    if (demand_ns > AUR_DEMAND_MAX_NS)
        return AUR_BAD_ARGUMENT;
    bool ordered = aur_class_of(step->core, t->slot)->info.traits & AUR_CLASS_DEMAND;
    if (ordered)
        change_begin(step, task, 0);
    t->demand_ns = demand_ns;
    if (ordered)
        change_end(step, task, t->slot, AUR_ENQUEUE_DEMAND);
    return AUR_OK;
}

enum aur_status aur_task_set(struct aur_step *step)
{
    struct aur_core *core = step->core;
    const struct aur_record *event = step->event;
    if (!aur_core_task(core, event->task))
        return AUR_BAD_TASK;
    struct aur_task *t = aur_task_at(core, event->task);
    if (t->state == AUR_TASK_EXITING)
        return AUR_BAD_TASK; // it has given back what it held
    switch ((enum aur_attribute)event->object) {
    case AUR_ATTR_POLICY:
        return set_policy(step, event->task, event->arg);
    case AUR_ATTR_AFFINITY:
        if ((event->arg & core->online) == 0)
            return AUR_BAD_AFFINITY;
        return set_admitted(step, event->task, &t->affinity, event->arg);
    case AUR_ATTR_SLICE_NS:
        if (event->arg != 0 && (event->arg < AUR_SLICE_MIN_NS || event->arg > AUR_SLICE_MAX_NS))
            return AUR_BAD_ARGUMENT;
        t->slice_ns = event->arg;
        return AUR_OK;
    case AUR_ATTR_DL_RUNTIME_NS:
    case AUR_ATTR_DL_DEADLINE_NS:
    case AUR_ATTR_DL_PERIOD_NS:
        return set_server(step, event->task);
    case AUR_ATTR_DEMAND_NS:
        return set_demand(step, event->task, event->arg);
    case AUR_ATTR_GROUP:
        return set_group(step, event->task, event->arg);
    case AUR_ATTR_COUNT:
        break;
    }
    return AUR_BAD_ARGUMENT;
}

enum aur_status aur_task_exit(struct aur_step *step)
{
    struct aur_core *core = step->core;
    struct aur_task *t = aur_task_at(core, step->event->task);
    if (t->held != AUR_NONE)
        return AUR_HELD;
    aur_deactivate(step, step->event->task, AUR_DEQUEUE_EXIT);
    release(core, step->event->task, t->policy);
    t->state = AUR_TASK_EXITING;
    t->since_ns = core->now_ns;
    aur_resched(step, t->cpu);
    return AUR_OK;
}

void aur_task_release(struct aur_step *step, uint32_t task)
{
    struct aur_core *core = step->core;
    struct aur_task *t = aur_task_at(core, task);
    aur_group_change(core, task, AUR_NONE);
#ifdef AUR_HOSTILE
    memset(t, 0xa5, sizeof *t);
#endif
    t->state = AUR_TASK_FREE;
    t->next_free = core->free_task;
    core->free_task = task;
}
