#include "plot/gantt.h"

#include <stdlib.h>
#include <string.h>

#include "plot/gnuplot.h"

// Tasks with a colour and a line in the legend; the others share grey.
#define COLOURS 14u

static void *grown(void *array, uint32_t count, uint32_t *room, size_t size)
{
    if (count < *room)
        return array;
    uint32_t more = *room * 2 + 64;
    void *bigger = realloc(array, more * size);
    if (bigger)
        *room = more;
    return bigger;
}

// Tasks of one name are one colour.
static uint32_t find_name(struct aur_gantt *to, const char *name)
{
    for (uint32_t i = 0; i < to->name_count; i++)
        if (strcmp(to->names[i].name, name) == 0)
            return i;
    struct aur_gantt_who *names = grown(to->names, to->name_count, &to->name_room, sizeof *names);
    char *copy = malloc(strlen(name) + 1);
    if (!names || !copy) {
        free(copy);
        return AUR_NONE;
    }
    to->names = names;
    names[to->name_count] = (struct aur_gantt_who){strcpy(copy, name), 0, COLOURS};
    return to->name_count++;
}

bool aur_gantt_slice(void *context, const struct aur_timeline_slice *slice)
{
    struct aur_gantt *to = context;
    uint64_t start_ns = slice->start_ns > to->from_ns ? slice->start_ns : to->from_ns;
    uint64_t end_ns = slice->end_ns < to->to_ns ? slice->end_ns : to->to_ns;
    if (end_ns <= start_ns)
        return true;
    uint32_t who = find_name(to, to->name(to->name_context, slice->task.life));
    struct aur_gantt_strip *strips =
        grown(to->strips, to->strip_count, &to->strip_room, sizeof *strips);
    if (!strips || who == AUR_NONE)
        return false;
    to->strips = strips;
    to->names[who].run_ns += end_ns - start_ns;
    strips[to->strip_count++] = (struct aur_gantt_strip){start_ns, end_ns, slice->cpu, who};
    return true;
}

// The tasks that ran longest get colours, the longest first.
static void give_colours(struct aur_gantt *to)
{
    for (uint32_t colour = 0; colour < COLOURS; colour++) {
        uint32_t best = AUR_NONE;
        for (uint32_t i = 0; i < to->name_count; i++)
            if (to->names[i].colour == COLOURS &&
                (best == AUR_NONE || to->names[i].run_ns > to->names[best].run_ns))
                best = i;
        if (best == AUR_NONE)
            return;
        to->names[best].colour = colour;
    }
}

static void put_strips(struct aur_plot *plot, const struct aur_gantt *from)
{
    for (uint32_t colour = 0; colour <= COLOURS; colour++) {
        fprintf(plot->script, "$colour%u << END\n", colour);
        for (uint32_t i = 0; i < from->strip_count; i++) {
            const struct aur_gantt_strip *strip = &from->strips[i];
            if (from->names[strip->who].colour != colour)
                continue;
            fprintf(plot->script, "%.6f %.6f %u\n", (double)strip->start_ns / 1e6,
                    (double)strip->end_ns / 1e6, strip->cpu);
        }
        fprintf(plot->script, "END\n");
    }
}

static const char *name_of(const struct aur_gantt *from, uint32_t colour)
{
    for (uint32_t i = 0; i < from->name_count; i++)
        if (from->names[i].colour == colour)
            return from->names[i].name;
    return NULL;
}

static void put_plot(struct aur_plot *plot, const struct aur_gantt *gantt, const char *title)
{
    fprintf(plot->script, "set title ");
    aur_plot_quote(plot, title);
    fprintf(plot->script,
            "\nset xlabel \"time (ms)\"\n"
            "set xrange [%.6f:%.6f]\n"
            "set yrange [%g:-0.6]\n"
            "set ytics (",
            (double)gantt->from_ns / 1e6, (double)gantt->to_ns / 1e6, gantt->cpus - 0.4);
    for (uint32_t cpu = 0; cpu < gantt->cpus; cpu++)
        fprintf(plot->script, "%s\"CPU %u\" %u", cpu ? ", " : "", cpu, cpu);
    fprintf(plot->script, ") scale 0\n"
                          "set grid xtics back lt 1 lw 0.7 lc rgb \"#cccccc\"\n"
                          "set style fill solid 1.0 noborder\n"
                          "set key outside right top vertical maxcols 1 reverse Left samplen 2\n"
                          "plot \\\n");
    bool first = true;
    for (uint32_t colour = 0; colour <= COLOURS; colour++) {
        const char *name = name_of(gantt, colour);
        if (!name)
            continue;
        fprintf(plot->script,
                "%s$colour%u using 1:3:1:2:($3-0.42):($3+0.42) with boxxyerror lc rgb \"#%06x\" "
                "title ",
                first ? "" : ", \\\n", colour,
                colour < COLOURS ? aur_plot_colour(colour) : AUR_PLOT_OTHER);
        aur_plot_quote(plot, colour < COLOURS ? name : "others");
        first = false;
    }
    if (first)
        fprintf(plot->script, "NaN title \"nobody ran\"");
    fprintf(plot->script, "\n");
}

bool aur_gantt_plot(struct aur_gantt *gantt, const char *folder, const char *name,
                    const char *title, struct aur_failure *failure)
{
    struct aur_plot plot;
    uint32_t rows = 160 + 60 * gantt->cpus;
    uint32_t legend = 160 + 20 * (gantt->name_count < COLOURS ? gantt->name_count : COLOURS + 1);
    if (!aur_plot_begin(&plot, folder, name, 1200, rows > legend ? rows : legend, failure))
        return false;
    give_colours(gantt);
    put_strips(&plot, gantt);
    aur_plot_draw(&plot);
    put_plot(&plot, gantt, title);
    return aur_plot_end(&plot, failure);
}

void aur_gantt_free(struct aur_gantt *gantt)
{
    for (uint32_t i = 0; i < gantt->name_count; i++)
        free(gantt->names[i].name);
    free(gantt->names);
    free(gantt->strips);
    gantt->names = NULL;
    gantt->strips = NULL;
    gantt->name_count = gantt->strip_count = gantt->name_room = gantt->strip_room = 0;
}
