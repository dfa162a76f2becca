#pragma once

#include <cstddef>
#include <span>

#include "chokepoint/statistics/interval.hpp"

namespace chokepoint {

/// The bad tail of a loss distribution, estimated from equally likely trials.
///
/// Losses are positive when things go wrong: a larger loss is a worse outcome, and every
/// figure below has the unit of the losses it came from.
struct TailRisk {
    double level;          ///< Confidence level alpha, in (0, 1).
    double value_at_risk;  ///< Loss that at least a share alpha of the trials stays within.
    double expected_shortfall;  ///< Mean loss over the worst 1 - alpha of the trials.
    double standard_error;      ///< Standard error of `expected_shortfall`.
};

/// Estimates value-at-risk and expected shortfall at one confidence level.
///
/// With the losses sorted upwards, x_(1) <= ... <= x_(n), and k = ceil(n alpha),
/// \f[ \mathrm{VaR} = x_{(k)}, \qquad
///     \mathrm{ES} = \frac{1}{1-\alpha}
///         \Big[ \big(\tfrac{k}{n} - \alpha\big) x_{(k)}
///             + \tfrac{1}{n} \sum_{i>k} x_{(i)} \Big]. \f]
/// The first term splits the trial that straddles the level, so ES changes smoothly with
/// alpha and never falls below VaR, also when many trials share one loss.
///
/// The standard error is the large-sample one,
/// \f[ \mathrm{SE}^2 = \frac{s^2 + \alpha (\mathrm{ES} - \mathrm{VaR})^2}{n (1 - \alpha)}, \f]
/// where s^2 is the variance of the losses from x_(k) upwards. It is too small when fewer than
/// about fifty trials lie in the tail.
///
/// References: [acerbi2002] for ES, [manistre2005] for its error (docs/references.md).
///
/// \param losses  One loss per trial, in any order; at least one, all finite.
/// \param level   Confidence level alpha, 0 < alpha < 1.
/// \throws std::invalid_argument if a condition above is not met.
TailRisk tail_risk(std::span<const double> losses, double level);

/// The same from losses that are sorted upwards already, so that one sort serves all figures.
///
/// \throws std::invalid_argument also if they are not sorted.
TailRisk tail_risk_sorted(std::span<const double> sorted, double level);

/// The same from the largest of the losses of `trials` trials alone.
///
/// \param tail  Sorted upwards; from VaR on at least.
/// \throws std::invalid_argument also if it is shorter, or longer than `trials`.
TailRisk tail_risk_of_tail(std::span<const double> tail, std::size_t trials, double level);

/// Expected shortfall with its 95 % interval.
Estimate expected_shortfall(const TailRisk& risk);

/// Whether the trials beyond a level suffice for figures of that tail.
enum class TailSample {
    too_few,  ///< Under 20 trials in the tail: no figure is given.
    thin,     ///< 20 to 399: a figure with a warning, its interval is too narrow.
    enough,   ///< 400 or more.
};

/// The class of a tail that holds so many trials, or so many effective ones if they are
/// weighted.
TailSample tail_sample(double trials_in_tail);

/// The class of the tail beyond a level among n equally likely trials: n - ceil(n level) of
/// them.
TailSample tail_sample(std::size_t trials, double level);

}  // namespace chokepoint
