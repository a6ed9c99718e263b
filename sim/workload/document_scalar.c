// Numbers, durations and words out of a document, each refused with its place and the mend.
#include "workload/document.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DURATION_END_NS (UINT64_C(1) << 62)

// A decimal number as written, exactly: (-1)^negative * digits * 10^exponent.
struct decimal {
    bool negative;
    uint64_t digits; // without trailing zeros
    int32_t exponent;
};

enum scan {
    SCAN_NUMBER,
    SCAN_NONE, // not a number
    SCAN_LONG  // more significant digits than 64 bits hold
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// One digit more. Zeros are only counted until a digit follows, so that 1000.000 is 1 * 10^3.
static bool take_digit(struct decimal *number, uint32_t *zeros, char c)
{
    if (c == '0') {
        *zeros += number->digits != 0;
        return true;
    }
    for (; *zeros; --*zeros) {
        if (number->digits > UINT64_MAX / 10)
            return false;
        number->digits *= 10;
    }
    uint64_t digit = (uint64_t)(c - '0');
    if (number->digits > (UINT64_MAX - digit) / 10)
        return false;
    number->digits = number->digits * 10 + digit;
    return true;
}

static enum scan scan_exponent(struct decimal *number, const char **text)
{
    const char *at = *text + 1;
    int32_t exponent = 0;
    bool negative = *at == '-';
    if (*at == '-' || *at == '+')
        at++;
    if (!is_digit(*at))
        return SCAN_NONE;
    for (; is_digit(*at); at++)
        if (exponent < 100000)
            exponent = exponent * 10 + (*at - '0');
    number->exponent += negative ? -exponent : exponent;
    *text = at;
    return SCAN_NUMBER;
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?, the YAML 1.2 core schema's float, of
// which JSON's number is a part. *rest is what follows it.
static enum scan scan_decimal(struct decimal *number, const char *text, const char **rest)
{
    uint32_t zeros = 0, seen = 0, after = 0;
    bool fits = true;
    *number = (struct decimal){.negative = *text == '-'};
    if (*text == '-' || *text == '+')
        text++;
    for (; is_digit(*text); text++, seen++)
        fits = fits && take_digit(number, &zeros, *text);
    if (*text == '.') {
        text++;
        for (; is_digit(*text); text++, seen++, after++)
            fits = fits && take_digit(number, &zeros, *text);
    }
    if (!seen)
        return SCAN_NONE;
    if (!fits)
        return SCAN_LONG;
    number->exponent = (int32_t)zeros - (int32_t)after;
    if ((*text == 'e' || *text == 'E') && scan_exponent(number, &text) != SCAN_NUMBER)
        return SCAN_NONE;
    *rest = text;
    return SCAN_NUMBER;
}

// 0x1f and 0o17, as YAML 1.2 writes them.
static enum scan scan_based(struct decimal *number, const char *text)
{
    uint64_t base = text[1] == 'x' ? 16 : 8;
    *number = (struct decimal){.digits = 0};
    for (text += 2; *text; text++) {
        uint64_t digit = is_digit(*text)                     ? (uint64_t)(*text - '0')
                         : (*text | 32) >= 'a' && base == 16 ? (uint64_t)((*text | 32) - 'a') + 10
                                                             : base;
        if (digit >= base)
            return SCAN_NONE;
        if (number->digits > (UINT64_MAX - digit) / base)
            return SCAN_LONG;
        number->digits = number->digits * base + digit;
    }
    return SCAN_NUMBER;
}

static enum scan scan_number(struct decimal *number, const char *text, const char **rest)
{
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'o') && text[2]) {
        *rest = "";
        return scan_based(number, text);
    }
    return scan_decimal(number, text, rest);
}

// digits * 10^exponent * unit, rounded half up when `round`. False: does not fit, or is not whole.
static bool scale(const struct decimal *number, uint64_t unit, bool round, uint64_t *value)
{
    uint64_t result = number->digits, part = 0;
    int32_t exponent = number->exponent;
    if (!result) {
        *value = 0;
        return true;
    }
    // Tens are taken out of the unit first, so that 1.5 us is 15 * 100 and nothing is rounded.
    while (exponent < 0 && unit % 10 == 0) {
        unit /= 10;
        exponent++;
    }
    if (result > UINT64_MAX / unit)
        return false;
    result *= unit;
    for (; exponent > 0; exponent--) {
        if (result > UINT64_MAX / 10)
            return false;
        result *= 10;
    }
    for (; exponent < 0; exponent++) {
        if (!round && result % 10)
            return false;
        part = result % 10;
        result /= 10;
        if (!result && !part)
            break; // nothing is left to round
    }
    *value = result + (exponent == 0 && part >= 5);
    return true;
}

// How a message speaks of the node: by its key where it has one.
static const char *label(const struct aur_document *document, const struct aur_node *node,
                         char *room, size_t size)
{
    if (node->key)
        snprintf(room, size, "\"%.60s\"", aur_document_key(document, node));
    else
        snprintf(room, size, "this item");
    return room;
}

