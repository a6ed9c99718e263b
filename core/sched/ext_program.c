// Running the agent's programs, and the helpers that they call: the kfuncs of kernel/sched/ext.c
// and ext_idle.c. What Linux calls scx_error() ejects the agent.
#include "sched/ext.h"

#include "sched/fair.h"

// Who is running, for the helpers.
struct running {
    struct aur_core *core;
    enum aur_ext_op op;
    uint32_t cpu;
    uint32_t task; // that it is about, or NONE
    uint32_t handed_out;
};

static const char *const op_names[] = {
#define X(id, name) name,
    AUR_EXT_OP_TABLE(X)
#undef X
};

static const char *const reason_texts[] = {
#define X(id, text) text,
    AUR_EXT_REASON_TABLE(X)
#undef X
};

const char *aur_ext_op_name(uint32_t op)
{
    return op < AUR_EXT_OPS ? op_names[op] : "unknown";
}

const char *aur_ext_reason_text(uint32_t reason)
{
    return reason < AUR_EXT_REASONS ? reason_texts[reason] : "unknown";
}

uint64_t aur_ext_address(uint32_t task)
{
    return aur_agent_address(AUR_REGION_TASKS, task * (uint32_t)sizeof(struct aur_ext_task));
}

static uint32_t count_bits(uint64_t mask)
{
    uint32_t count = 0;
    for (; mask; mask &= mask - 1)
        count++;
    return count;
}

void aur_ext_refresh(struct aur_core *core, uint32_t task)
{
    const struct aur_task *t = aur_task_at(core, task);
    struct aur_ext_task *view = aur_ext_task_at(core, task);
    view->run_ns = t->run_ns;
    view->demand_ns = t->demand_ns;
    view->cpus = aur_allowed_cpus(core, t);
    view->pid = task;
    // sched_weight_to_cgroup: of 100 parts of what nice 0 weighs, 1 to 10,000.
    uint32_t weight = (t->weight * 100 + AUR_NICE_0_WEIGHT / 2) / AUR_NICE_0_WEIGHT;
    view->weight = weight < 1 ? 1 : weight > 10000 ? 10000 : weight;
    view->cpu = t->cpu;
    view->cpu_count = count_bits(view->cpus);
    view->nice = t->nice;
    view->policy = t->policy;
}

static uint64_t error(struct running *running, struct aur_agent_run *run,
                      enum aur_ext_reason reason, uint64_t detail)
{
    aur_ext_eject(running->core, reason, running->task, detail);
    aur_agent_refuse(run);
    return 0;
}

// The task whose view is at the address; NONE, and the agent is ejected.
static uint32_t task_at(struct running *running, struct aur_agent_run *run, uint64_t address)
{
    uint32_t offset = (uint32_t)address, task = offset / (uint32_t)sizeof(struct aur_ext_task);
    if (address >> 32 == AUR_REGION_TASKS && offset % sizeof(struct aur_ext_task) == 0 &&
        aur_core_task(running->core, task))
        return task;
    error(running, run, AUR_EXT_END_BAD_TASK, address);
    return AUR_NONE;
}

static bool is_cpu(const struct aur_core *core, uint64_t cpu)
{
    return cpu < core->config.cpus;
}

