#include "tests/turn.h"

#include <string.h>

#include "sched/cfs_queue.h"
#include "sched/edf_server.h"
#include "sched/eevdf_queue.h"
#include "sched/lottery_queue.h"
#include "sched/queue.h"
#include "sched/stride_queue.h"

enum aur_status turn_post(struct aur_core *core, enum aur_event_kind kind, uint64_t now_ns,
                          uint32_t cpu, uint32_t task, uint32_t object, uint64_t arg, bool *moved)
{
    static struct aur_record ring[256];
    struct aur_record event = {.now_ns = now_ns,
                               .arg = arg,
                               .task = task,
                               .object = object,
                               .cpu = (uint16_t)cpu,
                               .kind = (uint8_t)kind};
    for (bool again = true; again;) {
        struct aur_log log = {.ring = ring, .capacity = 256};
        struct aur_actions actions;
        enum aur_status status = aur_core_step(core, &log, &event, &actions);
        if (status != AUR_OK)
            return status;
        again = false;
        for (uint32_t i = 0; i < actions.count; i++) {
            again |= actions.list[i].kind == AUR_ACT_AGAIN;
            if (moved && actions.list[i].kind == AUR_ACT_MIGRATE)
                *moved = true;
        }
    }
    return AUR_OK;
}

// Did the decision let go of delayed entities? Then it fell in a state that is not the one before.
static bool let_go(const struct aur_core *core, const struct aur_explanation *said)
{
    const struct aur_config *config = &core->config;
    uint32_t entities = config->tasks + config->groups * config->cpus, delayed = 0;
    for (uint32_t i = 0; i < entities; i++) {
        const struct aur_fair_entity *e = aur_fair_entity_at(core, AUR_SLOT_FAIR, i);
        delayed += e->on_queue && e->delayed && e->queue % config->cpus == said->cpu;
    }
    for (uint32_t i = 0; i < said->count; i++)
        delayed -= (said->list[i].flags & AUR_CANDIDATE_DELAYED) != 0;
    return delayed != 0;
}

static bool set_eevdf_key(struct aur_core *core, const struct aur_explanation *said, uint32_t slot,
                          uint32_t task, enum aur_key key, int64_t value)
{
    struct eevdf_entity *all = (void *)aur_fair_entity_at(core, slot, 0), *e = &all[task];
    struct eevdf_queue *cfs = (void *)aur_fair_queue_at(core, slot, e->base.queue);
    bool runs = cfs->base.curr == task;
    if (!e->base.on_queue)
        return false;
    if (key == AUR_KEY_PROTECTED) {
        if (runs)
            cfs->vprot = e->vruntime + (uint64_t)value;
        return runs;
    }
    if (!runs)
        tree_erase(all, cfs, task);
    e->deadline += (uint64_t)(value - said->verdict.has);
    if (!runs)
        tree_insert(all, cfs, task);
    return true;
}

static uint64_t turn_ns_of(const struct aur_core *core, uint32_t slot, uint32_t task,
                           const char *class)
{
    bool mlfq = strcmp(class, "mlfq") == 0;
    uint32_t level = mlfq ? aur_queued_at(core, slot, task)->level : 0;
    return aur_class_param(core, slot, mlfq) << level;
}

// Of the classes that queue in lists. A waiting task gets the first place only.
static bool set_list_key(struct aur_core *core, const struct aur_explanation *said, uint32_t slot,
                         uint32_t task, enum aur_key key, int64_t value, const char *class)
{
    struct aur_queued *queued = aur_queued_at(core, slot, task);
    const struct aur_sched_class *ops = aur_class_of(core, slot);
    bool runs = aur_task_at(core, task)->state == AUR_TASK_RUNNING; // not one just woken again
    if (key == AUR_KEY_TURN_LEFT) {
        queued->used_ns = turn_ns_of(core, slot, task, class) - (uint64_t)value;
        return true;
    }
    if (value < 0 || (key == AUR_KEY_PLACE && (runs || value != said->verdict.needs)))
        return false;
    ops->dequeue(core, slot, said->cpu, task, AUR_DEQUEUE_CHANGE);
    if (key == AUR_KEY_LEVEL)
        queued->level = (uint32_t)value;
    ops->enqueue(core, slot, said->cpu, task,
                 AUR_ENQUEUE_CHANGE | (key == AUR_KEY_PLACE ? AUR_ENQUEUE_HEAD : AUR_ENQUEUE_TAIL));
    if (runs)
        ops->set_next(core, slot, said->cpu, task);
    return true;
}

