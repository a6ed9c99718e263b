// What operators answer.
#include "policy/rule_machine.h"

#include "lib/wide.h"
#include "policy/rule_lex.h"

uint32_t aur_rule_type_error(struct rule_machine *machine, uint32_t wanted,
                             const struct aur_rule_value *found)
{
    machine->error.wanted = (uint8_t)wanted;
    machine->error.found = found->kind;
    return AUR_RULE_ERROR_TYPE;
}

// True if the product passes 64 bits. By hand: a compiler's own check wants 128 bits, which wasm32
// has not.
static bool multiply(int64_t a, int64_t b, int64_t *product)
{
    bool negative = (a < 0) != (b < 0);
    struct aur_wide wide = aur_wide_multiply(a < 0 ? 0 - (uint64_t)a : (uint64_t)a,
                                             b < 0 ? 0 - (uint64_t)b : (uint64_t)b);
    if (wide.high || wide.low > (uint64_t)INT64_MAX + negative)
        return true;
    *product = (int64_t)(negative ? 0 - wide.low : wide.low);
    return false;
}

uint32_t aur_rule_arithmetic(struct rule_machine *machine, enum rule_op op,
                             const struct aur_rule_value *operand, struct aur_rule_value *result)
{
    for (uint32_t i = 0; i < 2; i++)
        if (operand[i].kind != AUR_RULE_LONG)
            return aur_rule_type_error(machine, AUR_RULE_LONG, &operand[i]);
    int64_t a = (int64_t)operand[0].data, b = (int64_t)operand[1].data, number;
    bool lost = op == RULE_OP_ADD        ? __builtin_add_overflow(a, b, &number)
                : op == RULE_OP_SUBTRACT ? __builtin_sub_overflow(a, b, &number)
                                         : multiply(a, b, &number);
    if (lost)
        return AUR_RULE_ERROR_OVERFLOW;
    *result = aur_rule_long(number);
    return AUR_RULE_ERROR_NONE;
}

// Integers, and instants and durations among themselves.
uint32_t aur_rule_order(struct rule_machine *machine, enum rule_op op,
                        const struct aur_rule_value *operand, struct aur_rule_value *result)
{
    uint32_t kind = operand[0].kind;
    if (kind != AUR_RULE_LONG && kind != AUR_RULE_DATETIME && kind != AUR_RULE_DURATION)
        return aur_rule_type_error(machine, AUR_RULE_LONG, &operand[0]);
    if (operand[1].kind != kind)
        return aur_rule_type_error(machine, kind, &operand[1]);
    int64_t a = (int64_t)operand[0].data, b = (int64_t)operand[1].data;
    *result = aur_rule_bool(op == RULE_OP_LESS         ? a < b
                            : op == RULE_OP_LESS_EQUAL ? a <= b
                            : op == RULE_OP_GREATER    ? a > b
                                                       : a >= b);
    return AUR_RULE_ERROR_NONE;
}

bool aur_rule_is_within(struct rule_machine *machine, const struct aur_rule_value *entity,
                        const struct aur_rule_value *other)
{
    if (aur_rule_equal(&machine->bases, entity, other, &machine->steps))
        return true;
    const struct rule_entity *known = aur_rule_entity_of(&machine->bases, entity);
    if (!known)
        return false;
    const void *ancestors = machine->bases.at[RULE_IN_STORE] + known->ancestors_at;
    return aur_rule_search(&machine->bases, ancestors, known->ancestors, other, &machine->steps);
}

bool aur_rule_is_of_type(const struct rule_machine *machine, const struct aur_rule_value *entity,
                         uint32_t type)
{
    const struct rule_name *name = aur_rule_contents(&machine->bases, entity);
    return aur_rule_same_string(aur_rule_string_at(machine->bases.at[entity->block], name->type),
                                aur_rule_string_at(machine->bases.at[RULE_IN_SET], type));
}

uint32_t aur_rule_in(struct rule_machine *machine, const struct aur_rule_value *operand,
                     struct aur_rule_value *result)
{
    const struct aur_rule_value *entity = &operand[0], *of = &operand[1];
    if (entity->kind != AUR_RULE_ENTITY)
        return aur_rule_type_error(machine, AUR_RULE_ENTITY, entity);
    uint32_t count = 1;
    if (of->kind == AUR_RULE_SET) {
        count = of->size;
        of = aur_rule_contents(&machine->bases, of);
    }
    for (uint32_t i = 0; i < count; i++)
        if (of[i].kind != AUR_RULE_ENTITY)
            return aur_rule_type_error(machine, AUR_RULE_ENTITY, &of[i]);
    bool within = false;
    for (uint32_t i = 0; i < count && !within && machine->steps; i++)
        within = aur_rule_is_within(machine, entity, &of[i]);
    *result = aur_rule_bool(within);
    return AUR_RULE_ERROR_NONE;
}

uint32_t aur_rule_contains(struct rule_machine *machine, enum rule_op op,
                           const struct aur_rule_value *operand, struct aur_rule_value *result)
{
    const struct aur_rule_value *set = &operand[0], *wanted = &operand[1];
    uint32_t count = 1;
    if (set->kind != AUR_RULE_SET)
        return aur_rule_type_error(machine, AUR_RULE_SET, set);
    if (op != RULE_OP_CONTAINS) {
        if (wanted->kind != AUR_RULE_SET)
            return aur_rule_type_error(machine, AUR_RULE_SET, wanted);
        count = wanted->size;
        wanted = aur_rule_contents(&machine->bases, wanted);
    }
    const struct aur_rule_value *members = aur_rule_contents(&machine->bases, set);
    bool all = op != RULE_OP_CONTAINS_ANY, answer = all;
    for (uint32_t i = 0; i < count && answer == all && machine->steps; i++)
        answer = aur_rule_search(&machine->bases, members, set->size, &wanted[i], &machine->steps);
    *result = aur_rule_bool(answer);
    return AUR_RULE_ERROR_NONE;
}

