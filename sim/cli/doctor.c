// aurora doctor: what Aurora uses, which version is here, and what to install for the rest.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_version.h>
#include <sqlite3.h>
#include <yajl/yajl_version.h>
#include <yaml.h>
#include <zlib.h>

#include "cli/command.h"
#include "cli/table.h"
#include "cli/version.h"

static const struct aur_option options[] = {
    AUR_OPTION_JSON,
    {NULL, 0, NULL, NULL},
};

struct program {
    const char *name;
    const char *command; // prints the version
    const char *purpose;
    const char *package; // of Debian
};

static const struct program programs[] = {
    {"gnuplot", "gnuplot --version", "plots of aurora report", "gnuplot-nox"},
    {"rt-app", "command -v rt-app && dpkg-query -Wf '${Version}' rt-app", "workload examples",
     "rt-app"},
    {"perf", "perf --version", "recording Linux traces", "linux-perf"},
    {"trace-cmd", "trace-cmd --version", "recording Linux traces", "trace-cmd"},
    {"sqlite3", "sqlite3 --version", "looking into results by hand", "sqlite3"},
    {"clang", "clang --version", "core for the browser", "clang"},
    {"emcc", "emcc --version", "the simulator in the browser", "emscripten"},
    {"node", "node --version", "tests of the browser's part", "nodejs"},
};
#define PROGRAMS (sizeof programs / sizeof programs[0])

// The first thing in the command's output that looks like a version: a word with a digit in it.
static bool read_version(const struct program *program, char *version, size_t room)
{
    char command[256], line[256];
    bool found = false;

    snprintf(command, sizeof command, "{ %s; } 2>/dev/null", program->command);
    FILE *pipe = popen(command, "r");
    if (!pipe)
        return false;
    while (!found && fgets(line, sizeof line, pipe)) {
        char *rest = line;
        for (char *word = strtok_r(rest, " \t\n", &rest); word && !found;
             word = strtok_r(NULL, " \t\n", &rest)) {
            const char *digit = strpbrk(word, "0123456789");
            found = digit != NULL && word[0] != '/';
            if (found)
                snprintf(version, room, "%s", digit == word + 1 && *word == 'v' ? digit : word);
        }
    }
    while (fgets(line, sizeof line, pipe))
        continue; // so that the program does not die of a closed pipe
    pclose(pipe);
    return found;
}

static void add(struct aur_table *table, const char *name, const char *version, const char *purpose,
                const char *package)
{
    aur_table_row(table);
    aur_table_text(table, name);
    aur_table_text(table, version ? version : "missing");
    aur_table_text(table, purpose);
    aur_table_text(table, package);
}

static void add_libraries(struct aur_table *table)
{
    char yajl[32];
    int number = yajl_version();

    snprintf(yajl, sizeof yajl, "%d.%d.%d", number / 10000, number / 100 % 100, number % 100);
    add(table, "aurora", AUR_VERSION, "this program", "");
    add(table, "sqlite3 library", sqlite3_libversion(), "results", "libsqlite3-dev");
    add(table, "libyaml", yaml_get_version_string(), "experiment files", "libyaml-dev");
    add(table, "yajl", yajl, "rt-app workloads", "libyajl-dev");
    add(table, "zlib", zlibVersion(), "compressed traces", "zlib1g-dev");
    add(table, "gsl", gsl_version, "confidence intervals", "libgsl-dev");
}

static int doctor(const struct aur_arguments *arguments)
{
    struct aur_table table;
    char missing[256] = "";
    size_t used = 0;
    bool json = aur_arguments_flag(arguments, "json");

    aur_table_init(&table);
    aur_table_column(&table, "what", "");
    aur_table_column(&table, "version", "");
    aur_table_column(&table, "purpose", "");
    aur_table_column(&table, "package", "");
    add_libraries(&table);
    for (size_t i = 0; i < PROGRAMS; i++) {
        char version[64];
        bool here = read_version(&programs[i], version, sizeof version);
        add(&table, programs[i].name, here ? version : NULL, programs[i].purpose,
            programs[i].package);
        if (!here && used < sizeof missing)
            used +=
                (size_t)snprintf(missing + used, sizeof missing - used, " %s", programs[i].package);
    }
    aur_table_print(&table, json);
    aur_table_free(&table);
    if (used && !json)
        printf("\nWhat is missing is not needed to run experiments. To install what is missing on "
               "Debian:\n  apt-get install%s\n",
               missing);
    return AUR_EXIT_GOOD;
}

const struct aur_command aur_command_doctor = {
    "doctor", "", "Tells which versions are here and what is missing", NULL, options, 0, 0, doctor,
};