static uint64_t insert(struct running *running, struct aur_agent_run *run, const uint64_t a[5],
                       bool by_vtime)
{
    struct aur_core *core = running->core;
    uint32_t task = task_at(running, run, a[0]);
    if (task == AUR_NONE)
        return 0;
    uint64_t id = a[1], slice_ns = a[2], flags = by_vtime ? a[4] : a[3];
    uint32_t queue = aur_ext_queue_find(core, id, running->cpu);
    if (queue == AUR_NONE || !aur_ext_queue_takes(core, queue, by_vtime))
        return error(running, run, AUR_EXT_END_BAD_QUEUE, id);
    struct aur_ext_entity *e = aur_ext_entity_at(core, task);
    bool waking = running->op == AUR_EXT_SELECT_CPU || running->op == AUR_EXT_ENQUEUE;
    if (waking ? task != running->task || e->direct
               : running->op != AUR_EXT_DISPATCH || running->handed_out == AUR_EXT_BATCH)
        return error(running, run, AUR_EXT_END_BAD_CALL, id);
    // From dispatch, what is not the agent's any more is left where it is, as Linux does.
    if (!waking && e->place != AUR_EXT_OWNED)
        return 0;
    struct aur_ext_task *view = aur_ext_task_at(core, task);
    if (slice_ns != 0)
        view->slice_ns = slice_ns;
    else if (view->slice_ns == 0)
        view->slice_ns = 1;
    if (by_vtime)
        view->vtime = a[3];
    e->target = id;
    e->flags = flags;
    e->by_vtime = by_vtime;
    e->direct = waking;
    if (!waking) {
        running->handed_out++;
        aur_ext_send(core, task, running->cpu);
    }
    return 0;
}

static uint64_t move_to_local(struct running *running, struct aur_agent_run *run, uint64_t id)
{
    struct aur_core *core = running->core;
    uint32_t queue = aur_ext_queue_find(core, id, running->cpu);
    if (queue == AUR_NONE || queue < core->config.cpus)
        return error(running, run, AUR_EXT_END_BAD_QUEUE, id);
    if (running->op != AUR_EXT_DISPATCH || running->handed_out == AUR_EXT_BATCH)
        return error(running, run, AUR_EXT_END_BAD_CALL, id);
    bool moved = aur_ext_consume(core, queue, running->cpu);
    running->handed_out += moved;
    return moved;
}

static bool is_idle(const struct aur_core *core, uint32_t cpu)
{
    return core->idle >> cpu & 1 && aur_cpu_at(core, cpu)->nr == 0;
}

// scx_select_cpu_dfl, of CPUs that all share a cache and have no siblings: the waker's if it is
// about to sleep and some CPU is idle, the last one if idle, any idle one; else the last one.
static uint32_t default_cpu(const struct aur_core *core, uint32_t task, uint32_t prev,
                            uint64_t wake_flags, uint32_t waker, bool *idle)
{
    uint64_t allowed = aur_allowed_cpus(core, aur_task_at(core, task));
    *idle = true;
    if (wake_flags & AUR_EXT_WAKE_SYNC && is_cpu(core, waker)) {
        if (allowed >> prev & 1 && is_idle(core, prev))
            return prev;
        if (core->idle != 0 && allowed >> waker & 1 && aur_ext_queue_at(core, waker)->count == 0)
            return waker;
    }
    if (allowed >> prev & 1 && is_idle(core, prev))
        return prev;
    for (uint64_t rest = allowed & core->idle; rest; rest &= rest - 1)
        if (is_idle(core, (uint32_t)__builtin_ctzll(rest)))
            return (uint32_t)__builtin_ctzll(rest);
    *idle = false;
    return allowed >> prev & 1 ? prev : (uint32_t)__builtin_ctzll(allowed);
}

uint32_t aur_ext_default_cpu(const struct aur_core *core, uint32_t task, uint64_t wake_flags,
                             uint32_t waker, bool *idle)
{
    return default_cpu(core, task, aur_task_at(core, task)->cpu, wake_flags, waker, idle);
}

static uint64_t select_cpu(struct running *running, struct aur_agent_run *run, const uint64_t a[5])
{
    uint32_t task = task_at(running, run, a[0]);
    if (task == AUR_NONE)
        return 0;
    if (!is_cpu(running->core, a[1] & UINT32_MAX))
        return error(running, run, AUR_EXT_END_BAD_CPU, a[1]);
    if (running->op != AUR_EXT_SELECT_CPU && running->op != AUR_EXT_ENQUEUE)
        return error(running, run, AUR_EXT_END_BAD_CALL, a[1]);
    bool idle;
    uint32_t cpu = default_cpu(running->core, task, (uint32_t)a[1], a[2], running->cpu, &idle);
    unsigned char answer = idle;
    aur_agent_write(run, a[3], &answer, sizeof answer);
    return cpu;
}

