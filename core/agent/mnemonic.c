// The syntax of mnemonics, e.g. `add32 r0, 5`, as the assemblers of ubpf and bpf_conformance have
// it.
#include "agent/text.h"

#include "agent/isa.h"

struct code {
    const char *name;
    uint32_t code;
    int16_t offset;
};

static const struct code alu_codes[] = {
    {"add", AUR_BPF_ADD, 0},   {"sub", AUR_BPF_SUB, 0},  {"mul", AUR_BPF_MUL, 0},
    {"div", AUR_BPF_DIV, 0},   {"sdiv", AUR_BPF_DIV, 1}, {"mod", AUR_BPF_MOD, 0},
    {"smod", AUR_BPF_MOD, 1},  {"or", AUR_BPF_OR, 0},    {"and", AUR_BPF_AND, 0},
    {"xor", AUR_BPF_XOR, 0},   {"lsh", AUR_BPF_LSH, 0},  {"rsh", AUR_BPF_RSH, 0},
    {"arsh", AUR_BPF_ARSH, 0}, {"neg", AUR_BPF_NEG, 0},  {"mov", AUR_BPF_MOV, 0},
};

static const struct code jump_codes[] = {
    {"ja", AUR_BPF_JA, 0},     {"jeq", AUR_BPF_JEQ, 0},   {"jgt", AUR_BPF_JGT, 0},
    {"jge", AUR_BPF_JGE, 0},   {"jset", AUR_BPF_JSET, 0}, {"jne", AUR_BPF_JNE, 0},
    {"jsgt", AUR_BPF_JSGT, 0}, {"jsge", AUR_BPF_JSGE, 0}, {"jlt", AUR_BPF_JLT, 0},
    {"jle", AUR_BPF_JLE, 0},   {"jslt", AUR_BPF_JSLT, 0}, {"jsle", AUR_BPF_JSLE, 0},
};

static const struct code atomic_codes[] = {
    {"add", AUR_BPF_ADD, 0},
    {"or", AUR_BPF_OR, 0},
    {"and", AUR_BPF_AND, 0},
    {"xor", AUR_BPF_XOR, 0},
    {"fetch_add", AUR_BPF_ADD | AUR_BPF_FETCH, 0},
    {"fetch_or", AUR_BPF_OR | AUR_BPF_FETCH, 0},
    {"fetch_and", AUR_BPF_AND | AUR_BPF_FETCH, 0},
    {"fetch_xor", AUR_BPF_XOR | AUR_BPF_FETCH, 0},
    {"xchg", AUR_BPF_XCHG, 0},
    {"cmpxchg", AUR_BPF_CMPXCHG, 0},
};

static const struct code loads[] = {
    {"ldxb", AUR_BPF_LDX | AUR_BPF_MEM | AUR_BPF_B, 0},
    {"ldxh", AUR_BPF_LDX | AUR_BPF_MEM | AUR_BPF_H, 0},
    {"ldxw", AUR_BPF_LDX | AUR_BPF_MEM | AUR_BPF_W, 0},
    {"ldxdw", AUR_BPF_LDX | AUR_BPF_MEM | AUR_BPF_DW, 0},
    {"ldxsb", AUR_BPF_LDX | AUR_BPF_MEMSX | AUR_BPF_B, 0},
    {"ldxsh", AUR_BPF_LDX | AUR_BPF_MEMSX | AUR_BPF_H, 0},
    {"ldxsw", AUR_BPF_LDX | AUR_BPF_MEMSX | AUR_BPF_W, 0},
};

static const struct code stores[] = {
    {"stb", AUR_BPF_ST | AUR_BPF_MEM | AUR_BPF_B, 0},
    {"sth", AUR_BPF_ST | AUR_BPF_MEM | AUR_BPF_H, 0},
    {"stw", AUR_BPF_ST | AUR_BPF_MEM | AUR_BPF_W, 0},
    {"stdw", AUR_BPF_ST | AUR_BPF_MEM | AUR_BPF_DW, 0},
    {"stxb", AUR_BPF_STX | AUR_BPF_MEM | AUR_BPF_B, 0},
    {"stxh", AUR_BPF_STX | AUR_BPF_MEM | AUR_BPF_H, 0},
    {"stxw", AUR_BPF_STX | AUR_BPF_MEM | AUR_BPF_W, 0},
    {"stxdw", AUR_BPF_STX | AUR_BPF_MEM | AUR_BPF_DW, 0},
};

// code: the opcode; offset: bits.
static const struct code swaps[] = {
    {"le16", AUR_BPF_ALU | AUR_BPF_END, 16},
    {"le32", AUR_BPF_ALU | AUR_BPF_END, 32},
    {"le64", AUR_BPF_ALU | AUR_BPF_END, 64},
    {"be16", AUR_BPF_ALU | AUR_BPF_END | AUR_BPF_X, 16},
    {"be32", AUR_BPF_ALU | AUR_BPF_END | AUR_BPF_X, 32},
    {"be64", AUR_BPF_ALU | AUR_BPF_END | AUR_BPF_X, 64},
    {"swap16", AUR_BPF_ALU64 | AUR_BPF_END, 16},
    {"swap32", AUR_BPF_ALU64 | AUR_BPF_END, 32},
    {"swap64", AUR_BPF_ALU64 | AUR_BPF_END, 64},
    {"bswap16", AUR_BPF_ALU64 | AUR_BPF_END, 16},
    {"bswap32", AUR_BPF_ALU64 | AUR_BPF_END, 32},
    {"bswap64", AUR_BPF_ALU64 | AUR_BPF_END, 64},
};

