#include "agent/agent_file.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <aurora/ext.h>
#include <aurora/object.h>

#include "workload/file.h"

unsigned char *aur_hex_read(const char *text, size_t length, size_t *size)
{
    unsigned char *bytes = malloc(length / 2 + 1);
    *size = 0;
    for (size_t at = 0; bytes && at < length;) {
        if (isspace((unsigned char)text[at])) {
            at++;
            continue;
        }
        if (at + 1 == length || !isxdigit((unsigned char)text[at]) ||
            !isxdigit((unsigned char)text[at + 1])) {
            free(bytes);
            return NULL;
        }
        const char pair[3] = {text[at], text[at + 1], '\0'};
        bytes[(*size)++] = (unsigned char)strtoul(pair, NULL, 16);
        at += 2;
    }
    return bytes;
}

bool aur_agent_file_fail(const struct aur_agent_file *file, const struct aur_agent_refusal *refusal,
                         struct aur_failure *failure)
{
    const char *why = aur_agent_status_text(refusal->status);
    uint32_t at = refusal->instruction;
    char line[AUR_DISASSEMBLY_ROOM];
    if (at == AUR_NONE)
        return aur_fail(failure, file->path, 0, "%s", why);
    if (file->places)
        return aur_fail(failure, NULL, 0, "%s:%u:%u: %s", file->path, file->places[at].line,
                        file->places[at].column, why);
    if (!file->image)
        return aur_fail(failure, file->path, 0, "instruction %u: %s", at, why);
    aur_agent_disassemble(aur_image_instructions(file->image), at, file->image->instruction_count,
                          line);
    return aur_fail(failure, file->path, 0, "instruction %u (%s): %s", at, line, why);
}

// Room that grows until the image fits.
static bool build(struct aur_agent_file *file, const struct aur_agent_source *source,
                  struct aur_failure *failure)
{
    struct aur_agent_refusal refusal = {AUR_AGENT_NO_ROOM, AUR_NONE};
    for (size_t room = 1 << 16; refusal.status == AUR_AGENT_NO_ROOM && room <= UINT32_MAX;
         room *= 4) {
        free(file->image);
        file->image = malloc(room);
        if (!file->image)
            return aur_fail(failure, file->path, 0, "memory is out");
        file->bytes = aur_agent_build(source, file->image, room, &refusal);
    }
    if (file->bytes != 0)
        return true;
    free(file->image);
    file->image = NULL;
    return aur_agent_file_fail(file, &refusal, failure);
}

static bool assemble(struct aur_agent_file *file, const char *text, size_t length, uint32_t cpus,
                     uint32_t tasks, struct aur_failure *failure)
{
    struct aur_assembly *assembly = malloc(sizeof *assembly);
    if (!assembly)
        return aur_fail(failure, file->path, 0, "memory is out");
    bool good = aur_agent_assemble(text, length, assembly);
    if (!good)
        aur_fail(failure, NULL, 0, "%s:%u:%u: %s", file->path, assembly->place.line,
                 assembly->place.column, assembly->error);
    size_t bytes = good ? assembly->source.instruction_count * sizeof *file->places : 0;
    file->places = good ? malloc(bytes) : NULL;
    if (file->places) {
        memcpy(file->places, assembly->places, bytes);
        assembly->source.cpus = cpus;
        assembly->source.tasks = tasks;
        good = build(file, &assembly->source, failure);
    } else if (good) {
        good = aur_fail(failure, file->path, 0, "memory is out");
    }
    free(assembly);
    return good;
}

// An operation that never comes would be one that its author relies on in vain.
static bool knows_operations(const struct aur_object_file *object, const char *path,
                             struct aur_failure *failure)
{
    for (uint32_t i = 0; i < object->source.program_count; i++) {
        const char *name = object->programs[i].name;
        uint32_t op = 0;
        while (op < AUR_EXT_OPS && strcmp(aur_ext_op_name(op), name) != 0)
            op++;
        if (object->serves[i] && op == AUR_EXT_OPS)
            return aur_fail(failure, path, 0,
                            "the operation %s does not exist here: leave it out of the table",
                            name);
    }
    return true;
}

