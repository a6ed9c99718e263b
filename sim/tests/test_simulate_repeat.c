// A run is a function of its inputs: the same again, another with another seed, and what tasks
// draw is theirs alone, whatever the scheduler and the machine do.
#include <aurora/log.h>

#include "tests/simulate_any.h"

static void setup(void)
{
    end_scene();
}

START_TEST(the_same_inputs_give_the_same_decisions_with_and_without_a_log)
{
    start_chance();
    for (uint32_t round = 0; round < 60; round++) {
        begin_anything();
        uint64_t digest = digest_of_run(&scene.inputs);
        run_scene();
        ck_assert_msg(scene.result.digest == digest, "round %u", round);
        ck_assert_msg(digest_of_run(&scene.inputs) == digest, "round %u", round);
    }
}
END_TEST

START_TEST(the_digest_of_a_run_is_that_of_its_log)
{
    start_chance();
    for (uint32_t round = 0; round < 20; round++) {
        begin_anything();
        run_scene();
        uint64_t digest = AUR_DIGEST_START;
        uint64_t events = 0;
        for (size_t i = 0; i < scene.count; i++) {
            struct aur_record record = scene.records[i];
            events += !aur_record_is_action(&record);
            record.actions = 0;
            digest = aur_digest_record(digest, &record);
        }
        ck_assert_msg(scene.result.digest == digest, "round %u", round);
        ck_assert_uint_eq(scene.result.events, events);
    }
}
END_TEST

START_TEST(stored_inputs_give_the_same_decisions)
{
    start_chance();
    for (uint32_t round = 0; round < 60; round++) {
        struct aur_inputs read;
        struct aur_failure failure = {""};
        size_t size;
        begin_anything();
        uint8_t *bytes = aur_inputs_encode(&scene.inputs, &size);
        ck_assert_msg(aur_inputs_decode(&read, bytes, size, &failure), "%s", failure.text);
        ck_assert_msg(digest_of_run(&read) == digest_of_run(&scene.inputs), "round %u", round);
        aur_inputs_free(&read);
        free(bytes);
    }
}
END_TEST

static void begin_random(const char *class)
{
    begin(class, 2);
    add_exponential(1e6);
    add_task("a", LOOP(20), RUN_DRAW(0), SLEEP_DRAW(0), END)->instances = 4;
}

START_TEST(another_seed_or_replication_gives_other_decisions_where_there_is_chance)
{
    begin_random("rr");
    uint64_t digests[20];
    for (uint32_t i = 0; i < LENGTH(digests); i++) {
        scene.inputs.seed = i / 5;
        scene.inputs.replication = i % 5;
        digests[i] = digest_of_run(&scene.inputs);
        for (uint32_t before = 0; before < i; before++)
            ck_assert(digests[before] != digests[i]);
    }
}
END_TEST

START_TEST(a_class_that_draws_does_so_apart_for_each_seed_and_replication)
{
    for (uint32_t class = 0; class < aur_class_count(); class ++) {
        const struct aur_class_info *info = aur_class_info(class);
        if (!(info->traits & AUR_CLASS_RANDOM) || info->traits & AUR_CLASS_AGENT)
            continue; // what an agent draws is the agent's
        begin(info->name, 2);
        add_task("a", LOOP(50), RUN(1 * MS), SLEEP(300 * US), END)->instances = 5;
        uint32_t param = 0;
        while (strcmp(info->params[param].name, "seed") != 0)
            param++;
        uint64_t digests[27];
        for (uint32_t i = 0; i < LENGTH(digests); i++) {
            scene.inputs.seed = i / 9;
            scene.inputs.replication = i / 3 % 3;
            scene.inputs.scheduler.params[param] = i % 3;
            digests[i] = digest_of_run(&scene.inputs);
            ck_assert(digest_of_run(&scene.inputs) == digests[i]);
            ck_assert_uint_eq(scene.inputs.scheduler.params[param], i % 3);
            for (uint32_t before = 0; before < i; before++)
                ck_assert_msg(digests[before] != digests[i], "%s: %u and %u", info->name, before,
                              i);
        }
    }
}
END_TEST

// What a host must know to mix its seed in: aurora/sched.h.
START_TEST(who_has_a_parameter_called_seed_says_that_it_draws)
{
    for (uint32_t class = 0; class < aur_class_count(); class ++) {
        const struct aur_class_info *info = aur_class_info(class);
        bool has = false;
        for (uint32_t i = 0; i < aur_class_params(info); i++) {
            const struct aur_class_param *param = &info->params[i];
            if (strcmp(param->name, "seed") != 0)
                continue;
            has = true;
            ck_assert(param->low == 0 && param->high == UINT32_MAX && !param->choices);
        }
        ck_assert_msg(has == !!(info->traits & AUR_CLASS_RANDOM), "%s", info->name);
    }
}
END_TEST

