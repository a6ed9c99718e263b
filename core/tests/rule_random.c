#include "tests/rule_random.h"

#include <stdarg.h>

#include <aurora/rule.h>

#include "tests/run_tests.h"

static const char *const strings[] = {"", "a", "ab", "a*b", "b\\a", "say \"a\"", "x y\n", "aab"};
static const char *const patterns[] = {"", "*", "a*", "*b", "a\\*b", "*a*b*", "ab", "\\**"};
static const char *const names[] = {"a", "b", "c", "x y", "if"};

static bool chance(uint64_t *seed, unsigned one_in)
{
    return random_below(seed, one_in) == 0;
}

#define PICK(list, seed) list[random_below(seed, LENGTH(list))]

// --- trees ---------------------------------------------------------------------------------------

static struct twin_node *leaf(enum twin_op op)
{
    struct twin_node *node = twin_take(sizeof *node);
    node->op = op;
    return node;
}

static struct twin_node *literal(enum twin_op op, uint64_t *seed)
{
    static const int64_t numbers[] = {0, 1, 2, -1, 3, 7, INT64_MAX, INT64_MIN, 1ll << 32};
    struct twin_node *node = leaf(op);
    node->number = op == TWIN_BOOL       ? (int64_t)random_below(seed, 2)
                   : op == TWIN_VARIABLE ? (int64_t)random_below(seed, 4)
                   : op == TWIN_LONG     ? PICK(numbers, seed)
                                         : (int64_t)random_below(seed, 4) * 12500 - 12500;
    node->type = PICK(twin_types, seed);
    node->text = op == TWIN_ENTITY ? PICK(twin_ids, seed) : PICK(strings, seed);
    return node;
}

// What kind of value a tree should have; any kind now and then, so that errors happen.
enum want {
    WANT_BOOL,
    WANT_LONG,
    WANT_STRING,
    WANT_ENTITY,
    WANT_SET,
    WANT_RECORD,
    WANTS
};

static struct twin_node *tree(enum want want, int depth, uint64_t *seed);

static struct twin_node *branch(enum twin_op op, int kids, const enum want *wants, int depth,
                                uint64_t *seed)
{
    struct twin_node *node = leaf(op);
    node->kids = kids;
    node->type = PICK(twin_types, seed);
    node->text = PICK(patterns, seed);
    for (int i = 0; i < kids; i++)
        node->kid[i] = tree(wants[i], depth - 1, seed);
    for (int i = 0; i < TWIN_KIDS; i++) {
        bool again = true; // the names of a record differ
        while (again) {
            node->name[i] = PICK(names, seed);
            again = false;
            for (int j = 0; j < i; j++)
                again |= node->name[j] == node->name[i];
        }
    }
    if (op == TWIN_HAS_PATH) {
        node->name[0] = names[random_below(seed, 3)];
        node->name[1] = names[random_below(seed, 3)];
    }
    return node;
}

