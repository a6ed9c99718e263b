#include "stats/moments.h"

#include <math.h>
#include <stdlib.h>

void aur_stats_moments_add(struct aur_stats_moments *moments, double value)
{
    double before = value - moments->mean;

    moments->count++;
    moments->mean += before / (double)moments->count;
    moments->m2 += before * (value - moments->mean);
}

void aur_stats_moments_merge(struct aur_stats_moments *into, const struct aur_stats_moments *from)
{
    if (from->count == 0)
        return;

    uint64_t count = into->count + from->count;
    double distance = from->mean - into->mean;
    double part = (double)from->count / (double)count;

    into->m2 += from->m2 + distance * distance * (double)into->count * part;
    into->mean += distance * part;
    into->count = count;
}

struct aur_stats_moments aur_stats_moments_of(const double *values, size_t n)
{
    struct aur_stats_moments moments = {0};

    for (size_t i = 0; i < n; i++)
        aur_stats_moments_add(&moments, values[i]);
    return moments;
}

double aur_stats_moments_variance(const struct aur_stats_moments *moments)
{
    return moments->count < 2 ? (double)NAN : moments->m2 / (double)(moments->count - 1);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void aur_stats_sort(double *values, size_t n)
{
    if (n > 1)
        qsort(values, n, sizeof(*values), ascending);
}

double aur_stats_median(double *values, size_t n)
{
    if (n == 0)
        return (double)NAN;
    aur_stats_sort(values, n);
    if (n % 2 == 1)
        return values[n / 2];
    return values[n / 2 - 1] + (values[n / 2] - values[n / 2 - 1]) / 2;
}
