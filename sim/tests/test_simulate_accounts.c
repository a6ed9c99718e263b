// The books of a run: what its results say of tasks and CPUs, against books kept from its log.
#include "tests/simulate_any.h"

static void setup(void)
{
    end_scene();
}

#define LIVES 4096u

// A task from its making to its exit.
struct life {
    uint32_t spec, instance;
    enum {
        NOT_STARTED,
        READY,
        RUNNING,
        BLOCKED,
        GONE
    } state;
    bool fresh; // ready by a wake
    bool has_run;
    uint64_t since_ns, start_ns, end_ns;
    uint64_t run_ns, blocked_ns; // all of it; the rest is of the measured window
    struct aur_task_result in_window;
    uint64_t all_wait_ns, latency_ns;
    uint32_t turns, latencies;
};

static struct {
    struct life lives[LIVES];
    uint32_t life_count, told; // told: of them, by the made call
    uint32_t life_of[LIVES];   // by the core's task number
    uint32_t running[AUR_CPUS_MAX];
    uint64_t busy_ns[AUR_CPUS_MAX];
    uint64_t from_ns, to_ns; // the window
} books;

static void note_made(void *context, uint32_t task, uint32_t spec, uint32_t instance,
                      uint64_t now_ns)
{
    (void)context;
    (void)task;
    (void)now_ns;
    ck_assert_uint_lt(books.told, LIVES);
    books.lives[books.told].spec = spec;
    books.lives[books.told++].instance = instance;
}

static uint64_t overlap_ns(uint64_t since_ns, uint64_t until_ns)
{
    if (since_ns < books.from_ns)
        since_ns = books.from_ns;
    return until_ns > since_ns ? until_ns - since_ns : 0;
}

// Ends the state of a life at now_ns.
static void close_state(struct life *life, uint64_t now_ns, uint32_t cpu)
{
    uint64_t whole_ns = now_ns - life->since_ns, part_ns = overlap_ns(life->since_ns, now_ns);
    if (life->state == RUNNING) {
        life->run_ns += whole_ns;
        life->in_window.run_ns += part_ns;
        books.busy_ns[cpu] += part_ns;
    } else if (life->state == READY) {
        life->all_wait_ns += whole_ns;
        life->in_window.wait_ns += part_ns;
        if (now_ns >= books.from_ns && whole_ns > life->in_window.wait_max_ns)
            life->in_window.wait_max_ns = whole_ns;
    } else if (life->state == BLOCKED) {
        life->blocked_ns += whole_ns;
    }
    life->since_ns = now_ns;
}

// A task that was woken before it was off its CPU has waited, if for no time, without a switch.
static void switch_in(struct life *life, uint64_t now_ns, bool switches)
{
    struct aur_task_result *counts = &life->in_window;
    uint64_t waited_ns = now_ns - life->since_ns;
    bool counts_now = now_ns >= books.from_ns;
    close_state(life, now_ns, 0);
    life->state = RUNNING;
    life->turns += counts_now;
    counts->switches += counts_now && switches;
    if (life->fresh) {
        life->latencies += counts_now;
        life->latency_ns += counts_now ? waited_ns : 0;
    } else if (counts_now) {
        counts->resumes++;
        counts->resume_wait_ns += waited_ns;
        if (waited_ns > counts->resume_wait_max_ns)
            counts->resume_wait_max_ns = waited_ns;
    }
    life->fresh = false;
    life->has_run = true;
}

static void note_run(const struct aur_record *record)
{
    uint32_t out = books.running[record->cpu];
    ck_assert(out == AUR_NONE || books.life_of[record->object] == out);
    if (out != AUR_NONE && books.lives[out].state == RUNNING) {
        close_state(&books.lives[out], record->now_ns, record->cpu);
        books.lives[out].state = READY;
        books.lives[out].in_window.preemptions += record->now_ns >= books.from_ns;
    }
    books.running[record->cpu] = record->task == AUR_NONE ? AUR_NONE : books.life_of[record->task];
    if (record->task != AUR_NONE)
        switch_in(&books.lives[books.life_of[record->task]], record->now_ns,
                  record->task != record->object);
}

static void leave(uint32_t number, enum aur_event_kind kind, const struct aur_record *record)
{
    struct life *life = &books.lives[number];
    ck_assert_int_eq(life->state, RUNNING);
    close_state(life, record->now_ns, record->cpu);
    life->state = kind == AUR_EV_EXIT ? GONE : BLOCKED;
    life->end_ns = kind == AUR_EV_EXIT ? record->now_ns : 0;
}

