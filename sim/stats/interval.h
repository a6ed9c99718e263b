// A confidence interval, as every estimator here returns it.
#ifndef AURORA_SIM_STATS_INTERVAL_H
#define AURORA_SIM_STATS_INTERVAL_H

// `low` and `high` are NaN where the data do not support an interval.
struct aur_stats_interval {
    double estimate;
    double low;
    double high;
};

#endif
