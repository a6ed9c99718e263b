// Loading an experiment from its document: the settings over it, the axes, the points.
#include "experiment/experiment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/keys.h"
#include "experiment/label.h"
#include "experiment/load.h"
#include "experiment/patch.h"
#include "experiment/source.h"

static bool out_of_memory(struct aur_failure *failure)
{
    return aur_fail(failure, NULL, 0, "memory is out");
}

static char *copy_text(const char *text, size_t length)
{
    char *copy = malloc(length + 1);
    if (copy) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

static bool set_names(struct aur_experiment *experiment, const char *path)
{
    struct aur_document named = {0};
    struct aur_value file = {&named, NULL, "", false};
    char name[128];
    const char *slash = strrchr(path, '/');

    aur_document_init(&named, path);
    if (aur_document_add(&named, AUR_NONE, AUR_NODE_STRING, NULL, path, 0) == AUR_NONE)
        return false;
    file.node = aur_document_root(&named);
    aur_value_label(&file, name, sizeof name);
    aur_document_free(&named);
    experiment->file = copy_text(path, strlen(path));
    experiment->folder = copy_text(path, slash ? (size_t)(slash - path) + 1 : 0);
    experiment->name = copy_text(name, strlen(name));
    experiment->description = copy_text("", 0);
    return experiment->file && experiment->folder && experiment->name && experiment->description;
}

static bool check_keys(const struct aur_experiment *experiment, struct aur_failure *failure)
{
    const struct aur_document *document = &experiment->document;
    const struct aur_node *root = aur_document_root(document), *child;

    if (!root || root->kind != AUR_NODE_MAP)
        return aur_fail(failure, experiment->file, root ? root->line : 1,
                        "this is neither an experiment (YAML, e.g. workload: hogs.json) nor an "
                        "rt-app workload nor a Linux trace");
    for (child = aur_document_child(document, root); child;
         child = aur_document_next(document, child))
        if (aur_key_find(aur_document_key(document, child)) == AUR_FILE_KEY_COUNT)
            return aur_key_unknown(experiment->file, child->line, aur_document_key(document, child),
                                   aur_key_names, failure);
    return aur_key_repeated(document, root, failure);
}

// Turns "path=value" into a map of one key, so that messages name it as those of a file do.
static bool read_override(struct aur_override *over, const struct aur_setting *setting,
                          struct aur_failure *failure)
{
    struct aur_document parsed;
    const char *path = setting->path;
    char place[256];

    snprintf(place, sizeof place, "--set %s=%s", setting->path, setting->value);
    aur_document_init(&over->document, place);
    if (strncmp(path, "sweep.", 6) == 0)
        path += 6;
    over->path = aur_key_path(place, 0, path, failure);
    if (!over->path)
        return false;
    aur_document_init(&parsed, place);
    bool good = aur_document_read_yaml(&parsed, setting->value, strlen(setting->value), failure);
    if (good) {
        for (uint32_t i = 0; i < parsed.node_count; i++)
            parsed.nodes[i].line = 0;
        good = (aur_document_add(&over->document, AUR_NONE, AUR_NODE_MAP, NULL, NULL, 0) == 0 &&
                aur_document_patch(&over->document, 0, path, &parsed, aur_document_root(&parsed),
                                   NULL, 0)) ||
               out_of_memory(failure);
    }
    aur_document_free(&parsed);
    return good;
}

static bool read_overrides(struct aur_experiment *experiment, const struct aur_setting *settings,
                           uint32_t count, struct aur_failure *failure)
{
    if (count)
        experiment->overrides = calloc(count, sizeof *experiment->overrides);
    if (count && !experiment->overrides)
        return out_of_memory(failure);
    for (uint32_t i = 0; i < count; i++) {
        experiment->override_count = i + 1;
        if (!read_override(&experiment->overrides[i], &settings[i], failure))
            return false;
    }
    return true;
}

static bool make_points(struct aur_experiment *experiment, struct aur_failure *failure)
{
    uint64_t points = 1, runs = 0;
    for (uint32_t i = 0; i < experiment->axis_count; i++) {
        points *= experiment->axes[i].count;
        if (points > AUR_RUNS_MAX)
            return aur_fail(failure, experiment->file, 0,
                            "the grid has more than %u points, sweep over fewer values",
                            AUR_RUNS_MAX);
    }
    experiment->points = calloc((size_t)points, sizeof *experiment->points);
    if (!experiment->points)
        return out_of_memory(failure);
    for (uint32_t point = 0; point < points; point++) {
        bool random;
        if (!aur_source_check_point(experiment, point, &random, failure))
            return false;
        experiment->points[point].first_run = (uint32_t)runs;
        experiment->points[point].replications = random ? experiment->replications : 1;
        runs += experiment->points[point].replications;
        if (runs > AUR_RUNS_MAX)
            return aur_fail(failure, experiment->file, 0,
                            "the grid has more than %u runs, sweep over fewer values",
                            AUR_RUNS_MAX);
        experiment->point_count = point + 1;
    }
    return true;
}

bool aur_experiment_load_document(struct aur_experiment *experiment, const char *path,
                                  const char *text, size_t size, struct aur_document *document,
                                  const struct aur_setting *settings, uint32_t setting_count,
                                  aur_experiment_warn *warn, void *context,
                                  struct aur_failure *failure)
{
    memset(experiment, 0, sizeof *experiment);
    experiment->document = *document;
    memset(document, 0, sizeof *document);
    experiment->warn = warn;
    experiment->warn_context = context;
    experiment->text = copy_text(text, size);
    if (!experiment->text || !set_names(experiment, path)) {
        out_of_memory(failure);
    } else if (check_keys(experiment, failure) &&
               read_overrides(experiment, settings, setting_count, failure) &&
               aur_load_axes(experiment, failure) && aur_load_fixed(experiment, failure) &&
               make_points(experiment, failure)) {
        experiment->warn = NULL;
        return true;
    }
    aur_experiment_free(experiment);
    return false;
}

void aur_experiment_free(struct aur_experiment *experiment)
{
    for (uint32_t i = 0; i < experiment->override_count; i++) {
        free(experiment->overrides[i].path);
        aur_document_free(&experiment->overrides[i].document);
    }
    for (uint32_t i = 0; i < experiment->axis_count; i++)
        aur_load_free_axis(&experiment->axes[i]);
    aur_source_free(experiment->workloads);
    free(experiment->overrides);
    free(experiment->axes);
    free(experiment->points);
    free(experiment->metrics);
    free(experiment->name);
    free(experiment->description);
    free(experiment->file);
    free(experiment->text);
    free(experiment->folder);
    aur_document_free(&experiment->document);
    memset(experiment, 0, sizeof *experiment);
}
