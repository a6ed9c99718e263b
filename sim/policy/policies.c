// Policies from a file.
#include "policy/policy.h"

#include <stdlib.h>
#include <string.h>

#include "workload/file.h"

bool aur_policies_read(struct aur_policies *policies, const char *path, struct aur_failure *failure)
{
    char *text;
    size_t size;
    bool truncated;
    struct aur_rule_refusal refusal;
    enum aur_rule_status status = AUR_RULE_NO_ROOM;
    *policies = (struct aur_policies){.path = path};
    if (!aur_file_read(path, &text, &size, &truncated, failure))
        return false;
    for (size_t room = 65536 + 16 * size; status == AUR_RULE_NO_ROOM && room <= AUR_RULE_BYTES;
         room *= 2) {
        free(policies->set);
        policies->set = malloc(room);
        if (!policies->set)
            break;
        status = aur_rule_compile(policies->set, room, text, size, &refusal);
    }
    free(text);
    if (status == AUR_RULE_OK)
        return true;
    aur_policies_free(policies);
    if (status != AUR_RULE_SYNTAX)
        return aur_fail(failure, path, 0, "the policies are too large, split the file");
    return aur_fail(failure, NULL, 0, "%s:%u:%u: %s", path, refusal.line, refusal.column,
                    refusal.text);
}

void aur_policies_free(struct aur_policies *policies)
{
    free(policies->set);
    policies->set = NULL;
}

const char *aur_policies_id(const struct aur_policies *policies, uint32_t policy, bool named,
                            char *id, size_t room)
{
    struct aur_rule_policy_info info;
    aur_rule_policy(policies->set, policy, &info);
    if (named && info.id.bytes)
        snprintf(id, room, "%.*s", (int)info.id.size, info.id.bytes);
    else
        snprintf(id, room, "policy%u", policy);
    return id;
}

struct named {
    char id[256];
    uint32_t policy;
};

static int by_id(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int by = strcmp(x->id, y->id);
    return by ? by : (x->policy > y->policy) - (x->policy < y->policy);
}

bool aur_policies_distinct(const struct aur_policies *policies, struct aur_failure *failure)
{
    uint32_t count = aur_rule_set_count(policies->set);
    struct named *names = calloc(count + 1, sizeof *names);
    bool good = names || aur_fail(failure, NULL, 0, "memory is out");
    for (uint32_t i = 0; good && i < count; i++) {
        aur_policies_id(policies, i, true, names[i].id, sizeof names[i].id);
        names[i].policy = i;
    }
    if (good)
        qsort(names, count, sizeof *names, by_id);
    for (uint32_t i = 1; good && i < count; i++) {
        struct aur_rule_policy_info info;
        aur_rule_policy(policies->set, names[i].policy, &info);
        if (strcmp(names[i - 1].id, names[i].id) == 0)
            good = aur_fail(failure, NULL, 0,
                            "%s:%u:%u: a second policy with the id \"%.80s\", give it another @id",
                            policies->path, info.line, info.column, names[i].id);
    }
    free(names);
    return good;
}
