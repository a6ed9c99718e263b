#include "tests/fair_twin.h"

#include <string.h>

#include "step/state.h"
#include "tests/choices.h"
#include "tests/run_tests.h"

// Where things are.

static uint32_t cpus(const struct fair_twin *twin)
{
    return twin->host->config.cpus;
}

static bool is_task(uint32_t entity)
{
    return entity < FAIR_TWIN_TASKS;
}

uint32_t fair_twin_cpu(const struct fair_twin *twin, uint32_t queue)
{
    return queue % cpus(twin);
}

static uint32_t queue_of(const struct fair_twin *twin, uint32_t group, uint32_t cpu)
{
    return group == AUR_NONE ? cpu : (group + 1) * cpus(twin) + cpu;
}

// The group's entity that stands for the queue, NONE of a CPU's; and the way back.
static uint32_t owner(const struct fair_twin *twin, uint32_t queue)
{
    return queue < cpus(twin) ? AUR_NONE : queue - cpus(twin) + FAIR_TWIN_TASKS;
}

static uint32_t inside(const struct fair_twin *twin, uint32_t group_entity)
{
    return group_entity - FAIR_TWIN_TASKS + cpus(twin);
}

static uint32_t above(const struct fair_twin *twin, uint32_t queue)
{
    return queue < cpus(twin) ? AUR_NONE : twin->entities[owner(twin, queue)].queue;
}

static uint32_t home(const struct fair_twin *twin, uint32_t task, uint32_t cpu)
{
    return queue_of(twin, aur_core_task(twin->host->core, task)->group, cpu);
}

// Looking at all.

uint32_t fair_twin_count(const struct fair_twin *twin, uint32_t queue)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < FAIR_TWIN_ENTITIES; i++)
        count += twin->entities[i].queued && twin->entities[i].queue == queue;
    return count;
}

wide fair_twin_load(const struct fair_twin *twin, uint32_t queue)
{
    wide load = 0;
    for (uint32_t i = 0; i < FAIR_TWIN_ENTITIES; i++)
        if (twin->entities[i].queued && twin->entities[i].queue == queue)
            load += twin->entities[i].weight;
    return load;
}

static uint32_t tasks_on(const struct fair_twin *twin, uint32_t cpu)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < FAIR_TWIN_TASKS; i++)
        count += twin->entities[i].queued && fair_twin_cpu(twin, twin->entities[i].queue) == cpu;
    return count;
}

uint32_t fair_twin_running(const struct fair_twin *twin, uint32_t cpu)
{
    uint32_t curr = twin->queues[cpu].curr;
    while (curr != AUR_NONE && !is_task(curr))
        curr = twin->queues[inside(twin, curr)].curr;
    return curr;
}

uint32_t fair_twin_policy(const struct fair_twin *twin, uint32_t task)
{
    return aur_core_task(twin->host->core, task)->policy;
}

uint64_t fair_twin_param(const struct fair_twin *twin, uint32_t index)
{
    return twin->host->config.params[AUR_SLOT_FAIR][index];
}

static bool tickless(const struct fair_twin *twin)
{
    return twin->host->config.tick_ns == 0;
}

// What is left of the slices of the running task and of the groups that it is in.
static wide left(const struct fair_twin *twin, uint32_t cpu)
{
    wide least = FAIR_TWIN_ENDLESS;
    uint32_t task = fair_twin_running(twin, cpu);
    for (uint32_t queue = twin->entities[task].queue; queue != AUR_NONE;
         queue = above(twin, queue)) {
        wide here = twin->rules->left(twin, queue);
        least = here < least ? here : least;
    }
    return least;
}

// Weights.

static void reweight(struct fair_twin *twin, uint32_t entity, wide weight)
{
    if (weight == twin->entities[entity].weight)
        return;
    twin->rules->reweight(twin, entity, (uint32_t)weight);
    twin->entities[entity].weight = (uint32_t)weight;
}

// What a group should weigh on a CPU: of 1024 times its weight of 100 the part that its load there
// is of its load everywhere, never less than 2.
static wide share(const struct fair_twin *twin, uint32_t queue)
{
    uint32_t group = queue / cpus(twin) - 1;
    wide everywhere = 0, shares = aur_core_group(twin->host->core, group)->weight;
    for (uint32_t cpu = 0; cpu < cpus(twin); cpu++)
        everywhere += fair_twin_load(twin, queue_of(twin, group, cpu));
    wide part = (shares * 1024 + 50) / 100 * fair_twin_load(twin, queue) / everywhere;
    return part < 2 ? 2 : part;
}

