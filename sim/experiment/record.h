// Turns what a simulation measured into the rows of the store (metric.h says which).
#ifndef AURORA_SIM_EXPERIMENT_RECORD_H
#define AURORA_SIM_EXPERIMENT_RECORD_H

#include <stdbool.h>

#include "machine/inputs.h"
#include "machine/simulate.h"
#include "stats/histogram.h"

// Where the rows go: into a writer of the store, or to whoever compares them.
struct aur_record_sink {
    // task "": of the system. NAN: there is no such value, e.g. the mean of nothing.
    bool (*metric)(void *context, const char *task, const char *name, const char *unit,
                   double value);
    bool (*histogram)(void *context, const char *task, const char *name, const char *unit,
                      const struct aur_histogram *histogram);
    void *context;
};

// Hands out the metrics and histograms of the system, of each task by its name, and, where a task
// has several instances, the counters of each instance as NAME-0, NAME-1, ... Specifications of
// one name are one task. A task group goes by its path in the place of a task. No (task, name)
// comes twice. False if the sink said so or memory is out.
bool aur_record_run(const struct aur_record_sink *sink, const struct aur_inputs *inputs,
                    const struct aur_run_result *result);

#endif
