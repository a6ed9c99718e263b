#include <yajl/yajl_tree.h>

#include "tests/export_logs.h"
#include "export/chrome.h"
#include "export/csv.h"
#include "export/perfetto.h"

static const char *name_of_life(void *context, uint32_t task, uint32_t life)
{
    static const char *const names[] = {"plain", "a \"b\", c\nd", "\xc3\xa9\xff\\\x01"};
    (void)context;
    (void)task;
    return life < LENGTH(names) ? names[life] : NULL;
}

struct pieces {
    uint32_t at, piece;
};

static bool next_piece(void *context, const struct aur_record **list, uint32_t *count,
                       struct aur_failure *why)
{
    struct pieces *p = context;
    (void)why;
    *list = records + p->at;
    *count = p->piece < record_count - p->at ? p->piece : record_count - p->at;
    p->at += *count;
    return true;
}

typedef bool exporter(const struct aur_export_input *, FILE *, const char *, struct aur_failure *);

// What the exporter writes of `records`; the caller frees it.
static char *export_with(exporter *export, size_t *size, uint64_t end_ns)
{
    char *text = NULL;
    struct pieces pieces = {0, 777};
    const struct aur_export_input input = {
        .next = next_piece, .next_context = &pieces, .name = name_of_life, .end_ns = end_ns};
    FILE *out = open_memstream(&text, size);
    ck_assert_ptr_nonnull(out);
    ck_assert_msg(export(&input, out, "trace", &failure), "%s", failure.text);
    fclose(out);
    return text;
}

START_TEST(csv_has_a_row_for_each_slice_with_names_quoted_as_rfc_4180_says)
{
    size_t size;
    add_short_log();
    char *text = export_with(aur_export_csv, &size, 8000);
    ck_assert_str_eq(text, "cpu,task,name,start_ns,end_ns,end_state,wait_ns\n"
                           "0,0,plain,150,1250,preempted,50\n"
                           "0,1,\"a \"\"b\"\", c\nd\",1250,2000,blocked,250\n"
                           "0,0,plain,2000,4000,exited,750\n"
                           "1,1,\"a \"\"b\"\", c\nd\",5007,8000,running,7\n");
    free(text);
}
END_TEST

static yajl_val member(yajl_val object, const char *key, yajl_type type)
{
    const char *path[] = {key, NULL};
    return yajl_tree_get(object, path, type);
}

START_TEST(chrome_json_is_valid_and_holds_every_slice_wait_and_arrow)
{
    char why[256];
    size_t size;
    struct aur_run_result result = simulate(4, 60000000);
    char *text = export_with(aur_export_chrome, &size, 0);
    yajl_val root = yajl_tree_parse(text, why, sizeof why);
    ck_assert_msg(root != NULL, "%s", why);
    yajl_val events = member(root, "traceEvents", yajl_t_array);
    ck_assert_ptr_nonnull(events);

    ck_assert(read_log(&told, records, record_count, 500, 0));
    uint32_t arrows = 0, begun = 0, ended = 0, on_cpus = 0, on_tasks = 0, wakes = 0, at = 0;
    for (uint32_t i = 0; i < told.slice_count; i++)
        arrows += told.slices[i].woken_ns != AUR_NEVER_NS && told.slices[i].waker.task != AUR_NONE;
    for (size_t i = 0; i < YAJL_GET_ARRAY(events)->len; i++) {
        yajl_val event = YAJL_GET_ARRAY(events)->values[i];
        const char *phase = YAJL_GET_STRING(member(event, "ph", yajl_t_string));
        long long process = YAJL_GET_INTEGER(member(event, "pid", yajl_t_number));
        begun += *phase == 's';
        ended += *phase == 'f';
        wakes += *phase == 'i';
        on_tasks += *phase == 'X' && process == 2;
        if (*phase == 'X' && process == 1) {
            // Its text is in nanoseconds once the point is left out.
            const struct aur_timeline_slice *slice = &told.slices[at++];
            const char *ts = YAJL_GET_NUMBER(member(event, "ts", yajl_t_number));
            char expected[40];
            snprintf(expected, sizeof expected, "%" PRIu64 ".%03" PRIu64, slice->start_ns / 1000,
                     slice->start_ns % 1000);
            ck_assert_str_eq(ts, expected);
            on_cpus++;
        }
    }
    ck_assert_uint_gt(arrows, 0);
    ck_assert_uint_eq(begun, arrows);
    ck_assert_uint_eq(ended, arrows);
    ck_assert_uint_eq(on_cpus, told.slice_count);
    ck_assert_uint_eq(on_tasks, told.slice_count + told.wait_count);
    ck_assert_uint_eq(wakes, told.wake_count);
    yajl_tree_free(root);
    free(text);
    aur_run_result_free(&result);
}
END_TEST

