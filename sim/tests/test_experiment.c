// Experiments: what a file, --set and sweep resolve to, and what is recorded of a run.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "experiment/execute.h"
#include "experiment/experiment.h"
#include "experiment/metric.h"
#include "experiment/patch.h"
#include "experiment/trace_stream.h"
#include "tests/experiment_cases.h"

START_TEST(keys_have_the_meaning_that_the_manual_gives_them)
{
    load("name: n\ndescription: d\nworkload: hogs.json\nmachine: {cpus: 3, tick: 1ms}\n"
         "scheduler: {class: mlfq, levels: 7, quantum: 3ms}\nduration: 2s\nwarmup: 300ms\n"
         "seed: 42\nreplications: 2\nconfidence: 90\nmetrics: [switches, hog/cpu_share]\n");
    struct aur_inputs inputs = resolve(0);
    ck_assert_str_eq(experiment.name, "n");
    ck_assert_str_eq(experiment.description, "d");
    ck_assert_uint_eq(inputs.machine.cpus, 3);
    ck_assert_uint_eq(inputs.machine.tick_ns, 1000000);
    ck_assert_str_eq(inputs.scheduler.name, "mlfq");
    ck_assert_uint_eq(inputs.scheduler.params[0], 7);
    ck_assert_uint_eq(inputs.scheduler.params[1], 3000000);
    ck_assert_uint_eq(inputs.duration_ns, 2000000000);
    ck_assert_uint_eq(inputs.warmup_ns, 300000000);
    ck_assert_uint_eq(inputs.seed, 42);
    ck_assert_double_eq(experiment.confidence, 0.9);
    ck_assert_uint_eq(experiment.metric_count, 2);
    ck_assert_str_eq(experiment.metrics[1], "hog/cpu_share");
    aur_inputs_free(&inputs);
    aur_experiment_free(&experiment);
    clean();
}
END_TEST

START_TEST(what_is_not_said_has_the_defaults_of_the_tables)
{
    struct aur_machine machine;
    load("workload: hogs.json\n");
    struct aur_inputs inputs = resolve(0);
    aur_machine_default(&machine);
    ck_assert_mem_eq(&inputs.machine, &machine, sizeof machine);
    ck_assert_str_eq(inputs.scheduler.name, "eevdf");
    ck_assert_uint_eq(inputs.seed, 1);
    ck_assert_uint_eq(inputs.duration_ns, 0);
    ck_assert_str_eq(experiment.name, "x");
    ck_assert_uint_eq(aur_experiment_runs(&experiment), 1);
    aur_inputs_free(&inputs);
    aur_experiment_free(&experiment);
    clean();
}
END_TEST

START_TEST(a_time_may_be_written_with_a_unit_or_in_nanoseconds)
{
    uint64_t first;
    load("workload: hogs.json\nmachine: {tick: 1.5ms}\n");
    first = identity(0);
    aur_experiment_free(&experiment);
    load("workload: hogs.json\nmachine: {tick_ns: 1500000}\n");
    ck_assert_uint_eq(identity(0), first);
    aur_experiment_free(&experiment);
    load("workload: hogs.json\nmachine: {tick_ns: 1500us}\n");
    ck_assert_uint_eq(identity(0), first);
    aur_experiment_free(&experiment);
    refused("workload: hogs.json\nmachine: {tick: 1500000}\n", "2", "without a unit");
    clean();
}
END_TEST

