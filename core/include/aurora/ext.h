// An agent that schedules: Linux's sched_ext (kernel/sched/ext.c of 6.12 and later), with an
// agent's programs where Linux has those of a BPF scheduler.
//
// The host hands the image (aurora/agent.h) over as AGENT_DATA events, 8 bytes each (of the first
// agent those that are 0 may be left out), and posts AGENT_LOAD. From then on the tasks of the
// policies OTHER, BATCH and IDLE are the agent's (slot EXT). When it errs, lets a runnable task
// starve, or the host says so, it is ejected: the action EJECTED tells why, its tasks go back to
// the fair class, none is lost.
#ifndef AURORA_EXT_H
#define AURORA_EXT_H

#include <stdint.h>

// name, program, text. An agent has those it wants, as programs of these names, or of a name that
// ends with _ and one of these. Arguments come as an array of 64-bit numbers that r1 leads to, as
// for struct_ops programs of Linux; p and prev are addresses of struct aur_ext_task.
// clang-format off
#define AUR_EXT_OP_TABLE(X)                                                                        \
    X(SELECT_CPU, "select_cpu") /* p, prev_cpu, wake_flags: the CPU to wake it on */               \
    X(ENQUEUE, "enqueue")       /* p, enq_flags: it is runnable, queue it or remember it */        \
    X(DISPATCH, "dispatch")     /* cpu, prev or 0: the CPU's local queue is empty, fill it */      \
    X(RUNNING, "running")       /* p: it begins to run */                                          \
    X(STOPPING, "stopping")     /* p, runnable: it stops */                                        \
    X(TICK, "tick")             /* p, which runs */                                                \
    X(ENABLE, "enable")         /* p: it becomes the agent's */                                    \
    X(INIT_TASK, "init_task")   /* p: it exists; returns 0, else the agent is ejected */           \
    X(ACCESS, "access")         /* p or 0, object, rights that a capability gives: 0 it may */     \
    X(INIT, "init")             /* once, before all others; returns 0, else it is ejected */       \
    X(EXIT, "exit")             /* reason, detail: it was ejected */

enum aur_ext_op {
#define X(id, name) AUR_EXT_##id,
    AUR_EXT_OP_TABLE(X)
#undef X
    AUR_EXT_OPS
};

// Why an agent was ejected: object of the action EJECTED. Its task: whom it concerned, or NONE. Its
// arg: of a program's faults the enum aur_ext_op in the upper 32 bits and the instruction in the
// lower, else what was refused.
#define AUR_EXT_REASON_TABLE(X)                                                                    \
    X(NONE, "it was not ejected")                                                                  \
    X(ASKED, "the host asked for it")                                                              \
    X(STALLED, "a runnable task was not run for the time-out of the watchdog")                     \
    X(FAULT, "a program reached for memory or a map that it does not have, or nested too deep")    \
    X(FUEL, "a program ran out of fuel")                                                           \
    X(BAD_CPU, "it named a CPU that does not exist")                                               \
    X(BAD_TASK, "it handed over an address that is no task's")                                     \
    X(BAD_QUEUE, "it named a dispatch queue that does not exist, or used one in two ways")         \
    X(BAD_CALL, "it called a helper where that may not be called, or too often")                   \
    X(INIT, "its init returned an error")                                                          \
    X(INIT_TASK, "its init_task refused a task")

enum aur_ext_reason {
#define X(id, text) AUR_EXT_END_##id,
    AUR_EXT_REASON_TABLE(X)
#undef X
    AUR_EXT_REASONS
};
// clang-format on

const char *aur_ext_op_name(uint32_t op);         // "unknown" for a number outside the table
const char *aur_ext_reason_text(uint32_t reason); // likewise

// What an agent sees of a task, and in the first 16 bytes may change.
struct aur_ext_task {
    uint64_t slice_ns; // CPU time until others have their turn; AUR_EXT_SLICE_INF without end
    uint64_t vtime;    // what dsq_insert_vtime was told last; the agent's to use
    uint64_t run_ns;
    uint64_t demand_ns; // declared, of its burst
    uint64_t cpus;      // mask of those that it may use
    uint32_t pid;       // the task's number
    uint32_t weight;    // 100 is nice 0, as in Linux's cgroups
    uint32_t cpu;
    uint32_t cpu_count; // how many it may use
    int32_t nice;
    uint32_t policy;
};
#define AUR_EXT_TASK_WRITABLE 16u

#define AUR_EXT_CONTEXT_BYTES 32u // the arguments of a program: four at most

// Linux's numbers (enum scx_dsq_id_flags, scx_public_consts, scx_enq_flags, scx_kick_flags,
// scx_wake_flags).
#define AUR_EXT_DSQ_BUILTIN  (1ull << 63)
#define AUR_EXT_DSQ_GLOBAL   (AUR_EXT_DSQ_BUILTIN | 1)
#define AUR_EXT_DSQ_LOCAL    (AUR_EXT_DSQ_BUILTIN | 2)
#define AUR_EXT_DSQ_LOCAL_ON (AUR_EXT_DSQ_BUILTIN | 1ull << 62) // | cpu
#define AUR_EXT_SLICE_DFL_NS 20000000ull
#define AUR_EXT_SLICE_INF    UINT64_MAX
#define AUR_EXT_ENQ_WAKEUP   1ull
#define AUR_EXT_ENQ_HEAD     (1ull << 4)
#define AUR_EXT_ENQ_PREEMPT  (1ull << 32)
#define AUR_EXT_KICK_IDLE    1ull
#define AUR_EXT_KICK_PREEMPT 2ull
#define AUR_EXT_WAKE_FORK    4ull
#define AUR_EXT_WAKE_TTWU    8ull
#define AUR_EXT_WAKE_SYNC    16ull

#endif
