#include "sched/partition.h"

const char *const aur_placement_choices[] = {"global", "partitioned", NULL};
const char *const aur_fit_choices[] = {"first", "best", "worst", NULL};

#define FRACTION_BITS 30u
#define PERIOD_BITS   42u // a longer period is cut off, with its runtime, to this

uint64_t aur_load_linear(uint64_t runtime_ns, uint64_t period_ns)
{
    if (period_ns == 0)
        return 0;
    if (runtime_ns > period_ns)
        return AUR_LOAD_FULL + 1;
    uint32_t shift = 0;
    while (period_ns >> shift >> PERIOD_BITS)
        shift++;
    // Two halves, so that no product exceeds 64 bits.
    uint64_t period = period_ns >> shift;
    uint64_t runtime = runtime_ns >> shift;
    uint64_t high = (runtime << FRACTION_BITS / 2) / period;
    uint64_t rest = (runtime << FRACTION_BITS / 2) % period;
    uint64_t low = (rest << FRACTION_BITS / 2) / period;
    return (high << FRACTION_BITS / 2) + low;
}

uint64_t aur_load_hyperbolic(uint64_t linear)
{
    if (linear >= AUR_LOAD_FULL)
        return linear; // log2(1 + 1) = 1
    if (linear == 0)
        return 0;
    // The binary logarithm digit by digit: squaring a number of [1, 2) moves the next binary digit
    // of its logarithm before the point. The number has 31 fraction bits and is rounded up.
    uint64_t x = (AUR_LOAD_FULL + linear) << 1, result = 0;
    for (uint32_t bit = FRACTION_BITS; bit-- > 0;) {
        uint64_t square = x * x; // 62 fraction bits
        if (square >> 63) {
            result |= 1ull << bit;
            x = (square >> 32) + ((square & UINT32_MAX) != 0);
        } else {
            x = (square >> 31) + ((square & INT32_MAX) != 0);
        }
        if (x >> 32)
            return result + (1ull << bit); // rounded up to 2: all further digits are 1
    }
    return result + 1;
}

static struct aur_partition *partition_at(const struct aur_core *core, uint32_t slot, uint32_t cpu)
{
    return aur_class_cpu(core, slot, cpu);
}

// What others have placed on the CPU.
static struct aur_partition others(const struct aur_core *core, uint32_t slot, uint32_t cpu,
                                   const struct aur_share *own)
{
    struct aur_partition there = *partition_at(core, slot, cpu);
    if (own->placed == cpu + 1) {
        there.load -= own->load;
        there.tasks--;
    }
    return there;
}

// Is it better placed at `a` than at `b`, which has a lower number?
static bool better(struct aur_partition a, struct aur_partition b, uint64_t load, enum aur_fit fit)
{
    if (load == 0)
        return a.tasks < b.tasks;
    return fit == AUR_FIT_BEST ? a.load > b.load : fit == AUR_FIT_WORST && a.load < b.load;
}

enum aur_status aur_partition_place(struct aur_core *core, uint32_t slot, uint32_t task,
                                    struct aur_share *share, uint64_t load, uint64_t full,
                                    enum aur_fit fit, bool force)
{
    struct aur_task *t = aur_task_at(core, task);
    uint64_t allowed = t->affinity & core->online ? t->affinity & core->online : core->online;
    uint32_t best = AUR_NONE;
    struct aur_partition at_best = {0, 0, 0};
    for (uint64_t rest = allowed; rest; rest &= rest - 1) {
        uint32_t cpu = (uint32_t)__builtin_ctzll(rest);
        struct aur_partition there = others(core, slot, cpu, share);
        if (!force && (load > full || there.load > full - load))
            continue;
        if (share->placed == cpu + 1) {
            best = cpu;
            break;
        }
        if (best != AUR_NONE && !better(there, at_best, load, force ? AUR_FIT_WORST : fit))
            continue;
        best = cpu;
        at_best = there;
    }
    if (best == AUR_NONE)
        return AUR_NO_BANDWIDTH;
    aur_partition_withdraw(core, slot, share);
    share->load = load;
    share->placed = best + 1;
    partition_at(core, slot, best)->load += load;
    partition_at(core, slot, best)->tasks++;
    t->home = (uint16_t)best;
    return AUR_OK;
}

void aur_partition_withdraw(struct aur_core *core, uint32_t slot, struct aur_share *share)
{
    if (share->placed == 0)
        return;
    struct aur_partition *there = partition_at(core, slot, share->placed - 1);
    there->load -= share->load;
    there->tasks--;
    memset(share, 0, sizeof *share);
}

bool aur_partition_can_go(const struct aur_core *core, uint32_t slot, uint32_t cpu, uint64_t full)
{
    uint64_t room = 0;
    for (uint64_t rest = core->online & ~(1ull << cpu); rest; rest &= rest - 1) {
        uint64_t load = partition_at(core, slot, (uint32_t)__builtin_ctzll(rest))->load;
        room += load < full ? full - load : 0;
    }
    return partition_at(core, slot, cpu)->load <= room;
}
