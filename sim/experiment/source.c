#include "experiment/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/keys.h"
#include "experiment/workload_file.h"
#include "workload/file.h"
#include "workload/rtapp.h"

static bool out_of_memory(struct aur_failure *failure)
{
    return aur_fail(failure, NULL, 0, "memory is out");
}

static bool ends_in(const char *path, const char *ending)
{
    size_t length = strlen(path), size = strlen(ending);
    return length >= size && strcmp(path + length - size, ending) == 0;
}

enum aur_source aur_source_kind(const char *path, const char *bytes, size_t size)
{
    size_t at = 0;
    if (aur_workload_file_detect(bytes, size))
        return AUR_SOURCE_WORKLOAD;
    while (at < size && strchr(" \t\r\n", bytes[at]))
        at++;
    if (at == size) { // empty: let the right reader say so
        if (ends_in(path, ".json"))
            return AUR_SOURCE_RTAPP;
        return ends_in(path, ".yaml") || ends_in(path, ".yml") ? AUR_SOURCE_EXPERIMENT
                                                               : AUR_SOURCE_TRACE;
    }
    if (bytes[at] == '{' || (bytes[at] == '/' && at + 1 < size && strchr("/*", bytes[at + 1])))
        return AUR_SOURCE_RTAPP;
    if (aur_linux_trace_detect(bytes, size))
        return AUR_SOURCE_TRACE;
    return AUR_SOURCE_EXPERIMENT;
}

void aur_source_free(struct aur_loaded_workload *list)
{
    while (list) {
        struct aur_loaded_workload *next = list->next;
        aur_workload_free(&list->workload);
        free(list->key);
        free(list);
        list = next;
    }
}

bool aur_source_trace(struct aur_workload *workload, const char *path, const char *bytes,
                      size_t size, bool truncated, aur_experiment_warn *warn, void *context,
                      struct aur_failure *failure)
{
    static const enum aur_trace_problem told[] = {AUR_TRACE_UNKNOWN_LINE, AUR_TRACE_BAD_EVENT,
                                                  AUR_TRACE_OUT_OF_ORDER, AUR_TRACE_LOST};
    static const char *const texts[] = {
#define X(name, text) text,
        AUR_TRACE_PROBLEM_TABLE(X)
#undef X
    };
    struct aur_trace_report report;
    char line[512];

    memset(&report, 0, sizeof report);
    if (!aur_linux_trace_load(workload, path, bytes, size, &report, failure))
        return false;
    const struct aur_trace_count *cut = &report.problems[AUR_TRACE_CUT_LINE];
    if (truncated || cut->count)
        return aur_fail(failure, path, truncated ? (uint32_t)report.lines : cut->first_line,
                        "the trace is cut off here: record it again, or `aurora import perf` takes "
                        "what there is");
    for (size_t i = 0; warn && i < sizeof told / sizeof told[0]; i++) {
        const struct aur_trace_count *problem = &report.problems[told[i]];
        if (!problem->count)
            continue;
        snprintf(line, sizeof line, "%s:%u: %llu %s", path, problem->first_line,
                 (unsigned long long)problem->count, texts[told[i]]);
        warn(context, line);
    }
    return true;
}

struct reading {
    struct aur_experiment *experiment;
    struct aur_draft *draft;
    struct aur_workload *workload;
    struct aur_failure *failure;
};

// An rt-app document with the patches of the draft in it.
static bool load_document(struct reading *reading, struct aur_workload *into,
                          const struct aur_document *document, const struct aur_node *node)
{
    struct aur_document patched;
    bool good;

    aur_document_init(&patched, document->file);
    good = (aur_document_patch(&patched, AUR_NONE, NULL, document, node, reading->draft->patches,
                               reading->draft->patch_count) ||
            out_of_memory(reading->failure)) &&
           aur_rtapp_load(into, &patched, reading->failure);
    aur_document_free(&patched);
    return good;
}

static bool load_json(struct reading *reading, struct aur_workload *into, const char *path,
                      const char *bytes, size_t size)
{
    struct aur_document document;
    bool good;

    aur_document_init(&document, path);
    good = aur_document_read_json(&document, bytes, size, reading->failure) &&
           load_document(reading, into, &document, aur_document_root(&document));
    aur_document_free(&document);
    return good;
}