// Sign-extending moves: from so many bits, to 32 or 64.
static const struct code extensions[] = {
    {"movsx832", AUR_BPF_ALU | AUR_BPF_MOV, 8},     {"movsx1632", AUR_BPF_ALU | AUR_BPF_MOV, 16},
    {"movsx864", AUR_BPF_ALU64 | AUR_BPF_MOV, 8},   {"movsx1664", AUR_BPF_ALU64 | AUR_BPF_MOV, 16},
    {"movsx3264", AUR_BPF_ALU64 | AUR_BPF_MOV, 32},
};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

// The entry that the next word names, with `suffix` behind it, or NULL; takes the word.
static const struct code *take_code(struct aur_reader *reader, const struct code *list,
                                    size_t count, const char *suffix)
{
    const struct aur_word *word = aur_word_here(reader);
    for (size_t i = 0; i < count && word->kind == AUR_WORD_NAME; i++) {
        const char *name = list[i].name, *more = suffix, *text = reader->text + word->at;
        uint32_t at = 0;
        while (at < word->length && *name && text[at] == *name)
            at++, name++;
        while (at < word->length && !*name && *more && text[at] == *more)
            at++, more++;
        if (at == word->length && !*name && !*more) {
            reader->next++;
            return &list[i];
        }
    }
    return NULL;
}

static bool comma(struct aur_reader *reader)
{
    return aur_expect(reader, ",", "a comma is expected between the operands");
}

static bool take_to(struct aur_reader *reader, struct aur_instruction *in)
{
    uint32_t to;
    if (!aur_take_register(reader, &to, NULL))
        return false;
    in->registers |= (uint8_t)to;
    return true;
}

static bool take_from(struct aur_reader *reader, struct aur_instruction *in)
{
    uint32_t from;
    if (!aur_take_register(reader, &from, NULL))
        return false;
    in->registers |= (uint8_t)(from << 4);
    return true;
}

// [r1], [r1+8], [r1 - 8]
static bool take_address(struct aur_reader *reader, uint32_t *base, int16_t *offset)
{
    *offset = 0;
    if (!aur_expect(reader, "[", "an address is expected, e.g. [r1+8]") ||
        !aur_take_register(reader, base, NULL))
        return false;
    if (!aur_word_is(reader, aur_word_here(reader), "]") && !aur_take_offset(reader, offset))
        return false;
    return aur_expect(reader, "]", "the address ends with ]");
}

static bool alu(struct aur_reader *reader, const struct code *code, bool narrow)
{
    struct aur_instruction in = {.opcode =
                                     (uint8_t)(code->code | (narrow ? AUR_BPF_ALU : AUR_BPF_ALU64)),
                                 .offset = code->offset};
    if (!take_to(reader, &in))
        return false;
    if (code->code != AUR_BPF_NEG && (!comma(reader) || !aur_take_operand(reader, false, &in)))
        return false;
    return aur_put(reader, in);
}

static bool take_target(struct aur_reader *reader, struct aur_instruction *in)
{
    if (aur_word_here(reader)->kind == AUR_WORD_NAME)
        return aur_take_use(reader, AUR_USE_OFFSET);
    return aur_take_offset(reader, &in->offset);
}

static bool jump(struct aur_reader *reader, const struct code *code, bool narrow)
{
    struct aur_instruction in = {
        .opcode = (uint8_t)(code->code | (narrow ? AUR_BPF_JMP32 : AUR_BPF_JMP))};
    if (code->code == AUR_BPF_JA && narrow) {
        bool named = aur_word_here(reader)->kind == AUR_WORD_NAME;
        return (named ? aur_take_use(reader, AUR_USE_IMMEDIATE)
                      : aur_take_immediate(reader, &in.immediate)) &&
               aur_put(reader, in);
    }
    if (code->code != AUR_BPF_JA && (!take_to(reader, &in) || !comma(reader) ||
                                     !aur_take_operand(reader, false, &in) || !comma(reader)))
        return false;
    return take_target(reader, &in) && aur_put(reader, in);
}

static bool call(struct aur_reader *reader)
{
    struct aur_instruction in = {.opcode = AUR_BPF_JMP | AUR_BPF_CALL};
    if (aur_take(reader, "local")) {
        in.registers = AUR_BPF_CALL_LOCAL << 4;
        bool named = aur_word_here(reader)->kind == AUR_WORD_NAME;
        return (named ? aur_take_use(reader, AUR_USE_LOCAL_CALL)
                      : aur_take_immediate(reader, &in.immediate)) &&
               aur_put(reader, in);
    }
    bool has_sign = aur_word_is(reader, aur_word_ahead(reader, 1), "+") ||
                    aur_word_is(reader, aur_word_ahead(reader, 1), "-");
    if (has_sign && aur_take(reader, "pc")) {
        in.registers = AUR_BPF_CALL_LOCAL << 4;
        return aur_take_immediate(reader, &in.immediate) && aur_put(reader, in);
    }
    if (aur_word_here(reader)->kind == AUR_WORD_NAME)
        return aur_take_use(reader, AUR_USE_CALL) && aur_put(reader, in);
    return aur_take_immediate(reader, &in.immediate) && aur_put(reader, in);
}

