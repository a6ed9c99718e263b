#include "cli/report_plots.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/quantity.h"
#include "experiment/execute.h"
#include "experiment/metric.h"
#include "export/timeline.h"
#include "plot/bars.h"
#include "plot/cdf.h"
#include "plot/gantt.h"
#include "stats/intervals.h"

#define NAME_ROOM 240u

// What a Gantt chart of readable density shows: about this many switches.
#define SWITCHES_SHOWN 300.0

// More curves or bars than this in one plot cannot be told apart; the table has all.
#define POINTS_MOST 64u

struct group {
    struct aur_report *report;
    const uint32_t *points;
    uint32_t count;
    const char *labels[POINTS_MOST]; // by the report's axis
    char name[NAME_ROOM];            // "mp3-hogs cpus=2", "" if the experiment has one axis only
};

// "cdf-wakeup workload=mp3" as a file name: what a shell would trip over becomes '-'.
static char *file_name(const char *kind, const char *a, const char *b, char *text)
{
    snprintf(text, NAME_ROOM, "%s%s%s%s%s", kind, *a ? "-" : "", a, *b ? "-" : "", b);
    for (char *at = text; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("-_.", *at))
            *at = '-';
    return text;
}

static void made(struct aur_report *report, const char *name)
{
    printf("  %s/%s.svg\n", report->folder, name);
    report->plots++;
}

static const char *label_of(const struct aur_report *report, uint32_t point)
{
    if (report->axis == AUR_NONE)
        return report->experiment->name;
    const struct aur_axis *axis = &report->experiment->axes[report->axis];
    return axis->labels[aur_experiment_choice(report->experiment, point, report->axis)];
}

// The values of the other axes, which all points of the group share.
static void name_group(struct group *group)
{
    const struct aur_experiment *experiment = group->report->experiment;
    size_t used = 0;
    group->name[0] = '\0';
    for (uint32_t a = 0; a < experiment->axis_count && used < NAME_ROOM; a++) {
        const struct aur_axis *axis = &experiment->axes[a];
        if (a == group->report->axis || axis->count < 2)
            continue;
        uint32_t choice = aur_experiment_choice(experiment, group->points[0], a);
        // A workload's or a scheduler's name speaks for itself, a number needs what it is of.
        bool named = strcmp(axis->path, "workload") == 0 || strcmp(axis->path, "scheduler") == 0;
        const char *dot = strrchr(axis->path, '.'), *key = dot ? dot + 1 : axis->path;
        used += (size_t)snprintf(group->name + used, NAME_ROOM - used, "%s%s%s%s", used ? " " : "",
                                 named ? "" : key, named ? "" : "=", axis->labels[choice]);
    }
}

static int64_t stored_run(const struct aur_report *report, uint32_t point, uint32_t replication)
{
    return report->runner.slots[report->experiment->points[point].first_run + replication].run_id;
}

// The histogram of all replications of a point together.
static bool merged(const struct group *group, uint32_t point, const char *name,
                   struct aur_histogram *into, struct aur_failure *failure)
{
    const struct aur_report *report = group->report;
    for (uint32_t i = 0; i < report->experiment->points[point].replications; i++) {
        struct aur_histogram one;
        bool found;
        int64_t run = stored_run(report, point, i);
        if (run == 0)
            continue;
        if (!aur_store_histogram(report->store, run, "", name, &one, &found, failure))
            return false;
        bool good = !found || aur_histogram_merge(into, &one);
        if (found)
            aur_histogram_free(&one);
        if (!good)
            return aur_fail(failure, NULL, 0, "memory is out");
    }
    return true;
}

static bool plot_distribution(const struct group *group, const char *histogram, const char *axis,
                              struct aur_failure *failure)
{
    struct aur_histogram histograms[POINTS_MOST];
    struct aur_cdf_curve curves[POINTS_MOST];
    char name[NAME_ROOM], title[2 * NAME_ROOM];
    uint64_t samples = 0;
    bool good = true;

    for (uint32_t i = 0; i < group->count; i++) {
        aur_histogram_init(&histograms[i]);
        good = good && merged(group, group->points[i], histogram, &histograms[i], failure);
        curves[i] = (struct aur_cdf_curve){group->labels[i], &histograms[i]};
        samples += histograms[i].count;
    }
    if (good && samples != 0) {
        snprintf(title, sizeof title, "%s: %s%s%s", group->report->experiment->name, axis,
                 *group->name ? ", " : "", group->name);
        file_name("cdf", histogram, group->name, name);
        good =
            aur_plot_cdf(group->report->folder, name, title, axis, curves, group->count, failure);
        if (good)
            made(group->report, name);
    }
    for (uint32_t i = 0; i < group->count; i++)
        aur_histogram_free(&histograms[i]);
    return good;
}

// One metric of one point: a value a replication.
struct reading {
    const char *task; // not ended at task_length
    uint32_t task_length;
    const char *metric;
    double value;
};

