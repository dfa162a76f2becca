#include "chokepoint/engine/summarise.hpp"

#include "chokepoint/engine/ordered_blocks.hpp"
#include "chokepoint/statistics/quantile.hpp"
#include "chokepoint/statistics/sobol_index.hpp"
#include "chokepoint/statistics/tail_risk.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numeric>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr std::array band_levels = {0.05, 0.25, 0.5, 0.75, 0.95};

/// Where a quantile of bands and its interval lie among n sorted trials. Worked out once for
/// all series and months.
struct BandPlace {
    std::string statistic;
    std::size_t rank;
    RankInterval bounds{0, std::nullopt};
    std::uint64_t n;  ///< Trials that it rests on.
    bool is_given;
};

/// How many independent trials one of those is worth that bands and events count: a trial of
/// weight w counts floor(w) or one more times by chance (`copies_of`), and those times together
/// are worth one.
double worth_of_copies(std::span<const double> weights)
{
    double mass = 0, square = 0;
    for (const double weight : weights) {
        const double part = weight - std::floor(weight);
        mass += weight;
        square += weight * weight + part * (1 - part);
    }
    return weights.empty() ? 1 : mass / square;
}

/// Ranks among n trials that bound a quantile as those among `independent` ones do.
RankInterval spread_ranks(std::size_t n, std::size_t independent, double level)
{
    RankInterval ranks = order_statistic_ranks(independent, level);
    ranks.lower = ranks.lower * n / independent;
    if (ranks.upper) {
        ranks.upper = (*ranks.upper * n + independent - 1) / independent;
    }
    return ranks;
}

/// \param worth  How many independent trials each of the n is.
std::vector<BandPlace> band_places(std::size_t n, double worth)
{
    constexpr double outer_level = 0.9;
    const auto independent =
        static_cast<std::size_t>(std::round(static_cast<double>(n) * worth));
    std::vector<BandPlace> places;
    for (const double level : band_levels) {
        const double outer = std::max(level, 1 - level);
        const bool is_outer = outer >= outer_level;
        const std::string statistic = fmt::format("p{}", percent_name(level));
        if (independent == 0) {
            places.push_back({.statistic = statistic, .rank = 0, .n = 0, .is_given = false});
            continue;
        }
        const std::size_t beyond = independent - quantile_rank(independent, outer);
        const bool is_given =
            !is_outer || tail_sample(static_cast<double>(beyond)) != TailSample::too_few;
        places.push_back({.statistic = statistic,
                          .rank = quantile_rank(n, level),
                          .n = is_outer ? beyond : independent,
                          .is_given = is_given});
        if (is_given) {
            places.back().bounds = spread_ranks(n, independent, level);
        }
    }
    return places;
}

/// The ranks that the quantiles at these places and their intervals need, upwards, each once.
std::vector<std::size_t> ranks_at(const std::vector<BandPlace>& places)
{
    std::vector<std::size_t> ranks;
    for (const BandPlace& place : places) {
        if (place.is_given) {
            ranks.push_back(place.rank);
            ranks.push_back(std::max<std::size_t>(place.bounds.lower, 1));
            ranks.push_back(place.bounds.upper.value_or(place.rank));
        }
    }
    std::sort(ranks.begin(), ranks.end());
    ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
    return ranks;
}

/// \param value_at_rank  Gives the value of a rank, counted from 1.
template <class ValueAtRank>
Figure band_figure(const BandPlace& place, const ValueAtRank& value_at_rank)
{
    Figure figure{.statistic = place.statistic, .estimate = {}, .n = place.n};
    if (place.is_given) {
        figure.estimate.value = value_at_rank(place.rank);
        if (place.bounds.lower > 0) {
            figure.estimate.lower = value_at_rank(place.bounds.lower);
        }
        if (place.bounds.upper) {
            figure.estimate.upper = value_at_rank(*place.bounds.upper);
        }
        widen_by_bins(figure.estimate);
    }
    return figure;
}

