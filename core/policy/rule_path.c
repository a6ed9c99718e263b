// Names: identifiers, types and entities.
#include "policy/rule_parse.h"

#include "policy/rule_say.h"

static bool is_word(const struct rule_token *token, const char *word)
{
    size_t size = 0;
    while (word[size])
        size++;
    return token->size == size && memcmp(token->bytes, word, size) == 0;
}

bool aur_rule_reserved(struct rule_parser *parser, const struct rule_token *token)
{
    static const char words[][8] = {"true", "false", "if",   "then", "else",
                                    "in",   "is",    "like", "has",  "__cedar"};
    for (uint32_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (is_word(token, words[i])) {
            aur_rule_refuse(parser, token, "", true,
                            " is a word of the language and no name: an attribute of that name is "
                            "written in quotes");
            return true;
        }
    }
    return false;
}

uint32_t aur_rule_path(struct rule_parser *parser, struct rule_token *id)
{
    char path[512];
    uint32_t size = 0;
    struct rule_token part = parser->token;
    if (id)
        id->kind = RULE_TOKEN_END;
    if (part.kind != RULE_TOKEN_NAME)
        aur_rule_expect(parser, RULE_TOKEN_NAME, "a type like `User` or `Photo::Album`");
    while (aur_rule_good(parser) && !aur_rule_reserved(parser, &part)) {
        if (size + part.size + 2 > sizeof path) {
            aur_rule_refuse(parser, &part, "the type is longer than 510 bytes: shorten it", false,
                            "");
            break;
        }
        memcpy(path + size, part.bytes, part.size);
        size += part.size;
        aur_rule_next(parser);
        if (!aur_rule_at(parser, RULE_PAIR(':', ':')))
            return aur_rule_intern(&parser->builder, path, size);
        aur_rule_next(parser);
        part = parser->token;
        if (id && part.kind == RULE_TOKEN_STRING) {
            *id = part;
            aur_rule_next(parser);
            return aur_rule_intern(&parser->builder, path, size);
        }
        if (part.kind != RULE_TOKEN_NAME)
            aur_rule_expect(parser, RULE_TOKEN_NAME,
                            id ? "a name or a string after `::`" : "a name after `::`");
        memcpy(path + size, "::", 2);
        size += 2;
    }
    return 0;
}

struct aur_rule_value aur_rule_entity_literal(struct rule_parser *parser, const char *wanted)
{
    static const struct aur_rule_value nothing;
    struct rule_token id, start = parser->token;
    if (start.kind == RULE_TOKEN_SLOT) {
        aur_rule_refuse(parser, &start, "templates are not supported: write an entity in place of ",
                        true, "");
        return nothing;
    }
    if (start.kind != RULE_TOKEN_NAME) {
        aur_rule_expect(parser, RULE_TOKEN_NAME, wanted);
        return nothing;
    }
    uint32_t type = aur_rule_path(parser, &id);
    if (type && id.kind != RULE_TOKEN_STRING)
        aur_rule_expect(parser, RULE_PAIR(':', ':'), "`::` and the entity's id in quotes");
    uint32_t id_at = type ? aur_rule_unescape(parser, &id, false) : 0;
    return id_at && aur_rule_good(parser) ? aur_rule_name_value(&parser->builder, type, id_at)
                                          : nothing;
}

uint32_t aur_rule_attribute(struct rule_parser *parser, const char *wanted)
{
    struct rule_token token = parser->token;
    if (token.kind == RULE_TOKEN_STRING) {
        aur_rule_next(parser);
        return aur_rule_unescape(parser, &token, false);
    }
    if (!aur_rule_expect(parser, RULE_TOKEN_NAME, wanted) || aur_rule_reserved(parser, &token))
        return 0;
    return aur_rule_intern(&parser->builder, token.bytes, token.size);
}

bool aur_rule_read_entity(struct aur_rule_builder *builder, const char *text, size_t size,
                          struct aur_rule_value *entity, struct aur_rule_refusal *refusal)
{
    struct rule_parser parser = {.builder = *builder,
                                 .whole_size = builder->size,
                                 .at = text,
                                 .end = text + size,
                                 .line = 1,
                                 .column = 1,
                                 .refusal = refusal};
    *refusal = (struct aur_rule_refusal){0};
    aur_rule_next(&parser);
    *entity = aur_rule_entity_literal(&parser, "an entity like `User::\"alice\"`");
    if (aur_rule_good(&parser) && !aur_rule_at(&parser, RULE_TOKEN_END))
        aur_rule_refuse(&parser, &parser.token, "expected nothing after the entity, found ", true,
                        "");
    *builder = parser.builder;
    return !parser.refused;
}
