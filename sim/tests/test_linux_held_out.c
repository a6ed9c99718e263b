// Predictions of workloads that nothing was made for, beside what real Linux did: the targets of
// experiments/linux-held-out.yaml. docs/fidelity.md says what the first predictions were and what
// was found of those that missed.
#include "tests/prediction.h"

#define EXPERIMENT "linux-held-out.yaml"

static void setup(void) {}

START_TEST(periodic_tasks_of_six_nice_values_beside_endless_ones_run_and_wait_as_on_linux)
{
    static const struct miss misses[] = {{"p7", WAKEUP_WAIT},   {"p12", WAKEUP_WAIT},
                                         {"p20", PREEMPTIONS},  {"p45", SHARE},
                                         {"p100", WAKEUP_WAIT}, {NULL, QUANTITIES}};
    ck_assert_uint_eq(compare_workload(EXPERIMENT, "nice", misses), 8);
}
END_TEST

START_TEST(slices_of_their_own_batch_and_idle_tasks_run_and_wait_as_on_linux)
{
    static const struct miss misses[] = {
        {"quick", WAKEUP_WAIT}, {"plain", PREEMPTION_WAIT}, {NULL, QUANTITIES}};
    ck_assert_uint_eq(compare_workload(EXPERIMENT, "slices", misses), 8);
}
END_TEST

START_TEST(an_overloaded_pair_of_cpus_shares_as_on_linux_but_for_what_is_said)
{
    static const struct miss misses[] = {
        {"u20", PREEMPTIONS}, {"u20", PREEMPTION_WAIT}, {"u20", WAKEUP_WAIT},
        {"u30", PREEMPTIONS}, {"u30", PREEMPTION_WAIT}, {"u30", WAKEUP_WAIT},
        {"u40", SHARE},       {"u40", WAKEUP_WAIT},     {"hog-a", SHARE},
        {"hog-b", SHARE},     {NULL, QUANTITIES}};
    ck_assert_uint_eq(compare_workload(EXPERIMENT, "two-cpus", misses), 6);
}
END_TEST

START_TEST(a_pair_of_cpus_with_time_left_shares_as_on_linux_but_for_what_is_said)
{
    static const struct miss misses[] = {
        {"w4", PREEMPTIONS},  {"w4", PREEMPTION_WAIT}, {"w9", PREEMPTIONS},
        {"w9", WAKEUP_WAIT},  {"w13", PREEMPTIONS},    {"w13", WAKEUP_WAIT},
        {"w19", PREEMPTIONS}, {"w19", WAKEUP_WAIT},    {"w31", PREEMPTIONS},
        {"w31", WAKEUP_WAIT}, {"w60", PREEMPTIONS},    {"w60", PREEMPTION_WAIT},
        {NULL, QUANTITIES}};
    ck_assert_uint_eq(compare_workload(EXPERIMENT, "idle-cpus", misses), 6);
}
END_TEST

START_TEST(fifo_and_rr_above_fair_tasks_run_and_wait_as_on_linux)
{
    static const struct miss misses[] = {
        {"fifo", WAKEUP_WAIT}, {"fair", WAKEUP_WAIT}, {NULL, QUANTITIES}};
    ck_assert_uint_eq(compare_workload(EXPERIMENT, "real-time", misses), 6);
}
END_TEST

START_TEST(fair_tasks_below_an_endless_fifo_task_run_and_wait_as_on_linux)
{
    static const struct miss misses[] = {{"fair", SHARE},        {"fair", WAKEUP_WAIT},
                                         {"hog-1", PREEMPTIONS}, {"hog-1", PREEMPTION_WAIT},
                                         {"hog-2", SHARE},       {"hog-2", PREEMPTION_WAIT},
                                         {NULL, QUANTITIES}};
    ck_assert_uint_eq(compare_workload(EXPERIMENT, "starved", misses), 4);
}
END_TEST

START_TEST(deadline_servers_beside_fair_tasks_run_and_wait_as_on_linux)
{
    static const struct miss misses[] = {{"dl-short", WAKEUP_WAIT}, {"dl-over", PREEMPTION_WAIT},
                                         {"dl-over", WAKEUP_WAIT},  {"fair", PREEMPTIONS},
                                         {"fair", PREEMPTION_WAIT}, {NULL, QUANTITIES}};
    ck_assert_uint_eq(compare_workload(EXPERIMENT, "deadline", misses), 5);
}
END_TEST

START_TEST(groups_by_weight_and_quota_run_and_wait_as_on_linux)
{
    static const struct miss misses[] = {{"heavy-p", WAKEUP_WAIT},    {"light-p", PREEMPTIONS},
                                         {"light-p", WAKEUP_WAIT},    {"capped", PREEMPTIONS},
                                         {"capped", PREEMPTION_WAIT}, {NULL, QUANTITIES}};
    ck_assert_uint_eq(compare_workload(EXPERIMENT, "groups", misses), 5);
}
END_TEST

START_TEST(a_chain_of_pipes_beside_endless_tasks_shares_as_on_linux_but_for_what_is_said)
{
    static const struct miss misses[] = {{"source", SHARE},          {"source", PREEMPTIONS},
                                         {"source", WAKEUP_WAIT},    {"stage-1", PREEMPTION_WAIT},
                                         {"stage-1", WAKEUP_WAIT},   {"stage-2", PREEMPTIONS},
                                         {"stage-2", WAKEUP_WAIT},   {"hog-1", SHARE},
                                         {"hog-1", PREEMPTION_WAIT}, {"hog-2", SHARE},
                                         {"hog-2", PREEMPTIONS},     {NULL, QUANTITIES}};
    ck_assert_uint_eq(compare_workload(EXPERIMENT, "chain", misses), 6);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        periodic_tasks_of_six_nice_values_beside_endless_ones_run_and_wait_as_on_linux,
        slices_of_their_own_batch_and_idle_tasks_run_and_wait_as_on_linux,
        an_overloaded_pair_of_cpus_shares_as_on_linux_but_for_what_is_said,
        a_pair_of_cpus_with_time_left_shares_as_on_linux_but_for_what_is_said,
        fifo_and_rr_above_fair_tasks_run_and_wait_as_on_linux,
        fair_tasks_below_an_endless_fifo_task_run_and_wait_as_on_linux,
        deadline_servers_beside_fair_tasks_run_and_wait_as_on_linux,
        groups_by_weight_and_quota_run_and_wait_as_on_linux,
        a_chain_of_pipes_beside_endless_tasks_shares_as_on_linux_but_for_what_is_said,
    };
    return run_tests("linux held out", tests, LENGTH(tests), setup);
}
