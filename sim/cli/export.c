// aurora export: a run's trace for other programs, its inputs, or all of it as a log.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/output.h"
#include "experiment/log_file.h"
#include "experiment/stored_log.h"
#include "experiment/workload_file.h"
#include "export/chrome.h"
#include "export/csv.h"
#include "export/perfetto.h"
#include "store/store.h"
#include "travel/log.h"

static const struct aur_option options[] = {
    AUR_OPTION_DB,
    {"format", 'f', "FORMAT", "perfetto, chrome, csv, log or inputs"},
    {"output", 'o', "FILE", "the file to write, - for standard output"},
    {NULL, 0, NULL, NULL},
};

// A run with everything that an exporter may ask of it.
struct exporting {
    struct aur_store *store;
    struct aur_stored_summary run;
    struct aur_stored_log log;
    struct aur_log_reader reader;
    const char *path;
    FILE *file;
    struct aur_failure *failure;
};

static bool out_of_memory(struct exporting *of)
{
    return aur_fail(of->failure, NULL, 0, "memory is out");
}

static bool next_records(void *context, const struct aur_record **records, uint32_t *count,
                         struct aur_failure *failure)
{
    struct exporting *of = context;
    return aur_log_reader_chunk(&of->reader, records, count, failure);
}

static const char *name_of(void *context, uint32_t task, uint32_t life)
{
    const struct exporting *of = context;
    (void)task;
    return aur_stored_log_name(&of->log, life);
}

typedef bool export_format(struct exporting *of);

static struct aur_export_input input_of(struct exporting *of)
{
    return (struct aur_export_input){next_records, of, name_of, of, of->run.end_ns};
}

static bool export_perfetto(struct exporting *of)
{
    struct aur_export_input input = input_of(of);
    return aur_export_perfetto(&input, of->file, of->path, of->failure);
}

static bool export_chrome(struct exporting *of)
{
    struct aur_export_input input = input_of(of);
    return aur_export_chrome(&input, of->file, of->path, of->failure);
}

static bool export_csv(struct exporting *of)
{
    struct aur_export_input input = input_of(of);
    return aur_export_csv(&input, of->file, of->path, of->failure);
}

static bool export_log(struct exporting *of)
{
    const struct aur_log_source *source = &of->log.source;
    const uint8_t *bytes;
    size_t size;
    aur_log_file_begin(of->file, of->run.digest, of->log.encoding, of->log.encoding_size);
    for (uint32_t seq = 0;; seq++) {
        if (!source->chunk(source->context, seq, &bytes, &size, of->failure))
            return false;
        if (!size)
            return true;
        fwrite(bytes, 1, size, of->file);
    }
}

static bool export_inputs(struct exporting *of)
{
    size_t size;
    uint8_t *bytes = aur_workload_file_encode(&of->log.inputs, &size);
    if (!bytes)
        return out_of_memory(of);
    fwrite(bytes, 1, size, of->file);
    free(bytes);
    return true;
}

static const struct {
    const char *name;
    export_format *write;
    bool needs_trace;
} formats[] = {
    {"perfetto", export_perfetto, true}, {"chrome", export_chrome, true},
    {"csv", export_csv, true},           {"log", export_log, true},
    {"inputs", export_inputs, false},
};
#define FORMATS (sizeof formats / sizeof formats[0])

static bool export_run(struct exporting *of, size_t format)
{
    bool good = formats[format].needs_trace
                    ? aur_stored_log_open(&of->log, of->store, &of->run, UINT64_MAX, of->failure)
                    : aur_stored_log_open_inputs(&of->log, of->store, &of->run, of->failure);
    if (!good)
        return false;
    if (!aur_log_reader_init(&of->reader, &of->log.source))
        return out_of_memory(of);
    of->file = aur_output_open(of->path, of->failure);
    if (!of->file)
        return false;
    good = formats[format].write(of);
    return aur_output_close(of->file, of->path, good, of->failure);
}

static void free_all(struct exporting *of)
{
    aur_log_reader_free(&of->reader);
    aur_stored_log_close(&of->log);
    aur_store_close(of->store);
}

static int run_export(const struct aur_arguments *arguments)
{
    const char *database = aur_arguments_database(arguments);
    const char *format = aur_arguments_value(arguments, "format");
    struct aur_failure failure = {{0}};
    struct exporting of = {.path = aur_arguments_value(arguments, "output"), .failure = &failure};
    size_t number = 0;

    while (format && number < FORMATS && strcmp(formats[number].name, format) != 0)
        number++;
    if (!format || number == FORMATS)
        return aur_command_refuse("export: give --format perfetto, chrome, csv, log or inputs");
    if (!of.path)
        return aur_command_refuse("export: name the file to write with -o FILE");
    bool good = aur_store_open(&of.store, database, AUR_STORE_READ, &failure) &&
                aur_stored_find(of.store, database, aur_arguments_operand(arguments, 0), &of.run,
                                &failure) &&
                export_run(&of, number);
    bool differs = of.log.differs;
    free_all(&of);
    if (good)
        return AUR_EXIT_GOOD;
    aur_command_fail(&failure);
    return differs ? AUR_EXIT_DIFFERENT : AUR_EXIT_BAD;
}

const struct aur_command aur_command_export = {
    "export",
    "RUN",
    "Writes a run's trace or inputs for other programs",
    "perfetto opens in ui.perfetto.dev, chrome (JSON) in many viewers, csv has a row for each "
    "stay\n"
    "on a CPU; log holds inputs, digest and trace for `aurora verify FILE`; inputs is a workload\n"
    "file for `aurora run`. A run stored without its trace is executed again to make it.",
    options,
    1,
    1,
    run_export,
};
