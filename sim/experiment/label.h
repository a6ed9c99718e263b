// What a value of an axis is called in tables and plots.
#ifndef AURORA_SIM_EXPERIMENT_LABEL_H
#define AURORA_SIM_EXPERIMENT_LABEL_H

#include <stddef.h>

#include "experiment/experiment.h"

// A scalar is called as it is written, a file by its name without folder and ending, a map by its
// `name`, else by what stands in it: "mlfq levels=8". Writes text[0 .. room) and returns it.
char *aur_value_label(const struct aur_value *value, char *text, size_t room);

#endif
