// Extension functions: which there are, decimals, and what methods answer.
#include "policy/rule_extension.h"

static const struct call {
    const char *name;
    bool method;
    uint8_t takes;
} calls[] = {{NULL, false, 0},
#define X(id, name, method, takes) {name, method, takes},
             RULE_CALL_TABLE(X)
#undef X
};

enum rule_call aur_rule_call_named(const char *name, size_t size, bool method)
{
    for (uint32_t i = 1; i < RULE_CALLS; i++) {
        size_t length = 0;
        while (calls[i].name[length])
            length++;
        if (calls[i].method == method && length == size && memcmp(calls[i].name, name, size) == 0)
            return (enum rule_call)i;
    }
    return RULE_CALL_NONE;
}

uint32_t aur_rule_call_takes(enum rule_call call)
{
    return calls[call].takes;
}

bool aur_rule_digits(const char *text, size_t size, size_t *at, size_t least, size_t most,
                     uint64_t *number)
{
    size_t count = 0;
    uint64_t sum = 0;
    for (; *at < size && count < most && text[*at] >= '0' && text[*at] <= '9'; ++*at, count++) {
        uint64_t digit = (uint64_t)(text[*at] - '0');
        if (sum > (UINT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *number = sum;
    return count >= least;
}

// -?D+.D{1,4}, kept as ten-thousandths (Decimal.lean).
static bool parse_decimal(const char *text, size_t size, int64_t *value)
{
    const uint64_t highest = (uint64_t)INT64_MAX;
    bool negative = size > 0 && text[0] == '-';
    size_t at = negative, before;
    uint64_t whole, part;
    if (!aur_rule_digits(text, size, &at, 1, size, &whole) || at == size || text[at++] != '.')
        return false;
    before = at;
    if (!aur_rule_digits(text, size, &at, 1, 4, &part) || at != size)
        return false;
    for (size_t digits = at - before; digits < 4; digits++)
        part *= 10;
    if (whole > (highest + negative - part) / 10000)
        return false;
    whole = whole * 10000 + part;
    *value = negative ? (int64_t)(0 - whole) : (int64_t)whole;
    return true;
}

bool aur_rule_construct(enum rule_call constructor, const char *text, size_t size,
                        struct aur_rule_value *made, struct rule_ip *ip)
{
    int64_t number = 0;
    bool good = false;
    *made = (struct aur_rule_value){.kind = AUR_RULE_DECIMAL};
    switch (constructor) {
    case RULE_CALL_DECIMAL:
        good = parse_decimal(text, size, &number);
        break;
    case RULE_CALL_DATETIME:
        made->kind = AUR_RULE_DATETIME;
        good = aur_rule_parse_datetime(text, size, &number);
        break;
    case RULE_CALL_DURATION:
        made->kind = AUR_RULE_DURATION;
        good = aur_rule_parse_duration(text, size, &number);
        break;
    case RULE_CALL_IP:
        made->kind = AUR_RULE_IP;
        made->size = sizeof *ip;
        return aur_rule_parse_ip(text, size, ip);
    default:
        break;
    }
    made->data = (uint64_t)number;
    return good;
}

static const struct rule_ip loopback[] = {{.version = 4, .prefix = 8, .low = 127u << 24},
                                          {.version = 6, .prefix = 128, .low = 1}};
static const struct rule_ip multicast[] = {{.version = 4, .prefix = 4, .low = 224u << 24},
                                           {.version = 6, .prefix = 8, .high = 0xffull << 56}};

static bool ask_ip(enum rule_call method, const struct rule_ip *ip, const struct rule_ip *other)
{
    switch (method) {
    case RULE_CALL_IS_IPV4:
        return ip->version == 4;
    case RULE_CALL_IS_IPV6:
        return ip->version == 6;
    case RULE_CALL_IS_LOOPBACK:
        return aur_rule_ip_in_range(ip, &loopback[ip->version == 6]);
    case RULE_CALL_IS_MULTICAST:
        return aur_rule_ip_in_range(ip, &multicast[ip->version == 6]);
    default:
        return aur_rule_ip_in_range(ip, other);
    }
}

static bool ask_decimal(enum rule_call method, int64_t a, int64_t b)
{
    switch (method) {
    case RULE_CALL_LESS:
        return a < b;
    case RULE_CALL_LESS_EQUAL:
        return a <= b;
    case RULE_CALL_GREATER:
        return a > b;
    default:
        return a >= b;
    }
}

#define DAY_MS INT64_C(86400000)

// The methods of datetime and duration (Datetime.lean); OVERFLOW if the result needs more than 64
// bits, which Cedar calls an extension error.
static uint32_t ask_time(enum rule_call method, int64_t a, int64_t b, struct aur_rule_value *made)
{
    int64_t result = a;
    int64_t rest = a % DAY_MS < 0 ? a % DAY_MS + DAY_MS : a % DAY_MS;
    bool lost = false;
    switch (method) {
    case RULE_CALL_OFFSET:
        lost = __builtin_add_overflow(a, b, &result);
        break;
    case RULE_CALL_DURATION_SINCE:
        lost = __builtin_sub_overflow(a, b, &result);
        break;
    case RULE_CALL_TO_DATE:
        lost = __builtin_sub_overflow(a, rest, &result);
        break;
    case RULE_CALL_TO_TIME:
        result = rest;
        break;
    case RULE_CALL_TO_SECONDS:
        result = a / 1000;
        break;
    case RULE_CALL_TO_MINUTES:
        result = a / 60000;
        break;
    case RULE_CALL_TO_HOURS:
        result = a / 3600000;
        break;
    case RULE_CALL_TO_DAYS:
        result = a / DAY_MS;
        break;
    default:
        break;
    }
    made->data = (uint64_t)result;
    return lost ? AUR_RULE_ERROR_EXTENSION : AUR_RULE_ERROR_NONE;
}

// What kinds a method takes and gives.
static void kinds_of(enum rule_call method, uint32_t takes[2], uint8_t *gives)
{
    takes[0] = takes[1] = AUR_RULE_IP;
    *gives = AUR_RULE_BOOL;
    if (method <= RULE_CALL_GREATER_EQUAL) {
        takes[0] = takes[1] = AUR_RULE_DECIMAL;
    } else if (method >= RULE_CALL_TO_MILLISECONDS) {
        takes[0] = AUR_RULE_DURATION;
        *gives = AUR_RULE_LONG;
    } else if (method >= RULE_CALL_OFFSET) {
        bool instant = method == RULE_CALL_OFFSET || method == RULE_CALL_TO_DATE;
        takes[0] = AUR_RULE_DATETIME;
        takes[1] = method == RULE_CALL_OFFSET ? AUR_RULE_DURATION : AUR_RULE_DATETIME;
        *gives = instant ? AUR_RULE_DATETIME : AUR_RULE_DURATION;
    }
}

uint32_t aur_rule_apply(const struct rule_bases *bases, enum rule_call method,
                        const struct aur_rule_value *values, struct aur_rule_value *made,
                        uint32_t *wanted, uint32_t *wrong)
{
    uint32_t takes[2], count = calls[method].takes;
    struct aur_rule_value result = {0};
    kinds_of(method, takes, &result.kind);
    for (uint32_t i = 0; i < count; i++) {
        if (values[i].kind != takes[i]) {
            *wanted = takes[i];
            *wrong = i;
            return AUR_RULE_ERROR_TYPE;
        }
    }
    const struct aur_rule_value *second = &values[count - 1];
    uint32_t error = AUR_RULE_ERROR_NONE;
    if (takes[0] == AUR_RULE_IP)
        result.data =
            ask_ip(method, aur_rule_contents(bases, values), aur_rule_contents(bases, second));
    else if (takes[0] == AUR_RULE_DECIMAL)
        result.data = ask_decimal(method, (int64_t)values->data, (int64_t)second->data);
    else
        error = ask_time(method, (int64_t)values->data, (int64_t)second->data, &result);
    *made = result;
    return error;
}
