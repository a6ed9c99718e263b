// Each instruction of RFC 9669, by its bytes, against values worked out by hand from its text.
// Sections in brackets.
#include <string.h>

#include <aurora/agent.h>

#include "tests/run_tests.h"

#define INS(code, to, from, off, imm)                                                              \
    {                                                                                              \
        .opcode = (code), .registers = (uint8_t)((to) | (from) << 4), .offset = (int16_t)(off),    \
        .immediate = (int32_t)(imm)                                                                \
    }
#define EXIT         INS(0x95, 0, 0, 0, 0)
#define MOV(to, imm) INS(0xb7, to, 0, 0, imm)
#define WIDE(to, value)                                                                            \
    INS(0x18, to, 0, 0, (uint32_t)(value)), INS(0, 0, 0, 0, (uint64_t)(value) >> 32)
#define K64(code, to, imm)  INS(0x07 | (code), to, 0, 0, imm)
#define X64(code, to, from) INS(0x0f | (code), to, from, 0, 0)
#define K32(code, to, imm)  INS(0x04 | (code), to, 0, 0, imm)
#define X32(code, to, from) INS(0x0c | (code), to, from, 0, 0)
#define ADD                 0x00
#define SUB                 0x10
#define MUL                 0x20
#define DIV                 0x30
#define OR                  0x40
#define AND                 0x50
#define LSH                 0x60
#define RSH                 0x70
#define NEG                 0x80
#define MOD                 0x90
#define XOR                 0xa0
#define ARSH                0xc0

#define LONGEST 14
#define A       0x0123456789abcdefull
#define MIN64   0x8000000000000000ull

struct sample {
    const char *name;
    struct aur_instruction code[LONGEST];
    uint64_t r0;
    uint32_t status;
};

// r0 = a, r1 = b, one operation, exit.
#define OF(name, a, b, operation, result)                                                          \
    {                                                                                              \
        name, {WIDE(0, a), WIDE(1, b), operation, EXIT}, result, 0                                 \
    }