START_TEST(slips_are_refused_with_line_and_mend)
{
    refused("workload: hogs.json\nsede: 1\n", "2", "did you mean \"seed\"?");
    refused("workload: hogs.json\nmachine:\n  cpsu: 1\n", "3", "did you mean \"cpus\"?");
    refused("workload: hogs.json\nscheduler: {class: mlfq, level: 2}\n", "2", "\"levels\"");
    refused("workload: hogs.json\nscheduler: {class: fifo, levels: 2}\n", "2", "no parameters");
    refused("workload: hogs.json\nscheduler: {levels: 2}\n", "2", "lacks \"class\"");
    refused("workload: hogs.json\nreplications: 0\n", "2", "replications");
    refused("workload: hogs.json\nconfidence: 0.95\n", "2", "per cent");
    refused("workload: hogs.json\nseed: -1\n", "2", "seed");
    refused("workload: hogs.json\nmachine: {tick: 2s}\n", "2", "must be from");
    refused("workload: {name: w}\n", "1", "neither \"files\" nor \"tasks\"");
    refused("workload: {files: [hogs.json], name: w, sweep: 1}\n", "1", "sweep");
    refused("workload: hogs.json\nmetrics: [hog/utilisation]\n", "2", "without the task");
    refused("workload: hogs.json\nmetrics: [cpu_share]\n", "2", "TASK/cpu_share");
    refused("workload: hogs.json\nmeasured: {fiel: x}\n", "2", "\"file\"");
    clean();
}
END_TEST

START_TEST(the_grid_is_the_cross_product_and_the_last_axis_and_the_replication_vary_fastest)
{
    static const char *const labels[] = {
        "scheduler=rr machine.cpus=1 replication=0",    "scheduler=rr machine.cpus=1 replication=1",
        "scheduler=rr machine.cpus=2 replication=0",    "scheduler=rr machine.cpus=2 replication=1",
        "scheduler=eevdf machine.cpus=1 replication=0",
    };
    char label[128];
    load("workload: random.json\nreplications: 2\nsweep:\n  scheduler: [rr, eevdf]\n"
         "  machine.cpus: [1, 2]\n");
    ck_assert_uint_eq(aur_experiment_runs(&experiment), 8);
    for (uint32_t run = 0; run < LENGTH(labels); run++)
        ck_assert_str_eq(aur_experiment_label(&experiment, run, label, sizeof label), labels[run]);
    struct aur_inputs inputs = resolve(7);
    ck_assert_str_eq(inputs.scheduler.name, "eevdf");
    ck_assert_uint_eq(inputs.machine.cpus, 2);
    ck_assert_uint_eq(inputs.replication, 1);
    aur_inputs_free(&inputs);
    aur_experiment_free(&experiment);
    clean();
}
END_TEST

START_TEST(every_run_of_a_grid_has_an_identity_of_its_own_and_always_the_same)
{
    uint64_t seen[12];
    load("workload: random.json\nreplications: 3\nsweep:\n  scheduler: [rr, eevdf]\n"
         "  seed: [1, 2]\n");
    ck_assert_uint_eq(aur_experiment_runs(&experiment), 12);
    for (uint32_t run = 0; run < 12; run++) {
        seen[run] = identity(run);
        for (uint32_t earlier = 0; earlier < run; earlier++)
            ck_assert_uint_ne(seen[run], seen[earlier]);
    }
    for (uint32_t run = 12; run-- > 0;)
        ck_assert_uint_eq(identity(run), seen[run]);
    aur_experiment_free(&experiment);
    clean();
}
END_TEST

START_TEST(a_workload_without_chance_is_replicated_once)
{
    load("replications: 5\nsweep: {workload: [hogs.json, random.json]}\n");
    ck_assert_uint_eq(aur_experiment_runs(&experiment), 6);
    ck_assert_uint_eq(aur_experiment_point(&experiment, 0), 0);
    ck_assert_uint_eq(aur_experiment_point(&experiment, 1), 1);
    ck_assert_uint_eq(aur_experiment_replication(&experiment, 5), 4);
    aur_experiment_free(&experiment);
    clean();
}
END_TEST

START_TEST(a_scheduler_that_draws_is_replicated)
{
    load("workload: hogs.json\nreplications: 5\nsweep: {scheduler: [rr, lottery]}\n");
    ck_assert_uint_eq(aur_experiment_runs(&experiment), 6);
    ck_assert_uint_eq(aur_experiment_replication(&experiment, 5), 4);
    aur_experiment_free(&experiment);
    clean();
}
END_TEST

