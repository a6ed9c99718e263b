// Task groups: shares by nested weights, quota, and tasks that change their group in every state.
#include "tests/scene.h"

#include "step/parts.h"

#define TICK    (4 * MILLISECOND)
#define LOOSELY (5 * MILLISECOND)

static void scene_of_groups(const char *class, uint32_t cpus, uint64_t tick_ns)
{
    struct aur_config config = scene_config(class, cpus, tick_ns);
    config.groups = 12;
    scene_open(&config);
}

static uint32_t group_in(uint32_t parent)
{
    host.made = AUR_NONE;
    if (host_event(&host, AUR_EV_GROUP_NEW, 0, 0, parent, 0, 0) != AUR_OK)
        ck_abort_msg("a group cannot be made");
    return host.made;
}

static enum aur_status set(uint32_t group, enum aur_group_attribute attribute, uint64_t value)
{
    return host_event(&host, AUR_EV_GROUP_SET, 0, 0, group, attribute, value);
}

static uint32_t weighing(uint32_t parent, uint64_t weight)
{
    uint32_t group = group_in(parent);
    ck_assert_int_eq(set(group, AUR_GROUP_WEIGHT, weight), AUR_OK);
    return group;
}

static void limit(uint32_t group, uint64_t quota_ns, uint64_t period_ns)
{
    ck_assert_int_eq(set(group, AUR_GROUP_PERIOD_NS, period_ns), AUR_OK);
    ck_assert_int_eq(set(group, AUR_GROUP_QUOTA_NS, quota_ns), AUR_OK);
}

static enum aur_status join(uint32_t task, uint32_t group)
{
    return host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_GROUP, 0, group);
}

static uint32_t hog_in(uint32_t group, uint64_t affinity)
{
    uint32_t task = host_make(&host, OTHER(0), affinity);
    ck_assert_int_eq(join(task, group), AUR_OK);
    host_start(&host, task);
    return task;
}

static const struct aur_group *shown(uint32_t group)
{
    return aur_core_group(host.core, group);
}

// What the tasks have run since the last call, all of them.
static void measure(uint64_t *ran_ns, uint32_t tasks)
{
    static uint64_t before_ns[64];
    for (uint32_t task = 0; task < tasks; task++) {
        ran_ns[task] = host_ran_ns(&host, task) - before_ns[task];
        before_ns[task] += ran_ns[task];
    }
}

static void measure_from_now(uint32_t tasks)
{
    uint64_t ignored[64];
    measure(ignored, tasks);
}

START_TEST(a_group_weighs_as_much_as_one_task_of_nice_0)
{
    uint64_t ran_ns[4];
    scene_of_groups("eevdf", 1, 0);
    uint32_t group = group_in(AUR_NONE);
    host_spawn(&host, OTHER(0), 1);
    for (int i = 0; i < 3; i++)
        hog_in(group, 1);
    measure_from_now(4);
    scene_pass(6 * SECOND);
    measure(ran_ns, 4);
    MUST_BE_WITHIN(ran_ns[0], 3 * SECOND - LOOSELY, 3 * SECOND + LOOSELY);
    for (int i = 1; i < 4; i++)
        MUST_BE_WITHIN(ran_ns[i], SECOND - LOOSELY, SECOND + LOOSELY);
    scene_close();
}
END_TEST

// t: 100 of 300; in it a: 300 of 400 for two tasks, b: 100 of 400 for one. u: 200 of 300.
START_TEST(nested_weights_share_level_by_level)
{
    for (uint64_t tick_ns = 0; tick_ns <= TICK; tick_ns += TICK) {
        uint64_t ran_ns[4];
        scene_of_groups("eevdf", 1, tick_ns);
        uint32_t t = weighing(AUR_NONE, 100), u = weighing(AUR_NONE, 200);
        uint32_t a = weighing(t, 300), b = weighing(t, 100);
        uint32_t members[4] = {a, a, b, u};
        for (int i = 0; i < 4; i++)
            hog_in(members[i], 1);
        measure_from_now(4);
        scene_pass(24 * SECOND);
        measure(ran_ns, 4);
        uint64_t loosely_ns = LOOSELY + 4 * tick_ns;
        static const uint64_t expected[4] = {3, 3, 2, 16};
        for (int i = 0; i < 4; i++)
            MUST_BE_WITHIN(ran_ns[i] + loosely_ns, expected[i] * SECOND,
                           expected[i] * SECOND + 2 * loosely_ns);
        // A group has run what its tasks and groups have, and the running one has been charged.
        ck_assert_uint_eq(shown(t)->run_ns, shown(a)->run_ns + shown(b)->run_ns);
        MUST_BE_WITHIN(shown(t)->run_ns + shown(u)->run_ns + TICK, host.now_ns, host.now_ns + TICK);
        scene_close();
    }
}
END_TEST

