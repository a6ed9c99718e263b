// Agents as ELF objects: what `clang -target bpf -O2 -g -c` makes of C.
//
// Taken are the executable sections, whose functions are programs (those in .text can only be
// called); maps in .maps, which BTF describes; .rodata, .data and .bss; calls of the program's own
// functions; calls of functions that are declared only, which are helpers by name (Linux's kfuncs).
// A function that a table of operations in .struct_ops or .struct_ops.link points to goes by the
// name of the table's member. Left alone are licence, version and debug information. Refused is
// what would need more: function pointers, and variables that are declared only.
#ifndef AURORA_OBJECT_H
#define AURORA_OBJECT_H

#include <aurora/agent.h>

#define AUR_OBJECT_SECTIONS 256u

// What reading needs, and what it results in: `source` is what aur_agent_build takes, whose cpus
// and tasks are the caller's to set; its names and contents lie in the object's bytes. 600 KB, the
// caller's; nothing in it need be set before.
struct aur_object_file {
    struct aur_agent_source source;
    struct aur_instruction instructions[AUR_AGENT_INSTRUCTIONS_MAX];
    struct aur_agent_program_source programs[AUR_AGENT_PROGRAMS_MAX];
    struct aur_agent_map_source maps[AUR_AGENT_MAPS_MAX];
    bool serves[AUR_AGENT_PROGRAMS_MAX];     // as an operation of a table
    uint32_t map_values[AUR_AGENT_MAPS_MAX]; // of those in .maps: the symbol's value
    uint32_t first[AUR_OBJECT_SECTIONS];     // instruction of an executable section, or NONE
    uint32_t data_map[AUR_OBJECT_SECTIONS];  // of a data section, or NONE
    // On failure: a sentence, and the name of what it is about, or NULL.
    const char *error, *name;
};

// Reads `size` bytes, which may be anything, aligned to 8.
bool aur_agent_read_object(const void *bytes, size_t size, struct aur_object_file *object);

#endif
