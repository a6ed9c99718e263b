// From text to what an image is built of: statements, labels and directives. The two syntaxes are
// in mnemonic.c and expression.c.
#include "agent/text.h"

#include "agent/isa.h"
#include "lib/memory.h"

bool aur_put(struct aur_reader *reader, struct aur_instruction instruction)
{
    struct aur_assembly *assembly = reader->assembly;
    uint32_t at = assembly->source.instruction_count;
    if (at == AUR_ASSEMBLER_INSTRUCTIONS)
        return aur_text_fail_at(reader, reader->words[0].place,
                                "more instructions than the assembler takes");
    assembly->places[at] = reader->words[0].place;
    assembly->instructions[at] = instruction;
    assembly->source.instruction_count++;
    return true;
}

bool aur_take_use(struct aur_reader *reader, enum aur_use kind)
{
    struct aur_assembly *assembly = reader->assembly;
    const struct aur_word *word = aur_word_here(reader);
    if (word->kind != AUR_WORD_NAME)
        return aur_text_fail(reader, "the name of a label, or a distance such as +2, is expected");
    if (assembly->use_count == AUR_ASSEMBLER_USES)
        return aur_text_fail(reader, "more jumps and calls by name than the assembler takes");
    assembly->uses[assembly->use_count++] = (struct aur_text_use){
        word->at, word->length, assembly->source.instruction_count, word->place, kind};
    reader->next++;
    return true;
}

static bool same(const struct aur_reader *reader, uint32_t at, uint32_t length, const char *name)
{
    for (uint32_t i = 0; i < length; i++)
        if (name[i] == '\0' || reader->text[at + i] != name[i])
            return false;
    return name[length] == '\0';
}

static bool take_map(struct aur_reader *reader, uint32_t *map)
{
    const struct aur_word *word = aur_word_here(reader);
    const struct aur_agent_source *source = &reader->assembly->source;
    for (*map = 0; *map < source->map_count; ++*map)
        if (word->kind == AUR_WORD_NAME &&
            same(reader, word->at, word->length, source->maps[*map].name)) {
            reader->next++;
            return true;
        }
    return aur_text_fail(reader, "no such map: declare it before with .map");
}

bool aur_take_wide_operand(struct aur_reader *reader, struct aur_instruction halves[2])
{
    uint64_t value = 0, map = 0;
    uint32_t number, kind = AUR_BPF_WIDE_VALUE;
    if (aur_word_here(reader)->kind != AUR_WORD_NAME) {
        if (!aur_take_wide(reader, &value))
            return false;
        halves[0].immediate = (int32_t)(uint32_t)value;
        halves[1].immediate = (int32_t)(uint32_t)(value >> 32);
        return true;
    }
    if (aur_word_ahead(reader, 1)->kind == AUR_WORD_NUMBER && aur_take(reader, "map")) {
        kind = AUR_BPF_WIDE_MAP;
        if (!aur_take_wide(reader, &map))
            return false;
        if (aur_take(reader, "value")) {
            kind = AUR_BPF_WIDE_MAP_VALUE;
            if (!aur_take_wide(reader, &value))
                return false;
        }
    } else {
        if (!take_map(reader, &number))
            return false;
        kind = AUR_BPF_WIDE_MAP;
        map = number;
    }
    halves[0].registers |= (uint8_t)(kind << 4);
    halves[0].immediate = (int32_t)(uint32_t)map;
    halves[1].immediate = (int32_t)(uint32_t)value;
    return true;
}

// The name at the next word, kept, or NULL and the failure.
static const char *take_name(struct aur_reader *reader)
{
    struct aur_assembly *assembly = reader->assembly;
    const struct aur_word *word = aur_word_here(reader);
    if (word->kind != AUR_WORD_NAME) {
        aur_text_fail(reader, "a name is expected");
        return NULL;
    }
    if (word->length >= AUR_ASSEMBLER_NAMES - assembly->names_used) {
        aur_text_fail(reader, "more names than the assembler takes");
        return NULL;
    }
    char *name = assembly->names + assembly->names_used;
    memcpy(name, reader->text + word->at, word->length);
    name[word->length] = '\0';
    assembly->names_used += word->length + 1;
    reader->next++;
    return name;
}

static bool take_count(struct aur_reader *reader, uint32_t *count)
{
    uint64_t value;
    if (!aur_take_wide(reader, &value))
        return false;
    *count = value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
    return true;
}

static bool map_directive(struct aur_reader *reader)
{
    static const struct {
        const char *name;
        enum aur_map_kind kind;
    } kinds[] = {{"hash", AUR_MAP_HASH},
                 {"array", AUR_MAP_ARRAY},
                 {"percpu_array", AUR_MAP_PER_CPU_ARRAY},
                 {"ringbuf", AUR_MAP_RING_BUFFER},
                 {"task_storage", AUR_MAP_TASK_STORAGE}};
    struct aur_agent_source *source = &reader->assembly->source;
    if (source->map_count == AUR_AGENT_MAPS_MAX)
        return aur_text_fail(reader, "an agent has at most 64 maps");
    struct aur_agent_map_source *map = &reader->assembly->maps[source->map_count];
    *map = (struct aur_agent_map_source){.name = take_name(reader)};
    if (!map->name)
        return false;
    for (uint32_t i = 0; i < sizeof kinds / sizeof kinds[0] && map->kind == 0; i++)
        if (aur_take(reader, kinds[i].name))
            map->kind = kinds[i].kind;
    if (map->kind == 0)
        return aur_text_fail(reader,
                             "a map is hash, array, percpu_array, ringbuf or task_storage, e.g. "
                             ".map counts array 4 8 16");
    if (!take_count(reader, &map->key_bytes) || !take_count(reader, &map->value_bytes) ||
        !take_count(reader, &map->entries))
        return false;
    source->map_count++;
    return true;
}

