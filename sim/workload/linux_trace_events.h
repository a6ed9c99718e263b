// A recording's events in order of time, and the names in them.
#ifndef AURORA_SIM_LINUX_TRACE_EVENTS_H
#define AURORA_SIM_LINUX_TRACE_EVENTS_H

#include <stdint.h>

#include "workload/linux_trace_index.h"
#include "workload/linux_trace_line.h"

// Fields as in struct aur_trace_line. Names are offsets into names; 0: not known.
struct aur_trace_event {
    uint64_t at_ns;
    uint64_t value; // RUNTIME: nanoseconds
    uint32_t line;
    uint32_t context_name, name, other_name;
    int32_t context_pid, pid, other_pid;
    int16_t prio, other_prio;
    uint16_t cpu;
    uint8_t kind, context;
    char state;
};

// Invariant: list is ascending by (at_ns, line); names[0] is "".
struct aur_trace_events {
    struct aur_trace_event *list;
    char *names;
    struct aur_trace_index name_index; // hash of a name to its offset
    uint32_t count, room, name_bytes, name_room;
    uint32_t first_lost_line; // UINT32_MAX: nothing is marked as lost
};

// Reads the text, counting into report. False: memory is out.
bool aur_trace_read_events(struct aur_trace_events *events, const char *bytes, size_t size,
                           struct aur_trace_report *report);

void aur_trace_events_free(struct aur_trace_events *events);

// Counts a problem; line 0 if it has none.
void aur_trace_report_problem(struct aur_trace_report *report, enum aur_trace_problem problem,
                              uint32_t line);

#endif
