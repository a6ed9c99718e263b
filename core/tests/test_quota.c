// Quota of task groups: had in each period and no more, nested, and not to be fled.
#include "tests/group_scene.h"

START_TEST(quota_is_had_in_each_period_and_no_more)
{
    static const struct {
        uint64_t quota_ms, period_ms;
        uint32_t cpus, hogs;
        uint64_t tick_ns;
    } table[] = {
        {20, 100, 1, 1, 0},    {20, 100, 1, 3, 0},     {1, 10, 1, 2, 0},
        {150, 100, 4, 4, 0},   {30, 100, 4, 8, 0},     {100, 100, 4, 4, 0},
        {20, 100, 1, 2, TICK}, {150, 100, 4, 5, TICK}, {3, 20, 2, 2, TICK / 4},
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        uint64_t quota_ns = table[i].quota_ms * MILLISECOND;
        uint64_t period_ns = table[i].period_ms * MILLISECOND;
        scene_of_groups("eevdf", table[i].cpus, table[i].tick_ns);
        uint32_t group = group_in(AUR_NONE);
        limit(group, quota_ns, period_ns);
        for (uint32_t hog = 0; hog < table[i].hogs; hog++)
            hog_in(group, ANYWHERE);
        uint64_t sum_ns = 0;
        for (uint64_t period = 1; period <= 100; period++) {
            scene_pass(period_ns - 1 * MICROSECOND);
            uint64_t ran_ns = 0;
            for (uint32_t hog = 0; hog < table[i].hogs; hog++)
                ran_ns += host_ran_ns(&host, hog);
            // What a tick finds overrun is taken from the next periods.
            MUST_BE_WITHIN(ran_ns, quota_ns * period - table[i].cpus * MILLISECOND,
                           quota_ns * period + table[i].cpus * table[i].tick_ns);
            sum_ns = ran_ns;
            scene_pass(1 * MICROSECOND);
        }
        scene_pass(MICROSECOND);
        MUST_BE_WITHIN(shown(group)->run_ns, sum_ns, sum_ns + table[i].cpus * 2 * MICROSECOND);
        ck_assert_uint_eq(shown(group)->periods, 100);
        ck_assert_uint_ge(shown(group)->throttlings, 90);
        scene_close();
    }
}
END_TEST

START_TEST(what_a_limited_group_may_not_have_goes_to_the_others)
{
    uint64_t ran_ns[3];
    scene_of_groups("eevdf", 1, 0);
    uint32_t group = group_in(AUR_NONE);
    limit(group, 10 * MILLISECOND, 50 * MILLISECOND);
    hog_in(group, 1);
    hog_in(group, 1);
    host_spawn(&host, OTHER(0), 1);
    scene_pass(10 * SECOND);
    measure(ran_ns, 3);
    MUST_BE_WITHIN(ran_ns[2], 8 * SECOND - LOOSELY, 8 * SECOND + 2 * LOOSELY);
    MUST_BE_WITHIN(ran_ns[0], SECOND - LOOSELY, SECOND + LOOSELY);
    // Half of the CPU until its 10 ms are used up after 20 ms, then 30 ms of each period throttled.
    MUST_BE_WITHIN(shown(group)->throttled_ns, 200 * 29 * MILLISECOND, 200 * 31 * MILLISECOND);
    scene_close();
}
END_TEST

START_TEST(the_quota_of_a_parent_limits_its_groups)
{
    static const uint64_t inner_ms[] = {0, 20, 50, 30};
    for (size_t i = 0; i < LENGTH(inner_ms); i++) {
        scene_of_groups("eevdf", 1, 0);
        uint32_t outer = group_in(AUR_NONE), inner = group_in(outer);
        limit(outer, 30 * MILLISECOND, 100 * MILLISECOND);
        if (inner_ms[i])
            limit(inner, inner_ms[i] * MILLISECOND, 100 * MILLISECOND);
        uint32_t task = hog_in(inner, 1);
        scene_pass(10 * SECOND);
        uint64_t least_ms = inner_ms[i] && inner_ms[i] < 30 ? inner_ms[i] : 30;
        MUST_BE_WITHIN(host_ran_ns(&host, task), 100 * (least_ms - 1) * MILLISECOND,
                       100 * least_ms * MILLISECOND);
        scene_close();
    }
}
END_TEST

