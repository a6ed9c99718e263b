// aurora agent: checks, translates and runs agents.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent_file.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/table.h"

#define FUEL_DEFAULT 1000000u

static const struct aur_option options[] = {
    {"program", 0, "NAME", "run: which program (default: the only one, else main)"},
    {"memory", 0, "HEX", "run: bytes that r1 leads to; r2 is how many"},
    {"level", 0, "N",
     "check, run: sandbox level: 0 computes, 1 also reads, 2 has maps (default of run),\n"
     "                           3 schedules (default of check)"},
    {"fuel", 0, "N", "run, exec: instructions that it may execute (default: 1000000)"},
    {"output", 'o', "FILE", "asm: where the instructions go (default: hexadecimal on stdout)"},
    AUR_OPTION_JSON,
    {NULL, 0, NULL, NULL},
};

static bool number(const struct aur_arguments *arguments, const char *name, uint64_t most,
                   uint64_t *value, struct aur_failure *failure)
{
    const char *text = aur_arguments_value(arguments, name);
    char *end;
    if (!text)
        return true;
    *value = strtoull(text, &end, 0);
    return (*text >= '0' && *text <= '9' && !*end && *value <= most) ||
           aur_fail(failure, NULL, 0, "--%s is a number, 0 to %" PRIu64 ", not \"%s\"", name, most,
                    text);
}

// Programs that schedule return nothing where their operation does not.
static struct aur_agent_contract contract_of(const struct aur_image *image)
{
    return (struct aur_agent_contract){AUR_NONE, image->level < AUR_LEVEL_SCHEDULE};
}

static int check(const struct aur_arguments *arguments, const char *path)
{
    struct aur_failure failure = {{0}};
    struct aur_agent_file file;
    uint64_t level = AUR_LEVEL_SCHEDULE;
    if (!number(arguments, "level", AUR_LEVEL_SCHEDULE, &level, &failure) ||
        !aur_agent_file_read(&file, path, 1, 1, &failure))
        return aur_command_fail(&failure);
    struct aur_agent_contract contract = contract_of(file.image);
    if (!aur_agent_file_verify(&file, &contract, (uint32_t)level, &failure)) {
        aur_agent_file_free(&file);
        aur_command_fail(&failure);
        return AUR_EXIT_DIFFERENT;
    }
    struct aur_table table;
    aur_table_init(&table);
    aur_table_column(&table, "what", "");
    aur_table_column(&table, "name", "");
    aur_table_column(&table, "size", "");
    for (uint32_t i = 0; i < file.image->program_count; i++) {
        const struct aur_program *program = aur_image_program(file.image, i);
        aur_table_row(&table);
        aur_table_text(&table, program->is_entry ? "program" : "function");
        aur_table_text(&table, aur_image_name(file.image, program->name_at));
        aur_table_quantity(&table, program->count, "instructions");
    }
    for (uint32_t i = 0; i < file.image->map_count; i++) {
        const struct aur_map *map = aur_image_map(file.image, i);
        aur_table_row(&table);
        aur_table_text(&table, "map");
        aur_table_text(&table, aur_image_name(file.image, map->name_at));
        aur_table_quantity(&table, map->bytes, "B");
    }
    aur_table_row(&table);
    aur_table_text(&table, "level");
    aur_table_text(&table, "needed");
    aur_table_number(&table, file.image->level);
    aur_table_print(&table, aur_arguments_flag(arguments, "json"));
    aur_table_free(&table);
    aur_agent_file_free(&file);
    return AUR_EXIT_GOOD;
}

static int assemble(const struct aur_arguments *arguments, const char *path)
{
    struct aur_failure failure = {{0}};
    struct aur_agent_file file;
    const char *to = aur_arguments_value(arguments, "output");
    if (!aur_agent_file_read(&file, path, 1, 1, &failure))
        return aur_command_fail(&failure);
    const struct aur_instruction *all = aur_image_instructions(file.image);
    size_t bytes = file.image->instruction_count * sizeof *all;
    bool good = true;
    if (to)
        good = aur_output_write(to, all, bytes, &failure);
    for (size_t i = 0; !to && i < bytes; i++)
        printf("%02x%s", ((const unsigned char *)all)[i], i % 8 == 7 ? "\n" : " ");
    aur_agent_file_free(&file);
    return good ? AUR_EXIT_GOOD : aur_command_fail(&failure);
}