/// Series are not negative; neither is what their means may be.
Figure band_mean(const Moments& moments, double worth)
{
    if (moments.count == 0) {
        return {.statistic = "mean", .estimate = {}};
    }
    const double error = moments.standard_error() / std::sqrt(worth);
    Figure figure{.statistic = "mean",
                  .estimate = normal_estimate(moments.mean, error),
                  .n = moments.count,
                  .standard_error = error};
    if (figure.estimate.lower < 0) {
        figure.estimate.lower = 0;
    }
    return figure;
}

std::vector<BandSummary> summarise_bands(const RunResult& result, double worth,
                                         unsigned threads)
{
    using Bands = std::vector<BandSummary>;
    constexpr std::size_t positions_at_once = 256;
    const std::vector<BandPlace> places =
        band_places(result.bands.empty() ? result.trials : result.bands.front().count(), worth);
    const std::vector<std::size_t> ranks = ranks_at(places);
    const std::size_t months =
        result.series.empty() ? 0 : result.bands.size() / result.series.size();

    const auto summarise_one = [&](std::size_t position) {
        std::vector<double> values(ranks.size());
        result.bands[position].values_at(ranks, values);
        const auto value_at_rank = [&](std::size_t rank) {
            return values[static_cast<std::size_t>(
                std::lower_bound(ranks.begin(), ranks.end(), rank) - ranks.begin())];
        };
        BandSummary band{.series = position / months,
                         .month = static_cast<int>(position % months),
                         .figures = {}};
        band.figures.reserve(1 + places.size());
        band.figures.push_back(band_mean(result.band_moments[position], worth));
        for (const BandPlace& place : places) {
            band.figures.push_back(band_figure(place, value_at_rank));
        }
        return band;
    };
    const auto summarise_some = [&](unsigned, std::uint64_t block) {
        const std::size_t first = block * positions_at_once;
        const std::size_t end = std::min(first + positions_at_once, result.bands.size());
        Bands bands;
        for (std::size_t position = first; position < end; ++position) {
            bands.push_back(summarise_one(position));
        }
        return bands;
    };
    Bands bands;
    bands.reserve(result.bands.size());
    OrderedBlocks<Bands>::run((result.bands.size() + positions_at_once - 1) / positions_at_once,
                              threads, summarise_some,
                              [&](std::uint64_t, Bands&& some) {
                                  std::move(some.begin(), some.end(),
                                            std::back_inserter(bands));
                              },
                              {});
    return bands;
}

/// How many trials lie in each of the tails that are of one kind, e.g. `10 %: 50, 5 %: 25`.
std::string tails_text(std::size_t trials, TailSample kind)
{
    std::string text;
    for (const double level : tail_levels) {
        const std::size_t beyond = trials - quantile_rank(trials, level);
        if (tail_sample(static_cast<double>(beyond)) == kind) {
            text += fmt::format("{}{:.4g} %: {}", text.empty() ? "" : ", ", 100 * (1 - level),
                                beyond);
        }
    }
    return text;
}

std::vector<std::string> tail_warnings(std::size_t trials)
{
    std::vector<std::string> warnings;
    if (const std::string tails = tails_text(trials, TailSample::thin); !tails.empty()) {
        warnings.push_back(fmt::format(
            "under 400 trials in a tail its ES interval is too narrow (worst {})", tails));
    }
    if (const std::string tails = tails_text(trials, TailSample::too_few); !tails.empty()) {
        warnings.push_back(fmt::format(
            "under 20 trials in a tail there are no figures of it (worst {})", tails));
    }
    return warnings;
}

/// Columns whose tail is so heavy that their ES does not settle: from a tail index of 1/2 on
/// its error is not normal, from 1 on it grows with the trials.
std::vector<std::string> heavy_tail_warnings(const std::vector<ColumnSummary>& columns)
{
    constexpr double heavy = 0.5;
    std::size_t count = 0;
    const ColumnSummary* worst = nullptr;
    double worst_index = 0;
    for (const ColumnSummary& column : columns) {
        const Figure* const index = column.find("tail_index");
        if (index == nullptr || !(index->estimate.value >= heavy)) {
            continue;
        }
        ++count;
        if (index->estimate.value > worst_index) {
            worst_index = index->estimate.value;
            worst = &column;
        }
    }
    if (count == 0) {
        return {};
    }
    return {fmt::format(
        "the tail of {} is too heavy for the error of its ES to be trusted (tail index of {} "
        "({}, {}): {:.2f}; see tail_index in metrics.csv)",
        count == 1 ? "one figure" : fmt::format("{} figures", count), worst->column.metric,
        worst->column.commodity, worst->column.region, worst_index)};
}

