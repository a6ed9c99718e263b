// aur_core_explain against what DISPATCH then does, for every class, in random runs: the picked one
// is the one that runs; the runner-up is the one that runs where the picked one is taken away by
// events; what would have turned the decision does turn it; and the keys put the picked one first.
#include <aurora/explain.h>

#include "sched/eevdf_queue.h"
#include "tests/drive.h"
#include "tests/host.h"
#include "tests/run_tests.h"
#include "tests/turn.h"

#define CHOICES_PER_RUN 1500

static uint64_t seed;

// How often each claim was put to the test: host->seen.
enum {
    PICKED,
    RUNNER_UP,
    ORDERED,
    TURNED, // by what the verdict needs
    KEPT    // by a little less
};

// What watches one host.
static struct {
    struct aur_core *before, *scratch, *other;
    struct aur_candidate list[64];
    struct aur_explanation said;
    bool has_said;
} watch;

static void *block(size_t size)
{
    void *bytes = aligned_alloc(64, (size + 63) / 64 * 64);
    if (!bytes)
        abort();
    return bytes;
}

static const struct aur_candidate *candidate_of(uint32_t task)
{
    for (uint32_t i = 0; i < watch.said.count; i++)
        if (watch.said.list[i].task == task)
            return &watch.said.list[i];
    return NULL;
}

static const struct aur_candidate *group_candidate(uint32_t group)
{
    for (uint32_t i = 0; i < watch.said.count; i++)
        if (watch.said.list[i].task == AUR_NONE && watch.said.list[i].group == group)
            return &watch.said.list[i];
    return NULL;
}

// The group that a task or group is in, or NONE.
static uint32_t parent_of(const struct host *host, const struct aur_candidate *candidate)
{
    if (candidate->task != AUR_NONE || candidate->group == AUR_NONE)
        return candidate->group;
    return aur_core_group(host->core, candidate->group)->parent;
}

// False if the candidate has no such key.
static bool key_of(const struct aur_candidate *candidate, enum aur_key key, int64_t *value)
{
    for (uint32_t i = 0; i < candidate->key_count; i++)
        if (candidate->keys[i].key == (uint32_t)key) {
            *value = candidate->keys[i].value;
            return true;
        }
    return false;
}

// Who runs on the CPU after DISPATCH in the working core.
static uint32_t dispatched(bool *moved)
{
    turn_post(watch.other, AUR_EV_DISPATCH, watch.said.now_ns, watch.said.cpu, 0, 0, 0, moved);
    return aur_core_running(watch.other, watch.said.cpu);
}

static void start_over(const struct host *host)
{
    memcpy(watch.other, host->core, host->size);
}

static bool set(const struct aur_explanation *said, uint32_t attribute, uint64_t value)
{
    return turn_post(watch.other, AUR_EV_TASK_SET, said->now_ns, said->cpu, said->picked, attribute,
                     value, NULL) == AUR_OK;
}

// Takes the picked one away by events: it exits, or if it waits goes elsewhere. There its load
// would still count in its group, so it leaves that first, for another class.
static bool take_away(const struct host *host)
{
    const struct aur_explanation *said = &watch.said;
    const struct aur_task *t = aur_core_task(host->core, said->picked);
    if (said->previous == said->picked)
        return turn_post(watch.other, AUR_EV_EXIT, said->now_ns, said->cpu, said->picked, 0, 0,
                         NULL) == AUR_OK;
    if (t->slot == AUR_SLOT_FAIR && t->group != AUR_NONE &&
        !set(said, AUR_ATTR_POLICY, aur_task_kind(AUR_POLICY_FIFO, 0, 1)))
        return false;
    return set(said, AUR_ATTR_AFFINITY, ~(1ull << said->cpu));
}

static void prove_runner_up(struct host *host)
{
    const struct aur_explanation *said = &watch.said;
    bool moved = false;
    if (aur_core_task(host->core, said->picked)->cpu != said->cpu)
        return; // it comes only with this DISPATCH
    start_over(host);
    if (!take_away(host))
        return;
    uint32_t got = dispatched(&moved);
    if (moved)
        return; // balancing saw another state
    if (got != said->runner_up)
        host_fail(host, "without task %u CPU %u runs task %d, not the runner-up %d", said->picked,
                  said->cpu, (int)got, (int)said->runner_up);
    host->seen[RUNNER_UP]++;
}

