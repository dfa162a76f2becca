#pragma once

#include "chokepoint/engine/run.hpp"
#include "chokepoint/engine/stop_rule.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/study/sensitivity.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace chokepoint {

/// What goes with what over the trials of one run.
struct TrialSensitivity {
    std::vector<FigureName> figures;  ///< Of trials: their statistic is `trial`.
    std::vector<std::string> units;   ///< By figure.
    /// By figure and uncertain number, `rank_correlation`; the input is the number's path.
    std::vector<Sensitivity> rows;
    std::uint64_t trials = 0;  ///< How many are looked at.
};

/// Spearman's rank correlation of each uncertain number of the scenario with the headline
/// metrics of each commodity and region: shortfall_share, price_peak, and portfolio_loss of a
/// run with a portfolio. It is that, not a cause: numbers that depend on one another share
/// theirs.
///
/// A trial's numbers are a function of model, seed and trial, and so are drawn anew, which
/// takes no market; of at most 100,000 trials, evenly spaced, which leave an error of 0.003.
///
/// \param result  Of trials that were drawn plainly.
/// \throws std::invalid_argument  if trials have weights.
TrialSensitivity trial_sensitivity(const Model& model, const RunResult& result,
                                   const RunSettings& settings);

}  // namespace chokepoint
