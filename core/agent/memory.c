// What an agent's addresses lead to. Every access comes through here, so an agent reaches nothing
// but its stack, its maps and what the host lends it.
#include "agent/run.h"

static unsigned char *fault(struct aur_agent_run *run, enum aur_agent_status status)
{
    if (run->status == AUR_AGENT_DONE)
        run->status = status;
    return NULL;
}

static unsigned char *reach_span(struct aur_agent_run *run, const struct aur_agent_span *span,
                                 uint32_t offset, uint32_t size, bool writes)
{
    if (offset > span->size || size > span->size - offset)
        return fault(run, AUR_AGENT_BAD_ADDRESS);
    uint32_t at = span->stride ? offset % span->stride : offset;
    if (writes && (at > span->writable || size > span->writable - at))
        return fault(run, AUR_AGENT_READ_ONLY);
    return (unsigned char *)span->bytes + offset;
}

// Bytes of the frames that are in use, for what lies beyond is never seen. A frame is zeros when
// its function begins; it is made so when an address first leads to it, whichever way that was
// computed.
static unsigned char *reach_stack(struct aur_agent_run *run, uint32_t offset, uint32_t size)
{
    uint32_t used = run->depth * AUR_AGENT_STACK_BYTES;
    if (offset > used || size > used - offset)
        return fault(run, AUR_AGENT_BAD_ADDRESS);
    for (uint32_t frame = offset / AUR_AGENT_STACK_BYTES;
         frame * AUR_AGENT_STACK_BYTES < offset + size; frame++)
        if (!(run->cleared >> frame & 1)) {
            memset(run->stack + frame * AUR_AGENT_STACK_BYTES, 0, AUR_AGENT_STACK_BYTES);
            run->cleared |= 1u << frame;
        }
    return run->stack + offset;
}

unsigned char *aur_agent_reach(struct aur_agent_run *run, uint64_t address, uint32_t size,
                               bool writes)
{
    uint32_t region = (uint32_t)(address >> 32), offset = (uint32_t)address;
    if (region == AUR_REGION_STACK)
        return reach_stack(run, offset, size);
    if (region >= AUR_REGION_VALUES) {
        uint32_t number = region - AUR_REGION_VALUES;
        if (number >= run->image->map_count)
            return fault(run, AUR_AGENT_BAD_ADDRESS);
        const struct aur_map *map = aur_image_map(run->image, number);
        if (offset > map->values_bytes || size > map->values_bytes - offset ||
            map->kind == AUR_MAP_RING_BUFFER)
            return fault(run, AUR_AGENT_BAD_ADDRESS);
        if (writes && map->flags & AUR_MAP_READ_ONLY)
            return fault(run, AUR_AGENT_READ_ONLY);
        return (unsigned char *)run->image + map->values_at + offset;
    }
    if (region == AUR_REGION_CONTEXT)
        return reach_span(run, &run->env->context, offset, size, writes);
    if (region == AUR_REGION_MEMORY)
        return reach_span(run, &run->env->memory, offset, size, writes);
    if (region == AUR_REGION_TASKS)
        return reach_span(run, &run->env->tasks, offset, size, writes);
    return fault(run, AUR_AGENT_BAD_ADDRESS);
}

bool aur_agent_read(struct aur_agent_run *run, uint64_t address, void *to, uint32_t size)
{
    const unsigned char *from = aur_agent_reach(run, address, size, false);
    if (from)
        memcpy(to, from, size);
    return from != NULL;
}

bool aur_agent_write(struct aur_agent_run *run, uint64_t address, const void *from, uint32_t size)
{
    unsigned char *to = aur_agent_reach(run, address, size, true);
    if (to)
        memcpy(to, from, size);
    return to != NULL;
}

void aur_agent_refuse(struct aur_agent_run *run)
{
    fault(run, AUR_AGENT_REFUSED);
}

uint32_t aur_agent_map(struct aur_agent_run *run, uint64_t address, enum aur_map_kind kind)
{
    uint32_t map = (uint32_t)address;
    if (address >> 32 != AUR_REGION_MAP || map >= run->image->map_count ||
        aur_image_map(run->image, map)->kind != kind) {
        fault(run, AUR_AGENT_NO_MAP);
        return AUR_NONE;
    }
    return map;
}
