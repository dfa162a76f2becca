#pragma once

#include <limits>
#include <span>

#include "chokepoint/statistics/interval.hpp"

namespace chokepoint {

/// A sensitivity index with its standard error; all NaN where there is no figure.
struct SobolIndex {
    Estimate index;  ///< The interval is cut to [0, 1]; the value, which may stray, is not.
    double standard_error = std::numeric_limits<double>::quiet_NaN();
};

/// First-order (closed) Sobol' index of a group of inputs, Var(E[Y | group]) / Var(Y): the
/// share of the variance that these inputs explain alone. From pairs of runs that share the
/// group's inputs and nothing else ("pick-freeze"), by the estimator T of [janon2014], \f[ S =
/// \frac{\overline{y y'} - m^2}{\overline{(y^2 + y'^2) / 2} - m^2}, \qquad
///     m = \overline{(y + y') / 2}, \f]
/// computed from centred values. The standard error is the large-sample one from the influence
/// of each pair, (u u' - S (u^2 + u'^2) / 2) / variance with u = y - m.
///
/// No figure (all NaN) for fewer than 20 pairs, if all numbers are equal, or if one of them is
/// infinite or NaN. With fewer than about 200 pairs the interval is somewhat too narrow.
///
/// \throws std::invalid_argument if the lengths differ.
SobolIndex closed_sobol_index(std::span<const double> y, std::span<const double> y_shared,
                              std::span<const double> weights = {});

}  // namespace chokepoint
