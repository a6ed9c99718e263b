#include "tests/test_linux_trace_schedule.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BASE_NS   UINT64_C(5429000000000) // when the machine had been up for a while
#define FIRST_PID 1000

enum state {
    UNBORN,
    READY,
    RUNNING,
    BLOCKED,
    DEAD
};

struct simulation {
    struct schedule *schedule;
    const struct schedule_options *options;
    uint64_t random;
    uint64_t now_ns;
    uint64_t first_ns; // of the first event
    int cpus;
    int running[SCHEDULE_CPUS_MAX];
    enum state state[SCHEDULE_TASKS_MAX];
    uint64_t since_ns[SCHEDULE_TASKS_MAX]; // CPU time is accounted for until then
    uint64_t owed_ns[SCHEDULE_TASKS_MAX];  // since its last op
    uint32_t idle_wakes[SCHEDULE_TASKS_MAX];
    uint64_t first_on_ns[SCHEDULE_TASKS_MAX]; // of tasks that first appear by running; else 0
    bool seen[SCHEDULE_TASKS_MAX];
    bool woken; // the recording has a wake
};

uint64_t schedule_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint32_t below(struct simulation *s, uint32_t limit)
{
    return (uint32_t)(schedule_random(&s->random) % limit);
}

static void *room_for(void *array, uint32_t *room, uint32_t count, size_t item)
{
    if (count < *room)
        return array;
    *room = *room ? *room * 2 : 64;
    array = realloc(array, *room * item);
    if (!array)
        abort();
    return array;
}

// --- the truth -----------------------------------------------------------------------------------

static void add_true(struct true_task *task, uint8_t code, int other, uint64_t ns)
{
    task->ops = room_for(task->ops, &task->room, task->count, sizeof *task->ops);
    task->ops[task->count++] = (struct true_op){.code = code, .task = other, .ns = ns};
}

static void did(struct simulation *s, int who, uint8_t code, int other, uint64_t ns)
{
    struct true_task *task = &s->schedule->tasks[who];
    if (s->owed_ns[who])
        add_true(task, AUR_OP_RUN, 0, s->owed_ns[who]);
    s->owed_ns[who] = 0;
    add_true(task, code, other, ns);
}

// --- the recording -------------------------------------------------------------------------------

static struct recorded *record(struct simulation *s, enum recorded_kind kind, int cpu, int task)
{
    struct schedule *schedule = s->schedule;
    schedule->list =
        room_for(schedule->list, &schedule->room, schedule->count, sizeof *schedule->list);
    struct recorded *made = &schedule->list[schedule->count++];
    *made = (struct recorded){.at_ns = s->now_ns,
                              .cpu = cpu,
                              .context = s->running[cpu],
                              .task = task,
                              .other = SCHEDULE_IDLE,
                              .kind = kind};
    if (schedule->count == 1)
        s->first_ns = s->now_ns;
    s->woken = s->woken || kind == RECORDED_WAKING;
    return made;
}

// Accounts the CPU time of who runs there up to now, as update_curr() does.
static void account(struct simulation *s, int cpu)
{
    int who = s->running[cpu];
    if (who == SCHEDULE_IDLE)
        return;
    uint64_t ran_ns = s->now_ns - s->since_ns[who];
    s->since_ns[who] = s->now_ns;
    s->owed_ns[who] += ran_ns;
    s->schedule->tasks[who].run_ns += ran_ns;
    if (s->options->measured && ran_ns)
        record(s, RECORDED_RUNTIME, cpu, who)->runtime_ns = ran_ns;
}

// --- what happens --------------------------------------------------------------------------------

static int pick(struct simulation *s, enum state state)
{
    int found = SCHEDULE_IDLE;
    uint32_t seen = 0;
    for (int i = 0; i < s->schedule->task_count; i++)
        if (s->state[i] == state && below(s, ++seen) == 0)
            found = i;
    return found;
}

