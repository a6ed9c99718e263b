#include "tests/stream.h"

#include <aurora/core.h>

#include "tests/agent_scene.h"

#define CPUS        8u
#define TASKS       24u
#define OBJECTS     12u
#define GROUPS      6u
#define CHECK_EVERY 256u // events
#define MICROSECOND 1000ull
#define MILLISECOND 1000000ull

// A host that does what the core asks for, sooner or later.
struct stream {
    struct aur_core *core;
    struct aur_config config;
    uint64_t random, now_ns, digest;
    uint64_t online;
    uint64_t pending; // CPUs that are to dispatch
    uint64_t armed_at_ns[CPUS];
};

static uint64_t block[(4u << 20) / 8] __attribute__((aligned(64)));

// One draw in an expression, no more: the order of arguments is the compiler's.
static uint64_t draw(struct stream *s)
{
    uint64_t z = s->random += 0x9e3779b97f4a7c15ull; // SplitMix64
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static uint32_t below(struct stream *s, uint32_t n)
{
    return (uint32_t)(draw(s) >> 32) % n;
}

// Small numbers are as frequent as large ones.
static uint64_t between(struct stream *s, uint64_t low, uint64_t high)
{
    uint32_t shift = below(s, 64);
    uint64_t offset = draw(s) >> shift, width = high - low;
    return low + (width == UINT64_MAX ? offset : offset % (width + 1));
}

static void fold(struct stream *s, uint64_t value)
{
    s->digest = (s->digest ^ value) * 0x100000001b3ull; // FNV-1a, a word at a time
    s->digest ^= s->digest >> 29;
}

static void carry_out(struct stream *s, const struct aur_record *action)
{
    if (action->kind == AUR_ACT_RESCHED)
        s->pending |= 1ull << action->cpu;
    else if (action->kind == AUR_ACT_ARM)
        s->armed_at_ns[action->cpu] = action->arg;
}

static void post(struct stream *s, uint32_t kind, uint32_t cpu, uint32_t task, uint32_t object,
                 uint32_t other, uint64_t arg)
{
    struct aur_record event = {s->now_ns, arg,           task,          object,
                               other,     (uint16_t)cpu, (uint8_t)kind, 0};
    for (;;) {
        struct aur_actions actions;
        enum aur_status status = aur_core_step(s->core, NULL, &event, &actions);
        fold(s, (uint64_t)status << 8 | actions.count);
        if (status != AUR_OK)
            return;
        if (kind == AUR_EV_DISPATCH)
            s->pending &= ~(1ull << cpu);
        if (kind == AUR_EV_TIMER || kind == AUR_EV_CPU_OFF)
            s->armed_at_ns[kind == AUR_EV_TIMER ? cpu : object] = AUR_NEVER_NS;
        uint32_t again = 0;
        for (uint32_t i = 0; i < actions.count; i++) {
            carry_out(s, &actions.list[i]);
            again |= actions.list[i].kind == AUR_ACT_AGAIN;
        }
        if (!again)
            return;
    }
}

static void dispatch(struct stream *s)
{
    for (uint32_t cpu = 0; cpu < s->config.cpus; cpu++)
        if (s->pending >> cpu & 1)
            post(s, AUR_EV_DISPATCH, cpu, 0, 0, 0, 0);
}

static void pass_time(struct stream *s)
{
    uint64_t by_ns = between(s, 0, 20 * MILLISECOND);
    for (uint32_t cpu = 0; cpu < s->config.cpus && by_ns % 4 != 0; cpu++)
        if (s->armed_at_ns[cpu] > s->now_ns && s->armed_at_ns[cpu] - s->now_ns < by_ns)
            by_ns = s->armed_at_ns[cpu] - s->now_ns; // the instant itself
    s->now_ns += by_ns;
    for (uint32_t cpu = 0; cpu < s->config.cpus; cpu++) {
        if (s->armed_at_ns[cpu] <= s->now_ns)
            post(s, AUR_EV_TIMER, cpu, 0, 0, 0, 0);
        if (s->config.tick_ns != 0 && aur_core_running(s->core, cpu) != AUR_NONE)
            post(s, AUR_EV_TICK, cpu, 0, 0, 0, 0);
    }
}

static uint32_t some_kind(struct stream *s)
{
    static const uint8_t policies[8] = {0, 0, 0, 0, 1, 2, 3, 5};
    uint32_t policy = policies[below(s, 8)];
    int priority = policy == 1 || policy == 2 ? 1 + (int)below(s, 99) : 0;
    return aur_task_kind((enum aur_policy)policy, below(s, 2) ? 0 : (int)below(s, 40) - 20,
                         priority);
}

static uint64_t some_mask(struct stream *s)
{
    return below(s, 3) ? UINT64_MAX : draw(s) & 0xff;
}

static uint64_t some_instant(struct stream *s)
{
    return below(s, 4) ? s->now_ns + between(s, 0, 30 * MILLISECOND) : AUR_NEVER_NS;
}

static void change(struct stream *s, uint32_t cpu, uint32_t task)
{
    uint32_t attribute = below(s, AUR_ATTR_COUNT);
    uint64_t value = between(s, 0, 100 * MILLISECOND);
    if (attribute == AUR_ATTR_POLICY)
        value = some_kind(s);
    else if (attribute == AUR_ATTR_AFFINITY)
        value = some_mask(s);
    else if (attribute == AUR_ATTR_GROUP)
        value = below(s, 4) ? below(s, GROUPS) : AUR_NONE;
    post(s, AUR_EV_TASK_SET, cpu, task, attribute, 0, value);
}

// Runtime, deadline and period of a server, then the policy.
static void serve(struct stream *s, uint32_t cpu, uint32_t task)
{
    uint64_t period_ns = between(s, 100 * MICROSECOND, 50 * MILLISECOND);
    uint64_t deadline_ns = below(s, 2) ? period_ns : period_ns / 2;
    post(s, AUR_EV_TASK_SET, cpu, task, AUR_ATTR_DL_PERIOD_NS, 0, period_ns);
    post(s, AUR_EV_TASK_SET, cpu, task, AUR_ATTR_DL_DEADLINE_NS, 0, deadline_ns);
    post(s, AUR_EV_TASK_SET, cpu, task, AUR_ATTR_DL_RUNTIME_NS, 0, deadline_ns / (1 + below(s, 9)));
    post(s, AUR_EV_TASK_SET, cpu, task, AUR_ATTR_POLICY, 0,
         aur_task_kind(AUR_POLICY_DEADLINE, 0, 0));
}

static void change_group(struct stream *s, uint32_t cpu, uint32_t group)
{
    static const uint64_t most[] = {10000, 50 * MILLISECOND, 100 * MILLISECOND};
    uint32_t attribute = below(s, AUR_GROUP_ATTR_COUNT);
    uint64_t value = between(s, 0, most[attribute]);
    post(s, AUR_EV_GROUP_SET, cpu, 0, group, attribute, below(s, 8) ? value : AUR_NEVER_NS);
}

// What the running task of the CPU may do.
static void act(struct stream *s, uint32_t cpu)
{
    static const uint8_t kinds[] = {AUR_EV_BLOCK, AUR_EV_BLOCK,  AUR_EV_BLOCK, AUR_EV_YIELD,
                                    AUR_EV_LOCK,  AUR_EV_UNLOCK, AUR_EV_WAIT,  AUR_EV_BARRIER,
                                    AUR_EV_DOWN,  AUR_EV_UNLOCK, AUR_EV_LOCK,  AUR_EV_EXIT};
    uint32_t kind = kinds[below(s, sizeof kinds)], object = below(s, OBJECTS);
    uint32_t task = aur_core_running(s->core, cpu);
    const struct aur_task *t = aur_core_task(s->core, task);
    if (t && t->held != AUR_NONE && kind == AUR_EV_UNLOCK)
        object = t->held;
    if (t && t->wait_mutex != AUR_NONE && below(s, 8)) {
        kind = AUR_EV_LOCK; // it may do nothing else
        object = t->wait_mutex;
    }
    uint32_t other = t && t->held != AUR_NONE && below(s, 2) ? t->held : AUR_NONE;
    post(s, kind, cpu, task, object, other, some_instant(s));
}

// Mostly refused.
static void garbage(struct stream *s)
{
    uint32_t kind = below(s, AUR_EV_COUNT + 1), cpu = below(s, CPUS + 1), object = below(s, 16);
    uint64_t who = draw(s);
    post(s, kind, cpu, (uint32_t)who, object, (uint32_t)(who >> 32), draw(s));
}

static void happen(struct stream *s)
{
    uint32_t cpu = below(s, s->config.cpus), task = below(s, TASKS), object = below(s, OBJECTS);
    uint32_t group = below(s, GROUPS), kind = some_kind(s), choice = below(s, 64);
    if (choice < 14)
        act(s, cpu);
    else if (choice < 22)
        post(s, AUR_EV_WAKE, cpu, task, 0, 0, 0);
    else if (choice < 26)
        post(s, AUR_EV_TASK_NEW, cpu, AUR_NONE, kind, 0, some_mask(s));
    else if (choice < 31)
        post(s, AUR_EV_TASK_START, cpu, task, 0, 0, 0);
    else if (choice < 37)
        change(s, cpu, task);
    else if (choice < 38)
        serve(s, cpu, task);
    else if (choice < 40)
        post(s, AUR_EV_OBJECT_NEW, cpu, 0, 1 + task % 4, 0, below(s, 4));
    else if (choice < 41)
        post(s, AUR_EV_OBJECT_FREE, cpu, 0, object, 0, 0);
    else if (choice < 43)
        post(s, AUR_EV_SIGNAL, cpu, 0, object, 0, 0);
    else if (choice < 44)
        post(s, AUR_EV_BROADCAST, cpu, 0, object, 0, 0);
    else if (choice < 47)
        post(s, AUR_EV_UP, cpu, 0, object, 0, 0);
    else if (choice < 49)
        post(s, AUR_EV_GROUP_NEW, cpu, 0, below(s, 2) ? AUR_NONE : group, 0, 0);
    else if (choice < 51)
        change_group(s, cpu, group);
    else if (choice < 52)
        post(s, AUR_EV_GROUP_FREE, cpu, 0, group, 0, 0);
    else if (choice < 53)
        post(s, AUR_EV_CPU_OFF, cpu, 0, below(s, s->config.cpus), 0, 0);
    else if (choice < 55)
        post(s, AUR_EV_CPU_ON, cpu, 0, below(s, s->config.cpus), 0, 0);
    else if (choice < 57)
        garbage(s);
    else
        pass_time(s);
    if (below(s, 3) == 0)
        dispatch(s);
}

static void configure(struct stream *s, uint32_t class)
{
    struct aur_config *config = &s->config;
    aur_config_default(config, 1 + below(s, CPUS), class);
    config->tasks = TASKS;
    config->objects = OBJECTS;
    config->groups = below(s, 2) ? GROUPS : 0;
    config->tick_ns = below(s, 2) ? 0 : between(s, 100 * MICROSECOND, 10 * MILLISECOND);
    config->balance_ns = between(s, 0, 40 * MILLISECOND);
    if (below(s, 4) == 0 && !(aur_class_info(class)->traits & AUR_CLASS_AGENT))
        config->classes[AUR_SLOT_REALTIME] = class;
    agent_scene_stack(config);
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++) {
        const struct aur_class_info *info = aur_class_info(config->classes[slot]);
        for (uint32_t i = 0; info && i < AUR_CLASS_PARAMS && info->params[i].name; i++)
            config->params[slot][i] =
                slot != AUR_SLOT_FAIR && config->classes[slot] != class ? info->params[i].value
                : below(s, 2)                                           ? info->params[i].value
                              : between(s, info->params[i].low, info->params[i].high);
    }
}

