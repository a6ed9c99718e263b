// What a set tells of itself, and the sentences of errors.
#include "policy/rule_code.h"
#include "policy/rule_say.h"

static const char *const status_text[] = {
#define X(name, text) text,
    AUR_RULE_STATUS_TABLE(X)
#undef X
};

static const char *const error_text[] = {
#define X(name, text) text,
    AUR_RULE_ERROR_TABLE(X)
#undef X
};

static const char *const kind_text[] = {"bool",   "long",    "string", "entity",   "set",
                                        "record", "decimal", "ipaddr", "datetime", "duration"};

const char *aur_rule_status_text(uint32_t status)
{
    return status < AUR_RULE_STATUS_COUNT ? status_text[status] : "unknown status";
}

const char *aur_rule_error_kind_text(uint32_t kind)
{
    return kind < AUR_RULE_ERROR_COUNT ? error_text[kind] : "unknown error";
}

const char *aur_rule_kind_text(uint32_t kind)
{
    return kind < AUR_RULE_KIND_COUNT ? kind_text[kind] : "entity or record";
}

static void name_of(const struct aur_rule_set *set, const struct aur_rule_error *error,
                    struct rule_sentence *sentence)
{
    if (!error->name)
        return;
    const struct rule_string *name = aur_rule_string_at((const unsigned char *)set, error->name);
    aur_rule_say(sentence, " `");
    aur_rule_say_bytes(sentence, name->bytes, name->size);
    aur_rule_say(sentence, "`");
}

const char *aur_rule_error_text(const struct aur_rule_set *set, const struct aur_rule_error *error,
                                char *text, size_t room)
{
    struct rule_sentence sentence = {text, room, 0};
    aur_rule_say(&sentence, aur_rule_error_kind_text(error->kind));
    switch (error->kind) {
    case AUR_RULE_ERROR_TYPE:
        aur_rule_say(&sentence, ": expected ");
        aur_rule_say(&sentence, aur_rule_kind_text(error->wanted));
        aur_rule_say(&sentence, ", found ");
        aur_rule_say(&sentence, aur_rule_kind_text(error->found));
        break;
    case AUR_RULE_ERROR_NO_ATTRIBUTE:
        name_of(set, error, &sentence);
        aur_rule_say(&sentence, ": ask with `has` first");
        break;
    case AUR_RULE_ERROR_NO_TAG:
        name_of(set, error, &sentence);
        aur_rule_say(&sentence, ": ask with `hasTag` first");
        break;
    default:
        break;
    }
    return text;
}

uint32_t aur_rule_set_bytes(const struct aur_rule_set *set)
{
    return set->head.bytes;
}

uint32_t aur_rule_set_count(const struct aur_rule_set *set)
{
    return set->policies;
}

uint64_t aur_rule_set_digest(const struct aur_rule_set *set)
{
    return set->head.digest;
}

static const struct rule_policy *policy_at(const struct aur_rule_set *set, uint32_t policy)
{
    const unsigned char *block = (const void *)set;
    const uint32_t *policies = (const void *)(block + set->policies_at);
    return (const void *)(block + policies[policy]);
}

static struct aur_rule_string text_at(const void *block, uint32_t at)
{
    const struct rule_string *string = aur_rule_string_at(block, at);
    return (struct aur_rule_string){string->bytes, string->size};
}

void aur_rule_annotation(const struct aur_rule_set *set, uint32_t policy, uint32_t annotation,
                         struct aur_rule_string *key, struct aur_rule_string *value)
{
    const unsigned char *block = (const void *)set;
    const uint32_t *pair =
        (const void *)(block + policy_at(set, policy)->annotations_at + 8 * (size_t)annotation);
    *key = text_at(set, pair[0]);
    *value = text_at(set, pair[1]);
}

void aur_rule_policy(const struct aur_rule_set *set, uint32_t policy,
                     struct aur_rule_policy_info *info)
{
    const struct rule_policy *own = policy_at(set, policy);
    *info = (struct aur_rule_policy_info){.permit = own->permit,
                                          .reads_context = own->reads_context,
                                          .line = own->line,
                                          .column = own->column,
                                          .annotations = own->annotations};
    for (uint32_t i = 0; i < own->annotations; i++) {
        struct aur_rule_string key, value;
        aur_rule_annotation(set, policy, i, &key, &value);
        if (key.size == 2 && memcmp(key.bytes, "id", 2) == 0)
            info->id = value;
    }
}

void aur_rule_name(const void *block, struct aur_rule_value entity, struct aur_rule_string *type,
                   struct aur_rule_string *id)
{
    const struct rule_name *name = aur_rule_name_at(block, aur_rule_offset(&entity));
    *type = text_at(block, name->type);
    *id = text_at(block, name->id);
}
