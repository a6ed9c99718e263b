// ELF objects for the machine bpf (System V ABI, chapters 4; Linux Documentation/bpf/llvm_reloc.rst
// for the relocations). Every offset is checked before it is followed.
#include "agent/btf.h"
#include "agent/isa.h"
#include "lib/memory.h"

enum {
    RELOCATABLE = 1,   // e_type
    MACHINE_BPF = 247, // e_machine
    PROGBITS = 1,      // sh_type
    SYMTAB = 2,
    STRTAB = 3,
    NOBITS = 8,
    REL = 9,
    ALLOCATED = 2, // sh_flags
    EXECUTABLE = 4,
    OBJECT = 1, // symbol types
    FUNCTION = 2,
    SECTION = 3,
    RELOCATE_64 = 1,   // R_BPF_64_64
    RELOCATE_ABS = 2,  // R_BPF_64_ABS64
    RELOCATE_CALL = 10 // R_BPF_64_32
};

struct header {
    unsigned char ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, program_headers, section_headers;
    uint32_t flags;
    uint16_t size, program_header_size, program_headers_count, section_size, section_count,
        section_names;
};

struct section {
    uint32_t name, type;
    uint64_t flags, address, offset, size;
    uint32_t link, info;
    uint64_t align, entry_size;
};

struct symbol {
    uint32_t name;
    uint8_t info, other;
    uint16_t section;
    uint64_t value, size;
};

struct relocation {
    uint64_t offset, info;
};

struct file {
    const unsigned char *bytes;
    size_t size;
    struct header header;
    struct aur_object_file *object;
    struct section symbols, strings, names, btf;
    uint32_t maps; // section .maps, or NONE
};

static bool fail(struct file *file, const char *error, const char *name)
{
    file->object->error = error;
    file->object->name = name;
    return false;
}

static bool section(const struct file *file, uint32_t number, struct section *section)
{
    uint64_t at = file->header.section_headers + (uint64_t)number * sizeof *section;
    if (number >= file->header.section_count || at > file->size ||
        file->size - at < sizeof *section)
        return false;
    memcpy(section, file->bytes + at, sizeof *section);
    return section->type == NOBITS ||
           (section->offset <= file->size && section->size <= file->size - section->offset);
}

// A string of a table of strings, which ends with 0; "" if there is none.
static const char *string(const struct file *file, const struct section *strings, uint32_t at)
{
    const char *all = (const char *)file->bytes + strings->offset;
    bool there = strings->type == STRTAB && at < strings->size && all[strings->size - 1] == '\0';
    return there ? all + at : "";
}

static const char *section_name(const struct file *file, const struct section *section)
{
    return string(file, &file->names, section->name);
}

static uint32_t symbol_count(const struct file *file)
{
    return (uint32_t)(file->symbols.size / sizeof(struct symbol));
}

static bool symbol(const struct file *file, uint64_t number, struct symbol *symbol)
{
    if (number >= symbol_count(file))
        return false;
    memcpy(symbol, file->bytes + file->symbols.offset + number * sizeof *symbol, sizeof *symbol);
    return true;
}

static const char *symbol_name(const struct file *file, const struct symbol *symbol)
{
    return string(file, &file->strings, symbol->name);
}

static bool begins_with(const char *text, const char *head)
{
    while (*head && *text == *head)
        text++, head++;
    return !*head;
}

static bool is(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

// .data, .data.x, but not .database
static bool is_data(const char *name)
{
    static const char *const heads[] = {".data", ".rodata", ".bss"};
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t length = 0;
        while (heads[i][length])
            length++;
        if (begins_with(name, heads[i]) && (name[length] == '\0' || name[length] == '.'))
            return true;
    }
    return false;
}