static bool load(struct stream *s)
{
    static uint64_t image[AGENT_SCENE_BYTES / 8];
    size_t bytes = agent_scene_build(&s->config, agent_scene_text, image);
    struct aur_actions actions;
    for (uint32_t word = 0; word < AGENT_SCENE_BYTES / 8; word++) {
        struct aur_record data = {.kind = AUR_EV_AGENT_DATA, .object = word, .arg = image[word]};
        if (aur_core_step(s->core, NULL, &data, &actions) != AUR_OK)
            return false;
    }
    struct aur_record event = {.kind = AUR_EV_AGENT_LOAD, .arg = bytes};
    return aur_core_step(s->core, NULL, &event, &actions) == AUR_OK;
}

uint32_t stream_classes(void)
{
    return aur_class_count();
}

uint64_t stream_digest(uint32_t class, uint64_t seed, uint32_t events)
{
    struct stream s = {.core = (struct aur_core *)(void *)block, .random = seed};
    configure(&s, class);
    if (aur_core_size(&s.config) > sizeof block ||
        aur_core_init(block, sizeof block, &s.config) != AUR_OK)
        return 0;
    if (s.config.classes[AUR_SLOT_EXT] != AUR_NONE && !load(&s))
        return 0;
    for (uint32_t cpu = 0; cpu < CPUS; cpu++)
        s.armed_at_ns[cpu] = AUR_NEVER_NS;
    for (uint32_t i = 0; i < events; i++) {
        happen(&s);
        if (i % CHECK_EVERY == 0 && aur_core_check(s.core))
            return 0;
    }
    if (aur_core_check(s.core))
        return 0;
    fold(&s, aur_core_digest(s.core));
    // The block has no pointers and fixed widths: it must be the same everywhere, byte for byte.
    size_t words = aur_core_size(&s.config) / 8;
    for (size_t i = 0; i < words; i++)
        fold(&s, block[i]);
    return s.digest ? s.digest : 1;
}
