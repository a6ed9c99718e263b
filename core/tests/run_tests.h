// Runs a list of Check tests as one program, with one stream of random numbers.
#ifndef AURORA_CORE_TESTS_RUN_TESTS_H
#define AURORA_CORE_TESTS_RUN_TESTS_H

#include <check.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

// For inner loops: ck_assert writes to a file even when all is well.
#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg("%s", #condition);                                                        \
    } while (0)

// SplitMix64 (Steele, Lea, Flood 2014).
static inline uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static inline uint64_t random_below(uint64_t *state, uint64_t n)
{
    return random_next(state) % n;
}

// A number from low to high whose logarithm is uniform: small ones are as frequent as large ones.
static inline uint64_t random_spread(uint64_t *state, uint64_t low, uint64_t high)
{
    uint64_t width = high - low;
    if (width == UINT64_MAX)
        return random_next(state) >> random_below(state, 64);
    unsigned bits = width ? 64u - (unsigned)__builtin_clzll(width) : 0;
    uint64_t mask = ((2ull << random_below(state, bits + 1)) - 1) >> 1;
    uint64_t offset = random_next(state) & mask;
    return low + (offset <= width ? offset : offset % (width + 1));
}

// AUR_SEED, or the given one; printed, so that a failure can be repeated.
static inline uint64_t random_seed(uint64_t otherwise)
{
    const char *given = getenv("AUR_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : otherwise;
    printf("seed %" PRIu64 "\n", seed);
    return seed;
}

// AUR_TEST selects the tests whose name contains it. Returns what main returns.
static inline int run_tests(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);

    tcase_set_timeout(tcase, 600);
    const char *wanted = getenv("AUR_TEST");
    for (size_t i = 0; i < count; i++)
        if (!wanted || strstr(tests[i]->name, wanted))
            tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);

    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
