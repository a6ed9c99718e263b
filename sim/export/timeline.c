#include "export/timeline.h"

#include <aurora/task.h>
#include <stdlib.h>
#include <string.h>

enum slot_state {
    UNSEEN,
    ASLEEP,
    WAITING,
    RUNNING, // on a CPU, although it may be about to leave it
    GONE
};

// What is known of a task slot.
struct aur_timeline_slot {
    struct aur_timeline_task task;
    enum slot_state state;
    enum aur_slice_end leaving; // RUNNING: why it will leave its CPU
    uint32_t cpu;               // of its runqueue
    uint32_t off_cpu;
    uint64_t since_ns; // WAITING: runnable
    uint64_t off_ns;
    uint64_t woken_ns; // NEVER: not since it ran last
    uint32_t waker_cpu;
    struct aur_timeline_task waker;
};

static const struct aur_timeline_task nobody = {AUR_NONE, AUR_NONE, 0};

const char *aur_slice_end_text(enum aur_slice_end end)
{
    switch (end) {
#define X(name, text)                                                                              \
    case AUR_SLICE_##name:                                                                         \
        return text;
        AUR_SLICE_END_TABLE(X)
#undef X
    }
    return "unknown";
}

void aur_timeline_init(struct aur_timeline *timeline, const struct aur_timeline_view *view)
{
    memset(timeline, 0, sizeof *timeline);
    timeline->view = *view;
    for (uint32_t cpu = 0; cpu < AUR_CPUS_MAX; cpu++) {
        timeline->cpus[cpu].slice.cpu = cpu;
        timeline->cpus[cpu].slice.task = nobody;
    }
}

void aur_timeline_free(struct aur_timeline *timeline)
{
    free(timeline->slots);
    memset(timeline, 0, sizeof *timeline);
}

static bool contradiction(const struct aur_timeline *timeline, struct aur_failure *failure,
                          const char *what)
{
    return aur_fail(failure, NULL, 0,
                    "the log contradicts itself in record %llu, at %llu ns: %s; run the experiment "
                    "again with --trace",
                    (unsigned long long)timeline->records, (unsigned long long)timeline->now_ns,
                    what);
}

static bool begin_life(struct aur_timeline *timeline, struct aur_timeline_slot *slot, uint32_t task,
                       uint32_t kind)
{
    *slot = (struct aur_timeline_slot){.task = {task, timeline->lives++, kind},
                                       .state = ASLEEP,
                                       .off_ns = AUR_NEVER_NS,
                                       .woken_ns = AUR_NEVER_NS,
                                       .waker = nobody};
    return !timeline->view.born ||
           timeline->view.born(timeline->view.context, timeline->now_ns, &slot->task);
}

// The place of a task, used or not; NULL with a failure.
static struct aur_timeline_slot *place(struct aur_timeline *timeline, uint32_t task,
                                       struct aur_failure *failure)
{
    if (task >= AUR_TASKS_MAX) {
        contradiction(timeline, failure, "there is no such task");
        return NULL;
    }
    if (task >= timeline->slot_count) {
        uint32_t count = timeline->slot_count ? timeline->slot_count : 64;
        while (count <= task)
            count *= 2;
        struct aur_timeline_slot *grown = realloc(timeline->slots, count * sizeof *grown);
        if (!grown) {
            aur_fail(failure, NULL, 0, "out of memory for %u tasks", count);
            return NULL;
        }
        memset(grown + timeline->slot_count, 0, (count - timeline->slot_count) * sizeof *grown);
        timeline->slots = grown;
        timeline->slot_count = count;
    }
    return &timeline->slots[task];
}