static const struct form {
    enum want gives;
    enum twin_op op;
    int kids;
    enum want kid[3];
} forms[] = {
    {WANT_BOOL, TWIN_OR, 2, {WANT_BOOL, WANT_BOOL}},
    {WANT_BOOL, TWIN_AND, 2, {WANT_BOOL, WANT_BOOL}},
    {WANT_BOOL, TWIN_NOT, 1, {WANT_BOOL}},
    {WANT_BOOL, TWIN_IF, 3, {WANT_BOOL, WANT_BOOL, WANT_BOOL}},
    {WANT_BOOL, TWIN_EQUAL, 2, {WANT_LONG, WANT_LONG}},
    {WANT_BOOL, TWIN_EQUAL, 2, {WANT_SET, WANT_SET}},
    {WANT_BOOL, TWIN_EQUAL, 2, {WANT_RECORD, WANT_RECORD}},
    {WANT_BOOL, TWIN_UNEQUAL, 2, {WANT_STRING, WANT_STRING}},
    {WANT_BOOL, TWIN_EQUAL, 2, {WANT_ENTITY, WANT_ENTITY}},
    {WANT_BOOL, TWIN_LESS, 2, {WANT_LONG, WANT_LONG}},
    {WANT_BOOL, TWIN_LESS_EQUAL, 2, {WANT_LONG, WANT_LONG}},
    {WANT_BOOL, TWIN_GREATER, 2, {WANT_LONG, WANT_LONG}},
    {WANT_BOOL, TWIN_GREATER_EQUAL, 2, {WANT_LONG, WANT_LONG}},
    {WANT_BOOL, TWIN_IN, 2, {WANT_ENTITY, WANT_ENTITY}},
    {WANT_BOOL, TWIN_IN, 2, {WANT_ENTITY, WANT_SET}},
    {WANT_BOOL, TWIN_HAS, 1, {WANT_RECORD}},
    {WANT_BOOL, TWIN_HAS, 1, {WANT_ENTITY}},
    {WANT_BOOL, TWIN_HAS_PATH, 1, {WANT_RECORD}},
    {WANT_BOOL, TWIN_HAS_PATH, 1, {WANT_ENTITY}},
    {WANT_BOOL, TWIN_IS, 1, {WANT_ENTITY}},
    {WANT_BOOL, TWIN_IS_IN, 2, {WANT_ENTITY, WANT_ENTITY}},
    {WANT_BOOL, TWIN_LIKE, 1, {WANT_STRING}},
    {WANT_BOOL, TWIN_CONTAINS, 2, {WANT_SET, WANT_LONG}},
    {WANT_BOOL, TWIN_CONTAINS, 2, {WANT_SET, WANT_STRING}},
    {WANT_BOOL, TWIN_CONTAINS_ALL, 2, {WANT_SET, WANT_SET}},
    {WANT_BOOL, TWIN_CONTAINS_ANY, 2, {WANT_SET, WANT_SET}},
    {WANT_BOOL, TWIN_IS_EMPTY, 1, {WANT_SET}},
    {WANT_BOOL, TWIN_HAS_TAG, 2, {WANT_ENTITY, WANT_STRING}},
    {WANT_BOOL, TWIN_DECIMAL_LESS, 2, {WANTS, WANTS}},
    {WANT_LONG, TWIN_ADD, 2, {WANT_LONG, WANT_LONG}},
    {WANT_LONG, TWIN_SUBTRACT, 2, {WANT_LONG, WANT_LONG}},
    {WANT_LONG, TWIN_MULTIPLY, 2, {WANT_LONG, WANT_LONG}},
    {WANT_LONG, TWIN_NEGATE, 1, {WANT_LONG}},
    {WANT_LONG, TWIN_IF, 3, {WANT_BOOL, WANT_LONG, WANT_LONG}},
    {WANT_LONG, TWIN_GET, 1, {WANT_RECORD}},
    {WANT_STRING, TWIN_GET, 1, {WANT_ENTITY}},
    {WANT_STRING, TWIN_GET_TAG, 2, {WANT_ENTITY, WANT_STRING}},
    {WANT_ENTITY, TWIN_IF, 3, {WANT_BOOL, WANT_ENTITY, WANT_ENTITY}},
    {WANT_ENTITY, TWIN_GET, 1, {WANT_ENTITY}},
    {WANT_SET, TWIN_GET, 1, {WANT_RECORD}},
    {WANT_RECORD, TWIN_GET, 1, {WANT_RECORD}},
};

static struct twin_node *collection(enum want want, int depth, uint64_t *seed)
{
    enum want wants[TWIN_KIDS];
    int kids = (int)random_below(seed, TWIN_KIDS + 1);
    enum want all = (enum want)random_below(seed, WANTS);
    for (int i = 0; i < kids; i++)
        wants[i] = chance(seed, 3) ? (enum want)random_below(seed, WANTS) : all;
    return branch(want == WANT_SET ? TWIN_SET : TWIN_RECORD, kids, wants, depth, seed);
}