static bool open(struct file *file)
{
    struct section s;
    if (file->size < sizeof file->header)
        return fail(file, "it is no ELF object", NULL);
    memcpy(&file->header, file->bytes, sizeof file->header);
    if (memcmp(file->header.ident, "\177ELF\2\1\1", 7) != 0 || file->header.type != RELOCATABLE ||
        file->header.machine != MACHINE_BPF || file->header.section_size != sizeof s)
        return fail(file, "it is no ELF object for bpf: compile with clang -target bpf -O2 -g -c",
                    NULL);
    if (file->header.section_count > AUR_OBJECT_SECTIONS)
        return fail(file, "it has more sections than are supported", NULL);
    if (!section(file, file->header.section_names, &file->names) || file->names.type != STRTAB)
        return fail(file, "it is damaged: its sections have no names", NULL);
    file->symbols.size = 0;
    for (uint32_t i = 0; i < file->header.section_count; i++) {
        file->object->first[i] = AUR_NONE;
        file->object->data_map[i] = AUR_NONE;
        if (!section(file, i, &s))
            return fail(file, "it is damaged: a section lies beyond its end", NULL);
        if (is(section_name(file, &s), ".maps"))
            file->maps = i;
        if (is(section_name(file, &s), ".BTF") && s.type == PROGBITS)
            file->btf = s;
        if (s.type != SYMTAB)
            continue;
        file->symbols = s;
        if (!section(file, s.link, &file->strings))
            return fail(file, "it is damaged: its symbols have no names", NULL);
    }
    return true;
}

static bool read_code(struct file *file)
{
    struct aur_agent_source *source = &file->object->source;
    struct section s;
    for (uint32_t i = 0; i < file->header.section_count; i++) {
        if (!section(file, i, &s) || s.type != PROGBITS || !(s.flags & EXECUTABLE) || s.size == 0)
            continue;
        uint64_t count = s.size / sizeof(struct aur_instruction);
        if (s.size % sizeof(struct aur_instruction) != 0)
            return fail(file, "a section's size is no multiple of an instruction's",
                        section_name(file, &s));
        if (count > AUR_AGENT_INSTRUCTIONS_MAX - source->instruction_count)
            return fail(file, "it has more instructions than an agent may have", NULL);
        file->object->first[i] = source->instruction_count;
        memcpy(file->object->instructions + source->instruction_count, file->bytes + s.offset,
               (size_t)s.size);
        source->instruction_count += (uint32_t)count;
    }
    return source->instruction_count != 0 || fail(file, "it has no code", NULL);
}

// A program goes by its function's name, one of a struct_ops by the name behind the section's /.
static const char *program_name(const char *section, const char *function)
{
    if (begins_with(section, "struct_ops/"))
        return section + sizeof "struct_ops/" - 1;
    if (begins_with(section, "struct_ops.s/"))
        return section + sizeof "struct_ops.s/" - 1;
    return function;
}

static bool read_programs(struct file *file)
{
    struct aur_agent_source *source = &file->object->source;
    struct section in;
    struct symbol s;
    for (uint32_t i = 0; i < symbol_count(file); i++) {
        if (!symbol(file, i, &s) || (s.info & 15) != FUNCTION ||
            s.section >= file->header.section_count || !section(file, s.section, &in) ||
            file->object->first[s.section] == AUR_NONE)
            continue;
        const char *home = section_name(file, &in), *name = symbol_name(file, &s);
        if (source->program_count == AUR_AGENT_PROGRAMS_MAX)
            return fail(file, "it has more functions than an agent may have", NULL);
        if (s.value % sizeof(struct aur_instruction) != 0 || s.value >= in.size)
            return fail(file, "a function begins at no instruction", name);
        file->object->programs[source->program_count++] = (struct aur_agent_program_source){
            .name = program_name(home, name),
            .first = file->object->first[s.section] +
                     (uint32_t)(s.value / sizeof(struct aur_instruction)),
            .is_entry = !is(home, ".text")};
    }
    return source->program_count != 0 || fail(file, "it has no function", NULL);
}

static struct aur_agent_map_source *new_map(struct file *file, const char *name)
{
    struct aur_agent_source *source = &file->object->source;
    if (source->map_count == AUR_AGENT_MAPS_MAX) {
        fail(file, "it has more maps than an agent may have", NULL);
        return NULL;
    }
    struct aur_agent_map_source *map = &file->object->maps[source->map_count++];
    *map = (struct aur_agent_map_source){.name = name};
    return map;
}

static bool read_maps(struct file *file)
{
    struct symbol variable;
    for (uint32_t i = 0; i < symbol_count(file) && file->maps != AUR_NONE; i++) {
        if (!symbol(file, i, &variable) || variable.section != file->maps ||
            (variable.info & 15) != OBJECT)
            continue;
        struct aur_agent_map_source *map = new_map(file, symbol_name(file, &variable));
        if (!map)
            return false;
        file->object->map_values[map - file->object->maps] = (uint32_t)variable.value;
        const char *error =
            aur_btf_map(file->bytes + file->btf.offset, (size_t)file->btf.size, map);
        if (error)
            return fail(file, error, map->name);
    }
    return true;
}

