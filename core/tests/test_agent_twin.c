// The interpreter against a slow, obvious one, on random programs: what becomes of registers,
// memory and maps, which instruction ends a program, and at what cost.
#include <string.h>

#include <aurora/agent.h>
#include <aurora/assembler.h>

#include "agent/isa.h"
#include "agent/map.h"
#include "tests/agent_random.h"
#include "tests/run_tests.h"

#define MEMORY  32u
#define CONTEXT 24u
#define FUEL    400u
#define COUNT   40000u

static uint64_t seed;

struct outcome {
    struct aur_agent_result result;
    unsigned char memory[MEMORY], map[AGENT_MAP_ENTRIES * 16];
};

// The slow one: all memory is a list of bytes with their addresses.

struct twin {
    const struct agent_program *program;
    uint64_t r[11];
    uint64_t saved[8][5];
    uint32_t back[8], depth;
    unsigned char stack[8 * 512], memory[MEMORY], context[CONTEXT], map[AGENT_MAP_ENTRIES * 16];
    uint32_t status;
};

// Of the byte at that address, or NULL; *writable.
static unsigned char *byte_at(struct twin *twin, uint64_t address, bool *writable)
{
    uint64_t offset = address & 0xffffffff;
    *writable = true;
    switch (address >> 32) {
    case 1:
        return offset < twin->depth * 512u ? &twin->stack[offset] : NULL;
    case 2:
        *writable = false;
        return offset < CONTEXT ? &twin->context[offset] : NULL;
    case 3:
        return offset < MEMORY ? &twin->memory[offset] : NULL;
    case 16:
        return offset < sizeof twin->map ? &twin->map[offset] : NULL;
    default:
        return NULL;
    }
}

// Either all bytes can be had or none is touched. An address that wraps is none.
static bool reach(struct twin *twin, uint64_t address, uint32_t size, bool writes)
{
    bool writable = true;
    for (uint32_t i = 0; i < size; i++) {
        bool one;
        if (!byte_at(twin, address + i, &one) || (address + i) >> 32 != address >> 32) {
            twin->status = AUR_AGENT_BAD_ADDRESS;
            return false;
        }
        writable &= one;
    }
    if (writes && !writable)
        twin->status = AUR_AGENT_READ_ONLY;
    return !writes || writable;
}

static uint64_t get(struct twin *twin, uint64_t address, uint32_t size)
{
    uint64_t value = 0;
    bool writable;
    for (uint32_t i = 0; i < size; i++)
        value |= (uint64_t)*byte_at(twin, address + i, &writable) << 8 * i;
    return value;
}

static void put(struct twin *twin, uint64_t address, uint32_t size, uint64_t value)
{
    bool writable;
    for (uint32_t i = 0; i < size; i++)
        *byte_at(twin, address + i, &writable) = (unsigned char)(value >> 8 * i);
}

// As a number of so many bits, with its sign in all 64.
static int64_t with_sign(uint64_t value, uint32_t bits)
{
    uint64_t sign = 1ull << (bits - 1), all = bits == 64 ? UINT64_MAX : (1ull << bits) - 1;
    value &= all;
    return (int64_t)((value ^ sign) - sign);
}

// Of `bits` wide operands; what it gives is cut to that width by the caller.
static uint64_t compute(uint32_t code, uint64_t a, uint64_t b, uint32_t bits, int16_t offset)
{
    uint64_t all = bits == 64 ? UINT64_MAX : 0xffffffff;
    int64_t sa = with_sign(a, bits), sb = with_sign(b, bits);
    a &= all;
    b &= all;
    switch (code) {
    case 0x00:
        return a + b;
    case 0x10:
        return a - b;
    case 0x20:
        return a * b;
    case 0x30:
        if (b == 0)
            return 0;
        if (offset == 0)
            return a / b;
        return sb == -1 ? 0 - (uint64_t)sa : (uint64_t)(sa / sb);
    case 0x40:
        return a | b;
    case 0x50:
        return a & b;
    case 0x60:
        return a << b % bits;
    case 0x70:
        return a >> b % bits;
    case 0x80:
        return 0 - a;
    case 0x90:
        if (b == 0)
            return a;
        if (offset == 0)
            return a % b;
        return sb == -1 ? 0 : (uint64_t)(sa % sb);
    case 0xa0:
        return a ^ b;
    case 0xb0:
        return offset ? (uint64_t)with_sign(b, (uint32_t)offset) : b;
    default:
        return (uint64_t)(sa >> b % bits);
    }
}

