// The keys that are the same for every point of the grid.
#include <stdlib.h>
#include <string.h>

#include "experiment/load.h"
#include "experiment/metric.h"

static bool out_of_memory(struct aur_failure *failure)
{
    return aur_fail(failure, NULL, 0, "memory is out");
}

// A top-level key that is the same for the whole grid.
static struct aur_value fixed(const struct aur_experiment *experiment, const char *key)
{
    return aur_experiment_value(experiment, 0, key);
}

static bool replace_text(char **text, const struct aur_value *value, struct aur_failure *failure)
{
    const char *given;
    if (!value->document)
        return true;
    if (!aur_document_string(value->document, value->node, &given, failure))
        return false;
    free(*text);
    *text = malloc(strlen(given) + 1);
    if (*text)
        memcpy(*text, given, strlen(given) + 1);
    return *text || out_of_memory(failure);
}

static bool refuse_place(const char *file, uint32_t line, uint32_t id, bool placed,
                         struct aur_failure *failure)
{
    const struct aur_metric *metric = aur_metric(id);
    if (metric->of_group && !metric->of_task)
        return aur_fail(failure, file, line, "\"%s\" is of a task group, write /GROUP/%s",
                        metric->name, metric->name);
    return aur_fail(failure, file, line,
                    placed ? "\"%s\" is of the whole system, write it without the task"
                           : "\"%s\" is of a task, write TASK/%s",
                    metric->name, metric->name);
}

static bool check_metrics(const struct aur_experiment *experiment, const struct aur_value *list,
                          struct aur_failure *failure)
{
    const struct aur_node *child = aur_document_child(list->document, list->node);
    for (uint32_t i = 0; i < experiment->metric_count; i++) {
        const char *text = experiment->metrics[i], *slash = strrchr(text, '/');
        const char *name = slash ? slash + 1 : text;
        uint32_t task_length, id, line = child->line;
        child = aur_document_next(list->document, child);
        if (aur_metric_parse(text, &task_length, &id))
            continue;
        if (id < AUR_METRIC_COUNT)
            return refuse_place(list->document->file, line, id, slash != NULL, failure);
        const char *near = aur_document_nearest(name, aur_metric_names);
        if (near)
            return aur_fail(failure, list->document->file, line,
                            "unknown metric \"%s\", did you mean \"%s\"?", name, near);
        return aur_fail(failure, list->document->file, line,
                        "unknown metric \"%s\", `aurora list metrics` names all", name);
    }
    return true;
}

static bool read_metrics(struct aur_experiment *experiment, struct aur_failure *failure)
{
    struct aur_value metrics = fixed(experiment, "metrics");
    const struct aur_node *child;
    uint32_t count = 0;

    if (!metrics.document)
        return true;
    if (metrics.node->kind != AUR_NODE_LIST)
        return aur_fail(failure, metrics.document->file, metrics.node->line,
                        "\"metrics\" must be a list, e.g. [utilisation, wakeup_ns_p99]");
    for (child = aur_document_child(metrics.document, metrics.node); child;
         child = aur_document_next(metrics.document, child))
        count++;
    experiment->metrics = calloc(count + 1, sizeof *experiment->metrics);
    if (!experiment->metrics)
        return out_of_memory(failure);
    for (child = aur_document_child(metrics.document, metrics.node); child;
         child = aur_document_next(metrics.document, child))
        if (!aur_document_string(metrics.document, child,
                                 &experiment->metrics[experiment->metric_count++], failure))
            return false;
    return check_metrics(experiment, &metrics, failure);
}

bool aur_load_fixed(struct aur_experiment *experiment, struct aur_failure *failure)
{
    struct aur_value name = fixed(experiment, "name");
    struct aur_value description = fixed(experiment, "description");
    struct aur_value replications = fixed(experiment, "replications");
    struct aur_value confidence = fixed(experiment, "confidence");
    int64_t number = 1;

    if (!replace_text(&experiment->name, &name, failure) ||
        !replace_text(&experiment->description, &description, failure))
        return false;
    if (replications.document && !aur_document_integer(replications.document, replications.node, 1,
                                                       AUR_RUNS_MAX, &number, failure))
        return false;
    experiment->replications = (uint32_t)number;
    experiment->confidence = 0.95;
    if (confidence.document) {
        if (!aur_document_real(confidence.document, confidence.node, &experiment->confidence,
                               failure))
            return false;
        experiment->confidence /= 100;
        if (experiment->confidence < 0.5 || experiment->confidence >= 1)
            return aur_fail(failure, confidence.document->file, confidence.node->line,
                            "\"confidence\" is in per cent, from 50 to below 100, e.g. 95");
    }
    return read_metrics(experiment, failure);
}
