#include "engine/ziggurat.h"

#include <stdbool.h>

#include "engine/real.h"

// One throw at the ziggurat: a layer and a position in it.
struct throw
{
    uint32_t layer;
    bool negative;
    double x;
};

static struct throw throw_at(const double *edges, struct aur_stream *stream)
{
    uint64_t bits = aur_stream_u64(stream);
    uint32_t layer = bits % AUR_ZIGGURAT_LAYERS;
    return (struct throw){layer, bits >> 8 & 1, (double)(bits >> 11) * 0x1p-53 * edges[layer]};
}

// Whether a uniform height within a layer, whose right edge lies at the height `bottom` of the
// density and the next layer's at `top`, is below the density's `height`.
static bool under(double bottom, double top, double height, struct aur_stream *stream)
{
    return bottom + aur_stream_double(stream) * (top - bottom) < height;
}

static double normal_density(double x)
{
    return aur_real_exp(-0.5 * x * x);
}

// |x| beyond the last edge (Marsaglia, "Generating a variable from the tail of the normal
// distribution", 1964).
static double normal_tail(double edge, struct aur_stream *stream)
{
    for (;;) {
        double x = aur_ziggurat_exponential(stream) / edge;
        double y = aur_ziggurat_exponential(stream);
        if (2 * y > x * x)
            return edge + x;
    }
}

double aur_ziggurat_normal(struct aur_stream *stream)
{
    const double *edges = aur_ziggurat_normal_edges;
    for (;;) {
        struct throw at = throw_at(edges, stream);
        double x = at.x;
        bool inside = x < edges[at.layer + 1];
        if (!inside && at.layer == 0) {
            x = normal_tail(edges[1], stream);
            inside = true;
        }
        if (inside || under(normal_density(edges[at.layer]), normal_density(edges[at.layer + 1]),
                            normal_density(x), stream))
            return at.negative ? -x : x;
    }
}

double aur_ziggurat_exponential(struct aur_stream *stream)
{
    const double *edges = aur_ziggurat_exponential_edges;
    double passed = 0;
    for (;;) {
        struct throw at = throw_at(edges, stream);
        if (at.x < edges[at.layer + 1])
            return passed + at.x;
        if (at.layer == 0) {
            // Without memory: what lies beyond the last edge is distributed as the whole is.
            passed += edges[1];
        } else if (under(aur_real_exp(-edges[at.layer]), aur_real_exp(-edges[at.layer + 1]),
                         aur_real_exp(-at.x), stream)) {
            return passed + at.x;
        }
    }
}
