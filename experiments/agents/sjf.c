// Shortest job first: the shortest declared burst goes first, and runs to its end. Bursts are what
// the workload declares; where it declares nothing they are expected to be as the last ones were,
// an exponential average (Silberschatz, Galvin, Gagne: Operating System Concepts, 5.3.2).
#include "scx.h"

#define SHARED 0

struct history {
    u64 expected_ns;
    u64 began_ns; // sum_exec_runtime when its burst began
};

struct {
    __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
    __type(key, int);
    __type(value, struct history);
} histories SEC(".maps");

s32 BPF_STRUCT_OPS(sjf_init)
{
    return scx_bpf_create_dsq(SHARED, -1);
}

s32 BPF_STRUCT_OPS(sjf_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
    bool is_idle = false;
    s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);
    if (is_idle)
        scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_INF, 0);
    return cpu;
}

void BPF_STRUCT_OPS(sjf_enqueue, struct task_struct *p, u64 enq_flags)
{
    struct history *history = bpf_task_storage_get(&histories, p, NULL, 0);
    u64 burst_ns = p->demand_ns;
    if (!burst_ns && history)
        burst_ns = history->expected_ns;
    scx_bpf_dsq_insert_vtime(p, SHARED, SCX_SLICE_INF, burst_ns, enq_flags);
}

void BPF_STRUCT_OPS(sjf_dispatch, s32 cpu, struct task_struct *prev)
{
    scx_bpf_dsq_move_to_local(SHARED);
}

// A burst is over when the task blocks.
void BPF_STRUCT_OPS(sjf_stopping, struct task_struct *p, bool runnable)
{
    struct history *history = bpf_task_storage_get(&histories, p, NULL, 0);
    if (runnable || !history)
        return;
    history->expected_ns = (history->expected_ns + p->sum_exec_runtime - history->began_ns) / 2;
    history->began_ns = p->sum_exec_runtime;
}

SCX_OPS_DEFINE(sjf_ops, .select_cpu = (void *)sjf_select_cpu, .enqueue = (void *)sjf_enqueue,
               .dispatch = (void *)sjf_dispatch, .stopping = (void *)sjf_stopping,
               .init = (void *)sjf_init, .name = "sjf");
