#include <math.h>

#include <aurora/explain.h>

#include "tests/fair_twin.h"
#include "tests/scene.h"

#define QUANTUM (10 * MILLISECOND)

static uint64_t seed;

static void open_lottery(uint64_t draws_seed, bool compensation)
{
    struct aur_config config = scene_config("lottery", 1, 0);
    config.log_mode = AUR_LOG_DIGEST;
    config.params[AUR_SLOT_FAIR][0] = QUANTUM;
    config.params[AUR_SLOT_FAIR][1] = draws_seed & UINT32_MAX;
    config.params[AUR_SLOT_FAIR][2] = compensation;
    scene_open(&config);
}

// How far from its mean a chi-square of so many degrees of freedom is, in standard deviations
// (Wilson and Hilferty 1931).
static double deviations(double chi_square, double degrees)
{
    double part = 2 / (9 * degrees);
    return (cbrt(chi_square / degrees) - (1 - part)) / sqrt(part);
}

// Beyond 5 standard deviations on either side one in a million fails by chance.
static void must_be_chance(double chi_square, double degrees, uint64_t draws_seed)
{
    double off = deviations(chi_square, degrees);
    if (off > 5 || off < -5)
        ck_abort_msg("seed %" PRIu64 ": chi-square %.1f of %.0f degrees of freedom", draws_seed,
                     chi_square, degrees);
}

// Every quantum one ticket is drawn: how often each task wins is a multinomial.
START_TEST(wins_are_in_proportion_to_tickets_by_a_chi_square_test)
{
    static const int nices[][8] = {
        {0, 0, 0, 0, 0, 0, 0, 0}, {0, 5, -5, 1, -1, 3, -3, 2}, {-4, -3, -2, -1, 0, 1, 2, 3}};
    enum {
        QUANTA = 20000
    };
    for (uint64_t round = 0; round < 6; round++) {
        open_lottery(seed + round, true);
        uint32_t all = 0, wins[8] = {0};
        for (uint32_t task = 0; task < 8; task++)
            host_spawn(&host, OTHER(nices[round % LENGTH(nices)][task]), 1);
        for (uint32_t task = 0; task < 8; task++)
            all += aur_core_task(host.core, task)->weight;
        uint64_t pairs[8][8] = {0};
        uint32_t before = AUR_NONE;
        scene_pass(QUANTUM / 2);
        for (int i = 0; i < QUANTA; i++) {
            uint32_t winner = aur_core_running(host.core, 0);
            wins[winner]++;
            if (before != AUR_NONE)
                pairs[before][winner]++;
            before = winner;
            scene_pass(QUANTUM);
        }
        double chi_square = 0, of_pairs = 0;
        for (uint32_t a = 0; a < 8; a++) {
            double share = (double)aur_core_task(host.core, a)->weight / all;
            chi_square += (wins[a] - QUANTA * share) * (wins[a] - QUANTA * share) / QUANTA / share;
            // And who won before does not matter.
            for (uint32_t b = 0; b < 8; b++) {
                double expected =
                    (double)(wins[a] - (a == before)) * aur_core_task(host.core, b)->weight / all;
                of_pairs +=
                    ((double)pairs[a][b] - expected) * ((double)pairs[a][b] - expected) / expected;
            }
        }
        must_be_chance(chi_square, 7, seed + round);
        must_be_chance(of_pairs, 8 * 7, seed + round);
        scene_close();
    }
}
END_TEST

// OSDI 1994, 3.4: A and B hold 400 tickets each; A uses its whole quantum, B only 20 of 100 ms.
static double share_of_who_yields(bool compensation, uint64_t draws_seed)
{
    open_lottery(draws_seed, compensation);
    host_spawn(&host, OTHER(0), 1);
    uint32_t b = host_spawn(&host, OTHER(0), 1);
    uint64_t done_ns = 0;
    while (host.now_ns < 200 * SECOND) {
        scene_pass(QUANTUM / 5);
        if (!host_runs(&host, b) || host_ran_ns(&host, b) < done_ns + QUANTUM / 5)
            continue;
        done_ns = host_ran_ns(&host, b);
        host_by(&host, AUR_EV_YIELD, b, 0, 0, 0);
    }
    double share = (double)host_ran_ns(&host, b) / (double)host.now_ns;
    scene_close();
    return share;
}

