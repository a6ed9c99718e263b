// aurora policy: parses policies, and decides requests by them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/table.h"
#include "policy/policy.h"

static const struct aur_option options[] = {
    {"policies", 0, "FILE", "eval: the policies, as text"},
    {"entities", 0, "FILE", "eval: the entities, as JSON (default: none)"},
    {"request", 0, "FILE", "eval: the request, as JSON"},
    {"implicit", 0, NULL, "eval: {\"type\": .., \"id\": ..} is an entity without __entity too"},
    {"batch", 0, "FILE", "eval: requests with expected decisions; may be repeated"},
    AUR_OPTION_JSON,
    {NULL, 0, NULL, NULL},
};

static void print_string(struct aur_rule_string string)
{
    char text[256];
    snprintf(text, sizeof text, "%.*s", (int)string.size, string.bytes);
    aur_json_string(text);
}

static void print_policy(const struct aur_policies *policies, uint32_t policy, bool json)
{
    struct aur_rule_policy_info info;
    struct aur_rule_string key, value;
    char id[256];
    aur_rule_policy(policies->set, policy, &info);
    aur_policies_id(policies, policy, true, id, sizeof id);
    if (json) {
        fputs("{\"file\": ", stdout);
        aur_json_string(policies->path);
        printf(", \"line\": %u, \"id\": ", info.line);
        aur_json_string(id);
        printf(", \"effect\": \"%s\", \"annotations\": {", info.permit ? "permit" : "forbid");
    } else {
        printf("%s:%u: %s %s", policies->path, info.line, id, info.permit ? "permit" : "forbid");
    }
    for (uint32_t i = 0; i < info.annotations; i++) {
        aur_rule_annotation(policies->set, policy, i, &key, &value);
        if (json) {
            fputs(i ? ", " : "", stdout);
            print_string(key);
            fputs(": ", stdout);
        } else {
            printf(" @%.*s(", (int)key.size, key.bytes);
        }
        print_string(value);
        fputs(json ? "" : ")", stdout);
    }
    fputs(json ? "}}" : "\n", stdout);
}

static int check(const struct aur_arguments *arguments)
{
    bool json = aur_arguments_flag(arguments, "json"), first = true;
    struct aur_failure failure = {{0}};
    if (arguments->operands < 2)
        return aur_command_refuse("policy check: name a file of policies");
    for (uint32_t i = 1; i < arguments->operands && !failure.text[0]; i++) {
        struct aur_policies policies;
        if (!aur_policies_read(&policies, aur_arguments_operand(arguments, i), &failure))
            continue;
        uint32_t count = aur_rule_set_count(policies.set);
        if (aur_policies_distinct(&policies, &failure)) {
            for (uint32_t policy = 0; policy < count; policy++, first = false) {
                if (json)
                    fputs(first ? "[" : ",\n ", stdout);
                print_policy(&policies, policy, json);
            }
        }
        aur_policies_free(&policies);
    }
    if (json)
        puts(first ? "[]" : "]");
    return failure.text[0] ? aur_command_fail(&failure) : AUR_EXIT_GOOD;
}

static void print_json(const struct aur_policies *policies, const struct aur_rule_result *result)
{
    char id[256], text[AUR_RULE_TEXT];
    printf("{\"decision\": \"%s\", \"diagnostics\": {\"reason\": [",
           result->decision ? "Allow" : "Deny");
    for (uint32_t i = 0; i < result->reasons; i++) {
        fputs(i ? ", " : "", stdout);
        aur_json_string(aur_policies_id(policies, result->reason[i], true, id, sizeof id));
    }
    fputs("], \"errors\": [", stdout);
    for (uint32_t i = 0; i < result->errors; i++) {
        const struct aur_rule_error *error = &result->error[i];
        fputs(i ? ", {\"policyId\": " : "{\"policyId\": ", stdout);
        aur_json_string(aur_policies_id(policies, error->policy, true, id, sizeof id));
        fputs(", \"error\": {\"message\": ", stdout);
        aur_json_string(aur_rule_error_text(policies->set, error, text, sizeof text));
        printf(", \"line\": %u, \"column\": %u}}", error->line, error->column);
    }
    puts("]}}");
}

