// Task groups: the property "taskgroup" of tasks and phases, and Aurora's section "groups", which
// says what the groups are worth.
#include "workload/rtapp_import.h"

#include <stdlib.h>
#include <string.h>

#define PATH_BYTES 256u

// The path with single slashes and none at its end, as mkdir(2) takes it: "//a//b/" is "/a/b", and
// the root is "". False if it does not fit.
static bool tidy(const char *path, char *tidied)
{
    size_t used = 0;
    while (*path) {
        path += strspn(path, "/");
        size_t length = strcspn(path, "/");
        if (used + length + 2 > PATH_BYTES)
            return false;
        if (length)
            tidied[used++] = '/';
        memcpy(tidied + used, path, length);
        used += length;
        path += length;
    }
    tidied[used] = '\0';
    return true;
}

// Finds or makes the group of a tidy path and those that it lies in. 0: it is the root.
static bool make_group(struct rtapp_import *import, const struct aur_node *node, char *path,
                       uint32_t *number)
{
    struct aur_workload *workload = import->workload;
    uint32_t depth = 0;
    *number = 0;
    for (char *end = path; *end;) {
        size_t length = 1 + strcspn(end + 1, "/");
        char kept = end[length];
        end[length] = '\0';
        struct aur_group_spec group = {.parent = *number};
        *number = aur_workload_find_group(workload, path);
        if (!*number) {
            group.name = aur_workload_add_name(workload, path);
            if (group.name == AUR_NONE ||
                (*number = aur_workload_add_group(workload, &group) + 1) == 0)
                return aur_rtapp_no_memory(import);
        }
        end[length] = kept;
        end += length;
        if (++depth > AUR_GROUP_DEPTH_MAX)
            return aur_rtapp_refuse(import, node,
                                    "the taskgroup \"%.60s\" lies deeper than %u groups, flatten "
                                    "it",
                                    path, AUR_GROUP_DEPTH_MAX);
    }
    return true;
}

bool aur_rtapp_taskgroup(struct rtapp_import *import, const struct rtapp_properties *properties,
                         bool *given, uint32_t *number)
{
    const struct aur_node *node = properties->nodes[RTAPP_TASKGROUP];
    const char *name;
    char path[PATH_BYTES];
    *given = false;
    *number = 0;
    if (!node)
        return true;
    if (!aur_document_string(import->document, node, &name, import->failure))
        return false;
    if (!*name)
        return true;
    if (*name != '/')
        return aur_rtapp_refuse(import, node, "the taskgroup \"%.60s\" must start with a slash",
                                name);
    if (!tidy(name, path))
        return aur_rtapp_refuse(import, node,
                                "the taskgroup \"%.60s...\" is too long, at most %u "
                                "bytes",
                                name, PATH_BYTES - 1);
    *given = true;
    return make_group(import, node, path, number);
}

// rt-app too refuses these: the groups of its tasks are of the fair class.
bool aur_rtapp_group_suits(const struct rtapp_import *import, const struct aur_node *node,
                           uint32_t group)
{
    bool fair = import->policy == AUR_POLICY_OTHER || import->policy == AUR_POLICY_BATCH ||
                import->policy == AUR_POLICY_IDLE;
    if (fair || !group)
        return true;
    return aur_rtapp_refuse(import, node,
                            "\"%.60s\" is in a taskgroup under a real-time policy, where groups "
                            "mean nothing: take it out, or give it SCHED_OTHER",
                            aur_document_key(import->document, node));
}

// --- the section "groups" ------------------------------------------------------------------------

struct section {
    struct aur_workload *workload;
    const struct aur_document *document;
    struct aur_failure *failure;
};

static bool unknown_group(const struct section *section, const struct aur_node *node,
                          const char *path)
{
    const struct aur_workload *workload = section->workload;
    const char **paths = calloc(workload->group_count + 1u, sizeof *paths);
    for (uint32_t i = 0; paths && i < workload->group_count; i++)
        paths[i] = aur_workload_name(workload, workload->groups[i].name);
    const char *nearest = paths ? aur_document_nearest(path, paths) : NULL;
    free(paths);
    if (nearest)
        return aur_fail(section->failure, section->document->file, node->line,
                        "no task is in the group \"%.60s\", did you mean \"%.60s\"?", path,
                        nearest);
    return aur_fail(section->failure, section->document->file, node->line,
                    "no task is in the group \"%.60s\", give one \"taskgroup\": \"%.60s\"", path,
                    path);
}

