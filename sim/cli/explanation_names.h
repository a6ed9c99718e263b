// What the numbers of an explanation are called.
#ifndef AURORA_SIM_CLI_EXPLANATION_NAMES_H
#define AURORA_SIM_CLI_EXPLANATION_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "experiment/stored_log.h"
#include "travel/decision.h"

// The name of task number `task`; "task ?" if it has none.
const char *aur_explanation_task(const struct aur_stored_log *log, uint32_t task);

// These write text[0 .. room) if they must, and return what to print.
const char *aur_explanation_group(const struct aur_stored_log *log, uint32_t group, char *text,
                                  size_t room);
const char *aur_explanation_candidate(const struct aur_stored_log *log,
                                      const struct aur_decision *decision, uint32_t row, char *text,
                                      size_t room);
const char *aur_explanation_flags(uint32_t flags, char *text, size_t room);

// The class that serves the slot.
const char *aur_explanation_class(const struct aur_config *config, uint32_t slot);

// The value of a key, false if the candidate has none.
bool aur_explanation_key(const struct aur_candidate *candidate, uint32_t key, int64_t *value);

// An instant to the nanosecond: "101.450740 ms", "2 s".
const char *aur_explanation_instant(uint64_t ns, char *text, size_t room);

// The single flags and their words; NULL after the last.
const char *aur_explanation_flag(uint32_t number, uint32_t *flag);

#endif
