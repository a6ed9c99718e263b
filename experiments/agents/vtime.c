// Weighted virtual time: the task that has had least for its weight goes first. After
// tools/sched_ext/scx_simple. As in Linux the next task is chosen before the one that runs is
// queued again, so that no task has two slices in a row while another waits.
#include "scx.h"

#define SHARED   0
#define SLICE_NS 3000000ull

static u64 vtime_now; // of the last one that began to run

s32 BPF_STRUCT_OPS(vtime_init)
{
    return scx_bpf_create_dsq(SHARED, -1);
}

s32 BPF_STRUCT_OPS(vtime_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
    bool is_idle = false;
    s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);
    if (is_idle)
        scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SLICE_NS, 0);
    return cpu;
}

// Who has slept has saved up one slice at most.
void BPF_STRUCT_OPS(vtime_enqueue, struct task_struct *p, u64 enq_flags)
{
    u64 vtime = p->scx.dsq_vtime;
    if (time_before(vtime, vtime_now - SLICE_NS))
        vtime = vtime_now - SLICE_NS;
    scx_bpf_dsq_insert_vtime(p, SHARED, SLICE_NS, vtime, enq_flags);
}

void BPF_STRUCT_OPS(vtime_dispatch, s32 cpu, struct task_struct *prev)
{
    scx_bpf_dsq_move_to_local(SHARED);
}

void BPF_STRUCT_OPS(vtime_running, struct task_struct *p)
{
    if (time_before(vtime_now, p->scx.dsq_vtime))
        vtime_now = p->scx.dsq_vtime;
}

// What is gone of the slice it has had.
void BPF_STRUCT_OPS(vtime_stopping, struct task_struct *p, bool runnable)
{
    p->scx.dsq_vtime += (SLICE_NS - p->scx.slice) * 100 / p->weight;
}

void BPF_STRUCT_OPS(vtime_enable, struct task_struct *p)
{
    p->scx.dsq_vtime = vtime_now;
}

SCX_OPS_DEFINE(vtime_ops, .select_cpu = (void *)vtime_select_cpu, .enqueue = (void *)vtime_enqueue,
               .dispatch = (void *)vtime_dispatch, .running = (void *)vtime_running,
               .stopping = (void *)vtime_stopping, .enable = (void *)vtime_enable,
               .init = (void *)vtime_init, .name = "vtime");