START_TEST(a_class_gets_the_documented_number_for_its_seed)
{
    uint64_t params[AUR_CLASS_PARAMS];
    struct aur_stream stream;
    begin("lottery", 1);
    scene.inputs.seed = 5;
    scene.inputs.replication = 3;
    scene.inputs.scheduler.params[1] = 9;
    aur_scheduler_params(&scene.inputs, AUR_SLOT_FAIR, params);
    aur_stream_init(&stream, 5, 3, 4294967294u, 2 * 4294967296u + 9);
    ck_assert_uint_eq(params[1], aur_stream_u64(&stream) / 4294967296u);
    ck_assert_uint_eq(params[0], scene.inputs.scheduler.params[0]);
    begin("rr", 1);
    aur_scheduler_params(&scene.inputs, AUR_SLOT_FAIR, params);
    ck_assert_mem_eq(params, scene.inputs.scheduler.params, sizeof params);
}
END_TEST

START_TEST(without_chance_the_seed_changes_nothing)
{
    begin("eevdf", 2);
    add_task("a", LOOP(50), RUN(1 * MS), SLEEP(300 * US), END)->instances = 5;
    uint64_t digest = digest_of_run(&scene.inputs);
    scene.inputs.seed = 77;
    scene.inputs.replication = 3;
    ck_assert(digest_of_run(&scene.inputs) == digest);
}
END_TEST

// What each task computed between its blocks, and how long it asked to sleep, out of the log.
#define DRAWN_TASKS 8u
#define DRAWN_TURNS 40u
struct drawn {
    uint64_t burst_ns[DRAWN_TURNS], sleep_ns[DRAWN_TURNS];
    uint32_t turns;
    uint64_t ran_ns;
};

static void read_drawn(struct drawn *drawn)
{
    uint32_t running[AUR_CPUS_MAX];
    uint64_t since_ns[AUR_CPUS_MAX];
    memset(running, 0xff, sizeof running);
    memset(drawn, 0, DRAWN_TASKS * sizeof *drawn);
    for (size_t i = 0; i < scene.count; i++) {
        const struct aur_record *record = &scene.records[i];
        uint32_t cpu = record->cpu, task = running[cpu];
        if (record->kind != AUR_ACT_RUN && record->kind != AUR_EV_BLOCK)
            continue;
        if (task < DRAWN_TASKS)
            drawn[task].ran_ns += record->now_ns - since_ns[cpu];
        since_ns[cpu] = record->now_ns;
        if (record->kind == AUR_ACT_RUN) {
            running[cpu] = record->task;
        } else if (record->task < DRAWN_TASKS && drawn[record->task].turns < DRAWN_TURNS) {
            struct drawn *of = &drawn[record->task];
            of->burst_ns[of->turns] = of->ran_ns;
            of->sleep_ns[of->turns++] = record->arg - record->now_ns;
            of->ran_ns = 0;
        }
    }
}

START_TEST(what_a_task_draws_depends_on_its_own_stream_alone)
{
    static struct drawn drawn[DRAWN_TASKS];
    uint32_t classes = aur_class_find("agent"); // the last
    for (uint32_t variant = 0; variant < 8 * classes; variant++) {
        const char *class = aur_class_info(variant % classes)->name;
        begin(class, 1 + variant / 5 % 4);
        scene.inputs.machine.tick_ns = variant % 2 ? 4 * MS : 0;
        scene.inputs.seed = 7;
        scene.inputs.replication = 2;
        struct aur_distribution burst = {.kind = AUR_DISTRIBUTION_EXPONENTIAL, .a = 2e6};
        struct aur_distribution sleep = {.kind = AUR_DISTRIBUTION_LOGNORMAL, .a = 3e6, .b = 1};
        aur_workload_add_distribution(&scene.inputs.workload, &burst);
        aur_workload_add_distribution(&scene.inputs.workload, &sleep);
        for (uint32_t spec = 0; spec < DRAWN_TASKS / 2; spec++)
            add_task("drawer", LOOP(DRAWN_TURNS), RUN_DRAW(0), SLEEP_DRAW(1), END)->instances = 2;
        if (variant % 3 == 0) // others that draw, too
            add_task("more", LOOP(EVER), RUN_DRAW(1), SLEEP_DRAW(0), END)->instances = 3;
        scene.inputs.duration_ns = 3000 * MS;
        run_scene();
        read_drawn(drawn);
        for (uint32_t task = 0; task < DRAWN_TASKS; task++) {
            struct aur_stream stream;
            aur_stream_init(&stream, 7, 2, task / 2, task % 2);
            ck_assert_uint_eq(drawn[task].turns, DRAWN_TURNS);
            for (uint32_t turn = 0; turn < DRAWN_TURNS; turn++) {
                uint64_t burst_ns = aur_distribution_draw(&burst, &stream);
                uint64_t sleep_ns = aur_distribution_draw(&sleep, &stream);
                ck_assert_msg(drawn[task].burst_ns[turn] == burst_ns &&
                                  drawn[task].sleep_ns[turn] == sleep_ns,
                              "%s, variant %u: turn %u of task %u", class, variant, turn, task);
            }
        }
    }
}
END_TEST

