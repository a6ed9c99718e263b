// Workloads as data: joining two, and refusing what the executor could not run safely.
#include <string.h>

#include "tests/run_tests.h"
#include "workload/workload.h"

static struct aur_workload workload;

static void make_empty(void)
{
    aur_workload_init(&workload);
}

static uint32_t op(struct aur_op value)
{
    uint32_t index = aur_workload_add_op(&workload, &value);
    ck_assert_uint_ne(index, AUR_NONE);
    return index;
}

static void spec(uint32_t entry, uint32_t instances)
{
    struct aur_spec value = {.name = aur_workload_add_name(&workload, "t"),
                             .instances = instances,
                             .entry = entry,
                             .kind = aur_task_kind(AUR_POLICY_OTHER, 0, 0)};
    ck_assert_uint_ne(aur_workload_add_spec(&workload, &value), AUR_NONE);
}

static void object(uint32_t kind, uint64_t parameter)
{
    struct aur_object_spec value = {.kind = kind, .parameter = parameter};
    ck_assert_uint_ne(aur_workload_add_object(&workload, &value), AUR_NONE);
}

// One task: lock, run, loop 2 {sleep}, unlock, exit.
static void make_sound(void)
{
    make_empty();
    object(AUR_OBJECT_MUTEX, 0);
    object(AUR_OBJECT_COND, 0);
    object(AUR_OBJECT_BARRIER, 2);
    object(AUR_OBJECT_SEMAPHORE, 1);
    op((struct aur_op){.code = AUR_OP_LOCK, .object = 0});
    op((struct aur_op){.code = AUR_OP_RUN, .value = 1000, .line = 7});
    op((struct aur_op){.code = AUR_OP_LOOP, .value = 2, .other = 5});
    op((struct aur_op){.code = AUR_OP_SLEEP, .value = 1});
    op((struct aur_op){.code = AUR_OP_END, .other = 3});
    op((struct aur_op){.code = AUR_OP_UNLOCK, .object = 0});
    op((struct aur_op){.code = AUR_OP_EXIT});
    spec(0, 1);
}

static const char *failure_of_workload(void)
{
    static struct aur_failure failure;
    failure.text[0] = '\0';
    bool good = aur_workload_validate(&workload, "f", &failure);
    ck_assert_int_eq(good, failure.text[0] == '\0');
    return failure.text;
}

static void free_workload(void)
{
    aur_workload_free(&workload);
}

START_TEST(a_sound_workload_is_taken)
{
    make_sound();
    ck_assert_str_eq(failure_of_workload(), "");
    free_workload();
}
END_TEST

