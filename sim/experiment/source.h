// Workloads as an experiment names them: one file, several files beside each other, or tasks
// written into the experiment itself.
#ifndef AURORA_SIM_EXPERIMENT_SOURCE_H
#define AURORA_SIM_EXPERIMENT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "experiment/draft.h"
#include "experiment/experiment.h"
#include "workload/linux_trace.h"

enum aur_source {
    AUR_SOURCE_EXPERIMENT, // YAML, or nothing that is known
    AUR_SOURCE_RTAPP,      // JSON
    AUR_SOURCE_TRACE,      // text of perf or trace-cmd
    AUR_SOURCE_WORKLOAD    // Aurora's own file (workload_file.h)
};

// Tells what a file is by its content; by the ending of its path only where it is empty.
enum aur_source aur_source_kind(const char *path, const char *bytes, size_t size);

// A workload that has been read, patches included.
struct aur_loaded_workload {
    struct aur_loaded_workload *next;
    char *key; // what it was read from, all in one string
    struct aur_workload workload;
};
void aur_source_free(struct aur_loaded_workload *list);

// The workload of a draft, read at the first call and kept in the experiment. NULL with a failure.
const struct aur_workload *aur_source_workload(struct aur_experiment *experiment,
                                               struct aur_draft *draft,
                                               struct aur_failure *failure);

// Resolves a point once, and tells whether anything is drawn at random: by its workload, for the
// phase of the tick, or by a class.
bool aur_source_check_point(struct aur_experiment *experiment, uint32_t point, bool *random,
                            struct aur_failure *failure);

// Reads a trace for a run: the cut-off end of a file, which `import` only reports, is refused.
// The other problems that may bend results are told to `warn`.
bool aur_source_trace(struct aur_workload *workload, const char *path, const char *bytes,
                      size_t size, bool truncated, aur_experiment_warn *warn, void *context,
                      struct aur_failure *failure);

#endif
