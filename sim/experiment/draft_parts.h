// What the files of the draft share: private to them.
#ifndef AURORA_SIM_EXPERIMENT_DRAFT_PARTS_H
#define AURORA_SIM_EXPERIMENT_DRAFT_PARTS_H

#include "experiment/draft.h"
#include "experiment/keys.h"

// A time from low to high; path names the value in messages where it has no key. A bare number
// is refused unless the value's key ends in "_ns".
bool aur_value_time(const struct aur_value *value, const char *path, uint64_t low, uint64_t high,
                    uint64_t *time_ns, struct aur_failure *failure);
bool aur_value_count(const struct aur_value *value, uint64_t low, uint64_t high, uint64_t *count,
                     struct aur_failure *failure);

// A child of a map, with what its key says of its unit.
struct aur_value aur_value_child(const struct aur_value *map, const struct aur_node *child);

// draft_machine.c: the map `machine`, and one of its keys.
bool aur_draft_machine(struct aur_draft *draft, const struct aur_value *value,
                       struct aur_failure *failure);
bool aur_draft_machine_key(struct aur_draft *draft, const char *key, const struct aur_value *value,
                           struct aur_failure *failure);
// After everything else is set: do the CPUs that go off exist, and is one always left?
bool aur_draft_check_outages(const struct aur_experiment *experiment, struct aur_draft *draft,
                             struct aur_failure *failure);

// draft_scheduler.c: the value of `scheduler`, and what is at a path into it, e.g.
// "realtime.placement".
bool aur_draft_scheduler(struct aur_draft *draft, const struct aur_value *value,
                         struct aur_failure *failure);
bool aur_draft_scheduler_part(struct aur_draft *draft, const char *path,
                              const struct aur_value *value, struct aur_failure *failure);

#endif
