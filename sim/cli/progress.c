#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/quantity.h"

#define BAR_CELLS   24
#define RATE_WINDOW 0.5 // seconds over which the rate is taken

void aur_progress_begin(struct aur_progress_display *display,
                        const struct aur_experiment *experiment)
{
    memset(display, 0, sizeof *display);
    display->experiment = experiment;
    display->terminal = isatty(STDERR_FILENO) != 0;
}

void aur_progress_clear(struct aur_progress_display *display)
{
    if (display->drawn)
        fputs("\r\033[K", stderr);
    display->drawn = false;
}

static void take_rate(struct aur_progress_display *display,
                      const struct aur_grid_progress *progress)
{
    double passed = progress->seconds - display->rate_since;
    if (passed < RATE_WINDOW)
        return;
    double now = (double)(progress->events - display->rate_events) / passed;
    display->rate = display->rate > 0 ? 0.7 * display->rate + 0.3 * now : now;
    display->rate_since = progress->seconds;
    display->rate_events = progress->events;
}

static void put_duration(double seconds)
{
    unsigned long whole = (unsigned long)(seconds + 0.5);
    if (whole >= 3600)
        fprintf(stderr, "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
    else
        fprintf(stderr, "%lu:%02lu", whole / 60, whole % 60);
}

static void draw(void *context, const struct aur_grid_progress *progress)
{
    struct aur_progress_display *display = context;
    char text[160];

    take_rate(display, progress);
    if (!display->terminal || !progress->runs)
        return;
    double part = progress->done / progress->runs;
    int full = (int)(part * BAR_CELLS);
    fputs("\r\033[K[", stderr);
    for (int i = 0; i < BAR_CELLS; i++)
        fputc(i < full ? '#' : '.', stderr);
    fprintf(stderr, "] %u/%u runs", progress->finished, progress->runs);
    if (display->rate > 0)
        fprintf(stderr, "  %.1f M events/s", display->rate / 1e6);
    // Skipped runs took no time: they say nothing about the rest.
    double worked = progress->done - progress->skipped;
    if (worked > 0 && part < 1) {
        double rest = (progress->runs - progress->done) / worked * progress->seconds;
        fputs("  ", stderr);
        put_duration(rest);
        fputs(" left", stderr);
    }
    if (progress->newest != AUR_NONE)
        fprintf(stderr, "  %.40s",
                aur_experiment_label(display->experiment, progress->newest, text, sizeof text));
    fflush(stderr);
    display->drawn = true;
}

static const char *state_text(uint32_t state)
{
    switch (state) {
    case AUR_RUN_STORED:
        return "stored";
    case AUR_RUN_SAME:
        return "same digest as stored";
    case AUR_RUN_SKIPPED:
        return "stored before";
    default:
        return "failed";
    }
}

static void finished(void *context, const struct aur_grid_progress *progress, uint32_t run,
                     const struct aur_run_slot *slot)
{
    struct aur_progress_display *display = context;
    uint32_t state = slot->state;
    char label[512], events[32];

    aur_experiment_label(display->experiment, run, label, sizeof label);
    bool good = state == AUR_RUN_STORED || state == AUR_RUN_SAME;
    if (slot->text[0] && good) {
        aur_progress_clear(display);
        fprintf(stderr, "aurora: %s (run %s)\n", slot->text, label);
    } else if (slot->text[0]) {
        // The database refuses every worker alike: one line says it.
        if (strcmp(slot->text, display->refused) == 0)
            return;
        snprintf(display->refused, sizeof display->refused, "%s", slot->text);
        aur_progress_clear(display);
        if (state == AUR_RUN_UNSTORED || progress->runs == 1)
            fprintf(stderr, "aurora: %s\n", slot->text);
        else
            fprintf(stderr, "aurora: %s (run %s)\n", slot->text, label);
        return;
    }
    if (display->terminal)
        return;
    fprintf(stderr, "%u/%u  %s  %s%s", progress->finished, progress->runs, label, state_text(state),
            slot->trace_added ? ", its trace is now stored, too" : "");
    if (state != AUR_RUN_SKIPPED)
        fprintf(stderr, "  %s events in %.2f s",
                aur_quantity((double)slot->events, "count", events, sizeof events),
                slot->wall_seconds);
    fputc('\n', stderr);
}

struct aur_runner_observer aur_progress_observer(struct aur_progress_display *display)
{
    return (struct aur_runner_observer){draw, finished, display};
}
