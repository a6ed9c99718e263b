// The derivation tree of capabilities.
//
// Invariant: a LIVE capability, and a GHOST that others were derived from, is in the list of
// children of its parent, which is not FREE; its rights are among its parent's; its depth is one
// more than its parent's. `revoking` is set while a revocation of what was derived from it is
// unfinished: nothing below it can be used or derived from, and nothing new is derived from it
// itself.
//
// Deleting one keeps what was derived from it (seL4_CNode_Delete): it stays as a GHOST that gives
// nobody anything. Capabilities of a task that has exited are of no use to anybody; they are freed
// as new ones are made, some slots each time.
//
// Cost: all O(1), but for a revocation, which removes a bounded number a step.
#include "policy/cap.h"

#include "sched/ext.h"

// Slots that are looked at for what can be freed, for each that is made; capabilities that a step
// of a revocation removes.
#define SWEEP_PER_STEP 8u
#ifdef AUR_HOSTILE
#    define REVOKE_PER_STEP 2u
#else
#    define REVOKE_PER_STEP 64u
#endif

static const char *const denial_texts[] = {
#define X(name, text) text,
    AUR_CAP_DENIAL_TABLE(X)
#undef X
};

const char *aur_cap_denial_text(uint32_t denial)
{
    return denial < AUR_CAP_DENIALS ? denial_texts[denial] : "unknown";
}

static bool is_alive(const struct aur_core *core, uint32_t owner, uint64_t birth)
{
    if (owner == AUR_NONE)
        return true;
    const struct aur_task *t = aur_core_task(core, owner);
    return t && t->state != AUR_TASK_EXITING && *aur_birth_at(core, owner) == birth;
}

// Is something that it was derived from being revoked?
static bool is_doomed(const struct aur_core *core, const struct aur_cap *cap)
{
    for (uint32_t at = cap->parent; core->revocations != 0 && at != AUR_NONE;
         at = aur_cap_at(core, at)->parent)
        if (aur_cap_at(core, at)->revoking)
            return true;
    return false;
}

static enum aur_cap_denial find(const struct aur_core *core, uint64_t handle, uint32_t task,
                                struct aur_cap **found)
{
    uint32_t index = (uint32_t)handle;
    if (index >= core->caps_used)
        return AUR_DENIED_NO_SLOT;
    struct aur_cap *cap = aur_cap_at(core, index);
    *found = cap;
    if (cap->generation != handle >> 32 || cap->state != AUR_CAP_LIVE)
        return AUR_DENIED_STALE;
    if (is_doomed(core, cap))
        return AUR_DENIED_REVOKED;
    if (cap->owner != task || (task != AUR_NONE && *aur_birth_at(core, task) != cap->birth))
        return AUR_DENIED_NOT_YOURS;
    return AUR_DENIED_NONE;
}

enum aur_cap_denial aur_cap_check(const struct aur_core *core, uint64_t handle, uint32_t task,
                                  uint32_t object, uint32_t rights)
{
    struct aur_cap *cap;
    enum aur_cap_denial denial = find(core, handle, task, &cap);
    if (denial != AUR_DENIED_NONE)
        return denial;
    if (cap->object != object)
        return AUR_DENIED_WRONG_OBJECT;
    return (rights & ~(uint32_t)cap->rights) == 0 ? AUR_DENIED_NONE : AUR_DENIED_NO_RIGHT;
}

const struct aur_cap *aur_cap_lookup(const struct aur_core *core, uint64_t handle)
{
    uint32_t index = (uint32_t)handle;
    if (index >= core->caps_used)
        return NULL;
    const struct aur_cap *cap = aur_cap_at(core, index);
    return cap->generation == handle >> 32 && cap->state == AUR_CAP_LIVE ? cap : NULL;
}

// The tree.

static void link(struct aur_core *core, uint32_t index, uint32_t parent)
{
    struct aur_cap *cap = aur_cap_at(core, index);
    cap->parent = parent;
    cap->previous = AUR_NONE;
    cap->next = AUR_NONE;
    if (parent == AUR_NONE)
        return;
    struct aur_cap *p = aur_cap_at(core, parent);
    cap->next = p->first_child;
    if (p->first_child != AUR_NONE)
        aur_cap_at(core, p->first_child)->previous = index;
    p->first_child = index;
}

