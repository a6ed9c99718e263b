// First in, first out, over all CPUs: one shared queue, slices without end. After
// tools/sched_ext/scx_simple in its FIFO mode.
#include "scx.h"

#define SHARED 0

s32 BPF_STRUCT_OPS(fifo_init)
{
    return scx_bpf_create_dsq(SHARED, -1);
}

// An idle CPU takes it at once.
s32 BPF_STRUCT_OPS(fifo_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
    bool is_idle = false;
    s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);
    if (is_idle)
        scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_INF, 0);
    return cpu;
}

void BPF_STRUCT_OPS(fifo_enqueue, struct task_struct *p, u64 enq_flags)
{
    scx_bpf_dsq_insert(p, SHARED, SCX_SLICE_INF, enq_flags);
}

void BPF_STRUCT_OPS(fifo_dispatch, s32 cpu, struct task_struct *prev)
{
    scx_bpf_dsq_move_to_local(SHARED);
}

SCX_OPS_DEFINE(fifo_ops, .select_cpu = (void *)fifo_select_cpu, .enqueue = (void *)fifo_enqueue,
               .dispatch = (void *)fifo_dispatch, .init = (void *)fifo_init, .name = "fifo");
