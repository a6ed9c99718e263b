// Blocks that are damaged at random, by accident or with intent: aur_core_adopt must come to an
// answer on each, and one that it takes must explain and step without a crash or a hang. Each batch
// is tried in a child process; a case that kills it is named with its smallest part that does.
#include <aurora/explain.h>

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "step/state.h"
#include "tests/choices.h"
#include "tests/run_tests.h"

#define STATES        12   // of each class
#define PLACES_MAX    4    // damaged at once
#define EVENTS        40   // posted to an adopted block
#define PARTS_MAX     4    // of one event that says AGAIN
#define BATCH         1000 // cases of one child
#define HANG_SECONDS  10   // for a batch: each case takes microseconds
#define CASES_DEFAULT 1000 // of each state

static uint64_t seed;

enum phase {
    ADOPTING,
    EXPLAINING,
    STEPPING
};

static const char *const phase_text[] = {"adopt", "explain", "step"};

// What the child tells while it is at work.
static struct progress {
    uint64_t at; // case
    uint32_t phase;
    uint64_t adopted, explained, stepped;
} * progress;

struct damage {
    uint32_t count;
    struct {
        size_t at;
        uint32_t bytes;
        uint64_t value;
    } places[PLACES_MAX];
};

static size_t region(uint64_t *random, size_t at, size_t bytes)
{
    return bytes < 8 ? at : at + random_below(random, bytes / 8) * 8;
}

// Somewhere in what is in use: most of a block is room for what is to come.
static size_t place(const struct aur_core *core, uint64_t *random)
{
    uint32_t slot = (uint32_t)random_below(random, AUR_CLASS_SLOTS);
    bool fair = slot == AUR_SLOT_FAIR;
    size_t groups = (size_t)core->groups_used * core->config.cpus;
    if (core->config.classes[slot] == AUR_NONE)
        return region(random, 0, (size_t)core->size);
    size_t queues = core->config.cpus + (fair ? groups : 0);
    switch (random_below(random, 8)) {
    case 0:
        return region(random, 0, sizeof *core);
    case 1:
        return region(random, (size_t)core->cpus_at, core->config.cpus * sizeof(struct aur_cpu));
    case 2:
        return region(random, (size_t)core->tasks_at, core->tasks_used * sizeof(struct aur_task));
    case 3:
        return region(random, (size_t)core->objects_at,
                      core->objects_used * sizeof(struct aur_object));
    case 4:
        return region(random, (size_t)core->groups_at,
                      core->groups_used * sizeof(struct aur_group_state));
    case 5:
        return region(random, (size_t)core->class_cpus_at[slot],
                      queues * core->class_cpu_size[slot]);
    case 6:
        return region(random, (size_t)core->class_tasks_at[slot],
                      (size_t)core->tasks_used * core->class_task_size[slot]);
    default:
        return region(random,
                      (size_t)core->class_tasks_at[slot] +
                          (size_t)core->config.tasks * core->class_task_size[slot],
                      fair ? groups * core->class_task_size[slot] : 0);
    }
}

// Random bytes are mostly out of any range; indices, signs, ends and what stands elsewhere are what
// a forger would try.
static uint64_t forged(const struct aur_core *core, uint64_t *random)
{
    static const uint64_t ends[] = {0,          1,          AUR_NONE,  0x7fffffff, 0x80000000u,
                                    UINT64_MAX, 1ull << 63, INT64_MAX, 0xffff,     1ull << 62};
    switch (random_below(random, 4)) {
    case 0:
        return random_next(random);
    case 1:
        return random_below(random, 64);
    case 2:
        return ends[random_below(random, LENGTH(ends))];
    default: {
        uint64_t word;
        memcpy(&word, (const char *)core + place(core, random) % (core->size - 8), sizeof word);
        return word >> 32 * random_below(random, 2);
    }
    }
}

static struct damage damage_of(const struct aur_core *core, uint64_t case_seed)
{
    uint64_t random = case_seed;
    struct damage damage = {.count = 1 + (uint32_t)random_below(&random, 3) *
                                             (uint32_t)random_below(&random, 2)};
    for (uint32_t i = 0; i < damage.count; i++) {
        uint32_t bytes = 1u << random_below(&random, 4);
        damage.places[i].bytes = bytes;
        damage.places[i].at =
            place(core, &random) % (core->size - 16) + random_below(&random, 8 / bytes) * bytes;
        damage.places[i].value = forged(core, &random);
    }
    return damage;
}