static const struct sample arithmetic[] = {
    // [4.1] 64 bits wide
    OF("add", A, 2, X64(ADD, 0, 1), A + 2),
    OF("add wraps", UINT64_MAX, 1, X64(ADD, 0, 1), 0),
    OF("add immediate is sign-extended", 5, 0, K64(ADD, 0, -6), UINT64_MAX),
    OF("sub", 3, 5, X64(SUB, 0, 1), (uint64_t)-2),
    OF("sub immediate", 3, 0, K64(SUB, 0, -5), 8),
    OF("mul", A, 3, X64(MUL, 0, 1), 0x0369d0369d0369cd),
    OF("mul keeps the lower half", 1ull << 40, 1ull << 30, X64(MUL, 0, 1), 0),
    OF("mul immediate", 7, 0, K64(MUL, 0, -3), (uint64_t)-21),
    OF("div is unsigned", (uint64_t)-10, 3, X64(DIV, 0, 1), 0x5555555555555552),
    OF("div immediate is sign-extended, then unsigned", (uint64_t)-10, 0, K64(DIV, 0, -10), 1),
    OF("div by 0 is 0", A, 0, X64(DIV, 0, 1), 0),
    OF("div by immediate 0 is 0", A, 0, K64(DIV, 0, 0), 0),
    OF("sdiv", (uint64_t)-10, 3, INS(0x3f, 0, 1, 1, 0), (uint64_t)-3),
    OF("sdiv immediate", (uint64_t)-10, 0, INS(0x37, 0, 0, 1, -3), 3),
    OF("sdiv by 0 is 0", (uint64_t)-10, 0, INS(0x3f, 0, 1, 1, 0), 0),
    OF("sdiv of the least by -1 is the least", MIN64, -1, INS(0x3f, 0, 1, 1, 0), MIN64),
    OF("mod", (uint64_t)-10, 7, X64(MOD, 0, 1), 6), // 2^64 = 2, so 2 - 10 = -8 = 6 mod 7
    OF("mod by 0 leaves the dividend", A, 0, X64(MOD, 0, 1), A),
    OF("smod takes the sign of the dividend", (uint64_t)-10, 3, INS(0x9f, 0, 1, 1, 0),
       (uint64_t)-1),
    OF("smod by a negative", 10, (uint64_t)-3, INS(0x9f, 0, 1, 1, 0), 1),
    OF("smod of the least by -1 is 0", MIN64, -1, INS(0x9f, 0, 1, 1, 0), 0),
    OF("smod by 0 leaves the dividend", (uint64_t)-10, 0, INS(0x9f, 0, 1, 1, 0), (uint64_t)-10),
    OF("or", 0xf0, 0x0f, X64(OR, 0, 1), 0xff),
    OF("or immediate is sign-extended", 0, 0, K64(OR, 0, -16), (uint64_t)-16),
    OF("and", A, 0xffff0000, X64(AND, 0, 1), 0x89ab0000),
    OF("and immediate is sign-extended", A, 0, K64(AND, 0, -256), 0x0123456789abcd00),
    OF("xor", A, A, X64(XOR, 0, 1), 0),
    OF("xor immediate", A, 0, K64(XOR, 0, -1), ~A),
    OF("lsh", 1, 63, X64(LSH, 0, 1), MIN64),
    OF("lsh by more takes 6 bits", 1, 65, X64(LSH, 0, 1), 2),
    OF("rsh fills with 0", MIN64, 63, X64(RSH, 0, 1), 1),
    OF("rsh by more takes 6 bits", 8, 67, X64(RSH, 0, 1), 1),
    OF("arsh fills with the sign", MIN64, 63, X64(ARSH, 0, 1), UINT64_MAX),
    OF("arsh immediate", (uint64_t)-8, 0, K64(ARSH, 0, 1), (uint64_t)-4),
    OF("neg", 5, 0, INS(0x87, 0, 0, 0, 0), (uint64_t)-5),
    OF("neg of the least is the least", MIN64, 0, INS(0x87, 0, 0, 0, 0), MIN64),
    OF("mov", 0, A, X64(0xb0, 0, 1), A),
    OF("mov immediate is sign-extended", 0, 0, MOV(0, -2), (uint64_t)-2),
    OF("movsx from 8", 0, 0x1fe, INS(0xbf, 0, 1, 8, 0), (uint64_t)-2),
    OF("movsx from 16", 0, 0x17fff, INS(0xbf, 0, 1, 16, 0), 0x7fff),
    OF("movsx from 32", 0, 0x180000000, INS(0xbf, 0, 1, 32, 0), 0xffffffff80000000),
    // 32 bits wide: the upper half becomes 0
    OF("add32", A, 1, X32(ADD, 0, 1), 0x89abcdf0),
    OF("add32 wraps", 0xffffffff, 1, X32(ADD, 0, 1), 0),
    OF("sub32 immediate", 0, 0, K32(SUB, 0, 1), 0xffffffff),
    OF("mul32", 0x10001, 0x10001, X32(MUL, 0, 1), 0x20001),
    OF("div32 is of the lower halves", 0xf00000009, 0xf00000002, X32(DIV, 0, 1), 4),
    OF("div32 immediate is unsigned", 0xfffffff6, 0, K32(DIV, 0, -10), 1),
    OF("div32 by 0 is 0", A, 0xf00000000, X32(DIV, 0, 1), 0),
    OF("sdiv32", 0xfffffff6, 3, INS(0x3c, 0, 1, 1, 0), 0xfffffffd),
    OF("sdiv32 of the least by -1", 0x80000000, 0xffffffff, INS(0x3c, 0, 1, 1, 0), 0x80000000),
    OF("mod32 by 0 leaves the lower half", A, 0, X32(MOD, 0, 1), 0x89abcdef),
    OF("smod32", 0xfffffff6, 3, INS(0x9c, 0, 1, 1, 0), 0xffffffff),
    OF("smod32 of the least by -1 is 0", 0x80000000, 0xffffffff, INS(0x9c, 0, 1, 1, 0), 0),
    OF("or32 immediate", A, 0, K32(OR, 0, -1), 0xffffffff),
    OF("and32 immediate", A, 0, K32(AND, 0, -1), 0x89abcdef),
    OF("xor32", A, UINT64_MAX, X32(XOR, 0, 1), 0x76543210),
    OF("lsh32 by more takes 5 bits", 1, 33, X32(LSH, 0, 1), 2),
    OF("lsh32 loses what goes beyond", 3, 31, X32(LSH, 0, 1), 0x80000000),
    OF("rsh32", 0xf80000000, 31, X32(RSH, 0, 1), 1),
    OF("arsh32", 0x80000000, 4, X32(ARSH, 0, 1), 0xf8000000),
    OF("arsh32 of the lower half", 0xf7fffffff, 0, K32(ARSH, 0, 28), 7),
    OF("neg32", 1, 0, INS(0x84, 0, 0, 0, 0), 0xffffffff),
    OF("mov32", 0, A, X32(0xb0, 0, 1), 0x89abcdef),
    OF("mov32 immediate is not sign-extended", 0, 0, INS(0xb4, 0, 0, 0, -1), 0xffffffff),
    OF("movsx32 from 8", 0, 0x80, INS(0xbc, 0, 1, 8, 0), 0xffffff80),
    OF("movsx32 from 16", 0, 0x8000, INS(0xbc, 0, 1, 16, 0), 0xffff8000),
    // [4.2] byte swaps; all hosts are little endian
    OF("le16", A, 0, INS(0xd4, 0, 0, 0, 16), 0xcdef),
    OF("le32", A, 0, INS(0xd4, 0, 0, 0, 32), 0x89abcdef),
    OF("le64", A, 0, INS(0xd4, 0, 0, 0, 64), A),
    OF("be16", A, 0, INS(0xdc, 0, 0, 0, 16), 0xefcd),
    OF("be32", A, 0, INS(0xdc, 0, 0, 0, 32), 0xefcdab89),
    OF("be64", A, 0, INS(0xdc, 0, 0, 0, 64), 0xefcdab8967452301),
    OF("bswap16", A, 0, INS(0xd7, 0, 0, 0, 16), 0xefcd),
    OF("bswap32", A, 0, INS(0xd7, 0, 0, 0, 32), 0xefcdab89),
    OF("bswap64", A, 0, INS(0xd7, 0, 0, 0, 64), 0xefcdab8967452301),
};

