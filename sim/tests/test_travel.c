// Any instant of a log can be reconstructed: from whatever snapshot, byte for byte the state that
// stepping from the start gives; and what is damaged is refused.
#include <aurora/trace.h>

#include "experiment/kept_log.h"
#include "tests/simulate_any.h"
#include "travel/decision.h"
#include "travel/part.h"
#include "travel/travel.h"

static void setup(void)
{
    end_scene();
    start_chance();
}

// Runs the scene into `log`, with a snapshot each so many events.
static void record(struct aur_kept_log *log, uint64_t every)
{
    struct aur_failure failure = {""};
    struct aur_execution execution = {.inputs = &scene.inputs, .snapshot_every = every};
    aur_kept_log_init(log, UINT64_MAX);
    aur_kept_log_attach(log, &execution);
    ck_assert_msg(aur_execution_run(&execution, &failure), "%s", failure.text);
}

static void begin_travel(struct aur_travel *travel, const struct aur_log_source *source)
{
    struct aur_failure failure = {""};
    ck_assert_msg(aur_travel_init(travel, source, &scene.inputs, &failure), "%s", failure.text);
}

static size_t state_bytes(const struct aur_travel *travel)
{
    return aur_core_size(aur_core_config(travel->core));
}

static void assert_same(const struct aur_travel *a, const struct aur_travel *b)
{
    ck_assert_uint_eq(a->position.records, b->position.records);
    ck_assert_uint_eq(a->position.events, b->position.events);
    ck_assert_uint_eq(a->position.made, b->position.made);
    ck_assert_uint_eq(a->position.slots, b->position.slots);
    ck_assert_mem_eq(a->position.dispatched, b->position.dispatched, sizeof a->position.dispatched);
    for (uint32_t slot = 0; slot < a->position.slots; slot++)
        ck_assert_uint_eq(a->position.tasks[slot], b->position.tasks[slot]);
    ck_assert_uint_eq(state_bytes(a), state_bytes(b));
    ck_assert_mem_eq(a->core, b->core, state_bytes(a));
}

static void go_to_record(struct aur_travel *travel, uint64_t to)
{
    struct aur_failure failure = {""};
    ck_assert_msg(aur_travel_to_record(travel, to, &failure), "%s", failure.text);
}

static void go_to_instant(struct aur_travel *travel, uint64_t now_ns)
{
    struct aur_failure failure = {""};
    ck_assert_msg(aur_travel_to_instant(travel, now_ns, &failure), "%s", failure.text);
}

// A log without its snapshots: what was stored before there were any.
static bool no_snapshot(void *context, uint64_t least, uint64_t most, uint64_t now_ns,
                        struct aur_snapshot *snapshot, struct aur_failure *failure)
{
    (void)context, (void)least, (void)most, (void)now_ns, (void)failure;
    *snapshot = (struct aur_snapshot){0};
    return true;
}

START_TEST(any_record_opened_from_a_snapshot_is_the_state_stepped_from_the_start)
{
    for (uint32_t round = 0; round < 25; round++) {
        struct aur_kept_log often, seldom;
        struct aur_travel from_often, from_seldom, from_start;
        begin_anything();
        record(&often, 1 + below(100));
        record(&seldom, 100 + below(1000));
        struct aur_log_source sources[] = {
            aur_kept_log_source(&often), aur_kept_log_source(&seldom), aur_kept_log_source(&often)};
        sources[2].snapshot = no_snapshot;
        begin_travel(&from_often, &sources[0]);
        begin_travel(&from_seldom, &sources[1]);
        go_to_record(&from_often, UINT64_MAX);
        uint64_t records = from_often.position.records;
        uint64_t end_ns = aur_core_now_ns(from_often.core);
        for (uint32_t i = 0; i < 12; i++) {
            begin_travel(&from_start, &sources[2]);
            if (below(2)) {
                uint64_t to = below((uint32_t)records + 1);
                go_to_record(&from_often, to);
                go_to_record(&from_seldom, to);
                go_to_record(&from_start, to);
                ck_assert_uint_le(from_start.position.records, to);
            } else {
                uint64_t to_ns = below((uint32_t)end_ns + 1);
                go_to_instant(&from_often, to_ns);
                go_to_instant(&from_seldom, to_ns);
                go_to_instant(&from_start, to_ns);
                ck_assert_uint_le(aur_core_now_ns(from_start.core), to_ns);
            }
            ck_assert_ptr_null(aur_core_check(from_often.core));
            assert_same(&from_often, &from_start);
            assert_same(&from_seldom, &from_start);
            aur_travel_free(&from_start);
        }
        ck_assert(from_often.opened > 0);
        aur_travel_free(&from_often);
        aur_travel_free(&from_seldom);
        aur_kept_log_free(&often);
        aur_kept_log_free(&seldom);
    }
}
END_TEST

