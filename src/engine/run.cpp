#include "chokepoint/engine/run.hpp"

#include "chokepoint/engine/kept_trials.hpp"
#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/engine/ordered_blocks.hpp"
#include "chokepoint/random/stream.hpp"
#include "chokepoint/statistics/band_table.hpp"
#include "chokepoint/support/elementary.hpp"
#include "chokepoint/support/lane_array.hpp"
#include "chokepoint/support/lanes.hpp"
#include "chokepoint/trial/trial.hpp"
#include "chokepoint/trial/trial_lanes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <stdexcept>

#include <fmt/format.h>

namespace chokepoint {
namespace {

static_assert(trials_per_block % trials_per_twin == 0, "else blocks would not join up");
static_assert(trials_per_block + twins_of(trials_per_block) == most_lanes);

/// What one block of trials adds to the result.
struct TrialBlock {
    std::uint64_t trials = 0;
    std::vector<double> values;       ///< [column * trials + trial in block]
    std::vector<double> twin_values;  ///< [column * twins of the block + twin]
    std::vector<double> log_weights;  ///< By trial; empty if sampled plainly.
    MomentsTable band_moments;        ///< [series * months + month]
    std::vector<EventTally> events;
    std::vector<Episode> episodes;
    std::uint64_t unsettled_months = 0;
    std::uint64_t first_unsettled_trial = 0;
    std::uint64_t short_references = 0;
    double balance_factor_low = std::numeric_limits<double>::infinity();
    double balance_factor_high = -std::numeric_limits<double>::infinity();
};

/// One thread's own: lanes, gauges, and the bands of the trials that it ran.
class BlockRunner {
public:
    BlockRunner(const Model& model, const MeterPanel& panel, const EventCounter& counter,
                const RunSettings& settings)
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
          bands_(panel.month_values()),
          figures_(panel.columns().size() * most_lanes),
          series_(panel.series().size() * most_lanes)
    {
        if (settings.records_episodes) {
            episodes_.emplace(model);
        }
    }

    /// Trials first … end - 1.
    TrialBlock run(std::uint64_t first, std::uint64_t end)
    {
        const std::size_t columns = panel_.columns().size();
        TrialBlock block{.trials = end - first,
                         .values = std::vector<double>(columns * (end - first)),
                         .twin_values = std::vector<double>(
                             has_twins_ ? columns * twins_of(end - first) : 0),
                         .log_weights = {},
                         .band_moments = MomentsTable(0),
                         .events = counter_.empty_tallies(),
                         .episodes = {}};
        for (std::uint64_t trial = first; trial < end; trial += trials_at_once_) {
            run_side_by_side(trial, std::min(trial + trials_at_once_, end), trial - first,
                             block);
        }
        block.band_moments = bands_.take_moments();
        return block;
    }

    std::vector<LogSketch> take_bands() { return bands_.take_sketches(); }

private:
    /// \param place  Of the first of them in the block.
    void run_side_by_side(std::uint64_t first, std::uint64_t end, std::uint64_t place,
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
            keep_month(month, lanes, trials, series);
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

    /// Takes down how much the trials weigh, and how often they count for the bands.
    void weigh(std::size_t trials, TrialBlock& block)
    {
        copies_.clear();
        for (std::size_t lane = 0; has_weights_ && lane < trials; ++lane) {
            block.log_weights.push_back(lanes_.log_weight(lane));
            const double weight = portable_exp(block.log_weights.back());
            copies_.insert(copies_.end(), copies_of(weight, {seed_, numbers_[lane]}), lane);
        }
    }

    void keep_month(std::size_t month, std::size_t lanes, std::size_t trials,
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
                    fmt::format("{} of {}, {} in month {} is {} (must be at least 0)",
                                of.series, of.commodity, of.region, month, values[*wrong]));
            }
        }
    }

    /// Adds each value as often as its trial counts. \returns  A lane whose value is wrong.
    std::optional<std::size_t> add_copies(std::size_t place, std::span<const double> values)
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