static bool holds(uint32_t code, uint64_t a, uint64_t b, uint32_t bits)
{
    uint64_t all = bits == 64 ? UINT64_MAX : 0xffffffff;
    int64_t sa = with_sign(a, bits), sb = with_sign(b, bits);
    a &= all;
    b &= all;
    switch (code) {
    case 0x00:
        return true;
    case 0x10:
        return a == b;
    case 0x20:
        return a > b;
    case 0x30:
        return a >= b;
    case 0x40:
        return (a & b) != 0;
    case 0x50:
        return a != b;
    case 0x60:
        return sa > sb;
    case 0x70:
        return sa >= sb;
    case 0xa0:
        return a < b;
    case 0xb0:
        return a <= b;
    case 0xc0:
        return sa < sb;
    default:
        return sa <= sb;
    }
}

static uint64_t reversed(uint64_t value, uint32_t bits)
{
    uint64_t result = 0;
    for (uint32_t at = 0; at < bits; at += 8)
        result |= (value >> at & 0xff) << (bits - 8 - at);
    return result;
}

static void swap(struct twin *twin, struct aur_instruction in)
{
    uint64_t *to = &twin->r[in.registers & 15];
    uint32_t bits = (uint32_t)in.immediate;
    uint64_t cut = bits == 64 ? *to : *to & ((1ull << bits) - 1);
    *to = in.opcode == 0xd4 ? cut : reversed(cut, bits);
}

static void atomic(struct twin *twin, struct aur_instruction in)
{
    uint32_t size = (in.opcode & 0x18) == 0x18 ? 8 : 4;
    uint64_t address = twin->r[in.registers & 15] + (uint64_t)(int64_t)in.offset;
    uint64_t all = size == 8 ? UINT64_MAX : 0xffffffff;
    if (!reach(twin, address, size, true))
        return;
    uint64_t old = get(twin, address, size), *from = &twin->r[in.registers >> 4];
    uint64_t operand = *from & all, value;
    if (in.immediate == 0xf1)
        value = (twin->r[0] & all) == old ? operand : old;
    else if (in.immediate == 0xe1)
        value = operand;
    else
        value = compute((uint32_t)in.immediate & 0xf0, old, operand, size * 8, 0);
    if (in.immediate == 0xf1)
        twin->r[0] = old;
    else if (in.immediate & 1)
        *from = old;
    put(twin, address, size, value);
}

// bpf_map_lookup_elem of the array, map 0.
static void look_up(struct twin *twin)
{
    if (twin->r[1] != (uint64_t)AUR_REGION_MAP << 32)
        twin->status = AUR_AGENT_NO_MAP;
    else if (reach(twin, twin->r[2], 4, false))
        twin->r[0] = get(twin, twin->r[2], 4) < AGENT_MAP_ENTRIES
                         ? (16ull << 32) + get(twin, twin->r[2], 4) * 16
                         : 0;
}

static void enter(struct twin *twin)
{
    memset(twin->stack + twin->depth * 512, 0, 512);
    twin->depth++;
    twin->r[10] = (1ull << 32) + twin->depth * 512;
}

