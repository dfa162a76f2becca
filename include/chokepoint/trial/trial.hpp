#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "chokepoint/events/parameters.hpp"
#include "chokepoint/events/tilt.hpp"
#include "chokepoint/events/timeline.hpp"
#include "chokepoint/market/market.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/trial/path.hpp"

namespace chokepoint {

/// All that a trial brought, for meters and replay. The pointers live until the next trial of
/// the same runner.
struct TrialRecord {
    std::uint64_t trial = 0;
    const Parameters* parameters = nullptr;
    const Parameters* calm = nullptr;    ///< Of the reference run (LaneTrial::calm).
    const Timeline* timeline = nullptr;  ///< Of the disrupted run.
    const Path* reference = nullptr;     ///< No hazards, no scripted events.
    const Path* disrupted = nullptr;
    /// Months of both runs in which taxes and quotas hold only in part.
    std::uint64_t unsettled_months = 0;
};

/// Our own fault in one trial: a market that does not clear, a broken invariant, a figure that
/// is not a number. The message begins with the trial's number.
class TrialError : public std::logic_error {
public:
    TrialError(TrialKey of, const std::string& problem);

    /// What the trial is drawn from: enough to repeat it.
    TrialKey key() const { return key_; }

private:
    TrialKey key_;
};

/// Runs trials side by side (`TrialLanes`) and keeps their whole paths.
///
/// A trial is a pure function of (model, seed, sampling, tilt, trial number): neither the
/// runner's past nor other threads change a bit of it.
class TrialRunner {
public:
    /// \param model  Must outlive the runner.
    /// \param tilt   Of the run to which the trial belongs (see TrialLanes).
    /// \param calm   What its reference run runs on (see TrialLanes).
    TrialRunner(const Model& model, std::uint64_t seed, Sampling sampling = Sampling::plain,
                Clearance clearance = Clearance::pooled_first, const Tilt* tilt = nullptr,
                const Model* calm = nullptr);
    ~TrialRunner();
    TrialRunner(TrialRunner&&) noexcept;
    TrialRunner& operator=(TrialRunner&&) noexcept;

    /// Draws parameters and events of the trial, or of a trial's twin (`twin_of`), runs the
    /// reference and the disrupted months.
    ///
    /// \throws InputError  if month 0 cannot be balanced with this trial's draws.
    /// \throws TrialError  if a market does not clear or an invariant breaks (see check_month);
    /// the
    ///                     message names trial and month.
    TrialRecord run(std::uint64_t trial);

    /// Several at once, 1 to `most_lanes`, which takes less time than one after another.
    /// Records are in the order of the trials, and live until the next ones.
    std::span<const TrialRecord> run(std::span<const std::uint64_t> trials);

private:
    struct Work;
    std::unique_ptr<Work> work_;
};

}  // namespace chokepoint