// [4.3] r0 = a, r1 = b; 1 if it jumps.
#define JUMP(name, a, b, instruction, jumps)                                                       \
    {                                                                                              \
        name, {WIDE(2, a), WIDE(1, b), MOV(0, 1), instruction, MOV(0, 0), EXIT}, jumps, 0          \
    }
#define JX64(code, jumps_over) INS(0x0d | (code), 2, 1, jumps_over, 0)
#define JX32(code, jumps_over) INS(0x0e | (code), 2, 1, jumps_over, 0)

static const struct sample jumps[] = {
    JUMP("ja", 0, 0, INS(0x05, 0, 0, 1, 0), 1),
    JUMP("ja by the immediate", 0, 0, INS(0x06, 0, 0, 0, 1), 1),
    JUMP("jeq", A, A, JX64(0x10, 1), 1),
    JUMP("jeq of all 64 bits", A, A & 0xffffffff, JX64(0x10, 1), 0),
    JUMP("jeq immediate is sign-extended", UINT64_MAX, 0, INS(0x15, 2, 0, 1, -1), 1),
    JUMP("jgt is unsigned", UINT64_MAX, 1, JX64(0x20, 1), 1),
    JUMP("jgt of equals", 1, 1, JX64(0x20, 1), 0),
    JUMP("jge", 1, 1, JX64(0x30, 1), 1),
    JUMP("jset", 6, 3, JX64(0x40, 1), 1),
    JUMP("jset of no common bit", 4, 3, JX64(0x40, 1), 0),
    JUMP("jset immediate is sign-extended", MIN64, 0, INS(0x45, 2, 0, 1, -1), 1),
    JUMP("jne", 1, 2, JX64(0x50, 1), 1),
    JUMP("jsgt", 1, UINT64_MAX, JX64(0x60, 1), 1),
    JUMP("jsgt of a negative", UINT64_MAX, 1, JX64(0x60, 1), 0),
    JUMP("jsge", UINT64_MAX, UINT64_MAX, JX64(0x70, 1), 1),
    JUMP("jlt", 1, UINT64_MAX, JX64(0xa0, 1), 1),
    JUMP("jle", 2, 1, JX64(0xb0, 1), 0),
    JUMP("jslt", UINT64_MAX, 0, JX64(0xc0, 1), 1),
    JUMP("jsle immediate", (uint64_t)-5, 0, INS(0xd5, 2, 0, 1, -5), 1),
    JUMP("jeq32 of the lower halves", 0xf00000001, 1, JX32(0x10, 1), 1),
    JUMP("jeq32 immediate", 0xffffffff, 0, INS(0x16, 2, 0, 1, -1), 1),
    JUMP("jgt32", 0xf00000000, 1, JX32(0x20, 1), 0),
    JUMP("jge32", 0xffffffff, 1, JX32(0x30, 1), 1),
    JUMP("jset32 does not see the upper half", MIN64, MIN64, JX32(0x40, 1), 0),
    JUMP("jne32", 0xf00000001, 1, JX32(0x50, 1), 0),
    JUMP("jsgt32", 0x7fffffff, 0x80000000, JX32(0x60, 1), 1),
    JUMP("jsge32", 0x80000000, 0, JX32(0x70, 1), 0),
    JUMP("jlt32", 0, 0xffffffff, JX32(0xa0, 1), 1),
    JUMP("jle32", 0xf00000002, 1, JX32(0xb0, 1), 0),
    JUMP("jslt32", 0xffffffff, 0, JX32(0xc0, 1), 1),
    JUMP("jsle32 immediate", 0xfffffffb, 0, INS(0xd6, 2, 0, 1, -5), 1),
    {"a jump back",
     {MOV(0, 3), MOV(1, 0), K64(ADD, 1, 5), K64(SUB, 0, 1), INS(0x55, 0, 0, -3, 0), X64(0xb0, 0, 1),
      EXIT},
     15,
     0},
};

