// Experiments and bare workloads from files. Host only: the browser parses files itself and begins
// with aur_experiment_load_document.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/experiment.h"
#include "experiment/source.h"
#include "workload/file.h"

// A bare workload is an experiment that says nothing but `workload: FILE`.
static bool make_bare(struct aur_document *document, const char *path)
{
    const char *slash = strrchr(path, '/');
    return aur_document_add(document, AUR_NONE, AUR_NODE_MAP, NULL, NULL, 0) != AUR_NONE &&
           aur_document_add(document, 0, AUR_NODE_STRING, "workload", slash ? slash + 1 : path,
                            0) != AUR_NONE;
}

static bool check_measured(const struct aur_experiment *experiment, struct aur_failure *failure)
{
    for (uint32_t point = 0; point < experiment->point_count; point++) {
        struct aur_value rename;
        char *path;
        if (!aur_experiment_measured(experiment, point, &path, &rename, failure))
            return false;
        FILE *file = path ? fopen(path, "r") : NULL;
        bool good = !path || file ||
                    aur_fail(failure, path, 0, "%s, correct \"measured\" in %s", strerror(errno),
                             experiment->file);
        if (file)
            fclose(file);
        free(path);
        if (!good)
            return false;
    }
    return true;
}

static bool parse(struct aur_document *document, const char *path, const char *bytes, size_t size,
                  const char **text, size_t *text_size, char *bare, size_t room,
                  struct aur_failure *failure)
{
    *text = bytes;
    *text_size = size;
    if (aur_source_kind(path, bytes, size) == AUR_SOURCE_EXPERIMENT)
        return aur_document_read_yaml(document, bytes, size, failure);
    snprintf(bare, room, "workload: %s\n", path);
    *text = bare;
    *text_size = strlen(bare);
    return make_bare(document, path) || aur_fail(failure, NULL, 0, "memory is out");
}

bool aur_experiment_load(struct aur_experiment *experiment, const char *path,
                         const struct aur_setting *settings, uint32_t setting_count,
                         aur_experiment_warn *warn, void *context, struct aur_failure *failure)
{
    struct aur_document document;
    const char *text;
    bool truncated, good;
    char *bytes, bare[4200];
    size_t size, text_size;

    if (!aur_file_read(path, &bytes, &size, &truncated, failure))
        return false;
    aur_document_init(&document, path);
    good = parse(&document, path, bytes, size, &text, &text_size, bare, sizeof bare, failure) &&
           aur_experiment_load_document(experiment, path, text, text_size, &document, settings,
                                        setting_count, warn, context, failure);
    aur_document_free(&document);
    free(bytes);
    if (good && !check_measured(experiment, failure)) {
        aur_experiment_free(experiment);
        return false;
    }
    return good;
}