START_TEST(settings_apply_over_the_file_and_lists_make_axes)
{
    static const struct aur_setting settings[] = {
        {"machine.tick", "2ms"}, {"scheduler.levels", "3"},
        {"scheduler", "mlfq"},   {"machine.cpus", "[1, 4]"},
        {"seed", "9"},
    };
    bool good =
        load_with("workload: random.json\nseed: 3\nsweep: {seed: [1, 2], scheduler: [rr]}\n",
                  settings, LENGTH(settings));
    ck_assert_msg(good, "%s", failure.text);
    ck_assert_uint_eq(aur_experiment_runs(&experiment), 2);
    struct aur_inputs inputs = resolve(1);
    ck_assert_uint_eq(inputs.machine.tick_ns, 2000000);
    ck_assert_uint_eq(inputs.machine.cpus, 4);
    ck_assert_str_eq(inputs.scheduler.name, "mlfq");
    ck_assert_uint_eq(inputs.scheduler.params[0], 3);
    ck_assert_uint_eq(inputs.seed, 9);
    aur_inputs_free(&inputs);
    aur_experiment_free(&experiment);
    clean();
}
END_TEST

START_TEST(a_setting_that_names_nothing_is_refused)
{
    static const struct aur_setting wrong[] = {
        {"machine.cpu", "2"},          {"schedule", "rr"},
        {"duration.x", "1s"},          {"machine.cpus", "two"},
        {"workload.tasks.x.run", "1"}, {"scheduler.levels", "4"},
    };
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        ck_assert_msg(!load_with("workload: hogs.json\n", &wrong[i], 1), "%s", wrong[i].path);
        ck_assert_msg(strncmp(failure.text, "--set ", 6) == 0, "%s", failure.text);
    }
    clean();
}
END_TEST

START_TEST(tasks_in_the_experiment_are_the_same_workload_as_in_a_file)
{
    uint64_t file;
    load("workload: hogs.json\n");
    file = identity(0);
    aur_experiment_free(&experiment);
    load("workload:\n  name: hogs\n  tasks:\n    hog: {instance: 2, loop: -1, run: 5000}\n"
         "  global: {duration: 1}\n");
    ck_assert_uint_eq(identity(0), file);
    aur_experiment_free(&experiment);
    clean();
}
END_TEST

START_TEST(files_of_one_workload_run_beside_each_other)
{
    load("workload: {name: both, files: [hogs.json, random.json]}\n");
    struct aur_inputs inputs = resolve(0);
    ck_assert_uint_eq(inputs.workload.spec_count, 2);
    ck_assert_str_eq(aur_workload_name(&inputs.workload, inputs.workload.specs[1].name), "a.b");
    aur_inputs_free(&inputs);
    aur_experiment_free(&experiment);
    clean();
}
END_TEST

START_TEST(a_path_reaches_into_the_workload_through_keys_with_dots)
{
    load("workload: random.json\nsweep:\n  workload.tasks.a.b.sleep: [100, 250]\n");
    uint64_t slept[2];
    for (uint32_t run = 0; run < 2; run++) {
        struct aur_inputs inputs = resolve(run);
        slept[run] = 0;
        for (uint32_t i = 0; i < inputs.workload.op_count; i++)
            if (inputs.workload.ops[i].code == AUR_OP_SLEEP)
                slept[run] = inputs.workload.ops[i].value;
        aur_inputs_free(&inputs);
    }
    ck_assert_uint_eq(slept[0], 100000);
    ck_assert_uint_eq(slept[1], 250000);
    aur_experiment_free(&experiment);
    clean();
}
END_TEST

START_TEST(a_workloads_own_duration_holds_unless_one_is_set)
{
    static const struct aur_setting set = {"duration", "70ms"};
    const char *text = "duration: 1s\nsweep:\n  workload:\n    - {name: a, files: [hogs.json], "
                       "duration: 20ms}\n    - {name: b, files: [hogs.json]}\n";
    static const uint64_t plain[] = {20000000, 1000000000};
    load(text);
    for (uint32_t run = 0; run < 2; run++) {
        struct aur_inputs inputs = resolve(run);
        ck_assert_uint_eq(inputs.duration_ns, plain[run]);
        aur_inputs_free(&inputs);
    }
    aur_experiment_free(&experiment);
    ck_assert(load_with(text, &set, 1));
    for (uint32_t run = 0; run < 2; run++) {
        struct aur_inputs inputs = resolve(run);
        ck_assert_uint_eq(inputs.duration_ns, 70000000);
        aur_inputs_free(&inputs);
    }
    aur_experiment_free(&experiment);
    clean();
}
END_TEST

