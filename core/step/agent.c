// Loading and ejecting an agent, and moving the tasks between the fair slot and its own.
//
// An ejection happens in the middle of some step; from then on no program of the agent's runs. At
// the end of that step the action EJECTED says why, and the timer of the lowest online CPU is armed
// for at once: with it the tasks go back to the fair class, a bounded number a step.
#include "sched/ext.h"

// How many tasks one step looks at, and what moving one may take of its actions.
#ifdef AUR_HOSTILE
#    define SCAN_PER_STEP 3u
#else
#    define SCAN_PER_STEP 1024u
#endif
#define ACTIONS_EACH 8u

static bool has_room(const struct aur_step *step)
{
    return step->actions->count + ACTIONS_EACH < AUR_ACTIONS_MAX;
}

enum aur_status aur_agent_data(struct aur_step *step)
{
    struct aur_core *core = step->core;
    const struct aur_record *event = step->event;
    if (core->config.classes[AUR_SLOT_EXT] == AUR_NONE)
        return AUR_NO_CLASS;
    if (core->ext.state != AUR_EXT_NONE || event->object >= core->config.agent_bytes / 8)
        return AUR_BAD_ARGUMENT;
    memcpy((unsigned char *)core + core->agent_at + (size_t)event->object * 8, &event->arg, 8);
    return AUR_OK;
}

// The scratch is zeros again, so that equal events lead to equal bytes.
static bool is_good(struct aur_core *core, uint64_t bytes)
{
    const struct aur_image *image = aur_ext_image(core);
    const struct aur_agent_contract contract = {AUR_EXT_CONTEXT_BYTES, false};
    struct aur_agent_refusal refusal;
    if (bytes > core->config.agent_bytes || !aur_agent_structure(image, (size_t)bytes, &refusal) ||
        image->cpus != core->config.cpus || image->tasks < core->config.tasks)
        return false;
    void *scratch = (unsigned char *)core + core->scratch_at;
    bool good = aur_agent_verify(image, &contract, scratch, &refusal);
    memset(scratch, 0, aur_agent_scratch_bytes(image));
    return good;
}

// Some more of the tasks go to the slot that is theirs now; false: there are others.
static bool move_tasks(struct aur_step *step)
{
    struct aur_core *core = step->core;
    struct aur_ext_state *ext = &core->ext;
    for (uint32_t scan = 0; ext->switched < core->tasks_used; scan++) {
        uint32_t task = ext->switched;
        if (scan == SCAN_PER_STEP || step->wakes == AUR_WAKES_PER_STEP || !has_room(step))
            return false;
        if (!aur_core_task(core, task)) {
            ext->switched++;
            continue;
        }
        step->wakes++;
        if (aur_ext_is_on(core))
            aur_ext_greet(core, task);
        if (ext->switched == task) // it was not ejected for that
            aur_task_reslot(step, task);
    }
    if (ext->state == AUR_EXT_ENDED && !ext->told)
        return false; // its exit comes before it is forgotten
    ext->switched = AUR_NONE;
    if (ext->state == AUR_EXT_ENDED) {
        ext->state = AUR_EXT_NONE;
        for (uint32_t op = 0; op < AUR_EXT_OPS; op++)
            ext->programs[op] = AUR_NONE;
        aur_ext_queues_init(core);
    }
    return true;
}

bool aur_ext_timer(struct aur_step *step)
{
    return step->core->ext.switched == AUR_NONE || move_tasks(step);
}

enum aur_status aur_agent_load(struct aur_step *step)
{
    struct aur_core *core = step->core;
    struct aur_ext_state *ext = &core->ext;
    uint64_t result;
    if (core->config.classes[AUR_SLOT_EXT] == AUR_NONE)
        return AUR_NO_CLASS;
    if (ext->state == AUR_EXT_NONE) {
        if (!is_good(core, step->event->arg))
            return AUR_BAD_AGENT;
        ext->state = AUR_EXT_ON;
        ext->switched = 0;
        ext->reason = AUR_EXT_END_NONE;
        ext->random = aur_ext_param(core, AUR_EXT_SEED);
        aur_ext_bind(core);
        if (aur_ext_call(core, AUR_EXT_INIT, step->event->cpu, AUR_NONE, 0, 0, 0, &result) &&
            (int32_t)result != 0)
            aur_ext_eject(core, AUR_EXT_END_INIT, AUR_NONE, result);
    } else if (ext->switched == AUR_NONE) {
        return AUR_BAD_ARGUMENT; // it is there already, and not just in part
    }
    if (!move_tasks(step))
        aur_act(step, AUR_ACT_AGAIN, step->event->cpu, AUR_NONE, 0, 0);
    return AUR_OK;
}

