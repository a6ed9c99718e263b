#include "agent_case.h"

#include <aurora/agent.h>
#include <aurora/assembler.h>
#include <aurora/core.h>
#include <aurora/token.h>

#define SLOTS 1000u

static const char *const texts[] = {
    [BENCH_LOOP] = "r0 = 0; again: r0 += 3; r0 ^= 5; r1 += -1; if r1 != 0 goto again; exit",
    [BENCH_EMPTY] = "r0 = 7; exit",
    [BENCH_MEMORY] = ("again: r2 = *(u64 *)(r10 - 8); r2 += r1; *(u64 *)(r10 - 8) = r2; r1 += -1; "
                      "if r1 != 0 goto again; r0 = r2; exit"),
};
static const uint32_t lengths[] = {[BENCH_LOOP] = 4, [BENCH_MEMORY] = 5}; // of a turn of the loop

static struct aur_assembly assembly;
static uint64_t images[BENCH_MEMORY + 1][256];
static uint64_t block[(1u << 20) / 8] __attribute__((aligned(64)));
static struct aur_core *const core = (struct aur_core *)(void *)block;
static struct aur_actions actions;
static uint64_t handles[SLOTS];
static uint8_t token[AUR_TOKEN_MOST];
static size_t token_size;
static const uint8_t key[AUR_TOKEN_KEY] = {1, 2, 3};

static uint32_t mint(uint32_t object)
{
    const struct aur_record event = {
        .kind = AUR_EV_CAP_MINT, .task = AUR_NONE, .object = object, .arg = AUR_RIGHTS_ALL};
    if (aur_core_step(core, NULL, &event, &actions) != AUR_OK)
        return 0;
    handles[object] = actions.list[0].arg;
    return 1;
}

uint32_t bench_agent_begin(void)
{
    struct aur_agent_refusal refusal;
    for (uint32_t i = 0; i <= BENCH_MEMORY; i++) {
        size_t length = 0;
        while (texts[i][length])
            length++;
        if (!aur_agent_assemble(texts[i], length, &assembly) ||
            !aur_agent_build(&assembly.source, images[i], sizeof images[i], &refusal))
            return 0;
    }
    struct aur_config config;
    aur_config_default(&config, 1, aur_class_find("fifo"));
    config.caps = SLOTS;
    if (aur_core_init(block, sizeof block, &config) != AUR_OK)
        return 0;
    for (uint32_t object = 0; object < SLOTS; object++)
        if (!mint(object))
            return 0;
    const struct aur_grant grant = {1, 2, 3, AUR_RIGHTS_ALL, 4};
    token_size = aur_token_make(key, &grant, token);
    token_size = aur_token_attenuate(token, token_size, AUR_CAVEAT_RIGHTS, 7);
    token_size = aur_token_attenuate(token, token_size, AUR_CAVEAT_EXPIRES, 1000);
    token_size = aur_token_attenuate(token, token_size, AUR_CAVEAT_AUDIENCE, 9);
    return token_size != 0;
}

static uint32_t execute(uint32_t which, uint64_t r1)
{
    const struct aur_agent_env env = {.r1 = r1, .fuel = UINT64_MAX};
    struct aur_agent_result result;
    aur_agent_run((struct aur_image *)(void *)images[which], 0, &env, &result);
    return result.status == AUR_AGENT_DONE ? (uint32_t)result.r0 | 1u << 31 : 0;
}

uint32_t bench_agent_run(uint32_t which, uint32_t count)
{
    struct aur_grant grant;
    uint32_t sum = 1;
    switch (which) {
    case BENCH_LOOP:
    case BENCH_MEMORY:
        return execute(which, count / lengths[which]);
    case BENCH_EMPTY:
        for (uint32_t i = 0; i < count; i++)
            sum += execute(which, i);
        return sum | 1;
    case BENCH_CHECK:
        for (uint32_t i = 0, object = 0; i < count; i++) {
            sum += aur_cap_check(core, handles[object], AUR_NONE, object, AUR_RIGHT_READ) ==
                   AUR_DENIED_NONE;
            object = object + 7 < SLOTS ? object + 7 : object + 7 - SLOTS;
        }
        return sum;
    default:
        for (uint32_t i = 0; i < count; i++)
            sum += aur_token_verify(key, token, token_size, i % 1000, 9, &grant) == AUR_TOKEN_GOOD;
        return sum;
    }
}
