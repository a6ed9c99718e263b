// A decision for programs.
#include <inttypes.h>
#include <stdio.h>

#include "cli/explanation.h"
#include "cli/explanation_names.h"
#include "cli/table.h"

static void put_name(const char *key, const struct aur_stored_log *log, uint32_t task)
{
    printf(", \"%s\": ", key);
    if (task == AUR_NONE)
        fputs("null", stdout);
    else
        aur_json_string(aur_explanation_task(log, task));
}

static void put_group(const char *key, const struct aur_stored_log *log, uint32_t group)
{
    char text[160];
    printf(", \"%s\": ", key);
    if (group == AUR_NONE)
        fputs("null", stdout);
    else
        aur_json_string(aur_explanation_group(log, group, text, sizeof text));
}

static void put_verdict(const struct aur_explanation *of, const struct aur_stored_log *log)
{
    const struct aur_verdict *verdict = &of->verdict;
    fputs(", \"rule\": ", stdout);
    aur_json_string(aur_rule_text(verdict->rule));
    put_group("picked_group", log, of->picked == AUR_NONE ? AUR_NONE : verdict->picked_group);
    put_group("other_group", log, of->runner_up == AUR_NONE ? AUR_NONE : verdict->other_group);
    fputs(", \"to_win\": ", stdout);
    if (verdict->key == AUR_KEY_NONE) {
        fputs("null", stdout);
        return;
    }
    printf("{\"of\": \"%s\", \"key\": ", verdict->of == AUR_OF_PICKED ? "picked" : "runner_up");
    aur_json_string(aur_key_text(verdict->key));
    fputs(", \"unit\": ", stdout);
    aur_json_string(aur_key_unit(verdict->key));
    printf(", \"has\": %" PRId64 ", \"needs\": %" PRId64 "}", verdict->has, verdict->needs);
}

static void put_flags(uint32_t set)
{
    const char *text;
    uint32_t flag;
    bool first = true;
    fputs(", \"flags\": [", stdout);
    for (uint32_t i = 0; (text = aur_explanation_flag(i, &flag)); i++) {
        if (!(set & flag))
            continue;
        fputs(first ? "" : ", ", stdout);
        aur_json_string(text);
        first = false;
    }
    fputs("]", stdout);
}

static void put_candidate(const struct aur_told_decision *told, uint32_t row,
                          const struct aur_stored_log *log, const struct aur_config *config)
{
    const struct aur_candidate *c = &told->decision.explanation.list[row];
    const struct aur_decision_task *task = &told->decision.tasks[row];
    fputs(row ? ",\n   {\"task\": " : "\n   {\"task\": ", stdout);
    if (c->task == AUR_NONE) {
        fputs("null, \"number\": null", stdout);
    } else {
        aur_json_string(aur_explanation_task(log, task->number));
        printf(", \"number\": %" PRIu32, task->number);
    }
    put_group("group", log, c->group);
    fputs(", \"class\": ", stdout);
    aur_json_string(aur_explanation_class(config, c->slot));
    if (c->task != AUR_NONE)
        printf(", \"nice\": %d, \"priority\": %u, \"waited_ns\": %" PRIu64, task->nice,
               task->priority, c->waited_ns);
    put_flags(c->flags);
    fputs(", \"keys\": {", stdout);
    for (uint32_t k = 0; k < c->key_count && k < AUR_CANDIDATE_KEYS; k++) {
        fputs(k ? ", " : "", stdout);
        aur_json_string(aur_key_text(c->keys[k].key));
        printf(": %" PRId64, c->keys[k].value);
    }
    fputs("}}", stdout);
}

void aur_explanation_print_json(const struct aur_told_decision *told,
                                const struct aur_stored_log *log, const struct aur_config *config)
{
    const struct aur_decision *decision = &told->decision;
    printf("{\"cpu\": %u, \"online\": %s", told->cpu, told->offline ? "false" : "true");
    if (decision->record == AUR_NO_RECORD) {
        fputs(", \"record\": null}", stdout);
        return;
    }
    printf(", \"record\": %" PRIu64 ", \"decided_ns\": %" PRIu64, decision->record,
           decision->explanation.now_ns);
    put_name("previous", log, decision->previous);
    put_name("picked", log, decision->picked);
    put_name("runner_up", log, decision->runner_up);
    put_verdict(&decision->explanation, log);
    fputs(",\n  \"candidates\": [", stdout);
    for (uint32_t row = 0; row < decision->explanation.count; row++)
        put_candidate(told, row, log, config);
    fputs("]}", stdout);
}