// --- patches, against a twin that edits the text -------------------------------------------------

static void write_node(const struct aur_document *document, const struct aur_node *node, char *text,
                       size_t room)
{
    const struct aur_node *child = aur_document_child(document, node);
    size_t used = strlen(text);
    if (node->kind != AUR_NODE_MAP && node->kind != AUR_NODE_LIST) {
        snprintf(text + used, room - used, "%s", aur_document_text(document, node));
        return;
    }
    snprintf(text + used, room - used, node->kind == AUR_NODE_MAP ? "{" : "[");
    for (; child; child = aur_document_next(document, child)) {
        used = strlen(text);
        if (node->kind == AUR_NODE_MAP)
            snprintf(text + used, room - used, "%s: ", aur_document_key(document, child));
        write_node(document, child, text, room);
        used = strlen(text);
        if (aur_document_next(document, child))
            snprintf(text + used, room - used, ", ");
    }
    used = strlen(text);
    snprintf(text + used, room - used, node->kind == AUR_NODE_MAP ? "}" : "]");
}

static const char *patched(const char *text, const char *path, const char *value, bool *found)
{
    static char result[512];
    struct aur_document from, to, with;
    struct aur_patch patch = {.path = path};
    aur_document_init(&from, "from");
    aur_document_init(&with, "with");
    aur_document_init(&to, "to");
    ck_assert(aur_document_read_json(&from, text, strlen(text), &failure));
    ck_assert(aur_document_read_json(&with, value, strlen(value), &failure));
    patch.value = (struct aur_value){&with, aur_document_root(&with), "", false};
    ck_assert(aur_document_patch(&to, AUR_NONE, NULL, &from, aur_document_root(&from), &patch, 1));
    *found = patch.found;
    result[0] = '\0';
    write_node(&to, aur_document_root(&to), result, sizeof result);
    aur_document_free(&from);
    aur_document_free(&with);
    aur_document_free(&to);
    return result;
}

START_TEST(a_patch_changes_the_value_at_its_path_and_nothing_else)
{
    static const char text[] = "{\"a\": {\"b\": 1, \"b.c\": 2, \"b\": 3}, \"d\": [4, {\"e\": 5}]}";
    static const struct {
        const char *path, *result;
    } cases[] = {
        {"a.b", "{a: {b: {x: 9}, b.c: 2, b: 3}, d: [4, {e: 5}]}"},
        {"a.b.c", "{a: {b: 1, b.c: {x: 9}, b: 3}, d: [4, {e: 5}]}"},
        {"d.0", "{a: {b: 1, b.c: 2, b: 3}, d: [{x: 9}, {e: 5}]}"},
        {"d.1.e", "{a: {b: 1, b.c: 2, b: 3}, d: [4, {e: {x: 9}}]}"},
        {"a.new", "{a: {b: 1, b.c: 2, b: 3, new: {x: 9}}, d: [4, {e: 5}]}"},
        {"a", "{a: {x: 9}, d: [4, {e: 5}]}"},
    };
    bool found;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        ck_assert_str_eq(patched(text, cases[i].path, "{\"x\": 9}", &found), cases[i].result);
        ck_assert(found);
    }
    ck_assert_str_eq(patched(text, "q.r", "1", &found),
                     "{a: {b: 1, b.c: 2, b: 3}, d: [4, {e: 5}]}");
    ck_assert(!found);
    patched(text, "d.2", "1", &found);
    ck_assert(!found);
    clean();
}
END_TEST

// --- traces --------------------------------------------------------------------------------------

static bool add_chunk(void *context, const struct aur_trace_chunk *chunk, const uint8_t *bytes)
{
    return aur_trace_reader_add(context, bytes, chunk->bytes);
}

