#include "rule_case.h"

#include <aurora/rule.h>

#define USERS    1000u
#define REQUESTS 64u

static const char policies[] =
    "permit(principal in Group::\"staff\", action == Action::\"read\", resource is File);\n"
    "permit(principal in Group::\"admin\", action, resource);\n"
    "permit(principal, action in [Action::\"read\", Action::\"list\"], resource in "
    "Folder::\"public\");\n"
    "permit(principal, action == Action::\"write\", resource is File)\n"
    "when { resource has owner && resource.owner == principal };\n"
    "permit(principal is User, action == Action::\"write\", resource)\n"
    "when { principal.level > 5 && context.size * 2 < 1000 };\n"
    "permit(principal is User in Group::\"staff\", action, resource in Folder::\"shared\")\n"
    "when { [\"draft\", \"review\"].contains(resource.state) };\n"
    "permit(principal, action == Action::\"list\", resource)\n"
    "when { resource.name like \"*.txt\" };\n"
    "permit(principal == User::\"7\", action, resource);\n"
    "forbid(principal, action, resource)\n"
    "when { context.address.isInRange(ip(\"192.168.0.0/16\")) };\n"
    "forbid(principal, action == Action::\"write\", resource)\n"
    "unless { principal has level && principal.level >= 2 };\n";

static _Alignas(64) unsigned char set[1 << 16], spare[1 << 16], store[1 << 20], cache[1 << 18];
static _Alignas(64) unsigned char requests[REQUESTS][4096], scratch[4096], work[1 << 15];

static struct aur_rule_value name(struct aur_rule_builder *b, const char *type, uint32_t number)
{
    char digits[10];
    uint32_t at = sizeof digits, size = 0;
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    while (type[size])
        size++;
    return aur_rule_entity(b, type, size, digits + at, (uint32_t)sizeof digits - at);
}

#define TEXT(b, words)      aur_rule_make_string(b, words, sizeof(words) - 1)
#define ENTITY(b, type, id) aur_rule_entity(b, type, sizeof(type) - 1, id, sizeof(id) - 1)

static int make_store(void)
{
    struct aur_rule_builder b;
    aur_rule_store_begin(&b, store, sizeof store);
    struct aur_rule_value none = aur_rule_make_record(&b, NULL, 0);
    struct aur_rule_value staff = ENTITY(&b, "Group", "staff"), all = ENTITY(&b, "Group", "all");
    struct aur_rule_value shared = ENTITY(&b, "Folder", "shared");
    aur_rule_store_add(&b, staff, none, none, &all, 1);
    for (uint32_t i = 0; i < USERS; i++) {
        struct aur_rule_value user = name(&b, "User", i), file = name(&b, "File", i);
        struct aur_rule_value about[] = {TEXT(&b, "level"), aur_rule_long(i % 10)};
        struct aur_rule_value of_file[] = {TEXT(&b, "owner"), user,
                                           TEXT(&b, "state"), TEXT(&b, "draft"),
                                           TEXT(&b, "name"),  TEXT(&b, "a.txt")};
        aur_rule_store_add(&b, user, aur_rule_make_record(&b, about, 1), none, &staff, i % 3 != 0);
        aur_rule_store_add(&b, file, aur_rule_make_record(&b, of_file, 3), none, &shared,
                           i % 2 == 0);
    }
    return aur_rule_store_finish(&b, NULL) == AUR_RULE_OK;
}

static int make_request(unsigned char *block, uint32_t number)
{
    static const char *const actions[] = {"read", "write", "list"};
    const char *action = actions[number % 3];
    struct aur_rule_builder b;
    aur_rule_request_begin(&b, block, 4096);
    struct aur_rule_value context[] = {TEXT(&b, "size"), aur_rule_long(number * 20),
                                       TEXT(&b, "address"),
                                       aur_rule_extension(&b, "ip", 2, "10.0.0.7", 8)};
    struct aur_rule_value user = name(&b, "User", number * 13 % USERS);
    struct aur_rule_value file = name(&b, "File", number * 7 % USERS);
    return aur_rule_request_finish(
               &b, user, aur_rule_entity(&b, "Action", 6, action, number % 3 == 1 ? 5 : 4), file,
               aur_rule_make_record(&b, context, 2)) == AUR_RULE_OK;
}

static int compile(void *block)
{
    struct aur_rule_refusal refusal;
    return aur_rule_compile(block, sizeof set, policies, sizeof policies - 1, &refusal) ==
           AUR_RULE_OK;
}

uint32_t bench_rule_begin(void)
{
    for (uint32_t i = 0; i < REQUESTS; i++)
        if (!make_request(requests[i], i))
            return 0;
    return compile(set) && make_store();
}

static uint32_t decide(uint32_t request, struct aur_rule_cache *known)
{
    uint32_t reason[10];
    struct aur_rule_error error[10];
    struct aur_rule_work memory = {work, sizeof work, 0};
    struct aur_rule_result result = {
        .reason_room = 10, .error_room = 10, .reason = reason, .error = error};
    aur_rule_evaluate((const void *)set, (const void *)store,
                      (const void *)requests[request % REQUESTS], known, &memory, &result);
    if (result.status != AUR_RULE_OK)
        return 0;
    return 1 + result.decision + 2 * result.reasons + 32 * result.errors;
}

uint32_t bench_rule_run(uint32_t which, uint32_t count)
{
    struct aur_rule_cache *known = aur_rule_cache_begin(cache, sizeof cache);
    uint32_t digest = 1;
    for (uint32_t i = 0; which == BENCH_RULE_CACHED && i < REQUESTS; i++)
        decide(i, known);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t said = 1;
        switch (which) {
        case BENCH_RULE_CACHED:
            said = decide(i, known);
            break;
        case BENCH_RULE_UNCACHED:
            said = decide(i, NULL);
            break;
        case BENCH_RULE_NEVER_SAME:
            // As large as a cache may be at the least, it holds four of the requests in a row.
            known = i % REQUESTS == 0 ? aur_rule_cache_begin(cache, 4096) : known;
            said = decide(i, known);
            break;
        case BENCH_RULE_REQUEST:
            said = (uint32_t)make_request(scratch, i % REQUESTS);
            break;
        default:
            said = (uint32_t)compile(spare);
        }
        if (!said)
            return 0;
        digest = digest * 31 + said;
    }
    return digest ? digest : 1;
}
