// The form of encoded inputs: "AURI", a version, then every field once, in the order of the
// structs. Fixed fields are little-endian 64-bit words; the workload, of which there may be
// millions of ops, and what is of any number are in LEB128, whose shortest form is the only one
// taken. So equal inputs have equal bytes, and decoding any bytes either fails or gives inputs that
// encode to the same bytes again (those of version 1 apart). Private to inputs*.c.
#ifndef AURORA_SIM_INPUTS_FORM_H
#define AURORA_SIM_INPUTS_FORM_H

#include <stddef.h>

#include "machine/inputs.h"

#define INPUTS_VERSION 2u
#define TIME_END_NS    (UINT64_C(1) << 62)

// Numbers of the machine in its table's order, for writing, reading and checking.
struct machine_field {
    size_t offset;
    uint64_t low, high;
    const char *name;
};

static const struct machine_field machine_fields[] = {
#define X(name, value, low, high, unit, summary)                                                   \
    {offsetof(struct aur_machine, name), low, high, #name},
    AUR_MACHINE_TABLE(X)
#undef X
};
#define MACHINE_FIELDS (sizeof machine_fields / sizeof machine_fields[0])

// A choice has the parameters that its class has in this build, so that a class may get more.
static inline uint32_t params_of(const struct aur_scheduler_choice *choice)
{
    const struct aur_class_info *info = aur_class_info(aur_class_find(choice->name));
    return info ? aur_class_params(info) : AUR_CLASS_PARAMS;
}

#endif