struct watched {
    uint32_t calls, stop_at;
    uint64_t last_ns, last_events;
};

static bool watch(void *context, uint64_t now_ns, uint64_t end_ns, uint64_t events)
{
    struct watched *watched = context;
    ck_assert(now_ns > watched->last_ns && events > watched->last_events && now_ns < end_ns);
    ck_assert_uint_eq(end_ns, 10000 * MS);
    watched->last_ns = now_ns;
    watched->last_events = events;
    return ++watched->calls != watched->stop_at;
}

START_TEST(progress_is_told_now_and_then_and_may_stop_the_run)
{
    struct watched watched = {0};
    struct aur_simulate_options options = {.progress = watch, .progress_context = &watched};
    begin("fifo", 1);
    scene.inputs.duration_ns = 10000 * MS;
    add_task("a", LOOP(EVER), RUN(10 * US), SLEEP(10 * US), END);
    uint64_t digest = digest_of_run(&scene.inputs);
    ck_assert(aur_simulate(&scene.inputs, &options, &scene.result, &scene.failure));
    ck_assert_uint_gt(watched.calls, 3);
    ck_assert(scene.result.digest == digest); // to look on changes nothing
    aur_run_result_free(&scene.result);

    watched = (struct watched){.stop_at = 2};
    ck_assert(!aur_simulate(&scene.inputs, &options, &scene.result, &scene.failure));
    ck_assert_str_eq(scene.failure.text, "stopped");
    ck_assert_uint_eq(watched.calls, 2);
    ck_assert_ptr_null(scene.result.tasks);
}
END_TEST

static bool take_some(void *context, const struct aur_record *records, uint32_t count)
{
    uint32_t *left = context;
    (void)records;
    (void)count;
    return (*left)-- != 0;
}

START_TEST(a_log_that_cannot_be_taken_ends_the_run_with_one_line)
{
    for (uint32_t taken = 0; taken < 3; taken++) {
        uint32_t left = taken;
        struct aur_simulate_options options = {.sink = take_some, .sink_context = &left};
        scene.failure.text[0] = '\0';
        begin("fifo", 1);
        add_task("a", LOOP(20000), RUN(10), SLEEP(10), END);
        ck_assert(!aur_simulate(&scene.inputs, &options, &scene.result, &scene.failure));
        ck_assert_str_eq(scene.failure.text, "the trace could not be written");
    }
}
END_TEST

START_TEST(a_scheduler_that_this_build_lacks_or_parameters_out_of_range_are_refused)
{
    begin("fifo", 1);
    add_task("a", RUN(1));
    strcpy(scene.inputs.scheduler.name, "roulette");
    ck_assert_str_eq(refusal(), "this build has no scheduling class \"roulette\"; `aurora list "
                                "schedulers` shows those it has");
    begin("rr", 1);
    add_task("a", RUN(1));
    scene.inputs.scheduler.params[0] = 0;
    ck_assert_str_eq(refusal(), "the machine or the scheduler's parameters are out of range");
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        the_same_inputs_give_the_same_decisions_with_and_without_a_log,
        the_digest_of_a_run_is_that_of_its_log,
        stored_inputs_give_the_same_decisions,
        another_seed_or_replication_gives_other_decisions_where_there_is_chance,
        a_class_that_draws_does_so_apart_for_each_seed_and_replication,
        who_has_a_parameter_called_seed_says_that_it_draws,
        a_class_gets_the_documented_number_for_its_seed,
        without_chance_the_seed_changes_nothing,
        what_a_task_draws_depends_on_its_own_stream_alone,
        progress_is_told_now_and_then_and_may_stop_the_run,
        a_log_that_cannot_be_taken_ends_the_run_with_one_line,
        a_scheduler_that_this_build_lacks_or_parameters_out_of_range_are_refused,
    };
    return run_tests("simulate again", tests, LENGTH(tests), setup);
}
