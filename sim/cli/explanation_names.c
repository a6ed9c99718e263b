#include "cli/explanation_names.h"

#include <inttypes.h>
#include <stdio.h>

static const struct {
    uint32_t flag;
    const char *text;
} flags[] = {
    {AUR_CANDIDATE_RUNNING, "running"},     {AUR_CANDIDATE_PULLED, "pulled"},
    {AUR_CANDIDATE_BOOSTED, "boosted"},     {AUR_CANDIDATE_DELAYED, "delayed"},
    {AUR_CANDIDATE_THROTTLED, "throttled"},
};
#define FLAGS (sizeof flags / sizeof flags[0])

const char *aur_explanation_task(const struct aur_stored_log *log, uint32_t task)
{
    const char *name = aur_stored_log_name(log, task);
    return name ? name : "task ?";
}

// The simulator makes the groups of a workload first of all, in their order, and frees none.
const char *aur_explanation_group(const struct aur_stored_log *log, uint32_t group, char *text,
                                  size_t room)
{
    const struct aur_workload *workload = &log->inputs.workload;
    if (group < workload->group_count)
        return aur_workload_name(workload, workload->groups[group].name);
    snprintf(text, room, "group %u", group);
    return text;
}

const char *aur_explanation_candidate(const struct aur_stored_log *log,
                                      const struct aur_decision *decision, uint32_t row, char *text,
                                      size_t room)
{
    const struct aur_candidate *candidate = &decision->explanation.list[row];
    return candidate->task == AUR_NONE ? aur_explanation_group(log, candidate->group, text, room)
                                       : aur_explanation_task(log, decision->tasks[row].number);
}

const char *aur_explanation_flags(uint32_t set, char *text, size_t room)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < FLAGS && used < room; i++)
        if (set & flags[i].flag)
            used +=
                (size_t)snprintf(text + used, room - used, "%s%s", used ? ", " : "", flags[i].text);
    return text;
}

const char *aur_explanation_flag(uint32_t number, uint32_t *flag)
{
    *flag = number < FLAGS ? flags[number].flag : 0;
    return number < FLAGS ? flags[number].text : NULL;
}

const char *aur_explanation_instant(uint64_t ns, char *text, size_t room)
{
    static const struct {
        uint64_t ns;
        int digits;
        const char *unit;
    } units[] = {{1000000000, 9, "s"}, {1000000, 6, "ms"}, {1000, 3, "us"}, {1, 0, "ns"}};
    size_t unit = 0;
    while (units[unit].ns > 1 && ns < units[unit].ns)
        unit++;
    uint64_t rest = ns % units[unit].ns;
    int digits = units[unit].digits;
    for (; rest && rest % 10 == 0; rest /= 10)
        digits--;
    if (rest)
        snprintf(text, room, "%" PRIu64 ".%0*" PRIu64 " %s", ns / units[unit].ns, digits, rest,
                 units[unit].unit);
    else
        snprintf(text, room, "%" PRIu64 " %s", ns / units[unit].ns, units[unit].unit);
    return text;
}

const char *aur_explanation_class(const struct aur_config *config, uint32_t slot)
{
    const struct aur_class_info *info =
        slot < AUR_CLASS_SLOTS ? aur_class_info(config->classes[slot]) : NULL;
    return info ? info->name : "?";
}

bool aur_explanation_key(const struct aur_candidate *candidate, uint32_t key, int64_t *value)
{
    for (uint32_t k = 0; k < candidate->key_count && k < AUR_CANDIDATE_KEYS; k++)
        if (candidate->keys[k].key == key) {
            *value = candidate->keys[k].value;
            return true;
        }
    return false;
}