static void note(const struct aur_record *record)
{
    static uint8_t event; // whose action this is
    struct life *life = record->task < LIVES ? &books.lives[books.life_of[record->task]] : NULL;
    bool counts = record->now_ns >= books.from_ns;
    if (!aur_record_is_action(record))
        event = record->kind;
    switch (record->kind) {
    case AUR_ACT_MADE:
        if (event == AUR_EV_TASK_NEW) {
            books.life_of[record->task] = books.life_count;
            books.lives[books.life_count++].start_ns = record->now_ns;
        }
        break;
    case AUR_ACT_WOKE:
        close_state(life, record->now_ns, 0);
        life->state = READY;
        life->fresh = true;
        life->in_window.wakeups += counts && record->object != AUR_WOKE_START;
        break;
    case AUR_ACT_MIGRATE:
        life->in_window.migrations += counts && life->has_run;
        break;
    case AUR_ACT_SLEPT:
        leave(books.life_of[record->task], AUR_EV_BLOCK, record);
        break;
    case AUR_EV_EXIT:
        leave(books.life_of[record->task], AUR_EV_EXIT, record);
        break;
    case AUR_ACT_RUN:
        note_run(record);
        break;
    default:
        break;
    }
}

// Keeps the books of the scene's run; false if something happened just when the window begins.
static bool keep_books(void)
{
    struct aur_simulate_options options = {
        .sink = keep_records, .made = note_made, .made_context = NULL};
    memset(&books, 0, sizeof books);
    memset(books.running, 0xff, sizeof books.running);
    aur_run_result_free(&scene.result);
    scene.count = 0;
    scene.failure.text[0] = '\0';
    ck_assert_msg(aur_simulate(&scene.inputs, &options, &scene.result, &scene.failure), "%s",
                  scene.failure.text);
    books.from_ns = scene.inputs.warmup_ns;
    books.to_ns = scene.result.end_ns;
    for (size_t i = 0; i < scene.count; i++) {
        if (books.from_ns != 0 && scene.records[i].now_ns == books.from_ns)
            return false;
        note(&scene.records[i]);
    }
    ck_assert_uint_eq(books.life_count, books.told);
    for (uint32_t cpu = 0; cpu < scene.inputs.machine.cpus; cpu++)
        if (books.running[cpu] != AUR_NONE)
            close_state(&books.lives[books.running[cpu]], books.to_ns, cpu);
    for (uint32_t i = 0; i < books.life_count; i++) {
        struct life *life = &books.lives[i];
        if (life->state == READY || life->state == BLOCKED)
            close_state(life, books.to_ns, 0);
    }
    return true;
}

static void add_up(struct aur_task_result *sum, const struct life *life)
{
    const struct aur_task_result *of = &life->in_window;
    sum->run_ns += of->run_ns;
    sum->wait_ns += of->wait_ns;
    sum->switches += of->switches;
    sum->preemptions += of->preemptions;
    sum->migrations += of->migrations;
    sum->wakeups += of->wakeups;
    sum->resumes += of->resumes;
    sum->resume_wait_ns += of->resume_wait_ns;
    if (of->wait_max_ns > sum->wait_max_ns)
        sum->wait_max_ns = of->wait_max_ns;
    if (of->resume_wait_max_ns > sum->resume_wait_max_ns)
        sum->resume_wait_max_ns = of->resume_wait_max_ns;
    if (life->state == GONE && life->end_ns >= books.from_ns) {
        sum->turnaround_ns += life->end_ns - life->start_ns;
        sum->exits++;
    }
}

// The row of the results that counts for this life.
static bool counts_in(const struct life *life, const struct aur_task_result *row)
{
    uint32_t instances = scene.inputs.workload.specs[life->spec].instances;
    return life->spec == row->spec && (life->instance < instances ? row->instance == life->instance
                                                                  : row->instance == AUR_NONE);
}