START_TEST(who_uses_a_fifth_of_its_quanta_wins_five_times_as_often)
{
    double with = share_of_who_yields(true, seed), without = share_of_who_yields(false, seed);
    // Of some 33,000 draws; six standard deviations are 0.02.
    if (fabs(with - 0.5) > 0.02 || fabs(without - 1 / 6.) > 0.02)
        ck_abort_msg("half of the tickets got %.4f, without compensation %.4f", with, without);
}
END_TEST

static const struct aur_candidate *explained(uint32_t task)
{
    static struct aur_candidate list[64];
    static struct aur_explanation said;
    struct aur_record dispatch = {.now_ns = host.now_ns, .kind = AUR_EV_DISPATCH};
    void *scratch = aligned_alloc(64, (host.size + 63) / 64 * 64);
    said = (struct aur_explanation){.list = list, .room = LENGTH(list)};
    ck_assert_int_eq(aur_core_explain(host.core, scratch, &dispatch, &said), AUR_OK);
    free(scratch);
    for (uint32_t i = 0; i < said.count; i++)
        if (list[i].task == task)
            return &list[i];
    ck_abort_msg("task %u is no candidate", task);
}

static int64_t tickets_of(uint32_t task)
{
    const struct aur_candidate *candidate = explained(task);
    int64_t from = 0, end = 0;
    for (uint32_t i = 0; i < candidate->key_count; i++) {
        if (candidate->keys[i].key == AUR_KEY_TICKETS)
            from = candidate->keys[i].value;
        if (candidate->keys[i].key == AUR_KEY_TICKETS_END)
            end = candidate->keys[i].value;
    }
    return end - from;
}

// The paper's 400 tickets become 2000; here 1024 become 5120.
START_TEST(the_compensation_lasts_until_its_next_quantum)
{
    open_lottery(seed, true);
    uint32_t b = host_spawn(&host, OTHER(0), 1);
    host_settle(&host);
    host_spawn(&host, OTHER(0), 1);
    scene_pass(QUANTUM / 5);
    ck_assert(host_runs(&host, b));
    ck_assert_int_eq(tickets_of(b), 1024);
    host_by(&host, AUR_EV_BLOCK, b, 0, 0, host.now_ns + QUANTUM / 2);
    scene_pass(QUANTUM / 2); // the other one is within its quantum
    ck_assert_int_eq(tickets_of(b), 5120);
    while (!host_runs(&host, b))
        scene_pass(QUANTUM / 2);
    scene_pass(1);
    ck_assert_int_eq(tickets_of(b), 1024);
    scene_close();
}
END_TEST

// Two machines, one of which is asked to dispatch again and again.
START_TEST(a_quantum_is_drawn_once_however_often_the_host_asks)
{
    enum {
        QUANTA = 2000
    };
    static uint32_t winners[2][QUANTA];
    uint64_t random = seed;
    for (int asks = 0; asks < 2; asks++) {
        open_lottery(seed, true);
        for (int i = 0; i < 6; i++)
            host_spawn(&host, OTHER(i - 3), 1);
        scene_pass(QUANTUM / 2);
        for (int i = 0; i < QUANTA; i++) {
            winners[asks][i] = aur_core_running(host.core, 0);
            uint64_t part_ns = asks ? random_below(&random, QUANTUM) : 0;
            scene_pass(part_ns);
            for (uint64_t more = random_below(&random, 3) * (uint64_t)asks; more > 0; more--)
                host_event(&host, AUR_EV_DISPATCH, 0, 0, 0, 0, 0);
            scene_pass(QUANTUM - part_ns);
        }
        scene_close();
    }
    ck_assert_mem_eq(winners[0], winners[1], sizeof winners[0]);
}
END_TEST