// Is record `r` of the scene's log a decision, not the rest of one that was posted again?
static bool is_decision(uint32_t r)
{
    bool again = false;
    if (scene.records[r].kind != AUR_EV_DISPATCH)
        return false;
    while (r-- > 0 && aur_record_is_action(&scene.records[r]))
        again |= scene.records[r].kind == AUR_ACT_AGAIN;
    return !again || scene.records[r].kind != AUR_EV_DISPATCH;
}

// The recorder of the scene keeps every record: a plain list to count through.
START_TEST(the_position_is_what_counting_through_the_log_gives)
{
    for (uint32_t round = 0; round < 10; round++) {
        struct aur_kept_log log;
        struct aur_travel travel;
        begin_anything();
        run_scene();
        record(&log, 1 + below(300));
        struct aur_log_source source = aur_kept_log_source(&log);
        begin_travel(&travel, &source);
        for (uint32_t i = 0; i < 20 && scene.count; i++) {
            uint32_t to = below((uint32_t)scene.count), event = to;
            uint64_t dispatched[AUR_CPUS_MAX], made = 0;
            while (aur_record_is_action(&scene.records[event]))
                event--;
            memset(dispatched, 0xff, sizeof dispatched);
            for (uint32_t r = 0; r < event; r++) {
                if (is_decision(r))
                    dispatched[scene.records[r].cpu] = r;
                made += scene.records[r].kind == AUR_EV_TASK_NEW;
            }
            go_to_record(&travel, to);
            ck_assert_uint_eq(travel.position.records, event);
            ck_assert_uint_eq(travel.position.made, made);
            ck_assert_mem_eq(travel.position.dispatched, dispatched, sizeof dispatched);
        }
        aur_travel_free(&travel);
        aur_kept_log_free(&log);
    }
}
END_TEST

// A source with one snapshot, damaged as the test likes.
struct damaged {
    struct aur_log_source whole;
    struct aur_snapshot snapshot;
};

static bool give_damaged(void *context, uint64_t least, uint64_t most, uint64_t now_ns,
                         struct aur_snapshot *snapshot, struct aur_failure *failure)
{
    const struct damaged *damaged = context;
    (void)least, (void)most, (void)now_ns, (void)failure;
    *snapshot = damaged->snapshot;
    return true;
}

static bool give_chunk(void *context, uint32_t seq, const uint8_t **bytes, size_t *size,
                       struct aur_failure *failure)
{
    const struct damaged *damaged = context;
    return damaged->whole.chunk(damaged->whole.context, seq, bytes, size, failure);
}

