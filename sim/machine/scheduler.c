#include "machine/scheduler.h"

#include <stdio.h>
#include <string.h>

#include "engine/random.h"
#include "machine/inputs.h"

// The kind of the streams of classes that draw; tasks have the number of their specification.
#define CLASS_STREAM (UINT32_MAX - 1)

const char *const aur_scheduler_slots[AUR_SLOT_FAIR + 1] = {
    [AUR_SLOT_DEADLINE] = "deadline",
    [AUR_SLOT_REALTIME] = "realtime",
};

const struct aur_scheduler_choice *aur_scheduler_of(const struct aur_inputs *inputs, uint32_t slot)
{
    return slot == AUR_SLOT_FAIR ? &inputs->scheduler : &inputs->above[slot];
}

uint32_t aur_class_params(const struct aur_class_info *info)
{
    uint32_t count = 0;
    while (count < AUR_CLASS_PARAMS && info->params && info->params[count].name)
        count++;
    return count;
}

void aur_scheduler_choose(struct aur_scheduler_choice *choice, const struct aur_class_info *info)
{
    memset(choice, 0, sizeof *choice);
    snprintf(choice->name, sizeof choice->name, "%s", info->name);
    for (uint32_t i = 0; i < aur_class_params(info); i++)
        choice->params[i] = info->params[i].value;
}

bool aur_scheduler_is_random(const struct aur_scheduler_choice *choice)
{
    const struct aur_class_info *info = aur_class_info(aur_class_find(choice->name));
    return info && info->traits & AUR_CLASS_RANDOM;
}

void aur_scheduler_params(const struct aur_inputs *inputs, uint32_t slot,
                          uint64_t params[AUR_CLASS_PARAMS])
{
    const struct aur_scheduler_choice *choice = aur_scheduler_of(inputs, slot);
    const struct aur_class_info *info = aur_class_info(aur_class_find(choice->name));
    memcpy(params, choice->params, sizeof choice->params);
    for (uint32_t i = 0; i < aur_class_params(info) && aur_scheduler_is_random(choice); i++) {
        struct aur_stream stream;
        if (strcmp(info->params[i].name, "seed") != 0 || choice->params[i] > UINT32_MAX)
            continue; // out of range: the core refuses it
        aur_stream_init(&stream, inputs->seed, inputs->replication, CLASS_STREAM,
                        (uint64_t)slot << 32 | choice->params[i]);
        params[i] = aur_stream_u64(&stream) >> 32;
    }
}

const char *aur_class_param_choice(const struct aur_class_param *param, uint64_t value)
{
    if (!param->choices || value < param->low || value > param->high)
        return NULL;
    return param->choices[value - param->low];
}

static uint32_t slot_of(uint32_t kind)
{
    switch (kind & 0xff) {
    case AUR_POLICY_DEADLINE:
        return AUR_SLOT_DEADLINE;
    case AUR_POLICY_FIFO:
    case AUR_POLICY_RR:
        return AUR_SLOT_REALTIME;
    default:
        return AUR_SLOT_FAIR;
    }
}

bool aur_scheduler_is_needed(const struct aur_workload *workload, uint32_t slot)
{
    for (uint32_t i = 0; i < workload->spec_count; i++)
        if (slot_of(workload->specs[i].kind) == slot)
            return true;
    for (uint32_t i = 0; i < workload->op_count; i++)
        if (workload->ops[i].code == AUR_OP_SET_KIND && slot_of(workload->ops[i].object) == slot)
            return true;
    return false;
}

// The classes that have a trait, as "eevdf or cfs", for messages.
static void list_classes(uint32_t trait, char *text, size_t room)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < aur_class_count() && used < room; i++)
        if (aur_class_info(i)->traits & trait)
            used += (size_t)snprintf(text + used, room - used, "%s%s", used ? " or " : "",
                                     aur_class_info(i)->name);
}

bool aur_scheduler_check(const struct aur_scheduler_choice *choice, uint32_t slot,
                         const struct aur_workload *workload, struct aur_failure *failure)
{
    const struct aur_class_info *info = aur_class_info(aur_class_find(choice->name));
    char classes[128];
    if (!info)
        return aur_fail(failure, NULL, 0,
                        "this build has no scheduling class \"%s\"; `aurora list schedulers` shows "
                        "those it has",
                        choice->name);
    if (slot == AUR_SLOT_DEADLINE && !(info->traits & AUR_CLASS_SERVERS)) {
        list_classes(AUR_CLASS_SERVERS, classes, sizeof classes);
        return aur_fail(failure, NULL, 0,
                        "scheduler %s does not serve SCHED_DEADLINE, choose %s as "
                        "scheduler.deadline",
                        info->name, classes);
    }
    if (slot == AUR_SLOT_FAIR && workload->group_count && !(info->traits & AUR_CLASS_GROUPS)) {
        list_classes(AUR_CLASS_GROUPS, classes, sizeof classes);
        return aur_fail(failure, NULL, 0,
                        "scheduler %s knows no task groups, but the workload has \"%s\": choose "
                        "%s, or take the groups out",
                        info->name, aur_workload_name(workload, workload->groups[0].name),
                        *classes ? classes : "another");
    }
    return true;
}
