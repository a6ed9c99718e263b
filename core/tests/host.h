// A host in virtual time for the tests of the core: it posts events, carries the actions out as a
// machine would, and keeps books of its own. What the core says is compared with these books after
// every step; a second core that never sees a refused event must stay the same byte for byte.
#ifndef AURORA_CORE_TESTS_HOST_H
#define AURORA_CORE_TESTS_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <aurora/core.h>

#define HOST_RING 512u // records; small, so that it fills up
#define HOST_SEEN 5u

struct host_task {
    enum aur_task_state state;
    uint32_t cpu;    // its runqueue
    uint32_t on_cpu; // where it is loaded, or NONE
    bool started;
    uint64_t ran_ns, on_at_ns;
    uint64_t waited_ns, ready_at_ns;
    uint32_t switches, preemptions, migrations, wakeups;
    // What it does by itself: runs run_ns, then sleeps sleep_ns (NEVER: exits), again and again.
    uint64_t run_ns, sleep_ns;
    uint64_t period_ns;      // if not 0, it sleeps until the next multiple of this instead
    uint64_t done_at_ran_ns; // the burst ends when ran_ns gets here
};

struct host_cpu {
    uint32_t running;
    bool pending; // RESCHED has come and DISPATCH not yet
    uint64_t armed_at_ns;
    uint64_t waste_at_ns; // since when it idles beside a task that could run on it
};

struct host {
    struct aur_config config;
    size_t size;
    struct aur_core *core, *twin;
    void *core_block, *twin_block;
    struct aur_log log, twin_log;
    struct aur_record *history; // all that was logged
    size_t history_count, history_room;

    uint64_t now_ns;
    uint64_t next_tick_ns;
    uint32_t instants_left; // of one host_advance
    uint64_t online;        // mask of CPUs
    uint64_t steps, refused, dispatches, resched_count;
    uint32_t made;              // by the last *_NEW
    bool late;                  // DISPATCH and TIMER may come after their instant
    bool drains_late;           // the ring is drained only when it is full
    bool verbose;               // prints every step; from AUR_VERBOSE
    struct aur_actions actions; // of the last event, the last part if it took several
    struct host_cpu cpus[AUR_CPUS_MAX];
    struct host_task *tasks;

    // Called before and after each step that was taken in, for a twin of a class; may be NULL.
    void (*before)(struct host *host, const struct aur_record *event);
    void (*after)(struct host *host, const struct aur_record *event);
    void *watcher;
    uint64_t seen[HOST_SEEN]; // the watcher's counters

    char failure[256]; // the first broken promise, "" while all is well
};

// Returns false if the configuration is refused.
bool host_open(struct host *host, const struct aur_config *config);
void host_close(struct host *host);
// Hands over and loads the agent of that text (host_open does, with agent_scene_chosen, where the
// configuration has the class).
enum aur_status host_load(struct host *host, const char *text);
void host_fail(struct host *host, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Posts an event as it is, carries out its actions, and posts it again while the core says AGAIN.
enum aur_status host_post(struct host *host, const struct aur_record *event);

// The same, now. Fields that the event does not use are 0.
enum aur_status host_event(struct host *host, enum aur_event_kind kind, uint32_t cpu, uint32_t task,
                           uint32_t object, uint32_t other, uint64_t arg);

// Ends the instant: timers that are due fire and CPUs dispatch until nothing is pending.
void host_settle(struct host *host);

// Settles, then moves on to until_ns with ticks, timers and the tasks' own doings on the way. Stops
// early when instants_left, set to `instants`, has run out (0: no limit).
void host_advance(struct host *host, uint64_t until_ns, uint32_t instants);

// The lowest CPU that is online: where events happen that are of no CPU.
uint32_t host_cpu(const struct host *host);
// Makes a task or an object. The index, or NONE if refused.
uint32_t host_make(struct host *host, uint32_t kind, uint64_t affinity);
uint32_t host_object(struct host *host, enum aur_object_kind kind, uint64_t parameter);
// Makes and starts a task.
uint32_t host_spawn(struct host *host, uint32_t kind, uint64_t affinity);
void host_start(struct host *host, uint32_t task);
// From now on the task runs run_ns and sleeps sleep_ns in turn; NEVER: exits.
void host_cycle(struct host *host, uint32_t task, uint64_t run_ns, uint64_t sleep_ns);
// From now on it runs run_ns in each period, the multiples of period_ns.
void host_period(struct host *host, uint32_t task, uint64_t run_ns, uint64_t period_ns);

// An event of the running task, on the CPU where it runs.
enum aur_status host_by(struct host *host, enum aur_event_kind kind, uint32_t task, uint32_t object,
                        uint32_t other, uint64_t arg);

uint64_t host_ran_ns(const struct host *host, uint32_t task);
bool host_runs(const struct host *host, uint32_t task);

// Moves the core's block elsewhere and poisons its old place.
void host_relocate(struct host *host);

// Feeds the log to a fresh core: same actions, same digest, same bytes. Needs AUR_LOG_FULL.
void host_replay(struct host *host);

// books.c: what an event and its actions mean for the host's books, and the comparison.
bool host_allows(const struct host *host, uint32_t task, uint32_t cpu); // may it run there now?
void host_book_event(struct host *host, const struct aur_record *event);
void host_book_action(struct host *host, const struct aur_record *event,
                      const struct aur_record *action);
void host_compare(struct host *host);         // after each step
void host_compare_settled(struct host *host); // at the end of an instant

#endif