static void compare_tasks(uint32_t round)
{
    for (uint32_t i = 0; i < scene.result.task_count; i++) {
        const struct aur_task_result *row = &scene.result.tasks[i];
        struct aur_task_result sum = {.spec = row->spec, .instance = row->instance};
        for (uint32_t life = 0; life < books.life_count; life++)
            if (counts_in(&books.lives[life], row))
                add_up(&sum, &books.lives[life]);
        sum.jobs = row->jobs; // not in the log
        ck_assert_msg(sum.run_ns == row->run_ns && sum.wait_ns == row->wait_ns,
                      "round %u, row %u: ran %" PRIu64 " and waited %" PRIu64
                      ", by the log %" PRIu64 " and %" PRIu64,
                      round, i, row->run_ns, row->wait_ns, sum.run_ns, sum.wait_ns);
        sum.misses = row->misses;
        sum.tardiness_max_ns = row->tardiness_max_ns;
        static const char *const names[] = {"spec",       "instance", "switches", "preemptions",
                                            "migrations", "wakeups",  "jobs",     "misses"};
        const uint32_t *by_log = &sum.spec, *by_run = &row->spec;
        for (uint32_t k = 0; k < LENGTH(names); k++)
            ck_assert_msg(by_log[k] == by_run[k], "round %u, row %u: %u %s, by the log %u", round,
                          i, by_run[k], names[k], by_log[k]);
        ck_assert_msg(memcmp(&sum, row, sizeof sum) == 0,
                      "round %u, row %u: waits up to %" PRIu64 ", resumes %u, after %" PRIu64
                      " up to %" PRIu64 ", turnaround %" PRIu64 ", by the log %" PRIu64
                      ", %u, %" PRIu64 ", %" PRIu64 ", %" PRIu64,
                      round, i, row->wait_max_ns, row->resumes, row->resume_wait_ns,
                      row->resume_wait_max_ns, row->turnaround_ns, sum.wait_max_ns, sum.resumes,
                      sum.resume_wait_ns, sum.resume_wait_max_ns, sum.turnaround_ns);
    }
}

static void compare_distributions(uint32_t round)
{
    for (uint32_t spec = 0; spec < scene.result.spec_count; spec++) {
        const struct aur_spec_result *row = &scene.result.specs[spec];
        uint64_t turns = 0, latencies = 0, latency_ns = 0;
        for (uint32_t i = 0; i < books.life_count; i++) {
            const struct life *life = &books.lives[i];
            if (life->spec != spec)
                continue;
            turns += life->turns;
            latencies += life->latencies;
            latency_ns += life->latency_ns;
        }
        ck_assert_msg(row->wait_ns.count == turns, "round %u, spec %u", round, spec);
        ck_assert_msg(row->wakeup_latency_ns.count == latencies &&
                          row->wakeup_latency_ns.sum.low == latency_ns,
                      "round %u, spec %u: latencies", round, spec);
    }
}

static void compare_cpus(uint32_t round)
{
    uint64_t run_ns = 0, busy_ns = 0, window_ns = books.to_ns - books.from_ns;
    for (uint32_t cpu = 0; cpu < scene.result.cpu_count; cpu++) {
        const struct aur_cpu_result *row = &scene.result.cpus[cpu];
        ck_assert_msg(row->busy_ns == books.busy_ns[cpu] &&
                          row->busy_ns + row->idle_ns + row->offline_ns == window_ns,
                      "round %u: CPU %u", round, cpu);
        busy_ns += row->busy_ns;
    }
    for (uint32_t i = 0; i < scene.result.task_count; i++)
        run_ns += scene.result.tasks[i].run_ns;
    ck_assert_uint_eq(run_ns, busy_ns);
}

static void compare_lives(void)
{
    uint32_t live = 0;
    for (uint32_t i = 0; i < books.life_count; i++) {
        const struct life *life = &books.lives[i];
        uint64_t end_ns = life->state == GONE ? life->end_ns : books.to_ns;
        live += life->state != GONE;
        ck_assert_uint_eq(life->run_ns + life->all_wait_ns + life->blocked_ns,
                          end_ns - life->start_ns);
    }
    ck_assert_uint_eq(scene.result.live, live);
}

START_TEST(results_are_what_the_log_adds_up_to_in_the_measured_window)
{
    start_chance();
    uint32_t kept = 0;
    for (uint32_t round = 0; round < 150; round++) {
        begin_anything();
        scene.inputs.warmup_ns = below(2) ? 1 + below(90000000) : 0;
        if (!keep_books())
            continue;
        compare_tasks(round);
        compare_distributions(round);
        compare_cpus(round);
        compare_lives();
        kept++;
    }
    ck_assert_uint_gt(kept, 120);
}
END_TEST

