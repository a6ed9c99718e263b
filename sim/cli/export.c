// aurora export: a run's trace for other programs, its inputs, or all of it as a log.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/output.h"
#include "experiment/execute.h"
#include "experiment/log_file.h"
#include "experiment/stored.h"
#include "experiment/workload_file.h"
#include "export/chrome.h"
#include "export/csv.h"
#include "export/perfetto.h"
#include "store/store.h"

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
    struct aur_inputs inputs;
    uint8_t *encoding;
    size_t encoding_size;
    struct aur_trace_reader trace;
    char **names; // of tasks, in the order in which the log makes them
    uint32_t name_count, name_room;
    const char *path;
    FILE *file;
    bool differs; // executed again, it gave another digest
    struct aur_failure *failure;
};

static bool out_of_memory(struct exporting *of)
{
    return aur_fail(of->failure, NULL, 0, "memory is out");
}

// Numbers that the store skips stay without a name.
static bool add_name(struct exporting *of, uint32_t number, const char *name)
{
    while (of->name_room <= number) {
        uint32_t room = of->name_room ? of->name_room * 2 : 64;
        char **grown = realloc(of->names, room * sizeof *grown);
        if (!grown)
            return out_of_memory(of);
        memset(grown + of->name_room, 0, (room - of->name_room) * sizeof *grown);
        of->names = grown;
        of->name_room = room;
    }
    of->names[number] = malloc(strlen(name) + 1);
    if (!of->names[number])
        return out_of_memory(of);
    memcpy(of->names[number], name, strlen(name) + 1);
    if (number >= of->name_count)
        of->name_count = number + 1;
    return true;
}

static bool take_stored_name(void *context, uint32_t task, const char *name)
{
    return task > AUR_TASKS_MAX || add_name(context, task, name);
}

static void take_name(void *context, uint32_t task, uint32_t spec, uint32_t instance,
                      uint64_t now_ns)
{
    struct exporting *of = context;
    char name[160];
    (void)task;
    (void)now_ns;
    add_name(of, of->name_count,
             aur_instance_name(&of->inputs.workload, spec, instance, name, sizeof name));
}

static bool take_stored_chunk(void *context, uint64_t first_ns, uint64_t last_ns, uint32_t records,
                              const uint8_t *bytes, size_t size)
{
    struct exporting *of = context;
    (void)first_ns;
    (void)last_ns;
    (void)records;
    return aur_trace_reader_add(&of->trace, bytes, size) || out_of_memory(of);
}

static bool take_chunk(void *context, const struct aur_trace_chunk *chunk, const uint8_t *bytes)
{
    struct exporting *of = context;
    return aur_trace_reader_add(&of->trace, bytes, chunk->bytes) || out_of_memory(of);
}

// The inputs are stored, so the trace can be made anew; the digest proves that it is the one.
static bool execute_again(struct exporting *of)
{
    struct aur_execution execution = {.inputs = &of->inputs,
                                      .chunk = take_chunk,
                                      .chunk_context = of,
                                      .made = take_name,
                                      .made_context = of};
    if (!aur_execution_run(&execution, of->failure))
        return false;
    if (execution.digest == of->run.digest)
        return true;
    of->differs = true;
    return aur_fail(of->failure, NULL, 0,
                    "run %lld is stored with digest %016llx, but executed again for its trace it "
                    "gives %016llx: see `aurora verify %lld`",
                    (long long)of->run.id, (unsigned long long)of->run.digest,
                    (unsigned long long)execution.digest, (long long)of->run.id);
}

static bool load_inputs(struct exporting *of)
{
    if (strcmp(of->run.host, "sim") != 0 && !of->run.trace_chunks)
        return aur_fail(of->failure, NULL, 0,
                        "run %lld of host %s has no trace and cannot be executed again here",
                        (long long)of->run.id, of->run.host);
    if (!aur_store_inputs(of->store, of->run.id, &of->encoding, &of->encoding_size, of->failure))
        return false;
    return aur_inputs_decode(&of->inputs, of->encoding, of->encoding_size, of->failure);
}

static bool load_trace(struct exporting *of)
{
    bool good;
    if (of->run.trace_chunks)
        good =
            aur_store_select_trace(of->store, of->run.id, take_stored_chunk, of, of->failure) &&
            aur_store_select_task_names(of->store, of->run.id, take_stored_name, of, of->failure);
    else
        good = execute_again(of);
    return good && !of->failure->text[0];
}

static bool next_records(void *context, const struct aur_record **records, uint32_t *count,
                         struct aur_failure *failure)
{
    struct exporting *of = context;
    return aur_trace_reader_block(&of->trace, records, count, failure);
}

static const char *name_of(void *context, uint32_t task, uint32_t life)
{
    const struct exporting *of = context;
    (void)task;
    return life < of->name_count ? of->names[life] : NULL;
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
    aur_log_file_begin(of->file, of->run.digest, of->encoding, of->encoding_size);
    fwrite(of->trace.bytes, 1, of->trace.size, of->file);
    return true;
}

static bool export_inputs(struct exporting *of)
{
    size_t size;
    uint8_t *bytes = aur_workload_file_encode(&of->inputs, &size);
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
    if (!load_inputs(of) || (formats[format].needs_trace && !load_trace(of)))
        return false;
    of->file = aur_output_open(of->path, of->failure);
    if (!of->file)
        return false;
    bool good = formats[format].write(of);
    return aur_output_close(of->file, of->path, good, of->failure);
}

static void free_all(struct exporting *of)
{
    for (uint32_t i = 0; i < of->name_count; i++)
        free(of->names[i]);
    free(of->names);
    free(of->encoding);
    aur_inputs_free(&of->inputs);
    aur_trace_reader_free(&of->trace);
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
    aur_inputs_init(&of.inputs);
    bool good = aur_trace_reader_init(&of.trace) || out_of_memory(&of);
    good = good && aur_store_open(&of.store, database, AUR_STORE_READ, &failure) &&
           aur_stored_find(of.store, database, aur_arguments_operand(arguments, 0), &of.run,
                           &failure) &&
           export_run(&of, number);
    free_all(&of);
    if (good)
        return AUR_EXIT_GOOD;
    aur_command_fail(&failure);
    return of.differs ? AUR_EXIT_DIFFERENT : AUR_EXIT_BAD;
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
