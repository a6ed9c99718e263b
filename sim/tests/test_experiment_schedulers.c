// Experiments: the class of each slot, parameters with named values, CPUs that go off, task groups.
#include "tests/experiment_cases.h"

START_TEST(each_slot_has_a_class_of_its_own)
{
    load("workload: hogs.json\nscheduler: {class: rr, quantum: 3ms, realtime: {class: prio, "
         "rr_quantum: 7ms},\n deadline: {bandwidth_percent: 80}}\n");
    struct aur_inputs inputs = resolve(0);
    ck_assert_str_eq(inputs.scheduler.name, "rr");
    ck_assert_uint_eq(inputs.scheduler.params[0], 3000000);
    ck_assert_str_eq(inputs.above[AUR_SLOT_REALTIME].name, "prio");
    ck_assert_uint_eq(inputs.above[AUR_SLOT_REALTIME].params[0], 7000000);
    ck_assert_str_eq(inputs.above[AUR_SLOT_DEADLINE].name, "edf");
    ck_assert_uint_eq(inputs.above[AUR_SLOT_DEADLINE].params[0], 80);
    aur_inputs_free(&inputs);
    aur_experiment_free(&experiment);
    load("workload: hogs.json\nscheduler: {class: rr, realtime: fifo}\n");
    inputs = resolve(0);
    ck_assert_str_eq(inputs.above[AUR_SLOT_REALTIME].name, "fifo");
    aur_inputs_free(&inputs);
    aur_experiment_free(&experiment);
    refused("workload: hogs.json\nscheduler: {class: rr, realtim: fifo}\n", "2", "\"realtime\"");
    refused("workload: hogs.json\nscheduler: {class: rr,\n realtime: {rr_quant: 2ms}}\n", "3",
            "\"rr_quantum_ns\"");
    refused("workload: hogs.json\nscheduler: {class: rr,\n realtime: {realtime: prio}}\n", "3",
            "unknown parameter of scheduler prio \"realtime\"");
    refused("workload: hogs.json\nscheduler: {class: rr, deadline: rr}\n", "2",
            "scheduler rr does not serve SCHED_DEADLINE, choose edf");
    clean();
}
END_TEST

START_TEST(paths_lead_into_the_slots_and_choose_the_class_before_its_parameters)
{
    static const struct aur_setting settings[] = {
        {"scheduler.realtime.rr_quantum", "[1ms, 2ms]"},
        {"scheduler.realtime.class", "prio"},
        {"scheduler.deadline.bandwidth_percent", "70"},
        {"scheduler", "mlfq"},
        {"scheduler.levels", "3"},
    };
    bool good =
        load_with("workload: hogs.json\nscheduler: {class: rr, realtime: rr}\n", settings, 5);
    ck_assert_msg(good, "%s", failure.text);
    ck_assert_uint_eq(aur_experiment_runs(&experiment), 2);
    ck_assert_str_eq(experiment.axes[0].path, "scheduler.realtime.rr_quantum_ns");
    struct aur_inputs inputs = resolve(1);
    ck_assert_uint_eq(inputs.scheduler.params[0], 3);
    ck_assert_str_eq(inputs.above[AUR_SLOT_REALTIME].name, "prio");
    ck_assert_uint_eq(inputs.above[AUR_SLOT_REALTIME].params[0], 2000000);
    ck_assert_uint_eq(inputs.above[AUR_SLOT_DEADLINE].params[0], 70);
    aur_inputs_free(&inputs);
    aur_experiment_free(&experiment);
    refused("workload: hogs.json\nsweep:\n  scheduler.realtim: [prio]\n", "3", "\"realtime\"");
    refused("workload: hogs.json\nsweep:\n  scheduler.realtime.levl: [1]\n", "3", "\"levels\"");
    clean();
}
END_TEST

START_TEST(values_that_have_names_go_by_them)
{
    uint32_t tried = 0;
    for (uint32_t number = 0; number < aur_class_count(); number++) {
        const struct aur_class_info *info = aur_class_info(number);
        for (uint32_t i = 0; i < aur_class_params(info); i++) {
            const struct aur_class_param *param = &info->params[i];
            for (uint64_t value = param->low; param->choices && value <= param->high; value++) {
                char text[256];
                const char *name = aur_class_param_choice(param, value);
                snprintf(text, sizeof text, "workload: hogs.json\nscheduler: {class: %s, %s: %s}\n",
                         info->name, param->name, name);
                load(text);
                struct aur_inputs inputs = resolve(0);
                ck_assert_uint_eq(inputs.scheduler.params[i], value);
                aur_inputs_free(&inputs);
                aur_experiment_free(&experiment);
                snprintf(text, sizeof text,
                         "workload: hogs.json\nscheduler: {class: %s,\n  %s: %sx}\n", info->name,
                         param->name, name);
                refused(text, "3", "did you mean");
                snprintf(text, sizeof text,
                         "workload: hogs.json\nscheduler: {class: %s,\n  %s: 0}\n", info->name,
                         param->name);
                refused(text, "3", param->choices[0]);
                tried++;
            }
        }
    }
    printf("%u named values\n", tried);
    clean();
}
END_TEST

START_TEST(cpus_go_off_and_come_back_as_the_machine_says)
{
    load("workload: hogs.json\nmachine:\n  cpus: 3\n  offline: [{cpu: 2, from: 300ms}, "
         "{cpu: 1, from: 0, to: 200ms}]\n");
    struct aur_inputs inputs = resolve(0);
    ck_assert_uint_eq(inputs.outage_count, 2);
    ck_assert_uint_eq(inputs.outages[0].cpu, 1);
    ck_assert_uint_eq(inputs.outages[0].to_ns, 200000000);
    ck_assert_uint_eq(inputs.outages[1].from_ns, 300000000);
    ck_assert_uint_eq(inputs.outages[1].to_ns, AUR_NEVER_NS);
    aur_inputs_free(&inputs);
    aur_experiment_free(&experiment);
    load("workload: hogs.json\nsweep:\n  machine.offline: [{cpu: 1}, {cpu: 0, from: 1s}]\n");
    ck_assert_uint_eq(aur_experiment_runs(&experiment), 2);
    inputs = resolve(1);
    ck_assert_uint_eq(inputs.outage_count, 1);
    ck_assert_uint_eq(inputs.outages[0].from_ns, 1000000000);
    aur_inputs_free(&inputs);
    aur_experiment_free(&experiment);
    refused("workload: hogs.json\nmachine:\n  offline: [{cpu: 2}]\n", "3", "no such CPU");
    refused("workload: hogs.json\nmachine:\n  offline: [{cpu: 1}, {cpu: 0, from: 1s}]\n", "3",
            "no CPU is left");
    refused("workload: hogs.json\nmachine:\n  offline: [{cpu: 1, form: 2s}]\n", "3", "\"from\"");
    refused("workload: hogs.json\nmachine:\n  offline: [{from: 2s}]\n", "3", "which CPU");
    refused("workload: hogs.json\nmachine:\n  offline: [1]\n", "3", "lists maps");
    refused("workload: hogs.json\nmachine:\n  ofline: [1]\n", "3", "\"offline\"");
    clean();
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        each_slot_has_a_class_of_its_own,
        paths_lead_into_the_slots_and_choose_the_class_before_its_parameters,
        values_that_have_names_go_by_them,
        cpus_go_off_and_come_back_as_the_machine_says,
    };
    return run_tests("schedulers of experiments", tests, LENGTH(tests), setup);
}
