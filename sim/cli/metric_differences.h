// Metrics of two sides, each a run or the replications of a grid point, beside each other.
#ifndef AURORA_SIM_CLI_METRIC_DIFFERENCES_H
#define AURORA_SIM_CLI_METRIC_DIFFERENCES_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/table.h"
#include "engine/failure.h"
#include "store/store.h"

#define AUR_REPLICATIONS_MOST 1000u

struct aur_metric_side {
    int64_t runs[AUR_REPLICATIONS_MOST];
    uint32_t count;
};

// A metric of the system or a task, with a value a replication of either side.
struct aur_metric_line {
    char *task;
    char *name;
    char *unit;
    double *values[2];
    uint32_t counts[2];
};

// The caller names the runs of both sides and what is wanted; all else zero.
struct aur_metric_differences {
    struct aur_metric_side sides[2];
    bool tasks;   // those of tasks, too
    bool tested;  // with a column for p of Welch's t-test
    bool changed; // only what differs
    struct aur_metric_line *lines;
    uint32_t count, room;
    uint32_t at_side;
    bool lost;
};

bool aur_metric_differences_read(struct aur_metric_differences *of, struct aur_store *store,
                                 struct aur_failure *failure);

// Makes the table: metric, means of a and b, difference, change, p. aur_table_free frees it.
void aur_metric_differences_table(const struct aur_metric_differences *of, struct aur_table *table);

void aur_metric_differences_free(struct aur_metric_differences *of);

#endif