// On each change in a queue, and as its running task is charged, the groups that hold it are
// weighed anew, from the inside out. An empty one keeps its weight.
static void weigh(struct fair_twin *twin, uint32_t queue)
{
    for (; owner(twin, queue) != AUR_NONE; queue = above(twin, queue))
        if (fair_twin_count(twin, queue) != 0)
            reweight(twin, owner(twin, queue), share(twin, queue));
}

// Time.

static void charge(struct fair_twin *twin, uint32_t cpu, uint64_t ran_ns)
{
    uint32_t task = fair_twin_running(twin, cpu);
    if (task == AUR_NONE)
        return;
    uint32_t lowest = twin->entities[task].queue;
    for (uint32_t queue = lowest; queue != AUR_NONE; queue = above(twin, queue))
        twin->rules->charge(twin, queue, ran_ns);
    weigh(twin, lowest);
    twin->cpus[cpu].due |= left(twin, cpu) == 0;
}

// The twin charges a CPU when it comes upon it, if the core has charged it in this step: weights
// depend on the order.
static void catch_up(struct fair_twin *twin, uint32_t cpu)
{
    uint64_t clock_ns = aur_cpu_at(twin->host->core, cpu)->clock_ns;
    uint64_t ran_ns = clock_ns - twin->cpus[cpu].clock_ns;
    twin->cpus[cpu].clock_ns = clock_ns;
    if (ran_ns != 0)
        charge(twin, cpu, ran_ns);
}

// Joining and leaving.

static void put_in(struct fair_twin *twin, uint32_t queue, uint32_t index, enum fair_twin_move how)
{
    for (;;) {
        struct fair_twin_entity *entity = &twin->entities[index];
        twin->rules->join(twin, queue, index, how);
        entity->queued = true;
        entity->queue = queue;
        entity->arrival = twin->arrivals++;
        index = owner(twin, queue);
        if (index == AUR_NONE || twin->entities[index].queued)
            break;
        reweight(twin, index, share(twin, queue));
        queue = twin->entities[index].queue;
        how = FAIR_TWIN_SLEEP;
    }
    weigh(twin, queue);
}

static void join(struct fair_twin *twin, uint32_t cpu, uint32_t task, enum fair_twin_move how)
{
    catch_up(twin, cpu);
    reweight(twin, task, aur_core_task(twin->host->core, task)->weight);
    put_in(twin, home(twin, task, cpu), task, how);
}

static void leave(struct fair_twin *twin, uint32_t task, enum fair_twin_move how)
{
    uint32_t queue = twin->entities[task].queue, index = task;
    catch_up(twin, fair_twin_cpu(twin, queue));
    for (;;) {
        twin->entities[index].queued = false;
        if (twin->queues[queue].curr == index)
            twin->queues[queue].curr = AUR_NONE;
        twin->rules->leave(twin, queue, index, how);
        if (owner(twin, queue) == AUR_NONE || fair_twin_count(twin, queue) != 0)
            break;
        index = owner(twin, queue);
        queue = twin->entities[index].queue;
        how = FAIR_TWIN_SLEEP;
    }
    weigh(twin, queue);
}

static void take_off(struct fair_twin *twin, uint32_t queue)
{
    uint32_t curr = twin->queues[queue].curr;
    if (curr == AUR_NONE)
        return;
    twin->entities[curr].arrival = twin->arrivals++;
    twin->queues[queue].curr = AUR_NONE;
    twin->rules->off(twin, queue, curr);
}

// The CPU is the task's: on its queues those have it that the task is in, and nobody else.
static void give(struct fair_twin *twin, uint32_t cpu, uint32_t task)
{
    uint32_t path[FAIR_TWIN_QUEUES];
    for (uint32_t queue = 0; queue < FAIR_TWIN_QUEUES; queue++)
        path[queue] = AUR_NONE;
    for (uint32_t entity = task; entity != AUR_NONE;
         entity = owner(twin, twin->entities[entity].queue))
        path[twin->entities[entity].queue] = entity;
    for (uint32_t queue = cpu; queue < FAIR_TWIN_QUEUES; queue += cpus(twin)) {
        if (path[queue] == twin->queues[queue].curr)
            continue;
        take_off(twin, queue);
        twin->queues[queue].curr = path[queue];
        if (path[queue] != AUR_NONE)
            twin->rules->on(twin, queue, path[queue]);
    }
}

