#pragma once

#include "chokepoint/model/model.hpp"
#include "chokepoint/scenario/scenario.hpp"
#include "chokepoint/support/diagnostic.hpp"

namespace chokepoint {

/// Complains about hazards that bring more events than a trial can hold: by their own rate, or
/// because restrictions provoke restrictions without end.
void check_hazards(const Model& model, const Scenario& scenario, Diagnostics& diagnostics);

}  // namespace chokepoint
