// The fields of the events that are used, in the kernel's spelling (include/trace/events/sched.h)
// and in trace-cmd's short one (libtraceevent plugins/plugin_sched_switch.c).
#include "workload/linux_trace_line.h"

#include <ctype.h>
#include <string.h>

#include <aurora/limits.h>

// No stretch between two accountings of CPU time is that long: eleven days.
#define RUNTIME_MAX_NS INT64_C(1000000000000000)
// Linux: -1 deadline, 0 to 99 real-time, 100 to 139 fair, 140 idle (include/linux/sched/prio.h).
#define PRIO_LOW  (-1)
#define PRIO_HIGH 140

// --- key=value -----------------------------------------------------------------------------------

static bool number_of(struct aur_trace_slice fields, const char *key, int64_t low, int64_t high,
                      int64_t *number)
{
    const char *hit = aur_trace_find_last(fields, key);
    if (!hit)
        return false;
    struct aur_trace_slice rest = {hit + strlen(key), fields.end};
    return aur_trace_take_number(&rest, low, high, number) &&
           (rest.at == rest.end || aur_trace_is_blank(*rest.at));
}

// `comm=NAME pid=N`, where NAME may hold blanks: `name_key` is at the start, ` pid=` the last.
static bool read_named(struct aur_trace_slice fields, const char *name_key, const char *pid_key,
                       struct aur_trace_slice *name, int32_t *pid)
{
    const char *end = aur_trace_find_last(fields, pid_key);
    int64_t number;
    if (!aur_trace_starts_with(fields, name_key) || !end || end < fields.at + strlen(name_key) ||
        !number_of(fields, pid_key, 0, INT32_MAX, &number))
        return false;
    *name = (struct aur_trace_slice){fields.at + strlen(name_key), end};
    *pid = (int32_t)number;
    return true;
}

static bool read_prio(struct aur_trace_slice fields, const char *key, int16_t *prio)
{
    int64_t number;
    if (!number_of(fields, key, PRIO_LOW, PRIO_HIGH, &number))
        return false;
    *prio = (int16_t)number;
    return true;
}

// --- NAME:PID [PRIO] -----------------------------------------------------------------------------

// Takes one off the front; `rest` is what follows. NAME may hold colons and brackets.
static bool take_short(struct aur_trace_slice *fields, struct aur_trace_slice *name, int32_t *pid,
                       int16_t *prio)
{
    struct aur_trace_slice left = *fields;
    const char *open;
    while ((open = aur_trace_find(left, " ["))) {
        struct aur_trace_slice inner = {open + 2, fields->end};
        const char *colon = open;
        while (colon > fields->at && aur_trace_is_digit(colon[-1]))
            colon--;
        struct aur_trace_slice number = {colon, open};
        int64_t id, priority;
        if (colon > fields->at && colon[-1] == ':' &&
            aur_trace_take_number(&number, 0, INT32_MAX, &id) &&
            aur_trace_take_number(&inner, PRIO_LOW, PRIO_HIGH, &priority) && inner.at < inner.end &&
            *inner.at == ']') {
            *name = (struct aur_trace_slice){fields->at, colon - 1};
            *pid = (int32_t)id;
            *prio = (int16_t)priority;
            fields->at = inner.at + 1;
            return true;
        }
        left.at = open + 2;
    }
    return false;
}

// --- events --------------------------------------------------------------------------------------

// Letters only: trace-cmd's raw numbers (-R) mean other states in other kernels.
static bool read_state(struct aur_trace_slice text, struct aur_trace_line *line)
{
    text = aur_trace_trim(text);
    if (text.at == text.end || !isalpha((unsigned char)*text.at))
        return false;
    line->state = *text.at;
    return true;
}

static bool parse_switch(struct aur_trace_slice fields, struct aur_trace_line *line)
{
    const char *arrow = aur_trace_find(fields, " ==> next_comm=");
    if (!arrow) {
        if (!take_short(&fields, &line->name, &line->pid, &line->prio))
            return false;
        const char *next = aur_trace_find(fields, " ==> ");
        struct aur_trace_slice state = {fields.at, next};
        if (!next || !read_state(state, line))
            return false;
        fields.at = next + strlen(" ==> ");
        return take_short(&fields, &line->other_name, &line->other_pid, &line->other_prio);
    }
    struct aur_trace_slice previous = {fields.at, arrow};
    struct aur_trace_slice next = {arrow + strlen(" ==> "), fields.end};
    const char *state = aur_trace_find_last(previous, " prev_state=");
    return state &&
           read_state((struct aur_trace_slice){state + strlen(" prev_state="), arrow}, line) &&
           read_named(previous, "prev_comm=", " prev_pid=", &line->name, &line->pid) &&
           read_prio(previous, " prev_prio=", &line->prio) &&
           read_named(next, "next_comm=", " next_pid=", &line->other_name, &line->other_pid) &&
           read_prio(next, " next_prio=", &line->other_prio);
}

static bool parse_wake(struct aur_trace_slice fields, struct aur_trace_line *line)
{
    if (read_named(fields, "comm=", " pid=", &line->name, &line->pid))
        return read_prio(fields, " prio=", &line->prio);
    return take_short(&fields, &line->name, &line->pid, &line->prio);
}

static bool parse_fork(struct aur_trace_slice fields, struct aur_trace_line *line)
{
    const char *child = aur_trace_find_last(fields, " child_comm=");
    if (!child)
        return false;
    struct aur_trace_slice first = {fields.at, child}, second = {child + 1, fields.end};
    return read_named(first, "comm=", " pid=", &line->name, &line->pid) &&
           read_named(second, "child_comm=", " child_pid=", &line->other_name, &line->other_pid) &&
           line->other_pid > 0;
}

static bool parse_runtime(struct aur_trace_slice fields, struct aur_trace_line *line)
{
    int64_t runtime;
    if (!read_named(fields, "comm=", " pid=", &line->name, &line->pid) ||
        !number_of(fields, " runtime=", 0, RUNTIME_MAX_NS, &runtime))
        return false;
    line->value = (uint64_t)runtime;
    return true;
}

bool aur_trace_parse_fields(struct aur_trace_slice fields, struct aur_trace_line *line)
{
    switch (line->kind) {
    case AUR_TRACE_SWITCH:
        return parse_switch(fields, line);
    case AUR_TRACE_FORK:
        return parse_fork(fields, line);
    case AUR_TRACE_RUNTIME:
        return parse_runtime(fields, line);
    case AUR_TRACE_WAKING:
    case AUR_TRACE_WAKEUP:
    case AUR_TRACE_WAKEUP_NEW:
    case AUR_TRACE_EXIT:
        return parse_wake(fields, line) && line->pid > 0;
    default:
        return true;
    }
}
