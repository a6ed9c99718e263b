// Task groups and the timing of fixed-priority tasks in rt-app files.
#include "tests/rtapp_cases.h"

static struct aur_workload workload;
static struct aur_failure failure;

static void load(const char *text)
{
    bool good = load_bytes(&workload, text, strlen(text), &failure);
    ck_assert_msg(good, "%s", failure.text);
}

static const struct aur_group_spec *group(const char *path)
{
    uint32_t number = aur_workload_find_group(&workload, path);
    ck_assert_msg(number != 0, "there is no group %s", path);
    return &workload.groups[number - 1];
}

START_TEST(a_taskgroup_is_made_with_all_that_it_lies_in)
{
    load(
        "{\"tasks\": {\"a\": {\"taskgroup\": \"/tg1/sub\", \"instance\": 3, \"run\": 1, \"loop\": "
        "1}, \"b\": {\"taskgroup\": \"//tg1//\", \"run\": 1, \"loop\": 1}, \"c\": {\"taskgroup\": "
        "\"\", \"run\": 1, \"loop\": 1}, \"d\": {\"taskgroup\": \"/\", \"run\": 1, \"loop\": 1}}}");
    ck_assert_uint_eq(workload.group_count, 2);
    ck_assert_uint_eq(group("/tg1")->parent, 0);
    ck_assert_uint_eq(group("/tg1/sub")->parent, aur_workload_find_group(&workload, "/tg1"));
    ck_assert_uint_eq(workload.specs[0].group, aur_workload_find_group(&workload, "/tg1/sub"));
    ck_assert_uint_eq(workload.specs[1].group, aur_workload_find_group(&workload, "/tg1"));
    ck_assert_uint_eq(workload.specs[2].group, 0);
    ck_assert_uint_eq(workload.specs[3].group, 0);
    ck_assert_str_eq(program_of(&workload, 3), "taskgroup /; run 1000; exit");
    aur_workload_free(&workload);
}
END_TEST

START_TEST(a_task_moves_where_its_phases_name_different_groups)
{
    // One group, which the first phase names: nothing moves.
    ck_assert_str_eq(program("\"a\": {\"loop\": 2, \"phases\": {\"p\": {\"taskgroup\": \"/x\", "
                             "\"run\": 1}, \"q\": {\"run\": 2}}}"),
                     "loop 2; run 1000; run 2000; end; exit");
    ck_assert_str_eq(program("\"a\": {\"loop\": 2, \"phases\": {\"p\": {\"taskgroup\": \"/x\", "
                             "\"run\": 1}, \"q\": {\"taskgroup\": \"/y\", \"run\": 2}, \"r\": "
                             "{\"taskgroup\": \"/\", \"run\": 3}}}"),
                     "loop 2; taskgroup /x; run 1000; taskgroup /y; run 2000; taskgroup /; run "
                     "3000; end; exit");
    // The first phase stays where the task is, so coming round again it is in the second's.
    ck_assert_str_eq(program("\"a\": {\"taskgroup\": \"/x\", \"loop\": 2, \"phases\": {\"p\": "
                             "{\"run\": 1}, \"q\": {\"taskgroup\": \"/y\", \"run\": 2}}}"),
                     "loop 2; run 1000; taskgroup /y; run 2000; end; exit");
}
END_TEST

START_TEST(groups_have_the_weights_and_limits_of_the_section)
{
    load("{\"tasks\": {\"a\": {\"taskgroup\": \"/a/b\", \"run\": 1, \"loop\": 1}}, \"groups\": "
         "{\"/a\": {\"weight\": 10000}, \"/a/b/\": {\"quota\": 20000, \"period\": \"50ms\"}}}");
    ck_assert_uint_eq(group("/a")->weight, 10000);
    ck_assert_uint_eq(group("/a")->quota_ns, 0);
    ck_assert_uint_eq(group("/a/b")->quota_ns, 20000000);
    ck_assert_uint_eq(group("/a/b")->period_ns, 50000000);
    aur_workload_free(&workload);
    load("{\"tasks\": {\"a\": {\"taskgroup\": \"/a\", \"run\": 1, \"loop\": 1}}, \"groups\": "
         "{\"/a\": {\"quota\": \"max\"}}}");
    ck_assert_uint_eq(group("/a")->quota_ns, 0);
    aur_workload_free(&workload);
}
END_TEST

