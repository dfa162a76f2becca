#include "chokepoint/engine/run.hpp"

#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/engine/ordered_blocks.hpp"
#include "chokepoint/statistics/band_table.hpp"
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
    MomentsTable band_moments;        ///< [series * months + month]
    std::vector<EventTally> events;
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
          lanes_(model, settings.seed, settings.sampling, settings.clearance),
          gauge_(panel.gauge()),
          bands_(panel.month_values()),
          figures_(panel.columns().size() * most_lanes),
          series_(panel.series().size() * most_lanes)
    {}

    /// Trials first … end - 1.
    TrialBlock run(std::uint64_t first, std::uint64_t end)
    {
        const std::size_t columns = panel_.columns().size();
        TrialBlock block{.trials = end - first,
                         .values = std::vector<double>(columns * (end - first)),
                         .twin_values = std::vector<double>(
                             has_twins_ ? columns * twins_of(end - first) : 0),
                         .band_moments = MomentsTable(0),
                         .events = counter_.empty_tallies()};
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
        gauge_->start(lanes_.trials());
        for (std::size_t month = 0; month < months_; ++month) {
            const std::span<double> series =
                std::span(series_).first(panel_.series().size() * lanes);
            gauge_->add(lanes_.next_month(), series);
            keep_month(month, lanes, trials, series);
        }
        const std::span<double> figures =
            std::span(figures_).first(panel_.columns().size() * lanes);
        gauge_->finish(figures);
        check(figures);
        keep_figures(figures, trials, place, block);
        for (std::size_t lane = 0; lane < trials; ++lane) {
            keep_facts(lane, block);
        }
    }

    void keep_month(std::size_t month, std::size_t lanes, std::size_t trials,
                    std::span<const double> series)
    {
        for (std::size_t position = 0; position < panel_.series().size(); ++position) {
            const std::span<const double> values = series.subspan(position * lanes, trials);
            if (const std::optional<std::size_t> wrong =
                    bands_.add(position * months_ + month, values)) {
                const Series& of = panel_.series()[position];
                throw TrialError(
                    {seed_, numbers_[*wrong]},
                    fmt::format("{} of {}, {} in month {} is {} (must be at least 0)",
                                of.series, of.commodity, of.region, month, values[*wrong]));
            }
        }
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
        counter_.add(lanes_.timeline(lane), block.events);
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
    std::unique_ptr<Gauge> gauge_;
    BandTable bands_;
    std::vector<std::uint64_t> numbers_;  ///< Of trials and twins, by lane.
    LaneArray<double> figures_, series_;
};

RunResult empty_result(const Model& model, const MeterPanel& panel, const EventCounter& counter,
                       const RunSettings& settings)
{
    RunResult result;
    result.sampling = settings.sampling;
    result.columns = panel.columns();
    result.series = panel.series();
    result.values.resize(panel.columns().size());
    for (std::vector<double>& column : result.values) {
        column.reserve(settings.trials);
    }
    if (!model.uncertain_parameters.empty()) {
        result.twin_values.resize(panel.columns().size());
    }
    result.bands.resize(panel.month_values());
    result.events = counter.empty_tallies();
    return result;
}

/// Appends each column's values of a block, [column * count + place].
void append_columns(const std::vector<double>& values, std::uint64_t count,
                    std::vector<std::vector<double>>& columns)
{
    for (std::size_t column = 0; column < columns.size(); ++column) {
        const auto first = values.begin() + static_cast<std::ptrdiff_t>(column * count);
        columns[column].insert(columns[column].end(), first,
                               first + static_cast<std::ptrdiff_t>(count));
    }
}

/// Merging in block order keeps the sums' last bits independent of the threads.
void append(const TrialBlock& block, RunResult& result, MomentsTable& band_moments)
{
    append_columns(block.values, block.trials, result.values);
    append_columns(block.twin_values, twins_of(block.trials), result.twin_values);
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
    result.trials += block.trials;
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

RunResult run(const Model& model, const std::vector<std::unique_ptr<Meter>>& meters,
              const RunSettings& settings, Progress& progress, std::stop_token stop)
{
    if (settings.lanes == 0 || settings.lanes > trials_per_block || settings.lanes % 16 != 0) {
        throw std::invalid_argument("run: 16, 32, 48 or 64 trials go side by side");
    }
    const std::uint64_t blocks = (settings.trials + trials_per_block - 1) / trials_per_block;
    const MeterPanel panel(model, meters);
    const EventCounter counter(model);
    std::vector<BlockRunner> runners;
    for (unsigned thread = 0; thread < settings.threads && thread < blocks; ++thread) {
        runners.emplace_back(model, panel, counter, settings);
    }

    RunResult result = empty_result(model, panel, counter, settings);
    const auto run_block = [&](unsigned thread, std::uint64_t block) {
        const std::uint64_t first = block * trials_per_block;
        return runners[thread].run(first, std::min(first + trials_per_block, settings.trials));
    };
    MomentsTable band_moments(panel.month_values());
    const auto hand_on = [&](std::uint64_t, TrialBlock&& block) {
        for (TrialSink* sink : settings.sinks) {
            sink->take({.first = result.trials,
                        .count = block.trials,
                        .values = block.values,
                        .log_weights = {}});
        }
        append(block, result, band_moments);
        progress.advance(result.trials, settings.trials);
    };
    OrderedBlocks<TrialBlock>::run(blocks, settings.threads, run_block, hand_on,
                                   std::move(stop));
    result.complete = result.trials == settings.trials;
    for (std::size_t position = 0; position < panel.month_values(); ++position) {
        result.band_moments.push_back(band_moments.at(position));
    }
    if (!runners.empty()) {
        result.bands = merged_bands(runners);
    }
    return result;
}

}  // namespace chokepoint