// The CPU's task leaves in this state; another one, if any is ready, or idle comes.
static void change(struct simulation *s, int cpu, char letter)
{
    int previous = s->running[cpu], next = below(s, 5) ? pick(s, READY) : SCHEDULE_IDLE;
    if (previous == next)
        return;
    account(s, cpu);
    struct recorded *made = record(s, RECORDED_SWITCH, cpu, previous);
    made->other = next;
    made->state = letter;
    if (previous != SCHEDULE_IDLE)
        s->state[previous] = letter == 'R' ? READY : letter == 'X' ? DEAD : BLOCKED;
    s->running[cpu] = next;
    if (next != SCHEDULE_IDLE) {
        s->state[next] = RUNNING;
        s->since_ns[next] = s->now_ns;
        if (!s->seen[next])
            s->first_on_ns[next] = s->now_ns - s->first_ns;
        s->seen[next] = true;
    }
}

static void wake(struct simulation *s, int cpu, bool hard)
{
    int waker = s->running[cpu], sleeper = pick(s, BLOCKED);
    if (sleeper == SCHEDULE_IDLE)
        return;
    if (waker == SCHEDULE_IDLE && s->idle_wakes[sleeper]++ >= s->options->idle_wakes)
        return;
    account(s, cpu);
    record(s, RECORDED_WAKING, cpu, sleeper)->hard = hard;
    uint64_t at_ns = s->now_ns - s->first_ns;
    if (waker != SCHEDULE_IDLE && !hard) {
        did(s, waker, AUR_OP_UP, sleeper, 0);
        did(s, sleeper, AUR_OP_DOWN, 0, 0);
    } else if (!s->seen[sleeper]) {
        s->schedule->tasks[sleeper].start_ns = at_ns;
    } else {
        did(s, sleeper, AUR_OP_SLEEP_UNTIL, 0, at_ns);
    }
    s->seen[sleeper] = true;
    s->state[sleeper] = READY;
}

// A wake that the kernel writes down before the sleeper's switch-out, on another CPU.
static void wake_early(struct simulation *s, int cpu)
{
    int other = (int)below(s, (uint32_t)s->cpus), sleeper = s->running[other];
    if (other == cpu || sleeper == SCHEDULE_IDLE)
        return;
    account(s, cpu);
    record(s, RECORDED_WAKING, cpu, sleeper);
    did(s, s->running[cpu], AUR_OP_UP, sleeper, 0);
    account(s, other);
    did(s, sleeper, AUR_OP_DOWN, 0, 0);
    struct recorded *made = record(s, RECORDED_SWITCH, other, sleeper);
    made->state = 'S';
    s->running[other] = SCHEDULE_IDLE;
    s->now_ns += s->options->unit_ns;
    made = record(s, RECORDED_SWITCH, other, SCHEDULE_IDLE);
    made->other = sleeper;
    made->state = 'R';
    s->running[other] = sleeper;
    s->since_ns[sleeper] = s->now_ns;
}

// The kernel says "waking" for a task that is awake too: no block ends by that.
static void wake_awake(struct simulation *s, int cpu)
{
    int task = pick(s, below(s, 2) ? READY : RUNNING);
    if (task == SCHEDULE_IDLE || !s->seen[task] || task == s->running[cpu])
        return;
    account(s, cpu);
    record(s, RECORDED_WAKING, cpu, task);
}

static int born(struct schedule *schedule, struct simulation *s, bool forked)
{
    static const char *const names[] = {"a",       "two words",    "x:y [3] z", "CPU 0/KVM",
                                        "dash-12", "kworker/u8:1", "1.5:"};
    int index = schedule->task_count++;
    struct true_task *task = &schedule->tasks[index];
    snprintf(task->name, sizeof task->name, "%s%d", names[below(s, 7)], index);
    task->pid = FIRST_PID + index;
    task->prio = 100 + (int)below(s, 40);
    task->forked = forked;
    return index;
}

static void fork_one(struct simulation *s, int cpu)
{
    struct schedule *schedule = s->schedule;
    if (schedule->task_count == SCHEDULE_TASKS_MAX)
        return;
    account(s, cpu);
    int child = born(schedule, s, true);
    record(s, RECORDED_FORK, cpu, s->running[cpu])->other = child;
    record(s, RECORDED_WAKEUP_NEW, cpu, child);
    did(s, s->running[cpu], AUR_OP_FORK, child, 0);
    s->state[child] = READY;
    s->seen[child] = true;
}