static void run_twin(const struct agent_program *program, const struct aur_agent_env *env,
                     struct outcome *outcome)
{
    struct twin twin = {.program = program, .r = {[1] = env->r1, [2] = env->r2}};
    uint32_t at = 0, next = 0;
    uint64_t fuel = 0;
    memcpy(twin.memory, env->memory.bytes, MEMORY);
    memcpy(twin.context, env->context.bytes, CONTEXT);
    enter(&twin);
    for (bool ended = false; !ended && twin.status == AUR_AGENT_DONE;) {
        at = next++;
        if (fuel == env->fuel) {
            twin.status = AUR_AGENT_FUEL;
            break;
        }
        fuel++;
        struct aur_instruction in = program->code[at];
        uint32_t class = in.opcode & 7, code = in.opcode & 0xf0;
        uint64_t *to = &twin.r[in.registers & 15], *from = &twin.r[in.registers >> 4];
        uint64_t operand = in.opcode & 8 ? *from : (uint64_t)(int64_t)in.immediate;
        uint32_t sizes[] = {4, 2, 1, 8}, size = sizes[in.opcode >> 3 & 3];
        if (code == 0xd0 && (class == 4 || class == 7)) {
            swap(&twin, in);
        } else if (class == 7) {
            *to = compute(code, *to, operand, 64, in.offset);
        } else if (class == 4) {
            *to = compute(code, *to, operand, 32, in.offset) & 0xffffffff;
        } else if (class == 0) {
            uint64_t upper = (uint64_t)(uint32_t)program->code[at + 1].immediate << 32;
            uint64_t value = upper | (uint32_t)in.immediate;
            uint32_t kind = in.registers >> 4;
            *to = kind == 1   ? (uint64_t)AUR_REGION_MAP << 32
                  : kind == 2 ? (16ull << 32) + (upper >> 32)
                              : value;
            next++;
        } else if (class == 1) {
            uint64_t address = *from + (uint64_t)(int64_t)in.offset;
            if (reach(&twin, address, size, false)) {
                uint64_t value = get(&twin, address, size);
                *to = (in.opcode & 0xe0) == 0x80 ? (uint64_t)with_sign(value, size * 8) : value;
            }
        } else if (class == 3 && (in.opcode & 0xe0) == 0xc0) {
            atomic(&twin, in);
        } else if (class == 2 || class == 3) {
            uint64_t address = *to + (uint64_t)(int64_t)in.offset;
            if (reach(&twin, address, size, true))
                put(&twin, address, size, class == 3 ? *from : (uint64_t)(int64_t)in.immediate);
        } else if (code == 0x90) {
            twin.depth--;
            ended = twin.depth == 0;
            if (!ended) {
                memcpy(&twin.r[6], twin.saved[twin.depth], 4 * sizeof twin.r[0]);
                next = twin.back[twin.depth];
                twin.r[10] = (1ull << 32) + twin.depth * 512;
            }
        } else if (code == 0x80 && in.registers >> 4 == 1) {
            if (twin.depth == 8) {
                twin.status = AUR_AGENT_TOO_DEEP;
                break;
            }
            memcpy(twin.saved[twin.depth], &twin.r[6], 4 * sizeof twin.r[0]);
            twin.back[twin.depth] = next;
            next += (uint32_t)in.immediate;
            enter(&twin);
        } else if (code == 0x80) {
            look_up(&twin);
        } else if (holds(code, *to, operand, class == 5 ? 64 : 32)) {
            next += (uint32_t)(class == 6 && code == 0 ? in.immediate : in.offset);
        }
    }
    outcome->result.status = twin.status;
    outcome->result.instruction = at;
    outcome->result.r0 = twin.status == AUR_AGENT_DONE ? twin.r[0] : 0;
    outcome->result.fuel = fuel;
    memcpy(outcome->memory, twin.memory, MEMORY);
    memcpy(outcome->map, twin.map, sizeof twin.map);
}

static uint64_t image[2048];

static bool build(const struct agent_program *program)
{
    return agent_random_build(program, image, sizeof image) != 0;
}

// Runs both. Returns what differs, or NULL; *ended is how it ended.
static const char *differs(const struct agent_program *program, uint32_t *ended)
{
    unsigned char memory[MEMORY], context[CONTEXT];
    for (uint32_t i = 0; i < MEMORY; i++)
        memory[i] = (unsigned char)(i * 37 + 11);
    for (uint32_t i = 0; i < CONTEXT; i++)
        context[i] = (unsigned char)(i * 91 + 5);
    struct aur_agent_env env = {.context = {context, CONTEXT, 0, 0},
                                .memory = {memory, MEMORY, MEMORY, 0},
                                .r1 = aur_agent_address(AUR_REGION_CONTEXT, 0),
                                .r2 = aur_agent_address(AUR_REGION_MEMORY, 4),
                                .fuel = FUEL};
    struct outcome theirs, mine;
    run_twin(program, &env, &mine);
    struct aur_image *built = (struct aur_image *)(void *)image;
    aur_agent_run(built, 0, &env, &theirs.result);
    *ended = theirs.result.status;
    if (theirs.result.status != mine.result.status)
        return "the status";
    if (theirs.result.instruction != mine.result.instruction)
        return "the last instruction";
    if (theirs.result.fuel != mine.result.fuel)
        return "the fuel";
    if (theirs.result.r0 != mine.result.r0)
        return "r0";
    if (memcmp(memory, mine.memory, MEMORY) != 0)
        return "the memory";
    const unsigned char *values = (const unsigned char *)image + aur_image_map(built, 0)->values_at;
    return memcmp(values, mine.map, sizeof mine.map) != 0 ? "the map" : NULL;
}

// Takes out what the difference does not need.
static void shrink(struct agent_program *program)
{
    uint32_t ended;
    for (uint32_t at = program->count - 1; at-- > 0;) {
        struct agent_program shorter = *program;
        memmove(&shorter.code[at], &shorter.code[at + 1],
                (shorter.count - at - 1) * sizeof shorter.code[0]);
        shorter.count--;
        if (build(&shorter) && differs(&shorter, &ended))
            *program = shorter;
    }
}

