// The scheduler of a draft: a class for each slot, and its parameters.
#include <stdio.h>
#include <string.h>

#include "experiment/draft_parts.h"

#define AGENT_PREFIX "agent:"

// agent:FILE, beside the experiment.
static bool set_agent(struct aur_draft *draft, uint32_t slot, const struct aur_value *value,
                      const char *path, struct aur_failure *failure)
{
    const char *file = value->document->file;
    if (slot != AUR_SLOT_FAIR)
        return aur_fail(failure, file, value->node->line,
                        "an agent schedules the fair tasks only, name it as the scheduler");
    const char *folder = path[0] == '/' ? "" : value->folder;
    int length = snprintf(draft->agent, sizeof draft->agent, "%s%s", folder, path);
    if (!*path || length < 0 || (size_t)length >= sizeof draft->agent)
        return aur_fail(failure, file, value->node->line,
                        "the agent's file has no name, or too long a one, e.g. agent:fifo.o");
    aur_scheduler_choose(&draft->schedulers[slot], aur_class_info(aur_class_find("agent")));
    return true;
}

static bool set_class(struct aur_draft *draft, uint32_t slot, const struct aur_value *value,
                      struct aur_failure *failure)
{
    const char *name = aur_document_text(value->document, value->node);
    if (value->node->kind != AUR_NODE_STRING)
        return aur_fail(failure, value->document->file, value->node->line,
                        "a scheduler is a class name, e.g. eevdf, or a map with a \"class\"");
    if (slot == AUR_SLOT_FAIR)
        draft->agent[0] = '\0';
    if (strncmp(name, AGENT_PREFIX, sizeof AGENT_PREFIX - 1) == 0)
        return set_agent(draft, slot, value, name + sizeof AGENT_PREFIX - 1, failure);
    uint32_t number = aur_class_find(name);
    if (number == AUR_NONE)
        return aur_class_unknown(value->document->file, value->node->line, name, failure);
    aur_scheduler_choose(&draft->schedulers[slot], aur_class_info(number));
    return true;
}

// A value that has a name goes by it alone.
static bool named_value(const struct aur_class_param *param, const struct aur_value *value,
                        uint64_t *field, struct aur_failure *failure)
{
    const char *name = aur_document_text(value->document, value->node);
    for (uint64_t number = param->low; number <= param->high; number++)
        if (value->node->kind == AUR_NODE_STRING &&
            strcmp(aur_class_param_choice(param, number), name) == 0) {
            *field = number;
            return true;
        }
    return aur_class_choice_unknown(value->document->file, value->node->line, param, name, failure);
}

static bool set_param(struct aur_draft *draft, uint32_t slot, const char *key,
                      const struct aur_value *value, struct aur_failure *failure)
{
    const struct aur_class_info *info =
        aur_class_info(aur_class_find(draft->schedulers[slot].name));
    uint32_t number = aur_class_param_find(info, key);
    if (number == AUR_NONE)
        return aur_class_param_unknown(value->document->file, value->node->line, info,
                                       slot == AUR_SLOT_FAIR, key, failure);
    const struct aur_class_param *param = &info->params[number];
    uint64_t *field = &draft->schedulers[slot].params[number];
    size_t length = strlen(param->name);
    if (param->choices)
        return named_value(param, value, field, failure);
    if (length > 3 && strcmp(param->name + length - 3, "_ns") == 0)
        return aur_value_time(value, param->name, param->low, param->high, field, failure);
    return aur_value_count(value, param->low, param->high, field, failure);
}

// A class name, or a map of a class and its parameters; the fair one's also of the slots above it,
// which may leave their class out.
static bool set_slot(struct aur_draft *draft, uint32_t slot, const struct aur_value *value,
                     struct aur_failure *failure)
{
    const struct aur_document *document = value->document;
    const struct aur_node *child, *class = aur_document_find(document, value->node, "class");
    if (value->node->kind != AUR_NODE_MAP)
        return set_class(draft, slot, value, failure);
    if (!aur_key_repeated(document, value->node, failure))
        return false;
    if (!class && slot == AUR_SLOT_FAIR)
        return aur_fail(failure, document->file, value->node->line,
                        "\"scheduler\" lacks \"class\", e.g. {class: rr, quantum: 5ms}");
    if (class) {
        struct aur_value chosen = aur_value_child(value, class);
        if (!set_class(draft, slot, &chosen, failure))
            return false;
    }
    for (child = aur_document_child(document, value->node); child;
         child = aur_document_next(document, child)) {
        const char *key = aur_document_key(document, child);
        struct aur_value part = aur_value_child(value, child);
        uint32_t above = slot == AUR_SLOT_FAIR ? aur_scheduler_slot_find(key) : AUR_NONE;
        if (child == class || strcmp(key, "name") == 0)
            continue;
        if (!(above != AUR_NONE ? set_slot(draft, above, &part, failure)
                                : set_param(draft, slot, key, &part, failure)))
            return false;
    }
    return true;
}

bool aur_draft_scheduler(struct aur_draft *draft, const struct aur_value *value,
                         struct aur_failure *failure)
{
    return set_slot(draft, AUR_SLOT_FAIR, value, failure);
}

bool aur_draft_scheduler_part(struct aur_draft *draft, const char *path,
                              const struct aur_value *value, struct aur_failure *failure)
{
    const char *dot = strchr(path, '.');
    char head[32];
    size_t length = dot ? (size_t)(dot - path) : strlen(path);
    if (length >= sizeof head)
        length = sizeof head - 1;
    memcpy(head, path, length);
    head[length] = '\0';
    uint32_t slot = aur_scheduler_slot_find(head);
    if (slot == AUR_NONE)
        return set_param(draft, AUR_SLOT_FAIR, path, value, failure);
    return dot ? set_param(draft, slot, dot + 1, value, failure)
               : set_slot(draft, slot, value, failure);
}
