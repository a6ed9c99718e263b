// Why did this task get the CPU? The answer as data: every candidate with the keys that its class
// orders by, who was picked, the rule that decided, and what the runner-up would have needed.
#ifndef AURORA_EXPLAIN_H
#define AURORA_EXPLAIN_H

#include <stddef.h>
#include <stdint.h>

#include <aurora/event.h>
#include <aurora/status.h>

struct aur_core;

// What a class orders by. name, text, unit. Units: ns (CPU or wall time), vns (virtual time: CPU
// time at weight 1024), "" a plain number. The comment says which way is better.
// clang-format off
#define AUR_KEY_TABLE(X)                                                                           \
    X(PRIORITY, "priority", "")              /* Linux's: higher is more urgent */                  \
    X(PLACE, "place", "")                    /* in its queue, 1 is the first */                    \
    X(LEVEL, "level", "")                    /* of mlfq: 0 is the highest */                       \
    X(TURN_LEFT, "turn left", "ns")          /* until an equal's turn comes */                     \
    X(ALLOTMENT_LEFT, "allotment left", "ns") /* until it falls a level */                         \
    X(VRUNTIME, "vruntime", "vns")           /* from the queue's least: less is more urgent */     \
    X(VIRTUAL_DEADLINE, "virtual deadline", "vns") /* from the same origin: less is more urgent */ \
    X(ELIGIBLE, "eligible", "")              /* 1: it has not had more than its share */           \
    X(LAG, "lag", "vns")                     /* what it is owed: eligible from 0 on */             \
    X(PROTECTED, "protected", "vns")         /* the running task keeps the CPU for that long */    \
    X(WEIGHT, "weight", "")                                                                        \
    X(PASS, "pass", "")                      /* of stride: less is more urgent */                  \
    X(STRIDE, "stride", "")                                                                        \
    X(TICKETS, "tickets", "")                /* of lottery: from this one on ... */                \
    X(TICKETS_END, "tickets end", "")        /* ... and up to before this one it wins */           \
    X(DRAW, "draw", "")                      /* of lottery: the winning ticket */                  \
    X(DEADLINE, "deadline", "ns")            /* from now: less is more urgent */                   \
    X(BUDGET, "budget", "ns")                /* left in this period */                             \
    X(PERIOD, "period", "ns")                /* rate-monotonic: less is more urgent */             \
    X(DEMAND, "demand", "ns")                /* of its burst; INT64_MAX: not declared, the last */ \
    X(REMAINING, "remaining", "ns")          /* of its burst; INT64_MAX: not declared, the last */ \
    X(QUEUE, "dispatch queue", "")           /* of the agent's: the id of the one that it is in */ \
    X(VTIME, "vtime", "")                    /* of the agent's */

enum aur_key {
    AUR_KEY_NONE,
#define X(name, text, unit) AUR_KEY_##name,
    AUR_KEY_TABLE(X)
#undef X
    AUR_KEY_COUNT
};

// Why the picked one went before the other. name, text ("P was picked: <text>").
#define AUR_RULE_TABLE(X)                                                                          \
    X(ALONE, "nobody else could run")                                                              \
    X(HIGHER_CLASS, "its class goes before the other's")                                           \
    X(FAIR_SERVER, "fair tasks are to have their time before real-time tasks now")                 \
    X(FIRST_COME, "it came first")                                                                 \
    X(PRIORITY, "its priority is higher")                                                          \
    X(TURN, "its turn is not over")                                                                \
    X(NEXT_TURN, "it is its turn: it has waited longest")                                          \
    X(LEVEL, "its level is higher")                                                                \
    X(VIRTUAL_DEADLINE, "it is eligible and has the earliest virtual deadline")                    \
    X(ELIGIBLE, "it is eligible, the other has had more than its share")                           \
    X(PROTECTED, "it runs on until its slice is protected no more")                                \
    X(VRUNTIME, "it has the least vruntime")                                                       \
    X(GRANULARITY, "the other's lead in vruntime is too small to preempt")                         \
    X(PASS, "it has the least pass")                                                               \
    X(DRAWN, "its ticket was drawn")                                                               \
    X(DEADLINE, "its deadline is the earliest")                                                    \
    X(PERIOD, "its period is the shortest")                                                        \
    X(BEGUN, "it has begun its burst and runs it to the end")                                      \
    X(DEMAND, "its burst is the shortest")                                                         \
    X(REMAINING, "least of its burst remains")                                                     \
    X(YIELDED, "the other has given up its turn")                                                  \
    X(TIE, "they are equal: the one that runs goes on, or the first in the queue")                 \
    X(DISPATCHED, "the agent has put it first into the CPU's local queue")

