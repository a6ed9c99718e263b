// Filling a block with values.
#include "policy/rule_build.h"

#include "policy/rule_extension.h"

static const struct aur_rule_value nothing;

bool aur_rule_failed(struct aur_rule_builder *builder, enum aur_rule_status status)
{
    if (builder->status == AUR_RULE_OK)
        builder->status = status;
    return false;
}

struct rule_bases aur_rule_own_bases(const struct aur_rule_builder *builder)
{
    struct rule_bases bases = {{NULL}};
    bases.at[builder->number] = builder->block;
    return bases;
}

static struct rule_head *head_of(const struct aur_rule_builder *builder)
{
    return (struct rule_head *)(void *)builder->block;
}

static uint32_t *chains_of(const struct aur_rule_builder *builder)
{
    return (uint32_t *)(void *)(builder->block + head_of(builder)->buckets_at);
}

uint32_t aur_rule_take(struct aur_rule_builder *builder, size_t bytes)
{
    if (builder->status != AUR_RULE_OK)
        return 0;
    bytes = (bytes + 7) & ~(size_t)7;
    if (bytes > builder->size - builder->used) {
        aur_rule_failed(builder, AUR_RULE_NO_ROOM);
        return 0;
    }
    uint32_t at = builder->used;
    builder->used += (uint32_t)bytes;
    memset(builder->block + at, 0, bytes);
    return at;
}

void aur_rule_begin(struct aur_rule_builder *builder, uint8_t number, void *block, size_t size,
                    size_t head_bytes)
{
    size = size < AUR_RULE_BYTES ? size & ~(size_t)7 : AUR_RULE_BYTES;
    *builder = (struct aur_rule_builder){.block = block, .size = (uint32_t)size, .number = number};
    uint32_t buckets = 8;
    while (buckets < 4096 && buckets < size / 512)
        buckets *= 2;
    if (!aur_rule_take(builder, head_bytes) && builder->status != AUR_RULE_OK)
        return;
    uint32_t at = aur_rule_take(builder, 2 * buckets * sizeof(uint32_t));
    if (!at)
        return;
    *head_of(builder) =
        (struct rule_head){.magic = RULE_MAGIC, .buckets = buckets, .buckets_at = at};
}

void aur_rule_end(struct aur_rule_builder *builder)
{
    struct rule_head *head = head_of(builder);
    head->bytes = builder->used;
    head->digest = aur_rule_digest(builder->block, builder->used);
}

uint32_t aur_rule_intern(struct aur_rule_builder *builder, const char *bytes, uint32_t size)
{
    if (builder->status != AUR_RULE_OK)
        return 0;
    uint32_t hash = (uint32_t)aur_rule_digest(bytes, size);
    uint32_t *chain = &chains_of(builder)[hash & (head_of(builder)->buckets - 1)];
    for (uint32_t at = *chain; at;) {
        const struct rule_string *string = aur_rule_string_at(builder->block, at);
        if (string->hash == hash && string->size == size && memcmp(string->bytes, bytes, size) == 0)
            return at;
        at = string->next;
    }
    size_t whole = (sizeof(struct rule_string) + (size_t)size + 7) & ~(size_t)7;
    if (whole > builder->size - builder->used) {
        aur_rule_failed(builder, AUR_RULE_NO_ROOM);
        return 0;
    }
    uint32_t at = builder->used;
    struct rule_string *string = (struct rule_string *)(void *)(builder->block + at);
    memmove(string->bytes, bytes, size);
    memset(string->bytes + size, 0, whole - sizeof *string - size);
    string->next = *chain;
    string->hash = hash;
    string->size = size;
    builder->used += (uint32_t)whole;
    *chain = at;
    return at;
}

struct aur_rule_value aur_rule_string_value(const struct aur_rule_builder *builder, uint32_t string)
{
    const struct rule_string *at = aur_rule_string_at(builder->block, string);
    return (struct aur_rule_value){.kind = AUR_RULE_STRING,
                                   .block = builder->number,
                                   .size = at->size,
                                   .data = string | (uint64_t)at->hash << 32};
}

