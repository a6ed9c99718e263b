// Cumulative distributions of latencies, one curve a histogram, on a logarithmic axis.
#ifndef AURORA_SIM_PLOT_CDF_H
#define AURORA_SIM_PLOT_CDF_H

#include "engine/failure.h"
#include "stats/histogram.h"

struct aur_cdf_curve {
    const char *label;
    const struct aur_histogram *histogram; // of nanoseconds
};

// title: what is plotted and of which workload; axis: "wakeup latency". Curves without samples
// are left out; false with a failure if the plot could not be made.
bool aur_plot_cdf(const char *folder, const char *name, const char *title, const char *axis,
                  const struct aur_cdf_curve *curves, uint32_t count, struct aur_failure *failure);

#endif