START_TEST(a_packed_snapshot_that_is_cut_or_changed_anywhere_is_refused)
{
    struct aur_kept_log log;
    begin_anything();
    record(&log, 50);
    ck_assert_uint_gt(log.snapshots.count, 2);
    const struct aur_kept_piece *piece = &log.snapshots.list[log.snapshots.count / 2];
    size_t size = piece->snapshot.size;
    uint8_t *bytes = malloc(size + 1);
    for (uint32_t round = 0; round < 4000; round++) {
        struct aur_snapshot snapshot = piece->snapshot;
        struct aur_failure failure = {""};
        uint8_t *plain;
        memcpy(bytes, piece->bytes, size);
        bytes[size] = 0;
        snapshot.data = bytes;
        if (round < 2000)
            bytes[below((uint32_t)size)] ^= (uint8_t)(1u << below(8));
        else if (round < 3900)
            snapshot.size = below((uint32_t)size);
        else
            snapshot.size = size + 1;
        bool unpacked = aur_snapshot_inflate(&snapshot, &plain, &failure);
        // Bits that say how a stream was made mean nothing for what it holds.
        if (unpacked) {
            struct aur_snapshot whole = piece->snapshot;
            uint8_t *expected;
            ck_assert(aur_snapshot_inflate(&whole, &expected, &failure));
            ck_assert_uint_eq(snapshot.size, whole.size);
            ck_assert_mem_eq(plain, expected, whole.size);
            free(expected);
        } else {
            ck_assert_ptr_nonnull(strstr(failure.text, "damaged"));
        }
        free(plain);
    }
    free(bytes);
    aur_kept_log_free(&log);
}
END_TEST

START_TEST(a_snapshot_that_is_not_of_this_run_and_place_is_refused)
{
    struct aur_kept_log log;
    struct aur_travel travel;
    struct aur_failure failure = {""};
    begin_anything();
    scene.inputs.machine.cpus = 3;
    record(&log, 50);
    struct damaged damaged = {.whole = aur_kept_log_source(&log)};
    struct aur_log_source source = {give_damaged, give_chunk, &damaged};
    struct aur_snapshot good;
    begin_travel(&travel, &source);
    ck_assert(
        damaged.whole.snapshot(damaged.whole.context, 0, UINT64_MAX, UINT64_MAX, &good, &failure));
    uint8_t *bytes = malloc(good.size + 4);
    ck_assert_uint_gt(good.records, 0);
    for (int way = 0; way < 10; way++) {
        memcpy(bytes, good.data, good.size);
        damaged.snapshot = good;
        damaged.snapshot.data = bytes;
        switch (way) {
        case 0:
            break; // unchanged: it is taken
        case 1:
            damaged.snapshot.state_bytes += 64;
            break;
        case 2:
            damaged.snapshot.size -= 4 * (size_t)(travel.position.slots + 100);
            break;
        case 3:
            damaged.snapshot.size -= 1;
            break;
        case 4:
            bytes[0] ^= 1; // the mark of a core
            break;
        case 5:
            bytes[8] ^= 3; // its number of CPUs
            break;
        case 6:
            damaged.snapshot.events++;
            break;
        case 7:
            damaged.snapshot.now_ns++;
            break;
        case 8:
            memset(bytes + good.state_bytes + 8, 0, 7); // a decision of long ago ...
            bytes[good.state_bytes + 8 + 7] = 0x7f;     // ... or of the far future
            break;
        default:
            memset(bytes + 512, 0xa5, good.state_bytes - 512); // no state of anything
            damaged.snapshot.size = good.size;
        }
        failure.text[0] = '\0';
        bool taken = aur_travel_to_record(&travel, good.records, &failure);
        ck_assert_msg(taken == (way == 0), "way %d: %s", way, failure.text);
        ck_assert_msg(way == 0 || strstr(failure.text, "damaged"), "way %d: %s", way, failure.text);
        aur_travel_free(&travel);
        begin_travel(&travel, &source);
    }
    aur_travel_free(&travel);
    free(bytes);
    aur_kept_log_free(&log);
}
END_TEST

