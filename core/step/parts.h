// What the parts of a step call of each other.
#ifndef AURORA_STEP_PARTS_H
#define AURORA_STEP_PARTS_H

#include "step/state.h"

// One more of the actions that the step returns.
static inline void aur_act(struct aur_step *step, enum aur_action_kind kind, uint32_t cpu,
                           uint32_t task, uint32_t object, uint64_t arg)
{
    aur_assert(step->actions->count < AUR_ACTIONS_MAX);
    struct aur_record *action = &step->actions->list[step->actions->count++];
    action->now_ns = step->core->now_ns;
    action->arg = arg;
    action->task = task;
    action->object = object;
    action->other = 0;
    action->cpu = (uint16_t)cpu;
    action->kind = (uint8_t)kind;
    action->actions = 0;
}

// sound.c: NULL if every index of the state, whose layout holds, can be followed to an end.
const char *aur_sound_check(const struct aur_core *core);

// core.c: does the block lay its parts out as its configuration, one in range, asks for?
bool aur_layout_holds(const struct aur_core *core);

// step.c
// What can be refused before any handler runs, but for the room in the log.
enum aur_status aur_event_check(const struct aur_core *core, const struct aur_record *event);

// account.c: charges the running task of `cpu` up to now; asks for a pick if its slice is over.
void aur_charge(struct aur_step *step, uint32_t cpu);
// How long the task that runs on `cpu` may go on for its class's sake: 0 it may not, NEVER without
// end.
static inline uint64_t aur_slice_left_ns(const struct aur_core *core, uint32_t cpu)
{
    uint32_t curr = aur_cpu_at(core, cpu)->curr, slot = aur_task_at(core, curr)->slot;
    const struct aur_sched_class *class = aur_class_of(core, slot);
    return class->slice_end ? class->slice_end(core, slot, cpu, curr) : AUR_NEVER_NS;
}
// Brings `cpu` to a scheduling point, once.
static inline void aur_resched(struct aur_step *step, uint32_t cpu)
{
    struct aur_cpu *c = aur_cpu_at(step->core, cpu);
    if (c->need_resched)
        return;
    c->need_resched = 1;
    aur_act(step, AUR_ACT_RESCHED, cpu, AUR_NONE, 0, 0);
}

// server.c: is there a fair server; when is it to look whether fair tasks need it, or NEVER; the
// first fair task comes to the CPU; one has run for so long; the timer fired.
bool aur_server_is_on(const struct aur_core *core);
uint64_t aur_server_due_ns(const struct aur_core *core, uint32_t cpu);
void aur_server_arrive(struct aur_step *step, uint32_t cpu);
void aur_server_charge(struct aur_step *step, uint32_t cpu, uint64_t ran_ns);
void aur_server_timer(struct aur_step *step, uint32_t cpu);

// util.c, of fair tasks: the CPU goes from prev to next; a task, new or not, comes to another CPU,
// leaves for good, or blocks; how much of AUR_CAPACITY is used of a CPU.
void aur_util_switch(struct aur_core *core, uint32_t cpu, uint32_t prev, uint32_t next);
void aur_util_move(struct aur_core *core, uint32_t task, uint32_t to, bool is_new);
void aur_util_leave(struct aur_core *core, uint32_t task);
void aur_util_sleep(struct aur_core *core, uint32_t task);
uint64_t aur_cpu_util(const struct aur_core *core, uint32_t cpu);

// task.c: to and from the runqueue. The caller sets the state before activate.
void aur_activate(struct aur_step *step, uint32_t task, uint32_t cpu, uint32_t flags);
void aur_deactivate(struct aur_step *step, uint32_t task, uint32_t flags);
// Is the task, runnable or not, in a throttled group? It is then not counted (nr, nr_class, load).
bool aur_hidden_by_group(const struct aur_core *core, uint32_t task);
static inline bool aur_hidden(const struct aur_core *core, uint32_t task)
{
    return core->groups_used != 0 && aur_hidden_by_group(core, task);
}
// Tasks of a group become hidden or visible: adds to what the CPU counts, mod 2^n.
void aur_count_hidden(struct aur_core *core, uint32_t slot, uint32_t cpu, uint32_t tasks,
                      uint64_t weight);
