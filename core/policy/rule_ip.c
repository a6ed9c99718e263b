// Addresses and ranges of addresses (Cedar/Spec/Ext/IPAddr.lean): IPv4 in four decimal numbers
// without leading zeros, IPv6 in groups of hexadecimal digits with at most one "::", each with an
// optional "/prefix". Forms that mix the two are none.
#include "policy/rule_extension.h"

static bool plain_number(const char *text, size_t size, size_t *at, size_t digits, uint64_t most,
                         uint64_t *number)
{
    size_t start = *at;
    return aur_rule_digits(text, size, at, 1, digits, number) && *number <= most &&
           (text[start] != '0' || *at == start + 1);
}

static bool parse_prefix(const char *text, size_t size, size_t at, struct rule_ip *ip)
{
    uint64_t bits = ip->version == 4 ? 32 : 128, prefix = bits;
    if (at < size) {
        if (text[at++] != '/' ||
            !plain_number(text, size, &at, ip->version == 4 ? 2 : 3, bits, &prefix))
            return false;
    }
    ip->prefix = (uint8_t)prefix;
    return at == size;
}

static bool parse_4(const char *text, size_t size, struct rule_ip *ip)
{
    size_t at = 0;
    *ip = (struct rule_ip){.version = 4};
    for (uint32_t group = 0; group < 4; group++) {
        uint64_t number;
        if (group > 0 && (at == size || text[at++] != '.'))
            return false;
        if (!plain_number(text, size, &at, 3, 255, &number))
            return false;
        ip->low = ip->low << 8 | number;
    }
    return parse_prefix(text, size, at, ip);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool parse_group(const char *text, size_t size, size_t *at, uint16_t *group)
{
    uint32_t digits = 0, sum = 0;
    for (; *at < size && hex_digit(text[*at]) >= 0; ++*at, digits++)
        sum = sum << 4 | (uint32_t)hex_digit(text[*at]);
    *group = (uint16_t)sum;
    return digits >= 1 && digits <= 4;
}

static bool parse_6(const char *text, size_t size, struct rule_ip *ip)
{
    uint16_t groups[8] = {0};
    uint32_t count = 0, gap = 8; // gap: how many groups stand before "::"
    size_t at = 0;
    *ip = (struct rule_ip){.version = 6};
    if (size >= 2 && text[0] == ':' && text[1] == ':') {
        gap = 0;
        at = 2;
    }
    while (at < size && text[at] != '/') {
        if (count > 0 && count != gap) {
            if (text[at++] != ':')
                return false;
            if (at < size && text[at] == ':') {
                if (gap != 8)
                    return false;
                gap = count;
                at++;
                continue;
            }
        }
        if (count == 8 || !parse_group(text, size, &at, &groups[count]))
            return false;
        count++;
    }
    if (gap == 8 ? count != 8 : count >= 8)
        return false;
    for (uint32_t i = 0; i < 8; i++) {
        uint32_t after = count - gap; // groups behind the gap
        uint16_t group = gap == 8 || i < gap ? groups[i]
                         : i >= 8 - after    ? groups[i - (8 - count)]
                                             : 0;
        if (i < 4)
            ip->high = ip->high << 16 | group;
        else
            ip->low = ip->low << 16 | group;
    }
    return parse_prefix(text, size, at, ip);
}

bool aur_rule_parse_ip(const char *text, size_t size, struct rule_ip *ip)
{
    return parse_4(text, size, ip) || parse_6(text, size, ip);
}

// The upper `bits` of a word set.
static uint64_t mask(uint32_t bits)
{
    return bits == 0 ? 0 : bits >= 64 ? UINT64_MAX : ~(UINT64_MAX >> bits);
}

bool aur_rule_ip_in_range(const struct rule_ip *inner, const struct rule_ip *outer)
{
    if (inner->version != outer->version || inner->prefix < outer->prefix)
        return false;
    if (inner->version == 4)
        return ((inner->low ^ outer->low) << 32 & mask(outer->prefix)) == 0;
    uint32_t prefix = outer->prefix;
    return ((inner->high ^ outer->high) & mask(prefix)) == 0 &&
           ((inner->low ^ outer->low) & mask(prefix > 64 ? prefix - 64 : 0)) == 0;
}
