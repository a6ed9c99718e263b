// The simulator against a slow and obvious one that shares nothing with it: one CPU without costs,
// plain arrays, every instant found by looking at everything. They must agree on every instant.
#include "tests/chance.h"
#include "tests/simulate_scene.h"

#define TASKS_MOST 7u
#define STEPS_MOST 24u

enum discipline {
    IN_TURN,     // fifo
    ROUND_ROBIN, // rr
    BY_PRIORITY  // prio
};

enum step_kind {
    COMPUTE,
    PAUSE,
    RELEASE,         // the next of a period; after an overrun, counted from now
    RELEASE_ABSOLUTE // the same, never shifted
};

struct step {
    enum step_kind kind;
    uint64_t ns;
};

struct task {
    struct step steps[STEPS_MOST];
    uint32_t step_count;
    uint32_t kind;  // aur_task_kind()
    uint32_t level; // what that means to BY_PRIORITY: lower is more urgent
    uint64_t start_ns;
};

struct set {
    enum discipline discipline;
    uint64_t quantum_ns;
    struct task tasks[TASKS_MOST];
    uint32_t task_count;
};

// What both simulators tell: when each task blocks and ends, and sums.
struct ending {
    uint64_t at_ns;
    uint64_t task; // as wide, so that outcomes have no padding and are compared as bytes
};

struct outcome {
    struct ending endings[TASKS_MOST * (STEPS_MOST + 1)];
    uint32_t ending_count;
    uint32_t switches[TASKS_MOST], preemptions[TASKS_MOST], jobs[TASKS_MOST];
    uint64_t response_ns[TASKS_MOST], wait_ns[TASKS_MOST], run_ns[TASKS_MOST];
};

// --- the twin ------------------------------------------------------------------------------------

struct twin_task {
    enum {
        ABSENT,
        READY,
        RUNNING,
        ASLEEP,
        GONE
    } state;
    uint32_t at;   // next step
    uint32_t slot; // the core's number of the task, which orders what wakes at one instant
    uint64_t left_ns, used_ns, wake_ns;
    uint64_t timer_ns, release_ns;
};

struct twin {
    const struct set *set;
    struct outcome *outcome;
    struct twin_task tasks[TASKS_MOST];
    uint32_t queue[TASKS_MOST], queued;
    uint32_t running; // or TASKS_MOST
    uint32_t free[TASKS_MOST], free_count, left[TASKS_MOST], left_count, slots;
    uint64_t now_ns;
};

static void enqueue(struct twin *twin, uint32_t task, bool first)
{
    if (first) {
        memmove(twin->queue + 1, twin->queue, twin->queued * sizeof *twin->queue);
        twin->queue[0] = task;
        twin->queued++;
    } else {
        twin->queue[twin->queued++] = task;
    }
    twin->tasks[task].state = READY;
}

// Where in the queue the one is that goes next.
static uint32_t next_in_queue(const struct twin *twin)
{
    uint32_t best = 0;
    if (twin->set->discipline == BY_PRIORITY)
        for (uint32_t i = 1; i < twin->queued; i++)
            if (twin->set->tasks[twin->queue[i]].level < twin->set->tasks[twin->queue[best]].level)
                best = i;
    return best;
}

static void end_job(struct twin *twin, uint32_t task)
{
    twin->outcome->jobs[task]++;
    twin->outcome->response_ns[task] += twin->now_ns - twin->tasks[task].release_ns;
}

static void end_turn(struct twin *twin, uint32_t task, uint64_t wake_ns)
{
    struct twin_task *t = &twin->tasks[task];
    twin->outcome->endings[twin->outcome->ending_count++] = (struct ending){twin->now_ns, task};
    t->state = wake_ns == AUR_NEVER_NS ? GONE : ASLEEP;
    t->wake_ns = wake_ns;
    twin->running = TASKS_MOST;
    if (t->state == GONE)
        twin->left[twin->left_count++] = t->slot;
}

// The running task goes on with its steps until one takes time.
static void proceed(struct twin *twin, uint32_t task)
{
    struct twin_task *t = &twin->tasks[task];
    const struct task *program = &twin->set->tasks[task];
    while (t->at < program->step_count) {
        struct step step = program->steps[t->at++];
        if (step.kind == COMPUTE) {
            t->left_ns = step.ns;
            if (step.ns != 0)
                return;
        } else if (step.kind == PAUSE) {
            if (step.ns == 0)
                continue;
            end_job(twin, task);
            t->release_ns = twin->now_ns + step.ns;
            end_turn(twin, task, t->release_ns);
            return;
        } else {
            end_job(twin, task);
            t->timer_ns += step.ns;
            if (t->timer_ns <= twin->now_ns && step.kind == RELEASE)
                t->timer_ns = twin->now_ns;
            t->release_ns = t->timer_ns;
            if (t->timer_ns > twin->now_ns) {
                end_turn(twin, task, t->timer_ns);
                return;
            }
        }
    }
    end_job(twin, task);
    end_turn(twin, task, AUR_NEVER_NS);
}