static bool take_metric(void *context, const char *task, const char *name, const char *unit,
                        double value)
{
    struct reading *reading = context;
    (void)unit;
    if (strlen(task) == reading->task_length &&
        strncmp(task, reading->task, reading->task_length) == 0 &&
        strcmp(name, reading->metric) == 0)
        reading->value = value;
    return true;
}

static bool read_bar(const struct group *group, uint32_t point, struct reading *reading,
                     struct aur_bar *bar, struct aur_failure *failure)
{
    const struct aur_report *report = group->report;
    uint32_t replications = report->experiment->points[point].replications;
    double *values = malloc(replications * sizeof *values);
    struct aur_stats_interval interval;
    size_t count = 0;
    bool good = values != NULL || aur_fail(failure, NULL, 0, "memory is out");

    *bar = (struct aur_bar){NAN, NAN, NAN};
    for (uint32_t i = 0; i < replications && good; i++) {
        int64_t run = stored_run(report, point, i);
        reading->value = NAN;
        good =
            run == 0 || aur_store_select_metrics(report->store, run, take_metric, reading, failure);
        if (!isnan(reading->value))
            values[count++] = reading->value;
    }
    if (count == 1)
        bar->value = values[0];
    else if (count > 1 &&
             aur_stats_mean_interval(values, count, report->experiment->confidence, &interval))
        *bar = (struct aur_bar){interval.estimate, interval.low, interval.high};
    free(values);
    return good;
}

static double highest(const struct aur_bar *bars, uint32_t count)
{
    double most = 0;
    for (uint32_t i = 0; i < count; i++) {
        double top = isnan(bars[i].high) ? bars[i].value : bars[i].high;
        if (top > most)
            most = top;
    }
    return most;
}

// "wakeup_ns_p99" is "wakeup p99 (ms)": the unit of the scale stands for that of the store.
static void panel_title(const char *metric, const char *unit, char *text, size_t room)
{
    const char *ns = strstr(metric, "_ns");
    snprintf(text, room, "%.*s%s%s%s%s", ns ? (int)(ns - metric) : (int)strlen(metric), metric,
             ns ? ns + 3 : "", *unit ? " (" : "", unit, *unit ? ")" : "");
    for (char *at = text; *at; at++)
        if (*at == '_')
            *at = ' ';
}

#define PANELS_MOST 12u

static bool plot_bars(const struct group *group, struct aur_failure *failure)
{
    const struct aur_experiment *experiment = group->report->experiment;
    const char *const *names = experiment->metric_count ? experiment->metrics : aur_metric_shown;
    uint32_t most = experiment->metric_count ? experiment->metric_count : PANELS_MOST;
    struct aur_bar_panel panels[PANELS_MOST];
    struct aur_bar bars[PANELS_MOST][POINTS_MOST];
    char titles[PANELS_MOST][96], name[NAME_ROOM], title[2 * NAME_ROOM];
    uint32_t count = 0;

    for (; count < PANELS_MOST && count < most && names[count]; count++) {
        struct reading reading = {.task = names[count]};
        uint32_t id;
        aur_metric_parse(names[count], &reading.task_length, &id);
        reading.metric = aur_metric(id)->name;
        for (uint32_t i = 0; i < group->count; i++)
            if (!read_bar(group, group->points[i], &reading, &bars[count][i], failure))
                return false;
        double top = highest(bars[count], group->count);
        struct aur_scale scale = aur_scale_for(aur_metric(id)->unit, top, top);
        for (uint32_t i = 0; i < group->count; i++) {
            bars[count][i].value /= scale.divisor;
            bars[count][i].low /= scale.divisor;
            bars[count][i].high /= scale.divisor;
        }
        panel_title(names[count], scale.unit, titles[count], sizeof titles[count]);
        panels[count] = (struct aur_bar_panel){titles[count], bars[count]};
    }
    snprintf(title, sizeof title, "%s%s%s", experiment->name, *group->name ? ": " : "",
             group->name);
    file_name("metrics", group->name, "", name);
    if (!aur_plot_bars(group->report->folder, name, title, group->labels, group->count, panels,
                       count, failure))
        return false;
    made(group->report, name);
    return true;
}

// A run executed again, for the window that is drawn.
struct drawing {
    struct aur_gantt gantt;
    struct aur_timeline timeline;
    const struct aur_workload *workload;
    uint32_t *specs; // of each life, and its instance
    uint32_t *instances;
    uint32_t lives, room;
    bool lost;
    struct aur_failure *failure;
    char text[160];
};

static void take_made(void *context, uint32_t task, uint32_t spec, uint32_t instance,
                      uint64_t now_ns)
{
    struct drawing *to = context;
    (void)task;
    (void)now_ns;
    if (to->lives == to->room) {
        uint32_t room = to->room * 2 + 256;
        uint32_t *specs = realloc(to->specs, room * sizeof *specs);
        to->specs = specs ? specs : to->specs;
        uint32_t *instances = realloc(to->instances, room * sizeof *instances);
        to->instances = instances ? instances : to->instances;
        to->lost = to->lost || !specs || !instances;
        if (to->lost)
            return;
        to->room = room;
    }
    to->specs[to->lives] = spec;
    to->instances[to->lives++] = instance;
}

