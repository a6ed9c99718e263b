// What operators are applied to: literals, variables, entities, sets, records, parentheses, and
// the attributes and methods of all of them.
#include "policy/rule_parse.h"

#include "policy/rule_extension.h"

uint32_t aur_rule_list(struct rule_parser *parser, uint32_t close, const char *expected)
{
    uint32_t count = 0;
    while (aur_rule_good(parser) && !aur_rule_accept(parser, close)) {
        aur_rule_expression(parser);
        count++;
        if (aur_rule_accept(parser, ','))
            continue;
        aur_rule_expect(parser, close, expected);
        break;
    }
    return count;
}

static void set(struct rule_parser *parser)
{
    struct rule_token open = parser->token;
    uint32_t first = parser->code;
    struct aur_rule_value *values;
    aur_rule_next(parser);
    uint32_t count = aur_rule_list(parser, ']', "`,` or `]` in the set");
    if (aur_rule_fold(parser, first, count, &values)) {
        // The members stand where the set will: it is made of a copy behind them.
        parser->builder.used += count * (uint32_t)sizeof *values;
        aur_rule_emit_value(parser, &open, aur_rule_make_set(&parser->builder, values, count));
    } else {
        aur_rule_emit(parser, &open, RULE_OP_SET, count, 0);
    }
}

#define RECORD_MOST 1024u // attributes of a literal, each compared with all before it

static void record(struct rule_parser *parser)
{
    struct rule_token open = parser->token;
    uint32_t first = parser->code, count = 0;
    uint32_t seen = 0; // the chain of keys, as offsets of {key, next}
    struct aur_rule_value *values;
    aur_rule_next(parser);
    while (aur_rule_good(parser) && !aur_rule_accept(parser, '}')) {
        struct rule_token name = parser->token;
        uint32_t key = aur_rule_attribute(parser, "an attribute's name or `}` in the record");
        aur_rule_expect(parser, ':', "`:` after the attribute's name");
        if (count == RECORD_MOST)
            aur_rule_refuse(parser, &name, "a record has at most 1024 attributes", false, "");
        if (!aur_rule_good(parser))
            return;
        for (uint32_t at = seen; at;) {
            const uint32_t *pair = (const void *)(parser->builder.block + at);
            if (pair[0] == key) {
                aur_rule_refuse(parser, &name, "the record has the attribute ", true,
                                " twice: remove one");
                return;
            }
            at = pair[1];
        }
        uint32_t at = aur_rule_take(&parser->builder, 2 * sizeof at);
        if (!at)
            return;
        memcpy(parser->builder.block + at, (uint32_t[]){key, seen}, 2 * sizeof at);
        seen = at;
        aur_rule_emit_value(parser, &name, aur_rule_string_value(&parser->builder, key));
        aur_rule_expression(parser);
        count++;
        if (aur_rule_accept(parser, ','))
            continue;
        aur_rule_expect(parser, '}', "`,` or `}` in the record");
        break;
    }
    if (aur_rule_fold(parser, first, 2 * count, &values)) {
        parser->builder.used += 2 * count * (uint32_t)sizeof *values;
        aur_rule_emit_value(parser, &open, aur_rule_make_record(&parser->builder, values, count));
    } else {
        aur_rule_emit(parser, &open, RULE_OP_RECORD, count, 0);
    }
}

static void check_count(struct rule_parser *parser, const struct rule_token *name, uint32_t count,
                        uint32_t takes)
{
    if (count != takes)
        aur_rule_refuse(parser, name, "", true,
                        takes == 0   ? " takes nothing between its parentheses"
                        : takes == 1 ? " takes one value between its parentheses"
                                     : " takes two values between its parentheses");
}