// Who runs if the verdict's key has this value; NONE if the test cannot tell.
static uint32_t runs_with(const struct host *host, int64_t value)
{
    const struct aur_explanation *said = &watch.said;
    uint32_t of = said->verdict.of == AUR_OF_PICKED ? said->picked : said->runner_up;
    bool moved = false;
    start_over(host);
    bool groups = said->verdict.picked_group != AUR_NONE || said->verdict.other_group != AUR_NONE;
    if (groups || aur_core_task(host->core, of)->cpu != said->cpu ||
        !turn_key(watch.other, said, of, value) ||
        aur_core_task(watch.other, of)->cpu != said->cpu) // its new class has placed it elsewhere
        return AUR_NONE;
    uint32_t got = dispatched(&moved);
    return moved ? AUR_NONE : got;
}

// What the verdict needs turns the decision, or one step more does; one step less does not.
static void prove_verdict(struct host *host)
{
    const struct aur_explanation *said = &watch.said;
    const struct aur_verdict *verdict = &said->verdict;
    if (verdict->key == AUR_KEY_NONE)
        return;
    int64_t step = verdict->needs > verdict->has ? 1 : -1;
    uint32_t enough = runs_with(host, verdict->needs),
             more = runs_with(host, verdict->needs + step);
    // Among equals it may be the last; if the step beyond is refused (by admission), none can tell.
    if (enough != AUR_NONE && enough != said->runner_up && more != AUR_NONE &&
        more != said->runner_up)
        host_fail(host, "with %s %" PRId64 " instead of %" PRId64 " task %u does not win",
                  aur_key_text(verdict->key), verdict->needs, verdict->has, said->runner_up);
    host->seen[TURNED] += enough != AUR_NONE;
    if (verdict->needs == verdict->has)
        return;
    uint32_t less = runs_with(host, verdict->needs - step);
    if (less == said->runner_up)
        host_fail(host, "with %s %" PRId64 " task %u wins already", aur_key_text(verdict->key),
                  verdict->needs - step, said->runner_up);
    host->seen[KEPT] += less != AUR_NONE;
}

// The keys that order on their own, with the sign that makes the smaller the better.
static const struct {
    enum aur_key key;
    int sign;
} orders[] = {
    {AUR_KEY_PRIORITY, -1}, {AUR_KEY_LEVEL, 1}, {AUR_KEY_DEADLINE, 1},  {AUR_KEY_PERIOD, 1},
    {AUR_KEY_DEMAND, 1},    {AUR_KEY_PASS, 1},  {AUR_KEY_REMAINING, 1}, {AUR_KEY_PLACE, 1},
};

// Below 0: `a` is due before `b` by the keys that both report.
static int compare(const struct aur_candidate *a, const struct aur_candidate *b)
{
    for (uint32_t i = 0; i < a->key_count && i < b->key_count; i++)
        for (size_t n = 0; n < LENGTH(orders); n++) {
            int64_t x = a->keys[i].value, y = b->keys[i].value;
            if (a->keys[i].key != (uint32_t)orders[n].key || a->keys[i].key != b->keys[i].key ||
                x == y)
                continue;
            return (x < y ? -1 : 1) * orders[n].sign;
        }
    return 0;
}

static bool by_order(enum aur_rule rule)
{
    switch (rule) {
    case AUR_RULE_FIRST_COME:
    case AUR_RULE_PRIORITY:
    case AUR_RULE_TURN:
    case AUR_RULE_NEXT_TURN:
    case AUR_RULE_LEVEL:
    case AUR_RULE_PASS:
    case AUR_RULE_DEADLINE:
    case AUR_RULE_PERIOD:
    case AUR_RULE_DEMAND:
    case AUR_RULE_REMAINING:
    case AUR_RULE_YIELDED:
        return true;
    default:
        return false;
    }
}

static int64_t value_of(const struct aur_candidate *candidate, enum aur_key key)
{
    int64_t value = 0;
    key_of(candidate, key, &value);
    return value;
}

// EEVDF: the earliest virtual deadline of those eligible, or the one that runs while protected.
static bool eevdf_prefers(const struct aur_candidate *c, const struct aur_candidate *than)
{
    int64_t left;
    bool has_lag = key_of(c, AUR_KEY_LAG, &left);
    if (!has_lag || value_of(than, AUR_KEY_PROTECTED) > 0)
        return false;
    if ((value_of(c, AUR_KEY_LAG) >= 0) != value_of(c, AUR_KEY_ELIGIBLE))
        return true; // the keys contradict each other
    return !value_of(than, AUR_KEY_ELIGIBLE) ||
           (value_of(c, AUR_KEY_ELIGIBLE) &&
            value_of(c, AUR_KEY_VIRTUAL_DEADLINE) < value_of(than, AUR_KEY_VIRTUAL_DEADLINE));
}

