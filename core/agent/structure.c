// Is every instruction one of RFC 9669, and does every jump, call and map that it names exist? The
// interpreter relies on no more than this.
#include "agent/image.h"
#include "agent/isa.h"

// How much of its fields an instruction uses, as bits.
enum field {
    TO = 1, // the destination register is written
    FROM = 2,
    OFFSET = 4,
    IMMEDIATE = 8,
    NAMES = 16 // the destination register is read only
};

static enum aur_agent_status fields(struct aur_instruction in, uint32_t used)
{
    if (aur_bpf_to(in) >= AUR_BPF_REGISTERS || aur_bpf_from(in) >= AUR_BPF_REGISTERS ||
        ((used & TO) && aur_bpf_to(in) == AUR_BPF_FRAME))
        return AUR_AGENT_BAD_REGISTER;
    if ((!(used & (TO | NAMES)) && aur_bpf_to(in) != 0) ||
        (!(used & FROM) && aur_bpf_from(in) != 0) || (!(used & OFFSET) && in.offset != 0) ||
        (!(used & IMMEDIATE) && in.immediate != 0))
        return AUR_AGENT_RESERVED;
    return AUR_AGENT_DONE;
}

static enum aur_agent_status alu(struct aur_instruction in)
{
    bool wide = (in.opcode & 7u) == AUR_BPF_ALU64, by_register = in.opcode & AUR_BPF_X;
    uint32_t operand = by_register ? FROM : IMMEDIATE;
    switch ((enum aur_bpf_alu)(in.opcode & 0xf0u)) {
    case AUR_BPF_ADD:
    case AUR_BPF_SUB:
    case AUR_BPF_MUL:
    case AUR_BPF_OR:
    case AUR_BPF_AND:
    case AUR_BPF_LSH:
    case AUR_BPF_RSH:
    case AUR_BPF_XOR:
    case AUR_BPF_ARSH:
        return fields(in, TO | operand);
    case AUR_BPF_DIV:
    case AUR_BPF_MOD:
        if (in.offset != 0 && in.offset != 1)
            return AUR_AGENT_RESERVED;
        return fields(in, TO | OFFSET | operand);
    case AUR_BPF_NEG:
        return by_register ? AUR_AGENT_BAD_OPCODE : fields(in, TO);
    case AUR_BPF_MOV:
        if (in.offset != 0 &&
            (!by_register || (in.offset != 8 && in.offset != 16 && (in.offset != 32 || !wide))))
            return AUR_AGENT_RESERVED;
        return fields(in, TO | OFFSET | operand);
    case AUR_BPF_END:
        if ((wide && by_register) ||
            (in.immediate != 16 && in.immediate != 32 && in.immediate != 64))
            return AUR_AGENT_BAD_OPCODE;
        return fields(in, TO | IMMEDIATE);
    }
    return AUR_AGENT_BAD_OPCODE;
}

static enum aur_agent_status jump(struct aur_instruction in)
{
    bool narrow = (in.opcode & 7u) == AUR_BPF_JMP32, by_register = in.opcode & AUR_BPF_X;
    switch (in.opcode & 0xf0u) {
    case AUR_BPF_JA:
        return by_register ? AUR_AGENT_BAD_OPCODE : fields(in, narrow ? IMMEDIATE : OFFSET);
    case AUR_BPF_CALL:
        if (narrow || by_register)
            return AUR_AGENT_BAD_OPCODE;
        if (aur_bpf_from(in) > AUR_BPF_CALL_NAMED)
            return AUR_AGENT_RESERVED;
        return fields(in, FROM | IMMEDIATE);
    case AUR_BPF_EXIT:
        return narrow || by_register ? AUR_AGENT_BAD_OPCODE : fields(in, 0);
    default:
        if ((in.opcode & 0xf0u) > AUR_BPF_JSLE)
            return AUR_AGENT_BAD_OPCODE;
        return fields(in, NAMES | OFFSET | (by_register ? FROM : IMMEDIATE));
    }
}

static enum aur_agent_status atomic(struct aur_instruction in)
{
    uint32_t code = (uint32_t)in.immediate;
    if ((in.opcode & 0x18u) != AUR_BPF_W && (in.opcode & 0x18u) != AUR_BPF_DW)
        return AUR_AGENT_BAD_OPCODE;
    bool fetches = code & AUR_BPF_FETCH;
    if (code != AUR_BPF_XCHG && code != AUR_BPF_CMPXCHG) {
        code &= ~AUR_BPF_FETCH;
        if (code != AUR_BPF_ADD && code != AUR_BPF_OR && code != AUR_BPF_AND && code != AUR_BPF_XOR)
            return AUR_AGENT_BAD_OPCODE;
    }
    if (fetches && code != AUR_BPF_CMPXCHG && aur_bpf_from(in) == AUR_BPF_FRAME)
        return AUR_AGENT_BAD_REGISTER;
    return fields(in, NAMES | FROM | OFFSET | IMMEDIATE);
}

