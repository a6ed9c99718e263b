#include "experiment/worker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#    include <sys/prctl.h>
#endif

#include <aurora/ext.h>

#include "experiment/execute.h"
#include "experiment/label.h"
#include "experiment/record_store.h"
#include "experiment/stored.h"
#include "store/store.h"

// One run on its way.
struct job {
    const struct aur_worker *worker;
    struct aur_store *store;
    struct aur_run_slot *slot;
    uint32_t run;
    struct aur_inputs inputs;
    uint8_t *encoding;
    size_t encoding_size;
    uint64_t inputs_digest;
    bool stored;     // the database has it, as run_id with stored_digest
    bool adds_trace; // but not the trace that is asked for
    uint64_t stored_digest;
};

static void end(struct job *job, enum aur_run_state state, const char *text)
{
    snprintf(job->slot->text, sizeof job->slot->text, "%s", text);
    atomic_store(&job->slot->state, state);
}

static bool progress(void *context, uint64_t now_ns, uint64_t end_ns, uint64_t events)
{
    struct job *job = context;
    atomic_store(&job->slot->now_ns, now_ns);
    atomic_store(&job->slot->end_ns, end_ns);
    atomic_store(&job->slot->events, events);
    return true;
}

// What the writer refuses in these functions, its commit reports.
static bool keep_chunk(void *writer, const struct aur_trace_chunk *chunk, const uint8_t *bytes)
{
    aur_run_trace_chunk(writer, chunk->first_ns, chunk->last_ns, chunk->records, bytes,
                        chunk->bytes);
    return true;
}

static bool keep_snapshot(void *writer, const struct aur_snapshot *snapshot)
{
    aur_run_snapshot(writer, snapshot->records, snapshot->events, snapshot->now_ns,
                     snapshot->state_bytes, snapshot->data, snapshot->size);
    return true;
}

// Tasks are named in the order in which the log makes them, for their slots are used again.
struct naming {
    struct aur_run_writer *writer;
    const struct aur_workload *workload;
    uint32_t count;
};

static void keep_name(void *context, uint32_t task, uint32_t spec, uint32_t instance,
                      uint64_t now_ns)
{
    struct naming *naming = context;
    char name[160];
    (void)task;
    (void)now_ns;
    aur_run_task_name(naming->writer, naming->count++,
                      aur_instance_name(naming->workload, spec, instance, name, sizeof name));
}

// Of several --set of one path the last holds.
static bool is_given_again(const struct aur_experiment *experiment, uint32_t number)
{
    for (uint32_t i = number + 1; i < experiment->override_count; i++)
        if (strcmp(experiment->overrides[i].path, experiment->overrides[number].path) == 0)
            return true;
    return false;
}

static bool add_params(struct job *job, struct aur_run_writer *writer)
{
    const struct aur_experiment *experiment = job->worker->experiment;
    uint32_t point = aur_experiment_point(experiment, job->run);
    char text[128];

    for (uint32_t i = 0; i < experiment->override_count; i++) {
        const struct aur_override *over = &experiment->overrides[i];
        struct aur_value value = aur_override_value(over);
        if (!over->axis && !is_given_again(experiment, i) &&
            !aur_run_param(writer, over->path, aur_value_label(&value, text, sizeof text)))
            return false;
    }
    for (uint32_t axis = 0; axis < experiment->axis_count; axis++)
        if (!aur_run_param(
                writer, experiment->axes[axis].path,
                experiment->axes[axis].labels[aur_experiment_choice(experiment, point, axis)]))
            return false;
    snprintf(text, sizeof text, "%u", job->inputs.replication);
    return aur_run_param(writer, "replication", text);
}

static bool begin(struct job *job, struct aur_run_writer **writer, struct aur_failure *failure)
{
    struct aur_experiment *experiment = job->worker->experiment;
    char label[512], workload[128];
    struct aur_run_identity identity = {
        .experiment_id = job->worker->experiment_id,
        .wanted_id = job->worker->first_id + job->run,
        .inputs_digest = job->inputs_digest,
        .label = aur_experiment_label(experiment, job->run, label, sizeof label),
        .host = "sim",
        .scheduler = job->inputs.scheduler.name,
        .workload = aur_experiment_workload_name(
            experiment, aur_experiment_point(experiment, job->run), workload, sizeof workload),
        .seed = job->inputs.seed,
        .replication = job->inputs.replication,
        .inputs = job->encoding,
        .inputs_size = job->encoding_size};
    if (!aur_run_begin(job->store, &identity, writer, failure))
        return false;
    add_params(job, *writer); // what is refused here, the commit reports
    return true;
}

static bool commit(struct job *job, struct aur_run_writer *writer,
                   const struct aur_execution *execution, struct aur_failure *failure)
{
    if (!job->stored)
        return aur_run_commit(writer, execution->digest, execution->events, execution->end_ns,
                              execution->wall_seconds, &job->slot->run_id, failure);
    int64_t run_id = job->slot->run_id;
    if (!aur_run_commit_trace(writer, &run_id, failure))
        return false;
    if (!run_id)
        return aur_fail(failure, NULL, 0, "run %lld was deleted meanwhile, run again",
                        (long long)job->slot->run_id);
    job->slot->trace_added = true;
    return true;
}

// What the user should know of a run that went well.
static const char *remark(const struct aur_execution *execution, char *text, size_t room)
{
    const struct aur_ejection *ejected = &execution->ejected;
    text[0] = '\0';
    if (ejected->reason == AUR_EXT_END_NONE)
        return text;
    int used = snprintf(text, room, "the agent was ejected at %llu ns: %s",
                        (unsigned long long)ejected->at_ns, aur_ext_reason_text(ejected->reason));
    bool faulted = ejected->reason == AUR_EXT_END_FAULT || ejected->reason == AUR_EXT_END_FUEL;
    if (used > 0 && (size_t)used < room && faulted)
        snprintf(text + used, room - (size_t)used, " (%s, instruction %u)",
                 aur_ext_op_name((uint32_t)(ejected->detail >> 32)), (uint32_t)ejected->detail);
    return text;
}

