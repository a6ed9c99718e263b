// Instructions as text, as llvm-objdump writes them (llvm/lib/Target/BPF/BPFInstrInfo.td), so that
// the assembler takes it back.
#include <aurora/assembler.h>

#include "agent/image.h"
#include "agent/isa.h"

// A line that is being written. What does not fit is left out.
struct line {
    char *text;
    uint32_t length;
};

static void put(struct line *line, const char *text)
{
    while (*text && line->length + 1 < AUR_DISASSEMBLY_ROOM)
        line->text[line->length++] = *text++;
    line->text[line->length] = '\0';
}

static void put_number(struct line *line, uint64_t value)
{
    char digits[21];
    uint32_t at = sizeof digits - 1;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    put(line, digits + at);
}

// With `plus` before those that are not negative.
static void put_signed(struct line *line, int64_t value, const char *plus, const char *minus)
{
    put(line, value < 0 ? minus : plus);
    put_number(line, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

static void put_register(struct line *line, bool narrow, uint32_t number)
{
    put(line, narrow ? "w" : "r");
    put_number(line, number);
}

static const char *type_of(uint32_t opcode)
{
    static const char *const types[] = {"u32", "u16", "u8", "u64"};
    return types[(opcode & 0x18u) >> 3];
}

// (r1 + 4)
static void put_place(struct line *line, uint32_t base, int16_t offset)
{
    put_register(line, false, base);
    put_signed(line, offset, " + ", " - ");
}

static void put_memory(struct line *line, const char *type, uint32_t base, int16_t offset)
{
    put(line, "*(");
    put(line, type);
    put(line, " *)(");
    put_place(line, base, offset);
    put(line, ")");
}

static void put_operand(struct line *line, struct aur_instruction in, bool narrow)
{
    if (in.opcode & AUR_BPF_X)
        put_register(line, narrow, aur_bpf_from(in));
    else
        put_signed(line, in.immediate, "", "-");
}

static void put_swap(struct line *line, struct aur_instruction in)
{
    bool always = (in.opcode & 7u) == AUR_BPF_ALU64;
    put_register(line, false, aur_bpf_to(in));
    put(line, always ? " = bswap" : in.opcode & AUR_BPF_X ? " = be" : " = le");
    put_number(line, (uint64_t)in.immediate);
    put(line, " ");
    put_register(line, false, aur_bpf_to(in));
}

static void put_alu(struct line *line, struct aur_instruction in)
{
    static const char *const signs[] = {" += ",  " -= ", " *= ", " /= ", " |= ", " &= ",  " <<= ",
                                        " >>= ", " = -", " %= ", " ^= ", " = ",  " s>>= "};
    bool narrow = (in.opcode & 7u) == AUR_BPF_ALU;
    uint32_t code = in.opcode & 0xf0u;
    if (code == AUR_BPF_END) {
        put_swap(line, in);
        return;
    }
    put_register(line, narrow, aur_bpf_to(in));
    bool is_signed = in.offset == 1 && (code == AUR_BPF_DIV || code == AUR_BPF_MOD);
    put(line, is_signed ? code == AUR_BPF_DIV ? " s/= " : " s%= " : signs[code >> 4]);
    if (code == AUR_BPF_NEG) {
        put_register(line, narrow, aur_bpf_to(in));
        return;
    }
    if (code == AUR_BPF_MOV && in.offset != 0)
        put(line, in.offset == 8 ? "(s8)" : in.offset == 16 ? "(s16)" : "(s32)");
    put_operand(line, in, narrow);
}

static void put_call(struct line *line, struct aur_instruction in)
{
    put(line, "call ");
    const char *name = aur_helper_name((uint32_t)in.immediate);
    if (aur_bpf_from(in) == AUR_BPF_CALL_LOCAL)
        put_signed(line, in.immediate, "pc+", "pc-");
    else if (name && in.immediate >= 0x10000)
        put(line, name);
    else
        put_signed(line, in.immediate, "", "-");
}

static void put_jump(struct line *line, struct aur_instruction in)
{
    static const char *const signs[] = {"",      " == ", " > ", " >= ", " & ",  " != ", " s> ",
                                        " s>= ", "",     "",    " < ",  " <= ", " s< ", " s<= "};
    bool narrow = (in.opcode & 7u) == AUR_BPF_JMP32;
    switch (in.opcode & 0xf0u) {
    case AUR_BPF_JA:
        put(line, narrow ? "gotol " : "goto ");
        put_signed(line, narrow ? in.immediate : in.offset, "+", "-");
        return;
    case AUR_BPF_CALL:
        put_call(line, in);
        return;
    case AUR_BPF_EXIT:
        put(line, "exit");
        return;
    default:
        put(line, "if ");
        put_register(line, narrow, aur_bpf_to(in));
        put(line, signs[(in.opcode & 0xf0u) >> 4]);
        put_operand(line, in, narrow);
        put(line, " goto ");
        put_signed(line, in.offset, "+", "-");
        return;
    }
}

static void put_atomic(struct line *line, struct aur_instruction in)
{
    bool narrow = (in.opcode & 0x18u) == AUR_BPF_W;
    uint32_t base = aur_bpf_to(in), from = aur_bpf_from(in), code = (uint32_t)in.immediate;
    bool add = (code & 0xf0u) == AUR_BPF_ADD,
         or = (code & 0xf0u) == AUR_BPF_OR, and = (code & 0xf0u) == AUR_BPF_AND;
    if (code == AUR_BPF_CMPXCHG) {
        put(line, narrow ? "w0 = cmpxchg32_32(" : "r0 = cmpxchg_64(");
        put_place(line, base, in.offset);
        put(line, narrow ? ", w0, " : ", r0, ");
        put_register(line, narrow, from);
        put(line, ")");
        return;
    }
    if (code & AUR_BPF_FETCH) {
        put_register(line, narrow, from);
        if (code == AUR_BPF_XCHG) {
            put(line, narrow ? " = xchg32_32(" : " = xchg_64(");
            put_place(line, base, in.offset);
        } else {
            put(line, add ? " = atomic_fetch_add((" : or ? " = atomic_fetch_or(("
                                                  : and  ? " = atomic_fetch_and(("
                                                         : " = atomic_fetch_xor((");
            put(line, type_of(in.opcode));
            put(line, " *)(");
            put_place(line, base, in.offset);
            put(line, ")");
        }
        put(line, ", ");
        put_register(line, narrow, from);
        put(line, ")");
        return;
    }
    put(line, "lock ");
    put_memory(line, type_of(in.opcode), base, in.offset);
    put(line, add ? " += " : or ? " |= " : and? " &= " : " ^= ");
    put_register(line, narrow, from);
}

static void put_access(struct line *line, struct aur_instruction in)
{
    static const char *const signed_types[] = {"s32", "s16", "s8"};
    const char *type = type_of(in.opcode);
    if ((in.opcode & 7u) == AUR_BPF_LDX) {
        if ((in.opcode & 0xe0u) == AUR_BPF_MEMSX)
            type = signed_types[(in.opcode & 0x18u) >> 3];
        put_register(line, false, aur_bpf_to(in));
        put(line, " = ");
        put_memory(line, type, aur_bpf_from(in), in.offset);
        return;
    }
    put_memory(line, type, aur_bpf_to(in), in.offset);
    put(line, " = ");
    if ((in.opcode & 7u) == AUR_BPF_STX)
        put_register(line, false, aur_bpf_from(in));
    else
        put_signed(line, in.immediate, "", "-");
}

static void put_wide(struct line *line, const struct aur_instruction *in)
{
    uint32_t low = (uint32_t)in->immediate, high = (uint32_t)in[1].immediate;
    uint32_t kind = aur_bpf_from(*in);
    put_register(line, false, aur_bpf_to(*in));
    put(line, kind == AUR_BPF_WIDE_VALUE ? " = " : " = map ");
    put_number(line, kind == AUR_BPF_WIDE_VALUE ? (uint64_t)high << 32 | low : low);
    if (kind == AUR_BPF_WIDE_MAP_VALUE) {
        put(line, " value ");
        put_number(line, high);
    }
    put(line, " ll");
}

uint32_t aur_agent_disassemble(const struct aur_instruction *instructions, uint32_t at,
                               uint32_t count, char *text)
{
    struct line line = {text, 0};
    struct aur_instruction in = instructions[at];
    uint32_t class = in.opcode & 7u;
    bool wide = in.opcode == AUR_BPF_LD_IMM64 && at + 1 < count &&
                aur_bpf_from(in) <= AUR_BPF_WIDE_LAST && instructions[at + 1].opcode == 0;
    put(&line, "");
    if (aur_agent_instruction(in) != AUR_AGENT_DONE || (class == AUR_BPF_LD && !wide)) {
        put(&line, "<unknown>");
        return 1;
    }
    if (wide)
        put_wide(&line, &instructions[at]);
    else if (class == AUR_BPF_ALU || class == AUR_BPF_ALU64)
        put_alu(&line, in);
    else if (class == AUR_BPF_JMP || class == AUR_BPF_JMP32)
        put_jump(&line, in);
    else if ((in.opcode & 0xe0u) == AUR_BPF_ATOMIC && class == AUR_BPF_STX)
        put_atomic(&line, in);
    else
        put_access(&line, in);
    return wide ? 2 : 1;
}
