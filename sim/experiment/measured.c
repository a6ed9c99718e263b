// `measured:` of a workload or of the file: a CSV file of real measurements.
#include <stdlib.h>
#include <string.h>

#include "experiment/experiment.h"
#include "experiment/keys.h"

static bool check_rename(const struct aur_document *document, const struct aur_node *rename,
                         struct aur_failure *failure)
{
    const struct aur_node *child;
    const char *name;
    if (rename->kind != AUR_NODE_MAP)
        return aur_fail(failure, document->file, rename->line,
                        "\"rename\" must map names in the measurements to tasks, e.g. {a: b}");
    for (child = aur_document_child(document, rename); child;
         child = aur_document_next(document, child))
        if (!aur_document_string(document, child, &name, failure))
            return false;
    return true;
}

bool aur_experiment_measured(const struct aur_experiment *experiment, uint32_t point, char **path,
                             struct aur_value *rename, struct aur_failure *failure)
{
    static const char *const known[] = {"file", "rename", NULL};
    struct aur_value workload = aur_experiment_value(experiment, point, "workload");
    struct aur_value measured = aur_experiment_value(experiment, point, "measured");
    const struct aur_node *own =
        workload.document ? aur_document_find(workload.document, workload.node, "measured") : NULL;
    const struct aur_node *file, *names = NULL, *child;
    const struct aur_document *document;
    const char *name;

    *path = NULL;
    *rename = (struct aur_value){0};
    if (own)
        measured = (struct aur_value){workload.document, own, workload.folder, false};
    if (!measured.document)
        return true;
    document = measured.document;
    file = measured.node;
    if (measured.node->kind == AUR_NODE_MAP) {
        for (child = aur_document_child(document, measured.node); child;
             child = aur_document_next(document, child)) {
            const char *key = aur_document_key(document, child);
            if (strcmp(key, known[0]) != 0 && strcmp(key, known[1]) != 0)
                return aur_key_unknown(document->file, child->line, key, known, failure);
        }
        file = aur_document_find(document, measured.node, "file");
        names = aur_document_find(document, measured.node, "rename");
    }
    if (!file)
        return aur_fail(failure, document->file, measured.node->line,
                        "\"measured\" lacks \"file\", e.g. measured: {file: measured.csv}");
    if (!aur_document_string(document, file, &name, failure) ||
        (names && !check_rename(document, names, failure)))
        return false;
    size_t length = *name == '/' ? 0 : strlen(measured.folder);
    *path = malloc(length + strlen(name) + 1);
    if (!*path)
        return aur_fail(failure, NULL, 0, "memory is out");
    memcpy(*path, measured.folder, length);
    memcpy(*path + length, name, strlen(name) + 1);
    if (names)
        *rename = (struct aur_value){document, names, measured.folder, false};
    return true;
}
