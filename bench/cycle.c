#include "cycle.h"

#include <stdbool.h>

#include <aurora/assembler.h>
#include <aurora/core.h>

#define SLEEPERS 64u // tasks that sleep while the others are runnable
#define CYCLE_NS 1000u

#define IMAGE_BYTES 4096u

// What the class `agent` runs: one queue by virtual time, charged by weight.
static const char vtime_agent[] =
    ".program init\n"
    "    r1 = 0; r2 = -1; call scx_bpf_create_dsq; exit\n"
    ".program enqueue\n"
    "    r1 = *(u64 *)(r1 + 0); r2 = 0; r3 = 20000000; r4 = *(u64 *)(r1 + 8); r5 = 0\n"
    "    call scx_bpf_dsq_insert_vtime; exit\n"
    ".program dispatch\n"
    "    r1 = 0; call scx_bpf_dsq_move_to_local; exit\n"
    ".program stopping\n"
    "    r1 = *(u64 *)(r1 + 0); r2 = *(u64 *)(r1 + 0); r3 = 20000000; r3 -= r2; r3 *= 100\n"
    "    r4 = *(u32 *)(r1 + 44); r3 /= r4; r2 = *(u64 *)(r1 + 8); r2 += r3\n"
    "    *(u64 *)(r1 + 8) = r2; exit\n";

// The block: this, then the core.
struct bench {
    _Alignas(64) uint64_t random;
    uint64_t now_ns;
    uint32_t class;
    uint32_t first;             // of `asleep`, the one that has slept longest
    uint32_t asleep[SLEEPERS];  // a ring
    struct aur_actions actions; // of the last event
};

static struct aur_core *core_of(struct bench *bench)
{
    return (struct aur_core *)(void *)(bench + 1);
}

// xorshift64* (Vigna 2016); its upper bits.
static uint32_t draw(struct bench *bench, uint32_t below)
{
    uint64_t x = bench->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    bench->random = x;
    return (uint32_t)((x * 0x2545f4914f6cdd1dull) >> 33) % below;
}

static uint32_t slot_of(uint32_t class)
{
    if (class == aur_class_find("edf"))
        return AUR_SLOT_DEADLINE;
    if (class == aur_class_find("agent"))
        return AUR_SLOT_EXT;
    return class == aur_class_find("prio") ? AUR_SLOT_REALTIME : AUR_SLOT_FAIR;
}

// An agent's class stands above the one that would take over from it.
static struct aur_config config_of(uint32_t class, uint32_t tasks)
{
    struct aur_config config;
    uint32_t slot = slot_of(class);
    bool agent = slot == AUR_SLOT_EXT;
    aur_config_default(&config, 1, agent ? aur_class_find("eevdf") : class);
    for (uint32_t other = 0; other < AUR_CLASS_SLOTS; other++)
        if (other != slot && !(agent && other == AUR_SLOT_FAIR))
            config.classes[other] = AUR_NONE;
    if (agent) {
        const struct aur_class_param *params = aur_class_info(class)->params;
        config.classes[slot] = class;
        for (uint32_t i = 0; params[i].name; i++)
            config.params[slot][i] = params[i].value;
        config.agent_bytes = IMAGE_BYTES;
    }
    config.tasks = tasks + SLEEPERS;
    config.objects = 0;
    config.tick_ns = 0;
    config.balance_ns = 0;
    return config;
}

size_t bench_cycle_size(uint32_t class, uint32_t tasks)
{
    struct aur_config config = config_of(class, tasks);
    size_t size = aur_class_info(class) ? aur_core_size(&config) : 0;
    return size ? size + sizeof(struct bench) : 0;
}

static int post(struct bench *bench, uint32_t kind, uint32_t task, uint32_t object, uint64_t arg)
{
    struct aur_record event = {
        .now_ns = bench->now_ns, .arg = arg, .task = task, .object = object, .kind = (uint8_t)kind};
    return aur_core_step(core_of(bench), NULL, &event, &bench->actions) == AUR_OK;
}

