// Results in one SQLite file. Every write is one transaction: after a kill at any instant the
// file holds whole runs only. Processes may write to one file at once: they wait for each other.
//
// How a run gets in fast (figures in bench/bench_store.c): its rows are buffered as small numbers,
// their strings once each, and one INSERT ... SELECT takes the task metrics from the buffer, in the
// order in which the table keeps them, without an index to look after (schema.c says why).
//
// A store and its writers belong to one thread at a time, and to the process that opened it: open
// it after fork, not before. Different writers of one store may be filled by different threads;
// begin, commit, drop and all reading are the store's. Functions that return bool say false for an
// error, with the reason in *failure.
#ifndef AURORA_SIM_STORE_H
#define AURORA_SIM_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/failure.h"
#include "stats/histogram.h"

struct aur_store;

enum aur_store_mode {
    AUR_STORE_READ, // the file must exist and be ours
    AUR_STORE_WRITE // created if missing
};

// Errors (one line with the path and the mend): missing, a folder, not a database, empty, another
// application's (application_id), newer user_version, read-only, folder missing or read-only, full
// disk. A reader too takes back what a killed writer left half done, where it may write.
bool aur_store_open(struct aur_store **store, const char *path, enum aur_store_mode mode,
                    struct aur_failure *failure);

// NULL is allowed. Writers of the store must be committed or dropped before.
void aur_store_close(struct aur_store *store);

// Adds or updates the experiment's text; *id is its key. The same name keeps its id.
bool aur_store_put_experiment(struct aur_store *store, const char *name, const char *text,
                              int64_t *id, struct aur_failure *failure);

// One run on its way into the store. Between begin and commit nothing is locked or written: what
// the other calls give is copied into memory (16 bytes a task metric), trace chunks, histograms and
// artifacts beyond 64 MiB into a nameless file beside the database. A writer may be dropped before
// commit: nothing is stored then.
struct aur_run_writer;

struct aur_run_identity {
    int64_t experiment_id;
    int64_t wanted_id;      // the number that it gets, if no run has it yet; 0: the next one
    uint64_t inputs_digest; // identity of the run together with host and experiment
    const char *label;      // "scheduler=eevdf workload=mp3-hogs", for listings
    const char *host;       // "sim", later "kernel", "browser"
    const char *scheduler;
    const char *workload;
    uint64_t seed;
    uint32_t replication;
    const uint8_t *inputs; // encoding (machine/inputs.h), stored so that verify can re-run it
    size_t inputs_size;
};

bool aur_run_begin(struct aur_store *store, const struct aur_run_identity *identity,
                   struct aur_run_writer **writer, struct aur_failure *failure);

// Each of these may return false for want of memory or disk. That spoils the writer: commit will
// store nothing and tell why, so a caller may ignore it until then. A value that is not a number is
// stored as NULL. No (name) of param, metric and artifact, no (scope, name) of histogram, no
// (task, name, unit) of task_metric and no task of task_name may come twice in a run.
bool aur_run_param(struct aur_run_writer *writer, const char *path, const char *value);
bool aur_run_metric(struct aur_run_writer *writer, const char *name, const char *unit,
                    double value);
bool aur_run_task_metric(struct aur_run_writer *writer, const char *task, const char *name,
                         const char *unit, double value);
// scope: a task (spec) name, or "" for the whole system.
bool aur_run_histogram(struct aur_run_writer *writer, const char *scope, const char *name,
                       const char *unit, const struct aur_histogram *histogram);
// A chunk of the encoded trace (aurora/trace.h), in order, at most 10^9 bytes.
bool aur_run_trace_chunk(struct aur_run_writer *writer, uint64_t first_ns, uint64_t last_ns,
                         uint32_t records, const uint8_t *bytes, size_t size);
// The state before the chunk that is given next: `bytes` of it, in a zlib stream data[0 .. size).
// records, events: of the trace, before it; now_ns: instant of the last of them.
bool aur_run_snapshot(struct aur_run_writer *writer, uint64_t records, uint64_t events,
                      uint64_t now_ns, size_t bytes, const uint8_t *data, size_t size);
bool aur_run_task_name(struct aur_run_writer *writer, uint32_t task, const char *name);
// type: a media type, e.g. "image/svg+xml". At most 10^9 bytes.
bool aur_run_artifact(struct aur_run_writer *writer, const char *name, const char *type,
                      const uint8_t *bytes, size_t size);
// Ends the run: in one transaction, after waiting for other writers, everything of it becomes
// visible at once and is on the disk on return. If a run with this identity is there already (same
// experiment, inputs_digest and host), that one stays as it is and *run_id is its key. Frees the
// writer in any case.
bool aur_run_commit(struct aur_run_writer *writer, uint64_t digest, uint64_t events,
                    uint64_t end_ns, double wall_seconds, int64_t *run_id,
                    struct aur_failure *failure);