// What a random tree of groups on one CPU should get, in real numbers: a twin that shares by
// weights and caps, level by level. A node is a group, with hogs and groups in it.
struct node {
    uint32_t parent, group, hogs;
    double weight, cap; // of the CPU
    double limit;       // what it can use at the most: its cap and that of those in it
    double gets;
};

static void fill_caps(struct node *nodes, uint32_t count)
{
    for (uint32_t n = count; n-- > 0;) { // children come after their parents
        double inside = nodes[n].hogs ? 1 : 0;
        for (uint32_t child = n + 1; child < count; child++)
            inside += nodes[child].parent == n ? nodes[child].limit : 0;
        nodes[n].limit = inside < nodes[n].cap ? inside : nodes[n].cap;
    }
}

// Shares what the parent gets among its hogs and groups: those that cannot use their part leave the
// rest to the others, until nobody is limited. Returns what its hogs get together.
static double share_out(struct node *nodes, uint32_t count, uint32_t parent)
{
    bool full[16] = {false};
    double left = nodes[parent].gets;
    for (;;) {
        double weights = nodes[parent].hogs * 1024.;
        for (uint32_t n = 1; n < count; n++)
            weights += nodes[n].parent == parent && !full[n] ? nodes[n].weight : 0;
        if (weights <= 0)
            return 0;
        bool again = false;
        for (uint32_t n = 1; n < count && !again; n++)
            if (nodes[n].parent == parent && !full[n] &&
                left * nodes[n].weight / weights > nodes[n].limit) {
                full[n] = again = true;
                nodes[n].gets = nodes[n].limit;
                left -= nodes[n].limit;
            }
        if (again)
            continue;
        for (uint32_t n = 1; n < count; n++)
            if (nodes[n].parent == parent && !full[n])
                nodes[n].gets = left * nodes[n].weight / weights;
        return left * nodes[parent].hogs * 1024. / weights;
    }
}

START_TEST(any_tree_of_weights_and_quotas_gets_what_real_numbers_say)
{
    uint64_t random = random_seed(20261122);
    const uint64_t period_ns = 100 * MILLISECOND, passes_ns = 4 * SECOND;
    for (int run = 0; run < 12; run++) {
        struct node nodes[10] = {{.group = AUR_NONE, .hogs = 1, .weight = 1, .cap = 1}};
        uint32_t count = 2 + (uint32_t)random_below(&random, 8), tasks = 0;
        uint32_t first_hog[10];
        scene_of_groups("eevdf", 1, 0);
        for (uint32_t n = 0; n < count; n++) {
            struct node *node = &nodes[n];
            if (n != 0) {
                uint64_t weight = random_spread(&random, 20, 1000);
                node->parent = (uint32_t)random_below(&random, n);
                node->group = weighing(nodes[node->parent].group, weight);
                node->weight = (double)weight * 10.24;
                node->hogs = (uint32_t)random_below(&random, 3);
                node->cap = 1;
                if (random_below(&random, 3) == 0) {
                    uint64_t quota_ns = (5 + random_below(&random, 60)) * MILLISECOND;
                    limit(node->group, quota_ns, period_ns);
                    node->cap = (double)quota_ns / (double)period_ns;
                }
            }
            first_hog[n] = tasks;
            for (uint32_t hog = 0; hog < node->hogs; hog++, tasks++)
                hog_in(node->group, 1);
        }
        fill_caps(nodes, count);
        scene_pass(10 * period_ns);
        uint64_t ran_ns[32];
        measure_from_now(tasks);
        scene_pass(passes_ns);
        measure(ran_ns, tasks);
        nodes[0].gets = 1;
        for (uint32_t n = 0; n < count; n++) {
            double got = 0, due = share_out(nodes, count, n);
            for (uint32_t hog = first_hog[n]; hog < first_hog[n] + nodes[n].hogs; hog++)
                got += (double)ran_ns[hog] / (double)passes_ns;
            if (got < due - 0.002 || got > due + 0.002)
                ck_abort_msg("run %d: the hogs of node %" PRIu32 " got %.4f, not %.4f", run, n, got,
                             due);
        }
        scene_close();
    }
}
END_TEST

START_TEST(a_group_without_demand_saves_up_nothing)
{
    scene_of_groups("eevdf", 1, 0);
    uint32_t group = group_in(AUR_NONE);
    limit(group, 10 * MILLISECOND, 100 * MILLISECOND);
    uint32_t task = hog_in(group, 1);
    host_settle(&host);
    host_by(&host, AUR_EV_BLOCK, task, 0, 0, 5 * SECOND);
    scene_pass(5 * SECOND);
    ck_assert_uint_le(shown(group)->periods, 2); // no timer for those who do not need it
    scene_pass(SECOND);
    MUST_BE_WITHIN(host_ran_ns(&host, task), 99 * MILLISECOND, 110 * MILLISECOND);
    scene_close();
}
END_TEST

