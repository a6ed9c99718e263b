#include "workload/linux_trace.h"

#include <string.h>

#include "workload/linux_trace_events.h"
#include "workload/linux_trace_model.h"

// Lines that may stand before the first event: ftrace's head, or a warning of the tool.
#define DETECT_LINES 64

static bool out_of_memory(const char *file_name, struct aur_failure *failure)
{
    return aur_fail(failure, file_name, 0, "memory is out, use a shorter trace");
}

static bool refuse(const char *file_name, const struct aur_trace_report *report,
                   struct aur_failure *failure)
{
    uint32_t last = report->lines < UINT32_MAX ? (uint32_t)report->lines : UINT32_MAX;
    if (!last)
        return aur_fail(failure, file_name, 1,
                        "the trace is empty, give the text of `perf sched script` or "
                        "`trace-cmd report`");
    if (!report->events)
        return aur_fail(failure, file_name, last,
                        "no event in %u lines, give the text of `perf sched script` or "
                        "`trace-cmd report`",
                        last);
    if (!report->kinds[AUR_TRACE_SWITCH])
        return aur_fail(failure, file_name, last,
                        "no sched_switch in %u lines, record with `perf sched record` or "
                        "`trace-cmd record -e sched`",
                        last);
    if (!report->tasks)
        return aur_fail(failure, file_name, last,
                        "no task but the idle one in %u lines, record while something runs", last);
    return true;
}

static void count_wakes(const struct aur_trace_model *model, struct aur_trace_report *report)
{
    for (uint32_t i = 0; i < model->wake_count; i++) {
        const struct aur_trace_wake *wake = &model->wakes[i];
        if (!wake->ended)
            continue;
        report->blocks++;
        report->wakes_by_task += wake->verdict == AUR_TRACE_BY_TASK;
        report->wakes_by_idle += wake->verdict == AUR_TRACE_BY_IDLE;
        report->wakes_marked += wake->verdict == AUR_TRACE_BY_MARK;
        report->wakes_judged += wake->verdict == AUR_TRACE_BY_TIMER;
        report->wakes_unseen += wake->verdict == AUR_TRACE_BY_NOTHING;
    }
    report->wakes_by_time = report->blocks - report->wakes_by_task;
    for (uint32_t i = 0; i < model->task_count; i++) {
        report->forked += model->tasks[i].parent != AUR_NONE;
        report->run_ns += model->tasks[i].run_ns;
    }
    report->tasks = model->task_count;
    report->span_ns = model->end_ns - model->start_ns;
}

bool aur_linux_trace_load(struct aur_workload *workload, const char *file_name, const char *bytes,
                          size_t size, struct aur_trace_report *report, struct aur_failure *failure)
{
    struct aur_trace_events events;
    struct aur_trace_model model = {0};
    *report = (struct aur_trace_report){0};
    bool good = (aur_trace_read_events(&events, bytes, size, report) &&
                 aur_trace_model_make(&model, &events, report) && aur_trace_judge(&model)) ||
                out_of_memory(file_name, failure);
    if (good) {
        count_wakes(&model, report);
        good = refuse(file_name, report, failure) &&
               (aur_trace_build(&model, workload) || out_of_memory(file_name, failure));
    }
    aur_trace_model_free(&model);
    aur_trace_events_free(&events);
    return good;
}

bool aur_linux_trace_detect(const char *bytes, size_t size)
{
    const char *at = bytes, *end = bytes + size;
    for (int lines = 0; lines < DETECT_LINES && at < end; lines++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        struct aur_trace_slice text = {at, stop ? stop : end};
        struct aur_trace_line line;
        if (aur_trace_starts_with(text, "# tracer: ") || aur_trace_starts_with(text, "cpus=") ||
            aur_trace_parse_line(text, &line) == AUR_TRACE_LINE_EVENT)
            return true;
        at = stop ? stop + 1 : end;
    }
    return false;
}
