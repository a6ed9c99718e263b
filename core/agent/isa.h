// The numbers of RFC 9669, sections 3 to 5.
#ifndef AURORA_AGENT_ISA_H
#define AURORA_AGENT_ISA_H

#include <aurora/agent.h>

#define AUR_BPF_REGISTERS 11u
#define AUR_BPF_FRAME     10u // r10, the frame pointer

enum aur_bpf_class { // opcode & 7
    AUR_BPF_LD,
    AUR_BPF_LDX,
    AUR_BPF_ST,
    AUR_BPF_STX,
    AUR_BPF_ALU,
    AUR_BPF_JMP,
    AUR_BPF_JMP32,
    AUR_BPF_ALU64
};

#define AUR_BPF_X 0x08u // the second operand is the source register, not the immediate

enum aur_bpf_alu { // opcode & 0xf0, of ALU and ALU64
    AUR_BPF_ADD = 0x00,
    AUR_BPF_SUB = 0x10,
    AUR_BPF_MUL = 0x20,
    AUR_BPF_DIV = 0x30, // offset 1: signed
    AUR_BPF_OR = 0x40,
    AUR_BPF_AND = 0x50,
    AUR_BPF_LSH = 0x60,
    AUR_BPF_RSH = 0x70,
    AUR_BPF_NEG = 0x80,
    AUR_BPF_MOD = 0x90, // offset 1: signed
    AUR_BPF_XOR = 0xa0,
    AUR_BPF_MOV = 0xb0, // offset 8, 16, 32: sign-extended from so many bits
    AUR_BPF_ARSH = 0xc0,
    AUR_BPF_END = 0xd0 // ALU: to little (0) or big endian (8); ALU64: swapped; immediate: bits
};

enum aur_bpf_jump {    // opcode & 0xf0, of JMP and JMP32
    AUR_BPF_JA = 0x00, // JMP32: by the immediate instead of the offset
    AUR_BPF_JEQ = 0x10,
    AUR_BPF_JGT = 0x20,
    AUR_BPF_JGE = 0x30,
    AUR_BPF_JSET = 0x40,
    AUR_BPF_JNE = 0x50,
    AUR_BPF_JSGT = 0x60,
    AUR_BPF_JSGE = 0x70,
    AUR_BPF_CALL = 0x80,
    AUR_BPF_EXIT = 0x90,
    AUR_BPF_JLT = 0xa0,
    AUR_BPF_JLE = 0xb0,
    AUR_BPF_JSLT = 0xc0,
    AUR_BPF_JSLE = 0xd0
};

enum aur_bpf_size { // opcode & 0x18, of loads and stores
    AUR_BPF_W = 0x00,
    AUR_BPF_H = 0x08,
    AUR_BPF_B = 0x10,
    AUR_BPF_DW = 0x18
};

enum aur_bpf_mode { // opcode & 0xe0
    AUR_BPF_IMM = 0x00,
    AUR_BPF_ABS = 0x20, // classic
    AUR_BPF_IND = 0x40, // classic
    AUR_BPF_MEM = 0x60,
    AUR_BPF_MEMSX = 0x80, // sign-extended
    AUR_BPF_ATOMIC = 0xc0
};

#define AUR_BPF_LD_IMM64 0x18u // LD | IMM | DW

enum aur_bpf_atomic { // immediate; those of the ALU are its codes
    AUR_BPF_FETCH = 0x01,
    AUR_BPF_XCHG = 0xe1,
    AUR_BPF_CMPXCHG = 0xf1
};

enum aur_bpf_call { // source register of CALL
    AUR_BPF_CALL_HELPER,
    AUR_BPF_CALL_LOCAL, // immediate: to the next instruction + that
    AUR_BPF_CALL_NAMED  // Linux's kfuncs; in an image the immediate is enum aur_helper
};

enum aur_bpf_wide { // source register of LD_IMM64: what the immediate is
    AUR_BPF_WIDE_VALUE,
    AUR_BPF_WIDE_MAP,       // a map's number: its address is its name
    AUR_BPF_WIDE_MAP_VALUE, // a map's number, and in the upper half an offset into its values
    AUR_BPF_WIDE_LAST = AUR_BPF_WIDE_MAP_VALUE
};

static inline uint32_t aur_bpf_to(struct aur_instruction instruction)
{
    return instruction.registers & 15u;
}

static inline uint32_t aur_bpf_from(struct aur_instruction instruction)
{
    return instruction.registers >> 4;
}

static inline uint32_t aur_bpf_bytes(uint32_t opcode)
{
    switch ((enum aur_bpf_size)(opcode & 0x18u)) {
    case AUR_BPF_B:
        return 1;
    case AUR_BPF_H:
        return 2;
    case AUR_BPF_W:
        return 4;
    case AUR_BPF_DW:
        break;
    }
    return 8;
}

static inline bool aur_bpf_is_jump(uint32_t opcode)
{
    uint32_t class = opcode & 7u, code = opcode & 0xf0u;
    return (class == AUR_BPF_JMP || class == AUR_BPF_JMP32) && code != AUR_BPF_CALL &&
           code != AUR_BPF_EXIT;
}

static inline bool aur_bpf_is_local_call(struct aur_instruction instruction)
{
    return instruction.opcode == (AUR_BPF_JMP | AUR_BPF_CALL) &&
           aur_bpf_from(instruction) == AUR_BPF_CALL_LOCAL;
}

// Where a jump or a local call at `at` leads, of `count` instructions; AUR_NONE: out of them.
static inline uint32_t aur_bpf_target(struct aur_instruction instruction, uint32_t at,
                                      uint32_t count)
{
    bool by_immediate =
        aur_bpf_is_local_call(instruction) || instruction.opcode == (AUR_BPF_JMP32 | AUR_BPF_JA);
    int64_t to = (int64_t)at + 1 + (by_immediate ? instruction.immediate : instruction.offset);
    return to >= 0 && to < count ? (uint32_t)to : AUR_NONE;
}

#endif
