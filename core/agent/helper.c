// The helpers that need nothing but the agent's own maps (Linux kernel/bpf/helpers.c).
#include "agent/map.h"
#include "agent/run.h"

static uint32_t map_of(struct aur_agent_run *run, uint64_t address)
{
    uint32_t map = (uint32_t)address;
    if (address >> 32 == AUR_REGION_MAP && map < run->image->map_count)
        return map;
    if (run->status == AUR_AGENT_DONE)
        run->status = AUR_AGENT_NO_MAP;
    return AUR_NONE;
}

static uint64_t lookup(struct aur_agent_run *run, const uint64_t arguments[5])
{
    uint32_t map = map_of(run, arguments[0]);
    if (map == AUR_NONE)
        return 0;
    const unsigned char *key =
        aur_agent_reach(run, arguments[1], aur_image_map(run->image, map)->key_bytes, false);
    return key ? aur_map_lookup(run->image, map, run->env->cpu, key, &run->fuel) : 0;
}

static uint64_t update(struct aur_agent_run *run, const uint64_t arguments[5])
{
    uint32_t map = map_of(run, arguments[0]);
    if (map == AUR_NONE)
        return 0;
    const struct aur_map *m = aur_image_map(run->image, map);
    const unsigned char *key = aur_agent_reach(run, arguments[1], m->key_bytes, false);
    const unsigned char *value = aur_agent_reach(run, arguments[2], m->value_bytes, false);
    if (!key || !value)
        return 0;
    if (m->flags & AUR_MAP_READ_ONLY)
        return (uint64_t)-AUR_MAP_EINVAL;
    return (uint64_t)aur_map_update(run->image, map, run->env->cpu, key, value, arguments[3],
                                    &run->fuel);
}

static uint64_t delete (struct aur_agent_run *run, const uint64_t arguments[5])
{
    uint32_t map = map_of(run, arguments[0]);
    if (map == AUR_NONE)
        return 0;
    const unsigned char *key =
        aur_agent_reach(run, arguments[1], aur_image_map(run->image, map)->key_bytes, false);
    return key ? (uint64_t)aur_map_delete(run->image, map, key, &run->fuel) : 0;
}

static uint64_t output(struct aur_agent_run *run, const uint64_t arguments[5])
{
    uint32_t map = aur_agent_map(run, arguments[0], AUR_MAP_RING_BUFFER);
    uint32_t size = arguments[2] > UINT32_MAX ? UINT32_MAX : (uint32_t)arguments[2];
    const unsigned char *from =
        map == AUR_NONE ? NULL : aur_agent_reach(run, arguments[1], size, false);
    if (!from)
        return 0;
    if (arguments[3] != 0)
        return (uint64_t)-AUR_MAP_EINVAL;
    unsigned char *to = aur_map_reserve(run->image, map, size);
    if (!to)
        return (uint64_t)-AUR_MAP_ENOSPC;
    memcpy(to, from, size);
    return 0;
}

uint64_t aur_agent_helper(struct aur_agent_run *run, uint32_t helper, const uint64_t arguments[5])
{
    switch (helper) {
    case AUR_HELPER_MAP_LOOKUP_ELEM:
        return lookup(run, arguments);
    case AUR_HELPER_MAP_UPDATE_ELEM:
        return update(run, arguments);
    case AUR_HELPER_MAP_DELETE_ELEM:
        return delete (run, arguments);
    case AUR_HELPER_RINGBUF_OUTPUT:
        return output(run, arguments);
    default:
        if (run->env->call)
            return run->env->call(run->env->host, run, helper, arguments);
        aur_agent_refuse(run);
        return 0;
    }
}