static void print_text(const struct aur_policies *policies, const struct aur_rule_result *result)
{
    char id[256], text[AUR_RULE_TEXT];
    puts(result->decision ? "ALLOW" : "DENY");
    if (!result->reasons)
        puts("no policy permits it");
    for (uint32_t i = 0; i < result->reasons; i++) {
        struct aur_rule_policy_info info;
        aur_rule_policy(policies->set, result->reason[i], &info);
        printf("%s: %s %s\n", info.permit ? "permitted by" : "forbidden by",
               aur_policies_id(policies, result->reason[i], true, id, sizeof id), policies->path);
    }
    for (uint32_t i = 0; i < result->errors; i++) {
        const struct aur_rule_error *error = &result->error[i];
        printf("skipped: %s %s:%u:%u: %s\n",
               aur_policies_id(policies, error->policy, true, id, sizeof id), policies->path,
               error->line, error->column,
               aur_rule_error_text(policies->set, error, text, sizeof text));
    }
}

static bool decide(const struct aur_arguments *arguments, struct aur_failure *failure)
{
    const char *names[] = {"policies", "request"};
    for (int i = 0; i < 2; i++)
        if (!aur_arguments_value(arguments, names[i]))
            return aur_fail(failure, NULL, 0, "policy eval: name a file with --%s", names[i]);
    const char *entities = aur_arguments_value(arguments, "entities");
    struct aur_policy_reading reading = {aur_arguments_flag(arguments, "implicit")};
    struct aur_policies policies;
    struct aur_decided decided = {0};
    struct aur_rule_builder builder;
    void *none = malloc(4096);
    struct aur_rule_store *store = none;
    if (!none)
        return aur_fail(failure, NULL, 0, "memory is out");
    aur_rule_store_begin(&builder, none, 4096);
    aur_rule_store_finish(&builder, NULL);
    if (!aur_policies_read(&policies, aur_arguments_value(arguments, "policies"), failure)) {
        free(none);
        return false;
    }
    if (entities)
        store = aur_policy_entities(entities, &reading, failure);
    struct aur_rule_request *request =
        store && aur_policies_distinct(&policies, failure)
            ? aur_policy_request_file(aur_arguments_value(arguments, "request"), &reading, failure)
            : NULL;
    bool good = request && aur_policy_decide(&policies, store, request, &decided, failure);
    if (good && decided.result.status != AUR_RULE_OK)
        good =
            aur_fail(failure, policies.path, 0, "%s", aur_rule_status_text(decided.result.status));
    if (good && aur_arguments_flag(arguments, "json"))
        print_json(&policies, &decided.result);
    else if (good)
        print_text(&policies, &decided.result);
    aur_decided_free(&decided);
    free(request);
    if (store != none)
        free(store);
    free(none);
    aur_policies_free(&policies);
    return good;
}

static int run_batches(const struct aur_arguments *arguments)
{
    uint32_t requests = 0, mismatches = 0;
    struct aur_failure failure = {{0}};
    bool json = aur_arguments_flag(arguments, "json");
    for (uint32_t i = 0; i < arguments->count; i++) {
        const struct aur_given *given = &arguments->given[i];
        if (given->option && strcmp(given->option->name, "batch") == 0 &&
            !aur_policy_batch(given->value, json ? stderr : stdout, &requests, &mismatches,
                              &failure))
            return aur_command_fail(&failure);
    }
    if (json)
        printf("{\"requests\": %u, \"mismatches\": %u}\n", requests, mismatches);
    else
        printf("%u requests, %u not as expected\n", requests, mismatches);
    return mismatches ? AUR_EXIT_DIFFERENT : AUR_EXIT_GOOD;
}

static int run(const struct aur_arguments *arguments)
{
    const char *verb = aur_arguments_operand(arguments, 0);
    struct aur_failure failure = {{0}};
    if (strcmp(verb, "check") == 0)
        return check(arguments);
    if (strcmp(verb, "eval") != 0)
        return aur_command_refuse("policy %s: there are `policy check` and `policy eval`", verb);
    if (arguments->operands > 1)
        return aur_command_refuse("policy eval: one word too many: \"%s\"",
                                  aur_arguments_operand(arguments, 1));
    if (aur_arguments_value(arguments, "batch"))
        return run_batches(arguments);
    return decide(arguments, &failure) ? AUR_EXIT_GOOD : aur_command_fail(&failure);
}

const struct aur_command aur_command_policy = {
    "policy",
    "check FILE... | eval",
    "Checks policies in Cedar's language, or decides a request by them",
    "check  parses the files and lists their policies.\n"
    "eval   prints ALLOW or DENY, the policies that determine it, and those that erred and were\n"
    "       skipped; with --batch it runs files in the layout of Cedar's integration tests.\n"
    "docs/policy.md has the language and the forms of the files.",
    options,
    1,
    AUR_ARGUMENTS_MOST,
    run,
};
