// The plots of an experiment's report.
#ifndef AURORA_SIM_CLI_REPORT_PLOTS_H
#define AURORA_SIM_CLI_REPORT_PLOTS_H

#include <stdbool.h>

#include "engine/failure.h"
#include "experiment/experiment.h"
#include "experiment/runner.h"
#include "store/store.h"

struct aur_report {
    struct aur_experiment *experiment;
    struct aur_runner runner; // its slots say which runs are stored
    struct aur_store *store;
    const char *folder;
    uint32_t axis;  // whose values stand beside each other in a plot; AUR_NONE: there is none
    uint32_t plots; // made so far
};

// A group: the grid points that differ in report->axis only. Makes its plots: distributions of
// latencies, metrics as bars, and who ran where for each of its points.
bool aur_report_group(struct aur_report *report, const uint32_t *points, uint32_t count,
                      struct aur_failure *failure);

#endif
