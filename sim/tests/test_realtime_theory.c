// Real-time scheduling against theory: what a schedulability test accepts never misses a deadline,
// and the worst response is the one that analysis gives. Nothing costs anything here.
#include <math.h>

#include "tests/chance.h"
#include "tests/simulate_scene.h"

#define DEADLINE   aur_task_kind(AUR_POLICY_DEADLINE, 0, 0)
#define TASKS_MOST 24u

#define HYPERPERIOD (120 * MS) // of all the periods below

// The parameters by their places in the classes' lists.
enum {
    EDF_PERCENT,
    EDF_PLACEMENT,
    EDF_FIT,
    EDF_RECLAIM
};
enum {
    PRIO_ASSIGNMENT = 1,
    PRIO_PLACEMENT,
    PRIO_FIT
};

struct periodic {
    uint64_t run_ns, deadline_ns, period_ns;
};

static struct periodic tasks[TASKS_MOST];

static void setup(void)
{
    end_scene();
}

static uint64_t *params_of(enum aur_slot slot)
{
    return scene.inputs.above[slot].params;
}

static double uniform(void)
{
    return (double)below(1u << 30) / (double)(1u << 30);
}

static uint64_t any_period(void)
{
    static const uint8_t periods_ms[] = {8, 10, 12, 15, 20, 24, 30, 40, 60, 120};
    return periods_ms[below(LENGTH(periods_ms))] * MS;
}

// UUniFast (Bini and Buttazzo, Measuring the performance of schedulability tests, 2005): `count`
// utilisations of this sum, all such vectors equally likely. False if one is above `most` or a
// runtime too small for a server.
static bool any_set(uint32_t count, double sum, double most)
{
    for (uint32_t i = 0; i < count; i++) {
        double rest = i + 1 == count ? 0 : sum * pow(uniform(), 1.0 / (double)(count - i - 1));
        double share = sum - rest;
        uint64_t period_ns = any_period();
        tasks[i] = (struct periodic){(uint64_t)(share * (double)period_ns), period_ns, period_ns};
        sum = rest;
        if (share > most || tasks[i].run_ns < 2 * US)
            return false;
    }
    return true;
}

static void add_periodic(const struct periodic *task, uint32_t kind)
{
    struct aur_spec *spec = add_task("task", LOOP(EVER), RUN(task->run_ns),
                                     DUE_TIMER(task->period_ns, task->deadline_ns), END);
    spec->kind = kind;
    spec->dl_runtime_ns = task->run_ns;
    spec->dl_deadline_ns = task->deadline_ns;
    spec->dl_period_ns = task->period_ns;
}

static void must_miss_nothing(uint32_t set, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        ck_assert_msg(task_of(i)->misses == 0, "set %u: task %u of %u misses %u deadlines", set, i,
                      count, task_of(i)->misses);
}

// Liu and Layland 1973: on one CPU EDF misses nothing up to a utilisation of 1, here 1 less at most
// a few nanoseconds of the hyperperiod.
START_TEST(edf_on_one_cpu_misses_nothing_up_to_a_utilisation_of_1)
{
    start_chance();
    for (uint32_t set = 0; set < 1000;) {
        uint32_t count = 2 + below(8);
        if (!any_set(count, 1, 1))
            continue;
        uint64_t left_ns = HYPERPERIOD;
        for (uint32_t i = 0; i + 1 < count; i++)
            left_ns -= tasks[i].run_ns * (HYPERPERIOD / tasks[i].period_ns);
        struct periodic *last = &tasks[count - 1];
        last->run_ns = left_ns / (HYPERPERIOD / last->period_ns);
        begin("eevdf", 1);
        params_of(AUR_SLOT_DEADLINE)[EDF_PERCENT] = 100;
        for (uint32_t i = 0; i < count; i++)
            add_periodic(&tasks[i], DEADLINE);
        scene.inputs.duration_ns = 2 * HYPERPERIOD;
        run_scene();
        must_miss_nothing(set++, count);
    }
}
END_TEST

static int by_deadline(const void *a, const void *b)
{
    const struct periodic *x = a, *y = b;
    return (x->deadline_ns > y->deadline_ns) - (x->deadline_ns < y->deadline_ns);
}

