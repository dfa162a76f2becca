#include "block_runner.hpp"

#include "chokepoint/support/elementary.hpp"
#include "chokepoint/trial/trial.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace chokepoint {

BlockRunner::BlockRunner(const Model& model, const MeterPanel& panel,
                         const EventCounter& counter, const RunSettings& settings)
    : panel_(panel),
      counter_(counter),
      seed_(settings.seed),
      trials_at_once_(settings.lanes),
      months_(static_cast<std::size_t>(model.months)),
      has_twins_(!model.uncertain_parameters.empty()),
      lanes_(model, settings.seed, settings.sampling, settings.clearance,
             settings.tilt ? &*settings.tilt : nullptr, settings.calm),
      has_weights_(settings.tilt.has_value()),
      gauge_(panel.gauge()),
      keeps_bands_(settings.keeps_bands),
      bands_(settings.keeps_bands ? panel.month_values() : 0),
      figures_(panel.columns().size() * most_lanes),
      series_(panel.series().size() * most_lanes)
{
    if (settings.records_episodes) {
        episodes_.emplace(model);
    }
}

TrialBlock BlockRunner::run(std::uint64_t first, std::uint64_t end)
{
    const std::size_t columns = panel_.columns().size();
    TrialBlock block{
        .trials = end - first,
        .values = std::vector<double>(columns * (end - first)),
        .twin_values = std::vector<double>(has_twins_ ? columns * twins_of(end - first) : 0),
        .log_weights = {},
        .band_moments = MomentsTable(0),
        .events = counter_.empty_tallies(),
        .episodes = {}};
    for (std::uint64_t trial = first; trial < end; trial += trials_at_once_) {
        run_side_by_side(trial, std::min(trial + trials_at_once_, end), trial - first, block);
    }
    block.band_moments = bands_.take_moments();
    return block;
}

void BlockRunner::run_side_by_side(std::uint64_t first, std::uint64_t end, std::uint64_t place,
                                   TrialBlock& block)
{
    const auto trials = static_cast<std::size_t>(end - first);
    numbers_.clear();
    for (std::uint64_t trial = first; trial < end; ++trial) {
        numbers_.push_back(trial);
    }
    for (std::uint64_t trial = first; has_twins_ && trial < end; trial += trials_per_twin) {
        numbers_.push_back(twin_of(trial));
    }
    const std::size_t lanes = numbers_.size();
    lanes_.start(numbers_);
    weigh(trials, block);
    gauge_->start(lanes_.trials());
    if (episodes_) {
        episodes_->start(lanes_.trials());
    }
    for (std::size_t month = 0; month < months_; ++month) {
        const std::span<double> series =
            std::span(series_).first(panel_.series().size() * lanes);
        const LaneMonth& cleared = lanes_.next_month();
        gauge_->add(cleared, series);
        if (episodes_) {
            episodes_->add(cleared);
        }
        if (keeps_bands_) {
            keep_month(month, lanes, trials, series);
        }
    }
    const std::span<double> figures =
        std::span(figures_).first(panel_.columns().size() * lanes);
    gauge_->finish(figures);
    check(figures);
    keep_figures(figures, trials, place, block);
    if (episodes_) {
        episodes_->finish(trials, block.episodes);
    }
    for (std::size_t lane = 0; lane < trials; ++lane) {
        keep_facts(lane, block);
    }
}

void BlockRunner::weigh(std::size_t trials, TrialBlock& block)
{
    copies_.clear();
    for (std::size_t lane = 0; has_weights_ && lane < trials; ++lane) {
        block.log_weights.push_back(lanes_.log_weight(lane));
        const double weight = portable_exp(block.log_weights.back());
        copies_.insert(copies_.end(), copies_of(weight, {seed_, numbers_[lane]}), lane);
    }
}

void BlockRunner::keep_month(std::size_t month, std::size_t lanes, std::size_t trials,
                             std::span<const double> series)
{
    for (std::size_t position = 0; position < panel_.series().size(); ++position) {
        const std::span<const double> values = series.subspan(position * lanes, trials);
        const std::size_t place = position * months_ + month;
        const std::optional<std::size_t> wrong =
            has_weights_ ? add_copies(place, values) : bands_.add(place, values);
        if (wrong) {
            const Series& of = panel_.series()[position];
            throw TrialError(
                {seed_, numbers_[*wrong]},
                fmt::format("{} of {}, {} in month {} is {} (must be at least 0)", of.series,
                            of.commodity, of.region, month, values[*wrong]));
        }
    }
}

std::optional<std::size_t> BlockRunner::add_copies(std::size_t place,
                                                   std::span<const double> values)
{
    for (std::size_t first = 0; first < copies_.size(); first += BandTable::most_at_once) {
        const auto lanes = std::span(copies_).subspan(
            first, std::min(BandTable::most_at_once, copies_.size() - first));
        copied_.clear();
        for (const std::size_t lane : lanes) {
            copied_.push_back(values[lane]);
        }
        if (const std::optional<std::size_t> wrong = bands_.add(place, copied_)) {
            return lanes[*wrong];
        }
    }
    return std::nullopt;
}

void BlockRunner::check(std::span<const double> figures) const
{
    const auto wrong =
        std::ranges::find_if(figures, [](double figure) { return std::isnan(figure); });
    if (wrong != figures.end()) {
        const auto at = static_cast<std::size_t>(wrong - figures.begin());
        const Column& of = panel_.columns()[at / numbers_.size()];
        throw TrialError(
            {seed_, numbers_[at % numbers_.size()]},
            fmt::format("{} of {}, {} is not a number", of.metric, of.commodity, of.region));
    }
}

void BlockRunner::keep_figures(std::span<const double> figures, std::size_t trials,
                               std::uint64_t place, TrialBlock& block) const
{
    const std::size_t lanes = numbers_.size();
    const std::uint64_t twins = twins_of(block.trials);
    for (std::size_t column = 0; column < panel_.columns().size(); ++column) {
        const double* row = &figures[column * lanes];
        std::copy_n(row, trials, &block.values[column * block.trials + place]);
        if (lanes > trials) {
            std::copy_n(row + trials, lanes - trials,
                        &block.twin_values[column * twins + place / trials_per_twin]);
        }
    }
}

void BlockRunner::keep_facts(std::size_t lane, TrialBlock& block) const
{
    const auto times = has_weights_ ? std::count(copies_.begin(), copies_.end(), lane) : 1;
    for (std::ptrdiff_t time = 0; time < times; ++time) {
        counter_.add(lanes_.timeline(lane), block.events);
    }
    const std::uint64_t unsettled = lanes_.unsettled_months(lane);
    if (block.unsettled_months == 0 && unsettled > 0) {
        block.first_unsettled_trial = numbers_[lane];
    }
    block.unsettled_months += unsettled;
    block.short_references += lanes_.reference_runs_short(lane) ? 1U : 0U;
    for (const double factor : lanes_.trials()[lane].parameters->baseline.balance_factor) {
        block.balance_factor_low = std::min(block.balance_factor_low, factor);
        block.balance_factor_high = std::max(block.balance_factor_high, factor);
    }
}

}  // namespace chokepoint
