// SCHED_DEADLINE: earliest deadline first with constant-bandwidth servers, at instants worked out
// by hand (against theory: test_realtime_theory.c).
#include "tests/simulate_scene.h"

#define DEADLINE aur_task_kind(AUR_POLICY_DEADLINE, 0, 0)

static void setup(void)
{
    end_scene();
}

// A task that runs for run_ns in each period, with a server of `budget_ns`.
static void add_server(const char *name, uint64_t run_ns, uint64_t budget_ns, uint64_t deadline_ns,
                       uint64_t period_ns)
{
    struct aur_spec *spec = add_task(name, LOOP(EVER), RUN(run_ns), OWN_TIMER(period_ns), END);
    spec->kind = DEADLINE;
    spec->dl_runtime_ns = budget_ns;
    spec->dl_deadline_ns = deadline_ns;
    spec->dl_period_ns = period_ns;
}

// Two servers at hand-computed instants: the earlier deadline goes first, also when it comes later.
START_TEST(the_earlier_deadline_preempts)
{
    begin("eevdf", 1);
    add_server("slow", 6 * MS, 6 * MS, 20 * MS, 20 * MS);
    add_server("quick", 2 * MS, 2 * MS, 5 * MS, 5 * MS);
    scene.inputs.duration_ns = 12 * MS;
    run_scene();
    expect(AT(0, 1), AT(2 * MS, 0), AT(5 * MS, 1), AT(7 * MS, 0), AT(10 * MS, 1));
}
END_TEST

// Abeni and Buttazzo 1998: a server that asks for more than its bandwidth gets exactly that, and
// the others do not notice.
START_TEST(a_server_that_overruns_gets_its_bandwidth_and_harms_nobody)
{
    begin("eevdf", 1);
    add_server("good", 3 * MS, 3 * MS, 10 * MS, 10 * MS);
    struct aur_spec *greedy = add_task("greedy", LOOP(EVER), RUN(1000 * MS), END);
    greedy->kind = DEADLINE;
    greedy->dl_runtime_ns = 2 * MS;
    greedy->dl_period_ns = greedy->dl_deadline_ns = 8 * MS;
    add_task("hog", LOOP(EVER), RUN(MS), END);
    scene.inputs.duration_ns = 4000 * MS;
    run_scene();
    ck_assert_uint_eq(task_of(0)->misses, 0);
    ck_assert_uint_eq(task_of(0)->run_ns, 1200 * MS);
    ck_assert_uint_eq(task_of(1)->run_ns, 1000 * MS);
    ck_assert_uint_eq(task_of(2)->run_ns, 1800 * MS);
}
END_TEST

// The wake-up rule: a task that sleeps and wakes within its period keeps budget and deadline only
// while they fit its bandwidth, so that it can never run for more than budget + one overlap.
START_TEST(a_sleeper_cannot_save_up_budget)
{
    begin("eevdf", 1);
    struct aur_spec *sly = add_task("sly", LOOP(EVER), RUN(900 * US), SLEEP(100 * US), END);
    sly->kind = DEADLINE;
    sly->dl_runtime_ns = 2 * MS;
    sly->dl_period_ns = sly->dl_deadline_ns = 10 * MS;
    add_task("hog", LOOP(EVER), RUN(MS), END);
    scene.inputs.duration_ns = 10000 * MS;
    run_scene();
    ck_assert_uint_le(task_of(0)->run_ns, 2002 * MS);
    ck_assert_uint_ge(task_of(0)->run_ns, 1900 * MS);
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
    begin("eevdf", 2);
    for (int i = 0; i < 3; i++)
        add_server("server", 7 * MS, 7 * MS, 10 * MS, 10 * MS);
    ck_assert_ptr_nonnull(strstr(refusal(), "does not fit"));

    begin("eevdf", 2);
    add_server("server", 500, 1000, 10 * MS, 10 * MS);
    ck_assert_ptr_nonnull(strstr(refusal(), "dl-runtime <= dl-deadline <= dl-period"));
}
END_TEST

// Two CPUs, three servers of 60 %: each gets all of its budget in each of its periods.
START_TEST(two_cpus_share_what_one_could_not_hold)
{
    begin("eevdf", 2);
    for (int i = 0; i < 3; i++)
        add_server("server", 6 * MS, 6 * MS, 10 * MS, 10 * MS);
    scene.inputs.duration_ns = 1000 * MS;
    run_scene();
    uint64_t run_ns = 0;
    for (uint32_t i = 0; i < 3; i++)
        run_ns += task_of(i)->run_ns;
    ck_assert_uint_ge(run_ns, 1788 * MS);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_le(task_of(i)->tardiness_max_ns, 6 * MS); // bounded, as global EDF's is
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_earlier_deadline_preempts,
        a_server_that_overruns_gets_its_bandwidth_and_harms_nobody,
        a_sleeper_cannot_save_up_budget,
        what_does_not_fit_is_refused,
        two_cpus_share_what_one_could_not_hold,
    };
    return run_tests("deadline", tests, LENGTH(tests), setup);
}