// Jobs, misses and responses are not in the log: a run up to the warm-up and one from there on
// are together the whole.
START_TEST(a_run_without_its_warm_up_is_the_whole_run_less_the_warm_up)
{
    start_chance();
    for (uint32_t round = 0; round < 60; round++) {
        struct aur_run_result parts[2];
        begin_anything();
        uint64_t at_ns = 1 + below(90000000), end_ns = scene.inputs.duration_ns;
        run_scene();
        bool busy = false;
        for (size_t i = 0; i < scene.count; i++)
            busy = busy || scene.records[i].now_ns == at_ns;
        if (busy)
            continue;
        scene.inputs.duration_ns = at_ns;
        ck_assert(aur_simulate(&scene.inputs, NULL, &parts[0], &scene.failure));
        scene.inputs.duration_ns = end_ns;
        scene.inputs.warmup_ns = at_ns;
        ck_assert(aur_simulate(&scene.inputs, NULL, &parts[1], &scene.failure));
        ck_assert(parts[1].digest == scene.result.digest);
        for (uint32_t i = 0; i < scene.result.task_count; i++) {
            const struct aur_task_result *whole = &scene.result.tasks[i];
            const struct aur_task_result *first = &parts[0].tasks[i], *rest = &parts[1].tasks[i];
            ck_assert_uint_eq(first->jobs + rest->jobs, whole->jobs);
            ck_assert_uint_eq(first->misses + rest->misses, whole->misses);
            ck_assert_uint_eq(first->run_ns + rest->run_ns, whole->run_ns);
            uint64_t later_ns = first->tardiness_max_ns > rest->tardiness_max_ns
                                    ? first->tardiness_max_ns
                                    : rest->tardiness_max_ns;
            ck_assert_uint_eq(later_ns, whole->tardiness_max_ns);
        }
        for (uint32_t spec = 0; spec < scene.result.spec_count; spec++) {
            struct aur_histogram *sum = &parts[0].specs[spec].response_ns;
            ck_assert(aur_histogram_merge(sum, &parts[1].specs[spec].response_ns));
            ck_assert_uint_eq(sum->count, scene.result.specs[spec].response_ns.count);
            ck_assert_uint_eq(sum->sum.low, scene.result.specs[spec].response_ns.sum.low);
        }
        aur_run_result_free(&parts[0]);
        aur_run_result_free(&parts[1]);
    }
}
END_TEST

START_TEST(maxima_of_the_warm_up_are_forgotten)
{
    begin("fifo", 1);
    add_task("first", RUN(5 * MS));
    add_task("waits", LOOP(10), RUN(1 * MS), DUE_TIMER(10 * MS, 2 * MS), END);
    scene.inputs.warmup_ns = 8 * MS;
    scene.inputs.duration_ns = 95 * MS;
    run_scene();
    ck_assert_uint_eq(task_of(1)->wait_max_ns, 0); // 5 before
    ck_assert_uint_eq(task_of(1)->misses, 0);      // 1 before, 4 late
    ck_assert_uint_eq(task_of(1)->tardiness_max_ns, 0);
    ck_assert_uint_eq(task_of(0)->turnaround_ns, 0);
    ck_assert_uint_eq(scene.result.cpus[0].busy_ns, 9 * MS);
    ck_assert_uint_eq(scene.result.cpus[0].idle_ns, 78 * MS);
}
END_TEST

START_TEST(a_job_that_ends_after_its_deadline_is_late_by_the_difference_and_one_at_it_is_not)
{
    begin("prio", 1);
    add_task("high", LOOP(3), RUN(3 * MS), DUE_TIMER(10 * MS, 3 * MS), END)->kind = NICE(-5);
    add_task("low", LOOP(3), RUN(4 * MS), DUE_TIMER(10 * MS, 5 * MS), END);
    add_task("lowest", LOOP(2), RUN(4 * MS), OWN_TIMER(10 * MS), END)->kind = NICE(5);
    scene.inputs.duration_ns = 30 * MS;
    run_scene();
    ck_assert_uint_eq(task_of(0)->misses, 0);
    ck_assert_uint_eq(task_of(1)->misses, 3);
    ck_assert_uint_eq(task_of(1)->tardiness_max_ns, 2 * MS);
    // It computes [7,10) [17,18), 8 late; then, released at 18, [18,20) [27,29), 1 late.
    ck_assert_uint_eq(task_of(2)->misses, 2);
    ck_assert_uint_eq(task_of(2)->tardiness_max_ns, 8 * MS);
    ck_assert_uint_eq(scene.result.specs[2].response_ns.sum.low, (18 + 11) * MS);
}
END_TEST

