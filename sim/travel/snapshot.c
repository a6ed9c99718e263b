#include "travel/snapshot.h"

#include <stdlib.h>
#include <string.h>

static uint8_t *put(uint8_t *to, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        *to++ = (uint8_t)(value >> (8 * i));
    return to;
}

static uint64_t get(const uint8_t *from, int bytes)
{
    uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; i--)
        value = value << 8 | from[i];
    return value;
}

static size_t tail_bytes(const struct aur_config *config, uint32_t slots)
{
    return 8 + 8 * (size_t)config->cpus + 4 * (size_t)slots;
}

size_t aur_snapshot_bound(const struct aur_config *config)
{
    return aur_core_size(config) + tail_bytes(config, config->tasks);
}

uint8_t *aur_snapshot_write(const struct aur_core *core, const struct aur_position *position,
                            size_t *size)
{
    const struct aur_config *config = aur_core_config(core);
    size_t state = aur_core_size(config);
    *size = state + tail_bytes(config, position->slots);
    uint8_t *bytes = malloc(*size);
    if (!bytes)
        return NULL;
    memcpy(bytes, core, state);
    uint8_t *at = put(bytes + state, position->made, 8);
    for (uint32_t cpu = 0; cpu < config->cpus; cpu++)
        at = put(at, position->dispatched[cpu], 8);
    for (uint32_t slot = 0; slot < position->slots; slot++)
        at = put(at, position->tasks[slot], 4);
    return bytes;
}

static bool damaged(const struct aur_snapshot *snapshot, struct aur_failure *failure,
                    const char *why)
{
    return aur_fail(failure, NULL, 0,
                    "the snapshot before record %llu is damaged: %s; run the experiment again "
                    "with --trace into another --db",
                    (unsigned long long)snapshot->records, why);
}

bool aur_snapshot_read(const struct aur_snapshot *snapshot, const struct aur_config *config,
                       void *block, struct aur_position *position, struct aur_failure *failure)
{
    size_t state = aur_core_size(config);
    size_t least = state + tail_bytes(config, 0);
    if (snapshot->state_bytes != state)
        return damaged(snapshot, failure, "it is not of this run's configuration");
    if (snapshot->size < least || snapshot->size > aur_snapshot_bound(config) ||
        (snapshot->size - least) % 4 != 0)
        return damaged(snapshot, failure, "it is cut or has bytes left over");
    memcpy(block, snapshot->data, state);
    const struct aur_core *core = block;
    if (aur_core_adopt(block, state, config) != AUR_OK)
        return damaged(snapshot, failure, "it is not a state of this run in this build of Aurora");
    if (aur_core_events(core) != snapshot->events || aur_core_now_ns(core) != snapshot->now_ns)
        return damaged(snapshot, failure, "the state is not of the instant that it is said to be");

    const uint8_t *at = snapshot->data + state;
    position->records = snapshot->records;
    position->events = snapshot->events;
    position->made = get(at, 8);
    position->slots = 0;
    position->event = AUR_EV_NONE;
    position->again = 0; // no snapshot is taken before an event is posted again
    at += 8;
    memset(position->dispatched, 0xff, sizeof position->dispatched);
    for (uint32_t cpu = 0; cpu < config->cpus; cpu++, at += 8) {
        position->dispatched[cpu] = get(at, 8);
        if (position->dispatched[cpu] != AUR_NO_RECORD &&
            position->dispatched[cpu] >= position->records)
            return damaged(snapshot, failure, "it names a decision that is yet to come");
    }
    uint32_t slots = (uint32_t)((snapshot->size - least) / 4);
    for (uint32_t slot = 0; slot < slots; slot++, at += 4)
        if (!aur_position_set(position, slot, (uint32_t)get(at, 4)))
            return aur_fail(failure, NULL, 0, "memory is out");
    return true;
}