static int disassemble(const char *path)
{
    struct aur_failure failure = {{0}};
    struct aur_agent_file file;
    char line[AUR_DISASSEMBLY_ROOM];
    if (!aur_agent_file_read(&file, path, 1, 1, &failure))
        return aur_command_fail(&failure);
    for (uint32_t i = 0; i < file.image->program_count; i++) {
        const struct aur_program *program = aur_image_program(file.image, i);
        uint32_t end = program->first + program->count;
        if (program->is_entry)
            printf("%s.program %s\n", i ? "\n" : "", aur_image_name(file.image, program->name_at));
        else
            printf("\n# function %s\n", aur_image_name(file.image, program->name_at));
        for (uint32_t at = program->first; at < end;) {
            uint32_t taken =
                aur_agent_disassemble(aur_image_instructions(file.image), at, end, line);
            printf("%8u: %s\n", at, line);
            at += taken;
        }
    }
    aur_agent_file_free(&file);
    return AUR_EXIT_GOOD;
}

// The fault as one line, with the instruction and what it was.
static int report_fault(const struct aur_agent_file *file, const struct aur_agent_result *result)
{
    struct aur_failure failure = {{0}};
    struct aur_agent_refusal refusal = {result->status, result->instruction};
    aur_agent_file_fail(file, &refusal, &failure);
    aur_command_fail(&failure);
    return AUR_EXIT_DIFFERENT;
}

static uint32_t program_of(const struct aur_image *image, const char *name)
{
    if (name)
        return aur_image_find(image, name);
    uint32_t entry = AUR_NONE, entries = 0;
    for (uint32_t i = 0; i < image->program_count; i++)
        if (aur_image_program(image, i)->is_entry) {
            entry = i;
            entries++;
        }
    return entries == 1 ? entry : aur_image_find(image, "main");
}

// r1 leads to the memory, r2 says how much there is. A program of level 0 gets none.
static void lend(struct aur_agent_env *env, unsigned char *memory, size_t size)
{
    env->memory = (struct aur_agent_span){memory, (uint32_t)size, (uint32_t)size, 0};
    env->r1 = size ? aur_agent_address(AUR_REGION_MEMORY, 0) : 0;
    env->r2 = size;
}

static void print_maps(const struct aur_image *image)
{
    for (uint32_t i = 0; i < image->map_count; i++) {
        const struct aur_map *map = aur_image_map(image, i);
        const unsigned char *values = (const unsigned char *)image + map->values_at;
        uint32_t shown = 0;
        for (uint32_t at = 0; at + map->stride <= map->values_bytes && map->stride && shown < 16;
             at += map->stride) {
            bool blank = true;
            for (uint32_t b = 0; b < map->value_bytes; b++)
                blank &= values[at + b] == 0;
            if (blank)
                continue;
            printf("%s[%u] =", aur_image_name(image, map->name_at), at / map->stride);
            for (uint32_t b = 0; b < map->value_bytes && b < 32; b++)
                printf(" %02x", values[at + b]);
            printf("%s\n", map->value_bytes > 32 ? " ..." : "");
            shown++;
        }
    }
}

static int run(const struct aur_arguments *arguments, const char *path)
{
    struct aur_failure failure = {{0}};
    struct aur_agent_file file;
    const char *digits = aur_arguments_value(arguments, "memory");
    uint64_t level = AUR_LEVEL_MAPS, fuel = FUEL_DEFAULT;
    size_t size = 0;
    if (!number(arguments, "level", AUR_LEVEL_MAPS, &level, &failure) ||
        !number(arguments, "fuel", UINT64_MAX, &fuel, &failure))
        return aur_command_fail(&failure);
    unsigned char *memory = digits ? aur_hex_read(digits, strlen(digits), &size) : NULL;
    if (digits && !memory)
        return aur_command_refuse("--memory is hexadecimal digits in pairs, not \"%s\"", digits);
    if (size && level == AUR_LEVEL_PURE) {
        free(memory);
        return aur_command_refuse("--memory needs --level 1: at level 0 an agent only computes");
    }
    if (!aur_agent_file_read(&file, path, 1, 1, &failure)) {
        free(memory);
        return aur_command_fail(&failure);
    }
    struct aur_agent_contract contract = {AUR_NONE, true};
    uint32_t program = program_of(file.image, aur_arguments_value(arguments, "program"));
    int status = AUR_EXIT_DIFFERENT;
    if (!aur_agent_file_verify(&file, &contract, (uint32_t)level, &failure)) {
        aur_command_fail(&failure);
    } else if (program == AUR_NONE) {
        status = aur_command_refuse("%s: which program? `aurora agent check` lists them, name one "
                                    "with --program",
                                    path);
    } else {
        struct aur_agent_env env = {.fuel = fuel};
        struct aur_agent_result result;
        lend(&env, memory, size);
        aur_agent_run(file.image, program, &env, &result);
        if (result.status != AUR_AGENT_DONE) {
            status = report_fault(&file, &result);
        } else {
            printf("r0 = 0x%" PRIx64 " (%" PRId64 "), %" PRIu64 " instructions\n", result.r0,
                   (int64_t)result.r0, result.fuel);
            print_maps(file.image);
            status = AUR_EXIT_GOOD;
        }
    }
    free(memory);
    aur_agent_file_free(&file);
    return status;
}

