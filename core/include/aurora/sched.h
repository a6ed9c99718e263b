// The scheduling classes that this build has, and their parameters.
#ifndef AURORA_SCHED_H
#define AURORA_SCHED_H

#include <stdint.h>

#include <aurora/limits.h>

#define AUR_CLASS_PARAMS 8u

// A number that an experiment may set for a class, e.g. mlfq's `levels`.
struct aur_class_param {
    const char *name; // NULL ends the list; the unit is the suffix: quantum_ns
    uint64_t value;   // default
    uint64_t low, high;
    const char *summary;
    const char *const *choices; // names of the values from low on, or NULL: it is a number
};

enum aur_class_trait {
    AUR_CLASS_GROUPS = 1,  // it shares by task groups
    AUR_CLASS_DEMAND = 2,  // it orders by AUR_ATTR_DEMAND_NS
    AUR_CLASS_SERVERS = 4, // it gives tasks of AUR_POLICY_DEADLINE what dl_runtime_ns asks for
    AUR_CLASS_PERIODS = 8, // it may order by dl_period_ns or dl_deadline_ns
    // It draws from a stream that its parameter called `seed` begins, of 0 to UINT32_MAX. A host
    // whose runs have a seed of their own mixes that in, else all of them would draw the same.
    AUR_CLASS_RANDOM = 16,
    AUR_CLASS_AGENT = 32 // of the slot EXT, and only there: what it does is in an agent
};

struct aur_class_info {
    const char *name;
    const char *summary; // one line for a listing
    const char *source;  // paper or kernel file
    const struct aur_class_param *params;
    uint32_t traits; // enum aur_class_trait
};

// How many classes there are; they are numbered from 0.
uint32_t aur_class_count(void);

// Describes class `number`; NULL if there is none.
const struct aur_class_info *aur_class_info(uint32_t number);

// The number of the class called `name`, or AUR_NONE.
uint32_t aur_class_find(const char *name);

#endif
