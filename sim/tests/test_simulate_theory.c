// The simulator against theory: response times of fixed priorities.
#include "tests/chance.h"
#include "tests/simulate_scene.h"

static void setup(void)
{
    end_scene();
}

// --- fixed priorities ----------------------------------------------------------------------------

#define TASKS_MOST 10u

struct periodic {
    uint64_t run_ns, period_ns;
};

// The longest response time of task `of`, where lower numbers are more urgent and all are
// released together: R = C + sum of ceil(R / T) C over the more urgent (Joseph and Pandya, Finding
// response times in a real-time system, 1986). 0 if it is beyond the period.
static uint64_t response_by_analysis(const struct periodic *tasks, uint32_t of)
{
    uint64_t response_ns = tasks[of].run_ns, before_ns = 0;
    while (response_ns != before_ns && response_ns <= tasks[of].period_ns) {
        before_ns = response_ns;
        response_ns = tasks[of].run_ns;
        for (uint32_t i = 0; i < of; i++)
            response_ns +=
                (before_ns + tasks[i].period_ns - 1) / tasks[i].period_ns * tasks[i].run_ns;
    }
    return response_ns <= tasks[of].period_ns ? response_ns : 0;
}

// A set in which every job ends within its period; false if this one is not.
static bool any_periodic_set(struct periodic *tasks, uint32_t count, uint64_t *analysed_ns)
{
    for (uint32_t i = 0; i < count; i++) {
        tasks[i].period_ns = 1000 + below(100000);
        tasks[i].run_ns = 1 + below((uint32_t)(2 * tasks[i].period_ns / count));
        analysed_ns[i] = response_by_analysis(tasks, i);
        if (analysed_ns[i] == 0)
            return false;
    }
    return true;
}

START_TEST(the_longest_response_time_is_that_of_the_analysis)
{
    start_chance();
    uint32_t sets = 0, full = 0;
    while (sets < 300) {
        struct periodic tasks[TASKS_MOST];
        uint64_t analysed_ns[TASKS_MOST];
        uint32_t count = 2 + below(TASKS_MOST - 1);
        if (!any_periodic_set(tasks, count, analysed_ns))
            continue;
        begin("prio", 1);
        double load = 0;
        for (uint32_t i = 0; i < count; i++) {
            add_task("task", LOOP(EVER), RUN(tasks[i].run_ns), OWN_TIMER(tasks[i].period_ns), END)
                ->kind = sets % 2 ? NICE((int)i) : FIFO((int)(count - i));
            load += (double)tasks[i].run_ns / (double)tasks[i].period_ns;
        }
        scene.inputs.duration_ns = 2000000;
        run_scene();
        for (uint32_t i = 0; i < count; i++) {
            ck_assert_msg(scene.result.specs[i].response_ns.max == analysed_ns[i],
                          "set %u, task %u of %u: %" PRIu64 " ns, by analysis %" PRIu64, sets, i,
                          count, scene.result.specs[i].response_ns.max, analysed_ns[i]);
            ck_assert_uint_eq(task_of(i)->misses, 0);
        }
        full += load > 0.8;
        sets++;
    }
    ck_assert_uint_gt(full, 30); // not only sets that are easy
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        the_longest_response_time_is_that_of_the_analysis,
    };
    return run_tests("simulator theory", tests, LENGTH(tests), setup);
}
