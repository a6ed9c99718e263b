// Entities: their attributes, tags and ancestors (Cedar/Spec/Entities.lean).
#include "policy/rule_build.h"

// An entity before its number is known. The list of its parents is behind it.
struct pending {
    uint32_t next; // the one added before it
    uint32_t parents;
    struct rule_entity entity;
    struct aur_rule_value parent[];
};

static struct aur_rule_store *store_of(const struct aur_rule_builder *builder)
{
    return (struct aur_rule_store *)(void *)builder->block;
}

static struct rule_name *name_at(const struct aur_rule_builder *builder, uint32_t offset)
{
    return (struct rule_name *)(void *)(builder->block + offset);
}

static struct pending *pending_at(const struct aur_rule_builder *builder, uint32_t offset)
{
    return (struct pending *)(void *)(builder->block + offset);
}

void aur_rule_store_begin(struct aur_rule_builder *builder, void *block, size_t size)
{
    aur_rule_begin(builder, RULE_IN_STORE, block, size, sizeof(struct aur_rule_store));
}

void aur_rule_store_add(struct aur_rule_builder *builder, struct aur_rule_value name,
                        struct aur_rule_value attributes, struct aur_rule_value tags,
                        const struct aur_rule_value *parents, uint32_t count)
{
    if (builder->status != AUR_RULE_OK)
        return;
    bool good = name.kind == AUR_RULE_ENTITY && attributes.kind == AUR_RULE_RECORD &&
                tags.kind == AUR_RULE_RECORD;
    for (uint32_t i = 0; i < count; i++)
        good &= parents[i].kind == AUR_RULE_ENTITY;
    if (!good) {
        aur_rule_failed(builder, AUR_RULE_BAD_VALUE);
        return;
    }
    struct aur_rule_store *store = store_of(builder);
    uint32_t offset = aur_rule_offset(&name);
    if (name_at(builder, offset)->entity) {
        aur_rule_failed(builder, AUR_RULE_REPEATED_ENTITY);
        return;
    }
    uint32_t at = aur_rule_take(builder, sizeof(struct pending) + count * sizeof *parents);
    if (!at)
        return;
    struct pending *added = pending_at(builder, at);
    added->next = store->first_parents;
    added->parents = count;
    added->entity = (struct rule_entity){.name = offset, .attributes = attributes, .tags = tags};
    if (count)
        memcpy(added->parent, parents, count * sizeof *parents);
    store->first_parents = at;
    name_at(builder, offset)->entity = ++store->entities;
}

// A walk from one entity through all that it is in. `found` are names, those already expanded
// before `expanded`; it stands in the free part of the block.
struct walk {
    struct aur_rule_builder *builder;
    const uint32_t *pending_of; // of entity number n, where it is pending
    struct aur_rule_value *found;
    uint32_t count, room;
    uint32_t mark;
};

static bool visit(struct walk *walk, const struct aur_rule_value *value)
{
    struct rule_name *name = name_at(walk->builder, aur_rule_offset(value));
    if (name->mark == walk->mark)
        return true;
    if (walk->count == walk->room)
        return aur_rule_failed(walk->builder, AUR_RULE_NO_ROOM);
    name->mark = walk->mark;
    walk->found[walk->count++] = *value;
    return true;
}

// Everything above entity `number`. False: there is no room, or it is its own ancestor.
static bool climb(struct walk *walk, uint32_t number)
{
    const struct pending *start = pending_at(walk->builder, walk->pending_of[number]);
    for (uint32_t i = 0; i < start->parents; i++)
        if (!visit(walk, &start->parent[i]))
            return false;
    for (uint32_t i = 0; i < walk->count; i++) {
        uint32_t entity = name_at(walk->builder, aur_rule_offset(&walk->found[i]))->entity;
        if (!entity)
            continue;
        if (entity - 1 == number)
            return aur_rule_failed(walk->builder, AUR_RULE_CYCLE);
        const struct pending *above = pending_at(walk->builder, walk->pending_of[entity - 1]);
        for (uint32_t j = 0; j < above->parents; j++)
            if (!visit(walk, &above->parent[j]))
                return false;
    }
    return true;
}

static void finish_entity(struct aur_rule_builder *builder, const uint32_t *pending_of,
                          uint32_t number)
{
    struct rule_bases bases = aur_rule_own_bases(builder);
    struct aur_rule_store *store = store_of(builder);
    struct walk walk = {.builder = builder, .pending_of = pending_of, .mark = number + 1};
    walk.found = (struct aur_rule_value *)(void *)(builder->block + builder->used);
    walk.room = (builder->size - builder->used) / (uint32_t)sizeof *walk.found;
    if (!climb(&walk, number))
        return;
    uint32_t steps = UINT32_MAX;
    aur_rule_sort(&bases, walk.found, walk.count, 1, &steps);
    struct rule_entity *entity =
        (struct rule_entity *)(void *)(builder->block + store->entities_at) + number;
    *entity = pending_at(builder, pending_of[number])->entity;
    entity->ancestors = walk.count;
    entity->ancestors_at = builder->used;
    builder->used += walk.count * (uint32_t)sizeof *walk.found;
}

enum aur_rule_status aur_rule_store_finish(struct aur_rule_builder *builder,
                                           struct aur_rule_value *culprit)
{
    if (builder->status != AUR_RULE_OK)
        return (enum aur_rule_status)builder->status;
    struct aur_rule_store *store = store_of(builder);
    uint32_t list = aur_rule_take(builder, store->entities * sizeof(uint32_t) + 8);
    store->entities_at = aur_rule_take(builder, store->entities * sizeof(struct rule_entity) + 8);
    if (!store->entities_at)
        return (enum aur_rule_status)builder->status;
    uint32_t *pending_of = (uint32_t *)(void *)(builder->block + list), number = store->entities;
    for (uint32_t at = store->first_parents; at; at = pending_at(builder, at)->next)
        pending_of[--number] = at;
    for (number = 0; number < store->entities && builder->status == AUR_RULE_OK; number++) {
        finish_entity(builder, pending_of, number);
        if (culprit) {
            uint32_t name = pending_at(builder, pending_of[number])->entity.name;
            *culprit = (struct aur_rule_value){
                .kind = AUR_RULE_ENTITY, .block = builder->number, .data = name};
        }
    }
    store->first_parents = 0;
    if (builder->status == AUR_RULE_OK)
        aur_rule_end(builder);
    return (enum aur_rule_status)builder->status;
}

uint32_t aur_rule_store_bytes(const struct aur_rule_store *store)
{
    return store->head.bytes;
}

uint32_t aur_rule_store_count(const struct aur_rule_store *store)
{
    return store->entities;
}
