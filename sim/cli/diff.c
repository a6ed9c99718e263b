// aurora diff: the first decision in which two runs part, why it fell on either side, and what
// came of it.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/explanation.h"
#include "cli/explanation_names.h"
#include "cli/metric_differences.h"
#include "cli/table.h"
#include "experiment/stored_log.h"
#include "travel/part.h"

static const struct aur_option options[] = {
    AUR_OPTION_DB,
    {"tasks", 0, NULL, "show the metrics of tasks, too"},
    AUR_OPTION_JSON,
    {NULL, 0, NULL, NULL},
};

struct side {
    struct aur_stored_summary run;
    struct aur_stored_log log;
    struct aur_travel travel;
    struct aur_told_decision told;
};

struct differing {
    struct aur_store *store;
    struct side sides[2];
    struct aur_part part;
    struct aur_metric_differences metrics;
    bool same, json;
};

static const char *name_of(void *context, uint32_t task)
{
    return aur_stored_log_name(context, task);
}

static bool open_side(struct differing *of, struct side *side, struct aur_failure *failure)
{
    struct aur_part_side *part = &of->part.sides[side - of->sides];
    if (!aur_stored_log_open(&side->log, of->store, &side->run, UINT64_MAX, failure))
        return false;
    *part =
        (struct aur_part_side){.source = &side->log.source, .name = name_of, .context = &side->log};
    return true;
}

// A CPU that one of the machines does not have decides nothing there.
static bool explain_side(const struct differing *of, struct side *side, struct aur_failure *failure)
{
    uint32_t cpu = of->part.cpu;
    if (!aur_travel_init(&side->travel, &side->log.source, &side->log.inputs, failure))
        return false;
    side->told = (struct aur_told_decision){.cpu = cpu, .decision = {.record = AUR_NO_RECORD}};
    return cpu >= aur_core_config(side->travel.core)->cpus ||
           aur_explanation_find(&side->travel, of->part.now_ns, cpu, cpu, &side->told, failure);
}

static bool find(struct differing *of, const char *database, const struct aur_arguments *arguments,
                 struct aur_failure *failure)
{
    bool good = true;
    for (uint32_t i = 0; i < 2 && good; i++)
        good = aur_stored_find(of->store, database, aur_arguments_operand(arguments, i),
                               &of->sides[i].run, failure);
    of->same = good && of->sides[0].run.digest == of->sides[1].run.digest;
    if (!good || of->same)
        return good;
    for (uint32_t i = 0; i < 2; i++) {
        if (!open_side(of, &of->sides[i], failure))
            return false;
        of->metrics.sides[i].runs[of->metrics.sides[i].count++] = of->sides[i].run.id;
    }
    if (!aur_part_find(&of->part, failure))
        return false;
    if (!of->part.same && !of->part.same_tasks)
        for (uint32_t i = 0; i < 2; i++)
            if (!explain_side(of, &of->sides[i], failure))
                return false;
    return aur_metric_differences_read(&of->metrics, of->store, failure);
}

static void print_number(const char *name, uint64_t mine, uint64_t others)
{
    if (mine == others)
        return;
    if (mine == AUR_NONE || mine == AUR_NEVER_NS)
        printf(", %s none", name);
    else
        printf(", %s %" PRIu64, name, mine);
}

// "hog-1 on CPU 0 for 8 ms", and what else tells it from the other side's.
static void print_record(const struct aur_part_side *part, const struct aur_part_side *other,
                         const struct aur_stored_log *log)
{
    const struct aur_record *record = &part->differs, *others = &other->differs;
    char text[40];
    printf("%s", aur_record_kind_text(record->kind));
    if (record->kind == AUR_ACT_RUN && part->subject == AUR_NONE)
        printf(" nobody");
    else if (part->subject != AUR_NONE)
        printf(" %s", aur_explanation_task(log, part->subject));
    if (record->cpu != AUR_NO_CPU)
        printf(" on CPU %u", record->cpu);
    bool until = record->kind == AUR_ACT_ARM || record->kind == AUR_EV_BLOCK;
    if (until && record->arg != AUR_NEVER_NS)
        printf(" for %s", aur_explanation_instant(record->arg, text, sizeof text));
    if (record->kind != others->kind || record->kind == AUR_ACT_RUN)
        return;
    print_number("object", record->object, others->object);
    print_number("other", record->other, others->other);
    if (!until)
        print_number("argument", record->arg, others->arg);
}

