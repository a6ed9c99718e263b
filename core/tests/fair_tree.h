// The hierarchy under the fair twin: queues of CPUs and of groups, and the entities in them. What
// happens to a task goes up from its queue; who has the CPU is a path down from the CPU's.
#ifndef AURORA_CORE_TESTS_FAIR_TREE_H
#define AURORA_CORE_TESTS_FAIR_TREE_H

#include "tests/fair_twin.h"

uint32_t fair_tree_cpus(const struct fair_twin *twin);
bool fair_tree_is_task(uint32_t entity);
uint32_t fair_tree_queue_of(const struct fair_twin *twin, uint32_t group, uint32_t cpu);
uint32_t fair_tree_group_of(const struct fair_twin *twin, uint32_t queue);
// The group's entity that stands for the queue, NONE of a CPU's; and the way back.
uint32_t fair_tree_owner(const struct fair_twin *twin, uint32_t queue);
uint32_t fair_tree_inside(const struct fair_twin *twin, uint32_t group_entity);
// The queue that it is in, NONE of a CPU's.
uint32_t fair_tree_above(const struct fair_twin *twin, uint32_t queue);
// Where the task competes on that CPU.
uint32_t fair_tree_home(const struct fair_twin *twin, uint32_t task, uint32_t cpu);

// Is the queue a throttled one, or in one?
bool fair_tree_hidden(const struct fair_twin *twin, uint32_t queue);
// Tasks queued on the CPU that are neither delayed nor hidden.
uint32_t fair_tree_tasks_on(const struct fair_twin *twin, uint32_t cpu);
// CPU time that the running task may go on, as its slice, those of its groups and quotas have it.
wide fair_tree_left(const struct fair_twin *twin, uint32_t cpu);

// What a group should weigh on a CPU; weighs those anew that hold the queue, from the inside out.
wide fair_tree_share(const struct fair_twin *twin, uint32_t queue);
void fair_tree_weigh(struct fair_twin *twin, uint32_t queue);

// The twin charges a CPU when it comes upon it, if the core has charged it in this step: weights
// depend on the order.
void fair_tree_catch_up(struct fair_twin *twin, uint32_t cpu);

void fair_tree_join(struct fair_twin *twin, uint32_t cpu, uint32_t task, enum fair_twin_move how);
void fair_tree_leave(struct fair_twin *twin, uint32_t task, enum fair_twin_move how);
// A delayed entity leaves.
void fair_tree_let_go(struct fair_twin *twin, uint32_t entity);
// Who has the CPU on that queue goes back to those who wait.
void fair_tree_take_off(struct fair_twin *twin, uint32_t queue);
// The CPU is the task's: on its queues those have it that the task is in, and nobody else.
void fair_tree_give(struct fair_twin *twin, uint32_t cpu, uint32_t task);

// Groups on the path to the task that runs, or ran last, throttle if their quota is used up.
void fair_tree_expire(struct fair_twin *twin, uint32_t top);
// A group's queue, with all that is in it, stops competing, or competes again.
void fair_tree_hide(struct fair_twin *twin, uint32_t queue);
void fair_tree_show(struct fair_twin *twin, uint32_t queue);

#endif
