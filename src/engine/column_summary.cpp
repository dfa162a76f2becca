#include "chokepoint/engine/column_summary.hpp"

#include "chokepoint/engine/run.hpp"
#include "chokepoint/events/parameters.hpp"
#include "chokepoint/statistics/central_moments.hpp"
#include "chokepoint/statistics/proportion.hpp"
#include "chokepoint/statistics/replicates.hpp"
#include "chokepoint/statistics/tail_index.hpp"
#include "chokepoint/statistics/tail_risk.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr std::array quantile_levels = {0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999};
constexpr double outer_level = 0.9;
/// The level from which on the tail index is taken, the same for any number of trials so that
/// runs can be compared, and how many trials it takes.
constexpr double index_level = 0.95;
constexpr double least_for_index = 100;

}  // namespace

void widen_by_bins(Estimate& estimate)
{
    constexpr double half_bin = (LogSketch::gamma - 1) / (LogSketch::gamma + 1);
    if (std::isfinite(estimate.lower)) {
        estimate.lower -= half_bin * std::abs(estimate.lower);
    }
    if (std::isfinite(estimate.upper)) {
        estimate.upper += half_bin * std::abs(estimate.upper);
    }
}

std::unique_ptr<Sample> sample_of(const ColumnTrials& trials)
{
    if (trials.sketch != nullptr) {
        return std::make_unique<WeightedSample>(trials.sketch->sample());
    }
    if (!trials.weights.empty()) {
        return std::make_unique<WeightedSample>(trials.values, trials.weights);
    }
    return std::make_unique<PlainSample>(trials.values);
}

