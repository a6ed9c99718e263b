// The pending-event set of the simulator: which source is due next, and when.
//
// A source (a CPU's timer, an arrival process, a device) is a number 0..n-1 and has at most one
// pending instant. Events leave in the order (instant, source), whatever the history of arms and
// cancels was: simulations repeat bit for bit.
//
// Algorithm: a winner tree, i.e. a knockout tournament between the sources (Knuth, The Art of
// Computer Programming 3, section 5.4.1). The position of a leaf is the source's number, so nothing
// is ever searched, moved or left behind stale, and a tie is won by the left.
// - The leaves are bare 8-byte instants in groups of eight: one cache line, scanned whole.
// - Above them a binary tree holds the winner (instant, source) of each subtree. An arm replays
//   one leaf-to-root path. Its addresses are known from the source alone, so the loads overlap,
//   and the matches are played without branches, whose outcome nobody could predict.
// - A pop leaves its source standing in the tree: re-arming the same source next costs one path,
//   not two. Whatever reads the winner first clears it.
// - A source that reaches the last 64 of the tournament is due soon: its leaf and the node above
//   are prefetched. With a million sources this doubles the speed.
//
// Cost: O(log n) in the number of sources for arm, cancel and pop, O(1) for peek after the first.
// Memory: 12 to 16 bytes a source, all of it allocated by init. Measured against heaps and against
// wider trees: see README.md; `bench/bench_queue` prints today's figures.
//
// Invariant: winners[i] is the earlier of winners[2i] and winners[2i + 1]; winners[groups + g] is
// the earliest of the eight instants of group g; a source that is not pending stands at "never",
// but for `popped`, which still stands at the instant at which it left.
#ifndef AURORA_SIM_ENGINE_QUEUE_H
#define AURORA_SIM_ENGINE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

// The most sources that a queue can have: the biggest block is then 1 GiB.
#define AUR_QUEUE_SOURCES_MAX (1u << 26)

// Instants at or after this one never come (584 years). AUR_NEVER_NS is one of them.
#define AUR_QUEUE_NEVER_NS (UINT64_MAX - 1)

struct aur_queue_entry {
    uint64_t at_ns;
    uint32_t source;
};

struct aur_queue {
    uint64_t *instants;              // per source, groups * 8 of them
    struct aur_queue_entry *winners; // the tree: root at 1, group g at groups + g
    uint32_t sources;
    uint32_t groups; // a power of two
    uint32_t pending;
    uint32_t popped;  // popped and not yet cleared or re-armed, else AUR_NONE
    uint64_t last_ns; // the latest instant popped
};

// Makes an empty queue for the sources 0..sources-1, at time 0. False if there is no memory or
// sources is above AUR_QUEUE_SOURCES_MAX; q may then be freed, but not used.
bool aur_queue_init(struct aur_queue *q, uint32_t sources);

// Gives the memory back. q may be initialised again.
void aur_queue_free(struct aur_queue *q);

// Makes source due at at_ns, in place of the instant at which it was due before, if it was. at_ns
// is not before the latest popped instant (asserted); from AUR_QUEUE_NEVER_NS on it cancels.
void aur_queue_arm(struct aur_queue *q, uint32_t source, uint64_t at_ns);

// Forgets the pending instant of source; nothing happens if it has none.
void aur_queue_cancel(struct aur_queue *q, uint32_t source);

// Tells in *at_ns when the next source is due. False if none is.
bool aur_queue_peek(struct aur_queue *q, uint64_t *at_ns);

// Takes the next source out of the queue: the one with the smallest (instant, source). False, with
// nothing written, if none is pending.
bool aur_queue_pop(struct aur_queue *q, uint64_t *at_ns, uint32_t *source);

// The number of sources that have a pending instant.
uint32_t aur_queue_pending(const struct aur_queue *q);

#endif
