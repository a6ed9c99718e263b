// Random runs of every class among the others. AUR_STEPS sets how many steps a class gets,
// AUR_SEED which, AUR_CLASS the one class to run; with --list it only names them.
#include "tests/drive.h"
#include "tests/run_tests.h"

#define CHOICES_PER_RUN 2500

static uint64_t seed;

// Test number _i is for class number _i: a new class is in without a line here.
START_TEST(a_class_keeps_every_promise_under_random_events)
{
    const char *given = getenv("AUR_STEPS"), *name = aur_class_info((uint32_t)_i)->name;
    uint64_t wanted = given ? strtoull(given, NULL, 0) : 200000;
    uint64_t random = seed ^ (uint64_t)_i << 32, runs = 0;
    struct drive_result sum = {0};
    for (; sum.steps < wanted; runs++) {
        struct drive_plan plan = drive_plan(random_next(&random), (uint32_t)_i, CHOICES_PER_RUN);
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
    printf("%s: seed %" PRIu64 ", %" PRIu64 " runs, %" PRIu64 " steps, %" PRIu64
           " refused, %" PRIu64 " switches, %" PRIu64 " migrations\n",
           name, seed, runs, sum.steps, sum.refused, sum.switches, sum.migrations);
    // A generator that has gone quiet proves nothing.
    ck_assert_uint_gt(sum.refused, sum.steps / 100);
    ck_assert_uint_gt(sum.switches, sum.steps / 50);
}
END_TEST

int main(int count, char **arguments)
{
    int classes = (int)aur_class_count();
    if (count > 1 && strcmp(arguments[1], "--list") == 0) {
        for (int i = 0; i < classes; i++)
            puts(aur_class_info((uint32_t)i)->name);
        return EXIT_SUCCESS;
    }
    const char *only = getenv("AUR_CLASS");
    int first = only ? (int)aur_class_find(only) : 0;
    if (first < 0) {
        fprintf(stderr, "there is no class called %s\n", only);
        return EXIT_FAILURE;
    }
    seed = random_seed(20261122);
    Suite *suite = suite_create("random");
    TCase *tcase = tcase_create("random");
    tcase_set_timeout(tcase, 3600);
    tcase_add_loop_test(tcase, a_class_keeps_every_promise_under_random_events, first,
                        only ? first + 1 : classes);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
