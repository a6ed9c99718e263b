// A central scheduler: one CPU decides for all. Tasks wait in one queue; CPU 0 hands them out to
// the queues of the others, which only take what they are given. After tools/sched_ext/scx_central.
#include "scx.h"

#define CENTRAL  0
#define SLICE_NS 5000000ull

s32 BPF_STRUCT_OPS(central_init)
{
    return 0;
}

// Each wakes on the central CPU, whose queue it goes through.
s32 BPF_STRUCT_OPS(central_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
    return p->cpus_mask & 1ull << CENTRAL ? CENTRAL : prev_cpu;
}

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __type(key, u32);
    __type(value, u32);
    __uint(max_entries, 4096);
} ring SEC(".maps"); // pids in the order of their arrival

static u32 head, tail;

void BPF_STRUCT_OPS(central_enqueue, struct task_struct *p, u64 enq_flags)
{
    // One that may not run everywhere, and what finds the ring full, goes the plain way.
    if (p->nr_cpus_allowed < scx_bpf_nr_cpu_ids() || tail - head == 4096) {
        scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SLICE_NS, enq_flags);
        return;
    }
    u32 at = tail % 4096, pid = p->pid;
    bpf_map_update_elem(&ring, &at, &pid, 0);
    tail++;
    scx_bpf_kick_cpu(CENTRAL, SCX_KICK_PREEMPT);
}

// Gives the CPU the next one, if there is one.
static bool give(s32 cpu)
{
    while (head != tail) {
        u32 at = head % 4096;
        u32 *pid = bpf_map_lookup_elem(&ring, &at);
        struct task_struct *p = pid ? bpf_task_from_pid(*pid) : NULL;
        head++;
        if (!p)
            continue; // it has exited meanwhile
        scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | cpu, SLICE_NS, 0);
        bpf_task_release(p);
        return true;
    }
    return false;
}

void BPF_STRUCT_OPS(central_dispatch, s32 cpu, struct task_struct *prev)
{
    if (cpu != CENTRAL) {
        scx_bpf_kick_cpu(CENTRAL, SCX_KICK_PREEMPT); // it is to be given something
        return;
    }
    u32 cpus = scx_bpf_nr_cpu_ids();
    for (u32 to = 0; to < cpus && scx_bpf_dispatch_nr_slots() > 0; to++)
        if (scx_bpf_dsq_nr_queued(SCX_DSQ_LOCAL_ON | to) == 0 && !give(to))
            return;
}

SCX_OPS_DEFINE(central_ops, .select_cpu = (void *)central_select_cpu,
               .enqueue = (void *)central_enqueue, .dispatch = (void *)central_dispatch,
               .init = (void *)central_init, .name = "central");