static void start_and_wake(struct twin *twin)
{
    for (uint32_t i = 0; i < twin->set->task_count; i++) {
        struct twin_task *t = &twin->tasks[i];
        if (t->state != ABSENT || twin->set->tasks[i].start_ns != twin->now_ns)
            continue;
        t->slot = twin->free_count ? twin->free[--twin->free_count] : twin->slots++;
        t->timer_ns = t->release_ns = twin->now_ns;
        enqueue(twin, i, false);
    }
    for (uint32_t slot = 0; slot < TASKS_MOST; slot++)
        for (uint32_t i = 0; i < twin->set->task_count; i++) {
            struct twin_task *t = &twin->tasks[i];
            if (t->state != ASLEEP || t->slot != slot || t->wake_ns != twin->now_ns)
                continue;
            enqueue(twin, i, false);
        }
}

// Takes the CPU from the running task if somebody else is due.
static void preempt(struct twin *twin)
{
    uint32_t task = twin->running;
    if (task == TASKS_MOST || twin->queued == 0)
        return;
    uint32_t best = twin->queue[next_in_queue(twin)];
    bool turn_is_over =
        twin->set->discipline == ROUND_ROBIN && twin->tasks[task].used_ns >= twin->set->quantum_ns;
    bool urgent = twin->set->discipline == BY_PRIORITY &&
                  twin->set->tasks[best].level < twin->set->tasks[task].level;
    if (!turn_is_over && !urgent)
        return;
    enqueue(twin, task, urgent);
    twin->outcome->preemptions[task]++;
    twin->running = TASKS_MOST;
}

static void dispatch(struct twin *twin)
{
    while (twin->running == TASKS_MOST && twin->queued != 0) {
        uint32_t place = next_in_queue(twin), task = twin->queue[place];
        twin->queued--;
        memmove(twin->queue + place, twin->queue + place + 1,
                (twin->queued - place) * sizeof *twin->queue);
        twin->running = task;
        twin->tasks[task].state = RUNNING;
        twin->tasks[task].used_ns = 0;
        twin->outcome->switches[task]++;
        if (twin->tasks[task].left_ns == 0)
            proceed(twin, task);
    }
    for (uint32_t i = 0; i < twin->left_count; i++)
        twin->free[twin->free_count++] = twin->left[i];
    twin->left_count = 0;
}

static void earlier(uint64_t *next_ns, uint64_t at_ns)
{
    if (at_ns < *next_ns)
        *next_ns = at_ns;
}

static uint64_t next_instant(const struct twin *twin)
{
    uint64_t next_ns = AUR_NEVER_NS;
    for (uint32_t i = 0; i < twin->set->task_count; i++) {
        const struct twin_task *t = &twin->tasks[i];
        if (t->state == ABSENT)
            earlier(&next_ns, twin->set->tasks[i].start_ns);
        if (t->state == ASLEEP)
            earlier(&next_ns, t->wake_ns);
        if (t->state == RUNNING)
            earlier(&next_ns, twin->now_ns + t->left_ns);
        if (t->state == RUNNING && twin->set->discipline == ROUND_ROBIN && twin->queued != 0)
            earlier(&next_ns, twin->now_ns + twin->set->quantum_ns - t->used_ns);
    }
    return next_ns;
}

static void run_twin(const struct set *set, struct outcome *outcome)
{
    struct twin twin = {.set = set, .outcome = outcome, .running = TASKS_MOST};
    uint64_t next_ns;
    memset(outcome, 0, sizeof *outcome);
    while ((next_ns = next_instant(&twin)) != AUR_NEVER_NS) {
        uint64_t passed_ns = next_ns - twin.now_ns;
        for (uint32_t i = 0; i < set->task_count; i++) {
            if (twin.tasks[i].state == READY)
                outcome->wait_ns[i] += passed_ns;
            if (twin.tasks[i].state != RUNNING)
                continue;
            outcome->run_ns[i] += passed_ns;
            twin.tasks[i].left_ns -= passed_ns;
            twin.tasks[i].used_ns += passed_ns;
        }
        twin.now_ns = next_ns;
        if (twin.running != TASKS_MOST && twin.tasks[twin.running].left_ns == 0)
            proceed(&twin, twin.running);
        start_and_wake(&twin);
        preempt(&twin);
        dispatch(&twin);
    }
}

// --- the simulator -------------------------------------------------------------------------------

