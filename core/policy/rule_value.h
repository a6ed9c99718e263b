// What the blocks of rules hold, and the order of values.
//
// A block begins with a head; everything else is found by its offset, 0 being "none". A value says
// itself in which of a decision's four blocks its contents stand, so that values of policies,
// entities and requests mix without being copied.
//
// Invariant: within a block every string and every entity's name stands once, so that equal ones
// have equal offsets. The members of a set are in rising order and differ, the keys of a record
// too: both are searched by halves, and equal ones are equal member by member.
#ifndef AURORA_POLICY_RULE_VALUE_H
#define AURORA_POLICY_RULE_VALUE_H

#include <aurora/rule.h>

#include "lib/memory.h"

enum {
    RULE_IN_SET,
    RULE_IN_STORE,
    RULE_IN_REQUEST,
    RULE_IN_WORK,
    RULE_BLOCKS
};

#define RULE_MAGIC 0x31525541u // "AUR1"

struct rule_head {
    uint32_t magic;
    uint32_t bytes;      // of the block that are in use
    uint32_t buckets;    // a power of two; each heads a chain of strings and one of names
    uint32_t buckets_at; // uint32_t[2 * buckets]: the strings', then the names'
    uint64_t digest;     // of all else
};

struct rule_string {
    uint32_t next; // in its chain
    uint32_t hash;
    uint32_t size;
    char bytes[];
};

struct rule_name {
    uint32_t next;
    uint32_t hash;
    uint32_t type, id; // strings
    uint32_t entity;   // 1 + its number in the store, 0: it is only named
    uint32_t mark;     // while ancestors are computed
};

struct rule_ip {
    uint8_t version; // 4 or 6
    uint8_t prefix;  // bits
    uint8_t unused[6];
    uint64_t high, low; // the address; of version 4 the lower 32 bits of `low`
};

struct rule_entity {
    uint32_t name;
    uint32_t ancestors, ancestors_at; // values, rising
    uint32_t unused;
    struct aur_rule_value attributes, tags; // records
};

struct aur_rule_store {
    struct rule_head head;
    uint32_t entities, entities_at;
    uint32_t first_parents; // while it is built: the list of entities not yet finished
    uint32_t unused;
};

struct aur_rule_request {
    struct rule_head head;
    struct aur_rule_value variable[4]; // principal, action, resource, context
    // What the cache knows a request by: the names, then the context.
    uint32_t key_at, names_bytes, key_bytes;
    uint32_t unused;
    uint64_t names_digest, key_digest;
};

struct rule_bases {
    const unsigned char *at[RULE_BLOCKS];
};

static inline uint32_t aur_rule_offset(const struct aur_rule_value *value)
{
    return (uint32_t)value->data;
}

static inline const void *aur_rule_contents(const struct rule_bases *bases,
                                            const struct aur_rule_value *value)
{
    return bases->at[value->block] + aur_rule_offset(value);
}

static inline const struct rule_string *aur_rule_string_at(const unsigned char *block,
                                                           uint32_t offset)
{
    return (const struct rule_string *)(const void *)(block + offset);
}

static inline const struct rule_name *aur_rule_name_at(const unsigned char *block, uint32_t offset)
{
    return (const struct rule_name *)(const void *)(block + offset);
}

static inline bool aur_rule_same_string(const struct rule_string *a, const struct rule_string *b)
{
    return a == b ||
           (a->hash == b->hash && a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0);
}

// Multiply and mix (the finalizer of SplitMix64): for tables and digests, not against malice.
static inline uint64_t aur_rule_mix(uint64_t digest, uint64_t word)
{
    uint64_t z = (digest ^ word) + 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

uint64_t aur_rule_digest(const void *bytes, size_t size);

// Of a value, alike in every block.
uint32_t aur_rule_hash(const struct rule_bases *bases, const struct aur_rule_value *value);

// A total order: kind, then number; or size, hash and contents. < 0, 0, > 0. Each value looked at
// takes one of *steps; when none is left the answer is 0 and means nothing. Recursion is bounded by
// AUR_RULE_DEPTH.
int aur_rule_compare(const struct rule_bases *bases, const struct aur_rule_value *a,
                     const struct aur_rule_value *b, uint32_t *steps);

bool aur_rule_equal(const struct rule_bases *bases, const struct aur_rule_value *a,
                    const struct aur_rule_value *b, uint32_t *steps);

// Sorts `count` groups of `stride` values by the first of each, and returns how many are left when
// of equal groups only the first is kept. Heap sort: no recursion, n log n steps.
uint32_t aur_rule_sort(const struct rule_bases *bases, struct aur_rule_value *values,
                       uint32_t count, uint32_t stride, uint32_t *steps);

// Whether `value` is among the `count` values, rising, at `values`.
bool aur_rule_search(const struct rule_bases *bases, const struct aur_rule_value *values,
                     uint32_t count, const struct aur_rule_value *value, uint32_t *steps);

// The value under the key in a record, or NULL.
const struct aur_rule_value *aur_rule_find(const struct rule_bases *bases,
                                           const struct aur_rule_value *record,
                                           const struct rule_string *key);

// The depth and hash that a set or record of these values has.
void aur_rule_seal(const struct rule_bases *bases, struct aur_rule_value *of, uint32_t offset,
                   const struct aur_rule_value *values, uint32_t count);

// Where the store has that name, or 0.
uint32_t aur_rule_name_in_store(const struct rule_bases *bases, const struct aur_rule_value *name);

// The entity of the store under that name, or NULL.
const struct rule_entity *aur_rule_entity_of(const struct rule_bases *bases,
                                             const struct aur_rule_value *name);

#endif
