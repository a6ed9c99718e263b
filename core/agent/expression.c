// The syntax that clang and llvm-objdump write, e.g. `r0 += *(u32 *)(r1 + 4)`, as in
// llvm/lib/Target/BPF/BPFInstrInfo.td and the kernel's verifier log.
#include "agent/text.h"

#include "agent/isa.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

struct sign {
    const char *text;
    uint32_t code;
    int16_t offset;
};

static const struct sign assignments[] = {
    {"+=", AUR_BPF_ADD, 0},    {"-=", AUR_BPF_SUB, 0},  {"*=", AUR_BPF_MUL, 0},
    {"/=", AUR_BPF_DIV, 0},    {"s/=", AUR_BPF_DIV, 1}, {"%=", AUR_BPF_MOD, 0},
    {"s%=", AUR_BPF_MOD, 1},   {"|=", AUR_BPF_OR, 0},   {"&=", AUR_BPF_AND, 0},
    {"^=", AUR_BPF_XOR, 0},    {"<<=", AUR_BPF_LSH, 0}, {">>=", AUR_BPF_RSH, 0},
    {"s>>=", AUR_BPF_ARSH, 0},
};

static const struct sign comparisons[] = {
    {"==", AUR_BPF_JEQ, 0},   {"!=", AUR_BPF_JNE, 0},   {">", AUR_BPF_JGT, 0},
    {">=", AUR_BPF_JGE, 0},   {"<", AUR_BPF_JLT, 0},    {"<=", AUR_BPF_JLE, 0},
    {"s>", AUR_BPF_JSGT, 0},  {"s>=", AUR_BPF_JSGE, 0}, {"s<", AUR_BPF_JSLT, 0},
    {"s<=", AUR_BPF_JSLE, 0}, {"&", AUR_BPF_JSET, 0},
};

// Types of memory: unsigned, and for loads signed ones.
static const struct sign types[] = {
    {"u8", AUR_BPF_B, 0}, {"u16", AUR_BPF_H, 0}, {"u32", AUR_BPF_W, 0}, {"u64", AUR_BPF_DW, 0},
    {"s8", AUR_BPF_B, 1}, {"s16", AUR_BPF_H, 1}, {"s32", AUR_BPF_W, 1},
};

static const struct sign *take_sign(struct aur_reader *reader, const struct sign *list,
                                    size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (aur_take(reader, list[i].text))
            return &list[i];
    return NULL;
}

// (r1 + 4), the opening bracket taken.
static bool take_place(struct aur_reader *reader, uint32_t *base, int16_t *offset)
{
    *offset = 0;
    if (!aur_take_register(reader, base, NULL))
        return false;
    if ((aur_word_is(reader, aur_word_here(reader), "+") ||
         aur_word_is(reader, aur_word_here(reader), "-")) &&
        !aur_take_offset(reader, offset))
        return false;
    return true;
}

// *(u32 *)(r1 + 4), the first * not yet taken.
static bool take_memory(struct aur_reader *reader, const struct sign **type, uint32_t *base,
                        int16_t *offset)
{
    static const char form[] = "memory is written *(u32 *)(r1 + 4)";
    if (!aur_expect(reader, "*", form) || !aur_expect(reader, "(", form))
        return false;
    *type = take_sign(reader, types, COUNT(types));
    if (!*type)
        return aur_text_fail(reader, "a type is u8, u16, u32 or u64, of a load also s8, s16, s32");
    return aur_expect(reader, "*", form) && aur_expect(reader, ")", form) &&
           aur_expect(reader, "(", form) && take_place(reader, base, offset) &&
           aur_expect(reader, ")", form);
}

