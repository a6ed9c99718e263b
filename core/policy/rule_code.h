// The compact form of policies: a scope that is compared, and code for a machine with a stack.
//
// Invariant: code only jumps forward, so that a policy takes at most as many steps as it has
// instructions, plus what comparing its values costs; and before an instruction the stack has the
// same height on every way to it, at most `stack` of the policy.
#ifndef AURORA_POLICY_RULE_CODE_H
#define AURORA_POLICY_RULE_CODE_H

#include "policy/rule_value.h"

// name, how it changes the height of the stack when it does not jump
#define RULE_OP_TABLE(X)                                                                           \
    X(END, 0)      /* the policy matches */                                                        \
    X(CONST, 1)    /* pushes the value at `argument` */                                            \
    X(VARIABLE, 1) /* pushes variable number `argument` */                                         \
    X(GET, 0)      /* the attribute `argument` (a string) of the top */                            \
    X(HAS, 0)      /* whether it has it; `count` > 1: whether it has a path of attributes */       \
    X(IS, 0)       /* whether the top is an entity of type `argument` */                           \
    X(IS_JUMP, 0)  /* if it is not: replaces it by false and jumps */                              \
    X(LIKE, 0)                                                                                     \
    X(NOT, 0)                                                                                      \
    X(NEGATE, 0)                                                                                   \
    X(IS_EMPTY, 0)                                                                                 \
    X(BOOL, 0)      /* errs unless the top is a bool */                                            \
    X(AND_JUMP, -1) /* a bool must be on top; false: stays and jumps; true: goes */                \
    X(OR_JUMP, -1)  /* the other way round */                                                      \
    X(IF_JUMP, -1)  /* takes a bool; jumps if false */                                             \
    X(JUMP, -1)     /* to the end of an if: the height is that before `then` */                    \
    X(WHEN, -1)     /* takes a bool; false: the policy does not match */                           \
    X(UNLESS, -1)                                                                                  \
    X(ADD, -1)                                                                                     \
    X(SUBTRACT, -1)                                                                                \
    X(MULTIPLY, -1)                                                                                \
    X(LESS, -1)                                                                                    \
    X(LESS_EQUAL, -1)                                                                              \
    X(GREATER, -1)                                                                                 \
    X(GREATER_EQUAL, -1)                                                                           \
    X(EQUAL, -1)                                                                                   \
    X(UNEQUAL, -1)                                                                                 \
    X(IN, -1)                                                                                      \
    X(CONTAINS, -1)                                                                                \
    X(CONTAINS_ALL, -1)                                                                            \
    X(CONTAINS_ANY, -1)                                                                            \
    X(HAS_TAG, -1)                                                                                 \
    X(GET_TAG, -1)                                                                                 \
    X(SET, 1)    /* takes `argument` values */                                                     \
    X(RECORD, 1) /* takes `argument` keys and values */                                            \
    X(CALL, 1)   /* extension function `argument`, takes `count` values */

enum rule_op {
#define X(name, height) RULE_OP_##name,
    RULE_OP_TABLE(X)
#undef X
    RULE_OPS
};

struct rule_instruction {
    uint8_t op;
    uint8_t unused;
    uint16_t count;
    uint32_t argument; // IS_JUMP: the type; it jumps `count` instructions forward
    uint32_t line;     // of the operator in the text
    uint32_t column;
};

enum rule_scope_kind {
    RULE_ANY,
    RULE_EQUALS,
    RULE_WITHIN,
    RULE_OF_TYPE,
    RULE_OF_TYPE_WITHIN
};

struct rule_scope {
    uint32_t kind;               // enum rule_scope_kind
    uint32_t type;               // a string
    struct aur_rule_value value; // an entity; for actions also a set of entities
};

struct rule_policy {
    uint32_t next; // the policy after it, while compiling
    uint8_t permit, reads_context;
    uint16_t stack;                       // values pending at most
    uint32_t line, column;                // of its first word
    uint32_t annotations, annotations_at; // pairs of strings
    uint32_t code, code_at;               // instructions; 0: it has no conditions
    struct rule_scope scope[3];           // principal, action, resource
};

struct aur_rule_set {
    struct rule_head head;
    uint32_t policies, policies_at; // uint32_t[]: where each stands
    uint32_t stack;                 // the largest of the policies
    uint32_t first, last;           // while compiling
    uint32_t unused;
};

#endif
