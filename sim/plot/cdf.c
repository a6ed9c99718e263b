#include "plot/cdf.h"

#include "plot/gnuplot.h"

// Latencies of no time at all have no place on a logarithmic axis: they stand at its left edge.
#define LEFT_EDGE_US 0.1

static void put_curve(struct aur_plot *plot, uint32_t number, const struct aur_histogram *histogram)
{
    fprintf(plot->script, "$curve%u << END\n", number);
    struct aur_histogram_walk walk = aur_histogram_walk_begin(histogram);
    struct aur_histogram_bucket bucket;
    uint64_t below = 0;
    bool first = true;
    while (aur_histogram_walk_next(&walk, &bucket)) {
        double us = (double)(bucket.high < histogram->max ? bucket.high : histogram->max) / 1e3;
        if (us < LEFT_EDGE_US)
            us = LEFT_EDGE_US;
        if (first)
            fprintf(plot->script, "%.6g 0\n", us);
        first = false;
        below += bucket.count;
        fprintf(plot->script, "%.6g %.6g\n", us, 100 * (double)below / (double)histogram->count);
    }
    fprintf(plot->script, "END\n");
}

bool aur_plot_cdf(const char *folder, const char *name, const char *title, const char *axis,
                  const struct aur_cdf_curve *curves, uint32_t count, struct aur_failure *failure)
{
    struct aur_plot plot;
    if (!aur_plot_begin(&plot, folder, name, 900, 560, failure))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (curves[i].histogram->count != 0)
            put_curve(&plot, i, curves[i].histogram);
    aur_plot_draw(&plot);
    fprintf(plot.script, "set title ");
    aur_plot_quote(&plot, title);
    fprintf(plot.script, "\nset xlabel ");
    aur_plot_quote(&plot, axis);
    fprintf(plot.script, " . ' (µs)'\n");
    fprintf(plot.script,
            "set ylabel \"samples at or below (%%)\"\n"
            "set logscale x\n"
            "set format x \"%%g\"\n"
            "set xrange [%g:*]\n"
            "set yrange [0:102]\n"
            "set ytics 10\n"
            "set grid xtics ytics back lt 1 lw 0.7 lc rgb \"#cccccc\"\n"
            "set key bottom right box lc rgb \"#cccccc\" opaque\n"
            "plot \\\n",
            LEFT_EDGE_US);
    for (uint32_t i = 0, drawn = 0; i < count; i++) {
        if (curves[i].histogram->count == 0)
            continue;
        // Curves that coincide stay visible: each is thinner than the one below it.
        double width = 5.0 - 3.5 * (double)i / (double)(count > 1 ? count - 1 : 1);
        fprintf(plot.script, "%s$curve%u using 1:2 with steps lw %.1f lc rgb \"#%06x\" title ",
                drawn++ ? ", \\\n" : "", i, width, aur_plot_colour(i));
        aur_plot_quote(&plot, curves[i].label);
    }
    fprintf(plot.script, "\n");
    return aur_plot_end(&plot, failure);
}