// Wakes a blocked task that waits for nothing any more.
void aur_wake(struct aur_step *step, uint32_t task, enum aur_wake_reason reason);
// Blocks the running task of the event's CPU until a wake or `timeout_at_ns`.
void aur_sleep(struct aur_step *step, uint32_t task, uint64_t timeout_at_ns);
// Takes a task that wants to run off its runqueue until its class lets it run again.
void aur_throttle(struct aur_step *step, uint32_t task, uint64_t until_ns);
void aur_unthrottle(struct aur_step *step, uint32_t task);
// Moves a queued task to another CPU's runqueue.
void aur_move(struct aur_step *step, uint32_t task, uint32_t to);
// The task leaves a CPU that it may not use (any more); false if it need not.
bool aur_respect_affinity(struct aur_step *step, uint32_t task);
// Gives a task another effective rank, and with it the slot that schedules it, wherever it is.
void aur_set_rank(struct aur_step *step, uint32_t task, uint64_t rank);
// The next task to be moved between the fair slot and the agent's is: ext.switched goes past it.
void aur_task_reslot(struct aur_step *step, uint32_t task);
// The slot that a policy of the task's is scheduled in.
uint32_t aur_policy_slot(const struct aur_core *core, uint32_t task, uint32_t policy);
uint32_t aur_weight_of(uint32_t policy, int nice);                 // nice: -20 to 19
uint64_t aur_own_rank(const struct aur_core *core, uint32_t task); // by its own policy
enum aur_status aur_task_new(struct aur_step *step);
enum aur_status aur_task_set(struct aur_step *step);
enum aur_status aur_task_start(struct aur_step *step);
enum aur_status aur_task_exit(struct aur_step *step);
void aur_task_release(struct aur_step *step, uint32_t task);

// dispatch.c
enum aur_status aur_dispatch(struct aur_step *step);
// Its parts before the switch, which explain.c takes, too: what becomes of the task that had the
// CPU, who comes from other CPUs, and the choice, false if the event is to be posted again.
void aur_dispatch_settle(struct aur_step *step);
void aur_dispatch_balance(struct aur_step *step);
bool aur_dispatch_pick(struct aur_step *step, uint32_t *next);
enum aur_status aur_tick(struct aur_step *step);
void aur_preempt_check(struct aur_step *step, uint32_t cpu, uint32_t woken);
// Tickless: recomputes when curr's slice ends, and arms the timer for it.
void aur_slice_update(struct aur_step *step, uint32_t cpu);
// Who of the CPU's runnable tasks should run, NONE if there is none.
uint32_t aur_pick(struct aur_core *core, uint32_t cpu);
// Throttles a task whose budget is used up; false if it may run.
bool aur_throttle_due(struct aur_step *step, uint32_t task);

// online.c
enum aur_status aur_cpu_off(struct aur_step *step);
enum aur_status aur_cpu_on(struct aur_step *step);
// The end of an offline CPU's DISPATCH: moves its tasks to others.
void aur_evacuate(struct aur_step *step, uint32_t cpu);
const char *aur_online_check(const struct aur_core *core, uint32_t cpu);

// group.c
enum aur_status aur_group_new(struct aur_step *step);
enum aur_status aur_group_set(struct aur_step *step);
enum aur_status aur_group_free(struct aur_step *step);
// The task, in no queue, belongs to another group from now on, or to NONE.
void aur_group_change(struct aur_core *core, uint32_t task, uint32_t group);
const char *aur_group_check(struct aur_core *core);

// sched/bandwidth.c
enum aur_status aur_bandwidth_set(struct aur_step *step, uint32_t group, uint32_t attribute,
                                  uint64_t value);
void aur_bandwidth_init(struct aur_core *core, uint32_t group);
void aur_bandwidth_forget(struct aur_core *core, uint32_t group);
uint64_t aur_bandwidth_due_ns(const struct aur_core *core); // the first refill, or NEVER
// Refills the groups that are due; false if not all could be done in this step.
bool aur_bandwidth_timer(struct aur_step *step);
const char *aur_bandwidth_check(struct aur_core *core);

// agent.c: the events; what there is to do at the end of a step; when the CPU's timer has something
// to do for the agent, or NEVER; moves some of the tasks between the slots, false if there are
// more; ejects the agent if a task has waited too long.
enum aur_status aur_agent_data(struct aur_step *step);
enum aur_status aur_agent_load(struct aur_step *step);
enum aur_status aur_agent_eject(struct aur_step *step);
void aur_ext_settle(struct aur_step *step);
uint64_t aur_ext_due_ns(const struct aur_core *core, uint32_t cpu);
bool aur_ext_timer(struct aur_step *step);
void aur_ext_watch(struct aur_step *step, uint32_t cpu);
static inline bool aur_has_ext(const struct aur_core *core)
{
    return core->config.classes[AUR_SLOT_EXT] != AUR_NONE;
}