START_TEST(misses_and_tardiness_follow_from_bursts_periods_and_deadlines)
{
    start_chance();
    for (uint32_t round = 0; round < 300; round++) {
        struct aur_op ops[40];
        uint32_t turns = 1 + below(20), misses = 0;
        uint64_t period_ns = 1 + below(20), deadline_ns = below(15);
        uint64_t now_ns = 0, release_ns = 0, late_ns = 0, response_ns = 0;
        bool absolute = below(2);
        begin("eevdf", 1);
        for (uint32_t turn = 0; turn < turns; turn++) {
            uint64_t run_ns = below(25);
            uint64_t due_ns = release_ns + (deadline_ns ? deadline_ns : period_ns);
            ops[2 * turn] = (struct aur_op)RUN(run_ns);
            ops[2 * turn + 1] = (struct aur_op)DUE_TIMER(period_ns, deadline_ns);
            if (absolute)
                ops[2 * turn + 1].flags |= AUR_OP_ABSOLUTE;
            now_ns += run_ns;
            response_ns += now_ns - release_ns;
            misses += now_ns > due_ns;
            if (now_ns > due_ns && now_ns - due_ns > late_ns)
                late_ns = now_ns - due_ns;
            release_ns += period_ns;
            if (release_ns > now_ns)
                now_ns = release_ns;
            else if (!absolute)
                release_ns = now_ns;
        }
        response_ns += now_ns - release_ns; // of the exit
        add_ops("a", ops, 2 * turns);
        run_scene();
        ck_assert_msg(task_of(0)->misses == misses && task_of(0)->tardiness_max_ns == late_ns,
                      "round %u: %u misses, not %u", round, task_of(0)->misses, misses);
        ck_assert_uint_eq(task_of(0)->jobs, turns + 1);
        ck_assert_uint_eq(scene.result.specs[0].response_ns.sum.low, response_ns);
        ck_assert_uint_eq(scene.result.end_ns, now_ns);
    }
}
END_TEST

// Where a job begins and ends, seen by its response time.
START_TEST(a_job_lasts_from_the_wake_that_it_waited_for_and_over_its_locks)
{
    begin("fifo", 2);
    uint32_t s = add_object(AUR_OBJECT_SEMAPHORE, 0, "s");
    uint32_t m = add_object(AUR_OBJECT_MUTEX, 0, "m");
    // Released by the UP at 5, waits until 9 for the mutex, computes 1.
    add_task("server", DOWN(s), LOCK(m), RUN(1 * MS), UNLOCK(m), DOWN(s))->affinity = 1;
    add_task("client", LOCK(m), RUN(5 * MS), UP(s), RUN(4 * MS), UNLOCK(m))->affinity = 2;
    run_scene();
    const struct aur_histogram *response = &scene.result.specs[0].response_ns;
    ck_assert_uint_eq(response->count, 2); // up to the first DOWN, and from 5 to 10
    ck_assert_uint_eq(response->sum.low, 5 * MS);
    ck_assert_uint_eq(task_of(0)->jobs, 2);
    ck_assert_uint_eq(task_of(1)->jobs, 1);
}
END_TEST

START_TEST(a_job_after_the_device_is_released_when_the_device_is_done)
{
    begin("fifo", 1);
    scene.inputs.machine.device_bytes_per_us = 1000;
    add_task("a", RUN(2 * US), IORUN(5000), RUN(3 * US));
    run_scene();
    ck_assert_uint_eq(scene.result.specs[0].response_ns.count, 2);
    ck_assert_uint_eq(scene.result.specs[0].response_ns.sum.low, 2 * US + 3 * US);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        results_are_what_the_log_adds_up_to_in_the_measured_window,
        a_run_without_its_warm_up_is_the_whole_run_less_the_warm_up,
        maxima_of_the_warm_up_are_forgotten,
        a_job_that_ends_after_its_deadline_is_late_by_the_difference_and_one_at_it_is_not,
        misses_and_tardiness_follow_from_bursts_periods_and_deadlines,
        a_job_lasts_from_the_wake_that_it_waited_for_and_over_its_locks,
        a_job_after_the_device_is_released_when_the_device_is_done,
    };
    return run_tests("simulated accounts", tests, LENGTH(tests), setup);
}
