// The interpreter: RFC 9669, sections 4 and 5. It has been told (structure.c) that every opcode,
// register, jump and call exists and that no function runs off its end, and checks no more of the
// code itself. What it checks at each access is memory, and before each instruction the fuel.
//
// Cost: one indirect jump an instruction. A function pays for its stack frame only if it touches
// it.
#include "agent/run.h"

#include "agent/isa.h"

// Shifts by more than the width take its lower bits; division by 0 gives 0, the rest is then the
// dividend; the least number by -1 is itself (section 4.1).

static uint64_t divide64(uint64_t a, uint64_t b)
{
    return b ? a / b : 0;
}

static uint64_t modulo64(uint64_t a, uint64_t b)
{
    return b ? a % b : a;
}

static uint64_t signed_divide64(uint64_t a, uint64_t b)
{
    return b == UINT64_MAX ? 0 - a : b ? (uint64_t)((int64_t)a / (int64_t)b) : 0;
}

static uint64_t signed_modulo64(uint64_t a, uint64_t b)
{
    return b == UINT64_MAX ? 0 : b ? (uint64_t)((int64_t)a % (int64_t)b) : a;
}

static uint32_t divide32(uint32_t a, uint32_t b)
{
    return b ? a / b : 0;
}

static uint32_t modulo32(uint32_t a, uint32_t b)
{
    return b ? a % b : a;
}

static uint32_t signed_divide32(uint32_t a, uint32_t b)
{
    return b == UINT32_MAX ? 0 - a : b ? (uint32_t)((int32_t)a / (int32_t)b) : 0;
}

static uint32_t signed_modulo32(uint32_t a, uint32_t b)
{
    return b == UINT32_MAX ? 0 : b ? (uint32_t)((int32_t)a % (int32_t)b) : a;
}

static uint64_t move64(uint64_t value, int16_t bits)
{
    switch (bits) {
    case 8:
        return (uint64_t)(int64_t)(int8_t)value;
    case 16:
        return (uint64_t)(int64_t)(int16_t)value;
    case 32:
        return (uint64_t)(int64_t)(int32_t)value;
    default:
        return value;
    }
}

static uint64_t swap(uint64_t value, int32_t bits)
{
    switch (bits) {
    case 16:
        return __builtin_bswap16((uint16_t)value);
    case 32:
        return __builtin_bswap32((uint32_t)value);
    default:
        return __builtin_bswap64(value);
    }
}

static uint64_t low(uint64_t value, int32_t bits)
{
    return bits == 64 ? value : value & ((1ull << bits) - 1);
}

// Loads and stores are little endian, as all hosts are.

static bool load(struct aur_agent_run *run, uint64_t address, uint32_t size, bool is_signed,
                 uint64_t *to)
{
    const unsigned char *from = aur_agent_reach(run, address, size, false);
    if (!from)
        return false;
    uint64_t value = 0;
    switch (size) {
    case 1:
        value = *from;
        break;
    case 2:
        memcpy(&value, from, 2);
        break;
    case 4:
        memcpy(&value, from, 4);
        break;
    default:
        memcpy(&value, from, 8);
        break;
    }
    *to = is_signed ? move64(value, (int16_t)(size * 8)) : value;
    return true;
}

static bool store(struct aur_agent_run *run, uint64_t address, uint32_t size, uint64_t value)
{
    unsigned char *to = aur_agent_reach(run, address, size, true);
    if (!to)
        return false;
    switch (size) {
    case 1:
        *to = (unsigned char)value;
        break;
    case 2:
        memcpy(to, &value, 2);
        break;
    case 4:
        memcpy(to, &value, 4);
        break;
    default:
        memcpy(to, &value, 8);
        break;
    }
    return true;
}

