#include "export/chrome.h"

#include <inttypes.h>

// "Trace Event Format", Duffy et al., the document that chrome://tracing refers to: complete
// events (X), instants (i), flow events (s, f) and metadata (M).
enum process {
    CPUS = 1, // its threads are CPUs
    TASKS = 2 // its threads are lives of tasks
};

struct chrome {
    const struct aur_export_input *input;
    struct aur_export_file file;
    uint64_t cpus_named; // mask
    uint64_t arrows;
    bool begun; // an event is there, and the next needs a comma
};

static void put_string(FILE *out, const char *text)
{
    putc('"', out);
    while (*text) {
        unsigned length = aur_export_utf8(text);
        if (length == 0) {
            fputs("\\ufffd", out);
            length = 1;
        } else if (*text == '"' || *text == '\\') {
            fprintf(out, "\\%c", *text);
        } else if ((unsigned char)*text < 0x20) {
            fprintf(out, "\\u%04x", (unsigned)*text);
        } else {
            fwrite(text, 1, length, out);
        }
        text += length;
    }
    putc('"', out);
}

static void put_us(FILE *out, const char *key, uint64_t time_ns)
{
    fprintf(out, ",\"%s\":%" PRIu64 ".%03" PRIu64, key, time_ns / 1000, time_ns % 1000);
}

// Opens an event; the caller adds members, each with a comma before it, and the closing brace.
static void open_event(struct chrome *chrome, const char *phase, enum process process,
                       uint32_t thread)
{
    fprintf(chrome->file.out, "%s\n{\"ph\":\"%s\",\"pid\":%d,\"tid\":%" PRIu32,
            chrome->begun ? "," : "", phase, (int)process, thread);
    chrome->begun = true;
}

static void put_metadata(struct chrome *chrome, enum process process, uint32_t thread,
                         const char *what, const char *name)
{
    open_event(chrome, "M", process, thread);
    fprintf(chrome->file.out, ",\"name\":\"%s\",\"args\":{\"name\":", what);
    put_string(chrome->file.out, name);
    fputs("}}", chrome->file.out);
}

static void put_order(struct chrome *chrome, enum process process, uint32_t thread)
{
    open_event(chrome, "M", process, thread);
    fprintf(chrome->file.out,
            ",\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":%" PRIu32 "}}", thread);
}

static bool put_birth(void *context, uint64_t now_ns, const struct aur_timeline_task *task)
{
    struct chrome *chrome = context;
    char scratch[AUR_EXPORT_NAME];
    (void)now_ns;
    put_metadata(chrome, TASKS, task->life, "thread_name",
                 aur_export_task_name(chrome->input, task, scratch));
    put_order(chrome, TASKS, task->life);
    return aur_export_sound(&chrome->file);
}

static void name_cpu(struct chrome *chrome, uint32_t cpu)
{
    char name[16];
    if (chrome->cpus_named >> cpu & 1)
        return;
    chrome->cpus_named |= 1ull << cpu;
    snprintf(name, sizeof name, "CPU %" PRIu32, cpu);
    put_metadata(chrome, CPUS, cpu, "thread_name", name);
    put_order(chrome, CPUS, cpu);
}

static void put_arrow_end(struct chrome *chrome, const char *phase, uint32_t cpu, uint64_t at_ns)
{
    open_event(chrome, phase, CPUS, cpu);
    fprintf(chrome->file.out, ",\"cat\":\"wake\",\"name\":\"wake\",\"id\":%" PRIu64,
            chrome->arrows);
    put_us(chrome->file.out, "ts", at_ns);
    fputs(*phase == 'f' ? ",\"bp\":\"e\"}" : "}", chrome->file.out);
}

