#include "chokepoint/trial/trial.hpp"

#include <span>
#include <stdexcept>
#include <string>

#include "chokepoint/trial/trial_lanes.hpp"

namespace chokepoint {

struct TrialRunner::Work {
    const Model* model;
    TrialLanes lanes;
    Path reference, disrupted;

    Work(const Model& of, std::uint64_t seed, Sampling sampling, Clearance clearance,
         const Tilt* tilt, const Model* calm)
        : model(&of), lanes(of, seed, sampling, clearance, tilt, calm)
    {
        reference.resize(calm == nullptr ? of : *calm);
        disrupted.resize(of);
        reference.substituted.resize(disrupted.substituted.size());  // as a policy may have it
    }
};

TrialError::TrialError(TrialKey of, const std::string& problem)
    : std::logic_error("trial " + std::to_string(of.trial) + ": " + problem), key_(of)
{}

TrialRunner::TrialRunner(const Model& model, std::uint64_t seed, Sampling sampling,
                         Clearance clearance, const Tilt* tilt, const Model* calm)
    : work_(std::make_unique<Work>(model, seed, sampling, clearance, tilt, calm))
{}

TrialRunner::~TrialRunner() = default;
TrialRunner::TrialRunner(TrialRunner&&) noexcept = default;
TrialRunner& TrialRunner::operator=(TrialRunner&&) noexcept = default;

TrialRecord TrialRunner::run(std::uint64_t trial)
{
    Work& work = *work_;
    TrialLanes& lanes = work.lanes;
    lanes.start(std::span(&trial, 1));
    for (std::size_t month = 0; month < work.reference.months; ++month) {
        const LaneMonth& cleared = lanes.next_month();
        keep_month(cleared.reference, lanes.reference_phases(0), month, work.reference);
        keep_month(cleared.disrupted, lanes.phases(0), month, work.disrupted);
    }
    return {.trial = trial,
            .parameters = lanes.trials()[0].parameters,
            .calm = lanes.trials()[0].calm,
            .timeline = &lanes.timeline(0),
            .reference = &work.reference,
            .disrupted = &work.disrupted,
            .unsettled_months = lanes.unsettled_months(0)};
}

}  // namespace chokepoint