// Section 5.3. One thread runs at a time, so nothing has to be done for it to be atomic.
static bool atomic(struct aur_agent_run *run, struct aur_instruction in, uint64_t r[])
{
    uint32_t size = aur_bpf_bytes(in.opcode), from = aur_bpf_from(in);
    uint64_t address = r[aur_bpf_to(in)] + (uint64_t)(int64_t)in.offset, old, value;
    if (!aur_agent_reach(run, address, size, true) || !load(run, address, size, false, &old))
        return false;
    uint64_t operand = low(r[from], (int32_t)size * 8);
    switch (in.immediate & ~AUR_BPF_FETCH) {
    case AUR_BPF_ADD:
        value = old + operand;
        break;
    case AUR_BPF_OR:
        value = old | operand;
        break;
    case AUR_BPF_AND:
        value = old & operand;
        break;
    case AUR_BPF_XOR:
        value = old ^ operand;
        break;
    case AUR_BPF_XCHG & ~AUR_BPF_FETCH:
        value = operand;
        break;
    default: // CMPXCHG
        value = old == low(r[0], (int32_t)size * 8) ? operand : old;
        break;
    }
    if (in.immediate & AUR_BPF_FETCH)
        r[in.immediate == AUR_BPF_CMPXCHG ? 0 : from] = old;
    return store(run, address, size, value);
}

static uint64_t wide(const struct aur_instruction *in)
{
    uint32_t number = (uint32_t)in->immediate, upper = (uint32_t)in[1].immediate;
    switch ((enum aur_bpf_wide)aur_bpf_from(*in)) {
    case AUR_BPF_WIDE_MAP:
        return aur_agent_address(AUR_REGION_MAP, number);
    case AUR_BPF_WIDE_MAP_VALUE:
        return aur_agent_address(AUR_REGION_VALUES + number, upper);
    case AUR_BPF_WIDE_VALUE:
        break;
    }
    return (uint64_t)upper << 32 | number;
}

// A frame for a function that begins; false: there is none left.
static bool enter(struct aur_agent_run *run, uint64_t r[])
{
    if (run->depth == AUR_AGENT_FRAMES) {
        run->status = AUR_AGENT_TOO_DEEP;
        return false;
    }
    run->cleared &= ~(1u << run->depth);
    run->depth++;
    r[AUR_BPF_FRAME] = aur_agent_address(AUR_REGION_STACK, run->depth * AUR_AGENT_STACK_BYTES);
    return true;
}

static bool call(struct aur_agent_run *run, uint32_t at, uint64_t r[], uint32_t *next)
{
    struct aur_instruction in = aur_image_instructions(run->image)[at];
    if (!aur_bpf_is_local_call(in)) {
        r[0] = aur_agent_helper(run, (uint32_t)in.immediate, &r[1]);
        return run->status == AUR_AGENT_DONE;
    }
    uint32_t first = aur_bpf_target(in, at, run->image->instruction_count);
    struct aur_agent_frame *frame = &run->frames[run->depth - 1];
    memcpy(frame->saved, &r[6], sizeof frame->saved);
    frame->back = *next;
    *next = first;
    return enter(run, r);
}

// Back to the caller; false: there is none, the program has ended.
static bool leave(struct aur_agent_run *run, uint64_t r[], uint32_t *next)
{
    if (--run->depth == 0)
        return false;
    const struct aur_agent_frame *frame = &run->frames[run->depth - 1];
    memcpy(&r[6], frame->saved, sizeof frame->saved);
    *next = frame->back;
    r[AUR_BPF_FRAME] = aur_agent_address(AUR_REGION_STACK, run->depth * AUR_AGENT_STACK_BYTES);
    return true;
}

#define DST r[in.registers & 15u]
#define SRC r[in.registers >> 4]
#define IMM ((uint64_t)(int64_t)in.immediate)

// One operation, 64 and 32 bits wide, by immediate and by register.
#define OPERATION(code, wide_result, narrow_result)                                                \
    case AUR_BPF_ALU64 | (code): {                                                                 \
        uint64_t a = DST, b = IMM;                                                                 \
        DST = (wide_result);                                                                       \
        break;                                                                                     \
    }                                                                                              \
    case AUR_BPF_ALU64 | AUR_BPF_X | (code): {                                                     \
        uint64_t a = DST, b = SRC;                                                                 \
        DST = (wide_result);                                                                       \
        break;                                                                                     \
    }                                                                                              \
    case AUR_BPF_ALU | (code): {                                                                   \
        uint32_t a = (uint32_t)DST, b = (uint32_t)in.immediate;                                    \
        DST = (uint32_t)(narrow_result);                                                           \
        break;                                                                                     \
    }                                                                                              \
    case AUR_BPF_ALU | AUR_BPF_X | (code): {                                                       \
        uint32_t a = (uint32_t)DST, b = (uint32_t)SRC;                                             \
        DST = (uint32_t)(narrow_result);                                                           \
        break;                                                                                     \
    }