static bool program_directive(struct aur_reader *reader)
{
    struct aur_assembly *assembly = reader->assembly;
    if (assembly->source.program_count == AUR_AGENT_PROGRAMS_MAX)
        return aur_text_fail(reader, "an agent has at most 256 programs");
    const char *name = take_name(reader);
    if (!name)
        return false;
    assembly->programs[assembly->source.program_count++] = (struct aur_agent_program_source){
        .name = name, .first = assembly->source.instruction_count, .is_entry = true};
    return true;
}

// Takes the labels before an instruction. A bare number, which llvm-objdump writes there, is none.
static bool labels(struct aur_reader *reader)
{
    struct aur_assembly *assembly = reader->assembly;
    while (aur_word_is(reader, aur_word_ahead(reader, 1), ":") &&
           aur_word_here(reader)->kind != AUR_WORD_SIGN) {
        const struct aur_word *word = aur_word_here(reader);
        reader->next += 2;
        if (word->kind == AUR_WORD_NUMBER)
            continue;
        for (uint32_t i = 0; i < assembly->label_count; i++)
            if (assembly->labels[i].length == word->length &&
                memcmp(reader->text + assembly->labels[i].at, reader->text + word->at,
                       word->length) == 0)
                return aur_text_fail_at(reader, word->place, "a second label of this name");
        if (assembly->label_count == AUR_ASSEMBLER_LABELS)
            return aur_text_fail_at(reader, word->place, "more labels than the assembler takes");
        assembly->labels[assembly->label_count++] =
            (struct aur_text_label){word->at, word->length, assembly->source.instruction_count};
    }
    return true;
}

static bool statement(struct aur_reader *reader)
{
    if (!labels(reader))
        return false;
    if (aur_word_here(reader)->kind == AUR_WORD_END)
        return true;
    bool good = aur_take(reader, ".map")       ? map_directive(reader)
                : aur_take(reader, ".program") ? program_directive(reader)
                : aur_is_register(reader, aur_word_here(reader)) ||
                        aur_word_here(reader)->kind == AUR_WORD_SIGN ||
                        aur_word_is(reader, aur_word_here(reader), "if")
                    ? aur_assemble_expression(reader)
                    : aur_assemble_mnemonic(reader);
    if (good && aur_word_here(reader)->kind != AUR_WORD_END)
        return aur_text_fail(reader, "more than the instruction takes: begin a new line");
    return good;
}

static uint32_t label_of(const struct aur_reader *reader, const struct aur_text_use *use)
{
    const struct aur_assembly *assembly = reader->assembly;
    for (uint32_t i = 0; i < assembly->label_count; i++)
        if (assembly->labels[i].length == use->length &&
            memcmp(reader->text + assembly->labels[i].at, reader->text + use->at, use->length) == 0)
            return assembly->labels[i].instruction;
    return AUR_NONE;
}

static bool resolve(struct aur_reader *reader, const struct aur_text_use *use)
{
    struct aur_instruction *in = &reader->assembly->instructions[use->instruction];
    uint32_t to = label_of(reader, use);
    int64_t distance = (int64_t)to - use->instruction - 1;
    bool known = to != AUR_NONE;
    switch ((enum aur_use)use->kind) {
    case AUR_USE_CALL:
        if (!known) {
            uint32_t helper = aur_helper_find(reader->text + use->at, use->length);
            in->immediate = (int32_t)helper;
            return helper != AUR_NONE ||
                   aur_text_fail_at(reader, use->place,
                                    "neither a label nor a helper of this name");
        }
        in->registers = AUR_BPF_CALL_LOCAL << 4;
        in->immediate = (int32_t)distance;
        return true;
    case AUR_USE_LOCAL_CALL:
    case AUR_USE_IMMEDIATE:
        in->immediate = (int32_t)distance;
        break;
    case AUR_USE_OFFSET:
        in->offset = (int16_t)distance;
        if (known && (distance < INT16_MIN || distance > INT16_MAX))
            return aur_text_fail_at(reader, use->place, "too far for a jump: use gotol");
        break;
    }
    return known || aur_text_fail_at(reader, use->place, "no such label");
}

bool aur_agent_assemble(const char *text, size_t length, struct aur_assembly *assembly)
{
    struct aur_reader reader = {.text = text, .place = {1, 1}, .assembly = assembly};
    assembly->source = (struct aur_agent_source){.instructions = assembly->instructions,
                                                 .programs = assembly->programs,
                                                 .maps = assembly->maps,
                                                 .cpus = 1,
                                                 .tasks = 1};
    assembly->label_count = 0;
    assembly->use_count = 0;
    assembly->names_used = 0;
    assembly->error = NULL;
    if (length >= UINT32_MAX)
        return aur_text_fail_at(&reader, reader.place, "a text of more than 4 GiB");
    reader.length = (uint32_t)length;
    while (aur_read_statement(&reader))
        if (!statement(&reader))
            return false;
    for (uint32_t i = 0; i < assembly->use_count && !assembly->error; i++)
        resolve(&reader, &assembly->uses[i]);
    if (!assembly->error && assembly->source.instruction_count == 0)
        aur_text_fail_at(&reader, reader.place, "no instruction: the shortest program is exit");
    for (uint32_t i = 0; i < assembly->source.program_count && !assembly->error; i++)
        if (assembly->programs[i].first >= assembly->source.instruction_count ||
            (i > 0 && assembly->programs[i].first == assembly->programs[i - 1].first))
            aur_text_fail_at(&reader, reader.place, "a .program without an instruction");
    return !assembly->error;
}
