#include "cli/quantity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct aur_scale times[] = {
    {1, "ns", 0}, {1e3, "us", 0}, {1e6, "ms", 0}, {1e9, "s", 0}};
static const struct aur_scale counts[] = {{1, "", 0}, {1e6, "M", 0}, {1e9, "G", 0}};

#define DECIMALS_MOST 3
#define WIDEST        1e6 // the largest number that may stand before a unit

// Four digits of `most`, two of `least`.
static int decimals_of(double least, double most)
{
    int decimals = DECIMALS_MOST;
    for (double limit = 10; decimals > 0 && most >= limit && least >= limit / 100; limit *= 10)
        decimals--;
    return decimals;
}

static struct aur_scale choose(const struct aur_scale *scales, size_t count, double least,
                               double most)
{
    size_t chosen = 0;
    while (chosen + 1 < count && most >= scales[chosen + 1].divisor)
        chosen++;
    // A finer unit, if else small numbers had no digits left.
    while (chosen && least < scales[chosen].divisor / 100 &&
           most / scales[chosen - 1].divisor < WIDEST)
        chosen--;
    struct aur_scale scale = scales[chosen];
    if (scale.divisor > 1)
        scale.decimals = decimals_of(least / scale.divisor, most / scale.divisor);
    return scale;
}

struct aur_scale aur_scale_for(const char *unit, double least, double most)
{
    if (strcmp(unit, "ns") == 0)
        return choose(times, sizeof times / sizeof times[0], least, most);
    if (strcmp(unit, "count") == 0)
        return choose(counts, most < 1e7 ? 1 : sizeof counts / sizeof counts[0], least, most);
    if (strcmp(unit, "1") == 0)
        return (struct aur_scale){1, "", 4};
    return (struct aur_scale){1, unit, decimals_of(most, most)};
}

char *aur_quantity(double value, const char *unit, char *text, size_t room)
{
    double size = isfinite(value) ? fabs(value) : 0;
    struct aur_scale scale = aur_scale_for(unit, size, size);
    if (isnan(value))
        snprintf(text, room, "-");
    else
        snprintf(text, room, "%.*f%s%s", scale.decimals, value / scale.divisor,
                 *scale.unit ? " " : "", scale.unit);
    return text;
}
