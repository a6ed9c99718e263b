// Where a simulation's warm-up ends.
#ifndef AURORA_SIM_STATS_WARMUP_H
#define AURORA_SIM_STATS_WARMUP_H

#include <stdbool.h>
#include <stddef.h>

// Observations averaged into one batch before the rule is applied.
#define AUR_STATS_MSER_BATCH 5u

// Shortest series, in observations, that the rule judges: twenty batches.
#define AUR_STATS_MSER_SHORTEST 100u

// The MSER-5 truncation rule: averages series[0 .. n) in batches of five and chooses the number of
// batches to drop from the front that makes the standard error of the mean of the rest smallest.
//
// Returns true and the number of observations to drop, a multiple of 5 and at most n / 2, in
// *discard. Returns false, with *discard = 0, if the series is shorter than
// AUR_STATS_MSER_SHORTEST or the best truncation lies in its second half: no steady state was
// seen, and the run must be longer. Values must be finite. Time O(n), no memory.
//
// Sources: K. P. White, "An effective truncation heuristic for bias reduction in simulation
// output", Simulation 69(6), 1997 (the rule); White, Cobb, Spratt, "A comparison of five
// steady-state truncation heuristics for simulation", WSC 2000 (the batches of five); Hoad,
// Robinson, Davies, "Automated selection of the warm-up length", JORS 61, 2010 (leaving the last
// five batches out of the search, where the rule is noise, and refusing the second half).
bool aur_stats_mser5(const double *series, size_t n, size_t *discard);

#endif
