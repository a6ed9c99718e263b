// Random programs for the interpreter: mostly valid, with loops, memory of all regions, calls and a
// map.
#ifndef AURORA_CORE_TESTS_AGENT_RANDOM_H
#define AURORA_CORE_TESTS_AGENT_RANDOM_H

#include <aurora/agent.h>

#define AGENT_LONGEST     48u
#define AGENT_MAP_ENTRIES 3u
#define AGENT_MAP_VALUE   12u

struct agent_program {
    struct aur_instruction code[AGENT_LONGEST];
    uint32_t count;
};

// `settled`: all registers are set first, and no way is cut off, so that the verifier may take it.
struct agent_program agent_random_program(uint64_t *random, bool settled);

// As an image with an array of so many entries; 0: it has no structure.
size_t agent_random_build(const struct agent_program *program, uint64_t *image, size_t room);

#endif
