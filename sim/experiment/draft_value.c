// Times, counts and children of the values that make a draft.
#include <string.h>

#include "experiment/draft_parts.h"

// How a message names the value: by its key, or by the axis's path where it stands in a list.
static const char *name_of(const struct aur_value *value, const char *path)
{
    const char *key = aur_document_key(value->document, value->node);
    return *key ? key : path;
}

bool aur_value_time(const struct aur_value *value, const char *path, uint64_t low, uint64_t high,
                    uint64_t *time_ns, struct aur_failure *failure)
{
    const struct aur_document *document = value->document;
    const char *text = aur_document_text(document, value->node);
    uint64_t result;

    if (value->node->kind == AUR_NODE_NUMBER && !value->ns && strcmp(text, "0") != 0)
        return aur_fail(failure, document->file, value->node->line,
                        text[0] == '-' ? "\"%s\" is %s, but a time is not negative, e.g. 4ms"
                                       : "\"%s\" is %s without a unit, write e.g. %sms",
                        name_of(value, path), text, text);
    if (!aur_document_duration(document, value->node, 1, &result, failure))
        return false;
    if (result < low || result > high)
        return aur_fail(failure, document->file, value->node->line,
                        "\"%s\" is %s, but must be from %llu ns to %llu ns", name_of(value, path),
                        text, (unsigned long long)low, (unsigned long long)high);
    *time_ns = result;
    return true;
}

bool aur_value_count(const struct aur_value *value, uint64_t low, uint64_t high, uint64_t *count,
                     struct aur_failure *failure)
{
    int64_t number;
    if (high > INT64_MAX)
        high = INT64_MAX;
    if (!aur_document_integer(value->document, value->node, (int64_t)low, (int64_t)high, &number,
                              failure))
        return false;
    *count = (uint64_t)number;
    return true;
}

struct aur_value aur_value_child(const struct aur_value *map, const struct aur_node *child)
{
    const char *key = aur_document_key(map->document, child);
    size_t length = strlen(key);
    bool ns = length > 3 && strcmp(key + length - 3, "_ns") == 0;
    return (struct aur_value){map->document, child, map->folder, ns};
}
