// The frame of the slow twins of fair classes: it watches a host whose tasks are all in the fair
// slot, follows what its events and actions mean for the queues of CPUs and of nested groups
// (sched/fair.h), and compares every DISPATCH and every request for one with what the rules of a
// class say of the entities of one queue. The rules are written from the class's definition, over
// arrays, with 128-bit integers. Nothing is counted as it changes: who is queued where, what a
// queue's load is and what a group weighs on a CPU is found by looking at all entities.
#ifndef AURORA_CORE_TESTS_FAIR_TWIN_H
#define AURORA_CORE_TESTS_FAIR_TWIN_H

#include "tests/host.h"

// Numbering, with C CPUs: entity t is a task, the one of group g on CPU c is TASKS + g * C + c;
// queue c is a CPU's, that of group g on CPU c is C + g * C + c.
#define FAIR_TWIN_TASKS      64u
#define FAIR_TWIN_ENTITIES   128u
#define FAIR_TWIN_QUEUES     128u
#define FAIR_TWIN_GROUPS_MAX 8u

typedef __int128 wide;

struct fair_twin_entity {
    bool queued;
    bool delayed;   // queued still, though it has blocked or run empty
    uint32_t queue; // it is in or was in last; of a group: its parent's, always
    uint32_t weight;
    uint64_t arrival; // in the order of who waits: breaks ties
    // What the rules keep. v: vruntime or pass, rest: the fraction of it; lag: of v, while away.
    wide v, rest, lag;
    wide deadline, protected_until, slice_ns;
    uint64_t used_ns, spent_ns, sequence;
    bool away; // lag is what counts, not v
};

struct fair_twin_queue {
    uint32_t curr; // on the path to the task that runs, or runs no more but has no successor yet
    // What the rules keep. v: min_vruntime or global pass.
    wide v, rest;
    uint32_t next, last, skip, winner;
    uint64_t stream, sequences;
    // Of a group's queue, of its quota.
    wide left_ns;
    bool throttled;
    uint64_t throttled_at_ns;
};

struct fair_twin_group {
    uint64_t quota_ns, period_ns;
    wide pool_ns;
    bool active, touched, distributing; // periods go on; the pool was used; it is handed out
    uint64_t refill_at_ns, slack_at_ns;
    uint32_t set_cpus; // that what was set holds on already
};

struct fair_twin_cpu {
    bool due;      // a DISPATCH is pending
    uint32_t task; // has it and has not blocked, or NONE; hidden it is not at the end of the path
    uint64_t clock_ns;
    wide cut_ns; // by which weights found new at a charge have cut the slice: its timer is set
};

enum fair_twin_move {
    FAIR_TWIN_START,
    FAIR_TWIN_SLEEP, // or the wake after it; of a group: it runs empty, or does so no more
    FAIR_TWIN_MIGRATE,
    FAIR_TWIN_CHANGE,  // leaves and comes back in one step
    FAIR_TWIN_REGROUP, // the same, to another group's queue
    FAIR_TWIN_EXIT
};

struct fair_twin {
    const struct fair_twin_rules *rules;
    const struct host *host;
    struct fair_twin_entity entities[FAIR_TWIN_ENTITIES];
    struct fair_twin_queue queues[FAIR_TWIN_QUEUES];
    struct fair_twin_cpu cpus[AUR_CPUS_MAX];
    struct fair_twin_group groups[FAIR_TWIN_GROUPS_MAX];
    uint64_t arrivals;
    uint64_t picks, preemptions, draws; // where there was a choice
    uint64_t nested, throttlings;       // picks of a task in a group, groups throttled on a CPU
    uint64_t delays, group_delays;
};

#define FAIR_TWIN_ENDLESS ((wide)1 << 100)

// Of one queue. `queued` and `curr` are as they were before join and after leave.
struct fair_twin_rules {
    void (*open)(struct fair_twin *twin, uint32_t queue);
    void (*made)(struct fair_twin *twin, uint32_t entity);
    void (*join)(struct fair_twin *twin, uint32_t queue, uint32_t entity, enum fair_twin_move how);
    void (*leave)(struct fair_twin *twin, uint32_t queue, uint32_t entity, enum fair_twin_move how);
    // These may all be NULL. Does the entity, about to leave for a sleep or empty, stay in,
    // delayed? It is to go for good, or goes on in place; it is queued before and after.
    bool (*delays)(struct fair_twin *twin, uint32_t queue, uint32_t entity);
    void (*let_go)(struct fair_twin *twin, uint32_t queue, uint32_t entity);
    void (*again)(struct fair_twin *twin, uint32_t queue, uint32_t entity);
    // Something in the own queue of `group`, which is in `queue` or not, is other than before.
    void (*changed)(struct fair_twin *twin, uint32_t queue, uint32_t group); // may be NULL
    // The entity, in its queue or not, is to have this weight; it has the old one still.
    void (*reweight)(struct fair_twin *twin, uint32_t entity, uint32_t weight);
    void (*charge)(struct fair_twin *twin, uint32_t queue, uint64_t ran_ns);
    uint32_t (*pick)(struct fair_twin *twin, uint32_t queue); // never without an entity
    void (*on)(struct fair_twin *twin, uint32_t queue, uint32_t entity);
    void (*off)(struct fair_twin *twin, uint32_t queue, uint32_t entity);
    // `woken` is the task just queued, or the group with it that competes with curr.
    bool (*preempts)(struct fair_twin *twin, uint32_t queue, uint32_t woken, uint32_t task);
    bool (*tick)(struct fair_twin *twin, uint32_t queue); // may be NULL
    wide (*left)(const struct fair_twin *twin, uint32_t queue);
    void (*yield)(struct fair_twin *twin, uint32_t queue);
};

extern const struct fair_twin_rules cfs_twin_rules, eevdf_twin_rules, lottery_twin_rules,
    stride_twin_rules;

// Those in a queue, curr included, and the sum of their weights.
uint32_t fair_twin_count(const struct fair_twin *twin, uint32_t queue);
wide fair_twin_load(const struct fair_twin *twin, uint32_t queue);
// The CPU of a queue, and the task at the end of the path of currs there, or NONE.
uint32_t fair_twin_cpu(const struct fair_twin *twin, uint32_t queue);
uint32_t fair_twin_running(const struct fair_twin *twin, uint32_t cpu);
uint32_t fair_twin_policy(const struct fair_twin *twin, uint32_t task);
uint64_t fair_twin_param(const struct fair_twin *twin, uint32_t index);

// Who runs may share its CPU only now, or with others of another weight.
void fair_twin_check_slice(struct fair_twin *twin, uint32_t cpu);

// What the random host may do besides waking, blocking, yielding, starting and ending tasks.
enum fair_twin_extent {
    FAIR_TWIN_PLAIN,
    FAIR_TWIN_CHANGES, // policies and affinities change while tasks are queued and running
    FAIR_TWIN_GROUPS,  // and groups of all weights come and go, and tasks move between them
    FAIR_TWIN_QUOTAS   // and the groups have quotas and periods
};

// Random runs of `class` with the twin beside it. Aborts the test where the two differ.
void fair_twin_random(const char *class, const struct fair_twin_rules *rules, uint64_t seed,
                      enum fair_twin_extent extent);

#endif