enum aur_status aur_agent_eject(struct aur_step *step)
{
    if (step->core->ext.state != AUR_EXT_ON)
        return AUR_BAD_ARGUMENT;
    aur_ext_eject(step->core, AUR_EXT_END_ASKED, AUR_NONE, 0);
    return AUR_OK;
}

void aur_ext_eject(struct aur_core *core, enum aur_ext_reason reason, uint32_t task,
                   uint64_t detail)
{
    struct aur_ext_state *ext = &core->ext;
    if (ext->state != AUR_EXT_ON)
        return;
    ext->state = AUR_EXT_ENDED;
    ext->moved = ext->switched;
    ext->switched = 0;
    ext->reason = reason;
    ext->offender = task;
    ext->detail = detail;
    ext->told = 0;
    ext->attention = 1;
}

static void tell(struct aur_step *step)
{
    struct aur_core *core = step->core;
    struct aur_ext_state *ext = &core->ext;
    uint32_t keeper = (uint32_t)__builtin_ctzll(core->online);
    uint64_t nothing;
    ext->told = 1;
    ext->watch |= 1ull << keeper;
    aur_act(step, AUR_ACT_EJECTED, keeper, ext->offender, ext->reason, ext->detail);
    aur_ext_call(core, AUR_EXT_EXIT, keeper, AUR_NONE, ext->reason, ext->detail, 0, &nothing);
}

void aur_ext_settle(struct aur_step *step)
{
    struct aur_core *core = step->core;
    struct aur_ext_state *ext = &core->ext;
    ext->attention = 0;
    bool done = aur_ext_move(step);
    if (ext->state == AUR_EXT_ENDED && !ext->told && has_room(step))
        tell(step);
    for (; ext->kicks && has_room(step); ext->kicks &= ext->kicks - 1)
        if (aur_is_online(core, (uint32_t)__builtin_ctzll(ext->kicks)))
            aur_resched(step, (uint32_t)__builtin_ctzll(ext->kicks));
    for (; ext->watch && has_room(step); ext->watch &= ext->watch - 1)
        if (aur_is_online(core, (uint32_t)__builtin_ctzll(ext->watch)))
            aur_rearm(step, (uint32_t)__builtin_ctzll(ext->watch));
    if (done && !ext->kicks && !ext->watch && (ext->state != AUR_EXT_ENDED || ext->told))
        return;
    // The rest is for the next step, which the timer brings about if nothing else does.
    ext->attention = 1;
    aur_rearm(step, (uint32_t)__builtin_ctzll(core->online));
}

// When the oldest of the CPU's waiting tasks has waited too long.
static uint64_t stalled_ns(const struct aur_core *core, uint32_t cpu)
{
    const struct aur_list *waiting = &aur_ext_cpu_at(core, cpu)->waiting;
    if (!aur_ext_is_on(core) || aur_list_empty(waiting) || !aur_is_online(core, cpu))
        return AUR_NEVER_NS;
    return aur_ext_entity_at(core, waiting->first)->since_ns +
           aur_ext_param(core, AUR_EXT_TIMEOUT_NS);
}

uint64_t aur_ext_due_ns(const struct aur_core *core, uint32_t cpu)
{
    bool keeps = cpu == (uint32_t)__builtin_ctzll(core->online);
    if (keeps && (core->ext.switched != AUR_NONE || core->ext.attention))
        return core->now_ns;
    return stalled_ns(core, cpu);
}

void aur_ext_watch(struct aur_step *step, uint32_t cpu)
{
    struct aur_core *core = step->core;
    if (stalled_ns(core, cpu) <= core->now_ns)
        aur_ext_eject(core, AUR_EXT_END_STALLED, aur_ext_cpu_at(core, cpu)->waiting.first, 0);
}
