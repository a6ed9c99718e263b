// Draws from the two standard distributions by the ziggurat method.
//
// The area under the density is cut into 256 layers of one size: layer i is as wide as table[i],
// and the part of it left of table[i + 1] lies wholly under the density, so that 98 draws in 100
// cost a table look-up, a multiplication and a comparison. (Marsaglia, Tsang: "The ziggurat method
// for generating random variables", 2000.) Layer, sign and position come from different bits of
// one 64-bit draw, which heals the correlation found by Doornik ("An improved ziggurat method to
// generate normal random samples", 2005).
#ifndef AURORA_SIM_ENGINE_ZIGGURAT_H
#define AURORA_SIM_ENGINE_ZIGGURAT_H

#include "engine/random.h"

#define AUR_ZIGGURAT_LAYERS 256

// The right edge of each layer, falling, from layer 0, whose edge is where it would lie if its
// tail were folded into the rectangle. [1] is where the tail begins, [256] is 0. Every layer
// has the area 0.00492867... (normal) and 0.00394965... (exponential); the tests check each.
extern const double aur_ziggurat_normal_edges[AUR_ZIGGURAT_LAYERS + 1];
extern const double aur_ziggurat_exponential_edges[AUR_ZIGGURAT_LAYERS + 1];

// A draw from the normal distribution with mean 0 and standard deviation 1.
double aur_ziggurat_normal(struct aur_stream *stream);

// A draw from the exponential distribution with mean 1.
double aur_ziggurat_exponential(struct aur_stream *stream);

#endif