START_TEST(a_record_that_was_altered_is_named_by_its_number)
{
    struct aur_failure failure = {""};
    struct aur_trace_scratch *scratch = malloc(sizeof *scratch);
    struct aur_travel travel;
    uint32_t found = 0;
    for (uint32_t round = 0; round < 40; round++) {
        begin_anything();
        run_scene();
        if (scene.count < 100 || scene.count > AUR_TRACE_RECORDS_MAX)
            continue;
        uint32_t altered = 50 + below((uint32_t)scene.count - 50);
        while (altered + 1 < scene.count && scene.records[altered].kind != AUR_ACT_RUN)
            altered++;
        struct aur_record *record = &scene.records[altered];
        if (record->kind != AUR_ACT_RUN)
            continue;
        record->task ^= 1;
        size_t room = aur_trace_bound((uint32_t)scene.count);
        uint8_t *bytes = malloc(room);
        struct aur_kept_log log;
        aur_kept_log_init(&log, UINT64_MAX);
        struct aur_trace_chunk chunk;
        struct aur_execution execution = {0};
        size_t size = aur_trace_encode(scratch, scene.records, (uint32_t)scene.count, bytes, room);
        ck_assert_int_eq(aur_trace_header(bytes, size, &chunk), AUR_TRACE_OK);
        aur_kept_log_attach(&log, &execution);
        ck_assert(execution.chunk(execution.chunk_context, &chunk, bytes));
        struct aur_log_source source = aur_kept_log_source(&log);
        begin_travel(&travel, &source);
        failure.text[0] = '\0';
        ck_assert(!aur_travel_to_record(&travel, UINT64_MAX, &failure));
        char expected[32];
        snprintf(expected, sizeof expected, "record %u of", altered);
        ck_assert_msg(strstr(failure.text, expected), "%s: %s", expected, failure.text);
        // The state is lost, not the traveller: what lies before can still be opened.
        failure.text[0] = '\0';
        ck_assert_msg(aur_travel_to_record(&travel, altered - 5, &failure), "%s", failure.text);
        ck_assert_ptr_null(aur_core_check(travel.core));
        aur_travel_free(&travel);
        aur_kept_log_free(&log);
        free(bytes);
        found++;
    }
    ck_assert_uint_gt(found, 3);
    free(scratch);
}
END_TEST

START_TEST(what_begins_after_the_instant_asked_for_is_not_kept)
{
    struct aur_kept_log whole, part;
    struct aur_failure failure = {""};
    struct aur_travel from_whole, from_part;
    begin_anything();
    record(&whole, 20);
    uint64_t until_ns = 30 * MS;
    struct aur_execution execution = {.inputs = &scene.inputs, .snapshot_every = 20};
    aur_kept_log_init(&part, until_ns);
    aur_kept_log_attach(&part, &execution);
    ck_assert(aur_execution_run(&execution, &failure));
    ck_assert_uint_lt(part.chunks.count, whole.chunks.count);
    struct aur_log_source sources[] = {aur_kept_log_source(&whole), aur_kept_log_source(&part)};
    begin_travel(&from_whole, &sources[0]);
    begin_travel(&from_part, &sources[1]);
    go_to_instant(&from_whole, until_ns);
    go_to_instant(&from_part, until_ns);
    assert_same(&from_whole, &from_part);
    aur_travel_free(&from_whole);
    aur_travel_free(&from_part);
    aur_kept_log_free(&whole);
    aur_kept_log_free(&part);
}
END_TEST

// Who runs on the CPU behind `count` records of the scene's log, by its RUN actions.
static uint32_t runs_after(uint64_t count, uint32_t cpu)
{
    for (uint64_t r = count; r-- > 0;)
        if (scene.records[r].kind == AUR_ACT_RUN && scene.records[r].cpu == cpu)
            return scene.records[r].task;
    return AUR_NONE;
}

START_TEST(every_decision_of_a_log_is_explained_as_it_fell)
{
    uint32_t explained = 0, contested = 0;
    for (uint32_t round = 0; round < 30; round++) {
        struct aur_kept_log log;
        struct aur_travel travel;
        begin_anything();
        run_scene();
        record(&log, 100);
        struct aur_log_source source = aur_kept_log_source(&log);
        begin_travel(&travel, &source);
        for (uint32_t at = 0; at < scene.count; at++) {
            struct aur_failure failure = {""};
            struct aur_decision decision;
            if (!is_decision(at))
                continue;
            ck_assert_msg(aur_decision_explain(&travel, at, &decision, &failure),
                          "round %u, %s: %s", round, scene.inputs.scheduler.name, failure.text);
            const struct aur_explanation *of = &decision.explanation;
            ck_assert_uint_eq(of->picked, runs_after(travel.position.records, of->cpu));
            ck_assert_uint_eq(of->now_ns, scene.records[at].now_ns);
            ck_assert_uint_eq(of->cpu, scene.records[at].cpu);
            ck_assert_uint_eq(of->count, of->total);
            bool listed = of->picked == AUR_NONE, second = of->runner_up == AUR_NONE;
            for (uint32_t i = 0; i < of->count; i++) {
                listed |= of->list[i].task == of->picked;
                second |= of->list[i].task == of->runner_up;
                ck_assert(of->list[i].task == AUR_NONE || decision.tasks[i].number != AUR_NONE);
            }
            ck_assert(listed && second);
            ck_assert((of->picked == AUR_NONE) == (of->verdict.rule == AUR_RULE_NONE));
            contested += of->runner_up != AUR_NONE;
            explained++;
            aur_decision_free(&decision);
        }
        aur_travel_free(&travel);
        aur_kept_log_free(&log);
    }
    ck_assert_uint_gt(explained, 1000);
    ck_assert_uint_gt(contested, 100);
}
END_TEST