// Of one without children. Its handle is stale from now on.
static void remove_leaf(struct aur_core *core, uint32_t index)
{
    struct aur_cap *cap = aur_cap_at(core, index);
    if (cap->next != AUR_NONE)
        aur_cap_at(core, cap->next)->previous = cap->previous;
    if (cap->previous != AUR_NONE)
        aur_cap_at(core, cap->previous)->next = cap->next;
    else if (cap->parent != AUR_NONE)
        aur_cap_at(core, cap->parent)->first_child = cap->next;
    core->revocations -= cap->revoking;
    uint32_t generation = cap->generation;
    memset(cap, 0, sizeof *cap);
    cap->generation = generation;
    if (generation == UINT32_MAX) {
        cap->state = AUR_CAP_RETIRED;
        return;
    }
    cap->next = core->free_cap;
    core->free_cap = index;
}

// Of no use to anybody any more.
static void drop(struct aur_core *core, uint32_t index)
{
    struct aur_cap *cap = aur_cap_at(core, index);
    if (cap->first_child == AUR_NONE) {
        remove_leaf(core, index);
        return;
    }
    cap->state = AUR_CAP_GHOST;
    cap->owner = AUR_NONE;
    cap->birth = 0;
}

static void sweep(struct aur_core *core)
{
    for (uint32_t i = 0; i < SWEEP_PER_STEP && i < core->caps_used; i++) {
        uint32_t index = core->sweep_cap++ % core->caps_used;
        core->sweep_cap %= core->caps_used;
        const struct aur_cap *cap = aur_cap_at(core, index);
        bool ghost = cap->state == AUR_CAP_GHOST;
        bool orphan = cap->state == AUR_CAP_LIVE && !is_alive(core, cap->owner, cap->birth);
        if (orphan || (ghost && cap->first_child == AUR_NONE && !cap->revoking))
            drop(core, index);
    }
}

// A slot of a new generation, or NONE.
static uint32_t take_slot(struct aur_core *core)
{
    sweep(core);
    uint32_t index = core->free_cap;
    if (index != AUR_NONE)
        core->free_cap = aur_cap_at(core, index)->next;
    else if (core->caps_used < core->config.caps)
        index = core->caps_used++;
    else
        return AUR_NONE;
    aur_cap_at(core, index)->generation++;
    return index;
}

static void made(struct aur_step *step, uint32_t index)
{
    const struct aur_cap *cap = aur_cap_at(step->core, index);
    aur_act(step, AUR_ACT_MADE, step->event->cpu, index, 0, aur_cap_handle(index, cap->generation));
}

static enum aur_status denied(struct aur_step *step, enum aur_cap_denial denial)
{
    const struct aur_record *event = step->event;
    aur_act(step, AUR_ACT_DENIED, event->cpu, event->task, denial, event->arg);
    return AUR_OK;
}

// The events.

static uint64_t birth_of(const struct aur_core *core, uint32_t task)
{
    return task == AUR_NONE ? 0 : *aur_birth_at(core, task);
}

// Does the event name a task that may have capabilities, or the host?
static bool is_owner(const struct aur_core *core, uint32_t task)
{
    return task == AUR_NONE ||
           (aur_core_task(core, task) && aur_core_task(core, task)->state != AUR_TASK_EXITING);
}

enum aur_status aur_cap_mint(struct aur_step *step)
{
    struct aur_core *core = step->core;
    const struct aur_record *event = step->event;
    if (!is_owner(core, event->task))
        return AUR_BAD_TASK;
    if (event->arg & ~(uint64_t)AUR_RIGHTS_ALL)
        return AUR_BAD_ARGUMENT;
    if (core->config.caps == 0)
        return AUR_NO_CAP_LEFT;
    uint32_t index = take_slot(core);
    if (index == AUR_NONE) {
        aur_act(step, AUR_ACT_MADE, event->cpu, AUR_NONE, 0, 0);
        return AUR_OK;
    }
    struct aur_cap *cap = aur_cap_at(core, index);
    *cap = (struct aur_cap){.object = event->object,
                            .badge = event->other,
                            .generation = cap->generation,
                            .owner = event->task,
                            .birth = birth_of(core, event->task),
                            .first_child = AUR_NONE,
                            .rights = (uint16_t)event->arg,
                            .state = AUR_CAP_LIVE};
    link(core, index, AUR_NONE);
    made(step, index);
    return AUR_OK;
}