static bool read_object(struct aur_agent_file *file, const char *bytes, size_t size, uint32_t cpus,
                        uint32_t tasks, struct aur_failure *failure)
{
    struct aur_object_file *object = malloc(sizeof *object);
    if (!object)
        return aur_fail(failure, file->path, 0, "memory is out");
    bool good = aur_agent_read_object(bytes, size, object);
    if (good) {
        object->source.cpus = cpus;
        object->source.tasks = tasks;
        good =
            knows_operations(object, file->path, failure) && build(file, &object->source, failure);
    } else if (object->name && *object->name) {
        aur_fail(failure, file->path, 0, "%s: %s", object->name, object->error);
    } else {
        aur_fail(failure, file->path, 0, "%s", object->error);
    }
    free(object);
    return good;
}

static bool take_bytes(struct aur_agent_file *file, const void *bytes, size_t size, uint32_t cpus,
                       uint32_t tasks, struct aur_failure *failure)
{
    if (size % sizeof(struct aur_instruction) != 0)
        return aur_fail(failure, file->path, 0,
                        "%zu bytes are no whole number of instructions, which have 8 each", size);
    if (size / sizeof(struct aur_instruction) > AUR_AGENT_INSTRUCTIONS_MAX)
        return aur_fail(failure, file->path, 0, "more than %u instructions",
                        AUR_AGENT_INSTRUCTIONS_MAX);
    struct aur_agent_source source = {.instructions = bytes,
                                      .instruction_count =
                                          (uint32_t)(size / sizeof(struct aur_instruction)),
                                      .cpus = cpus,
                                      .tasks = tasks};
    return build(file, &source, failure);
}

static bool is_text(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!isprint((unsigned char)bytes[i]) && !isspace((unsigned char)bytes[i]))
            return false;
    return true;
}

bool aur_agent_file_parse(struct aur_agent_file *file, const char *path, const char *bytes,
                          size_t size, uint32_t cpus, uint32_t tasks, struct aur_failure *failure)
{
    *file = (struct aur_agent_file){.path = path};
    bool good;
    if (size >= 4 && memcmp(bytes, "\177ELF", 4) == 0) {
        good = read_object(file, bytes, size, cpus, tasks, failure);
    } else if (!is_text(bytes, size)) {
        good = take_bytes(file, bytes, size, cpus, tasks, failure);
    } else {
        size_t digits;
        unsigned char *hex = aur_hex_read(bytes, size, &digits);
        good = hex && digits > 0 ? take_bytes(file, hex, digits, cpus, tasks, failure)
                                 : assemble(file, bytes, size, cpus, tasks, failure);
        free(hex);
    }
    if (!good)
        aur_agent_file_free(file);
    return good;
}

bool aur_agent_file_read(struct aur_agent_file *file, const char *path, uint32_t cpus,
                         uint32_t tasks, struct aur_failure *failure)
{
    bool truncated;
    char *bytes;
    size_t size;
    *file = (struct aur_agent_file){.path = path};
    if (!aur_file_read(path, &bytes, &size, &truncated, failure))
        return false;
    bool good = aur_agent_file_parse(file, path, bytes, size, cpus, tasks, failure);
    free(bytes);
    return good;
}

void aur_agent_file_free(struct aur_agent_file *file)
{
    free(file->image);
    free(file->places);
    file->image = NULL;
    file->places = NULL;
}

bool aur_agent_file_verify(const struct aur_agent_file *file,
                           const struct aur_agent_contract *contract, uint32_t level,
                           struct aur_failure *failure)
{
    struct aur_agent_refusal refusal;
    void *scratch = malloc(aur_agent_scratch_bytes(file->image));
    if (!scratch)
        return aur_fail(failure, file->path, 0, "memory is out");
    bool good = aur_agent_verify(file->image, contract, scratch, &refusal);
    free(scratch);
    if (!good)
        return aur_agent_file_fail(file, &refusal, failure);
    if (file->image->level > level)
        return aur_fail(failure, file->path, 0,
                        "it needs sandbox level %u and may have %u: allow more with --level",
                        file->image->level, level);
    return true;
}