// Each data section is an array of one value.
static bool read_data(struct file *file)
{
    struct section s;
    for (uint32_t i = 0; i < file->header.section_count; i++) {
        if (!section(file, i, &s) || !(s.flags & ALLOCATED) || s.size == 0 ||
            !is_data(section_name(file, &s)))
            continue;
        if (s.size > AUR_AGENT_MAP_BYTES_MAX)
            return fail(file, "a section is larger than a map may be", section_name(file, &s));
        file->object->data_map[i] = file->object->source.map_count;
        struct aur_agent_map_source *map = new_map(file, section_name(file, &s));
        if (!map)
            return false;
        map->kind = AUR_MAP_ARRAY;
        map->flags = begins_with(map->name, ".rodata") ? AUR_MAP_READ_ONLY : 0u;
        map->key_bytes = 4;
        map->value_bytes = (uint32_t)s.size;
        map->entries = 1;
        map->contents = s.type == NOBITS ? NULL : file->bytes + s.offset;
    }
    return true;
}

static bool relocate_wide(struct file *file, struct aur_instruction *in, const struct symbol *to)
{
    const char *name = symbol_name(file, to);
    const struct aur_object_file *object = file->object;
    if (to->section == file->maps && file->maps != AUR_NONE) {
        uint32_t map = 0, value = (uint32_t)to->value + (uint32_t)in->immediate;
        while (map < object->source.map_count && object->map_values[map] != value)
            map++;
        if (map == object->source.map_count)
            return fail(file, "a map is named that is not there", name);
        in->registers = (uint8_t)(aur_bpf_to(*in) | AUR_BPF_WIDE_MAP << 4);
        in->immediate = (int32_t)map;
        in[1].immediate = 0;
        return true;
    }
    if (to->section == 0)
        return fail(file, "a variable is declared only, and nobody has it", name);
    if (to->section >= file->header.section_count || object->data_map[to->section] == AUR_NONE)
        return fail(file, "the address of something that is no data is taken", name);
    in->registers = (uint8_t)(aur_bpf_to(*in) | AUR_BPF_WIDE_MAP_VALUE << 4);
    in[1].immediate = (int32_t)((uint32_t)to->value + (uint32_t)in->immediate);
    in->immediate = (int32_t)object->data_map[to->section];
    return true;
}

static bool relocate_call(struct file *file, uint32_t at, const struct symbol *to)
{
    struct aur_instruction *in = &file->object->instructions[at];
    const char *name = symbol_name(file, to);
    if (to->section == 0) {
        uint32_t length = 0;
        while (name[length])
            length++;
        uint32_t helper = aur_helper_find(name, length);
        if (helper == AUR_NONE)
            return fail(file, "a function is declared only, and no helper has its name", name);
        in->registers = AUR_BPF_CALL_HELPER;
        in->immediate = (int32_t)helper;
        return true;
    }
    if (to->section >= file->header.section_count || file->object->first[to->section] == AUR_NONE)
        return fail(file, "a function is called that is none", name);
    int64_t target = (int64_t)file->object->first[to->section] + (int64_t)(to->value / sizeof *in) +
                     in->immediate + 1;
    in->registers = AUR_BPF_CALL_LOCAL << 4;
    in->immediate = (int32_t)(target - at - 1);
    return true;
}

static bool relocate(struct file *file, const struct section *table, uint32_t first)
{
    struct section code;
    struct symbol to;
    struct relocation one;
    uint64_t count = table->size / sizeof one;
    if (!section(file, table->info, &code))
        return fail(file, "it is damaged: relocations of no section", NULL);
    for (uint64_t i = 0; i < count; i++) {
        memcpy(&one, file->bytes + table->offset + i * sizeof one, sizeof one);
        uint64_t place = one.offset / sizeof(struct aur_instruction);
        if (!symbol(file, one.info >> 32, &to) || one.offset % sizeof(struct aur_instruction) ||
            one.offset >= code.size)
            return fail(file, "it is damaged: a relocation of nothing", NULL);
        uint32_t at = first + (uint32_t)place;
        struct aur_instruction *in = &file->object->instructions[at];
        bool wide =
            in->opcode == AUR_BPF_LD_IMM64 && at + 1 < file->object->source.instruction_count;
        bool good =
            (uint32_t)one.info == RELOCATE_64 && wide ? relocate_wide(file, in, &to)
            : (uint32_t)one.info == RELOCATE_CALL && in->opcode == (AUR_BPF_JMP | AUR_BPF_CALL)
                ? relocate_call(file, at, &to)
                : fail(file, "a relocation is of a kind that is not supported",
                       symbol_name(file, &to));
        if (!good)
            return false;
    }
    return true;
}

