#include "export/perfetto.h"

#include <aurora/task.h>

#include "export/protobuf.h"

// Field numbers, from the .proto files below protos/perfetto/trace/ of github.com/google/perfetto.
enum field {
    TRACE_PACKET = 1, // trace.proto

    PACKET_FTRACE_EVENTS = 1, // trace_packet.proto
    PACKET_PROCESS_TREE = 2,
    PACKET_TIMESTAMP = 8,
    PACKET_SEQUENCE_ID = 10, // trusted_packet_sequence_id
    PACKET_SEQUENCE_FLAGS = 13,
    PACKET_FIRST_ON_SEQUENCE = 87,

    TREE_PROCESSES = 1, // ps/process_tree.proto
    TREE_THREADS = 2,
    PROCESS_PID = 1,
    PROCESS_PPID = 2,
    PROCESS_CMDLINE = 3,
    THREAD_TID = 1,
    THREAD_NAME = 2,
    THREAD_TGID = 3,

    BUNDLE_CPU = 1, // ftrace/ftrace_event_bundle.proto
    BUNDLE_EVENT = 2,

    EVENT_TIMESTAMP = 1, // ftrace/ftrace_event.proto
    EVENT_PID = 2,
    EVENT_SCHED_SWITCH = 4,
    EVENT_SCHED_WAKING = 20,

    SWITCH_PREV_COMM = 1, // ftrace/sched.proto, SchedSwitchFtraceEvent
    SWITCH_PREV_PID = 2,
    SWITCH_PREV_PRIO = 3,
    SWITCH_PREV_STATE = 4,
    SWITCH_NEXT_COMM = 5,
    SWITCH_NEXT_PID = 6,
    SWITCH_NEXT_PRIO = 7,

    WAKING_COMM = 1, // the same, SchedWakingFtraceEvent
    WAKING_PID = 2,
    WAKING_PRIO = 3,
    WAKING_SUCCESS = 4,
    WAKING_TARGET_CPU = 5
};

#define SEQUENCE_ID   1u
#define STATE_CLEARED 1u // trace_packet.proto, SEQ_INCREMENTAL_STATE_CLEARED

// prev_state as Perfetto reads it in a trace that names no kernel version, which is as Linux 4.4
// wrote it (src/trace_processor/types/task_state.cc, include/linux/sched.h of that version).
#define STATE_RUNNABLE  0
#define STATE_SLEEPING  1
#define STATE_DEAD      16
#define STATE_PREEMPTED 2048

// Events wait here until a bundle is worth its header, yet not so long that CPUs drift apart.
#define BUNDLE_BYTES (64u << 10)

struct perfetto {
    const struct aur_export_input *input;
    struct aur_export_file file;
    struct aur_failure *failure;
    struct aur_proto bundles[AUR_CPUS_MAX]; // the events of each CPU not yet written
    struct aur_proto event, detail, packet, head;
    bool begun;
};

static uint64_t pid_of(const struct aur_timeline_task *task)
{
    return task->task == AUR_NONE ? 0 : (uint64_t)task->life + 1;
}

// Linux's scale (kernel/sched/core.c __normal_prio): -1 deadline, 0 to 98 real-time, 100 to 139.
static int64_t priority_of(const struct aur_timeline_task *task)
{
    if (task->task == AUR_NONE)
        return 120;
    switch (task->kind & 0xff) {
    case AUR_POLICY_DEADLINE:
        return -1;
    case AUR_POLICY_FIFO:
    case AUR_POLICY_RR:
        return 99 - (int64_t)(task->kind >> 16 & 0xff);
    default:
        return 100 + (int64_t)(task->kind >> 8 & 0xff);
    }
}

static const char *name_of(struct perfetto *p, const struct aur_timeline_task *task, uint32_t cpu,
                           char *scratch)
{
    if (task->task != AUR_NONE)
        return aur_export_task_name(p->input, task, scratch);
    snprintf(scratch, AUR_EXPORT_NAME, "swapper/%u", cpu);
    return scratch;
}

// Writes p->packet as the next packet of the trace.
static bool put_packet(struct perfetto *p)
{
    aur_proto_uint(&p->packet, PACKET_SEQUENCE_ID, SEQUENCE_ID);
    if (!p->begun) {
        aur_proto_uint(&p->packet, PACKET_SEQUENCE_FLAGS, STATE_CLEARED);
        aur_proto_uint(&p->packet, PACKET_FIRST_ON_SEQUENCE, 1);
        p->begun = true;
    }
    aur_proto_clear(&p->head);
    aur_proto_number(&p->head, TRACE_PACKET << 3 | AUR_PROTO_BYTES);
    aur_proto_number(&p->head, p->packet.size);
    if (p->packet.lost || p->head.lost)
        return aur_fail(p->failure, NULL, 0, "out of memory for the trace of Perfetto");
    fwrite(p->head.bytes, 1, p->head.size, p->file.out);
    fwrite(p->packet.bytes, 1, p->packet.size, p->file.out);
    aur_proto_clear(&p->packet);
    return aur_export_sound(&p->file);
}

static bool put_bundles(struct perfetto *p)
{
    for (uint32_t cpu = 0; cpu < AUR_CPUS_MAX; cpu++) {
        struct aur_proto *events = &p->bundles[cpu];
        if (events->size == 0)
            continue;
        aur_proto_clear(&p->detail);
        aur_proto_uint(&p->detail, BUNDLE_CPU, cpu);
        aur_proto_raw(&p->detail, events->bytes, events->size);
        p->detail.lost |= events->lost;
        aur_proto_message(&p->packet, PACKET_FTRACE_EVENTS, &p->detail);
        aur_proto_clear(events);
        if (!put_packet(p))
            return false;
    }
    return true;
}

