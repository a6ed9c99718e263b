// Policies as trees, and a slow and obvious evaluator of them, written after Cedar's semantics and
// not after core/policy: sets are lists that are searched from end to end, ancestors are found by
// walking, numbers are wider than they may become.
#ifndef AURORA_CORE_TESTS_RULE_TWIN_H
#define AURORA_CORE_TESTS_RULE_TWIN_H

#include <stdbool.h>
#include <stdint.h>

enum twin_op {
    TWIN_BOOL,
    TWIN_LONG,
    TWIN_STRING,
    TWIN_ENTITY,
    TWIN_DECIMAL,  // decimal("..") of number ten-thousandths
    TWIN_DURATION, // duration("..ms")
    TWIN_VARIABLE,
    TWIN_SET,
    TWIN_RECORD,
    TWIN_IF,
    TWIN_OR,
    TWIN_AND,
    TWIN_EQUAL,
    TWIN_UNEQUAL,
    TWIN_LESS,
    TWIN_LESS_EQUAL,
    TWIN_GREATER,
    TWIN_GREATER_EQUAL,
    TWIN_IN,
    TWIN_HAS,
    TWIN_HAS_PATH, // two names
    TWIN_IS,
    TWIN_IS_IN,
    TWIN_LIKE,
    TWIN_ADD,
    TWIN_SUBTRACT,
    TWIN_MULTIPLY,
    TWIN_NOT,
    TWIN_NEGATE,
    TWIN_GET,
    TWIN_CONTAINS,
    TWIN_CONTAINS_ALL,
    TWIN_CONTAINS_ANY,
    TWIN_IS_EMPTY,
    TWIN_HAS_TAG,
    TWIN_GET_TAG,
    TWIN_DECIMAL_LESS,
    TWIN_OPS
};

#define TWIN_KIDS 4

struct twin_node {
    enum twin_op op;
    int64_t number;              // BOOL, LONG, DECIMAL, DURATION, VARIABLE
    const char *text;            // STRING, LIKE, an entity's id
    const char *type;            // ENTITY, IS
    const char *name[TWIN_KIDS]; // RECORD, HAS, GET
    struct twin_node *kid[TWIN_KIDS];
    int kids;
};

struct twin_value {
    int kind; // enum aur_rule_kind
    int64_t number;
    const char *type, *text;
    const char *name[TWIN_KIDS];
    const struct twin_value *item; // members of a set, values of a record
    int count;
};

#define TWIN_ENTITIES 9

// An entity of the world: number i is twin_types[i / 3]::twin_ids[i % 3]; parents have higher
// numbers.
struct twin_entity {
    bool exists;
    bool parent[TWIN_ENTITIES];
    struct twin_value attributes, tags; // records
};

struct twin_scope {
    int kind; // 0 any, 1 ==, 2 in, 3 is, 4 is in, 5 in [a, b]
    int entity, second;
    int type;
};

struct twin_policy {
    bool permit;
    struct twin_scope scope[3];
    struct twin_node *condition[2];
    bool unless[2];
    int conditions;
};

struct twin_world {
    struct twin_entity entity[TWIN_ENTITIES];
    int variable[3]; // of the request: entities
    struct twin_value context;
};

extern const char *const twin_types[3];
extern const char *const twin_ids[3];

// What the policy is worth: 1 it matches, 0 not, or minus an enum aur_rule_error_kind.
int twin_policy_worth(const struct twin_world *world, const struct twin_policy *policy);

struct twin_value twin_entity_value(int number);

// Memory for values and nodes, all given back at once.
void *twin_take(unsigned bytes);
void twin_give_back(void);

#endif
