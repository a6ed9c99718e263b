// The rules of Arpaci-Dusseau, Operating Systems: Three Easy Pieces, chapter 8.
#include "tests/order_twin.h"
#include "tests/scene.h"

// The defaults: four levels, quantum 4 ms doubling per level, two turns, boost each 500 ms.
#define QUANTUM   (4 * MILLISECOND)
#define ALLOTMENT (2 * QUANTUM)

enum {
    LEVELS,
    QUANTUM_NS,
    TURNS,
    BOOST_NS
};

static uint64_t seed;

static void scene_without_boost(uint64_t tick_ns)
{
    struct aur_config config = scene_config("mlfq", 1, tick_ns);
    config.params[AUR_SLOT_FAIR][BOOST_NS] = 0;
    scene_open(&config);
}

START_TEST(mlfq_runs_the_first_of_the_highest_level)
{
    order_twin_random("mlfq", ORDER_MLFQ, seed, false);
}
END_TEST

START_TEST(mlfq_keeps_turns_when_attributes_change)
{
    order_twin_random("mlfq", ORDER_MLFQ, seed + 1, true);
}
END_TEST

// Rules 1 and 3: a new job enters at the top and runs before all who have left it.
START_TEST(a_new_task_preempts_one_that_has_used_its_first_allotment)
{
    for (uint64_t tick_ns = 0; tick_ns <= MILLISECOND; tick_ns += MILLISECOND) {
        scene_without_boost(tick_ns);
        uint32_t hog = host_spawn(&host, OTHER(0), 1);
        scene_pass(QUANTUM / 2);
        uint32_t early = host_spawn(&host, OTHER(0), 1);
        host_settle(&host);
        ck_assert(host_runs(&host, hog)); // an equal, in the middle of its turn
        host_cycle(&host, early, MILLISECOND, AUR_NEVER_NS);
        scene_pass(100 * MILLISECOND);
        ck_assert(host_runs(&host, hog));
        uint32_t late = host_spawn(&host, OTHER(0), 1);
        host_settle(&host);
        ck_assert(host_runs(&host, late));
        scene_close();
    }
}
END_TEST

// Rule 2: equals run in turn. All hogs end at the bottom, where a turn is 32 ms.
START_TEST(hogs_share_alike_within_the_turn_of_the_bottom_level)
{
    for (uint64_t tick_ns = 0; tick_ns <= 4 * MILLISECOND; tick_ns += 4 * MILLISECOND) {
        scene_without_boost(tick_ns);
        for (int i = 0; i < 7; i++)
            host_spawn(&host, OTHER(i), 1);
        for (int i = 0; i < 20; i++) {
            scene_pass(571 * MILLISECOND);
            for (uint32_t task = 0; task < 7; task++)
                MUST_BE_WITHIN(host_ran_ns(&host, task), host.now_ns / 7 - 32 * MILLISECOND,
                               host.now_ns / 7 + 32 * MILLISECOND);
        }
        scene_close();
    }
}
END_TEST

// Rule 4: what a level allows is used up in one go or over many sleeps. A task that sleeps just
// before its turn ends would own the CPU if each wake gave it a new allotment.
static uint64_t share_of_a_gamer(uint64_t turns)
{
    struct aur_config config = scene_config("mlfq", 1, 0);
    config.params[AUR_SLOT_FAIR][BOOST_NS] = 0;
    config.params[AUR_SLOT_FAIR][TURNS] = turns;
    scene_open(&config);
    host_spawn(&host, OTHER(0), 1);
    uint32_t gamer = host_spawn(&host, OTHER(0), 1);
    host_cycle(&host, gamer, QUANTUM - 100 * MICROSECOND, 100 * MICROSECOND);
    scene_pass(4 * SECOND);
    uint64_t percent = host_ran_ns(&host, gamer) * 100 / host.now_ns;
    scene_close();
    return percent;
}

START_TEST(sleeping_just_before_a_turn_ends_does_not_keep_a_task_at_the_top)
{
    ck_assert_uint_lt(share_of_a_gamer(2), 20); // 3.9 ms of its own, then 32 ms of the hog's
    ck_assert_uint_gt(share_of_a_gamer(1000), 45);
}
END_TEST

START_TEST(short_sleeps_move_a_task_down_as_running_in_one_go_does)
{
    // By hand: after 8 ms of running it is below the top, however the 8 ms were cut.
    scene_without_boost(0);
    uint32_t cut = host_spawn(&host, OTHER(0), 1);
    host_cycle(&host, cut, MILLISECOND, MILLISECOND);
    scene_pass(2 * 8 * MILLISECOND - MILLISECOND / 2);
    ck_assert_uint_eq(host_ran_ns(&host, cut), ALLOTMENT);
    uint32_t fresh = host_spawn(&host, OTHER(0), 1);
    scene_pass(MILLISECOND);
    ck_assert_uint_eq(host.tasks[cut].state, AUR_TASK_RUNNABLE); // woke, and had to wait
    ck_assert(host_runs(&host, fresh));
    scene_close();
}
END_TEST