static void happen(struct simulation *s, int cpu)
{
    uint32_t what = below(s, 20);
    if (s->running[cpu] == SCHEDULE_IDLE) {
        if (what < 4)
            wake(s, cpu, false);
        else
            change(s, cpu, 'R');
        return;
    }
    if (what < 4)
        change(s, cpu, "SDI"[below(s, 3)]);
    else if (what < 6)
        change(s, cpu, 'R');
    else if (what < 11)
        wake(s, cpu, false);
    else if (what < 13)
        wake_early(s, cpu);
    else if (what < 15)
        wake_awake(s, cpu);
    else if (what < 16)
        account(s, cpu);
    else if (what < 17)
        fork_one(s, cpu);
    else if (what < 19 && s->options->interrupts)
        wake(s, cpu, true);
    else if (below(s, 8) == 0)
        change(s, cpu, 'X');
}

// A block that the recording leaves open is an exit, so what the task waits for is nothing.
static void finish(struct simulation *s)
{
    for (int cpu = 0; cpu < s->cpus; cpu++) {
        account(s, cpu);
        record(s, RECORDED_SWITCH, cpu, s->running[cpu])->state = 'R';
    }
    for (int i = 0; i < s->schedule->task_count; i++) {
        if (s->seen[i])
            did(s, i, AUR_OP_EXIT, 0, 0);
        // Where wakes are not recorded, nobody knows how long it waited.
        if (!s->woken)
            s->schedule->tasks[i].start_ns = s->first_on_ns[i];
    }
}

void schedule_make(struct schedule *schedule, const struct schedule_options *options)
{
    struct simulation s = {
        .schedule = schedule, .options = options, .random = options->seed, .now_ns = BASE_NS};
    memset(schedule, 0, sizeof *schedule);
    s.cpus = 1 + (int)below(&s, SCHEDULE_CPUS_MAX);
    for (int cpu = 0; cpu < s.cpus; cpu++)
        s.running[cpu] = SCHEDULE_IDLE;
    for (int left = 1 + (int)below(&s, 8); left > 0; left--) {
        int task = born(schedule, &s, false);
        s.state[task] = below(&s, 2) ? READY : BLOCKED;
    }
    s.state[0] = READY;
    // So that every CPU is in the text before anything happens there.
    for (int cpu = 0; cpu < s.cpus; cpu++)
        record(&s, RECORDED_SWITCH, cpu, SCHEDULE_IDLE)->state = 'R';
    for (uint32_t step = 0; step < options->steps; step++) {
        s.now_ns += options->unit_ns * (1 + below(&s, options->step_ns_max / options->unit_ns));
        happen(&s, (int)below(&s, (uint32_t)s.cpus));
    }
    finish(&s);
}

void schedule_free(struct schedule *schedule)
{
    for (int i = 0; i < schedule->task_count; i++)
        free(schedule->tasks[i].ops);
    free(schedule->list);
    memset(schedule, 0, sizeof *schedule);
}

bool schedule_has_tasks(const struct schedule *schedule)
{
    for (int i = 0; i < schedule->task_count; i++)
        if (schedule->tasks[i].count)
            return true;
    return false;
}

// --- as text -------------------------------------------------------------------------------------

struct writer {
    const struct schedule *schedule;
    const struct form *form;
    char *text;
    size_t size, room;
};