// Each puts one op in the place of the RUN of the sound workload.
START_TEST(an_op_with_an_operand_out_of_range_is_refused)
{
    static const struct {
        struct aur_op op;
        const char *problem; // NULL: it is taken
    } cases[] = {
        {{.code = AUR_OP_COUNT}, "step 1, \"?\", is no known operation"},
        {{.code = 255}, "step 1, \"?\", is no known operation"},
        {{.code = AUR_OP_RUN, .value = UINT64_C(1) << 62}, "step 1, \"run\", is too long"},
        {{.code = AUR_OP_RUN, .flags = AUR_OP_UNIQUE}, "step 1, \"run\", has flags"},
        {{.code = AUR_OP_RUN, .flags = 8}, "step 1, \"run\", has flags"},
        {{.code = AUR_OP_RUN, .reserved = 1}, "step 1, \"run\", has flags"},
        {{.code = AUR_OP_RUN, .flags = AUR_OP_DRAW}, "step 1, \"run\", draws from no distribution"},
        {{.code = AUR_OP_LOCK, .object = 1}, "step 1, \"lock\", has an operand"},
        {{.code = AUR_OP_LOCK, .object = 4}, "step 1, \"lock\", has an operand"},
        {{.code = AUR_OP_LOCK, .object = AUR_NONE}, "step 1, \"lock\", has an operand"},
        {{.code = AUR_OP_UNLOCK, .object = 2}, "step 1, \"unlock\", has an operand"},
        {{.code = AUR_OP_WAIT, .object = 1, .other = 1}, "step 1, \"wait\", has an operand"},
        {{.code = AUR_OP_WAIT, .object = 0, .other = 0}, "step 1, \"wait\", has an operand"},
        {{.code = AUR_OP_WAIT, .object = 1, .other = AUR_NONE}, NULL},
        {{.code = AUR_OP_WAIT, .object = 1, .other = 0}, NULL},
        {{.code = AUR_OP_SIGNAL, .object = 3}, "step 1, \"signal\", has an operand"},
        {{.code = AUR_OP_BROADCAST, .object = 0}, "step 1, \"broadcast\", has an operand"},
        {{.code = AUR_OP_BARRIER, .object = 1}, "step 1, \"barrier\", has an operand"},
        {{.code = AUR_OP_DOWN, .object = 2}, "step 1, \"down\", has an operand"},
        {{.code = AUR_OP_UP, .object = 3}, NULL},
        {{.code = AUR_OP_FORK, .object = 1}, "step 1, \"fork\", has an operand"},
        {{.code = AUR_OP_TIMER, .object = 0, .value = 1}, "step 1, \"timer\", has an operand"},
        {{.code = AUR_OP_TIMER, .flags = AUR_OP_UNIQUE, .value = 1},
         "damaged workload: task 0 has a field out of range"},
        {{.code = AUR_OP_SET_KIND, .object = 4 | 20 << 8}, "step 1, \"policy\", has an operand"},
        {{.code = AUR_OP_SET_KIND, .object = 0 | 40 << 8}, "step 1, \"policy\", has an operand"},
        {{.code = AUR_OP_SET_KIND, .object = 1 | 20 << 8}, "step 1, \"policy\", has an operand"},
        {{.code = AUR_OP_SET_KIND, .object = 1 | 20 << 8 | 99 << 16}, NULL},
        {{.code = AUR_OP_SET_KIND, .object = 1 | 20 << 8 | 100 << 16},
         "step 1, \"policy\", has an operand"},
        {{.code = AUR_OP_SET_DL, .value = 1000, .deadline_ns = 2000, .other = 2}, NULL},
        {{.code = AUR_OP_SET_DL, .value = 2001, .deadline_ns = 2000, .other = 2},
         "step 1, \"dl\", has an operand"},
        {{.code = AUR_OP_SET_DL, .value = 1, .deadline_ns = 2000, .other = 1},
         "step 1, \"dl\", has an operand"},
        {{.code = AUR_OP_LOOP, .value = 1, .other = 7}, "stands inside a loop"},
        {{.code = AUR_OP_END, .other = 1}, "step 1, \"end\", closes no loop"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        make_sound();
        workload.ops[1] = cases[i].op;
        const char *failure = failure_of_workload();
        if (cases[i].problem)
            ck_assert_msg(strstr(failure, cases[i].problem) != NULL, "%zu: %s", i, failure);
        else
            ck_assert_str_eq(failure, "");
        free_workload();
    }
}
END_TEST

START_TEST(loops_that_do_not_name_each_other_are_refused)
{
    static const struct {
        uint32_t at, other;
    } cases[] = {{2, 4}, {2, 6}, {2, 0}, {2, AUR_NONE}, {4, 2}, {4, 4}, {4, AUR_NONE}};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        make_sound();
        workload.ops[cases[i].at].other = cases[i].other;
        ck_assert_str_eq(failure_of_workload(),
                         "f: step 4, \"end\", does not name its loop, nor the loop it");
        free_workload();
    }
    make_sound();
    workload.ops[2].value = 0;
    ck_assert_str_eq(failure_of_workload(),
                     "f: step 2, \"loop\", nests too deeply, or runs 0 times");
    free_workload();
}
END_TEST

START_TEST(loops_nest_as_deep_as_the_limit_and_no_deeper)
{
    for (uint32_t depth = AUR_LOOP_DEPTH; depth <= AUR_LOOP_DEPTH + 1; depth++) {
        make_empty();
        for (uint32_t i = 0; i < depth; i++)
            op((struct aur_op){.code = AUR_OP_LOOP, .value = 2, .other = 2 * depth + 1 - i});
        op((struct aur_op){.code = AUR_OP_RUN, .value = 1});
        for (uint32_t i = 0; i < depth; i++)
            op((struct aur_op){.code = AUR_OP_END, .other = depth - i});
        op((struct aur_op){.code = AUR_OP_EXIT});
        spec(0, 1);
        ck_assert_str_eq(failure_of_workload(),
                         depth == AUR_LOOP_DEPTH
                             ? ""
                             : "f: step 4, \"loop\", nests too deeply, or runs 0 times");
        free_workload();
    }
}
END_TEST

START_TEST(a_task_that_does_not_start_at_a_program_is_refused)
{
    for (uint32_t entry = 1; entry < 10; entry++) {
        make_sound();
        workload.specs[0].entry = entry;
        ck_assert_str_eq(failure_of_workload(),
                         "f: damaged workload: task 0 does not start at the start of a program, "
                         "import it anew");
        free_workload();
    }
    make_sound();
    op((struct aur_op){.code = AUR_OP_RUN, .value = 1});
    ck_assert_str_eq(failure_of_workload(),
                     "f: damaged workload: the last program has no exit, import it anew");
    free_workload();
}
END_TEST

START_TEST(tasks_may_share_a_program)
{
    make_sound();
    spec(0, 5);
    spec(0, 0);
    ck_assert_str_eq(failure_of_workload(), "");
    free_workload();
}
END_TEST

