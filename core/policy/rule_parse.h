// The parts of the compiler: it reads tokens and writes code as it goes.
#ifndef AURORA_POLICY_RULE_PARSE_H
#define AURORA_POLICY_RULE_PARSE_H

#include "policy/rule_lex.h"

// --- code (rule_emit.c) --------------------------------------------------------------------------

// Adds an instruction, which errs at `token`; returns its number.
uint32_t aur_rule_emit(struct rule_parser *parser, const struct rule_token *token, enum rule_op op,
                       uint32_t argument, uint32_t count);

// Adds one that pushes the value.
void aur_rule_emit_value(struct rule_parser *parser, const struct rule_token *token,
                         struct aur_rule_value value);

// Makes instruction `jump` go to what is emitted next.
void aur_rule_land(struct rule_parser *parser, uint32_t jump);

// If all that was emitted from number `first` on are `count` constants: takes them back, leaves
// their values at *values (in the free part of the block, until the next use of it) and returns
// true.
bool aur_rule_fold(struct rule_parser *parser, uint32_t first, uint32_t count,
                   struct aur_rule_value **values);

// Moves the code of the policy to its place, with the height that its stack needs.
void aur_rule_emit_end(struct rule_parser *parser, struct rule_policy *policy);

// --- names (rule_path.c) -------------------------------------------------------------------------

// Whether a word cannot be a name; refused if so.
bool aur_rule_reserved(struct rule_parser *parser, const struct rule_token *token);

// `A::B`, from the next token on, as one string; 0 if refused. If `id` is not NULL and a string
// follows as the last part, it is the token of that; else id->kind is RULE_TOKEN_END.
uint32_t aur_rule_path(struct rule_parser *parser, struct rule_token *id);

// `A::B::"id"`, from the next token on. `wanted`: "an entity like `User::\"alice\"`".
struct aur_rule_value aur_rule_entity_literal(struct rule_parser *parser, const char *wanted);

// The name after `.` or `has`, or before `:`: an identifier or a string. 0 if refused.
uint32_t aur_rule_attribute(struct rule_parser *parser, const char *wanted);

// --- expressions (rule_expression.c, rule_primary.c) ---------------------------------------------

void aur_rule_expression(struct rule_parser *parser);
void aur_rule_sum(struct rule_parser *parser);     // the operand of a relation
void aur_rule_member(struct rule_parser *parser);  // a primary with its accesses
void aur_rule_primary(struct rule_parser *parser); // literals, variables, brackets

// Expressions between commas up to `close`, which is taken; a comma may stand before it. Returns
// how many.
uint32_t aur_rule_list(struct rule_parser *parser, uint32_t close, const char *expected);

// Opens or closes a bracket or operator; false if too many are open.
bool aur_rule_open(struct rule_parser *parser);
void aur_rule_close(struct rule_parser *parser);

#endif
