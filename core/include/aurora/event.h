// The event schema: what a host may tell the core, and what the core may ask of the host.
// One table each; the log, the encoder, the replayer and the exporters are all driven by it.
#ifndef AURORA_EVENT_H
#define AURORA_EVENT_H

#include <stdint.h>

// name, text. The comment says what the record's fields mean for it: task, object, other, arg.
// cpu is the CPU on which it happened. "curr" is the task running there: the event is refused
// with NOT_RUNNING if task is another. An offline CPU takes no events (BAD_CPU) but the DISPATCH
// that it was asked for: with it its tasks go. The timer that was armed there is void.
// clang-format off
#define AUR_EVENT_TABLE(X)                                                                         \
    X(TASK_NEW, "task-new")       /* task: parent or NONE; object: aur_task_kind(); arg: affinity */ \
    X(TASK_SET, "task-set")       /* task; object: enum aur_attribute; arg: value */               \
    X(TASK_START, "task-start")   /* task: made by TASK_NEW; runnable for the first time */        \
    X(WAKE, "wake")               /* task: ends its BLOCK, else nothing; other: aur_wake_flag */   \
    X(BLOCK, "block")             /* task: curr; arg: instant to wake at, or NEVER */              \
    X(YIELD, "yield")             /* task: curr */                                                 \
    X(EXIT, "exit")               /* task: curr; its slot is free once it is off the CPU */        \
    X(TICK, "tick")               /* the periodic scheduler tick of cpu */                         \
    X(TIMER, "timer")             /* the timer that ARM asked for on cpu has expired */            \
    X(DISPATCH, "dispatch")       /* cpu is at a scheduling point: choose who runs */              \
    X(OBJECT_NEW, "object-new")   /* object: enum aur_object_kind; arg: its parameter */           \
    X(OBJECT_FREE, "object-free") /* object: unowned and without waiters */                        \
    X(LOCK, "lock")               /* task: curr; object: mutex; arg: time-out instant or NEVER */  \
    X(UNLOCK, "unlock")           /* task: curr; object: mutex it holds */                         \
    X(WAIT, "wait")               /* task: curr; object: cond; other: mutex or NONE; arg: time-out */ \
    X(SIGNAL, "signal")           /* object: cond: wakes the first waiter; other: aur_wake_flag */ \
    X(BROADCAST, "broadcast")     /* object: cond: wakes all waiters; other: aur_wake_flag */      \
    X(BARRIER, "barrier")         /* task: curr; object: barrier: blocks all but the last */       \
    X(DOWN, "down")               /* task: curr; object: semaphore; arg: time-out */               \
    X(UP, "up")                   /* object: semaphore: wakes one or adds one; other: aur_wake_flag */ \
    X(GROUP_NEW, "group-new")     /* object: parent group or NONE */                               \
    X(GROUP_SET, "group-set")     /* object: group; other: enum aur_group_attribute; arg: value */ \
    X(GROUP_FREE, "group-free")   /* object: group without tasks and groups */                     \
    X(CPU_OFF, "cpu-off")         /* object: CPU that is to take no tasks any more */              \
    X(CPU_ON, "cpu-on")           /* object: CPU that was off; cpu is another */                    \
    X(AGENT_DATA, "agent-data")   /* object: which 8 bytes of an agent's image; arg: those bytes */  \
    X(AGENT_LOAD, "agent-load")   /* arg: bytes of the image: from now on the agent schedules */     \
    X(AGENT_EJECT, "agent-eject") /* it schedules no more */                                       \
    X(CAP_MINT, "cap-mint")       /* task: owner, NONE: host; object; other: badge; arg: rights */ \
    X(CAP_DERIVE, "cap-derive")   /* task: owner; arg: handle; object: rights to keep; other: badge */ \
    X(CAP_TRANSFER, "cap-transfer") /* task: owner; arg: handle; object: new owner */              \
    X(CAP_REVOKE, "cap-revoke")   /* task: owner; arg: handle: all that was derived from it goes */ \
    X(CAP_DELETE, "cap-delete")   /* task: owner; arg: handle */                                   \
    X(ACCESS, "access")           /* task; arg: handle; object; other: rights: may it? */

enum aur_event_kind {
    AUR_EV_NONE,
#define X(name, text) AUR_EV_##name,
    AUR_EVENT_TABLE(X)
#undef X
    AUR_EV_COUNT
};