static void report(struct agent_program *program, const char *what, uint64_t number)
{
    char line[AUR_DISASSEMBLY_ROOM];
    shrink(program);
    for (uint32_t at = 0; at < program->count;) {
        uint32_t taken = aur_agent_disassemble(program->code, at, program->count, line);
        printf("%4u: %s\n", at, line);
        at += taken;
    }
    ck_abort_msg("program %" PRIu64 ": %s differs", number, what);
}

START_TEST(a_random_program_ends_as_its_slow_twin_says)
{
    uint64_t random = seed, programs = COUNT;
    uint64_t endings[AUR_AGENT_STATUS_COUNT] = {0};
    for (uint64_t i = 0; i < programs;) {
        struct agent_program program = agent_random_program(&random, false);
        if (!build(&program))
            continue;
        uint32_t ended;
        const char *what = differs(&program, &ended);
        if (what)
            report(&program, what, i);
        endings[ended]++;
        i++;
    }
    for (uint32_t status = 0; status < AUR_AGENT_STATUS_COUNT; status++)
        if (endings[status])
            printf("%" PRIu64 " ended so: %s\n", endings[status], aur_agent_status_text(status));
    // A generator that has gone quiet proves nothing.
    ck_assert_uint_gt(endings[AUR_AGENT_DONE], programs / 10);
    ck_assert_uint_gt(endings[AUR_AGENT_FUEL], programs / 100);
    ck_assert_uint_gt(endings[AUR_AGENT_BAD_ADDRESS], programs / 100);
    ck_assert_uint_gt(endings[AUR_AGENT_READ_ONLY], 0);
}
END_TEST

// What the verifier lets pass never reaches beyond its frame by r10.
START_TEST(what_is_verified_does_not_leave_its_frame_by_the_frame_pointer)
{
    static uint32_t scratch[4096];
    const struct aur_agent_contract contract = {CONTEXT, true};
    uint64_t random = seed + 1, verified = 0;
    for (uint64_t i = 0; i < COUNT; i++) {
        struct agent_program program = agent_random_program(&random, true);
        for (uint32_t at = 0; at < program.count; at++) // some of them
            if ((program.code[at].opcode & 7) == 1 && program.code[at].registers >> 4 == 10 &&
                random_below(&random, 20) == 0)
                program.code[at].offset = (int16_t)random_next(&random);
        struct aur_agent_refusal refusal;
        uint32_t ended;
        const struct aur_image *built = (const struct aur_image *)(const void *)image;
        if (!build(&program) || !aur_agent_verify(built, &contract, scratch, &refusal))
            continue;
        verified++;
        const char *what = differs(&program, &ended);
        if (what)
            report(&program, what, i);
        struct aur_agent_env env = {.fuel = FUEL};
        struct aur_agent_result result;
        aur_agent_run((struct aur_image *)(void *)image, 0, &env, &result);
        struct aur_instruction in = program.code[result.instruction];
        uint32_t base = (in.opcode & 7) == 1 ? in.registers >> 4 : in.registers & 15u;
        if (result.status == AUR_AGENT_BAD_ADDRESS && base == 10 && (in.opcode & 7) <= 3)
            report(&program, "what was proven", i);
    }
    ck_assert_uint_gt(verified, COUNT / 20);
}
END_TEST

// Text and back: the same bytes.
START_TEST(what_is_disassembled_assembles_to_the_same_bytes)
{
    static struct aur_assembly assembly;
    uint64_t random = seed + 2;
    for (uint64_t i = 0; i < COUNT; i++) {
        struct agent_program program = agent_random_program(&random, false);
        char text[AGENT_LONGEST * AUR_DISASSEMBLY_ROOM] = ".map array array 4 12 3\n";
        size_t used = strlen(text);
        for (uint32_t at = 0; at < program.count;) {
            char line[AUR_DISASSEMBLY_ROOM];
            at += aur_agent_disassemble(program.code, at, program.count, line);
            used += (size_t)snprintf(text + used, sizeof text - used, "%s\n", line);
        }
        if (!aur_agent_assemble(text, used, &assembly))
            ck_abort_msg("%s%u:%u: %s", text, assembly.place.line, assembly.place.column,
                         assembly.error);
        if (assembly.source.instruction_count != program.count ||
            memcmp(assembly.instructions, program.code, program.count * sizeof program.code[0]) !=
                0)
            ck_abort_msg("other bytes from\n%s", text);
    }
}
END_TEST

// A hash map against a list of what was put in.
#define KEYS 24u
#define ROOM 10u