static void print_side(const struct differing *of, int side)
{
    const struct aur_part_side *part = &of->part.sides[side], *other = &of->part.sides[!side];
    const struct aur_record *event = &part->event;
    char text[40];
    printf("  %c: ", 'A' + side);
    if (event->kind == AUR_EV_NONE) {
        printf("the log ends\n");
        return;
    }
    printf("at %s, ", aur_explanation_instant(event->now_ns, text, sizeof text));
    if (part->differs.kind == event->kind) {
        printf("the event ");
        print_record(part, other, &of->sides[side].log);
    } else {
        printf("to the event %s on CPU %u the answer ", aur_record_kind_text(event->kind),
               event->cpu);
        if (part->differs.kind == AUR_EV_NONE)
            printf("has nothing more");
        else
            print_record(part, other, &of->sides[side].log);
    }
    putchar('\n');
}

static const char *runs(const struct differing *of, int side)
{
    uint32_t task = of->part.sides[side].runs;
    return task == AUR_NONE ? "nobody" : aur_explanation_task(&of->sides[side].log, task);
}

static void print_parting(const struct differing *of)
{
    const struct aur_part *part = &of->part;
    char text[40];
    if (part->sides[0].record == 0)
        printf("They have not even the first event in common.\n");
    else
        printf("Both took the same decisions up to %s, for %" PRIu64 " records. Then:\n",
               aur_explanation_instant(part->common_ns, text, sizeof text), part->sides[0].record);
    print_side(of, 0);
    print_side(of, 1);
    if (part->sides[0].differs.kind == part->sides[0].event.kind)
        printf("No scheduler did that: the tasks, the machine or chance differ.\n");
    if (part->same_tasks) {
        printf("But the same tasks run on the same CPUs all the time: only timers, wake-ups or "
               "attributes differ.\n");
        return;
    }
    printf("From %s on other tasks run: on CPU %u A runs %s, B runs %s.\n",
           aur_explanation_instant(part->now_ns, text, sizeof text), part->cpu, runs(of, 0),
           runs(of, 1));
    for (int side = 0; side < 2; side++) {
        printf("\n%c: ", 'A' + side);
        aur_explanation_print(&of->sides[side].told, &of->sides[side].log,
                              aur_core_config(of->sides[side].travel.core));
    }
}

static void print_text(const struct differing *of)
{
    const struct aur_stored_summary *a = &of->sides[0].run, *b = &of->sides[1].run;
    struct aur_table table;
    for (int side = 0; side < 2; side++) {
        const struct aur_stored_summary *run = &of->sides[side].run;
        printf("%c: run %lld, %s, %s, digest %016llx\n", 'A' + side, (long long)run->id,
               run->experiment, run->label, (unsigned long long)run->digest);
    }
    if (of->same) {
        printf("the same decisions\n");
        return;
    }
    if (strcmp(a->workload, b->workload) != 0)
        printf("The runs are of different workloads, %s and %s: tasks are the same if they have "
               "one name.\n",
               a->workload, b->workload);
    putchar('\n');
    if (of->part.same)
        printf("Their logs hold the same decisions of the same tasks, by other numbers.\n");
    else
        print_parting(of);
    putchar('\n');
    aur_metric_differences_table(&of->metrics, &table);
    if (table.rows)
        aur_table_print(&table, false);
    if (table.rows < of->metrics.count)
        printf("%s%u metric%s the same.\n", table.rows ? "\n" : "", of->metrics.count - table.rows,
               of->metrics.count - table.rows == 1 ? " is" : "s are");
    aur_table_free(&table);
}