// Which task a number of the core means changes as tasks end and others start; they start by
// instant, then by their place in the set.
static uint32_t starter(const struct set *set, uint32_t number)
{
    for (uint32_t i = 0; i < set->task_count; i++) {
        uint32_t before = 0;
        for (uint32_t k = 0; k < set->task_count; k++)
            before += set->tasks[k].start_ns < set->tasks[i].start_ns ||
                      (set->tasks[k].start_ns == set->tasks[i].start_ns && k < i);
        if (before == number)
            return i;
    }
    ck_abort_msg("task %u was not to start", number);
}

static void read_endings(const struct set *set, struct outcome *outcome)
{
    uint32_t started = 0, task_of_slot[TASKS_MOST];
    for (size_t i = 0; i < scene.count; i++) {
        const struct aur_record *record = &scene.records[i];
        if (record->kind == AUR_ACT_MADE)
            task_of_slot[record->task] = starter(set, started++);
        if (record->kind == AUR_EV_BLOCK || record->kind == AUR_EV_EXIT)
            outcome->endings[outcome->ending_count++] =
                (struct ending){record->now_ns, task_of_slot[record->task]};
    }
}

static void run_simulator(const struct set *set, struct outcome *outcome)
{
    static const char *const classes[] = {"fifo", "rr", "prio"};
    memset(outcome, 0, sizeof *outcome);
    begin(classes[set->discipline], 1);
    if (set->discipline == ROUND_ROBIN)
        scene.inputs.scheduler.params[0] = set->quantum_ns;
    for (uint32_t i = 0; i < set->task_count; i++) {
        const struct task *task = &set->tasks[i];
        struct aur_op ops[STEPS_MOST];
        for (uint32_t s = 0; s < task->step_count; s++) {
            uint64_t ns = task->steps[s].ns;
            ops[s] = task->steps[s].kind == COMPUTE   ? (struct aur_op)RUN(ns)
                     : task->steps[s].kind == PAUSE   ? (struct aur_op)SLEEP(ns)
                     : task->steps[s].kind == RELEASE ? (struct aur_op)OWN_TIMER(ns)
                                                      : (struct aur_op)ABSOLUTE_TIMER(ns);
        }
        struct aur_spec *spec = add_ops("task", ops, task->step_count);
        spec->start_ns = task->start_ns;
        spec->kind = task->kind;
    }
    run_scene();
    read_endings(set, outcome);
    for (uint32_t i = 0; i < set->task_count; i++) {
        const struct aur_task_result *result = task_of(i);
        outcome->switches[i] = result->switches;
        outcome->preemptions[i] = result->preemptions;
        outcome->jobs[i] = result->jobs;
        outcome->run_ns[i] = result->run_ns;
        outcome->wait_ns[i] = result->wait_ns;
        outcome->response_ns[i] = scene.result.specs[i].response_ns.sum.low;
    }
}

// --- sets ----------------------------------------------------------------------------------------

static void any_set(struct set *set, enum discipline discipline)
{
    static const uint64_t units[] = {1, 1000, 333333};
    uint64_t unit = units[below(LENGTH(units))];
    memset(set, 0, sizeof *set);
    set->discipline = discipline;
    set->quantum_ns = (1 + below(12)) * unit;
    if (set->quantum_ns < 1000)
        set->quantum_ns = 1000; // the class's least
    set->task_count = 1 + below(TASKS_MOST);
    for (uint32_t i = 0; i < set->task_count; i++) {
        struct task *task = &set->tasks[i];
        uint64_t period_ns = (1 + below(40)) * unit;
        bool periodic = below(2);
        task->step_count = 1 + below(STEPS_MOST);
        // Short times, so that many things happen at one instant.
        for (uint32_t s = 0; s < task->step_count; s++) {
            uint32_t kind = s % 2 == 0 ? COMPUTE : !periodic ? PAUSE : RELEASE + below(2);
            if (below(10) == 0)
                kind = below(4);
            task->steps[s] = (struct step){kind, below(kind == PAUSE ? 20 : 12) * unit};
            if (kind >= RELEASE)
                task->steps[s].ns = period_ns;
        }
        task->start_ns = below(2) ? 0 : below(30) * unit;
        task->kind = NICE(0);
        task->level = 120;
        if (discipline == BY_PRIORITY && below(3) == 0) {
            uint32_t priority = 1 + below(3);
            task->kind = FIFO((int)priority);
            task->level = 100 - priority;
        } else if (discipline == BY_PRIORITY) {
            uint32_t nice = below(3);
            task->kind = NICE((int)nice);
            task->level = 120 + nice;
        }
    }
}

static bool same(const struct set *set)
{
    static struct outcome twin, simulator;
    run_twin(set, &twin);
    run_simulator(set, &simulator);
    return memcmp(&twin, &simulator, sizeof twin) == 0;
}

