#include "experiment/label.h"

#include <stdio.h>
#include <string.h>

// Endings of workload files, in the order in which they are taken off: trace.txt.gz is trace.
static const char *const endings[] = {".gz",   ".txt",   ".json",     ".yaml", ".yml",
                                      ".perf", ".trace", ".workload", NULL};

// Appends a scalar; a path loses its folder and ending.
static size_t put_scalar(char *text, size_t used, size_t room, const char *word)
{
    const char *slash = strrchr(word, '/');
    if (slash && slash[1])
        word = slash + 1;
    size_t length = strlen(word);
    for (uint32_t i = 0; endings[i]; i++) {
        size_t ending = strlen(endings[i]);
        if (length > ending && strncmp(word + length - ending, endings[i], ending) == 0)
            length -= ending;
    }
    int wrote = snprintf(text + used, room - used, "%.*s", (int)length, word);
    used += wrote > 0 ? (size_t)wrote : 0;
    return used < room ? used : room - 1;
}

static size_t put_text(char *text, size_t used, size_t room, const char *word)
{
    int wrote = snprintf(text + used, room - used, "%s", word);
    used += wrote > 0 ? (size_t)wrote : 0;
    return used < room ? used : room - 1;
}

static size_t put_node(const struct aur_document *document, const struct aur_node *node, char *text,
                       size_t used, size_t room)
{
    const struct aur_node *child = aur_document_child(document, node);
    const char *between = "";

    switch (node->kind) {
    case AUR_NODE_NULL:
        return put_text(text, used, room, "null");
    case AUR_NODE_BOOL:
        return put_text(text, used, room, node->truth ? "true" : "false");
    case AUR_NODE_NUMBER:
        return put_text(text, used, room, aur_document_text(document, node));
    case AUR_NODE_STRING:
        return put_scalar(text, used, room, aur_document_text(document, node));
    case AUR_NODE_LIST:
        for (; child; child = aur_document_next(document, child), between = "+") {
            used = put_text(text, used, room, between);
            used = put_node(document, child, text, used, room);
        }
        return used;
    default:
        for (; child; child = aur_document_next(document, child), between = " ") {
            const char *key = aur_document_key(document, child);
            used = put_text(text, used, room, between);
            if (strcmp(key, "class") != 0 && strcmp(key, "files") != 0) {
                used = put_text(text, used, room, key);
                used = put_text(text, used, room, "=");
            }
            used = put_node(document, child, text, used, room);
        }
        return used;
    }
}

char *aur_value_label(const struct aur_value *value, char *text, size_t room)
{
    text[0] = '\0';
    const struct aur_node *name = aur_document_find(value->document, value->node, "name");
    if (name)
        put_text(text, 0, room, aur_document_text(value->document, name));
    else
        put_node(value->document, value->node, text, 0, room);
    return text;
}
