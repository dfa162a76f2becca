#pragma once

#include <span>

#include "chokepoint/statistics/interval.hpp"
#include "chokepoint/statistics/sample.hpp"

namespace chokepoint {

/// How heavy a tail is: the Hill estimate of xi for a tail that falls like x^(-1/xi),
/// [hill1975]
///
///     xi = sum(w_i ln(x_i / u)) / sum(w_i)   over the values x_i beyond u,
///
/// with the interval xi -+ 1.96 xi / sqrt(k), k the trials beyond u, effective ones if they are
/// weighted. From 1/2 on, the variance does not exist and an ES has no normal error; from 1 on,
/// the ES does not exist. A bounded or exponential tail gives a small one that falls as u
/// rises.
///
/// \param tail  Upwards from u on. All NaN unless u > 0, some value beyond it, and all are
///              finite.
Estimate tail_index(std::span<const WeightedValue> tail);

}  // namespace chokepoint