START_TEST(every_fair_class_shares_by_groups_and_keeps_their_quota)
{
    for (uint32_t class = 0; class < aur_class_count(); class ++) {
        const struct aur_class_info *info = aur_class_info(class);
        if (!(info->traits & AUR_CLASS_GROUPS))
            continue;
        uint64_t ran_ns[4];
        scene_of_groups(info->name, 1, MILLISECOND);
        uint32_t t = weighing(AUR_NONE, 100), u = weighing(AUR_NONE, 200);
        uint32_t a = weighing(t, 300), b = weighing(t, 100);
        uint32_t members[4] = {a, a, b, u};
        for (int i = 0; i < 4; i++)
            hog_in(members[i], 1);
        measure_from_now(4);
        scene_pass(24 * SECOND);
        measure(ran_ns, 4);
        // Drawn tickets vary: of 2,400 draws of 10 ms the share of one in three by 1 % (one sigma).
        bool drawn = strcmp(info->name, "lottery") == 0;
        uint64_t loosely_ns = drawn ? 1200 * MILLISECOND : 100 * MILLISECOND;
        static const uint64_t expected[4] = {3, 3, 2, 16};
        for (int i = 0; i < 4; i++)
            if (ran_ns[i] + loosely_ns < expected[i] * SECOND ||
                ran_ns[i] > expected[i] * SECOND + loosely_ns)
                ck_abort_msg("%s: hog %d has run %" PRIu64 " ns of %" PRIu64 " s", info->name, i,
                             ran_ns[i], expected[i]);
        limit(u, 20 * MILLISECOND, 100 * MILLISECOND);
        scene_pass(10 * SECOND);
        measure(ran_ns, 4);
        if (ran_ns[3] < 1990 * MILLISECOND || ran_ns[3] > 2010 * MILLISECOND)
            ck_abort_msg("%s: a fifth of 10 s is limited to %" PRIu64 " ns", info->name, ran_ns[3]);
        scene_close();
    }
}
END_TEST

START_TEST(a_new_weight_counts_from_now_on)
{
    uint64_t ran_ns[2];
    scene_of_groups("eevdf", 1, 0);
    uint32_t a = group_in(AUR_NONE), b = group_in(AUR_NONE);
    hog_in(a, 1);
    hog_in(b, 1);
    static const struct {
        uint64_t weight, of_11; // of b, 100 against it; what a gets of 11 s
    } table[] = {{100, 5500}, {1000, 1000}, {10, 10000}, {100, 5500}};
    for (size_t i = 0; i < LENGTH(table); i++) {
        ck_assert_int_eq(set(b, AUR_GROUP_WEIGHT, table[i].weight), AUR_OK);
        measure_from_now(2);
        scene_pass(11 * SECOND);
        measure(ran_ns, 2);
        // Weights are whole numbers: 10 is 102 of 1024.
        MUST_BE_WITHIN(ran_ns[0], table[i].of_11 * MILLISECOND - 2 * LOOSELY,
                       table[i].of_11 * MILLISECOND + 2 * LOOSELY);
    }
    scene_close();
}
END_TEST

// On each CPU a group weighs by its part of what it runs there: 1024 / 2, against a task's 1024.
START_TEST(a_group_on_two_cpus_divides_its_weight)
{
    uint64_t ran_ns[3];
    scene_of_groups("eevdf", 2, 0);
    uint32_t group = group_in(AUR_NONE);
    hog_in(group, 1);
    hog_in(group, 2);
    host_spawn(&host, OTHER(0), 1);
    measure_from_now(3);
    scene_pass(9 * SECOND);
    measure(ran_ns, 3);
    MUST_BE_WITHIN(ran_ns[0], 3 * SECOND - LOOSELY, 3 * SECOND + LOOSELY);
    ck_assert_uint_eq(ran_ns[1], 9 * SECOND);
    MUST_BE_WITHIN(ran_ns[2], 6 * SECOND - LOOSELY, 6 * SECOND + LOOSELY);
    scene_close();
}
END_TEST

