#include "plot/bars.h"

#include <math.h>
#include <string.h>

#include "plot/gnuplot.h"

#define PANELS_A_ROW 3u

static void put_panel(struct aur_plot *plot, uint32_t number, uint32_t count,
                      const struct aur_bar_panel *panel)
{
    fprintf(plot->script, "$panel%u << END\n", number);
    for (uint32_t i = 0; i < count; i++) {
        const struct aur_bar *bar = &panel->bars[i];
        if (isnan(bar->value))
            continue;
        double low = isnan(bar->low) ? bar->value : bar->low;
        double high = isnan(bar->high) ? bar->value : bar->high;
        fprintf(plot->script, "%u %.9g %.9g %.9g %u\n", i, bar->value, low, high,
                aur_plot_colour(i));
    }
    fprintf(plot->script, "END\n");
}

static bool any(const struct aur_bar_panel *panel, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!isnan(panel->bars[i].value))
            return true;
    return false;
}

// Labels stand at an angle below the panels: what long ones need beside the usual, in pixels.
static uint32_t room_for(const char *const *labels, uint32_t count)
{
    uint32_t longest = 12;
    for (uint32_t i = 0; i < count; i++)
        if (strlen(labels[i]) > longest)
            longest = (uint32_t)strlen(labels[i]);
    return 5 * ((longest < 60 ? longest : 60) - 12);
}

bool aur_plot_bars(const char *folder, const char *name, const char *title,
                   const char *const *labels, uint32_t label_count,
                   const struct aur_bar_panel *panels, uint32_t panel_count,
                   struct aur_failure *failure)
{
    struct aur_plot plot;
    uint32_t rows = (panel_count + PANELS_A_ROW - 1) / PANELS_A_ROW;
    uint32_t columns = panel_count < PANELS_A_ROW ? panel_count : PANELS_A_ROW;
    uint32_t height = 300 + room_for(labels, label_count);
    if (!aur_plot_begin(&plot, folder, name, 380 * columns, 60 + height * rows, failure))
        return false;
    for (uint32_t i = 0; i < panel_count; i++)
        put_panel(&plot, i, label_count, &panels[i]);
    aur_plot_draw(&plot);
    fprintf(plot.script, "set multiplot layout %u,%u title ", rows, columns);
    aur_plot_quote(&plot, title);
    fprintf(plot.script,
            "\nset style fill solid 0.85 border -1\n"
            "set boxwidth 0.7\n"
            "set grid ytics back lt 1 lw 0.7 lc rgb \"#cccccc\"\n"
            "set xrange [-0.6:%g]\n"
            "set yrange [0:*]\n"
            "set offsets 0,0,graph 0.08,0\n"
            "set format y \"%%.4g\"\n"
            "unset key\n"
            "set xtics rotate by -35 nomirror scale 0 (",
            label_count - 0.4);
    for (uint32_t i = 0; i < label_count; i++) {
        fputs(i ? ", " : "", plot.script);
        aur_plot_quote_tick(&plot, labels[i]);
        fprintf(plot.script, " %u", i);
    }
    fprintf(plot.script, ")\n");
    for (uint32_t i = 0; i < panel_count; i++) {
        fprintf(plot.script, "set title ");
        aur_plot_quote(&plot, panels[i].title);
        if (any(&panels[i], label_count))
            fprintf(plot.script,
                    "\nplot $panel%u using 1:2:3:4:(0.7):5 with boxerrorbars "
                    "lc rgb variable\n",
                    i);
        else
            fprintf(plot.script, " . ': none'\nset yrange [0:1]\nplot NaN\nset yrange [0:*]\n");
    }
    fprintf(plot.script, "unset multiplot\n");
    return aur_plot_end(&plot, failure);
}
