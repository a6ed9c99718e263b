// A log in the Trace Event Format (JSON), which chrome://tracing, Perfetto, speedscope and others
// open: a track for each CPU, one for each task, and an arrow from each waker to whom it woke.
#ifndef AURORA_SIM_EXPORT_CHROME_H
#define AURORA_SIM_EXPORT_CHROME_H

#include "export/export.h"

// Times are microseconds with three decimals, i.e. exact nanoseconds. Bytes of names that are not
// UTF-8 become U+FFFD.
// Errors: `path` cannot be written; those of the input; the log contradicts itself.
bool aur_export_chrome(const struct aur_export_input *input, FILE *out, const char *path,
                       struct aur_failure *failure);

#endif
