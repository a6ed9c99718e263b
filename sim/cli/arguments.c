#include "cli/arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload/document.h"

#define NAMES_MOST 32u

static const struct aur_option *find(const struct aur_option *options, const char *name,
                                     size_t length)
{
    for (; options->name; options++)
        if (strlen(options->name) == length && strncmp(options->name, name, length) == 0)
            return options;
    return NULL;
}

static const struct aur_option *find_letter(const struct aur_option *options, char letter)
{
    for (; options->name; options++)
        if (options->letter && options->letter == letter)
            return options;
    return NULL;
}

static bool unknown(const struct aur_option *options, const char *word, size_t length,
                    struct aur_failure *failure)
{
    const char *names[NAMES_MOST] = {NULL};
    char given[64];

    for (uint32_t i = 0; i < NAMES_MOST - 1 && options[i].name; i++)
        names[i] = options[i].name;
    snprintf(given, sizeof given, "%.*s", (int)(length < 60 ? length : 60), word);
    const char *name = aur_document_nearest(given, names);
    if (name)
        return aur_fail(failure, NULL, 0, "unknown option --%s, did you mean --%s?", given, name);
    return aur_fail(failure, NULL, 0, "unknown option %s%s, see --help", length > 1 ? "--" : "-",
                    given);
}

static bool add(struct aur_arguments *arguments, const struct aur_option *option, const char *value,
                struct aur_failure *failure)
{
    if (arguments->count == AUR_ARGUMENTS_MOST)
        return aur_fail(failure, NULL, 0, "more than %u words, put settings into the file",
                        AUR_ARGUMENTS_MOST);
    arguments->given[arguments->count++] = (struct aur_given){option, value};
    arguments->operands += option == NULL;
    return true;
}

// Reads the option in words[at] and moves *at over its value.
static bool read_option(struct aur_arguments *arguments, const struct aur_option *options,
                        int count, char **words, int *at, struct aur_failure *failure)
{
    const char *word = words[*at], *equals = NULL, *value = NULL;
    const struct aur_option *option;
    size_t length;

    if (word[1] == '-') {
        word += 2;
        equals = strchr(word, '=');
        length = equals ? (size_t)(equals - word) : strlen(word);
        option = find(options, word, length);
    } else {
        word += 1;
        length = 1;
        option = find_letter(options, word[0]);
        if (option && word[1])
            value = word + 1;
    }
    if (!option)
        return unknown(options, word, length, failure);
    if (equals)
        value = equals + 1;
    if (!option->value) {
        if (value)
            return aur_fail(failure, NULL, 0, "--%s takes no value", option->name);
        return add(arguments, option, "", failure);
    }
    if (!value) {
        if (*at + 1 >= count)
            return aur_fail(failure, NULL, 0, "--%s needs %s", option->name, option->value);
        value = words[++*at];
    }
    return add(arguments, option, value, failure);
}

bool aur_arguments_read(struct aur_arguments *arguments, const struct aur_option *options,
                        int count, char **words, struct aur_failure *failure)
{
    bool options_over = false;
    memset(arguments, 0, sizeof *arguments);
    for (int at = 0; at < count; at++) {
        if (!options_over && strcmp(words[at], "--") == 0) {
            options_over = true;
        } else if (!options_over && words[at][0] == '-' && words[at][1]) {
            if (!read_option(arguments, options, count, words, &at, failure))
                return false;
        } else if (!add(arguments, NULL, words[at], failure)) {
            return false;
        }
    }
    return true;
}

const char *aur_arguments_operand(const struct aur_arguments *arguments, uint32_t number)
{
    for (uint32_t i = 0; i < arguments->count; i++)
        if (!arguments->given[i].option && number-- == 0)
            return arguments->given[i].value;
    return NULL;
}

const char *aur_arguments_value(const struct aur_arguments *arguments, const char *name)
{
    for (uint32_t i = arguments->count; i-- > 0;)
        if (arguments->given[i].option && strcmp(arguments->given[i].option->name, name) == 0)
            return arguments->given[i].value;
    return NULL;
}

bool aur_arguments_flag(const struct aur_arguments *arguments, const char *name)
{
    return aur_arguments_value(arguments, name) != NULL;
}

const char *aur_arguments_database(const struct aur_arguments *arguments)
{
    const char *database = aur_arguments_value(arguments, "db");
    if (!database)
        database = getenv("AURORA_DB");
    return database && *database ? database : "results/aurora.db";
}