// Joseph and Pandya 1986; Audsley, Burns, Richardson, Tindell, Wellings 1993. 0: beyond the
// deadline.
static uint64_t response_by_analysis(uint32_t of)
{
    uint64_t response_ns = tasks[of].run_ns, before_ns = 0;
    while (response_ns != before_ns && response_ns <= tasks[of].deadline_ns) {
        before_ns = response_ns;
        response_ns = tasks[of].run_ns;
        for (uint32_t i = 0; i < of; i++)
            response_ns +=
                (before_ns + tasks[i].period_ns - 1) / tasks[i].period_ns * tasks[i].run_ns;
    }
    return response_ns <= tasks[of].deadline_ns ? response_ns : 0;
}

// Deadlines all different, so that there are no ties. The tasks come in any order; the class finds
// their priorities.
START_TEST(the_worst_response_of_deadline_monotonic_tasks_is_that_of_the_analysis)
{
    start_chance();
    for (uint32_t set = 0; set < 1000;) {
        uint32_t count = 2 + below(9), order[TASKS_MOST];
        if (!any_set(count, 0.3 + 0.65 * uniform(), 1))
            continue;
        uint64_t analysed_ns[TASKS_MOST];
        bool good = true;
        for (uint32_t i = 0; i < count; i++) {
            uint64_t room_ns = tasks[i].period_ns - tasks[i].run_ns;
            tasks[i].deadline_ns = tasks[i].period_ns - below((uint32_t)(room_ns / 2) + 1);
        }
        qsort(tasks, count, sizeof *tasks, by_deadline);
        for (uint32_t i = 0; i < count; i++) {
            analysed_ns[i] = response_by_analysis(i);
            good = good && analysed_ns[i] != 0 &&
                   (i == 0 || tasks[i].deadline_ns != tasks[i - 1].deadline_ns);
            order[i] = i;
        }
        if (!good)
            continue;
        for (uint32_t i = count; i-- > 1;) {
            uint32_t other = below(i + 1), kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        begin("eevdf", 1);
        params_of(AUR_SLOT_REALTIME)[PRIO_ASSIGNMENT] = 2;
        for (uint32_t i = 0; i < count; i++)
            add_periodic(&tasks[order[i]], FIFO(1 + (int)below(99)));
        scene.inputs.duration_ns = HYPERPERIOD + 1;
        run_scene();
        for (uint32_t i = 0; i < count; i++)
            ck_assert_msg(scene.result.specs[i].response_ns.max == analysed_ns[order[i]],
                          "set %u, task %u of %u: %" PRIu64 " ns, by analysis %" PRIu64, set, i,
                          count, scene.result.specs[i].response_ns.max, analysed_ns[order[i]]);
        must_miss_nothing(set++, count);
    }
}
END_TEST

// Goossens, Funk, Baruah, Priority-driven scheduling of periodic task systems on multiprocessors,
// 2003: a utilisation of at most m (1 - u_max) + u_max.
START_TEST(global_edf_misses_nothing_that_gfb_accepts)
{
    start_chance();
    for (uint32_t set = 0; set < 200;) {
        uint32_t cpus = 2 + below(5), count = cpus + 1 + below(2 * cpus);
        double most = 0.2 + 0.6 * uniform(), bound = cpus * (1 - most) + most;
        if (!any_set(count, bound * 0.9999, most))
            continue;
        begin("eevdf", cpus);
        params_of(AUR_SLOT_DEADLINE)[EDF_PERCENT] = 100;
        for (uint32_t i = 0; i < count; i++)
            add_periodic(&tasks[i], DEADLINE);
        scene.inputs.duration_ns = 2 * HYPERPERIOD;
        run_scene();
        must_miss_nothing(set++, count);
    }
}
END_TEST

// Bertogna, Cirinei, Lipari, New schedulability tests for real-time task sets scheduled by deadline
// monotonic on multiprocessors, OPODIS 2005: task k meets its deadline if the sum over the more
// urgent of min(W, slack) is below m slack, where W is the most work of one in k's window with one
// job carried in, and slack is D_k - C_k + 1.
static bool bcl_accepts(uint32_t count, uint32_t cpus)
{
    for (uint32_t k = 0; k < count; k++) {
        uint64_t slack_ns = tasks[k].deadline_ns - tasks[k].run_ns + 1, sum_ns = 0;
        for (uint32_t i = 0; i < k; i++) {
            uint64_t reach_ns = tasks[k].deadline_ns + tasks[i].deadline_ns - tasks[i].run_ns;
            uint64_t jobs = reach_ns / tasks[i].period_ns, part_ns = reach_ns % tasks[i].period_ns;
            uint64_t work_ns =
                jobs * tasks[i].run_ns + (part_ns < tasks[i].run_ns ? part_ns : tasks[i].run_ns);
            sum_ns += work_ns < slack_ns ? work_ns : slack_ns;
        }
        if (sum_ns >= cpus * slack_ns)
            return false;
    }
    return true;
}

START_TEST(global_fixed_priority_misses_nothing_that_bcl_accepts)
{
    start_chance();
    uint32_t full = 0;
    for (uint32_t set = 0; set < 200;) {
        uint32_t cpus = 2 + below(3), count = cpus + 1 + below(2 * cpus);
        double sum = cpus * (0.25 + 0.35 * uniform());
        if (!any_set(count, sum, 0.7))
            continue;
        qsort(tasks, count, sizeof *tasks, by_deadline);
        if (!bcl_accepts(count, cpus))
            continue;
        begin("eevdf", cpus);
        params_of(AUR_SLOT_REALTIME)[PRIO_ASSIGNMENT] = 1;
        for (uint32_t i = 0; i < count; i++)
            add_periodic(&tasks[i], FIFO(50));
        scene.inputs.duration_ns = 2 * HYPERPERIOD;
        run_scene();
        must_miss_nothing(set++, count);
        full += sum > 0.4 * cpus;
    }
    ck_assert_uint_gt(full, 20); // not only sets that are easy
}
END_TEST

// Whatever the fit rule, a set that finds its places misses nothing; sets that do not are refused.
START_TEST(a_partitioned_set_that_is_admitted_misses_nothing)
{
    start_chance();
    uint32_t admitted[2] = {0, 0}, refused[2] = {0, 0};
    for (uint32_t set = 0; set < 400; set++) {
        bool edf = set % 2;
        uint32_t cpus = 1 + below(4), count = cpus + below(3 * cpus + 1), fit = below(3);
        if (!any_set(count, cpus * (0.5 + 0.5 * uniform()), 1))
            continue;
        begin("eevdf", cpus);
        uint64_t *deadline = params_of(AUR_SLOT_DEADLINE), *realtime = params_of(AUR_SLOT_REALTIME);
        deadline[EDF_PERCENT] = 100;
        deadline[EDF_PLACEMENT] = realtime[PRIO_PLACEMENT] = 1;
        deadline[EDF_FIT] = realtime[PRIO_FIT] = fit;
        realtime[PRIO_ASSIGNMENT] = 1 + below(2);
        for (uint32_t i = 0; i < count; i++) {
            if (edf || realtime[PRIO_ASSIGNMENT] == 2)
                tasks[i].deadline_ns -=
                    below((uint32_t)(tasks[i].period_ns - tasks[i].run_ns) / 4 + 1);
            add_periodic(&tasks[i], edf ? DEADLINE : FIFO(50));
        }
        scene.inputs.duration_ns = 2 * HYPERPERIOD;
        if (!attempt()) {
            refused[edf]++;
            continue;
        }
        admitted[edf]++;
        must_miss_nothing(set, count);
    }
    for (int edf = 0; edf < 2; edf++) {
        ck_assert_uint_gt(admitted[edf], 40);
        ck_assert_uint_gt(refused[edf], 10);
    }
}
END_TEST

// CPU time of an endless task with a server of 40 % beside one of 40 % that needs 10 % only.
static uint64_t greedy_run_ns(uint64_t reclaim)
{
    begin("eevdf", 1);
    params_of(AUR_SLOT_DEADLINE)[EDF_RECLAIM] = reclaim;
    add_periodic(&(struct periodic){4 * MS, 10 * MS, 10 * MS}, DEADLINE);
    scene.inputs.workload.ops[1].value = 1 * MS;
    struct aur_spec *greedy = add_task("greedy", LOOP(EVER), RUN(1000 * MS), END);
    greedy->kind = DEADLINE;
    greedy->dl_runtime_ns = 4 * MS;
    greedy->dl_deadline_ns = greedy->dl_period_ns = 10 * MS;
    add_task("hog", LOOP(EVER), RUN(MS), END);
    scene.inputs.duration_ns = 10000 * MS;
    run_scene();
    ck_assert_uint_eq(task_of(0)->misses, 0);
    return task_of(1)->run_ns;
}

// Lipari and Baruah 2000, by hand. 15 % are asked for by nobody, so budgets go down at 0.85 while
// both are active. The modest task has run after 1 ms, with 3.15 ms of budget left: its lag is zero
// at 10 - 3.15 / 0.4 = 2.125 ms. From 1 ms on the greedy one's budget of 4 ms goes down at 0.85 for
// 1.125 ms, then at 0.45 for 6.764 ms: 7.889 ms in each period of 10.
START_TEST(reclaimed_bandwidth_goes_to_who_needs_it)
{
    ck_assert_uint_eq(greedy_run_ns(0), 4000 * MS);
    uint64_t with_ns = greedy_run_ns(1);
    ck_assert_uint_ge(with_ns, 7888 * MS);
    ck_assert_uint_le(with_ns, 7889 * MS); // bandwidths are cut off at 2^-20
}
END_TEST

// An endless task with a server of 4 ms in 10 ms or a little more: it always wants more.
static struct aur_spec *add_greedy(void)
{
    struct aur_spec *greedy = add_task("greedy", LOOP(EVER), RUN(1000 * MS), END);
    greedy->kind = DEADLINE;
    greedy->dl_runtime_ns = 4 * MS;
    greedy->dl_deadline_ns = greedy->dl_period_ns = 10 * MS + below(1000);
    return greedy;
}

// Abeni and Buttazzo 1998: a task that asks for more than its budget harms itself only. Of each set
// the first task's jobs take up to three times what its server has.
START_TEST(who_overruns_its_server_harms_nobody_else)
{
    start_chance();
    uint32_t harmed = 0;
    for (uint32_t set = 0; set < 300;) {
        uint32_t count = 2 + below(7);
        if (!any_set(count, 0.6, 1))
            continue;
        begin("eevdf", 1);
        params_of(AUR_SLOT_DEADLINE)[EDF_PERCENT] = 100;
        for (uint32_t i = 0; i < count; i++)
            add_periodic(&tasks[i], DEADLINE);
        scene.inputs.workload.ops[1].value += 1 + below(2 * (uint32_t)tasks[0].run_ns);
        uint64_t period_ns = add_greedy()->dl_period_ns;
        scene.inputs.duration_ns = 4 * HYPERPERIOD;
        run_scene();
        harmed += task_of(0)->misses > 0;
        // Over a time t no server gives more than t Q / P + Q.
        ck_assert_uint_le(task_of(0)->run_ns,
                          (4 * HYPERPERIOD / tasks[0].period_ns + 1) * tasks[0].run_ns);
        ck_assert_uint_le(task_of(count)->run_ns, (4 * HYPERPERIOD / period_ns + 1) * 4 * MS);
        for (uint32_t i = 1; i < count; i++)
            ck_assert_msg(task_of(i)->misses == 0, "set %u: task %u of %u misses", set, i, count);
        set++;
    }
    ck_assert_uint_gt(harmed, 290); // it did overrun
}
END_TEST

// Jobs that are sometimes shorter than their budget beside one that always wants more.
START_TEST(reclaiming_lets_nobody_else_miss)
{
    start_chance();
    for (uint32_t set = 0; set < 300;) {
        uint32_t count = 2 + below(7);
        if (!any_set(count, 0.6, 1))
            continue;
        begin("eevdf", 1);
        uint64_t *params = params_of(AUR_SLOT_DEADLINE);
        params[EDF_PERCENT] = 100;
        params[EDF_RECLAIM] = 1;
        for (uint32_t i = 0; i < count; i++) {
            struct aur_op ops[] = {LOOP(EVER),
                                   RUN(tasks[i].run_ns),
                                   OWN_TIMER(tasks[i].period_ns),
                                   RUN(1 + below((uint32_t)tasks[i].run_ns)),
                                   OWN_TIMER(tasks[i].period_ns),
                                   END};
            struct aur_spec *spec = add_ops("task", ops, LENGTH(ops));
            spec->kind = DEADLINE;
            spec->dl_runtime_ns = tasks[i].run_ns;
            spec->dl_deadline_ns = spec->dl_period_ns = tasks[i].period_ns;
        }
        add_greedy();
        scene.inputs.duration_ns = 4 * HYPERPERIOD;
        run_scene();
        must_miss_nothing(set++, count);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        edf_on_one_cpu_misses_nothing_up_to_a_utilisation_of_1,
        the_worst_response_of_deadline_monotonic_tasks_is_that_of_the_analysis,
        global_edf_misses_nothing_that_gfb_accepts,
        global_fixed_priority_misses_nothing_that_bcl_accepts,
        a_partitioned_set_that_is_admitted_misses_nothing,
        who_overruns_its_server_harms_nobody_else,
        reclaimed_bandwidth_goes_to_who_needs_it,
        reclaiming_lets_nobody_else_miss,
    };
    return run_tests("real-time theory", tests, LENGTH(tests), setup);
}