__attribute__((format(printf, 2, 3))) static void put(struct writer *w, const char *format, ...)
{
    char line[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    while (w->size + (size_t)length + 1 > w->room) {
        w->room = w->room ? w->room * 2 : 4096;
        w->text = realloc(w->text, w->room);
        if (!w->text)
            abort();
    }
    memcpy(w->text + w->size, line, (size_t)length + 1);
    w->size += (size_t)length;
}

static int pid_of(const struct writer *w, int task)
{
    return task == SCHEDULE_IDLE ? 0 : w->schedule->tasks[task].pid;
}

static int prio_of(const struct writer *w, int task)
{
    return task == SCHEDULE_IDLE ? 120 : w->schedule->tasks[task].prio;
}

static const char *name_of(const struct writer *w, int task, int cpu)
{
    static char idle[32];
    if (task != SCHEDULE_IDLE)
        return w->schedule->tasks[task].name;
    snprintf(idle, sizeof idle, "swapper/%d", cpu);
    return idle;
}

static void put_head(struct writer *w, const struct recorded *made)
{
    const struct form *form = w->form;
    int pid = pid_of(w, made->context);
    bool idle = made->context == SCHEDULE_IDLE;
    const char *name =
        idle ? (form->perf ? "swapper" : "<idle>") : w->schedule->tasks[made->context].name;
    if (form->perf && form->group)
        put(w, "%16s %5d/%d", name, pid, pid);
    else if (form->perf)
        put(w, "%16s %5d", name, pid);
    else
        put(w, "%16s-%-5d", name, pid);
    if (form->group && !form->perf)
        put(w, idle ? " (-------)" : " (%7d)", pid);
    const char *flags = made->hard ? "d.h2." : made->at_ns % 2 ? "...1" : "dN.2.";
    if (form->cpu)
        put(w, " [%03d]", made->cpu);
    if (form->joined)
        put(w, "   %d%s", made->cpu, flags);
    else if (form->flags)
        put(w, " %s", flags);
    unsigned long long ns = made->at_ns;
    if (form->ns)
        put(w, " %llu.%09llu: ", ns / 1000000000, ns % 1000000000);
    else
        put(w, " %llu.%06llu: ", ns / 1000000000, ns / 1000 % 1000000);
    if (form->period)
        put(w, "         1 ");
}

static void put_task(struct writer *w, const char *prefix, int task, int cpu)
{
    if (w->form->fields)
        put(w, "%scomm=%s %spid=%d %sprio=%d", prefix, name_of(w, task, cpu), prefix,
            pid_of(w, task), prefix, prio_of(w, task));
    else
        put(w, "%s:%d [%d]", name_of(w, task, cpu), pid_of(w, task), prio_of(w, task));
}

static void put_body(struct writer *w, const struct recorded *made)
{
    const char *area = w->form->perf ? "sched:" : "";
    switch (made->kind) {
    case RECORDED_SWITCH:
        put(w, "%ssched_switch: ", area);
        put_task(w, "prev_", made->task, made->cpu);
        put(w, w->form->fields ? " prev_state=%c ==> " : " %c ==> ", made->state);
        put_task(w, "next_", made->other, made->cpu);
        break;
    case RECORDED_WAKING:
    case RECORDED_WAKEUP_NEW:
        put(w, "%ssched_%s: ", area, made->kind == RECORDED_WAKING ? "waking" : "wakeup_new");
        put_task(w, "", made->task, made->cpu);
        put(w, w->form->fields ? " target_cpu=%03d" : " success=1 CPU:%03d", made->cpu);
        break;
    case RECORDED_FORK:
        put(w, "%ssched_process_fork: comm=%s pid=%d child_comm=%s child_pid=%d", area,
            name_of(w, made->task, 0), pid_of(w, made->task), name_of(w, made->other, 0),
            pid_of(w, made->other));
        break;
    case RECORDED_RUNTIME:
        put(w, "%ssched_stat_runtime: comm=%s pid=%d runtime=%llu [ns]", area,
            name_of(w, made->task, 0), pid_of(w, made->task), (unsigned long long)made->runtime_ns);
        break;
    }
}

char *schedule_text(const struct schedule *schedule, const struct form *form, size_t *size)
{
    struct writer w = {.schedule = schedule, .form = form};
    for (uint32_t i = 0; i < schedule->count; i++) {
        put_head(&w, &schedule->list[i]);
        put_body(&w, &schedule->list[i]);
        put(&w, form->returns ? "\r\n" : "\n");
    }
    *size = w.size;
    return w.text;
}
