// Runs a list of Check tests as one program.
#ifndef AURORA_SIM_TESTS_RUN_TESTS_H
#define AURORA_SIM_TESTS_RUN_TESTS_H

#include <check.h>
#include <stddef.h>
#include <stdlib.h>

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

// Runs the tests, each after setup; returns what main returns.
static inline int run_tests(const char *name, const TTest *const *tests, size_t count,
                            void (*setup)(void))
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, NULL);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);

    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
