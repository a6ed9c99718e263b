// Load averages: how much of the last time, which counts the less the longer ago, a weight was
// runnable. Time goes in units of 1024 ns, in periods of 1024 of these; what is n periods old
// counts y^n, with y^32 = 1/2 (Linux kernel/sched/pelt.c). Periods are the same for all, so sums
// add up.
#ifndef AURORA_LIB_LOAD_H
#define AURORA_LIB_LOAD_H

#include <aurora/task.h>

#define AUR_LOAD_PERIOD 1024u
#define AUR_LOAD_MAX    47742u // the sum of a weight of 1 that was always runnable (LOAD_AVG_MAX)

// value * y^periods, rounded down.
static inline uint64_t aur_load_decay(uint64_t value, uint64_t periods)
{
    static const uint32_t inverse[32] = {
        // 2^32 * y^n
        0xffffffff, 0xfa83b2db, 0xf5257d15, 0xefe4b99b, 0xeac0c6e7, 0xe5b906e7, 0xe0ccdeec,
        0xdbfbb797, 0xd744fcca, 0xd2a81d91, 0xce248c15, 0xc9b9bd86, 0xc5672a11, 0xc12c4cca,
        0xbd08a39f, 0xb8fbaf47, 0xb504f333, 0xb123f581, 0xad583eea, 0xa9a15ab4, 0xa5fed6a9,
        0xa2704303, 0x9ef53260, 0x9b8d39b9, 0x9837f051, 0x94f4efa8, 0x91c3d373, 0x8ea4398b,
        0x8b95c1e3, 0x88980e80, 0x85aac367, 0x82cd8698};
    if (periods > 32 * 63)
        return 0;
    value >>= periods / 32;
    if (periods % 32 == 0)
        return value;
    uint64_t factor = inverse[periods % 32]; // of 32 bits: neither product is wider than 64
    return (value >> 32) * factor + ((uint32_t)value * factor >> 32);
}

// Brings it up to now, with `weight` runnable all the time since it was brought up to date last.
static inline void aur_load_update(struct aur_load *load, uint64_t now_ns, uint64_t weight)
{
    uint64_t from = load->at, to = now_ns >> 10;
    uint64_t periods = to / AUR_LOAD_PERIOD - from / AUR_LOAD_PERIOD;
    load->at = to;
    if (periods == 0) {
        load->sum += weight * (to - from);
        return;
    }
    uint64_t first = aur_load_decay(AUR_LOAD_PERIOD - from % AUR_LOAD_PERIOD, periods);
    uint64_t whole = AUR_LOAD_MAX - aur_load_decay(AUR_LOAD_MAX, periods) - AUR_LOAD_PERIOD;
    uint64_t last = to % AUR_LOAD_PERIOD;
    load->sum = aur_load_decay(load->sum, periods) + weight * (first + whole + last);
}

// What the sum of a weight of 1 that is always runnable would be now.
static inline uint64_t aur_load_divider(const struct aur_load *load)
{
    return AUR_LOAD_MAX - AUR_LOAD_PERIOD + load->at % AUR_LOAD_PERIOD;
}

// The average at `now_ns`: at most the largest weight.
static inline uint64_t aur_load_average(struct aur_load load, uint64_t now_ns, uint64_t weight)
{
    aur_load_update(&load, now_ns, weight);
    return load.sum / aur_load_divider(&load);
}

#endif
