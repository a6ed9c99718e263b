// Random agents for a core of any build: as core/tests/stream.c gives it events, so this gives it
// programs; how each ends, after how many instructions, with what result and what memory, is
// digested.
#include "tests/stream.h"

#include "lib/memory.h"
#include "tests/agent_random.h"

#define MEMORY 32u

static uint64_t image[512];
static uint32_t scratch[2048];

static uint64_t fold(uint64_t digest, const void *bytes, size_t size)
{
    const unsigned char *in = bytes;
    for (size_t i = 0; i < size; i++)
        digest = (digest ^ in[i]) * 0x100000001b3ull; // FNV-1a
    return digest;
}

// Programs as they come, and programs that the verifier may take.
uint32_t stream_classes(void)
{
    return 2;
}

uint64_t stream_digest(uint32_t settled, uint64_t seed, uint32_t programs)
{
    uint64_t random = seed, digest = 0xcbf29ce484222325ull;
    const struct aur_agent_contract contract = {MEMORY, true};
    for (uint32_t i = 0; i < programs; i++) {
        struct agent_program program = agent_random_program(&random, settled);
        struct aur_image *built = (struct aur_image *)(void *)image;
        unsigned char context[MEMORY], memory[MEMORY];
        struct aur_agent_refusal refusal = {0};
        size_t bytes = agent_random_build(&program, image, sizeof image);
        if (bytes == 0)
            continue;
        aur_agent_verify(built, &contract, scratch, &refusal);
        digest = fold(digest, &refusal, sizeof refusal);
        memset(context, 5, sizeof context);
        memset(memory, 6, sizeof memory);
        const struct aur_agent_env env = {.context = {context, MEMORY, 0, 0},
                                          .memory = {memory, MEMORY, MEMORY, 0},
                                          .r1 = aur_agent_address(AUR_REGION_CONTEXT, 0),
                                          .r2 = aur_agent_address(AUR_REGION_MEMORY, 0),
                                          .fuel = 300};
        struct aur_agent_result result;
        aur_agent_run(built, 0, &env, &result);
        digest = fold(digest, &result, sizeof result);
        digest = fold(digest, memory, sizeof memory);
        digest = fold(digest, image, bytes); // the same image, the same maps, byte for byte
    }
    return digest ? digest : 1;
}
