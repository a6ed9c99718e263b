// Files that commands write for the user.
#ifndef AURORA_SIM_CLI_OUTPUT_H
#define AURORA_SIM_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "engine/failure.h"

// Opens `path` for writing; "-" is stdout. NULL with a failure.
FILE *aur_output_open(const char *path, struct aur_failure *failure);

// Closes what aur_output_open gave. `good` false, or an error now: the file is removed if it is a
// regular one, for half a file would be taken for a whole one. Returns whether all is written.
bool aur_output_close(FILE *file, const char *path, bool good, struct aur_failure *failure);

bool aur_output_write(const char *path, const void *bytes, size_t size,
                      struct aur_failure *failure);

#endif