static char *read_all(FILE *from, size_t *size)
{
    char *text = NULL;
    *size = 0;
    for (size_t room = 4096;; room *= 2) {
        char *more = realloc(text, room);
        if (!more) {
            free(text);
            return NULL;
        }
        text = more;
        *size += fread(text + *size, 1, room - *size, from);
        if (*size < room)
            return text;
    }
}

// For runners of conformance tests: the program in, r0 out, nothing judged but what the interpreter
// needs.
static int execute(const struct aur_arguments *arguments, const char *digits)
{
    struct aur_failure failure = {{0}};
    struct aur_agent_file file;
    uint64_t fuel = FUEL_DEFAULT;
    size_t length, code_size, size = 0;
    if (!number(arguments, "fuel", UINT64_MAX, &fuel, &failure))
        return aur_command_fail(&failure);
    char *text = read_all(stdin, &length);
    unsigned char *code = text ? aur_hex_read(text, length, &code_size) : NULL;
    free(text);
    if (!code || code_size == 0) {
        free(code);
        return aur_command_refuse("standard input: a program is hexadecimal digits in pairs");
    }
    unsigned char *memory = digits ? aur_hex_read(digits, strlen(digits), &size) : NULL;
    if (digits && !memory) {
        free(code);
        return aur_command_refuse("the memory is hexadecimal digits in pairs, not \"%s\"", digits);
    }
    int status = AUR_EXIT_BAD;
    text = malloc(code_size * 2 + 1); // parsed as digits again, so that 4 of them are no ELF object
    for (size_t i = 0; text && i < code_size; i++)
        snprintf(text + 2 * i, 3, "%02x", code[i]);
    if (text &&
        aur_agent_file_parse(&file, "standard input", text, code_size * 2, 1, 1, &failure)) {
        struct aur_agent_env env = {.fuel = fuel};
        struct aur_agent_result result;
        lend(&env, memory, size);
        aur_agent_run(file.image, 0, &env, &result);
        if (result.status == AUR_AGENT_DONE) {
            printf("%" PRIx64 "\n", result.r0);
            status = AUR_EXIT_GOOD;
        } else {
            status = report_fault(&file, &result);
        }
        aur_agent_file_free(&file);
    } else {
        aur_command_fail(&failure);
    }
    free(text);
    free(code);
    free(memory);
    return status;
}

static int agent(const struct aur_arguments *arguments)
{
    const char *verb = aur_arguments_operand(arguments, 0);
    const char *operand = arguments->operands > 1 ? aur_arguments_operand(arguments, 1) : NULL;
    if (strcmp(verb, "exec") == 0)
        return execute(arguments, operand);
    bool known = strcmp(verb, "check") == 0 || strcmp(verb, "asm") == 0 ||
                 strcmp(verb, "disasm") == 0 || strcmp(verb, "run") == 0;
    if (!known)
        return aur_command_refuse("agent: \"%s\" is not known, write check, asm, disasm, run or "
                                  "exec",
                                  verb);
    if (!operand)
        return aur_command_refuse("usage: aurora agent %s FILE", verb);
    return strcmp(verb, "check") == 0    ? check(arguments, operand)
           : strcmp(verb, "asm") == 0    ? assemble(arguments, operand)
           : strcmp(verb, "disasm") == 0 ? disassemble(operand)
                                         : run(arguments, operand);
}

const struct aur_command aur_command_agent = {
    "agent",
    "check|asm|disasm|run FILE, or exec [MEMORY]",
    "Checks, translates and runs agents, which are BPF programs (RFC 9669)",
    "FILE is an ELF object of `clang -target bpf -O2 -g -c`, assembler text in the syntax of clang "
    "or\n"
    "of ubpf, or instructions as bytes or hexadecimal digits. check verifies it and lists what it\n"
    "has; asm prints its instructions as bytes, disasm as text; run executes one program. exec "
    "takes\n"
    "a program as hexadecimal digits on standard input and prints r0, as runners of conformance\n"
    "tests expect. A program that is refused or faults ends the command with status 1.",
    options,
    1,
    2,
    agent,
};