static const char *describe(const struct aur_document *document, const struct aur_node *node,
                            char *room, size_t size)
{
    switch (node->kind) {
    case AUR_NODE_NULL:
        return "empty";
    case AUR_NODE_BOOL:
        return node->truth ? "true" : "false";
    case AUR_NODE_LIST:
        return "a list";
    case AUR_NODE_MAP:
        return "a map";
    case AUR_NODE_NUMBER:
        snprintf(room, size, "%.40s", aur_document_text(document, node));
        return room;
    default:
        snprintf(room, size, "\"%.40s\"", aur_document_text(document, node));
        return room;
    }
}

static bool refuse(const struct aur_document *document, const struct aur_node *node,
                   const char *wanted, struct aur_failure *failure)
{
    char name[80], value[80];
    return aur_fail(failure, document->file, node->line, "%s is %s, but must be %s",
                    label(document, node, name, sizeof name),
                    describe(document, node, value, sizeof value), wanted);
}

bool aur_document_integer(const struct aur_document *document, const struct aur_node *node,
                          int64_t low, int64_t high, int64_t *value, struct aur_failure *failure)
{
    struct decimal number;
    const char *rest = "";
    char wanted[100];
    uint64_t size;

    if (high == INT64_MAX && low == INT64_MIN)
        snprintf(wanted, sizeof wanted, "a whole number");
    else if (high == INT64_MAX)
        snprintf(wanted, sizeof wanted, "a whole number of at least %lld", (long long)low);
    else
        snprintf(wanted, sizeof wanted, "a whole number from %lld to %lld", (long long)low,
                 (long long)high);
    if (node->kind != AUR_NODE_NUMBER ||
        scan_number(&number, aur_document_text(document, node), &rest) != SCAN_NUMBER || *rest ||
        !scale(&number, 1, false, &size) || size > INT64_MAX)
        return refuse(document, node, wanted, failure);
    int64_t result = number.negative ? -(int64_t)size : (int64_t)size;
    if (result < low || result > high)
        return refuse(document, node, wanted, failure);
    *value = result;
    return true;
}

bool aur_document_real(const struct aur_document *document, const struct aur_node *node,
                       double *value, struct aur_failure *failure)
{
    struct decimal number;
    const char *text = aur_document_text(document, node), *rest = "";

    if (node->kind != AUR_NODE_NUMBER)
        return refuse(document, node, "a number", failure);
    enum scan found = scan_number(&number, text, &rest);
    // strtod rounds correctly on every host that matters here (glibc, musl), so that the same
    // text gives the same bits; digits beyond 64 bits are its business too.
    char *end = NULL;
    if (found == SCAN_NUMBER && text[0] == '0' && text[1] == 'o')
        *value = (double)number.digits;
    else if (found == SCAN_LONG || (found == SCAN_NUMBER && !*rest))
        *value = strtod(text, &end);
    else
        return refuse(document, node, "a number", failure);
    if (end && *end)
        return refuse(document, node, "a number", failure);
    if (!isfinite(*value))
        return refuse(document, node, "a finite number", failure);
    return true;
}

bool aur_document_string(const struct aur_document *document, const struct aur_node *node,
                         const char **value, struct aur_failure *failure)
{
    if (node->kind != AUR_NODE_STRING)
        return refuse(document, node, "text in quotes", failure);
    *value = aur_document_text(document, node);
    return true;
}

bool aur_document_bool(const struct aur_document *document, const struct aur_node *node,
                       bool *value, struct aur_failure *failure)
{
    if (node->kind != AUR_NODE_BOOL)
        return refuse(document, node, "true or false", failure);
    *value = node->truth;
    return true;
}

static bool unit_of(const char *text, uint64_t *unit_ns)
{
    static const struct {
        const char *name;
        uint64_t ns;
    } units[] = {{"ns", 1}, {"us", 1000}, {"\xc2\xb5s", 1000}, {"ms", 1000000}, {"s", 1000000000}};
    while (*text == ' ')
        text++;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(text, units[i].name) == 0) {
            *unit_ns = units[i].ns;
            return true;
        }
    return false;
}

bool aur_document_duration(const struct aur_document *document, const struct aur_node *node,
                           uint64_t unit_ns, uint64_t *value_ns, struct aur_failure *failure)
{
    struct decimal number;
    const char *rest = "", *text = aur_document_text(document, node);
    uint64_t result;

    bool known = (node->kind == AUR_NODE_NUMBER || node->kind == AUR_NODE_STRING) &&
                 scan_decimal(&number, text, &rest) == SCAN_NUMBER;
    if (known && (node->kind == AUR_NODE_STRING || *rest))
        known = unit_of(rest, &unit_ns);
    if (!known)
        return refuse(document, node, "a time such as 250, \"4ms\" or \"1.5us\"", failure);
    if (number.negative && number.digits)
        return refuse(document, node, "a time, which cannot be negative", failure);
    if (!scale(&number, unit_ns, true, &result) || result >= DURATION_END_NS)
        return refuse(document, node, "a time below 146 years", failure);
    *value_ns = result;
    return true;
}

bool aur_document_duration_of(const char *text, uint64_t *value_ns)
{
    struct decimal number;
    const char *rest = "";
    uint64_t unit_ns = 1;
    if (scan_decimal(&number, text, &rest) != SCAN_NUMBER || (number.negative && number.digits) ||
        !(unit_of(rest, &unit_ns) || (!*rest && !number.digits)))
        return false;
    return scale(&number, unit_ns, true, value_ns) && *value_ns < DURATION_END_NS;
}
