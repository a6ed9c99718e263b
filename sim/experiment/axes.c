// The axes of the grid: those of `sweep:`, and those that --set puts in their place.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/keys.h"
#include "experiment/label.h"
#include "experiment/load.h"

#define LABEL_BYTES 96u

static bool out_of_memory(struct aur_failure *failure)
{
    return aur_fail(failure, NULL, 0, "memory is out");
}

void aur_load_free_axis(struct aur_axis *axis)
{
    for (uint32_t i = 0; i < axis->count && axis->labels; i++)
        free(axis->labels[i]);
    free(axis->labels);
    free(axis->values);
    free(axis->path);
    memset(axis, 0, sizeof *axis);
}

static bool add_label(struct aur_axis *axis, uint32_t number, struct aur_failure *failure)
{
    const struct aur_value *value = &axis->values[number];
    char text[LABEL_BYTES];

    aur_value_label(value, text, sizeof text);
    for (uint32_t i = 0; i < number; i++)
        if (strcmp(axis->labels[i], text) == 0)
            return aur_fail(failure, value->document->file, value->node->line,
                            "two values of \"%s\" are called \"%s\", give each a name: "
                            "{name: ..., ...}",
                            axis->path, text);
    axis->labels[number] = malloc(strlen(text) + 1);
    if (!axis->labels[number])
        return out_of_memory(failure);
    memcpy(axis->labels[number], text, strlen(text) + 1);
    return true;
}

// Fills the values of an axis from a list, or from a single value if `list` is none.
static bool fill(struct aur_axis *axis, const struct aur_value *list, struct aur_failure *failure)
{
    bool single = list->node->kind != AUR_NODE_LIST;
    const struct aur_node *child =
        single ? list->node : aur_document_child(list->document, list->node);
    uint32_t count = 0;

    for (const struct aur_node *node = child; node;
         node = single ? NULL : aur_document_next(list->document, node))
        count++;
    if (!count)
        return aur_fail(failure, list->document->file, list->node->line,
                        "the list of \"%s\" is empty, give at least one value", axis->path);
    axis->values = calloc(count, sizeof *axis->values);
    axis->labels = calloc(count, sizeof *axis->labels);
    if (!axis->values || !axis->labels)
        return out_of_memory(failure);
    axis->count = count;
    for (uint32_t i = 0; i < count; i++) {
        axis->values[i] = (struct aur_value){list->document, child, list->folder, list->ns};
        if (!add_label(axis, i, failure))
            return false;
        child = single ? NULL : aur_document_next(list->document, child);
    }
    return true;
}

static struct aur_axis *find_axis(struct aur_experiment *experiment, const char *path)
{
    for (uint32_t i = 0; i < experiment->axis_count; i++)
        if (strcmp(experiment->axes[i].path, path) == 0)
            return &experiment->axes[i];
    return NULL;
}

// Takes ownership of path.
static bool add_axis(struct aur_experiment *experiment, char *path, const struct aur_value *list,
                     struct aur_failure *failure)
{
    struct aur_axis *axis = find_axis(experiment, path);
    char head[32];

    snprintf(head, sizeof head, "%.*s", (int)strcspn(path, "."), path);
    if (!aur_key_sweeps(aur_key_find(head))) {
        aur_fail(failure, list->document->file, list->node->line,
                 "\"%s\" cannot be swept, but machine, scheduler, workload, duration, warmup and "
                 "seed can",
                 path);
        free(path);
        return false;
    }
    if (axis) {
        aur_load_free_axis(axis);
    } else {
        axis = &experiment->axes[experiment->axis_count++];
    }
    axis->path = path;
    return fill(axis, list, failure);
}

static bool sweep_axis(struct aur_experiment *experiment, const struct aur_node *node,
                       struct aur_failure *failure)
{
    const struct aur_document *document = &experiment->document;
    const char *key = aur_document_key(document, node);
    size_t length = strlen(key);
    struct aur_value list = {document, node, experiment->folder,
                             length > 3 && strcmp(key + length - 3, "_ns") == 0};
    char *path = aur_key_path(document->file, node->line, key, failure);

    if (!path)
        return false;
    if (find_axis(experiment, path)) {
        aur_fail(failure, document->file, node->line, "\"%s\" is swept twice, keep one", key);
        free(path);
        return false;
    }
    if (node->kind != AUR_NODE_LIST) {
        aur_fail(failure, document->file, node->line,
                 "sweep over \"%s\" must be a list of values, e.g. [1, 2, 4]", key);
        free(path);
        return false;
    }
    return add_axis(experiment, path, &list, failure);
}

// A --set with a list is an axis; one of an axis's path replaces it.
static bool override_axis(struct aur_experiment *experiment, struct aur_override *over,
                          struct aur_failure *failure)
{
    struct aur_value value = aur_override_value(over);
    char head[32];

    snprintf(head, sizeof head, "%.*s", (int)strcspn(over->path, "."), over->path);
    if (!find_axis(experiment, over->path) &&
        (value.node->kind != AUR_NODE_LIST || !aur_key_sweeps(aur_key_find(head))))
        return true;
    char *path = malloc(strlen(over->path) + 1);
    if (!path)
        return out_of_memory(failure);
    memcpy(path, over->path, strlen(over->path) + 1);
    over->axis = true;
    return add_axis(experiment, path, &value, failure);
}

bool aur_load_axes(struct aur_experiment *experiment, struct aur_failure *failure)
{
    const struct aur_document *document = &experiment->document;
    const struct aur_node *child,
        *sweep = aur_document_find(document, aur_document_root(document), "sweep");
    uint32_t most = experiment->override_count;

    if (sweep && sweep->kind != AUR_NODE_MAP)
        return aur_fail(failure, document->file, sweep->line,
                        "\"sweep\" must map paths to lists, e.g. sweep: {machine.cpus: [1, 2]}");
    for (child = sweep ? aur_document_child(document, sweep) : NULL; child;
         child = aur_document_next(document, child))
        most++;
    experiment->axes = calloc(most + 1, sizeof *experiment->axes);
    if (!experiment->axes)
        return out_of_memory(failure);
    for (child = sweep ? aur_document_child(document, sweep) : NULL; child;
         child = aur_document_next(document, child))
        if (!sweep_axis(experiment, child, failure))
            return false;
    for (uint32_t i = 0; i < experiment->override_count; i++)
        if (!override_axis(experiment, &experiment->overrides[i], failure))
            return false;
    return true;
}
