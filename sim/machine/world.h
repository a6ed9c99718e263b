// The state of a run: what the host knows beside the core. Private to sim/machine.
#ifndef AURORA_SIM_WORLD_H
#define AURORA_SIM_WORLD_H

#include <aurora/core.h>

#include "engine/queue.h"
#include "engine/random.h"
#include "machine/simulate.h"

// Durations are below this and a run ends here at the latest: sums of three do not overflow.
#define AUR_TIME_END_NS (UINT64_C(1) << 62)

// Pending instants, one source each. Of one instant, the lower source comes first: work that is
// done by then is done before a tick can take the CPU away.
struct aur_sources {
    uint32_t burst;  // + cpu: the running task has computed what it was to compute
    uint32_t outage; // the next CPU to go off or come back
    uint32_t start;  // the next task to start with the run
    uint32_t timer;  // + cpu: what the core armed
    uint32_t tick;   // + cpu
    uint32_t warmup;
    uint32_t count;
};

// A task's place in its program.
struct aur_actor {
    uint32_t spec;
    uint32_t instance;
    uint32_t result; // index into results
    uint32_t pc;
    uint32_t loops[AUR_LOOP_DEPTH]; // turns left; UINT32_MAX: for ever
    uint32_t timers;                // first of its own timers
    uint16_t last_cpu;
    uint8_t depth;
    bool computed : 1;   // since its demand was told last
    bool fresh_wake : 1; // runnable by a wake, not by a preemption
    bool waited : 1;     // for its pipe, since its last message
    uint64_t burst_ns;   // CPU time still to compute before pc moves on; 0: pc is next
    uint64_t owed_ns;    // CPU time that its wake-ups cost, to be spent before it goes on
    uint64_t until_ns;   // RUNTIME: when it ends; 0: not in one
    uint64_t ready_ns;   // runnable since
    uint64_t release_ns; // of its current job
    uint64_t start_ns;
    struct aur_stream stream;
};

struct aur_host_cpu {
    uint32_t task;     // running, or NONE
    uint16_t computes; // its burst is armed
    uint16_t settles;  // that burst is only the rest of the switch: the op comes after it
    uint64_t from_ns;  // the burst advances from here on (behind the switch cost)
};

struct aur_timer_slot {
    uint64_t next_ns; // the release it stands at
    uint64_t started;
};

struct aur_start {
    uint64_t at_ns;
    uint32_t spec;
    uint32_t instance;
};

struct aur_world {
    const struct aur_inputs *inputs;
    const struct aur_workload *workload;
    const struct aur_simulate_options *options;
    struct aur_failure *failure;
    struct aur_run_result *result;
    struct aur_core *core;
    struct aur_image *agent; // of the run, or NULL
    struct aur_log log;
    struct aur_queue queue;
    struct aur_sources sources;
    uint64_t now_ns;
    uint64_t end_ns;
    uint64_t tick_phase_ns; // ticks are at this and every tick_ns after it
    bool demands;           // a class wants to be told what comes next
    uint64_t resched;       // CPUs to dispatch at this instant
    uint64_t stalled;       // CPUs whose task has not begun its next op
    struct aur_actions actions;
    uint32_t waker; // whose event is being carried out, or NONE
    struct aur_host_cpu cpus[AUR_CPUS_MAX];
    struct aur_actor *actors; // by the core's task number
    uint32_t capacity;
    uint32_t live;
    struct aur_start *start_order; // the tasks that start with the run
    uint32_t start_count, started;
    uint32_t *forks;               // by spec: the instance that its next fork is
    uint32_t *forked_result;       // by spec, or NONE
    struct aur_timer_slot *timers; // shared ones, then each task's own
    uint32_t timer_count, timer_room;
    struct aur_pipe *pipes; // by the number of the condition of their readers
    uint32_t *groups;       // by number in the workload - 1: the core's
    uint64_t device_free_ns;
    struct aur_task_result *baseline; // what tasks had at the end of the warm-up, or NULL
    struct aur_cpu_result cpu_baseline[AUR_CPUS_MAX]; // and CPUs
    uint64_t wakes, blocks, ticks;
    uint64_t state_at; // events after which the state is handed out next
    uint64_t idle_ops; // ops at this instant: a guard against endless loops
};

// agent.c: builds the run's agent for its machine, and says how much room it needs; hands it over.
bool aur_agent_prepare(struct aur_world *world, struct aur_config *config);
bool aur_agent_hand_over(struct aur_world *world);

// post.c: hands an event to the core and carries out what it answers. False: the run failed.
enum aur_status aur_post(struct aur_world *world, enum aur_event_kind kind, uint32_t cpu,
                         uint32_t task, uint32_t object, uint32_t other, uint64_t arg);
bool aur_must_post(struct aur_world *world, enum aur_event_kind kind, uint32_t cpu, uint32_t task,
                   uint32_t object, uint32_t other, uint64_t arg);
bool aur_drain_log(struct aur_world *world);

// outage.c: CPUs that go off and come back. Arms the next one at or after an instant.
void aur_outage_arm(struct aur_world *world, uint64_t from_ns);
bool aur_outage_begin_or_end(struct aur_world *world);
uint32_t aur_online_cpu(const struct aur_world *world); // the first that is

// launch.c: starts an instance of a spec.
bool aur_launch(struct aur_world *world, uint32_t cpu, uint32_t parent, uint32_t spec,
                uint32_t instance);
// The affinity mask of a task that may run anywhere.
uint64_t aur_every_cpu(const struct aur_world *world);

// demand.c: says what the task computes next; that it has just done the op `code`.
bool aur_tell_demand(struct aur_world *world, uint32_t cpu, uint32_t task);
bool aur_demand_after(struct aur_world *world, uint32_t cpu, uint32_t task, uint32_t code);
// The value of an op, drawn if it is random.
uint64_t aur_draw(const struct aur_workload *workload, struct aur_stream *stream,
                  const struct aur_op *op);

// execute.c: lets the running task of a CPU go on with its program.
bool aur_execute(struct aur_world *world, uint32_t cpu);
void aur_begin_burst(struct aur_world *world, uint32_t cpu);
bool aur_burst_done(struct aur_world *world, uint32_t cpu);
// Passes a LOOP or END.
void aur_turn_loop(struct aur_actor *actor, const struct aur_op *op);
// How long writing takes, at most the end of time.
uint64_t aur_transfer_ns(uint64_t bytes, uint64_t bytes_per_us);

// observe.c: what the metrics see.
void aur_observe_run(struct aur_world *world, uint32_t task);
void aur_observe_job(struct aur_world *world, struct aur_actor *actor, uint64_t deadline_at_ns);
void aur_observe_exit(struct aur_world *world, uint32_t task);
void aur_observe_warmup(struct aur_world *world);
void aur_observe_end(struct aur_world *world);

const char *aur_actor_name(const struct aur_world *world, uint32_t task);

#endif