// [5] memory, in the stack frame at r10 - 8.
#define STORED             INS(0x7b, 10, 1, -8, 0) // *(u64 *)(r10 - 8) = r1
#define BACK               INS(0x79, 0, 10, -8, 0) // r0 = *(u64 *)(r10 - 8)
#define ATOMIC(size, code) INS(0xc3 | (size), 10, 2, -8, code)
#define W                  0x00
#define DW                 0x18
#define BESIDE(name, old, operand, r0_before, operation, r0_after)                                 \
    {                                                                                              \
        name, {WIDE(1, old), STORED, WIDE(2, operand), WIDE(0, r0_before), operation, EXIT},       \
            r0_after, 0                                                                            \
    }
#define INSIDE(name, old, operand, operation, memory)                                              \
    {                                                                                              \
        name, {WIDE(1, old), STORED, WIDE(2, operand), MOV(0, 0), operation, BACK, EXIT}, memory,  \
            0                                                                                      \
    }
#define FETCHED(name, old, operand, operation, r2)                                                 \
    {                                                                                              \
        name, {WIDE(1, old), STORED, WIDE(2, operand), operation, X64(0xb0, 0, 2), EXIT}, r2, 0    \
    }

static const struct sample memory[] = {
    {"a new frame is 0", {BACK, EXIT}, 0, 0},
    {"store and load 64", {WIDE(1, A), STORED, BACK, EXIT}, A, 0},
    {"load 8", {WIDE(1, A), STORED, INS(0x71, 0, 10, -8, 0), EXIT}, 0xef, 0},
    {"load 16", {WIDE(1, A), STORED, INS(0x69, 0, 10, -8, 0), EXIT}, 0xcdef, 0},
    {"load 32", {WIDE(1, A), STORED, INS(0x61, 0, 10, -8, 0), EXIT}, 0x89abcdef, 0},
    {"load at an odd address", {WIDE(1, A), STORED, INS(0x61, 0, 10, -7, 0), EXIT}, 0x6789abcd, 0},
    {"load 8, sign-extended",
     {WIDE(1, A), STORED, INS(0x91, 0, 10, -8, 0), EXIT},
     (uint64_t)-17,
     0},
    {"load 16, sign-extended",
     {WIDE(1, A), STORED, INS(0x89, 0, 10, -8, 0), EXIT},
     0xffffffffffffcdef,
     0},
    {"load 32, sign-extended",
     {WIDE(1, A), STORED, INS(0x81, 0, 10, -8, 0), EXIT},
     0xffffffff89abcdef,
     0},
    {"store 8", {WIDE(1, A), STORED, INS(0x73, 10, 1, -1, 0), BACK, EXIT}, 0xef23456789abcdef, 0},
    {"store 16", {WIDE(1, A), STORED, INS(0x6b, 10, 1, -4, 0), BACK, EXIT}, 0x0123cdef89abcdef, 0},
    {"store 32", {WIDE(1, A), STORED, INS(0x63, 10, 1, -4, 0), BACK, EXIT}, 0x89abcdef89abcdef, 0},
    {"store immediate 8",
     {WIDE(1, A), STORED, INS(0x72, 10, 0, -8, 0x1ff), BACK, EXIT},
     0x0123456789abcdff,
     0},
    {"store immediate 16",
     {WIDE(1, A), STORED, INS(0x6a, 10, 0, -8, -1), BACK, EXIT},
     0x0123456789abffff,
     0},
    {"store immediate 32",
     {WIDE(1, A), STORED, INS(0x62, 10, 0, -8, -2), BACK, EXIT},
     0x01234567fffffffe,
     0},
    {"store immediate 64 is sign-extended",
     {INS(0x7a, 10, 0, -8, -2), BACK, EXIT},
     (uint64_t)-2,
     0},
    // [5.3] atomic operations
    INSIDE("lock add", A, 1, ATOMIC(DW, 0x00), A + 1),
    INSIDE("lock or", 0xf0, 0x0f, ATOMIC(DW, 0x40), 0xff),
    INSIDE("lock and", A, 0xff, ATOMIC(DW, 0x50), 0xef),
    INSIDE("lock xor", A, UINT64_MAX, ATOMIC(DW, 0xa0), ~A),
    INSIDE("lock add32 leaves the upper half", A, 0xf00000011, ATOMIC(W, 0x00), 0x0123456789abce00),
    FETCHED("lock add does not fetch", A, 1, ATOMIC(DW, 0x00), 1),
    FETCHED("fetch add", A, 1, ATOMIC(DW, 0x01), A),
    FETCHED("fetch or", A, 1, ATOMIC(DW, 0x41), A),
    FETCHED("fetch and", A, 1, ATOMIC(DW, 0x51), A),
    FETCHED("fetch xor", A, 1, ATOMIC(DW, 0xa1), A),
    FETCHED("fetch add32 fetches the lower half", A, UINT64_MAX, ATOMIC(W, 0x01), 0x89abcdef),
    INSIDE("xchg stores", A, 7, ATOMIC(DW, 0xe1), 7),
    FETCHED("xchg fetches", A, 7, ATOMIC(DW, 0xe1), A),
    FETCHED("xchg32 fetches the lower half", A, 7, ATOMIC(W, 0xe1), 0x89abcdef),
    BESIDE("cmpxchg fetches into r0", A, 7, 5, ATOMIC(DW, 0xf1), A),
    BESIDE("cmpxchg32 fetches the lower half", A, 7, 5, ATOMIC(W, 0xf1), 0x89abcdef),
    INSIDE("cmpxchg of others stores nothing", A, 7, ATOMIC(DW, 0xf1), A),
    {"cmpxchg of the same stores",
     {WIDE(1, A), STORED, MOV(2, 7), WIDE(0, A), ATOMIC(DW, 0xf1), BACK, EXIT},
     7,
     0},
    {"cmpxchg32 compares the lower half of r0",
     {WIDE(1, A), STORED, MOV(2, 7), WIDE(0, 0xf89abcdefull), ATOMIC(W, 0xf1), BACK, EXIT},
     0x0123456700000007,
     0},
    // Faults
    {"below the frame", {INS(0x79, 0, 10, -520, 0), EXIT}, 0, AUR_AGENT_BAD_ADDRESS},
    {"across the frame's end", {INS(0x79, 0, 10, -4, 0), EXIT}, 0, AUR_AGENT_BAD_ADDRESS},
    {"at the null address", {MOV(1, 0), INS(0x71, 0, 1, 0, 0), EXIT}, 0, AUR_AGENT_BAD_ADDRESS},
    {"in no region", {WIDE(1, UINT64_MAX), INS(0x71, 0, 1, 0, 0), EXIT}, 0, AUR_AGENT_BAD_ADDRESS},
    {"of a context that is not there", {INS(0x71, 0, 1, 0, 0), EXIT}, 0, AUR_AGENT_BAD_ADDRESS},
    {"a helper without a host", {INS(0x85, 0, 0, 0, 5), EXIT}, 0, AUR_AGENT_REFUSED},
    {"an endless loop", {INS(0x05, 0, 0, -1, 0)}, 0, AUR_AGENT_FUEL},
};

