#pragma once

#include <optional>

#include "chokepoint/random/distribution.hpp"
#include "chokepoint/random/philox.hpp"

namespace chokepoint {

/// What lies at or below a point and what lies above it: probabilities, or parts of the mean.
/// The smaller one of two probabilities has all its digits.
struct Sides {
    double below, above;
};

// Formulas of the laws before truncation. Fixed, Bernoulli and Discrete laws have none: asking
// for theirs is a std::logic_error.

/// P(X <= x) and P(X > x).
Sides sides(const Distribution::Law& law, double x);

/// The smallest x with the given probabilities on its sides (they add up to 1).
double point(const Distribution::Law& law, Sides target);

double mean_of(const Distribution::Law& law);

/// E[X; X <= x] and E[X; X > x]: what each side of x adds to the mean.
Sides mean_parts(const Distribution::Law& law, double x);

double draw_from(const Distribution::Law& law, Philox& engine);

/// A draw of the length-biased law; nothing, and no random number used, if it has no closed
/// form. For laws without negative values.
std::optional<double> draw_length_biased_from(const Distribution::Law& law, Philox& engine);

}  // namespace chokepoint
