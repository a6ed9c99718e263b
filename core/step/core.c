// Configuration, layout and readers of the state block.
#include "sched/ext.h"
#include "sched/fair.h"
#include "step/parts.h"

static uint64_t align64(uint64_t bytes)
{
    return (bytes + 63) & ~63ull;
}

static bool config_in_range(const struct aur_config *config)
{
    if (config->cpus < 1 || config->cpus > AUR_CPUS_MAX || config->tasks < 1 ||
        config->tasks > AUR_TASKS_MAX || config->objects > AUR_OBJECTS_MAX ||
        config->groups > AUR_GROUPS_MAX || config->caps > AUR_CAPS_MAX ||
        config->load_average > 1 || config->log_mode > AUR_LOG_FULL)
        return false;
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++) {
        if (config->classes[slot] == AUR_NONE)
            continue;
        const struct aur_class_info *info = aur_class_info(config->classes[slot]);
        if (!info || (slot == AUR_SLOT_EXT) != ((info->traits & AUR_CLASS_AGENT) != 0))
            return false;
        for (uint32_t i = 0; i < AUR_CLASS_PARAMS && info->params[i].name; i++)
            if (config->params[slot][i] < info->params[i].low ||
                config->params[slot][i] > info->params[i].high)
                return false;
    }
    bool ext = config->classes[AUR_SLOT_EXT] != AUR_NONE;
    return config->agent_bytes <= AUR_AGENT_ROOM_MAX && config->agent_bytes % 8 == 0 &&
           (!ext || config->classes[AUR_SLOT_FAIR] != AUR_NONE); // whom its tasks go back to
}

// Fills the offsets of `core` and returns the bytes of the whole block.
static uint64_t lay_out(struct aur_core *core, const struct aur_config *config)
{
    uint64_t at = align64(sizeof *core);
    core->cpus_at = at;
    at = align64(at + (uint64_t)config->cpus * sizeof(struct aur_cpu));
    core->tasks_at = at;
    at = align64(at + (uint64_t)config->tasks * sizeof(struct aur_task));
    core->objects_at = at;
    at = align64(at + (uint64_t)config->objects * sizeof(struct aur_object));
    core->groups_at = at;
    at = align64(at + (uint64_t)config->groups * sizeof(struct aur_group_state));
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++) {
        if (config->classes[slot] == AUR_NONE)
            continue;
        const struct aur_sched_class *class = aur_sched_classes[config->classes[slot]];
        // A fair class has a queue and an entity for each group on each CPU besides.
        uint64_t more =
            class->fair && slot == AUR_SLOT_FAIR ? (uint64_t)config->groups * config->cpus : 0;
        uint32_t cpu_size = class->fair ? class->fair->queue_size : class->cpu_size;
        uint32_t task_size = class->fair ? class->fair->entity_size : class->task_size;
        core->class_cpu_size[slot] = (uint32_t)align64(cpu_size);
        core->class_cpus_at[slot] = at;
        at = align64(at + (config->cpus + more) * core->class_cpu_size[slot]);
        core->class_task_size[slot] = task_size;
        core->class_tasks_at[slot] = at;
        at = align64(at + (config->tasks + more) * task_size);
    }
    core->caps_at = at;
    core->births_at = at = align64(at + (uint64_t)config->caps * sizeof(struct aur_cap));
    core->agent_at = at = align64(at + (config->caps ? config->tasks * sizeof(uint64_t) : 0));
    if (config->classes[AUR_SLOT_EXT] == AUR_NONE)
        return at;
    core->scratch_at = at = align64(at + config->agent_bytes);
    core->views_at = at = align64(at + aur_agent_scratch_most(config->agent_bytes));
    core->queues_at = at = align64(at + (uint64_t)config->tasks * sizeof(struct aur_ext_task));
    return align64(at + (uint64_t)aur_ext_queues(config) * sizeof(struct aur_ext_queue));
}

void aur_config_default(struct aur_config *config, uint32_t cpus, uint32_t fair_class)
{
    memset(config, 0, sizeof *config);
    config->cpus = cpus;
    config->tasks = 64;
    config->objects = 64;
    config->log_mode = AUR_LOG_DIGEST;
    config->tick_ns = 4000000;
    config->balance_ns = 32000000;
    config->classes[AUR_SLOT_DEADLINE] = aur_class_find("edf");
    config->classes[AUR_SLOT_REALTIME] = aur_class_find("prio");
    config->classes[AUR_SLOT_FAIR] = fair_class;
    config->classes[AUR_SLOT_EXT] = AUR_NONE;
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++) {
        const struct aur_class_info *info = aur_class_info(config->classes[slot]);
        for (uint32_t i = 0; info && i < AUR_CLASS_PARAMS && info->params[i].name; i++)
            config->params[slot][i] = info->params[i].value;
    }
}

size_t aur_core_size(const struct aur_config *config)
{
    if (!config_in_range(config))
        return 0;
    struct aur_core layout;
    uint64_t size = lay_out(&layout, config);
    return size <= SIZE_MAX ? (size_t)size : 0;
}