START_TEST(the_seed_decides_who_wins)
{
    uint32_t winners[8][64];
    for (uint64_t round = 0; round < 8; round++) {
        open_lottery(seed + round / 2, true);
        for (int i = 0; i < 4; i++)
            host_spawn(&host, OTHER(0), 1);
        scene_pass(QUANTUM / 2);
        for (size_t i = 0; i < LENGTH(winners[0]); i++, scene_pass(QUANTUM))
            winners[round][i] = aur_core_running(host.core, 0);
        scene_close();
        for (uint64_t other = 0; other < round; other++)
            ck_assert_int_eq(memcmp(winners[round], winners[other], sizeof winners[0]) == 0,
                             round / 2 == other / 2);
    }
}
END_TEST

START_TEST(nobody_is_preempted_within_its_quantum_but_an_idle_task)
{
    uint32_t won = 0;
    for (uint64_t round = 0; round < 50; round++)
        for (int idle = 0; idle < 2; idle++) {
            open_lottery(seed + round, true);
            host_spawn(&host, aur_task_kind(idle ? AUR_POLICY_IDLE : AUR_POLICY_BATCH, 0, 0), 1);
            scene_pass(QUANTUM + MILLISECOND);
            uint32_t other = host_spawn(&host, OTHER(-10), 1);
            scene_pass(1);
            ck_assert(idle || !host_runs(&host, other));
            won += idle && host_runs(&host, other);
            scene_close();
        }
    ck_assert_uint_gt(won, 40); // 9548 tickets to 3, or to 3 compensated for a tenth: 30
}
END_TEST

START_TEST(a_change_at_the_end_of_a_quantum_does_not_prolong_it)
{
    open_lottery(seed, true);
    uint32_t a = host_spawn(&host, OTHER(0), 1);
    host_spawn(&host, OTHER(0), 1);
    for (int nice = -20; nice < 20; nice++) {
        while (!host_runs(&host, a))
            scene_pass(QUANTUM);
        host.now_ns += QUANTUM; // nothing has been done of what is due by now
        host_event(&host, AUR_EV_TASK_SET, 0, a, AUR_ATTR_POLICY, 0, OTHER(nice));
        host_settle(&host);
        scene_must_be_sound();
    }
    scene_close();
}
END_TEST

START_TEST(lottery_picks_what_the_definitions_pick)
{
    fair_twin_random("lottery", &lottery_twin_rules, seed, FAIR_TWIN_PLAIN);
}
END_TEST

START_TEST(lottery_keeps_to_them_over_changes_of_weight_and_of_cpu)
{
    fair_twin_random("lottery", &lottery_twin_rules, seed + 1, FAIR_TWIN_CHANGES);
}
END_TEST

START_TEST(lottery_does_so_in_nested_groups_of_any_weight)
{
    fair_twin_random("lottery", &lottery_twin_rules, seed + 2, FAIR_TWIN_GROUPS);
}
END_TEST

START_TEST(lottery_does_so_where_groups_use_up_their_quota)
{
    fair_twin_random("lottery", &lottery_twin_rules, seed + 3, FAIR_TWIN_QUOTAS);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        wins_are_in_proportion_to_tickets_by_a_chi_square_test,
        who_uses_a_fifth_of_its_quanta_wins_five_times_as_often,
        the_compensation_lasts_until_its_next_quantum,
        a_quantum_is_drawn_once_however_often_the_host_asks,
        the_seed_decides_who_wins,
        nobody_is_preempted_within_its_quantum_but_an_idle_task,
        a_change_at_the_end_of_a_quantum_does_not_prolong_it,
        lottery_picks_what_the_definitions_pick,
        lottery_keeps_to_them_over_changes_of_weight_and_of_cpu,
        lottery_does_so_in_nested_groups_of_any_weight,
        lottery_does_so_where_groups_use_up_their_quota,
    };
    seed = random_seed(20261122);
    return run_tests("lottery", tests, LENGTH(tests));
}
