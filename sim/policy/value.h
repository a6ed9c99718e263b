// JSON to values (docs.cedarpolicy.com, "Entities and context JSON syntax").
#ifndef AURORA_SIM_POLICY_VALUE_H
#define AURORA_SIM_POLICY_VALUE_H

#include "policy/policy.h"

// Blocks grow from this by doubling.
#define AUR_POLICY_ROOM ((size_t)1 << 16)

struct aur_value_reader {
    const struct aur_document *document;
    const struct aur_policy_reading *reading;
    struct aur_rule_builder builder;
    struct aur_failure *failure;
};

// Each is false with a failure, or without one when the block is full.
bool aur_value_read(struct aur_value_reader *reader, const struct aur_node *node,
                    struct aur_rule_value *value);
// {"type": .., "id": ..}, with or without __entity, or "Type::\"id\"".
bool aur_value_read_entity(struct aur_value_reader *reader, const struct aur_node *node,
                           struct aur_rule_value *value);
bool aur_value_read_record(struct aur_value_reader *reader, const struct aur_node *node,
                           struct aur_rule_value *value);
bool aur_value_read_list(struct aur_value_reader *reader, const struct aur_node *node,
                         bool entities, struct aur_rule_value **values, uint32_t *count);

// Whether the block took all so far; if not, a failure but for NO_ROOM.
bool aur_value_good(struct aur_value_reader *reader, const struct aur_node *node);

// Refuses a map's keys that are not in the NULL-ended list.
bool aur_value_keys(const struct aur_document *document, const struct aur_node *map,
                    const char *const *names, struct aur_failure *failure);

bool aur_value_open(struct aur_document *document, const char *path, struct aur_failure *failure);

#endif