static uint64_t kick(struct running *running, struct aur_agent_run *run, uint64_t cpu,
                     uint64_t flags)
{
    struct aur_core *core = running->core;
    cpu &= UINT32_MAX; // s32
    if (!is_cpu(core, cpu))
        return error(running, run, AUR_EXT_END_BAD_CPU, cpu);
    uint32_t curr = aur_ext_cpu_at(core, (uint32_t)cpu)->curr;
    if (flags & AUR_EXT_KICK_IDLE && aur_cpu_at(core, (uint32_t)cpu)->curr != AUR_NONE)
        return 0;
    if (flags & AUR_EXT_KICK_PREEMPT && curr != AUR_NONE)
        aur_ext_task_at(core, curr)->slice_ns = 0;
    aur_ext_kick(core, (uint32_t)cpu);
    return 0;
}

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
static uint64_t draw(struct aur_core *core)
{
    uint64_t z = core->ext.random += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return (z ^ z >> 31) >> 32;
}

static uint64_t storage(struct running *running, struct aur_agent_run *run, const uint64_t a[5])
{
    uint32_t map = aur_agent_map(run, a[0], AUR_MAP_TASK_STORAGE);
    uint32_t task = map == AUR_NONE ? AUR_NONE : task_at(running, run, a[1]);
    if (task == AUR_NONE)
        return 0;
    uint32_t stride = aur_image_map(aur_ext_image(running->core), map)->stride;
    return aur_agent_address(AUR_REGION_VALUES + map, task * stride);
}

static uint64_t create(struct running *running, struct aur_agent_run *run, uint64_t id)
{
    if (running->op != AUR_EXT_INIT && running->op != AUR_EXT_INIT_TASK)
        return error(running, run, AUR_EXT_END_BAD_CALL, id);
    return aur_ext_queue_make(running->core, id) ? 0 : (uint64_t)-17; // EEXIST, or there is no room
}

static uint64_t helper(void *host, struct aur_agent_run *run, uint32_t number, const uint64_t a[5])
{
    struct running *running = host;
    struct aur_core *core = running->core;
    uint32_t task, queue;
    switch ((enum aur_helper)number) {
    case AUR_HELPER_KTIME_GET_NS:
    case AUR_HELPER_NOW:
        return core->now_ns;
    case AUR_HELPER_GET_PRANDOM_U32:
        return draw(core);
    case AUR_HELPER_GET_SMP_PROCESSOR_ID:
        return running->cpu;
    case AUR_HELPER_TASK_STORAGE_GET:
        return storage(running, run, a);
    case AUR_HELPER_CREATE_DSQ:
        return create(running, run, a[0]);
    case AUR_HELPER_DSQ_INSERT:
        return insert(running, run, a, false);
    case AUR_HELPER_DSQ_INSERT_VTIME:
        return insert(running, run, a, true);
    case AUR_HELPER_DSQ_MOVE_TO_LOCAL:
        return move_to_local(running, run, a[0]);
    case AUR_HELPER_DSQ_NR_QUEUED:
        queue = aur_ext_queue_find(core, a[0], running->cpu);
        return queue == AUR_NONE ? (uint64_t)-2 : aur_ext_queue_at(core, queue)->count; // ENOENT
    case AUR_HELPER_DISPATCH_NR_SLOTS:
        return running->op == AUR_EXT_DISPATCH ? AUR_EXT_BATCH - running->handed_out : 0;
    case AUR_HELPER_SELECT_CPU_DFL:
        return select_cpu(running, run, a);
    case AUR_HELPER_TEST_AND_CLEAR_CPU_IDLE:
        if (!is_cpu(core, a[0] & UINT32_MAX))
            return error(running, run, AUR_EXT_END_BAD_CPU, a[0]);
        return is_idle(core, (uint32_t)a[0]);
    case AUR_HELPER_KICK_CPU:
        return kick(running, run, a[0], a[1]);
    case AUR_HELPER_NR_CPU_IDS:
        return core->config.cpus;
    case AUR_HELPER_TASK_CPU:
        task = task_at(running, run, a[0]);
        return task == AUR_NONE ? 0 : aur_task_at(core, task)->cpu;
    case AUR_HELPER_TASK_RUNNING:
        task = task_at(running, run, a[0]);
        return task != AUR_NONE && aur_task_at(core, task)->state == AUR_TASK_RUNNING;
    case AUR_HELPER_TASK_FROM_PID:
        task = (uint32_t)a[0];
        if (!aur_core_task(core, task))
            return 0;
        aur_ext_refresh(core, task);
        return aur_ext_address(task);
    case AUR_HELPER_TASK_RELEASE:
        return 0;
    default:
        aur_agent_refuse(run);
        return 0;
    }
}