START_TEST(a_log_comes_out_of_its_chunks_as_it_went_in)
{
    enum {
        RECORDS = 50000
    };
    struct aur_record *log = calloc(RECORDS, sizeof *log);
    struct aur_trace_packer packer;
    struct aur_trace_reader reader;
    uint64_t state = 88172645463325252u;
    ck_assert(aur_trace_reader_init(&reader) && aur_trace_packer_init(&packer, add_chunk, &reader));
    for (uint32_t i = 0; i < RECORDS; i++) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        bool action = state % 3 == 0 || (i > 20000 && i < 40000); // one step without an end
        log[i] = (struct aur_record){.now_ns = i * 100,
                                     .arg = state >> 40,
                                     .task = (uint32_t)(state % 7),
                                     .kind = action ? AUR_ACT_RUN : AUR_EV_WAKE};
    }
    for (uint32_t at = 0, size = 1; at < RECORDS; at += size, size = size * 2 % 4093 + 1)
        ck_assert(
            aur_trace_packer_take(&packer, log + at, at + size > RECORDS ? RECORDS - at : size));
    ck_assert(aur_trace_packer_end(&packer));
    for (uint32_t i = 0; i < RECORDS; i++) {
        const struct aur_record *record = aur_trace_reader_next(&reader, &failure);
        ck_assert_msg(record != NULL, "ends at %u: %s", i, failure.text);
        ck_assert_mem_eq(record, &log[i], sizeof *record);
    }
    ck_assert_ptr_null(aur_trace_reader_next(&reader, &failure));
    ck_assert_str_eq(failure.text, "");
    aur_trace_packer_free(&packer);
    aur_trace_reader_free(&reader);
    free(log);
    clean();
}
END_TEST

// --- what is recorded, against arithmetic --------------------------------------------------------

struct seen {
    const char *task, *metric;
    double value;
    bool found;
};

static bool see(void *context, const char *task, const char *name, const char *unit, double value)
{
    struct seen *seen = context;
    ck_assert_str_eq(unit, aur_metric(aur_metric_find(name))->unit);
    if (strcmp(task, seen->task) != 0 || strcmp(name, seen->metric) != 0)
        return true;
    ck_assert_msg(!seen->found, "%s of \"%s\" comes twice", name, task);
    seen->found = true;
    seen->value = value;
    return true;
}

static bool pass(void *context, const char *task, const char *name, const char *unit,
                 const struct aur_histogram *histogram)
{
    (void)context, (void)task, (void)name, (void)unit, (void)histogram;
    return true;
}

static double measure(const char *task, const char *metric)
{
    struct aur_inputs inputs = resolve(0);
    struct seen seen = {task, metric, NAN, false};
    struct aur_record_sink sink = {see, pass, &seen};
    struct aur_execution execution = {.inputs = &inputs, .record = &sink};
    bool good = aur_execution_run(&execution, &failure);
    ck_assert_msg(good, "%s", failure.text);
    ck_assert_msg(seen.found, "no %s of \"%s\"", metric, task);
    aur_inputs_free(&inputs);
    return seen.value;
}

#define ONE_CPU                                                                                    \
    "machine: {cpus: 1, switch_cost: 0, migration_cost: 0, interrupt_latency: 0}\n"                \
    "scheduler: {class: rr, quantum: 10ms}\n"

START_TEST(two_hogs_under_round_robin_share_one_cpu_as_arithmetic_says)
{
    load(ONE_CPU "workload: hogs.json\nduration: 1s\n");
    ck_assert_double_eq_tol(measure("", "utilisation"), 100, 1e-9);
    ck_assert_double_eq_tol(measure("hog", "cpu_share"), 100, 1e-9);
    ck_assert_double_eq_tol(measure("hog-0", "cpu_share"), 50, 0.5);
    ck_assert_double_eq_tol(measure("hog-1", "cpu_share"), 50, 0.5);
    ck_assert_double_eq_tol(measure("", "run_ns"), 1e9, 0.5);
    ck_assert_double_eq_tol(measure("", "wait_ns"), 1e9, 0.5);
    ck_assert_double_eq_tol(measure("", "fairness"), 1, 1e-3);
    ck_assert_double_eq_tol(measure("", "fairness_busy"), 1, 1e-3);
    ck_assert_double_eq(measure("", "makespan_ns"), 1e9);
    ck_assert_double_eq(measure("", "live"), 2);
    ck_assert(isnan(measure("hog", "turnaround_ns")));
    aur_experiment_free(&experiment);
    clean();
}
END_TEST

