// One line of a table: what N replications say of one metric. Host only, as intervals.h.
#ifndef AURORA_SIM_STATS_SUMMARY_H
#define AURORA_SIM_STATS_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>

struct aur_stats_summary {
    size_t n;
    double mean;
    double low95; // 95 % Student-t interval of the mean; both ends NaN if n is 1
    double high95;
    double deviation; // sample standard deviation; NaN if n is 1
    double min;
    double max;
    double median;
};

// Summarises values[0 .. n), all finite, one per replication. Returns false, with n as given and
// all numbers NaN, if n is 0 or memory ran out.
bool aur_stats_summarise(const double *values, size_t n, struct aur_stats_summary *out);

#endif
