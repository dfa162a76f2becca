#pragma once

#include "chokepoint/engine/event_tally.hpp"
#include "chokepoint/engine/trial_sink.hpp"
#include "chokepoint/market/market.hpp"
#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/statistics/log_sketch.hpp"
#include "chokepoint/statistics/moments.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <stop_token>
#include <vector>

namespace chokepoint {

struct RunSettings {
    std::uint64_t seed = 1;
    std::uint64_t trials = 0;
    Sampling sampling = Sampling::plain;
    unsigned threads = 1;      ///< Changes the time, never a bit of the result.
    std::uint64_t lanes = 64;  ///< Trials side by side, a multiple of 16 up to 64; the same.
    Clearance clearance = Clearance::pooled_first;
    std::vector<TrialSink*> sinks =
        {};  ///< Each takes all trials. What it throws ends the run.
};

/// Hears how far a run is; the default hears nothing. Called from one thread at a time.
class Progress {
public:
    virtual ~Progress() = default;
    virtual void advance(std::uint64_t done, std::uint64_t total) { (void)done, (void)total; }
};

/// The trials of a run: a value per trial and column, monthly bands, and what was sampled.
struct RunResult {
    std::vector<Column> columns;
    std::vector<Series> series;
    std::uint64_t trials = 0;                 ///< Trials 0 … trials - 1 are done.
    bool complete = false;                    ///< False if stopped early.
    std::vector<std::vector<double>> values;  ///< [column][trial]
    Sampling sampling = Sampling::plain;
    /// [column][pair]: values of the twins of trials 0, 8, 16 …; no columns if no number is
    /// uncertain.
    std::vector<std::vector<double>> twin_values;
    std::vector<LogSketch> bands;       ///< [series * months + month]
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

/// How many trials a block holds. Part of the contract: sums are merged block by block, so
/// another number gives other last bits.
inline constexpr std::uint64_t trials_per_block = 64;

/// Every so many trials one has a twin (`twin_of`) run beside it, where numbers are uncertain.
inline constexpr std::uint64_t trials_per_twin = 8;

/// How many twins that makes.
constexpr std::uint64_t twins_of(std::uint64_t trials)
{
    return (trials + trials_per_twin - 1) / trials_per_twin;
}

/// Runs trials 0 … trials - 1 in fixed blocks over threads and merges in block order.
///
/// When `stop` is requested, blocks under way are finished and no new one begins: always trials
/// 0 … k - 1 of whole blocks, returned with `complete` false. \throws whatever a trial or a
/// sink throws (the lowest-numbered failing trial's exception).
RunResult run(const Model& model, const std::vector<std::unique_ptr<Meter>>& meters,
              const RunSettings& settings, Progress& progress, std::stop_token stop = {});

}  // namespace chokepoint
