#include "workload/linux_trace_line.h"

#include <string.h>

#define NS_PER_SECOND UINT64_C(1000000000)
// Seconds since 1970 stay below for another 70 years; times in ns then stay below 2^62.
#define SECONDS_MAX INT64_C(4000000000)

// --- the time stamp ------------------------------------------------------------------------------

// "5429.659649:" beginning somewhere before the dot, as a word of its own.
static bool is_stamp(struct aur_trace_slice line, const char *dot, struct aur_trace_slice *stamp)
{
    const char *at = dot, *end = dot + 1;
    while (at > line.at && aur_trace_is_digit(at[-1]))
        at--;
    while (end < line.end && aur_trace_is_digit(*end))
        end++;
    *stamp = (struct aur_trace_slice){at, end};
    return at < dot && end > dot + 1 && end < line.end && *end == ':' &&
           (at == line.at || aur_trace_is_blank(at[-1])) &&
           (end + 1 == line.end || aur_trace_is_blank(end[1]));
}

static bool find_stamp(struct aur_trace_slice line, struct aur_trace_slice *stamp)
{
    const char *at = line.at;
    while (at < line.end && (at = memchr(at, '.', (size_t)(line.end - at)))) {
        if (is_stamp(line, at, stamp))
            return true;
        at++;
    }
    return false;
}

// Digits after the ninth are below the nanosecond.
static bool read_stamp(struct aur_trace_slice stamp, uint64_t *at_ns)
{
    int64_t seconds;
    if (!aur_trace_take_number(&stamp, 0, SECONDS_MAX, &seconds))
        return false;
    uint64_t fraction = 0, unit = NS_PER_SECOND;
    for (stamp.at++; stamp.at < stamp.end && unit > 1; stamp.at++) {
        fraction = fraction * 10 + (uint64_t)(*stamp.at - '0');
        unit /= 10;
    }
    *at_ns = (uint64_t)seconds * NS_PER_SECOND + fraction * unit;
    return true;
}

// --- what stands before it -----------------------------------------------------------------------

// ftrace's latency flags, kernel/trace/trace_output.c trace_print_lat_fmt(): interrupts off, need
// to reschedule, context, preemption depth, and from 5.x migration depth.
static bool read_flags(struct aur_trace_slice word, struct aur_trace_line *line)
{
    if (word.end - word.at < 4 || word.end - word.at > 6 || !memchr(".dDXbB", word.at[0], 6))
        return false;
    switch (word.at[2]) {
    case '.':
        line->context = AUR_TRACE_CONTEXT_TASK;
        return true;
    case 's':
        line->context = AUR_TRACE_CONTEXT_SOFT;
        return true;
    case 'h':
    case 'H':
    case 'z':
    case 'Z':
        line->context = AUR_TRACE_CONTEXT_HARD;
        return true;
    default:
        return false;
    }
}

static bool read_bracketed_cpu(struct aur_trace_slice word, struct aur_trace_line *line)
{
    int64_t cpu;
    if (word.end - word.at < 3 || word.at[0] != '[' || word.end[-1] != ']')
        return false;
    word.at++;
    if (!aur_trace_take_number(&word, 0, AUR_TRACE_CPUS_MAX - 1, &cpu) || word.at + 1 != word.end)
        return false;
    line->cpu = (uint16_t)cpu;
    return true;
}

// `2d.h3`, the CPU run together with the flags.
static bool read_joined_cpu(struct aur_trace_slice word, struct aur_trace_line *line)
{
    int64_t cpu;
    if (!aur_trace_take_number(&word, 0, AUR_TRACE_CPUS_MAX - 1, &cpu) || !read_flags(word, line))
        return false;
    line->cpu = (uint16_t)cpu;
    return true;
}

// Takes CPU and flags off the end of the head, as far as they are there.
static void take_cpu(struct aur_trace_slice *head, struct aur_trace_line *line)
{
    struct aur_trace_slice rest = *head, word = aur_trace_take_last_word(&rest);
    if (read_bracketed_cpu(word, line) || read_joined_cpu(word, line)) {
        *head = rest;
        return;
    }
    struct aur_trace_slice before = rest;
    if (read_bracketed_cpu(aur_trace_take_last_word(&before), line)) {
        read_flags(word, line); // letters unknown here leave the context unmarked
        *head = before;
    }
}

// `comm 12`, `comm 10/12`, `comm-12`, `comm-12 (10)`; -1 stands for a task that is gone.
static bool read_task(struct aur_trace_slice head, struct aur_trace_line *line)
{
    head = aur_trace_trim(head);
    if (head.at < head.end && head.end[-1] == ')') {
        const char *open = aur_trace_find_last(head, "(");
        if (open)
            head = aur_trace_trim((struct aur_trace_slice){head.at, open});
    }
    const char *digits = head.end;
    while (digits > head.at && aur_trace_is_digit(digits[-1]))
        digits--;
    int64_t pid;
    struct aur_trace_slice number = {digits, head.end};
    if (!aur_trace_take_number(&number, 0, INT32_MAX, &pid))
        return false;
    const char *end = digits;
    if (end > head.at && end[-1] == '-') {
        end--;
        bool apart = end == head.at || aur_trace_is_blank(end[-1]);
        if (apart && pid == 1)
            pid = AUR_TRACE_NO_PID;
    } else if (end > head.at && end[-1] == '/') {
        for (end--; end > head.at && aur_trace_is_digit(end[-1]);)
            end--;
    } else if (end > head.at && !aur_trace_is_blank(end[-1])) {
        return false;
    }
    line->context_pid = (int32_t)pid;
    line->context_name = aur_trace_trim((struct aur_trace_slice){head.at, end});
    return true;
}