START_TEST(a_hash_map_keeps_what_was_put_in_until_it_is_taken_out)
{
    static const struct aur_instruction code[] = {{.opcode = 0xb7}, {.opcode = 0x95}};
    static const struct aur_agent_map_source map = {"hash", AUR_MAP_HASH, 0, 5, 12, ROOM, NULL, 0};
    const struct aur_agent_source source = {code, 2, NULL, 0, &map, 1, 1, 1};
    struct aur_agent_refusal refusal;
    ck_assert_uint_ne(aur_agent_build(&source, image, sizeof image, &refusal), 0);
    const struct aur_image *built = (const struct aur_image *)(const void *)image;
    bool there[KEYS] = {false};
    unsigned char values[KEYS][12] = {{0}};
    uint32_t count = 0;
    uint64_t random = seed + 3, full = 0, fuel = UINT64_MAX;
    for (uint64_t i = 0; i < (COUNT * 5); i++) {
        uint32_t k = (uint32_t)random_below(&random, KEYS);
        unsigned char key[5] = {(unsigned char)(k * 7), 1, 2, (unsigned char)k, 0}, value[12];
        for (uint32_t b = 0; b < 12; b++)
            value[b] = (unsigned char)random_next(&random);
        uint64_t flags = random_below(&random, 3), what = random_below(&random, 3);
        if (what == 0) {
            int64_t expected = flags == 1 && there[k]       ? -AUR_MAP_EEXIST
                               : flags == 2 && !there[k]    ? -AUR_MAP_ENOENT
                               : !there[k] && count == ROOM ? -AUR_MAP_E2BIG
                                                            : 0;
            full += expected == -AUR_MAP_E2BIG;
            ck_assert_int_eq(aur_map_update(built, 0, 0, key, value, flags, &fuel), expected);
            if (expected == 0) {
                count += !there[k];
                there[k] = true;
                memcpy(values[k], value, 12);
            }
        } else if (what == 1) {
            ck_assert_int_eq(aur_map_delete(built, 0, key, &fuel), there[k] ? 0 : -AUR_MAP_ENOENT);
            count -= there[k];
            there[k] = false;
        } else {
            const void *found = aur_map_value(built, 0, 0, key);
            ck_assert(there[k] ? found && memcmp(found, values[k], 12) == 0 : !found);
            ck_assert((aur_map_lookup(built, 0, 0, key, &fuel) != 0) == there[k]);
        }
        ck_assert_uint_eq(aur_image_map(built, 0)->used, count);
    }
    ck_assert_uint_gt(full, 100);
}
END_TEST

START_TEST(a_ring_buffer_gives_its_records_in_order_and_refuses_what_does_not_fit)
{
    static const struct aur_instruction code[] = {{.opcode = 0xb7}, {.opcode = 0x95}};
    static const struct aur_agent_map_source map = {"ring", AUR_MAP_RING_BUFFER, 0, 0, 0, 256, NULL,
                                                    0};
    const struct aur_agent_source source = {code, 2, NULL, 0, &map, 1, 1, 1};
    struct aur_agent_refusal refusal;
    ck_assert_uint_ne(aur_agent_build(&source, image, sizeof image, &refusal), 0);
    const struct aur_image *built = (const struct aur_image *)(const void *)image;
    uint32_t sizes[] = {1, 8, 9, 100, 0, 77, 60}, put = 0, used = 0;
    for (uint32_t i = 0; i < LENGTH(sizes); i++) {
        unsigned char *record = aur_map_reserve(built, 0, sizes[i]);
        uint32_t needs = 8 + (sizes[i] + 7) / 8 * 8;
        ck_assert((record != NULL) == (sizes[i] != 0 && used + needs <= 256));
        if (record) {
            memset(record, (int)i + 1, sizes[i]);
            used += needs;
            put++;
        }
    }
    uint32_t at = 0, size, seen = 0, i = 0;
    for (const unsigned char *record; (record = aur_map_record(built, 0, &at, &size));
         seen++, i++) {
        while (sizes[i] == 0 || sizes[i] != size)
            i++;
        ck_assert_uint_lt(i, LENGTH(sizes));
        ck_assert(record[0] == i + 1 && record[size - 1] == i + 1);
    }
    ck_assert_uint_eq(seen, put);
    ck_assert_uint_ge(put, 4);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_random_program_ends_as_its_slow_twin_says,
        what_is_verified_does_not_leave_its_frame_by_the_frame_pointer,
        what_is_disassembled_assembles_to_the_same_bytes,
        a_hash_map_keeps_what_was_put_in_until_it_is_taken_out,
        a_ring_buffer_gives_its_records_in_order_and_refuses_what_does_not_fit,
    };
    seed = random_seed(20261201);
    return run_tests("agent twin", tests, LENGTH(tests));
}
