// Where two logs part: the first record in which they differ, and the first instant at which
// another task runs.
#ifndef AURORA_SIM_TRAVEL_PART_H
#define AURORA_SIM_TRAVEL_PART_H

#include <stdbool.h>
#include <stdint.h>

#include <aurora/event.h>

#include "engine/failure.h"
#include "travel/log.h"

// Names task number `task` of a log; NULL: it has no name. Tasks of two logs are the same if they
// have one name.
typedef const char *aur_part_name(void *context, uint32_t task);

struct aur_part_side {
    const struct aur_log_source *source;
    aur_part_name *name;
    void *context;

    // What came out. record: number of the first that differs; event: the event of its step, kind
    // 0 where the log ends; differs: that record, the event itself or an action of it, kind 0 where
    // there are no more actions.
    uint64_t record;
    struct aur_record event;
    struct aur_record differs;
    uint32_t subject; // number of the task that `differs` is about, or NONE
    uint32_t runs;    // on `cpu` from now_ns on: number of a task, or NONE
};

struct aur_part {
    struct aur_part_side sides[2];
    bool same;          // record by record: nothing below is said
    bool same_tasks;    // the same tasks run everywhere and always: only common_ns is said
    uint64_t common_ns; // up to before the first different record; the last instant of both
    uint64_t now_ns;    // the first instant after which another task runs ...
    uint32_t cpu;       // ... on this CPU, the first of several
};

// Walks both logs. The sources must be whole. Memory: a chunk of each, whatever their length.
// Errors: a damaged source, memory.
bool aur_part_find(struct aur_part *part, struct aur_failure *failure);

#endif
