// Which of up to 64 numbers is the least: a winner tree (Knuth, The Art of Computer Programming 3,
// 5.4.1). A change replays one path, O(log n); the answer is there.
//
// Invariant: winners[i] of an inner node i is the one of its two children's winners with the lesser
// key, of equals the lower; node 1 is the root, the children of node i are 2 i and 2 i + 1, and
// node `leaves` + j stands for number j.
#ifndef AURORA_LIB_TOURNAMENT_H
#define AURORA_LIB_TOURNAMENT_H

#include <stdint.h>

#define AUR_TOURNAMENT_MAX 64u

struct aur_tournament {
    uint32_t leaves; // a power of two, at least 2
    uint8_t winners[AUR_TOURNAMENT_MAX];
    uint64_t keys[AUR_TOURNAMENT_MAX];
};

static inline uint32_t aur_tournament_of(const struct aur_tournament *t, uint32_t node)
{
    return node >= t->leaves ? node - t->leaves : t->winners[node];
}

static inline void aur_tournament_play(struct aur_tournament *t, uint32_t node)
{
    uint32_t a = aur_tournament_of(t, 2 * node), b = aur_tournament_of(t, 2 * node + 1);
    t->winners[node] = (uint8_t)(t->keys[b] < t->keys[a] ? b : a);
}

// `count`: 1 to 64 numbers, all UINT64_MAX.
static inline void aur_tournament_init(struct aur_tournament *t, uint32_t count)
{
    t->leaves = 2;
    while (t->leaves < count)
        t->leaves *= 2;
    for (uint32_t i = 0; i < AUR_TOURNAMENT_MAX; i++)
        t->keys[i] = UINT64_MAX;
    for (uint32_t node = t->leaves - 1; node > 0; node--)
        aur_tournament_play(t, node);
}

static inline void aur_tournament_set(struct aur_tournament *t, uint32_t number, uint64_t key)
{
    if (t->keys[number] == key)
        return;
    t->keys[number] = key;
    for (uint32_t node = (t->leaves + number) / 2; node > 0; node /= 2)
        aur_tournament_play(t, node);
}

static inline uint32_t aur_tournament_least(const struct aur_tournament *t)
{
    return t->winners[1];
}

#endif
