// What a random host may choose to do next.
#ifndef AURORA_CORE_TESTS_CHOICES_H
#define AURORA_CORE_TESTS_CHOICES_H

#include "tests/drive.h"
#include "tests/host.h"

// name, how often among the others
#define DRIVE_CHOICES(X)                                                                           \
    X(ADVANCE, 30)                                                                                 \
    X(DRIFT, 6)                                                                                    \
    X(NEW, 8)                                                                                      \
    X(START, 8)                                                                                    \
    X(WAKE, 14)                                                                                    \
    X(BLOCK, 12)                                                                                   \
    X(YIELD, 4)                                                                                    \
    X(EXIT, 4)                                                                                     \
    X(POST, 3)                                                                                     \
    X(POLICY, 4)                                                                                   \
    X(AFFINITY, 3)                                                                                 \
    X(SLICE, 2)                                                                                    \
    X(DEMAND, 6)                                                                                   \
    X(CPU_OFF, 3)                                                                                  \
    X(CPU_ON, 4)                                                                                   \
    X(DEADLINE, 3)                                                                                 \
    X(OBJECT_NEW, 3)                                                                               \
    X(OBJECT_FREE, 2)                                                                              \
    X(LOCK, 7)                                                                                     \
    X(UNLOCK, 7)                                                                                   \
    X(WAIT, 4)                                                                                     \
    X(SIGNAL, 3)                                                                                   \
    X(BROADCAST, 2)                                                                                \
    X(BARRIER, 3)                                                                                  \
    X(DOWN, 4)                                                                                     \
    X(UP, 4)                                                                                       \
    X(GROUP_NEW, 3)                                                                                \
    X(GROUP_SET, 4)                                                                                \
    X(GROUP_FREE, 2)                                                                               \
    X(GROUP_MOVE, 5)                                                                               \
    X(GARBAGE, 8)

enum drive_what {
#define X(name, often) DRIVE_##name,
    DRIVE_CHOICES(X)
#undef X
    DRIVE_COUNT
};

void drive_do(struct host *host, const struct drive_choice *choice);

// Turns a random choice into one of `kinds` that a test keeps, whatever others the list has.
static inline void drive_keep(struct drive_choice *choice, const uint8_t *kept, uint32_t kinds)
{
    choice->what = kept[(choice->c >> 40) % kinds];
}

#endif
