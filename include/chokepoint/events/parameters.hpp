#pragma once

#include <cstdint>
#include <vector>

#include "chokepoint/model/baseline.hpp"
#include "chokepoint/model/model.hpp"

namespace chokepoint {

/// Which trial of which experiment: all that a trial's random numbers depend on, with the
/// names.
struct TrialKey {
    std::uint64_t seed = 0;
    std::uint64_t trial = 0;
};

/// What is uncertain but does not change within a trial.
struct Parameters {
    std::vector<double> values;  ///< By slot.
    Baseline baseline;
    std::vector<double> opening_month;  ///< By facility; -inf open from the start, inf never.

    double operator[](Slot slot) const { return values[slot.index()]; }
};

/// Draws the trial's parameters: each uncertain number from its own stream
/// (Purpose::parameter), each project's fate from its own (Purpose::project), and balances
/// month 0 with them.
///
/// \param parameters  Overwritten; keeps its memory. What an earlier trial of the same model
/// left is
///                    used again: month 0 is balanced anew only if a number has changed. So one
///                    `Parameters` serves one model.
/// \throws InputError if month 0 cannot be balanced with these draws; the message names the
/// trial.
void draw_parameters(const Model& model, TrialKey key, Parameters& parameters);

/// The parameters with every number at its nominal value; projects open if that is likelier
/// than not.
Parameters nominal_parameters(const Model& model);

}  // namespace chokepoint