START_TEST(the_decisions_in_force_at_an_instant_are_the_last_ones_before_it)
{
    for (uint32_t round = 0; round < 10; round++) {
        struct aur_kept_log log;
        struct aur_travel travel;
        begin_anything();
        run_scene();
        record(&log, 200);
        struct aur_log_source source = aur_kept_log_source(&log);
        begin_travel(&travel, &source);
        for (uint32_t i = 0; i < 20; i++) {
            struct aur_failure failure = {""};
            uint64_t at_ns = below(110000000), decided[AUR_CPUS_MAX], expected[AUR_CPUS_MAX];
            uint32_t runs[AUR_CPUS_MAX];
            memset(expected, 0xff, sizeof expected);
            memset(runs, 0xff, sizeof runs);
            for (uint32_t r = 0; r < scene.count && scene.records[r].now_ns <= at_ns; r++) {
                if (is_decision(r))
                    expected[scene.records[r].cpu] = r;
                else if (scene.records[r].kind == AUR_ACT_RUN)
                    runs[scene.records[r].cpu] = scene.records[r].task;
            }
            ck_assert_msg(aur_decision_in_force(&travel, at_ns, decided, &failure), "%s",
                          failure.text);
            ck_assert_mem_eq(decided, expected, sizeof decided);
            for (uint32_t cpu = 0; cpu < scene.inputs.machine.cpus; cpu++)
                ck_assert_uint_eq(aur_core_running(travel.core, cpu), runs[cpu]);
        }
        aur_travel_free(&travel);
        aur_kept_log_free(&log);
    }
}
END_TEST

// Names of the tasks of two runs, in the order in which their logs make them.
struct names {
    char list[4096][48];
    uint32_t count;
};

static void take_name(void *context, uint32_t task, uint32_t spec, uint32_t instance,
                      uint64_t now_ns)
{
    struct names *names = context;
    (void)task, (void)now_ns;
    ck_assert_uint_lt(names->count, LENGTH(names->list));
    snprintf(names->list[names->count++], sizeof names->list[0], "%u-%u", spec, instance);
}

static const char *name_of(void *context, uint32_t task)
{
    const struct names *names = context;
    return task < names->count ? names->list[task] : NULL;
}

static void record_named(struct aur_kept_log *log, struct names *names)
{
    struct aur_failure failure = {""};
    struct aur_execution execution = {
        .inputs = &scene.inputs, .made = take_name, .made_context = names};
    names->count = 0;
    aur_kept_log_init(log, UINT64_MAX);
    aur_kept_log_attach(log, &execution);
    ck_assert_msg(aur_execution_run(&execution, &failure), "%s", failure.text);
}

// Who runs where after an instant, by a plain walk over all records; "" for nobody.
static void running_at(const struct aur_record *records, size_t count, const struct names *names,
                       uint64_t at_ns, const char *running[AUR_CPUS_MAX])
{
    static uint32_t numbers[1 << 16];
    uint32_t made = 0;
    uint8_t event = 0;
    for (uint32_t cpu = 0; cpu < AUR_CPUS_MAX; cpu++)
        running[cpu] = "";
    for (size_t r = 0; r < count && records[r].now_ns <= at_ns; r++) {
        if (!aur_record_is_action(&records[r]))
            event = records[r].kind;
        else if (records[r].kind == AUR_ACT_MADE && event == AUR_EV_TASK_NEW)
            numbers[records[r].task] = made++;
        else if (records[r].kind == AUR_ACT_RUN)
            running[records[r].cpu] =
                records[r].task == AUR_NONE ? "" : names->list[numbers[records[r].task]];
    }
}