static struct twin_node *tree(enum want want, int depth, uint64_t *seed)
{
    static const enum twin_op leaves[] = {TWIN_BOOL, TWIN_LONG, TWIN_STRING, TWIN_ENTITY};
    if (want == WANTS)
        return literal(chance(seed, 4) ? TWIN_DURATION : TWIN_DECIMAL, seed);
    if (chance(seed, 12))
        want = (enum want)random_below(seed, WANTS);
    if (chance(seed, 40))
        return literal(TWIN_DURATION, seed);
    if (depth <= 0 || chance(seed, 6)) {
        if ((want == WANT_ENTITY && chance(seed, 2)) || (want == WANT_RECORD && chance(seed, 2)))
            return literal(TWIN_VARIABLE, seed);
        if (want < WANT_SET)
            return literal(leaves[want], seed);
        return depth <= -1 ? literal(TWIN_VARIABLE, seed) : collection(want, 0, seed);
    }
    if (want >= WANT_SET && !chance(seed, 4))
        return collection(want, depth, seed);
    for (int tries = 0; tries < 200; tries++) {
        const struct form *form = &PICK(forms, seed);
        if (form->gives == want)
            return branch(form->op, form->kids, form->kid, depth, seed);
    }
    return literal(TWIN_BOOL, seed);
}

void rule_random_policy(struct twin_policy *policy, uint64_t *seed)
{
    *policy = (struct twin_policy){.permit = !chance(seed, 3)};
    for (int i = 0; i < 3; i++) {
        struct twin_scope *scope = &policy->scope[i];
        bool action = i == 1;
        scope->kind = chance(seed, 2) ? 0 : (int)random_below(seed, 5);
        if (action && scope->kind >= 3)
            scope->kind = 5;
        scope->entity = (int)random_below(seed, action ? 3 : TWIN_ENTITIES) + (action ? 3 : 0);
        scope->second = (int)random_below(seed, 3) + 3;
        scope->type = (int)random_below(seed, 3);
    }
    policy->conditions = (int)random_below(seed, 3);
    for (int i = 0; i < policy->conditions; i++) {
        policy->condition[i] = tree(WANT_BOOL, 1 + (int)random_below(seed, 5), seed);
        policy->unless[i] = chance(seed, 3);
    }
}

// --- worlds --------------------------------------------------------------------------------------

static struct twin_value random_value(int depth, uint64_t *seed)
{
    struct twin_value value = {.kind = (int)random_below(seed, depth > 0 ? 6 : 4)};
    value.number = value.kind == AUR_RULE_BOOL ? (int64_t)random_below(seed, 2)
                                               : (int64_t)random_below(seed, 5) - 1;
    if (value.kind == AUR_RULE_STRING)
        value.text = PICK(strings, seed);
    if (value.kind == AUR_RULE_ENTITY)
        return twin_entity_value((int)random_below(seed, TWIN_ENTITIES));
    if (value.kind < AUR_RULE_SET)
        return value;
    struct twin_value *items = twin_take(TWIN_KIDS * (unsigned)sizeof *items);
    value.count = (int)random_below(seed, TWIN_KIDS + 1);
    value.item = items;
    unsigned first = (unsigned)random_below(seed, LENGTH(names));
    for (int i = 0; i < value.count; i++) {
        items[i] = random_value(depth - 1, seed);
        value.name[i] = names[(first + (unsigned)i) % LENGTH(names)];
    }
    return value;
}

static struct twin_value random_record(uint64_t *seed)
{
    struct twin_value record;
    do
        record = random_value(3, seed);
    while (record.kind != AUR_RULE_RECORD);
    return record;
}

void rule_random_request(struct twin_world *world, uint64_t *seed)
{
    for (int i = 0; i < 3; i++)
        world->variable[i] = (int)random_below(seed, TWIN_ENTITIES);
    if (!chance(seed, 3))
        world->variable[1] = 3 + (int)random_below(seed, 3);
    world->context = random_record(seed);
}

