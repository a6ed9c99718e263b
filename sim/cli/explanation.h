// A decision, explained to people or programs.
#ifndef AURORA_SIM_CLI_EXPLANATION_H
#define AURORA_SIM_CLI_EXPLANATION_H

#include <stdbool.h>
#include <stdint.h>

#include "experiment/stored_log.h"
#include "travel/decision.h"

// The decision in force on a CPU at an instant.
struct aur_told_decision {
    uint32_t cpu;
    uint64_t at_ns;
    bool offline;                 // it takes no tasks at at_ns
    struct aur_decision decision; // its record NO_RECORD: the CPU had not decided anything by then
};

// Explains the decisions in force at at_ns on CPUs first to last, into told[0 .. last - first];
// each is to be freed with aur_decision_free, also after a failure.
bool aur_explanation_find(struct aur_travel *travel, uint64_t at_ns, uint32_t first, uint32_t last,
                          struct aur_told_decision *told, struct aur_failure *failure);

// Some lines on stdout. `config` is that of the run's core.
void aur_explanation_print(const struct aur_told_decision *told, const struct aur_stored_log *log,
                           const struct aur_config *config);

// One JSON object on stdout, without an end of line.
void aur_explanation_print_json(const struct aur_told_decision *told,
                                const struct aur_stored_log *log, const struct aur_config *config);

#endif
