#include "cli/explanation.h"

#include <string.h>

// In the order of the log, so that the way from one to the next is short.
static uint32_t earliest(const uint64_t *decided, const bool *done, uint32_t first, uint32_t last)
{
    uint32_t found = AUR_NONE;
    for (uint32_t cpu = first; cpu <= last; cpu++)
        if (!done[cpu] && (found == AUR_NONE || decided[cpu] < decided[found]))
            found = cpu;
    return found;
}

bool aur_explanation_find(struct aur_travel *travel, uint64_t at_ns, uint32_t first, uint32_t last,
                          struct aur_told_decision *told, struct aur_failure *failure)
{
    uint64_t decided[AUR_CPUS_MAX];
    bool done[AUR_CPUS_MAX] = {false};
    memset(told, 0, (last - first + 1) * sizeof *told);
    if (!aur_decision_in_force(travel, at_ns, decided, failure))
        return false;
    uint64_t online = aur_core_online(travel->core);
    for (uint32_t left = first; left <= last; left++) {
        uint32_t cpu = earliest(decided, done, first, last);
        struct aur_told_decision *of = &told[cpu - first];
        done[cpu] = true;
        of->cpu = cpu;
        of->at_ns = at_ns;
        of->offline = !(online >> cpu & 1);
        of->decision.record = decided[cpu];
        if (decided[cpu] != AUR_NO_RECORD &&
            !aur_decision_explain(travel, decided[cpu], &of->decision, failure))
            return false;
    }
    return true;
}
