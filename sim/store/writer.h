// A run on its way into the store: what the calls between begin and commit have buffered.
#ifndef AURORA_SIM_STORE_WRITER_H
#define AURORA_SIM_STORE_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/failure.h"
#include "store/dictionary.h"
#include "store/rows.h"
#include "store/spool.h"
#include "store/store.h"

struct aur_writer_metric {
    uint32_t name_and_unit; // number in `texts`
    double value;
};

struct aur_writer_histogram {
    uint32_t scope; // number in `texts`
    uint32_t name_and_unit;
    int64_t count, min, max, p50, p90, p99, p999;
    double mean;
    struct aur_spool_piece data;
};

struct aur_writer_chunk {
    uint64_t first_ns, last_ns;
    uint32_t records;
    struct aur_spool_piece data;
};

struct aur_writer_snapshot {
    uint32_t seq; // of the chunk that follows it
    uint64_t records, events, now_ns;
    size_t bytes;
    struct aur_spool_piece data;
};

struct aur_writer_task_name {
    uint32_t task;
    uint32_t name; // number in `texts`
};

struct aur_writer_artifact {
    uint32_t name_and_type; // number in `texts`
    struct aur_spool_piece data;
};

// What the run's row says of it; the strings belong to the writer.
struct aur_writer_identity {
    int64_t experiment_id;
    int64_t wanted_id; // or 0
    uint64_t inputs_digest;
    uint64_t seed;
    uint32_t replication;
    char *label, *host, *scheduler, *workload;
    struct aur_spool_piece inputs;
};

struct aur_run_writer {
    struct aur_store *store;
    struct aur_writer_identity run;
    struct aur_dictionary tasks;    // of task_metrics
    struct aur_dictionary measures; // name and unit of task_metrics
    struct aur_dictionary texts;    // all other strings
    struct aur_rows params;         // uint32_t, the number of path and value in `texts`
    struct aur_rows metrics;        // struct aur_writer_metric
    struct aur_rows task_metrics;   // struct aur_task_row
    struct aur_rows histograms;     // struct aur_writer_histogram
    struct aur_rows chunks;         // struct aur_writer_chunk
    struct aur_rows snapshots;      // struct aur_writer_snapshot
    struct aur_rows task_names;     // struct aur_writer_task_name
    struct aur_rows artifacts;      // struct aur_writer_artifact
    struct aur_spool spool;
    struct aur_failure why; // the first call that failed; text "" if none
};

#endif