#define COMPARISON(code, wide_type, narrow_type, operator)                                         \
    case AUR_BPF_JMP | (code):                                                                     \
        if ((wide_type)DST operator(wide_type) IMM)                                                \
            next += (uint32_t)(int32_t)in.offset;                                                  \
        break;                                                                                     \
    case AUR_BPF_JMP | AUR_BPF_X | (code):                                                         \
        if ((wide_type)DST operator(wide_type) SRC)                                                \
            next += (uint32_t)(int32_t)in.offset;                                                  \
        break;                                                                                     \
    case AUR_BPF_JMP32 | (code):                                                                   \
        if ((narrow_type)DST operator(narrow_type) in.immediate)                                   \
            next += (uint32_t)(int32_t)in.offset;                                                  \
        break;                                                                                     \
    case AUR_BPF_JMP32 | AUR_BPF_X | (code):                                                       \
        if ((narrow_type)DST operator(narrow_type) SRC)                                            \
            next += (uint32_t)(int32_t)in.offset;                                                  \
        break;

#define ACCESS(size, bytes)                                                                        \
    case AUR_BPF_LDX | AUR_BPF_MEM | (size):                                                       \
        if (!load(run, SRC + (uint64_t)(int64_t)in.offset, bytes, false, &DST))                    \
            goto faulted;                                                                          \
        break;                                                                                     \
    case AUR_BPF_ST | AUR_BPF_MEM | (size):                                                        \
        if (!store(run, DST + (uint64_t)(int64_t)in.offset, bytes, IMM))                           \
            goto faulted;                                                                          \
        break;                                                                                     \
    case AUR_BPF_STX | AUR_BPF_MEM | (size):                                                       \
        if (!store(run, DST + (uint64_t)(int64_t)in.offset, bytes, SRC))                           \
            goto faulted;                                                                          \
        break;

#define EXTENDED(size, bytes)                                                                      \
    case AUR_BPF_LDX | AUR_BPF_MEMSX | (size):                                                     \
        if (!load(run, SRC + (uint64_t)(int64_t)in.offset, bytes, true, &DST))                     \
            goto faulted;                                                                          \
        break;

