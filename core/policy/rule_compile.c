// Policies: annotations, effect, scope and conditions (Cedar's grammar: Policy, Scope, Condition).
#include "policy/rule_parse.h"

static struct aur_rule_set *set_of(const struct rule_parser *parser)
{
    return (struct aur_rule_set *)(void *)parser->builder.block;
}

// `@name("text")` or `@name`; pairs of strings are chained in the block until their number is
// known.
static void annotations(struct rule_parser *parser, struct rule_policy *policy)
{
    uint32_t pairs[64][2], count = 0;
    while (aur_rule_good(parser) && aur_rule_accept(parser, '@')) {
        struct rule_token name = parser->token, text;
        if (!aur_rule_expect(parser, RULE_TOKEN_NAME, "an annotation's name after `@`"))
            return;
        if (count == sizeof pairs / sizeof pairs[0]) {
            aur_rule_refuse(parser, &name, "a policy has at most 64 annotations", false, "");
            return;
        }
        pairs[count][0] = aur_rule_intern(&parser->builder, name.bytes, name.size);
        pairs[count][1] = 0;
        if (aur_rule_accept(parser, '(')) {
            text = parser->token;
            aur_rule_expect(parser, RULE_TOKEN_STRING, "the annotation's text in quotes");
            pairs[count][1] = aur_rule_unescape(parser, &text, false);
            aur_rule_expect(parser, ')', "`)` after the annotation's text");
        } else {
            pairs[count][1] = aur_rule_intern(&parser->builder, "", 0);
        }
        for (uint32_t i = 0; i < count; i++)
            if (pairs[i][0] == pairs[count][0])
                aur_rule_refuse(parser, &name, "the policy has the annotation ", true,
                                " twice: remove one");
        count++;
    }
    if (count == 0 || !aur_rule_good(parser))
        return;
    policy->annotations = count;
    policy->annotations_at = aur_rule_take(&parser->builder, count * sizeof pairs[0]);
    if (policy->annotations_at)
        memcpy(parser->builder.block + policy->annotations_at, pairs, count * sizeof pairs[0]);
}

// An action's entity must be of a type whose last part is Action.
static void check_action(struct rule_parser *parser, const struct rule_token *token,
                         const struct aur_rule_value *value)
{
    static const char wanted[] = "::Action";
    if (!aur_rule_good(parser))
        return;
    struct rule_bases bases = aur_rule_own_bases(&parser->builder);
    const struct rule_name *name = aur_rule_contents(&bases, value);
    const struct rule_string *type = aur_rule_string_at(parser->builder.block, name->type);
    uint32_t least = sizeof "Action" - 1, whole = sizeof wanted - 1;
    bool plain = type->size == least && memcmp(type->bytes, wanted + 2, least) == 0;
    bool inside =
        type->size > whole && memcmp(type->bytes + type->size - whole, wanted, whole) == 0;
    if (!plain && !inside)
        aur_rule_refuse(parser, token, "", true,
                        " is no action: the type of an action is Action or ends in ::Action");
}

// `action in [A, B]`
static void action_set(struct rule_parser *parser, struct rule_scope *scope)
{
    uint32_t count = 0;
    struct aur_rule_builder *builder = &parser->builder;
    uint32_t first = parser->code;
    struct rule_token open = parser->token;
    struct aur_rule_value *values;
    aur_rule_next(parser);
    while (aur_rule_good(parser) && !aur_rule_accept(parser, ']')) {
        struct rule_token token = parser->token;
        struct aur_rule_value value =
            aur_rule_entity_literal(parser, "an action like `Action::\"view\"`");
        check_action(parser, &token, &value);
        aur_rule_emit_value(parser, &open, value);
        count++;
        if (aur_rule_accept(parser, ','))
            continue;
        aur_rule_expect(parser, ']', "`,` or `]` in the list of actions");
        break;
    }
    if (!aur_rule_fold(parser, first, count, &values))
        return;
    builder->used += count * (uint32_t)sizeof *values;
    scope->value = aur_rule_make_set(builder, values, count);
    scope->kind = RULE_WITHIN;
}

static void scope_of(struct rule_parser *parser, uint32_t variable, struct rule_scope *scope)
{
    static const char names[][12] = {"principal", "action", "resource"};
    static const char expected[][36] = {"`principal` first in the scope",
                                        "`action` second in the scope",
                                        "`resource` third in the scope"};
    static const char *const entity[] = {"an entity like `User::\"alice\"`",
                                         "an action like `Action::\"view\"`",
                                         "an entity like `File::\"a\"`"};
    if (!aur_rule_sees(parser, names[variable])) {
        aur_rule_expect(parser, RULE_TOKEN_PAIR - 1, expected[variable]);
        return;
    }
    aur_rule_next(parser);
    struct rule_token word = parser->token, token;
    if (word.kind == ':') {
        aur_rule_refuse(parser, &word, "a type is written with `is`: `principal is User`", false,
                        "");
    } else if (aur_rule_accept(parser, RULE_PAIR('=', '='))) {
        scope->kind = RULE_EQUALS;
    } else if (aur_rule_sees(parser, "in")) {
        aur_rule_next(parser);
        scope->kind = RULE_WITHIN;
        if (variable == 1 && aur_rule_at(parser, '[')) {
            action_set(parser, scope);
            return;
        }
        if (aur_rule_at(parser, '['))
            aur_rule_refuse(parser, &parser->token,
                            "only actions may be in a list here: write `in "
                            "[..]` in a `when`",
                            false, "");
    } else if (aur_rule_sees(parser, "is")) {
        if (variable == 1) {
            aur_rule_refuse(parser, &word, "an action has no type to ask for: use `==` or `in`",
                            false, "");
            return;
        }
        aur_rule_next(parser);
        scope->kind = RULE_OF_TYPE;
        scope->type = aur_rule_path(parser, NULL);
        if (!aur_rule_sees(parser, "in"))
            return;
        aur_rule_next(parser);
        scope->kind = RULE_OF_TYPE_WITHIN;
    } else {
        if (!aur_rule_at(parser, ',') && !aur_rule_at(parser, ')'))
            aur_rule_expect(parser, ',',
                            variable == 1 ? "`==`, `in` or `,`" : "`==`, `in`, `is` or `,`");
        return;
    }
    token = parser->token;
    scope->value = aur_rule_entity_literal(parser, entity[variable]);
    if (variable == 1)
        check_action(parser, &token, &scope->value);
}