static bool set_vruntime(struct aur_core *core, const struct aur_explanation *said, uint32_t slot,
                         uint32_t task, int64_t value)
{
    struct cfs_entity *e = &cfs_entities(core, slot)[task];
    struct cfs_queue *q = cfs_queue_at(core, slot, e->fair.queue);
    bool runs = q->fair.curr == task;
    if (!e->fair.on_queue)
        return false;
    if (!runs)
        aur_rb_erase(&cfs_by_vruntime, cfs_nodes(core, slot), &q->tree, task);
    e->vruntime += (uint64_t)(value - said->verdict.has);
    if (!runs)
        aur_rb_insert(&cfs_by_vruntime, cfs_nodes(core, slot), &q->tree, task);
    return true;
}

static bool set_pass(struct aur_core *core, const struct aur_explanation *said, uint32_t slot,
                     uint32_t task, int64_t value)
{
    struct stride_entity *e = &stride_entities(core, slot)[task];
    struct stride_queue *q = stride_queue_at(core, slot, e->fair.queue);
    bool runs = q->fair.curr == task;
    if (!e->fair.on_queue)
        return false;
    if (!runs)
        aur_rb_erase(&stride_by_pass, stride_nodes(core, slot), &q->tree, task);
    e->at.pass += (uint64_t)(value - said->verdict.has);
    if (!runs)
        aur_rb_insert(&stride_by_pass, stride_nodes(core, slot), &q->tree, task);
    return true;
}

// Of a deadline that is its own: it changes as at a replenishment, with the rank.
static bool set_deadline(struct aur_core *core, const struct aur_explanation *said, uint32_t slot,
                         uint32_t task, int64_t value)
{
    struct edf_entity *e = (struct edf_entity *)aur_class_tasks(core, slot) + task;
    struct edf_cpu *edf = aur_class_cpu(core, slot, said->cpu);
    const struct aur_task *t = aur_task_at(core, task);
    const struct aur_sched_class *ops = aur_class_of(core, slot);
    bool runs = edf->curr == task;
    uint32_t yielded = edf->yielded;
    if (t->policy != AUR_POLICY_DEADLINE || !e->served || e->key != e->deadline_at_ns ||
        (value < 0 && (uint64_t)-value > said->now_ns))
        return false;
    ops->dequeue(core, slot, said->cpu, task, AUR_DEQUEUE_CHANGE);
    e->deadline_at_ns = said->now_ns + (uint64_t)value;
    ops->enqueue(core, slot, said->cpu, task, AUR_ENQUEUE_CHANGE);
    if (runs)
        ops->set_next(core, slot, said->cpu, task);
    edf->yielded = yielded;
    return e->key == e->deadline_at_ns; // else it has a mutex that somebody more urgent waits for
}

// What the task ranks by where priorities are rate-monotonic or deadline-monotonic.
static bool set_period(struct aur_core *core, const struct aur_explanation *said, uint32_t slot,
                       uint32_t task, int64_t value)
{
    const struct aur_sched_class *ops = aur_class_of(core, slot);
    uint32_t assignment = 0;
    while (strcmp(ops->info.params[assignment].name, "assignment") != 0)
        assignment++;
    const char *by = ops->info.params[assignment].choices[aur_class_param(core, slot, assignment)];
    bool deadlines =
        strcmp(by, "deadline-monotonic") == 0 && aur_task_at(core, task)->dl_deadline_ns != 0;
    // All from 2^61 ns on, 73 years, rank alike.
    return value >= 1 && value >> 61 == 0 &&
           turn_post(core, AUR_EV_TASK_SET, said->now_ns, said->cpu, task,
                     deadlines ? AUR_ATTR_DL_DEADLINE_NS : AUR_ATTR_DL_PERIOD_NS, (uint64_t)value,
                     NULL) == AUR_OK;
}

// x with a * x = 1 modulo 2^64, of an odd a, by Newton's iteration.
static uint64_t inverse(uint64_t a)
{
    uint64_t x = a;
    for (int i = 0; i < 5; i++)
        x *= 2 - a * x;
    return x;
}

// z ^ z >> by undone.
static uint64_t unshift(uint64_t z, uint32_t by)
{
    uint64_t x = z;
    for (uint32_t done = by; done < 64; done += by)
        x = z ^ x >> by;
    return x;
}

