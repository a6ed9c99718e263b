// What every exporter takes and gives: a log to read, names for its tasks, a file to write.
#ifndef AURORA_SIM_EXPORT_EXPORT_H
#define AURORA_SIM_EXPORT_EXPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <aurora/event.h>

#include "engine/failure.h"
#include "export/timeline.h"

// Points *records at the next *count records of the log, in order; they stay there until the next
// call. *count 0: the log has ended. False with a failure: it cannot be read.
typedef bool aur_export_next(void *context, const struct aur_record **records, uint32_t *count,
                             struct aur_failure *failure);

// What the task in slot `task`, the life-th that the log made, is called; UTF-8. The text stays
// until the next call. NULL or "": it has no name, and the exporter calls it "task SLOT".
typedef const char *aur_export_name(void *context, uint32_t task, uint32_t life);

struct aur_export_input {
    aur_export_next *next;
    void *next_context;
    aur_export_name *name; // may be NULL: no task has a name
    void *name_context;
    uint64_t end_ns; // of the run; 0: the last record's
};

// The file being written. A write that fails is seen at the next question and stays known.
struct aur_export_file {
    FILE *out;
    const char *path; // for messages
    int error;        // errno of the first failure, 0: none
};

// False once a write has failed; views return it.
bool aur_export_sound(struct aur_export_file *file);

// The name to show; scratch, of AUR_EXPORT_NAME bytes, is for tasks without one.
#define AUR_EXPORT_NAME 32u
const char *aur_export_task_name(const struct aur_export_input *input,
                                 const struct aur_timeline_task *task, char *scratch);

// Reads the whole log into the view. False with a failure, or if the view stopped it.
bool aur_export_run(const struct aur_export_input *input, const struct aur_timeline_view *view,
                    struct aur_failure *failure);

// Flushes the file and turns a failed write into "PATH: cannot write ...". done: what
// aur_export_run said. Returns whether all is well; the file stays open.
bool aur_export_end(struct aur_export_file *file, bool done, struct aur_failure *failure);

// Measures one character: the bytes of the well-formed UTF-8 sequence at `text`, or 0 if the byte
// there begins none (RFC 3629).
unsigned aur_export_utf8(const char *text);

#endif
