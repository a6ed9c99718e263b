// The machine: one instruction a step.
#include "policy/rule_machine.h"

#include "lib/assert.h"
#include "policy/rule_extension.h"

static const struct rule_string *string_at(const struct rule_machine *machine, uint32_t offset)
{
    return aur_rule_string_at(machine->bases.at[RULE_IN_SET], offset);
}

static uint32_t call(struct rule_machine *machine, const struct rule_instruction *now,
                     struct aur_rule_value *values)
{
    enum rule_call function = (enum rule_call)now->argument;
    uint32_t wanted, wrong;
    struct rule_ip ip;
    if (function > RULE_CALL_DURATION) {
        uint32_t error = aur_rule_apply(&machine->bases, function, values, values, &wanted, &wrong);
        return error == AUR_RULE_ERROR_TYPE ? aur_rule_type_error(machine, wanted, &values[wrong])
                                            : error;
    }
    if (values->kind != AUR_RULE_STRING)
        return aur_rule_type_error(machine, AUR_RULE_STRING, values);
    const struct rule_string *text = aur_rule_contents(&machine->bases, values);
    uint32_t cost = text->size < machine->steps ? text->size : machine->steps;
    machine->steps -= cost;
    if (!aur_rule_construct(function, text->bytes, text->size, values, &ip))
        return AUR_RULE_ERROR_EXTENSION;
    if (values->kind != AUR_RULE_IP)
        return AUR_RULE_ERROR_NONE;
    if (sizeof ip > machine->heap_size - machine->heap_used) {
        machine->no_room = true;
        return AUR_RULE_ERROR_NONE;
    }
    uint32_t at = machine->heap + machine->heap_used;
    machine->heap_used += (uint32_t)sizeof ip;
    memcpy((void *)((uintptr_t)machine->bases.at[RULE_IN_WORK] + at), &ip, sizeof ip);
    values->block = RULE_IN_WORK;
    values->data = at;
    return AUR_RULE_ERROR_NONE;
}

static uint32_t has(struct rule_machine *machine, const struct rule_instruction *now,
                    struct aur_rule_value *top)
{
    const uint32_t *path = &now->argument;
    if (now->count > 1)
        path = (const void *)(machine->bases.at[RULE_IN_SET] + now->argument);
    struct aur_rule_value value = *top;
    for (uint32_t i = 0; i < now->count; i++) {
        uint32_t error = aur_rule_has(machine, &value, string_at(machine, path[i]), top);
        if (error || !top->data)
            return error;
        if (i + 1 < now->count)
            aur_rule_get(machine, &value, string_at(machine, path[i]), &value);
    }
    return AUR_RULE_ERROR_NONE;
}

// Instructions that replace the top of the stack, or the two at the top, by one value.
static uint32_t operate(struct rule_machine *machine, const struct rule_instruction *now,
                        struct aur_rule_value *at)
{
    enum rule_op op = (enum rule_op)now->op;
    switch (op) {
    case RULE_OP_GET: {
        uint32_t error = aur_rule_get(machine, at, string_at(machine, now->argument), at);
        machine->error.name = now->argument;
        return error;
    }
    case RULE_OP_HAS:
        return has(machine, now, at);
    case RULE_OP_IS:
        if (at->kind != AUR_RULE_ENTITY)
            return aur_rule_type_error(machine, AUR_RULE_ENTITY, at);
        *at = aur_rule_bool(aur_rule_is_of_type(machine, at, now->argument));
        return AUR_RULE_ERROR_NONE;
    case RULE_OP_LIKE:
        if (at->kind != AUR_RULE_STRING)
            return aur_rule_type_error(machine, AUR_RULE_STRING, at);
        *at = aur_rule_bool(aur_rule_like(aur_rule_contents(&machine->bases, at),
                                          string_at(machine, now->argument), &machine->steps));
        return AUR_RULE_ERROR_NONE;
    case RULE_OP_NEGATE:
        if (at->kind != AUR_RULE_LONG)
            return aur_rule_type_error(machine, AUR_RULE_LONG, at);
        if ((int64_t)at->data == INT64_MIN)
            return AUR_RULE_ERROR_OVERFLOW;
        at->data = 0 - at->data;
        return AUR_RULE_ERROR_NONE;
    case RULE_OP_IS_EMPTY:
        if (at->kind != AUR_RULE_SET)
            return aur_rule_type_error(machine, AUR_RULE_SET, at);
        *at = aur_rule_bool(at->size == 0);
        return AUR_RULE_ERROR_NONE;
    case RULE_OP_ADD:
    case RULE_OP_SUBTRACT:
    case RULE_OP_MULTIPLY:
        return aur_rule_arithmetic(machine, op, at, at);
    case RULE_OP_LESS:
    case RULE_OP_LESS_EQUAL:
    case RULE_OP_GREATER:
    case RULE_OP_GREATER_EQUAL:
        return aur_rule_order(machine, op, at, at);
    case RULE_OP_EQUAL:
    case RULE_OP_UNEQUAL:
        *at = aur_rule_bool(aur_rule_equal(&machine->bases, &at[0], &at[1], &machine->steps) ==
                            (op == RULE_OP_EQUAL));
        return AUR_RULE_ERROR_NONE;
    case RULE_OP_IN:
        return aur_rule_in(machine, at, at);
    case RULE_OP_CONTAINS:
    case RULE_OP_CONTAINS_ALL:
    case RULE_OP_CONTAINS_ANY:
        return aur_rule_contains(machine, op, at, at);
    case RULE_OP_HAS_TAG:
    case RULE_OP_GET_TAG:
        return aur_rule_tag(machine, op, at, at);
    case RULE_OP_SET:
        return aur_rule_gather(machine, AUR_RULE_SET, at, now->argument, 1, at);
    case RULE_OP_RECORD:
        return aur_rule_gather(machine, AUR_RULE_RECORD, at, now->argument, 2, at);
    default:
        return call(machine, now, at);
    }
}