START_TEST(a_quota_that_is_taken_away_frees_at_once)
{
    scene_of_groups("eevdf", 2, 0);
    uint32_t group = group_in(AUR_NONE);
    limit(group, 1 * MILLISECOND, SECOND);
    uint32_t a = hog_in(group, 1), b = hog_in(group, 2);
    scene_pass(100 * MILLISECOND);
    MUST_BE_WITHIN(host_ran_ns(&host, a) + host_ran_ns(&host, b), MILLISECOND, MILLISECOND + 1);
    ck_assert(!host_runs(&host, a) && !host_runs(&host, b));
    ck_assert_int_eq(set(group, AUR_GROUP_QUOTA_NS, AUR_NEVER_NS), AUR_OK);
    host_settle(&host);
    ck_assert(host_runs(&host, a) && host_runs(&host, b));
    // And one that comes limits a task that runs with nothing to end its slice.
    limit(group, 2 * MILLISECOND, SECOND);
    uint64_t before_ns = host_ran_ns(&host, a) + host_ran_ns(&host, b);
    scene_pass(100 * MILLISECOND);
    MUST_BE_WITHIN(host_ran_ns(&host, a) + host_ran_ns(&host, b) - before_ns, 2 * MILLISECOND,
                   2 * MILLISECOND + 2);
    scene_close();
}
END_TEST

START_TEST(a_task_cannot_flee_its_quota_by_moving)
{
    scene_of_groups("eevdf", 1, 0);
    uint32_t a = group_in(AUR_NONE), b = group_in(AUR_NONE);
    limit(a, 10 * MILLISECOND, 100 * MILLISECOND);
    limit(b, 10 * MILLISECOND, 100 * MILLISECOND);
    uint32_t task = hog_in(a, 1);
    for (int i = 0; i < 1000; i++) {
        scene_pass(MILLISECOND);
        join(task, i % 2 ? a : b);
    }
    // Both quotas and no more, the slice kept by an empty queue is part of them.
    MUST_BE_WITHIN(host_ran_ns(&host, task), 180 * MILLISECOND, 200 * MILLISECOND);
    scene_close();
}
END_TEST

START_TEST(a_cpu_that_goes_off_takes_no_throttled_task_with_it)
{
    uint64_t ran_ns[2];
    scene_of_groups("eevdf", 2, 0);
    uint32_t group = group_in(AUR_NONE);
    limit(group, 40 * MILLISECOND, 100 * MILLISECOND);
    hog_in(group, 1);
    hog_in(group, 2);
    scene_pass(50 * MILLISECOND);
    ck_assert(aur_hidden(host.core, 0) && aur_hidden(host.core, 1));
    host_event(&host, AUR_EV_CPU_OFF, 1, 0, 0, 0, 0); // it also keeps the groups' time
    scene_pass(50 * MILLISECOND);
    measure_from_now(2);
    scene_pass(10 * SECOND);
    measure(ran_ns, 2);
    MUST_BE_WITHIN(ran_ns[0] + ran_ns[1], 4 * SECOND - LOOSELY, 4 * SECOND + LOOSELY);
    MUST_BE_WITHIN(ran_ns[0], 2 * SECOND - LOOSELY, 2 * SECOND + LOOSELY);
    ck_assert_int_eq(host_event(&host, AUR_EV_CPU_ON, 1, 0, 0, 0, 0), AUR_OK);
    scene_pass(10 * SECOND);
    measure(ran_ns, 2);
    MUST_BE_WITHIN(ran_ns[0] + ran_ns[1], 4 * SECOND - LOOSELY, 4 * SECOND + LOOSELY);
    scene_close();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        quota_is_had_in_each_period_and_no_more,
        what_a_limited_group_may_not_have_goes_to_the_others,
        the_quota_of_a_parent_limits_its_groups,
        any_tree_of_weights_and_quotas_gets_what_real_numbers_say,
        a_group_without_demand_saves_up_nothing,
        a_quota_that_is_taken_away_frees_at_once,
        a_task_cannot_flee_its_quota_by_moving,
        a_cpu_that_goes_off_takes_no_throttled_task_with_it,
    };
    return run_tests("quota", tests, LENGTH(tests));
}