    void check(std::span<const double> figures) const
    {
        const auto wrong =
            std::ranges::find_if(figures, [](double figure) { return std::isnan(figure); });
        if (wrong != figures.end()) {
            const auto at = static_cast<std::size_t>(wrong - figures.begin());
            const Column& of = panel_.columns()[at / numbers_.size()];
            throw TrialError({seed_, numbers_[at % numbers_.size()]},
                             fmt::format("{} of {}, {} is not a number", of.metric,
                                         of.commodity, of.region));
        }
    }

    /// Takes a trial's or a twin's figures over into the block.
    void keep_figures(std::span<const double> figures, std::size_t trials, std::uint64_t place,
                      TrialBlock& block) const
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

    /// What is to be told of a trial beside its figures.
    void keep_facts(std::size_t lane, TrialBlock& block) const
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

    const MeterPanel& panel_;
    const EventCounter& counter_;
    std::uint64_t seed_;
    std::uint64_t trials_at_once_;
    std::size_t months_;
    bool has_twins_;
    TrialLanes lanes_;
    bool has_weights_;
    std::vector<std::size_t> copies_;  ///< Lanes, each as often as its trial counts.
    std::vector<double> copied_;       ///< Scratch.
    std::unique_ptr<Gauge> gauge_;
    BandTable bands_;
    std::optional<EpisodeRecorder> episodes_;  ///< If asked for.
    std::vector<std::uint64_t> numbers_;       ///< Of trials and twins, by lane.
    LaneArray<double> figures_, series_;
};

RunResult empty_result(const MeterPanel& panel, const EventCounter& counter,
                       const RunSettings& settings)
{
    RunResult result;
    result.sampling = settings.sampling;
    result.columns = panel.columns();
    result.series = panel.series();
    result.bands.resize(panel.month_values());
    result.events = counter.empty_tallies();
    return result;
}

void hand_to_sinks(const TrialBlock& block, std::uint64_t first, const RunSettings& settings)
{
    for (TrialSink* sink : settings.sinks) {
        sink->take({.first = first,
                    .count = block.trials,
                    .values = block.values,
                    .log_weights = block.log_weights,
                    .episodes = block.episodes});
    }
}

/// Merging in block order keeps the sums' last bits independent of the threads.
void append(const TrialBlock& block, TrialKeeper& keeper, RunResult& result,
            MomentsTable& band_moments)
{
    keeper.add(block.trials, block.values, block.twin_values);
    for (const double log_weight : block.log_weights) {
        result.weights.push_back(portable_exp(log_weight));
    }
    band_moments.merge(block.band_moments);
    for (std::size_t entry = 0; entry < result.events.size(); ++entry) {
        result.events[entry].per_trial.merge(block.events[entry].per_trial);
        result.events[entry].duration_months.merge(block.events[entry].duration_months);
        result.events[entry].severity.merge(block.events[entry].severity);
    }
    if (result.unsettled_months == 0) {
        result.first_unsettled_trial = block.first_unsettled_trial;
    }
    result.unsettled_months += block.unsettled_months;
    result.short_references += block.short_references;
    result.balance_factor_low = std::min(result.balance_factor_low, block.balance_factor_low);
    result.balance_factor_high =
        std::max(result.balance_factor_high, block.balance_factor_high);
}

/// How far the rules are met by the trials so far.
std::vector<Precision> precision_of(const RunSettings& settings, const RunResult& result)
{
    std::vector<Precision> all;
    for (const StopRule& rule : settings.until) {
        all.push_back(precision_of(
            rule, column_trials(result, find_column(result.columns, rule.figure.column))));
    }
    return all;
}

bool all_met(const std::vector<Precision>& rules)
{
    return std::all_of(rules.begin(), rules.end(),
                       [](const Precision& rule) { return rule.is_met; });
}

/// Rules are looked at only between stretches of trials, so that no thread runs ahead.
std::uint64_t end_of_stretch(const RunSettings& settings, std::uint64_t done)
{
    return settings.until.empty() ? settings.trials
                                  : std::min(next_check(done), settings.trials);
}