static bool put_slice(void *context, const struct aur_timeline_slice *slice)
{
    struct chrome *chrome = context;
    FILE *out = chrome->file.out;
    char scratch[AUR_EXPORT_NAME];
    name_cpu(chrome, slice->cpu);
    open_event(chrome, "X", CPUS, slice->cpu);
    fputs(",\"cat\":\"cpu\",\"name\":", out);
    put_string(out, aur_export_task_name(chrome->input, &slice->task, scratch));
    put_us(out, "ts", slice->start_ns);
    put_us(out, "dur", slice->end_ns - slice->start_ns);
    fprintf(out, ",\"args\":{\"task\":%" PRIu32 ",\"end\":\"%s\",\"wait_ns\":%" PRIu64 "}}",
            slice->task.task, aur_slice_end_text(slice->end), slice->wait_ns);

    open_event(chrome, "X", TASKS, slice->task.life);
    fputs(",\"cat\":\"task\",\"name\":\"running\"", out);
    put_us(out, "ts", slice->start_ns);
    put_us(out, "dur", slice->end_ns - slice->start_ns);
    fprintf(out, ",\"args\":{\"cpu\":%" PRIu32 ",\"end\":\"%s\"}}", slice->cpu,
            aur_slice_end_text(slice->end));

    if (slice->woken_ns != AUR_NEVER_NS && slice->waker.task != AUR_NONE) {
        chrome->arrows++;
        put_arrow_end(chrome, "s", slice->waker_cpu, slice->woken_ns);
        put_arrow_end(chrome, "f", slice->cpu, slice->start_ns);
    }
    return aur_export_sound(&chrome->file);
}

static bool put_wait(void *context, const struct aur_timeline_wait *wait)
{
    struct chrome *chrome = context;
    FILE *out = chrome->file.out;
    open_event(chrome, "X", TASKS, wait->task.life);
    fputs(",\"cat\":\"task\",\"name\":\"runnable\"", out);
    put_us(out, "ts", wait->start_ns);
    put_us(out, "dur", wait->end_ns - wait->start_ns);
    fprintf(out, ",\"args\":{\"cpu\":%" PRIu32 "}}", wait->cpu);
    return aur_export_sound(&chrome->file);
}

static bool put_wake(void *context, const struct aur_timeline_wake *wake)
{
    static const char *const reasons[] = {
        [AUR_WOKE_EVENT] = "event", [AUR_WOKE_TIMEOUT] = "time-out", [AUR_WOKE_START] = "start"};
    struct chrome *chrome = context;
    FILE *out = chrome->file.out;
    open_event(chrome, "i", TASKS, wake->task.life);
    fputs(",\"s\":\"t\",\"cat\":\"wake\",\"name\":\"woken\"", out);
    put_us(out, "ts", wake->now_ns);
    fprintf(out, ",\"args\":{\"by_cpu\":%" PRIu32 ",\"reason\":\"%s\"", wake->waker_cpu,
            wake->reason < sizeof reasons / sizeof *reasons ? reasons[wake->reason] : "unknown");
    if (wake->waker.task != AUR_NONE) {
        char scratch[AUR_EXPORT_NAME];
        fputs(",\"by\":", out);
        put_string(out, aur_export_task_name(chrome->input, &wake->waker, scratch));
    }
    fputs("}}", out);
    return aur_export_sound(&chrome->file);
}

bool aur_export_chrome(const struct aur_export_input *input, FILE *out, const char *path,
                       struct aur_failure *failure)
{
    struct chrome chrome = {.input = input, .file = {.out = out, .path = path}};
    const struct aur_timeline_view view = {.context = &chrome,
                                           .born = put_birth,
                                           .woken = put_wake,
                                           .slice = put_slice,
                                           .wait = put_wait};
    fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", out);
    put_metadata(&chrome, CPUS, 0, "process_name", "CPUs");
    put_metadata(&chrome, TASKS, 0, "process_name", "Tasks");
    bool done = aur_export_run(input, &view, failure);
    fputs("\n]}\n", out);
    return aur_export_end(&chrome.file, done, failure);
}
