// The keys of tasks and phases that are not events: loops, CPUs, scheduling policies.
#include "workload/rtapp_import.h"

#include <string.h>

static const struct {
    const char *name;
    uint32_t levels;
} table[RTAPP_PROPERTY_COUNT] = {
#define X(name, text, levels) {text, levels},
    RTAPP_PROPERTY_TABLE(X)
#undef X
};

bool aur_rtapp_unknown(const struct rtapp_import *import, const struct aur_node *node,
                       const char *where, const char *const *names)
{
    const char *key = aur_document_key(import->document, node);
    const char *nearest = aur_document_nearest(key, names);
    if (nearest)
        return aur_rtapp_refuse(import, node, "unknown key \"%.60s\" in %s, did you mean \"%s\"?",
                                key, where, nearest);
    return aur_rtapp_refuse(import, node, "unknown key \"%.60s\" in %s, remove it", key, where);
}

static bool unknown_property(const struct rtapp_import *import, const struct aur_node *node,
                             uint32_t level)
{
    const char *names[RTAPP_PROPERTY_COUNT + RTAPP_NO_EVENT + 1];
    uint32_t count = 0;
    for (uint32_t i = 0; i < RTAPP_PROPERTY_COUNT; i++)
        if (table[i].levels & level)
            names[count++] = table[i].name;
    for (uint32_t i = 0; aur_rtapp_event_names[i]; i++)
        names[count++] = aur_rtapp_event_names[i];
    names[count] = NULL;
    return aur_rtapp_unknown(import, node, level == RTAPP_IN_TASK ? "a task" : "a phase", names);
}

static uint32_t find_property(const char *key, uint32_t level)
{
    for (uint32_t i = 0; i < RTAPP_PROPERTY_COUNT; i++)
        if (table[i].levels & level && strcmp(table[i].name, key) == 0)
            return i;
    return RTAPP_PROPERTY_COUNT;
}

static bool is_of_old_grammar(const char *key)
{
    return strcmp(key, "exec") == 0 || strcmp(key, "lock_order") == 0 ||
           strcmp(key, "resources") == 0;
}

bool aur_rtapp_properties(const struct rtapp_import *import, const struct aur_node *map,
                          uint32_t level, struct rtapp_properties *properties)
{
    const struct aur_document *document = import->document;
    *properties = (struct rtapp_properties){.map = map};
    for (const struct aur_node *node = aur_document_child(document, map); node;
         node = aur_document_next(document, node)) {
        const char *key = aur_document_key(document, node);
        if (is_of_old_grammar(key))
            return aur_rtapp_refuse(import, node,
                                    "\"%s\" is of the grammar before rt-app 1.0, which rt-app 1.0 "
                                    "refuses too, write \"run\", \"lock\", \"unlock\" and "
                                    "\"timer\" events instead",
                                    key);
        uint32_t property = find_property(key, level);
        if (property < RTAPP_PROPERTY_COUNT) {
            const struct aur_node *other = properties->nodes[property];
            if (other)
                return aur_rtapp_refuse(import, node,
                                        "\"%s\" is here already, on line %u, remove one", key,
                                        other->line);
            properties->nodes[property] = node;
            continue;
        }
        enum rtapp_event event = aur_rtapp_event(key);
        if (event == RTAPP_NO_EVENT)
            return unknown_property(import, node, level);
        if (!properties->event)
            properties->event = node;
        if (level == RTAPP_IN_TASK && !properties->runtime && strcmp(key, "runtime") == 0)
            properties->runtime = node;
    }
    return true;
}

bool aur_rtapp_loop(const struct rtapp_import *import, const struct rtapp_properties *properties,
                    uint64_t missing, uint64_t *loop)
{
    const struct aur_node *node = properties->nodes[RTAPP_LOOP];
    int64_t value;
    *loop = missing;
    if (!node)
        return true;
    if (!aur_document_integer(import->document, node, -1, INT32_MAX, &value, import->failure))
        return false;
    if (!value)
        return aur_rtapp_refuse(import, node,
                                "\"loop\" is 0, write -1 to loop for ever, or a count of at "
                                "least 1");
    *loop = value < 0 ? AUR_LOOP_FOREVER : (uint64_t)value;
    return true;
}

bool aur_rtapp_cpus(const struct rtapp_import *import, const struct rtapp_properties *properties,
                    uint64_t *mask)
{
    const struct aur_node *list = properties->nodes[RTAPP_CPUS];
    *mask = 0;
    if (!list)
        return true;
    if (list->kind != AUR_NODE_LIST || !aur_document_child(import->document, list))
        return aur_rtapp_refuse(import, list, "\"cpus\" must be a list of CPU numbers, as [0, 1]");
    for (const struct aur_node *node = aur_document_child(import->document, list); node;
         node = aur_document_next(import->document, node)) {
        int64_t cpu;
        if (!aur_document_integer(import->document, node, 0, AUR_CPUS_MAX - 1, &cpu,
                                  import->failure))
            return false;
        *mask |= UINT64_C(1) << cpu;
    }
    return true;
}

