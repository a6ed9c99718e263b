#include "export/csv.h"

#include <inttypes.h>
#include <string.h>

struct csv {
    const struct aur_export_input *input;
    struct aur_export_file file;
};

static void put_field(FILE *out, const char *text)
{
    if (!strpbrk(text, "\",\r\n")) {
        fputs(text, out);
        return;
    }
    putc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            putc('"', out);
        putc(*text, out);
    }
    putc('"', out);
}

static bool put_slice(void *context, const struct aur_timeline_slice *slice)
{
    struct csv *csv = context;
    FILE *out = csv->file.out;
    char scratch[AUR_EXPORT_NAME];
    fprintf(out, "%" PRIu32 ",%" PRIu32 ",", slice->cpu, slice->task.task);
    put_field(out, aur_export_task_name(csv->input, &slice->task, scratch));
    fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%s,%" PRIu64 "\n", slice->start_ns, slice->end_ns,
            aur_slice_end_text(slice->end), slice->wait_ns);
    return aur_export_sound(&csv->file);
}

bool aur_export_csv(const struct aur_export_input *input, FILE *out, const char *path,
                    struct aur_failure *failure)
{
    struct csv csv = {.input = input, .file = {.out = out, .path = path}};
    const struct aur_timeline_view view = {.context = &csv, .slice = put_slice};
    fputs("cpu,task,name,start_ns,end_ns,end_state,wait_ns\n", out);
    return aur_export_end(&csv.file, aur_export_run(input, &view, failure), failure);
}
