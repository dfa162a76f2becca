#include "chokepoint/trial/trial.hpp"

#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "chokepoint/trial/trial_lanes.hpp"

namespace chokepoint {

struct TrialRunner::Work {
    /// Both runs of a trial.
    struct Paths {
        Path reference, disrupted;
    };

    const Model* model;
    const Model* calm;
    TrialLanes lanes;
    std::vector<Paths> paths;  ///< By lane.
    std::vector<TrialRecord> records;

    Work(const Model& of, std::uint64_t seed, Sampling sampling, Clearance clearance,
         const Tilt* tilt, const Model* of_reference)
        : model(&of),
          calm(of_reference == nullptr ? &of : of_reference),
          lanes(of, seed, sampling, clearance, tilt, of_reference)
    {}

    void make_room(std::size_t trials)
    {
        while (paths.size() < trials) {
            auto& [reference, disrupted] = paths.emplace_back();
            reference.resize(*calm);
            disrupted.resize(*model);
            // As a policy may have it.
            reference.substituted.resize(disrupted.substituted.size());
        }
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
    return run(std::span(&trial, 1)).front();
}

std::span<const TrialRecord> TrialRunner::run(std::span<const std::uint64_t> trials)
{
    Work& work = *work_;
    TrialLanes& lanes = work.lanes;
    lanes.start(trials);
    work.make_room(trials.size());
    for (std::size_t month = 0; month < static_cast<std::size_t>(work.model->months); ++month) {
        const LaneMonth& cleared = lanes.next_month();
        for (std::size_t lane = 0; lane < trials.size(); ++lane) {
            auto& [reference, disrupted] = work.paths[lane];
            keep_month(cleared.reference, lane, trials.size(), lanes.reference_phases(lane),
                       month, reference);
            keep_month(cleared.disrupted, lane, trials.size(), lanes.phases(lane), month,
                       disrupted);
        }
    }
    work.records.clear();
    for (std::size_t lane = 0; lane < trials.size(); ++lane) {
        work.records.push_back({.trial = trials[lane],
                                .parameters = lanes.trials()[lane].parameters,
                                .calm = lanes.trials()[lane].calm,
                                .timeline = &lanes.timeline(lane),
                                .reference = &work.paths[lane].reference,
                                .disrupted = &work.paths[lane].disrupted,
                                .unsettled_months = lanes.unsettled_months(lane)});
    }
    return work.records;
}

}  // namespace chokepoint
