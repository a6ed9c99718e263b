// A decision with room for everything.
#include "policy/policy.h"

#include <stdlib.h>

#define WORK_BYTES (1u << 20)

bool aur_policy_decide(const struct aur_policies *policies, const struct aur_rule_store *store,
                       const struct aur_rule_request *request, struct aur_decided *decided,
                       struct aur_failure *failure)
{
    uint32_t count = aur_rule_set_count(policies->set);
    struct aur_rule_result *result = &decided->result;
    struct aur_rule_work work = {.block = malloc(WORK_BYTES), .size = WORK_BYTES};
    *result = (struct aur_rule_result){.reason = calloc(count + 1, sizeof *result->reason),
                                       .error = calloc(count + 1, sizeof *result->error),
                                       .reason_room = count,
                                       .error_room = count};
    bool good = result->reason && result->error && work.block;
    if (good)
        aur_rule_evaluate(policies->set, store, request, NULL, &work, result);
    else
        aur_fail(failure, NULL, 0, "memory is out");
    free(work.block);
    return good;
}

void aur_decided_free(struct aur_decided *decided)
{
    free(decided->result.reason);
    free(decided->result.error);
}