START_TEST(fields_of_tasks_objects_and_names_are_checked)
{
    static const char task[] = "f: damaged workload: task 0 has a field out of range, import it "
                               "anew";
    static const char thing[] = "f: damaged workload: object 0 has a field out of range, import it "
                                "anew";
#define CHECK_BROKEN(change, text)                                                                 \
    make_sound();                                                                                  \
    change;                                                                                        \
    ck_assert_str_eq(failure_of_workload(), text);                                                 \
    free_workload()
    CHECK_BROKEN(workload.specs[0].name = workload.name_bytes, task);
    CHECK_BROKEN(workload.specs[0].kind = 7, task);
    CHECK_BROKEN(workload.specs[0].start_ns = UINT64_MAX, task);
    CHECK_BROKEN(workload.specs[0].slice_ns = UINT64_C(1) << 62, task);
    CHECK_BROKEN(workload.specs[0].dl_runtime_ns = 1, task);
    CHECK_BROKEN(workload.specs[0].kind = aur_task_kind(AUR_POLICY_DEADLINE, 0, 0), task);
    CHECK_BROKEN(workload.specs[0].group = 1, task);
    CHECK_BROKEN(workload.objects[0].kind = AUR_OBJECT_FREE, thing);
    CHECK_BROKEN(workload.objects[0].parameter = 3, thing);
    CHECK_BROKEN(workload.objects[0].name = 99, thing);
    CHECK_BROKEN(workload.names[workload.name_bytes - 1] = 'x',
                 "f: damaged workload: name 3 does not end, import it anew");
    CHECK_BROKEN(workload.specs[0].instances = 0,
                 "f: no task starts, give at least one an instance");
    CHECK_BROKEN(workload.specs[0].instances = AUR_TASKS_MAX + 1,
                 "f: 16777217 tasks start, at most 16777216 can");
    CHECK_BROKEN(workload.ops[1].value = workload.ops[3].value = 0, "");
    CHECK_BROKEN(workload.ops[2].value = AUR_LOOP_FOREVER, "");
    CHECK_BROKEN(
        workload.ops[2].value = AUR_LOOP_FOREVER; workload.ops[3].value = 0;
        workload.ops[2].line = 9,
        "f:9: an endless loop in which no time can pass, put a run, sleep or timer above 0 "
        "into it");
#undef CHECK_BROKEN
}
END_TEST

START_TEST(joining_two_workloads_keeps_each_as_it_was)
{
    struct aur_workload more;
    make_sound();
    workload.duration_ns = 5;
    workload.timers = 2;
    op((struct aur_op){.code = AUR_OP_TIMER, .object = 1, .value = 3});
    op((struct aur_op){.code = AUR_OP_TIMER, .object = 4, .flags = AUR_OP_UNIQUE, .value = 3});
    op((struct aur_op){.code = AUR_OP_WAIT, .object = 1, .other = AUR_NONE});
    op((struct aur_op){.code = AUR_OP_WAIT, .object = 1, .other = 0});
    op((struct aur_op){.code = AUR_OP_FORK, .object = 0});
    op((struct aur_op){.code = AUR_OP_EXIT});
    spec(7, 1);
    workload.specs[1].timers = 5;
    ck_assert_str_eq(failure_of_workload(), "");
    more = workload;

    make_empty();
    ck_assert(aur_workload_append(&workload, &more));
    ck_assert(aur_workload_append(&workload, &more));
    ck_assert_str_eq(failure_of_workload(), "");
    ck_assert_uint_eq(workload.spec_count, 4);
    ck_assert_uint_eq(workload.op_count, 2 * more.op_count);
    ck_assert_uint_eq(workload.timers, 4);
    ck_assert_uint_eq(workload.duration_ns, 5);
    ck_assert_str_eq(aur_workload_name(&workload, workload.specs[3].name), "t");
    ck_assert_uint_eq(workload.specs[3].entry, more.op_count + 7);
    const struct aur_op *second = &workload.ops[more.op_count];
    ck_assert_uint_eq(second[0].object, 4);
    ck_assert_uint_eq(second[2].other, more.op_count + 5);
    ck_assert_uint_eq(second[4].other, more.op_count + 3);
    ck_assert_uint_eq(second[7].object, 3);
    ck_assert_uint_eq(second[8].object, 4);
    ck_assert_uint_eq(second[9].other, AUR_NONE);
    ck_assert_uint_eq(second[10].other, 4);
    ck_assert_uint_eq(second[11].object, 2);
    free_workload();
    aur_workload_free(&more);
}
END_TEST

START_TEST(a_name_outside_the_names_reads_as_empty)
{
    make_empty();
    ck_assert_str_eq(aur_workload_name(&workload, 0), "");
    ck_assert_str_eq(aur_workload_name(&workload, 99), "");
    ck_assert_uint_eq(aur_workload_add_name(&workload, ""), 0);
    ck_assert_str_eq(aur_workload_name(&workload, aur_workload_add_name(&workload, "abc")), "abc");
    free_workload();
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_sound_workload_is_taken,
        an_op_with_an_operand_out_of_range_is_refused,
        loops_that_do_not_name_each_other_are_refused,
        loops_nest_as_deep_as_the_limit_and_no_deeper,
        a_task_that_does_not_start_at_a_program_is_refused,
        tasks_may_share_a_program,
        fields_of_tasks_objects_and_names_are_checked,
        joining_two_workloads_keeps_each_as_it_was,
        a_name_outside_the_names_reads_as_empty,
    };
    return run_tests("workload", tests, LENGTH(tests), NULL);
}
