// Random runs of every class among the others. AUR_STEPS sets how many steps a class gets,
// AUR_SEED which.
#include <string.h>

#include "tests/drive.h"
#include "tests/run_tests.h"

#define CHOICES_PER_RUN 2500

static uint64_t seed;

static void keeps_every_promise(const char *name)
{
    const char *given = getenv("AUR_STEPS");
    uint64_t wanted = given ? strtoull(given, NULL, 0) : 200000;
    uint64_t random = seed ^ (uint64_t)name[0] << 8 ^ (uint64_t)name[1], runs = 0;
    struct drive_result sum = {0};
    ck_assert_uint_ne(aur_class_find(name), AUR_NONE);
    for (; sum.steps < wanted; runs++) {
        uint64_t run_seed = random_next(&random);
        struct drive_plan plan = drive_plan(run_seed, aur_class_find(name), CHOICES_PER_RUN);
        struct drive_result result = drive_run(&plan);
        if (result.failure[0]) {
            printf("%s, run %" PRIu64 ": %s\n", name, runs, result.failure);
            drive_shrink(&plan);
            drive_print(&plan);
            drive_free(&plan);
            ck_abort_msg("%s: %s", name, result.failure);
        }
        drive_free(&plan);
        sum.steps += result.steps;
        sum.refused += result.refused;
        sum.switches += result.switches;
        sum.migrations += result.migrations;
    }
    printf("%s: %" PRIu64 " runs, %" PRIu64 " steps, %" PRIu64 " refused, %" PRIu64
           " switches, %" PRIu64 " migrations\n",
           name, runs, sum.steps, sum.refused, sum.switches, sum.migrations);
    // A generator that has gone quiet proves nothing.
    ck_assert_uint_gt(sum.refused, sum.steps / 100);
    ck_assert_uint_gt(sum.switches, sum.steps / 50);
}

START_TEST(fifo_keeps_every_promise_under_random_events)
{
    keeps_every_promise("fifo");
}
END_TEST

START_TEST(rr_keeps_every_promise_under_random_events)
{
    keeps_every_promise("rr");
}
END_TEST

START_TEST(prio_keeps_every_promise_under_random_events)
{
    keeps_every_promise("prio");
}
END_TEST

START_TEST(mlfq_keeps_every_promise_under_random_events)
{
    keeps_every_promise("mlfq");
}
END_TEST

START_TEST(eevdf_keeps_every_promise_under_random_events)
{
    keeps_every_promise("eevdf");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        fifo_keeps_every_promise_under_random_events,
        rr_keeps_every_promise_under_random_events,
        prio_keeps_every_promise_under_random_events,
        mlfq_keeps_every_promise_under_random_events,
        eevdf_keeps_every_promise_under_random_events,
    };
    seed = random_seed(20261122);
    return run_tests("random", tests, LENGTH(tests));
}
