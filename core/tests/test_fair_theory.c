// The fair classes against the fluid schedule (generalised processor sharing): each of the tasks
// that compete gets its weight's part of every instant. Lag is what a task should have got by that
// less what it has got, in 2^-30 ns.
#include "sched/fair.h"
#include "tests/fair_twin.h"
#include "tests/scene.h"

#define TASKS      16u
#define FLUID_UNIT ((wide)1 << 30)

static uint64_t seed;

static struct {
    wide lag[TASKS];
    wide kept[TASKS]; // by who is away
    uint64_t weight[TASKS];
    bool competes[TASKS], delayed[TASKS];
    uint64_t now_ns;
    uint32_t runs;
    wide most; // of any lag, so far
} fluid;

static wide all_weight(void)
{
    wide sum = 0;
    for (uint32_t i = 0; i < TASKS; i++)
        sum += fluid.competes[i] ? fluid.weight[i] : 0;
    return sum;
}

static void pass_fluid_time(uint64_t now_ns)
{
    wide delta = (wide)(now_ns - fluid.now_ns) * FLUID_UNIT, sum = all_weight();
    fluid.now_ns = now_ns;
    for (uint32_t i = 0; i < TASKS && sum > 0 && fluid.runs != AUR_NONE; i++)
        fluid.lag[i] += fluid.competes[i] ? delta * fluid.weight[i] / sum : 0;
    if (fluid.runs != AUR_NONE)
        fluid.lag[fluid.runs] -= delta;
    for (uint32_t i = 0; i < TASKS; i++)
        if (fluid.competes[i]) {
            wide size = fluid.lag[i] < 0 ? -fluid.lag[i] : fluid.lag[i];
            fluid.most = size > fluid.most ? size : fluid.most;
        }
}

// Who leaves or joins with lag leaves what the others are owed, or takes it from them, so that the
// lags always sum to zero (Stoica and Abdel-Wahab 1995, section 4).
static void share_out(wide lag)
{
    wide sum = all_weight();
    for (uint32_t i = 0; i < TASKS && sum > 0; i++)
        fluid.lag[i] += fluid.competes[i] ? lag * fluid.weight[i] / sum : 0;
}

static void leave_fluid(uint32_t task)
{
    fluid.competes[task] = false;
    share_out(fluid.lag[task]);
    fluid.kept[task] = fluid.lag[task];
}

static void join_fluid(uint32_t task, uint64_t weight)
{
    fluid.lag[task] = all_weight() > 0 ? fluid.kept[task] : 0;
    share_out(-fluid.lag[task]);
    fluid.weight[task] = weight;
    fluid.competes[task] = true;
}

static void before(struct host *host_, const struct aur_record *event)
{
    (void)host_;
    if (event->now_ns > fluid.now_ns)
        pass_fluid_time(event->now_ns);
}

// Who competes is who is in the queue, the delayed included.
static void after(struct host *host_, const struct aur_record *event)
{
    (void)event;
    for (uint32_t i = 0; i < TASKS; i++) {
        const struct aur_fair_entity *e = aur_fair_entity_at(host_->core, AUR_SLOT_FAIR, i);
        const struct aur_task *t = aur_core_task(host_->core, i);
        bool competes = t && e->on_queue;
        // One that was delayed has no credit when it goes, or comes back.
        bool back = competes && fluid.delayed[i] && !e->delayed && fluid.lag[i] > 0;
        if (fluid.competes[i] && (!competes || back)) {
            leave_fluid(i);
            if (fluid.delayed[i] && fluid.kept[i] > 0)
                fluid.kept[i] = 0;
        }
        if (!fluid.competes[i] && competes)
            join_fluid(i, t->weight);
        fluid.delayed[i] = competes && e->delayed;
    }
    uint32_t runs = aur_core_running(host_->core, 0);
    fluid.runs = runs != AUR_NONE && aur_core_task(host_->core, runs)->state == AUR_TASK_RUNNING
                     ? runs
                     : AUR_NONE;
}

static void open_fluid(const char *class)
{
    struct aur_config config = scene_config(class, 1, 0);
    config.log_mode = AUR_LOG_DIGEST;
    config.tasks = TASKS;
    scene_open(&config);
    memset(&fluid, 0, sizeof fluid);
    fluid.runs = AUR_NONE;
    host.before = before;
    host.after = after;
}

