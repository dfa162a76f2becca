#include "chokepoint/engine/run.hpp"

#include "chokepoint/engine/kept_trials.hpp"
#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/random/stream.hpp"
#include "chokepoint/support/elementary.hpp"
#include "stretch_runner.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>

namespace chokepoint {
namespace {

RunResult empty_result(const MeterPanel& panel, const EventCounter& counter,
                       const RunSettings& settings)
{
    RunResult result;
    result.sampling = settings.sampling;
    result.columns = panel.columns();
    if (settings.keeps_bands) {
        result.series = panel.series();
        result.bands.resize(panel.month_values());
    }
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

/// Finished blocks in order, from the store where it has them, else run.
class BlockSource {
public:
    BlockSource(StretchRunner& runner, BlockStore* store) : runner_(runner), store_(store) {}

    /// Gives blocks of trials first … end - 1.
    /// \returns The first trial that is not given: before `end` only if stopped.
    std::uint64_t give(std::uint64_t first, std::uint64_t end,
                       const StretchRunner::HandOn& take_up, const std::stop_token& stop)
    {
        while (first < end && !stop.stop_requested()) {
            if (!waiting_.empty()) {
                take_up(waiting_.front());
                first += waiting_.front().trials;
                waiting_.pop_front();
            } else if (!take_kept(first)) {
                const std::uint64_t gap_end =
                    store_ == nullptr ? end : std::min(store_->next(first), end);
                first = runner_.run(first, gap_end, take_up, stop);
                if (gap_end < end) {
                    runner_.flush();  // stretches are without gaps
                }
            }
        }
        return first;
    }

    /// The bands of all trials given; of a kept stretch as soon as its first is.
    std::vector<LogSketch> take_bands()
    {
        add_bands(runner_.take_bands(), bands_);
        return std::move(bands_);
    }

private:
    bool take_kept(std::uint64_t first)
    {
        runner_.finish_keeping();  // the store is not to be asked meanwhile
        std::optional<FinishedStretch> kept =
            store_ == nullptr ? std::nullopt : store_->take(first);
        if (kept) {
            std::move(kept->blocks.begin(), kept->blocks.end(), std::back_inserter(waiting_));
            add_bands(std::move(kept->bands), bands_);
        }
        return kept.has_value();
    }

    StretchRunner& runner_;
    BlockStore* store_;
    std::deque<TrialBlock> waiting_;  ///< Kept ones that are not given yet.
    std::vector<LogSketch> bands_;
};

void check_lanes(const RunSettings& settings)
{
    if (settings.lanes == 0 || settings.lanes > trials_per_block || settings.lanes % 16 != 0) {
        throw std::invalid_argument("run: 16, 32, 48 or 64 trials go side by side");
    }
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

RunSettings once_more(RunSettings settings, std::uint64_t trials)
{
    settings.trials = trials;
    settings.store = nullptr;
    settings.sinks.clear();
    settings.records_episodes = false;
    settings.until.clear();
    return settings;
}

RunResult run(const Model& model, const std::vector<std::unique_ptr<Meter>>& meters,
              const RunSettings& settings, Progress& progress, std::stop_token stop)
{
    check_lanes(settings);
    if (settings.store != nullptr && !settings.keeps_bands) {
        throw std::invalid_argument("run: what is kept in a store has bands");
    }
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
    MomentsTable band_moments(result.bands.size());
    StretchRunner runner(model, panel, counter, settings);
    BlockSource source(runner, settings.store);
    const auto take_up = [&](const TrialBlock& block) {
        hand_to_sinks(block, result.trials, settings);
        append(block, keeper, result, band_moments);
        progress.advance(result.trials, settings.trials);
    };
    bool is_stopped = false;
    while (result.trials < settings.trials && !is_stopped) {
        const std::uint64_t end = end_of_stretch(settings, result.trials);
        source.give(result.trials, end, take_up, stop);
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
    if (is_stopped) {
        runner.flush();
    }
    for (std::size_t position = 0; position < result.bands.size(); ++position) {
        result.band_moments.push_back(band_moments.at(position));
    }
    if (std::vector<LogSketch> bands = source.take_bands(); !bands.empty()) {
        result.bands = std::move(bands);
    }
    return result;
}

bool run_blocks(const Model& model, const std::vector<std::unique_ptr<Meter>>& meters,
                const RunSettings& settings, const TrialRange& range, Progress& progress,
                std::stop_token stop)
{
    check_lanes(settings);
    if (settings.store == nullptr || !settings.store->is_keeping()) {
        throw std::invalid_argument("run_blocks: there is no store to keep blocks in");
    }
    const MeterPanel panel(model, meters);
    const EventCounter counter(model);
    StretchRunner runner(model, panel, counter, settings);
    std::uint64_t trial = range.first;
    const auto advance = [&](const TrialBlock& block) {
        trial += block.trials;
        progress.advance(trial - range.first, range.end - range.first);
    };
    BlockSource(runner, settings.store).give(range.first, range.end, advance, stop);
    runner.flush();
    return trial >= range.end;
}

TrialRange shard_range(std::uint64_t trials, std::uint64_t shard, std::uint64_t shards)
{
    if (shard == 0 || shard > shards) {
        throw std::invalid_argument("shard_range: shards count from 1");
    }
    const std::uint64_t blocks = (trials + trials_per_block - 1) / trials_per_block;
    // The first shards get one block more where they do not divide evenly.
    const auto begin = [&](std::uint64_t before) {
        return std::min(
            trials,
            trials_per_block * (blocks / shards * before + std::min(before, blocks % shards)));
    };
    return {.first = begin(shard - 1), .end = begin(shard)};
}

RunResult without_trials(const Model& model, const std::vector<std::unique_ptr<Meter>>& meters)
{
    const MeterPanel panel(model, meters);
    RunResult result = empty_result(panel, EventCounter(model), {});
    result.values.resize(result.columns.size());
    result.twin_values.resize(model.uncertain_parameters.empty() ? 0 : result.columns.size());
    return result;
}

}  // namespace chokepoint
