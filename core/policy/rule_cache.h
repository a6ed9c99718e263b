// Decisions known already.
#ifndef AURORA_POLICY_RULE_CACHE_H
#define AURORA_POLICY_RULE_CACHE_H

#include "policy/rule_code.h"

// What a request is asked for of: the digests of set and store.
uint64_t aur_rule_epoch(const struct aur_rule_set *set, const struct aur_rule_store *store);

// Fills the result and returns true if the decision is known.
bool aur_rule_cache_find(const struct aur_rule_cache *cache, uint64_t epoch,
                         const struct aur_rule_request *request, struct aur_rule_result *result);

// Keeps a decision, if it is small enough; `with_context`: it depends on the context.
void aur_rule_cache_keep(struct aur_rule_cache *cache, uint64_t epoch,
                         const struct aur_rule_request *request, bool with_context,
                         const struct aur_rule_result *result);

#endif