static uint32_t spawn_any(uint64_t *random)
{
    return host_spawn(&host, OTHER((int)random_below(random, 40) - 20), 1);
}

static void most_must_be_within(uint64_t limit_ns, const char *class, int set)
{
    // Of each charge up to a nanosecond of virtual time is lost, 87 ns of CPU for the heaviest.
    if (fluid.most > (wide)(limit_ns + MICROSECOND) * FLUID_UNIT)
        ck_abort_msg("%s, set %d: a lag of %.0f ns", class, set,
                     (double)fluid.most / (double)FLUID_UNIT);
}

// Stoica and Abdel-Wahab 1995, theorem 1: with no client that leaves while it is owed something no
// lag is more than the longest slice.
START_TEST(eevdf_lag_stays_within_a_slice_while_tasks_come)
{
    uint64_t random = seed;
    for (int set = 0; set < 1000; set++) {
        open_fluid("eevdf");
        for (uint64_t count = 2 + random_below(&random, 7); count > 0; count--) {
            spawn_any(&random);
            if (set % 2)
                scene_pass(random_below(&random, 5 * MILLISECOND));
        }
        scene_pass(100 * MILLISECOND);
        most_must_be_within(700 * MICROSECOND, "eevdf", set);
        scene_close();
    }
}
END_TEST

// A task that blocks while it has had more than its share stays, delayed, until that is worked off.
// It goes when it is picked, by then owed a little, which the others get: so up to one slice more.
START_TEST(eevdf_lag_stays_within_two_slices_while_tasks_go_that_were_owed_nothing)
{
    uint64_t random = seed;
    uint32_t blocked = 0;
    for (int set = 0; set < 300; set++) {
        open_fluid("eevdf");
        for (uint64_t count = 2 + random_below(&random, 7); count > 0; count--)
            spawn_any(&random);
        for (int i = 0; i < 100; i++) {
            scene_pass(random_below(&random, 3 * MILLISECOND));
            pass_fluid_time(host.now_ns);
            uint32_t task = fluid.runs;
            if (random_below(&random, 3) == 0 && task != AUR_NONE && fluid.lag[task] <= 0) {
                host_by(&host, AUR_EV_BLOCK, task, 0, 0,
                        host.now_ns + random_below(&random, 10 * MILLISECOND));
                blocked++;
            }
        }
        most_must_be_within(1400 * MICROSECOND, "eevdf", set);
        scene_close();
    }
    ck_assert_uint_gt(blocked, 2000);
}
END_TEST

// From any state on, once START_DEBIT is worked off: what CFS promises is a period, in which each
// task has one slice.
START_TEST(cfs_gives_1000_sets_of_weights_their_shares_within_a_period)
{
    uint64_t random = seed;
    for (int set = 0; set < 1000; set++) {
        open_fluid("cfs");
        for (uint64_t count = 2 + random_below(&random, 7); count > 0; count--)
            spawn_any(&random);
        scene_pass(300 * MILLISECOND);
        memset(fluid.lag, 0, sizeof fluid.lag);
        fluid.most = 0;
        scene_pass(300 * MILLISECOND);
        most_must_be_within(6 * MILLISECOND, "cfs", set);
        scene_close();
    }
}
END_TEST

// TM-528, 3.2: of two clients the error is at most one quantum, of one it grows with the clients.
START_TEST(stride_gives_1000_sets_of_weights_their_shares_within_a_quantum_each)
{
    uint64_t random = seed;
    for (int set = 0; set < 1000; set++) {
        open_fluid("stride");
        uint64_t count = 2 + random_below(&random, 7);
        for (uint64_t i = 0; i < count; i++)
            spawn_any(&random);
        scene_pass(SECOND);
        most_must_be_within((count - 1) * 10 * MILLISECOND, "stride", set);
        scene_close();
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        eevdf_lag_stays_within_a_slice_while_tasks_come,
        eevdf_lag_stays_within_two_slices_while_tasks_go_that_were_owed_nothing,
        cfs_gives_1000_sets_of_weights_their_shares_within_a_period,
        stride_gives_1000_sets_of_weights_their_shares_within_a_quantum_each,
    };
    seed = random_seed(20261122);
    return run_tests("fair theory", tests, LENGTH(tests));
}