static enum aur_agent_status memory(struct aur_instruction in)
{
    uint32_t mode = in.opcode & 0xe0u;
    switch ((enum aur_bpf_class)(in.opcode & 7u)) {
    case AUR_BPF_LDX:
        if (mode != AUR_BPF_MEM && (mode != AUR_BPF_MEMSX || (in.opcode & 0x18u) == AUR_BPF_DW))
            return AUR_AGENT_BAD_OPCODE;
        return fields(in, TO | FROM | OFFSET);
    case AUR_BPF_ST:
        return mode == AUR_BPF_MEM ? fields(in, NAMES | OFFSET | IMMEDIATE) : AUR_AGENT_BAD_OPCODE;
    case AUR_BPF_STX:
        if (mode == AUR_BPF_ATOMIC)
            return atomic(in);
        return mode == AUR_BPF_MEM ? fields(in, NAMES | FROM | OFFSET) : AUR_AGENT_BAD_OPCODE;
    default:
        if (mode == AUR_BPF_ABS || mode == AUR_BPF_IND)
            return AUR_AGENT_LEGACY;
        if (in.opcode != AUR_BPF_LD_IMM64)
            return AUR_AGENT_BAD_OPCODE;
        return fields(in, TO | FROM | IMMEDIATE);
    }
}

enum aur_agent_status aur_agent_instruction(struct aur_instruction in)
{
    switch ((enum aur_bpf_class)(in.opcode & 7u)) {
    case AUR_BPF_ALU:
    case AUR_BPF_ALU64:
        return alu(in);
    case AUR_BPF_JMP:
    case AUR_BPF_JMP32:
        return jump(in);
    default:
        return memory(in);
    }
}

static enum aur_agent_status wide(const struct aur_image *image, uint32_t at, uint32_t end)
{
    const struct aur_instruction *in = aur_image_instructions(image) + at;
    if (at + 1 >= end || in[1].opcode != 0 || in[1].registers != 0 || in[1].offset != 0)
        return AUR_AGENT_BAD_WIDE;
    uint32_t kind = aur_bpf_from(*in), map = (uint32_t)in->immediate;
    if (kind > AUR_BPF_WIDE_LAST)
        return AUR_AGENT_RESERVED;
    if (kind == AUR_BPF_WIDE_VALUE)
        return AUR_AGENT_DONE;
    if (map >= image->map_count)
        return AUR_AGENT_NO_MAP;
    if (kind == AUR_BPF_WIDE_MAP)
        return in[1].immediate == 0 ? AUR_AGENT_DONE : AUR_AGENT_RESERVED;
    const struct aur_map *m = aur_image_map(image, map);
    bool direct = m->kind == AUR_MAP_ARRAY && (uint32_t)in[1].immediate < m->values_bytes;
    return direct ? AUR_AGENT_DONE : AUR_AGENT_NO_MAP;
}

static enum aur_agent_status call(const struct aur_image *image, uint32_t at)
{
    struct aur_instruction in = aur_image_instructions(image)[at];
    if (!aur_bpf_is_local_call(in))
        return aur_helper_name((uint32_t)in.immediate) ? AUR_AGENT_DONE : AUR_AGENT_NO_HELPER;
    uint32_t to = aur_bpf_target(in, at, image->instruction_count);
    return to != AUR_NONE && aur_image_marks(image)[to] & AUR_MARK_START ? AUR_AGENT_DONE
                                                                         : AUR_AGENT_BAD_CALL;
}

static bool refuse(struct aur_agent_refusal *refusal, enum aur_agent_status status, uint32_t at)
{
    *refusal = (struct aur_agent_refusal){status, at};
    return false;
}

static bool function(const struct aur_image *image, const struct aur_program *program,
                     struct aur_agent_refusal *refusal)
{
    const struct aur_instruction *all = aur_image_instructions(image);
    const unsigned char *marks = aur_image_marks(image);
    uint32_t first = program->first, end = first + program->count;
    bool wide_before = false;
    if (program->count == 0)
        return refuse(refusal, AUR_AGENT_EMPTY, first);
    for (uint32_t at = first; at < end; at++) {
        struct aur_instruction in = all[at];
        uint32_t marked =
            (at == first ? AUR_MARK_START : 0u) | (wide_before ? AUR_MARK_SECOND : 0u);
        if (marks[at] != marked)
            return refuse(refusal, AUR_AGENT_BAD_IMAGE, at);
        if (wide_before) {
            wide_before = false;
            continue;
        }
        enum aur_agent_status status = aur_agent_instruction(in);
        uint32_t code = in.opcode & 0xf0u, class = in.opcode & 7u;
        if (status == AUR_AGENT_DONE && in.opcode == AUR_BPF_LD_IMM64) {
            status = wide(image, at, end);
            wide_before = true;
        } else if (status == AUR_AGENT_DONE && class == AUR_BPF_JMP && code == AUR_BPF_CALL) {
            status = call(image, at);
        } else if (status == AUR_AGENT_DONE && aur_bpf_is_jump(in.opcode)) {
            uint32_t to = aur_bpf_target(in, at, image->instruction_count);
            if (to == AUR_NONE || to < first || to >= end || marks[to] & AUR_MARK_SECOND)
                status = AUR_AGENT_BAD_JUMP;
        }
        if (status != AUR_AGENT_DONE)
            return refuse(refusal, status, at);
    }
    uint32_t last = end - 1;
    bool ends =
        !(marks[last] & AUR_MARK_SECOND) && (all[last].opcode == (AUR_BPF_JMP | AUR_BPF_EXIT) ||
                                             all[last].opcode == (AUR_BPF_JMP | AUR_BPF_JA) ||
                                             all[last].opcode == (AUR_BPF_JMP32 | AUR_BPF_JA));
    if (!ends)
        return refuse(refusal, AUR_AGENT_FALLS_OFF, last);
    return true;
}

