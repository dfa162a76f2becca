#pragma once

#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/engine/run.hpp"
#include "chokepoint/statistics/band_table.hpp"
#include "chokepoint/support/lane_array.hpp"
#include "chokepoint/support/lanes.hpp"
#include "chokepoint/trial/trial_lanes.hpp"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace chokepoint {

static_assert(trials_per_block % trials_per_twin == 0, "else blocks would not join up");
static_assert(trials_per_block + twins_of(trials_per_block) == most_lanes);

/// One thread's own: lanes, gauges, and the bands of the trials that it ran.
class BlockRunner {
public:
    BlockRunner(const Model& model, const MeterPanel& panel, const EventCounter& counter,
                const RunSettings& settings);

    /// Trials first … end - 1.
    TrialBlock run(std::uint64_t first, std::uint64_t end);

    std::vector<LogSketch> take_bands() { return bands_.take_sketches(); }

private:
    /// \param place  Of the first of them in the block.
    void run_side_by_side(std::uint64_t first, std::uint64_t end, std::uint64_t place,
                          TrialBlock& block);

    /// Takes down how much the trials weigh, and how often they count for the bands.
    void weigh(std::size_t trials, TrialBlock& block);

    void keep_month(std::size_t month, std::size_t lanes, std::size_t trials,
                    std::span<const double> series);

    /// Adds each value as often as its trial counts. \returns  A lane whose value is wrong.
    std::optional<std::size_t> add_copies(std::size_t place, std::span<const double> values);

    void check(std::span<const double> figures) const;

    /// Takes a trial's or a twin's figures over into the block.
    void keep_figures(std::span<const double> figures, std::size_t trials, std::uint64_t place,
                      TrialBlock& block) const;

    /// What is to be told of a trial beside its figures.
    void keep_facts(std::size_t lane, TrialBlock& block) const;

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
    bool keeps_bands_;
    BandTable bands_;
    std::optional<EpisodeRecorder> episodes_;  ///< If asked for.
    std::vector<std::uint64_t> numbers_;       ///< Of trials and twins, by lane.
    LaneArray<double> figures_, series_;
};

}  // namespace chokepoint
