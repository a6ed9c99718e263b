#include <string.h>

#include "experiment/draft_parts.h"

#define DURATION_MOST_NS (UINT64_C(1) << 62)
#define DEFAULT_CLASS    "eevdf" // what Linux runs
#define DEFAULT_SEED     1

static bool set_part(struct aur_draft *draft, const char *path, const struct aur_value *value,
                     struct aur_failure *failure)
{
    const char *rest = strchr(path, '.') + 1;
    if (strncmp(path, "machine.", 8) == 0)
        return aur_draft_machine_key(draft, rest, value, failure);
    if (strncmp(path, "scheduler.", 10) == 0)
        return aur_draft_scheduler_part(draft, rest, value, failure);
    if (draft->patch_count == AUR_PATCHES_MAX)
        return aur_fail(failure, value->document->file, value->node->line,
                        "more than %u changes to a workload, write them into its file",
                        AUR_PATCHES_MAX);
    draft->patches[draft->patch_count++] = (struct aur_patch){rest, *value, false};
    return true;
}

// Does the path have its place in this pass: that of a slot's class before its parameters'?
static bool is_of_pass(const char *path, uint32_t pass)
{
    const char *dot = strchr(path, '.');
    bool deep = dot && strncmp(path, "scheduler.", 10) == 0 && strchr(dot + 1, '.');
    return dot && deep == (pass == 1);
}

static bool set_parts(struct aur_draft *draft, const struct aur_experiment *experiment,
                      uint32_t point, uint32_t pass, struct aur_failure *failure)
{
    for (uint32_t i = 0; i < experiment->override_count; i++) {
        const struct aur_override *over = &experiment->overrides[i];
        struct aur_value value = aur_override_value(over);
        if (!over->axis && is_of_pass(over->path, pass) &&
            !set_part(draft, over->path, &value, failure))
            return false;
    }
    for (uint32_t i = 0; i < experiment->axis_count; i++) {
        const struct aur_axis *axis = &experiment->axes[i];
        uint32_t choice = aur_experiment_choice(experiment, point, i);
        if (is_of_pass(axis->path, pass) &&
            !set_part(draft, axis->path, &axis->values[choice], failure))
            return false;
    }
    return true;
}

// A workload may have a duration of its own, which holds against the file's `duration` but not
// against one that is swept or set on the command line.
static struct aur_value duration_of(const struct aur_experiment *experiment, uint32_t point,
                                    const struct aur_value *workload)
{
    struct aur_value duration = aur_experiment_value(experiment, point, "duration");
    const struct aur_node *own;
    for (uint32_t i = 0; i < experiment->axis_count; i++)
        if (strcmp(experiment->axes[i].path, "duration") == 0)
            return duration;
    if (!workload->document || (duration.document && duration.document != &experiment->document))
        return duration;
    own = aur_document_find(workload->document, workload->node, "duration");
    return own ? aur_value_child(workload, own) : duration;
}

static void choose_defaults(struct aur_draft *draft)
{
    struct aur_inputs inputs;
    aur_inputs_init(&inputs);
    draft->machine = inputs.machine;
    for (uint32_t slot = 0; slot < AUR_SCHEDULER_SLOTS; slot++)
        draft->schedulers[slot] = *aur_scheduler_of(&inputs, slot);
    aur_scheduler_choose(&draft->schedulers[AUR_SLOT_FAIR],
                         aur_class_info(aur_class_find(DEFAULT_CLASS)));
    draft->seed = DEFAULT_SEED;
    aur_inputs_free(&inputs);
}

bool aur_draft_make(const struct aur_experiment *experiment, uint32_t point,
                    struct aur_draft *draft, struct aur_failure *failure)
{
    struct aur_value machine = aur_experiment_value(experiment, point, "machine");
    struct aur_value scheduler = aur_experiment_value(experiment, point, "scheduler");
    struct aur_value seed = aur_experiment_value(experiment, point, "seed");

    memset(draft, 0, sizeof *draft);
    choose_defaults(draft);
    draft->warmup = aur_experiment_value(experiment, point, "warmup");
    draft->workload = aur_experiment_value(experiment, point, "workload");
    struct aur_value duration = duration_of(experiment, point, &draft->workload);

    if (machine.document && !aur_draft_machine(draft, &machine, failure))
        return false;
    if (scheduler.document && !aur_draft_scheduler(draft, &scheduler, failure))
        return false;
    if (duration.document &&
        !aur_value_time(&duration, "duration", 1, DURATION_MOST_NS, &draft->duration_ns, failure))
        return false;
    if (draft->warmup.document &&
        !aur_value_time(&draft->warmup, "warmup", 0, DURATION_MOST_NS, &draft->warmup_ns, failure))
        return false;
    if (seed.document && !aur_value_count(&seed, 0, INT64_MAX, &draft->seed, failure))
        return false;
    if (!draft->workload.document)
        return aur_fail(failure, experiment->file, 1, "no workload, add e.g. workload: hogs.json");
    return set_parts(draft, experiment, point, 0, failure) &&
           set_parts(draft, experiment, point, 1, failure) &&
           aur_draft_check_outages(experiment, draft, failure);
}