static void put_side_json(const struct differing *of, int side)
{
    const struct aur_part_side *part = &of->part.sides[side];
    const struct side *from = &of->sides[side];
    printf("{\"run\": %lld, \"record\": %" PRIu64 ", \"kind\": ", (long long)from->run.id,
           part->record);
    if (part->differs.kind == AUR_EV_NONE) {
        fputs("null", stdout);
    } else {
        aur_json_string(aur_record_kind_text(part->differs.kind));
        printf(", \"now_ns\": %" PRIu64 ", \"cpu\": %u", part->differs.now_ns, part->differs.cpu);
    }
    fputs(", \"task\": ", stdout);
    if (part->subject == AUR_NONE)
        fputs("null", stdout);
    else
        aur_json_string(aur_explanation_task(&from->log, part->subject));
    if (!of->part.same_tasks) {
        fputs(",\n \"decision\": ", stdout);
        aur_explanation_print_json(&from->told, &from->log, aur_core_config(from->travel.core));
    }
    fputs("}", stdout);
}

static void print_json(const struct differing *of)
{
    struct aur_table table;
    printf("{\"same\": %s", of->same || of->part.same ? "true" : "false");
    if (!of->same && !of->part.same) {
        printf(", \"common_ns\": %" PRIu64 ", \"same_tasks\": %s", of->part.common_ns,
               of->part.same_tasks ? "true" : "false");
        if (!of->part.same_tasks)
            printf(", \"now_ns\": %" PRIu64 ", \"cpu\": %u", of->part.now_ns, of->part.cpu);
        fputs(",\n \"a\": ", stdout);
        put_side_json(of, 0);
        fputs(",\n \"b\": ", stdout);
        put_side_json(of, 1);
    }
    if (!of->same) {
        fputs(",\n \"metrics\": ", stdout);
        aur_metric_differences_table(&of->metrics, &table);
        aur_table_print(&table, true);
        aur_table_free(&table);
    }
    puts("}");
}

static int diff(const struct aur_arguments *arguments)
{
    const char *database = aur_arguments_database(arguments);
    struct aur_failure failure = {{0}};
    struct differing *of = calloc(1, sizeof *of);
    if (!of)
        return aur_command_refuse("memory is out");
    of->json = aur_arguments_flag(arguments, "json");
    of->metrics.tasks = aur_arguments_flag(arguments, "tasks");
    of->metrics.changed = !of->json;
    bool good = aur_store_open(&of->store, database, AUR_STORE_READ, &failure) &&
                find(of, database, arguments, &failure);
    if (good && of->json)
        print_json(of);
    else if (good)
        print_text(of);
    bool same = of->same || of->part.same;
    bool differs = of->sides[0].log.differs || of->sides[1].log.differs;
    for (int side = 0; side < 2; side++) {
        aur_decision_free(&of->sides[side].told.decision);
        aur_travel_free(&of->sides[side].travel);
        aur_stored_log_close(&of->sides[side].log);
    }
    aur_metric_differences_free(&of->metrics);
    aur_store_close(of->store);
    free(of);
    if (good)
        return same ? AUR_EXIT_GOOD : AUR_EXIT_DIFFERENT;
    aur_command_fail(&failure);
    return differs ? AUR_EXIT_DIFFERENT : AUR_EXIT_BAD;
}

const struct aur_command aur_command_diff = {
    "diff",
    "RUN RUN",
    "Finds the first decision in which two runs part",
    "Walks both logs up to the first difference, explains the decision on both sides as `aurora\n"
    "explain` does, and compares the metrics of the two. Tasks are the same if they have one "
    "name.\n"
    "Exit status 0 if the runs took the same decisions, 1 if not.",
    options,
    2,
    2,
    diff,
};
