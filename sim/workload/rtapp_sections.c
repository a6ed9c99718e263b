// The `global` section, of which simulation needs three keys, and the `resources` section, which
// rt-app keeps for old files: resources are made by the events that name them.
#include "workload/rtapp_import.h"

#include <string.h>

#define SECOND_NS UINT64_C(1000000000)

enum type {
    TYPE_BOOL = 1,
    TYPE_NUMBER = 2,
    TYPE_STRING = 4
};

static const struct global_key {
    const char *name;
    const char *types_text;
    uint32_t types;
} global_keys[] = {
    {"duration", "seconds, or -1", TYPE_NUMBER | TYPE_STRING},
    {"default_policy", "a policy as \"SCHED_OTHER\"", TYPE_STRING},
    {"pi_enabled", "true or false", TYPE_BOOL},
    // From here on for rt-app on a real machine only.
    {"calibration", "nanoseconds, or a CPU as \"CPU0\"", TYPE_NUMBER | TYPE_STRING},
    {"lock_pages", "true or false", TYPE_BOOL},
    {"logdir", "text", TYPE_STRING},
    {"log_basename", "text", TYPE_STRING},
    {"log_size", "MiB, or \"file\", \"disable\" or \"auto\"", TYPE_NUMBER | TYPE_STRING},
    {"ftrace", "true, false, or categories", TYPE_BOOL | TYPE_STRING},
    {"gnuplot", "true or false", TYPE_BOOL},
    {"io_device", "text", TYPE_STRING},
    {"mem_buffer_size", "bytes", TYPE_NUMBER},
    {"cumulative_slack", "true or false", TYPE_BOOL},
    {"frag", "a number", TYPE_NUMBER},
};
#define GLOBAL_KEYS (sizeof global_keys / sizeof global_keys[0])

static uint32_t type_of(const struct aur_node *node)
{
    switch (node->kind) {
    case AUR_NODE_BOOL:
        return TYPE_BOOL;
    case AUR_NODE_NUMBER:
        return TYPE_NUMBER;
    case AUR_NODE_STRING:
        return TYPE_STRING;
    default:
        return 0;
    }
}

static bool read_duration(struct rtapp_import *import, const struct aur_node *node)
{
    // rt-app runs until its tasks have ended for 0 and for -1.
    if (node->kind == AUR_NODE_NUMBER &&
        strcmp(aur_document_text(import->document, node), "-1") == 0)
        return true;
    return aur_document_duration(import->document, node, SECOND_NS, &import->workload->duration_ns,
                                 import->failure);
}

static bool read_global_key(struct rtapp_import *import, const struct aur_node *node)
{
    const char *key = aur_document_key(import->document, node);
    if (strcmp(key, "duration") == 0)
        return read_duration(import, node);
    if (strcmp(key, "default_policy") == 0)
        return aur_rtapp_policy(import, node, &import->default_policy);
    if (strcmp(key, "pi_enabled") == 0)
        import->inherit = node->truth;
    return true;
}

bool aur_rtapp_global(struct rtapp_import *import, const struct aur_node *global)
{
    const struct aur_document *document = import->document;
    const struct aur_node *seen[GLOBAL_KEYS] = {NULL};
    const char *names[GLOBAL_KEYS + 1] = {NULL};
    for (uint32_t i = 0; i < GLOBAL_KEYS; i++)
        names[i] = global_keys[i].name;

    if (global->kind != AUR_NODE_MAP)
        return aur_rtapp_refuse(import, global, "\"global\" must be a map, as {\"duration\": 5}");
    for (const struct aur_node *node = aur_document_child(document, global); node;
         node = aur_document_next(document, node)) {
        const char *key = aur_document_key(document, node);
        uint32_t i = 0;
        while (i < GLOBAL_KEYS && strcmp(global_keys[i].name, key) != 0)
            i++;
        if (i == GLOBAL_KEYS)
            return aur_rtapp_unknown(import, node, "\"global\"", names);
        if (seen[i])
            return aur_rtapp_refuse(import, node, "\"%s\" is here already, on line %u, remove one",
                                    key, seen[i]->line);
        seen[i] = node;
        if (!(global_keys[i].types & type_of(node)))
            return aur_rtapp_refuse(import, node, "\"%s\" must be %s", key,
                                    global_keys[i].types_text);
        if (!read_global_key(import, node))
            return false;
    }
    return true;
}

static bool check_resource(const struct rtapp_import *import, const struct aur_node *resource)
{
    static const char *const keys[] = {"type", "target", NULL};
    static const char *const types[] = {"mutex",  "wait",    "signal",       "broadcast", "broad",
                                        "sync",   "sleep",   "run",          "timer",     "suspend",
                                        "resume", "barrier", "mem",          "iorun",     "yield",
                                        "fork",   "runtime", "timer_unique", NULL};
    const struct aur_document *document = import->document;
    if (resource->kind != AUR_NODE_MAP)
        return aur_rtapp_refuse(import, resource,
                                "a resource must be a map, as {\"type\": \"mutex\"}");
    for (const struct aur_node *node = aur_document_child(document, resource); node;
         node = aur_document_next(document, node)) {
        const char *key = aur_document_key(document, node), *text;
        if (strcmp(key, "type") != 0 && strcmp(key, "target") != 0)
            return aur_rtapp_unknown(import, node, "a resource", keys);
        if (!aur_document_string(document, node, &text, import->failure))
            return false;
        uint32_t i = 0;
        while (types[i] && strcmp(types[i], text) != 0)
            i++;
        if (!types[i] && strcmp(key, "type") == 0) {
            const char *nearest = aur_document_nearest(text, types);
            return aur_rtapp_refuse(import, node,
                                    "unknown resource type \"%.40s\", did you mean \"%s\"?", text,
                                    nearest ? nearest : "mutex");
        }
    }
    return true;
}

bool aur_rtapp_resources(const struct rtapp_import *import, const struct aur_node *resources)
{
    if (resources->kind != AUR_NODE_MAP)
        return aur_rtapp_refuse(import, resources, "\"resources\" must be a map");
    for (const struct aur_node *node = aur_document_child(import->document, resources); node;
         node = aur_document_next(import->document, node))
        if (!check_resource(import, node))
            return false;
    return true;
}