enum aur_status aur_core_init(void *block, size_t size, const struct aur_config *config)
{
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++)
        if (config->classes[slot] != AUR_NONE && !aur_class_info(config->classes[slot]))
            return AUR_NO_CLASS;
    size_t needed = aur_core_size(config);
    if (needed == 0 || size < needed)
        return AUR_BAD_ARGUMENT;

    // A zero byte is AUR_TASK_FREE and AUR_OBJECT_FREE; slots are set up when first used.
    memset(block, 0, needed);
    struct aur_core *core = block;
    core->magic = AUR_CORE_MAGIC;
    core->config = *config;
    core->size = lay_out(core, config);
    core->digest = AUR_DIGEST_START;
    core->free_task = AUR_NONE;
    core->free_object = AUR_NONE;
    core->free_group = AUR_NONE;
    core->free_cap = AUR_NONE;
    aur_rb_init(&core->refills);
    core->online = aur_cpus_all(core);
    core->idle = core->online;
    for (uint32_t c = 0; c < config->cpus; c++) {
        struct aur_cpu *cpu = aur_cpu_at(core, c);
        cpu->curr = AUR_NONE;
        cpu->arriving = AUR_NONE;
        cpu->armed_at_ns = AUR_NEVER_NS;
        cpu->slice_at_ns = AUR_NEVER_NS;
        // Not all CPUs at one instant: each is to see what the one before it left.
        cpu->balance_at_ns = config->balance_ns / config->cpus * c;
        cpu->missing = UINT64_MAX;
        cpu->idle_mean_ns = 2 * config->balance_cost_ns;
        aur_rb_init(&cpu->timeouts);
    }
    core->idle_scan = config->cpus;
    core->ext.switched = AUR_NONE;
    aur_list_init(&core->ext.moving);
    for (uint32_t slot = 0; slot < AUR_CLASS_SLOTS; slot++)
        if (config->classes[slot] != AUR_NONE)
            aur_class_of(core, slot)->init(core, slot);
    aur_global_init(core);
    return AUR_OK;
}

bool aur_layout_holds(const struct aur_core *core)
{
    struct aur_core layout;
    memset(&layout, 0, sizeof layout);
    if (core->magic != AUR_CORE_MAGIC || !config_in_range(&core->config))
        return false;
    // Where each part lies, and how large one is, tells builds apart that have other parts.
    return core->size == lay_out(&layout, &core->config) && core->cpus_at == layout.cpus_at &&
           core->tasks_at == layout.tasks_at && core->objects_at == layout.objects_at &&
           core->groups_at == layout.groups_at && core->caps_at == layout.caps_at &&
           core->births_at == layout.births_at && core->agent_at == layout.agent_at &&
           core->scratch_at == layout.scratch_at && core->views_at == layout.views_at &&
           core->queues_at == layout.queues_at &&
           memcmp(core->class_cpus_at, layout.class_cpus_at, sizeof layout.class_cpus_at) == 0 &&
           memcmp(core->class_tasks_at, layout.class_tasks_at, sizeof layout.class_tasks_at) == 0 &&
           memcmp(core->class_cpu_size, layout.class_cpu_size, sizeof layout.class_cpu_size) == 0 &&
           memcmp(core->class_task_size, layout.class_task_size, sizeof layout.class_task_size) ==
               0;
}

enum aur_status aur_core_adopt(const void *block, size_t size, const struct aur_config *config)
{
    const struct aur_core *core = block;
    if (size == 0 || size != aur_core_size(config) ||
        memcmp(&core->config, config, sizeof *config) != 0 || !aur_layout_holds(core))
        return AUR_BAD_ARGUMENT;
    return aur_core_check(core) ? AUR_BAD_EVENT : AUR_OK;
}

const struct aur_config *aur_core_config(const struct aur_core *core)
{
    return &core->config;
}

uint64_t aur_core_now_ns(const struct aur_core *core)
{
    return core->now_ns;
}

uint64_t aur_core_digest(const struct aur_core *core)
{
    return core->digest;
}

uint64_t aur_core_events(const struct aur_core *core)
{
    return core->events;
}

uint64_t aur_core_online(const struct aur_core *core)
{
    return core->online;
}

const struct aur_task *aur_core_task(const struct aur_core *core, uint32_t task)
{
    if (task >= core->tasks_used || aur_task_at(core, task)->state == AUR_TASK_FREE)
        return NULL;
    return aur_task_at(core, task);
}

uint32_t aur_core_running(const struct aur_core *core, uint32_t cpu)
{
    return cpu < core->config.cpus ? aur_cpu_at(core, cpu)->curr : AUR_NONE;
}

uint64_t aur_core_task_run_ns(const struct aur_core *core, uint32_t task, uint64_t now_ns)
{
    const struct aur_task *t = aur_core_task(core, task);
    if (!t)
        return 0;
    const struct aur_cpu *cpu = aur_cpu_at(core, t->cpu);
    bool running = t->state == AUR_TASK_RUNNING && cpu->curr == task && now_ns > cpu->clock_ns;
    return t->run_ns + (running ? now_ns - cpu->clock_ns : 0);
}

struct aur_cpu_account aur_core_cpu(const struct aur_core *core, uint32_t cpu, uint64_t now_ns)
{
    struct aur_cpu_account account = {0};
    if (cpu < core->config.cpus) {
        const struct aur_cpu *c = aur_cpu_at(core, cpu);
        uint64_t since_ns = now_ns > c->clock_ns ? now_ns - c->clock_ns : 0;
        account.busy_ns = c->busy_ns + (c->curr != AUR_NONE ? since_ns : 0);
        bool online = aur_is_online(core, cpu), empty = c->curr == AUR_NONE;
        account.idle_ns = c->idle_ns + (empty && online ? since_ns : 0);
        account.offline_ns = c->offline_ns + (empty && !online ? since_ns : 0);
        account.switches = c->switches;
        account.runnable = c->nr;
    }
    return account;
}