// How many values `operate` takes.
static uint32_t takes(const struct rule_instruction *now)
{
    switch (now->op) {
    case RULE_OP_SET:
        return now->argument;
    case RULE_OP_RECORD:
        return 2 * now->argument;
    case RULE_OP_CALL:
        return now->count;
    default:
        return now->op >= RULE_OP_ADD ? 2 : 1;
    }
}

enum rule_outcome aur_rule_run(struct rule_machine *machine, const struct rule_policy *policy)
{
    const struct rule_instruction *code =
        (const void *)(machine->bases.at[RULE_IN_SET] + policy->code_at);
    struct aur_rule_value *top = machine->stack; // the next free place
    uint32_t at = 0, error = AUR_RULE_ERROR_NONE;
    const struct rule_instruction *now;
    machine->heap_used = 0;
    for (;;) {
        aur_assert(at < policy->code && top <= machine->stack + policy->stack);
        if (machine->steps == 0 || machine->no_room)
            return RULE_STOPPED;
        machine->steps--;
        now = &code[at++];
        switch (now->op) {
        case RULE_OP_END:
            return RULE_MATCHES;
        case RULE_OP_CONST:
            *top++ = *(const struct aur_rule_value *)(const void *)(machine->bases.at[RULE_IN_SET] +
                                                                    now->argument);
            continue;
        case RULE_OP_VARIABLE:
            machine->read_context |= now->argument == 3;
            *top++ = machine->variable[now->argument];
            continue;
        case RULE_OP_IS_JUMP:
            if (top[-1].kind != AUR_RULE_ENTITY) {
                error = aur_rule_type_error(machine, AUR_RULE_ENTITY, &top[-1]);
                break;
            }
            if (!aur_rule_is_of_type(machine, &top[-1], now->argument)) {
                top[-1] = aur_rule_bool(false);
                at += now->count - 1u;
            }
            continue;
        case RULE_OP_NOT:
        case RULE_OP_BOOL:
        case RULE_OP_AND_JUMP:
        case RULE_OP_OR_JUMP:
        case RULE_OP_IF_JUMP:
        case RULE_OP_WHEN:
        case RULE_OP_UNLESS:
            if (top[-1].kind != AUR_RULE_BOOL) {
                error = aur_rule_type_error(machine, AUR_RULE_BOOL, &top[-1]);
                break;
            }
            if (now->op == RULE_OP_NOT) {
                top[-1].data ^= 1;
            } else if (now->op == RULE_OP_AND_JUMP || now->op == RULE_OP_OR_JUMP) {
                if ((top[-1].data != 0) == (now->op == RULE_OP_OR_JUMP))
                    at = now->argument;
                else
                    top--;
            } else if (now->op == RULE_OP_IF_JUMP) {
                if (!(--top)->data)
                    at = now->argument;
            } else if (now->op != RULE_OP_BOOL) {
                if ((--top)->data != (now->op == RULE_OP_WHEN))
                    return RULE_OTHERWISE;
            }
            continue;
        case RULE_OP_JUMP:
            at = now->argument;
            continue;
        default:
            top -= takes(now);
            error = operate(machine, now, top);
            top++;
        }
        if (error) {
            machine->error.kind = (uint16_t)error;
            machine->error.line = now->line;
            machine->error.column = now->column;
            return machine->steps && !machine->no_room ? RULE_ERRS : RULE_STOPPED;
        }
    }
}