// --- scheduling ----------------------------------------------------------------------------------

#define DEFAULT_RT_PRIORITY 10 // rt-app's, for FIFO and RR

bool aur_rtapp_policy(const struct rtapp_import *import, const struct aur_node *node,
                      uint32_t *policy)
{
    static const char *const names[] = {"SCHED_OTHER", "SCHED_FIFO",     "SCHED_RR", "SCHED_BATCH",
                                        "SCHED_IDLE",  "SCHED_DEADLINE", NULL};
    static const uint32_t policies[] = {AUR_POLICY_OTHER, AUR_POLICY_FIFO, AUR_POLICY_RR,
                                        AUR_POLICY_BATCH, AUR_POLICY_IDLE, AUR_POLICY_DEADLINE};
    const char *text;
    if (!aur_document_string(import->document, node, &text, import->failure))
        return false;
    for (uint32_t i = 0; names[i]; i++)
        if (strcmp(text, names[i]) == 0) {
            *policy = policies[i];
            return true;
        }
    const char *nearest = aur_document_nearest(text, names);
    return aur_rtapp_refuse(import, node, "unknown policy \"%.40s\", did you mean \"%s\"?", text,
                            nearest ? nearest : "SCHED_OTHER");
}

static bool read_time(const struct rtapp_import *import, const struct aur_node *node,
                      uint64_t *value_ns)
{
    if (!aur_document_duration(import->document, node, 1000, value_ns, import->failure))
        return false;
    if (*value_ns > (uint64_t)UINT32_MAX * 1000 || *value_ns % 1000)
        return aur_rtapp_refuse(import, node, "\"%s\" must be whole microseconds, at most an hour",
                                aur_document_key(import->document, node));
    return true;
}

// dl-*, each defaulting to the one before it. Tasks also take the older names without "dl-", as
// rt-app does while the one it stands for is 0.
static bool read_deadline(const struct rtapp_import *import,
                          const struct rtapp_properties *properties, struct rtapp_sched *sched)
{
    const struct aur_node *const *nodes = properties->nodes;
    const struct aur_node *runtime =
        nodes[RTAPP_DL_RUNTIME] ? nodes[RTAPP_DL_RUNTIME] : properties->runtime;
    const struct aur_node *period =
        nodes[RTAPP_DL_PERIOD] ? nodes[RTAPP_DL_PERIOD] : nodes[RTAPP_PERIOD];
    const struct aur_node *deadline =
        nodes[RTAPP_DL_DEADLINE] ? nodes[RTAPP_DL_DEADLINE] : nodes[RTAPP_DEADLINE];
    if (runtime && !read_time(import, runtime, &sched->runtime_ns))
        return false;
    sched->period_ns = sched->runtime_ns;
    if (period && !read_time(import, period, &sched->period_ns))
        return false;
    sched->deadline_ns = sched->period_ns;
    if (deadline && !read_time(import, deadline, &sched->deadline_ns))
        return false;
    if (!sched->runtime_ns)
        return aur_rtapp_refuse(import, properties->map,
                                "SCHED_DEADLINE without a budget, give \"dl-runtime\" and "
                                "\"dl-period\" in microseconds");
    if (sched->runtime_ns > sched->deadline_ns || sched->deadline_ns > sched->period_ns)
        return aur_rtapp_refuse(import, runtime,
                                "SCHED_DEADLINE wants dl-runtime <= dl-deadline <= dl-period, but "
                                "they are %llu, %llu and %llu us",
                                (unsigned long long)sched->runtime_ns / 1000,
                                (unsigned long long)sched->deadline_ns / 1000,
                                (unsigned long long)sched->period_ns / 1000);
    return true;
}

// The same of a fixed-priority task, for what rate- and deadline-monotonic priorities and
// partitioning need. Each may be left out.
static bool read_timing(const struct rtapp_import *import,
                        const struct rtapp_properties *properties, struct rtapp_sched *sched)
{
    const struct aur_node *runtime = properties->nodes[RTAPP_DL_RUNTIME];
    const struct aur_node *deadline = properties->nodes[RTAPP_DL_DEADLINE];
    const struct aur_node *period = properties->nodes[RTAPP_DL_PERIOD];
    if ((runtime && !read_time(import, runtime, &sched->runtime_ns)) ||
        (deadline && !read_time(import, deadline, &sched->deadline_ns)) ||
        (period && !read_time(import, period, &sched->period_ns)))
        return false;
    if (!sched->deadline_ns)
        sched->deadline_ns = sched->period_ns;
    uint64_t most_ns = sched->deadline_ns ? sched->deadline_ns : UINT64_MAX;
    if (sched->runtime_ns > most_ns)
        return aur_rtapp_refuse(import, runtime,
                                "\"dl-runtime\" is more than the deadline of %llu "
                                "us, which it cannot meet",
                                (unsigned long long)most_ns / 1000);
    if (sched->period_ns && sched->deadline_ns > sched->period_ns)
        return aur_rtapp_refuse(import, deadline,
                                "\"dl-deadline\" is after the period of %llu us, "
                                "give a shorter one",
                                (unsigned long long)sched->period_ns / 1000);
    return true;
}

