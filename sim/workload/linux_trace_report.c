#include "workload/linux_trace.h"

#include <stdarg.h>
#include <stdio.h>

struct out {
    char *text;
    size_t room, length;
};

__attribute__((format(printf, 2, 3))) static void say(struct out *out, const char *format, ...)
{
    size_t used = out->length < out->room ? out->length : out->room;
    va_list arguments;
    va_start(arguments, format);
    int length =
        vsnprintf(out->room ? out->text + used : NULL, out->room - used, format, arguments);
    va_end(arguments);
    out->length += length > 0 ? (size_t)length : 0;
}

static void say_problem(struct out *out, enum aur_trace_problem problem,
                        const struct aur_trace_report *report)
{
    static const char *const texts[] = {
#define X(name, text) text,
        AUR_TRACE_PROBLEM_TABLE(X)
#undef X
    };
    const struct aur_trace_count *count = &report->problems[problem];
    if (!count->count)
        return;
    say(out, "%llu %s", (unsigned long long)count->count, texts[problem]);
    if (problem == AUR_TRACE_LOST && report->lost_events)
        say(out, " (%llu events)", (unsigned long long)report->lost_events);
    if (count->first_line)
        say(out, "; line %u%s", count->first_line, count->count > 1 ? " first" : "");
    say(out, "\n");
}

size_t aur_trace_report_text(const struct aur_trace_report *report, char *text, size_t room)
{
    struct out out = {.text = text, .room = room};
    say(&out, "%llu lines, %llu events, %u tasks (%u forked), %llu.%06llu s\n",
        (unsigned long long)report->lines, (unsigned long long)report->events, report->tasks,
        report->forked, (unsigned long long)(report->span_ns / 1000000000),
        (unsigned long long)(report->span_ns / 1000 % 1000000));
    say(&out,
        "%llu wakes by a task, %llu by time (%llu while idle, %llu marked as interrupts, "
        "%llu judged interrupts, %llu not in the text)\n",
        (unsigned long long)report->wakes_by_task, (unsigned long long)report->wakes_by_time,
        (unsigned long long)report->wakes_by_idle, (unsigned long long)report->wakes_marked,
        (unsigned long long)report->wakes_judged, (unsigned long long)report->wakes_unseen);
    for (unsigned problem = 0; problem < AUR_TRACE_PROBLEM_COUNT; problem++)
        say_problem(&out, problem, report);
    return out.length;
}
