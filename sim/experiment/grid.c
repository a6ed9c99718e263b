// The grid: numbers of runs and points, values and names of a point.
#include "experiment/experiment.h"

#include <stdio.h>
#include <string.h>

#include "experiment/keys.h"

uint32_t aur_experiment_runs(const struct aur_experiment *experiment)
{
    if (!experiment->point_count)
        return 0;
    const struct aur_point *last = &experiment->points[experiment->point_count - 1];
    return last->first_run + last->replications;
}

uint32_t aur_experiment_point(const struct aur_experiment *experiment, uint32_t run)
{
    uint32_t low = 0, high = experiment->point_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (experiment->points[middle].first_run <= run)
            low = middle;
        else
            high = middle;
    }
    return low;
}

uint32_t aur_experiment_replication(const struct aur_experiment *experiment, uint32_t run)
{
    return run - experiment->points[aur_experiment_point(experiment, run)].first_run;
}

uint32_t aur_experiment_choice(const struct aur_experiment *experiment, uint32_t point,
                               uint32_t axis)
{
    for (uint32_t faster = experiment->axis_count - 1; faster > axis; faster--)
        point /= experiment->axes[faster].count;
    return point % experiment->axes[axis].count;
}

char *aur_experiment_label(const struct aur_experiment *experiment, uint32_t run, char *text,
                           size_t room)
{
    uint32_t point = aur_experiment_point(experiment, run);
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t axis = 0; axis < experiment->axis_count && used < room; axis++) {
        const struct aur_axis *of = &experiment->axes[axis];
        used += (size_t)snprintf(text + used, room - used, "%s%s=%s", used ? " " : "", of->path,
                                 of->labels[aur_experiment_choice(experiment, point, axis)]);
    }
    if (experiment->points[point].replications > 1 && used < room)
        used += (size_t)snprintf(text + used, room - used, "%sreplication=%u", used ? " " : "",
                                 aur_experiment_replication(experiment, run));
    if (!used)
        snprintf(text, room, "%s", experiment->name);
    return text;
}

struct aur_value aur_override_value(const struct aur_override *override)
{
    const struct aur_document *document = &override->document;
    const struct aur_node *node = aur_document_child(document, aur_document_root(document));
    const char *key = aur_document_key(document, node); // as the user spelled it
    size_t length = strlen(key);
    return (struct aur_value){document, node, "",
                              length > 3 && strcmp(key + length - 3, "_ns") == 0};
}

struct aur_value aur_experiment_value(const struct aur_experiment *experiment, uint32_t point,
                                      const char *key)
{
    struct aur_value none = {0};
    for (uint32_t axis = 0; axis < experiment->axis_count; axis++)
        if (strcmp(experiment->axes[axis].path, key) == 0)
            return experiment->axes[axis].values[aur_experiment_choice(experiment, point, axis)];
    for (uint32_t i = experiment->override_count; i-- > 0;) {
        const struct aur_override *over = &experiment->overrides[i];
        if (!over->axis && strcmp(over->path, key) == 0)
            return aur_override_value(over);
    }
    const struct aur_node *root = aur_document_root(&experiment->document);
    const struct aur_node *node = root ? aur_document_find(&experiment->document, root, key) : NULL;
    if (!node)
        return none;
    return (struct aur_value){&experiment->document, node, experiment->folder, false};
}
