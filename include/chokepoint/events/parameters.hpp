#pragma once

#include <cstdint>
#include <vector>

#include "chokepoint/model/baseline.hpp"
#include "chokepoint/model/growth.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/random/sobol.hpp"

namespace chokepoint {

class TiltedDraws;

/// Which trial of which experiment: all that a trial's random numbers depend on, with the
/// names.
struct TrialKey {
    std::uint64_t seed = 0;
    std::uint64_t trial = 0;
};

/// The twin of a trial has the trial's uncertain numbers and events of its own. What such pairs
/// have in common is due to the numbers alone.
constexpr std::uint64_t twin_of(std::uint64_t trial)
{
    return trial | std::uint64_t{1} << 63;
}

constexpr bool is_twin(std::uint64_t trial)
{
    return trial == twin_of(trial);
}

/// What is uncertain but does not change within a trial.
struct Parameters {
    std::vector<double> values;  ///< By slot.
    Baseline baseline;
    Growth growth;
    /// By facility; -inf open from the start, inf never, or not before prices have decided.
    std::vector<double> opening_month;
    /// By facility: months from the decision on an induced project to its opening; inf if it
    /// fails; 0 for all others.
    std::vector<double> lead_months;

    double operator[](Slot slot) const { return values[slot.index()]; }
};

/// Draws the trial's parameters: each uncertain number from its own stream
/// (Purpose::parameter), each project's fate from its own (Purpose::project), and balances
/// month 0 with them.
///
/// \param points      If given, numbers are quantiles of its points instead: of point
///                    trial div 32 in scramble trial mod 32, so that any 32 n trials are n
///                    even points in 32 independent repetitions. Numbers beyond its dimensions
///                    are drawn plainly.
/// \param tilt        If given, the law that numbers are drawn from, by inversion; not with
///                    points.
/// \param parameters  Overwritten; keeps its memory. What an earlier trial of the same model
/// left is
///                    used again: month 0 is balanced anew only if a number has changed. So one
///                    `Parameters` serves one model.
/// \throws InputError if month 0 cannot be balanced with these draws; the message names the
/// trial.
void draw_parameters(const Model& model, TrialKey key, Parameters& parameters,
                     const SobolPoints* points = nullptr, TiltedDraws* tilt = nullptr);

/// How many scrambles Sobol' points have: independent repetitions that give the error.
inline constexpr std::uint64_t sobol_scrambles = 32;

/// Points for the model's uncertain numbers, as many as there can be.
SobolPoints sobol_points_for(const Model& model);

/// The parameters with every number at its nominal value; projects open if that is likelier
/// than not.
Parameters nominal_parameters(const Model& model);

}  // namespace chokepoint