/// Equation (28), from the pairs whose values are kept.
Figure parameter_share(const RunResult& result, std::size_t column)
{
    const std::span<const double> values = result.values[column];
    const std::span<const double> twins = result.twin_values[column];
    const std::uint64_t step = std::max<std::uint64_t>(trials_per_twin / result.stride, 1);
    std::vector<double> paired, weights;
    for (std::size_t place = 0; place < values.size(); place += step) {
        paired.push_back(values[place]);
        if (!result.weights.empty()) {
            weights.push_back(result.weights[place]);  // the twin's events are drawn plainly
        }
    }
    const SobolIndex share =
        closed_sobol_index(restricted(result.columns[column], paired),
                           restricted(result.columns[column], twins), weights);
    return {.statistic = "parameter_share",
            .estimate = share.index,
            .n = twins.size(),
            .standard_error = share.standard_error};
}

/// Does a piece of work for each of some things, over threads, and gathers what comes out.
template <class Result, class Work>
std::vector<Result> for_each_of(std::size_t count, unsigned threads, const Work& work)
{
    std::vector<RankTable> ranks(threads);
    std::vector<Result> results;
    OrderedBlocks<Result>::run(
        count, threads,
        [&](unsigned thread, std::uint64_t place) { return work(place, ranks[thread]); },
        [&](std::uint64_t, Result&& result) { results.push_back(std::move(result)); }, {});
    return results;
}

std::vector<ColumnSummary> summarise_columns(const RunResult& result, unsigned threads)
{
    std::vector<std::size_t> columns;
    for (std::size_t column = 0; column < result.columns.size(); ++column) {
        if (result.columns[column].is_metric()) {
            columns.push_back(column);
        }
    }
    return for_each_of<ColumnSummary>(
        columns.size(), threads, [&](std::uint64_t place, RankTable& ranks) {
            const std::size_t column = columns[place];
            ColumnSummary summary = summarise_column(column_trials(result, column), ranks);
            if (!result.twin_values.empty()) {
                summary.figures.push_back(parameter_share(result, column));
            }
            return summary;
        });
}

std::vector<Histogram> histograms_of(const RunResult& result, unsigned threads)
{
    std::vector<std::size_t> columns;
    for (std::size_t column = 0; column < result.columns.size(); ++column) {
        const std::string& metric = result.columns[column].metric;
        if (result.columns[column].is_metric()
            && (metric == "shortfall_share" || metric == "price_peak")) {
            columns.push_back(column);
        }
    }
    return for_each_of<Histogram>(columns.size(), threads, [&](std::uint64_t place, RankTable&) {
        return histogram_of(column_trials(result, columns[place]));
    });
}

/// The first column of each run of years, with how many there are.
std::vector<std::pair<std::size_t, std::size_t>> runs_of_years(const RunResult& result)
{
    std::vector<std::pair<std::size_t, std::size_t>> runs;
    for (std::size_t column = 0; column < result.columns.size(); ++column) {
        if (const std::optional<YearOf>& year = result.columns[column].year) {
            if (year->year == 1) {
                runs.emplace_back(column, 0);
            }
            ++runs.back().second;
        }
    }
    return runs;
}

std::vector<ExceedanceCurve> exceedance_of(const RunResult& result, unsigned threads)
{
    using Curves = std::vector<ExceedanceCurve>;
    const auto runs = runs_of_years(result);
    const std::vector<Curves> by_run =
        for_each_of<Curves>(runs.size(), threads, [&](std::uint64_t place, RankTable& ranks) {
            std::vector<ColumnTrials> years;
            for (std::size_t year = 0; year < runs[place].second; ++year) {
                years.push_back(column_trials(result, runs[place].first + year));
            }
            return exceedance_curves(years, ranks);
        });
    Curves curves;
    for (const Curves& some : by_run) {
        curves.insert(curves.end(), some.begin(), some.end());
    }
    return curves;
}

}  // namespace

