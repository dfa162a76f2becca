#pragma once

#include "chokepoint/engine/column_summary.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace chokepoint {

/// Exact Shapley values of a game of k players, one value for each subset.
///
///     phi_i = sum over S without i of |S|! (k - |S| - 1)! / k! (v(S + i) - v(S))
///
/// Reference: [shapley1953].
/// \param values  v(S) by subset, bit i for player i: 2^k of them.
/// \returns  By player; they sum to v(all) - v(none), to rounding.
/// \throws std::invalid_argument if there are not 2^k values.
std::vector<double> shapley_values(std::span<const double> values);

/// What each player brings of a metric: its mean, and its mean over the worst trials.
struct ShareOf {
    std::string player;
    Figure mean, es;
};

/// What a metric is made of.
struct Attribution {
    std::vector<ShareOf> shares;
    Figure mean, es;  ///< What they add up to: with all players less with none.
};

/// Shapley shares of each trial, averaged over all trials and over the worst 1 - level of them
/// (by the value with all players; WorstTrials), with the errors of these means.
///
/// \param values  [subset][trial], of the same trials.
Attribution attribute(const std::vector<std::string>& players,
                      const std::vector<std::vector<double>>& values, double level);

}  // namespace chokepoint
