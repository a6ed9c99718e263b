// A request, and the bytes that the cache knows it by.
#include "policy/rule_build.h"

void aur_rule_request_begin(struct aur_rule_builder *builder, void *block, size_t size)
{
    aur_rule_begin(builder, RULE_IN_REQUEST, block, size, sizeof(struct aur_rule_request));
}

// Appends to the key, which is the last thing in the block.
static void append(struct aur_rule_builder *builder, const void *bytes, uint32_t size)
{
    if (builder->status != AUR_RULE_OK)
        return;
    if (size > builder->size - builder->used) {
        aur_rule_failed(builder, AUR_RULE_NO_ROOM);
        return;
    }
    memcpy(builder->block + builder->used, bytes, size);
    builder->used += size;
}

static void append_string(struct aur_rule_builder *builder, uint32_t at)
{
    const struct rule_string *string = aur_rule_string_at(builder->block, at);
    append(builder, &string->size, sizeof string->size);
    append(builder, string->bytes, string->size);
}

static void append_name(struct aur_rule_builder *builder, const struct aur_rule_value *value)
{
    const struct rule_name *name = aur_rule_name_at(builder->block, aur_rule_offset(value));
    append_string(builder, name->type);
    append_string(builder, name->id);
}

// Equal values have equal bytes, and others others: members are in order, and each says its kind
// and size. Recursion is bounded by AUR_RULE_DEPTH.
static void append_value(struct aur_rule_builder *builder, const struct aur_rule_value *value)
{
    append(builder, &value->kind, sizeof value->kind);
    uint32_t count = value->size;
    switch (value->kind) {
    case AUR_RULE_STRING:
        append_string(builder, aur_rule_offset(value));
        break;
    case AUR_RULE_ENTITY:
        append_name(builder, value);
        break;
    case AUR_RULE_IP:
        append(builder, builder->block + aur_rule_offset(value), sizeof(struct rule_ip));
        break;
    case AUR_RULE_SET:
    case AUR_RULE_RECORD:
        append(builder, &count, sizeof count);
        count *= value->kind == AUR_RULE_RECORD ? 2 : 1;
        for (uint32_t i = 0; i < count && builder->status == AUR_RULE_OK; i++)
            append_value(builder,
                         (const struct aur_rule_value *)(const void *)(builder->block +
                                                                       aur_rule_offset(value)) +
                             i);
        break;
    default:
        append(builder, &value->data, sizeof value->data);
    }
}

enum aur_rule_status aur_rule_request_finish(struct aur_rule_builder *builder,
                                             struct aur_rule_value principal,
                                             struct aur_rule_value action,
                                             struct aur_rule_value resource,
                                             struct aur_rule_value context)
{
    if (builder->status == AUR_RULE_OK &&
        (principal.kind != AUR_RULE_ENTITY || action.kind != AUR_RULE_ENTITY ||
         resource.kind != AUR_RULE_ENTITY || context.kind != AUR_RULE_RECORD))
        aur_rule_failed(builder, AUR_RULE_BAD_VALUE);
    if (builder->status != AUR_RULE_OK)
        return (enum aur_rule_status)builder->status;
    struct aur_rule_request *request = (struct aur_rule_request *)(void *)builder->block;
    request->variable[0] = principal;
    request->variable[1] = action;
    request->variable[2] = resource;
    request->variable[3] = context;
    request->key_at = builder->used;
    for (uint32_t i = 0; i < 3; i++)
        append_name(builder, &request->variable[i]);
    request->names_bytes = builder->used - request->key_at;
    append_value(builder, &context);
    request->key_bytes = builder->used - request->key_at;
    const unsigned char *key = builder->block + request->key_at;
    request->names_digest = aur_rule_digest(key, request->names_bytes);
    request->key_digest = aur_rule_digest(key, request->key_bytes);
    while (builder->used & 7 && builder->used < builder->size)
        builder->block[builder->used++] = 0;
    if (builder->status == AUR_RULE_OK)
        aur_rule_end(builder);
    return (enum aur_rule_status)builder->status;
}

uint32_t aur_rule_request_bytes(const struct aur_rule_request *request)
{
    return request->head.bytes;
}
