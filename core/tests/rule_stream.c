// Random policies for a core of any build: as core/tests/stream.c gives it events, so this gives it
// texts, entities and requests; what it answers and the blocks that it makes are digested.
#include "tests/stream.h"

#include <aurora/rule.h>

#include "lib/memory.h"

#define ROOM (1u << 16)

struct stream {
    uint64_t random, digest;
    char text[8192];
    uint32_t used;
    uint32_t reason[8];
    struct aur_rule_error error[8];
};

static struct stream stream;
static _Alignas(64) unsigned char set[ROOM], store[ROOM], request[ROOM], cache[ROOM], work[ROOM];

// One draw in an expression, no more: the order of arguments is the compiler's.
static uint32_t draw(uint32_t below)
{
    uint64_t z = stream.random += 0x9e3779b97f4a7c15ull; // SplitMix64
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return (uint32_t)((z ^ z >> 31) % below);
}

static void fold(const void *bytes, size_t size)
{
    const unsigned char *in = bytes;
    for (size_t i = 0; i < size; i++)
        stream.digest = (stream.digest ^ in[i]) * 0x100000001b3ull; // FNV-1a
}

static void say(const char *words)
{
    while (*words && stream.used < sizeof stream.text)
        stream.text[stream.used++] = *words++;
}

static const char *const leaves[] = {"true",
                                     "false",
                                     "1",
                                     "-9223372036854775808",
                                     "9223372036854775807",
                                     "\"a\"",
                                     "\"\\u{e9}*\"",
                                     "principal",
                                     "resource",
                                     "context",
                                     "context.n",
                                     "context.s",
                                     "principal.a",
                                     "[]",
                                     "{}",
                                     "[1, \"a\", 1]",
                                     "U::\"a\"",
                                     "G::\"b\"",
                                     "ip(\"10.0.0.0/8\")",
                                     "decimal(\"1.5\")",
                                     "duration(\"1h\")",
                                     "datetime(\"2024-02-29\")"};

// `$` stands for an expression.
static const char *const forms[] = {"$ == $",
                                    "$ < $",
                                    "$ && $",
                                    "$ || $",
                                    "!($)",
                                    "$ + $",
                                    "$ * $",
                                    "-($)",
                                    "$ in $",
                                    "$ in [$, $]",
                                    "if $ then $ else $",
                                    "$ has a",
                                    "$ has a.n",
                                    "($).a",
                                    "$ like \"*a*\"",
                                    "$ is U",
                                    "$ is U in $",
                                    "[$, $, $].contains($)",
                                    "($).containsAll($)",
                                    "[$, $].containsAny([$])",
                                    "{a: $, n: $} == $",
                                    "($).isEmpty()",
                                    "($).hasTag(\"t\")",
                                    "($).getTag($)",
                                    "ip($).isInRange($)",
                                    "($).lessThan($)",
                                    "($).offset($)",
                                    "$ - $",
                                    "$ != $",
                                    "$ >= $"};

#define PICK(list) list[draw(sizeof list / sizeof list[0])]

// Recursion is bounded by `depth`.
static void expression(uint32_t depth)
{
    const char *form = depth > 0 && draw(5) ? PICK(forms) : PICK(leaves);
    for (; *form; form++) {
        char one[2] = {*form, '\0'};
        if (*form != '$') {
            say(one);
            continue;
        }
        say("(");
        expression(depth - 1);
        say(")");
    }
}

static void write_policies(void)
{
    static const char *const scopes[] = {
        "(principal, action, resource)", "(principal is U, action, resource)",
        "(principal in G::\"b\", action, resource)",
        "(principal, action in [Action::\"x\", Action::\"y\"], resource)",
        "(principal == U::\"a\", action, resource is U in G::\"c\")"};
    stream.used = 0;
    for (uint32_t policies = 1 + draw(5); policies > 0; policies--) {
        say(draw(3) ? "permit" : "forbid");
        say(PICK(scopes));
        say(draw(3) ? " when { " : " unless { ");
        expression(1 + draw(4));
        say(" };\n");
    }
}

static struct aur_rule_value entity(struct aur_rule_builder *b, const char *type, uint32_t id)
{
    char letter = (char)('a' + id);
    return aur_rule_entity(b, type, 1, &letter, 1);
}