// *(u32 *)(r1 + 4) = r2, or an immediate; after lock: += r2 and the like.
static bool store(struct aur_reader *reader, bool locked)
{
    const struct sign *type, *change = NULL;
    uint32_t base, from;
    int16_t offset;
    bool narrow;
    if (!take_memory(reader, &type, &base, &offset))
        return false;
    if (type->offset != 0)
        return aur_text_fail(reader, "a store is of u8, u16, u32 or u64");
    if (locked)
        change = take_sign(reader, assignments, COUNT(assignments));
    if (locked && !change)
        return aur_text_fail(reader, "lock goes before +=, |=, &= or ^=");
    if (!locked && !aur_expect(reader, "=", "= is expected"))
        return false;
    if (!locked && !aur_is_register(reader, aur_word_here(reader))) {
        struct aur_instruction in = {.opcode = (uint8_t)(AUR_BPF_ST | AUR_BPF_MEM | type->code),
                                     .registers = (uint8_t)base,
                                     .offset = offset};
        return aur_take_immediate(reader, &in.immediate) && aur_put(reader, in);
    }
    if (!aur_take_register(reader, &from, &narrow))
        return false;
    struct aur_instruction in = {
        .opcode = (uint8_t)(AUR_BPF_STX | (locked ? AUR_BPF_ATOMIC : AUR_BPF_MEM) | type->code),
        .registers = (uint8_t)(base | from << 4),
        .offset = offset,
        .immediate = change ? (int32_t)change->code : 0};
    return aur_put(reader, in);
}

// atomic_fetch_add((u64 *)(r1 + 0), r2), its name taken; r2 is also what the old value goes to.
static bool fetch(struct aur_reader *reader, uint32_t to, uint32_t code)
{
    static const char form[] = "it is written r2 = atomic_fetch_add((u64 *)(r1 + 0), r2)";
    uint32_t base, from;
    int16_t offset;
    bool narrow;
    if (!aur_expect(reader, "(", form) || !aur_expect(reader, "(", form))
        return false;
    const struct sign *type = take_sign(reader, types, COUNT(types));
    if (!type || (type->code != AUR_BPF_W && type->code != AUR_BPF_DW) || type->offset != 0)
        return aur_text_fail(reader, "atomic operations are of u32 or u64");
    if (!aur_expect(reader, "*", form) || !aur_expect(reader, ")", form) ||
        !aur_expect(reader, "(", form) || !take_place(reader, &base, &offset) ||
        !aur_expect(reader, ")", form) || !aur_expect(reader, ",", form) ||
        !aur_take_register(reader, &from, &narrow) || !aur_expect(reader, ")", form))
        return false;
    if (from != to)
        return aur_text_fail(reader, "the old value goes to the register that was added");
    return aur_put(reader, (struct aur_instruction){
                               .opcode = (uint8_t)(AUR_BPF_STX | AUR_BPF_ATOMIC | type->code),
                               .registers = (uint8_t)(base | from << 4),
                               .offset = offset,
                               .immediate = (int32_t)(code | AUR_BPF_FETCH)});
}

// xchg_64(r1 + 0, r2); cmpxchg_64(r1 + 0, r0, r2), its name taken.
static bool exchange(struct aur_reader *reader, uint32_t to, uint32_t size, uint32_t code)
{
    static const char form[] = "it is written r2 = xchg_64(r1 + 0, r2), or "
                               "r0 = cmpxchg_64(r1 + 0, r0, r2)";
    uint32_t base, from, compared = 0;
    int16_t offset;
    bool narrow;
    if (!aur_expect(reader, "(", form) || !take_place(reader, &base, &offset) ||
        !aur_expect(reader, ",", form))
        return false;
    if (code == AUR_BPF_CMPXCHG &&
        (!aur_take_register(reader, &compared, &narrow) || !aur_expect(reader, ",", form)))
        return false;
    if (!aur_take_register(reader, &from, &narrow) || !aur_expect(reader, ")", form))
        return false;
    if (code == AUR_BPF_CMPXCHG ? compared != 0 || to != 0 : from != to)
        return aur_text_fail(reader, form);
    return aur_put(
        reader, (struct aur_instruction){.opcode = (uint8_t)(AUR_BPF_STX | AUR_BPF_ATOMIC | size),
                                         .registers = (uint8_t)(base | from << 4),
                                         .offset = offset,
                                         .immediate = (int32_t)code});
}