static bool read_time(const struct section *section, const struct aur_node *node, uint64_t low_ns,
                      uint64_t high_ns, uint64_t *value_ns)
{
    if (!aur_document_duration(section->document, node, 1000, value_ns, section->failure))
        return false;
    if (*value_ns >= low_ns && *value_ns <= high_ns)
        return true;
    return aur_fail(section->failure, section->document->file, node->line,
                    "\"%s\" of a group must be from %llu to %llu us",
                    aur_document_key(section->document, node), (unsigned long long)low_ns / 1000,
                    (unsigned long long)high_ns / 1000);
}

static bool read_attribute(const struct section *section, const struct aur_node *node,
                           struct aur_group_spec *group)
{
    static const char *const known[] = {"weight", "quota", "period", NULL};
    const struct aur_document *document = section->document;
    const char *key = aur_document_key(document, node);
    if (strcmp(key, "weight") == 0) {
        int64_t weight;
        if (!aur_document_integer(document, node, AUR_GROUP_WEIGHT_MIN, AUR_GROUP_WEIGHT_MAX,
                                  &weight, section->failure))
            return false;
        group->weight = (uint32_t)weight;
        return true;
    }
    if (strcmp(key, "quota") == 0) {
        group->quota_ns = 0;
        if (node->kind == AUR_NODE_STRING && strcmp(aur_document_text(document, node), "max") == 0)
            return true;
        return read_time(section, node, AUR_GROUP_QUOTA_MIN_NS, AUR_GROUP_QUOTA_MAX_NS,
                         &group->quota_ns);
    }
    if (strcmp(key, "period") == 0)
        return read_time(section, node, AUR_GROUP_PERIOD_MIN_NS, AUR_GROUP_PERIOD_MAX_NS,
                         &group->period_ns);
    const char *nearest = aur_document_nearest(key, known);
    return aur_fail(section->failure, document->file, node->line,
                    "unknown key \"%.60s\" in a group, %s \"%s\"%s", key,
                    nearest ? "did you mean" : "use", nearest ? nearest : "weight",
                    nearest ? "?" : ", \"quota\" or \"period\"");
}

static bool read_group(const struct section *section, const struct aur_node *node)
{
    const struct aur_document *document = section->document;
    const char *key = aur_document_key(document, node);
    char path[PATH_BYTES];
    uint32_t number = 0;
    if (node->kind != AUR_NODE_MAP)
        return aur_fail(section->failure, document->file, node->line,
                        "the group \"%.60s\" must be a map, as {\"weight\": 200}", key);
    if (*key != '/')
        return aur_fail(section->failure, document->file, node->line,
                        "the group \"%.60s\" must start with a slash", key);
    if (tidy(key, path))
        number = aur_workload_find_group(section->workload, path);
    if (!number)
        return unknown_group(section, node, key);
    struct aur_group_spec *group = &section->workload->groups[number - 1];
    for (const struct aur_node *child = aur_document_child(document, node); child;
         child = aur_document_next(document, child)) {
        const struct aur_node *first =
            aur_document_find(document, node, aur_document_key(document, child));
        if (first != child)
            return aur_fail(section->failure, document->file, child->line,
                            "\"%.60s\" is here already, on line %u, remove one",
                            aur_document_key(document, child), first->line);
        if (!read_attribute(section, child, group))
            return false;
    }
    return true;
}

bool aur_rtapp_groups(struct aur_workload *workload, const struct aur_document *document,
                      const struct aur_node *groups, struct aur_failure *failure)
{
    const struct section section = {workload, document, failure};
    if (groups->kind != AUR_NODE_MAP)
        return aur_fail(failure, document->file, groups->line,
                        "\"groups\" must be a map, as {\"/batch\": {\"weight\": 50}}");
    for (const struct aur_node *node = aur_document_child(document, groups); node;
         node = aur_document_next(document, node)) {
        const struct aur_node *first =
            aur_document_find(document, groups, aur_document_key(document, node));
        if (first != node)
            return aur_fail(failure, document->file, node->line,
                            "\"%.60s\" is here already, on line %u, remove one",
                            aur_document_key(document, node), first->line);
        if (!read_group(&section, node))
            return false;
    }
    return true;
}