enum aur_status aur_cap_derive(struct aur_step *step)
{
    struct aur_core *core = step->core;
    const struct aur_record *event = step->event;
    struct aur_cap *from;
    if (!is_owner(core, event->task))
        return AUR_BAD_TASK;
    if (event->object & ~(uint32_t)AUR_RIGHTS_ALL)
        return AUR_BAD_ARGUMENT;
    enum aur_cap_denial denial = find(core, event->arg, event->task, &from);
    if (denial == AUR_DENIED_NONE && from->revoking)
        denial = AUR_DENIED_BUSY;
    if (denial == AUR_DENIED_NONE && from->depth == AUR_CAP_DEPTH_MAX)
        denial = AUR_DENIED_TOO_DEEP;
    if (denial == AUR_DENIED_NONE && event->other != 0 && from->badge != 0)
        denial = AUR_DENIED_BADGED;
    if (denial != AUR_DENIED_NONE)
        return denied(step, denial);
    uint32_t parent = (uint32_t)event->arg, index = take_slot(core);
    if (index == AUR_NONE) {
        aur_act(step, AUR_ACT_MADE, event->cpu, AUR_NONE, 0, 0);
        return AUR_OK;
    }
    struct aur_cap *cap = aur_cap_at(core, index);
    *cap = (struct aur_cap){.object = from->object,
                            .badge = event->other ? event->other : from->badge,
                            .generation = cap->generation,
                            .owner = event->task,
                            .birth = birth_of(core, event->task),
                            .first_child = AUR_NONE,
                            .rights = (uint16_t)(from->rights & event->object),
                            .depth = (uint8_t)(from->depth + 1),
                            .state = AUR_CAP_LIVE};
    link(core, index, parent);
    made(step, index);
    return AUR_OK;
}

enum aur_status aur_cap_transfer(struct aur_step *step)
{
    struct aur_core *core = step->core;
    const struct aur_record *event = step->event;
    struct aur_cap *cap;
    if (!is_owner(core, event->task) || !is_owner(core, event->object))
        return AUR_BAD_TASK;
    enum aur_cap_denial denial = find(core, event->arg, event->task, &cap);
    if (denial == AUR_DENIED_NONE && !(cap->rights & AUR_RIGHT_GRANT))
        denial = AUR_DENIED_NO_RIGHT;
    if (denial != AUR_DENIED_NONE)
        return denied(step, denial);
    cap->owner = event->object;
    cap->birth = birth_of(core, event->object);
    return AUR_OK;
}

// From the deepest first child upwards, so that whatever is removed has no children.
enum aur_status aur_cap_revoke(struct aur_step *step)
{
    struct aur_core *core = step->core;
    const struct aur_record *event = step->event;
    struct aur_cap *root;
    if (!is_owner(core, event->task))
        return AUR_BAD_TASK;
    enum aur_cap_denial denial = find(core, event->arg, event->task, &root);
    if (denial != AUR_DENIED_NONE)
        return denied(step, denial);
    core->revocations += !root->revoking;
    root->revoking = 1;
    uint32_t at = root->first_child;
    for (uint32_t removed = 0; at != AUR_NONE && removed < REVOKE_PER_STEP; removed++) {
        while (aur_cap_at(core, at)->first_child != AUR_NONE)
            at = aur_cap_at(core, at)->first_child;
        uint32_t next = aur_cap_at(core, at)->next, parent = aur_cap_at(core, at)->parent;
        remove_leaf(core, at);
        at = next != AUR_NONE ? next : parent == (uint32_t)event->arg ? AUR_NONE : parent;
    }
    if (root->first_child != AUR_NONE) {
        aur_act(step, AUR_ACT_AGAIN, event->cpu, AUR_NONE, 0, 0);
        return AUR_OK;
    }
    root->revoking = 0;
    core->revocations--;
    return AUR_OK;
}

