#include "travel/part.h"

#include <stdlib.h>
#include <string.h>

#include "travel/position.h"

// One log on its way.
struct walk {
    struct aur_part_side *side;
    struct aur_log_reader log;
    struct aur_position position;
    uint32_t running[AUR_CPUS_MAX]; // numbers of tasks
    const struct aur_record *step;  // the next one
    uint32_t count;                 // of its records, 0: the log ends
};

struct walks {
    struct walk of[2];
};

static bool begin(struct walk *walk, struct aur_part_side *side, struct aur_failure *failure)
{
    walk->side = side;
    aur_position_init(&walk->position);
    for (uint32_t cpu = 0; cpu < AUR_CPUS_MAX; cpu++)
        walk->running[cpu] = AUR_NONE;
    return aur_log_reader_init(&walk->log, side->source) ||
           aur_fail(failure, NULL, 0, "memory is out");
}

static void end(struct walk *walk)
{
    aur_log_reader_free(&walk->log);
    aur_position_free(&walk->position);
}

static bool look(struct walk *walk, struct aur_failure *failure)
{
    return aur_log_reader_peek(&walk->log, &walk->step, &walk->count, failure);
}

// Passes over the next step; who runs then is known at the end of it.
static bool pass(struct walk *walk, struct aur_failure *failure)
{
    if (!aur_position_take(&walk->position, walk->step, walk->count))
        return aur_fail(failure, NULL, 0, "memory is out");
    for (uint32_t i = 1; i < walk->count; i++)
        if (walk->step[i].kind == AUR_ACT_RUN && walk->step[i].cpu < AUR_CPUS_MAX)
            walk->running[walk->step[i].cpu] =
                aur_position_task(&walk->position, walk->step[i].task);
    aur_log_reader_pass(&walk->log, walk->count);
    return true;
}

static bool same_task(const struct walks *walks, uint32_t a, uint32_t b)
{
    const struct aur_part_side *sides[2] = {walks->of[0].side, walks->of[1].side};
    if (a == AUR_NONE || b == AUR_NONE)
        return a == b;
    const char *names[2] = {sides[0]->name(sides[0]->context, a),
                            sides[1]->name(sides[1]->context, b)};
    return names[0] && names[1] ? strcmp(names[0], names[1]) == 0 : a == b;
}

static bool same_slot(const struct walks *walks, uint32_t a, uint32_t b)
{
    if (a == AUR_NONE || b == AUR_NONE)
        return a == b;
    return same_task(walks, aur_position_task(&walks->of[0].position, a),
                     aur_position_task(&walks->of[1].position, b));
}

// A slot that is only being made has no task yet: where it lies is the core's affair.
static bool same_record(const struct walks *walks, const struct aur_record *a,
                        const struct aur_record *b)
{
    if (a->kind != b->kind || a->now_ns != b->now_ns || a->cpu != b->cpu || a->arg != b->arg ||
        a->other != b->other)
        return false;
    if (a->kind == AUR_ACT_MADE)
        return true;
    bool left = a->kind == AUR_ACT_RUN; // its object is the task that it left
    return same_slot(walks, a->task, b->task) &&
           (left ? same_slot(walks, a->object, b->object) : a->object == b->object);
}

// The first of the step's records that differ, or both counts if none does.
static uint32_t compare(const struct walks *walks)
{
    const struct walk *a = &walks->of[0], *b = &walks->of[1];
    uint32_t at = 0;
    while (at < a->count && at < b->count && same_record(walks, &a->step[at], &b->step[at]))
        at++;
    return at;
}

static void tell(struct walk *walk, uint32_t at)
{
    struct aur_part_side *side = walk->side;
    side->record = walk->position.records + at;
    side->event = side->differs = (struct aur_record){.kind = AUR_EV_NONE};
    side->subject = AUR_NONE;
    if (walk->count)
        side->event = walk->step[0];
    if (at >= walk->count)
        return;
    side->differs = walk->step[at];
    if (side->differs.kind != AUR_ACT_MADE)
        side->subject = aur_position_task(&walk->position, side->differs.task);
}

// Side by side up to the first difference.
static bool walk_common(struct walks *walks, struct aur_part *part, struct aur_failure *failure)
{
    for (;;) {
        struct walk *a = &walks->of[0], *b = &walks->of[1];
        if (!look(a, failure) || !look(b, failure))
            return false;
        uint32_t at = compare(walks);
        part->same = at == a->count && at == b->count && at == 0;
        if (part->same)
            return true;
        if (at < a->count || at < b->count) {
            // Of a step that both took, a part that one has more lies behind what both have.
            tell(a, at);
            tell(b, at);
            if (at > 0)
                part->common_ns = a->step->now_ns;
            return true;
        }
        part->common_ns = a->step->now_ns;
        if (!pass(a, failure) || !pass(b, failure))
            return false;
    }
}

// The next instant with an event in either log; false if both end.
static bool next_instant(const struct walks *walks, uint64_t *now_ns)
{
    *now_ns = UINT64_MAX;
    for (int i = 0; i < 2; i++)
        if (walks->of[i].count && walks->of[i].step->now_ns < *now_ns)
            *now_ns = walks->of[i].step->now_ns;
    return walks->of[0].count || walks->of[1].count;
}

// Instant by instant until another task runs somewhere.
static bool walk_apart(struct walks *walks, struct aur_part *part, struct aur_failure *failure)
{
    uint64_t now_ns;
    while (next_instant(walks, &now_ns)) {
        for (int i = 0; i < 2; i++) {
            struct walk *walk = &walks->of[i];
            while (walk->count && walk->step->now_ns == now_ns)
                if (!pass(walk, failure) || !look(walk, failure))
                    return false;
        }
        for (uint32_t cpu = 0; cpu < AUR_CPUS_MAX; cpu++) {
            if (same_task(walks, walks->of[0].running[cpu], walks->of[1].running[cpu]))
                continue;
            part->now_ns = now_ns;
            part->cpu = cpu;
            for (int i = 0; i < 2; i++)
                part->sides[i].runs = walks->of[i].running[cpu];
            return true;
        }
    }
    part->same_tasks = true;
    return true;
}

bool aur_part_find(struct aur_part *part, struct aur_failure *failure)
{
    struct walks *walks = calloc(1, sizeof *walks);
    if (!walks)
        return aur_fail(failure, NULL, 0, "memory is out");
    part->same = part->same_tasks = false;
    part->common_ns = part->now_ns = 0;
    part->cpu = AUR_NONE;
    bool good = begin(&walks->of[0], &part->sides[0], failure) &&
                begin(&walks->of[1], &part->sides[1], failure) &&
                walk_common(walks, part, failure) &&
                (part->same || walk_apart(walks, part, failure));
    end(&walks->of[0]);
    end(&walks->of[1]);
    free(walks);
    return good;
}
