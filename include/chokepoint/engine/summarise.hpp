#pragma once

#include "chokepoint/engine/run.hpp"
#include "chokepoint/statistics/interval.hpp"

#include <cstdint>
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

/// The distribution of one column.
///
/// `mean` and `sd`; quantiles `p5` … `p99.9`; `var` and `es` at 90, 95, 99 %; the probability
/// that each of the column's thresholds is passed. For a column that may be infinite, in place
/// of mean, sd and ES: `probability_not_within_horizon`, and `restricted_mean`, which counts
/// the whole horizon for infinity.
///
/// Of quantiles up to 10 % or from 90 %, VaR and ES none is given on fewer than 20 trials
/// beyond them; the interval of an ES on fewer than 400 is too narrow. With Sobol' points the
/// errors of means and probabilities come from the scrambles; the others take trials for
/// independent.
///
/// Where numbers are uncertain, `parameter_share`: how much of the variance is due to not
/// knowing them, from pairs of trials and twins (closed_sobol_index); the rest is due to
/// events.
struct ColumnSummary {
    Column column;
    std::vector<Figure> figures;

    /// \throws std::logic_error if there is no such statistic.
    const Figure& figure(std::string_view statistic) const;
};

/// A series in one month: `mean`, `p5`, `p25`, `p50`, `p75`, `p95`. Quantiles come from a
/// sketch and lie within 0.5 % of the exact ones.
struct BandSummary {
    std::size_t series = 0;
    int month = 0;
    std::vector<Figure> figures;
};

/// A run in figures.
struct RunSummary {
    std::uint64_t trials = 0;
    std::vector<ColumnSummary> columns;  ///< In the run's order, without those of arcs.
    std::vector<Series> series;
    std::vector<BandSummary> bands;  ///< By series, then month.
    std::vector<EventTally> events;
    double balance_factor_low = 1, balance_factor_high = 1;
    std::vector<std::string> warnings;  ///< On tails with too few trials.

    /// Null if there is no such column, as of areas without users.
    const ColumnSummary* find_column(std::string_view metric, std::string_view commodity,
                                     std::string_view region) const;

    /// \throws std::logic_error if there is no such column.
    const ColumnSummary& column(std::string_view metric, std::string_view commodity,
                                std::string_view region) const;
};

/// The figures of all columns that belong to no arc, and of all series.
///
/// \param threads  Change the time, never a bit of the result.
RunSummary summarise(const RunResult& result, unsigned threads = 1);

/// Distribution of one column; `values` by trial, in any order if the sampling is plain.
ColumnSummary summarise_column(const Column& column, std::span<const double> values,
                               Sampling sampling = Sampling::plain);

/// The mean with its interval and standard error.
Figure mean_figure(std::span<const double> values, Sampling sampling = Sampling::plain);

/// The trials with the worst 1 - level of the losses. Trials tied at the boundary share what is
/// left of it evenly, so that their order does not matter.
class WorstTrials {
public:
    WorstTrials(std::span<const double> losses, double level);

    /// Mean of a value of each trial over these. The error takes the choice of trials as given.
    /// \param values  Finite, by trial.
    Figure mean_of(std::span<const double> values) const;

private:
    std::size_t beyond_;               ///< How many trials lie beyond the level.
    double share_;                     ///< Sum of the weights.
    std::vector<std::size_t> trials_;  ///< None if too few lie beyond for a figure.
    std::vector<double> weights_;
};

}  // namespace chokepoint
