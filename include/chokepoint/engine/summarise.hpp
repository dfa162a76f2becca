#pragma once

#include "chokepoint/engine/column_summary.hpp"
#include "chokepoint/engine/exceedance.hpp"
#include "chokepoint/engine/histogram.hpp"
#include "chokepoint/engine/run.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chokepoint {

/// A series in one month: `mean`, `p5`, `p25`, `p50`, `p75`, `p95`. Quantiles come from a
/// sketch and lie within 0.5 % of the exact ones.
struct BandSummary {
    std::size_t series = 0;
    int month = 0;
    std::vector<Figure> figures;
};

/// A run in figures.
struct RunSummary {
    std::string policy = "none";  ///< Of the model.
    std::uint64_t trials = 0;
    std::vector<ColumnSummary> columns;  ///< In the run's order, those that are metrics.
    std::vector<Histogram> histograms;   ///< Of shortfall_share and price_peak.
    std::vector<ExceedanceCurve> exceedance;
    std::vector<Series> series;
    std::vector<BandSummary> bands;  ///< By series, then month.
    std::vector<EventTally> events;
    double balance_factor_low = 1, balance_factor_high = 1;
    std::vector<Precision> until;  ///< How far the rules to stop by are met.
    std::uint64_t stride = 1;      ///< Of the run: not 1 if sketches stand in for values.
    /// How many plain trials would know means as well, if weights had nothing to do with them.
    double effective_trials = 0;
    /// How many independent trials one is worth that bands and events count: below 1 if those
    /// of large weights count several times.
    double worth_of_copies = 1;
    /// On what keeps figures from being trusted: few trials in a tail, weights, heavy tails,
    /// rules that are not met, sketches, markets that fail by themselves, months unsettled.
    std::vector<std::string> warnings;

    /// Null if there is no such column, as of areas without users.
    const ColumnSummary* find_column(std::string_view metric, std::string_view commodity,
                                     std::string_view region) const;

    /// \throws std::logic_error if there is no such column.
    const ColumnSummary& column(std::string_view metric, std::string_view commodity,
                                std::string_view region) const;
};

/// The figures of all metrics, of all years and of all series.
///
/// \param threads  Change the time, never a bit of the result.
RunSummary summarise(const RunResult& result, unsigned threads = 1);

/// The worst trials by a column, the worst first, as far as they are known: at most `count`.
std::vector<RankedTrial> worst_trials(const RunResult& result, std::size_t column,
                                      std::size_t count);

}  // namespace chokepoint
