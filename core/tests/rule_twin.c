#include "tests/rule_twin.h"

#include <stdlib.h>
#include <string.h>

#include <aurora/rule.h>

const char *const twin_types[3] = {"U", "Action", "N::T"};
const char *const twin_ids[3] = {"u", "v \"w\"", ""};

static _Alignas(16) char memory[1 << 22];
static unsigned used;

void *twin_take(unsigned bytes)
{
    bytes = (bytes + 15u) & ~15u;
    if (used + bytes > sizeof memory)
        abort();
    void *at = memory + used;
    memset(at, 0, bytes);
    used += bytes;
    return at;
}

void twin_give_back(void)
{
    used = 0;
}

#define ERR(name) (-(int)AUR_RULE_ERROR_##name)

static struct twin_value truth(bool is)
{
    return (struct twin_value){.kind = AUR_RULE_BOOL, .number = is};
}

struct twin_value twin_entity_value(int number)
{
    return (struct twin_value){
        .kind = AUR_RULE_ENTITY, .type = twin_types[number / 3], .text = twin_ids[number % 3]};
}

static int number_of(const struct twin_value *entity)
{
    for (int i = 0; i < TWIN_ENTITIES; i++)
        if (strcmp(entity->type, twin_types[i / 3]) == 0 &&
            strcmp(entity->text, twin_ids[i % 3]) == 0)
            return i;
    return -1;
}

static bool equal(const struct twin_value *a, const struct twin_value *b);

static bool has_member(const struct twin_value *set, const struct twin_value *value)
{
    for (int i = 0; i < set->count; i++)
        if (equal(&set->item[i], value))
            return true;
    return false;
}

static const struct twin_value *named(const struct twin_value *record, const char *name)
{
    for (int i = 0; i < record->count; i++)
        if (strcmp(record->name[i], name) == 0)
            return &record->item[i];
    return NULL;
}

static bool equal(const struct twin_value *a, const struct twin_value *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case AUR_RULE_STRING:
        return strcmp(a->text, b->text) == 0;
    case AUR_RULE_ENTITY:
        return strcmp(a->text, b->text) == 0 && strcmp(a->type, b->type) == 0;
    case AUR_RULE_SET:
        for (int i = 0; i < a->count; i++)
            if (!has_member(b, &a->item[i]))
                return false;
        for (int i = 0; i < b->count; i++)
            if (!has_member(a, &b->item[i]))
                return false;
        return true;
    case AUR_RULE_RECORD:
        if (a->count != b->count)
            return false;
        for (int i = 0; i < a->count; i++) {
            const struct twin_value *other = named(b, a->name[i]);
            if (!other || !equal(&a->item[i], other))
                return false;
        }
        return true;
    default:
        return a->number == b->number;
    }
}

static bool above(const struct twin_world *world, int from, int to)
{
    for (int i = 0; world->entity[from].exists && i < TWIN_ENTITIES; i++)
        if (world->entity[from].parent[i] && (i == to || above(world, i, to)))
            return true;
    return false;
}

static bool within(const struct twin_world *world, const struct twin_value *a,
                   const struct twin_value *b)
{
    return equal(a, b) ||
           (number_of(a) >= 0 && number_of(b) >= 0 && above(world, number_of(a), number_of(b)));
}

// A star is spelled `*`, a literal one `\*`.
static bool matches(const char *text, const char *pattern)
{
    if (!*pattern)
        return !*text;
    if (*pattern == '*')
        return matches(text, pattern + 1) || (*text && matches(text + 1, pattern));
    if (*pattern == '\\')
        pattern++;
    return *text == *pattern && matches(text + 1, pattern + 1);
}

static const struct twin_value *record_of(const struct twin_world *world,
                                          const struct twin_value *value, int *error)
{
    static const struct twin_value empty = {.kind = AUR_RULE_RECORD};
    *error = 0;
    if (value->kind == AUR_RULE_RECORD)
        return value;
    if (value->kind != AUR_RULE_ENTITY) {
        *error = ERR(TYPE);
        return &empty;
    }
    int number = number_of(value);
    if (number >= 0 && world->entity[number].exists)
        return &world->entity[number].attributes;
    *error = ERR(NO_ENTITY);
    return &empty;
}

static int evaluate(const struct twin_world *world, const struct twin_node *node,
                    struct twin_value *out);

static int evaluate_bool(const struct twin_world *world, const struct twin_node *node,
                         struct twin_value *out)
{
    int error = evaluate(world, node, out);
    return error ? error : out->kind != AUR_RULE_BOOL ? ERR(TYPE) : 0;
}

static int compute(enum twin_op op, const struct twin_value *a, const struct twin_value *b,
                   struct twin_value *out)
{
    if (a->kind != AUR_RULE_LONG || b->kind != AUR_RULE_LONG)
        return ERR(TYPE);
    __int128 x = a->number, y = b->number;
    __int128 result = op == TWIN_ADD ? x + y : op == TWIN_SUBTRACT ? x - y : x * y;
    if (result > INT64_MAX || result < INT64_MIN)
        return ERR(OVERFLOW);
    *out = (struct twin_value){.kind = AUR_RULE_LONG, .number = (int64_t)result};
    return 0;
}