/// The bands of all threads: counts, to which the order of threads does not matter.
std::vector<LogSketch> merged_bands(std::vector<BlockRunner>& runners)
{
    std::vector<LogSketch> bands = runners.front().take_bands();
    for (BlockRunner& runner : std::span(runners).subspan(1)) {
        const std::vector<LogSketch> others = runner.take_bands();
        for (std::size_t position = 0; position < bands.size(); ++position) {
            bands[position].merge(others[position]);
        }
    }
    return bands;
}

}  // namespace

std::uint64_t copies_of(double weight, TrialKey key)
{
    Philox stream = make_stream(key.seed, Purpose::copies, key.trial, 0);
    return static_cast<std::uint64_t>(weight + uniform01(stream));
}

ColumnTrials column_trials(const RunResult& result, std::size_t column)
{
    return {.column = &result.columns[column],
            .values = result.values[column],
            .weights = result.weights,
            .sampling = result.sampling,
            .sketch = result.sketches.empty() ? nullptr : &result.sketches[column]};
}

RunResult run(const Model& model, const std::vector<std::unique_ptr<Meter>>& meters,
              const RunSettings& settings, Progress& progress, std::stop_token stop)
{
    if (settings.lanes == 0 || settings.lanes > trials_per_block || settings.lanes % 16 != 0) {
        throw std::invalid_argument("run: 16, 32, 48 or 64 trials go side by side");
    }
    const std::uint64_t blocks = (settings.trials + trials_per_block - 1) / trials_per_block;
    const MeterPanel panel(model, meters);
    const EventCounter counter(model);
    RunResult result = empty_result(panel, counter, settings);
    TrialKeeper keeper(result, !model.uncertain_parameters.empty(), settings.memory);
    const bool needs_all = settings.sampling == Sampling::sobol || settings.tilt;
    if (needs_all && keeper.room() < settings.trials) {
        throw MemoryError(fmt::format(
            "{} needs all values of all trials: with this memory no more than {} trials (raise "
            "--memory)",
            settings.tilt ? "importance sampling" : "sampling: sobol", keeper.room()));
    }
    for (const StopRule& rule : settings.until) {
        check_rule(rule, result.columns);
    }
    std::vector<BlockRunner> runners;
    for (unsigned thread = 0; thread < settings.threads && thread < blocks; ++thread) {
        runners.emplace_back(model, panel, counter, settings);
    }

    MomentsTable band_moments(panel.month_values());
    bool is_stopped = false;
    while (result.trials < settings.trials && !is_stopped) {
        const std::uint64_t first_of_all = result.trials;
        const std::uint64_t end = end_of_stretch(settings, result.trials);
        const auto run_block = [&](unsigned thread, std::uint64_t block) {
            const std::uint64_t first = first_of_all + block * trials_per_block;
            return runners[thread].run(first, std::min(first + trials_per_block, end));
        };
        const auto hand_on = [&](std::uint64_t, TrialBlock&& block) {
            hand_to_sinks(block, result.trials, settings);
            append(block, keeper, result, band_moments);
            progress.advance(result.trials, settings.trials);
        };
        const std::uint64_t stretch =
            (end - first_of_all + trials_per_block - 1) / trials_per_block;
        OrderedBlocks<TrialBlock>::run(stretch, settings.threads, run_block, hand_on, stop);
        is_stopped = result.trials < end;
        if (result.trials > 0) {
            result.until = precision_of(settings, result);
        }
        progress.precision(result.until);
        if (!result.until.empty() && all_met(result.until)) {
            break;
        }
    }
    result.complete = !is_stopped;
    for (std::size_t position = 0; position < panel.month_values(); ++position) {
        result.band_moments.push_back(band_moments.at(position));
    }
    if (!runners.empty()) {
        result.bands = merged_bands(runners);
    }
    return result;
}

}  // namespace chokepoint
