// How far long work is: a bar with rate and time left on a terminal, plain lines elsewhere.
// All on stderr, so that stdout holds results only.
#ifndef AURORA_SIM_CLI_PROGRESS_H
#define AURORA_SIM_CLI_PROGRESS_H

#include <stdbool.h>

#include "experiment/runner.h"

struct aur_progress_display {
    const struct aur_experiment *experiment;
    bool terminal;
    bool drawn;        // a bar stands in the current line
    double rate_since; // when the rate was last taken
    unsigned long long rate_events;
    double rate;                    // events/s, smoothed
    char refused[AUR_FAILURE_TEXT]; // the last failure told, so that it is told once
};

void aur_progress_begin(struct aur_progress_display *display,
                        const struct aur_experiment *experiment);

// Draws into the functions of the runner; `display` is their context.
struct aur_runner_observer aur_progress_observer(struct aur_progress_display *display);

// Takes the bar away.
void aur_progress_clear(struct aur_progress_display *display);

#endif
