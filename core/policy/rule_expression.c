// Operators, from the weakest to the strongest (Cedar's grammar: Expr, Or, And, Relation, Add,
// Mult, Unary). Recursion is bounded by AUR_RULE_NESTING.
#include "policy/rule_parse.h"

bool aur_rule_open(struct rule_parser *parser)
{
    if (parser->nesting == AUR_RULE_NESTING)
        return aur_rule_refuse(parser, &parser->token,
                               "more than 64 expressions are nested here: split the policy", false,
                               "");
    parser->nesting++;
    return true;
}

void aur_rule_close(struct rule_parser *parser)
{
    parser->nesting--;
}

// Takes the word, or refuses what is there instead.
static void expect_word(struct rule_parser *parser, const char *word, const char *expected)
{
    if (aur_rule_sees(parser, word))
        aur_rule_next(parser);
    else
        aur_rule_expect(parser, RULE_TOKEN_PAIR - 1, expected); // no token is of that kind
}

static void unary(struct rule_parser *parser)
{
    struct rule_token sign = parser->token;
    uint32_t signs = 0;
    if (sign.kind != '!' && sign.kind != '-') {
        aur_rule_member(parser);
        return;
    }
    while (aur_rule_good(parser) && aur_rule_accept(parser, sign.kind))
        if (++signs > 4)
            aur_rule_refuse(parser, &sign, "more than four ", true, " in a row: use parentheses");
    if (sign.kind == '-' && aur_rule_at(parser, RULE_TOKEN_NUMBER)) {
        // The sign belongs to the literal, so that the lowest number can be written.
        struct rule_token number = parser->token;
        uint32_t before = parser->code;
        struct aur_rule_value *value;
        if (number.number <= INT64_MAX) {
            aur_rule_member(parser);
            if (aur_rule_fold(parser, before, 1, &value) && value->kind == AUR_RULE_LONG) {
                aur_rule_emit_value(parser, &sign, aur_rule_long(-(int64_t)value->data));
                signs--;
            }
        } else {
            aur_rule_next(parser);
            aur_rule_emit_value(parser, &sign, aur_rule_long(INT64_MIN));
            signs--;
        }
    } else {
        aur_rule_member(parser);
    }
    for (; signs > 0; signs--)
        aur_rule_emit(parser, &sign, sign.kind == '!' ? RULE_OP_NOT : RULE_OP_NEGATE, 0, 0);
}

static void product(struct rule_parser *parser)
{
    unary(parser);
    while (aur_rule_good(parser)) {
        struct rule_token sign = parser->token;
        if (sign.kind == '/' || sign.kind == '%')
            aur_rule_refuse(parser, &sign, "there is no operator ", true,
                            ": Cedar has only + - and *");
        if (!aur_rule_accept(parser, '*'))
            return;
        unary(parser);
        aur_rule_emit(parser, &sign, RULE_OP_MULTIPLY, 0, 0);
    }
}

void aur_rule_sum(struct rule_parser *parser)
{
    product(parser);
    while (aur_rule_good(parser)) {
        struct rule_token sign = parser->token;
        if (!aur_rule_accept(parser, '+') && !aur_rule_accept(parser, '-'))
            return;
        product(parser);
        aur_rule_emit(parser, &sign, sign.kind == '+' ? RULE_OP_ADD : RULE_OP_SUBTRACT, 0, 0);
    }
}

static enum rule_op relation_op(const struct rule_parser *parser)
{
    switch (parser->token.kind) {
    case '<':
        return RULE_OP_LESS;
    case RULE_PAIR('<', '='):
        return RULE_OP_LESS_EQUAL;
    case '>':
        return RULE_OP_GREATER;
    case RULE_PAIR('>', '='):
        return RULE_OP_GREATER_EQUAL;
    case RULE_PAIR('=', '='):
        return RULE_OP_EQUAL;
    case RULE_PAIR('!', '='):
        return RULE_OP_UNEQUAL;
    default:
        return aur_rule_sees(parser, "in") ? RULE_OP_IN : RULE_OP_END;
    }
}

