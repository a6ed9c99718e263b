// Predicted beside measured.
#ifndef AURORA_SIM_CLI_MEASURED_TABLE_H
#define AURORA_SIM_CLI_MEASURED_TABLE_H

#include <stdbool.h>

#include "cli/report_plots.h"
#include "engine/failure.h"

// For each point of the grid that has measurements: a table with a row a task.
bool aur_measured_tables_print(const struct aur_report *report, struct aur_failure *failure);

#endif
