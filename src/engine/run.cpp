#include "chokepoint/engine/run.hpp"

#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/engine/ordered_blocks.hpp"
#include "chokepoint/statistics/band_table.hpp"
#include "chokepoint/trial/trial.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <stdexcept>

#include <fmt/format.h>

namespace chokepoint {
namespace {

static_assert(trials_per_block % trials_per_twin == 0, "else blocks would not join up");

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

/// True if users lack what they want at the choke price in some month.
bool runs_short(const Path& path)
{
    constexpr double rounding = 1e-9;
    for (std::size_t at = 0; at < path.rationed.size(); ++at) {
        if (path.rationed[at] > rounding * (path.rationed[at] + path.consumption[at])) {
            return true;
        }
    }
    return false;
}

/// One thread's own: a runner, the bands of the trials that it ran, and work arrays.
class BlockRunner {
public:
    BlockRunner(const Model& model, const MeterPanel& panel, const EventCounter& counter,
                const RunSettings& settings)
        : panel_(panel),
          counter_(counter),
          seed_(settings.seed),
          has_twins_(!model.uncertain_parameters.empty()),
          runner_(model, settings.seed, settings.sampling),
          bands_(panel.month_values()),
          row_(panel.columns().size()),
          months_(panel.month_values() * trials_at_once)
    {}

    /// Trials first … end - 1.
    TrialBlock run(std::uint64_t first, std::uint64_t end)
    {
        TrialBlock block{.trials = end - first,
                         .values = std::vector<double>(row_.size() * (end - first)),
                         .twin_values = std::vector<double>(
                             has_twins_ ? row_.size() * twins_of(end - first) : 0),
                         .band_moments = MomentsTable(0),
                         .events = counter_.empty_tallies()};
        for (std::uint64_t trial = first; trial < end; ++trial) {
            const TrialRecord record = runner_.run(trial);
            const std::uint64_t place = trial - first;
            panel_.measure(record, row_, months_of(place % trials_at_once));
            check(trial, months_of(place % trials_at_once));
            keep(record, place, block);
            if ((place + 1) % trials_at_once == 0 || trial + 1 == end) {
                keep_months(place % trials_at_once + 1);
            }
        }
        block.band_moments = bands_.take_moments();
        for (std::uint64_t trial = first; has_twins_ && trial < end; trial += trials_per_twin) {
            panel_.measure(runner_.run(twin_of(trial)), row_, months_of(0));
            check(twin_of(trial), months_of(0));
            keep_twin((trial - first) / trials_per_twin, block);
        }
        return block;
    }

    std::vector<LogSketch> take_bands() { return bands_.take_sketches(); }

private:
    /// Months are gathered for this many trials before they go into the bands.
    static constexpr std::size_t trials_at_once = 16;

    std::span<double> months_of(std::size_t slot)
    {
        return std::span(months_).subspan(slot * panel_.month_values(), panel_.month_values());
    }

    void check(std::uint64_t trial, std::span<const double> months) const
    {
        for (std::size_t column = 0; column < row_.size(); ++column) {
            if (std::isnan(row_[column])) {
                const Column& of = panel_.columns()[column];
                throw TrialError({seed_, trial},
                                 fmt::format("{} of {}, {} is not a number", of.metric,
                                             of.commodity, of.region));
            }
        }
        for (std::size_t position = 0; position < months.size(); ++position) {
            if (!(months[position] >= 0)) {
                const std::size_t month_count = months.size() / panel_.series().size();
                const Series& of = panel_.series()[position / month_count];
                throw TrialError(
                    {seed_, trial},
                    fmt::format("{} of {}, {} in month {} is {} (must be at least 0)",
                                of.series, of.commodity, of.region, position % month_count,
                                months[position]));
            }
        }
    }

    void keep(const TrialRecord& record, std::uint64_t place, TrialBlock& block)
    {
        for (std::size_t column = 0; column < row_.size(); ++column) {
            block.values[column * block.trials + place] = row_[column];
        }
        counter_.add(*record.timeline, block.events);
        const std::uint64_t unsettled = record.unsettled_months;
        if (block.unsettled_months == 0 && unsettled > 0) {
            block.first_unsettled_trial = record.trial;
        }
        block.unsettled_months += unsettled;
        block.short_references += static_cast<std::uint64_t>(runs_short(*record.reference));
        for (const double factor : record.parameters->baseline.balance_factor) {
            block.balance_factor_low = std::min(block.balance_factor_low, factor);
            block.balance_factor_high = std::max(block.balance_factor_high, factor);
        }
    }

    void keep_twin(std::uint64_t place, TrialBlock& block) const
    {
        const std::uint64_t twins = twins_of(block.trials);
        for (std::size_t column = 0; column < row_.size(); ++column) {
            block.twin_values[column * twins + place] = row_[column];
        }
    }

    /// \param trials  How many are gathered.
    void keep_months(std::size_t trials)
    {
        const std::size_t month_values = panel_.month_values();
        std::array<double, trials_at_once> values;
        for (std::size_t position = 0; position < month_values; ++position) {
            for (std::size_t slot = 0; slot < trials; ++slot) {
                values[slot] = months_[slot * month_values + position];
            }
            if (bands_.add(position, std::span(values).first(trials))) {
                throw std::logic_error("a month that `check` has let pass is below 0");
            }
        }
    }

    const MeterPanel& panel_;
    const EventCounter& counter_;
    std::uint64_t seed_;
    bool has_twins_;
    TrialRunner runner_;
    BandTable bands_;
    std::vector<double> row_, months_;
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
