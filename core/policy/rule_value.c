// Values: hash, order, search.
#include "policy/rule_value.h"

uint64_t aur_rule_digest(const void *bytes, size_t size)
{
    const unsigned char *in = bytes;
    uint64_t digest = size, word;
    for (; size >= sizeof word; size -= sizeof word, in += sizeof word) {
        memcpy(&word, in, sizeof word);
        digest = aur_rule_mix(digest, word);
    }
    word = 0;
    memcpy(&word, in, size);
    return aur_rule_mix(digest, word);
}

uint32_t aur_rule_hash(const struct rule_bases *bases, const struct aur_rule_value *value)
{
    uint64_t hash = value->kind;
    switch (value->kind) {
    case AUR_RULE_STRING:
    case AUR_RULE_ENTITY:
    case AUR_RULE_SET:
    case AUR_RULE_RECORD:
        hash = aur_rule_mix(hash, value->data >> 32);
        break;
    case AUR_RULE_IP: {
        const struct rule_ip *ip = aur_rule_contents(bases, value);
        hash = aur_rule_mix(aur_rule_mix(hash, ip->low), ip->high);
        break;
    }
    default:
        hash = aur_rule_mix(hash, value->data);
    }
    return (uint32_t)hash;
}

static int order(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_strings(const struct rule_string *a, const struct rule_string *b)
{
    if (a == b)
        return 0;
    int by = order(a->hash, b->hash);
    by = by ? by : order(a->size, b->size);
    return by ? by : memcmp(a->bytes, b->bytes, a->size);
}

static int compare_names(const struct rule_bases *bases, const struct aur_rule_value *a,
                         const struct aur_rule_value *b)
{
    const struct rule_name *x = aur_rule_contents(bases, a), *y = aur_rule_contents(bases, b);
    const unsigned char *in_a = bases->at[a->block], *in_b = bases->at[b->block];
    int by = order(x->hash, y->hash);
    by = by ? by
            : compare_strings(aur_rule_string_at(in_a, x->type), aur_rule_string_at(in_b, y->type));
    return by ? by
              : compare_strings(aur_rule_string_at(in_a, x->id), aur_rule_string_at(in_b, y->id));
}

static int compare_ips(const struct rule_ip *a, const struct rule_ip *b)
{
    int by = order(a->version, b->version);
    by = by ? by : order(a->high, b->high);
    by = by ? by : order(a->low, b->low);
    return by ? by : order(a->prefix, b->prefix);
}

static int compare_members(const struct rule_bases *bases, const struct aur_rule_value *a,
                           const struct aur_rule_value *b, uint32_t *steps)
{
    const struct aur_rule_value *x = aur_rule_contents(bases, a);
    const struct aur_rule_value *y = aur_rule_contents(bases, b);
    uint32_t count = a->kind == AUR_RULE_RECORD ? 2 * a->size : a->size;
    int by = 0;
    for (uint32_t i = 0; i < count && by == 0 && *steps; i++)
        by = aur_rule_compare(bases, &x[i], &y[i], steps);
    return by;
}

int aur_rule_compare(const struct rule_bases *bases, const struct aur_rule_value *a,
                     const struct aur_rule_value *b, uint32_t *steps)
{
    if (*steps == 0)
        return 0;
    --*steps;
    if (a->kind != b->kind)
        return order(a->kind, b->kind);
    switch (a->kind) {
    case AUR_RULE_BOOL:
    case AUR_RULE_LONG:
    case AUR_RULE_DECIMAL:
    case AUR_RULE_DATETIME:
    case AUR_RULE_DURATION:
        return order(a->data ^ 1ull << 63, b->data ^ 1ull << 63); // as signed numbers
    case AUR_RULE_IP:
        return compare_ips(aur_rule_contents(bases, a), aur_rule_contents(bases, b));
    default:
        break;
    }
    if (a->block == b->block && a->data == b->data && a->size == b->size)
        return 0;
    if (a->kind == AUR_RULE_STRING)
        return compare_strings(aur_rule_contents(bases, a), aur_rule_contents(bases, b));
    if (a->kind == AUR_RULE_ENTITY)
        return compare_names(bases, a, b);
    int by = order(a->size, b->size);
    by = by ? by : order(a->data >> 32, b->data >> 32);
    return by ? by : compare_members(bases, a, b, steps);
}

bool aur_rule_equal(const struct rule_bases *bases, const struct aur_rule_value *a,
                    const struct aur_rule_value *b, uint32_t *steps)
{
    return aur_rule_compare(bases, a, b, steps) == 0;
}

static void exchange(struct aur_rule_value *values, uint32_t stride, uint32_t a, uint32_t b)
{
    for (uint32_t i = 0; i < stride; i++) {
        struct aur_rule_value kept = values[a * stride + i];
        values[a * stride + i] = values[b * stride + i];
        values[b * stride + i] = kept;
    }
}

static void sift(const struct rule_bases *bases, struct aur_rule_value *values, uint32_t stride,
                 uint32_t top, uint32_t count, uint32_t *steps)
{
    for (uint32_t child; (child = 2 * top + 1) < count; top = child) {
        if (child + 1 < count && aur_rule_compare(bases, &values[child * stride],
                                                  &values[(child + 1) * stride], steps) < 0)
            child++;
        if (aur_rule_compare(bases, &values[top * stride], &values[child * stride], steps) >= 0)
            return;
        exchange(values, stride, top, child);
    }
}

uint32_t aur_rule_sort(const struct rule_bases *bases, struct aur_rule_value *values,
                       uint32_t count, uint32_t stride, uint32_t *steps)
{
    for (uint32_t top = count / 2; top-- > 0;)
        sift(bases, values, stride, top, count, steps);
    for (uint32_t last = count; last-- > 1;) {
        exchange(values, stride, 0, last);
        sift(bases, values, stride, 0, last, steps);
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (kept && aur_rule_equal(bases, &values[(kept - 1) * stride], &values[i * stride], steps))
            continue;
        if (kept != i)
            memcpy(&values[kept * stride], &values[i * stride], stride * sizeof *values);
        kept++;
    }
    return kept;
}

bool aur_rule_search(const struct rule_bases *bases, const struct aur_rule_value *values,
                     uint32_t count, const struct aur_rule_value *value, uint32_t *steps)
{
    uint32_t low = 0, high = count;
    while (low < high && *steps) {
        uint32_t middle = low + (high - low) / 2;
        int by = aur_rule_compare(bases, value, &values[middle], steps);
        if (by == 0)
            return true;
        if (by < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

const struct aur_rule_value *aur_rule_find(const struct rule_bases *bases,
                                           const struct aur_rule_value *record,
                                           const struct rule_string *key)
{
    const struct aur_rule_value *pairs = aur_rule_contents(bases, record);
    uint32_t low = 0, high = record->size;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int by = compare_strings(key, aur_rule_contents(bases, &pairs[2 * middle]));
        if (by == 0)
            return &pairs[2 * middle + 1];
        if (by < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

void aur_rule_seal(const struct rule_bases *bases, struct aur_rule_value *of, uint32_t offset,
                   const struct aur_rule_value *values, uint32_t count)
{
    uint64_t hash = 0;
    uint16_t depth = 0;
    for (uint32_t i = 0; i < count; i++) {
        hash = aur_rule_mix(hash, aur_rule_hash(bases, &values[i]));
        depth = values[i].depth > depth ? values[i].depth : depth;
    }
    of->depth = (uint16_t)(depth + 1);
    of->data = offset | (hash << 32);
}

uint32_t aur_rule_name_in_store(const struct rule_bases *bases, const struct aur_rule_value *name)
{
    const unsigned char *block = bases->at[RULE_IN_STORE], *foreign = bases->at[name->block];
    const struct aur_rule_store *store = (const void *)block;
    if (name->block == RULE_IN_STORE)
        return aur_rule_offset(name);
    const struct rule_name *own = aur_rule_contents(bases, name);
    const uint32_t *chains = (const void *)(block + store->head.buckets_at);
    uint32_t at = chains[store->head.buckets + (own->hash & (store->head.buckets - 1))];
    while (at) {
        const struct rule_name *other = aur_rule_name_at(block, at);
        if (other->hash == own->hash &&
            aur_rule_same_string(aur_rule_string_at(block, other->type),
                                 aur_rule_string_at(foreign, own->type)) &&
            aur_rule_same_string(aur_rule_string_at(block, other->id),
                                 aur_rule_string_at(foreign, own->id)))
            return at;
        at = other->next;
    }
    return 0;
}

const struct rule_entity *aur_rule_entity_of(const struct rule_bases *bases,
                                             const struct aur_rule_value *name)
{
    const unsigned char *block = bases->at[RULE_IN_STORE];
    const struct aur_rule_store *store = (const void *)block;
    uint32_t at = aur_rule_name_in_store(bases, name);
    uint32_t number = at ? aur_rule_name_at(block, at)->entity : 0;
    if (!number)
        return NULL;
    return (const struct rule_entity *)(const void *)(block + store->entities_at) + (number - 1);
}