// That the running task is protected must be so before the pick, too.
static void prove_protection(struct host *host, const struct aur_candidate *c)
{
    const struct aur_candidate *picked = candidate_of(watch.said.picked);
    int64_t value;
    if (!key_of(c, AUR_KEY_PROTECTED, &value) || c->task == AUR_NONE || c->slot != AUR_SLOT_FAIR ||
        c->slot != picked->slot || c->group != picked->group ||
        strcmp(aur_class_of(host->core, c->slot)->info.name, "eevdf") != 0 ||
        aur_cpu_at(host->core, watch.said.cpu)->clock_ns != watch.said.now_ns)
        return;
    const struct eevdf_entity *e = (void *)aur_fair_entity_at(host->core, c->slot, c->task);
    const struct eevdf_queue *cfs = (void *)aur_fair_queue_at(host->core, c->slot, e->base.queue);
    int64_t left = (int64_t)(cfs->vprot - e->vruntime);
    if (value != (left > 0 ? left : 0))
        host_fail(host, "task %u is protected for %" PRId64 ", not %" PRId64, c->task, left, value);
}

// The slow comparator: nobody beside `chosen` is due before it.
static void prove_order(struct host *host, const struct aur_candidate *chosen)
{
    const struct aur_explanation *said = &watch.said;
    int64_t value;
    bool eevdf = key_of(chosen, AUR_KEY_ELIGIBLE, &value);
    bool ordered = eevdf || by_order((enum aur_rule)said->verdict.rule);
    for (uint32_t i = 0; i < said->count && ordered; i++) {
        const struct aur_candidate *c = &said->list[i];
        if (c == chosen || (c->flags & AUR_CANDIDATE_THROTTLED) || c->slot != chosen->slot ||
            parent_of(host, c) != parent_of(host, chosen))
            continue;
        if (eevdf ? eevdf_prefers(c, chosen) : compare(c, chosen) < 0)
            host_fail(host, "by its keys task %d of group %d is due before task %d of group %d",
                      (int)c->task, (int)c->group, (int)chosen->task, (int)chosen->group);
        host->seen[ORDERED]++;
    }
}

static void prove_keys(struct host *host)
{
    const struct aur_explanation *said = &watch.said;
    const struct aur_candidate *picked = candidate_of(said->picked);
    for (uint32_t i = 0; i < said->count; i++) {
        const struct aur_candidate *c = &said->list[i];
        prove_protection(host, c);
        if (!(c->flags & (AUR_CANDIDATE_DELAYED | AUR_CANDIDATE_THROTTLED)) &&
            c->slot < picked->slot &&
            !(aur_cpu_at(host->core, said->cpu)->serves && c->slot == AUR_SLOT_REALTIME))
            host_fail(host, "task %u of a higher slot than the picked one waits", c->task);
    }
    for (const struct aur_candidate *chosen = picked; chosen;) {
        prove_order(host, chosen);
        uint32_t parent = parent_of(host, chosen);
        chosen =
            parent == AUR_NONE || chosen->slot != AUR_SLOT_FAIR ? NULL : group_candidate(parent);
    }
    const struct aur_verdict *verdict = &said->verdict;
    if (verdict->key == AUR_KEY_NONE || verdict->rule == AUR_RULE_HIGHER_CLASS)
        return;
    bool picks = verdict->of == AUR_OF_PICKED;
    uint32_t task = picks ? said->picked : said->runner_up;
    uint32_t group = picks ? verdict->picked_group : verdict->other_group;
    const struct aur_candidate *whose =
        group == AUR_NONE ? candidate_of(task) : group_candidate(group);
    int64_t value;
    if (!whose || !key_of(whose, (enum aur_key)verdict->key, &value) || value != verdict->has)
        host_fail(host, "task %u does not have the %s that the verdict says it has", task,
                  aur_key_text(verdict->key));
}