static int order(enum twin_op op, const struct twin_value *a, const struct twin_value *b,
                 struct twin_value *out)
{
    if ((a->kind != AUR_RULE_LONG && a->kind != AUR_RULE_DURATION) || b->kind != a->kind)
        return ERR(TYPE);
    int64_t x = a->number, y = b->number;
    *out = truth(op == TWIN_LESS         ? x < y
                 : op == TWIN_LESS_EQUAL ? x <= y
                 : op == TWIN_GREATER    ? x > y
                                         : x >= y);
    return 0;
}

static int is_in(const struct twin_world *world, const struct twin_value *a,
                 const struct twin_value *b, struct twin_value *out)
{
    bool found = false;
    if (a->kind != AUR_RULE_ENTITY)
        return ERR(TYPE);
    if (b->kind == AUR_RULE_ENTITY) {
        found = within(world, a, b);
    } else {
        if (b->kind != AUR_RULE_SET)
            return ERR(TYPE);
        for (int i = 0; i < b->count; i++) {
            if (b->item[i].kind != AUR_RULE_ENTITY)
                return ERR(TYPE);
            found |= within(world, a, &b->item[i]);
        }
    }
    *out = truth(found);
    return 0;
}

static int sets(enum twin_op op, const struct twin_value *a, const struct twin_value *b,
                struct twin_value *out)
{
    bool all = true, any = false;
    if (a->kind != AUR_RULE_SET || (op != TWIN_CONTAINS && b->kind != AUR_RULE_SET))
        return ERR(TYPE);
    if (op == TWIN_CONTAINS) {
        *out = truth(has_member(a, b));
        return 0;
    }
    for (int i = 0; i < b->count; i++) {
        bool in = has_member(a, &b->item[i]);
        all &= in;
        any |= in;
    }
    *out = truth(op == TWIN_CONTAINS_ALL ? all : any);
    return 0;
}

static int tag(const struct twin_world *world, enum twin_op op, const struct twin_value *a,
               const struct twin_value *b, struct twin_value *out)
{
    if (a->kind != AUR_RULE_ENTITY || b->kind != AUR_RULE_STRING)
        return ERR(TYPE);
    int number = number_of(a);
    bool known = number >= 0 && world->entity[number].exists;
    const struct twin_value *found = known ? named(&world->entity[number].tags, b->text) : NULL;
    if (op == TWIN_HAS_TAG)
        *out = truth(found != NULL);
    else if (!found)
        return known ? ERR(NO_TAG) : ERR(NO_ENTITY);
    else
        *out = *found;
    return 0;
}

static int has(const struct twin_world *world, const struct twin_value *value, const char *name,
               struct twin_value *out)
{
    int error;
    const struct twin_value *record = record_of(world, value, &error);
    if (error == ERR(TYPE))
        return error;
    *out = truth(named(record, name) != NULL);
    return 0;
}

static int get(const struct twin_world *world, const struct twin_value *value, const char *name,
               struct twin_value *out)
{
    int error;
    const struct twin_value *record = record_of(world, value, &error);
    if (error)
        return error;
    const struct twin_value *found = named(record, name);
    if (!found)
        return ERR(NO_ATTRIBUTE);
    *out = *found;
    return 0;
}

static int one(const struct twin_world *world, const struct twin_node *node,
               const struct twin_value *a, struct twin_value *out)
{
    struct twin_value inner;
    int error;
    switch (node->op) {
    case TWIN_NOT:
        *out = truth(!a->number);
        return a->kind == AUR_RULE_BOOL ? 0 : ERR(TYPE);
    case TWIN_NEGATE:
        return compute(TWIN_SUBTRACT, &(struct twin_value){.kind = AUR_RULE_LONG}, a, out);
    case TWIN_HAS:
        return has(world, a, node->name[0], out);
    case TWIN_HAS_PATH:
        error = has(world, a, node->name[0], out);
        if (error || !out->number)
            return error;
        error = get(world, a, node->name[0], &inner);
        return error ? error : has(world, &inner, node->name[1], out);
    case TWIN_GET:
        return get(world, a, node->name[0], out);
    case TWIN_IS:
        *out = truth(a->kind == AUR_RULE_ENTITY && strcmp(a->type, node->type) == 0);
        return a->kind == AUR_RULE_ENTITY ? 0 : ERR(TYPE);
    case TWIN_LIKE:
        if (a->kind != AUR_RULE_STRING)
            return ERR(TYPE);
        *out = truth(matches(a->text, node->text));
        return 0;
    default:
        *out = truth(a->count == 0);
        return a->kind == AUR_RULE_SET ? 0 : ERR(TYPE);
    }
}

