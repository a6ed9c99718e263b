// A decision over all policies (Cedar/Spec/Authorizer.lean).
#include "policy/rule_cache.h"
#include "policy/rule_machine.h"

// The store's own name of an entity, where it has one: then most comparisons are of offsets.
static struct aur_rule_value own_name(const struct rule_bases *bases,
                                      const struct aur_rule_value *value)
{
    uint32_t at = aur_rule_name_in_store(bases, value);
    struct aur_rule_value own = *value;
    if (at) {
        own.block = RULE_IN_STORE;
        own.data = (value->data >> 32) << 32 | at;
    }
    return own;
}

// No scope can err: its operands are entities.
static bool in_scope(struct rule_machine *machine, const struct rule_policy *policy)
{
    for (uint32_t i = 0; i < 3; i++) {
        const struct rule_scope *scope = &policy->scope[i];
        struct aur_rule_value pair[2] = {machine->variable[i], scope->value}, within;
        if (scope->kind == RULE_ANY)
            continue;
        if (scope->kind == RULE_EQUALS) {
            if (!aur_rule_equal(&machine->bases, &pair[0], &pair[1], &machine->steps))
                return false;
            continue;
        }
        if (scope->type && !aur_rule_is_of_type(machine, &pair[0], scope->type))
            return false;
        if (scope->kind == RULE_OF_TYPE)
            continue;
        aur_rule_in(machine, pair, &within);
        if (!within.data)
            return false;
    }
    return true;
}

static void add_reason(struct aur_rule_result *result, uint32_t policy)
{
    if (result->reasons < result->reason_room)
        result->reason[result->reasons] = policy;
    result->reasons++;
}

static void add_error(struct aur_rule_result *result, const struct aur_rule_error *error)
{
    if (result->errors < result->error_room)
        result->error[result->errors] = *error;
    result->errors++;
}

static void decide(struct rule_machine *machine, const struct aur_rule_set *set,
                   struct aur_rule_result *result)
{
    const unsigned char *block = machine->bases.at[RULE_IN_SET];
    const uint32_t *policies = (const void *)(block + set->policies_at);
    bool forbidden = false;
    for (uint32_t i = 0; i < set->policies; i++) {
        const struct rule_policy *policy = (const void *)(block + policies[i]);
        machine->steps -= machine->steps > 0;
        enum rule_outcome outcome = RULE_OTHERWISE;
        if (in_scope(machine, policy)) {
            machine->error = (struct aur_rule_error){.policy = i};
            outcome = policy->code ? aur_rule_run(machine, policy) : RULE_MATCHES;
        }
        if (outcome == RULE_STOPPED || machine->steps == 0) {
            result->status = machine->no_room ? AUR_RULE_NO_ROOM : AUR_RULE_OVER_BUDGET;
            result->reasons = result->errors = 0;
            result->decision = AUR_RULE_DENY;
            return;
        }
        if (outcome == RULE_ERRS) {
            if (machine->error.kind != AUR_RULE_ERROR_NO_ATTRIBUTE &&
                machine->error.kind != AUR_RULE_ERROR_NO_TAG)
                machine->error.name = 0;
            if (machine->error.kind != AUR_RULE_ERROR_TYPE)
                machine->error.wanted = machine->error.found = 0;
            add_error(result, &machine->error);
        }
        if (outcome != RULE_MATCHES || (forbidden && policy->permit))
            continue;
        if (!policy->permit && !forbidden) {
            forbidden = true;
            result->reasons = 0; // the permits before it determine nothing
        }
        add_reason(result, i);
    }
    result->decision = !forbidden && result->reasons ? AUR_RULE_ALLOW : AUR_RULE_DENY;
}

void aur_rule_evaluate(const struct aur_rule_set *set, const struct aur_rule_store *store,
                       const struct aur_rule_request *request, struct aur_rule_cache *cache,
                       const struct aur_rule_work *work, struct aur_rule_result *result)
{
    uint64_t epoch = cache ? aur_rule_epoch(set, store) : 0;
    result->status = AUR_RULE_OK;
    result->decision = AUR_RULE_DENY;
    result->reasons = result->errors = result->steps = 0;
    result->cached = false;
    if (cache && aur_rule_cache_find(cache, epoch, request, result))
        return;
    uint32_t budget = work->budget ? work->budget : AUR_RULE_STEPS;
    uint32_t stack_bytes = set->stack * (uint32_t)sizeof(struct aur_rule_value);
    struct rule_machine machine = {
        .bases = {{(const void *)set, (const void *)store, (const void *)request, work->block}},
        .stack = work->block,
        .heap = stack_bytes,
        .steps = budget};
    if (work->size < stack_bytes) {
        result->status = AUR_RULE_NO_ROOM;
        return;
    }
    machine.heap_size = (work->size - stack_bytes) & ~7u;
    for (uint32_t i = 0; i < 3; i++)
        machine.variable[i] = own_name(&machine.bases, &request->variable[i]);
    machine.variable[3] = request->variable[3];
    decide(&machine, set, result);
    result->steps = budget - machine.steps;
    if (cache && result->status == AUR_RULE_OK)
        aur_rule_cache_keep(cache, epoch, request, machine.read_context, result);
}
