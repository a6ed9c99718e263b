// The list of scheduling classes. A new class is one line here. A build that is to be small may be
// told a shorter list (web/wasm/local.mk); which class has which number is each build's own.
#include "step/state.h"

// clang-format off
#ifndef AUR_CLASS_LIST
#define AUR_CLASS_LIST(X) \
    X(fifo)               \
    X(rr)                 \
    X(prio)               \
    X(sjf)                \
    X(srtf)               \
    X(mlfq)               \
    X(eevdf)              \
    X(edf)                \
    X(cfs)                \
    X(stride)             \
    X(lottery)            \
    X(agent)
#endif
// clang-format on

#define X(name) extern const struct aur_sched_class aur_class_##name;
AUR_CLASS_LIST(X)
#undef X

const struct aur_sched_class *const aur_sched_classes[] = {
#define X(name) &aur_class_##name,
    AUR_CLASS_LIST(X)
#undef X
};

uint32_t aur_class_count(void)
{
    return sizeof aur_sched_classes / sizeof aur_sched_classes[0];
}

const struct aur_class_info *aur_class_info(uint32_t number)
{
    return number < aur_class_count() ? &aur_sched_classes[number]->info : NULL;
}

uint32_t aur_class_find(const char *name)
{
    for (uint32_t n = 0; n < aur_class_count(); n++) {
        const char *a = aur_sched_classes[n]->info.name, *b = name;
        while (*a && *a == *b)
            a++, b++;
        if (*a == *b)
            return n;
    }
    return AUR_NONE;
}