// name, text; cpu is the CPU that the host must act on.
#define AUR_ACTION_TABLE(X)                                                                        \
    X(RUN, "run")         /* switch cpu to task, or to idle if NONE; object: the task it left */   \
    X(RESCHED, "resched") /* bring cpu to a scheduling point and post DISPATCH there */            \
    X(ARM, "arm")         /* post TIMER on cpu at arg; replaces the earlier one */                 \
    X(WOKE, "woke")       /* task is runnable on cpu; object: enum aur_wake_reason */              \
    X(SLEPT, "slept")     /* task, curr, is blocked: its lock, wait, barrier or down takes time */ \
    X(MIGRATE, "migrate") /* task's runqueue is now cpu's; object: the CPU it left */              \
    X(MADE, "made")       /* task: the index of the task, object or group made; of a capability, */ \
                          /* NONE if the table is full; arg: its handle */                         \
    X(EXITED, "exited")   /* task's slot is free again */                                          \
    X(AGAIN, "again")     /* not all fitted into one step: post the same event again, at once */    \
    X(ALLOWED, "allowed") /* task may; object; arg: the capability's badge */                        \
    X(DENIED, "denied")   /* task may not; object: enum aur_cap_denial; arg: handle */               \
    X(EJECTED, "ejected") /* the agent; object: enum aur_ext_reason; task: whom it concerned, or NONE */

enum aur_action_kind {
    AUR_ACT_BASE = 64, // the record's kind byte holds event and action kinds
#define X(name, text) AUR_ACT_##name,
    AUR_ACTION_TABLE(X)
#undef X
    AUR_ACT_END
};
// clang-format on

#define AUR_ACT_COUNT (AUR_ACT_END - AUR_ACT_BASE) // 1 more than the kinds, like AUR_EV_COUNT

enum aur_wake_reason {
    AUR_WOKE_EVENT,   // WAKE, SIGNAL, UP, UNLOCK, the last at a BARRIER
    AUR_WOKE_TIMEOUT, // the instant given to BLOCK, LOCK, WAIT or DOWN came first
    AUR_WOKE_START    // TASK_START
};

// In `other` of WAKE, SIGNAL, BROADCAST and UP.
enum aur_wake_flag {
    AUR_WAKE_SYNC = 1 // the waker is about to block: the woken may have its CPU (Linux's WF_SYNC)
};

// Who has a mutex after an unlock. A task that was woken for a mutex of the kind BARGE has it as
// its wait_mutex and must LOCK it before it does anything else.
enum aur_mutex_kind {
    AUR_MUTEX_HAND_OVER, // the first who waits, at once
    AUR_MUTEX_INHERIT,   // likewise; until then its holder has the rank of the most urgent waiter
    AUR_MUTEX_BARGE      // whoever locks it next: the first who waits is woken to try (a futex)
};

enum aur_object_kind {
    AUR_OBJECT_FREE,
    AUR_OBJECT_MUTEX,    // parameter: enum aur_mutex_kind
    AUR_OBJECT_COND,     // parameter: unused
    AUR_OBJECT_BARRIER,  // parameter: how many tasks it holds back, at least 1
    AUR_OBJECT_SEMAPHORE // parameter: initial count
};

// One event or one action, 32 bytes, the unit of the log. The log of a step is the event's
// record followed by its action records.
struct aur_record {
    uint64_t now_ns; // instant of the event; its actions repeat it
    uint64_t arg;
    uint32_t task;
    uint32_t object;
    uint32_t other;
    uint16_t cpu;
    uint8_t kind;    // enum aur_event_kind or enum aur_action_kind
    uint8_t actions; // of an event in the log: how many action records follow; else 0
};

// The texts of the two tables, e.g. "task-new"; "unknown" for a kind in neither.
const char *aur_record_kind_text(uint8_t kind);

// Those that are refused unless their task is curr.
#define AUR_EVENTS_OF_CURR                                                                         \
    (1ull << AUR_EV_BLOCK | 1ull << AUR_EV_YIELD | 1ull << AUR_EV_EXIT | 1ull << AUR_EV_LOCK |     \
     1ull << AUR_EV_UNLOCK | 1ull << AUR_EV_WAIT | 1ull << AUR_EV_BARRIER | 1ull << AUR_EV_DOWN)

static inline int aur_event_is_of_curr(uint8_t kind)
{
    return kind < AUR_EV_COUNT && AUR_EVENTS_OF_CURR >> kind & 1;
}

static inline int aur_record_is_action(const struct aur_record *record)
{
    return record->kind > AUR_ACT_BASE;
}

#endif
