// What the tests of the Linux trace importer share: one workload and its report, loaded anew.
#ifndef AURORA_SIM_TESTS_TEST_LINUX_TRACE_LOAD_H
#define AURORA_SIM_TESTS_TEST_LINUX_TRACE_LOAD_H

#include <string.h>

#include "tests/run_tests.h"
#include "tests/test_linux_trace_schedule.h"
#include "workload/linux_trace.h"

static struct aur_workload workload;
static struct aur_trace_report report;
static struct aur_failure failure;

static inline void reset(void)
{
    aur_workload_free(&workload);
    aur_workload_init(&workload);
    memset(&failure, 0, sizeof failure);
}

static inline bool load(const char *text, size_t size)
{
    reset();
    return aur_linux_trace_load(&workload, "t.txt", text, size, &report, &failure);
}

static inline void load_text(const char *text)
{
    ck_assert_msg(load(text, strlen(text)), "%s", failure.text);
    ck_assert_msg(aur_workload_validate(&workload, "t.txt", &failure), "%s", failure.text);
    const char *problem = replay_problem(&workload, 1);
    ck_assert_msg(!problem, "%s", problem);
}

#endif