namespace {

/// By blocks of trials, as a sketch gathers them: the same bits.
CentralMoments moments_of(std::span<const double> values)
{
    CentralMoments moments;
    for (std::size_t first = 0; first < values.size(); first += trials_per_block) {
        moments.add(values.subspan(
            first, std::min<std::size_t>(trials_per_block, values.size() - first)));
    }
    return moments;
}

Shape shape_of(const ColumnTrials& trials)
{
    if (trials.sketch != nullptr) {
        return chokepoint::shape_of(trials.sketch->moments());
    }
    const std::vector<double> cut = trials.column->horizon
                                        ? restricted(*trials.column, trials.values)
                                        : std::vector<double>();
    const std::span<const double> values =
        trials.column->horizon ? std::span<const double>(cut) : trials.values;
    return trials.weights.empty() ? chokepoint::shape_of(moments_of(values))
                                  : chokepoint::shape_of(values, trials.weights);
}

std::uint64_t count_of(const ColumnTrials& trials)
{
    return trials.sketch != nullptr ? trials.sketch->count() : trials.values.size();
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

Figure mean_of_shape(const Shape& shape, std::uint64_t n)
{
    return {.statistic = "mean",
            .estimate = shape.mean,
            .n = n,
            .standard_error = shape.mean_error};
}

/// True where the scrambles say how well a column is known.
bool has_scrambles(const ColumnTrials& trials)
{
    return trials.sampling == Sampling::sobol && trials.sketch == nullptr;
}

void append_moments(const ColumnTrials& trials, std::vector<Figure>& figures)
{
    const Shape shape = shape_of(trials);
    const std::uint64_t n = count_of(trials);
    const Figure mean = mean_of_shape(shape, n);
    figures.push_back(has_scrambles(trials) ? with_scrambled_error(mean, trials.values) : mean);
    figures.push_back({.statistic = "sd", .estimate = shape.sd, .n = n});
    figures.push_back({.statistic = "skew", .estimate = shape.skew, .n = n});
}

std::vector<double> is_above(std::span<const double> values, double threshold)
{
    std::vector<double> above(values.size());
    std::transform(values.begin(), values.end(), above.begin(),
                   [threshold](double value) { return value > threshold ? 1.0 : 0.0; });
    return above;
}

/// The probability that a value is passed. \param count  How often, if a sketch knows.
Figure probability_figure(std::string statistic, const ColumnTrials& trials, double threshold,
                          std::uint64_t count)
{
    if (trials.sketch != nullptr) {
        const auto n = static_cast<double>(count_of(trials));
        return {.statistic = std::move(statistic),
                .estimate = wilson_interval(static_cast<double>(count) / n, n),
                .n = count_of(trials)};
    }
    const std::vector<double> above = is_above(trials.values, threshold);
    Figure figure = share_figure(std::move(statistic), above, trials.weights);
    const double share = figure.estimate.value;
    // Where all trials agree the scrambles show no error, and Wilson's bound holds.
    if (has_scrambles(trials) && share > 0 && share < 1) {
        figure = with_scrambled_error(figure, above);
        figure.standard_error = std::numeric_limits<double>::quiet_NaN();
        figure.estimate.lower = std::max(0.0, figure.estimate.lower);
        figure.estimate.upper = std::min(1.0, figure.estimate.upper);
    }
    return figure;
}

void append_probabilities(const ColumnTrials& trials, std::vector<Figure>& figures)
{
    const std::vector<double>& thresholds = trials.column->thresholds;
    for (std::size_t level = 0; level < thresholds.size(); ++level) {
        figures.push_back(probability_figure(
            fmt::format("probability_above_{}", thresholds[level]), trials, thresholds[level],
            trials.sketch != nullptr ? trials.sketch->count_above(level) : 0));
    }
}

/// Figures that hold although some values are infinite.
void append_restricted(const ColumnTrials& trials, std::vector<Figure>& figures)
{
    figures.push_back(probability_figure(
        "probability_not_within_horizon", trials, std::numeric_limits<double>::max(),
        trials.sketch != nullptr ? trials.sketch->infinite() : 0));
    Figure mean = mean_of_shape(shape_of(trials), count_of(trials));
    mean.statistic = "restricted_mean";
    figures.push_back(has_scrambles(trials) ? with_scrambled_error(
                          mean, restricted(*trials.column, trials.values))
                                            : mean);
}

void append_quantiles(const ColumnTrials& trials, const Sample& sample, RankTable& ranks,
                      std::vector<Figure>& figures)
{
    const auto append = [&](const char* name, double level) {
        figures.push_back(quantile_figure(fmt::format("{}{}", name, percent_name(level)),
                                          sample, level, ranks));
        if (trials.sketch != nullptr) {
            widen_by_bins(figures.back().estimate);
        }
    };
    for (const double level : quantile_levels) {
        append("p", level);
    }
    for (const double level : tail_levels) {
        append("var", level);
    }
}

void append_expected_shortfalls(const Sample& sample, std::vector<Figure>& figures)
{
    for (const double level : tail_levels) {
        const double beyond = sample.trials_beyond(level);
        Figure figure{.statistic = fmt::format("es{}", percent_name(level)),
                      .estimate = {},
                      .n = static_cast<std::uint64_t>(beyond)};
        if (tail_sample(beyond) != TailSample::too_few) {
            const TailRisk risk = tail_risk(sample, level);
            figure.estimate = expected_shortfall(risk);
            figure.standard_error = risk.standard_error;
        }
        figures.push_back(figure);
    }
}

/// The tail index, if enough trials lie beyond its level. Counts of months have none.
Figure index_figure(const Sample& sample, const Column& column)
{
    Figure figure{.statistic = "tail_index", .estimate = {}};
    const double beyond = sample.trials_beyond(index_level);
    if (beyond >= least_for_index && !column.unit.starts_with("month")) {
        figure.n = static_cast<std::uint64_t>(beyond);
        figure.estimate = tail_index(sample.tail(index_level));
    }
    return figure;
}

}  // namespace

std::string percent_name(double level)
{
    return fmt::format("{:.4g}", 100 * level);
}

std::vector<double> restricted(const Column& column, std::span<const double> values)
{
    std::vector<double> within(values.begin(), values.end());
    for (double& value : within) {
        value = column.horizon ? std::min(value, *column.horizon) : value;
    }
    return within;
}

Figure quantile_figure(std::string statistic, const Sample& sample, double level,
                       RankTable& ranks, std::optional<double> effective)
{
    const double count = effective.value_or(sample.effective_count(level));
    const double outer = std::max(level, 1 - level);
    const bool is_outer = outer >= outer_level;
    // Of a lower tail the trials on its far side count; they are as many as on the near side of
    // the level that mirrors it.
    const double beyond =
        std::floor(std::min(sample.trials_beyond(outer), count * (1 - outer) * (1 + 1e-12)));
    Figure figure{.statistic = std::move(statistic),
                  .estimate = {},
                  .n = static_cast<std::uint64_t>(is_outer ? beyond : std::floor(count))};
    if (!is_outer || tail_sample(beyond) != TailSample::too_few) {
        figure.estimate = quantile_estimate(sample, level, count, ranks);
    }
    return figure;
}

Figure mean_figure(std::span<const double> values, std::span<const double> weights,
                   Sampling sampling)
{
    const Shape shape =
        weights.empty() ? shape_of(moments_of(values)) : shape_of(values, weights);
    const Figure plain = mean_of_shape(shape, values.size());
    return sampling == Sampling::sobol ? with_scrambled_error(plain, values) : plain;
}

Figure share_figure(std::string statistic, std::span<const double> holds,
                    std::span<const double> weights)
{
    if (weights.empty()) {
        const auto count = std::count_if(holds.begin(), holds.end(),
                                         [](double holds_in) { return holds_in > 0; });
        return {.statistic = std::move(statistic),
                .estimate = proportion(static_cast<std::size_t>(count), holds.size()),
                .n = holds.size()};
    }
    double mass = 0, square = 0, held = 0, held_square = 0;
    for (std::size_t trial = 0; trial < holds.size(); ++trial) {
        const double weight = weights[trial];
        mass += weight;
        square += weight * weight;
        held += weight * holds[trial];
        held_square += weight * weight * holds[trial];
    }
    const double share = held / mass;
    const double variance =
        ((1 - share) * (1 - share) * held_square + share * share * (square - held_square))
        / (mass * mass);
    // Where all trials agree, nothing shows how the weights matter.
    const double effective =
        variance > 0 ? share * (1 - share) / variance : mass * mass / square;
    return {.statistic = std::move(statistic),
            .estimate = wilson_interval(share, effective),
            .n = holds.size()};
}

ColumnSummary summarise_column(const ColumnTrials& trials, RankTable& ranks)
{
    const std::unique_ptr<Sample> sample = sample_of(trials);
    // The tail and the median first: what is then left to be parted is short.
    sample->tail(tail_levels.front());
    sample->value_at(sample->mass() / 2);
    ColumnSummary summary{*trials.column, {}};
    if (trials.column->horizon) {
        append_restricted(trials, summary.figures);
    } else {
        append_moments(trials, summary.figures);
    }
    append_quantiles(trials, *sample, ranks, summary.figures);
    if (!trials.column->horizon) {
        append_expected_shortfalls(*sample, summary.figures);
        summary.figures.push_back(index_figure(*sample, *trials.column));
    }
    append_probabilities(trials, summary.figures);
    return summary;
}

ColumnSummary summarise_column(const Column& column, std::span<const double> values,
                               Sampling sampling)
{
    RankTable ranks;
    return summarise_column(
        {.column = &column, .values = values, .weights = {}, .sampling = sampling}, ranks);
}

const Figure* ColumnSummary::find(std::string_view statistic) const
{
    const auto found = std::find_if(figures.begin(), figures.end(), [&](const Figure& figure) {
        return figure.statistic == statistic;
    });
    return found == figures.end() ? nullptr : &*found;
}

const Figure& ColumnSummary::figure(std::string_view statistic) const
{
    const Figure* found = find(statistic);
    if (found == nullptr) {
        throw std::logic_error(fmt::format("{}: no statistic {}", column.metric, statistic));
    }
    return *found;
}

WorstTrials::WorstTrials(std::span<const double> losses, std::span<const double> weights,
                         double level)
{
    if (losses.empty()) {
        return;
    }
    const std::vector<double> ones(weights.empty() ? losses.size() : 0, 1.0);
    const std::span<const double> weight = weights.empty() ? std::span(ones) : weights;
    const std::unique_ptr<Sample> sample = sample_of({.values = losses, .weights = weights});
    const double beyond = sample->trials_beyond(level);
    beyond_ = static_cast<std::uint64_t>(beyond);
    share_ = sample->mass() * (1 - level);
    if (tail_sample(beyond) == TailSample::too_few) {
        return;
    }
    const double boundary = sample->value_at(sample->mass() * level);
    double tied = 0, worse = 0;
    for (std::size_t trial = 0; trial < losses.size(); ++trial) {
        (losses[trial] > boundary ? worse : tied) +=
            losses[trial] >= boundary ? weight[trial] : 0;
    }
    const double of_tied = (share_ - worse) / tied;
    level_ = level;
    // As many trials on either side of the level as make a mean, and still lie close to it.
    const double aside =
        sample->mass() * std::sqrt(beyond) / static_cast<double>(losses.size());
    const double rank = sample->mass() * level;
    const double nearly = sample->value_at(std::max(0.0, rank - aside));
    const double just = sample->value_at(std::min(sample->mass(), rank + aside));
    for (std::size_t trial = 0; trial < losses.size(); ++trial) {
        if (losses[trial] >= boundary) {
            trials_.push_back(trial);
            whole_weights_.push_back(weight[trial]);
            weights_.push_back(weight[trial] * (losses[trial] > boundary ? 1.0 : of_tied));
        } else {
            other_squares_ += weight[trial] * weight[trial];
        }
        if (losses[trial] >= nearly && losses[trial] <= just) {
            edge_.push_back(trial);
            edge_weights_.push_back(weight[trial]);
        }
    }
}

Figure WorstTrials::mean_of(std::span<const double> values) const
{
    Figure figure{.statistic = "tail_mean", .estimate = {}, .n = beyond_};
    if (trials_.empty()) {
        return figure;
    }
    double mean = 0;
    for (std::size_t worst = 0; worst < trials_.size(); ++worst) {
        mean += weights_[worst] * values[trials_[worst]] / share_;
    }
    double at_edge = 0, mass_of_edge = 0;
    for (std::size_t near = 0; near < edge_.size(); ++near) {
        at_edge += edge_weights_[near] * values[edge_[near]];
        mass_of_edge += edge_weights_[near];
    }
    at_edge /= mass_of_edge;
    const double rest = at_edge - mean;
    double square = other_squares_ * rest * rest;
    for (std::size_t worst = 0; worst < trials_.size(); ++worst) {
        const double influence =
            weights_[worst] * (values[trials_[worst]] - at_edge) / (1 - level_)
            + whole_weights_[worst] * rest;
        square += influence * influence;
    }
    figure.standard_error = std::sqrt(square) * (1 - level_) / share_;
    figure.estimate = normal_estimate(mean, figure.standard_error);
    return figure;
}

}  // namespace chokepoint
