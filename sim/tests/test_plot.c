// Plots: what is drawn is whole, names come through as they are, and no name is a command.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "export/export.h"
#include "plot/bars.h"
#include "plot/cdf.h"
#include "plot/gantt.h"
#include "plot/gnuplot.h"
#include "tests/run_tests.h"
#include "workload/file.h"

static char folder[64];

static void setup(void)
{
    strcpy(folder, "/tmp/aurora-plot-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

static const char *in_folder(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static char *read_plot(const char *name, size_t *size)
{
    struct aur_failure failure = {""};
    char *bytes;
    bool truncated;
    ck_assert_msg(aur_file_read(in_folder(name), &bytes, size, &truncated, &failure), "%s",
                  failure.text);
    return bytes;
}

// --- SVG -----------------------------------------------------------------------------------------

// A reading of an SVG: the tags that are open, and what stands between <text> tags, a line each.
struct reading {
    const char *at;
    char open[64][32];
    size_t depth, used, room;
    char *text;
    bool seen; // the svg tag
};

static bool in_text(const struct reading *reading)
{
    return reading->depth > 0 && strcmp(reading->open[reading->depth - 1], "text") == 0;
}

// One character, or one entity.
static bool take_character(struct reading *reading)
{
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    unsigned takes = aur_export_utf8(reading->at), length = takes;
    const char *means = reading->at;
    for (size_t i = 0; *reading->at == '&' && i < LENGTH(entities); i++)
        if (strncmp(reading->at, entities[i], strlen(entities[i])) == 0) {
            means = &"&<>\"'"[i];
            takes = (unsigned)strlen(entities[i]);
        }
    if (takes == 0 || (*reading->at == '&' && takes == 1 && reading->at[1] != '#'))
        return false;
    if (in_text(reading) && reading->used + 8 < reading->room) {
        memcpy(reading->text + reading->used, means, length);
        reading->used += length;
    }
    reading->at += takes;
    return true;
}

static bool take_tag(struct reading *reading)
{
    const char *at = reading->at, *end = strchr(at, '>');
    bool closes = at[1] == '/', comment = strncmp(at, "<!--", 4) == 0;
    if (comment)
        end = strstr(at, "-->");
    if (!end)
        return false;
    reading->at = end + (comment ? 3 : 1);
    if (comment || at[1] == '?' || at[1] == '!' || end[-1] == '/')
        return true;
    const char *name = at + 1 + closes;
    size_t length = strcspn(name, " \t\r\n>");
    if (closes) {
        const char *last = reading->depth > 0 ? reading->open[reading->depth - 1] : "";
        if (strlen(last) != length || strncmp(last, name, length) != 0)
            return false;
        if (in_text(reading) && reading->used + 8 < reading->room)
            reading->text[reading->used++] = '\n';
        reading->depth--;
        return true;
    }
    if (reading->depth == LENGTH(reading->open) || length >= sizeof reading->open[0])
        return false;
    memcpy(reading->open[reading->depth], name, length);
    reading->open[reading->depth++][length] = '\0';
    reading->seen = reading->seen || strncmp(name, "svg", 3) == 0;
    return true;
}

// Whether each tag closes the one opened last.
static bool svg_is_well_formed(const char *svg, char *text, size_t room)
{
    struct reading reading = {.at = svg, .text = text, .room = room};
    while (*reading.at)
        if (!(*reading.at == '<' ? take_tag(&reading) : take_character(&reading)))
            return false;
    text[reading.used] = '\0';
    return reading.seen && reading.depth == 0;
}

static char svg_text[65536];

// The texts of a plot, a line each.
static const char *texts_of(const char *name)
{
    size_t size;
    char *svg = read_plot(name, &size);
    ck_assert_msg(svg_is_well_formed(svg, svg_text, sizeof svg_text), "%s is no proper SVG", name);
    free(svg);
    return svg_text;
}

static bool has_line(const char *text, const char *line)
{
    size_t length = strlen(line);
    for (const char *at = strstr(text, line); at; at = strstr(at + 1, line))
        if ((at == text || at[-1] == '\n') && (at[length] == '\n' || !at[length]))
            return true;
    return false;
}

static void expect_line(const char *name, const char *line)
{
    const char *text = texts_of(name);
    ck_assert_msg(has_line(text, line), "%s shows no \"%s\" but:\n%s", name, line, text);
}

// --- PNG -----------------------------------------------------------------------------------------

static uint32_t word_at(const char *bytes)
{
    const uint8_t *b = (const uint8_t *)bytes;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

// Unpacks the picture (RFC 2083) and wants every chunk whole, every line there, and colours.
static void expect_picture(const char *name, uint32_t width, uint32_t height)
{
    size_t size, at = 8, used = 0;
    char *png = read_plot(name, &size);
    uint8_t *packed = malloc(size);
    ck_assert_uint_gt(size, 100);
    ck_assert_int_eq(memcmp(png, "\x89PNG\r\n\x1a\n", 8), 0);
    bool ended = false;
    while (at + 12 <= size) {
        uint32_t length = word_at(png + at);
        const uint8_t *kind = (const uint8_t *)png + at + 4;
        ck_assert_uint_le(at + 12 + length, size);
        ck_assert_uint_eq(crc32(0, kind, length + 4), word_at(png + at + 8 + length));
        if (memcmp(kind, "IHDR", 4) == 0) {
            ck_assert_uint_eq(word_at(png + at + 8), width);
            ck_assert_uint_eq(word_at(png + at + 12), height);
        }
        if (memcmp(kind, "IDAT", 4) == 0) {
            memcpy(packed + used, kind + 4, length);
            used += length;
        }
        ended = memcmp(kind, "IEND", 4) == 0;
        at += 12 + length;
    }
    ck_assert(ended && at == size);
    uLongf room = (uLongf)(width * 4 + 1) * height;
    uint8_t *lines = malloc(room);
    ck_assert_int_eq(uncompress(lines, &room, packed, used), Z_OK);
    ck_assert_uint_eq(room % height, 0);
    bool seen[256] = {false};
    uint32_t distinct = 0;
    for (size_t i = 0; i < room; i++)
        seen[lines[i]] = true;
    for (size_t i = 0; i < LENGTH(seen); i++)
        distinct += seen[i];
    ck_assert_msg(distinct > 30, "%s is blank", name);
    free(lines);
    free(packed);
    free(png);
}

// --- names ---------------------------------------------------------------------------------------

static const char *const hard_names[] = {
    "a_b^{2}",
    "say \"hi\" 'x'",
    "back\\slash \\n",
    "h\xc3\xa9llo \xc2\xb5 \xd0\x96",
    "100% %d # $x",
    "x}y",
    "{",
    "@q <b> & 'c' ;",
    "`touch RUN_1`",
    "'`touch RUN_2`'",
    "\"`touch RUN_3`",
    "$(touch RUN_4)",
    "end\\",
    "'",
};

static void expect_names(const char *plot)
{
    for (size_t i = 0; i < LENGTH(hard_names); i++)
        expect_line(plot, hard_names[i]);
}

static void expect_nothing_executed(void)
{
    for (int i = 1; i <= 4; i++) {
        char name[16];
        snprintf(name, sizeof name, "RUN_%d", i);
        ck_assert_msg(access(in_folder(name), F_OK) != 0, "a name was executed: %s", name);
    }
}

START_TEST(names_below_bars_are_shown_as_they_are_and_never_executed)
{
    struct aur_failure failure = {""};
    struct aur_bar bars[LENGTH(hard_names)];
    for (uint32_t i = 0; i < LENGTH(hard_names); i++)
        bars[i] = (struct aur_bar){i + 1, i + 0.5, i + 1.5};
    const struct aur_bar_panel panels[] = {{"p_q \"`touch RUN_1`\" %", bars}};
    ck_assert_msg(aur_plot_bars(folder, "bars", "T_t '`touch RUN_2`' {", hard_names,
                                LENGTH(hard_names), panels, 1, &failure),
                  "%s", failure.text);
    expect_names("bars.svg");
    expect_line("bars.svg", "p_q \"`touch RUN_1`\" %");
    expect_line("bars.svg", "T_t '`touch RUN_2`' {");
    expect_nothing_executed();
    expect_picture("bars.png", 380, 375);
    remove_folder();
}
END_TEST

static struct aur_histogram some_latencies(uint32_t count)
{
    struct aur_histogram histogram;
    aur_histogram_init(&histogram);
    for (uint32_t i = 0; i < count; i++)
        aur_histogram_record(&histogram, 1000 * (uint64_t)i * i);
    return histogram;
}

START_TEST(names_of_curves_and_axes_are_shown_as_they_are_and_never_executed)
{
    struct aur_failure failure = {""};
    struct aur_histogram histogram = some_latencies(100);
    struct aur_cdf_curve curves[LENGTH(hard_names)];
    for (uint32_t i = 0; i < LENGTH(hard_names); i++)
        curves[i] = (struct aur_cdf_curve){hard_names[i], &histogram};
    ck_assert_msg(aur_plot_cdf(folder, "cdf", "T_t \"`touch RUN_2`\"", "wake_up \"`touch RUN_1`\"",
                               curves, LENGTH(hard_names), &failure),
                  "%s", failure.text);
    expect_names("cdf.svg");
    expect_line("cdf.svg", "T_t \"`touch RUN_2`\"");
    expect_line("cdf.svg", "wake_up \"`touch RUN_1`\" (\xc2\xb5s)");
    expect_nothing_executed();
    expect_picture("cdf.png", 900, 560);
    aur_histogram_free(&histogram);
    remove_folder();
}
END_TEST

static const char *hard_name(void *context, uint32_t life)
{
    (void)context;
    return hard_names[life % LENGTH(hard_names)];
}

static struct aur_timeline_slice slice_of(uint32_t cpu, uint32_t life, uint64_t start_ns,
                                          uint64_t end_ns)
{
    struct aur_timeline_slice slice = {.cpu = cpu, .start_ns = start_ns, .end_ns = end_ns};
    slice.task.life = life;
    return slice;
}

START_TEST(names_of_tasks_are_shown_as_they_are_and_never_executed)
{
    struct aur_failure failure = {""};
    struct aur_gantt gantt = {.cpus = 2, .from_ns = 0, .to_ns = 100000000, .name = hard_name};
    for (uint32_t life = 0; life < LENGTH(hard_names); life++) {
        struct aur_timeline_slice slice =
            slice_of(life % 2, life, life * 5000000ull, life * 5000000ull + 4000000);
        ck_assert(aur_gantt_slice(&gantt, &slice));
    }
    ck_assert_msg(aur_gantt_plot(&gantt, folder, "gantt", "T_t '`touch RUN_2`'", &failure), "%s",
                  failure.text);
    expect_names("gantt.svg");
    expect_line("gantt.svg", "T_t '`touch RUN_2`'");
    expect_line("gantt.svg", "CPU 0");
    expect_line("gantt.svg", "CPU 1");
    expect_line("gantt.svg", "time (ms)");
    expect_nothing_executed();
    expect_picture("gantt.png", 1200, 460);
    aur_gantt_free(&gantt);
    remove_folder();
}
END_TEST

START_TEST(what_is_no_text_does_not_spoil_the_picture)
{
    static const char *const labels[] = {"\xff\xc3 bad", "tab\tline\nend", "\xed\xa0\x80"};
    struct aur_failure failure = {""};
    struct aur_bar bars[3] = {{1, NAN, NAN}, {2, NAN, NAN}, {3, NAN, NAN}};
    const struct aur_bar_panel panels[] = {{"\xc0", bars}};
    ck_assert_msg(aur_plot_bars(folder, "bars", "t", labels, 3, panels, 1, &failure), "%s",
                  failure.text);
    expect_line("bars.svg", "\xef\xbf\xbd\xef\xbf\xbd bad");
    expect_line("bars.svg", "tab line end");
    remove_folder();
}
END_TEST

// --- what there is to see ------------------------------------------------------------------------

static const char *task_name(void *context, uint32_t life)
{
    static char name[16];
    (void)context;
    snprintf(name, sizeof name, "task-%u", life);
    return name;
}

START_TEST(a_chart_shows_its_window_and_the_tasks_that_ran_longest_in_it)
{
    struct aur_failure failure = {""};
    struct aur_gantt gantt = {.cpus = 1, .from_ns = 10000000, .to_ns = 30000000, .name = task_name};
    // Task i runs i + 1 us within the window; task 50 long, but before it.
    struct aur_timeline_slice slice = slice_of(0, 50, 0, 9999999);
    ck_assert(aur_gantt_slice(&gantt, &slice));
    slice = slice_of(0, 51, 30000000, 40000000);
    ck_assert(aur_gantt_slice(&gantt, &slice));
    for (uint32_t life = 0; life < 20; life++) {
        slice = slice_of(0, life, 11000000 + life * 50000, 11001000 + life * 51000);
        ck_assert(aur_gantt_slice(&gantt, &slice));
    }
    slice = slice_of(0, 19, 5000000, 10000500); // half a microsecond of it
    ck_assert(aur_gantt_slice(&gantt, &slice));
    ck_assert_uint_eq(gantt.name_count, 20);
    ck_assert_uint_eq(gantt.strips[gantt.strip_count - 1].start_ns, 10000000);
    ck_assert_uint_eq(gantt.names[19].run_ns, 20000 + 500);
    ck_assert_msg(aur_gantt_plot(&gantt, folder, "gantt", "t", &failure), "%s", failure.text);
    const char *text = texts_of("gantt.svg");
    ck_assert(has_line(text, "task-19") && has_line(text, "task-6"));
    ck_assert(!has_line(text, "task-5") && has_line(text, "others"));
    aur_gantt_free(&gantt);
    remove_folder();
}
END_TEST

START_TEST(a_chart_of_an_idle_window_says_that_nobody_ran)
{
    struct aur_failure failure = {""};
    struct aur_gantt gantt = {.cpus = 3, .from_ns = 0, .to_ns = 1000000, .name = task_name};
    ck_assert_msg(aur_gantt_plot(&gantt, folder, "gantt", "t", &failure), "%s", failure.text);
    expect_line("gantt.svg", "nobody ran");
    expect_picture("gantt.png", 1200, 340);
    aur_gantt_free(&gantt);
    remove_folder();
}
END_TEST

START_TEST(a_panel_without_values_says_so_beside_others_that_have_some)
{
    static const char *const labels[] = {"fifo", "rr"};
    struct aur_failure failure = {""};
    const struct aur_bar some[] = {{1, 0.5, 1.5}, {NAN, NAN, NAN}};
    const struct aur_bar none[] = {{NAN, NAN, NAN}, {NAN, NAN, NAN}};
    const struct aur_bar zero[] = {{0, 0, 0}, {0, 0, 0}};
    const struct aur_bar_panel panels[] = {
        {"some", some}, {"nothing", none}, {"zero", zero}, {"again", some}};
    ck_assert_msg(aur_plot_bars(folder, "bars", "t", labels, 2, panels, 4, &failure), "%s",
                  failure.text);
    const char *text = texts_of("bars.svg");
    ck_assert(has_line(text, "some") && has_line(text, "nothing: none"));
    ck_assert(has_line(text, "zero") && has_line(text, "again"));
    expect_picture("bars.png", 3 * 380, 60 + 2 * 300);
    remove_folder();
}
END_TEST

START_TEST(curves_without_samples_are_left_out_and_latencies_of_no_time_stand_at_the_edge)
{
    struct aur_failure failure = {""};
    struct aur_histogram some = some_latencies(5), none = {0}, zero = {0};
    aur_histogram_record_n(&zero, 0, 7);
    const struct aur_cdf_curve curves[] = {{"some", &some}, {"none", &none}, {"zero", &zero}};
    ck_assert_msg(aur_plot_cdf(folder, "cdf", "t", "latency", curves, 3, &failure), "%s",
                  failure.text);
    const char *text = texts_of("cdf.svg");
    ck_assert(has_line(text, "some") && has_line(text, "zero") && !has_line(text, "none"));
    aur_histogram_free(&some);
    aur_histogram_free(&zero);
    remove_folder();
}
END_TEST

// --- failures ------------------------------------------------------------------------------------

static const struct aur_bar one_bar[] = {{1, NAN, NAN}};
static const struct aur_bar_panel one_panel[] = {{"p", one_bar}};
static const char *const one_label[] = {"l"};

static bool plot_one(const char *into, struct aur_failure *failure)
{
    failure->text[0] = '\0';
    return aur_plot_bars(into, "bars", "t", one_label, 1, one_panel, 1, failure);
}

START_TEST(a_folder_that_cannot_be_made_is_one_clear_line)
{
    struct aur_failure failure;
    char path[300], expected[400];
    FILE *file = fopen(in_folder("file"), "w");
    fclose(file);
    snprintf(path, sizeof path, "%s/sub", in_folder("file"));
    ck_assert(!plot_one(path, &failure));
    snprintf(expected, sizeof expected, "%s: cannot create the folder: Not a directory", path);
    ck_assert_str_eq(failure.text, expected);
    snprintf(path, sizeof path, "%s", in_folder("file"));
    ck_assert(!plot_one(path, &failure));
    snprintf(expected, sizeof expected, "%s/bars.gp: cannot write the plot: Not a directory", path);
    ck_assert_str_eq(failure.text, expected);
    remove_folder();
}
END_TEST

START_TEST(without_gnuplot_the_failure_says_how_to_get_it_and_the_script_is_there)
{
    struct aur_failure failure;
    char path[4096];
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    setenv("PATH", "/nowhere", 1);
    ck_assert(!plot_one(folder, &failure));
    ck_assert_str_eq(failure.text, "gnuplot is not installed: apt-get install gnuplot-nox, then "
                                   "report again");
    ck_assert_int_eq(access(in_folder("bars.gp"), R_OK), 0);
    setenv("PATH", path, 1);
    remove_folder();
}
END_TEST

START_TEST(what_gnuplot_complains_of_at_the_end_is_the_failure)
{
    struct aur_failure failure = {""};
    struct aur_plot plot;
    ck_assert(aur_plot_begin(&plot, folder, "bad", 100, 100, &failure));
    for (int i = 0; i < 100; i++) // warnings before it
        fprintf(plot.script, "set print '-'; print 'warning %d of many that come before'\n", i);
    aur_plot_draw(&plot);
    fprintf(plot.script, "nonsense\n");
    ck_assert(!aur_plot_end(&plot, &failure));
    ck_assert_ptr_nonnull(strstr(failure.text, "bad.gp: gnuplot failed: \"bad.gp\" line "));
    ck_assert_ptr_nonnull(strstr(failure.text, "invalid command"));
    ck_assert_ptr_null(strchr(failure.text, '\n'));
    ck_assert_ptr_null(plot.script);
    remove_folder();
}
END_TEST

START_TEST(a_plot_that_is_given_up_leaves_nothing)
{
    struct aur_failure failure = {""};
    struct aur_plot plot;
    ck_assert(aur_plot_begin(&plot, folder, "gone", 100, 100, &failure));
    ck_assert_int_eq(access(in_folder("gone.gp"), F_OK), 0);
    aur_plot_drop(&plot);
    ck_assert_int_ne(access(in_folder("gone.gp"), F_OK), 0);
    remove_folder();
}
END_TEST

START_TEST(the_script_beside_a_picture_makes_it_again)
{
    struct aur_failure failure;
    char command[256];
    size_t size, size_again;
    ck_assert_msg(plot_one(folder, &failure), "%s", failure.text);
    char *first = read_plot("bars.svg", &size);
    remove(in_folder("bars.svg"));
    snprintf(command, sizeof command, "cd '%s' && gnuplot bars.gp", folder);
    ck_assert_int_eq(system(command), 0);
    char *again = read_plot("bars.svg", &size_again);
    ck_assert_uint_eq(size, size_again);
    ck_assert_mem_eq(first, again, size);
    free(first);
    free(again);
    remove_folder();
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        names_below_bars_are_shown_as_they_are_and_never_executed,
        names_of_curves_and_axes_are_shown_as_they_are_and_never_executed,
        names_of_tasks_are_shown_as_they_are_and_never_executed,
        what_is_no_text_does_not_spoil_the_picture,
        a_chart_shows_its_window_and_the_tasks_that_ran_longest_in_it,
        a_chart_of_an_idle_window_says_that_nobody_ran,
        a_panel_without_values_says_so_beside_others_that_have_some,
        curves_without_samples_are_left_out_and_latencies_of_no_time_stand_at_the_edge,
        a_folder_that_cannot_be_made_is_one_clear_line,
        without_gnuplot_the_failure_says_how_to_get_it_and_the_script_is_there,
        what_gnuplot_complains_of_at_the_end_is_the_failure,
        a_plot_that_is_given_up_leaves_nothing,
        the_script_beside_a_picture_makes_it_again,
    };
    if (system("command -v gnuplot >/dev/null") != 0) {
        puts("skipped: gnuplot is not installed (Debian: apt-get install gnuplot-nox)");
        return 77; // Automake's word for it
    }
    return run_tests("plot", tests, LENGTH(tests), setup);
}
