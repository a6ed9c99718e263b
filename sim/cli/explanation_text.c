// A decision as a table of its candidates and some sentences.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/explanation.h"
#include "cli/explanation_names.h"
#include "cli/quantity.h"
#include "cli/table.h"

struct telling {
    const struct aur_told_decision *told;
    const struct aur_explanation *of;
    const struct aur_stored_log *log;
    const struct aur_config *config;
    uint32_t keys[AUR_KEY_COUNT]; // those that occur, in the order of the columns
    uint32_t key_count;
    uint32_t *order; // of the rows: candidates, the chosen ones first
    uint32_t rows;
    uint32_t slot; // whose candidates are in the table
    bool groups, notes;
};

static const char *text_of(const struct telling *to, uint32_t task)
{
    return aur_explanation_task(to->log, task);
}

static void find_columns(struct telling *to)
{
    bool seen[AUR_KEY_COUNT] = {false};
    for (uint32_t row = 0; row < to->rows; row++) {
        const struct aur_candidate *c = &to->of->list[to->order[row]];
        to->groups |= c->group != AUR_NONE;
        to->notes |= c->flags != 0;
        for (uint32_t k = 0; k < c->key_count && k < AUR_CANDIDATE_KEYS; k++) {
            uint32_t key = c->keys[k].key;
            if (key == AUR_KEY_NONE || key >= AUR_KEY_COUNT || seen[key])
                continue;
            seen[key] = true;
            to->keys[to->key_count++] = key;
        }
    }
}

static bool is(const struct aur_candidate *c, uint32_t task)
{
    return c->task == task && task != AUR_NONE;
}

// The picked one, the runner-up, then the others as they come.
static void order_rows(struct telling *to)
{
    for (int pass = 0; pass < 3; pass++)
        for (uint32_t i = 0; i < to->of->count; i++) {
            const struct aur_candidate *c = &to->of->list[i];
            int belongs = is(c, to->of->picked) ? 0 : is(c, to->of->runner_up) ? 1 : 2;
            if (c->slot == to->slot && belongs == pass)
                to->order[to->rows++] = i;
        }
}

static void put_key(struct aur_table *table, const struct aur_candidate *c, uint32_t key)
{
    int64_t value;
    if (!aur_explanation_key(c, key, &value))
        aur_table_text(table, "");
    else if (key == AUR_KEY_ELIGIBLE)
        aur_table_text(table, value ? "yes" : "no");
    else
        aur_table_number(table, (double)value);
}

static void put_row(struct telling *to, struct aur_table *table, uint32_t row)
{
    const struct aur_candidate *c = &to->of->list[row];
    char text[160];
    aur_table_row(table);
    aur_table_text(table,
                   aur_explanation_candidate(to->log, &to->told->decision, row, text, sizeof text));
    aur_table_text(table, is(c, to->of->picked)      ? "picked"
                          : is(c, to->of->runner_up) ? "runner-up"
                                                     : "");
    if (to->notes)
        aur_table_text(table, aur_explanation_flags(c->flags, text, sizeof text));
    if (to->groups)
        aur_table_text(table, c->group == AUR_NONE || c->task == AUR_NONE
                                  ? ""
                                  : aur_explanation_group(to->log, c->group, text, sizeof text));
    if (c->task == AUR_NONE)
        aur_table_text(table, "");
    else
        aur_table_number(table, (double)c->waited_ns);
    for (uint32_t k = 0; k < to->key_count; k++)
        put_key(table, c, to->keys[k]);
}

// Virtual times are nanoseconds of CPU time at weight 1024.
static const char *column_unit(uint32_t key)
{
    return *aur_key_unit(key) ? "ns" : key == AUR_KEY_ELIGIBLE ? "" : "count";
}

// The candidates of one class: others are ordered by other keys.
static void print_class(struct telling *to, const char *title)
{
    struct aur_table table;
    find_columns(to);
    aur_table_init(&table);
    aur_table_column(&table, title, "");
    aur_table_column(&table, "choice", "");
    if (to->notes)
        aur_table_column(&table, "state", "");
    if (to->groups)
        aur_table_column(&table, "group", "");
    aur_table_column(&table, "waited", "ns");
    for (uint32_t k = 0; k < to->key_count; k++)
        aur_table_column(&table, aur_key_text(to->keys[k]), column_unit(to->keys[k]));
    for (uint32_t row = 0; row < to->rows; row++)
        put_row(to, &table, to->order[row]);
    aur_table_print(&table, false);
    aur_table_free(&table);
}

static void print_candidates(const struct telling *of)
{
    uint32_t *order = calloc(of->of->count + 1u, sizeof *order);
    uint32_t left = of->of->count;
    for (uint32_t slot = 0; order && slot < AUR_CLASS_SLOTS; slot++) {
        struct telling to = *of;
        char title[40];
        to.slot = slot;
        to.order = order;
        order_rows(&to);
        snprintf(title, sizeof title, "%s task", aur_explanation_class(of->config, slot));
        if (!to.rows)
            continue;
        print_class(&to, to.rows == of->of->count ? "task" : title);
        left -= to.rows;
        if (left)
            putchar('\n');
    }
    free(order);
}

