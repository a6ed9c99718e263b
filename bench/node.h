// The other side of a benchmark: the same C as WebAssembly under node, asked line by line.
#ifndef AURORA_BENCH_NODE_H
#define AURORA_BENCH_NODE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct bench_node {
    FILE *to, *from;
};

double bench_now_ns(void);

// Ends the program with status 1 and a line.
void bench_fail(const char *what);

// Starts the command that the environment's `variable` holds; false if there is none.
bool bench_node_start(struct bench_node *node, const char *variable);
void bench_node_end(struct bench_node *node);

// Cases that a program runs here and there in turns, so that what else the machine does meets both.
struct bench_case {
    const char *name, *remark;
    uint32_t count; // of what is timed as one
};

// Times `count` cases by run(which, count), which returns what came out of it, never 0 and the same
// on both sides, and prints a line each; node NULL: here only. `area` is how the lines begin.
void bench_cases(const char *area, const struct bench_case *cases, uint32_t count,
                 uint32_t (*run)(uint32_t which, uint32_t count), struct bench_node *node);

#endif