// [4.3.2] local calls
static const struct sample calls[] = {
    {"a call returns r0 and keeps r6",
     {MOV(6, 40), MOV(1, 2), INS(0x85, 0, 1, 0, 2), X64(ADD, 0, 6), EXIT, MOV(6, 1),
      X64(0xb0, 0, 1), EXIT},
     42,
     0},
    {"each function has a frame of its own",
     {INS(0x7a, 10, 0, -8, 5), INS(0x85, 0, 1, 0, 2), BACK, EXIT, INS(0x7a, 10, 0, -8, 9),
      MOV(0, 0), EXIT},
     5,
     0},
    {"a callee writes to its caller's frame by address",
     {X64(0xb0, 1, 10), K64(ADD, 1, -8), INS(0x85, 0, 1, 0, 2), BACK, EXIT, INS(0x7a, 1, 0, 0, 11),
      MOV(0, 0), EXIT},
     11,
     0},
    {"a frame that is used again is 0",
     {INS(0x85, 0, 1, 0, 2), INS(0x85, 0, 1, 0, 1), EXIT, BACK, INS(0x7a, 10, 0, -8, 3), EXIT},
     0,
     0},
    {"and even if its address is computed without r10",
     {INS(0x85, 0, 1, 0, 2), INS(0x85, 0, 1, 0, 3), EXIT, INS(0x7a, 10, 0, -8, 3), EXIT, MOV(1, 1),
      K64(LSH, 1, 32), K64(ADD, 1, 1016), INS(0x79, 0, 1, 0, 0), EXIT},
     0,
     0},
    {"eight frames are enough for seven calls",
     {MOV(1, 7), INS(0x85, 0, 1, 0, 1), EXIT, MOV(0, 9), INS(0x15, 1, 0, 3, 1), K64(SUB, 1, 1),
      INS(0x85, 0, 1, 0, -4), EXIT, EXIT},
     9,
     0},
    {"but not for eight",
     {MOV(1, 8), INS(0x85, 0, 1, 0, 1), EXIT, MOV(0, 9), INS(0x15, 1, 0, 3, 1), K64(SUB, 1, 1),
      INS(0x85, 0, 1, 0, -4), EXIT, EXIT},
     0,
     AUR_AGENT_TOO_DEEP},
};

