#include "experiment/patch.h"

#include <stdlib.h>
#include <string.h>

struct copy {
    struct aur_document *to;
    const struct aur_document *from;
    struct aur_patch *patches;
    uint32_t count;
};

// What of `path` follows `key`, or NULL if it does not start with that whole key.
static const char *after_key(const char *path, const char *key)
{
    size_t length = strlen(key);
    if (strncmp(path, key, length) != 0)
        return NULL;
    if (path[length] == '\0')
        return path + length;
    return path[length] == '.' ? path + length + 1 : NULL;
}

static const char *after_number(const char *path, uint32_t number)
{
    char *end;
    if (*path < '0' || *path > '9' || strtoul(path, &end, 10) != number)
        return NULL;
    if (*end == '\0')
        return end;
    return *end == '.' ? end + 1 : NULL;
}

// Into which child of `node` a path leads, and what of the path is then left; NULL: into none. Of
// keys that fit, the longest is meant, because keys may contain dots; of equal ones the first.
static const struct aur_node *target_of(const struct copy *copy, const struct aur_node *node,
                                        const char *path, const char **rest)
{
    const struct aur_node *child, *found = NULL;
    uint32_t number = 0;
    size_t longest = 0;
    for (child = aur_document_child(copy->from, node); child;
         child = aur_document_next(copy->from, child), number++) {
        bool in_map = node->kind == AUR_NODE_MAP;
        const char *key = aur_document_key(copy->from, child);
        const char *left = in_map ? after_key(path, key) : after_number(path, number);
        if (!left || (found && strlen(key) <= longest))
            continue;
        found = child;
        longest = strlen(key);
        *rest = left;
    }
    return found;
}

static bool put_value(struct copy *copy, uint32_t parent, const char *key,
                      const struct aur_value *value)
{
    return aur_document_patch(copy->to, parent, key, value->document, value->node, NULL, 0);
}

// paths: what is left of the path of each patch that leads into `node`, NULL for the others.
static bool put(struct copy *copy, uint32_t parent, const char *key, const struct aur_node *node,
                const char *const *paths)
{
    const struct aur_node *child, *targets[AUR_PATCHES_MAX];
    const char *rests[AUR_PATCHES_MAX] = {NULL};
    uint32_t index = aur_document_add(copy->to, parent, node->kind, key,
                                      aur_document_text(copy->from, node), node->line);
    if (index == AUR_NONE)
        return false;
    copy->to->nodes[index].truth = node->truth;
    for (uint32_t i = 0; i < copy->count; i++)
        targets[i] = paths[i] ? target_of(copy, node, paths[i], &rests[i]) : NULL;
    for (child = aur_document_child(copy->from, node); child;
         child = aur_document_next(copy->from, child)) {
        const char *name = node->kind == AUR_NODE_MAP ? aur_document_key(copy->from, child) : NULL;
        const char *below[AUR_PATCHES_MAX] = {NULL};
        struct aur_patch *here = NULL;
        for (uint32_t i = 0; i < copy->count; i++) {
            if (targets[i] != child)
                continue;
            below[i] = rests[i];
            if (*rests[i] != '\0')
                continue;
            here = &copy->patches[i];
            here->found = true;
        }
        if (here ? !put_value(copy, index, name, &here->value)
                 : !put(copy, index, name, child, below))
            return false;
    }
    for (uint32_t i = 0; i < copy->count && node->kind == AUR_NODE_MAP; i++)
        if (paths[i] && !targets[i] && !strchr(paths[i], '.')) {
            copy->patches[i].found = true;
            if (!put_value(copy, index, paths[i], &copy->patches[i].value))
                return false;
        }
    return true;
}

bool aur_document_patch(struct aur_document *to, uint32_t parent, const char *key,
                        const struct aur_document *from, const struct aur_node *node,
                        struct aur_patch *patches, uint32_t count)
{
    struct copy copy = {to, from, patches, count};
    const char *paths[AUR_PATCHES_MAX] = {NULL};
    for (uint32_t i = 0; i < count; i++)
        paths[i] = patches[i].path;
    return put(&copy, parent, key, node, paths);
}
