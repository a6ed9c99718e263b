// A log as a Perfetto trace, to be opened in ui.perfetto.dev: the scheduling events that Linux
// itself would have recorded, so that the CPU and thread tracks, wake-up arrows and the SQL tables
// `sched` and `thread_state` of Perfetto work as on a trace of Linux.
#ifndef AURORA_SIM_EXPORT_PERFETTO_H
#define AURORA_SIM_EXPORT_PERFETTO_H

#include "export/export.h"

// Each life of a task is a process of one thread with pid = life + 1; pid 0 is idle. A task that
// still runs when the log ends is switched out there, runnable. Of events of one instant on several
// CPUs Perfetto shows those of the lower CPU first; what happens on one CPU keeps its order.
// Errors: `path` cannot be written; those of the input; the log contradicts itself; no memory.
bool aur_export_perfetto(const struct aur_export_input *input, FILE *out, const char *path,
                         struct aur_failure *failure);

#endif
