// Who ran where and when: a row a CPU, a colour a task.
#ifndef AURORA_SIM_PLOT_GANTT_H
#define AURORA_SIM_PLOT_GANTT_H

#include "engine/failure.h"
#include "export/timeline.h"

struct aur_gantt_strip {
    uint64_t start_ns, end_ns;
    uint32_t cpu;
    uint32_t who; // index into names
};

struct aur_gantt_who {
    char *name;
    uint64_t run_ns; // in the window
    uint32_t colour; // its place in the legend, or none
};

// Set the first four, hand aur_gantt_slice with this as its context to a timeline, then plot.
struct aur_gantt {
    uint32_t cpus;
    uint64_t from_ns, to_ns; // the window that is drawn
    // What the life-th task of the log is called; the text is copied.
    const char *(*name)(void *context, uint32_t life);
    void *name_context;

    struct aur_gantt_strip *strips;
    struct aur_gantt_who *names;
    uint32_t strip_count, strip_room, name_count, name_room;
};

// A slice of struct aur_timeline_view. False when memory is out.
bool aur_gantt_slice(void *gantt, const struct aur_timeline_slice *slice);

// False with a failure if the plot could not be made.
bool aur_gantt_plot(struct aur_gantt *gantt, const char *folder, const char *name,
                    const char *title, struct aur_failure *failure);
void aur_gantt_free(struct aur_gantt *gantt);

#endif