struct aur_rule_value aur_rule_name_value(struct aur_rule_builder *builder, uint32_t type,
                                          uint32_t id)
{
    if (builder->status != AUR_RULE_OK)
        return nothing;
    uint32_t hash = (uint32_t)aur_rule_mix(aur_rule_string_at(builder->block, type)->hash,
                                           aur_rule_string_at(builder->block, id)->hash);
    struct rule_head *head = head_of(builder);
    uint32_t *chain = &chains_of(builder)[head->buckets + (hash & (head->buckets - 1))];
    uint32_t at = *chain;
    while (at) {
        const struct rule_name *name = aur_rule_name_at(builder->block, at);
        if (name->type == type && name->id == id)
            break;
        at = name->next;
    }
    if (!at) {
        at = aur_rule_take(builder, sizeof(struct rule_name));
        if (!at)
            return nothing;
        *(struct rule_name *)(void *)(builder->block + at) =
            (struct rule_name){.next = *chain, .hash = hash, .type = type, .id = id};
        *chain = at;
    }
    return (struct aur_rule_value){
        .kind = AUR_RULE_ENTITY, .block = builder->number, .data = at | (uint64_t)hash << 32};
}

struct aur_rule_value aur_rule_bool(bool truth)
{
    return (struct aur_rule_value){.kind = AUR_RULE_BOOL, .data = truth};
}

struct aur_rule_value aur_rule_long(int64_t number)
{
    return (struct aur_rule_value){.kind = AUR_RULE_LONG, .data = (uint64_t)number};
}

struct aur_rule_value aur_rule_make_string(struct aur_rule_builder *builder, const char *bytes,
                                           uint32_t size)
{
    uint32_t at = aur_rule_intern(builder, bytes, size);
    return at ? aur_rule_string_value(builder, at) : nothing;
}

struct aur_rule_value aur_rule_entity(struct aur_rule_builder *builder, const char *type,
                                      uint32_t type_size, const char *id, uint32_t id_size)
{
    uint32_t type_at = aur_rule_intern(builder, type, type_size);
    uint32_t id_at = aur_rule_intern(builder, id, id_size);
    return id_at ? aur_rule_name_value(builder, type_at, id_at) : nothing;
}

// A set or record of what is copied from `values`: groups of `stride`.
static struct aur_rule_value make(struct aur_rule_builder *builder, enum aur_rule_kind kind,
                                  const struct aur_rule_value *values, uint32_t count,
                                  uint32_t stride)
{
    struct rule_bases bases = aur_rule_own_bases(builder);
    uint32_t steps = UINT32_MAX;
    size_t bytes = (size_t)count * stride * sizeof *values;
    uint32_t at = aur_rule_take(builder, bytes ? bytes : 8);
    if (!at)
        return nothing;
    struct aur_rule_value *copy = (struct aur_rule_value *)(void *)(builder->block + at);
    if (bytes)
        memcpy(copy, values, bytes);
    uint32_t kept = aur_rule_sort(&bases, copy, count, stride, &steps);
    if (kind == AUR_RULE_RECORD && kept != count)
        aur_rule_failed(builder, AUR_RULE_REPEATED_KEY);
    memset(copy + (size_t)kept * stride, 0, (size_t)(count - kept) * stride * sizeof *copy);
    struct aur_rule_value made = {.kind = (uint8_t)kind, .block = builder->number, .size = kept};
    aur_rule_seal(&bases, &made, at, copy, kept * stride);
    if (made.depth > AUR_RULE_DEPTH)
        aur_rule_failed(builder, AUR_RULE_TOO_DEEP);
    return builder->status == AUR_RULE_OK ? made : nothing;
}

struct aur_rule_value aur_rule_make_set(struct aur_rule_builder *builder,
                                        const struct aur_rule_value *members, uint32_t count)
{
    return make(builder, AUR_RULE_SET, members, count, 1);
}

struct aur_rule_value aur_rule_make_record(struct aur_rule_builder *builder,
                                           const struct aur_rule_value *pairs, uint32_t count)
{
    for (uint32_t i = 0; i < count && builder->status == AUR_RULE_OK; i++)
        if (pairs[2 * i].kind != AUR_RULE_STRING)
            aur_rule_failed(builder, AUR_RULE_BAD_VALUE);
    return make(builder, AUR_RULE_RECORD, pairs, count, 2);
}

struct aur_rule_value aur_rule_extension(struct aur_rule_builder *builder, const char *function,
                                         uint32_t function_size, const char *argument,
                                         uint32_t argument_size)
{
    enum rule_call call = aur_rule_call_named(function, function_size, false);
    struct aur_rule_value made = nothing;
    struct rule_ip ip;
    if (builder->status != AUR_RULE_OK)
        return nothing;
    if (call == RULE_CALL_NONE || !aur_rule_construct(call, argument, argument_size, &made, &ip)) {
        aur_rule_failed(builder, AUR_RULE_BAD_EXTENSION);
        return nothing;
    }
    if (made.kind == AUR_RULE_IP) {
        uint32_t at = aur_rule_take(builder, sizeof ip);
        if (!at)
            return nothing;
        memcpy(builder->block + at, &ip, sizeof ip);
        made.block = builder->number;
        made.data = at;
    }
    return made;
}
