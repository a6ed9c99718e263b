// A set-associative table of decisions: the digest chooses the set, every byte of the key is
// compared, and the entry replaced is the one filled longest ago, so that the cache is as
// deterministic as the decisions.
//
// Invariant: an entry's key is that of a request, with the context if the decision depends on it;
// its epoch is that of the set and store it was decided with. So an entry found is the decision.
#include "policy/rule_cache.h"

#define WAYS      4u
#define KEY_BYTES 416u
#define REASONS   8u
#define ERRORS    2u

struct entry {
    uint64_t digest, epoch;
    uint16_t key_bytes; // 0: empty
    uint8_t with_context, decision;
    uint16_t reasons, errors;
    uint32_t reason[REASONS];
    struct aur_rule_error error[ERRORS];
    unsigned char key[KEY_BYTES];
};

struct row {
    uint32_t next; // the entry to replace
    uint32_t unused;
    struct entry entry[WAYS];
};

struct aur_rule_cache {
    uint32_t magic;
    uint32_t rows; // a power of two
    struct row row[];
};

struct aur_rule_cache *aur_rule_cache_begin(void *block, size_t size)
{
    struct aur_rule_cache *cache = block;
    if (size < 4096)
        return NULL;
    uint32_t rows = 1;
    while (sizeof *cache + 2 * (size_t)rows * sizeof(struct row) <= size && rows < 1u << 20)
        rows *= 2;
    memset(cache, 0, sizeof *cache + rows * sizeof(struct row));
    cache->magic = RULE_MAGIC;
    cache->rows = rows;
    return cache;
}

uint64_t aur_rule_epoch(const struct aur_rule_set *set, const struct aur_rule_store *store)
{
    return aur_rule_mix(set->head.digest, store->head.digest);
}

static const struct entry *look_up(const struct aur_rule_cache *cache, uint64_t epoch,
                                   const struct aur_rule_request *request, bool with_context)
{
    uint64_t digest = with_context ? request->key_digest : request->names_digest;
    uint32_t bytes = with_context ? request->key_bytes : request->names_bytes;
    const unsigned char *key = (const unsigned char *)request + request->key_at;
    const struct row *row = &cache->row[digest & (cache->rows - 1)];
    for (uint32_t i = 0; i < WAYS; i++) {
        const struct entry *entry = &row->entry[i];
        if (entry->digest == digest && entry->epoch == epoch && entry->key_bytes == bytes &&
            entry->with_context == with_context && memcmp(entry->key, key, bytes) == 0)
            return entry;
    }
    return NULL;
}

bool aur_rule_cache_find(const struct aur_rule_cache *cache, uint64_t epoch,
                         const struct aur_rule_request *request, struct aur_rule_result *result)
{
    const struct entry *entry = look_up(cache, epoch, request, false);
    if (!entry)
        entry = look_up(cache, epoch, request, true);
    if (!entry)
        return false;
    result->decision = entry->decision;
    result->reasons = entry->reasons;
    result->errors = entry->errors;
    for (uint32_t i = 0; i < entry->reasons && i < result->reason_room; i++)
        result->reason[i] = entry->reason[i];
    for (uint32_t i = 0; i < entry->errors && i < result->error_room; i++)
        result->error[i] = entry->error[i];
    result->cached = true;
    return true;
}

void aur_rule_cache_keep(struct aur_rule_cache *cache, uint64_t epoch,
                         const struct aur_rule_request *request, bool with_context,
                         const struct aur_rule_result *result)
{
    uint64_t digest = with_context ? request->key_digest : request->names_digest;
    uint32_t bytes = with_context ? request->key_bytes : request->names_bytes;
    if (bytes > KEY_BYTES || result->reasons > REASONS || result->errors > ERRORS ||
        result->reasons > result->reason_room || result->errors > result->error_room)
        return;
    struct row *row = &cache->row[digest & (cache->rows - 1)];
    struct entry *entry = &row->entry[row->next];
    row->next = (row->next + 1) % WAYS;
    *entry = (struct entry){.digest = digest,
                            .epoch = epoch,
                            .key_bytes = (uint16_t)bytes,
                            .with_context = with_context,
                            .decision = (uint8_t)result->decision,
                            .reasons = (uint16_t)result->reasons,
                            .errors = (uint16_t)result->errors};
    for (uint32_t i = 0; i < result->reasons; i++)
        entry->reason[i] = result->reason[i];
    for (uint32_t i = 0; i < result->errors; i++)
        entry->error[i] = result->error[i];
    memcpy(entry->key, (const unsigned char *)request + request->key_at, bytes);
}
