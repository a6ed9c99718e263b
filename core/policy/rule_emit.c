// Code as it comes: it grows down from the end of the block until its policy ends.
#include "policy/rule_parse.h"

static struct rule_instruction *instruction_at(const struct rule_parser *parser, uint32_t number)
{
    return (struct rule_instruction *)(void *)(parser->builder.block + parser->whole_size) - 1 -
           number;
}

uint32_t aur_rule_emit(struct rule_parser *parser, const struct rule_token *token, enum rule_op op,
                       uint32_t argument, uint32_t count)
{
    struct aur_rule_builder *builder = &parser->builder;
    if (!aur_rule_good(parser))
        return 0;
    if (parser->code == AUR_RULE_CODE) {
        aur_rule_refuse(parser, token, "the policy is too long from here on: split it", false, "");
        return 0;
    }
    if (builder->size - builder->used < sizeof(struct rule_instruction)) {
        aur_rule_failed(builder, AUR_RULE_NO_ROOM);
        return 0;
    }
    builder->size -= (uint32_t)sizeof(struct rule_instruction);
    *instruction_at(parser, parser->code) = (struct rule_instruction){.op = (uint8_t)op,
                                                                      .count = (uint16_t)count,
                                                                      .argument = argument,
                                                                      .line = token->line,
                                                                      .column = token->column};
    return parser->code++;
}

void aur_rule_emit_value(struct rule_parser *parser, const struct rule_token *token,
                         struct aur_rule_value value)
{
    uint32_t at = aur_rule_take(&parser->builder, sizeof value);
    if (!at)
        return;
    memcpy(parser->builder.block + at, &value, sizeof value);
    aur_rule_emit(parser, token, RULE_OP_CONST, at, 0);
}

void aur_rule_land(struct rule_parser *parser, uint32_t jump)
{
    if (!aur_rule_good(parser))
        return;
    struct rule_instruction *instruction = instruction_at(parser, jump);
    if (instruction->op == RULE_OP_IS_JUMP)
        instruction->count = (uint16_t)(parser->code - jump);
    else
        instruction->argument = parser->code;
}

bool aur_rule_fold(struct rule_parser *parser, uint32_t first, uint32_t count,
                   struct aur_rule_value **values)
{
    struct aur_rule_builder *builder = &parser->builder;
    if (!aur_rule_good(parser) || parser->code != first + count)
        return false;
    for (uint32_t i = first; i < parser->code; i++)
        if (instruction_at(parser, i)->op != RULE_OP_CONST)
            return false;
    if ((size_t)count * sizeof **values > builder->size - builder->used)
        return aur_rule_failed(builder, AUR_RULE_NO_ROOM);
    *values = (struct aur_rule_value *)(void *)(builder->block + builder->used);
    for (uint32_t i = 0; i < count; i++)
        memcpy(&(*values)[i], builder->block + instruction_at(parser, first + i)->argument,
               sizeof **values);
    builder->size += count * (uint32_t)sizeof(struct rule_instruction);
    parser->code = first;
    return true;
}

static int height_change(const struct rule_instruction *instruction)
{
    static const int8_t changes[] = {
#define X(name, height) height,
        RULE_OP_TABLE(X)
#undef X
    };
    switch (instruction->op) {
    case RULE_OP_SET:
        return 1 - (int)instruction->argument;
    case RULE_OP_RECORD:
        return 1 - 2 * (int)instruction->argument;
    case RULE_OP_CALL:
        return 1 - (int)instruction->count;
    default:
        return changes[instruction->op];
    }
}

void aur_rule_emit_end(struct rule_parser *parser, struct rule_policy *policy)
{
    struct aur_rule_builder *builder = &parser->builder;
    const struct rule_token place = {.line = policy->line, .column = policy->column};
    aur_rule_emit(parser, &place, RULE_OP_END, 0, 0);
    uint32_t bytes = parser->code * (uint32_t)sizeof(struct rule_instruction);
    uint32_t at = aur_rule_take(builder, bytes);
    if (!at)
        return;
    int height = 0, highest = 0;
    struct rule_instruction *code = (struct rule_instruction *)(void *)(builder->block + at);
    for (uint32_t i = 0; i < parser->code; i++) {
        code[i] = *instruction_at(parser, i);
        height += height_change(&code[i]);
        highest = height > highest ? height : highest;
    }
    if (highest > (int)AUR_RULE_STACK)
        aur_rule_refuse(parser, &place,
                        "the policy has more than 256 values pending: make sets and records of "
                        "fewer expressions",
                        false, "");
    policy->stack = (uint16_t)highest;
    policy->code = parser->code;
    policy->code_at = at;
    builder->size = parser->whole_size;
    parser->code = 0;
}
