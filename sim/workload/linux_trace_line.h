// One line of a recording, in whichever form, taken apart. Knows no task and keeps nothing.
#ifndef AURORA_SIM_LINUX_TRACE_LINE_H
#define AURORA_SIM_LINUX_TRACE_LINE_H

#include <stdint.h>

#include "workload/linux_trace.h"
#include "workload/linux_trace_text.h"

#define AUR_TRACE_NO_PID  (-1)
#define AUR_TRACE_NO_PRIO INT16_MIN
// CPU numbers of Linux end at 8192 (CONFIG_NR_CPUS on x86-64 with MAXSMP).
#define AUR_TRACE_CPUS_MAX 8192u

enum aur_trace_line_kind {
    AUR_TRACE_LINE_EVENT,
    AUR_TRACE_LINE_PASSED, // blank, remark, call chain
    AUR_TRACE_LINE_LOST,   // value: how many events, 0: not said
    AUR_TRACE_LINE_BAD,    // an event that is used, with a field missing or out of range
    AUR_TRACE_LINE_UNKNOWN
};

enum aur_trace_context {
    AUR_TRACE_CONTEXT_UNMARKED, // the text does not say
    AUR_TRACE_CONTEXT_TASK,
    AUR_TRACE_CONTEXT_SOFT, // soft interrupt
    AUR_TRACE_CONTEXT_HARD  // hard interrupt, or non-maskable
};

// Fields that the kind of event does not have are empty, NO_PID, NO_PRIO or 0.
struct aur_trace_line {
    uint8_t kind;    // enum aur_trace_event_kind
    uint8_t context; // enum aur_trace_context
    char state;      // SWITCH: first letter of prev_state
    uint16_t cpu;    // where it happened, AUR_NO_CPU: not said
    int16_t prio, other_prio;
    int32_t context_pid; // who ran there; 0: idle
    struct aur_trace_slice context_name;
    struct aur_trace_slice name, other_name;
    int32_t pid;       // SWITCH: prev. FORK: parent. Else: whom it is about
    int32_t other_pid; // SWITCH: next. FORK: child
    uint64_t at_ns;
    uint64_t value; // RUNTIME: nanoseconds
};

// slice: the line without its line end.
enum aur_trace_line_kind aur_trace_parse_line(struct aur_trace_slice slice,
                                              struct aur_trace_line *line);

// The part after the event's name; line->kind is set. False: a field is missing or out of range.
bool aur_trace_parse_fields(struct aur_trace_slice fields, struct aur_trace_line *line);

#endif