uint32_t aur_agent_needs(const struct aur_image *image)
{
    uint32_t level = image->map_count != 0 ? AUR_LEVEL_MAPS : AUR_LEVEL_PURE;
    for (uint32_t at = 0; at < image->instruction_count; at++) {
        struct aur_instruction in = aur_image_instructions(image)[at];
        if (in.opcode != (AUR_BPF_JMP | AUR_BPF_CALL) || aur_bpf_is_local_call(in) ||
            aur_image_marks(image)[at] & AUR_MARK_SECOND)
            continue;
        uint32_t needs = aur_helper_level((uint32_t)in.immediate);
        level = needs > level ? needs : level;
    }
    return level;
}

// Does a table of `count` entries of `size` bytes lie within the image?
static bool lies_within(const struct aur_image *image, uint32_t at, uint32_t count, uint32_t size,
                        uint32_t align)
{
    return at >= sizeof *image && at <= image->bytes && at % align == 0 &&
           (uint64_t)count * size <= image->bytes - at;
}

static bool head(const struct aur_image *image, size_t bytes)
{
    if (bytes < sizeof *image || image->magic != AUR_IMAGE_MAGIC || image->bytes > bytes ||
        image->bytes < sizeof *image || image->cpus < 1 || image->cpus > AUR_CPUS_MAX ||
        image->tasks < 1 || image->tasks > AUR_TASKS_MAX || image->instruction_count < 1 ||
        image->instruction_count > AUR_AGENT_INSTRUCTIONS_MAX || image->program_count < 1 ||
        image->program_count > AUR_AGENT_PROGRAMS_MAX || image->map_count > AUR_AGENT_MAPS_MAX)
        return false;
    return lies_within(image, image->instructions_at, image->instruction_count,
                       sizeof(struct aur_instruction), 8) &&
           lies_within(image, image->marks_at, image->instruction_count, 1, 1) &&
           lies_within(image, image->programs_at, image->program_count, sizeof(struct aur_program),
                       4) &&
           lies_within(image, image->maps_at, image->map_count, sizeof(struct aur_map), 4) &&
           lies_within(image, image->names_at, image->names_bytes, 1, 1) &&
           image->names_bytes != 0 &&
           aur_image_name(image, image->names_at)[image->names_bytes - 1] == '\0';
}

static bool is_name(const struct aur_image *image, uint32_t at)
{
    return at >= image->names_at && at - image->names_at < image->names_bytes;
}

bool aur_agent_structure(const struct aur_image *image, size_t bytes,
                         struct aur_agent_refusal *refusal)
{
    uint32_t next = 0;
    if (!head(image, bytes))
        return refuse(refusal, AUR_AGENT_BAD_IMAGE, AUR_NONE);
    for (uint32_t map = 0; map < image->map_count; map++)
        if (!is_name(image, aur_image_map(image, map)->name_at) ||
            !aur_map_is_sound(image, aur_image_map(image, map)))
            return refuse(refusal, AUR_AGENT_BAD_IMAGE, AUR_NONE);
    for (uint32_t i = 0; i < image->program_count; i++) {
        const struct aur_program *program = aur_image_program(image, i);
        if (program->first != next || program->count > image->instruction_count - next ||
            !is_name(image, program->name_at) || program->is_entry > 1)
            return refuse(refusal, AUR_AGENT_BAD_IMAGE, AUR_NONE);
        next += program->count;
    }
    if (next != image->instruction_count)
        return refuse(refusal, AUR_AGENT_BAD_IMAGE, AUR_NONE);
    for (uint32_t i = 0; i < image->program_count; i++)
        if (!function(image, aur_image_program(image, i), refusal))
            return false;
    if (image->level != aur_agent_needs(image))
        return refuse(refusal, AUR_AGENT_BAD_IMAGE, AUR_NONE);
    return true;
}
