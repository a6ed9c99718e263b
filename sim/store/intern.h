// Keys of names that runs share: each is in the database once.
#ifndef AURORA_SIM_STORE_INTERN_H
#define AURORA_SIM_STORE_INTERN_H

#include <stdint.h>

#include "engine/failure.h"
#include "store/dictionary.h"

struct aur_store;

// The key in the table `task` of each name in `tasks`, in their order, added where missing. Within
// a transaction. Returns an array that the caller frees, NULL on an error.
int64_t *aur_intern_tasks(struct aur_store *store, const struct aur_dictionary *tasks,
                          struct aur_failure *failure);

// The same for pairs of name and unit in the table `measure`.
int64_t *aur_intern_measures(struct aur_store *store, const struct aur_dictionary *measures,
                             struct aur_failure *failure);

#endif
