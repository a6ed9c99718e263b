// A subcommand of `aurora`: one file each, one line in the table of main.c.
#ifndef AURORA_SIM_CLI_COMMAND_H
#define AURORA_SIM_CLI_COMMAND_H

#include "cli/arguments.h"
#include "engine/failure.h"

// What the program answers to the shell.
enum aur_exit {
    AUR_EXIT_GOOD = 0,
    AUR_EXIT_DIFFERENT = 1, // a verification failed, or `diff` found a difference
    AUR_EXIT_BAD = 2        // bad usage or input
};

struct aur_command {
    const char *name;
    const char *operands;             // "EXPERIMENT", "RUN RUN"; "" if there are none
    const char *summary;              // one line
    const char *text;                 // further lines of --help, or NULL
    const struct aur_option *options; // ended by a NULL name
    int least, most;                  // how many operands
    int (*run)(const struct aur_arguments *arguments);
};

// Prints "aurora: TEXT" as one line on stderr and returns AUR_EXIT_BAD.
int aur_command_fail(const struct aur_failure *failure);
int aur_command_refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

extern const struct aur_command aur_command_run;
extern const struct aur_command aur_command_list;
extern const struct aur_command aur_command_show;
extern const struct aur_command aur_command_report;
extern const struct aur_command aur_command_compare;
extern const struct aur_command aur_command_diff;
extern const struct aur_command aur_command_verify;
extern const struct aur_command aur_command_explain;
extern const struct aur_command aur_command_import;
extern const struct aur_command aur_command_export;
extern const struct aur_command aur_command_agent;
extern const struct aur_command aur_command_policy;
extern const struct aur_command aur_command_doctor;

#endif
