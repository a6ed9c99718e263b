#include "workload/linux_trace_events.h"

#include <stdlib.h>
#include <string.h>

#include "workload/linux_trace_array.h"

// Longer than any name of a task (TASK_COMM_LEN is 16, perf's own are a little longer).
#define NAME_BYTES_MAX 63

void aur_trace_report_problem(struct aur_trace_report *report, enum aur_trace_problem problem,
                              uint32_t line)
{
    struct aur_trace_count *count = &report->problems[problem];
    if (!count->count++)
        count->first_line = line;
}

void aur_trace_events_free(struct aur_trace_events *events)
{
    free(events->list);
    free(events->names);
    aur_trace_index_free(&events->name_index);
    *events = (struct aur_trace_events){0};
}

// --- names ---------------------------------------------------------------------------------------

static bool add_name_byte(struct aur_trace_events *events, char byte)
{
    if (!aur_trace_reserve((void **)&events->names, &events->name_room, events->name_bytes, 1))
        return false;
    events->names[events->name_bytes++] = byte;
    return true;
}

// Stand-ins of ftrace and perf for a name they do not know.
static bool says_nothing(struct aur_trace_slice name)
{
    return name.at == name.end || *name.at == ':' || aur_trace_starts_with(name, "<...>");
}

// Offset of the name. What is no printable ASCII becomes '?', for a name cut at 15 bytes may end
// inside a character. False: memory is out.
static bool intern(struct aur_trace_events *events, struct aur_trace_slice name, uint32_t *offset)
{
    *offset = 0;
    if (says_nothing(name))
        return true;
    if (name.end - name.at > NAME_BYTES_MAX)
        name.end = name.at + NAME_BYTES_MAX;
    uint64_t hash = UINT64_C(0xcbf29ce484222325); // FNV-1a
    for (const char *at = name.at; at < name.end; at++)
        hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
    uint32_t *known = aur_trace_index_at(&events->name_index, hash);
    if (!known)
        return false;
    if (*known == AUR_NONE) {
        *known = events->name_bytes;
        for (const char *at = name.at; at < name.end; at++)
            if (!add_name_byte(events, *at >= ' ' && *at <= '~' ? *at : '?'))
                return false;
        if (!add_name_byte(events, '\0'))
            return false;
    }
    *offset = *known;
    return true;
}

// --- lines ---------------------------------------------------------------------------------------

static bool add_event(struct aur_trace_events *events, const struct aur_trace_line *line,
                      uint32_t number)
{
    if (!aur_trace_reserve((void **)&events->list, &events->room, events->count,
                           sizeof *events->list))
        return false;
    struct aur_trace_event *event = &events->list[events->count++];
    *event = (struct aur_trace_event){
        .at_ns = line->at_ns,
        .value = line->value,
        .line = number,
        .context_pid = line->context_pid,
        .pid = line->pid,
        .other_pid = line->other_pid,
        .prio = line->prio,
        .other_prio = line->other_prio,
        .cpu = line->cpu,
        .kind = line->kind,
        .context = line->context,
        .state = line->state,
    };
    return intern(events, line->context_name, &event->context_name) &&
           intern(events, line->name, &event->name) &&
           intern(events, line->other_name, &event->other_name);
}

static bool take_line(struct aur_trace_events *events, struct aur_trace_slice text, uint32_t number,
                      struct aur_trace_report *report)
{
    struct aur_trace_line line;
    switch (aur_trace_parse_line(text, &line)) {
    case AUR_TRACE_LINE_EVENT:
        report->events++;
        report->kinds[line.kind]++;
        if (line.cpu != AUR_NO_CPU && line.cpu >= report->cpus)
            report->cpus = line.cpu + 1u;
        if (events->count && line.at_ns < events->list[events->count - 1].at_ns)
            aur_trace_report_problem(report, AUR_TRACE_OUT_OF_ORDER, number);
        return add_event(events, &line, number);
    case AUR_TRACE_LINE_PASSED:
        return true;
    case AUR_TRACE_LINE_LOST:
        report->lost_events += line.value;
        if (events->first_lost_line > number)
            events->first_lost_line = number;
        aur_trace_report_problem(report, AUR_TRACE_LOST, number);
        return true;
    case AUR_TRACE_LINE_BAD:
        aur_trace_report_problem(report, AUR_TRACE_BAD_EVENT, number);
        return true;
    case AUR_TRACE_LINE_UNKNOWN:
        break;
    }
    aur_trace_report_problem(report, AUR_TRACE_UNKNOWN_LINE, number);
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct aur_trace_event *x = a, *y = b;
    if (x->at_ns != y->at_ns)
        return x->at_ns < y->at_ns ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

bool aur_trace_read_events(struct aur_trace_events *events, const char *bytes, size_t size,
                           struct aur_trace_report *report)
{
    *events = (struct aur_trace_events){.first_lost_line = UINT32_MAX};
    if (!add_name_byte(events, '\0'))
        return false;
    const char *at = bytes, *end = bytes + size;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        uint32_t number = report->lines < UINT32_MAX ? (uint32_t)++report->lines : UINT32_MAX;
        if (!stop) {
            aur_trace_report_problem(report, AUR_TRACE_CUT_LINE, number);
            break;
        }
        if (!take_line(events, (struct aur_trace_slice){at, stop}, number, report))
            return false;
        at = stop + 1;
    }
    if (report->problems[AUR_TRACE_OUT_OF_ORDER].count)
        qsort(events->list, events->count, sizeof *events->list, by_time);
    return true;
}