// A constructor: of a constant that it takes it makes a constant.
static void construct(struct rule_parser *parser, const struct rule_token *name)
{
    enum rule_call call = aur_rule_call_named(name->bytes, name->size, false);
    uint32_t first = parser->code;
    struct aur_rule_value *values, value, made;
    struct rule_ip ip;
    if (call == RULE_CALL_NONE) {
        bool method = aur_rule_call_named(name->bytes, name->size, true) != RULE_CALL_NONE;
        aur_rule_refuse(parser, name, "", true,
                        method ? " is a method: write it behind a value and a dot"
                               : " is no function: there are ip, decimal, datetime and duration");
        return;
    }
    aur_rule_next(parser);
    check_count(parser, name, aur_rule_list(parser, ')', "`,` or `)` after the value"), 1);
    if (!aur_rule_fold(parser, first, 1, &values)) {
        aur_rule_emit(parser, name, RULE_OP_CALL, call, 1);
        return;
    }
    value = *values;
    struct rule_bases bases = aur_rule_own_bases(&parser->builder);
    const struct rule_string *text = aur_rule_contents(&bases, &value);
    if (value.kind == AUR_RULE_STRING &&
        aur_rule_construct(call, text->bytes, text->size, &made, &ip)) {
        uint32_t at = made.kind == AUR_RULE_IP ? aur_rule_take(&parser->builder, sizeof ip) : 0;
        if (at) {
            memcpy(parser->builder.block + at, &ip, sizeof ip);
            made.data = at;
        }
        aur_rule_emit_value(parser, name, made);
        return;
    }
    // It errs when it is evaluated, as in Cedar.
    aur_rule_emit_value(parser, name, value);
    aur_rule_emit(parser, name, RULE_OP_CALL, call, 1);
}

static uint32_t variable_number(const struct rule_token *token)
{
    static const char names[][10] = {"principal", "action", "resource", "context"};
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t size = 0;
        while (names[i][size])
            size++;
        if (token->size == size && memcmp(token->bytes, names[i], size) == 0)
            return i;
    }
    return AUR_RULE_NESTING;
}

static void name(struct rule_parser *parser)
{
    struct rule_token word = parser->token, id;
    if (aur_rule_sees(parser, "true") || aur_rule_sees(parser, "false")) {
        bool truth = aur_rule_sees(parser, "true");
        aur_rule_next(parser);
        aur_rule_emit_value(parser, &word, aur_rule_bool(truth));
        return;
    }
    if (aur_rule_sees(parser, "if")) {
        aur_rule_refuse(parser, &word, "", true, " is not an operand: put it in parentheses");
        return;
    }
    uint32_t type = aur_rule_path(parser, &id);
    if (!type)
        return;
    if (id.kind == RULE_TOKEN_STRING) {
        uint32_t id_at = aur_rule_unescape(parser, &id, false);
        if (id_at)
            aur_rule_emit_value(parser, &word, aur_rule_name_value(&parser->builder, type, id_at));
        return;
    }
    bool simple = aur_rule_string_at(parser->builder.block, type)->size == word.size;
    uint32_t variable = variable_number(&word);
    if (aur_rule_at(parser, '(') && (!simple || variable > 3)) {
        if (!simple)
            aur_rule_refuse(parser, &word,
                            "no function has a path: there are ip, decimal, "
                            "datetime and duration",
                            false, "");
        construct(parser, &word);
    } else if (simple && variable <= 3) {
        parser->reads_context |= variable == 3;
        aur_rule_emit(parser, &word, RULE_OP_VARIABLE, variable, 0);
    } else {
        aur_rule_refuse(parser, &word, "", true,
                        " is not known: there are principal, action, resource and context; an "
                        "entity is written Type::\"id\", a string in quotes");
    }
}

