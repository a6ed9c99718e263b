// Reads the files that users hand over.
#ifndef AURORA_SIM_FILE_H
#define AURORA_SIM_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/failure.h"

// Above this, unpacked, a file is refused: it does not fit beside its workload on a usual machine.
#define AUR_FILE_BYTES_MAX ((size_t)1 << 30)

// Reads a whole file, plain or gzip (told by its first two bytes, RFC 1952), into malloc'ed
// *bytes with a zero after the last one, not counted in *size. *truncated: the gzip file is cut
// off, and *bytes is what could be unpacked. An empty plain file is read with size 0.
// Fails if the file cannot be opened or read, is a folder, is larger than AUR_FILE_BYTES_MAX, is
// damaged gzip, or gzip cut off before its first byte; or memory is out. Then *bytes is NULL.
bool aur_file_read(const char *path, char **bytes, size_t *size, bool *truncated,
                   struct aur_failure *failure);

#endif
