// The words after a command: options, which may stand anywhere, and operands.
#ifndef AURORA_SIM_CLI_ARGUMENTS_H
#define AURORA_SIM_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/failure.h"

struct aur_option {
    const char *name;    // "db" for --db; NULL ends a list
    char letter;         // 'o' for -o, or 0
    const char *value;   // what it takes, "FILE"; NULL for a flag
    const char *summary; // one line
};

// Options that commands share.
#define AUR_OPTION_DB                                                                              \
    {                                                                                              \
        "db", 0, "FILE", "the results database (default: $AURORA_DB, else results/aurora.db)"      \
    }
#define AUR_OPTION_JSON                                                                            \
    {                                                                                              \
        "json", 0, NULL, "print JSON instead of a table"                                           \
    }

#define AUR_ARGUMENTS_MOST 128u

struct aur_given {
    const struct aur_option *option; // NULL: an operand
    const char *value;
};

struct aur_arguments {
    struct aur_given given[AUR_ARGUMENTS_MOST];
    uint32_t count;
    uint32_t operands;
};

// Reads words[0 .. count). "--x=v" and "--x v" are the same, "--" ends the options.
bool aur_arguments_read(struct aur_arguments *arguments, const struct aur_option *options,
                        int count, char **words, struct aur_failure *failure);

const char *aur_arguments_operand(const struct aur_arguments *arguments, uint32_t number);
bool aur_arguments_flag(const struct aur_arguments *arguments, const char *name);

// The last value given, or NULL.
const char *aur_arguments_value(const struct aur_arguments *arguments, const char *name);

// --db, else $AURORA_DB, else results/aurora.db.
const char *aur_arguments_database(const struct aur_arguments *arguments);

#endif