static bool wide(struct aur_reader *reader)
{
    struct aur_instruction halves[2] = {{.opcode = AUR_BPF_LD_IMM64}};
    return take_to(reader, &halves[0]) && comma(reader) && aur_take_wide_operand(reader, halves) &&
           aur_put(reader, halves[0]) && aur_put(reader, halves[1]);
}

static bool atomic(struct aur_reader *reader)
{
    bool narrow = false;
    uint32_t base;
    const struct code *code = take_code(reader, atomic_codes, COUNT(atomic_codes), "");
    if (!code) {
        code = take_code(reader, atomic_codes, COUNT(atomic_codes), "32");
        narrow = true;
    }
    if (!code)
        return aur_text_fail(reader, "lock goes before add, or, and, xor, fetch_add, fetch_or, "
                                     "fetch_and, fetch_xor, xchg or cmpxchg");
    struct aur_instruction in = {
        .opcode = (uint8_t)(AUR_BPF_STX | AUR_BPF_ATOMIC | (narrow ? AUR_BPF_W : AUR_BPF_DW)),
        .immediate = (int32_t)code->code};
    if (!take_address(reader, &base, &in.offset) || !comma(reader) || !take_from(reader, &in))
        return false;
    in.registers |= (uint8_t)base;
    return aur_put(reader, in);
}

static bool load(struct aur_reader *reader, const struct code *code)
{
    struct aur_instruction in = {.opcode = (uint8_t)code->code};
    uint32_t base;
    if (!take_to(reader, &in) || !comma(reader) || !take_address(reader, &base, &in.offset))
        return false;
    in.registers |= (uint8_t)(base << 4);
    return aur_put(reader, in);
}

static bool store(struct aur_reader *reader, const struct code *code)
{
    struct aur_instruction in = {.opcode = (uint8_t)code->code};
    uint32_t base;
    if (!take_address(reader, &base, &in.offset) || !comma(reader))
        return false;
    in.registers = (uint8_t)base;
    bool by_register = (code->code & 7u) == AUR_BPF_STX;
    return (by_register ? take_from(reader, &in) : aur_take_immediate(reader, &in.immediate)) &&
           aur_put(reader, in);
}

static bool swap(struct aur_reader *reader, const struct code *code)
{
    struct aur_instruction in = {.opcode = (uint8_t)code->code, .immediate = code->offset};
    return take_to(reader, &in) && aur_put(reader, in);
}

static bool extend(struct aur_reader *reader, const struct code *code)
{
    struct aur_instruction in = {.opcode = (uint8_t)(code->code | AUR_BPF_X),
                                 .offset = code->offset};
    return take_to(reader, &in) && comma(reader) && take_from(reader, &in) && aur_put(reader, in);
}

static bool plain(struct aur_reader *reader, uint32_t opcode)
{
    return aur_put(reader, (struct aur_instruction){.opcode = (uint8_t)opcode});
}

bool aur_assemble_mnemonic(struct aur_reader *reader)
{
    const struct code *code;
    static const char *const suffixes[] = {"", "64", "32"};
    if (aur_take(reader, "exit"))
        return plain(reader, AUR_BPF_JMP | AUR_BPF_EXIT);
    if (aur_take(reader, "call"))
        return call(reader);
    if (aur_take(reader, "goto"))
        return jump(reader, &jump_codes[0], false);
    if (aur_take(reader, "gotol"))
        return jump(reader, &jump_codes[0], true);
    if (aur_take(reader, "lddw"))
        return wide(reader);
    if (aur_word_is(reader, aur_word_here(reader), "lock"))
        return aur_word_is(reader, aur_word_ahead(reader, 1), "*")
                   ? aur_assemble_expression(reader)
                   : aur_take(reader, "lock") && atomic(reader);
    if ((code = take_code(reader, swaps, COUNT(swaps), "")))
        return swap(reader, code);
    if ((code = take_code(reader, extensions, COUNT(extensions), "")))
        return extend(reader, code);
    if ((code = take_code(reader, loads, COUNT(loads), "")))
        return load(reader, code);
    if ((code = take_code(reader, stores, COUNT(stores), "")))
        return store(reader, code);
    for (uint32_t i = 0; i < COUNT(suffixes); i++) {
        if ((code = take_code(reader, alu_codes, COUNT(alu_codes), suffixes[i])))
            return alu(reader, code, i == 2);
        if ((code = take_code(reader, jump_codes, COUNT(jump_codes), suffixes[i])))
            return jump(reader, code, i == 2);
    }
    return aur_text_fail(reader, "no such instruction");
}