void aur_rule_primary(struct rule_parser *parser)
{
    struct rule_token token = parser->token;
    uint32_t string;
    if (!aur_rule_good(parser))
        return;
    switch (token.kind) {
    case RULE_TOKEN_NAME:
        name(parser);
        break;
    case RULE_TOKEN_NUMBER:
        if (token.number > INT64_MAX)
            aur_rule_refuse(parser, &token,
                            "the number is too large: the largest is "
                            "9223372036854775807",
                            false, "");
        aur_rule_next(parser);
        aur_rule_emit_value(parser, &token, aur_rule_long((int64_t)token.number));
        break;
    case RULE_TOKEN_STRING:
        aur_rule_next(parser);
        string = aur_rule_unescape(parser, &token, false);
        if (string)
            aur_rule_emit_value(parser, &token, aur_rule_string_value(&parser->builder, string));
        break;
    case '(':
        aur_rule_next(parser);
        aur_rule_expression(parser);
        aur_rule_expect(parser, ')', "`)`");
        break;
    case '[':
        set(parser);
        break;
    case '{':
        record(parser);
        break;
    case RULE_TOKEN_SLOT:
        aur_rule_refuse(parser, &token, "templates are not supported: write an entity in place of ",
                        true, "");
        break;
    default:
        aur_rule_refuse(parser, &token, "expected an expression, found ", true, "");
    }
}

static void method(struct rule_parser *parser, const struct rule_token *name_token)
{
    static const struct {
        const char *name;
        uint8_t op, takes;
    } methods[] = {
        {"contains", RULE_OP_CONTAINS, 1},        {"containsAll", RULE_OP_CONTAINS_ALL, 1},
        {"containsAny", RULE_OP_CONTAINS_ANY, 1}, {"isEmpty", RULE_OP_IS_EMPTY, 0},
        {"hasTag", RULE_OP_HAS_TAG, 1},           {"getTag", RULE_OP_GET_TAG, 1}};
    enum rule_call call = aur_rule_call_named(name_token->bytes, name_token->size, true);
    uint32_t known = 0;
    for (; known < sizeof methods / sizeof methods[0]; known++) {
        uint32_t size = 0;
        while (methods[known].name[size])
            size++;
        if (name_token->size == size && memcmp(methods[known].name, name_token->bytes, size) == 0)
            break;
    }
    bool own = known < sizeof methods / sizeof methods[0];
    if (!own && call == RULE_CALL_NONE) {
        bool function =
            aur_rule_call_named(name_token->bytes, name_token->size, false) != RULE_CALL_NONE;
        aur_rule_refuse(parser, name_token, "", true,
                        function ? " is a function: write its value between its parentheses"
                                 : " is no method: there are contains, containsAll, containsAny, "
                                   "isEmpty, hasTag, getTag and those of extension types");
        return;
    }
    aur_rule_next(parser);
    uint32_t count = aur_rule_list(parser, ')', "`,` or `)` after the value");
    check_count(parser, name_token, count,
                own ? methods[known].takes : aur_rule_call_takes(call) - 1);
    if (own)
        aur_rule_emit(parser, name_token, (enum rule_op)methods[known].op, 0, 0);
    else
        aur_rule_emit(parser, name_token, RULE_OP_CALL, call, aur_rule_call_takes(call));
}

void aur_rule_member(struct rule_parser *parser)
{
    aur_rule_primary(parser);
    while (aur_rule_good(parser)) {
        if (aur_rule_accept(parser, '.')) {
            struct rule_token attribute = parser->token;
            if (!aur_rule_expect(parser, RULE_TOKEN_NAME, "a name after `.`"))
                return;
            if (aur_rule_at(parser, '(')) {
                method(parser, &attribute);
                continue;
            }
            if (aur_rule_reserved(parser, &attribute))
                return;
            uint32_t at = aur_rule_intern(&parser->builder, attribute.bytes, attribute.size);
            aur_rule_emit(parser, &attribute, RULE_OP_GET, at, 0);
        } else if (aur_rule_accept(parser, '[')) {
            struct rule_token attribute = parser->token;
            if (!aur_rule_expect(parser, RULE_TOKEN_STRING, "an attribute's name in quotes"))
                return;
            uint32_t at = aur_rule_unescape(parser, &attribute, false);
            aur_rule_expect(parser, ']', "`]` after the attribute's name");
            aur_rule_emit(parser, &attribute, RULE_OP_GET, at, 0);
        } else if (aur_rule_at(parser, '(')) {
            aur_rule_refuse(parser, &parser->token, "only functions and methods can be called",
                            false, "");
        } else {
            return;
        }
    }
}
