#include "experiment/draft.h"

#include <stdio.h>
#include <string.h>

#include "experiment/keys.h"

#define DURATION_MOST_NS (UINT64_C(1) << 62)
#define DEFAULT_CLASS    "eevdf" // what Linux runs
#define DEFAULT_SEED     1

// How a message names the value: by its key, or by the axis's path where it stands in a list.
static const char *name_of(const struct aur_value *value, const char *path)
{
    const char *key = aur_document_key(value->document, value->node);
    return *key ? key : path;
}

static bool time_of(const struct aur_value *value, const char *path, uint64_t low, uint64_t high,
                    uint64_t *time_ns, struct aur_failure *failure)
{
    const struct aur_document *document = value->document;
    const char *text = aur_document_text(document, value->node);
    uint64_t result;

    if (value->node->kind == AUR_NODE_NUMBER && !value->ns && strcmp(text, "0") != 0)
        return aur_fail(failure, document->file, value->node->line,
                        text[0] == '-' ? "\"%s\" is %s, but a time is not negative, e.g. 4ms"
                                       : "\"%s\" is %s without a unit, write e.g. %sms",
                        name_of(value, path), text, text);
    if (!aur_document_duration(document, value->node, 1, &result, failure))
        return false;
    if (result < low || result > high)
        return aur_fail(failure, document->file, value->node->line,
                        "\"%s\" is %s, but must be from %llu ns to %llu ns", name_of(value, path),
                        text, (unsigned long long)low, (unsigned long long)high);
    *time_ns = result;
    return true;
}

static bool count_of(const struct aur_value *value, uint64_t low, uint64_t high, uint64_t *count,
                     struct aur_failure *failure)
{
    int64_t number;
    if (high > INT64_MAX)
        high = INT64_MAX;
    if (!aur_document_integer(value->document, value->node, (int64_t)low, (int64_t)high, &number,
                              failure))
        return false;
    *count = (uint64_t)number;
    return true;
}

// A child of a map, with what its key says of its unit.
static struct aur_value child_value(const struct aur_value *map, const struct aur_node *child)
{
    const char *key = aur_document_key(map->document, child);
    size_t length = strlen(key);
    bool ns = length > 3 && strcmp(key + length - 3, "_ns") == 0;
    return (struct aur_value){map->document, child, map->folder, ns};
}

static bool set_machine_entry(struct aur_draft *draft, uint32_t entry,
                              const struct aur_value *value, struct aur_failure *failure)
{
    const struct aur_machine_entry *of = aur_machine_entry(entry);
    uint64_t *field = aur_machine_field(&draft->machine, entry);
    if (of->time)
        return time_of(value, of->name, of->low, of->high, field, failure);
    return count_of(value, of->low, of->high, field, failure);
}

static bool set_machine(struct aur_draft *draft, const struct aur_value *value,
                        struct aur_failure *failure)
{
    const struct aur_node *child;
    if (value->node->kind != AUR_NODE_MAP)
        return aur_fail(failure, value->document->file, value->node->line,
                        "\"machine\" must be a map, e.g. machine: {cpus: 4, tick: 1ms}");
    if (!aur_key_repeated(value->document, value->node, failure))
        return false;
    for (child = aur_document_child(value->document, value->node); child;
         child = aur_document_next(value->document, child)) {
        const char *key = aur_document_key(value->document, child);
        struct aur_value entry = child_value(value, child);
        if (strcmp(key, "name") == 0)
            continue;
        if (aur_machine_entry_find(key) == AUR_NONE)
            return aur_machine_entry_unknown(value->document->file, child->line, key, failure);
        if (!set_machine_entry(draft, aur_machine_entry_find(key), &entry, failure))
            return false;
    }
    return true;
}

static void choose_class(struct aur_draft *draft, const struct aur_class_info *info)
{
    memset(&draft->scheduler, 0, sizeof draft->scheduler);
    snprintf(draft->scheduler.name, sizeof draft->scheduler.name, "%s", info->name);
    for (uint32_t i = 0; i < AUR_CLASS_PARAMS && info->params && info->params[i].name; i++)
        draft->scheduler.params[i] = info->params[i].value;
}

static bool set_class(struct aur_draft *draft, const struct aur_value *value,
                      struct aur_failure *failure)
{
    const char *name = aur_document_text(value->document, value->node);
    if (value->node->kind != AUR_NODE_STRING)
        return aur_fail(failure, value->document->file, value->node->line,
                        "a scheduler is a class name, e.g. eevdf, or a map with a \"class\"");
    uint32_t number = aur_class_find(name);
    if (number == AUR_NONE)
        return aur_class_unknown(value->document->file, value->node->line, name, failure);
    choose_class(draft, aur_class_info(number));
    return true;
}