static void remove_task(struct set *set, uint32_t task)
{
    set->task_count--;
    memmove(&set->tasks[task], &set->tasks[task + 1],
            (set->task_count - task) * sizeof *set->tasks);
}

static void remove_step(struct task *task, uint32_t step)
{
    task->step_count--;
    memmove(&task->steps[step], &task->steps[step + 1],
            (task->step_count - step) * sizeof *task->steps);
}

// Leaves out what the disagreement does not need.
static void shrink(struct set *set)
{
    for (bool smaller = true; smaller;) {
        smaller = false;
        for (uint32_t i = 0; i < set->task_count; i++) {
            struct set without = *set;
            remove_task(&without, i);
            if (without.task_count != 0 && !same(&without)) {
                *set = without;
                smaller = true;
                break;
            }
            for (uint32_t s = 0; s < set->tasks[i].step_count && !smaller; s++) {
                without = *set;
                remove_step(&without.tasks[i], s);
                if (!same(&without)) {
                    *set = without;
                    smaller = true;
                }
            }
        }
    }
}

static void print_outcome(const struct set *set, const char *who, const struct outcome *outcome)
{
    printf("%s: ends", who);
    for (uint32_t i = 0; i < outcome->ending_count; i++)
        printf(" %" PRIu64 ":%" PRIu64, outcome->endings[i].at_ns, outcome->endings[i].task);
    for (uint32_t i = 0; i < set->task_count; i++)
        printf("\n  task %u: %u jobs, response %" PRIu64 ", ran %" PRIu64 ", waited %" PRIu64
               ", %u switches, %u preemptions",
               i, outcome->jobs[i], outcome->response_ns[i], outcome->run_ns[i],
               outcome->wait_ns[i], outcome->switches[i], outcome->preemptions[i]);
    printf("\n");
}

static void print_set(const struct set *set)
{
    static const char *const kinds[] = {"compute", "pause", "release", "release-absolute"};
    static struct outcome outcome;
    for (uint32_t i = 0; i < set->task_count; i++) {
        const struct task *task = &set->tasks[i];
        printf("task %u, level %u, from %" PRIu64 ":", i, task->level, task->start_ns);
        for (uint32_t s = 0; s < task->step_count; s++)
            printf(" %s %" PRIu64, kinds[task->steps[s].kind], task->steps[s].ns);
        printf("\n");
    }
    run_twin(set, &outcome);
    print_outcome(set, "twin", &outcome);
    run_simulator(set, &outcome);
    print_outcome(set, "simulator", &outcome);
    fflush(stdout);
}

static void compare_sets(enum discipline discipline)
{
    start_chance();
    for (uint32_t round = 0; round < 400; round++) {
        struct set set;
        any_set(&set, discipline);
        if (same(&set))
            continue;
        shrink(&set);
        printf("quantum %" PRIu64 "\n", set.quantum_ns);
        print_set(&set);
        ck_abort_msg("round %u: they differ, see above", round);
    }
}

static void setup(void)
{
    end_scene();
}

START_TEST(first_in_first_out_ends_every_job_when_the_twin_does)
{
    compare_sets(IN_TURN);
}
END_TEST

START_TEST(round_robin_ends_every_job_when_the_twin_does)
{
    compare_sets(ROUND_ROBIN);
}
END_TEST

START_TEST(fixed_priority_ends_every_job_when_the_twin_does)
{
    compare_sets(BY_PRIORITY);
}
END_TEST

// A twin that never preempts or never waits would agree about nothing: the sets are full enough.
START_TEST(the_sets_of_the_comparison_make_tasks_wait_and_preempt_each_other)
{
    start_chance();
    for (uint32_t discipline = IN_TURN; discipline <= BY_PRIORITY; discipline++) {
        uint64_t wait_ns = 0;
        uint32_t preemptions = 0;
        for (uint32_t round = 0; round < 50; round++) {
            static struct outcome outcome;
            struct set set;
            any_set(&set, discipline);
            run_twin(&set, &outcome);
            for (uint32_t i = 0; i < set.task_count; i++) {
                wait_ns += outcome.wait_ns[i];
                preemptions += outcome.preemptions[i];
            }
        }
        ck_assert_uint_gt(wait_ns, 0);
        ck_assert(discipline == IN_TURN ? preemptions == 0 : preemptions > 100);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        first_in_first_out_ends_every_job_when_the_twin_does,
        round_robin_ends_every_job_when_the_twin_does,
        fixed_priority_ends_every_job_when_the_twin_does,
        the_sets_of_the_comparison_make_tasks_wait_and_preempt_each_other,
    };
    return run_tests("simulator twin", tests, LENGTH(tests), setup);
}
