// The machine of a draft: its table's keys, and CPUs that go off.
#include <string.h>

#include "experiment/draft_parts.h"

#define TIME_MOST_NS ((UINT64_C(1) << 62) - 1)

static bool set_machine_entry(struct aur_draft *draft, uint32_t entry,
                              const struct aur_value *value, struct aur_failure *failure)
{
    const struct aur_machine_entry *of = aur_machine_entry(entry);
    uint64_t *field = aur_machine_field(&draft->machine, entry);
    if (of->time)
        return aur_value_time(value, of->name, of->low, of->high, field, failure);
    return aur_value_count(value, of->low, of->high, field, failure);
}

// {cpu: 1, from: 1s, to: 2s}
static bool add_outage(struct aur_draft *draft, const struct aur_value *value,
                       struct aur_failure *failure)
{
    static const char *const known[] = {"cpu", "from", "to", NULL};
    const struct aur_document *document = value->document;
    struct aur_outage outage = {.cpu = AUR_NONE, .to_ns = AUR_NEVER_NS};
    if (value->node->kind != AUR_NODE_MAP)
        return aur_fail(failure, document->file, value->node->line,
                        "\"offline\" lists maps, e.g. offline: [{cpu: 1, from: 1s, to: 2s}]");
    if (!aur_key_repeated(document, value->node, failure))
        return false;
    for (const struct aur_node *child = aur_document_child(document, value->node); child;
         child = aur_document_next(document, child)) {
        const char *key = aur_document_key(document, child);
        struct aur_value part = aur_value_child(value, child);
        uint64_t cpu = 0;
        bool good = true;
        if (strcmp(key, "cpu") == 0) {
            good = aur_value_count(&part, 0, AUR_CPUS_MAX - 1, &cpu, failure);
            outage.cpu = (uint32_t)cpu;
        } else if (aur_key_is(key, "from_ns")) {
            good = aur_value_time(&part, key, 0, TIME_MOST_NS, &outage.from_ns, failure);
        } else if (aur_key_is(key, "to_ns")) {
            good = aur_value_time(&part, key, 1, TIME_MOST_NS, &outage.to_ns, failure);
        } else {
            good = aur_key_unknown(document->file, child->line, key, known, failure);
        }
        if (!good)
            return false;
    }
    if (outage.cpu == AUR_NONE)
        return aur_fail(failure, document->file, value->node->line,
                        "which CPU goes off? e.g. {cpu: 1, from: 1s, to: 2s}");
    if (draft->outage_count == AUR_OUTAGES_MAX)
        return aur_fail(failure, document->file, value->node->line,
                        "CPUs go off more than %u times, leave some out", AUR_OUTAGES_MAX);
    draft->outages[draft->outage_count++] = outage;
    return true;
}

// A list, or a single one of it: an axis of a sweep takes a list apart.
static bool set_offline(struct aur_draft *draft, const struct aur_value *value,
                        struct aur_failure *failure)
{
    draft->outage_count = 0;
    draft->offline = *value;
    if (value->node->kind != AUR_NODE_LIST)
        return value->node->kind == AUR_NODE_NULL || add_outage(draft, value, failure);
    for (const struct aur_node *child = aur_document_child(value->document, value->node); child;
         child = aur_document_next(value->document, child)) {
        struct aur_value one = aur_value_child(value, child);
        if (!add_outage(draft, &one, failure))
            return false;
    }
    return true;
}

bool aur_draft_check_outages(const struct aur_experiment *experiment, struct aur_draft *draft,
                             struct aur_failure *failure)
{
    uint32_t at = 0;
    aur_outages_sort(draft->outages, draft->outage_count);
    const char *fault =
        aur_outages_fault(draft->outages, draft->outage_count, draft->machine.cpus, &at);
    if (!fault)
        return true;
    return aur_fail(
        failure, draft->offline.document ? draft->offline.document->file : experiment->file,
        draft->offline.node ? draft->offline.node->line : 0, "CPU %u goes off at %llu ns, but %s",
        draft->outages[at].cpu, (unsigned long long)draft->outages[at].from_ns, fault);
}

bool aur_draft_machine_key(struct aur_draft *draft, const char *key, const struct aur_value *value,
                           struct aur_failure *failure)
{
    if (strcmp(key, AUR_MACHINE_OFFLINE) == 0)
        return set_offline(draft, value, failure);
    uint32_t entry = aur_machine_entry_find(key);
    if (entry == AUR_NONE)
        return aur_machine_entry_unknown(value->document->file, value->node->line, key, failure);
    return set_machine_entry(draft, entry, value, failure);
}

bool aur_draft_machine(struct aur_draft *draft, const struct aur_value *value,
                       struct aur_failure *failure)
{
    const struct aur_node *child;
    if (value->node->kind != AUR_NODE_MAP)
        return aur_fail(failure, value->document->file, value->node->line,
                        "\"machine\" must be a map, e.g. machine: {cpus: 4, tick: 1ms}");
    if (!aur_key_repeated(value->document, value->node, failure))
        return false;
    for (child = aur_document_child(value->document, value->node); child;
         child = aur_document_next(value->document, child)) {
        const char *key = aur_document_key(value->document, child);
        struct aur_value entry = aur_value_child(value, child);
        if (strcmp(key, "name") == 0)
            continue;
        if (!aur_draft_machine_key(draft, key, &entry, failure))
            return false;
    }
    return true;
}
