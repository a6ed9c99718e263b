// Random runs of the core: a plan is a configuration and a list of choices. A choice is read
// against the state that it finds ("the n-th running task blocks"), so that any part of a plan is a
// plan: that is how a failing one is shrunk.
#ifndef AURORA_CORE_TESTS_DRIVE_H
#define AURORA_CORE_TESTS_DRIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/host.h"

struct drive_choice {
    uint32_t what;
    uint32_t a, b;
    uint64_t c;
};

struct drive_plan {
    struct aur_config config;
    bool late;        // DISPATCH and TIMER come after their instant, as in a real kernel
    bool drains_late; // the log is drained only when an event was refused for want of room
    uint32_t count;
    struct drive_choice *choices;
    void (*watch)(struct host *host); // sets up a watcher of the opened host; may be NULL
    char failure[256];                // while it is shrunk: what it must go on to fail with
};

// A random plan of `count` choices for `fair_class`; free with drive_free.
struct drive_plan drive_plan(uint64_t seed, uint32_t fair_class, uint32_t count);
void drive_free(struct drive_plan *plan);

struct drive_result {
    uint64_t steps, refused, switches, migrations;
    uint64_t seen[HOST_SEEN];
    char failure[256]; // "" if every promise held
};

// Carries the plan out in a process of its own, so that a crash is a result like any other.
struct drive_result drive_run(const struct drive_plan *plan);

// Removes what the failure does not need, then prints what is left, event by event.
void drive_shrink(struct drive_plan *plan);
void drive_print(const struct drive_plan *plan);

#endif
