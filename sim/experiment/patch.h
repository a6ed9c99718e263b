// Copies of a document in which some values are others: how a sweep reaches into a workload.
#ifndef AURORA_SIM_EXPERIMENT_PATCH_H
#define AURORA_SIM_EXPERIMENT_PATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "experiment/experiment.h"

#define AUR_PATCHES_MAX 32u

// `path` leads through the keys of maps and the numbers (from 0) of list items: "tasks.hog.run".
// Keys may contain dots themselves: of several that fit, the longest is meant, and of a repeated
// key the first.
struct aur_patch {
    const char *path;
    struct aur_value value;
    bool found; // set by aur_document_patch if the path led somewhere
};

// Copies `node` of `from` with everything below it into `to`, as the child of `parent` (AUR_NONE:
// as the root) under `key` (NULL: none). Lines stay those of `from`. Where a patch's path leads
// to a value, its value is put in that place; where it leads to a map that lacks only the last
// key, the key is added. At most AUR_PATCHES_MAX patches. False when memory is out.
bool aur_document_patch(struct aur_document *to, uint32_t parent, const char *key,
                        const struct aur_document *from, const struct aur_node *node,
                        struct aur_patch *patches, uint32_t count);

#endif