static void conditions(struct rule_parser *parser)
{
    while (aur_rule_sees(parser, "when") || aur_rule_sees(parser, "unless")) {
        struct rule_token word = parser->token;
        bool when = aur_rule_sees(parser, "when");
        aur_rule_next(parser);
        aur_rule_expect(parser, '{', "`{` after `when` or `unless`");
        if (aur_rule_at(parser, '}'))
            aur_rule_refuse(parser, &parser->token,
                            "the condition is empty: write `true`, or "
                            "remove it",
                            false, "");
        aur_rule_expression(parser);
        aur_rule_expect(parser, '}', "an operator or `}` at the condition's end");
        aur_rule_emit(parser, &word, when ? RULE_OP_WHEN : RULE_OP_UNLESS, 0, 0);
        if (!aur_rule_good(parser))
            return;
    }
}

static void policy(struct rule_parser *parser)
{
    struct rule_policy made = {.line = parser->token.line, .column = parser->token.column};
    parser->reads_context = false;
    annotations(parser, &made);
    made.permit = aur_rule_sees(parser, "permit");
    if (!made.permit && !aur_rule_sees(parser, "forbid"))
        aur_rule_expect(parser, RULE_TOKEN_PAIR - 1, "`permit` or `forbid`");
    aur_rule_next(parser);
    aur_rule_expect(parser, '(', "`(` and the scope");
    for (uint32_t i = 0; i < 3 && aur_rule_good(parser); i++) {
        scope_of(parser, i, &made.scope[i]);
        if (i < 2 || !aur_rule_at(parser, ')'))
            aur_rule_expect(parser, ',',
                            i < 2 ? "`,` and the rest of the scope" : "`)` at the scope's end");
    }
    aur_rule_expect(parser, ')', "`)` at the scope's end");
    conditions(parser);
    aur_rule_expect(parser, ';', "`when`, `unless` or `;` at the policy's end");
    if (parser->code > 0)
        aur_rule_emit_end(parser, &made);
    made.reads_context = parser->reads_context;
    uint32_t at = aur_rule_good(parser) ? aur_rule_take(&parser->builder, sizeof made) : 0;
    if (!at)
        return;
    struct aur_rule_set *set = set_of(parser);
    memcpy(parser->builder.block + at, &made, sizeof made);
    if (set->last)
        ((struct rule_policy *)(void *)(parser->builder.block + set->last))->next = at;
    else
        set->first = at;
    set->last = at;
    set->policies++;
    set->stack = made.stack > set->stack ? made.stack : set->stack;
}

static void number_policies(struct rule_parser *parser)
{
    struct aur_rule_set *set = set_of(parser);
    uint32_t at = aur_rule_take(&parser->builder, set->policies * sizeof at + 8);
    if (!at)
        return;
    uint32_t *list = (uint32_t *)(void *)(parser->builder.block + at);
    set->policies_at = at;
    for (uint32_t next = set->first; next;) {
        struct rule_policy *each = (struct rule_policy *)(void *)(parser->builder.block + next);
        *list++ = next;
        next = each->next;
        each->next = 0;
    }
    set->first = set->last = 0;
}

enum aur_rule_status aur_rule_compile(void *block, size_t size, const char *text, size_t length,
                                      struct aur_rule_refusal *refusal)
{
    struct rule_parser parser = {
        .at = text, .end = text + length, .line = 1, .column = 1, .refusal = refusal};
    *refusal = (struct aur_rule_refusal){0};
    aur_rule_begin(&parser.builder, RULE_IN_SET, block, size, sizeof(struct aur_rule_set));
    parser.whole_size = parser.builder.size;
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) // a byte order mark
        parser.at += 3;
    if (parser.builder.status == AUR_RULE_OK)
        aur_rule_next(&parser);
    while (aur_rule_good(&parser) && !aur_rule_at(&parser, RULE_TOKEN_END))
        policy(&parser);
    if (parser.refused)
        return AUR_RULE_SYNTAX;
    if (aur_rule_good(&parser))
        number_policies(&parser);
    if (parser.builder.status == AUR_RULE_OK)
        aur_rule_end(&parser.builder);
    return (enum aur_rule_status)parser.builder.status;
}
