// Any bytes as policies: they are refused with a place and a sentence, or compiled, and then
// decided alike with and without a cache, wherever the set stands.
#include <stdlib.h>
#include <string.h>

#include <aurora/rule.h>

#define ROOM (1u << 18)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Alignas(64) unsigned char set[ROOM], moved[ROOM], work_block[1 << 16];
static _Alignas(64) unsigned char store[1 << 16], request[1 << 14], cache_block[1 << 14];

#define TEXT(b, s)        aur_rule_make_string(b, s, sizeof(s) - 1)
#define NAME(b, type, id) aur_rule_entity(b, type, sizeof(type) - 1, id, sizeof(id) - 1)

static void make_world(void)
{
    struct aur_rule_builder b;
    aur_rule_store_begin(&b, store, sizeof store);
    struct aur_rule_value none = aur_rule_make_record(&b, NULL, 0);
    struct aur_rule_value group = NAME(&b, "G", "g"), all = NAME(&b, "G", "all");
    struct aur_rule_value about[] = {TEXT(&b, "a"), aur_rule_long(1), TEXT(&b, "b"), group};
    aur_rule_store_add(&b, NAME(&b, "U", "u"), aur_rule_make_record(&b, about, 2),
                       aur_rule_make_record(&b, about, 1), &group, 1);
    aur_rule_store_add(&b, group, none, none, &all, 1);
    if (aur_rule_store_finish(&b, NULL) != AUR_RULE_OK)
        abort();
    aur_rule_request_begin(&b, request, sizeof request);
    struct aur_rule_value members[] = {aur_rule_long(1), TEXT(&b, "x")};
    struct aur_rule_value pairs[] = {TEXT(&b, "s"),  aur_rule_make_set(&b, members, 2),
                                     TEXT(&b, "n"),  aur_rule_long(INT64_MAX),
                                     TEXT(&b, "t"),  TEXT(&b, "aaaaaaaaaaaaaaaaaaaaaaab"),
                                     TEXT(&b, "ip"), aur_rule_extension(&b, "ip", 2, "::1", 3)};
    if (aur_rule_request_finish(&b, NAME(&b, "U", "u"), NAME(&b, "Action", "a"), NAME(&b, "F", "f"),
                                aur_rule_make_record(&b, pairs, 4)) != AUR_RULE_OK)
        abort();
}

struct answer {
    struct aur_rule_result result;
    uint32_t reason[64];
    struct aur_rule_error error[64];
};

static void decide(const void *policies, struct aur_rule_cache *cache, struct answer *answer)
{
    struct aur_rule_work work = {work_block, sizeof work_block, 1u << 16};
    memset(answer, 0, sizeof *answer);
    answer->result.reason = answer->reason;
    answer->result.error = answer->error;
    answer->result.reason_room = answer->result.error_room = 64;
    aur_rule_evaluate(policies, (const void *)store, (const void *)request, cache, &work,
                      &answer->result);
}

static void must_agree(const struct answer *a, const struct answer *b)
{
    if (a->result.status != b->result.status || a->result.decision != b->result.decision ||
        a->result.reasons != b->result.reasons || a->result.errors != b->result.errors)
        abort();
    for (uint32_t i = 0; i < a->result.reasons && i < 64; i++)
        if (a->reason[i] != b->reason[i])
            abort();
    for (uint32_t i = 0; i < a->result.errors && i < 64; i++)
        if (memcmp(&a->error[i], &b->error[i], sizeof a->error[i]) != 0)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct answer first, second, third;
    struct aur_rule_refusal refusal;
    if (!store[0])
        make_world();
    enum aur_rule_status status = aur_rule_compile(set, ROOM, (const char *)data, size, &refusal);
    if (status == AUR_RULE_SYNTAX && (!refusal.line || !refusal.column || !refusal.text[0] ||
                                      strlen(refusal.text) >= sizeof refusal.text))
        abort();
    if (status != AUR_RULE_OK)
        return 0;
    uint32_t bytes = aur_rule_set_bytes((const void *)set);
    struct aur_rule_cache *cache = aur_rule_cache_begin(cache_block, sizeof cache_block);
    decide(set, NULL, &first);
    decide(set, cache, &second);
    memset(moved, 0xa5, sizeof moved);
    memcpy(moved, set, bytes);
    decide(moved, cache, &third);
    must_agree(&first, &second);
    must_agree(&first, &third);
    for (uint32_t i = 0; i < first.result.errors && i < 64; i++) {
        char text[AUR_RULE_TEXT];
        if (!*aur_rule_error_text((const void *)set, &first.error[i], text, sizeof text))
            abort();
    }
    // A block one third too small is full, and never overrun.
    unsigned char *tight = malloc(bytes);
    if (tight)
        aur_rule_compile(tight, (bytes - bytes / 3) & ~7u, (const char *)data, size, &refusal);
    free(tight);
    return 0;
}