enum aur_status aur_cap_delete(struct aur_step *step)
{
    struct aur_core *core = step->core;
    const struct aur_record *event = step->event;
    struct aur_cap *cap;
    if (!is_owner(core, event->task))
        return AUR_BAD_TASK;
    enum aur_cap_denial denial = find(core, event->arg, event->task, &cap);
    if (denial == AUR_DENIED_NONE && cap->revoking)
        denial = AUR_DENIED_BUSY;
    if (denial != AUR_DENIED_NONE)
        return denied(step, denial);
    drop(core, (uint32_t)event->arg);
    return AUR_OK;
}

// An agent may take away, not give. One that is ejected for what it does here has said nothing.
static bool agent_agrees(struct aur_step *step)
{
    struct aur_core *core = step->core;
    const struct aur_record *event = step->event;
    uint64_t p = event->task == AUR_NONE ? 0 : aur_ext_address(event->task), result;
    return !aur_has_ext(core) ||
           !aur_ext_call(core, AUR_EXT_ACCESS, event->cpu, event->task, p, event->object,
                         event->other, &result) ||
           (int32_t)result == 0;
}

enum aur_status aur_cap_access(struct aur_step *step)
{
    const struct aur_record *event = step->event;
    if (!is_owner(step->core, event->task))
        return AUR_BAD_TASK;
    enum aur_cap_denial denial =
        aur_cap_check(step->core, event->arg, event->task, event->object, event->other);
    if (denial == AUR_DENIED_NONE && !agent_agrees(step))
        denial = AUR_DENIED_AGENT;
    if (denial != AUR_DENIED_NONE)
        return denied(step, denial);
    const struct aur_cap *cap = aur_cap_at(step->core, (uint32_t)event->arg);
    aur_act(step, AUR_ACT_ALLOWED, event->cpu, event->task, event->object, cap->badge);
    return AUR_OK;
}

// Nothing of the block is taken on trust.
const char *aur_cap_sound(const struct aur_core *core)
{
    uint32_t linked = 0, children = 0, revoking = 0, hops = 0;
    if (core->caps_used > core->config.caps || core->sweep_cap > core->config.caps)
        return "more capabilities are used than there are";
    for (uint32_t index = 0; index < core->caps_used; index++) {
        const struct aur_cap *cap = aur_cap_at(core, index);
        if (cap->state > AUR_CAP_RETIRED || cap->revoking > 1)
            return "a capability's state is out of range";
        if (cap->state == AUR_CAP_FREE || cap->state == AUR_CAP_RETIRED)
            continue;
        revoking += cap->revoking;
        if (cap->depth > AUR_CAP_DEPTH_MAX || cap->rights > AUR_RIGHTS_ALL ||
            (cap->owner != AUR_NONE && cap->owner >= core->config.tasks))
            return "a capability's rights, owner or depth is out of range";
        if ((cap->parent == AUR_NONE) != (cap->depth == 0))
            return "a capability has a parent though it was minted, or none though it was derived";
        if (cap->parent != AUR_NONE) {
            linked++;
            if (cap->parent >= core->caps_used)
                return "a capability's parent is not there";
            const struct aur_cap *parent = aur_cap_at(core, cap->parent);
            if ((parent->state != AUR_CAP_LIVE && parent->state != AUR_CAP_GHOST) ||
                parent->depth + 1u != cap->depth || (cap->rights & ~parent->rights) != 0 ||
                parent->object != cap->object)
                return "a capability is more than what it was derived from";
        }
        // Where links mirror each other, none leads back, and all lists together are all children.
        uint32_t previous = AUR_NONE;
        for (uint32_t child = cap->first_child; child != AUR_NONE;
             child = aur_cap_at(core, child)->next, children++) {
            if (child >= core->caps_used || children >= core->caps_used ||
                aur_cap_at(core, child)->parent != index ||
                aur_cap_at(core, child)->previous != previous ||
                aur_cap_at(core, child)->depth == 0)
                return "a capability's children are not its own";
            previous = child;
        }
    }
    for (uint32_t at = core->free_cap; at != AUR_NONE; at = aur_cap_at(core, at)->next)
        if (at >= core->caps_used || aur_cap_at(core, at)->state != AUR_CAP_FREE ||
            hops++ == core->caps_used)
            return "the free capabilities are not free or without an end";
    if (children != linked)
        return "a capability is in nobody's list of children";
    return revoking == core->revocations ? NULL : "revocations are miscounted";
}
