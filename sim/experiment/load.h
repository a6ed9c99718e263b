// The parts of loading an experiment, one a file.
#ifndef AURORA_SIM_EXPERIMENT_LOAD_H
#define AURORA_SIM_EXPERIMENT_LOAD_H

#include "experiment/experiment.h"

// Runs of one experiment; a grid beyond it is a slip of the pen.
#define AUR_RUNS_MAX 1000000u

// The axes of `sweep:` in its order, those of --set in the place of the axis that they replace or
// after them. Refuses paths that do not exist or cannot be swept, empty lists, and two values
// with one label.
bool aur_load_axes(struct aur_experiment *experiment, struct aur_failure *failure);
void aur_load_free_axis(struct aur_axis *axis);

// name, description, replications, confidence and metrics, their values checked.
bool aur_load_fixed(struct aur_experiment *experiment, struct aur_failure *failure);

#endif
