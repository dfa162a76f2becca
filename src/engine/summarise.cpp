#include "chokepoint/engine/summarise.hpp"

#include "chokepoint/engine/ordered_blocks.hpp"
#include "chokepoint/events/parameters.hpp"
#include "chokepoint/statistics/proportion.hpp"
#include "chokepoint/statistics/quantile.hpp"
#include "chokepoint/statistics/replicates.hpp"
#include "chokepoint/statistics/sobol_index.hpp"
#include "chokepoint/statistics/tail_risk.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr std::array quantile_levels = {0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999};
constexpr std::array band_levels = {0.05, 0.25, 0.5, 0.75, 0.95};
constexpr std::array tail_levels = {0.90, 0.95, 0.99};
constexpr double outer_level = 0.9;

std::size_t trials_beyond(std::size_t n, double level)
{
    return n - quantile_rank(n, level);
}

/// Where a quantile and its interval lie among n sorted trials. Worked out once for all columns
/// and months of a run: the ranks of the interval are dear.
struct QuantilePlace {
    double level;
    std::string percent;  ///< The level as names of statistics have it, e.g. `99.5`.
    std::size_t rank;
    RankInterval bounds{0, std::nullopt};
    std::uint64_t n;  ///< Trials that the quantile rests on.
    bool is_given;
};

QuantilePlace place_of(std::size_t n, double level)
{
    const double outer = std::max(level, 1 - level);
    const bool is_outer = outer >= outer_level;
    QuantilePlace place{.level = level,
                        .percent = fmt::format("{:.4g}", 100 * level),
                        .rank = quantile_rank(n, level),
                        .n = is_outer ? trials_beyond(n, outer) : n,
                        .is_given = !is_outer || tail_sample(n, outer) != TailSample::too_few};
    if (place.is_given) {
        place.bounds = order_statistic_ranks(n, level);
    }
    return place;
}

template <std::size_t count>
std::vector<QuantilePlace> places_of(std::size_t n, const std::array<double, count>& levels)
{
    std::vector<QuantilePlace> places;
    for (const double level : levels) {
        places.push_back(place_of(n, level));
    }
    return places;
}

