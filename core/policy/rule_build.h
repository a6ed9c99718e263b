// Filling a block: room, and strings and names that stand once.
#ifndef AURORA_POLICY_RULE_BUILD_H
#define AURORA_POLICY_RULE_BUILD_H

#include "policy/rule_value.h"

// Begins a block whose head is the first of `head_bytes`.
void aur_rule_begin(struct aur_rule_builder *builder, uint8_t number, void *block, size_t size,
                    size_t head_bytes);

// Ends it: the digest of what it holds.
void aur_rule_end(struct aur_rule_builder *builder);

// Takes `bytes` of the block, zeroed, aligned to 8; 0 if there is no room.
uint32_t aur_rule_take(struct aur_rule_builder *builder, size_t bytes);

// The offset of the string; 0 if there is no room. `bytes` may stand in the free part of the block.
uint32_t aur_rule_intern(struct aur_rule_builder *builder, const char *bytes, uint32_t size);

struct aur_rule_value aur_rule_string_value(const struct aur_rule_builder *builder,
                                            uint32_t string);
struct aur_rule_value aur_rule_name_value(struct aur_rule_builder *builder, uint32_t type,
                                          uint32_t id);

// The bases with which the values of a block that is being filled are read.
struct rule_bases aur_rule_own_bases(const struct aur_rule_builder *builder);

bool aur_rule_failed(struct aur_rule_builder *builder, enum aur_rule_status status);

#endif