static bool set_param(struct aur_draft *draft, const char *key, const struct aur_value *value,
                      struct aur_failure *failure)
{
    const struct aur_class_info *info = aur_class_info(aur_class_find(draft->scheduler.name));
    uint32_t number = aur_class_param_find(info, key);
    if (number == AUR_NONE)
        return aur_class_param_unknown(value->document->file, value->node->line, info, key,
                                       failure);
    const struct aur_class_param *param = &info->params[number];
    uint64_t *field = &draft->scheduler.params[number];
    size_t length = strlen(param->name);
    if (length > 3 && strcmp(param->name + length - 3, "_ns") == 0)
        return time_of(value, param->name, param->low, param->high, field, failure);
    return count_of(value, param->low, param->high, field, failure);
}

static bool set_scheduler(struct aur_draft *draft, const struct aur_value *value,
                          struct aur_failure *failure)
{
    const struct aur_document *document = value->document;
    const struct aur_node *child, *class = aur_document_find(document, value->node, "class");
    if (value->node->kind != AUR_NODE_MAP)
        return set_class(draft, value, failure);
    if (!aur_key_repeated(document, value->node, failure))
        return false;
    if (!class)
        return aur_fail(failure, document->file, value->node->line,
                        "\"scheduler\" lacks \"class\", e.g. {class: rr, quantum: 5ms}");
    struct aur_value chosen = child_value(value, class);
    if (!set_class(draft, &chosen, failure))
        return false;
    for (child = aur_document_child(document, value->node); child;
         child = aur_document_next(document, child)) {
        const char *key = aur_document_key(document, child);
        struct aur_value param = child_value(value, child);
        if (child != class && strcmp(key, "name") != 0 && !set_param(draft, key, &param, failure))
            return false;
    }
    return true;
}

static bool set_part(struct aur_draft *draft, const char *path, const struct aur_value *value,
                     struct aur_failure *failure)
{
    const char *rest = strchr(path, '.') + 1;
    if (strncmp(path, "machine.", 8) == 0)
        return set_machine_entry(draft, aur_machine_entry_find(rest), value, failure);
    if (strncmp(path, "scheduler.", 10) == 0)
        return set_param(draft, rest, value, failure);
    if (draft->patch_count == AUR_PATCHES_MAX)
        return aur_fail(failure, value->document->file, value->node->line,
                        "more than %u changes to a workload, write them into its file",
                        AUR_PATCHES_MAX);
    draft->patches[draft->patch_count++] = (struct aur_patch){rest, *value, false};
    return true;
}

static bool set_parts(struct aur_draft *draft, const struct aur_experiment *experiment,
                      uint32_t point, struct aur_failure *failure)
{
    for (uint32_t i = 0; i < experiment->override_count; i++) {
        const struct aur_override *over = &experiment->overrides[i];
        struct aur_value value = aur_override_value(over);
        if (!over->axis && strchr(over->path, '.') && !set_part(draft, over->path, &value, failure))
            return false;
    }
    for (uint32_t i = 0; i < experiment->axis_count; i++) {
        const struct aur_axis *axis = &experiment->axes[i];
        uint32_t choice = aur_experiment_choice(experiment, point, i);
        if (strchr(axis->path, '.') && !set_part(draft, axis->path, &axis->values[choice], failure))
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
    return own ? child_value(workload, own) : duration;
}

bool aur_draft_make(const struct aur_experiment *experiment, uint32_t point,
                    struct aur_draft *draft, struct aur_failure *failure)
{
    struct aur_value machine = aur_experiment_value(experiment, point, "machine");
    struct aur_value scheduler = aur_experiment_value(experiment, point, "scheduler");
    struct aur_value seed = aur_experiment_value(experiment, point, "seed");

    memset(draft, 0, sizeof *draft);
    aur_machine_default(&draft->machine);
    choose_class(draft, aur_class_info(aur_class_find(DEFAULT_CLASS)));
    draft->seed = DEFAULT_SEED;
    draft->warmup = aur_experiment_value(experiment, point, "warmup");
    draft->workload = aur_experiment_value(experiment, point, "workload");
    struct aur_value duration = duration_of(experiment, point, &draft->workload);

    if (machine.document && !set_machine(draft, &machine, failure))
        return false;
    if (scheduler.document && !set_scheduler(draft, &scheduler, failure))
        return false;
    if (duration.document &&
        !time_of(&duration, "duration", 1, DURATION_MOST_NS, &draft->duration_ns, failure))
        return false;
    if (draft->warmup.document &&
        !time_of(&draft->warmup, "warmup", 0, DURATION_MOST_NS, &draft->warmup_ns, failure))
        return false;
    if (seed.document && !count_of(&seed, 0, INT64_MAX, &draft->seed, failure))
        return false;
    if (!draft->workload.document)
        return aur_fail(failure, experiment->file, 1, "no workload, add e.g. workload: hogs.json");
    return set_parts(draft, experiment, point, failure);
}
