// A run in a file of its own: inputs, digest and the whole log, so that anybody can execute it
// again and compare every record without the database it came from.
#ifndef AURORA_SIM_EXPERIMENT_LOG_FILE_H
#define AURORA_SIM_EXPERIMENT_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/failure.h"
#include "experiment/verify.h"

bool aur_log_file_detect(const uint8_t *bytes, size_t size);

// Writes the head; the chunks follow it as they are. Errors stay with the stream.
void aur_log_file_begin(FILE *file, uint64_t digest, const uint8_t *inputs, size_t inputs_size);

// Executes the inputs of a log file and compares the log record by record, and the digest.
// False with a failure if the file is no log or is damaged at its head.
bool aur_log_file_verify(const char *path, const uint8_t *bytes, size_t size,
                         aur_progress *progress, void *context, struct aur_verdict *verdict,
                         struct aur_failure *failure);

#endif
