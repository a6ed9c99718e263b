// The table that `aurora run` ends with: one row a grid point, means over its replications.
#ifndef AURORA_SIM_CLI_RUN_TABLE_H
#define AURORA_SIM_CLI_RUN_TABLE_H

#include <stdbool.h>

#include "engine/failure.h"
#include "experiment/experiment.h"
#include "experiment/runner.h"

// Reads the metrics of the runs that are stored and prints those that the experiment names, else
// aur_metric_shown. Prints nothing if no run is stored.
bool aur_run_table_print(const struct aur_experiment *experiment, const struct aur_runner *runner,
                         const char *database, bool json, struct aur_failure *failure);

#endif
