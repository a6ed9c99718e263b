// One run: what it may reach, and how it ends.
#ifndef AURORA_AGENT_RUN_H
#define AURORA_AGENT_RUN_H

#include "agent/image.h"

// A caller's registers, while it waits for a function to return.
struct aur_agent_frame {
    uint64_t saved[4]; // r6 to r9
    uint32_t back;     // instruction to go on with
    uint32_t reserved;
};

struct aur_agent_run {
    struct aur_image *image;
    const struct aur_agent_env *env;
    uint64_t fuel;
    uint32_t status;  // enum aur_agent_status; other than DONE ends the run
    uint32_t depth;   // frames in use
    uint32_t cleared; // mask of those that are set to 0 since their function began
    struct aur_agent_frame frames[AUR_AGENT_FRAMES];
    _Alignas(8) unsigned char stack[AUR_AGENT_FRAMES * AUR_AGENT_STACK_BYTES];
};

// The `size` bytes at an agent's address, or NULL and the run has ended. Those of a writable stride
// do not cross its end.
unsigned char *aur_agent_reach(struct aur_agent_run *run, uint64_t address, uint32_t size,
                               bool writes);

// Of the helpers that need no host. Returns r0.
uint64_t aur_agent_helper(struct aur_agent_run *run, uint32_t helper, const uint64_t arguments[5]);

#endif