static void key_quantity(uint32_t key, int64_t value, bool exact, char *text, size_t room)
{
    if (key == AUR_KEY_ELIGIBLE)
        snprintf(text, room, value ? "yes" : "no");
    else if (!*aur_key_unit(key))
        snprintf(text, room, "%" PRId64, value);
    else if (exact)
        snprintf(text, room, "%" PRId64 " ns", value);
    else
        aur_quantity((double)value, "ns", text, room);
}

// Who was compared: a task, or the group that holds it where the ways of the two part.
static const char *compared(const struct telling *to, uint32_t group, uint32_t task, char *text,
                            size_t room)
{
    return group == AUR_NONE ? text_of(to, task)
                             : aur_explanation_group(to->log, group, text, room);
}

// What would have had to differ.
static void print_verdict(const struct telling *to)
{
    const struct aur_decision *decision = &to->told->decision;
    const struct aur_verdict *verdict = &to->of->verdict;
    char has[40], needs[40], text[160];
    const char *other = compared(to, verdict->other_group, decision->runner_up, text, sizeof text);
    if (verdict->key == AUR_KEY_NONE) {
        printf("Without %s, %s would have run; no single key would have made it win.\n",
               text_of(to, decision->picked), text_of(to, decision->runner_up));
        return;
    }
    key_quantity(verdict->key, verdict->has, false, has, sizeof has);
    key_quantity(verdict->key, verdict->needs, false, needs, sizeof needs);
    if (strcmp(has, needs) == 0 && verdict->has != verdict->needs) {
        key_quantity(verdict->key, verdict->has, true, has, sizeof has);
        key_quantity(verdict->key, verdict->needs, true, needs, sizeof needs);
    }
    const char *bound = verdict->key == AUR_KEY_ELIGIBLE ? ""
                        : verdict->needs > verdict->has  ? "at least "
                        : verdict->needs < verdict->has  ? "at most "
                                                         : "a little beyond ";
    printf("%s would have won had %s %s been %s%s instead of %s.\n", other,
           verdict->of == AUR_OF_PICKED ? "the other's" : "its", aur_key_text(verdict->key), bound,
           needs, has);
}

static void print_choice(const struct telling *to)
{
    const struct aur_decision *decision = &to->told->decision;
    const struct aur_verdict *verdict = &to->of->verdict;
    bool grouped = verdict->picked_group != AUR_NONE || verdict->other_group != AUR_NONE;
    char text[160];
    if (decision->explanation.picked == AUR_NONE) {
        printf("Nobody could run: the CPU went idle.\n");
        return;
    }
    printf("%s was picked", text_of(to, decision->picked));
    if (decision->explanation.runner_up != AUR_NONE && verdict->picked_group != AUR_NONE)
        printf(" for its group %s",
               aur_explanation_group(to->log, verdict->picked_group, text, sizeof text));
    if (decision->explanation.runner_up != AUR_NONE && grouped)
        printf(" over %s", text_of(to, decision->runner_up));
    if (decision->explanation.runner_up != AUR_NONE && verdict->other_group != AUR_NONE)
        printf("'s group %s",
               aur_explanation_group(to->log, verdict->other_group, text, sizeof text));
    if (verdict->rule != AUR_RULE_NONE)
        printf(": %s", aur_rule_text(verdict->rule));
    printf(".\n");
    if (decision->explanation.runner_up != AUR_NONE)
        print_verdict(to);
}

static void print_head(const struct telling *to)
{
    const struct aur_decision *decision = &to->told->decision;
    const struct aur_explanation *of = to->of;
    char when[40], ago[40];
    aur_explanation_instant(of->now_ns, when, sizeof when);
    aur_quantity((double)(to->told->at_ns - of->now_ns), "ns", ago, sizeof ago);
    bool idle = of->picked == AUR_NONE, kept = of->picked == of->previous;
    printf("CPU %u %s%s", of->cpu, idle ? "is idle" : "runs ",
           idle ? "" : text_of(to, decision->picked));
    if (to->told->at_ns == of->now_ns)
        printf(", decided at this instant");
    else
        printf(", decided %s before, at %s", ago, when);
    printf(" (record %" PRIu64 ")", decision->record);
    if (kept)
        printf("; it %s before, too\n", idle ? "was idle" : "had the CPU");
    else if (of->previous == AUR_NONE)
        printf("; it was idle before\n");
    else
        printf("; %s had it before\n", text_of(to, decision->previous));
}

void aur_explanation_print(const struct aur_told_decision *told, const struct aur_stored_log *log,
                           const struct aur_config *config)
{
    struct telling to = {
        .told = told, .of = &told->decision.explanation, .log = log, .config = config};
    if (told->offline) {
        printf("CPU %u is offline: no task may run there.\n", told->cpu);
        return;
    }
    if (told->decision.record == AUR_NO_RECORD) {
        printf("CPU %u has been idle since the start: nothing was to decide there.\n", told->cpu);
        return;
    }
    print_head(&to);
    if (to.of->count)
        print_candidates(&to);
    print_choice(&to);
}