static void execute(struct job *job)
{
    struct aur_failure failure = {{0}};
    struct aur_run_writer *writer = NULL;
    struct aur_execution execution = {
        .inputs = &job->inputs, .progress = progress, .progress_context = job};

    if ((!job->stored || job->adds_trace) && !begin(job, &writer, &failure)) {
        end(job, AUR_RUN_UNSTORED, failure.text);
        return;
    }
    struct aur_record_sink record = aur_record_into(writer);
    struct naming naming = {writer, &job->inputs.workload, 0};
    if (!job->stored)
        execution.record = &record;
    if (writer && job->worker->trace) {
        execution.chunk = keep_chunk;
        execution.chunk_context = writer;
        execution.snapshot = keep_snapshot;
        execution.snapshot_context = writer;
        execution.snapshot_every = job->worker->snapshot_every;
        execution.made = keep_name;
        execution.made_context = &naming;
    }
    if (!aur_execution_run(&execution, &failure)) {
        if (writer)
            aur_run_drop(writer);
        end(job, AUR_RUN_REFUSED, failure.text);
        return;
    }
    atomic_store(&job->slot->events, execution.events);
    job->slot->digest = execution.digest;
    job->slot->wall_seconds = execution.wall_seconds;
    bool same = !job->stored || job->stored_digest == execution.digest;
    if (writer && same && !commit(job, writer, &execution, &failure)) {
        atomic_store(&job->worker->board->stop, 1);
        end(job, AUR_RUN_UNSTORED, failure.text);
    } else if (same) {
        char text[AUR_FAILURE_TEXT];
        end(job, job->stored ? AUR_RUN_SAME : AUR_RUN_STORED,
            remark(&execution, text, sizeof text));
    } else {
        aur_run_drop(writer);
        snprintf(failure.text, sizeof failure.text,
                 "run %lld is stored with digest %016llx, but gives %016llx now: `aurora verify "
                 "%lld` shows where they part",
                 (long long)job->slot->run_id, (unsigned long long)job->stored_digest,
                 (unsigned long long)execution.digest, (long long)job->slot->run_id);
        end(job, AUR_RUN_DIFFERENT, failure.text);
    }
}

static bool identify(struct job *job, struct aur_failure *failure)
{
    struct aur_stored_summary stored;
    job->encoding = aur_inputs_encode(&job->inputs, &job->encoding_size);
    if (!job->encoding)
        return aur_fail(failure, NULL, 0, "memory is out");
    job->inputs_digest = aur_inputs_digest(job->encoding, job->encoding_size);
    if (!aur_store_find_run(job->store, job->worker->experiment_id, job->inputs_digest, "sim",
                            &job->slot->run_id, failure))
        return false;
    if (!job->slot->run_id)
        return true;
    if (!aur_stored_summary(job->store, job->slot->run_id, &stored, failure))
        return false;
    job->stored = true;
    job->stored_digest = stored.digest;
    if (!job->worker->trace)
        return true;
    struct aur_stored_snapshot first;
    if (!aur_store_snapshot(job->store, stored.id, 0, 0, UINT64_MAX, &first, failure))
        return false;
    job->adds_trace = !stored.trace_chunks || !first.data;
    free(first.data);
    return true;
}

static void do_run(const struct aur_worker *worker, struct aur_store *store, uint32_t run)
{
    struct job job = {.worker = worker, .store = store, .slot = &worker->slots[run], .run = run};
    struct aur_failure failure = {{0}};

    atomic_store(&job.slot->state, AUR_RUN_RUNNING);
    if (!aur_experiment_resolve(worker->experiment, run, &job.inputs, &failure)) {
        end(&job, AUR_RUN_REFUSED, failure.text);
        return;
    }
    if (!identify(&job, &failure)) {
        atomic_store(&worker->board->stop, 1);
        end(&job, AUR_RUN_UNSTORED, failure.text);
    } else if (job.stored && worker->resume && !job.adds_trace) {
        job.slot->digest = job.stored_digest;
        end(&job, AUR_RUN_SKIPPED, "");
    } else {
        execute(&job);
    }
    free(job.encoding);
    aur_inputs_free(&job.inputs);
}

// Without it a killed parent would leave workers that go on while the next one resumes.
static bool end_with_parent(pid_t parent)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    return getppid() == parent;
}

int aur_worker_main(const struct aur_worker *worker)
{
    struct aur_failure failure = {{0}};
    struct aur_store *store;
    uint32_t run;

    if (!end_with_parent(worker->parent))
        return 1;
    if (!aur_store_open(&store, worker->database, AUR_STORE_WRITE, &failure)) {
        run = atomic_fetch_add(&worker->board->next, 1);
        atomic_store(&worker->board->stop, 1);
        if (run < worker->runs) {
            struct job job = {.slot = &worker->slots[run]};
            end(&job, AUR_RUN_UNSTORED, failure.text);
        }
        return 0;
    }
    while (!atomic_load(&worker->board->stop)) {
        run = atomic_fetch_add(&worker->board->next, 1);
        if (run >= worker->runs)
            break;
        atomic_store(&worker->board->run[worker->number], run);
        do_run(worker, store, run);
        atomic_store(&worker->board->run[worker->number], AUR_NONE);
        kill(worker->parent, SIGCHLD); // it waits for that: there is news of a child
    }
    aur_store_close(store);
    return 0;
}
