// The limits that every part of the core agrees on.
#ifndef AURORA_LIMITS_H
#define AURORA_LIMITS_H

#include <stdint.h>

#define AUR_NONE     UINT32_MAX // "no task", "no object"
#define AUR_NO_CPU   UINT16_MAX // "no CPU"
#define AUR_NEVER_NS UINT64_MAX // "no instant": never armed, no time-out

// Affinity is one 64-bit mask, so that "may T run on c?" is a shift and an and.
#define AUR_CPUS_MAX 64u

// Task and object indices must fit an AUR_EV_* record and leave AUR_NONE free.
#define AUR_TASKS_MAX   (1u << 24)
#define AUR_OBJECTS_MAX (1u << 24)

// Each has a queue on every CPU.
#define AUR_GROUPS_MAX      4096u
#define AUR_GROUP_DEPTH_MAX 8u // so that a walk to the top is bounded

// Class slots, highest first: deadline, fixed priority, fair, ext. As many as Linux stacks, where
// the last is that of sched_ext.
#define AUR_CLASS_SLOTS 4u

#define AUR_AGENT_ROOM_MAX (1u << 28) // bytes for an agent's image

// The most actions that one step may return; a step that could cascade stops below it.
#define AUR_ACTIONS_MAX 112u

// What one step may at most wake (expired time-outs, a broadcast, a full barrier): each costs
// up to four actions. The rest follows when the host calls again.
#ifdef AUR_HOSTILE
#    define AUR_WAKES_PER_STEP 2u // so that "call again" is the rule
#else
#    define AUR_WAKES_PER_STEP 24u
#endif

// How far a chain of mutex owners is followed: "task waits for owner waits for owner ...".
#define AUR_CHAIN_MAX 1024u

// What a task may ask for as its slice (Linux clamps sched_runtime to the same,
// kernel/sched/syscalls.c).
#define AUR_SLICE_MIN_NS 100000ull
#define AUR_SLICE_MAX_NS 100000000ull

// The longest burst that a task may declare: 146 years, so that it fits a signed key.
#define AUR_DEMAND_MAX_NS (1ull << 62)

// How many queued tasks a balancing pass looks at (Linux: sched_nr_migrate, kernel/sched/core.c).
#ifdef AUR_HOSTILE
#    define AUR_BALANCE_SCAN 2u
#else
#    define AUR_BALANCE_SCAN 32u
#endif

#endif
