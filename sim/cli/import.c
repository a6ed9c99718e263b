// aurora import: recordings and rt-app files become Aurora's own workload files.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/output.h"
#include "experiment/workload_file.h"
#include "workload/document.h"
#include "workload/file.h"
#include "workload/linux_trace.h"
#include "workload/rtapp.h"

#define REPORT_BYTES 8192u

static const struct aur_option options[] = {
    {"output", 'o', "WORKLOAD", "the file to write, which `aurora run` takes"},
    {NULL, 0, NULL, NULL},
};

static bool import_trace(struct aur_workload *workload, const char *path, const char *bytes,
                         size_t size, bool truncated, struct aur_failure *failure)
{
    struct aur_trace_report report;
    char text[REPORT_BYTES];

    memset(&report, 0, sizeof report);
    if (!aur_linux_trace_load(workload, path, bytes, size, &report, failure))
        return false;
    if (truncated)
        report.problems[AUR_TRACE_CUT_FILE] = (struct aur_trace_count){1, (uint32_t)report.lines};
    aur_trace_report_text(&report, text, sizeof text);
    fputs(text, stdout);
    return true;
}

static bool import_rtapp(struct aur_workload *workload, const char *path, const char *bytes,
                         size_t size, struct aur_failure *failure)
{
    struct aur_document document;
    aur_document_init(&document, path);
    bool good = aur_document_read_json(&document, bytes, size, failure) &&
                aur_rtapp_load(workload, &document, failure);
    aur_document_free(&document);
    return good;
}

static void print_size(const struct aur_workload *workload)
{
    uint64_t instances = 0;
    for (uint32_t i = 0; i < workload->spec_count; i++)
        instances += workload->specs[i].instances;
    printf("%u task specifications (%llu tasks start with a run), %u operations, %u objects\n",
           workload->spec_count, (unsigned long long)instances, workload->op_count,
           workload->object_count);
}

static bool write_workload(const struct aur_inputs *inputs, const char *path,
                           struct aur_failure *failure)
{
    size_t size;
    uint8_t *bytes = aur_workload_file_encode(inputs, &size);
    if (!bytes)
        return aur_fail(failure, NULL, 0, "memory is out");
    bool good = aur_output_write(path, bytes, size, failure);
    free(bytes);
    return good;
}

static int import(const struct aur_arguments *arguments)
{
    const char *kind = aur_arguments_operand(arguments, 0);
    const char *path = aur_arguments_operand(arguments, 1);
    const char *to = aur_arguments_value(arguments, "output");
    struct aur_failure failure = {{0}};
    struct aur_inputs inputs;
    bool truncated, good, trace = strcmp(kind, "perf") == 0;
    char *bytes;
    size_t size;

    if (!trace && strcmp(kind, "rt-app") != 0)
        return aur_command_refuse("import: \"%s\" is not known, write perf or rt-app", kind);
    if (!to)
        return aur_command_refuse("import: name the workload file to write with -o WORKLOAD");
    if (!aur_file_read(path, &bytes, &size, &truncated, &failure))
        return aur_command_fail(&failure);
    aur_inputs_init(&inputs);
    good = trace ? import_trace(&inputs.workload, path, bytes, size, truncated, &failure)
                 : import_rtapp(&inputs.workload, path, bytes, size, &failure);
    free(bytes);
    if (good) {
        print_size(&inputs.workload);
        good = write_workload(&inputs, to, &failure);
    }
    aur_inputs_free(&inputs);
    return good ? AUR_EXIT_GOOD : aur_command_fail(&failure);
}

const struct aur_command aur_command_import = {
    "import",
    "perf|rt-app FILE",
    "Turns a recording or an rt-app file into a workload file",
    "perf reads the text of `perf sched script` or `trace-cmd report` (gzip too) and reports what\n"
    "was found, lost or inferred, with line numbers; a file that is cut off is taken as far as it\n"
    "goes. The workload file holds the tasks as they will be executed.",
    options,
    2,
    2,
    import,
};
