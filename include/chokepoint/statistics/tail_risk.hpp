#pragma once

#include <cstddef>
#include <span>

#include "chokepoint/statistics/interval.hpp"
#include "chokepoint/statistics/sample.hpp"

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
/// With weights w_i that sum to W (of plain trials 1 each), VaR the smallest loss with
/// F(VaR) >= alpha,
/// \f[ \mathrm{ES} = \mathrm{VaR} + \frac{1}{W (1-\alpha)}
///         \sum_{x_i > \mathrm{VaR}} w_i (x_i - \mathrm{VaR}). \f]
/// That is the mean of the worst 1 - alpha of the trials, with the one that straddles the level
/// split, so ES changes smoothly with alpha and never falls below VaR, also when many trials
/// share one loss.
///
/// The standard error is the large-sample one, of the influence function
/// IF(x) = max(0, x - VaR) / (1 - alpha) - (ES - VaR):
/// \f[ \mathrm{SE}^2 = \frac{1}{W^2} \sum_i w_i^2\, \mathrm{IF}(x_i)^2. \f]
/// It is too small when fewer than some hundreds of trials lie in the tail.
///
/// References: [acerbi2002] for ES, [manistre2005] for its error (docs/references.md).
///
/// \param sample  From VaR on finite.
/// \param level   Confidence level alpha, 0 < alpha < 1.
/// \throws std::invalid_argument if a condition above is not met.
TailRisk tail_risk(const Sample& sample, double level);

/// The same of equally likely trials.
///
/// \param losses  One loss per trial, in any order; at least one, all finite.
TailRisk tail_risk(std::span<const double> losses, double level);

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

}  // namespace chokepoint
