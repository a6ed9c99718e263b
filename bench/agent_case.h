// What agents and capabilities cost, as plain C that runs on the host and as WebAssembly.
#ifndef AURORA_BENCH_AGENT_CASE_H
#define AURORA_BENCH_AGENT_CASE_H

#include <stdint.h>

enum {
    BENCH_LOOP,   // an instruction of a plain loop
    BENCH_EMPTY,  // a call of a program that returns at once
    BENCH_MEMORY, // an instruction of a loop over memory
    BENCH_CHECK,  // of a capability
    BENCH_TOKEN,  // one with three caveats is verified
    BENCH_AGENT_CASES
};

// 1 when all is made, 0 if something was refused.
uint32_t bench_agent_begin(void);
// `count` times the case. Returns what came out of it; 0: something was refused.
uint32_t bench_agent_run(uint32_t which, uint32_t count);

#endif
