// A request from JSON.
#include "policy/value.h"

#include <stdlib.h>

static bool read_variable(struct aur_value_reader *reader, const struct aur_node *request,
                          const char *name, bool unspecified, struct aur_rule_value *value)
{
    const struct aur_node *node = aur_document_find(reader->document, request, name);
    if (unspecified && (!node || node->kind == AUR_NODE_NULL)) {
        // No text names a type without letters: nothing else is this entity.
        *value = aur_rule_entity(&reader->builder, "", 0, name, 1);
        return aur_value_good(reader, request);
    }
    if (!node)
        return aur_fail(reader->failure, reader->document->file, request->line,
                        "the request has no \"%s\", give it one", name);
    return aur_value_read_entity(reader, node, value);
}

static bool build(struct aur_value_reader *reader, const struct aur_node *node, bool unspecified)
{
    static const char *const names[] = {"principal", "action", "resource"};
    struct aur_rule_value value[4];
    for (uint32_t i = 0; i < 3; i++)
        if (!read_variable(reader, node, names[i], unspecified, &value[i]))
            return false;
    const struct aur_node *context = aur_document_find(reader->document, node, "context");
    value[3] = aur_rule_make_record(&reader->builder, NULL, 0);
    if (context && !aur_value_read_record(reader, context, &value[3]))
        return false;
    return aur_rule_request_finish(&reader->builder, value[0], value[1], value[2], value[3]) ==
               AUR_RULE_OK ||
           aur_value_good(reader, node);
}

struct aur_rule_request *aur_policy_request(const struct aur_document *document,
                                            const struct aur_node *node,
                                            const struct aur_policy_reading *reading,
                                            bool unspecified, struct aur_failure *failure)
{
    void *block = NULL;
    bool good = false, full = true;
    for (size_t room = AUR_POLICY_ROOM; full; room *= 2) {
        struct aur_value_reader reader = {
            .document = document, .reading = reading, .failure = failure};
        free(block);
        block = room <= AUR_RULE_BYTES ? malloc(room) : NULL;
        good = block || aur_fail(failure, document->file, node->line,
                                 "the request is too large, shorten its context");
        if (good) {
            aur_rule_request_begin(&reader.builder, block, room);
            good = build(&reader, node, unspecified);
        }
        full = block && !good && reader.builder.status == AUR_RULE_NO_ROOM;
    }
    if (good)
        return block;
    free(block);
    return NULL;
}

struct aur_rule_request *aur_policy_request_file(const char *path,
                                                 const struct aur_policy_reading *reading,
                                                 struct aur_failure *failure)
{
    static const char *const keys[] = {"principal", "action", "resource", "context", NULL};
    struct aur_document document;
    struct aur_rule_request *request = NULL;
    if (aur_value_open(&document, path, failure)) {
        const struct aur_node *root = aur_document_root(&document);
        if (!root || root->kind != AUR_NODE_MAP)
            aur_fail(failure, path, 1,
                     "a request is an object: {\"principal\": .., \"action\": .., \"resource\": "
                     "..}");
        else if (aur_value_keys(&document, root, keys, failure))
            request = aur_policy_request(&document, root, reading, false, failure);
    }
    aur_document_free(&document);
    return request;
}