// The slot of a task that the log names; NULL with a failure, or if the view stopped the reading.
// A task that nobody made comes from before the log's beginning.
static struct aur_timeline_slot *find(struct aur_timeline *timeline, uint32_t task,
                                      struct aur_failure *failure)
{
    struct aur_timeline_slot *slot = place(timeline, task, failure);
    if (slot && (slot->state == UNSEEN || slot->state == GONE) &&
        !begin_life(timeline, slot, task, aur_task_kind(AUR_POLICY_OTHER, 0, 0)))
        return NULL;
    return slot;
}

static struct aur_timeline_task running_on(const struct aur_timeline *timeline, uint32_t cpu)
{
    return timeline->cpus[cpu].slice.task;
}

// Who wakes in this event: the running task for what a task does, else nobody.
static struct aur_timeline_task waker_of(const struct aur_timeline *timeline)
{
    switch (timeline->event.kind) {
    case AUR_EV_TASK_START:
    case AUR_EV_EXIT:
    case AUR_EV_UNLOCK:
    case AUR_EV_WAIT: // it lets go of the mutex
    case AUR_EV_SIGNAL:
    case AUR_EV_BROADCAST:
    case AUR_EV_BARRIER:
    case AUR_EV_UP:
        return running_on(timeline, timeline->event.cpu);
    default:
        return nobody;
    }
}

static bool end_wait(struct aur_timeline *timeline, const struct aur_timeline_slot *slot, bool open)
{
    struct aur_timeline_wait wait = {slot->task, slot->since_ns, timeline->now_ns, slot->cpu, open};
    return !timeline->view.wait || timeline->view.wait(timeline->view.context, &wait);
}

// Ends what runs on the CPU. The slot of its task is the caller's to change.
static bool end_slice(struct aur_timeline *timeline, uint32_t cpu, enum aur_slice_end end)
{
    struct aur_timeline_slice *slice = &timeline->cpus[cpu].slice;
    if (slice->task.task == AUR_NONE || !timeline->view.slice)
        return true;
    slice->task = timeline->slots[slice->task.task].task;
    slice->end_ns = timeline->now_ns;
    slice->end = end;
    return timeline->view.slice(timeline->view.context, slice);
}

static void begin_slice(struct aur_timeline *timeline, uint32_t cpu, struct aur_timeline_slot *slot)
{
    struct aur_timeline_slice *slice = &timeline->cpus[cpu].slice;
    *slice = (struct aur_timeline_slice){
        .cpu = cpu, .task = nobody, .woken_ns = AUR_NEVER_NS, .waker = nobody};
    if (!slot)
        return;
    slice->task = slot->task;
    slice->start_ns = timeline->now_ns;
    slice->wait_ns = slot->state == WAITING ? timeline->now_ns - slot->since_ns : 0;
    slice->woken_ns = slot->woken_ns;
    slice->waker_cpu = slot->waker_cpu;
    slice->waker = slot->waker;
    slot->state = RUNNING;
    slot->leaving = AUR_SLICE_PREEMPTED;
    slot->cpu = cpu;
    slot->off_ns = AUR_NEVER_NS;
    slot->woken_ns = AUR_NEVER_NS;
}

// The first time that the log says who runs on a CPU: it has done so since the log's beginning.
static bool assume(struct aur_timeline *timeline, uint32_t cpu, uint32_t task,
                   struct aur_failure *failure)
{
    struct aur_timeline_slot *slot = NULL;
    timeline->cpus[cpu].known = true;
    if (task == AUR_NONE)
        return true;
    if (!(slot = find(timeline, task, failure)))
        return false;
    if (slot->state == RUNNING)
        return contradiction(timeline, failure, "a task leaves a CPU while it runs on another");
    begin_slice(timeline, cpu, slot);
    timeline->cpus[cpu].slice.start_ns = timeline->first_ns;
    timeline->cpus[cpu].slice.wait_ns = 0;
    return true;
}

