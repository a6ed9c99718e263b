// rt-app workloads (https://github.com/scheduler-tools/rt-app, doc/tutorial.txt), the native
// language of workloads here. The README of this folder says what each key means in simulation.
#ifndef AURORA_SIM_RTAPP_H
#define AURORA_SIM_RTAPP_H

#include <stdbool.h>

#include "engine/failure.h"
#include "workload/document.h"
#include "workload/workload.h"

// Builds `workload`, fresh from aur_workload_init, of an rt-app file that has been read into
// `document`. What it leaves has passed aur_workload_validate and the check of locks below.
// Errors, each with its line: an unknown key, a value of the wrong type or range, a task that
// forks an unknown one, misused or cyclic mutexes, an endless loop in which no time passes, a
// file without tasks, the grammar of rt-app before 1.0.
bool aur_rtapp_load(struct aur_workload *workload, const struct aur_document *document,
                    struct aur_failure *failure);

// Reads `groups`, a map of Aurora's from paths to weights and limits, into the groups of the
// workload: {"/a/b": {"weight": 200, "quota": 20000, "period": 100000}}, times as those of rt-app.
// Errors: a group in which no task is, an unknown key, a value out of range.
bool aur_rtapp_groups(struct aur_workload *workload, const struct aur_document *document,
                      const struct aur_node *groups, struct aur_failure *failure);

// Refuses programs that deadlock or misuse a mutex whatever the scheduler does: a mutex locked
// twice, unlocked or waited with while not held, held at exit, more than 64 held at once; and
// mutexes that tasks nest in opposite orders, which some schedule turns into a deadlock. A common
// outer mutex does not excuse the last, as in Linux's lockdep. The workload must have passed
// aur_workload_validate.
bool aur_rtapp_check_locks(const struct aur_workload *workload, const char *file,
                           struct aur_failure *failure);

#endif
