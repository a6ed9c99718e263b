// Text to tokens (cedar-policy-core, grammar.lalrpop: the tokens).
#include "policy/rule_lex.h"

#include "policy/rule_say.h"

bool aur_rule_good(const struct rule_parser *parser)
{
    return !parser->refused && parser->builder.status == AUR_RULE_OK;
}

bool aur_rule_refuse(struct rule_parser *parser, const struct rule_token *token, const char *before,
                     bool named, const char *after)
{
    // Of a block that is full nothing is read on: what comes then is no fault of the text.
    if (!aur_rule_good(parser))
        return false;
    parser->refused = true;
    struct rule_sentence sentence = {parser->refusal->text, sizeof parser->refusal->text, 0};
    parser->refusal->line = token->line;
    parser->refusal->column = token->column;
    aur_rule_say(&sentence, before);
    if (named && token->kind == RULE_TOKEN_END) {
        aur_rule_say(&sentence, "the end of the text");
    } else if (named) {
        aur_rule_say(&sentence, "`");
        aur_rule_say_bytes(&sentence, token->bytes, token->size < 40 ? token->size : 40);
        aur_rule_say(&sentence, token->size < 40 ? "`" : "..`");
    }
    aur_rule_say(&sentence, after);
    return false;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// Passes one byte; columns count characters.
static void pass(struct rule_parser *parser)
{
    char c = *parser->at++;
    if (c == '\n') {
        parser->line++;
        parser->column = 1;
    } else if ((c & 0xc0) != 0x80) {
        parser->column++;
    }
}

// Bytes of the white space at `at`: Unicode's White_Space property.
static uint32_t blank(const char *at, const char *end)
{
    static const char wide[][4] = {"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\xa8",
                                   "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};
    if (*at == ' ' || (*at >= '\t' && *at <= '\r'))
        return 1;
    if (!(*at & 0x80))
        return 0;
    for (uint32_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
        uint32_t size = wide[i][2] ? 3 : 2;
        if ((size_t)(end - at) >= size && memcmp(at, wide[i], size) == 0)
            return size;
    }
    bool quad = end - at >= 3 && memcmp(at, "\xe2\x80", 2) == 0; // U+2000 to U+200A
    return quad && (unsigned char)at[2] >= 0x80 && (unsigned char)at[2] <= 0x8a ? 3 : 0;
}

static void skip_blanks(struct rule_parser *parser)
{
    while (parser->at < parser->end) {
        uint32_t size = blank(parser->at, parser->end);
        if (size) {
            while (size--)
                pass(parser);
        } else if (parser->end - parser->at >= 2 && parser->at[0] == '/' && parser->at[1] == '/') {
            while (parser->at < parser->end && *parser->at != '\n' && *parser->at != '\r')
                pass(parser);
        } else {
            return;
        }
    }
}

static void read_string(struct rule_parser *parser, struct rule_token *token)
{
    token->kind = RULE_TOKEN_STRING;
    pass(parser);
    while (parser->at < parser->end && *parser->at != '"') {
        bool escaped = *parser->at == '\\' && parser->end - parser->at >= 2;
        pass(parser);
        if (escaped)
            pass(parser);
    }
    if (parser->at == parser->end)
        aur_rule_refuse(parser, token, "a string opens here and never ends: close it with `\"`",
                        false, "");
    else
        pass(parser);
}

static void read_number(struct rule_parser *parser, struct rule_token *token)
{
    token->kind = RULE_TOKEN_NUMBER;
    bool too_large = false;
    for (; parser->at < parser->end && is_digit(*parser->at); pass(parser)) {
        uint64_t digit = (uint64_t)(*parser->at - '0');
        too_large |= token->number > ((1ull << 63) - digit) / 10;
        token->number = token->number * 10 + digit;
    }
    if (too_large)
        aur_rule_refuse(parser, token,
                        "the number is too large: at most 9223372036854775807 can be written",
                        false, "");
}

static void read_sign(struct rule_parser *parser, struct rule_token *token)
{
    static const char pairs[][3] = {"::", "==", "!=", "<=", ">=", "||", "&&"};
    char c = *parser->at;
    token->kind = (unsigned char)c;
    for (uint32_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (parser->end - parser->at >= 2 && c == pairs[i][0] && parser->at[1] == pairs[i][1])
            token->kind = RULE_PAIR(pairs[i][0], pairs[i][1]);
    pass(parser);
    if (token->kind >= RULE_TOKEN_PAIR)
        pass(parser);
}

static bool is_sign(char c)
{
    static const char signs[] = "@.,;:(){}[]<>+-*/%!=|&";
    for (uint32_t i = 0; signs[i]; i++)
        if (signs[i] == c)
            return true;
    return false;
}

void aur_rule_next(struct rule_parser *parser)
{
    struct rule_token *token = &parser->token;
    skip_blanks(parser);
    *token =
        (struct rule_token){.line = parser->line, .column = parser->column, .bytes = parser->at};
    if (parser->at == parser->end)
        return;
    char c = *parser->at;
    if (is_letter(c) || c == '?') {
        token->kind = c == '?' ? RULE_TOKEN_SLOT : RULE_TOKEN_NAME;
        pass(parser);
        while (parser->at < parser->end && (is_letter(*parser->at) || is_digit(*parser->at)))
            pass(parser);
    } else if (is_digit(c)) {
        read_number(parser, token);
    } else if (c == '"') {
        read_string(parser, token);
    } else if (is_sign(c)) {
        read_sign(parser, token);
    } else {
        pass(parser);
        while (parser->at < parser->end && (*parser->at & 0xc0) == 0x80)
            pass(parser);
        token->size = (uint32_t)(parser->at - token->bytes);
        token->kind = (unsigned char)c;
        aur_rule_refuse(parser, token, "", true, " is no part of the language: remove it");
    }
    token->size = (uint32_t)(parser->at - token->bytes);
}

bool aur_rule_at(const struct rule_parser *parser, uint32_t kind)
{
    return parser->token.kind == kind;
}

bool aur_rule_sees(const struct rule_parser *parser, const char *word)
{
    size_t size = 0;
    while (word[size])
        size++;
    return parser->token.kind == RULE_TOKEN_NAME && parser->token.size == size &&
           memcmp(parser->token.bytes, word, size) == 0;
}

bool aur_rule_accept(struct rule_parser *parser, uint32_t kind)
{
    if (parser->token.kind != kind)
        return false;
    aur_rule_next(parser);
    return true;
}

bool aur_rule_expect(struct rule_parser *parser, uint32_t kind, const char *expected)
{
    if (aur_rule_accept(parser, kind))
        return true;
    char before[AUR_RULE_TEXT];
    struct rule_sentence sentence = {before, sizeof before, 0};
    aur_rule_say(&sentence, "expected ");
    aur_rule_say(&sentence, expected);
    aur_rule_say(&sentence, ", found ");
    return aur_rule_refuse(parser, &parser->token, before, true, "");
}
