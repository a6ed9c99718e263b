// Entities from a file.
#include "policy/value.h"

#include <stdlib.h>

static bool add_entity(struct aur_value_reader *reader, const struct aur_node *node)
{
    static const char *const keys[] = {"uid", "attrs", "parents", "tags", NULL};
    const struct aur_document *document = reader->document;
    if (node->kind != AUR_NODE_MAP)
        return aur_fail(reader->failure, document->file, node->line,
                        "an entity is an object: {\"uid\": {..}, \"attrs\": {..}, \"parents\": "
                        "[..]}");
    if (!aur_value_keys(document, node, keys, reader->failure))
        return false;
    const struct aur_node *uid = aur_document_find(document, node, "uid");
    const struct aur_node *attrs = aur_document_find(document, node, "attrs");
    const struct aur_node *tags = aur_document_find(document, node, "tags");
    const struct aur_node *up = aur_document_find(document, node, "parents");
    struct aur_rule_value name, attributes, tag_record, *parents = NULL;
    uint32_t count = 0;
    if (!uid)
        return aur_fail(reader->failure, document->file, node->line,
                        "the entity has no \"uid\", give it one: {\"type\": .., \"id\": ..}");
    attributes = tag_record = aur_rule_make_record(&reader->builder, NULL, 0);
    bool good = aur_value_read_entity(reader, uid, &name) &&
                (!attrs || aur_value_read_record(reader, attrs, &attributes)) &&
                (!tags || aur_value_read_record(reader, tags, &tag_record)) &&
                (!up || aur_value_read_list(reader, up, true, &parents, &count));
    if (good)
        aur_rule_store_add(&reader->builder, name, attributes, tag_record, parents, count);
    free(parents);
    return good && aur_value_good(reader, uid);
}

static bool add_all(struct aur_value_reader *reader)
{
    const struct aur_node *root = aur_document_root(reader->document);
    if (!root || root->kind != AUR_NODE_LIST)
        return aur_fail(reader->failure, reader->document->file, root ? root->line : 1,
                        "entities are a list of objects, write [..]");
    for (const struct aur_node *node = aur_document_child(reader->document, root); node;
         node = aur_document_next(reader->document, node))
        if (!add_entity(reader, node))
            return false;
    return true;
}

static bool finish(struct aur_value_reader *reader)
{
    struct aur_rule_value culprit;
    struct aur_rule_string type, id;
    enum aur_rule_status status = aur_rule_store_finish(&reader->builder, &culprit);
    if (status != AUR_RULE_CYCLE)
        return status == AUR_RULE_OK;
    aur_rule_name(reader->builder.block, culprit, &type, &id);
    return aur_fail(reader->failure, reader->document->file, 0,
                    "%.*s::\"%.*s\" is its own ancestor, remove a parent from the circle",
                    (int)type.size, type.bytes, (int)id.size, id.bytes);
}

struct aur_rule_store *aur_policy_entities(const char *path,
                                           const struct aur_policy_reading *reading,
                                           struct aur_failure *failure)
{
    struct aur_document document;
    void *block = NULL;
    bool good = aur_value_open(&document, path, failure), full = good;
    for (size_t room = AUR_POLICY_ROOM; full; room *= 2) {
        struct aur_value_reader reader = {
            .document = &document, .reading = reading, .failure = failure};
        free(block);
        block = room <= AUR_RULE_BYTES ? malloc(room) : NULL;
        good = block || aur_fail(failure, path, 0, "the entities are too many, split the file");
        if (good) {
            aur_rule_store_begin(&reader.builder, block, room);
            good = add_all(&reader) && finish(&reader);
        }
        full = block && !good && reader.builder.status == AUR_RULE_NO_ROOM;
    }
    aur_document_free(&document);
    if (good)
        return block;
    free(block);
    return NULL;
}
