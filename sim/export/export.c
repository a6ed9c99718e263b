#include "export/export.h"

#include <errno.h>
#include <string.h>

bool aur_export_sound(struct aur_export_file *file)
{
    if (!ferror(file->out))
        return true;
    if (file->error == 0)
        file->error = errno != 0 ? errno : EIO;
    return false;
}

const char *aur_export_task_name(const struct aur_export_input *input,
                                 const struct aur_timeline_task *task, char *scratch)
{
    const char *name = NULL;
    if (input->name)
        name = input->name(input->name_context, task->task, task->life);
    if (name && *name)
        return name;
    snprintf(scratch, AUR_EXPORT_NAME, "task %u", task->task);
    return scratch;
}

bool aur_export_run(const struct aur_export_input *input, const struct aur_timeline_view *view,
                    struct aur_failure *failure)
{
    struct aur_timeline timeline;
    const struct aur_record *records = NULL;
    uint32_t count = 0;
    bool done = false;

    aur_timeline_init(&timeline, view);
    while (input->next(input->next_context, &records, &count, failure)) {
        if (count == 0) {
            done = aur_timeline_end(&timeline, input->end_ns);
            break;
        }
        if (!aur_timeline_read(&timeline, records, count, failure))
            break;
    }
    aur_timeline_free(&timeline);
    return done;
}

bool aur_export_end(struct aur_export_file *file, bool done, struct aur_failure *failure)
{
    bool sound = aur_export_sound(file);
    if (sound && fflush(file->out) != 0) {
        file->error = errno;
        sound = false;
    }
    if (!sound)
        return aur_fail(failure, file->path, 0,
                        "cannot write: %s; free some space or name "
                        "another file with -o",
                        strerror(file->error));
    return done;
}

unsigned aur_export_utf8(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    unsigned length = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (at[0] > 0xf4)
        return 0;
    for (unsigned i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    }
    // Overlong forms, surrogates, and what lies beyond U+10FFFF.
    if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] >= 0xa0) ||
        (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] >= 0x90))
        return 0;
    return length;
}
