// Real measurements: the CSV file that an experiment names under `measured:`.
#ifndef AURORA_SIM_EXPERIMENT_MEASUREMENTS_H
#define AURORA_SIM_EXPERIMENT_MEASUREMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/failure.h"
#include "experiment/experiment.h"

enum aur_measured_value {
    AUR_MEASURED_RUN_MS,
    AUR_MEASURED_SWITCHES,
    AUR_MEASURED_MEAN_WAIT_MS,
    AUR_MEASURED_MAX_WAIT_MS,
    AUR_MEASURED_VALUES
};

// A task over all repetitions of the measurement.
struct aur_measured_task {
    char *name; // as the workload calls it
    uint32_t repetitions;
    double mean[AUR_MEASURED_VALUES];
    double least[AUR_MEASURED_VALUES];
    double most[AUR_MEASURED_VALUES];
};

struct aur_measurements {
    struct aur_measured_task *tasks;
    uint32_t count;
};

// Reads the columns repetition, task, runtime_ms, switches, mean_wait_ms, max_wait_ms (in any
// order, others ignored), what `perf sched latency` prints. rename maps names of the file to
// tasks; its document is NULL if there is none. Errors name file and line.
bool aur_measurements_read(struct aur_measurements *measurements, const char *path,
                           const struct aur_value *rename, struct aur_failure *failure);
void aur_measurements_free(struct aur_measurements *measurements);

#endif