// The record in which attributes of a value are looked for; NULL with *error NONE: an entity that
// is not in the store.
static const struct aur_rule_value *attributes_of(struct rule_machine *machine,
                                                  const struct aur_rule_value *of, uint32_t *error)
{
    *error = AUR_RULE_ERROR_NONE;
    if (of->kind == AUR_RULE_RECORD)
        return of;
    if (of->kind != AUR_RULE_ENTITY) {
        *error = aur_rule_type_error(machine, AUR_RULE_KIND_COUNT, of);
        return NULL;
    }
    const struct rule_entity *entity = aur_rule_entity_of(&machine->bases, of);
    return entity ? &entity->attributes : NULL;
}

uint32_t aur_rule_get(struct rule_machine *machine, const struct aur_rule_value *of,
                      const struct rule_string *name, struct aur_rule_value *result)
{
    uint32_t error;
    const struct aur_rule_value *record = attributes_of(machine, of, &error);
    if (!record)
        return error ? error : AUR_RULE_ERROR_NO_ENTITY;
    const struct aur_rule_value *found = aur_rule_find(&machine->bases, record, name);
    if (!found)
        return AUR_RULE_ERROR_NO_ATTRIBUTE;
    *result = *found;
    return AUR_RULE_ERROR_NONE;
}

uint32_t aur_rule_has(struct rule_machine *machine, const struct aur_rule_value *of,
                      const struct rule_string *name, struct aur_rule_value *result)
{
    uint32_t error;
    const struct aur_rule_value *record = attributes_of(machine, of, &error);
    *result = aur_rule_bool(record && aur_rule_find(&machine->bases, record, name));
    return error;
}

uint32_t aur_rule_tag(struct rule_machine *machine, enum rule_op op,
                      const struct aur_rule_value *operand, struct aur_rule_value *result)
{
    if (operand[0].kind != AUR_RULE_ENTITY)
        return aur_rule_type_error(machine, AUR_RULE_ENTITY, &operand[0]);
    if (operand[1].kind != AUR_RULE_STRING)
        return aur_rule_type_error(machine, AUR_RULE_STRING, &operand[1]);
    const struct rule_entity *entity = aur_rule_entity_of(&machine->bases, &operand[0]);
    const struct aur_rule_value *found =
        entity ? aur_rule_find(&machine->bases, &entity->tags,
                               aur_rule_contents(&machine->bases, &operand[1]))
               : NULL;
    if (op == RULE_OP_HAS_TAG) {
        *result = aur_rule_bool(found);
        return AUR_RULE_ERROR_NONE;
    }
    if (!entity)
        return AUR_RULE_ERROR_NO_ENTITY;
    if (!found) {
        machine->error.name = operand[1].block == RULE_IN_SET ? aur_rule_offset(&operand[1]) : 0;
        return AUR_RULE_ERROR_NO_TAG;
    }
    *result = *found;
    return AUR_RULE_ERROR_NONE;
}

uint32_t aur_rule_gather(struct rule_machine *machine, enum aur_rule_kind kind,
                         const struct aur_rule_value *values, uint32_t count, uint32_t stride,
                         struct aur_rule_value *result)
{
    uint32_t bytes = count * stride * (uint32_t)sizeof *values; // a stack's at most
    if (bytes > machine->heap_size - machine->heap_used) {
        machine->no_room = true;
        return AUR_RULE_ERROR_NONE;
    }
    uint32_t at = machine->heap + machine->heap_used;
    machine->heap_used += bytes;
    // The work's block is the machine's to write; the bases only read.
    struct aur_rule_value *copy =
        (struct aur_rule_value *)((uintptr_t)machine->bases.at[RULE_IN_WORK] + at);
    memcpy(copy, values, bytes);
    struct aur_rule_value made = {.kind = (uint8_t)kind, .block = RULE_IN_WORK};
    made.size = aur_rule_sort(&machine->bases, copy, count, stride, &machine->steps);
    aur_rule_seal(&machine->bases, &made, at, copy, made.size * stride);
    if (made.depth > AUR_RULE_DEPTH)
        return AUR_RULE_ERROR_DEPTH;
    *result = made;
    return AUR_RULE_ERROR_NONE;
}

// Greedy, going back to the last wildcard: pattern bytes times text bytes at most.
bool aur_rule_like(const struct rule_string *text, const struct rule_string *pattern,
                   uint32_t *steps)
{
    uint32_t t = 0, p = 0, star = UINT32_MAX, from = 0;
    while (t < text->size && *steps) {
        --*steps;
        if (p < pattern->size && pattern->bytes[p] == RULE_WILDCARD) {
            star = p++;
            from = t;
        } else if (p < pattern->size && pattern->bytes[p] == text->bytes[t]) {
            p++;
            t++;
        } else if (star != UINT32_MAX) {
            p = star + 1;
            t = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern->size && pattern->bytes[p] == RULE_WILDCARD)
        p++;
    return p == pattern->size;
}
