// A log as a table: one row for each stay of a task on a CPU, in the order in which they ended.
#ifndef AURORA_SIM_EXPORT_CSV_H
#define AURORA_SIM_EXPORT_CSV_H

#include "export/export.h"

// Columns: cpu,task,name,start_ns,end_ns,end_state,wait_ns. end_state is one of preempted,
// yielded, blocked, exited, running (the log ends); wait_ns is how long the task had been
// runnable before. Names are quoted as RFC 4180 says; lines end with a line feed.
// Errors: `path` cannot be written; those of the input; the log contradicts itself.
bool aur_export_csv(const struct aur_export_input *input, FILE *out, const char *path,
                    struct aur_failure *failure);

#endif
