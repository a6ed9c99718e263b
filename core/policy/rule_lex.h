// Text to tokens, and the refusal of a text.
#ifndef AURORA_POLICY_RULE_LEX_H
#define AURORA_POLICY_RULE_LEX_H

#include "policy/rule_build.h"
#include "policy/rule_code.h"

enum rule_token_kind {
    RULE_TOKEN_END,
    RULE_TOKEN_NAME,   // an identifier or a word of the language
    RULE_TOKEN_NUMBER, // digits, at most 2^63
    RULE_TOKEN_STRING, // with its quotes and escapes
    RULE_TOKEN_SLOT,   // ?principal
    // The rest are named by their characters: the first, and the second above it.
    RULE_TOKEN_PAIR = 256
};

#define RULE_PAIR(a, b) ((uint32_t)(a) | (uint32_t)(b)*RULE_TOKEN_PAIR)

struct rule_token {
    uint32_t kind; // enum rule_token_kind, a character or a pair
    uint32_t line, column;
    const char *bytes;
    uint32_t size;
    uint64_t number;
};

struct rule_parser {
    struct aur_rule_builder builder; // of the set; its `size` sinks as code is emitted at the end
    uint32_t whole_size;             // of the block
    const char *at, *end;            // of the text
    uint32_t line, column;           // of `at`
    struct rule_token token;         // the next one
    uint32_t nesting;
    uint32_t code; // instructions of this policy so far
    bool reads_context;
    bool refused;
    struct aur_rule_refusal *refusal;
};

// Reads the next token into parser->token.
void aur_rule_next(struct rule_parser *parser);

// Refuses the text at a token, once: `before`, the token in backquotes if `named`, `after`.
// Returns false.
bool aur_rule_refuse(struct rule_parser *parser, const struct rule_token *token, const char *before,
                     bool named, const char *after);

// Whether the next token is the word or the character.
bool aur_rule_sees(const struct rule_parser *parser, const char *word);
bool aur_rule_at(const struct rule_parser *parser, uint32_t kind);

// Takes the next token if it is the character.
bool aur_rule_accept(struct rule_parser *parser, uint32_t kind);

// Takes it or refuses: "expected `;` after the policy, found `x`".
bool aur_rule_expect(struct rule_parser *parser, uint32_t kind, const char *expected);

// Whether parsing may go on: neither refused nor out of room.
bool aur_rule_good(const struct rule_parser *parser);

// The string that a token spells, in the set, or 0. In a pattern `*` becomes RULE_WILDCARD and `\*`
// a star.
uint32_t aur_rule_unescape(struct rule_parser *parser, const struct rule_token *token,
                           bool pattern);

#define RULE_WILDCARD '\xff' // in no UTF-8 text

#endif
