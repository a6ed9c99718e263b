// The scheduling classes that this build has, and their parameters.
#ifndef AURORA_SCHED_H
#define AURORA_SCHED_H

#include <stdint.h>

#include <aurora/limits.h>

#define AUR_CLASS_PARAMS 6u

// A number that an experiment may set for a class, e.g. mlfq's `levels`.
struct aur_class_param {
    const char *name; // NULL ends the list; the unit is the suffix: quantum_ns
    uint64_t value;   // default
    uint64_t low, high;
    const char *summary;
};

struct aur_class_info {
    const char *name;
    const char *summary; // one line for a listing
    const char *source;  // paper or kernel file
    const struct aur_class_param *params;
};

// How many classes there are; they are numbered from 0.
uint32_t aur_class_count(void);

// Describes class `number`; NULL if there is none.
const struct aur_class_info *aur_class_info(uint32_t number);

// The number of the class called `name`, or AUR_NONE.
uint32_t aur_class_find(const char *name);

#endif
