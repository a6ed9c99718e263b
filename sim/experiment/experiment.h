// An experiment: a machine, a scheduler, a workload, and a grid over any of their parameters.
// Read from YAML (docs/experiment-file.md), or made around a bare workload: rt-app JSON, Linux
// trace text, or Aurora's own workload file.
#ifndef AURORA_SIM_EXPERIMENT_H
#define AURORA_SIM_EXPERIMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/failure.h"
#include "machine/inputs.h"
#include "workload/document.h"

// One `path=value` of --set. Paths are those of the file: "scheduler", "machine.cpus",
// "scheduler.levels", "workload.tasks.hog.run", "seed". The value is read as YAML; a list makes
// an axis of the grid.
struct aur_setting {
    const char *path;
    const char *value;
};

// A node of a document, and the folder in which the relative paths in it start.
struct aur_value {
    const struct aur_document *document; // NULL: not given
    const struct aur_node *node;
    const char *folder;
    bool ns; // its key ends in "_ns": a number without a unit is in nanoseconds
};

// A --set, parsed.
struct aur_override {
    char *path; // canonical: "machine.tick_ns" for "machine.tick"
    struct aur_document document;
    bool axis; // its value is a list: it is in axes, not a fixed value
};

struct aur_value aur_override_value(const struct aur_override *override);

// One axis of the grid. values[i] is called labels[i] in tables; no two labels are equal.
struct aur_axis {
    char *path; // canonical
    struct aur_value *values;
    char **labels;
    uint32_t count;
};

// One point of the grid is one value of every axis; the last axis varies fastest.
struct aur_point {
    uint32_t first_run;
    uint32_t replications; // 1 if nothing in its workload is random
};

struct aur_loaded_workload;
typedef void aur_experiment_warn(void *context, const char *line);

struct aur_experiment {
    char *name;
    char *description; // "" if there is none
    char *file;        // as the user named it
    char *text;        // of the file, for the store
    char *folder;      // of the file, ending in '/', or ""
    struct aur_document document;
    struct aur_override *overrides;
    uint32_t override_count;
    struct aur_axis *axes;
    uint32_t axis_count;
    uint32_t replications;
    double confidence;    // of intervals in tables and plots, e.g. 0.95
    const char **metrics; // asked for in `metrics:`, owned by documents
    uint32_t metric_count;
    struct aur_point *points;
    uint32_t point_count;
    struct aur_loaded_workload *workloads; // each is read once
    aur_experiment_warn *warn;             // while loading
    void *warn_context;
};

// Loads `path`, applies `settings` over it, and resolves every point of the grid once, so that
// what is wrong anywhere in it is refused here. Warnings of workload importers (lost events and
// the like) go to `warn`, which may be NULL, once a file.
bool aur_experiment_load(struct aur_experiment *experiment, const char *path,
                         const struct aur_setting *settings, uint32_t setting_count,
                         aur_experiment_warn *warn, void *context, struct aur_failure *failure);

// The same from a document that somebody else has parsed, for example the browser: path names the
// file in messages, and workloads are looked up beside it. text[0 .. size) is kept for the store.
// The document becomes the experiment's in any case. Files that `measured:` names are not looked
// for.
bool aur_experiment_load_document(struct aur_experiment *experiment, const char *path,
                                  const char *text, size_t size, struct aur_document *document,
                                  const struct aur_setting *settings, uint32_t setting_count,
                                  aur_experiment_warn *warn, void *context,
                                  struct aur_failure *failure);
void aur_experiment_free(struct aur_experiment *experiment);

// How many runs the grid has. They are numbered from 0; the replication varies fastest.
uint32_t aur_experiment_runs(const struct aur_experiment *experiment);

// The grid point and the replication of a run.
uint32_t aur_experiment_point(const struct aur_experiment *experiment, uint32_t run);
uint32_t aur_experiment_replication(const struct aur_experiment *experiment, uint32_t run);

// Which value of `axis` a point has: an index into that axis's values and labels.
uint32_t aur_experiment_choice(const struct aur_experiment *experiment, uint32_t point,
                               uint32_t axis);

// "scheduler=eevdf workload=mp3-hogs replication=2", into text[0 .. room). With one run only,
// the experiment's name. Returns text.
char *aur_experiment_label(const struct aur_experiment *experiment, uint32_t run, char *text,
                           size_t room);

// The scheduler's and the workload's name of a point, as labels call them. workload is written
// to text[0 .. room).
char *aur_experiment_workload_name(struct aur_experiment *experiment, uint32_t point, char *text,
                                   size_t room);

// Resolves a run to its inputs. Two calls give equal inputs. The caller frees them.
bool aur_experiment_resolve(struct aur_experiment *experiment, uint32_t run,
                            struct aur_inputs *inputs, struct aur_failure *failure);

// The value that holds at a point for a top-level key: the axis's, else that of --set, else the
// file's. document is NULL if none is given.
struct aur_value aur_experiment_value(const struct aur_experiment *experiment, uint32_t point,
                                      const char *key);

// Real measurements to print beside the predictions of a point: `measured:` of its workload, else
// of the file. *path (the caller frees it) is NULL if there are none. rename: the map of names in
// the measurements to task names of the workload; its document is NULL if there is none.
bool aur_experiment_measured(const struct aur_experiment *experiment, uint32_t point, char **path,
                             struct aur_value *rename, struct aur_failure *failure);

#endif