void rule_random_world(struct twin_world *world, uint64_t *seed)
{
    *world = (struct twin_world){0};
    for (int i = 0; i < TWIN_ENTITIES; i++) {
        struct twin_entity *entity = &world->entity[i];
        entity->exists = !chance(seed, 4);
        for (int j = i + 1; j < TWIN_ENTITIES; j++)
            entity->parent[j] = chance(seed, 5);
        entity->attributes = random_record(seed);
        entity->tags = random_record(seed);
        // Tags are called as strings are.
        for (int j = 0; j < entity->tags.count; j++)
            entity->tags.name[j] = strings[j];
    }
    rule_random_request(world, seed);
}

static struct aur_rule_value build(struct aur_rule_builder *b, const struct twin_value *value)
{
    struct aur_rule_value items[2 * TWIN_KIDS];
    switch (value->kind) {
    case AUR_RULE_BOOL:
        return aur_rule_bool(value->number != 0);
    case AUR_RULE_LONG:
        return aur_rule_long(value->number);
    case AUR_RULE_STRING:
        return aur_rule_make_string(b, value->text, (uint32_t)strlen(value->text));
    case AUR_RULE_ENTITY:
        return aur_rule_entity(b, value->type, (uint32_t)strlen(value->type), value->text,
                               (uint32_t)strlen(value->text));
    case AUR_RULE_SET:
        for (int i = 0; i < value->count; i++)
            items[i] = build(b, &value->item[i]);
        return aur_rule_make_set(b, items, (uint32_t)value->count);
    default:
        for (int i = 0; i < value->count; i++) {
            items[2 * i] =
                aur_rule_make_string(b, value->name[i], (uint32_t)strlen(value->name[i]));
            items[2 * i + 1] = build(b, &value->item[i]);
        }
        return aur_rule_make_record(b, items, (uint32_t)value->count);
    }
}

void rule_build_store(const struct twin_world *world, void *block, size_t room)
{
    struct aur_rule_builder b;
    aur_rule_store_begin(&b, block, room);
    for (int i = 0; i < TWIN_ENTITIES; i++) {
        const struct twin_entity *entity = &world->entity[i];
        struct twin_value name = twin_entity_value(i);
        struct aur_rule_value parents[TWIN_ENTITIES];
        uint32_t count = 0;
        if (!entity->exists)
            continue;
        for (int j = 0; j < TWIN_ENTITIES; j++) {
            struct twin_value parent = twin_entity_value(j);
            if (entity->parent[j])
                parents[count++] = build(&b, &parent);
        }
        aur_rule_store_add(&b, build(&b, &name), build(&b, &entity->attributes),
                           build(&b, &entity->tags), parents, count);
    }
    MUST(aur_rule_store_finish(&b, NULL) == AUR_RULE_OK);
}

void rule_build_request(const struct twin_world *world, void *block, size_t room)
{
    struct aur_rule_builder b;
    struct aur_rule_value variable[3];
    aur_rule_request_begin(&b, block, room);
    for (int i = 0; i < 3; i++) {
        struct twin_value value = twin_entity_value(world->variable[i]);
        variable[i] = build(&b, &value);
    }
    MUST(aur_rule_request_finish(&b, variable[0], variable[1], variable[2],
                                 build(&b, &world->context)) == AUR_RULE_OK);
}

// --- text ----------------------------------------------------------------------------------------

struct writing {
    char *text;
    size_t room, used;
    uint64_t seed;
};

static void say(struct writing *to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(to->text + to->used, to->room - to->used, format, arguments);
    va_end(arguments);
    to->used += (size_t)size;
    MUST(to->used < to->room);
    if (chance(&to->seed, 200))
        say(to, " // a remark; \"here\"\n");
}

static void say_string(struct writing *to, const char *text)
{
    char spelled[256];
    size_t used = 0;
    for (; *text; text++) {
        if (*text == '"' || *text == '\\' || *text == '\n')
            spelled[used++] = '\\';
        spelled[used++] = *text == '\n' ? 'n' : *text;
    }
    spelled[used] = '\0';
    say(to, "\"%s\"", spelled);
}

