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
    AUR_MEASURED_WAKEUPS,
    AUR_MEASURED_MEAN_WAKEUP_MS,
    AUR_MEASURED_VALUES
};

#define AUR_MEASURED_TASKS_MAX 256u
#define AUR_REPETITIONS_MAX    64u

// How near a prediction is to be: a CPU share within 2 %, waits and switches within 5 % or within
// the spread of the repetitions. A mean of fewer than ten events is not compared.
#define AUR_SHARE_TARGET  0.02
#define AUR_WAIT_TARGET   0.05
#define AUR_EVENTS_FEWEST 10

// A task over all repetitions of the measurement.
struct aur_measured_task {
    char *name; // as the workload calls it
    uint32_t repetitions;
    double mean[AUR_MEASURED_VALUES];
    double least[AUR_MEASURED_VALUES];
    double most[AUR_MEASURED_VALUES];
    double run_ms[AUR_REPETITIONS_MAX]; // of each repetition
};

struct aur_measurements {
    struct aur_measured_task *tasks;
    uint32_t count;
};

// A task's part of the CPU time of all tasks that count, in each repetition.
struct aur_measured_share {
    double mean, least, most;
};

// has[i]: task i counts.
struct aur_measured_share aur_measured_share(const struct aur_measurements *measurements,
                                             uint32_t task, const bool *has);

// Reads the columns task, runtime_ms, switches, mean_wait_ms, max_wait_ms, what `perf sched
// latency` prints, and wakeups, mean_wakeup_ms if there are such (in any order, others ignored). A
// task's rows are its repetitions, in order. rename maps names of the file to
// tasks; its document is NULL if there is none. Errors name file and line.
bool aur_measurements_read(struct aur_measurements *measurements, const char *path,
                           const struct aur_value *rename, struct aur_failure *failure);
void aur_measurements_free(struct aur_measurements *measurements);

#endif
