#include "plot/gnuplot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "export/export.h"

uint32_t aur_plot_colour(uint32_t number)
{
    static const uint32_t colours[] = {
        0x0072b2, 0xe69f00, 0x009e73, 0xd55e00, 0xcc79a7, 0x56b4e9, 0x7f6000, 0x000000,
        0x66aad1, 0xf2c866, 0x66c5ab, 0xe69e66, 0xe0afca, 0x9ad2f2, 0xb2a066, 0x666666,
    };
    return colours[number % (sizeof colours / sizeof colours[0])];
}

static char *join(const char *a, const char *b, const char *c)
{
    char *text = malloc(strlen(a) + strlen(b) + strlen(c) + 1);
    if (text)
        strcat(strcat(strcpy(text, a), b), c);
    return text;
}

static char *path_of(const struct aur_plot *plot, const char *ending)
{
    char *file = join(plot->name, ending, "");
    char *path = file ? join(plot->folder, "/", file) : NULL;
    free(file);
    return path;
}

static void release(struct aur_plot *plot)
{
    free(plot->folder);
    free(plot->name);
    memset(plot, 0, sizeof *plot);
}

bool aur_plot_begin(struct aur_plot *plot, const char *folder, const char *name, uint32_t width,
                    uint32_t height, struct aur_failure *failure)
{
    memset(plot, 0, sizeof *plot);
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return aur_fail(failure, folder, 0, "cannot create the folder: %s", strerror(errno));
    plot->folder = join(folder, "", "");
    plot->name = join(name, "", "");
    plot->width = width;
    plot->height = height;
    char *path = plot->folder && plot->name ? path_of(plot, ".gp") : NULL;
    if (!path) {
        release(plot);
        return aur_fail(failure, NULL, 0, "memory is out");
    }
    plot->script = fopen(path, "w");
    if (!plot->script) {
        aur_fail(failure, path, 0, "cannot write the plot: %s", strerror(errno));
        free(path);
        release(plot);
        return false;
    }
    fprintf(plot->script,
            "# gnuplot %s.gp draws %s.svg and %s.png\n"
            "set encoding utf8\n",
            name, name, name);
    free(path);
    return true;
}

// Between double quotes gnuplot would have a shell execute what stands in backquotes.
static void quote(struct aur_plot *plot, const char *text, const char *percent)
{
    fputc('\'', plot->script);
    while (*text) {
        unsigned length = aur_export_utf8(text);
        if (length == 0)
            fputs("\xef\xbf\xbd", plot->script); // U+FFFD: what is no text would spoil the SVG
        else if ((unsigned char)*text < ' ')
            fputc(' ', plot->script); // a line end would end the string
        else if (*text == '\'')
            fputs("' . \"'\" . '", plot->script); // '' stands for one, but not at the beginning
        else if (*text == '%')
            fputs(percent, plot->script);
        else
            fwrite(text, 1, length, plot->script);
        text += length ? length : 1;
    }
    fputc('\'', plot->script);
}

void aur_plot_quote(struct aur_plot *plot, const char *text)
{
    quote(plot, text, "%");
}

void aur_plot_quote_tick(struct aur_plot *plot, const char *text)
{
    quote(plot, text, "%%");
}

void aur_plot_draw(struct aur_plot *plot)
{
    // Of terminals: no markup, so that a task called "a_b" is not shown with a subscript.
    fprintf(plot->script,
            "do for [kind in \"svg png\"] {\n"
            "if (kind eq \"svg\") {\n"
            "  set terminal svg noenhanced size %u,%u font \"sans,13\" background \"white\"\n"
            "} else {\n"
            "  set terminal pngcairo noenhanced size %u,%u font \"sans,13\" background \"white\"\n"
            "}\n"
            "set output \"%s.\" . kind\n",
            plot->width, plot->height, plot->width, plot->height, plot->name);
}

// Runs gnuplot in the folder of the plot; the end of what it complains of goes to *answer.
static int run_gnuplot(const struct aur_plot *plot, char *answer, size_t room)
{
    int ends[2];
    answer[0] = '\0';
    if (pipe(ends) != 0)
        return -1;
    char *script = join(plot->name, ".gp", "");
    pid_t child = script ? fork() : -1;
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        if (chdir(plot->folder) == 0)
            execlp("gnuplot", "gnuplot", script, (char *)NULL);
        _exit(127);
    }
    free(script);
    close(ends[1]);
    size_t used = 0;
    for (ssize_t got = 1; child > 0 && got > 0;) {
        if (used + 1 == room) { // what ends it comes last
            used /= 2;
            memmove(answer, answer + room - 1 - used, used);
        }
        got = read(ends[0], answer + used, room - 1 - used);
        used += got > 0 ? (size_t)got : 0;
    }
    answer[used] = '\0';
    close(ends[0]);
    int status = -1;
    if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status))
        return WEXITSTATUS(status);
    return -1;
}

// The last line of gnuplot's answer that has words in it: warnings come before.
static const char *last_words(char *answer)
{
    const char *words = "it gave no reason";
    char *rest;
    for (char *line = strtok_r(answer, "\r\n", &rest); line; line = strtok_r(NULL, "\r\n", &rest)) {
        line += strspn(line, " \t^");
        words = *line ? line : words;
    }
    return words;
}

bool aur_plot_end(struct aur_plot *plot, struct aur_failure *failure)
{
    char answer[512];
    fprintf(plot->script, "set output\n}\n");
    bool written = ferror(plot->script) == 0;
    written = fclose(plot->script) == 0 && written;
    plot->script = NULL;
    char *path = path_of(plot, ".gp");
    bool good = false;
    if (!path)
        aur_fail(failure, NULL, 0, "memory is out");
    else if (!written)
        aur_fail(failure, path, 0, "cannot write the plot: %s", strerror(errno));
    else {
        int status = run_gnuplot(plot, answer, sizeof answer);
        good = status == 0;
        if (status == 127)
            aur_fail(failure, NULL, 0,
                     "gnuplot is not installed: apt-get install gnuplot-nox, then report again");
        else if (!good)
            aur_fail(failure, path, 0, "gnuplot failed: %s", last_words(answer));
    }
    free(path);
    release(plot);
    return good;
}

void aur_plot_drop(struct aur_plot *plot)
{
    if (!plot->script)
        return;
    fclose(plot->script);
    char *path = path_of(plot, ".gp");
    if (path)
        remove(path);
    free(path);
    release(plot);
}
