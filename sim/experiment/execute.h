// One run: simulates its inputs and hands out what is measured, the trace, and differences from
// another trace.
#ifndef AURORA_SIM_EXPERIMENT_EXECUTE_H
#define AURORA_SIM_EXPERIMENT_EXECUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/failure.h"
#include "experiment/record.h"
#include "experiment/snapshot_stream.h"
#include "experiment/trace_stream.h"
#include "machine/inputs.h"
#include "machine/simulate.h"

// Sees the state of the core where `position` is: first before the first event. Returns after how
// many more events it wants to see it again; 0 ends the run.
typedef uint64_t aur_state_check(void *context, const struct aur_core *core,
                                 const struct aur_position *position);

struct aur_execution {
    const struct aur_inputs *inputs;
    const struct aur_record_sink *record; // takes metrics and histograms; NULL: nobody
    aur_chunk_sink *chunk;                // takes the trace in chunks; NULL: nobody
    void *chunk_context;
    aur_snapshot_sink *snapshot; // takes snapshots between these; NULL: nobody
    void *snapshot_context;
    uint64_t snapshot_every; // events from one to the next; 0: as AUR_SNAPSHOT_EVENTS says
    aur_state_check *state;  // is shown the state now and then; NULL: nobody. Not beside snapshot
    void *state_context;
    aur_task_made *made; // learns which task is which; NULL: nobody
    void *made_context;
    struct aur_trace_reader *same; // not NULL: the log must be this one, record by record
    aur_progress *progress;        // may be NULL
    void *progress_context;

    // What came out.
    uint64_t digest;
    uint64_t events;
    uint64_t end_ns;
    struct aur_ejection ejected; // of its agent; reason 0: it was not
    double wall_seconds;
    bool differs; // from `same`: failure says where
};

// False with a failure if the simulation refused the inputs, was stopped, or differs.
bool aur_execution_run(struct aur_execution *execution, struct aur_failure *failure);

// What an instance of a specification is called: the specification's name, with "-3" behind it
// for the fourth of several. Writes text[0 .. room) and returns it.
char *aur_instance_name(const struct aur_workload *workload, uint32_t spec, uint32_t instance,
                        char *text, size_t room);

// "run cpu 0 task 3" and the like: a record as a line of text, in text[0 .. room).
char *aur_record_line(const struct aur_record *record, char *text, size_t room);

#endif