START_TEST(an_interactive_task_stays_ahead_of_hogs_between_boosts)
{
    // 1 ms in 50: it uses 10 ms of running in a boost period, so it falls one level at the most,
    // and waits for no hog for longer than a turn at the top after a boost.
    scene("mlfq", 1, 0);
    for (int i = 0; i < 3; i++)
        host_spawn(&host, OTHER(0), 1);
    uint32_t interactive = host_spawn(&host, OTHER(0), 1);
    host_cycle(&host, interactive, MILLISECOND, 49 * MILLISECOND);
    scene_pass(10 * SECOND);
    const struct aur_task *task = aur_core_task(host.core, interactive);
    ck_assert_uint_le(task->wait_max_ns, 3 * QUANTUM * 2);
    ck_assert_uint_gt(host_ran_ns(&host, interactive), 190 * MILLISECOND);
    scene_close();
}
END_TEST

// Rule 5: without boosts a stream of short tasks starves a long one, with them it does not.
static uint64_t hog_beside_a_stream(uint64_t boost_ns)
{
    struct aur_config config = scene_config("mlfq", 1, 0);
    config.params[AUR_SLOT_FAIR][BOOST_NS] = boost_ns;
    scene_open(&config);
    uint32_t hog = host_spawn(&host, OTHER(0), 1);
    scene_pass(20 * MILLISECOND);
    for (int i = 0; i < 500; i++) {
        uint32_t task = host_spawn(&host, OTHER(0), 1);
        host_cycle(&host, task, QUANTUM, AUR_NEVER_NS);
        scene_pass(QUANTUM);
    }
    uint64_t ran_ns = host_ran_ns(&host, hog) - 20 * MILLISECOND;
    scene_close();
    return ran_ns;
}

START_TEST(a_boost_saves_a_long_task_from_a_stream_of_short_ones)
{
    ck_assert_uint_eq(hog_beside_a_stream(0), 0);
    // 20 boosts in 2 s. Each is worth the allotment of the top, or one turn of it once so many
    // short tasks have piled up that a second turn does not come before the next boost.
    MUST_BE_WITHIN(hog_beside_a_stream(100 * MILLISECOND), 20 * QUANTUM, 20 * ALLOTMENT);
}
END_TEST

START_TEST(a_boost_puts_the_higher_levels_first)
{
    scene("mlfq", 1, 0);
    // At 100 ms `low` is at the bottom and waits; `middle` is one below the top and waits, too.
    uint32_t low = host_spawn(&host, OTHER(0), 1);
    scene_pass(100 * MILLISECOND);
    uint32_t middle = host_spawn(&host, OTHER(0), 1);
    scene_pass(ALLOTMENT + MILLISECOND);
    uint32_t top = host_spawn(&host, FIFO(1), 1);
    scene_pass(400 * MILLISECOND); // past the boost
    host_by(&host, AUR_EV_EXIT, top, 0, 0, 0);
    host_settle(&host);
    ck_assert(host_runs(&host, middle));
    scene_pass(QUANTUM);
    ck_assert(host_runs(&host, low));
    scene_pass(QUANTUM);
    ck_assert(host_runs(&host, middle));
    scene_close();
}
END_TEST

// A whole turn of 32 bits of boosts has passed, so that counted in 32 bits there were none.
START_TEST(a_task_that_slept_over_any_number_of_boosts_is_at_the_top)
{
    struct aur_config config = scene_config("mlfq", 1, 0);
    config.params[AUR_SLOT_FAIR][QUANTUM_NS] = 1000;
    config.params[AUR_SLOT_FAIR][TURNS] = 1;
    config.params[AUR_SLOT_FAIR][BOOST_NS] = 2000;
    uint64_t wakes_at_ns = (1ull << 32) * 2000;
    scene_open(&config);
    uint32_t sleeper = host_spawn(&host, OTHER(0), 1);
    host_cycle(&host, sleeper, 1500, wakes_at_ns - 1500); // it is one down
    scene_pass(wakes_at_ns + 500);
    ck_assert(host_runs(&host, sleeper));
    host_spawn(&host, OTHER(0), 1);
    host_settle(&host);
    ck_assert(host_runs(&host, sleeper)); // an equal, in the middle of its turn
    scene_close();
}
END_TEST

