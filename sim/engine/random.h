// Random streams, one for each source of randomness: what a task draws depends on the seed, the
// replication and the task alone, so that two schedulers compared on one seed see the same arrivals
// (common random numbers).
//
// The generator is counter-based: draw n of a stream is a pure function of its key and n, namely
// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC11,
// 2011), which passes BigCrush and whose streams with different keys are independent by design.
#ifndef AURORA_SIM_ENGINE_RANDOM_H
#define AURORA_SIM_ENGINE_RANDOM_H

#include <stdint.h>

struct aur_stream {
    uint64_t key;
    uint64_t counter; // of the next draw
};

// Starts the stream of one source. kind and index name the source within a run: index 3 of kind 1
// has nothing to do with index 3 of kind 2.
void aur_stream_init(struct aur_stream *stream, uint64_t seed, uint32_t replication, uint32_t kind,
                     uint64_t index);

// 64 uniform random bits: draw number `counter` of the stream with this key.
uint64_t aur_stream_at(uint64_t key, uint64_t counter);

// 64 uniform random bits: the stream's next draw.
uint64_t aur_stream_u64(struct aur_stream *stream);

// The next draw as a multiple of 2^-53 in [0, 1).
double aur_stream_double(struct aur_stream *stream);

// A uniform integer in [0, n), without bias, n at least 1 (asserted). Uses more than one draw with
// probability below n / 2^64 (Lemire, "Fast random integer generation in an interval", 2019).
uint64_t aur_stream_below(struct aur_stream *stream, uint64_t n);

// The bare block function, of which the paper publishes known answers.
void aur_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

#endif