// Following the host.

// Should `woken` take the CPU from the running task? What is compared is where their paths meet.
static bool preempts(struct fair_twin *twin, uint32_t cpu, uint32_t woken)
{
    uint32_t running = fair_twin_running(twin, cpu);
    for (uint32_t w = woken; w != AUR_NONE; w = owner(twin, twin->entities[w].queue))
        for (uint32_t r = running; r != AUR_NONE; r = owner(twin, twin->entities[r].queue))
            if (twin->entities[w].queue == twin->entities[r].queue)
                return twin->rules->preempts(twin, twin->entities[w].queue, w, woken);
    return false;
}

// Who runs may share its CPU only now, or with others of another weight.
static void check_slice(struct fair_twin *twin, uint32_t cpu)
{
    if (!twin->cpus[cpu].due && tickless(twin) && fair_twin_running(twin, cpu) != AUR_NONE)
        twin->cpus[cpu].due = left(twin, cpu) == 0;
}

static void check_preemption(struct fair_twin *twin, uint32_t cpu, uint32_t woken)
{
    if (twin->cpus[cpu].due)
        return;
    twin->cpus[cpu].due = fair_twin_running(twin, cpu) == AUR_NONE;
    if (!twin->cpus[cpu].due && preempts(twin, cpu, woken)) {
        twin->cpus[cpu].due = true;
        twin->preemptions++;
    }
    check_slice(twin, cpu);
}

static void follow_dispatch(struct fair_twin *twin, struct host *host, uint32_t cpu)
{
    uint32_t got = aur_core_running(host->core, cpu), next = AUR_NONE;
    uint32_t count = tasks_on(twin, cpu);
    twin->picks += count > 1;
    if (count > 0) {
        next = twin->rules->pick(twin, cpu);
        while (!is_task(next))
            next = twin->rules->pick(twin, inside(twin, next));
        twin->nested += count > 1 && twin->entities[next].queue != cpu;
    }
    if (got != next)
        host_fail(host, "CPU %u runs task %d; the twin picks %d", cpu, (int)got, (int)next);
    give(twin, cpu, next);
    twin->cpus[cpu].due = false;
    check_slice(twin, cpu);
}

// Its policy or its group is another now.
static void follow_change(struct fair_twin *twin, uint32_t task, enum fair_twin_move how)
{
    if (!twin->entities[task].queued)
        return;
    uint32_t cpu = fair_twin_cpu(twin, twin->entities[task].queue);
    bool ran = fair_twin_running(twin, cpu) == task;
    if (how == FAIR_TWIN_REGROUP && home(twin, task, cpu) == twin->entities[task].queue)
        return;
    leave(twin, task, how);
    join(twin, cpu, task, how);
    if (ran) {
        give(twin, cpu, task);
        twin->cpus[cpu].due = true;
    } else {
        check_preemption(twin, cpu, task);
    }
}

static void make(struct fair_twin *twin, uint32_t entity, uint32_t queue, uint32_t weight)
{
    twin->entities[entity] = (struct fair_twin_entity){.weight = weight, .queue = queue};
    twin->rules->made(twin, entity);
}

static void open(struct fair_twin *twin, uint32_t queue)
{
    struct fair_twin_queue *q = &twin->queues[queue];
    memset(q, 0, sizeof *q);
    q->curr = q->next = q->last = q->skip = q->winner = AUR_NONE;
    twin->rules->open(twin, queue);
}

static void make_group(struct fair_twin *twin, uint32_t group, uint32_t parent)
{
    for (uint32_t cpu = 0; cpu < cpus(twin); cpu++) {
        uint32_t queue = queue_of(twin, group, cpu);
        open(twin, queue);
        make(twin, owner(twin, queue), queue_of(twin, parent, cpu), 1024);
    }
}

// As many CPUs a step as the core does; it is called again for the others.
static void weigh_group(struct fair_twin *twin, uint32_t group)
{
    uint32_t done = 0;
    for (uint32_t cpu = 0; cpu < cpus(twin) && done < AUR_WAKES_PER_STEP; cpu++) {
        uint32_t queue = queue_of(twin, group, cpu);
        if (fair_twin_count(twin, queue) == 0 ||
            share(twin, queue) == twin->entities[owner(twin, queue)].weight)
            continue;
        done++;
        catch_up(twin, cpu);
        weigh(twin, queue);
        check_slice(twin, cpu);
    }
}

