#pragma once

#include <cstdint>
#include <memory>

#include "chokepoint/events/parameters.hpp"
#include "chokepoint/events/timeline.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/trial/path.hpp"

namespace chokepoint {

/// All that a trial brought, for meters and replay. The pointers live until the next trial of
/// the same runner.
struct TrialRecord {
    std::uint64_t trial = 0;
    const Parameters* parameters = nullptr;
    const Timeline* timeline = nullptr;  ///< Of the disrupted run.
    const Path* reference = nullptr;     ///< No hazards, no scripted events.
    const Path* disrupted = nullptr;
};

/// Runs trials one after another with one set of work arrays: one runner per thread.
///
/// A trial is a pure function of (model, seed, trial number): neither the runner's past nor
/// other threads change a bit of it.
class TrialRunner {
public:
    /// \param model  Must outlive the runner.
    TrialRunner(const Model& model, std::uint64_t seed);
    ~TrialRunner();
    TrialRunner(TrialRunner&&) noexcept;
    TrialRunner& operator=(TrialRunner&&) noexcept;

    /// Draws parameters and events of the trial, runs the reference and the disrupted months.
    ///
    /// \throws InputError        if month 0 cannot be balanced with this trial's draws.
    /// \throws std::logic_error  if a market does not clear or an invariant breaks; the message
    ///                           names trial and month.
    TrialRecord run(std::uint64_t trial);

private:
    struct Work;
    std::unique_ptr<Work> work_;
};

}  // namespace chokepoint