static bool set_kind(const struct rtapp_import *import, const struct rtapp_properties *properties,
                     uint32_t policy, struct rtapp_sched *sched)
{
    const struct aur_node *node = properties->nodes[RTAPP_PRIORITY];
    bool realtime = policy == AUR_POLICY_FIFO || policy == AUR_POLICY_RR;
    bool deadline = policy == AUR_POLICY_DEADLINE;
    int64_t priority = realtime ? DEFAULT_RT_PRIORITY : 0;
    int64_t low = realtime ? 1 : -20, high = realtime || deadline ? 99 : 19;

    if (node &&
        !aur_document_integer(import->document, node, low, high, &priority, import->failure))
        return false;
    if (deadline)
        priority = 0; // read, as rt-app does, but without a meaning
    sched->kind = aur_task_kind((enum aur_policy)policy, realtime ? 0 : (int)priority,
                                realtime ? (int)priority : 0);
    if (realtime)
        return read_timing(import, properties, sched);
    return !deadline || read_deadline(import, properties, sched);
}

bool aur_rtapp_task_sched(struct rtapp_import *import, const struct rtapp_properties *properties,
                          struct rtapp_sched *sched)
{
    const struct aur_node *node = properties->nodes[RTAPP_POLICY];
    *sched = (struct rtapp_sched){.given = true};
    import->policy = import->default_policy;
    if (node && !aur_rtapp_policy(import, node, &import->policy))
        return false;
    const struct aur_node *timing = properties->nodes[RTAPP_PERIOD]
                                        ? properties->nodes[RTAPP_PERIOD]
                                        : properties->nodes[RTAPP_DEADLINE];
    if (timing && import->policy != AUR_POLICY_DEADLINE)
        return aur_rtapp_refuse(import, timing,
                                "\"%s\" of a task means something under SCHED_DEADLINE only, write "
                                "\"timer\": {\"ref\": \"unique\", \"period\": ...} for a periodic "
                                "task",
                                aur_document_key(import->document, timing));
    return set_kind(import, properties, import->policy, sched);
}

bool aur_rtapp_phase_sched(struct rtapp_import *import, const struct rtapp_properties *properties,
                           struct rtapp_sched *sched)
{
    const struct aur_node *node = properties->nodes[RTAPP_POLICY];
    *sched = (struct rtapp_sched){.given = false};
    if (node && !aur_rtapp_policy(import, node, &import->policy))
        return false;
    // rt-app too takes dl-* of a phase only while the task is under SCHED_DEADLINE.
    bool realtime = import->policy == AUR_POLICY_FIFO || import->policy == AUR_POLICY_RR;
    sched->given =
        node || properties->nodes[RTAPP_PRIORITY] ||
        (import->policy == AUR_POLICY_DEADLINE && properties->nodes[RTAPP_DL_RUNTIME]) ||
        (realtime && (properties->nodes[RTAPP_DL_RUNTIME] || properties->nodes[RTAPP_DL_DEADLINE] ||
                      properties->nodes[RTAPP_DL_PERIOD]));
    return !sched->given || set_kind(import, properties, import->policy, sched);
}

// --- keys without a meaning here -----------------------------------------------------------------

static bool is_list_of_numbers(const struct rtapp_import *import, const struct aur_node *list)
{
    if (list->kind != AUR_NODE_LIST)
        return aur_rtapp_refuse(import, list, "\"%s\" must be a list of node numbers, as [0]",
                                aur_document_key(import->document, list));
    for (const struct aur_node *node = aur_document_child(import->document, list); node;
         node = aur_document_next(import->document, node)) {
        int64_t value;
        if (!aur_document_integer(import->document, node, 0, 1023, &value, import->failure))
            return false;
    }
    return true;
}

bool aur_rtapp_ignored(const struct rtapp_import *import, const struct rtapp_properties *properties)
{
    static const enum rtapp_property lists[] = {RTAPP_NODES_MEMBIND, RTAPP_NUMA};
    static const enum rtapp_property clamps[] = {RTAPP_UTIL_MIN, RTAPP_UTIL_MAX};

    for (uint32_t i = 0; i < 2; i++) {
        const struct aur_node *node = properties->nodes[lists[i]];
        if (node && !is_list_of_numbers(import, node))
            return false;
    }
    for (uint32_t i = 0; i < 2; i++) {
        const struct aur_node *node = properties->nodes[clamps[i]];
        int64_t value;
        if (node &&
            !aur_document_integer(import->document, node, -1, 1024, &value, import->failure))
            return false;
    }
    return true;
}