static bool load_bytes(struct reading *reading, struct aur_workload *into, const char *path,
                       const char *bytes, size_t size, bool truncated)
{
    struct aur_experiment *experiment = reading->experiment;
    switch (aur_source_kind(path, bytes, size)) {
    case AUR_SOURCE_RTAPP:
        return load_json(reading, into, path, bytes, size);
    case AUR_SOURCE_TRACE:
        return aur_source_trace(into, path, bytes, size, truncated, experiment->warn,
                                experiment->warn_context, reading->failure);
    case AUR_SOURCE_WORKLOAD:
        return aur_workload_file_decode(into, path, bytes, size, reading->failure);
    default:
        return aur_fail(reading->failure, path, 1,
                        "this is no workload: give rt-app JSON, the text of perf sched script or "
                        "trace-cmd report, or a file made by aurora import");
    }
}

static char *join(const char *folder, const char *path)
{
    size_t length = *path == '/' ? 0 : strlen(folder);
    char *joined = malloc(length + strlen(path) + 1);
    if (joined) {
        memcpy(joined, folder, length);
        memcpy(joined + length, path, strlen(path) + 1);
    }
    return joined;
}

static bool add_file(struct reading *reading, const struct aur_value *value)
{
    struct aur_workload one;
    const char *name;
    bool truncated, good;
    char *bytes, *path;
    size_t size;

    if (!aur_document_string(value->document, value->node, &name, reading->failure))
        return false;
    path = join(value->folder, name);
    if (!path)
        return out_of_memory(reading->failure);
    good = aur_file_read(path, &bytes, &size, &truncated, reading->failure);
    if (good) {
        aur_workload_init(&one);
        good = load_bytes(reading, &one, path, bytes, size, truncated) &&
               (aur_workload_append(reading->workload, &one) || out_of_memory(reading->failure));
        aur_workload_free(&one);
        free(bytes);
    }
    free(path);
    return good;
}

static bool add_files(struct reading *reading, const struct aur_value *value)
{
    const struct aur_node *child = aur_document_child(value->document, value->node);
    if (value->node->kind != AUR_NODE_LIST || !child)
        return aur_fail(reading->failure, value->document->file, value->node->line,
                        "\"files\" must be a list of paths, e.g. [hogs.json, trace.txt.gz]");
    for (; child; child = aur_document_next(value->document, child)) {
        struct aur_value file = {value->document, child, value->folder, false};
        if (!add_file(reading, &file))
            return false;
    }
    return true;
}

// Copies those parts of a workload's map that are there, with the patches that lead into them.
static bool copy_parts(struct reading *reading, const struct aur_value *value,
                       const char *const *parts, struct aur_document *own)
{
    struct aur_document plain;
    bool good;

    aur_document_init(&plain, value->document->file);
    aur_document_init(own, value->document->file);
    good =
        aur_document_add(&plain, AUR_NONE, AUR_NODE_MAP, NULL, NULL, value->node->line) != AUR_NONE;
    for (; *parts && good; parts++) {
        const struct aur_node *part = aur_document_find(value->document, value->node, *parts);
        good = !part || aur_document_patch(&plain, 0, *parts, value->document, part, NULL, 0);
    }
    good = good && aur_document_patch(own, AUR_NONE, NULL, &plain, aur_document_root(&plain),
                                      reading->draft->patches, reading->draft->patch_count);
    aur_document_free(&plain);
    return good || out_of_memory(reading->failure);
}

// Tasks that stand in the experiment: the map without what is the experiment's is an rt-app file.
static bool add_tasks(struct reading *reading, const struct aur_value *value)
{
    static const char *const parts[] = {"tasks", "resources", "global", NULL};
    struct aur_document own;
    struct aur_workload one;

    aur_workload_init(&one);
    bool good = copy_parts(reading, value, parts, &own) &&
                aur_rtapp_load(&one, &own, reading->failure) &&
                (aur_workload_append(reading->workload, &one) || out_of_memory(reading->failure));
    aur_workload_free(&one);
    aur_document_free(&own);
    return good;
}

