// Distributions of times, as workloads name them: how long a burst runs, how far arrivals lie
// apart.
//
// A draw gives the same nanoseconds from the same stream on every host and compiler: it uses the
// stream, IEEE double + - * / and real.h, nothing else.
#ifndef AURORA_SIM_ENGINE_DISTRIBUTION_H
#define AURORA_SIM_ENGINE_DISTRIBUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/random.h"

// The most that a draw gives, and that a parameter which is a time may be: 146 years.
#define AUR_DISTRIBUTION_MAX_NS (1ull << 62)

enum aur_distribution_kind {
    AUR_DISTRIBUTION_CONSTANT,    // a: value
    AUR_DISTRIBUTION_UNIFORM,     // from a: low to b: high
    AUR_DISTRIBUTION_EXPONENTIAL, // a: mean
    AUR_DISTRIBUTION_NORMAL,      // a: mean, b: stddev, both before what is below 0 is redrawn
    AUR_DISTRIBUTION_LOGNORMAL,   // a: mean; b: sigma, the stddev of the logarithm
    AUR_DISTRIBUTION_PARETO,      // a: minimum; b: alpha, the shape
    AUR_DISTRIBUTION_BIMODAL,     // a, or b with c: probability
    AUR_DISTRIBUTION_EMPIRICAL,   // one of samples, each as likely
    AUR_DISTRIBUTION_KINDS
};

// Parameters that are times are in nanoseconds. samples belongs to whoever made the distribution
// and outlives it; who copies or stores a distribution copies or stores them too.
struct aur_distribution {
    uint32_t kind; // enum aur_distribution_kind
    uint32_t sample_count;
    double a, b, c;
    const double *samples;
};

#define AUR_DISTRIBUTION_PARAMETERS_MAX 3u

// How a loader reads a kind: `{"exponential": 2000}` if it has one parameter, by their names if it
// has more, `{"empirical": [...]}` if it has samples.
struct aur_distribution_parameter {
    const char *name;
    bool is_time; // else a bare number, which no change of unit touches
};

struct aur_distribution_info {
    const char *name;
    uint32_t parameters;
    bool has_samples;
    struct aur_distribution_parameter parameter[AUR_DISTRIBUTION_PARAMETERS_MAX];
};

// What a kind is called and takes, NULL if there is no such kind.
const struct aur_distribution_info *aur_distribution_info(uint32_t kind);

// The name of a kind, NULL if there is no such kind.
const char *aur_distribution_name(uint32_t kind);

// The kind of that name, AUR_DISTRIBUTION_KINDS if there is none.
uint32_t aur_distribution_find(const char *name);

// Sets parameter number `index` in the order of the info's table (a, b, c).
void aur_distribution_set(struct aur_distribution *distribution, uint32_t index, double value);

// What is wrong with the parameters, in words that follow a colon; NULL if nothing is. Only a
// distribution without a fault may be drawn from.
const char *aur_distribution_fault(const struct aur_distribution *distribution);

// Whether the distribution is without a fault.
bool aur_distribution_check(const struct aur_distribution *distribution);

// A time in nanoseconds, rounded to the nearest and at most AUR_DISTRIBUTION_MAX_NS. Takes no draw
// from the stream if the kind is constant, and as many as it needs otherwise.
uint64_t aur_distribution_draw(const struct aur_distribution *distribution,
                               struct aur_stream *stream);

// The mean in nanoseconds, before rounding and before the maximum: infinite for a Pareto
// distribution with alpha up to 1.
double aur_distribution_mean(const struct aur_distribution *distribution);

#endif