// What has a name on the right: returns false in *is_one if it is none of these.
static bool call(struct aur_reader *reader, uint32_t to, bool *is_one)
{
    static const struct sign fetches[] = {{"atomic_fetch_add", AUR_BPF_ADD, 0},
                                          {"atomic_fetch_or", AUR_BPF_OR, 0},
                                          {"atomic_fetch_and", AUR_BPF_AND, 0},
                                          {"atomic_fetch_xor", AUR_BPF_XOR, 0}};
    const struct sign *code = take_sign(reader, fetches, COUNT(fetches));
    *is_one = true;
    if (code)
        return fetch(reader, to, code->code);
    if (aur_take(reader, "xchg_64"))
        return exchange(reader, to, AUR_BPF_DW, AUR_BPF_XCHG);
    if (aur_take(reader, "xchg32_32"))
        return exchange(reader, to, AUR_BPF_W, AUR_BPF_XCHG);
    if (aur_take(reader, "cmpxchg_64"))
        return exchange(reader, to, AUR_BPF_DW, AUR_BPF_CMPXCHG);
    if (aur_take(reader, "cmpxchg32_32"))
        return exchange(reader, to, AUR_BPF_W, AUR_BPF_CMPXCHG);
    *is_one = false;
    return true;
}

// = be16 r0, with the register that it begins with again.
static bool swap(struct aur_reader *reader, uint32_t to, bool *is_one)
{
    static const struct sign swaps[] = {
        {"le16", AUR_BPF_ALU | AUR_BPF_END, 16},
        {"le32", AUR_BPF_ALU | AUR_BPF_END, 32},
        {"le64", AUR_BPF_ALU | AUR_BPF_END, 64},
        {"be16", AUR_BPF_ALU | AUR_BPF_END | AUR_BPF_X, 16},
        {"be32", AUR_BPF_ALU | AUR_BPF_END | AUR_BPF_X, 32},
        {"be64", AUR_BPF_ALU | AUR_BPF_END | AUR_BPF_X, 64},
        {"bswap16", AUR_BPF_ALU64 | AUR_BPF_END, 16},
        {"bswap32", AUR_BPF_ALU64 | AUR_BPF_END, 32},
        {"bswap64", AUR_BPF_ALU64 | AUR_BPF_END, 64},
    };
    uint32_t from;
    const struct sign *code = take_sign(reader, swaps, COUNT(swaps));
    *is_one = code != NULL;
    if (!code)
        return true;
    if (!aur_take_register(reader, &from, NULL))
        return false;
    if (from != to)
        return aur_text_fail(reader, "a register's bytes are swapped in place");
    return aur_put(reader, (struct aur_instruction){.opcode = (uint8_t)code->code,
                                                    .registers = (uint8_t)to,
                                                    .immediate = code->offset});
}

// = (s8)r1
static bool extend(struct aur_reader *reader, uint32_t to, bool narrow)
{
    aur_take(reader, "(");
    const struct sign *type = take_sign(reader, types, COUNT(types));
    uint32_t from;
    bool is_narrow;
    if (!type || type->offset == 0)
        return aur_text_fail(reader, "a register is extended from s8, s16 or s32, e.g. (s8)r1");
    if (!aur_expect(reader, ")", "the type ends with )") ||
        !aur_take_register(reader, &from, &is_narrow))
        return false;
    uint32_t bits = type->code == AUR_BPF_B ? 8 : type->code == AUR_BPF_H ? 16 : 32;
    return aur_put(reader, (struct aur_instruction){
                               .opcode = (uint8_t)((narrow ? AUR_BPF_ALU : AUR_BPF_ALU64) |
                                                   AUR_BPF_MOV | AUR_BPF_X),
                               .registers = (uint8_t)(to | from << 4),
                               .offset = (int16_t)bits});
}

// Does the statement end with ll, as that of a wide instruction?
static bool is_wide(const struct aur_reader *reader)
{
    return reader->count > 0 && aur_word_is(reader, &reader->words[reader->count - 1], "ll");
}