static void follow_action(struct fair_twin *twin, const struct aur_record *event,
                          const struct aur_record *action)
{
    uint32_t index = action->task, cpu = action->cpu;
    const struct aur_task *task = aur_core_task(twin->host->core, index);
    switch ((enum aur_action_kind)action->kind) {
    case AUR_ACT_WOKE:
        join(twin, cpu, index,
             action->object == AUR_WOKE_START ? FAIR_TWIN_START : FAIR_TWIN_SLEEP);
        check_preemption(twin, cpu, index);
        break;
    case AUR_ACT_MIGRATE:
        if (!twin->entities[index].queued)
            break; // on its way to wake there
        catch_up(twin, action->object);
        if (fair_twin_running(twin, action->object) == index)
            take_off(twin, twin->entities[index].queue);
        leave(twin, index, FAIR_TWIN_MIGRATE);
        join(twin, cpu, index, FAIR_TWIN_MIGRATE);
        check_preemption(twin, cpu, index);
        break;
    case AUR_ACT_SLEPT:
        leave(twin, index, FAIR_TWIN_SLEEP);
        twin->cpus[cpu].due = true;
        break;
    case AUR_ACT_MADE:
        if (event->kind == AUR_EV_TASK_NEW)
            make(twin, index, home(twin, index, task->cpu), task->weight);
        else if (event->kind == AUR_EV_GROUP_NEW)
            make_group(twin, index, event->object);
        break;
    case AUR_ACT_RESCHED:
        if (fair_twin_running(twin, cpu) == AUR_NONE)
            twin->cpus[cpu].due = true; // an idle CPU is told to steal
        break;
    default:
        break;
    }
}

static void follow_event(struct fair_twin *twin, struct host *host, const struct aur_record *event)
{
    const struct fair_twin_entity *task = &twin->entities[event->task % FAIR_TWIN_TASKS];
    uint32_t cpu = fair_twin_cpu(twin, task->queue);
    switch ((enum aur_event_kind)event->kind) {
    case AUR_EV_YIELD:
        twin->rules->yield(twin, task->queue);
        twin->cpus[cpu].due = true;
        break;
    case AUR_EV_EXIT:
        leave(twin, event->task, FAIR_TWIN_EXIT);
        twin->cpus[cpu].due = true;
        break;
    case AUR_EV_TASK_SET:
        if (event->object == AUR_ATTR_POLICY)
            follow_change(twin, event->task, FAIR_TWIN_CHANGE);
        else if (event->object == AUR_ATTR_GROUP)
            follow_change(twin, event->task, FAIR_TWIN_REGROUP);
        else if (event->object == AUR_ATTR_AFFINITY && task->queued &&
                 !(aur_core_task(host->core, event->task)->affinity >> cpu & 1))
            twin->cpus[cpu].due = true; // only the running one is still there
        break;
    case AUR_EV_GROUP_SET:
        weigh_group(twin, event->object);
        break;
    case AUR_EV_DISPATCH:
        follow_dispatch(twin, host, event->cpu);
        break;
    default:
        break;
    }
}

static bool tick(struct fair_twin *twin, uint32_t cpu)
{
    bool gives_way = false;
    uint32_t task = fair_twin_running(twin, cpu);
    if (!twin->rules->tick || task == AUR_NONE)
        return false;
    for (uint32_t queue = twin->entities[task].queue; queue != AUR_NONE; queue = above(twin, queue))
        gives_way |= twin->rules->tick(twin, queue);
    return gives_way;
}

// These charge their own CPU before anything else.
#define OF_THEIR_CPU                                                                               \
    (1u << AUR_EV_TICK | 1u << AUR_EV_DISPATCH | 1u << AUR_EV_YIELD | 1u << AUR_EV_BLOCK |         \
     1u << AUR_EV_EXIT)

