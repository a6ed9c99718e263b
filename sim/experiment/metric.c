#include "experiment/metric.h"

#include <stddef.h>
#include <string.h>

static const struct aur_metric metrics[AUR_METRIC_COUNT] = {
#define TASK                       true, false, false
#define SYSTEM                     false, true, false
#define BOTH                       true, true, false
#define GROUP                      false, false, true
#define T_GROUP                    true, false, true
#define B_GROUP                    true, true, true
#define X(name, unit, of, meaning) {#name, unit, of, meaning},
    AUR_METRIC_TABLE(X)
#undef X
#undef B_GROUP
#undef T_GROUP
#undef GROUP
#undef BOTH
#undef SYSTEM
#undef TASK
};

const char *const aur_metric_names[AUR_METRIC_COUNT + 1] = {
#define X(name, unit, of, meaning) #name,
    AUR_METRIC_TABLE(X)
#undef X
        NULL,
};

const char *const aur_metric_shown[] = {
    "utilisation", "wakeup_ns_mean", "wakeup_ns_p99", "wait_ns_max", "response_ns_p99",
    "switches",    "preemptions",    "migrations",    "fairness",    NULL,
};

const struct aur_metric *aur_metric(uint32_t id)
{
    return &metrics[id];
}

uint32_t aur_metric_find(const char *name)
{
    uint32_t id = 0;
    while (id < AUR_METRIC_COUNT && strcmp(metrics[id].name, name) != 0)
        id++;
    return id;
}

bool aur_metric_parse(const char *text, uint32_t *task_length, uint32_t *id)
{
    const char *slash = strrchr(text, '/');
    *task_length = slash ? (uint32_t)(slash - text) : 0;
    *id = aur_metric_find(slash ? slash + 1 : text);
    if (*id == AUR_METRIC_COUNT)
        return false;
    if (!slash)
        return metrics[*id].of_system;
    return *task_length && (metrics[*id].of_task || (*text == '/' && metrics[*id].of_group));
}