START_TEST(chrome_json_escapes_names_and_replaces_what_is_not_utf_8)
{
    size_t size;
    add_short_log();
    char *text = export_with(aur_export_chrome, &size, 0);
    ck_assert_ptr_nonnull(strstr(text, "\"a \\\"b\\\", c\\u000ad\""));
    ck_assert_ptr_nonnull(strstr(text, "\"\xc3\xa9\\ufffd\\\\\\u0001\""));
    yajl_val root = yajl_tree_parse(text, NULL, 0);
    ck_assert_ptr_nonnull(root);
    yajl_tree_free(root);
    free(text);
}
END_TEST

START_TEST(utf_8_is_what_rfc_3629_says)
{
    static const struct {
        const char *text;
        unsigned length;
    } cases[] = {{"a", 1},
                 {"\x7f", 1},
                 {"\xc2\x80", 2},
                 {"\xdf\xbf", 2},
                 {"\xe0\xa0\x80", 3},
                 {"\xed\x9f\xbf", 3},
                 {"\xf0\x90\x80\x80", 4},
                 {"\xf4\x8f\xbf\xbf", 4},
                 {"\x80", 0},
                 {"\xc0\x80", 0},
                 {"\xc1\xbf", 0},
                 {"\xe0\x9f\xbf", 0},
                 {"\xed\xa0\x80", 0},
                 {"\xf0\x8f\xbf\xbf", 0},
                 {"\xf4\x90\x80\x80", 0},
                 {"\xf5\x80\x80\x80", 0},
                 {"\xc3", 0},
                 {"\xe2\x82", 0},
                 {"\xc3z", 0}};
    for (size_t i = 0; i < LENGTH(cases); i++)
        ck_assert_uint_eq(aur_export_utf8(cases[i].text), cases[i].length);
}
END_TEST

// An independent reader of protocol buffers, as small as it can be.
struct span {
    const uint8_t *at, *end;
};

static uint64_t number_of(struct span *span)
{
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        ck_assert_uint_lt(shift, 70);
        ck_assert(span->at < span->end);
        value |= (uint64_t)(*span->at & 0x7f) << shift;
        if (*span->at++ < 0x80)
            return value;
    }
}

// The next field: its number, and its value or its bytes. 0 at the end.
static uint64_t field_of(struct span *span, uint64_t *value, struct span *bytes)
{
    if (span->at == span->end)
        return 0;
    uint64_t tag = number_of(span);
    *value = number_of(span);
    ck_assert((tag & 7) == 0 || (tag & 7) == 2);
    if ((tag & 7) == 2) {
        ck_assert_uint_le(*value, (uint64_t)(span->end - span->at));
        *bytes = (struct span){span->at, span->at + *value};
        span->at += *value;
    }
    return tag >> 3;
}

static uint64_t int_field(struct span span, uint64_t wanted)
{
    uint64_t field, value;
    struct span bytes;
    while ((field = field_of(&span, &value, &bytes)) != 0)
        if (field == wanted)
            return value;
    ck_abort_msg("field %" PRIu64 " is missing", wanted);
}

// What a reader of the trace knows of a CPU.
struct seen {
    uint64_t now_ns, start_ns, pid;
};