START_TEST(two_logs_part_where_a_plain_walk_over_both_says)
{
    static struct names names[2];
    uint32_t parted = 0;
    for (uint32_t round = 0; round < 12; round++) {
        struct aur_kept_log logs[2];
        struct aur_record *records[2];
        size_t counts[2];
        begin_anything();
        for (int side = 0; side < 2; side++) {
            if (side && round % 3 == 0)
                scene.inputs.seed++;
            else if (side && round % 3 == 1)
                scene.inputs.machine.switch_cost_ns += 1;
            run_scene();
            record_named(&logs[side], &names[side]);
            counts[side] = scene.count;
            records[side] = malloc((scene.count + 1) * sizeof **records);
            memcpy(records[side], scene.records, scene.count * sizeof **records);
        }
        struct aur_log_source sources[] = {aur_kept_log_source(&logs[0]),
                                           aur_kept_log_source(&logs[1])};
        struct aur_part part = {
            .sides = {{.source = &sources[0], .name = name_of, .context = &names[0]},
                      {.source = &sources[1], .name = name_of, .context = &names[1]}}};
        struct aur_failure failure = {""};
        ck_assert_msg(aur_part_find(&part, &failure), "%s", failure.text);
        if (round % 3 == 2)
            ck_assert(part.same);
        // Slots are given out alike, so records differ as bytes wherever they differ at all.
        size_t first = 0;
        while (first < counts[0] && first < counts[1] &&
               memcmp(&records[0][first], &records[1][first], sizeof **records) == 0)
            first++;
        ck_assert(part.same == (first == counts[0] && first == counts[1]));
        if (!part.same && !part.same_tasks) {
            const char *before[2][AUR_CPUS_MAX], *after[2][AUR_CPUS_MAX];
            for (int side = 0; side < 2; side++) {
                running_at(records[side], counts[side], &names[side], part.now_ns - 1,
                           before[side]);
                running_at(records[side], counts[side], &names[side], part.now_ns, after[side]);
            }
            for (uint32_t cpu = 0; cpu < scene.inputs.machine.cpus; cpu++) {
                ck_assert_str_eq(before[0][cpu], before[1][cpu]);
                if (cpu < part.cpu)
                    ck_assert_str_eq(after[0][cpu], after[1][cpu]);
            }
            ck_assert_str_ne(after[0][part.cpu], after[1][part.cpu]);
            ck_assert_uint_le(part.common_ns, part.now_ns);
            parted++;
        }
        for (int side = 0; side < 2; side++) {
            if (!part.same && part.sides[side].differs.kind)
                ck_assert_mem_eq(&records[side][part.sides[side].record], &part.sides[side].differs,
                                 sizeof **records);
            aur_kept_log_free(&logs[side]);
            free(records[side]);
        }
        if (!part.same) // the number of actions of an event differs with its actions: those count
            ck_assert_uint_ge(part.sides[0].record, first);
    }
    ck_assert_uint_gt(parted, 3);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        any_record_opened_from_a_snapshot_is_the_state_stepped_from_the_start,
        the_position_is_what_counting_through_the_log_gives,
        a_packed_snapshot_that_is_cut_or_changed_anywhere_is_refused,
        a_snapshot_that_is_not_of_this_run_and_place_is_refused,
        a_record_that_was_altered_is_named_by_its_number,
        what_begins_after_the_instant_asked_for_is_not_kept,
        every_decision_of_a_log_is_explained_as_it_fell,
        the_decisions_in_force_at_an_instant_are_the_last_ones_before_it,
        two_logs_part_where_a_plain_walk_over_both_says,
    };
    return run_tests("travel", tests, LENGTH(tests), setup);
}
