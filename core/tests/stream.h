// Random streams of events for a core of any build: plain C without a libc, so that the same
// stream can be given to the core on every machine and its digests be compared.
#ifndef AURORA_CORE_TESTS_STREAM_H
#define AURORA_CORE_TESTS_STREAM_H

#include <stdint.h>

// How many classes the build has.
uint32_t stream_classes(void);

// Gives a new core with `class` in the fair slot `events` random events, valid and invalid ones, on
// CPUs that come and go. Returns a digest of every answer and of the state that it ends in; 0 if
// the configuration is refused or the state is not sound.
uint64_t stream_digest(uint32_t class, uint64_t seed, uint32_t events);

#endif
