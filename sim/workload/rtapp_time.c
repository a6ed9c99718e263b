// Times of events: constant, or drawn from a distribution at each execution.
#include "workload/rtapp_import.h"

#include <stdlib.h>
#include <string.h>

#define MICROSECOND_NS UINT64_C(1000)

// A number in the unit of the parameter; a time may also be text with a unit of its own.
static bool read_number(const struct rtapp_import *import, const struct aur_node *node,
                        bool is_time, double *value)
{
    uint64_t time_ns;
    if (is_time && node->kind == AUR_NODE_STRING) {
        if (!aur_document_duration(import->document, node, MICROSECOND_NS, &time_ns,
                                   import->failure))
            return false;
        *value = (double)time_ns;
        return true;
    }
    if (!aur_document_real(import->document, node, value, import->failure))
        return false;
    *value *= is_time ? (double)MICROSECOND_NS : 1;
    return true;
}

static bool read_samples(const struct rtapp_import *import, const struct aur_node *list,
                         struct aur_distribution *distribution, double **samples)
{
    uint32_t count = 0;
    if (list->kind != AUR_NODE_LIST || !aur_document_child(import->document, list))
        return aur_rtapp_refuse(import, list, "\"%s\" must be a list of times, as [100, 250]",
                                aur_document_key(import->document, list));
    for (const struct aur_node *node = aur_document_child(import->document, list); node;
         node = aur_document_next(import->document, node))
        count++;
    *samples = malloc(count * sizeof **samples);
    if (!*samples)
        return aur_rtapp_no_memory(import);
    distribution->samples = *samples;
    for (const struct aur_node *node = aur_document_child(import->document, list); node;
         node = aur_document_next(import->document, node))
        if (!read_number(import, node, true, &(*samples)[distribution->sample_count++]))
            return false;
    return true;
}

// {"mean": 2000, "stddev": 100}: every parameter once.
static bool read_parameters(const struct rtapp_import *import, const struct aur_node *map,
                            const struct aur_distribution_info *info,
                            struct aur_distribution *distribution)
{
    const struct aur_document *document = import->document;
    const char *names[AUR_DISTRIBUTION_PARAMETERS_MAX + 1] = {NULL};
    for (uint32_t i = 0; i < info->parameters; i++)
        names[i] = info->parameter[i].name;
    for (const struct aur_node *node = aur_document_child(document, map); node;
         node = aur_document_next(document, node)) {
        const char *key = aur_document_key(document, node);
        uint32_t i = 0;
        while (names[i] && strcmp(names[i], key) != 0)
            i++;
        if (!names[i])
            return aur_rtapp_unknown(import, node, info->name, names);
        const struct aur_node *first = aur_document_find(document, map, key);
        if (first != node)
            return aur_rtapp_refuse(import, node, "\"%s\" is here already, on line %u, remove one",
                                    key, first->line);
        double value;
        if (!read_number(import, node, info->parameter[i].is_time, &value))
            return false;
        aur_distribution_set(distribution, i, value);
    }
    for (uint32_t i = 0; i < info->parameters; i++)
        if (!aur_document_find(document, map, names[i]))
            return aur_rtapp_refuse(import, map, "\"%s\" has no \"%s\", add it", info->name,
                                    names[i]);
    return true;
}

static bool read_kind(const struct rtapp_import *import, const struct aur_node *node,
                      struct aur_distribution *distribution, double **samples)
{
    const char *name = aur_document_key(import->document, node);
    const char *names[AUR_DISTRIBUTION_KINDS + 1] = {NULL};
    for (uint32_t i = 0; i < AUR_DISTRIBUTION_KINDS; i++)
        names[i] = aur_distribution_name(i);
    distribution->kind = aur_distribution_find(name);
    const struct aur_distribution_info *info = aur_distribution_info(distribution->kind);
    double value;

    if (!info)
        return aur_rtapp_unknown(import, node, "a distribution", names);
    if (info->has_samples)
        return read_samples(import, node, distribution, samples);
    if (node->kind == AUR_NODE_MAP)
        return read_parameters(import, node, info, distribution);
    if (info->parameters != 1)
        return aur_rtapp_refuse(import, node,
                                "\"%s\" must be a map of its parameters, as "
                                "{\"%s\": ..., \"%s\": ...}",
                                name, info->parameter[0].name, info->parameter[1].name);
    if (!read_number(import, node, info->parameter[0].is_time, &value))
        return false;
    aur_distribution_set(distribution, 0, value);
    return true;
}

static bool read_distribution(struct rtapp_import *import, const struct aur_node *map,
                              struct aur_op *op)
{
    const struct aur_node *kind = aur_document_child(import->document, map);
    struct aur_distribution distribution = {.kind = 0};
    double *samples = NULL;

    if (!kind || aur_document_next(import->document, kind))
        return aur_rtapp_refuse(import, map,
                                "\"%s\" must be a time or one distribution, as {\"exponential\": "
                                "2000}",
                                aur_document_key(import->document, map));
    bool good = read_kind(import, kind, &distribution, &samples);
    const char *fault = good ? aur_distribution_fault(&distribution) : NULL;
    if (fault)
        good = aur_rtapp_refuse(import, kind, "the %s distribution of \"%s\": %s",
                                aur_distribution_name(distribution.kind),
                                aur_document_key(import->document, map), fault);
    if (good) {
        op->flags |= AUR_OP_DRAW;
        uint32_t index = aur_workload_add_distribution(import->workload, &distribution);
        op->value = index;
        good = index != AUR_NONE || aur_rtapp_no_memory(import);
    }
    free(samples);
    return good;
}

bool aur_rtapp_time(struct rtapp_import *import, const struct aur_node *node, struct aur_op *op)
{
    if (node->kind == AUR_NODE_MAP)
        return read_distribution(import, node, op);
    return aur_document_duration(import->document, node, MICROSECOND_NS, &op->value,
                                 import->failure);
}