static void prove_list(struct host *host)
{
    const struct aur_explanation *said = &watch.said;
    uint32_t before = AUR_NONE, groups = 0;
    for (uint32_t i = 0; i < said->count; i++) {
        const struct aur_candidate *c = &said->list[i];
        groups += c->task == AUR_NONE;
        if (groups ? c->task != AUR_NONE : before != AUR_NONE && c->task <= before)
            host_fail(host, "the candidates are out of order");
        before = c->task;
    }
    if (said->total != said->count)
        host_fail(host, "not all candidates are listed although there is room");
    bool picked = said->picked != AUR_NONE, other = said->runner_up != AUR_NONE;
    if ((picked && !candidate_of(said->picked)) || (other && !candidate_of(said->runner_up)))
        host_fail(host, "who was picked or would have been is no candidate");
    bool ruled = said->verdict.rule == AUR_RULE_NONE;
    if (ruled == picked || (said->verdict.rule == AUR_RULE_ALONE) != (picked && !other))
        host_fail(host, "the verdict does not fit who was picked");
}

static void before(struct host *host, const struct aur_record *event)
{
    watch.has_said = false;
    watch.said = (struct aur_explanation){.list = watch.list, .room = LENGTH(watch.list)};
    memcpy(watch.before, host->core, host->size);
    enum aur_status status = aur_core_explain(host->core, watch.scratch, event, &watch.said);
    if (memcmp(watch.before, host->core, host->size) != 0)
        host_fail(host, "the explanation changed the state");
    if (event->kind != AUR_EV_DISPATCH) {
        if (status != AUR_BAD_EVENT)
            host_fail(host, "another event than DISPATCH was explained");
        return;
    }
    if (status != AUR_OK)
        return;
    watch.has_said = true;
    prove_list(host);
    if (host->failure[0] || watch.said.picked == AUR_NONE)
        return;
    prove_keys(host);
    prove_runner_up(host);
    if (watch.said.runner_up != AUR_NONE)
        prove_verdict(host);
}

static void after(struct host *host, const struct aur_record *event)
{
    for (uint32_t i = 0; i < host->actions.count; i++)
        if (host->actions.list[i].kind == AUR_ACT_AGAIN)
            return;
    if (event->kind != AUR_EV_DISPATCH)
        return;
    uint32_t got = aur_core_running(host->core, event->cpu);
    if (!watch.has_said || got != watch.said.picked)
        host_fail(host, "DISPATCH picks task %d, the explanation says %d", (int)got,
                  (int)watch.said.picked);
    host->seen[PICKED]++;
}

static void watch_host(struct host *host)
{
    watch.before = block(host->size);
    watch.scratch = block(host->size);
    watch.other = block(host->size);
    host->before = before;
    host->after = after;
    host->watcher = &watch;
}

START_TEST(every_decision_of_a_class_is_explained_truly)
{
    const char *given = getenv("AUR_STEPS"), *name = aur_class_info((uint32_t)_i)->name;
    uint64_t wanted = given ? strtoull(given, NULL, 0) : 100000;
    uint64_t random = seed ^ (uint64_t)_i << 32, runs = 0;
    struct drive_result sum = {0};
    for (; sum.steps < wanted / 2; runs++) {
        struct drive_plan plan = drive_plan(random_next(&random), (uint32_t)_i, CHOICES_PER_RUN);
        plan.watch = watch_host;
        struct drive_result result = drive_run(&plan);
        if (result.failure[0]) {
            printf("%s, run %" PRIu64 ": %s\n", name, runs, result.failure);
            drive_shrink(&plan);
            drive_print(&plan);
            ck_abort_msg("%s: %s", name, result.failure);
        }
        drive_free(&plan);
        sum.steps += result.steps;
        for (size_t i = 0; i < LENGTH(sum.seen); i++)
            sum.seen[i] += result.seen[i];
    }
    printf("%s: %" PRIu64 " decisions, %" PRIu64 " runners-up, %" PRIu64 " orders, %" PRIu64
           " turned, %" PRIu64 " kept\n",
           name, sum.seen[PICKED], sum.seen[RUNNER_UP], sum.seen[ORDERED], sum.seen[TURNED],
           sum.seen[KEPT]);
    // A generator that has gone quiet proves nothing.
    ck_assert_uint_gt(sum.seen[PICKED], sum.steps / 50);
    ck_assert_uint_gt(sum.seen[RUNNER_UP], sum.steps / 200);
}
END_TEST

int main(void)
{
    seed = random_seed(20261122);
    Suite *suite = suite_create("explain");
    TCase *tcase = tcase_create("explain");
    tcase_set_timeout(tcase, 3600);
    tcase_add_loop_test(tcase, every_decision_of_a_class_is_explained_truly, 0,
                        (int)aur_class_count());
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
