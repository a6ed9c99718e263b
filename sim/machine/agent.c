// The agent of a run: built for its machine, and handed over to the core event by event.
#include <stdlib.h>
#include <string.h>

#include <aurora/ext.h>

#include "machine/world.h"

static bool refuse(struct aur_world *world, const struct aur_agent_refusal *refusal)
{
    if (refusal->instruction == AUR_NONE)
        return aur_fail(world->failure, NULL, 0, "the agent: %s",
                        aur_agent_status_text(refusal->status));
    return aur_fail(world->failure, NULL, 0, "the agent, instruction %u: %s", refusal->instruction,
                    aur_agent_status_text(refusal->status));
}

static bool verify(struct aur_world *world)
{
    const struct aur_agent_contract contract = {AUR_EXT_CONTEXT_BYTES, false};
    struct aur_agent_refusal refusal;
    void *scratch = malloc(aur_agent_scratch_bytes(world->agent));
    if (!scratch)
        return aur_fail(world->failure, NULL, 0, "out of memory for the agent");
    bool good = aur_agent_verify(world->agent, &contract, scratch, &refusal);
    free(scratch);
    return good || refuse(world, &refusal);
}

bool aur_agent_prepare(struct aur_world *world, struct aur_config *config)
{
    struct aur_agent_refusal refusal = {AUR_AGENT_NO_ROOM, AUR_NONE};
    size_t bytes = 0;
    for (size_t room = 1 << 16; refusal.status == AUR_AGENT_NO_ROOM && room <= AUR_AGENT_ROOM_MAX;
         room *= 4) {
        free(world->agent);
        world->agent = malloc(room);
        if (!world->agent)
            return aur_fail(world->failure, NULL, 0, "out of memory for the agent");
        bytes = aur_agent_rebuild(world->inputs->agent, config->cpus, config->tasks, world->agent,
                                  room, &refusal);
    }
    if (bytes == 0)
        return refuse(world, &refusal);
    config->agent_bytes = (uint32_t)(bytes + 7) & ~7u;
    return verify(world);
}

bool aur_agent_hand_over(struct aur_world *world)
{
    const unsigned char *bytes = (const unsigned char *)world->agent;
    for (uint32_t at = 0; at < world->agent->bytes; at += 8) {
        uint64_t word;
        memcpy(&word, bytes + at, sizeof word); // an image's parts are multiples of 8
        if (word != 0 && !aur_must_post(world, AUR_EV_AGENT_DATA, 0, AUR_NONE, at / 8, 0, word))
            return false;
    }
    return aur_must_post(world, AUR_EV_AGENT_LOAD, 0, AUR_NONE, 0, 0, world->agent->bytes);
}