// Returns the instruction at which it ended.
static uint32_t execute(struct aur_agent_run *run, uint32_t first, uint64_t r[])
{
    const struct aur_instruction *all = aur_image_instructions(run->image);
    uint32_t at = first, next = first;
    for (;;) {
        at = next++;
        if (run->fuel == 0) {
            run->status = AUR_AGENT_FUEL;
            return at;
        }
        run->fuel--;
        const struct aur_instruction in = all[at];
        switch (in.opcode) {
            OPERATION(AUR_BPF_ADD, a + b, a + b)
            OPERATION(AUR_BPF_SUB, a - b, a - b)
            OPERATION(AUR_BPF_MUL, a * b, a * b)
            OPERATION(AUR_BPF_OR, a | b, a | b)
            OPERATION(AUR_BPF_AND, a & b, a & b)
            OPERATION(AUR_BPF_XOR, a ^ b, a ^ b)
            OPERATION(AUR_BPF_LSH, a << (b & 63), a << (b & 31))
            OPERATION(AUR_BPF_RSH, a >> (b & 63), a >> (b & 31))
            OPERATION(AUR_BPF_ARSH, (uint64_t)((int64_t)a >> (b & 63)),
                      (uint32_t)((int32_t)a >> (b & 31)))
            OPERATION(AUR_BPF_DIV, in.offset ? signed_divide64(a, b) : divide64(a, b),
                      in.offset ? signed_divide32(a, b) : divide32(a, b))
            OPERATION(AUR_BPF_MOD, in.offset ? signed_modulo64(a, b) : modulo64(a, b),
                      in.offset ? signed_modulo32(a, b) : modulo32(a, b))
            COMPARISON(AUR_BPF_JEQ, uint64_t, uint32_t, ==)
            COMPARISON(AUR_BPF_JNE, uint64_t, uint32_t, !=)
            COMPARISON(AUR_BPF_JGT, uint64_t, uint32_t, >)
            COMPARISON(AUR_BPF_JGE, uint64_t, uint32_t, >=)
            COMPARISON(AUR_BPF_JLT, uint64_t, uint32_t, <)
            COMPARISON(AUR_BPF_JLE, uint64_t, uint32_t, <=)
            COMPARISON(AUR_BPF_JSGT, int64_t, int32_t, >)
            COMPARISON(AUR_BPF_JSGE, int64_t, int32_t, >=)
            COMPARISON(AUR_BPF_JSLT, int64_t, int32_t, <)
            COMPARISON(AUR_BPF_JSLE, int64_t, int32_t, <=)
            COMPARISON(AUR_BPF_JSET, uint64_t, uint32_t, &)
            ACCESS(AUR_BPF_B, 1)
            ACCESS(AUR_BPF_H, 2)
            ACCESS(AUR_BPF_W, 4)
            ACCESS(AUR_BPF_DW, 8)
            EXTENDED(AUR_BPF_B, 1)
            EXTENDED(AUR_BPF_H, 2)
            EXTENDED(AUR_BPF_W, 4)
        case AUR_BPF_ALU64 | AUR_BPF_MOV:
            DST = IMM;
            break;
        case AUR_BPF_ALU64 | AUR_BPF_X | AUR_BPF_MOV:
            DST = move64(SRC, in.offset);
            break;
        case AUR_BPF_ALU | AUR_BPF_MOV:
            DST = (uint32_t)in.immediate;
            break;
        case AUR_BPF_ALU | AUR_BPF_X | AUR_BPF_MOV:
            DST = (uint32_t)move64(SRC, in.offset);
            break;
        case AUR_BPF_ALU64 | AUR_BPF_NEG:
            DST = 0 - DST;
            break;
        case AUR_BPF_ALU | AUR_BPF_NEG:
            DST = (uint32_t)(0 - DST);
            break;
        case AUR_BPF_ALU | AUR_BPF_END: // to little endian
            DST = low(DST, in.immediate);
            break;
        case AUR_BPF_ALU | AUR_BPF_X | AUR_BPF_END: // to big endian
        case AUR_BPF_ALU64 | AUR_BPF_END:
            DST = swap(DST, in.immediate);
            break;
        case AUR_BPF_STX | AUR_BPF_ATOMIC | AUR_BPF_W:
        case AUR_BPF_STX | AUR_BPF_ATOMIC | AUR_BPF_DW:
            if (!atomic(run, in, r))
                goto faulted;
            break;
        case AUR_BPF_LD_IMM64:
            DST = wide(&all[at]);
            next++;
            break;
        case AUR_BPF_JMP | AUR_BPF_JA:
            next += (uint32_t)(int32_t)in.offset;
            break;
        case AUR_BPF_JMP32 | AUR_BPF_JA:
            next += (uint32_t)in.immediate;
            break;
        case AUR_BPF_JMP | AUR_BPF_CALL:
            if (!call(run, at, r, &next))
                goto faulted;
            break;
        case AUR_BPF_JMP | AUR_BPF_EXIT:
            if (!leave(run, r, &next))
                return at;
            break;
        default:
            run->status = AUR_AGENT_BAD_OPCODE;
            return at;
        }
    }
faulted:
    return at;
}

void aur_agent_run(struct aur_image *image, uint32_t program, const struct aur_agent_env *env,
                   struct aur_agent_result *result)
{
    struct aur_agent_run run; // frames and stack are set up as they come into use
    uint64_t r[AUR_BPF_REGISTERS] = {[1] = env->r1, [2] = env->r2};
    uint32_t first = aur_image_program(image, program)->first;
    run.image = image;
    run.env = env;
    run.fuel = env->fuel;
    run.status = AUR_AGENT_DONE;
    run.depth = 0;
    run.cleared = 0;
    enter(&run, r);
    result->instruction = execute(&run, first, r);
    result->status = run.status;
    result->r0 = run.status == AUR_AGENT_DONE ? r[0] : 0;
    result->fuel = env->fuel - run.fuel;
}