// `has a`, `has "a"` or `has a.b.c`: each part of the path must be there.
static void has(struct rule_parser *parser, const struct rule_token *word)
{
    uint32_t path[16], count = 1;
    bool quoted = aur_rule_at(parser, RULE_TOKEN_STRING);
    path[0] = aur_rule_attribute(parser, "an attribute's name after `has`");
    while (aur_rule_good(parser) && !quoted && aur_rule_accept(parser, '.')) {
        if (count == sizeof path / sizeof path[0]) {
            aur_rule_refuse(parser, &parser->token, "`has` takes a path of at most 16 names", false,
                            "");
            return;
        }
        if (aur_rule_at(parser, RULE_TOKEN_STRING)) {
            aur_rule_expect(parser, RULE_TOKEN_NAME, "an attribute's name after `.`");
            return;
        }
        path[count++] = aur_rule_attribute(parser, "an attribute's name after `.`");
    }
    if (!aur_rule_good(parser))
        return;
    uint32_t at = path[0];
    if (count > 1) {
        at = aur_rule_take(&parser->builder, count * sizeof path[0]);
        if (!at)
            return;
        memcpy(parser->builder.block + at, path, count * sizeof path[0]);
    }
    aur_rule_emit(parser, word, RULE_OP_HAS, at, count);
}

static void is(struct rule_parser *parser, const struct rule_token *word)
{
    uint32_t type = aur_rule_path(parser, NULL);
    if (!type)
        return;
    struct rule_token in = parser->token;
    if (!aur_rule_sees(parser, "in")) {
        aur_rule_emit(parser, word, RULE_OP_IS, type, 0);
        return;
    }
    aur_rule_next(parser);
    uint32_t jump = aur_rule_emit(parser, word, RULE_OP_IS_JUMP, type, 0);
    aur_rule_sum(parser);
    aur_rule_emit(parser, &in, RULE_OP_IN, 0, 0);
    aur_rule_land(parser, jump);
}

static void like(struct rule_parser *parser, const struct rule_token *word)
{
    struct rule_token pattern = parser->token;
    if (!aur_rule_expect(parser, RULE_TOKEN_STRING, "a pattern in quotes after `like`"))
        return;
    uint32_t at = aur_rule_unescape(parser, &pattern, true);
    aur_rule_emit(parser, word, RULE_OP_LIKE, at, 0);
}

static void relation(struct rule_parser *parser)
{
    aur_rule_sum(parser);
    struct rule_token word = parser->token;
    enum rule_op op = relation_op(parser);
    if (op != RULE_OP_END) {
        aur_rule_next(parser);
        aur_rule_sum(parser);
        aur_rule_emit(parser, &word, op, 0, 0);
    } else if (aur_rule_sees(parser, "has")) {
        aur_rule_next(parser);
        has(parser, &word);
    } else if (aur_rule_sees(parser, "is")) {
        aur_rule_next(parser);
        is(parser, &word);
    } else if (aur_rule_sees(parser, "like")) {
        aur_rule_next(parser);
        like(parser, &word);
    } else {
        return;
    }
    if (relation_op(parser) != RULE_OP_END || aur_rule_sees(parser, "has") ||
        aur_rule_sees(parser, "is") || aur_rule_sees(parser, "like"))
        aur_rule_refuse(parser, &parser->token,
                        "a comparison of a comparison: put parentheses "
                        "around what comes before ",
                        true, "");
}

static void conjunction(struct rule_parser *parser)
{
    relation(parser);
    while (aur_rule_good(parser)) {
        struct rule_token sign = parser->token;
        if (!aur_rule_accept(parser, RULE_PAIR('&', '&')))
            return;
        uint32_t jump = aur_rule_emit(parser, &sign, RULE_OP_AND_JUMP, 0, 0);
        relation(parser);
        aur_rule_emit(parser, &sign, RULE_OP_BOOL, 0, 0);
        aur_rule_land(parser, jump);
    }
}

static void disjunction(struct rule_parser *parser)
{
    conjunction(parser);
    while (aur_rule_good(parser)) {
        struct rule_token sign = parser->token;
        if (!aur_rule_accept(parser, RULE_PAIR('|', '|')))
            return;
        uint32_t jump = aur_rule_emit(parser, &sign, RULE_OP_OR_JUMP, 0, 0);
        conjunction(parser);
        aur_rule_emit(parser, &sign, RULE_OP_BOOL, 0, 0);
        aur_rule_land(parser, jump);
    }
}

void aur_rule_expression(struct rule_parser *parser)
{
    struct rule_token word = parser->token;
    if (!aur_rule_good(parser) || !aur_rule_open(parser))
        return;
    if (!aur_rule_sees(parser, "if")) {
        disjunction(parser);
    } else {
        aur_rule_next(parser);
        aur_rule_expression(parser);
        uint32_t otherwise = aur_rule_emit(parser, &word, RULE_OP_IF_JUMP, 0, 0);
        expect_word(parser, "then", "`then`");
        aur_rule_expression(parser);
        uint32_t end = aur_rule_emit(parser, &word, RULE_OP_JUMP, 0, 0);
        aur_rule_land(parser, otherwise);
        expect_word(parser, "else", "`else`");
        aur_rule_expression(parser);
        aur_rule_land(parser, end);
    }
    aur_rule_close(parser);
}
