// Random policies and worlds, and how they are written.
#ifndef AURORA_CORE_TESTS_RULE_RANDOM_H
#define AURORA_CORE_TESTS_RULE_RANDOM_H

#include <stddef.h>

#include "tests/rule_twin.h"

void rule_random_policy(struct twin_policy *policy, uint64_t *seed);
void rule_random_world(struct twin_world *world, uint64_t *seed);
void rule_random_request(struct twin_world *world, uint64_t *seed);

// As text that Cedar would take; parentheses where they are needed, and elsewhere at random.
// Returns how long it is.
size_t rule_write(const struct twin_policy *policies, int count, char *text, size_t room,
                  uint64_t seed);

// As blocks; aborts if they have no room.
void rule_build_store(const struct twin_world *world, void *block, size_t room);
void rule_build_request(const struct twin_world *world, void *block, size_t room);

#endif