static void after(struct host *host, const struct aur_record *event)
{
    struct fair_twin *twin = host->watcher;
    if (event->kind == AUR_EV_DISPATCH)
        twin->cpus[event->cpu].due = true;
    if (OF_THEIR_CPU >> event->kind & 1)
        catch_up(twin, event->cpu);
    if (event->kind == AUR_EV_TICK)
        twin->cpus[event->cpu].due |= tick(twin, event->cpu);
    for (uint32_t i = 0; i < host->actions.count; i++)
        follow_action(twin, event, &host->actions.list[i]);
    follow_event(twin, host, event);
    for (uint32_t cpu = 0; cpu < cpus(twin); cpu++) {
        catch_up(twin, cpu);
        if (twin->cpus[cpu].due != host->cpus[cpu].pending)
            host_fail(host, "CPU %u is %sasked to dispatch; the twin thinks otherwise", cpu,
                      host->cpus[cpu].pending ? "" : "not ");
    }
}

static void watch(struct fair_twin *twin, const struct fair_twin_rules *rules, struct host *host)
{
    memset(twin, 0, sizeof *twin);
    twin->rules = rules;
    twin->host = host;
    for (uint32_t queue = 0; queue < FAIR_TWIN_QUEUES; queue++)
        open(twin, queue);
    host->watcher = twin;
    host->after = after;
}

// At the end of an instant, tickless: the timer is armed for the end of the running slice.
static void settled(const struct fair_twin *twin, struct host *host)
{
    for (uint32_t cpu = 0; cpu < cpus(twin); cpu++) {
        if (!tickless(twin) || fair_twin_running(twin, cpu) == AUR_NONE)
            continue;
        wide rest = left(twin, cpu);
        if (rest < FAIR_TWIN_ENDLESS &&
            host->cpus[cpu].armed_at_ns > twin->cpus[cpu].clock_ns + rest)
            host_fail(host, "CPU %u has no timer for the end of its slice", cpu);
    }
}

void fair_twin_random(const char *class, const struct fair_twin_rules *rules, uint64_t seed,
                      enum fair_twin_extent extent)
{
    static const uint8_t kept[] = {
        DRIVE_ADVANCE,   DRIVE_ADVANCE,   DRIVE_ADVANCE,    DRIVE_ADVANCE,    DRIVE_WAKE,
        DRIVE_WAKE,      DRIVE_BLOCK,     DRIVE_BLOCK,      DRIVE_NEW,        DRIVE_START,
        DRIVE_WAKE,      DRIVE_YIELD,     DRIVE_POST,       DRIVE_EXIT,       DRIVE_AFFINITY,
        DRIVE_POLICY,    DRIVE_GROUP_NEW, DRIVE_GROUP_MOVE, DRIVE_GROUP_MOVE, DRIVE_GROUP_SET,
        DRIVE_GROUP_FREE};
    static const uint8_t kinds[] = {
        [FAIR_TWIN_PLAIN] = 14, [FAIR_TWIN_CHANGES] = 16, [FAIR_TWIN_GROUPS] = LENGTH(kept)};
    static struct fair_twin twin;
    static struct host host;
    uint64_t random = seed, picks = 0, preemptions = 0, nested = 0;
    for (int run = 0; run < 60; run++) {
        struct drive_plan plan = drive_plan(random_next(&random), aur_class_find(class), 1500);
        plan.config.classes[AUR_SLOT_DEADLINE] = AUR_NONE;
        plan.config.classes[AUR_SLOT_REALTIME] = AUR_NONE;
        if (!host_open(&host, &plan.config))
            ck_abort_msg("the configuration is refused");
        host.late = plan.late;
        host.drains_late = plan.drains_late;
        watch(&twin, rules, &host);
        for (uint32_t i = 0; i < plan.count && !host.failure[0]; i++) {
            struct drive_choice *choice = &plan.choices[i];
            drive_keep(choice, kept, kinds[extent]);
            if (choice->what == DRIVE_GROUP_SET)
                choice->b -= choice->b % AUR_GROUP_ATTR_COUNT - AUR_GROUP_WEIGHT;
            drive_do(&host, choice);
            if (choice->what == DRIVE_ADVANCE)
                settled(&twin, &host);
        }
        if (host.failure[0])
            ck_abort_msg("%s, run %d: %s", class, run, host.failure);
        picks += twin.picks;
        preemptions += twin.preemptions;
        nested += twin.nested;
        host_close(&host);
        drive_free(&plan);
    }
    printf("%s: %" PRIu64 " picks, %" PRIu64 " in groups, %" PRIu64 " preemptions\n", class, picks,
           nested, preemptions);
    ck_assert_uint_gt(picks, 2000);
    ck_assert_uint_gt(preemptions, 20);
    ck_assert(extent < FAIR_TWIN_GROUPS || nested > 1000);
}
