#include "workload/rtapp_import.h"

#include <stdlib.h>
#include <string.h>

void aur_rtapp_names_free(struct rtapp_names *names)
{
    for (uint32_t i = 0; i < names->count; i++)
        free(names->names[i].text);
    free(names->names);
    free(names->slots);
    memset(names, 0, sizeof *names);
}

// FNV-1a; what it decides is only where a search starts.
static uint32_t hash(uint32_t kind, uint32_t scope, const char *text)
{
    uint32_t value = 2166136261u ^ kind ^ scope << 4;
    for (; *text; text++)
        value = (value ^ (uint8_t)*text) * 16777619u;
    return value;
}

static bool is(const struct rtapp_name *name, uint32_t kind, uint32_t scope, const char *text)
{
    return name->kind == kind && name->scope == scope && strcmp(name->text, text) == 0;
}

// The slot that holds the name, or the free one where it belongs.
static uint32_t *slot_of(struct rtapp_names *names, uint32_t kind, uint32_t scope, const char *text)
{
    uint32_t mask = names->slot_count - 1, at = hash(kind, scope, text) & mask;
    while (names->slots[at] && !is(&names->names[names->slots[at] - 1], kind, scope, text))
        at = (at + 1) & mask;
    return &names->slots[at];
}

struct rtapp_name *aur_rtapp_names_find(struct rtapp_names *names, enum rtapp_name_kind kind,
                                        uint32_t scope, const char *text)
{
    if (!names->slot_count)
        return NULL;
    uint32_t slot = *slot_of(names, kind, scope, text);
    return slot ? &names->names[slot - 1] : NULL;
}

// Invariant: names has half as much room as there are slots, so a search always ends.
static bool grow(struct rtapp_names *names)
{
    uint32_t room = names->room ? names->room * 2 : 64;
    struct rtapp_name *moved = realloc(names->names, room * sizeof *moved);
    if (!moved)
        return false;
    names->names = moved;
    uint32_t *slots = calloc((size_t)room * 2, sizeof *slots);
    if (!slots)
        return false;
    free(names->slots);
    names->slots = slots;
    names->slot_count = room * 2;
    names->room = room;
    for (uint32_t i = 0; i < names->count; i++) {
        const struct rtapp_name *name = &names->names[i];
        *slot_of(names, name->kind, name->scope, name->text) = i + 1;
    }
    return true;
}

struct rtapp_name *aur_rtapp_names_add(struct rtapp_names *names, enum rtapp_name_kind kind,
                                       uint32_t scope, const char *text, uint32_t index,
                                       uint32_t line)
{
    if (names->count == names->room && !grow(names))
        return NULL;
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    if (!copy)
        return NULL;
    memcpy(copy, text, size);
    uint32_t *slot = slot_of(names, kind, scope, copy);
    struct rtapp_name *name = &names->names[names->count++];
    *name = (struct rtapp_name){
        .text = copy, .kind = kind, .scope = scope, .index = index, .line = line};
    *slot = names->count;
    return name;
}
