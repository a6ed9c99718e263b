// Freestanding, as stream.c is.
#include "tests/agent_random.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

// One draw in an expression, no more: the order of arguments is the compiler's.
static uint64_t draw(uint64_t *random)
{
    uint64_t z = *random += 0x9e3779b97f4a7c15ull; // SplitMix64
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static uint64_t below(uint64_t *random, uint64_t n)
{
    return draw(random) % n;
}

static int32_t immediate(uint64_t *random)
{
    static const int32_t often[] = {0,  1,  -1, 2,   7,    31,        32,
                                    33, 63, 64, 255, -256, INT32_MIN, INT32_MAX};
    return below(random, 3) ? often[below(random, COUNT(often))] : (int32_t)draw(random);
}

static struct aur_instruction alu(uint64_t *random, uint32_t to, uint32_t from)
{
    uint32_t code = (uint32_t)below(random, 14) << 4, class = below(random, 2) ? 7 : 4;
    struct aur_instruction in = {.opcode = (uint8_t)(class | code), .registers = (uint8_t)to};
    bool x = below(random, 2);
    if (code == 0xd0) {
        in.immediate = 16 << below(random, 3);
        in.opcode |= class == 4 && x ? 8 : 0;
        return in;
    }
    if (code == 0x80)
        return in;
    if (x) {
        in.opcode |= 8;
        in.registers |= (uint8_t)(from << 4);
        if (code == 0xb0 && below(random, 3) == 0)
            in.offset = (int16_t)(8 << below(random, class == 7 ? 3 : 2));
    } else {
        in.immediate = immediate(random);
    }
    if ((code == 0x30 || code == 0x90) && below(random, 2))
        in.offset = 1;
    return in;
}

static struct aur_instruction access(uint64_t *random, uint32_t to, uint32_t from)
{
    static const int32_t atomics[] = {0, 1, 0x40, 0x41, 0x50, 0x51, 0xa0, 0xa1, 0xe1, 0xf1};
    uint32_t base = below(random, 4) ? 10 : (uint32_t)below(random, 10);
    struct aur_instruction in = {
        .offset = (int16_t)(base == 10 ? -1 - (int)below(random, 24) : (int)below(random, 12))};
    uint32_t size = (uint32_t)below(random, 4) << 3;
    switch (below(random, 4)) {
    case 0:
        in.opcode = (uint8_t)(0x61 | size);
        if (size != 0x18 && below(random, 3) == 0)
            in.opcode = (uint8_t)(0x81 | size);
        in.registers = (uint8_t)(to | base << 4);
        break;
    case 1:
        in.opcode = (uint8_t)(0x62 | size);
        in.registers = (uint8_t)base;
        in.immediate = immediate(random);
        break;
    case 2:
        in.opcode = (uint8_t)(0x63 | size);
        in.registers = (uint8_t)(base | from << 4);
        break;
    default:
        in.opcode = below(random, 2) ? 0xdb : 0xc3;
        in.registers = (uint8_t)(base | to << 4);
        in.immediate = atomics[below(random, COUNT(atomics))];
        break;
    }
    return in;
}

static void add_wide(struct agent_program *program, uint64_t *random, uint32_t to)
{
    uint64_t shift = below(random, 64), value = draw(random) >> shift, kind = below(random, 6);
    struct aur_instruction in = {.opcode = 0x18, .registers = (uint8_t)to}, upper = {0};
    if (kind == 0) {
        in.registers |= 1 << 4;
        value = 0;
    } else if (kind == 1) {
        in.registers |= 2 << 4;
        value = below(random, AGENT_MAP_ENTRIES * 16) << 32;
    } else if (kind < 5) {
        static const uint32_t regions[] = {AUR_REGION_STACK, AUR_REGION_CONTEXT, AUR_REGION_MEMORY};
        value = (uint64_t)regions[below(random, 3)] << 32 | below(random, 40);
    }
    in.immediate = (int32_t)(uint32_t)value;
    upper.immediate = (int32_t)(uint32_t)(value >> 32);
    program->code[program->count++] = in;
    program->code[program->count++] = upper;
}

// `settled`: all registers are set first, and no way is cut off, so that the verifier may take it.
struct agent_program agent_random_program(uint64_t *random, bool settled)
{
    struct agent_program program = {.count = 0};
    uint32_t length = 3 + (uint32_t)below(random, AGENT_LONGEST - 6);
    for (uint32_t r = 0; settled && r < 10 && length > 12; r++)
        program.code[program.count++] =
            (struct aur_instruction){.opcode = 0xb7, .registers = (uint8_t)r, .immediate = (int)r};
    while (program.count < length) {
        uint32_t to = (uint32_t)below(random, 10), from = (uint32_t)below(random, 11);
        uint32_t what = (uint32_t)below(random, settled ? 15 : 20);
        what = settled && below(random, 6) == 0 ? 17 : what;
        struct aur_instruction in = {0};
        int left = (int)(length - program.count);
        if (what < 9) {
            in = alu(random, to, from);
        } else if (what < 14) {
            in = access(random, to, from);
        } else if (what == 14) {
            add_wide(&program, random, to);
            continue;
        } else if (what == 15 && below(random, 2)) {
            in = (struct aur_instruction){.opcode = 0x85, .immediate = 1};
        } else if (what == 15) {
            in = (struct aur_instruction){
                .opcode = 0x85, .registers = 1 << 4, .immediate = (int32_t)below(random, 8)};
        } else if (what == 16 && below(random, 3) == 0) {
            in.opcode = 0x95;
        } else {
            static const uint8_t codes[] = {0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13};
            uint32_t code = (uint32_t)codes[below(random, COUNT(codes))] << 4;
            code = settled && code == 0 ? 0x10 : code;
            bool back = below(random, 4) == 0;
            int to_where = back ? -(int)below(random, program.count + 1u) - 1
                                : (int)below(random, (uint64_t)(left < 6 ? left : 6));
            in.opcode = (uint8_t)((below(random, 2) ? 5 : 6) | code);
            if (code == 0 && (in.opcode & 7) == 6)
                in.immediate = to_where;
            else
                in.offset = (int16_t)to_where;
            if (code != 0) {
                in.registers = (uint8_t)to;
                if (below(random, 2)) {
                    in.opcode |= 8;
                    in.registers |= (uint8_t)(from << 4);
                } else {
                    in.immediate = immediate(random);
                }
            }
        }
        program.code[program.count++] = in;
    }
    program.code[program.count++] = (struct aur_instruction){.opcode = 0x95};
    return program;
}

size_t agent_random_build(const struct agent_program *program, uint64_t *image, size_t room)
{
    static const struct aur_agent_map_source map = {"array",         AUR_MAP_ARRAY,     0,    4,
                                                    AGENT_MAP_VALUE, AGENT_MAP_ENTRIES, NULL, 0};
    const struct aur_agent_source source = {.instructions = program->code,
                                            .instruction_count = program->count,
                                            .maps = &map,
                                            .map_count = 1,
                                            .cpus = 1,
                                            .tasks = 1};
    struct aur_agent_refusal refusal;
    return aur_agent_build(&source, image, room, &refusal);
}
