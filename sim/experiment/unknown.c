// Refusals of names that do not exist, each with the nearest one that does.
#include <stdio.h>
#include <string.h>

#include "experiment/keys.h"
#include "machine/scheduler.h"

#define NAMES_MAX 96u

static bool unknown(const char *file, uint32_t line, const char *what, const char *given,
                    const char *const *known, struct aur_failure *failure)
{
    const char *near = aur_document_nearest(given, known);
    if (near)
        return aur_fail(failure, file, line, "unknown %s \"%.60s\", did you mean \"%s\"?", what,
                        given, near);
    char list[256] = "";
    size_t used = 0;
    for (uint32_t i = 0; known[i] && used < sizeof list - 1; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", known[i]);
    return aur_fail(failure, file, line, "unknown %s \"%.60s\", use one of: %s", what, given, list);
}

bool aur_key_unknown(const char *file, uint32_t line, const char *given, const char *const *known,
                     struct aur_failure *failure)
{
    return unknown(file, line, "key", given, known, failure);
}

bool aur_machine_entry_unknown(const char *file, uint32_t line, const char *given,
                               struct aur_failure *failure)
{
    const char *known[NAMES_MAX] = {AUR_MACHINE_OFFLINE};
    for (uint32_t i = 0; i < aur_machine_entry_count() && i < NAMES_MAX - 2; i++)
        known[i + 1] = aur_machine_entry(i)->name;
    return unknown(file, line, "key", given, known, failure);
}

bool aur_class_unknown(const char *file, uint32_t line, const char *given,
                       struct aur_failure *failure)
{
    const char *known[NAMES_MAX] = {NULL};
    for (uint32_t i = 0; i < aur_class_count() && i < NAMES_MAX - 1; i++)
        known[i] = aur_class_info(i)->name;
    return unknown(file, line, "scheduler", given, known, failure);
}

static uint32_t list_params(const struct aur_class_info *info, const char **known, uint32_t count)
{
    for (uint32_t i = 0; i < aur_class_params(info); i++) {
        uint32_t same = 0;
        while (same < count && strcmp(known[same], info->params[i].name) != 0)
            same++;
        if (same == count && count < NAMES_MAX - 1 - AUR_SLOT_FAIR)
            known[count++] = info->params[i].name;
    }
    return count;
}

bool aur_class_param_unknown(const char *file, uint32_t line, const struct aur_class_info *info,
                             bool slots, const char *given, struct aur_failure *failure)
{
    const char *known[NAMES_MAX] = {NULL};
    char what[64];
    uint32_t count = 0;
    if (info)
        count = list_params(info, known, 0);
    for (uint32_t number = 0; !info && number < aur_class_count(); number++)
        count = list_params(aur_class_info(number), known, count);
    uint32_t params = count;
    for (uint32_t slot = 0; slots && slot < AUR_SLOT_FAIR; slot++)
        known[count++] = aur_scheduler_slots[slot];
    if (info && !params && !aur_document_nearest(given, known))
        return aur_fail(failure, file, line,
                        "scheduler %s has no parameters, but \"%.60s\" is given: remove it",
                        info->name, given);
    snprintf(what, sizeof what, "parameter of scheduler %s", info ? info->name : "classes");
    return unknown(file, line, info ? what : "scheduler parameter", given, known, failure);
}

bool aur_class_choice_unknown(const char *file, uint32_t line, const struct aur_class_param *param,
                              const char *given, struct aur_failure *failure)
{
    const char *known[NAMES_MAX] = {NULL};
    char what[64];
    for (uint64_t i = 0; i <= param->high - param->low && i < NAMES_MAX - 1; i++)
        known[i] = param->choices[i];
    snprintf(what, sizeof what, "%s", param->name);
    return unknown(file, line, what, given, known, failure);
}