// Adds an event, its p->detail, to the bundle of a CPU.
static bool put_event(struct perfetto *p, uint32_t cpu, uint64_t now_ns, uint64_t pid,
                      enum field kind)
{
    aur_proto_clear(&p->event);
    aur_proto_uint(&p->event, EVENT_TIMESTAMP, now_ns);
    aur_proto_uint(&p->event, EVENT_PID, pid);
    aur_proto_message(&p->event, kind, &p->detail);
    aur_proto_message(&p->bundles[cpu], BUNDLE_EVENT, &p->event);
    aur_proto_clear(&p->detail);
    return p->bundles[cpu].size < BUNDLE_BYTES || put_bundles(p);
}

static bool put_switch(void *context, const struct aur_timeline_switch *change)
{
    static const int64_t states[] = {[AUR_SLICE_PREEMPTED] = STATE_PREEMPTED,
                                     [AUR_SLICE_YIELDED] = STATE_RUNNABLE,
                                     [AUR_SLICE_BLOCKED] = STATE_SLEEPING,
                                     [AUR_SLICE_EXITED] = STATE_DEAD,
                                     [AUR_SLICE_OPEN] = STATE_RUNNABLE};
    struct perfetto *p = context;
    char scratch[AUR_EXPORT_NAME];
    struct aur_proto *m = &p->detail;
    aur_proto_clear(m);
    aur_proto_string(m, SWITCH_PREV_COMM, name_of(p, &change->previous, change->cpu, scratch));
    aur_proto_uint(m, SWITCH_PREV_PID, pid_of(&change->previous));
    aur_proto_int(m, SWITCH_PREV_PRIO, priority_of(&change->previous));
    aur_proto_int(m, SWITCH_PREV_STATE, states[change->end]);
    aur_proto_string(m, SWITCH_NEXT_COMM, name_of(p, &change->next, change->cpu, scratch));
    aur_proto_uint(m, SWITCH_NEXT_PID, pid_of(&change->next));
    aur_proto_int(m, SWITCH_NEXT_PRIO, priority_of(&change->next));
    return put_event(p, change->cpu, change->now_ns, pid_of(&change->previous), EVENT_SCHED_SWITCH);
}

static bool put_waking(void *context, const struct aur_timeline_wake *wake)
{
    struct perfetto *p = context;
    char scratch[AUR_EXPORT_NAME];
    struct aur_proto *m = &p->detail;
    aur_proto_clear(m);
    aur_proto_string(m, WAKING_COMM, name_of(p, &wake->task, wake->cpu, scratch));
    aur_proto_uint(m, WAKING_PID, pid_of(&wake->task));
    aur_proto_int(m, WAKING_PRIO, priority_of(&wake->task));
    aur_proto_uint(m, WAKING_SUCCESS, 1);
    aur_proto_uint(m, WAKING_TARGET_CPU, wake->cpu);
    // Perfetto orders events of one instant by CPU. A wake in the instant in which the task went
    // to sleep on a higher CPU would come before that sleep, and be forgotten.
    bool tie = wake->off_ns == wake->now_ns && wake->off_cpu > wake->waker_cpu;
    return put_event(p, tie ? wake->off_cpu : wake->waker_cpu, wake->now_ns, pid_of(&wake->waker),
                     EVENT_SCHED_WAKING);
}

static bool put_birth(void *context, uint64_t now_ns, const struct aur_timeline_task *task)
{
    struct perfetto *p = context;
    char scratch[AUR_EXPORT_NAME];
    const char *name = aur_export_task_name(p->input, task, scratch);
    aur_proto_clear(&p->event);
    aur_proto_clear(&p->detail);
    aur_proto_uint(&p->detail, PROCESS_PID, pid_of(task));
    aur_proto_uint(&p->detail, PROCESS_PPID, 0);
    aur_proto_string(&p->detail, PROCESS_CMDLINE, name);
    aur_proto_message(&p->event, TREE_PROCESSES, &p->detail);
    aur_proto_clear(&p->detail);
    aur_proto_uint(&p->detail, THREAD_TID, pid_of(task));
    aur_proto_string(&p->detail, THREAD_NAME, name);
    aur_proto_uint(&p->detail, THREAD_TGID, pid_of(task));
    aur_proto_message(&p->event, TREE_THREADS, &p->detail);
    aur_proto_uint(&p->packet, PACKET_TIMESTAMP, now_ns);
    aur_proto_message(&p->packet, PACKET_PROCESS_TREE, &p->event);
    return put_packet(p);
}

bool aur_export_perfetto(const struct aur_export_input *input, FILE *out, const char *path,
                         struct aur_failure *failure)
{
    struct perfetto p = {.input = input, .file = {.out = out, .path = path}, .failure = failure};
    const struct aur_timeline_view view = {
        .context = &p, .born = put_birth, .switched = put_switch, .woken = put_waking};
    bool done = aur_export_run(input, &view, failure) && put_bundles(&p);
    for (uint32_t cpu = 0; cpu < AUR_CPUS_MAX; cpu++)
        aur_proto_free(&p.bundles[cpu]);
    aur_proto_free(&p.event);
    aur_proto_free(&p.detail);
    aur_proto_free(&p.packet);
    aur_proto_free(&p.head);
    return aur_export_end(&p.file, done, failure);
}
