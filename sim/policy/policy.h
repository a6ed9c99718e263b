// What the files of a decision become: blocks of <aurora/rule.h> in memory of their own.
#ifndef AURORA_SIM_POLICY_H
#define AURORA_SIM_POLICY_H

#include <stdio.h>

#include <aurora/rule.h>

#include "engine/failure.h"
#include "workload/document.h"

// Policies as text. `path` stays the caller's.
struct aur_policies {
    const char *path;
    struct aur_rule_set *set;
};

bool aur_policies_read(struct aur_policies *policies, const char *path,
                       struct aur_failure *failure);
void aur_policies_free(struct aur_policies *policies);

// A policy's id: its annotation @id if `named` and it has one, else "policy" and its number from 0.
// Returns `id`.
const char *aur_policies_id(const struct aur_policies *policies, uint32_t policy, bool named,
                            char *id, size_t room);

// Fails if two policies have the same id.
bool aur_policies_distinct(const struct aur_policies *policies, struct aur_failure *failure);

// How JSON is read. `implicit`: {"type": .., "id": ..} is an entity and {"fn": .., "arg": ..} an
// extension value even without __entity and __extn, as with a schema in Cedar.
struct aur_policy_reading {
    bool implicit;
};

// Entities from a JSON file, malloc'ed; NULL with a failure.
struct aur_rule_store *aur_policy_entities(const char *path,
                                           const struct aur_policy_reading *reading,
                                           struct aur_failure *failure);

// A request from a node of a document, malloc'ed; NULL with a failure. `unspecified`: principal,
// action and resource may be null, and are then entities that nothing else is.
struct aur_rule_request *aur_policy_request(const struct aur_document *document,
                                            const struct aur_node *node,
                                            const struct aur_policy_reading *reading,
                                            bool unspecified, struct aur_failure *failure);

struct aur_rule_request *aur_policy_request_file(const char *path,
                                                 const struct aur_policy_reading *reading,
                                                 struct aur_failure *failure);

// A decision, with room for what every policy may have to say.
struct aur_decided {
    struct aur_rule_result result;
};

bool aur_policy_decide(const struct aur_policies *policies, const struct aur_rule_store *store,
                       const struct aur_rule_request *request, struct aur_decided *decided,
                       struct aur_failure *failure);
void aur_decided_free(struct aur_decided *decided);

// Runs a file in the layout of Cedar's integration tests and prints each mismatch to `to`, as
// "FILE:LINE: ..". Counts requests and mismatches on top of what is there.
bool aur_policy_batch(const char *path, FILE *to, uint32_t *requests, uint32_t *mismatches,
                      struct aur_failure *failure);

#endif
