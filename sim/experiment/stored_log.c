#include "experiment/stored_log.h"

#include <stdlib.h>
#include <string.h>

#include "experiment/execute.h"

static bool out_of_memory(struct aur_failure *failure)
{
    return aur_fail(failure, NULL, 0, "memory is out");
}

// Numbers that the store skips stay without a name.
static bool add_name(struct aur_stored_log *log, uint32_t number, const char *name)
{
    while (log->name_room <= number) {
        uint32_t room = log->name_room ? log->name_room * 2 : 64;
        char **grown = realloc(log->names, room * sizeof *grown);
        if (!grown)
            return false;
        memset(grown + log->name_room, 0, (room - log->name_room) * sizeof *grown);
        log->names = grown;
        log->name_room = room;
    }
    free(log->names[number]);
    log->names[number] = malloc(strlen(name) + 1);
    if (!log->names[number])
        return false;
    memcpy(log->names[number], name, strlen(name) + 1);
    if (number >= log->name_count)
        log->name_count = number + 1;
    return true;
}

static bool take_stored_name(void *context, uint32_t task, const char *name)
{
    struct aur_stored_log *log = context;
    log->lost |= task <= AUR_TASKS_MAX && !add_name(log, task, name);
    return !log->lost;
}

static void take_name(void *context, uint32_t task, uint32_t spec, uint32_t instance,
                      uint64_t now_ns)
{
    struct aur_stored_log *log = context;
    char name[160];
    (void)task;
    (void)now_ns;
    log->lost |=
        !add_name(log, log->name_count,
                  aur_instance_name(&log->inputs.workload, spec, instance, name, sizeof name));
}

// The inputs are stored, so the trace can be made anew; the digest proves that it is the one.
static bool execute_again(struct aur_stored_log *log, uint64_t until_ns,
                          struct aur_failure *failure)
{
    struct aur_execution execution = {
        .inputs = &log->inputs, .made = take_name, .made_context = log};
    aur_kept_log_init(&log->kept, until_ns);
    aur_kept_log_attach(&log->kept, &execution);
    log->source = aur_kept_log_source(&log->kept);
    if (!aur_execution_run(&execution, failure))
        return false;
    if (execution.digest == log->run.digest)
        return true;
    log->differs = true;
    return aur_fail(failure, NULL, 0,
                    "run %lld is stored with digest %016llx, but executed again for its trace it "
                    "gives %016llx: see `aurora verify %lld`",
                    (long long)log->run.id, (unsigned long long)log->run.digest,
                    (unsigned long long)execution.digest, (long long)log->run.id);
}

static bool find_snapshot(void *context, uint64_t least, uint64_t most, uint64_t now_ns,
                          struct aur_snapshot *snapshot, struct aur_failure *failure)
{
    struct aur_stored_log *log = context;
    struct aur_stored_snapshot stored;
    *snapshot = (struct aur_snapshot){0};
    if (!aur_store_snapshot(log->store, log->run.id, least, most, now_ns, &stored, failure))
        return false;
    if (!stored.data)
        return true;
    free(log->plain);
    *snapshot = (struct aur_snapshot){.seq = stored.seq,
                                      .records = stored.records,
                                      .events = stored.events,
                                      .now_ns = stored.now_ns,
                                      .state_bytes = stored.bytes,
                                      .data = stored.data,
                                      .size = stored.size};
    bool good = aur_snapshot_inflate(snapshot, &log->plain, failure);
    free(stored.data);
    return good;
}

static bool find_chunk(void *context, uint32_t seq, const uint8_t **bytes, size_t *size,
                       struct aur_failure *failure)
{
    struct aur_stored_log *log = context;
    free(log->chunk);
    bool good = aur_store_chunk(log->store, log->run.id, seq, &log->chunk, size, failure);
    *bytes = log->chunk;
    return good;
}

bool aur_stored_log_open_inputs(struct aur_stored_log *log, struct aur_store *store,
                                const struct aur_stored_summary *run, struct aur_failure *failure)
{
    memset(log, 0, sizeof *log);
    aur_inputs_init(&log->inputs);
    log->store = store;
    log->run = *run;
    log->source = (struct aur_log_source){find_snapshot, find_chunk, log};
    return aur_store_inputs(store, run->id, &log->encoding, &log->encoding_size, failure) &&
           aur_inputs_decode(&log->inputs, log->encoding, log->encoding_size, failure);
}

bool aur_stored_log_open(struct aur_stored_log *log, struct aur_store *store,
                         const struct aur_stored_summary *run, uint64_t until_ns,
                         struct aur_failure *failure)
{
    if (!aur_stored_log_open_inputs(log, store, run, failure))
        return false;
    if (strcmp(run->host, "sim") != 0 && !run->trace_chunks)
        return aur_fail(failure, NULL, 0,
                        "run %lld of host %s has no trace and cannot be executed again here",
                        (long long)run->id, run->host);
    bool good = run->trace_chunks
                    ? aur_store_select_task_names(store, run->id, take_stored_name, log, failure)
                    : execute_again(log, until_ns, failure);
    return good && (!log->lost || out_of_memory(failure));
}

void aur_stored_log_close(struct aur_stored_log *log)
{
    for (uint32_t i = 0; i < log->name_count; i++)
        free(log->names[i]);
    free(log->names);
    free(log->encoding);
    free(log->chunk);
    free(log->plain);
    aur_inputs_free(&log->inputs);
    aur_kept_log_free(&log->kept);
    memset(log, 0, sizeof *log);
}

const char *aur_stored_log_name(const struct aur_stored_log *log, uint32_t task)
{
    return task < log->name_count ? log->names[task] : NULL;
}
