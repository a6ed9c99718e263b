// The smallest life of a task, again and again: one wakes, the running one blocks, the class picks.
// Plain C without a library, so that the same source runs on the host and as WebAssembly.
#ifndef AURORA_BENCH_CYCLE_H
#define AURORA_BENCH_CYCLE_H

#include <stddef.h>
#include <stdint.h>

// Bytes for a core with one CPU and `tasks` runnable tasks of the class of that number; 0: there is
// no such class.
size_t bench_cycle_size(uint32_t class, uint32_t tasks);

// Makes the core in `block`, aligned to 64 bytes, and its tasks; 1 when done, 0 if the core refused
// something.
uint32_t bench_cycle_begin(void *block, uint32_t class, uint32_t tasks);

// `cycles` times: 1 us passes, the task that has slept longest wakes, the running one blocks, and
// the CPU dispatches whenever the core asks for it. Returns the events, 0 if one was refused.
uint64_t bench_cycle_run(void *block, uint32_t cycles);

// Of all that was decided so far: the same on every host.
uint64_t bench_cycle_digest(const void *block);

#endif