static void post(struct aur_core *core, uint64_t *random)
{
    static struct aur_record ring[256];
    // Mostly by who runs, of what there is.
    static const uint8_t kinds[] = {AUR_EV_TICK,   AUR_EV_TIMER, AUR_EV_YIELD,
                                    AUR_EV_BLOCK,  AUR_EV_EXIT,  AUR_EV_WAKE,
                                    AUR_EV_UNLOCK, AUR_EV_LOCK,  AUR_EV_SIGNAL};
    uint32_t cpu = (uint32_t)random_below(random, core->config.cpus);
    uint64_t kind = random_below(random, 2)   ? AUR_EV_DISPATCH
                    : random_below(random, 2) ? kinds[random_below(random, LENGTH(kinds))]
                                              : 1 + random_below(random, AUR_EV_COUNT - 1);
    bool own = random_below(random, 4) != 0;
    struct aur_record event = {
        .now_ns =
            aur_core_now_ns(core) + random_below(random, 3) * random_spread(random, 0, 1u << 27),
        .arg = random_below(random, 2) ? AUR_NEVER_NS : random_spread(random, 0, UINT64_MAX),
        .task = own ? aur_core_running(core, cpu) : (uint32_t)random_below(random, 32),
        .object = (uint32_t)random_below(random, 8),
        .other = (uint32_t)random_below(random, 4),
        .cpu = (uint16_t)cpu,
        .kind = (uint8_t)kind};
    bool again = true;
    for (uint32_t part = 0; part < PARTS_MAX && again; part++) {
        struct aur_log log = {.ring = ring, .capacity = LENGTH(ring)};
        struct aur_actions actions;
        again = false;
        if (aur_core_step(core, &log, &event, &actions) != AUR_OK)
            return;
        progress->stepped++;
        for (uint32_t i = 0; i < actions.count; i++)
            again |= actions.list[i].kind == AUR_ACT_AGAIN;
    }
}

static void use(struct aur_core *core, void *scratch, uint64_t random)
{
    static struct aur_candidate list[64];
    progress->phase = EXPLAINING;
    for (uint32_t cpu = 0; cpu < core->config.cpus; cpu++) {
        struct aur_explanation explanation = {.list = list, .room = LENGTH(list)};
        struct aur_record dispatch = {
            .now_ns = aur_core_now_ns(core), .cpu = (uint16_t)cpu, .kind = AUR_EV_DISPATCH};
        progress->explained += aur_core_explain(core, scratch, &dispatch, &explanation) == AUR_OK;
    }
    progress->phase = STEPPING;
    for (int i = 0; i < EVENTS; i++)
        post(core, &random);
}

static void try_one(const struct aur_core *core, const struct damage *damage, uint64_t case_seed,
                    void *copy, void *scratch)
{
    struct aur_core *damaged = copy;
    memcpy(copy, core, core->size);
    for (uint32_t i = 0; i < damage->count; i++)
        memcpy((char *)copy + damage->places[i].at, &damage->places[i].value,
               damage->places[i].bytes);
    progress->phase = ADOPTING;
    if (memcmp(copy, core, core->size) == 0 ||
        aur_core_adopt(damaged, core->size, &core->config) != AUR_OK)
        return;
    progress->adopted++;
    use(damaged, scratch, case_seed);
}