static int dispatch(struct bench *bench)
{
    for (uint32_t i = 0; i < bench->actions.count; i++)
        if (bench->actions.list[i].kind == AUR_ACT_RESCHED)
            return post(bench, AUR_EV_DISPATCH, AUR_NONE, 0, 0);
    return 1;
}

// What the class orders by: a server of at most 50 us each 1,000 to 4,000 s, a priority, a nice
// value, a declared demand.
static int make(struct bench *bench, uint32_t task)
{
    uint32_t slot = slot_of(bench->class), kind;
    if (slot == AUR_SLOT_DEADLINE)
        kind = aur_task_kind(AUR_POLICY_DEADLINE, 0, 0);
    else if (slot == AUR_SLOT_REALTIME)
        kind = aur_task_kind(AUR_POLICY_FIFO, 0, 1 + (int)draw(bench, 99));
    else
        kind = aur_task_kind(AUR_POLICY_OTHER, (int)draw(bench, 11) - 5, 0);
    return post(bench, AUR_EV_TASK_NEW, AUR_NONE, kind, 1) &&
           post(bench, AUR_EV_TASK_SET, task, AUR_ATTR_DL_RUNTIME_NS, 50000) &&
           post(bench, AUR_EV_TASK_SET, task, AUR_ATTR_DL_PERIOD_NS,
                (1000 + draw(bench, 3000)) * 1000000000ull) &&
           post(bench, AUR_EV_TASK_SET, task, AUR_ATTR_DEMAND_NS, 1 + draw(bench, 1000000)) &&
           post(bench, AUR_EV_TASK_START, task, 0, 0) && dispatch(bench);
}

static int block_running(struct bench *bench, uint32_t place)
{
    uint32_t running = aur_core_running(core_of(bench), 0);
    bench->asleep[place] = running;
    return post(bench, AUR_EV_BLOCK, running, 0, AUR_NEVER_NS) && dispatch(bench);
}

static int load(struct bench *bench, const struct aur_config *config)
{
    static struct aur_assembly assembly;
    static uint64_t image[IMAGE_BYTES / 8];
    struct aur_agent_refusal refusal;
    if (!aur_agent_assemble(vtime_agent, sizeof vtime_agent - 1, &assembly))
        return 0;
    assembly.source.cpus = config->cpus;
    assembly.source.tasks = config->tasks;
    size_t bytes = aur_agent_build(&assembly.source, image, sizeof image, &refusal);
    for (uint32_t i = 0; i < bytes / 8; i++)
        if (!post(bench, AUR_EV_AGENT_DATA, AUR_NONE, i, image[i]))
            return 0;
    return bytes && post(bench, AUR_EV_AGENT_LOAD, AUR_NONE, 0, bytes);
}

uint32_t bench_cycle_begin(void *block, uint32_t class, uint32_t tasks)
{
    struct bench *bench = block;
    struct aur_config config = config_of(class, tasks);
    *bench = (struct bench){.random = 20261122, .class = class};
    if (aur_core_init(core_of(bench), aur_core_size(&config), &config) != AUR_OK)
        return 0;
    if (config.agent_bytes && !load(bench, &config))
        return 0;
    for (uint32_t task = 0; task < config.tasks; task++, bench->now_ns += CYCLE_NS)
        if (!make(bench, task))
            return 0;
    for (uint32_t i = 0; i < SLEEPERS; i++, bench->now_ns += CYCLE_NS)
        if (!block_running(bench, i))
            return 0;
    return 1;
}

uint64_t bench_cycle_run(void *block, uint32_t cycles)
{
    struct bench *bench = block;
    uint64_t before = aur_core_events(core_of(bench));
    for (uint32_t i = 0; i < cycles; i++) {
        uint32_t place = bench->first, woken = bench->asleep[place];
        bench->first = (place + 1) % SLEEPERS;
        bench->now_ns += CYCLE_NS;
        if (!post(bench, AUR_EV_WAKE, woken, 0, 0) || !dispatch(bench) ||
            !block_running(bench, place))
            return 0;
    }
    return aur_core_events(core_of(bench)) - before;
}

uint64_t bench_cycle_digest(const void *block)
{
    return aur_core_digest(
        (const struct aur_core *)(const void *)((const struct bench *)block + 1));
}