// Six tasks of 300 and twelve of 100 fill four CPUs by three to one only if a CPU is thought to be
// as loaded as its groups weigh there, however many tasks they have.
START_TEST(balancing_goes_by_what_groups_weigh)
{
    uint64_t ran_ns[18], a_ns = 0;
    scene_of_groups("eevdf", 4, TICK);
    uint32_t a = weighing(AUR_NONE, 300), b = weighing(AUR_NONE, 100);
    for (int i = 0; i < 18; i++)
        hog_in(i < 6 ? a : b, ANYWHERE);
    scene_pass(2 * SECOND);
    measure_from_now(18);
    scene_pass(10 * SECOND);
    measure(ran_ns, 18);
    for (int i = 0; i < 6; i++)
        a_ns += ran_ns[i];
    MUST_BE_WITHIN(a_ns, 29500 * MILLISECOND, 30500 * MILLISECOND);
    scene_close();
}
END_TEST

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

// Moves a task of each state from one group to the other and back, and on to none.
START_TEST(a_task_changes_its_group_in_every_state)
{
    enum {
        FRESH,
        QUEUED,
        RUNS,
        SLEEPS,
        DELAYED,
        THROTTLED,
        INHERITS,
        STATES
    };
    for (int state = FRESH; state < STATES; state++) {
        scene_of_groups("eevdf", 1, 0);
        uint32_t from = group_in(AUR_NONE), to = group_in(group_in(AUR_NONE));
        uint32_t hog = host_spawn(&host, OTHER(0), 1);
        uint32_t task = host_make(&host, OTHER(0), 1);
        ck_assert_int_eq(join(task, from), AUR_OK);
        if (state != FRESH)
            host_start(&host, task);
        while (state > QUEUED && !host_runs(&host, task))
            scene_pass(10 * MICROSECOND);
        if (state == QUEUED)
            while (host_runs(&host, task))
                scene_pass(10 * MICROSECOND);
        if (state == DELAYED)
            scene_pass(300 * MICROSECOND); // more than its share
        if (state == SLEEPS || state == DELAYED)
            host_by(&host, AUR_EV_BLOCK, task, 0, 0, host.now_ns + 50 * MILLISECOND);
        if (state == SLEEPS)
            scene_pass(20 * MILLISECOND);
        if (state == THROTTLED) {
            limit(from, MILLISECOND, SECOND);
            scene_pass(20 * MILLISECOND);
            ck_assert(aur_hidden(host.core, task));
        }
        if (state == INHERITS)
            host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_POLICY, 0, FIFO(1));
        static const int steps[] = {1, 0, 1, 2, 1};
        for (size_t i = 0; i < LENGTH(steps); i++) {
            uint32_t group = steps[i] == 0 ? from : steps[i] == 1 ? to : AUR_NONE;
            ck_assert_int_eq(join(task, group), AUR_OK);
            host_settle(&host);
            ck_assert_uint_eq(aur_core_task(host.core, task)->group, group);
            ck_assert_uint_eq(shown(from)->tasks, steps[i] == 0);
            ck_assert_uint_eq(shown(to)->tasks, steps[i] == 1);
        }
        if (state == FRESH)
            host_start(&host, task);
        host_event(&host, AUR_EV_TASK_SET, 0, task, AUR_ATTR_POLICY, 0, OTHER(0));
        scene_pass(50 * MILLISECOND);
        uint64_t task_ns = host_ran_ns(&host, task), hog_ns = host_ran_ns(&host, hog);
        uint64_t group_ns = shown(to)->run_ns;
        scene_pass(SECOND);
        MUST_BE_WITHIN(host_ran_ns(&host, task) - task_ns, 500 * MILLISECOND - LOOSELY,
                       500 * MILLISECOND + LOOSELY);
        MUST_BE_WITHIN(host_ran_ns(&host, hog) - hog_ns, 500 * MILLISECOND - LOOSELY,
                       500 * MILLISECOND + LOOSELY);
        MUST_BE_WITHIN(shown(to)->run_ns - group_ns, 500 * MILLISECOND - LOOSELY,
                       500 * MILLISECOND + LOOSELY);
        scene_close();
    }
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

