// Agents as text: the assembler and the disassembler.
//
// The assembler takes both customary syntaxes, line by line as one likes:
//
//     mnemonics (as in ubpf)              as clang and llvm-objdump write it
//     mov r0, 1        mov32 r0, r1       r0 = 1               w0 = w1
//     ldxw r1, [r2+8]                     r1 = *(u32 *)(r2 + 8)
//     stdw [r10-8], 5                     *(u64 *)(r10 - 8) = 5
//     lock fetch_add [r1], r2             r2 = atomic_fetch_add((u64 *)(r1 + 0), r2)
//     jsgt r1, 3, done                    if r1 s> 3 goto done
//     lddw r1, 0x1122334455667788         r1 = 0x1122334455667788 ll
//     call 1           exit               call 1               exit
//
// Registers may be written %r1. A statement ends with its line or `;`. Comments begin with `#` or
// `//`, or with `;` at the beginning of a line. `name:` is a label; `call name` calls a label, or
// else the helper of that name; `call local name` only a label. Directives:
//
//     .program NAME                                  what follows can be run by that name; what
//                                                    stands before the first is for calls
//     .map NAME KIND KEY_BYTES VALUE_BYTES ENTRIES   hash, array, percpu_array, ringbuf,
//                                                    task_storage; lddw rN, NAME takes its address
#ifndef AURORA_ASSEMBLER_H
#define AURORA_ASSEMBLER_H

#include <aurora/agent.h>

#define AUR_ASSEMBLER_INSTRUCTIONS 16384u
#define AUR_ASSEMBLER_LABELS       1024u
#define AUR_ASSEMBLER_USES         4096u
#define AUR_ASSEMBLER_NAMES        16384u // bytes of all names of programs and maps

struct aur_text_place {
    uint32_t line, column; // from 1
};

struct aur_text_label {
    uint32_t at, length; // of its name, in the text
    uint32_t instruction;
};

struct aur_text_use {
    uint32_t at, length;
    uint32_t instruction;
    struct aur_text_place place;
    uint32_t kind; // what is to be filled in: assemble.c
};

// What assembling needs, and what it results in: `source` is what aur_agent_build takes, whose cpus
// and tasks are the caller's to set. 400 KB, the caller's; nothing in it need be set before.
struct aur_assembly {
    struct aur_agent_source source;
    struct aur_instruction instructions[AUR_ASSEMBLER_INSTRUCTIONS];
    struct aur_text_place places[AUR_ASSEMBLER_INSTRUCTIONS]; // where each instruction stands
    struct aur_agent_program_source programs[AUR_AGENT_PROGRAMS_MAX];
    struct aur_agent_map_source maps[AUR_AGENT_MAPS_MAX];
    struct aur_text_label labels[AUR_ASSEMBLER_LABELS];
    struct aur_text_use uses[AUR_ASSEMBLER_USES];
    char names[AUR_ASSEMBLER_NAMES];
    uint32_t label_count, use_count, names_used;
    // On failure: where, and a sentence that says what is wrong and what to do.
    struct aur_text_place place;
    const char *error;
};

// Assembles `length` bytes of text. Only the text is judged here; what it says is for
// aur_agent_build and aur_agent_verify, whose refusals `places` lead back to the text.
bool aur_agent_assemble(const char *text, size_t length, struct aur_assembly *assembly);

#define AUR_DISASSEMBLY_ROOM 96u

// Writes the instruction at `at` of `count` as llvm-objdump does, ended by 0, into `line` of
// AUR_DISASSEMBLY_ROOM bytes. Returns how many instructions that is: 1, or 2 of a wide one. What is
// no instruction is written <unknown>.
uint32_t aur_agent_disassemble(const struct aur_instruction *instructions, uint32_t at,
                               uint32_t count, char *line);

#endif
