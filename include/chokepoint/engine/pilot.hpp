#pragma once

#include "chokepoint/events/tilt.hpp"
#include "chokepoint/market/market.hpp"
#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/model/model.hpp"

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace chokepoint {

/// The tail of a column: what lies beyond its value at risk.
struct TailTarget {
    std::string metric, commodity, region;
    double level = 0.99;  ///< Of the value at risk.
};

struct PilotSettings {
    std::uint64_t seed = 1;  ///< Of the run. The pilot's own numbers are hashed from it.
    std::uint64_t trials_per_stage = 4096;
    int stages = 5;
    unsigned threads = 1;  ///< Changes the time, never a bit of the result.
    Clearance clearance = Clearance::pooled_first;
};

/// What the trials up to a stage of the pilot say.
struct PilotStage {
    double value_at_risk = 0;
    double threshold = 0;         ///< Trials beyond it turned the knobs.
    double effective_trials = 0;  ///< As many equally important ones as these are worth.
};

/// A tilt, and how it was found.
struct Pilot {
    Tilt tilt;        ///< Without components if none is worth it.
    double gain = 1;  ///< How many plain trials one drawn from the tilt is worth, estimated.
    std::vector<PilotStage> stages;
    bool complete = true;  ///< False if stopped: then there is no tilt.
};

/// Finds a tilt for a small error of the expected shortfall, by the method of cross-entropy
/// [rubinstein2004].
///
/// In stages: the first draws from the scenario's own law, each later one from the tilt found
/// so far. The trials of all stages count, weighted as draws from the mixture of their laws.
/// The worst of them, from a threshold below the value at risk on, say how each knob is to be
/// turned: the factor that makes them likeliest,
///
///     r = sum of g count / sum of g exposure,    g = weight (value - threshold)
///
/// but 1 where the two sums differ by less than three standard errors: noise in many knobs
/// would spread the weights. Of the tilts that turn the knobs by a power of these factors, with
/// more or fewer trials drawn plainly, that one is taken which gives the mean excess over the
/// value at risk the smallest variance in the trials of the pilot. None is, where the tail
/// comes mostly from what cannot be tilted (failures of single facilities, restrictions in
/// answer to others): then a tilt would add more error by its weights than it takes away.
///
/// \param meters  Of which one has the target's column, finite in all trials.
/// \throws std::invalid_argument if none has.
/// \throws what a trial throws.
Pilot find_tilt(const Model& model, const std::vector<std::unique_ptr<Meter>>& meters,
                const TailTarget& target, const PilotSettings& settings,
                std::stop_token stop = {});

}  // namespace chokepoint
