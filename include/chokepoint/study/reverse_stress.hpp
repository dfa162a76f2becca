#pragma once

#include "chokepoint/engine/column_summary.hpp"
#include "chokepoint/engine/run.hpp"
#include "chokepoint/model/model.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace chokepoint {

/// How much more often something happens in the trials beyond a limit than in all trials.
struct EventLift {
    std::string name, type, cause;  ///< As in events.csv.
    Figure beyond;  ///< Share of the trials beyond the limit in which it happens.
    Figure all;     ///< Share of all trials.
    /// The first over the second: the interval is that of `beyond` over the value of `all`.
    Figure lift;
    double events_beyond = 0, events_all = 0;  ///< Mean number in a trial.
    bool is_told =
        false;  ///< The shares differ by more than chance (false discovery rate 5 %).
};

/// How an uncertain number differs in the trials beyond a limit.
struct ParameterShift {
    std::string path;
    double mean_beyond = 0, mean_all = 0;
    Figure shift;  ///< Difference of means over the standard deviation in all trials.
};

/// A trial just bad enough.
struct BreachingTrial {
    std::uint64_t trial = 0;
    double loss = 0;
    /// Months of sampled restrictions and outages, each times its severity.
    double event_months = 0;
};

/// What separates the trials beyond a loss limit from the others.
struct ReverseStress {
    std::string metric;
    double limit = 0;
    bool is_limit_of_portfolio = false;  ///< Else the VaR at 95 %: the worst 5 %.
    std::uint64_t trials = 0, beyond = 0;
    std::vector<EventLift> events;        ///< The largest lift first.
    std::vector<ParameterShift> numbers;  ///< That differ (false discovery rate 5 %).
    std::size_t numbers_tested = 0;
    std::vector<BreachingTrial> mildest;  ///< At most five, those with the least events first.
};

/// Draws all trials anew, which takes no market, and compares.
///
/// \param result  Plain, with all values of the column.
/// \param limit   Trials with a larger value count.
/// \throws std::invalid_argument  if the run has weights, sketches or twins in place of values.
ReverseStress reverse_stress(const Model& model, const RunResult& result, std::size_t column,
                             double limit, const RunSettings& settings);

}  // namespace chokepoint