START_TEST(children_are_born_into_the_group_of_their_parent)
{
    scene_of_groups("eevdf", 1, 0);
    uint32_t group = group_in(AUR_NONE), parent = hog_in(group, 1);
    host_event(&host, AUR_EV_TASK_NEW, 0, parent, OTHER(0), 0, 1);
    uint32_t child = host.made;
    ck_assert_uint_eq(aur_core_task(host.core, child)->group, group);
    ck_assert_uint_eq(shown(group)->tasks, 2);
    host_start(&host, child);
    host_settle(&host);
    while (!host_runs(&host, child))
        scene_pass(MILLISECOND);
    host_by(&host, AUR_EV_EXIT, child, 0, 0, 0);
    host_settle(&host);
    ck_assert_uint_eq(shown(group)->tasks, 1);
    scene_close();
}
END_TEST

START_TEST(what_cannot_be_is_refused)
{
    scene_of_groups("rr", 1, 0);
    ck_assert_int_eq(host_event(&host, AUR_EV_GROUP_NEW, 0, 0, AUR_NONE, 0, 0), AUR_NO_CLASS);
    scene_close();

    scene_of_groups("eevdf", 1, 0);
    uint32_t task = host_make(&host, OTHER(0), 1), group = AUR_NONE;
    for (uint32_t depth = 1; depth <= AUR_GROUP_DEPTH_MAX; depth++) {
        group = group_in(group);
        ck_assert_uint_eq(shown(group)->depth, depth);
    }
    ck_assert_int_eq(host_event(&host, AUR_EV_GROUP_NEW, 0, 0, group, 0, 0), AUR_BAD_ARGUMENT);
    ck_assert_int_eq(host_event(&host, AUR_EV_GROUP_NEW, 0, 0, 99, 0, 0), AUR_BAD_OBJECT);
    ck_assert_int_eq(host_event(&host, AUR_EV_GROUP_FREE, 0, 0, 0, 0, 0), AUR_GROUP_BUSY);
    ck_assert_int_eq(join(task, group), AUR_OK);
    ck_assert_int_eq(host_event(&host, AUR_EV_GROUP_FREE, 0, 0, group, 0, 0), AUR_GROUP_BUSY);
    ck_assert_int_eq(join(task, AUR_NONE), AUR_OK);
    ck_assert_int_eq(host_event(&host, AUR_EV_GROUP_FREE, 0, 0, group, 0, 0), AUR_OK);
    ck_assert_int_eq(host_event(&host, AUR_EV_GROUP_FREE, 0, 0, group, 0, 0), AUR_BAD_OBJECT);
    ck_assert_int_eq(join(task, group), AUR_BAD_OBJECT);
    while (host_event(&host, AUR_EV_GROUP_NEW, 0, 0, AUR_NONE, 0, 0) == AUR_OK)
        ;
    ck_assert_int_eq(host_event(&host, AUR_EV_GROUP_NEW, 0, 0, AUR_NONE, 0, 0), AUR_NO_GROUP_LEFT);
    static const struct {
        enum aur_group_attribute attribute;
        uint64_t bad;
    } table[] = {
        {AUR_GROUP_WEIGHT, 0},           {AUR_GROUP_WEIGHT, 10001},
        {AUR_GROUP_QUOTA_NS, 999999},    {AUR_GROUP_QUOTA_NS, AUR_NEVER_NS - 1},
        {AUR_GROUP_PERIOD_NS, 999999},   {AUR_GROUP_PERIOD_NS, 1000000001},
        {AUR_GROUP_ATTR_COUNT, 1000000},
    };
    for (size_t i = 0; i < LENGTH(table); i++)
        ck_assert_int_eq(set(0, table[i].attribute, table[i].bad), AUR_BAD_ARGUMENT);
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
        a_group_weighs_as_much_as_one_task_of_nice_0,
        nested_weights_share_level_by_level,
        every_fair_class_shares_by_groups_and_keeps_their_quota,
        a_new_weight_counts_from_now_on,
        a_group_on_two_cpus_divides_its_weight,
        balancing_goes_by_what_groups_weigh,
        quota_is_had_in_each_period_and_no_more,
        what_a_limited_group_may_not_have_goes_to_the_others,
        the_quota_of_a_parent_limits_its_groups,
        any_tree_of_weights_and_quotas_gets_what_real_numbers_say,
        a_group_without_demand_saves_up_nothing,
        a_quota_that_is_taken_away_frees_at_once,
        a_task_changes_its_group_in_every_state,
        a_task_cannot_flee_its_quota_by_moving,
        children_are_born_into_the_group_of_their_parent,
        what_cannot_be_is_refused,
        a_cpu_that_goes_off_takes_no_throttled_task_with_it,
    };
    return run_tests("group", tests, LENGTH(tests));
}