static const char *name_of(void *context, uint32_t life)
{
    struct drawing *from = context;
    if (life >= from->lives)
        return "?";
    return aur_instance_name(from->workload, from->specs[life], from->instances[life], from->text,
                             sizeof from->text);
}

static bool take_records(void *context, const struct aur_record *records, uint32_t count)
{
    struct drawing *to = context;
    return !to->lost && aur_timeline_read(&to->timeline, records, count, to->failure);
}

static bool plot_gantt(const struct group *group, uint32_t number, uint64_t from_ns, uint64_t to_ns,
                       struct aur_failure *failure)
{
    struct aur_report *report = group->report;
    struct aur_inputs inputs;
    char name[NAME_ROOM], title[3 * NAME_ROOM];
    uint32_t run = report->experiment->points[group->points[number]].first_run;

    if (!aur_experiment_resolve(report->experiment, run, &inputs, failure))
        return false;
    struct drawing drawing = {.gantt = {.cpus = (uint32_t)inputs.machine.cpus,
                                        .from_ns = from_ns,
                                        .to_ns = to_ns,
                                        .name = name_of},
                              .workload = &inputs.workload,
                              .failure = failure};
    drawing.gantt.name_context = &drawing;
    struct aur_timeline_view view = {.context = &drawing.gantt, .slice = aur_gantt_slice};
    struct aur_simulate_options options = {.sink = take_records,
                                           .sink_context = &drawing,
                                           .made = take_made,
                                           .made_context = &drawing};
    struct aur_run_result result;
    inputs.duration_ns = to_ns; // what comes after the window is not seen
    aur_timeline_init(&drawing.timeline, &view);
    bool good = aur_simulate(&inputs, &options, &result, failure);
    if (good) {
        aur_run_result_free(&result);
        good = (aur_timeline_end(&drawing.timeline, to_ns) && !drawing.lost) ||
               aur_fail(failure, NULL, 0, "memory is out");
    }
    snprintf(title, sizeof title, "%s: %s%s%s", report->experiment->name, group->name,
             *group->name ? ", " : "", group->labels[number]);
    file_name("gantt", group->name, report->axis == AUR_NONE ? "" : group->labels[number], name);
    good = good && aur_gantt_plot(&drawing.gantt, report->folder, name, title, failure);
    if (good)
        made(report, name);
    aur_gantt_free(&drawing.gantt);
    aur_timeline_free(&drawing.timeline);
    free(drawing.specs);
    free(drawing.instances);
    aur_inputs_free(&inputs);
    return good;
}

// One window for all points, so that they can be compared: where a quarter of the shortest run is
// over, as long as the liveliest of them needs for SWITCHES_SHOWN.
static bool choose_window(const struct group *group, uint64_t *from_ns, uint64_t *to_ns,
                          struct aur_failure *failure)
{
    double shortest_ns = INFINITY, liveliest = 0;
    for (uint32_t i = 0; i < group->count; i++) {
        struct reading span = {.task = "", .metric = "makespan_ns"};
        struct reading switches = {.task = "", .metric = "switches"};
        struct aur_bar ns, count;
        if (!read_bar(group, group->points[i], &span, &ns, failure) ||
            !read_bar(group, group->points[i], &switches, &count, failure))
            return false;
        if (ns.value > 0 && ns.value < shortest_ns)
            shortest_ns = ns.value;
        if (ns.value > 0 && count.value / ns.value > liveliest)
            liveliest = count.value / ns.value;
    }
    if (!isfinite(shortest_ns))
        shortest_ns = 0;
    double window_ns = liveliest > 0 ? SWITCHES_SHOWN / liveliest : shortest_ns;
    if (window_ns > shortest_ns * 0.75)
        window_ns = shortest_ns * 0.75;
    *from_ns = (uint64_t)(shortest_ns / 4);
    *to_ns = *from_ns + (uint64_t)window_ns;
    return true;
}

bool aur_report_group(struct aur_report *report, const uint32_t *points, uint32_t count,
                      struct aur_failure *failure)
{
    struct group group = {
        .report = report, .points = points, .count = count < POINTS_MOST ? count : POINTS_MOST};
    uint64_t from_ns, to_ns;

    if (count > POINTS_MOST)
        fprintf(stderr, "aurora: warning: plots show the first %u of %u values of %s\n",
                POINTS_MOST, count, report->experiment->axes[report->axis].path);

    for (uint32_t i = 0; i < group.count; i++)
        group.labels[i] = label_of(report, points[i]);
    name_group(&group);
    if (!plot_distribution(&group, "wakeup_latency", "wakeup latency", failure) ||
        !plot_distribution(&group, "response", "response time", failure) ||
        !plot_bars(&group, failure) || !choose_window(&group, &from_ns, &to_ns, failure))
        return false;
    for (uint32_t i = 0; i < group.count && to_ns > from_ns; i++)
        if (stored_run(report, points[i], 0) != 0 &&
            !plot_gantt(&group, i, from_ns, to_ns, failure))
            return false;
    return true;
}
