#pragma once

#include "chokepoint/engine/block_store.hpp"
#include "chokepoint/engine/event_tally.hpp"
#include "chokepoint/engine/stop_rule.hpp"
#include "chokepoint/engine/trial_block.hpp"
#include "chokepoint/engine/trial_sink.hpp"
#include "chokepoint/events/tilt.hpp"
#include "chokepoint/market/market.hpp"
#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/statistics/column_sketch.hpp"
#include "chokepoint/statistics/log_sketch.hpp"
#include "chokepoint/statistics/moments.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace chokepoint {

/// How much memory the values of trials may take unless something else is asked for, bytes.
inline constexpr std::uint64_t default_memory = 2'000'000'000;

struct RunSettings {
    std::uint64_t seed = 1;
    std::uint64_t trials = 0;  ///< At most, if there are rules to stop by.
    Sampling sampling = Sampling::plain;
    unsigned threads = 1;      ///< Changes the time, never a bit of the result.
    std::uint64_t lanes = 64;  ///< Trials side by side, a multiple of 16 up to 64; the same.
    Clearance clearance = Clearance::pooled_first;
    /// What the values of trials may take, bytes; from then on sketches stand in for them.
    std::uint64_t memory = default_memory;
    /// What the reference run runs on: the model without policies; null: the model itself.
    /// Must outlive the run.
    const Model* calm = nullptr;
    std::optional<Tilt> tilt = {};     ///< Laws to draw from in place of the scenario's own.
    std::vector<StopRule> until = {};  ///< The run ends once all of them are met.
    bool records_episodes = false;     ///< For the sinks.
    /// Whether monthly series are added up to bands; without, and without a store, a run is
    /// shorter, and the values of its trials are the same.
    bool keeps_bands = true;
    std::vector<TrialSink*> sinks = {};  ///< Must outlive the run.
    /// Where finished blocks are kept and looked for; null: nowhere. Must outlive the run.
    BlockStore* store = nullptr;
};

/// Of the same trials run once more, for themselves: nothing listens, is kept or ends them.
RunSettings once_more(RunSettings settings, std::uint64_t trials);

/// A run cannot be done in the memory that it may take.
class MemoryError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Hears how far a run is; the default hears nothing. Called from one thread at a time.
class Progress {
public:
    virtual ~Progress() = default;
    virtual void advance(std::uint64_t done, std::uint64_t total) { (void)done, (void)total; }
    /// How far the rules to stop by are met, after each look at them.
    virtual void precision(std::span<const Precision> rules) { (void)rules; }
};

/// The trials of a run: a value per trial and column, monthly bands, and what was sampled.
struct RunResult {
    std::vector<Column> columns;
    std::vector<Series> series;
    std::uint64_t trials = 0;      ///< Trials 0 … trials - 1 are done.
    bool complete = false;         ///< False if stopped early.
    std::vector<Precision> until;  ///< How far each rule is met.
    /// Values are kept of trials 0, stride, 2 stride …: of all, until they outgrow the memory.
    std::uint64_t stride = 1;
    std::vector<std::vector<double>> values;  ///< [column][trial / stride]
    std::vector<double> weights;              ///< [trial]; empty if sampled plainly.
    /// By column: of all trials, once `stride` is not 1; empty before. Of arcs without trials.
    std::vector<ColumnSketch> sketches;
    Sampling sampling = Sampling::plain;
    /// [column][pair]: values of the twins of trials 0, s, 2 s …, s the larger of 8 and the
    /// stride; no columns if no number is uncertain.
    std::vector<std::vector<double>> twin_values;
    /// [series * months + month]. Trials with weights count as often as `copies_of` says, here
    /// and among events.
    std::vector<LogSketch> bands;
    std::vector<Moments> band_moments;  ///< same
    std::vector<EventTally> events;     ///< By entry.
    /// Months, of both runs of each trial, in which taxes and quotas hold only in part.
    std::uint64_t unsettled_months = 0;
    std::uint64_t first_unsettled_trial = 0;  ///< Means something if there are such months.
    /// Trials whose undisturbed run cannot serve its users even at the choke price.
    std::uint64_t short_references = 0;
    /// Smallest and largest balance factor over trials and commodities.
    double balance_factor_low = std::numeric_limits<double>::infinity();
    double balance_factor_high = -std::numeric_limits<double>::infinity();
};

/// How often a trial of weight w counts where only whole trials can: w rounded up or down by
/// chance, so that it is w on average.
std::uint64_t copies_of(double weight, TrialKey key);

/// The trials of a column as summaries take them. \param result  Must outlive what is returned.
ColumnTrials column_trials(const RunResult& result, std::size_t column);

/// Runs trials 0 … trials - 1 in fixed blocks over threads and merges in block order.
///
/// With rules to stop by, these are looked at after 1,280 trials and then whenever a tenth more
/// of them are done (`next_check`); the run ends at the first look at which all are met.
///
/// When `stop` is requested, blocks under way are finished and no new one begins: always trials
/// 0 … k - 1 of whole blocks, returned with `complete` false.
///
/// What the store holds is not run again; what is run goes there now and then, and the rest
/// when the run is stopped. The result is the same to the last bit.
///
/// \throws std::invalid_argument  if there is a store, but no bands for it.
/// \throws NameError    if a rule names no figure of the run.
/// \throws MemoryError  if the memory does not suffice for some blocks of trials, or if all
///                      values are needed (Sobol' points, weights) and there is no room for
///                      them.
/// \throws whatever a trial throws (the lowest-numbered failing trial's exception), or a sink.
RunResult run(const Model& model, const std::vector<std::unique_ptr<Meter>>& meters,
              const RunSettings& settings, Progress& progress, std::stop_token stop = {});

/// Trials first … end - 1.
struct TrialRange {
    std::uint64_t first = 0, end = 0;

    bool operator==(const TrialRange&) const = default;
};

/// The trials of one of several shards: whole blocks in a row; none if there are more shards
/// than blocks. \param shard  From 1.
TrialRange shard_range(std::uint64_t trials, std::uint64_t shard, std::uint64_t shards);

/// Runs a range of trials into the settings' store, but for what the store holds already.
/// \returns False if stopped: what is finished is kept all the same.
bool run_blocks(const Model& model, const std::vector<std::unique_ptr<Meter>>& meters,
                const RunSettings& settings, const TrialRange& range, Progress& progress,
                std::stop_token stop = {});

/// The result of a run before its first trial: its columns, series and events.
RunResult without_trials(const Model& model, const std::vector<std::unique_ptr<Meter>>& meters);

}  // namespace chokepoint
