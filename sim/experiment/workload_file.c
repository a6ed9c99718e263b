#include "experiment/workload_file.h"

#include <stdlib.h>
#include <string.h>

// A byte above 127 keeps it from being taken for text, the line ends show damage by conversion
// (the idea of PNG's signature, RFC 2083 section 12.11).
static const unsigned char mark[8] = {0x97, 'A', 'U', 'R', 'W', '\r', '\n', 1};

bool aur_workload_file_detect(const char *bytes, size_t size)
{
    return size >= sizeof mark && memcmp(bytes, mark, sizeof mark - 1) == 0;
}

bool aur_workload_file_decode(struct aur_workload *workload, const char *path, const char *bytes,
                              size_t size, struct aur_failure *failure)
{
    struct aur_failure why = {{0}};
    struct aur_inputs inputs;

    if (bytes[sizeof mark - 1] != mark[sizeof mark - 1])
        return aur_fail(failure, path, 0,
                        "is of a newer Aurora, update this one or import the workload again");
    if (!aur_inputs_decode(&inputs, (const uint8_t *)bytes + sizeof mark, size - sizeof mark, &why))
        return aur_fail(failure, path, 0, "the file is damaged (%s), import the workload again",
                        why.text);
    bool good = aur_workload_append(workload, &inputs.workload) ||
                aur_fail(failure, NULL, 0, "memory is out");
    aur_inputs_free(&inputs);
    return good;
}

uint8_t *aur_workload_file_encode(const struct aur_inputs *inputs, size_t *size)
{
    size_t encoded_size;
    uint8_t *encoded = aur_inputs_encode(inputs, &encoded_size);
    uint8_t *file = encoded ? malloc(sizeof mark + encoded_size) : NULL;
    if (file) {
        memcpy(file, mark, sizeof mark);
        memcpy(file + sizeof mark, encoded, encoded_size);
        *size = sizeof mark + encoded_size;
    }
    free(encoded);
    return file;
}
