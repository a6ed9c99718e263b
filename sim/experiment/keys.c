#include "experiment/keys.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/scheduler.h"

const char *const aur_key_names[AUR_FILE_KEY_COUNT + 1] = {
    "name", "description",  "machine", "scheduler", "workload",   "duration", "warmup",
    "seed", "replications", "sweep",   "measured",  "confidence", "metrics",  NULL,
};

enum aur_file_key aur_key_find(const char *name)
{
    for (unsigned i = 0; i < AUR_FILE_KEY_COUNT; i++)
        if (strcmp(name, aur_key_names[i]) == 0)
            return (enum aur_file_key)i;
    return AUR_FILE_KEY_COUNT;
}

bool aur_key_sweeps(enum aur_file_key key)
{
    switch (key) {
    case AUR_FILE_KEY_MACHINE:
    case AUR_FILE_KEY_SCHEDULER:
    case AUR_FILE_KEY_WORKLOAD:
    case AUR_FILE_KEY_DURATION:
    case AUR_FILE_KEY_WARMUP:
    case AUR_FILE_KEY_SEED:
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
    for (uint32_t i = 0; i < aur_class_params(info); i++)
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
    if (strcmp(name, AUR_MACHINE_OFFLINE) == 0)
        return AUR_MACHINE_OFFLINE;
    return entry == AUR_NONE ? NULL : machine_entries[entry].name;
}

uint32_t aur_scheduler_slot_find(const char *name)
{
    for (uint32_t slot = 0; slot < AUR_SLOT_FAIR; slot++)
        if (strcmp(name, aur_scheduler_slots[slot]) == 0)
            return slot;
    return AUR_NONE;
}

// A parameter of any class: which class has it is known only when the grid point is resolved.
static const char *param_path(const char *name)
{
    for (uint32_t number = 0; number < aur_class_count(); number++) {
        const struct aur_class_info *info = aur_class_info(number);
        uint32_t param = aur_class_param_find(info, name);
        if (param != AUR_NONE)
            return info->params[param].name;
    }
    return NULL;
}

// "quantum" of the fair class, "realtime" or "realtime.placement", in canonical form. Another class
// has other parameters, so it is another scheduler: "class" and "realtime.class" are those whole.
static bool scheduler_path(const char *rest, char *path, size_t room)
{
    const char *dot = strchr(rest, '.'), *param = rest;
    char head[32];
    snprintf(head, sizeof head, "%.*s", (int)strcspn(rest, "."), rest);
    uint32_t slot = aur_scheduler_slot_find(head);
    if (slot != AUR_NONE) {
        param = dot ? dot + 1 : "class";
        snprintf(path, room, "scheduler.%s", aur_scheduler_slots[slot]);
    } else {
        snprintf(path, room, "scheduler");
    }
    if (strcmp(param, "class") == 0)
        return true;
    param = param_path(param);
    size_t used = strlen(path);
    if (param)
        snprintf(path + used, room - used, ".%s", param);
    return param != NULL;
}

static char *copy_path(const char *head, const char *rest, struct aur_failure *failure)
{
    size_t room = strlen(head) + (rest ? strlen(rest) + 1 : 0) + 1;
    char *canonical = malloc(room);
    if (canonical)
        snprintf(canonical, room, rest ? "%s.%s" : "%s", head, rest);
    else
        aur_fail(failure, NULL, 0, "memory is out");
    return canonical;
}

char *aur_key_path(const char *file, uint32_t line, const char *path, struct aur_failure *failure)
{
    const char *dot = strchr(path, '.');
    char head[32];
    size_t length = dot ? (size_t)(dot - path) : strlen(path);
    snprintf(head, sizeof head, "%.*s", (int)(length < sizeof head ? length : sizeof head - 1),
             path);
    enum aur_file_key key = aur_key_find(head);
    if (key == AUR_FILE_KEY_COUNT) {
        aur_key_unknown(file, line, head, aur_key_names, failure);
        return NULL;
    }
    const char *rest = dot ? dot + 1 : NULL;
    if (!rest)
        return copy_path(head, NULL, failure);
    char scheduler[96];
    if (key == AUR_FILE_KEY_SCHEDULER) {
        if (scheduler_path(rest, scheduler, sizeof scheduler))
            return copy_path(scheduler, NULL, failure);
        const char *last = strrchr(rest, '.');
        aur_class_param_unknown(file, line, NULL, !last, last ? last + 1 : rest, failure);
        return NULL;
    }
    if (key == AUR_FILE_KEY_MACHINE) {
        const char *name = machine_path(rest);
        if (!name)
            aur_machine_entry_unknown(file, line, rest, failure);
        return name ? copy_path(head, name, failure) : NULL;
    }
    if (key == AUR_FILE_KEY_WORKLOAD && *rest != '\0')
        return copy_path(head, rest, failure);
    aur_fail(failure, file, line, "\"%s\" has no parts, so \"%s\" names nothing: use \"%s\"", head,
             path, head);
    return NULL;
}
