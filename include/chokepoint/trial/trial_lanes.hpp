#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "chokepoint/events/parameters.hpp"
#include "chokepoint/events/tilt.hpp"
#include "chokepoint/events/timeline.hpp"
#include "chokepoint/market/market.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/trial/lane_month.hpp"

namespace chokepoint {

/// Runs trials side by side, reference and disrupted run in step, month by month, with one set
/// of work arrays: one for each thread.
///
/// A trial is a pure function of (models, seed, sampling, tilt, trial number): neither which
/// trials go beside it, nor how many, nor what was run before changes a bit of it.
class TrialLanes {
public:
    /// \param model  Must outlive the lanes.
    /// \param tilt   The laws that trials are drawn from, copied; null: the scenario's own. A
    ///               trial is then a function of the tilt too.
    /// \param calm   What the reference run runs on: the scenario without the policies that
    ///               `model` has, with the same regions, stages and commodities; null: `model`.
    ///               Must outlive the lanes. Its trials draw what they draw without policies.
    /// \throws std::invalid_argument if there is a tilt and the sampling is not plain, or if
    ///                               the two models' markets are not the same.
    TrialLanes(const Model& model, std::uint64_t seed, Sampling sampling = Sampling::plain,
               Clearance clearance = Clearance::pooled_first, const Tilt* tilt = nullptr,
               const Model* calm = nullptr);
    ~TrialLanes();
    TrialLanes(TrialLanes&&) noexcept;
    TrialLanes& operator=(TrialLanes&&) noexcept;

    /// Draws parameters and events of these trials (or twins of trials, `twin_of`): 1 to
    /// `most_lanes` of them.
    ///
    /// \throws InputError  if month 0 cannot be balanced with a trial's draws.
    void start(std::span<const std::uint64_t> trials);

    /// Clears the next month of both runs: to be called `model.months` times. Valid until the
    /// next call.
    ///
    /// \throws TrialError  if a market does not clear or an invariant breaks (see check_month);
    ///                     the message names trial and month.
    const LaneMonth& next_month();

    std::span<const LaneTrial> trials() const;
    /// Events of the disrupted run, or of the reference run.
    const Timeline& timeline(std::size_t lane) const;
    /// ln of a trial's weight; 0 without a tilt. With the events of a twin, which are drawn
    /// plainly, a pair has the trial's weight; a twin alone has none.
    double log_weight(std::size_t lane) const { return timeline(lane).log_weight; }
    /// What a trial has drawn, by knob; nothing without a tilt.
    std::span<const KnobSum> knob_sums(std::size_t lane) const;
    /// Months so far, of both runs, in which taxes and quotas hold only in part.
    std::uint64_t unsettled_months(std::size_t lane) const;
    /// True if users have lacked what they want at the choke price in the reference run.
    bool reference_runs_short(std::size_t lane) const;
    /// What prices have made of the facilities by the end of the month, of one run. May be
    /// empty where prices lead none.
    std::span<const FacilityPhase> reference_phases(std::size_t lane) const;
    std::span<const FacilityPhase> phases(std::size_t lane) const;

private:
    struct Work;
    std::unique_ptr<Work> work_;
};

}  // namespace chokepoint