static struct aur_rule_value value(struct aur_rule_builder *b, uint32_t depth)
{
    static const char letters[] = "abnst";
    struct aur_rule_value items[8];
    uint32_t kind = draw(depth > 0 ? 6 : 4), count = draw(4);
    if (kind == 0)
        return aur_rule_bool(draw(2));
    if (kind == 1)
        return aur_rule_long((int64_t)draw(4) - 1);
    if (kind == 2)
        return aur_rule_make_string(b, letters + count, 1);
    if (kind == 3)
        return entity(b, count & 1 ? "U" : "G", draw(4));
    for (uint32_t i = 0; i < count; i++)
        items[i] = value(b, depth - 1);
    if (kind == 4)
        return aur_rule_make_set(b, items, count);
    for (uint32_t i = count; i-- > 0;) {
        items[2 * i + 1] = items[i];
        items[2 * i] = aur_rule_make_string(b, letters + i, 1);
    }
    return aur_rule_make_record(b, items, count);
}

static struct aur_rule_value record(struct aur_rule_builder *b)
{
    struct aur_rule_value made;
    do
        made = value(b, 3);
    while (made.kind != AUR_RULE_RECORD);
    return made;
}

static void build_world(void)
{
    struct aur_rule_builder b;
    aur_rule_store_begin(&b, store, ROOM);
    for (uint32_t i = 0; i < 4; i++) {
        struct aur_rule_value name = entity(&b, "U", i), parents[2];
        parents[0] = entity(&b, "G", draw(4));
        parents[1] = entity(&b, "G", draw(4));
        struct aur_rule_value attributes = record(&b), tags = record(&b);
        aur_rule_store_add(&b, name, attributes, tags, parents, draw(3));
        name = entity(&b, "G", i);
        parents[0] = entity(&b, "G", i + 1);
        aur_rule_store_add(&b, name, tags, attributes, parents, draw(2));
    }
    aur_rule_store_finish(&b, NULL);
}

static void build_request(void)
{
    struct aur_rule_builder b;
    aur_rule_request_begin(&b, request, ROOM);
    struct aur_rule_value principal = entity(&b, "U", draw(5)), resource = entity(&b, "U", draw(5));
    struct aur_rule_value action = aur_rule_entity(&b, "Action", 6, draw(2) ? "x" : "z", 1);
    struct aur_rule_value context = record(&b);
    aur_rule_request_finish(&b, principal, action, resource, context);
}

static void decide(struct aur_rule_cache *known)
{
    const struct aur_rule_work memory = {work, ROOM, 20000};
    struct aur_rule_result result = {
        .reason_room = 8, .error_room = 8, .reason = stream.reason, .error = stream.error};
    aur_rule_evaluate((const void *)set, (const void *)store, (const void *)request, known, &memory,
                      &result);
    uint32_t said[] = {result.status, result.decision, result.reasons,
                       result.errors, result.steps,    result.cached};
    fold(said, sizeof said);
    fold(stream.reason, result.reasons * sizeof stream.reason[0]);
    fold(stream.error, result.errors * sizeof stream.error[0]);
}

uint32_t stream_classes(void)
{
    return 1;
}

uint64_t stream_digest(uint32_t class, uint64_t seed, uint32_t events)
{
    struct aur_rule_refusal refusal;
    memset(&stream, 0, sizeof stream);
    stream.random = seed ^ class;
    struct aur_rule_cache *known = aur_rule_cache_begin(cache, ROOM);
    for (uint32_t event = 0; event < events; event++) {
        if (event % 8 == 0)
            build_world();
        if (event % 2 == 0) {
            write_policies();
            // Now and then a letter is wrong.
            if (draw(4) == 0)
                stream.text[draw(stream.used)] = "({\";=\xff"[draw(6)];
            uint32_t status = aur_rule_compile(set, ROOM, stream.text, stream.used, &refusal);
            fold(&status, sizeof status);
            fold(&refusal, sizeof refusal);
            if (status != AUR_RULE_OK)
                aur_rule_compile(set, ROOM, "", 0, &refusal);
        }
        build_request();
        decide(NULL);
        decide(known);
        fold(set, aur_rule_set_bytes((const void *)set));
        fold(store, aur_rule_store_bytes((const void *)store));
        fold(request, aur_rule_request_bytes((const void *)request));
    }
    return stream.digest;
}
