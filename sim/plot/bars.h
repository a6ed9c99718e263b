// Metrics as bars with error bars: a panel a metric, a bar a variant.
#ifndef AURORA_SIM_PLOT_BARS_H
#define AURORA_SIM_PLOT_BARS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/failure.h"

struct aur_bar {
    double value;     // NAN: none, the place stays empty
    double low, high; // of its confidence interval; NAN: none known
};

struct aur_bar_panel {
    const char *title;          // "wakeup p99 (ms)"
    const struct aur_bar *bars; // one a label
};

// False with a failure if the plot could not be made.
bool aur_plot_bars(const char *folder, const char *name, const char *title,
                   const char *const *labels, uint32_t label_count,
                   const struct aur_bar_panel *panels, uint32_t panel_count,
                   struct aur_failure *failure);

#endif