// Sets the stream so that of `tickets` this one is drawn next.
static bool set_draw(struct aur_core *core, const struct aur_explanation *said, uint32_t slot,
                     uint32_t task, int64_t value)
{
    uint32_t queue = aur_fair_entity_at(core, slot, task)->queue;
    struct lottery_queue *q = (void *)aur_fair_queue_at(core, slot, queue);
    int64_t tickets = 0;
    for (uint32_t i = 0; i < said->count; i++) {
        const struct aur_candidate *c = &said->list[i];
        if (c->slot != slot || c->task == AUR_NONE ||
            aur_fair_entity_at(core, slot, c->task)->queue != queue)
            continue;
        for (uint32_t key = 0; key < c->key_count; key++)
            if (c->keys[key].key == AUR_KEY_TICKETS_END && c->keys[key].value > tickets)
                tickets = c->keys[key].value;
    }
    // A group beside the tasks may have the last tickets; above 2^31 the product below overflows.
    if (q->winner != AUR_NONE || core->groups_used != 0 || value < 0 || value >= tickets ||
        tickets >> 31)
        return false;
    uint64_t each = UINT64_MAX / (uint64_t)tickets;
    uint64_t number = (uint64_t)value * (each + 1) + each / 2; // in the middle of the ticket's part
    // SplitMix64 backwards.
    uint64_t z = unshift(number, 31) * inverse(0x94d049bb133111ebull);
    z = unshift(z, 27) * inverse(0xbf58476d1ce4e5b9ull);
    q->stream = unshift(z, 30) - 0x9e3779b97f4a7c15ull;
    return true;
}

bool turn_key(struct aur_core *core, const struct aur_explanation *said, uint32_t task,
              int64_t value)
{
    enum aur_key key = (enum aur_key)said->verdict.key;
    const struct aur_task *t = aur_core_task(core, task);
    const char *class = aur_class_of(core, t->slot)->info.name;
    bool charged = aur_cpu_at(core, said->cpu)->clock_ns == said->now_ns;
    switch (key) {
    case AUR_KEY_PROTECTED:
    case AUR_KEY_VIRTUAL_DEADLINE:
        return charged && t->slot == AUR_SLOT_FAIR && strcmp(class, "eevdf") == 0 &&
               !let_go(core, said) && set_eevdf_key(core, said, t->slot, task, key, value);
    case AUR_KEY_VRUNTIME:
        return charged && strcmp(class, "cfs") == 0 &&
               set_vruntime(core, said, t->slot, task, value);
    case AUR_KEY_PASS:
        return charged && strcmp(class, "stride") == 0 &&
               set_pass(core, said, t->slot, task, value);
    case AUR_KEY_TURN_LEFT:
        if (charged && strcmp(class, "stride") == 0) {
            uint64_t quantum_ns = aur_class_param(core, t->slot, 0);
            stride_entities(core, t->slot)[task].used_ns = quantum_ns - (uint64_t)value;
            return true;
        }
        return charged && strstr("fifo rr mlfq", class) &&
               set_list_key(core, said, t->slot, task, key, value, class);
    case AUR_KEY_PLACE:
    case AUR_KEY_LEVEL:
        return charged && strstr("fifo rr mlfq", class) &&
               set_list_key(core, said, t->slot, task, key, value, class);
    case AUR_KEY_PRIORITY:
        return value >= 1 && value <= 99 &&
               turn_post(core, AUR_EV_TASK_SET, said->now_ns, said->cpu, task, AUR_ATTR_POLICY,
                         aur_task_kind(AUR_POLICY_FIFO, 0, (int)value), NULL) == AUR_OK;
    case AUR_KEY_DEMAND:
    case AUR_KEY_REMAINING:
        return value >= 1 &&
               turn_post(core, AUR_EV_TASK_SET, said->now_ns, said->cpu, task, AUR_ATTR_DEMAND_NS,
                         value == INT64_MAX ? 0 : (uint64_t)value, NULL) == AUR_OK;
    case AUR_KEY_DEADLINE:
        return charged && strcmp(class, "edf") == 0 &&
               set_deadline(core, said, t->slot, task, value);
    case AUR_KEY_PERIOD:
        return strcmp(class, "prio") == 0 && set_period(core, said, t->slot, task, value);
    case AUR_KEY_DRAW:
        return charged && strcmp(class, "lottery") == 0 &&
               set_draw(core, said, t->slot, task, value);
    default:
        return false;
    }
}