// Weights and limits of the groups of all tasks of the workload, those of files included.
static bool add_groups(struct reading *reading, const struct aur_value *value)
{
    static const char *const parts[] = {"groups", NULL};
    struct aur_document own;
    const struct aur_node *groups;

    bool good = copy_parts(reading, value, parts, &own);
    if (good && (groups = aur_document_find(&own, aur_document_root(&own), "groups")) != NULL)
        good = aur_rtapp_groups(reading->workload, &own, groups, reading->failure);
    aur_document_free(&own);
    return good;
}

static bool add_map(struct reading *reading, const struct aur_value *value)
{
    static const char *const known[] = {"name",      "files",  "measured", "duration", "tasks",
                                        "resources", "global", "groups",   NULL};
    const struct aur_document *document = value->document;
    const struct aur_node *files = aur_document_find(document, value->node, "files");
    const struct aur_node *tasks = aur_document_find(document, value->node, "tasks");
    const struct aur_node *child;

    for (child = aur_document_child(document, value->node); child;
         child = aur_document_next(document, child)) {
        const char *const *name = known;
        while (*name && strcmp(*name, aur_document_key(document, child)) != 0)
            name++;
        if (!*name)
            return aur_key_unknown(document->file, child->line, aur_document_key(document, child),
                                   known, reading->failure);
    }
    if (!files && !tasks)
        return aur_fail(reading->failure, document->file, value->node->line,
                        "\"workload\" names neither \"files\" nor \"tasks\", e.g. "
                        "{name: hogs, files: [hogs.json]}");
    if (files) {
        struct aur_value list = {document, files, value->folder, false};
        if (!add_files(reading, &list))
            return false;
    }
    return (!tasks || add_tasks(reading, value)) && add_groups(reading, value);
}

static bool check_patches(struct reading *reading)
{
    for (uint32_t i = 0; i < reading->draft->patch_count; i++) {
        const struct aur_patch *patch = &reading->draft->patches[i];
        if (!patch->found)
            return aur_fail(reading->failure, patch->value.document->file, patch->value.node->line,
                            "the workload has nothing at \"%s\", paths go through the keys of its "
                            "rt-app JSON, e.g. workload.tasks.hog.run",
                            patch->path);
    }
    return true;
}

static bool load(struct reading *reading)
{
    struct aur_value *value = &reading->draft->workload;
    bool good;

    switch (value->node->kind) {
    case AUR_NODE_MAP:
        good = add_map(reading, value);
        break;
    case AUR_NODE_LIST:
        good = add_files(reading, value);
        break;
    default:
        good = add_file(reading, value);
    }
    return good && check_patches(reading) &&
           aur_workload_validate(reading->workload, value->document->file, reading->failure);
}

// Nodes stay where they are while the experiment lives, so their places name them.
static bool make_key(const struct aur_draft *draft, char *key, size_t room)
{
    size_t used = (size_t)snprintf(key, room, "%p", (const void *)draft->workload.node);
    for (uint32_t i = 0; i < draft->patch_count && used < room; i++)
        used += (size_t)snprintf(key + used, room - used, " %s=%p", draft->patches[i].path,
                                 (const void *)draft->patches[i].value.node);
    return used < room;
}

const struct aur_workload *aur_source_workload(struct aur_experiment *experiment,
                                               struct aur_draft *draft, struct aur_failure *failure)
{
    struct aur_loaded_workload *loaded;
    char key[4096];

    if (!make_key(draft, key, sizeof key)) {
        aur_fail(failure, NULL, 0, "the paths of --set and sweep are too long");
        return NULL;
    }
    for (loaded = experiment->workloads; loaded; loaded = loaded->next)
        if (strcmp(loaded->key, key) == 0)
            return &loaded->workload;
    loaded = calloc(1, sizeof *loaded);
    if (!loaded || !(loaded->key = malloc(strlen(key) + 1))) {
        free(loaded);
        out_of_memory(failure);
        return NULL;
    }
    memcpy(loaded->key, key, strlen(key) + 1);
    aur_workload_init(&loaded->workload);
    struct reading reading = {experiment, draft, &loaded->workload, failure};
    if (!load(&reading)) {
        aur_source_free(loaded);
        return NULL;
    }
    loaded->next = experiment->workloads;
    experiment->workloads = loaded;
    return &loaded->workload;
}
