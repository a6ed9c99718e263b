// The `aurora` command: finds the subcommand, reads its options, and answers --help.
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/version.h"
#include "workload/document.h"

// A subcommand is its file and a line here.
static const struct aur_command *const commands[] = {
    &aur_command_run,     &aur_command_list,    &aur_command_show,  &aur_command_report,
    &aur_command_compare, &aur_command_explain, &aur_command_diff,  &aur_command_verify,
    &aur_command_import,  &aur_command_export,  &aur_command_agent, &aur_command_policy,
    &aur_command_doctor,
};
#define COMMANDS (sizeof commands / sizeof commands[0])

int aur_command_fail(const struct aur_failure *failure)
{
    fprintf(stderr, "aurora: %s\n", failure->text);
    return AUR_EXIT_BAD;
}

int aur_command_refuse(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("aurora: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return AUR_EXIT_BAD;
}

static int print_overview(void)
{
    printf("usage: aurora COMMAND ...\n\n"
           "Runs scheduling experiments on the decision core that the Aurora kernel runs too.\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-8s %s\n", commands[i]->name, commands[i]->summary);
    printf("\n`aurora COMMAND --help` tells more, `aurora --version` the version. Exit status: 0 "
           "good,\n1 a verification failed or a difference was found, 2 bad usage or input.\n");
    return AUR_EXIT_GOOD;
}

static int print_help(const struct aur_command *command)
{
    printf("usage: aurora %s%s%s%s\n\n%s.\n", command->name, *command->operands ? " " : "",
           command->operands, command->options->name ? " [OPTION]..." : "", command->summary);
    if (command->text)
        printf("\n%s\n", command->text);
    if (command->options->name)
        printf("\noptions\n");
    for (const struct aur_option *option = command->options; option->name; option++) {
        char spelled[64];
        if (option->letter)
            snprintf(spelled, sizeof spelled, "-%c, --%s %s", option->letter, option->name,
                     option->value ? option->value : "");
        else
            snprintf(spelled, sizeof spelled, "--%s %s", option->name,
                     option->value ? option->value : "");
        printf("  %-24s %s\n", spelled, option->summary);
    }
    return AUR_EXIT_GOOD;
}

static bool asks_help(int count, char **words)
{
    for (int i = 0; i < count && strcmp(words[i], "--") != 0; i++)
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0)
            return true;
    return false;
}

static int run_command(const struct aur_command *command, int count, char **words)
{
    struct aur_arguments arguments;
    struct aur_failure failure = {{0}};

    if (asks_help(count, words))
        return print_help(command);
    if (!aur_arguments_read(&arguments, command->options, count, words, &failure))
        return aur_command_fail(&failure);
    if ((int)arguments.operands < command->least)
        return aur_command_refuse("usage: aurora %s %s, see aurora %s --help", command->name,
                                  command->operands, command->name);
    if ((int)arguments.operands > command->most)
        return aur_command_refuse("%s: one word too many: \"%s\"", command->name,
                                  aur_arguments_operand(&arguments, (uint32_t)command->most));
    return command->run(&arguments);
}

static int unknown_command(const char *name)
{
    const char *names[COMMANDS + 1] = {NULL};
    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i]->name;
    const char *near = aur_document_nearest(name, names);
    if (near)
        return aur_command_refuse("unknown command \"%s\", did you mean \"%s\"?", name, near);
    return aur_command_refuse("unknown command \"%s\", `aurora --help` lists them", name);
}

static int dispatch(int count, char **words)
{
    if (count < 2) {
        print_overview();
        return AUR_EXIT_BAD;
    }
    const char *name = words[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return print_overview();
    if (strcmp(name, "--version") == 0) {
        printf("aurora %s\n", AUR_VERSION);
        return AUR_EXIT_GOOD;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return run_command(commands[i], count - 2, words + 2);
        if (strcmp(name, "help") == 0 && count > 2 && strcmp(commands[i]->name, words[2]) == 0)
            return print_help(commands[i]);
    }
    return strcmp(name, "help") == 0 && count == 2 ? print_overview() : unknown_command(name);
}

int main(int count, char **words)
{
    // A file that may not grow is an error of that write, not the end of the process.
    signal(SIGXFSZ, SIG_IGN);
    int status = dispatch(count, words);
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout))
        return aur_command_refuse("standard output: %s", errno ? strerror(errno) : "write error");
    return status;
}