START_TEST(a_task_ends_at_the_same_level_with_and_without_ticks)
{
    // 400 ms alone take it to the bottom (8 + 16 + 32 ms); there a turn is 32 ms, so that the
    // second of two such tasks waits 32 ms and not 4.
    for (uint64_t tick_ns = 0; tick_ns <= 4 * MILLISECOND; tick_ns += MILLISECOND) {
        scene_without_boost(tick_ns);
        uint32_t tasks[2];
        for (int i = 0; i < 2; i++) {
            tasks[i] = host_spawn(&host, OTHER(0), 1);
            scene_pass(400 * MILLISECOND);
        }
        uint64_t ran_ns = host_ran_ns(&host, tasks[1]);
        uint32_t switches = host.tasks[tasks[1]].switches;
        scene_pass(640 * MILLISECOND);
        MUST_BE_WITHIN(host_ran_ns(&host, tasks[1]) - ran_ns, 288 * MILLISECOND, 352 * MILLISECOND);
        MUST_BE_WITHIN(host.tasks[tasks[1]].switches - switches, 10, 11);
        scene_close();
    }
}
END_TEST

// Chapter 8, figures 8.2 and 8.3, with the turn doubling per level and one turn a level: a long job
// moves down to the bottom; a short one of 20 ms that comes at 100 ms runs at once, 10 ms at the
// top and the rest one level down, before the long one goes on.
START_TEST(a_long_job_sinks_and_a_short_one_passes_it)
{
    for (uint64_t tick_ns = 0; tick_ns <= MILLISECOND; tick_ns += MILLISECOND) {
        struct aur_config config = scene_config("mlfq", 1, tick_ns);
        config.params[AUR_SLOT_FAIR][LEVELS] = 3;
        config.params[AUR_SLOT_FAIR][QUANTUM_NS] = 10 * MILLISECOND;
        config.params[AUR_SLOT_FAIR][TURNS] = 1;
        config.params[AUR_SLOT_FAIR][BOOST_NS] = 0;
        scene_open(&config);
        uint32_t long_job = host_spawn(&host, OTHER(0), 1);
        scene_pass(100 * MILLISECOND);
        ck_assert_uint_eq(host_ran_ns(&host, long_job), 100 * MILLISECOND);
        uint32_t short_job = host_spawn(&host, OTHER(0), 1);
        host_cycle(&host, short_job, 20 * MILLISECOND, AUR_NEVER_NS);
        scene_pass(20 * MILLISECOND - 1);
        ck_assert(host_runs(&host, short_job));
        ck_assert_uint_eq(host_ran_ns(&host, long_job), 100 * MILLISECOND);
        scene_pass(1);
        ck_assert(host_runs(&host, long_job));
        scene_close();
    }
}
END_TEST

// Corbato: a job of n quanta costs about log2(n) switches, as its turns double: 10, 20, 40 and
// again 40 ms where two jobs of 110 ms share the CPU.
START_TEST(turns_double_from_level_to_level)
{
    struct aur_config config = scene_config("mlfq", 1, 0);
    config.params[AUR_SLOT_FAIR][LEVELS] = 3;
    config.params[AUR_SLOT_FAIR][QUANTUM_NS] = 10 * MILLISECOND;
    config.params[AUR_SLOT_FAIR][TURNS] = 1;
    config.params[AUR_SLOT_FAIR][BOOST_NS] = 0;
    scene_open(&config);
    uint32_t jobs[2];
    for (int i = 0; i < 2; i++) {
        jobs[i] = host_spawn(&host, OTHER(0), 1);
        host_cycle(&host, jobs[i], 110 * MILLISECOND, AUR_NEVER_NS);
    }
    static const uint32_t turns_ms[] = {10, 10, 20, 20, 40, 40, 40, 40};
    for (size_t i = 0; i < LENGTH(turns_ms); i++) {
        scene_pass(turns_ms[i] * MILLISECOND - 1);
        ck_assert(host_runs(&host, jobs[i % 2]));
        scene_pass(1);
    }
    ck_assert_uint_eq(host.now_ns, 220 * MILLISECOND);
    ck_assert_int_eq(host.tasks[jobs[1]].state, AUR_TASK_FREE);
    scene_close();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        mlfq_runs_the_first_of_the_highest_level,
        mlfq_keeps_turns_when_attributes_change,
        a_new_task_preempts_one_that_has_used_its_first_allotment,
        hogs_share_alike_within_the_turn_of_the_bottom_level,
        sleeping_just_before_a_turn_ends_does_not_keep_a_task_at_the_top,
        short_sleeps_move_a_task_down_as_running_in_one_go_does,
        an_interactive_task_stays_ahead_of_hogs_between_boosts,
        a_boost_saves_a_long_task_from_a_stream_of_short_ones,
        a_boost_puts_the_higher_levels_first,
        a_task_that_slept_over_any_number_of_boosts_is_at_the_top,
        a_task_ends_at_the_same_level_with_and_without_ticks,
        a_long_job_sinks_and_a_short_one_passes_it,
        turns_double_from_level_to_level,
    };
    seed = random_seed(20261122);
    return run_tests("mlfq", tests, LENGTH(tests));
}