void aur_run_drop(struct aur_run_writer *writer);

// Ends a writer that was begun for the trace of a run that is stored already: chunks, snapshots and
// task names become those of run `run_id`, in place of what it has of these; nothing else is
// stored. The caller has made sure that the digest is that of the run. *run_id becomes 0 if the
// run is gone. Frees the writer in any case.
bool aur_run_commit_trace(struct aur_run_writer *writer, int64_t *run_id,
                          struct aur_failure *failure);

// *run_id: the number after those of all runs.
bool aur_store_next_run(struct aur_store *store, int64_t *run_id, struct aur_failure *failure);

// *run_id: the key of the complete run with this identity, 0 if there is none.
bool aur_store_find_run(struct aur_store *store, int64_t experiment_id, uint64_t inputs_digest,
                        const char *host, int64_t *run_id, struct aur_failure *failure);

// Reading. `select` functions call back once a row; strings live until the callback returns;
// a callback returning false ends the walk, which is no error. A callback may read from the same
// store but not write to it. While a walk lasts (but that of a trace), other processes cannot
// commit: collect what may take long to print.
struct aur_stored_run {
    int64_t id;
    const char *experiment;
    const char *label;
    const char *host;
    const char *scheduler;
    const char *workload;
    uint64_t digest, inputs_digest, seed, events, end_ns;
    uint32_t replication;
    double wall_seconds;
    uint32_t trace_chunks;
    const char *finished; // ISO 8601, UTC
};
typedef bool aur_run_row(void *context, const struct aur_stored_run *run);
// experiment NULL: of all. run_id 0: all runs.
bool aur_store_select_runs(struct aur_store *store, const char *experiment, int64_t run_id,
                           aur_run_row *row, void *context, struct aur_failure *failure);

typedef bool aur_experiment_row(void *context, int64_t id, const char *name, const char *text,
                                uint32_t runs);
bool aur_store_select_experiments(struct aur_store *store, aur_experiment_row *row, void *context,
                                  struct aur_failure *failure);

// First the metrics of the system by name, then those of tasks, task after task.
typedef bool aur_metric_row(void *context, const char *task, const char *name, const char *unit,
                            double value); // task "" for metrics of the system; NAN for NULL
bool aur_store_select_metrics(struct aur_store *store, int64_t run_id, aur_metric_row *row,
                              void *context, struct aur_failure *failure);

// By path.
typedef bool aur_param_row(void *context, const char *path, const char *value);
bool aur_store_select_params(struct aur_store *store, int64_t run_id, aur_param_row *row,
                             void *context, struct aur_failure *failure);

// *found false if there is none of that scope and name. The caller frees the histogram.
bool aur_store_histogram(struct aur_store *store, int64_t run_id, const char *scope,
                         const char *name, struct aur_histogram *histogram, bool *found,
                         struct aur_failure *failure);

// Caller frees *inputs. A run that is not there is an error.
bool aur_store_inputs(struct aur_store *store, int64_t run_id, uint8_t **inputs, size_t *size,
                      struct aur_failure *failure);

// In the order of time.
typedef bool aur_chunk_row(void *context, uint64_t first_ns, uint64_t last_ns, uint32_t records,
                           const uint8_t *bytes, size_t size);
bool aur_store_select_trace(struct aur_store *store, int64_t run_id, aur_chunk_row *row,
                            void *context, struct aur_failure *failure);

// One chunk; the caller frees *bytes. *size 0 and *bytes NULL: there is no such chunk.
bool aur_store_chunk(struct aur_store *store, int64_t run_id, uint32_t seq, uint8_t **bytes,
                     size_t *size, struct aur_failure *failure);

struct aur_stored_snapshot {
    uint32_t seq;                            // of the chunk whose first record comes next
    uint64_t records, events, now_ns, bytes; // as given to aur_run_snapshot
    uint8_t *data;                           // to be freed; NULL: there is no such snapshot
    size_t size;
};

// The last snapshot with `least` to `most` records before it and an instant not after now_ns.
bool aur_store_snapshot(struct aur_store *store, int64_t run_id, uint64_t least, uint64_t most,
                        uint64_t now_ns, struct aur_stored_snapshot *snapshot,
                        struct aur_failure *failure);

// Where all snapshots are, in the order of time.
typedef bool aur_snapshot_row(void *context, uint64_t records, uint64_t events);
bool aur_store_select_snapshots(struct aur_store *store, int64_t run_id, aur_snapshot_row *row,
                                void *context, struct aur_failure *failure);

// By number.
typedef bool aur_name_row(void *context, uint32_t task, const char *name);
bool aur_store_select_task_names(struct aur_store *store, int64_t run_id, aur_name_row *row,
                                 void *context, struct aur_failure *failure);

#endif
