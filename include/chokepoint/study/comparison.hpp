#pragma once

#include "chokepoint/engine/column_summary.hpp"
#include "chokepoint/engine/run.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chokepoint {

/// The level of the ES that comparisons speak of.
inline constexpr double comparison_level = 0.95;

/// One metric under two policies, trial by trial on the same random numbers. Differences are
/// the policy's figure less that of the one it is held against: negative where losses shrink.
struct ColumnComparison {
    Column column;
    Figure difference;  ///< Of means.
    Figure
        es_difference;  ///< Of ES at `comparison_level`; none on under 20 trials in the tail.
    /// By what the variance of `difference` would be larger with random numbers of its own; 1
    /// if nothing varies.
    double variance_ratio = 1;
    Figure lower;  ///< Share of trials in which the metric is smaller under the policy.
    Figure higher;
};

/// Compares the metrics that both runs have and that are always finite.
///
/// \param policy, against  Of the same trials, drawn plainly, all values kept.
/// \throws std::invalid_argument if they are not.
std::vector<ColumnComparison> compare_runs(const RunResult& policy, const RunResult& against);

/// The difference of means of two values of the same trials.
Figure paired_difference(std::span<const double> one, std::span<const double> other);

/// The difference of ES. With v the VaR, a trial counts v + max(0, x - v) / (1 - level); the
/// error is that of the mean difference of these.
Figure paired_es_difference(std::span<const double> one, std::span<const double> other,
                            double level);

/// A ratio of means sum a / sum b of values of the same trials, with the error of the
/// delta method. None unless the mean of b is told from 0 by more than 1.96 standard errors.
Figure ratio_of_means(std::span<const double> a, std::span<const double> b);

/// How often one policy beats another, and what one would regret.
struct Contest {
    std::vector<std::vector<Figure>> beats;  ///< [a][b]: share of trials in which a has less.
    std::vector<Figure> regret;              ///< Mean of value - least value of the trial.
};

/// \param values  [policy][trial]: a loss of each.
Contest contest_of(const std::vector<std::vector<double>>& values);

/// Who is on the efficient frontier: nobody costs no more and leaves no larger loss, one of
/// them smaller.
std::vector<bool> efficient(std::span<const double> costs, std::span<const double> losses);

/// The column of a metric; nothing if the run has none.
std::optional<std::size_t> find_metric(const RunResult& result, std::string_view metric,
                                       std::string_view commodity, std::string_view region);

}  // namespace chokepoint
