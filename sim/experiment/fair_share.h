// How evenly the tasks of the scheduler shared the CPUs.
#ifndef AURORA_SIM_EXPERIMENT_FAIR_SHARE_H
#define AURORA_SIM_EXPERIMENT_FAIR_SHARE_H

#include "machine/inputs.h"
#include "machine/simulate.h"

// Jain's index over run time / weight of the tasks with an OTHER, BATCH or IDLE policy; real-time
// tasks do not share by weight. window_ns 0: over all of them. Else over those that were runnable
// or running for at least 95 % of the window: they alone compete throughout, so that a scheduler
// is not blamed for what tasks did not ask for. NaN if fewer than two tasks are left.
double aur_fair_share(const struct aur_inputs *inputs, const struct aur_run_result *result,
                      double window_ns);

#endif