START_TEST(a_mistake_about_groups_is_told_with_its_place_and_mend)
{
#define ONE "{\"tasks\": {\"a\": {\"taskgroup\": \"/ab\", \"run\": 1, \"loop\": 1}},\n\"groups\": "
    static const struct {
        const char *text, *failure;
    } cases[] = {
        {"{\"tasks\": {\"a\": {\"taskgroup\": \"x\", \"run\": 1}}}",
         "f:1: the taskgroup \"x\" must start with a slash"},
        {"{\"tasks\": {\"a\": {\"taskgroup\": \"/1/2/3/4/5/6/7/8/9\", \"run\": 1}}}",
         "f:1: the taskgroup \"/1/2/3/4/5/6/7/8/9\" lies deeper than 8 groups, flatten it"},
        {"{\"tasks\": {\"a\":\n{\"taskgroup\": \"/x\", \"policy\": \"SCHED_FIFO\", \"run\": 1}}}",
         "f:1: \"a\" is in a taskgroup under a real-time policy, where groups mean nothing: take "
         "it "
         "out, or give it SCHED_OTHER"},
        {"{\"tasks\": {\"a\": {\"taskgroup\": \"/x\", \"phases\": {\n\"p\": {\"policy\": "
         "\"SCHED_RR\", \"run\": 1}}}}}",
         "f:2: \"p\" is in a taskgroup under a real-time policy, where groups mean nothing: take "
         "it "
         "out, or give it SCHED_OTHER"},
        {ONE "{\"/ac\": {}}}", "f:2: no task is in the group \"/ac\", did you mean \"/ab\"?"},
        {ONE "{\"/elsewhere\": {}}}",
         "f:2: no task is in the group \"/elsewhere\", give one \"taskgroup\": \"/elsewhere\""},
        {ONE "{\"ab\": {}}}", "f:2: the group \"ab\" must start with a slash"},
        {ONE "{\"/ab\": 3}}", "f:2: the group \"/ab\" must be a map, as {\"weight\": 200}"},
        {ONE "[]}", "f:2: \"groups\" must be a map, as {\"/batch\": {\"weight\": 50}}"},
        {ONE "{\"/ab\": {\"weigth\": 3}}}",
         "f:2: unknown key \"weigth\" in a group, did you mean \"weight\"?"},
        {ONE "{\"/ab\": {\"cfs_shares\": 3}}}",
         "f:2: unknown key \"cfs_shares\" in a group, use \"weight\", \"quota\" or \"period\""},
        {ONE "{\"/ab\": {\"quota\": 999}}}",
         "f:2: \"quota\" of a group must be from 1000 to 9007199254740 us"},
        {ONE "{\"/ab\": {\"period\": \"2s\"}}}",
         "f:2: \"period\" of a group must be from 1000 to 1000000 us"},
        {ONE "{\"/ab\": {\"weight\": 1, \"weight\": 2}}}",
         "f:2: \"weight\" is here already, on line 2, remove one"},
        {ONE "{\"/ab\": {}, \"/ab\": {}}}", "f:2: \"/ab\" is here already, on line 2, remove one"},
        {"{\"tasks\": {\"/x\": {\"taskgroup\": \"/x\", \"run\": 1, \"loop\": 1}}}",
         "f: a task and a task group are both called \"/x\", rename the task"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++)
        ck_assert_str_eq(failure_of(cases[i].text), cases[i].failure);
    ck_assert_ptr_nonnull(strstr(failure_of(ONE "{\"/ab\": {\"weight\": 0}}}"), "f:2: "));
    ck_assert_ptr_nonnull(strstr(failure_of(ONE "{\"/ab\": {\"weight\": 10001}}}"), "f:2: "));
}
END_TEST

START_TEST(workloads_beside_each_other_share_the_groups_of_one_path)
{
    struct aur_workload all;
    aur_workload_init(&all);
    load("{\"tasks\": {\"a\": {\"taskgroup\": \"/x/y\", \"run\": 1, \"loop\": 1}}, \"groups\": "
         "{\"/x\": {\"weight\": 50}, \"/x/y\": {\"weight\": 60}}}");
    ck_assert(aur_workload_append(&all, &workload));
    aur_workload_free(&workload);
    load("{\"tasks\": {\"b\": {\"loop\": 1, \"phases\": {\"p\": {\"taskgroup\": \"/z\", \"run\": "
         "1}, \"q\": {\"taskgroup\": \"/x/y\", \"run\": 1}}}}, \"groups\": {\"/x/y\": {\"weight\": "
         "70}}}");
    ck_assert(aur_workload_append(&all, &workload));
    aur_workload_free(&workload);
    workload = all;
    ck_assert_msg(aur_workload_validate(&all, "f", &failure), "%s", failure.text);
    ck_assert_uint_eq(all.group_count, 3);
    ck_assert_uint_eq(group("/x")->weight, 50);
    ck_assert_uint_eq(group("/x/y")->weight, 70);
    ck_assert_uint_eq(all.specs[1].group, aur_workload_find_group(&all, "/z"));
    ck_assert_str_eq(program_of(&all, 1), "taskgroup /z; run 1000; taskgroup /x/y; run 1000; exit");
    aur_workload_free(&all);
}
END_TEST

// --- fixed priorities ----------------------------------------------------------------------------

static void expect_timing(const char *text, uint64_t runtime, uint64_t deadline, uint64_t period)
{
    char file[2000];
    snprintf(file, sizeof file, "{\"tasks\": {\"a\": {\"policy\": \"SCHED_FIFO\", %s}}}", text);
    load(file);
    const struct aur_spec *spec = &workload.specs[0];
    ck_assert_msg(spec->dl_runtime_ns == runtime && spec->dl_deadline_ns == deadline &&
                      spec->dl_period_ns == period,
                  "%s: %" PRIu64 " %" PRIu64 " %" PRIu64, text, spec->dl_runtime_ns,
                  spec->dl_deadline_ns, spec->dl_period_ns);
    aur_workload_free(&workload);
}

START_TEST(a_fixed_priority_task_may_say_its_timing_or_its_program_makes_it_evident)
{
#define TIMER "\"timer\": {\"ref\": \"unique\", \"period\": 10000}"
    expect_timing("\"dl-runtime\": 1000, \"dl-period\": 10000, \"run\": 1", 1000000, 10000000,
                  10000000);
    expect_timing("\"dl-period\": 10000, \"dl-deadline\": 5000, \"run\": 1", 0, 5000000, 10000000);
    expect_timing("\"run\": 1", 0, 0, 0);
    expect_timing("\"run\": 1500, " TIMER, 1500000, 10000000, 10000000);
    expect_timing("\"run\": {\"exponential\": 1500}, " TIMER, 1500000, 10000000, 10000000);
    expect_timing("\"run\": 15000, " TIMER, 10000000, 10000000, 10000000);
    expect_timing("\"run\": 1500, \"timer\": {\"ref\": \"t\", \"period\": 10000, \"deadline\": "
                  "4000}",
                  1500000, 4000000, 10000000);
    expect_timing("\"mem\": 1500, " TIMER, 0, 10000000, 10000000);
    // What is said counts, however evident the program is.
    expect_timing("\"dl-period\": 20000, \"run\": 1500, " TIMER, 0, 20000000, 20000000);
    // Nothing is evident of two periods, of a random one, of a timer that others use too.
    expect_timing("\"run\": 1, " TIMER ", \"timer\": {\"ref\": \"unique\", \"period\": 20000}", 0,
                  0, 0);
    expect_timing("\"run\": 1, \"timer\": {\"ref\": \"unique\", \"period\": {\"exponential\": 5}}",
                  0, 0, 0);
    expect_timing("\"instance\": 2, \"run\": 1, \"timer\": {\"ref\": \"t\", \"period\": 10000}", 0,
                  0, 0);
    expect_timing("\"phases\": {\"p\": {\"loop\": 5, \"run\": 10, " TIMER "}, \"q\": {\"loop\": 3, "
                  "\"run\": 20}}",
                  10000, 10000000, 10000000);
    expect_timing("\"phases\": {\"q\": {\"loop\": 3, \"run\": 20}, \"p\": {\"run\": 10, " TIMER
                  "}}",
                  70000, 10000000, 10000000);
}
END_TEST

START_TEST(timing_that_no_schedule_can_meet_is_refused)
{
    ck_assert_str_eq(
        program("\"a\": {\"policy\": \"SCHED_FIFO\", \"dl-runtime\": 11, "
                "\"dl-period\": 10, \"run\": 1}"),
        "f:1: \"dl-runtime\" is more than the deadline of 10 us, which it cannot meet");
    ck_assert_str_eq(program("\"a\": {\"policy\": \"SCHED_RR\", \"dl-deadline\": 11, "
                             "\"dl-period\": 10, \"run\": 1}"),
                     "f:1: \"dl-deadline\" is after the period of 10 us, give a shorter one");
}
END_TEST

START_TEST(a_phase_may_change_the_timing_of_a_fixed_priority_task)
{
    ck_assert_str_eq(program("\"a\": {\"policy\": \"SCHED_FIFO\", \"loop\": 1, \"phases\": {\"p\": "
                             "{\"run\": 1}, \"q\": {\"dl-period\": 30, \"run\": 2}}}"),
                     "run 1000; dl 0/30000/30; policy 1/0/10; run 2000; exit");
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_taskgroup_is_made_with_all_that_it_lies_in,
        a_task_moves_where_its_phases_name_different_groups,
        groups_have_the_weights_and_limits_of_the_section,
        a_mistake_about_groups_is_told_with_its_place_and_mend,
        workloads_beside_each_other_share_the_groups_of_one_path,
        a_fixed_priority_task_may_say_its_timing_or_its_program_makes_it_evident,
        timing_that_no_schedule_can_meet_is_refused,
        a_phase_may_change_the_timing_of_a_fixed_priority_task,
    };
    return run_tests("rt-app groups", tests, LENGTH(tests), NULL);
}