START_TEST(a_perfetto_trace_has_each_switch_once_in_order_and_balanced)
{
    size_t size;
    struct aur_run_result result = simulate(4, 60000000);
    char *text = export_with(aur_export_perfetto, &size, 0);
    ck_assert(read_log(&told, records, record_count, 500, 0));

    static struct aur_timeline_slice slices[MOST / 4];
    static uint8_t named[1024];
    struct seen seen[64] = {{0, 0, 0}};
    uint32_t slice_count = 0, switches = 0, wakings = 0, packets = 0;
    struct span trace = {(const uint8_t *)text, (const uint8_t *)text + size}, packet, inner, event;
    uint64_t field, value;
    while ((field = field_of(&trace, &value, &packet)) != 0) {
        ck_assert_uint_eq(field, 1);
        ck_assert_uint_eq(int_field(packet, 10), 1); // trusted_packet_sequence_id
        packets++;
        struct span fields = packet;
        while ((field = field_of(&fields, &value, &inner)) != 0) {
            if (field == 2) { // process_tree
                uint64_t number;
                struct span thread = {NULL, NULL};
                while ((number = field_of(&inner, &value, &thread)) != 0)
                    named[int_field(thread, 1)] |= (uint8_t)number;
            }
            if (field != 1) // ftrace_events
                continue;
            uint64_t cpu = int_field(inner, 1);
            struct seen *c = &seen[cpu];
            while ((field = field_of(&inner, &value, &event)) != 0) {
                if (field != 2)
                    continue;
                uint64_t now_ns = int_field(event, 1);
                ck_assert_uint_ge(now_ns, c->now_ns);
                c->now_ns = now_ns;
                struct span rest = event, detail;
                while ((field = field_of(&rest, &value, &detail)) != 0) {
                    if (field == 20) {
                        ck_assert_uint_eq(named[int_field(detail, 2)], 3);
                        wakings++;
                    }
                    if (field != 4)
                        continue;
                    ck_assert_uint_eq(int_field(detail, 2), c->pid);
                    if (c->pid != 0)
                        slices[slice_count++] =
                            (struct aur_timeline_slice){.cpu = (uint32_t)cpu,
                                                        .task.life = (uint32_t)c->pid - 1,
                                                        .start_ns = c->start_ns,
                                                        .end_ns = now_ns};
                    c->pid = int_field(detail, 6);
                    c->start_ns = now_ns;
                    ck_assert_uint_eq(named[c->pid], c->pid == 0 ? 0 : 3);
                    switches++;
                }
            }
        }
    }
    ck_assert_uint_ge(packets, told.birth_count + 4);
    ck_assert_uint_eq(switches, told.switch_count);
    ck_assert_uint_eq(wakings, told.wake_count);
    ck_assert_uint_eq(slice_count, told.slice_count);
    for (uint32_t cpu = 0; cpu < 4; cpu++) { // of each CPU the same slices in the same order
        uint32_t ours = 0;
        ck_assert_uint_eq(seen[cpu].pid, 0);
        for (uint32_t i = 0; i < slice_count; i++) {
            if (slices[i].cpu != cpu)
                continue;
            while (told.slices[ours].cpu != cpu)
                ours++;
            ck_assert_uint_eq(slices[i].task.life, told.slices[ours].task.life);
            ck_assert_uint_eq(slices[i].start_ns, told.slices[ours].start_ns);
            ck_assert_uint_eq(slices[i].end_ns, told.slices[ours++].end_ns);
        }
    }
    free(text);
    aur_run_result_free(&result);
}
END_TEST

static const struct {
    exporter *export;
    const char *name;
} exporters[] = {
    {aur_export_csv, "csv"}, {aur_export_chrome, "chrome"}, {aur_export_perfetto, "perfetto"}};

START_TEST(a_full_disk_is_one_line_with_the_path_and_the_mend)
{
    struct aur_run_result result = simulate(2, 50000000);
    for (size_t i = 0; i < LENGTH(exporters); i++) {
        for (uint32_t count = 0; count < 2; count++) { // fails at the last flush, or long before
            struct pieces pieces = {count ? 0 : record_count, 777};
            const struct aur_export_input input = {.next = next_piece, .next_context = &pieces};
            FILE *out = fopen("/dev/full", "w");
            if (!out)
                return; // only Linux has it
            if (!count && exporters[i].export == aur_export_perfetto)
                putc('x', out); // it writes nothing of its own for an empty log
            failure = (struct aur_failure){""};
            ck_assert(!exporters[i].export(&input, out, "out.trace", &failure));
            ck_assert_str_eq(failure.text, "out.trace: cannot write: No space left on device; free "
                                           "some space or name another file with -o");
            ck_assert_uint_le(pieces.at, record_count);
            fclose(out);
        }
    }
    aur_run_result_free(&result);
}
END_TEST

static bool next_fails(void *context, const struct aur_record **list, uint32_t *count,
                       struct aur_failure *why)
{
    (void)context;
    (void)list;
    (void)count;
    return aur_fail(why, "runs.db", 0, "the trace is damaged");
}

START_TEST(a_log_that_cannot_be_read_is_the_failure_of_every_exporter)
{
    for (size_t i = 0; i < LENGTH(exporters); i++) {
        const struct aur_export_input input = {.next = next_fails};
        FILE *out = tmpfile();
        failure = (struct aur_failure){""};
        ck_assert(!exporters[i].export(&input, out, "out", &failure));
        ck_assert_str_eq(failure.text, "runs.db: the trace is damaged");
        fclose(out);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        csv_has_a_row_for_each_slice_with_names_quoted_as_rfc_4180_says,
        chrome_json_is_valid_and_holds_every_slice_wait_and_arrow,
        chrome_json_escapes_names_and_replaces_what_is_not_utf_8,
        utf_8_is_what_rfc_3629_says,
        a_perfetto_trace_has_each_switch_once_in_order_and_balanced,
        a_full_disk_is_one_line_with_the_path_and_the_mend,
        a_log_that_cannot_be_read_is_the_failure_of_every_exporter,
    };
    choose_seed();
    return run_tests("export", tests, LENGTH(tests), start);
}
