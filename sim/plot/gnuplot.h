// Scripts for gnuplot: written with their data, run, and kept beside the pictures.
#ifndef AURORA_SIM_PLOT_GNUPLOT_H
#define AURORA_SIM_PLOT_GNUPLOT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/failure.h"

// A plot in the making: DIR/NAME.gp, which makes NAME.svg and NAME.png.
struct aur_plot {
    FILE *script;
    char *folder;
    char *name;
    uint32_t width, height; // of the picture, in pixels
};

// Creates the folder (not its parents) and the script. width and height in pixels.
bool aur_plot_begin(struct aur_plot *plot, const char *folder, const char *name, uint32_t width,
                    uint32_t height, struct aur_failure *failure);

// Writes text as a string of gnuplot's, such that it is shown as it is: nothing in it is markup,
// escape or command. What is not UTF-8 becomes U+FFFD. Not for data blocks, which have no quotes.
void aur_plot_quote(struct aur_plot *plot, const char *text);

// The same for the label of a tick, in which a percent sign would begin a format.
void aur_plot_quote_tick(struct aur_plot *plot, const char *text);

// Marks where drawing begins. What follows is written once and run for each kind of picture.
void aur_plot_draw(struct aur_plot *plot);

// Ends the script and runs gnuplot on it. Frees plot in any case. Errors: the folder cannot be
// written, gnuplot is not installed, gnuplot's own.
bool aur_plot_end(struct aur_plot *plot, struct aur_failure *failure);

// Ends without running: the plot is given up and its script removed.
void aur_plot_drop(struct aur_plot *plot);

// Colours that most people can tell apart (Okabe and Ito 2008), then lighter ones of the same
// hues, as 0xRRGGBB; `number` counts on for ever.
uint32_t aur_plot_colour(uint32_t number);
#define AUR_PLOT_OTHER 0xb0b0b0u // for what has no colour of its own

#endif
