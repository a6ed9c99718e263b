// What an agent that schedules includes: the names of Linux's sched_ext (kernel/sched/ext.c,
// tools/sched_ext/include/scx/common.bpf.h) for what Aurora has of it. Compile with
//
//     clang -target bpf -O2 -g -c fifo.c -o fifo.o
#ifndef AURORA_AGENTS_SCX_H
#define AURORA_AGENTS_SCX_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef signed short s16;
typedef signed int s32;
typedef signed long long s64;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

#define SEC(name) __attribute__((section(name), used))
#define __ksym    __attribute__((section(".ksyms")))

// Maps, described as libbpf has it.
#define __uint(name, value)       int(*name)[value]
#define __type(name, value)       typeof(value) *name
#define BPF_MAP_TYPE_HASH         1
#define BPF_MAP_TYPE_ARRAY        2
#define BPF_MAP_TYPE_PERCPU_ARRAY 6
#define BPF_MAP_TYPE_RINGBUF      27
#define BPF_MAP_TYPE_TASK_STORAGE 29

// A task as an agent sees it (aurora/ext.h). Only scx.slice and scx.dsq_vtime may be written.
struct task_struct {
    struct {
        u64 slice;     // ns
        u64 dsq_vtime; // the agent's
    } scx;
    u64 sum_exec_runtime; // ns
    u64 demand_ns;        // CPU time of its burst, where the workload declares it; else 0
    u64 cpus_mask;
    u32 pid;
    u32 weight; // 100 is nice 0
    u32 cpu;
    u32 nr_cpus_allowed;
    s32 nice;
    u32 policy;
};

enum {
    SCX_ENQ_WAKEUP = 1,
    SCX_ENQ_HEAD = 1 << 4,
    SCX_KICK_IDLE = 1,
    SCX_KICK_PREEMPT = 2,
    SCX_WAKE_FORK = 4,
    SCX_WAKE_TTWU = 8,
    SCX_WAKE_SYNC = 16
};
#define SCX_ENQ_PREEMPT  (1ull << 32)
#define SCX_SLICE_DFL    20000000ull
#define SCX_SLICE_INF    (~0ull)
#define SCX_DSQ_GLOBAL   (1ull << 63 | 1)
#define SCX_DSQ_LOCAL    (1ull << 63 | 2)
#define SCX_DSQ_LOCAL_ON (1ull << 63 | 1ull << 62) // | cpu

// Helpers by number, and by name.
static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value,
                                         u64 flags) = (void *)2;
static long (*const bpf_map_delete_elem)(void *map, const void *key) = (void *)3;
static u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static u32 (*const bpf_get_prandom_u32)(void) = (void *)7;
static u32 (*const bpf_get_smp_processor_id)(void) = (void *)8;
static long (*const bpf_ringbuf_output)(void *map, const void *data, u64 size,
                                        u64 flags) = (void *)130;
static void *(*const bpf_task_storage_get)(void *map, struct task_struct *p, void *value,
                                           u64 flags) = (void *)156;

s32 scx_bpf_create_dsq(u64 dsq_id, s32 node) __ksym;
void scx_bpf_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) __ksym;
void scx_bpf_dsq_insert_vtime(struct task_struct *p, u64 dsq_id, u64 slice, u64 vtime,
                              u64 enq_flags) __ksym;
bool scx_bpf_dsq_move_to_local(u64 dsq_id) __ksym;
s32 scx_bpf_dsq_nr_queued(u64 dsq_id) __ksym;
u32 scx_bpf_dispatch_nr_slots(void) __ksym;
s32 scx_bpf_select_cpu_dfl(struct task_struct *p, s32 prev_cpu, u64 wake_flags,
                           bool *is_idle) __ksym;
bool scx_bpf_test_and_clear_cpu_idle(s32 cpu) __ksym;
void scx_bpf_kick_cpu(s32 cpu, u64 flags) __ksym;
u32 scx_bpf_nr_cpu_ids(void) __ksym;
s32 scx_bpf_task_cpu(const struct task_struct *p) __ksym;
bool scx_bpf_task_running(const struct task_struct *p) __ksym;
u64 scx_bpf_now(void) __ksym;
struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
void bpf_task_release(struct task_struct *p) __ksym;

static inline bool time_before(u64 a, u64 b)
{
    return (s64)(a - b) < 0;
}

// An operation: its arguments come as an array of 64-bit numbers.
//
//     void BPF_STRUCT_OPS(fifo_enqueue, struct task_struct *p, u64 enq_flags) { ... }
#define BPF_STRUCT_OPS(name, ...)                                                                  \
    name(u64 *ctx);                                                                                \
    static inline                                                                                  \
        __attribute__((always_inline)) typeof(name(0)) ____##name(u64 *ctx, ##__VA_ARGS__);        \
    SEC("struct_ops/" #name)                                                                       \
    typeof(name(0)) name(u64 *ctx)                                                                 \
    {                                                                                              \
        _Pragma("GCC diagnostic push")                                                             \
            _Pragma("GCC diagnostic ignored \"-Wint-conversion\"") return ____##name(              \
                ctx SCX_CAST(__VA_ARGS__));                                                        \
        _Pragma("GCC diagnostic pop")                                                              \
    }                                                                                              \
    static inline __attribute__((always_inline)) typeof(name(0)) ____##name(u64 *ctx, ##__VA_ARGS__)

// ctx[0], ctx[1], ... as many as there are parameters; each is converted to its parameter's type.
#define SCX_COUNT(...)                         SCX_COUNT_(0, ##__VA_ARGS__, 3, 2, 1, 0)
#define SCX_COUNT_(_0, _1, _2, _3, count, ...) count
#define SCX_JOIN(a, b)                         SCX_JOIN_(a, b)
#define SCX_JOIN_(a, b)                        a##b
#define SCX_CAST(...)                          SCX_JOIN(SCX_CAST_, SCX_COUNT(__VA_ARGS__))
#define SCX_CAST_0
#define SCX_CAST_1 , (void *)ctx[0]
#define SCX_CAST_2 , (void *)ctx[0], (void *)ctx[1]
#define SCX_CAST_3 , (void *)ctx[0], (void *)ctx[1], (void *)ctx[2]

// Which function is which operation: those of struct sched_ext_ops that Aurora has, and `access`.
//
//     SCX_OPS_DEFINE(fifo_ops, .enqueue = (void *)fifo_enqueue, .name = "fifo");
struct sched_ext_ops {
    s32 (*select_cpu)(struct task_struct *p, s32 prev_cpu, u64 wake_flags);
    void (*enqueue)(struct task_struct *p, u64 enq_flags);
    void (*dispatch)(s32 cpu, struct task_struct *prev);
    void (*tick)(struct task_struct *p);
    void (*running)(struct task_struct *p);
    void (*stopping)(struct task_struct *p, bool runnable);
    s32 (*init_task)(struct task_struct *p);
    void (*enable)(struct task_struct *p);
    s32 (*access)(struct task_struct *p, u64 object, u64 rights);
    s32 (*init)(void);
    void (*exit)(u64 reason, u64 detail);
    char name[128];
};
#define SCX_OPS_DEFINE(ops, ...) SEC(".struct_ops.link") struct sched_ext_ops ops = {__VA_ARGS__}

#endif