bool aur_ext_has(const struct aur_core *core, enum aur_ext_op op)
{
    return core->ext.programs[op] != AUR_NONE;
}

bool aur_ext_call(struct aur_core *core, enum aur_ext_op op, uint32_t cpu, uint32_t task,
                  uint64_t first, uint64_t second, uint64_t third, uint64_t *result)
{
    if (!aur_ext_has(core, op) || (!aur_ext_is_on(core) && op != AUR_EXT_EXIT))
        return false;
    uint64_t arguments[AUR_EXT_CONTEXT_BYTES / 8] = {first, second, third, 0};
    struct running running = {core, op, cpu, task, 0};
    struct aur_agent_env env = {
        .context = {arguments, sizeof arguments, 0, 0},
        .tasks = {aur_ext_task_at(core, 0),
                  core->tasks_used * (uint32_t)sizeof(struct aur_ext_task), AUR_EXT_TASK_WRITABLE,
                  sizeof(struct aur_ext_task)},
        .r1 = aur_agent_address(AUR_REGION_CONTEXT, 0),
        .fuel = aur_ext_param(core, AUR_EXT_FUEL),
        .cpu = cpu,
        .call = helper,
        .host = &running,
    };
    struct aur_agent_result ended;
    if (task != AUR_NONE)
        aur_ext_refresh(core, task);
    aur_agent_run(aur_ext_image(core), core->ext.programs[op], &env, &ended);
    *result = ended.r0;
    if (ended.status == AUR_AGENT_DONE)
        return true;
    aur_ext_eject(core, ended.status == AUR_AGENT_FUEL ? AUR_EXT_END_FUEL : AUR_EXT_END_FAULT, task,
                  (uint64_t)op << 32 | ended.instruction);
    return false;
}

// Is the program called `op`, or does its name end with _op?
static bool serves(const char *name, const char *op)
{
    size_t length = 0, wanted = 0;
    while (name[length])
        length++;
    while (op[wanted])
        wanted++;
    if (length < wanted || memcmp(name + length - wanted, op, wanted) != 0)
        return false;
    return length == wanted || name[length - wanted - 1] == '_';
}

void aur_ext_bind(struct aur_core *core)
{
    const struct aur_image *image = aur_ext_image(core);
    for (uint32_t op = 0; op < AUR_EXT_OPS; op++) {
        core->ext.programs[op] = AUR_NONE;
        for (uint32_t i = 0; i < image->program_count; i++) {
            const struct aur_program *program = aur_image_program(image, i);
            if (program->is_entry &&
                serves(aur_image_name(image, program->name_at), aur_ext_op_name(op)))
                core->ext.programs[op] = i;
        }
    }
}
