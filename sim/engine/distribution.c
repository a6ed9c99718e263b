#include "engine/distribution.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/real.h"
#include "engine/ziggurat.h"

#define SQRT_2PI 0x1.40d931ff62706p+1

// clang-format off
static const struct aur_distribution_info infos[AUR_DISTRIBUTION_KINDS] = {
    [AUR_DISTRIBUTION_CONSTANT] = {"constant", 1, false, {{"value", true}}},
    [AUR_DISTRIBUTION_UNIFORM] = {"uniform", 2, false, {{"low", true}, {"high", true}}},
    [AUR_DISTRIBUTION_EXPONENTIAL] = {"exponential", 1, false, {{"mean", true}}},
    [AUR_DISTRIBUTION_NORMAL] = {"normal", 2, false, {{"mean", true}, {"stddev", true}}},
    [AUR_DISTRIBUTION_LOGNORMAL] = {"lognormal", 2, false, {{"mean", true}, {"sigma", false}}},
    [AUR_DISTRIBUTION_PARETO] = {"pareto", 2, false, {{"minimum", true}, {"alpha", false}}},
    [AUR_DISTRIBUTION_BIMODAL] =
        {"bimodal", 3, false, {{"a", true}, {"b", true}, {"probability", false}}},
    [AUR_DISTRIBUTION_EMPIRICAL] = {"empirical", 0, true, {{0}}},
};
// clang-format on

const struct aur_distribution_info *aur_distribution_info(uint32_t kind)
{
    return kind < AUR_DISTRIBUTION_KINDS ? &infos[kind] : NULL;
}

const char *aur_distribution_name(uint32_t kind)
{
    return kind < AUR_DISTRIBUTION_KINDS ? infos[kind].name : NULL;
}

uint32_t aur_distribution_find(const char *name)
{
    uint32_t kind = 0;
    while (kind < AUR_DISTRIBUTION_KINDS && strcmp(infos[kind].name, name) != 0)
        kind++;
    return kind;
}

void aur_distribution_set(struct aur_distribution *distribution, uint32_t index, double value)
{
    assert(index < AUR_DISTRIBUTION_PARAMETERS_MAX);
    double *const fields[] = {&distribution->a, &distribution->b, &distribution->c};
    *fields[index] = value;
}

// False for NaN as well.
static bool is_time(double value)
{
    return value >= 0 && value <= (double)AUR_DISTRIBUTION_MAX_NS;
}

const char *aur_distribution_fault(const struct aur_distribution *distribution)
{
    const struct aur_distribution_info *info = aur_distribution_info(distribution->kind);
    if (!info)
        return "there is no such distribution";
    const double values[] = {distribution->a, distribution->b, distribution->c};
    for (uint32_t i = 0; i < info->parameters; i++) {
        if (info->parameter[i].is_time && !is_time(values[i]))
            return "a time must be at least 0 and at most 2^62 ns";
    }
    switch ((enum aur_distribution_kind)distribution->kind) {
    case AUR_DISTRIBUTION_UNIFORM:
        return distribution->a <= distribution->b ? NULL : "low must not be above high";
    case AUR_DISTRIBUTION_LOGNORMAL:
        return distribution->b >= 0 && distribution->b <= 20 ? NULL
                                                             : "sigma must be between 0 and 20";
    case AUR_DISTRIBUTION_PARETO:
        return distribution->b > 0 && distribution->b <= 1e6
                   ? NULL
                   : "alpha must be above 0 and at most 1000000";
    case AUR_DISTRIBUTION_BIMODAL:
        return distribution->c >= 0 && distribution->c <= 1 ? NULL
                                                            : "probability must be between 0 and 1";
    case AUR_DISTRIBUTION_EMPIRICAL:
        if (distribution->sample_count == 0 || !distribution->samples)
            return "there must be at least one sample";
        for (uint32_t i = 0; i < distribution->sample_count; i++) {
            if (!is_time(distribution->samples[i]))
                return "a sample must be at least 0 and at most 2^62 ns";
        }
        return NULL;
    default:
        return NULL;
    }
}

bool aur_distribution_check(const struct aur_distribution *distribution)
{
    return !aur_distribution_fault(distribution);
}

static double draw(const struct aur_distribution *d, struct aur_stream *stream)
{
    switch ((enum aur_distribution_kind)d->kind) {
    case AUR_DISTRIBUTION_UNIFORM:
        return d->a + (d->b - d->a) * aur_stream_double(stream);
    case AUR_DISTRIBUTION_EXPONENTIAL:
        return d->a * aur_ziggurat_exponential(stream);
    case AUR_DISTRIBUTION_NORMAL: {
        // Ends: with a mean of at least 0 every other draw is good.
        double x;
        do {
            x = d->a + d->b * aur_ziggurat_normal(stream);
        } while (x < 0);
        return x;
    }
    case AUR_DISTRIBUTION_LOGNORMAL:
        return d->a * aur_real_exp(d->b * aur_ziggurat_normal(stream) - 0.5 * d->b * d->b);
    case AUR_DISTRIBUTION_PARETO:
        // minimum * U^(-1/alpha), where -log U is exponential.
        return d->a * aur_real_exp(aur_ziggurat_exponential(stream) / d->b);
    case AUR_DISTRIBUTION_BIMODAL:
        return aur_stream_double(stream) < d->c ? d->b : d->a;
    case AUR_DISTRIBUTION_EMPIRICAL:
        return d->samples[aur_stream_below(stream, d->sample_count)];
    default:
        return d->a;
    }
}

uint64_t aur_distribution_draw(const struct aur_distribution *distribution,
                               struct aur_stream *stream)
{
    double x = draw(distribution, stream);
    // Written so that 0 times infinity gives 0.
    if (!(x > 0))
        return 0;
    if (x >= (double)AUR_DISTRIBUTION_MAX_NS)
        return AUR_DISTRIBUTION_MAX_NS;
    return (uint64_t)(x + 0.5);
}

// The mean of a normal distribution of which what is below 0 is cut off: mean + stddev times
// density / (1 - cumulative) at 0. The cumulative distribution is summed as in Marsaglia,
// "Evaluating the normal distribution", 2004.
static double cut_normal_mean(double mean, double stddev)
{
    if (mean >= 9 * stddev)
        return mean; // what is cut off is below 1e-18
    double h = mean / stddev;
    double density = aur_real_exp(-0.5 * h * h) / SQRT_2PI;
    double sum = h;
    double term = h;
    for (int odd = 3; sum + term != sum || odd < 5; odd += 2) {
        term = term * h * h / odd;
        sum += term;
    }
    return mean + stddev * density / (0.5 + density * sum);
}

double aur_distribution_mean(const struct aur_distribution *distribution)
{
    double a = distribution->a, b = distribution->b, c = distribution->c;
    switch ((enum aur_distribution_kind)distribution->kind) {
    case AUR_DISTRIBUTION_UNIFORM:
        return a + 0.5 * (b - a);
    case AUR_DISTRIBUTION_NORMAL:
        return cut_normal_mean(a, b);
    case AUR_DISTRIBUTION_PARETO:
        return b > 1 ? a * b / (b - 1) : INFINITY;
    case AUR_DISTRIBUTION_BIMODAL:
        return a + c * (b - a);
    case AUR_DISTRIBUTION_EMPIRICAL: {
        double sum = 0;
        for (uint32_t i = 0; i < distribution->sample_count; i++)
            sum += distribution->samples[i] / distribution->sample_count;
        return sum;
    }
    default:
        return a;
    }
}