// A pattern of the twin's is spelled as Cedar spells it.
static void say_name(struct writing *to, const char *name)
{
    if (strlen(name) == 1 && !chance(&to->seed, 4))
        say(to, "%s", name);
    else
        say_string(to, name);
}

// How tightly a form holds together: Expr, Or, And, Relation, Add, Mult, Unary, Member.
static int rank_of(const struct twin_node *node)
{
    switch (node->op) {
    case TWIN_IF:
        return 0;
    case TWIN_OR:
        return 1;
    case TWIN_AND:
        return 2;
    case TWIN_ADD:
    case TWIN_SUBTRACT:
        return 4;
    case TWIN_MULTIPLY:
        return 5;
    case TWIN_NOT:
    case TWIN_NEGATE:
        return 6;
    case TWIN_LONG:
        return node->number < 0 ? 6 : 7;
    default:
        return node->op >= TWIN_EQUAL && node->op <= TWIN_LIKE ? 3 : 7;
    }
}

static void say_node(struct writing *to, const struct twin_node *node);

static void say_kid(struct writing *to, const struct twin_node *kid, int rank)
{
    bool must = rank_of(kid) < rank;
    if (must || chance(&to->seed, 5)) {
        say(to, "(");
        say_node(to, kid);
        say(to, ")");
    } else {
        say_node(to, kid);
    }
}

static void say_infix(struct writing *to, const struct twin_node *node, const char *sign)
{
    int rank = rank_of(node);
    say_kid(to, node->kid[0], rank == 3 ? 4 : rank);
    say(to, chance(&to->seed, 3) ? " %s\n  " : " %s ", sign);
    say_kid(to, node->kid[1], rank == 3 ? 4 : rank + 1);
}

static void say_method(struct writing *to, const struct twin_node *node, const char *method)
{
    say_kid(to, node->kid[0], 7);
    say(to, ".%s(", method);
    if (node->kids == 2)
        say_node(to, node->kid[1]);
    say(to, ")");
}

static void say_collection(struct writing *to, const struct twin_node *node)
{
    say(to, node->op == TWIN_SET ? "[" : "{");
    for (int i = 0; i < node->kids; i++) {
        if (node->op == TWIN_RECORD) {
            say_name(to, node->name[i]);
            say(to, ": ");
        }
        say_node(to, node->kid[i]);
        say(to, i + 1 < node->kids || chance(&to->seed, 8) ? ", " : "");
    }
    say(to, node->op == TWIN_SET ? "]" : "}");
}

static void say_literal(struct writing *to, const struct twin_node *node)
{
    static const char *const variables[] = {"principal", "action", "resource", "context"};
    uint64_t size = node->number < 0 ? 0 - (uint64_t)node->number : (uint64_t)node->number;
    switch (node->op) {
    case TWIN_BOOL:
        say(to, node->number ? "true" : "false");
        break;
    case TWIN_LONG:
        say(to, "%s%" PRIu64, node->number < 0 ? "-" : "", size);
        break;
    case TWIN_STRING:
        say_string(to, node->text);
        break;
    case TWIN_ENTITY:
        say(to, "%s::", node->type);
        say_string(to, node->text);
        break;
    case TWIN_DECIMAL:
        say(to, "decimal(\"%s%" PRIu64 ".%04" PRIu64 "\")", node->number < 0 ? "-" : "",
            size / 10000, size % 10000);
        break;
    case TWIN_DURATION:
        say(to, "duration(\"%" PRId64 "ms\")", node->number);
        break;
    default:
        say(to, "%s", variables[node->number]);
    }
}