/// The ranks that the quantiles at these places and their intervals need, upwards, each once.
std::vector<std::size_t> ranks_at(const std::vector<QuantilePlace>& places)
{
    std::vector<std::size_t> ranks;
    for (const QuantilePlace& place : places) {
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

/// The places of all quantiles of a column, and what must be sorted for them.
struct ColumnPlaces {
    explicit ColumnPlaces(std::size_t n)
        : quantiles(places_of(n, quantile_levels)),
          tails(places_of(n, tail_levels)),
          tail_from(n)
    {
        for (const QuantilePlace& place : tails) {
            tail_from = place.is_given ? std::min(tail_from, place.rank - 1) : tail_from;
        }
        std::vector<QuantilePlace> all = quantiles;
        all.insert(all.end(), tails.begin(), tails.end());
        ranks = ranks_at(all);
        ranks.erase(std::upper_bound(ranks.begin(), ranks.end(), tail_from), ranks.end());
        if (tail_from < n) {
            ranks.push_back(tail_from + 1);
        }
    }

    std::vector<QuantilePlace> quantiles, tails;
    std::size_t tail_from;           ///< Place, from 0, of the first VaR: sorted from there on.
    std::vector<std::size_t> ranks;  ///< What else is in its place, and the first VaR.
};

/// Values of a column, in their places wherever `places` says.
void sort_where_needed(std::span<const double> values, const ColumnPlaces& places,
                       std::vector<double>& sorted)
{
    sorted.assign(values.begin(), values.end());
    select_ranks(sorted, places.ranks);
    std::sort(sorted.begin() + static_cast<std::ptrdiff_t>(places.tail_from), sorted.end());
}

/// \param value_at_rank  Gives the value of a rank, counted from 1.
template <class ValueAtRank>
Figure quantile_figure(const char* prefix, const QuantilePlace& place,
                       const ValueAtRank& value_at_rank)
{
    Figure figure{.statistic = prefix + place.percent, .estimate = {}, .n = place.n};
    if (place.is_given) {
        figure.estimate.value = value_at_rank(place.rank);
        if (place.bounds.lower > 0) {
            figure.estimate.lower = value_at_rank(place.bounds.lower);
        }
        if (place.bounds.upper) {
            figure.estimate.upper = value_at_rank(*place.bounds.upper);
        }
    }
    return figure;
}

void append_quantiles(std::span<const double> sorted, const ColumnPlaces& places,
                      std::vector<Figure>& figures)
{
    const auto value_at_rank = [&](std::size_t rank) { return sorted[rank - 1]; };
    for (const QuantilePlace& place : places.quantiles) {
        figures.push_back(quantile_figure("p", place, value_at_rank));
    }
    for (const QuantilePlace& place : places.tails) {
        figures.push_back(quantile_figure("var", place, value_at_rank));
    }
}

void append_expected_shortfalls(std::span<const double> sorted, const ColumnPlaces& places,
                                std::vector<Figure>& figures)
{
    for (const QuantilePlace& place : places.tails) {
        Figure figure{.statistic = "es" + place.percent, .estimate = {}, .n = place.n};
        if (place.is_given) {
            const TailRisk risk =
                tail_risk_of_tail(sorted.subspan(places.tail_from), sorted.size(), place.level);
            figure.estimate = expected_shortfall(risk);
            figure.standard_error = risk.standard_error;
        }
        figures.push_back(figure);
    }
}

Figure proportion_figure(std::string statistic, std::size_t count, std::size_t n)
{
    return {.statistic = std::move(statistic), .estimate = proportion(count, n), .n = n};
}

/// The error of a mean over trials from how it differs between the scrambles of Sobol' points:
/// trials of one scramble are too even to be taken for independent.
ReplicateMean mean_over_scrambles(std::span<const double> values)
{
    std::array<Moments, sobol_scrambles> scrambles;
    for (std::size_t trial = 0; trial < values.size(); ++trial) {
        scrambles[trial % sobol_scrambles].add(values[trial]);
    }
    std::vector<double> means;
    for (const Moments& scramble : scrambles) {
        if (scramble.count > 0) {
            means.push_back(scramble.mean);
        }
    }
    return replicate_mean(means);
}

/// The figure of a mean or a proportion, with the error that its scrambles show.
Figure with_scrambled_error(Figure figure, std::span<const double> values)
{
    const ReplicateMean replicates = mean_over_scrambles(values);
    const double half_width = (replicates.mean.upper - replicates.mean.lower) / 2;
    figure.standard_error = replicates.standard_error;
    figure.estimate.lower = figure.estimate.value - half_width;
    figure.estimate.upper = figure.estimate.value + half_width;
    return figure;
}

Figure probability_figure(double threshold, std::span<const double> values, Sampling sampling)
{
    const auto is_above = [threshold](double value) { return value > threshold; };
    const auto count =
        static_cast<std::size_t>(std::count_if(values.begin(), values.end(), is_above));
    Figure figure =
        proportion_figure(fmt::format("probability_above_{}", threshold), count, values.size());
    // Where all trials agree the scrambles show no error, and Wilson's bound holds.
    if (sampling == Sampling::sobol && count > 0 && count < values.size()) {
        std::vector<double> above(values.size());
        std::transform(values.begin(), values.end(), above.begin(), is_above);
        figure = with_scrambled_error(figure, above);
        figure.standard_error = std::numeric_limits<double>::quiet_NaN();
        figure.estimate.lower = std::max(0.0, figure.estimate.lower);
        figure.estimate.upper = std::min(1.0, figure.estimate.upper);
    }
    return figure;
}

Moments moments_of(std::span<const double> values)
{
    Moments moments;
    for (const double value : values) {
        moments.add(value);
    }
    return moments;
}

Figure moments_figure(const Moments& moments)
{
    const double error = moments.standard_error();
    return {.statistic = "mean",
            .estimate = normal_estimate(moments.mean, error),
            .n = moments.count,
            .standard_error = error};
}

Figure mean_figure(const Moments& moments, std::span<const double> values, Sampling sampling)
{
    const Figure plain = moments_figure(moments);
    return sampling == Sampling::sobol ? with_scrambled_error(plain, values) : plain;
}

void append_moments(std::span<const double> values, Sampling sampling,
                    std::vector<Figure>& figures)
{
    const Moments moments = moments_of(values);
    figures.push_back(mean_figure(moments, values, sampling));
    figures.push_back(
        {.statistic = "sd", .estimate = {.value = moments.sd()}, .n = values.size()});
}

/// Values as they count in a restricted mean: the horizon for infinity.
std::vector<double> restricted(const Column& column, std::span<const double> values)
{
    std::vector<double> within(values.begin(), values.end());
    for (double& value : within) {
        value = column.horizon ? std::min(value, *column.horizon) : value;
    }
    return within;
}

/// Figures that hold although some values are infinite.
void append_restricted(const Column& column, std::span<const double> values, Sampling sampling,
                       std::vector<Figure>& figures)
{
    figures.push_back(probability_figure(std::numeric_limits<double>::max(), values, sampling));
    figures.back().statistic = "probability_not_within_horizon";
    figures.push_back(mean_figure(restricted(column, values), sampling));
    figures.back().statistic = "restricted_mean";
}

std::vector<BandSummary> summarise_bands(const RunResult& result, unsigned threads)
{
    using Bands = std::vector<BandSummary>;
    constexpr std::size_t positions_at_once = 256;
    const std::vector<QuantilePlace> places = places_of(result.trials, band_levels);
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
        band.figures.push_back(moments_figure(result.band_moments[position]));
        for (const QuantilePlace& place : places) {
            band.figures.push_back(quantile_figure("p", place, value_at_rank));
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
        if (tail_sample(trials, level) == kind) {
            text += fmt::format("{}{:.4g} %: {}", text.empty() ? "" : ", ", 100 * (1 - level),
                                trials_beyond(trials, level));
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

/// Equation (28).
Figure parameter_share(const Column& column, std::span<const double> values,
                       std::span<const double> twins)
{
    std::vector<double> paired;
    for (std::size_t trial = 0; trial < values.size(); trial += trials_per_twin) {
        paired.push_back(values[trial]);
    }
    const SobolIndex share =
        closed_sobol_index(restricted(column, paired), restricted(column, twins));
    return {.statistic = "parameter_share",
            .estimate = share.index,
            .n = twins.size(),
            .standard_error = share.standard_error};
}

/// \param sorted  Work array.
ColumnSummary summarise_at(const ColumnPlaces& places, const Column& column,
                           std::span<const double> values, Sampling sampling,
                           std::vector<double>& sorted)
{
    sort_where_needed(values, places, sorted);
    ColumnSummary summary{column, {}};
    if (column.horizon) {
        append_restricted(column, values, sampling, summary.figures);
    } else {
        append_moments(values, sampling, summary.figures);
    }
    append_quantiles(sorted, places, summary.figures);
    if (!column.horizon) {
        append_expected_shortfalls(sorted, places, summary.figures);
    }
    for (const double threshold : column.thresholds) {
        summary.figures.push_back(probability_figure(threshold, values, sampling));
    }
    return summary;
}

std::vector<ColumnSummary> summarise_columns(const RunResult& result, unsigned threads)
{
    std::vector<std::size_t> columns;
    for (std::size_t column = 0; column < result.columns.size(); ++column) {
        if (!result.columns[column].arc) {
            columns.push_back(column);
        }
    }
    const ColumnPlaces places(result.trials);
    std::vector<std::vector<double>> work(threads);
    const auto summarise_one = [&](unsigned thread, std::uint64_t place) {
        const std::size_t column = columns[place];
        ColumnSummary summary =
            summarise_at(places, result.columns[column], result.values[column], result.sampling,
                         work[thread]);
        if (!result.twin_values.empty()) {
            summary.figures.push_back(parameter_share(
                result.columns[column], result.values[column], result.twin_values[column]));
        }
        return summary;
    };
    std::vector<ColumnSummary> summaries;
    OrderedBlocks<ColumnSummary>::run(columns.size(), threads, summarise_one,
                                      [&](std::uint64_t, ColumnSummary&& summary) {
                                          summaries.push_back(std::move(summary));
                                      },
                                      {});
    return summaries;
}

}  // namespace

const Figure& ColumnSummary::figure(std::string_view statistic) const
{
    const auto found = std::find_if(figures.begin(), figures.end(), [&](const Figure& figure) {
        return figure.statistic == statistic;
    });
    if (found == figures.end()) {
        throw std::logic_error(fmt::format("{}: no statistic {}", column.metric, statistic));
    }
    return *found;
}

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

Figure mean_figure(std::span<const double> values, Sampling sampling)
{
    return mean_figure(moments_of(values), values, sampling);
}

WorstTrials::WorstTrials(std::span<const double> losses, double level)
    : beyond_(losses.empty() ? 0 : trials_beyond(losses.size(), level)),
      share_(static_cast<double>(losses.size()) * (1 - level))
{
    if (losses.empty() || tail_sample(losses.size(), level) == TailSample::too_few) {
        return;
    }
    std::vector<double> sorted(losses.begin(), losses.end());
    const std::size_t rank = quantile_rank(losses.size(), level);
    select_ranks(sorted, std::array{rank});
    const double boundary = sorted[rank - 1];
    const auto tied = std::count(losses.begin(), losses.end(), boundary);
    const auto worse = std::count_if(losses.begin(), losses.end(),
                                     [boundary](double loss) { return loss > boundary; });
    const double tied_weight =
        (share_ - static_cast<double>(worse)) / static_cast<double>(tied);
    for (std::size_t trial = 0; trial < losses.size(); ++trial) {
        if (losses[trial] >= boundary) {
            trials_.push_back(trial);
            weights_.push_back(losses[trial] > boundary ? 1.0 : tied_weight);
        }
    }
}

Figure WorstTrials::mean_of(std::span<const double> values) const
{
    Figure figure{.statistic = "tail_mean", .estimate = {}, .n = beyond_};
    if (trials_.empty()) {
        return figure;
    }
    double mean = 0, square = 0;
    for (std::size_t worst = 0; worst < trials_.size(); ++worst) {
        mean += weights_[worst] * values[trials_[worst]] / share_;
    }
    for (std::size_t worst = 0; worst < trials_.size(); ++worst) {
        const double deviation = values[trials_[worst]] - mean;
        square += weights_[worst] * deviation * deviation / share_;
    }
    figure.standard_error = std::sqrt(square / share_);
    figure.estimate = normal_estimate(mean, figure.standard_error);
    return figure;
}

ColumnSummary summarise_column(const Column& column, std::span<const double> values,
                               Sampling sampling)
{
    std::vector<double> sorted;
    return summarise_at(ColumnPlaces(values.size()), column, values, sampling, sorted);
}

RunSummary summarise(const RunResult& result, unsigned threads)
{
    if (result.trials == 0) {
        throw std::invalid_argument("summarise: no trials (needs at least one)");
    }
    RunSummary summary{.trials = result.trials,
                       .columns = {},
                       .series = result.series,
                       .bands = summarise_bands(result, threads),
                       .events = result.events,
                       .balance_factor_low = result.balance_factor_low,
                       .balance_factor_high = result.balance_factor_high,
                       .warnings = tail_warnings(result.trials)};
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
    summary.columns = summarise_columns(result, threads);
    return summary;
}

}  // namespace chokepoint
