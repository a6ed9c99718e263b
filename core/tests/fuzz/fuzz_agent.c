// Any bytes as instructions, or as a whole image: refused, or run without reaching beyond what the
// agent was lent, the same each time.
#include <stdlib.h>
#include <string.h>

#include <aurora/agent.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM (1u << 16)
#define LENT 48u

static uint64_t first[ROOM / 8], second[ROOM / 8];
static uint32_t scratch[ROOM];

static void run(struct aur_image *image, uint32_t program, struct aur_agent_result *result,
                unsigned char *memory)
{
    unsigned char context[LENT];
    memset(context, 7, sizeof context);
    memset(memory, 9, LENT);
    const struct aur_agent_env env = {.context = {context, sizeof context, 0, 0},
                                      .memory = {memory, LENT, 8, 16},
                                      .r1 = aur_agent_address(AUR_REGION_CONTEXT, 0),
                                      .r2 = aur_agent_address(AUR_REGION_MEMORY, 0),
                                      .fuel = 5000};
    aur_agent_run(image, program, &env, result);
    for (uint32_t i = 0; i < LENT; i++)
        if (context[i] != 7 || (i % 16 >= 8 && memory[i] != 9))
            abort();
}

// As it is, if it has structure, or as instructions with three maps.
static size_t take(const uint8_t *data, size_t size)
{
    static const struct aur_agent_map_source maps[] = {
        {"array", AUR_MAP_ARRAY, 0, 4, 12, 3, NULL, 0},
        {"hash", AUR_MAP_HASH, 0, 5, 16, 4, NULL, 0},
        {"ring", AUR_MAP_RING_BUFFER, 0, 0, 0, 128, NULL, 0},
    };
    struct aur_agent_refusal refusal;
    if (size >= sizeof(struct aur_image) && size <= ROOM && data[0] == 0x1a) {
        memcpy(first, data, size);
        return aur_agent_structure((struct aur_image *)(void *)first, size, &refusal) ? size : 0;
    }
    size_t count = size / sizeof(struct aur_instruction);
    static struct aur_instruction code[1024];
    if (count > 1024)
        return 0;
    memcpy(code, data, count * sizeof code[0]);
    const struct aur_agent_source source = {code, (uint32_t)count, NULL, 0, maps, 3, 2, 5};
    return aur_agent_build(&source, first, sizeof first, &refusal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aur_image *image = (struct aur_image *)(void *)first;
    size_t bytes = take(data, size);
    if (bytes == 0)
        return 0;
    struct aur_agent_refusal refusal;
    const struct aur_agent_contract contract = {LENT, true};
    if (aur_agent_scratch_bytes(image) <= sizeof scratch)
        aur_agent_verify(image, &contract, scratch, &refusal);
    memcpy(second, first, bytes);
    for (uint32_t program = 0; program < image->program_count && program < 4; program++) {
        unsigned char one[LENT], other[LENT];
        struct aur_agent_result a, b;
        run(image, program, &a, one);
        run((struct aur_image *)(void *)second, program, &b, other);
        if (memcmp(&a, &b, sizeof a) != 0 || memcmp(one, other, LENT) != 0 ||
            memcmp(first, second, bytes) != 0)
            abort();
    }
    return 0;
}
