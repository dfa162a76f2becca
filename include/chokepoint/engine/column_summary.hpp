#pragma once

#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/statistics/column_sketch.hpp"
#include "chokepoint/statistics/interval.hpp"
#include "chokepoint/statistics/sample.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chokepoint {

/// One figure of a distribution over trials.
struct Figure {
    std::string statistic;  ///< e.g. `mean`, `p95`, `es99`, `probability_above_0.05`
    Estimate estimate;      ///< NaN where too few trials give no figure.
    std::uint64_t n =
        0;  ///< Trials it rests on: of outer quantiles, VaR, ES those in the tail.
    double standard_error = std::numeric_limits<double>::quiet_NaN();  ///< Of means and ES.
};

/// Levels of VaR and ES.
inline constexpr std::array tail_levels = {0.90, 0.95, 0.99, 0.995, 0.999};

/// The trials of one column, however they are kept: all values, with a weight each if they were
/// sampled by importance, or a sketch in their place.
struct ColumnTrials {
    const Column* column = nullptr;
    std::span<const double> values{};   ///< By trial; in any order if the sampling is plain.
    std::span<const double> weights{};  ///< By trial; empty: all the same.
    Sampling sampling = Sampling::plain;
    const ColumnSketch* sketch = nullptr;  ///< If given, values and weights are not looked at.
};

/// The distribution of one column.
///
/// `mean`, `sd` and `skew`; quantiles `p5` … `p99.9`; `var` and `es` at `tail_levels`;
/// `tail_index` (Hill, of the worst 5 % if they are 100 trials, not of counts of months); the
/// probability that each of the column's thresholds
/// is passed. For a column that may be infinite, in place of mean, sd, skew and ES:
/// `probability_not_within_horizon`, and `restricted_mean`, which counts the whole horizon for
/// infinity.
///
/// Of quantiles up to 10 % or from 90 %, VaR and ES none is given on fewer than 20 trials
/// beyond them (effective ones, if they are weighted); the interval of an ES on fewer than 400
/// is too narrow. With Sobol' points the errors of means and probabilities come from the
/// scrambles; the others take trials for independent.
///
/// Where numbers are uncertain, `parameter_share`: how much of the variance is due to not
/// knowing them, from pairs of trials and twins (closed_sobol_index); the rest is due to
/// events.
struct ColumnSummary {
    Column column;
    std::vector<Figure> figures;

    /// \throws std::logic_error if there is no such statistic.
    const Figure& figure(std::string_view statistic) const;
    /// Null if there is none.
    const Figure* find(std::string_view statistic) const;
};

/// The outcomes, from which quantiles and tails are read.
std::unique_ptr<Sample> sample_of(const ColumnTrials& trials);

/// All figures of a column but `parameter_share`.
ColumnSummary summarise_column(const ColumnTrials& trials, RankTable& ranks);

/// Of plain values alone.
ColumnSummary summarise_column(const Column& column, std::span<const double> values,
                               Sampling sampling = Sampling::plain);

/// The mean with its interval and standard error. \param weights  Empty: all the same.
Figure mean_figure(std::span<const double> values, std::span<const double> weights = {},
                   Sampling sampling = Sampling::plain);

/// The share of trials of which something holds, with its interval.
/// \param holds  1 or 0 by trial. \param weights  Empty: all the same.
Figure share_figure(std::string statistic, std::span<const double> holds,
                    std::span<const double> weights = {});

/// Values as they count in moments: the horizon for infinity.
std::vector<double> restricted(const Column& column, std::span<const double> values);

/// The figure of the quantile at a level: nothing where too few trials lie beyond an outer one.
/// \param effective  What so many plain trials know; by default what the sample says.
Figure quantile_figure(std::string statistic, const Sample& sample, double level,
                       RankTable& ranks, std::optional<double> effective = {});

/// Widens the interval of a quantile by what the bins of a sketch may hide of a value: 0.5 %.
void widen_by_bins(Estimate& estimate);

/// A level as names of statistics have it, e.g. `99.5`.
std::string percent_name(double level);

/// The trials with the worst 1 - level of the losses. Trials tied at the boundary share what is
/// left of it evenly, so that their order does not matter.
class WorstTrials {
public:
    /// \param weights  By trial; empty: all the same.
    WorstTrials(std::span<const double> losses, std::span<const double> weights, double level);

    /// Mean v̄ of a value v of each trial over these.
    ///
    /// Its error is that of the means of 1{worst} (v − v*) / (1 − level) + v* − v̄ over all
    /// trials, with v* the mean of v where the loss is near the level: which trials are the
    /// worst is part of the chance. For the loss itself it is that of the ES.
    ///
    /// \param values  Finite, by trial.
    Figure mean_of(std::span<const double> values) const;

private:
    double level_ = 0;
    std::uint64_t beyond_ = 0;         ///< How many trials lie beyond the level.
    double share_ = 0;                 ///< Sum of the weights.
    std::vector<std::size_t> trials_;  ///< None if too few lie beyond for a figure.
    std::vector<double> weights_;      ///< Of those that tie at the level, their part in it.
    std::vector<double> whole_weights_;  ///< Without regard to ties.
    double other_squares_ = 0;           ///< Sum of the squared weights of the other trials.
    std::vector<std::size_t> edge_;      ///< Trials whose loss is near the level.
    std::vector<double> edge_weights_;
};

}  // namespace chokepoint