const ColumnSummary* RunSummary::find_column(std::string_view metric,
                                             std::string_view commodity,
                                             std::string_view region) const
{
    const auto found =
        std::find_if(columns.begin(), columns.end(), [&](const ColumnSummary& other) {
            return other.column.metric == metric && other.column.commodity == commodity
                   && other.column.region == region;
        });
    return found == columns.end() ? nullptr : &*found;
}

const ColumnSummary& RunSummary::column(std::string_view metric, std::string_view commodity,
                                        std::string_view region) const
{
    const ColumnSummary* found = find_column(metric, commodity, region);
    if (found == nullptr) {
        throw std::logic_error(fmt::format("no column {}, {}, {}", metric, commodity, region));
    }
    return *found;
}

std::vector<RankedTrial> worst_trials(const RunResult& result, std::size_t column,
                                      std::size_t count)
{
    std::vector<RankedTrial> worst;
    if (!result.sketches.empty()) {
        worst = result.sketches[column].largest();
    } else {
        for (std::size_t trial = 0; trial < result.values[column].size(); ++trial) {
            worst.push_back({result.values[column][trial], trial});
        }
    }
    const auto end = worst.begin() + static_cast<std::ptrdiff_t>(std::min(count, worst.size()));
    std::partial_sort(worst.begin(), end, worst.end());
    worst.erase(end, worst.end());
    return worst;
}

RunSummary summarise(const RunResult& result, unsigned threads)
{
    if (result.trials == 0) {
        throw std::invalid_argument("summarise: no trials (needs at least one)");
    }
    const double worth = worth_of_copies(result.weights);
    RunSummary summary{.trials = result.trials,
                       .columns = summarise_columns(result, threads),
                       .histograms = histograms_of(result, threads),
                       .exceedance = exceedance_of(result, threads),
                       .series = result.series,
                       .bands = summarise_bands(result, worth, threads),
                       .events = result.events,
                       .balance_factor_low = result.balance_factor_low,
                       .balance_factor_high = result.balance_factor_high,
                       .until = result.until,
                       .stride = result.stride,
                       .effective_trials = result.weights.empty()
                                               ? static_cast<double>(result.trials)
                                               : effective_sample_size(result.weights),
                       .worth_of_copies = worth,
                       .warnings = result.weights.empty() ? tail_warnings(result.trials)
                                                          : std::vector<std::string>()};
    if (!result.weights.empty()) {
        summary.warnings.push_back(fmt::format(
            "sampled by importance: {} trials tell as much of means as {:.0f} plain ones; n in "
            "metrics.csv counts effective trials in each tail, months and events count trials "
            "as "
            "often as they weigh, and their intervals take them for {:.0f}",
            result.trials, summary.effective_trials,
            worth * std::accumulate(result.weights.begin(), result.weights.end(), 0.0)));
    }
    for (std::string& warning : heavy_tail_warnings(summary.columns)) {
        summary.warnings.push_back(std::move(warning));
    }
    for (const Precision& rule : result.until) {
        if (!rule.is_met) {
            summary.warnings.push_back(fmt::format("not met after {} trials: {}", result.trials,
                                                   precision_text(rule)));
        }
    }
    if (result.stride > 1) {
        summary.warnings.push_back(
            fmt::format("values of trials outgrew the memory: quantiles, VaR and ES are within "
                        "0.5 %, but for "
                        "the largest values, which are exact; parameter shares and chokepoints "
                        "rest on every "
                        "{}. trial; intervals of return periods are rather too wide",
                        result.stride));
    }
    if (result.short_references > 0) {
        summary.warnings.push_back(fmt::format(
            "in {} of {} trials users go short at the choke price without any event: shortfall "
            "and price impact are measured against a market that fails by itself",
            result.short_references, result.trials));
    }
    if (result.unsettled_months > 0) {
        summary.warnings.push_back(fmt::format(
            "in {} of the months of all trials taxes and shared quotas did not settle (the "
            "first such trial is {}): their caps hold there, their price gaps do not quite",
            result.unsettled_months, result.first_unsettled_trial));
    }
    return summary;
}

}  // namespace chokepoint