static uint32_t length_of(const struct sample *sample)
{
    uint32_t length = LONGEST;
    while (length > 0 && memcmp(&sample->code[length - 1], &(struct aur_instruction){0},
                                sizeof sample->code[0]) == 0)
        length--;
    return length;
}

static uint64_t image[4096];

static size_t build(const struct aur_instruction *code, uint32_t count,
                    struct aur_agent_refusal *refusal)
{
    const struct aur_agent_source source = {
        .instructions = code, .instruction_count = count, .cpus = 1, .tasks = 1};
    return aur_agent_build(&source, image, sizeof image, refusal);
}

static struct aur_agent_result execute(uint64_t fuel)
{
    struct aur_agent_env env = {.fuel = fuel};
    struct aur_agent_result result;
    env.r1 = aur_agent_address(AUR_REGION_CONTEXT, 0);
    aur_agent_run((struct aur_image *)(void *)image, 0, &env, &result);
    return result;
}

static void try(const struct sample *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct sample *sample = &list[i];
        struct aur_agent_refusal refusal;
        if (!build(sample->code, length_of(sample), &refusal))
            ck_abort_msg("%s: refused, %s", sample->name, aur_agent_status_text(refusal.status));
        struct aur_agent_result result = execute(1000);
        if (result.status != sample->status || result.r0 != sample->r0)
            ck_abort_msg("%s: %s, r0 %llx, not %s, %llx", sample->name,
                         aur_agent_status_text(result.status), (unsigned long long)result.r0,
                         aur_agent_status_text(sample->status), (unsigned long long)sample->r0);
    }
}

START_TEST(arithmetic_is_as_the_rfc_says)
{
    try(arithmetic, LENGTH(arithmetic));
}
END_TEST

START_TEST(jumps_are_taken_as_the_rfc_says)
{
    try(jumps, LENGTH(jumps));
}
END_TEST

START_TEST(memory_and_atomic_operations_are_as_the_rfc_says)
{
    try(memory, LENGTH(memory));
}
END_TEST

START_TEST(calls_have_frames_of_their_own_eight_at_most)
{
    try(calls, LENGTH(calls));
}
END_TEST

// Loops of 3 instructions after 2.
START_TEST(fuel_ends_a_program_at_the_same_instruction_each_time)
{
    const struct aur_instruction code[] = {
        MOV(0, 0), MOV(1, 100), K64(ADD, 0, 1), K64(SUB, 1, 1), INS(0x55, 1, 0, -3, 0), EXIT};
    struct aur_agent_refusal refusal;
    ck_assert_uint_ne(build(code, LENGTH(code), &refusal), 0);
    for (uint64_t fuel = 0; fuel < 303; fuel++) {
        struct aur_agent_result result = execute(fuel);
        ck_assert_uint_eq(result.status, AUR_AGENT_FUEL);
        ck_assert_uint_eq(result.fuel, fuel);
        ck_assert_uint_eq(result.instruction, fuel < 2     ? fuel
                                              : fuel < 302 ? 2 + (fuel - 2) % 3
                                                           : 5);
    }
    struct aur_agent_result result = execute(303);
    ck_assert_uint_eq(result.status, AUR_AGENT_DONE);
    ck_assert_uint_eq(result.r0, 100);
    ck_assert_uint_eq(result.fuel, 303);
}
END_TEST

