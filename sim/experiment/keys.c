#include "experiment/keys.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const aur_key_names[AUR_KEY_COUNT + 1] = {
    "name", "description",  "machine", "scheduler", "workload",   "duration", "warmup",
    "seed", "replications", "sweep",   "measured",  "confidence", "metrics",  NULL,
};

enum aur_key aur_key_find(const char *name)
{
    for (unsigned i = 0; i < AUR_KEY_COUNT; i++)
        if (strcmp(name, aur_key_names[i]) == 0)
            return (enum aur_key)i;
    return AUR_KEY_COUNT;
}

bool aur_key_sweeps(enum aur_key key)
{
    switch (key) {
    case AUR_KEY_MACHINE:
    case AUR_KEY_SCHEDULER:
    case AUR_KEY_WORKLOAD:
    case AUR_KEY_DURATION:
    case AUR_KEY_WARMUP:
    case AUR_KEY_SEED:
        return true;
    default:
        return false;
    }
}

static const struct aur_machine_entry machine_entries[] = {
#define COUNT                                    false
#define TIME                                     true
#define X(name, value, low, high, unit, summary) {#name, value, low, high, unit, summary},
    AUR_MACHINE_TABLE(X)
#undef X
#undef TIME
#undef COUNT
};

static const size_t machine_fields[] = {
#define X(name, value, low, high, unit, summary) offsetof(struct aur_machine, name),
    AUR_MACHINE_TABLE(X)
#undef X
};

uint32_t aur_machine_entry_count(void)
{
    return sizeof machine_entries / sizeof machine_entries[0];
}

const struct aur_machine_entry *aur_machine_entry(uint32_t number)
{
    return &machine_entries[number];
}

uint64_t *aur_machine_field(struct aur_machine *machine, uint32_t number)
{
    return (uint64_t *)(void *)((char *)machine + machine_fields[number]);
}

bool aur_key_is(const char *key, const char *full)
{
    size_t length = strlen(key), whole = strlen(full);
    if (strncmp(key, full, length) != 0)
        return false;
    return length == whole || (length + 3 == whole && strcmp(full + length, "_ns") == 0);
}

uint32_t aur_machine_entry_find(const char *name)
{
    for (uint32_t i = 0; i < aur_machine_entry_count(); i++)
        if (aur_key_is(name, machine_entries[i].name))
            return i;
    return AUR_NONE;
}

uint32_t aur_class_param_find(const struct aur_class_info *info, const char *name)
{
    for (uint32_t i = 0; i < AUR_CLASS_PARAMS && info->params && info->params[i].name; i++)
        if (aur_key_is(name, info->params[i].name))
            return i;
    return AUR_NONE;
}

bool aur_key_repeated(const struct aur_document *document, const struct aur_node *map,
                      struct aur_failure *failure)
{
    const struct aur_node *node, *earlier;
    for (node = aur_document_child(document, map); node; node = aur_document_next(document, node))
        for (earlier = aur_document_child(document, map); earlier != node;
             earlier = aur_document_next(document, earlier)) {
            const char *a = aur_document_key(document, earlier);
            const char *b = aur_document_key(document, node);
            if (aur_key_is(a, b) || aur_key_is(b, a))
                return aur_fail(failure, document->file, node->line,
                                "\"%s\" is given a second time, the first is in line %u: keep one",
                                b, earlier->line);
        }
    return true;
}

static const char *machine_path(const char *name)
{
    uint32_t entry = aur_machine_entry_find(name);
    return entry == AUR_NONE ? NULL : machine_entries[entry].name;
}

// A parameter of any class: which class has it is known only when the grid point is resolved.
static const char *scheduler_path(const char *name)
{
    for (uint32_t number = 0; number < aur_class_count(); number++) {
        const struct aur_class_info *info = aur_class_info(number);
        uint32_t param = aur_class_param_find(info, name);
        if (param != AUR_NONE)
            return info->params[param].name;
    }
    return NULL;
}

char *aur_key_path(const char *file, uint32_t line, const char *path, struct aur_failure *failure)
{
    const char *dot = strchr(path, '.');
    char head[32];
    size_t length = dot ? (size_t)(dot - path) : strlen(path);
    snprintf(head, sizeof head, "%.*s", (int)(length < sizeof head ? length : sizeof head - 1),
             path);
    enum aur_key key = aur_key_find(head);
    if (key == AUR_KEY_COUNT) {
        aur_key_unknown(file, line, head, aur_key_names, failure);
        return NULL;
    }
    const char *rest = dot ? dot + 1 : NULL;
    if (key == AUR_KEY_SCHEDULER && rest && strcmp(rest, "class") == 0)
        dot = rest = NULL; // another class has other parameters, so it is another scheduler
    if (rest && key == AUR_KEY_MACHINE) {
        const char *name = machine_path(rest);
        if (!name)
            aur_machine_entry_unknown(file, line, rest, failure);
        rest = name;
    } else if (rest && key == AUR_KEY_SCHEDULER) {
        const char *name = scheduler_path(rest);
        if (!name)
            aur_class_param_unknown(file, line, NULL, rest, failure);
        rest = name;
    } else if (rest && (key != AUR_KEY_WORKLOAD || *rest == '\0')) {
        aur_fail(failure, file, line, "\"%s\" has no parts, so \"%s\" names nothing: use \"%s\"",
                 head, path, head);
        rest = NULL;
    }
    if (dot && !rest)
        return NULL;
    size_t room = strlen(head) + (rest ? strlen(rest) + 1 : 0) + 1;
    char *canonical = malloc(room);
    if (!canonical) {
        aur_fail(failure, NULL, 0, "memory is out");
        return NULL;
    }
    snprintf(canonical, room, rest ? "%s.%s" : "%s", head, rest);
    return canonical;
}