static void say_node(struct writing *to, const struct twin_node *node)
{
    static const char *const signs[TWIN_OPS] = {
        [TWIN_OR] = "||",      [TWIN_AND] = "&&",     [TWIN_EQUAL] = "==",
        [TWIN_UNEQUAL] = "!=", [TWIN_LESS] = "<",     [TWIN_LESS_EQUAL] = "<=",
        [TWIN_GREATER] = ">",  [TWIN_IN] = "in",      [TWIN_GREATER_EQUAL] = ">=",
        [TWIN_ADD] = "+",      [TWIN_SUBTRACT] = "-", [TWIN_MULTIPLY] = "*"};
    static const char *const methods[TWIN_OPS] = {
        [TWIN_CONTAINS] = "contains",        [TWIN_CONTAINS_ALL] = "containsAll",
        [TWIN_CONTAINS_ANY] = "containsAny", [TWIN_IS_EMPTY] = "isEmpty",
        [TWIN_HAS_TAG] = "hasTag",           [TWIN_GET_TAG] = "getTag",
        [TWIN_DECIMAL_LESS] = "lessThan"};
    if (signs[node->op]) {
        say_infix(to, node, signs[node->op]);
    } else if (methods[node->op]) {
        say_method(to, node, methods[node->op]);
    } else if (node->op == TWIN_SET || node->op == TWIN_RECORD) {
        say_collection(to, node);
    } else if (node->op < TWIN_SET) {
        say_literal(to, node);
    } else if (node->op == TWIN_IF) {
        say(to, "if ");
        say_node(to, node->kid[0]);
        say(to, " then ");
        say_node(to, node->kid[1]);
        say(to, " else ");
        say_node(to, node->kid[2]);
    } else if (node->op == TWIN_NOT || node->op == TWIN_NEGATE) {
        say(to, node->op == TWIN_NOT ? "!" : "-");
        say_kid(to, node->kid[0], 7);
    } else if (node->op == TWIN_GET) {
        say_kid(to, node->kid[0], 7);
        say(to, strlen(node->name[0]) == 1 && !chance(&to->seed, 4) ? ".%s" : "[\"%s\"]",
            node->name[0]);
    } else {
        say_kid(to, node->kid[0], 4);
        if (node->op == TWIN_LIKE)
            say(to, " like \"%s\"", node->text);
        else if (node->op == TWIN_HAS_PATH)
            say(to, " has %s.%s", node->name[0], node->name[1]);
        else if (node->op == TWIN_HAS)
            say(to, " has ");
        else
            say(to, " is %s", node->type);
        if (node->op == TWIN_HAS)
            say_name(to, node->name[0]);
        if (node->op == TWIN_IS_IN) {
            say(to, " in ");
            say_kid(to, node->kid[1], 4);
        }
    }
}

static void say_entity(struct writing *to, int entity)
{
    struct twin_node node = {
        .op = TWIN_ENTITY, .type = twin_types[entity / 3], .text = twin_ids[entity % 3]};
    say_literal(to, &node);
}

static void say_scope(struct writing *to, const struct twin_scope *scope)
{
    if (scope->kind == 3 || scope->kind == 4)
        say(to, " is %s", twin_types[scope->type]);
    if (scope->kind == 1)
        say(to, " == ");
    if (scope->kind == 2 || scope->kind == 4)
        say(to, " in ");
    if (scope->kind == 5)
        say(to, " in [");
    if (scope->kind != 0 && scope->kind != 3)
        say_entity(to, scope->entity);
    if (scope->kind == 5) {
        say(to, ", ");
        say_entity(to, scope->second);
        say(to, "]");
    }
}

size_t rule_write(const struct twin_policy *policies, int count, char *text, size_t room,
                  uint64_t seed)
{
    static const char *const variables[] = {"principal", ", action", ", resource"};
    struct writing to = {text, room, 0, seed};
    text[0] = '\0';
    for (int p = 0; p < count; p++) {
        say(&to, policies[p].permit ? "permit(" : "forbid(");
        for (int i = 0; i < 3; i++) {
            say(&to, "%s", variables[i]);
            say_scope(&to, &policies[p].scope[i]);
        }
        say(&to, ")");
        for (int i = 0; i < policies[p].conditions; i++) {
            say(&to, policies[p].unless[i] ? "\nunless { " : "\nwhen { ");
            say_node(&to, policies[p].condition[i]);
            say(&to, " }");
        }
        say(&to, ";\n");
    }
    return to.used;
}
