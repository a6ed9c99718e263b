// The machine that runs a policy's code (Cedar/Spec/Evaluator.lean).
#ifndef AURORA_POLICY_RULE_MACHINE_H
#define AURORA_POLICY_RULE_MACHINE_H

#include "policy/rule_code.h"

enum rule_outcome {
    RULE_OTHERWISE,
    RULE_MATCHES,
    RULE_ERRS,
    RULE_STOPPED
};

struct rule_machine {
    struct rule_bases bases;
    struct aur_rule_value variable[4];
    struct aur_rule_value *stack;
    uint32_t heap, heap_used, heap_size; // what policies make, in the work's block
    uint32_t steps;                      // left; none: STOPPED
    bool read_context;                   // a policy has looked at it
    bool no_room;                        // STOPPED for lack of work
    struct aur_rule_error error;         // of the last policy that erred
};

// Runs the conditions of a policy whose scope matches.
enum rule_outcome aur_rule_run(struct rule_machine *machine, const struct rule_policy *policy);

// Each of these takes operands and gives a value or an enum aur_rule_error_kind; for TYPE, the
// machine's error then says what was wanted and found.

uint32_t aur_rule_type_error(struct rule_machine *machine, uint32_t wanted,
                             const struct aur_rule_value *found);
uint32_t aur_rule_arithmetic(struct rule_machine *machine, enum rule_op op,
                             const struct aur_rule_value *operand, struct aur_rule_value *result);
uint32_t aur_rule_order(struct rule_machine *machine, enum rule_op op,
                        const struct aur_rule_value *operand, struct aur_rule_value *result);
uint32_t aur_rule_in(struct rule_machine *machine, const struct aur_rule_value *operand,
                     struct aur_rule_value *result);
uint32_t aur_rule_contains(struct rule_machine *machine, enum rule_op op,
                           const struct aur_rule_value *operand, struct aur_rule_value *result);
uint32_t aur_rule_get(struct rule_machine *machine, const struct aur_rule_value *of,
                      const struct rule_string *name, struct aur_rule_value *result);
uint32_t aur_rule_has(struct rule_machine *machine, const struct aur_rule_value *of,
                      const struct rule_string *name, struct aur_rule_value *result);
uint32_t aur_rule_tag(struct rule_machine *machine, enum rule_op op,
                      const struct aur_rule_value *operand, struct aur_rule_value *result);

// A set or record of `count` groups of `stride` values, made in the heap.
uint32_t aur_rule_gather(struct rule_machine *machine, enum aur_rule_kind kind,
                         const struct aur_rule_value *values, uint32_t count, uint32_t stride,
                         struct aur_rule_value *result);

// Whether the entity is the other or below it.
bool aur_rule_is_within(struct rule_machine *machine, const struct aur_rule_value *entity,
                        const struct aur_rule_value *other);
bool aur_rule_is_of_type(const struct rule_machine *machine, const struct aur_rule_value *entity,
                         uint32_t type);
bool aur_rule_like(const struct rule_string *text, const struct rule_string *pattern,
                   uint32_t *steps);

#endif
