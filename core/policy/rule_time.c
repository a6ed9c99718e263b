// Instants and durations in milliseconds (Cedar/Spec/Ext/Datetime.lean).
#include "policy/rule_extension.h"

static bool is_leap(uint64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

// Days from 1970-01-01 in the proleptic Gregorian calendar.
static int64_t days_of(uint64_t year, uint64_t month, uint64_t day)
{
    static const uint16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t y = (int64_t)year - 1; // whole years before; year 0 is one
    int64_t days = y * 365 + (y + 400) / 4 - (y + 400) / 100 + (y + 400) / 400 - (100 - 4 + 1);
    return days + before[month - 1] + (month > 2 && is_leap(year)) + (int64_t)day - 1 - 719162;
}

static bool fixed(const char *text, size_t size, size_t *at, size_t digits, uint64_t low,
                  uint64_t high, uint64_t *number)
{
    return aur_rule_digits(text, size, at, digits, digits, number) && *number >= low &&
           *number <= high;
}

static bool letter(const char *text, size_t size, size_t *at, char wanted)
{
    if (*at >= size || text[*at] != wanted)
        return false;
    ++*at;
    return true;
}

static bool parse_date(const char *text, size_t size, size_t *at, int64_t *days)
{
    static const uint8_t length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint64_t year, month, day;
    if (!fixed(text, size, at, 4, 0, 9999, &year) || !letter(text, size, at, '-') ||
        !fixed(text, size, at, 2, 1, 12, &month) || !letter(text, size, at, '-') ||
        !fixed(text, size, at, 2, 1, 31, &day) ||
        day > length[month - 1] + (uint64_t)(month == 2 && is_leap(year)))
        return false;
    *days = days_of(year, month, day);
    return true;
}

// "Z", "+hhmm" or "-hhmm", in minutes.
static bool parse_zone(const char *text, size_t size, size_t *at, int64_t *minutes)
{
    uint64_t hour, minute;
    *minutes = 0;
    if (letter(text, size, at, 'Z'))
        return true;
    bool west = letter(text, size, at, '-');
    if ((!west && !letter(text, size, at, '+')) || !fixed(text, size, at, 2, 0, 23, &hour) ||
        !fixed(text, size, at, 2, 0, 59, &minute))
        return false;
    *minutes = (int64_t)(hour * 60 + minute) * (west ? -1 : 1);
    return true;
}

bool aur_rule_parse_datetime(const char *text, size_t size, int64_t *ms)
{
    uint64_t hour, minute, second, part = 0;
    int64_t days, zone;
    size_t at = 0;
    if (!parse_date(text, size, &at, &days))
        return false;
    *ms = days * 86400000;
    if (at == size)
        return true;
    if (!letter(text, size, &at, 'T') || !fixed(text, size, &at, 2, 0, 23, &hour) ||
        !letter(text, size, &at, ':') || !fixed(text, size, &at, 2, 0, 59, &minute) ||
        !letter(text, size, &at, ':') || !fixed(text, size, &at, 2, 0, 59, &second))
        return false;
    if (letter(text, size, &at, '.') && !fixed(text, size, &at, 3, 0, 999, &part))
        return false;
    if (!parse_zone(text, size, &at, &zone) || at != size)
        return false;
    *ms += ((int64_t)(hour * 60 + minute) - zone) * 60000 + (int64_t)(second * 1000 + part);
    return true;
}

// Quantities with units from the largest to the smallest, each unit at most once.
bool aur_rule_parse_duration(const char *text, size_t size, int64_t *ms)
{
    static const struct {
        char name[3];
        uint8_t size;
        uint32_t ms;
    } units[] = {
        {"d", 1, 86400000}, {"h", 1, 3600000}, {"m", 1, 60000}, {"s", 1, 1000}, {"ms", 2, 1}};
    bool negative = size > 0 && text[0] == '-';
    uint64_t highest = (uint64_t)INT64_MAX + negative, sum = 0, number;
    size_t at = negative;
    if (at == size)
        return false;
    for (uint32_t unit = 0; at < size; unit++) {
        if (!aur_rule_digits(text, size, &at, 1, size, &number))
            return false;
        size_t letters = at;
        while (letters < size && (text[letters] < '0' || text[letters] > '9'))
            letters++;
        while (unit < 5 && (units[unit].size != letters - at ||
                            memcmp(units[unit].name, text + at, letters - at) != 0))
            unit++;
        if (unit == 5 || number > highest / units[unit].ms ||
            number * units[unit].ms > highest - sum)
            return false;
        sum += number * units[unit].ms;
        at = letters;
    }
    *ms = negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}