START_TEST(a_periodic_task_alone_has_the_metrics_of_its_definition)
{
    load(ONE_CPU "duration: 1s\nworkload:\n  name: w\n  tasks:\n"
                 "    p: {loop: 10, run: 2000, timer: {ref: unique, period: 10000}}\n");
    ck_assert_double_eq_tol(measure("p", "cpu_share"), 2, 1e-9);
    ck_assert_double_eq(measure("p", "jobs"), 11); // the last is what follows the tenth timer
    ck_assert_double_eq(measure("p", "deadline_misses"), 0);
    ck_assert_double_eq(measure("p", "response_ns_max"), 2e6);
    ck_assert_double_eq(measure("p", "wakeup_ns_max"), 0);
    ck_assert_double_eq(measure("p", "wait_ns"), 0);
    ck_assert_double_eq(measure("p", "turnaround_ns"), 1e8);
    ck_assert_double_eq_tol(measure("", "utilisation"), 2, 1e-9);
    ck_assert_double_eq(measure("", "live"), 0);
    ck_assert(isnan(measure("", "fairness")));
    aur_experiment_free(&experiment);
    clean();
}
END_TEST

START_TEST(the_warm_up_is_not_measured)
{
    load(ONE_CPU "duration: 1s\nwarmup: 500ms\nworkload:\n  name: w\n  tasks:\n"
                 "    early: {loop: 1, run: 400000}\n"
                 "    late: {delay: 600000, loop: 1, run: 100000}\n");
    ck_assert_double_eq(measure("early", "run_ns"), 0);
    ck_assert_double_eq(measure("late", "run_ns"), 1e8);
    ck_assert_double_eq_tol(measure("late", "cpu_share"), 20, 1e-9);
    ck_assert_double_eq_tol(measure("", "utilisation"), 20, 1e-9);
    aur_experiment_free(&experiment);
    clean();
}
END_TEST

START_TEST(fairness_is_by_weight)
{
    load("machine: {cpus: 1}\nduration: 10s\nworkload:\n  name: w\n  tasks:\n"
         "    a: {loop: -1, run: 1000, priority: 0}\n    b: {loop: -1, run: 1000, priority: 5}\n");
    ck_assert_double_eq_tol(measure("a", "cpu_share") / measure("b", "cpu_share"), 1024.0 / 335,
                            0.03);
    ck_assert_double_eq_tol(measure("", "fairness"), 1, 1e-3);
    aur_experiment_free(&experiment);
    clean();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        keys_have_the_meaning_that_the_manual_gives_them,
        what_is_not_said_has_the_defaults_of_the_tables,
        a_time_may_be_written_with_a_unit_or_in_nanoseconds,
        slips_are_refused_with_line_and_mend,
        the_grid_is_the_cross_product_and_the_last_axis_and_the_replication_vary_fastest,
        every_run_of_a_grid_has_an_identity_of_its_own_and_always_the_same,
        a_workload_without_chance_is_replicated_once,
        a_scheduler_that_draws_is_replicated,
        settings_apply_over_the_file_and_lists_make_axes,
        a_setting_that_names_nothing_is_refused,
        tasks_in_the_experiment_are_the_same_workload_as_in_a_file,
        files_of_one_workload_run_beside_each_other,
        a_path_reaches_into_the_workload_through_keys_with_dots,
        a_workloads_own_duration_holds_unless_one_is_set,
        a_patch_changes_the_value_at_its_path_and_nothing_else,
        a_log_comes_out_of_its_chunks_as_it_went_in,
        two_hogs_under_round_robin_share_one_cpu_as_arithmetic_says,
        a_periodic_task_alone_has_the_metrics_of_its_definition,
        the_warm_up_is_not_measured,
        fairness_is_by_weight,
    };
    return run_tests("experiment", tests, LENGTH(tests), setup);
}