// What structure refuses, and where.
static const struct {
    const char *name;
    struct aur_instruction code[6];
    uint32_t status, at;
} refused[] = {
    {"an opcode of no class", {INS(0xe7, 0, 0, 0, 0), EXIT}, AUR_AGENT_BAD_OPCODE, 0},
    {"packet access", {INS(0x30, 0, 0, 0, 0), EXIT}, AUR_AGENT_LEGACY, 0},
    {"register 11", {INS(0xb7, 11, 0, 0, 1), EXIT}, AUR_AGENT_BAD_REGISTER, 0},
    {"r10 written to", {INS(0xb7, 10, 0, 0, 1), EXIT}, AUR_AGENT_BAD_REGISTER, 0},
    {"r10 fetched into", {MOV(0, 0), INS(0xdb, 10, 10, -8, 1), EXIT}, AUR_AGENT_BAD_REGISTER, 1},
    {"an offset that says nothing", {INS(0x07, 0, 0, 1, 1), EXIT}, AUR_AGENT_RESERVED, 0},
    {"an immediate that says nothing", {INS(0x0f, 0, 1, 0, 1), EXIT}, AUR_AGENT_RESERVED, 0},
    {"a source that says nothing", {INS(0xb7, 0, 1, 0, 1), EXIT}, AUR_AGENT_RESERVED, 0},
    {"an exit with an operand", {INS(0x95, 1, 0, 0, 0)}, AUR_AGENT_RESERVED, 0},
    {"a move from 24 bits", {INS(0xbf, 0, 1, 24, 0), EXIT}, AUR_AGENT_RESERVED, 0},
    {"a 32-bit move from 32 bits", {INS(0xbc, 0, 1, 32, 0), EXIT}, AUR_AGENT_RESERVED, 0},
    {"a division of offset 2", {INS(0x37, 0, 0, 2, 1), EXIT}, AUR_AGENT_RESERVED, 0},
    {"a swap of 24 bits", {INS(0xdc, 0, 0, 0, 24), EXIT}, AUR_AGENT_BAD_OPCODE, 0},
    {"a sign-extended load of 64", {INS(0x99, 0, 10, -8, 0), EXIT}, AUR_AGENT_BAD_OPCODE, 0},
    {"an atomic of 8 bits", {INS(0xd3, 10, 0, -8, 0), EXIT}, AUR_AGENT_BAD_OPCODE, 0},
    {"an atomic subtraction", {INS(0xdb, 10, 0, -8, 0x10), EXIT}, AUR_AGENT_BAD_OPCODE, 0},
    {"an exchange that does not fetch",
     {INS(0xdb, 10, 0, -8, 0xe0), EXIT},
     AUR_AGENT_BAD_OPCODE,
     0},
    {"half a wide immediate", {INS(0x18, 0, 0, 0, 1)}, AUR_AGENT_BAD_WIDE, 0},
    {"a second half with an opcode", {INS(0x18, 0, 0, 0, 1), EXIT, EXIT}, AUR_AGENT_BAD_WIDE, 0},
    {"a map that is not there",
     {INS(0x18, 0, 1, 0, 0), INS(0, 0, 0, 0, 0), EXIT},
     AUR_AGENT_NO_MAP,
     0},
    {"a jump out", {INS(0x05, 0, 0, 1, 0), EXIT}, AUR_AGENT_BAD_JUMP, 0},
    {"a jump out at the front", {INS(0x05, 0, 0, -2, 0), EXIT}, AUR_AGENT_BAD_JUMP, 0},
    {"a jump into a wide immediate",
     {INS(0x05, 0, 0, 1, 0), WIDE(0, 1), EXIT},
     AUR_AGENT_BAD_JUMP,
     0},
    {"a jump into another function",
     {INS(0x85, 0, 1, 0, 2), INS(0x05, 0, 0, 1, 0), EXIT, MOV(0, 1), EXIT},
     AUR_AGENT_BAD_JUMP,
     1},
    {"a function without an end", {MOV(0, 1)}, AUR_AGENT_FALLS_OFF, 0},
    {"an end by condition", {INS(0x15, 0, 0, -1, 0)}, AUR_AGENT_FALLS_OFF, 0},
    {"a helper that is not there", {INS(0x85, 0, 0, 0, 99999), EXIT}, AUR_AGENT_NO_HELPER, 0},
    {"a call out", {INS(0x85, 0, 1, 0, 9), EXIT}, AUR_AGENT_BAD_CALL, 0},
    {"a call by register", {INS(0x8d, 0, 0, 0, 1), EXIT}, AUR_AGENT_BAD_OPCODE, 0},
};

START_TEST(what_is_no_instruction_is_refused_where_it_stands)
{
    for (size_t i = 0; i < LENGTH(refused); i++) {
        struct aur_agent_refusal refusal;
        uint32_t count = 6;
        while (memcmp(&refused[i].code[count - 1], &(struct aur_instruction){0}, 8) == 0)
            count--;
        if (build(refused[i].code, count, &refusal))
            ck_abort_msg("%s: not refused", refused[i].name);
        if (refusal.status != refused[i].status || refusal.instruction != refused[i].at)
            ck_abort_msg("%s: at %u, %s", refused[i].name, refusal.instruction,
                         aur_agent_status_text(refusal.status));
    }
}
END_TEST