static bool take_run(struct aur_timeline *timeline, const struct aur_record *action,
                     struct aur_failure *failure)
{
    uint32_t cpu = action->cpu;
    struct aur_timeline_slot *previous = NULL, *next = NULL;
    if (!timeline->cpus[cpu].known && !assume(timeline, cpu, action->object, failure))
        return false;
    if (running_on(timeline, cpu).task != action->object)
        return contradiction(timeline, failure, "a CPU leaves a task that does not run there");
    if (action->task != AUR_NONE && !(next = find(timeline, action->task, failure)))
        return false;
    if (action->object != AUR_NONE)
        previous = &timeline->slots[action->object]; // found when it came; the array may have moved
    if (previous == next) { // it was about to leave and was woken before it could
        if (next) {
            next->leaving = AUR_SLICE_PREEMPTED;
            next->woken_ns = AUR_NEVER_NS;
        }
        return true;
    }
    if (next && next->state == RUNNING)
        return contradiction(timeline, failure, "a task begins to run on two CPUs");

    struct aur_timeline_switch change = {.now_ns = timeline->now_ns,
                                         .cpu = cpu,
                                         .end = previous ? previous->leaving : AUR_SLICE_OPEN,
                                         .previous = previous ? previous->task : nobody,
                                         .next = next ? next->task : nobody};
    if (timeline->view.switched && !timeline->view.switched(timeline->view.context, &change))
        return false;
    if (!end_slice(timeline, cpu, change.end) ||
        (next && next->state == WAITING && !end_wait(timeline, next, false)))
        return false;
    if (previous) {
        bool stays = change.end == AUR_SLICE_PREEMPTED || change.end == AUR_SLICE_YIELDED;
        previous->state = stays ? WAITING : ASLEEP;
        previous->since_ns = timeline->now_ns;
        previous->off_ns = timeline->now_ns;
        previous->off_cpu = cpu;
    }
    begin_slice(timeline, cpu, next);
    return true;
}

static bool take_woke(struct aur_timeline *timeline, const struct aur_record *action,
                      struct aur_failure *failure)
{
    struct aur_timeline_slot *slot = find(timeline, action->task, failure);
    if (!slot)
        return false;
    struct aur_timeline_wake wake = {.now_ns = timeline->now_ns,
                                     .cpu = action->cpu,
                                     .waker_cpu = timeline->event.cpu,
                                     .reason = action->object,
                                     .task = slot->task,
                                     .waker = waker_of(timeline),
                                     .off_ns = slot->off_ns,
                                     .off_cpu = slot->off_cpu};
    if (slot->state == RUNNING) {
        slot->leaving = AUR_SLICE_PREEMPTED;
    } else {
        slot->state = WAITING;
        slot->since_ns = timeline->now_ns;
    }
    slot->cpu = action->cpu;
    slot->woken_ns = timeline->now_ns;
    slot->waker_cpu = wake.waker_cpu;
    slot->waker = wake.waker;
    return !timeline->view.woken || timeline->view.woken(timeline->view.context, &wake);
}

// The task is about to leave its CPU, or, with PREEMPTED, is not any more.
static void set_leaving(struct aur_timeline *timeline, uint32_t task, enum aur_slice_end why)
{
    if (task < timeline->slot_count && timeline->slots[task].state == RUNNING)
        timeline->slots[task].leaving = why;
}

static bool take_action(struct aur_timeline *timeline, const struct aur_record *action,
                        struct aur_failure *failure)
{
    struct aur_timeline_slot *slot;
    switch (action->kind) {
    case AUR_ACT_RUN:
        return take_run(timeline, action, failure);
    case AUR_ACT_WOKE:
        return take_woke(timeline, action, failure);
    case AUR_ACT_SLEPT:
        set_leaving(timeline, action->task, AUR_SLICE_BLOCKED);
        return true;
    case AUR_ACT_MIGRATE:
        if (!(slot = find(timeline, action->task, failure)))
            return false;
        slot->cpu = action->cpu;
        return true;
    case AUR_ACT_MADE:
        if (timeline->event.kind != AUR_EV_TASK_NEW)
            return true;
        if (!(slot = place(timeline, action->task, failure)))
            return false;
        if (slot->state != UNSEEN && slot->state != GONE)
            return contradiction(timeline, failure, "a task is made in the slot of a living one");
        return begin_life(timeline, slot, action->task, timeline->event.object);
    case AUR_ACT_EXITED:
        if (!(slot = find(timeline, action->task, failure)))
            return false;
        if (slot->state == RUNNING)
            return contradiction(timeline, failure, "a task is gone while it runs");
        slot->state = GONE;
        return true;
    default:
        return true;
    }
}

