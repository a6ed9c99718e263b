// Aurora's own workload file: what `aurora import` writes. The bytes are the encoding of inputs
// (machine/inputs.h) behind a mark; machine, scheduler and the rest of them are passed over when
// the file is used as a workload.
#ifndef AURORA_SIM_EXPERIMENT_WORKLOAD_FILE_H
#define AURORA_SIM_EXPERIMENT_WORKLOAD_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/failure.h"
#include "machine/inputs.h"

bool aur_workload_file_detect(const char *bytes, size_t size);

// Reads the workload of a file from anywhere into `workload`, fresh from aur_workload_init.
bool aur_workload_file_decode(struct aur_workload *workload, const char *path, const char *bytes,
                              size_t size, struct aur_failure *failure);

// The bytes of the file, malloc'ed; NULL when memory is out.
uint8_t *aur_workload_file_encode(const struct aur_inputs *inputs, size_t *size);

#endif