// The member of a table of operations that stands at that byte of the section; NULL: none.
static const char *operation(const struct file *file, uint32_t home, uint64_t at)
{
    struct symbol table;
    for (uint32_t i = 0; i < symbol_count(file); i++)
        if (symbol(file, i, &table) && table.section == home && (table.info & 15) == OBJECT &&
            at >= table.value && at - table.value < table.size)
            return aur_btf_member(file->bytes + file->btf.offset, (size_t)file->btf.size,
                                  symbol_name(file, &table), at - table.value);
    return NULL;
}

static bool name_program(struct file *file, uint32_t at, const char *name)
{
    for (uint32_t i = 0; i < file->object->source.program_count; i++) {
        struct aur_agent_program_source *program = &file->object->programs[i];
        if (program->first != at)
            continue;
        if (file->object->serves[i])
            return fail(file, "its function is another operation, too: write one for each", name);
        file->object->serves[i] = true;
        program->name = name;
        program->is_entry = true;
        return true;
    }
    return fail(file, "an operation is no function", name);
}

// A table of operations, libbpf's SEC(".struct_ops"): a function that a member points to goes by
// the member's name.
static bool read_operations(struct file *file, const struct section *table)
{
    struct section home;
    struct symbol to;
    struct relocation one;
    if (!section(file, table->info, &home) || home.type != PROGBITS)
        return fail(file, "it is damaged: relocations of no section", NULL);
    for (uint64_t i = 0; i < table->size / sizeof one; i++) {
        memcpy(&one, file->bytes + table->offset + i * sizeof one, sizeof one);
        uint64_t addend;
        if (!symbol(file, one.info >> 32, &to) || home.size < sizeof addend ||
            one.offset > home.size - sizeof addend)
            return fail(file, "it is damaged: a relocation of nothing", NULL);
        memcpy(&addend, file->bytes + home.offset + one.offset, sizeof addend);
        uint64_t place = (to.value + addend) / sizeof(struct aur_instruction);
        const char *name = operation(file, table->info, one.offset);
        if (!name)
            return fail(file,
                        "a table of operations has a member that BTF does not know: compile "
                        "with -g",
                        NULL);
        if ((uint32_t)one.info != RELOCATE_ABS || to.section >= file->header.section_count ||
            file->object->first[to.section] == AUR_NONE || place > AUR_AGENT_INSTRUCTIONS_MAX)
            return fail(file, "an operation is no function", name);
        if (!name_program(file, file->object->first[to.section] + (uint32_t)place, name))
            return false;
    }
    return true;
}

static bool relocate_section(struct file *file, const struct section *table)
{
    struct section target;
    if (table->type != REL || !section(file, table->info, &target))
        return true;
    const char *name = section_name(file, &target);
    if (is(name, ".struct_ops") || is(name, ".struct_ops.link"))
        return read_operations(file, table);
    uint32_t first = file->object->first[table->info];
    return first == AUR_NONE || relocate(file, table, first);
}

bool aur_agent_read_object(const void *bytes, size_t size, struct aur_object_file *object)
{
    struct file file = {.bytes = bytes, .size = size, .object = object, .maps = AUR_NONE};
    struct section s;
    object->source = (struct aur_agent_source){.instructions = object->instructions,
                                               .programs = object->programs,
                                               .maps = object->maps,
                                               .cpus = 1,
                                               .tasks = 1};
    object->error = NULL;
    object->name = NULL;
    for (uint32_t i = 0; i < AUR_AGENT_MAPS_MAX; i++)
        object->map_values[i] = AUR_NONE;
    for (uint32_t i = 0; i < AUR_AGENT_PROGRAMS_MAX; i++)
        object->serves[i] = false;
    if (!open(&file) || !read_code(&file) || !read_programs(&file) || !read_maps(&file) ||
        !read_data(&file))
        return false;
    for (uint32_t i = 0; i < file.header.section_count; i++)
        if (section(&file, i, &s) && !relocate_section(&file, &s))
            return false;
    return true;
}
