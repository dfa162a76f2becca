#include "chokepoint/trial/trial.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <string>

#include "chokepoint/trial/trial_lanes.hpp"

namespace chokepoint {
namespace {

template <class Value>
void store(std::span<const Value> values, std::size_t month, std::vector<Value>& path)
{
    std::ranges::copy(values,
                      path.begin() + static_cast<std::ptrdiff_t>(month * values.size()));
}

void record(const RunMonth& cleared, std::span<const FacilityPhase> phases, std::size_t month,
            Path& path)
{
    store(cleared.log_price, month, path.log_price);
    store(cleared.log_quoted, month, path.log_quoted);
    store(cleared.need_factor, month, path.need_factor);
    store(cleared.consumption, month, path.consumption);
    store(cleared.substituted, month, path.substituted);
    store(cleared.rationed, month, path.rationed);
    store(cleared.stock, month, path.stock);
    store(cleared.stage_stock, month, path.stage_stock);
    store(cleared.reserve_release, month, path.reserve_release);
    store(cleared.output, month, path.output);
    store(cleared.exports, month, path.exports);
    store(cleared.arc_gap, month, path.arc_gap);
    store(cleared.arc_flow, month, path.arc_flow);
    store(cleared.arc_tax, month, path.arc_tax);
    if (!path.phase.empty()) {
        store(phases, month, path.phase);
    }
}

}  // namespace

struct TrialRunner::Work {
    const Model* model;
    TrialLanes lanes;
    Path reference, disrupted;

    Work(const Model& of, std::uint64_t seed, Sampling sampling, Clearance clearance,
         const Tilt* tilt)
        : model(&of), lanes(of, seed, sampling, clearance, tilt)
    {
        reference.resize(of);
        disrupted.resize(of);
    }
};

TrialError::TrialError(TrialKey of, const std::string& problem)
    : std::logic_error("trial " + std::to_string(of.trial) + ": " + problem), key_(of)
{}

TrialRunner::TrialRunner(const Model& model, std::uint64_t seed, Sampling sampling,
                         Clearance clearance, const Tilt* tilt)
    : work_(std::make_unique<Work>(model, seed, sampling, clearance, tilt))
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
        record(cleared.reference, lanes.reference_phases(0), month, work.reference);
        record(cleared.disrupted, lanes.phases(0), month, work.disrupted);
    }
    return {.trial = trial,
            .parameters = lanes.trials()[0].parameters,
            .timeline = &lanes.timeline(0),
            .reference = &work.reference,
            .disrupted = &work.disrupted,
            .unsettled_months = lanes.unsettled_months(0)};
}

}  // namespace chokepoint