// Runs the cases in a child; true if it lived. `only`: just this damage, at the first of them.
static bool survives(const struct aur_core *core, uint64_t first, uint64_t count,
                     const struct damage *only)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGALRM, SIG_DFL); // Check's handler would end the whole test
        alarm(HANG_SECONDS);
        void *copy = aligned_alloc(64, core->size), *scratch = aligned_alloc(64, core->size);
        if (!copy || !scratch)
            _exit(1);
        for (uint64_t i = 0; i < count; i++) {
            uint64_t mixed = first + i, case_seed = random_next(&mixed);
            struct damage damage = only ? *only : damage_of(core, case_seed);
            progress->at = first + i;
            try_one(core, &damage, case_seed, copy, scratch);
        }
        _exit(0);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void report(const struct aur_core *core, const char *name)
{
    uint64_t at = progress->at, mixed = at;
    struct damage damage = damage_of(core, random_next(&mixed));
    for (uint32_t i = 0; i < damage.count && damage.count > 1; i++) {
        struct damage less = damage;
        less.places[i] = less.places[--less.count];
        if (!survives(core, at, 1, &less)) {
            damage = less;
            i = UINT32_MAX; // from the first again
        }
    }
    survives(core, at, 1, &damage);
    for (uint32_t i = 0; i < damage.count; i++)
        printf("  %" PRIu32 " bytes at %zu of %" PRIu64 ": 0x%" PRIx64 "\n", damage.places[i].bytes,
               damage.places[i].at, core->size, damage.places[i].value);
    printf("  cpus at %" PRIu64 ", tasks %" PRIu64 ", objects %" PRIu64 ", groups %" PRIu64
           ", of slots %" PRIu64 " %" PRIu64 " %" PRIu64 ", tasks %" PRIu64 " %" PRIu64 " %" PRIu64
           "\n",
           core->cpus_at, core->tasks_at, core->objects_at, core->groups_at, core->class_cpus_at[0],
           core->class_cpus_at[1], core->class_cpus_at[2], core->class_tasks_at[0],
           core->class_tasks_at[1], core->class_tasks_at[2]);
    fflush(stdout);
    ck_abort_msg("%s, case %" PRIu64 ": a damaged block crashes or hangs in %s", name, at,
                 phase_text[progress->phase]);
}

// A state of a random run, in which tasks run, wait and block.
static struct aur_core *busy_state(uint64_t state_seed, uint32_t class)
{
    static struct host host;
    struct drive_plan plan = drive_plan(state_seed, class, 400);
    plan.config.tasks = plan.config.tasks < 8 ? 8 : plan.config.tasks;
    if (!host_open(&host, &plan.config))
        ck_abort_msg("the configuration is refused");
    for (uint32_t i = 0; i < plan.count && !host.failure[0]; i++)
        drive_do(&host, &plan.choices[i]);
    ck_assert_str_eq(host.failure, "");
    struct aur_core *core = aligned_alloc(64, host.size);
    if (!core)
        abort();
    memcpy(core, host.core, host.size);
    host_close(&host);
    drive_free(&plan);
    return core;
}

START_TEST(a_damaged_block_of_a_class_neither_crashes_nor_hangs)
{
    const char *given = getenv("AUR_STEPS"), *name = aur_class_info((uint32_t)_i)->name;
    const char *only = getenv("AUR_CLASS");
    if (only && strcmp(only, name) != 0)
        return;
    uint64_t cases = given ? strtoull(given, NULL, 0) / STATES : CASES_DEFAULT;
    uint64_t random = seed ^ (uint64_t)_i << 32;
    memset(progress, 0, sizeof *progress);
    for (int state = 0; state < STATES; state++) {
        struct aur_core *core = busy_state(random_next(&random), (uint32_t)_i);
        ck_assert_int_eq(aur_core_adopt(core, core->size, &core->config), AUR_OK);
        uint64_t first = random_next(&random);
        for (uint64_t done = 0; done < cases; done += BATCH)
            if (!survives(core, first + done, cases - done < BATCH ? cases - done : BATCH, NULL))
                report(core, name);
        free(core);
    }
    printf("%s: %" PRIu64 " of %" PRIu64 " adopted, %" PRIu64 " explanations, %" PRIu64 " steps\n",
           name, progress->adopted, cases * STATES, progress->explained, progress->stepped);
    // Damage that is all found proves nothing of what is not.
    ck_assert_uint_gt(progress->adopted, cases * STATES / 20);
    ck_assert_uint_lt(progress->adopted, cases * STATES * 9 / 10);
}
END_TEST

int main(void)
{
    seed = random_seed(20261203);
    Suite *suite = suite_create("corrupt");
    TCase *tcase = tcase_create("corrupt");
    tcase_set_timeout(tcase, 3600);
    progress =
        mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (progress == MAP_FAILED)
        abort();
    tcase_add_loop_test(tcase, a_damaged_block_of_a_class_neither_crashes_nor_hangs, 0,
                        (int)aur_class_count());
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