// What data flow refuses.
static const struct {
    const char *name;
    struct aur_instruction code[8];
    uint32_t status, at;
} unproven[] = {
    {"a register that is not set", {X64(0xb0, 0, 3), EXIT}, AUR_AGENT_UNSET, 0},
    {"one that is set on one way only",
     {MOV(0, 0), INS(0x15, 1, 0, 1, 0), MOV(3, 1), X64(ADD, 0, 3), EXIT},
     AUR_AGENT_UNSET,
     3},
    {"an exit without r0", {MOV(1, 0), EXIT}, AUR_AGENT_UNSET, 1},
    {"an argument after a call",
     {MOV(0, 0), INS(0x85, 0, 0, 0, 5), X64(0xb0, 0, 1), EXIT},
     AUR_AGENT_UNSET,
     2},
    {"a helper without its second argument",
     {MOV(0, 0), INS(0x85, 0, 0, 0, 0x10008), EXIT},
     AUR_AGENT_UNSET,
     1},
    {"a callee's r6", {INS(0x85, 0, 1, 0, 1), EXIT, X64(0xb0, 0, 6), EXIT}, AUR_AGENT_UNSET, 2},
    {"no way there", {MOV(0, 0), EXIT, MOV(0, 1), EXIT}, AUR_AGENT_UNREACHABLE, 2},
    {"above the frame", {INS(0x71, 0, 10, 0, 0), EXIT}, AUR_AGENT_STACK_BOUNDS, 0},
    {"below the frame", {MOV(0, 0), INS(0x72, 10, 0, -513, 0), EXIT}, AUR_AGENT_STACK_BOUNDS, 1},
    {"above it, by sums",
     {X64(0xb0, 2, 10), K64(ADD, 2, -8), INS(0x79, 0, 2, 4, 0), EXIT},
     AUR_AGENT_STACK_BOUNDS,
     2},
    {"beyond the context", {INS(0x79, 0, 1, 12, 0), EXIT}, AUR_AGENT_CONTEXT_BOUNDS, 0},
    {"a context written to", {MOV(0, 0), INS(0x72, 1, 0, 0, 0), EXIT}, AUR_AGENT_CONTEXT_BOUNDS, 1},
};

START_TEST(what_an_author_cannot_have_meant_is_refused_where_it_stands)
{
    static uint32_t scratch[4096];
    const struct aur_agent_contract contract = {16, true};
    for (size_t i = 0; i < LENGTH(unproven); i++) {
        struct aur_agent_refusal refusal;
        const struct aur_image *built = (const struct aur_image *)(const void *)image;
        uint32_t count = 8;
        while (memcmp(&unproven[i].code[count - 1], &(struct aur_instruction){0}, 8) == 0)
            count--;
        ck_assert_msg(build(unproven[i].code, count, &refusal), "%s: no structure",
                      unproven[i].name);
        ck_assert_uint_le(aur_agent_scratch_bytes(built), sizeof scratch);
        bool good = aur_agent_verify(built, &contract, scratch, &refusal);
        if (good || refusal.status != unproven[i].status || refusal.instruction != unproven[i].at)
            ck_abort_msg("%s: at %u, %s", unproven[i].name, refusal.instruction,
                         aur_agent_status_text(refusal.status));
    }
}
END_TEST

START_TEST(a_loop_is_taken_and_ways_that_meet_keep_what_they_share)
{
    static uint32_t scratch[4096];
    const struct aur_agent_contract contract = {16, true};
    struct aur_agent_refusal refusal;
    const struct aur_instruction code[] = {
        MOV(0, 0), INS(0x15, 1, 0, 2, 0), MOV(3, 1),      INS(0x05, 0, 0, 1, 0),
        MOV(3, 2), X64(ADD, 0, 3),        K64(SUB, 3, 1), INS(0x55, 3, 0, -3, 0),
        EXIT};
    ck_assert_uint_ne(build(code, LENGTH(code), &refusal), 0);
    ck_assert(aur_agent_verify((const struct aur_image *)(const void *)image, &contract, scratch,
                               &refusal));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        arithmetic_is_as_the_rfc_says,
        jumps_are_taken_as_the_rfc_says,
        memory_and_atomic_operations_are_as_the_rfc_says,
        calls_have_frames_of_their_own_eight_at_most,
        fuel_ends_a_program_at_the_same_instruction_each_time,
        what_is_no_instruction_is_refused_where_it_stands,
        what_an_author_cannot_have_meant_is_refused_where_it_stands,
        a_loop_is_taken_and_ways_that_meet_keep_what_they_share,
    };
    return run_tests("agent isa", tests, LENGTH(tests));
}