enum aur_rule {
    AUR_RULE_NONE,
#define X(name, text) AUR_RULE_##name,
    AUR_RULE_TABLE(X)
#undef X
    AUR_RULE_COUNT
};
// clang-format on

const char *aur_key_text(uint32_t key); // "unknown" for a number outside the table
const char *aur_key_unit(uint32_t key); // "" for a number outside the table
const char *aur_rule_text(uint32_t rule);

#define AUR_CANDIDATE_KEYS 8u

struct aur_candidate_key {
    uint32_t key; // enum aur_key
    uint32_t reserved;
    int64_t value;
};

enum aur_candidate_flag {
    AUR_CANDIDATE_RUNNING = 1,   // it had the CPU
    AUR_CANDIDATE_DELAYED = 2,   // blocked, but still in the queue to work off its lag
    AUR_CANDIDATE_THROTTLED = 4, // its group's quota or its own budget is used up
    AUR_CANDIDATE_BOOSTED = 8,   // ahead of its own policy by inheritance
    AUR_CANDIDATE_PULLED = 16    // it came from another CPU for this decision
};

// A task, or a group among the tasks and groups beside it. Those DELAYED or THROTTLED cannot run.
struct aur_candidate {
    uint32_t task;      // or NONE: this is a group
    uint32_t group;     // the group itself, or the one that the task is in; NONE: none
    uint32_t slot;      // enum aur_slot
    uint32_t flags;     // enum aur_candidate_flag
    uint64_t waited_ns; // runnable and not running
    uint32_t reserved;
    uint32_t key_count;
    struct aur_candidate_key keys[AUR_CANDIDATE_KEYS]; // the most important first
};

// Whose key would have had to differ.
enum aur_verdict_of {
    AUR_OF_OTHER, // the loser's
    AUR_OF_PICKED
};

// What decided between two, and what would have turned it: had `key` been `needs` instead of `has`
// (a little further still where a tie is the order's), the loser would have won. key is NONE where
// no single key would have done it.
struct aur_verdict {
    uint32_t rule; // enum aur_rule
    uint32_t key;  // enum aur_key
    uint32_t of;   // enum aur_verdict_of
    // Who was compared: the groups that hold the two where their paths part, and whose keys then
    // are meant; NONE: the task itself.
    uint32_t picked_group, other_group;
    uint32_t reserved;
    int64_t has, needs;
};

struct aur_explanation {
    uint64_t now_ns; // instant of the decision
    uint32_t cpu;
    uint32_t previous;  // who had the CPU, or NONE
    uint32_t picked;    // or NONE: the CPU goes idle
    uint32_t runner_up; // who would have been picked had `picked` exited just before; NONE: nobody
    struct aur_verdict verdict;
    uint32_t total; // candidates there are; those beyond `room` are not listed
    uint32_t count, room;
    uint32_t reserved;          // so that all but the pointer lies alike on every machine
    struct aur_candidate *list; // the host's, in the order of tasks, then of groups
};

// Explains the decision that `dispatch`, a DISPATCH event not before the state's time, would take
// now: the candidates as they are when the choice falls, tasks pulled for it included. If DISPATCH
// would ask to be posted again, it is the decision at the end. The core stays as it is; `scratch`
// is aur_core_size() bytes, aligned to 64, for working copies. The caller sets list and room.
// Errors: those of the event, BAD_EVENT if it is another. Cost: linear in tasks and groups.
enum aur_status aur_core_explain(const struct aur_core *core, void *scratch,
                                 const struct aur_record *dispatch,
                                 struct aur_explanation *explanation);

#endif
