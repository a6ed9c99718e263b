// Ten policies, a thousand users, and requests, again and again. Plain C without a library, so that
// the same source runs on the host and as WebAssembly.
#ifndef AURORA_BENCH_RULE_CASE_H
#define AURORA_BENCH_RULE_CASE_H

#include <stdint.h>

enum {
    BENCH_RULE_CACHED,     // a decision that the cache knows
    BENCH_RULE_UNCACHED,   // one over the ten policies, without a cache
    BENCH_RULE_NEVER_SAME, // with a cache that never knows it: what looking and keeping costs
    BENCH_RULE_REQUEST,    // building a request
    BENCH_RULE_COMPILE,    // compiling the ten policies
    BENCH_RULE_CASES
};

// Makes policies, entities and 64 requests; 1 when done.
uint32_t bench_rule_begin(void);

// Runs a case `count` times; returns a digest of all answers, 0 if something was refused.
uint32_t bench_rule_run(uint32_t which, uint32_t count);

#endif