// sched/ext_dispatch.c: before a pick, fills the CPU's local queue.
void aur_ext_balance(struct aur_step *step, uint32_t cpu);

// policy/cap.c
enum aur_status aur_cap_mint(struct aur_step *step);
enum aur_status aur_cap_derive(struct aur_step *step);
enum aur_status aur_cap_transfer(struct aur_step *step);
enum aur_status aur_cap_revoke(struct aur_step *step);
enum aur_status aur_cap_delete(struct aur_step *step);
enum aur_status aur_cap_access(struct aur_step *step);
const char *aur_cap_sound(const struct aur_core *core);

// timeout.c
void aur_timeout_set(struct aur_step *step, uint32_t task, uint64_t at_ns);
void aur_timeout_clear(struct aur_step *step, uint32_t task);
enum aur_status aur_timer(struct aur_step *step);
// NULL if the CPU's tree of time-outs is sound and has as many tasks as expected.
const char *aur_timeout_check(struct aur_core *core, uint32_t cpu, uint32_t expected);
// Asks the host for an earlier timer if the one it has is too late.
void aur_rearm(struct aur_step *step, uint32_t cpu);

// sched/select_cpu.c, sched/balance.c
// What balancing makes equal: the load of a CPU, and what a task adds to it. In a group that is its
// part of what the group weighs there (task_h_load).
uint64_t aur_cpu_load(const struct aur_core *core, uint32_t cpu);
uint64_t aur_task_load(const struct aur_core *core, uint32_t task);
// May the balancing that goes on, if one does, bring a task of that load to the CPU?
bool aur_fits(const struct aur_core *core, uint32_t task, uint32_t to);
uint32_t aur_select_cpu(struct aur_core *core, uint32_t task, uint32_t waker_cpu);
void aur_balance_idle(struct aur_step *step, uint32_t cpu);
void aur_balance_tick(struct aur_step *step, uint32_t cpu);

// sched/global.c: pulls the most urgent waiting task to a CPU that is about to pick, and asks a CPU
// to pick if a waiting task should be there.
void aur_balance_pull(struct aur_step *step, uint32_t cpu);
void aur_balance_push(struct aur_step *step);
void aur_global_init(struct aur_core *core);
// What the CPU has in ranked slots has changed.
void aur_global_update(struct aur_core *core, uint32_t cpu);
const char *aur_global_check(const struct aur_core *core, uint32_t cpu);

// sync/: events on objects; aur_wait_* queue a task on one.
enum aur_status aur_object_new(struct aur_step *step);
enum aur_status aur_object_free(struct aur_step *step);
enum aur_status aur_lock(struct aur_step *step);
enum aur_status aur_unlock(struct aur_step *step);
enum aur_status aur_wait(struct aur_step *step);
enum aur_status aur_signal(struct aur_step *step);
enum aur_status aur_broadcast(struct aur_step *step);
enum aur_status aur_barrier(struct aur_step *step);
enum aur_status aur_down(struct aur_step *step);
enum aur_status aur_up(struct aur_step *step);
struct aur_object *aur_object_find(const struct aur_core *core, uint32_t object,
                                   enum aur_object_kind kind); // NULL: none of that kind
// `ticket` breaks ties of rank: core->tickets++ for a new arrival.
void aur_wait_join(struct aur_core *core, uint32_t task, uint32_t object, uint64_t ticket);
void aur_wait_leave(struct aur_core *core, uint32_t task);
uint32_t aur_wait_first(const struct aur_object *object); // or NONE
extern const struct aur_rb_ops aur_wait_order;
// A waiter's time-out has come: leave the queue; true if it may run now.
bool aur_wait_timed_out(struct aur_step *step, uint32_t task);
// A WAIT ends: takes the mutex to return with; true if the task may run now.
bool aur_wait_return(struct aur_step *step, uint32_t task);
// Takes `mutex` for a blocked task: true if it was free, else the task is queued on it.
bool aur_mutex_grant(struct aur_step *step, uint32_t task, uint32_t mutex);
void aur_mutex_release(struct aur_step *step, uint32_t task, uint32_t mutex);
// The rank that a task should have: the smallest of its own and those of the first waiters of the
// inheriting mutexes that it holds.
uint64_t aur_due_rank(const struct aur_core *core, uint32_t task);
// Gives a task its due rank, and the owners along the chain that it waits in theirs.
void aur_inherit(struct aur_step *step, uint32_t task);

#endif