// --- the event -----------------------------------------------------------------------------------

static uint8_t event_kind(struct aur_trace_slice name)
{
    static const char *const names[] = {
#define X(kind, text) text,
        AUR_TRACE_EVENT_TABLE(X)
#undef X
    };
    size_t length = (size_t)(name.end - name.at);
    for (uint8_t kind = 0; kind < AUR_TRACE_OTHER; kind++)
        if (strlen(names[kind]) == length && memcmp(names[kind], name.at, length) == 0)
            return kind;
    return AUR_TRACE_OTHER;
}

// Takes `1 sched:sched_switch:` or `sched_switch:` off the front. False if there is no name.
static bool take_event(struct aur_trace_slice *rest, uint8_t *kind)
{
    struct aur_trace_slice text = aur_trace_trim(*rest), period = text;
    int64_t number;
    if (aur_trace_take_number(&period, 0, INT64_MAX, &number) && period.at < period.end &&
        aur_trace_is_blank(*period.at))
        text = aur_trace_trim(period);
    const char *end = text.at;
    while (end < text.end && !aur_trace_is_blank(*end))
        end++;
    if (end == text.at || end[-1] != ':')
        return false;
    struct aur_trace_slice name = {text.at, end - 1};
    const char *colon = aur_trace_find_last(name, ":");
    if (colon)
        name.at = colon + 1;
    *kind = event_kind(name);
    *rest = aur_trace_trim((struct aur_trace_slice){end, text.end});
    return true;
}

// --- lines that are none -------------------------------------------------------------------------

static uint64_t number_after(struct aur_trace_slice text, const char *mark)
{
    const char *hit = aur_trace_find(text, mark);
    int64_t number = 0;
    if (hit) {
        struct aur_trace_slice rest = {hit + strlen(mark), text.end};
        if (!aur_trace_take_number(&rest, 0, INT64_MAX, &number))
            number = 0;
    }
    return (uint64_t)number;
}

// `CPU:1 [LOST 3 EVENTS]` (ftrace), `CPU:1 [3 EVENTS DROPPED]`, `CPU:1 [EVENTS DROPPED]`
// (trace-cmd), `PERF_RECORD_LOST lost 3` (perf script --show-lost-events).
static bool is_lost(struct aur_trace_slice text, struct aur_trace_line *line)
{
    if (aur_trace_starts_with(text, "CPU:")) {
        if (aur_trace_find(text, "[LOST "))
            line->value = number_after(text, "[LOST ");
        else if (aur_trace_find(text, "EVENTS DROPPED]"))
            line->value = number_after(text, "[");
        else
            return false;
        return true;
    }
    if (!aur_trace_find(text, "PERF_RECORD_LOST"))
        return false;
    line->value = number_after(text, "lost ");
    return true;
}

// A line of a call chain: `ffffffff810a2b3c schedule+0x2c ([kernel.kallsyms])`, `=> schedule`.
static bool is_chain(struct aur_trace_slice text)
{
    const char *at = text.at;
    while (at < text.end && (aur_trace_is_digit(*at) || (*at >= 'a' && *at <= 'f')))
        at++;
    return aur_trace_starts_with(text, "=> ") ||
           (at - text.at >= 4 && at < text.end && *at == ' ' && text.end[-1] == ')');
}

static bool is_remark(struct aur_trace_slice text)
{
    return text.at == text.end || *text.at == '#' || aur_trace_starts_with(text, "cpus=") ||
           aur_trace_starts_with(text, "version = ") ||
           (aur_trace_starts_with(text, "CPU ") && aur_trace_find(text, " is empty"));
}

static enum aur_trace_line_kind other_line(struct aur_trace_slice text, struct aur_trace_line *line)
{
    if (is_lost(text, line))
        return AUR_TRACE_LINE_LOST;
    return is_remark(text) || is_chain(text) ? AUR_TRACE_LINE_PASSED : AUR_TRACE_LINE_UNKNOWN;
}

enum aur_trace_line_kind aur_trace_parse_line(struct aur_trace_slice slice,
                                              struct aur_trace_line *line)
{
    struct aur_trace_slice text = aur_trace_trim(slice), stamp;
    *line = (struct aur_trace_line){
        .kind = AUR_TRACE_OTHER,
        .cpu = AUR_NO_CPU,
        .prio = AUR_TRACE_NO_PRIO,
        .other_prio = AUR_TRACE_NO_PRIO,
        .context_pid = AUR_TRACE_NO_PID,
        .pid = AUR_TRACE_NO_PID,
        .other_pid = AUR_TRACE_NO_PID,
    };
    if (text.at == text.end || *text.at == '#' || !find_stamp(text, &stamp))
        return other_line(text, line);
    struct aur_trace_slice head = {text.at, stamp.at}, rest = {stamp.end + 1, text.end};
    take_cpu(&head, line);
    if (!take_event(&rest, &line->kind))
        return other_line(text, line);
    if (!read_task(head, line) || !read_stamp(stamp, &line->at_ns))
        return line->kind == AUR_TRACE_OTHER ? AUR_TRACE_LINE_UNKNOWN : AUR_TRACE_LINE_BAD;
    if (line->kind == AUR_TRACE_OTHER || aur_trace_parse_fields(rest, line))
        return AUR_TRACE_LINE_EVENT;
    return AUR_TRACE_LINE_BAD;
}