static bool take_event(struct aur_timeline *timeline, const struct aur_record *event,
                       struct aur_failure *failure)
{
    struct aur_timeline_slot *slot;
    timeline->event = *event;
    timeline->actions = event->actions;
    if (!timeline->cpus[event->cpu].known && aur_event_is_of_curr(event->kind) &&
        !assume(timeline, event->cpu, event->task, failure))
        return false;
    switch (event->kind) {
    case AUR_EV_TASK_SET:
        if (event->object != AUR_ATTR_POLICY)
            return true;
        if (!(slot = find(timeline, event->task, failure)))
            return false;
        slot->task.kind = (uint32_t)event->arg;
        return true;
    case AUR_EV_YIELD:
        set_leaving(timeline, event->task, AUR_SLICE_YIELDED);
        return true;
    case AUR_EV_EXIT:
        set_leaving(timeline, event->task, AUR_SLICE_EXITED);
        return true;
    default:
        return true;
    }
}

// A task that yielded and was chosen again has not left.
static void end_step(struct aur_timeline *timeline)
{
    uint32_t task = running_on(timeline, timeline->event.cpu).task;
    if (timeline->event.kind == AUR_EV_DISPATCH && task < timeline->slot_count &&
        timeline->slots[task].leaving == AUR_SLICE_YIELDED)
        set_leaving(timeline, task, AUR_SLICE_PREEMPTED);
}

bool aur_timeline_read(struct aur_timeline *timeline, const struct aur_record *records,
                       uint32_t count, struct aur_failure *failure)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct aur_record *record = &records[i];
        bool action = aur_record_is_action(record);
        if (timeline->records++ == 0)
            timeline->first_ns = record->now_ns;
        else if (record->now_ns < timeline->now_ns)
            return contradiction(timeline, failure, "time runs backwards");
        timeline->now_ns = record->now_ns;
        if (record->cpu >= AUR_CPUS_MAX)
            return contradiction(timeline, failure, "there is no such CPU");
        if (!(action ? take_action(timeline, record, failure)
                     : take_event(timeline, record, failure)))
            return false;
        timeline->actions -= action && timeline->actions != 0;
        if (timeline->actions == 0)
            end_step(timeline);
    }
    return true;
}

bool aur_timeline_end(struct aur_timeline *timeline, uint64_t end_ns)
{
    if (end_ns > timeline->now_ns)
        timeline->now_ns = end_ns;
    for (uint32_t cpu = 0; cpu < AUR_CPUS_MAX; cpu++) {
        struct aur_timeline_switch change = {.now_ns = timeline->now_ns,
                                             .cpu = cpu,
                                             .end = AUR_SLICE_OPEN,
                                             .previous = running_on(timeline, cpu),
                                             .next = nobody};
        if (change.previous.task == AUR_NONE)
            continue;
        change.previous = timeline->slots[change.previous.task].task;
        if (timeline->view.switched && !timeline->view.switched(timeline->view.context, &change))
            return false;
        if (!end_slice(timeline, cpu, AUR_SLICE_OPEN))
            return false;
        begin_slice(timeline, cpu, NULL);
    }
    for (uint32_t task = 0; task < timeline->slot_count; task++) {
        if (timeline->slots[task].state == WAITING &&
            !end_wait(timeline, &timeline->slots[task], true))
            return false;
    }
    return true;
}