// = 5 ll, = map ll; else 5.
static bool number(struct aur_reader *reader, uint32_t to, bool narrow)
{
    struct aur_instruction halves[2] = {{.opcode = AUR_BPF_LD_IMM64, .registers = (uint8_t)to}};
    if (is_wide(reader))
        return aur_take_wide_operand(reader, halves) &&
               aur_expect(reader, "ll", "ll is expected at the end") &&
               aur_put(reader, halves[0]) && aur_put(reader, halves[1]);
    struct aur_instruction in = {
        .opcode = (uint8_t)((narrow ? AUR_BPF_ALU : AUR_BPF_ALU64) | AUR_BPF_MOV),
        .registers = (uint8_t)to};
    return aur_take_operand(reader, narrow, &in) && aur_put(reader, in);
}

static bool assign(struct aur_reader *reader, uint32_t to, bool narrow)
{
    const struct aur_word *word = aur_word_here(reader), *after = aur_word_ahead(reader, 1);
    bool is_one;
    if (aur_word_is(reader, word, "*")) {
        const struct sign *type;
        struct aur_instruction in = {0};
        uint32_t base;
        if (!take_memory(reader, &type, &base, &in.offset))
            return false;
        in.opcode =
            (uint8_t)(AUR_BPF_LDX | (type->offset ? AUR_BPF_MEMSX : AUR_BPF_MEM) | type->code);
        in.registers = (uint8_t)(to | base << 4);
        return aur_put(reader, in);
    }
    if (aur_word_is(reader, word, "("))
        return extend(reader, to, narrow);
    if (aur_word_is(reader, word, "-") && aur_is_register(reader, after)) {
        uint32_t from;
        aur_take(reader, "-");
        if (!aur_take_register(reader, &from, &is_one))
            return false;
        if (from != to)
            return aur_text_fail(reader, "a register is negated in place");
        return aur_put(
            reader, (struct aur_instruction){
                        .opcode = (uint8_t)((narrow ? AUR_BPF_ALU : AUR_BPF_ALU64) | AUR_BPF_NEG),
                        .registers = (uint8_t)to});
    }
    bool good = swap(reader, to, &is_one);
    if (!is_one && good)
        good = call(reader, to, &is_one);
    return is_one || !good ? good : number(reader, to, narrow);
}

static bool conditional(struct aur_reader *reader)
{
    uint32_t to;
    bool narrow;
    if (!aur_take_register(reader, &to, &narrow))
        return false;
    const struct sign *comparison = take_sign(reader, comparisons, COUNT(comparisons));
    if (!comparison)
        return aur_text_fail(reader,
                             "a comparison is ==, !=, >, >=, <, <=, &, or s>, s>=, s<, s<=");
    struct aur_instruction in = {
        .opcode = (uint8_t)(comparison->code | (narrow ? AUR_BPF_JMP32 : AUR_BPF_JMP)),
        .registers = (uint8_t)to};
    if (!aur_take_operand(reader, narrow, &in) ||
        !aur_expect(reader, "goto", "goto is expected after the condition"))
        return false;
    bool named = aur_word_here(reader)->kind == AUR_WORD_NAME;
    return (named ? aur_take_use(reader, AUR_USE_OFFSET) : aur_take_offset(reader, &in.offset)) &&
           aur_put(reader, in);
}

bool aur_assemble_expression(struct aur_reader *reader)
{
    uint32_t to;
    bool narrow;
    if (aur_take(reader, "if"))
        return conditional(reader);
    if (aur_take(reader, "lock"))
        return store(reader, true);
    if (aur_word_is(reader, aur_word_here(reader), "*"))
        return store(reader, false);
    if (!aur_take_register(reader, &to, &narrow))
        return false;
    if (aur_take(reader, "="))
        return assign(reader, to, narrow);
    const struct sign *change = take_sign(reader, assignments, COUNT(assignments));
    if (!change)
        return aur_text_fail(reader, "an assignment is expected: =, +=, -=, *=, /=, %=, |=, &=, "
                                     "^=, <<=, >>=, s>>=, s/= or s%=");
    struct aur_instruction in = {
        .opcode = (uint8_t)((narrow ? AUR_BPF_ALU : AUR_BPF_ALU64) | change->code),
        .registers = (uint8_t)to,
        .offset = change->offset};
    return aur_take_operand(reader, narrow, &in) && aur_put(reader, in);
}
