// How a class writes down what it orders by (aurora/explain.h).
#ifndef AURORA_SCHED_KEYS_H
#define AURORA_SCHED_KEYS_H

#include <aurora/explain.h>
#include <aurora/limits.h>

#include "lib/assert.h"

static inline void aur_key_add(struct aur_candidate *candidate, enum aur_key key, int64_t value)
{
    aur_assert(candidate->key_count < AUR_CANDIDATE_KEYS);
    candidate->keys[candidate->key_count++] =
        (struct aur_candidate_key){.key = (uint32_t)key, .value = value};
}

static inline void aur_verdict_set(struct aur_verdict *verdict, enum aur_rule rule,
                                   enum aur_key key, enum aur_verdict_of of, int64_t has,
                                   int64_t needs)
{
    *verdict = (struct aur_verdict){.rule = (uint32_t)rule,
                                    .key = (uint32_t)key,
                                    .of = (uint32_t)of,
                                    .picked_group = AUR_NONE,
                                    .other_group = AUR_NONE,
                                    .has = has,
                                    .needs = needs};
}

// What is left of `whole_ns` after `used_ns`, and of time that may be endless.
static inline int64_t aur_key_left_ns(uint64_t whole_ns, uint64_t used_ns)
{
    uint64_t left_ns = used_ns < whole_ns ? whole_ns - used_ns : 0;
    return left_ns < INT64_MAX ? (int64_t)left_ns : INT64_MAX;
}

#endif
