// What a string token spells: Rust's escapes, as Cedar has them (unescape.rs), in valid UTF-8.
#include "policy/rule_lex.h"

#include "policy/rule_say.h"

struct reading {
    struct rule_parser *parser;
    const struct rule_token *token;
    const char *at, *end;
    char *out;
};

static bool refuse(struct reading *in, const char *why)
{
    struct rule_token place = *in->token;
    for (const char *passed = in->token->bytes; passed < in->at; passed++) {
        place.column = *passed == '\n' ? 1 : place.column + ((*passed & 0xc0) != 0x80);
        place.line += *passed == '\n';
    }
    return aur_rule_refuse(in->parser, &place, why, false, "");
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void put_character(struct reading *in, uint32_t c)
{
    if (c < 0x80) {
        *in->out++ = (char)c;
    } else if (c < 0x800) {
        *in->out++ = (char)(0xc0 | c >> 6);
        *in->out++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *in->out++ = (char)(0xe0 | c >> 12);
        *in->out++ = (char)(0x80 | (c >> 6 & 0x3f));
        *in->out++ = (char)(0x80 | (c & 0x3f));
    } else {
        *in->out++ = (char)(0xf0 | c >> 18);
        *in->out++ = (char)(0x80 | (c >> 12 & 0x3f));
        *in->out++ = (char)(0x80 | (c >> 6 & 0x3f));
        *in->out++ = (char)(0x80 | (c & 0x3f));
    }
}

// After `\x`: two digits, at most 7F.
static bool read_byte(struct reading *in, uint32_t *c)
{
    if (in->end - in->at < 2 || hex(in->at[0]) < 0 || hex(in->at[1]) < 0)
        return refuse(in, "`\\x` needs two hexadecimal digits");
    *c = (uint32_t)(hex(in->at[0]) << 4 | hex(in->at[1]));
    if (*c > 0x7f)
        return refuse(in, "`\\x` goes to 7F: write `\\u{..}` for other characters");
    in->at += 2;
    return true;
}

// After `\u`: one to six digits in braces, underscores between them.
static bool read_unicode(struct reading *in, uint32_t *c)
{
    uint32_t digits = 0;
    *c = 0;
    if (in->at == in->end || *in->at != '{')
        return refuse(in, "`\\u` needs digits in braces: `\\u{1F600}`");
    for (in->at++; in->at < in->end && *in->at != '}'; in->at++) {
        if (*in->at == '_' && digits > 0)
            continue;
        if (hex(*in->at) < 0 || ++digits > 6)
            return refuse(in, "`\\u{..}` holds one to six hexadecimal digits");
        *c = *c << 4 | (uint32_t)hex(*in->at);
    }
    if (in->at == in->end || digits == 0)
        return refuse(in, "`\\u{..}` holds one to six hexadecimal digits");
    if (*c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
        return refuse(in, "`\\u{..}` names no character of Unicode");
    in->at++;
    return true;
}

static bool read_escape(struct reading *in, bool pattern)
{
    static const char letters[] = "nrt0\\'\"", meant[] = "\n\r\t\0\\'\"";
    char c = in->at < in->end ? *in->at : 0;
    uint32_t character = 0;
    for (uint32_t i = 0; c && letters[i]; i++) {
        if (letters[i] == c) {
            in->at++;
            *in->out++ = meant[i];
            return true;
        }
    }
    if (c == '*' && pattern) {
        in->at++;
        *in->out++ = '*';
        return true;
    }
    if (c != 'x' && c != 'u')
        return refuse(in, pattern ? "no such escape: there are \\n \\r \\t \\\\ \\0 \\' \\\" \\x41 "
                                    "\\u{1F600} and \\*"
                                  : "no such escape: there are \\n \\r \\t \\\\ \\0 \\' \\\" \\x41 "
                                    "\\u{1F600}");
    in->at++;
    if (!(c == 'x' ? read_byte(in, &character) : read_unicode(in, &character)))
        return false;
    // As in Cedar, an escape that spells a star is a wildcard too.
    if (pattern && character == '*')
        *in->out++ = RULE_WILDCARD;
    else
        put_character(in, character);
    return true;
}

// Bytes of the character at `at`, 0 if it is not valid UTF-8 (RFC 3629).
static uint32_t utf8(const char *text, const char *end)
{
    const unsigned char *at = (const unsigned char *)text;
    uint32_t size = at[0] < 0x80   ? 1
                    : at[0] < 0xc2 ? 0
                    : at[0] < 0xe0 ? 2
                    : at[0] < 0xf0 ? 3
                    : at[0] < 0xf5 ? 4
                                   : 0;
    if (size == 0 || end - text < (ptrdiff_t)size)
        return 0;
    for (uint32_t i = 1; i < size; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xf0 && at[1] < 0x90);
    bool none = (at[0] == 0xed && at[1] > 0x9f) || (at[0] == 0xf4 && at[1] > 0x8f);
    return overlong || none ? 0 : size;
}

static bool read_character(struct reading *in, bool pattern)
{
    uint32_t size = utf8(in->at, in->end);
    if (size == 0)
        return refuse(in, "the string is not UTF-8: save the file as UTF-8");
    if (*in->at == '\r')
        return refuse(in, "the string holds a bare carriage return: write `\\r`");
    if (pattern && *in->at == '*')
        *in->out++ = RULE_WILDCARD;
    else
        for (uint32_t i = 0; i < size; i++)
            *in->out++ = in->at[i];
    in->at += size;
    return true;
}

uint32_t aur_rule_unescape(struct rule_parser *parser, const struct rule_token *token, bool pattern)
{
    struct aur_rule_builder *builder = &parser->builder;
    if (!aur_rule_good(parser))
        return 0;
    // What is spelled is never longer than its spelling; it is written behind where it will stand.
    if (builder->size - builder->used < sizeof(struct rule_string) + token->size) {
        aur_rule_failed(builder, AUR_RULE_NO_ROOM);
        return 0;
    }
    char *room = (char *)builder->block + builder->used + sizeof(struct rule_string);
    struct reading in = {parser, token, token->bytes + 1, token->bytes + token->size - 1, room};
    while (in.at < in.end) {
        bool escape = *in.at == '\\';
        in.at += escape;
        if (!(escape ? read_escape(&in, pattern) : read_character(&in, pattern)))
            return 0;
    }
    return aur_rule_intern(builder, room, (uint32_t)(in.out - room));
}
