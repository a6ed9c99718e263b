// Cedar's integration tests (github.com/cedar-policy/cedar-integration-tests, tests/*/*.json): a
// file names policies, entities and a schema, relative to the repository's root, and lists requests
// with what is expected of them. Over the years a few keys were called otherwise; each name is
// taken. The schema only says that entities may be written without __entity: it is not read.
#include "policy/value.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct batch {
    const char *path;
    struct aur_document document;
    struct aur_policies policies;
    struct aur_rule_store *store;
    struct aur_policy_reading reading;
    char *policies_path;
    FILE *to;
    uint32_t *requests, *mismatches;
    struct aur_failure *failure;
};

static const struct aur_node *either(const struct batch *batch, const struct aur_node *map,
                                     const char *one, const char *other)
{
    const struct aur_node *node = aur_document_find(&batch->document, map, one);
    return node ? node : aur_document_find(&batch->document, map, other);
}

// The path that a node gives, looked for beside the batch's file and in each folder above.
static char *resolve(const struct batch *batch, const struct aur_node *root, const char *key)
{
    const struct aur_node *node = aur_document_find(&batch->document, root, key);
    const char *name;
    if (!node) {
        aur_fail(batch->failure, batch->path, root->line, "the batch has no \"%s\", name the file",
                 key);
        return NULL;
    }
    if (!aur_document_string(&batch->document, node, &name, batch->failure))
        return NULL;
    char *folder = *name == '/' ? NULL : realpath(batch->path, NULL);
    char *path = *name == '/' ? strdup(name) : NULL;
    for (char *slash; folder && !path && (slash = strrchr(folder, '/'));) {
        *slash = '\0';
        size_t size = strlen(folder) + strlen(name) + 2;
        path = malloc(size);
        if (path)
            snprintf(path, size, "%s/%s", folder, name);
        if (path && access(path, R_OK) != 0) {
            free(path);
            path = NULL;
        }
    }
    free(folder);
    if (!path)
        aur_fail(batch->failure, batch->path, node->line,
                 "\"%.100s\" is neither beside this file nor in a folder above, correct the path",
                 name);
    return path;
}

// Whether the ids listed are those of these policies, in any order.
static bool same_ids(const struct batch *batch, const struct aur_node *list, const uint32_t *policy,
                     uint32_t stride, uint32_t count)
{
    uint32_t listed = 0;
    for (const struct aur_node *node = list ? aur_document_child(&batch->document, list) : NULL;
         node; node = aur_document_next(&batch->document, node), listed++) {
        bool found = false;
        for (uint32_t i = 0; i < count && !found && node->kind == AUR_NODE_STRING; i++) {
            char id[32];
            aur_policies_id(&batch->policies, policy[i * stride], false, id, sizeof id);
            found = strcmp(id, aur_document_text(&batch->document, node)) == 0;
        }
        if (!found)
            return false;
    }
    return listed == count;
}

static void print_ids(const struct batch *batch, const uint32_t *policy, uint32_t stride,
                      uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        fprintf(batch->to, "%spolicy%u", i ? ", " : "", policy[i * stride]);
    if (count == 0)
        fputs("none", batch->to);
}

static void compare(struct batch *batch, const struct aur_node *node,
                    const struct aur_rule_result *result)
{
    const struct aur_node *decision = aur_document_find(&batch->document, node, "decision");
    const struct aur_node *about = either(batch, node, "description", "desc");
    const char *words[] = {"deny", "allow"};
    const uint32_t *errors = &result->error->policy;
    const uint32_t stride = sizeof *result->error / sizeof *errors;
    const char *wanted =
        decision->kind == AUR_NODE_STRING ? aur_document_text(&batch->document, decision) : "";
    bool decided = strcasecmp(wanted, words[result->decision]) == 0;
    bool reasoned = same_ids(batch, either(batch, node, "reason", "reasons"), result->reason, 1,
                             result->reasons);
    bool erred = same_ids(batch, aur_document_find(&batch->document, node, "errors"), errors,
                          stride, result->errors);
    ++*batch->requests;
    if (result->status == AUR_RULE_OK && decided && reasoned && erred)
        return;
    ++*batch->mismatches;
    fprintf(batch->to, "%s:%u: ", batch->path, node->line);
    if (about && about->kind == AUR_NODE_STRING)
        fprintf(batch->to, "%s: ", aur_document_text(&batch->document, about));
    if (result->status != AUR_RULE_OK)
        fprintf(batch->to, "%s", aur_rule_status_text(result->status));
    else
        fprintf(batch->to, "is %s, expected %s; reason ", words[result->decision], wanted);
    print_ids(batch, result->reason, 1, result->reasons);
    fprintf(batch->to, "%s; errors ", reasoned ? "" : " (not as expected)");
    print_ids(batch, errors, stride, result->errors);
    fprintf(batch->to, "%s\n", erred ? "" : " (not as expected)");
}

static bool run_request(struct batch *batch, const struct aur_node *node)
{
    struct aur_decided decided;
    if (node->kind != AUR_NODE_MAP || !aur_document_find(&batch->document, node, "decision"))
        return aur_fail(batch->failure, batch->path, node->line,
                        "a request is an object with a \"decision\", add it");
    struct aur_rule_request *request =
        aur_policy_request(&batch->document, node, &batch->reading, true, batch->failure);
    if (!request)
        return false;
    bool good =
        aur_policy_decide(&batch->policies, batch->store, request, &decided, batch->failure);
    if (good)
        compare(batch, node, &decided.result);
    aur_decided_free(&decided);
    free(request);
    return good;
}

static bool run(struct batch *batch)
{
    const struct aur_node *root = aur_document_root(&batch->document);
    if (!root || root->kind != AUR_NODE_MAP)
        return aur_fail(batch->failure, batch->path, 1,
                        "a batch is an object with \"policies\", \"entities\" and \"requests\"");
    const struct aur_node *requests = either(batch, root, "requests", "queries");
    if (!requests || requests->kind != AUR_NODE_LIST)
        return aur_fail(batch->failure, batch->path, root->line,
                        "the batch has no list \"requests\", add it");
    batch->reading.implicit = aur_document_find(&batch->document, root, "schema") != NULL;
    batch->policies_path = resolve(batch, root, "policies");
    char *entities = batch->policies_path ? resolve(batch, root, "entities") : NULL;
    if (entities && aur_policies_read(&batch->policies, batch->policies_path, batch->failure))
        batch->store = aur_policy_entities(entities, &batch->reading, batch->failure);
    free(entities);
    bool good = batch->store != NULL;
    for (const struct aur_node *node = aur_document_child(&batch->document, requests); node && good;
         node = aur_document_next(&batch->document, node))
        good = run_request(batch, node);
    return good;
}

bool aur_policy_batch(const char *path, FILE *to, uint32_t *requests, uint32_t *mismatches,
                      struct aur_failure *failure)
{
    struct batch batch = {
        .path = path, .to = to, .requests = requests, .mismatches = mismatches, .failure = failure};
    bool good = aur_value_open(&batch.document, path, failure) && run(&batch);
    aur_document_free(&batch.document);
    aur_policies_free(&batch.policies);
    free(batch.policies_path);
    free(batch.store);
    return good;
}