static int two(const struct twin_world *world, const struct twin_node *node,
               const struct twin_value *a, const struct twin_value *b, struct twin_value *out)
{
    switch (node->op) {
    case TWIN_EQUAL:
    case TWIN_UNEQUAL:
        *out = truth(equal(a, b) == (node->op == TWIN_EQUAL));
        return 0;
    case TWIN_LESS:
    case TWIN_LESS_EQUAL:
    case TWIN_GREATER:
    case TWIN_GREATER_EQUAL:
        return order(node->op, a, b, out);
    case TWIN_IN:
        return is_in(world, a, b, out);
    case TWIN_ADD:
    case TWIN_SUBTRACT:
    case TWIN_MULTIPLY:
        return compute(node->op, a, b, out);
    case TWIN_HAS_TAG:
    case TWIN_GET_TAG:
        return tag(world, node->op, a, b, out);
    case TWIN_DECIMAL_LESS:
        *out = truth(a->number < b->number);
        return a->kind == AUR_RULE_DECIMAL && b->kind == AUR_RULE_DECIMAL ? 0 : ERR(TYPE);
    default:
        return sets(node->op, a, b, out);
    }
}

static int evaluate(const struct twin_world *world, const struct twin_node *node,
                    struct twin_value *out)
{
    static const int kinds[] = {AUR_RULE_BOOL,   AUR_RULE_LONG,    AUR_RULE_STRING,
                                AUR_RULE_ENTITY, AUR_RULE_DECIMAL, AUR_RULE_DURATION};
    struct twin_value value[TWIN_KIDS];
    int error;
    *out = (struct twin_value){0};
    switch (node->op) {
    case TWIN_BOOL:
    case TWIN_LONG:
    case TWIN_STRING:
    case TWIN_ENTITY:
    case TWIN_DECIMAL:
    case TWIN_DURATION:
        *out = (struct twin_value){.kind = kinds[node->op],
                                   .number = node->number,
                                   .type = node->type,
                                   .text = node->text};
        return 0;
    case TWIN_VARIABLE:
        *out =
            node->number == 3 ? world->context : twin_entity_value(world->variable[node->number]);
        return 0;
    case TWIN_IF:
        error = evaluate_bool(world, node->kid[0], &value[0]);
        return error ? error : evaluate(world, node->kid[value[0].number ? 1 : 2], out);
    case TWIN_AND:
    case TWIN_OR:
        error = evaluate_bool(world, node->kid[0], out);
        if (error || out->number == (node->op == TWIN_OR))
            return error;
        return evaluate_bool(world, node->kid[1], out);
    case TWIN_IS_IN: // x is T && x in e
        error = evaluate(world, node->kid[0], &value[0]);
        if (error || value[0].kind != AUR_RULE_ENTITY)
            return error ? error : ERR(TYPE);
        *out = truth(false);
        if (strcmp(value[0].type, node->type) != 0)
            return 0;
        error = evaluate(world, node->kid[1], &value[1]);
        return error ? error : is_in(world, &value[0], &value[1], out);
    default:
        break;
    }
    for (int i = 0; i < node->kids; i++)
        if ((error = evaluate(world, node->kid[i], &value[i])) != 0)
            return error;
    if (node->op == TWIN_SET || node->op == TWIN_RECORD) {
        struct twin_value *items = twin_take((unsigned)sizeof value);
        memcpy(items, value, sizeof(struct twin_value) * (unsigned)node->kids);
        out->kind = node->op == TWIN_SET ? AUR_RULE_SET : AUR_RULE_RECORD;
        out->item = items;
        out->count = node->kids;
        memcpy(out->name, node->name, sizeof out->name);
        return 0;
    }
    return node->kids == 1 ? one(world, node, &value[0], out)
                           : two(world, node, &value[0], &value[1], out);
}

static bool in_scope(const struct twin_world *world, const struct twin_scope *scope, int variable)
{
    struct twin_value own = twin_entity_value(variable);
    struct twin_value other = twin_entity_value(scope->entity);
    struct twin_value second = twin_entity_value(scope->second);
    bool type = strcmp(own.type, twin_types[scope->type]) == 0;
    switch (scope->kind) {
    case 0:
        return true;
    case 1:
        return equal(&own, &other);
    case 2:
        return within(world, &own, &other);
    case 3:
        return type;
    case 4:
        return type && within(world, &own, &other);
    default:
        return within(world, &own, &other) || within(world, &own, &second);
    }
}

int twin_policy_worth(const struct twin_world *world, const struct twin_policy *policy)
{
    struct twin_value value;
    for (int i = 0; i < 3; i++)
        if (!in_scope(world, &policy->scope[i], world->variable[i]))
            return 0;
    for (int i = 0; i < policy->conditions; i++) {
        int error = evaluate_bool(world, policy->condition[i], &value);
        if (error)
            return error;
        if ((value.number != 0) == policy->unless[i])
            return 0;
    }
    return 1;
}
